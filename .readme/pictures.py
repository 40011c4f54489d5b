"""Draw the pictures of the README anew: `python .readme/pictures.py [NAME ...]`.

Needs the extra `test` (playwright) and Debian's chromium for the pages. Look at each picture before it is committed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

import viralsim as vs
from viralsim import show

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
WIDTH = 760
"""Pixels; two stand side by side in the README."""


@cache
def scenario(name: str, *settings: str) -> Any:
    return vs.read_scenario(SCENARIOS / f"{name}.toml", settings=list(settings))


@cache
def graph(name: str, *settings: str) -> Any:
    chosen = scenario(name, *settings)
    return vs.load_network(chosen.network, chosen.place)


@cache
def outcome(name: str, plan: str | None = None, realisations: int = 500) -> Any:
    return vs.simulate(scenario(name), plan=plan, graph=graph(name), realisations=realisations)


def save(name: str, picture: Image.Image) -> None:
    """Write a picture small: as wide as it is shown, in so many colours as it needs."""
    width = min(WIDTH, picture.width)
    shown = picture.convert("RGB").resize(
        (width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS
    )
    path = HERE / f"{name}.png"
    shown.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


def figure(name: str, draw: Callable[..., object], *arguments: Any, height: float = 4.0, **options: Any) -> None:
    made, (ax,) = show.new_figure(height=height)
    draw(ax, *arguments, **options)
    with tempfile.TemporaryDirectory() as folder:
        save(name, Image.open(show.write_figure(made, Path(folder, "figure.png"))))


@contextmanager
def browser_page(html: str, width: int = 1280, height: int = 860, **options: Any) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "page.html")
        file.write_text(html, encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_context(viewport={"width": width, "height": height}, **options).new_page()
        page.goto(file.as_uri() + options.get("hash", ""))
        yield page
        chromium.close()


def shoot(name: str, page: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.png")
        page.screenshot(path=path)
        save(name, Image.open(path))

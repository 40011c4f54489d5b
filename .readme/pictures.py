"""Draw the pictures of the README anew: `python .readme/pictures.py [NAME ...]`.

Needs the extra `test` (playwright) and Debian's chromium for the pages. Look at each picture before it is committed.
"""

from __future__ import annotations

import shutil
import sys
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
    shown.quantize(200, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


def figure(name: str, draw: Callable[..., object], *arguments: Any, height: float = 4.0, **options: Any) -> None:
    made, (ax,) = show.new_figure(height=height)
    draw(ax, *arguments, **options)
    with tempfile.TemporaryDirectory() as folder:
        save(name, Image.open(show.write_figure(made, Path(folder, "figure.png"))))


@contextmanager
def browser_page(html: str, width: int = 1280, height: int = 860, part: str = "") -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "page.html")
        file.write_text(html, encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": width, "height": height})
        page.goto(file.as_uri() + part)
        yield page
        chromium.close()


def shoot(name: str, page: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.png")
        page.screenshot(path=path)
        save(name, Image.open(path))


def reach() -> None:
    figure("reach-curve", show.reach_curve, outcome("first-look", "hubs"))


def distribution() -> None:
    figure("distribution", show.distribution, outcome("first-look"))


def audiences() -> None:
    figure("audience-map", show.audience_map, outcome("product-launch", None, 100))


def trust() -> None:
    figure("trust-curve", show.trust_curve, outcome("product-recall"), scenario("product-recall"))


def plans() -> None:
    compared = vs.compare(scenario("seeding-plans"), realisations=400)
    figure("plan-differences", show.plan_differences, compared)
    figure("effort-and-result", show.effort_and_result, compared)


def sweeps() -> None:
    with tempfile.TemporaryDirectory() as folder:
        vary = {
            "item.content.stickiness": "2%:30%",
            "item.content.endorsement": "0:3",
            "platform.feed.visibility": "10%:40%",
            "item.content.half_life": "12h:10d",
        }
        small = scenario("first-look", "network.people=3_000")
        made = vs.sweep(small, vary=vary, store=Path(folder, "s"), design="sobol", samples=64, realisations=40)
        figure("tornado", show.effects_bars, made.effects("engaged"))
        curve = {"item.content.stickiness": [f"{share}%" for share in range(2, 33, 2)]}
        made = vs.sweep(small, vary=curve, store=Path(folder, "t"), realisations=200)
        figure("tipping-curve", show.curve, made.table(), "item.content.stickiness", "viral_chance")


def exposure() -> None:
    settings = ("item.content.law=curve", 'item.content.curve=["3%", "9%", "12%", "10%"]', "item.content.endorsement=0")
    chosen = scenario("first-look", "network.people=5_000", "item.content.half_life=none", *settings)
    figure("exposure-curve", show.exposure_curve, vs.cascade_shapes(chosen, plan="hubs", realisations=200))


def degrees() -> None:
    figure("degree-distribution", show.degree_distribution, graph("first-look"))


def cascades() -> None:
    played = vs.replay(scenario("first-look"), 17, plan="hubs", graph=graph("first-look"))
    figure("cascade-tree", show.cascade_tree, played, height=4.4)
    figure("cascade-network", lambda ax: show.cascade_network(ax, graph("first-look"), played), height=5.6)


def replay() -> None:
    recall = "product-recall"
    played = vs.replay(scenario(recall), 3, graph=graph(recall))
    html = show.replay_page(graph(recall), played, title=scenario(recall).title)
    with browser_page(html) as page:
        page.locator(".player-scrub").evaluate("(one) => { one.value = 60; one.dispatchEvent(new Event('input')); }")
        page.wait_for_timeout(1_000)
        shoot("replay", page)


def lab() -> None:
    html = show.lab_page()
    with browser_page(html, part="#plan=hubs&compare=1&b:plan=random&time=40&many=1") as page:
        page.wait_for_timeout(5_000)
        shoot("lab", page)
    with browser_page(html, 390, 800, part="#lesson=threshold&lang=el&theme=dark") as page:
        page.wait_for_timeout(1_500)
        shoot("lab-phone", page)


PICTURES = (
    *(reach, distribution, audiences, trust, plans, sweeps, exposure, degrees, cascades),
    *(replay, lab),
)


if __name__ == "__main__":
    wanted = sys.argv[1:] or [draw.__name__ for draw in PICTURES]
    for draw in PICTURES:
        if draw.__name__ in wanted:
            draw()

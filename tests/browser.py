"""Chromium as the tests drive it: pages that ask the network for nothing and complain of nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import viralsim

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page

SCRIPTS = Path(viralsim.__file__).parent / "show" / "page"
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class Browser:
    """One Chromium; every page of it is a visitor of its own."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium

    @contextmanager
    def page(self, *, server: str = "", **settings: Any) -> Iterator[Page]:
        """A page whose test fails if it writes an error to the console, throws one or asks anybody but `server`.

        `settings` are those of playwright's contexts: `viewport`, `locale`, `color_scheme`, `has_touch`, ...
        """
        allowed = ("file:", "data:", "blob:", "about:", *([server] if server else []))
        complaints: list[str] = []
        context = self.chromium.new_context(**settings)
        context.set_default_timeout(15_000)
        context.on("request", lambda one: one.url.startswith(allowed) or complaints.append(f"asked for {one.url}"))
        context.on("console", lambda one: one.type == "error" and complaints.append(f"console: {one.text}"))
        context.on("weberror", lambda one: complaints.append(f"thrown: {one.error}"))
        try:
            yield context.new_page()
        except BaseException as error:
            for complaint in complaints:  # likely the reason
                error.add_note(complaint)
            raise
        finally:
            context.close()
        assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not on the PATH (Debian has a package of that name)")
    from playwright.sync_api import sync_playwright

    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]  # its sandbox is not for root
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield Browser(chromium)
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.page() as page:
        yield page


def load(page: Page, *scripts: str) -> None:
    """Run scripts of the pages, such as "luck", in a page."""
    for name in scripts:
        page.add_script_tag(content=(SCRIPTS / f"{name}.js").read_text(encoding="utf-8"))

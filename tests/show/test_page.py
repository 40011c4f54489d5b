"""Pages hold everything they need, can load nothing, and show whatever text they are given as text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import Browser

import viralsim.show.page as pages
from viralsim.errors import UsageError
from viralsim.show.page import LANGUAGES, words

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASSETS = Path(pages.__file__).parent / "page"
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><!--<script>\u2028&amp;'"


def made(**changes: Any) -> str:
    settings: dict[str, Any] = {"scripts": [], "styles": [], "data": {}, "language": "en", "title": "A test"}
    return pages.page("frame.html", **(settings | changes))


def show(page: Page, html: str, folder: Path) -> None:
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())


@pytest.mark.parametrize(
    "attempt",
    [
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = true\">')",
        "document.body.insertAdjacentHTML('beforeend', '<b onclick=\"window.ran = true\">'); "
        "document.querySelector('b').click()",
        "fetch('https://example.org/').then(() => { window.ran = true; }, () => 0)",
        "setTimeout('window.ran = true')",
    ],
)
def test_what_a_page_did_not_bring_along_neither_runs_nor_loads(browser: Browser, attempt: str, tmp_path: Path) -> None:
    def spoil() -> None:
        with browser.page() as page:
            show(page, made(), tmp_path)
            page.evaluate(f"() => {{ {attempt} }}")
            page.wait_for_timeout(50)
            assert page.evaluate("[Words.say('player_play'), window.ran]") == ["Play", None]

    with pytest.raises(AssertionError, match="Content Security Policy"):
        spoil()


def test_text_of_others_stays_text(page: Page, tmp_path: Path) -> None:
    show(page, made(title=HOSTILE, data={"names": {HOSTILE: [HOSTILE]}}), tmp_path)
    assert page.title() == page.locator("h1").text_content() == HOSTILE
    assert page.evaluate("Frame.data('names')") == {HOSTILE: [HOSTILE]}
    assert page.locator("img").count() == 0
    assert (
        page.evaluate("Words.say('stage_person', {name: '{followers}', followers: 1})") == "{followers}, followers: 1"
    )


def test_damaged_text_can_be_written(page: Page, tmp_path: Path) -> None:
    """Half of a surrogate pair, which `surrogateescape` leaves behind, has no bytes in UTF-8."""
    show(page, made(title="a\udc80", data={"names": ["a\udc80"]}), tmp_path)
    assert page.title() == "a\ufffd"
    assert page.evaluate("Frame.data('names')[0].charCodeAt(1)") == 0xDC80


def test_a_page_speaks_the_language_it_is_given_and_changes_it(page: Page, tmp_path: Path) -> None:
    show(page, made(language="el"), tmp_path)
    assert page.locator("#skip").text_content() == words("el")["page_skip"]
    page.get_by_label(words("el")["page_language"]).select_option("en")
    assert page.locator("#skip").text_content() == words("en")["page_skip"]
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate("Words.number(12345.6)") == "12,346"


def test_a_choice_of_colours_outlives_what_the_device_prefers(browser: Browser, tmp_path: Path) -> None:
    with browser.page(color_scheme="dark") as page:
        show(page, made(), tmp_path)
        dark = page.evaluate("Frame.colour('--paper')")
        page.locator("#theme").select_option("light")
        light = page.evaluate("Frame.colour('--paper')")
        page.emulate_media(color_scheme="light")
        page.locator("#theme").select_option("dark")
        assert page.evaluate("Frame.colour('--paper')") == dark != light


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(UsageError, match="unknown language 'gr'; choose from en, el"):
        made(language="gr")


def test_all_languages_say_the_same_with_the_same_values() -> None:
    def values(text: str) -> list[str]:
        return sorted(re.findall(r"\{\w+\}", text))

    english = words("en")
    for language in LANGUAGES:
        said = words(language)
        assert set(said) == set(english)
        assert {key: values(text) for key, text in said.items()} == {key: values(text) for key, text in english.items()}
        assert [key for key, text in said.items() if not text.strip()] == []


def test_keys_that_pages_use_are_known() -> None:
    known = words("en")
    sources = {path.name: path.read_text(encoding="utf-8") for path in ASSETS.glob("*.[hj]*")}
    for name, text in sources.items():
        named = re.findall(r'data-words(?:-\w+)?="([^"]+)"|\bwords\.(\w+) \}\}|\bsay\("(\w+)"', text)
        assert {"".join(keys) for keys in named} <= set(known), name


def test_no_template_or_script_speaks_past_the_words() -> None:
    """Text between tags and strings with two words in a row would stay in English for a Greek class."""
    for path in ASSETS.glob("*.html"):
        text = re.sub(r"\{[{%#].*?[}%#]\}|<(script|style)>.*?</\1>", "", path.read_text(encoding="utf-8"))
        assert re.findall(r">[^<]*\w[^<]*<", text) == [], path.name


def test_no_script_or_style_could_end_its_own_element() -> None:
    for path in [*ASSETS.rglob("*.js"), *ASSETS.rglob("*.css")]:
        assert not re.search(r"</(script|style)|<!--", path.read_text(encoding="utf-8"), re.IGNORECASE), path.name


def test_the_licence_of_what_others_wrote_travels_with_the_page() -> None:
    html = made(scripts=["vendor/uPlot.iife.min.js"], styles=["vendor/uPlot.min.css"])
    assert "Copyright (c) 2022 Leon Sorokin" in html
    assert html.count("THE SOFTWARE IS PROVIDED") == 1
    assert "THE SOFTWARE IS PROVIDED" not in made()

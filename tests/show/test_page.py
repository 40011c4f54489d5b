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


def test_no_template_speaks_past_the_words() -> None:
    """Words between tags would stay in English for a Greek class; single letters and signs are nobody's language."""
    for path in ASSETS.glob("*.html"):
        text = re.sub(r"\{[{%#].*?[}%#]\}|<(script|style)>.*?</\1>|&\w+;", "", path.read_text(encoding="utf-8"))
        assert re.findall(r">[^<]*\w\w[^<]*<", text) == [], path.name


def test_no_script_or_style_could_end_its_own_element() -> None:
    for path in [*ASSETS.rglob("*.js"), *ASSETS.rglob("*.css")]:
        assert not re.search(r"</(script|style)|<!--", path.read_text(encoding="utf-8"), re.IGNORECASE), path.name


def test_the_licence_of_what_others_wrote_travels_with_the_page() -> None:
    html = made(scripts=["vendor/uPlot.iife.min.js"], styles=["vendor/uPlot.min.css"])
    assert "Copyright (c) 2022 Leon Sorokin" in html
    assert html.count("THE SOFTWARE IS PROVIDED") == 1
    assert "THE SOFTWARE IS PROVIDED" not in made()


SCRIPTS = ["vendor/uPlot.iife.min.js", "stage.js", "player.js", "chart.js"]
SCENE = {
    "people": 4,
    "names": ["ann", "bob <img src=x onerror=alert(1)>", "cat", "dan"],
    "x": [0.0, 1.0, 1.0, 0.0],
    "y": [1.0, 1.0, 0.0, 0.0],
    "from": [0, 1, 2, 0, 1],
    "to": [1, 2, 3, 2, 0],
    "items": ["content", "complaint"],
    "events": [
        {"item": 0, "person": 0, "tick": 0, "parent": -1, "generation": 0},
        {"item": 0, "person": 1, "tick": 1, "parent": 0, "generation": 1},
        {"item": 0, "person": 2, "tick": 3, "parent": 1, "generation": 2},
        {"item": 1, "person": 2, "tick": 4, "parent": 1, "generation": 2},
    ],
}
"""Four people in the corners of a square; the last is never reached."""

BUILD = """() => {
    const make = (tag, id, name) =>
        document.getElementById('main').appendChild(Object.assign(document.createElement(tag), {id, className: name}));
    const scene = Frame.data('scene');
    window.stage = Stage.make(make('canvas', 'stage', 'stage'), scene);
    stage.legend(make('ul', 'legend', ''));
    window.chart = Chart.curves(make('div', 'curve', ''), {title: 'Engaged', xLabel: 'ticks', yLabel: 'people',
        cursor: 0,
        series: [{label: 'content', values: [1, 2, 2, 3, 3]}, {label: 'trust', values: [9, 8, 4, 5, 5]}],
        onPick: (x) => player.go(Math.round(x))});
    Chart.histogram(make('div', 'histogram', ''), {title: 'Reach', xLabel: 'people', yLabel: 'realisations',
        series: [{label: 'hubs', values: Array.from({length: 100}, (_, place) => place)}]});
    window.times = [];
    window.player = Player.make(make('div', 'player', ''), {horizon: 4, tickSeconds: 21600,
        onTime: (time) => { times.push(time); stage.draw(time); chart.cursor(time); }});
    window.told = [];
    for (const name of ['pick', 'focusperson']) {
        document.getElementById('stage').addEventListener(name, (event) => told.push([name, event.detail.person]));
    }
    player.go(0);
}"""


def built(page: Page, folder: Path, **changes: Any) -> Page:
    settings = {"scripts": SCRIPTS, "styles": ["vendor/uPlot.min.css"], "data": {"scene": SCENE}}
    show(page, made(**(settings | changes)), folder)
    page.evaluate(BUILD)
    return page


def colour_at(page: Page, person: int) -> list[int]:
    """The colour in the middle of a person's dot."""
    script = """(person) => {
        const canvas = document.getElementById('stage'), {x, y} = stage.place(person);
        return [...canvas.getContext('2d').getImageData(Math.round(x), Math.round(y), 1, 1).data].slice(0, 3);
    }"""
    return page.evaluate(script, person)


def rgb(page: Page, name: str) -> list[int]:
    text = page.evaluate("(name) => Frame.colour(name)", name)
    return [int(text[at : at + 2], 16) for at in (1, 3, 5)]


def test_it_plays_to_the_end_and_says_so(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    page.evaluate("document.getElementById('player').addEventListener('ended', () => told.push(['ended']))")
    page.get_by_label("Speed").select_option("8")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => told.length === 1 && player.time === 4")
    times = page.evaluate("times")
    assert times == sorted(times)
    assert any(time % 1 for time in times)
    assert page.locator("output").text_content() == "1 d 00:00"
    assert page.get_by_role("button", name="Play").count() == 1  # again, not Pause


def test_those_who_asked_for_less_motion_see_whole_ticks(browser: Browser, tmp_path: Path) -> None:
    with browser.page(reduced_motion="reduce") as page:
        built(page, tmp_path)
        page.get_by_label("Speed").select_option("8")
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("() => player.time === 4")
        assert {float(time) for time in page.evaluate("times")} <= {0.0, 1.0, 2.0, 3.0, 4.0}


def test_steps_scrubbing_and_keys_lead_to_the_same_times(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    page.get_by_role("button", name="One step forward").click()
    page.get_by_role("button", name="One step forward").press("Enter")
    assert page.evaluate("player.time") == 2
    page.get_by_role("button", name="One step back").click()
    assert page.evaluate("player.time") == 1
    scrub = page.get_by_label("Campaign time")
    scrub.press("End")
    assert page.evaluate("player.time") == 4
    scrub.press("ArrowLeft")
    assert page.evaluate("player.time") == 3
    assert scrub.get_attribute("aria-valuetext") == "0 d 18:00, step 3 of 4"
    scrub.press(" ")
    assert page.evaluate("player.playing") is True
    scrub.press(" ")
    assert page.evaluate("player.playing") is False
    page.get_by_role("button", name="Back to the start").click()
    assert page.evaluate("player.time") == 0


def test_a_click_on_a_curve_goes_to_its_time(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    box = page.locator("#curve .u-over").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 5)
    assert page.evaluate("player.time") == 3


def test_what_lies_ahead_of_a_curve_is_veiled(page: Page, tmp_path: Path) -> None:
    """The first drawing, before the chart knew its own width, used to veil everything."""
    built(page, tmp_path)
    script = """(part) => {
        const over = document.querySelector('#curve .u-over').getBoundingClientRect();
        const veil = document.querySelector('#curve .chart-ahead').getBoundingClientRect();
        return over.width < innerWidth && Math.abs((veil.left - over.left) / over.width - part) < 0.01;
    }"""
    for tick, width in ((1, 1280), (3, 500)):
        page.evaluate("(tick) => player.go(tick)", tick)
        page.set_viewport_size({"width": width, "height": 700})
        page.wait_for_function(script, arg=tick / 4)


def test_the_stage_shows_who_is_engaged_with_what_at_each_time(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    grey, first, second = (rgb(page, name) for name in ("--person", "--item-0", "--item-1"))
    shown = {}
    for tick in (0, 1, 4, 3, 0.5):  # backwards too
        page.evaluate("(tick) => player.go(tick)", tick)
        shown[tick] = [colour_at(page, person) for person in range(4)]
    assert shown[0] == shown[0.5] == [first, grey, grey, grey]
    assert shown[1] == [first, first, grey, grey]
    assert shown[3] == [first, first, first, grey]
    assert shown[4] == [first, first, second, grey]
    page.evaluate("stage.colourBy('generation'); player.go(3)")
    assert len({tuple(colour_at(page, person)) for person in range(4)}) == 4
    assert page.locator("#legend li").all_inner_texts() == [
        "Not reached yet", "Generation 0", "Generation 1", "Generation 2", "Seed"
    ]  # fmt: skip


def test_a_click_picks_a_person_and_a_drag_none(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    page.evaluate("document.getElementById('stage').scrollIntoView()")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    places = [page.evaluate("(person) => stage.place(person)", person) for person in range(4)]
    for person in (2, 0):
        page.mouse.click(box["x"] + places[person]["x"] + 3, box["y"] + places[person]["y"] - 3)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + places[1]["x"], box["y"] + places[1]["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 100, steps=3)
    page.mouse.up()
    assert page.evaluate("told") == [["pick", 2], ["pick", 0], ["pick", -1]]


def test_fingers_tap_people_pinch_the_view_and_scroll_the_page(browser: Browser, tmp_path: Path) -> None:
    with browser.page(viewport={"width": 390, "height": 600}, has_touch=True, is_mobile=True) as page:
        built(page, tmp_path)
        box = page.locator("#stage").bounding_box()
        assert box is not None
        place = page.evaluate("stage.place(1)")
        page.touchscreen.tap(box["x"] + place["x"] - 12, box["y"] + place["y"] + 12)  # a finger is not a needle
        assert page.evaluate("told") == [["pick", 1]]
        fingers = page.context.new_cdp_session(page)

        def touch(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", (200, 300))
        for moved in range(0, 150, 15):
            touch("touchMove", (200, 300 - moved))
        touch("touchEnd")
        page.wait_for_function("() => scrollY > 50")
        assert page.evaluate("stage.place(1)") == place
        page.evaluate("scrollTo(0, 0)")
        touch("touchStart", (150, 300))
        touch("touchStart", (150, 300), (200, 300))
        for moved in range(0, 100, 10):
            touch("touchMove", (150 - moved, 300), (200 + moved, 300))
        touch("touchEnd")
        page.wait_for_function("() => stage.place(1).x - stage.place(0).x > 900")
        assert page.evaluate("told.length") == 1


def test_keys_go_from_person_to_person_and_read_them_out(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    stage = page.locator("#stage")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter", "ArrowDown", "ArrowLeft", "Escape"):
        stage.press(key)
    visited = [["focusperson", person] for person in (0, 1, 2, 2, 3, -1)]
    assert page.evaluate("told") == [*visited[:3], ["pick", 2], *visited[3:]]
    page.evaluate("stage.focus(1)")
    said = page.locator("#stage + p")
    assert said.text_content() == "bob <img src=x onerror=alert(1)>, followers: 2, not reached yet"
    assert said.get_attribute("aria-live") == "polite"


def test_zooming_moves_people_apart_and_back(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    at_first = page.evaluate("[stage.place(0), stage.place(2)]")
    stage = page.locator("#stage")
    for _ in range(3):
        stage.press("+")
    page.wait_for_function(
        "(x) => stage.place(2).x - stage.place(0).x > 2 * x", arg=at_first[1]["x"] - at_first[0]["x"]
    )
    stage.press("0")
    page.wait_for_function("(first) => stage.place(0).x === first", arg=at_first[0]["x"])
    assert page.evaluate("[stage.place(0), stage.place(2)]") == at_first


def test_what_is_closed_hears_no_more_and_leaves_room_for_another(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    page.evaluate("""() => {
        stage.close(); player.close(); chart.close();
        document.getElementById('stage').remove();
        window.player = Player.make(document.getElementById('player'), {horizon: 9, tickSeconds: 60, onTime: () => 0});
        Words.to('el');
        document.dispatchEvent(new CustomEvent('theme'));
    }""")
    scrub = page.get_by_label(words("el")["player_time"])
    scrub.press(" ")
    assert page.evaluate("player.playing") is True
    assert page.get_by_role("button", name=words("el")["player_pause"]).count() == 1
    assert page.locator("#stage + p").count() == 0


def test_marks_show_seeds_to_be_and_people_taken_out(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    page.evaluate("stage.marks({seeds: new Set([3]), removed: new Set([1])}); stage.draw(0)")
    assert colour_at(page, 1) == rgb(page, "--removed")
    assert page.evaluate("stage.describe(3)") == "dan, followers: 0, seed"
    assert page.evaluate("stage.describe(1)").endswith("taken out")


def test_charts_are_told_in_words(page: Page, tmp_path: Path) -> None:
    built(page, tmp_path)
    curve = page.locator("#curve [role=img]").get_attribute("aria-label")
    assert curve == "Engaged. ticks, from 0 to 4. content: 3 at the end; trust: 5 at the end, at most 9."
    histogram = page.locator("#histogram [role=img]").get_attribute("aria-label")
    assert histogram == (
        "Reach. How often each result came, of 100. hubs: half of all at 50 or less, nine in ten between 5 and 95."
    )
    page.evaluate("Words.to('el')")
    assert "στο τέλος" in (page.locator("#curve [role=img]").get_attribute("aria-label") or "")
    page.evaluate("chart.update({series: []})")
    assert page.locator("#curve [role=img]").get_attribute("aria-label") == words("el")["chart_empty"]


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, {"width": 360, "height": 640}])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_bars_anybody(browser: Browser, scheme: str, viewport: dict[str, int], tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with browser.page(color_scheme=scheme, viewport=viewport) as page:
        built(page, tmp_path)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]

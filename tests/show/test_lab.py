"""The lab: every control does something, a link shows the same again, keys alone suffice, Python plays the same."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Browser
from playwright.sync_api import Page

import viralsim as vs
import viralsim.show.world as world_module
from viralsim.cli.calling import call
from viralsim.show.lab import lab_page
from viralsim.show.page import words

HOSTILE = "<img src=x onerror=alert(1)>"
CRISIS = """
title = "A crisis"
random_seed = 5
[network]
generator = "communities"
people = 80
mean_degree = 6
[platform.feed]
visibility = "60%"
[segment.everyone]
satisfaction = 0.8
trust = 0.8
[item.post]
stickiness = "25%"
half_life = "12h"
[item.warning]
kind = "testimony"
born_of = "post"
stickiness = "40%"
damage = "30%"
[item.answer]
kind = "restoration"
stickiness = "40%"
reaction_delay = "4h"
repair = "40%"
[item.answer.wave.press]
strategy = "degree"
count = 5
[plan.lot.wave.first]
strategy = "random"
count = 3
redraw = true
[plan.hubs.wave.first]
strategy = "degree"
count = 3
[time]
horizon = "3d"
"""
NOW = "() => JSON.stringify(Lab.sides[0].played.curves.map((one) => Object.values(one).map((list) => [...list])))"
TRUST = "() => JSON.stringify([...Lab.sides[0].played.trust])"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page of the crisis is, with all lessons, as it is exported; and crisis.toml beside it."""
    folder = tmp_path_factory.mktemp("lab")
    scenario = folder / "crisis.toml"
    scenario.write_text(CRISIS, encoding="utf-8")
    html = lab_page(vs.read_scenario(scenario))
    assert len(html.encode()) < 1_500_000
    (folder / "lab.html").write_text(html, encoding="utf-8")
    return (folder / "lab.html").as_uri()


def settled(page: Page) -> None:
    """Changes are played in the next frame, and noted in the address soon after."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def found_many(page: Page) -> None:
    page.wait_for_function("() => !document.getElementById('many-told').hidden")


def slide(page: Page, path: str, place: int) -> None:
    """Move a slider to a place, or to its end: -1."""
    page.evaluate(
        """([path, place]) => {
          const input = document.querySelector(`[data-path="${path}"]`);
          input.value = place < 0 ? input.max : place;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        [path, place],
    )
    settled(page)


def click(page: Page, person: int) -> None:
    spot = page.evaluate("(person) => Lab.sides[0].stage.place(person)", person)
    page.locator("canvas").first.click(position=spot)
    settled(page)


def test_every_slider_changes_the_result(page: Page, lab: str) -> None:
    page.goto(lab)
    page.get_by_label("Show all controls").check()
    settled(page)
    paths = page.eval_on_selector_all("[data-path]", "(all) => all.map((one) => one.dataset.path)")
    wanted = {
        *("item.post.stickiness", "item.post.endorsement", "item.post.exposures", "item.post.half_life"),
        *("item.warning.scar", "item.answer.reaction_delay", "plan.lot.wave.first.count"),
    }
    assert wanted <= set(paths)
    without = {"item.warning.half_life", "item.answer.half_life"}  # nobody hears these twice so late
    for path in sorted(set(paths) - without):
        base, trust = page.evaluate(NOW), page.evaluate(TRUST)
        texts = {page.locator(f'[data-path="{path}"]').get_attribute("aria-valuetext")}
        changed = []
        for place in (0, -1):
            slide(page, path, place)
            changed.append(page.evaluate(NOW) != base or page.evaluate(TRUST) != trust)
            texts.add(page.locator(f'[data-path="{path}"]').get_attribute("aria-valuetext"))
        assert any(changed), path
        assert len(texts) > 1, path
        reset = page.get_by_role("button", name="Reset")
        if reset.is_enabled():
            reset.click()
        settled(page)
        assert page.evaluate(NOW) == base


def test_play_comes_to_its_end_and_what_was_seen_is_told_as_of_then(page: Page, lab: str) -> None:
    page.goto(lab)
    first = page.locator("figcaption").first.text_content()
    assert first is not None
    assert "3 of 80 engaged" in first
    page.locator(".player-speed select").select_option("8")
    page.locator(".player-play").click()
    page.wait_for_function("() => Lab.state.time > 1 && document.querySelector('.player-play').title === 'Play'")
    last = page.evaluate("() => [...Lab.sides[0].played.curves[0].engaged].at(-1)")
    assert last > 3
    assert f"{last} of 80 engaged" in (page.locator("figcaption").first.text_content() or "")


def test_people_are_seeded_and_taken_out_by_clicks(page: Page, lab: str) -> None:
    page.goto(lab)
    seeds = set(page.evaluate("() => [...Lab.sides[0].seeds]"))
    other = next(person for person in range(80) if person not in seeds)
    click(page, other)
    assert set(page.evaluate("() => [...Lab.sides[0].seeds]")) == seeds | {other}
    assert (
        page.evaluate("() => Lab.sides[0].played.events.filter((one) => one.parent === -1 && one.item === 0).length")
        == 4
    )
    gone = min(seeds)
    click(page, gone)
    assert set(page.evaluate("() => [...Lab.sides[0].seeds]")) == seeds - {gone} | {other}
    assert f"added={other}" in page.url
    click(page, other)
    click(page, gone)
    assert set(page.evaluate("() => [...Lab.sides[0].seeds]")) == seeds
    assert "added" not in page.url


SET_UP = (
    "lesson=sandbox&plan=hubs&item.post.stickiness=0.4&item.post.exposures=2"
    "&item.post.half_life=none&added=7.9&removed=2"
)


def test_a_link_shows_the_same_again(browser: Browser, lab: str) -> None:
    told = "() => [location.hash, JSON.stringify(Lab.state), document.getElementById('many-told').innerText,\
 Words.language, Frame.theme, document.getElementById('command').textContent]"
    with browser.page() as page:
        page.goto(
            f"{lab}#{SET_UP}&lang=el&theme=dark&compare=1&b:plan=lot&b:item.warning.scar=0.9&realisation=12&time=5"
        )
        page.locator("#many").click()
        found_many(page)
        page.wait_for_timeout(350)
        first = page.evaluate(told)
        assert "realisation=12" in first[0]
        assert "b:item.warning.scar=0.9" in first[0]
        assert "added=7.9" in first[0]
        address, played = page.url, page.evaluate(NOW)
    with browser.page() as page:
        page.goto(address)
        found_many(page)
        page.wait_for_timeout(350)
        assert page.evaluate(told) == first
        assert page.evaluate(NOW) == played


@pytest.mark.parametrize(
    "hash_",
    [
        "lesson=nothing&plan=none&time=1e99&realisation=-4&added=99999.x&guess=77",
        f"lesson={HOSTILE}&item.post.stickiness={HOSTILE}&lang={HOSTILE}&theme={HOSTILE}",
        "item.post.stickiness=17&item.post.half_life=none&item.__proto__.x=1&__proto__=1&random_seed=4",
        "&&&===%%%&compare=1&b:plan=%",
    ],
)
def test_an_address_that_is_damaged_or_hostile_is_read_as_far_as_it_makes_sense(
    page: Page, lab: str, hash_: str
) -> None:
    page.goto(f"{lab}#{hash_}")
    assert page.evaluate("() => Lab.open.name") == "sandbox"
    assert page.evaluate("() => Lab.state.sides[0].added") == []
    assert page.evaluate("() => Object.keys(Lab.state.sides[0].set)") in ([], ["item.post.half_life"])
    assert page.locator("img").count() == 0


def focus(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(90):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


def test_keys_alone_suffice_for_a_lesson(page: Page, lab: str) -> None:
    page.goto(lab)
    focus(page, ".lessons li:nth-child(6) button")
    page.keyboard.press("Enter")
    assert page.evaluate("() => Lab.open.name") == "luck-and-hits"
    assert page.evaluate("() => document.getElementById('settings').disabled")
    assert page.locator("#locked").is_visible()
    assert page.get_by_role("heading", name="Experiment").count() == 0
    focus(page, "[name=guess]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    focus(page, ".prediction [type=submit]")
    page.keyboard.press("Enter")
    assert page.evaluate("() => Lab.state.guess") == 1
    assert page.evaluate("() => document.activeElement.textContent") == "Experiment"
    for step in range(page.locator("[data-step]").count()):
        assert page.locator("[data-part=explain]").is_disabled()
        focus(page, f'[data-step="{step}"]')
        page.keyboard.press("Enter")
        page.wait_for_function("(step) => Lab.state.done.includes(step)", arg=step)
    assert page.locator("tbody tr").count() == 4
    focus(page, "[data-part=explain]")
    page.keyboard.press("Enter")
    assert page.locator(".verdict").count() == 1
    focus(page, '[data-path="item.content.stickiness"]')
    before = page.evaluate(NOW)
    page.keyboard.press("Home")
    settled(page)
    assert page.evaluate(NOW) != before
    focus(page, "canvas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    settled(page)
    assert page.evaluate("() => Lab.state.sides[0].added.length + Lab.state.sides[0].removed.length") == 1


@pytest.mark.parametrize("language", ["en", "el"])
def test_a_phone_shows_everything_without_scrolling_sideways(browser: Browser, lab: str, language: str) -> None:
    with browser.page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True) as page:
        page.goto(f"{lab}#lang={language}&compare=1")
        wide = "() => [document.documentElement.scrollWidth, visualViewport.width]"
        page.locator("#drawer > summary").tap()
        assert page.locator('[data-path="item.post.stickiness"]').is_visible()
        page.locator("#many").tap()
        found_many(page)
        assert page.evaluate(wide) == [360, 360]
        spot = page.evaluate("() => Lab.sides[0].stage.place(3)")
        page.locator("canvas").first.tap(position=spot)
        settled(page)
        assert page.evaluate("() => Lab.state.sides[0].added.length + Lab.state.sides[0].removed.length") == 1
        page.select_option("#lesson", "hubs-and-bridges")
        page.locator("[name=guess]").first.tap()
        page.locator(".prediction [type=submit]").tap()
        page.locator('[data-step="0"]').tap()
        page.wait_for_function("() => Lab.state.done.length === 1")
        assert page.evaluate(wide) == [360, 360]


SEEN = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: element, data } = walker.currentNode;
    if (!element.closest("script, noscript, style, pre, code, .source, [lang=en]")) found.push(data);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [aria-valuetext]"))
    for (const name of ["aria-label", "title", "placeholder", "aria-valuetext"])
      if (element.hasAttribute(name) && !element.dataset.path) found.push(element.getAttribute(name));
  return found;
}"""


def test_greek_pages_speak_greek(browser: Browser, lab: str) -> None:
    names = {*re.findall(r"[A-Za-z]+", CRISIS), "viralsim", "run", "Play", "Enter", "Escape", "content", "complaints"}
    names |= set(
        re.findall(r"[\w-]+", " ".join(name for lesson in vs.show.teaching.lessons() for name in lesson.scenario.plan))
    )
    with browser.page() as page:
        page.goto(f"{lab}#lang=el&all=1&compare=1")
        page.locator("#many").click()
        found_many(page)
        page.locator("#sweep").click()
        page.wait_for_function("() => !document.getElementById('strip').hidden")
        seen = page.evaluate(SEEN)
        for lesson in ("threshold", "quick-answers"):
            page.goto(f"{lab}#lang=el&lesson={lesson}&guess=0&done=0.1&told=1")
            page.reload()
            page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 2")
            seen += page.evaluate(SEEN)
    assert len(seen) > 300
    for text in seen:
        if re.fullmatch(r"[\w-]+(\.[\w-]+)+", text.strip()):  # a path of the scenario
            continue
        strange = set(re.findall(r"[A-Za-z][A-Za-z-]{2,}", text)) - names
        assert not strange, text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(browser: Browser, lab: str, theme: str) -> None:
    with browser.page() as page:
        page.goto(f"{lab}#theme={theme}&all=1&compare=1")
        page.locator("#many").click()
        found_many(page)
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for address in (
            "",
            f"{lab}#theme={theme}&lesson=threshold",
            f"{lab}#theme={theme}&lesson=threshold&guess=1&done=0&told=1",
        ):
            if address:
                page.goto(address)
                page.reload()
            if "done" in address:
                page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")
            bad = [
                (one["id"], [node["html"][:120] for node in one["nodes"]])
                for one in Axe().run(page).response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert bad == []


def test_names_of_others_stay_text(page: Page, tmp_path: Path) -> None:
    graph = vs.from_arcs([0, 1, 1, 2], [1, 2, 3, 3], ids=["ann", HOSTILE, "bob", "cat"])
    text = f"""
    title = '{HOSTILE}'
    network = {{ generator = "path" }}
    [item.post]
    stickiness = 0.5
    [plan.own.wave.first]
    strategy = "explicit"
    people = ["ann"]
    """
    file = tmp_path / "lab.html"
    file.write_text(lab_page(vs.scenario_from_text(text), graph=graph), encoding="utf-8")
    page.goto(file.as_uri())
    click(page, 1)
    assert page.locator("img").count() == 0
    assert page.locator("h1").text_content() == HOSTILE
    assert HOSTILE in (page.locator("#said").text_content() or "")


@pytest.mark.parametrize(
    "hash_",
    [
        "realisation=3",
        "plan=hubs&item.post.stickiness=0.4&item.post.half_life=none&item.answer.reaction_delay=9&realisation=4",
        "item.post.stickiness=0.3&item.post.exposures=2&item.post.endorsement=2&plan.lot.wave.first.count=9",
        "plan=lot&added=7.9&realisation=5",
        "plan=lot&added=7.9&removed=SEED&realisation=5",
    ],
)
def test_the_command_line_plays_what_is_seen(
    page: Page, lab: str, hash_: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page.goto(f"{lab}#{hash_.replace('&removed=SEED', '')}")
    if "SEED" in hash_:
        click(page, page.evaluate("() => [...Lab.sides[0].seeds][0]"))
        assert len(page.evaluate("() => Lab.state.sides[0].removed")) == 1
    command = page.locator("#command").text_content() or ""
    monkeypatch.chdir(Path(lab.removeprefix("file://")).parent)
    capsys.readouterr()
    assert command.startswith("viralsim replay crisis.toml ")
    assert call([*shlex.split(command)[1:], "--json", "-q"]) == 0
    cascade = json.loads(capsys.readouterr().out)
    ours = page.evaluate("() => Lab.sides[0].played.events.map((one) => [one.item, String(one.person), one.tick])")
    items = ["post", "warning", "answer"]
    theirs = [[items.index(one["item"]), str(one["person"]), one["tick"]] for one in _events(cascade)]
    assert sorted(theirs) == sorted(ours)
    assert len(ours) > 3


def _events(cascade: dict[str, Any]) -> list[dict[str, Any]]:
    return list(cascade["people"])


def test_whatever_is_left_out_can_be_told_in_every_language() -> None:
    source = Path(world_module.__file__).read_text(encoding="utf-8")
    told = re.findall(r'(?:told\.append\(|words\.append\(|told = )f?"((?:[^"\\]|\\.)+)"', source)
    assert len(told) >= 10
    known = [re.sub(r"\{\w+\}", "X", text) for key, text in words("en").items() if key.startswith("left_")]
    for text in told:
        assert re.sub(r"\{.*?\}(?=[^}]|$)", "X", text) in known


def test_three_hundred_playings_are_those_that_python_counts(page: Page, lab: str) -> None:
    page.goto(f"{lab}#plan=hubs")
    page.locator("#many").click()
    found_many(page)
    told = page.locator("#many-told").text_content() or ""
    mean, _, low, high = (float(one) for one in re.findall(r"\d+(?:\.\d+)?", told)[:4])  # the second is the 95 of 95%
    scenario = vs.scenario_from_text(CRISIS)
    engaged = vs.simulate(scenario, plan="hubs", realisations=300).values("engaged")
    half = 1.96 * engaged.std(ddof=1) / len(engaged) ** 0.5
    assert (mean, low, high) == pytest.approx((engaged.mean(), engaged.mean() - half, engaged.mean() + half), rel=6e-3)

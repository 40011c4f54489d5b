"""Replays: what a page plays is the cascade, and what it leaves out it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Browser
from PIL import Image
from playwright.sync_api import Page

import viralsim as vs
import viralsim.show.replaying as replaying
from viralsim.show import scene_of
from viralsim.show.page import words
from viralsim.show.replaying import replay_page, write_cascade

HOSTILE = "<img src=x onerror=alert(1)>"
CRISIS = """
random_seed = 5
[network]
generator = "erdos-renyi"
people = 60
mean_degree = 5
[platform.feed]
[segment.everyone]
satisfaction = 0.8
trust = 0.8
[item.post]
stickiness = 0.5
[item.warning]
kind = "testimony"
born_of = "post"
stickiness = 0.4
damage = 0.3
[plan.one.wave.first]
strategy = "random"
count = 3
[time]
horizon = "30d"
"""


def named(count: int) -> list[str]:
    return [HOSTILE if one == 1 else f"person {one}" for one in range(count)]


@pytest.fixture(scope="module")
def told() -> tuple[vs.SocialGraph, vs.Cascade]:
    """Ann, person 0, tells a hostile name, who tells two: a chain and a fork."""
    graph = vs.from_arcs([0, 1, 1, 4], [1, 2, 3, 5], ids=named(6))
    scenario = vs.scenario_from_text(
        'network = { generator = "path" }\nitem.content = { stickiness = 1 }\n'
        'plan.only.wave.first = { strategy = "explicit", people = ["person 0"] }\ntime.horizon = "4h"'
    )
    return graph, vs.replay(scenario, 0, graph=graph)


@pytest.fixture(scope="module")
def crisis() -> tuple[vs.SocialGraph, vs.Cascade]:
    scenario = vs.scenario_from_text(CRISIS)
    graph = vs.load_network(scenario.network)
    return graph, vs.replay(scenario, 0, graph=graph)


def opened(page: Page, folder: Path, played: tuple[vs.SocialGraph, vs.Cascade], **settings: Any) -> dict[str, Any]:
    path = folder / "replay.html"
    path.write_text(replay_page(*played, **settings), encoding="utf-8")
    page.goto(path.as_uri())
    return page.evaluate("Frame.data('replay')")


def test_a_page_holds_who_told_whom_and_when(told: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    graph, cascade = told
    found = replaying._replay(graph, cascade, scene_of(graph, cascade))
    names, events = found["names"], found["events"]
    said = [
        (names[person], names[parent] if parent >= 0 else parent, tick, generation, children)
        for person, parent, tick, generation, children in zip(
            *(events[key] for key in ("person", "parent", "tick", "generation", "told")), strict=True
        )
    ]
    assert said == [
        ("person 0", -1, 0, 0, 1),
        (HOSTILE, "person 0", 1, 1, 2),
        ("person 2", HOSTILE, 2, 2, 0),
        ("person 3", HOSTILE, 2, 2, 0),
    ]
    assert found["followers"] == [1, 2, 0, 0, 1, 0]
    assert found["engaged"] == [[1, 2, 4]]
    assert found["leftOut"] == {"people": 0, "of": 6, "ties": 0, "engaged": 0}
    assert found["story"] == []


def test_curves_are_those_of_all_who_engaged_though_not_all_are_shown() -> None:
    scenario = vs.read_scenario(settings=["network.people=3_000", "item.content.stickiness=30%"])
    graph = vs.load_network(scenario.network)
    cascade = vs.replay(scenario, realisation=2, graph=graph)
    scene = scene_of(graph, cascade, most=100)
    found = replaying._replay(graph, cascade, scene)
    assert len(found["names"]) == len(found["x"]) == 100
    assert len(found["events"]["tick"]) == cascade.size - found["leftOut"]["engaged"] < cascade.size
    assert found["engaged"][0] == [int((cascade.tick <= tick).sum()) for tick in found["at"]]
    assert found["engaged"][0][-1] == cascade.size
    assert found["at"][-1] == found["last"] == cascade.tick.max()


def test_a_cascade_of_seeds_alone_and_of_nobody_is_shown(page: Page, tmp_path: Path) -> None:
    graph = vs.from_arcs([0], [1], ids=["a", "b"])
    for people in ([0], []):
        alone = vs.Cascade.from_queue(
            graph.ids, person=people, item=[0] * len(people), platform=[0] * len(people), tick=[0] * len(people),
            parent=[-1] * len(people), generation=[0] * len(people), shared_at=[-1] * len(people),
            items=("content",), platforms=("feed",), tick_seconds=86400.0, realisation=0, scenario_hash="7f3a",
            plan="only",
        )  # fmt: skip
        opened(page, tmp_path, (graph, alone))
        page.get_by_role("button", name="One step forward").click()
        assert page.locator("output").text_content() == "day 1"


def test_it_plays_to_the_end(page: Page, tmp_path: Path, crisis: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    data = opened(page, tmp_path, crisis, title="A & B")
    assert page.locator("h1").text_content() == "A & B"
    assert page.evaluate("Replay.player.time") == 0
    page.get_by_label("Speed").select_option("8")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => Replay.player.time === {data['last']} && !Replay.player.playing")
    assert page.locator("#story li.ahead").count() == 0
    assert data["last"] == data["trust"]["ticks"][-1] >= int(crisis[1].tick.max())


def test_whoever_is_picked_is_told_of(page: Page, tmp_path: Path, told: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    opened(page, tmp_path, told)
    panel = page.locator("#person")
    assert words("en")["replay_person_hint"] == panel.text_content()
    spot = page.evaluate("Replay.stage.place(2)")
    page.locator("#stage").click(position=spot)
    assert panel.locator("h3").text_content() == "person 2"
    panel.get_by_role("button", name=f"Told by {HOSTILE}").click()
    assert panel.locator("h3").text_content() == HOSTILE
    assert page.locator("img").count() == 0
    lines = panel.locator(".replay-entry > *").all_text_contents()
    assert lines == [
        "Engaged: 0 d 01:00",
        "Told by person 0",
        "Generation: 1",
        "Shared: 0 d 02:00",
        "Told 2 people who then engaged",
        "person 2person 3",
    ]
    panel.get_by_role("button", name="person 3").click()
    assert panel.locator("h3").text_content() == "person 3"
    panel.get_by_role("button", name=f"Told by {HOSTILE}").click()
    page.get_by_role("button", name="Told by person 0").click()
    assert "Seed: began without being told" in panel.locator("p").all_text_contents()
    page.evaluate("Replay.pin(4)")
    assert panel.locator("p").all_text_contents() == ["Followers: 1", "Did not engage."]
    page.mouse.move(
        *page.evaluate("""() => {
        const {x, y} = Replay.stage.place(3), box = document.getElementById('stage').getBoundingClientRect();
        return [x + box.left, y + box.top];
    }""")
    )
    assert panel.locator("h3").text_content() == "person 3"


def test_whoever_told_the_most_is_named(page: Page, tmp_path: Path, told: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    opened(page, tmp_path, told)
    most = page.locator("#most button")
    assert most.all_text_contents() == [f"{HOSTILE}2 people", "person 0one person"]
    most.nth(0).click()
    assert page.locator("#person h3").text_content() == HOSTILE
    assert page.locator("img").count() == 0


def test_people_stand_as_in_the_figures(page: Page, tmp_path: Path, told: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    """On a screen y counts downwards, in a figure upwards."""
    opened(page, tmp_path, told)
    places = scene_of(*told).places
    shown = page.evaluate("Frame.data('replay').x.map((_, person) => Replay.stage.place(person))")
    for other in range(1, len(places)):
        across, up = places[other] - places[0]
        assert np.sign(shown[other]["x"] - shown[0]["x"]) == np.sign(round(float(across), 3))
        assert np.sign(shown[0]["y"] - shown[other]["y"]) == np.sign(round(float(up), 3))


def test_a_page_says_what_was_played(page: Page, tmp_path: Path, told: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    opened(page, tmp_path, told)
    cascade = told[1]
    assert page.locator("#facts").text_content() == (
        f"Plan only, realisation 0. Engaged: 4. Generations: 2. Structural virality: 1.5. "
        f"Scenario {cascade.scenario_hash}."
    )


def test_the_keyboard_alone_suffices(page: Page, tmp_path: Path, told: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    opened(page, tmp_path, told)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "stage":
            break
    page.keyboard.press("ArrowRight")
    assert page.locator("#person h3").text_content() == HOSTILE  # who has the most followers
    page.keyboard.press(" ")
    assert page.evaluate("Replay.player.playing")
    page.keyboard.press(" ")
    assert not page.evaluate("Replay.player.playing")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Told by person 0":
            break
    page.keyboard.press("Enter")
    assert page.locator("#person h3").text_content() == "person 0"
    assert page.evaluate("document.activeElement.id") == "stage"


def test_what_happened_leads_to_its_time(page: Page, tmp_path: Path, crisis: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    data = opened(page, tmp_path, crisis)
    story = crisis[1].story
    assert story is not None
    assert [(one["tick"], one["what"], one["people"]) for one in data["story"]] == [
        (event.tick, event.what, event.people) for event in story.events
    ]
    peak = next(place for place, event in enumerate(story.events) if event.what == "peak")
    page.locator("#story button").nth(peak).click()
    assert page.evaluate("Replay.player.time") == story.events[peak].tick
    assert page.locator("#story li.ahead").count() == sum(e.tick > story.events[peak].tick for e in story.events)
    for tick in {event.tick - 1 for event in story.events if event.tick}:
        page.evaluate(f"Replay.player.go({tick})")
        assert page.locator("#story li.ahead").count() == sum(event.tick > tick for event in story.events)
    assert page.locator("#trust").get_by_role("img").get_attribute("aria-label") is not None
    heard = next(person for person, tick in enumerate(data["heard"]) if tick >= 0)
    page.evaluate(f"Replay.pin({heard})")
    assert any(text.startswith("First heard bad news: ") for text in page.locator("#person p").all_text_contents())


def test_colours_are_by_generation_or_by_item(
    page: Page, tmp_path: Path, crisis: tuple[vs.SocialGraph, vs.Cascade]
) -> None:
    opened(page, tmp_path, crisis)
    assert page.locator("#legend li").all_text_contents() == ["Not reached yet", "post", "warning", "Seed"]
    page.get_by_label("Colour by").select_option("generation")
    said = page.locator("#legend li").all_text_contents()
    assert "Generation 0" in said
    assert said[-3:] == ["post", "warning", "Seed"]


def test_what_is_left_out_is_said_in_both_languages(page: Page, tmp_path: Path, monkeypatch: Any) -> None:
    scenario = vs.read_scenario(settings=["network.people=3_000", "item.content.stickiness=30%"])
    graph = vs.load_network(scenario.network)
    cascade = vs.replay(scenario, realisation=2, graph=graph)
    monkeypatch.setattr(replaying, "scene_of", lambda graph, cascade: scene_of(graph, cascade, most=100))
    data = opened(page, tmp_path, (graph, cascade))
    left = data["leftOut"]
    said = page.locator("#left-out")
    assert said.text_content() == (
        f"Not shown: 2,900 of 3,000 people, {left['ties']:,} ties, {left['engaged']:,} of those who engaged."
    )
    page.get_by_label("Language").select_option("el")
    assert "2.900 από 3.000 άτομα" in str(said.text_content())
    shown = page.locator("main").inner_text()
    greek = {key: text for key, text in words("el").items() if key.startswith("replay_")}
    english = [text for key, text in words("en").items() if key in greek and "{" not in text and text != greek[key]]
    assert [text for text in english if text in shown] == []


@pytest.mark.parametrize("settings", [{}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_nothing_serious_bars_anybody(
    browser: Browser, tmp_path: Path, crisis: tuple[vs.SocialGraph, vs.Cascade], settings: dict[str, Any]
) -> None:
    with browser.page(**settings) as page:
        opened(page, tmp_path, crisis, title="A crisis")
        page.evaluate("Replay.pin(Frame.data('replay').events.person[5])")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []


def test_it_fits_a_phone(browser: Browser, tmp_path: Path, crisis: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    with browser.page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True) as page:
        opened(page, tmp_path, crisis)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        person = page.evaluate("Frame.data('replay').events.person[0]")
        box = page.locator("#stage").bounding_box()
        spot = page.evaluate(f"Replay.stage.place({person})")
        assert box is not None
        page.touchscreen.tap(box["x"] + spot["x"], box["y"] + spot["y"])
        assert page.locator("#person .replay-entry").count() >= 1
        panel = page.locator("#person").bounding_box()
        curve = page.locator("#curve").bounding_box()
        assert panel is not None
        assert curve is not None
        assert box["y"] + box["height"] < panel["y"] < curve["y"]


def test_the_ending_of_a_file_says_what_is_written(tmp_path: Path, told: tuple[vs.SocialGraph, vs.Cascade]) -> None:
    starts = {".html": b"<!doctype html>", ".GIF": b"GIF89a", ".png": b"\x89PNG", ".svg": b"<?xml"}
    for ending, start in starts.items():
        path = write_cascade(tmp_path / f"cascade{ending}", *told, title=HOSTILE)
        assert path.read_bytes().startswith(start)
    assert HOSTILE not in (tmp_path / "cascade.html").read_text(encoding="utf-8")
    with Image.open(tmp_path / "cascade.GIF") as film:
        assert getattr(film, "n_frames", 0) > 1
    with pytest.raises(vs.UsageError, match=r"ends in \.html, \.gif, \.png, \.svg"):
        write_cascade(tmp_path / "cascade.pdf", *told)
    with pytest.raises(vs.UsageError, match="exists already"):
        write_cascade(tmp_path / "cascade.html", *told)
    other = vs.from_arcs(np.arange(9), np.arange(9) + 1)
    with pytest.raises(vs.UsageError, match="another graph"):
        write_cascade(tmp_path / "cascade.html", other, told[1], force=True)

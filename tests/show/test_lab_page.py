"""The lab page as the library makes it: what it is asked for, and what the pages' engine can do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import load

import viralsim as vs
from viralsim.scenario import init_text
from viralsim.show import lab_page
from viralsim.show.lab import SANDBOX, lab_data

if TYPE_CHECKING:
    from playwright.sync_api import Page

SMALL = ["network.people=100"]

TRY_ALL = """({ worlds, lessons }) => lessons.flatMap(({ name, sliders, steps, metric }) => {
    const world = Engine.world(worlds[name]), wrong = [];
    const tried = (what, change) => { try { change(); } catch (error) { wrong.push(`${name}: ${what}: ${error}`); } };
    const planned = (name) => world.plans.findIndex((one) => one.name === name);
    const play = (changed, index) => Engine.play(changed, { plan: index, realisation: 0, record: false });
    const all = (settings) =>
        Object.entries(settings).reduce((found, [path, value]) => Engine.set(found, path, value), world);
    for (const [path, { low, high }] of Object.entries(sliders))
        for (const value of [low, high]) tried(`${path} = ${value}`, () => play(Engine.set(world, path, value), 0));
    for (const step of steps) for (const name of step.plans) tried(JSON.stringify(step.set), () => {
        const played = play(all(step.set), planned(name));
        if (metric === "trust" && played.trust === null) throw new Error("nobody's trust changes");
    });
    return wrong;
})"""


def test_every_slider_and_step_of_a_lesson_can_be_played_by_the_page(page: Page) -> None:
    scenario = vs.read_scenario(settings=SMALL)
    data = lab_data(scenario, vs.load_network(scenario.network))
    load(page, "luck", "engine")
    assert page.evaluate(TRY_ALL, data) == []


def test_a_graph_that_is_open_is_taken() -> None:
    scenario = vs.read_scenario(settings=SMALL)
    graph = vs.generate("ring", people=50)
    assert '"people":50,' in lab_page(scenario, graph=graph)
    assert lab_data(scenario, graph)["worlds"][SANDBOX]["people"] == 50


def test_unknown_plans_and_languages_are_told() -> None:
    scenario = vs.read_scenario(settings=SMALL)
    with pytest.raises(vs.UsageError, match=r"there is no plan 'hub' in first-look.toml.*\n.*did you mean 'hubs'"):
        lab_page(scenario, plan="hub")
    with pytest.raises(vs.UsageError, match="unknown language 'eng'; choose from en, el"):
        lab_page(vs.read_scenario(settings=["network.file='none.csv'"]), language="eng")


def test_what_comes_first_changes_nothing_else() -> None:
    scenario = vs.read_scenario(settings=SMALL)
    graph = vs.load_network(scenario.network)
    as_given, turned = (lab_data(scenario, graph, plan=plan)["worlds"][SANDBOX] for plan in (None, "hubs"))
    assert [plan["name"] for plan in turned["plans"]] == ["hubs", "random", "more-random"]
    assert sorted(turned.pop("plans"), key=str) == sorted(as_given.pop("plans"), key=str)
    assert turned == as_given


def test_the_command_that_the_page_shows_plays_what_it_shows() -> None:
    """A smaller network has other people, and not as many of some kinds."""
    scenario = vs.scenario_from_text(init_text("city-launch"))
    shown = lab_data(scenario, vs.load_network(scenario.network))
    assert shown["settings"] == ["network.people=2000", "plan.bloggers.wave.first.count=14"]
    again = scenario.with_settings(shown["settings"])
    world = lab_data(again, vs.load_network(again.network))["worlds"][SANDBOX]
    assert world | {"leftOut": []} == shown["worlds"][SANDBOX] | {"leftOut": []}
    assert shown["repeatable"]


def test_there_is_no_command_for_a_network_that_was_cut() -> None:
    """Nobody of its one employee in 5,000 is left where it is generated again with 2,000."""
    scenario = vs.scenario_from_text(init_text("employee-advocacy"))
    assert not lab_data(scenario, vs.load_network(scenario.network))["repeatable"]

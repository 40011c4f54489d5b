"""The pages' engine plays the same cascades as the Python engine: person by person, tick by tick, parent by parent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from browser import Browser, load
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scenes import SKELETON, audiences, crises, graphs, scenarios, scene

import viralsim as vs
from viralsim.engine import compile_campaign, play_realisations, record_realisation
from viralsim.graph import SocialGraph
from viralsim.scenario import Scenario
from viralsim.show.world import playable, world_of

Case = tuple[Scenario, SocialGraph]

PLAY = """(cases) => cases.map(([text, settings, options]) => {
    let world = Engine.world(text);
    for (const [path, value] of settings) {
        world = Engine.set(world, path, value);
        if (Engine.read(world, path) !== value) throw new Error(path);
    }
    return options.map((one) => {
        const { events, curves, trust, seen } = Engine.play(world, one);
        const bare = Engine.play(world, { ...one, record: false });
        if (JSON.stringify([bare.curves, bare.trust]) !== JSON.stringify([curves, trust]))
            throw new Error("recording changes what is played");
        return {
            events: events.map((e) => [e.item, e.person, e.tick, e.parent, e.generation, e.sharedAt]),
            curves: curves.map((c) => [c.reach, c.impressions, c.engaged, c.shares].map((a) => Array.from(a))),
            trust: trust && Array.from(trust),
            seen: seen.map((pairs) => pairs.length / 2).reduce((a, b) => a + b, 0),
        };
    });
})"""


@pytest.fixture(scope="module")
def play(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Play worlds in a page: [(world, settings, options)] -> per world and option what happened."""
    with browser.page() as page:
        load(page, "luck", "engine")
        yield lambda cases: page.evaluate(
            f"(text) => ({PLAY})(JSON.parse(text))",
            json.dumps([(json.dumps(world, allow_nan=False), *rest) for world, *rest in cases]),
        )


def drawn(count: int) -> list[Case]:
    """Random scenarios that use everything the engine knows, without what the pages do not play."""
    cases: list[Case] = []

    @settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), st.booleans(), graphs(16, 90, least_people=3, layered=True, timed=True))
    def draw(data: st.DataObject, alone: bool, graph: SocialGraph) -> None:
        if alone and graph.layered:
            graph = graph.on_platform("feed")
        strategy = data.draw(
            st.sampled_from([scenarios, crises, crises] if alone or not graph.layered else [audiences])
        )
        scenario = data.draw(strategy(graph))
        cases.append(playable(scenario.with_settings(["report.times=200"]), graph, 100)[:2])

    draw()
    return cases


def truth(scenario: Scenario, graph: SocialGraph, plan: str, realisation: int) -> dict[str, Any]:
    """What the Python engine plays, in the form of `PLAY`."""
    campaign = compile_campaign(scenario, graph, plan)
    queue = record_realisation(campaign, realisation)
    whole = play_realisations(campaign, realisation, 1, threads=1)
    assert campaign.report_ticks.tolist() == list(range(scenario.time.horizon + 1))
    events = [
        [item, person, tick, int(queue.person[parent]) if parent >= 0 else parent, generation, shared]
        for item, person, tick, parent, generation, shared in zip(
            *(
                getattr(queue, name).tolist()
                for name in ("item", "person", "tick", "parent", "generation", "shared_at")
            ),
            strict=True,
        )
    ]
    trust = None
    if scenario.takes_trust:
        trust = np.zeros(scenario.time.horizon + 1)
        if campaign.needs_brand:
            trust = whole.trust[0].sum(axis=0) / 2**32 / graph.people
        else:
            trust += campaign.profiles.numbers(scenario, "trust") @ campaign.profiles.counts / graph.people
    return {
        "events": sorted(events, key=lambda event: (event[2], event[0], event[1])),
        "curves": whole.curves[0].tolist(),
        "trust": trust,
    }


def assert_same(found: dict[str, Any], expected: dict[str, Any], told: str) -> None:
    assert found["events"] == expected["events"], told
    assert found["curves"] == expected["curves"], told
    assert (found["trust"] is None) == (expected["trust"] is None), told
    if expected["trust"] is not None:
        np.testing.assert_allclose(found["trust"], expected["trust"], rtol=0, atol=1e-7, err_msg=told)


def assert_plays(play: Callable[..., Any], cases: list[Case], realisations: tuple[int, ...]) -> None:
    options = [{"plan": 0, "realisation": one} for one in realisations]
    found = play([(world_of(scenario, graph), [], options) for scenario, graph in cases])
    for (scenario, graph), of_case in zip(cases, found, strict=True):
        for realisation, one in zip(realisations, of_case, strict=True):
            assert_same(one, truth(scenario, graph, "only", realisation), f"{realisation}\n{scenario.toml()}")


def test_random_scenarios_play_the_same_cascades(play: Callable[..., Any]) -> None:
    assert_plays(play, drawn(200), (0, 1, 2**32 - 4))


# -- what a reader changes --------------------------------------------------------------------------------------------

KEYS = """
random_seed=1
[network]
generator = "erdos-renyi"
people = 60
mean_degree = 8
[network.attribute.town]
values = {north="60%", south="40%"}
[platform.feed]
visibility = 0.9
delay = {law="geometric", mean=1.5}
[segment.young]
share = 0.3
attention = 0.8
[item.content]
stickiness = 0.4
exclusive = "one"
priority = 1
half_life = 9
[item.complaints]
kind = "testimony"
stickiness = 0.6
damage = 0.5
born_of = "content"
[item.answer]
kind = "restoration"
stickiness = 0.4
after = "complaints"
after_reach = 4
reaction_delay = 2
wave.first = {strategy="random", count=2}
advertisement = {dose=0.5, visibility=0.4, end=5}
[item.habit]
law = "fixed"
threshold = 2
exclusive = "one"
wave.first = {strategy="random", count=15, redraw=true}
[item.song]
law = "curve"
curve = [0.1, 0.3]
emission = "contact"
stifle = 0.4
exclusive = "two"
wave.first = {strategy="random", count=9}
[item.jingle]
stickiness = 0.9
emission = "contact"
exclusive = "two"
wave.first = {strategy="random", count=9}
[segment.everyone]
satisfaction = 0.6
[plan.hubs.wave.first]
strategy = "random"
count = 4
[plan.towns.wave.first]
strategy = "random"
redraw = true
count = 2
per = "town"
[time]
horizon = 40
[report]
times = 200
"""


CHANGES = (
    ("item.content.stickiness", 0.45, None),
    ("item.content.endorsement", 3, None),
    ("item.content.half_life", 2.5, None),
    ("item.content.half_life", None, "none"),
    ("item.content.share_rate", 0.5, None),
    ("item.content.sensitivity", 2, None),
    ("item.content.affinity.young", 0.25, None),
    ("item.complaints.damage", 0.9, None),
    ("item.complaints.scar", 1, None),
    ("item.complaints.heal", 0, None),
    ("item.complaints.silent", True, "true"),
    ("item.answer.repair", 0.5, None),
    ("item.answer.reaction_delay", 0, None),
    ("item.answer.after_reach", "100%", None),
    ("item.answer.after_reach", 1, None),
    ("item.answer.after_reach", 0.7, None),
    ("item.answer.advertisement.dose", 1.5, None),
    ("item.answer.wave.first.count", 7, None),
    ("item.habit.threshold", 3, None),
    ("item.habit.threshold", 0.18, None),
    ("item.habit.threshold", "100%", None),
    ("item.song.curve", [0.5, 0.1], None),
    ("item.song.stifle", 1, None),
    ("item.content.priority", -1, None),
    ("item.song.priority", -1, None),
    ("trust.half_life", 3, None),
    ("trust.half_life", None, "never"),
    ("platform.feed.visibility", 0.5, None),
    ("platform.feed.delay.mean", 4, None),
    ("segment.young.attention", 0.3, None),
    ("segment.everyone.satisfaction", 0.2, None),
    ("segment.everyone.trust", 0.7, None),
    ("time.horizon", 12, None),
    ("random_seed", 2**53 - 1, None),
    ("plan.hubs.wave.first.count", 1, None),
    ("plan.hubs.wave.first.count", 60, None),
    ("plan.hubs.wave.first.start", 5, None),
    ("plan.towns.wave.first.count", 10, None),
)


def test_a_changed_value_plays_as_the_setting_does(play: Callable[..., Any]) -> None:
    scenario = vs.scenario_from_text(KEYS)
    graph = vs.load_network(scenario.network)
    world = world_of(scenario, graph)
    options = [{"plan": 0, "realisation": 1}, {"plan": 1, "realisation": 2}]
    before, *found = play(
        [(world, [(path, value)] if path else [], options) for path, value, _ in [("", 0, 0), *CHANGES]]
    )
    for (path, value, written), after in zip(CHANGES, found, strict=True):
        changed = scenario.with_settings({path: value if written is None else written})
        for plan, one, option in zip(scenario.plan, after, options, strict=True):
            assert_same(one, truth(changed, graph, plan, option["realisation"]), f"{path}={value}")
        assert before != after, f"{path}={value} changes nothing that is compared"


def test_what_cannot_be_set_is_refused(play: Callable[..., Any]) -> None:
    scenario = vs.scenario_from_text(KEYS)
    world = world_of(scenario, vs.load_network(scenario.network))
    for path, value in (
        ("item.content.stickyness", 0.1),
        ("item.content.threshold", 2),
        ("item.nothing.stickiness", 0.1),
        ("platform.clips.visibility", 0.1),
        ("plan.hubs.wave.first.count", 61),
        ("plan.hubs.wave.first.count", 0),
        ("plan.hubs.wave.second.count", 1),
        ("segment.old.trust", 1),
        ("randomSeed", 1),
    ):
        with pytest.raises(Exception, match=r"this world has no|expected a whole number from 1 to 60"):
            play([(world, [(path, value)], [])])


# -- seeds ------------------------------------------------------------------------------------------------------------

SEEDS = """([text, counts]) => {
    const world = Engine.world(text);
    return world.plans.map((plan, index) => counts.map((count) => {
        const wave = plan.waves[0];
        const changed = count === null ? world : Engine.set(world, `${wave.path}.count`, Math.min(count, wave.most));
        return [0, 1].map((realisation) => Engine.seeds(changed, { plan: index, realisation }));
    }));
}"""


def ties() -> SocialGraph:
    random = np.random.default_rng(3)
    sharers, followers = random.integers(0, 40, (2, 160))
    return vs.from_arcs(
        sharers,
        followers,
        people=40,
        trust=random.random(160),
        attributes={"fee": random.integers(1, 9, 40), "town": random.choice(["north", "south"], 40)},
    )


def strategy_waves() -> dict[str, str]:
    needs = {"column": ", attribute='fee'", "mixture": ", parts={degree='50%', random='30%', fringe='20%'}"}
    waves = {name: f"strategy='{name}', count=3{needs.get(name, '')}" for name in vs_strategies()}
    waves["towns"] = "strategy='degree', count=3, per='town'"
    waves["blocks"] = "strategy='clusters', count=3, per='town'"
    waves["luck"] = "strategy='random', count=3, redraw=true, per='town'"
    waves["where"] = "strategy='random', count=3, where={town='north'}"
    return waves


def vs_strategies() -> list[str]:
    from viralsim.scenario import choices

    return [name for name in choices("strategy") if name != "explicit"]


def test_seeds_of_every_strategy_for_every_count(page: Any) -> None:
    graph, waves = ties(), strategy_waves()
    text = SKELETON[: SKELETON.index("[plan.")] + SKELETON[SKELETON.index("[time]") :]
    text += "".join(f"[plan.{name}]\nwave.first = {{{wave}}}\n" for name, wave in waves.items())
    scenario = vs.scenario_from_text(text.replace("'", '"'))
    world = world_of(scenario, graph)
    load(page, "luck", "engine")
    counts = [1, 2, 3, 5, 8, 13, 24, 40]
    found = page.evaluate(SEEDS, [json.dumps(world), counts])
    assert [plan["name"] for plan in world["plans"]] == list(waves)
    for plan, of_plan in zip(world["plans"], found, strict=True):
        most = plan["waves"][0]["most"]
        assert most >= 13, "the smaller town has so many people"
        for count, by_realisation in zip(counts, of_plan, strict=True):
            if count > most:
                continue
            asked = scenario.with_settings({f"plan.{plan['name']}.wave.first.count": count})
            for realisation, seeds in enumerate(by_realisation):
                truly = reference_seeds(asked, graph, plan["name"], realisation)
                assert sorted(seeds) == sorted(truly), (plan["name"], count)
    assert sum(of_plan[4][0] != of_plan[4][1] for of_plan in found) == 1, "one plan draws anew"


def reference_seeds(scenario: Scenario, graph: SocialGraph, plan: str, realisation: int) -> list[int]:
    queue = record_realisation(compile_campaign(scenario, graph, plan), realisation)
    return queue.person[queue.parent == -1].tolist()


@pytest.mark.parametrize(
    "wave",
    [
        "strategy='degree', count=9, budget=14",
        "strategy='degree', budget=14, per='town'",
        "strategy='random', budget=14",
        "strategy='random', count=9, budget=14, redraw=true",
        "strategy='random', budget=14, redraw=true, per='town'",
    ],
)
def test_seeds_that_a_budget_buys(page: Any, wave: str) -> None:
    scenario = scene("price={model='column', attribute='fee'}", f"plan.only.wave.first={{{wave}}}")
    load(page, "luck", "engine")
    found = page.evaluate(SEEDS, [json.dumps(world_of(scenario, ties())), [None]])
    for realisation in (0, 1):
        truly = reference_seeds(scenario, ties(), "only", realisation)
        assert len(truly) > 1
        assert sorted(found[0][0][realisation]) == sorted(truly)


def test_several_waves_take_nobody_twice(play: Callable[..., Any]) -> None:
    """What later waves have left to choose from follows what a reader changes in earlier ones."""
    waves = "first={strategy='random', count=4}, second={strategy='random', count=5, start=1}, "
    waves += "third={strategy='random', count=6, redraw=true, start=2}"
    scenario = scene(
        "item.content.arc_probability=0", f"plan.only.wave={{{waves}}}", "report.times=200", "time.horizon=9"
    )
    for count in (4, 1, 12):
        path = "plan.only.wave.first.count"
        (found,) = play([(world_of(scenario, ties()), [(path, count)], [{"realisation": 3}])])
        assert_same(found[0], truth(scenario.with_settings({path: count}), ties(), "only", 3), str(count))
    fixed = scenario.with_settings(["plan.only.wave.second.strategy=degree"])
    of_waves = {wave["path"]: wave for wave in world_of(fixed, ties())["plans"][0]["waves"]}
    assert of_waves["plan.only.wave.first"]["most"] == 4, "others would be left for the second"
    assert of_waves["plan.only.wave.third"]["most"] > 6


def test_added_and_removed_people_play_as_named_ones(play: Callable[..., Any]) -> None:
    settings_of = [
        "item.content.arc_probability=0.3",
        "segment.everyone.decline=0.3",
        "report.times=200",
        "time.horizon=60",
    ]
    scenario = scene(*settings_of, "plan.only.wave.first={strategy='degree', count=5}")
    graph = ties()
    chosen = reference_seeds(scenario.with_settings(["segment.everyone.decline=0"]), graph, "only", 0)
    added, removed = [person for person in range(40) if person not in chosen][:6], chosen[:3]
    named = [person for person in [*chosen, *added] if person not in removed]
    explicit = scenario.with_settings({"plan.only.wave.first": {"strategy": "explicit", "people": named}})
    options = [{"realisation": r, "added": added, "removed": removed} for r in range(5)]
    (found,) = play([(world_of(scenario, graph), [], options)])
    for one, option in zip(found, options, strict=True):
        assert_same(one, truth(explicit, graph, "only", option["realisation"]), "")


def test_what_is_seen_is_what_is_counted(play: Callable[..., Any]) -> None:
    """Without advertising every impression is a share that somebody sees."""
    scenario = scene("item.content.arc_probability=0.5", "platform.feed.visibility=70%", "time.horizon=30")
    (found,) = play([(world_of(scenario, ties()), [], [{"realisation": r} for r in range(5)])])
    for one in found:
        assert one["seen"] == one["curves"][0][1][-1]
    assert max(one["seen"] for one in found) > 10


PLAY_300 = """(text) => {
    const world = Engine.world(text), begin = performance.now();
    for (let realisation = 0; realisation < 300; realisation++) Engine.play(world, { realisation, record: false });
    return (performance.now() - begin) / 1000;
}"""


@pytest.mark.long
def test_three_hundred_realisations_take_three_seconds_at_most(page: Any) -> None:
    scenario = vs.read_scenario(
        settings=["network.people=2000", "network.mean_degree=5", "item.content.stickiness=90%"]
    )
    graph = vs.load_network(scenario.network)
    assert 9_000 < len(graph.arcs) < 11_000
    load(page, "luck", "engine")
    world = json.dumps(world_of(scenario, graph))
    assert min(page.evaluate(PLAY_300, world) for _ in range(3)) < 3.0  # other work on the machine may slow one down

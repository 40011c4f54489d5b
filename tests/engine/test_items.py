"""Several items: each spreads as if it were alone, whatever the others do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenes import graphs, scenarios, scene

from viralsim.engine import compile_campaign, record_realisation
from viralsim.errors import DataError, ScenarioError
from viralsim.graph import SocialGraph, generate
from viralsim.outcome import replay, simulate
from viralsim.scenario import Scenario

OTHERS = {
    "plain": "{arc_probability=0.4}",
    "faded": "{stickiness=0.5, half_life=2, share_rate=0.7, affinity={everyone=0.8}}",
    "curve": "{law='curve', curve=[0.2, 0.6], endorsement=1}",
    "uniform": "{law='uniform'}",
    "fixed": "{law='fixed', threshold=2, emission='repeat', activity=2}",
    "rumour": "{arc_probability=1, emission='contact', stifle=0.5, stop='both'}",
    "advertised": "{law='curve', curve=[0.1], advertisement={dose=0.4, end=4}}",
}


def entries(scenario: Scenario, graph: SocialGraph, item: str) -> list[tuple[Any, ...]]:
    """Who engaged with an item in realisation 3: person, tick, who persuaded them, generation, own share."""
    campaign = compile_campaign(scenario, graph)
    queue = record_realisation(campaign, 3)
    number = campaign.items.index(item)
    found = []
    for entry in np.flatnonzero(queue.item == number).tolist():
        parent = int(queue.parent[entry])
        by = int(queue.person[parent]) if parent >= 0 else parent
        assert parent < 0 or queue.item[parent] == number
        found.append((int(queue.person[entry]), int(queue.tick[entry]), by, int(queue.generation[entry])))
    return sorted(found)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs(timed=True), other=st.sampled_from(sorted(OTHERS)))
def test_an_item_beside_another_is_what_it_is_alone(data: st.DataObject, graph: SocialGraph, other: str) -> None:
    alone = data.draw(scenarios(graph))
    wave = "{strategy='explicit', people=[0], start=1}"
    both = alone.with_settings([f"item.{other}={OTHERS[other]}", f"item.{other}.wave.one={wave}"])
    mine, theirs = (simulate(one, graph=graph, realisations=4) for one in (alone, both))
    assert theirs.main_item == "content"
    assert np.array_equal(theirs.rows[:, 0], mine.rows[:, 0])
    assert np.array_equal(theirs.generation_counts[:, 0], mine.generation_counts[:, 0])
    assert np.array_equal(theirs.curves[:, 0], mine.curves[:, 0])
    assert entries(both, graph, "content") == entries(alone, graph, "content")
    # The other one, in a scenario without the first.
    for_both = f"plan.only.wave={{one={{item='{other}', strategy='explicit', people=[0], start=1}}}}"
    quiet = both.with_settings([f"item.{other}.wave={{}}", for_both])
    again = simulate(quiet, graph=graph, realisations=4)
    assert np.array_equal(again.rows[:, 1], theirs.rows[:, 1])
    assert not again.rows[:, 0, 7].any()
    assert entries(quiet, graph, other) == entries(both, graph, other)


def test_waves_of_items_belong_to_every_plan() -> None:
    graph = generate("communities", people=400)
    scenario = scene(
        "item.rumour={stickiness=0.1, wave={start={strategy='random', count=4, redraw=true, start=2}}}",
        "plan.other.wave.first={strategy='explicit', people=[5]}",
    )
    outcomes = [simulate(scenario, graph=graph, plan=plan, realisations=30) for plan in ("only", "other")]
    assert np.array_equal(*(outcome.rows[:, 1] for outcome in outcomes))
    assert not np.array_equal(*(outcome.rows[:, 0] for outcome in outcomes))
    assert outcomes[0].metric("engaged", "rumour").mean >= 4
    campaign = compile_campaign(scenario, graph)
    assert list(campaign.seeds) == ["first", "rumour.start"]


def test_numbers_of_an_items_wave_may_be_unknown() -> None:
    graph = generate("communities", people=400)
    scenario = scene("item.rumour={stickiness=0, wave={start={strategy='degree', count='2..9'}}}")
    seeds = simulate(scenario, graph=graph, realisations=40).rows[:, 1, 7]
    assert (seeds[::2] == seeds[1::2]).all()
    assert set(seeds.tolist()) <= set(range(2, 10))
    assert len(set(seeds.tolist())) > 3


def test_reporting_another_item_starts_none() -> None:
    scenario = scene("item.rumour={stickiness=0.2, wave={one={strategy='explicit', people=[7]}}}")
    other = scenario.with_settings(["report.item=rumour"])
    assert other.plan["only"].wave["first"].item == "content"
    graph = generate("complete", people=9)
    assert np.array_equal(*(simulate(one, graph=graph, realisations=5).rows for one in (scenario, other)))


def test_a_replay_tells_items_apart() -> None:
    graph = generate("complete", people=30)
    cascade = replay(
        scene("item.rumour={stickiness=0.2, wave={start={strategy='explicit', people=[7]}}}"),
        graph=graph,
        realisation=1,
    )
    parts = [cascade.only(item) for item in cascade.items]
    assert sum(part.size for part in parts) == cascade.size
    assert [part.seeds.tolist() for part in parts] == [[0], [0]]
    assert parts[1].person[0] == 7
    text = cascade.summary().splitlines()
    assert text[0].startswith(f"plan only, realisation 1: item content: {parts[0].size} people engaged, 1 seed")
    assert text[2].startswith(f"item rumour: {parts[1].size} people engaged, 1 seed")


def test_an_items_wave_starts_that_item() -> None:
    with pytest.raises(ScenarioError, match=r"waves in \[item.rumour\] start 'rumour'"):
        scene("item.rumour={stickiness=0.2, wave={one={strategy='explicit', people=[7], item='content'}}}")


def test_silent_items_leave_the_engine_as_it_is_without_them() -> None:
    """They are played by a form of it that knows nothing of trust; the numbers are those of the form that does."""
    graph = generate("communities", people=400)
    item = "{kind='rumour', stickiness=0.1, silent=true, wave={one={strategy='random', count=9}}}"
    silent = scene(f"item.rumour={item}", "segment.everyone.trust=0.73")
    watched = silent.with_settings(["segment.everyone.baseline=0.0001"])
    alone = scene("segment.everyone.trust=0.73")
    assert not compile_campaign(silent, graph).needs_brand
    assert compile_campaign(watched, graph).needs_brand
    plain, other = (simulate(one, graph=graph, realisations=5) for one in (silent, watched))
    assert np.array_equal(plain.trust_sums, other.trust_sums)
    assert np.array_equal(plain.trust_quantiles, other.trust_quantiles)
    assert np.array_equal(plain.rows[..., :9], other.rows[..., :9])
    assert np.array_equal(plain.curves, other.curves)
    assert plain.metric("trust").mean == pytest.approx(0.73)
    assert np.array_equal(plain.rows[:, 0], simulate(alone, graph=graph, realisations=5).rows[:, 0])


def test_what_waits_for_more_people_than_there_are_is_refused() -> None:
    wave = "{one={strategy='random', count=9}}"
    item = f"{{kind='restoration', stickiness=0.1, after='content', after_reach=500, wave={wave}}}"
    with pytest.raises(
        DataError, match=r"item\.answer\.after_reach: 'content' can never reach 500 people, there are 9"
    ):
        compile_campaign(scene(f"item.answer={item}"), generate("complete", people=9))

"""The kernel equals the plain reference: realisation by realisation, person by person, parent by parent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from scenes import graphs, independent_cascade, scenarios, scene

from viralsim.engine import compile_campaign, play_realisations, record_realisation
from viralsim.engine.kernels import CURVES, ROW
from viralsim.engine.platform_kernels import position
from viralsim.graph import SocialGraph, from_arcs, generate
from viralsim.scenario import Scenario


def recorded(campaign: Any, realisation: int) -> dict[int, tuple[int, int, int, int]]:
    queue = record_realisation(campaign, realisation)
    entries = zip(queue.person, queue.tick, queue.parent, queue.generation, queue.shared_at, strict=True)
    return {
        int(person): (
            int(tick),
            int(queue.person[parent]) if parent >= 0 else int(parent),
            int(generation),
            int(shared),
        )
        for person, tick, parent, generation, shared in entries
    }


def assert_equal(scenario: Scenario, graph: SocialGraph, first: int, count: int) -> None:
    campaign = compile_campaign(scenario, graph)
    played = play_realisations(campaign, first, count, threads=1)
    bare = play_realisations(campaign, first, count, threads=1, impressions=False)
    for index in range(count):
        truth = reference.play(scenario, graph, "only", first + index).items["content"]
        people = {
            person: (event.tick, event.parent, event.generation, event.shared_at)
            for person, event in truth.events.items()
        }
        assert recorded(campaign, first + index) == people
        row = {name: truth.row()[name] for name in ROW}
        assert dict(zip(ROW, played.rows[index, 0].tolist(), strict=True)) == row
        assert dict(zip(ROW, bare.rows[index, 0].tolist(), strict=True)) == row | {"reach": 0, "impressions": 0}
        depths = [event.generation for event in truth.events.values()]
        assert played.generations[index, 0].tolist() == [depths.count(g) for g in range(16)]
        for k, tick in enumerate(campaign.report_ticks.tolist()):
            last = max(t for t in truth.curves if t <= tick)
            assert tuple(played.curves[index, 0, :, k].tolist()) == truth.curves[last], CURVES


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs(timed=True), first=st.sampled_from([0, 1, 999, 2**32 - 4]))
def test_random_scenarios_equal_the_reference(data: st.DataObject, graph: SocialGraph, first: int) -> None:
    scenario = data.draw(scenarios(graph))
    note(scenario.toml())
    assert_equal(scenario, graph, first, 4)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs(most_people=6, timed=True))
def test_neighbours_counted_once_equal_the_reference(data: st.DataObject, graph: SocialGraph) -> None:
    """Few people with several arcs between them at different times, whose shares come again and again."""
    scenario = data.draw(scenarios(graph, ("uniform", "weights", "fixed"), ("repeat", "contact")))
    note(scenario.toml())
    assert_equal(scenario, graph, 0, 4)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs())
def test_plain_scenarios_equal_the_reference(data: st.DataObject, graph: SocialGraph) -> None:
    """What the other form of the kernel plays, which is drawn too seldom above."""
    scenario = data.draw(scenarios(graph, ("stickiness", "weighted-cascade", "constant"), ("once",), plain=True))
    note(scenario.toml())
    assert not compile_campaign(scenario, graph).needs_laws
    assert_equal(scenario, graph, 0, 4)


@pytest.mark.parametrize(
    "change",
    [
        "item.content.half_life=none",
        pytest.param("platform.feed.delay=none", marks=pytest.mark.long),
        pytest.param("platform.feed.visibility=100%", marks=pytest.mark.long),
        "plan.only.wave.first={strategy='degree', count=5}",
        "item.content.arc_probability=weighted-cascade",
    ],
)
def test_a_network_with_long_rows_equals_the_reference(change: str) -> None:
    """Rows of more than 16 followers, several chunks of sharers, several pages of people."""
    graph = generate("communities", people=9_000, mean_degree=20)
    scenario = scene(
        *([] if "arc_probability" in change else ["item.content.stickiness=4%", "item.content.endorsement=2"]),
        "item.content.half_life=9",
        "platform.feed.visibility=80%",
        "platform.feed.delay={law='log-normal', median=2, sigma=1.0}",
        "plan.only.wave.first={strategy='random', count=20, redraw=true}",
        "time.horizon=60",
        change,
    )
    assert_equal(scenario, graph, 7, 2)


def test_the_smallest_key_is_the_parent_however_the_arcs_are_stored() -> None:
    """Two people persuade a third in the same tick: the parent does not depend on who comes first in memory."""
    parents = set()
    for realisation in range(20):
        found = set()
        for rows in ([(0, 1), (0, 2), (1, 3), (2, 3)], [(0, 1), (0, 2), (2, 3), (1, 3)]):
            graph = from_arcs([u for u, _ in rows], [v for _, v in rows], people=4)
            campaign = compile_campaign(independent_cascade(1.0), graph)
            found.add(recorded(campaign, realisation)[3][1])
        assert len(found) == 1
        parents |= found
    assert parents == {1, 2}


def test_generations_follow_the_parent_where_waves_start_at_different_ticks() -> None:
    """Person 3 is persuaded in one tick by generation 0 (second wave) or generation 1 (first wave).

    Without delays generations were once taken for ticks, which is true of one wave only.
    """
    graph = from_arcs([0, 1, 2], [1, 3, 3], people=4)
    scenario = scene(
        "item.content.arc_probability=1",
        "plan.only.wave={a={strategy='explicit', people=[0]}, b={strategy='explicit', people=[2], start=1}}",
    )
    assert_equal(scenario, graph, 0, 20)
    depths = play_realisations(compile_campaign(scenario, graph), 0, 20).rows[:, 0, ROW.index("generations")]
    assert set(depths.tolist()) == {1, 2}


def test_a_seed_stays_a_seed_when_a_share_persuades_them_in_the_same_tick() -> None:
    graph = from_arcs([0], [1], people=2)
    scenario = scene(
        "item.content.arc_probability=1",
        "plan.only.wave={a={strategy='explicit', people=[0]}, b={strategy='explicit', people=[1], start=1}}",
    )
    assert_equal(scenario, graph, 0, 30)
    for realisation in range(30):
        assert recorded(compile_campaign(scenario, graph), realisation)[1][1:3] == (-1, 0)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(table=st.lists(st.integers(0, 2**32), min_size=1, max_size=9).map(sorted), word=st.integers(0, 2**32 - 1))
def test_a_delay_is_the_number_of_thresholds_that_are_not_above_the_word(table: list[int], word: int) -> None:
    thresholds = np.array([table], dtype=np.uint64)
    assert position(thresholds, 0, np.uint64(word)) == sum(entry <= word for entry in table)
    assert position(thresholds, 0, np.uint64(table[0])) >= 1


def test_a_certain_arc_persuades_nobody_once_nothing_is_left_of_the_novelty() -> None:
    """0 x log(1 - 1) is no number: such arcs used to persuade on some processors and not on others."""
    graph = from_arcs([0, 1, 2], [1, 2, 3], people=4)
    scenario = scene(
        "item.content.arc_probability=1",
        "item.content.half_life=0.01",
        "platform.feed.delay={law='power-law', minimum=17, exponent=1000}",
        "time.horizon=60",
    )
    assert_equal(scenario, graph, 0, 3)
    assert play_realisations(compile_campaign(scenario, graph), 0, 3).rows[:, 0, 2].tolist() == [2, 2, 2]

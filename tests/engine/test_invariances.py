"""What must not change a result, and what may change it in one direction only."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenes import graphs, independent_cascade, scenarios, scene

from viralsim.engine import compile_campaign, play_realisations
from viralsim.errors import UsageError
from viralsim.graph import SocialGraph, from_arcs, generate
from viralsim.outcome import replay, simulate, write_results
from viralsim.scenario import Scenario, read_scenario


def one_campaign() -> tuple[Scenario, SocialGraph]:
    scenario = read_scenario(settings=["network.people=2000", "item.content.stickiness=8%"])
    return scenario, generate("communities", people=2000)


@pytest.mark.long
def test_tables_are_equal_to_the_byte_for_any_threads_and_blocks(tmp_path: Path) -> None:
    scenario, graph = one_campaign()
    whole = simulate(scenario, graph=graph, realisations=1000, threads=1, block=1000)
    ways = {
        "threads-2": simulate(scenario, graph=graph, realisations=1000, threads=2),
        "blocks-1": simulate(scenario, graph=graph, realisations=1000, threads=2, block=1),
        "blocks-64": simulate(scenario, graph=graph, realisations=1000, threads=1, block=64),
        "blocks-1000": simulate(scenario, graph=graph, realisations=1000, threads=2, block=1000),
        "halves": simulate(scenario, graph=graph, first=500, realisations=500)
        + simulate(scenario, graph=graph, realisations=500),
    }
    expected = write_results(tmp_path / "whole", whole, scenario, graph=graph)
    names = sorted(path.name for path in expected.iterdir())
    assert {"realisations.csv", "realisations.parquet", "curves.csv", "curves.parquet"} <= set(names)
    for way, outcome in ways.items():
        written = write_results(tmp_path / way, outcome, scenario, graph=graph)
        assert sorted(path.name for path in written.iterdir()) == names
        for name in names:
            assert (written / name).read_bytes() == (expected / name).read_bytes(), (way, name)


def test_leaving_impressions_out_changes_nothing_else() -> None:
    scenario, graph = one_campaign()
    full = simulate(scenario, graph=graph, realisations=50)
    bare = simulate(scenario, graph=graph, realisations=50, impressions=False)
    assert np.array_equal(full.rows[:, :, 2:], bare.rows[:, :, 2:])
    assert full.reach.mean is not None
    assert bare.reach.mean is None


def test_switches_that_are_off_change_nothing() -> None:
    """A neutral setting of a feature gives the plain outcome, realisation by realisation."""
    graph = generate("communities", people=800)
    plain = scene("item.content.stickiness=10%", "item.content.endorsement=0")
    neutral = scene(
        "item.content.stickiness=10%",
        "item.content.endorsement=0",
        "item.content.share_rate=100%",
        "item.content.half_life=none",
        "platform.feed.visibility=100%",
        "platform.feed.delay={law='log-normal', median=0.001, sigma=0.1}",
        "item.content.affinity.everyone=1",
    )
    first, second = (simulate(scenario, graph=graph, realisations=200) for scenario in (plain, neutral))
    assert np.array_equal(first.rows, second.rows)
    assert first.scenario_hash != second.scenario_hash


def test_an_arc_disturbs_no_other_arc() -> None:
    """A second component is added to the graph: what happens in the first stays the same."""
    first = generate("ring", people=30)
    u, v = first.arcs.sharers, first.arcs.followers
    both = from_arcs(np.concatenate([u, u + 30]), np.concatenate([v, v + 30]), people=60)
    scenario = independent_cascade(0.7)
    assert np.array_equal(
        simulate(scenario, graph=first, realisations=200).rows,
        simulate(scenario, graph=both, realisations=200).rows,
    )


def test_what_people_are_called_changes_nothing() -> None:
    graph = generate("communities", people=300)
    arcs = graph.arcs
    named = from_arcs(arcs.sharers, arcs.followers, people=300, ids=[f"person {i}" for i in range(300)])
    scenario = scene("item.content.stickiness=20%", "plan.only.wave.first={strategy='degree', count=5}")
    rows = [simulate(scenario, graph=one, realisations=50).rows for one in (graph, named)]
    assert np.array_equal(*rows)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(graph=graphs(timed=True), data=st.data())
def test_relabelling_people_changes_no_law_of_the_outcome(graph: SocialGraph, data: st.DataObject) -> None:
    """Luck is keyed by position, so other positions give other luck, and the same distribution.

    Means of two samples of 3,000 realisations lie within 5.5 standard errors: a false alarm in a million at most for
    all examples together.
    """
    scenario = data.draw(scenarios(graph))
    order = np.array(data.draw(st.permutations(range(graph.people))))
    place = np.argsort(order)  # old position -> new one
    arcs = graph.arcs
    relabelled = from_arcs(
        place[arcs.sharers],
        place[arcs.followers],
        people=graph.people,
        ids=order,
        trust=arcs.trust,
        probability=arcs.probability,
        weight=arcs.weight,
        start=arcs.start,
        end=arcs.end,
        attributes={name: values[order] for name, values in graph.attributes.items()},
    )
    if scenario.item["content"].trials == "multiplicity" or any(
        wave.strategy != "explicit" and not wave.redraw for wave in scenario.plan["only"].wave.values()
    ):
        trials = {"item.content.trials": "arcs"} if scenario.item["content"].trials == "multiplicity" else {}
        scenario = scenario.with_settings(
            {**trials, "plan.only.wave": {"first": {"strategy": "explicit", "people": [0]}}}
        )
    if data.draw(st.booleans()):  # the scenarios drawn often reach nobody, and seldom through trust
        scenario = scenario.with_settings(
            {
                "time.horizon": 40,
                "platform.feed": {},
                "item.content": {"stickiness": 0.2, "endorsement": 4.0},
                "plan.only.wave": {"first": {"strategy": "explicit", "people": [0]}},
            }
        )
    first, second = (simulate(scenario, graph=one, realisations=3_000).rows[:, 0, :4] for one in (graph, relabelled))
    error = np.sqrt((first.var(axis=0) + second.var(axis=0)) / 3_000)
    assert (np.abs(first.mean(axis=0) - second.mean(axis=0)) <= 5.5 * error + 1e-9).all()


def test_the_random_seed_and_the_name_of_the_item_key_the_luck() -> None:
    graph = generate("communities", people=800)
    base = scene("item.content.arc_probability=0.1")
    engaged = [
        simulate(scenario, graph=graph, realisations=100).rows[:, 0, 2].tolist()
        for scenario in (base, base.with_settings(["random_seed=2"]), base.with_settings(["title=other"]))
    ]
    assert engaged[0] != engaged[1]
    assert engaged[0] == engaged[2]


# -- what is monotone (DESIGN): one positive item, realisation by realisation ---------------------------

MORE = {
    "stickiness": ("item.content.stickiness", [0.02, 0.1, 0.4, 1.0]),
    "endorsement": ("item.content.endorsement", [0.0, 0.5, 3.0]),
    "visibility": ("platform.feed.visibility", [0.2, 0.6, 1.0]),
    "attention": ("segment.everyone.attention", [0.2, 0.6, 1.0]),
    "affinity": ("item.content.affinity.everyone", [0.0, 0.5, 1.0, 2.0]),
}


def monotone_scene(delay: bool, half_life: str = "none") -> Scenario:
    return scene(
        f"item.content.half_life={half_life}",
        "item.content.stickiness=20%",
        "platform.feed.visibility=80%",
        "platform.feed.delay=" + ("{law='geometric', mean=2}" if delay else "none"),
        "time.horizon=100",
    )


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    graph=graphs(),
    what=st.sampled_from(sorted(MORE)),
    delay=st.booleans(),
    fade=st.sampled_from(["none", "2"]),
)
def test_more_of_anything_never_lowers_reach_or_engaged(graph: SocialGraph, what: str, delay: bool, fade: str) -> None:
    path, values = MORE[what]
    rows = [
        simulate(monotone_scene(delay, fade).with_settings([f"{path}={value}"]), graph=graph, realisations=8).rows
        for value in values
    ]
    for less, more in pairwise(rows):
        assert (more[:, 0, 0] >= less[:, 0, 0]).all()  # reach
        assert (more[:, 0, 2] >= less[:, 0, 2]).all()  # engaged


@settings(max_examples=60, deadline=None, derandomize=True)
@given(graph=graphs(), delay=st.booleans(), data=st.data())
def test_more_seeds_never_lower_reach_or_engaged(graph: SocialGraph, delay: bool, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(graph.people)))
    rows = [
        simulate(
            monotone_scene(delay).with_settings([f"plan.only.wave.first.people={list(order[:count])}"]),
            graph=graph,
            realisations=8,
        ).rows
        for count in range(1, min(5, graph.people) + 1)
    ]
    for less, more in pairwise(rows):
        assert (more[:, 0, 0] >= less[:, 0, 0]).all()
        assert (more[:, 0, 2] >= less[:, 0, 2]).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(graph=graphs(), delay=st.booleans())
def test_more_tie_trust_never_lowers_reach_or_engaged(graph: SocialGraph, delay: bool) -> None:
    u, v = graph.arcs.sharers, graph.arcs.followers
    more_trust = from_arcs(u, v, people=graph.people, trust=graph.arcs.trust * 0.5 + 0.5)
    less, more = (simulate(monotone_scene(delay), graph=g, realisations=8).rows for g in (graph, more_trust))
    assert (more[:, 0, 0] >= less[:, 0, 0]).all()
    assert (more[:, 0, 2] >= less[:, 0, 2]).all()


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(graph=graphs(timed=True), data=st.data())
def test_accounts_balance(graph: SocialGraph, data: st.DataObject) -> None:
    """Identities of any realisation: who engaged was reached, generations and curves add up to the row."""
    scenario = data.draw(scenarios(graph))
    outcome = simulate(scenario, graph=graph, realisations=4)
    reach, impressions, engaged, shares, _, peak, half, seeds, cost, *others = outcome.rows[:, 0].T
    assert not np.any(others)  # no births, and nobody converts
    assert (engaged <= reach).all()
    assert (seeds <= engaged).all()
    (plan,) = scenario.plan.values()
    budgets = [wave.budget for wave in plan.wave.values()]
    if scenario.price is None and all(wave.price is None for wave in plan.wave.values()):
        assert not cost.any()
    elif None not in budgets:
        groups = 2 if "towns" in plan.wave else 1
        assert (cost <= 100 * groups * sum(budgets)).all()
    assert (impressions + seeds >= reach).all()
    (item,) = scenario.item.values()
    if item.emission == "once":
        assert (shares <= engaged).all()
    assert (outcome.generation_counts[:, 0, 0] >= seeds).all()
    if item.advertisement is None:
        assert (outcome.generation_counts[:, 0, 0] == seeds).all()
    assert ((peak >= 0) == (engaged > seeds)).all()
    assert ((half >= 0) == (engaged > seeds)).all()
    assert (np.diff(outcome.curves, axis=-1) >= 0).all()
    assert np.array_equal(outcome.curves[:, 0, :, -1], outcome.rows[:, 0, :4])


def test_horizon_zero_is_the_seeds_alone() -> None:
    scenario = independent_cascade(1.0, settings=("time.horizon=0",))
    outcome = simulate(scenario, graph=generate("complete", people=5), realisations=3)
    assert outcome.engaged.mean == outcome.reach.mean == 1
    assert outcome.impressions.mean == outcome.shares.mean == 0
    assert outcome.report_ticks.tolist() == [0]


# -- numbers that make no sense, interruption -----------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"realisations": 0}, "the number of realisations must be at least 1, got 0"),
        (
            {"realisations": 2, "first": 2**32 - 1},
            "realisations are numbered from 0 to 4,294,967,295, got 4,294,967,296",
        ),
        ({"realisations": 1, "first": -1}, "realisations are numbered from 0 to 4,294,967,295, got -1"),
        ({"realisations": 1, "threads": 0}, "the number of threads must be at least 1, got 0"),
        ({"realisations": 1, "block": 0}, "a block must hold at least 1 realisation, got 0"),
        ({"precision": 1.5}, "the precision must be a number between 0 and 1, such as 0.01, got 1.5"),
        ({"plan": "onyl"}, "there is no plan 'onyl' in <text>"),
    ],
)
def test_senseless_numbers_are_named(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        simulate(independent_cascade(0.5), graph=generate("path", people=3), **arguments)
    assert caught.value.message == message


def test_a_billion_realisations_are_refused_before_any_is_played() -> None:
    with pytest.raises(UsageError, match=r"1,000,000,000 realisations need [\d,.]+ GB of memory"):
        simulate(independent_cascade(0.5), graph=generate("path", people=3), realisations=10**9)


def test_an_interrupt_ends_all_threads_within_a_second() -> None:
    """One realisation alone takes longer than that: the kernel has to look at the stop flag on its way."""
    graph = generate("communities", people=400_000, mean_degree=30)
    campaign = compile_campaign(independent_cascade(1.0, settings=("time.horizon=100",)), graph)
    play_realisations(campaign, 0, 1, threads=1)  # compiles
    began = 0.0

    def interrupt(_: int) -> None:
        nonlocal began
        began = time.perf_counter()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_realisations(campaign, 0, 100_000, threads=2, block=1000, progress=interrupt)
    assert time.perf_counter() - began < 1.0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("viralsim")]


def test_precision_goes_on_until_the_mean_is_known_well_enough() -> None:
    scenario, graph = one_campaign()
    rough = simulate(scenario, graph=graph, precision=0.2)
    fine = simulate(scenario, graph=graph, precision=0.03, threads=1)
    assert rough.engaged.precision is not None
    assert rough.engaged.precision <= 0.2
    assert fine.engaged.precision is not None
    assert fine.engaged.precision <= 0.03
    assert len(fine) in {250 * 2**k for k in range(11)}
    assert len(rough) < len(fine)
    assert fine == simulate(scenario, graph=graph, precision=0.03, threads=2, block=7)
    assert len(simulate(scenario, graph=graph, precision=1e-6, realisations=300)) == 300


def test_an_interrupt_is_heard_where_nobody_shares() -> None:
    """Only sharers were asked whether to stop: with horizon 0 a million drawn seeds went on for half a minute."""
    graph = generate("star", people=300_000)
    scenario = scene("time.horizon=0", "plan.only.wave.first={strategy='random', redraw=true, count=290000}")
    campaign = compile_campaign(scenario, graph)
    play_realisations(campaign, 0, 1, threads=1)
    began = 0.0

    def interrupt(_: int) -> None:
        nonlocal began
        began = time.perf_counter()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_realisations(campaign, 0, 10_000, threads=2, block=5_000, progress=interrupt)
    assert time.perf_counter() - began < 1.0


def test_realisations_that_are_all_equal_are_no_proof_of_precision() -> None:
    """One in 500 campaigns reaches 10,000 people; after 250 equal ones `precision` used to stop, sure of 1.00."""
    leaves = 10_000
    graph = from_arcs([0] + [1] * leaves, range(1, leaves + 2), probability=[0.002] + [1.0] * leaves)
    scenario = scene("item.content.arc_probability=column", "network.file=any.csv", "network.probability_column=3")
    few = simulate(scenario, graph=graph, realisations=250, impressions=False)
    assert few.engaged.precision == 0.0
    outcome = simulate(scenario, graph=graph, precision=0.2, impressions=False)
    assert len(outcome) >= 16_000
    assert outcome.engaged.mean == pytest.approx(1 + 0.002 * (leaves + 1), rel=0.5)


@pytest.mark.parametrize("arguments", [{"realisations": 2.5}, {"realisations": "5"}, {"first": 1.5, "realisations": 1}])
def test_numbers_of_realisations_are_whole(arguments: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="must be a whole number, got"):
        simulate(independent_cascade(0.5), graph=generate("path", people=3), **arguments)
    with pytest.raises(UsageError, match=r"a Scenario was expected, got str 'mine\.toml'"):
        simulate("mine.toml")
    with pytest.raises(UsageError, match="the realisation must be a whole number, got 1"):
        replay(independent_cascade(0.5), 1.0, graph=generate("path", people=3))
    with pytest.raises(UsageError, match=r"the precision must be a number between 0 and 1, such as 0\.01, got '1%'"):
        simulate(independent_cascade(0.5), graph=generate("path", people=3), precision="1%")

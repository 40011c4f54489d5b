"""Planning: what is found, how it is judged, what is printed and refused."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scenes import independent_cascade, scene

import viralsim as vs
from viralsim.engine import SeedSets, compile_campaign
from viralsim.engine.kernels import ROW
from viralsim.errors import DataError, UsageError
from viralsim.graph import SocialGraph
from viralsim.planning.planner import OBJECTIVES, TRAINING_FIRST, _searched
from viralsim.planning.search import Limits, Worth, greedy
from viralsim.scenario import Scenario, choices, scenario_from_text

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ENGAGED = ROW.index("engaged")


@pytest.fixture(scope="module")
def karate() -> SocialGraph:
    return vs.generate("karate-club")


def played(scenario: Scenario, graph: SocialGraph, count: int = 100, first: int = TRAINING_FIRST) -> Worth:
    """What seed sets of the plan 'only' engage in the training realisations."""
    sets = SeedSets(compile_campaign(scenario, graph, "only"), "first", first, count)
    return lambda wanted: sets.play(wanted)[:, :, 0, ENGAGED].sum(axis=1)


# ---------------------------------------------------------------------- many seed sets at once

LAW = ("item.content.law=curve", "item.content.arc_probability=0.4")
KINDS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "impressions": ("platform.feed.visibility=0.4",),
    "repeat": ("item.content.emission=repeat", "item.content.activity=3", "time.horizon=9"),
    "unknown": ("item.content.arc_probability=0.1..0.4", "segment.everyone.decline=0.1..0.6"),
    "later": (
        "plan.only.wave.other={strategy='random', redraw=true, count=3, start=1}",
        "plan.only.wave.first.start=2",
        "plan.only.wave.last={strategy='explicit', people=[5], start=3}",
    ),
    "item beside": (
        "item.gossip={arc_probability=0.3, wave={start={strategy='degree', count=3}}}",
        "plan.only.wave.first.start=1",
    ),
    "unknown start": (
        "plan.only.wave.other={strategy='explicit', people=[5, 9], start='0..4'}",
        "plan.only.wave.first.start='1..3'",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_sets_are_played_as_if_the_plan_named_them(karate: SocialGraph, kind: str) -> None:
    base = independent_cascade(0.2, 0, settings=KINDS[kind])
    wanted = [np.array([0]), np.array([33, 5, 2]), np.arange(34), np.array([7, 8])]
    for first, count, threads in ((0, 40, None), (7, 33, 1), (2**31 + 1, 10, 3)):
        sets = SeedSets(compile_campaign(base, karate), "first", first, count, threads=threads, impressions=True)
        rows = sets.play(wanted)
        for people, found in zip(wanted, rows, strict=True):
            named = base.with_settings({"plan.only.wave.first.people": people.tolist()})
            outcome = vs.simulate(named, graph=karate, first=first, realisations=count)
            columns = [ROW.index(name) for name in ROW if name != "cost"]
            assert (found[..., columns] == outcome.rows[..., columns]).all()
        assert (sets.play(wanted[1:2])[0] == rows[1]).all()


def test_nobody_is_a_set_too(karate: SocialGraph) -> None:
    campaign = compile_campaign(independent_cascade(0.2, 0), karate)
    assert not SeedSets(campaign, "first", 0, 9).play([np.zeros(0, dtype=np.int64)])[..., ENGAGED].any()


# ---------------------------------------------------------------------- what is found


def test_as_many_seeds_as_there_are_people(karate: SocialGraph) -> None:
    """Few candidates do not make few seeds; nothing is paid where prices are zero."""
    free = independent_cascade(0.0, 0, settings=("price={model='flat', amount=0}",))
    found = vs.plan_seeds(free, karate, count=34, realisations=5, training=5, candidates=3)
    assert sorted(found.people) == list(range(34))
    assert found.cost == 0.0
    everything = vs.plan_seeds(free, karate, budget=1, realisations=5, training=5, candidates=3, worth=1)
    assert sorted(everything.people) == list(range(34))
    assert everything.pays_until == 34


def test_two_seeds_of_the_karate_club_against_all_pairs(karate: SocialGraph) -> None:
    """VALIDATION: greedy has 1 - 1/e of the best pair on the same realisations, and gains diminish."""
    worth = played(independent_cascade(0.1, 0), karate, 2000)
    pairs = list(combinations(range(34), 2))
    best = int(worth([np.array(pair) for pair in pairs]).max())
    found, _ = greedy(worth, np.arange(34), Limits(6, 0, np.zeros(34, dtype=np.int64)))
    values = np.array([int(worth([found[:seeds]])[0]) for seeds in range(7)])
    assert values[2] >= (1 - 1 / np.e) * best
    assert values[2] >= 0.98 * best  # it is far better than its bound here
    assert (np.diff(values, 2) <= 0).all()
    chosen = vs.plan_seeds(independent_cascade(0.1, 0), karate, count=2, realisations=10, training=2000)
    positions = np.array(chosen.people)
    assert int(worth([positions])[0]) >= values[2]


@pytest.mark.parametrize("law", ["independent", "uniform", "curve"])
def test_lazy_is_plain_greedy_where_every_realisation_is_covered(karate: SocialGraph, law: str) -> None:
    """Exactly under `independent`: who is engaged is a union over seeds, realisation by realisation."""
    law_settings = {
        "independent": (),
        "uniform": ("item.content.law=uniform",),
        "curve": ("item.content.law=curve", "item.content.curve=[0, 0.6]"),
    }[law]
    base = scene(*law_settings) if law != "independent" else independent_cascade(0.15, 0)
    if law != "independent":
        assert base.item["content"].law == law
    worth = played(base, karate, 150)
    limits = Limits(8, 0, np.zeros(34, dtype=np.int64))
    lazy, _ = greedy(worth, np.arange(34), limits)
    plain, _ = greedy(worth, np.arange(34), limits, lazy=False)
    if law == "independent":
        assert lazy.tolist() == plain.tolist()
    else:
        assert len(lazy) == len(plain) == 8


def two_stars() -> SocialGraph:
    """Person 0 has 10 followers, 1 has 9 of the same ones, 2 has 5 others."""
    arcs = [*((0, 3 + i) for i in range(10)), *((1, 3 + i) for i in range(9)), *((2, 13 + i) for i in range(5))]
    fees = [5.0, 1.0, 1.0, *[3.0] * 15]
    sources, targets = zip(*arcs, strict=True)
    return vs.from_arcs(sources, targets, attributes={"fee": fees, "town": ["Oslo", "Rome"] * 9})


def test_followers_in_common_count_once() -> None:
    found = vs.plan_seeds(independent_cascade(1.0, 0), two_stars(), count=2, realisations=20, training=20)
    assert found.people == (0, 2)
    assert found.estimate.mean == 17.0
    assert [step.gain.mean for step in found.curve] == [11.0, 6.0]
    assert found.difference.mean == 17.0 - found.rival_estimate.mean >= 0  # type: ignore[operator]
    assert found.certificate is None


def test_money_goes_where_it_brings_most() -> None:
    priced = independent_cascade(1.0, 0, settings=("price={model='column', attribute='fee'}",))
    found = vs.plan_seeds(priced, two_stars(), budget=5, realisations=20, training=20)
    assert set(found.people[:2]) == {1, 2}
    assert found.cost == 5.0 == found.curve[-1].cost
    assert found.outcome.cost.mean == 5.0
    assert found.pays_until is None
    for budget in (1, 2.5, 7, 1e6):
        least = vs.plan_seeds(priced, two_stars(), budget=budget, realisations=5, training=5)
        assert 0 < least.cost <= budget
    worth = vs.plan_seeds(priced, two_stars(), budget=5, realisations=5, training=5, worth=0.6)
    assert worth.pays_until == 2


def test_who_has_no_price_cannot_be_had() -> None:
    graph = two_stars().with_attributes(fee=[np.nan, 1.0, 1.0, *[3.0] * 15])
    priced = independent_cascade(1.0, 1, settings=("price={model='column', attribute='fee'}",))
    for limit in ({"budget": 1e6}, {"count": 17}):
        found = vs.plan_seeds(priced, graph, realisations=5, training=5, **limit)
        assert 0 not in found.people
    with pytest.raises(UsageError, match="asks for 18 seeds, but the people who are eligible number 17"):
        vs.plan_seeds(priced, graph, count=18)


def test_the_wave_keeps_where_start_and_price_and_the_others_stay() -> None:
    base = scene(
        "item.content.arc_probability=1.0",
        "plan.only.wave.first={strategy='degree', count=1, where={town='Rome'}, start='2h', price=7}",
        "plan.only.wave.then={strategy='random', count=2, redraw=true, start='5h'}",
    )
    found = vs.plan_seeds(base, two_stars(), count=2, realisations=20, training=20)
    assert all(person % 2 for person in found.people)
    waves = found.scenario.plan["planned"].wave
    assert list(waves) == ["first", "then"]
    assert (waves["first"].start, waves["first"].price, waves["first"].where) == (2, 7.0, {})
    assert waves["then"] == base.plan["only"].wave["then"]
    assert found.eligible == 9
    assert found.cost == 14.0


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_never_worse_than_a_strategy_on_the_training_realisations(objective: str) -> None:
    base = vs.read_scenario(
        settings=["network.people=400", "report.viral_threshold=20", "plan.only.wave.first={strategy='degree',count=4}"]
    )
    graph = vs.load_network(base.network)
    found = vs.plan_seeds(
        base, graph, count=4, objective=objective, plan="only", realisations=30, training=40, candidates=60
    )
    assert found.candidates == 60

    def training(people: list[int]) -> float:
        named = base.with_settings({"plan.only.wave.first": {"strategy": "explicit", "people": people}})
        outcome = vs.simulate(named, plan="only", graph=graph, first=TRAINING_FIRST, realisations=40)
        mean = outcome.metric(objective).mean
        assert mean is not None
        return mean

    mine = training([int(person) for person in found.people])
    for name in ("random", "degree"):
        campaign = compile_campaign(
            base.with_settings({"plan.only.wave.first": {"strategy": name, "count": 4}}), graph, "only"
        )
        assert mine >= training(campaign.seeds["first"].people.tolist())


def test_the_best_strategy_is_where_exchanges_start() -> None:
    """Three people who are worth nothing apart: neither greedy nor one exchange after the other finds them."""

    def total(sets: object) -> np.ndarray:
        return np.array([len(people) + 100 * {0, 1, 2}.issubset(people.tolist()) for people in sets])  # type: ignore[attr-defined]

    rivals = {"poor": np.array([7, 6, 5]), "good": np.array([0, 1, 2])}
    limits = Limits(3, 0, np.zeros(8, dtype=np.int64))
    people, rival = _searched(total, rivals, np.arange(8)[::-1], limits, False, lambda text: None)
    assert (sorted(people.tolist()), rival) == ([0, 1, 2], "good")


def test_luck_decides_ties_and_not_the_order_of_the_file() -> None:
    ring = vs.generate("ring", people=60)
    found = [
        vs.plan_seeds(independent_cascade(0.0, 0, settings=(f"random_seed={seed}",)), ring, count=4, realisations=5)
        for seed in (1, 2)
    ]
    assert found[0].people != found[1].people
    assert found[0].people != (0, 1, 2, 3)


def test_neither_threads_nor_other_plans_change_what_is_found(karate: SocialGraph) -> None:
    base = independent_cascade(0.2, 0, settings=("item.content.arc_probability=0.1..0.3",))
    found = [
        vs.plan_seeds(scenario, karate, count=3, plan="only", realisations=30, training=31, candidates=20, threads=n)
        for n, scenario in (
            (1, base),
            (3, base),
            (2, base.with_settings({"plan.second.wave.w": {"strategy": "random", "count": 1}})),
        )
    ]
    assert found[0].to_dict() == found[1].to_dict()
    assert found[0].people == found[2].people
    assert found[0].outcome.rows.tobytes() == found[2].outcome.rows.tobytes()


def test_numbers_that_nobody_knows_are_drawn(karate: SocialGraph) -> None:
    unsure = independent_cascade(0.2, 0, settings=("item.content.arc_probability=0.05..0.5",))
    found = vs.plan_seeds(unsure, karate, count=2, realisations=60, training=40)
    assert found.estimate.pairs == 30
    assert found.difference.pairs == 30
    assert found.estimate == vs.simulate(found.scenario, plan="planned", graph=karate, realisations=60).engaged


# ---------------------------------------------------------------------- how it is judged


def test_what_is_reported_is_measured_on_fresh_luck(karate: SocialGraph) -> None:
    base = independent_cascade(0.1, 0)
    found = vs.plan_seeds(base, karate, count=3, realisations=200, training=20)
    assert found.outcome.indices.tolist() == list(range(200))
    again = vs.simulate(found.scenario, plan=found.name, graph=karate, realisations=200)
    assert again == found.outcome
    assert found.curve[-1].estimate == found.estimate == again.engaged
    rival = base.with_settings({"plan.only.wave.first": {"strategy": found.rival, "count": 3}})
    other = vs.simulate(rival, graph=karate, realisations=200)
    assert found.rival_estimate == other.engaged
    assert found.difference.mean == pytest.approx((again.rows - other.rows)[:, 0, ENGAGED].mean())


@pytest.mark.long
def test_the_sample_that_chose_the_seeds_is_never_reported() -> None:
    """VALIDATION: on NetHEPT as a simple graph at p = .01 it reads 76.9 where an independent simulation reads 71.0."""
    file = DATA / "nethept" / "hep.txt.gz"
    if not file.exists():
        pytest.skip("the data that VALIDATION names are not beside the project")
    base = scenario_from_text(
        f"network.file = {json.dumps(str(file))}\nitem.content.arc_probability = 0.01\ntime.horizon = 1000\n"
        "plan.only.wave.first = { strategy = 'degree', count = 50 }\n"
    )
    graph = vs.load_network(base.network)
    free = Limits(50, 0, np.zeros(graph.people, dtype=np.int64))
    people, _ = greedy(played(base, graph, 50), np.arange(graph.people), free)
    trained = played(base, graph, 50)([people])[0] / 50
    fresh = played(base, graph, 4000, first=0)([people])[0] / 4000
    assert trained > fresh + 4
    assert 68 < fresh < 72
    # So what was searched on so few gives way to a strategy, which did not learn luck by heart.
    found = vs.plan_seeds(base, graph, count=50, realisations=4000, training=50, candidates=graph.people)
    assert found.rival == "degree-discount"
    assert abs(found.estimate.mean - 73.0) < 0.6  # type: ignore[operator]
    assert "no better seeds were found" in found.toml()
    again = vs.simulate(found.scenario, plan=found.name, graph=graph, realisations=4000, impressions=False)
    assert again.engaged == found.estimate
    said = json.dumps(found.to_dict()) + found.toml()
    assert f"{trained:.1f}" not in said
    assert f"engaged: {found.estimate.mean:.1f}" in said


# ---------------------------------------------------------------------- the block to paste


def test_the_block_is_a_plan_of_the_scenario(karate: SocialGraph) -> None:
    text = """
[network]
generator = "karate-club"
[item.content]
arc_probability = 0.2
[plan.planned.wave.first]
strategy = "degree"
count = 2
where = { club = ["Mr. Hi"] }
[plan.planned.wave.second]
strategy = "random"
redraw = true
count = "1..3"
start = "1d..2d"
"""
    base = scenario_from_text(text)
    found = vs.plan_seeds(base, count=3, realisations=50, training=30)
    assert found.name == "planned-2"
    pasted = scenario_from_text(text + found.toml())
    assert pasted == found.scenario
    assert vs.simulate(pasted, plan=found.name, realisations=50) == found.outcome
    assert max(map(len, found.toml().splitlines())) <= 120


def test_names_of_people_are_written_as_toml_reads_them() -> None:
    ids = [f'p"{i}\n[x] \x7f' for i in range(60)]
    graph = vs.from_arcs(range(59), range(1, 60), ids=ids)
    text = (
        'network.generator = "ring"\nitem.post.stickiness = 0.5\nplan.x.wave.w = { strategy = "random", count = 1 }\n'
    )
    found = vs.plan_seeds(scenario_from_text(text), graph, count=30, realisations=5, training=5)
    pasted = scenario_from_text(text + found.toml())
    assert pasted.plan["planned"].wave["w"].people == found.people
    assert len(found.people) == 30
    assert len(found.curve) == 20


def test_what_is_said(karate: SocialGraph) -> None:
    priced = independent_cascade(0.1, 0, settings=("price={model='flat', amount=20}",))
    found = vs.plan_seeds(priced, karate, budget=70, worth=7, realisations=100, training=50)
    text = re.sub(r"\s+", " ", found.toml().replace("#", ""))
    assert "3 seeds for the objective 'engaged' for at most 70.00, chosen by `viralsim plan` among 34 people" in text
    assert "measured on 100 realisations that had no part in choosing them" in text
    assert "cost of the wave: 60.00" in text
    assert f"best strategy, {found.rival}: " in text
    assert "the next costs more than it is worth at 7.00 for one more engaged." in text
    assert "half of 63% (1 - 1/e)" in text
    assert json.loads(json.dumps(found.to_dict()))["difference"]["mean"] == found.difference.mean


@pytest.mark.long
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ((), "In theory greedy has at least 63% (1 - 1/e)"),
        (("item.content.half_life=2d",), "novelty"),
        (("item.content.law=curve", "item.content.curve=[0.1]"), "the law 'curve'"),
        (("item.content.emission=contact",), "the emission 'contact'"),
        (("item.content.emission=repeat",), "In theory greedy"),
        (("item.content.law=uniform",), "In theory greedy"),
        (("item.content.law=uniform", "item.content.emission=repeat"), "depends on who shares when"),
        (("item.content.law=uniform", "platform.feed.delay={law='geometric', mean=2}"), "depends on who shares when"),
    ],
)
def test_what_theory_promises_is_said(karate: SocialGraph, settings: tuple[str, ...], why: str) -> None:
    base = scene(*settings, *() if any("law" in one for one in settings) else ("item.content.arc_probability=0.1",))
    found = vs.plan_seeds(base, karate, count=1, realisations=5, training=5)
    assert why in found.guarantee
    viral = vs.plan_seeds(base, karate, count=1, realisations=5, training=5, objective="viral_chance")
    assert viral.guarantee.startswith("No guarantee")


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either a budget or a count says how many seeds there are; neither is given"),
        ({"budget": 5, "count": 2}, "both are given"),
        ({"budget": 5}, "a budget needs prices, and here seeds cost nothing"),
        ({"count": 5, "worth": 2}, "what one more is worth is compared with prices, and here seeds cost nothing"),
        ({"budget": -5}, "budget: an amount of money above 0 was expected, got -5"),
        ({"count": 0}, "count: a whole number of at least 1 was expected, got 0"),
        ({"count": 2.5}, "count: a whole number of at least 1 was expected, got 2.5"),
        ({"count": 35}, "asks for 35 seeds, but the people who are eligible number 34\n  hint: ask for at most 34"),
        ({"count": 1, "candidates": 1.5}, "candidates: a whole number"),
        ({"count": 1, "training": 0}, "training: a whole number"),
        (
            {"count": 1, "objective": "engagd"},
            "there is no such metric; choose from .*\n  hint: did you mean 'engaged'",
        ),
        ({"count": 1, "objective": "time_to_peak"}, "objective 'time_to_peak': it cannot be planned for"),
        ({"count": 1, "objective": "cost"}, "objective 'cost': it cannot be planned for"),
        ({"count": 1, "plan": "onl"}, "there is no plan 'onl' in .*\n  hint: did you mean 'only'"),
    ],
)
def test_calls_that_make_no_sense(karate: SocialGraph, given: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        vs.plan_seeds(independent_cascade(0.1, 0), karate, **given)  # type: ignore[arg-type]


def test_budgets_that_buy_nobody(karate: SocialGraph) -> None:
    priced = independent_cascade(0.1, 0, settings=("price={model='flat', amount=20}",))
    with pytest.raises(UsageError, match=r"a budget of 19.50 buys nobody: the cheapest costs 20.00"):
        vs.plan_seeds(priced, karate, budget=19.5)
    with pytest.raises(UsageError, match="a Scenario was expected, got str"):
        vs.plan_seeds("first-look.toml", count=3)  # type: ignore[arg-type]


def test_what_the_network_has_not_is_named_with_its_place(karate: SocialGraph) -> None:
    base = scene("plan.only.wave.first={strategy='degree', count=1, where={town='Oslo'}}")
    with pytest.raises(DataError, match=r"plan\.only\.wave\.first\.where: .*town"):
        vs.plan_seeds(base, karate, count=1)


def test_every_objective_is_a_metric() -> None:
    assert set(OBJECTIVES) <= set(choices("metric"))


def test_everybody_declines(karate: SocialGraph) -> None:
    base = independent_cascade(0.2, 0, settings=("segment.everyone.decline=1",))
    with pytest.raises(UsageError, match="nobody adds anything to 'engaged'"):
        vs.plan_seeds(base, karate, count=2, training=9)


def test_what_declines_costs_is_reckoned_with(karate: SocialGraph) -> None:
    base = independent_cascade(0.2, 0, settings=("segment.everyone.decline=25%",))
    priced = base.with_settings(["price={model='flat', amount=10, declined='20%'}"])
    found = vs.plan_seeds(priced, karate, budget=40, training=50, realisations=4000)
    assert (found.asked, found.cost) == (40.0, 4 * (7.5 + 0.5))
    # Four people each: 4.5 standard errors, 1 in 150,000.
    assert abs(found.outcome.cost.mean - found.cost) < 4.5 * (4 * 8**2 * 0.1875 / 4000) ** 0.5
    assert "cost of the wave: 32.00 on average, since some decline; 40.00 if nobody does" in found.toml()


def test_a_plan_serves_what_the_plan_it_begins_with_does(karate: SocialGraph) -> None:
    scenario = scene(
        "item.content.stickiness=0.1",
        "item.content.variant={plain={}, bold={affinity={everyone=2}}}",
        "plan.only.wave.first={strategy='degree', count=2, variant='bold'}",
        "plan.only.serve.content={everyone='bold'}",
        "time.horizon=4",
    )
    found = vs.plan_seeds(scenario, count=2, graph=karate, realisations=60)
    planned = found.scenario.plan[found.name]
    assert planned.serve == {"content": {"everyone": "bold"}}
    assert planned.wave["first"].variant == "bold"
    assert 'everyone = "bold"' in found.toml()

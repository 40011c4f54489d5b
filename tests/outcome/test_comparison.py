"""Plans compared: the stopping rule keeps its promise, pairing is exact, rivals are what they are said to be."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from scenes import scene

import viralsim as vs
from viralsim.engine import compile_campaign, play_realisations
from viralsim.engine.kernels import ROW
from viralsim.outcome.comparison import COMPARED_BY, compare, metric_values
from viralsim.outcome.deciding import explained_share, predictions
from viralsim.outcome.rivals import MORE, catch_up, rival_scenario
from viralsim.outcome.settling import Ranking, bootstrap_means, confidence_sequence, looks

ENGAGED = ROW.index("engaged")


def ranking(values: Any, **options: Any) -> Ranking:
    return Ranking(tuple("abcdefgh"[: np.shape(values)[1]]), np.asarray(values, dtype=float), **options)


# -- the stopping rule ------------------------------------------------------------------------------


def normal(random: np.random.Generator, count: int, plans: int) -> Any:
    return 100.0 + 20.0 * random.standard_normal((count, 1)) + 10.0 * random.standard_normal((count, plans))


def bimodal(random: np.random.Generator, count: int, plans: int) -> Any:
    """Most campaigns engage few, one in twenty very many, and by how many differs wildly."""
    viral = random.random((count, plans)) < 0.05
    return np.where(
        viral, 1000.0 * random.lognormal(0.0, 0.7, (count, plans)), 10.0 + random.poisson(3, (count, plans))
    )


def rare(random: np.random.Generator, count: int, plans: int) -> Any:
    """One campaign in 500 goes viral: after 250 realisations most means are of none at all."""
    return np.where(random.random((count, plans)) < 0.002, 5000.0, 10.0)


def shared_and_rare(random: np.random.Generator, count: int, plans: int) -> Any:
    """Plans are equal but where one of them, rarely, has luck of its own."""
    own = random.random((count, plans)) < 0.01
    return np.where(random.random((count, 1)) < 0.3, 800.0, 10.0) + np.where(own, 700.0, 0.0)


def lopsided(random: np.random.Generator, count: int, plans: int) -> Any:
    """One plan engages 12 every time, the others as many on average, nearly all of them in one campaign of 50."""
    values = np.where(random.random((count, plans)) < 0.02, 110.0, 10.0) + 0.1 * random.standard_normal((count, plans))
    values[:, 0] = 12.0 + 0.1 * random.standard_normal(count)
    return values


@pytest.mark.parametrize(
    "law", [lopsided, bimodal, *(pytest.param(law, marks=pytest.mark.long) for law in (normal, rare, shared_and_rare))]
)
def test_plans_of_equal_worth_are_seldom_told_apart_however_often_one_looks(law: Any) -> None:
    """With fixed intervals at every look 20 % and more of the normal ones were told apart, wrongly."""
    wrong, most, experiments = 0, 8000, 200  # looked at from 250 on, which is earlier than `compare` does
    for experiment in range(experiments):
        values = law(np.random.default_rng(experiment), most, 3)
        wrong += any(
            {ranking(values[:count], margin=0.0).judge(*pair).verdict for pair in itertools.combinations("abc", 2)}
            - {None, "tie"}
            for count in looks(most, first=250)
        )
    # 5 % is what is promised: 10 of 200, whose 99 % quantile is 18. The rule is more cautious than that.
    assert wrong <= 10


@pytest.mark.long
def test_mirrored_seeds_are_seldom_told_apart() -> None:
    """Seeds in one of two equal copies of a network, and the same in the other, are plans of equal worth."""
    half = vs.generate("scale-free", people=60)
    sharers = np.repeat(np.arange(60), half.arcs.out_degree)
    graph = vs.from_arcs(
        np.concatenate([sharers, sharers + 60]), np.concatenate([half.arcs.followers, half.arcs.followers + 60])
    )
    place = [graph.position(person) for person in range(120)]
    left, right = (np.asarray(graph.arcs.out_degree)[place[start : start + 60]] for start in (0, 60))
    assert np.array_equal(left, right)
    scenario = scene(
        "plan.only.wave={one={strategy='explicit', people=[0, 7]}}",
        "plan.other.wave={one={strategy='explicit', people=[60, 67]}}",
        "item.content.arc_probability=0.3",
        "time.horizon=40",
    )
    experiments, most = 400, 500
    columns = [
        play_realisations(compile_campaign(scenario, graph, plan), 0, experiments * most).rows[:, 0, ENGAGED]
        for plan in scenario.plan
    ]
    values = np.stack(columns, axis=1).astype(float).reshape(experiments, most, 2)
    wrong = sum(
        any(ranking(block[:count], margin=0.0).judge("a", "b").verdict is not None for count in looks(most, first=250))
        for block in values
    )
    assert wrong <= 20
    # The two are of equal worth indeed, and not equal.
    assert np.abs(np.diff(values.mean(axis=(0, 1)))) < 4.0 * values.std() / np.sqrt(values.size / 2)
    assert not np.array_equal(values[..., 0], values[..., 1])


def test_a_real_difference_is_found_and_pairing_saves_realisations() -> None:
    """3 % more, nearly all of the luck in common: paired it is seen at once, apart only much later."""
    needed: dict[str, list[int]] = {"paired": [], "apart": []}
    for experiment in range(40):
        random = np.random.default_rng(1000 + experiment)
        luck = np.where(random.random(64_000) < 0.3, 1000.0, 50.0)
        other = np.where(random.random(64_000) < 0.3, 1000.0, 50.0)
        noise = random.normal(0.0, 40.0, (64_000, 2))
        for name, base in (("paired", luck), ("apart", other)):
            values = np.stack([1.03 * luck + noise[:, 0], base + noise[:, 1]], axis=1)
            for count in looks(64_000, first=250):
                verdict = ranking(values[:count], margin=0.0).judge("a", "b").verdict
                if verdict is not None:
                    break
            assert verdict != "worse"
            needed[name].append(count)
    assert np.median(needed["paired"]) <= 1000
    assert np.median(needed["apart"]) >= 16 * np.median(needed["paired"])


def test_what_pairing_saves_is_the_ratio_of_variances() -> None:
    random = np.random.default_rng(5)
    luck = random.standard_normal(4000)
    values = np.stack([luck + 0.5 * random.standard_normal(4000), luck + 0.5 * random.standard_normal(4000)], axis=1)
    assert ranking(values).judge("a", "b").pairing == pytest.approx(2.5 / 0.5, rel=0.1)
    apart = random.standard_normal((4000, 2))
    assert ranking(apart).judge("a", "b").pairing == pytest.approx(1.0, rel=0.1)


def test_confidence_sequences_hold_at_all_times() -> None:
    """The fixed interval misses at one of so many looks in a third of all experiments."""
    missed = missed_fixed = 0
    for experiment in range(300):
        values = np.random.default_rng(experiment).standard_normal(6000)
        low, high, fixed = True, True, True
        for count in range(250, 6000, 50):
            bounds = confidence_sequence(values[:count], 0.05)
            low, high = low and bounds[0] <= 0.0, high and bounds[1] >= 0.0
            fixed = fixed and abs(values[:count].mean()) <= 1.96 * values[:count].std() / np.sqrt(count)
        missed += not (low and high)
        missed_fixed += not fixed
    assert missed <= 15
    assert missed_fixed > 60


def test_few_rare_events_settle_nothing() -> None:
    """One viral campaign in 250 made a difference of 20 standard errors of everything else."""
    values = np.full((250, 2), 10.0)
    values[::10, 0] += 0.001
    values[7, 1] = 10.0 - 4.0
    assert ranking(values, margin=0.0).judge("a", "b").verdict is None


def test_equal_in_every_realisation_is_a_tie_after_a_thousand() -> None:
    values = np.full((1000, 2), 10.0)
    assert ranking(values[:999]).judge("a", "b").verdict is None
    assert ranking(values).judge("a", "b").verdict == "tie"
    assert ranking(values).chance_best.tolist() == [0.5, 0.5]
    assert ranking(values).wins.tolist() == [0.5, 0.5]


def test_small_differences_are_ties_even_where_it_is_known_who_is_better() -> None:
    """0.04 people of 7,426 made one plan better than another."""
    random = np.random.default_rng(1)
    values = 100.0 + random.standard_normal((4000, 1)) + np.array([0.0, 0.3]) + 0.1 * random.standard_normal((4000, 2))
    judgement = ranking(values).judge("a", "b")
    assert judgement.verdict == "tie"
    assert judgement.high < 0.0  # type: ignore[operator]
    assert ranking(values, margin=0.0).judge("a", "b").verdict == "worse"
    assert ranking(values, margin=0.002).judge("a", "b").verdict == "worse"
    noisy = 100.0 + random.standard_normal((4000, 2)) * 4.0
    assert ranking(noisy).judge("a", "b").verdict == "tie"
    assert ranking(noisy, margin=0.0).judge("a", "b").verdict is None
    assert ranking(noisy).ranks("a") == (1, 2)


def test_judgements_mirror() -> None:
    values = normal(np.random.default_rng(3), 900, 3) + np.array([0.0, 3.0, 9.0])
    one = ranking(values)
    for plan, other in itertools.permutations("abc", 2):
        there, back = one.judge(plan, other), one.judge(other, plan)
        assert (there.low, there.high) == (-back.high, -back.low)
        assert {there.verdict, back.verdict} in ({"better", "worse"}, {None}, {"tie"})
    assert one.order == ("c", "b", "a")
    smaller = ranking(values, larger_is_better=False)
    assert smaller.order == ("a", "b", "c")
    assert smaller.judge("a", "c").verdict == "better"
    assert smaller.chance_best[0] == pytest.approx(1.0, abs=0.01)


def test_units_are_whole_pairs_where_numbers_are_drawn_for_pairs() -> None:
    values = np.arange(14.0).reshape(7, 2)
    pairs = np.array([0, 1, 1, 2, 2, 3, 4])
    assert ranking(values, pairs=pairs).units.tolist() == [[3.0, 4.0], [7.0, 8.0]]


def test_not_knowing_widens_intervals_as_much_as_it_must() -> None:
    """Taking both realisations of a pair for independent made the interval too narrow."""
    random = np.random.default_rng(2)
    drawn = np.repeat(random.standard_normal((2000, 2)), 2, axis=0)
    pairs = np.repeat(np.arange(2000), 2)
    paired, naive = ranking(drawn, pairs=pairs).judge("a", "b"), ranking(drawn).judge("a", "b")
    assert None not in (paired.low, naive.low, paired.high, naive.high)
    width = [one.high - one.low for one in (paired, naive)]  # type: ignore[operator]
    assert width[0] / width[1] == pytest.approx(np.sqrt(2.0), rel=0.1)


@pytest.mark.parametrize("skewed", [False, True])
def test_the_chance_of_being_best_is_calibrated(skewed: bool) -> None:
    """Among experiments in which a plan is said to be best with 80 %, it is so in 80 %."""
    said, true = [], []
    for experiment in range(300):
        random = np.random.default_rng(experiment)
        truth = random.normal(0.0, 0.06, 3)
        noise = random.standard_normal((500, 3)) if not skewed else random.exponential(1.0, (500, 3)) - 1.0
        common = random.standard_normal((500, 1))
        values = truth + noise + common
        said.append(bootstrap_chances(values))
        true.append(np.eye(3)[truth.argmax()])
    chances, best = np.concatenate(said), np.concatenate(true)
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)):
        inside = (chances >= low) & (chances < high)
        error = np.sqrt(np.sum(chances[inside] * (1.0 - chances[inside]))) / inside.sum()
        assert best[inside].mean() == pytest.approx(chances[inside].mean(), abs=4.0 * error + 0.02)


def bootstrap_chances(values: Any) -> Any:
    drawn = bootstrap_means(values, 1, draws=400)
    return np.bincount(drawn.argmax(axis=1), minlength=values.shape[1]) / len(drawn)


def test_the_bootstrap_knows_means_as_well_as_theory_does() -> None:
    values = np.random.default_rng(4).exponential(2.0, (9973, 2))
    drawn = bootstrap_means(values, 7)
    assert drawn.mean(axis=0) == pytest.approx(values.mean(axis=0), abs=0.002)
    assert drawn.std(axis=0) == pytest.approx(values.std(axis=0) / np.sqrt(9973), rel=0.1)
    assert np.array_equal(drawn, bootstrap_means(values, 7))
    assert not np.array_equal(drawn, bootstrap_means(values, 8))


# -- rivals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gaps", "verdict", "crossing"),
    [
        ([0.0, 1.0, 2.0], "already", 0.0),
        ([-2.0, 2.0, 3.0], "within", 0.5),
        ([-2.0, -1.0, 1.0], "within", 1.5),
        ([-2.0, -3.0, 1.0], "within", 1 + 2 / 3),  # the dip is noise
        ([-3.0, -2.0, -1.0], "beyond", None),
        ([np.nan, np.nan, np.nan], None, None),
    ],
)
def test_where_random_people_catch_up(gaps: list[float], verdict: str, crossing: float | None) -> None:
    more = np.array([0.0, 1.0, 2.0])
    found = catch_up(more, np.array(gaps), np.array([gaps] * 40))
    assert found[0] == verdict
    for value in found[1:]:
        assert value == (None if crossing is None else pytest.approx(crossing))


def test_the_interval_of_catching_up_is_that_of_the_draws() -> None:
    drawn = np.stack([np.array([-1.0, edge]) for edge in np.linspace(-1.0, 1.0, 401)])
    verdict, point, low, high = catch_up(np.array([0.0, 1.0]), np.array([-1.0, 0.5]), drawn)
    assert (verdict, high) == ("within", None)
    assert point == pytest.approx(1 / 1.5)
    assert low == pytest.approx(1 / 1.95)


NESTED = scene(
    "plan.only.wave={first={strategy='random', count=3, redraw=true}}",
    "plan.hubs.wave={first={strategy='degree', count=3}, second={strategy='degree', count=1, start=2}}",
    "item.content.arc_probability=0.2",
    "time.horizon=40",
)


def test_more_random_people_never_engage_fewer_and_as_many_are_the_random_plan() -> None:
    graph = vs.generate("scale-free", people=80)
    campaign = compile_campaign(NESTED, graph, "only")
    rows = []
    for percent in MORE:
        rival = compile_campaign(*rival_scenario(campaign, percent), "only")
        rows.append(play_realisations(rival, 0, 200).rows[:, 0])
    assert np.array_equal(rows[0], play_realisations(campaign, 0, 200).rows[:, 0])
    for fewer, more in itertools.pairwise(rows):
        assert (fewer[:, ENGAGED] <= more[:, ENGAGED]).all()
        assert (fewer[:, ROW.index("seeds")] <= more[:, ROW.index("seeds")]).all()
    assert rows[-1][:, ROW.index("seeds")].tolist() == [15] * 200


def test_rivals_keep_waves_and_round_up() -> None:
    graph = vs.generate("scale-free", people=80)
    campaign = compile_campaign(NESTED, graph, "hubs")
    waves = rival_scenario(campaign, 10)[0].plan["hubs"].wave
    assert [(wave.strategy, wave.redraw, wave.count, wave.start) for wave in waves.values()] == [
        ("random", True, 4, 0),
        ("random", True, 2, 2),
    ]


def test_rivals_are_drawn_from_everybody_with_a_tie_on_the_platform_whatever_the_plan_asks() -> None:
    graph = vs.from_arcs(
        [0, 1, 2, 5],
        [1, 2, 0, 6],
        people=8,
        platform=["feed", "feed", "feed", "calls"],
        attributes={"town": list("nnsssnns")},
    )
    scenario = scene("plan.only.wave={first={strategy='degree', count=1, per='town', where={town='n'}}}")
    campaign = compile_campaign(scenario, graph, "only")
    rival = compile_campaign(*rival_scenario(campaign, 400), "only")
    (groups,) = rival.seeds["first"].groups
    assert groups.tolist() == [0, 1, 2]
    assert rival.seeds["first"].counts == (3,)  # 5 were asked for: nobody else is there
    assert rival.seeds["first"].redrawn


def test_rivals_of_a_plan_whose_count_is_not_known() -> None:
    scenario = scene("plan.only.wave={first={strategy='degree', count='2..6', start='1..3'}}")
    graph = vs.generate("scale-free", people=80)
    rival, _ = rival_scenario(compile_campaign(scenario, graph, "only"), 50)
    assert [unknown.name for unknown in rival.unknowns] == ["plan.only.wave.first.start"]
    assert rival.plan["only"].wave["first"].count == 6
    assert play_realisations(compile_campaign(rival, graph, "only"), 0, 4).rows.shape[0] == 4


# -- comparing --------------------------------------------------------------------------------------

SMALL = vs.read_scenario(
    settings=["network.people=400", "item.content.stickiness=25%", "time.horizon=4d", "report.times=5"]
)


def test_plans_are_played_as_simulate_plays_them_for_any_number_of_threads() -> None:
    one = compare(SMALL, realisations=130, stop=False, curves=True, rivals=False, threads=1)
    for plan, outcome in one.outcomes.items():
        assert outcome == vs.simulate(SMALL, plan=plan, realisations=130)
    again = compare(SMALL, realisations=130, stop=False, curves=True, rivals=False, threads=2)
    assert one.to_dict() == again.to_dict()


def test_a_plan_against_itself_under_another_name_differs_by_nothing() -> None:
    scenario = SMALL.with_settings(
        ["plan.again.wave.first={strategy='random', count=10, redraw=true}", "realisations=300"]
    )
    comparison = compare(scenario, plans=["random", "again"], rivals=False, realisations=4000)
    assert comparison.settled
    assert len(comparison) == 1000
    assert comparison.judge("random", "again").verdict == "tie"
    difference = comparison.difference("random", "again")
    assert {difference.mean, difference.mean_low, difference.p05, difference.p95} == {0.0}
    assert comparison.ratio("again", "random") == (1.0, 1.0, 1.0)
    assert comparison.chance_best == {"random": 0.5, "again": 0.5}
    assert comparison.dominated_by == {"random": (), "again": ()}


def test_differences_are_paired_and_as_simulate_has_them() -> None:
    comparison = compare(SMALL, realisations=200, stop=False, rivals=False, metric="reach")
    values = {plan: outcome.rows[:, 0, ROW.index("reach")] for plan, outcome in comparison.outcomes.items()}
    off = values["hubs"] - values["random"]
    difference = comparison.difference("hubs", "random")
    assert difference.mean == off.mean()
    assert difference.p50 == np.quantile(off, 0.5, method="inverted_cdf")
    assert comparison.ratio("hubs", "random")[0] == pytest.approx(values["hubs"].mean() / values["random"].mean())
    table = np.stack(list(values.values()), axis=1)
    shared = table == table.max(axis=1, keepdims=True)
    wins = (shared / shared.sum(axis=1, keepdims=True)).mean(axis=0)
    assert list(comparison.wins.values()) == pytest.approx(wins)
    assert sum(comparison.chance_best.values()) == pytest.approx(1.0)  # type: ignore[arg-type]


def test_rivals_are_played_on_realisations_that_chose_nothing() -> None:
    comparison = compare(SMALL, realisations=60, stop=False)
    rivals = comparison.rivals
    assert rivals is not None
    assert (rivals.first, rivals.realisations, rivals.plan) == (60, 60, comparison.best)
    fresh = vs.simulate(SMALL, plan=comparison.best, first=60, realisations=60)
    assert rivals.result == fresh.engaged
    assert [rival.seeds for rival in rivals.grid] == [10, 11, 13, 15, 20, 30, 50]
    asked = compare(SMALL, realisations=60, stop=False, rivals_of="random").rivals
    assert asked is not None
    assert (asked.plan, asked.verdict, asked.catch_up, asked.catch_up_low) == ("random", "already", 0.0, 0.0)


def test_no_pair_of_realisations_is_split_between_plans_and_rivals() -> None:
    unsure = SMALL.with_settings(["item.content.stickiness=5%..30%"])
    comparison = compare(unsure, realisations=51, stop=False)
    assert comparison.rivals is not None
    assert comparison.rivals.first == 52
    assert len(comparison.ranking.units) == 25
    assert comparison.difference("hubs", "random").pairs == 26
    json.dumps(comparison.to_dict(), allow_nan=False)


def test_it_stops_when_settled_and_goes_on_otherwise() -> None:
    seen: list[tuple[int, bool]] = []
    told = compare(
        SMALL, plans=["random", "hubs"], rivals=False, looked=lambda one: seen.append((len(one), one.settled))
    )
    assert seen[-1] == (len(told), True)
    again = SMALL.with_settings(["plan.again.wave.other={strategy='random', count=10, redraw=true}"])
    equal = compare(again, plans=["random", "again"], rivals=False, realisations=2500, margin=0.0)
    assert equal.looks == (1000, 2000, 2500)
    assert not equal.settled
    assert equal.undecided in ((("random", "again"),), (("again", "random"),))
    needed = equal.judge("random", "again").needed
    assert needed is None or needed > 2500


def test_one_plan_is_compared_with_random_people_only() -> None:
    comparison = compare(SMALL, plans=["hubs"], realisations=40)
    assert len(comparison) == 40
    assert comparison.to_dict()["pairs"] == []
    assert comparison.rivals is not None
    assert comparison.best == "hubs"


def test_every_metric_can_be_compared_by_and_gives_strict_json() -> None:
    given = {
        "cost": ["price={model='flat', amount=5}"],
        "trust": ["item.rumour={kind='rumour', stickiness='20%', wave={first={strategy='random', count=2}}}"],
        "conversions": ["segment.everyone.conversion=20%"],
        "incremental_conversions": ["segment.everyone={conversion='20%', baseline='1%'}"],
    }
    for metric in COMPARED_BY:
        scenario = SMALL.with_settings(given.get(metric, []))
        comparison = compare(scenario, realisations=30, stop=False, metric=metric, after=3)
        json.dumps(comparison.to_dict(), allow_nan=False)
        assert comparison.larger_is_better == (metric not in ("time_to_peak", "time_to_half", "cost", "roots"))
    few = compare(SMALL, realisations=1, stop=False, after="1h")
    json.dumps(few.to_dict(), allow_nan=False)
    # Nobody is ever persuaded: there is no time to half.
    dead = SMALL.with_settings(["item.content.stickiness=0"])
    nothing = compare(dead, realisations=30, stop=False, metric="time_to_half", after="1h")
    found = json.loads(json.dumps(nothing.to_dict(), allow_nan=False))
    assert found["compared_realisations"] == 0
    assert found["rivals"]["verdict"] is None
    assert found["plans"]["hubs"]["wins"] is None


def test_who_is_dominated() -> None:
    """random starts with as many people as hubs and engages fewer; more-random with more and engages fewer."""
    comparison = compare(
        vs.read_scenario(settings=["network.people=2_000"]), realisations=300, stop=False, rivals=False
    )
    assert comparison.effort == "seeds"
    assert comparison.efforts == {"random": 10.0, "hubs": 10.0, "more-random": 15.0}
    assert comparison.dominated_by == {"random": ("hubs",), "hubs": (), "more-random": ("hubs",)}
    assert comparison.chance_undominated["hubs"] == 1.0
    assert comparison.chance_undominated["random"] == 0.0


PRICED = SMALL.with_settings(
    [
        "price={model='per-follower', rate=1, base=5}",
        "plan={random={wave={first={strategy='random', count=5, redraw=true}}}, "
        "hubs={wave={first={strategy='degree', budget=300}}}, fixed={wave={first={strategy='degree', count=2}}}}",
    ]
)


def test_cost_is_the_effort_where_seeds_have_prices() -> None:
    comparison = compare(PRICED, realisations=200, stop=False, rivals=False)
    assert comparison.effort == "cost"
    for plan, outcome in comparison.outcomes.items():
        assert comparison.efforts[plan] == pytest.approx(outcome.cost.mean)
    assert comparison.efforts["fixed"] < comparison.efforts["hubs"] <= 300.0
    cheapest = compare(PRICED, realisations=200, stop=False, rivals=False, metric="cost")
    assert cheapest.best == min(comparison.efforts, key=comparison.efforts.__getitem__)
    difference = cheapest.difference("fixed", "hubs")
    assert difference.mean == pytest.approx(comparison.efforts["fixed"] - comparison.efforts["hubs"])
    assert difference.mean == difference.p05 == difference.p95


def test_rivals_of_a_plan_with_a_budget_spend_more_money() -> None:
    comparison = compare(PRICED, realisations=100, stop=False, rivals_of="hubs")
    rivals = comparison.rivals
    assert rivals is not None
    assert rivals.of == "budget"
    assert [rival.more for rival in rivals.grid] == [0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0]
    for rival in rivals.grid:
        most = 300.0 * (1.0 + rival.more)
        assert rival.cost.p95 <= most  # type: ignore[operator]
        assert rival.cost.mean > most - 50.0  # type: ignore[operator]
    # A few hubs cost as much as many others.
    assert rivals.grid[0].seeds > 2 * rivals.seeds
    of_count = compare(PRICED, realisations=100, stop=False, rivals_of="fixed").rivals
    assert of_count is not None
    assert (of_count.of, [rival.seeds for rival in of_count.grid]) == ("seeds", [2, 3, 4, 6, 10])
    assert [rival.more for rival in of_count.grid] == [0.0, 0.5, 1.0, 2.0, 4.0]


def test_rivals_ask_nobody_without_a_price() -> None:
    graph = vs.from_arcs([0, 1, 2, 3], [1, 2, 3, 0], attributes={"fee": [1.0, 2.0, np.nan, 4.0]})
    scenario = scene("price={model='column', attribute='fee'}", "plan.only.wave={first={strategy='degree', count=1}}")
    rival = compile_campaign(*rival_scenario(compile_campaign(scenario, graph, "only"), 400), "only")
    assert rival.seeds["first"].groups[0].tolist() == [0, 1, 3]
    assert rival.seeds["first"].counts == (3,)


def test_people_who_decline_make_rivals_no_fewer_than_the_plan() -> None:
    """Seeds who accepted were counted: 10 % more people came out as 3 % more or as 17 % more, by luck."""
    unwilling = SMALL.with_settings(["segment.everyone={decline='30%'}"])
    rivals = compare(unwilling, realisations=50, stop=False, rivals_of="hubs").rivals
    assert rivals is not None
    assert [round(rival.more, 9) for rival in rivals.grid] == [0.0, 0.1, 0.3, 0.5, 1.0, 2.0, 4.0]
    assert 6.0 < rivals.seeds < 8.0


# -- when it is decided -----------------------------------------------------------------------------


def test_the_time_asked_for_is_a_tick_that_is_recorded() -> None:
    """Rounding 6 h to the nearest report time would have given the state at 1 d."""
    comparison = compare(SMALL, realisations=40, stop=False, after="6h", curves=True, rivals=False)
    for plan, outcome in comparison.outcomes.items():
        assert outcome.report_ticks.tolist() == [0, 6, 24, 48, 72, 96]
        exact = vs.simulate(SMALL.with_settings(["time.horizon=6h"]), plan=plan, realisations=40)
        assert np.array_equal(outcome.curves[:, 0, 2, 1], exact.rows[:, 0, ENGAGED])


def test_explained_shares_are_those_of_theory() -> None:
    random = np.random.default_rng(0)
    for share in (0.0, 0.3, 0.9):
        state = random.standard_normal(4000)
        final = np.sqrt(share) * state + np.sqrt(1.0 - share) * random.standard_normal(4000)
        found = explained_share(final, predictions(state, final, np.arange(4000)))
        assert found == pytest.approx(share, abs=0.05)
    bent = np.abs(state)  # no straight line, no rank correlation
    assert explained_share(bent, predictions(state, bent, np.arange(4000))) > 0.95  # type: ignore[operator]


def test_noise_explains_nothing_where_realisations_are_few() -> None:
    """In the sample itself, 40 bins explain a fifth of pure noise in 200 realisations."""
    shares = []
    for experiment in range(40):
        random = np.random.default_rng(experiment)
        state, final = random.standard_normal(200), random.exponential(1.0, 200)
        shares.append(explained_share(final, predictions(state, final, np.arange(200))))
    assert np.mean(np.array(shares, dtype=float)) < 0.02


def test_all_is_decided_by_the_end_and_little_at_the_start() -> None:
    shares = {}
    for after in (0, 12, 90):
        decided = compare(SMALL, realisations=800, stop=False, after=after, rivals=False).decided
        assert decided is not None
        shares[after] = decided
    for plan in SMALL.plan:
        early, middle, late = (shares[after].explained[plan] for after in (0, 12, 90))
        assert early == 0.0
        assert early < middle < late  # type: ignore[operator]
        assert late > 0.9  # type: ignore[operator]
    assert shares[90].leader_stays.mean > 0.95  # type: ignore[operator]
    assert shares[90].leader_stays.mean_high <= 1.0  # type: ignore[operator]
    for pair in shares[90].pairs:
        assert pair.explained > 0.9  # type: ignore[operator]
        assert pair.stays_ahead.mean > 0.9  # type: ignore[operator]
        assert pair.stays_ahead.mean_low < 1.0  # type: ignore[operator]
    assert shares[0].leader_stays.mean is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"plans": ["hub"]}, "there is no plan 'hub'"),
        ({"plans": []}, "there is no plan to compare"),
        ({"plans": "hubs"}, "a list of names was expected"),
        ({"plans": ["hubs", "hubs"]}, "named twice"),
        ({"plans": ["hubs"], "baseline": "random"}, "the baseline, 'random', is not among the plans compared"),
        ({"rivals_of": "nobody"}, "the plan to catch up with, 'nobody', is not among"),
        ({"confidence": 1.0}, "the confidence must be a number from 0.5 to below 1"),
        ({"confidence": 0.05}, "the confidence must be"),
        ({"confidence": "95%"}, "the confidence must be"),
        ({"margin": -0.1}, "the margin must be a number from 0 to below 1"),
        ({"metric": "engagd"}, "no metric 'engagd'"),
        ({"metric": "reproduction_number"}, "plans cannot be compared by reproduction_number"),
        ({"metric": "reach", "impressions": False}, "where impressions are not counted"),
        ({"realisations": 0}, "at least 1"),
        ({"realisations": 2.5}, "whole number"),
        ({"after": "90min"}, "90min is 1.5 ticks"),
        ({"after": "4d"}, "not before the end"),
        ({"after": -1}, "not negative"),
        ({"after": "soon"}, "expected a duration"),
        ({"realisations": 10**9}, "of memory"),
    ],
)
def test_wrong_calls(options: dict[str, Any], message: str) -> None:
    with pytest.raises(vs.UsageError, match=message):
        compare(SMALL, **options)


def test_metric_values_of_a_made_up_outcome(make_outcome: Any) -> None:
    outcome = make_outcome(range(6))
    peaks = outcome.rows[:, 0, ROW.index("time_to_peak")].astype(float)
    peaks[peaks < 0] = np.nan
    assert np.array_equal(metric_values(outcome, "time_to_peak"), peaks, equal_nan=True)
    assert set(metric_values(outcome, "viral_chance").tolist()) <= {0.0, 1.0}

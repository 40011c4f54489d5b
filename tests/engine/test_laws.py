"""Response laws, emissions and advertising against closed forms, full enumeration and published values.

The classical models are settings of one rule: linear threshold (Granovetter; Kempe, Kleinberg & Tardos), Watts,
Centola & Macy, repeated exposure (Romero et al.), SIR, Maki & Thompson, Daley & Kendall, Bass, Talk of the Network.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measuring import SIGMAS, compare, compare_chance, spread
from scenes import graphs, independent_cascade, mutual, scene

from viralsim.engine import record_realisation
from viralsim.engine.compile import compile_campaign
from viralsim.graph import SocialGraph, from_arcs, from_networkx, generate
from viralsim.outcome import Outcome, replay, simulate
from viralsim.scenario import Scenario

ENGAGED, SHARES = 2, 3
WEIGHTS = (
    "item.content.law=uniform",
    "item.content.arc_weight=column",
    "network.file=any.csv",
    "network.weight_column=3",
)


def seeds(*people: int) -> str:
    return f"plan.only.wave.first.people={list(people)}"


def engaged(scenario: Scenario, graph: SocialGraph, realisations: int) -> Any:
    """Return how many engaged, int64 [realisations]."""
    return simulate(scenario, graph=graph, realisations=realisations, impressions=False).rows[:, 0, ENGAGED]


def audience(followed: int, weight: float | None = None) -> SocialGraph:
    """Everybody from 0 on is followed by the last person, who follows `followed` people."""
    people = range(followed)
    return from_arcs(people, [followed] * followed, weight=None if weight is None else [weight] * followed)


# -- uniform: the linear threshold model ------------------------------------------------------------------


def test_linear_threshold_on_triangle_and_cycle() -> None:
    compare(spread(scene("item.content.law=uniform"), generate("complete", people=3)), 2.5)
    compare(spread(scene("item.content.law=uniform"), generate("ring", people=4)), 2.75)


def test_linear_threshold_with_weights_on_the_diamond() -> None:
    """Weights of 1/2 add up: 2.5, where independent chances of 1/2 give 2.4375."""
    graph = from_arcs([0, 0, 1, 2], [1, 2, 3, 3], weight=[0.5] * 4)
    compare(spread(scene(*WEIGHTS), graph), 2.5)


@pytest.mark.parametrize(("seed", "expected"), [(0, 12.255), (33, 13.080)])
def test_linear_threshold_on_the_karate_club(seed: int, expected: float) -> None:
    """Published with a standard error of .002; half the last digit is .0005."""
    graph = from_networkx(nx.Graph(nx.karate_club_graph().edges()))
    scenario = scene("item.content.law=uniform", seeds(int(graph.ids[graph.position(seed)])))
    compare(spread(scenario, graph), expected, 0.0005 + SIGMAS * 0.002)


def exact_linear_threshold(graph: SocialGraph, chosen: set[int]) -> float:
    """Average over who is followed, at most one each with the weight as chance (Kempe, Kleinberg & Tardos 2003)."""
    sharers, followers, weights = (
        array.tolist() for array in (graph.arcs.sharers, graph.arcs.followers, graph.arcs.weight)
    )
    choices_of = []
    for person in range(graph.people):
        arcs = [(u, w) for u, v, w in zip(sharers, followers, weights, strict=True) if v == person and w > 0]
        choices_of.append([*arcs, (None, 1.0 - math.fsum(w for _, w in arcs))])
    total = 0.0
    for combination in itertools.product(*choices_of):
        chance = math.prod(w for _, w in combination)
        reached = set(chosen)
        for _ in range(graph.people):
            reached |= {person for person, (source, _) in enumerate(combination) if source in reached}
        total += chance * len(reached)
    return total


@settings(max_examples=25, deadline=None, derandomize=True)
@given(graph=graphs(most_people=6, most_arcs=10), data=st.data(), emission=st.sampled_from(["once", "repeat"]))
def test_small_linear_thresholds_equal_full_enumeration(graph: SocialGraph, data: st.DataObject, emission: str) -> None:
    """Repeating changes nothing: a neighbour counts once."""
    chosen = data.draw(st.sets(st.integers(0, graph.people - 1), min_size=1, max_size=3))
    scenario = scene(*WEIGHTS, seeds(*sorted(chosen)), f"item.content.emission={emission}", "time.horizon=40")
    mean, error = spread(scenario, graph, 10_000)
    assert abs(mean - exact_linear_threshold(graph, chosen)) <= SIGMAS * error + 1e-9


def test_a_threshold_is_drawn_once_for_a_realisation() -> None:
    """m of 4 people followed share: the chance is m / 4, at once or one after the other, of the same realisations."""
    graph = audience(4)
    before = np.zeros(20_000, dtype=bool)
    for m in range(1, 5):
        at_once = engaged(scene("item.content.law=uniform", seeds(*range(m))), graph, 20_000) > m
        waves = ", ".join(f"w{k}={{strategy='explicit', people=[{k}], start={3 * k}}}" for k in range(m))
        later = engaged(scene("item.content.law=uniform", f"plan.only.wave={{{waves}}}"), graph, 20_000) > m
        compare_chance(at_once, m / 4)
        assert np.array_equal(at_once, later)
        assert (at_once | ~before).all()
        before = at_once


def test_weights_of_more_than_one_together_are_refused() -> None:
    from viralsim.errors import DataError

    graph = audience(3, weight=0.4)
    with pytest.raises(DataError, match=r"add up to 1\.2, expected at most 1 \(person number 3"):
        simulate(scene(*WEIGHTS), graph=graph, realisations=1)
    with pytest.raises(DataError, match="the network has no column of weights"):
        simulate(scene(*WEIGHTS), graph=audience(3), realisations=1)


# -- fixed: Watts, Centola & Macy --------------------------------------------------------------------------


@pytest.mark.parametrize("sides", [1, 2, 3])
def test_adjacent_seeds_flood_a_ring_or_never_leave(sides: int) -> None:
    """With k neighbours a side and k adjacent seeds a threshold of k floods it, k + 1 does not leave the seeds."""
    graph = generate("ring", people=40, neighbours=sides)
    chosen = seeds(*range(sides))
    for threshold, expected in [(sides, 40), (sides + 1, sides), ("'50%'", 40), ("'51%'", sides)]:
        scenario = scene("item.content.law=fixed", f"item.content.threshold={threshold}", chosen)
        assert set(engaged(scenario, graph, 3).tolist()) == {expected}


@pytest.mark.parametrize("share", ["18%", "20%", "30%", "7%", "100%", "0.1%"])
def test_a_share_of_those_followed_is_compared_exactly(share: str) -> None:
    """m of d people followed are at least the share, as fractions: in floating point 7 of 100 were less than 7 %."""
    pairs = [(m, d) for d in (1, 2, 5, 6, 10, 11, 100) for m in range(1, min(d, 32) + 1)]
    sharers, followers, chosen, persuaded = [], [], [], []
    number = 0
    for m, d in pairs:
        sharers += range(number + 1, number + 1 + d)
        followers += [number] * d
        chosen += range(number + 1, number + 1 + m)
        if Fraction(m, d) >= Fraction(share.rstrip("%")) / 100:
            persuaded.append(number)
        number += d + 1
    graph = from_arcs(sharers, followers, people=number)
    scenario = scene("item.content.law=fixed", f"item.content.threshold={share}", seeds(*chosen))
    found = record_realisation(compile_campaign(scenario, graph), 0)
    assert sorted(found.person[found.parent >= 0].tolist()) == persuaded


def test_repeating_counts_a_neighbour_once() -> None:
    """At the first share seen; a share nobody saw may be seen later."""
    graph = audience(2)
    repeat = ("item.content.law=fixed", "item.content.emission=repeat", "time.horizon=60")
    for threshold, chosen, persuaded in [(2, (0,), 0.0), (1, (0,), 1.0), (2, (0, 1), 1.0)]:
        scenario = scene(*repeat, f"item.content.threshold={threshold}", seeds(*chosen))
        compare_chance(engaged(scenario, graph, 100) > len(chosen), persuaded)
    half = scene(*repeat, "item.content.threshold=2", seeds(0, 1), "platform.feed.visibility=50%")
    compare_chance(engaged(half, graph, 1000) > 2, 1.0)
    compare_chance(engaged(half.with_settings(["item.content.emission=once"]), graph, 10_000) > 2, 0.25)
    for emission in ("repeat", "contact"):
        met = scene("item.content.law=uniform", f"item.content.emission={emission}", seeds(0), "time.horizon=60")
        compare_chance(engaged(met, graph, 10_000) > 1, 0.5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("mean_degree", "frequency", "size"),
    [(2, 0.754, 0.797), (3, 0.874, 0.940), (4, 0.865, 0.980), (5, 0.695, 0.993), (0.9, 0.0, None), (6.5, 0.0, None)],
)
def test_watts_window(mean_degree: float, frequency: float, size: float | None) -> None:
    """Watts 2002, threshold .18: global cascades for mean degrees in [1.0207, 5.7647] only."""
    found = []
    for number in range(20):
        graph = generate("erdos-renyi", people=10_000, mean_degree=mean_degree, random_seed=number)
        scenario = scene(
            f"random_seed={number}",
            "item.content.law=fixed",
            "item.content.threshold=18%",
            "plan.only.wave.first={strategy='random', count=1, redraw=true}",
        )
        found.append(engaged(scenario, graph, 150) / 10_000)
    sizes = np.concatenate(found)
    assert (sizes > 0.05).mean() == pytest.approx(frequency, abs=0.02)
    if size is not None:
        assert sizes[sizes > 0.05].mean() == pytest.approx(size, abs=0.003)


# -- curve: repeated exposure ------------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "p", "expected"), [(4, 0.5, 3.25), (10, 0.2, 6.784458)])
def test_a_curve_of_one_value_is_the_independent_cascade(people: int, p: float, expected: float) -> None:
    scenario = scene("item.content.law=curve", f"item.content.curve=[{p}]", "item.content.endorsement=0")
    compare(spread(scenario, generate("complete", people=people)), expected, 5e-7)


def test_a_curve_of_one_value_and_a_dose_is_stickiness() -> None:
    """1 - (1 - s)^d for the dose d = affinity x (1 + endorsement x trust), also where d is no whole number."""
    graph = from_arcs([0], [1], trust=0.5)
    for endorsement, affinity in [(0.0, 1.0), (1.0, 1.0), (3.0, 1.5), (0.0, 0.2)]:
        scenario = scene(
            "item.content.law=curve",
            "item.content.curve=[0.3]",
            f"item.content.endorsement={endorsement}",
            f"item.content.affinity.everyone={affinity}",
        )
        expected = 1 - 0.7 ** (affinity * (1 + endorsement * 0.5))
        compare_chance(engaged(scenario, graph, 40_000) > 1, expected)


CURVE = [0.05, 0.3, 0.5, 0.1]


@pytest.mark.parametrize(("then", "later"), [("", 0.1), ("item.content.then=0", 0.0), ("item.content.then=60%", 0.6)])
def test_the_curve_comes_back_from_simulated_exposures(then: str, later: float) -> None:
    """Of those whom k - 1 exposures did not persuade, the k-th persuades p(k): Romero, Meeder & Kleinberg 2011."""
    most, realisations = 7, 40_000
    graph = audience(most)
    before = np.zeros(realisations, dtype=bool)
    for k in range(1, most + 1):
        scenario = scene(
            "item.content.law=curve",
            f"item.content.curve={CURVE}",
            "item.content.endorsement=0",
            seeds(*range(k)),
            *([then] if then else []),
        )
        now = engaged(scenario, graph, realisations) > k
        assert (now | ~before).all()
        compare_chance(now[~before], CURVE[k - 1] if k <= len(CURVE) else later)
        before = now


def test_between_whole_units_of_dose_the_hazard_is_constant() -> None:
    """A dose of 1.5 meets the first chance whole and half the hazard of the second."""
    graph = from_arcs([0], [1], trust=0.5)
    scenario = scene("item.content.law=curve", f"item.content.curve={CURVE}", "item.content.endorsement=1")
    compare_chance(engaged(scenario, graph, 40_000) > 1, 1 - 0.95 * 0.7**0.5)


def test_doses_are_rounded_to_the_nearest_unit() -> None:
    """Of 2^-32: a dose of 1 + 0.6 units passes a threshold just above 1, one of 1 + 0.4 units does not."""
    for units, persuaded in [(0.4, 1), (0.6, 2)]:
        scenario = scene(
            "item.content.law=curve",
            "item.content.curve=[0, 1]",
            "item.content.endorsement=0",
            f"item.content.affinity.everyone={1 + units / 2**32!r}",
        )
        assert set(engaged(scenario, from_arcs([0], [1]), 3).tolist()) == {persuaded}


def test_novelty_halves_doses() -> None:
    """A path of certain sharers but the last arc: its dose is halved as often as the item is old."""
    length = 5
    trust = np.array([1.0] * (length - 1) + [0.0])
    graph = from_arcs(range(length), range(1, length + 1), trust=trust)
    scenario = scene(
        "item.content.law=curve",
        "item.content.curve=[0.3]",
        "item.content.endorsement=1000000",
        "item.content.half_life=2",
    )
    # Person length - 1 engages at tick length - 1 and shares at tick length; the first share was at tick 1.
    found = engaged(scenario, graph, 40_000)
    assert (found >= length).all()
    compare_chance(found == length + 1, 1 - 0.7 ** (0.5 ** ((length - 1) / 2)))


def test_a_share_of_which_nothing_is_left_is_no_neighbour() -> None:
    """Novelty does not touch counts, until nothing is left of it."""
    graph = generate("path", people=4)
    for half_life, expected in [("none", 4), ("0.5", 4), ("0.0005", 2)]:
        for scenario in (
            scene("item.content.law=fixed", "item.content.threshold=1"),
            scene(
                "item.content.law=fixed", "item.content.threshold=1", "platform.feed.delay={law='geometric', mean=0.1}"
            ),
        ):
            faded = scenario.with_settings([f"item.content.half_life={half_life}"])
            assert set(engaged(faded, graph, 5).tolist()) == {expected}


# -- what is monotone, realisation by realisation ----------------------------------------------------------

LADDERS = {
    "curve": ("item.content.curve", ["[0.05, 0.2]", "[0.1, 0.2]", "[0.4, 0.6]", "[1]"]),
    "fixed": ("item.content.threshold", ["'100%'", "'60%'", "'30%'", "'1%'"]),
    "a number": ("item.content.threshold", ["4", "3", "2", "1"]),
}


@settings(max_examples=30, deadline=None, derandomize=True)
@given(graph=graphs(), law=st.sampled_from(sorted(LADDERS)), emission=st.sampled_from(["once", "repeat"]))
def test_a_lower_threshold_never_lowers_reach_or_engaged(graph: SocialGraph, law: str, emission: str) -> None:
    path, values = LADDERS[law]
    base = scene(
        f"item.content.law={'curve' if law == 'curve' else 'fixed'}",
        f"{path}={values[0]}",
        f"item.content.emission={emission}",
        "platform.feed.visibility=80%",
        "plan.only.wave.first={strategy='random', count=1, per='town'}",
        "time.horizon=30",
    )
    rows = [simulate(base.with_settings([f"{path}={value}"]), graph=graph, realisations=8).rows for value in values]
    for less, more in pairwise(rows):
        assert (more[:, 0, 0] >= less[:, 0, 0]).all()
        assert (more[:, 0, ENGAGED] >= less[:, 0, ENGAGED]).all()


LAWS = {
    "independent": ("item.content.stickiness=20%",),
    "curve": ("item.content.law=curve", "item.content.curve=[0.1, 0.3, 0.2]"),
    "uniform": ("item.content.law=uniform",),
    "weights": WEIGHTS,
    "fixed": ("item.content.law=fixed", "item.content.threshold=30%"),
    "a number": ("item.content.law=fixed", "item.content.threshold=2"),
}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    graph=graphs(),
    law=st.sampled_from(sorted(LAWS)),
    emission=st.sampled_from(["once", "repeat"]),
    delay=st.booleans(),
    data=st.data(),
)
def test_more_seeds_never_lower_reach_or_engaged(
    graph: SocialGraph, law: str, emission: str, delay: bool, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(graph.people)))
    base = scene(
        *LAWS[law],
        f"item.content.emission={emission}",
        "platform.feed.visibility=80%",
        "platform.feed.delay=" + ("{law='geometric', mean=2}" if delay else "none"),
        "time.horizon=40",
    )
    rows = [
        simulate(base.with_settings([seeds(*order[:count])]), graph=graph, realisations=8).rows
        for count in range(1, min(5, graph.people) + 1)
    ]
    for less, more in pairwise(rows):
        assert (more[:, 0, 0] >= less[:, 0, 0]).all()
        assert (more[:, 0, ENGAGED] >= less[:, 0, ENGAGED]).all()


# -- repeat: SIR -------------------------------------------------------------------------------------------


def test_activity_is_a_geometric_number_of_ticks() -> None:
    graph = from_arcs([0], [1])
    for mean in (1.0, 2.0, 7.5):
        scenario = scene(
            "item.content.arc_probability=0", "item.content.emission=repeat", f"item.content.activity={mean}"
        )
        ticks = simulate(scenario, graph=graph, realisations=40_000).rows[:, 0, SHARES]
        for k in (1, 2, 5):
            compare_chance(ticks == k, (1 / mean) * (1 - 1 / mean) ** (k - 1))
        assert ticks.mean() == pytest.approx(mean, abs=SIGMAS * math.sqrt(mean * (mean - 1) / 40_000) + 1e-9)


def test_for_ever_is_to_the_horizon() -> None:
    scenario = scene("item.content.arc_probability=0", "item.content.emission=repeat", "time.horizon=17")
    outcome = simulate(scenario, graph=from_arcs([0], [1]), realisations=3)
    assert outcome.shares.mean == outcome.impressions.mean == 17
    late = scenario.with_settings(["plan.only.wave.first.start=4", "platform.feed.visibility=0"])
    outcome = simulate(late, graph=from_arcs([0], [1]), realisations=3)
    assert (outcome.shares.mean, outcome.impressions.mean) == (13, 0)


def test_every_share_of_a_repeating_person_is_a_fresh_chance() -> None:
    """p in each of a geometric number of ticks, mean m: 1 - (1 - p) / m / (1 - (1 - 1 / m)(1 - p))."""
    p, m = 0.2, 4.0
    scenario = scene(f"item.content.arc_probability={p}", "item.content.emission=repeat", f"item.content.activity={m}")
    compare_chance(engaged(scenario, from_arcs([0], [1]), 40_000) > 1, 1 - (1 - p) / m / (1 - (1 - 1 / m) * (1 - p)))


@pytest.mark.long
@pytest.mark.parametrize(("r0", "size"), [(1.5, 0.582812), (2.0, 0.796812), (3.0, 0.940480)])
def test_sir_final_size(r0: float, size: float) -> None:
    """Kermack & McKendrick: size = 1 - exp(-R0 size), on a complete graph, given an outbreak."""
    people, mean = 1000, 120
    scenario = scene(
        f"item.content.arc_probability={r0 / mean / (people - 1)}",
        "item.content.emission=repeat",
        f"item.content.activity={mean}",
        "time.horizon=10_000",
    )
    found = engaged(scenario, generate("complete", people=people), 250) / people
    outbreaks = found[found > 0.2]
    assert len(outbreaks) > 50
    assert outbreaks.std(ddof=1) / math.sqrt(len(outbreaks)) < 0.01
    assert outbreaks.mean() == pytest.approx(size, abs=0.01)
    assert (found > 0.2).mean() == pytest.approx(1 - 1 / r0, abs=SIGMAS * 0.5 / math.sqrt(250))


# -- contact: rumours --------------------------------------------------------------------------------------


def ignorant_at_the_end(n: int, both: bool, stifle: Any = 1) -> list[Any]:
    """Return the chances that 0 .. n of n ignorants never hear it, one person knowing at first.

    The embedded chain: a spreader meets one of the n others at random. An ignorant becomes a spreader; with
    somebody who knows, the spreader stops with probability `stifle`, and they too where `both`. Of the two calls that
    two spreaders make on each other only one counts as the meeting of the pair where `both`: Daley & Kendall's pairs
    meet at the same rate whoever they are. (Counting both leaves 28 % instead of 20 %: Hayes, "Rumours and errours",
    American Scientist 93, 2005, and this engine at first.)
    """
    one = Fraction(1) if n < 10 else 1.0

    @cache
    def end(x: int, y: int) -> tuple[Any, ...]:
        if y == 0:
            return tuple(one if k == x else one * 0 for k in range(n + 1))
        alone, together = one * (n - x - (y - 1)) * stifle, one * (y - 1) * stifle / (2 if both else 1)
        steps = [(one * x, (x - 1, y + 1)), (alone, (x, y - 1)), (together, (x, y - 2 if both else y - 1))]
        total = sum(weight for weight, _ in steps)
        ends = [(weight / total, end(*state)) for weight, state in steps if weight]
        return tuple(sum(weight * after[k] for weight, after in ends) for k in range(n + 1))

    return list(end(n, 1))


def test_enumerated_chains_are_the_published_ones() -> None:
    assert ignorant_at_the_end(2, both=False) == [Fraction(3, 4), Fraction(1, 4), 0]
    assert ignorant_at_the_end(3, both=False) == [Fraction(16, 27), Fraction(8, 27), Fraction(1, 9), 0]
    chances = ignorant_at_the_end(99, both=False)
    assert sum(k * chance for k, chance in enumerate(chances)) / 99 == pytest.approx(0.204534, abs=5e-7)
    # Two spreaders and an ignorant: the pairs spreader-ignorant (two of them) and spreader-spreader.
    assert ignorant_at_the_end(2, both=True) == [Fraction(2, 3), Fraction(1, 3), 0]
    chances = ignorant_at_the_end(99, both=True)
    assert sum(k * chance for k, chance in enumerate(chances)) / 99 == pytest.approx(0.210424, abs=5e-7)


def rumour(stop: str, stifle: str = "100%") -> Scenario:
    return scene(
        "item.content.arc_probability=1",
        "item.content.emission=contact",
        f"item.content.stifle={stifle}",
        f"item.content.stop={stop}",
        "platform.feed.visibility=0",  # a contact is always seen
    )


@pytest.mark.parametrize("stop", ["initiator", "both"])
@pytest.mark.parametrize(("n", "stifle"), [(2, "100%"), (3, "100%"), (4, "100%"), (5, "50%"), (6, "100%")])
def test_rumours_leave_as_many_as_enumerated(stop: str, n: int, stifle: str) -> None:
    """Maki & Thompson 1973 (the initiator stops), Daley & Kendall 1965 (both do)."""
    expected = ignorant_at_the_end(n, stop == "both", Fraction(stifle.rstrip("%")) / 100)
    left = n + 1 - engaged(rumour(stop, stifle), generate("complete", people=n + 1), 20_000)
    for k, chance in enumerate(expected):
        compare_chance(left == k, float(chance))


@pytest.mark.parametrize("stop", ["initiator", "both"])
def test_rumours_leave_a_fifth(stop: str) -> None:
    chances = ignorant_at_the_end(99, both=stop == "both")
    expected = sum(k * chance for k, chance in enumerate(chances))
    left = 100 - engaged(rumour(stop), generate("complete", people=100), 4_000)
    error = left.std(ddof=1) / math.sqrt(len(left))
    assert error < 0.01 * expected
    assert left.mean() == pytest.approx(expected, abs=SIGMAS * error)


def test_a_contact_is_one_follower_a_tick() -> None:
    """Nobody stops where stifle is 0: as many contacts as ticks, one impression each, each follower alike."""
    graph = generate("star", people=6)
    scenario = scene(
        "item.content.arc_probability=0", "item.content.emission=contact", "time.horizon=10", "item.content.stifle=0"
    )
    outcome = simulate(scenario, graph=graph, realisations=4000)
    assert set(outcome.rows[:, 0, SHARES].tolist()) == set(outcome.rows[:, 0, 1].tolist()) == {10}
    reached = 5 * (1 - 0.8**10)
    assert outcome.reach.mean == pytest.approx(1 + reached, abs=SIGMAS * 0.8 / math.sqrt(4000))
    one = scenario.with_settings(["item.content.arc_probability=1", "time.horizon=1"])
    who = [int(replay(one, r, graph=graph).person[1]) for r in range(400)]
    for leaf in range(1, 6):
        compare_chance(np.array(who) == leaf, 0.2)
    # Somebody with nobody to tell makes no contact.
    assert simulate(scenario, graph=from_arcs([1], [0], people=2), realisations=3).shares.mean == 0


# -- advertising -------------------------------------------------------------------------------------------


def advertised(graph: SocialGraph, realisations: int, *changes: str, horizon: int = 6) -> Any:
    """Return people engaged but for the seed by tick, int64 [realisations, horizon + 1]."""
    scenario = scene(f"time.horizon={horizon}", "report.times=200", *changes)
    outcome: Outcome = simulate(scenario, graph=graph, realisations=realisations)
    assert (outcome.rows[:, 0, 4] == 0).all()  # generations
    assert np.array_equal(outcome.generation_counts[:, 0, 0], outcome.rows[:, 0, ENGAGED])
    return outcome.curves[:, 0, ENGAGED] - 1


def compare_curve(found: Any, people: int, expected: list[float]) -> None:
    for tick, chance in enumerate(expected):
        tries = len(found) * people
        error = math.sqrt(chance * (1 - chance) / tries)
        assert found[:, tick].sum() / tries == pytest.approx(chance, abs=SIGMAS * error + 1e-9), tick


def test_advertising_alone() -> None:
    """Where nobody is tied to anybody a chance of c a tick engages 1 - (1 - c)^t within t ticks."""
    people, graph = 2000, from_arcs([], [], people=2001)
    chance = advertised(graph, 100, "item.content.advertisement={chance=0.1}")
    compare_curve(chance, people, [1 - 0.9 ** (tick + 1) for tick in range(7)])
    part = advertised(graph, 100, "item.content.advertisement={chance=0.2, visibility=0.5, start=2, end=5}")
    compare_curve(part, people, [1 - 0.9 ** min(max(tick - 1, 0), 3) for tick in range(7)])
    assert not part[:, :2].any()
    assert np.array_equal(part[:, 4], part[:, 6])
    stickiness = advertised(graph, 100, "item.content.stickiness=0.1", "item.content.advertisement={dose=2.5}")
    compare_curve(stickiness, people, [1 - 0.9 ** (2.5 * (tick + 1)) for tick in range(7)])
    fixed = advertised(
        graph,
        100,
        "item.content.law=fixed",
        "item.content.threshold=3",
        "item.content.advertisement={chance=0.1}",
    )
    assert np.array_equal(fixed, chance)


def test_doses_of_advertising_add_up() -> None:
    graph = from_arcs([], [], people=2001)
    half = ("item.content.law=curve", "item.content.curve=[0.3]", "item.content.advertisement={dose=0.5}")
    compare_curve(advertised(graph, 50, *half), 2000, [1 - 0.7 ** (0.5 * (tick + 1)) for tick in range(7)])
    # Hidden thresholds are U(0, 1) whatever the number of people followed; nobody shares here.
    silent = ("item.content.law=uniform", "item.content.share_rate=0", "item.content.advertisement={dose=0.15}")
    for network in (graph, generate("ring", people=2001, neighbours=3)):
        found = advertised(network, 50, *silent)
        compare_curve(found, 2000, [min(1, 0.15 * (tick + 1)) for tick in range(7)])


def test_those_engaged_by_advertising_share_and_are_no_seeds() -> None:
    graph = from_arcs([1], [2], people=3)
    scenario = scene("item.content.arc_probability=1", "item.content.advertisement={chance=1, end=1, visibility=0.5}")
    cascades = [replay(scenario, number, graph=graph) for number in range(400)]
    told = [cascade for cascade in cascades if 1 in cascade.person and 2 in cascade.person[cascade.parent >= 0]]
    compare_chance([cascade in told for cascade in cascades], 0.25, power=0.03)
    assert all(cascade.seeds.tolist() == [0] for cascade in cascades)
    for cascade in told:
        assert cascade.tick[cascade.person == 2].tolist() == [1]
        assert cascade.tick[cascade.advertised].tolist() == [0]
    rows = simulate(scenario, graph=graph, realisations=400).rows[:, 0]
    assert (rows[:, 7] == 1).all()
    assert set(rows[rows[:, ENGAGED] > 1][:, 5].tolist()) == {0}  # time to peak: they count, seeds do not


@pytest.mark.long
def test_bass() -> None:
    """Bass 1969 as chances: innovation p = .03 and imitation q = .38 a year, in ticks of .02 years."""
    people = 300
    pairs = [(u, v) for u in range(people) for v in range(people) if u != v]
    graph = from_arcs([u for u, _ in pairs], [v for _, v in pairs], people=people + 1)  # the seed is tied to nobody
    scenario = scene(
        f"item.content.arc_probability={0.38 * 0.02 / (people - 1)}",
        "item.content.emission=repeat",
        f"item.content.advertisement={{chance={0.03 * 0.02}}}",
        seeds(people),
        "time.horizon=749",
        "report.times=200",
    )
    scenario = scenario.with_settings(["time.horizon=750", "report.times=4"])
    outcome = simulate(scenario, graph=graph, realisations=200, impressions=False)
    assert outcome.report_ticks.tolist() == [0, 250, 500, 750]
    shares = (outcome.curves[:, 0, ENGAGED, 1:].mean(axis=0) - 1) / people
    assert shares.tolist() == pytest.approx([0.33120, 0.81280, 0.97161], abs=0.015)


def test_talk_of_the_network() -> None:
    """Goldenberg, Libai & Muller 2001: strong ties in groups of 29, 29 weak ones across, advertising."""
    groups, members, weak = 103, 29, 29
    people = groups * members
    random = np.random.default_rng(1)
    sharers, followers, chances = [], [], []
    for person in range(people):
        first = person // members * members
        near = [other for other in range(first, first + members) if other != person]
        others = random.choice(people - members, weak, replace=False)
        far = (others + members * (others >= first)).tolist()
        sharers += near + far
        followers += [person] * (len(near) + weak)
        chances += [0.07] * len(near) + [0.015] * weak
    graph = from_arcs(sharers, followers, people=people + 1, probability=chances)  # the seed is tied to nobody
    scenario = scene(
        "item.content.arc_probability=column",
        "network.file=any.csv",
        "network.probability_column=3",
        "item.content.emission=repeat",
        "item.content.advertisement={chance=0.01}",
        seeds(people),
        "time.horizon=9",
        "report.times=10",
    )
    outcome = simulate(scenario, graph=graph, realisations=200, impressions=False)
    cumulative = outcome.curves[:, 0, ENGAGED].mean(axis=0) - 1
    assert cumulative[:5].tolist() == pytest.approx([29.9, 129, 412, 1017, 1890], rel=0.03)
    assert cumulative[5] < 0.95 * people <= cumulative[6]


# -- percolation and branching -----------------------------------------------------------------------------

REDRAWN = "plan.only.wave.first={strategy='random', count=1, redraw=true}"


@pytest.mark.long
@pytest.mark.parametrize(("generator", "expected"), [("erdos-renyi", 0.796812), ("regular", 0.854102)])
def test_outbreaks_are_the_giant_component(generator: str, expected: float) -> None:
    """Half of the arcs of a network of mean degree 4: chance and size of an outbreak are alike."""
    people = 100_000
    parameters = {"mean_degree": 4} if generator == "erdos-renyi" else {"degree": 4}
    graph = generate(generator, people=people, **parameters)
    scenario = independent_cascade(0.5, settings=(REDRAWN,))
    found = engaged(scenario, graph, 1500) / people
    outbreaks = found > 0.05
    compare_chance(outbreaks, expected)
    assert found[outbreaks].mean() == pytest.approx(expected, abs=0.004)


def test_branching_below_one() -> None:
    """Offspring are Poisson of mean .9: total sizes are Borel, mean 10, variance 900."""
    graph = generate("erdos-renyi", people=100_000, mean_degree=9)
    sizes = engaged(independent_cascade(0.1, settings=(REDRAWN,)), graph, 60_000).astype(float)
    for size, chance in [(1, 0.40657), (2, 0.14877), (3, 0.08165)]:
        assert chance == pytest.approx(
            math.exp(-0.9 * size) * (0.9 * size) ** (size - 1) / math.factorial(size), abs=6e-6
        )
        assert (sizes == size).mean() == pytest.approx(chance, abs=SIGMAS * math.sqrt(chance / 60_000) + 0.001)
    assert sizes.mean() == pytest.approx(10, rel=0.05)
    # The graph's own mean degree is not quite 9, and at 900 a thousandth of it is 6.
    assert sizes.var() == pytest.approx(900, rel=0.15)


def test_weighted_cascade_is_subcritical() -> None:
    """R = (z - 1 + p0) / z on any configuration graph."""
    z = 4.0
    graph = generate("erdos-renyi", people=100_000, mean_degree=z)
    scenario = independent_cascade("weighted-cascade", settings=(REDRAWN,))
    outcome = simulate(scenario, graph=graph, realisations=60_000, impressions=False)
    generations = outcome.generation_counts[:, 0].sum(axis=0)
    expected = (z - 1 + math.exp(-z)) / z
    assert expected == pytest.approx(0.7546, abs=5e-5)
    for earlier, later in pairwise(generations[1:5].tolist()):
        assert later / earlier == pytest.approx(expected, abs=0.02)


def test_many_seeds() -> None:
    """N0 seeds with reproduction R < 1 engage N0 / (1 - R) in all."""
    graph = generate("erdos-renyi", people=100_000, mean_degree=5)
    scenario = independent_cascade(0.1, settings=("plan.only.wave.first={strategy='random', count=100, redraw=true}",))
    mean, error = spread(scenario, graph, 4_000)
    assert error < 1.0
    assert mean == pytest.approx(100 / (1 - 0.5), rel=0.015)


# -- what must not change a result -------------------------------------------------------------------------


@pytest.mark.parametrize("emission", ["once", "repeat", "contact"])
@pytest.mark.parametrize("law", sorted(LAWS))
@pytest.mark.parametrize("advertising", [False, True])
def test_threads_blocks_and_neighbours_change_nothing(law: str, emission: str, advertising: bool) -> None:
    """Scratch memory is clean between realisations, whatever the law, and nothing depends on who plays them."""
    graph = mutual(nx.connected_watts_strogatz_graph(150, 6, 0.2, seed=3).edges())
    in_degree = np.maximum(graph.arcs.in_degree, 1)
    graph = from_arcs(graph.arcs.sharers, graph.arcs.followers, weight=1.0 / in_degree[graph.arcs.followers])
    kind = "chance=2%" if law in ("fixed", "a number") else "dose=0.1"
    scenario = scene(
        *LAWS[law],
        f"item.content.emission={emission}",
        *(["item.content.activity=3"] if emission != "once" else []),
        *([f"item.content.advertisement={{{kind}, end=4}}".replace("2%", "0.02")] if advertising else []),
        "plan.only.wave.first={strategy='random', count=8, redraw=true}",
        "time.horizon=40",
        "report.times=9",
    )
    whole = simulate(scenario, graph=graph, realisations=60, threads=1, block=60)
    assert simulate(scenario, graph=graph, realisations=60, threads=2, block=7) == whole
    alone = [simulate(scenario, graph=graph, first=r, realisations=1) for r in (0, 17, 59)]
    for number, outcome in zip((0, 17, 59), alone, strict=True):
        assert np.array_equal(outcome.rows[0], whole.rows[number])
        assert np.array_equal(outcome.curves[0], whole.curves[number])
        assert np.array_equal(outcome.generation_counts[0], whole.generation_counts[number])
    bare = simulate(scenario, graph=graph, realisations=60, impressions=False)
    assert np.array_equal(bare.rows[:, :, 2:], whole.rows[:, :, 2:])
    assert len(replay(scenario, 59, graph=graph)) == whole.rows[59, 0, ENGAGED]
    assert whole.curves[:, 0, ENGAGED].std(axis=0).max() > 0

"""Shapes of many cascades: exposures as the reference counts them, the curve given back, sizes matched."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from measuring import SIGMAS
from scenes import LAWS, graphs, scenarios, scene

from viralsim.engine import compile_campaign, play_realisations
from viralsim.engine.exposure_kernels import count_exposures, exposed
from viralsim.errors import UsageError
from viralsim.graph import SocialGraph, from_arcs, generate
from viralsim.outcome import CascadeShapes, cascade_shapes, replay, shape, simulate
from viralsim.outcome.estimate import _student_t
from viralsim.outcome.shape import MATCHED, ShapeDifference

SEEDS = "plan.only.wave.first={strategy='random', redraw=true, count=20}"


def erdos_renyi(people: int = 3_000, mean_degree: float = 4.0) -> SocialGraph:
    return generate("erdos-renyi", people=people, mean_degree=mean_degree)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs(timed=True))
def test_exposures_equal_those_of_the_reference(data: st.DataObject, graph: SocialGraph) -> None:
    """Every law, delay, visibility, arcs and people that come and go, advertising, later seeds."""
    scenario = data.draw(scenarios(graph, LAWS, ("once", "repeat")))
    note(scenario.toml())
    campaign = compile_campaign(scenario, graph)
    scratch, most = exposed(campaign), data.draw(st.sampled_from([2, 40]))

    def compare(realisation: int, program: Any, state: Any, length: int, _: object) -> None:
        seen, persuaded = np.zeros((2, most), dtype=np.int64)
        count_exposures(program, state, realisation, 0, length, scratch, seen, persuaded)
        truth = reference.play(scenario, graph, "only", realisation).items["content"]
        of_each = Counter(min(count, most) for count in truth.exposures.values())
        assert seen.tolist() == [of_each[k] for k in range(1, most + 1)]
        told = [event.person for event in truth.events.values() if event.parent >= 0]
        took = Counter(truth.exposures[person] for person in told)
        assert persuaded.tolist() == [took[k] for k in range(1, most + 1)]

    play_realisations(campaign, 0, 4, threads=1, each=compare)


CURVE = "item.content.law=curve", "item.content.curve=[0.05, 0.2, 0.15, 0.1]"


PLAIN = "item.content.endorsement=0"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((*CURVE, PLAIN), [0.05, 0.2, 0.15, 0.1, 0.1]),
        (
            (*CURVE, PLAIN, "item.content.then=0", "item.content.emission=repeat", "item.content.activity=2"),
            [0.05, 0.2, 0.15, 0.1, 0.0],
        ),
        ((*CURVE, "item.content.endorsement=2", "network.trust=50%"), [1 - 0.95 * 0.8, 1 - 0.85 * 0.9, 0.19]),
        (
            (*CURVE, PLAIN, "item.content.affinity.everyone=0.5"),
            [1 - 0.95**0.5, 1 - 0.95**0.5, 1 - 0.8**0.5, 1 - 0.8**0.5],
        ),
        (("item.content.arc_probability=0.15",), [0.15] * 4),
        (("item.content.arc_probability=0.3", "item.content.novelty=[0.5]"), [1 - 0.7**0.5] * 4),
    ],
)
def test_the_exposure_curve_is_given_back(changes: tuple[str, ...], expected: list[float]) -> None:
    """VALIDATION: estimating p(k) from simulated exposures gives the curve back.

    Seen to fail where shares after the engagement counted, where those of the same tick that come after the parent's
    did, and where the parent's own did not.
    """
    delay = "platform.feed.delay={law='geometric', mean=1.5}"
    many = SEEDS.replace("20", "300")
    scenario = scene(many, "platform.feed.visibility=70%", delay, "time.horizon=40", *changes)
    shapes = cascade_shapes(scenario, graph=erdos_renyi(2_000, 12.0), realisations=60)
    curve = shapes.exposure_curve()
    for k, chance in enumerate(expected):
        assert curve.expected[k] == pytest.approx(chance, abs=1e-8)
        error = math.sqrt(chance * (1 - chance) / curve.seen[k])
        assert error < 0.1 * chance or chance == 0.0, "too few exposures to tell anything"
        assert abs(curve.persuaded[k] / curve.seen[k] - chance) <= SIGMAS * error + 1e-12
        low, high = curve.chances[k].mean_low, curve.chances[k].mean_high
        assert low is not None
        assert high is not None
        assert low <= curve.persuaded[k] / curve.seen[k] <= high
    assert int(curve.persuaded.sum()) <= int(shapes.size.sum()) - len(shapes)


def test_segments_that_see_more_have_the_same_curve_and_those_that_heed_more_have_none() -> None:
    drawn = erdos_renyi(2_000, 12.0).arcs
    towns = {"town": ["south" if person % 3 else "north" for person in range(2_000)]}
    graph = from_arcs(drawn.sharers, drawn.followers, people=2_000, attributes=towns)
    scenario = scene(
        SEEDS.replace("20", "300"),
        "item.content.arc_probability=0.3",
        "segment.south={where={town='south'}, attention=0.3}",
    )
    curve = cascade_shapes(scenario, graph=graph, realisations=40).exposure_curve()
    for k in range(3):
        assert curve.expected[k] == pytest.approx(0.3)
        error = math.sqrt(0.3 * 0.7 / curve.seen[k])
        assert error < 0.02
        assert abs(curve.persuaded[k] / curve.seen[k] - 0.3) <= SIGMAS * error
    heeding = scenario.with_settings(["item.content.affinity.south=0.5"])
    assert "segments" in cascade_shapes(heeding, graph=graph, realisations=2).no_exposure_curve


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (("item.content.arc_probability=weighted-cascade",), "does more along some arcs"),
        (("item.content.law=fixed", "item.content.threshold=2"), "the law of item 'content' is 'fixed'"),
        (("item.content.emission=contact",), "spreads by contacts"),
        (("item.content.advertisement={chance=0.1}",), "has an advertisement"),
        (("item.content.half_life=3",), "fades"),
        (("item.content.arc_probability=0.1..0.2",), r"not known \(item.content.arc_probability\)"),
        (("item.content.arc_probability=0",), "do not persuade anybody"),
        (("item.content.affinity.everyone=0",), "do not persuade anybody"),
    ],
)
def test_where_shares_are_not_alike_there_is_no_curve(changes: tuple[str, ...], reason: str) -> None:
    shapes = cascade_shapes(scene(SEEDS, *changes), graph=erdos_renyi(60), realisations=3)
    assert shapes.to_dict()["exposure_curve"] is None
    with pytest.raises(UsageError, match=reason):
        shapes.exposure_curve()


@pytest.mark.parametrize("realisations", [1, 7])
@pytest.mark.parametrize("changes", [("item.content.stickiness=20%..30%",), (*CURVE, "item.content.then=0.1")])
def test_shapes_are_those_of_the_replayed_cascades(changes: tuple[str, ...], realisations: int) -> None:
    scenario = scene("platform.feed.delay={law='geometric', mean=2}", SEEDS, *changes)
    graph = erdos_renyi(300)
    shapes = cascade_shapes(scenario, graph=graph, realisations=realisations, first=5, threads=1)
    many = cascade_shapes(scenario, graph=graph, realisations=realisations, first=5, threads=2)
    outcome = simulate(scenario, graph=graph, realisations=realisations, first=5, impressions=False)
    assert shapes.outcome == many.outcome == outcome
    assert shapes.to_csv() == many.to_csv()
    assert shapes.to_dict() == many.to_dict()
    for realisation in range(5, 5 + realisations):
        of_this = shapes.realisation == realisation
        trees = replay(scenario, realisation, graph=graph).trees()
        columns = [getattr(shapes, name)[of_this].tolist() for name in MATCHED[:3]]
        assert sorted(zip(*columns, strict=True)) == sorted((t.size, t.depth, t.max_breadth) for t in trees)
        known = shapes.structural_virality[of_this]
        assert sorted(known[~np.isnan(known)].tolist()) == sorted(
            t.structural_virality for t in trees if t.structural_virality is not None
        )
    rows = list(csv.DictReader(io.StringIO(shapes.to_csv())))
    assert [int(row["size"]) for row in rows] == shapes.size.tolist()
    assert {row["structural_virality"] == "" for row in rows if row["size"] == "1"} <= {True}


def test_classes_of_size_hold_every_cascade_once() -> None:
    shapes = cascade_shapes(scene(SEEDS, "item.content.arc_probability=0.2"), graph=erdos_renyi(), realisations=40)
    classes = shapes.by_size()
    assert sum(one.cascades for one in classes) == len(shapes) == 40 * 20
    assert math.fsum(one.share.mean or 0.0 for one in classes) == pytest.approx(1.0)
    for one in classes:
        among = (shapes.size >= one.low) & (shapes.size <= one.high)
        assert one.cascades == among.sum()
        for name in MATCHED[1:]:
            estimate, values = getattr(one, name), getattr(shapes, name)[among]
            if one.low > 1:
                assert estimate.mean == pytest.approx(values.mean(), abs=1e-6)
                assert estimate.p50 in values
    assert classes[0].structural_virality.mean is None
    assert shapes.outcome.reproduction_by_generation()[0].mean == pytest.approx(0.8, rel=0.15)


def errors(difference: ShapeDifference, groups: int = 100) -> tuple[float, float]:
    """Return a difference in standard errors, and the standard error."""
    mean, high = difference.difference.mean, difference.difference.mean_high
    assert mean is not None
    assert high is not None
    error = (high - mean) / _student_t(groups - 1)
    return mean / error, error


def poisson_branching(stickiness: float, realisations: int = 400, **others: Any) -> CascadeShapes:
    """On a graph like a tree with Poisson degrees, shapes given the size do not depend on the mean offspring."""
    scenario = scene(SEEDS, f"item.content.arc_probability={stickiness}", *others.pop("changes", ()))
    graph = others.pop("graph", None) or erdos_renyi()
    return cascade_shapes(scenario, graph=graph, realisations=realisations, **others)


def test_one_mechanism_at_two_strengths_differs_in_everything_but_not_when_sizes_match() -> None:
    weak, strong = poisson_branching(0.12), poisson_branching(0.2)
    compared = strong.against(weak)
    for name in MATCHED:
        assert compared.raw[name].differs
        off, error = errors(compared.by_size[name])
        assert abs(off) < 3.5
        assert error < 0.02 * (compared.by_size[name].one or 0.0), "too few cascades to tell anything"


def test_another_mechanism_differs_when_sizes_match_too() -> None:
    """From hubs content is broadcast: cascades of one size are wider and less deep than from anybody."""
    graph = generate("scale-free", people=3_000, mean_degree=4)
    anybody = poisson_branching(0.08, graph=graph)
    hubs = poisson_branching(0.02, graph=graph, changes=("plan.only.wave.first={strategy='degree', count=20}",))
    compared = hubs.against(anybody)
    assert compared.by_size["max_breadth"].difference.mean > 0  # type: ignore[operator]
    assert compared.by_size["depth"].difference.mean < 0  # type: ignore[operator]
    assert abs(errors(compared.by_size["max_breadth"])[0]) > 5
    assert abs(errors(compared.by_size["depth"])[0]) > 5


def test_matching_is_the_mean_over_random_pairs_of_equal_size() -> None:
    one, other = poisson_branching(0.12, 30), poisson_branching(0.18, 30)
    compared = one.against(other)
    for name in MATCHED:
        total, weights = 0.0, 0
        for size in range(2, 41):
            mine, theirs = (getattr(each, name)[each.size == size] for each in (one, other))
            pairs = min(len(mine), len(theirs))
            if pairs:
                total += pairs * (mine.mean() - theirs.mean())
                weights += pairs
        assert one.size.max() <= 40, "beyond 40 people sizes match nearly, and this would be another sum"
        assert compared.by_size[name].difference.mean == pytest.approx(total / weights, rel=1e-12)
    assert compared.matched == weights


def test_nothing_to_match_is_undefined_and_other_realisations_are_refused() -> None:
    none, some = poisson_branching(0.0, 5), poisson_branching(0.5, 5)
    compared = none.against(some)
    assert (compared.matched, compared.by_size["depth"].differs, compared.raw["depth"].one) == (0, None, None)
    assert compared.to_dict()["by_size"]["depth"]["difference"]["mean"] is None
    assert some.against(some).by_size["depth"].difference.mean == 0.0
    assert poisson_branching(0.3, 1).against(poisson_branching(0.4, 1)).raw["depth"].differs is None
    with pytest.raises(UsageError, match="of the same realisations"):
        some.against(poisson_branching(0.5, 5, first=1))
    with pytest.raises(UsageError, match="a CascadeShapes was expected, got int 3"):
        some.against(3)  # type: ignore[arg-type]


def test_more_cascades_than_can_be_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "MOST_CASCADES", 50)
    with pytest.raises(UsageError, match="more than 50 cascades, too many to hold\n  hint: realisation"):
        poisson_branching(0.1, 3)


@pytest.mark.long
def test_intervals_of_matched_differences_hold_the_truth_as_often_as_they_say() -> None:
    """300 campaigns at two strengths, whose matched difference is 0: 95 % of the intervals hold it."""
    graph, tries = erdos_renyi(1_000), 300
    misses = dict.fromkeys(MATCHED[1:], 0)
    for number in range(tries):
        seed = (f"random_seed={number}",)
        one, other = (poisson_branching(p, 60, graph=graph, changes=seed) for p in (0.12, 0.16))
        compared = one.against(other)
        for name in misses:
            misses[name] += bool(compared.by_size[name].differs)
    allowed = SIGMAS * math.sqrt(0.05 * 0.95 * tries)
    assert all(abs(count - 0.05 * tries) < allowed for count in misses.values()), misses

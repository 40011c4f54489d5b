"""Outcomes add, refuse what does not belong together, and say what they say in JSON."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.engine.kernels import CURVES, GENERATIONS, ROW
from viralsim.errors import UsageError
from viralsim.outcome.estimate import Estimate, mean_estimate, proportion_estimate, ratio_estimate
from viralsim.outcome.outcome import METRICS, Outcome
from viralsim.scenario.catalogue import choices

MakeOutcome = Callable[..., Outcome]
steady = settings(derandomize=True, deadline=None, max_examples=60)
PER_REALISATION = ("rows", "generation_counts", "curves", "trust_sums", "trust_quantiles")
ARRAYS = ("indices", *PER_REALISATION, "report_ticks", "segment_people")
SEGMENTS = ("young", "nobody", "old")


def _bytes(outcome: Outcome) -> list[bytes]:
    return [getattr(outcome, name).tobytes() for name in ARRAYS]


# -- adding -----------------------------------------------------------------------------------------


@steady
@given(st.lists(st.integers(0, 3), max_size=12), st.permutations(range(4)), st.booleans())
def test_outcomes_add_in_any_order_and_grouping_to_the_same_bytes(
    make_outcome: MakeOutcome, owners: list[int], order: list[int], two_items: bool
) -> None:
    """Realisations dealt out to four blocks, interlocking or empty, are the same outcome again."""
    played = {"items": ("content", "rumour"), "segments": SEGMENTS} if two_items else {"items": ("content",)}
    whole = make_outcome(range(len(owners)), **played)
    blocks = [make_outcome([r for r, owner in enumerate(owners) if owner == block], **played) for block in range(4)]
    a, b, c, d = (blocks[k] for k in order)
    for added in (
        a + b + c + d,
        a + (b + (c + d)),
        (d + c) + (b + a),
        sum([a, b, c, d]),
        Outcome.total(blocks),
    ):
        assert isinstance(added, Outcome)
        assert added == whole
        assert _bytes(added) == _bytes(whole)
        assert json.dumps(added.to_dict()) == json.dumps(whole.to_dict())


def test_an_outcome_without_realisations_changes_nothing(make_outcome: MakeOutcome) -> None:
    empty, some = make_outcome([]), make_outcome([3, 5])
    assert empty + some == some + empty == some
    assert empty + empty == empty
    assert sum([some]) == some
    assert empty != some


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scenario_hash": "ff"}, "scenario hash '0123456789abcdef' and 'ff'"),
        ({"plan": "fringe"}, "plan 'hubs' and 'fringe'"),
        ({"random_seed": 8}, "random_seed 7 and 8"),
        ({"items": ("advert",)}, r"items \('content',\) and \('advert',\)"),
        ({"people": 9}, "people 1000 and 9"),
        ({"tick_seconds": 60.0}, "tick_seconds 1800.0 and 60.0"),
        ({"horizon": 41}, "horizon 40 and 41"),
        ({"viral_threshold": 1}, "viral threshold 100 and 1"),
        ({"impressions_counted": False}, "impressions counted True and False"),
        ({"report_ticks": [0, 1, 2, 3, 4]}, "different report times"),
        ({"times": 4}, "different report times"),
        ({"segments": SEGMENTS}, r"segments \(\) and \('young', 'nobody', 'old'\)"),
    ],
)
def test_what_does_not_belong_together_is_not_added(
    make_outcome: MakeOutcome, changes: dict[str, Any], words: str
) -> None:
    one, other = make_outcome([0]), make_outcome([1], **changes)
    with pytest.raises(UsageError, match=f"these outcomes do not add: {words}"):
        one + other
    assert make_outcome([0]) != make_outcome([0], **changes)


def test_other_people_in_the_segments_are_not_added(make_outcome: MakeOutcome) -> None:
    one, other = make_outcome([0], segments=SEGMENTS), make_outcome([1], segments=SEGMENTS, segment_people=[1, 2, 3])
    with pytest.raises(UsageError, match="different people in the segments"):
        one + other


def test_another_main_item_is_not_added(make_outcome: MakeOutcome) -> None:
    one = make_outcome([0], items=("content", "rumour"))
    other = make_outcome([1], items=("content", "rumour"), main_item="rumour")
    with pytest.raises(UsageError, match="main item 'content' and 'rumour'"):
        one + other


def test_no_realisation_is_counted_twice(make_outcome: MakeOutcome) -> None:
    with pytest.raises(UsageError, match=r"both outcomes hold realisation 2 \(2 realisations in common\)"):
        make_outcome([0, 2, 4]) + make_outcome([2, 3, 4])
    with pytest.raises(UsageError, match=r"both outcomes hold realisation 4 \(1 realisation in common\)"):
        make_outcome([4]) + make_outcome([4])
    with pytest.raises(UsageError, match="no outcome to add"):
        Outcome.total([])
    with pytest.raises(TypeError):
        make_outcome([0]) + 1  # type: ignore[operator]


def test_outcomes_differ_by_any_number(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([0, 1], segments=SEGMENTS)
    assert outcome == make_outcome([0, 1], segments=SEGMENTS)
    assert hash(outcome) == hash(make_outcome([0, 1], segments=SEGMENTS))
    for name in PER_REALISATION:
        changed = getattr(outcome, name).copy()
        changed.flat[-1] += 1
        assert outcome != make_outcome([0, 1], segments=SEGMENTS, **{name: changed})
    assert outcome != "an outcome"


def test_arrays_cannot_be_changed_behind_an_outcomes_back(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([0], segments=SEGMENTS)
    for name in ARRAYS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(outcome, name)[...] = 0


@pytest.mark.parametrize(
    "changes",
    [
        {"indices": [0]},
        {"indices": [1, 1]},
        {"indices": [1, 0]},
        {"rows": np.zeros((2, 1, 3))},
        {"generation_counts": np.zeros((2, 1, 3))},
        {"curves": np.zeros((2, 1, len(CURVES), 6))},
        {"main_item": "rumour"},
        {"trust_sums": np.zeros((2, 3, 6))},
        {"trust_quantiles": np.zeros((2, 3, 3, 4))},
        {"segment_people": np.zeros(2)},
    ],
)
def test_shapes_that_do_not_fit_are_refused(make_outcome: MakeOutcome, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        replace(make_outcome([0, 1], segments=SEGMENTS), **changes)


# -- reading ----------------------------------------------------------------------------------------


def test_the_metrics_are_those_of_the_catalogue() -> None:
    assert tuple(choices("metric")) == METRICS


def test_every_metric_is_an_attribute(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(50), segments=SEGMENTS)
    for name in METRICS:
        estimate = getattr(outcome, name)
        assert isinstance(estimate, Estimate)
        assert estimate == outcome.metric(name) == outcome.metric(name, "content")
        assert estimate.mean is not None


def test_metrics_are_read_from_their_columns(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(60), items=("content", "rumour"))
    for i, item in enumerate(outcome.items):
        rows, generations = outcome.rows[:, i], outcome.generation_counts[:, i]
        for name in ROW:
            if name in ("time_to_peak", "time_to_half", "seeds", "cost"):
                continue
            assert outcome.metric(name, item) == mean_estimate(rows[:, ROW.index(name)], at_least=0.0)
        peaks = rows[:, ROW.index("time_to_peak")]
        assert (peaks < 0).any()
        assert outcome.metric("time_to_peak", item) == mean_estimate(peaks[peaks >= 0], at_least=0.0)
        assert outcome.metric("time_to_peak", item).realisations == (peaks >= 0).sum() < 60
        assert outcome.metric("viral_chance", item) == proportion_estimate(rows[:, ROW.index("engaged")] >= 100)
        assert outcome.metric("reproduction_number", item) == ratio_estimate(generations[:, 2], generations[:, 1])
    assert outcome.metric("engaged", "rumour") != outcome.metric("engaged", "content")


def test_as_many_as_the_threshold_is_viral(make_outcome: MakeOutcome) -> None:
    engaged = int(make_outcome([0]).rows[0, 0, ROW.index("engaged")])
    assert make_outcome([0], viral_threshold=engaged).viral_chance.mean == 1.0
    assert make_outcome([0], viral_threshold=engaged + 1).viral_chance.mean == 0.0


def test_unknown_names_get_a_suggestion(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([0])
    with pytest.raises(UsageError, match=r"no metric 'reech'; choose from reach, .*\n  hint: did you mean 'reach'?"):
        outcome.metric("reech")
    with pytest.raises(UsageError, match=r"no item 'contents'; there is content\n  hint: did you mean 'content'?"):
        outcome.metric("reach", "contents")
    with pytest.raises(UsageError, match="no curve 'generations'; choose from reach"):
        outcome.curve("generations")
    with pytest.raises(UsageError, match="no item"):
        outcome.curve("reach", "x")
    with pytest.raises(UsageError, match="no item"):
        outcome.reproduction_by_generation("x")


def test_what_was_not_counted_is_undefined_not_zero(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(5), impressions_counted=False)
    for name in ("reach", "impressions"):
        assert outcome.metric(name) == Estimate()
        curve = outcome.curve(name)
        assert curve.realisations == 0
        assert np.isnan(curve.mean).all()
        assert set(curve.to_dict()["p95"]) == {None}
    assert outcome.engaged.mean is not None
    assert outcome.curve("engaged").realisations == 5


def test_without_realisations_everything_is_undefined(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([])
    assert {outcome.metric(name) for name in METRICS} == {Estimate()}
    assert outcome.reproduction_by_generation() == []
    assert np.isnan(outcome.curve("engaged").p50).all()
    json.dumps(outcome.to_dict(), allow_nan=False)


def test_one_realisation_has_no_interval_of_the_mean(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([0])
    assert outcome.engaged.mean == outcome.engaged.p50 == outcome.rows[0, 0, ROW.index("engaged")]
    assert outcome.engaged.mean_low is None
    json.dumps(outcome.to_dict(), allow_nan=False)


def test_reproduction_by_generation_covers_the_generations_that_occur(make_outcome: MakeOutcome) -> None:
    counts = np.zeros((3, 1, GENERATIONS), dtype=np.int64)
    counts[0, 0, :4] = (2, 6, 9, 3)
    counts[1, 0, :2] = (2, 1)
    counts[2, 0, :1] = 2
    found = make_outcome(range(3), generation_counts=counts).reproduction_by_generation()
    assert [e.mean for e in found] == [7 / 6, 9 / 7, 3 / 9, 0.0]
    assert [e.realisations for e in found] == [3, 2, 1, 1]
    assert found[2].mean_low is None
    everything = make_outcome([0], generation_counts=np.ones((1, 1, GENERATIONS)))
    assert [e.mean for e in everything.reproduction_by_generation()] == [1.0] * (GENERATIONS - 1)


def test_the_reproduction_number_does_not_count_the_seeds_followers(make_outcome: MakeOutcome) -> None:
    counts = np.zeros((1, 1, GENERATIONS), dtype=np.int64)
    counts[0, 0, :3] = (1, 1000, 500)
    assert make_outcome([0], generation_counts=counts).reproduction_number.mean == 0.5
    counts[0, 0, 1:] = 0
    assert make_outcome([0], generation_counts=counts).reproduction_number == Estimate()


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_is_an_estimate_at_every_time_and_ends_at_the_metric(make_outcome: MakeOutcome, name: str) -> None:
    outcome = make_outcome(range(30), items=("content", "rumour"))
    curve = outcome.curve(name, "rumour")
    assert (curve.name, curve.item, curve.realisations) == (name, "rumour", 30)
    assert curve.ticks.tolist() == [0, 10, 20, 30, 40]
    assert curve.hours.tolist() == [0.0, 5.0, 10.0, 15.0, 20.0]
    numbers = curve.to_dict()
    for k in range(5):
        wanted = mean_estimate(outcome.curves[:, 1, CURVES.index(name), k], at_least=0.0)
        assert {quantity: values[k] for quantity, values in numbers.items()} == wanted.to_dict()
    assert {quantity: values[-1] for quantity, values in numbers.items()} == outcome.metric(name, "rumour").to_dict()


# -- trust ------------------------------------------------------------------------------------------


def test_trust_is_the_mean_over_people_and_then_over_realisations(make_outcome: MakeOutcome) -> None:
    """Segments count by their people: one of 700 at 0.5 and one of 300 at 0.9 are 0.62 together."""
    sums = np.zeros((2, 3, 2), dtype=np.int64)
    sums[0, :, 1] = [700 * 2**31, 0, 300 * 2**30]
    sums[1, :, 1] = [700 * 2**32, 0, 300 * 2**31]
    outcome = make_outcome([0, 1], times=2, segments=SEGMENTS, trust_sums=sums)
    assert outcome.values("trust").tolist() == [0.35 + 0.075, 0.7 + 0.15]
    assert outcome.trust.mean == pytest.approx(0.6375, rel=1e-15)
    assert (outcome.trust.p05, outcome.trust.p95) == (0.425, 0.85)
    assert outcome.trust.mean_high == 1.0  # two realisations know it badly, but it is a share
    assert outcome.metric("trust", "content") == outcome.trust
    assert outcome.trust_curve("young").mean.tolist() == [0.0, 0.75]
    assert outcome.trust_curve("old").p50.tolist() == [0.0, 0.25]
    assert np.isnan(outcome.trust_curve("nobody").mean).all()
    assert outcome.trust_curve("nobody").realisations == 0


def test_segments_together_are_all_people(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(40), segments=SEGMENTS)
    whole = outcome.trust_curve()
    parts = sum(n * outcome.trust_curve(name).mean for name, n in (("young", 700), ("old", 300)))
    assert whole.mean == pytest.approx(parts / 1000, rel=1e-12)
    assert {quantity: getattr(whole, quantity)[-1] for quantity in outcome.trust.to_dict()} == outcome.trust.to_dict()
    for name in ("young", "old"):
        curve = outcome.trust_curve(name)
        assert (curve.name, curve.item) == ("trust", name)
        ends = {quantity: values[-1] for quantity, values in curve.to_dict().items()}
        assert {key: outcome.to_dict()["segments"][name]["trust"][key] for key in ends} == ends


def test_quantiles_of_people_are_means_over_realisations(make_outcome: MakeOutcome) -> None:
    quantiles = np.full((2, 3, 3, 2), -1, dtype=np.int64)
    quantiles[:, 0, :, 0] = 1000
    quantiles[:, 0, :, 1] = [[100, 500, 900], [200, 600, 1000]]
    quantiles[:, 2] = 250
    outcome = make_outcome([0, 1], times=2, segments=SEGMENTS, trust_quantiles=quantiles)
    assert outcome.trust_of_people("young").tolist() == [[1.0, 0.15], [1.0, 0.55], [1.0, 0.95]]
    of_segments = outcome.to_dict()["segments"]
    assert of_segments["young"]["people"] == 700
    assert of_segments["young"]["trust"]["quantiles_of_people"] == {
        "ticks": [0, 40],
        "p05": [1.0, 0.15],
        "p50": [1.0, 0.55],
        "p95": [1.0, 0.95],
    }
    assert of_segments["nobody"]["trust"] == {
        **dict.fromkeys(("mean", "mean_low", "mean_high", "p05", "p50", "p95")),
        "quantiles_of_people": {"ticks": [0, 40], **{key: [None, None] for key in ("p05", "p50", "p95")}},
    }


def test_quantiles_of_people_are_at_20_of_the_report_times_the_last_among_them(make_outcome: MakeOutcome) -> None:
    assert make_outcome([0], times=5).quantile_ticks.tolist() == [0, 10, 20, 30, 40]
    many = make_outcome([0], times=41)
    assert len(many.quantile_ticks) == 20
    assert (many.quantile_ticks[0], many.quantile_ticks[-1]) == (0, 40)
    assert make_outcome([0], times=41, segments=SEGMENTS).trust_of_people("young").shape == (3, 20)


def test_trust_that_nothing_takes_is_undefined(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(4))
    assert outcome.trust == Estimate()
    assert np.isnan(outcome.values("trust")).all()
    assert np.isnan(outcome.trust_curve().mean).all()
    assert (outcome.to_dict()["segments"], "trust" in outcome.to_dict()["curves"]) == ({}, False)
    with pytest.raises(UsageError, match="trust is not followed: no item can take any"):
        outcome.trust_curve("everyone")
    with pytest.raises(UsageError, match=r"no segment 'yung'; there is young, nobody, old\n.*did you mean 'young'"):
        make_outcome([0], segments=SEGMENTS).trust_of_people("yung")


def test_values_are_what_a_metric_is_the_mean_of(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(60), items=("content", "rumour"), segments=SEGMENTS)
    for item in outcome.items:
        for name in METRICS:
            if name == "reproduction_number":
                continue
            values = outcome.values(name, item)
            assert values.shape == (60,)
            assert np.nanmean(values) == pytest.approx(outcome.metric(name, item).mean, rel=1e-12)
            assert np.count_nonzero(~np.isnan(values)) == outcome.metric(name, item).realisations
    assert np.isnan(make_outcome([0], impressions_counted=False).values("reach")).all()
    with pytest.raises(UsageError, match="reproduction_number is a ratio of sums: single realisations have none"):
        outcome.values("reproduction_number")
    with pytest.raises(UsageError, match="did you mean 'trust'"):
        outcome.values("trusst")


# -- JSON -------------------------------------------------------------------------------------------


def test_the_forecast_as_json(make_outcome: MakeOutcome) -> None:
    rows = np.zeros((1, 1, len(ROW)), dtype=np.int64)
    rows[0, 0] = [30, 40, 12, 9, 2, -1, -1, 2, 12_345, 3, 4, 1, 6]
    generations = np.zeros((1, 1, GENERATIONS), dtype=np.int64)
    generations[0, 0, :3] = [2, 6, 4]
    curves = np.array([[[[2, 30], [0, 40], [2, 12], [0, 9]]]])
    outcome = make_outcome([17], times=2, rows=rows, generation_counts=generations, curves=curves, viral_threshold=10)

    def single(value: float | None) -> dict[str, float | None]:
        return {"mean": value, "mean_low": None, "mean_high": None, "p05": value, "p50": value, "p95": value}

    def path(*values: float) -> dict[str, list[float | None]]:
        three = {key: list(values) for key in ("p05", "p50", "p95")}
        return {"mean": list(values), "mean_low": [None, None], "mean_high": [None, None], **three}

    z2 = 1.959963984540054**2  # Wilson: 1 of 1
    metrics = {
        "reach": single(30.0),
        "impressions": single(40.0),
        "engaged": single(12.0),
        "shares": single(9.0),
        "generations": single(2.0),
        "time_to_peak": single(None),
        "time_to_half": single(None),
        "reproduction_number": single(4 / 6),
        "cost": single(123.45),
        "viral_chance": single(1.0) | {"mean_low": pytest.approx(1 / (1 + z2)), "mean_high": 1.0},
        "roots": single(3.0),
        "conversions": single(4.0),
        "incremental_conversions": single(1.0),
        "baseline_conversions": single(6.0),
        "trust": single(None),
    }
    read_back = json.loads(json.dumps(outcome.to_dict(), allow_nan=False))
    assert read_back == {
        "metrics": metrics,
        "items": {"content": metrics},
        "segments": {},
        "platforms": {},
        "curves": {
            "ticks": [0, 40],
            "reach": path(2.0, 30.0),
            "impressions": path(0.0, 40.0),
            "engaged": path(2.0, 12.0),
            "shares": path(0.0, 9.0),
        },
        "reproduction_by_generation": [single(3.0), single(4 / 6), single(0.0)],
        "realisations": 1,
        "first_realisation": 17,
        "random_seed": 7,
        "scenario_hash": "0123456789abcdef",
        "plan": "hubs",
        "main_item": "content",
        "people": 1000,
        "tick_seconds": 1800.0,
        "horizon": 40,
        "viral_threshold": 10,
        "impressions_counted": True,
    }
    assert list(read_back["metrics"]) == list(METRICS)


def test_the_forecast_reports_the_main_item_first_and_every_item(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(9), items=("content", "rumour"), main_item="rumour")
    forecast = outcome.to_dict()
    assert list(forecast["items"]) == ["content", "rumour"]
    assert forecast["metrics"] == forecast["items"]["rumour"] != forecast["items"]["content"]
    assert forecast["curves"]["engaged"] == outcome.curve("engaged", "rumour").to_dict()
    assert outcome.engaged == outcome.metric("engaged", "rumour")


@steady
@given(st.lists(st.integers(0, 10**6), unique=True, max_size=20), st.booleans())
def test_json_holds_finite_numbers_and_null_only(make_outcome: MakeOutcome, indices: list[int], counted: bool) -> None:
    played: dict[str, Any] = {"impressions_counted": counted, "segments": SEGMENTS if counted else ()}
    text = json.dumps(make_outcome(sorted(indices), **played).to_dict(), allow_nan=False)

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        else:
            assert not isinstance(value, float) or math.isfinite(value)

    walk(json.loads(text))


def test_a_hundred_thousand_realisations_are_summarised_at_once(make_outcome: MakeOutcome) -> None:
    some = make_outcome(range(100), times=100, segments=SEGMENTS)
    many = {
        name: np.tile(getattr(some, name), (1000, *[1] * (getattr(some, name).ndim - 1))) for name in PER_REALISATION
    }
    outcome = replace(some, indices=np.arange(100_000), **many)
    started = time.process_time()
    forecast = outcome.to_dict()
    assert time.process_time() - started < 5.0  # about one second; a loop over realisations takes minutes
    assert forecast["metrics"]["engaged"]["p50"] == some.engaged.p50


def test_every_public_name_is_there() -> None:
    import viralsim.outcome

    for name in viralsim.outcome.__all__:
        assert getattr(viralsim.outcome, name) is not None
    assert dir(viralsim.outcome) == sorted(viralsim.outcome.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = viralsim.outcome.nothing

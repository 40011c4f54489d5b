"""Estimates against scipy, against their definition, and their intervals against repeated experiments."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from viralsim.outcome.estimate import (
    Estimate,
    _product,
    _total,
    mean_estimate,
    mean_estimates,
    proportion_estimate,
    ratio_estimate,
)

steady = settings(derandomize=True, deadline=None, max_examples=100)
counts = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)


@steady
@given(counts)
def test_mean_and_students_interval_are_those_of_scipy(values: list[int]) -> None:
    estimate = mean_estimate(np.array(values))
    assert estimate.mean == sum(values) / len(values)
    assert estimate.realisations == len(values)
    if len(values) == 1:
        assert estimate.mean_low is None
        assert estimate.mean_high is None
    elif len(set(values)) == 1:
        assert estimate.mean_low == estimate.mean == estimate.mean_high
    else:
        low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
        assert estimate.mean_low == pytest.approx(low, rel=1e-9, abs=1e-6)
        assert estimate.mean_high == pytest.approx(high, rel=1e-9, abs=1e-6)


@steady
@given(counts)
def test_quantiles_are_the_smallest_value_that_enough_realisations_do_not_exceed(values: list[int]) -> None:
    estimate = mean_estimate(np.array(values))
    for percent, found in ((5, estimate.p05), (50, estimate.p50), (95, estimate.p95)):
        wanted = next(
            v for v in sorted(values) if Fraction(sum(w <= v for w in values), len(values)) >= Fraction(percent, 100)
        )
        assert found == wanted


def test_a_quantile_at_a_step_is_exact() -> None:
    """Of 20 values the 5 % quantile is the first; ceil(0.05 * 20) in binary fractions may say the second."""
    for n in (20, 40, 100, 140, 1000):
        estimate = mean_estimate(np.arange(1, n + 1))
        assert (estimate.p05, estimate.p50, estimate.p95) == (n // 20, n // 2, 19 * n // 20)


def test_sums_beyond_64_bits_are_exact() -> None:
    values = np.array([2**62, 2**62 - 2, 2**62 + 2, 2**62 - 4], dtype=np.int64)
    estimate = mean_estimate(values)
    assert estimate.mean == float(2**62 - 1)
    far = mean_estimate(np.array([0, 2**62, 2**62, 2**62], dtype=np.int64))
    assert far.mean == 0.75 * 2**62
    assert far.half_width == pytest.approx(stats.t.ppf(0.975, 3) * 2**62 / 4)


def test_an_estimate_does_not_depend_on_the_order() -> None:
    values = np.random.default_rng(1).integers(0, 10**7, 5000)
    shuffled = np.random.default_rng(2).permutation(values)
    assert mean_estimate(values) == mean_estimate(shuffled)
    other = np.random.default_rng(3).integers(1, 10**7, 5000)
    both = np.random.default_rng(2).permutation(5000)
    assert ratio_estimate(values, other) == ratio_estimate(values[both], other[both])


def test_a_bound_cuts_the_interval_and_nothing_else() -> None:
    values = np.array([0, 0, 0, 10])
    free, cut = mean_estimate(values), mean_estimate(values, at_least=0.0)
    assert free.mean_low is not None
    assert free.mean_low < 0.0 == cut.mean_low
    assert (free.mean_high, free.half_width, free.precision) == (
        cut.mean_high,
        cut.half_width,
        cut.precision,
    )


def test_precision() -> None:
    estimate = mean_estimate(np.array([90, 110]))
    assert estimate.precision == pytest.approx(stats.t.ppf(0.975, 1) * 10 / 100)
    assert mean_estimate(np.array([0, 0])).precision == 0.0
    assert mean_estimate(np.array([-1, 1])).precision is None
    assert mean_estimate(np.array([5])).precision is None
    assert Estimate().precision is None


@steady
@given(st.integers(0, 50), st.integers(0, 50))
def test_wilsons_interval_is_that_of_scipy(hits: int, misses: int) -> None:
    estimate = proportion_estimate(np.arange(hits + misses) < hits)
    if hits + misses == 0:
        assert estimate == Estimate()
        return
    wanted = stats.binomtest(hits, hits + misses).proportion_ci(0.95, method="wilson")
    assert estimate.mean == hits / (hits + misses)
    assert estimate.mean_low == pytest.approx(wanted.low, abs=1e-12)
    assert estimate.mean_high == pytest.approx(wanted.high, abs=1e-12)
    assert 0.0 <= estimate.mean_low <= estimate.mean <= estimate.mean_high <= 1.0
    assert {estimate.p05, estimate.p50, estimate.p95} <= {0.0, 1.0}
    if hits == 0:
        assert estimate.mean_low == 0.0 < estimate.mean_high
    if misses == 0:
        assert estimate.mean_high == 1.0 > estimate.mean_low


@steady
@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=40))
def test_a_ratio_is_that_of_the_sums_with_the_interval_of_the_delta_method(
    pairs: list[tuple[int, int]],
) -> None:
    pairs = [(y if x else 0, x) for y, x in pairs]
    y, x = (np.array([pair[k] for pair in pairs], dtype=np.int64) for k in (0, 1))
    estimate = ratio_estimate(y, x)
    used = [pair for pair in pairs if pair[1]]
    assert estimate.realisations == len(used)
    if not used:
        assert estimate == Estimate()
        return
    top, bottom = np.array(used).T
    ratio = top.sum() / bottom.sum()
    assert estimate.mean == pytest.approx(ratio)
    within = sorted(Fraction(a, b) for a, b in used)
    assert estimate.p50 == float(within[-(-len(within) // 2) - 1])
    if len(used) > 1:
        half = stats.t.ppf(0.975, len(used) - 1) * stats.sem(top - ratio * bottom) / bottom.mean()
        assert estimate.mean_low == pytest.approx(max(0.0, ratio - half), abs=1e-9)
        assert estimate.mean_high == pytest.approx(ratio + half, abs=1e-9)


def _coverage(found: list[Estimate], truth: float) -> float:
    inside = [e.mean_low <= truth <= e.mean_high for e in found if e.mean_low is not None and e.mean_high is not None]
    assert len(inside) == len(found)
    return sum(inside) / len(inside)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Normal quantiles instead of Student's would cover 0.918 with 10 realisations, and fail here."""
    rng = np.random.default_rng(11)
    experiments = 4000
    four_errors = 4 * math.sqrt(0.95 * 0.05 / experiments)
    few = [mean_estimate(row) for row in rng.poisson(1000, (experiments, 10))]
    assert abs(_coverage(few, 1000.0) - 0.95) < four_errors

    hits = rng.random((experiments, 200)) < 0.3
    assert abs(_coverage([proportion_estimate(row) for row in hits], 0.3) - 0.95) < four_errors

    parents = rng.geometric(0.2, (experiments, 200))
    children = rng.poisson(1.5 * parents)
    ratios = [ratio_estimate(y, x) for y, x in zip(children, parents, strict=True)]
    assert abs(_coverage(ratios, 1.5) - 0.95) < four_errors + 0.005  # the delta method is approximate


def test_quantiles_of_one_campaign_do_not_shrink_with_more_realisations() -> None:
    values = np.random.default_rng(5).poisson(100, 40_000)
    small, large = mean_estimate(values[:400]), mean_estimate(values)
    assert large.p05 == stats.poisson.ppf(0.05, 100)
    assert large.p95 == stats.poisson.ppf(0.95, 100)
    assert small.half_width is not None
    assert large.half_width is not None
    assert large.half_width == pytest.approx(small.half_width / 10, rel=0.1)


def test_numbers_are_plain_floats_ready_for_json() -> None:
    some = [
        mean_estimate(np.array([1, 2])),
        mean_estimate(np.array([3])),
        mean_estimate(np.array([], dtype=np.int64)),
        proportion_estimate(np.array([True])),
        ratio_estimate(np.array([1]), np.array([3])),
        ratio_estimate(np.array([1, 2]), np.array([3, 4])),
    ]
    for estimate in some:
        numbers = estimate.to_dict()
        assert list(numbers) == ["mean", "mean_low", "mean_high", "p05", "p50", "p95"]
        assert {type(number) for number in numbers.values()} <= {float, type(None)}
        json.dumps(numbers, allow_nan=False)
        assert type(estimate.realisations) is int


def test_reading_results_imports_nothing_heavy_before_it_is_needed() -> None:
    code = (
        "import sys, viralsim.outcome.tables, viralsim.outcome.cascade\n"
        "heavy = {'duckdb', 'networkx', 'matplotlib', 'click', 'rich', 'scipy.special'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    code = "import sys, viralsim.outcome; print(sorted({'numpy', 'numba'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@steady
@given(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62)), min_size=1, max_size=40))
def test_sums_of_products_are_exact_whatever_their_size(pairs: list[tuple[int, int]]) -> None:
    """Trust is counted in units of 2^-32: squares of its sums fit no machine word."""
    one, other = (np.array(values, dtype=np.int64) for values in zip(*pairs, strict=True))
    assert _product(one, other) == sum(x * y for x, y in pairs)
    assert _total(one) == sum(x for x, _ in pairs)


@settings(derandomize=True, deadline=None)
@given(
    st.integers(1, 40).flatmap(
        lambda count: st.lists(st.lists(st.integers(0, 2**40), min_size=count, max_size=count), min_size=1, max_size=5)
    ),
    st.sampled_from([None, 0.0]),
    st.integers(0, 40),
)
def test_many_means_at_once_are_the_same_to_the_last_bit(
    rows: list[list[int]], bound: float | None, small: int
) -> None:
    values = np.array(rows, dtype=np.int64) >> small
    assert mean_estimates(values, at_least=bound) == [mean_estimate(row, at_least=bound) for row in values]

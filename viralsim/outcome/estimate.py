"""A number with its intervals and the realisations behind it.

Two intervals that answer different questions, never confused:

- `mean_low` to `mean_high` says how well the *mean* is known (95 %); more realisations shrink it;
- `p05` to `p95` says what *one campaign* may bring; more realisations only draw it more sharply.

Where numbers of the scenario are not known, both realisations of a pair play the same drawn numbers: the interval of
the mean is then computed over pairs, p05 to p95 contains luck and not knowing, and `luck_share` and `unknown_share`
say how much of the variance of one campaign each of the two explains.

Sums of integers are exact here, whatever their size, so an estimate depends on the realisations alone and
not on the order or the blocks in which they were added up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "CONFIDENCE",
    "Estimate",
    "mean_estimate",
    "mean_estimates",
    "proportion_estimate",
    "ratio_estimate",
    "wilson_interval",
]

CONFIDENCE = 0.95
"""Confidence of the interval of the mean."""

_PERCENTS = (5, 50, 95)
_EXACT = 2**53

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A number with its two intervals; None stands for undefined, NaN never occurs.

    Parameters
    ----------
    mean : float or None
        Mean over the realisations.
    mean_low, mean_high : float or None
        95 % interval of the mean: how well `mean` is known. None with fewer than two realisations.
    p05, p50, p95 : float or None
        Quantiles over realisations: what one campaign may bring. Each is a value that occurred, the
        smallest that at least 5, 50 or 95 % of the realisations do not exceed (definition 1 of Hyndman &
        Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996; numpy's
        ``inverted_cdf``). Nothing is interpolated: outcomes are often bimodal, and half-way between dud
        and success lies what never happens.
    realisations : int
        Over how many realisations the number is defined.
    luck_share, unknown_share : float or None
        How much of the variance of one campaign is luck, and how much is not knowing; together 1. None where nothing
        is unknown, where fewer than two whole pairs are there, and where all campaigns are alike.
    pairs : int or None
        Over how many pairs of realisations the interval of the mean is computed; None where nothing is unknown.

    Examples
    --------
    >>> estimate = mean_estimate(np.array([3, 5, 4, 400]))
    >>> estimate.mean, estimate.p50, estimate.realisations
    (103.0, 4.0, 4)
    >>> Estimate().to_dict()
    {'mean': None, 'mean_low': None, 'mean_high': None, 'p05': None, 'p50': None, 'p95': None}
    """

    mean: float | None = None
    mean_low: float | None = None
    mean_high: float | None = None
    p05: float | None = None
    p50: float | None = None
    p95: float | None = None
    realisations: int = 0
    luck_share: float | None = None
    unknown_share: float | None = None
    pairs: int | None = None

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval of the mean (its upper half: the lower may be cut at a bound)."""
        return None if self.mean is None or self.mean_high is None else self.mean_high - self.mean

    @property
    def precision(self) -> float | None:
        """Half width relative to the mean: 0.01 is "known to 1 %"; None where either is undefined.

        Examples
        --------
        >>> mean_estimate(np.array([7, 7, 7])).precision
        0.0
        """
        if self.mean is None or self.half_width is None:
            return None
        if self.half_width == 0.0:
            return 0.0
        return self.half_width / abs(self.mean) if self.mean else None

    def divided(self, by: float) -> Estimate:
        """Return the same in another unit: every number divided.

        Parameters
        ----------
        by : float
            Above 0.

        Examples
        --------
        >>> mean_estimate(np.array([150, 250])).divided(100).mean
        2.0
        """
        numbers = ("mean", "mean_low", "mean_high", "p05", "p50", "p95")
        values: dict[str, Any] = {
            name: None if (value := getattr(self, name)) is None else value / by for name in numbers
        }
        return replace(self, **values)

    def at_most(self, bound: float) -> Estimate:
        """Return the same with the interval of the mean cut at what the mean cannot exceed, as shares 1.

        Parameters
        ----------
        bound : float

        Examples
        --------
        >>> mean_estimate(np.array([0, 1])).at_most(1.0).mean_high
        1.0
        """
        return self if self.mean_high is None else replace(self, mean_high=min(self.mean_high, bound))

    def to_dict(self) -> dict[str, float | None]:
        """Return the six numbers by name, ready for JSON; with unknowns the two shares of the variance too."""
        numbers = {
            "mean": self.mean,
            "mean_low": self.mean_low,
            "mean_high": self.mean_high,
            "p05": self.p05,
            "p50": self.p50,
            "p95": self.p95,
        }
        if self.pairs is None:
            return numbers
        return {**numbers, "luck_share": self.luck_share, "unknown_share": self.unknown_share}


@lru_cache(maxsize=256)
def _student_t(degrees: int) -> float:
    """Return the two-sided 95 % quantile of Student's t."""
    from scipy.special import stdtrit  # 0.2 s to import

    return float(stdtrit(degrees, 0.5 + CONFIDENCE / 2))


def _product(a: Ints, b: Ints) -> int:
    """Return the sum of a * b, exact."""
    largest = max(abs(int(a.min())), abs(int(a.max()))) * max(abs(int(b.min())), abs(int(b.max())))
    if largest * len(a) < 2**63:
        return int(np.dot(a, b))
    total = 0
    for start in range(0, len(a), 2**20):  # sums of so many products of 21 bits fit 64
        one, other = _limbs(a[start : start + 2**20]), _limbs(b[start : start + 2**20])
        total += sum(int(np.dot(x, y)) << 21 * (i + j) for i, x in enumerate(one) for j, y in enumerate(other))
    return total


def _limbs(values: Ints) -> tuple[Ints, Ints, Ints]:
    """Return integers as three of 21 bits each, the last with the sign."""
    return values & 0x1FFFFF, (values >> 21) & 0x1FFFFF, values >> 42


def _total(a: Ints) -> int:
    """Return the sum of a, exact."""
    if max(abs(int(a.min())), abs(int(a.max()))) * len(a) < 2**63:
        return int(a.sum())
    return (int((a >> 32).sum()) << 32) + int((a & 0xFFFFFFFF).sum())


def _quantiles(values: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> tuple[float, float, float]:
    # In whole numbers: 0.05 is not a binary fraction, and ceil(0.05 * 20) must not become 2.
    places = [-(-len(values) * percent // 100) - 1 for percent in _PERCENTS]
    found = np.partition(values, sorted(set(places)))
    low, middle, high = (float(found[place]) for place in places)
    return low, middle, high


def _sums(values: Ints, pairs: Ints) -> Ints:
    """Return the sums of integers over pairs; pairs are ascending."""
    if len(values) == 0:
        return values
    return np.add.reduceat(values, np.flatnonzero(np.diff(pairs, prepend=-1)), dtype=np.int64)


def _variances(values: npt.NDArray[Any], pairs: Ints) -> tuple[float | None, float | None]:
    """Return which share of the variance of one campaign is luck, and which is not knowing.

    Within a pair, whose realisations have all numbers in common, differences are luck: half their mean square is
    its variance L. The variance of pair means is that of not knowing plus L / 2.
    """
    first = np.flatnonzero(np.diff(pairs) == 0)
    if len(first) < 2:
        return None, None
    one, other = values[first].astype(np.float64), values[first + 1].astype(np.float64)
    luck = float(np.mean((one - other) ** 2)) / 2.0
    unknown = max(0.0, float(np.var((one + other) / 2.0, ddof=1)) - luck / 2.0)
    if luck + unknown == 0.0:
        return None, None
    share = luck / (luck + unknown)
    return share, 1.0 - share


def mean_estimate(values: Ints, *, at_least: float | None = None, pairs: Ints | None = None) -> Estimate:
    """Estimate a mean over realisations; its interval is Student's t.

    Parameters
    ----------
    values : ndarray of int64, shape (realisations,)
        One value per realisation where it is defined.
    at_least : float, optional
        A bound that the mean cannot lie below (0 for counts): the interval is cut there.
    pairs : ndarray of int64, shape (realisations,), optional
        Which pair each realisation belongs to, ascending, where numbers are drawn once per pair: the interval is then
        computed over pairs (as a ratio of sums over pairs, so that half a pair counts for what it is).

    Returns
    -------
    Estimate
        Undefined where there is no value; without an interval of the mean where there is only one.

    Examples
    --------
    >>> estimate = mean_estimate(np.array([1, 2, 3, 4]))
    >>> round(estimate.mean_low, 4), estimate.mean, round(estimate.mean_high, 4)
    (0.4457, 2.5, 4.5543)
    >>> mean_estimate(np.array([], dtype=np.int64)).mean is None
    True
    """
    count = len(values)
    if count == 0:
        return Estimate(pairs=None if pairs is None else 0)
    mean = _total(values) / count
    low = high = None
    if pairs is not None:
        of_pairs = ratio_estimate(_sums(values - round(mean), pairs), _sums(np.ones_like(values), pairs))
        half_width = of_pairs.half_width
        if half_width is not None:
            low, high = mean - half_width, mean + half_width
            low = low if at_least is None else max(low, at_least)
        shares = _variances(values, pairs)
        return Estimate(mean, low, high, *_quantiles(values), count, *shares, of_pairs.realisations)
    if count > 1:
        around = values - round(mean)  # small numbers stay small when squared
        squares = count * _product(around, around) - _total(around) ** 2
        half = _student_t(count - 1) * math.sqrt(squares / (count * count * (count - 1)))
        low, high = mean - half, mean + half
        if at_least is not None:
            low = max(low, at_least)
    return Estimate(mean, low, high, *_quantiles(values), count)


def mean_estimates(values: Ints, *, at_least: float | None = None) -> list[Estimate]:
    """Estimate many means over the same realisations at once: what `mean_estimate` gives of each, to the last bit.

    Parameters
    ----------
    values : ndarray of int64, shape (means, realisations)
    at_least : float, optional
        As there.

    Examples
    --------
    >>> values = np.array([[1, 2, 3, 4], [5, 5, 5, 7]])
    >>> mean_estimates(values) == [mean_estimate(row) for row in values]
    True
    """
    count = values.shape[1]
    largest = max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0))))
    if count < 2 or (2 * largest * count) ** 2 >= _EXACT:
        return [mean_estimate(row, at_least=at_least) for row in values]
    # All sums below are whole numbers that floats hold exactly: quotients are rounded once, as those of integers are.
    means = values.sum(axis=1) / count
    around = values - np.rint(means).astype(np.int64)[:, None]
    squares = count * np.einsum("ij,ij->i", around, around) - around.sum(axis=1) ** 2
    half = _student_t(count - 1) * np.sqrt(squares / (count * count * (count - 1)))
    lows = means - half if at_least is None else np.maximum(means - half, at_least)
    places = [-(-count * percent // 100) - 1 for percent in _PERCENTS]
    quantiles = np.partition(values, sorted(set(places)), axis=1)[:, places].astype(np.float64)
    return [
        Estimate(mean, low, high, p05, p50, p95, count)
        for mean, low, high, (p05, p50, p95) in zip(
            means.tolist(), lows.tolist(), (means + half).tolist(), quantiles.tolist(), strict=True
        )
    ]


def wilson_interval(positive: int, count: int, counted: float | None = None) -> tuple[float, float]:
    """Return Wilson's score interval of a chance.

    Parameters
    ----------
    positive, count : int
        How often it happened, of how many tries; at least one.
    counted : float, optional
        How many independent tries they are worth; all of them where None.

    Examples
    --------
    >>> low, high = wilson_interval(5, 100)
    >>> round(low, 4), round(high, 4)
    (0.0215, 0.1118)
    """
    counted, share = float(count) if counted is None else counted, positive / count
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    scale = 1.0 + z * z / counted
    centre = (share + z * z / (2 * counted)) / scale
    half = z / scale * math.sqrt(share * (1.0 - share) / counted + z * z / (4.0 * counted * counted))
    # At the ends the bound is exactly 0 or 1; rounding must not say otherwise.
    return 0.0 if positive == 0 else max(0.0, centre - half), 1.0 if positive == count else min(1.0, centre + half)


def proportion_estimate(hits: npt.NDArray[np.bool_], *, pairs: Ints | None = None) -> Estimate:
    """Estimate a chance; its interval is Wilson's score interval, honest at 0 and at 1 too.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
    of the American Statistical Association 22 (1927).

    Parameters
    ----------
    hits : ndarray of bool, shape (realisations,)
        Whether it happened.
    pairs : ndarray of int64, shape (realisations,), optional
        Which pair each realisation belongs to, as in `mean_estimate`. The interval is then that of fewer realisations:
        their number over the design effect (how much more the mean varies over pairs than over realisations, from 1
        to 2); where it never or always happened, of as many as there are pairs.

    Returns
    -------
    Estimate
        The quantiles are 0 or 1: one campaign either goes viral or does not. The shares of the variance are those of
        0 and 1.

    Examples
    --------
    >>> estimate = proportion_estimate(np.zeros(100, dtype=bool))
    >>> estimate.mean, round(estimate.mean_high, 4)  # none of 100 is not never
    (0.0, 0.037)
    """
    count = len(hits)
    if count == 0:
        return Estimate(pairs=None if pairs is None else 0)
    positive = int(np.count_nonzero(hits))
    share = positive / count
    low, high = wilson_interval(positive, count, None if pairs is None else _independent(hits.astype(np.int64), pairs))
    quantiles = _quantiles(hits.astype(np.int64))
    if pairs is None:
        return Estimate(share, low, high, *quantiles, count)
    return Estimate(share, low, high, *quantiles, count, *_variances(hits, pairs), len(_sums(pairs * 0, pairs)))


def _independent(hits: Ints, pairs: Ints) -> float:
    """Return how many independent realisations know a chance as well as these in pairs do."""
    sizes = _sums(np.ones_like(hits), pairs)
    count, groups, share = len(hits), len(sizes), float(hits.mean())
    if groups < 2 or share in (0.0, 1.0):
        return float(groups)
    off = (_sums(hits, pairs) - share * sizes).tolist()
    over_pairs = math.fsum(one * one for one in off) * groups / (groups - 1)
    return count / min(2.0, max(1.0, over_pairs / (count * share * (1.0 - share))))


def ratio_estimate(numerators: Ints, denominators: Ints, *, pairs: Ints | None = None) -> Estimate:
    """Estimate a ratio of sums, such as people of one generation per person of the generation before.

    The sum of the numerators over the sum of the denominators: large cascades count by their size, as they
    must. (The mean of the ratios would let a cascade of one person count as much as one of a thousand.)
    The interval is the delta method's with Student's t (Cochran, "Sampling Techniques", 3rd ed. 1977, 6.3).

    Parameters
    ----------
    numerators, denominators : ndarray of int64, shape (realisations,)
        Non-negative.
    pairs : ndarray of int64, shape (realisations,), optional
        Which pair each realisation belongs to, as in `mean_estimate`: the interval is then computed from the sums
        over pairs. The shares of the variance are those of the ratio within one realisation.

    Returns
    -------
    Estimate
        Over the realisations whose denominator is not 0; the quantiles are of the ratio within one
        realisation.

    Examples
    --------
    >>> estimate = ratio_estimate(np.array([10, 0, 2, 0]), np.array([10, 1, 4, 0]))
    >>> estimate.mean, estimate.p50, estimate.realisations
    (0.8, 0.5, 3)
    """
    defined = denominators > 0
    y, x = numerators[defined], denominators[defined]
    count = len(x)
    if count == 0:
        return Estimate(pairs=None if pairs is None else 0)
    if pairs is not None:
        of_each, among = ratio_estimate(y, x), pairs[defined]
        of_pairs = ratio_estimate(_sums(y, among), _sums(x, among))
        luck_share, unknown_share = _variances(y / x, among)
        return replace(
            of_each,
            mean_low=of_pairs.mean_low,
            mean_high=of_pairs.mean_high,
            luck_share=luck_share,
            unknown_share=unknown_share,
            pairs=of_pairs.realisations,
        )
    top, bottom = _total(y), _total(x)
    ratio = top / bottom
    low = high = None
    if count > 1:
        # Sum of (y - ratio x)^2, times bottom^2, in whole numbers.
        squares = bottom**2 * _product(y, y) - 2 * top * bottom * _product(x, y) + top**2 * _product(x, x)
        half = _student_t(count - 1) * math.sqrt(count * squares / ((count - 1) * bottom**4))
        low, high = max(0.0, ratio - half), ratio + half
    return Estimate(ratio, low, high, *_quantiles(y / x), count)

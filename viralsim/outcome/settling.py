"""Which of several plans is better, how sure that is, and when enough has been played to say so.

All numbers here come from plans played on the same luck: one row per realisation, one column per plan. A plan is never
compared with another by two separate intervals, but by the differences within realisations, which luck moves far less.

Every pair of plans is judged by a confidence sequence, an interval that holds at all times together, however often one
looks and whenever one stops. The level is divided by the number of pairs (Bonferroni), so that at the stated confidence
*no* pair is judged wrongly: neither looking repeatedly nor picking the best of many makes a claim untrue. (The promise
is asymptotic: no rule knows of what happens more seldom than once in the realisations played.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError
from viralsim.luck import Purpose, stream_key, uniforms

__all__ = ["DRAWS", "FIRST_LOOK", "LEAST", "Judgement", "Ranking", "confidence_sequence", "looks"]

FIRST_LOOK = 1000
"""After so many realisations (or pairs of them, where the scenario has unknowns) a ranking is first looked at.

What happens once in 200 campaigns may not have happened in 250, and a plan that has it would be judged without it.
"""

LEAST = 250
"""Nothing is judged by fewer, where no more are asked for."""

DRAWS = 4000
"""Draws of the Bayesian bootstrap: chances are known to 0.8 % at worst."""

_SHARPEST_AT = 1000
"""Where a confidence sequence is made narrowest, relative to the fixed interval of so many realisations."""

_LEAST_WHERE_ALIKE = 1000
"""A difference that never varied is believed after so many realisations."""

_MOST_BATCHES = 1000
_AT_ONCE = 250

Floats = npt.NDArray[np.float64]
Verdict = Literal["better", "worse", "tie"]


def looks(most: int, *, first: int = FIRST_LOOK) -> list[int]:
    """Return after how many realisations a ranking is looked at: 1000, 2000, 4000, ... and at the end.

    Examples
    --------
    >>> looks(3500), looks(100)
    ([1000, 2000, 3500], [100])
    """
    found = [first]
    while found[-1] < most:
        found.append(2 * found[-1])
    return [*found[:-1], most]


def confidence_sequence(values: Floats, error: float) -> tuple[float, float]:
    """Return an interval of a mean that holds at all times together, from the values so far.

    The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit
    theory and asymptotic confidence sequences", Annals of Statistics 52 (2024), theorem 2.2: with n values of standard
    deviation s it is mean +- s sqrt(2 (n r^2 + 1) / (n^2 r^2) log(sqrt(n r^2 + 1) / error)), where r makes it narrowest
    at about n = 1000. It is some 1.5 times as wide as an interval that holds at one time only.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Independent, at least two.
    error : float
        Chance that the mean is ever outside.

    Examples
    --------
    >>> low, high = confidence_sequence(np.array([1.0, 2.0, 3.0] * 100), 0.05)
    >>> round(low, 2), round(high, 2)
    (1.85, 2.15)
    """
    count = len(values)
    doubled = -2.0 * math.log(error)
    time = count * (doubled + math.log(doubled + 1.0)) / _SHARPEST_AT  # n r^2
    half = float(values.std(ddof=1)) * math.sqrt(
        2.0 * (time + 1.0) / (count * time) * math.log(math.sqrt(time + 1.0) / error)
    )
    mean = float(values.mean())
    return mean - half, mean + half


@dataclass(frozen=True)
class Judgement:
    """What is known of the difference between two plans, all pairs of plans together.

    Parameters
    ----------
    verdict : "better", "worse", "tie" or None
        Of the first plan against the second. A tie: the difference is surely within the margin. None: they cannot be
        told apart yet.
    low, high : float or None
        Interval of the difference of the means (first minus second), of all pairs and looks together. None where fewer
        than two realisations are there.
    pairing : float or None
        How many times as many realisations it would take to know the difference as well, if the plans were played
        apart, each on luck of its own. Below 1 pairing did harm. None where the difference never varied.
    needed : int or None
        About how many realisations would settle it, if all goes on as so far. None where it is settled.

    Examples
    --------
    >>> Judgement("tie", -0.5, 0.7, 3.0, None).verdict
    'tie'
    """

    verdict: Verdict | None
    low: float | None
    high: float | None
    pairing: float | None
    needed: int | None


@dataclass(frozen=True, eq=False)
class Ranking:
    """Plans by one metric, as far as it is settled.

    Parameters
    ----------
    plans : tuple of str
        Their names.
    values : ndarray of float64, shape (realisations, plans)
        The metric in each realisation. Realisations in which it is undefined (NaN) for any plan are left out.
    larger_is_better : bool
    confidence : float
        Chance that no pair is judged wrongly, however often one looks.
    margin : float
        Differences surely smaller than this share of the best mean are a tie.
    pairs : ndarray of int64, shape (realisations,), optional
        Which pair each realisation belongs to, ascending, where numbers are drawn once per pair; a unit is then a whole
        pair. Otherwise it is a realisation.
    random_seed : int
        Keys the draws of the bootstrap, which are the same for the same number.

    Examples
    --------
    >>> values = np.array([[3.0, 2.0, 3.0], [9.0, 6.0, 9.0], [4.0, 4.0, 4.0], [8.0, 5.0, 8.0]] * 500)
    >>> ranking = Ranking(("hubs", "random", "also-hubs"), values)
    >>> ranking.best, ranking.judge("hubs", "random").verdict, ranking.judge("hubs", "also-hubs").verdict
    ('hubs', 'better', 'tie')
    >>> ranking.settled, ranking.wins.round(3).tolist(), ranking.ranks("random")
    (True, [0.458, 0.083, 0.458], (3, 3))
    """

    plans: tuple[str, ...]
    values: Floats
    larger_is_better: bool = True
    confidence: float = 0.95
    margin: float = 0.01
    pairs: npt.NDArray[np.int64] | None = None
    random_seed: int = 1

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """In which realisations the metric is defined for every plan."""
        return np.asarray(~np.isnan(self.values).any(axis=1))

    @cached_property
    def units(self) -> Floats:
        """Independent rows, one per realisation, or one per whole pair: float64[units, plans]."""
        values = self.values[self.known]
        if self.pairs is None:
            return values
        pairs = self.pairs[self.known]
        first = np.flatnonzero(np.diff(pairs) == 0)
        return (values[first] + values[first + 1]) / 2.0

    @cached_property
    def means(self) -> Floats:
        """Mean of each plan, over the realisations in which all have one; NaN where there is none."""
        values = self.values[self.known]
        return values.mean(axis=0) if len(values) else np.full(len(self.plans), np.nan)

    @property
    def _goodness(self) -> float:
        return 1.0 if self.larger_is_better else -1.0

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Plans from the best mean to the worst; equal ones in the order given."""
        return tuple(self.plans[index] for index in np.argsort(-self._goodness * self.means, kind="stable"))

    @property
    def best(self) -> str:
        """The plan with the best mean so far."""
        return self.order[0]

    @cached_property
    def error(self) -> float:
        """Chance of a wrong judgement that each pair of plans may have."""
        return (1.0 - self.confidence) / max(1, math.comb(len(self.plans), 2))

    @cached_property
    def wins(self) -> Floats:
        """Share of single campaigns in which each plan is the best; who are equal share one."""
        values = self._goodness * self.values[self.known]
        if not len(values):
            return np.full(len(self.plans), np.nan)
        ahead = values == values.max(axis=1, keepdims=True)
        return np.asarray((ahead / ahead.sum(axis=1, keepdims=True)).mean(axis=0))

    @cached_property
    def drawn_means(self) -> Floats:
        """What the means may be, given what was played: float64[draws, plans], by the Bayesian bootstrap.

        Each draw gives the units random weights (Rubin, "The Bayesian bootstrap", Annals of Statistics 9, 1981), the
        same for all plans, so that what they have in common stays in common. Many units are first joined to a thousand
        batches. The weights are keyed luck.
        """
        return bootstrap_means(self.units, self.random_seed)

    @cached_property
    def chance_best(self) -> Floats:
        """Chance that each plan has the best mean, from `drawn_means`; equal ones share it. NaN below two units."""
        if len(self.units) < 2:
            return np.full(len(self.plans), np.nan)
        drawn = self._goodness * self.drawn_means
        # Weighted sums of equal columns are equal but for the last bits.
        ahead = drawn >= drawn.max(axis=1, keepdims=True) - 1e-9 * np.abs(drawn).max(axis=1, keepdims=True)
        return np.asarray((ahead / ahead.sum(axis=1, keepdims=True)).mean(axis=0))

    def judge(self, plan: str, other: str) -> Judgement:
        """Judge one plan against another.

        Raises
        ------
        UsageError
            There is no such plan.
        """
        for name in (plan, other):
            if name not in self.plans:
                raise UsageError(f"there is no plan '{name}' here; there are {', '.join(self.plans)}")
        one, two = self.plans.index(plan), self.plans.index(other)
        if one < two:
            return self._judgements[one, two]
        if one == two:
            return Judgement("tie", 0.0, 0.0, None, None)
        found = self._judgements[two, one]
        turned: dict[Verdict | None, Verdict | None] = {"better": "worse", "worse": "better", "tie": "tie", None: None}
        low, high = found.low, found.high
        return Judgement(
            turned[found.verdict],
            None if high is None else 0.0 - high,
            None if low is None else 0.0 - low,
            found.pairing,
            found.needed,
        )

    @cached_property
    def _judgements(self) -> dict[tuple[int, int], Judgement]:
        return {(one, two): self._judged(one, two) for one, two in combinations(range(len(self.plans)), 2)}

    def _judged(self, one: int, two: int) -> Judgement:
        units, count = self.units, len(self.units)
        if count < 2:
            return Judgement(None, None, None, None, None)
        off = units[:, one] - units[:, two]
        varies = bool(off.min() < off.max())
        low, high = confidence_sequence(off, self.error) if varies else (float(off[0]), float(off[0]))
        enough = LEAST
        if varies:
            # Cochran, "Sampling Techniques", 3rd ed. 1977, 2.15: more than 25 times the squared skewness, or the mean
            # is not yet normal. So one viral campaign in a hundred needs some 2,500 realisations.
            around = off - off.mean()
            spread = float(np.sqrt(np.mean(around**2)))
            enough = max(enough, math.floor(25.0 * float(np.mean((around / spread) ** 3)) ** 2) + 1)
        else:
            enough = _LEAST_WHERE_ALIKE
        tolerated = self.margin * abs(float(self.means[self.plans.index(self.best)]))
        verdict: Verdict | None = None
        if count >= enough:
            if -tolerated <= low and high <= tolerated:  # who is better hardly matters, though it may be known
                verdict = "tie"
            elif low * self._goodness > 0.0 and high * self._goodness > 0.0:
                verdict = "better"
            elif low * self._goodness < 0.0 and high * self._goodness < 0.0:
                verdict = "worse"
        pairing = needed = None
        if varies:
            apart = float(units[:, one].var(ddof=1)) + float(units[:, two].var(ddof=1))
            pairing = apart / float(off.var(ddof=1))
        if verdict is None:
            half, middle = (high - low) / 2.0, abs((high + low) / 2.0)
            wanted = max(middle, tolerated - middle)
            more = 1.0 if wanted <= 0.0 else (half / wanted) ** 2
            each = len(self.values) / count
            needed = min(math.ceil(max(enough, more * count) * each), 10**12) if wanted > 0.0 else None
        return Judgement(verdict, low, high, pairing, needed)

    @property
    def undecided(self) -> tuple[tuple[str, str], ...]:
        """Pairs of plans that cannot be told apart yet, the better mean first."""
        return tuple(pair for pair in combinations(self.order, 2) if self.judge(*pair).verdict is None)

    @property
    def settled(self) -> bool:
        """Whether every pair is judged: one is better, or it is a tie."""
        return not self.undecided

    def ranks(self, plan: str) -> tuple[int, int]:
        """Return the best and the worst rank that a plan may have, at the stated confidence; ties leave both open."""
        verdicts = [self.judge(plan, other).verdict for other in self.plans if other != plan]
        return 1 + verdicts.count("worse"), len(self.plans) - verdicts.count("better")


def bootstrap_means(units: Floats, random_seed: int, *, draws: int = DRAWS) -> Floats:
    """Return draws of the mean of each column by the Bayesian bootstrap, weights alike for all columns.

    Parameters
    ----------
    units : ndarray of float64, shape (units, columns)
        Independent rows.
    random_seed : int
        Keys the weights.
    draws : int
        How many.

    Returns
    -------
    ndarray of float64, shape (draws, columns)

    Examples
    --------
    >>> drawn = bootstrap_means(np.array([[0.0, 5.0], [1.0, 5.0]]), 1)
    >>> drawn.shape, bool(0.49 < drawn[:, 0].mean() < 0.51), drawn[:, 1].min().round(9).item()
    ((4000, 2), True, 5.0)
    """
    count = len(units)
    batches = min(count, _MOST_BATCHES)
    edges = np.arange(batches) * count // batches
    sizes = np.diff(np.append(edges, count)).astype(np.float64)
    sums = np.add.reduceat(units, edges, axis=0)
    key = stream_key(random_seed, Purpose.SAMPLE, "comparison", "weights")
    drawn = np.empty((draws, units.shape[1]))
    for first in range(0, draws, _AT_ONCE):
        some = slice(first, min(draws, first + _AT_ONCE))
        weights = -np.log1p(-uniforms(key, np.arange(some.start, some.stop)[:, None], np.arange(batches)))
        drawn[some] = (weights @ sums) / (weights @ sizes)[:, None]
    return drawn

"""What explains the results of a sweep: how much each setting does, alone and together with others.

Three designs, three answers. A `sobol` design is answered by Sobol indices (`sobol_effects`), a full grid by the
analysis of variance on its cells (`grid_effects`); both say which share of the variance *between cells* a setting
explains. A `morris` design is answered by elementary effects (`morris_effects`), in the unit of the metric.

What is explained is the mean of the metric in each cell, as it would be known from endlessly many realisations. So the
luck left in the means played is taken off: a square or a product of two means is estimated from pairs of *different*
realisations only (a U-statistic, W. Hoeffding, "A class of statistics with asymptotically normal distribution", Annals
of Mathematical Statistics 19, 1948), which luck does not bias. With one realisation this cannot be done: the metric is
then taken as it is, as of a function without luck.

Intervals are of 95 %, by the Bayesian bootstrap (D. B. Rubin, Annals of Statistics 9, 1981): every draw weights the
realisations and, where cells are a sample, the base samples or trajectories anew, both at once (A. B. Owen, "The
pigeonhole bootstrap", Annals of Applied Statistics 1, 2007: a little too wide rather than too narrow). Too few of
either shows as a wide interval. The weights are keyed luck: the same numbers give the same intervals. All holds with
common luck and without: weights of a realisation are the same in every cell, so what its values share or do not share
across cells is in every draw.

Columns must be independent repetitions: where numbers of the scenario are not known, both realisations of a pair play
the same drawn numbers, and a column is the mean of a pair.

Undefined values (NaN): a cell counts with the mean of its defined values, and the fewer they are the less surely it is
known. A base sample or trajectory with a cell that has none at all is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.luck import Purpose, stream_key, uniforms

__all__ = ["Effect", "ElementaryEffect", "grid_effects", "morris_effects", "sobol_effects"]

_MOST_BATCHES = 200
"""Many realisations are first joined to so many batches: intervals hardly change, and time and memory are bounded."""

_AT_ONCE = 4_000_000
"""So many numbers are held at a time."""

_NOTHING = 1e-9
"""Differences below this share of the largest value are rounding, not effects."""

_TAILS = (0.025, 0.975)

Floats = npt.NDArray[np.float64]
Interval = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Effect:
    """Which share of the variance between cells a setting, or two settings together, explain; from 0 to 1.

    Parameters
    ----------
    names : tuple of str
        One setting, or two for their interaction: what they do together beyond what each does alone.
    first, first_low, first_high : float or None
        The share, with its 95 % interval. None where the metric does not vary between cells (or so little that it is
        not told from luck); the interval is None too where there is nothing to resample.
    total, total_low, total_high : float or None
        The share of all that one setting has a part in, alone or with any others. None for two settings.

    Examples
    --------
    >>> Effect(("item.content.stickiness",), 0.8, 0.7, 0.9, 0.85, 0.8, 0.9).to_dict()["total"]
    0.85
    """

    names: tuple[str, ...]
    first: float | None
    first_low: float | None
    first_high: float | None
    total: float | None = None
    total_low: float | None = None
    total_high: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        return {**asdict(self), "names": list(self.names)}


@dataclass(frozen=True)
class ElementaryEffect:
    """What moving one setting across its whole range does to the metric, in the unit of the metric.

    Parameters
    ----------
    names : tuple of str
        The setting.
    mu, mu_low, mu_high : float or None
        Mean of the elementary effects, with its 95 % interval. None where no trajectory has a value in every cell.
    mu_star, mu_star_low, mu_star_high : float or None
        Mean of their sizes: large where the setting matters, though it may raise here and lower there.
    sigma, sigma_low, sigma_high : float or None
        Standard deviation of the effects: large where what the setting does depends on the others, or on where it is.

    Examples
    --------
    >>> ElementaryEffect(("people",), 5.0, 4.0, 6.0, 5.0, 4.0, 6.0, 0.0, 0.0, 1.0).to_dict()["mu_star"]
    5.0
    """

    names: tuple[str, ...]
    mu: float | None
    mu_low: float | None
    mu_high: float | None
    mu_star: float | None
    mu_star_low: float | None
    mu_star_high: float | None
    sigma: float | None
    sigma_low: float | None
    sigma_high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        return {**asdict(self), "names": list(self.names)}


def sobol_effects(y: Floats, names: Sequence[str], *, draws: int = 1000, random_seed: int = 1) -> list[Effect]:
    """Return the Sobol indices of each setting (first order and total) and of each two (second order).

    All cells of a base sample are used: with A, B and their mixtures AB_i (A with setting i of B) and BA_i, the
    variance is that of A - B and BA_i - AB_i, the total effect that of AB_i - A and BA_i - B (M. J. W. Jansen,
    Computer Physics Communications 117, 1999), and (BA_i - B)(AB_k - A) has the mean V_ik, or -2 V_i for k = i (I.
    Azzini, T. A. Mara & R. Rosati, "Comparison of two sets of Monte Carlo estimators of Sobol' indices", Environmental
    Modelling & Software 144, 2021; for two settings it is A. Saltelli's of Computer Physics Communications 145, 2002).
    Only differences enter, so a setting that does nothing has exactly 0, and one that does all has exactly 1.

    The bootstrap takes base samples as drawn independently. Those of a `sobol` design lie more evenly, so that the
    intervals are rather too wide.

    Parameters
    ----------
    y : ndarray of float64, shape (rows, realisations)
        The metric, in the row order of the design: for each base sample A, AB_1 .. AB_d, BA_1 .. BA_d, B.
    names : sequence of str
        The d settings.
    draws : int
        Of the bootstrap.
    random_seed : int
        Keys the draws.

    Returns
    -------
    list of Effect
        The settings in the order given, then each two of them. Estimates and intervals are cut to 0..1.

    Examples
    --------
    >>> from viralsim.experiments.designs import unit_points
    >>> unit = unit_points("sobol", 2, 256)
    >>> one, two, both = sobol_effects(3.0 * unit[:, :1] + unit[:, 1:], ["one", "two"])  # truth: 0.9, 0.1, 0
    >>> one.first_low < 0.9 < one.first_high, two.total_low < 0.1 < two.total_high, round(both.first, 2)
    (True, True, 0.0)
    """
    d = len(names)
    values, sizes = _batches(y)
    cells = values.reshape(-1, 2 * d + 2, values.shape[1])
    cells = cells[~np.isnan(cells).any(axis=(1, 2))]
    pairs = list(combinations(range(d), 2))
    if not len(cells):
        return _effects(names, [None] * d, [None] * d, [None] * len(pairs))
    a, ab, ba, b = cells[:, 0], cells[:, 1 : d + 1], cells[:, d + 1 : 2 * d + 1], cells[:, -1]
    # One stack of differences: A - B, AB_i - A, BA_i - B and BA_i - AB_i; and which products of two of them count.
    stack = np.concatenate([(a - b)[:, None], ab - a[:, None], ba - b[:, None], ba - ab], axis=1)
    from_a, from_b, between = (range(1 + k * d, 1 + (k + 1) * d) for k in range(3))
    products = [
        [(0, 0)],
        *([(from_b[i], from_a[i])] for i in range(d)),
        *([(from_a[i], from_a[i]), (from_b[i], from_b[i])] for i in range(d)),
        *([(between[i], between[i])] for i in range(d)),
        *([(from_b[i], from_a[k]), (from_b[k], from_a[i])] for i, k in pairs),
    ]
    sampled = _weights(random_seed, "base samples", np.ones(len(cells)), draws)
    lucky = _weights(random_seed, "realisations", sizes, draws)
    at_once = max(1, _AT_ONCE // (stack.shape[0] * stack.shape[1]))
    found = np.empty((len(products), draws + 1))
    for first in range(0, draws + 1, at_once):
        v, w = sampled[first : first + at_once], lucky[first : first + at_once]
        means = np.moveaxis(stack @ w.T, 0, 2)  # [differences, draws, base samples]
        for place, terms in enumerate(products):
            square = sum(np.einsum("tj,tj,tj->t", v, means[one], means[two]) for one, two in terms)
            by_realisation = sum(stack[:, one] * stack[:, two] for one, two in terms)
            found[place, first : first + at_once] = _without_luck(square, v @ by_realisation, w)
    base, same, other, mixed, together = np.split(found, np.cumsum([1, d, d, d]))
    variance = (base + mixed) / 4.0
    least = _least(cells)
    return _effects(
        names,
        [_share(-same[i] / 2.0, variance[i], least) for i in range(d)],
        [_share(other[i] / 4.0, variance[i], least) for i in range(d)],
        [_share(together[at] / 2.0, (variance[i] + variance[k]) / 2.0, least) for at, (i, k) in enumerate(pairs)],
    )


def grid_effects(y: Floats, names: Sequence[str], *, draws: int = 1000, random_seed: int = 1) -> list[Effect]:
    """Return what each setting of a full grid explains, and each two together, as shares of the variance between cells.

    This is the analysis of variance of the table of means, all cells weighing the same; its numbers are the Sobol
    indices of settings that take the values of the grid with equal chance. Nothing is resampled but realisations: the
    cells are all there are.

    Parameters
    ----------
    y : ndarray of float64, shape (values of the first setting, ..., values of the last, realisations)
        The metric in every cell of the grid.
    names : sequence of str
        The settings.
    draws : int
        Of the bootstrap.
    random_seed : int
        Keys the draws.

    Returns
    -------
    list of Effect
        The settings in the order given, then each two of them. Estimates and intervals are cut to 0..1. Without
        intervals where there is one realisation only, and undefined where a cell has no value at all.

    Examples
    --------
    >>> y = np.array([[[0.0], [1.0]], [[2.0], [3.0]]])  # two settings of two values, one realisation, no interaction
    >>> [(effect.names, effect.first) for effect in grid_effects(y, ["one", "two"])]
    [(('one',), 0.8), (('two',), 0.2), (('one', 'two'), 0.0)]
    """
    d, shape = len(names), y.shape[:-1]
    pairs = list(combinations(range(d), 2))
    values, sizes = _batches(y.reshape(-1, y.shape[-1]))
    if np.isnan(values).any():
        return _effects(names, [None] * d, [None] * d, [None] * len(pairs))
    if len(sizes) < 2:
        draws = 0
    values = values - values.mean()  # large means must not drown small differences
    lucky = _weights(random_seed, "realisations", sizes, draws)
    by_realisation = _parts(values.reshape(*shape, -1), pairs)
    at_once = max(1, _AT_ONCE // len(values))
    found = np.empty((len(by_realisation), draws + 1))
    for first in range(0, draws + 1, at_once):
        w = lucky[first : first + at_once]
        squares = _parts((values @ w.T).reshape(*shape, -1), pairs)
        for place, square in enumerate(squares):
            found[place, first : first + at_once] = _without_luck(square, by_realisation[place], w)
    whole, alone, other, together = np.split(found, np.cumsum([1, d, d]))
    least = _least(y)
    return _effects(names, *([_share(part, whole[0], least) for part in some] for some in (alone, other, together)))


def _parts(cells: Floats, pairs: Sequence[tuple[int, int]]) -> list[Floats]:
    """Return the variance between cells and its parts, for each entry of the last axis.

    The whole, then each setting alone, all that each setting has a part in, and each two settings together.
    """
    axes = range(cells.ndim - 1)

    def of(*kept: int) -> Floats:
        return np.asarray(cells.mean(axis=tuple(axis for axis in axes if axis not in kept), keepdims=True))

    def square(part: Floats) -> Floats:
        return np.asarray((part**2).mean(axis=tuple(axes)))

    mean = of()
    return [
        square(cells - mean),
        *(square(of(i) - mean) for i in axes),
        *(square(cells - cells.mean(axis=i, keepdims=True)) for i in axes),
        *(square(of(i, k) - of(i) - of(k) + mean) for i, k in pairs),
    ]


def morris_effects(
    y: Floats, unit: Floats, names: Sequence[str], *, draws: int = 1000, random_seed: int = 1
) -> list[ElementaryEffect]:
    """Return the elementary effects of each setting: mean, mean size and spread over trajectories.

    Sources: M. D. Morris, "Factorial sampling plans for preliminary computational experiments", Technometrics 33
    (1991); the mean size is of F. Campolongo, J. Cariboni & A. Saltelli, Environmental Modelling & Software 22 (2007).

    What luck adds to sizes and spread is taken off: the spread as everywhere here, the sizes by taking the sign of an
    effect from all realisations but the one it is multiplied with. So a setting that does nothing has about 0, and
    sizes that are not told from luck are a little too small rather than too large.

    Parameters
    ----------
    y : ndarray of float64, shape (rows, realisations)
        The metric, in the row order of the design: trajectories of d + 1 cells, each of which differs from the one
        before in one setting.
    unit : ndarray of float64, shape (rows, d)
        Where the cells lie, in shares of the range of each setting.
    names : sequence of str
        The d settings.
    draws : int
        Of the bootstrap.
    random_seed : int
        Keys the draws.

    Returns
    -------
    list of ElementaryEffect
        The settings in the order given.

    Examples
    --------
    >>> unit = np.array([[0.0, 0.0], [2 / 3, 0.0], [2 / 3, 2 / 3], [1.0, 1.0], [1.0, 1 / 3], [1 / 3, 1 / 3]])
    >>> for effect in morris_effects(5.0 * unit[:, :1] - unit[:, 1:] ** 2, unit, ["one", "two"]):
    ...     print(round(effect.mu, 6), round(effect.mu_star, 6), round(effect.sigma, 6))
    5.0 5.0 0.0
    -1.0 1.0 0.471405
    """
    d = len(names)
    values, sizes = _batches(y)
    cells, places = values.reshape(-1, d + 1, values.shape[1]), unit.reshape(-1, d + 1, d)
    steps = np.diff(places, axis=1)
    moved = np.argmax(np.abs(steps), axis=2)
    if (np.sort(moved, axis=1) != np.arange(d)).any() or (np.count_nonzero(steps, axis=2) != 1).any():
        raise ValueError("rows are not trajectories in which each setting is moved once")
    order = np.argsort(moved, axis=1)[:, :, None]
    slopes = np.diff(cells, axis=1) / np.take_along_axis(steps, moved[:, :, None], axis=2)
    slopes = np.take_along_axis(slopes, order, axis=1)  # [trajectories, settings, realisations]
    slopes = slopes[~np.isnan(slopes).any(axis=(1, 2))]
    count = len(slopes)
    if not count:
        return [ElementaryEffect((name,), *[None] * 9) for name in names]
    sampled = _weights(random_seed, "trajectories", np.ones(count), draws)
    lucky = _weights(random_seed, "realisations", sizes, draws)
    found = np.empty((3, d, draws + 1))
    at_once = max(1, _AT_ONCE // (slopes.shape[0] * d * 4))
    for first in range(0, draws + 1, at_once):
        v, w = sampled[first : first + at_once], lucky[first : first + at_once]
        for i in range(d):
            mine = slopes[:, i]
            means = w @ mine.T  # [draws, trajectories]
            mean = (v * means).sum(axis=1)
            between = _without_luck((v * means**2).sum(axis=1), v @ mine**2, w)
            between -= _without_luck(mean**2, (v @ mine) ** 2, w)
            if count > 1:
                between /= 1.0 - (v**2).sum(axis=1)
            found[:, i, first : first + at_once] = (
                mean,
                (v * _sizes(mine, means, w)).sum(axis=1),
                np.sqrt(np.maximum(between, 0.0)),
            )
    found[1] = np.maximum(found[1], 0.0)
    resampled = draws > 0 and (count > 1 or len(sizes) > 1)
    return [
        ElementaryEffect(
            (name,),
            *(
                bound
                for measure in found[:, i]
                for bound in (float(measure[0]), *(_interval(measure, measure) if resampled else (None, None)))
            ),
        )
        for i, name in enumerate(names)
    ]


def _sizes(slopes: Floats, means: Floats, w: Floats) -> Floats:
    """Return the sizes of effects that luck does not enlarge: float64[draws, trajectories]."""
    if slopes.shape[1] == 1:
        return np.abs(means)
    found = np.zeros_like(means)
    for of_one, weight in zip(slopes.T, w.T, strict=True):
        part = weight[:, None] * of_one
        found += part * np.sign(means - part)
    return found


def _batches(y: Floats) -> tuple[Floats, Floats]:
    """Return values with undefined ones filled and realisations joined to batches, and the size of each batch."""
    count = y.shape[1]
    defined = ~np.isnan(y)
    if not defined.all():
        known = defined.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(defined, y, 0.0).sum(axis=1, keepdims=True) / known
            # Weighted, this is the ratio of two sums to first order: the mean of the defined, as unsure as it is.
            y = np.where(defined, mean + (y - mean) * (count / known), mean)
    batches = min(count, _MOST_BATCHES)
    edges = np.arange(batches) * count // batches
    sizes = np.diff(np.append(edges, count)).astype(np.float64)
    return np.asarray(np.add.reduceat(y, edges, axis=1) / sizes), sizes


def _weights(random_seed: int, what: str, sizes: Floats, draws: int) -> Floats:
    """Return weights that sum to 1: the plain ones in row 0, then one row for each draw."""
    key = stream_key(random_seed, Purpose.SAMPLE, "effects", what)
    drawn = sizes * -np.log1p(-uniforms(key, np.arange(draws)[:, None], np.arange(len(sizes))))
    weights = np.concatenate([sizes[None], drawn])
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _without_luck(square: Floats, by_realisation: Floats, w: Floats) -> Floats:
    """Return a square of weighted means with the part of equal realisations taken off.

    Parameters
    ----------
    square : ndarray of float64, shape (draws,)
        The sum of w_r w_s q_rs over all realisations r and s.
    by_realisation : ndarray of float64, shape (realisations,) or (draws, realisations)
        q_rr.
    w : ndarray of float64, shape (draws, realisations)
    """
    if w.shape[1] == 1:
        return square
    squared = w**2
    return np.asarray((square - (squared * by_realisation).sum(axis=1)) / (1.0 - squared.sum(axis=1)))


def _least(y: Floats) -> float:
    """Return the variance that is not told from rounding."""
    largest = float(np.nanmax(np.abs(y), initial=0.0))
    return (_NOTHING * largest) ** 2


def _share(part: Floats, whole: Floats, least: float) -> Interval:
    """Return a share with its interval; entry 0 is the estimate, the others are draws."""
    if not whole[0] > least:
        return None, None, None
    told = whole > least
    shares = np.clip(np.divide(part, whole, out=np.zeros_like(part), where=told), 0.0, 1.0)
    if len(shares) == 1:
        return float(shares[0]), None, None
    # A draw in which nothing varies leaves every share possible.
    return float(shares[0]), *_interval(shares, np.where(told, shares, 1.0))


def _interval(lower: Floats, upper: Floats) -> tuple[float, float]:
    low, high = np.quantile(lower[1:], _TAILS[0]), np.quantile(upper[1:], _TAILS[1])
    return float(min(low, lower[0])), float(max(high, upper[0]))


def _effects(
    names: Sequence[str],
    alone: Sequence[Interval | None],
    other: Sequence[Interval | None],
    together: Sequence[Interval | None],
) -> list[Effect]:
    """Put effects together; None stands for undefined."""
    nothing: Interval = (None, None, None)
    singles = [
        Effect((name,), *(one or nothing), *(all_of_it or nothing))
        for name, one, all_of_it in zip(names, alone, other, strict=True)
    ]
    return singles + [
        Effect(two, *(part or nothing)) for two, part in zip(combinations(names, 2), together, strict=True)
    ]

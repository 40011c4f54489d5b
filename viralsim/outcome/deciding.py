"""When a campaign is decided: how much of what comes of it is known from how it stands after a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.outcome.estimate import Estimate

__all__ = ["Decided", "DecidedPair", "explained_share", "predictions"]

Floats = npt.NDArray[np.float64]

_FOLDS = 5
_LEAST = 20  # units, below which nothing is said


@dataclass(frozen=True)
class DecidedPair:
    """How much of the difference between two plans is decided after a while.

    Parameters
    ----------
    plan, other : str
    explained : float or None
        Share of the variance of the difference at the end that is explained by how both stand then.
    stays_ahead : Estimate
        Chance that whoever is ahead then is ahead at the end, over campaigns in which one of them is; whoever is equal
        at the end counts half.

    Examples
    --------
    >>> DecidedPair("hubs", "random", 0.5, Estimate(mean=0.9)).to_dict()["explained"]
    0.5
    """

    plan: str
    other: str
    explained: float | None
    stays_ahead: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by name, ready for JSON."""
        return {
            "plan": self.plan,
            "other": self.other,
            "explained": self.explained,
            "stays_ahead": self.stays_ahead.to_dict(),
        }


@dataclass(frozen=True)
class Decided:
    """How much of the result and of the ranking is decided after a while.

    Parameters
    ----------
    tick : int
        After how many ticks.
    curve : str
        What is looked at then: "engaged", or the metric itself where it has a curve.
    explained : dict of str to float or None
        By plan: share of the variance of the final result that is explained by its curve then.
    leader_stays : Estimate
        Chance that the plan that is ahead of all others then is so at the end; whoever is equal shares it.
    pairs : tuple of DecidedPair
        All pairs of plans.

    Examples
    --------
    >>> Decided(6, "engaged", {"hubs": 0.5}, Estimate(), ()).to_dict()["tick"]
    6
    """

    tick: int
    curve: str
    explained: dict[str, float | None]
    leader_stays: Estimate
    pairs: tuple[DecidedPair, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by name, ready for JSON."""
        return {
            "tick": self.tick,
            "curve": self.curve,
            "explained": dict(self.explained),
            "leader_stays": self.leader_stays.to_dict(),
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


def predictions(state: Floats, final: Floats, group: npt.NDArray[np.int64]) -> Floats:
    """Predict each final value from the state, by what was seen in the *other* groups of realisations.

    A straight line in each of several bins of the state, which are as many as the cube root of the realisations asks
    for; every value is predicted from folds that it is not part of (cross-fitting), so noise explains nothing.

    Parameters
    ----------
    state, final : ndarray of float64, shape (realisations,)
    group : ndarray of int64, shape (realisations,)
        Realisations of one group are never split between folds.

    Returns
    -------
    ndarray of float64, shape (realisations,)
        NaN where there are too few to say anything.

    Examples
    --------
    >>> state = np.arange(100.0)
    >>> off = predictions(state, 3 * state, np.arange(100)) - 3 * state
    >>> bool(abs(off).max() < 40)
    True
    """
    found = np.full(len(final), np.nan)
    if len(final) < _LEAST:
        return found
    for fold in range(_FOLDS):
        out = group % _FOLDS == fold
        seen, known = state[~out], final[~out]
        bins = max(2, round(2.0 * len(seen) ** (1.0 / 3.0)))
        edges = np.unique(np.quantile(seen, np.arange(1, bins) / bins))
        place = np.searchsorted(edges, seen, side="right")
        counts = np.bincount(place, minlength=len(edges) + 1)
        sums = np.bincount(place, known, minlength=len(edges) + 1)
        counts = np.maximum(counts, 1)
        middle, level = np.bincount(place, seen, minlength=len(counts)) / counts, sums / counts
        off = seen - middle[place]
        spread = np.bincount(place, off * off, minlength=len(counts))
        slope = np.bincount(place, off * (known - level[place]), minlength=len(counts)) / np.where(
            spread > 0, spread, 1
        )
        where = np.searchsorted(edges, state[out], side="right")
        # A line is followed no further than the values seen go.
        found[out] = np.clip(level[where] + slope[where] * (state[out] - middle[where]), known.min(), known.max())
    return found


def explained_share(final: Floats, predicted: Floats) -> float | None:
    """Return which share of the variance of final values their predictions explain; None where there is none.

    Examples
    --------
    >>> explained_share(np.arange(40.0), np.arange(40.0)), explained_share(np.ones(40), np.ones(40))
    (1.0, None)
    """
    if len(final) < _LEAST:
        return None
    spread = float(np.sum((final - final.mean()) ** 2))
    if spread == 0.0:
        return None
    return max(0.0, 1.0 - float(np.sum((final - predicted) ** 2)) / spread)

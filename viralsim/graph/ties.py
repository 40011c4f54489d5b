"""What generators share: ties, random orders, powers and logarithms of the same bits on every machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.arithmetic import exp_each, log_each
from viralsim.errors import UsageError
from viralsim.luck import words

__all__ = ["MOST_TIES", "Ties", "capped_power_law", "check_ties", "logarithm", "pairs", "power", "shuffle"]

MOST_TIES = 2**28
"""The most ties that a generator makes."""


@dataclass
class Ties:
    """What a generator makes: the ends of every tie, attributes, and what should be said about them.

    Where not `mutual`, a tie is one arc, from its left end (sharer) to its right end (follower). `shortfalls` are those
    of the notes that say what could not be as asked; `probability` is the chance of each tie to persuade, where the
    generator knows it.
    """

    people: int
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    attributes: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    shortfalls: tuple[str, ...] = ()
    mutual: bool = True
    probability: npt.NDArray[np.float64] | None = None


def pairs(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return both ends of ties as int32, the type of positions."""
    return left.astype(np.int32, copy=False), right.astype(np.int32, copy=False)


def check_ties(name: str, ties: float) -> None:
    """Raise a UsageError where a generator would make more ties than `MOST_TIES`."""
    if ties > MOST_TIES:
        raise UsageError(
            f"that would be {ties:,.0f} ties, more than viralsim makes ({MOST_TIES:,})",
            place=name,
            hint="take fewer people or fewer ties per person",
        )


def shuffle(key: np.uint64, size: int, stage: int) -> npt.NDArray[np.int64]:
    """Return a random order of `size` things, by sorting random 64-bit numbers."""
    drawn = words(key, np.arange(size), 0, stage)
    return np.argsort((drawn[:, 0].astype(np.uint64) << np.uint64(32)) | drawn[:, 1], kind="stable")


def capped_power_law(size: int, exponent: float, mean: float, most: float) -> npt.NDArray[np.float64]:
    """Return the ascending quantiles of a power law with this tail exponent and mean, cut at `most`."""
    if mean >= most:
        return np.full(size, float(most))
    tail = power(1.0 - (np.arange(size) + 0.5) / size, -1.0 / (exponent - 1.0))
    # With the t largest at the cut, the rest shares what is left of the total; the smallest t that fits.
    t = np.arange(size)
    scale = (size * mean - t * most) / np.cumsum(tail)[::-1]
    fits = scale * tail[::-1] <= most
    quantiles: npt.NDArray[np.float64] = np.minimum(tail * scale[np.argmax(fits)], most)
    return quantiles


def power(base: npt.NDArray[np.float64], exponent: float) -> npt.NDArray[np.float64]:
    """Return base ** exponent (base > 0) from plain IEEE operations: the same bits on all machines."""
    result = exponent * logarithm(base)
    exp_each(result)
    return result


def logarithm(number: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the natural logarithm (number > 0) from plain IEEE operations: the same bits on all machines."""
    result = number.copy()
    log_each(result)
    return result

"""Choose one realisation to look at: an ordinary one, a lucky one, the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from viralsim.outcome.outcome import Outcome

__all__ = ["PICKS", "pick_realisation"]

PICKS = ("median", "p95", "largest", "typical")
"""Ways to choose a realisation."""

_LOOKS = ("engaged", "generations", "time_to_half")


def pick_realisation(outcome: Outcome, how: str = "typical") -> int:
    """Return the number of the realisation that shows best what is asked for; of several the first one.

    All is about the main item. A single number hides how different realisations are, so say which one was chosen.

    Parameters
    ----------
    outcome : Outcome
        As from `viralsim.simulate`.
    how : str
        "median" or "p95": as many engaged as in the middle, or as only one in twenty exceeds, or nearly. "largest":
        most engaged. "typical": in the middle in three ways at once, by how many engaged, in how many generations,
        and how soon half of them had. For each, the realisation's distance from the middle of all is the share of
        realisations between it and the middle one; the sum of the squares is the least. Where nobody but seeds
        engaged, half of them had at once.

    Raises
    ------
    UsageError
        There is no such way to choose.

    Examples
    --------
    >>> import viralsim as vs
    >>> outcome = vs.simulate(vs.read_scenario(settings=["network.people=1_000"]), realisations=100)
    >>> number = pick_realisation(outcome, "largest")
    >>> bool(outcome.values("engaged")[number] == outcome.values("engaged").max())
    True
    """
    if how not in PICKS:
        hint = did_you_mean(how, PICKS)
        raise UsageError(f"no way to pick a realisation is called '{how}'; there are {', '.join(PICKS)}", hint=hint)
    engaged = outcome.values("engaged")
    if how == "typical":
        far = sum(_from_the_middle(outcome.values(name)) ** 2 for name in _LOOKS)
    elif how == "largest":
        far = -engaged
    else:
        far = np.abs(engaged - np.quantile(engaged, 0.5 if how == "median" else 0.95))
    return int(outcome.indices[int(np.argmin(far))])


def _from_the_middle(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return for each value the share of values between it and the middle; equal values are equally far."""
    known = np.where(np.isnan(values), -1.0, values)
    ordered = np.sort(known)
    below, upto = np.searchsorted(ordered, known, "left"), np.searchsorted(ordered, known, "right")
    return np.maximum(0.0, np.maximum(below / len(known) - 0.5, 0.5 - upto / len(known)))

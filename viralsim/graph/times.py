"""When arcs and people are there: from what the data says to the ticks of a campaign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError

__all__ = ["ALWAYS", "FOREVER", "Clock", "Spans", "spans_of"]

FOREVER = 2**31 - 1
"""The end of what never ends: later than any tick."""

Floats = npt.NDArray[np.float64]
Spans = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]


@dataclass(frozen=True)
class Clock:
    """How the times of the data become ticks.

    Parameters
    ----------
    origin : float, optional
        The time that is tick 0. What began before has been there from the beginning; what ended by then is never
        there. By default 0, and then nothing may be earlier.
    step : float, optional
        How many of the data's units make one tick, e.g. 3600 for seconds and ticks of an hour. By default times
        are ticks, and whole numbers.
    lasts : float, optional
        How long something is there that has a start and no end, in the data's units. By default for ever.

    Raises
    ------
    UsageError
        A step or duration that is not above 0.

    Examples
    --------
    >>> Clock(step=0)
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: time_step is 0, expected a number above 0
    """

    origin: float | None = None
    step: float | None = None
    lasts: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("time_step", self.step), ("time_lasts", self.lasts)):
            if value is not None and not 0.0 < value < np.inf:
                raise UsageError(f"{name} is {value:g}, expected a number above 0")
        if self.origin is not None and not np.isfinite(self.origin):
            raise UsageError(f"time_origin is {self.origin:g}, expected a number")


ALWAYS = Clock()
"""Times are ticks."""


def spans_of(
    start: Floats | None,
    end: Floats | None,
    rows: int,
    clock: Clock = ALWAYS,
    names: tuple[str, str] = ("start", "end"),
) -> tuple[Spans, tuple[int, str, str] | None]:
    """Turn times into ticks: the first in which something is there, and the first in which it is no more.

    Something is there in every tick that it touches: starts are rounded down and ends up.

    Parameters
    ----------
    start, end : ndarray of float64, shape (rows,), or None
        Times; NaN where there is no bound, as for an end at tick `FOREVER`.
    rows : int
    clock : Clock
    names : tuple of str
        What messages call them.

    Returns
    -------
    spans : tuple of two ndarrays of int32, shape (rows,)
        From 0 to `FOREVER`; both 0 where something is never there. Of no use where there is a fault.
    fault : (row, message, hint) or None
        The first time that cannot be.

    Examples
    --------
    >>> (start, end), fault = spans_of(np.array([7200.0, np.nan]), np.array([9000.0, 3600.0]), 2, Clock(step=3600))
    >>> start.tolist(), end.tolist(), fault
    ([2, 0], [3, 1], None)
    >>> spans_of(np.array([4.0, 5.0]), np.array([9.0, 5.0]), 2)[1]
    (1, 'end is 5, not after start, which is 5', 'end is the first tick in which it is no more there')
    """
    faults: list[tuple[int, str, str]] = []
    ticks: list[npt.NDArray[np.int32]] = []
    times: list[Floats | None] = [start, end]
    if clock.lasts is not None and start is not None:
        lasting = start + clock.lasts
        times[1] = lasting if end is None else np.where(np.isnan(end), lasting, end)
    for name, values, rounded, unbound in zip(names, times, (np.floor, np.ceil), (0, FOREVER), strict=True):
        if values is None:
            ticks.append(np.full(rows, unbound, np.int32))
            continue
        known = ~np.isnan(values)
        with np.errstate(over="ignore"):
            scaled = (values - (clock.origin or 0.0)) / (clock.step or 1.0)
        moved = rounded(scaled)
        late = known & (moved > FOREVER - (unbound == 0))
        findings = [
            (known & ~np.isfinite(values), "expected a tick", ""),
            (late, f"later than any tick ({FOREVER - 1:,})", "time_origin and time_step turn times into ticks"),
        ]
        if clock.origin is None:
            hint = "time_origin says which time is tick 0"
            findings.append((moved < 0, "expected a tick of at least 0, or nothing", hint))
        if clock.step is None:
            hint = "time_step says how many units of the data make one tick"
            findings.append((known & (scaled != moved), "expected a whole tick", hint))
        faults += [
            (row, f"{name} is {_said(values[row])}, {expected}", hint)
            for bad, expected, hint in findings
            for row in np.flatnonzero(bad)[:1].tolist()
        ]
        ticks.append(np.where(known, np.clip(moved, 0, FOREVER), unbound).astype(np.int32))
    starts, ends = times
    if starts is not None and ends is not None:
        # From 0 to 0 is how tables write what is never there.
        empty = (ends <= starts) & ~((ends == 0) & (starts == 0))
        faults += [
            (
                row,
                f"{names[1]} is {_said(ends[row])}, not after {names[0]}, which is {_said(starts[row])}",
                f"{names[1]} is the first tick in which it is no more there",
            )
            for row in np.flatnonzero(empty)[:1].tolist()
        ]
    return (ticks[0], ticks[1]), min(faults, default=None)


def _said(value: float) -> str:
    return f"{value:.15g}"

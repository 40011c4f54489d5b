"""Kernels of the predicted reproduction number: one generation of sharing after another, along the arcs."""

from __future__ import annotations

from typing import Any

from viralsim.compiling import kernel

__all__ = ["next_generation", "opposite_arcs"]


@kernel
def opposite_arcs(offsets: Any, followers: Any, out: Any) -> None:
    """Find the opposite of each arc.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32 or uint32[arcs]
        Rows ascend.
    out : int32 or int64[arcs]
        Filled in: the position of the arc v -> u for the arc u -> v, -1 where there is none.
    """
    people = offsets.shape[0] - 1
    # Sharers come in ascending order, so each row is gone through once in all.
    ahead = offsets[:people].copy()
    for sharer in range(people):
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            other = followers[arc]
            place = ahead[other]
            while place < offsets[other + 1] and followers[place] < sharer:
                place += 1
            ahead[other] = place
            out[arc] = place if place < offsets[other + 1] and followers[place] == sharer else -1


@kernel
def next_generation(
    offsets: Any, followers: Any, opposite: Any, chance: Any, scale: Any, flow: Any, sums: Any, out: Any
) -> Any:
    """Go one generation further: who gets it along an arc passes it on along all arcs but the way back.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32 or uint32[arcs]
    opposite : int32 or int64[arcs]
        As from `opposite_arcs`.
    chance : float64[arcs] or float64[1]
        Chance of each arc, or of all.
    scale : float
        What everything is multiplied by.
    flow : float64[arcs]
        Expected people of the generation before last, by the arc along which the walk to them begins.
    sums : float64[people]
        Scratch.
    out : float64[arcs]
        Filled in: expected people of the next generation.

    Returns
    -------
    float
        Sum of `out`, in the order of the arcs.
    """
    people = offsets.shape[0] - 1
    for person in range(people):
        total = 0.0
        for arc in range(offsets[person], offsets[person + 1]):
            total += flow[arc]
        sums[person] = total
    alike = chance.shape[0] == 1
    whole = 0.0
    for sharer in range(people):
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            further = sums[followers[arc]]
            if opposite[arc] >= 0:
                further -= flow[opposite[arc]]
            # What is left where the way back was the only one is 0, not a rounding error below it.
            value = scale * (chance[0] if alike else chance[arc]) * max(further, 0.0)
            out[arc] = value
            whole += value
    return whole

"""Kernels of tie trust: overlap of neighbourhoods, returned arcs, numbers drawn for each arc."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.graph.arc_kernels import is_in_row
from viralsim.luck import philox, uniform

__all__ = ["draw_for_arcs", "overlap_of_arcs", "returned_arcs"]


@kernel
def overlap_of_arcs(offsets: Any, followers: Any, tie_offsets: Any, ties: Any, common: Any) -> Any:
    """Return for each arc the share of the two people's other ties that are common to both (float64[arcs]).

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
    tie_offsets, ties : int64[people + 1], int32[2 * edges]
        The same, directions ignored; all rows ascend.
    common : int32[2 * edges]
        People tied to both ends of each tie.
    """
    out = np.empty(followers.shape[0], np.float64)
    for sharer in range(offsets.shape[0] - 1):
        place = tie_offsets[sharer]
        own = tie_offsets[sharer + 1] - tie_offsets[sharer]
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            other = followers[arc]
            while ties[place] != other:
                place += 1
            either = own - 1 + tie_offsets[other + 1] - tie_offsets[other] - 1 - common[place]
            out[arc] = np.float64(common[place]) / np.float64(either) if either > 0 else 0.0
    return out


@kernel
def returned_arcs(offsets: Any, followers: Any) -> Any:
    """Return 1 for each arc whose opposite exists, else 0 (float64[arcs]); rows ascend."""
    out = np.zeros(followers.shape[0], np.float64)
    for sharer in range(offsets.shape[0] - 1):
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            if is_in_row(offsets, followers, followers[arc], sharer):
                out[arc] = 1.0
    return out


@kernel
def draw_for_arcs(key: Any, offsets: Any, followers: Any, mutual: Any, which: Any, of: Any) -> Any:
    """Return for each arc the `which`-th smallest of `of` uniform numbers of its own (float64[arcs]).

    Parameters
    ----------
    key : uint64
    offsets, followers : int64[people + 1], int32[arcs]
    mutual : bool
        Whether both directions of a tie get the same number.
    which, of : int
        1 <= which <= of: the law is beta(which, of + 1 - which), uniform where of is 1.
    """
    out = np.empty(followers.shape[0], np.float64)
    drawn = np.empty(of + 1, np.float64)
    for sharer in range(offsets.shape[0] - 1):
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            first = np.int64(sharer)
            second = np.int64(followers[arc])
            if mutual and second < first:
                first, second = second, first
            for step in range((of + 1) // 2):
                w0, w1, w2, w3 = philox(key, first, second, step, 0)
                drawn[2 * step] = uniform(w0, w1)
                if 2 * step + 1 < of:
                    drawn[2 * step + 1] = uniform(w2, w3)
            for i in range(1, of):
                value = drawn[i]
                j = i
                while j > 0 and drawn[j - 1] > value:
                    drawn[j] = drawn[j - 1]
                    j -= 1
                drawn[j] = value
            out[arc] = drawn[which - 1]
    return out

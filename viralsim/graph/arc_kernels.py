"""Kernels over arcs: sorting into rows, merging parallel arcs, components, triangles.

All are single passes of integer work, deterministic, and short (a second or so per hundred million arcs
touched), so that Ctrl-C is heard between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel

__all__ = [
    "MERGE_LAST",
    "MERGE_MAX",
    "MERGE_MEAN",
    "MERGE_SUM",
    "component_roots",
    "is_in_row",
    "merge_sorted",
    "number_by_appearance",
    "stable_order",
]

MERGE_MEAN = 0
MERGE_MAX = 1
MERGE_SUM = 2
MERGE_LAST = 3


@kernel
def stable_order(keys: Any, order: Any, size: Any) -> Any:
    """Return `order` rearranged (counting sort) so that `keys[order]` ascends, equal keys as they were.

    Parameters
    ----------
    keys : int32[rows]
        In [0, size).
    order : int32[rows]
        The order so far.
    size : int
        One more than the largest key.
    """
    starts = np.zeros(size + 1, np.int64)
    for i in range(keys.shape[0]):
        starts[keys[i] + 1] += 1
    for k in range(size):
        starts[k + 1] += starts[k]
    out = np.empty_like(order)
    for i in range(order.shape[0]):
        row = order[i]
        key = keys[row]
        out[starts[key]] = row
        starts[key] += 1
    return out


@kernel
def merge_sorted(
    sharers: Any, followers: Any, spans: Any, order: Any, columns: Any, shift: Any, rule: Any, people: Any
) -> Any:
    """Merge parallel arcs of rows sorted by (sharer, follower, span, row).

    Parameters
    ----------
    sharers, followers : int32[rows]
    spans : int32[rows], or int32[0] where arcs have no times
        Rows of different spans are not merged.
    order : int32[rows]
        Rows by sharer, then follower, then span, then row.
    columns : float64[columns, rows >> shift]
        Numbers to merge; row i's are at `i >> shift`.
    shift : int
        1 where each row of the file became two rows (both directions), else 0.
    rule : int
        One of the MERGE_* numbers.
    people : int

    Returns
    -------
    offsets : int64[people + 1]
    followers : int32[arcs]
    multiplicity : int32[arcs]
    columns : float64[columns, arcs]
    both : int
        Arcs for which rows of both parities were merged: listed in both directions.
    spans : int32[arcs], or int32[0]
    """
    timed = spans.shape[0] > 0
    rows = order.shape[0]
    arcs = 0
    for i in range(rows):
        row = order[i]
        if (
            i == 0
            or sharers[row] != sharers[order[i - 1]]
            or followers[row] != followers[order[i - 1]]
            or (timed and spans[row] != spans[order[i - 1]])
        ):
            arcs += 1
    offsets = np.zeros(people + 1, np.int64)
    out_followers = np.empty(arcs, np.int32)
    multiplicity = np.empty(arcs, np.int32)
    out_columns = np.empty((columns.shape[0], arcs), np.float64)
    out_spans = np.empty(arcs if timed else 0, np.int32)
    both = 0
    arc = 0
    start = 0
    while start < rows:
        first = order[start]
        sharer = sharers[first]
        follower = followers[first]
        end = start + 1
        parities = 1 << (first & 1)
        while end < rows and sharers[order[end]] == sharer and followers[order[end]] == follower:
            if timed and spans[order[end]] != spans[first]:
                break
            parities |= 1 << (order[end] & 1)
            end += 1
        if parities == 3:
            both += 1
        offsets[sharer + 1] += 1
        out_followers[arc] = follower
        multiplicity[arc] = end - start
        if timed:
            out_spans[arc] = spans[first]
        for c in range(columns.shape[0]):
            value = columns[c, first >> shift]
            low = value
            high = value
            total = value
            for i in range(start + 1, end):
                value = columns[c, order[i] >> shift]
                total += value
                low = min(low, value)
                high = max(high, value)
            if rule == MERGE_MEAN:
                # Equal values keep their bits; a mean never leaves the range of what it is the mean of.
                value = low if low == high else min(max(total / (end - start), low), high)
            elif rule == MERGE_MAX:
                value = high
            elif rule == MERGE_SUM:
                value = total
            # MERGE_LAST: the value is the last row's already.
            out_columns[c, arc] = value
        arc += 1
        start = end
    for person in range(people):
        offsets[person + 1] += offsets[person]
    return offsets, out_followers, multiplicity, out_columns, both, out_spans


@kernel
def number_by_appearance(values: Any, lowest: Any, size: Any) -> Any:
    """Return the integers of a dense range numbered by first appearance.

    Parameters
    ----------
    values : int64[n]
        In [lowest, lowest + size).

    Returns
    -------
    positions : int32[n]
    distinct : int64[people]
        The values in order of first appearance.
    """
    table = np.full(size, -1, np.int32)
    positions = np.empty(values.shape[0], np.int32)
    distinct = np.empty(min(size, values.shape[0]), np.int64)
    people = 0
    for i in range(values.shape[0]):
        slot = values[i] - lowest
        position = table[slot]
        if position < 0:
            position = people
            table[slot] = position
            distinct[people] = values[i]
            people += 1
        positions[i] = position
    return positions, distinct[:people].copy()


@kernel
def component_roots(offsets: Any, followers: Any) -> Any:
    """Return for each person the smallest position in the same weakly connected component (int32[people])."""
    people = offsets.shape[0] - 1
    parent = np.arange(people).astype(np.int32)
    for sharer in range(people):
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            a = np.int32(sharer)
            while parent[a] != a:
                parent[a] = parent[parent[a]]
                a = parent[a]
            b = followers[arc]
            while parent[b] != b:
                parent[b] = parent[parent[b]]
                b = parent[b]
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
    for person in range(people):
        # Parents never exceed their children, so one pass upwards settles everybody.
        parent[person] = parent[parent[person]]
    return parent


@kernel(forceinline=True)
def is_in_row(offsets: Any, members: Any, row: Any, member: Any) -> Any:
    """Tell whether a member stands in a row of compressed rows that ascend."""
    low = offsets[row]
    high = offsets[row + 1]
    while low < high:
        middle = (low + high) >> 1
        if members[middle] < member:
            low = middle + 1
        else:
            high = middle
    return low < offsets[row + 1] and members[low] == member

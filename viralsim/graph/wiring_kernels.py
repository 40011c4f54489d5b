"""Kernels of the random networks: skipping, pairing with repair, rewiring, ties drawn in proportion.

Ties that are made already are held in a table (open addressing) of codes, smaller end x people + larger end:
-1 is a free place, -2 one whose tie was taken out. A caller makes it at least half again as large as it gets.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.luck import philox, uniform

__all__ = ["attach", "mix", "place_gaps", "remember", "repair", "rewire"]

# Third counter word of every draw: what it is for. Streams of one key never overlap.
_STAGE_MIX = 111
_STAGE_REPAIR = 112
_STAGE_REWIRE = 113
_STAGE_ATTACH = 114

_ATTEMPTS = 64


@kernel(forceinline=True)
def _below(word: Any, word2: Any, size: Any) -> Any:
    """Turn two 32-bit words into a whole number in [0, size), size < 2^40: 53 bits, so that none is favoured."""
    return np.int64(uniform(word, word2) * np.float64(size))


@kernel(forceinline=True)
def _code(a: Any, b: Any, people: Any) -> Any:
    return min(np.int64(a), np.int64(b)) * np.int64(people) + max(np.int64(a), np.int64(b))


@kernel(forceinline=True)
def _look(table: Any, code: Any) -> Any:
    """Return the free place where the code belongs, or -1 - its place where it is in the table."""
    mask = np.int64(table.shape[0] - 1)
    mixed = np.uint64(code) * np.uint64(0x9E3779B97F4A7C15)
    at = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(mask))
    free = np.int64(-1)
    while table[at] != -1:
        if table[at] == code:
            return -1 - at
        if table[at] == -2 and free < 0:
            free = at
        at = (at + 1) & mask
    return at if free < 0 else free


@kernel
def place_gaps(gaps: Any, place: Any, people: Any, left: Any, right: Any) -> Any:
    """Walk over all pairs of people, passing over gaps[i] of them and taking the next.

    Parameters
    ----------
    gaps : float64[draws]
        How many pairs are passed over before each tie; whole numbers of at most the number of pairs.
    place : int64[2]
        Where the walk is: larger and smaller person of the last pair; (1, -1) to begin with. Moves on.
    people : int
    left, right : int32[draws]
        Filled in: the ends of the ties.

    Returns
    -------
    int
        How many ties were taken; fewer than draws at the end of the walk.
    """
    row = place[0]
    column = place[1]
    taken = 0
    for i in range(gaps.shape[0]):
        column += 1 + np.int64(gaps[i])
        while row < people and column >= row:
            column -= row
            row += 1
        if row >= people:
            break
        left[taken] = column
        right[taken] = row
        taken += 1
    place[0] = row
    place[1] = column
    return taken


@kernel
def mix(key: Any, salt: Any, things: Any, begin: Any, end: Any) -> None:
    """Put things[begin:end] into random order with what follows; from 0 to the end it is a fair shuffle."""
    size = things.shape[0]
    for i in range(begin, end):
        word, word2, _, _ = philox(key, i, salt, _STAGE_MIX, 0)
        other = i + _below(word, word2, size - i)
        things[i], things[other] = things[other], things[i]


@kernel
def remember(left: Any, right: Any, begin: Any, end: Any, people: Any, table: Any, good: Any) -> None:
    """Enter ties into the table; good[i] tells whether tie i is no self-loop and no repetition.

    Parameters
    ----------
    left, right : int32[ties]
    begin, end : int
    people : int
    table : int64[power of two]
    good : bool[ties]
        Filled in.
    """
    for i in range(begin, end):
        a = left[i]
        b = right[i]
        good[i] = False
        if a != b:
            place = _look(table, _code(a, b, people))
            if place >= 0:
                table[place] = _code(a, b, people)
                good[i] = True


@kernel
def repair(key: Any, salt: Any, bad: Any, left: Any, right: Any, people: Any, table: Any, good: Any) -> Any:
    """Switch self-loops and repetitions with random good ties, so that everybody keeps their number of ties.

    A bad tie a - b and a good tie c - d become a - c and b - d (or a - d and b - c) where both are new.

    Parameters
    ----------
    key : uint64
    salt : int
        Other luck for another try.
    bad : int64[bad ties]
        Which ties are not good.
    left, right : int32[ties]
        Changed in place.
    people : int
    table : int64[power of two]
    good : bool[ties]
        As `remember` filled them.

    Returns
    -------
    int
        How many ties are still bad.
    """
    rest = 0
    ties = left.shape[0]
    for i in range(bad.shape[0]):
        tie = bad[i]
        a = left[tie]
        b = right[tie]
        if a != b:
            place = _look(table, _code(a, b, people))
            if place >= 0:
                table[place] = _code(a, b, people)
                good[tie] = True
                continue
        for attempt in range(8 * _ATTEMPTS):
            word, word2, word3, _ = philox(key, tie, attempt, _STAGE_REPAIR, salt)
            other = _below(word, word2, ties)
            if not good[other]:
                continue
            c = left[other]
            d = right[other]
            if word3 & np.uint32(1):
                c, d = d, c
            # (Were both new ties the same, they would be c - d, which is in the table.)
            first = _code(a, c, people)
            second = _code(b, d, people)
            if a == c or b == d or _look(table, first) < 0 or _look(table, second) < 0:
                continue
            table[-1 - _look(table, _code(c, d, people))] = -2
            table[_look(table, first)] = first
            table[_look(table, second)] = second
            left[tie] = a
            right[tie] = c
            left[other] = b
            right[other] = d
            good[tie] = True
            break
        if not good[tie]:
            rest += 1
    return rest


@kernel
def rewire(key: Any, begin: Any, end: Any, share: Any, people: Any, right: Any, table: Any) -> None:
    """Give the ties `begin <= tie < end` of a ring a new right end, each with the chance `share`.

    Parameters
    ----------
    key : uint64
    begin, end : int
        Tie t belongs to person t % people.
    share : float
    people : int
    right : int32[ties]
        Changed in place.
    table : int64[power of two]
        Holds all ties.
    """
    for tie in range(begin, end):
        person = tie % people
        step = tie // people
        word, word2, _, _ = philox(key, person, step, _STAGE_REWIRE, 0)
        if uniform(word, word2) >= share:
            continue
        for attempt in range(1, 1 + _ATTEMPTS):
            word, word2, _, _ = philox(key, person, step, _STAGE_REWIRE, attempt)
            other = _below(word, word2, people)
            if other == person:
                continue
            code = _code(person, other, people)
            if _look(table, code) < 0:
                continue
            table[-1 - _look(table, _code(person, right[tie], people))] = -2
            table[_look(table, code)] = code
            right[tie] = other
            break


@kernel
def attach(
    key: Any,
    kind: Any,
    step: Any,
    steps: Any,
    sharers: Any,
    followers: Any,
    people: Any,
    table: Any,
    left: Any,
    right: Any,
    filled: Any,
) -> Any:
    """Draw pairs of different people who are not tied in either direction, until `left` is full.

    Parameters
    ----------
    key : uint64
    kind : int
        Keeps the luck of mutual and one-way ties apart.
    step, steps : int
        Number of the first draw, and how many at most.
    sharers, followers : int32[...]
        Pools: a random entry is a person in proportion to their weight.
    people : int
    table : int64[power of two]
        All ties so far; grows.
    left, right : int32[wanted]
        Filled in.
    filled : int
        How much of them is filled.

    Returns
    -------
    int
        How much of them is filled now.
    """
    for draw in range(step, step + steps):
        if filled == left.shape[0]:
            break
        word, word2, word3, word4 = philox(key, draw & 0xFFFFFFFF, draw >> 32, _STAGE_ATTACH, kind)
        a = sharers[_below(word, word2, sharers.shape[0])]
        b = followers[_below(word3, word4, followers.shape[0])]
        if a == b:
            continue
        code = _code(a, b, people)
        place = _look(table, code)
        if place < 0:
            continue
        table[place] = code
        left[filled] = a
        right[filled] = b
        filled += 1
    return filled

"""Kernels of the generators: growth by preferential attachment, wiring within communities."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.luck import philox

__all__ = ["assign_communities", "grow", "wire_communities"]

# Third counter word of every draw: what it is for. Streams of one key never overlap.
_STAGE_GROW = 101
_STAGE_ASSIGN = 102
_STAGE_PAIR = 103
_STAGE_CLOSE = 104

_ATTEMPTS = 12


@kernel(forceinline=True)
def _below(word: Any, size: Any) -> Any:
    """Turn a 32-bit word into a whole number in [0, size), size < 2^32."""
    return np.int64((np.uint64(word) * np.uint64(size)) >> np.uint64(32))


@kernel
def grow(key: Any, ties: Any, core: Any, begin: Any, end: Any, ends: Any, filled: Any, chosen: Any) -> Any:
    """Let the newcomers `begin <= person < end` tie themselves to people in proportion to their ties.

    Parameters
    ----------
    key : uint64
        Stream key.
    ties : int32[people]
        How many ties each newcomer brings, at most as many as there are people before them.
    core : int
        Size of the complete core that growth starts from.
    begin, end : int
    ends : int32[2 * edges]
        Both ends of every tie so far; a random entry is a person in proportion to their ties. Grows in place.
    filled : int
        How much of `ends` is filled.
    chosen : int32[people]
        Scratch: the last newcomer who chose this person; -1 to begin with.

    Returns
    -------
    int
        How much of `ends` is filled now.
    """
    for person in range(begin, end):
        known = filled
        made = 0
        attempt = 0
        while made < ties[person]:
            word, _, _, _ = philox(key, person, attempt, _STAGE_GROW, 0)
            attempt += 1
            other = ends[_below(word, known)]
            if attempt > 64 * ties[person]:
                # Nearly everybody is chosen already (only in a tiny core): take the first who is not.
                other = 0
                while chosen[other] == person:
                    other += 1
            if chosen[other] == person:
                continue
            chosen[other] = person
            ends[filled] = person
            ends[filled + 1] = other
            filled += 2
            made += 1
    return filled


@kernel
def assign_communities(key: Any, by_need: Any, need: Any, sizes: Any) -> Any:
    """Give every person a random community with room for their ties, those who need most first.

    Parameters
    ----------
    key : uint64
    by_need : int64[people]
        People, most ties within the community first.
    need : int64[people]
        Ties within the community.
    sizes : int64[communities]
        Descending, summing to people.

    Returns
    -------
    int32[people]
        Community of each person.
    """
    people = by_need.shape[0]
    pool = np.empty(people, np.int32)
    community = np.empty(people, np.int32)
    top = 0
    opened = 0
    for rank in range(people):
        person = by_need[rank]
        while opened < sizes.shape[0] and (sizes[opened] > 2 * need[person] or top == 0):
            pool[top : top + sizes[opened]] = opened
            top += sizes[opened]
            opened += 1
        word, _, _, _ = philox(key, person, 0, _STAGE_ASSIGN, 0)
        slot = _below(word, top)
        community[person] = pool[slot]
        top -= 1
        pool[slot] = pool[top]
    return community


@kernel(forceinline=True)
def _tied(a: Any, b: Any, starts: Any, count: Any, neighbours: Any) -> Any:
    """Tell whether two people are tied already, looking through the shorter list."""
    if count[b] < count[a]:
        a, b = b, a
    for i in range(starts[a], starts[a] + count[a]):  # noqa: SIM110 - numba compiles no generators here
        if neighbours[i] == b:
            return True
    return False


@kernel
def wire_communities(
    key: Any,
    bounds: Any,
    begin: Any,
    end: Any,
    closing: Any,
    starts: Any,
    count: Any,
    neighbours: Any,
    spare: Any,
) -> None:
    """Make the ties within the communities `begin <= community < end`.

    A share of everybody's ties is paired at random, the rest closes triangles: towards a tie of a tie who
    still wants one, or somebody at random where no such person is found.

    Parameters
    ----------
    key : uint64
    bounds : int64[communities + 1]
        People bounds[c] <= person < bounds[c + 1] are community c.
    begin, end : int
    closing : int64[people]
        How many of a person's ties shall close triangles.
    starts : int64[people + 1]
        Person p has room for starts[p + 1] - starts[p] ties at starts[p].
    count : int64[people]
        Ties made so far; zeros to begin with.
    neighbours : int32[starts[-1]]
        The ties, filled in.
    spare : int64[people]
        Filled in: ties for which no partner was found.
    """
    for community in range(begin, end):
        first = bounds[community]
        last = bounds[community + 1]
        for person in range(first, last):
            spare[person] = starts[person + 1] - starts[person]
        # Random pairing of the ties that need not close a triangle.
        stubs = np.empty(starts[last] - starts[first], np.int32)
        top = 0
        for person in range(first, last):
            for _ in range(spare[person] - closing[person]):
                stubs[top] = person
                top += 1
        step = 0
        while top > 1:
            word, word2, _, _ = philox(key, community, step, _STAGE_PAIR, 0)
            step += 1
            slot = _below(word, top)
            a = stubs[slot]
            top -= 1
            stubs[slot] = stubs[top]
            slot = _below(word2, top)
            b = stubs[slot]
            top -= 1
            stubs[slot] = stubs[top]
            if a == b or _tied(a, b, starts, count, neighbours):
                continue
            neighbours[starts[a] + count[a]] = b
            neighbours[starts[b] + count[b]] = a
            count[a] += 1
            count[b] += 1
            spare[a] -= 1
            spare[b] -= 1
        # What is left closes triangles.
        top = 0
        for person in range(first, last):
            for _ in range(spare[person]):
                stubs[top] = person
                top += 1
        step = 0
        while top > 0:
            word, _, _, _ = philox(key, community, step, _STAGE_CLOSE, 0)
            slot = _below(word, top)
            a = stubs[slot]
            top -= 1
            stubs[slot] = stubs[top]
            if spare[a] > 0:
                for attempt in range(2 * _ATTEMPTS):
                    word, word2, _, _ = philox(key, community, step, _STAGE_CLOSE, 1 + attempt)
                    if attempt < _ATTEMPTS and count[a] > 0:
                        middle = neighbours[starts[a] + _below(word, count[a])]
                        b = neighbours[starts[middle] + _below(word2, count[middle])]
                    elif top > 0:
                        b = stubs[_below(word, top)]
                    else:
                        break
                    if a == b or spare[b] == 0 or _tied(a, b, starts, count, neighbours):
                        continue
                    neighbours[starts[a] + count[a]] = b
                    neighbours[starts[b] + count[b]] = a
                    count[a] += 1
                    count[b] += 1
                    spare[a] -= 1
                    spare[b] -= 1
                    break
            step += 1

"""Keyed luck: every random number is a pure function of what it is for.

Nothing here has a state. A number is named by its stream (`stream_key`: random_seed, purpose, item,
platform) and a counter of four 32-bit words (realisation, who, whom or step, attempt); asking again gives
the same number, on any thread, machine or numpy version, and no question disturbs another one's answer.

Two generators:

- `philox`: Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3",
  SC 2011), for everything but arcs and thresholds;
- the luck of arcs: one Philox call per (realisation, item, platform, sharer, attempt) gives a 64-bit *row
  key*, and a follower's number is `arc_luck`: two rounds of a 32-bit multiply-xorshift mix of the follower's
  position under that key. It costs about a nanosecond, vectorises over a row, and a browser computes the
  same bits with ``Math.imul``. Hidden thresholds are drawn likewise, under one row key per (realisation, item).

Randomness policy
-----------------
*Identical*, bit by bit: every number here, and so every realisation, whatever the number of threads, the block
it is computed in, the machine, the operating system (a browser too) and the version of Python, numpy and numba.
The 32-bit words are made of integer arithmetic alone, and a success is ``word < floor(p * 2**32)``; the
probabilities p are made of IEEE-754 operations in one written order (`viralsim.arithmetic`), never of the
C library's functions. Known answers are stored with the tests, which compute them in numba, Python and JavaScript.

*Until when*: as long as `LUCK_VERSION` stays the same. It is raised when the same name no longer gives the same
number. A new version of viralsim may also play the same luck by better rules; manifests state both versions.

*Not promised*: the bytes of figures and Parquet files and the last digits of estimates across versions of other
packages, times, and samples that are not realisations (`Purpose.SAMPLE`) across versions of viralsim.

What changes a number, and what does not:

- `random_seed`: changes everything but a generated network, which has its own.
- More realisations, a later horizon, other probabilities, other plans: change no number. So realisation 17 is
  realisation 17 of any block, two plans share their luck, and what succeeds at 2 % succeeds at 3 %.
- The name of an item or platform: another name is other luck for that item or platform, and for none of the
  others; adding or removing one leaves the others alone. The name of a wave is the luck of its random seeds
  (waves of the same name in two plans draw the same people), the name of a plan means nothing. Names count
  as their exact Unicode text, without normalisation.
- An arc added between people already there: disturbs no other arc.
- A person: is keyed by position at import (order of first appearance), so whoever is added after all others
  disturbs nobody's arcs, and whoever is inserted before others renumbers these and gives them other luck. Random
  seeds are places in the list of those eligible: they change with its length.

One departure from independence is known: within one row the mix is a permutation, so that two followers of the
same broadcast never have equal luck. Chances of joint success are off by less than 2^-32.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.compiling import kernel

__all__ = [
    "LUCK_VERSION",
    "Purpose",
    "arc_luck",
    "philox",
    "row_key",
    "stream_key",
    "threshold",
    "uniform",
    "uniforms",
    "words",
]

LUCK_VERSION = 2
"""Raised when the same name no longer gives the same number; part of every scenario hash, stated in every manifest."""

_MASK64 = (1 << 64) - 1


class Purpose(IntEnum):
    """What a random number is for. No number serves two purposes; values never change, names may be added.

    Examples
    --------
    >>> Purpose.DELAY.value
    3
    """

    ARC = 1
    """Row keys of the luck of arcs. Counter: realisation, sharer, 0, attempt."""
    ORDER = 2
    """Who comes first within a tick. Counter: realisation, sharer, person, attempt."""
    DELAY = 3
    """How long an engaged person waits before sharing. Counter: realisation, person, 0, 0."""
    SHARE = 4
    """Whether an engaged person shares at all. Counter: realisation, person, 0, 0."""
    SEEDING = 5
    """Which people a seeding picks (stream: item, platform and name of the wave). Counter: realisation (0 where
    seeds are fixed), group, step (or person), kind: 0 fixed at random, 1 redrawn at random, 2 ties of strategies,
    3 who is asked to name somebody, 4 whom they name (the round in place of the realisation)."""
    NETWORK = 6
    """Synthetic networks. Counter: up to the generator."""
    SAMPLE = 7
    """Estimates from samples that are not realisations. Counter: up to the estimator."""
    THRESHOLD = 8
    """Row keys of hidden thresholds (stream: item); `arc_luck` is a person's. Counter: realisation, 0, 0, 0."""
    ACTIVITY = 9
    """For how many ticks a person goes on sharing. Counter: realisation, person, 0, 0."""
    CONTACT = 10
    """Which follower a contact meets. Counter: realisation, sharer, 0, attempt."""
    STIFLE = 11
    """Whether a contact with somebody engaged stops. Counter: realisation, sharer, person, attempt."""
    UNKNOWN = 12
    """Numbers of the scenario that are not known (stream: path of the key). Counter: realisation // 2, 0, 0, 0."""
    SATISFACTION = 13
    """Whether an engaged person is satisfied (stream: item). Counter: realisation, person, 0, 0."""
    DECLINE = 14
    """Whether a person asked to be a seed declines (stream: item, platform). Counter: realisation, person, 0, 0."""
    CONVERSION = 15
    """Whether an engaged person converts (stream: item). Counter: realisation, person, 0, 0."""
    BASELINE = 16
    """Row keys of when people convert of their own accord. Counter: realisation, 0, 0, 0."""
    CROSS_POST = 17
    """Whether who passes an item on posts it on a platform (the stream's). Counter: realisation, person, 0, 0."""
    DISCOVERY = 18
    """Which strangers a platform shows a broadcast to. Counter: realisation, sharer, stranger from 0 on, attempt."""
    DESIGN = 19
    """Which values a sweep draws (stream: design). Counter: sample, key, kind: 0 value, 1 order, 0."""


def stream_key(random_seed: int, purpose: Purpose, item: str = "", platform: str = "") -> np.uint64:
    """Return the 64-bit key of a stream: FNV-1a over the UTF-8 text of its name, then Murmur3's finaliser.

    Items and platforms enter by name, so removing one leaves the luck of the others alone.

    Parameters
    ----------
    random_seed : int
        Any non-negative integer.
    purpose : Purpose
        What the numbers are for.
    item, platform : str
        Names, empty where they do not matter.

    Returns
    -------
    numpy.uint64
        Key for `philox` and its companions.

    Examples
    --------
    >>> hex(stream_key(1, Purpose.ARC, "content", "feed"))
    '0x24108abf50ffb029'
    """
    text = f"{random_seed}\x1f{int(purpose)}\x1f{item}\x1f{platform}"
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        value = ((value ^ byte) * 0x100000001B3) & _MASK64
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & _MASK64
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & _MASK64
    return np.uint64(value ^ (value >> 33))


def threshold(probability: float) -> int:
    """Return floor(p x 2^32), the number of 32-bit words that mean success; 2^32 at p = 1, so always.

    Examples
    --------
    >>> threshold(0.5), threshold(1.0), threshold(0.0)
    (2147483648, 4294967296, 0)
    """
    return int(probability * 4294967296.0)


@kernel(forceinline=True)
def philox(key: Any, c0: Any, c1: Any, c2: Any, c3: Any) -> Any:
    """Return the four 32-bit words of Philox4x32-10 for a 64-bit key (low word first) and a counter.

    Examples
    --------
    >>> [hex(word) for word in philox(np.uint64(0), 0, 0, 0, 0)]  # the authors' known answer
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    k0 = np.uint32(np.uint64(key) & np.uint64(0xFFFFFFFF))
    k1 = np.uint32(np.uint64(key) >> np.uint64(32))
    x0, x1, x2, x3 = np.uint32(c0), np.uint32(c1), np.uint32(c2), np.uint32(c3)
    for _ in range(10):
        first = np.uint64(0xD2511F53) * np.uint64(x0)
        second = np.uint64(0xCD9E8D57) * np.uint64(x2)
        x0 = np.uint32(np.uint32(second >> np.uint64(32)) ^ x1 ^ k0)
        x1 = np.uint32(second)
        x2 = np.uint32(np.uint32(first >> np.uint64(32)) ^ x3 ^ k1)
        x3 = np.uint32(first)
        k0 = np.uint32(k0 + np.uint32(0x9E3779B9))
        k1 = np.uint32(k1 + np.uint32(0xBB67AE85))
    return x0, x1, x2, x3


@kernel(forceinline=True)
def row_key(key: Any, realisation: Any, sharer: Any, attempt: Any) -> Any:
    """Return the row key (low word, high word) that all followers of one broadcast are tossed under.

    Examples
    --------
    >>> key = stream_key(1, Purpose.ARC, "content", "feed")
    >>> row_key(key, 0, 5, 0) == philox(key, 0, 5, 0, 0)[:2]
    True
    """
    low, high, _, _ = philox(key, realisation, sharer, 0, attempt)
    return low, high


@kernel(forceinline=True)
def _lowbias32(x: Any) -> Any:
    # Chris Wellons' 32-bit mix with the lowest known bias of its form ("hash prospector", public domain).
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel(forceinline=True)
def arc_luck(low: Any, high: Any, follower: Any) -> Any:
    """Return the 32-bit luck of one arc: the smaller, the luckier.

    Parameters
    ----------
    low, high : uint32
        The broadcast's `row_key`.
    follower : int
        The follower's position at import.

    Examples
    --------
    >>> hex(arc_luck(np.uint32(1), np.uint32(2), 3))
    '0xe683f479'
    """
    return _lowbias32(np.uint32(_lowbias32(np.uint32(np.uint32(low) + np.uint32(follower))) ^ np.uint32(high)))


@kernel(forceinline=True)
def uniform(word0: Any, word1: Any) -> Any:
    """Return the number in [0, 1) whose 53 bits are the upper 27 of the first word and 26 of the second.

    Examples
    --------
    >>> uniform(np.uint32(2**31), np.uint32(0))
    0.5
    """
    high = np.float64(np.uint32(word0) >> np.uint32(5))
    low = np.float64(np.uint32(word1) >> np.uint32(6))
    return (high * 67108864.0 + low) / 9007199254740992.0


@kernel
def _fill_uniforms(drawn: Any, out: Any) -> None:
    for i in range(out.shape[0]):
        out[i] = uniform(drawn[i, 0], drawn[i, 1])


@kernel
def _fill_words(key: Any, c0: Any, c1: Any, c2: Any, c3: Any, out: Any) -> None:
    for i in range(out.shape[0]):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = philox(key, c0[i], c1[i], c2[i], c3[i])


def words(
    key: np.uint64, c0: npt.ArrayLike, c1: npt.ArrayLike = 0, c2: npt.ArrayLike = 0, c3: npt.ArrayLike = 0
) -> npt.NDArray[np.uint32]:
    """Return Philox words for arrays of counters.

    Parameters
    ----------
    key : numpy.uint64
        A `stream_key`.
    c0, c1, c2, c3 : array_like of int
        Counter words, 0 <= c < 2^32, broadcast against each other.

    Returns
    -------
    ndarray of uint32, broadcast shape + (4,)

    Examples
    --------
    >>> words(np.uint64(0), [0, 1]).shape
    (2, 4)
    """
    counters = [np.asarray(c, dtype=np.uint32) for c in (c0, c1, c2, c3)]
    shape = np.broadcast_shapes(*(c.shape for c in counters))
    # Copies, because numba compiles anew for views that cannot be written to.
    w0, w1, w2, w3 = (np.array(np.broadcast_to(c, shape)).ravel() for c in counters)
    out = np.empty((w0.size, 4), dtype=np.uint32)
    _fill_words(np.uint64(key), w0, w1, w2, w3, out)
    return out.reshape(*shape, 4)


def uniforms(
    key: np.uint64, c0: npt.ArrayLike, c1: npt.ArrayLike = 0, c2: npt.ArrayLike = 0, c3: npt.ArrayLike = 0
) -> npt.NDArray[np.float64]:
    """Return uniform numbers in [0, 1) with 53 random bits, for arrays of counters as in `words`.

    Returns
    -------
    ndarray of float64, broadcast shape

    Examples
    --------
    >>> bool(0 <= uniforms(np.uint64(7), 3) < 1)
    True
    """
    drawn = words(key, c0, c1, c2, c3)
    out = np.empty(drawn.shape[:-1], dtype=np.float64)
    _fill_uniforms(drawn.reshape(-1, 4), out.reshape(-1))
    return out

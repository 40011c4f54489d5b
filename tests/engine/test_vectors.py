"""Sixteen arcs tossed at once give the bits of one arc tossed at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from viralsim import luck
from viralsim.compiling import kernel
from viralsim.engine import vectors
from viralsim.engine.vectors import LANES

SAME = settings(max_examples=300, derandomize=True, deadline=None)
WORDS = st.integers(0, 2**32 - 1)
BITS = st.integers(0, 2**64 - 1)


@kernel
def toss(followers, start, low, high, limit):
    return vectors.toss(followers, np.uint64(start), np.uint32(low), np.uint32(high), np.uint32(limit))


@kernel
def toss_each(followers, start, low, high, limits, first):
    return vectors.toss_each(followers, np.uint64(start), np.uint32(low), np.uint32(high), limits, np.uint64(first))


@kernel
def one_by_one(followers, start, low, high, limits, first):
    bits = np.uint64(0)
    for lane in range(16):
        u = luck.arc_luck(np.uint32(low), np.uint32(high), np.uint32(followers[start + lane]))
        if u <= np.uint32(limits[first + lane]):
            bits |= np.uint64(1) << np.uint64(lane)
    return bits


@kernel
def mark(bits, word, place):
    return vectors.mark(bits, np.uint64(word), np.uint64(place))


@kernel
def lowest_bit(bits):
    return vectors.lowest_bit(np.uint64(bits))


@kernel
def bits_set(bits):
    return vectors.bits_set(np.uint64(bits))


@kernel
def prefetch(array, index):
    vectors.prefetch(array, np.uint64(index))


def people(values, dtype):
    return np.array(values, dtype=np.uint32).astype(dtype)


@st.composite
def rows(draw):
    """Followers, some of them as large as can be, and where the sixteen start."""
    dtype = draw(st.sampled_from([np.int32, np.uint32]))
    top = 2**31 - 1 if dtype is np.int32 else 2**32 - 1
    values = draw(st.lists(st.integers(0, top) | st.integers(0, 40), min_size=LANES, max_size=LANES + 40))
    return people(values, dtype), draw(st.integers(0, len(values) - LANES))


@SAME
@given(rows(), WORDS, WORDS, WORDS)
@example((people(range(40), np.int32), 0), 0, 0, 0)
@example(
    (
        people(range(40), np.int32),
        13,
    ),
    0,
    0,
    2**32 - 1,
)
@example((people(range(40), np.uint32), 24), 2**32 - 1, 2**32 - 1, 2**31)
def test_toss(row, low, high, limit):
    followers, start = row
    bits = toss(followers, start, low, high, limit)
    assert bits < 2**LANES
    limits = np.full(LANES, limit, dtype=np.uint32)
    assert bits == one_by_one(followers, start, low, high, limits, 0)
    # And in the words of luck: success is U < threshold, and limit = threshold - 1.
    for lane in range(LANES):
        u = int(luck.arc_luck(np.uint32(low), np.uint32(high), np.uint32(followers[start + lane])))
        assert bool(int(bits) >> lane & 1) == (u < limit + 1)


@pytest.mark.parametrize("start", range(LANES))
def test_toss_at_the_ends_of_the_scale(start):
    followers = np.arange(2 * LANES, dtype=np.int32)
    assert toss(followers, start, 123, 456, 2**32 - 1) == 2**LANES - 1, "p = 1 always succeeds"
    us = [int(luck.arc_luck(np.uint32(123), np.uint32(456), np.uint32(start + lane))) for lane in range(LANES)]
    for u in us:  # exactly at a follower's luck, and one below it
        at = int(toss(followers, start, 123, 456, u))
        below = int(toss(followers, start, 123, 456, u - 1))
        assert at ^ below == 1 << us.index(u)
        assert at == sum(1 << lane for lane in range(LANES) if us[lane] <= u)


def test_zero_is_lucky_enough_for_every_limit():
    """The mix sends 0 to 0, so a follower with luck 0 exists where low + follower and high are 0."""
    followers = np.arange(LANES, dtype=np.int32)
    assert toss(followers, 0, 2**32 - 5, 0, 0) == 1 << 5
    assert luck.arc_luck(np.uint32(2**32 - 5), np.uint32(0), np.uint32(5)) == 0


@SAME
@given(rows(), WORDS, WORDS, st.data())
def test_toss_each(row, low, high, data):
    followers, start = row
    limits = data.draw(st.lists(WORDS | st.sampled_from([0, 1, 2**31, 2**32 - 1]), min_size=LANES, max_size=LANES + 20))
    first = data.draw(st.integers(0, len(limits) - LANES))
    limits = np.array(limits, dtype=np.uint32)
    # Some limits exactly at the follower's luck, where <= and < part.
    for lane in data.draw(st.sets(st.integers(0, LANES - 1))):
        u = luck.arc_luck(np.uint32(low), np.uint32(high), np.uint32(followers[start + lane]))
        limits[first + lane] = u
    bits = toss_each(followers, start, low, high, limits, first)
    assert bits == one_by_one(followers, start, low, high, limits, first)
    assert bits < 2**LANES


@pytest.mark.parametrize("offset", range(LANES))
def test_any_alignment_in_memory(offset):
    """Arrays need not lie at multiples of 16 or 64 bytes."""
    raw = np.arange(4096, dtype=np.uint8)
    followers = np.frombuffer(raw[4 * offset : 4 * offset + 200].data, dtype=np.uint32).copy()
    view = np.empty(offset + 50, dtype=np.uint32)[offset:]
    view[:] = followers
    limits = np.empty(offset + 60, dtype=np.uint32)[offset:]
    limits[:] = 2**31
    assert toss(view, 3, 9, 8, 2**31) == one_by_one(followers, 3, 9, 8, limits, 0)
    assert toss_each(view, 3, 9, 8, limits, 5) == one_by_one(followers, 3, 9, 8, limits, 5)


def test_many_rows_at_once():
    """Ten thousand rows of sixteen: nothing but equal."""
    places = luck.words(np.uint64(5), np.arange(10_000))
    followers = places[:, 2].copy()
    limits = places[:, 3].copy()
    found = 0
    for i in range(10_000 - LANES):
        low, high = int(places[i, 0]), int(places[i, 1])
        bits = toss_each(followers, i, low, high, limits, i)
        assert bits == one_by_one(followers, i, low, high, limits, i)
        found += int(bits).bit_count()
    assert 0.49 < found / (LANES * (10_000 - LANES)) < 0.51


@SAME
@given(st.lists(BITS, min_size=1, max_size=5), st.data())
def test_mark(words, data):
    bits = np.array(words, dtype=np.uint64)
    word = data.draw(st.integers(0, len(words) - 1))
    place = data.draw(st.integers(0, 63))
    new = mark(bits, word, place)
    assert new == 1 - (words[word] >> place & 1)
    words[word] |= 1 << place
    assert bits.tolist() == words, "only this bit was touched"
    assert mark(bits, word, place) == 0, "the second time it is not new"
    assert bits.tolist() == words


@SAME
@given(BITS.filter(bool))
@example(1)
@example(2**63)
@example(2**64 - 1)
def test_lowest_bit(bits):
    assert lowest_bit(np.uint64(bits)) == (bits & -bits).bit_length() - 1


@SAME
@given(BITS)
@example(0)
@example(2**64 - 1)
def test_bits_set(bits):
    assert bits_set(np.uint64(bits)) == bits.bit_count()


def test_prefetch_changes_nothing():
    array = np.arange(100, dtype=np.int32)
    prefetch(array, 50)
    assert array.tolist() == list(range(100))

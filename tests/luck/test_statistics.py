"""Is keyed luck as good as luck? Statistical tests along every key, and between neighbouring keys.

Counters are not drawn: realisations, people and attempts are small neighbouring numbers, which is where keyed
numbers go wrong. So everything here is asked of counters as they occur, along every one of them.

False alarms: every check ends in a p-value (two-sided: too even is as suspicious as too uneven), and fails
below `ALARM` = 1e-8. There are about 3,000 of them, so perfect luck would fail the whole file with a chance of
about 3e-5; since all keys are fixed, that die was cast once and the tests cannot flicker. That they can fail is
tested too: ten generators with known faults go through the same checks and each must be found out.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from viralsim import luck
from viralsim.compiling import kernel
from viralsim.luck import Purpose, stream_key, words

ALARM = 1e-8
KEY = stream_key(1, Purpose.ARC, "content", "feed")
LINE = 2**20
"""Draws along one counter."""


# Generators: (key, realisation, sharer, follower, attempt), arrays of uint64 and uint32 -> array of uint32.


@kernel
def _toss_each(low, high, follower, out):
    for i in range(out.shape[0]):
        out[i] = luck.arc_luck(low[i], high[i], follower[i])


@kernel
def _words_each(key, c0, c1, c2, c3, out):
    for i in range(out.shape[0]):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = luck.philox(key[i], c0[i], c1[i], c2[i], c3[i])


def philox_words(key, c0, c1, c2, c3):
    if np.ndim(key) == 0:
        return words(key, c0, c1, c2, c3)
    out = np.empty((len(key), 4), dtype=np.uint32)
    _words_each(key, *(np.broadcast_to(c, len(key)).astype(np.uint32) for c in (c0, c1, c2, c3)), out)
    return out


def arcs(key, realisation, sharer, follower, attempt):
    """The luck of arcs, by the functions the kernels call."""
    row = philox_words(key, realisation, sharer, np.uint32(0), attempt)
    low, high, follower = np.broadcast_arrays(row[..., 0], row[..., 1], np.asarray(follower, dtype=np.uint32))
    out = np.empty(low.size, dtype=np.uint32)
    _toss_each(*(np.ascontiguousarray(x).ravel() for x in (low, high, follower)), out)
    return out.reshape(low.shape)


def philox_word(index):
    """One of the four words of Philox, as everything but arcs uses them."""

    def generator(key, realisation, sharer, follower, attempt):
        return np.ascontiguousarray(philox_words(key, realisation, sharer, follower, attempt)[..., index])

    return generator


def mix(x, rounds=2):
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B))[:rounds]:
        x = (x ^ x >> np.uint32(shift)) * np.uint32(factor)
    return x ^ x >> np.uint32(16)


def row(key, realisation, sharer, attempt):
    found = philox_words(key, realisation, sharer, np.uint32(0), attempt)
    return found[..., 0], found[..., 1]


def bad_no_mixing(key, realisation, sharer, follower, attempt):
    return row(key, realisation, sharer, attempt)[0] + follower


def bad_xor_high(key, realisation, sharer, follower, attempt):
    low, high = row(key, realisation, sharer, attempt)
    return (low + follower) ^ high


def bad_xor_realisation(key, realisation, sharer, follower, attempt):
    # One good hash of the arc, XORed with a good number of the realisation: what DESIGN warns of.
    low, high = row(key, np.uint32(0), sharer, attempt)
    return mix(mix(low + follower) ^ high) ^ philox_words(key, realisation, 0, 0, 1)[..., 0]


def bad_add_realisation(key, realisation, sharer, follower, attempt):
    low, high = row(key, np.uint32(0), sharer, attempt)
    return mix(mix(low + follower) ^ high) + philox_words(key, realisation, 0, 0, 1)[..., 0]


def bad_half_a_round(key, realisation, sharer, follower, attempt):
    low, high = row(key, realisation, sharer, attempt)
    return mix((low + follower) ^ high, rounds=1)


def bad_one_round(key, realisation, sharer, follower, attempt):
    # lowbias32 once instead of twice: only avalanche sees it.
    low, high = row(key, realisation, sharer, attempt)
    return mix((low + follower) ^ high)


def bad_symmetric(key, realisation, sharer, follower, attempt):
    # Sharer and follower may be exchanged: the two arcs of a tie share their luck.
    first, second = np.minimum(sharer, follower), np.maximum(sharer, follower)
    return arcs(key, realisation, first, second, attempt)


def bad_no_attempt(key, realisation, sharer, follower, attempt):
    return arcs(key, realisation, sharer, follower, np.uint32(0) * attempt)


def bad_short_key(key, realisation, sharer, follower, attempt):
    return arcs(key & np.uint64(0xFF), realisation, sharer, follower, attempt)


def bad_thirty_bits(key, realisation, sharer, follower, attempt):
    return arcs(key, realisation, sharer, follower, attempt) & np.uint32(0xFFFFFFFC)


# Checks: arrays of draws in, p-values out.


def two_sided(low, high):
    return min(1.0, 2.0 * min(float(low), float(high)))


def chi_square(counts, expected):
    """Counts, flat, of equal or given expectation; of probabilities that sum to 1."""
    counts = np.asarray(counts, dtype=np.float64).ravel()
    if not counts.any():
        return 0.0  # nothing happened that should have
    expected = np.broadcast_to(np.asarray(expected, dtype=np.float64), counts.shape)
    value = float((((counts - expected) ** 2) / expected).sum())
    freedom = counts.size - 1
    return two_sided(stats.chi2.cdf(value, freedom), stats.chi2.sf(value, freedom))


def of_z(z):
    """Many independent standard normal numbers: their sum of squares, and the largest."""
    z = np.abs(np.asarray(z, dtype=np.float64)).ravel()
    squares = float((z * z).sum())
    largest = min(1.0, z.size * 2.0 * float(stats.norm.sf(z.max())))
    return two_sided(stats.chi2.cdf(squares, z.size), stats.chi2.sf(squares, z.size)), largest


def binomial(count, n, p):
    return two_sided(stats.binom.cdf(count, n, p), stats.binom.sf(count - 1, n, p))


def bit_counts(x):
    """How often each of 32 bits is set."""
    octets = np.ascontiguousarray(x).view(np.uint8).reshape(-1, 4)
    table = (np.arange(256)[:, None] >> np.arange(8)) & 1
    return np.concatenate([np.bincount(octets[:, i], minlength=256) @ table for i in range(4)])


def bit_z(x):
    return (bit_counts(x) - x.size / 2.0) / np.sqrt(x.size / 4.0)


def correlation_z(x, y):
    u, v = x / 2.0**32 - 0.5, y / 2.0**32 - 0.5
    return float((u * v).sum() * 12.0 / np.sqrt(x.size))


def pairs(name, x, y):
    """Two arrays of draws that should know nothing of each other."""
    yield f"{name}: correlation", of_z(correlation_z(x, y))[0]
    yield f"{name}: bits of the difference", of_z(bit_z(x ^ y))[0]
    for part, shift in (("high", 27), ("low", 0)):
        a, b = ((z >> np.uint32(shift)) & np.uint32(31) for z in (x, y))
        cells = np.bincount(a * np.uint32(32) + b, minlength=1024)
        yield f"{name}: 32 x 32, {part} bits", chi_square(cells, x.size / 1024)
    weights = stats.binom.pmf(np.arange(33), 32, 0.5)
    weights = np.concatenate([[weights[:7].sum()], weights[7:26], [weights[26:].sum()]])
    ones = np.clip(np.bitwise_count(x ^ y), 6, 26) - 6
    yield f"{name}: ones of the difference", chi_square(np.bincount(ones, minlength=21), x.size * weights)
    for p in (0.1, 0.01):
        limit = luck.threshold(p)
        both = int(((x < limit) & (y < limit)).sum())
        yield f"{name}: both below {p}", binomial(both, x.size, (limit / 2**32) ** 2)


def line(name, x):
    """One sequence of draws, along some counter."""
    n = x.size
    yield f"{name}: bits", of_z(bit_z(x))[0]
    octets = np.ascontiguousarray(x).view(np.uint8).reshape(-1, 4)
    for i in range(4):
        yield f"{name}: byte {i}", chi_square(np.bincount(octets[:, i], minlength=256), n / 256)
    yield f"{name}: high 14 bits", chi_square(np.bincount(x >> np.uint32(18), minlength=2**14), n / 2**14)
    yield f"{name}: low 14 bits", chi_square(np.bincount(x & np.uint32(2**14 - 1), minlength=2**14), n / 2**14)
    for lag in (1, 2, 3, 7, 16, 64, 1000):
        yield f"{name}: correlation at {lag}", of_z(correlation_z(x[:-lag], x[lag:]))[0]
    yield from pairs(f"{name}: next", x[0::2], x[1::2])
    for p in (0.01, 0.001):
        limit = luck.threshold(p)
        hit = x < limit
        yield f"{name}: hits at {p}", binomial(int(hit.sum()), n, limit / 2**32)
    # Gaps between draws below 1/32: geometric.
    places = np.flatnonzero(x < 2**27)
    gaps = np.minimum(np.diff(places) - 1, 150)
    weights = (31 / 32) ** np.arange(151) / 32
    weights[150] *= 32
    yield f"{name}: gaps", chi_square(np.bincount(gaps, minlength=151), gaps.size * weights)
    # Runs: how often the sequence crosses its middle.
    above = x >= 2**31
    yield f"{name}: runs", binomial(int((above[1:] != above[:-1]).sum()), n - 1, 0.5)
    # Birthday spacings (Marsaglia): 2^12 birthdays in 2^32 days, equal spacings are Poisson of mean 4.
    blocks = np.sort(x[: n // 4096 * 4096].reshape(-1, 4096), axis=1).astype(np.int64)
    spacings = np.sort(np.diff(blocks, axis=1), axis=1)
    equal, mean = int((np.diff(spacings, axis=1) == 0).sum()), 4.0 * len(blocks)
    tails = stats.poisson.cdf(equal, mean), stats.poisson.sf(equal - 1, mean)
    yield f"{name}: birthday spacings", two_sided(*tails)


def u32(x):
    return np.asarray(x, dtype=np.uint32)


BASES = [(0, 0, 0, 0), (17, 3, 19_999, 2), (999, 75_878, 5, 0)]


def lines(generator):
    """Along each counter, and across the names of streams."""
    count = np.arange(LINE, dtype=np.uint32)
    for base in BASES:
        for axis, name in enumerate(("realisations", "sharers", "followers", "attempts")):
            place = list(map(u32, base))
            place[axis] = place[axis] + count
            yield from line(f"along {name} from {base}", generator(KEY, *place))
    yield from line("along a diagonal", generator(KEY, u32(4), count, count + u32(1), u32(0)))
    # A table of small rows as they occur: 1,024 sharers with 1,024 followers each, next to each other.
    yield from line("row after row", generator(KEY, u32(3), count >> u32(10), count & u32(1023), u32(0)))
    yield from line("column after column", generator(KEY, u32(3), count & u32(1023), count >> u32(10), u32(0)))


@cache
def _named_keys(kind):
    n = 2**13
    if kind == "items":
        keys = [stream_key(1, Purpose.ARC, f"item-{i}", "feed") for i in range(n)]
    elif kind == "platforms":
        keys = [stream_key(1, Purpose.ARC, "content", str(i)) for i in range(n)]
    elif kind == "random_seeds":
        keys = [stream_key(i, Purpose.ARC, "content", "feed") for i in range(n)]
    else:
        keys = [stream_key(i, purpose) for i in range(n // len(Purpose) + 1) for purpose in Purpose][:n]
    return np.array(keys, dtype=np.uint64)


NAMED = ("items", "platforms", "random_seeds", "purposes")


def streams(generator):
    """Across neighbouring names: the same counter under key after key."""
    for kind in NAMED:
        keys = _named_keys(kind)
        rows = np.repeat(keys, 16)
        place = np.tile(np.arange(16, dtype=np.uint32), len(keys))
        yield from line(f"across {kind}", generator(rows, u32(5), u32(9), place, u32(0)))
        one = np.repeat(keys[:2], 2**16)
        place = np.tile(np.arange(2**16, dtype=np.uint32), 2)
        x = generator(one, u32(5), u32(9), place, u32(0))
        yield from pairs(f"the same rows of two {kind}", x[: 2**16], x[2**16 :])


def neighbours(generator):
    """The same place in the luck of neighbouring realisations, sharers, followers, attempts."""
    grid = np.arange(2**18, dtype=np.uint32)
    place = [grid >> u32(12), (grid >> u32(6)) & u32(63), grid & u32(63), u32(0) * grid]  # 64 of each, one attempt
    x = generator(KEY, *place)
    for axis, name in enumerate(("realisation", "sharer", "follower", "attempt")):
        for step in (1, 2, 64, 2**15, 2**20, 2**31):
            other = list(place)
            other[axis] = other[axis] ^ u32(step)  # a step forward for half of them, back for the others
            if step < 64 and axis < 3:  # each pair once
                once = (place[axis] & u32(step)) == 0
                yield from pairs(f"{name} and {name} + {step}", x[once], generator(KEY, *other)[once])
            else:
                yield from pairs(f"{name} and {name} ^ {step}", x, generator(KEY, *other))
    off = place[1] < place[2]
    yield from pairs("an arc and its return", x[off], generator(KEY, place[0], place[2], place[1], place[3])[off])


def one_row_next_to_another(generator):
    """A single row (or column) against its neighbour: what is averaged away above."""
    count = np.arange(2**18, dtype=np.uint32)
    for base in BASES:
        realisation, sharer, follower, attempt = map(u32, base)
        row = generator(KEY, realisation, sharer, count, attempt)
        for name, *other in (
            ("realisation", realisation + u32(1), sharer, count, attempt),
            ("sharer", realisation, sharer + u32(1), count, attempt),
            ("attempt", realisation, sharer, count, attempt + u32(1)),
        ):
            yield from pairs(f"row of the next {name}", row, generator(KEY, *other))
        # Two people's luck with one sharer, and with two sharers, across realisations.
        own = generator(KEY, count, sharer, follower, attempt)
        for apart in (1, 2, 64, 1024, 2**16):
            other = generator(KEY, count, sharer, follower + u32(apart), attempt)
            yield from pairs(f"two followers {apart} apart, across realisations", own, other)
            other = generator(KEY, count, sharer + u32(apart), follower, attempt)
            yield from pairs(f"two sharers {apart} apart, across realisations", own, other)


def hits(generator):
    """Successes per row, per column, and per realisation: binomial, and no more alike than that."""
    for p, people in ((0.01, 256), (0.001, 2048)):
        limit = luck.threshold(p)
        p = limit / 2**32
        rows = LINE // people
        first, second = (x.ravel() for x in np.indices((rows, people), dtype=np.uint32))
        tables = {
            "per row": (u32(7), first, second, u32(0)),
            "per column": (u32(7), second, first, u32(0)),
            "per arc across realisations": (second, first, first + u32(1), u32(0)),
            "per realisation, one sharer": (first, u32(12), second, u32(0)),
            "per realisation, one follower": (first, second, u32(12), u32(0)),
            "per arc across attempts": (u32(7), first, u32(12), second),
        }
        for name, place in tables.items():
            hit = (generator(KEY, *place) < limit).reshape(rows, people)
            yield f"hits at {p:.3f} {name}: in all", binomial(int(hit.sum()), hit.size, p)
            most = int(stats.binom.isf(5.0 / rows, people, p))
            counts = np.bincount(np.minimum(hit.sum(axis=1), most), minlength=most + 1)
            weights = stats.binom.pmf(np.arange(most + 1), people, p)
            weights[most] = stats.binom.sf(most - 1, people, p)
            yield f"hits at {p:.3f} {name}: law", chi_square(counts, rows * weights)
            # Across columns too: a realisation that is lucky for one is no luckier for the others.
            counts = hit.sum(axis=0)
            value = float(((counts - rows * p) ** 2).sum() / (rows * p * (1 - p)))
            tails = stats.chi2.cdf(value, people), stats.chi2.sf(value, people)
            yield f"hits at {p:.3f} {name}: crosswise", two_sided(*tails)


def avalanche(generator, samples=2**14):
    """Flip one bit of an input: every bit of the answer flips with probability 1/2 (strict avalanche)."""
    drawn = words(np.uint64(20_260_101), np.arange(samples), 1).T
    wide = words(np.uint64(20_260_101), np.arange(samples), 2).astype(np.uint64)
    key = wide[:, 0] << np.uint64(32) | wide[:, 1]
    small = [drawn[0] % u32(1000), drawn[1] % u32(20_000), drawn[2] % u32(20_000), drawn[3] % u32(4)]
    for name, place in (("any counters", list(drawn)), ("small counters", small)):
        x = generator(key, *place)
        matrix = []
        for axis in range(4):
            for bit in range(32):
                other = list(place)
                other[axis] = other[axis] ^ u32(1 << bit)
                matrix.append(bit_z(x ^ generator(key, *other)))
        matrix += [bit_z(x ^ generator(key ^ np.uint64(1 << bit), *place)) for bit in range(64)]
        matrix = np.array(matrix)
        assert matrix.shape == (192, 32)
        parts = {"realisation": 0, "sharer": 32, "follower": 64, "attempt": 96, "key, low": 128, "key, high": 160}
        for part, start in parts.items():
            total, largest = of_z(matrix[start : start + 32])
            yield f"avalanche of {part} ({name}): whole matrix", total
            yield f"avalanche of {part} ({name}): largest entry", largest


def follower_avalanche(generator):
    """The follower's bits, which meet the cheap mix and not Philox, more closely: 2^20 draws a bit."""
    count = np.arange(LINE, dtype=np.uint32)
    place = (count >> u32(8), count & u32(255))  # few followers, many rows
    for name, followers in (("few", place[0] & u32(15)), ("many", count * u32(2048))):
        x = generator(KEY, place[0], place[1], followers, u32(0))
        matrix = np.array([
            bit_z(x ^ generator(KEY, place[0], place[1], followers ^ u32(1 << bit), u32(0))) for bit in range(0, 32, 2)
        ])  # fmt: skip
        total, largest = of_z(matrix)
        yield f"avalanche of {name} followers: whole matrix", total
        yield f"avalanche of {name} followers: largest entry", largest


CHECKS = (lines, streams, neighbours, one_row_next_to_another, hits, avalanche, follower_avalanche)
BAD = {
    # generator: the checks that must find it out
    bad_no_mixing: (lines, streams, neighbours, hits, avalanche, follower_avalanche),
    bad_xor_high: (neighbours,),
    bad_xor_realisation: (neighbours, one_row_next_to_another, hits),
    bad_add_realisation: (neighbours, hits),
    bad_half_a_round: (neighbours, avalanche),
    bad_one_round: (neighbours, one_row_next_to_another),
    bad_symmetric: (neighbours,),
    bad_no_attempt: (neighbours, avalanche),
    bad_thirty_bits: (neighbours, avalanche),
    bad_short_key: (streams, avalanche),
}


def suspicious(found):
    return [f"{name}: p = {p:.1e}" for name, p in found if not p > ALARM]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_luck_of_arcs(check):
    assert suspicious(check(arcs)) == []


@pytest.mark.parametrize("check", [streams, neighbours, hits, avalanche], ids=lambda check: check.__name__)
@pytest.mark.parametrize("index", range(4))
def test_philox(check, index):
    assert suspicious(check(philox_word(index))) == []


@pytest.mark.parametrize(
    ("generator", "check"),
    [(generator, check) for generator, checks in BAD.items() for check in checks],
    ids=lambda function: function.__name__,
)
def test_bad_luck_is_found_out(generator, check):
    with np.errstate(over="ignore"):
        assert any(not p > ALARM for _, p in check(generator))  # the first will do


def test_every_check_of_a_sequence_can_fail():
    """Each single check of `line` and `pairs` rejects at least one of a few sequences with a known fault."""
    n = 2**17
    good, other = words(np.uint64(3), np.arange(n))[:, :2].T.copy()
    assert suspicious(line("", good)) == []
    bad = [
        np.arange(n, dtype=np.uint32) * np.uint32(2654435769),  # too even
        np.sort(good),
        np.where(other < 2**29, good >> u32(12), good),  # too many small ones
        good & u32(0xFEFEFEFE),
    ]
    for lag in (1, 2, 3, 7, 16, 64, 1000):  # blocks of `lag` numbers, each played twice
        blocks = good[: n // (2 * lag) * lag].reshape(-1, lag)
        bad.append(np.repeat(blocks, 2, axis=0).ravel())
    caught = {name for x in bad for name, p in line("", x) if not p > ALARM}
    assert {name for name, _ in line("", good)} - caught == set()


def test_one_row_never_repeats_a_number():
    """Within one row luck is drawn without replacement: the one known way in which it is not independent.

    For given row key the mix is a permutation of the 2^32 numbers, so two followers of one broadcast are never
    equally lucky. Of a million followers some 128 pairs would be, in independent luck. Two successes at chance p
    in one row are less likely than p^2 by p (1 - p) / 2^32: nobody can ever see that.
    """
    count = np.arange(LINE, dtype=np.uint32)
    assert np.diff(np.sort(arcs(KEY, u32(3), u32(8), count, u32(0)))).min() > 0
    # Columns repeat as independent luck does.
    repeats = int((np.diff(np.sort(arcs(KEY, u32(3), count, u32(8), u32(0)))) == 0).sum())
    mean = LINE * (LINE - 1) / 2.0 / 2**32
    assert two_sided(stats.poisson.cdf(repeats, mean), stats.poisson.sf(repeats - 1, mean)) > ALARM


def test_rows_that_overlap():
    """Two rows whose low words are near each other meet the first mix with the same numbers, d followers apart.

    Then only the second mix, under different high words, parts them; so it alone has to make them independent
    in what counts, successes together. High words that differ in a single bit are the worst there is.
    """
    found = []
    count = np.arange(2**18, dtype=np.uint32)
    differences = [1 << bit for bit in range(32)] + words(np.uint64(11), np.arange(32))[:, 0].tolist()
    for difference in differences:
        x, y = (np.empty(count.size, dtype=np.uint32) for _ in range(2))
        high = np.full(count.size, 0x9E3779B9, dtype=np.uint32)
        _toss_each(np.full(count.size, 1000, dtype=np.uint32), high, count, x)
        _toss_each(np.full(count.size, 993, dtype=np.uint32), high ^ u32(difference), count + u32(7), y)
        for p in (0.3, 0.1, 0.01, 0.001):
            limit = luck.threshold(p)
            both = int(((x < limit) & (y < limit)).sum())
            found.append((f"{difference:08x} at {p}", binomial(both, count.size, (limit / 2**32) ** 2)))
    assert suspicious(found) == []


def uniform_numbers():
    """`uniforms` uses 53 bits of two words: all of them, along every counter."""
    count = np.arange(LINE // 4, dtype=np.int64)
    for axis in range(4):
        counter = [5, 6, 7, 1]
        counter[axis] = count
        u = luck.uniforms(stream_key(1, Purpose.SEEDING, "wave", "feed"), *counter)
        yield "inside", float(u.min() >= 0.0 and u.max() < 1.0)
        whole = (u * 2.0**53).astype(np.uint64)
        assert np.array_equal(whole / 2.0**53, u), "no bit beyond the 53rd"
        set_bits = np.array([int((whole >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(53)])
        yield f"bits, axis {axis}", of_z((set_bits - u.size / 2) / np.sqrt(u.size / 4))[0]
        yield f"Kolmogorov-Smirnov, axis {axis}", float(stats.kstest(u, "uniform").pvalue)
        yield f"correlation, axis {axis}", of_z(((u[1:] - 0.5) * (u[:-1] - 0.5)).sum() * 12 / np.sqrt(u.size))[0]
        for size in (3, 34, 75_879 // 256):
            picks = np.bincount((u * size).astype(np.int64), minlength=size)
            yield f"picks of {size}, axis {axis}", chi_square(picks, u.size / size)


def test_uniforms():
    assert suspicious(uniform_numbers()) == []


@kernel
def _tally(key, realisations, sharers, followers, limit, octets, squares, ones, both, per_row):
    # Draws of a whole block of campaigns: bytes, and pairs with the neighbouring follower, sharer, realisation.
    for realisation in range(realisations):
        for sharer in range(sharers):
            low, high = luck.row_key(key, np.uint32(realisation), np.uint32(sharer), np.uint32(0))
            low1, high1 = luck.row_key(key, np.uint32(realisation), np.uint32(sharer ^ 1), np.uint32(0))
            low2, high2 = luck.row_key(key, np.uint32(realisation ^ 1), np.uint32(sharer), np.uint32(0))
            successes = 0
            for follower in range(followers):
                u = luck.arc_luck(low, high, np.uint32(follower))
                for place in range(4):
                    octets[place, (u >> np.uint32(8 * place)) & np.uint32(255)] += 1
                successes += u < limit
                for axis in range(3):
                    if axis == 0:
                        if follower & 1:
                            continue
                        v = luck.arc_luck(low, high, np.uint32(follower ^ 1))
                    elif axis == 1:
                        if sharer & 1:
                            continue
                        v = luck.arc_luck(low1, high1, np.uint32(follower))
                    else:
                        if realisation & 1:
                            continue
                        v = luck.arc_luck(low2, high2, np.uint32(follower))
                    squares[axis, 0, u >> np.uint32(26), v >> np.uint32(26)] += 1
                    squares[axis, 1, u & np.uint32(63), v & np.uint32(63)] += 1
                    both[axis] += (u < limit) & (v < limit)
                    different = np.uint32(u ^ v)
                    count = 0
                    while different:
                        different = np.uint32(different & np.uint32(different - np.uint32(1)))
                        count += 1
                    ones[axis, count] += 1
            per_row[min(successes, per_row.shape[0] - 1)] += 1


@pytest.mark.long
def test_a_hundred_million_draws():
    """1.3 x 10^8 draws of a block of campaigns: 64 realisations, 1,024 sharers, 2,048 followers each."""
    realisations, sharers, followers = 64, 1024, 2048
    draws = realisations * sharers * followers
    assert draws >= 10**8
    limit = luck.threshold(0.01)
    p = limit / 2**32
    octets = np.zeros((4, 256), dtype=np.int64)
    squares = np.zeros((3, 2, 64, 64), dtype=np.int64)
    ones = np.zeros((3, 33), dtype=np.int64)
    both = np.zeros(3, dtype=np.int64)
    per_row = np.zeros(48, dtype=np.int64)
    _tally(KEY, realisations, sharers, followers, np.uint32(limit), octets, squares, ones, both, per_row)
    assert octets.sum() == 4 * draws
    assert squares.sum() == 3 * draws
    found = [(f"byte {i}", chi_square(octets[i], draws / 256)) for i in range(4)]
    weights = stats.binom.pmf(np.arange(33), 32, 0.5)
    for axis, name in enumerate(("follower", "sharer", "realisation")):
        found.append((f"next {name}: high bits", chi_square(squares[axis, 0], draws / 2 / 4096)))
        found.append((f"next {name}: low bits", chi_square(squares[axis, 1], draws / 2 / 4096)))
        found.append((f"next {name}: both succeed", binomial(both[axis], draws // 2, p * p)))
        counts = np.concatenate([[ones[axis, :5].sum()], ones[axis, 5:28], [ones[axis, 28:].sum()]])
        expected = np.concatenate([[weights[:5].sum()], weights[5:28], [weights[28:].sum()]])
        found.append((f"next {name}: ones of the difference", chi_square(counts, draws / 2 * expected)))
    # Per row binomial; the tails are put together so that five rows or more are expected in each cell.
    expected = stats.binom.pmf(np.arange(48), followers, p)
    expected[47] = stats.binom.sf(46, followers, p)
    counts = np.concatenate([[per_row[:6].sum()], per_row[6:38], [per_row[38:].sum()]])
    expected = np.concatenate([[expected[:6].sum()], expected[6:38], [expected[38:].sum()]])
    found.append(("successes per row", chi_square(counts, realisations * sharers * expected)))
    assert suspicious(found) == []

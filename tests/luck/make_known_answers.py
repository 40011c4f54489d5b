"""Known answers of luck and arithmetic, from plain Python whole numbers and floats alone.

This is the second implementation that the tests hold `viralsim.luck` and `viralsim.arithmetic` to, and
the third is the pages' own ``luck.js``. It imports nothing of viralsim. Write the file anew, after a deliberate change
(then raise ``LUCK_VERSION``), with ``python tests/luck/make_known_answers.py``.

Numbers are hexadecimal text, because numbers of JSON lose bits beyond 2^53; floats are their 64 bits.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

LUCK_VERSION = 2
FILE = Path(__file__).with_name("known_answers.json")
M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
PURPOSES = {
    "ARC": 1,
    "ORDER": 2,
    "DELAY": 3,
    "SHARE": 4,
    "SEEDING": 5,
    "NETWORK": 6,
    "SAMPLE": 7,
    "THRESHOLD": 8,
    "ACTIVITY": 9,
    "CONTACT": 10,
    "STIFLE": 11,
    "UNKNOWN": 12,
    "SATISFACTION": 13,
    "DECLINE": 14,
    "CONVERSION": 15,
    "BASELINE": 16,
    "CROSS_POST": 17,
    "DISCOVERY": 18,
    "DESIGN": 19,
}


def stream_key(random_seed: int, purpose: int, item: str, platform: str) -> int:
    state = 14695981039346656037
    for byte in b"\x1f".join(
        [str(random_seed).encode(), str(purpose).encode(), item.encode("utf-8"), platform.encode("utf-8")]
    ):
        state = (state ^ byte) * 1099511628211 % 2**64
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        state = (state ^ state >> 33) * factor % 2**64
    return state ^ state >> 33


def philox(key: int, counter: tuple[int, int, int, int], rounds: int = 10) -> tuple[int, int, int, int]:
    a, b, c, d = counter
    for step in range(rounds):
        k0 = (key + step * 0x9E3779B9) & M32
        k1 = ((key >> 32) + step * 0xBB67AE85) & M32
        p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (q >> 32) ^ b ^ k0, q & M32, (p >> 32) ^ d ^ k1, p & M32
    return a, b, c, d


def row_key(key: int, realisation: int, sharer: int, attempt: int) -> tuple[int, int]:
    return philox(key, (realisation, sharer, 0, attempt))[:2]


def mix(x: int) -> int:
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ x >> shift) * factor % 2**32
    return x ^ x >> 16


def arc_luck(low: int, high: int, follower: int) -> int:
    return mix(mix((low + follower) & M32) ^ high)


def bits53(key: int, counter: tuple[int, int, int, int]) -> int:
    first, second, _, _ = philox(key, counter)
    return (first >> 5 << 26) | second >> 6


def threshold(probability: float) -> int:
    top, bottom = probability.as_integer_ratio()
    return (top << 32) // bottom


def pick(key: int, counter: tuple[int, int, int, int], size: int) -> int:
    return int(bits53(key, counter) / 2**53 * size)


LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
EXP = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)
LOG_EVEN = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)
LOG_ODD = (6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860511658591e-01)


def polynomial(coefficients: tuple[float, ...], x: float) -> float:
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = coefficient + x * value
    return value


def exp(x: float) -> float:
    if x > 709.0:
        return math.inf
    if x < -708.0:
        return 0.0
    k = math.floor(x * float.fromhex("0x1.71547652b82fep+0") + 0.5)
    high, low = x - k * LN2_HIGH, k * LN2_LOW
    r = high - low
    square = r * r
    c = r - square * polynomial(EXP, square)
    return (1.0 - ((low - (r * c) / (2.0 - c)) - high)) * 2.0**k


def log(x: float) -> float:
    if x == 0.0:
        return -math.inf
    k = 0
    while x < 0.70710678118654752440:
        x, k = x * 2.0, k - 1
    while x >= 2.0 * 0.70710678118654752440:
        x, k = x / 2.0, k + 1
    f = x - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    r = z * polynomial(LOG_ODD, w) + w * polynomial(LOG_EVEN, w)
    half = 0.5 * f * f
    return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f)


def normal_cdf(z: float) -> float:
    if abs(z) > 8.3:
        return 1.0 if z > 0.0 else 0.0
    total = term = z
    odd = 3.0
    while True:
        term = term * (z * z) / odd
        if total + term == total:
            return 0.5 + total * exp(-0.5 * z * z) / 2.50662827463100050242
        total += term
        odd += 2.0


def chance(probability: float, dose: float) -> float:
    if dose == 0.0:
        return 0.0
    if dose == 1.0 or probability >= 1.0:
        return probability
    return 1.0 - exp(dose * log(1.0 - probability))


FUNCTIONS = {"exp": exp, "log": log, "normal_cdf": normal_cdf, "chance": chance}


def digest(name: str, key: int, low: float, high: float, count: int) -> int:
    """Hash the bits of many values (FNV-1a, 64 bits at a time): a last digit in a thousand is seen.

    x is drawn between low and high; the dose of `chance` is drawn between 0 and 3.
    """
    state = 14695981039346656037
    for i in range(count):
        arguments = [low + (high - low) * (bits53(key, (i, 0, 0, 0)) / 2**53)]
        if name == "chance":
            arguments.append(3.0 * (bits53(key, (i, 1, 0, 0)) / 2**53))
        value = struct.unpack(">Q", struct.pack(">d", FUNCTIONS[name](*arguments)))[0]
        state = (state ^ value) * 1099511628211 % 2**64
    return state


def word(x: int) -> str:
    return f"0x{x:08x}"


def wide(x: int) -> str:
    return f"0x{x:016x}"


def double(x: float) -> str:
    return "0x" + struct.pack(">d", x).hex()


KEYS = (0, 1, M64, 0x0123456789ABCDEF, stream_key(1, 1, "content", "feed"))
COUNTERS = (
    (0, 0, 0, 0),
    (1, 0, 0, 0),
    (0, 1, 0, 0),
    (0, 0, 1, 0),
    (0, 0, 0, 1),
    (M32, M32, M32, M32),
    (999, 19_999, 3, 7),
    (0x80000000, 0x7FFFFFFF, 0x55555555, 0xAAAAAAAA),
)
AUTHORS = (  # inputs of Random123's kat_vectors; the answers stand in the test, as the authors gave them
    (0, (0, 0, 0, 0)),
    (M64, (M32, M32, M32, M32)),
    (0x299F31D0A4093822, (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)),
)
NAMES = (
    (1, "ARC", "content", "feed"),
    (1, "ARC", "", ""),
    (0, "ARC", "content", "feed"),
    (2, "ARC", "content", "feed"),
    (2**63 - 1, "ARC", "content", "feed"),
    (10**30, "SAMPLE", "", ""),
    *((1, name, "content", "feed") for name in PURPOSES),
    (1, "ARC", "feed", "content"),
    (1, "ARC", "contentfeed", ""),
    (1, "ARC", "conten", "tfeed"),
    (1, "ARC", "Käse-Überraschung", "straße"),
    (1, "ARC", "Ka\u0308se", ""),  # not the same name as the next, although it looks the same
    (1, "ARC", "K\u00e4se", ""),
    (1, "ARC", "口コミ", "ВКонтакте"),
    (1, "ARC", "rumour_\U0001f525", "\U0001f4f7"),
    (1, "SEEDING", "x" * 10_000, "y" * 333),
)
PLACES = ((0, 0, 0), (0, 5, 0), (17, 3, 0), (17, 3, 1), (999_999_999, M32, M32))
SIZES = (1, 2, 3, 34, 20_000, 75_879, 2**31 - 1)
PROBABILITIES = (
    0.0,
    5e-324,
    2.0**-33,
    2.0**-32,
    1.5 * 2.0**-32,
    0.001,
    0.01,
    0.1,
    0.3,
    1 / 3,
    0.5,
    0.7,
    0.999,
    1.0 - 2.0**-32,
    1.0 - 2.0**-53,
    1.0,
)
EXPONENTS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1e-300,
    -1e-20,
    1e-9,
    -1e-3,
    0.34657359027997264,
    0.34657359027997270,
    -0.34657359027997264,
    0.6931471805599453,
    2.302585092994046,
    -4.60517018598809,
    10.0,
    -20.0,
    100.0,
    -123.456,
    700.0,
    708.9999,
    709.0,
    709.1,
    -700.0,
    -707.99,
    -708.0,
    -708.1,
    math.inf,
    -math.inf,
)
LOGARITHMS = (
    0.0,
    5e-324,
    2.2250738585072014e-308,
    1e-300,
    1e-16,
    1e-3,
    0.1,
    0.25,
    0.5,
    0.7071067811865475,
    0.7071067811865476,
    0.7071067811865477,
    0.9,
    0.99,
    1.0 - 2.0**-53,
    1.0,
    1.0 + 2.0**-52,
    1.001,
    1.4142135623730949,
    1.4142135623730951,
    1.5,
    2.0,
    math.e,
    3.0,
    10.0,
    336.0,
    1e16,
    1e300,
    1.7976931348623157e308,
)
DEVIATES = (
    0.0,
    -0.0,
    1e-300,
    1e-8,
    -1e-8,
    0.1,
    -0.1,
    0.5,
    0.6744897501960817,
    1.0,
    -1.0,
    1.6448536269514722,
    1.959963984540054,
    -1.959963984540054,
    2.5,
    -3.0,
    3.7,
    5.0,
    -5.0,
    6.5,
    -7.0,
    8.0,
    8.2,
    8.3,
    -8.3,
    8.31,
    -8.31,
    math.inf,
    -math.inf,
)
CHANCES = tuple(
    (p, d)
    for p in (0.0, 1e-17, 1e-9, 0.001, 0.02, 0.1, 0.5, 0.75, 0.99, 1.0 - 2.0**-53, 1.0)
    for d in (0.0, 1e-12, 0.25, 0.5, 1.0 - 2.0**-53, 1.0, 1.5, 2.0, 3.7, 40.0, 1e6)
)

DIGESTS = (
    ("exp", 1, -30.0, 5.0, 5000),
    ("log", 2, 0.3, 3.0, 5000),
    ("normal_cdf", 3, -5.0, 5.0, 2000),
    ("chance", 4, 0.0, 1.0, 3000),
)


def known_answers() -> dict[str, object]:
    """Compute everything that the file holds."""
    rows = [(key, realisation, sharer, attempt) for key in KEYS[-2:] for realisation, sharer, attempt in PLACES]
    stretches = [(*row_key(*row), first) for row in rows[:6] for first in (0, 19_990)]
    stretches += [(1, 2, 0), (0, 0, 0), (M32 - 3, M32, 0), (5, 6, 2**31 - 8), (5, 6, M32 - 7)]
    picks = [(KEYS[3], (7, 0, step, 1), size) for step, size in enumerate(SIZES)]
    return {
        "luck_version": LUCK_VERSION,
        "purposes": PURPOSES,
        "philox": [
            {"key": wide(key), "counter": [*map(word, counter)], "words": [*map(word, philox(key, counter))]}
            for key, counter in (*AUTHORS, *((key, counter) for key in KEYS for counter in COUNTERS))
        ],
        "stream_key": [
            {
                "random_seed": str(seed),
                "purpose": purpose,
                "item": item,
                "platform": platform,
                "key": wide(stream_key(seed, PURPOSES[purpose], item, platform)),
            }
            for seed, purpose, item, platform in NAMES
        ],
        "row_key": [
            {
                "key": wide(row[0]),
                "realisation": word(row[1]),
                "sharer": word(row[2]),
                "attempt": word(row[3]),
                "row_key": [*map(word, row_key(*row))],
            }
            for row in rows
        ],
        "arc_luck": [
            {
                "row_key": [word(low), word(high)],
                "first_follower": word(first),
                "luck": [word(arc_luck(low, high, follower)) for follower in range(first, first + 8)],
            }
            for low, high, first in stretches
        ],
        "uniform": [
            {
                "key": wide(key),
                "counter": [*map(word, counter)],
                "bits53": wide(bits53(key, counter)),
                "uniform": double(bits53(key, counter) / 2**53),
            }
            for key in KEYS
            for counter in COUNTERS
        ],
        "pick": [
            {
                "key": wide(key),
                "counter": [*map(word, counter)],
                "size": word(size),
                "pick": word(pick(key, counter, size)),
            }
            for key, counter, size in picks
        ],
        "threshold": [{"probability": double(p), "threshold": wide(threshold(p))} for p in PROBABILITIES],
        "exp": [{"x": double(x), "value": double(exp(x))} for x in EXPONENTS],
        "log": [{"x": double(x), "value": double(log(x))} for x in LOGARITHMS],
        "normal_cdf": [{"x": double(x), "value": double(normal_cdf(x))} for x in DEVIATES],
        "chance": [{"probability": double(p), "dose": double(d), "value": double(chance(p, d))} for p, d in CHANCES],
        "digest": [
            {
                "function": name,
                "key": wide(key),
                "low": double(low),
                "high": double(high),
                "count": word(count),
                "digest": wide(digest(name, key, low, high, count)),
            }
            for name, key, low, high, count in DIGESTS
        ],
    }


def text() -> str:
    """Return the file's text: one answer a line."""
    parts = []
    for name, value in known_answers().items():
        if isinstance(value, list):
            entries = ",\n".join("    " + json.dumps(entry, ensure_ascii=True) for entry in value)
            parts.append(f'  "{name}": [\n{entries}\n  ]')
        else:
            parts.append(f'  "{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="ascii", newline="\n")

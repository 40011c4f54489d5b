"""Functions made of plain IEEE-754 operations: right, monotone, and the same bits however they are run."""

from __future__ import annotations

import math
import struct
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import numba
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from viralsim import arithmetic
from viralsim.arithmetic import chance, chances, exp, log, normal_cdf
from viralsim.compiling import kernel
from viralsim.luck import threshold, uniforms

SAME = settings(max_examples=400, derandomize=True, deadline=None)
MANY = 20_000


def drawn(stream, low, high, n=MANY):
    return (low + (high - low) * uniforms(np.uint64(stream), np.arange(n))).tolist()


def bits(x):
    return struct.pack(">d", x).hex()


def in_last_places(found, exact):
    return abs(Decimal(found) - exact) / Decimal(math.ulp(float(exact)))


def test_exp_is_right_to_the_last_place():
    with localcontext(prec=50):
        for x in [*drawn(1, -708.0, 709.0, 4000), *drawn(2, -1.0, 1.0, 4000), *drawn(3, -1e-6, 1e-6, 500)]:
            assert in_last_places(exp(x), Decimal(x).exp()) < 1, x


def test_log_is_right_to_the_last_place():
    around_one = drawn(4, 0.7, 1.4, 3000)
    tiny = [math.ldexp(1.0 + i / 7.0, -1074 + i) for i in range(60)]  # subnormal and a little above
    wide = [math.exp(x) for x in drawn(5, -700.0, 700.0, 3000)]
    near_one = [1.0 + i * 2.0**-52 for i in range(-40, 41) if i]
    with localcontext(prec=50):
        for x in [*around_one, *tiny, *wide, *near_one]:
            assert in_last_places(log(x), Decimal(x).ln()) < 1, x


@pytest.mark.parametrize(
    ("function", "x", "value"),
    [
        (exp, 0.0, 1.0),
        (exp, -0.0, 1.0),
        (exp, math.inf, math.inf),
        (exp, -math.inf, 0.0),
        (exp, -708.5, 0.0),
        (exp, 709.5, math.inf),
        (exp, 5e-324, 1.0),
        (log, 1.0, 0.0),
        (log, 0.0, -math.inf),
        (log, -0.0, -math.inf),
        (normal_cdf, 0.0, 0.5),
        (normal_cdf, -0.0, 0.5),
        (normal_cdf, 8.4, 1.0),
        (normal_cdf, -8.4, 0.0),
        (normal_cdf, math.inf, 1.0),
        (normal_cdf, -math.inf, 0.0),
    ],
)
def test_special_values(function, x, value):
    assert function(x) == value
    assert function.py_func(x) == value


def test_log_of_powers_of_two():
    with localcontext(prec=50):
        two = Decimal(2).ln()
        for k in range(-1074, 1024):
            exact = two * k
            assert k == 0 or in_last_places(log(math.ldexp(1.0, k)), exact) < 1


def test_exp_has_no_hole_where_it_ends():
    assert 0.0 < exp(-708.0) < exp(-707.9)
    assert exp(708.9) < exp(709.0) < math.inf


def test_normal_cdf():
    for z in [*drawn(6, -9.0, 9.0), *drawn(7, -0.01, 0.01, 500)]:
        assert abs(normal_cdf(z) - 0.5 * math.erfc(-z / math.sqrt(2.0))) < 1e-14, z
        assert abs(normal_cdf(z) + normal_cdf(-z) - 1.0) < 1e-14


def exact_chance(probability, dose):
    with localcontext(prec=80):
        if dose == 0:
            return Decimal(0)
        if probability == 1:
            return Decimal(1)
        return 1 - ((1 - Decimal(probability)).ln() * Decimal(dose)).exp()


@SAME
@given(st.floats(0.0, 1.0), st.floats(0.0, 50.0))
@example(1e-17, 2.0)
@example(0.02, 1.0 - 2.0**-53)
@example(1.0 - 2.0**-53, 1e-12)
def test_chance(probability, dose):
    found = chance(probability, dose)
    assert 0.0 <= found <= 1.0
    # Absolute error: a threshold counts in 2^-32. The rounding of 1 - p is enlarged by the dose.
    slope = dose * (1.0 - probability) ** (dose - 1.0) if probability < 1.0 else 0.0
    rounding = 2.0**-53 * min(slope, 1e12)
    assert abs(Decimal(found) - exact_chance(probability, dose)) < Decimal(4e-15 + rounding)


@pytest.mark.parametrize("numerator", [0, 1, 2, 30, 99])
@pytest.mark.parametrize("dose", [1, 2, 3, 7])
def test_chance_of_whole_doses(numerator, dose):
    exact = 1 - (1 - Fraction(numerator, 100)) ** dose
    assert abs(Fraction(chance(numerator / 100, float(dose))) - exact) < Fraction(1, 10**15)


@SAME
@given(st.floats(0.0, 1.0))
def test_one_unit_of_dose_is_the_chance_itself(probability):
    assert bits(chance(probability, 1.0)) == bits(probability)
    assert chance(probability, 0.0) == 0.0


@pytest.mark.parametrize("function", [exp, log, normal_cdf])
def test_monotone(function):
    """exp and log never fall, not even from one float to the next; the normal law within its error."""
    low, high = {exp: (-30.0, 3.0), log: (1e-9, 4.0), normal_cdf: (-8.3, 8.3)}[function]
    slack = 5e-15 if function is normal_cdf else 0.0
    xs = sorted(drawn(8, low, high))
    values = [function(x) for x in xs]
    assert all(b >= a - slack for a, b in pairwise(values))
    for x in xs:
        assert function(math.nextafter(x, math.inf)) >= function(x) - slack


def test_monotone_thresholds():
    """A larger chance or dose never makes fewer of the 2^32 numbers succeed: reach is monotone by this."""
    probabilities = sorted([*drawn(9, 0.0, 1.0, 300), *drawn(10, 0.0, 0.05, 300), 0.0, 0.02, 0.1, 1.0])
    doses = sorted([*drawn(11, 0.0, 4.0, 60), 0.0, 1.0 - 1e-9, 1.0, 1.0 + 1e-9, 2.0, 3.0])
    table = np.array([[threshold(chance(p, d)) for d in doses] for p in probabilities])
    assert (np.diff(table, axis=0) >= 0).all()
    assert (np.diff(table, axis=1) >= 0).all()
    assert table[-1, 1:].tolist() == [2**32] * (len(doses) - 1), "a certain chance with any dose is certain"


@kernel
def _each(kind, xs, ys, out):
    # All inlined into one kernel: whatever contraction there were, it would be here.
    for i in range(xs.shape[0]):
        if kind == 0:
            out[i] = exp(xs[i])
        elif kind == 1:
            out[i] = log(xs[i])
        elif kind == 2:
            out[i] = normal_cdf(xs[i])
        else:
            out[i] = chance(xs[i], ys[i])


@pytest.mark.parametrize(
    ("kind", "name", "low", "high"),
    [(0, "exp", -708.0, 709.0), (1, "log", 0.6, 1.6), (2, "normal_cdf", -8.5, 8.5), (3, "chance", 0.0, 1.0)],
)
def test_compiled_and_interpreted_give_the_same_bits(kind, name, low, high, monkeypatch):
    """No operation is fused or reordered by the compiler, inlined or not."""
    xs, ys = np.array(drawn(12, low, high)), np.array(drawn(13, 0.0, 3.0))
    out = np.empty(MANY)
    _each(kind, xs, ys, out)
    compiled = getattr(arithmetic, name)
    for other in ("exp", "log", "normal_cdf", "chance"):  # interpreted down to the last call
        monkeypatch.setattr(arithmetic, other, getattr(arithmetic, other).py_func)
    plain = getattr(arithmetic, name)
    arguments = list(zip(xs.tolist(), ys.tolist(), strict=True)) if kind == 3 else [(x,) for x in xs.tolist()]
    expected = [bits(plain(*each)) for each in arguments]
    assert [bits(x) for x in out.tolist()] == expected
    assert [bits(compiled(*each)) for each in arguments] == expected


@pytest.mark.parametrize("liberties", [{"contract"}, {"reassoc", "contract"}], ids=["fused", "reordered"])
def test_liberties_of_the_compiler_would_be_seen(liberties):
    """The check above can fail: allowed to fuse or reorder, the compiler changes last digits."""
    free = numba.njit(fastmath=liberties)(log.py_func)
    xs = drawn(12, 0.6, 1.6)
    different = sum(bits(free(x)) != bits(log(x)) for x in xs)
    if liberties == {"contract"} and not different:
        pytest.skip("this processor has no fused operations")
    assert different > 20


def test_chances_fills_both_arrays():
    probability = np.array([0.0, 0.1, 0.5, 1.0, 1.0, 0.3, 1e-20])
    dose = np.array([2.0, 1.0, 2.0, 0.5, 0.0, 2.5, 1.0])
    out, log_miss = np.full(7, np.nan), np.full(7, np.nan)
    chances(probability, dose, out, log_miss)
    assert out.tolist() == [chance(p, d) for p, d in zip(probability.tolist(), dose.tolist(), strict=True)]
    assert log_miss[0] == 0.0
    assert log_miss[1] == log(0.9)
    assert log_miss[2] == 2.0 * log(0.5)
    assert log_miss[3] == -math.inf
    assert log_miss[4] == 0.0, "no dose, no chance, although certain per unit"
    assert 1.0 - math.exp(log_miss[5]) == pytest.approx(out[5], rel=1e-14)
    assert out[6] == 1e-20
    assert log_miss[6] == 0.0, "1 - 1e-20 is 1"

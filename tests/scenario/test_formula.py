"""Formulas: they compute what Python would, refuse all else with its place, and never run code."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.scenario.formula import Formula
from viralsim.scenario.units import BadValueError


def grown(inner):
    two = st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join)
    return st.one_of(
        two.map("({})".format),
        inner.map("-{}".format).map("({})".format),
        st.tuples(inner, inner).map(lambda ab: f"min({ab[0]}, {ab[1]})"),
        st.tuples(inner, inner, inner).map(lambda abc: f"max({', '.join(abc)})"),
    )


leaves = st.one_of(st.just("r"), st.integers(0, 99).map(str), st.floats(0.125, 8, width=16).map(repr))
formulas = (
    st.recursive(leaves, grown, max_leaves=8)
    .map(lambda text: f"r + {text} * 2 - r")
    .filter(lambda text: len(text) <= 200)
)


@settings(max_examples=300, deadline=None)
@given(formulas, st.floats(-100, 100))
def test_it_is_pythons_arithmetic(text, r):
    try:
        expected = eval(text, {"__builtins__": {}}, {"r": r, "min": min, "max": max})  # the reference, here only
    except ZeroDivisionError:
        expected = None
    got = Formula(text)(r)
    if expected is None:
        return
    if not np.isfinite(expected):
        return
    assert got == pytest.approx(expected, rel=0, abs=0, nan_ok=True)
    assert Formula(text)(np.array([r, r])).tolist() == [got, got]


@pytest.mark.parametrize(
    ("text", "r", "value"),
    [
        ("(r+10)/20", -10, 0.0),
        ("(r+10)/20", 10, 1.0),
        ("1-r", 0.25, 0.75),
        ("1 - r - 0.25", 0.25, 0.5),
        ("8/r/2", 2.0, 2.0),
        ("--r", 3.0, 3.0),
        ("-r*2", 3.0, -6.0),
        ("clip(r, 0, 1)", 7.0, 1.0),
        ("max(r, 1, 2, .5)", 0.0, 2.0),
        ("1.5e-1*r", 2.0, 0.3),
        ("2.*r", 2.0, 4.0),
    ],
)
def test_known_values(text, r, value):
    assert Formula(text)(float(r)) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a number, r, min, max, clip or ( at the end of ''"),
        ("(r + 10 / 20", "expected ) at the end of '(r + 10 / 20'"),
        ("r +* 2", "expected a number, r, min, max, clip or ( at character 4 of 'r +* 2'; got '*'"),
        ("r 2", "expected + - * / or the end at character 3 of 'r 2'; got '2'"),
        ("r/2,5", "expected + - * / or the end at character 4 of 'r/2,5'; got ','"),
        ("x + 1", "expected a number, r, min, max, clip or ( at character 1 of 'x + 1'; got 'x'"),
        ("r**2", "expected a number, r, min, max, clip or ( at character 3 of 'r**2'; got '*'"),
        ("clip(r, 1)", "expected , and another value of clip, which takes 3, at character 10 of 'clip(r, 1)'; got ')'"),
        ("clip(r,1,2,3)", "expected ) at character 11 of 'clip(r,1,2,3)'; got ','"),
        ("min(r)", "expected , and another value of min, which takes 2 or more, at character 6 of 'min(r)'; got ')'"),
        ("clip r", "expected ( at character 6 of 'clip r'; got 'r'"),
        ("0.5", "expected a formula of r, the value in the column; '0.5' does not mention it"),
        ("1_0 + r", "expected + - * / or the end at character 2 of '1_0 + r'; got '_0'"),
        ("__import__('os')", "at character 1 of"),
        ("r.real", "at character 2 of"),
        ("r; 1", "at character 2 of"),
        ("r\x00", "at character 2 of"),
        ("r + ٣", "at character 5 of"),
        ("(" * 60 + "r" + ")" * 60, "expected at most 40 parentheses within each other"),
        ("r" + "+1" * 200, "expected a formula of at most 200 characters; got 401"),
    ],
)
def test_what_is_no_formula(text, message):
    with pytest.raises(BadValueError) as caught:
        Formula(text)
    assert message in caught.value.message


def test_hints():
    for text, hint in (("r/2,5", "point"), ("mim(r, 1)", "did you mean 'min'?"), ("x", "is called r")):
        with pytest.raises(BadValueError) as caught:
            Formula(text)
        assert hint in caught.value.hint


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("r()+-*/.,0129e minaxclp", max_size=60)))
def test_any_text_is_a_formula_or_refused(text):
    with contextlib.suppress(BadValueError):
        assert isinstance(Formula(text)(0.5), float)

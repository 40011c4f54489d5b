"""Shares, durations and numbers as people write them."""

import copy
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.scenario.units import (
    BadValueError,
    WrittenFloat,
    read_duration,
    read_number,
    read_share,
    read_tick,
    read_truth,
    read_whole,
    shown,
    tick_text,
)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("6h", 21600),
        ("6 h", 21600),
        ("6hr", 21600),
        ("1hour", 3600),
        ("2 hours", 7200),
        ("90min", 5400),
        ("1minute", 60),
        ("30s", 30),
        ("1 second", 1),
        ("2d", 172800),
        ("1day", 86400),
        ("3 days", 259200),
        ("1w", 604800),
        ("2weeks", 1209600),
        ("0.5h", 1800),
        (".5h", 1800),
        ("1.25 d", 108000),
        (" 6h ", 21600),
    ],
)
def test_durations(written, seconds):
    assert read_duration(written, 1.0) == seconds
    assert read_duration(written, 3600.0) == seconds / 3600


def test_durations_are_exact():
    """0.1 d is 2.4 h: the nearest float, not 2.4000000000000004."""
    assert read_duration("0.1d", 3600.0) == 2.4
    assert read_duration("0.1s", 0.3) == 1 / 3  # and not 0.33333333333333337
    assert read_share("3.7%") == 0.037


@pytest.mark.parametrize(
    "written",
    [
        "6 hrs",
        "6",
        "h",
        "",
        "six hours",
        "6 H",
        "6m",
        "-6h",
        "1h30min",
        "1,5h",
        "1e3h",
        "6h!",
        "٦h",
        "6h\n6h",
        "1_000s",
        "9" * 30 + "h",
        "1..2h",
        True,
        None,
        [],
        {},
        float("nan"),
        float("inf"),
        -1,
        1e10,
        10**400,
    ],
)
def test_no_durations(written):
    with pytest.raises(BadValueError):
        read_duration(written, 3600.0)


@pytest.mark.parametrize(
    "written",
    [
        "3",
        "3 percent",
        "%",
        "",
        "-3%",
        "150%",
        "1e1%",
        "3%%",
        "٣%",
        "3 % of people",
        "0.5%..3%",
        True,
        None,
        [],
        1.5,
        -0.1,
        3,
        float("nan"),
        float("inf"),
        10**400,
    ],
)
def test_no_shares(written):
    with pytest.raises(BadValueError):
        read_share(written)


def test_minus_zero_is_zero():
    assert math.copysign(1, read_share(-0.0)) == 1
    assert math.copysign(1, read_number(-0.0)) == 1
    assert math.copysign(1, read_duration(-0.0, 1.0)) == 1


@given(st.integers(0, 10**6), st.sampled_from(["s", "min", "h", "d", "w"]))
@settings(derandomize=True, deadline=None)
def test_ticks_read_back_from_their_text(number, unit):
    seconds = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}[unit] * number
    if 0 < seconds <= 1e9:
        assert read_tick(f"{number}{unit}") == seconds
        assert read_tick(tick_text(float(seconds))) == seconds


@given(st.floats(1e-3, 1e9))
@settings(derandomize=True, deadline=None)
def test_odd_ticks_read_back_from_their_text(seconds):
    seconds = float(f"{seconds:.6f}")
    assert read_tick(tick_text(seconds)) == seconds


@given(st.floats(0, 1))
@settings(derandomize=True)
def test_a_share_is_what_was_written(share):
    assert read_share(share) == share


def test_hints_say_what_was_probably_meant():
    def hint(read, *arguments, **more):
        with pytest.raises(BadValueError) as caught:
            read(*arguments, **more)
        return caught.value.hint

    assert hint(read_share, 3) == 'did you mean "3%"?'
    assert hint(read_share, "3") == 'did you mean "3%"?'
    assert hint(read_share, "0.03") == "write the number without quotes: 0.03"
    assert hint(read_tick, 1) == 'did you mean "1h"?'
    assert hint(read_duration, "24", 3600.0) == 'write it without quotes for ticks, or with a unit: "24h"'
    assert hint(read_duration, "6 Hours", 3600.0).endswith("did you mean 'hours'?")
    assert hint(read_truth, "yes") == "did you mean true?"
    assert hint(read_whole, "12") == "write the number without quotes: 12"


def refusal(read, *arguments, **more):
    with pytest.raises(BadValueError) as caught:
        read(*arguments, **more)
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (WrittenFloat("20.000"), "write 20_000 if you mean 20000, 20 if you mean 20: a point starts decimals"),
        (WrittenFloat("1.500"), "write 1_500 if you mean 1500, 1 if you mean 1: a point starts decimals"),
        (WrittenFloat("20.0"), "write 20"),
        (WrittenFloat("1e6"), "write 1_000_000"),
        (WrittenFloat("0.500"), ""),
        (20.0, "write 20"),
        (2.5, ""),
        (math.inf, ""),
        ("20.000", "write 20_000 if you mean 20000, 20 if you mean 20: a point starts decimals"),
        ("20,000", "write 20_000: digits are grouped with _ or not at all"),
        ("20 000", "write 20_000: digits are grouped with _ or not at all"),
        ("1.000.000", "write 1_000_000: digits are grouped with _ or not at all"),
        ("20_000", "write the number without quotes: 20_000"),
        ("2,5", "write decimals with a point: 2.5"),
        ("," * 5000, ""),
        ("1" + ",000" * 5000, ""),
    ],
)
def test_a_number_with_a_point_is_no_whole_number(value, hint):
    """people = 20.000 was silently twenty people."""
    message, found = refusal(read_whole, value, 1)
    assert message == f"expected a whole number of at least 1; got {shown(value)}"
    assert found == hint


def test_a_number_of_ticks_with_a_point_is_not_whole():
    """horizon = 1.000 was silently one tick; as a part of a tick it may have a point."""
    assert read_duration(WrittenFloat("1.000"), 3600.0) == 1.0
    assert refusal(read_duration, WrittenFloat("1.000"), 3600.0, whole=True) == (
        "expected a whole number of ticks; got 1.000",
        "write 1_000 if you mean 1000, 1 if you mean 1: a point starts decimals",
    )
    assert refusal(read_duration, 2.0, 3600.0, whole=True)[1] == "write 2"


@pytest.mark.parametrize(
    ("read", "value", "hint"),
    [
        (read_share, "1,5%", 'write decimals with a point: "1.5%"'),
        (read_share, "0,03", "write decimals with a point: 0.03"),
        (read_number, "1,5", "write decimals with a point: 1.5"),
        (read_number, "1,500", "write 1_500 if you mean 1500; decimals take a point: 1.500"),
        (read_number, "12.500", "write the number without quotes: 12.500"),
        (lambda value: read_duration(value, 3600.0), "1,5h", 'write decimals with a point: "1.5h"'),
        (lambda value: read_duration(value, 3600.0), "2,5 days", 'write decimals with a point: "2.5 days"'),
        (read_tick, "0,5h", 'write decimals with a point: "0.5h"'),
    ],
)
def test_decimal_commas(read, value, hint):
    assert refusal(read, value)[1] == hint


def test_a_written_float_is_a_float():
    number = WrittenFloat("0.250")
    assert number == 0.25
    assert repr(number) == "0.25"
    assert shown(number) == "0.250"
    assert pickle.loads(pickle.dumps(number)).written == "0.250"
    assert copy.deepcopy({"x": [number]})["x"][0].written == "0.250"
    assert type(read_number(number)) is float
    assert type(read_share(number)) is float


def test_what_is_shown_is_short_and_printable():
    assert shown("x" * 1000) == '"' + "x" * 57 + '..."'[:3] + '"' or len(shown("x" * 1000)) < 70
    assert shown("\x1b[31m\n\u202e") == '"\\u001b[31m\\n\\u202e"'
    assert len(shown(10**1000)) < 40

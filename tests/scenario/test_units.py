"""Shares, durations and numbers as people write them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.scenario.units import (
    BadValueError,
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


def test_what_is_shown_is_short_and_printable():
    assert shown("x" * 1000) == '"' + "x" * 57 + '..."'[:3] + '"' or len(shown("x" * 1000)) < 70
    assert shown("\x1b[31m\n\u202e") == '"\\u001b[31m\\n\\u202e"'
    assert len(shown(10**1000)) < 40

"""What a person writes for a number, read strictly: shares, durations, whole numbers, plain numbers.

Every reader takes one value as tomllib gives it and returns the value that the engine uses, or raises
`BadValueError` saying what was expected, what was found and, where it can, what was probably meant.
"""

from __future__ import annotations

import math
import operator
import re
from fractions import Fraction
from functools import lru_cache

from viralsim.errors import did_you_mean

__all__ = [
    "MOST_PRICE",
    "BadValueError",
    "WrittenFloat",
    "cents",
    "number_hint",
    "read_duration",
    "read_money",
    "read_number",
    "read_share",
    "read_tick",
    "read_truth",
    "read_whole",
    "shown",
    "whole_hint",
]

# Digits are limited so that no text can cost more than it is long, and so that floats hold what was written.
_NUMBER = r"[0-9]{1,18}(?:\.[0-9]{1,18})?|\.[0-9]{1,18}"
_SHARE = re.compile(rf"({_NUMBER})\s*%")
_DURATION = re.compile(rf"({_NUMBER})\s*([^\s0-9.].*)")
_BARE = re.compile(rf"[-+]?(?:{_NUMBER})(?:[eE][-+]?[0-9]{{1,3}})?")
# As people write numbers where TOML does not: 20.000, 20,000, 20 000, 20'000 and 1,5%.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[., '’\u00a0\u202f][0-9]{3}){1,5}")
_DECIMAL_COMMA = re.compile(r"([0-9]{1,18}),([0-9]{1,18})(\s{0,3}%|\s{0,3}[A-Za-z]{1,20}|)")

_TWO_NUMBERS = re.compile(rf"({_NUMBER})\s?(%|[a-z]{{0,9}})\s*(?:-|–|—|…|to)\s*({_NUMBER})\s?(%|[a-z]{{0,9}})")

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNIT_OF = {
    **{unit: unit for unit in _SECONDS},
    "second": "s",
    "seconds": "s",
    "minute": "min",
    "minutes": "min",
    "hr": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
}
_UNITS_TEXT = "units are s, min, h (hr, hour), d (day), w (week)"
_DURATION_EXPECTED = 'a duration such as "6h", "90min" or "2d", or a number of ticks'
MOST_TICKS = 1_000_000_000
"""The longest duration, in ticks."""
MOST_PRICE = 1_000_000_000
"""The most that one thing may cost, so that sums over 90 million people stay within 64 bits."""
MOST_MONEY = 1_000_000_000_000
"""The most money that a key takes."""


class BadValueError(ValueError):
    """A value that cannot be used, in words; its place is not known here.

    Parameters
    ----------
    message : str
        What was expected and what was found.
    hint : str
        What was probably meant; empty where that is unknown.
    at : tuple of str or int
        Where inside the value: keys and indices; empty for the value as a whole.

    Examples
    --------
    >>> raise BadValueError("expected a share; got 3", hint='did you mean "3%"?')
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a share; got 3
    """

    def __init__(self, message: str, hint: str = "", at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.at = at
        self.others: tuple[BadValueError, ...] = ()  # further ones inside the same value


class WrittenFloat(float):
    """A float that knows its digits as written: 20.000 is the number 20, but may have meant twenty thousand.

    Parameters
    ----------
    written : str
        The digits; tomllib hands them to its `parse_float`.

    Examples
    --------
    >>> number = WrittenFloat("20.000")
    >>> number, number.written
    (20.0, '20.000')
    """

    __slots__ = ("written",)
    written: str

    def __new__(cls, written: str) -> WrittenFloat:
        """Read the digits; raises `ValueError` where there are none."""
        self = super().__new__(cls, written)
        self.written = written
        return self

    def __reduce__(self) -> tuple[type[WrittenFloat], tuple[str]]:
        return WrittenFloat, (self.written,)


def number_hint(text: str, *, whole: bool = False) -> str:
    """Return how to write a number with thousand separators or a decimal comma; "" where `text` has neither.

    Parameters
    ----------
    text : str
        What was written.
    whole : bool
        Whether a whole number is meant, so that "20.000" can only be twenty thousand or a mistake.

    Examples
    --------
    >>> number_hint("1,5%")
    'write decimals with a point: "1.5%"'
    >>> number_hint("20.000", whole=True)
    'write 20_000 if you mean 20000, 20 if you mean 20: a point starts decimals'
    >>> number_hint("1.000.000")
    'write 1_000_000: digits are grouped with _ or not at all'
    """
    text = text.strip()
    if _GROUPED.fullmatch(text):
        first, *others = re.split("[^0-9]", text)
        number = int("".join((first, *others)))
        single = text[len(first)] if len(others) == 1 else ""
        if single == "." and not whole:
            return ""
        if single == ".":
            return f"write {number:_} if you mean {number}, {first} if you mean {first}: a point starts decimals"
        if single == "," and not whole:
            return f"write {number:_} if you mean {number}; decimals take a point: {text.replace(',', '.')}"
        return f"write {number:_}: digits are grouped with _ or not at all"
    found = _DECIMAL_COMMA.fullmatch(text)
    if not found or (whole and not found[3]):
        return ""
    meant = f"{found[1]}.{found[2]}{found[3]}"
    return f"write decimals with a point: {shown(meant) if found[3] else meant}"


def whole_hint(value: object) -> str:
    """Return how to write a whole number that was written as a decimal or as text; "" where that is unknown.

    Examples
    --------
    >>> whole_hint(20.0), whole_hint("20,000")
    ('write 20', 'write 20_000: digits are grouped with _ or not at all')
    """
    text = value.strip() if isinstance(value, str) else value.written if isinstance(value, WrittenFloat) else ""
    hint = number_hint(text, whole=True)
    if hint:
        return hint
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return f"write {int(value):_}" if abs(value) >= 10_000 else f"write {int(value)}"
    return ""


def shown(value: object) -> str:
    """Return `value` as a person would have written it in TOML, shortened; tables and lists by their kind.

    Examples
    --------
    >>> shown("6 hrs"), shown(True), shown({"a": 1}), shown([1, 2]), shown(float("inf"))
    ('"6 hrs"', 'true', 'a table', 'a list', 'inf')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = "".join(c if c.isprintable() else _escaped(c) for c in value.replace("\\", "\\\\").replace('"', '\\"'))
        return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}..."'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    if isinstance(value, float):
        written = value.written if isinstance(value, WrittenFloat) else repr(float(value))
        return written if len(written) <= 60 else f"{written[:57]}..."
    return "None" if value is None else f"a date or time, {value}"


def _escaped(character: str) -> str:
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character)
    if named:
        return named
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_range(value: object) -> bool:
    return isinstance(value, dict) and "distribution" in value if not isinstance(value, str) else ".." in value


def _no_range_here(value: object) -> BadValueError:
    what = "range" if isinstance(value, str) else "distribution"
    return BadValueError(
        f"a {what} cannot be used here: this is the same in all realisations; write one value; got {shown(value)}",
        "ranges and distributions are for the numbers of items, platforms, segments and waves, and network.trust",
    )


def _issue(expected: str, value: object, hint: str = "") -> BadValueError:
    if _is_range(value):
        return _no_range_here(value)
    if not hint and isinstance(value, str):
        text = value.strip()
        if _BARE.fullmatch(text) or re.fullmatch("[0-9]{1,3}(?:_[0-9]{3}){1,5}", text):
            hint = f"write the number without quotes: {text}"
        else:
            hint = number_hint(text) or _range_written_otherwise(text)
    return BadValueError(f"expected {expected}; got {shown(value)}", hint)


def _range_written_otherwise(text: str) -> str:
    found = _TWO_NUMBERS.fullmatch(text)
    return f'a range is written "{found[1]}{found[2] or found[4]}..{found[3]}{found[4]}"' if found else ""


def _as_float(value: object) -> float | None:
    """Return a finite float, or None where `value` is no number (truth values are none, nor nan and inf)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number + 0.0 if math.isfinite(number) else None  # + 0.0 turns -0.0 into 0.0


def _bounds(minimum: float | None, maximum: float | None, exclusive: bool) -> str:
    def number(x: float) -> str:
        return f"{int(x):_}" if x == int(x) else f"{x:g}"

    if minimum is not None and maximum is not None:
        return (
            f" above {number(minimum)}, up to {number(maximum)}"
            if exclusive
            else f" from {number(minimum)} to {number(maximum)}"
        )
    if minimum is not None:
        return f" above {number(minimum)}" if exclusive else f" of at least {number(minimum)}"
    return f" of at most {number(maximum)}" if maximum is not None else ""


def _inside(number: float, minimum: float | None, maximum: float | None, exclusive: bool) -> bool:
    if minimum is not None and (number <= minimum if exclusive else number < minimum):
        return False
    return maximum is None or number <= maximum


def read_share(value: object, *, exclusive: bool = False) -> float:
    """Return a share in [0, 1] (in (0, 1] where `exclusive`), written as "3%" or 0.03.

    Raises
    ------
    BadValueError
        If it is anything else; a bare 3 is not taken for 3 %.

    Examples
    --------
    >>> read_share("3%"), read_share(0.03), read_share(1)
    (0.03, 0.03, 1.0)
    >>> read_share(True)
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a share from 0 to 1, such as "3%" or 0.03; got true
    """
    expected = f'a share {"above 0, up to 1" if exclusive else "from 0 to 1"}, such as "3%" or 0.03'
    if isinstance(value, str):
        found = _SHARE.fullmatch(value.strip())
        if not found:
            raise _issue(expected, value, _percent(float(value)) if _BARE.fullmatch(value.strip()) else "")
        number: float | None = float(Fraction(found[1]) / 100)
    else:
        number = _as_float(value)
    if number is None or not _inside(number, 0.0, 1.0, exclusive):
        percent = not isinstance(value, str) and _percent(number)
        raise _issue(expected, value, percent or "")
    return number


def _percent(number: float | None) -> str:
    return f'did you mean "{number:g}%"?' if number is not None and 1 < number <= 100 else ""


def read_money(value: object, maximum: int = MOST_MONEY) -> float:
    """Return an amount of money, in the one currency of the scenario.

    Raises
    ------
    BadValueError
        If it is no number, negative, or has parts of a cent.

    Examples
    --------
    >>> read_money(19.9)
    19.9
    >>> read_money(0.005)
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected an amount of money in whole cents; got 0.005
    """
    number = read_number(value, 0.0, float(maximum), what="an amount of money")
    if cents(number) / 100 != number:
        raise BadValueError(f"expected an amount of money in whole cents; got {shown(value)}")
    return number


def cents(amount: float) -> int:
    """Return an amount of money in cents, as it is counted.

    Examples
    --------
    >>> cents(0.29), cents(19.9)
    (29, 1990)
    """
    return round(amount * 100.0)


def read_duration(
    value: object,
    tick_seconds: float,
    *,
    exclusive: bool = False,
    whole: bool = False,
    maximum: int = MOST_TICKS,
) -> float:
    """Return a duration in ticks, written with a unit ("6h") or as a bare number of ticks.

    Parameters
    ----------
    value : object
        What was written.
    tick_seconds : float
        Length of a tick, seconds.
    exclusive : bool
        Whether 0 is refused.
    whole : bool
        Whether it must be a whole number of ticks (within 1e-9).
    maximum : int
        The most ticks allowed.

    Raises
    ------
    BadValueError
        If it is no duration, negative, too long or not whole where it must be (nor written as a whole number,
        where it is a number of ticks).

    Examples
    --------
    >>> read_duration("6h", 3600.0), read_duration("90 min", 3600.0), read_duration(3, 3600.0)
    (6.0, 1.5, 3.0)
    >>> read_duration(1.5, 3600.0, whole=True)
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a whole number of ticks; got 1.5
    """
    expected = f"{_DURATION_EXPECTED}, {'above 0' if exclusive else 'not negative'}"
    if isinstance(value, str):
        ticks: float | None = _ticks(value, tick_seconds, expected)
    else:
        ticks = _as_float(value)
    if ticks is None or not _inside(ticks, 0.0, None, exclusive):
        raise _issue(expected, value)
    if whole and abs(ticks - round(ticks)) > 1e-9 and not isinstance(value, str):
        raise BadValueError(f"expected a whole number of ticks; got {shown(value)}")
    if whole and isinstance(value, float):  # 1.000 is 1, but may have meant a thousand
        raise BadValueError(f"expected a whole number of ticks; got {shown(value)}", whole_hint(value))
    if whole and abs(ticks - round(ticks)) > 1e-9:
        raise BadValueError(
            f"expected a whole number of ticks (1 tick = {tick_text(tick_seconds)}); {shown(value)} is {ticks:g} ticks"
        )
    if ticks > maximum:
        raise BadValueError(
            f"at most {maximum:_} ticks are allowed (1 tick = {tick_text(tick_seconds)}); "
            f"{shown(value)} is {ticks:_.0f} ticks",
            "make the duration shorter or time.tick longer",
        )
    return float(round(ticks)) if whole else ticks


def read_tick(value: object) -> float:
    """Return the length of a tick in seconds; it needs a unit, since it is what bare numbers count.

    Raises
    ------
    BadValueError
        If it is no duration with a unit, is 0, or is longer than 10^9 seconds.

    Examples
    --------
    >>> read_tick("1h"), read_tick("30 min")
    (3600.0, 1800.0)
    """
    expected = 'a duration above 0 with its unit, such as "1h" or "15min"'
    if not isinstance(value, str) or _BARE.fullmatch(value.strip()):
        number = None if isinstance(value, str) else _as_float(value)
        raise BadValueError(
            f"expected {expected}; got {shown(value)}",
            f'did you mean "{number:g}h"?' if number and number > 0 else "",
        )
    seconds = float(_seconds(value, expected))
    if not 1e-3 <= seconds <= 1e9:
        raise BadValueError(f"expected {expected}, from 1 millisecond to 10^9 seconds; got {shown(value)}")
    return seconds


@lru_cache(maxsize=1000)
def _ticks(text: str, tick_seconds: float, expected: str) -> float:
    return float(_seconds(text, expected) / Fraction(repr(tick_seconds)))


def _seconds(text: str, expected: str) -> Fraction:
    found = _DURATION.fullmatch(text.strip())
    if _BARE.fullmatch(text.strip()):
        raise _issue(expected, text, f'write it without quotes for ticks, or with a unit: "{text.strip()}h"')
    if not found or _is_range(text):
        raise _issue(expected, text)
    unit = found[2]
    if number_hint(text):
        raise _issue(expected, text)
    if unit not in _UNIT_OF:
        close = did_you_mean(unit, _UNIT_OF) if len(unit) <= 20 else ""
        if unit.lower() in _UNIT_OF:
            close = f"did you mean '{unit.lower()}'?"
        raise BadValueError(
            f"expected {expected}; got {shown(text)}", f"{_UNITS_TEXT}; {close}" if close else _UNITS_TEXT
        )
    return Fraction(found[1]) * _SECONDS[_UNIT_OF[unit]]


def tick_text(seconds: float) -> str:
    """Return a length in seconds with the largest unit that it is a whole multiple of.

    Examples
    --------
    >>> tick_text(3600.0), tick_text(5400.0), tick_text(0.5)
    ('1h', '90min', '0.5s')
    """
    for unit in ("w", "d", "h", "min"):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds:.0f}s" if seconds % 1 == 0 else f"{Fraction(repr(seconds)).__float__()!r}s"


def read_whole(
    value: object, minimum: int | None = None, maximum: int | None = None, what: str = "a whole number"
) -> int:
    """Return a whole number inside its bounds; 20.0 is none, since 20.000 may have meant 20000, nor is true.

    Raises
    ------
    BadValueError
        If it is no whole number or outside the bounds.

    Examples
    --------
    >>> read_whole(7, 1)
    7
    >>> read_whole(0, 1)
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a whole number of at least 1; got 0
    """
    expected = what + _bounds(minimum, maximum, False)
    # (numpy's integers are no int, but they are whole numbers.)
    number = operator.index(value) if hasattr(value, "__index__") and not isinstance(value, bool) else None
    if number is None or not _inside(number, minimum, maximum, False):
        raise _issue(expected, value, whole_hint(value))
    return number


def read_number(
    value: object,
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    exclusive: bool = False,
    what: str = "a number",
) -> float:
    """Return a finite number inside its bounds (`exclusive`: the minimum itself is outside).

    Raises
    ------
    BadValueError
        If it is no number, nan, infinite or outside the bounds.

    Examples
    --------
    >>> read_number(2), read_number(0.5, 0.0)
    (2.0, 0.5)
    >>> read_number(float("nan"))
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a number; got nan
    """
    number = _as_float(value)
    if number is None or not _inside(number, minimum, maximum, exclusive):
        raise _issue(what + _bounds(minimum, maximum, exclusive), value)
    return number


def read_truth(value: object) -> bool:
    """Return true or false, written as such.

    Raises
    ------
    BadValueError
        If it is anything else; 0, 1 and "yes" are not taken for truth values.

    Examples
    --------
    >>> read_truth(True)
    True
    """
    if not isinstance(value, bool):
        likely = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}
        meant = likely.get(str(value).strip().lower())
        raise BadValueError(f"expected true or false; got {shown(value)}", f"did you mean {meant}?" if meant else "")
    return value

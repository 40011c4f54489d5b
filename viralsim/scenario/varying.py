"""What a sweep varies: keys with their values or ranges, as `--vary` and [sweep.vary] give them; and its conditions."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, get_args

from viralsim.errors import Problem, ScenarioError, did_you_mean
from viralsim.scenario.catalogue import choices
from viralsim.scenario.clock import is_date
from viralsim.scenario.locating import KeyPath, printable, split_path
from viralsim.scenario.toml_text import toml_key, toml_or_text, toml_value
from viralsim.scenario.units import BadValueError, number_hint, read_duration, read_number, read_share, shown

__all__ = [
    "MOST_LEVELS",
    "PLAN",
    "Until",
    "Varied",
    "all_varied",
    "read_find",
    "read_until",
    "read_varied",
    "varied_of",
]

PLAN = "plan"
"""The path that stands for which plan is played."""
MOST_LEVELS = 100_000
"""The most values of one key."""
_FIXED = {
    "title": "it changes no number",
    "description": "it changes no number",
    "realisations": "a sweep plays as many of every cell: write sweep.realisations, or --realisations",
    "precision": "it holds for every cell: write sweep.precision, or --precision",
    "expected": "it is compared with, not played",
    "sweep": "a sweep does not vary itself",
}
_FORMS = "values are written a,b,c or as a range: low:high:N, low:high:N:log, low:high"
_DIGITS = r"(?:[0-9][0-9_]{0,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?"
_END = re.compile(rf"\s*([-+]?{_DIGITS})\s*(%|[A-Za-z]{{1,20}}|)\s*")
_RANGE = re.compile(rf"\s*(?:[-+]?{_DIGITS}[^:]*:|:\s*[-+]?{_DIGITS}\s*[%A-Za-z]*\s*(?::|$))")
_OFFSET = re.compile(r"\s*[-+][0-9]{2}:[0-9]{2}\s*")
"""Of a time zone, which is no range."""


@dataclass(frozen=True)
class Varied:
    """A key that a sweep varies: its values, or the range that they are drawn from.

    Parameters
    ----------
    path : str
        The key, as settings name it; "plan" for which plan is played.
    values : tuple or None
        The values, as settings take them; None for a range without a number of values.
    low, high : int, float, str or None
        The ends of such a range, in one unit.
    scale : str
        How the range is divided: "linear" or "log".
    given : str
        The values or the range as they were written.

    Examples
    --------
    >>> read_varied("item.content.stickiness=0.5%:5%:10").values[:3]
    (0.005, 0.01, 0.015)
    >>> read_varied("time.horizon=1d:1w").high
    '7d'
    """

    path: str
    values: tuple[object, ...] | None = None
    low: int | float | str | None = None
    high: int | float | str | None = None
    scale: Literal["linear", "log"] = "linear"
    given: str = field(default="", compare=False)

    @property
    def is_range(self) -> bool:
        """Whether it was written as a range, with or without a number of values."""
        return _is_range(self.given)

    @property
    def text(self) -> str:
        """The key and its values, as `--vary` takes them.

        Examples
        --------
        >>> varied_of("network.people", [100, 1000]).text
        'network.people=100,1000'
        """
        return f"{self.path}={self.given}"

    def at(self, share: float) -> object:
        """Return the value at a share of the range, or of the list of values.

        Of whole numbers each has the same share of the range (in the logarithm, of its own stretch of it).

        Parameters
        ----------
        share : float
            From 0, the low end or the first value, to 1, the high end or the last.

        Examples
        --------
        >>> read_varied("item.content.stickiness=1%:3%").at(0.5), read_varied("plan=hubs,random").at(0.5)
        (0.02, 'random')
        >>> read_varied("network.people=1:100:log").at(0.5)
        10
        """
        if self.values is not None:
            # The 1e-9: a level such as 2/3 of 12 values is the 9th, however it was rounded.
            return self.values[min(int(share * len(self.values) + 1e-9), len(self.values) - 1)]
        low, high = _end(self.low), _end(self.high)
        log = self.scale == "log"
        if _takes_whole(self.path, low, high):
            first, last = low.number, high.number
            if log:
                number = Fraction(math.floor(float(first) * float((last + 1) / first) ** share + 1e-9))
            else:
                number = Fraction(math.floor(first + (last - first + 1) * Fraction(share) + Fraction(1, 10**9)))
            return _value(min(number, last), low, high, whole=True)
        return _value(_between(low, high, share, log), low, high, whole=False)


def read_varied(text: str) -> Varied:
    """Read "PATH=VALUES", as `--vary` gives it.

    Values are a list, `a,b,c` (TOML values or plain text; commas within quotes and brackets do not part), or a range:
    `low:high:N` for N values evenly from one end to the other, `low:high:N:log` evenly in the logarithm, `low:high`
    and `low:high:log` for designs that draw samples. Ends may have a unit: 0.5%:5%:10, 6h:2d:4. Values of keys that
    take whole numbers only are rounded (durations to whole ones of their unit), and equal ones merged.

    Parameters
    ----------
    text : str
        Such as "item.content.stickiness=0.5%:5%:10" or "plan=hubs,random".

    Raises
    ------
    ScenarioError
        If it is none of this. Whether the scenario has such a key is not known here.

    Examples
    --------
    >>> read_varied("item.content.stickiness=0.1%:10%:3:log").values
    (0.001, 0.01, 0.1)
    >>> read_varied("time.horizon=1d:1w:3").values
    ('1d', '4d', '7d')
    >>> read_varied("plan=hubs,random").values
    ('hubs', 'random')
    >>> read_varied("item.content.stickiness=5%:0.5%:10")
    Traceback (most recent call last):
    viralsim.errors.ScenarioError: --vary item.content.stickiness=5%:0.5%:10: the low end comes first; got 5% and 0.5%
      hint: 0.5%:5%:10
    """
    place = f"--vary {printable(text)}"
    found = _taken_apart(text)
    if found is None:
        expected = "expected PATH=VALUES, such as item.content.stickiness=0.5%:5%:10 or plan=hubs,random"
        raise ScenarioError([Problem(expected, place=place)])
    path, values = found
    if not values:
        raise ScenarioError([Problem("no values", place=place, hint=_FORMS)])
    try:
        return vary(path, values)
    except BadValueError as issue:
        raise ScenarioError([Problem(issue.message, place=place, hint=issue.hint)]) from None


def varied_of(path: str, given: object) -> Varied:
    """Return a varied key from its path and its values: a list of them, or a text as right of the "=" of `--vary`.

    Parameters
    ----------
    path : str
        The key.
    given : str or sequence
        The values.

    Raises
    ------
    ScenarioError
        As `read_varied`.

    Examples
    --------
    >>> varied_of("item.content.stickiness", ["1%", 0.02]).values
    (0.01, 0.02)
    >>> varied_of("item.content.stickiness", "1%:2%:3").values
    (0.01, 0.015, 0.02)
    """
    try:
        keys = split_path(path.strip())
    except (ValueError, AttributeError):
        expected = "expected a path, such as item.content.stickiness"
        raise ScenarioError([Problem(expected, place=f"--vary {printable(str(path))}")]) from None
    try:
        return vary(keys, given)
    except BadValueError as issue:
        text = printable(f"{path}={given if isinstance(given, str) else shown(given)}")
        raise ScenarioError([Problem(issue.message, place=f"--vary {text}", hint=issue.hint)]) from None


def all_varied(varied: Iterable[Varied]) -> tuple[Varied, ...]:
    """Return the varied keys of one sweep, after checking that none is, or is within, another.

    Raises
    ------
    ScenarioError
        If one is.

    Examples
    --------
    >>> len(all_varied([read_varied("plan=hubs,random"), read_varied("random_seed=1,2")]))
    2
    """
    varied = tuple(varied)
    problems = [Problem(message, place=f"--vary {printable(varied[index].text)}") for index, message in clashes(varied)]
    if problems:
        raise ScenarioError(problems)
    return varied


def vary_in_table(keys: tuple[str, ...], given: object) -> Varied:
    """Read what is varied at the keys of a table [sweep.vary]; raises `BadValueError` where it cannot be used."""
    try:
        path = tuple(part for key in keys for part in split_path(key.strip()))
    except ValueError:
        raise BadValueError("expected a path, such as item.content.stickiness") from None
    return vary(path, given)


def varied_in(table: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield the path of every key of a table [sweep.vary], as it is written, and what it is given.

    A key may be quoted whole, or be written with its dots, which makes tables of it.
    """
    for key, given in table.items():
        if isinstance(given, Mapping):
            yield from varied_in(given, (*above, key))
        else:
            yield (*above, key), given


def grid_of(varied: Varied) -> str:
    """Return a range with a number of values added, for hints."""
    return f"{varied.given.removesuffix(':log')}:10{':log' if varied.scale == 'log' else ''}"


def clashes(varied: Sequence[Varied]) -> Iterator[tuple[int, str]]:
    """Yield what cannot be varied together: the index of the later one, and why."""
    before: dict[KeyPath, str] = {}
    for index, one in enumerate(varied):
        keys = split_path(one.path)
        for other, path in before.items():
            if other == keys:
                yield index, f"{path} is varied twice"
            elif PLAN not in (path, one.path) and other == keys[: len(other)]:
                yield index, f"{one.path} is part of {path}, which is varied too"
            elif PLAN not in (path, one.path) and keys == other[: len(keys)]:
                yield index, f"{path} is part of {one.path}, and varied too"
        before.setdefault(keys, one.path)


# ---------------------------------------------------------------------------------------------------------
# Values


def _taken_apart(text: str) -> tuple[KeyPath, str] | None:
    for found in re.finditer("=", text):  # a quoted key may hold an "=" itself
        try:
            return split_path(text[: found.start()].strip()), text[found.end() :].strip()
        except ValueError:
            continue
    return None


def vary(keys: KeyPath, given: object) -> Varied:
    """Read what is varied at a path; raises `BadValueError` where it cannot be used."""
    path = ".".join(toml_key(str(key)) for key in keys)
    if keys[0] in _FIXED:
        raise BadValueError(f"{keys[0]} cannot be varied: {_FIXED[str(keys[0])]}")
    if isinstance(given, str) and _is_range(given):
        if path == PLAN:
            raise BadValueError(f"expected names of plans; got {shown(given)}", "such as plan=hubs,random")
        return _range(path, given)
    values = [_read_one(one) for one in _listed(given)]
    if not values:
        raise BadValueError("no values", _FORMS)
    if len(values) > MOST_LEVELS:
        raise BadValueError(f"at most {MOST_LEVELS:_} values; got {len(values):_}")
    if path == PLAN and not all(isinstance(value, str) for value in values):
        wrong = next(value for value in values if not isinstance(value, str))
        raise BadValueError(f"expected names of plans; got {shown(wrong)}", "such as plan=hubs,random")
    _no_repeats(values)
    return Varied(path, tuple(values), given=",".join(_written(value) for value in values))


def _is_range(text: str) -> bool:
    if "," in text and len(_parts(text)) > 1:
        return False
    return _RANGE.match(text) is not None and not is_date(text.strip()) and _OFFSET.fullmatch(text) is None


def _listed(given: object) -> list[object]:
    if isinstance(given, str):
        parts = _parts(given)
        for part in parts:
            if len(parts) > 1 and _is_range(part):
                hint = number_hint(",".join(parts[:2]).split(":")[0]) or "write --vary once for each key"
                raise BadValueError(f"a list of values or one range, not both; got {shown(given)}", hint)
        return list(parts)
    if hasattr(given, "tolist"):  # of numpy, pandas and polars
        given = given.tolist()
    if isinstance(given, range):
        given = list(given) if len(given) <= MOST_LEVELS else [None] * len(given)
    if not isinstance(given, list | tuple):
        hint = f"[{given}]" if isinstance(given, int | float) else ""
        raise BadValueError(f'expected a list of values, or a text such as "0.5%:5%:10"; got {shown(given)}', hint)
    return list(given)


def _parts(text: str) -> list[str]:
    """Part a list at its commas, but for those within quotes and brackets."""
    parts: list[str] = []
    open_: list[str] = []
    quote, start, at = "", 0, 0
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\" and quote == '"':
                at += 1
            elif character == quote:
                quote = ""
        elif (character in "\"'" and not text[start:at].strip(" \t[{=,")) or (character in "\"'" and open_):
            quote = character
        elif character in "[{":
            open_.append("]" if character == "[" else "}")
        elif open_ and character == open_[-1]:
            open_.pop()
        elif character == "," and not open_:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    if quote or open_:
        raise BadValueError(f"{quote or open_[-1]} is missing at the end; got {shown(text)}")
    parts.append(text[start:])
    parts = [part.strip() for part in parts]
    if not all(parts):
        raise BadValueError(f"a value is missing beside a comma; got {shown(text)}")
    return parts


def _read_one(given: object) -> object:
    """Return a value as a setting takes it: texts read as TOML where they are, shares as numbers."""
    if isinstance(given, str):
        given = toml_or_text(given)
        given = toml_or_text(given) if isinstance(given, str) else given  # as the setting will
    value = _plain(given)
    if isinstance(value, str) and "%" in value:
        try:
            return read_share(value)
        except BadValueError:
            return value
    return value


def _plain(value: Any) -> object:
    if value is None:
        raise BadValueError("None is no value")
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool | str):
        return value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if hasattr(value, "item"):  # numpy's scalars
        value = value.item()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)  # without how it was written
    return value


def _written(value: object) -> str:
    """Return a value as `--vary` reads it back."""
    if not isinstance(value, str):
        return toml_value(value)
    bare = value and value == value.strip() and not set(value) & set(",\"'[]{}\\\n\t\r")
    return value if bare and not _is_range(value) and _read_one(value) == value else toml_value(value)


def _no_repeats(values: Sequence[object]) -> None:
    seen: set[object] = set()
    for value in values:
        key = toml_value(value) if isinstance(value, bool | list | dict) else value
        if key in seen:
            raise BadValueError(f"{_written(value)} is listed twice")
        seen.add(key)


# ---------------------------------------------------------------------------------------------------------
# Ranges


@dataclass(frozen=True)
class _End:
    """One end of a range: its number (a share for one with %), its unit ("" for a number), as it was written."""

    number: Fraction
    unit: str
    is_whole: bool
    text: str


def _read_end(text: str) -> _End:
    found = _END.fullmatch(text)
    if found is None:
        hint = number_hint(text.strip()) or _FORMS
        raise BadValueError(f"expected a number, with or without a unit; got {shown(text.strip())}", hint)
    digits, unit = found[1].replace("_", ""), found[2]
    number = Fraction(digits)
    if number and not Fraction(1, 10**100) < abs(number) < 10**100:
        raise BadValueError(f"{text.strip()} is too {'large' if abs(number) > 1 else 'small'} for the end of a range")
    if unit == "%":
        if not 0 <= number <= 100:
            raise BadValueError(f"expected a share from 0% to 100%; got {text.strip()}")
        return _End(number / 100, "%", False, text.strip())
    if unit:
        read_duration(f"1{unit}", 1.0)  # says which units there are
    return _End(number, unit, not set(digits) & set(".eE"), text.strip())


def _end(value: object) -> _End:
    """Return an end of a range that has been read."""
    if isinstance(value, str):
        return _read_end(value)
    return _End(Fraction(repr(value)), "", isinstance(value, int), repr(value))


def _seconds(unit: str) -> int:
    return int(read_duration(f"1{unit}", 1.0))


def _range(path: str, text: str) -> Varied:
    parts = text.split(":")
    if len(parts) < 2 or len(parts) > 4 or not parts[0].strip() or not parts[1].strip():
        raise BadValueError(f"expected a range low:high:N, low:high:N:log or low:high; got {shown(text)}")
    rest = [part.strip() for part in parts[2:]]
    log = rest[-1:] == ["log"]
    rest = rest[:-1] if log else rest
    if len(rest) > 1 or (rest and rest[0].lower() in ("log", "linear", "lin")):
        raise BadValueError(
            f"expected a range low:high:N, low:high:N:log or low:high; got {shown(text)}",
            did_you_mean(rest[-1], ["log"]) if rest[-1] != "log" else "log comes last",
        )
    low, high = (_read_end(part) for part in parts[:2])
    scale: Literal["linear", "log"] = "log" if log else "linear"
    if (low.unit == "") != (high.unit == "") or (low.unit == "%") != (high.unit == "%"):
        unit = low.unit or high.unit
        both = ":".join([_with(low, unit), _with(high, unit), *parts[2:]]) if not (low.unit and high.unit) else ""
        raise BadValueError(f"both ends need the same kind of unit; got {low.text} and {high.text}", both)
    if low.unit not in ("", "%") and low.unit != high.unit:
        unit = min(low.unit, high.unit, key=_seconds)
        low, high = (
            _End(end.number * _seconds(end.unit) / _seconds(unit), unit, end.is_whole, end.text) for end in (low, high)
        )
    if low.number >= high.number:
        if low.number == high.number:
            raise BadValueError(f"both ends are {low.text}", "for one value write it alone")
        swapped = ":".join([high.text, low.text, *(part.strip() for part in parts[2:])])
        raise BadValueError(f"the low end comes first; got {low.text} and {high.text}", swapped)
    if log and low.number <= 0:
        raise BadValueError(f"evenly in the logarithm needs a low end above 0; got {low.text}")
    whole = _takes_whole(path, low, high)
    if whole and not (low.number.denominator == high.number.denominator == 1):
        end = low if low.number.denominator != 1 else high
        raise BadValueError(f"{path} takes whole numbers; got {end.text}")
    given = ":".join(part.strip() for part in parts)
    ends = tuple(_value(end.number, low, high, whole=whole) for end in (low, high))
    if not rest:
        return Varied(path, None, ends[0], ends[1], scale, given)
    count = _count(rest[0])
    numbers = [_between(low, high, Fraction(step, count - 1), log) for step in range(count)]
    if whole:
        numbers = [Fraction(math.floor(number + Fraction(1, 2))) for number in numbers]
    read = [_value(number, low, high, whole=whole) for number in numbers]
    return Varied(path, tuple(dict.fromkeys(read)), given=given)


def _with(end: _End, unit: str) -> str:
    return end.text if end.unit else f"{end.text}{unit}"


def _count(text: str) -> int:
    digits = text.replace("_", "")
    if not (digits.isascii() and digits.isdigit()) or not 2 <= int(digits[:20]) <= MOST_LEVELS:
        raise BadValueError(
            f"expected a number of values from 2 to {MOST_LEVELS:_} after the two ends; got {shown(text)}",
            did_you_mean(text, ["log"]) or number_hint(text, whole=True) or _FORMS,
        )
    return int(digits)


def _between(low: _End, high: _End, share: float | Fraction, log: bool) -> Fraction:
    if share <= 0 or share >= 1:
        return low.number if share <= 0 else high.number
    if not log:
        return low.number + (high.number - low.number) * Fraction(share)
    start = math.log(low.number)
    return Fraction(math.exp(start + (math.log(high.number) - start) * float(share)))


def _value(number: Fraction, low: _End, high: _End, *, whole: bool) -> int | float | str:
    """Return a number of a range as a setting takes it, in at most 12 digits, but no more than the ends say."""
    if whole or number in (low.number, high.number):
        short = number
    else:
        short = Fraction(f"{float(number):.12g}")
        short = min(max(short, low.number), high.number)
    if low.unit in ("", "%"):
        return int(short) if whole else float(short)
    return f"{_decimal(short)}{low.unit}"


def _decimal(number: Fraction) -> str:
    if number.denominator == 1:
        return str(number.numerator)
    return f"{Decimal(repr(float(number))):f}"


def _takes_whole(path: str, low: _End, high: _End) -> bool:
    """Tell whether only whole numbers lie between two ends: the key takes no others, or counts people as they do."""
    kind = _kind(path)
    if kind == "whole":
        return low.unit != "%"
    return kind == "share or count" and low.is_whole and high.is_whole and high.number > 1


@lru_cache(maxsize=1000)
def _kind(path: str) -> Literal["whole", "share or count", "share", ""]:
    """Return what a key takes, as its model declares it."""
    from viralsim.scenario.checking import model_at
    from viralsim.scenario.schema import number_reader

    keys = split_path(path)
    model, name = model_at(keys[:-1]), str(keys[-1])
    if model is not None and name in model.model_fields and name != "parameters":
        types = set(_types(model.model_fields[name].annotation))
        if int in types:
            return "share or count" if float in types else "whole"
        found = number_reader(keys, {})
        return "share" if found is not None and found[1].unit == "share" else ""
    families: dict[KeyPath, str] = {("network",): "generator", ("price",): "price"}
    declared = [
        parameter.kind
        for choice in choices(families.get(keys[:-1], "delay")).values()
        for parameter in choice.parameters
        if parameter.name == name
    ]
    return "whole" if declared and set(declared) == {"integer"} else ""


def _types(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for inner in arguments:
        yield from _types(inner)


# ---------------------------------------------------------------------------------------------------------
# What is looked for


_RELATIONS = (">=", "<=", ">", "<")
_OF_PEOPLE = ("reach", "engaged")
_UNTIL = re.compile(r"\s*([^\s<>=≥≤!]+)\s*([<>=≥≤!~]+)\s*(.*?)\s*")
_UNTIL_EXPECTED = 'expected a metric, a relation and a number, such as "viral_chance >= 50%"'


@dataclass(frozen=True)
class Until:
    """A condition on the mean of a metric.

    Parameters
    ----------
    metric : str
        A metric of the catalogue.
    relation : str
        One of >=, <=, >, <.
    value : float
        The number, in the unit of the metric.
    of_people : bool
        Whether `value` is a share of all people, for reach and engaged.

    Examples
    --------
    >>> read_until("engaged >= 20%")
    Until(metric='engaged', relation='>=', value=0.2, of_people=True)
    """

    metric: str
    relation: Literal[">=", "<=", ">", "<"]
    value: float
    of_people: bool = False

    @property
    def text(self) -> str:
        """The condition as it is written.

        Examples
        --------
        >>> read_until("viral_chance>=0.5").text
        'viral_chance >= 50%'
        """
        if self.of_people or _is_share(self.metric):
            percent = Fraction(repr(self.value)) * 100
            return f"{self.metric} {self.relation} {_decimal(percent)}%"
        number = int(self.value) if self.value.is_integer() and abs(self.value) < 1e15 else self.value
        return f"{self.metric} {self.relation} {number!r}"


def read_until(text: str) -> Until:
    """Read a condition, as `--until` gives it.

    Parameters
    ----------
    text : str
        A metric, a relation and a number or a share.

    Raises
    ------
    ScenarioError
        If it is none.

    Examples
    --------
    >>> read_until("viral_chance >= 50%").value, read_until("reach > 10_000").value
    (0.5, 10000.0)
    >>> read_until("viral_chnce >= 50%")
    Traceback (most recent call last):
    viralsim.errors.ScenarioError: --until viral_chnce >= 50%: no metric "viral_chnce"
      hint: did you mean 'viral_chance'?
    """
    try:
        return until_of(text)
    except BadValueError as issue:
        raise ScenarioError([Problem(issue.message, place=f"--until {printable(text)}", hint=issue.hint)]) from None


def until_of(given: object) -> Until:
    """Read a condition; raises `BadValueError` where it is none."""
    found = _UNTIL.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise BadValueError(f"{_UNTIL_EXPECTED}; got {shown(given)}")
    metric, relation, number = found[1], found[2], found[3]
    if metric not in choices("metric"):
        plain = metric.removesuffix("_share")
        meant = f'did you mean "{plain} {relation} {number}"?' if plain in _OF_PEOPLE else ""
        listed = ", ".join(choices("metric"))
        close = did_you_mean(metric, choices("metric")) if len(metric) < 60 else ""
        raise BadValueError(f"no metric {shown(metric)}", meant or close or f"metrics are {listed}")
    if relation not in _RELATIONS:
        meant = {"=>": ">=", "≥": ">=", "=<": "<=", "≤": "<="}.get(relation, ">=")
        raise BadValueError(
            f"expected one of {', '.join(_RELATIONS)}; got {shown(relation)}", f"{metric} {meant} {number}"
        )
    share, of_people = _is_share(metric), False
    if number.endswith("%"):
        if not share and metric not in _OF_PEOPLE:
            unit = choices("metric")[metric].unit
            raise BadValueError(f"expected a number of {metric}, in {unit}; got {shown(number)}")
        value, of_people = read_share(number), not share
    else:
        value = read_share(_number(number)) if share else read_number(_number(number))
    return Until(metric, relation, value, of_people)  # type: ignore[arg-type]


def _number(text: str) -> object:
    value = toml_or_text(text)
    if not isinstance(value, int | float):
        raise BadValueError(f"expected a number after the relation; got {shown(text)}", number_hint(text))
    return value


def _is_share(metric: str) -> bool:
    return choices("metric")[metric].unit in ("probability", "share")


def read_find(text: str) -> Varied:
    """Read the key whose value is looked for, as `--find` gives it: "PATH=LOW:HIGH", or "PATH" where it is a share.

    Parameters
    ----------
    text : str
        The key, and the range that is searched; shares are searched from 0 to 1 where none is given.

    Returns
    -------
    Varied
        The range, without values.

    Raises
    ------
    ScenarioError
        If it is none.

    Examples
    --------
    >>> found = read_find("item.content.stickiness")
    >>> found.low, found.high
    (0.0, 1.0)
    >>> read_find("network.people=100:10_000:log").low
    100
    """
    try:
        return find_of(text)
    except BadValueError as issue:
        raise ScenarioError([Problem(issue.message, place=f"--find {printable(text)}", hint=issue.hint)]) from None


def find_of(given: object) -> Varied:
    """Read what is looked for; raises `BadValueError` where it is no key, or without a range."""
    expected = 'expected a key and a range, such as "item.content.stickiness=1%:20%"'
    if not isinstance(given, str):
        raise BadValueError(f"{expected}; got {shown(given)}")
    found = _taken_apart(given)
    if found is None:
        try:
            path = split_path(given.strip())
        except ValueError:
            raise BadValueError(f"{expected}; got {shown(given)}") from None
        name = ".".join(toml_key(str(key)) for key in path)
        if _kind(name) != "share":
            raise BadValueError(f"{name} needs a range to search", f"{name}=LOW:HIGH")
        return Varied(name, None, 0.0, 1.0, given="0%:100%")
    varied = vary(*found)
    if varied.low is None:
        hint = ":".join(varied.given.split(":")[:2]) if _is_range(varied.given) else f"{varied.path}=LOW:HIGH"
        raise BadValueError(f"{expected}, without a number of values; got {shown(varied.given)}", hint)
    return varied

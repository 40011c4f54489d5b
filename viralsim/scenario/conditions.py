"""The language of `where`: which people are meant, by what is known about them.

A table of conditions that hold together: attribute -> value, list of values of which any will do, or a range of numbers
such as "18..34" or ">=100"; `any`, a list of tables of which at least one holds; `not`, a table that must not hold.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from viralsim.scenario.units import BadValueError, shown

__all__ = ["WHERE_SCHEMA", "Range", "Where", "read_where"]

Where = dict[str, Any]
"""A table as it was read: attribute -> tuple of values or `Range`; any -> tuple of tables; not -> table.

A tuple of tables is an `any` and a table a `not`, whatever their key; people may have an attribute called "any".
"""

MOST_NESTED = 20
"""So deep may tables stand in tables."""


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included but where the sign says otherwise.

    Examples
    --------
    >>> read_where({"age": "18..34"})["age"]
    Range(written='18..34', low=18.0, high=34.0, above=False, below=False)
    >>> read_where({"age": ">64"})["age"].above
    True
    """

    written: str
    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    """Whether `low` itself is left out."""
    below: bool = False
    """Whether `high` itself is left out."""


def read_where(value: object, *, empty: bool = True) -> Where:
    """Return a table of conditions, checked; `empty` says whether it may hold for everybody.

    Raises
    ------
    BadValueError
        If it is no such table; `at` says where inside it.

    Examples
    --------
    >>> read_where({"country": ["FR", "DE"], "any": [{"age": "<20"}, {"student": True}]})["country"]
    ('FR', 'DE')
    >>> read_where({"age": "34..18"})
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a range from the smaller to the larger number; got "34..18"
    """
    return _table(value, (), empty)


def _table(value: object, at: tuple[str | int, ...], empty: bool) -> Where:
    expected = 'expected a table of attributes, such as { country = "FR" } or { country = ["FR", "DE"] }'
    if not isinstance(value, dict):
        raise BadValueError(f"{expected}; got {shown(value)}", "", at)
    if not value and not empty:
        raise BadValueError(f"{expected}; the table is empty", "", at)
    if len(at) > 2 * MOST_NESTED:
        raise BadValueError(f"at most {MOST_NESTED} tables can stand in one another", "", at)
    read: Where = {}
    issues: list[BadValueError] = []
    for key, wanted in value.items():
        try:
            read[key] = _condition(key, wanted, (*at, key))
        except BadValueError as issue:
            issues += [issue, *issue.others]
    if issues:
        issues[0].others = tuple(issues[1:20])
        raise issues[0]
    return read


def _condition(key: str, wanted: object, at: tuple[str | int, ...]) -> Any:
    if key == "not" and isinstance(wanted, dict):
        return _table(wanted, at, empty=False)
    if key == "any" and isinstance(wanted, dict):
        raise BadValueError("expected a list of tables, of which at least one holds; got a table", "any = [{ … }]", at)
    several = isinstance(wanted, list | tuple)
    values: Any = wanted if several else [wanted]
    if not values:
        raise BadValueError("expected a value or a list of values; the list is empty", "", at)
    issues: list[BadValueError] = []
    tables = key == "any" and any(isinstance(one, dict) for one in values)
    read: list[Any] = []
    for index, one in enumerate(values):
        where = (*at, index) if several else at
        try:
            read.append(_table(one, where, empty=False) if tables else _value(key, one, where))
        except BadValueError as issue:
            issues += [issue, *issue.others]
    if issues:
        issues[0].others = tuple(issues[1:20])
        raise issues[0]
    if isinstance(wanted, str):
        return _range(wanted, at) or (wanted,)
    return tuple(read)


def _value(key: str, value: object, at: tuple[str | int, ...]) -> object:
    if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        hint = ""
        if isinstance(value, dict):
            hint = 'tables stand in `any` and `not`, such as not = { country = "FR" }'
        elif isinstance(value, list | tuple):
            hint = "a list holds values, any of which will do"
        raise BadValueError(f"expected a number, text, true or false; got {shown(value)}", hint, at)
    return float(value) if isinstance(value, float) else value


_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,3})?")
_MEANT = re.compile(r"[0-9%]\s*\.\.|\.\.\s*[-+]?[0-9]")
_OTHER_SIGNS = {"=>": ">=", "=<": "<=", "≥": ">=", "≤": "<="}
_EXPECTED = 'expected a range of numbers such as "18..34", ">=18" or "<18"'


def _number(text: str) -> float | None:
    text = re.sub("(?<=[0-9])_(?=[0-9])", "", text.strip())
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number + 0.0 if math.isfinite(number) else None


def _range(text: str, at: tuple[str | int, ...]) -> Range | None:
    """Read a range; None where the text is none, and stands for itself."""
    written = text.strip()
    sign = next((one for one in (">=", "<=", ">", "<") if written.startswith(one)), "")
    if sign:
        number = _number(written.removeprefix(sign))
        if number is None:
            raise _no_range(text, at)
        if sign[0] == ">":
            return Range(written, low=number, above=sign == ">")
        return Range(written, high=number, below=sign == "<")
    for other, meant in _OTHER_SIGNS.items():
        if written.startswith(other) and _number(written.removeprefix(other)) is not None:
            raise BadValueError(
                f"{_EXPECTED}; got {shown(text)}", f'did you mean "{meant}{written.removeprefix(other).strip()}"?', at
            )
    if not _MEANT.search(written):
        return None
    first, _, last = written.partition("..")
    low, high = _number(first), _number(last)
    if low is None or high is None:
        raise _no_range(text, at)
    if low > high:
        raise BadValueError(f"expected a range from the smaller to the larger number; got {shown(text)}", "", at)
    return Range(written, low, high)


def _no_range(text: str, at: tuple[str | int, ...]) -> BadValueError:
    first, dots, last = (part.strip() for part in text.partition(".."))
    hint = f"for the text itself write a list: [{shown(text)}]"
    if dots and not last and _number(first) is not None:
        hint = f'did you mean ">={first}"?'
    elif dots and not first and _number(last) is not None:
        hint = f'did you mean "<={last}"?'
    elif "%" in text:
        hint = "attributes hold numbers: write 0.5 for 50 %"
    return BadValueError(f"{_EXPECTED}; got {shown(text)}", hint, at)


_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_VALUES: list[dict[str, Any]] = [_SCALAR, {"type": "array", "minItems": 1, "items": _SCALAR}]
_CONDITIONS = {"allOf": [{"$ref": "#/$defs/Where"}], "minProperties": 1}
WHERE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Conditions that hold together: attribute -> value, list of values (any of them), or a range of "
    'numbers as text: "18..34" (both ends included), ">=18", ">18", "<=18", "<18".',
    "properties": {
        "any": {
            "description": "Tables of conditions, of which at least one holds.",
            "anyOf": [*_VALUES, {"type": "array", "minItems": 1, "items": _CONDITIONS}],
        },
        "not": {"description": "Conditions that must not hold together.", "anyOf": [*_VALUES, _CONDITIONS]},
    },
    "additionalProperties": {"anyOf": _VALUES},
}
"""JSON Schema of `Where`, to stand in $defs under this name."""

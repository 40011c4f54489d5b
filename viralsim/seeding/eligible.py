"""Who is meant: people by name, by attributes, one group for each value of an attribute."""

from __future__ import annotations

import contextlib
import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, did_you_mean
from viralsim.graph import SocialGraph
from viralsim.graph.social_graph import value_words
from viralsim.scenario.conditions import Range, Where

__all__ = ["has_value", "named_people", "people_per", "people_where"]

People = npt.NDArray[np.int64]


def _numbers(values: npt.NDArray[Any]) -> bool:
    return values.dtype.kind in "iuf"


def has_value(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell where an attribute has a value: not NaN and not an empty text.

    Examples
    --------
    >>> has_value(np.array(["oslo", ""])).tolist()
    [True, False]
    """
    if values.dtype.kind == "f":
        return np.asarray(~np.isnan(values))
    if _numbers(values) or values.dtype.kind == "b":
        return np.ones(len(values), dtype=bool)
    return np.fromiter((value not in (None, "") for value in values.tolist()), dtype=bool, count=len(values))


def _matches(values: npt.NDArray[Any], wanted: tuple[Any, ...]) -> npt.NDArray[np.bool_]:
    """Compare numbers as numbers and all else as text, so that 2 finds 2, 2.0 and "2"."""
    if _numbers(values):
        numbers = []
        for value in wanted:
            with contextlib.suppress(ValueError):
                numbers.append(float(value))
        return np.asarray(np.isin(values, numbers))
    if values.dtype.kind == "b":
        truths = [value_words(value).lower() for value in wanted]
        return np.asarray(np.isin(values, [truth == "true" for truth in truths if truth in ("true", "false")]))
    choices = {str(value) for value in wanted}
    return np.fromiter((str(value) in choices for value in values.tolist()), dtype=bool, count=len(values))


def named_people(graph: SocialGraph, people: tuple[int | str, ...], there: npt.NDArray[np.bool_] | None) -> People:
    """Return the positions of named people, each once; all who are missing are named together."""
    found: dict[int, None] = {}
    missing: list[DataError] = []
    for person in people:
        try:
            found.setdefault(graph.position(person))
        except DataError as error:
            missing.append(error)
    if missing:
        message, others = missing[0].message, len(missing) - 1
        more = f" (and {others:,} more of the {len(people):,} are missing)" if others else ""
        raise DataError(message + more, place="people", hint=missing[0].hint)
    named = np.fromiter(found, dtype=np.int64, count=len(found))
    away = named[~there[named]] if there is not None else named[:0]
    if len(away):
        more = f" (and {len(away) - 1:,} more)" if len(away) > 1 else ""
        raise DataError(
            f"person {graph.ids[away].tolist()[0]!r} is not there at the start of this wave{more}",
            place="people",
            hint="they join later or have left: network.join_attribute, network.leave_attribute",
        )
    return named


def people_where(graph: SocialGraph, where: Where, there: npt.NDArray[np.bool_] | None = None) -> People:
    """Return the people who meet the conditions and are there.

    Parameters
    ----------
    graph : SocialGraph
    where : dict
        As `viralsim.scenario.conditions.read_where` gives it.
    there : ndarray of bool, shape (people,), optional
        Who is there; by default everybody.

    Raises
    ------
    DataError
        There is no such attribute; or nobody has a value that is asked for, is in a range, meets any table of an `any`,
        or meets all of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.scenario.conditions import read_where
    >>> graph = vs.from_arcs([0, 1], [1, 2], attributes={"city": ["oslo", "rome", "oslo"], "age": [17, 40, 41]})
    >>> people_where(graph, read_where({"city": "oslo", "not": {"age": "<18"}})).tolist()
    [2]
    """
    try:
        meeting = _meeting(graph, where, strict=True)
        if not meeting.any():
            raise DataError("nobody meets all of these conditions", hint=_numbers_meeting(graph, where))
    except DataError as error:
        raise DataError(error.message, place="where", hint=error.hint) from None
    return np.flatnonzero(meeting if there is None else meeting & there)


def _meeting(graph: SocialGraph, where: Where, *, strict: bool) -> npt.NDArray[np.bool_]:
    """Tell who meets all conditions of a table; where `strict`, each must be met by somebody."""
    meeting = np.ones(graph.people, dtype=bool)
    for key, wanted in where.items():
        meeting &= _meeting_one(graph, key, wanted, strict=strict)
    return meeting


def _meeting_one(graph: SocialGraph, key: str, wanted: Any, *, strict: bool) -> npt.NDArray[np.bool_]:
    if isinstance(wanted, dict):
        return ~_meeting(graph, wanted, strict=strict)
    if isinstance(wanted, tuple) and isinstance(wanted[0], dict):
        found = np.logical_or.reduce([_meeting(graph, one, strict=False) for one in wanted])
        if strict and not found.any():
            raise DataError(f"nobody meets any of the {len(wanted):,} tables of `any`", hint=_why(graph, wanted[0]))
        return np.asarray(found)
    try:
        values = graph.attribute(key)
    except DataError as error:
        tables = {"any": 'a list of tables: any = [{ city = "oslo" }]', "not": 'a table: not = { city = "oslo" }'}
        hint = f"as a condition on conditions this takes {tables[key]}" if key in tables else error.hint
        raise DataError(error.message, hint=hint) from None
    found = _within(key, values, wanted) if isinstance(wanted, Range) else _matches(values, wanted)
    if strict and not found.any():
        few = (wanted.written,) if isinstance(wanted, Range) else wanted[:3]
        shown = ", ".join(f"'{value_words(value)}'" for value in few)
        first = wanted if isinstance(wanted, Range) else wanted[0]
        raise DataError(f"nobody has {key} = {shown}", hint=_there(key, values, first))
    return found


def _within(name: str, values: npt.NDArray[Any], wanted: Range) -> npt.NDArray[np.bool_]:
    """Tell whose number is in a range; text that is a number counts, what is missing or no number does not."""
    if values.dtype.kind == "b":
        raise DataError(f"{name} = '{wanted.written}' asks for numbers; values of '{name}' are true and false")
    numbers = values if _numbers(values) else _numbers_in(values)
    if not _numbers(values) and np.isnan(numbers).all():
        words = np.unique(values[has_value(values)].astype(str))
        few = ", ".join(f"'{value_words(value)}'" for value in words[:5]) + (", ..." if len(words) > 5 else "")
        raise DataError(
            f"{name} = '{wanted.written}' asks for numbers, and no value of '{name}' is one",
            hint=f"values of '{name}': {few}" if len(words) else f"nobody has a value of '{name}'",
        )
    above = numbers > wanted.low if wanted.above else numbers >= wanted.low
    return np.asarray(above & (numbers < wanted.high if wanted.below else numbers <= wanted.high))


def _numbers_in(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the numbers that texts are, NaN for those that are none: values that were drawn are texts."""
    texts, which = np.unique(values.astype(str), return_inverse=True)
    numbers = np.full(len(texts), np.nan)
    for index, text in enumerate(texts.tolist()):
        with contextlib.suppress(ValueError):
            numbers[index] = float(text)
    numbers[~np.isfinite(numbers)] = np.nan  # Inf may be a name
    return numbers[which]


def _why(graph: SocialGraph, where: Where) -> str:
    """Say why nobody meets a table of conditions."""
    try:
        _meeting(graph, where, strict=True)
    except DataError as error:
        return f"of the first, {error.message}" + (f": {error.hint}" if error.hint else "")
    return f"of the first, {_numbers_meeting(graph, where)}"


def _numbers_meeting(graph: SocialGraph, where: Where) -> str:
    """Say how many people meet each condition of a table."""
    counts = [
        f"{int(_meeting_one(graph, key, wanted, strict=False).sum()):,} meet `{key}`" for key, wanted in where.items()
    ]
    return f"of {graph.people:,} people {', '.join(counts)}"


def _there(name: str, values: npt.NDArray[Any], wanted: Any) -> str:
    """Say which values of an attribute there are, the nearest to the one wanted first."""
    known = values[has_value(values)]
    there = np.unique(known) if _numbers(values) or values.dtype.kind == "b" else np.unique(known.astype(str))
    if len(there) == 0:
        return f"nobody has a value of '{name}'"
    few = ", ".join(f"'{value_words(value)}'" for value in there[:5]) + (", ..." if len(there) > 5 else "")
    if isinstance(wanted, Range):
        number = wanted.low if wanted.low > -math.inf else wanted.high
        if not _numbers(values):
            there = np.unique(_numbers_in(known))
            there = there[~np.isnan(there)]
        if there[0] < wanted.low and there[-1] > wanted.low:  # on both sides, and none within
            below, above = there[there <= wanted.low][-1], there[there >= wanted.low][0]
            return f"the nearest values of '{name}' are {value_words(below)} and {value_words(above)}"
    elif not _numbers(values):
        return did_you_mean(value_words(wanted), map(value_words, there)) or f"values of '{name}': {few}"
    else:
        try:
            number = float(wanted)
        except ValueError:
            written = re.fullmatch(r"\s*([0-9.]+)\s*(?:-|–|to|bis)\s*([0-9.]+)\s*", str(wanted))
            if written:
                return f'a range is written "{written[1]}..{written[2]}"'
            return f"values of '{name}' are numbers: {few}"
    if len(there) <= 5:
        return f"values of '{name}': {few}"
    nearest = value_words(there[int(np.argmin(np.abs(there - number)))])
    ends = f"from {value_words(there[0])} to {value_words(there[-1])}"
    return f"values of '{name}' go {ends}; the nearest is {nearest}"


def people_per(graph: SocialGraph, per: str | None, eligible: People) -> list[tuple[str, People]]:
    """Return (words for messages, people) for each value of an attribute; one group of all where there is none."""
    if per is None:
        return [("", eligible)]
    try:
        column = graph.attribute(per)[eligible]
    except DataError as error:
        raise DataError(error.message, place="per", hint=error.hint) from None
    known = has_value(column)
    eligible, column = eligible[known], column[known]
    values, member = np.unique(column if _numbers(column) else column.astype(str), return_inverse=True)
    return [(f" with {per} = {value_words(value)}", eligible[member == index]) for index, value in enumerate(values)]

"""Who is meant: people by name, by attributes, one group for each value of an attribute, segments."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, did_you_mean
from viralsim.graph import SocialGraph
from viralsim.graph.social_graph import value_words
from viralsim.scenario import Scenario

__all__ = ["has_value", "named_people", "people_per", "people_where", "segments_of"]

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


def people_where(
    graph: SocialGraph, where: Mapping[str, tuple[Any, ...]], there: npt.NDArray[np.bool_] | None = None
) -> People:
    """Return the people with all of these attributes who are there."""
    eligible = np.arange(graph.people, dtype=np.int64) if there is None else np.flatnonzero(there)
    for name, wanted in where.items():
        try:
            values = graph.attribute(name)
        except DataError as error:
            raise DataError(error.message, place="where", hint=error.hint) from None
        matching = _matches(values, wanted)
        if not matching.any():
            shown = ", ".join(f"'{value_words(value)}'" for value in wanted[:3])
            raise DataError(f"nobody has {name} = {shown}", place="where", hint=_there(name, values, wanted[0]))
        eligible = eligible[matching[eligible]]
    return eligible


def _there(name: str, values: npt.NDArray[Any], wanted: Any) -> str:
    """Say which values of an attribute there are, the nearest to the one wanted first."""
    known = values[has_value(values)]
    there = np.unique(known) if _numbers(values) or values.dtype.kind == "b" else np.unique(known.astype(str))
    if len(there) == 0:
        return f"nobody has a value of '{name}'"
    few = ", ".join(f"'{value_words(value)}'" for value in there[:5]) + (", ..." if len(there) > 5 else "")
    if not _numbers(values):
        return did_you_mean(value_words(wanted), map(value_words, there)) or f"values of '{name}': {few}"
    try:
        number = float(wanted)
    except ValueError:
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


def segments_of(scenario: Scenario, graph: SocialGraph) -> npt.NDArray[np.uint8]:
    """Return the segment of each person, by its number in the scenario.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph

    Returns
    -------
    uint8 array, shape (people,)

    Raises
    ------
    DataError
        An attribute is not there, nobody has its value, or somebody is in two segments.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1], [1, 2], attributes={"city": ["oslo", "rome", "oslo"]})
    >>> scenario = vs.read_scenario(settings=["segment.north.where={city='oslo'}"])
    >>> segments_of(scenario, graph).tolist(), list(scenario.segment)
    ([0, 1, 0], ['north', 'everyone'])
    """
    names = list(scenario.segment)
    default = next(index for index, segment in enumerate(scenario.segment.values()) if not segment.where)
    found = np.full(graph.people, default, dtype=np.uint8)
    placed = np.zeros(graph.people, dtype=bool)
    for index, (name, segment) in enumerate(scenario.segment.items()):
        if index == default:
            continue
        path = ("segment", name, "where")
        try:
            people = people_where(graph, segment.where)
        except DataError as error:
            raise DataError(f"{'.'.join(path)}: {error.message}", place=scenario.place(path), hint=error.hint) from None
        both = people[placed[people]]
        if len(both):
            first = int(both[0])
            raise DataError(
                f"{'.'.join(path)}: person {graph.ids[first : first + 1].tolist()[0]!r} is in the segment "
                f"'{names[found[first]]}' already{f' (and {len(both) - 1:,} more)' if len(both) > 1 else ''}",
                place=scenario.place(path),
                hint="segments do not overlap: let one of them ask for more",
            )
        placed[people] = True
        found[people] = index
    return found

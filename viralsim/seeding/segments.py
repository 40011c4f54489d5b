"""Who is in which segment and group of it, and the numbers of each person, as the attributes of a graph say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError
from viralsim.graph import SocialGraph
from viralsim.graph.social_graph import value_words
from viralsim.luck import Purpose, stream_key, words
from viralsim.scenario import Scenario
from viralsim.scenario.schema import Individual, Segment
from viralsim.seeding.eligible import has_value, people_where

__all__ = ["MOST_GROUPS", "affinity_numbers", "groups_of", "individual_numbers", "segments_of"]

MOST_GROUPS = 2000
"""The most groups that results are told for."""

People = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


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
        An attribute is not there, nobody meets a condition, somebody is in two segments of which no priority decides,
        or too few people are left for a share.

    Notes
    -----
    First come the segments without a share; of several that hold a person the one with the smallest priority. Then, in
    the order of the file, each segment with a share takes round(share x the people who meet its conditions) of those
    who are in none yet: those with the smallest luck. Where several shares of the same conditions come to 100 %,
    rounding may leave the last a person short. Who is left is in the default segment.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1], [1, 2], attributes={"city": ["oslo", "rome", "oslo"]})
    >>> scenario = vs.read_scenario(settings=["segment.north.where={city='oslo'}"])
    >>> segments_of(scenario, graph).tolist(), list(scenario.segment)
    ([0, 1, 0], ['north', 'everyone'])
    """
    segments = list(scenario.segment.values())
    default = next(index for index, segment in enumerate(segments) if segment.is_default)
    found = np.full(graph.people, default, dtype=np.uint8)
    placed = _take_firm(scenario, graph, found)
    for index, (name, segment) in enumerate(scenario.segment.items()):
        if segment.share is not None:
            taken = _drawn(scenario, graph, name, placed)
            placed[taken] = True
            found[taken] = index
    return found


def _who(scenario: Scenario, graph: SocialGraph, name: str) -> People:
    """Return who meets the conditions of a segment."""
    where, path = scenario.segment[name].where, ("segment", name, "where")
    if not where:
        return np.arange(graph.people, dtype=np.int64)
    try:
        return people_where(graph, where)
    except DataError as error:
        raise DataError(f"{'.'.join(path)}: {error.message}", place=scenario.place(path), hint=error.hint) from None


def _take_firm(scenario: Scenario, graph: SocialGraph, found: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Place people in the segments without a share; return who is in one."""
    placed = np.zeros(graph.people, dtype=bool)
    best = np.zeros(graph.people, dtype=np.int16)  # the priority of the segment that has taken a person
    holding: list[tuple[str, Segment, People]] = []
    held: dict[int | None, npt.NDArray[np.bool_]] = {}  # by the segments of a priority
    for index, (name, segment) in enumerate(scenario.segment.items()):
        if segment.is_default or segment.share is not None:
            continue
        people, priority = _who(scenario, graph, name), segment.priority
        both = placed[people]
        if priority is not None and both.any():
            both = np.zeros(len(people), dtype=bool)
            for other in (None, priority):
                both |= held[other][people] if other in held else False
        if both.any():
            raise _overlap(scenario, graph, name, people[both], holding)
        holding.append((name, segment, people))
        held.setdefault(priority, np.zeros(graph.people, dtype=bool))[people] = True
        taken = people if priority is None else people[~placed[people] | (priority < best[people])]
        found[taken], best[taken], placed[people] = index, priority or 0, True
    return placed


def _overlap(
    scenario: Scenario, graph: SocialGraph, name: str, both: People, holding: Sequence[tuple[str, Segment, People]]
) -> DataError:
    first, own = int(both[0]), scenario.segment[name].priority
    other, segment = next(
        (other, segment)
        for other, segment, people in holding
        if first in people and (own is None or segment.priority in (None, own))
    )
    path = ("segment", name, "where")
    hint = "let one of them ask for more, or let a `priority` of both decide: the smaller one takes the people"
    if own is not None and segment.priority == own:
        hint = f"both have the priority {own}; where they differ, the smaller one takes the people"
    elif own is not None or segment.priority is not None:
        hint = f"'{other if own is not None else name}' has no `priority`; with one the smaller takes the people"
    return DataError(
        f"{'.'.join(path)}: person {graph.ids[first : first + 1].tolist()[0]!r} is in the segment '{other}' already"
        f"{f' (and {len(both) - 1:,} more)' if len(both) > 1 else ''}",
        place=scenario.place(path),
        hint=hint,
    )


def _drawn(scenario: Scenario, graph: SocialGraph, name: str, placed: npt.NDArray[np.bool_]) -> People:
    """Return the people of a segment with a share: those with the smallest luck of all who are left."""
    segment, people = scenario.segment[name], _who(scenario, graph, name)
    share = segment.share or 0.0
    count = math.floor(share * len(people) + 0.5)
    left = people[~placed[people]]
    path = ("segment", name, "share")
    what = "all people" if not segment.where else "those who meet `where`"
    if count == 0:
        raise DataError(
            f"{'.'.join(path)}: {100 * share:.6g} % of {what}, {len(people):,}, is nobody",
            place=scenario.place(path),
            hint="a larger share, or a larger network",
        )
    if count > len(left):
        names = list(scenario.segment)
        alike = [
            one.share
            for one in list(scenario.segment.values())[: names.index(name) + 1]
            if one.share is not None and one.where == segment.where
        ]
        # Halves are rounded up, so shares that come to 100 % may ask for a few people too many.
        if math.fsum(alike) > 1.0 + 1e-9 or count - len(left) > len(alike) / 2 or len(left) == 0:
            raise DataError(
                f"{'.'.join(path)}: {100 * share:.6g} % of {what} are {count:,} people, and {len(left):,} of these "
                f"{len(people):,} are left",
                place=scenario.place(path),
                hint="the others are in segments without a share, or in those with one before it",
            )
        return left
    key = stream_key(scenario.network.random_seed, Purpose.NETWORK, "segment", name)
    drawn = words(key, left)
    order = np.argsort((drawn[:, 0].astype(np.uint64) << np.uint64(32)) | drawn[:, 1], kind="stable")
    return np.sort(left[order[:count]])


def groups_of(
    scenario: Scenario, graph: SocialGraph, segment_of: npt.NDArray[np.uint8]
) -> tuple[tuple[str, ...], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return the groups that results are told for: segments, each split by the values of its `per`.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph
    segment_of : uint8 array, shape (people,)
        What `segments_of` returns.

    Returns
    -------
    names : tuple of str
        In the order of segments, then of values: numbers ascending, texts sorted, who has none last. A segment without
        `per` is one group of its own name; one with `per` has none where nobody is in it.
    segment_of_group : int64 array, shape (groups,)
        Number of the segment.
    group_of : int32 array, shape (people,)
        Number of the group of each person.

    Raises
    ------
    DataError
        There is no such attribute, or there are too many groups.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1, 2], [1, 2, 3], attributes={"city": ["rome", "oslo", "", "oslo"]})
    >>> scenario = vs.read_scenario(settings=["segment.everyone.per=city"])
    >>> names, of_group, of_person = groups_of(scenario, graph, segments_of(scenario, graph))
    >>> names, of_person.tolist()
    (('everyone / oslo', 'everyone / rome', 'everyone / none'), [1, 0, 2, 0])
    """
    names: list[str] = []
    segment_of_group: list[int] = []
    group_of = np.zeros(graph.people, dtype=np.int32)
    for index, (name, segment) in enumerate(scenario.segment.items()):
        people = np.flatnonzero(segment_of == index)
        path = ("segment", name, "per")
        own, which = [name], np.zeros(len(people), dtype=np.int64)
        if segment.per:
            try:
                values, which = _values_of(graph, segment.per, people)
            except DataError as error:
                message = f"{'.'.join(path)}: {error.message}"
                raise DataError(message, place=scenario.place(path), hint=error.hint) from None
            own = [f"{name} / {one}" for one in values]
        group_of[people] = which + len(names)
        names += own
        segment_of_group += [index] * len(own)
        if segment.per and len(names) > MOST_GROUPS:
            raise DataError(
                f"{'.'.join(path)}: results can be told for at most {MOST_GROUPS:,} groups; '{name}' has {len(own):,}",
                place=scenario.place(path),
                hint='take an attribute with few values; a range makes one segment of many: where = { age = "18..34" }',
            )
    return tuple(names), np.array(segment_of_group, dtype=np.int64), group_of


def _values_of(
    graph: SocialGraph, attributes: Sequence[str], people: People
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return the different values of attributes among people, as words, and which of them each has."""
    columns, texts = [], []
    for name in attributes:
        values = graph.attribute(name)[people]
        known = has_value(values)
        plain = values if values.dtype.kind in "iufb" else values.astype(str)
        there, which = np.unique(plain[known], return_inverse=True)
        column = np.full(len(people), len(there), dtype=np.int64)
        column[known] = which
        columns.append(column)
        texts.append([*(value_words(value) for value in there), "none"])
    rows, which = np.unique(np.stack(columns), axis=1, return_inverse=True)
    missing = np.array([len(text) - 1 for text in texts])
    found = [
        "none" if (row == missing).all() else ", ".join(text[i] for text, i in zip(texts, row, strict=True))
        for row in rows.T
    ]
    return found, which.reshape(-1)


def individual_numbers(scenario: Scenario, graph: SocialGraph) -> dict[str, Floats]:
    """Return the numbers of each person that stand in place of those of their segment.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph

    Returns
    -------
    dict of str to float64 array, shape (people,)
        By key of [individual], those alone that are set; NaN where a person has no number.

    Raises
    ------
    DataError
        No such attribute, or a value that is no such number.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1], [1, 2], attributes={"alert": [0.25, float("nan"), 1]})
    >>> scenario = vs.read_scenario(settings=["individual.attention=alert"])
    >>> {key: numbers.tolist() for key, numbers in individual_numbers(scenario, graph).items()}
    {'attention': [0.25, nan, 1.0]}
    """
    individual = scenario.individual or Individual()
    named = {key: getattr(individual, key) for key in Individual.model_fields}
    return {
        key: _column(scenario, graph, ("individual", key), name, share=key != "susceptibility")
        for key, name in named.items()
        if name is not None
    }


def affinity_numbers(scenario: Scenario, graph: SocialGraph, item: str) -> Floats | None:
    """Return what multiplies the affinity of each person to an item; None where no attribute holds it.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph
    item : str
        Name of the item.

    Returns
    -------
    float64 array, shape (people,), or None
        1 where a person has no number.

    Raises
    ------
    DataError
        No such attribute, or a value that is no such number.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1], [1, 2], attributes={"fit": [0, float("nan"), 2.5]})
    >>> scenario = vs.read_scenario(settings=["item.content.affinity_attribute=fit"])
    >>> affinity_numbers(scenario, graph, "content").tolist()
    [0.0, 1.0, 2.5]
    """
    name = scenario.item[item].affinity_attribute
    if name is None:
        return None
    numbers = _column(scenario, graph, ("item", item, "affinity_attribute"), name, share=False)
    return np.where(np.isnan(numbers), 1.0, numbers)


def _column(scenario: Scenario, graph: SocialGraph, path: tuple[str, ...], name: str, *, share: bool) -> Floats:
    """Return an attribute as numbers, NaN where it is missing; shares, or factors from 0 to a million."""
    place, label = scenario.place(path), ".".join(path)
    most, expected = (1.0, "shares from 0 to 1") if share else (1e6, "factors from 0 to 1_000_000")
    try:
        values = graph.attribute(name)
    except DataError as error:
        raise DataError(f"{label}: {error.message}", place=place, hint=error.hint) from None
    try:  # text that is numbers, too: drawn values have names
        if values.dtype.kind in "iufb":
            numbers = values.astype(np.float64)
        else:
            texts, which = np.unique(values.astype(str), return_inverse=True)
            numbers = np.array([math.nan if text == "" else float(text) for text in texts.tolist()])[which]
    except ValueError as error:
        shown = str(error).rpartition(": ")[2]
        raise DataError(
            f"{label}: attribute '{name}' holds {shown}, expected {expected}, or nothing where a person has none",
            place=place,
        ) from None
    wrong = np.flatnonzero((numbers < 0.0) | (numbers > most))  # (NaN is neither)
    if len(wrong):
        first = int(wrong[0])
        largest = float(numbers[wrong].max())
        percent = share and not (numbers < 0.0).any() and 1.0 < largest <= 100.0
        whose = graph.ids[first : first + 1].tolist()[0]
        raise DataError(
            f"{label}: attribute '{name}' must hold {expected}; of person {whose!r} it is "
            f"{value_words(numbers[first])}{f' (and of {len(wrong) - 1:,} more)' if len(wrong) > 1 else ''}",
            place=place,
            hint="divide percentages by 100" if percent else "",
        )
    return numbers

"""Choosing seeds: who is eligible, by which strategy, at what price."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, did_you_mean
from viralsim.graph import Arcs, SocialGraph
from viralsim.graph.social_graph import value_words
from viralsim.luck import uniforms
from viralsim.scenario import choices
from viralsim.seeding.strategies import STRATEGIES

__all__ = ["Request", "SeedGroups", "seed_groups"]

People = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SeedGroups:
    """The seeds of one wave, or the pools they are drawn from anew in every realisation.

    Parameters
    ----------
    groups : tuple of int64 arrays
        One array of positions per group (one group in all, or one per value of the attribute `per`). Where
        `redrawn` is False these are the seeds, otherwise the people to draw from.
    counts : tuple of int
        Seeds of each group.
    redrawn : bool
        Whether every realisation draws its own seeds.

    Examples
    --------
    >>> SeedGroups((np.array([4, 7]),), (2,), redrawn=False).people.tolist()
    [4, 7]
    """

    groups: tuple[People, ...]
    counts: tuple[int, ...]
    redrawn: bool

    @property
    def people(self) -> People:
        """The positions of all groups, one after the other."""
        return np.concatenate(self.groups) if self.groups else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Request:
    """What a strategy is asked."""

    graph: SocialGraph
    arcs: Arcs
    eligible: People
    count: int
    budget: int | None
    prices: People | None
    key: np.uint64
    group: int
    parameters: dict[str, Any]

    def take(self, ranking: People) -> People:
        if self.budget is None or self.prices is None:
            return ranking[: self.count]
        left, chosen = self.budget, []
        for person in ranking.tolist():
            if len(chosen) == self.count:
                break
            if self.prices[person] <= left:
                left -= int(self.prices[person])
                chosen.append(person)
        return np.array(chosen, dtype=np.int64)

    def ranked(self, scores: npt.NDArray[Any]) -> People:
        luck = uniforms(self.key, 0, self.group, self.eligible, 2)
        return self.take(self.eligible[np.lexsort((luck, -scores[self.eligible]))])


def _numbers(values: npt.NDArray[Any]) -> bool:
    return values.dtype.kind in "iuf"


def _known(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell where an attribute has a value: not NaN and not an empty text."""
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


def _named(graph: SocialGraph, people: tuple[int | str, ...], there: npt.NDArray[np.bool_] | None) -> People:
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


def _where(
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
    known = values[_known(values)]
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


def _per(graph: SocialGraph, per: str | None, eligible: People) -> list[tuple[str, People]]:
    """Return (words for messages, people) for each value of an attribute; one group of all where there is none."""
    if per is None:
        return [("", eligible)]
    try:
        column = graph.attribute(per)[eligible]
    except DataError as error:
        raise DataError(error.message, place="per", hint=error.hint) from None
    known = _known(column)
    eligible, column = eligible[known], column[known]
    values, member = np.unique(column if _numbers(column) else column.astype(str), return_inverse=True)
    return [(f" with {per} = {value_words(value)}", eligible[member == index]) for index, value in enumerate(values)]


def seed_groups(
    graph: SocialGraph, wave: Any, arcs: Arcs, key: np.uint64, there: npt.NDArray[np.bool_] | None = None
) -> SeedGroups:
    """Choose the seeds of one wave.

    Parameters
    ----------
    graph : SocialGraph
        Who there is.
    wave : viralsim.scenario wave
        Strategy, count or people, `where`, `per`, `redraw`.
    arcs : Arcs
        Arcs of the wave's platform.
    key : numpy.uint64
        Stream of the wave's luck.
    there : ndarray of bool, shape (people,), optional
        Who is there at the start of the wave, and so eligible. By default everybody.

    Notes
    -----
    With `per`, people without a value of that attribute (NaN, empty) belong to no group and are not eligible.

    Raises
    ------
    DataError
        A named person or attribute is not in the graph, a named person is not there, or too few people are eligible;
        its place is the key of the wave that is at fault.
    """
    if wave.strategy == "explicit":
        named = _named(graph, wave.people, there)
        return SeedGroups((named,), (len(named),), redrawn=False)

    eligible = _where(graph, wave.where, there)
    groups = _per(graph, wave.per, eligible)
    if not groups:
        raise DataError("nobody is eligible", place="per", hint=f"no person has a value of '{wave.per}'")
    for words, group in groups:
        if len(group) < wave.count:
            raise DataError(
                f"asks for {wave.count:,}, but the people who are eligible{words} number {len(group):,}",
                place="count",
                hint=f"ask for at most {len(group):,}" if len(group) else "no person fits all of `where`",
            )
    people, counts = tuple(group for _, group in groups), (wave.count,) * len(groups)
    if wave.redraw:
        return SeedGroups(people, counts, redrawn=True)
    choose = STRATEGIES[wave.strategy]
    own = {p.name: getattr(wave, p.name) for p in choices("strategy")[wave.strategy].parameters}
    chosen = tuple(
        choose(Request(graph, arcs, group, wave.count, None, None, key, index, own))
        for index, group in enumerate(people)
    )
    return SeedGroups(chosen, counts, redrawn=False)

"""Seeding strategies: from a graph and a wave of a plan to the people to start with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError
from viralsim.graph import Arcs, SocialGraph
from viralsim.luck import uniforms
from viralsim.seeding.drawing import pick

__all__ = ["STRATEGIES", "SeedGroups", "seed_groups"]

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


def _explicit(eligible: People, count: int, arcs: Arcs, key: np.uint64, group: int) -> People:
    return eligible  # the list itself was made in seed_groups


def _random(eligible: People, count: int, arcs: Arcs, key: np.uint64, group: int) -> People:
    if count == len(eligible):
        return eligible
    people, picked = eligible.astype(np.uint32), np.empty(count, dtype=np.uint32)
    chosen = np.zeros(len(arcs.offsets) // 64 + 1, dtype=np.uint64)
    pick(people, count, key, 0, group, 0, chosen, picked, np.zeros(1, dtype=np.uint8))
    return picked.astype(np.int64)


def _degree(eligible: People, count: int, arcs: Arcs, key: np.uint64, group: int) -> People:
    # Ties go to luck, not to the order of the file, which often means something.
    followers = arcs.out_degree[eligible]
    luck = uniforms(key, 0, group, eligible, 2)
    return eligible[np.lexsort((luck, -followers))[:count]]


STRATEGIES: Mapping[str, Callable[[People, int, Arcs, np.uint64, int], People]] = {
    "explicit": _explicit,
    "random": _random,
    "degree": _degree,
}
"""Functions (eligible positions, count, arcs of the wave's platform, key of the wave's luck, number of the
group) -> positions of the seeds. The catalogue declares the same names."""


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
    choices = {str(value) for value in wanted}
    return np.fromiter((str(value) in choices for value in values.tolist()), dtype=bool, count=len(values))


def seed_groups(graph: SocialGraph, wave: Any, arcs: Arcs, key: np.uint64, place: Callable[[str], str]) -> SeedGroups:
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
    place : callable
        Where a key of the wave is written, for messages.

    Notes
    -----
    With `per`, people without a value of that attribute (NaN, empty) belong to no group and are not eligible.

    Raises
    ------
    DataError
        A named person or attribute is not in the graph, or too few people are eligible.
    """
    if wave.strategy == "explicit":
        try:
            named = graph.positions(wave.people)
        except DataError as error:
            raise DataError(error.message, place=place("people"), hint=error.hint) from None
        named = np.array(list(dict.fromkeys(named.tolist())), dtype=np.int64)  # naming somebody twice is once
        return SeedGroups((named,), (len(named),), redrawn=False)

    eligible = np.arange(graph.people, dtype=np.int64)
    reading_per = False
    try:
        for name, wanted in wave.where.items():
            eligible = eligible[_matches(graph.attribute(name)[eligible], wanted)]
        reading_per = True
        if wave.per is None:
            groups = [eligible]
            names = [""]
        else:
            # Somebody without a value belongs to no group.
            eligible = eligible[_known(graph.attribute(wave.per)[eligible])]
            column = graph.attribute(wave.per)[eligible]
            values, member = np.unique(column if _numbers(column) else column.astype(str), return_inverse=True)
            groups = [eligible[member == index] for index in range(len(values))]
            names = [f" with {wave.per} = {value}" for value in values]
    except DataError as error:
        raise DataError(error.message, place=place("per" if reading_per else "where"), hint=error.hint) from None

    if not groups:
        raise DataError("nobody is eligible", place=place("where"), hint="no person has these values")
    for group, name in zip(groups, names, strict=True):
        if len(group) < wave.count:
            raise DataError(
                f"{wave.count:,} seeds are wanted but only {len(group):,} people{name} are eligible",
                place=place("count"),
                hint=f"ask for at most {len(group):,}" if len(group) else "nobody matches: check `where`",
            )
    counts = (wave.count,) * len(groups)
    if wave.redraw:
        return SeedGroups(tuple(groups), counts, redrawn=True)
    choose = STRATEGIES[wave.strategy]
    chosen = tuple(choose(group, wave.count, arcs, key, index) for index, group in enumerate(groups))
    return SeedGroups(chosen, counts, redrawn=False)

"""Which people are alike: those of a segment, or of one with the same numbers of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viralsim.graph import SocialGraph
from viralsim.scenario import Scenario
from viralsim.seeding import affinity_numbers, groups_of, individual_numbers, segments_of

__all__ = ["Profiles", "profiles_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Profiles:
    """People who are alike in all that a scenario says of them, P kinds of them.

    Parameters
    ----------
    of : uint32 array, shape (people,)
        The profile of each person, or one 0 where there is one for all.
    segment, group, counts : int64 array, shape (P,)
        Their segment, the group in which they are counted, how many they are.
    own : dict of str to float64 array, shape (P,)
        Numbers of their own in place of the segment's, NaN where they have none.
    affinity : dict of str to float64 array, shape (P,)
        By item, what multiplies affinity.
    groups : tuple of str
        Names of the groups.
    group_segments, group_people : int64 array, shape (groups,)

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1], [1, 2], attributes={"keen": [0.5, 0.5, 0.25]})
    >>> scenario = vs.read_scenario(settings=["individual.attention=keen"])
    >>> profiles = profiles_of(scenario, graph)
    >>> profiles.of.tolist(), profiles.numbers(scenario, "attention").tolist(), profiles.groups
    ([1, 1, 0], [0.25, 0.5], ('everyone',))
    """

    of: npt.NDArray[np.uint32]
    segment: Ints
    group: Ints
    counts: Ints
    own: dict[str, Floats]
    affinity: dict[str, Floats]
    groups: tuple[str, ...]
    group_segments: Ints
    group_people: Ints

    def numbers(self, scenario: Scenario, name: str) -> Floats:
        """Return a number of each profile: their own, or their segment's."""
        usual = np.array([getattr(segment, name) for segment in scenario.segment.values()], dtype=np.float64)
        of_segments: Floats = usual[self.segment]
        return np.where(np.isnan(self.own[name]), of_segments, self.own[name]) if name in self.own else of_segments


def profiles_of(scenario: Scenario, graph: SocialGraph) -> Profiles:
    """Find which people of a graph are alike.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph

    Raises
    ------
    DataError
        An attribute is not there or holds no such numbers; somebody is in two segments.
    """
    segment_of = np.zeros(graph.people, dtype=np.uint8)
    if len(scenario.segment) > 1:
        segment_of = segments_of(scenario, graph)
    names, group_segments, group_of = groups_of(scenario, graph, segment_of)
    own = individual_numbers(scenario, graph)
    affinity = {
        item: numbers for item in scenario.item if (numbers := affinity_numbers(scenario, graph, item)) is not None
    }
    group_people = np.bincount(group_of, minlength=len(names)).astype(np.int64)
    columns = [*own.values(), *affinity.values()]
    if not columns:  # groups without people stay, so that they are the segments
        of = group_of.astype(np.uint32) if len(names) > 1 else np.zeros(1, dtype=np.uint32)
        return Profiles(
            of, group_segments, np.arange(len(names)), group_people, {}, {}, names, group_segments, group_people
        )
    table = np.column_stack([group_of.astype(np.float64), *(np.where(np.isnan(one), -1.0, one) for one in columns)])
    kinds, of_person = np.unique(table, axis=0, return_inverse=True)
    of_person = of_person.reshape(-1)
    group = kinds[:, 0].astype(np.int64)
    values = [np.where(column < 0.0, np.nan, column) for column in kinds[:, 1:].T]
    return Profiles(
        of=of_person.astype(np.uint32) if len(kinds) > 1 else np.zeros(1, dtype=np.uint32),
        segment=group_segments[group],
        group=group,
        counts=np.bincount(of_person, minlength=len(kinds)).astype(np.int64),
        own=dict(zip(own, values, strict=False)),
        affinity=dict(zip(affinity, values[len(own) :], strict=True)),
        groups=names,
        group_segments=group_segments,
        group_people=group_people,
    )

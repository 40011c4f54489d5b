"""Whom an item reached where: what an outcome says of segments, platforms, roles and message variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from viralsim.engine.accounts import CELLS, FREQUENCIES, Audience
from viralsim.errors import UsageError, did_you_mean
from viralsim.outcome.estimate import Estimate, mean_estimate, ratio_estimate

__all__ = ["PART_METRICS", "Audiences", "Axes", "Delivered", "Part"]

PART_METRICS = ("reach", "reached_share", "impressions", "frequency", "engaged", "shares", "conversions")
"""What is known of a part of the audience: the counts of `viralsim.engine.accounts.CELLS`; frequency is the number of
impressions per person reached, reached_share how many of the part's people are reached."""

Ints = npt.NDArray[np.int64]
T = TypeVar("T")


class _Named(dict[str, T]):
    """Things by name; a name that is none of theirs is an error for people."""

    def __init__(self, what: str, things: dict[str, T]) -> None:
        super().__init__(things)
        self._what = what

    def __missing__(self, name: str) -> T:
        raise UsageError(
            f"no {self._what} '{name}'; there is {', '.join(self) or 'none'}", hint=did_you_mean(str(name), list(self))
        )


@dataclass(frozen=True)
class Axes:
    """Of whom accounts are kept, and of what: the names on the axes of `viralsim.engine.Audience`.

    Parameters
    ----------
    segments, roles : tuple of str
        Segments, and which audience role each has.
    names : tuple of str
        Groups: the segments, or the parts that a segment is told in (`per`).
    segment_of : tuple of int
        Which segment each group is of.
    people : tuple of int
        People in each group.
    platforms : tuple of str
    variants : tuple of tuple of str
        Message variants of each item, in the order of the outcome's items; none where an item has none.
    targets : tuple of tuple of tuple of str
        The segments that each of them is meant for.

    Examples
    --------
    >>> axes = Axes(("young", "old"), ("prospect", "customer"), ("young", "old"), (0, 1), (70, 30), ("photos",))
    >>> axes.divided
    False
    """

    segments: tuple[str, ...]
    roles: tuple[str, ...]
    names: tuple[str, ...]
    segment_of: tuple[int, ...]
    people: tuple[int, ...]
    platforms: tuple[str, ...]
    variants: tuple[tuple[str, ...], ...] = ()
    targets: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @property
    def divided(self) -> bool:
        """Whether a segment is told in parts."""
        return self.names != self.segments


@dataclass(frozen=True, eq=False)
class Part:
    """What became of an item among a part of the audience: a segment, the people on a platform, a role.

    Parameters
    ----------
    name : str
    people : int or None
        How many they are; None where they are whoever is on a platform.
    counts : ndarray of int64, shape (R, len(CELLS))
        Counts of every realisation.
    frequencies : ndarray of int64, shape (R, FREQUENCIES), or None
        People by number of impressions; None on one of several platforms.
    pairs : ndarray of int64, shape (R,), or None
        As in `mean_estimate`.
    role : str
        The audience role, where all of them have one by their segment.

    Examples
    --------
    >>> part = Part("young", 10, np.array([[4, 6, 2, 1, 0], [2, 6, 2, 1, 0]]))
    >>> part.reach.mean, part.reached_share.mean, part.frequency.mean, part.conversions.mean
    (3.0, 0.3, 2.0, 0.0)
    """

    name: str
    people: int | None
    counts: Ints
    frequencies: Ints | None = None
    pairs: Ints | None = None
    role: str = ""

    def metric(self, name: str) -> Estimate:
        """Estimate one of `PART_METRICS`; undefined where nobody is there, or reached.

        Parameters
        ----------
        name : str

        Raises
        ------
        UsageError
            There is no such metric.
        """
        if name not in PART_METRICS:
            raise UsageError(
                f"no metric '{name}' of a part of the audience; choose from {', '.join(PART_METRICS)}",
                hint=did_you_mean(name, PART_METRICS),
            )
        if name == "frequency":
            return ratio_estimate(self._counted("impressions"), self._counted("reach"), pairs=self.pairs)
        if name != "reached_share":
            return mean_estimate(self._counted(name), at_least=0.0, pairs=self.pairs)
        if not self.people:
            return Estimate(pairs=None if self.pairs is None else 0)
        return self.reach.divided(self.people).at_most(1.0)

    def _counted(self, name: str) -> Ints:
        return np.ascontiguousarray(self.counts[:, CELLS.index(name)])

    @property
    def reach(self) -> Estimate:
        """People of the part with at least one impression, seeds included."""
        return self.metric("reach")

    @property
    def reached_share(self) -> Estimate:
        """The same as a share of the part's people."""
        return self.metric("reached_share")

    @property
    def impressions(self) -> Estimate:
        """Shares and advertisements that they saw."""
        return self.metric("impressions")

    @property
    def frequency(self) -> Estimate:
        """Impressions per person reached: the ratio of both sums."""
        return self.metric("frequency")

    @property
    def engaged(self) -> Estimate:
        """Those of them who engaged, seeds included."""
        return self.metric("engaged")

    @property
    def shares(self) -> Estimate:
        """Their broadcasts to followers, and contacts with single ones."""
        return self.metric("shares")

    @property
    def conversions(self) -> Estimate:
        """Those of them who convert on engaging."""
        return self.metric("conversions")

    @property
    def frequency_distribution(self) -> list[Estimate]:
        """Shares of the people reached who had 0 (seeds alone), 1, 2, … impressions; the last: so many or more.

        Empty where it is not counted.
        """
        if self.frequencies is None:
            return []
        reach = self._counted("reach")
        of_number = [reach - self.frequencies.sum(axis=1), *self.frequencies.T]
        return [_share(people, reach, self.pairs) for people in of_number]

    def to_dict(self) -> dict[str, Any]:
        """Return everything that is known of the part, ready for JSON."""
        facts: dict[str, Any] = {} if self.people is None else {"people": self.people}
        facts |= {"role": self.role} if self.role else {}
        facts |= {name: self.metric(name).to_dict() for name in PART_METRICS}
        if self.people is None:
            del facts["reached_share"]
        if self.frequencies is not None:
            facts["frequency_distribution"] = _distribution(self)
        return facts


@dataclass(frozen=True, eq=False)
class Delivered:
    """To whom a message variant was delivered.

    Parameters
    ----------
    variant : str
    target : tuple of str
        The segments that it is meant for.
    impressions, engaged : Estimate
        Of it; people who engaged.
    outside_target : Estimate
        Share of its impressions among people of other segments.
    segments : dict of str to dict of str to Estimate
        Its "impressions" and people "engaged" in each segment.

    Examples
    --------
    >>> Delivered("young", ("students",), Estimate(), Estimate(), Estimate(), {}).to_dict()["target"]
    ['students']
    """

    variant: str
    target: tuple[str, ...]
    impressions: Estimate
    engaged: Estimate
    outside_target: Estimate
    segments: dict[str, dict[str, Estimate]]

    def to_dict(self) -> dict[str, Any]:
        """Return the same, ready for JSON."""
        return {
            "target": list(self.target),
            "impressions": self.impressions.to_dict(),
            "engaged": self.engaged.to_dict(),
            "outside_target": self.outside_target.to_dict(),
            "segments": {
                segment: {name: estimate.to_dict() for name, estimate in found.items()}
                for segment, found in self.segments.items()
            },
        }


@dataclass(frozen=True, eq=False)
class Audiences:
    """What an outcome says of one item by segment, platform, role and message variant.

    Parameters
    ----------
    items : tuple of str
        Names, the order of the accounts' axis I.
    item : str
        The item that is meant.
    axes : Axes
    accounts : Audience
        Counts of every realisation.
    pairs : ndarray of int64, shape (R,), or None
        As in `mean_estimate`.

    Examples
    --------
    One realisation: three young people and an old one are reached, two engage, one of them through a share.

    >>> axes = Axes(("young", "old"), ("prospect", "customer"), ("young", "old"), (0, 1), (70, 30), ("photos",))
    >>> cells = [[[[[3, 5, 2, 1, 0]], [[1, 1, 0, 0, 0]]]]]
    >>> frequency = [[[[1, 2, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]]]]
    >>> accounts = Audience(
    ...     np.array(cells), np.array([[[3, 1]]]), np.array(frequency), np.array([[[[1], [1]]]]), np.array([[[3, 0]]]),
    ...     np.array([[[[[5, 2]], [[1, 0]]]]]),
    ... )
    >>> audiences = Audiences(("content",), "content", axes, accounts)
    >>> audiences.segments["young"].reach.mean, audiences.roles["customer"].impressions.mean
    (3.0, 1.0)
    >>> audiences.flows["photos"]["photos"].mean, audiences.earned["prospect"].mean, audiences.delivered
    (1.0, 1.0, {})
    """

    items: tuple[str, ...]
    item: str
    axes: Axes
    accounts: Audience
    pairs: Ints | None = None

    def of(self, item: str) -> Audiences:
        """Return the same of another item.

        Parameters
        ----------
        item : str

        Raises
        ------
        UsageError
            There is no such item.
        """
        if item not in self.items:
            raise UsageError(f"no item '{item}'; there is {', '.join(self.items)}", hint=did_you_mean(item, self.items))
        return replace(self, item=item)

    # -- parts --------------------------------------------------------------------------------------

    @cached_property
    def everyone(self) -> Part:
        """All people, on all platforms."""
        return self.together(self.axes.names, "everyone")

    @cached_property
    def segments(self) -> dict[str, Part]:
        """A part for every segment."""
        found = {}
        for segment, role in zip(self.axes.segments, self.axes.roles, strict=True):
            found[segment] = replace(self._part(segment, self._of_segment(segment)), role=role)
        return _Named("segment", found)

    @cached_property
    def groups(self) -> dict[str, Part]:
        """A part for every group: every segment, or the parts that it is told in."""
        axes = self.axes
        return _Named(
            "group",
            {
                name: replace(self._part(name, [g]), role=axes.roles[axes.segment_of[g]])
                for g, name in enumerate(axes.names)
            },
        )

    @cached_property
    def roles(self) -> dict[str, Part]:
        """A part for every audience role that somebody has."""
        found = {}
        for role in dict.fromkeys(self.axes.roles):
            members = self._of_role(role)
            if sum(self.axes.people[g] for g in members):
                found[role] = self._part(role, members)
        return _Named("role", found)

    @cached_property
    def platforms(self) -> dict[str, Part]:
        """A part for every platform: what happened on it. Who is reached on two platforms counts on both."""
        everybody = range(len(self.axes.names))
        found = {name: replace(self._part(name, everybody, name), people=None) for name in self.axes.platforms}
        return _Named("platform", found)

    def cell(self, segment: str, platform: str) -> Part:
        """Return what happened to the people of a segment on a platform.

        Parameters
        ----------
        segment, platform : str

        Raises
        ------
        UsageError
            There is no such segment or platform.
        """
        found = self.segments[segment]
        self.platforms[platform]
        return replace(self._part(f"{segment} on {platform}", self._of_segment(segment), platform), role=found.role)

    def together(self, names: Sequence[str], name: str) -> Part:
        """Return several groups as one part.

        Parameters
        ----------
        names : sequence of str
            Groups.
        name : str
            Of the part.
        """
        return self._part(name, [g for g, group in enumerate(self.axes.names) if group in set(names)])

    def _part(self, name: str, members: Sequence[int], platform: str | None = None) -> Part:
        """Return groups together, on all platforms or one of them."""
        i, chosen = self.items.index(self.item), list(members)
        cells = self.accounts.cells[:, i, chosen].sum(axis=1)  # [R, L, len(CELLS)]
        people = sum(self.axes.people[g] for g in chosen)
        if platform is not None:
            return Part(name, people, cells[:, self.axes.platforms.index(platform)], None, self.pairs)
        counts = cells.sum(axis=1)
        counts[:, CELLS.index("reach")] = self.accounts.reach[:, i, chosen].sum(axis=1)
        return Part(name, people, counts, self.accounts.frequency[:, i, chosen].sum(axis=1), self.pairs)

    def _of_segment(self, segment: str) -> list[int]:
        which = self.axes.segments.index(segment)
        return [g for g, of in enumerate(self.axes.segment_of) if of == which]

    def _of_role(self, role: str) -> list[int]:
        return [g for g, of in enumerate(self.axes.segment_of) if self.axes.roles[of] == role]

    # -- who carried it -----------------------------------------------------------------------------

    @cached_property
    def flows(self) -> dict[str | None, dict[str, Estimate]]:
        """People who engaged on a platform (inner), by where whoever persuaded them engaged (outer).

        The outer key None is from outside: seeds, whom an advertisement engaged, and roots.
        """
        flows = self.accounts.flows[:, self.items.index(self.item)]
        return {
            source: {platform: self._mean(flows[:, row, m]) for m, platform in enumerate(self.axes.platforms)}
            for row, source in enumerate((None, *self.axes.platforms))
        }

    @cached_property
    def earned_reach(self) -> Estimate:
        """People whose first sight of the item was somebody's share."""
        return self._mean(self._carried.sum(axis=1))

    @cached_property
    def earned(self) -> dict[str, Estimate]:
        """Which share of earned reach each audience role carried: who shared what was seen first."""
        return _Named("role", {role: self._earned(self._of_role(role)) for role in self.roles})

    @cached_property
    def earned_by_segment(self) -> dict[str, Estimate]:
        """The same by segment; those without people are left out."""
        return _Named(
            "segment",
            {name: self._earned(self._of_segment(name)) for name, part in self.segments.items() if part.people},
        )

    @property
    def _carried(self) -> Ints:
        return self.accounts.carried[:, self.items.index(self.item)]

    def _earned(self, members: list[int]) -> Estimate:
        return _share(self._carried[:, members].sum(axis=1), self._carried.sum(axis=1), self.pairs)

    @cached_property
    def delivered(self) -> dict[str, Delivered]:
        """To whom each message variant was delivered; none where the item has no variants."""
        i = self.items.index(self.item)
        variants = self.axes.variants[i] if self.axes.variants else ()
        found = {}
        for v, variant in enumerate(variants):
            target, counts = self.axes.targets[i][v], self.accounts.delivered[:, i, :, v]  # [R, G, 2]
            outside = [g for g, of in enumerate(self.axes.segment_of) if self.axes.segments[of] not in target]
            impressions, engaged = counts.sum(axis=1).T
            segments = {}
            for segment, part in self.segments.items():
                if part.people:
                    of_it = counts[:, self._of_segment(segment)].sum(axis=1).T
                    segments[segment] = dict(zip(("impressions", "engaged"), map(self._mean, of_it), strict=True))
            found[variant] = Delivered(
                variant,
                target,
                self._mean(impressions),
                self._mean(engaged),
                _share(counts[:, outside, 0].sum(axis=1), impressions, self.pairs),
                segments,
            )
        return _Named("variant", found)

    def _mean(self, values: Ints) -> Estimate:
        return mean_estimate(np.ascontiguousarray(values), at_least=0.0, pairs=self.pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON: undefined is None.

        Returns
        -------
        dict
            "segments", "platforms" and "roles" with a dict of metrics for each, "groups" where segments are told in
            parts, "flows" (a list of "from", "to" and "engaged"; from None is from outside), "earned_reach",
            "frequency", and "delivery" where the item has variants.
        """
        facts: dict[str, Any] = {
            "segments": {name: part.to_dict() for name, part in self.segments.items()},
            "platforms": {name: part.to_dict() for name, part in self.platforms.items()},
            "roles": {name: part.to_dict() for name, part in self.roles.items()},
        }
        if self.axes.divided:
            facts["groups"] = {
                name: {"segment": self.axes.segments[of], **part.to_dict()}
                for (name, part), of in zip(self.groups.items(), self.axes.segment_of, strict=True)
            }
        facts["flows"] = [
            {"from": source, "to": platform, "engaged": estimate.to_dict()}
            for source, to in self.flows.items()
            for platform, estimate in to.items()
        ]
        facts["earned_reach"] = {
            "people": self.earned_reach.to_dict(),
            "by_role": {name: estimate.to_dict() for name, estimate in self.earned.items()},
            "by_segment": {name: estimate.to_dict() for name, estimate in self.earned_by_segment.items()},
        }
        facts["frequency"] = {
            "impressions_per_person": self.everyone.frequency.to_dict(),
            "distribution": _distribution(self.everyone),
        }
        if self.delivered:
            facts["delivery"] = {name: one.to_dict() for name, one in self.delivered.items()}
        return facts


def _distribution(part: Part) -> list[dict[str, Any]]:
    return [
        {"impressions": number, "or_more": number == FREQUENCIES, "share": share.to_dict()}
        for number, share in enumerate(part.frequency_distribution)
    ]


def _share(some: Ints, of: Ints, pairs: Ints | None) -> Estimate:
    return ratio_estimate(some, of, pairs=pairs).at_most(1.0)

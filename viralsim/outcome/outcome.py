"""Everything measured over a block of realisations: outcomes add, and estimates are read off them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import Audience, quantile_times
from viralsim.engine.accounts import CELLS, FREQUENCIES
from viralsim.engine.kernels import CURVES, GENERATIONS, ROW
from viralsim.errors import UsageError, did_you_mean
from viralsim.outcome.audiences import Audiences, Axes
from viralsim.outcome.estimate import Estimate, mean_estimate, mean_estimates, proportion_estimate, ratio_estimate

__all__ = ["METRICS", "Curve", "Outcome"]

METRICS = (
    "reach",
    "impressions",
    "engaged",
    "shares",
    "generations",
    "time_to_peak",
    "time_to_half",
    "reproduction_number",
    "cost",
    "viral_chance",
    "roots",
    "conversions",
    "incremental_conversions",
    "baseline_conversions",
    "trust",
)
"""Names of the metrics, as in the catalogue (family "metric"), in JSON and in tables."""

_NEED_IMPRESSIONS = ("reach", "impressions")
_PER_REALISATION = ("rows", "generation_counts", "curves", "drawn", "trust_sums", "trust_quantiles")
_QUANTITIES = ("mean", "mean_low", "mean_high", "p05", "p50", "p95")
_OF_PEOPLE = ("p05", "p50", "p95")
_TRUST_UNIT = 2**32
_CENTS = 100

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """A cumulative count, or mean trust, over time, with both intervals at every report time.

    Parameters
    ----------
    name : str
        "reach", "impressions", "engaged", "shares" or "trust".
    item : str
        Whose curve it is; of trust the segment, empty for all people.
    ticks : ndarray of int64, shape (times,)
        Report times.
    hours : ndarray of float64, shape (times,)
        The same in hours.
    mean, mean_low, mean_high, p05, p50, p95 : ndarray of float64, shape (times,)
        As in `Estimate`, time by time; NaN where undefined (null in JSON).
    realisations : int
        How many realisations are behind it.

    Examples
    --------
    >>> one, unknown, ticks = np.array([1.0]), np.array([np.nan]), np.array([0])
    >>> Curve("engaged", "content", ticks, one, one, unknown, unknown, one, one, one, 1).to_dict()["mean_low"]
    [None]
    """

    name: str
    item: str
    ticks: Ints
    hours: Floats
    mean: Floats
    mean_low: Floats
    mean_high: Floats
    p05: Floats
    p50: Floats
    p95: Floats
    realisations: int

    def to_dict(self) -> dict[str, list[float | None]]:
        """Return the six lists by name, ready for JSON; the times are not among them."""
        return {
            name: [None if math.isnan(value) else value for value in getattr(self, name).tolist()]
            for name in _QUANTITIES
        }


def _known_metric(name: str) -> str:
    if name not in METRICS:
        raise UsageError(f"no metric '{name}'; choose from {', '.join(METRICS)}", hint=did_you_mean(name, METRICS))
    return name


def _frozen(values: npt.ArrayLike) -> Ints:
    array = np.ascontiguousarray(values, dtype=np.int64).view()
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Outcome:
    """Everything measured over a block of realisations. Outcomes of one campaign add.

    The metrics (`METRICS`) are attributes, read for the main item; `metric` gives those of other items.
    Times are ticks. Arrays hold integers, one row per realisation, in the order of their numbers: however
    the realisations were cut into blocks and in whatever order the blocks were added, the bytes are equal.

    Parameters
    ----------
    scenario_hash : str
        Hash of all that can change a realisation.
    plan : str
        The seeding plan played.
    random_seed : int
        What keys all luck.
    items : tuple of str
        Names of the items, the order of axis I below.
    main_item : str
        The item that is reported first.
    people : int
        People in the graph.
    tick_seconds : float
        Length of a tick.
    horizon : int
        Last tick played.
    report_ticks : ndarray of int64, shape (K,)
        Report times of the curves.
    viral_threshold : int
        So many people engaged count as viral.
    impressions_counted : bool
        Whether reach and impressions were counted; otherwise they are undefined.
    indices : ndarray of int64, shape (R,)
        Numbers of the realisations, ascending.
    rows : ndarray of int64, shape (R, I, len(ROW))
        Counts and times per realisation (columns: `viralsim.engine.kernels.ROW`); -1 is undefined.
    generation_counts : ndarray of int64, shape (R, I, GENERATIONS)
        People per generation; the first are seeds and those whom an advertisement engaged.
    curves : ndarray of int64, shape (R, I, len(CURVES), K)
        Cumulative counts at the report times.
    unknowns : tuple of str
        Paths of the scenario's numbers that are not known, U of them.
    drawn : ndarray of float64, shape (R, U)
        The numbers in their place, drawn once per pair of realisations (realisation // 2).
    segments : tuple of str
        Names of the segments, G of them, where an item can take trust; otherwise none: trust is what it was.
    segment_people : ndarray of int64, shape (G,)
        People in each segment.
    trust_sums : ndarray of int64, shape (R, G, K)
        Sums of the trust of a segment's people at the report times, in units of 2^-32.
    trust_quantiles : ndarray of int64, shape (R, G, 3, Q)
        What 5, 50 and 95 % of a segment's people have at most, at `quantile_ticks`, in thousandths; -1 where nobody is
        in the segment.
    axes : Axes, optional
        Whose accounts are kept, and of what; None where they were not asked for.
    accounts : Audience, optional
        Counts by group and platform; `audience` reads them.

    Raises
    ------
    ValueError
        If shapes do not fit or realisations are not in ascending order (a defect of the caller).

    Examples
    --------
    Two realisations of one seed: nobody else engages in one, two more in the other.

    >>> rows = [[[1, 2, 1, 1, 0, -1, -1, 1, 0, 0, 0, 0, 0]], [[4, 5, 3, 3, 2, 1, 1, 1, 0, 0, 0, 0, 0]]]
    >>> generations = [[[1] + 15 * [0]], [[1, 1, 1] + 13 * [0]]]
    >>> curves = [[[[1, 1], [0, 2], [1, 1], [0, 1]]], [[[1, 4], [0, 5], [1, 3], [0, 3]]]]
    >>> block = Outcome(
    ...     scenario_hash="7f3a", plan="hubs", random_seed=1, items=("content",), main_item="content",
    ...     people=10, tick_seconds=3600.0, horizon=5, report_ticks=[0, 5], viral_threshold=3,
    ...     impressions_counted=True, indices=[0, 1], rows=rows, generation_counts=generations,
    ...     curves=curves,
    ... )
    >>> block.engaged.mean, block.reproduction_number.mean, block.viral_chance.mean
    (2.0, 1.0, 0.5)
    >>> block.time_to_peak.realisations  # it is undefined where nobody was persuaded
    1
    >>> more = replace(block, indices=[2, 3])
    >>> len(more + block), (more + block).indices.tolist()
    (4, [0, 1, 2, 3])
    >>> more + block == block + more
    True
    >>> block + block
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: both outcomes hold realisation 0 (2 realisations in common)
      hint: add blocks of different realisations
    """

    scenario_hash: str
    plan: str
    random_seed: int
    items: tuple[str, ...]
    main_item: str
    people: int
    tick_seconds: float
    horizon: int
    report_ticks: Ints
    viral_threshold: int
    impressions_counted: bool
    indices: Ints
    rows: Ints
    generation_counts: Ints
    curves: Ints
    unknowns: tuple[str, ...] = ()
    drawn: Floats = field(default_factory=lambda: np.empty((0, 0)))
    segments: tuple[str, ...] = ()
    segment_people: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    trust_sums: Ints = field(default_factory=lambda: np.empty((0, 0, 0), dtype=np.int64))
    trust_quantiles: Ints = field(default_factory=lambda: np.empty((0, 0, 3, 0), dtype=np.int64))
    axes: Axes | None = None
    accounts: Audience | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "unknowns", tuple(self.unknowns))
        object.__setattr__(self, "segments", tuple(self.segments))
        if not self.segments:
            times = len(self.report_ticks)
            object.__setattr__(self, "segment_people", np.empty(0))
            object.__setattr__(self, "trust_sums", np.empty((len(self.indices), 0, times)))
            object.__setattr__(self, "trust_quantiles", np.empty((len(self.indices), 0, 3, len(quantile_times(times)))))
        if not self.unknowns:
            object.__setattr__(self, "drawn", np.empty((len(self.indices), 0)))
        drawn = np.ascontiguousarray(self.drawn, dtype=np.float64).view()
        drawn.flags.writeable = False
        object.__setattr__(self, "drawn", drawn)
        for name in ("report_ticks", "indices", "segment_people", *_PER_REALISATION):
            if name == "drawn":
                continue
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        object.__setattr__(self, "items", tuple(self.items))
        count, items, times = len(self.indices), len(self.items), len(self.report_ticks)
        shapes = {
            "rows": (count, items, len(ROW)),
            "generation_counts": (count, items, GENERATIONS),
            "curves": (count, items, len(CURVES), times),
            "drawn": (count, len(self.unknowns)),
            "segment_people": (len(self.segments),),
            "trust_sums": (count, len(self.segments), times),
            "trust_quantiles": (count, len(self.segments), 3, len(quantile_times(times))),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name}: expected shape {shape}, got {getattr(self, name).shape}")
        if self.axes is not None and self.accounts is not None:
            accounts = Audience(*map(_frozen, self.accounts))
            object.__setattr__(self, "accounts", accounts)
            shapes = self._shapes_of_accounts(self.axes)
            for name, array in accounts._asdict().items():
                if array.shape != shapes[name]:
                    raise ValueError(f"accounts.{name}: expected shape {shapes[name]}, got {array.shape}")
        elif self.axes is not None or self.accounts is not None:
            raise ValueError("axes and accounts: expected both or neither")
        if self.indices.ndim != 1 or np.any(np.diff(self.indices) <= 0):
            raise ValueError("indices: expected one ascending axis without repetition")
        if self.main_item not in self.items:
            raise ValueError(f"main_item: expected one of {self.items}, got {self.main_item!r}")

    def _shapes_of_accounts(self, axes: Axes) -> dict[str, tuple[int, ...]]:
        each = (len(self.indices), len(self.items))
        groups, platforms = len(axes.names), len(axes.platforms)
        return {
            "cells": (*each, groups, platforms, len(CELLS)),
            "reach": (*each, groups),
            "frequency": (*each, groups, FREQUENCIES),
            "flows": (*each, platforms + 1, platforms),
            "carried": (*each, groups),
            "delivered": (*each, groups, max([1, *map(len, axes.variants)]), 2),
        }

    # -- adding -------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.indices)

    def __bool__(self) -> bool:
        return True  # an outcome without realisations is still an outcome

    def __repr__(self) -> str:
        return f"Outcome(plan={self.plan!r}, realisations={len(self)}, scenario_hash={self.scenario_hash!r})"

    def _repr_html_(self) -> str:
        from viralsim.outcome.notebook import outcome_html

        return outcome_html(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Outcome):
            return NotImplemented
        return not self._difference(other) and all(
            np.array_equal(mine, theirs)
            for mine, theirs in zip(
                (self.indices, *self._arrays().values()), (other.indices, *other._arrays().values()), strict=True
            )
        )

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all arrays that have a row per realisation."""
        accounts = {} if self.accounts is None else self.accounts._asdict()
        return {name: getattr(self, name) for name in _PER_REALISATION} | accounts

    def __hash__(self) -> int:
        return hash((self.scenario_hash, self.plan, len(self)))

    def __add__(self, other: Outcome) -> Outcome:
        if not isinstance(other, Outcome):
            return NotImplemented
        return Outcome.total((self, other))

    def __radd__(self, other: object) -> Outcome:
        return self if other == 0 else NotImplemented  # so that sum() can start

    @classmethod
    def total(cls, blocks: Iterable[Outcome]) -> Outcome:
        """Add any number of outcomes at once, which copies their arrays once only.

        Parameters
        ----------
        blocks : iterable of Outcome
            At least one, in any order.

        Returns
        -------
        Outcome
            Realisations in the order of their numbers.

        Raises
        ------
        UsageError
            If there is none, if they do not belong to one campaign, or if two hold the same realisation.
        """
        blocks = list(blocks)
        if not blocks:
            raise UsageError("there is no outcome to add")
        first = blocks[0]
        for other in blocks[1:]:
            difference = first._difference(other)
            if difference:
                raise UsageError(
                    f"these outcomes do not add: {difference}",
                    hint="only blocks of realisations of one scenario, plan and report belong together",
                )
        if len(blocks) == 1:
            return first
        blocks.sort(key=lambda block: int(block.indices[0]) if len(block) else -1)
        indices = np.concatenate([block.indices for block in blocks])
        arrays = [block._arrays() for block in blocks]
        joined: dict[str, Any] = {name: np.concatenate([each[name] for each in arrays]) for name in arrays[0]}
        if np.any(np.diff(indices) <= 0):  # blocks interlock
            order = np.argsort(indices, kind="stable")
            indices = indices[order]
            joined = {name: array[order] for name, array in joined.items()}
            twice = indices[1:][np.diff(indices) == 0]
            if len(twice):
                what = "1 realisation" if len(twice) == 1 else f"{len(twice)} realisations"
                raise UsageError(
                    f"both outcomes hold realisation {twice[0]} ({what} in common)",
                    hint="add blocks of different realisations",
                )
        if first.accounts is not None:
            joined["accounts"] = Audience(**{name: joined.pop(name) for name in Audience._fields})
        return replace(first, indices=indices, **joined)

    def _difference(self, other: Outcome) -> str:
        """Return in words what keeps two outcomes from being added, or an empty string."""
        names = {
            "scenario_hash": "scenario hash",
            "plan": "plan",
            "random_seed": "random_seed",
            "items": "items",
            "main_item": "main item",
            "people": "people",
            "tick_seconds": "tick_seconds",
            "horizon": "horizon",
            "viral_threshold": "viral threshold",
            "impressions_counted": "impressions counted",
            "unknowns": "unknown numbers",
            "segments": "segments",
        }
        for name, words in names.items():
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                return f"{words} {mine!r} and {theirs!r}"
        if not np.array_equal(self.report_ticks, other.report_ticks):
            return "different report times"
        if not np.array_equal(self.segment_people, other.segment_people):
            return "different people in the segments"
        if self.axes != other.axes:
            either = self.axes is None or other.axes is None
            return "only one is told by segment and platform" if either else "different segments or platforms"
        return ""

    # -- reading ------------------------------------------------------------------------------------

    def _item(self, item: str | None) -> int:
        name = self.main_item if item is None else item
        if name not in self.items:
            raise UsageError(f"no item '{name}'; there is {', '.join(self.items)}", hint=did_you_mean(name, self.items))
        return self.items.index(name)

    @cached_property
    def pairs(self) -> Ints | None:
        """Which pair each realisation belongs to (int64[R]), or None where nothing is unknown."""
        return self.indices // 2 if self.unknowns else None

    def metric(self, name: str, item: str | None = None) -> Estimate:
        """Estimate one metric.

        Parameters
        ----------
        name : str
            One of `METRICS`.
        item : str, optional
            Of which item; the main item where it is not given.

        Returns
        -------
        Estimate
            Undefined realisations (no peak where nobody was persuaded) are left out; `realisations` says
            over how many it is defined.

        Raises
        ------
        UsageError
            If there is no such metric or item.
        """
        i = self._item(item)
        if _known_metric(name) == "viral_chance":
            return proportion_estimate(self.rows[:, i, ROW.index("engaged")] >= self.viral_threshold, pairs=self.pairs)
        if name == "reproduction_number":
            people = self.generation_counts[:, i]
            return ratio_estimate(people[:, 2], people[:, 1], pairs=self.pairs)
        whole, known, scale = self._whole(name, i)
        estimate = mean_estimate(whole[known], at_least=0.0, pairs=None if self.pairs is None else self.pairs[known])
        if name == "trust":
            return estimate.divided(scale).at_most(1.0)
        return estimate if scale == 1 else estimate.divided(scale)

    def all_metrics(self, item: str | None = None) -> dict[str, Estimate]:
        """Estimate all metrics at once, which takes a third of the time.

        Parameters
        ----------
        item : str, optional
            Of which item; the main item where it is not given.

        Raises
        ------
        UsageError
            If there is no such item.

        Examples
        --------
        >>> import viralsim as vs
        >>> outcome = vs.simulate(vs.read_scenario(settings=["network.people=500"]), realisations=20)
        >>> outcome.all_metrics() == {name: outcome.metric(name) for name in METRICS}
        True
        """
        at_once: dict[str, Ints] = {}
        if self.pairs is None:
            for name in METRICS:
                if name in ROW and name != "cost":
                    whole, known, _ = self._whole(name, self._item(item))
                    if known.all():
                        at_once[name] = whole
        found: dict[str, Estimate] = {}
        if at_once:
            found = dict(zip(at_once, mean_estimates(np.stack(list(at_once.values())), at_least=0.0), strict=True))
        return {name: found.get(name) or self.metric(name, item) for name in METRICS}

    def values(self, name: str, item: str | None = None) -> Floats:
        """Return the numbers behind a metric that is a mean of realisations.

        Parameters
        ----------
        name : str
            One of `METRICS`, but for "reproduction_number", which is a ratio of sums.
        item : str, optional
            Of which item; the main item where it is not given.

        Returns
        -------
        ndarray of float64, shape (R,)
            In the order of `indices` and the unit of the metric; NaN where undefined.

        Raises
        ------
        UsageError
            If there is no such metric or item, or single realisations have none.

        Examples
        --------
        >>> import viralsim as vs
        >>> outcome = vs.simulate(vs.read_scenario(settings=["network.people=500"]), realisations=20)
        >>> float(outcome.values("engaged").mean()) == outcome.engaged.mean
        True
        """
        if name == "reproduction_number":
            raise UsageError("reproduction_number is a ratio of sums: single realisations have none")
        whole, known, scale = self._whole(_known_metric(name), self._item(item))
        values = whole / float(scale)
        values[~known] = np.nan
        return values

    def _whole(self, name: str, item: int) -> tuple[Ints, npt.NDArray[np.bool_], int]:
        """Return a metric of every realisation as a whole number, where it is defined, and of what unit it is a part.

        Sums of whole numbers are exact.
        """
        if name == "trust":
            defined = np.full(len(self), bool(self.segments) and self.people > 0)
            return self.trust_sums[:, :, -1].sum(axis=1), defined, max(self.people, 1) * _TRUST_UNIT
        if name == "viral_chance":
            hits = (self.rows[:, item, ROW.index("engaged")] >= self.viral_threshold).astype(np.int64)
            return hits, np.ones(len(self), dtype=bool), 1
        whole = self.rows[:, item, ROW.index(name)]
        known = whole >= 0 if self.impressions_counted or name not in _NEED_IMPRESSIONS else np.zeros(len(self), bool)
        return whole, known, _CENTS if name == "cost" else 1

    @property
    def reach(self) -> Estimate:
        """People with at least one impression, seeds included; undefined where it was not counted."""
        return self.metric("reach")

    @property
    def impressions(self) -> Estimate:
        """Shares and advertisements that were seen; undefined where it was not counted."""
        return self.metric("impressions")

    @property
    def engaged(self) -> Estimate:
        """People engaged, seeds included."""
        return self.metric("engaged")

    @property
    def shares(self) -> Estimate:
        """Broadcasts to followers, and contacts with single ones."""
        return self.metric("shares")

    @property
    def generations(self) -> Estimate:
        """Steps from a seed, or somebody an advertisement engaged, to the most distant person engaged.

        The array is `generation_counts`.
        """
        return self.metric("generations")

    @property
    def time_to_peak(self) -> Estimate:
        """Ticks until most people engage in one tick, seeds aside; the first such tick."""
        return self.metric("time_to_peak")

    @property
    def time_to_half(self) -> Estimate:
        """Ticks until half of all whom a share or an advertisement ever engages are engaged, seeds aside."""
        return self.metric("time_to_half")

    @property
    def reproduction_number(self) -> Estimate:
        """People of generation 2 per person of generation 1.

        It is the first such number that is free of the choice of seeds: seeds were picked, for their
        followers perhaps; those they persuaded were not. It still holds that the well-connected are
        persuaded first, and that an audience gets used up (see `reproduction_by_generation`).
        """
        return self.metric("reproduction_number")

    @property
    def cost(self) -> Estimate:
        """Money that the seeds cost, those who decline included."""
        return self.metric("cost")

    @property
    def viral_chance(self) -> Estimate:
        """Chance that at least `viral_threshold` people engage."""
        return self.metric("viral_chance")

    @property
    def roots(self) -> Estimate:
        """Dissatisfied people who start the item themselves: testimony of the content it is born of."""
        return self.metric("roots")

    @property
    def conversions(self) -> Estimate:
        """People who convert on engaging with the item, each at most once over all items."""
        return self.metric("conversions")

    @property
    def incremental_conversions(self) -> Estimate:
        """Those of them who would not have come of their own accord by the end."""
        return self.metric("incremental_conversions")

    @property
    def baseline_conversions(self) -> Estimate:
        """People who come of their own accord by the end, with or without the campaign; the same for every item."""
        return self.metric("baseline_conversions")

    @property
    def trust(self) -> Estimate:
        """Mean trust of all people in the brand at the end; undefined where no item can take any."""
        return self.metric("trust")

    @property
    def audience(self) -> Audiences | None:
        """What the main item did by segment, platform, role and variant; None where it was not asked for.

        Of another item: ``outcome.audience.of("rumour")``.
        """
        if self.axes is None or self.accounts is None:
            return None
        return Audiences(self.items, self.main_item, self.axes, self.accounts, self.pairs)

    def reproduction_by_generation(self, item: str | None = None) -> list[Estimate]:
        """Estimate the people of generation g + 1 per person of generation g, for g = 0, 1, ….

        Parameters
        ----------
        item : str, optional
            Of which item; the main item where it is not given.

        Returns
        -------
        list of Estimate
            One for every generation that occurs in these realisations (of the first `GENERATIONS`, but
            the last, whose children are not counted one by one).

        Raises
        ------
        UsageError
            If there is no such item.
        """
        people = self.generation_counts[:, self._item(item)]
        estimates = [ratio_estimate(people[:, g + 1], people[:, g], pairs=self.pairs) for g in range(GENERATIONS - 1)]
        return [estimate for estimate in estimates if estimate.realisations]

    def curve(self, name: str, item: str | None = None) -> Curve:
        """Return a cumulative count at the report times.

        Parameters
        ----------
        name : str
            "reach", "impressions", "engaged" or "shares".
        item : str, optional
            Of which item; the main item where it is not given.

        Raises
        ------
        UsageError
            If there is no such curve or item.

        Examples
        --------
        >>> rows, generations = [[[1, 0, 1, 0, 0, -1, -1, 1, 0, 0, 0, 0, 0]]], [[[1] + 15 * [0]]]
        >>> outcome = Outcome(
        ...     "7f3a", "hubs", 1, ("content",), "content", 10, 1800.0, 4, [0, 4], 3, True, [0],
        ...     rows, generations, [[[[1, 1], [0, 0], [1, 1], [0, 0]]]],
        ... )
        >>> curve = outcome.curve("engaged")
        >>> curve.hours.tolist(), curve.mean.tolist(), curve.to_dict()["mean_low"]
        ([0.0, 2.0], [1.0, 1.0], [None, None])
        """
        if name not in CURVES:
            raise UsageError(f"no curve '{name}'; choose from {', '.join(CURVES)}", hint=did_you_mean(name, CURVES))
        i = self._item(item)
        known = self.impressions_counted or name not in _NEED_IMPRESSIONS
        return self._curve(name, self.items[i], self.curves[:, i, CURVES.index(name)] if known else None)

    def trust_curve(self, segment: str | None = None) -> Curve:
        """Return mean trust in the brand at the report times.

        Parameters
        ----------
        segment : str, optional
            Of the people in this one; of all where it is not given.

        Returns
        -------
        Curve
            Undefined where no item can take trust, and where nobody is in the segment.

        Raises
        ------
        UsageError
            If there is no such segment.

        Examples
        --------
        >>> import viralsim as vs
        >>> rumour = "item.rumour={kind='rumour', stickiness=0.1, wave={a={strategy='random', count=5}}}"
        >>> scenario = vs.read_scenario(settings=["network.people=500", rumour])
        >>> outcome = vs.simulate(scenario, realisations=20)
        >>> curve = outcome.trust_curve("everyone")
        >>> curve.name, curve.item, curve.realisations, float(curve.mean[-1]) == outcome.trust.mean
        ('trust', 'everyone', 20, True)
        """
        chosen = slice(None) if segment is None else [self._segment(segment)]
        people = int(self.segment_people[chosen].sum())
        sums = self.trust_sums[:, chosen].sum(axis=1) if self.segments and people else None
        return self._curve("trust", segment or "", sums, people * _TRUST_UNIT)

    @property
    def quantile_ticks(self) -> Ints:
        """Report times at which quantiles of people's trust are known (int64[Q])."""
        return self.report_ticks[quantile_times(len(self.report_ticks))]

    def trust_of_people(self, segment: str) -> Floats:
        """Return what trust 5, 50 and 95 % of a segment's people have at most, at `quantile_ticks`.

        Parameters
        ----------
        segment : str
            One of `segments`.

        Returns
        -------
        ndarray of float64, shape (3, Q)
            Means over realisations; NaN where nobody is in the segment, or nothing was played.

        Raises
        ------
        UsageError
            If there is no such segment.
        """
        g = self._segment(segment)
        if len(self) == 0 or self.segment_people[g] == 0:
            return np.full(self.trust_quantiles.shape[2:], np.nan)
        return np.asarray(self.trust_quantiles[:, g].sum(axis=0) / (1000.0 * len(self)))

    def _segment(self, name: str) -> int:
        if not self.segments:
            raise UsageError("trust is not followed: no item can take any", hint="testimony and rumours do")
        if name not in self.segments:
            raise UsageError(
                f"no segment '{name}'; there is {', '.join(self.segments)}", hint=did_you_mean(name, self.segments)
            )
        return self.segments.index(name)

    def _curve(self, name: str, whose: str, values: Ints | None, scale: int = 1) -> Curve:
        """Estimate values [R, K] at every report time; undefined where there are none."""
        times = len(self.report_ticks)
        table = {quantity: np.full(times, np.nan) for quantity in _QUANTITIES}
        columns = (
            np.empty((0, 0), dtype=np.int64) if values is None or len(self) == 0 else np.ascontiguousarray(values.T)
        )
        for k, column in enumerate(columns):
            estimate = mean_estimate(column, at_least=0.0, pairs=self.pairs)
            if name == "trust":
                estimate = estimate.divided(scale).at_most(1.0)
            for quantity in _QUANTITIES:
                value = getattr(estimate, quantity)
                if value is not None:
                    table[quantity][k] = value
        return Curve(
            name=name,
            item=whose,
            ticks=self.report_ticks,
            hours=self.report_ticks.astype(np.float64) * (self.tick_seconds / 3600.0),
            **table,
            realisations=len(self) if len(columns) else 0,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the forecast, ready for JSON: undefined is None, every number is finite.

        Returns
        -------
        dict
            "metrics" of the main item, "items" with those of every item, "segments" and "platforms" (what
            `Audiences.to_dict` has besides follows them; trust of segments where an item can take it), "curves" and
            "reproduction_by_generation" of the main item, and what was played.
        """
        items = {item: {name: self.metric(name, item).to_dict() for name in METRICS} for item in self.items}
        curves: dict[str, Any] = {"ticks": self.report_ticks.tolist()}
        curves |= {name: self.curve(name).to_dict() for name in CURVES}
        if self.segments:
            curves["trust"] = self.trust_curve().to_dict()
        audience = {"segments": {}, "platforms": {}} if self.audience is None else self.audience.to_dict()
        for g, segment in enumerate(self.segments):
            audience["segments"][segment] = audience["segments"].get(segment, {}) | self._of_segment(g, segment)
        return {
            "metrics": items[self.main_item],
            "items": items,
            **audience,
            "curves": curves,
            "reproduction_by_generation": [e.to_dict() for e in self.reproduction_by_generation()],
            "realisations": len(self),
            "first_realisation": int(self.indices[0]) if len(self) else None,
            "random_seed": int(self.random_seed),
            "scenario_hash": self.scenario_hash,
            "plan": self.plan,
            "main_item": self.main_item,
            "people": int(self.people),
            "tick_seconds": float(self.tick_seconds),
            "horizon": int(self.horizon),
            "viral_threshold": int(self.viral_threshold),
            "impressions_counted": bool(self.impressions_counted),
            **({"unknowns": list(self.unknowns)} if self.unknowns else {}),
        }

    def _of_segment(self, g: int, segment: str) -> dict[str, Any]:
        people = int(self.segment_people[g])
        estimate = Estimate(pairs=0 if self.unknowns else None)
        if people:
            sums = mean_estimate(self.trust_sums[:, g, -1], at_least=0.0, pairs=self.pairs)
            estimate = sums.divided(people * _TRUST_UNIT).at_most(1.0)
        of_people: dict[str, Any] = {"ticks": self.quantile_ticks.tolist()}
        for name, values in zip(_OF_PEOPLE, self.trust_of_people(segment).tolist(), strict=True):
            of_people[name] = [None if math.isnan(value) else value for value in values]
        return {"people": people, "trust": {**estimate.to_dict(), "quantiles_of_people": of_people}}

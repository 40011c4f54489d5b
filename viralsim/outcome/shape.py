"""Many cascades at once: how large, deep and wide they are, what a further share does, and whether mechanisms differ.

Three estimators that are also checks of the engine:

- the exposure curve: the chance that the k-th share somebody sees persuades them, from who saw what and engaged
  (Romero, Meeder & Kleinberg, "Differences in the mechanics of information diffusion across topics", WWW 2011); where
  all shares are alike it must give back the scenario's own curve;
- people of one generation per person of the generation before: `Outcome.reproduction_by_generation`;
- shape against size: larger cascades are deeper and wider whatever makes them, so two sets of cascades are compared
  among cascades of equal size (Juul & Ugander, "Comparing information diffusion mechanisms by matching on cascade
  size", PNAS 118, 2021).

A *cascade* here is one tree: everybody whom one seed (or somebody engaged by an advertisement) set off.
"""

from __future__ import annotations

import csv
import io
import math
import queue
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import Campaign, compile_campaign, fresh_effects, play_realisations
from viralsim.engine.exposure_kernels import Exposed, count_exposures, exposed
from viralsim.errors import UsageError, did_you_mean
from viralsim.graph import SocialGraph, load_network
from viralsim.outcome.estimate import Estimate, _quantiles, _student_t, ratio_estimate, wilson_interval
from viralsim.outcome.outcome import Outcome
from viralsim.outcome.playing import _outcome, _require_graph, _require_scenario, how_many
from viralsim.outcome.shape_kernels import tree_shapes
from viralsim.scenario import Scenario

__all__ = [
    "MOST_CASCADES",
    "MOST_EXPOSURES",
    "CascadeShapes",
    "ExposureCurve",
    "ShapeDifference",
    "SizeClass",
    "SizeMatched",
    "cascade_shapes",
]

MOST_EXPOSURES = 64
"""Shares seen that are told apart; from then on nobody is followed further."""

MOST_CASCADES = 20_000_000
"""Cascades that are held at once, 40 bytes each."""

MATCHED = ("size", "depth", "max_breadth", "structural_virality")
"""What is compared; sizes to show how well they are matched."""

_WIDEST = 1.05  # Sizes that match differ by less than 5 %; up to 40 people they are equal.
_GROUPS = 100
_SCALE = 2**32  # structural viralities as the whole numbers that `ratio_estimate` takes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SizeClass:
    """Cascades of similar size.

    Parameters
    ----------
    low, high : int
        Smallest and largest size of the class, in people.
    cascades : int
        How many there are.
    share : Estimate
        Of all cascades; the quantiles are of the share within one realisation.
    depth, max_breadth, structural_virality : Estimate
        Means over the cascades with an interval that counts every realisation once, however many cascades it has;
        the quantiles are over cascades. The structural virality of one person is undefined.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> [(one.low, one.high) for one in vs.cascade_shapes(scenario, realisations=20).by_size()][:3]
    [(1, 1), (2, 3), (4, 7)]
    """

    low: int
    high: int
    cascades: int
    share: Estimate
    depth: Estimate
    max_breadth: Estimate
    structural_virality: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return all of it by name, ready for JSON."""
        estimates = {name: getattr(self, name).to_dict() for name in ("share", *MATCHED[1:])}
        return {"low": self.low, "high": self.high, "cascades": self.cascades, **estimates}


@dataclass(frozen=True, eq=False)
class ExposureCurve:
    """The chance that the k-th share somebody sees persuades them, k = 1, 2, ….

    Parameters
    ----------
    seen : ndarray of int64, shape (K,)
        People, over all realisations, who saw at least k shares and were not engaged before.
    persuaded : ndarray of int64, shape (K,)
        Those of them whom the k-th persuaded.
    chances : tuple of Estimate
        `persuaded` over `seen`, with Wilson's interval; the quantiles are of the chance within one realisation. Given
        what everybody saw before, each person is a trial of their own, so people count, not realisations.
    expected : tuple of float or None
        What the scenario says; None where nobody can be left to see a k-th share.

    Notes
    -----
    Only what somebody saw up to their engagement counts: later shares cannot have persuaded them. Those whom nothing
    persuaded count with all they saw.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000", "item.content.half_life=none",
    ...     "item.content.endorsement=0", "item.content.law=curve", "item.content.curve=[0.02, 0.06, 0.04]"])
    >>> curve = vs.cascade_shapes(scenario, realisations=200).exposure_curve()
    >>> curve.chances[1].mean_low <= curve.expected[1] <= curve.chances[1].mean_high
    True
    """

    seen: Ints
    persuaded: Ints
    chances: tuple[Estimate, ...]
    expected: tuple[float | None, ...]

    def to_dict(self) -> list[dict[str, Any]]:
        """Return one entry per k, ready for JSON."""
        return [
            {"shares_seen": k + 1, "seen": int(self.seen[k]), "persuaded": int(self.persuaded[k])}
            | {"chance": chance.to_dict(), "expected": self.expected[k]}
            for k, chance in enumerate(self.chances)
        ]


@dataclass(frozen=True)
class ShapeDifference:
    """One number of two sets of cascades.

    Parameters
    ----------
    one, other : float or None
        The mean in each; None where there are no cascades.
    difference : Estimate
        The first less the second, with its interval.

    Examples
    --------
    >>> ShapeDifference(2.0, 1.5, Estimate(0.5, 0.1, 0.9)).differs
    True
    """

    one: float | None
    other: float | None
    difference: Estimate

    @property
    def differs(self) -> bool | None:
        """Whether the interval of the difference leaves 0 out; None where there is none."""
        low, high = self.difference.mean_low, self.difference.mean_high
        return None if low is None or high is None else not low <= 0.0 <= high

    def to_dict(self) -> dict[str, Any]:
        """Return all of it by name, ready for JSON."""
        numbers = (self.difference.mean, self.difference.mean_low, self.difference.mean_high)
        difference = dict(zip(("mean", "mean_low", "mean_high"), numbers, strict=True))
        return {"one": self.one, "other": self.other, "difference": difference, "differs": self.differs}


@dataclass(frozen=True)
class SizeMatched:
    """Two sets of cascades compared as they are, and among cascades of equal size.

    Cascades of one person are left out: they have no shape.

    Parameters
    ----------
    one, other : str
        Plans.
    cascades : tuple of (int, int)
        Cascades of two people or more in each.
    matched : int
        In each, how many have a counterpart in the other.
    raw, by_size : dict of str to ShapeDifference
        Per name of `MATCHED`: as they are, and matched. What is left of a difference in size after matching says how
        well it worked.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> one, other = (vs.cascade_shapes(scenario, plan=plan, realisations=40) for plan in ("random", "hubs"))
    >>> compared = one.against(other)
    >>> compared.matched <= min(compared.cascades), compared.by_size["size"].differs
    (True, False)
    """

    one: str
    other: str
    cascades: tuple[int, int]
    matched: int
    raw: dict[str, ShapeDifference]
    by_size: dict[str, ShapeDifference]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it by name, ready for JSON."""
        return {
            "one": self.one,
            "other": self.other,
            "cascades": list(self.cascades),
            "matched": self.matched,
            "raw": {name: one.to_dict() for name, one in self.raw.items()},
            "by_size": {name: one.to_dict() for name, one in self.by_size.items()},
        }


@dataclass(frozen=True, eq=False)
class CascadeShapes:
    """The cascades of an item over many realisations, one per seed; as from `cascade_shapes`.

    Parameters
    ----------
    outcome : Outcome
        Of the same realisations, without reach and impressions; its `reproduction_by_generation` is the branching
        factor per generation.
    item : str
        Of which item.
    realisation : ndarray of int64, shape (n,)
        The realisation of each cascade, ascending; within one in the order in which they began.
    size, depth, max_breadth : ndarray of int64, shape (n,)
        People, steps to the most distant one, people of the largest generation.
    distances : ndarray of int64, shape (n,)
        Sum of distances over unordered pairs of people.
    seen, persuaded : ndarray of int64, shape (realisations, MOST_EXPOSURES)
        Per realisation: people who saw exactly k + 1 shares (the last: or more), and whom the last of them persuaded.
    expected : tuple of float or None
        Chances of the k-th share according to the scenario; empty where the exposure curve is not estimated.
    no_exposure_curve : str
        Why it is not estimated; empty where it is.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> shapes = vs.cascade_shapes(scenario, plan="random", realisations=20)
    >>> cascade = vs.replay(scenario, realisation=7, plan="random")
    >>> sorted(shapes.size[shapes.realisation == 7].tolist()) == sorted(len(tree) for tree in cascade.trees())
    True
    """

    outcome: Outcome
    item: str
    realisation: Ints
    size: Ints
    depth: Ints
    max_breadth: Ints
    distances: Ints
    seen: Ints = field(repr=False)
    persuaded: Ints = field(repr=False)
    expected: tuple[float | None, ...] = ()
    no_exposure_curve: str = ""

    def __len__(self) -> int:
        return len(self.size)

    def __repr__(self) -> str:
        return f"CascadeShapes(plan={self.outcome.plan!r}, realisations={len(self.outcome)}, cascades={len(self)})"

    @cached_property
    def structural_virality(self) -> Floats:
        """Mean distance between two people of each cascade (float64[n]); NaN for a single person."""
        pairs = self.size * (self.size - 1) / 2.0
        virality: Floats = np.divide(self.distances, pairs, out=np.full(len(self), np.nan), where=pairs > 0)
        return virality

    @cached_property
    def _place(self) -> Ints:
        """Which of the outcome's realisations each cascade is of."""
        return np.searchsorted(self.outcome.indices, self.realisation)

    def exposure_curve(self) -> ExposureCurve:
        """Estimate the chance that the k-th share somebody sees persuades them.

        Raises
        ------
        UsageError
            The scenario has no such curve, because not all shares are alike.
        """
        if self.no_exposure_curve:
            raise UsageError(f"there is no exposure curve to estimate: {self.no_exposure_curve}")
        at_least = np.cumsum(self.seen[:, ::-1], axis=1)[:, ::-1]
        seen, persuaded = at_least.sum(axis=0), self.persuaded.sum(axis=0)
        chances = []
        for k in range(int(np.count_nonzero(seen))):
            interval = wilson_interval(int(persuaded[k]), int(seen[k]))
            ratio = ratio_estimate(self.persuaded[:, k], at_least[:, k], pairs=self.outcome.pairs)
            chances.append(replace(ratio, mean_low=interval[0], mean_high=interval[1]))
        count = len(chances)
        return ExposureCurve(seen[:count], persuaded[:count], tuple(chances), self.expected[:count])

    def by_size(self) -> list[SizeClass]:
        """Return shape against size: classes 1, 2-3, 4-7, 8-15, … people; those without a cascade are left out."""
        among = np.frexp(self.size)[1].astype(np.int64) - 1  # of 2^k to 2^(k + 1) - 1 people: k
        total = np.bincount(self._place, minlength=len(self.outcome)).astype(np.int64)
        return [self._size_class(int(k), np.flatnonzero(among == k), total) for k in np.unique(among)]

    def _size_class(self, k: int, chosen: Ints, total: Ints) -> SizeClass:
        count = np.bincount(self._place[chosen], minlength=len(self.outcome)).astype(np.int64)

        def mean(values: npt.NDArray[Any], scale: int = 1) -> Estimate:
            sums = np.zeros(len(self.outcome), dtype=np.int64)
            np.add.at(sums, self._place[chosen], np.round(values[chosen] * scale).astype(np.int64))
            ratio = ratio_estimate(sums, count, pairs=self.outcome.pairs)
            middle, low, high = (
                None if one is None else one / scale for one in (ratio.mean, ratio.mean_low, ratio.mean_high)
            )
            return Estimate(middle, low, high, *_quantiles(values[chosen]), ratio.realisations, pairs=ratio.pairs)

        return SizeClass(
            low=2**k,
            high=2 ** (k + 1) - 1,
            cascades=len(chosen),
            share=ratio_estimate(count, total, pairs=self.outcome.pairs),
            depth=mean(self.depth),
            max_breadth=mean(self.max_breadth),
            structural_virality=mean(self.structural_virality, _SCALE) if k else Estimate(),
        )

    def against(self, other: CascadeShapes) -> SizeMatched:
        """Compare with other cascades: as they are, and matched on size.

        Each cascade of two people or more is matched with one of the other set that has the same size (beyond 40
        people: that differs by less than 5 %), as many as both have; what a random choice among them gives on average
        is computed, not drawn. So every size counts as often as the smaller of both numbers of cascades.

        Intervals come from leaving out groups of realisations, one after the other (jackknife of 100 groups where
        there are so many, Student's t). A group is left out of both sets, since two plans share their luck; both
        realisations of a pair are in the same group.

        Parameters
        ----------
        other : CascadeShapes
            Of the same realisations: of another plan, or of another scenario.

        Raises
        ------
        UsageError
            They are of other realisations.
        """
        if not isinstance(other, CascadeShapes):
            raise UsageError(f"a CascadeShapes was expected, got {type(other).__name__} {other!r:.60}")
        mine, theirs = self.outcome.indices, other.outcome.indices
        if not np.array_equal(mine, theirs):
            raise UsageError(
                f"cascades of the same realisations can be compared, these are of {mine[0]:,} to {mine[-1]:,} and "
                f"{theirs[0]:,} to {theirs[-1]:,}"
            )
        pair = np.unique(mine // 2, return_inverse=True)[1].reshape(-1)
        groups = min(int(pair[-1]) + 1, _GROUPS)
        group_of = pair * groups // (int(pair[-1]) + 1)
        edges = _edges(int(max(self.size.max(initial=2), other.size.max(initial=2))))
        one, two = self._sums(group_of, groups, edges), other._sums(group_of, groups, edges)
        raw = _differences(one.sum(axis=1, keepdims=True), two.sum(axis=1, keepdims=True), len(mine))
        counts = one[..., 0].sum(axis=0), two[..., 0].sum(axis=0)
        return SizeMatched(
            one=self.outcome.plan,
            other=other.outcome.plan,
            cascades=(int(counts[0].sum()), int(counts[1].sum())),
            matched=int(np.minimum(*counts).sum()),
            raw=raw,
            by_size=_differences(one, two, len(mine)),
        )

    def _sums(self, group_of: Ints, groups: int, edges: Ints) -> Floats:
        """Return number of cascades and sums of `MATCHED`, float64 [groups, sizes, 5], added up in their order."""
        chosen = np.flatnonzero(self.size > 1)
        at = group_of[self._place[chosen]], np.searchsorted(edges, self.size[chosen], side="right") - 1
        sums = np.zeros((groups, len(edges), 1 + len(MATCHED)))
        for column, name in enumerate(("", *MATCHED)):
            np.add.at(sums[..., column], at, getattr(self, name)[chosen] if name else 1.0)
        return sums

    def to_dict(self) -> dict[str, Any]:
        """Return what was measured by name, ready for JSON; cascades one by one are in `to_csv`."""
        outcome = self.outcome
        return {
            "scenario_hash": outcome.scenario_hash,
            "random_seed": outcome.random_seed,
            "plan": outcome.plan,
            "item": self.item,
            "realisations": len(outcome),
            "first_realisation": int(outcome.indices[0]),
            "cascades": len(self),
            "by_size": [one.to_dict() for one in self.by_size()],
            "reproduction_by_generation": [one.to_dict() for one in outcome.reproduction_by_generation(self.item)],
            "exposure_curve": None if self.no_exposure_curve else self.exposure_curve().to_dict(),
            "no_exposure_curve": self.no_exposure_curve or None,
        }

    def to_csv(self) -> str:
        """Return one row per cascade as comma-separated text with a header; undefined is an empty field."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("realisation", *MATCHED))
        columns = [getattr(self, name).tolist() for name in ("realisation", *MATCHED)]
        columns[-1] = [value if one else "" for value, one in zip(columns[-1], (self.size > 1).tolist(), strict=True)]
        writer.writerows(zip(*columns, strict=True))
        return text.getvalue()


def _edges(largest: int) -> Ints:
    """Return the smallest size of each class of sizes that match, from 2 on."""
    edges = [2]
    while edges[-1] <= largest:
        edges.append(max(edges[-1] + 1, math.floor(edges[-1] * _WIDEST)))
    return np.array(edges, dtype=np.int64)


def _differences(one: Floats, other: Floats, realisations: int) -> dict[str, ShapeDifference]:
    """Compare two arrays of `CascadeShapes._sums`, sizes matched, with the jackknife's intervals."""
    groups = len(one)
    means = [_matched_means(one.sum(axis=0), other.sum(axis=0))]
    means += [_matched_means(one.sum(axis=0) - one[g], other.sum(axis=0) - other[g]) for g in range(groups)]
    found = {}
    for column, name in enumerate(MATCHED):
        mine, theirs, *_ = (None if math.isnan(value) else value for value in means[0][:, column].tolist())
        if mine is None or theirs is None:
            found[name] = ShapeDifference(mine, theirs, Estimate())
            continue
        difference, low, high = mine - theirs, None, None
        without = np.array([one_less[0, column] - one_less[1, column] for one_less in means[1:]])
        if groups > 1 and not np.isnan(without).any():
            variance = float(np.sum((without - without.mean()) ** 2)) * (groups - 1) / groups
            half = _student_t(groups - 1) * math.sqrt(variance)
            low, high = difference - half, difference + half
        found[name] = ShapeDifference(mine, theirs, Estimate(difference, low, high, realisations=realisations))
    return found


def _matched_means(one: Floats, other: Floats) -> Floats:
    """Return the means of both, [2, len(MATCHED)], where every size counts as often as in the set that has fewer."""
    weights = np.minimum(one[:, 0], other[:, 0])
    chosen = weights > 0
    if not chosen.any():
        return np.full((2, len(MATCHED)), np.nan)
    share = weights[chosen, None] / weights.sum()
    return np.stack([(share * each[chosen, 1:] / each[chosen, :1]).sum(axis=0) for each in (one, other)])


def cascade_shapes(
    scenario: Scenario,
    *,
    plan: str | None = None,
    item: str | None = None,
    graph: SocialGraph | None = None,
    realisations: int | None = None,
    first: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CascadeShapes:
    """Replay many realisations of a plan and measure every cascade: one per seed.

    Nothing of a realisation is kept but the shapes of its cascades (40 bytes each) and how many saw how many shares.

    Parameters
    ----------
    scenario : Scenario
    plan : str, optional
        Name of the plan; the first of the scenario where None.
    item : str, optional
        Of which item; the main item where None.
    graph : SocialGraph, optional
        Takes the place of the scenario's network.
    realisations : int, optional
        How many; the scenario's number where None.
    first : int
        Number of the first realisation.
    threads : int, optional
        By default one per usable processor; the result does not depend on it.
    progress : callable, optional
        Called now and then with the number of realisations finished and the number planned.

    Returns
    -------
    CascadeShapes

    Raises
    ------
    UsageError
        A number that makes no sense, a plan or item that is not there, or more cascades than can be held.
    DataError
        The graph cannot be read, or lacks what the scenario asks of it.

    Notes
    -----
    The exposure curve is estimated where all shares that somebody sees are alike: law `independent` or `curve`,
    emission `once` or `repeat`, one and the same dose along all arcs and at any age of the item, no advertisement, and
    nothing unknown that decides doses. What stands in the way otherwise is `CascadeShapes.no_exposure_curve`.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> shapes = vs.cascade_shapes(scenario, realisations=50)
    >>> int(shapes.size.sum()) / 50 == vs.simulate(scenario, realisations=50).engaged.mean
    True
    """
    _require_scenario(scenario)
    _require_graph(graph)
    name = scenario.report.item if item is None else item
    if name not in scenario.item:
        raise UsageError(
            f"no item '{name}'; there is {', '.join(scenario.item)}", hint=did_you_mean(name, scenario.item)
        )
    count, _ = how_many(scenario, scenario.realisations if realisations is None else realisations, None)
    campaign = compile_campaign(
        scenario, load_network(scenario.network, scenario.place) if graph is None else graph, plan
    )
    number = campaign.items.index(name)
    expected, refusal = _expected_chances(campaign, name)
    found: list[Ints | None] = [None] * count
    seen, persuaded = np.zeros((2, 1 if refusal else max(count, 1), MOST_EXPOSURES), dtype=np.int64)
    spare: queue.SimpleQueue[Exposed] = queue.SimpleQueue()
    held = [0]

    def measure(realisation: int, program: Any, state: Any, length: int, _: object) -> None:
        entries = state.queue[:length]
        chosen = entries["item"] == number
        place = np.append(np.cumsum(chosen) - 1, -1)  # parents of an item's entries are of the same item
        parents = place[np.maximum(entries["parent"][chosen].astype(np.int64), -1)]
        found[realisation - first] = shapes = tree_shapes(parents, entries["generation"][chosen].astype(np.int64))
        held[0] += len(shapes)  # of several threads at once: near enough to end before memory does
        if held[0] > MOST_CASCADES:
            raise UsageError(
                f"these are more than {MOST_CASCADES:,} cascades, too many to hold",
                hint=f"realisation {realisation:,} alone has {len(shapes):,}; ask for fewer realisations",
            )
        if refusal:
            return
        try:
            scratch = spare.get_nowait()
        except queue.Empty:
            scratch = exposed(campaign)
        at = realisation - first
        count_exposures(program, state, realisation, number, length, scratch, seen[at], persuaded[at])
        spare.put(scratch)

    played = play_realisations(
        campaign,
        first,
        count,
        threads=threads,
        impressions=False,
        progress=None if progress is None else lambda done: progress(done, count),
        each=measure,
    )
    of_each = [one for one in found if one is not None]
    columns = np.concatenate(of_each)
    return CascadeShapes(
        outcome=_outcome(campaign, first, False, played),
        item=name,
        realisation=np.repeat(np.arange(first, first + count), [len(one) for one in of_each]),
        size=columns[:, 0].copy(),
        depth=columns[:, 1].copy(),
        max_breadth=columns[:, 2].copy(),
        distances=columns[:, 3].copy(),
        seen=seen,
        persuaded=persuaded,
        expected=expected,
        no_exposure_curve=refusal,
    )


def _expected_chances(campaign: Campaign, name: str) -> tuple[tuple[float | None, ...], str]:
    """Return the chance that the k-th share seen persuades, or nothing and why there is no one such chance."""
    scenario, item = campaign.scenario, campaign.scenario.item[name]
    novelty = campaign.program.novelty[campaign.items.index(name)].reshape(-1)
    deciding = [
        one.name
        for one in scenario.unknowns
        if one.path[0] == "network"
        or (one.path[0] == "segment" and one.path[2] == "trust")
        or (one.path[:2] == ("item", name) and one.path[2] not in ("share_rate", "activity"))
    ]
    refusal = ""
    if item.law not in ("independent", "curve"):
        refusal = f"the law of item '{name}' is '{item.law}'; those of 'independent' and 'curve' have one"
    elif item.emission == "contact":
        refusal = f"item '{name}' spreads by contacts (emission), which meet one person at a time"
    elif item.advertisement is not None:
        refusal = f"item '{name}' has an advertisement, which persuades beside the shares"
    elif len(campaign.platforms) > 1:
        refusal = "there are several platforms, and shares are counted on one"
    elif item.variant or any(segment.online is not None for segment in scenario.segment.values()):
        refusal = f"what a share of item '{name}' does differs from person to person or hour to hour (variant, online)"
    elif any(one.discovery is not None or one.feed_length is not None for one in scenario.platform.values()):
        refusal = "what people see is not the shares of those they follow alone (discovery, feed_length)"
    elif deciding:
        refusal = f"what a share does is not known ({deciding[0]}), so every pair of realisations has another curve"
    elif scenario.takes_trust and item.sensitivity > 0.0:
        refusal = f"what a share of item '{name}' does changes with trust in the brand (sensitivity)"
    elif item.exclusive or item.born_of or item.proven_false_at is not None:
        key = "exclusive" if item.exclusive else "born_of" if item.born_of else "proven_false_at"
        refusal = f"who engages with item '{name}' does not depend on its shares alone ({key})"
    elif novelty.min() < novelty.max():
        refusal = f"the novelty of item '{name}' fades, so a later share does less (half_life, novelty)"
    if refusal:
        return (), refusal
    effects = fresh_effects(campaign, name)
    if len(effects) > 1:
        return (), (
            f"a share of item '{name}' does more along some arcs than along others (tie trust with endorsement, "
            "segments, arc probabilities or multiplicities)"
        )
    if not effects.any() or novelty[0] == 0.0:
        return (), f"shares of item '{name}' do not persuade anybody"
    effect, fresh = float(effects[0]), float(novelty[0])
    if item.law == "independent":
        return (1.0 - (1.0 - effect) ** fresh,) * MOST_EXPOSURES, ""
    dose = effect * fresh
    # Survival after k shares: every unit of dose has its chance, parts of a unit their part of its hazard.
    curve = item.curve or ()
    after = curve[-1] if item.then is None else item.then

    def survival(units: float) -> float:
        whole = math.floor(units)
        left = math.prod(1.0 - chance for chance in curve[:whole]) * (1.0 - after) ** float(max(0, whole - len(curve)))
        return float(left * (1.0 - (curve[whole] if whole < len(curve) else after)) ** (units - whole))

    survivals = [survival(dose * k) for k in range(MOST_EXPOSURES + 1)]
    return tuple(1.0 - b / a if a > 0.0 else None for a, b in pairwise(survivals)), ""

"""Attributes drawn for people: stated shares and distributions, homophily, roles that follow the followers.

Whatever the distribution, its values are first laid out in order, exactly as stated, and only then dealt to people.
So shares and quantiles hold without luck, and homophily is a matter of who gets which. Luck is keyed by the name of
the attribute; only whole numbers and plain IEEE operations make the result, in one order, on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean
from viralsim.graph.social_graph import Arcs, SocialGraph, from_arcs
from viralsim.luck import Purpose, stream_key, uniforms
from viralsim.scenario.catalogue import choices, complete_parameters, distribution_faults

__all__ = ["homophily", "with_drawn_attributes"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Second and third counter word of every draw (the first is the person): level, and what it is for.
_STAGE_FIELD = 201
_STAGE_PLACE = 202
_STAGE_NOISE = 203
_STAGE_HUB = 204
_STAGE_ORDER = 205

_PASSES = 8
"""How often hidden numbers are smoothed: fewer give small patches of like people, more give no more homophily."""
_STEPS = 14
_NEAR = 0.001
"""How close to the homophily asked for is close enough."""
_NOT_REACHED = "that was found on these ties"
_SWEEPS = 10
_FEWEST = 32
"""People among whom hidden numbers are ranked, at least (where there are as many)."""


def with_drawn_attributes(
    graph: SocialGraph, attributes: Mapping[str, Mapping[str, Any]], *, random_seed: int = 1
) -> SocialGraph:
    """Return the same graph with attributes drawn for its people; nothing else changes.

    Parameters
    ----------
    graph : SocialGraph
        Of several layers, the ties of all count as one network.
    attributes : mapping of str to mapping
        What `[network.attribute.NAME]` says: `values` (value -> share of the people), or a `distribution` of the
        catalogue with its parameters.
    random_seed : int
        Keys their luck, together with their names: another attribute changes none.

    Returns
    -------
    SocialGraph
        With text (object), float64 or int64 attributes, and a note on each in the report.

    Raises
    ------
    UsageError
        Parameters that do not fit, or people have an attribute of that name already.

    Notes
    -----
    *Shares* are kept exactly: of n people, n x share have the value, rounded by largest remainders. *Numbers* are the
    n quantiles (i + 1/2) / n of their distribution; `low` and `high` cut a normal or log-normal one, so that the rest
    keeps its proportions; with `whole` they are rounded, and uniform ones take all whole numbers from low to high
    alike.

    *Homophily* h is the assortativity coefficient: the share of arcs within a group is h + (1 - h) x what it would
    be if ends of arcs met at random. For numbers it is the correlation of ranks across arcs. See `homophily`. It is
    made thus: hidden numbers, smoothed over ties, are alike among people who are close; people with about as many
    ties are ranked by them, so that the attribute says nothing about the number of ties; the rank is mixed with
    luck of everybody's own, in the proportion that gives the h asked for within 0.001; and the values are dealt in the
    order of the mixture. (More than two texts: half of the texts against the other half, and so on within.)
    Where that is not enough, people exchange texts as long as it puts more ties within. The report says what
    was reached; a network sets limits, the lower the less it consists of communities. 0 deals without regard to ties.

    *Hubs*: of the people with the first value among `hubs`, the share `strength` (rounded) are those with most
    followers; of those with the second the next; and so on. Everybody else gets what is left at random.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> graph = with_drawn_attributes(
    ...     generate("communities", people=1_000),
    ...     {
    ...         "city": {"values": {"oslo": "70%", "rome": "30%"}, "homophily": 0.4},
    ...         "age": {"distribution": "normal", "mean": 40, "deviation": 12, "low": 18, "whole": True},
    ...     },
    ... )
    >>> graph.attribute("city").tolist().count("rome"), int(graph.attribute("age").min())
    (300, 18)
    >>> round(homophily(graph, "city"), 2)
    0.4
    """
    whole = _as_one(graph)
    drawn: dict[str, npt.NDArray[Any]] = {}
    notes: list[str] = []
    shortfalls: list[str] = []
    for name, given in attributes.items():
        if name in graph.attributes:
            raise UsageError(
                f"people have an attribute {name!r} already", place=f"attribute.{name}", hint="take another name"
            )
        distribution, values = _read(name, given)
        people = _People(whole, stream_key(random_seed, Purpose.NETWORK, f"attribute {name}"))
        deal = _texts if distribution == "shares" else _numbers
        drawn[name], note = deal(people, name, distribution, values)
        notes.append(note)
        if note.endswith(_NOT_REACHED):
            shortfalls.append(note)
    before = graph.report
    report = replace(before, notes=(*before.notes, *notes), shortfalls=(*before.shortfalls, *shortfalls))
    return replace(graph.with_attributes(**drawn), report=report)


def homophily(graph: SocialGraph, name: str) -> float | None:
    """Return how much more often arcs join people alike than by chance: Newman's assortativity coefficient.

    Parameters
    ----------
    graph : SocialGraph
        Of several layers, an arc on any of them counts once.
    name : str
        An attribute: of texts or truths by equality, (sum of e_ii - sum of a_i b_i) / (1 - sum of a_i b_i), where
        e_ij is the share of arcs from group i to group j, a_i and b_j its sums; of numbers by the correlation of
        their ranks (mean ranks among equals) across arcs.

    Returns
    -------
    float or None
        At most 1; None where nobody is tied or all who are tied are alike.

    Notes
    -----
    Newman 2003, "Mixing patterns in networks", Phys. Rev. E 67, 026126, equations 2 and 21.

    Examples
    --------
    >>> graph = from_arcs([0, 2], [1, 3], mutual=True, attributes={"city": ["Oslo", "Oslo", "Rome", "Rome"]})
    >>> homophily(graph, "city")
    1.0
    """
    values = graph.attribute(name)
    arcs = _as_one(graph).timeless.arcs
    if values.dtype.kind in "iuf":
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        return _rank_likeness(arcs, _mid_ranks(counts)[inverse])
    kinds = {value: i for i, value in enumerate(dict.fromkeys(values.tolist()))}
    group = np.array([kinds[value] for value in values.tolist()], dtype=np.int32)
    return _likeness(_pairs(arcs.offsets, arcs.followers, group, len(kinds)))


def _read(name: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    place = f"attribute.{name}"
    known = choices("distribution")
    if not isinstance(given, Mapping):
        raise UsageError(f"expected a table such as {{'values': {{...}}}}, not {given!r}", place=place)
    distribution = given.get("distribution", "shares")
    if distribution not in known:
        raise UsageError(
            f"unknown distribution {distribution!r}; choose from {', '.join(known)}",
            place=f"{place}.distribution",
            hint=did_you_mean(str(distribution), known),
        )
    rest = {key: value for key, value in given.items() if key != "distribution"}
    values, findings = complete_parameters(known[distribution], rest)
    findings = findings or distribution_faults(distribution, values)
    if findings:
        key, message, hint = findings[0]
        raise UsageError(message, place=f"{place}.{key}", hint=hint)
    return distribution, values


def _as_one(graph: SocialGraph) -> SocialGraph:
    """Return the graph with the arcs of all its layers in one."""
    if len(graph.layers) == 1:
        return graph
    layers = list(graph.layers.values())
    sharers = np.concatenate([arcs.sharers for arcs in layers])
    followers = np.concatenate([arcs.followers for arcs in layers])
    return replace(graph, layers=from_arcs(sharers, followers, people=graph.people).layers)


@dataclass(frozen=True)
class _People:
    """Those whom an attribute is drawn for, and its stream of luck."""

    graph: SocialGraph
    key: np.uint64

    @property
    def number(self) -> int:
        return self.graph.people

    def luck(self, level: int, stage: int) -> Floats:
        """One number in [0, 1) for everybody."""
        return uniforms(self.key, np.arange(self.number), level, stage)

    def alike(self, level: int) -> Floats:
        """Return a number in [0, 1) for everybody that is like that of the people they are tied to.

        Among people with about as many ties it is uniform.
        """
        from viralsim.graph.attribute_kernels import smooth

        offsets, ties = self.graph.ties
        field = self.luck(level, _STAGE_FIELD) - 0.5
        spare = np.empty_like(field)
        for _ in range(_PASSES):
            smooth(offsets, ties, field, spare)
            field, spare = spare, field
        band = _bands(np.diff(offsets))
        order = np.lexsort((field, band))
        sizes = np.bincount(band)
        rank = np.empty(self.number)
        rank[order] = np.arange(self.number) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        mixed: Floats = (rank + self.luck(level, _STAGE_PLACE)) / sizes[band]
        return mixed


def _bands(degree: Ints) -> Ints:
    """Put people with about as many ties (within a factor of 2) together, at least `_FEWEST` of them."""
    octave = np.frexp(degree.astype(np.float64))[1].astype(np.int64)
    sizes = np.bincount(octave)
    band_of = np.zeros(len(sizes), np.int64)
    band, held = 0, 0
    for i, size in enumerate(sizes.tolist()):
        if held >= _FEWEST and int(sizes[i:].sum()) >= _FEWEST:
            band, held = band + 1, 0
        band_of[i] = band
        held += size
    bands: Ints = band_of[octave]
    return bands


def _ascending(score: Floats) -> Ints:
    """Return the order of numbers in [0, 1] to 32 bits, equal ones by position."""
    steps = np.minimum(np.floor(score * 4294967296.0), 4294967295.0).astype(np.uint64)
    codes = np.sort((steps << np.uint64(31)) | np.arange(len(score), dtype=np.uint64))
    return (codes & np.uint64(0x7FFFFFFF)).astype(np.int64)


# ---------------------------------------------------------------------------------- texts


def _texts(people: _People, name: str, distribution: str, values: Mapping[str, Any]) -> tuple[npt.NDArray[Any], str]:
    shares: dict[str, float] = values["values"]
    counts = _counts(list(shares.values()), people.number)
    notes = [", ".join(f"{value} {count:,}" for value, count in zip(shares, counts, strict=True))]
    if "hubs" in values:
        hubs = [list(shares).index(hub) for hub in values["hubs"]]
        group = _by_followers(people, counts, hubs, values["strength"])
        notes.append(f"{', '.join(values['hubs'])} by followers")
    else:
        group, reached = _grouped(people, counts, values["homophily"])
        notes.append(_said(values["homophily"], reached))
    return np.array(list(shares), dtype=object)[group], f"attribute {name}: {'; '.join(notes)}"


def _counts(shares: Sequence[float], number: int) -> list[int]:
    """Return how many people have each value: rounded by largest remainders, to the first where equal."""
    counts = [math.floor(share * number + 1e-9) for share in shares]
    rest = [share * number - count for share, count in zip(shares, counts, strict=True)]
    for i in sorted(range(len(shares)), key=lambda i: -round(rest[i], 9))[: number - sum(counts)]:
        counts[i] += 1
    return counts


def _by_followers(
    people: _People, counts: Sequence[int], hubs: Sequence[int], strength: float
) -> npt.NDArray[np.int32]:
    followers = people.graph.arcs.out_degree
    most_first = np.lexsort((people.luck(0, _STAGE_HUB), -followers))
    group = np.full(people.number, -1, np.int32)
    left = list(counts)
    taken = 0
    for hub in hubs:
        sure = min(counts[hub], math.floor(strength * counts[hub] + 0.5))
        group[most_first[taken : taken + sure]] = hub
        taken += sure
        left[hub] -= sure
    others = np.flatnonzero(group < 0)
    group[others[_ascending(people.luck(0, _STAGE_ORDER)[others])]] = np.repeat(np.arange(len(left)), left)
    return group


def _grouped(people: _People, counts: Sequence[int], wanted: float) -> tuple[npt.NDArray[np.int32], float | None]:
    """Deal groups of these sizes so that tied people share one as much more often as wanted."""
    arcs = people.graph.arcs
    levels = max(1, math.ceil(math.log2(len(counts)))) if len(counts) > 1 else 0
    noise = [people.luck(level, _STAGE_NOISE) for level in range(levels)]

    def measured(group: npt.NDArray[np.int32]) -> float | None:
        return _likeness(_pairs(arcs.offsets, arcs.followers, group, len(counts)))

    def dealt(mixture: float) -> npt.NDArray[np.int32]:
        scores = [mixture * near + (1.0 - mixture) * own for near, own in zip(alike, noise, strict=True)]
        return _halved(counts, scores)

    alike = noise
    independent = dealt(0.0)
    by_luck = measured(independent)
    if wanted == 0.0 or by_luck is None:
        return independent, by_luck
    alike = [people.alike(level) for level in range(levels)]
    group, reached, below = _tuned(dealt, measured, wanted)
    if abs(reached - wanted) > _NEAR:
        other = dealt(below)
        found = _exchanged(people, counts, other, wanted)
        if abs(found - wanted) < abs(reached - wanted):
            return other, found
    return group, reached


def _halved(counts: Sequence[int], scores: Sequence[Floats]) -> npt.NDArray[np.int32]:
    """Divide people by the first score between the first and the second half of the groups, and so on."""
    group = np.zeros(len(scores[0]) if scores else sum(counts), np.int32)
    pending = [(np.arange(len(group)), 0, len(counts), 0)]
    while pending:
        some, first, last, level = pending.pop()
        if last - first == 1:
            group[some] = first
            continue
        middle = (first + last + 1) // 2
        order = some[_ascending(scores[level][some])]
        cut = sum(counts[first:middle])
        pending.append((order[:cut], first, middle, level + 1))
        pending.append((order[cut:], middle, last, level + 1))
    return group


def _exchanged(people: _People, counts: Sequence[int], group: npt.NDArray[np.int32], wanted: float) -> float:
    """Let people exchange groups in place until the homophily is as wanted or hardly grows; return it."""
    from viralsim.graph.attribute_kernels import exchange

    arcs = people.graph.arcs
    offsets, ties = people.graph.ties
    bounds = np.r_[0, np.cumsum(counts)].astype(np.int64)
    members = np.argsort(group, kind="stable").astype(np.int32)
    slot = np.empty_like(members)
    slot[members] = np.arange(len(members), dtype=np.int32)
    own_ties = _pairs(offsets, ties, group, len(counts))
    ends, within = own_ties.sum(1), int(np.trace(own_ties))
    reached = _likeness(_pairs(arcs.offsets, arcs.followers, group, len(counts))) or 0.0
    for sweep in range(_SWEEPS):
        before = reached
        # Exchanges are judged by ties; on a directed network arcs differ a little, and only they count.
        by_ties = _likeness(_pairs(offsets, ties, group, len(counts))) or 0.0
        order = _ascending(people.luck(sweep, _STAGE_ORDER))
        aim = by_ties + wanted - reached
        within = exchange(people.key, sweep, offsets, ties, order, group, bounds, members, slot, ends, within, aim)
        reached = _likeness(_pairs(arcs.offsets, arcs.followers, group, len(counts))) or 0.0
        if reached >= wanted - _NEAR or reached - before < 3.0 * _NEAR:
            break
    return reached


def _pairs(offsets: Ints, followers: npt.NDArray[np.int32], group: npt.NDArray[np.int32], groups: int) -> Ints:
    from viralsim.graph.attribute_kernels import group_pairs

    pairs = np.zeros((groups, groups), np.int64)
    group_pairs(offsets, followers, group, pairs)
    return pairs


def _expected(pairs: Ints) -> float:
    """Return the share of arcs within groups if their ends met at random."""
    total = int(pairs.sum())
    met = sum(a * b for a, b in zip(pairs.sum(1).tolist(), pairs.sum(0).tolist(), strict=True))
    return float(met / (total * total))


def _likeness(pairs: Ints) -> float | None:
    total = int(pairs.sum())
    expected = _expected(pairs) if total else 1.0
    if expected >= 1.0:
        return None
    return (int(np.trace(pairs)) / total - expected) / (1.0 - expected)


# ---------------------------------------------------------------------------------- numbers


def _numbers(people: _People, name: str, distribution: str, values: Mapping[str, Any]) -> tuple[npt.NDArray[Any], str]:
    ladder = _ladder(name, distribution, values, people.number)
    _, counts = np.unique(ladder, return_counts=True)
    ranks = np.repeat(_mid_ranks(counts), counts)
    arcs = people.graph.arcs
    noise = people.luck(0, _STAGE_NOISE)

    def dealt(mixture: float) -> Ints:
        place = np.empty(people.number, np.int64)
        place[_ascending(mixture * alike + (1.0 - mixture) * noise)] = np.arange(people.number)
        return place

    alike = noise
    place = dealt(0.0)
    reached = _rank_likeness(arcs, ranks[place])
    if values["homophily"] > 0.0 and reached is not None:
        alike = people.alike(0)
        place, reached, _ = _tuned(dealt, lambda one: _rank_likeness(arcs, ranks[one]), values["homophily"])
    drawn = ladder[place]
    said = f"{drawn.min():g} to {drawn.max():g}, mean {drawn.mean():.6g}; {_said(values['homophily'], reached)}"
    return drawn, f"attribute {name}: {said}"


def _ladder(name: str, distribution: str, values: Mapping[str, Any], number: int) -> npt.NDArray[Any]:
    """Return the values that people get, ascending: as many quantiles of the distribution."""
    share = (np.arange(number) + 0.5) / number
    whole = values["whole"]
    low, high = values.get("low", -math.inf), values.get("high", math.inf)
    if whole:
        low, high = np.ceil(low), np.floor(high)
        if low > high:
            raise UsageError("there is no whole number from low to high", place=f"attribute.{name}.whole")
    if distribution == "uniform":
        ladder = np.floor(low + (high - low + 1.0) * share) if whole else low + (high - low) * share
    elif distribution == "triangular":
        first, mode, last = values["low"], values["mode"], values["high"]
        peak, width = (mode - first) / (last - first), last - first
        rising = first + width * np.sqrt(share * peak)
        ladder = np.where(share < peak, rising, last - width * np.sqrt((1.0 - share) * (1.0 - peak)))
    else:
        ladder = _normal(distribution, values, share)
    if whole:
        ladder = np.floor(ladder + 0.5)
    ladder = np.clip(ladder, low, high)
    if not np.isfinite(ladder).all() or (whole and max(abs(ladder[0]), abs(ladder[-1])) > 2**53):
        raise UsageError(
            f"numbers reach {ladder[0]:g} and {ladder[-1]:g}, too large", place=f"attribute.{name}.distribution"
        )
    return np.asarray(ladder, np.int64 if whole else np.float64)


def _normal(distribution: str, values: Mapping[str, Any], share: Floats) -> Floats:
    """Return quantiles of a normal or log-normal distribution, cut where low and high say so."""
    from viralsim.arithmetic import exp_each, log, normal_cdf
    from viralsim.graph.attribute_kernels import normal_quantiles

    def standard(number: float) -> float:
        if distribution == "normal":
            return float((number - values["mean"]) / values["deviation"])
        return float((log(number) - log(values["median"])) / values["sigma"]) if number > 0.0 else -math.inf

    below = normal_cdf(standard(values["low"])) if "low" in values else 0.0
    above = normal_cdf(-standard(values["high"])) if "high" in values else 0.0
    quantiles = below + (1.0 - above - below) * share
    normal_quantiles(quantiles)
    if distribution == "normal":
        normal: Floats = values["mean"] + values["deviation"] * quantiles
        return normal
    quantiles *= values["sigma"]
    exp_each(quantiles)
    with np.errstate(over="ignore"):  # told by who asked
        return np.asarray(values["median"] * quantiles)


def _mid_ranks(counts: Ints) -> Floats:
    """Return the mean rank of each distinct value, from its number of people, moved to -1 ... 1."""
    ends = np.cumsum(counts)
    ranks: Floats = (2.0 * ends - counts) / ends[-1] - 1.0
    return ranks


def _rank_likeness(arcs: Arcs, ranks: Floats) -> float | None:
    from viralsim.graph.attribute_kernels import rank_sums

    if not len(arcs):
        return None
    sums = np.empty(5)
    rank_sums(arcs.offsets, arcs.followers, ranks, sums)
    x, y, xx, yy, xy = (sums / len(arcs)).tolist()
    spread = (xx - x * x) * (yy - y * y)
    return (xy - x * y) / math.sqrt(spread) if spread > 1e-20 else None


# ---------------------------------------------------------------------------------- homophily


def _tuned(
    dealt: Callable[[float], npt.NDArray[Any]],
    measured: Callable[[npt.NDArray[Any]], float | None],
    wanted: float,
) -> tuple[npt.NDArray[Any], float, float]:
    """Find the mixture of likeness and luck that comes closest to the homophily wanted.

    Returns what it deals, the homophily of that, and a mixture that gives no more than wanted.
    """
    best = dealt(1.0)
    reached = measured(best) or 0.0
    low, low_found, high, high_found = 0.0, 0.0, 1.0, reached
    if reached <= wanted:
        return best, reached, 1.0
    for step in range(_STEPS):
        if abs(reached - wanted) <= _NEAR:
            break
        # In turn where a straight line would have it, and in the middle.
        part = (wanted - low_found) / (high_found - low_found) if step % 2 == 0 and high_found > low_found else 0.5
        middle = low + min(max(part, 0.02), 0.98) * (high - low)
        other = dealt(middle)
        found = measured(other) or 0.0
        if found < wanted:
            low, low_found = middle, found
        else:
            high, high_found = middle, found
        if abs(found - wanted) < abs(reached - wanted):
            best, reached = other, found
    return best, reached, low


def _said(wanted: float, reached: float | None) -> str:
    if reached is None:
        return "homophily has no meaning here, for all who are tied are alike"
    if wanted > 0.0 and abs(reached - wanted) > 0.01:
        return f"homophily {reached:.3f}, the nearest to the {wanted:g} asked for {_NOT_REACHED}"
    return f"homophily {reached:.3f}" + (f", {wanted:g} asked for" if wanted > 0.0 else "")

"""Seeding strategies: who is worth starting with.

A strategy is a function that gets a `viralsim.seeding.Request` and returns people in the order of choice. It looks at
the arcs of the wave's platform as they are at any time, all of them: `where` and `per` say who may be chosen, not whose
ties count. An arc u -> v means that v sees what u shares, so that influence flows along arcs and importance back.

Equal people are ordered by keyed luck, never by their place in a file. Numbers that are sums of rounded numbers count
as equal where they agree in 32 bits, so that the order in which they were summed decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError
from viralsim.graph import Arcs, SocialGraph, betweenness, communities, core_numbers, page_rank
from viralsim.graph.arc_kernels import stable_order
from viralsim.graph.social_graph import LAYER
from viralsim.graph.structure import local_clustering, some_people, triangles_by_person
from viralsim.luck import Purpose, stream_key, uniforms
from viralsim.scenario import choices
from viralsim.seeding import strategy_kernels as kernels
from viralsim.seeding.drawing import pick
from viralsim.seeding.request import Request

__all__ = ["STRATEGIES"]

T = TypeVar("T")
People = npt.NDArray[np.int64]

_ASKED, _NAMED = 3, 4
"""Kinds of luck (see `viralsim.luck.Purpose.SEEDING`)."""
_ROUNDS = 32
_CERTAIN = 2**32
_MOST_STEPS = 1_000_000
_CLOSENESS_WORK = 500_000_000
_EIGENVECTOR_WORK = 2_000_000_000

_MOST_KNOWN = 16
_KNOWN: WeakKeyDictionary[Arcs, dict[Hashable, Any]] = WeakKeyDictionary()


def _once(arcs: Arcs, what: Hashable, work: Callable[[], T]) -> T:
    """Return what was worked out before for these arcs, as long as they are held: groups and plans share it."""
    known = _KNOWN.setdefault(arcs, {})
    if what not in known:
        if len(known) >= _MOST_KNOWN:  # many waves or random seeds have samples of their own
            del known[next(iter(known))]
        known[what] = work()
    found: T = known[what]
    return found


def _platform(request: Request) -> SocialGraph:
    """Return the graph with the arcs of the wave's platform alone, without their times."""
    graph, arcs = request.graph, request.arcs.timeless
    if list(graph.layers.values()) == [arcs]:
        return graph
    return replace(graph, layers={LAYER: arcs})


def _rows(arcs: Arcs) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    return arcs.offsets, arcs.followers


def _back(
    request: Request,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return rows of those whom each person follows, ascending: offsets, people, multiplicities."""
    arcs = request.arcs.timeless
    if request.graph.mutual:
        return arcs.offsets, arcs.followers, arcs.multiplicity

    def turned() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        people = len(arcs.offsets) - 1
        order = stable_order(arcs.followers, np.arange(len(arcs), dtype=np.int32), people)
        return np.concatenate([[0], np.cumsum(arcs.in_degree)]), arcs.sharers[order], arcs.multiplicity[order]

    return _once(arcs, "back", turned)


def _luck(request: Request) -> npt.NDArray[np.int32]:
    """Return for each person who is eligible a number for ties: the smaller, the sooner (int32[people])."""
    rank = np.zeros(request.graph.people, np.int32)
    order = np.argsort(request.ties(request.eligible), kind="stable")
    rank[request.eligible[order]] = np.arange(len(order), dtype=np.int32)
    return rank


def _asked(request: Request) -> tuple[People, int, int, People]:
    """Return what kernels are told: who is eligible, how many are wanted, what may be spent, prices of all people."""
    prices, budget = request.purse
    return request.eligible, request.count, budget, prices


def _even(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round to 32 bits, so that what only differs by the order of a sum is equal."""
    part, power = np.frexp(scores)
    return np.asarray(np.ldexp(np.rint(part * 2.0**32), power - 32))


def _then(first: npt.NDArray[Any], second: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return one number that orders by `first`, and where that is equal by `second` (not negative)."""
    rank = np.unique(first, return_inverse=True)[1]
    return np.asarray(rank * (int(second.max(initial=0)) + 1) + second)


# ---------------------------------------------------------------------------------------------------------
# Those who need no network


def _explicit(request: Request) -> People:
    return request.take(request.eligible)  # whoever was named


def _random(request: Request) -> People:
    eligible = request.eligible
    prices, budget = request.purse
    picked = np.empty(min(request.count, len(eligible)), dtype=np.uint32)
    count = pick(
        eligible.astype(np.uint32),
        len(picked),
        prices[eligible],
        budget,
        request.key,
        0,
        request.group,
        0,
        np.zeros(request.graph.people // 64 + 1, dtype=np.uint64),
        picked,
        np.zeros(1, dtype=np.uint8),
    )
    return eligible[picked[:count]]


def _column(request: Request) -> People:
    name, eligible = request.parameters["attribute"], request.eligible
    try:
        values = request.graph.attribute(name)
    except DataError as error:
        raise DataError(error.message, place="attribute", hint=error.hint) from None
    if values.dtype.kind not in "iufb":
        numeric = [other for other, column in request.graph.attributes.items() if column.dtype.kind in "iufb"]
        hint = f"attributes with numbers: {', '.join(sorted(numeric))}" if numeric else "no attribute has numbers"
        raise DataError(f"the values of '{name}' are text, expected numbers", place="attribute", hint=hint)
    scores = values.astype(np.float64)
    known = eligible[~np.isnan(scores[eligible])]
    if request.budget is None and len(known) < request.count:
        raise DataError(
            f"asks for {request.count:,}, but of the people who are eligible {len(known):,} have a value of '{name}'",
            place="count",
            hint=f"ask for at most {len(known):,}" if len(known) else "",
        )
    return replace(request, eligible=known).ranked(scores)


# ---------------------------------------------------------------------------------------------------------
# Those who rank


def _degree(request: Request) -> People:
    return request.ranked(request.arcs.out_degree)


def _weighted_degree(request: Request) -> People:
    arcs, name = request.arcs.timeless, request.parameters["weight"]
    weights: npt.NDArray[Any] | None = getattr(arcs, name)
    if weights is None:
        raise DataError(
            f"the arcs of this network have no {name}",
            place="weight",
            hint=f'network.{name}_column names the column that holds it, or choose weight = "trust"',
        )
    return request.ranked(_even(np.bincount(arcs.sharers, weights, request.graph.people).astype(np.float64)))


def _fringe(request: Request) -> People:
    followers = request.arcs.out_degree
    return request.ranked(np.where(followers > 0, -followers, -len(request.arcs) - 1))


def _page_rank(request: Request) -> People:
    damping = request.parameters["damping"]
    arcs = request.arcs.timeless
    rank = _once(arcs, ("pagerank", damping), lambda: _even(page_rank(_platform(request), damping=damping)))
    return request.ranked(rank)


def _k_core(request: Request) -> People:
    arcs = request.arcs.timeless
    return request.ranked(
        _once(arcs, "k-core", lambda: _then(core_numbers(_platform(request)), request.arcs.out_degree))
    )


def _betweenness(request: Request) -> People:
    samples, key = request.parameters["samples"], int(request.key)

    def between() -> npt.NDArray[np.float64]:
        return _even(betweenness(_platform(request), samples, random_seed=key).of)

    return request.ranked(_once(request.arcs.timeless, ("betweenness", samples, key), between))


def _closeness(request: Request) -> People:
    arcs, samples, people = request.arcs.timeless, request.parameters["samples"], request.graph.people
    key = stream_key(int(request.key), Purpose.SAMPLE, "closeness")
    if samples is None:
        samples = 64 * max(2, _CLOSENESS_WORK // (8 * (len(arcs) + people)))

    def close() -> npt.NDArray[np.float64]:
        targets = np.arange(people) if people <= samples else some_people(people, samples, key)
        reached, hops = np.zeros(people, np.int64), np.zeros(people, np.int64)
        offsets, followed, _ = _back(request)
        for begin in range(0, len(targets), 64):  # few enough that an interrupt is heard between them
            kernels.hops_to(offsets, followed, targets[begin : begin + 64], reached, hops)
        others = np.full(people, len(targets))
        others[targets] -= 1
        return np.asarray(np.divide(reached * reached, others * hops, out=np.zeros(people), where=hops > 0))

    return request.ranked(_once(arcs, ("closeness", samples, key if people > samples else 0), close))


def _eigenvector(request: Request) -> People:
    arcs = request.arcs.timeless

    def central() -> npt.NDArray[np.float64]:
        now, following = np.ones(request.graph.people), np.empty(request.graph.people)
        for _ in range(min(10_000, max(100, _EIGENVECTOR_WORK // (len(arcs) + 1)))):
            change = kernels.eigenvector_step(arcs.offsets, arcs.followers, now, following)
            now, following = following, now
            if change < 1e-10:
                break
        return _even(now)

    return request.ranked(_once(arcs, "eigenvector", central))


def _clustering(request: Request) -> People:
    return request.ranked(
        _once(
            request.arcs.timeless,
            "clustering",
            lambda: _then(local_clustering(_platform(request)), request.arcs.out_degree),
        )
    )


# ---------------------------------------------------------------------------------------------------------
# Those who look at whom they have chosen


def _single_discount(request: Request) -> People:
    return _discounted(request, 0.0, single=True)


def _degree_discount(request: Request) -> People:
    return _discounted(request, request.parameters["probability"], single=False)


def _discounted(request: Request, probability: float, *, single: bool) -> People:
    arcs, multiplied = request.arcs.timeless, request.parameters["multiplicity"]
    degree = arcs.out_degree
    if multiplied:
        degree = np.bincount(arcs.sharers, arcs.multiplicity, request.graph.people).astype(np.int64)
    rows = (*_rows(arcs), arcs.multiplicity)
    chosen: People = kernels.choose_discounted(
        rows, _back(request), degree, multiplied, probability, single, _asked(request), _luck(request)
    )
    return chosen


def _collective_influence(request: Request) -> People:
    chosen: People = kernels.choose_collective_influence(
        _rows(request.arcs.timeless),
        _back(request)[:2],
        request.parameters["radius"],
        _asked(request),
        _luck(request),
    )
    return chosen


def _vote_rank(request: Request) -> People:
    chosen: People = kernels.choose_voted(
        _rows(request.arcs.timeless), _back(request)[:2], _asked(request), _luck(request)
    )
    return chosen


def _one_hop(request: Request) -> People:
    probability, missing = request.parameters["probability"], 1.0
    steps: list[int] = []
    while len(steps) < _MOST_STEPS and (step := round(missing * probability * _CERTAIN)) > 0:
        steps.append(step)
        missing *= 1.0 - probability
    table = np.array(steps or [0], np.int64)
    chosen: People = kernels.choose_one_hop(_rows(request.arcs.timeless), table, _asked(request), _luck(request))
    return chosen


# ---------------------------------------------------------------------------------------------------------
# Those who look at groups


def _community_best(request: Request) -> People:
    key, eligible, arcs = int(request.key), request.eligible, request.arcs.timeless
    of = _once(arcs, ("communities", key), lambda: communities(_platform(request), random_seed=key).of)
    members, followers, luck = of[eligible], arcs.out_degree[eligible], _luck(request)[eligible]
    order = np.lexsort((luck, -followers, members))
    begins = np.r_[True, members[order][1:] != members[order][:-1]][: len(order)]
    turn = np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - np.flatnonzero(begins)[np.cumsum(begins) - 1]
    sizes = np.bincount(of[of >= 0], minlength=1)[members]
    alone = members < 0  # people without ties, who are in no community: last
    return request.take(eligible[np.lexsort((luck, -followers, -sizes, turn, alone))])


def _clusters(request: Request) -> People:
    graph, arcs = _platform(request), request.arcs.timeless
    triangles = _once(arcs, "triangles", lambda: triangles_by_person(graph))
    eligible = request.eligible
    starts = eligible[np.lexsort((request.ties(eligible), -triangles[eligible]))]
    chosen: People = kernels.choose_clusters(*graph.ties, starts, request.parameters["size"], _asked(request))
    return chosen


def _nomination(request: Request) -> People:
    eligible, people = request.eligible, request.graph.people
    order = np.argsort(uniforms(request.key, 0, request.group, np.arange(people), _ASKED), kind="stable")
    waiting = np.zeros(people, np.bool_)
    waiting[eligible] = True
    offsets, followed, _ = _back(request)
    wanted = len(eligible) if request.budget is not None else min(request.count, len(eligible))
    named = kernels.name_contacts(
        request.key, request.group, _NAMED, offsets, followed, order, _ROUNDS, waiting, wanted
    )
    # Who is never named, for want of followers or of luck, comes last.
    never = eligible[waiting[eligible]]
    unknown = request.arcs.out_degree[never] == 0
    never = never[np.lexsort((_luck(request)[never], unknown))]
    return request.take(np.concatenate([named, never]))


def _mixture(request: Request) -> People:
    parts: Mapping[str, float] = request.parameters["parts"]
    taken = np.zeros(0, np.int64)
    # In this order, however they were written: a table has none.
    turn = [choice for choice in choices("strategy").values() if choice.name in parts]
    shares = np.cumsum([parts[choice.name] for choice in turn])
    shares[-1] = 1.0
    for choice, share in zip(turn, shares.tolist(), strict=True):
        # What earlier parts could not use is for this one.
        count = round(share * request.count) - len(taken)
        budget = request.budget
        if budget is not None:
            spent = 0 if request.prices is None else int(request.prices[taken].sum())
            budget = round(share * budget) - spent
        rest = request.eligible[~np.isin(request.eligible, taken)]
        own = {parameter.name: parameter.default for parameter in choice.parameters}
        part = replace(request, eligible=rest, count=count, budget=budget, parameters=own)
        taken = np.concatenate([taken, STRATEGIES[choice.name](part)])
    return taken


STRATEGIES: Mapping[str, Callable[[Request], People]] = {
    "explicit": _explicit,
    "random": _random,
    "degree": _degree,
    "weighted-degree": _weighted_degree,
    "single-discount": _single_discount,
    "degree-discount": _degree_discount,
    "pagerank": _page_rank,
    "k-core": _k_core,
    "betweenness": _betweenness,
    "closeness": _closeness,
    "eigenvector": _eigenvector,
    "collective-influence": _collective_influence,
    "voterank": _vote_rank,
    "one-hop": _one_hop,
    "nomination": _nomination,
    "community-best": _community_best,
    "clustering": _clustering,
    "clusters": _clusters,
    "fringe": _fringe,
    "column": _column,
    "mixture": _mixture,
}
"""Functions (request) -> positions (int64[n]) in the order of choice. The catalogue declares the same names."""

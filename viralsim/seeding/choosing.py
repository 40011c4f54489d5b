"""Choosing the seeds of a wave: who is eligible, at what price, and which of them its strategy takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError
from viralsim.graph import Arcs, SocialGraph
from viralsim.graph.social_graph import value_words
from viralsim.scenario import choices
from viralsim.scenario.units import MOST_PRICE, cents
from viralsim.seeding.drawing import NO_LIMIT
from viralsim.seeding.eligible import has_value, named_people, people_per, people_where
from viralsim.seeding.request import Request
from viralsim.seeding.strategies import STRATEGIES

__all__ = ["SeedGroups", "seed_groups", "seed_prices"]

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
        Seeds of each group, the most where a budget decides.
    redrawn : bool
        Whether every realisation draws its own seeds.
    prices : tuple of int64 arrays
        What each person of the groups costs, in cents.
    budgets : tuple of int
        Money for each group in every realisation, in cents; `NO_LIMIT` where there is none, or where it is spent
        already, since the seeds are fixed.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["plan.mine.wave.first={strategy='degree', budget=100, price=30}"])
    >>> graph = vs.from_arcs([0, 0, 1], [1, 2, 2])
    >>> chosen = seed_groups(graph, scenario.plan["mine"].wave["first"], graph.arcs, np.uint64(7))
    >>> chosen.people.tolist(), chosen.counts, chosen.prices[0].tolist()
    ([0, 1, 2], (3,), [3000, 3000, 3000])
    """

    groups: tuple[People, ...]
    counts: tuple[int, ...]
    redrawn: bool
    prices: tuple[People, ...]
    budgets: tuple[int, ...]

    @property
    def people(self) -> People:
        """The positions of all groups, one after the other."""
        return np.concatenate(self.groups) if self.groups else np.zeros(0, dtype=np.int64)


def seed_prices(graph: SocialGraph, arcs: Arcs, price: Any, own: float | None = None) -> People | None:
    """Return what each person costs as a seed.

    Parameters
    ----------
    graph : SocialGraph
    arcs : Arcs
        Arcs of the platform they would start on, for prices by followers.
    price : viralsim.scenario price or None
        Table [price] of the scenario.
    own : float, optional
        A wave's own price, in money, in place of the table.

    Returns
    -------
    int64 array, shape (people,), or None
        In cents; -1 for who has no price, and so cannot be had. None where everybody costs nothing.

    Raises
    ------
    DataError
        The attribute that holds the prices is not there, or holds something else.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["price={model='per-follower', rate=0.5, base=10}"])
    >>> graph = vs.from_arcs([0, 0, 1], [1, 2, 2])
    >>> seed_prices(graph, graph.arcs, scenario.price).tolist()
    [1100, 1050, 1000]
    """
    if own is not None:
        return np.full(graph.people, cents(own), dtype=np.int64)
    if price is None:
        return None
    given = price.parameters
    if price.model == "flat":
        return np.full(graph.people, cents(given["amount"]), dtype=np.int64)
    if price.model == "per-follower":
        followers = arcs.out_degree.astype(np.float64)
        # Each follower costs what the tier they fall in says, as with income tax: no tier makes anybody cheaper.
        tiers = [(0, given["rate"]), *((int(first), rate) for first, rate in given.get("tiers", {}).items())]
        worth = np.full(graph.people, float(given["base"]))
        for (first, rate), (end, _) in zip(tiers, [*tiers[1:], (np.inf, 0.0)], strict=True):
            worth += rate * np.clip(followers - first, 0.0, end - first)
        dearest = int(worth.argmax()) if len(worth) else 0
        if worth[dearest] > MOST_PRICE:
            raise DataError(
                f"price.rate: person {graph.ids[dearest : dearest + 1].tolist()[0]!r} with {followers[dearest]:,.0f} "
                f"followers would cost {worth[dearest]:,.2f}, expected at most {MOST_PRICE:,}",
                place="price.rate",
            )
        return np.floor(worth * 100.0 + 0.5).astype(np.int64)
    if price.model == "column":
        return _column_of_prices(graph, given["attribute"])
    raise NotImplementedError(f"the price model {price.model!r} is declared but not built")


def _column_of_prices(graph: SocialGraph, name: str) -> People:
    try:
        values = graph.attribute(name)
    except DataError as error:
        raise DataError(f"price.attribute: {error.message}", place="price.attribute", hint=error.hint) from None
    known = has_value(values)
    worth = np.full(graph.people, np.nan)
    fault = None
    for person in np.flatnonzero(known).tolist():
        try:
            worth[person] = float(values[person])
        except (TypeError, ValueError):
            fault = person
        if fault is None and not 0.0 <= worth[person] <= MOST_PRICE:
            fault = person
        if fault is not None:
            raise DataError(
                f"price.attribute: '{name}' of person {graph.ids.tolist()[person]!r} is "
                f"'{value_words(values[person])}', expected a price: a number from 0 to {MOST_PRICE:,}",
                place="price.attribute",
            )
    return np.where(known, np.floor(np.nan_to_num(worth) * 100.0 + 0.5), -1.0).astype(np.int64)


def seed_groups(
    graph: SocialGraph,
    wave: Any,
    arcs: Arcs,
    key: np.uint64,
    there: npt.NDArray[np.bool_] | None = None,
    price: Any = None,
    taken: npt.NDArray[np.bool_] | None = None,
) -> SeedGroups:
    """Choose the seeds of one wave.

    Parameters
    ----------
    graph : SocialGraph
        Who there is.
    wave : viralsim.scenario wave
        Strategy, count, budget or people, `where`, `per`, `redraw`, own price.
    arcs : Arcs
        Arcs of the wave's platform.
    key : numpy.uint64
        Stream of the wave's luck.
    there : ndarray of bool, shape (people,), optional
        Who is there at the start of the wave, and on its platform, and so eligible. By default everybody.
    price : viralsim.scenario price, optional
        Table [price]. By default seeds cost nothing.
    taken : ndarray of bool, shape (people,), optional
        Whom earlier waves have taken, who are not chosen again (but may be named). By default nobody.

    Notes
    -----
    With `per`, people without a value of that attribute (NaN, empty) belong to no group and are not eligible; count
    and budget are those of each group. With a budget people are taken in the strategy's order, and who costs more
    than is left is passed over.

    Raises
    ------
    DataError
        A named person or attribute is not in the graph, a named person is not there, or too few people are eligible;
        its place is the key of the wave that is at fault.
    """
    prices = seed_prices(graph, arcs, price, wave.price)
    budget = None if wave.budget is None else cents(wave.budget)
    if wave.strategy == "explicit":
        named = named_people(graph, wave.people, there)
        if prices is not None and np.any(prices[named] < 0):
            person = graph.ids[named[prices[named] < 0]].tolist()[0]
            raise DataError(f"person {person!r} has no price", place="people", hint="a price for this wave: price = 50")
        chosen = Request(graph, arcs, named, len(named), budget, prices, key).take(named)
        if len(chosen) == 0:
            raise _too_dear(named, prices, "")
        return _fixed(prices, (chosen,))

    eligible = people_where(graph, wave.where, there)
    left_out = [] if len(eligible) else ["nobody who is there meets `where`"]
    for kept, why in (
        (None if taken is None else ~taken, "in an earlier wave of this plan"),
        (None if prices is None else prices >= 0, "without a price"),
    ):
        if kept is not None and not kept[eligible].all():
            left_out.append(f"{int((~kept[eligible]).sum()):,} {why}")
            eligible = eligible[kept[eligible]]
    groups = people_per(graph, wave.per, eligible)
    if not groups:
        hint = "; ".join(left_out) if len(eligible) == 0 else f"no person has a value of '{wave.per}'"
        raise DataError("nobody is eligible", place="per", hint=hint)
    for words, group in groups:
        if len(group) < (wave.count or 1):
            asked = f"asks for {wave.count:,}, but" if wave.count else "buys nobody:"
            hints = [*([f"ask for at most {len(group):,}"] if len(group) else []), *left_out]
            raise DataError(
                f"{asked} the people who are eligible{words} number {len(group):,}",
                place="count" if wave.count else "budget",
                hint="; ".join(hints),
            )
        if budget is not None and prices is not None and int(prices[group].min()) > budget:
            raise _too_dear(group, prices, words)
    people = tuple(group for _, group in groups)
    counts = tuple(wave.count or len(group) for group in people)
    if wave.redraw:
        of_groups = tuple(_costs(prices, group) for group in people)
        budgets = tuple(NO_LIMIT if budget is None or budget >= int(costs.sum()) else budget for costs in of_groups)
        return SeedGroups(people, counts, redrawn=True, prices=of_groups, budgets=budgets)
    parameters = {
        parameter.name: getattr(wave, parameter.name) for parameter in choices("strategy")[wave.strategy].parameters
    }
    requests = [
        Request(graph, arcs, group, counts[index], budget, prices, key, index, parameters)
        for index, group in enumerate(people)
    ]
    return _fixed(prices, tuple(STRATEGIES[wave.strategy](request) for request in requests))


def _fixed(prices: People | None, groups: tuple[People, ...]) -> SeedGroups:
    costs = tuple(_costs(prices, group) for group in groups)
    return SeedGroups(groups, tuple(map(len, groups)), False, costs, (NO_LIMIT,) * len(groups))


def _costs(prices: People | None, people: People) -> People:
    return np.zeros(len(people), dtype=np.int64) if prices is None else prices[people]


def _too_dear(people: People, prices: People | None, words: str) -> DataError:
    cheapest = 0 if prices is None else int(prices[people].min())
    return DataError(
        f"buys nobody{words}: the cheapest costs {cheapest / 100:,.2f}",
        place="budget",
        hint="a larger budget, or lower prices in [price]",
    )

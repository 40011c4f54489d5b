"""Worlds: what the pages' own engine plays (`page/engine.js`): a scenario on one platform with its people and arcs.

The JavaScript engine plays the same cascade as `viralsim.engine`, so a world holds the scenario's own numbers, under
their own names, and the arcs; who may be a seed is worked out here, for every count that a reader may choose. What of
a scenario is not played is taken out of it first, and told.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import compile_campaign
from viralsim.engine.compile import waves_by_start
from viralsim.errors import DataError, ViralsimError
from viralsim.graph import Arcs, SocialGraph, load_network
from viralsim.scenario import Scenario
from viralsim.scenario.schema import Item, Plan, Wave, strangers
from viralsim.seeding import NO_LIMIT, SeedGroups, affinity_numbers, individual_numbers, seed_groups, segments_of
from viralsim.seeding.eligible import people_per, people_where
from viralsim.show.layout import layout

__all__ = ["MOST_PEOPLE", "playable", "world_of"]

MOST_PEOPLE = 2_000
"""So many people a page draws, at most."""
_LEAST_CHOICE = 60
"""Up to so many seeds a reader may choose, at least, and up to three times as many as the scenario has."""
_NOT_NESTED = ("clusters", "mixture")
"""Strategies whose choice of more people need not contain that of fewer."""
_WHOLE = (np.uint8, np.uint16, np.uint32)
_TYPES = {"uint8": "u8", "uint16": "u16", "uint32": "u32", "float32": "f32", "float64": "f64"}


def world_of(scenario: Scenario, graph: SocialGraph, people: int = MOST_PEOPLE) -> dict[str, Any]:
    """Return what the pages' engine plays of a scenario, ready to be written as JSON.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph
        Its network.
    people : int
        How many people are played at most. A generated network of more is generated again with so many; of another
        one a connected neighbourhood is taken.

    Returns
    -------
    dict
        Read by `Engine.world`. `leftOut` tells in words what of the scenario is not played.

    Raises
    ------
    DataError
        The graph lacks what the scenario asks for.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=100", "plan.random.wave.first.count=3"])
    >>> world = world_of(scenario, vs.load_network(scenario.network))
    >>> world["people"], [plan["name"] for plan in world["plans"]], world["leftOut"]
    (100, ['random', 'hubs', 'more-random'], [])
    """
    scenario, graph, left_out = playable(scenario, graph, people)
    arcs, segments = graph.arcs, list(scenario.segment)
    of = segments_of(scenario, graph) if len(segments) > 1 else np.zeros(graph.people, dtype=np.uint8)
    platform, delay = next(iter(scenario.platform.items()))[1], next(iter(scenario.platform.values())).delay
    at = layout(graph.people, arcs.sharers, arcs.followers)
    given: dict[str, Any] = dict(delay.parameters)
    if delay.law == "table":
        chances = given.pop("chances")
        given["cumulative"] = [min(math.fsum(chances[: d + 1]), 1.0) for d in range(len(chances))]
    items = scenario.item.values()
    counted = graph.ids.dtype.kind in "iu" and np.array_equal(graph.ids, np.arange(graph.people))
    return {
        "title": scenario.title,
        "randomSeed": scenario.random_seed if scenario.random_seed < 2**53 else str(scenario.random_seed),
        "people": graph.people,
        "generated": scenario.network.parameters.get("people") == graph.people,  # and not cut out of another one
        "names": None if counted else [str(one) for one in graph.ids.tolist()],
        "x": _packed(at[:, 0]),
        "y": _packed(at[:, 1]),
        "offsets": _packed(arcs.offsets),
        "followers": _packed(arcs.followers),
        "trust": _packed(arcs.trust),
        "probability": _packed(arcs.probability) if any(i.arc_probability == "column" for i in items) else None,
        "weight": _packed(arcs.weight) if any(item.arc_weight == "column" for item in items) else None,
        "multiplicity": _packed(arcs.multiplicity) if any(item.trials == "multiplicity" for item in items) else None,
        "segmentOf": _packed(of),
        "segments": [
            {
                "name": name,
                **{key: getattr(one, key) for key in ("attention", "susceptibility", "trust")},
                **{key: getattr(one, key) for key in ("satisfaction", "decline", "role")},
            }
            for name, one in scenario.segment.items()
        ],
        "own": {name: _packed(numbers) for name, numbers in individual_numbers(scenario, graph).items()},
        "fit": {
            name: _packed(numbers)
            for name in scenario.item
            if (numbers := affinity_numbers(scenario, graph, name)) is not None
        },
        "time": {"tickSeconds": scenario.time.tick, "horizon": scenario.time.horizon},
        "platform": {
            "name": next(iter(scenario.platform)),
            **{key: getattr(platform, key) for key in ("visibility", "share_rate", "half_life")},
            "delay": {"law": delay.law, **given},
        },
        "brand": {"half_life": scenario.trust.half_life},
        "items": [_item(name, item, segments) for name, item in scenario.item.items()],
        "plans": [_plan(scenario, graph, name) for name in scenario.plan],
        "mainItem": list(scenario.item).index(scenario.report.item),
        "leftOut": left_out,
    }


# ---------------------------------------------------------------------------------------------------------
# What is left out


def playable(scenario: Scenario, graph: SocialGraph, people: int) -> tuple[Scenario, SocialGraph, list[str]]:
    """Take out of a scenario and its graph what the pages' engine does not play.

    Parameters
    ----------
    scenario, graph, people
        As in `world_of`.

    Returns
    -------
    Scenario, SocialGraph, list of str
        What `viralsim.engine` plays as the pages do; what has been left out, in words.

    Raises
    ------
    DataError
        The graph lacks what the scenario asks for.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["segment.everyone.online.hours={'8..20'=1}", "network.people=50"])
    >>> left, graph, told = playable(scenario, vs.load_network(scenario.network), 50)
    >>> left.segment["everyone"].online, graph.people, told
    (None, 50, ['Everybody is online at all hours.'])
    """
    told: list[str] = []
    if scenario.unknowns:
        told.append(f"What is not known is played as one central number: {_some([u.name for u in scenario.unknowns])}.")
    first = next(iter(scenario.waves(next(iter(scenario.plan))).values()))
    name = first.platform
    kept = scenario.platform[name]
    if len(scenario.platform) > 1:
        others = _some([f"“{other}”" for other in scenario.platform if other != name])
        told.append(f"Everything happens on the platform “{name}”; not played: {others}.")
    if kept.discovery is not None:
        told.append("The platform shows nothing to strangers, followers alone see what is shared.")
    if kept.feed_length is not None:
        told.append("Feeds have no end.")
    if graph.layered:
        graph = graph.on_platform(kept.layer or name)
    if graph.timed:
        told.append("Ties do not come and go.")
        graph = graph.timeless
    network = scenario.network
    if network.join_attribute is not None or network.leave_attribute is not None:
        told.append("Everybody is there from beginning to end.")
        network = network.model_copy(update={"join_attribute": None, "leave_attribute": None})
    if any(segment.online is not None for segment in scenario.segment.values()):
        told.append("Everybody is online at all hours.")
    if any(item.variant for item in scenario.item.values()):
        told.append("Messages have no variants.")
    if scenario.price is not None or any(
        wave.price is not None for plan in scenario.plan for wave in scenario.waves(plan).values()
    ):
        told.append("Money is not counted; budgets decide who is a seed.")
    if scenario.converts or any(segment.baseline for segment in scenario.segment.values()):
        told.append("Nobody converts.")

    def of_item(item: Item) -> Item:
        ad = item.advertisement
        changes: dict[str, Any] = {"variant": {}, "wave": {key: of_wave(wave) for key, wave in item.wave.items()}}
        if ad is not None:
            changes["advertisement"] = ad.model_copy(update={"platform": name})
        return item.model_copy(update=changes)

    def of_wave(wave: Wave) -> Wave:
        return wave.model_copy(update={"platform": name, "variant": ""})

    platform: dict[str, Any] = {"layer": None, "discovery": None, "feed_length": None, "cross_post": {}}
    segment = {"online": None, "conversion": 0.0, "baseline": 0.0}
    scenario = scenario.with_numbers({}).model_copy(
        update={
            "network": network,
            "platform": {name: kept.model_copy(update=platform)},
            "segment": {key: one.model_copy(update=segment) for key, one in scenario.segment.items()},
            "individual": scenario.individual and scenario.individual.model_copy(update={"conversion": None}),
            "item": {key: of_item(item) for key, item in scenario.item.items()},
            "plan": {
                key: Plan(wave={at: of_wave(wave) for at, wave in plan.wave.items()})
                for key, plan in scenario.plan.items()
            },
        }
    )
    scenario._unknowns = ()
    if graph.people > people:
        scenario, graph, words = _smaller(scenario, graph, people, kept.layer or name)
        told += words
    return scenario, graph, told


def _some(names: Sequence[str], most: int = 4) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _smaller(
    scenario: Scenario, graph: SocialGraph, people: int, layer: str
) -> tuple[Scenario, SocialGraph, list[str]]:
    """Generate a network again with fewer people, or take a neighbourhood of it where that does not do."""
    before, network = graph.people, scenario.network
    if network.parameters.get("people") == before:
        smaller = network.model_copy(update={"parameters": {**network.parameters, "people": people}})
        told = f"{people:,} people are played in place of {before:,}: a smaller network, generated alike."
        # Other parameters may not fit so few people, a plan may name none of them, a rare segment may have lost all.
        with suppress(ViralsimError):
            again = load_network(smaller)
            again = again.on_platform(layer) if again.layered else again
            return _fitted(scenario.model_copy(update={"network": smaller}), again, before, told)
    told = f"{people:,} people are played in place of {before:,}: a connected neighbourhood of the network."
    return _fitted(scenario, _neighbourhood(graph, _needed(scenario, graph, people), people), before, told)


def _needed(scenario: Scenario, graph: SocialGraph, people: int) -> npt.NDArray[np.int64]:
    """Return whom a neighbourhood starts from: whom the first plan names, and some whom waves and segments want."""
    waves = [wave for plan in scenario.plan for wave in scenario.waves(plan).values()]
    first_plan = scenario.waves(next(iter(scenario.plan))).values()
    named = [person for wave in first_plan for person in wave.people or ()]
    found = [graph.positions(named)] if named else []
    first = np.argsort(-graph.arcs.out_degree, kind="stable")

    def some(of: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
        return first[np.isin(first, of)][: min(most, people // 8)]

    found += [some(people_where(graph, wave.where), wave.count or 1) for wave in waves if wave.where]
    if len(scenario.segment) > 1:
        of = segments_of(scenario, graph)
        found += [some(np.flatnonzero(of == segment), 3) for segment in range(len(scenario.segment))]
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def _fitted(scenario: Scenario, graph: SocialGraph, before: int, told: str) -> tuple[Scenario, SocialGraph, list[str]]:
    """Let waves ask for no more people than there are; a DataError where nobody is left for one, or for a segment."""
    people, words, there = graph.people, [told], set(graph.ids.tolist())
    segments_of(scenario, graph)

    def of_wave(path: str, wave: Wave) -> Wave | None:
        if wave.people is not None:
            left = tuple(person for person in wave.people if person in there)
            if len(left) < len(wave.people):
                words.append(f"{path}: {len(left):,} of {len(wave.people):,} people are there.")
            return wave.model_copy(update={"people": left}) if left else None
        groups = people_per(graph, wave.per, people_where(graph, wave.where))
        # Waves that ask for the same people share them.
        alike = max(
            sum((other.where, other.per) == (wave.where, wave.per) for other in scenario.waves(plan).values())
            for plan in scenario.plan
        )
        most = max(1, min(people // 4, min(len(group) for _, group in groups) // alike))
        if wave.count is not None and wave.count > most:
            words.append(f"{path}: {most:,} people in place of {wave.count:,}.")
            return wave.model_copy(update={"count": most})
        return wave

    def of_waves(path: str, waves: Mapping[str, Wave]) -> dict[str, Wave]:
        return {key: left for key, wave in waves.items() if (left := of_wave(f"{path}.wave.{key}", wave)) is not None}

    plans = {name: Plan(wave=of_waves(f"plan.{name}", plan.wave)) for name, plan in scenario.plan.items()}
    plans = {name: plan for name, plan in plans.items() if plan.wave}
    if not plans:
        raise DataError("nobody whom a plan names is left")
    items = {
        name: item.model_copy(update={"wave": of_waves(f"item.{name}", item.wave)})
        for name, item in scenario.item.items()
    }
    return scenario.model_copy(update={"plan": plans, "item": items}), graph, words


def _neighbourhood(graph: SocialGraph, start: npt.NDArray[np.int64], people: int) -> SocialGraph:
    """Return the graph of those nearest to some people, or to the one with most followers."""
    offsets, others = graph.ties
    by_followers = np.argsort(-graph.arcs.out_degree, kind="stable")
    kept = np.zeros(graph.people, dtype=bool)
    found = 0
    waiting: list[int] = start.tolist()
    reserve = iter(by_followers.tolist())
    while found < people:
        if not waiting:
            waiting = [next(person for person in reserve if not kept[person])]
        following: list[int] = []
        for person in waiting:
            if not kept[person] and found < people:
                kept[person] = True
                found += 1
                following.extend(others[offsets[person] : offsets[person + 1]].tolist())
        waiting = list(dict.fromkeys(other for other in following if not kept[other]))
    arcs, number = graph.arcs, np.cumsum(kept) - 1
    within = kept[arcs.sharers] & kept[arcs.followers]
    sharers = number[arcs.sharers[within]]
    cut = Arcs(
        np.concatenate([[0], np.cumsum(np.bincount(sharers, minlength=people))]).astype(np.int64),
        number[arcs.followers[within]].astype(np.int32),
        arcs.trust[within],
        arcs.multiplicity[within],
        None if arcs.probability is None else arcs.probability[within],
        None if arcs.weight is None else arcs.weight[within],
    )
    return replace(
        graph,
        people=people,
        ids=graph.ids[kept],
        attributes={name: values[kept] for name, values in graph.attributes.items()},
        layers=dict.fromkeys(graph.layers, cut),
    )


# ---------------------------------------------------------------------------------------------------------
# Items and plans


def _item(name: str, item: Item, segments: Sequence[str]) -> dict[str, Any]:
    """Return an item's keys, those alone that its kind, law and emission have."""
    others: set[str] = set().union(
        *(strangers(family, getattr(item, family)) for family in ("kind", "law", "emission"))
    )
    keys = [key for key in Item.model_fields if key not in others | {"wave", "variant", "affinity_attribute"}]
    ad = item.advertisement
    return {
        "name": name,
        **{key: _plain(getattr(item, key)) for key in keys},
        "affinity": {segment: item.affinity.get(segment, 1.0) for segment in segments},
        "advertisement": ad and {key: getattr(ad, key) for key in ("dose", "chance", "visibility", "start", "end")},
        # Of numbers of people and shares of them: JavaScript does not tell 1 and 1.0 apart.
        **{key: "100%" if repr(value) == "1.0" else value for key in _OF_PEOPLE if (value := getattr(item, key))},
    }


_OF_PEOPLE = ("threshold", "after_reach")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _plan(scenario: Scenario, graph: SocialGraph, name: str) -> dict[str, Any]:
    """Return the waves of a plan, those of items too, each with those whom it asks for any count."""
    # A reader may give a silent item its voice; how many people it waits for does not matter here.
    audible = {"silent": False, "after_reach": 1}
    heard = {key: item.model_copy(update=audible if item.silent else {}) for key, item in scenario.item.items()}
    scenario = scenario.model_copy(update={"item": heard})
    campaign = compile_campaign(scenario, graph, name)
    paths = {".".join(path[1::2] if path[0] == "item" else path[3:]): path for path in scenario.waves(name)}
    in_turn = waves_by_start(scenario, name)
    taken = {item: np.zeros(graph.people, dtype=bool) for item in scenario.item}
    found = {}
    for number, (key, wave) in enumerate(in_turn):
        later = [other for _, other in in_turn[number + 1 :] if other.item == wave.item]
        decides = not wave.redraw and any(other.strategy not in ("explicit", "random") for other in later)
        stream = campaign.program.waves["key"][number]
        chosen = campaign.seeds[key]
        found[paths[key]] = {
            "path": ".".join(paths[key]),
            "item": wave.item,
            "start": wave.start,
            "redraw": wave.redraw,
            **_asked(scenario, graph, wave, chosen, stream, taken[wave.item].copy(), decides),
        }
        if not chosen.redrawn:
            taken[wave.item][chosen.people] = True
    return {"name": name, "waves": [found[path] for path in scenario.waves(name)]}  # in the order of the file


def _asked(
    scenario: Scenario,
    graph: SocialGraph,
    wave: Wave,
    chosen: SeedGroups,
    key: np.uint64,
    taken: npt.NDArray[np.bool_],
    decides: bool,
) -> dict[str, Any]:
    """Return whom a wave asks for: of each group a ranking, lists by count, or whom luck draws from."""

    def choose(earlier: npt.NDArray[np.bool_] | None = taken, **changes: Any) -> SeedGroups:
        changed = wave.model_copy(update=changes)
        return seed_groups(graph, changed, graph.arcs, key, None, scenario.price, earlier)

    groups = [_people(group, graph.people) for group in chosen.groups]
    if wave.strategy == "explicit":
        return {"count": len(chosen.people), "most": len(chosen.people), "ranked": groups}
    most = min(map(len, choose(redraw=True).groups))
    if wave.count is not None:
        most = wave.count if decides else min(most, max(_LEAST_CHOICE, 3 * wave.count))
    asked: dict[str, Any] = {"count": wave.count, "most": most}
    if wave.strategy == "random":
        pools = choose(None, redraw=True)  # whom earlier waves take a reader may change
        dear = any(budget < NO_LIMIT for budget in pools.budgets)
        return {
            **asked,
            "pools": [_people(group, graph.people) for group in pools.groups],
            "prices": [prices.tolist() for prices in pools.prices] if dear else None,
            "budgets": [None if budget >= NO_LIMIT else budget for budget in pools.budgets],
        }
    if wave.budget is not None or wave.count is None:
        return {"count": None, "most": None, "ranked": groups}
    while most > wave.count:
        try:
            chosen = choose(count=most)
            break
        except DataError:  # some of those who are eligible cannot be ranked
            most -= max(1, (most - wave.count) // 2)
    if wave.strategy in _NOT_NESTED:
        lists = [[group.tolist() for group in choose(count=count).groups] for count in range(1, most + 1)]
        return {**asked, "most": most, "lists": lists}
    return {**asked, "most": most, "ranked": [_people(group, graph.people) for group in chosen.groups]}


# ---------------------------------------------------------------------------------------------------------
# Arrays as text


def _people(positions: npt.NDArray[np.int64], people: int) -> dict[str, Any]:
    """Pack positions of people; everybody is written in short."""
    if len(positions) == people and np.array_equal(positions, np.arange(people)):
        return {"all": people}
    return _packed(positions)


def _packed(values: npt.NDArray[Any] | None) -> dict[str, Any]:
    """Pack numbers into the shortest of: one number for all, places in a list of a few numbers, all of them."""
    if values is None or len(values) == 0:
        return {"length": 0, "value": 0}
    if values.dtype.kind in "iu":
        if values.min() == values.max():
            return {"length": len(values), "value": int(values[0])}
        return _written(values.astype(next(kind for kind in _WHOLE if values.max() <= np.iinfo(kind).max)))
    short = values.astype(np.float32)
    if not np.isnan(values).any():
        few, place = np.unique(values, return_inverse=True)
        if len(few) == 1:
            return {"length": len(values), "value": float(few[0])}
        if len(few) <= 256 and 4 * len(few) < len(values):
            return {**_written(place.astype(np.uint8)), "of": few.tolist()}
    return _written(short if np.array_equal(short, values, equal_nan=True) else values.astype(np.float64))


def _written(values: npt.NDArray[Any]) -> dict[str, Any]:
    little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
    return {"type": _TYPES[values.dtype.name], "data": base64.b64encode(little.tobytes()).decode("ascii")}

"""From scenario, graph and plan to the flat arrays that the kernel plays."""

from __future__ import annotations

import difflib
import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.arithmetic import chances, exp, log, normal_cdf
from viralsim.engine.kernels import GROUP, ITEM, PAIR, PLATFORM, PROFILE, SEGMENT, SPAN, WAVE, Program
from viralsim.engine.law_kernels import EMISSIONS, LAWS
from viralsim.engine.profiles import Profiles, profiles_of
from viralsim.engine.trust_kernels import HARM, REPAIR, THOUSANDTHS
from viralsim.engine.unknowns import numbers_of
from viralsim.engine.vectors import LANES
from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.graph import Arcs, SocialGraph, members_of
from viralsim.graph.social_graph import some_names
from viralsim.graph.times import FOREVER, Clock, spans_of
from viralsim.luck import LUCK_VERSION, Purpose, stream_key, threshold
from viralsim.scenario import Scenario, online_at
from viralsim.seeding import SeedGroups, seed_groups

__all__ = [
    "RULES_VERSION",
    "Campaign",
    "arcs_by_platform",
    "compile_campaign",
    "delay_thresholds",
    "fresh_effects",
    "needs_laws",
]


Floats = npt.NDArray[np.float64]

RULES_VERSION = 1
"""Raised when the same luck no longer gives the same realisation; part of every scenario hash."""


@dataclass(frozen=True)
class Campaign:
    """A plan of a scenario on a graph, ready to be played.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph
    plan : str
        Name of the plan.
    items, platforms : tuple of str
        Names, in the order of the program's axes.
    program : Program
        What the kernel reads.
    report_ticks : int64 array
        Ticks of the curves, ascending, the last one is the horizon.
    seeds : dict of str to SeedGroups
        Per wave of the plan.
    scenario_hash : str
        Hash of all that can change a realisation.

    Notes
    -----
    Where the scenario has unknowns, `program` and `seeds` are those of the central numbers, and `drawn` gives the
    program of a pair of realisations.
    """

    scenario: Scenario
    graph: SocialGraph
    plan: str
    items: tuple[str, ...]
    platforms: tuple[str, ...]
    program: Program
    report_ticks: npt.NDArray[np.int64]
    seeds: dict[str, SeedGroups]
    scenario_hash: str
    profiles: Profiles = field(repr=False)
    layers: dict[str, _Layer] = field(repr=False)

    def drawn(self, numbers: npt.NDArray[np.float64]) -> Program:
        """Return the program of a pair of realisations.

        Parameters
        ----------
        numbers : float64 array, shape (unknowns,)
            The pair's row of `viralsim.engine.unknowns.drawn_numbers`.
        """
        unknowns = self.scenario.unknowns
        if not unknowns:
            return self.program
        drawn = self.scenario.with_numbers(numbers_of(self.scenario, numbers))
        given = {name: getattr(self.program, name) for name in _GIVEN}
        own = {path: _wave_name(path) for path in self.scenario.waves(self.plan)}
        if any(unknown.path[:4] in own or unknown.path[0] == "price" for unknown in unknowns):
            people_times = None
            if any(layer.people_come_and_go for layer in self.layers.values()):
                people_times = self.program.person_times
            # Who may be a seed depends on the start only where people come and go.
            decisive = {"count", "price"} if people_times is None else {"count", "price", "start"}
            changed = {
                own[unknown.path[:4]]  # type: ignore[index]
                for unknown in unknowns
                if unknown.path[:4] in own and unknown.path[-1] in decisive
            }
            # Whom one wave takes the next cannot take, so where anything is chosen anew, everything is.
            if (len(self.seeds) > 1 and changed) or any(unknown.path[0] == "price" for unknown in unknowns):
                changed = set(self.seeds)
            kept = {name: groups for name, groups in self.seeds.items() if name not in changed}
            given |= _compile_waves(drawn, self.graph, self.plan, self.layers, people_times, kept)[0]
        return _program(
            drawn, self.plan, self.profiles, self.layers, given, self.report_ticks, _may_start(self.scenario)
        )

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups in which people are counted: segments, or the parts that a segment is told in."""
        return self.profiles.groups

    @property
    def group_segments(self) -> npt.NDArray[np.int64]:
        """The segment of each group, by its number."""
        return self.profiles.group_segments

    @property
    def group_people(self) -> npt.NDArray[np.int64]:
        """How many people are in each group."""
        return self.profiles.group_people

    @property
    def most_seeds(self) -> int:
        """The largest group of seeds that any realisation draws."""
        counts = [int(unknown.high) for unknown in self.scenario.unknowns if unknown.path[-1] == "count"]
        return max([*counts, int(self.program.groups["count"].max(initial=0))])

    @property
    def needs_brand(self) -> bool:
        """Whether items touch each other, or people convert."""
        return needs_brand(self.scenario)

    @property
    def needs_crowd(self) -> bool:
        """Whether there are several platforms, or what only the form of the engine for them knows."""
        return needs_crowd(self.scenario)

    @property
    def needs_laws(self) -> bool:
        """Whether there is more than independent chances on arcs that are always there, each share once."""
        return needs_laws(self.scenario) or bool(self.program.platforms["timed"].any())


def person_times(scenario: Scenario, graph: SocialGraph) -> npt.NDArray[np.void] | None:
    """Return from which tick to which each person is there, as the attributes that the scenario names say.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph

    Returns
    -------
    ndarray of SPAN, shape (people,), or None
        None where everybody is always there.

    Raises
    ------
    DataError
        No such attribute, or values that are no ticks.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1], [1, 2], attributes={"joined": [0, 5, 7]})
    >>> scenario = vs.read_scenario(settings=["network.join_attribute=joined"])
    >>> person_times(scenario, graph)["start"].tolist()
    [0, 5, 7]
    """
    network, names = scenario.network, []
    times: list[npt.NDArray[np.float64] | None] = []
    for key in ("join_attribute", "leave_attribute"):
        name = getattr(network, key)
        names.append(key if name is None else name)
        if name is None:
            times.append(None)
            continue
        place = scenario.place(("network", key))
        try:
            values = graph.attribute(name)
        except DataError as error:
            raise DataError(f"network.{key}: {error.message}", place=place, hint=error.hint) from None
        try:  # text that is numbers, too: drawn values have names
            times.append(np.array([np.nan if value == "" else float(value) for value in values.tolist()]))
        except ValueError as error:
            shown = str(error).rpartition(": ")[2]
            raise DataError(
                f"network.{key}: attribute '{name}' holds {shown}, expected ticks: numbers, or nothing where there is "
                "no bound",
                place=place,
            ) from None
    clock = Clock(network.time_origin, network.time_step)
    (start, end), fault = spans_of(times[0], times[1], graph.people, clock, (names[0], names[1]))
    if fault is not None:
        person, message, hint = fault
        key = "leave_attribute" if times[0] is None or message.startswith(f"{names[1]} ") else "join_attribute"
        raise DataError(
            f"network.{key}: of person {graph.ids.tolist()[person]!r} {message}",
            place=scenario.place(("network", key)),
            hint=hint,
        )
    if not (start.any() or (end < FOREVER).any()):
        return None
    spans = np.zeros(graph.people, dtype=SPAN)
    spans["start"], spans["end"] = start, end
    return spans


def needs_laws(scenario: Scenario) -> bool:
    """Tell whether a scenario has more than independent chances, each share once, and no advertisement.

    The engine is compiled in two forms; the plain one is smaller and faster. A network that was imported with
    arcs that come and go needs the other one, too, which shows when it is opened: `Campaign.needs_laws`.

    Examples
    --------
    >>> import viralsim as vs
    >>> needs_laws(vs.read_scenario()), needs_laws(vs.read_scenario(settings=["item.content.emission=repeat"]))
    (False, True)
    """
    network = scenario.network
    return (
        needs_brand(scenario)
        or any(
            getattr(network, key) is not None
            for key in ("start_column", "end_column", "join_attribute", "leave_attribute")
        )
        or any(
            item.law != "independent" or item.emission != "once" or item.advertisement is not None
            for item in scenario.item.values()
        )
    )


def needs_brand(scenario: Scenario) -> bool:
    """Tell whether items of a scenario touch each other, or people convert: a third form of the engine.

    It includes what `needs_laws` asks for. Silent items touch nobody.

    Examples
    --------
    >>> import viralsim as vs
    >>> needs_brand(vs.read_scenario()), needs_brand(vs.read_scenario(settings=["segment.everyone.conversion=2%"]))
    (False, True)
    """
    active = [item for item in scenario.item.values() if not item.silent]
    unknown = {one.path[-1] for one in scenario.unknowns}
    sets = [item.exclusive for item in active if item.exclusive]
    return (
        any(item.kind in ("testimony", "rumour") for item in active)
        or any(item.after or item.reaction_delay for item in active)
        or len(sets) > len(set(sets))
        or scenario.converts
        or any(segment.baseline for segment in scenario.segment.values())
        or not unknown.isdisjoint(("reaction_delay", "conversion", "baseline"))
    )


def needs_crowd(scenario: Scenario) -> bool:
    """Tell whether a scenario has several platforms, or variants, or hours of the day: a fourth form of the engine.

    It includes what `needs_brand` asks for. Counts by audience (`Scenario.tells_audiences`) are made by this form, too.

    Examples
    --------
    >>> import viralsim as vs
    >>> needs_crowd(vs.read_scenario()), needs_crowd(vs.read_scenario(settings=["platform.feed.share_rate=50%"]))
    (False, True)
    """
    return (
        len(scenario.platform) > 1
        or any(
            platform.share_rate < 1.0 or platform.discovery is not None or platform.feed_length is not None
            for platform in scenario.platform.values()
        )
        or any(segment.online is not None for segment in scenario.segment.values())
        or any(item.variant for item in scenario.item.values())
        or any(one.path[0] == "platform" and one.path[-1] == "share_rate" for one in scenario.unknowns)
    )


def starts_late(scenario: Scenario, item: str) -> bool:
    """Tell whether the start of an item's waves counts from what a realisation brings, or from a delay.

    Examples
    --------
    >>> import viralsim as vs
    >>> starts_late(vs.read_scenario(settings=["item.content.reaction_delay=2h"]), "content")
    True
    """
    path = ("item", item, "reaction_delay")
    one = scenario.item[item]
    return bool(one.after or one.reaction_delay) or any(unknown.path == path for unknown in scenario.unknowns)


def delay_thresholds(delay: Any, horizon: int) -> npt.NDArray[np.uint64]:
    """Return floor(P(delay <= d) x 2^32) for d = 0 .. horizon, in whole ticks.

    A continuous delay X is over in the first tick that begins after it: `d = floor(X)`, so that somebody
    engaged at tick t shares at the first whole tick after t + X.

    Parameters
    ----------
    delay : viralsim.scenario delay
        Law and parameters, durations in ticks.
    horizon : int
        Last tick.

    Returns
    -------
    uint64 array, shape (horizon + 1,)

    Notes
    -----
    Geometric: P(delay <= d) = 1 - (mean / (1 + mean))^(d + 1), whose mean is `mean`.
    Log-normal: Phi(log((d + 1) / median) / sigma). Power law: 1 - ((d + 1) / minimum)^(1 - exponent).
    """
    table = np.empty(horizon + 1, dtype=np.uint64)
    given = delay.parameters
    for d in range(horizon + 1):
        if delay.law == "none":
            p = 1.0
        elif delay.law == "table":
            p = min(math.fsum(given["chances"][: d + 1]), 1.0)
        elif delay.law == "geometric":
            p = 1.0 - exp((d + 1.0) * log(given["mean"] / (1.0 + given["mean"])))
        elif delay.law == "log-normal":
            p = normal_cdf((log(d + 1.0) - log(given["median"])) / given["sigma"])
        elif delay.law == "power-law":
            x = (d + 1.0) / given["minimum"]
            p = 0.0 if x <= 1.0 else 1.0 - exp((1.0 - given["exponent"]) * log(x))
        else:
            raise NotImplementedError(f"the delay law {delay.law!r} is declared but not built")
        table[d] = threshold(p)
    return table


class _Layer:
    """The arcs of one platform, by what can make them differ in dose and chance.

    A campaign with unknowns is compiled once for every pair of realisations, so what takes a walk over all arcs is
    done once: which different trusts (degrees, probabilities, weights) there are, and which of them each arc has.
    """

    def __init__(
        self,
        arcs: Arcs,
        profile_of: npt.NDArray[np.uint32],
        repeatedly: bool = False,
        trust_is_unknown: bool = False,
        people_come_and_go: bool = False,
    ) -> None:
        self.arcs = arcs
        self.profile_of = profile_of
        self.people_come_and_go = people_come_and_go
        self.trust_is_unknown = trust_is_unknown
        self._repeatedly = repeatedly
        self._columns: dict[tuple[str, bool], tuple[Floats, Floats, npt.NDArray[np.int64] | None]] = {}

    def column(self, name: str, trials: bool) -> tuple[Floats, Floats, npt.NDArray[np.int64] | None]:
        """Return different values of a column with their multiplicities (1 without trials), and which each arc has.

        One value stands for all arcs where they are alike; the third is None where there is one value or one per arc.
        """
        key = (name, trials)
        if key not in self._columns:
            found = self._distinct(name, trials)
            if not self._repeatedly:
                return found
            self._columns[key] = found
        return self._columns[key]

    def _distinct(self, name: str, trials: bool) -> tuple[Floats, Floats, npt.NDArray[np.int64] | None]:
        arcs = self.arcs
        values: Any = np.broadcast_to(1.0, len(arcs))
        if name == "in_degree":
            values = arcs.in_degree[arcs.followers].astype(np.float64)
        elif name:
            values = getattr(arcs, name)
        times = arcs.multiplicity.astype(np.float64) if trials else np.broadcast_to(1.0, len(arcs))
        if len(arcs) and values.min() == values.max() and times.min() == times.max():
            return values[:1], times[:1], None
        if not self._repeatedly:
            return values, times, None
        both, place = np.unique(np.stack([values, times]), axis=1, return_inverse=True)
        if 2 * both.shape[1] > len(arcs):  # hardly any alike: looking them up would cost more than it saves
            return values, times, None
        return both[0].copy(), both[1].copy(), place.reshape(-1)

    def trust(self, scenario: Scenario, trials: bool) -> tuple[Floats, Floats, npt.NDArray[np.int64] | None]:
        """Return the column of tie trust; the scenario's own where that is not known."""
        if not self.trust_is_unknown:
            return self.column("trust", trials)
        _, times, place = self.column("", trials)
        return np.full(len(times), scenario.network.trust), times, place


def affinities(scenario: Scenario, item: Any) -> Floats:
    """Return how well each variant of an item fits each segment; without variants the item itself.

    Returns
    -------
    float64 array, shape (variants, segments)

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["item.content.affinity.everyone=0.5"])
    >>> affinities(scenario, scenario.item["content"]).tolist()
    [[0.5]]
    """
    own = [item.affinity.get(name, 1.0) for name in scenario.segment]
    rows = [
        [variant.affinity.get(name, usual) for name, usual in zip(scenario.segment, own, strict=True)]
        for variant in item.variant.values()
    ]
    return np.array(rows or [own])


def _power(trust: float, sensitivity: float) -> float:
    if sensitivity == 0.0 or trust == 1.0:
        return 1.0
    return trust if sensitivity == 1.0 or trust == 0.0 else exp(sensitivity * log(trust))


def _factors(scenario: Scenario, name: str, profiles: Profiles, affinity: Floats | None = None) -> Floats:
    """Return per profile what multiplies doses: susceptibility x affinity x trust in the brand ^ sensitivity.

    The affinity is that of the best variant where no other is given, by segment.
    """
    item = scenario.item[name]
    if affinity is None:
        affinity = affinities(scenario, item).max(axis=0)
    trust, place = np.unique(profiles.numbers(scenario, "trust"), return_inverse=True)
    powers = np.array([_power(float(one), item.sensitivity) for one in trust])[place]
    factors: Floats = profiles.numbers(scenario, "susceptibility") * affinity[profiles.segment] * powers
    return factors * profiles.affinity[name] if name in profiles.affinity else factors


def _fresh_chances(
    scenario: Scenario, name: str, layer: _Layer, profiles: Profiles
) -> tuple[Floats, Floats, npt.NDArray[np.int64] | None, npt.NDArray[np.integer[Any]] | int]:
    """Return the different chances that a fresh share persuades once seen, and log(1 - chance).

    Then which of them each arc has, and the profile that each of them is for.
    """
    item = scenario.item[name]
    base, dose, times, of_arc = _bases(scenario, name, layer)
    profile: npt.NDArray[np.integer[Any]] | int = 0
    factors = _factors(scenario, name, profiles)
    if len(factors) > 1:
        of_followers = layer.profile_of[layer.arcs.followers]
        each = len(base) * len(factors) > len(layer.arcs)  # more different numbers than arcs
        if of_arc is None and len(base) == len(layer.arcs) > 1:
            profile = of_followers
        elif each and len(layer.arcs):
            base, dose, times = (
                one[of_arc] if of_arc is not None else np.repeat(one, len(layer.arcs)) for one in (base, dose, times)
            )
            profile, of_arc = of_followers, None
        else:  # every different number, for every profile
            before = np.zeros(len(of_followers), dtype=np.int64) if of_arc is None else of_arc
            of_arc = before * len(factors) + of_followers
            profile = np.tile(np.arange(len(factors)), len(base))
            base, dose, times = (np.repeat(one, len(factors)) for one in (base, dose, times))
    dose = factors[profile] * dose
    chance, log_miss = np.empty(len(base)), np.empty(len(base))
    if item.trials == "multiplicity":
        chances(base, times, chance, log_miss)
        base = chance.copy()
    chances(base, dose, chance, log_miss)
    return chance, log_miss, of_arc, profile


def fresh_effects(campaign: Campaign, item: str) -> Floats:
    """Return what a fresh share of an item does once it is seen, without repetitions, over all arcs that may be seen.

    Parameters
    ----------
    campaign : Campaign
    item : str
        Its name.

    Returns
    -------
    float64 array, ascending
        Chances to persuade under the law `independent`, doses under the others. One number where all shares are alike.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1, 2], [1, 2, 0], trust=[0.0, 0.5, 0.5])
    >>> scenario = vs.read_scenario(settings=["item.content.stickiness=10%", "item.content.endorsement=2",
    ...     "plan.random.wave.first.count=1"])
    >>> fresh_effects(compile_campaign(scenario, graph), "content").round(4).tolist()
    [0.1, 0.19]
    """
    scenario, of_item = campaign.scenario, campaign.scenario.item[item]
    found = []
    for layer, platform in zip(campaign.layers.values(), campaign.program.platforms, strict=True):
        if not platform["is_seen"] or not len(layer.arcs):
            continue
        if of_item.law == "independent":
            effects, _, of_arc, _ = _fresh_chances(scenario, item, layer, campaign.profiles)
            if of_arc is not None:  # of segments, some may have no followers there
                effects = effects[np.unique(of_arc)]
        else:
            effects = _fresh_doses(scenario, item, layer, campaign.profiles)
        found.append(effects)
    return np.unique(np.concatenate([*found, np.zeros(0)]))


def _bases(scenario: Scenario, name: str, layer: _Layer) -> tuple[Floats, Floats, Floats, npt.NDArray[np.int64] | None]:
    """Return different chances of one unit, doses but for what segments add, multiplicities; which each arc has."""
    item: Any = scenario.item[name]
    trials = item.trials == "multiplicity"
    if item.arc_probability is None:
        trust, times, of_arc = layer.trust(scenario, trials)
        base = np.full(len(trust), float(item.stickiness))
        dose = 1.0 + item.endorsement * trust
    elif item.arc_probability == "weighted-cascade":
        degrees, times, of_arc = layer.column("in_degree", trials)
        base, dose = 1.0 / degrees, np.ones(len(degrees))
    elif item.arc_probability == "column":
        if layer.arcs.probability is None:
            raise DataError(
                "the network has no column of arc probabilities",
                place=scenario.place(f"item.{name}.arc_probability"),
                hint='name the column with network.probability_column, or write a number or "weighted-cascade"',
            )
        given, times, of_arc = layer.column("probability", trials)
        base, dose = np.array(given), np.ones(len(given))
    else:
        _, times, of_arc = layer.column("", trials)
        base, dose = np.full(len(times), float(item.arc_probability)), np.ones(len(times))
    return base, dose, times, of_arc


def arcs_by_platform(scenario: Scenario, graph: SocialGraph) -> dict[str, Arcs]:
    """Return the arcs that each platform of a scenario plays, by its name.

    A platform plays the layer that `platform.NAME.layer` names, otherwise the layer of its own name. On a graph whose
    arcs are of no platform in particular it plays those.

    Raises
    ------
    DataError
        The graph has no such layer.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1, 2], [1, 2, 0], platform=["calls", "texts", "calls"])
    >>> scenario = vs.read_scenario(settings=["platform.feed.layer=calls"])
    >>> {name: len(arcs) for name, arcs in arcs_by_platform(scenario, graph).items()}
    {'feed': 2}
    """
    found = {}
    for name, platform in scenario.platform.items():
        if platform.layer is not None and not graph.layered:
            raise DataError(
                f"platform.{name}.layer: the network ({graph.report.source}) has no layers to choose from, got "
                f"'{platform.layer}'",
                place=scenario.place(("platform", name, "layer")),
                hint="network.platform_column names the column that says which platform a row is of; "
                f"without it, leave platform.{name}.layer out",
            )
        wanted = platform.layer or name
        try:
            found[name] = graph.layer(wanted)
        except DataError as error:
            key = f"platform.{name}" if platform.layer is None else f"platform.{name}.layer"
            written = ("platform", name) if platform.layer is None else ("platform", name, "layer")
            near = next(iter(difflib.get_close_matches(wanted, graph.layers, n=1)), next(iter(graph.layers)))
            raise DataError(
                f"{key}: the network ({graph.report.source}) has no layer '{wanted}'; "
                f"its layers are {some_names(graph.layers)}",
                place=scenario.place(written),
                hint=error.hint
                if platform.layer is not None and error.hint
                else f'say which one it plays: platform.{name}.layer = "{near}"',
            ) from None
    return found


def _fresh_doses(scenario: Scenario, name: str, layer: _Layer, profiles: Profiles) -> Floats:
    """Return per arc the dose of a fresh share under a law with hidden thresholds; one number where all are alike."""
    item, factors = scenario.item[name], _factors(scenario, name, profiles)
    affinity = factors if len(factors) == 1 else factors[layer.profile_of[layer.arcs.followers]]
    if item.law == "curve":
        trust, _, of_arc = layer.trust(scenario, False)
        doses: Floats = 1.0 + item.endorsement * trust
        doses = affinity * (doses if of_arc is None else doses[of_arc])
    elif item.law == "uniform" and item.arc_weight == "column":
        arcs = layer.arcs
        if arcs.weight is None:
            raise DataError(
                "the network has no column of weights",
                place=scenario.place(f"item.{name}.arc_weight"),
                hint='name the column with network.weight_column, or write arc_weight = "in-degree"',
            )
        weights = arcs.weight
        if arcs.timed:  # a neighbour counts once, along whichever arc
            weights = np.zeros(len(arcs.timeless))
            np.maximum.at(weights, arcs.pair, arcs.weight)
        together = np.bincount(arcs.timeless.followers, weights, len(arcs.offsets) - 1)
        if together.max(initial=0.0) > 1.0 + 1e-9:
            person = int(together.argmax())
            raise DataError(
                f"the weights of the arcs to one person add up to {together[person]:g}, expected at most 1 "
                f"(person number {person}, counted from 0)",
                place=scenario.place(f"item.{name}.arc_weight"),
                hint="divide them by their sum per person",
            )
        doses = affinity * arcs.weight
    else:
        doses = affinity
    alike = len(doses) > 0 and doses.min() == doses.max()
    return doses[:1] if alike else doses


def _needs(item: Any, in_degree: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """Return per person how many neighbours must share (law fixed), or what all of them weigh together (uniform)."""
    if item.law == "uniform":
        return np.maximum(in_degree if item.arc_weight == "in-degree" else 1, 1).astype(np.uint32)
    if isinstance(item.threshold, int):
        return np.full(len(in_degree), item.threshold, dtype=np.uint32)
    share = Fraction(repr(item.threshold))  # the exact rational of its decimal text
    degrees, back = np.unique(in_degree, return_inverse=True)
    needs = [max(1, math.ceil(share * int(degree))) for degree in degrees]
    return np.array(needs, dtype=np.uint32)[back]


def _hazards(of_items: npt.NDArray[np.void], items: list[Any]) -> npt.NDArray[np.float64]:
    """Return the curves of repeated exposure as hazards of the units of dose."""
    curves = [item.curve or () for item in items]
    hazard = np.zeros((len(items), max(1, *map(len, curves))))
    for index, (item, curve) in enumerate(zip(items, curves, strict=True)):
        hazard[index, : len(curve)] = [0.0 - log(1.0 - probability) for probability in curve]
        of_items[index]["hazard_count"] = len(curve)
        if curve:
            of_items[index]["hazard_after"] = (
                hazard[index, len(curve) - 1] if item.then is None else 0.0 - log(1.0 - item.then)
            )
    return hazard


def _advertise(
    of_item: Any,
    scenario: Scenario,
    name: str,
    profiles: Profiles,
    served: npt.NDArray[np.int8],
    log_misses: Floats,
    doses: Floats,
) -> None:
    """Fill in what the kernel knows of an item's advertising; per profile log(1 - chance), or the dose."""
    item = scenario.item[name]
    ad = item.advertisement
    if ad is None or item.silent:
        return
    last = int(scenario.time.horizon) + 1
    of_item["ad_from"], of_item["ad_until"] = ad.start, last if ad.end is None else min(ad.end, last)
    of_item["ad_platform"] = list(scenario.platform).index(ad.platform)
    of_item["ad_seen"] = ad.visibility
    affinity = affinities(scenario, item)[served, np.arange(len(scenario.segment))]
    factors = _factors(scenario, name, profiles, affinity)
    if ad.chance is None and item.law == "independent":
        _log_misses(item.stickiness or 0.0, factors * (ad.dose or 0.0), log_misses)
    elif ad.chance is None:
        doses[:] = factors * (ad.dose or 0.0)
    else:
        _log_misses(ad.chance, factors, log_misses)


def _log_misses(chance: float, units: Floats, log_misses: Floats) -> None:
    """Write down log(1 - chance) of so many units of dose; 0 where there is no chance."""
    if chance > 0.0:
        some = units > 0.0
        log_misses[some] = units[some] * log(1.0 - chance)


def _discover(scenario: Scenario, name: str, profiles: Profiles, log_misses: Floats, doses: Floats) -> None:
    """Fill in what an item does to strangers who discover it: nobody's tie trust, no arc, no neighbour.

    Laws that need one of these do nothing to them.
    """
    item, factors = scenario.item[name], _factors(scenario, name, profiles)
    if item.law == "curve":
        doses[:] = factors
    elif item.law == "independent" and not isinstance(item.arc_probability, str):
        chance = item.stickiness if item.arc_probability is None else item.arc_probability
        _log_misses(chance or 0.0, factors, log_misses)


_KEYS = {
    "arc_key": Purpose.ARC,
    "order_key": Purpose.ORDER,
    "delay_key": Purpose.DELAY,
    "share_key": Purpose.SHARE,
    "activity_key": Purpose.ACTIVITY,
    "contact_key": Purpose.CONTACT,
    "stifle_key": Purpose.STIFLE,
    "cross_key": Purpose.CROSS_POST,
    "discovery_key": Purpose.DISCOVERY,
}


class _Joined:
    """Arrays put end to end, so that one array holds the numbers of all pairs of item and platform."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._parts: list[npt.NDArray[Any]] = []
        self._dtype = dtype
        self._used = 0

    def add(self, part: npt.NDArray[Any], first: int = 0) -> int:
        """Add a part; return what is to be added to the index of an arc, the first of which is `first`."""
        self._parts.append(part)
        self._used += len(part)
        return self._used - len(part) - int(first)

    def array(self) -> npt.NDArray[Any]:
        return np.concatenate([*self._parts, np.zeros(1, dtype=self._dtype)]).astype(self._dtype, copy=False)


def _choose_plan(scenario: Scenario, plan: str | None) -> str:
    if plan is None:
        return next(iter(scenario.plan))
    if plan not in scenario.plan:
        raise UsageError(
            f"there is no plan {plan!r} in {scenario.source}",
            hint=did_you_mean(plan, scenario.plan) or f"the plans are {', '.join(scenario.plan)}",
        )
    return plan


def compile_campaign(
    scenario: Scenario,
    graph: SocialGraph,
    plan: str | None = None,
    *,
    report_at: Iterable[int] = (),
    like: Campaign | None = None,
    others_follow: bool = False,
) -> Campaign:
    """Compile one plan of a scenario on a graph to the arrays of a `Program`.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph
    plan : str, optional
        Name of the plan; the first one where None.
    report_at : iterable of int
        Ticks within the horizon at which the curves are recorded besides the scenario's own report times.
    like : Campaign, optional
        Compiled earlier: what it has in common with this one (who follows whom, who is alike, the seeds) is taken over
        in place of being worked out again. It never changes the result.
    others_follow : bool
        Whether campaigns like this one will be compiled: it is worth finding out which arcs are alike.

    Raises
    ------
    UsageError
        There is no such plan.
    DataError
        The graph lacks what the scenario asks for: a seed, an attribute, a column; or none of its arcs is there
        before the horizon.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network))
    >>> campaign.program.offsets.shape
    (1, 501)
    >>> more = scenario.with_settings(["item.content.stickiness=20%"])
    >>> compile_campaign(more, campaign.graph, like=campaign).program.followers is campaign.program.followers
    True
    """
    plan = _choose_plan(scenario, plan)
    if like is not None and (like.graph is not graph or _ground(like.scenario) != _ground(scenario)):
        like = None
    people_times = _people_times(scenario, graph, like)
    if like is None:
        trust_is_unknown = any(unknown.path[0] == "network" for unknown in scenario.unknowns)
        profiles = profiles_of(scenario, graph)
        repeatedly = others_follow or bool(scenario.unknowns)
        layers = {
            name: _Layer(arcs, profiles.of, repeatedly, trust_is_unknown, people_times is not None)
            for name, arcs in arcs_by_platform(scenario, graph).items()
        }
        common = {**_rows(graph, layers), **_members(scenario, graph)}
    else:
        profiles, layers = like.profiles, like.layers
        common = {name: getattr(like.program, name) for name in _COMMON}
    _check_unknowns(scenario, graph, plan, layers, people_times)
    represents = scenario.network.represents
    if represents is not None and represents < graph.people:
        raise DataError(
            f"network.represents: the network has {graph.people:,} people, and cannot be a sample of {represents:,}",
            place=scenario.place(("network", "represents")),
            hint="write how many people it stands for, or leave it out",
        )
    for name, item in scenario.item.items():
        if item.after and isinstance(item.after_reach, int) and item.after_reach > graph.people and not item.silent:
            path = ("item", name, "after_reach")
            raise DataError(
                f"{'.'.join(path)}: '{item.after}' can never reach {item.after_reach:,} people, there are "
                f"{graph.people:,}",
                place=scenario.place(path),
                hint='a share of them stays right for any network, such as "5%"',
            )
    known = like.seeds if like is not None and _choice(like.scenario, like.plan) == _choice(scenario, plan) else {}
    waves, seeds = _compile_waves(scenario, graph, plan, layers, people_times, known)
    given = {
        **waves,
        **common,
        "profile_of": profiles.of,
        "online": _online(scenario),
        "person_times": np.zeros(1, dtype=SPAN) if people_times is None else people_times,
    }
    _check_times(scenario, graph, given["arc_times"] if any(layer.arcs.timed for layer in layers.values()) else None)
    horizon = int(scenario.time.horizon)
    times = np.round(np.linspace(0, horizon, min(scenario.report.times, horizon + 1))).astype(np.int64)
    report_ticks = np.unique(np.concatenate([times, np.array(list(report_at), dtype=np.int64)]))
    return Campaign(
        scenario=scenario,
        graph=graph,
        plan=plan,
        items=tuple(scenario.item),
        platforms=tuple(scenario.platform),
        program=_program(scenario, plan, profiles, layers, given, report_ticks, _may_start(scenario)),
        report_ticks=report_ticks,
        seeds=seeds,
        scenario_hash=scenario.content_hash(
            f"{graph.fingerprint} luck {LUCK_VERSION} rules {RULES_VERSION}"
            + ("" if people_times is None else f" people {hashlib.sha256(people_times.tobytes()).hexdigest()}")
        ),
        profiles=profiles,
        layers=layers,
    )


_COMMON = ("people", "offsets", "followers", "arc_times", "member_bits", "members", "member_offsets")
"""Fields of a `Program` that only the graph and `_ground` decide."""


def _ground(scenario: Scenario) -> tuple[Any, ...]:
    """Return all of a scenario that decides who is alike, who follows whom where, and what is kept of it."""
    return (
        scenario.network,
        [(name, one.layer, one.discovery is None) for name, one in scenario.platform.items()],
        [(name, one.where, one.share, one.priority, one.per) for name, one in scenario.segment.items()],
        scenario.individual,
        [(name, item.affinity_attribute) for name, item in scenario.item.items()],
        [unknown.path for unknown in scenario.unknowns],
    )


def _choice(scenario: Scenario, plan: str) -> tuple[Any, ...]:
    """Return all of a scenario that, besides `_ground`, decides who the seeds of a plan are."""
    waves = {path: wave.model_copy(update={"variant": None}) for path, wave in scenario.waves(plan).items()}
    late = [name for name in scenario.item if starts_late(scenario, name)]
    silent = [name for name, item in scenario.item.items() if item.silent]
    return plan, list(waves.items()), scenario.random_seed, scenario.price, late, silent


def _people_times(scenario: Scenario, graph: SocialGraph, like: Campaign | None) -> npt.NDArray[np.void] | None:
    if like is None:
        return person_times(scenario, graph)
    return like.program.person_times if any(one.people_come_and_go for one in like.layers.values()) else None


def _check_unknowns(
    scenario: Scenario,
    graph: SocialGraph,
    plan: str,
    layers: dict[str, _Layer],
    people_times: npt.NDArray[np.void] | None,
) -> None:
    """Raise a `DataError` where the graph has no use for a number that is not known."""
    of_arcs = [layer.arcs.trust for layer in layers.values() if layer.trust_is_unknown and len(layer.arcs)]
    if any(trust.min() != trust.max() for trust in of_arcs):
        raise DataError(
            "the network gives each arc a tie trust of its own, so network.trust has no effect",
            place=scenario.place("network.trust"),
            hint="write one number for network.trust",
        )
    most = {unknown.path: int(unknown.high) for unknown in scenario.unknowns if unknown.path[-1] == "count"}
    if most:  # all that may be asked for must be there, before hours of work are spent
        _compile_waves(scenario.with_numbers(most), graph, plan, layers, people_times)


def _rows(graph: SocialGraph, layers: dict[str, _Layer]) -> dict[str, Any]:
    """Return who follows whom on all platforms, as a `Program` holds it."""
    sizes = [len(layer.arcs) for layer in layers.values()]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    followers = np.zeros(int(starts[-1]) + LANES, dtype=np.uint32)
    offsets = np.empty((len(layers), graph.people + 1), dtype=np.int64)
    for index, layer in enumerate(layers.values()):
        offsets[index] = layer.arcs.offsets + starts[index]
        followers[starts[index] : starts[index + 1]] = layer.arcs.followers
    arc_times = np.zeros(int(starts[-1]) if any(layer.arcs.timed for layer in layers.values()) else 1, dtype=SPAN)
    arc_times["end"] = FOREVER
    for start, layer in zip(starts.tolist(), layers.values(), strict=False):
        if layer.arcs.timed:
            arc_times[start : start + len(layer.arcs)]["start"] = layer.arcs.start
            arc_times[start : start + len(layer.arcs)]["end"] = layer.arcs.end
    return {"people": graph.people, "offsets": offsets, "followers": followers, "arc_times": arc_times}


def _members(scenario: Scenario, graph: SocialGraph) -> dict[str, Any]:
    """Return who is on which platform, as a `Program` holds it."""
    there = np.array([members_of(graph, platform.layer or name) for name, platform in scenario.platform.items()])
    bits = np.zeros((1, 1), dtype=np.uint64)
    if not there.all():
        padded = np.zeros((len(there), (graph.people + 63) // 64 * 64), dtype=bool)
        padded[:, : graph.people] = there
        bits = np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)
        bits = np.concatenate([bits, np.zeros((len(there), 1), dtype=np.uint64)], axis=1)  # never taken for none
    members = [
        np.flatnonzero(one) if platform.discovery is not None else np.zeros(0, dtype=np.int64)
        for one, platform in zip(there, scenario.platform.values(), strict=True)
    ]
    return {
        "member_bits": bits,
        "members": np.concatenate([*members, np.zeros(1)]).astype(np.uint32),
        "member_offsets": np.cumsum([0, *map(len, members)]),
    }


def _online(scenario: Scenario) -> Floats:
    """Return the chance of each segment's people to be online in each tick; short where everybody always is."""
    segments = list(scenario.segment.values())
    if all(segment.online is None for segment in segments):
        return np.ones((1, 1))
    chances = np.ones((len(segments), max(int(scenario.time.horizon) + 1, 2)))
    for row, segment in zip(chances, segments, strict=True):
        if segment.online is not None:
            row[:] = [online_at(segment.online, scenario.time, tick) for tick in range(len(row))]
    return chances


def _serve(scenario: Scenario, plan: str) -> npt.NDArray[np.int8]:
    """Return the variant of each item that each segment is served."""
    served = np.zeros((len(scenario.item), len(scenario.segment)), dtype=np.int8)
    for row, (name, item) in zip(served, scenario.item.items(), strict=True):
        for g, segment in enumerate(scenario.segment):
            variant = scenario.plan[plan].serve.get(name, {}).get(segment)
            row[g] = 0 if variant is None else list(item.variant).index(variant)
    return served


_GIVEN = (
    "people",
    "offsets",
    "followers",
    "member_bits",
    "members",
    "member_offsets",
    "online",
    "arc_times",
    "person_times",
    "profile_of",
    "waves",
    "fixed_waves",
    "groups",
    "pool",
    "prices",
)
"""Fields of a `Program` that no number decides but those of waves."""


def _may_start(scenario: Scenario) -> bool:
    """Tell whether it is not known when something starts."""
    return any(unknown.path[-1] == "start" for unknown in scenario.unknowns)


@lru_cache(maxsize=8)
def _delay_table(law: str, parameters: tuple[tuple[str, float], ...], horizon: int) -> npt.NDArray[np.uint64]:
    return delay_thresholds(SimpleNamespace(law=law, parameters=dict(parameters)), horizon)


@lru_cache(maxsize=8)
def _halving(half_life: float | None, horizon: int) -> Floats:
    """Return what is left at each age in ticks of what halves in this time; None: all of it."""
    if half_life is None:
        return np.ones(horizon + 1)
    return np.array([exp(-0.6931471805599453 * (age / half_life)) for age in range(horizon + 1)])


@lru_cache(maxsize=8)
def _activity(mean: float, horizon: int) -> npt.NDArray[np.uint64]:
    going_on = log(1.0 - 1.0 / mean)  # minus infinity where everybody shares in one tick only
    return np.array([threshold(1.0 - exp((d + 1.0) * going_on)) for d in range(horizon + 1)], dtype=np.uint64)


def _program(
    scenario: Scenario,
    plan: str,
    profiles: Profiles,
    layers: dict[str, _Layer],
    given: dict[str, Any],
    report_ticks: npt.NDArray[np.int64],
    starts_are_unknown: bool,
) -> Program:
    """Compile all that numbers of the scenario decide; waves and who follows whom are given."""
    items, platforms = tuple(scenario.item), tuple(scenario.platform)
    shape = (len(items), len(platforms))
    horizon = int(scenario.time.horizon)
    starts = given["offsets"][:, 0]
    delay_table = np.zeros((len(platforms), horizon + 1), dtype=np.uint64)
    of_platforms = np.zeros(len(platforms), dtype=PLATFORM)
    of_items = np.zeros(len(items), dtype=ITEM)
    pairs = np.zeros(shape, dtype=PAIR)
    of_profiles, of_segments = _alike(scenario, profiles)
    everybody = len(of_profiles)
    attention, hourly = of_profiles["attention"], given["online"].shape[1] > 1
    seen_chances = np.empty((len(platforms), everybody))
    ad_log_miss, ad_dose = np.zeros((2, len(items), everybody))
    discovered = any(platform.discovery is not None for platform in scenario.platform.values())
    stranger_log_miss, stranger_dose = np.zeros((2, *((len(items), everybody) if discovered else (1, 1))))
    serve = _serve(scenario, plan)
    most_variants = max(len(item.variant) for item in scenario.item.values())
    variant_fit = np.ones((len(items), most_variants, len(scenario.segment)) if most_variants else (1, 1, 1))
    cross = np.zeros((len(platforms), len(platforms)), dtype=np.uint64)
    feeds = 0
    for index, name in enumerate(platforms):
        platform = scenario.platform[name]
        seen_chances[index] = platform.visibility * attention
        pairs[:, index]["seen_chance"] = seen_chances[index].max()
        seen, least = threshold(seen_chances[index].max()), threshold(seen_chances[index].min())
        by_chance = 1 if seen == least and not hourly else 3
        of_platforms[index]["is_seen"] = 0 if seen == 0 else 2 if least == 1 << 32 and not hourly else by_chance
        of_platforms[index]["seen_limit"] = max(seen - 1, 0)
        of_platforms[index]["timed"] = layers[name].arcs.timed + 2 * layers[name].people_come_and_go
        of_platforms[index]["has_delay"] = platform.delay.law != "none"
        if platform.delay.law != "none":
            delay_table[index] = _delay_table(platform.delay.law, tuple(platform.delay.parameters.items()), horizon)
        of_platforms[index]["feed"] = -1
        if platform.feed_length is not None:
            of_platforms[index]["feed"], of_platforms[index]["feed_length"] = feeds, platform.feed_length
            feeds += 1
        if platform.discovery is not None:
            of_platforms[index]["discovery_rate"] = platform.discovery.rate
            of_platforms[index]["discovery_most"] = platform.discovery.most
        for other, target in enumerate(platforms):
            chance = platform.share_rate if target == name else platform.cross_post.get(target, 0.0)
            cross[index, other] = threshold(chance)

    limits = _Joined(np.uint32)
    misses = _Joined(np.float64)
    doses = _Joined(np.float64)
    novelty = np.ones((len(items), len(platforms), horizon + 1))
    of_items["last_wave"] = -1
    for wave in given["waves"][given["fixed_waves"] : -1]:
        of_items[wave["item"]]["last_wave"] = max(of_items[wave["item"]]["last_wave"], wave["start"])
    activity_table = np.zeros((len(items), horizon + 1), dtype=np.uint64)
    laws = [scenario.item[name].law for name in items]
    needs = np.zeros((len(items), 1 if set(laws) == {"independent"} else given["people"]), dtype=np.uint32)
    for i, item_name in enumerate(items):
        item, of_item = scenario.item[item_name], of_items[i]
        is_contact = item.emission == "contact"
        of_item["law"], of_item["emission"] = LAWS.index(item.law), EMISSIONS.index(item.emission)
        of_item["is_active_for_ever"] = item.activity is None
        of_item["stops_both"] = item.stop == "both"
        of_item["share_threshold"], of_item["stifle_threshold"] = threshold(item.share_rate), threshold(item.stifle)
        of_item["satisfaction_key"] = stream_key(scenario.random_seed, Purpose.SATISFACTION, item_name)
        _touch(of_item, scenario, item_name, given["people"])
        of_item["threshold_key"] = stream_key(scenario.random_seed, Purpose.THRESHOLD, item_name)
        _advertise(of_item, scenario, item_name, profiles, serve[i], ad_log_miss[i], ad_dose[i])
        if discovered:
            _discover(scenario, item_name, profiles, stranger_log_miss[i], stranger_dose[i])
        of_item["variants"] = len(item.variant)
        if item.variant:
            affinity = affinities(scenario, item)
            best = affinity.max(axis=0)
            variant_fit[i, : len(affinity)] = np.divide(affinity, best, out=np.ones_like(affinity), where=best > 0.0)
        if item.novelty is not None:
            novelty[i] = [item.novelty[min(age, len(item.novelty) - 1)] for age in range(horizon + 1)]
        for j, name in enumerate(platforms):
            half_life = scenario.platform[name].half_life if item.half_life == "platform" else item.half_life
            if half_life is not None:
                novelty[i, j] = _halving(float(half_life), horizon)
        if item.activity is not None:
            activity_table[i] = _activity(item.activity, horizon)
        if item.law in ("uniform", "fixed"):
            needs[i] = _needs(item, np.sum([layers[name].arcs.in_degree for name in platforms], axis=0))
        for j, name in enumerate(platforms):
            pair, layer = pairs[i, j], layers[name]
            for of_luck, purpose in _KEYS.items():
                pair[of_luck] = stream_key(scenario.random_seed, purpose, item_name, name)
            pair["general"] = (
                item.law != "independent"
                or is_contact
                or hourly
                or bool(item.variant)
                or bool(of_platforms[j]["timed"])
                or scenario.platform[name].discovery is not None
                or scenario.platform[name].feed_length is not None
            )
            if is_contact:
                pair["seen_chance"] = 1.0  # a contact is always seen
            if item.law != "independent":
                fresh_doses = _fresh_doses(scenario, item_name, layer, profiles)
                pair["dose_kind"] = 0 if not fresh_doses.any() else 1 if len(fresh_doses) == 1 else 2
                pair["dose_first"] = doses.add(fresh_doses, starts[j] if pair["dose_kind"] == 2 else 0)
                continue
            fresh, log_misses, of_arc, profile = _fresh_chances(scenario, item_name, layer, profiles)
            seen_of = np.ones(everybody) if is_contact else seen_chances[j]
            thresholds = np.floor(fresh * seen_of[profile] * 4294967296.0).astype(np.uint64)
            log_misses[thresholds == 0] = 0.0  # the kernel's sign that an arc never persuades
            if not thresholds.any():
                continue
            alike = thresholds.min() == thresholds.max() and log_misses.min() == log_misses.max()
            if alike:  # one number for all arcs saves the memory traffic
                thresholds, log_misses, of_arc = thresholds[:1], log_misses[:1], None
            limits_of = (np.maximum(thresholds, np.uint64(1)) - np.uint64(1)).astype(np.uint32)
            if of_arc is not None:
                limits_of, log_misses = limits_of[of_arc], log_misses[of_arc]
            pair["persuades"] = 1 if alike else 2
            pair["limit"] = limits_of[0]
            pair["limit_shift"] = limits.add(limits_of, starts[j])
            pair["reexamine"] = (
                bool((novelty[i, j] < 1.0).any())
                or not thresholds.all()
                or hourly
                or bool(item.variant)
                or bool(of_item["follows_trust"])
                or bool(of_item["left"] < 1.0)
            )
            if pair["reexamine"]:
                pair["log_miss_first"] = misses.add(log_misses, 0 if alike else starts[j])
    limits.add(np.zeros(LANES, dtype=np.uint32))

    starts_of_waves = {wave.start for wave in scenario.waves(plan).values()}
    return Program(
        horizon=horizon,
        goes_on=int(of_items["emission"].any()),
        meets=int((of_items["emission"] == EMISSIONS.index("contact")).any()),
        excludes=int(of_items["exclusive"].any()),
        settles=int(
            needs_brand(scenario)
            or needs_crowd(scenario)
            or len(starts_of_waves) > 1
            or starts_are_unknown  # the same for all pairs, for scratch memory is
            or of_platforms["has_delay"].any()
            or of_items["emission"].any()
            or (of_items["ad_from"] < of_items["ad_until"]).any()
        ),
        items=of_items,
        platforms=of_platforms,
        pairs=pairs,
        limits=limits.array(),
        log_miss=misses.array(),
        dose=doses.array(),
        novelty=novelty,
        needs=needs,
        hazard=_hazards(of_items, [scenario.item[name] for name in items]),
        activity_table=activity_table,
        delay_table=delay_table,
        declined=0.0 if scenario.price is None else scenario.price.declined,
        segments=of_segments,
        profiles=of_profiles,
        at_first=_at_first(of_profiles, len(of_segments), profiles.counts),
        seen_chances=seen_chances,
        ad_log_miss=ad_log_miss,
        ad_dose=ad_dose,
        stranger_log_miss=stranger_log_miss,
        stranger_dose=stranger_dose,
        serve=serve,
        variant_fit=variant_fit,
        cross=cross,
        trust_order=_trust_order(scenario),
        decay=_halving(scenario.trust.half_life, horizon if scenario.takes_trust else 0),
        quantile_of=_quantile_places(len(report_ticks)),
        baseline=_baseline(scenario, horizon),
        baseline_key=stream_key(scenario.random_seed, Purpose.BASELINE),
        report_index=np.searchsorted(report_ticks, np.arange(horizon + 1)).astype(np.int64),
        **given,
    )


def _alike(scenario: Scenario, profiles: Profiles) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
    """Return what the kernel knows of profiles and of segments."""
    made = np.zeros(len(profiles.segment), dtype=PROFILE)
    for name in ("trust", "conversion", "attention"):
        made[name] = profiles.numbers(scenario, name)
    shares, place = np.unique(profiles.numbers(scenario, "satisfaction"), return_inverse=True)
    made["satisfied_threshold"] = np.array([threshold(float(share)) for share in shares], dtype=np.uint64)[place]
    declines = [threshold(segment.decline) for segment in scenario.segment.values()]
    made["decline_threshold"] = np.array(declines, dtype=np.uint64)[profiles.segment]
    made["segment"], made["group"] = profiles.segment, profiles.group
    segments = np.zeros(len(scenario.segment), dtype=SEGMENT)
    np.add.at(segments["people"], profiles.segment, profiles.counts)
    whole = np.floor(made["trust"] * 4294967296.0 + 0.5).astype(np.int64)
    np.add.at(segments["trust"], profiles.segment, whole * profiles.counts)
    return made, segments


def _at_first(of_profiles: npt.NDArray[np.void], segments: int, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how many people of each segment begin with which trust, in thousandths; short where all are alike."""
    if np.array_equal(of_profiles["segment"], np.arange(segments)):
        return np.zeros((1, 1), dtype=np.int64)
    found = np.zeros((segments, THOUSANDTHS + 1), dtype=np.int64)
    np.add.at(found, (of_profiles["segment"], (of_profiles["trust"] * THOUSANDTHS + 0.5).astype(np.int64)), counts)
    return found


MOST_QUANTILES = 20
"""At so many of the report times quantiles of people's trust are told."""


def quantile_times(times: int) -> npt.NDArray[np.int64]:
    """Return at which of the report times quantiles of people's trust are told: evenly chosen, the last one too.

    Examples
    --------
    >>> quantile_times(5), quantile_times(100)[-3:]
    (array([0, 1, 2, 3, 4]), array([89, 94, 99]))
    """
    return np.unique(np.round(np.linspace(0, times - 1, min(MOST_QUANTILES, times)))).astype(np.int64)


@lru_cache(maxsize=8)
def _quantile_places(times: int) -> npt.NDArray[np.int64]:
    places = np.full(times, -1, dtype=np.int64)
    chosen = quantile_times(times)
    places[chosen] = np.arange(len(chosen))
    return places


def _trust_order(scenario: Scenario) -> npt.NDArray[np.int64]:
    """Return the items with an effect on trust by priority; harm before repair, then by name."""
    if not scenario.takes_trust:
        return np.zeros(0, dtype=np.int64)
    names = list(scenario.item)
    effects = [name for name in names if scenario.item[name].kind != "content"]
    effects.sort(key=lambda name: (scenario.item[name].priority, scenario.item[name].kind == "restoration", name))
    return np.array([names.index(name) for name in effects], dtype=np.int64)


def _baseline(scenario: Scenario, horizon: int) -> npt.NDArray[np.uint64]:
    """Return thresholds of the chance to convert of one's own accord by a tick, by segment; short if nobody does."""
    rates = [segment.baseline for segment in scenario.segment.values()]
    if not any(rates):
        return np.zeros((1, 1), dtype=np.uint64)
    table = np.zeros((len(rates), max(horizon + 1, 2)), dtype=np.uint64)
    days = scenario.time.tick / 86_400.0
    for index, rate in enumerate(rates):
        for tick in range(horizon + 1):
            table[index, tick] = threshold(1.0 - exp((tick + 1.0) * days * log(1.0 - rate)) if rate < 1.0 else 1.0)
    return table


def _touch(of_item: Any, scenario: Scenario, name: str, people: int) -> None:
    """Fill in where an item touches the others: trust, births, exclusive sets, triggers, conversions."""
    item, names = scenario.item[name], list(scenario.item)
    others = {other: one for other, one in scenario.item.items() if not one.silent}
    harms = item.kind in ("testimony", "rumour")
    if scenario.takes_trust:
        of_item["effect"] = HARM if harms else REPAIR if item.kind == "restoration" else 0
        of_item["follows_trust"] = item.sensitivity > 0.0
    of_item["sensitivity"] = item.sensitivity
    for key in ("damage", "scar", "heal") if harms else ("repair",) if item.kind == "restoration" else ():
        of_item[key] = getattr(item, key)
    proven = harms and item.proven_false_at is not None
    of_item["proven_at"] = item.proven_false_at if proven else _NEVER_PROVEN
    of_item["left"] = 1.0 - item.disproof if proven else 1.0
    of_item["disappoints"] = item.kind == "content"
    of_item["born"] = next((names.index(other) for other, one in others.items() if one.born_of == name), -1)
    of_item["converts"] = item.kind == "content" and scenario.converts
    of_item["conversion_key"] = stream_key(scenario.random_seed, Purpose.CONVERSION, name)
    of_item["rank"] = sorted({one.priority for one in scenario.item.values()}).index(item.priority)
    sets = sorted({one.exclusive for one in scenario.item.values()} - {""})
    of_item["exclusive"] = sets.index(item.exclusive) + 1 if item.exclusive else 0
    of_item["after"] = names.index(item.after) if item.after else -1
    wanted = item.after_reach
    of_item["after_people"] = wanted if isinstance(wanted, int) else max(1, math.ceil(Fraction(repr(wanted)) * people))
    of_item["reaction_delay"] = item.reaction_delay


_NEVER_PROVEN = 2**40


def _check_times(scenario: Scenario, graph: SocialGraph, times: npt.NDArray[np.void] | None) -> None:
    """Refuse times that are meant otherwise: in seconds, say, and all of them after the horizon."""
    if times is None or not len(times):
        return
    first, horizon = int(times["start"].min()), int(scenario.time.horizon)
    if first > horizon:
        raise DataError(
            f"no arc is there before tick {first:,}, but the last tick is {horizon:,} (time.horizon)",
            place=graph.report.source,
            hint="network.time_origin and network.time_step turn times of the data into ticks",
        )


def _wave_name(path: tuple[str, str, str, str]) -> str:
    """Return the name of a wave of a plan; of an item's wave also that of the item, with a dot between."""
    return path[3] if path[0] == "plan" else f"{path[1]}.{path[3]}"


def people_on(scenario: Scenario, graph: SocialGraph, platform: str) -> npt.NDArray[np.bool_] | None:
    """Return who may be chosen as a seed on a platform: who is there; None where there is only one, for everybody may.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1, 2], [1, 2, 3], platform=["calls", "texts", "texts"])
    >>> settings = ["platform.feed.cross_post={calls=1}", "platform.calls.visibility=1"]
    >>> people_on(vs.read_scenario(settings=settings), graph, "calls").tolist()
    [True, True, False, False]
    """
    if len(scenario.platform) == 1 or not graph.layered:
        return None
    return members_of(graph, scenario.platform[platform].layer or platform)


def waves_by_start(scenario: Scenario, plan: str) -> list[tuple[str, Any]]:
    """Return the waves of a plan and of items with their names, in the order of a `Program`.

    Those of items that wait for another, or react with a delay, come last; those of silent items are left out.

    Examples
    --------
    >>> import viralsim as vs
    >>> [name for name, _ in waves_by_start(vs.read_scenario(), "hubs")]
    ['first']
    """
    named = [
        (_wave_name(path), wave) for path, wave in scenario.waves(plan).items() if not scenario.item[wave.item].silent
    ]
    return sorted(named, key=lambda entry: (starts_late(scenario, entry[1].item), entry[1].start))


def _compile_waves(
    scenario: Scenario,
    graph: SocialGraph,
    plan: str,
    layers: dict[str, _Layer],
    people_times: npt.NDArray[np.void] | None,
    known: Mapping[str, SeedGroups] | None = None,
) -> tuple[dict[str, Any], dict[str, SeedGroups]]:
    """Return the wave arrays of a `Program` and the seeds by wave: those known already, or chosen now."""
    items, platforms = tuple(scenario.item), tuple(scenario.platform)
    chosen: dict[str, SeedGroups] = dict(known or {})
    by_start = waves_by_start(scenario, plan)
    paths = {_wave_name(path): path for path in scenario.waves(plan)}
    taken = {item: np.zeros(graph.people, dtype=bool) for item in items}
    keys = []
    for name, wave in by_start:
        # The plan's name is left out: two plans with a random wave of the same name share their people.
        key = stream_key(scenario.random_seed, Purpose.SEEDING, wave.item, f"{wave.platform}\x1f{name}")
        keys.append(key)
        if name not in chosen:
            try:
                there = None if wave.strategy == "explicit" else people_on(scenario, graph, wave.platform)
                # (Who is there when something starts that waits for something else is not known.)
                if people_times is not None and not starts_late(scenario, wave.item):
                    in_time = (people_times["start"] <= wave.start) & (wave.start < people_times["end"])
                    there = in_time if there is None else there & in_time
                arcs, earlier = layers[wave.platform].arcs, taken[wave.item]
                chosen[name] = seed_groups(graph, wave, arcs, key, there, scenario.price, earlier)
            except DataError as error:
                if error.place.startswith("price."):
                    raise DataError(error.message, place=scenario.place(error.place), hint=error.hint) from None
                path = (*paths[name], error.place)
                message = f"{'.'.join(path)}: {error.message}"
                raise DataError(message, place=scenario.place(path), hint=error.hint) from None
        if not chosen[name].redrawn:
            taken[wave.item][chosen[name].people] = True
    groups = [group for name, _ in by_start for group in chosen[name].groups]
    waves = np.zeros(len(by_start) + 1, dtype=WAVE)
    waves["first_group"] = np.cumsum([0, *(len(chosen[name].groups) for name, _ in by_start)])
    for index, (name, wave) in enumerate(by_start):
        waves[index]["item"], waves[index]["platform"] = items.index(wave.item), platforms.index(wave.platform)
        waves[index]["start"], waves[index]["key"] = wave.start, keys[index]
        waves[index]["decline_key"] = stream_key(scenario.random_seed, Purpose.DECLINE, wave.item, wave.platform)
        waves[index]["redrawn"] = chosen[name].redrawn
        variants = list(scenario.item[wave.item].variant)
        waves[index]["variant"] = variants.index(wave.variant) if wave.variant else -1
    of_groups = np.zeros(len(groups) + 1, dtype=GROUP)
    of_groups["first_person"] = np.cumsum([0, *(len(group) for group in groups)])
    of_groups["count"][: len(groups)] = [n for name, _ in by_start for n in chosen[name].counts]
    of_groups["budget"][: len(groups)] = [n for name, _ in by_start for n in chosen[name].budgets]
    prices = [costs for name, _ in by_start for costs in chosen[name].prices]
    arrays = {
        "fixed_waves": sum(not starts_late(scenario, wave.item) for _, wave in by_start),
        "prices": np.concatenate([*prices, np.zeros(0)]).astype(np.int64),
        "waves": waves,
        "groups": of_groups,
        "pool": np.concatenate([*groups, np.zeros(0)]).astype(np.uint32),
    }
    return arrays, chosen

"""The model of viralsim in plain Python: slow, readable, and the judge of the kernel.

It shares no code with the engine but the choice of fixed seeds: luck, arithmetic and the course of a
realisation are written again from the design, with the C library's mathematics. `play` must equal the
kernel realisation by realisation, person by person, parent by parent, and in everybody's trust in the brand.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from viralsim.graph import SocialGraph
from viralsim.luck import Purpose, stream_key
from viralsim.scenario import Scenario
from viralsim.seeding import seed_groups

M32 = 0xFFFFFFFF
UNIT = 2**32
SEED, ADVERTISED, BORN, NOBODY = -1, -2, -3, M32
HARMFUL = ("testimony", "rumour")


def philox(key: int, *counter: int) -> list[int]:
    k0, k1 = key & M32, key >> 32
    x = list(counter)
    for _ in range(10):
        first, second = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(second >> 32) ^ x[1] ^ k0, second & M32, (first >> 32) ^ x[3] ^ k1, first & M32]
        k0, k1 = (k0 + 0x9E3779B9) & M32, (k1 + 0xBB67AE85) & M32
    return x


def lowbias32(x: int) -> int:
    x ^= x >> 16
    x = x * 0x7FEB352D & M32
    x ^= x >> 15
    x = x * 0x846CA68B & M32
    return x ^ (x >> 16)


def arc_luck(low: int, high: int, follower: int) -> int:
    return lowbias32(lowbias32((low + follower) & M32) ^ high)


def uniform(word0: int, word1: int) -> float:
    return ((word0 >> 5) * 2**26 + (word1 >> 6)) / 2**53


def at_most(delay: Any, d: int) -> float:
    """P(delay <= d)."""
    p = delay.parameters
    if delay.law == "table":
        return min(math.fsum(p["chances"][: d + 1]), 1.0)
    if delay.law == "geometric":
        return 1 - (p["mean"] / (1 + p["mean"])) ** (d + 1)
    if delay.law == "log-normal":
        return 0.5 * math.erfc(-math.log((d + 1) / p["median"]) / p["sigma"] / math.sqrt(2))
    if delay.law == "power-law":
        return 0.0 if d + 1 <= p["minimum"] else 1 - ((d + 1) / p["minimum"]) ** (1 - p["exponent"])
    return 1.0


def faded(half_lives: float) -> float:
    """Novelty after so many half-lives; nothing below e^-708, where normal numbers end."""
    return 0.0 if half_lives * math.log(2) > 708 else 0.5**half_lives


@dataclass
class Post:
    """What somebody engaged passes on, on one platform."""

    person: int
    platform: str
    first: int
    until: float
    stopped: bool = False


@dataclass
class Event:
    person: int
    tick: int
    parent: int  # a person, SEED, ADVERTISED or BORN
    generation: int
    platform: str
    variant: str
    """the one they have received, "" where the item has none"""
    posts: list[Post] = field(default_factory=list)
    stopped: bool = False
    calls: bool = True
    """whether their post where they engaged is, or may yet be, without an end"""

    @property
    def shared_at(self) -> int:
        """The tick of their first share where they engaged, -1 where there is none."""
        return next((post.first for post in self.posts if post.platform == self.platform), -1)


@dataclass(frozen=True)
class Sighting:
    """A share, or a tick's advertising, that somebody sees."""

    person: int
    sharer: int  # a person or ADVERTISED
    platform: str
    variant: str
    arc: int | None  # None for advertising, and for what somebody discovers who does not follow the sharer
    luck: int
    chance: float
    """of seeing it"""
    key: tuple[int, int]
    """the smaller, the earlier within the tick"""
    tick: int
    stage: int = 0
    """1 for contacts, which come after all broadcasts"""


@dataclass
class Trust:
    """One person's trust in the brand: what it was at its last change, and what of it is lost."""

    start: float
    half_life: float | None
    level: float = field(init=False)
    lost: float = 0.0
    """scars: how far below the start the level comes back by itself"""
    permanent: float = 0.0
    """the part of them that nothing mends"""
    changed: int = 0

    def __post_init__(self) -> None:
        self.level = self.start

    def at(self, tick: int) -> float:
        ceiling = self.start - self.lost
        missing = 1.0 if self.half_life is None else 0.5 ** ((tick - self.changed) / self.half_life)
        return max(0.0, ceiling - (ceiling - self.level) * missing)  # rounding may go below nothing

    def harm(self, tick: int, damage: float, scar: float, heal: float) -> None:
        level = self.at(tick)
        drop = damage * level
        self.level, self.changed = level - drop, tick
        self.lost += scar * drop
        self.permanent += (1 - heal) * scar * drop

    def mend(self, tick: int, repair: float) -> None:
        level, ceiling = self.at(tick), self.start - self.lost
        self.level, self.changed = level + repair * (ceiling - level), tick
        self.lost -= repair * (self.lost - self.permanent)


@dataclass
class Realisation:
    """What became of one item."""

    events: dict[int, Event] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)
    exposures: dict[int, int] = field(default_factory=dict)
    """person -> shares seen up to the one that persuaded them; not kept for contacts"""
    seen: list[Sighting] = field(default_factory=list)
    """all impressions, in the order of ticks; within one, contacts after the rest, one after another"""
    shares: list[Post] = field(default_factory=list)
    """each as often as it was shared"""
    converted: list[int] = field(default_factory=list)
    cost: int = 0
    incremental_conversions: int = 0
    baseline_conversions: int = 0
    curves: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    """tick -> reach, impressions, engaged, shares so far"""

    def row(self) -> dict[str, int]:
        earned = sorted(event.tick for event in self.events.values() if event.parent != SEED)
        per_tick = {tick: earned.count(tick) for tick in earned}
        return {
            "reach": len(self.reached),
            "impressions": len(self.seen),
            "engaged": len(self.events),
            "shares": len(self.shares),
            "generations": max((event.generation for event in self.events.values()), default=0),
            "time_to_peak": max(per_tick, key=lambda tick: (per_tick[tick], -tick)) if earned else -1,
            "time_to_half": earned[(len(earned) + 1) // 2 - 1] if earned else -1,
            "seeds": sum(event.parent == SEED for event in self.events.values()),
            "cost": self.cost,
            "roots": sum(event.parent == BORN for event in self.events.values()),
            "conversions": len(self.converted),
            "incremental_conversions": self.incremental_conversions,
            "baseline_conversions": self.baseline_conversions,
        }


@dataclass
class Accounts:
    """What became of one item, told by groups of people, platforms and variants; what is nothing is left out."""

    cells: dict[tuple[str, str], dict[str, int]]
    """(group, platform) -> reach, impressions, engaged, shares, conversions"""
    reach: Counter[str]
    frequency: Counter[tuple[str, int]]
    """(group, impressions, 10 for more) -> people"""
    flows: Counter[tuple[str | None, str]]
    """(platform where the parent engaged, platform) -> engaged; None for whoever had no parent"""
    carried: Counter[str]
    """group of a sharer -> people whose first sight of the item was their share"""
    delivered: Counter[tuple[str, str, str]]
    """(group, variant, "impressions" or "engaged")"""


def accounts(played: Realisation, groups: list[str]) -> Accounts:
    """Count one item's impressions, people and shares again, from what happened one by one."""
    told, given = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    began = [event for event in played.events.values() if event.parent in (SEED, BORN)]
    on = {(one.person, one.platform) for one in [*played.seen, *began]}
    for what, where in (
        ("reach", on),
        ("impressions", [(sighting.person, sighting.platform) for sighting in played.seen]),
        ("engaged", [(event.person, event.platform) for event in played.events.values()]),
        ("shares", [(post.person, post.platform) for post in played.shares]),
        ("conversions", [(person, played.events[person].platform) for person in played.converted]),
    ):
        told.update((groups[person], platform, what) for person, platform in where)
    for what, ones in (("impressions", played.seen), ("engaged", played.events.values())):
        given.update((groups[one.person], one.variant, what) for one in ones)
    parents = [played.events.get(event.parent) for event in played.events.values()]
    flows = Counter(
        (parent and parent.platform, event.platform)
        for parent, event in zip(parents, played.events.values(), strict=True)
    )
    # Seeds are reached before a tick's shares; contacts and roots after its broadcasts, which have keys.
    first: dict[int, tuple[tuple[int, int, tuple[int, int]], int]] = {}
    for event in began:
        first[event.person] = (event.tick, -1 if event.parent == SEED else 2, (0, 0)), event.parent
    for sighting in played.seen:
        earlier = first.get(sighting.person)
        if earlier is None or (sighting.tick, sighting.stage, sighting.key) < earlier[0]:
            first[sighting.person] = (sighting.tick, sighting.stage, sighting.key), sighting.sharer
    often = Counter(sighting.person for sighting in played.seen)
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for (group, platform, what), count in told.items():
        cells.setdefault((group, platform), {})[what] = count
    return Accounts(
        cells,
        Counter(groups[person] for person in {person for person, _ in on}),
        Counter((groups[person], min(count, 10)) for person, count in often.items()),
        flows,
        Counter(groups[sharer] for _, sharer in first.values() if sharer >= 0),
        given,
    )


@dataclass
class Played:
    """One realisation of all items."""

    items: dict[str, Realisation]
    trust: list[list[float]]
    """tick -> person -> trust in the brand at its end"""
    segments: list[str]
    """person -> segment"""
    groups: list[str]
    """person -> group that results are told for"""

    def trust_in(self, segment: str, tick: int) -> list[float]:
        """Trust of a segment's people at the end of a tick."""
        return [trust for trust, name in zip(self.trust[tick], self.segments, strict=True) if name == segment]


def person_times(scenario: Scenario, graph: SocialGraph) -> list[tuple[float, float]]:
    """First tick in which each person is there, and the first in which they are no more."""
    names = (scenario.network.join_attribute, scenario.network.leave_attribute)
    joins, leaves = ([math.nan] * graph.people if name is None else graph.attributes[name].tolist() for name in names)
    return [
        (0 if math.isnan(join) else join, math.inf if math.isnan(leave) else leave)
        for join, leave in zip(joins, leaves, strict=True)
    ]


def is_missing(value: Any) -> bool:
    return value in (None, "") or value != value


def meets(graph: SocialGraph, where: dict[str, Any], person: int) -> bool:
    """Whether all conditions of a table hold for a person."""

    def holds(key: str, wanted: Any) -> bool:
        if isinstance(wanted, dict):
            return not meets(graph, wanted, person)
        if isinstance(wanted, tuple) and isinstance(wanted[0], dict):
            return any(meets(graph, one, person) for one in wanted)
        value = graph.attributes[key][person]
        if isinstance(wanted, tuple):
            return any(str(value) == str(one) for one in wanted)
        beyond = value <= wanted.low if wanted.above else value < wanted.low
        return not (is_missing(value) or beyond or (value >= wanted.high if wanted.below else value > wanted.high))

    return all(holds(key, wanted) for key, wanted in where.items())


def segments_of(scenario: Scenario, graph: SocialGraph) -> list[str]:
    """Name of everybody's segment: by conditions, then by shares of those who are in none, then the one without any."""
    default = next(name for name, one in scenario.segment.items() if not one.where and one.share is None)
    found = [default] * graph.people
    by_priority = sorted(scenario.segment.items(), key=lambda named: named[1].priority or 0, reverse=True)
    for name, segment in by_priority:
        if name != default and segment.share is None:
            for person in range(graph.people):
                found[person] = name if meets(graph, segment.where, person) else found[person]
    for name, segment in scenario.segment.items():
        if segment.share is not None:
            key = int(stream_key(scenario.network.random_seed, Purpose.NETWORK, "segment", name))
            fitting = [person for person in range(graph.people) if meets(graph, segment.where, person)]
            luckiest = sorted(
                (person for person in fitting if found[person] == default),
                key=lambda person: philox(key, person, 0, 0, 0)[:2],
            )
            for person in luckiest[: math.floor(segment.share * len(fitting) + 0.5)]:
                found[person] = name
    return found


def group_of(scenario: Scenario, graph: SocialGraph, segment: str, person: int) -> str:
    """Name of the people whom results are told for together."""
    values = [graph.attributes[name][person] for name in scenario.segment[segment].per]
    if not values:
        return segment
    words = (
        "none" if all(map(is_missing, values)) else ", ".join("none" if is_missing(one) else str(one) for one in values)
    )
    return f"{segment} / {words}"


def price_of(scenario: Scenario, graph: SocialGraph, wave: Any, person: int) -> int:
    """What a person costs as a seed, in cents."""
    if wave.price is not None:
        return round(wave.price * 100)
    if scenario.price is None:
        return 0
    given = scenario.price.parameters
    if scenario.price.model == "flat":
        return round(given["amount"] * 100)
    if scenario.price.model == "column":
        return math.floor(float(graph.attributes[given["attribute"]][person]) * 100 + 0.5)
    worth, arcs = given["base"], arcs_of(scenario, graph, wave.platform)
    followers = arcs.followers[arcs.offsets[person] : arcs.offsets[person + 1]]
    for follower in range(len(set(followers.tolist()))):
        rate = given["rate"]
        for first, dearer in given.get("tiers", {}).items():
            rate = dearer if follower >= int(first) else rate
        worth += rate
    return math.floor(worth * 100 + 0.5)


def arcs_of(scenario: Scenario, graph: SocialGraph, platform: str) -> Any:
    return graph.layer(scenario.platform[platform].layer or platform)


def starts_late(item: Any) -> bool:
    return bool(item.after or item.reaction_delay)


def seeds_of(
    scenario: Scenario, graph: SocialGraph, name: str, wave: Any, realisation: int, taken: set[int]
) -> list[int]:
    there = None
    if not starts_late(scenario.item[wave.item]):  # otherwise nobody knows who will be there
        there = np.array([join <= wave.start < leave for join, leave in person_times(scenario, graph)])
    key = int(stream_key(scenario.random_seed, Purpose.SEEDING, wave.item, f"{wave.platform}\x1f{name}"))
    earlier = np.array([person in taken for person in range(graph.people)])
    chosen = seed_groups(
        graph, wave, arcs_of(scenario, graph, wave.platform), np.uint64(key), there, scenario.price, earlier
    )
    if not chosen.redrawn:
        taken.update(chosen.people.tolist())
        return chosen.people.tolist()
    people: list[int] = []
    for number, (group, count) in enumerate(zip(chosen.groups, chosen.counts, strict=True)):
        costs = {person: price_of(scenario, graph, wave, person) for person in group.tolist()}
        left: float = math.inf if wave.budget is None or wave.budget * 100 >= sum(costs.values()) else wave.budget * 100
        picked: list[int] = group.tolist() if count == len(group) and left == math.inf else []
        step = passed_over = 0
        while len(picked) < count and passed_over < 100:
            word0, word1, _, _ = philox(key, realisation, number, step, 1)
            person = int(group[int(uniform(word0, word1) * len(group))])
            step += 1
            if person in picked:
                continue
            if costs[person] > left:
                passed_over += 1
            else:
                picked.append(person)
                left -= costs[person]
                passed_over = 0
        people += picked
    return people


def units(dose: float) -> int:
    """A dose in whole numbers of 2^-32."""
    return math.floor(min(dose, 65536.0) * UNIT + 0.5)


def threshold(item: Any, luck: int, in_degree: int) -> float:
    """Dose, in units of 2^-32, at which a person engages."""
    if item.law == "fixed":
        if isinstance(item.threshold, int):
            return item.threshold * UNIT
        return max(1, math.ceil(Fraction(repr(item.threshold)) * in_degree)) * UNIT
    if item.law == "uniform":
        return (luck + 1) * max(1, in_degree if item.arc_weight == "in-degree" else 1)
    survival = 1.0 - luck / 2**32
    after = item.curve[-1] if item.then is None else item.then
    unit = 0
    while unit < len(item.curve) or after > 0:
        chance = item.curve[unit] if unit < len(item.curve) else after
        if survival > 1.0 - chance:
            part = 0.0 if chance == 1.0 else math.log(survival) / math.log(1.0 - chance)
            return unit * UNIT + math.floor(part * UNIT) + 1
        survival /= 1.0 - chance
        unit += 1
        if unit > 100_000:
            break
    return math.inf


def people_of(share_or_count: float | int, people: int) -> int:
    """How many people a share of all of them is, a part of a person counted as one; or the number itself."""
    if isinstance(share_or_count, int):
        return share_or_count
    return max(1, math.ceil(Fraction(repr(share_or_count)) * people))


def zone_of(name: str) -> Any:
    return datetime.strptime(name, "%z").tzinfo if name[0] in "+-" else ZoneInfo(name)


class World:
    """What all items of one realisation share: people, platforms, trust in the brand, conversions."""

    def __init__(self, scenario: Scenario, graph: SocialGraph, plan: str, realisation: int) -> None:
        self.scenario, self.graph, self.plan, self.realisation = scenario, graph, scenario.plan[plan], realisation
        self.horizon = scenario.time.horizon
        self.arcs = {name: arcs_of(scenario, graph, name) for name in scenario.platform}
        self.members = {name: self.members_of(name) for name in scenario.platform}
        self.names = segments_of(scenario, graph)
        self.segments = [scenario.segment[name] for name in self.names]
        self.groups = [group_of(scenario, graph, name, person) for person, name in enumerate(self.names)]
        own = ("attention", "susceptibility", "trust", "satisfaction", "conversion")
        self.numbers = {key: self.numbers_of(key) for key in own}
        self.times = person_times(scenario, graph)
        self.follows = {name: [0] * graph.people for name in scenario.platform}
        """platform -> person -> how many people they follow there"""
        for name, arcs in self.arcs.items():
            for _, followed in set(zip(arcs.sharers.tolist(), arcs.followers.tolist(), strict=True)):
                self.follows[name][followed] += 1
        self.in_degree = [sum(one) for one in zip(*self.follows.values(), strict=True)]
        self.trust = [Trust(start, scenario.trust.half_life) for start in self.numbers["trust"]]
        low, high, _, _ = philox(self.key(Purpose.BASELINE), realisation, 0, 0, 0)
        self.own_accord = [arc_luck(low, high, person) for person in range(graph.people)]
        self.converted: set[int] = set()

    def members_of(self, platform: str) -> list[int]:
        arcs, layer = self.arcs[platform], self.scenario.platform[platform].layer or platform
        everybody = range(self.graph.people)
        if not self.graph.layered:
            return list(everybody)
        if f"on_{layer}" in self.graph.attributes:
            return [person for person in everybody if self.graph.attributes[f"on_{layer}"][person]]
        return sorted({*arcs.sharers.tolist(), *arcs.followers.tolist()})

    def numbers_of(self, key: str) -> list[float]:
        """Everybody's own number, or their segment's."""
        individual = self.scenario.individual
        attribute = None if individual is None else getattr(individual, key)
        own = [None] * self.graph.people if attribute is None else self.graph.attributes[attribute].tolist()
        return [
            getattr(segment, key) if is_missing(one) else float(one)
            for one, segment in zip(own, self.segments, strict=True)
        ]

    def online(self, person: int, tick: int) -> float:
        online, time = self.segments[person].online, self.scenario.time
        if online is None:
            return 1.0
        zone, passed, start = zone_of(online.zone or time.zone), timedelta(seconds=tick * time.tick), time.moment(0)
        if start is None:  # some Monday, and clocks are not put forward
            local = datetime(2024, 1, 1, tzinfo=zone_of(time.zone)).astimezone(zone).replace(tzinfo=None) + passed
        else:
            local = (start.astimezone(UTC) + passed).astimezone(zone)
        return online.hours[local.hour] * online.weekdays[local.weekday()]

    def key(self, purpose: Purpose, item: str = "", platform: str = "") -> int:
        return int(stream_key(self.scenario.random_seed, purpose, item, platform))

    def is_there(self, person: int, tick: int) -> bool:
        return self.times[person][0] <= tick < self.times[person][1]

    def open_arcs(self, platform: str, sharer: int, tick: int) -> list[int]:
        """Arcs along which a share goes: one to each follower who is there."""
        arcs, found = self.arcs[platform], dict[int, int]()
        for arc in range(arcs.offsets[sharer], arcs.offsets[sharer + 1]):
            if arcs.start is None or arcs.start[arc] <= tick < arcs.end[arc]:
                found.setdefault(int(arcs.followers[arc]), arc)
        return [arc for person, arc in found.items() if self.is_there(person, tick)]

    def came_by_themselves(self, person: int, tick: int) -> bool:
        """Whether a person has converted of their own accord by the end of a tick, campaign or not."""
        days = (tick + 1) * self.scenario.time.tick / 86_400
        return self.own_accord[person] < math.floor((1 - (1 - self.segments[person].baseline) ** days) * UNIT)


class Spread:
    """One item in one realisation."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name, self.item = world, name, world.scenario.item[name]
        self.keys: dict[tuple[Purpose, str], int] = {}
        serve = world.plan.serve.get(name, {})
        served = {segment: serve.get(segment, next(iter(self.item.variant), "")) for segment in world.scenario.segment}
        self.served = [served[segment] for segment in world.names]
        self.played = Realisation()
        self.base: int | None = None if self.item.after else self.item.reaction_delay
        """tick that starts of waves and advertising are counted from; None before the trigger"""
        self.taken: set[int] = set()
        self.first_share: int | None = None
        self.sharing_at: dict[int, list[Post]] = {}
        self.left: dict[int, float] = {}
        self.counted: set[tuple[str, int, int]] = set()

    # -- luck ----------------------------------------------------------------------------------------------

    def words(self, purpose: Purpose, platform: str, who: int, whom: int = 0, attempt: int = 0) -> list[int]:
        if (purpose, platform) not in self.keys:
            self.keys[purpose, platform] = self.world.key(purpose, self.name, platform)
        return philox(self.keys[purpose, platform], self.world.realisation, who, whom, attempt)

    def comes_true(self, chance: float, purpose: Purpose, platform: str, who: int) -> bool:
        return self.words(purpose, platform, who)[0] < math.floor(chance * UNIT)

    def order(self, platform: str, sharer: int, person: int, attempt: int) -> tuple[int, int]:
        word0, word1, _, _ = self.words(Purpose.ORDER, platform, sharer, person, attempt)
        return word0, word1

    def remaining(self, person: int) -> float:
        if person not in self.left:
            low, high, _, _ = self.words(Purpose.THRESHOLD, "", 0)
            luck = arc_luck(low, high, person)
            self.left[person] = threshold(self.item, luck, self.world.in_degree[person])
        return self.left[person]

    # -- what a share does ---------------------------------------------------------------------------------

    def novelty(self, platform: str, tick: int) -> float:
        item, first = self.item, self.first_share
        if item.novelty is not None:
            return item.novelty[min(0 if first is None else tick - first, len(item.novelty) - 1)]
        half_life = item.half_life
        if half_life == "platform":
            half_life = self.world.scenario.platform[platform].half_life
        if half_life is None or first is None:
            return 1.0
        return faded((tick - first) / half_life)

    def credit(self, tick: int) -> float:
        """What is left of dose and damage of something that may have been proven false."""
        if self.item.kind not in HARMFUL or self.item.proven_false_at is None or tick < self.item.proven_false_at:
            return 1.0
        return 1 - self.item.disproof

    def factor(self, person: int, variant: str, tick: int) -> float:
        """What multiplies a dose whoever shares: susceptibility, affinity, trust in the brand."""
        item, world, segment = self.item, self.world, self.world.names[person]
        affinity = item.affinity.get(segment, 1.0)
        if variant:
            affinity = item.variant[variant].affinity.get(segment, affinity)
        if item.affinity_attribute is not None:
            own = world.graph.attributes[item.affinity_attribute][person]
            affinity *= 1.0 if is_missing(own) else float(own)
        affinity *= world.numbers["susceptibility"][person] * self.credit(tick)
        return affinity if item.sensitivity == 0 else affinity * world.trust[person].at(tick) ** item.sensitivity

    def modifier(self, sighting: Sighting) -> float:
        return self.novelty(sighting.platform, sighting.tick) * self.factor(
            sighting.person, sighting.variant, sighting.tick
        )

    def persuasion(self, sighting: Sighting) -> float:
        """Chance that a seen share persuades, law independent."""
        item, arc, arcs = self.item, sighting.arc, self.world.arcs[sighting.platform]
        if arc is None and isinstance(item.arc_probability, str):
            return 0.0
        dose = self.modifier(sighting)
        if item.arc_probability is None:
            base = item.stickiness
            dose *= 1 + item.endorsement * (0.0 if arc is None else float(arcs.trust[arc]))
        elif item.arc_probability == "weighted-cascade":
            base = 1 / self.world.follows[sighting.platform][sighting.person]
        elif item.arc_probability == "column":
            base = float(arcs.probability[arc])
        else:
            base = item.arc_probability
        if item.trials == "multiplicity" and arc is not None:
            base = 1 - (1 - base) ** int(arcs.multiplicity[arc])
        if dose == 0:
            return 0.0
        return base if dose == 1 else 1 - (1 - base) ** dose

    def dose_of(self, sighting: Sighting) -> int:
        """Dose of a seen share, the other laws."""
        item, arc, arcs = self.item, sighting.arc, self.world.arcs[sighting.platform]
        novelty, factor = (
            self.novelty(sighting.platform, sighting.tick),
            self.factor(sighting.person, sighting.variant, sighting.tick),
        )
        if item.law == "curve":
            return units(novelty * (factor * (1 + item.endorsement * (0.0 if arc is None else float(arcs.trust[arc])))))
        if arc is None:
            return 0
        if item.law == "fixed":
            return UNIT if novelty * factor > 0 else 0
        return units(novelty * (factor * (float(arcs.weight[arc]) if item.arc_weight == "column" else 1.0)))

    def effect_of(self, sighting: Sighting) -> tuple[int, bool]:
        """Return the dose of what somebody has seen, and whether it persuades them without one."""
        item, person, neighbour = self.item, sighting.person, (sighting.platform, sighting.sharer, sighting.person)
        if sighting.sharer != ADVERTISED:
            if item.law == "independent":
                return 0, sighting.luck < math.floor(sighting.chance * self.persuasion(sighting) * UNIT)
            dose = self.dose_of(sighting)
            if item.emission == "repeat" and item.law != "curve" and dose > 0:
                dose = 0 if neighbour in self.counted else dose
                self.counted.add(neighbour)
            return dose, False
        ad, modifier = item.advertisement, self.modifier(sighting)
        if ad.chance is None and item.law == "independent":
            chance = 1 - (1 - item.stickiness) ** (modifier * ad.dose)
        else:
            chance = 1 - (1 - (ad.chance or 0.0)) ** modifier
        dose = 0
        if item.law in ("curve", "uniform"):
            scale = self.world.in_degree[person] if item.law == "uniform" and item.arc_weight != "column" else 1
            dose = units(modifier * ad.dose) * max(1, scale)
        return dose, sighting.luck < math.floor(sighting.chance * chance * UNIT)

    def touch(self, person: int, tick: int) -> None:
        """What seeing the item once does to somebody's trust in the brand."""
        trust = self.world.trust[person]
        if self.item.kind in HARMFUL:
            trust.harm(tick, self.item.damage * self.credit(tick), self.item.scar, self.item.heal)
        elif self.item.kind == "restoration":
            trust.mend(tick, self.item.repair)

    # -- the course of a tick ------------------------------------------------------------------------------

    def sharers(self, tick: int) -> list[Post]:
        return [post for post in self.sharing_at.get(tick, []) if not self.has_stopped(post)]

    def has_stopped(self, post: Post) -> bool:
        return post.stopped or self.played.events[post.person].stopped

    def advertised(self, tick: int) -> list[Sighting]:
        """Who sees the tick's advertising."""
        world, ad, found = self.world, self.item.advertisement, list[Sighting]()
        if ad is None or self.base is None or self.item.silent:
            return found
        if self.base + ad.start <= tick < (math.inf if ad.end is None else self.base + ad.end):
            low, high, _, _ = self.words(Purpose.ARC, ad.platform, NOBODY, 0, tick)
            for person in range(world.graph.people):
                luck, chance = arc_luck(low, high, person), ad.visibility * world.online(person, tick)
                if luck < math.floor(chance * UNIT) and world.is_there(person, tick):
                    key, variant = self.order(ad.platform, NOBODY, person, tick), self.served[person]
                    found.append(Sighting(person, ADVERTISED, ad.platform, variant, None, luck, chance, key, tick))
        return found

    def broadcast(self, post: Post, tick: int, engaged_before: int) -> list[Sighting]:
        """Who would see a share, if feeds had no end: followers, and those whom the platform shows it to."""
        world, sharer, platform, attempt = self.world, post.person, post.platform, tick - post.first
        rules, arcs, members = world.scenario.platform[platform], world.arcs[platform], world.members[platform]
        self.played.shares.append(post)
        low, high, _, _ = self.words(Purpose.ARC, platform, sharer, 0, attempt)
        candidates = []
        for arc in world.open_arcs(platform, sharer, tick):
            person = int(arcs.followers[arc])
            chance = rules.visibility * world.numbers["attention"][person] * world.online(person, tick)
            candidates.append((person, arc, arc_luck(low, high, person), chance))
        if rules.discovery is not None and members:
            shown = min(rules.discovery.most, rules.discovery.rate * engaged_before)
            followers = arcs.followers[arcs.offsets[sharer] : arcs.offsets[sharer + 1]].tolist()
            drawn = set()
            for k in range(math.ceil(shown)):
                who, luck, last, _ = self.words(Purpose.DISCOVERY, platform, sharer, k, attempt)
                if k >= math.floor(shown) and last >= math.floor((shown - math.floor(shown)) * UNIT):
                    continue
                person = members[who * len(members) >> 32]
                if person not in {sharer, *followers, *drawn} and world.is_there(person, tick):
                    drawn.add(person)
                    chance = world.numbers["attention"][person] * world.online(person, tick)
                    candidates.append((person, None, luck, chance))
        variant = self.played.events[sharer].variant
        return [
            Sighting(
                person,
                sharer,
                platform,
                variant,
                arc,
                luck,
                chance,
                self.order(platform, sharer, person, attempt),
                tick,
            )
            for person, arc, luck, chance in candidates
            if luck < math.floor(chance * UNIT)
        ]

    def see(self, sighting: Sighting) -> None:
        self.played.seen.append(sighting)
        self.played.reached.add(sighting.person)

    def engage(self, person: int, parent: int, tick: int, platform: str, variant: str) -> Event:
        generation = self.played.events[parent].generation + 1 if parent >= 0 else 0
        event = self.played.events[person] = Event(person, tick, parent, generation, platform, variant)
        return event

    def persuaded(self, sighting: Sighting) -> None:
        self.engage(sighting.person, sighting.sharer, sighting.tick, sighting.platform, sighting.variant)

    def is_dissatisfied(self, person: int) -> bool:
        satisfaction = self.world.numbers["satisfaction"][person]
        return self.item.kind == "content" and not self.comes_true(satisfaction, Purpose.SATISFACTION, "", person)

    def schedule(self, event: Event) -> None:
        """Settle where and when somebody who has just engaged shares, if ever."""
        world, item, person = self.world, self.item, event.person
        if event.stopped:
            return
        event.stopped, event.calls = True, False
        passes_on = self.comes_true(item.share_rate, Purpose.SHARE, event.platform, person)
        if not passes_on or self.is_dissatisfied(person):
            return
        own = world.scenario.platform[event.platform]
        for name in world.scenario.platform:
            chance = own.share_rate if name == event.platform else own.cross_post.get(name, 0.0)
            if name != event.platform and person not in world.members[name]:
                continue
            if self.comes_true(chance, Purpose.CROSS_POST, name, person):
                event.stopped = False
                event.calls |= name == event.platform
                self.post(event, name)

    def post(self, event: Event, platform: str) -> None:
        world, item, person = self.world, self.item, event.person
        law, word = world.scenario.platform[platform].delay, self.words(Purpose.DELAY, platform, person)[0]
        first = event.tick + 1
        if law.law != "none":
            first += sum(word >= math.floor(at_most(law, d) * UNIT) for d in range(world.horizon + 1))
        if first > world.horizon or not world.is_there(person, first):
            return
        until: float = first if item.emission == "once" else world.horizon
        if item.emission != "once" and item.activity is not None:
            word = self.words(Purpose.ACTIVITY, platform, person)[0]
            over = [1 - (1 - 1 / item.activity) ** (d + 1) for d in range(world.horizon + 1)]
            until = first + sum(word >= math.floor(p * UNIT) for p in over)
        event.posts.append(Post(person, platform, first, min(until, world.times[person][1] - 1)))
        self.sharing_at.setdefault(first, []).append(event.posts[-1])

    def convert(self, event: Event) -> None:
        """Somebody who engages with content may buy, unless they have done so already."""
        world, person = self.world, event.person
        if self.item.kind != "content" or person in world.converted or world.came_by_themselves(person, event.tick):
            return
        chance = min(1.0, world.numbers["conversion"][person] * world.trust[person].at(event.tick))
        if self.comes_true(chance, Purpose.CONVERSION, "", person):
            world.converted.add(person)
            self.played.converted.append(person)
            self.played.incremental_conversions += not world.came_by_themselves(person, world.horizon)


def fill_feeds(world: World, sightings: dict[str, list[Sighting]]) -> dict[str, list[Sighting]]:
    """Leave of the broadcasts that a person would see on a platform those that their feed has room for."""
    feeds: dict[tuple[int, str], list[tuple[int, tuple[int, int], str, int]]] = {}
    for name, of_item in sightings.items():
        for number, sighting in enumerate(of_item):
            place = (world.scenario.item[name].priority, sighting.key, name, number)
            feeds.setdefault((sighting.person, sighting.platform), []).append(place)
    kept = set()
    for (_, platform), places in feeds.items():
        kept |= {place[2:] for place in sorted(places)[: world.scenario.platform[platform].feed_length]}
    return {
        name: [sighting for number, sighting in enumerate(of_item) if (name, number) in kept]
        for name, of_item in sightings.items()
    }


def persuaded_by(spread: Spread, sightings: list[Sighting], excluded: set[int]) -> dict[int, Sighting]:
    """Return who engages by what they have seen in a tick, each with the one that reached their threshold."""
    per_person: dict[int, list[tuple[tuple[int, int], int, int, bool, Sighting]]] = {}
    for number, sighting in enumerate(sightings):
        dose, alone = spread.effect_of(sighting)
        per_person.setdefault(sighting.person, []).append((sighting.key, number, dose, alone, sighting))
    found = {}
    for person, arrivals in per_person.items():
        if person in spread.played.events or person in excluded:
            continue
        for _, _, dose, alone, sighting in sorted(arrivals, key=lambda arrival: arrival[:2]):
            if sighting.sharer != ADVERTISED:
                spread.played.exposures[person] = spread.played.exposures.get(person, 0) + 1
            if dose > 0:
                spread.left[person] = spread.remaining(person) - dose
            if alone or (dose > 0 and spread.left[person] <= 0):
                found[person] = sighting
                break
    return found


def play(scenario: Scenario, graph: SocialGraph, plan: str, realisation: int) -> Played:
    """Play one realisation of a scenario."""
    world = World(scenario, graph, plan, realisation)
    spreads = {name: Spread(world, name) for name in scenario.item}
    waves = [
        (path[3] if path[0] == "plan" else f"{path[1]}.{path[3]}", wave) for path, wave in scenario.waves(plan).items()
    ]
    waves.sort(key=lambda named: named[1].start)  # stable: in the order of the file where they start together
    trust_at = []

    def rivals(spread: Spread) -> set[int]:
        """Those who are engaged with another item of the same exclusive set."""
        others = [other for other in spreads.values() if other is not spread and in_one_set(other, spread)]
        return {person for other in others for person in other.played.events}

    def in_one_set(one: Spread, other: Spread) -> bool:
        return one.item.exclusive != "" and one.item.exclusive == other.item.exclusive

    for tick in range(world.horizon + 1):
        before = {name: dict(spread.played.events) for name, spread in spreads.items()}

        # 1. Triggers: what stood at the end of the tick before.
        if tick > 0:
            reach = {name: len(spread.played.reached) for name, spread in spreads.items()}
            for spread in spreads.values():
                if spread.base is None and reach[spread.item.after] >= people_of(spread.item.after_reach, graph.people):
                    spread.base = tick + spread.item.reaction_delay

        # 2. Waves.
        for name, wave in waves:
            spread = spreads[wave.item]
            if spread.item.silent or spread.base is None or spread.base + wave.start != tick:
                continue
            for person in seeds_of(scenario, graph, name, wave, realisation, spread.taken):
                if starts_late(spread.item) and not world.is_there(person, tick):
                    continue
                price = price_of(scenario, graph, wave, person)
                if spread.comes_true(world.segments[person].decline, Purpose.DECLINE, wave.platform, person):
                    declined = 0.0 if scenario.price is None else scenario.price.declined
                    spread.played.cost += math.floor(price * declined + 0.5)
                    continue
                spread.played.cost += price
                if person not in spread.played.events and person not in rivals(spread):
                    spread.engage(person, SEED, tick, wave.platform, wave.variant or spread.served[person])
                    spread.played.reached.add(person)

        # 3. Who shares.
        sharers = {name: spread.sharers(tick) for name, spread in spreads.items()}
        for name, spread in spreads.items():
            if sharers[name] and spread.first_share is None:
                spread.first_share = tick

        # 4. What is seen, and what it does to trust.
        broadcasts: dict[str, list[Sighting]] = {name: [] for name in spreads}
        for name, spread in spreads.items():
            engaged = Counter(event.platform for event in before[name].values())
            for post in sharers[name] if spread.item.emission != "contact" else []:
                broadcasts[name] += spread.broadcast(post, tick, engaged[post.platform])
        sightings = fill_feeds(world, broadcasts)
        for name, spread in spreads.items():
            sightings[name] += spread.advertised(tick)
            for sighting in sightings[name]:
                spread.see(sighting)
        order = sorted(
            (spread.item.priority, spread.item.kind == "restoration", name) for name, spread in spreads.items()
        )
        for _, _, name in order:
            for sighting in sightings[name]:
                spreads[name].touch(sighting.person, tick)

        # 5. Doses, and 6. of several items of an exclusive set that persuade somebody in one tick, one.
        persuaded: dict[int, list[tuple[tuple[int, tuple[int, int]], str, Sighting]]] = {}
        for name, spread in spreads.items():
            for person, sighting in persuaded_by(spread, sightings[name], rivals(spread)).items():
                persuaded.setdefault(person, []).append(((spread.item.priority, sighting.key), name, sighting))
        for candidates in persuaded.values():
            for rank, name, sighting in candidates:
                if all(rank <= other for other, of, _ in candidates if in_one_set(spreads[of], spreads[name])):
                    spreads[name].persuaded(sighting)

        # 7. Contacts, one after another.
        met = []
        for name, spread in spreads.items():
            for post in sharers[name] if spread.item.emission == "contact" else []:
                there = world.open_arcs(post.platform, post.person, tick)
                if there:
                    attempt = tick - post.first
                    word = spread.words(Purpose.CONTACT, post.platform, post.person, 0, attempt)[0]
                    arc = there[word * len(there) >> 32]
                    person = int(world.arcs[post.platform].followers[arc])
                    key = spread.order(post.platform, post.person, person, attempt)
                    met.append((spread.item.priority, key, name, person, arc, post))
        for _, _, name, person, arc, post in sorted(met, key=lambda one: one[:3]):
            if not spreads[name].has_stopped(post):
                meet(spreads[name], post, tick, person, arc, rivals(spreads[name]))

        # 8. What those newly engaged do: convert, ...
        new = [
            (spread, event)
            for name, spread in spreads.items()
            for person, event in spread.played.events.items()
            if person not in before[name]
        ]
        for spread, event in new:
            spread.convert(event)
        # ... start a testimony where they are dissatisfied, ...
        for _, _, name in order:
            testimony = spreads[name]
            if testimony.item.silent:
                continue
            for spread, event in list(new):
                if spread.name != testimony.item.born_of or not spread.is_dissatisfied(event.person):
                    continue
                testimony.touch(event.person, tick)
                if event.person not in testimony.played.events:
                    testimony.played.reached.add(event.person)
                    variant = testimony.served[event.person]
                    new.append((testimony, testimony.engage(event.person, BORN, tick, event.platform, variant)))
        # ... and share, some time.
        for spread, event in new:
            spread.schedule(event)

        for name, spread in spreads.items():
            for post in sharers[name]:
                if tick < min(post.until, world.horizon):
                    spread.sharing_at.setdefault(tick + 1, []).append(post)
                else:
                    post.stopped, event = True, spread.played.events[post.person]
                    event.calls &= post.platform != event.platform
            now = spread.played
            now.curves[tick] = (len(now.reached), len(now.seen), len(now.events), len(now.shares))
        trust_at.append([trust.at(tick) for trust in world.trust])

    for spread in spreads.values():
        by_themselves = [world.came_by_themselves(person, world.horizon) for person in range(graph.people)]
        spread.played.baseline_conversions = sum(by_themselves)
    return Played({name: spread.played for name, spread in spreads.items()}, trust_at, world.names, world.groups)


def meet(spread: Spread, post: Post, tick: int, person: int, arc: int, excluded: set[int]) -> None:
    """A contact: always seen, and in the state that the contacts before have left."""
    item, played, sharer, attempt = spread.item, spread.played, post.person, tick - post.first
    low, high, _, _ = spread.words(Purpose.ARC, post.platform, sharer, 0, attempt)
    luck, variant = arc_luck(low, high, person), played.events[sharer].variant
    key = spread.order(post.platform, sharer, person, attempt)
    sighting = Sighting(person, sharer, post.platform, variant, arc, luck, 1.0, key, tick, stage=1)
    played.shares.append(post)
    spread.see(sighting)
    spread.touch(person, tick)
    if person in played.events:
        word, other = spread.words(Purpose.STIFLE, post.platform, sharer, person, attempt)[0], played.events[person]
        half = item.stop == "both" and other.calls and not other.stopped  # the other may call on them, too
        if word < math.floor(item.stifle * UNIT) >> half:
            played.events[sharer].stopped = True
            other.stopped |= item.stop == "both"
    elif person in excluded:
        return
    elif item.law == "independent":
        if luck < math.floor(spread.persuasion(sighting) * UNIT):
            spread.persuaded(sighting)
    elif spread.dose_of(sighting) > 0 and (post.platform, sharer, person) not in spread.counted:
        if item.law != "curve":
            spread.counted.add((post.platform, sharer, person))
        spread.left[person] = spread.remaining(person) - spread.dose_of(sighting)
        if spread.left[person] <= 0:
            spread.persuaded(sighting)

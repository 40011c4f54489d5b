"""The model of viralsim in plain Python: slow, readable, and the judge of the kernel.

It shares no code with the engine but the choice of fixed seeds: luck, arithmetic and the course of a
realisation are written again from the design, with the C library's mathematics. `play` must equal the
kernel realisation by realisation, person by person, parent by parent, and in everybody's trust in the brand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

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
class Event:
    person: int
    tick: int
    parent: int  # a person, SEED, ADVERTISED or BORN
    generation: int
    shared_at: int = -1
    shares_until: float = -1
    stopped: bool = False


@dataclass(frozen=True)
class Sighting:
    """A broadcast, or a tick's advertising, that somebody sees."""

    person: int
    sharer: int  # a person or ADVERTISED
    arc: int | None  # None for advertising
    luck: int
    key: tuple[int, int]
    """the smaller, the earlier within the tick"""


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
    impressions: int = 0
    shares: int = 0
    cost: int = 0
    conversions: int = 0
    incremental_conversions: int = 0
    baseline_conversions: int = 0
    curves: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    """tick -> reach, impressions, engaged, shares so far"""

    def row(self) -> dict[str, int]:
        earned = sorted(event.tick for event in self.events.values() if event.parent != SEED)
        per_tick = {tick: earned.count(tick) for tick in earned}
        return {
            "reach": len(self.reached),
            "impressions": self.impressions,
            "engaged": len(self.events),
            "shares": self.shares,
            "generations": max((event.generation for event in self.events.values()), default=0),
            "time_to_peak": max(per_tick, key=lambda tick: (per_tick[tick], -tick)) if earned else -1,
            "time_to_half": earned[(len(earned) + 1) // 2 - 1] if earned else -1,
            "seeds": sum(event.parent == SEED for event in self.events.values()),
            "cost": self.cost,
            "roots": sum(event.parent == BORN for event in self.events.values()),
            "conversions": self.conversions,
            "incremental_conversions": self.incremental_conversions,
            "baseline_conversions": self.baseline_conversions,
        }


@dataclass
class Played:
    """One realisation of all items."""

    items: dict[str, Realisation]
    trust: list[list[float]]
    """tick -> person -> trust in the brand at its end"""
    segments: list[str]
    """person -> segment"""

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


def segment_of(scenario: Scenario, graph: SocialGraph, person: int) -> str:
    """Name of the segment whose conditions a person meets, or of the one without any."""
    for name, segment in scenario.segment.items():
        values = [(graph.attributes[key][person], wanted) for key, wanted in segment.where.items()]
        if values and all(str(value) in map(str, wanted) for value, wanted in values):
            return name
    return next(name for name, segment in scenario.segment.items() if not segment.where)


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
    worth = given["base"]
    followers = graph.arcs.followers[graph.arcs.offsets[person] : graph.arcs.offsets[person + 1]]
    for follower in range(len(set(followers.tolist()))):
        rate = given["rate"]
        for first, dearer in given.get("tiers", {}).items():
            rate = dearer if follower >= int(first) else rate
        worth += rate
    return math.floor(worth * 100 + 0.5)


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
    chosen = seed_groups(graph, wave, graph.arcs, np.uint64(key), there, scenario.price, earlier)
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


class World:
    """What all items of one realisation share: people, arcs, trust in the brand, conversions."""

    def __init__(self, scenario: Scenario, graph: SocialGraph, realisation: int) -> None:
        self.scenario, self.graph, self.realisation = scenario, graph, realisation
        ((self.platform_name, self.platform),) = scenario.platform.items()
        self.arcs, self.horizon = graph.arcs, scenario.time.horizon
        self.names = [segment_of(scenario, graph, person) for person in range(graph.people)]
        self.segments = [scenario.segment[name] for name in self.names]
        self.times = person_times(scenario, graph)
        self.in_degree = [0] * graph.people
        for _, followed in set(zip(self.arcs.sharers.tolist(), self.arcs.followers.tolist(), strict=True)):
            self.in_degree[followed] += 1
        self.trust = [Trust(segment.trust, scenario.trust.half_life) for segment in self.segments]
        low, high, _, _ = philox(self.key(Purpose.BASELINE), realisation, 0, 0, 0)
        self.own_accord = [arc_luck(low, high, person) for person in range(graph.people)]
        self.converted: set[int] = set()

    def key(self, purpose: Purpose, item: str = "", platform: str = "") -> int:
        return int(stream_key(self.scenario.random_seed, purpose, item, platform))

    def is_there(self, person: int, tick: int) -> bool:
        return self.times[person][0] <= tick < self.times[person][1]

    def open_arcs(self, sharer: int, tick: int) -> list[int]:
        """Arcs along which a share goes: one to each follower who is there."""
        arcs, found = self.arcs, dict[int, int]()
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
        self.keys = {purpose: world.key(purpose, name, world.platform_name) for purpose in Purpose}
        for purpose in (Purpose.THRESHOLD, Purpose.SATISFACTION, Purpose.CONVERSION):
            self.keys[purpose] = world.key(purpose, name)
        self.seen = [world.platform.visibility * segment.attention for segment in world.segments]
        law = world.platform.delay
        self.delay_table = [math.floor(at_most(law, d) * 2**32) for d in range(world.horizon + 1)]
        self.played = Realisation()
        self.base: int | None = None if self.item.after else self.item.reaction_delay
        """tick that starts of waves and advertising are counted from; None before the trigger"""
        self.taken: set[int] = set()
        self.first_share: int | None = None
        self.sharing_at: dict[int, list[int]] = {}
        self.left: dict[int, float] = {}
        self.counted: set[tuple[int, int]] = set()

    # -- what a share does ---------------------------------------------------------------------------------

    def novelty(self, tick: int) -> float:
        item, first = self.item, self.first_share
        if item.novelty is not None:
            return item.novelty[min(0 if first is None else tick - first, len(item.novelty) - 1)]
        if item.half_life is None or first is None:
            return 1.0
        return faded((tick - first) / item.half_life)

    def credit(self, tick: int) -> float:
        """What is left of dose and damage of something that may have been proven false."""
        if self.item.kind not in HARMFUL or self.item.proven_false_at is None or tick < self.item.proven_false_at:
            return 1.0
        return 1 - self.item.disproof

    def factor(self, person: int, tick: int) -> float:
        """Affinity and trust in the brand: what multiplies a dose whoever shares."""
        affinity = self.item.affinity.get(self.world.names[person], 1.0) * self.credit(tick)
        if self.item.sensitivity == 0:
            return affinity
        return affinity * self.world.trust[person].at(tick) ** self.item.sensitivity

    def persuasion(self, arc: int, tick: int) -> float:
        """Chance that a seen share persuades, law independent."""
        item, arcs = self.item, self.world.arcs
        follower = int(arcs.followers[arc])
        modifier = self.novelty(tick) * self.factor(follower, tick)
        if item.arc_probability is None:
            base, dose = item.stickiness, modifier * (1 + item.endorsement * float(arcs.trust[arc]))
        else:
            dose = modifier
            if item.arc_probability == "weighted-cascade":
                base = 1 / self.world.in_degree[follower]
            elif item.arc_probability == "column":
                base = float(arcs.probability[arc])
            else:
                base = item.arc_probability
        if item.trials == "multiplicity":
            base = 1 - (1 - base) ** int(arcs.multiplicity[arc])
        if dose == 0:
            return 0.0
        return base if dose == 1 else 1 - (1 - base) ** dose

    def dose_of(self, arc: int, tick: int) -> int:
        """Dose of a seen share, the other laws."""
        item, arcs = self.item, self.world.arcs
        factor = self.factor(int(arcs.followers[arc]), tick)
        if item.law == "curve":
            return units(self.novelty(tick) * (factor * (1 + item.endorsement * float(arcs.trust[arc]))))
        if item.law == "fixed":
            return UNIT if self.novelty(tick) * factor > 0 else 0
        weight = float(arcs.weight[arc]) if item.arc_weight == "column" else 1.0
        return units(self.novelty(tick) * (factor * weight))

    def effect_of(self, sighting: Sighting, tick: int) -> tuple[int, bool]:
        """Return the dose of what somebody has seen, and whether it persuades them without one."""
        item, person, arc = self.item, sighting.person, sighting.arc
        if arc is not None:
            if item.law == "independent":
                limit = math.floor(self.seen[person] * self.persuasion(arc, tick) * UNIT)
                return 0, sighting.luck < limit
            dose = self.dose_of(arc, tick)
            if item.emission == "repeat" and item.law != "curve" and dose > 0:
                dose = 0 if (sighting.sharer, person) in self.counted else dose
                self.counted.add((sighting.sharer, person))
            return dose, False
        ad, modifier = item.advertisement, self.novelty(tick) * self.factor(person, tick)
        if ad.chance is None and item.law == "independent":
            chance = 1 - (1 - item.stickiness) ** (modifier * ad.dose)
        else:
            chance = 1 - (1 - (ad.chance or 0.0)) ** modifier
        dose = 0
        if item.law in ("curve", "uniform"):
            scale = self.world.in_degree[person] if item.law == "uniform" and item.arc_weight != "column" else 1
            dose = units(self.novelty(tick) * (self.factor(person, tick) * ad.dose)) * max(1, scale)
        return dose, sighting.luck < math.floor(ad.visibility * chance * UNIT)

    def remaining(self, person: int) -> float:
        if person not in self.left:
            low, high, _, _ = philox(self.keys[Purpose.THRESHOLD], self.world.realisation, 0, 0, 0)
            luck = arc_luck(low, high, person)
            self.left[person] = threshold(self.item, luck, self.world.in_degree[person])
        return self.left[person]

    def order(self, sharer: int, person: int, attempt: int) -> tuple[int, int]:
        word0, word1, _, _ = philox(self.keys[Purpose.ORDER], self.world.realisation, sharer, person, attempt)
        return word0, word1

    def word(self, purpose: Purpose, who: int, whom: int = 0, attempt: int = 0) -> int:
        return philox(self.keys[purpose], self.world.realisation, who, whom, attempt)[0]

    def touch(self, person: int, tick: int) -> None:
        """What seeing the item once does to somebody's trust in the brand."""
        trust = self.world.trust[person]
        if self.item.kind in HARMFUL:
            trust.harm(tick, self.item.damage * self.credit(tick), self.item.scar, self.item.heal)
        elif self.item.kind == "restoration":
            trust.mend(tick, self.item.repair)

    # -- the course of a tick ------------------------------------------------------------------------------

    def sharers(self, tick: int) -> list[Event]:
        events = self.played.events
        return [events[person] for person in self.sharing_at.get(tick, []) if not events[person].stopped]

    def sightings(self, tick: int, sharers: list[Event]) -> list[Sighting]:
        """Who sees the tick's advertising and broadcasts."""
        world, ad, found = self.world, self.item.advertisement, list[Sighting]()
        if ad is not None and self.base is not None and not self.item.silent:
            last = math.inf if ad.end is None else self.base + ad.end
            if self.base + ad.start <= tick < last:
                low, high, _, _ = philox(self.keys[Purpose.ARC], world.realisation, NOBODY, 0, tick)
                for person in range(world.graph.people):
                    luck = arc_luck(low, high, person)
                    if luck < math.floor(ad.visibility * UNIT) and world.is_there(person, tick):
                        found.append(Sighting(person, ADVERTISED, None, luck, self.order(NOBODY, person, tick)))
        for event in sharers if self.item.emission != "contact" else []:
            sharer, attempt = event.person, tick - event.shared_at
            self.played.shares += 1
            low, high, _, _ = philox(self.keys[Purpose.ARC], world.realisation, sharer, 0, attempt)
            for arc in world.open_arcs(sharer, tick):
                person = int(world.arcs.followers[arc])
                luck = arc_luck(low, high, person)
                if luck < math.floor(self.seen[person] * UNIT):
                    found.append(Sighting(person, sharer, arc, luck, self.order(sharer, person, attempt)))
        for sighting in found:
            self.see(sighting.person)
        return found

    def see(self, person: int) -> None:
        self.played.impressions += 1
        self.played.reached.add(person)

    def engage(self, person: int, parent: int, tick: int) -> Event:
        event = Event(person, tick, parent, self.played.events[parent].generation + 1 if parent >= 0 else 0)
        self.played.events[person] = event
        return event

    def is_dissatisfied(self, person: int) -> bool:
        satisfaction = self.world.segments[person].satisfaction
        return self.item.kind == "content" and self.word(Purpose.SATISFACTION, person) >= math.floor(
            satisfaction * UNIT
        )

    def schedule(self, event: Event) -> None:
        """Settle when somebody who has just engaged shares, if ever."""
        world, item, person = self.world, self.item, event.person
        if event.stopped:
            return
        if self.word(Purpose.SHARE, person) >= math.floor(item.share_rate * UNIT) or self.is_dissatisfied(person):
            event.stopped = True
            return
        word = self.word(Purpose.DELAY, person)
        delay = 0 if world.platform.delay.law == "none" else sum(word >= entry for entry in self.delay_table)
        if event.tick + 1 + delay > world.horizon or not world.is_there(person, event.tick + 1 + delay):
            return
        event.shared_at = event.shares_until = event.tick + 1 + delay
        if item.emission != "once":
            event.shares_until = world.horizon
            if item.activity is not None:
                word = self.word(Purpose.ACTIVITY, person)
                over = [1 - (1 - 1 / item.activity) ** (d + 1) for d in range(world.horizon + 1)]
                event.shares_until = event.shared_at + sum(word >= math.floor(p * UNIT) for p in over)
        event.shares_until = min(event.shares_until, world.times[person][1] - 1)
        self.sharing_at.setdefault(event.shared_at, []).append(person)

    def convert(self, event: Event) -> None:
        """Somebody who engages with content may buy, unless they have done so already."""
        world, person = self.world, event.person
        if self.item.kind != "content" or person in world.converted or world.came_by_themselves(person, event.tick):
            return
        chance = min(1.0, world.segments[person].conversion * world.trust[person].at(event.tick))
        if self.word(Purpose.CONVERSION, person) < math.floor(chance * UNIT):
            world.converted.add(person)
            self.played.conversions += 1
            self.played.incremental_conversions += not world.came_by_themselves(person, world.horizon)


def persuaded_by(spread: Spread, sightings: list[Sighting], tick: int, excluded: set[int]) -> dict[int, Sighting]:
    """Return who engages by what they have seen in a tick, each with the one that reached their threshold."""
    per_person: dict[int, list[tuple[tuple[int, int], int, int, bool, Sighting]]] = {}
    for number, sighting in enumerate(sightings):
        dose, alone = spread.effect_of(sighting, tick)
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
    """Play one realisation of a scenario with any number of items on one platform."""
    world = World(scenario, graph, realisation)
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
        before = {name: set(spread.played.events) for name, spread in spreads.items()}

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
                if spread.word(Purpose.DECLINE, person) < math.floor(world.segments[person].decline * UNIT):
                    declined = 0.0 if scenario.price is None else scenario.price.declined
                    spread.played.cost += math.floor(price * declined + 0.5)
                    continue
                spread.played.cost += price
                if person not in spread.played.events and person not in rivals(spread):
                    spread.engage(person, SEED, tick)
                    spread.played.reached.add(person)

        # 3. Who shares.
        sharers = {name: spread.sharers(tick) for name, spread in spreads.items()}
        for name, spread in spreads.items():
            if sharers[name] and spread.first_share is None:
                spread.first_share = tick

        # 4. What is seen, and what it does to trust.
        sightings = {name: spread.sightings(tick, sharers[name]) for name, spread in spreads.items()}
        order = sorted(
            (spread.item.priority, spread.item.kind == "restoration", name) for name, spread in spreads.items()
        )
        for _, _, name in order:
            for sighting in sightings[name]:
                spreads[name].touch(sighting.person, tick)

        # 5. Doses, and 6. of several items of an exclusive set that persuade somebody in one tick, one.
        persuaded: dict[int, list[tuple[tuple[int, tuple[int, int]], str, Sighting]]] = {}
        for name, spread in spreads.items():
            for person, sighting in persuaded_by(spread, sightings[name], tick, rivals(spread)).items():
                persuaded.setdefault(person, []).append(((spread.item.priority, sighting.key), name, sighting))
        for person, candidates in persuaded.items():
            for rank, name, sighting in candidates:
                if all(rank <= other for other, of, _ in candidates if in_one_set(spreads[of], spreads[name])):
                    spreads[name].engage(person, sighting.sharer, tick)

        # 7. Contacts, one after another.
        met = []
        for name, spread in spreads.items():
            for event in sharers[name] if spread.item.emission == "contact" else []:
                there = world.open_arcs(event.person, tick)
                if there:
                    attempt = tick - event.shared_at
                    arc = there[spread.word(Purpose.CONTACT, event.person, 0, attempt) * len(there) >> 32]
                    key = spread.order(event.person, int(world.arcs.followers[arc]), attempt)
                    met.append((spread.item.priority, key, name, event.person, arc))
        for _, _, name, sharer, arc in sorted(met):
            if not spreads[name].played.events[sharer].stopped:
                meet(spreads[name], spreads[name].played.events[sharer], tick, arc, rivals(spreads[name]))

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
                    new.append((testimony, testimony.engage(event.person, BORN, tick)))
        # ... and share, some time.
        for spread, event in new:
            spread.schedule(event)

        for name, spread in spreads.items():
            for event in sharers[name]:
                if tick < min(event.shares_until, world.horizon) and not event.stopped:
                    spread.sharing_at.setdefault(tick + 1, []).append(event.person)
                else:
                    event.stopped = True
            now = spread.played
            now.curves[tick] = (len(now.reached), now.impressions, len(now.events), now.shares)
        trust_at.append([trust.at(tick) for trust in world.trust])

    for spread in spreads.values():
        by_themselves = [world.came_by_themselves(person, world.horizon) for person in range(graph.people)]
        spread.played.baseline_conversions = sum(by_themselves)
    return Played({name: spread.played for name, spread in spreads.items()}, trust_at, world.names)


def meet(spread: Spread, event: Event, tick: int, arc: int, excluded: set[int]) -> None:
    """A contact: always seen, and in the state that the contacts before have left."""
    item, played = spread.item, spread.played
    sharer, person, attempt = event.person, int(spread.world.arcs.followers[arc]), tick - event.shared_at
    played.shares += 1
    spread.see(person)
    spread.touch(person, tick)
    if person in played.events:
        word, other = spread.word(Purpose.STIFLE, sharer, person, attempt), played.events[person]
        half = item.stop == "both" and not other.stopped  # the other may call on them, too
        if word < math.floor(item.stifle * UNIT) >> half:
            event.stopped = True
            other.stopped |= item.stop == "both"
    elif person in excluded:
        return
    elif item.law == "independent":
        low, high, _, _ = philox(spread.keys[Purpose.ARC], spread.world.realisation, sharer, 0, attempt)
        if arc_luck(low, high, person) < math.floor(spread.persuasion(arc, tick) * UNIT):
            spread.engage(person, sharer, tick)
    elif spread.dose_of(arc, tick) > 0 and (sharer, person) not in spread.counted:
        if item.law != "curve":
            spread.counted.add((sharer, person))
        spread.left[person] = spread.remaining(person) - spread.dose_of(arc, tick)
        if spread.left[person] <= 0:
            spread.engage(person, sharer, tick)

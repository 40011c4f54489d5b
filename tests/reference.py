"""The model of viralsim in plain Python: slow, readable, and the judge of the kernel.

It shares no code with the engine but the choice of fixed seeds: luck, arithmetic and the course of a
realisation are written again from the design, with the C library's mathematics. `play` must equal the
kernel realisation by realisation, person by person, parent by parent.
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
SEED, ADVERTISED, NOBODY = -1, -2, M32


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
    parent: int  # a person, SEED or ADVERTISED
    generation: int
    shared_at: int = -1
    shares_until: float = -1
    stopped: bool = False


@dataclass
class Realisation:
    events: dict[int, Event] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)
    exposures: dict[int, int] = field(default_factory=dict)
    """person -> shares seen up to the one that persuaded them; not kept for contacts"""
    impressions: int = 0
    shares: int = 0
    cost: int = 0
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
        }


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


def seeds_of(
    scenario: Scenario, graph: SocialGraph, name: str, wave: Any, realisation: int, taken: set[int]
) -> list[int]:
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


def play(scenario: Scenario, graph: SocialGraph, plan: str, realisation: int) -> Realisation:
    """Play one realisation of a scenario with one item on one platform."""
    (item_name, item), (platform_name, platform) = *scenario.item.items(), *scenario.platform.items()
    names = [segment_of(scenario, graph, person) for person in range(graph.people)]
    segments = [scenario.segment[name] for name in names]
    arcs, horizon = graph.arcs, scenario.time.horizon
    times = person_times(scenario, graph)
    in_degree = [0] * graph.people
    for _, followed in set(zip(arcs.sharers.tolist(), arcs.followers.tolist(), strict=True)):
        in_degree[followed] += 1
    keys = {purpose: int(stream_key(scenario.random_seed, purpose, item_name, platform_name)) for purpose in Purpose}
    for purpose in (Purpose.THRESHOLD, Purpose.SATISFACTION):
        keys[purpose] = int(stream_key(scenario.random_seed, purpose, item_name))
    seen = [platform.visibility * segment.attention for segment in segments]
    factor = [
        item.affinity.get(name, 1.0) * (1.0 if item.sensitivity == 0 else segment.trust**item.sensitivity)
        for name, segment in zip(names, segments, strict=True)
    ]
    taken: set[int] = set()
    delay_table = [math.floor(at_most(platform.delay, d) * 2**32) for d in range(horizon + 1)]
    played = Realisation()
    first_share: int | None = None
    sharing_at: dict[int, list[int]] = {}
    left: dict[int, float] = {}
    counted: set[tuple[int, int]] = set()

    def is_there(person: int, tick: int) -> bool:
        return times[person][0] <= tick < times[person][1]

    def open_arcs(sharer: int, tick: int) -> list[int]:
        """Arcs along which a share goes: one to each follower who is there."""
        found: dict[int, int] = {}
        for arc in range(arcs.offsets[sharer], arcs.offsets[sharer + 1]):
            if arcs.start is None or arcs.start[arc] <= tick < arcs.end[arc]:
                found.setdefault(int(arcs.followers[arc]), arc)
        return [arc for person, arc in found.items() if is_there(person, tick)]

    def novelty(tick: int) -> float:
        if item.novelty is not None:
            return item.novelty[min(0 if first_share is None else tick - first_share, len(item.novelty) - 1)]
        if item.half_life is None or first_share is None:
            return 1.0
        return faded((tick - first_share) / item.half_life)

    def persuasion(arc: int, follower: int, tick: int) -> float:
        """Chance that a seen share persuades, law independent."""
        modifier = novelty(tick) * factor[follower]
        if item.arc_probability is None:
            base, dose = item.stickiness, modifier * (1 + item.endorsement * float(arcs.trust[arc]))
        else:
            dose = modifier
            if item.arc_probability == "weighted-cascade":
                base = 1 / in_degree[follower]
            elif item.arc_probability == "column":
                base = float(arcs.probability[arc])
            else:
                base = item.arc_probability
        if item.trials == "multiplicity":
            base = 1 - (1 - base) ** int(arcs.multiplicity[arc])
        if dose == 0:
            return 0.0
        return base if dose == 1 else 1 - (1 - base) ** dose

    def dose_of(arc: int, tick: int) -> int:
        """Dose of a seen share, the other laws."""
        affinity = factor[int(arcs.followers[arc])]
        if item.law == "curve":
            return units(novelty(tick) * (affinity * (1 + item.endorsement * float(arcs.trust[arc]))))
        if item.law == "fixed":
            return UNIT if novelty(tick) * affinity > 0 else 0
        weight = float(arcs.weight[arc]) if item.arc_weight == "column" else 1.0
        return units(novelty(tick) * (affinity * weight))

    def remaining(person: int) -> float:
        if person not in left:
            low, high, _, _ = philox(keys[Purpose.THRESHOLD], realisation, 0, 0, 0)
            left[person] = threshold(item, arc_luck(low, high, person), in_degree[person])
        return left[person]

    def order(sharer: int, person: int, attempt: int) -> tuple[int, int]:
        word0, word1, _, _ = philox(keys[Purpose.ORDER], realisation, sharer, person, attempt)
        return word0, word1

    def see(person: int) -> None:
        played.impressions += 1
        played.reached.add(person)

    def engage(person: int, parent: int, tick: int) -> Event:
        event = Event(person, tick, parent, played.events[parent].generation + 1 if parent >= 0 else 0)
        played.events[person] = event
        return event

    def schedule(event: Event) -> None:
        if event.stopped:
            return
        if philox(keys[Purpose.SHARE], realisation, event.person, 0, 0)[0] >= math.floor(item.share_rate * 2**32):
            event.stopped = True
            return
        satisfaction = segments[event.person].satisfaction
        if philox(keys[Purpose.SATISFACTION], realisation, event.person, 0, 0)[0] >= math.floor(satisfaction * 2**32):
            event.stopped = True
            return
        word = philox(keys[Purpose.DELAY], realisation, event.person, 0, 0)[0]
        delay = 0 if platform.delay.law == "none" else sum(word >= entry for entry in delay_table)
        if event.tick + 1 + delay > horizon or not is_there(event.person, event.tick + 1 + delay):
            return
        event.shared_at = event.shares_until = event.tick + 1 + delay
        if item.emission != "once":
            event.shares_until = horizon
            if item.activity is not None:
                word = philox(keys[Purpose.ACTIVITY], realisation, event.person, 0, 0)[0]
                over = [1 - (1 - 1 / item.activity) ** (d + 1) for d in range(horizon + 1)]
                event.shares_until = event.shared_at + sum(word >= math.floor(p * 2**32) for p in over)
        event.shares_until = min(event.shares_until, times[event.person][1] - 1)
        sharing_at.setdefault(event.shared_at, []).append(event.person)

    def meet(event: Event, tick: int, arc: int) -> None:
        """A contact: always seen, and in the state that the contacts before have left."""
        sharer, person, attempt = event.person, int(arcs.followers[arc]), tick - event.shared_at
        played.shares += 1
        see(person)
        if person in played.events:
            word, other = philox(keys[Purpose.STIFLE], realisation, sharer, person, attempt)[0], played.events[person]
            half = item.stop == "both" and not other.stopped  # the other may call on them, too
            if word < math.floor(item.stifle * 2**32) >> half:
                event.stopped = True
                other.stopped |= item.stop == "both"
        elif item.law == "independent":
            low, high, _, _ = philox(keys[Purpose.ARC], realisation, sharer, 0, attempt)
            if arc_luck(low, high, person) < math.floor(persuasion(arc, person, tick) * 2**32):
                engage(person, sharer, tick)
        elif dose_of(arc, tick) > 0 and (sharer, person) not in counted:
            if item.law != "curve":
                counted.add((sharer, person))
            left[person] = remaining(person) - dose_of(arc, tick)
            if left[person] <= 0:
                engage(person, sharer, tick)

    for tick in range(horizon + 1):
        before = set(played.events)
        for name, wave in scenario.plan[plan].wave.items():
            if wave.start == tick:
                for person in seeds_of(scenario, graph, name, wave, realisation, taken):
                    price = price_of(scenario, graph, wave, person)
                    word = philox(keys[Purpose.DECLINE], realisation, person, 0, 0)[0]
                    if word < math.floor(segments[person].decline * 2**32):
                        declined = 0.0 if scenario.price is None else scenario.price.declined
                        played.cost += math.floor(price * declined + 0.5)
                        continue
                    played.cost += price
                    if person not in played.events:
                        engage(person, SEED, tick)
                        played.reached.add(person)
        seeds = set(played.events) - before

        sharers = [played.events[person] for person in sharing_at.get(tick, []) if not played.events[person].stopped]
        if sharers and first_share is None:
            first_share = tick
        arrivals: dict[int, list[tuple[tuple[int, int], int, float, bool]]] = {}
        """person -> key, parent, dose, whether it persuades alone"""

        ad = item.advertisement
        if ad is not None and ad.start <= tick < (horizon + 1 if ad.end is None else ad.end):
            low, high, _, _ = philox(keys[Purpose.ARC], realisation, NOBODY, 0, tick)
            for person in range(graph.people):
                luck = arc_luck(low, high, person)
                if luck >= math.floor(ad.visibility * 2**32) or not is_there(person, tick):
                    continue
                see(person)
                base, dose = ad.chance or 0.0, novelty(tick) * factor[person]
                if ad.chance is None and item.law == "independent":
                    base, dose = item.stickiness, dose * ad.dose
                chance = 1 - (1 - base) ** dose if dose > 0 else 0.0
                extra = 0
                if item.law in ("curve", "uniform"):
                    scale = in_degree[person] if item.law == "uniform" and item.arc_weight != "column" else 1
                    extra = units(novelty(tick) * (factor[person] * ad.dose)) * max(1, scale)
                key = order(NOBODY, person, tick)
                alone = luck < math.floor(ad.visibility * chance * 2**32)
                arrivals.setdefault(person, []).append((key, ADVERTISED, extra, alone))

        for event in sharers if item.emission != "contact" else []:
            sharer, attempt = event.person, tick - event.shared_at
            played.shares += 1
            low, high, _, _ = philox(keys[Purpose.ARC], realisation, sharer, 0, attempt)
            for arc in open_arcs(sharer, tick):
                person = int(arcs.followers[arc])
                luck = arc_luck(low, high, person)
                if luck >= math.floor(seen[person] * 2**32):
                    continue
                see(person)
                alone, dose = False, 0
                if item.law == "independent":
                    alone = luck < math.floor(seen[person] * persuasion(arc, person, tick) * 2**32)
                else:
                    dose = dose_of(arc, tick)
                    if item.emission == "repeat" and item.law != "curve" and dose > 0:
                        dose = 0 if (sharer, person) in counted else dose
                        counted.add((sharer, person))
                arrivals.setdefault(person, []).append((order(sharer, person, attempt), sharer, dose, alone))

        for person, arrived in arrivals.items():
            if person in before or person in seeds:
                continue
            for _, parent, dose, alone in sorted(arrived):
                if parent != ADVERTISED:
                    played.exposures[person] = played.exposures.get(person, 0) + 1
                if dose > 0:
                    left[person] = remaining(person) - dose
                if alone or (dose > 0 and left[person] <= 0):
                    engage(person, parent, tick)
                    break

        if item.emission == "contact":
            met = []
            for event in sharers:
                there = open_arcs(event.person, tick)
                if there:
                    attempt = tick - event.shared_at
                    word = philox(keys[Purpose.CONTACT], realisation, event.person, 0, attempt)[0]
                    arc = there[word * len(there) >> 32]
                    met.append((order(event.person, int(arcs.followers[arc]), attempt), event.person, arc))
            for _, sharer, arc in sorted(met):
                if not played.events[sharer].stopped:
                    meet(played.events[sharer], tick, arc)

        for person in played.events.keys() - before:
            schedule(played.events[person])
        for event in sharers:
            if tick < min(event.shares_until, horizon) and not event.stopped:
                sharing_at.setdefault(tick + 1, []).append(event.person)
            else:
                event.stopped = True
        played.curves[tick] = (len(played.reached), played.impressions, len(played.events), played.shares)
    return played

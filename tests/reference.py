"""The model of viralsim in plain Python: slow, readable, and the judge of the kernel.

It shares no code with the engine but the choice of fixed seeds: luck, arithmetic and the course of a
realisation are written again from the design, with the C library's mathematics. `play` must equal the
kernel realisation by realisation, person by person, parent by parent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from viralsim.graph import SocialGraph
from viralsim.luck import Purpose, stream_key
from viralsim.scenario import Scenario
from viralsim.seeding import seed_groups

M32 = 0xFFFFFFFF


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
    parent: int  # a person, -1 for seeds
    generation: int
    shared_at: int = -1


@dataclass
class Realisation:
    events: dict[int, Event] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)
    impressions: int = 0
    shares: int = 0
    curves: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    """tick -> reach, impressions, engaged, shares so far"""

    def row(self) -> dict[str, int]:
        earned = sorted(event.tick for event in self.events.values() if event.parent >= 0)
        per_tick = {tick: earned.count(tick) for tick in earned}
        return {
            "reach": len(self.reached),
            "impressions": self.impressions,
            "engaged": len(self.events),
            "shares": self.shares,
            "generations": max((event.generation for event in self.events.values()), default=0),
            "time_to_peak": max(per_tick, key=lambda tick: (per_tick[tick], -tick)) if earned else -1,
            "time_to_half": earned[(len(earned) + 1) // 2 - 1] if earned else -1,
            "seeds": sum(event.parent < 0 for event in self.events.values()),
        }


def seeds_of(scenario: Scenario, graph: SocialGraph, name: str, wave: Any, realisation: int) -> list[int]:
    key = int(stream_key(scenario.random_seed, Purpose.SEEDING, wave.item, f"{wave.platform}\x1f{name}"))
    chosen = seed_groups(graph, wave, graph.arcs, np.uint64(key))
    if not chosen.redrawn:
        return chosen.people.tolist()
    people: list[int] = []
    for number, (group, count) in enumerate(zip(chosen.groups, chosen.counts, strict=True)):
        picked: list[int] = group.tolist() if count == len(group) else []
        step = 0
        while len(picked) < count:
            word0, word1, _, _ = philox(key, realisation, number, step, 1)
            person = int(group[int(uniform(word0, word1) * len(group))])
            if person not in picked:
                picked.append(person)
            step += 1
        people += picked
    return people


def play(scenario: Scenario, graph: SocialGraph, plan: str, realisation: int) -> Realisation:
    """Play one realisation of a scenario with one item on one platform."""
    (item_name, item), (platform_name, platform) = *scenario.item.items(), *scenario.platform.items()
    ((segment_name, segment),) = scenario.segment.items()
    arcs, horizon = graph.arcs, scenario.time.horizon
    keys = {purpose: int(stream_key(scenario.random_seed, purpose, item_name, platform_name)) for purpose in Purpose}
    seen = platform.visibility * segment.attention
    affinity = item.affinity.get(segment_name, 1.0)
    delay_table = [math.floor(at_most(platform.delay, d) * 2**32) for d in range(horizon + 1)]
    played = Realisation()
    first_share: int | None = None
    sharing_at: dict[int, list[int]] = {}

    def persuasion(arc: int, follower: int, tick: int) -> float:
        """Chance that a seen share persuades."""
        assert first_share is not None
        novelty = 1.0 if item.half_life is None else faded((tick - first_share) / item.half_life)
        modifier = novelty * affinity
        if item.arc_probability is None:
            base, dose = item.stickiness, modifier * (1 + item.endorsement * float(arcs.trust[arc]))
        else:
            dose = modifier
            if item.arc_probability == "weighted-cascade":
                base = 1 / int(arcs.in_degree[follower])
            elif item.arc_probability == "column":
                base = float(arcs.probability[arc])
            else:
                base = item.arc_probability
        if item.trials == "multiplicity":
            base = 1 - (1 - base) ** int(arcs.multiplicity[arc])
        if dose == 0:
            return 0.0
        return base if dose == 1 else 1 - (1 - base) ** dose

    def order(sharer: int, person: int) -> tuple[int, int, int]:
        word0, word1, _, _ = philox(keys[Purpose.ORDER], realisation, sharer, person, 0)
        return word0, word1, sharer

    def schedule(event: Event) -> None:
        if philox(keys[Purpose.SHARE], realisation, event.person, 0, 0)[0] >= math.floor(item.share_rate * 2**32):
            return
        word = philox(keys[Purpose.DELAY], realisation, event.person, 0, 0)[0]
        delay = 0 if platform.delay.law == "none" else sum(word >= entry for entry in delay_table)
        if event.tick + 1 + delay <= horizon:
            event.shared_at = event.tick + 1 + delay
            sharing_at.setdefault(event.shared_at, []).append(event.person)

    for tick in range(horizon + 1):
        new: dict[int, Event] = {}
        for name, wave in scenario.plan[plan].wave.items():
            if wave.start == tick:
                for person in seeds_of(scenario, graph, name, wave, realisation):
                    if person not in played.events:
                        new.setdefault(person, Event(person, tick, -1, 0))
        played.reached |= set(new)

        for sharer in sharing_at.get(tick, []):
            first_share = tick if first_share is None else first_share
            played.shares += 1
            low, high, _, _ = philox(keys[Purpose.ARC], realisation, sharer, 0, 0)
            for arc in range(arcs.offsets[sharer], arcs.offsets[sharer + 1]):
                person = int(arcs.followers[arc])
                luck = arc_luck(low, high, person)
                if luck >= math.floor(seen * 2**32):
                    continue
                played.impressions += 1
                played.reached.add(person)
                if person in played.events or luck >= math.floor(seen * persuasion(arc, person, tick) * 2**32):
                    continue
                rival = new.get(person)
                if rival is None or (rival.parent >= 0 and order(sharer, person) < order(rival.parent, person)):
                    new[person] = Event(person, tick, sharer, played.events[sharer].generation + 1)

        played.events |= new
        for event in new.values():
            schedule(event)
        played.curves[tick] = (len(played.reached), played.impressions, len(played.events), played.shares)
    return played

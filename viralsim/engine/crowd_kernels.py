"""Who is told what, where: accounts by group of people and platform, when people are online, feeds that are full."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.engine.accounts import CELLS, FREQUENCIES
from viralsim.engine.arrival_kernels import ADVERTISED, order_of
from viralsim.engine.vectors import lowest_bit, mark

__all__ = ["UNSEEN"]

UNSEEN = -1
"""Tick in which somebody first saw an item that they have not seen."""

_REACH, _IMPRESSIONS, _ENGAGED = (CELLS.index(name) for name in ("reach", "impressions", "engaged"))
_SHARES, _CONVERSIONS = CELLS.index("shares"), CELLS.index("conversions")


@kernel(forceinline=True, allocates=False)
def profile_of(program: Any, person: Any) -> Any:
    """Return the number of a person's profile."""
    return np.int64(program.profile_of[np.uint64(person)]) if program.profiles.shape[0] > 1 else np.int64(0)


@kernel(forceinline=True, allocates=False)
def online(program: Any, profile: Any, tick: Any) -> Any:
    """Return the chance that people of a profile are online in a tick."""
    if program.online.shape[1] == 1:
        return 1.0
    return program.online[program.profiles[profile].segment, tick]


@kernel(forceinline=True, allocates=False)
def seen_chance(program: Any, platform: Any, person: Any, tick: Any) -> Any:
    """Return the chance that a person sees a share on a platform in a tick."""
    profile = profile_of(program, person)
    return program.seen_chances[platform, profile] * online(program, profile, tick)


@kernel(forceinline=True, allocates=False)
def fit(program: Any, item: Any, variant: Any, person: Any) -> Any:
    """Return what a variant leaves of the dose that the best one has for a person."""
    if program.items[item].variants == 0:
        return 1.0
    return program.variant_fit[item, variant, program.profiles[profile_of(program, person)].segment]


@kernel(allocates=False)
def is_shown(program: Any, work: Any, crowd: Any, realisation: Any, tick: Any, entry: Any, person: Any) -> Any:
    """Tell whether a broadcast is among those that a person's feed has room for in a tick."""
    feed = program.platforms[work.queue[entry].platform].feed
    if (
        feed < 0
        or crowd.feed_counts[feed, np.uint64(person)] <= program.platforms[work.queue[entry].platform].feed_length
    ):
        return True
    key = order_of(program, work, realisation, tick, np.int64(work.queue[entry].item), entry, person)
    return key <= crowd.feed_cutoffs[feed, np.uint64(person)]


@kernel(allocates=False)
def appear(program: Any, crowd: Any, item: Any, platform: Any, somebody: Any, origin: Any, tick: Any) -> None:
    """Count somebody as reached whom nothing has impressed: a seed, or a root of testimony."""
    person, words = np.uint64(somebody), np.uint64(crowd.reached_on.shape[2])
    row = np.uint64(item) * np.uint64(crowd.reached_on.shape[1]) + np.uint64(platform)
    mark(crowd.reached_on, row * words + (person >> np.uint64(6)), person & np.uint64(63))
    if crowd.sights[item, person].tick == UNSEEN:
        crowd.sights[item, person].tick = tick
        crowd.sights[item, person].carrier = origin


@kernel(allocates=False)
def account(
    program: Any,
    work: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    item: Any,
    platform: Any,
    variant: Any,
    origin: Any,
    somebody: Any,
) -> None:
    """Enter an impression into the accounts; `origin` is the sharer's entry, or ADVERTISED."""
    person, words, index = np.uint64(somebody), np.uint64(crowd.reached_on.shape[2]), crowd.index[0]
    group = program.profiles[profile_of(program, person)].group
    crowd.cells[index, item, group, platform, _IMPRESSIONS] += 1
    crowd.delivered[index, item, group, variant, 0] += 1
    row = np.uint64(item) * np.uint64(crowd.reached_on.shape[1]) + np.uint64(platform)
    mark(crowd.reached_on, row * words + (person >> np.uint64(6)), person & np.uint64(63))
    seen, carrier = crowd.sights[item, person].tick, np.int64(crowd.sights[item, person].carrier)
    crowd.sights[item, person].impressions += 1
    if seen == UNSEEN:
        crowd.sights[item, person].tick = tick
        crowd.sights[item, person].carrier = origin
    elif seen == tick and carrier != origin and (carrier >= 0 or carrier == ADVERTISED):
        mine = order_of(program, work, realisation, tick, item, origin, person)
        if mine < order_of(program, work, realisation, tick, item, carrier, person):
            crowd.sights[item, person].carrier = origin


@kernel(inline=True, allocates=False)
def count_share(program: Any, crowd: Any, item: Any, platform: Any, person: Any) -> None:
    """Enter a broadcast, or a contact, into the accounts."""
    group = program.profiles[profile_of(program, person)].group
    crowd.cells[crowd.index[0], item, group, platform, _SHARES] += 1


@kernel(inline=True, allocates=False)
def count_conversion(program: Any, crowd: Any, item: Any, platform: Any, person: Any) -> None:
    """Enter a conversion into the accounts."""
    group = program.profiles[profile_of(program, person)].group
    crowd.cells[crowd.index[0], item, group, platform, _CONVERSIONS] += 1


@kernel(allocates=False)
def tally(program: Any, work: Any, crowd: Any, length: Any) -> None:
    """Close the accounts of a realisation: what shows only at its end, person by person."""
    index, words, queue = crowd.index[0], work.reached.shape[1], work.queue
    for item in range(work.touched.shape[0]):
        for page in range(work.touched.shape[1]):
            if not work.touched[item, page]:
                continue
            for word in range(page * 64, min(page * 64 + 64, words)):
                bits = work.reached[item, word]
                while bits:
                    place = lowest_bit(bits)
                    bits &= bits - np.uint64(1)
                    person = np.uint64(word) * np.uint64(64) + place
                    group = program.profiles[profile_of(program, person)].group
                    crowd.reach[index, item, group] += 1
                    for platform in range(crowd.reached_on.shape[1]):
                        on = np.int64((crowd.reached_on[item, platform, word] >> place) & np.uint64(1))
                        crowd.cells[index, item, group, platform, _REACH] += on
                    times = np.int64(crowd.sights[item, person].impressions)
                    if times > 0:
                        crowd.frequency[index, item, group, min(times, FREQUENCIES) - 1] += 1
                    carrier = crowd.sights[item, person].carrier
                    if carrier >= 0:
                        by = program.profiles[profile_of(program, queue[carrier].person)].group
                        crowd.carried[index, item, by] += 1
    for entry in range(length):
        item, platform, parent = queue[entry].item, queue[entry].platform, np.int64(queue[entry].parent)
        group = program.profiles[profile_of(program, queue[entry].person)].group
        crowd.cells[index, item, group, platform, _ENGAGED] += 1
        crowd.delivered[index, item, group, queue[entry].variant, 1] += 1
        source = np.int64(0) if parent < 0 else np.int64(queue[parent].platform) + np.int64(1)
        crowd.flows[index, item, source, platform] += 1


@kernel(allocates=False)
def forget_sights(crowd: Any, item: Any, word: Any, reached: Any) -> None:
    """Undo what a realisation left of the 64 people of a word, `reached` being the bits of those reached."""
    bits = reached
    while bits:
        person = np.uint64(word) * np.uint64(64) + lowest_bit(bits)
        bits &= bits - np.uint64(1)
        crowd.sights[item, person].impressions = 0
        crowd.sights[item, person].tick = UNSEEN
    for platform in range(crowd.reached_on.shape[1]):
        crowd.reached_on[item, platform, word] = np.uint64(0)

"""What platforms do with a share: post it elsewhere too, show it to strangers, leave it out of feeds that are full."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.arithmetic import exp
from viralsim.compiling import kernel
from viralsim.engine.arrival_kernels import order_of, sift
from viralsim.engine.crowd_kernels import fit, is_shown, online, profile_of
from viralsim.engine.law_kernels import (
    EMISSIONS,
    LAWS,
    MOST_DOSE,
    TOLD_TO_STOP,
    arcs_seen,
    first_post,
    impress,
    take_dose,
    try_alone,
)
from viralsim.engine.trust_kernels import affect_one, freshness, willingness
from viralsim.luck import philox, row_key

__all__ = ["MOST_STRANGERS"]

MOST_STRANGERS = 1000
"""To so many strangers, at most, a broadcast is shown."""

_INDEPENDENT, _CURVE = LAWS.index("independent"), LAWS.index("curve")
_CONTACT = EMISSIONS.index("contact")
_CERTAIN = 2**32


@kernel(allocates=False)
def position(table: Any, row: Any, word: Any) -> Any:
    """Return how many thresholds of an ascending row are not above the word: a delay in ticks."""
    low, high = 0, table.shape[1]
    while low < high:
        middle = (low + high) >> 1
        if table[row, middle] <= word:
            low = middle + 1
        else:
            high = middle
    return low


@kernel(forceinline=True, allocates=False)
def _last_tick_of_sharing(program: Any, realisation: Any, item: Any, platform: Any, person: Any, shares_at: Any) -> Any:
    """Return the last tick in which a person shares; before `shares_at` where they are gone by then."""
    last = np.int64(shares_at)
    if program.items[item].emission != 0:
        if program.items[item].is_active_for_ever:
            last = np.int64(program.horizon)
        else:
            word, _, _, _ = philox(program.pairs[item, platform].activity_key, realisation, person, 0, 0)
            last += position(program.activity_table, item, np.uint64(word))
    if program.platforms[platform].timed & 2:
        last = min(last, np.int64(program.person_times[person].end) - np.int64(1))
    return last


@kernel(forceinline=True, allocates=False)
def schedule(program: Any, work: Any, laws: Any, realisation: Any, tick: Any, entry: Any) -> Any:
    """Settle when an entry of the queue, engaged in this tick, shares; return 1 if that is within the horizon."""
    queue, item, platform, person = (
        work.queue,
        work.queue[entry].item,
        work.queue[entry].platform,
        work.queue[entry].person,
    )
    shares_at = tick + 1
    if program.platforms[platform].has_delay:
        word, _, _, _ = philox(program.pairs[item, platform].delay_key, realisation, person, 0, 0)
        shares_at += position(program.delay_table, platform, np.uint64(word))
    if laws is not None:
        if queue[entry].stopped:
            return 0
        queue[entry].shares_until = _last_tick_of_sharing(program, realisation, item, platform, person, shares_at)
        if queue[entry].shares_until < shares_at:
            return 0
    if shares_at > program.horizon:
        return 0
    queue[entry].shared_at = shares_at
    queue[entry].following = work.first_sharer[shares_at]
    work.first_sharer[shares_at] = entry
    return 1


@kernel(allocates=False)
def publish(program: Any, work: Any, laws: Any, realisation: Any, tick: Any, entry: Any) -> Any:
    """Post what somebody passes on, where they engaged and where they cross-post it; return on how many platforms."""
    queue, item, own, person = work.queue, work.queue[entry].item, work.queue[entry].platform, work.queue[entry].person
    told, posted, count = queue[entry].stopped & TOLD_TO_STOP, False, 0
    for platform in range(program.cross.shape[0]):
        limit = program.cross[own, platform]
        if limit == 0:
            continue
        if platform != own and program.member_bits.shape[1] > 1:
            bits = program.member_bits[platform, np.int64(person >> np.uint32(6))]
            if not (bits >> np.uint64(person & np.uint32(63))) & np.uint64(1):
                continue
        if limit < np.uint64(_CERTAIN):
            word, _, _, _ = philox(program.pairs[item, platform].cross_key, realisation, person, 0, 0)
            if np.uint64(word) >= limit:
                continue
        if platform == own:
            posted = True
            count += schedule(program, work, laws, realisation, tick, entry)
            continue
        if told:
            continue
        post = first_post(work) + work.posts[0]
        work.posts[0] += 1
        queue[post].person = person
        queue[post].item = item
        queue[post].platform = platform
        queue[post].variant = queue[entry].variant
        queue[post].parent = entry
        queue[post].generation = queue[entry].generation
        queue[post].tick = tick
        queue[post].stopped = 0
        queue[post].shared_at = -1
        count += schedule(program, work, laws, realisation, tick, post)
    if not posted:
        queue[entry].stopped |= 1
    return count


@kernel(allocates=False)
def _follows(program: Any, platform: Any, sharer: Any, person: Any) -> Any:
    """Tell whether an arc of a platform leads from a sharer to a person."""
    low, high = program.offsets[platform, sharer], program.offsets[platform, sharer + 1]
    while low < high:
        middle = (low + high) >> 1
        if program.followers[middle] < person:
            low = middle + 1
        else:
            high = middle
    return low < program.offsets[platform, sharer + 1] and program.followers[low] == person


@kernel(allocates=False)
def _strangers(program: Any, work: Any, crowd: Any, realisation: Any, tick: Any, entry: Any) -> Any:
    """Draw who sees a broadcast without following its sharer, were feeds without end; return how many do.

    Who it is stands in `crowd.strangers`, their luck in `crowd.lucks`.
    """
    item, platform, sharer = work.queue[entry].item, work.queue[entry].platform, work.queue[entry].person
    rate = program.platforms[platform].discovery_rate * np.float64(crowd.engaged_on[item, platform])
    rate = min(rate, program.platforms[platform].discovery_most)
    whole = np.int64(rate)
    part = np.uint64((rate - np.float64(whole)) * 4294967296.0)
    first, last = program.member_offsets[platform], program.member_offsets[platform + 1]
    attempt = np.uint32(tick - work.queue[entry].shared_at)
    drawn, count = 0, 0
    for k in range(whole + np.int64(part > 0)):
        key = program.pairs[item, platform].discovery_key
        place, luck, shows, _ = philox(key, realisation, sharer, np.uint32(k), attempt)
        if (k >= whole and np.uint64(shows) >= part) or first == last:
            continue
        person = program.members[first + np.int64((np.uint64(place) * np.uint64(last - first)) >> np.uint64(32))]
        again = person == sharer
        for other in range(drawn):
            again = again or crowd.drawn[other] == person
        if again:
            continue
        crowd.drawn[drawn] = person
        drawn += 1
        if _follows(program, platform, np.int64(sharer), person):
            continue
        if program.platforms[platform].timed & 2 and not (
            program.person_times[person].start <= tick < program.person_times[person].end
        ):
            continue
        profile = profile_of(program, person)
        chance = program.profiles[profile].attention * online(program, profile, tick)
        if np.uint64(luck) < np.uint64(chance * 4294967296.0):
            crowd.strangers[count] = person
            crowd.lucks[count] = luck
            count += 1
    return count


@kernel(allocates=False)
def discover(
    program: Any,
    work: Any,
    laws: Any,
    brand: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    report: Any,
    entry: Any,
    count_impressions: Any,
    affects: Any,
    persuades: Any,
    keep: Any,
    begin: Any,
    length: Any,
    logged: Any,
    curve: Any,
) -> Any:
    """Show a broadcast to strangers, as `share_along_row` does to followers; return the lengths of queue and log."""
    item, platform, variant = work.queue[entry].item, work.queue[entry].platform, work.queue[entry].variant
    law, novelty = program.items[item].law, freshness(program, work, brand, item, platform, tick)
    for k in range(_strangers(program, work, crowd, realisation, tick, entry)):
        person, luck = crowd.strangers[k], crowd.lucks[k]
        if not is_shown(program, work, crowd, realisation, tick, entry, person):
            continue
        if count_impressions:
            impress(program, work, crowd, realisation, tick, report, item, platform, variant, entry, person, curve)
        if affects:
            affect_one(program, brand, item, person, tick)
        if not persuades:
            continue
        fresh = novelty * willingness(program, brand, item, person, tick) * fit(program, item, variant, person)
        profile = profile_of(program, person)
        miss = program.stranger_log_miss[item, profile]
        if law == _INDEPENDENT and miss < 0.0 and fresh > 0.0:
            chance = program.profiles[profile].attention * online(program, profile, tick) * (1.0 - exp(fresh * miss))
            if np.uint64(luck) < np.uint64(chance * 4294967296.0):
                length = try_alone(program, work, realisation, tick, item, platform, person, entry, begin, length)
        elif law == _CURVE:
            dose = np.int64(min(fresh * program.stranger_dose[item, profile], MOST_DOSE) * 4294967296.0 + 0.5)
            if dose > 0:
                length, logged = take_dose(
                    program, work, laws, realisation, item, platform, person, dose, entry, keep, begin, length, logged
                )
    return length, logged


@kernel(allocates=False)
def limit_feeds(program: Any, work: Any, laws: Any, crowd: Any, realisation: Any, tick: Any, sharers: Any) -> None:
    """Settle what of a tick's broadcasts people's feeds have room for: those that come first."""
    logged = np.int64(0)
    for i in range(sharers):
        entry = np.int64(work.sharers[i])
        item, platform, sharer = work.queue[entry].item, work.queue[entry].platform, work.queue[entry].person
        feed = program.platforms[platform].feed
        if feed < 0 or program.items[item].emission == _CONTACT:
            continue
        attempt = np.uint32(tick - work.queue[entry].shared_at)
        low, high = row_key(program.pairs[item, platform].arc_key, realisation, sharer, attempt)
        count = np.int64(0)
        if program.platforms[platform].is_seen:
            count = arcs_seen(program, work, None, laws.seen, realisation, entry, low, high, tick)
        for k in range(count):
            crowd.feed_log[logged].person = program.followers[laws.seen[k]]
            crowd.feed_log[logged].entry = entry
            logged += 1
        if program.platforms[platform].discovery_rate > 0.0:
            for k in range(_strangers(program, work, crowd, realisation, tick, entry)):
                crowd.feed_log[logged].person = crowd.strangers[k]
                crowd.feed_log[logged].entry = entry
                logged += 1
    crowd.feed_logged[0] = logged
    for k in range(logged):
        feed = program.platforms[work.queue[crowd.feed_log[k].entry].platform].feed
        crowd.feed_counts[feed, crowd.feed_log[k].person] += 1
    for k in range(logged):  # a list of what arrives at each person for whom it is too much, the last one first
        person, platform = crowd.feed_log[k].person, work.queue[crowd.feed_log[k].entry].platform
        feed = program.platforms[platform].feed
        if crowd.feed_counts[feed, person] > program.platforms[platform].feed_length:
            crowd.feed_log[k].following = np.int64(crowd.feed_cutoffs[feed, person]) - 1
            crowd.feed_cutoffs[feed, person] = np.uint64(k + 1)
    for k in range(logged):
        person, platform = crowd.feed_log[k].person, work.queue[crowd.feed_log[k].entry].platform
        feed, room = program.platforms[platform].feed, program.platforms[platform].feed_length
        if crowd.feed_counts[feed, person] <= room or crowd.feed_cutoffs[feed, person] != np.uint64(k + 1):
            continue
        count, at = np.int64(0), np.int64(k)
        while at >= 0:
            entry = np.int64(crowd.feed_log[at].entry)
            item = np.int64(work.queue[entry].item)
            crowd.feed_keys[count].key = order_of(program, work, realisation, tick, item, entry, person)
            count += 1
            at = np.int64(crowd.feed_log[at].following)
        for at in range(count // 2 - 1, -1, -1):
            sift(crowd.feed_keys, at, count)
        for _ in range(room - 1):
            count -= 1
            crowd.feed_keys[0] = crowd.feed_keys[count]
            sift(crowd.feed_keys, 0, count)
        crowd.feed_cutoffs[feed, person] = crowd.feed_keys[0].key


@kernel(allocates=False)
def empty_feeds(program: Any, work: Any, crowd: Any) -> None:
    """Undo what `limit_feeds` left."""
    for k in range(crowd.feed_logged[0]):
        feed = program.platforms[work.queue[crowd.feed_log[k].entry].platform].feed
        crowd.feed_counts[feed, crowd.feed_log[k].person] = 0
        crowd.feed_cutoffs[feed, crowd.feed_log[k].person] = np.uint64(0)
    crowd.feed_logged[0] = 0

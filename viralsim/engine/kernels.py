"""The kernel that plays realisations: arrays in, arrays out, the whole model of one campaign.

Everything has an item and a platform axis. Within a tick nothing depends on the order in which memory is
walked: luck is keyed, and where several shares persuade the same person in the same tick, the one with the
smallest key of (item, platform, sharer, person, attempt) is the parent.

Why it is written the way it is (measured, see ``benchmarks/README.md``): time goes to cache misses, so the
coin is tossed before the follower's state is touched, sixteen at a time; who is engaged is one bit per
person; offsets and arcs of the next sharers are fetched ahead; and between realisations only what was
touched is undone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from viralsim.arithmetic import exp
from viralsim.compiling import kernel
from viralsim.engine.arrival_kernels import SEED, order_of
from viralsim.engine.crowd_kernels import account, appear, count_share, forget_sights, tally
from viralsim.engine.item_kernels import (
    bear,
    begin_items,
    convert,
    count_baseline,
    keep_apart,
    last_start,
    trigger,
)
from viralsim.engine.law_kernels import (
    EMISSIONS,
    ENDED,
    advertise,
    draw_threshold_keys,
    engage,
    exclude,
    first_post,
    forget,
    forget_everybody,
    has_stopped,
    is_seen,
    meet,
    settle,
    share_along_row,
)
from viralsim.engine.platform_kernels import discover, empty_feeds, limit_feeds, publish, schedule
from viralsim.engine.trust_kernels import BATCH, affect, end_tick, forget_trust, freshness, willingness
from viralsim.engine.vectors import bits_set, lowest_bit, mark, prefetch, toss, toss_each
from viralsim.luck import arc_luck, philox, row_key
from viralsim.seeding.drawing import NO_LIMIT, pick

__all__ = ["CHUNK", "CURVES", "GENERATIONS", "ROW", "Crowd", "Program", "Workspace", "play"]

ROW = (
    "reach",
    "impressions",
    "engaged",
    "shares",
    "generations",
    "time_to_peak",
    "time_to_half",
    "seeds",
    "cost",
    "roots",
    "conversions",
    "incremental_conversions",
    "baseline_conversions",
)
"""Columns of a realisation's row of integers, per item. Times are ticks, costs cents; -1 stands for undefined."""
CURVES = ("reach", "impressions", "engaged", "shares")
"""Cumulative curves at the report times, per item."""
GENERATIONS = 16
"""Generations counted one by one (0 = the seeds); deeper ones enter `generations` only."""

CHUNK = 32
"""Sharers whose rows are fetched together."""

_REACH, _IMPRESSIONS, _ENGAGED, _SHARES, _DEPTH, _PEAK, _HALF, _SEEDS, _COST, _ROOTS = range(10)
_CONVERSIONS, _INCREMENTAL, _BASELINE = range(10, len(ROW))
_CONTACT = EMISSIONS.index("contact")
_NEVER = 2**62

Bits = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


ITEM = np.dtype(
    [
        ("law", "i1"),  # numbers of `viralsim.engine.law_kernels`, as the emission
        ("emission", "i1"),
        ("is_active_for_ever", "i1"),
        ("stops_both", "i1"),
        ("share_threshold", "u8"),
        ("stifle_threshold", "u8"),
        ("threshold_key", "u8"),
        ("satisfaction_key", "u8"),
        ("hazard_count", "i8"),
        ("hazard_after", "f8"),  # of every unit of dose after those
        ("ad_from", "i8"),  # ticks of advertising; none where it does not begin before it ends
        ("ad_until", "i8"),
        ("ad_platform", "i8"),
        ("ad_seen", "f8"),  # chance of a person to see a tick's advertising
        ("effect", "i1"),  # on trust: 0 none, or HARM or REPAIR of `viralsim.engine.trust_kernels`
        ("follows_trust", "i1"),  # whether doses change with people's trust
        ("disappoints", "i1"),  # whether people may be dissatisfied with it
        ("converts", "i1"),
        ("rank", "u1"),  # the place of its priority
        ("exclusive", "i1"),  # number of its exclusive set, 0: none
        ("born", "i1"),  # the testimony born of it, -1: none
        ("after", "i1"),  # the item that it waits for, -1: none
        ("after_people", "i8"),
        ("reaction_delay", "i8"),
        ("last_wave", "i8"),  # start of its last wave where that counts from a trigger or with a delay; -1: none
        ("proven_at", "i8"),  # the tick from which it is known to be false
        ("left", "f8"),  # of its doses and damage then
        ("damage", "f8"),
        ("scar", "f8"),
        ("heal", "f8"),
        ("repair", "f8"),
        ("sensitivity", "f8"),
        ("conversion_key", "u8"),
        ("variants", "i8"),  # 0: none
    ],
    align=True,
)
"""What the kernel knows of an item."""
PLATFORM = np.dtype(
    [
        ("seen_limit", "u4"),
        ("is_seen", "i1"),  # 0: nothing is ever seen, 1: by chance, 2: everything, 3: the segment says how often
        ("has_delay", "i1"),
        ("timed", "i1"),  # bits: 1 arcs come and go, 2 people do
        ("feed", "i8"),  # its place among the platforms whose feeds have an end, -1: it is none of them
        ("feed_length", "i8"),
        ("discovery_rate", "f8"),  # strangers shown a broadcast, for every person engaged
        ("discovery_most", "f8"),
    ],
    align=True,
)
"""What it knows of a platform."""
PAIR = np.dtype(
    [
        ("seen_chance", "f8"),
        ("persuades", "i1"),  # 0: never, 1: one limit for all arcs, 2: a limit per arc
        ("reexamine", "i1"),  # 1: the limit is an upper bound, the chance is computed anew
        ("general", "i1"),  # 1: shares go through `share_along_row`
        ("dose_kind", "i1"),  # 0: none, 1: one dose for all arcs, 2: a dose per arc
        ("limit", "u4"),
        ("limit_shift", "i8"),  # limits are limits[limit_shift + index of the arc]
        ("log_miss_first", "i8"),  # likewise
        ("dose_first", "i8"),
        ("arc_key", "u8"),
        ("order_key", "u8"),
        ("delay_key", "u8"),
        ("share_key", "u8"),
        ("activity_key", "u8"),
        ("contact_key", "u8"),
        ("stifle_key", "u8"),
        ("cross_key", "u8"),
        ("discovery_key", "u8"),
    ],
    align=True,
)
"""What it knows of an item on a platform."""
WAVE = np.dtype(
    [
        ("item", "i8"),
        ("platform", "i8"),
        ("start", "i8"),
        ("key", "u8"),
        ("decline_key", "u8"),
        ("redrawn", "i8"),
        ("first_group", "i8"),
        ("variant", "i8"),  # its seeds are served, -1: as their segment
    ],
    align=True,
)
"""What it knows of a wave; one more than there are, for the end of the last one's groups."""
GROUP = np.dtype([("first_person", "i8"), ("count", "i8"), ("budget", "i8")], align=True)
"""Where a group's people lie in `pool`, one more likewise; how many of a redrawn group are seeds, for what money."""
PROFILE = np.dtype(
    [
        ("satisfied_threshold", "u8"),
        ("decline_threshold", "u8"),
        ("trust", "f8"),  # in the brand, at the start
        ("conversion", "f8"),
        ("attention", "f8"),
        ("segment", "i8"),
        ("group", "i8"),  # in which they are counted
    ],
    align=True,
)
"""What the kernel knows of people who are alike: those of a segment, or of one with the same numbers of their own."""
SEGMENT = np.dtype([("people", "i8"), ("trust", "i8")], align=True)
"""What it knows of a segment: its people, and the sum of their trust at the start in units of 2^-32."""
SPAN = np.dtype([("start", "i4"), ("end", "i4")], align=True)
"""The first tick in which something is there, and the one after the last."""
ENTRY = np.dtype(
    [
        ("person", "u4"),
        ("item", "i1"),
        ("platform", "i1"),
        ("stopped", "i1"),  # bits: 1 shares no more, 2 neither here nor elsewhere
        ("variant", "i1"),
        ("tick", "i4"),
        ("parent", "i4"),  # an entry, SEED, ADVERTISED or BORN; of a post who made it
        ("generation", "i4"),
        ("shared_at", "i4"),  # a tick, -1: never within the horizon
        ("shares_until", "i4"),  # the last tick of sharing
        ("following", "i4"),  # next entry that shares in the same tick
    ],
    align=True,
)
"""Somebody engaged with an item; behind all of these, their posts on other platforms than that where they engaged."""
ARRIVAL = np.dtype([("dose", "i8"), ("entry", "i4"), ("person", "u4"), ("following", "i4")], align=True)
"""A dose that arrived in the tick at hand; the next one at the same person."""
SORTED = np.dtype([("key", "u8"), ("value", "i8")], align=True)
"""Part of a heap."""
SIGHT = np.dtype([("impressions", "i4"), ("tick", "i4"), ("carrier", "i4")], align=True)
"""What somebody has seen of an item: how often, first when, and by whose entry (or ADVERTISED, SEED, BORN)."""
CANDIDATE = np.dtype([("following", "i8"), ("entry", "i4"), ("person", "u4")], align=True)
"""A broadcast that somebody would see; the next one of the same person."""
TRUST = np.dtype([("trust", "f8"), ("lost", "f8"), ("permanent", "f8"), ("tick", "i4"), ("person", "u4")], align=True)
"""Somebody's trust in the brand as it was at its last change."""

Records = npt.NDArray[np.void]


class Program(NamedTuple):
    """A campaign compiled to flat arrays: I items, L platforms, n people, m arcs in all, W waves.

    A limit is a threshold less one, so that it fits 32 bits: success is ``luck <= limit``. Arrays that a
    campaign has no use for are short.
    """

    people: int
    horizon: int
    goes_on: int  # 1: somebody may share in more than one tick
    meets: int  # 1: some item spreads by contacts
    excludes: int  # 1: there are exclusive sets
    settles: int  # 1: a generation is not always the tick, so parents matter even where nobody asks for them
    items: Records  # ITEM [I]
    platforms: Records  # PLATFORM [L]
    pairs: Records  # PAIR [I, L]
    waves: Records  # WAVE [W + 1], by start, then in the order of the file; last those whose start has to be seen
    fixed_waves: int  # so many start when they say; the others so much later than their item does
    groups: Records  # GROUP [groups + 1]
    pool: npt.NDArray[np.uint32]
    prices: Ints  # of the people in `pool`, in cents
    declined: float  # the part of it that is paid to who declines
    segments: Records  # SEGMENT [G]
    profiles: Records  # PROFILE [P]
    profile_of: npt.NDArray[np.uint32]  # [n], or short where there is one profile
    at_first: Ints  # [G, thousandths] people by their trust at the start, or short where profiles are the segments
    seen_chances: npt.NDArray[np.float64]  # [L, P]
    online: npt.NDArray[np.float64]  # [G, horizon + 1] chance to be, or short where everybody always is
    ad_log_miss: npt.NDArray[np.float64]  # [I, P] log(1 - chance of who sees an advertisement); 0: it has none
    ad_dose: npt.NDArray[np.float64]  # [I, P]
    stranger_log_miss: npt.NDArray[np.float64]  # [I, P] likewise of strangers who discover it, or short
    stranger_dose: npt.NDArray[np.float64]
    serve: npt.NDArray[np.int8]  # [I, G] the variant that a segment is served
    variant_fit: npt.NDArray[np.float64]  # [I, V, G] affinity over that of the best variant, or short
    cross: Bits  # [L, L] thresholds of posting on a platform (second) what persuaded on another, or the same
    member_bits: Bits  # [L, n / 64], or short where everybody is everywhere
    members: npt.NDArray[np.uint32]  # of the platforms with discovery, one after the other, ascending
    member_offsets: Ints  # [L + 1]
    offsets: Ints  # [L, n + 1] rows of a platform in `followers`
    followers: npt.NDArray[np.uint32]  # [m + padding]
    limits: npt.NDArray[np.uint32]
    log_miss: npt.NDArray[np.float64]  # log(1 - chance when fresh and seen)
    dose: npt.NDArray[np.float64]  # of a share that is fresh
    novelty: npt.NDArray[np.float64]  # [I, L, horizon + 1] by the age of the item
    needs: npt.NDArray[np.uint32]  # [I, n] fixed: neighbours needed; uniform: what all neighbours weigh
    hazard: npt.NDArray[np.float64]  # [I, units] curve: -log(1 - chance) of each unit of dose
    activity_table: Bits  # [I, horizon + 1] thresholds of P(ticks of sharing <= d + 1)
    delay_table: Bits  # [L, horizon + 1] thresholds of P(delay <= d)
    arc_times: Records  # SPAN [m]
    person_times: Records  # SPAN [n]
    trust_order: Ints  # the items with an effect on trust, in the order in which they have it within a tick
    decay: npt.NDArray[np.float64]  # [horizon + 1] what is left of a gap between trust and its ceiling
    quantile_of: Ints  # [report times] which of the times with quantiles of trust it is, -1: none
    baseline: Bits  # [G, horizon + 1] thresholds of P(converting of one's own accord by a tick), or short
    baseline_key: np.uint64
    report_index: Ints  # [horizon + 1] the first report time that is not before the tick


class State(NamedTuple):
    """Scratch memory of one thread, clean between calls; after a call it holds the last realisation.

    The queue holds one entry per (item, person) engaged, in the order of engagement.
    """

    engaged: Bits  # [I, n / 64]
    reached: Bits  # [I, n / 64]
    touched: npt.NDArray[np.uint8]  # [I, n / 4096] pages of `reached` to clear
    entry_of: npt.NDArray[np.int32]  # [I, n]
    queue: Records  # ENTRY, one longer than can be used
    first_sharer: npt.NDArray[np.int32]  # [horizon + 2] per tick
    sharers: npt.NDArray[np.int32]  # entries that share in the tick at hand
    first_share: Ints  # [I] tick of an item's first share
    posts: Ints  # [1] how many posts there are behind the entries


class Laws(NamedTuple):
    """Scratch memory for campaigns with more than chances on arcs that are always there, each share once.

    For the others it is None, and the code that uses it is not even compiled.
    """

    remaining: Ints  # [I, n] what is left of a threshold; UNTOUCHED and what the program says at first
    dirty: npt.NDArray[np.uint32]  # [I, n] people whose threshold has been looked at
    dirtied: Ints  # [I] how many
    counted: Bits  # [I, m / 64] arcs that have counted as a neighbour
    seen: Bits  # arcs of the row at hand along which a share is seen; this and the following: the longest row
    people: npt.NDArray[np.uint32]  # who sees it
    fresh: npt.NDArray[np.uint32]  # who of them never received a dose before
    persuaded: npt.NDArray[np.uint32]  # whose threshold it reaches
    words: npt.NDArray[np.uint32]  # luck of theirs
    threshold_lows: npt.NDArray[np.uint32]  # [I] row keys of hidden thresholds in the realisation at hand
    threshold_highs: npt.NDArray[np.uint32]
    log: Records  # ARRIVAL, of the tick at hand
    arrivals: Records  # SORTED, at one person
    contacts: Records  # SORTED, of the tick at hand
    ad_chances: Bits  # [P] of an advertisement, in the tick at hand


class Brand(NamedTuple):
    """Scratch memory for campaigns whose items touch, or whose people convert. For the others it is None, too."""

    reached: Ints  # [I] people reached by what an item waits for, up to the report time before the one at hand
    base: Ints  # [I] tick from which an item's start counts, NOT_YET where nothing has triggered it
    slot_of: npt.NDArray[np.int32]  # [n], or short where nothing takes trust: place in the following, -1: none
    touched: Records  # TRUST [n] of those whose trust has changed, in the order in which it first did
    touches: Ints  # [1] how many
    impressed: npt.NDArray[np.uint32]  # [BATCH + 1] people whose trust impressions of a tick are about to change
    slots: npt.NDArray[np.int32]  # [BATCH] their places
    lost: Ints  # [G] sums, in units of 2^-32
    gap: npt.NDArray[np.float64]  # [G] likewise
    gap_change: Ints  # [G] in the tick at hand
    counts: npt.NDArray[np.int32]  # [2, G, THOUSANDTHS + 1]
    stage_of: Ints  # [I] place of an item in the trust order, behind all of them for those without
    visits: npt.NDArray[np.int32]  # [stages, I L n] sharers of the tick at hand by stage
    visitors: Ints  # [stages] how many
    converted: Bits  # [n / 64]
    baseline_low: npt.NDArray[np.uint32]  # [1] row key of the realisation at hand
    baseline_high: npt.NDArray[np.uint32]


class Crowd(NamedTuple):
    """Scratch memory for campaigns of several audiences or platforms, and where their accounts go (`Audience`).

    For the others it is None; where it is not, there are laws and a brand, too.
    """

    sights: Records  # SIGHT [I, n]
    reached_on: Bits  # [I, L, n / 64]
    engaged_on: Ints  # [I, L] people engaged by the end of the tick before
    drawn: npt.NDArray[np.uint32]  # [MOST_STRANGERS] whom a broadcast has been shown to, were they not followers
    strangers: npt.NDArray[np.uint32]  # [MOST_STRANGERS] who of them sees it
    lucks: npt.NDArray[np.uint32]  # [MOST_STRANGERS]
    feed_counts: npt.NDArray[np.int32]  # [feeds with an end, n] what arrives in the tick at hand, as the following
    feed_cutoffs: Bits  # [feeds with an end, n] the last key for which there is room
    feed_log: Records  # CANDIDATE
    feed_keys: Records  # SORTED
    feed_logged: Ints  # [1] how many candidates
    index: Ints  # [1] the realisation at hand in the following
    cells: Ints
    reach: Ints
    frequency: Ints
    flows: Ints
    carried: Ints
    delivered: Ints


class Workspace(NamedTuple):
    """Further scratch memory, of `play` alone."""

    chosen: Bits  # [n / 64] seeds picked so far in a redrawn group
    picked: npt.NDArray[np.uint32]  # these seeds
    people: npt.NDArray[np.uint32]  # [CHUNK] the sharers at hand, as the following
    keys: Bits  # streams of their luck
    attempts: npt.NDArray[np.uint32]  # ticks since their first share
    starts: Bits  # their rows
    ends: Bits
    lows: npt.NDArray[np.uint32]  # their row keys
    highs: npt.NDArray[np.uint32]
    lucky_arcs: npt.NDArray[np.uint64]  # of the row at hand, as many as the longest row
    new_at: Ints  # [I, horizon + 1] engaged by a share or an advertisement, per tick
    length: Ints  # [1] entries in the queue


@kernel(inline=True, allocates=False)
def _go_on(work: Any, entry: Any, tick: Any, horizon: Any) -> Any:
    """Put somebody who goes on sharing among the sharers of the next tick; return 1, or 0 for the others."""
    if work.queue[entry].stopped or tick >= min(np.int64(work.queue[entry].shares_until), horizon):
        work.queue[entry].stopped |= ENDED
        return 0
    work.queue[entry].following = work.first_sharer[tick + 1]
    work.first_sharer[tick + 1] = entry
    return 1


@kernel(allocates=False)
def _finish_row(new_at: Any, last_tick: Any, row: Any, curve: Any) -> None:
    """Turn what happened in one realisation into its row of integers and cumulative curves."""
    times = curve.shape[2]
    for item in range(row.shape[0]):
        for c in range(curve.shape[1]):
            for j in range(1, times):
                curve[item, c, j] += curve[item, c, j - 1]
            row[item, c] = curve[item, c, times - 1]
        total, best, peak = np.int64(0), np.int64(0), np.int64(-1)
        for tick in range(last_tick + 1):
            total += new_at[item, tick]
            if new_at[item, tick] > best:
                best, peak = new_at[item, tick], np.int64(tick)
        half, so_far = np.int64(-1), np.int64(0)
        for tick in range(last_tick + 1):
            so_far += new_at[item, tick]
            if total > 0 and half < 0 and 2 * so_far >= total:
                half = np.int64(tick)
            new_at[item, tick] = 0
        row[item, _PEAK] = peak
        row[item, _HALF] = half


@kernel(allocates=False)
def _clear(program: Any, work: Any, laws: Any, brand: Any, crowd: Any, length: Any) -> None:
    """Undo what a realisation left in the bits of people and arcs, and only that."""
    engaged, reached, touched, first_share = work.engaged, work.reached, work.touched, work.first_share
    queue = work.queue
    for entry in range(length):
        engaged[queue[entry].item, queue[entry].person >> np.uint32(6)] = np.uint64(0)
    if laws is not None:
        forget(program, laws)
        for number in range(length + work.posts[0]):
            entry = number if number < length else first_post(work) + number - length
            queue[entry].stopped = 0
            if laws.counted.shape[1] > 1:
                start = program.offsets[queue[entry].platform, np.int64(queue[entry].person)]
                end = program.offsets[queue[entry].platform, np.int64(queue[entry].person) + 1]
                for word in range(start >> 6, (end + 63) >> 6):
                    laws.counted[queue[entry].item, word] = np.uint64(0)
    if brand is not None:
        forget_trust(program, brand)
        for entry in range(length):
            brand.converted[queue[entry].person >> np.uint32(6)] = np.uint64(0)
        for entry in range(length if program.excludes else 0):
            for item in range(engaged.shape[0]):  # those they were kept from
                engaged[item, queue[entry].person >> np.uint32(6)] = np.uint64(0)
    words = reached.shape[1]
    for item in range(touched.shape[0]):
        first_share[item] = _NEVER
        for page in range(touched.shape[1]):
            if touched[item, page]:
                touched[item, page] = 0
                for word in range(page * 64, min(page * 64 + 64, words)):
                    if crowd is not None:
                        forget_sights(crowd, item, word, reached[item, word])
                    reached[item, word] = np.uint64(0)


@kernel(allocates=False)
def _plant(
    program: Any,
    work: Any,
    brand: Any,
    space: Any,
    realisation: Any,
    tick: Any,
    wave: Any,
    length: Any,
    row: Any,
    stop: Any,
) -> Any:
    """Start a wave: engage its seeds, and pay them. Return the length of the queue."""
    groups, prices = program.groups, program.prices
    words = np.uint64(work.engaged.shape[1])
    several = program.profiles.shape[0] > 1
    item, platform = program.waves[wave].item, program.waves[wave].platform
    for group in range(program.waves[wave].first_group, program.waves[wave + 1].first_group):
        group_pool = program.pool[groups[group].first_person : groups[group + 1].first_person]
        wanted = groups[group].count
        costs = prices[groups[group].first_person : groups[group + 1].first_person]
        drawn = program.waves[wave].redrawn != 0 and (wanted < group_pool.shape[0] or groups[group].budget < NO_LIMIT)
        if drawn:
            number = group - program.waves[wave].first_group
            wanted = pick(
                group_pool,
                wanted,
                costs,
                groups[group].budget,
                program.waves[wave].key,
                realisation,
                number,
                1,
                space.chosen,
                space.picked,
                stop,
            )
        for i in range(wanted):
            place = np.int64(space.picked[i]) if drawn else i
            person = np.uint64(group_pool[place])
            if (
                brand is not None
                and program.platforms[platform].timed & 2
                and not program.person_times[person].start <= tick < program.person_times[person].end
            ):
                continue  # who would be there was not known when they were chosen
            profile = program.profile_of[person] if several else 0
            declines = program.profiles[profile].decline_threshold
            if declines > 0:
                word, _, _, _ = philox(program.waves[wave].decline_key, realisation, person, 0, 0)
                if np.uint64(word) < declines:
                    row[item, _COST] += np.int64(costs[place] * program.declined + 0.5)
                    continue
            row[item, _COST] += costs[place]
            base = np.uint64(item) * words
            if mark(work.engaged, base + (person >> np.uint64(6)), person & np.uint64(63)):
                length = engage(work, item, platform, person, SEED, length)
                variant = program.waves[wave].variant
                if variant < 0:
                    variant = np.int64(program.serve[item, program.profiles[profile].segment])
                work.queue[length - 1].variant = variant
                row[item, _SEEDS] += 1
                if brand is not None:
                    exclude(program, work, item, person, length - 1)
    return length


@kernel(forceinline=True, allocates=False)
def _put_off(program: Any, brand: Any, item: Any, person: Any, tick: Any, waiting: Any) -> Any:
    """Add a person to those whose trust an item is about to change; return how many wait."""
    brand.impressed[np.uint64(waiting)] = person
    prefetch(brand.slot_of, np.uint64(person))
    waiting += 1
    if waiting == BATCH:
        affect(program, brand, item, tick, 0, waiting)
        waiting = 0
    return waiting


@kernel(allocates=False)
def play(
    program: Any,
    work: Any,
    laws: Any,
    brand: Any,
    crowd: Any,
    space: Any,
    first: Any,
    count_impressions: Any,
    record: Any,
    rows: Any,
    generations: Any,
    curves: Any,
    trust_sums: Any,
    trust_quantiles: Any,
    stop: Any,
) -> Any:
    """Play the realisations ``first, first + 1, ...``, one per row of `rows`.

    Parameters
    ----------
    program : Program
    work : State
        Clean; it is clean again afterwards, but for the queue, which holds the last realisation.
    laws : Laws or None
    brand : Brand or None
        None where `laws` is.
    crowd : Crowd or None
        None where `brand` is. What it holds of accounts has one place per row of `rows`, all zeros.
    space : Workspace
    first : int
        Number of the first realisation, below 2^32.
    count_impressions : bool
        Whether reach and impressions are counted (the slower half of the work); otherwise they stay 0. They are
        wanted wherever there is `brand` or `crowd`.
    record : bool
        Whether parents are wanted. Where an engaged person's generation is their tick, whoever the parent
        (`Program.settles`), ties within a tick are not settled otherwise.
    rows : int64 [realisations, I, len(ROW)], zeros
    generations : int64 [realisations, I, GENERATIONS], zeros
    curves : int64 [realisations, I, len(CURVES), report times], zeros
    trust_sums : int64 [realisations, G, report times]
        Trust of the people of each segment, in units of 2^-32; short where nothing takes trust, as the following.
    trust_quantiles : int64 [realisations, G, 3, times with quantiles]
        5 %, 50 % and 95 % of it, in thousandths.
    stop : uint8 [1]
        Polled every tick and every few sharers; anything but 0 ends the call early.

    Returns
    -------
    int
        How many realisations were finished.
    """
    # Short names for what the loops below use all the time.
    engaged = work.engaged
    reached = work.reached
    touched = work.touched
    entry_of = work.entry_of
    queue = work.queue
    first_sharer = work.first_sharer
    sharing = work.sharers
    first_share = work.first_share
    lucky_arcs = space.lucky_arcs
    new_at = space.new_at
    people, keys, attempts = space.people, space.keys, space.attempts
    starts, ends, lows, highs = space.starts, space.ends, space.lows, space.highs
    everybody = program.people
    horizon = program.horizon
    offsets = program.offsets
    followers = program.followers
    limits = program.limits
    log_miss = program.log_miss
    profile_of = program.profile_of
    several = program.profiles.shape[0] > 1
    report_index = program.report_index

    one = np.uint64(1)
    certain = one << np.uint64(32)
    words = np.uint64(engaged.shape[1])
    settle_ties = record or program.settles != 0
    waves = program.fixed_waves
    last_advertising = np.int64(-1)
    if laws is not None:
        for needy in range(program.items.shape[0]):
            forget_everybody(program, laws, needy)  # another program may have played before
        for advertised in range(program.items.shape[0]):
            if program.items[advertised].ad_from < program.items[advertised].ad_until:
                last_advertising = max(last_advertising, program.items[advertised].ad_until - 1)

    realisation: Any
    entry: Any
    length: Any
    wave: Any
    pending: Any
    last_tick: Any
    visits: Any
    visiting: Any
    for index in range(rows.shape[0]):
        realisation = np.uint32(first + index)
        row, generation_row, curve = rows[index], generations[index], curves[index]
        length, wave, pending, last_tick = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        ticks_played = np.int64(0)
        work.posts[0] = 0
        if crowd is not None:
            crowd.index[0] = index
            crowd.engaged_on[:] = 0
        if laws is not None:
            draw_threshold_keys(program, laws, realisation)
        if brand is not None:
            begin_items(program, brand)
            if program.baseline.shape[1] > 1:
                row[:, _BASELINE] = count_baseline(program, brand, realisation)
        for tick in range(horizon + 1):
            if brand is not None:
                trigger(program, brand, tick, curve)
                last_advertising = last_start(program, brand)
            if stop[0] or (pending == 0 and wave == waves and tick > last_advertising):
                break
            begin = length
            logged = np.int64(0)
            report = report_index[tick]

            if brand is not None:  # those that count from something else: as written, they are the earlier ones
                for late in range(waves, program.waves.shape[0] - 1):
                    if brand.base[program.waves[late].item] + program.waves[late].start == tick:
                        length = _plant(program, work, brand, space, realisation, tick, late, length, row, stop)
            while wave < waves and program.waves[wave].start == tick:
                length = _plant(program, work, brand, space, realisation, tick, wave, length, row, stop)
                wave += 1
            if count_impressions:
                for entry in range(begin, length):
                    item, person = queue[entry].item, np.uint64(queue[entry].person)
                    touched[item, person >> np.uint64(12)] = 1
                    curve[item, _REACH, report] += mark(
                        reached, np.uint64(item) * words + (person >> np.uint64(6)), person & np.uint64(63)
                    )
                    if crowd is not None:
                        appear(program, crowd, item, queue[entry].platform, person, SEED, tick)

            sharers = 0
            if brand is not None:
                brand.visitors[:] = 0
            entry = first_sharer[tick]
            first_sharer[tick] = -1
            while entry >= 0:
                pending -= 1
                next_entry = queue[entry].following
                if laws is None:  # a branch of its own, so that only the other forms have the next
                    sharing[sharers] = entry
                    sharers += 1
                elif not has_stopped(work, crowd, entry):
                    sharing[sharers] = entry
                    sharers += 1
                    if brand is not None:
                        stage = brand.stage_of[queue[entry].item]
                        brand.visits[stage, brand.visitors[stage]] = entry
                        brand.visitors[stage] += 1
                entry = next_entry
            for i in range(sharers):
                item = queue[sharing[i]].item
                first_share[item] = min(first_share[item], tick)
            if crowd is not None and crowd.feed_counts.shape[0] > 0:
                limit_feeds(program, work, laws, crowd, realisation, tick, sharers)

            # Effects on trust come before all doses but those that do not depend on it: item by item, then the rest.
            # Who shares what has an effect and doses that depend on trust is visited again, in a stage of its own.
            stages, effects, visiting, visits, waiting = 1, 0, sharing, np.int64(sharers), 0
            if brand is not None:
                effects = program.trust_order.shape[0]
                stages = 2 * effects + 1
            for stage in range(stages):
                if brand is not None:
                    place = stage if stage <= effects else stage - effects - 1
                    if stage > effects and not program.items[program.trust_order[place]].follows_trust:
                        continue
                    visiting = brand.visits[place]
                    visits = brand.visitors[place]
                if laws is not None and stage <= effects:
                    for advertised in range(program.items.shape[0]):
                        affects = False
                        if brand is not None:
                            affects = stage < effects
                            if affects and advertised != program.trust_order[stage]:
                                continue
                        since = np.int64(tick)
                        if brand is not None:
                            since -= brand.base[advertised]
                        if program.items[advertised].ad_from <= since < program.items[advertised].ad_until:
                            length, logged = advertise(
                                program,
                                work,
                                laws,
                                brand,
                                crowd,
                                realisation,
                                tick,
                                report,
                                advertised,
                                freshness(
                                    program, work, brand, advertised, program.items[advertised].ad_platform, tick
                                ),
                                count_impressions and (affects or program.items[advertised].effect == 0),
                                affects,
                                not affects,
                                settle_ties and program.items[advertised].emission != _CONTACT,
                                begin,
                                length,
                                logged,
                                curve,
                            )

                for chunk in range(0, visits, CHUNK):
                    if stop[0]:
                        break
                    in_chunk = min(CHUNK, visits - chunk)
                    for i in range(chunk + in_chunk, min(chunk + 2 * CHUNK, visits)):
                        ahead_entry = np.uint64(visiting[i])
                        prefetch(
                            offsets,
                            np.uint64(queue[ahead_entry].platform) * np.uint64(everybody + 1)
                            + np.uint64(queue[ahead_entry].person),
                        )
                    for i in range(in_chunk):
                        entry = np.uint64(visiting[chunk + i])
                        item, platform = queue[entry].item, queue[entry].platform
                        sharer = np.uint64(queue[entry].person)
                        start = np.uint64(offsets[platform, sharer])
                        end = np.uint64(offsets[platform, sharer + one])
                        people[i], starts[i], ends[i] = sharer, start, end
                        keys[i] = program.pairs[item, platform].arc_key
                        attempts[i] = tick - queue[entry].shared_at
                        ahead = start
                        # A row may straddle one cache line more than it fills.
                        while ahead < min(end + np.uint64(15), start + np.uint64(64)):
                            prefetch(followers, ahead)
                            if program.pairs[item, platform].persuades == 2:
                                prefetch(limits, ahead + np.uint64(program.pairs[item, platform].limit_shift))
                            ahead += np.uint64(16)
                    for i in range(in_chunk):  # simple enough for the compiler to make vectors of it
                        lows[i], highs[i] = row_key(keys[i], realisation, people[i], attempts[i])
                    for i in range(in_chunk):
                        entry = visiting[chunk + i]
                        item, platform = queue[entry].item, queue[entry].platform
                        sharer, start, end, low, high = people[i], starts[i], ends[i], lows[i], highs[i]
                        counts, affects, persuades, is_first = count_impressions, False, True, np.int64(1)
                        if brand is not None:
                            is_first = np.int64(stage <= effects)
                            counts = counts and is_first != 0
                            affects = is_first != 0 and program.items[item].effect != 0
                            persuades = not (affects and program.items[item].follows_trust != 0)
                        if laws is not None and program.pairs[item, platform].general:
                            if program.items[item].emission != _CONTACT:
                                curve[item, _SHARES, report] += is_first
                                if crowd is not None and is_first:
                                    count_share(program, crowd, item, platform, people[i])
                                length, logged = share_along_row(
                                    program,
                                    work,
                                    laws,
                                    brand,
                                    crowd,
                                    realisation,
                                    tick,
                                    report,
                                    entry,
                                    low,
                                    high,
                                    freshness(program, work, brand, item, platform, tick),
                                    counts,
                                    affects,
                                    persuades,
                                    settle_ties,
                                    begin,
                                    length,
                                    logged,
                                    curve,
                                )
                                if crowd is not None and program.platforms[platform].discovery_rate > 0.0:
                                    length, logged = discover(
                                        program,
                                        work,
                                        laws,
                                        brand,
                                        crowd,
                                        realisation,
                                        tick,
                                        report,
                                        np.int64(entry),
                                        counts,
                                        affects,
                                        persuades,
                                        settle_ties,
                                        begin,
                                        length,
                                        logged,
                                        curve,
                                    )
                            continue
                        curve[item, _SHARES, report] += is_first
                        if crowd is not None and is_first:
                            count_share(program, crowd, item, platform, people[i])
                        sight = program.platforms[platform].is_seen
                        if sight == 0:
                            continue
                        base = np.uint64(item) * words  # of the item in the bits of people
                        if counts:
                            new = np.int64(0)
                            if sight == 2:
                                curve[item, _IMPRESSIONS, report] += np.int64(end - start)
                                for at in range(start, end):
                                    person = np.uint64(followers[at])
                                    touched[item, person >> np.uint64(12)] = 1
                                    new += mark(reached, base + (person >> np.uint64(6)), person & np.uint64(63))
                                    if brand is not None and affects:
                                        waiting = _put_off(program, brand, item, person, tick, waiting)
                                    if crowd is not None:
                                        account(
                                            program, work, crowd, realisation, tick, item, platform, 0, entry, person
                                        )
                            else:
                                seen = np.uint64(0)
                                at = start
                                while at < end:
                                    bits = toss(followers, at, low, high, program.platforms[platform].seen_limit)
                                    if end - at < np.uint64(16):
                                        bits &= (one << (end - at)) - one
                                    seen += bits_set(bits)
                                    while bits:
                                        person = np.uint64(followers[at + lowest_bit(bits)])
                                        bits &= bits - one
                                        if sight == 3:
                                            chance = program.seen_chances[platform, profile_of[person]]
                                            if not is_seen(chance, arc_luck(low, high, person)):
                                                seen -= one
                                                continue
                                        touched[item, person >> np.uint64(12)] = 1
                                        new += mark(reached, base + (person >> np.uint64(6)), person & np.uint64(63))
                                        if brand is not None and affects:
                                            waiting = _put_off(program, brand, item, person, tick, waiting)
                                        if crowd is not None:
                                            account(
                                                program,
                                                work,
                                                crowd,
                                                realisation,
                                                tick,
                                                item,
                                                platform,
                                                0,
                                                entry,
                                                person,
                                            )
                                    at += np.uint64(16)
                                curve[item, _IMPRESSIONS, report] += np.int64(seen)
                            curve[item, _REACH, report] += new

                        law = program.pairs[item, platform].persuades
                        if law == 0 or not persuades:
                            continue
                        limit = program.pairs[item, platform].limit
                        shift = np.uint64(program.pairs[item, platform].limit_shift)
                        lucky = 0
                        at = start
                        while at < end:
                            if law == 1:
                                bits = toss(followers, at, low, high, limit)
                            else:
                                bits = toss_each(followers, at, low, high, limits, at + shift)
                            if end - at < np.uint64(16):
                                bits &= (one << (end - at)) - one
                            while bits:
                                lucky_arcs[lucky] = at + lowest_bit(bits)
                                lucky += 1
                                bits &= bits - one
                            at += np.uint64(16)

                        novelty = freshness(program, work, brand, item, platform, tick)
                        if novelty == 0.0:  # nothing is left of the dose, and such a share is not counted
                            continue
                        doubtful = program.pairs[item, platform].reexamine != 0 and (novelty != 1.0 or law == 2)
                        for k in range(lucky):
                            arc = lucky_arcs[k]
                            person = np.uint64(followers[arc])
                            fresh = novelty
                            if brand is not None:
                                fresh *= willingness(program, brand, item, person, tick)
                                if fresh == 0.0:
                                    continue
                                doubtful = program.pairs[item, platform].reexamine != 0
                            if doubtful:
                                where = program.pairs[item, platform].log_miss_first
                                if law == 2:
                                    where += np.int64(arc)
                                miss = log_miss[where]
                                if miss == 0.0:
                                    continue
                                if fresh != 1.0:
                                    p = program.pairs[item, platform].seen_chance
                                    if sight == 3:
                                        p = program.seen_chances[platform, profile_of[person]]
                                    p *= 1.0 - exp(fresh * miss)
                                    if np.uint64(arc_luck(low, high, person)) >= np.uint64(p * 4294967296.0):
                                        continue
                            # Written whether new or not, so that no branch has to be guessed.
                            new = mark(engaged, base + (person >> np.uint64(6)), person & np.uint64(63))
                            queue[np.uint64(length)].person = person
                            queue[np.uint64(length)].parent = entry
                            queue[np.uint64(length)].item = item
                            queue[np.uint64(length)].platform = platform
                            length += new
                            if settle_ties:
                                if new:
                                    entry_of[item, person] = length - 1
                                    continue
                                rival = entry_of[item, person]
                                if rival >= begin and queue[rival].parent != SEED:
                                    holder = np.int64(queue[rival].parent)
                                    mine = order_of(program, work, realisation, tick, item, entry, person)
                                    if mine < order_of(program, work, realisation, tick, item, holder, person):
                                        queue[rival].parent = entry
                                        queue[rival].platform = platform

                if brand is not None and waiting > 0:
                    affect(program, brand, program.trust_order[stage], tick, 0, waiting)
                    waiting = 0

            if stop[0]:
                break
            if laws is not None:
                if logged > 0:
                    settle(program, work, laws, realisation, tick, begin, length, logged)
                if brand is not None and program.excludes:
                    length = keep_apart(program, work, realisation, tick, begin, length)
                if program.meets:
                    length = meet(
                        program,
                        work,
                        laws,
                        brand,
                        crowd,
                        realisation,
                        tick,
                        report,
                        sharers,
                        count_impressions,
                        length,
                        curve,
                    )
                if program.goes_on:
                    for i in range(sharers):
                        pending += _go_on(work, np.int64(sharing[i]), tick, horizon)
            # Only now are parents certain.
            if brand is not None:
                convert(
                    program,
                    work,
                    brand,
                    crowd,
                    realisation,
                    tick,
                    begin,
                    length,
                    row[:, _CONVERSIONS],
                    row[:, _INCREMENTAL],
                )
                length = bear(
                    program, work, brand, crowd, realisation, tick, report, begin, length, curve, row[:, _ROOTS]
                )
            if crowd is not None:
                for new_entry in range(begin, length):  # whose post it was
                    entry = np.uint64(new_entry)
                    parent = np.int64(queue[entry].parent)
                    item = queue[entry].item
                    if parent >= 0:
                        queue[entry].variant = queue[parent].variant
                        if parent >= first_post(work):
                            queue[entry].parent = queue[parent].parent
                    elif parent != SEED:
                        segment = program.profiles[profile_of[queue[entry].person] if several else 0].segment
                        queue[entry].variant = program.serve[item, segment]
                    crowd.engaged_on[item, queue[entry].platform] += 1
            for new_entry in range(begin, length):
                entry = np.uint64(new_entry)
                parent = queue[entry].parent
                depth = np.int32(0)
                item = queue[entry].item
                if parent != SEED:
                    new_at[item, tick] += 1
                if parent >= 0:
                    depth = queue[np.uint64(parent)].generation + np.int32(1)
                queue[entry].generation = depth
                queue[entry].tick = tick
                curve[item, _ENGAGED, report] += 1
                row[item, _DEPTH] = max(row[item, _DEPTH], np.int64(depth))
                if depth < GENERATIONS:
                    generation_row[item, depth] += 1

                platform = queue[entry].platform
                person = queue[entry].person
                queue[entry].shared_at = -1
                satisfied = program.profiles[profile_of[person] if several else 0].satisfied_threshold
                if satisfied < certain and program.items[item].disappoints:
                    word, _, _, _ = philox(program.items[item].satisfaction_key, realisation, person, 0, 0)
                    if np.uint64(word) >= satisfied:
                        if laws is not None:
                            queue[entry].stopped |= ENDED
                        continue
                if program.items[item].share_threshold < certain:
                    word, _, _, _ = philox(program.pairs[item, platform].share_key, realisation, person, 0, 0)
                    if np.uint64(word) >= program.items[item].share_threshold:
                        if laws is not None:
                            queue[entry].stopped |= ENDED
                        continue
                if crowd is not None:
                    pending += publish(program, work, laws, realisation, tick, np.int64(entry))
                else:
                    pending += schedule(program, work, laws, realisation, tick, entry)
            if crowd is not None and crowd.feed_counts.shape[0] > 0:
                empty_feeds(program, work, crowd)
            if brand is not None and program.trust_order.shape[0] > 0:
                end_tick(program, brand, tick, trust_sums[index], trust_quantiles[index])
            last_tick = np.int64(tick)
            ticks_played = last_tick + 1

        if stop[0]:
            _clear(program, work, laws, brand, crowd, length)
            first_sharer[:] = -1
            new_at[:] = 0
            space.length[0] = 0
            return index
        if brand is not None and program.trust_order.shape[0] > 0:
            for tick in range(ticks_played, horizon + 1):  # nothing happens any more but that trust comes back
                end_tick(program, brand, tick, trust_sums[index], trust_quantiles[index])
        _finish_row(new_at, last_tick, row, curve)
        space.length[0] = length
        if crowd is not None:
            tally(program, work, crowd, length)
        _clear(program, work, laws, brand, crowd, length)
    return rows.shape[0]

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
from viralsim.engine.vectors import bits_set, lowest_bit, mark, prefetch, toss, toss_each
from viralsim.luck import arc_luck, philox, row_key
from viralsim.seeding.drawing import pick

__all__ = ["CHUNK", "CURVES", "GENERATIONS", "ROW", "Program", "Workspace", "play"]

ROW = ("reach", "impressions", "engaged", "shares", "generations", "time_to_peak", "time_to_half", "seeds")
"""Columns of a realisation's row of integers, per item. Times are ticks; -1 stands for undefined."""
CURVES = ("reach", "impressions", "engaged", "shares")
"""Cumulative curves at the report times, per item."""
GENERATIONS = 16
"""Generations counted one by one (0 = the seeds); deeper ones enter `generations` only."""

CHUNK = 32
"""Sharers whose rows are fetched together."""

_REACH, _IMPRESSIONS, _ENGAGED, _SHARES, _DEPTH, _PEAK, _HALF, _SEEDS = range(len(ROW))
_NEVER = 2**62

Bits = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


class Program(NamedTuple):
    """A campaign compiled to flat arrays: I items, L platforms, n people, m arcs in all, W waves.

    A limit is a threshold less one, so that it fits 32 bits: success is ``luck <= limit``.
    """

    people: int
    horizon: int
    offsets: Ints  # [L, n + 1] rows of a platform in `followers`
    followers: npt.NDArray[np.uint32]  # [m + padding]
    seen_limit: npt.NDArray[np.uint32]  # [L]
    is_seen: npt.NDArray[np.int8]  # [L] 0: nothing is ever seen, 1: by chance, 2: everything
    seen_chance: npt.NDArray[np.float64]  # [L]
    persuades: npt.NDArray[np.int8]  # [I, L] 0: never, 1: one limit for all arcs, 2: a limit per arc
    limit: npt.NDArray[np.uint32]  # [I, L]
    limit_shift: Ints  # [I, L] limits of (item, platform) are limits[limit_shift + index of the arc]
    limits: npt.NDArray[np.uint32]
    reexamine: npt.NDArray[np.int8]  # [I, L] 1: the limit is an upper bound, the chance is computed anew
    log_miss: npt.NDArray[np.float64]  # log(1 - chance when fresh and seen), per limit above or one for all
    log_miss_first: Ints  # [I, L]
    half_life: npt.NDArray[np.float64]  # [I] in ticks, 0: novelty never fades
    share_threshold: Bits  # [I]
    arc_key: Bits  # [I, L], as the following
    order_key: Bits
    delay_key: Bits
    share_key: Bits
    has_delay: npt.NDArray[np.int8]  # [L]
    delay_table: Bits  # [L, horizon + 1] thresholds of P(delay <= d)
    wave_item: Ints  # [W], by start, then in the order of the file
    wave_platform: Ints
    wave_start: Ints
    wave_key: Bits
    wave_redrawn: npt.NDArray[np.int8]
    wave_groups: Ints  # [W + 1] groups of a wave
    group_people: Ints  # [groups + 1] where a group's people lie in `pool`
    group_count: Ints  # how many of a redrawn group are seeds; of a fixed one all are
    pool: npt.NDArray[np.uint32]
    report_index: Ints  # [horizon + 1] the first report time that is not before the tick


class Workspace(NamedTuple):
    """Scratch memory of one thread, clean between calls; after a call it holds the last realisation.

    The queue holds one entry per (item, person) engaged, in the order of engagement.
    """

    engaged: Bits  # [I, n / 64]
    reached: Bits  # [I, n / 64]
    touched: npt.NDArray[np.uint8]  # [I, n / 4096] pages of `reached` to clear
    chosen: Bits  # [n / 64] seeds picked so far in a redrawn group
    picked: npt.NDArray[np.uint32]  # these seeds
    entry_of: npt.NDArray[np.int32]  # [I, n]
    person: npt.NDArray[np.uint32]  # the queue, one entry longer than can be used, as the following
    item: npt.NDArray[np.int8]
    platform: npt.NDArray[np.int8]
    tick: npt.NDArray[np.int32]
    parent: npt.NDArray[np.int32]  # an entry, -1 for seeds
    generation: npt.NDArray[np.int32]
    shared_at: npt.NDArray[np.int32]  # a tick, -1: never within the horizon
    following: npt.NDArray[np.int32]  # next entry that shares in the same tick
    first_sharer: npt.NDArray[np.int32]  # [horizon + 2] per tick
    sharers: npt.NDArray[np.int32]  # entries that share in the tick at hand
    people: npt.NDArray[np.uint32]  # [CHUNK] the sharers at hand, as the following
    keys: Bits  # streams of their luck
    starts: Bits  # their rows
    ends: Bits
    lows: npt.NDArray[np.uint32]  # their row keys
    highs: npt.NDArray[np.uint32]
    lucky_arcs: npt.NDArray[np.uint64]  # of the row at hand, as many as the longest row
    new_at: Ints  # [I, horizon + 1] engaged by a share, per tick
    first_share: Ints  # [I] tick of an item's first share
    length: Ints  # [1] entries in the queue


@kernel(forceinline=True, allocates=False)
def _order(key: Any, realisation: Any, sharer: Any, person: Any) -> Any:
    w0, w1, _, _ = philox(key, realisation, sharer, person, 0)
    return (np.uint64(w0) << np.uint64(32)) | np.uint64(w1)


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
def _clear(engaged: Any, reached: Any, touched: Any, first_share: Any, items: Any, people: Any, length: Any) -> None:
    """Undo what a realisation left in the bits of people, and only that."""
    for entry in range(length):
        engaged[items[entry], people[entry] >> np.uint32(6)] = np.uint64(0)
    words = reached.shape[1]
    for item in range(touched.shape[0]):
        first_share[item] = _NEVER
        for page in range(touched.shape[1]):
            if touched[item, page]:
                touched[item, page] = 0
                for word in range(page * 64, min(page * 64 + 64, words)):
                    reached[item, word] = np.uint64(0)


@kernel(allocates=False)
def _position(table: Any, row: Any, word: Any) -> Any:
    """Return how many thresholds of an ascending row are not above the word: a delay in ticks."""
    low, high = 0, table.shape[1]
    while low < high:
        middle = (low + high) >> 1
        if table[row, middle] <= word:
            low = middle + 1
        else:
            high = middle
    return low


@kernel(allocates=False)
def play(
    program: Any,
    work: Any,
    first: Any,
    count_impressions: Any,
    record: Any,
    rows: Any,
    generations: Any,
    curves: Any,
    stop: Any,
) -> Any:
    """Play the realisations ``first, first + 1, ...``, one per row of `rows`.

    Parameters
    ----------
    program : Program
    work : Workspace
        Clean; it is clean again afterwards, but for the queue, which holds the last realisation.
    first : int
        Number of the first realisation, below 2^32.
    count_impressions : bool
        Whether reach and impressions are counted (the slower half of the work); otherwise they stay 0.
    record : bool
        Whether parents are wanted. Where all seeds start together and nothing is delayed, an engaged
        person's generation is their tick, whoever the parent, and ties within a tick are not settled.
    rows : int64 [realisations, I, len(ROW)], zeros
    generations : int64 [realisations, I, GENERATIONS], zeros
    curves : int64 [realisations, I, len(CURVES), report times], zeros
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
    chosen, picked = work.chosen, work.picked
    entry_of = work.entry_of
    queue_person = work.person
    queue_item = work.item
    queue_platform = work.platform
    queue_tick = work.tick
    queue_parent = work.parent
    queue_generation = work.generation
    shared_at = work.shared_at
    following = work.following
    first_sharer = work.first_sharer
    sharing = work.sharers
    lucky_arcs = work.lucky_arcs
    new_at = work.new_at
    first_share = work.first_share
    everybody = program.people
    horizon = program.horizon
    offsets = program.offsets
    followers = program.followers
    seen_limit = program.seen_limit
    is_seen = program.is_seen
    seen_chance = program.seen_chance
    persuades = program.persuades
    one_limit = program.limit
    limit_shift = program.limit_shift
    limits = program.limits
    reexamine = program.reexamine
    log_miss = program.log_miss
    log_miss_first = program.log_miss_first
    half_life = program.half_life
    share_threshold = program.share_threshold
    arc_key = program.arc_key
    order_key = program.order_key
    delay_key = program.delay_key
    share_key = program.share_key
    has_delay = program.has_delay
    delay_table = program.delay_table
    wave_item, wave_platform, wave_start = program.wave_item, program.wave_platform, program.wave_start
    wave_key, wave_redrawn, wave_groups = program.wave_key, program.wave_redrawn, program.wave_groups
    group_people, group_count, pool = program.group_people, program.group_count, program.pool
    report_index = program.report_index

    one = np.uint64(1)
    certain = one << np.uint64(32)
    words = np.uint64(engaged.shape[1])
    platforms = offsets.shape[0]
    settle_ties = record or platforms > 1
    for platform in range(platforms):
        settle_ties = settle_ties or has_delay[platform] != 0
    waves = wave_item.shape[0]
    for other_wave in range(waves):
        settle_ties = settle_ties or wave_start[other_wave] != wave_start[0]
    people, keys, starts, ends, lows, highs = (
        work.people,
        work.keys,
        work.starts,
        work.ends,
        work.lows,
        work.highs,
    )

    realisation: Any
    entry: Any
    length: Any
    wave: Any
    pending: Any
    last_tick: Any
    for index in range(rows.shape[0]):
        realisation = np.uint32(first + index)
        row, generation_row, curve = rows[index], generations[index], curves[index]
        length, wave, pending, last_tick = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        for tick in range(horizon + 1):
            if stop[0] or (pending == 0 and wave == waves):
                break
            begin = length
            report = report_index[tick]

            while wave < waves and wave_start[wave] == tick:
                item, platform = wave_item[wave], wave_platform[wave]
                for group in range(wave_groups[wave], wave_groups[wave + 1]):
                    group_pool = pool[group_people[group] : group_people[group + 1]]
                    wanted = group_count[group]
                    drawn = wave_redrawn[wave] != 0 and wanted < group_pool.shape[0]
                    if drawn:
                        number = group - wave_groups[wave]
                        wanted = pick(group_pool, wanted, wave_key[wave], realisation, number, 1, chosen, picked, stop)
                    for i in range(wanted):
                        person = np.uint64(picked[i] if drawn else group_pool[i])
                        base = np.uint64(item) * words
                        if mark(engaged, base + (person >> np.uint64(6)), person & np.uint64(63)):
                            queue_person[length] = person
                            queue_parent[length] = -1
                            queue_item[length] = item
                            queue_platform[length] = platform
                            entry_of[item, person] = length
                            length += 1
                            row[item, _SEEDS] += 1
                wave += 1
            if count_impressions:
                for entry in range(begin, length):
                    item, person = queue_item[entry], np.uint64(queue_person[entry])
                    touched[item, person >> np.uint64(12)] = 1
                    curve[item, _REACH, report] += mark(
                        reached, np.uint64(item) * words + (person >> np.uint64(6)), person & np.uint64(63)
                    )

            sharers = 0
            entry = first_sharer[tick]
            first_sharer[tick] = -1
            while entry >= 0:
                sharing[sharers] = entry
                sharers += 1
                entry = following[entry]
            pending -= sharers
            for i in range(sharers):
                item = queue_item[sharing[i]]
                first_share[item] = min(first_share[item], tick)

            for chunk in range(0, sharers, CHUNK):
                if stop[0]:
                    break
                in_chunk = min(CHUNK, sharers - chunk)
                for i in range(chunk + in_chunk, min(chunk + 2 * CHUNK, sharers)):
                    ahead_entry = np.uint64(sharing[i])
                    prefetch(
                        offsets,
                        np.uint64(queue_platform[ahead_entry]) * np.uint64(everybody + 1)
                        + np.uint64(queue_person[ahead_entry]),
                    )
                for i in range(in_chunk):
                    entry = np.uint64(sharing[chunk + i])
                    item, platform = queue_item[entry], queue_platform[entry]
                    sharer = np.uint64(queue_person[entry])
                    start = np.uint64(offsets[platform, sharer])
                    end = np.uint64(offsets[platform, sharer + one])
                    people[i], starts[i], ends[i] = sharer, start, end
                    keys[i] = arc_key[item, platform]
                    ahead = start
                    # A row may straddle one cache line more than it fills.
                    while ahead < min(end + np.uint64(15), start + np.uint64(64)):
                        prefetch(followers, ahead)
                        if persuades[item, platform] == 2:
                            prefetch(limits, ahead + np.uint64(limit_shift[item, platform]))
                        ahead += np.uint64(16)
                for i in range(in_chunk):  # simple enough for the compiler to make vectors of it
                    lows[i], highs[i] = row_key(keys[i], realisation, people[i], np.uint32(0))
                for i in range(in_chunk):
                    entry = sharing[chunk + i]
                    item, platform = queue_item[entry], queue_platform[entry]
                    sharer, start, end, low, high = people[i], starts[i], ends[i], lows[i], highs[i]
                    curve[item, _SHARES, report] += 1
                    sight = is_seen[platform]
                    if sight == 0:
                        continue
                    base = np.uint64(item) * words  # of the item in the bits of people
                    if count_impressions:
                        new = np.int64(0)
                        if sight == 2:
                            curve[item, _IMPRESSIONS, report] += np.int64(end - start)
                            for at in range(start, end):
                                person = np.uint64(followers[at])
                                touched[item, person >> np.uint64(12)] = 1
                                new += mark(reached, base + (person >> np.uint64(6)), person & np.uint64(63))
                        else:
                            seen = np.uint64(0)
                            at = start
                            while at < end:
                                bits = toss(followers, at, low, high, seen_limit[platform])
                                if end - at < np.uint64(16):
                                    bits &= (one << (end - at)) - one
                                seen += bits_set(bits)
                                while bits:
                                    person = np.uint64(followers[at + lowest_bit(bits)])
                                    bits &= bits - one
                                    touched[item, person >> np.uint64(12)] = 1
                                    new += mark(reached, base + (person >> np.uint64(6)), person & np.uint64(63))
                                at += np.uint64(16)
                            curve[item, _IMPRESSIONS, report] += np.int64(seen)
                        curve[item, _REACH, report] += new

                    law = persuades[item, platform]
                    if law == 0:
                        continue
                    limit = one_limit[item, platform]
                    shift = np.uint64(limit_shift[item, platform])
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

                    novelty = 1.0
                    if half_life[item] > 0.0:
                        age = tick - first_share[item]
                        novelty = exp(-0.6931471805599453 * (age / half_life[item]))
                        if novelty == 0.0:  # nothing is left of the dose, and such a share is not counted
                            continue
                    doubtful = reexamine[item, platform] != 0 and (novelty != 1.0 or law == 2)
                    for k in range(lucky):
                        arc = lucky_arcs[k]
                        person = np.uint64(followers[arc])
                        if doubtful:
                            where = log_miss_first[item, platform]
                            if law == 2:
                                where += np.int64(arc)
                            miss = log_miss[where]
                            if miss == 0.0:
                                continue
                            if novelty != 1.0:
                                p = seen_chance[platform] * (1.0 - exp(novelty * miss))
                                if np.uint64(arc_luck(low, high, person)) >= np.uint64(p * 4294967296.0):
                                    continue
                        # Written whether new or not, so that no branch has to be guessed.
                        new = mark(engaged, base + (person >> np.uint64(6)), person & np.uint64(63))
                        queue_person[np.uint64(length)] = person
                        queue_parent[np.uint64(length)] = entry
                        length += new
                        if settle_ties:
                            if new:
                                entry_of[item, person] = length - 1
                                continue
                            rival = entry_of[item, person]
                            if rival >= begin and queue_parent[rival] >= 0:
                                holder = queue_parent[rival]
                                other = queue_person[holder]
                                mine = _order(order_key[item, platform], realisation, sharer, person)
                                theirs = _order(order_key[item, queue_platform[holder]], realisation, other, person)
                                if mine < theirs or (mine == theirs and sharer < other):
                                    queue_parent[rival] = entry

            if stop[0]:
                break
            # Only now are parents certain.
            for new_entry in range(begin, length):
                entry = np.uint64(new_entry)
                parent = queue_parent[entry]
                depth = np.int32(0)
                if parent >= 0:
                    queue_item[entry] = queue_item[np.uint64(parent)]
                    queue_platform[entry] = queue_platform[np.uint64(parent)]
                    depth = queue_generation[np.uint64(parent)] + np.int32(1)
                    new_at[queue_item[entry], tick] += 1
                item = queue_item[entry]
                queue_generation[entry] = depth
                queue_tick[entry] = tick
                curve[item, _ENGAGED, report] += 1
                row[item, _DEPTH] = max(row[item, _DEPTH], np.int64(depth))
                if depth < GENERATIONS:
                    generation_row[item, depth] += 1

                platform = queue_platform[entry]
                person = queue_person[entry]
                shared_at[entry] = -1
                if share_threshold[item] < certain:
                    word, _, _, _ = philox(share_key[item, platform], realisation, person, 0, 0)
                    if np.uint64(word) >= share_threshold[item]:
                        continue
                shares_at = tick + 1
                if has_delay[platform]:
                    word, _, _, _ = philox(delay_key[item, platform], realisation, person, 0, 0)
                    shares_at += _position(delay_table, platform, np.uint64(word))
                if shares_at <= horizon:
                    shared_at[entry] = shares_at
                    following[entry] = first_sharer[shares_at]
                    first_sharer[shares_at] = new_entry
                    pending += 1
            last_tick = np.int64(tick)

        if stop[0]:
            _clear(engaged, reached, touched, first_share, queue_item, queue_person, length)
            first_sharer[:] = -1
            new_at[:] = 0
            work.length[0] = 0
            return index
        _finish_row(new_at, last_tick, row, curve)
        work.length[0] = length
        _clear(engaged, reached, touched, first_share, queue_item, queue_person, length)
    return rows.shape[0]

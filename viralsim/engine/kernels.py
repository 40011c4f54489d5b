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

from viralsim.compiling import kernel
from viralsim.engine.arithmetic import exp
from viralsim.engine.vectors import bits_set, lowest_bit, prefetch, toss, toss_each
from viralsim.luck import arc_luck, philox, row_key

__all__ = ["CURVES", "GENERATIONS", "ROW", "Program", "Workspace", "play"]

ROW = ("reach", "impressions", "engaged", "shares", "generations", "time_to_peak", "time_to_half", "seeds")
"""Columns of a realisation's row of integers, per item. Times are ticks; -1 stands for undefined."""
CURVES = ("reach", "impressions", "engaged", "shares")
"""Cumulative curves at the report times, per item."""
GENERATIONS = 16
"""Generations counted one by one (0 = the seeds); deeper ones enter `generations` only."""

_REACH, _IMPRESSIONS, _ENGAGED, _SHARES, _DEPTH, _PEAK, _HALF, _SEEDS = range(8)
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
    report_times: int


class Workspace(NamedTuple):
    """Scratch memory of one thread, clean between calls; after a call it holds the last realisation.

    The queue holds one entry per (item, person) engaged, in the order of engagement.
    """

    engaged: Bits  # [I, n / 64]
    reached: Bits  # [I, n / 64]
    touched: npt.NDArray[np.uint8]  # [I, n / 4096] pages of `reached` to clear
    chosen: Bits  # [n / 64] seeds picked so far in a redrawn group
    entry_of: npt.NDArray[np.int32]  # [I, n]
    person: npt.NDArray[np.uint32]  # the queue
    item: npt.NDArray[np.int8]
    platform: npt.NDArray[np.int8]
    tick: npt.NDArray[np.int32]
    parent: npt.NDArray[np.int32]  # an entry, -1 for seeds
    generation: npt.NDArray[np.int32]
    shared_at: npt.NDArray[np.int32]  # a tick, -1: never within the horizon
    following: npt.NDArray[np.int32]  # next entry that shares in the same tick
    first_sharer: npt.NDArray[np.int32]  # [horizon + 2] per tick
    sharers: npt.NDArray[np.int32]  # entries that share in the tick at hand
    new_at: Ints  # [I, horizon + 1] engaged by a share, per tick
    first_share: Ints  # [I] tick of an item's first share
    length: Ints  # [1] entries in the queue


@kernel(forceinline=True)
def _uniform(w0: Any, w1: Any) -> Any:
    high = np.float64(w0 >> np.uint32(5))
    low = np.float64(w1 >> np.uint32(6))
    return (high * 67108864.0 + low) / 9007199254740992.0


@kernel(forceinline=True)
def _order(program: Any, item: Any, platform: Any, realisation: Any, sharer: Any, person: Any) -> Any:
    w0, w1, _, _ = philox(program.order_key[item, platform], realisation, sharer, person, 0)
    return (np.uint64(w0) << np.uint64(32)) | np.uint64(w1)


@kernel(forceinline=True)
def _mark(bits: Any, item: Any, person: Any) -> Any:
    """Set a person's bit; return 1 where it was not set before, else 0. Free of branches."""
    word = np.uint64(person) >> np.uint64(6)
    place = np.uint64(person) & np.uint64(63)
    old = bits[item, word]
    bits[item, word] = old | (np.uint64(1) << place)
    return np.int64(np.uint64(1) ^ ((old >> place) & np.uint64(1)))


@kernel(forceinline=True)
def _reach(work: Any, item: Any, person: Any) -> Any:
    work.touched[item, np.uint64(person) >> np.uint64(12)] = 1
    return _mark(work.reached, item, person)


@kernel(forceinline=True)
def _enqueue(work: Any, length: Any, person: Any, item: Any, platform: Any, tick: Any, parent: Any) -> None:
    at = np.uint64(length)
    work.person[at] = person
    work.item[at] = item
    work.platform[at] = platform
    work.tick[at] = tick
    work.parent[at] = parent
    work.generation[at] = 0 if parent < 0 else work.generation[np.uint64(parent)] + 1
    work.entry_of[item, person] = length


@kernel
def _seed(program: Any, work: Any, realisation: Any, wave: Any, tick: Any, length: Any, row: Any) -> Any:
    """Engage the seeds of one wave; return the queue's new length."""
    item, platform = program.wave_item[wave], program.wave_platform[wave]
    for group in range(program.wave_groups[wave], program.wave_groups[wave + 1]):
        first, last = program.group_people[group], program.group_people[group + 1]
        size = last - first
        wanted = program.group_count[group]
        all_of_them = program.wave_redrawn[wave] == 0 or wanted == size
        step = 0
        taken = 0
        while taken < wanted:
            if all_of_them:
                person = program.pool[first + taken]
                taken += 1
            else:
                w0, w1, _, _ = philox(
                    program.wave_key[wave], realisation, group - program.wave_groups[wave], step, 1
                )
                step += 1
                person = program.pool[first + np.int64(_uniform(w0, w1) * size)]
                word, bit = np.int64(person) >> 6, np.uint64(1) << np.uint64(person & np.uint32(63))
                if work.chosen[word] & bit:
                    continue
                work.chosen[word] |= bit
                taken += 1
            if _mark(work.engaged, item, person):
                _enqueue(work, length, person, item, platform, tick, -1)
                length += 1
                row[item, _SEEDS] += 1
        if not all_of_them:
            for again in range(step):
                w0, w1, _, _ = philox(
                    program.wave_key[wave], realisation, group - program.wave_groups[wave], again, 1
                )
                person = program.pool[first + np.int64(_uniform(w0, w1) * size)]
                work.chosen[np.int64(person) >> 6] = np.uint64(0)
    return length


@kernel
def _schedule(program: Any, work: Any, realisation: Any, entry: Any) -> Any:
    """Draw whether and when an entry shares; return 1 where that lies within the horizon, else 0."""
    item, platform = work.item[entry], work.platform[entry]
    person = work.person[entry]
    if program.share_threshold[item] < np.uint64(1) << np.uint64(32):
        word, _, _, _ = philox(program.share_key[item, platform], realisation, person, 0, 0)
        if np.uint64(word) >= program.share_threshold[item]:
            work.shared_at[entry] = -1
            return 0
    delay = 0
    if program.has_delay[platform]:
        word, _, _, _ = philox(program.delay_key[item, platform], realisation, person, 0, 0)
        delay = np.searchsorted(program.delay_table[platform], np.uint64(word), side="right")
    tick = work.tick[entry] + 1 + delay
    if tick > program.horizon:
        work.shared_at[entry] = -1
        return 0
    work.shared_at[entry] = tick
    work.following[entry] = work.first_sharer[tick]
    work.first_sharer[tick] = entry
    return 1


@kernel
def _finish_row(program: Any, work: Any, length: Any, last_tick: Any, row: Any, curve: Any) -> None:
    """Turn what happened in one realisation into its row of integers and cumulative curves."""
    items = row.shape[0]
    for item in range(items):
        for j in range(1, program.report_times):
            for c in range(curve.shape[1]):
                curve[item, c, j] += curve[item, c, j - 1]
        total, best, peak = np.int64(0), np.int64(0), np.int64(-1)
        for tick in range(last_tick + 1):
            total += work.new_at[item, tick]
            if work.new_at[item, tick] > best:
                best, peak = work.new_at[item, tick], np.int64(tick)
        half, so_far = np.int64(-1), np.int64(0)
        for tick in range(last_tick + 1):
            so_far += work.new_at[item, tick]
            if total > 0 and half < 0 and 2 * so_far >= total:
                half = np.int64(tick)
            work.new_at[item, tick] = 0
        row[item, _PEAK] = peak
        row[item, _HALF] = half


@kernel
def _clear(program: Any, work: Any, length: Any) -> None:
    for entry in range(length):
        work.engaged[work.item[entry], work.person[entry] >> 6] = np.uint64(0)
    words = work.reached.shape[1]
    for item in range(work.touched.shape[0]):
        work.first_share[item] = _NEVER
        for page in range(work.touched.shape[1]):
            if work.touched[item, page]:
                work.touched[item, page] = 0
                work.reached[item, page * 64 : min(page * 64 + 64, words)] = np.uint64(0)


_CHUNK = 32


@kernel
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
        Whether parents are wanted. Without delays generations do not depend on them, and ties within a
        tick need not be settled.
    rows : int64 [realisations, I, len(ROW)], zeros
    generations : int64 [realisations, I, GENERATIONS], zeros
    curves : int64 [realisations, I, len(CURVES), report times], zeros
    stop : uint8 [1]
        Polled every few sharers; anything but 0 ends the call early.

    Returns
    -------
    int
        How many realisations were finished.
    """
    one = np.uint64(1)
    platforms = program.offsets.shape[0]
    settle_ties = record or platforms > 1
    for platform in range(platforms):
        settle_ties = settle_ties or program.has_delay[platform] != 0
    waves = program.wave_item.shape[0]
    starts = np.empty(_CHUNK, np.uint64)
    ends = np.empty(_CHUNK, np.uint64)
    lows = np.empty(_CHUNK, np.uint32)
    highs = np.empty(_CHUNK, np.uint32)

    for index in range(rows.shape[0]):
        realisation = np.uint32(first + index)
        row, generation_row, curve = rows[index], generations[index], curves[index]
        length, wave, pending, last_tick = np.int64(0), 0, 0, 0
        for tick in range(program.horizon + 1):
            if pending == 0 and wave == waves:
                break
            begin = length
            report = program.report_index[tick]

            while wave < waves and program.wave_start[wave] == tick:
                length = _seed(program, work, realisation, wave, tick, length, row)
                wave += 1
            if count_impressions:
                for entry in range(begin, length):
                    item = work.item[entry]
                    curve[item, _REACH, report] += _reach(work, item, work.person[entry])

            sharers = 0
            entry = work.first_sharer[tick]
            work.first_sharer[tick] = -1
            while entry >= 0:
                work.sharers[sharers] = entry
                sharers += 1
                entry = work.following[entry]
            pending -= sharers
            for i in range(sharers):
                item = work.item[work.sharers[i]]
                work.first_share[item] = min(work.first_share[item], tick)

            for chunk in range(0, sharers, _CHUNK):
                if stop[0]:
                    _clear(program, work, length)
                    for t in range(tick, program.horizon + 2):
                        work.first_sharer[t] = -1
                    work.new_at[:] = 0
                    work.length[0] = 0
                    return index
                chunk_end = min(chunk + _CHUNK, sharers)
                for i in range(chunk_end, min(chunk_end + _CHUNK, sharers)):
                    entry = np.uint64(work.sharers[i])
                    prefetch(
                        program.offsets,
                        np.uint64(work.platform[entry]) * np.uint64(program.people + 1)
                        + np.uint64(work.person[entry]),
                    )
                for i in range(chunk, chunk_end):
                    entry = np.uint64(work.sharers[i])
                    item, platform = work.item[entry], work.platform[entry]
                    sharer = np.uint64(work.person[entry])
                    start = np.uint64(program.offsets[platform, sharer])
                    end = np.uint64(program.offsets[platform, sharer + one])
                    starts[i - chunk], ends[i - chunk] = start, end
                    ahead = start
                    while ahead < min(end, start + np.uint64(64)):
                        prefetch(program.followers, ahead)
                        if program.persuades[item, platform] == 2:
                            prefetch(
                                program.limits, ahead + np.uint64(program.limit_shift[item, platform])
                            )
                        ahead += np.uint64(16)
                for i in range(chunk, chunk_end):
                    entry = np.uint64(work.sharers[i])
                    lows[i - chunk], highs[i - chunk] = row_key(
                        program.arc_key[work.item[entry], work.platform[entry]],
                        realisation,
                        work.person[entry],
                        np.uint32(0),
                    )
                for i in range(chunk, chunk_end):
                    entry = work.sharers[i]
                    item, platform = work.item[entry], work.platform[entry]
                    sharer = work.person[entry]
                    start, end = starts[i - chunk], ends[i - chunk]
                    low, high = lows[i - chunk], highs[i - chunk]
                    curve[item, _SHARES, report] += 1
                    sight = program.is_seen[platform]
                    if sight == 0:
                        continue
                    seen_limit = program.seen_limit[platform]

                    if count_impressions:
                        new = np.int64(0)
                        if sight == 2:
                            curve[item, _IMPRESSIONS, report] += np.int64(end - start)
                            for at in range(start, end):
                                new += _reach(work, item, program.followers[at])
                        else:
                            seen = np.uint64(0)
                            at = start
                            while at < end:
                                bits = toss(program.followers, at, low, high, seen_limit)
                                if end - at < np.uint64(16):
                                    bits &= (one << (end - at)) - one
                                seen += bits_set(bits)
                                while bits:
                                    new += _reach(work, item, program.followers[at + lowest_bit(bits)])
                                    bits &= bits - one
                                at += np.uint64(16)
                            curve[item, _IMPRESSIONS, report] += np.int64(seen)
                        curve[item, _REACH, report] += new

                    law = program.persuades[item, platform]
                    if law == 0:
                        continue
                    limit = program.limit[item, platform]
                    shift = np.uint64(program.limit_shift[item, platform])
                    novelty = 1.0
                    if program.half_life[item] > 0.0:
                        age = tick - work.first_share[item]
                        novelty = exp(-0.6931471805599453 * (age / program.half_life[item]))
                    reexamine = program.reexamine[item, platform] != 0 and (
                        novelty != 1.0 or law == 2
                    )
                    at = start
                    while at < end:
                        if law == 1:
                            bits = toss(program.followers, at, low, high, limit)
                        else:
                            bits = toss_each(program.followers, at, low, high, program.limits, at + shift)
                        if end - at < np.uint64(16):
                            bits &= (one << (end - at)) - one
                        while bits:
                            arc = at + lowest_bit(bits)
                            bits &= bits - one
                            person = program.followers[arc]
                            if reexamine:
                                where = program.log_miss_first[item, platform]
                                if law == 2:
                                    where += np.int64(arc)
                                miss = program.log_miss[where]
                                if miss == 0.0:
                                    continue
                                if novelty != 1.0:
                                    p = program.seen_chance[platform] * (1.0 - exp(novelty * miss))
                                    if np.uint64(arc_luck(low, high, person)) >= np.uint64(
                                        p * 4294967296.0
                                    ):
                                        continue
                            if _mark(work.engaged, item, person):
                                _enqueue(work, length, person, item, platform, tick, entry)
                                length += 1
                            elif settle_ties:
                                rival = work.entry_of[item, person]
                                if work.tick[rival] == tick and work.parent[rival] >= 0:
                                    holder = work.parent[rival]
                                    mine = _order(program, item, platform, realisation, sharer, person)
                                    theirs = _order(
                                        program,
                                        item,
                                        work.platform[holder],
                                        realisation,
                                        work.person[holder],
                                        person,
                                    )
                                    if mine < theirs or (mine == theirs and sharer < work.person[holder]):
                                        work.parent[rival] = entry
                                        work.platform[rival] = platform
                                        work.generation[rival] = work.generation[entry] + 1
                        at += np.uint64(16)

            for entry in range(begin, length):
                item = work.item[entry]
                curve[item, _ENGAGED, report] += 1
                depth = work.generation[entry]
                row[item, _DEPTH] = max(row[item, _DEPTH], depth)
                if depth < GENERATIONS:
                    generation_row[item, depth] += 1
                if work.parent[entry] >= 0:
                    work.new_at[item, tick] += 1
                pending += _schedule(program, work, realisation, entry)
            last_tick = tick

        _finish_row(program, work, length, last_tick, row, curve)
        for item in range(row.shape[0]):
            for c in range(curve.shape[1]):
                row[item, c] = curve[item, c, program.report_times - 1]
        work.length[0] = length
        _clear(program, work, length)
    return rows.shape[0]

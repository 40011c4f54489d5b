"""What each person saw and when, counted again from a recorded realisation.

What is seen is a pure function of the luck of arcs, so nothing needs to be kept while a realisation is played: whoever
knows who shared when knows who saw it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from viralsim.compiling import kernel
from viralsim.engine.arrival_kernels import NOBODY, SEED, order_of
from viralsim.engine.crowd_kernels import online, profile_of
from viralsim.engine.law_kernels import arcs_seen, first_post
from viralsim.luck import arc_luck, row_key

if TYPE_CHECKING:
    from viralsim.engine.compile import Campaign

__all__ = ["Exposed", "count_exposures", "exposed", "first_impressions"]


class Exposed(NamedTuple):
    """Scratch memory of `count_exposures` for one thread, clean between calls."""

    entry_of: npt.NDArray[np.int32]  # [n] -1: not engaged
    shares: npt.NDArray[np.int64]  # [n] seen
    people: npt.NDArray[np.uint32]  # [n] who saw any
    seen: npt.NDArray[np.uint64]  # arcs of the row at hand along which a share is seen


def exposed(campaign: Campaign) -> Exposed:
    """Make the scratch memory that one thread needs for a campaign."""
    people, offsets = campaign.program.people, campaign.program.offsets
    return Exposed(
        np.full(people, -1, dtype=np.int32),
        np.zeros(people, dtype=np.int64),
        np.empty(people, dtype=np.uint32),
        np.empty(int(np.diff(offsets, axis=1).max(initial=0)) + 1, dtype=np.uint64),
    )


@kernel(allocates=False)
def count_exposures(
    program: Any, work: Any, realisation: Any, item: Any, length: Any, scratch: Any, seen: Any, persuaded: Any
) -> None:
    """Count people by the shares of an item that they saw, up to the one that persuaded them.

    A share in the tick of the engagement counts where it comes, in the order of arrivals, no later than the parent's.
    Who becomes a seed is not persuaded by what they saw before; what a seed sees afterwards does not count.

    Parameters
    ----------
    program : Program
    work : State
        Left by `play` with `record`. Not for the emission `contact`, whose contacts depend on the state of the tick,
        and not for several platforms.
    realisation, item, length : int
        Number of the realisation, index of the item, entries in the queue.
    scratch : Exposed
        Clean; it is clean again afterwards.
    seen, persuaded : int64 [K], zeros
        At k - 1: people who saw exactly k shares; those of them whom the k-th persuaded. At K - 1 also those who saw
        more, none of whom counts as persuaded unless it took exactly K.
    """
    queue, entry_of, count, most = work.queue, scratch.entry_of, scratch.shares, np.int64(seen.shape[0])
    for entry in range(length):
        if queue[entry].item == item:
            entry_of[queue[entry].person] = entry
    met = 0
    for entry in range(length):
        first = np.int64(queue[entry].shared_at)
        platform = queue[entry].platform
        if queue[entry].item != item or first < 0 or program.platforms[platform].is_seen == 0:
            continue
        last = first
        if program.items[item].emission != 0:
            last = min(np.int64(queue[entry].shares_until), np.int64(program.horizon))
        sharer = queue[entry].person
        for tick in range(first, last + 1):
            low, high = row_key(program.pairs[item, platform].arc_key, realisation, sharer, np.uint32(tick - first))
            for k in range(arcs_seen(program, work, None, scratch.seen, realisation, entry, low, high, tick)):
                person = program.followers[scratch.seen[k]]
                theirs = np.int64(entry_of[person])
                if theirs >= 0:
                    parent = np.int64(queue[theirs].parent)
                    if tick > queue[theirs].tick or (tick == queue[theirs].tick and parent == SEED):
                        continue
                    if tick == queue[theirs].tick and entry != parent:
                        mine = order_of(program, work, realisation, tick, item, entry, person)
                        if mine > order_of(program, work, realisation, tick, item, parent, person):
                            continue
                if count[person] == 0:
                    scratch.people[met] = person
                    met += 1
                count[person] += 1
    for i in range(met):
        person = scratch.people[i]
        place = min(count[person], most) - 1
        seen[place] += 1
        theirs = np.int64(entry_of[person])
        if theirs >= 0 and queue[theirs].parent >= 0 and count[person] <= most:
            persuaded[place] += 1
        count[person] = 0
    for entry in range(length):
        if queue[entry].item == item:
            entry_of[queue[entry].person] = -1


@kernel(allocates=False)
def first_impressions(
    program: Any, work: Any, base: Any, realisation: Any, item: Any, length: Any, scratch: Any, first: Any
) -> None:
    """Bring down to it the tick in which each person first saw an item, by a share or an advertisement.

    Parameters
    ----------
    program : Program
    work : State
        Left by `play` with `record`. Not for the emission `contact`, whose contacts depend on the state of the tick,
        nor for feeds that have an end or show what strangers share.
    base : int
        Tick from which the item's advertising counts.
    realisation, item, length : int
        Number of the realisation, index of the item, entries in the queue.
    scratch : Exposed
    first : int64 [n]
        Ticks, beyond the horizon for those who have seen nothing yet.
    """
    queue = work.queue
    for number in range(length + work.posts[0]):
        entry = number if number < length else first_post(work) + number - length
        begin = np.int64(queue[entry].shared_at)
        platform = queue[entry].platform
        if queue[entry].item != item or begin < 0 or program.platforms[platform].is_seen == 0:
            continue
        last = begin
        if program.items[item].emission != 0:
            last = min(np.int64(queue[entry].shares_until), np.int64(program.horizon))
        sharer = queue[entry].person
        for tick in range(begin, last + 1):
            low, high = row_key(program.pairs[item, platform].arc_key, realisation, sharer, np.uint32(tick - begin))
            for k in range(arcs_seen(program, work, None, scratch.seen, realisation, entry, low, high, tick)):
                person = program.followers[scratch.seen[k]]
                first[person] = min(first[person], tick)
    platform = np.int8(program.items[item].ad_platform)
    impressed = np.uint64(program.items[item].ad_seen * 4294967296.0)
    for since in range(program.items[item].ad_from, program.items[item].ad_until):
        tick = base + since
        if tick > program.horizon:
            break
        low, high = row_key(program.pairs[item, platform].arc_key, realisation, np.uint32(NOBODY), np.uint32(tick))
        for number in range(program.people):
            luck = np.uint64(arc_luck(low, high, np.uint32(number)))
            if luck >= impressed:
                continue
            if program.online.shape[1] > 1:
                chance = program.items[item].ad_seen * online(program, profile_of(program, number), tick)
                if luck >= np.uint64(chance * 4294967296.0):
                    continue
            if program.platforms[platform].timed & 2 and not (
                program.person_times[number].start <= tick < program.person_times[number].end
            ):
                continue
            first[number] = min(first[number], tick)

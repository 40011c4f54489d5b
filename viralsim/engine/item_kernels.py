"""Where items touch: exclusive sets, testimony born of content, items that wait for another, conversions."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.engine.arrival_kernels import BORN, order_of
from viralsim.engine.crowd_kernels import appear, count_conversion, profile_of
from viralsim.engine.law_kernels import engage, exclude
from viralsim.engine.trust_kernels import affect_one, trust_of
from viralsim.engine.vectors import mark
from viralsim.luck import arc_luck, philox, row_key

__all__ = ["NOT_YET"]

NOT_YET = 2**40
"""When an item starts that nothing has triggered."""
_REACH = 0  # of the curves
_VOID = -1


@kernel(allocates=False)
def begin_items(program: Any, brand: Any) -> None:
    """Set when items start, as far as that is known at the beginning."""
    for item in range(program.items.shape[0]):
        brand.base[item] = NOT_YET if program.items[item].after >= 0 else program.items[item].reaction_delay
        brand.reached[item] = 0


@kernel(allocates=False)
def trigger(program: Any, brand: Any, tick: Any, curve: Any) -> None:
    """Start items that wait for another to have reached so many people, by what stood at the end of the last tick."""
    if tick == 0:
        return
    for item in range(program.items.shape[0]):
        if brand.base[item] < NOT_YET:
            continue
        after, report = program.items[item].after, program.report_index[tick - 1]
        if tick > 1 and program.report_index[tick - 2] < report:
            brand.reached[item] += curve[after, _REACH, report - 1]
        if brand.reached[item] + curve[after, _REACH, report] >= program.items[item].after_people:
            brand.base[item] = tick + program.items[item].reaction_delay


@kernel(allocates=False)
def last_start(program: Any, brand: Any) -> Any:
    """Return the last tick in which something starts or is advertised, of items whose start is known by now."""
    last = np.int64(-1)
    for item in range(program.items.shape[0]):
        if brand.base[item] < NOT_YET:
            if program.items[item].ad_from < program.items[item].ad_until:
                last = max(last, brand.base[item] + program.items[item].ad_until - 1)
            last = max(last, brand.base[item] + program.items[item].last_wave)
    return last


@kernel(allocates=False)
def keep_apart(program: Any, work: Any, realisation: Any, tick: Any, first: Any, length: Any) -> Any:
    """Leave to whom several items of an exclusive set have persuaded in a tick the one that came first.

    Entries from `first` on are those of the tick. Return the new length of the queue.
    """
    queue, entry_of, items = work.queue, work.entry_of, program.items
    for entry in range(first, length):
        queue[entry].generation = 0
    for entry in range(first, length):
        item, person = np.int64(queue[entry].item), queue[entry].person
        word, place = np.int64(person >> np.uint32(6)), np.uint64(person & np.uint32(63))
        for other in range(items.shape[0]):
            if queue[entry].generation == _VOID or items[item].exclusive == 0:
                break
            if other == item or items[other].exclusive != items[item].exclusive:
                continue
            if not (work.engaged[other, word] >> place) & np.uint64(1):
                continue
            rival = np.int64(entry_of[other, person])
            if rival < first or queue[rival].item != other or queue[rival].generation == _VOID:
                continue
            mine = order_of(program, work, realisation, tick, item, np.int64(queue[entry].parent), person)
            theirs = order_of(program, work, realisation, tick, other, np.int64(queue[rival].parent), person)
            queue[rival if mine < theirs else entry].generation = _VOID
    kept = first
    for entry in range(first, length):
        item, person = np.int64(queue[entry].item), queue[entry].person
        if queue[entry].generation == _VOID:
            word, place = np.int64(person >> np.uint32(6)), np.uint64(person & np.uint32(63))
            work.engaged[item, word] &= ~(np.uint64(1) << place)
            continue
        if kept != entry:
            queue[kept].person = person
            queue[kept].item = queue[entry].item
            queue[kept].platform = queue[entry].platform
            queue[kept].parent = queue[entry].parent
        entry_of[item, person] = kept
        kept += 1
    for entry in range(first, kept):
        exclude(program, work, queue[entry].item, queue[entry].person, entry)
    return kept


@kernel(allocates=False)
def bear(
    program: Any,
    work: Any,
    brand: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    report: Any,
    first: Any,
    length: Any,
    curve: Any,
    roots: Any,
) -> Any:
    """Start the testimonies of those whom content has disappointed in a tick; return the length of the queue.

    In the order in which items have their effects on trust, for some may tell two.
    """
    last = length
    for k in range(program.trust_order.shape[0]):
        testimony = np.int64(program.trust_order[k])
        base = np.uint64(testimony) * np.uint64(work.engaged.shape[1])
        for content in range(program.items.shape[0]):
            if program.items[content].born != testimony:
                continue
            for entry in range(first, last):
                person = work.queue[entry].person
                satisfied = program.profiles[profile_of(program, person)].satisfied_threshold
                if work.queue[entry].item != content or satisfied > np.uint64(0xFFFFFFFF):
                    continue
                luck, _, _, _ = philox(program.items[content].satisfaction_key, realisation, person, 0, 0)
                if np.uint64(luck) < satisfied:
                    continue
                affect_one(program, brand, testimony, person, tick)
                word, place = np.uint64(person) >> np.uint64(6), np.uint64(person) & np.uint64(63)
                is_new = mark(work.engaged, base + word, place)
                if not is_new and work.queue[work.entry_of[testimony, person]].item == testimony:
                    continue  # they tell it already; who is only kept from it tells it now
                length = engage(work, testimony, work.queue[entry].platform, person, BORN, length)
                exclude(program, work, testimony, person, length - 1)
                work.touched[testimony, np.uint64(person) >> np.uint64(12)] = 1
                curve[testimony, _REACH, report] += mark(work.reached, base + word, place)
                roots[testimony] += 1
                if crowd is not None:
                    appear(program, crowd, testimony, work.queue[entry].platform, person, BORN, tick)
    return length


@kernel(allocates=False)
def count_baseline(program: Any, brand: Any, realisation: Any) -> Any:
    """Draw who converts of their own accord in a realisation; return how many do."""
    low, high = row_key(program.baseline_key, realisation, np.uint32(0), np.uint32(0))
    brand.baseline_low[0], brand.baseline_high[0] = low, high
    count = np.int64(0)
    for number in range(program.people):
        limit = program.baseline[program.profiles[profile_of(program, number)].segment, program.horizon]
        count += np.uint64(arc_luck(low, high, np.uint32(number))) < limit
    return count


@kernel(allocates=False)
def convert(
    program: Any,
    work: Any,
    brand: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    first: Any,
    length: Any,
    conversions: Any,
    incremental: Any,
) -> None:
    """Let those whom content has engaged in a tick convert: each person once, item by item."""
    has_baseline = program.baseline.shape[1] > 1
    for item in range(program.items.shape[0]):
        if program.items[item].converts == 0:
            continue
        for entry in range(first, length):
            if work.queue[entry].item != item:
                continue
            person = work.queue[entry].person
            profile = profile_of(program, person)
            segment = program.profiles[profile].segment
            would = False
            if has_baseline:
                luck = np.uint64(arc_luck(brand.baseline_low[0], brand.baseline_high[0], person))
                if luck < program.baseline[segment, tick]:
                    continue
                would = luck < program.baseline[segment, program.horizon]
            chance = program.profiles[profile].conversion
            if program.trust_order.shape[0] > 0:
                chance *= trust_of(program, brand, person, tick)
            else:
                chance *= program.profiles[profile].trust
            word, _, _, _ = philox(program.items[item].conversion_key, realisation, person, 0, 0)
            if np.uint64(word) < np.uint64(min(chance, 1.0) * 4294967296.0) and mark(
                brand.converted, np.uint64(person) >> np.uint64(6), np.uint64(person) & np.uint64(63)
            ):
                conversions[item] += 1
                incremental[item] += 1 - np.int64(would)
                if crowd is not None:
                    count_conversion(program, crowd, item, work.queue[entry].platform, person)

"""Trust in the brand: what impressions take from it and give back, and how it comes back by itself.

A person's trust T relaxes toward a ceiling, the trust they began with less what was lost for longer (`lost`; of
that `permanent` for ever). It is stored as it was at its last change and worked out when it is read; nobody is
looked at whom nothing has touched.

Sums of trust by segment are kept up as it changes: what is missing is `lost`, in whole numbers of 2^-32, and the
gap between trust and ceiling, which fades alike for everybody. So they cost nothing beside the impressions and do
not depend on the order of these.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.arithmetic import exp, log
from viralsim.compiling import kernel
from viralsim.engine.vectors import prefetch

__all__ = ["BATCH", "HARM", "REPAIR", "THOUSANDTHS"]

BATCH = 512
"""So many impressions are put off, at most, before they take effect together."""

HARM, REPAIR = 1, 2
"""What impressions of an item do to trust; 0: nothing."""
THOUSANDTHS = 1000
"""Quantiles of people's trust are told in these."""
_FIXED = 4294967296.0  # sums count in parts of it


@kernel(forceinline=True, allocates=False)
def _as_whole(amount: Any) -> Any:
    """Return an amount above -2 in parts of 2^-32, rounded, by the one instruction that truncates."""
    return np.int64(amount * _FIXED + (2.0 * _FIXED + 0.5)) - np.int64(2.0 * _FIXED)


@kernel(forceinline=True, allocates=False)
def _start_of(program: Any, person: Any) -> Any:
    """Return the trust that a person began with."""
    return program.profiles[program.profile_of[person] if program.profiles.shape[0] > 1 else 0].trust


@kernel(forceinline=True, allocates=False)
def _now(program: Any, brand: Any, slot: Any, start: Any, tick: Any) -> Any:
    """Return the trust at a tick that is not before its last change, given what it began with."""
    ceiling = start - brand.touched[slot].lost
    gap = ceiling - brand.touched[slot].trust
    return ceiling - gap * program.decay[np.uint64(tick - brand.touched[slot].tick)]


@kernel(forceinline=True, allocates=False)
def trust_of(program: Any, brand: Any, person: Any, tick: Any) -> Any:
    """Return a person's trust at a tick that is not before its last change."""
    start, slot = _start_of(program, person), brand.slot_of[np.uint64(person)]
    return start if slot < 0 else _now(program, brand, np.uint64(slot), start, tick)


@kernel(forceinline=True, allocates=False)
def willingness(program: Any, brand: Any, item: Any, person: Any, tick: Any) -> Any:
    """Return what a person's trust at a tick leaves of the dose that their trust at the start gives."""
    if program.items[item].follows_trust == 0:
        return 1.0
    slot = brand.slot_of[np.uint64(person)]
    if slot < 0:
        return 1.0
    start = _start_of(program, person)
    if start == 0.0:
        return 1.0
    ratio = min(max(_now(program, brand, np.uint64(slot), start, tick), 0.0) / start, 1.0)
    power = program.items[item].sensitivity
    if power == 1.0 or ratio == 0.0:
        return ratio
    return exp(power * log(ratio))


@kernel(forceinline=True, allocates=False)
def freshness(program: Any, work: Any, brand: Any, item: Any, platform: Any, tick: Any) -> Any:
    """Return what is left of an item's dose at a tick: its novelty, and what being proven false leaves."""
    novelty = program.novelty[item, platform, max(tick - work.first_share[item], 0)]
    if brand is not None and tick >= program.items[item].proven_at:
        novelty *= program.items[item].left
    return novelty


@kernel(allocates=False)
def affect(program: Any, brand: Any, item: Any, tick: Any, first: Any, end: Any) -> None:
    """Let impressions of an item in a tick take from the trust of ``brand.impressed[first:end]``, or give.

    Who is impressed several times is there several times. People come in batches so that the memory of the later ones
    is fetched while the earlier ones are dealt with.
    """
    effect, several = program.items[item].effect, program.profiles.shape[0] > 1
    impressed, slots = brand.impressed, brand.slots
    batch: Any = np.uint64(0)
    touches: Any = np.uint64(brand.touches[0])
    for k in range(np.uint64(first), np.uint64(end)):
        person = impressed[k]
        slot = brand.slot_of[np.uint64(person)]
        if slot < 0:
            if effect == REPAIR:
                continue
            slot = np.int32(touches)
            brand.slot_of[np.uint64(person)] = slot
            brand.touched[touches].person = person
            brand.touched[touches].trust = _start_of(program, person)
            brand.touched[touches].lost = 0.0
            brand.touched[touches].permanent = 0.0
            brand.touched[touches].tick = tick
            touches += np.uint64(1)
        slots[batch] = slot
        batch += np.uint64(1)
        prefetch(brand.touched, np.uint64(slot))
    brand.touches[0] = touches
    damage = program.items[item].damage
    if tick >= program.items[item].proven_at:
        damage *= program.items[item].left
    scar, heal, repair = program.items[item].scar, program.items[item].heal, program.items[item].repair
    segment, start = np.uint64(program.profiles[0].segment), program.profiles[0].trust
    lost_now, gap_now = np.int64(0), np.int64(0)
    for k in range(batch):
        slot = np.uint64(slots[k])
        if several:
            profile = np.uint64(program.profile_of[np.uint64(brand.touched[slot].person)])
            segment, start = np.uint64(program.profiles[profile].segment), program.profiles[profile].trust
        before, permanent = brand.touched[slot].lost, brand.touched[slot].permanent
        ceiling = start - before
        gap = (ceiling - brand.touched[slot].trust) * program.decay[np.uint64(tick - brand.touched[slot].tick)]
        trust, lost = ceiling - gap, before
        if effect == HARM:
            drop = damage * trust
            trust -= drop
            lost += scar * drop
            brand.touched[slot].permanent = permanent + (1.0 - heal) * (scar * drop)
        else:
            trust += repair * gap
            lost -= repair * (lost - permanent)
        brand.touched[slot].trust = trust
        brand.touched[slot].lost = lost
        brand.touched[slot].tick = tick
        change, widened = _as_whole(lost - before), _as_whole(start - lost - trust - gap)
        if several:
            brand.lost[segment] += change
            brand.gap_change[segment] += widened
        else:
            lost_now += change
            gap_now += widened
    brand.lost[segment] += lost_now
    brand.gap_change[segment] += gap_now


@kernel(forceinline=True, allocates=False)
def affect_one(program: Any, brand: Any, item: Any, person: Any, tick: Any) -> None:
    """Let one impression of an item take from a person's trust, or give back."""
    brand.impressed[BATCH] = person  # behind those who wait
    affect(program, brand, item, tick, BATCH, BATCH + 1)


@kernel(allocates=False)
def end_tick(program: Any, brand: Any, tick: Any, sums: Any, quantiles: Any) -> None:
    """Bring the sums of trust to the end of a tick, and write them down where it is a report time."""
    report = program.report_index[tick]
    is_reported = tick == program.horizon or program.report_index[tick + 1] != report
    for segment in range(program.segments.shape[0]):
        if tick > 0:
            brand.gap[segment] *= program.decay[1]
        brand.gap[segment] += np.float64(brand.gap_change[segment])
        brand.gap_change[segment] = 0
        if is_reported:
            missing = brand.lost[segment] + np.int64(max(brand.gap[segment], 0.0) + 0.5)
            sums[segment, report] = program.segments[segment].trust - missing
    if is_reported and program.quantile_of[report] >= 0:
        _quantiles(program, brand, tick, quantiles, program.quantile_of[report])


@kernel(allocates=False)
def _quantiles(program: Any, brand: Any, tick: Any, quantiles: Any, place: Any) -> None:
    """Write down the 5 %, 50 % and 95 % of people's trust in each segment, in thousandths."""
    counts, several = brand.counts, program.profiles.shape[0] > 1
    individually = program.at_first.shape[1] > 1
    if brand.touches[0] > 0 or individually:
        counts[:] = 0
    segment: Any = np.uint64(program.profiles[0].segment)
    start = program.profiles[0].trust
    for slot in range(np.uint64(brand.touches[0])):
        if several:
            profile = np.uint64(program.profile_of[np.uint64(brand.touched[slot].person)])
            segment, start = np.uint64(program.profiles[profile].segment), program.profiles[profile].trust
        trust = min(max(_now(program, brand, slot, start, tick), 0.0), 1.0)
        # Neighbours count apart: many have the same trust, and a count would have to wait for the one before.
        counts[slot & np.uint64(1), segment, np.uint64(trust * THOUSANDTHS + 0.5)] += 1
        if individually:  # so many fewer still have what they began with
            counts[slot & np.uint64(1), segment, np.uint64(start * THOUSANDTHS + 0.5)] -= 1
    for of_segment in range(program.segments.shape[0]):
        people = program.segments[of_segment].people
        # Otherwise there may be fewer profiles than segments.
        at_first = np.int64(0) if individually else np.int64(program.profiles[of_segment].trust * THOUSANDTHS + 0.5)
        if brand.touches[0] == 0 and not individually:
            quantiles[of_segment, :, place] = at_first if people > 0 else -1
            continue
        of_people = counts[0, of_segment]
        for thousandth in range(THOUSANDTHS + 1):
            of_people[thousandth] += counts[1, of_segment, thousandth]
            if individually:
                of_people[thousandth] += program.at_first[of_segment, thousandth]
        if not individually:
            of_people[at_first] += people - of_people.sum()
        so_far, thousandth = of_people[0], 0
        for q in range(3):
            part = 5 if q == 0 else 50 if q == 1 else 95
            wanted = (people * part + 99) // 100  # so many people have no more than this
            while so_far < wanted:
                thousandth += 1
                so_far += of_people[thousandth]
            quantiles[of_segment, q, place] = thousandth if people > 0 else -1


@kernel(allocates=False)
def forget_trust(program: Any, brand: Any) -> None:
    """Give everybody the trust they began with."""
    for slot in range(np.uint64(brand.touches[0])):
        brand.slot_of[np.uint64(brand.touched[slot].person)] = -1
    brand.touches[0] = 0
    brand.gap[:] = 0.0
    brand.gap_change[:] = 0
    brand.lost[:] = 0

"""What a share does to those who see it: hidden thresholds, tie rule, contacts, advertising, absent people.

`viralsim.engine.kernels.play` calls these for everything beyond independent chances on arcs that are always
there; for those it has a loop of its own that tosses sixteen arcs at once.

Doses are whole numbers of 2^-32 (`UNIT` is a dose of 1), so that sums do not depend on the order in which
memory is walked, and counts of neighbours are exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.arithmetic import exp, log
from viralsim.compiling import kernel
from viralsim.engine.arrival_kernels import ADVERTISED, NOBODY, SEED, order_of, sift
from viralsim.engine.crowd_kernels import (
    account,
    account_share,
    count_share,
    fit,
    is_shown,
    online,
    profile_of,
    seen_chance,
)
from viralsim.engine.trust_kernels import affect_one, freshness, willingness
from viralsim.engine.vectors import lowest_bit, mark, toss
from viralsim.luck import arc_luck, philox, row_key

__all__ = ["EMISSIONS", "LAWS", "MOST_DOSE", "NEVER", "UNIT", "UNTOUCHED"]

LAWS = ("independent", "curve", "uniform", "fixed")
"""Response laws in the order of their numbers."""
EMISSIONS = ("once", "repeat", "contact")
"""Emissions in the order of their numbers."""

UNIT = 2**32
"""A dose of 1."""
MOST_DOSE = 2.0**16
"""Larger doses count as this one: nobody's threshold is beyond it but those that are never reached."""
NEVER = 2**61
"""A threshold that no dose reaches."""
UNTOUCHED = -(2**63)
"""What is left of a threshold that has not been looked at: this and `Program.needs`, which are wanted at once then."""
PEOPLE_AT_ONCE = 256
"""So many people's luck with an advertisement is drawn together."""
LEAST = -(2**62)
"""Nothing that has been looked at is below it."""

_INDEPENDENT, _CURVE, _UNIFORM, _FIXED = range(len(LAWS))
_ONCE, _REPEAT, _CONTACT = range(len(EMISSIONS))
ENDED, TOLD_TO_STOP = 1, 2
"""Why somebody shares no more: here, or on no platform."""
_REACH, _IMPRESSIONS, _SHARES = 0, 1, 3  # of the curves
_LANES = np.uint64(16)


@kernel(forceinline=True, allocates=False)
def _threshold(program: Any, item: Any, needs: Any, luck: Any) -> Any:
    """Return the dose, in units of 2^-32, at which a person engages, given their `needs` and 32 bits of luck."""
    law = program.items[item].law
    if law == _FIXED:
        return np.int64(needs) << np.int64(32)
    if law == _UNIFORM:
        # U(0, 1) of as many units as the person's neighbours weigh together: counts are compared, not sums of 1/k.
        return (np.int64(luck) + np.int64(1)) * np.int64(needs)
    left = -log(1.0 - np.float64(luck) / 4294967296.0)
    count = program.items[item].hazard_count
    for unit in range(count):
        hazard = program.hazard[item, unit]
        if left < hazard:
            return (np.int64(unit) << np.int64(32)) + np.int64(left / hazard * 4294967296.0) + np.int64(1)
        left -= hazard
    hazard = program.items[item].hazard_after
    if hazard == 0.0 or left / hazard >= 2.0**28:
        return np.int64(NEVER)
    return (np.int64(count) << np.int64(32)) + np.int64(left / hazard * 4294967296.0) + np.int64(1)


@kernel(inline=True, allocates=False)
def dose_of(program: Any, item: Any, platform: Any, arc: Any, novelty: Any) -> Any:
    """Return the dose of a share along an arc, in units of 2^-32; 0 is not counted by any law."""
    kind = program.pairs[item, platform].dose_kind
    if kind == 0:
        return np.int64(0)
    place = program.pairs[item, platform].dose_first
    if kind == 2:
        place += np.int64(arc)
    dose = novelty * program.dose[place]
    if program.items[item].law == _FIXED:
        return np.int64(UNIT) if dose > 0.0 else np.int64(0)
    return np.int64(min(dose, MOST_DOSE) * 4294967296.0 + 0.5)


@kernel(allocates=False)
def is_there(program: Any, platform: Any, sharer: Any, arc: Any, tick: Any) -> Any:
    """Tell whether a share goes along an arc at a tick: it and the person it leads to are there.

    Where several arcs to the same person are there, it goes along the first of them alone.
    """
    timed, person = program.platforms[platform].timed, program.followers[arc]
    if timed & 2 and not program.person_times[person].start <= tick < program.person_times[person].end:
        return False
    if timed & 1:
        if not program.arc_times[arc].start <= tick < program.arc_times[arc].end:
            return False
        first = program.offsets[platform, sharer]
        while arc > first and program.followers[arc - 1] == person:
            arc -= 1
            if program.arc_times[arc].start <= tick < program.arc_times[arc].end:
                return False
    return True


@kernel(inline=True, allocates=False)
def counted_as(program: Any, platform: Any, sharer: Any, arc: Any) -> Any:
    """Return the arc under which a neighbour is counted: the first of those between the same two people."""
    if program.platforms[platform].timed & 1:
        first, person = program.offsets[platform, sharer], program.followers[arc]
        while arc > first and program.followers[arc - 1] == person:
            arc -= 1
    return arc


@kernel(inline=True, allocates=False)
def _is_first_count(program: Any, laws: Any, item: Any, platform: Any, sharer: Any, arc: Any) -> Any:
    """Count a neighbour; tell whether they had not been counted before."""
    known = counted_as(program, platform, sharer, arc)
    word = np.uint64(item) * np.uint64(laws.counted.shape[1]) + np.uint64(known >> np.int64(6))
    return mark(laws.counted, word, np.uint64(known & np.int64(63)))


@kernel(inline=True, allocates=False)
def is_seen(chance: Any, luck: Any) -> Any:
    """Tell whether a share is seen, where segments differ in that, by the chance of the person's."""
    return np.uint64(luck) < np.uint64(chance * 4294967296.0)


@kernel(inline=True, allocates=False)
def persuades_alone(program: Any, item: Any, platform: Any, arc: Any, luck: Any, novelty: Any, tick: Any) -> Any:
    """Tell whether a share persuades under the law of independent chances, given the luck of its arc."""
    hourly = program.online.shape[1] > 1 and program.items[item].emission != _CONTACT
    kind = program.pairs[item, platform].persuades
    if kind == 0 or novelty == 0.0:
        return False
    bound = program.pairs[item, platform].limit
    if kind == 2:
        bound = program.limits[np.int64(arc) + program.pairs[item, platform].limit_shift]
    if luck > bound:
        return False
    if program.pairs[item, platform].reexamine != 0 and (novelty != 1.0 or kind == 2 or hourly):
        place = program.pairs[item, platform].log_miss_first
        if kind == 2:
            place += np.int64(arc)
        miss = program.log_miss[place]
        if miss == 0.0:
            return False
        if novelty != 1.0 or hourly:
            chance = program.pairs[item, platform].seen_chance
            if program.platforms[platform].is_seen == 3 and program.items[item].emission != _CONTACT:
                chance = seen_chance(program, platform, program.followers[arc], tick)
            chance *= 1.0 - exp(novelty * miss)
            return np.uint64(luck) < np.uint64(chance * 4294967296.0)
    return True


@kernel(inline=True, allocates=False)
def first_post(work: Any) -> Any:
    """Return where posts on platforms other than that of the engagement begin in the queue."""
    return np.int64(work.entry_of.size + 1)


@kernel(forceinline=True, allocates=False)
def has_stopped(work: Any, crowd: Any, entry: Any) -> Any:
    """Tell whether somebody shares no more, here or anywhere."""
    if work.queue[entry].stopped:
        return True
    if crowd is not None and entry >= first_post(work):
        return work.queue[work.queue[entry].parent].stopped & TOLD_TO_STOP != 0
    return False


@kernel(inline=True, allocates=False)
def engage(work: Any, item: Any, platform: Any, person: Any, parent: Any, length: Any) -> Any:
    """Put a person, who is marked already, at the end of the queue; return its new length."""
    work.queue[length].person = person
    work.queue[length].parent = parent
    work.queue[length].item = item
    work.queue[length].platform = platform
    work.entry_of[item, person] = length
    return length + np.int64(1)


@kernel(allocates=False)
def exclude(program: Any, work: Any, item: Any, person: Any, entry: Any) -> None:
    """Keep who engages with an item, as an entry of the queue, from the others of its exclusive set.

    Their bits are set as if they were engaged with those, too; the entry tells what they are engaged with.
    """
    mine = program.items[item].exclusive
    if mine == 0:
        return
    words, word = np.uint64(work.engaged.shape[1]), np.uint64(person) >> np.uint64(6)
    for other in range(program.items.shape[0]):
        if (
            other != item
            and program.items[other].exclusive == mine
            and mark(work.engaged, np.uint64(other) * words + word, np.uint64(person) & np.uint64(63))
        ):
            work.entry_of[other, person] = entry


@kernel(inline=True, allocates=False)
def _has_come_too_late(work: Any, item: Any, person: Any, keep: Any, begin: Any) -> Any:
    """Tell whether a dose makes no difference: its person is engaged, and not by the arrivals of this tick."""
    if not (work.engaged[item, person >> np.uint64(6)] >> (person & np.uint64(63))) & np.uint64(1):
        return False
    if not keep:
        return True
    before = work.entry_of[item, person]
    return before < begin or work.queue[before].parent == SEED


@kernel(inline=True, allocates=False)
def _receive(
    work: Any,
    laws: Any,
    item: Any,
    platform: Any,
    person: Any,
    left: Any,
    dose: Any,
    parent: Any,
    keep: Any,
    length: Any,
    logged: Any,
) -> Any:
    """Take a dose off what is `left` of a person's threshold; return the lengths of queue and log.

    Where `keep`, arrivals of the tick are logged: who of them is the parent shows when all have come.
    """
    if left < NEVER:
        left -= dose
        if keep:
            laws.log[logged].entry = parent if parent >= 0 else ADVERTISED - item
            laws.log[logged].person = person
            laws.log[logged].dose = dose
            logged += np.int64(1)
        if left <= 0:
            words = np.uint64(work.engaged.shape[1])
            if mark(work.engaged, np.uint64(item) * words + (person >> np.uint64(6)), person & np.uint64(63)):
                length = engage(work, item, platform, person, parent, length)
    laws.remaining[item, person] = left
    return length, logged


@kernel(inline=True, allocates=False)
def take_dose(
    program: Any,
    work: Any,
    laws: Any,
    realisation: Any,
    item: Any,
    platform: Any,
    somebody: Any,
    dose: Any,
    parent: Any,
    keep: Any,
    begin: Any,
    length: Any,
    logged: Any,
) -> Any:
    """Add a dose to what a person has received; return the lengths of queue and log."""
    person = np.uint64(somebody)
    if not _has_come_too_late(work, item, person, keep, begin):
        left = laws.remaining[item, person]
        if left < LEAST:
            luck = arc_luck(laws.threshold_lows[item], laws.threshold_highs[item], person)
            left = _threshold(program, item, left - np.int64(UNTOUCHED), luck)
            laws.dirty[item, laws.dirtied[item]] = person
            laws.dirtied[item] += 1
        length, logged = _receive(work, laws, item, platform, person, left, dose, parent, keep, length, logged)
    return length, logged


@kernel(inline=True, allocates=False)
def try_alone(
    program: Any,
    work: Any,
    realisation: Any,
    tick: Any,
    item: Any,
    platform: Any,
    person: Any,
    parent: Any,
    begin: Any,
    length: Any,
) -> Any:
    """Engage a person whom an arrival persuades, or settle who of this tick's arrivals is the parent."""
    word, place = np.uint64(person) >> np.uint64(6), np.uint64(person) & np.uint64(63)
    if mark(work.engaged, np.uint64(item) * np.uint64(work.engaged.shape[1]) + word, place):
        return engage(work, item, platform, person, parent, length)
    rival = work.entry_of[item, person]
    if rival >= begin and work.queue[rival].parent != SEED:
        holder = work.queue[rival].parent
        mine = order_of(program, work, realisation, tick, item, parent, person)
        theirs = order_of(program, work, realisation, tick, item, holder, person)
        if mine < theirs:
            work.queue[rival].parent = parent
            work.queue[rival].platform = platform
    return length


@kernel(forceinline=True, allocates=False)
def impress(
    program: Any,
    work: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    report: Any,
    item: Any,
    platform: Any,
    variant: Any,
    origin: Any,
    person: Any,
    curve: Any,
) -> None:
    """Count an impression; `origin` is the sharer's entry, or ADVERTISED."""
    word, place = np.uint64(person) >> np.uint64(6), np.uint64(person) & np.uint64(63)
    curve[item, _IMPRESSIONS, report] += 1
    work.touched[item, np.uint64(person) >> np.uint64(12)] = 1
    curve[item, _REACH, report] += mark(work.reached, np.uint64(item) * np.uint64(work.reached.shape[1]) + word, place)
    if crowd is not None:
        account(
            program,
            work,
            crowd,
            realisation,
            np.int64(tick),
            np.int64(item),
            np.int64(platform),
            np.int64(variant),
            np.int64(origin),
            np.uint64(person),
        )


@kernel(forceinline=True, allocates=False)
def arcs_seen(
    program: Any, work: Any, crowd: Any, seen: Any, realisation: Any, entry: Any, low: Any, high: Any, tick: Any
) -> Any:
    """Write down the arcs along which a share is seen, where that is not all of them; return how many.

    With `crowd`, those alone that the feeds of people have room for.
    """
    platform, sharer = work.queue[entry].platform, np.int64(work.queue[entry].person)
    at, last = np.uint64(program.offsets[platform, sharer]), np.uint64(program.offsets[platform, sharer + 1])
    count = np.int64(0)
    while at < last:
        bits = np.uint64(0xFFFF)
        if program.platforms[platform].is_seen & 1:
            bits = toss(program.followers, at, low, high, program.platforms[platform].seen_limit)
        if last - at < _LANES:
            bits &= (np.uint64(1) << (last - at)) - np.uint64(1)
        while bits:
            arc = at + lowest_bit(bits)
            bits &= bits - np.uint64(1)
            seen[count] = arc
            if program.platforms[platform].is_seen == 3:
                person = program.followers[arc]
                if not is_seen(seen_chance(program, platform, person, tick), arc_luck(low, high, person)):
                    continue
            if program.platforms[platform].timed and not is_there(program, platform, sharer, np.int64(arc), tick):
                continue
            if crowd is not None and not is_shown(
                program, work, crowd, realisation, tick, entry, program.followers[arc]
            ):
                continue
            count += np.int64(1)
        at += _LANES
    return count


@kernel(allocates=False)
def forget_everybody(program: Any, laws: Any, item: Any) -> None:
    """Set the thresholds of all people back to what nobody has looked at."""
    if program.items[item].law != _INDEPENDENT:
        for person in range(laws.remaining.shape[1]):
            laws.remaining[item, person] = np.int64(UNTOUCHED) + np.int64(program.needs[item, person])
    laws.dirtied[item] = 0


@kernel(allocates=False)
def forget(program: Any, laws: Any) -> None:
    """Set the thresholds that a realisation has looked at back: one by one where they are few."""
    for item in range(laws.dirtied.shape[0]):
        if 8 * laws.dirtied[item] > laws.remaining.shape[1]:
            forget_everybody(program, laws, item)
        for k in range(laws.dirtied[item]):
            person = laws.dirty[item, k]
            laws.remaining[item, person] = np.int64(UNTOUCHED) + np.int64(program.needs[item, person])
        laws.dirtied[item] = 0


@kernel(allocates=False)
def draw_threshold_keys(program: Any, laws: Any, realisation: Any) -> None:
    """Draw the row keys that hidden thresholds of a realisation are drawn under: as if each item had one broadcast."""
    for item in range(program.items.shape[0]):
        key = program.items[item].threshold_key
        low, high = row_key(key, realisation, np.uint32(0), np.uint32(0))
        laws.threshold_lows[item], laws.threshold_highs[item] = low, high


@kernel(forceinline=True, allocates=False)
def _draw(low: Any, high: Any, people: Any, count: Any, words: Any) -> None:
    """Draw the luck of many people; simple enough for the compiler to make vectors of it."""
    for k in range(count):
        words[k] = arc_luck(low, high, people[k])


@kernel(inline=True, allocates=False)
def _share_one_dose(
    program: Any,
    work: Any,
    laws: Any,
    realisation: Any,
    item: Any,
    platform: Any,
    entry: Any,
    people: Any,
    dose: Any,
    length: Any,
) -> Any:
    """Add one and the same dose to what each of many people has received, where nobody asks who is the parent.

    Nearly without branches to guess: who is new and who engages is written down first and dealt with afterwards.
    What is left of an engaged person's threshold no longer matters; it is set so that they are not met again.
    """
    remaining, fresh, persuaded = laws.remaining[item], laws.fresh, laws.persuaded
    news, hits = np.uint64(0), np.uint64(0)
    for k in range(np.uint64(people.shape[0])):
        person = people[k]
        left = remaining[person]
        is_new = left < LEAST
        fresh[news] = person
        news += np.uint64(is_new)
        left -= dose if left < NEVER and not is_new else np.int64(0)
        remaining[person] = left
        persuaded[hits] = person
        hits += np.uint64(left <= 0 and not is_new)
    law, dirtied = program.items[item].law, np.uint64(laws.dirtied[item])
    laws.dirtied[item] = dirtied + news
    dirty, words = laws.dirty[item], laws.words
    if law != _FIXED:
        _draw(laws.threshold_lows[item], laws.threshold_highs[item], fresh, news, words)
    for k in range(news):
        person = fresh[k]
        dirty[dirtied + k] = person
        needs = remaining[person] - np.int64(UNTOUCHED)
        if law == _UNIFORM:  # never beyond reach
            left = (np.int64(words[k]) + np.int64(1)) * needs - dose
        else:
            left = _threshold(program, item, needs, words[k])
            left -= dose if left < NEVER else np.int64(0)
        remaining[person] = left
        persuaded[hits] = person
        hits += np.uint64(left <= 0)
    base = np.uint64(item) * np.uint64(work.engaged.shape[1])
    for k in range(hits):
        person = np.uint64(persuaded[k])
        remaining[person] = NEVER
        # Written whether new or not, as in `play`; `entry_of` serves those alone who ask for the parent.
        new = mark(work.engaged, base + (person >> np.uint64(6)), person & np.uint64(63))
        work.queue[np.uint64(length)].person = person
        work.queue[np.uint64(length)].parent = entry
        work.queue[np.uint64(length)].item = item
        work.queue[np.uint64(length)].platform = platform
        length += new
    return length


@kernel(forceinline=True, allocates=False)
def share_along_row(
    program: Any,
    work: Any,
    laws: Any,
    brand: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    report: Any,
    entry: Any,
    low: Any,
    high: Any,
    novelty: Any,
    count_impressions: Any,
    affects: Any,
    persuades: Any,
    keep: Any,
    begin: Any,
    length: Any,
    logged: Any,
    curve: Any,
) -> Any:
    """Deliver one broadcast to the followers of a sharer; return the lengths of queue and log.

    Three things happen or not: impressions are counted, trust is affected, people are persuaded.
    """
    item, platform, sharer = work.queue[entry].item, work.queue[entry].platform, np.int64(work.queue[entry].person)
    sight, law, timed = program.platforms[platform].is_seen, program.items[item].law, program.platforms[platform].timed
    seen, followers = laws.seen, program.followers
    start, end = program.offsets[platform, sharer], program.offsets[platform, sharer + 1]
    if sight == 0:
        return length, logged
    count = end - start
    picks = sight & 1 or timed
    if crowd is not None:
        picks = picks or program.platforms[platform].feed >= 0
    if picks:
        count = arcs_seen(program, work, crowd, seen, realisation, entry, low, high, tick)
        for k in range(count):
            laws.people[k] = followers[seen[k]]
    people = laws.people[:count] if picks else followers[start:end]
    if count_impressions:
        new, base = np.int64(0), np.uint64(item) * np.uint64(work.reached.shape[1])
        for k in range(count):
            person = np.uint64(people[k])
            work.touched[item, person >> np.uint64(12)] = 1
            new += mark(work.reached, base + (person >> np.uint64(6)), person & np.uint64(63))
            if crowd is not None:
                account_share(program, work, crowd, realisation, tick, entry, person)
        curve[item, _IMPRESSIONS, report] += count
        curve[item, _REACH, report] += new
    if brand is not None:
        if affects:
            for k in range(count):
                affect_one(program, brand, item, people[k], tick)
        if not persuades:
            return length, logged
    kind = program.pairs[item, platform].dose_kind
    varies = brand is not None and program.items[item].follows_trust != 0
    if crowd is not None:
        varies = varies or program.items[item].variants > 0
    if law != _INDEPENDENT and kind != 2 and not keep and not varies:
        dose = dose_of(program, item, platform, 0, novelty)
        if dose > 0:
            length = _share_one_dose(program, work, laws, realisation, item, platform, entry, people, dose, length)
        return length, logged

    counts_once = program.items[item].emission == _REPEAT and law >= _UNIFORM
    for k in range(count):
        arc = np.int64(seen[k]) if picks else start + k
        somebody = people[k]
        fresh = novelty
        if brand is not None:
            fresh *= willingness(program, brand, item, somebody, tick)
        if crowd is not None:
            fresh *= fit(program, item, work.queue[entry].variant, somebody)
        if law == _INDEPENDENT:
            if persuades_alone(program, item, platform, arc, arc_luck(low, high, somebody), fresh, tick):
                length = try_alone(program, work, realisation, tick, item, platform, somebody, entry, begin, length)
            continue
        dose = dose_of(program, item, platform, arc, fresh)
        if dose == 0:
            continue
        if counts_once and not _is_first_count(program, laws, item, platform, sharer, arc):
            continue
        length, logged = take_dose(
            program, work, laws, realisation, item, platform, somebody, dose, entry, keep, begin, length, logged
        )
    return length, logged


@kernel(allocates=False)
def advertise(
    program: Any,
    work: Any,
    laws: Any,
    brand: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    report: Any,
    item: Any,
    novelty: Any,
    count_impressions: Any,
    affects: Any,
    persuades: Any,
    keep: Any,
    begin: Any,
    length: Any,
    logged: Any,
    curve: Any,
) -> Any:
    """Deliver a tick's advertising: nobody's share with everybody, without endorsement.

    Under the law fixed it is a chance of its own, as with arc probabilities: it is no neighbour.
    """
    platform, law = program.items[item].ad_platform, program.items[item].law
    timed = program.platforms[platform].timed
    low, high = row_key(program.pairs[item, platform].arc_key, realisation, np.uint32(NOBODY), np.uint32(tick))
    seen = program.items[item].ad_seen
    for profile in range(laws.ad_chances.shape[0]):
        miss = program.ad_log_miss[item, profile]
        laws.ad_chances[profile] = np.uint64(0)
        if miss < 0.0 and novelty > 0.0:
            chance = seen * online(program, profile, tick) * (1.0 - exp(novelty * miss))
            laws.ad_chances[profile] = np.uint64(chance * 4294967296.0)
    impressed = np.uint64(seen * 4294967296.0)
    for first in range(0, program.people, PEOPLE_AT_ONCE):
        count = min(PEOPLE_AT_ONCE, program.people - first)
        for k in range(count):  # simple enough for the compiler to make vectors of it
            laws.words[k] = arc_luck(low, high, np.uint32(first + k))
        for k in range(count):
            luck = np.uint64(laws.words[k])
            if luck >= impressed:
                continue
            number = first + k
            person = np.uint32(number)
            if timed & 2 and not program.person_times[number].start <= tick < program.person_times[number].end:
                continue
            profile = profile_of(program, person)
            seen_by = seen * online(program, profile, tick)
            if program.online.shape[1] > 1 and luck >= np.uint64(seen_by * 4294967296.0):
                continue
            if count_impressions:
                variant = program.serve[item, program.profiles[profile].segment]
                impress(
                    program, work, crowd, realisation, tick, report, item, platform, variant, ADVERTISED, person, curve
                )
            fresh = novelty
            if brand is not None:
                if affects:
                    affect_one(program, brand, item, person, tick)
                if not persuades:
                    continue
                fresh *= willingness(program, brand, item, person, tick)
            limit = laws.ad_chances[profile]
            if brand is not None and fresh != novelty:
                limit = np.uint64(0)
                if fresh > 0.0:  # 0 x log(1 - 1) is no number
                    limit = np.uint64(seen_by * (1.0 - exp(fresh * program.ad_log_miss[item, profile])) * 4294967296.0)
            if luck < limit:
                length = try_alone(program, work, realisation, tick, item, platform, person, ADVERTISED, begin, length)
                entry = work.entry_of[item, person]
                if law == _FIXED and keep and entry >= begin and work.queue[entry].parent == ADVERTISED:
                    laws.log[logged].entry, laws.log[logged].person = ADVERTISED - item, person
                    laws.log[logged].dose = 0  # the sign of a chance of its own, which needs no threshold
                    logged += np.int64(1)
            elif law in (_CURVE, _UNIFORM):
                scale = np.int64(program.needs[item, number]) if law == _UNIFORM else np.int64(1)
                unit = min(fresh * program.ad_dose[item, profile], MOST_DOSE)
                dose = np.int64(unit * 4294967296.0 + 0.5) * scale
                if dose > 0:
                    length, logged = take_dose(
                        program,
                        work,
                        laws,
                        realisation,
                        item,
                        platform,
                        person,
                        dose,
                        ADVERTISED,
                        keep,
                        begin,
                        length,
                        logged,
                    )
    return length, logged


@kernel(allocates=False)
def settle(
    program: Any, work: Any, laws: Any, realisation: Any, tick: Any, begin: Any, length: Any, logged: Any
) -> None:
    """Find the parents of those whom doses engaged in this tick: whose share, in order, reached the threshold."""
    for entry in range(begin, length):
        work.queue[entry].shared_at = -1  # not yet in use for them: the first of their arrivals in the log
    for k in range(logged):
        origin = np.int64(laws.log[k].entry)
        item = work.queue[origin].item if origin >= 0 else ADVERTISED - origin
        person = laws.log[k].person
        word, place = np.uint64(person) >> np.uint64(6), np.uint64(person) & np.uint64(63)
        if not (work.engaged[item, word] >> place) & np.uint64(1):
            continue
        entry = work.entry_of[item, person]
        laws.log[k].following = work.queue[entry].shared_at
        work.queue[entry].shared_at = k
    for entry in range(begin, length):
        if work.queue[entry].shared_at < 0:
            continue
        item, person = work.queue[entry].item, work.queue[entry].person
        count, total = 0, np.int64(0)
        k = work.queue[entry].shared_at
        while k >= 0:
            origin = np.int64(laws.log[k].entry)
            laws.arrivals[count].key = order_of(program, work, realisation, tick, item, origin, person)
            laws.arrivals[count].value = k
            total += laws.log[k].dose
            count += 1
            k = laws.log[k].following
        wanted = laws.remaining[item, person] + total
        for at in range(count // 2 - 1, -1, -1):
            sift(laws.arrivals, at, count)
        while True:
            k = laws.arrivals[0].value
            wanted -= laws.log[k].dose
            count -= 1
            if wanted <= 0 or count == 0 or laws.log[k].dose == 0:
                break
            laws.arrivals[0] = laws.arrivals[count]
            sift(laws.arrivals, 0, count)
        origin = laws.log[k].entry
        work.queue[entry].parent = origin if origin >= 0 else ADVERTISED
        work.queue[entry].platform = work.queue[origin].platform if origin >= 0 else program.items[item].ad_platform


@kernel(allocates=False)
def meet(
    program: Any,
    work: Any,
    laws: Any,
    brand: Any,
    crowd: Any,
    realisation: Any,
    tick: Any,
    report: Any,
    sharers: Any,
    count_impressions: Any,
    length: Any,
    curve: Any,
) -> Any:
    """Resolve the contacts of a tick one after another, each in the state that those before have left.

    Return the length of the queue. Who stops is marked in `stopped`.
    """
    count = 0
    for i in range(sharers):
        entry = np.int64(work.sharers[i])
        item, platform, sharer = work.queue[entry].item, work.queue[entry].platform, np.int64(work.queue[entry].person)
        if program.items[item].emission != _CONTACT:
            continue
        arc = _contact(program, work, realisation, tick, item, platform, sharer, entry)
        if arc < 0:
            continue
        laws.contacts[count].key = order_of(program, work, realisation, tick, item, entry, program.followers[arc])
        laws.contacts[count].value = entry
        count += 1
    for at in range(count // 2 - 1, -1, -1):
        sift(laws.contacts, at, count)
    while count > 0:
        entry = np.int64(laws.contacts[0].value)
        count -= 1
        laws.contacts[0] = laws.contacts[count]
        sift(laws.contacts, 0, count)
        if has_stopped(work, crowd, entry):  # somebody met them earlier in this tick
            continue
        item, platform, sharer = work.queue[entry].item, work.queue[entry].platform, np.int64(work.queue[entry].person)
        attempt = np.uint32(tick - work.queue[entry].shared_at)
        arc = _contact(program, work, realisation, tick, item, platform, sharer, entry)
        person = program.followers[arc]
        curve[item, _SHARES, report] += 1
        if crowd is not None:
            count_share(program, crowd, item, platform, sharer)
        if count_impressions:
            variant = work.queue[entry].variant
            impress(program, work, crowd, realisation, tick, report, item, platform, variant, entry, person, curve)
        if brand is not None and program.items[item].effect != 0:
            affect_one(program, brand, item, person, tick)
        word, place = np.uint64(person) >> np.uint64(6), np.uint64(person) & np.uint64(63)
        if (work.engaged[item, word] >> place) & np.uint64(1):
            if brand is not None and work.queue[work.entry_of[item, person]].item != item:
                continue  # kept from it by another item: they know nothing of it that would stop anybody
            w0, _, _, _ = philox(
                program.pairs[item, platform].stifle_key, realisation, np.uint32(sharer), np.uint32(person), attempt
            )
            limit = program.items[item].stifle_threshold
            if program.items[item].stops_both:
                # Two who both tell meet twice as often as Daley & Kendall's pairs do: each of them calls on the other.
                other = work.entry_of[item, person]
                if not work.queue[other].stopped:
                    limit >>= np.uint64(1)
                if np.uint64(w0) < limit:
                    work.queue[other].stopped |= TOLD_TO_STOP
            if np.uint64(w0) < limit:
                work.queue[entry].stopped |= TOLD_TO_STOP
                if crowd is not None and entry >= first_post(work):
                    work.queue[work.queue[entry].parent].stopped |= TOLD_TO_STOP
            continue
        novelty = freshness(program, work, brand, item, platform, tick)
        before = length
        if brand is not None:
            novelty *= willingness(program, brand, item, person, tick)
        if crowd is not None:
            novelty *= fit(program, item, work.queue[entry].variant, person)
        if program.items[item].law == _INDEPENDENT:
            low, high = row_key(program.pairs[item, platform].arc_key, realisation, np.uint32(sharer), attempt)
            if persuades_alone(program, item, platform, arc, arc_luck(low, high, person), novelty, tick):
                mark(work.engaged, np.uint64(item) * np.uint64(work.engaged.shape[1]) + word, place)
                length = engage(work, item, platform, person, entry, length)
                if brand is not None:
                    exclude(program, work, item, person, before)
            continue
        dose = dose_of(program, item, platform, arc, novelty)
        # Laws before uniform count everything, and have no bits for it.
        counts_once = program.items[item].law >= _UNIFORM
        if dose > 0 and (not counts_once or _is_first_count(program, laws, item, platform, sharer, arc)):
            length, _ = take_dose(
                program,
                work,
                laws,
                realisation,
                item,
                platform,
                person,
                dose,
                entry,
                False,
                length,
                length,
                0,
            )
            if brand is not None and length > before:
                exclude(program, work, item, person, before)
    return length


@kernel(allocates=False)
def _contact(
    program: Any, work: Any, realisation: Any, tick: Any, item: Any, platform: Any, sharer: Any, entry: Any
) -> Any:
    """Return the arc along which a person meets somebody in a tick, -1 where nobody is there to be met."""
    start, end = program.offsets[platform, sharer], program.offsets[platform, sharer + 1]
    there = end - start
    timed = program.platforms[platform].timed
    if timed:
        there = np.int64(0)
        for arc in range(start, end):
            there += is_there(program, platform, sharer, arc, tick)
    if there == 0:
        return np.int64(-1)
    attempt = np.uint32(tick - work.queue[entry].shared_at)
    w0, _, _, _ = philox(
        program.pairs[item, platform].contact_key, realisation, np.uint32(sharer), np.uint32(0), attempt
    )
    chosen = np.int64((np.uint64(w0) * np.uint64(there)) >> np.uint64(32))
    if not timed:
        return start + chosen
    for arc in range(start, end):
        if is_there(program, platform, sharer, arc, tick):
            if chosen == 0:
                return np.int64(arc)
            chosen -= 1
    return np.int64(-1)

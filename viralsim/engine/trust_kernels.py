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

__all__ = ["HARM", "REPAIR", "THOUSANDTHS"]

HARM, REPAIR = 1, 2
"""What impressions of an item do to trust; 0: nothing."""
THOUSANDTHS = 1000
"""Quantiles of people's trust are told in these."""
_FIXED = 4294967296.0  # sums count in parts of it


@kernel(forceinline=True, allocates=False)
def trust_of(program: Any, brand: Any, person: Any, tick: Any) -> Any:
    """Return a person's trust at a tick that is not before its last change."""
    segment = program.segment_of[person] if program.segments.shape[0] > 1 else 0
    trust = program.segments[segment].trust
    since = brand.people[person].tick
    if since >= 0:
        ceiling = trust - brand.people[person].lost
        trust = ceiling - (ceiling - brand.people[person].trust) * program.decay[tick - since]
    return trust


@kernel(forceinline=True, allocates=False)
def willingness(program: Any, brand: Any, item: Any, person: Any, tick: Any) -> Any:
    """Return what a person's trust at a tick leaves of the dose that their trust at the start gives."""
    if program.items[item].follows_trust == 0 or brand.people[person].tick < 0:
        return 1.0
    segment = program.segment_of[person] if program.segments.shape[0] > 1 else 0
    start = program.segments[segment].trust
    if start == 0.0:
        return 1.0
    ratio = min(trust_of(program, brand, person, tick) / start, 1.0)
    power = program.items[item].sensitivity
    if power == 1.0:
        return ratio
    if ratio <= 0.0:
        return 0.0
    return exp(power * log(ratio))


@kernel(forceinline=True, allocates=False)
def freshness(program: Any, work: Any, brand: Any, item: Any, tick: Any) -> Any:
    """Return what is left of an item's dose at a tick: its novelty, and what being proven false leaves."""
    novelty = program.novelty[item, max(tick - work.first_share[item], 0)]
    if brand is not None and tick >= program.items[item].proven_at:
        novelty *= program.items[item].left
    return novelty


@kernel(forceinline=True, allocates=False)
def affect(program: Any, brand: Any, item: Any, person: Any, tick: Any) -> None:
    """Let an impression of an item take from a person's trust, or give back."""
    effect = program.items[item].effect
    since = brand.people[person].tick
    if effect == REPAIR and since < 0:
        return
    segment = program.segment_of[person] if program.segments.shape[0] > 1 else 0
    trust, lost, permanent = program.segments[segment].trust, 0.0, 0.0
    ceiling = trust
    if since < 0:
        brand.touched[brand.touches[0]] = person
        brand.touches[0] += 1
    else:
        lost, permanent = brand.people[person].lost, brand.people[person].permanent
        ceiling -= lost
        trust = ceiling - (ceiling - brand.people[person].trust) * program.decay[tick - since]
    gap, before = ceiling - trust, lost
    if effect == HARM:
        damage = program.items[item].damage
        if tick >= program.items[item].proven_at:
            damage *= program.items[item].left
        drop = damage * trust
        scar = program.items[item].scar * drop
        trust -= drop
        lost += scar
        permanent += (1.0 - program.items[item].heal) * scar
        ceiling -= scar
    else:
        repair = program.items[item].repair
        trust += repair * gap
        mended = repair * (lost - permanent)
        lost -= mended
        ceiling += mended
    brand.people[person].trust = trust
    brand.people[person].lost = lost
    brand.people[person].permanent = permanent
    brand.people[person].tick = tick
    brand.lost[segment] += np.int64(np.rint(lost * _FIXED)) - np.int64(np.rint(before * _FIXED))
    brand.gap_change[segment] += np.int64(np.rint((ceiling - trust) * _FIXED)) - np.int64(np.rint(gap * _FIXED))


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
            whole = np.int64(np.rint(program.segments[segment].trust * _FIXED)) * program.segments[segment].people
            missing = brand.lost[segment] + np.int64(np.rint(max(brand.gap[segment], 0.0)))
            sums[segment, report] = whole - missing
    if is_reported and program.quantile_of[report] >= 0:
        _quantiles(program, brand, tick, quantiles, program.quantile_of[report])


@kernel(allocates=False)
def _quantiles(program: Any, brand: Any, tick: Any, quantiles: Any, place: Any) -> None:
    """Write down the 5 %, 50 % and 95 % of people's trust in each segment, in thousandths."""
    counts = brand.counts
    counts[:] = 0
    for segment in range(program.segments.shape[0]):
        start = np.int64(np.rint(program.segments[segment].trust * THOUSANDTHS))
        counts[segment, start] = program.segments[segment].people
    for k in range(brand.touches[0]):
        person = brand.touched[k]
        segment = program.segment_of[person] if program.segments.shape[0] > 1 else 0
        counts[segment, np.int64(np.rint(program.segments[segment].trust * THOUSANDTHS))] -= 1
        trust = min(max(trust_of(program, brand, person, tick), 0.0), 1.0)
        counts[segment, np.int64(np.rint(trust * THOUSANDTHS))] += 1
    for segment in range(program.segments.shape[0]):
        people = program.segments[segment].people
        for q in range(3):
            part = 5 if q == 0 else 50 if q == 1 else 95
            wanted = (people * part + 99) // 100  # so many people have no more than this
            quantiles[segment, q, place] = -1
            so_far = np.int64(0)
            for thousandth in range(THOUSANDTHS + 1):
                so_far += counts[segment, thousandth]
                if people > 0 and so_far >= wanted:
                    quantiles[segment, q, place] = thousandth
                    break


@kernel(allocates=False)
def forget_trust(program: Any, brand: Any) -> None:
    """Give everybody the trust they began with."""
    for k in range(brand.touches[0]):
        brand.people[brand.touched[k]].tick = -1
    brand.touches[0] = 0
    brand.gap[:] = 0.0
    brand.gap_change[:] = 0
    brand.lost[:] = 0

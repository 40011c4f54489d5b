"""Kernels of the strategies: choosing one after the other, each choice changing what the others are worth.

People wait in a heap, the best first. What somebody is worth only falls as others are chosen (where it may rise, the
heap is built anew), so that only the first of the heap has to be looked at again (the lazy evaluation of Minoux,
"Accelerated greedy algorithms for maximizing submodular set functions", 1978). Equal worth goes to luck, a number that
every person has; who costs more than is left is passed over and changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.graph.arc_kernels import is_in_row
from viralsim.graph.measure_kernels import hop_on
from viralsim.luck import philox

__all__ = [
    "choose_clusters",
    "choose_collective_influence",
    "choose_discounted",
    "choose_one_hop",
    "choose_voted",
    "eigenvector_step",
    "hops_to",
    "name_contacts",
]


@kernel(forceinline=True)
def _is_before(person: Any, other: Any, worth: Any, luck: Any) -> Any:
    return worth[person] > worth[other] or (worth[person] == worth[other] and luck[person] < luck[other])


@kernel
def _sink(heap: Any, size: Any, at: Any, worth: Any, luck: Any) -> None:
    person = heap[at]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _is_before(heap[child + 1], heap[child], worth, luck):
            child += 1
        if not _is_before(heap[child], person, worth, luck):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = person


@kernel
def _heapify(heap: Any, size: Any, worth: Any, luck: Any) -> None:
    for at in range(size // 2 - 1, -1, -1):
        _sink(heap, size, at, worth, luck)


@kernel
def _leave(heap: Any, size: Any, worth: Any, luck: Any) -> Any:
    """Take out the first; return how many are left."""
    heap[0] = heap[size - 1]
    if size > 1:
        _sink(heap, size - 1, 0, worth, luck)
    return size - 1


@kernel(forceinline=True)
def _discounted(degree: Any, seed_followers: Any, seeds_followed: Any, probability: Any, single: Any) -> Any:
    left = np.float64(degree - seed_followers)
    if single:
        return left
    return left - seeds_followed - left * seeds_followed * probability


@kernel
def choose_discounted(
    rows: Any, back: Any, degree: Any, multiplied: Any, probability: Any, single: Any, asked: Any, luck: Any
) -> Any:
    """Choose by number of followers, less what the seeds chosen so far make of it.

    With d followers, f of them seeds, and s seeds that the person follows, the worth is d - f (single discount), or
    (d - f) - s - (d - f) s p (degree discount). Where every arc has its opposite f = s = t, and this is Chen, Wang &
    Yang's d - 2 t - (d - t) t p (2009).

    Parameters
    ----------
    rows, back : tuple of (int64[people + 1], int32[arcs], int32[arcs])
        Offsets, people and multiplicities: followers of each person, and those whom each person follows.
    degree : int64[people]
        Followers of each person, counted as below.
    multiplied : bool
        Whether an arc counts as often as its multiplicity says.
    probability : float
    single : bool
        Single discount rather than degree discount.
    asked : tuple of (int64[n], int, int, int64[people])
        Who is eligible, how many are wanted, what may be spent, prices of all people.
    luck : int32[people]
        For equal worth: the smaller, the sooner.

    Returns
    -------
    int64[at most wanted]
        In the order of choice.
    """
    offsets, followers, counts = rows
    back_offsets, followed, back_counts = back
    eligible, wanted, budget, prices = asked
    people = degree.shape[0]
    seed_followers = np.zeros(people, np.int64)
    seeds_followed = np.zeros(people, np.int64)
    worth = degree.astype(np.float64)
    waiting = np.zeros(people, np.bool_)
    heap = eligible.astype(np.int32)
    for person in eligible:
        waiting[person] = True
    size = heap.shape[0]
    _heapify(heap, size, worth, luck)
    chosen = np.empty(min(wanted, size), np.int64)
    taken = 0
    while size > 0 and taken < wanted:
        person = heap[0]
        now = _discounted(degree[person], seed_followers[person], seeds_followed[person], probability, single)
        if now != worth[person]:
            worth[person] = now
            _sink(heap, size, 0, worth, luck)
            continue
        size = _leave(heap, size, worth, luck)
        waiting[person] = False
        if prices[person] > budget:
            continue
        budget -= prices[person]
        chosen[taken] = person
        taken += 1
        for arc in range(back_offsets[person], back_offsets[person + 1]):
            seed_followers[followed[arc]] += back_counts[arc] if multiplied else 1
        for arc in range(offsets[person], offsets[person + 1]):
            seeds_followed[followers[arc]] += counts[arc] if multiplied else 1
        if single:
            continue
        # Where s p exceeds 1, one more seed among the followers makes somebody worth more, and nobody sees it lazily.
        risen = False
        for arc in range(back_offsets[person], back_offsets[person + 1]):
            other = followed[arc]
            if waiting[other] and seeds_followed[other] * probability > 1.0:
                now = _discounted(degree[other], seed_followers[other], seeds_followed[other], probability, single)
                if now > worth[other]:
                    worth[other] = now
                    risen = True
        if risen:
            _heapify(heap, size, worth, luck)
    return chosen[:taken].copy()


@kernel
def choose_voted(rows: Any, back: Any, asked: Any, luck: Any) -> Any:
    """Choose whom most followers vote for; followers of a seed have less to give to the next (VoteRank).

    Everybody can give 1; a seed gives nothing more, and every follower of a new seed can give 1 / (mean number of
    followers) less (Zhang, Chen, Dong & Zhao 2016). Votes are counted as whole numbers, 1 being the number of arcs,
    so that nothing is ever rounded.

    Parameters
    ----------
    rows, back : tuple of (int64[people + 1], int32[arcs])
        Followers of each person, and those whom each person follows.
    asked, luck
        As in `choose_discounted`.

    Returns
    -------
    int64[at most wanted]
    """
    offsets, followers = rows
    back_offsets, followed = back
    eligible, wanted, budget, prices = asked
    people = offsets.shape[0] - 1
    whole = np.int64(followers.shape[0])
    gives = np.full(people, whole, np.int64)
    votes = np.empty(people, np.int64)
    for person in range(people):
        votes[person] = (offsets[person + 1] - offsets[person]) * whole
    worth = votes.copy()
    heap = eligible.astype(np.int32)
    size = heap.shape[0]
    _heapify(heap, size, worth, luck)
    chosen = np.empty(min(wanted, size), np.int64)
    taken = 0
    while size > 0 and taken < wanted:
        person = heap[0]
        if votes[person] != worth[person]:
            worth[person] = votes[person]
            _sink(heap, size, 0, worth, luck)
            continue
        size = _leave(heap, size, worth, luck)
        if prices[person] > budget:
            continue
        budget -= prices[person]
        chosen[taken] = person
        taken += 1
        for arc in range(back_offsets[person], back_offsets[person + 1]):
            votes[followed[arc]] -= gives[person]
        gives[person] = 0
        for out in range(offsets[person], offsets[person + 1]):
            follower = followers[out]
            less = min(np.int64(people), gives[follower])
            if less > 0:
                gives[follower] -= less
                for arc in range(back_offsets[follower], back_offsets[follower + 1]):
                    votes[followed[arc]] -= less
    return chosen[:taken].copy()


@kernel(forceinline=True)
def _beyond_one(degree: Any) -> Any:
    return max(degree - 1, 0)


@kernel
def _collective(
    offsets: Any, followers: Any, person: Any, radius: Any, left: Any, gone: Any, mark: Any, stamp: Any
) -> Any:
    """Return (k - 1) x the sum of (k - 1) over those at exactly `radius` hops, without those who are gone."""
    if left[person] < 2:
        return 0.0
    total = np.int64(0)
    mark[person] = stamp
    for arc in range(offsets[person], offsets[person + 1]):
        near = followers[arc]
        mark[near] = stamp
        if radius == 1 and not gone[near]:
            total += _beyond_one(left[near])
    if radius == 2:
        for arc in range(offsets[person], offsets[person + 1]):
            near = followers[arc]
            if gone[near]:
                continue
            for further in range(offsets[near], offsets[near + 1]):
                far = followers[further]
                if mark[far] != stamp:
                    mark[far] = stamp
                    if not gone[far]:
                        total += _beyond_one(left[far])
    return np.float64(left[person] - 1) * total


@kernel
def choose_collective_influence(rows: Any, back: Any, radius: Any, asked: Any, luck: Any) -> Any:
    """Choose by collective influence: (k - 1) x the sum of (k - 1) over those at `radius` hops along the arcs.

    k is the number of followers; whoever was chosen is taken out of the network before the next choice (Morone &
    Makse 2015). Within two hops nobody's influence rises by that, so that it is worked out anew for the first of the
    heap only; and before, for nobody whose walks of two steps show that they cannot be the first. Once nobody has any
    influence left, the number of followers who are left decides.

    Parameters
    ----------
    rows, back : tuple of (int64[people + 1], int32[arcs])
        Followers of each person (ascending), and those whom each person follows.
    radius : int
        1 or 2.
    asked, luck
        As in `choose_discounted`.

    Returns
    -------
    int64[at most wanted]
    """
    offsets, followers = rows
    back_offsets, followed = back
    eligible, wanted, budget, prices = asked
    people = offsets.shape[0] - 1
    left = np.empty(people, np.int64)
    for person in range(people):
        left[person] = offsets[person + 1] - offsets[person]
    around = np.zeros(people, np.float64)
    for person in range(people):
        for arc in range(offsets[person], offsets[person + 1]):
            around[person] += _beyond_one(left[followers[arc]])
    worth = np.zeros(people, np.float64)
    for person in eligible:
        total = 0.0
        for arc in range(offsets[person], offsets[person + 1]):
            near = followers[arc]
            if radius == 1:
                total += _beyond_one(left[near])
            else:
                total += around[near]
                if is_in_row(offsets, followers, near, person):
                    total -= _beyond_one(left[person])
        worth[person] = _beyond_one(left[person]) * total
    gone = np.zeros(people, np.bool_)
    mark = np.full(people, -1, np.int64)
    fresh = np.full(people, -1, np.int64)
    stamp = np.int64(0)
    heap = eligible.astype(np.int32)
    size = heap.shape[0]
    _heapify(heap, size, worth, luck)
    chosen = np.empty(min(wanted, size), np.int64)
    taken = 0
    influential = True
    while size > 0 and taken < wanted:
        person = heap[0]
        if influential:
            if worth[person] == 0.0:
                influential = False
                for i in range(size):
                    worth[heap[i]] = left[heap[i]]
                _heapify(heap, size, worth, luck)
                continue
            if fresh[person] != taken:
                worth[person] = _collective(offsets, followers, person, radius, left, gone, mark, stamp)
                stamp += 1
                fresh[person] = taken
                _sink(heap, size, 0, worth, luck)
                continue
        elif worth[person] != left[person]:
            worth[person] = left[person]
            _sink(heap, size, 0, worth, luck)
            continue
        size = _leave(heap, size, worth, luck)
        if prices[person] > budget:
            continue
        budget -= prices[person]
        chosen[taken] = person
        taken += 1
        gone[person] = True
        for arc in range(back_offsets[person], back_offsets[person + 1]):
            left[followed[arc]] -= 1
    return chosen[:taken].copy()


@kernel
def choose_one_hop(rows: Any, steps: Any, asked: Any, luck: Any) -> Any:
    """Choose who adds most to the people reached within one hop, each counted once.

    Parameters
    ----------
    rows : tuple of (int64[people + 1], int32[arcs])
        Followers of each person.
    steps : int64[n]
        What one more seed among those whom a person follows adds to the chance that they are reached: the first, the
        second, ...; falling. Beyond the last: nothing. A seed is reached with certainty, 2^32.
    asked, luck
        As in `choose_discounted`.

    Returns
    -------
    int64[at most wanted]
    """
    offsets, followers = rows
    eligible, wanted, budget, prices = asked
    people = offsets.shape[0] - 1
    last = steps.shape[0]
    missing = np.empty(last + 1, np.int64)  # by number of seeds followed: what is missing to certainty
    missing[0] = np.int64(1) << 32
    for i in range(last):
        missing[i + 1] = missing[i] - steps[i]
    seeds_followed = np.zeros(people, np.int32)
    worth = np.empty(people, np.int64)
    for person in range(people):
        worth[person] = missing[0] + (offsets[person + 1] - offsets[person]) * steps[0]
    seed = np.zeros(people, np.bool_)
    fresh = np.zeros(people, np.int64)
    heap = eligible.astype(np.int32)
    size = heap.shape[0]
    _heapify(heap, size, worth, luck)
    chosen = np.empty(min(wanted, size), np.int64)
    taken = 0
    while size > 0 and taken < wanted:
        person = heap[0]
        if fresh[person] != taken:
            total = missing[min(seeds_followed[person], last)]
            for arc in range(offsets[person], offsets[person + 1]):
                follower = followers[arc]
                if not seed[follower] and seeds_followed[follower] < last:
                    total += steps[seeds_followed[follower]]
            worth[person] = total
            fresh[person] = taken
            _sink(heap, size, 0, worth, luck)
            continue
        size = _leave(heap, size, worth, luck)
        if prices[person] > budget:
            continue
        budget -= prices[person]
        chosen[taken] = person
        taken += 1
        seed[person] = True
        for arc in range(offsets[person], offsets[person + 1]):
            seeds_followed[followers[arc]] += 1
    return chosen[:taken].copy()


@kernel
def name_contacts(
    key: Any,
    group: Any,
    kind: Any,
    back_offsets: Any,
    followed: Any,
    order: Any,
    rounds: Any,
    waiting: Any,
    wanted: Any,
) -> Any:
    """Ask people one after the other to name one of those they follow, at random.

    Parameters
    ----------
    key, group, kind
        Stream and counter of the luck: (key; round, group, who is asked, kind).
    back_offsets, followed : int64[people + 1], int32[arcs]
        Whom each person follows.
    order : int64[people]
        Who is asked first.
    rounds : int
        How often everybody is asked at most.
    waiting : bool[people]
        Who may be named; whoever is named is set to False.
    wanted : int

    Returns
    -------
    int64[at most wanted]
        Who was named, in order.
    """
    named = np.empty(wanted, np.int64)
    taken = 0
    for turn in range(rounds):
        for person in order:
            if taken == wanted:
                return named
            contacts = back_offsets[person + 1] - back_offsets[person]
            if contacts == 0:
                continue
            word, _, _, _ = philox(key, turn, group, person, kind)
            contact = followed[
                back_offsets[person] + np.int64((np.uint64(word) * np.uint64(contacts)) >> np.uint64(32))
            ]
            if waiting[contact]:
                waiting[contact] = False
                named[taken] = contact
                taken += 1
    return named[:taken].copy()


@kernel
def choose_clusters(offsets: Any, ties: Any, starts: Any, most: Any, asked: Any) -> Any:
    """Choose groups of people who are tied to each other.

    A cluster begins with the first of `starts` who is tied to no seed yet (if there is none: the first), and grows by
    the person who is tied to most of it; among equals by the first of `starts`.

    Parameters
    ----------
    offsets, ties : int64[people + 1], int32[2 * edges]
    starts : int64[n]
        Those who are eligible, best start first.
    most : int
        People in a cluster.
    asked
        As in `choose_discounted`.

    Returns
    -------
    int64[at most wanted]
    """
    _, wanted, budget, prices = asked
    people = offsets.shape[0] - 1
    waiting = np.zeros(people, np.bool_)
    place_in_starts = np.zeros(people, np.int32)
    for i in range(starts.shape[0]):
        waiting[starts[i]] = True
        place_in_starts[starts[i]] = i
    beside = np.zeros(people, np.bool_)
    inside = np.zeros(people, np.int32)
    candidates = np.empty(people, np.int32)
    chosen = np.empty(min(wanted, starts.shape[0]), np.int64)
    taken = 0
    apart = 0
    anywhere = 0
    members = 0
    found = 0
    while taken < wanted:
        person = np.int64(-1)
        if 0 < members < most:
            kept = 0
            for i in range(found):
                other = candidates[i]
                if not waiting[other]:
                    continue
                if prices[other] > budget:
                    waiting[other] = False
                    continue
                candidates[kept] = other
                kept += 1
                if person >= 0:
                    ahead = inside[other] - inside[person]
                    if ahead < 0 or (ahead == 0 and place_in_starts[other] > place_in_starts[person]):
                        continue
                person = other
            found = kept
        if person < 0:
            for i in range(found):
                inside[candidates[i]] = 0
            found = 0
            members = 0
            while apart < starts.shape[0]:
                other = starts[apart]
                if waiting[other] and not beside[other] and prices[other] <= budget:
                    person = other
                    break
                apart += 1
        if person < 0:
            while anywhere < starts.shape[0]:
                other = starts[anywhere]
                if waiting[other] and prices[other] <= budget:
                    person = other
                    break
                anywhere += 1
        if person < 0:
            break
        waiting[person] = False
        budget -= prices[person]
        chosen[taken] = person
        taken += 1
        members += 1
        for place in range(offsets[person], offsets[person + 1]):
            other = ties[place]
            beside[other] = True
            if waiting[other]:
                if inside[other] == 0:
                    candidates[found] = other
                    found += 1
                inside[other] += 1
    return chosen[:taken].copy()


@kernel
def eigenvector_step(offsets: Any, followers: Any, central: Any, out: Any) -> Any:
    """One iteration of eigenvector centrality: everybody adds up what their followers have, and their own.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
    central : float64[people]
        The largest is 1.
    out : float64[people]
        Filled in, the largest 1 again.

    Returns
    -------
    float
        The largest absolute change.
    """
    people = central.shape[0]
    most = 0.0
    for person in range(people):
        # Their own too: otherwise numbers swing for ever on networks of two sides.
        total = central[person]
        for arc in range(offsets[person], offsets[person + 1]):
            total += central[followers[arc]]
        out[person] = total
        most = max(most, total)
    change = 0.0
    for person in range(people):
        out[person] /= most
        change = max(change, abs(out[person] - central[person]))
    return change


@kernel(forceinline=True)
def _ones(bits: Any) -> Any:
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def hops_to(back_offsets: Any, followed: Any, targets: Any, reached: Any, hops: Any) -> None:
    """Add up for everybody how many of up to 64 people they reach, and in how many hops.

    The walks go back from all targets at once, breadth first, one bit of a word each (Then et al., VLDB 2014).

    Parameters
    ----------
    back_offsets, followed : int64[people + 1], int32[arcs]
        Whom each person follows.
    targets : int64[n]
        Distinct, n <= 64.
    reached, hops : int64[people]
        Grow by the number of other targets that each person reaches along the arcs, and by their distances.
    """
    people = back_offsets.shape[0] - 1
    seen = np.zeros(people, np.uint64)
    ahead = np.zeros(people, np.uint64)
    coming = np.zeros(people, np.uint64)
    active = np.empty(people, np.int32)
    touched = np.empty(people, np.int32)
    count = 0
    for t in range(targets.shape[0]):
        person = targets[t]
        seen[person] = np.uint64(1) << np.uint64(t)
        ahead[person] = seen[person]
        active[count] = person
        count += 1
    distance = 0
    while count > 0:
        distance += 1
        count = hop_on(back_offsets, followed, seen, ahead, coming, active, touched, count)
        for i in range(count):
            person = active[i]
            many = _ones(ahead[person])
            reached[person] += many
            hops[person] += many * distance

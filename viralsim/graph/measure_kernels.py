"""Kernels of the measures: triangles, cores, PageRank, distances, communities. Sums run in one written order."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.graph.arc_kernels import is_in_row
from viralsim.luck import philox

__all__ = [
    "common_ties",
    "contact_sums",
    "core_numbers_of",
    "degree_correlation",
    "hop_on",
    "join_nodes",
    "met_at_random",
    "modularity_of",
    "move_nodes",
    "orient",
    "page_rank_step",
    "reach_in_hops",
    "refine_communities",
    "row_hashes",
    "shuffled",
    "spread_to_both_ends",
    "sum_at_ranks",
    "union_of_rows",
    "walks_through",
    "wedges_closed",
]

_STAGE_ORDER = 1
_STAGE_PAIR = 2
_STAGE_WEDGE = 3


@kernel
def union_of_rows(offsets: Any, followers: Any, followed: Any) -> Any:
    """Return rows of ties, directions ignored: whom a person is followed by, follows, or both.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
        Rows ascend.
    followed : int64[people]
        How many people each person follows.

    Returns
    -------
    offsets : int64[people + 1]
    ties : int32[2 * edges]
        Rows ascend.
    """
    people = offsets.shape[0] - 1
    begins = np.zeros(people + 1, np.int64)
    for person in range(people):
        begins[person + 1] = begins[person] + followed[person]
    sharers = np.empty(followers.shape[0], np.int32)
    filled = begins.copy()
    for sharer in range(people):
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            follower = followers[arc]
            sharers[filled[follower]] = sharer
            filled[follower] += 1
    ends = np.zeros(people + 1, np.int64)
    ties = np.empty(2 * followers.shape[0], np.int32)
    count = 0
    for person in range(people):
        i = offsets[person]
        j = begins[person]
        while i < offsets[person + 1] or j < begins[person + 1]:
            if j == begins[person + 1] or (i < offsets[person + 1] and followers[i] < sharers[j]):
                ties[count] = followers[i]
                i += 1
            elif i == offsets[person + 1] or sharers[j] < followers[i]:
                ties[count] = sharers[j]
                j += 1
            else:
                ties[count] = sharers[j]
                i += 1
                j += 1
            count += 1
        ends[person + 1] = count
    return ends, ties[:count].copy()


@kernel
def orient(offsets: Any, ties: Any) -> Any:
    """Rank people by number of ties, most first, and keep of every tie the end towards the better rank.

    Nobody keeps more than sqrt(2 x ties), whatever the hubs have.

    Parameters
    ----------
    offsets, ties : int64[people + 1], int32[2 * edges]
        Both directions of every tie.

    Returns
    -------
    ranked : int32[people]
        The person of each rank; equal numbers of ties in order of position.
    starts : int64[people + 1]
        Rows by rank.
    better : int32[edges]
        Ranks that each rank is tied to, all smaller than its own.
    places : int64[edges]
        Where in `ties` each of them stands, in the row of the worse rank.
    """
    people = offsets.shape[0] - 1
    most = np.int64(0)
    for person in range(people):
        most = max(most, offsets[person + 1] - offsets[person])
    room = np.zeros(most + 2, np.int64)
    for person in range(people):
        room[most - (offsets[person + 1] - offsets[person]) + 1] += 1
    for k in range(most + 1):
        room[k + 1] += room[k]
    ranked = np.empty(people, np.int32)
    rank = np.empty(people, np.int32)
    for person in range(people):
        slot = most - (offsets[person + 1] - offsets[person])
        ranked[room[slot]] = person
        rank[person] = room[slot]
        room[slot] += 1
    edges = ties.shape[0] // 2
    starts = np.zeros(people + 1, np.int64)
    better = np.empty(edges, np.int32)
    places = np.empty(edges, np.int64)
    filled = 0
    for r in range(people):
        person = ranked[r]
        for place in range(offsets[person], offsets[person + 1]):
            other = rank[ties[place]]
            if other < r:
                better[filled] = other
                places[filled] = place
                filled += 1
        starts[r + 1] = filled
    return ranked, starts, better, places


@kernel
def common_ties(starts: Any, better: Any, begin: Any, end: Any, mark: Any, common: Any) -> None:
    """Add to every tie the triangles whose worst rank is `begin <= rank < end`.

    Parameters
    ----------
    starts, better : int64[people + 1], int32[edges]
        As `orient` gives them.
    begin, end : int
    mark : int64[people]
        Scratch: zeros, and zeros again at the end.
    common : int32[edges]
        Grows by the number of triangles that each tie is in: the people tied to both its ends.
    """
    for worst in range(begin, end):
        for i in range(starts[worst], starts[worst + 1]):
            mark[better[i]] = i + 1
        for i in range(starts[worst], starts[worst + 1]):
            middle = better[i]
            for j in range(starts[middle], starts[middle + 1]):
                k = mark[better[j]]
                if k > 0:
                    common[i] += 1
                    common[j] += 1
                    common[k - 1] += 1
        for i in range(starts[worst], starts[worst + 1]):
            mark[better[i]] = 0


@kernel
def wedges_closed(key: Any, offsets: Any, ties: Any, samples: Any) -> Any:
    """Draw people, and of each two of their ties; count how often these are tied to each other.

    Parameters
    ----------
    key : uint64
        Stream key.
    offsets, ties : int64[people + 1], int32[2 * edges]
        Rows ascend.
    samples : int

    Returns
    -------
    int
        Hits; people with fewer than two ties are misses.
    """
    people = np.uint64(offsets.shape[0] - 1)
    closed = 0
    for sample in range(samples):
        word, first, second, _ = philox(key, sample, 0, _STAGE_WEDGE, 0)
        person = np.int64((np.uint64(word) * people) >> np.uint64(32))
        begin = offsets[person]
        degree = offsets[person + 1] - begin
        if degree < 2:
            continue
        i = np.int64((np.uint64(first) * np.uint64(degree)) >> np.uint64(32))
        j = np.int64((np.uint64(second) * np.uint64(degree - 1)) >> np.uint64(32))
        if j >= i:
            j += 1
        a = ties[begin + i]
        b = ties[begin + j]
        if offsets[b + 1] - offsets[b] < offsets[a + 1] - offsets[a]:
            a, b = b, a
        if is_in_row(offsets, ties, a, b):
            closed += 1
    return closed


@kernel
def core_numbers_of(offsets: Any, ties: Any) -> Any:
    """Return the core number of each person (int32[people]): people leave in order of the ties they have left."""
    people = offsets.shape[0] - 1
    most = np.int64(0)
    for person in range(people):
        most = max(most, offsets[person + 1] - offsets[person])
    left = np.empty(people, np.int32)
    bins = np.zeros(most + 2, np.int64)
    for person in range(people):
        left[person] = offsets[person + 1] - offsets[person]
        bins[left[person] + 1] += 1
    for k in range(most + 1):
        bins[k + 1] += bins[k]
    # bins[d]: where in `queue` those with d ties left begin; the queue stays sorted by swaps.
    queue = np.empty(people, np.int32)
    place = np.empty(people, np.int64)
    filled = bins.copy()
    for person in range(people):
        place[person] = filled[left[person]]
        queue[place[person]] = person
        filled[left[person]] += 1
    for at in range(people):
        person = queue[at]
        for arc in range(offsets[person], offsets[person + 1]):
            other = ties[arc]
            if left[other] > left[person]:
                first = bins[left[other]]
                front = queue[first]
                if front != other:
                    queue[place[other]] = front
                    place[front] = place[other]
                    queue[first] = other
                    place[other] = first
                bins[left[other]] += 1
                left[other] -= 1
    return left


@kernel
def page_rank_step(offsets: Any, followers: Any, followed: Any, damping: Any, rank: Any, share: Any, out: Any) -> Any:
    """One iteration of PageRank: everybody passes their rank on to those they follow, in equal parts.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
    followed : int64[people]
        How many people each person follows.
    damping : float
    rank : float64[people]
        Sums to 1.
    share : float64[people]
        Scratch.
    out : float64[people]
        Filled in: the next ranks.

    Returns
    -------
    float
        Sum of the absolute changes.
    """
    people = rank.shape[0]
    lost = 0.0
    for person in range(people):
        if followed[person] == 0:
            lost += rank[person]
            share[person] = 0.0
        else:
            share[person] = rank[person] / followed[person]
    base = (1.0 - damping + damping * lost) / people
    change = 0.0
    for person in range(people):
        total = 0.0
        for arc in range(offsets[person], offsets[person + 1]):
            total += share[followers[arc]]
        out[person] = base + damping * total
        change += abs(out[person] - rank[person])
    return change


@kernel
def hop_on(offsets: Any, others: Any, seen: Any, ahead: Any, coming: Any, active: Any, touched: Any, count: Any) -> Any:
    """Take one hop from everybody active, for up to 64 walks at once; return how many people it reaches first.

    Parameters
    ----------
    offsets, others : int64[people + 1], int32[arcs]
    seen, ahead, coming : uint64[people]
        A bit per walk: who has been reached, who was by the last hop, and zeros.
    active : int32[people]
        The first `count` were reached by the last hop; then those whom this one reaches, `ahead` says by which walks.
    touched : int32[people]
        Scratch memory.
    """
    new = 0
    for i in range(count):
        person = active[i]
        bits = ahead[person]
        for arc in range(offsets[person], offsets[person + 1]):
            other = others[arc]
            if bits & ~seen[other]:
                if coming[other] == np.uint64(0):
                    touched[new] = other
                    new += 1
                coming[other] |= bits
    for i in range(new):
        person = touched[i]
        bits = coming[person] & ~seen[person]
        seen[person] |= bits
        ahead[person] = bits
        coming[person] = np.uint64(0)
        active[i] = person
    return new


@kernel
def reach_in_hops(offsets: Any, followers: Any, sources: Any, most: Any) -> Any:
    """Walk from up to 64 people at once, breadth first (one bit of a word each; Then et al., VLDB 2014).

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
    sources : int64[n]
        Distinct, n <= 64.
    most : int
        Hops counted one by one: those of `most` and more are counted as `most`.

    Returns
    -------
    reached : int64[n]
        How many others each source reaches.
    hops : int64[n]
        Sum of their distances.
    histogram : int64[most + 1]
        Pairs by distance.
    """
    people = offsets.shape[0] - 1
    seen = np.zeros(people, np.uint64)
    ahead = np.zeros(people, np.uint64)
    coming = np.zeros(people, np.uint64)
    active = np.empty(people, np.int32)
    touched = np.empty(people, np.int32)
    reached = np.zeros(sources.shape[0], np.int64)
    hops = np.zeros(sources.shape[0], np.int64)
    histogram = np.zeros(most + 1, np.int64)
    count = 0
    for s in range(sources.shape[0]):
        person = sources[s]
        seen[person] = np.uint64(1) << np.uint64(s)
        ahead[person] = seen[person]
        active[count] = person
        count += 1
    distance = 0
    while count > 0:
        distance += 1
        count = hop_on(offsets, followers, seen, ahead, coming, active, touched, count)
        for i in range(count):
            bits = ahead[active[i]]
            s = 0
            while bits:
                if bits & np.uint64(1):
                    reached[s] += 1
                    hops[s] += distance
                    histogram[min(distance, most)] += 1
                bits >>= np.uint64(1)
                s += 1
    return reached, hops, histogram


@kernel
def walks_through(offsets: Any, followers: Any, sources: Any, totals: Any, squares: Any) -> Any:
    """Add up how many others each source reaches through each person (the dependencies of Brandes 2001).

    No list of predecessors is kept: on the way back everybody looks at their own row again.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
    sources : int64[n]
    totals, squares : float64[people]
        Grow by the dependencies of the sources, in their order, and by their squares.

    Returns
    -------
    bool
        False where there are more shortest paths than a number can hold (10^300); nothing can be said then.
    """
    people = offsets.shape[0] - 1
    distance = np.full(people, -1, np.int32)
    paths = np.empty(people, np.float64)
    share = np.empty(people, np.float64)
    order = np.empty(people, np.int32)
    for source in sources:
        order[0] = source
        distance[source] = 0
        paths[source] = 1.0
        count = 1
        done = 0
        while done < count:
            person = order[done]
            done += 1
            mine = paths[person]
            if mine > 1e300:
                return False
            next_hop = distance[person] + 1
            for arc in range(offsets[person], offsets[person + 1]):
                other = followers[arc]
                hop = distance[other]
                if hop < 0:
                    distance[other] = next_hop
                    paths[other] = mine
                    order[count] = other
                    count += 1
                elif hop == next_hop:
                    paths[other] += mine
        for i in range(count - 1, 0, -1):
            person = order[i]
            next_hop = distance[person] + 1
            total = 0.0
            for arc in range(offsets[person], offsets[person + 1]):
                other = followers[arc]
                if distance[other] == next_hop:
                    total += share[other]
            dependency = total * paths[person]
            share[person] = (1.0 + dependency) / paths[person]
            totals[person] += dependency
            squares[person] += dependency * dependency
        for i in range(count):
            distance[order[i]] = -1
    return True


@kernel
def contact_sums(offsets: Any, followers: Any) -> Any:
    """Return for each person the summed numbers of followers of those they follow (int64[people])."""
    people = offsets.shape[0] - 1
    sums = np.zeros(people, np.int64)
    for sharer in range(people):
        degree = offsets[sharer + 1] - offsets[sharer]
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            sums[followers[arc]] += degree
    return sums


@kernel
def degree_correlation(offsets: Any, ties: Any) -> Any:
    """Return covariance and variance of the numbers of ties at the two ends of a tie, both directions counted."""
    people = offsets.shape[0] - 1
    count = ties.shape[0]
    total = 0.0
    for person in range(people):
        degree = np.float64(offsets[person + 1] - offsets[person])
        total += degree * degree
    mean = total / count
    together = 0.0
    variance = 0.0
    for person in range(people):
        degree = np.float64(offsets[person + 1] - offsets[person])
        beside = 0.0
        for arc in range(offsets[person], offsets[person + 1]):
            other = ties[arc]
            beside += np.float64(offsets[other + 1] - offsets[other]) - mean
        together += (degree - mean) * beside
        variance += degree * (degree - mean) * (degree - mean)
    return together / count, variance / count


@kernel
def shuffled(key: Any, level: Any, count: Any) -> Any:
    """Return 0 .. count - 1 in an order of luck (int32[count])."""
    order = np.arange(count).astype(np.int32)
    for i in range(count - 1, 0, -1):
        word, _, _, _ = philox(key, i, level, _STAGE_ORDER, 0)
        j = np.int64((np.uint64(word) * np.uint64(i + 1)) >> np.uint64(32))
        order[i], order[j] = order[j], order[i]
    return order


@kernel
def move_nodes(
    offsets: Any, ties: Any, weights: Any, ends: Any, total: Any, state: Any, most: Any, labels: Any, sums: Any
) -> None:
    """Let waiting nodes move, one after the other, to the community that raises modularity most.

    Whoever is tied to a node that moved waits again (the fast local moving of Traag, Waltman & van Eck 2019). Gains
    are compared as whole numbers, w x total - k x K, so that nothing is ever rounded.

    Parameters
    ----------
    offsets, ties, weights : int64[nodes + 1], int32[arcs], int32[arcs]
        Ties between different nodes, from both ends.
    ends : int64[nodes]
        Ends of ties of all people in each node, those within it too.
    total : int
        Their sum, at most 2^31.
    state : tuple
        `queue` (int32[nodes], circular), `waiting` (bool[nodes]), `counters` (int64[3]: first of the queue, how many
        wait, how many communities are empty), `empty` (int32[nodes], a stack), `members` (int32[nodes], nodes of
        each community), and scratch: zeros (int64[nodes]), and room for the communities met (int32[nodes]).
    most : int
        Ties looked at after which it returns, so that an interrupt is heard.
    labels : int32[nodes]
        Community of each node, changed in place.
    sums : int64[nodes]
        Ends of ties in each community.
    """
    queue, waiting, counters, empty, members, near, touched = state
    nodes = labels.shape[0]
    looked = np.int64(0)
    while counters[1] > 0 and looked < most:
        node = queue[counters[0]]
        counters[0] = (counters[0] + 1) % nodes
        counters[1] -= 1
        waiting[node] = False
        own = labels[node]
        found = 0
        for place in range(offsets[node], offsets[node + 1]):
            label = labels[ties[place]]
            if near[label] == 0:
                touched[found] = label
                found += 1
            near[label] += weights[place]
        looked += 1 + offsets[node + 1] - offsets[node]
        sums[own] -= ends[node]
        best = own
        gain = near[own] * total - ends[node] * sums[own]
        for i in range(found):
            label = touched[i]
            other = near[label] * total - ends[node] * sums[label]
            if other > gain:
                gain = other
                best = label
        for i in range(found):
            near[touched[i]] = 0
        if gain < 0:  # alone is better than anywhere; somebody else was there, so that a community is empty
            counters[2] -= 1
            best = empty[counters[2]]
        sums[best] += ends[node]
        if best != own:
            members[own] -= 1
            if members[own] == 0:
                empty[counters[2]] = own
                counters[2] += 1
            members[best] += 1
            labels[node] = best
            for place in range(offsets[node], offsets[node + 1]):
                other_node = ties[place]
                if not waiting[other_node] and labels[other_node] != best:
                    waiting[other_node] = True
                    queue[(counters[0] + counters[1]) % nodes] = other_node
                    counters[1] += 1


@kernel
def refine_communities(
    offsets: Any, ties: Any, weights: Any, ends: Any, total: Any, order: Any, labels: Any, sums: Any
) -> Any:
    """Build every community up again from its nodes, joining only what is well connected; return parts 0, 1, ...

    A part of a community is thus connected, and parts can part at the next level (the refinement of Traag, Waltman &
    van Eck 2019, with the best choice in place of a random one).

    Parameters
    ----------
    offsets, ties, weights, ends, total, labels, sums
        As in `move_nodes`.
    order : int32[nodes]
        Who is asked first.

    Returns
    -------
    parts : int32[nodes]
        Numbered by first appearance.
    count : int
    """
    nodes = labels.shape[0]
    parts = np.arange(nodes).astype(np.int32)
    held = ends.copy()
    alone = np.ones(nodes, np.bool_)
    leaving = np.zeros(nodes, np.int64)  # ties from a part to the rest of its community
    for node in range(nodes):
        for place in range(offsets[node], offsets[node + 1]):
            if labels[ties[place]] == labels[node]:
                leaving[node] += weights[place]
    near = np.zeros(nodes, np.int64)
    touched = np.empty(nodes, np.int32)
    for i in range(nodes):
        node = order[i]
        around = sums[labels[node]]
        if not alone[node] or leaving[node] * total < ends[node] * (around - ends[node]):
            continue
        found = 0
        for place in range(offsets[node], offsets[node + 1]):
            if labels[ties[place]] == labels[node]:
                part = parts[ties[place]]
                if near[part] == 0:
                    touched[found] = part
                    found += 1
                near[part] += weights[place]
        best = -1
        gain = np.int64(-1)
        for k in range(found):
            part = touched[k]
            if leaving[part] * total >= held[part] * (around - held[part]):
                other = near[part] * total - ends[node] * held[part]
                if other > gain:
                    gain = other
                    best = part
        if best >= 0:
            # Parts are numbered by the node that began them; it is not alone any more.
            alone[best] = False
            alone[node] = False
            parts[node] = best
            held[best] += ends[node]
            leaving[best] += leaving[node] - 2 * near[best]
        for k in range(found):
            near[touched[k]] = 0
    number = np.full(nodes, -1, np.int32)
    count = 0
    for node in range(nodes):
        if number[parts[node]] < 0:
            number[parts[node]] = count
            count += 1
        parts[node] = number[parts[node]]
    return parts, count


@kernel
def join_nodes(offsets: Any, ties: Any, weights: Any, ends: Any, parts: Any, count: Any) -> Any:
    """Return the network whose nodes are the parts of this one: offsets, ties, weights, ends as in `move_nodes`."""
    nodes = parts.shape[0]
    begins = np.zeros(count + 1, np.int64)
    for node in range(nodes):
        begins[parts[node] + 1] += 1
    for part in range(count):
        begins[part + 1] += begins[part]
    filled = begins.copy()
    members = np.empty(nodes, np.int32)
    for node in range(nodes):
        members[filled[parts[node]]] = node
        filled[parts[node]] += 1
    new_offsets = np.zeros(count + 1, np.int64)
    new_ties = np.empty(ties.shape[0], np.int32)
    new_weights = np.empty(ties.shape[0], np.int32)
    new_ends = np.zeros(count, np.int64)
    place_of = np.full(count, -1, np.int64)
    size = 0
    for part in range(count):
        first = size
        for i in range(begins[part], begins[part + 1]):
            node = members[i]
            new_ends[part] += ends[node]
            for place in range(offsets[node], offsets[node + 1]):
                other = parts[ties[place]]
                if other == part:
                    continue
                if place_of[other] < first:
                    place_of[other] = size
                    new_ties[size] = other
                    new_weights[size] = 0
                    size += 1
                new_weights[place_of[other]] += weights[place]
        new_offsets[part + 1] = size
    return new_offsets, new_ties[:size].copy(), new_weights[:size].copy(), new_ends


@kernel
def met_at_random(key: Any, offsets: Any) -> Any:
    """Return ties of a random network in which everybody has as many, but for those to oneself, which are dropped.

    Ends of ties are put in an order of luck and joined in pairs; two people may be tied several times.

    Parameters
    ----------
    key : uint64
    offsets : int64[people + 1]
        Of the rows of ties, from both ends.

    Returns
    -------
    offsets, ties : int64[people + 1], int32[ends]
        Rows do not ascend.
    """
    people = offsets.shape[0] - 1
    ends = np.empty(offsets[people], np.int32)
    for person in range(people):
        ends[offsets[person] : offsets[person + 1]] = person
    for i in range(ends.shape[0] - 1, 0, -1):
        word, _, _, _ = philox(key, i, 0, _STAGE_PAIR, 0)
        j = np.int64((np.uint64(word) * np.uint64(i + 1)) >> np.uint64(32))
        ends[i], ends[j] = ends[j], ends[i]
    begins = np.zeros(people + 1, np.int64)
    for i in range(0, ends.shape[0] - 1, 2):
        if ends[i] != ends[i + 1]:
            begins[ends[i] + 1] += 1
            begins[ends[i + 1] + 1] += 1
    for person in range(people):
        begins[person + 1] += begins[person]
    filled = begins.copy()
    met = np.empty(begins[people], np.int32)
    for i in range(0, ends.shape[0] - 1, 2):
        one = ends[i]
        other = ends[i + 1]
        if one != other:
            met[filled[one]] = other
            filled[one] += 1
            met[filled[other]] = one
            filled[other] += 1
    return begins, met


@kernel
def modularity_of(offsets: Any, ties: Any, labels: Any) -> Any:
    """Return Newman's modularity of a partition; labels are 0 .. people - 1, ties not empty."""
    people = offsets.shape[0] - 1
    within = 0
    ends = np.zeros(people, np.int64)
    for person in range(people):
        label = labels[person]
        ends[label] += offsets[person + 1] - offsets[person]
        for place in range(offsets[person], offsets[person + 1]):
            if labels[ties[place]] == label:
                within += 1
    total = np.float64(ties.shape[0])
    expected = 0.0
    for label in range(people):
        share = ends[label] / total
        expected += share * share
    return within / total - expected


@kernel
def sum_at_ranks(starts: Any, better: Any, common: Any, ranked: Any) -> Any:
    """Return for each person the sum of `common` over their ties (int64[people]); arguments as in `orient`."""
    sums = np.zeros(ranked.shape[0], np.int64)
    for rank in range(ranked.shape[0]):
        for i in range(starts[rank], starts[rank + 1]):
            sums[ranked[rank]] += common[i]
            sums[ranked[better[i]]] += common[i]
    return sums


@kernel
def spread_to_both_ends(offsets: Any, ties: Any, ranked: Any, starts: Any, places: Any, common: Any) -> Any:
    """Return the number of each tie (int32[2 * edges]) at both its places, given once by rank as in `orient`."""
    out = np.empty(ties.shape[0], np.int32)
    for rank in range(ranked.shape[0]):
        person = ranked[rank]
        for i in range(starts[rank], starts[rank + 1]):
            out[places[i]] = common[i]
            other = ties[places[i]]
            low = offsets[other]
            high = offsets[other + 1]
            while low < high:
                middle = (low + high) >> 1
                if ties[middle] < person:
                    low = middle + 1
                else:
                    high = middle
            out[low] = common[i]
    return out


@kernel
def row_hashes(offsets: Any, ties: Any) -> Any:
    """Return a 64-bit hash of whom each person is tied to (uint64[people])."""
    out = np.zeros(offsets.shape[0] - 1, np.uint64)
    for person in range(out.shape[0]):
        total = np.uint64(0)
        for place in range(offsets[person], offsets[person + 1]):
            # The finaliser of splitmix64 (Steele, Lea & Flood 2014).
            x = np.uint64(ties[place] + 1) * np.uint64(0x9E3779B97F4A7C15)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            total += x ^ (x >> np.uint64(31))
        out[person] = total
    return out

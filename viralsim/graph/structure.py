"""The structure of a graph: cores, PageRank, clustering, distances, mixing of degrees, communities.

Everything is deterministic: sums run in one written order, samples and ties are drawn by keyed luck. What is
sampled comes as `Sampled`, with its interval and the number of samples; what is not is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError
from viralsim.graph.social_graph import Arcs, SocialGraph
from viralsim.luck import Purpose, stream_key, words

__all__ = [
    "Betweenness",
    "Communities",
    "DegreeTail",
    "Distances",
    "FriendshipParadox",
    "Sampled",
    "betweenness",
    "communities",
    "core_numbers",
    "degree_assortativity",
    "degree_tail",
    "distances",
    "friendship_paradox",
    "local_clustering",
    "mean_clustering",
    "modularity_at_random",
    "page_rank",
    "some_people",
    "triangles_by_person",
    "triangles_by_tie",
]

_MOST_TRIANGLE_WORK = 500_000_000
"""Steps above which the mean clustering is sampled; two or three seconds."""
_CHUNK = 200_000_000
_CLUSTERING_SAMPLES = 100_000
_BETWEENNESS_WORK = 500_000_000
"""Arcs looked at to which the default number of samples adds up: ten seconds or so on a large network."""
_LEAST_WALKS = 32
_WALK_CHUNK = 50_000_000
_Z = 1.959963984540054
_TRACKED = 64


@dataclass(frozen=True)
class Sampled:
    """A number, with its 95% interval where it is an estimate from a sample.

    Parameters
    ----------
    value : float
    low, high : float or None
        Ends of the 95% interval; None where the number is exact.
    samples : int or None
        How many were drawn; None where the number is exact.

    Examples
    --------
    >>> Sampled(0.5).exact
    True
    """

    value: float
    low: float | None = None
    high: float | None = None
    samples: int | None = None

    @property
    def exact(self) -> bool:
        """Whether everything was counted."""
        return self.samples is None

    def to_dict(self) -> dict[str, float | int | None]:
        """Return value, low, high and samples as JSON takes them.

        Examples
        --------
        >>> Sampled(0.5).to_dict()
        {'value': 0.5, 'low': None, 'high': None, 'samples': None}
        """
        return {"value": self.value, "low": self.low, "high": self.high, "samples": self.samples}


def core_numbers(graph: SocialGraph) -> npt.NDArray[np.int32]:
    """Return each person's core number: the largest k such that they are in a group tied to k of each other.

    Directions are ignored. People of high core number spread further than mere hubs where hubs sit at the rim
    (Kitsak et al., "Identification of influential spreaders in complex networks", Nature Physics 2010). The
    algorithm is Batagelj & Zaversnik's (2003), in time proportional to the ties.

    Returns
    -------
    ndarray of int32, shape (people,)

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> core_numbers(from_arcs([0, 1, 2, 2], [1, 2, 0, 3], mutual=True)).tolist()
    [2, 2, 2, 1]
    """
    from viralsim.graph.measure_kernels import core_numbers_of

    cores: npt.NDArray[np.int32] = core_numbers_of(*graph.ties)
    return cores


def page_rank(
    graph: SocialGraph, *, damping: float = 0.85, tolerance: float = 1e-8, iterations: int = 200
) -> npt.NDArray[np.float64]:
    """Return PageRank of people as sharers: important is who is followed by important people.

    Rank flows against the arcs, from followers to the sharers they follow, in equal parts; whoever follows
    nobody gives theirs to all alike (Page, Brin, Motwani & Winograd 1999; networkx's `pagerank` of the graph
    whose edges go from follower to followed).

    Parameters
    ----------
    graph : SocialGraph
    damping : float
        Share of the rank that flows; 0.85 is the authors' choice.
    tolerance : float
        Stops when the absolute changes sum to less.
    iterations : int
        Stops after so many at the latest.

    Returns
    -------
    ndarray of float64, shape (people,)
        Sums to 1.

    Raises
    ------
    UsageError
        A damping outside [0, 1), or no iterations.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> rank = page_rank(from_arcs([0, 0, 1], [1, 2, 2]))  # 1 and 2 follow 0, 2 follows 1 too
    >>> rank.argsort().tolist()
    [2, 1, 0]
    """
    from viralsim.graph.measure_kernels import page_rank_step

    if not 0.0 <= damping < 1.0:
        raise UsageError(f"damping is {damping}, expected a number of at least 0 and less than 1")
    if iterations < 1:
        raise UsageError(f"iterations is {iterations}, expected at least 1")
    arcs = graph.timeless.arcs
    rank = np.full(graph.people, 1.0 / graph.people)
    share, following = np.empty(graph.people), np.empty(graph.people)
    for _ in range(iterations):
        change = page_rank_step(arcs.offsets, arcs.followers, arcs.in_degree, damping, rank, share, following)
        rank, following = following, rank
        if change < tolerance:
            break
    return rank


class _Triangles:
    """Ties by rank, and how much work it is to count their triangles."""

    def __init__(self, graph: SocialGraph) -> None:
        from viralsim.graph.measure_kernels import orient

        self.people = graph.people
        self.ranked, self.starts, self.better, self.places = orient(*graph.ties)
        self.work = np.r_[0, np.cumsum(np.diff(self.starts)[self.better])][self.starts]

    def count(self) -> npt.NDArray[np.int32]:
        """Count the triangles of every tie, in parts so that an interrupt is heard."""
        from viralsim.graph.measure_kernels import common_ties

        common = np.zeros(len(self.better), np.int32)
        mark = np.zeros(self.people, np.int64)
        begin = 0
        while begin < self.people:
            end = max(begin + 1, int(np.searchsorted(self.work, self.work[begin] + _CHUNK, side="right")) - 1)
            common_ties(self.starts, self.better, begin, min(end, self.people), mark, common)
            begin = end
        return common

    def by_person(self) -> npt.NDArray[np.int64]:
        """Count the triangles that each person is in."""
        from viralsim.graph.measure_kernels import sum_at_ranks

        triangles: npt.NDArray[np.int64] = sum_at_ranks(self.starts, self.better, self.count(), self.ranked) // 2
        return triangles


def triangles_by_tie(graph: SocialGraph) -> npt.NDArray[np.int32]:
    """Return for each tie how many people are tied to both its ends; directions are ignored.

    Exact. Every triangle is met once, from the person with fewest ties (the ordering by degree of Chiba &
    Nishizeki 1985), so that hubs cost little.

    Returns
    -------
    ndarray of int32, shape (2 * ties,)
        Companion of `graph.ties[1]`; on mutual graphs also of `graph.arcs.followers`.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph = from_arcs([0, 1, 2, 2], [1, 2, 0, 3], mutual=True)
    >>> triangles_by_tie(graph).tolist()
    [1, 1, 1, 1, 1, 1, 0, 0]
    """
    from viralsim.graph.measure_kernels import spread_to_both_ends

    found = _Triangles(graph)
    offsets, ties = graph.ties
    out: npt.NDArray[np.int32] = spread_to_both_ends(
        offsets, ties, found.ranked, found.starts, found.places, found.count()
    )
    return out


def triangles_by_person(graph: SocialGraph) -> npt.NDArray[np.int64]:
    """Return for each person how many pairs of their ties are tied to each other; directions are ignored. Exact.

    Returns
    -------
    ndarray of int64, shape (people,)

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> triangles_by_person(from_arcs([0, 1, 2, 2], [1, 2, 0, 3], mutual=True)).tolist()
    [1, 1, 1, 0]
    """
    return _Triangles(graph).by_person()


def local_clustering(graph: SocialGraph) -> npt.NDArray[np.float64]:
    """Return for each person the share of pairs of their ties that are tied to each other; directions are ignored.

    Exact; 0 for people with fewer than two ties (Watts & Strogatz 1998, as networkx does).

    Returns
    -------
    ndarray of float64, shape (people,)

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> local_clustering(from_arcs([0, 1, 2, 2], [1, 2, 0, 3], mutual=True)).round(3).tolist()
    [1.0, 1.0, 0.333, 0.0]
    """
    return _clustering(graph, _Triangles(graph))


def _clustering(graph: SocialGraph, found: _Triangles) -> npt.NDArray[np.float64]:
    degree = np.diff(graph.ties[0])
    pairs = degree * (degree - 1) // 2
    shares: npt.NDArray[np.float64] = np.divide(found.by_person(), pairs, out=np.zeros(graph.people), where=pairs > 0)
    return shares


def mean_clustering(graph: SocialGraph, samples: int | None = None) -> Sampled:
    """Return the mean over people of the share of pairs of their ties that are tied to each other.

    Directions are ignored; people with fewer than two ties count as 0 (Watts & Strogatz 1998, as networkx
    does). Exact, or, where counting all triangles would take long, from pairs of ties of random people
    (Seshadhri, Pinar & Kolda, "Triadic measures on graphs: the power of wedge sampling", SDM 2013).

    Parameters
    ----------
    graph : SocialGraph
    samples : int, optional
        Draw so many pairs. By default all is counted, above 5 x 10^8 steps 100,000 are drawn.

    Returns
    -------
    Sampled
        In [0, 1]; the interval is Wilson's.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> round(mean_clustering(generate("karate-club")).value, 6)
    0.570638
    """
    from viralsim.graph.measure_kernels import wedges_closed

    offsets, ties = graph.ties
    found = None
    if samples is None:
        found = _Triangles(graph)
        if found.work[-1] > _MOST_TRIANGLE_WORK:
            samples = _CLUSTERING_SAMPLES
    if samples is not None:
        if samples < 1:
            raise UsageError(f"samples is {samples}, expected at least 1")
        key = stream_key(1, Purpose.SAMPLE, "clustering")
        return _wilson(int(wedges_closed(key, offsets, ties, samples)), samples)
    assert found is not None  # noqa: S101 - for the type checker
    return Sampled(math.fsum(_clustering(graph, found).tolist()) / graph.people)


def _wilson(hits: int, samples: int) -> Sampled:
    share = hits / samples
    scale = 1.0 + _Z * _Z / samples
    middle = (share + _Z * _Z / (2 * samples)) / scale
    half = _Z / scale * math.sqrt(share * (1.0 - share) / samples + _Z * _Z / (4.0 * samples * samples))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == samples else min(1.0, middle + half)
    return Sampled(share, low, high, samples)


@dataclass(frozen=True)
class Distances:
    """How many hops apart people are, along the arcs: from who shares to who sees it.

    Parameters
    ----------
    mean : Sampled or None
        Mean distance of a person to another one whom they reach; None where nobody reaches anybody.
    reached : Sampled
        Share of the other people whom a person reaches, on average.
    effective_diameter : float or None
        Hops within which 90% of the pairs lie that reach each other, interpolated (Leskovec, Kleinberg &
        Faloutsos 2005).
    longest : int
        The largest distance met: of all pairs where exact, else a lower bound.
    sources : int
        People from whom was walked.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> distances(generate("path", people=3)).mean.value
    1.3333333333333333
    """

    mean: Sampled | None
    reached: Sampled
    effective_diameter: float | None
    longest: int
    sources: int


def distances(graph: SocialGraph, samples: int = 64) -> Distances:
    """Return how far apart people are, by breadth-first walks from a sample of them.

    Parameters
    ----------
    graph : SocialGraph
    samples : int
        People to walk from, at least 2; where there are no more people than that, all of them: exact.

    Returns
    -------
    Distances
        Intervals treat each person walked from as one observation (a ratio estimate, Student's t).

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> ring = distances(generate("ring", people=5))
    >>> ring.mean.value, ring.longest, ring.reached.value, ring.mean.exact
    (1.5, 2, 1.0, True)
    """
    from viralsim.graph.measure_kernels import reach_in_hops

    if samples < 2:
        raise UsageError(f"samples is {samples}, expected at least 2")
    people = graph.people
    every = people <= samples
    sources = np.arange(people) if every else some_people(people, samples, stream_key(1, Purpose.SAMPLE, "distances"))
    found = [
        reach_in_hops(graph.timeless.arcs.offsets, graph.timeless.arcs.followers, sources[i : i + _TRACKED], people)
        for i in range(0, len(sources), _TRACKED)
    ]
    reached = np.concatenate([one[0] for one in found])
    hops = np.concatenate([one[1] for one in found])
    histogram = np.sum([one[2] for one in found], axis=0)
    others = np.full(len(sources), max(people - 1, 1))
    met = np.flatnonzero(histogram)
    pairs = int(histogram.sum())
    return Distances(
        _ratio(hops, reached, every) if pairs else None,
        _ratio(reached, others, every),
        _within(histogram, 0.9 * pairs) if pairs else None,
        int(met[-1]) if pairs else 0,
        len(sources),
    )


def some_people(people: int, samples: int, key: np.uint64) -> npt.NDArray[np.int64]:
    """Draw `samples` different ones of the positions 0 .. people - 1, all alike; fewer draws begin as more do.

    Examples
    --------
    >>> len(set(some_people(10, 4, np.uint64(7)).tolist()))
    4
    """

    def drawn() -> Iterator[int]:
        step = 0
        while True:
            for word in words(key, np.arange(step, step + 4 * samples))[:, 0].tolist():
                yield word * people >> 32
            step += 4 * samples

    chosen: dict[int, None] = {}
    for person in drawn():
        chosen[person] = None
        if len(chosen) == samples:
            break
    return np.array(list(chosen), dtype=np.int64)


def _ratio(above: npt.NDArray[np.int64], below: npt.NDArray[np.int64], exact: bool) -> Sampled:
    value = int(above.sum()) / int(below.sum())
    if exact:
        return Sampled(value)
    from scipy.special import stdtrit

    count = len(above)
    mean_below = int(below.sum()) / count
    squares = math.fsum(((above - value * below) ** 2).tolist())
    half = float(stdtrit(count - 1, 0.975)) * math.sqrt(squares / (count * (count - 1))) / mean_below
    return Sampled(value, max(0.0, value - half), value + half, count)


def _within(histogram: npt.NDArray[np.int64], wanted: float) -> float:
    """Return the hops within which so many pairs lie, interpolated between whole ones."""
    total = np.cumsum(histogram)
    hop = int(np.searchsorted(total, wanted))
    before = int(total[hop - 1]) if hop else 0
    return hop - 1 + (wanted - before) / (int(total[hop]) - before)


@dataclass(frozen=True, eq=False)
class Betweenness:
    """How often people lie between others.

    Parameters
    ----------
    of : ndarray of float64, shape (people,)
        For each person the share of the pairs of two others whose shortest path runs through them; where a pair has
        several shortest paths, each counts in equal parts.
    standard_error : ndarray of float64, shape (people,), or None
        Of each number, as far as it comes from the sample; None where the numbers are exact. It is 0 where no walk
        of the sample ran through a person: then their number is small, but by how much is not known.
    samples : int
        People from whom was walked.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> betweenness(generate("star", people=5)).of.tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0]
    """

    of: npt.NDArray[np.float64]
    standard_error: npt.NDArray[np.float64] | None
    samples: int

    @property
    def exact(self) -> bool:
        """Whether was walked from everybody."""
        return self.standard_error is None


def betweenness(graph: SocialGraph, samples: int | None = None, *, random_seed: int = 1) -> Betweenness:
    """Return how often people lie on the shortest paths between others, along the arcs: who bridges.

    The walks are those of Brandes, "A faster algorithm for betweenness centrality" (2001), from a random sample
    of people without repetition, scaled by people / samples, which is unbiased (Brandes & Pich, "Centrality
    estimation in large networks", 2007). Divided by (people - 1) x (people - 2) on directed and on mutual graphs
    alike, which gives what networkx gives as `betweenness_centrality` with `normalized=True, endpoints=False`.

    Parameters
    ----------
    graph : SocialGraph
    samples : int, optional
        People to walk from; where there are no more people than that, all of them: exact. By default as many as
        can be walked from by looking at 5 x 10^8 arcs (each walk looks at all of them twice), at least 32: all
        of them up to some thousand people, 32 of a million people with ten million arcs. On networks with hubs
        that is enough to tell the first few; `standard_error` says how well each number is known.
    random_seed : int
        Another number draws another sample.

    Returns
    -------
    Betweenness

    Raises
    ------
    UsageError
        Fewer than 2 samples, or a graph with more than 10^300 shortest paths between two people.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> path = betweenness(generate("path", people=4))
    >>> [round(share, 3) for share in path.of.tolist()], path.exact
    ([0.0, 0.667, 0.667, 0.0], True)
    """
    if samples is not None and samples < 2:
        raise UsageError(f"samples is {samples}, expected at least 2")
    people, arcs = graph.people, graph.timeless.arcs
    once = 2 * len(arcs) + people
    if samples is None:
        samples = max(_LEAST_WALKS, _BETWEENNESS_WORK // once)
    every = people <= samples
    key = stream_key(random_seed, Purpose.SAMPLE, "betweenness")
    sources = np.arange(people) if every else some_people(people, samples, key)
    together = max(1, _WALK_CHUNK // once)  # few enough that an interrupt is heard between them
    parts = [sources[begin : begin + together] for begin in range(0, len(sources), together)]
    totals, squares = _walked(arcs, parts)
    count = len(sources)
    scale = people / count / max((people - 1.0) * (people - 2.0), 1.0)
    if every:
        return Betweenness(totals * scale, None, count)
    # The variance of a total estimated from a simple random sample without repetition.
    variance = np.maximum(squares - totals * totals / count, 0.0) / (count - 1) * count * (1.0 - count / people)
    return Betweenness(totals * scale, np.sqrt(variance) * scale, count)


def _walked(arcs: Arcs, parts: list[npt.NDArray[np.int64]]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Walk from all people of the parts, those of every other part in a second thread; return totals and squares.

    Which sums are made in which order depends on the parts alone, never on how fast a thread is.
    """
    from viralsim.graph.measure_kernels import walks_through

    people = len(arcs.offsets) - 1
    stop = Event()

    def walk(lane: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        totals, squares = np.zeros(people), np.zeros(people)
        for part in parts[lane::2]:
            if stop.is_set():
                break
            if not walks_through(arcs.offsets, arcs.followers, part, totals, squares):
                raise UsageError("there are more than 10^300 shortest paths between two people of this network")
        return totals, squares

    if len(parts) == 1:
        return walk(0)
    with ThreadPoolExecutor(2) as threads:
        try:
            (totals, squares), (more, their_squares) = threads.map(walk, (0, 1))
        except BaseException:  # an interrupt, too
            stop.set()
            raise
    return totals + more, squares + their_squares


def degree_assortativity(graph: SocialGraph) -> float | None:
    """Return the correlation of the numbers of ties at the two ends of a tie; directions are ignored.

    Above 0 hubs are tied to hubs, below 0 to people with few ties (Newman, "Mixing patterns in networks",
    Physical Review E 2003). None where all ends have equally many.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> degree_assortativity(generate("star", people=5))
    -1.0
    >>> round(degree_assortativity(generate("karate-club")), 6)
    -0.475613
    """
    from viralsim.graph.measure_kernels import degree_correlation

    offsets, ties = graph.ties
    degree = np.diff(offsets)
    tied = degree[degree > 0]
    if len(tied) == 0 or tied.min() == tied.max():
        return None
    together, variance = degree_correlation(offsets, ties)
    return max(-1.0, min(1.0, float(together) / float(variance)))


@dataclass(frozen=True)
class FriendshipParadox:
    """How much more followers the people one follows have than one has oneself.

    Parameters
    ----------
    share : float or None
        Share of the people who follow anybody whose contacts (those they follow) have more followers than they
        do, on average over the contacts; None where nobody follows anybody.
    mean_followers : float
        Followers of a person, on average.
    mean_of_contacts : float or None
        Followers of a contact, on average over all pairs of a person and a contact.
    people : int
        People who follow anybody.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> friendship_paradox(generate("star", people=5))
    FriendshipParadox(share=0.8, mean_followers=1.6, mean_of_contacts=2.5, people=5)
    """

    share: float | None
    mean_followers: float
    mean_of_contacts: float | None
    people: int


def friendship_paradox(graph: SocialGraph) -> FriendshipParadox:
    """Compare people's followers with those of the people they follow. Exact.

    Feld, "Why your friends have more friends than you do" (1991); on directed networks Hodas, Kooti & Lerman,
    "Friendship paradox redux" (2013), of whose four paradoxes this is the one of friends' followers.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> friendship_paradox(from_arcs([0, 0], [1, 2])).share  # 1 and 2 follow 0
    1.0
    """
    from viralsim.graph.measure_kernels import contact_sums

    arcs = graph.timeless.arcs
    sums = contact_sums(arcs.offsets, arcs.followers)
    following = arcs.in_degree > 0
    count = int(np.count_nonzero(following))
    outdone = int(np.count_nonzero(sums[following] > (arcs.out_degree * arcs.in_degree)[following]))
    return FriendshipParadox(
        outdone / count if count else None,
        len(arcs) / graph.people,
        int(sums.sum()) / len(arcs) if len(arcs) else None,
        count,
    )


@dataclass(frozen=True)
class DegreeTail:
    """How unequally followers are spread.

    Parameters
    ----------
    top_share : float or None
        Share of all arcs that go out from the 1% of people (rounded up) with most followers.
    exponent : float or None
        Exponent of the power law fitted to the tail: the smaller, the larger the hubs; None where fewer than 50
        people are left to fit.
    minimum : int or None
        Followers from which on it was fitted.
    people : int
        People in the tail.
    distance : float or None
        Largest distance between the tail's distribution and the power law (Kolmogorov & Smirnov).

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> round(degree_tail(generate("scale-free", people=20_000)).exponent, 1)
    2.9
    """

    top_share: float | None
    exponent: float | None
    minimum: int | None
    people: int
    distance: float | None


def degree_tail(graph: SocialGraph) -> DegreeTail:
    """Describe the tail of the numbers of followers.

    The power law is fitted by Clauset, Shalizi & Newman (2009): for each lower end the exponent of equation
    3.7, and the lower end whose fit is nearest. Whether it is a power law at all is not tested.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> degree_tail(generate("star", people=100)).top_share
    0.5
    """
    followers = graph.timeless.arcs.out_degree
    ordered = np.sort(followers)[::-1]
    top = int(ordered[: -(-graph.people // 100)].sum()) / len(graph.timeless.arcs) if len(graph.timeless.arcs) else None
    values, counts = np.unique(followers[followers > 0], return_counts=True)
    logs = np.log(values.astype(np.float64))
    at_least = np.cumsum(counts[::-1])[::-1]
    sums = np.cumsum((counts * logs)[::-1])[::-1]
    best = DegreeTail(top, None, None, 0, None)
    for i in range(len(values)):
        count = int(at_least[i])
        spread = float(sums[i]) - count * math.log(values[i] - 0.5)
        if count < 50 or len(values) - i < 2 or spread <= 0:
            break
        exponent = 1.0 + count / spread
        fitted = ((values[i:] - 0.5) / (values[i] - 0.5)) ** (1.0 - exponent)
        distance = float(np.abs(at_least[i:] / count - fitted).max())
        if best.distance is None or distance < best.distance:
            best = DegreeTail(top, exponent, int(values[i]), count, distance)
    return best


@dataclass(frozen=True, eq=False)
class Communities:
    """People in communities, found by their ties alone.

    Parameters
    ----------
    of : ndarray of int32, shape (people,)
        Community of each person: 0, 1, ... in order of first appearance; -1 for people without ties.
    count : int
        Communities; people without ties are in none.
    largest : int
        People in the largest.
    modularity : float or None
        Share of ties within communities beyond what degrees alone would give (Newman & Girvan 2004). None without
        ties.
    levels : int
        How often communities were joined to larger ones.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> communities(generate("complete", people=5)).count
    1
    """

    of: npt.NDArray[np.int32]
    count: int
    largest: int
    modularity: float | None
    levels: int


def communities(graph: SocialGraph, *, random_seed: int = 1) -> Communities:
    """Find communities that make modularity large; directions are ignored, and so are multiplicities.

    People move to the community of those they are tied to as long as modularity grows; then communities become the
    nodes of a smaller network, and so on (Blondel, Guillaume, Lambiotte & Lefebvre, "Fast unfolding of communities in
    large networks", 2008). In between, communities are taken apart and built up again of well connected parts, so that
    none falls into pieces (Traag, Waltman & van Eck, "From Louvain to Leiden: guaranteeing well-connected
    communities", Scientific Reports 2019; of choices that they leave to chance the best one is taken here). The order
    in which people are asked is keyed luck, all the rest compares whole numbers: the same on every machine.

    Many divisions of a network have nearly the largest modularity; this is one of them. The best division of a random
    network has a modularity far above 0, too: see `modularity_at_random`.

    Parameters
    ----------
    graph : SocialGraph
    random_seed : int
        Another number may give other communities.

    Returns
    -------
    Communities

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> two = from_arcs([0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3], mutual=True)
    >>> communities(two).of.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    offsets, ties = graph.ties
    tied = np.diff(offsets) > 0
    of = np.full(graph.people, -1, np.int32)
    if not tied.any():
        return Communities(of, 0, 0, None, 0)
    found, modularity, levels = _divided(stream_key(random_seed, Purpose.SAMPLE, "communities"), offsets, ties)
    first = np.full(graph.people, graph.people, np.int64)
    np.minimum.at(first, found, np.arange(graph.people))
    of[tied] = np.unique(first[found[tied]], return_inverse=True)[1]
    sizes = np.bincount(of[tied])
    return Communities(of, len(sizes), int(sizes.max()), modularity, levels)


def modularity_at_random(graph: SocialGraph, *, random_seed: int = 1) -> float | None:
    """Return the modularity of the communities of a random network in which everybody has as many ties.

    Without any communities there still are divisions that luck favours, and `communities` finds them (Guimera,
    Sales-Pardo & Amaral, "Modularity from fluctuations in random graphs", Physical Review E 2004): the fewer ties
    people have, the more. What a network has beyond this is its own. The random network is made by joining ends of
    ties at random (the configuration model); ties to oneself are dropped.

    Returns
    -------
    float or None
        None without ties.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> graph = generate("erdos-renyi", people=2000, mean_degree=8)
    >>> round(communities(graph).modularity, 1), round(modularity_at_random(graph), 1)
    (0.3, 0.3)
    """
    from viralsim.graph.measure_kernels import met_at_random

    key = stream_key(random_seed, Purpose.SAMPLE, "communities at random")
    offsets, ties = met_at_random(key, graph.ties[0])
    return _divided(key, offsets, ties)[1] if len(ties) else None


def _divided(
    key: np.uint64, offsets: npt.NDArray[np.int64], ties: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], float, int]:
    """Return a label for everybody, the modularity, and how many levels it took."""
    from viralsim.graph.measure_kernels import join_nodes, modularity_of, refine_communities

    network = (offsets, ties, np.ones(len(ties), np.int32), np.diff(offsets))
    total = len(ties)
    labels = np.arange(len(offsets) - 1, dtype=np.int32)
    node = labels.copy()  # of the smaller network, for each person
    level = 0
    while True:
        order, sums = _move(key, level, network, total, labels)
        parts, count = refine_communities(*network, total, order, labels, sums)
        level += 1
        if count == len(labels):  # nothing to join
            break
        network = join_nodes(*network, parts, count)
        names = np.zeros(count, np.int32)
        names[parts] = labels
        labels = np.unique(names, return_inverse=True)[1].astype(np.int32)
        node = parts[node]
    found = labels[node]
    return found, float(modularity_of(offsets, ties, found)), level


def _move(
    key: np.uint64, level: int, network: tuple[npt.NDArray[Any], ...], total: int, labels: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Let nodes move until none wants to; return the order they were asked in, and the ends of ties by label."""
    from viralsim.graph.measure_kernels import move_nodes, shuffled

    nodes = len(labels)
    order: npt.NDArray[np.int32] = shuffled(key, level, nodes)
    members = np.bincount(labels, minlength=nodes).astype(np.int32)
    sums = np.zeros(nodes, np.int64)
    np.add.at(sums, labels, network[3])
    vacant = np.flatnonzero(members == 0).astype(np.int32)
    empty = np.empty(nodes, np.int32)
    empty[: len(vacant)] = vacant
    counters = np.array([0, nodes, len(vacant)], np.int64)
    scratch = np.zeros(nodes, np.int64), np.empty(nodes, np.int32)
    state = (order.copy(), np.ones(nodes, np.bool_), counters, empty, members, *scratch)
    offsets, ties, weights, ends = network
    while counters[1]:
        move_nodes(offsets, ties, weights, ends, total, state, _CHUNK, labels, sums)
    return order, sums

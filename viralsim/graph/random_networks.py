"""The random networks of the textbooks, made at a million people and ten million arcs within seconds.

Each is a function of its key and parameters only: luck by `viralsim.luck`, plain IEEE operations, sums in order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError
from viralsim.graph.ties import Ties, capped_power_law, check_ties, logarithm, pairs, power, shuffle
from viralsim.luck import uniforms

__all__ = ["configuration", "erdos_renyi", "regular", "scale_free_directed", "small_world", "strong_weak"]

_STAGE_GAP = 11
_STAGE_DEGREE = 12
_STAGE_AUDIENCE = 13
_STAGE_FOLLOWING = 14
_STAGE_WEAK = 15

_CHUNK = 2_000_000
"""Steps of a kernel at a time: a fraction of a second, so that Ctrl-C is heard."""

_Ends = npt.NDArray[np.int32]


def erdos_renyi(key: np.uint64, people: int, mean_degree: float) -> Ties:
    """Tie every pair with the same chance, exactly G(n, p), by drawing how many pairs are passed over."""
    from viralsim.graph.wiring_kernels import place_gaps

    if mean_degree > people - 1:
        raise UsageError(
            f"a mean of {mean_degree:g} ties needs more than {people} people",
            place="erdos-renyi: mean_degree",
            hint=f"at most {people - 1} with {people} people",
        )
    check_ties("erdos-renyi", people * mean_degree / 2.0)
    every = people * (people - 1) // 2
    chance = mean_degree / (people - 1) if people > 1 else 0.0
    lefts: list[_Ends] = [np.empty(0, np.int32)]
    rights: list[_Ends] = [np.empty(0, np.int32)]
    if chance > 0.0:
        of_none = _logarithm_of_rest(chance)
        expected = chance * every
        draws = min(1_000_000, int(expected + 6.0 * math.sqrt(expected)) + 10)
        place = np.array([1, -1], np.int64)
        begin = 0
        while place[0] < people:
            if chance < 1.0:
                drawn = uniforms(key, np.arange(begin, begin + draws), 0, _STAGE_GAP)
                gaps = np.minimum(np.floor(logarithm(1.0 - drawn) / of_none), float(every))
            else:
                gaps = np.zeros(draws)
            left, right = np.empty(draws, np.int32), np.empty(draws, np.int32)
            taken = place_gaps(gaps, place, people, left, right)
            lefts.append(left[:taken])
            rights.append(right[:taken])
            begin += draws
    return Ties(people, np.concatenate(lefts), np.concatenate(rights))


def _logarithm_of_rest(chance: float) -> float:
    """Return log(1 - chance), also where the chance is tiny, from plain IEEE operations."""
    if chance >= 1.0:
        return -math.inf
    if chance >= 0.5:
        return float(logarithm(np.array([1.0 - chance]))[0])
    t = chance / (2.0 - chance)
    series = 0.0
    for k in range(35, 0, -2):
        series = series * (t * t) + 1.0 / k
    return -2.0 * t * series


def regular(key: np.uint64, people: int, degree: int) -> Ties:
    """Give everybody the same number of ties: pair at random, then repair by switches."""
    if degree >= people:
        raise UsageError(
            f"{degree} ties each need more than {people} people",
            place="regular: degree",
            hint=f"at most {people - 1} with {people} people",
        )
    if people % 2 and degree % 2:
        raise UsageError(
            f"{people} people cannot have {degree} ties each: every tie has two ends, so people x degree must be even",
            place="regular: degree",
            hint=f"take {degree - 1} or {degree + 1} ties, or {people + 1} people",
        )
    check_ties("regular", people * degree / 2.0)
    # Where most pairs are tied, those who are not are the regular graph that is easy to make.
    sparse = 2 * degree <= people - 1
    degrees = np.full(people, degree if sparse else people - 1 - degree, np.int64)
    for attempt in range(200):
        # With few ties a pairing is good by itself once in e^((degree^2 - 1) / 4) times; then all graphs are equally
        # likely. (100 attempts fail once in two million times.)
        left, right, good = _pair(key, degrees, attempt, mend=degrees[0] > 3 or attempt >= 100)
        if good.all():
            break
    else:
        raise UsageError(
            "no such graph was found in 200 attempts", place="regular", hint="take another random_seed or degree"
        )
    if not sparse:
        missing = np.zeros(people * (people - 1) // 2, bool)
        low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
        missing[high * (high - 1) // 2 + low] = True
        return Ties(people, *_unrank(np.flatnonzero(~missing), people))
    return Ties(people, left, right)


def _unrank(numbers: npt.NDArray[np.int64], people: int) -> tuple[_Ends, _Ends]:
    """Return the pairs low < high whose numbers are high (high - 1) / 2 + low, for ascending numbers."""
    high = np.arange(people, dtype=np.int64)
    starts = high * (high - 1) // 2
    row = np.searchsorted(starts, numbers, side="right") - 1
    return pairs(numbers - starts[row], row)


def configuration(key: np.uint64, people: int, exponent: float, minimum_degree: int, maximum_degree: int) -> Ties:
    """Draw everybody's number of ties from a power law and pair the ends at random."""
    if minimum_degree > maximum_degree:
        raise UsageError(
            f"the smallest number of ties ({minimum_degree}) is above the largest ({maximum_degree})",
            place="configuration: minimum_degree",
        )
    if maximum_degree >= people:
        raise UsageError(
            f"{maximum_degree} ties need more than {people} people",
            place="configuration: maximum_degree",
            hint=f"at most {people - 1} with {people} people",
        )
    chances = power(np.arange(minimum_degree, maximum_degree + 1) / minimum_degree, -exponent)
    below = np.cumsum(chances)
    drawn = uniforms(key, np.arange(people), 0, _STAGE_DEGREE) * below[-1]
    degrees = minimum_degree + np.minimum(np.searchsorted(below, drawn, side="right"), len(below) - 1)
    check_ties("configuration", float(degrees.sum()) / 2.0)
    left, right, good = _pair(key, degrees, 0)
    notes = []
    lost = int(degrees.sum()) - 2 * int(np.count_nonzero(good))
    if lost:
        notes.append(f"{lost:,} of {int(degrees.sum()):,} ends of ties were left out, having found no partner")
    return Ties(people, left[good], right[good], notes=tuple(notes), shortfalls=tuple(notes))


def _pair(
    key: np.uint64, degrees: npt.NDArray[np.int64], salt: int, mend: bool = True
) -> tuple[_Ends, _Ends, npt.NDArray[np.bool_]]:
    """Pair ends of ties at random; an odd one is left over. Good ties are neither self-loops nor repetitions."""
    from viralsim.graph.wiring_kernels import mix, remember, repair

    people = len(degrees)
    ends = np.repeat(np.arange(people, dtype=np.int32), degrees)
    for begin in range(0, len(ends), _CHUNK):
        mix(key, salt, ends, begin, min(len(ends), begin + _CHUNK))
    ties = len(ends) // 2
    left, right = ends[:ties].copy(), ends[ties : 2 * ties].copy()
    table = _table(2 * ties)
    good = np.zeros(ties, bool)
    for begin in range(0, ties, _CHUNK):
        remember(left, right, begin, min(ties, begin + _CHUNK), people, table, good)
    bad = np.flatnonzero(~good) if mend else np.empty(0, np.int64)
    for begin in range(0, len(bad), _CHUNK // 100):
        repair(key, salt, bad[begin : begin + _CHUNK // 100].copy(), left, right, people, table, good)
    return left, right, good


def _table(most: int) -> npt.NDArray[np.int64]:
    """Return an empty table with room for as many ties, taken out ones included."""
    return np.full(1 << max(4, (most + most // 2).bit_length()), -1, np.int64)


def small_world(key: np.uint64, people: int, neighbours: int, rewiring: float) -> Ties:
    """Rewire the ties of a ring, each with the same chance."""
    from viralsim.graph.wiring_kernels import remember, rewire

    if 2 * neighbours >= people:
        raise UsageError(
            f"{neighbours} neighbours on each side need at least {2 * neighbours + 1} people, not {people}",
            place="small-world: neighbours",
            hint=f"at most {(people - 1) // 2} with {people} people" if people > 2 else "a ring needs 3 people",
        )
    check_ties("small-world", people * neighbours)
    ties = people * neighbours
    left = np.tile(np.arange(people, dtype=np.int32), neighbours)
    right = ((left + np.repeat(np.arange(1, neighbours + 1), people)) % people).astype(np.int32)
    if rewiring > 0.0:
        table = _table(2 * ties)
        good = np.empty(ties, bool)
        for begin in range(0, ties, _CHUNK):
            remember(left, right, begin, min(ties, begin + _CHUNK), people, table, good)
        for begin in range(0, ties, _CHUNK):
            rewire(key, begin, min(ties, begin + _CHUNK), rewiring, people, right, table)
    return Ties(people, left, right)


def scale_free_directed(
    key: np.uint64,
    people: int,
    mean_degree: float,
    exponent: float,
    following_exponent: float,
    reciprocity: float,
) -> Ties:
    """Draw arcs in proportion to weights: a heavy-tailed audience, a lighter tail of people followed."""
    most_mean = (people - 1) / (2.0 - reciprocity)
    if mean_degree > most_mean:
        raise UsageError(
            f"a mean of {mean_degree:g} followers needs more than {people} people",
            place="scale-free-directed: mean_degree",
            hint=f"at most {math.floor(most_mean * 100) / 100:g} with {people} people and this reciprocity",
        )
    check_ties("scale-free-directed", people * mean_degree)
    wanted = math.floor(people * mean_degree + 0.5)
    mutual = min(wanted // 2, math.floor(people * mean_degree * reciprocity / 2.0 + 0.5))
    audience = _pool(key, people, mean_degree, exponent, _STAGE_AUDIENCE)
    following = _pool(key, people, mean_degree, following_exponent, _STAGE_FOLLOWING)
    # Were mutual ties drawn from the heavy tail, everybody's other number would get that tail too.
    lighter = audience if exponent > following_exponent else following
    table = _table(wanted)
    both = _attach(key, 1, mutual, lighter, lighter, people, table)
    one = _attach(key, 2, wanted - 2 * mutual, audience, following, people, table)
    made = 2 * len(both[0]) + len(one[0])
    share = 2 * len(both[0]) / made if made else 0.0
    notes = [f"made {made / people:.2f} followers per person, {share:.1%} of the arcs have their opposite"]
    if made < wanted:
        notes.append(f"{wanted - made:,} of {wanted:,} arcs were left out: too few pairs of hubs are free")
    return Ties(
        people,
        np.concatenate([both[0], both[1], one[0]]),
        np.concatenate([both[1], both[0], one[1]]),
        notes=tuple(notes),
        shortfalls=tuple(notes[1:]),
        mutual=False,
    )


def _pool(key: np.uint64, people: int, mean: float, exponent: float, stage: int) -> _Ends:
    """Return everybody as often as a power law says, in random order of rank, rounded at random."""
    most = min(people - 1.0, max(mean, math.sqrt(people * mean)))
    weights = capped_power_law(people, exponent, mean, most)[shuffle(key, people, stage)]
    times = np.floor(weights + uniforms(key, np.arange(people), 1, stage)).astype(np.int64)
    return np.repeat(np.arange(people, dtype=np.int32), times)


def _attach(
    key: np.uint64, kind: int, wanted: int, sharers: _Ends, followers: _Ends, people: int, table: Any
) -> tuple[_Ends, _Ends]:
    from viralsim.graph.wiring_kernels import attach

    left, right = np.empty(wanted, np.int32), np.empty(wanted, np.int32)
    filled = 0
    if len(sharers) and len(followers):
        for step in range(0, 64 * wanted + 10_000, _CHUNK):
            if filled == wanted:
                break
            filled = attach(key, kind, step, _CHUNK, sharers, followers, people, table, left, right, filled)
    return left[:filled], right[:filled]


def strong_weak(key: np.uint64, groups: int, group_size: int, weak_ties: int, strong: float, weak: float) -> Ties:
    """Tie everybody to all of their group, and let everybody follow some people outside, drawn at random."""
    people = groups * group_size
    outside = people - group_size
    if weak_ties > outside:
        raise UsageError(
            f"{weak_ties} weak ties need as many people outside the own group, and there are {outside}",
            place="strong-weak: weak_ties",
            hint=f"at most {outside} with {groups} groups of {group_size}",
        )
    check_ties("strong-weak", people * (group_size - 1.0 + weak_ties))
    everybody = np.arange(people, dtype=np.int64)
    group = everybody // group_size
    # The others of a group, counted on from the follower, and round.
    step = np.arange(1, group_size)
    near = (group * group_size)[:, None] + (everybody[:, None] + step) % group_size
    # Floyd's sampling without replacement (Bentley & Floyd 1987), all followers at a time.
    far = np.empty((people, weak_ties), np.int64)
    for drawn in range(weak_ties):
        last = outside - weak_ties + drawn
        one = np.floor(uniforms(key, everybody, drawn, _STAGE_WEAK) * (last + 1.0)).astype(np.int64)
        far[:, drawn] = np.where((far[:, :drawn] == one[:, None]).any(axis=1), last, one)
    far += group_size * (far >= (group * group_size)[:, None])
    sharers = np.concatenate([near, far], axis=1)
    followers = np.repeat(everybody, sharers.shape[1])
    chances = np.repeat([strong, weak], [group_size - 1, weak_ties])
    return Ties(
        people,
        *pairs(sharers.ravel(), followers),
        {"group": group.astype(np.int32)},
        mutual=False,
        probability=np.tile(chances, people),
    )

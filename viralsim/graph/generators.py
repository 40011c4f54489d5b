"""Synthetic networks, identical on every machine for the same random_seed.

Every random number is Philox under `Purpose.NETWORK`; what is computed from them uses whole numbers and plain
IEEE operations only (powers by `_power`, sums in order), so no mathematical library has a say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean
from viralsim.graph.social_graph import ImportReport, SocialGraph, from_arcs
from viralsim.luck import Purpose, stream_key, uniforms, words
from viralsim.scenario.catalogue import choices, complete_parameters

__all__ = ["generate", "generator_names"]

_MOST_TIES = 2**28

_STAGE_RANK = 1
_STAGE_ROUND = 2
_STAGE_INSIDE = 3
_STAGE_CLOSING = 4
_STAGE_OUTSIDE = 5
_STAGE_NEWCOMER = 6


@dataclass
class _Ties:
    """What a generator makes: the ends of every tie, attributes, and what should be said about them."""

    people: int
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    attributes: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def generate(name: str, *, random_seed: int = 1, trust: float = 0.5, **parameters: Any) -> SocialGraph:
    """Make a synthetic or built-in network.

    Parameters
    ----------
    name : str
        A generator of the catalogue: communities, scale-free, complete, star, path, ring, tree, karate-club,
        les-miserables, florentine-families, davis-southern-women. All are mutual.
    random_seed : int
        Keys the network's own luck. Only communities and scale-free have any.
    trust : float
        Tie trust of every arc, in [0, 1].
    **parameters
        As the catalogue declares them, with its defaults.

    Returns
    -------
    SocialGraph

    Raises
    ------
    UsageError
        Unknown generator or parameter, or values that contradict each other.

    Notes
    -----
    *communities*: numbers of ties follow a power law with tail `exponent`, cut at sqrt(people x mean_degree);
    community sizes a power law of exponent 2 up to ten times their mean; people of a community are numbered
    in a row and have the attribute `community` (int32, 0 is the largest). The share `mixing` of everybody's
    ties leaves the community, and so do ties that find no partner within: with the defaults 21.9 % instead of
    20 % (none at all where `mixing` is 0). Of the ties within, the share `clustering` closes triangles where
    it can; small communities have triangles anyway, so the mean clustering coefficient of the whole graph is
    0.15, 0.24, 0.32 and 0.37 for `clustering` 0, 0.3, 0.6 and 1 (defaults otherwise).
    After Lancichinetti, Fortunato & Radicchi 2008, Phys. Rev. E 78, 046110.

    *scale-free*: starts from a complete core; each newcomer brings mean_degree / 2 ties (a fraction
    with that chance) to different people, each in proportion to their ties so far. Barabasi & Albert 1999,
    Science 286, 509.

    Examples
    --------
    >>> graph = generate("communities", people=2_000, random_seed=7)
    >>> graph.people, int(graph.attribute("community")[0])
    (2000, 0)
    >>> generate("star", people=5).arcs.out_degree.tolist()
    [4, 1, 1, 1, 1]
    >>> generate("star", peple=12)
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: star: peple: generator 'star' has no parameter 'peple'; it has people
      hint: did you mean 'people'?
    """
    declared = choices("generator")
    if name not in declared:
        raise UsageError(
            f"unknown generator '{name}'; choose from {', '.join(declared)}",
            hint=did_you_mean(name, declared),
        )
    values, findings = complete_parameters(declared[name], parameters)
    if findings:
        key, message, hint = findings[0]
        raise UsageError(message, place=f"{name}: {key}", hint=hint)
    if isinstance(random_seed, bool) or not isinstance(random_seed, (int, np.integer)) or random_seed < 0:
        raise UsageError(f"random_seed must be a whole number of at least 0, not {random_seed!r}", place=name)
    if name not in _GENERATORS:
        from viralsim.graph.networks import builtin_graph

        return builtin_graph(name, trust=trust)
    ties = _GENERATORS[name](stream_key(int(random_seed), Purpose.NETWORK), **values)
    written = ", ".join(f"{key}={_short(value)}" for key, value in values.items())
    if name in _LUCKY:
        written += f", random_seed={random_seed}"
    report = ImportReport(
        source=f"{name}({written})",
        kind="generator",
        direction="mutual",
        trust=f"{trust:g} for every arc",
        notes=ties.notes,
    )
    return from_arcs(
        ties.left,
        ties.right,
        people=ties.people,
        trust=trust,
        mutual=True,
        attributes=ties.attributes,
        report=report,
    )


def generator_names() -> tuple[str, ...]:
    """Return the names of all generators that are implemented, in the order of the catalogue.

    Examples
    --------
    >>> generator_names()[:2]
    ('communities', 'scale-free')
    """
    from viralsim.graph.networks import BUILTIN

    return (*_GENERATORS, *BUILTIN)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _pairs(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    return left.astype(np.int32, copy=False), right.astype(np.int32, copy=False)


def _check_ties(name: str, ties: float) -> None:
    if ties > _MOST_TIES:
        raise UsageError(
            f"that would be {ties:,.0f} ties, more than viralsim makes ({_MOST_TIES:,})",
            place=name,
            hint="take fewer people or fewer ties per person",
        )


# ---------------------------------------------------------------------------------- teaching graphs


def _complete(key: np.uint64, people: int) -> _Ties:
    _check_ties("complete", people * (people - 1) / 2)
    left = np.repeat(np.arange(people, dtype=np.int32), np.arange(people - 1, -1, -1))
    starts = np.cumsum(np.r_[0, np.arange(people - 1, 0, -1)])
    right = np.arange(len(left)) - np.repeat(starts, np.arange(people - 1, -1, -1)) + left + 1
    return _Ties(people, *_pairs(left, right))


def _star(key: np.uint64, people: int) -> _Ties:
    leaves = np.arange(1, people)
    return _Ties(people, *_pairs(np.zeros_like(leaves), leaves))


def _path(key: np.uint64, people: int) -> _Ties:
    steps = np.arange(people - 1)
    return _Ties(people, *_pairs(steps, steps + 1))


def _ring(key: np.uint64, people: int, neighbours: int) -> _Ties:
    if 2 * neighbours >= people:
        raise UsageError(
            f"{neighbours} neighbours on each side need at least {2 * neighbours + 1} people, not {people}",
            place="ring: neighbours",
            hint=f"at most {(people - 1) // 2} with {people} people" if people > 2 else "a ring needs 3 people",
        )
    _check_ties("ring", people * neighbours)
    person = np.repeat(np.arange(people), neighbours)
    step = np.tile(np.arange(1, neighbours + 1), people)
    return _Ties(people, *_pairs(person, (person + step) % people))


def _tree(key: np.uint64, branching: int, depth: int) -> _Ties:
    people, generation = 1, 1
    for _ in range(depth):
        generation *= branching
        people += generation
        _check_ties("tree", people - 1)
    children = np.arange(1, people)
    return _Ties(people, *_pairs((children - 1) // branching, children))


# ---------------------------------------------------------------------------------- scale-free


def _scale_free(key: np.uint64, people: int, mean_degree: float) -> _Ties:
    from viralsim.graph.generator_kernels import grow

    half = mean_degree / 2.0
    core = math.ceil(half) + 1
    if core > people:
        raise UsageError(
            f"a mean of {mean_degree:g} ties needs more than {people} people",
            place="scale-free: mean_degree",
            hint=f"at most {2 * (people - 1)} with {people} people",
        )
    _check_ties("scale-free", people * math.ceil(half))
    base = math.floor(half)
    ties = base + (uniforms(key, np.arange(people), 0, _STAGE_NEWCOMER) < half - base)
    ties[:core] = 0
    left, right = np.triu_indices(core, 1)
    ends = np.empty(2 * (len(left) + int(ties.sum())), np.int32)
    filled = 2 * len(left)
    ends[0:filled:2], ends[1:filled:2] = left, right
    chosen = np.full(people, -1, np.int32)
    chunk = max(1, 2_000_000 // (base + 1))  # a fraction of a second, so that Ctrl-C is heard
    for begin in range(core, people, chunk):
        filled = grow(key, ties, core, begin, min(people, begin + chunk), ends, filled, chosen)
    return _Ties(people, *_pairs(ends[0::2], ends[1::2]))


# ---------------------------------------------------------------------------------- communities


def _communities(
    key: np.uint64,
    people: int,
    mean_degree: float,
    exponent: float,
    mixing: float,
    community_size: float,
    clustering: float,
) -> _Ties:
    from viralsim.graph.generator_kernels import assign_communities, wire_communities

    if mean_degree > people - 1:
        raise UsageError(
            f"a mean of {mean_degree:g} ties needs more than {people} people",
            place="communities: mean_degree",
            hint=f"at most {people - 1} with {people} people",
        )
    _check_ties("communities", people * mean_degree / 2.0)
    everybody = np.arange(people)

    # Everybody's number of ties: the quantiles of a power law in random order, rounded at random, so that the
    # mean is what was asked for although the law has no variance.
    most = min(people - 1.0, max(mean_degree, math.sqrt(people * mean_degree)))
    quantiles = _capped_power_law(people, exponent, mean_degree, most)
    shuffled = _shuffle(key, people, _STAGE_RANK)
    degree = np.floor(quantiles[shuffled] + uniforms(key, everybody, 0, _STAGE_ROUND))
    degree = np.minimum(degree, people - 1.0)

    number = max(1, min(people, round(people / community_size)))
    if number == 1:
        mixing = 0.0
    inside = np.floor((1.0 - mixing) * degree + uniforms(key, everybody, 0, _STAGE_INSIDE))
    inside = np.minimum(inside, degree).astype(np.int64)
    outside = degree.astype(np.int64) - inside

    sizes = _capped_power_law(number, 2.0, people / number, min(float(people), 10.0 * people / number))
    ends = np.floor(np.cumsum(sizes) + 0.5).astype(np.int64)
    ends[-1] = people
    sizes_down = np.sort(np.diff(np.r_[0, ends]))[::-1].copy()
    by_need = np.argsort(-inside, kind="stable")
    community = assign_communities(key, by_need, inside, sizes_down)

    order = np.argsort(community, kind="stable")
    community, inside, outside = community[order], inside[order], outside[order]
    room = sizes_down[community] - 1
    outside += np.maximum(inside - room, 0)
    inside = np.minimum(inside, room)
    closing = np.floor(clustering * inside + uniforms(key, everybody, 0, _STAGE_CLOSING)).astype(np.int64)
    closing = np.minimum(closing, inside)

    bounds = np.r_[0, np.cumsum(sizes_down)]
    starts = np.r_[0, np.cumsum(inside)]
    count = np.zeros(people, np.int64)
    neighbours = np.empty(int(starts[-1]), np.int32)
    spare = np.zeros(people, np.int64)
    # Some hundred thousand ties at a time, so that Ctrl-C is heard.
    ties_before = starts[bounds]
    begin = 0
    while begin < number:
        end = max(begin + 1, int(np.searchsorted(ties_before, ties_before[begin] + 2_000_000)))
        end = min(end, number)
        wire_communities(key, bounds, begin, end, closing, starts, count, neighbours, spare)
        begin = end

    used = np.arange(len(neighbours)) - np.repeat(starts[:-1], inside) < np.repeat(count, inside)
    left = np.repeat(everybody, inside)[used].astype(np.int32)
    right = neighbours[used]
    once = left < right
    left, right = left[once], right[once]

    notes: list[str] = []
    across: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
    if number > 1:
        # Ties that found no partner within go out, so that everybody keeps their number of ties.
        across = _wire_outside(key, outside + spare if mixing > 0.0 else outside, community)
    else:
        across = np.empty(0, np.int32), np.empty(0, np.int32)
        notes.append("there is one community only, so no tie leaves it and mixing has no effect")
    ties = len(left) + len(across[0])
    share = len(across[0]) / ties if ties else 0.0
    notes.append(
        f"made {number:,} communities of {int(sizes_down[-1]):,} to {int(sizes_down[0]):,} people, "
        f"{2.0 * ties / people:.2f} ties per person, {share:.1%} of the ties between communities"
    )
    return _Ties(
        people,
        np.concatenate([left, across[0]]),
        np.concatenate([right, across[1]]),
        {"community": community},
        tuple(notes),
    )


def _wire_outside(
    key: np.uint64, stubs: npt.NDArray[np.int64], community: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Pair ties at random across communities; what repeats or stays within after ten rounds is left out."""
    people = np.int64(len(stubs))
    loose = np.repeat(np.arange(people, dtype=np.int32), stubs)
    made = np.empty(0, np.int64)
    for attempt in range(10):
        loose = loose[_shuffle(key, len(loose), _STAGE_OUTSIDE + 256 * attempt)]
        half = len(loose) // 2
        left, right, rest = loose[:half], loose[half : 2 * half], loose[2 * half :]
        codes = np.minimum(left, right) * people + np.maximum(left, right)
        order = np.argsort(codes, kind="stable")
        repeated = np.zeros(half, bool)
        repeated[order[1:]] = codes[order[1:]] == codes[order[:-1]]
        if len(made):
            slot = np.minimum(np.searchsorted(made, codes), len(made) - 1)
            repeated |= made[slot] == codes
        good = (community[left] != community[right]) & ~repeated
        made = np.sort(np.concatenate([made, codes[good]]))
        loose = np.concatenate([left[~good], right[~good], rest])
        if len(loose) < 2:
            break
    return (made // people).astype(np.int32), (made % people).astype(np.int32)


def _shuffle(key: np.uint64, size: int, stage: int) -> npt.NDArray[np.int64]:
    """Return a random order of `size` things, by sorting random 64-bit numbers."""
    drawn = words(key, np.arange(size), 0, stage)
    return np.argsort((drawn[:, 0].astype(np.uint64) << np.uint64(32)) | drawn[:, 1], kind="stable")


def _capped_power_law(size: int, exponent: float, mean: float, most: float) -> npt.NDArray[np.float64]:
    """Return the ascending quantiles of a power law with this tail exponent and mean, cut at `most`."""
    if mean >= most:
        return np.full(size, float(most))
    tail = _power(1.0 - (np.arange(size) + 0.5) / size, -1.0 / (exponent - 1.0))
    # With the t largest at the cut, the rest shares what is left of the total; the smallest t that fits.
    t = np.arange(size)
    scale = (size * mean - t * most) / np.cumsum(tail)[::-1]
    fits = scale * tail[::-1] <= most
    quantiles: npt.NDArray[np.float64] = np.minimum(tail * scale[np.argmax(fits)], most)
    return quantiles


def _power(base: npt.NDArray[np.float64], exponent: float) -> npt.NDArray[np.float64]:
    """Return base ** exponent (base > 0) from plain IEEE operations: the same bits on all machines."""
    fraction, twos = np.frexp(base)
    low = fraction < math.sqrt(0.5)
    fraction, twos = np.where(low, 2.0 * fraction, fraction), twos - low
    t = (fraction - 1.0) / (fraction + 1.0)
    square = t * t
    series = np.zeros_like(t)
    for k in range(25, 0, -2):
        series = series * square + 1.0 / k
    y = exponent * (2.0 * t * series + twos * 0.6931471805599453)
    whole = np.rint(y / 0.6931471805599453)
    rest = y - whole * 0.6931471805599453
    result = np.ones_like(rest)
    for k in range(18, 0, -1):
        result = result * rest / k + 1.0
    return np.asarray(np.ldexp(result, whole.astype(np.int64)), dtype=np.float64)


_GENERATORS: dict[str, Callable[..., _Ties]] = {
    "communities": _communities,
    "scale-free": _scale_free,
    "complete": _complete,
    "star": _star,
    "path": _path,
    "ring": _ring,
    "tree": _tree,
}
_LUCKY = ("communities", "scale-free")

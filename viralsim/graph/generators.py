"""Synthetic networks, identical on every machine for the same random_seed.

Every random number is Philox under `Purpose.NETWORK`; what is computed from them uses whole numbers and plain
IEEE operations only (powers by `power`, sums in order), so no mathematical library has a say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean
from viralsim.graph.random_networks import (
    configuration,
    erdos_renyi,
    regular,
    scale_free_directed,
    small_world,
    strong_weak,
)
from viralsim.graph.social_graph import ImportReport, SocialGraph, from_arcs
from viralsim.graph.ties import Ties, capped_power_law, check_ties, pairs, shuffle
from viralsim.luck import Purpose, stream_key, uniforms
from viralsim.scenario.catalogue import choices, complete_parameters

__all__ = ["generate", "generator_names"]

_STAGE_RANK = 1
_STAGE_ROUND = 2
_STAGE_INSIDE = 3
_STAGE_CLOSING = 4
_STAGE_OUTSIDE = 5
_STAGE_NEWCOMER = 6


def generate(name: str, /, *, random_seed: int = 1, trust: float = 0.5, **parameters: Any) -> SocialGraph:
    """Make a synthetic or built-in network.

    Parameters
    ----------
    name : str
        A generator of the catalogue: communities, scale-free, scale-free-directed, small-world, erdos-renyi,
        regular, configuration, strong-weak, networkx, complete, star, path, ring, tree, karate-club, les-miserables,
        florentine-families, davis-southern-women. All are mutual but scale-free-directed, strong-weak and some of
        networkx.
    random_seed : int
        Keys the network's own luck. From complete on there is none.
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

    *scale-free-directed*: of the people x mean_degree arcs the share `reciprocity` comes in pairs of opposites
    and no other arc has its opposite; both hold exactly, to a rounded pair. One-way arcs join a sharer and a
    follower drawn in proportion to weights whose tails have `exponent` (numbers of followers) and
    `following_exponent` (numbers of people followed), cut at sqrt(people x mean_degree), independent of each
    other; both ends of mutual ties are drawn from the lighter tail, which so stays light. Numbers of followers are
    about Poisson around the weights, so some people have none. After the static model of Goh, Kahng & Kim 2001,
    Phys. Rev. Lett. 87, 278701, and Chung & Lu 2002, PNAS 99, 15879.

    *small-world*: a ring with `neighbours` ties to each side; lap by lap every tie has the chance `rewiring` to be
    led to somebody at random who is not tied to the person yet (where 64 draws find nobody, it stays). The mean
    number of ties is 2 x neighbours, its variance neighbours x rewiring x (2 - rewiring); the mean clustering
    coefficient is 3 (k - 2) / (4 (k - 1)) with k = 2 x neighbours, times about (1 - rewiring)^3. Watts & Strogatz
    1998, Nature 393, 440; Barrat & Weigt 2000, Eur. Phys. J. B 13, 547.

    *erdos-renyi*: exactly G(n, p) with p = mean_degree / (people - 1): every pair independently, so that the
    number of ties is binomial. Gilbert 1959; by geometric skipping, Batagelj & Brandes 2005, Phys. Rev. E 71, 036113.

    *regular*: ends of ties are paired at random; self-loops and repeated ties then trade ends with random others,
    so everybody has exactly `degree` ties. All graphs are equally likely up to degree 3, where pairing is begun anew
    instead; above that nearly so where people are many. Where most pairs are tied, those who are not are made that
    way. Bollobas 1980; McKay & Wormald 1990.

    *configuration*: everybody's number of ties k is drawn with a chance in proportion to k^-exponent from
    `minimum_degree` to `maximum_degree`; ends are paired as for regular. An odd end, and ends that find no partner,
    are left out and counted in the report. Molloy & Reed 1995; Newman, Strogatz & Watts 2001.

    *strong-weak*: people 0 .. group_size - 1 are the first group (attribute `group`, int32), and so on; all of a group
    follow each other. Everybody also follows `weak_ties` different people outside, all sets of them equally likely.
    The arcs bring their chances along, for arc_probability = "column". With groups of one person everybody follows the
    same number of people at random, and numbers of followers are binomial. Goldenberg, Libai & Muller 2001, Marketing
    Letters 12, 211.

    *networkx*: the function of networkx.generators named by `function`, with its own parameters where they are
    plain numbers. The same bits everywhere only as far as networkx promises them: see
    `viralsim.graph.networks.networkx_graph`.

    Examples
    --------
    >>> graph = generate("communities", people=2_000, random_seed=7)
    >>> graph.people, int(graph.attribute("community")[0])
    (2000, 0)
    >>> generate("small-world", people=100, neighbours=3, rewiring=0).fingerprint == generate(
    ...     "ring", people=100, neighbours=3
    ... ).fingerprint
    True
    >>> generate("networkx", function="petersen_graph")
    SocialGraph(10 people, 30 arcs, mutual, from networkx(function=petersen_graph))
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
            hint=_call_hint(name) or did_you_mean(name, declared),
        )
    values, findings = complete_parameters(declared[name], parameters)
    if findings:
        key, message, hint = findings[0]
        raise UsageError(message, place=f"{name}: {key}", hint=hint)
    if isinstance(random_seed, bool) or not isinstance(random_seed, (int, np.integer)) or random_seed < 0:
        raise UsageError(f"random_seed must be a whole number of at least 0, not {random_seed!r}", place=name)
    if name == "networkx":
        from viralsim.graph.networks import networkx_graph

        function = str(values.pop("function"))
        return networkx_graph(function, random_seed=int(random_seed), trust=trust, **values)
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
        direction="mutual" if ties.mutual else "influences",
        trust=f"{trust:g} for every arc",
        notes=ties.notes,
        shortfalls=ties.shortfalls,
    )
    return from_arcs(
        ties.left,
        ties.right,
        people=ties.people,
        trust=trust,
        probability=ties.probability,
        mutual=ties.mutual,
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

    names = (*_GENERATORS, *BUILTIN, "networkx")
    return tuple(sorted(names, key=list(choices("generator")).index))


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


# ---------------------------------------------------------------------------------- teaching graphs


def _complete(key: np.uint64, people: int) -> Ties:
    check_ties("complete", people * (people - 1) / 2)
    left = np.repeat(np.arange(people, dtype=np.int32), np.arange(people - 1, -1, -1))
    starts = np.cumsum(np.r_[0, np.arange(people - 1, 0, -1)])
    right = np.arange(len(left)) - np.repeat(starts, np.arange(people - 1, -1, -1)) + left + 1
    return Ties(people, *pairs(left, right))


def _star(key: np.uint64, people: int) -> Ties:
    leaves = np.arange(1, people)
    return Ties(people, *pairs(np.zeros_like(leaves), leaves))


def _path(key: np.uint64, people: int) -> Ties:
    steps = np.arange(people - 1)
    return Ties(people, *pairs(steps, steps + 1))


def _ring(key: np.uint64, people: int, neighbours: int) -> Ties:
    if 2 * neighbours >= people:
        raise UsageError(
            f"{neighbours} neighbours on each side need at least {2 * neighbours + 1} people, not {people}",
            place="ring: neighbours",
            hint=f"at most {(people - 1) // 2} with {people} people" if people > 2 else "a ring needs 3 people",
        )
    check_ties("ring", people * neighbours)
    person = np.repeat(np.arange(people), neighbours)
    step = np.tile(np.arange(1, neighbours + 1), people)
    return Ties(people, *pairs(person, (person + step) % people))


def _tree(key: np.uint64, branching: int, depth: int) -> Ties:
    people, generation = 1, 1
    for _ in range(depth):
        generation *= branching
        people += generation
        check_ties("tree", people - 1)
    children = np.arange(1, people)
    return Ties(people, *pairs((children - 1) // branching, children))


# ---------------------------------------------------------------------------------- scale-free


def _scale_free(key: np.uint64, people: int, mean_degree: float) -> Ties:
    from viralsim.graph.generator_kernels import grow

    half = mean_degree / 2.0
    core = math.ceil(half) + 1
    if core > people:
        raise UsageError(
            f"a mean of {mean_degree:g} ties needs more than {people} people",
            place="scale-free: mean_degree",
            hint=f"at most {2 * (people - 1)} with {people} people",
        )
    check_ties("scale-free", people * math.ceil(half))
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
    return Ties(people, *pairs(ends[0::2], ends[1::2]))


# ---------------------------------------------------------------------------------- communities


def _communities(
    key: np.uint64,
    people: int,
    mean_degree: float,
    exponent: float,
    mixing: float,
    community_size: float,
    clustering: float,
) -> Ties:
    from viralsim.graph.generator_kernels import assign_communities, wire_communities

    if mean_degree > people - 1:
        raise UsageError(
            f"a mean of {mean_degree:g} ties needs more than {people} people",
            place="communities: mean_degree",
            hint=f"at most {people - 1} with {people} people",
        )
    check_ties("communities", people * mean_degree / 2.0)
    everybody = np.arange(people)

    # Everybody's number of ties: the quantiles of a power law in random order, rounded at random, so that the
    # mean is what was asked for although the law has no variance.
    most = min(people - 1.0, max(mean_degree, math.sqrt(people * mean_degree)))
    quantiles = capped_power_law(people, exponent, mean_degree, most)
    shuffled = shuffle(key, people, _STAGE_RANK)
    degree = np.floor(quantiles[shuffled] + uniforms(key, everybody, 0, _STAGE_ROUND))
    degree = np.minimum(degree, people - 1.0)

    number = max(1, min(people, round(people / community_size)))
    if number == 1:
        mixing = 0.0
    inside = np.floor((1.0 - mixing) * degree + uniforms(key, everybody, 0, _STAGE_INSIDE))
    inside = np.minimum(inside, degree).astype(np.int64)
    outside = degree.astype(np.int64) - inside

    sizes = capped_power_law(number, 2.0, people / number, min(float(people), 10.0 * people / number))
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
    return Ties(
        people,
        np.concatenate([left, across[0]]),
        np.concatenate([right, across[1]]),
        {"community": community},
        tuple(notes),
        shortfalls=tuple(notes[:-1]),
    )


def _call_hint(spec: str) -> str:
    """Return the call that a generator written in one line stands for, as the command line takes it."""
    from viralsim.graph.sources import parse_spec

    if ":" not in spec:
        return ""
    try:
        name, arguments = parse_spec(spec)
    except UsageError:
        return "parameters have their own arguments: generate('communities', people=500)"
    given = "".join(f", {key}={value!r}" for key, value in arguments.items())
    return f"parameters have their own arguments: generate({name!r}{given})"


def _wire_outside(
    key: np.uint64, stubs: npt.NDArray[np.int64], community: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Pair ties at random across communities; what repeats or stays within after ten rounds is left out."""
    people = np.int64(len(stubs))
    loose = np.repeat(np.arange(people, dtype=np.int32), stubs)
    made = np.empty(0, np.int64)
    for attempt in range(10):
        loose = loose[shuffle(key, len(loose), _STAGE_OUTSIDE + 256 * attempt)]
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


_GENERATORS: dict[str, Callable[..., Ties]] = {
    "communities": _communities,
    "scale-free": _scale_free,
    "scale-free-directed": scale_free_directed,
    "small-world": small_world,
    "erdos-renyi": erdos_renyi,
    "regular": regular,
    "configuration": configuration,
    "strong-weak": strong_weak,
    "complete": _complete,
    "star": _star,
    "path": _path,
    "ring": _ring,
    "tree": _tree,
}
_LUCKY = (
    "communities",
    "scale-free",
    "scale-free-directed",
    "small-world",
    "erdos-renyi",
    "regular",
    "configuration",
    "strong-weak",
)

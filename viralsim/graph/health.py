"""The health of a graph in words: what kind of network it is, what that means for seeding, what looks wrong.

The sentences follow from numbers by fixed rules, whose bounds are assumptions of this module; the numbers are in
`Health.numbers`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.graph.social_graph import SocialGraph, plural
from viralsim.graph.structure import (
    Sampled,
    communities,
    core_numbers,
    degree_assortativity,
    degree_tail,
    distances,
    friendship_paradox,
)

__all__ = ["Health", "graph_health", "graph_reciprocity"]

_MOST_FOR_COMMUNITIES = 2_000_000
"""Ties (each counted from both ends) above which communities are left out; a second or two."""
_MOST_IDS = 2_000_000
_LEAST_TO_TELL = 20
"""People below whom no kind of network is told."""
_LEAST_FOR_ONE = 200
"""People from which on somebody tied to more than half of the others is strange."""
_LEAST_COPIED = 5
"""Ties from which on two people with exactly the same are worth a word."""

_NO_NAMES = frozenset(
    [
        *("source", "target", "from", "to", "id", "ids", "node", "node1", "node2", "user", "user_id", "userid"),
        *("follower", "followed", "followee", "friend", "name", "person", "u", "v", "src", "dst", "sender", "receiver"),
        *("nan", "null", "none", "nil", "na", "n/a", "#n/a", "unknown", "undefined", "missing", "-", "?", ".", ""),
    ]
)


@dataclass(frozen=True)
class Health:
    """What `graph_health` found.

    Parameters
    ----------
    kind : tuple of str
        What kind of network this is.
    seeding : tuple of str
        What that means for whom to start with.
    wrong : tuple of str
        What looks wrong in the data; empty where nothing does.
    numbers : dict
        What the sentences were made from, as JSON takes it; sampled numbers have low, high and samples.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> health = graph_health(generate("star", people=30))
    >>> health.seeding[0]
    'hubs matter: compare strategy "degree" with "random"; seeds at random mostly miss them'
    """

    kind: tuple[str, ...]
    seeding: tuple[str, ...]
    wrong: tuple[str, ...]
    numbers: dict[str, Any]


def graph_health(graph: SocialGraph, clustering: float | None = None, sizes: list[int] | None = None) -> Health:
    """Examine a graph as a doctor would: measure, then say what it means.

    Parameters
    ----------
    graph : SocialGraph
    clustering : float, optional
        Its mean clustering, where known already.
    sizes : list of int, optional
        People in its components, where known already.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph_health(from_arcs([0, 1], [1, 0], people=3)).wrong
    ('1 person of 3 (33%) has no arc at all and can neither hear nor tell',)
    """
    if clustering is None:
        from viralsim.graph.structure import mean_clustering

        clustering = mean_clustering(graph).value
    if sizes is None:
        from viralsim.graph.measures import weak_components

        sizes = np.bincount(weak_components(graph)).tolist()
    cores = core_numbers(graph)
    tail, paradox, walk = degree_tail(graph), friendship_paradox(graph), distances(graph)
    found = communities(graph) if len(graph.ties[1]) <= _MOST_FOR_COMMUNITIES else None
    top = int(cores.max())
    numbers: dict[str, Any] = {
        "components": sorted(sizes, reverse=True)[:2],
        "clustering": clustering,
        "core": {"highest": top, "people": int(np.count_nonzero(cores == top))},
        "distances": {
            name: value.to_dict() if isinstance(value, Sampled) else value
            for name, value in (
                ("mean", walk.mean),
                ("reached", walk.reached),
                ("effective_diameter", walk.effective_diameter),
                ("longest", walk.longest),
                ("sources", walk.sources),
            )
        },
        "assortativity": degree_assortativity(graph),
        "friendship_paradox": asdict(paradox),
        "degree_tail": asdict(tail),
        "communities": None
        if found is None
        else {"count": found.count, "largest": found.largest, "modularity": found.modularity},
    }
    if graph.people < _LEAST_TO_TELL or not len(graph.arcs):
        kind = ["too small to tell what kind of network it is"]
        return Health(tuple(kind), (), tuple(_wrong(graph, numbers)), numbers)
    return Health(tuple(_kind(graph, numbers)), tuple(_seeding(graph, numbers)), tuple(_wrong(graph, numbers)), numbers)


def _has_hubs(graph: SocialGraph) -> bool:
    most, mean = int(graph.arcs.out_degree.max()), len(graph.arcs) / graph.people
    return most >= 10 and most > 10 * mean


def _kind(graph: SocialGraph, numbers: dict[str, Any]) -> list[str]:
    said = []
    tail, walk, found = numbers["degree_tail"], numbers["distances"], numbers["communities"]
    if _has_hubs(graph):
        text = f"a network with hubs: the 1% with most followers have {tail['top_share']:.0%} of all arcs"
        if tail["exponent"] is not None and tail["distance"] < 0.1:
            text += f"; the tail falls like a power law with exponent {tail['exponent']:.1f}"
        said.append(text)
    else:
        said.append("no far-reaching hubs: nobody has more than ten times the followers of the average")
    density = len(graph.ties[1]) / graph.people / max(graph.people - 1, 1)
    if not graph.mutual:
        share = graph_reciprocity(graph)
        what = "more friends than audiences" if share > 0.5 else "more audiences than friends"
        said.append(f"{share:.0%} of the arcs are returned: {what}")
    if walk["mean"] is not None:
        text = f"people who reach each other are {walk['mean']['value']:.1f} hops apart on average"
        text += f"{_interval(walk['mean'])}, 90% of them within {walk['effective_diameter']:.1f}"
        said.append(text)
    if density < 0.5:
        clustering = numbers["clustering"]
        often = "often" if clustering > max(2 * density, 0.1) else "hardly"
        said.append(
            f"friends of friends {often} know each other: clustering {clustering:.3f}, "
            f"at random it would be {density:.2g}"
        )
    if found is not None and found["modularity"] is not None:
        if found["modularity"] > 0.3:
            said.append(
                f"clear communities: {found['count']:,}, the largest with "
                f"{plural(found['largest'], 'person', 'people')} (modularity {found['modularity']:.2f})"
            )
        else:
            said.append(f"no clear communities (modularity {found['modularity']:.2f} by label propagation)")
    core = numbers["core"]
    said.append(
        f"the innermost core: {plural(core['people'], 'person', 'people')} tied to {core['highest']} of each other"
    )
    return said


def graph_reciprocity(graph: SocialGraph) -> float:
    """Return the share of arcs whose opposite exists; there must be arcs.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph_reciprocity(from_arcs([0, 1, 1, 2], [1, 0, 2, 0]))
    0.5
    """
    if graph.mutual:
        return 1.0
    from viralsim.graph.trust_kernels import returned_arcs

    return float(returned_arcs(graph.arcs.offsets, graph.arcs.followers).mean())


def _seeding(graph: SocialGraph, numbers: dict[str, Any]) -> list[str]:
    said = []
    walk, found, paradox = numbers["distances"], numbers["communities"], numbers["friendship_paradox"]
    if _has_hubs(graph):
        said.append('hubs matter: compare strategy "degree" with "random"; seeds at random mostly miss them')
    else:
        said.append("no far-reaching hubs to pick: how many are seeded, and where, may matter as much as who")
    if paradox["share"] is not None and paradox["mean_of_contacts"] > 1.5 * paradox["mean_followers"]:
        said.append(
            f"contacts beat people: {paradox['share']:.0%} follow others who have more followers than they do "
            f"({paradox['mean_of_contacts']:.1f} on average, a person has {paradox['mean_followers']:.1f}); "
            "whoever a random person follows is mostly a better seed than that person"
        )
    if found is not None and (found["modularity"] or 0.0) > 0.3:
        said.append("shares seldom leave a community: spread seeds over communities rather than stacking them in one")
    mixing = numbers["assortativity"]
    if mixing is not None and abs(mixing) > 0.1:
        said.append(
            f"hubs are tied to hubs (assortativity {mixing:.2f}): where one has it the others are near, so that more "
            "of them bring less"
            if mixing > 0
            else f"hubs are tied to people with few ties rather than to each other (assortativity {mixing:.2f}): what "
            "one of them shares seldom meets the next at once"
        )
    if walk["reached"]["value"] < 0.9:
        said.append(
            f"a seed at random can reach {walk['reached']['value']:.0%} of the others on average"
            f"{_interval(walk['reached'], '{:.0%}')}, however well the content does"
        )
    return said


def _wrong(graph: SocialGraph, numbers: dict[str, Any]) -> list[str]:
    said = []
    arcs, report, people = graph.arcs, graph.report, graph.people
    degree = np.diff(graph.ties[0])
    isolated = int(np.count_nonzero(degree == 0))
    if isolated > 0.1 * people:
        said.append(
            f"{plural(isolated, 'person', 'people')} of {people:,} ({isolated / people:.0%}) "
            f"{'has' if isolated == 1 else 'have'} no arc at all and can neither hear nor tell"
        )
    largest, *rest = numbers["components"]
    if rest and rest[0] > 1 and rest[0] >= 0.1 * people:
        said.append(
            f"two networks in one? The largest components have {largest:,} and {rest[0]:,} people, nothing between"
        )
    if report.self_loops > 0.01 * max(report.rows, 1):
        said.append(f"{report.self_loops / report.rows:.0%} of the rows tie people to themselves; they were dropped")
    if report.merged > 0.2 * max(report.rows, 1):
        said.append(
            f"{report.merged / report.rows:.0%} of the rows repeat an earlier one: a log of contacts? "
            "Multiplicity counts them"
        )
    if graph.mutual and report.kind == "file" and 0.05 * report.kept < report.both_orders < 0.95 * report.kept:
        said.append(
            f"{report.both_orders / report.kept:.0%} of the edges are listed in both orders and the others are not: "
            "perhaps a directed network, to be read with direction follows or influences"
        )
    if people >= _LEAST_FOR_ONE and int(degree.max()) > 0.5 * (people - 1) and np.median(degree) < 0.1 * people:
        who = int(degree.argmax())
        said.append(
            f"one person, {graph.ids[who]!s:.60}, is tied to {degree[who] / (people - 1):.0%} of all others: "
            "an account that everybody has, or a missing value?"
        )
    copies = _copies(graph)
    if copies > 0.01 * people:
        said.append(
            f"{plural(copies, 'person has', 'people have')} exactly the same {_LEAST_COPIED} or more ties as somebody "
            "else: copies, or members of one list?"
        )
    said += _strange_ids(graph)
    if len(arcs) and arcs.trust.max() == 0.0:
        said.append("all tie trust is 0: endorsement will have no effect")
    return said


def _copies(graph: SocialGraph) -> int:
    """Count people who have exactly the ties of an earlier person, by sums of 64-bit hashes."""
    from viralsim.graph.measure_kernels import row_hashes

    offsets, ties = graph.ties
    hashes = row_hashes(offsets, ties)[np.diff(offsets) >= _LEAST_COPIED]
    return len(hashes) - len(np.unique(hashes))


def _strange_ids(graph: SocialGraph) -> list[str]:
    said = []
    ids: npt.NDArray[Any] = graph.ids
    if ids.dtype.kind != "O":
        negative = ids[ids < 0]
        if 0 < len(negative) < 0.01 * len(ids) + 1:
            said.append(f"the id {int(negative[0])} is negative: a missing value?")
        return said
    if len(ids) > _MOST_IDS:
        return said
    folded = [str(name).strip().lower() for name in ids]
    strange = [str(name) for name, low in zip(ids.tolist(), folded, strict=True) if low in _NO_NAMES]
    if strange:
        shown = ", ".join(repr(name) for name in strange[:5])
        said.append(f"ids that look like column names or missing values: {shown}")
    alike = len(folded) - len(set(folded))
    if alike:
        said.append(f"{plural(alike, 'id differs', 'ids differ')} from another one by case or spaces alone")
    return said


def _interval(number: dict[str, Any], form: str = "{:.1f}") -> str:
    if number["samples"] is None:
        return ""
    return (
        f" ({form.format(number['low'])} to {form.format(number['high'])} with 95%, from {number['samples']:,} people)"
    )

"""The health of a graph in words: what kind of network it is, what that means for seeding, what looks wrong.

The sentences follow from numbers by fixed rules. The bounds of the rules are assumptions of this module, rules of
thumb and no results of research but where a source stands beside them; the numbers themselves are in
`Health.numbers`, for whoever would draw the line elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError
from viralsim.graph.people import table_doubt
from viralsim.graph.social_graph import SocialGraph, plural
from viralsim.graph.structure import (
    Sampled,
    betweenness,
    communities,
    core_numbers,
    degree_assortativity,
    degree_tail,
    distances,
    friendship_paradox,
    modularity_at_random,
)

__all__ = ["Health", "graph_health", "graph_reciprocity"]

_MOST_FOR_COMMUNITIES = 2_000_000
"""Ties (each counted from both ends) above which communities are left out: they take two or three seconds by then."""
_BETWEENNESS_WORK = 100_000_000
"""Arcs looked at for who bridges: a second or two."""
_LEAST_WALKS = 32
"""Walks below which who bridges is left out: with fewer, chance decides who comes first."""
_MOST_IDS = 2_000_000
"""Text ids above which they are not looked at one by one: a second or two."""

_LEAST_TO_TELL = 20
"""People below whom no kind of network is told: shares of so few mean nothing."""
_HUB = 10
"""A hub has more than so many times the followers of the average: a random graph of a million people and ten
followers each reaches three times, networks with heavy tails reach hundreds."""
_POWER_LAW = 0.1
"""Distance up to which a tail is said to fall like a power law: curves that are nowhere a tenth apart look alike.
It is no test of the law."""
_MOST_FRIENDS = 0.5
"""Share of returned arcs above which a network is one of friends: the greater part."""
_DENSE = 0.5
"""Share of all pairs that are tied from which on clustering tells nothing: most friends of friends must be tied."""
_CLUSTERED = 2.0
"""Clustering is "often" where it is more than twice that of a random graph of the same density ..."""
_LEAST_CLUSTERING = 0.1
"""... and one pair in ten closed: less would not be noticed by anybody."""
_CLEAR_COMMUNITIES = 0.3
"""Modularity from which on communities are clear (Newman & Girvan, Physical Review E 2004: where there are some,
values mostly lie between 0.3 and 0.7) ..."""
_BEYOND_LUCK = 0.05
"""... if it is more than so much above that of the same people met at random: luck alone moves it by 0.01 or so, more
among a few dozen people."""
_SURE = 2.5
"""Standard errors that the betweenness of a person must stand above 0 to be named: several walks must have met
them, not a single one that began next door."""
_BRIDGES = 3
"""How many people who bridge most are named: enough to look them up."""
_BRIDGE = 0.01
"""Share of all pairs that must run through a person for a name: below 1% nobody bridges anything."""
_BETTER_CONTACTS = 1.5
"""Contacts beat people where they have half as many followers again: less is hardly worth asking for a contact."""
_MIXED = 0.1
"""Assortativity (either sign) that is worth a sentence; social networks have 0.1 to 0.4 (Newman, Physical Review
Letters 2002)."""
_REACHES = 0.9
"""Share of the others that a person reaches below which a word of warning is due: a tenth of the people is out."""

_ISOLATED = 0.1
"""Share of people without arcs that looks like a mistake: a table of people that does not belong to the arcs."""
_SECOND = 0.1
"""Share of people in the second component from which on there may be two networks: random graphs with one large
component have none of any size."""
_SELF_LOOPS = 0.01
"""Share of self-loops that looks like a mistake: real data hold a few (e-mail to oneself), seldom one in a hundred."""
_REPEATED = 0.2
"""Share of rows merged that looks like a log of contacts: one in five is no slip."""
_SOME_ORDERS = 0.05
"""Listed in both orders or in one: where fewer than 5% (or more than 95%) are of one kind these are slips."""
_LEAST_FOR_ONE = 200
"""People from which on somebody tied to more than half of the others is strange: in a small group many are."""
_TIED_TO_MOST = 0.5
"""Share of the others that this is: the greater part."""
_TYPICAL = 0.1
"""Share of the others below which the person in the middle must stay for it to be strange: else all have many ties."""
_LEAST_COPIED = 5
"""Ties from which on two people with exactly the same are worth a word: fewer are the same by chance."""
_COPIES = 0.01
"""Share of such people that looks like copies: one in a hundred."""
_FEW_NEGATIVE = 0.01
"""Share of negative ids below which they look like a missing value rather than like a way of numbering."""

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
        "betweenness": _bridges(graph),
        "communities": None
        if found is None
        else {
            "count": found.count,
            "largest": found.largest,
            "modularity": found.modularity,
            "at_random": modularity_at_random(graph),
            "within": _within(graph, found.of),
        },
    }
    if graph.people < _LEAST_TO_TELL or not len(graph.timeless.arcs):
        kind = ["too small to tell what kind of network it is"]
        return Health(tuple(kind), (), tuple(_wrong(graph, numbers)), numbers)
    return Health(tuple(_kind(graph, numbers)), tuple(_seeding(graph, numbers)), tuple(_wrong(graph, numbers)), numbers)


def _has_hubs(graph: SocialGraph) -> bool:
    most, mean = int(graph.timeless.arcs.out_degree.max()), len(graph.timeless.arcs) / graph.people
    return most >= _HUB and most > _HUB * mean


def _kind(graph: SocialGraph, numbers: dict[str, Any]) -> list[str]:
    said = []
    tail, walk, found = numbers["degree_tail"], numbers["distances"], numbers["communities"]
    if _has_hubs(graph):
        text = f"a network with hubs: the 1% with most followers have {tail['top_share']:.0%} of all arcs"
        if tail["exponent"] is not None and tail["distance"] < _POWER_LAW:
            text += f"; the tail falls like a power law with exponent {tail['exponent']:.1f}"
        said.append(text)
    else:
        said.append("no far-reaching hubs: nobody has more than ten times the followers of the average")
    density = len(graph.ties[1]) / graph.people / max(graph.people - 1, 1)
    if not graph.mutual:
        share = graph_reciprocity(graph)
        what = "more friends than audiences" if share > _MOST_FRIENDS else "more audiences than friends"
        said.append(f"{share:.0%} of the arcs are returned: {what}")
    if walk["mean"] is not None:
        text = f"people who reach each other are {walk['mean']['value']:.1f} hops apart on average"
        text += f"{_interval(walk['mean'])}, 90% of them within {math.ceil(walk['effective_diameter'])}"
        said.append(text)
    if density < _DENSE:
        clustering = numbers["clustering"]
        often = "often" if clustering > max(_CLUSTERED * density, _LEAST_CLUSTERING) else "hardly"
        said.append(
            f"friends of friends {often} know each other: clustering {clustering:.3f}, "
            f"at random it would be {density:.2g}"
        )
    if found is not None and found["modularity"] is not None:
        text = f"modularity {found['modularity']:.2f}"
        if found["at_random"] is not None:
            text += f", at random it would be {found['at_random']:.2f}"
        if _clear(found):
            text = (
                f"clear communities: {found['count']:,}, the largest with "
                f"{plural(found['largest'], 'person', 'people')} ({text})"
            )
        else:
            text = f"no clear communities ({text})"
        said.append(text)
    core = numbers["core"]
    said.append(
        f"the innermost core: {plural(core['people'], 'person', 'people')} tied to {core['highest']} of each other"
    )
    bridges = numbers["betweenness"]
    if bridges is not None and bridges["top"]:
        first, *others = bridges["top"]
        text = f"who bridges most: {first['id']!s:.60}, on the shortest way of {first['share']:.0%} of all pairs"
        text += "".join(f", {one['id']!s:.60} ({one['share']:.0%})" for one in others)
        said.append(text + ("" if bridges["exact"] else f"; estimated from {bridges['samples']:,} people"))
    return said


def _clear(found: dict[str, Any]) -> bool:
    """Tell whether communities are worth a strategy: clear, and not such as any network has by chance."""
    modularity = found["modularity"] or 0.0
    return bool(modularity > _CLEAR_COMMUNITIES and modularity > (found["at_random"] or 0.0) + _BEYOND_LUCK)


def _within(graph: SocialGraph, of: npt.NDArray[np.int32]) -> float | None:
    offsets, ties = graph.ties
    return int(np.count_nonzero(np.repeat(of, np.diff(offsets)) == of[ties])) / len(ties) if len(ties) else None


def _bridges(graph: SocialGraph) -> dict[str, Any] | None:
    """Return who lies between others most often; None where that would take long."""
    walks = min(graph.people, _BETWEENNESS_WORK // (2 * len(graph.timeless.arcs) + graph.people))
    if walks < min(_LEAST_WALKS, graph.people) or walks < 2:
        return None
    try:
        found = betweenness(graph, walks)
    except UsageError:  # more shortest paths than can be counted
        return None
    errors = np.zeros(graph.people) if found.standard_error is None else found.standard_error
    top = np.argsort(-found.of, kind="stable")[:_BRIDGES]
    ids = graph.ids[top].tolist()
    return {
        "top": [
            {"id": who, "share": float(found.of[i]), "standard_error": None if found.exact else float(errors[i])}
            for who, i in zip(ids, top.tolist(), strict=True)
            if found.of[i] >= _BRIDGE and found.of[i] > _SURE * errors[i]
        ],
        "samples": found.samples,
        "exact": found.exact,
    }


def graph_reciprocity(graph: SocialGraph) -> float:
    """Return the share of arcs whose opposite exists; there must be arcs.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph_reciprocity(from_arcs([0, 1, 1, 2], [1, 0, 2, 0]))
    0.5
    """
    # Two arcs that return each other are one tie, which `ties` holds from both ends; so the rest is returned.
    return (2 * len(graph.timeless.arcs) - len(graph.ties[1])) / len(graph.timeless.arcs)


def _seeding(graph: SocialGraph, numbers: dict[str, Any]) -> list[str]:
    said = []
    walk, found, paradox = numbers["distances"], numbers["communities"], numbers["friendship_paradox"]
    if _has_hubs(graph):
        said.append('hubs matter: compare strategy "degree" with "random"; seeds at random mostly miss them')
    else:
        said.append("no far-reaching hubs to pick: how many are seeded, and where, may matter as much as who")
    if paradox["share"] is not None and paradox["mean_of_contacts"] > _BETTER_CONTACTS * paradox["mean_followers"]:
        said.append(
            f"contacts beat people: {paradox['share']:.0%} follow others who have more followers than they do "
            f"({paradox['mean_of_contacts']:.1f} on average, a person has {paradox['mean_followers']:.1f}); "
            "whoever a random person follows is mostly a better seed than that person"
        )
    if found is not None and _clear(found):
        said.append(
            f"{found['within']:.0%} of the ties stay within a community: spread seeds over communities rather than "
            "stacking them in one"
        )
    mixing = numbers["assortativity"]
    if mixing is not None and abs(mixing) > _MIXED:
        said.append(
            f"hubs are tied to hubs (assortativity {mixing:.2f}): where one has it the others are near, so that more "
            "of them bring less"
            if mixing > 0
            else f"hubs are tied to people with few ties rather than to each other (assortativity {mixing:.2f}): what "
            "one of them shares seldom meets the next at once"
        )
    if walk["reached"]["value"] < _REACHES:
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
    if isolated > _ISOLATED * people:
        said.append(
            f"{plural(isolated, 'person', 'people')} of {people:,} ({isolated / people:.0%}) "
            f"{'has' if isolated == 1 else 'have'} no arc at all and can neither hear nor tell"
        )
    largest, *rest = numbers["components"]
    if rest and rest[0] > 1 and rest[0] >= _SECOND * people:
        said.append(
            f"two networks in one? The largest components have {largest:,} and {rest[0]:,} people, nothing between"
        )
    if report.self_loops > _SELF_LOOPS * max(report.rows, 1):
        said.append(f"{report.self_loops / report.rows:.0%} of the rows tie people to themselves; they were dropped")
    if report.merged > _REPEATED * max(report.rows, 1):
        said.append(
            f"{report.merged / report.rows:.0%} of the rows repeat an earlier one: a log of contacts? "
            "Multiplicity counts them"
        )
    some, most = _SOME_ORDERS * report.kept, (1.0 - _SOME_ORDERS) * report.kept
    if graph.mutual and report.kind == "file" and some < report.both_orders < most:
        said.append(
            f"{report.both_orders / report.kept:.0%} of the edges are listed in both orders and the others are not: "
            "perhaps a directed network, to be read with direction follows or influences"
        )
    alone = people >= _LEAST_FOR_ONE and np.median(degree) < _TYPICAL * people
    if alone and int(degree.max()) > _TIED_TO_MOST * (people - 1):
        who = int(degree.argmax())
        said.append(
            f"one person, {graph.ids[who]!s:.60}, is tied to {degree[who] / (people - 1):.0%} of all others: "
            "an account that everybody has, or a missing value?"
        )
    copies = _copies(graph)
    if copies > _COPIES * people:
        said.append(
            f"{plural(copies, 'person has', 'people have')} exactly the same {_LEAST_COPIED} or more ties as somebody "
            "else: copies, or members of one list?"
        )
    if report.people_source:
        listed = people - report.only_in_table
        doubt = table_doubt(listed, report.people_rows, report.only_in_table, report.not_in_table)
        said += [doubt] if doubt else []
    said += _strange_ids(graph)
    if len(arcs) and arcs.trust.max() == 0.0:
        said.append("all tie trust is 0: endorsement will have no effect")
    return said


def _copies(graph: SocialGraph) -> int:
    """Count people who have exactly the ties of an earlier person, by sums of 64-bit hashes."""
    from viralsim.graph.measure_kernels import row_hashes

    offsets, ties = graph.ties
    hashes = row_hashes(offsets, ties)[np.diff(offsets) >= _LEAST_COPIED]
    hashes.sort()
    return int(np.count_nonzero(hashes[1:] == hashes[:-1]))


def _strange_ids(graph: SocialGraph) -> list[str]:
    said = []
    ids: npt.NDArray[Any] = graph.ids
    if ids.dtype.kind != "O":
        negative = ids[ids < 0]
        if 0 < len(negative) < _FEW_NEGATIVE * len(ids) + 1:
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

"""What the layers of a graph are like beside each other: who is on which platform, and which arcs they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.graph.social_graph import Arcs, ImportReport, SocialGraph, brief, plural

__all__ = ["Overlap", "platform_counts", "platform_overlap", "platforms_info", "platforms_lines"]

_MOST_PAIRS = 30
_MOST_LINES = 30


@dataclass(frozen=True)
class Overlap:
    """How the platforms of a graph overlap.

    Parameters
    ----------
    active : dict of str to int
        People with an arc on each platform.
    people_on : tuple of int
        People who are active on 0, 1, 2, ... platforms.
    shared : dict of str to float or None
        Of the arcs of each platform, the share that exists on another one as well; None where it has none.
    pairs : dict of str to dict of str to float or None
        Of the arcs of one platform, the share that exists on the other; empty where there are more than 30 platforms.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph = from_arcs([0, 1, 0], [1, 2, 1], people=4, platform=["calls", "calls", "texts"])
    >>> overlap = platform_overlap(graph)
    >>> overlap.active, overlap.people_on, overlap.shared
    ({'calls': 3, 'texts': 2}, (1, 1, 2), {'calls': 0.5, 'texts': 1.0})
    """

    active: dict[str, int]
    people_on: tuple[int, ...]
    shared: dict[str, float | None]
    pairs: dict[str, dict[str, float | None]]


def platform_overlap(graph: SocialGraph) -> Overlap:
    """Measure how the platforms of a graph overlap; see `Overlap`.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> platform_overlap(from_arcs([0, 0], [1, 2], platform=["a", "b"])).pairs
    {'a': {'b': 0.0}, 'b': {'a': 0.0}}
    """
    on = np.zeros(graph.people, dtype=np.int64)
    active = {}
    for name, arcs in graph.layers.items():
        here = (arcs.out_degree > 0) | (arcs.in_degree > 0)
        active[name] = int(np.count_nonzero(here))
        on += here
    people_on = np.bincount(on, minlength=len(graph.layers) + 1)
    numbered = {name: _numbered(arcs, graph.people) for name, arcs in graph.layers.items()}
    there, times = np.unique(np.concatenate(list(numbered.values())), return_counts=True)
    shared = {name: _share(arcs, there[times > 1]) for name, arcs in numbered.items()}
    pairs = {}
    if len(numbered) <= _MOST_PAIRS:
        pairs = {
            name: {other: _share(arcs, those) for other, those in numbered.items() if other != name}
            for name, arcs in numbered.items()
        }
    return Overlap(active, tuple(people_on.tolist()), shared, pairs)


def _numbered(arcs: Arcs, people: int) -> npt.NDArray[np.int64]:
    """Return one number for each arc, ascending; arcs that come and go count once."""
    arcs = arcs.timeless
    return arcs.sharers.astype(np.int64) * people + arcs.followers


def _share(arcs: npt.NDArray[np.int64], those: npt.NDArray[np.int64]) -> float | None:
    if len(arcs) == 0:
        return None
    if len(those) == 0:
        return 0.0
    found = those[np.minimum(np.searchsorted(those, arcs), len(those) - 1)] == arcs
    return int(np.count_nonzero(found)) / len(arcs)


def platforms_info(graph: SocialGraph) -> dict[str, Any]:
    """Describe a graph with several platforms in numbers that fit into JSON.

    Returns
    -------
    dict
        Of `graph_info`'s keys those that hold for all platforms together (`arcs`, `edges` and the counts of the
        import are sums); `platforms`: for each its `arcs`, `edges`, `people` (active on it), the counts of its rows
        (where rows name their platforms),
        `trust` (mean, min, max), `shared` and `shared_with` (see `Overlap`); `people_on_platforms`: how many
        people are active on 0, 1, 2, ... of them.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> info = platforms_info(from_arcs([0, 1, 0], [1, 2, 1], platform=["calls", "calls", "texts"]))
    >>> info["people"], info["arcs"], info["platforms"]["calls"]["arcs"], info["people_on_platforms"]
    (3, 3, 2, [0, 1, 2])
    """
    from viralsim.graph.measures import common_info, summary

    overlap = platform_overlap(graph)
    platforms = {}
    for name, arcs in graph.layers.items():
        platforms[name] = {
            "arcs": len(arcs),
            "edges": len(arcs) // 2 if graph.mutual else None,
            "people": overlap.active[name],
            **graph.report.platforms.get(name, {}),
            "trust": summary(arcs.trust),
            "shared": overlap.shared[name],
            "shared_with": overlap.pairs.get(name),
        }
    return {**common_info(graph), "platforms": platforms, "people_on_platforms": list(overlap.people_on)}


def platforms_lines(graph: SocialGraph) -> list[str]:
    r"""Describe a graph with several platforms in lines for a terminal.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph = from_arcs([0, 1, 0], [1, 2, 1], platform=["calls", "calls", "texts"], mutual=True)
    >>> print("\n".join(platforms_lines(graph)))
    arrays
      people        3: 1 active on 1 platform, 2 on both
      arcs          6 on 2 platforms, both ways of 3 edges
      calls         2 edges among 3 people; 50% of them exist on texts
      texts         1 edge among 2 people; 100% of them exist on calls
      trust         0.5 for every arc
      ids           integer
    import: 3 rows = 3 edges kept
      calls: 2 rows = 2 edges kept
      texts: 1 row = 1 edge kept
    each platform is a network of its own: choose one to see more, e.g. --platform calls
    fingerprint d14aab7dafb1829e
    """
    from viralsim.graph.measures import attribute_lines, direction_line, import_lines, times_lines

    overlap = platform_overlap(graph)
    report, layers = graph.report, graph.layers
    one = "edge" if graph.mutual else "arc"
    width = max(12, *(min(len(name), 40) for name in layers))
    lines = [report.source]

    def add(name: str, text: str) -> None:
        lines.append(f"  {name:<{width}}  {text}")

    on = [
        f"{count:,} {'active ' if k == first else ''}on {_of(k, len(layers))}"
        for first in [next((k for k, count in enumerate(overlap.people_on) if count and k), 0)]
        for k, count in enumerate(overlap.people_on)
        if count
    ]
    add("people", f"{graph.people:,}: {', '.join(on)}")
    arcs = sum(map(len, layers.values()))
    kind = f", both ways of {plural(arcs // 2, 'edge')}" if graph.mutual else ", directed"
    add("arcs", f"{arcs:,} on {plural(len(layers), 'platform')}{kind}")
    for text in direction_line(report):
        add("direction", text)
    for text in times_lines(graph):
        add("times", text)
    for name in list(layers)[:_MOST_LINES]:
        add(brief(name, 40), _platform_words(graph, name, overlap, one))
    if len(layers) > _MOST_LINES:
        add("...", f"{len(layers) - _MOST_LINES:,} more platforms")
    if report.trust.endswith("for every arc") or report.trust.startswith("from "):
        add("trust", report.trust)
    add("ids", report.ids)
    for name, text in attribute_lines(graph):
        add(name, text)
    most = max((int(arcs.multiplicity.max()) for arcs in layers.values() if len(arcs)), default=None)
    lines += import_lines(report, one, most)
    first = brief(next(iter(layers)), 40)
    lines.append(f"each platform is a network of its own: choose one to see more, e.g. --platform {first}")
    lines.append(f"fingerprint {graph.fingerprint[:16]}")
    return lines


def _of(count: int, platforms: int) -> str:
    if count == 0:
        return "none"
    if count == platforms:
        return "both" if count == 2 else f"all {count:,}"
    return plural(count, "platform") if count == 1 else f"{count:,}"


def _platform_words(graph: SocialGraph, name: str, overlap: Overlap, one: str) -> str:
    arcs = graph.layers[name]
    count = len(arcs) // 2 if graph.mutual else len(arcs)
    text = f"{plural(count, one)} among {plural(overlap.active[name], 'person', 'people')}"
    if overlap.shared[name] is None:
        return text
    others = sorted(overlap.pairs.get(name, {}).items(), key=lambda pair: -(pair[1] or 0.0))[:4]
    if len(graph.layers) > 5 or not others:
        others = [("another platform", overlap.shared[name])]
    exist = ("of them exist ", *[""] * len(others))
    said = ", ".join(f"{share:.0%} {also}on {brief(to, 40)}" for also, (to, share) in zip(exist, others, strict=False))
    low, high = float(arcs.trust.min()), float(arcs.trust.max())
    mean = float(np.cumsum(arcs.trust)[-1]) / len(arcs)
    trust = f"; trust {low:.4g} to {high:.4g}, mean {mean:.4g}" if low < high else ""
    return f"{text}; {said}{trust}"


def platform_counts(report: ImportReport, one: str, most: int = _MOST_LINES) -> list[str]:
    """Return for each platform (at most so many) what became of its rows, in words.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> platform_counts(from_arcs([0, 0, 1], [1, 1, 1], platform=["a", "a", "b"]).report, "arc")
    ['a: 2 rows = 1 arc kept + 1 merged', 'b: 1 row = 0 arcs kept + 1 self-loop dropped']
    """
    said = []
    for name, counts in report.platforms.items():
        parts = f"{plural(counts['kept'], one)} kept"
        parts += f" + {plural(counts['self_loops'], 'self-loop')} dropped" if counts["self_loops"] else ""
        parts += f" + {counts['merged']:,} merged" if counts["merged"] else ""
        said.append(f"{brief(name, 40)}: {plural(counts['rows'], 'row')} = {parts}")
    more = len(said) - most
    return said[:most] + ([f"... and {more:,} more"] if more > 0 else [])

"""What a graph is like, in numbers and in words: what `graph info` says. Deterministic."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.graph.health import graph_health, graph_reciprocity
from viralsim.graph.social_graph import ImportReport, SocialGraph, brief, plural, some_names, value_words
from viralsim.graph.structure import Sampled, mean_clustering
from viralsim.graph.times import FOREVER

__all__ = ["graph_info", "graph_info_lines", "weak_components"]

_QUANTILES = (0, 5, 25, 50, 75, 95, 99, 100)
_TRUST_QUANTILES = (5, 25, 50, 75, 95)
_MOST_VALUES = 8
"""Values of an attribute that are listed with their counts: about a line."""


def graph_info(graph: SocialGraph) -> dict[str, Any]:
    """Describe a graph in numbers that fit into JSON.

    Parameters
    ----------
    graph : SocialGraph

    Returns
    -------
    dict
        `people`, `arcs`, `mutual`, `edges` (mutual graphs: arcs / 2; else None); `components` and
        `largest_component` (people): weakly connected; `isolated` (people without any arc); `rows`, `kept`,
        `self_loops`, `merged`, `both_orders` of the import; `largest_multiplicity`; `mean_followers`,
        `max_followers`, `max_followed` (people followed by one person), `followers_quantiles` ("p50" and so
        on, nearest rank); `reciprocity` (share of arcs whose opposite exists); `mean_clustering` (as in
        `structure.mean_clustering`) and `mean_clustering_interval` (low, high, samples; None where exact);
        `trust`, `probability`, `weight` (mean, min, max; None where there is none);
        `trust_quantiles` (over the arcs, nearest rank); `ids` ("integer" or
        "text"), `attributes` (name -> number of different values, missing ones aside), `source`, `notes`;
        `structure` (the numbers of `health.graph_health`) and `health` (its sentences: `kind`, `seeding`, `wrong`);
        `times` (where arcs come or go: `arcs` that do, `first` and `last`, the ticks between which they do, and
        `pairs`, arcs between different people; else None; all measures count each pair once, whenever its arcs are
        there); `fingerprint`; `people_rows`, `only_in_table`, `not_in_table` (None where no table of people
        was joined). Undefined numbers are None. Of a graph with several platforms, what
        `platforms.platforms_info` returns: each platform is a network of its own, and
        `graph_info(graph.on_platform(NAME))` describes one.

    Examples
    --------
    >>> import viralsim.graph as vg
    >>> info = graph_info(vg.generate("karate-club"))
    >>> [info[key] for key in ("people", "arcs", "edges", "components", "max_followers")]
    [34, 156, 78, 1, 17]
    """
    if len(graph.layers) > 1:
        from viralsim.graph.platforms import platforms_info

        return platforms_info(graph)
    arcs = graph.timeless.arcs
    roots = weak_components(graph)
    sizes = np.bincount(roots, minlength=graph.people)
    followers, followed = arcs.out_degree, arcs.in_degree
    ordered = np.sort(followers)
    clustering = mean_clustering(graph)
    health = graph_health(graph, clustering.value, sizes[sizes > 0].tolist())
    return {
        **common_info(graph),
        "components": int(np.count_nonzero(sizes)),
        "largest_component": int(sizes.max()),
        "isolated": int(np.count_nonzero((followers == 0) & (followed == 0))),
        "largest_multiplicity": int(graph.arcs.multiplicity.max()) if len(arcs) else None,
        "mean_followers": len(arcs) / graph.people,
        "max_followers": int(ordered[-1]),
        "max_followed": int(followed.max()),
        "followers_quantiles": {f"p{q:02d}": int(ordered[max(0, -(-q * graph.people // 100) - 1)]) for q in _QUANTILES},
        "reciprocity": graph_reciprocity(graph) if len(arcs) else None,
        "mean_clustering": clustering.value,
        "mean_clustering_interval": _interval(clustering),
        "trust": summary(arcs.trust),
        "trust_quantiles": _trust_quantiles(arcs.trust),
        "probability": summary(arcs.probability),
        "weight": summary(arcs.weight),
        "structure": health.numbers,
        "health": {"kind": list(health.kind), "seeding": list(health.seeding), "wrong": list(health.wrong)},
    }


def common_info(graph: SocialGraph) -> dict[str, Any]:
    """Return what `graph_info` says of any graph, with one layer of arcs or several.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> common_info(from_arcs([0, 0], [1, 1], platform=["calls", "texts"]))["arcs"]
    2
    """
    report = graph.report
    arcs = sum(map(len, graph.layers.values()))
    return {
        "source": report.source,
        "people": graph.people,
        "arcs": arcs,
        "mutual": graph.mutual,
        "edges": arcs // 2 if graph.mutual else None,
        "rows": report.rows,
        "kept": report.kept,
        "self_loops": report.self_loops,
        "merged": report.merged,
        "both_orders": report.both_orders,
        "ids": "text" if graph.ids.dtype.kind == "O" else "integer",
        "attributes": {name: _distinct(values) for name, values in graph.attributes.items()},
        "direction": report.direction,
        "times": _times(graph),
        "people_rows": report.people_rows if report.people_source else None,
        "only_in_table": report.only_in_table if report.people_source else None,
        "not_in_table": report.not_in_table if report.people_source else None,
        "notes": list(report.notes),
        "fingerprint": graph.fingerprint,
    }


def _times(graph: SocialGraph) -> dict[str, int] | None:
    nothing = [np.zeros(0, np.int32)]
    start = np.concatenate(nothing + [arcs.start for arcs in graph.layers.values() if arcs.start is not None])
    end = np.concatenate(nothing + [arcs.end for arcs in graph.layers.values() if arcs.end is not None])
    changes = np.concatenate([start[start > 0], end[end < FOREVER]])
    if not len(changes):  # those that do are on other platforms
        return None
    return {
        "arcs": int(np.count_nonzero((start > 0) | (end < FOREVER))),
        "pairs": sum(len(arcs.timeless) for arcs in graph.layers.values()),
        "first": int(changes.min()),
        "last": int(changes.max()),
    }


def times_lines(graph: SocialGraph) -> list[str]:
    """Say which arcs come and go, and when; nothing where none does.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> times_lines(from_arcs([0, 0, 1], [1, 1, 0], start=[0, 5, 0], end=[3, 9, float("nan")]))
    ['2 of 3 come or go, from tick 3 to tick 9; measures count the 2 different ones, whenever they are there']
    """
    times = _times(graph)
    if times is None:
        return []
    arcs = sum(map(len, graph.layers.values()))
    many = "all" if times["arcs"] == arcs else f"{times['arcs']:,} of {arcs:,}"
    measured = "" if times["pairs"] == arcs else f" the {times['pairs']:,} different ones,"
    counted = f"measures count{measured or ' them all,'} whenever they are there"
    return [f"{many} come or go, from tick {times['first']:,} to tick {times['last']:,}; {counted}"]


def graph_info_lines(graph: SocialGraph) -> list[str]:
    r"""Describe a graph in lines for a terminal, and say in words what was left out or merged on import.

    Examples
    --------
    >>> import viralsim.graph as vg
    >>> print("\n".join(graph_info_lines(vg.from_arcs([0, 0, 1, 1], [1, 1, 1, 0], mutual=True))))
    arrays
      people        2
      arcs          2, both ways of 1 edge
      components    1, the largest with 2 people
      followers     1.00 per person, half have 1 or fewer, at most 1
      clustering    0.000
      trust         0.5 for every arc
      ids           integer
    import: 4 rows = 1 edge kept + 1 self-loop dropped + 2 rows merged
      self-loops: nobody follows themselves
      merged rows repeat an edge; its multiplicity counts them (at most 3)
      1 edge is listed in both orders
    what it is
      - too small to tell what kind of network it is
    what looks wrong
      - 25% of the rows tie people to themselves; they were dropped
      - 50% of the rows repeat an earlier one: a log of contacts? Multiplicity counts them
    fingerprint 5787dabad3226fec
    """
    if len(graph.layers) > 1:
        from viralsim.graph.platforms import platforms_lines

        return platforms_lines(graph)
    info = graph_info(graph)
    report = graph.report
    one = "edge" if graph.mutual else "arc"
    lines = [str(info["source"]) + (f" (a graph kept from {report.origin})" if report.origin else "")]

    def add(name: str, text: str) -> None:
        lines.append(f"  {name:<12}  {text}")

    add("people", f"{graph.people:,}")
    if graph.mutual:
        add("arcs", f"{info['arcs']:,}, both ways of {plural(info['edges'], 'edge')}")
    else:
        add("arcs", f"{info['arcs']:,}, directed" + _percent(", {} of them returned", info["reciprocity"]))
    for text in direction_line(report):
        add("direction", text)
    for text in times_lines(graph):
        add("times", text)
    add(
        "components",
        f"{info['components']:,}, the largest with {plural(info['largest_component'], 'person', 'people')}"
        + (f"; {plural(info['isolated'], 'person', 'people')} without any arc" if info["isolated"] else ""),
    )
    add(
        "followers",
        f"{info['mean_followers']:.2f} per person, half have {info['followers_quantiles']['p50']:,} "
        f"or fewer, at most {info['max_followers']:,}",
    )
    add("clustering", f"{info['mean_clustering']:.3f}" + _between("{:.3f}", info["mean_clustering_interval"]))
    for what in ("trust", "probability", "weight"):
        numbers = info[what]
        if what == "trust" and report.trust.endswith("for every arc") and not report.trust.startswith("from "):
            add(what, report.trust)
        elif numbers is not None:
            low, high = numbers["min"], numbers["max"]
            text = f"mean {numbers['mean']:.4g}, from {low:.4g} to {high:.4g}"
            text = text if low < high else f"{low:.4g} for every arc"
            middle = info["trust_quantiles"]
            if what == "trust" and low < high:
                text += f"; the middle half of the arcs has {middle['p25']:.4g} to {middle['p75']:.4g}"
            add(what, text)
            if what == "trust" and ("from " in report.trust or ", then moved" in report.trust):
                add("", report.trust)
    add("ids", str(info["ids"]))
    for name, text in attribute_lines(graph):
        add(name, text)
    lines += import_lines(report, one, info["largest_multiplicity"])
    for title, key, otherwise in (
        ("what it is", "kind", ""),
        ("what it means for seeding", "seeding", ""),
        ("what looks wrong", "wrong", "nothing"),
    ):
        said = info["health"][key] or ([otherwise] if otherwise else [])
        lines += [title, *(f"  - {sentence}" for sentence in said)] if said else []
    lines.append(f"fingerprint {graph.fingerprint[:16]}")
    return lines


def direction_line(report: ImportReport) -> list[str]:
    """Say what a row of directed data means; nothing of mutual ones.

    Examples
    --------
    >>> direction_line(ImportReport("a.csv", direction="follows"))
    ["a row 'a b' means: a follows b, so a sees what b shares"]
    """
    if report.direction == "follows":
        return ["a row 'a b' means: a follows b, so a sees what b shares"]
    if report.direction == "influences":
        return ["a row 'a b' means: a influences b, so b sees what a shares"]
    return []


def attribute_lines(graph: SocialGraph) -> list[tuple[str, str]]:
    """Return for each attribute a word and a text.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> attribute_lines(from_arcs([0], [1], attributes={"city": ["Oslo", "Rome"]}))
    [('attribute', 'city, 2 values: Oslo (1), Rome (1)')]
    """
    lines = []
    for name, values in graph.attributes.items():
        missing = graph.people - len(_known(values))
        also = f", missing for {plural(missing, 'person', 'people')}" if missing else ""
        lines.append(("attribute", f"{brief(name)}, {plural(_distinct(values), 'value')}{_value_words(values)}{also}"))
    return lines


def _value_words(values: npt.NDArray[Any]) -> str:
    """Say which values an attribute has: how often each where they are few, else the range or the most frequent."""
    known = _known(values)
    if len(known) == 0:
        return ""
    if known.dtype.kind == "O":
        counted = sorted(Counter(known.tolist()).items(), key=lambda one: (-one[1], str(one[0])))
        span = ""
    else:
        different, times = np.unique(known, return_counts=True)
        counted = list(zip(different.tolist(), times.tolist(), strict=True))
        span = f" from {value_words(different[0])} to {value_words(different[-1])}"
    if len(counted) <= _MOST_VALUES:  # numbers stand in their order, for they have one
        return ": " + ", ".join(f"{value_words(value)} ({count:,})" for value, count in counted)
    counted.sort(key=lambda one: -one[1])
    if counted[0][1] == 1:
        return span  # a name for everybody
    often = ", ".join(f"{value_words(value)} ({count:,})" for value, count in counted[:_MOST_VALUES])
    return f"{span}, most often {often}"


def import_lines(report: ImportReport, one: str, most: int | None) -> list[str]:
    """Say what became of the rows.

    Parameters
    ----------
    report : ImportReport
    one : str
        "edge" or "arc".
    most : int or None
        Largest multiplicity.

    Examples
    --------
    >>> import_lines(ImportReport("a.csv", rows=3, kept=2, self_loops=1), "arc", 1)[0]
    'import: 3 rows = 2 arcs kept + 1 self-loop dropped'
    """
    parts = f"{plural(report.kept, one)} kept"
    parts += f" + {plural(report.self_loops, 'self-loop')} dropped" if report.self_loops else ""
    parts += f" + {plural(report.merged, 'row')} merged" if report.merged else ""
    lines = [f"import: {plural(report.rows, 'row')} = {parts}"]
    if report.platforms:
        from viralsim.graph.platforms import platform_counts

        lines += [f"  {text}" for text in platform_counts(report, one)]
    if report.lines:
        beside = [
            plural(count, what)
            for count, what in (
                (report.comments, "comment"),
                (report.blanks, "blank line"),
                (int(bool(report.header)), "line of column names"),
                (int(bool(report.count_line)), "line of counts"),
            )
            if count
        ]
        lines.append(
            f"  {plural(report.lines, 'line')}"
            + (f" ({', '.join(beside)} among them)" if beside else "")
            + (f", {report.compression}" if report.compression else "")
            + f", columns separated by: {report.delimiter}"
        )
    if report.columns:
        lines.append("  read: " + ", ".join(f"{what} from {place}" for what, place in report.columns.items()))
    if report.unread:
        lines.append("  not read: " + some_names(report.unread, 40))
    if report.self_loops:
        lines.append("  self-loops: nobody follows themselves")
    if report.merged:
        an = "an edge" if one == "edge" else "an arc"
        lines.append(f"  merged rows repeat {an}; its multiplicity counts them (at most {most:,})")
    if report.both_orders:
        be = "is" if report.both_orders == 1 else "are"
        lines.append(f"  {plural(report.both_orders, 'edge')} {be} listed in both orders")
    if report.clipped:
        be = "was" if report.clipped == 1 else "were"
        lines.append(f"  {plural(report.clipped, 'sum')} of merged numbers above 1 {be} cut to 1")
    lines += [f"  note: {note}" for note in report.notes]
    return lines


def weak_components(graph: SocialGraph) -> npt.NDArray[np.int32]:
    """Return for each person the smallest position in the same weakly connected component.

    Returns
    -------
    ndarray of int32, shape (people,)

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> weak_components(from_arcs([0, 3], [1, 2])).tolist()
    [0, 0, 2, 2]
    """
    from viralsim.graph.arc_kernels import component_roots

    roots: npt.NDArray[np.int32] = component_roots(graph.arcs.offsets, graph.arcs.followers)
    return roots


def summary(values: npt.NDArray[np.float64] | None) -> dict[str, float] | None:
    """Return mean, min and max; None where there is nothing.

    Examples
    --------
    >>> summary(np.array([0.25, 0.75]))
    {'mean': 0.5, 'min': 0.25, 'max': 0.75}
    """
    if values is None or len(values) == 0:
        return None
    low, high = float(values.min()), float(values.max())
    # A sum in order, so that all machines agree; a mean of equal values is that value.
    mean = low if low == high else float(np.cumsum(values)[-1]) / len(values)
    return {"mean": mean, "min": low, "max": high}


def _trust_quantiles(values: npt.NDArray[np.float64]) -> dict[str, float] | None:
    if len(values) == 0:
        return None
    ranks = {f"p{q:02d}": -(-q * len(values) // 100) - 1 for q in _TRUST_QUANTILES}
    ordered = values if values.min() == values.max() else np.partition(values, sorted(set(ranks.values())))
    return {name: float(ordered[rank]) for name, rank in ranks.items()}


def _known(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values that are not missing."""
    if values.dtype.kind not in "fO":
        return values
    known: npt.NDArray[Any] = values[~np.isnan(values) if values.dtype.kind == "f" else values != ""]
    return known


def _distinct(values: npt.NDArray[Any]) -> int:
    known = _known(values)
    return len(set(known.tolist())) if known.dtype.kind == "O" else len(np.unique(known))


def _percent(text: str, share: float | None) -> str:
    return "" if share is None else text.format(f"{share:.1%}")


def _interval(number: Sampled) -> dict[str, float | int | None] | None:
    return None if number.exact else {"low": number.low, "high": number.high, "samples": number.samples}


def _between(form: str, interval: dict[str, float] | None) -> str:
    """Say in words how well a sampled number is known."""
    if interval is None:
        return ""
    low, high = form.format(interval["low"]), form.format(interval["high"])
    return f" ({low} to {high} with 95%, from {interval['samples']:,} samples)"

"""What notebooks show of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from viralsim.html import Markup, bars, element, number, shown, table

if TYPE_CHECKING:
    from viralsim.graph.social_graph import SocialGraph

__all__ = ["graph_html"]

_MOST_BARS = 24
_MOST_ATTRIBUTES = 12


def graph_html(graph: SocialGraph) -> str:
    """Return a graph as HTML: its arcs by platform, how followers are distributed, and what is known of people.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> "4 people" in graph_html(generate("star", people=4))
    True
    """
    rows: list[list[str]] = []
    pictures: list[Markup] = []
    for name, arcs in graph.layers.items():
        followers = arcs.out_degree
        cells = [f"{len(arcs):,}", *("–",) * 4]
        if len(followers):
            middle = np.quantile(followers, (0.5, 0.95), method="inverted_cdf")
            cells[1:] = [number(float(followers.mean())), *(f"{int(value):,}" for value in (*middle, followers.max()))]
        rows.append([name if graph.layered else "all", *cells])
        if len(pictures) < 3:
            pictures.append(_degrees(name if graph.layered else "", followers))
    header = ["platform", "arcs", "followers: mean", "median", "95%", "most"]
    note = "Followers of a person are those who see what they share. These are counts, not estimates: no interval."
    parts: list[str] = [table(header, rows, note), *pictures]
    known = list(graph.attributes)
    if known:
        some = ", ".join(known[:_MOST_ATTRIBUTES]) + (", ..." if len(known) > _MOST_ATTRIBUTES else "")
        parts.append(element("div", f"Known of people: {some}", style="overflow-wrap:anywhere"))
    kind = "mutual" if graph.mutual else "directed"
    people = f"{graph.people:,} {'person' if graph.people == 1 else 'people'}"
    return shown(f"Social graph of {people}", f"{kind}, from {graph.report.source}", *parts)


def _degrees(name: str, followers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Markup:
    """Draw how many people have so many followers: bins twice as wide each, for there are few hubs and many others."""
    most = int(followers.max(initial=0))
    if most == 0:
        return Markup("")
    if most <= _MOST_BARS:
        heights = np.bincount(followers, minlength=most + 1)
        words = [f"{at}: {many:,}" for at, many in enumerate(heights.tolist())]
        bins = "followers"
    else:
        place = np.zeros(len(followers), dtype=np.int64)
        some = followers > 0
        place[some] = np.floor(np.log2(followers[some])).astype(np.int64) + 1
        heights = np.bincount(place)
        words = [f"0: {heights[0]:,}"]
        words += [f"{2 ** (at - 1)} to {2**at - 1}: {many:,}" for at, many in enumerate(heights.tolist()) if at]
        bins = "followers: 0, 1, 2–3, 4–7, 8–15, ..."
    across = f"{name}: {bins}" if name else bins
    said = f"How many people have so many followers{f' on {name}' if name else ''}. {'; '.join(words)}."
    return bars(heights.tolist(), ["0", f"{most:,}"], said, across, "people")

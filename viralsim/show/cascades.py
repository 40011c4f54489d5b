"""Figures of one cascade: the tree of who told whom, and the network that it went through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from viralsim.errors import UsageError
from viralsim.graph.social_graph import plural
from viralsim.show.layout import layout
from viralsim.show.style import COLOURS, GREY, MARKERS, SEQUENCE, clock, legend, note, plain

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.outcome import Cascade

__all__ = ["Scene", "cascade_network", "cascade_tree", "draw_scene", "scene_of"]

Ints = npt.NDArray[np.int64]

_MANY = 2_000
"""Dots and lines beyond this number are pixels in an SVG file too, which would be megabytes otherwise."""
_MOST_ARCS = 12_000
"""More faint lines than this are one grey area."""
_FEW_NAMES = 12


@dataclass(frozen=True, eq=False)
class Scene:
    """What of a graph and a cascade is drawn: all of it, or the neighbourhood of the cascade in a large graph.

    Parameters
    ----------
    people : ndarray of int64, shape (n,)
        Positions in the graph of the people shown, in increasing order.
    places : ndarray of float32, shape (n, 2)
        Where they stand, in 0 to 1, y upwards.
    from_, to : ndarray of int64, shape (m,)
        Ties between them, each once, as indices into `people`.
    entries : ndarray of int64, shape (k,)
        Entries of the cascade that are shown, in order; with an entry its parent.
    person : ndarray of int64, shape (k,)
        Whose they are, as indices into `people`.
    left_out_people, left_out_ties, left_out_engaged : int
        How many people and ties of the graph, and entries of the cascade, are not shown.
    words : str
        The same in a sentence; empty where nothing is left out.
    """

    people: Ints
    places: npt.NDArray[np.float32]
    from_: Ints
    to: Ints
    entries: Ints
    person: Ints
    left_out_people: int
    left_out_ties: int
    left_out_engaged: int
    words: str


def scene_of(graph: SocialGraph, cascade: Cascade, most: int = 2_000) -> Scene:
    """Return what of a graph and a cascade is drawn, and where people stand.

    Where the graph has more people than wanted: those who engaged, the first ones first, and those who have most ties
    to them, as many again.

    Parameters
    ----------
    graph : SocialGraph
    cascade : Cascade
        Played on that graph.
    most : int
        How many people are shown at most.

    Raises
    ------
    UsageError
        The cascade was played on another graph.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=3_000"])
    >>> graph = vs.load_network(scenario.network)
    >>> scene = scene_of(graph, vs.replay(scenario, realisation=2, graph=graph), most=500)
    >>> len(scene.people) <= 500, len(scene.people) + scene.left_out_people
    (True, 3000)
    """
    known = cascade.person < graph.people
    if not np.all(known) or not np.array_equal(np.asarray(graph.ids)[cascade.person], cascade.ids):
        raise UsageError("the cascade was played on another graph", hint="give both the same: replay(…, graph=graph)")
    sharers, followers = _arcs_of(graph)
    entries = np.arange(cascade.size)
    shown = np.ones(graph.people, dtype=bool)
    if graph.people > most:
        first = np.unique(cascade.person, return_index=True)[1]
        kept = cascade.person[np.sort(first)[: max(1, (2 * most) // 3)]]
        shown[:] = False
        shown[kept] = True
        # A later entry stays where its person does, and whoever told them is among the earlier ones.
        entries = np.flatnonzero(shown[cascade.person])
        near = np.bincount(followers[shown[sharers]], minlength=graph.people)
        near += np.bincount(sharers[shown[followers]], minlength=graph.people)
        near[shown] = 0
        room = min(most - len(kept), max(300, 2 * len(kept)))
        nearest = np.argsort(-near, kind="stable")[:room]
        shown[nearest[near[nearest] > 0]] = True
    people = np.flatnonzero(shown)
    index = np.cumsum(shown) - 1
    inside = shown[sharers] & shown[followers]
    one, other = index[sharers[inside]], index[followers[inside]]
    ties = np.unique(np.minimum(one, other) * max(1, len(people)) + np.maximum(one, other))
    from_, to = ties // max(1, len(people)), ties % max(1, len(people))
    places = layout(len(people), from_, to)
    if len(ties) > _MOST_ARCS:
        drawn = np.linspace(0, len(ties) - 1, _MOST_ARCS).astype(np.int64)
        from_, to = from_[drawn], to[drawn]
    everything = len(np.unique(np.minimum(sharers, followers) * graph.people + np.maximum(sharers, followers)))
    missing = graph.people - len(people), everything - len(from_), cascade.size - len(entries)
    return Scene(
        people, places, from_, to, entries, index[cascade.person[entries]], *missing, _left_out_words(graph, *missing)
    )


def _arcs_of(graph: SocialGraph) -> tuple[Ints, Ints]:
    """Return the two ends of all arcs of all platforms, none to oneself."""
    layers = [arcs.timeless for arcs in graph.layers.values()]
    sharers = np.concatenate([arcs.sharers for arcs in layers]).astype(np.int64)
    followers = np.concatenate([arcs.followers for arcs in layers]).astype(np.int64)
    return sharers, followers


def _left_out_words(graph: SocialGraph, people: int, ties: int, engaged: int) -> str:
    parts = [f"{people:,} of {graph.people:,} people"] if people else []
    parts += [plural(ties, "tie")] if ties else []
    parts += [f"{engaged:,} of those who engaged"] if engaged else []
    if not parts:
        return ""
    said = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"Not shown: {said}."


def _colours(cascade: Cascade, entries: Ints) -> npt.NDArray[np.float64]:
    """Return a colour for each entry: by generation, and by item where there are several (later ones paler)."""
    generation, depth = cascade.generation[entries], max(1, cascade.depth)
    share = np.minimum(generation / depth, 1.0)
    if len(cascade.items) == 1:
        return np.asarray(mpl.colormaps[SEQUENCE](0.35 + 0.65 * share))[:, :3]
    own = np.array([to_rgb(_of(COLOURS, item)) for item in range(len(cascade.items))])[cascade.item[entries]]
    return np.asarray(own + (1.0 - own) * 0.55 * share[:, None], dtype=np.float64)


def _of(looks: tuple[str, ...], item: int) -> str:
    return looks[item % len(looks)]


def _draw_people(
    ax: Axes, cascade: Cascade, entries: Ints, x: npt.NDArray[Any], y: npt.NDArray[Any], size: float
) -> list[tuple[Any, Ints]]:
    """Draw a dot for each entry: marked by item, coloured by generation, roots ringed; and say what they mean.

    Return what was drawn, each with its entries.
    """
    drawn: list[tuple[Any, Ints]] = []
    colours = _colours(cascade, entries)
    many = len(entries) > _MANY
    for item, name in enumerate(cascade.items):
        own = cascade.item[entries] == item
        if len(cascade.items) > 1:
            ax.scatter([], [], color=_of(COLOURS, item), marker=_of(MARKERS, item), label=plain(name))
        dots = {"c": colours[own], "marker": _of(MARKERS, item), "linewidths": 0, "zorder": 3, "rasterized": many}
        drawn.append((ax.scatter(x[own], y[own], size, **dots), entries[own]))
    roots = (
        ("seed", cascade.seeds, "black"),
        ("advertisement", cascade.advertised, GREY),
        ("dissatisfied", cascade.born, COLOURS[1]),
    )
    for name, chosen, edge in roots:
        own = np.isin(entries, chosen)
        if own.any():
            ring: dict[str, Any] = {"facecolors": "none", "edgecolors": edge, "linewidths": 1.0}
            drawn.append((ax.scatter(x[own], y[own], 2.5 * size + 8, zorder=4, rasterized=many, **ring), entries[own]))
            ax.scatter([], [], 30, label=name, **ring)
    if len(cascade.items) == 1 and cascade.depth > 0:
        steps = sorted({0, cascade.depth // 2, cascade.depth})
        for step in steps:
            colour = mpl.colormaps[SEQUENCE](0.35 + 0.65 * step / cascade.depth)
            ax.scatter([], [], 25, color=[colour], label=f"generation {step}")
    return drawn


def _rows(cascade: Cascade) -> npt.NDArray[np.float64]:
    """Return the row of each entry: whoever told nobody has one of their own, all others stand amid those they told.

    Trees come one below the other, and within one the first told are the first.
    """
    parents = cascade.parent.tolist()
    leaves = [0] * len(parents)
    for entry in range(len(parents) - 1, -1, -1):
        leaves[entry] = leaves[entry] or 1
        if parents[entry] >= 0:
            leaves[parents[entry]] += leaves[entry]
    free, first = 0, [0] * len(parents)
    taken = [0] * len(parents)
    for entry, parent in enumerate(parents):
        if parent < 0:
            first[entry] = free
            free += leaves[entry]
        else:
            first[entry] = first[parent] + taken[parent]
            taken[parent] += leaves[entry]
    return np.asarray(first) + (np.asarray(leaves) - 1) / 2


def cascade_tree(ax: Axes, cascade: Cascade) -> None:
    """Draw who told whom, and when: time to the right, everybody's line beginning at whoever told them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    cascade : Cascade
        As from `viralsim.replay`.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.show import new_figure
    >>> figure, (ax,) = new_figure()
    >>> cascade_tree(ax, vs.replay(vs.read_scenario(settings=["network.people=1_000"]), realisation=2))
    >>> ax.get_ylabel()
    'people, below whoever told them'
    """
    end = float(cascade.tick.max(initial=1)) * cascade.tick_seconds
    unit = clock(ax, end)
    x, y = cascade.tick * (cascade.tick_seconds / unit), _rows(cascade)
    told = np.flatnonzero(cascade.parent >= 0)
    teller = cascade.parent[told]
    corners = np.stack([x[teller], y[teller], x[teller], y[told], x[told], y[told]], axis=1).reshape(-1, 3, 2)
    dense = cascade.size > _MANY
    wide = float(np.clip(16 / np.sqrt(max(1, cascade.size)), 0.15, 0.9))
    ax.add_collection(LineCollection(list(corners), colors="#9A9A9A", linewidths=wide, zorder=2, rasterized=dense))
    size = float(np.clip(9_000 / max(1, cascade.size), 0.6, 36))
    _draw_people(ax, cascade, np.arange(cascade.size), x, y, size)
    rows = float(y.max(initial=0.0))
    ax.set_ylim(rows + max(0.5, 0.03 * rows), -max(0.5, 0.03 * rows))
    ax.set_xlim(-0.02 * end / unit, 1.02 * end / unit)
    ax.set_yticks([])
    ax.grid(visible=False, axis="y")
    ax.spines["left"].set_visible(False)
    ax.set_ylabel("people, below whoever told them")
    if 0 < cascade.size <= _FEW_NAMES:
        for entry in range(cascade.size):
            name = plain(str(cascade.identity(entry)))
            ax.annotate(name, (x[entry], y[entry]), (5, 4), textcoords="offset points", fontsize=7)
    note(ax, _facts(cascade))
    legend(ax, above=True, columns=4 if len(ax.get_legend_handles_labels()[0]) <= 4 else 3)


def _facts(cascade: Cascade) -> str:
    virality = cascade.structural_virality
    said = "" if virality is None else f", structural virality {virality:.1f}"
    return (
        f"plan {plain(cascade.plan)}, realisation {cascade.realisation}: {cascade.size:,} engaged, "
        f"{plural(cascade.depth, 'generation')}{said}"
    )


def cascade_network(ax: Axes, graph: SocialGraph, cascade: Cascade, *, scene: Scene | None = None) -> None:
    """Draw the network, and in it who told whom; of a large network the neighbourhood of the cascade.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    graph : SocialGraph
    cascade : Cascade
        Played on that graph.
    scene : Scene, optional
        What is drawn, where it is known already; otherwise what `scene_of` returns.

    Raises
    ------
    UsageError
        The cascade was played on another graph.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.show import new_figure
    >>> scenario = vs.read_scenario(settings=["network.people=3_000"])
    >>> graph = vs.load_network(scenario.network)
    >>> figure, (ax,) = new_figure(height=6.0)
    >>> cascade_network(ax, graph, vs.replay(scenario, realisation=2, graph=graph))
    >>> ax.get_xlabel().startswith("Not shown: ")
    True
    """
    draw_scene(ax, cascade, scene_of(graph, cascade) if scene is None else scene)


def draw_scene(ax: Axes, cascade: Cascade, found: Scene) -> list[tuple[Any, Ints]]:
    """Draw a network with its cascade; return what of it appears in the course of time, each with its entries."""
    x, y = found.places[:, 0], found.places[:, 1]
    dense = len(found.from_) > _MANY
    faint = float(np.clip(16 / np.sqrt(1 + len(found.from_)), 0.12, 0.5))  # or many would be one grey area
    _lines(ax, x, y, found.from_, found.to, colors="#AAAAAA", linewidths=0.3, alpha=faint, rasterized=dense)
    bystanders = np.setdiff1d(np.arange(len(found.people)), found.person)
    size = float(np.clip(12_000 / max(1, len(found.people)), 3, 36))
    ax.scatter(x[bystanders], y[bystanders], size / 2, color="#B5B5B5", linewidths=0, zorder=1.5, rasterized=dense)
    place = np.full(cascade.size, -1)
    place[found.entries] = found.person
    told = found.entries[cascade.parent[found.entries] >= 0]
    told = told[place[cascade.parent[told]] >= 0]
    from_, to = place[cascade.parent[told]], place[told]
    look: dict[str, Any] = {
        "colors": 0.75 * _colours(cascade, told),
        "linewidths": float(np.clip(18 / np.sqrt(1 + len(told)), 0.3, 1.2)),
        "alpha": 0.7,
    }
    paths = _lines(ax, x, y, from_, to, **look, zorder=2, rasterized=len(told) > _MANY)
    drawn = [(paths, told), *_draw_people(ax, cascade, found.entries, x[found.person], y[found.person], size)]
    ax.set_aspect("equal")
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)
    if found.words:
        ax.set_xlabel(found.words, color=GREY, fontsize=8)
    note(ax, _facts(cascade))
    legend(ax, above=True, columns=4 if len(ax.get_legend_handles_labels()[0]) <= 4 else 3)
    return drawn


def _lines(ax: Axes, x: npt.NDArray[Any], y: npt.NDArray[Any], from_: Ints, to: Ints, **look: Any) -> LineCollection:
    ends = np.stack([x[from_], y[from_], x[to], y[to]], axis=1).reshape(-1, 2, 2)
    lines = LineCollection(list(ends), **look)
    ax.add_collection(lines)
    return lines

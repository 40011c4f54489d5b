"""Figures of a network: how many followers people have, and how many they follow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from viralsim.errors import UsageError
from viralsim.graph import SocialGraph
from viralsim.show.style import COLOURS, dress, legend, new_figure, note, number_format, number_text, panels, wrapped

__all__ = ["degree_distribution", "graph_figures"]

_PANELS = 9


def degree_distribution(ax: Axes, graph: SocialGraph) -> None:
    """Draw which share of people has at least so many followers, and follows at least so many, on logarithmic axes.

    People are counted one by one: nothing here is uncertain. One line where arcs go both ways.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    graph : SocialGraph
        With one layer of arcs; `graph.on_platform(NAME)` takes one of several.

    Raises
    ------
    UsageError
        If there are several layers, or no arcs.

    Examples
    --------
    >>> import viralsim.graph as vg
    >>> figure, (ax,) = new_figure()
    >>> degree_distribution(ax, vg.generate("star", people=5))
    >>> line = ax.get_lines()[0]
    >>> line.get_xdata().tolist(), line.get_ydata().tolist()
    ([1, 4], [1.0, 0.2])
    """
    arcs = graph.timeless.arcs
    if not len(arcs):
        raise UsageError("there are no arcs, so that nobody has followers to draw")
    dress(ax)
    both = [("followers", arcs.out_degree), ("people followed", arcs.in_degree)]
    if graph.mutual:
        both = [("ties", arcs.out_degree)]
    styles = (COLOURS[0], "o", 3.5), (COLOURS[1], "s", 3.0)
    none: list[str] = []
    for (name, degrees), (colour, mark, size) in zip(both, styles, strict=False):
        degree, share = _at_least(degrees)
        ax.plot(
            degree,
            share,
            color=colour,
            marker=mark,
            markersize=size,
            linewidth=0.9,
            label=f"{name}: mean {number_text(float(degrees.mean()))}, at most {int(degrees.max()):,}",
        )
        if without := int(np.count_nonzero(degrees == 0)):
            none.append(f"no {name}: {number_text(without / graph.people, 'share')}")
    ax.set_xscale("log")
    ax.set_yscale("log")
    if float(degree.max()) < 10.0 * float(degree.min()):  # logarithmic axes put no numbers between decades
        ax.set_xlim(float(degree.min()) / 1.5, float(degree.max()) * 1.5)
    ax.xaxis.set_major_formatter(number_format(""))
    ax.yaxis.set_major_formatter(number_format("share"))
    what = "ties" if graph.mutual else "followers, or people followed"
    ax.set_xlabel(f"{what} (people)")
    ax.set_ylabel("share of people with at least so many")
    note(ax, "; ".join([f"{graph.people:,} people", f"{len(arcs):,} arcs", *none]))
    legend(ax)


def _at_least(degrees: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the degrees above 0 that occur, and the share of all people with at least so many."""
    found, counts = np.unique(degrees, return_counts=True)
    share = counts[::-1].cumsum()[::-1] / len(degrees)
    return found[found > 0], share[found > 0]


def graph_figures(graph: SocialGraph) -> dict[str, Figure]:
    """Return the figures that show a network, by name.

    Parameters
    ----------
    graph : SocialGraph

    Returns
    -------
    dict of str to Figure
        "degrees", with axes for each layer of arcs, nine at most; none where there are no arcs.

    Examples
    --------
    >>> import viralsim.graph as vg
    >>> list(graph_figures(vg.generate("star", people=5)))
    ['degrees']
    """
    layers = [name for name, arcs in graph.layers.items() if len(arcs)][:_PANELS]
    if not layers:
        return {}
    if len(graph.layers) == 1:
        figure, (ax,) = new_figure()
        degree_distribution(ax, graph)
        return {"degrees": figure}
    figure, axes = panels(len(layers))
    for ax, name in zip(axes, layers, strict=True):
        degree_distribution(ax, graph.on_platform(name))
        ax.set_title(f"{wrapped(name, 20, 1)}: {ax.get_title(loc='left')}", loc="left", fontsize=8)
    return {"degrees": figure}

"""Figures of networks: shares of people with at least so many followers."""

from __future__ import annotations

import numpy as np
import pytest

import viralsim.graph as vg
from viralsim.errors import UsageError
from viralsim.show import degree_distribution, graph_figures, new_figure


def test_followers_and_followed_are_told_apart_where_they_differ() -> None:
    graph = vg.from_arcs([0, 0, 0, 1], [1, 2, 3, 2])
    _, (ax,) = new_figure()
    degree_distribution(ax, graph)
    followers, followed = ax.get_lines()
    assert np.asarray(followers.get_xdata()).tolist() == [1, 3]
    assert np.asarray(followers.get_ydata()).tolist() == [0.5, 0.25]
    assert np.asarray(followed.get_xdata()).tolist() == [1, 2]
    assert np.asarray(followed.get_ydata()).tolist() == [0.75, 0.25]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert "no followers: 50%" in ax.get_title(loc="left")


def test_ties_have_one_line() -> None:
    _, (ax,) = new_figure()
    degree_distribution(ax, vg.generate("communities", people=300))
    (line,) = ax.get_lines()
    assert np.all(np.diff(np.asarray(line.get_ydata())) < 0)


def test_each_platform_has_axes_of_its_own() -> None:
    graph = vg.from_arcs([0, 1, 2], [1, 2, 0], platform=["calls", "texts", "calls"])
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match="choose one"):
        degree_distribution(ax, graph)
    figure = graph_figures(graph)["degrees"]
    assert [one.get_title(loc="left").split(":")[0] for one in figure.axes] == ["calls", "texts"]
    figure.canvas.draw()


def test_a_network_without_arcs_has_nothing_to_draw() -> None:
    empty = vg.from_arcs([0], [0])
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match="no arcs"):
        degree_distribution(ax, empty)
    assert graph_figures(empty) == {}

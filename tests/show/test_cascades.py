"""Figures of a cascade: what is drawn is who told whom, and what is not drawn is said."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection

import viralsim as vs
from viralsim.show import cascade_network, cascade_tree, new_figure, scene_of, write_figure


def played(people, *settings, realisation=2, **more):
    scenario = vs.read_scenario(settings=[f"network.people={people}", *settings])
    graph = vs.load_network(scenario.network)
    return graph, vs.replay(scenario, realisation=realisation, graph=graph, **more)


@pytest.fixture(scope="module")
def small():
    return played(600, "item.content.stickiness=30%")


@pytest.fixture(scope="module")
def large():
    return played(20_000, "item.content.stickiness=30%", plan="hubs")


def cascade_of(ids, parent, tick, *, items=("content",), item=None):
    generation = [0] * len(parent)
    for entry, teller in enumerate(parent):
        generation[entry] = generation[teller] + 1 if teller >= 0 else 0
    return vs.Cascade(
        ids=np.array(ids),
        person=np.arange(len(ids)),
        item=np.array(item or [0] * len(ids)),
        platform=np.zeros(len(ids)),
        tick=np.array(tick),
        parent=np.array(parent),
        generation=np.array(generation),
        shared_at=np.full(len(ids), -1),
        items=items,
        platforms=("feed",),
        tick_seconds=3600.0,
        realisation=0,
        scenario_hash="7f3a",
        plan="hubs",
    )


def dots(ax):
    """Places of all dots that are data: legends have dots without any, rings have no faces."""
    filled = [
        one.get_offsets() for one in ax.collections if not isinstance(one, LineCollection) and one.get_zorder() == 3
    ]
    return np.concatenate(filled)


def test_a_tree_has_a_dot_for_everybody_and_a_line_to_whoever_told_them(small):
    _, cascade = small
    _, (ax,) = new_figure()
    cascade_tree(ax, cascade)
    assert len(dots(ax)) == cascade.size
    (lines,) = (one for one in ax.collections if isinstance(one, LineCollection))
    ends = {(tuple(np.round(path.vertices[0], 9)), tuple(np.round(path.vertices[-1], 9))) for path in lines.get_paths()}
    places = np.round(dots(ax), 9)
    told = np.flatnonzero(cascade.parent >= 0)
    assert ends == {(tuple(places[cascade.parent[entry]]), tuple(places[entry])) for entry in told}
    assert len({round(y, 9) for x, y in places}) >= len(set(range(cascade.size)) - set(cascade.parent.tolist()))


def test_times_of_a_tree_are_those_of_the_campaign():
    _, (ax,) = new_figure()
    cascade_tree(ax, cascade_of(["ann", "bob", "cem"], [-1, 0, 1], [0, 24, 96]))
    assert ax.get_xlabel() == "time since the start (days)"
    assert dots(ax)[:, 0].tolist() == [0, 1, 4]
    assert {text.get_text() for text in ax.texts} == {"ann", "bob", "cem"}


def test_whoever_told_others_stands_amid_them_and_trees_do_not_mingle():
    _, (ax,) = new_figure()
    cascade_tree(ax, cascade_of([1, 2, 3, 4, 5, 6], [-1, -1, 0, 0, 1, 1], [0, 0, 1, 1, 1, 2]))
    rows = dots(ax)[:, 1]
    assert rows.tolist() == [0.5, 2.5, 0, 1, 2, 3]


def test_a_name_that_looks_like_a_formula_is_text(tmp_path):
    figure, (ax,) = new_figure()
    cascade_tree(ax, cascade_of(["$x_", "<img src=x onerror=alert(1)>"], [-1, 0], [0, 1]))
    write_figure(figure, tmp_path / "tree.svg")
    assert "<img" not in (tmp_path / "tree.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("parent", [[], [-1], [-2], [-1, -1]], ids=["nobody", "a seed", "advertised", "two seeds"])
def test_cascades_that_went_nowhere_are_drawn(tmp_path, parent):
    figure, (ax,) = new_figure()
    cascade_tree(ax, cascade_of(list(range(len(parent))), parent, [0] * len(parent)))
    assert write_figure(figure, tmp_path / "tree.png").stat().st_size > 1_000


def test_a_small_network_is_shown_whole(small):
    graph, cascade = small
    scene = scene_of(graph, cascade)
    assert scene.people.tolist() == list(range(600))
    assert scene.words == ""
    assert scene.entries.tolist() == list(range(cascade.size))
    assert np.array_equal(scene.people[scene.person], cascade.person)
    pairs = {
        tuple(sorted(pair)) for pair in zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True)
    }
    assert set(zip(scene.from_.tolist(), scene.to.tolist(), strict=True)) == pairs


def test_of_a_large_network_the_neighbourhood_is_shown_and_the_rest_told(large):
    graph, cascade = large
    scene = scene_of(graph, cascade, most=500)
    assert len(scene.people) == 500
    assert np.array_equal(scene.people[scene.person], cascade.person[scene.entries])
    shown = set(scene.entries.tolist())
    assert all(parent < 0 or parent in shown for parent in cascade.parent[scene.entries].tolist())
    assert scene.left_out_people == 19_500
    assert scene.left_out_engaged == cascade.size - len(scene.entries) > 0
    pairs = len(
        {tuple(sorted(p)) for p in zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True)}
    )
    assert scene.left_out_ties == pairs - len(scene.from_)
    assert scene.words == (
        f"Not shown: 19,500 of 20,000 people, {scene.left_out_ties:,} ties "
        f"and {scene.left_out_engaged:,} of those who engaged."
    )
    _, (ax,) = new_figure()
    cascade_network(ax, graph, cascade, scene=scene)
    assert ax.get_xlabel() == scene.words


def test_a_network_shows_who_told_whom(small):
    graph, cascade = small
    _, (ax,) = new_figure()
    scene = scene_of(graph, cascade)
    cascade_network(ax, graph, cascade, scene=scene)
    ties, told = (one for one in ax.collections if isinstance(one, LineCollection))
    assert len(ties.get_paths()) == len(scene.from_)
    drawn = {tuple(np.round(path.vertices, 5).ravel()) for path in told.get_paths()}
    places = np.round(scene.places.astype(float), 5)
    child = np.flatnonzero(cascade.parent >= 0)
    teller = cascade.person[cascade.parent[child]]
    assert drawn == {(*places[a], *places[b]) for a, b in zip(teller, cascade.person[child], strict=True)}


def test_a_cascade_of_another_graph_is_refused(small):
    _, cascade = small
    other = vs.generate("path", people=5)
    with pytest.raises(vs.UsageError, match="another graph"):
        scene_of(other, cascade)

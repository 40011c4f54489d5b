"""The health report: what is said of networks that were made to be said something of."""

from __future__ import annotations

import json

import numpy as np
import pytest

from viralsim.graph import from_arcs, generate, graph_info, graph_info_lines, health, read_graph
from viralsim.graph.health import graph_health


def said(sentences, part):
    return [sentence for sentence in sentences if part in sentence]


def test_hubs_and_even_networks_are_told_apart():
    hubs = graph_health(generate("scale-free", people=5000))
    assert said(hubs.kind, "a network with hubs")
    assert said(hubs.seeding, "hubs matter")
    assert said(hubs.seeding, "contacts beat people")
    even = graph_health(generate("ring", people=200, neighbours=3))
    assert said(even.kind, "no far-reaching hubs")
    assert said(even.kind, "friends of friends often know each other")
    assert said(graph_health(generate("karate-club")).kind, "friends of friends often know each other: clustering 0.57")
    assert said(graph_health(generate("erdos-renyi", people=2000)).kind, "friends of friends hardly know each other")
    assert said(even.seeding, "no far-reaching hubs to pick")
    assert not said(even.seeding, "contacts beat people")
    assert even.wrong == ()


def test_communities_are_named_where_they_are_clear():
    clear = graph_health(generate("communities", people=2000, mixing=0.05))
    assert said(clear.kind, "clear communities")
    assert said(clear.seeding, "spread seeds over communities")
    none = graph_health(generate("complete", people=50))
    assert said(none.kind, "no clear communities")
    assert not said(none.seeding, "spread seeds")


def test_communities_of_luck_are_none():
    """The best division of any sparse random network has a modularity above 0.3."""
    luck = graph_health(generate("erdos-renyi", people=2000, mean_degree=4))
    assert luck.numbers["communities"]["modularity"] > 0.4
    assert said(luck.kind, "no clear communities (modularity 0.5")
    assert not said(luck.seeding, "spread seeds")


def test_people_without_ties_are_no_communities():
    """Of a network dealt to platforms 4,573 communities were told, 4,002 of them people off the platform."""
    made = generate("communities", people=600, mixing=0.05)
    arcs = made.arcs
    more = from_arcs(arcs.sharers, arcs.followers, people=5000)
    assert graph_health(more).numbers["communities"]["count"] < 30


def test_what_cannot_be_reached_is_said():
    one_way = from_arcs(np.arange(99), np.arange(1, 100))
    health = graph_health(one_way)
    assert said(health.kind, "0% of the arcs are returned: more audiences")
    assert said(health.seeding, "a seed at random can reach")
    assert health.numbers["distances"]["reached"]["samples"] == 64
    assert health.numbers["distances"]["reached"]["low"] < 0.5 < health.numbers["distances"]["reached"]["high"]


def test_two_networks_isolated_people_and_loops():
    left, right = np.arange(30), np.arange(1, 31) % 30
    two = from_arcs(np.r_[left, left + 30, 3], np.r_[right, right + 30, 3], people=80, mutual=True)
    wrong = graph_health(two).wrong
    assert said(wrong, "two networks in one? The largest components have 30 and 30 people")
    assert said(wrong, "20 people of 80 (25%) have no arc at all")
    assert said(wrong, "2% of the rows tie people to themselves")


def test_one_person_tied_to_all_and_trust_of_nobody():
    ring = np.arange(1, 300)
    graph = from_arcs(np.r_[ring, np.zeros(299, int)], np.r_[ring % 299 + 1, ring], mutual=True, trust=0.0)
    wrong = graph_health(graph).wrong
    assert said(wrong, "one person, 0, is tied to 100% of all others")
    assert said(wrong, "all tie trust is 0")


def test_copies_are_counted():
    # 40 to 49 follow exactly 0 to 5; the others are in a ring.
    rows = [(p, (p + 1) % 40) for p in range(40)] + [(q, p) for p in range(40, 50) for q in range(6)]
    graph = from_arcs([a for a, _ in rows], [b for _, b in rows])
    assert said(graph_health(graph).wrong, "9 people have exactly the same 5 or more ties")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("ann,bob\nbob,nan\n", "ids that look like column names or missing values: 'nan'"),
        ("ann,bob\nBob,cem\n", "1 id differs from another one by case or spaces alone"),
        ("1,2\n2,-1\n", "the id -1 is negative: a missing value?"),
        ("1,2\n2,1\n1,3\n3,4\n4,5\n", "25% of the edges are listed in both orders and the others are not"),
        ("1,2\n1,2\n2,3\n", "33% of the rows repeat an earlier one"),
    ],
)
def test_strange_rows_of_a_file_are_named(tmp_path, rows, sentence):
    path = tmp_path / "ties.csv"
    path.write_text(rows)
    graph = read_graph(path, header=False)
    assert said(graph_health(graph).wrong, sentence)
    assert said(graph_info_lines(graph), sentence)


def test_ordinary_data_is_not_suspected():
    for name in ("karate-club", "les-miserables", "communities", "scale-free"):
        assert graph_health(generate(name)).wrong == ()


def test_graph_info_holds_all_of_it_as_json():
    graph = generate("communities", people=500)
    info = json.loads(json.dumps(graph_info(graph), allow_nan=False))
    health = graph_health(graph)
    assert info["health"] == {"kind": list(health.kind), "seeding": list(health.seeding), "wrong": []}
    assert info["structure"] == json.loads(json.dumps(health.numbers))
    lines = graph_info_lines(graph)
    start = lines.index("what it is")
    assert lines[start + 1 :].index("what it means for seeding") == len(health.kind)
    assert lines[lines.index("what looks wrong") + 1] == "  - nothing"


@pytest.mark.parametrize("graph", [from_arcs([], [], people=1), from_arcs([], [], people=50), from_arcs([0], [1])])
def test_tiny_and_empty_graphs_have_little_to_say(graph):
    health = graph_health(graph)
    assert health.kind == ("too small to tell what kind of network it is",)
    json.dumps(health.numbers, allow_nan=False)


def test_who_bridges_is_named_where_it_is_affordable_and_sure(monkeypatch):
    rows = [(a, b) for a in range(15) for b in range(a)] + [(15 + a, 15 + b) for a in range(15) for b in range(a)]
    rows += [(30, 3), (30, 20)]
    bridge = from_arcs([a for a, _ in rows], [b for _, b in rows], mutual=True, ids=[f"p{i}" for i in range(31)])
    found = graph_health(bridge)
    top = found.numbers["betweenness"]["top"]
    assert [one["id"] for one in top] == ["p30", "p3", "p20"]
    assert top[0]["share"] == pytest.approx(2 * 15 * 15 / (30 * 29))
    assert top[1]["share"] == pytest.approx(2 * 14 * 16 / (30 * 29))
    assert "who bridges most: p30, on the shortest way of 52% of all pairs, p3 (51%), p20 (51%)" in found.kind
    monkeypatch.setattr(health, "_BETWEENNESS_WORK", 10 * (2 * len(bridge.arcs) + 31))
    assert graph_health(bridge).numbers["betweenness"] is None
    monkeypatch.setattr(health, "_LEAST_WALKS", 10)
    sampled = graph_health(bridge)
    assert sampled.numbers["betweenness"]["samples"] == 10
    assert any(line.endswith("estimated from 10 people") for line in sampled.kind)
    even = generate("erdos-renyi", people=3_000, mean_degree=10.0)
    assert not any("bridges" in line for line in graph_health(even).kind)


def test_the_ninety_percent_point_is_no_less_than_it_seems():
    """A star was told to be 2.0 hops wide on average, 90% of the pairs within 1.9."""
    text = said(graph_health(generate("star", people=300)).kind, "hops apart")[0]
    assert text.startswith("people who reach each other are 2.0 hops apart on average")
    assert text.endswith("90% of them within 2")

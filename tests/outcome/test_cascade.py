"""Cascades: their shape against closed forms and brute force, and their texts read back."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.outcome.cascade import Cascade

steady = settings(derandomize=True, deadline=None, max_examples=100)


def _cascade(parents: list[int], **changes: Any) -> Cascade:
    """Return a cascade of which entry e is person e; a parent's number is smaller than its children's."""
    generation: list[int] = []
    for parent in parents:
        generation.append(0 if parent < 0 else generation[parent] + 1)
    n = len(parents)
    fields: dict[str, Any] = {
        "graph_ids": [f"p{k}" for k in range(n)],
        "person": np.arange(n),
        "item": np.zeros(n),
        "platform": np.zeros(n),
        "tick": generation,
        "parent": parents,
        "generation": generation,
        "shared_at": np.full(n, -1),
        "items": ("content",),
        "platforms": ("feed",),
        "tick_seconds": 3600.0,
        "realisation": 17,
        "scenario_hash": "0123456789abcdef",
        "plan": "hubs",
    }
    fields |= changes
    return Cascade.from_queue(fields.pop("graph_ids"), **fields)


@st.composite
def forests(draw: st.DrawFn, most: int = 25) -> list[int]:
    n = draw(st.integers(0, most))
    return [draw(st.integers(-3, entry - 1)) for entry in range(n)]


def _network(cascade: Cascade) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(cascade.size))
    graph.add_edges_from((int(p), e) for e, p in enumerate(cascade.parent) if p >= 0)
    return graph


# -- shape ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 10, 1001])
def test_structural_virality_of_a_path(n: int) -> None:
    assert _cascade(list(range(-1, n - 1))).structural_virality == pytest.approx((n + 1) / 3, rel=1e-15)


@pytest.mark.parametrize("n", [2, 3, 10, 1001])
def test_structural_virality_of_a_star(n: int) -> None:
    assert _cascade([-1] + [0] * (n - 1)).structural_virality == pytest.approx(2 * (n - 1) / n, rel=1e-15)


@pytest.mark.parametrize(("depth", "virality"), [(1, 1.33333), (2, 2.28571), (3, 3.50476), (4, 4.95484)])
def test_structural_virality_of_complete_binary_trees(depth: int, virality: float) -> None:
    tree = _cascade([-1] + [(k - 1) // 2 for k in range(1, 2 ** (depth + 1) - 1)])
    assert tree.structural_virality == pytest.approx(virality, abs=5e-6)
    assert tree.depth == depth
    assert tree.breadth.tolist() == [2**g for g in range(depth + 1)]
    assert tree.max_breadth == 2**depth


def _uniform_tree(word: list[int]) -> list[int]:
    """Return the labelled tree of a Pruefer word as parents in an order from a root downwards."""
    n = len(word) + 2
    graph = nx.from_prufer_sequence(word)
    place = {0: 0}
    parents = [-1]
    for parent, child in nx.bfs_edges(graph, 0):
        place[child] = len(parents)
        parents.append(place[parent])
    assert len(parents) == n
    return parents


@pytest.mark.parametrize(("n", "trees", "mean"), [(10, 6000, 2.955795), (50, 1500, 7.697068)])
def test_structural_virality_of_poisson_branching_trees(n: int, trees: int, mean: float) -> None:
    """Conditioned on its size, a Poisson branching tree is a uniformly random labelled tree."""
    rng = np.random.default_rng(2016)
    found = [_cascade(_uniform_tree(word)).structural_virality for word in rng.integers(0, n, (trees, n - 2)).tolist()]
    assert None not in found
    error = np.std(found, ddof=1) / math.sqrt(trees)
    assert abs(np.mean(found) - mean) < 4 * error + 5e-7
    assert 4 * error < 0.02 * mean  # sharp enough to tell (n + 1) pairs from n


@steady
@given(forests())
def test_shape_of_a_forest_is_that_of_brute_force(parents: list[int]) -> None:
    cascade = _cascade(parents)
    graph = _network(cascade)
    distances: list[int] = []
    per_root: list[float | None] = []
    for root in cascade.roots.tolist():
        tree = graph.subgraph(nx.node_connected_component(graph, root))
        lengths = dict(nx.all_pairs_shortest_path_length(tree))
        within = [lengths[a][b] for a in tree for b in tree if a < b]
        distances += within
        per_root.append(sum(within) / len(within) if within else None)
    assert cascade.structural_virality == (sum(distances) / len(distances) if distances else None)
    assert cascade.structural_viralities() == per_root
    assert sorted([*cascade.seeds, *cascade.advertised, *cascade.born]) == cascade.roots.tolist()
    assert len(cascade.seeds) == parents.count(-1)
    assert len(cascade.roots) == nx.number_connected_components(graph) if parents else not len(cascade.roots)
    generations = [0 if p < 0 else None for p in cascade.parent.tolist()]
    for e, p in enumerate(cascade.parent.tolist()):
        if p >= 0:
            generations[e] = generations[p] + 1  # type: ignore[operator]
    assert cascade.generation.tolist() == generations
    assert cascade.depth == max(generations, default=0)
    assert cascade.breadth.tolist() == [generations.count(g) for g in range(cascade.depth + 1) if parents]
    assert cascade.max_breadth == max(cascade.breadth.tolist(), default=0)
    assert cascade.size == len(cascade) == len(parents)


@steady
@given(forests())
def test_trees_take_a_cascade_apart(parents: list[int]) -> None:
    cascade = _cascade(parents)
    trees = cascade.trees()
    assert [tree.structural_virality for tree in trees] == cascade.structural_viralities()
    assert [tree.ids[0] for tree in trees] == cascade.ids[cascade.roots].tolist()
    assert [int(tree.parent[0]) for tree in trees] == cascade.parent[cascade.roots].tolist()
    assert sorted(name for tree in trees for name in tree.ids.tolist()) == sorted(cascade.ids.tolist())
    told = {
        (str(tree.ids[p]), str(tree.ids[e])) for tree in trees for e, p in enumerate(tree.parent.tolist()) if p >= 0
    }
    assert told == {(str(cascade.ids[p]), str(cascade.ids[e])) for e, p in enumerate(cascade.parent.tolist()) if p >= 0}


def test_shape_takes_linear_time() -> None:
    n = 200_000
    path = _cascade(list(range(-1, n - 1)))
    started = time.process_time()
    assert path.structural_virality == pytest.approx((n + 1) / 3)
    assert time.process_time() - started < 3.0  # all pairs would take hours


@steady
@given(forests(), st.randoms(use_true_random=False))
def test_the_order_of_the_queue_within_a_tick_does_not_matter(parents: list[int], random: Any) -> None:
    cascade = _cascade(parents)
    order = list(range(len(parents)))
    random.shuffle(order)
    order.sort(key=lambda e: cascade.tick[e])
    place = {e: k for k, e in enumerate(order)} | {-1: -1, -2: -2, -3: -3}
    shuffled = Cascade.from_queue(
        [f"p{k}" for k in range(len(parents))],
        person=[int(cascade.person[e]) for e in order],
        item=[0] * len(order),
        platform=[0] * len(order),
        tick=[int(cascade.tick[e]) for e in order],
        parent=[place[int(cascade.parent[e])] for e in order],
        generation=[int(cascade.generation[e]) for e in order],
        shared_at=[-1] * len(order),
        items=("content",),
        platforms=("feed",),
        tick_seconds=3600.0,
        realisation=17,
        scenario_hash="0123456789abcdef",
        plan="hubs",
    )
    assert shuffled == cascade
    assert hash(shuffled) == hash(cascade)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parent": [-1, 1]}, "earlier entry"),
        ({"parent": [-1, -4]}, "earlier entry"),
        ({"born_of": [-1, 0]}, "born_of: expected an entry of the same person"),
        (
            {"parent": [-1, -3], "generation": [0, 0], "born_of": [-1, 0]},
            "born_of: expected an entry of the same person",
        ),
        ({"born_of": [-1]}, "expected shape"),
        ({"parent": [-1, -1]}, "0 without a parent"),
        ({"generation": [0, 2]}, "the parent's plus 1"),
        ({"shared_at": [1]}, "expected shape"),
        ({"ids": ["a"]}, "expected shape"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(_cascade([-1, 0]), **changes)


def test_cascades_differ_by_any_number() -> None:
    cascade = _cascade([-1, 0, 0])
    assert cascade == _cascade([-1, 0, 0])
    assert cascade != _cascade([-1, 0, 1])
    assert cascade != _cascade([-1, 0, 0], realisation=18)
    assert cascade != _cascade([-1, 0, 0], graph_ids=["a", "b", "c"])
    assert cascade != "a cascade"


# -- texts ------------------------------------------------------------------------------------------

HOSTILE = ["a<b&c>\"d'", "line\nbreak,comma", "\x1b[31mr\x00ed", "Zoë 日本 😀"]


def test_text_is_a_tree_to_read() -> None:
    cascade = _cascade(
        [-1, -1, 0, 2],
        graph_ids=[7, 8, 9, 10],
        tick=[0, 0, 1, 30],
        item=[0, 1, 0, 0],
        platform=[0, 0, 1, 1],
        items=("content", "rumour"),
        platforms=("feed", "photos"),
    )
    assert cascade.to_text() == "\n".join(
        [
            "plan hubs, realisation 17: item content: 3 people engaged, 1 seed",
            "depth 2, widest generation 1, structural virality 1.33",
            "item rumour: 1 person engaged, 1 seed",
            "depth 0, widest generation 1, structural virality undefined",
            "0d 00:00  7 (seed, content, on feed)",
            "0d 01:00    9 (content, on photos)",
            "1d 06:00      10 (content, on photos)",
            "0d 00:00  8 (seed, rumour, on feed)",
        ]
    )
    assert _cascade([-1], tick_seconds=1.5, tick=[50]).to_text().endswith("0d 00:01:15  p0 (seed)")


def test_text_says_what_it_leaves_out() -> None:
    star = _cascade([-1] + [0] * 9)
    lines = star.to_text(limit=4).splitlines()
    assert len(lines) == 2 + 4 + 1
    assert lines[-1] == "... and 6 more people"
    assert star.to_text(limit=9).endswith("... and 1 more person")
    for limit in (10, 11, None):
        assert "more" not in star.to_text(limit=limit)
        assert len(star.to_text(limit=limit).splitlines()) == 12
    assert star.to_text(limit=0).endswith("... and 10 more people")
    assert _cascade([]).to_text() == (
        "plan hubs, realisation 17: 0 people engaged, 0 seeds\n"
        "depth 0, widest generation 0, structural virality undefined"
    )


def test_text_of_a_long_path_stays_narrow() -> None:
    text = _cascade(list(range(-1, 999))).to_text(limit=None)
    assert max(map(len, text.splitlines())) < 130
    assert text.endswith("p999 (generation 999)")


def test_text_cannot_be_tampered_with_by_ids() -> None:
    text = _cascade([-1, 0, 0, 0], graph_ids=HOSTILE).to_text()
    assert len(text.splitlines()) == 2 + 4
    assert "\x1b" not in text
    assert "\x00" not in text
    assert r"line\nbreak,comma" in text
    assert "Zoë 日本 😀" in text


def test_people_whom_an_advertisement_engaged_are_roots_and_no_seeds() -> None:
    """They used to be taken for somebody else's children: a parent of -2 was an index from the end."""
    cascade = _cascade([-1, -2, 1, -2], tick=[0, 1, 2, 3])
    assert cascade.parent.tolist() == [-1, -2, 1, -2]
    assert cascade.summary().startswith("plan hubs, realisation 17: 4 people engaged, 1 seed, 2 by the advertisement\n")
    assert cascade.to_text().split("\n")[2:] == [
        "0d 00:00  p0 (seed)",
        "0d 01:00  p1 (advertisement)",
        "0d 02:00    p2",
        "0d 03:00  p3 (advertisement)",
    ]
    written = cascade.to_dict()
    assert (written["seeds"], written["advertised"]) == (["p0"], ["p1", "p3"])
    assert [one["origin"] for one in written["people"]] == ["seed", "advertisement", "share", "advertisement"]
    rows = list(csv.DictReader(io.StringIO(cascade.to_csv())))
    assert [(row["parent"], row["origin"]) for row in rows] == [
        ("", "seed"),
        ("", "advertisement"),
        ("1", "share"),
        ("", "advertisement"),
    ]
    read = nx.parse_graphml(cascade.to_graphml())
    assert list(read.edges()) == [("n1", "n2")]
    assert [read.nodes[f"n{k}"]["origin"] for k in range(4)] == ["seed", "advertisement", "share", "advertisement"]


def _turned() -> Cascade:
    """Two contents and what dissatisfied people tell of one of them: p1 and p2 turn, p2 after p3 was told."""
    return _cascade(
        [-1, 0, 0, -3, 3, -3, -1],
        graph_ids=["p0", "p1", "p2", "p3"],
        person=[0, 1, 2, 1, 3, 2, 2],
        item=[1, 1, 1, 0, 0, 0, 2],
        tick=[0, 1, 2, 1, 2, 2, 2],
        items=("complaints", "content", "other"),
        births={"complaints": "content"},
    )


def test_who_turned_is_linked_to_the_content_that_disappointed_them() -> None:
    """The testimony comes first among the items, so the root's entry comes before that of the content."""
    cascade = _turned()
    assert cascade.person.tolist() == [0, 1, 1, 2, 3, 2, 2]
    assert cascade.parent.tolist() == [-1, -3, 0, -3, 1, 0, -1]
    assert cascade.born_of.tolist() == [-1, 2, -1, 5, -1, -1, -1]
    assert cascade.born.tolist() == [1, 3]
    assert cascade.summary().split("\n")[0] == (
        "plan hubs, realisation 17: item complaints: 3 people engaged, 0 seeds, 2 dissatisfied"
    )
    assert cascade.to_text().split("\n")[6:] == [
        "0d 00:00  p0 (seed, content)",
        "0d 01:00    p1 (content)",
        "0d 02:00    p2 (content)",
        "0d 01:00  p1 (dissatisfied, complaints)",
        "0d 02:00    p3 (complaints)",
        "0d 02:00  p2 (dissatisfied, complaints)",
        "0d 02:00  p2 (seed, other)",
    ]
    people = cascade.to_dict()["people"]
    assert [one["born_of"] for one in people] == [None, 2, None, 5, None, None, None]
    assert [one["origin"] for one in people][1:4] == ["dissatisfied", "share", "dissatisfied"]
    assert cascade.to_dict()["born"] == ["p1", "p2"]
    rows = list(csv.DictReader(io.StringIO(cascade.to_csv())))
    assert [row["born_of"] for row in rows] == ["", "2", "", "5", "", "", ""]
    read = nx.parse_graphml(cascade.to_graphml())
    assert {node: data["born_of"] for node, data in read.nodes(data=True) if "born_of" in data} == {
        "n1": "n2",
        "n3": "n5",
    }
    assert cascade != replace(cascade, born_of=np.full(7, -1))


def test_whose_content_is_not_there_has_no_link() -> None:
    assert _cascade(
        [-3, -1], item=[0, 1], items=("complaints", "content"), births={"complaints": "content"}
    ).born_of.tolist() == [-1, -1]
    assert _cascade([-3], items=("complaints", "content"), births={"complaints": "content"}).born_of.tolist() == [-1]


def test_parts_of_a_cascade_have_no_links_to_what_is_not_in_them() -> None:
    cascade = _turned()
    alone = cascade.only("complaints")
    assert alone.parent.tolist() == [-3, -3, 0]
    assert alone.born_of.tolist() == [-1, -1, -1]
    assert alone.structural_virality == 1.0
    assert [tree.parent.tolist() for tree in cascade.trees()] == [[-1, 0, 0], [-3, 0], [-3], [-1]]
    assert all((tree.born_of == -1).all() for tree in cascade.trees())


def test_dict_and_json() -> None:
    cascade = _cascade([-1, 0], graph_ids=[4, 9], shared_at=[1, -1], tick_seconds=1800.0)
    wanted = {
        "plan": "hubs",
        "realisation": 17,
        "scenario_hash": "0123456789abcdef",
        "tick_seconds": 1800.0,
        "size": 2,
        "depth": 1,
        "breadth": [1, 1],
        "max_breadth": 1,
        "structural_virality": 1.0,
        "seeds": [4],
        "advertised": [],
        "born": [],
        "people": [
            {
                "entry": 0,
                "person": 4,
                "item": "content",
                "platform": "feed",
                "tick": 0,
                "hours": 0.0,
                "parent": None,
                "parent_person": None,
                "generation": 0,
                "shared_at": 1,
                "origin": "seed",
                "born_of": None,
            },
            {
                "entry": 1,
                "person": 9,
                "item": "content",
                "platform": "feed",
                "tick": 1,
                "hours": 0.5,
                "parent": 0,
                "parent_person": 4,
                "generation": 1,
                "shared_at": None,
                "origin": "share",
                "born_of": None,
            },
        ],
    }
    assert cascade.to_dict() == wanted
    assert json.loads(cascade.to_json()) == wanted
    lonely = json.loads(_cascade([-1], graph_ids=["ann"]).to_json())
    assert lonely["structural_virality"] is None
    assert lonely["seeds"] == ["ann"]
    empty = json.loads(_cascade([]).to_json())
    assert (empty["size"], empty["breadth"], empty["people"]) == (0, [], [])


@steady
@given(forests())
def test_csv_reads_back(parents: list[int]) -> None:
    cascade = _cascade(parents)
    rows = list(csv.DictReader(io.StringIO(cascade.to_csv())))
    wanted = [
        {key: "" if value is None else str(value) for key, value in person.items()}
        for person in cascade.to_dict()["people"]
    ]
    assert rows == wanted


def test_csv_keeps_hostile_ids() -> None:
    rows = list(csv.DictReader(io.StringIO(_cascade([-1, 0, 0, 0], graph_ids=HOSTILE).to_csv(), newline="")))
    assert [row["person"] for row in rows] == HOSTILE


@steady
@given(forests(), st.booleans())
def test_graphml_reads_back(parents: list[int], whole_numbers: bool) -> None:
    names: list[Any] = [k * 10 if whole_numbers else f"p{k}" for k in range(len(parents))]
    cascade = _cascade(parents, graph_ids=names)
    graph = nx.parse_graphml(cascade.to_graphml())
    assert graph.is_directed()
    assert set(graph.edges) == {
        (f"n{person['parent']}", f"n{person['entry']}")
        for person in cascade.to_dict()["people"]
        if person["parent"] is not None
    }
    for person in cascade.to_dict()["people"]:
        wanted = {k: v for k, v in person.items() if k not in ("entry", "parent", "parent_person") and v is not None}
        assert graph.nodes[f"n{person['entry']}"] == wanted
    assert graph.graph["realisation"] == 17
    assert graph.graph["plan"] == "hubs"


def test_graphml_of_hostile_ids_is_xml() -> None:
    cascade = _cascade([-1, 0, 0, 0], graph_ids=HOSTILE, plan="a&b")
    graph = nx.parse_graphml(cascade.to_graphml())
    assert [graph.nodes[f"n{k}"]["person"] for k in range(4)] == [
        HOSTILE[0],
        r"line\nbreak,comma",
        r"\x1b[31mr\x00ed",
        HOSTILE[3],
    ]
    assert graph.graph["plan"] == "a&b"

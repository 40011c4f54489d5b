"""graph_info against networkx and by hand; the lines that people read."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.graph import from_arcs, generate, graph_info, graph_info_lines, measures, read_graph, structure

SETTINGS = settings(derandomize=True, deadline=None, max_examples=150)


@st.composite
def graphs(draw):
    people = draw(st.integers(1, 12))
    person = st.integers(0, people - 1)
    rows = draw(st.lists(st.tuples(person, person), max_size=50))
    return from_arcs([u for u, _ in rows], [v for _, v in rows], people=people, mutual=draw(st.booleans()))


@SETTINGS
@given(graphs())
def test_measures_equal_networkx(graph):
    other = nx.DiGraph()
    other.add_nodes_from(range(graph.people))
    other.add_edges_from(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True))
    info = graph_info(graph)
    components = list(nx.weakly_connected_components(other))
    assert info["components"] == len(components)
    assert info["largest_component"] == max(map(len, components))
    assert measures.weak_components(graph).tolist() == [
        next(min(some) for some in components if v in some) for v in range(graph.people)
    ]
    assert info["isolated"] == len(list(nx.isolates(other)))
    assert info["max_followers"] == max(dict(other.out_degree).values())
    assert info["max_followed"] == max(dict(other.in_degree).values())
    assert info["mean_clustering"] == pytest.approx(nx.average_clustering(other.to_undirected()), abs=1e-12)
    if len(graph.arcs):
        assert info["reciprocity"] == pytest.approx(nx.reciprocity(other))
    else:
        assert info["reciprocity"] is None
        assert info["trust"] is None
    assert info["edges"] == (len(other.to_undirected().edges) if graph.mutual else None)
    json.dumps(info, allow_nan=False)
    assert all(line == line.rstrip() for line in graph_info_lines(graph))


def test_clustering_is_sampled_where_it_would_take_long(monkeypatch):
    monkeypatch.setattr(structure, "_MOST_TRIANGLE_WORK", 10)
    graph = generate("karate-club")
    info = graph_info(graph)
    interval = info["mean_clustering_interval"]
    assert interval["low"] < info["mean_clustering"] < interval["high"]
    (line,) = (line for line in graph_info_lines(graph) if line.startswith("  clustering"))
    assert line.endswith("with 95%, from 100,000 samples)")


def test_attributes_are_counted_and_what_is_missing_is_no_value():
    graph = from_arcs([0, 1, 2], [1, 2, 3], attributes={"age": [1, float("nan"), float("nan"), 1], "in": list("abca")})
    assert graph_info(graph)["attributes"] == {"age": 1, "in": 3}
    assert "  attribute     age, 1 value: 1 (2), missing for 2 people" in graph_info_lines(graph)


def test_quantiles_are_people_who_exist():
    info = graph_info(generate("star", people=100))
    assert info["followers_quantiles"] == {
        "p00": 1, "p05": 1, "p25": 1, "p50": 1, "p75": 1, "p95": 1, "p99": 1, "p100": 99,
    }  # fmt: skip
    assert info["mean_followers"] == 1.98


def test_lines_of_a_file(tmp_path):
    path = tmp_path / "ties.csv"
    path.write_text(
        "# by hand\nwho,whom,trust,since\n\nann,bob,0.5,1\nbob,cem,1,2\nbob,cem,0.5,3\ncem,cem,0,4\ndan,dan,1,5\n"
    )
    graph = read_graph(path, direction="follows", trust_column="trust", merge="max")
    assert graph_info_lines(graph) == [
        str(path),
        "  people        4",
        "  arcs          2, directed, 0.0% of them returned",
        "  direction     a row 'a b' means: a follows b, so a sees what b shares",
        "  components    2, the largest with 3 people; 1 person without any arc",
        "  followers     0.50 per person, half have 0 or fewer, at most 1",
        "  clustering    0.000",
        "  trust         mean 0.75, from 0.5 to 1; the middle half of the arcs has 0.5 to 1",
        "  ids           text",
        "import: 5 rows = 2 arcs kept + 2 self-loops dropped + 1 row merged",
        "  8 lines (1 comment, 1 blank line, 1 line of column names among them), columns separated by: comma",
        "  read: source from column 1 'who', target from column 2 'whom', trust from column 3 'trust'",
        "  not read: since",
        "  self-loops: nobody follows themselves",
        "  merged rows repeat an arc; its multiplicity counts them (at most 2)",
        "what it is",
        "  - too small to tell what kind of network it is",
        "what looks wrong",
        "  - 1 person of 4 (25%) has no arc at all and can neither hear nor tell",
        "  - 40% of the rows tie people to themselves; they were dropped",
        f"fingerprint {graph.fingerprint[:16]}",
    ]


def test_lines_say_what_was_cut_and_noted(tmp_path):
    path = tmp_path / "ties.txt"
    path.write_text("3 4 \n0 1 1\n0 1 1\n1 2 1\n2 0 1\n")
    lines = graph_info_lines(read_graph(path, trust_column=3, merge="sum"))
    assert "  1 sum of merged numbers above 1 was cut to 1" in lines
    assert any(line.startswith("  note: line 1 ('3 4') was read as the number of people and rows") for line in lines)


def test_values_of_attributes_are_listed():
    """Of an attribute was said "18 values", and not which."""
    people = 40
    attributes = {
        "city": ["Oslo"] * 30 + ["Rome"] * 9 + [""],
        "age": np.r_[[np.nan], np.arange(39)],
        "year": np.r_[[np.nan], np.full(20, 2006.0), np.full(19, 2005.0)],
        "on": np.arange(people) < 3,
        "name": [f"p{i}" for i in range(people)],
        "dorm": [f"d{i % 12:02d}" for i in range(people)],
    }
    lines = [text for _, text in measures.attribute_lines(from_arcs([0], [1], people=people, attributes=attributes))]
    assert lines == [
        "city, 2 values: Oslo (30), Rome (9), missing for 1 person",
        "age, 39 values from 0 to 38, missing for 1 person",
        "year, 2 values: 2005 (19), 2006 (20), missing for 1 person",
        "on, 2 values: false (37), true (3)",
        "name, 40 values",
        "dorm, 12 values, most often d00 (4), d01 (4), d02 (4), d03 (4), d04 (3), d05 (3), d06 (3), d07 (3)",
    ]

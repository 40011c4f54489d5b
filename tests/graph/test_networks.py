"""networkx objects, and graphs named by a scenario, a file or a line."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from viralsim.errors import DataError, ScenarioError, UsageError
from viralsim.graph import from_networkx, generate, load_network, open_graph, parse_spec
from viralsim.scenario import read_scenario, scenario_from_text


def arcs_of(graph):
    return list(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True))


def test_directions():
    other = nx.DiGraph([("ann", "bob"), ("bob", "cem")])
    assert arcs_of(from_networkx(other)) == [(0, 1), (1, 2)]
    assert arcs_of(from_networkx(other, direction="follows")) == [(1, 0), (2, 1)]
    undirected = from_networkx(other.to_undirected())
    assert arcs_of(undirected) == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert undirected.mutual
    assert undirected.report.direction == "mutual"


def test_node_order_is_kept():
    other = nx.Graph()
    other.add_nodes_from([5, 3, 9])
    other.add_edges_from([(9, 3)])
    graph = from_networkx(other)
    assert graph.ids.tolist() == [5, 3, 9]
    assert graph.ids.dtype == np.int64
    assert arcs_of(graph) == [(1, 2), (2, 1)]


def test_numbers_and_parallel_edges():
    other = nx.MultiDiGraph()
    other.add_edge(0, 1, tie=0.25, w=1, p=0.5)
    other.add_edge(0, 1, tie=0.75, w=3, p=0.5)
    other.add_edge(1, 1, tie=1.0, w=1, p=0.5)
    graph = from_networkx(other, trust="tie", weight="w", probability="p")
    assert graph.arcs.trust.tolist() == [0.5]
    assert graph.arcs.weight.tolist() == [2.0]
    assert graph.arcs.probability.tolist() == [0.5]
    assert graph.arcs.multiplicity.tolist() == [2]
    report = graph.report
    assert (report.rows, report.kept, report.self_loops, report.merged) == (3, 1, 1, 1)
    assert from_networkx(other, trust=0.3).report.unread == ("tie", "w", "p")


def test_node_attributes():
    other = nx.path_graph(3)
    nx.set_node_attributes(other, {0: "x", 1: "y"}, "town")
    nx.set_node_attributes(other, {0: 1, 1: 2, 2: 3}, "year")
    nx.set_node_attributes(other, {0: 1}, "age")
    nx.set_node_attributes(other, {0: True, 1: False, 2: True}, "member")
    graph = from_networkx(other)
    assert graph.attribute("town").tolist() == ["x", "y", ""]
    assert graph.attribute("year").dtype == np.int64
    assert graph.attribute("age")[0] == 1.0
    assert math.isnan(graph.attribute("age")[2])
    assert graph.attribute("member").dtype == bool


@pytest.mark.parametrize(
    ("graph", "options", "message", "hint"),
    [
        (nx.Graph(), {}, "networkx graph: there are no people", "the graph has no nodes"),
        ({0: [1]}, {}, "expected a networkx graph, not dict", ""),
        (nx.Graph([(1, "1")]), {}, "ids 0 and 1 (from 0) have the same text: 1 and '1'", "relabel one"),
        (
            nx.Graph([(1, 2, {"trus": 1})]),
            {"trust": "trust"},
            "edge 1, 2 has no attribute 'trust'",
            "mean 'trus'?",
        ),
        (nx.Graph([(1, 2, {"t": "x"})]), {"trust": "t"}, "edge 1, 2: trust is 'x', expected a number", ""),
        (
            nx.Graph([(1, 2, {"t": 7})]),
            {"trust": "t"},
            "edge 1, 2: trust is 7, expected a number from 0 to 1",
            "(r + 10)",
        ),
        (
            nx.Graph([(1, 2, {"t": -1})]),
            {"weight": "t"},
            "edge 1, 2: weight is -1, expected a finite number",
            "signed",
        ),
        (nx.Graph([(1, 2, {"t": math.nan})]), {"probability": "t"}, "edge 1, 2: probability is nan", ""),
    ],
)
def test_bad_networkx(graph, options, message, hint):
    with pytest.raises(DataError) as caught:
        from_networkx(graph, **options)
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_bad_direction():
    with pytest.raises(UsageError, match="unknown direction 'mutual'"):
        from_networkx(nx.DiGraph([(0, 1)]), direction="mutual")


# ---------------------------------------------------------------------------------- sources


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("star", "star", {}),
        (" ring : people = 12 , neighbours=2 ", "ring", {"people": 12, "neighbours": 2}),
        ("communities:mixing=1e-1,random_seed=7", "communities", {"mixing": 0.1, "random_seed": 7}),
        ("communities:mixing=3%", "communities", {"mixing": "3%"}),
    ],
)
def test_specs(text, name, arguments):
    assert parse_spec(text) == (name, arguments)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("rng:people=3", "unknown generator 'rng'; choose from communities", "did you mean 'ring'?"),
        ("ring:people", "ring: expected parameter=value, found 'people'", "for example ring:people=1000"),
        ("ring:people=", "ring: expected parameter=value, found 'people='", ""),
        ("ring:people=3,,", "ring: expected parameter=value, found ''", ""),
        ("ring:people=3,people=4", "ring: 'people' is given twice", ""),
        ("ring:random_seed=x", "ring: random_seed is 'x', expected a whole number", ""),
        ("ring:random_seed=1.000", "ring: random_seed is '1.000', expected a whole number", "write 1_000 if you mean"),
        ("ring:people=20,000", "ring: expected parameter=value, found '000'", "write 20_000: digits"),
        ("ring:trust=high", "ring: trust is 'high', expected a number", ""),
    ],
)
def test_bad_specs(text, message, hint):
    with pytest.raises(UsageError) as caught:
        parse_spec(text)
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_a_spec_makes_the_graph_of_generate():
    one = open_graph("communities:people=300,mixing=10%,random_seed=3,trust=0.25")
    two = generate("communities", people=300, mixing=0.1, random_seed=3, trust=0.25)
    assert one.fingerprint == two.fingerprint


def test_a_file_comes_before_a_generator_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_graph("star").people == 10
    (tmp_path / "star").write_text("1 2\n")
    assert open_graph("star").people == 2


def test_neither_file_nor_generator(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="there is no such file or generator; did you mean 'communities'"):
        open_graph("comunities:people=3")
    with pytest.raises(DataError, match="there is no such file"):
        open_graph("edges.csv")
    with pytest.raises(UsageError, match="'direction' belongs to files, but 'star' is a generator"):
        open_graph("star", direction="follows")


def test_network_of_a_scenario(tmp_path):
    path = tmp_path / "ties.csv"
    path.write_text("a;b;t\n1;2;0.25\n3;2;1\n")
    scenario = read_scenario(settings=[f"network.file={path}", "network.direction=follows", "network.trust_column=t"])
    graph = load_network(scenario.network)
    assert arcs_of(graph) == [(1, 0), (1, 2)]
    assert graph.arcs.trust.tolist() == [0.25, 1.0]


def test_packaged_scenario_has_a_network():
    graph = load_network(read_scenario().network)
    assert graph.people >= 1000


@pytest.mark.parametrize(
    ("people", "hint"),
    [
        ("20.000", "write 20_000 if you mean 20000, 20 if you mean 20: a point starts decimals"),
        ("20.0", "write 20"),
        ("1e3", "write 1000"),
    ],
)
def test_a_spec_with_a_point_in_a_whole_number_is_refused(people, hint):
    """communities:people=20.000 was a network of twenty people."""
    with pytest.raises(UsageError) as caught:
        open_graph(f"ring:people={people}")
    assert str(caught.value) == (
        f"ring: people: expected a whole number from 1 to 100_000_000; got {people}\n  hint: {hint}"
    )


def test_a_generator_refuses_floats_for_whole_numbers_and_takes_numpys():
    with pytest.raises(UsageError, match="expected a whole number") as caught:
        generate("star", people=20.0)
    assert caught.value.hint == "write 20"
    assert generate("star", people=np.int64(20)).people == 20


def test_contradicting_parameters_are_placed_where_a_scenario_wrote_them():
    text = """
    [network]
    generator = "ring"
    people = 4
    neighbours = 2
    [item.post]
    stickiness = 0.1
    [plan.one.wave.first]
    strategy = "random"
    count = 1
    """
    scenario = scenario_from_text(text, name="ring.toml")
    with pytest.raises(ScenarioError) as caught:
        load_network(scenario.network, scenario.place)
    (problem,) = caught.value.problems
    assert problem.place == "ring.toml:5:18"
    assert problem.message.startswith("network.neighbours: 2 neighbours on each side need at least 5 people")
    changed = scenario.with_settings(["network.neighbours=3"])
    with pytest.raises(ScenarioError) as caught:
        load_network(changed.network, changed.place)
    assert caught.value.problems[0].place == "--set network.neighbours=3"


def test_contradicting_parameters_are_a_problem_of_the_scenario():
    scenario = read_scenario(settings=["network.generator=ring", "network.people=4", "network.neighbours=2"])
    with pytest.raises(ScenarioError) as caught:
        load_network(scenario.network)
    assert str(caught.value).startswith("network.neighbours: 2 neighbours on each side need at least 5 people")
    assert caught.value.exit_code == 3

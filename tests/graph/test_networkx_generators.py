"""Generators of networkx by name: the same graphs, plain numbers only, and no traceback whatever is asked."""

from __future__ import annotations

import networkx as nx
import pytest

from viralsim.errors import DataError, ScenarioError, UsageError, ViralsimError
from viralsim.graph import generate, load_network, open_graph
from viralsim.graph.networks import networkx_graph
from viralsim.scenario import read_scenario, scenario_from_text

SCENARIO = """
[network]
generator = "networkx"
function = "powerlaw_cluster_graph"
n = 200
m = 3
p = 0.25

[item.post]
stickiness = "5%"

[plan.start.wave.first]
strategy = "random"
count = 1
"""


def arcs(graph):
    ids = graph.ids.tolist()
    return {(ids[a], ids[b]) for a, b in zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True)}


@pytest.mark.parametrize(
    ("function", "numbers", "other"),
    [
        ("petersen_graph", {}, nx.petersen_graph()),
        ("hypercube_graph", {"n": 3}, nx.relabel_nodes(nx.hypercube_graph(3), str)),
        ("windmill_graph", {"n": 4, "k": 3}, nx.windmill_graph(4, 3)),
        ("grid_2d_graph", {"m": 3, "n": 4, "periodic": True}, nx.relabel_nodes(nx.grid_2d_graph(3, 4, True), str)),
    ],
)
def test_the_graph_of_networkx(function, numbers, other):
    graph = generate("networkx", function=function, **numbers)
    assert graph.mutual
    assert arcs(graph) == set(other.to_directed().edges)
    assert "random_seed" not in graph.report.source


def test_luck_is_keyed_by_random_seed_alone():
    one, again, two = (
        generate("networkx", function="gnp_random_graph", n=50, p=0.2, random_seed=seed) for seed in (1, 1, 2)
    )
    assert one.fingerprint == again.fingerprint != two.fingerprint
    assert one.report.source == "networkx(function=gnp_random_graph, n=50, p=0.2, random_seed=1)"
    # Functions that draw from numpy take the same seed.
    assert networkx_graph("geometric_soft_configuration_graph", beta=2.0, n=30, gamma=2.7, mean_degree=4).people == 30


def test_an_edge_of_a_directed_graph_is_an_influence():
    graph = generate("networkx", function="gn_graph", n=20, trust=0.75)
    assert not graph.mutual
    assert graph.arcs.out_degree.tolist() == [0] + [1] * 19
    assert set(graph.arcs.trust.tolist()) == {0.75}


def test_attributes_that_are_no_numbers_are_left_out_and_named():
    graph = generate("networkx", function="planted_partition_graph", l=3, k=5, p_in=0.9, p_out=0.1)
    assert graph.attribute("block").tolist() == [0] * 5 + [1] * 5 + [2] * 5
    graph = generate("networkx", function="random_geometric_graph", n=30, radius=0.3)
    assert graph.attributes == {}
    assert graph.report.notes == ("attributes that are neither numbers nor text were left out: pos",)


def test_in_a_scenario():
    scenario = scenario_from_text(SCENARIO)
    assert scenario.network.parameters == {"function": "powerlaw_cluster_graph", "n": 200, "m": 3, "p": 0.25}
    assert scenario_from_text(scenario.toml()) == scenario
    graph = load_network(scenario.network)
    assert graph.fingerprint == open_graph("networkx:powerlaw_cluster_graph,n=200,m=3,p=0.25").fingerprint
    other = scenario.with_settings(["network.m=2"])
    assert load_network(other.network).fingerprint != graph.fingerprint


def test_by_settings():
    settings = ["network.generator=networkx", "network.function=cycle_graph", "network.n=12"]
    assert len(load_network(read_scenario(settings=settings).network).arcs) == 24


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("m = 3", 'm = "3"', 'network.m: expected a number, true or false; got "3"'),
        ("m = 3", "m = [3]", "network.m: expected a number, true or false; got"),
        ("p = 0.25", "p = nan", "network.p: expected a number, true or false; got nan"),
        ('function = "powerlaw_cluster_graph"', "", "network.function: missing: generator 'networkx' needs it"),
        ('function = "powerlaw_cluster_graph"', 'functoin = "x"', "network.functoin: generator 'networkx' has no"),
        ("m = 3", "header = true", "network.header: this belongs to a network that is a file"),
    ],
)
def test_scenarios_that_cannot_be(old, new, message):
    with pytest.raises(ScenarioError) as caught:
        scenario_from_text(SCENARIO.replace(old, new))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("powerlaw_cluster_graph", "powerlaw_cluster", "no generator", "did you mean 'powerlaw_cluster_graph'?"),
        ("m = 3", "mm = 3", "no parameter 'mm'; it has n, m, p", "did you mean 'm'?"),
        ("m = 3", "seed = 3", "no parameter 'seed'", "it is made from network.random_seed"),
        ("m = 3", "", "'powerlaw_cluster_graph' needs m", "networkx: powerlaw_cluster_graph(n, m, p)"),
        ("m = 3", "m = 300", "cannot be made with these parameters: ", "networkx: powerlaw_cluster_graph(n, m, p)"),
        ("m = 3", "m = 2.5", "cannot be made with these parameters: ", "networkx: powerlaw_cluster_graph(n, m, p)"),
    ],
)
def test_networks_that_cannot_be(old, new, message, hint):
    scenario = scenario_from_text(SCENARIO.replace(old, new))
    with pytest.raises(ScenarioError) as caught:
        load_network(scenario.network, scenario.place)
    problem = caught.value.problems[0]
    assert message in problem.message
    assert hint in problem.hint
    assert "<text>:" in problem.place


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("read_edgelist", "networkx has no generator 'read_edgelist'"),
        ("Graph", "networkx has no generator 'Graph'"),
        ("__doc__", "networkx has no generator '__doc__'"),
        ("", "networkx has no generator ''"),
        ("ego_graph", "'ego_graph' needs G, n"),
        ("number_of_nonisomorphic_trees", "'number_of_nonisomorphic_trees' needs order"),
    ],
)
def test_what_is_no_generator_of_networkx(function, message):
    with pytest.raises(UsageError) as caught:
        networkx_graph(function)
    assert message in caught.value.message


def test_no_graph_and_no_people():
    with pytest.raises(UsageError, match="makes int, not a graph"):
        networkx_graph("number_of_nonisomorphic_trees", order=5)
    with pytest.raises(DataError, match="there are no people"):
        networkx_graph("null_graph")


def test_every_function_makes_a_graph_or_says_why_not():
    """Whatever numbers are put where networkx wants something else."""
    import inspect

    made = 0
    names = [
        name for name in dir(nx) if str(getattr(getattr(nx, name), "__module__", "")).startswith("networkx.generators.")
    ]
    for name in names:
        required = [
            parameter.name
            for parameter in inspect.signature(getattr(nx, name)).parameters.values()
            if parameter.default is parameter.empty and parameter.kind.name in ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY")
        ]
        for values in ([6, 3, 2, 2], [6, 4, 0.5, 0.5], [0.5] * 4, [-1] * 4, [True] * 4):
            numbers = dict(zip(required, values, strict=False))
            try:
                graph = networkx_graph(name, **numbers)
            except ViralsimError:
                continue
            assert graph.people > 0
            made += 1
    assert made > 150

"""Tie trust: overlap against networkx, laws against their moments, and what a scenario makes of it."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.errors import ScenarioError, UsageError
from viralsim.graph import from_arcs, generate, graph_info, graph_info_lines, load_network, open_graph, with_tie_trust
from viralsim.graph.tie_trust import _ORIGINS, drawn_trust, overlap_trust, parse_tie_trust, reciprocity_trust, rescaled
from viralsim.scenario import choices, json_schema, read_scenario, scenario_from_text

SETTINGS = settings(derandomize=True, deadline=None, max_examples=100)


@st.composite
def graphs(draw):
    people = draw(st.integers(1, 12))
    person = st.integers(0, people - 1)
    rows = draw(st.lists(st.tuples(person, person), max_size=60))
    return from_arcs([u for u, _ in rows], [v for _, v in rows], people=people, mutual=draw(st.booleans()))


@SETTINGS
@given(graphs())
def test_overlap_and_reciprocity_by_sets(graph):
    arcs = list(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True))
    tied = nx.Graph(arcs)
    overlaps = []
    for u, v in arcs:
        either = (set(tied[u]) | set(tied[v])) - {u, v}
        overlaps.append(len(set(tied[u]) & set(tied[v])) / len(either) if either else 0.0)
    assert overlap_trust(graph).tolist() == overlaps
    assert reciprocity_trust(graph).tolist() == [float((v, u) in set(arcs)) for u, v in arcs]


def test_every_choice_of_the_catalogue_is_made_and_leaves_all_but_trust():
    assert list(_ORIGINS) == list(choices("tie_trust"))
    graph = generate("communities", people=300)
    for name in _ORIGINS:
        parameters = {"overlap": 2, "given": 1} if name == "combined" else {}
        other = with_tie_trust(graph, name, low=0.2, high=0.9, **parameters)
        assert other.arcs.followers is graph.arcs.followers
        assert other.ids is graph.ids
        assert other.attributes == graph.attributes
        assert other.fingerprint != graph.fingerprint
        assert other.fingerprint == with_tie_trust(graph, name, low=0.2, high=0.9, **parameters).fingerprint
        trust = other.arcs.trust
        assert trust.dtype == np.float64
        assert trust.min() >= 0.2
        assert trust.max() <= 0.9
        # Mutual: both directions of a tie have the same.
        there = dict(
            zip(zip(other.arcs.sharers.tolist(), other.arcs.followers.tolist(), strict=True), trust, strict=True)
        )
        assert all(there[v, u] == value for (u, v), value in there.items())


def test_laws_have_their_moments():
    graph = generate("complete", people=400)  # 79,800 ties
    uniform = with_tie_trust(graph, "uniform", low=0.2, high=0.6).arcs.trust
    assert uniform.mean() == pytest.approx(0.4, abs=0.003)
    assert uniform.std() == pytest.approx(0.4 / np.sqrt(12), abs=0.003)
    triangular = with_tie_trust(graph, "triangular", low=0.1, mode=0.2, high=0.9).arcs.trust
    assert triangular.mean() == pytest.approx(0.4, abs=0.003)
    variance = (0.1**2 + 0.2**2 + 0.9**2 - 0.1 * 0.2 - 0.1 * 0.9 - 0.2 * 0.9) / 18
    assert triangular.var() == pytest.approx(variance, abs=0.001)
    for a, b in ((1, 1), (2, 5), (5, 2), (3, 3)):
        beta = with_tie_trust(graph, "beta", a=a, b=b).arcs.trust
        assert beta.mean() == pytest.approx(a / (a + b), abs=0.003)
        assert beta.var() == pytest.approx(a * b / ((a + b) ** 2 * (a + b + 1)), abs=0.001)
    edges = with_tie_trust(graph, "triangular", low=0.3, mode=0.3, high=0.8).arcs.trust
    assert edges.mean() == pytest.approx((0.3 + 0.3 + 0.8) / 3, abs=0.003)


def test_known_numbers():
    """Equal on every machine: these are stored."""
    graph = from_arcs([0, 1, 2, 2], [1, 2, 0, 3])
    assert drawn_trust(graph, random_seed=7).tolist() == pytest.approx(KNOWN, abs=0)


KNOWN = [0.7214292815435509, 0.8023958730924086, 0.44372413851468073, 0.23468612813751477]


def test_another_arc_changes_no_luck():
    one, more = from_arcs([0, 1, 3], [1, 2, 0]), from_arcs([0, 0, 1, 3], [1, 2, 2, 0])
    assert drawn_trust(one).tolist() == np.delete(drawn_trust(more), 1).tolist()
    assert drawn_trust(one, random_seed=2).tolist() != drawn_trust(one).tolist()


def test_combined_is_the_weighted_mean():
    graph = from_arcs([0, 1, 1, 2, 0], [1, 0, 2, 0, 2], trust=[0.1, 0.3, 0.5, 0.7, 0.9])
    expected = (3 * graph.arcs.trust + reciprocity_trust(graph) + 2 * overlap_trust(graph)) / 6
    found = with_tie_trust(graph, "combined", given=3, reciprocity=1, overlap=2).arcs.trust
    assert found == pytest.approx(expected)
    alone = with_tie_trust(graph, "combined", given=0.1).arcs.trust
    assert alone == pytest.approx(graph.arcs.trust)


def test_stretch_and_equal_numbers():
    values = np.array([0.1, 0.2, 0.3])
    assert rescaled(values, stretch=True) == pytest.approx([0, 0.5, 1])
    assert rescaled(np.full(2, 0.4), stretch=True).tolist() == [0.4, 0.4]
    assert rescaled(np.empty(0), stretch=True).tolist() == []
    assert with_tie_trust(from_arcs([], [], people=2), "overlap", stretch=True).arcs.trust.tolist() == []


@pytest.mark.parametrize(
    ("origin", "parameters", "message"),
    [
        ("overlaps", {}, "unknown tie trust 'overlaps'"),
        ("overlap", {"mode": 0.5}, "has no parameter 'mode'"),
        ("overlap", {"low": 2}, "expected a share"),
        ("overlap", {"low": 0.9, "high": 0.1}, "more than high"),
        ("triangular", {"low": 0.6}, "mode is 0.5"),
        ("combined", {}, "all weights are 0"),
        ("beta", {"a": 0}, "expected a whole number"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(origin, parameters, message):
    with pytest.raises(UsageError) as error:
        with_tie_trust(generate("star"), origin, **parameters)
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["overlap:low", "overlap:=1", "overlap:low=1,low=1", "overlap:,"])
def test_a_line_that_is_no_tie_trust_is_refused(text):
    with pytest.raises(UsageError):
        parse_tie_trust(text)


# -- in a scenario

RING = """
[network]
generator = "ring"
people = 8
neighbours = 2
{network}
[item.post]
stickiness = 0.1
[plan.all.wave.first]
strategy = "random"
count = 1
"""


def scenario(network):
    return scenario_from_text(RING.format(network=network), name="ring.toml")


def test_a_scenario_makes_tie_trust():
    written = scenario('[network.tie_trust]\nfrom = "overlap"\nlow = "20%"\nhigh = 0.9')
    assert written == scenario('tie_trust = { from = "overlap", low = 0.2, high = 0.9 }')
    assert written.resolved()["network"]["tie_trust"] == {"from": "overlap", "low": 0.2, "high": 0.9, "stretch": False}
    assert scenario_from_text(written.toml()) == written
    graph = load_network(written.network)
    plain = load_network(scenario("").network)
    assert graph.fingerprint == with_tie_trust(plain, "overlap", low=0.2, high=0.9).fingerprint != plain.fingerprint
    assert "tie_trust" not in scenario("").resolved()["network"]
    assert read_scenario(settings=["network.tie_trust={from='beta', b=5}"]).network.tie_trust.parameters["b"] == 5
    assert written.with_settings(["network.tie_trust.low=10%"]).network.tie_trust.parameters["low"] == 0.1


def test_a_file_takes_tie_trust_too(tmp_path):
    (tmp_path / "ties.csv").write_text("a,b,t\nx,y,0.5\ny,z,1\n")
    text = RING.replace('generator = "ring"\npeople = 8\nneighbours = 2', 'file = "ties.csv"\ntrust_column = "t"')
    path = tmp_path / "own.toml"
    path.write_text(text.format(network='tie_trust = { from = "given", high = 0.5 }'))
    own = read_scenario(path)
    assert scenario_from_text(own.toml()) == own
    assert load_network(own.network).arcs.trust.tolist() == [0.25, 0.25, 0.5, 0.5]


@pytest.mark.parametrize(
    ("network", "place", "message"),
    [
        ('tie_trust = "overlap"', "6:13", 'expected a table that says from what; got "overlap"'),
        ("[network.tie_trust]\nlow = 0.2", "6:1", "network.tie_trust.from: missing: one of given, reciprocity"),
        ('tie_trust = { from = "overlp" }', "6:22", "did you mean 'overlap'?"),
        ('tie_trust = { from = "overlap", hihg = 1 }', "6:33", "did you mean 'high'?"),
        ('tie_trust = { from = "overlap", a = 1 }', "6:33", "'a' belongs to tie_trust 'beta'"),
        ('tie_trust = { from = "overlap", low = 0.9, high = 0.2 }', "6:39", "low is 0.9, more than high, 0.2"),
        ('tie_trust = { from = "triangular", mode = 1, high = 0.2 }', "6:43", "mode is 1, expected a share from low"),
        ('tie_trust = { from = "combined" }', "6:1", "all weights are 0"),
        ('tie_trust = { from = "combined", overlap = -1 }', "6:44", "expected a number"),
        ("tie_trust = { from = 3 }", "6:22", "expected one of"),
    ],
)
def test_mistakes_have_their_place(network, place, message):
    with pytest.raises(ScenarioError) as error:
        scenario(network)
    assert len(error.value.problems) == 1
    assert f"ring.toml:{place}" in str(error.value)
    assert message in str(error.value)


def test_the_json_schema_has_an_alternative_for_each_choice():
    alternatives = json_schema()["$defs"]["TieTrust"]["oneOf"]
    assert [one["properties"]["from"]["const"] for one in alternatives] == list(choices("tie_trust"))
    for network in json_schema()["$defs"]["Network"]["oneOf"]:
        assert "tie_trust" in network["properties"]


def test_graph_info_shows_its_distribution():
    graph = open_graph("communities:people=500", tie_trust="overlap:low=0.2,high=0.9")
    quantiles = graph_info(graph)["trust_quantiles"]
    ordered = np.sort(graph.arcs.trust)
    assert quantiles["p50"] == ordered[-(-len(ordered) // 2) - 1]
    assert list(quantiles) == ["p05", "p25", "p50", "p75", "p95"]
    assert list(quantiles.values()) == sorted(quantiles.values())
    lines = graph_info_lines(graph)
    assert any("the middle half of the arcs has" in line for line in lines)
    assert any(line.endswith("from overlap (low=0.2, high=0.9)") for line in lines)
    json.dumps(quantiles)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("combined:overlap=1", "from combined (overlap=1.0)"),
        ("given:high=1", "0.5 for every arc"),
        ("given:high=0.5", "0.5 for every arc, then moved (high=0.5)"),
        ("combined:given=1,overlap=1", "from combined (given=1.0, overlap=1.0); given: 0.5 for every arc"),
        ("reciprocity", "from reciprocity"),
    ],
)
def test_where_trust_comes_from_is_said_beside_its_range(spec, words):
    """Of trust from overlap was printed "given: 0.5 for every arc", and no mean."""
    graph = open_graph("communities:people=300", tie_trust=spec)
    assert graph.report.trust == words
    line = next(line for line in graph_info_lines(graph) if line.startswith("  trust "))
    assert ("mean " in line) == ("overlap=" in words)
    assert words == "0.5 for every arc" or any(line.endswith(words) for line in graph_info_lines(graph))


def test_an_origin_that_tells_no_arcs_apart_is_noted():
    """Trust from reciprocity on a mutual network is the same for all, and nobody said so."""
    mutual, one_way = generate("ring", people=6), from_arcs([0, 1, 2], [1, 0, 0])
    assert with_tie_trust(mutual, "reciprocity", high=0.9).report.notes == (
        "reciprocity tells no arcs apart, for all are returned: all have the tie trust 0.9",
    )
    assert with_tie_trust(mutual, "overlap", low=0.2).report.notes == (
        "overlap tells no arcs apart: all have the tie trust 0.2",
    )
    assert "its part is the same" in with_tie_trust(mutual, "combined", reciprocity=1, uniform=1).report.notes[0]
    assert with_tie_trust(one_way, "reciprocity").report.notes == ()


def test_a_mistake_names_the_origin_once():
    with pytest.raises(UsageError) as error:
        with_tie_trust(generate("star"), "combined")
    assert str(error.value).startswith("combined: all weights are 0; expected at least one of given")
    assert "=" not in error.value.hint  # neither TOML nor a line

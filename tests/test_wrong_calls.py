"""What the library says to calls that were meant otherwise: the call that is right, in the words of Python."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

import viralsim as vs


def test_a_name_is_no_graph() -> None:
    """It was an AttributeError deep within."""
    scenario = vs.read_scenario()
    for play in (lambda: vs.simulate(scenario, graph="ckm"), lambda: vs.replay(scenario, 1, graph="ckm")):  # type: ignore[arg-type]
        with pytest.raises(
            vs.UsageError, match=r"a SocialGraph was expected, got str 'ckm'\n  hint: viralsim.read_graph"
        ):
            play()


def test_a_scenario_is_no_network() -> None:
    scenario = vs.read_scenario()
    with pytest.raises(vs.UsageError, match=r"load_network\(scenario.network, scenario.place\)"):
        vs.load_network(scenario)  # type: ignore[arg-type]


def test_a_generator_in_one_line_is_told_its_call() -> None:
    with pytest.raises(vs.UsageError, match=r"generate\('communities', people=500, mixing=0.1\)"):
        vs.generate("communities:people=500,mixing=0.1")
    with pytest.raises(vs.UsageError, match=r"generate\('communities', people=500\)"):
        vs.generate("comunities:people=5")


def test_force_is_a_parameter(tmp_path: Path) -> None:
    graph = vs.generate("star", people=3)
    for name in ("e.csv", "club"):
        vs.write_graph(graph, tmp_path / name)
        with pytest.raises(vs.UsageError, match="hint: force=True replaces it"):
            vs.write_graph(graph, tmp_path / name)


def test_platforms_that_become_one_are_told(tmp_path: Path) -> None:
    """from_networkx(to_networkx(graph)) made one network of two platforms without a word."""
    graph = vs.from_arcs([0, 1, 2], [1, 2, 0], platform=["calls", "texts", "calls"])
    (note,) = vs.from_networkx(vs.to_networkx(graph)).report.notes
    assert note == (
        "edges have an attribute 'platform' that is not read, so calls, texts become one network; "
        'platform = "platform" makes a layer of each'
    )
    assert vs.from_networkx(vs.to_networkx(graph), platform="platform").report.notes == ()
    assert vs.from_networkx(nx.path_graph(3)).report.notes == ()
    vs.write_graph(graph, tmp_path / "g.graphml")
    assert any('platform_column = "platform"' in note for note in vs.read_graph(tmp_path / "g.graphml").report.notes)


def test_names_of_columns_are_quoted_where_they_need_it(tmp_path: Path) -> None:
    """Text columns had quoted names and others not: source,target,trust,multiplicity,"platform"."""
    attributes = {"city": ["Oslo", "", "Rome"], 'a "b", c': ["x", "y", "z"], "age": [1, 2, 3]}
    graph = vs.from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"], attributes=attributes)
    for ending in (".csv", ".csv.gz"):
        ties, people = tmp_path / f"e{ending}", tmp_path / f"p{ending}"
        vs.write_graph(graph, ties, people)
        read = vs.read_graph(ties, direction="influences", trust_column="trust", people=people)
        assert read.fingerprint == graph.fingerprint
        assert read.attribute('a "b", c').tolist() == ["x", "y", "z"]
    assert (tmp_path / "p.csv").read_text() == (
        'id,city,"a ""b"", c",age\n"ann","Oslo","x",1\n"bob","","y",2\n"cem","Rome","z",3\n'
    )

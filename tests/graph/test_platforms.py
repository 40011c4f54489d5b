"""Layers: one column names the platform of a row, each platform has arcs of its own among the same people."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import viralsim as vs
from viralsim.errors import DataError, UsageError
from viralsim.graph import (
    from_arcs,
    from_networkx,
    graph_info,
    graph_info_lines,
    join_people,
    read_graph,
    with_tie_trust,
)
from viralsim.graph.platforms import platform_overlap
from viralsim.graph.social_graph import LAYER

DATA = Path(__file__).parents[2].parent / "shared" / "data"

COUNTS = ("rows", "kept", "self_loops", "merged", "both_orders", "clipped")
ROWS = "calls ann bob 0.2\ntexts bob cem 0.4\ncalls bob ann 0.6\ncalls cem cem 1\ntexts bob cem 0.8\n"


def written(folder, text, name="ties.txt"):
    path = folder / name
    path.write_text(text)
    return path


def arcs_of(arcs):
    return list(zip(arcs.sharers.tolist(), arcs.followers.tolist(), strict=True))


def same_arcs(one, other):
    for part in ("offsets", "followers", "trust", "multiplicity", "probability", "weight"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert (mine is None) == (theirs is None), part
        if mine is not None:
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)


ARCS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(["calls", "texts", "x y"]),
        st.floats(0, 1).map(lambda x: round(x, 3)),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ARCS, st.booleans(), st.sampled_from(["mean", "max", "sum", "last"]))
def test_each_layer_is_the_graph_of_its_own_rows(rows, mutual, merge):
    left, right, names, trust = (list(column) for column in zip(*rows, strict=True))
    graph = from_arcs(left, right, people=6, trust=trust, merge=merge, mutual=mutual, platform=names)
    assert list(graph.layers) == list(dict.fromkeys(names))  # by first appearance
    for name in graph.layers:
        own = [k for k, platform in enumerate(names) if platform == name]
        alone = from_arcs(
            [left[k] for k in own],
            [right[k] for k in own],
            people=6,
            trust=[trust[k] for k in own],
            merge=merge,
            mutual=mutual,
        )
        same_arcs(graph.layer(name), alone.arcs)
        assert graph.report.platforms[name] == {what: getattr(alone.report, what) for what in COUNTS}
        chosen = graph.on_platform(name)
        assert chosen.fingerprint == alone.fingerprint
        assert {what: getattr(chosen.report, what) for what in COUNTS} == graph.report.platforms[name]
    report = graph.report
    assert report.rows == len(rows) == report.kept + report.self_loops + report.merged
    for what in COUNTS:
        assert getattr(report, what) == sum(counts[what] for counts in report.platforms.values())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ARCS, st.sampled_from(["mutual", "follows", "influences"]), st.sampled_from([",", "\t", ";"]))
def test_a_file_gives_the_same_as_arrays(tmp_path_factory, rows, direction, delimiter):
    lines = [delimiter.join(["p", "a", "b", "t"])]
    lines += [delimiter.join([name, f"n{a}", f"n{b}", repr(trust)]) for a, b, name, trust in rows]
    path = written(tmp_path_factory.mktemp("rows"), "\n".join(lines) + "\n")
    graph = read_graph(path, direction=direction, platform_column="p", trust_column="t", header=True)
    position = {person: k for k, person in enumerate(graph.ids.tolist())}
    # Positions by first appearance over all rows, whatever their platform.
    assert list(position) == list(dict.fromkeys(f"n{x}" for a, b, *_ in rows for x in (a, b)))
    left = [position[f"n{a}"] for a, *_ in rows]
    right = [position[f"n{b}"] for _, b, *_ in rows]
    if direction == "follows":
        left, right = right, left
    expected = from_arcs(
        left,
        right,
        people=len(position),
        trust=[row[3] for row in rows],
        mutual=direction == "mutual",
        platform=[row[2] for row in rows],
    )
    assert list(graph.layers) == list(expected.layers)
    for name, arcs in graph.layers.items():
        same_arcs(arcs, expected.layers[name])
    assert graph.report.platforms == expected.report.platforms


def test_columns_of_people_are_those_that_are_no_platform(tmp_path):
    graph = read_graph(written(tmp_path, ROWS), platform_column=1, trust_column=4, direction="influences")
    assert graph.ids.tolist() == ["ann", "bob", "cem"]
    assert {name: arcs_of(arcs) for name, arcs in graph.layers.items()} == {
        "calls": [(0, 1), (1, 0)],
        "texts": [(1, 2)],
    }
    assert graph.layers["texts"].trust.tolist() == [pytest.approx(0.6)]
    assert graph.report.columns["platform"] == "column 1"
    last = "\n".join(" ".join([*row.split()[1:], row.split()[0]]) for row in ROWS.splitlines())
    again = read_graph(written(tmp_path, last), platform_column=4, trust_column=3, direction="influences")
    assert again.fingerprint == graph.fingerprint


def test_people_on_other_platforms_alone_keep_their_place(tmp_path):
    graph = read_graph(written(tmp_path, "a x y\nb u v\n"), platform_column=1)
    assert graph.people == 4
    assert [len(arcs.offsets) for arcs in graph.layers.values()] == [5, 5]
    assert graph.on_platform("b").arcs.out_degree.tolist() == [0, 0, 1, 1]


def test_names_for_values(tmp_path):
    path = written(tmp_path, "1 a b\n2 a b\n3 b c\n")
    graph = read_graph(path, platform_column=1, platform_names={"1": "calls", "3": "calls"})
    assert {name: len(arcs) // 2 for name, arcs in graph.layers.items()} == {"calls": 2, "2": 1}
    with pytest.raises(
        DataError, match="platform_names names '11', but the platforms of the data are 1, 2, 3"
    ) as caught:
        read_graph(path, platform_column=1, platform_names={"11": "calls"})
    assert "did you mean '1'?" in str(caught.value)
    with pytest.raises(UsageError, match="needs a platform_column"):
        read_graph(path, platform_names={"1": "calls"})


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("p,a,b\nx,1,2\n,2,3\n", {"platform_column": "p"}, "ties.txt:3: the platform is empty"),
        ("1 2\n2 3\n", {"platform_column": 1}, "expected two people and a platform"),
        ("x 1 2\n", {"platform_column": 4}, "there is no column 4 for platform_column"),
        ("p,a,b\nx,1,2\n", {"platform_column": "q"}, "there is no column 'q' for platform_column"),
        ("x 1 2\n", {"platform_column": 1, "source_column": 1}, "platform and source are the same column"),
    ],
)
def test_what_cannot_be(tmp_path, text, options, message):
    with pytest.raises(DataError) as caught:
        read_graph(written(tmp_path, text), **options)
    assert message in str(caught.value)


def test_a_column_of_anything_is_no_platform(tmp_path):
    rows = "\n".join(f"{k} {k + 1} {k}" for k in range(1200))
    with pytest.raises(DataError, match="1,200 platforms among 1,201 people are more than viralsim holds"):
        read_graph(written(tmp_path, rows), platform_column=3)
    few = "\n".join(f"{k} {k + 1} {k % 60}" for k in range(1200))
    assert "60 platforms are many" in read_graph(written(tmp_path, few), platform_column=3).report.notes[-1]


def test_a_first_row_of_counts_is_an_arc_where_rows_name_platforms(tmp_path):
    """Three numbers that happened to count people and rows below: only the two people were looked at."""
    graph = read_graph(written(tmp_path, "9 2 1\n1 2 1\n2 3 1\n"), platform_column=3)
    assert graph.report.rows == 3


def test_a_column_called_layer_is_pointed_out(tmp_path):
    graph = read_graph(written(tmp_path, "source,target,layer\na,b,1\n"))
    assert list(graph.layers) == [LAYER]
    assert 'network.platform_column = "layer"' in graph.report.notes[0]


@pytest.mark.parametrize("kind", ["INTEGER", "VARCHAR"])
def test_parquet(tmp_path, kind):
    path = tmp_path / "ties.parquet"
    values = "(1, 'a', 'b'), (2, 'b', 'c'), (1, 'b', 'a')"
    duckdb.sql(f"SELECT CAST(p AS {kind}) AS p, a, b FROM (VALUES {values}) t(p, a, b)").write_parquet(str(path))
    graph = read_graph(path, platform_column="p", platform_names={"1": "calls"})
    assert graph.ids.tolist() == ["a", "b", "c"]
    assert {name: len(arcs) for name, arcs in graph.layers.items()} == {"calls": 2, "2": 2}
    assert graph.report.platforms["calls"]["merged"] == 1


@pytest.mark.parametrize("form", ["graphml", "gexf", "gml"])
def test_edge_attributes(tmp_path, form):
    made = nx.MultiDiGraph()
    made.add_edge("ann", "bob", where="calls")
    made.add_edge("ann", "bob", where="texts")
    made.add_edge("bob", "cem", where="texts")
    path = tmp_path / f"ties.{form}"
    getattr(nx, f"write_{form}")(made, path)
    graph = read_graph(path, direction="influences", platform_column="where", platform_names={"texts": "sms"})
    assert {name: arcs_of(arcs) for name, arcs in graph.layers.items()} == {
        "calls": [(0, 1)],
        "sms": [(0, 1), (1, 2)],
    }
    assert from_networkx(made, platform="where").layer("texts").out_degree.tolist() == [1, 1, 0]
    made.add_edge("cem", "ann")
    with pytest.raises(DataError, match="edge 'cem', 'ann' has no attribute 'where', which is to be its platform"):
        from_networkx(made, platform="where")


def test_relations_of_pajek(tmp_path):
    text = '*Vertices 3\n*Arcs :1 "advice"\n1 2\n2 1\n*Arcs :2 "friend"\n1 2\n*Edges :1 "advice"\n2 3\n'
    path = written(tmp_path, text, "ties.net")
    graph = read_graph(path, direction="influences", platform_column="relation")
    assert {name: arcs_of(arcs) for name, arcs in graph.layers.items()} == {
        "advice": [(0, 1), (1, 0), (1, 2), (2, 1)],
        "friend": [(0, 1)],
    }
    assert list(read_graph(path).layers) == [LAYER]
    with pytest.raises(DataError, match="each section of arcs or edges is a relation"):
        read_graph(path, platform_column="layer")


def test_people_are_joined_on_all_layers(tmp_path):
    graph = read_graph(written(tmp_path, ROWS), platform_column=1)
    table = written(tmp_path, "id,city\ncem,Oslo\ndan,Rome\n", "people.csv")
    joined = join_people(graph, table)
    assert joined.people == 4
    assert [arcs.out_degree.tolist() for arcs in joined.layers.values()] == [[1, 1, 0, 0], [0, 1, 1, 0]]
    assert joined.on_platform("texts").attribute("city").tolist() == ["", "", "Oslo", "Rome"]


def test_tie_trust_is_made_for_each_layer_by_itself():
    graph = from_arcs([0, 1, 0], [1, 0, 1], platform=["calls", "calls", "texts"])
    trusted = with_tie_trust(graph, "reciprocity", low=0.2, high=0.9)
    assert {name: arcs.trust.tolist() for name, arcs in trusted.layers.items()} == {
        "calls": [0.9, 0.9],
        "texts": [0.2],
    }
    drawn = with_tie_trust(graph, "uniform")  # keyed by the two people, whatever the platform
    assert drawn.layers["calls"].trust[0] == drawn.layers["texts"].trust[0]


def test_choosing_a_layer():
    graph = from_arcs([0, 1], [1, 2], platform=["calls", "texts"])
    assert graph.layer("calls") is graph.layers["calls"]
    with pytest.raises(UsageError, match="2 layers of arcs, one for each platform: choose one"):
        _ = graph.arcs
    with pytest.raises(DataError, match="no layer 'fed'; the layers are calls, texts"):
        graph.layer("fed")
    plain = from_arcs([0, 1], [1, 2])
    assert plain.layer("whatever") is plain.arcs
    with pytest.raises(DataError, match="are of no platform"):
        plain.on_platform("calls")
    alone = from_arcs([0, 1], [1, 2], platform=["calls", "calls"])  # one, but a named one
    assert alone.arcs is alone.layer("calls")
    with pytest.raises(DataError):
        alone.layer("feed")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"platform": ["a"]}, "platform has the shape (1,)"),
        ({"platform": ["a", ""]}, "row 1 (from 0): platform is ''"),
        ({"platform": ["a", None]}, "row 1 (from 0): platform is None"),
        ({"platform": [0, 2], "platform_names": ["a", "b"]}, "whole numbers from 0 to 1"),
        ({"platform": [0, 0], "platform_names": ["a", "a"]}, "names that differ"),
    ],
)
def test_bad_platforms_of_arrays(options, message):
    with pytest.raises(DataError) as caught:
        from_arcs([0, 1], [1, 0], **options)
    assert message in str(caught.value)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(ARCS)
def test_overlap_is_that_of_sets(rows):
    graph = from_arcs([row[0] for row in rows], [row[1] for row in rows], people=6, platform=[row[2] for row in rows])
    sets = {name: {(a, b) for a, b, platform, _ in rows if platform == name and a != b} for name in graph.layers}
    found = platform_overlap(graph)
    for name, arcs in sets.items():
        others = set().union(*(those for other, those in sets.items() if other != name))
        assert found.shared[name] == (len(arcs & others) / len(arcs) if arcs else None)
        for other, share in found.pairs[name].items():
            assert share == (len(arcs & sets[other]) / len(arcs) if arcs else None)
        assert found.active[name] == len({person for arc in arcs for person in arc})
    on = [sum(any(person in arc for arc in arcs) for arcs in sets.values()) for person in range(6)]
    assert list(found.people_on) == [on.count(k) for k in range(len(sets) + 1)]


def test_what_info_says_of_several_platforms():
    graph = from_arcs([0, 0, 1, 3], [1, 1, 2, 3], people=5, platform=["a", "b", "b", "a"], mutual=True)
    info = graph_info(graph)
    json.dumps(info, allow_nan=False)
    assert info["people_on_platforms"] == [2, 1, 2]
    assert info["platforms"]["a"]["self_loops"] == 1
    text = "\n".join(graph_info_lines(graph))
    assert "5: 2 on none, 1 active on 1 platform, 2 on both" in text
    assert "import: 4 rows = 3 edges kept + 1 self-loop dropped" in text
    assert "  a: 2 rows = 1 edge kept + 1 self-loop dropped" in text
    assert "--platform a" in text
    one = "\n".join(graph_info_lines(graph.on_platform("b")))
    assert one.startswith("arrays, platform b\n")
    assert "import: 2 rows = 2 edges kept" in one


# ---------------------------------------------------------------------- playing


def scenario(*settings_):
    return vs.read_scenario(settings=["realisations=20", "plan.hubs.wave.first.where={}", *settings_])


def layered():
    rng = np.random.default_rng(5)
    left, right = rng.integers(0, 200, (2, 3000))
    return from_arcs(left, right, platform=rng.choice(["calls", "texts"], 3000), people=200)


@pytest.mark.parametrize("plan", ["random", "hubs"])
def test_a_scenario_plays_the_layer_of_its_platform_and_no_other(plan):
    graph = layered()
    chosen = scenario("platform.feed.layer=texts")
    played = vs.simulate(chosen, plan=plan, graph=graph)
    alone = vs.simulate(scenario(), plan=plan, graph=graph.on_platform("texts"))
    np.testing.assert_array_equal(played.rows, alone.rows)
    np.testing.assert_array_equal(played.curves, alone.curves)
    other = vs.simulate(scenario("platform.feed.layer=calls"), plan=plan, graph=graph)
    assert not np.array_equal(played.rows, other.rows)
    assert played.scenario_hash != other.scenario_hash


def test_a_platform_plays_the_layer_of_its_own_name():
    text = '[network]\ngenerator = "ring"\npeople = 5\n[platform.texts]\n[item.post]\nstickiness = "20%"\n'
    text += '[plan.a.wave.b]\nstrategy = "degree"\ncount = 3\n'
    graph = layered()
    own = vs.simulate(vs.scenario_from_text(text), graph=graph, realisations=20)
    named = vs.scenario_from_text(text, settings=["platform.texts.layer=texts"])
    np.testing.assert_array_equal(own.rows, vs.simulate(named, graph=graph, realisations=20).rows)


@pytest.mark.parametrize(
    ("written_", "message", "hint"),
    [
        ((), "platform.feed: the network (arrays) has no layer 'feed'; its layers are calls, texts", 'feed.layer = "'),
        (
            ("platform.feed.layer=call",),
            "platform.feed.layer: the network (arrays) has no layer 'call'",
            "mean 'calls'",
        ),
    ],
)
def test_a_platform_that_is_no_layer(written_, message, hint):
    with pytest.raises(DataError) as caught:
        vs.simulate(scenario(*written_), graph=layered())
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_a_layer_of_a_network_without_layers():
    with pytest.raises(DataError, match="has no layers to choose from, got 'texts'"):
        vs.simulate(scenario("platform.feed.layer=texts"), graph=from_arcs([0], [1]))


def test_results_of_a_layered_network(tmp_path):
    graph, chosen = layered(), scenario("platform.feed.layer=texts")
    outcome = vs.simulate(chosen, graph=graph)
    vs.write_results(tmp_path / "out", outcome, chosen, graph=graph)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["graph"]["layers"] == {name: len(arcs) for name, arcs in graph.layers.items()}
    again = vs.read_scenario(tmp_path / "out" / "scenario.toml")
    assert again.platform["feed"].layer == "texts"


# ---------------------------------------------------------------------- real data


def real(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"real data not here: {path}")
    return path


def test_copenhagen():
    """3,600 calls, 24,333 texts, 6,429 friendships, as published."""
    path = real("copenhagen/cns_edges.txt.gz")
    names = dict(line.split(",") for line in ("1,calls", "2,fb_friends", "3,sms"))
    graph = read_graph(path, platform_column=1, platform_names=names)
    assert graph.people == 833
    assert {
        name: (c["rows"], c["kept"], c["self_loops"], c["merged"]) for name, c in graph.report.platforms.items()
    } == {
        "calls": (3_600, 621, 0, 2_979),
        "fb_friends": (6_429, 6_418, 11, 0),
        "sms": (24_333, 697, 0, 23_636),
    }
    assert graph.report.lines == graph.report.rows == 34_362
    chosen = scenario(f"network.file={path}", "network.platform_column=1", "platform.feed.layer=3")
    outcome = vs.simulate(chosen)
    assert outcome.people == 833
    assert outcome.engaged.mean >= 10


def test_ckm_physicians():
    """246 doctors, 1,551 directed ties."""
    path = real("ckm-physicians/CKM-Physicians-Innovation_multiplex.edges")
    people = real("ckm-physicians/CKM-Physicians-Innovation_nodes.txt")
    names = {"1": "advice", "2": "discussion", "3": "friend"}
    graph = read_graph(path, platform_column=1, platform_names=names, direction="influences", people=people)
    assert (graph.people, graph.report.rows, graph.report.kept) == (246, 1_551, 1_551)
    assert {name: len(arcs) for name, arcs in graph.layers.items()} == {"advice": 480, "discussion": 565, "friend": 506}
    assert (graph.report.people_rows, graph.report.only_in_table, graph.report.not_in_table) == (246, 5, 0)
    assert len(set(graph.attribute("nodeCity").tolist())) == 4
    outcome = vs.simulate(scenario("platform.feed.layer=advice"), graph=graph)
    assert outcome.engaged.mean >= 10


def test_long_names_of_platforms_are_cut_in_what_is_said():
    """A line of `graph info` named every platform in full, of 3,000 characters each."""
    graph = from_arcs([0, 1, 0], [1, 2, 1], platform=["x" * 3_000, "y" * 3_000, "x" * 3_000])
    assert max(map(len, graph_info_lines(graph))) < 200

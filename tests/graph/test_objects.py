"""Graphs from objects of pandas, scipy, igraph and networkit: the same as their rows in a file or as networkx objects.

igraph and networkit need not be there: stand-ins with the few methods that are used take their place.
"""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.errors import DataError, UsageError
from viralsim.graph import (
    from_arcs,
    from_igraph,
    from_networkit,
    from_networkx,
    from_pandas,
    from_scipy,
    read_graph,
)


class Vertices:
    """A stand-in for igraph's `vs` and `es`."""

    def __init__(self, values):
        self.values = values

    def attributes(self):
        return list(self.values)

    def __getitem__(self, name):
        return list(self.values[name])


def like_igraph(people, edges, directed=False, vertices=None, numbers=None):
    return SimpleNamespace(
        vcount=lambda: people,
        get_edgelist=lambda: list(edges),
        is_directed=lambda: directed,
        vs=Vertices(vertices or {}),
        es=Vertices(numbers or {}),
    )


def real_igraph(people, edges, directed=False, vertices=None, numbers=None):
    igraph = pytest.importorskip("igraph")
    return igraph.Graph(
        n=people, edges=list(edges), directed=directed, vertex_attrs=vertices or {}, edge_attrs=numbers or {}
    )


def like_networkit(nodes, edges, directed=False, weighted=False):
    return SimpleNamespace(
        numberOfNodes=lambda: len(nodes),
        numberOfEdges=lambda: len(edges),
        iterNodes=lambda: iter(nodes),
        iterEdges=lambda: iter([edge[:2] for edge in edges]),
        iterEdgesWeights=lambda: iter([(*edge[:2], edge[2] if len(edge) > 2 else 1.0) for edge in edges]),
        isDirected=lambda: directed,
        isWeighted=lambda: weighted,
    )


def real_networkit(nodes, edges, directed=False, weighted=False):
    networkit = pytest.importorskip("networkit")
    graph = networkit.Graph(max(nodes, default=-1) + 1, weighted=weighted, directed=directed)
    for node in set(range(max(nodes, default=-1) + 1)) - set(nodes):
        graph.removeNode(node)
    for edge in edges:
        graph.addEdge(*edge)
    return graph


def counts(graph):
    report = graph.report
    return report.rows, report.kept, report.self_loops, report.merged


# ---------------------------------------------------------------------- pandas

IDS = {
    "int64": lambda x: x,
    "text": lambda x: f"n{x}",
    "float64": float,
    "category": lambda x: f"n{x}",
    "Int64": lambda x: x,
    "object": lambda x: x if x % 2 else f"n{x}",
}


def frame_of(rows, kind):
    made = pd.DataFrame(
        {
            "t": [row[2] for row in rows],
            "source": [IDS[kind](row[0]) for row in rows],
            "target": [IDS[kind](row[1]) for row in rows],
            "p": [row[3] for row in rows],
        },
        index=[f"r{k}" for k in range(len(rows))],
    )
    dtype = {"text": None, "float64": None, "int64": None}.get(kind, kind)
    return made.astype({"source": dtype, "target": dtype}) if dtype else made


ROWS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(0, 6),
        st.floats(0, 1).map(lambda x: round(x, 3)),
        st.sampled_from(["calls", "texts"]),
    ),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize("kind", list(IDS))
@settings(max_examples=25, deadline=None, derandomize=True)
@given(ROWS, st.sampled_from(["mutual", "follows", "influences"]))
def test_a_table_gives_what_its_file_gives(tmp_path_factory, kind, rows, direction):
    edges = frame_of(rows, kind)
    path = tmp_path_factory.mktemp("tables") / "ties.csv"
    edges.to_csv(path, index=False)
    options = {"direction": direction, "trust_column": "t", "platform_column": "p"}
    graph = from_pandas(edges, merge="max", **options)
    read = read_graph(path, merge="max", header=True, **options)
    if kind == "float64":  # the file says 1.0
        assert graph.ids.dtype == np.int64
        assert graph.ids.tolist() == [int(float(person)) for person in read.ids]
    else:
        assert graph.ids.tolist() == read.ids.tolist()
        assert graph.fingerprint == read.fingerprint
    assert graph.report.platforms == read.report.platforms


def test_columns_are_chosen_as_in_a_file():
    usual = pd.DataFrame({"weight": [1.0], "to": ["b"], "from": ["a"]})
    assert from_pandas(usual, direction="influences").ids.tolist() == ["a", "b"]
    first = pd.DataFrame([["calls", 1, 2]])
    assert from_pandas(first, platform_column=0).ids.tolist() == [1, 2]
    assert from_pandas(first, source_column=2, target_column=1).ids.tolist() == [2, 1]
    assert from_pandas(usual).report.unread == ("weight",)


def test_platforms_of_a_table_get_their_names():
    edges = pd.DataFrame({"source": [1, 2, 3, 1], "target": [2, 3, 1, 3], "layer": [7, 8, 9, 8]})
    graph = from_pandas(edges, platform_column="layer", platform_names={"7": "calls", "9": "calls"})
    assert {name: len(arcs) // 2 for name, arcs in graph.layers.items()} == {"calls": 2, "8": 2}
    assert graph.report.platforms["calls"]["rows"] == 2


def test_people_become_attributes():
    edges = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    people = pd.DataFrame(
        {
            "city": pd.Categorical(["Oslo", "Rome", "Oslo"]),
            "user_id": ["c", "b", "d"],
            "age": [31, 40, 25],
            "member": [True, False, True],
            "score": [0.5, np.nan, 1.0],
            "year": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    graph = from_pandas(edges, people)
    assert graph.ids.tolist() == ["a", "b", "c", "d"]
    assert graph.attribute("city").tolist() == ["", "Rome", "Oslo", "Oslo"]
    np.testing.assert_array_equal(graph.attribute("age"), [np.nan, 40, 31, 25])
    assert graph.attribute("member").tolist() == ["", "False", "True", "True"]
    np.testing.assert_array_equal(graph.attribute("score"), [np.nan, np.nan, 0.5, 1.0])
    np.testing.assert_array_equal(graph.attribute("year"), [np.nan, np.nan, 1, 3])
    assert (graph.report.people_rows, graph.report.only_in_table, graph.report.not_in_table) == (3, 1, 1)
    whole = from_pandas(edges, people.assign(user_id=["c", "b", "a"]))
    assert whole.attribute("age").dtype == np.int64
    assert whole.attribute("age").tolist() == [25, 40, 31]
    assert whole.attribute("member").dtype == bool


def test_people_by_their_index():
    edges = pd.DataFrame({"source": [1, 2], "target": [2, 3]})
    people = pd.DataFrame({"age": [1, 2, 3]}, index=[3, 2, 1])
    assert from_pandas(edges, people).attribute("age").tolist() == [3, 2, 1]
    named = people.rename_axis("who")
    assert from_pandas(edges, named, people_id_column="who").attribute("age").tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    ("edges", "options", "message", "hint"),
    [
        ([(1, 2)], {}, "edges must be a pandas DataFrame, not list", ""),
        ({"a": []}, {}, "expected two columns of people", ""),
        ({"a": [], "b": []}, {}, "there are no rows", ""),
        ({"a": ["x", None], "b": ["y", "z"]}, {}, "row 1 (from 0): the source is missing", "dropna"),
        ({"a": [1.0, 2.0], "b": [1.0, np.nan]}, {}, "row 1 (from 0): the target is missing", "dropna"),
        ({"a": [1.0, 2.5], "b": [1.0, 2.0]}, {}, "row 1 (from 0): the source is 2.5 (float)", ""),
        ({"a": [True, False], "b": [1, 2]}, {}, "row 0 (from 0): the source is True (bool)", ""),
        ({"a": ["x", ""], "b": [1, 2]}, {}, "row 1 (from 0): the source is empty", ""),
        ({"a": ["x", (1, 2)], "b": [1, 2]}, {}, "row 1 (from 0): the source is (1, 2) (tuple)", ""),
        ({"a": [1, "1"], "b": ["y", "y"]}, {}, "have the same text: 1 and '1'", "relabel"),
        ({"a": [1], "b": [2]}, {"trust_column": "c"}, "no column 'c' for trust_column; the columns are 'a', 'b'", ""),
        ({"a": [1], "b": [2]}, {"source_column": "b"}, "source and target are the same column, 'b'", ""),
        ({"a": [1], "b": [2], "c": ["x"]}, {"trust_column": "c"}, "row 0 (from 0): trust is 'x'", ""),
        ({"a": [1], "b": [2], "c": [np.nan]}, {"weight_column": "c"}, "row 0 (from 0): weight is nan", ""),
        (
            {"a": [1], "b": [2], "c": [7]},
            {"trust_column": "c"},
            "row 0 (from 0): trust is 7, expected",
            "(r + 10) / 20",
        ),
        ({"a": [1], "b": [2], "c": [None]}, {"platform_column": "c"}, "row 0 (from 0): the platform is missing", ""),
        (
            {"a": [1], "b": [2], "c": ["x"]},
            {"platform_column": "c", "platform_names": {"y": "z"}},
            "platform_names names 'y'",
            "",
        ),
    ],
)
def test_bad_tables(edges, options, message, hint):
    given_ = pd.DataFrame(edges) if isinstance(edges, dict) else edges
    with pytest.raises(DataError) as caught:
        from_pandas(given_, **options)
    assert message in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("people", "options", "message"),
    [
        ({"id": [1, 1], "x": [1, 2]}, {}, "row 1 (from 0): the id '1' is there twice, first in row 0"),
        ({"id": [1, None], "x": [1, 2]}, {}, "row 1 (from 0): the id is missing"),
        ({"id": [8, 9]}, {}, "none of the 2 ids in column 'id' is in the network"),
        ({"id": [8, 9], "x": [1, 2]}, {}, "column 'x' holds ids of the network"),
        ({"id": [1]}, {"people_id_column": "ids"}, "there is no column 'ids' for people_id_column"),
        ({"id": []}, {}, "there are no rows of people"),
    ],
)
def test_bad_people(people, options, message):
    edges = pd.DataFrame({"source": [1], "target": [2]})
    with pytest.raises(DataError) as caught:
        from_pandas(edges, pd.DataFrame(people), **options)
    assert message in str(caught.value)


# ---------------------------------------------------------------------- scipy


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr"])
def test_entries_are_arcs(form):
    dense = np.array([[0.5, 0.2, 0.0], [0.0, 0.0, 0.4], [0.0, 0.9, 0.0]])
    matrix = sparse.coo_array(dense).asformat(form)
    graph = from_scipy(matrix, values="trust")
    assert counts(graph) == (4, 3, 1, 0)
    either = dense + dense.T
    mutual = from_scipy(sparse.coo_array(either).asformat(form), direction="mutual", values="weight")
    assert counts(mutual) == (3, 2, 1, 0)
    back = sparse.csr_array((graph.arcs.trust, graph.arcs.followers, graph.arcs.offsets), shape=(3, 3)).toarray()
    np.testing.assert_array_equal(back, dense - np.diag(np.diag(dense)))
    other = from_scipy(matrix, direction="follows", values="probability", ids=["a", "b", "c"])
    assert other.arcs.out_degree.tolist() == [0, 2, 1]
    assert other.arcs.trust.tolist() == [0.5] * 3
    assert from_scipy(matrix.tocsr().astype(np.int8)).report.unread == ("values",)


def test_symmetric_matrices_list_each_edge_once():
    dense = np.array([[0, 1, 2], [1, 0, 0], [2, 0, 0]])
    graph = from_scipy(sparse.csr_array(dense), direction="mutual", values="weight")
    assert counts(graph) == (2, 2, 0, 0)
    assert graph.arcs.multiplicity.tolist() == [1] * 4
    assert graph.arcs.weight.tolist() == [1, 2, 1, 2]
    upper = from_scipy(sparse.csr_array(np.triu(dense)), direction="mutual", values="weight")
    assert upper.fingerprint == graph.fingerprint
    lopsided = from_scipy(sparse.csr_array([[0, 1], [3, 0]]), direction="mutual", values="weight")
    assert counts(lopsided) == (2, 1, 0, 1)  # not equal to its transpose: two rows of one edge
    assert lopsided.arcs.weight.tolist() == [2, 2]


def test_entries_that_are_stored_twice_or_zero():
    twice = sparse.coo_array(([0.2, 0.4], ([0, 0], [1, 1])), shape=(2, 2))
    assert counts(from_scipy(twice, values="trust")) == (2, 1, 0, 1)
    zero = sparse.csr_array(([0.0], ([0], [1])), shape=(2, 2))
    graph = from_scipy(zero)
    assert len(graph.arcs) == 1
    assert "1 entry that is stored is 0" in graph.report.notes[0]


@pytest.mark.parametrize(
    ("matrix", "options", "message"),
    [
        (np.eye(2), {}, "expected a sparse matrix of scipy, not ndarray"),
        (sparse.csr_array(np.ones((2, 3))), {}, "the matrix has the shape (2, 3), expected as many rows as columns"),
        (sparse.csr_array(2 * np.eye(2)), {"values": "trust"}, "entry (0, 0): trust is 2"),
        (sparse.csr_array(np.full((2, 2), np.nan)), {"values": "weight"}, "entry (0, 0): weight is nan"),
        (sparse.csr_array(np.eye(2) * 1j), {"values": "weight"}, "of the type complex128, expected numbers"),
        (sparse.csr_array(np.eye(2)), {"ids": ["a"]}, "1 ids were given for 2 people"),
        (sparse.csr_array(np.eye(2)), {"ids": ["a", "a"]}, "ids 0 and 1 (from 0) are the same: 'a' and 'a'"),
        (sparse.csr_array(np.eye(2)), {"ids": ["a", np.nan]}, "id 1 (from 0) is missing: nan"),
        (sparse.csr_array((0, 0)), {}, "there are no people"),
        (sparse.coo_array((2**40, 2**40)), {}, "1,099,511,627,776 people are more than viralsim can hold"),
        (sparse.csr_array(np.eye(2)), {"ids": [[1], [2]]}, "ids must be one list"),
        (sparse.csr_array(np.eye(2)), {"ids": 7}, "ids must be one list"),
    ],
)
def test_bad_matrices(matrix, options, message):
    with pytest.raises(DataError) as caught:
        from_scipy(matrix, **options)
    assert message in str(caught.value)


def test_words_of_scipy():
    with pytest.raises(UsageError, match="unknown values 'trus'; choose from trust, weight, probability"):
        from_scipy(sparse.csr_array(np.eye(2)), values="trus")
    with pytest.raises(UsageError, match="unknown direction 'undirected'"):
        from_scipy(sparse.csr_array(np.eye(2)), direction="undirected")


# ---------------------------------------------------------------------- igraph and networkit


EDGES = [(0, 1), (1, 2), (1, 0), (3, 3), (0, 1)]


@pytest.mark.parametrize("make", [like_igraph, real_igraph])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("direction", ["influences", "follows"])
def test_igraph_is_taken_over_as_networkx_is(make, directed, direction):
    numbers = {"t": [0.1, 0.2, 0.3, 0.4, 0.5], "p": list("abaab")}
    names = ["ann", "bob", "cem", "dan"]
    other = (nx.MultiDiGraph if directed else nx.MultiGraph)()
    other.add_nodes_from((name, {"age": age}) for name, age in zip(names, [1, 2, None, 4], strict=True))
    for (a, b), t, p in zip(EDGES, numbers["t"], numbers["p"], strict=True):
        other.add_edge(names[a], names[b], t=t, p=p)
    given_ = make(4, EDGES, directed, {"name": names, "age": [1, 2, None, 4]}, numbers)
    options = {"trust": "t", "platform": "p", "direction": direction, "merge": "max"}
    graph, expected = from_igraph(given_, **options), from_networkx(other, **options)
    assert graph.fingerprint == expected.fingerprint
    assert list(graph.layers) == ["a", "b"]
    assert counts(graph) == counts(expected) == (5, graph.report.kept, 1, 4 - graph.report.kept)
    assert graph.report.direction == ("mutual" if not directed else direction)
    assert from_igraph(make(2, [(0, 1)])).ids.tolist() == [0, 1]


@pytest.mark.parametrize("make", [like_igraph, real_igraph])
@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ((0, []), {}, "there are no people"),
        ((2, [(0, 1)], False, {"name": ["a", "a"]}), {}, "ids 0 and 1 (from 0) are the same: 'a' and 'a'"),
        ((2, [(0, 1)], False, {"name": ["a", None]}), {}, "id 1 (from 0) is missing: None"),
        ((2, [(0, 1)]), {"trust": "t"}, "edges have no attribute 't', which is to be their trust"),
        (
            (2, [(0, 1)], False, {}, {"t": [None]}),
            {"trust": "t"},
            "edge 0 (vertices 0 and 1): trust is None, expected a number from 0 to 1",
        ),
        (
            (2, [(0, 1)], False, {}, {"t": [None]}),
            {"platform": "t"},
            "edge 0 (vertices 0 and 1): the platform is missing",
        ),
    ],
)
def test_bad_igraph(make, parts, options, message):
    with pytest.raises(DataError) as caught:
        from_igraph(make(*parts), **options)
    assert message in str(caught.value)


@pytest.mark.parametrize("make", [like_networkit, real_networkit])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("direction", ["influences", "follows"])
def test_networkit_is_taken_over_with_its_gaps(make, directed, direction):
    edges = [(0, 1, 0.25), (1, 4, 0.5), (4, 4, 1.0), (0, 1, 0.75)]
    graph = from_networkit(make([0, 1, 4], edges, directed, True), trust="weight", direction=direction)
    assert graph.ids.tolist() == [0, 1, 4]
    left, right = [0, 1, 2, 0], [1, 2, 2, 1]
    if directed and direction == "follows":
        left, right = right, left
    expected = from_arcs(left, right, ids=[0, 1, 4], trust=[e[2] for e in edges], mutual=not directed)
    assert graph.fingerprint == expected.fingerprint
    assert counts(graph) == (4, 2, 1, 1)
    assert from_networkit(make([0, 1, 4], edges, directed, True)).report.unread == ("weight",)


@pytest.mark.parametrize("make", [like_networkit, real_networkit])
def test_bad_networkit(make):
    with pytest.raises(DataError, match="there are no people"):
        from_networkit(make([], []))
    with pytest.raises(DataError, match="edges have no attribute 'weight'") as caught:
        from_networkit(make([0, 1], [(0, 1)]), trust="weight")
    assert "not weighted" in caught.value.hint
    with pytest.raises(DataError, match="edge 0, 1: trust is 3"):
        from_networkit(make([0, 1], [(0, 1, 3.0)], weighted=True), trust="weight")


def test_node_attributes_of_networkit():
    networkit = pytest.importorskip("networkit")
    other = networkit.Graph(3)
    other.addEdge(0, 1)
    ages = other.attachNodeAttribute("age", int)
    ages[0], ages[2] = 31, 40
    graph = from_networkit(other, attributes={"age": int})
    np.testing.assert_array_equal(graph.attribute("age"), [31, np.nan, 40])
    with pytest.raises(DataError, match="nodes have no attribute 'town' of the type str"):
        from_networkit(other, attributes={"town": str})


@pytest.mark.parametrize("take", [from_igraph, from_networkit])
def test_other_objects(take):
    with pytest.raises(DataError, match="expected a graph of"):
        take({0: [1]})
    with pytest.raises(UsageError, match="undirected graphs become mutual by themselves"):
        take(like_igraph(2, []) if take is from_igraph else like_networkit([0], []), direction="both")


def test_nothing_is_imported_that_is_not_there():
    code = """
import sys
for name in ("pandas", "igraph", "networkit"):
    sys.modules[name] = None
import viralsim as vs
from scipy.sparse import csr_array
print(vs.from_scipy(csr_array([[0, 1], [0, 0]])), vs.from_pandas.__name__)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("SocialGraph(2 people, 1 arc")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["integers", "text"])
def test_a_million_rows_are_a_matter_of_seconds(kind):
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 100_000, (1_000_000, 2))
    edges = pd.DataFrame(pairs, columns=["source", "target"])
    if kind == "text":
        edges = edges.map("user{:06d}".format)
    from_pandas(edges.head(10))
    started = time.perf_counter()
    graph = from_pandas(edges, direction="influences")
    assert time.perf_counter() - started < 10.0  # about one, on a machine with nothing else to do
    assert graph.report.rows == 1_000_000


@pytest.mark.parametrize("odd", [[3], {"x": 1}, {1, 2}])
def test_values_that_cannot_be_looked_up(odd):
    """TypeError: unhashable type: 'list'."""
    usual = {"source": ["a", "b"], "target": ["b", "c"]}
    for column, what in (("source", "an integer or text as id"), ("target", "an integer or text as id")):
        with pytest.raises(DataError, match=rf"row 1 \(from 0\): the {column} is .*expected {what}"):
            from_pandas(pd.DataFrame({**usual, column: ["a", odd]}))
    with pytest.raises(DataError, match=r"row 0 \(from 0\): the platform is .*expected its name"):
        from_pandas(pd.DataFrame({**usual, "on": [odd, "x"]}), platform_column="on")
    with pytest.raises(DataError, match="none of the 1 id"):
        from_pandas(pd.DataFrame(usual), pd.DataFrame({"id": ["z"], "x": [odd]}))


def test_integers_beyond_floats():
    """OverflowError: int too large to convert to float."""
    graph = nx.Graph([("a", "b")])
    graph.add_node("a", age=10**400)
    graph.add_node("b", age=0.5)
    assert from_networkx(graph).attribute("age").tolist() == [str(10**400), "0.5"]
    graph.edges["a", "b"]["trust"] = 10**400
    with pytest.raises(DataError, match="trust is 1000"):
        from_networkx(graph, trust="trust")


def test_complex_numbers_are_refused():
    """A warning of numpy's, and the real part was taken."""
    edges = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "trust": [0.5, 0.5 + 2j]})
    with pytest.raises(DataError, match=r"row 0 \(from 0\): trust is .*expected a number from 0 to 1"):
        from_pandas(edges, trust_column="trust")

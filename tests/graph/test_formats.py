"""Other formats than edge lists: the same graph whatever holds it, and hostile files refused."""

import bz2
import gzip
import math
import time

import duckdb
import networkx as nx
import numpy as np
import pytest

from viralsim.errors import DataError, UsageError
from viralsim.graph import formats as formats_room
from viralsim.graph import load_network, open_graph, read_graph
from viralsim.graph.formats import graph_format
from viralsim.scenario import read_scenario

WRITERS = {"graphml": nx.write_graphml, "gexf": nx.write_gexf, "gml": nx.write_gml}


def example(directed=True):
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_node("ann", city="Oslo", age=31)
    graph.add_node("bob b", city='Rome, "old" <&>', age=7)
    graph.add_node("çem", city="", age=0)
    graph.add_node("dan", city="Bern", age=1)
    graph.add_edge("ann", "bob b", rating=10)
    graph.add_edge("bob b", "çem", rating=-10)
    graph.add_edge("çem", "çem", rating=0)
    return graph


@pytest.mark.parametrize("packed", ["", ".gz", ".bz2"])
@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("directed", [True, False])
def test_networkx_formats(tmp_path, form, directed, packed):
    file = tmp_path / f"ties.{form}"
    WRITERS[form](example(directed), file)
    if packed:
        raw = {".gz": gzip.compress, ".bz2": bz2.compress}[packed](file.read_bytes())
        file = tmp_path / f"ties.{form}{packed}"
        file.write_bytes(raw)
    options = {"trust_column": "rating", "trust_map": "(r + 10) / 20", "direction": "influences"}
    graph = read_graph(file, **options)
    assert graph.ids.tolist() == ["ann", "bob b", "çem", "dan"]
    assert graph.attribute("city").tolist() == ["Oslo", 'Rome, "old" <&>', "", "Bern"]
    assert graph.attribute("age").tolist() == [31, 7, 0, 1]
    assert graph.mutual is not directed
    assert (graph.report.rows, graph.report.kept, graph.report.self_loops) == (3, 2, 1)
    assert graph.report.kind == "file"
    if directed:
        assert graph.arcs.sharers.tolist() == [0, 1]
        assert graph.arcs.trust.tolist() == [1.0, 0.0]
        followed = read_graph(file, **{**options, "direction": "follows"})
        assert followed.arcs.followers.tolist() == [0, 1]
        both = read_graph(file)
        assert both.mutual
        assert "taken both ways" in both.report.notes[-1]
    assert open_graph(file, **options).fingerprint == graph.fingerprint


def test_content_counts_not_the_ending(tmp_path):
    file = tmp_path / "ties.txt"
    nx.write_graphml(nx.path_graph(3), file)
    graph = read_graph(file)
    assert graph.ids.tolist() == [0, 1, 2]  # integers as in edge lists
    assert graph.ids.dtype == np.int64
    (tmp_path / "ties.net").write_text("1 2\n2 3\n")
    assert read_graph(tmp_path / "ties.net").people == 3
    (tmp_path / "ties.gml").write_text("1 2\n2 3\n")
    with pytest.raises(DataError, match=r"the name ends in \.gml, but this is no GML"):
        read_graph(tmp_path / "ties.gml")


def test_graphml_defaults_are_filled_in(tmp_path):
    file = tmp_path / "d.graphml"
    file.write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="c" for="node" attr.name="city" attr.type="string"><default>Oslo</default></key>'
        '<key id="t" for="edge" attr.name="trust" attr.type="double"><default>0.25</default></key>'
        '<graph edgedefault="directed"><node id="a"/><node id="b"><data key="c">Rome</data></node>'
        '<edge source="a" target="b"/><edge source="b" target="a"><data key="t">1</data></edge></graph></graphml>'
    )
    graph = read_graph(file, trust_column="trust", direction="influences")
    assert graph.attribute("city").tolist() == ["Oslo", "Rome"]
    assert graph.arcs.trust.tolist() == [0.25, 1.0]


def test_gml_without_labels(tmp_path):
    file = tmp_path / "n.gml"
    file.write_text('Creator "me"\ngraph [\n node [ id 5 ]\n node [ id 9 ]\n edge [ source 5 target 9 ]\n]\n')
    assert read_graph(file).ids.tolist() == [5, 9]


PAJEK = """% drawn by hand
*Network three
*Vertices 4
1 "ann b" 0.1 0.2 0.5 ellipse
2 bob
4 "dan"

*Arcs
1 2 0.5
*Edges
2 3 1
4 4
"""


def test_pajek(tmp_path):
    file = tmp_path / "t.net"
    file.write_bytes(PAJEK.replace("\n", "\r\n").encode())
    graph = read_graph(file, direction="influences", trust_column="value")
    assert graph.ids.tolist() == ["ann b", "bob", "3", "dan"]
    assert list(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True)) == [
        (0, 1),
        (1, 2),
        (2, 1),
    ]
    assert graph.arcs.trust.tolist() == [0.5, 1.0, 1.0]
    assert (graph.report.comments, graph.report.blanks, graph.report.lines) == (1, 1, 12)
    assert read_graph(file).mutual
    assert read_graph(file).report.kept == 2
    (tmp_path / "l.net").write_text("*vertices 3\n*arcslist\n1 2 3\n2 -1\n")
    graph = read_graph(tmp_path / "l.net", direction="follows")
    assert graph.ids.tolist() == [1, 2, 3]
    assert list(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True)) == [
        (0, 1),
        (1, 0),
        (2, 0),
    ]
    (tmp_path / "r.net").write_text('*vertices 2\n1 "x"\n2 "x"\n*edges\n1 2\n')
    graph = read_graph(tmp_path / "r.net")
    assert (graph.ids.tolist(), graph.attribute("label").tolist()) == ([1, 2], ["x", "x"])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("*vertices 3\n1 a\n1 b\n", 3, "vertex 1 is there twice, on lines 2 and 3"),
        ("*vertices 3\n4 a\n", 2, "expected the number of a vertex, from 1 to 3, found '4'"),
        ("*vertices 3\n*edges\n1 0\n", 3, "expected the number of a vertex, from 1 to 3, found '0'"),
        ("*vertices 3\n*edges\n1\n", 3, "expected two vertices and maybe a value, found one word"),
        ("*vertices 3\n*edges\n1 2 much\n", 3, "the value of a tie is 'much', expected a number"),
        ("*vertices 3\n*edges\n1 2 7\n", 3, "trust is 7, expected a number from 0 to 1"),
        ("*vertices 3\n*edges\n1 2 nan\n", 3, "trust is nan, expected a number from 0 to 1"),
        ("*vertices 3\n*matrix\n1 2\n", 2, "the section '*matrix' is not read"),
        ("*vertices\n*edges\n1 2\n", 1, "expected '*Vertices' and their number"),
        ("*vertices 3 2\n*edges\n1 2\n", 1, "two-mode network"),
        ("*vertices 2000000000\n*edges\n1 2\n", None, "2,000,000,000 vertices are announced, but the file has 3 lines"),
        ("*network x\n1 2\n", 2, "expected '*Vertices' and a number first"),
        ("*network x\n", None, "there is no line '*Vertices N'"),
        ("*vertices 2\n*edges\n1 2\n*vertices 2\n", 4, "a second network begins here"),
    ],
)
def test_what_is_wrong_with_a_pajek_file(tmp_path, text, line, message):
    file = tmp_path / "t.net"
    file.write_text(text)
    with pytest.raises(DataError) as caught:
        read_graph(file, trust_column="value")
    assert message in caught.value.message
    assert caught.value.place == (str(file) if line is None else f"{file}:{line}")


def parquet(file, query):
    duckdb.sql(query).write_parquet(str(file))
    return file


def test_parquet(tmp_path):
    rows = "VALUES ('ann', 'bob', 10, 1.5), ('bob', 'çem', -10, 2), ('ann', 'bob', 0, 2)"
    file = parquet(tmp_path / "a[1]*.parquet", f"SELECT * FROM ({rows}) t(who, whom, rating, w)")
    graph = read_graph(
        file, direction="influences", trust_column="rating", trust_map="(r+10)/20", weight_column=4, merge="mean"
    )
    assert graph.ids.tolist() == ["ann", "bob", "çem"]
    assert graph.arcs.trust.tolist() == [0.75, 0.0]
    assert graph.arcs.weight.tolist() == [1.75, 2.0]
    assert (graph.report.rows, graph.report.merged, graph.report.header) == (3, 1, ("who", "whom", "rating", "w"))
    file = parquet(tmp_path / "b.parquet", "SELECT 1.0::double AS w, 7 AS target, 9::bigint AS source")
    assert read_graph(file).ids.tolist() == [9, 7]
    assert read_graph(file, source_column=2, target_column="source").ids.tolist() == [7, 9]


def test_parquet_is_the_edge_list(tmp_path):
    rows = duckdb.sql("SELECT (i * 7919) % 1000 AS source, (i * 104729) % 997 AS target FROM range(5000) t(i)")
    rows.write_parquet(str(tmp_path / "t.parquet"))
    rows.write_csv(str(tmp_path / "t.csv"))
    for direction in ("mutual", "follows", "influences"):
        one, other = (read_graph(tmp_path / f"t.{end}", direction=direction) for end in ("parquet", "csv"))
        assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(
    ("query", "options", "place", "message"),
    [
        ("SELECT 1 AS a, NULL::int AS b", {}, ", row 1", "the target is missing"),
        ("SELECT 'x' AS a, '' AS b", {}, ", row 1", "the target is missing"),
        ("SELECT 1.5::double AS a, 2 AS b", {}, "", "the source is of the type float64"),
        ("SELECT 1 AS a", {}, "", "expected at least two columns"),
        ("SELECT 1 AS a, 2 AS b WHERE false", {}, "", "there are no rows"),
        ("SELECT 1 AS a, 2 AS b", {"trust_column": "c"}, "", "there is no column 'c' for trust_column"),
        ("SELECT 1 AS a, 2 AS b", {"trust_column": "b"}, "", "target and trust are the same column, 'b'"),
        ("SELECT 1 AS a, 2 AS b, 'x' AS t", {"trust_column": "t"}, "", "trust is of the type object"),
        ("SELECT 1 AS a, 2 AS b, 3 AS t", {"trust_column": "t"}, ", row 1", "trust is 3, expected a number"),
        ("SELECT 1 AS a, 2 AS b, NULL::int AS t", {"trust_column": "t"}, ", row 1", "trust is missing"),
    ],
)
def test_what_is_wrong_with_a_parquet_file(tmp_path, query, options, place, message):
    file = parquet(tmp_path / "t.parquet", query)
    with pytest.raises(DataError) as caught:
        read_graph(file, **options)
    assert message in caught.value.message
    assert caught.value.place == f"{file}{place}"


def test_people_in_parquet(tmp_path):
    rows = "VALUES ('bob', '007', 1, 1.5, true), ('zoe', '008', NULL, 2, false), ('ann', NULL, 3, 3, true)"
    table = parquet(tmp_path / "p.parquet", f"SELECT * FROM ({rows}) t(id, zip, age, height, vip)")
    (tmp_path / "t.csv").write_text("ann,bob\n")
    graph = read_graph(tmp_path / "t.csv", people=table)
    assert graph.ids.tolist() == ["ann", "bob", "zoe"]
    assert graph.attribute("zip").tolist() == ["", "007", "008"]
    assert graph.attribute("age").tolist()[:2] == [3, 1]
    assert math.isnan(graph.attribute("age")[2])
    assert graph.attribute("height").dtype == np.float64
    assert graph.attribute("vip").tolist() == [True, True, False]
    twice = parquet(tmp_path / "q.parquet", "SELECT * FROM (VALUES ('ann', 1), ('ann', 2)) t(id, x)")
    with pytest.raises(DataError, match="on rows 1 and 2"):
        read_graph(tmp_path / "t.csv", people=twice)


def test_options_that_do_not_belong(tmp_path):
    file = tmp_path / "t.graphml"
    nx.write_graphml(nx.path_graph(3), file)
    for options in ({"delimiter": ","}, {"header": True}, {"source_column": "x"}, {"trust_column": 3}):
        with pytest.raises(UsageError):
            read_graph(file, **options)
    with pytest.raises(DataError, match="has no attribute 'x'"):
        read_graph(file, trust_column="x")


def test_a_scenario_reads_them(tmp_path):
    nx.write_graphml(example(), tmp_path / "t.graphml")
    scenario = read_scenario(settings=[f"network.file={tmp_path / 't.graphml'}", "network.direction=influences"])
    assert load_network(scenario.network).attribute("city").tolist()[0] == "Oslo"


LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<graphml><graph edgedefault="directed"><node id="&b;"/></graph></graphml>
"""


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_xml_with_entities_is_refused(tmp_path, form):
    for text in (
        LAUGHS,
        '<!DOCTYPE graphml SYSTEM "file:///etc/passwd"><graphml><graph/></graphml>',
        '<!DOCTYPE graphml [<!ENTITY x SYSTEM "file:///etc/passwd">]><graphml>&x;</graphml>',
    ):
        file = tmp_path / f"t.{form}"
        file.write_text(text.replace("graphml", form))
        with pytest.raises(DataError, match="<!DOCTYPE"):
            read_graph(file)


def test_deep_and_broken_xml(tmp_path):
    file = tmp_path / "t.graphml"
    file.write_text("<graphml>\n" + "<graph>" * 5_000 + "</graph>" * 5_000 + "</graphml>")
    with pytest.raises(DataError, match="deeper than 100") as caught:
        read_graph(file)
    assert caught.value.place == f"{file}:2"
    file.write_text("<graphml>\n<graph>\n</graphml>")
    with pytest.raises(DataError, match="not well-formed XML: mismatched tag") as caught:
        read_graph(file)
    assert caught.value.place == f"{file}:3"
    (tmp_path / "t.gml").write_text("graph [\n" + "a [ " * 50_000)
    with pytest.raises(DataError, match="this GML cannot be read"):
        read_graph(tmp_path / "t.gml")


def test_compressed_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(formats_room, "_MOST_BYTES", 16 << 20)
    file = tmp_path / "t.graphml.gz"
    file.write_bytes(gzip.compress(b"<graphml>\n" + b" \n" * (40 << 20)))
    with pytest.raises(DataError, match="more than 16 MB"):
        read_graph(file)
    monkeypatch.setattr(formats_room, "MOST_ELEMENTS", 100)
    file.write_bytes(gzip.compress(b"<graphml>" + b"<x/>" * 101 + b"</graphml>"))
    with pytest.raises(DataError, match="more than 100 elements"):
        read_graph(file)


def test_a_parquet_bomb_is_refused(tmp_path):
    from viralsim.graph import parquet as room

    file = parquet(tmp_path / "t.parquet", "SELECT 1 AS a, 2 AS b FROM range(200000)")
    room_limit = room._SUSPECT_ROWS
    try:
        room._SUSPECT_ROWS = 1000
        with pytest.raises(DataError, match="are more than viralsim reads"):
            read_graph(file)
    finally:
        room._SUSPECT_ROWS = room_limit


def test_looking_takes_no_time(tmp_path):
    begin = time.perf_counter()
    for number, raw in enumerate(
        (b'creator "x"\n' * 6_000, b"%\n" * 30_000, b" \n" * 30_000, b"<" * 60_000, b"< " * 30_000, b"<a:" * 20_000)
    ):
        file = tmp_path / f"{number}.txt"
        file.write_bytes(raw)
        assert graph_format(str(file)) == ""
    assert time.perf_counter() - begin < 5


def test_pajek_with_endless_sections_takes_no_time(tmp_path):
    """Sections were looked up in a list of their names: 60,000 of them took minutes."""
    file = tmp_path / "t.net"
    file.write_text("*Vertices 3\n" + "".join(f"*Arcs :{number}\n1 2\n" for number in range(60_000)))
    begin = time.perf_counter()
    assert read_graph(file).report.merged == 59_999
    assert time.perf_counter() - begin < 10


def test_pajek_of_three_lines_makes_no_millions_of_people(tmp_path):
    """Ten million people were made of three lines, in 1.5 GB."""
    file = tmp_path / "t.net"
    file.write_text("*Vertices 9999999\n*Arcs\n1 2\n")
    with pytest.raises(DataError, match="9,999,999 vertices are announced, but the file has 3 lines"):
        read_graph(file)


def test_pajek_numbers_are_not_those_of_python(tmp_path):
    """1_000 was read as 1000."""
    file = tmp_path / "t.net"
    file.write_text("*Vertices 2\n*Arcs\n1 2 1_0\n")
    with pytest.raises(DataError, match=r"t\.net:3: the value of a tie is '1_0', expected a number"):
        read_graph(file, weight_column="value")


def test_platforms_that_are_lists(tmp_path):
    """A layer given twice is a list to networkx: TypeError, unhashable."""
    file = tmp_path / "t.gml"
    edges = 'edge [ source 1 target 2 layer "a" layer "b" ] edge [ source 2 target 1 layer "a" ]'
    file.write_text(f'graph [ directed 1 node [ id 1 label "x" ] node [ id 2 label "y" ] {edges} ]')
    assert list(read_graph(file, platform_column="layer").layers) == ["['a', 'b']", "a"]


@pytest.mark.parametrize("name", [b"ext\xffa", b"\xed\xa0\x80ra"])
def test_parquet_names_that_are_no_text(tmp_path, name):
    """RuntimeError: nanobind::str(): conversion error!"""
    file = parquet(tmp_path / "t.parquet", "SELECT 1 AS source, 2 AS target, 3 AS extra")
    file.write_bytes(file.read_bytes().replace(b"extra", name))
    with pytest.raises(DataError, match="this Parquet file cannot be read"):
        read_graph(file)


def test_attributes_beyond_measure_are_refused(tmp_path):
    """Thousands of attributes of one node each: 16 million values, 14 s and 130 MB of a file of 400 kB."""
    keys = "".join(f'<key id="d{k}" for="node" attr.name="x{k}" attr.type="string"/>' for k in range(4000))
    nodes = "".join(f'<node id="n{k}"><data key="d{k}">q</data></node>' for k in range(4000))
    file = tmp_path / "t.graphml"
    file.write_text(f'<graphml>{keys}<graph edgedefault="directed">{nodes}</graph></graphml>')
    with pytest.raises(DataError, match="4,000 attributes of 4,000 nodes are more than viralsim reads"):
        read_graph(file)


def test_numbers_too_large_for_a_float(tmp_path):
    """OverflowError: int too large to convert to float."""
    file = tmp_path / "t.gml"
    file.write_text(
        f'graph [ node [ id 1 label "x" age {"9" * 400} ] node [ id 2 label "y" age 0.5 ] '
        f"edge [ source 1 target 2 trust {'9' * 400} ] ]"
    )
    assert read_graph(file).attribute("age").tolist() == ["9" * 400, "0.5"]
    with pytest.raises(DataError, match=r"edge 'x', 'y': trust is 9.*expected a number from 0 to 1"):
        read_graph(file, trust_column="trust")


def test_an_error_is_short_whatever_it_quotes(tmp_path):
    """A name of a column of 900,000 characters was printed in full."""
    file = tmp_path / "t.net"
    file.write_text(f'*Vertices 3\n*Arcs :1 "{"x" * 9_000}"\n1 2\n')
    with pytest.raises(DataError, match="platform_names names 'q', but") as caught:
        read_graph(file, platform_column="relation", platform_names={"q": "r"})
    assert len(str(caught.value)) < 2_000
    with pytest.raises(DataError, match=r"(?s)there is no column 'y{99}.*write trust_column") as caught:
        read_graph(file, trust_column="y" * 9_000)
    assert len(str(caught.value)) < 2_000


def test_what_networkx_doubts_is_a_note(tmp_path):
    """Python's own warning, with a line of its source, was printed among the words of `graph info`."""
    file = tmp_path / "t.graphml"
    keys = "".join(f'<key id="d{k}" for="node" attr.name="x{k}"/>' for k in range(9))
    file.write_text(f'<graphml>{keys}<graph edgedefault="directed"><edge source="a" target="b"/></graph></graphml>')
    said = [note for note in read_graph(file).report.notes if "networkx" in note]
    assert said[0] == "networkx says: No key type for id d0. Using string"
    assert said[3:] == ["networkx says 6 more things of this kind"]

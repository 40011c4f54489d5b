"""Reading edge lists: every dialect gives the rows that were written, and says what it left out."""

from __future__ import annotations

import bz2
import gzip
import lzma
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.errors import DataError, UsageError
from viralsim.graph import from_arcs, read_graph

SETTINGS = settings(derandomize=True, deadline=None, max_examples=250)


def write(folder: Path, content: str | bytes, name: str = "ties.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes, **options):
    return read_graph(write(folder, content), **options)


def arcs_by_id(graph) -> dict[tuple, int]:
    arcs = graph.arcs
    ids = graph.ids.tolist()
    pairs = zip(arcs.sharers.tolist(), arcs.followers.tolist(), arcs.multiplicity.tolist(), strict=True)
    return {(ids[u], ids[v]): count for u, v, count in pairs}


def check_accounts(report) -> None:
    assert report.rows == report.kept + report.self_loops + report.merged
    beside = report.comments + report.blanks + bool(report.header) + bool(report.count_line)
    assert report.lines == report.rows + beside, "every line of the file is accounted for"


# ---------------------------------------------------------------------------------- round trips

INTEGER_IDS = st.one_of(st.integers(-3, 12), st.integers(-(2**63), 2**63 - 1)).map(str)
PLAIN_IDS = st.text("abcXYZ0189._@:/é漢", min_size=1, max_size=6)
WILD_IDS = st.text("ab \t,;|\"'#{}%07é😀", min_size=1, max_size=6).filter(lambda word: word.strip(" \t"))


@st.composite
def documents(draw, ids):
    rows = draw(st.lists(st.tuples(ids, ids), min_size=1, max_size=12))
    delimiter = draw(st.sampled_from([",", "\t", ";", "|", " ", "  \t "]))
    quote_all = draw(st.booleans())
    end = draw(st.sampled_from(["\n", "\r\n", "\r\r\n"]))

    def field(word: str) -> str:
        special = word != word.strip(" \t") or word[0] in '"#{' or "\t" in word
        special = special or (" " in word if delimiter.isspace() else delimiter in word)
        return '"' + word.replace('"', '""') + '"' if quote_all or special else word

    def noise() -> str:
        return draw(st.sampled_from([""] * 6 + [end, "  \t" + end, "# a b c" + end, "  #" + end]))

    text = noise()
    header = draw(st.booleans())
    if header:
        text += delimiter.join(["who", "whom"]) + end
    for u, v in rows:
        pad = draw(st.sampled_from(["", "", " "]))
        text += noise() + pad + field(u) + delimiter + field(v) + pad + end
    text += noise()
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    return rows, delimiter, header, ("\ufeff" if draw(st.booleans()) else "") + text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("edges")


def check_document(folder, document, direction, sniff):
    rows, delimiter, header, text = document
    options = {"header": header, "direction": direction}
    if not sniff:
        options["delimiter"] = delimiter if len(delimiter) == 1 else "whitespace"
    graph = read(folder, text, **options)
    if graph.report.ids == "integer":
        rows = [(int(u), int(v)) for u, v in rows]
    order = list(dict.fromkeys(person for row in rows for person in row))
    assert graph.ids.tolist() == order, "order of first appearance, first column before second"
    position = {person: k for k, person in enumerate(order)}
    left = [position[u] for u, _ in rows]
    right = [position[v] for _, v in rows]
    if direction == "follows":
        left, right = right, left
    other = from_arcs(left, right, people=len(order), ids=order, mutual=direction == "mutual")
    assert graph.fingerprint == other.fingerprint
    assert graph.report.rows == len(rows)
    check_accounts(graph.report)


DIRECTION = st.sampled_from(["mutual", "follows", "influences"])


@SETTINGS
@given(documents(INTEGER_IDS), DIRECTION, st.booleans())
def test_integers_in_any_dialect(folder, document, direction, sniff):
    check_document(folder, document, direction, sniff)


@SETTINGS
@given(documents(PLAIN_IDS), DIRECTION, st.booleans())
def test_words_in_any_dialect(folder, document, direction, sniff):
    check_document(folder, document, direction, sniff)


@SETTINGS
@given(documents(WILD_IDS), DIRECTION)
def test_text_full_of_delimiters_and_quotes(folder, document, direction):
    check_document(folder, document, direction, sniff=False)


@SETTINGS
@given(
    st.lists(
        st.one_of(
            st.floats(0, 1),
            st.floats(0, 1).map(lambda x: round(x, 3)),
            st.sampled_from([0.0, 1.0, 5e-324, 1e-22, 0.1, 0.30000000000000004]),
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(["%r", "%.17g", "%.3e", "%f"]),
)
def test_numbers_are_read_as_python_reads_them(folder, values, shape):
    words = [shape % value for value in values]
    graph = read(folder, "".join(f"{k} {k + 1} {word}\n" for k, word in enumerate(words)),
                 trust_column=3, direction="influences", header=False)  # fmt: skip
    assert graph.arcs.trust.tolist() == [float(word) for word in words]


def test_blocks_do_not_show(folder, monkeypatch):
    """Lines, ids and numbers are the same wherever one block of text ends and the next begins."""
    lines = ["# head", "who whom trust"]
    for k in range(300):
        lines += [f"{k % 17} {k * 7 % 23} 0.{k:03}"] + ["", "# more"] * (k % 11 == 0)
    lines += [f"x{k % 5} é{k} 0.5" for k in range(40)]
    text = "\n".join(lines)
    whole = read(folder, text, trust_column="trust")
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr("viralsim.graph.lines._BLOCK", size)
        parts = read(folder, text, trust_column="trust")
        assert parts.fingerprint == whole.fingerprint
        assert parts.report == whole.report


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed(tmp_path, pack):
    plain = read(tmp_path, "1,2\n2,3\n")
    packed = read_graph(write(tmp_path, pack(b"1,2\n2,3\n"), "ties.anything"))
    assert packed.fingerprint == plain.fingerprint
    assert packed.report.compression in ("gzip", "bzip2", "xz")


def test_gzip_of_several_members(tmp_path):
    graph = read(tmp_path, gzip.compress(b"1 2\n2 ") + gzip.compress(b"3\n3 4\n"))
    assert graph.ids.tolist() == [1, 2, 3, 4]


# ---------------------------------------------------------------------------------- directions


@pytest.mark.parametrize(
    ("direction", "arcs"),
    [
        ("influences", {("ann", "bob"): 1, ("bob", "cem"): 2}),
        ("follows", {("bob", "ann"): 1, ("cem", "bob"): 2}),
        ("mutual", {("ann", "bob"): 1, ("bob", "ann"): 1, ("bob", "cem"): 2, ("cem", "bob"): 2}),
    ],
)
def test_what_a_row_means(tmp_path, direction, arcs):
    graph = read(tmp_path, "ann bob\nbob cem\nbob cem\n", direction=direction)
    assert arcs_by_id(graph) == arcs
    assert graph.ids.tolist() == ["ann", "bob", "cem"]
    assert graph.mutual == (direction == "mutual")
    assert graph.report.direction == direction


def test_mutual_rows_in_both_orders_are_one_edge(tmp_path):
    graph = read(tmp_path, "1 2 0.2\n2 1 0.4\n3 3 1\n1 3 1\n", trust_column=3)
    assert arcs_by_id(graph) == {(1, 2): 2, (2, 1): 2, (1, 3): 1, (3, 1): 1}
    assert np.allclose(graph.arcs.trust, [0.3, 1.0, 0.3, 1.0])
    report = graph.report
    assert (report.rows, report.kept, report.self_loops, report.merged, report.both_orders) == (4, 2, 1, 1, 1)


@pytest.mark.parametrize(("merge", "trust"), [("mean", 0.5), ("max", 0.75), ("sum", 1.0), ("last", 0.25)])
def test_merging(tmp_path, merge, trust):
    graph = read(tmp_path, "1,2,0.75\n1,2,0.25\n", trust_column=3, merge=merge, direction="influences")
    assert graph.arcs.trust.tolist() == [trust]


def test_only_self_loops_leave_isolated_people(tmp_path):
    graph = read(tmp_path, "7 7\n9 9\n")
    assert (graph.people, len(graph.arcs), graph.report.self_loops) == (2, 0, 2)


# ---------------------------------------------------------------------------------- columns and headers


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("id_1,id_2\n0,1\n", ("id_1", "id_2")),
        ("from;to\n300;301\n", ("from", "to")),
        ("Source,Target\nann,bob\n", ("Source", "Target")),
        ("follower|followee\nann|bob\n", ("follower", "followee")),
        ("alpha,beta\n1,2\n", ("alpha", "beta")),
        ("alpha,beta,gamma\nann,bob,0.5\ncem,bob,1\n", ("alpha", "beta", "gamma")),
        ('"from node","to node"\n1,2\n', ("from node", "to node")),
        ("# a comment\n\nx\ty\n1\t2\n", ("x", "y")),
    ],
)
def test_headers_that_are_found(tmp_path, text, names):
    graph = read(tmp_path, text)
    assert graph.report.header == names
    check_accounts(graph.report)


@pytest.mark.parametrize(
    "text",
    [
        "ann,bob\ncem,ann\n",
        "ann,bob,nan\ncem,ann,1\n",
        "1,2\n3,4\n",
        "ann 1\nbob 2\n",
        "# FromNodeId\tToNodeId\n1\t2\n",
        "ann,bob,0.5\nbob,cem,1\n",
    ],
)
def test_no_header(tmp_path, text):
    assert read(tmp_path, text).report.header == ()


def test_header_can_be_said(tmp_path):
    assert read(tmp_path, "ann,bob\ncem,ann\n", header=True).ids.tolist() == ["cem", "ann"]
    assert read(tmp_path, "id_1,id_2\n1,2\n", header=False).ids.tolist() == ["id_1", "id_2", "1", "2"]


def test_columns_by_name_and_number(tmp_path):
    text = "time,to,from,trust\n9,ann,bob,0.25\n8,bob,cem,0.75\n"
    graph = read(tmp_path, text, direction="influences", trust_column="trust")
    assert arcs_by_id(graph) == {("bob", "ann"): 1, ("cem", "bob"): 1}
    assert graph.ids.tolist() == ["bob", "ann", "cem"]
    assert graph.report.columns == {
        "source": "column 3 'from'",
        "target": "column 2 'to'",
        "trust": "column 4 'trust'",
    }
    assert graph.report.unread == ("time",)
    other = read(tmp_path, text, direction="influences", source_column=3, target_column="2", trust_column=4)
    assert other.fingerprint == graph.fingerprint


def test_all_numbers(tmp_path):
    text = "1 2 0.5 3 0.25\n2 3 1 4e1 0\n"
    graph = read(tmp_path, text, trust_column=3, weight_column=4, probability_column=5, direction="influences")
    assert graph.arcs.trust.tolist() == [0.5, 1.0]
    assert graph.arcs.weight.tolist() == [3.0, 40.0]
    assert graph.arcs.probability.tolist() == [0.25, 0.0]


def test_networkx_edge_list_with_dictionaries(tmp_path):
    graph = read(tmp_path, "0 1 {'weight': 1, 'since': 2}\n0 2 {}\n1 2 {'weight': 3}\n")
    assert (graph.people, len(graph.arcs), graph.report.unread) == (3, 6, ("column 3",))


@pytest.mark.parametrize(
    ("text", "delimiter", "ids"),
    [
        ("1 2\n3\t4\n5  \t 6\n", "runs of spaces or tabs", [1, 2, 3, 4, 5, 6]),
        ("1\t\t2\n3\t\t4\n", "runs of spaces or tabs", [1, 2, 3, 4]),
        ("ann lee\tbob\ncem\tdan ray\n", "tab", ["ann lee", "bob", "cem", "dan ray"]),
        ("1;2;0,5\n2;3;0,7\n", "semicolon", [1, 2, 3]),
        ("ann lee, bob ray\ncem, dan\n", "comma", ["ann lee", "bob ray", "cem", "dan"]),
        ('"lee, ann" | bob\ncem | dan\n', "pipe", ["lee, ann", "bob", "cem", "dan"]),
        ("1\r2\r", None, None),
        ("1 2\r2 3\r", "runs of spaces or tabs", [1, 2, 3]),
    ],
)
def test_delimiters_that_are_found(tmp_path, text, delimiter, ids):
    if ids is None:
        with pytest.raises(DataError, match="at least two columns"):
            read(tmp_path, text)
    else:
        graph = read(tmp_path, text)
        assert (graph.report.delimiter, graph.ids.tolist()) == (delimiter, ids)


def test_an_unusual_delimiter(tmp_path):
    assert read(tmp_path, "1:2\n2:3\n", delimiter=":").ids.tolist() == [1, 2, 3]


def test_comments(tmp_path):
    assert read(tmp_path, "1 2\n // no\n2 3\n", comment="//", header=False).report.comments == 1
    graph = read(tmp_path, "#a #b\n#b #c\n", comment="")
    assert graph.ids.tolist() == ["#a", "#b", "#c"]
    assert read(tmp_path, "  # so\n1 2\n\n \n# so\n").report.blanks == 2


# ---------------------------------------------------------------------------------- ids


@pytest.mark.parametrize(
    ("text", "ids", "note"),
    [
        (
            "1 007\n7 1\n",
            ["1", "007", "7"],
            "ids are text, because '007' on line 1 is not written as integers usually are",
        ),
        (
            "1 2\n-0 0\n",
            ["1", "2", "-0", "0"],
            "ids are text, because '-0' on line 2 is not written as integers usually are",
        ),
        ("1 2\n2 ann\n", ["1", "2", "ann"], "ids are text, because 'ann' on line 2 is not an integer"),
        (
            "1 2\n9223372036854775808 2\n",
            ["1", "2", "9223372036854775808"],
            "ids are text, because '9223372036854775808' on line 2 goes beyond 64 bits",
        ),
        ("9223372036854775807 -9223372036854775808\n", [2**63 - 1, -(2**63)], None),
        ("ann 1\n", ["ann", "1"], None),
        ("1.0 2.0\n", ["1.0", "2.0"], None),
        ("+1 1\n", ["+1", "1"], None),
        ("é 漢字\n", ["é", "漢字"], None),
    ],
)
def test_integer_or_text(tmp_path, text, ids, note):
    graph = read(tmp_path, text, header=False)
    assert graph.ids.tolist() == ids
    assert graph.report.notes == ((note,) if note else ())
    assert graph.report.ids == ("integer" if isinstance(ids[0], int) else "text")


def test_many_text_ids_keep_their_order(tmp_path):
    """Tables grow several times on the way, and integers turn into text late."""
    rows = [(str(k % 977), str(k * 31 % 5_003)) for k in range(30_000)]
    rows += [(f"id-{k % 70_001}", str(k)) for k in range(150_000)]
    graph = read(tmp_path, "\n".join(",".join(row) for row in rows))
    assert graph.ids.tolist() == list(dict.fromkeys(person for row in rows for person in row))
    assert graph.report.notes == ("ids are text, because 'id-0' on line 30001 is not an integer",)


def test_integers_far_apart(tmp_path):
    graph = read(tmp_path, "-9223372036854775808 5\n9223372036854775807 5\n5 17\n")
    assert graph.ids.tolist() == [-(2**63), 5, 2**63 - 1, 17]


# ---------------------------------------------------------------------------------- a first line of counts


def test_count_line_of_nethept(tmp_path):
    graph = read(tmp_path, "3 4\n0 1\n1 2\n2 0\n0 1\n")
    assert graph.ids.tolist() == [0, 1, 2]
    assert graph.report.count_line == "3 4"
    assert graph.report.notes == (
        "line 1 ('3 4') was read as the number of people and rows, not as an arc; "
        "set header = false to read it as an arc",
    )
    check_accounts(graph.report)
    assert read(tmp_path, "3 4\n0 1\n1 2\n2 0\n0 1\n", header=False).ids.tolist() == [3, 4, 0, 1, 2]
    assert read(tmp_path, "3 4\n0 1\n1 2\n2 0\n0 1\n", header=True).ids.tolist() == [0, 1, 2]


def test_count_line_of_fewer_columns(tmp_path):
    graph = read(tmp_path, "# so\n3 2\n0 1 0.5\n1 2 0.25\n", probability_column=3, direction="influences")
    assert graph.arcs.probability.tolist() == [0.5, 0.25]
    assert graph.report.count_line == "3 2"
    check_accounts(graph.report)


@pytest.mark.parametrize("text", ["2 1\n1 2\n", "0 1\n1 2\n", "1 1\n1 2\n", "5 3\n1 2\n2 9\n9 1\n", "2 3\n0 1\n1 2\n"])
def test_arcs_that_are_no_count_line(tmp_path, text):
    graph = read(tmp_path, text)
    assert graph.report.count_line == ""
    assert graph.report.rows == text.count("\n")


def test_a_doubtful_count_line_is_kept_and_said(tmp_path):
    graph = read(tmp_path, "3 2\n1 2\n2 3\n")
    assert graph.report.rows == 3
    assert graph.report.notes == (
        "line 1 ('3 2') was read as an arc, although it could be the number of people and rows; "
        "set header = true to leave it out",
    )


# ---------------------------------------------------------------------------------- hostile files


GZ = gzip.compress("".join(f"{k} {k * 7919 % 10007}\n" for k in range(10_000)).encode())

HOSTILE = [
    # name, content, options, message, hint
    ("empty", b"", {}, "{}: the file is empty", "expected one row per arc: two people and maybe numbers"),
    ("empty gz", gzip.compress(b""), {}, "{}: the file is empty", "expected one row per arc"),
    ("bom only", b"\xef\xbb\xbf", {}, "{}: the file is empty", "expected one row per arc"),
    (
        "comments",
        b"# a\n\n# b\n",
        {},
        "{}: there are no rows: all of 3 lines are blank or a comment",
        "expected one row",
    ),
    (
        "header only",
        b"source,target\n",
        {},
        "{}: there are no rows below the column names",
        "set header = false",
    ),
    (
        "one column",
        b"1\n2\n",
        {},
        "{}:1: expected at least two columns, found one ('1')",
        "set the delimiter",
    ),
    (
        "one column late",
        b"# x\n\nann\n",
        {},
        "{}:3: expected at least two columns, found one ('ann')",
        "each row needs",
    ),
    ("zip", b"PK\x03\x04abc", {}, "{}: this is a zip archive, expected delimited text", "unpack it first"),
    (
        "parquet",
        b"PAR1\x15\x04",
        {},
        "{}: this Parquet file cannot be read: ",
        "is it whole?",
    ),
    (
        "utf-16",
        "1,2\n".encode("utf-16"),
        {},
        "{}: this is UTF-16 text, expected delimited text",
        "save it as UTF-8",
    ),
    ("binary", b"1 2\n3 4\n\x00\x01\x02", {}, "{}:3: this is a binary file (it holds a zero byte)", ""),
    (
        "latin1",
        b"1 2\nJos\xe9 3\n",
        {},
        "{}:2: this is not UTF-8 text (byte 0xe9)",
        "iconv -f latin1 -t utf-8",
    ),
    (
        "truncated gz",
        GZ[: len(GZ) // 2],
        {},
        "{}: the gzip file is truncated: it ends within line ",
        "download it again",
    ),
    (
        "truncated gz header",
        GZ[:6],
        {},
        "{}: the gzip file is truncated: it ends within line 1",
        "download it again",
    ),
    (
        "truncated bz2",
        bz2.compress(b"1 2\n" * 99)[:-5],
        {},
        "{}: the bzip2 file is truncated",
        "download it again",
    ),
    (
        "truncated xz",
        lzma.compress(b"1 2\n" * 99)[:-5],
        {},
        "{}: the xz file is truncated",
        "download it again",
    ),
    (
        "damaged gz",
        GZ[:300] + b"\xff" * 40 + GZ[340:],
        {},
        "{}: the gzip file is damaged near line ",
        "download it again",
    ),
    (
        "gz with tail",
        GZ + b"tail",
        {},
        "{}: the gzip file is damaged near line 10001 (Not a gzipped file",
        "download it",
    ),
    (
        "ragged short",
        b"1 2 3\n1 2\n",
        {},
        "{}:1: expected 2 columns as in the rows below, found 3",
        "columns are separated by",
    ),
    ("ragged", b"1,2\n2,3\n3\n", {}, "{}:3: expected 2 columns, found 1", "columns are separated by: comma"),
    (
        "ragged long",
        b"1,2\n2,3\n3,4,5\n",
        {},
        "{}:3: expected 2 columns, found 3",
        "columns are separated by: comma",
    ),
    (
        "ragged end comment",
        b"1 2\n2 3 # x\n3 4\n",
        {},
        "{}:2: expected 2 columns, found 4",
        "runs of spaces or tabs",
    ),
    ("percent", b"% sym\n1 2\n2 3\n3 % 4\n", {}, "{}:4: expected 2 columns, found 3", "separated by"),
    (
        "percent first",
        b"% sym unweighted\n1 2\n2 3\n",
        {},
        "{}:1: expected 2 columns as in the rows below, found 3",
        "set comment = '%'",
    ),
    (
        "pajek",
        b"*vertices 3\n1 0 0.0\n2 1 0.0\n",
        {},
        "{}: there are no arcs or edges",
        "*Arcs or *Edges",
    ),
    (
        "json",
        b"[[1,2],[2,3]]",
        {"delimiter": "tab"},
        "{}:1: expected at least two columns",
        "looks like JSON",
    ),
    (
        "scenario",
        b'[network]\ngenerator = "ring"\n[item.post]\nstickiness = 0.1\n',
        {},
        "{}:1: expected 3 columns",
        "this looks like a scenario",
    ),
    ("xml", b"<table>\n</table>\n", {}, "{}:1: expected at least two columns", "looks like XML"),
    ("graphml", b"<graphml>\n</graphml>\n", {}, "{}: this GraphML cannot be read: ", "an edge list (CSV) always works"),
    ("empty id", b"1,2\n,3\n", {}, "{}:2: the source is empty, expected an id", ""),
    ("empty target", b"1,2\n3,\n", {}, "{}:2: the target is empty, expected an id", ""),
    ("empty quoted", b'a,b\n"",c\n', {}, "{}:2: the source is empty, expected an id", ""),
    (
        "open quote",
        b'a,b\n"c,d\ne,f\n',
        {},
        "{}:2: a double quote does not close where a field ends",
        "write a quote",
    ),
    (
        "quote garbage",
        b'a,b\n"c"x,d\n',
        {},
        "{}:2: a double quote does not close where a field ends",
        "write a quote",
    ),
    (
        "trust nan",
        b"1 2 0.5\n2 3 nan\n",
        {"trust_column": 3},
        "{}:2: trust is 'nan', expected a number from 0 to 1",
        "fill in what is missing, e.g. with 0.5, the default, or leave the row out",
    ),
    (
        "trust inf",
        b"1 2 0.5\n2 3 inf\n",
        {"trust_column": 3},
        "{}:2: trust is 'inf', expected a number from 0 to 1",
        "",
    ),
    (
        "trust huge",
        b"1 2 0.5\n2 3 1e999\n",
        {"trust_column": 3},
        "{}:2: trust is inf, expected a number from 0 to 1",
        "",
    ),
    (
        "trust negative",
        b"1 2 -1\n",
        {"trust_column": 3},
        "{}:1: trust is -1, expected a number from 0 to 1",
        "(r + 10) / 20",
    ),
    (
        "trust big",
        b"#\n1 2 0\n2 3 8\n",
        {"trust_column": 3},
        "{}:3: trust is 8, expected a number from 0 to 1",
        "(r + 10) / 20",
    ),
    (
        "trust empty",
        b"1,2,1\n2,3,\n",
        {"trust_column": 3},
        "{}:2: trust is empty, expected a number from 0 to 1",
        "fill in what is missing, e.g. with 0.5, the default, or leave the row out",
    ),
    (
        "probability empty",
        b"1,2,1\n2,3,\n",
        {"probability_column": 3},
        "{}:2: probability is empty, expected a number from 0 to 1",
        "fill in what is missing or leave the row out",
    ),
    (
        "trust percent",
        b"a,b,trust\n1,2,20%\n",
        {"trust_column": 3},
        "{}:2: trust is '20%', expected a number from 0 to 1",
        "write 0.2",
    ),
    (
        "trust odd percent",
        b"1,2,0.5\n1,3,12.5 %\n",
        {"trust_column": 3},
        "{}:2: trust is '12.5 %', expected a number from 0 to 1",
        "write 0.125",
    ),
    (
        "trust percentages",
        b"1,2,80\n",
        {"trust_column": 3},
        "{}:1: trust is 80, expected a number from 0 to 1",
        "trust goes from 0 (none) to 1 (full): rescale it, e.g. r / 100 for percentages",
    ),
    (
        "trust comma",
        b"1;2;0,5\n",
        {"trust_column": 3},
        "{}:1: trust is '0,5', expected a number",
        "with a point, not a comma",
    ),
    (
        "trust word",
        b"1 2 0.5\n2 3 high\n",
        {"trust_column": 3},
        "{}:2: trust is 'high', expected a number from 0 to 1",
        "",
    ),
    (
        "trust python",
        b"1 2 1_0\n",
        {"trust_column": 3, "header": False},
        "{}:1: trust is '1_0', expected a number",
        "header = true",
    ),
    (
        "probability",
        b"1 2 1.5\n",
        {"probability_column": 3},
        "{}:1: probability is 1.5, expected a number from 0 to 1",
        "a probability goes from 0 to 1: rescale it, e.g. r / 100 for percentages",
    ),
    (
        "weight",
        b"1 2 -2\n",
        {"weight_column": 3},
        "{}:1: weight is -2, expected a finite number of at least 0",
        "signed",
    ),
    (
        "weight inf",
        b"1 2 inf\n",
        {"weight_column": 3, "header": False},
        "{}:1: weight is 'inf', expected a finite number",
        "",
    ),
    (
        "name",
        b"who,whom,trst\na,b,1\n",
        {"trust_column": "trust"},
        "{}:1: there is no column 'trust' for trust_column; the columns are 'who', 'whom', 'trst'",
        "did you mean 'trst'?",
    ),
    (
        "name without header",
        b"1,2,1\n2,3,1\n",
        {"trust_column": "trust", "header": False},
        "{}: there is no column 'trust' for trust_column: the file has no column names",
        "give its number, from 1 to 3",
    ),
    (
        "number",
        b"1,2\n2,3\n",
        {"trust_column": 3},
        "{}: there is no column 3 for trust_column; columns are numbered from 1 to 2",
        "",
    ),
    ("column 0", b"1,2\n2,3\n", {"source_column": 0}, "{}: there is no column 0 for source_column", ""),
    (
        "same column",
        b"a,b\n1,2\n",
        {"source_column": "b"},
        "{}: source and target are the same column, 'b'",
        "name both source_column and target_column",
    ),
    (
        "trust is id",
        b"1,2\n1,2\n",
        {"trust_column": 2},
        "{}: trust and target are the same column",
        "trust_column",
    ),
    (
        "twice",
        b"a,b,b\n1,2,3\n",
        {"target_column": "b"},
        "{}:1: several columns are called 'b'",
        "give column numbers",
    ),
    (
        "wrong count",
        b"3 7\n0 1 1\n1 2 1\n",
        {},
        "{}:1: expected 3 columns, found 2; read as a line of counts (people, rows) it announces 7 rows, "
        "but there are 2",
        "set header = true to leave the line out",
    ),
    (
        "trust constant",
        b"1 2\n",
        {"trust": 1.5},
        "{}: trust is 1.5, expected a number from 0 to 1",
        "trust goes from 0",
    ),
]


@pytest.mark.parametrize(
    ("content", "options", "message", "hint"),
    [case[1:] for case in HOSTILE],
    ids=[case[0] for case in HOSTILE],
)
def test_hostile_files(tmp_path, content, options, message, hint):
    path = write(tmp_path, content)
    with pytest.raises(DataError) as caught:
        read_graph(path, **options)
    found = f"{caught.value.place}: {caught.value.message}"
    assert found.startswith(message.format(path)), found
    assert hint in caught.value.hint
    assert caught.value.exit_code == 4


def test_truncated_gzip_names_the_line(tmp_path):
    path = write(tmp_path, GZ[: len(GZ) // 2], "ties.txt.gz")
    with pytest.raises(DataError, match=r"ends within line \d{4}"):
        read_graph(path)


def test_named_gz_but_plain(tmp_path):
    with pytest.raises(DataError, match=r"the name ends in \.gz, but this is not a gzip file") as caught:
        read_graph(write(tmp_path, "1 2\n", "ties.txt.gz"))
    assert caught.value.hint == "if it is plain text, rename it without .gz"


def test_missing_file(tmp_path):
    write(tmp_path, "1 2\n", "friends.csv")
    with pytest.raises(DataError, match="there is no such file") as caught:
        read_graph(tmp_path / "freinds.csv")
    assert caught.value.hint == f"did you mean '{tmp_path / 'friends.csv'}'?"
    with pytest.raises(DataError) as caught:
        read_graph(tmp_path / "no" / "friends.csv")
    assert caught.value.hint == f"there is no folder {tmp_path / 'no'} either"
    with pytest.raises(DataError, match="there is no such file"):
        read_graph("friends\0.csv")


def test_folder(tmp_path):
    with pytest.raises(DataError, match="this is a folder, expected a file"):
        read_graph(tmp_path)


def test_permission(tmp_path, monkeypatch):
    """The superuser may read everything, so the refusal is staged."""

    def refuse(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, "1 2\n")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match="the file may not be read"):
        read_graph(path)


def test_endless_line(tmp_path, monkeypatch):
    monkeypatch.setattr("viralsim.graph.lines._BLOCK", 1000)
    monkeypatch.setattr("viralsim.graph.lines._LONGEST_LINE", 5000)
    with pytest.raises(DataError, match="is longer than"):
        read(tmp_path, "1 2\n" + "x" * 10_000)


def test_a_fault_far_down_names_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr("viralsim.graph.lines._BLOCK", 4096)
    lines = [f"{k} {k + 1} 0.5" for k in range(5_000)]
    lines[4_321] = "1 2 0.5 9"
    with pytest.raises(DataError) as caught:
        read(tmp_path, "\n".join(lines))
    assert caught.value.place.endswith(":4322")


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (
            {"direction": "folows"},
            "unknown direction 'folows'; choose from follows, influences, mutual",
            "'follows'",
        ),
        ({"merge": "median"}, "unknown merge 'median'; choose from mean, max, sum, last", "'mean'"),
        ({"delimiter": "coma"}, "unknown delimiter 'coma'; expected one character or tab, comma", "'comma'"),
        ({"delimiter": "x"}, "unknown delimiter 'x'", ""),
        ({"comment": "#\n"}, "a comment prefix cannot hold a line break", ""),
    ],
)
def test_bad_options(tmp_path, options, message, hint):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, "1 2\n", **options)
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_a_scenario_is_no_edge_list(tmp_path):
    """`viralsim graph info mine.toml` took it for JSON."""
    path = write(tmp_path, '# mine\nrandom_seed = 1\n[network]\ngenerator = "ring"\n', "mine.toml")
    with pytest.raises(DataError) as caught:
        read_graph(path)
    assert str(caught.value) == (
        f"{path}: this is a scenario (TOML), expected an edge list\n"
        f"  hint: `viralsim check {path}` checks it, with --data its network too"
    )
    with pytest.raises(DataError, match="there is no such file"):
        read_graph(tmp_path / "other.toml")


# ---------------------------------------------------------------------------------- what looks odd is noted


def names_note(first, second, line=1):
    return (
        f"line {line} ('{first}', '{second}') was read as two people, whom no other row names; "
        "header = true reads it as the names of columns"
    )


@pytest.mark.parametrize(
    ("content", "first", "second", "line"),
    [
        ("Person A,Person B\nann,bob\nbob,cem\n", "Person A", "Person B", 1),
        ("name,friend\nann,bob\n", "name", "friend", 1),
        ("# ties\nVon\tAn\nann\tbob\nbob\tann\n", "Von", "An", 2),
        ("von,an,seit\nann,bob,Mai\nbob,cem,Juni\n", "von", "an", 1),
    ],
)
def test_a_first_row_of_names_that_nobody_else_has_is_noted(tmp_path, content, first, second, line):
    """A header of words above words became two people and a tie without a word."""
    graph = read(tmp_path, content)
    assert graph.ids[:2].tolist() == [first, second]
    assert graph.report.notes == (names_note(first, second, line),)
    assert read(tmp_path, content, header=False).report.notes == ()
    named = read(tmp_path, content, header=True)
    assert named.report.notes == ()
    assert named.report.header[:2] == (first, second)
    assert named.people == graph.people - 2


@pytest.mark.parametrize(
    "content",
    [
        "ann,bob\nbob,cem\n",
        "ann,bob\ncem,ann\n",
        "ann,bob\n",  # nothing to compare with
        "ann,ann\nbob,cem\n",
        "ann,bob,friend\ncem,dan,friend\n",  # the third column holds values from the first row on
        "ann,bob,3\ncem,dan,x\n",
        "ann,bob,\ncem,dan,x\n",
        "x1,2\nx3,4\n2,x1\n",
        "1,2\n3,4\n",
        "who,whom\nann,bob\n",
    ],
)
def test_a_first_row_that_is_data_is_not_noted(tmp_path, content):
    assert read(tmp_path, content).report.notes == ()


def test_a_first_row_is_looked_for_in_all_of_the_file(tmp_path):
    filler = "".join(f"p{i},q{i}\n" for i in range(700_000))  # more than one block of text
    assert read(tmp_path, "ann,bob\n" + filler + "zoe,bob\n").report.notes == ()
    assert read(tmp_path, "ann,bob\n" + filler + "zoe,bo\n").report.notes == (names_note("ann", "bob"),)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("trust", "column 'trust' is not read; network.trust_column = \"trust\" reads it as tie trust"),
        ("Tie Strength", "column 'Tie Strength' is not read; network.trust_column = \"Tie Strength\" reads it as tie"),
        ("WEIGHT", "column 'WEIGHT' is not read; network.trust_column = \"WEIGHT\" reads it as tie trust"),
        ("probability", "column 'probability' is not read; network.probability_column = \"probability\" reads it as"),
    ],
)
def test_a_telling_column_that_is_not_read_is_noted(tmp_path, name, note):
    """A column called trust was left out without a word, and everybody trusted alike."""
    text = f"who,whom,{name},since\nann,bob,0.5,2001\nbob,cem,1,2002\n"
    (found,) = read(tmp_path, text).report.notes
    assert found.startswith(note)
    column = "probability_column" if "prob" in name else "trust_column"
    assert read(tmp_path, text, **{column: name}).report.notes == ()


def test_a_column_is_not_noted_where_another_is_read_in_its_place(tmp_path):
    text = "who,whom,trust,weight,since\nann,bob,0.5,1,2001\nbob,cem,1,1,2002\n"
    assert read(tmp_path, text, trust_column="trust").report.notes == ()
    assert "'trust' is not read" in read(tmp_path, text, probability_column="weight").report.notes[0]


@pytest.mark.parametrize(
    ("content", "text", "numbers"),
    [
        ("name,age\nann,31\nbob,25\ncem,31\n", "column 1 'name'", "column 2 'age'"),
        ("ann,31.5\nbob,25\n", "column 1", "column 2"),
        ("id,name\n1,ann\n2,bob\n", "column 2 'name'", "column 1 'id'"),
    ],
)
def test_a_table_about_people_is_noted(tmp_path, content, text, numbers):
    """A table of names and ages became people called 31 and 25."""
    assert read(tmp_path, content).report.notes == (
        f"{text} holds text and {numbers} nothing but numbers: this looks like a table about people, "
        "not of ties between them; each row was read as a tie",
    )


@pytest.mark.parametrize("content", ["ann,31\n31,bob\n", "ann,31\nbob,x\n", "ann,31\n7,8\n", "007,31\n1,2\n"])
def test_mixed_ids_are_no_table_about_people(tmp_path, content):
    assert not any("table" in note for note in read(tmp_path, content).report.notes)


def peak_megabytes(work) -> float:
    tracemalloc.start()
    try:
        work()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak / 2**20


@pytest.mark.parametrize("people", [False, True])
def test_one_long_row_takes_no_room_in_all_others(tmp_path, people):
    """As many places as the longest row has fields were set aside for every row: 60 GB for 300 kB."""
    long = write(tmp_path, "," * 100_000 + "\n" + "1,2\n" * 50_000, "long.csv")

    def work():
        with pytest.raises(DataError, match="found 100001"):
            read(tmp_path, "1,2\n" if people else long.read_bytes(), people=long if people else None)

    assert peak_megabytes(work) < 100


def test_blank_lines_take_no_room(tmp_path):
    """Places for all fields were set aside for every blank line."""
    table = write(tmp_path, ",".join(f"c{k}" for k in range(200)) + "\n" * 500_000 + ",".join(["1"] * 200), "p.csv")
    assert peak_megabytes(lambda: read(tmp_path, "1,2\n", people=table)) < 100


def test_a_count_of_thousands_of_digits(tmp_path):
    """ValueError: Exceeds the limit (4300 digits) for integer string conversion."""
    with pytest.raises(DataError, match="expected 3 columns as in the rows below, found 2"):
        read(tmp_path, "1 " + "9" * 5_000 + "\n1 2 3\n1 2 3\n")
    with pytest.raises(DataError, match="there is no column '9999"):
        read(tmp_path, "1 2\n", trust_column="9" * 5_000)
    with pytest.raises(DataError, match="there is no column '9999"):
        read(tmp_path, "1 2\n", people=write(tmp_path, "id,age\n1,2\n", "p.csv"), people_id_column="9" * 5_000)


def test_many_columns_take_no_time(tmp_path):
    """Each name of a column was counted in all: 450,000 columns took hours."""
    begin = time.perf_counter()
    names = ",".join(f"c{k}" for k in range(100_000))
    assert read(tmp_path, names + "\n" + ",".join(["1"] * 100_000)).report.self_loops == 1
    with pytest.raises(DataError, match="100,000 columns are more than viralsim reads of people"):
        read(tmp_path, "1,2\n", people=write(tmp_path, names + "\n", "p.csv"))
    assert time.perf_counter() - begin < 10


@pytest.mark.parametrize("column", ["trust_column", "source_column", "platform_column"])
def test_a_column_by_name_where_there_are_no_names(tmp_path, column):
    """Numbers of the first row were listed as the names to choose from."""
    with pytest.raises(DataError) as error:
        read(tmp_path, "6,2,4,1289241911.7\n6,5,2,1289241941.5\n", **{column: "rating"})
    assert str(error.value) == (
        f"{tmp_path / 'ties.txt'}:1: there is no column 'rating' for {column}: the first row holds numbers, so it "
        "seems that the file has no column names\n  hint: give its number, from 1 to 4"
    )
    with pytest.raises(DataError, match="the columns are '6', '2'"):
        read(tmp_path, "6,2,4\n6,5,2\n", header=True, **{column: "rating"})


def test_advice_on_a_column_beyond_one_names_the_map(tmp_path):
    """A weight of 2.0 was recommended as tie trust, which is refused."""
    (note,) = read(tmp_path, "who,whom,weight\nann,bob,1.0\nbob,cem,2.0\n").report.notes
    assert note.endswith("reads it as tie trust, with a trust_map that brings what it holds, such as 2.0, to 0 ... 1")
    assert read(tmp_path, "who,whom,probability\nann,bob,1.0\nbob,cem,20\n").report.notes == ()


def test_a_column_of_few_values_is_no_column_of_people(tmp_path):
    """A table of people was read as ties to their cities, the layers of a multiplex file as people 1 to 3."""
    table = "".join(f"{i} {i % 4 + 1}\n" for i in range(1, 247))
    assert read(tmp_path, table).report.notes == (
        "column 2 has only 4 different values (1, 2, 3, 4) in 246 rows: is this a table about people, rather than of "
        "ties between them?",
    )
    layers = "".join(f"{i % 3 + 1} {i} {i * 7 % 100 + 1}\n" for i in range(1, 101))
    (note,) = read(tmp_path, layers).report.notes
    assert note.startswith("column 1 has only 3 different values (")
    assert note.endswith(
        "in 100 rows: is it a platform, or an attribute of people? Name the two columns that hold people"
    )
    assert read(tmp_path, layers, source_column=2, target_column=3).report.notes == ()
    assert read(tmp_path, "".join(f"hub p{i}\n" for i in range(100))).report.notes == ()

"""Hostile input for every importer: a case from each whole number, and what must hold of it whatever it is.

`python tests/graph/fuzz_importers.py --minutes 30 --workers 1 --out FOLDER` plays cases in processes of their own with
little memory, so that a crash, a hang or a hunger for memory is found with the case that made it; `--seed 17` plays one
here and says what became of it; `--write FOLDER` beside it leaves its files there. Real files lend their first rows
where ../shared/data is there.
"""

from __future__ import annotations

import argparse
import bz2
import contextlib
import csv
import gzip
import io
import json
import lzma
import random
import re
import resource
import select
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from viralsim.errors import DataError, UsageError

DATA = Path(__file__).parents[2].parent / "shared" / "data"
LONGEST_MESSAGE = 2_000
MOST_SECONDS = 10.0
MOST_BYTES = 1 << 20
"""Of a mutated file. What it may take in memory beyond a worker that has read the originals:"""
MOST_MEMORY = 512 << 20

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda raw: gzip.compress(raw, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


@dataclass
class Case:
    """Files, and a call that takes them; or the arguments of an importer of objects."""

    seed: int
    importer: str
    files: dict[str, bytes] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    objects: tuple[Any, ...] = ()

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} ({len(raw):,} bytes)" for name, raw in self.files.items())
        shown = {name: value if len(str(value)) < 200 else str(value)[:200] for name, value in self.options.items()}
        return f"case {self.seed}: {self.importer} {sizes} {shown}"


class Finding(AssertionError):
    """What an importer must not do."""


# ---------------------------------------------------------------------- what must hold


def play(case: Case, folder: Path, seconds: float = float("inf")) -> str:
    """Import a case; return "read", "DataError" or "UsageError". Anything else, or too late, is a Finding.

    Time is that of the processor, as others may use the machine. Where kernels are not compiled yet, a case takes as
    long as that does, so the limit is left to those who know.
    """
    for name, raw in case.files.items():
        (folder / name).write_bytes(raw)
    begin = time.process_time()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            graph = call(case, folder)
            check_graph(graph)
            outcome = "read"
        except (DataError, UsageError) as error:
            check_error(error, case)
            outcome = type(error).__name__
        except Finding as error:
            raise Finding(f"{case}: {error}") from error
        except Exception as error:
            raise Finding(f"{case}: {type(error).__name__}: {str(error)[:500]}") from error
    if said:
        raise Finding(f"{case}: a warning: {said[0].category.__name__}: {str(said[0].message)[:300]}")
    took = time.process_time() - begin
    if took > seconds:
        raise Finding(f"{case}: it took {took:.0f} s")
    return outcome


def call(case: Case, folder: Path) -> Any:
    from viralsim import graph as room

    options = dict(case.options)
    if "people" in options and case.files:
        options["people"] = str(folder / options["people"])
    if case.importer == "read_graph":
        return room.read_graph(folder / next(iter(case.files)), **options)
    return getattr(room, case.importer)(*case.objects, **options)


def check_error(error: DataError | UsageError, case: Case) -> None:
    text = str(error)
    if len(text) > LONGEST_MESSAGE:
        raise Finding(f"an error of {len(text):,} characters: {text[:300]}")
    if not error.message:
        raise Finding("an error without a message")
    if isinstance(error, DataError) and case.files and not any(name in text for name in case.files):
        raise Finding(f"an error that names no file: {text[:300]}")


def check_graph(graph: Any) -> None:
    """Whatever was read, the graph is whole and its report adds up."""
    from viralsim.graph import graph_info, graph_info_lines

    def must(truth: Any, what: str) -> None:
        if not truth:
            raise Finding(f"{what}; report: {str(graph.report)[:600]}")

    people, report = graph.people, graph.report
    must(people >= 1 and graph.ids.shape == (people,), "one id for each person")
    must(graph.ids.dtype == np.int64 or all(type(one) is str and one for one in graph.ids.tolist()), "ids of one kind")
    must(len(set(graph.ids.tolist())) == people, "ids differ")
    must(report.ids == ("integer" if graph.ids.dtype == np.int64 else "text"), "the report names the kind of ids")
    must(report.rows == report.kept + report.self_loops + report.merged, "rows = kept + self-loops + merged")
    must(all(type(count) is int for count in (report.rows, report.kept, report.merged)), "counts are whole numbers")
    must(len(graph.layers) >= 1, "at least one layer")
    for name, arcs in graph.layers.items():
        counts = report.platforms[name] if report.platforms else vars(report)
        check_arcs(arcs, people, graph.mutual, counts, must)
    for total in ("rows", "kept", "self_loops", "merged") if report.platforms else ():
        must(sum(one[total] for one in report.platforms.values()) == getattr(report, total), f"platforms' {total}")
    for name, values in graph.attributes.items():
        must(isinstance(name, str), "names of attributes are text")
        must(isinstance(values, np.ndarray) and values.shape == (people,), f"attribute {name!r}: one value per person")
        must(
            values.dtype in (np.int64, np.float64, np.bool_) or all(type(one) is str for one in values.tolist()),
            f"attribute {name!r}: numbers, truth or text",
        )
    if report.lines and "source" in report.columns:  # delimited text, each of whose lines counts
        beside = report.comments + report.blanks + bool(report.header) + bool(report.count_line)
        must(report.lines == report.rows + beside, "lines = rows + comments + blanks + header + counts")
    if people <= 20_000:
        json.dumps(graph_info(graph), allow_nan=False)
        lines = graph_info_lines(graph)
        "\n".join(lines).encode("utf-8", "surrogatepass")
        longest = max(lines, key=len)
        must(len(longest) <= LONGEST_MESSAGE, f"a line of {len(longest):,} characters: {longest[:200]}")


def check_arcs(arcs: Any, people: int, mutual: bool, counts: Any, must: Callable[[Any, str], None]) -> None:
    offsets, followers = arcs.offsets, arcs.followers
    count, both = len(followers), 2 if mutual else 1
    must(offsets.dtype == np.int64 and followers.dtype == np.int32, "types of offsets and followers")
    must(offsets.shape == (people + 1,) and offsets[0] == 0 and offsets[-1] == count, "offsets cover the arcs")
    must((np.diff(offsets) >= 0).all(), "offsets ascend")
    must(count == both * counts["kept"], "as many arcs as were kept")
    must(counts["rows"] == counts["kept"] + counts["self_loops"] + counts["merged"], "rows add up")
    must(count == 0 or (followers.min() >= 0 and followers.max() < people), "followers are people")
    sharers = arcs.sharers.astype(np.int64)
    must((followers != sharers).all(), "nobody follows themselves")
    keys = sharers * people + followers
    must((np.diff(keys) > 0).all(), "followers ascend within a row")
    for name in ("trust", "probability", "weight"):
        values = getattr(arcs, name)
        if values is not None:
            must(values.shape == (count,) and values.dtype == np.float64, f"one {name} for each arc")
            must((values >= 0).all() and (name == "weight" or (values <= 1).all()), f"{name} in range")
            must(np.isfinite(values).all(), f"{name} finite")
    must(arcs.multiplicity.shape == (count,) and (arcs.multiplicity >= 1).all(), "multiplicity")
    must(int(arcs.multiplicity.sum()) == both * (counts["rows"] - counts["self_loops"]), "multiplicities add up")
    if mutual:
        back = np.argsort(followers * np.int64(people) + sharers, kind="stable")
        must((followers[back] == sharers).all() and (sharers[back] == followers).all(), "both ways")
        must((arcs.trust[back] == arcs.trust).all(), "the same trust both ways")


# ---------------------------------------------------------------------- what is mutated


def _synthetic() -> dict[str, bytes]:
    """Files that every importer reads, as small as they can be; the same wherever this runs."""
    import duckdb
    import networkx as nx

    made: dict[str, bytes] = {
        "text.csv": "who,whom,trust,on\nann,bob,0.5,calls\nbob,çem,1,texts\nçem,çem,0,calls\nann,bob,.25,x\n".encode(),
        "quoted.csv": b'source;target;probability\n"a;b";"c ""d""";0.1\n"c ""d""";e;1e-3\n e ; "a;b" ;0\n',
        "blanks.txt": b"# from to\n 1  2 \n2 3\n\n3\t1\n10 007\n",
        "counted.txt": b"4 5\n0 1 0.5\n1 2 0.25\n2 3 1\n3 0 0\n0 2 0.1\n",
        "old.txt": b"1,2\r2,3\r3,1\r",
        "windows.csv": b"\xef\xbb\xbffrom,to,weight\r\n1,2,10\r\n2,3,0\r\n",
        "piped.psv": b"a|b|x\nb|c|y\nc|a|x\n",
        "people.csv": b"id,city,age,score,on,zip\nann,Oslo,31,.5,true,0123\nbob,,40,,false,012\ndan,Rome,7,1e3,true,\n",
        "numbers.tsv": b"id\tage\n1\t30\n2\t\n3\tNA\n9\t5\n",
        "three.net": (
            '%\n*Network n\n*Vertices 3\n1 "ann b" 0.1 0.2\n2 bob\n3 "çem"\n*Arcs :1 "advice"\n1 2 0.5\n2 3 1\n'
            "*Edges\n1 3 2\n*Arcslist\n1 2 3\n"
        ).encode(),
        "plain.net": b"*vertices 9\n*edges\n1 2\n9 3\n4 5 1\n",
        "by-hand.graphml": (
            b'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
            b'<key id="d0" for="node" attr.name="age" attr.type="int"><default>3</default></key>\n'
            b'<key id="d1" for="edge" attr.name="trust" attr.type="double"><default>0.5</default></key>\n'
            b'<graph id="G" edgedefault="directed">\n<node id="n0"><data key="d0">7</data></node><node id="n1"/>\n'
            b'<edge source="n0" target="n1"><data key="d1">1</data></edge>\n<edge source="n1" target="n1"/>\n'
            b"</graph>\n</graphml>\n"
        ),
        "by-hand.gml": (
            b'Creator "x"\ngraph [\n directed 1\n node [ id 1 label "ann" age 3 place [ city "Oslo" ] ]\n'
            b' node [ id 2 label "bob" ]\n edge [ source 1 target 2 trust 0.5 layer "x" ]\n'
            b" edge [ source 2 target 1 trust 1 layer 7 ]\n]\n"
        ),
    }
    graph = nx.DiGraph()
    graph.add_node("ann", city="Oslo", age=31, score=0.5)
    graph.add_node("bob b", city='Rome, "old" <&>', age=7, score=2.0)
    graph.add_node("çem", city="", age=0, score=0.0)
    graph.add_edge("ann", "bob b", rating=10, trust=0.5, layer="calls")
    graph.add_edge("bob b", "çem", rating=-10, trust=0.25, layer="texts")
    graph.add_edge("çem", "çem", rating=0, trust=1.0, layer="calls")
    club = nx.karate_club_graph()
    with tempfile.TemporaryDirectory() as folder:
        for form, write in (("graphml", nx.write_graphml), ("gexf", nx.write_gexf), ("gml", nx.write_gml)):
            for name, one in (("written", graph), ("club", club), ("multi", nx.MultiGraph([(1, 2), (1, 2), (2, 3)]))):
                write(one, Path(folder, "x"))
                made[f"{name}.{form}"] = Path(folder, "x").read_bytes()
        nx.write_pajek(club, Path(folder, "x"))
        made["club.net"] = Path(folder, "x").read_bytes()
        for number, query in enumerate(_QUERIES):
            file = Path(folder, f"{number}.parquet")
            with duckdb.connect(config={"threads": 1}) as database:
                database.sql(query).write_parquet(str(file), compression=("zstd", "snappy", "uncompressed")[number % 3])
            made[f"{number}.parquet"] = file.read_bytes()
    return made


_QUERIES = (
    "SELECT i AS source, i + 1 AS target, 0.5 AS trust, ['a', 'b'][1 + i % 2] AS layer FROM range(40) t(i)",
    "SELECT 'p' || i % 7 AS who, 'q' || i % 5 AS whom, i / 40 AS trust FROM range(40) t(i)",
    "SELECT i % 9 AS id, 'city ' || i AS city, CASE WHEN i % 2 = 0 THEN i END AS age FROM range(9) t(i)",
    "SELECT i::UBIGINT + 18446744073709551600 AS a, i::HUGEINT * 100000000000000000000 AS b FROM range(9) t(i)",
    "SELECT i / 2 AS a, i::DOUBLE AS b, CASE WHEN i = 3 THEN 'nan' ELSE 'inf' END::DOUBLE AS c FROM range(9) t(i)",
    "SELECT [i] AS a, {'x': i} AS b, i % 2 = 0 AS c, DATE '2020-01-01' + i::INTEGER AS d FROM range(9) t(i)",
    "SELECT i::DECIMAL(20, 3) AS a, (i + 1)::DECIMAL(38, 0) AS b, i::FLOAT / 9 AS c FROM range(9) t(i)",
    "SELECT ('x' || i)::BLOB AS a, uuid() AS b, TIMESTAMP '2020-01-01 00:00:00' AS c FROM range(9) t(i)",
    "SELECT CASE WHEN i <> 4 THEN i END AS source, '' AS target, NULL AS trust FROM range(9) t(i)",
    "SELECT i AS source, i + 1 AS target FROM range(0) t(i)",
    "SELECT 1 AS only",
    "SELECT i::TINYINT AS source, (i + 1)::USMALLINT AS target, i::VARCHAR AS trust FROM range(9) t(i)",
    "SELECT MAP {'k': i} AS a, INTERVAL 1 DAY AS b, TIME '10:00' AS c, i AS \"a\"\"b\" FROM range(9) t(i)",
)


def _head(file: Path, rows: int = 60) -> bytes:
    packed = file.suffix == ".gz"
    with gzip.open(file) if packed else file.open("rb") as stream:
        lines = [line for line, _ in zip(stream, range(10_000), strict=False)]
    if file.name.endswith(".net.gz"):  # the first people, and the ties among them
        people = 1 + min(rows, 40)
        ties = lines[lines.index(next(line for line in lines if line.lower().startswith(b"*e"))) :]
        among = [line for line in ties[1:] if all(int(word) < people for word in line.split()[:2])]
        return b"".join([b"*vertices %d\n" % (people - 1), *lines[1:people], ties[0], *among[:rows]])
    return b"".join(lines[:rows])[:8_000]


@cache
def originals(real: bool) -> dict[str, bytes]:
    """File name -> content, the first rows of real files among them where wanted."""
    made = _synthetic()
    if real and DATA.is_dir():
        for file in sorted(DATA.glob("*/*")):
            if re.search(r"\.(csv|txt|edges|net|nodelist)(\.gz)?$", file.name) and file.name != "PROVENANCE.txt":
                made[file.name.removesuffix(".gz")] = _head(file)
    return made


# ---------------------------------------------------------------------- how it is mutated

_TOKENS = (
    *(b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xc3\xa9"),
    *(b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xe2\x80\xa8"),
    *(b"\r", b"\n", b"\r\n", b"\n\n", b"\x0b", b"\x0c", b"\x1a"),
    *(b"\x1b[31m", b"\x7f", b"\x85", b"\t", b" ", b"\xc2\xa0"),
    *(b",", b";", b"|", b":", b'"', b'""', b'"""', b"'", b"\\"),
    *(b'","', b"#", b"%", b"//", b"*", b"<", b">", b"&", b"]]>"),
    *(b"0", b"1", b"-1", b"+1", b"007", b"1.0", b"1e3", b"1e308"),
    *(b"1e309", b"-1e-400", b"0x10", b"1_000", b"1,5", b"50%"),
    *(b"nan", b"NaN", b"inf", b"-Infinity", b"NA", b"null"),
    *(b"None", b"true", b"-", b"?", b"", b"\xd9\xa3", b"\xc2\xb2"),
    *(b"2147483647", b"2147483648", b"-2147483649", b"4294967296", b"9223372036854775807", b"9223372036854775808"),
    *(b"-9223372036854775808", b"18446744073709551616", b"9" * 40, b"9" * 400, b"9" * 5_000, b"0." + b"3" * 400),
    *(b"*Vertices 3\n", b"*Vertices 9999999\n", b"*Vertices 2000000000\n", b"*Arcs\n", b"*Edges\n", b"*Arcslist\n"),
    *(b"*Matrix\n", b"*Vertices 3 2\n", b"*Network x\n", b"*Partition\n", b'*Arcs :9 "x"\n'),
    *(b"<!DOCTYPE x>", b'<!ENTITY a "b">', b"<!-- x -->", b"<![CDATA[x]]>", b"&lt;", b"&#0;", b"&#x10FFFF;", b"&a;"),
    *(b"<node/>", b'<node id="n0"/>', b"<edge/>"),
    *(b'<edge source="n0" target="zz"/>', b"<graph>", b"<port/>", b"<hyperedge/>"),
    *(b'<data key="zz">1</data>', b'<y:x xmlns:y="http://y"/>'),
    b'<node id="n9"><graph><node id="m"/></graph></node>',
    *(b'attr.type="foo"', b'type="long"', b'edgedefault="undirected"'),
    *(b'encoding="UTF-16"', b'mode="dynamic"', b"<spell/>"),
    *(b"graph [", b"node [ id 1 ]", b"node [ ]"),
    *(b"edge [ source 1 target 99 ]", b"]", b"[", b"label 3", b"multigraph 1"),
    *(b"directed 1", b"directed 7", b"@", b"&amp;#65;", b"id"),
    *(b"source", b"trust", b"layer", b"PAR1", b"PK\x03\x04", b"BZh"),
)
_DELIMITERS = (b",", b";", b"\t", b" ", b"|", b":")
_LONG = 20_000


def mutated(raw: bytes, luck: random.Random, words: list[bytes]) -> bytes:
    """Return content that differs in one place, or all over."""
    at = luck.randrange(len(raw) + 1)
    lines = raw.splitlines(keepends=True) or [b""]
    row = luck.randrange(len(lines))
    token = luck.choice(_TOKENS) if luck.random() < 0.6 or not words else luck.choice(words)
    kind = luck.randrange(24)
    if raw.startswith(b"PAR1") and luck.random() < 0.8:
        kind, at = luck.choice((0, 1)), luck.randrange(len(raw))  # most else is refused at a glance
    match kind:
        case 0:
            return raw[:at] + bytes([luck.randrange(256)]) + raw[at + 1 :]
        case 1:
            return raw[:at] + bytes([raw[at] ^ (1 << luck.randrange(8))]) + raw[at + 1 :] if at < len(raw) else raw
        case 2:
            return raw[:at] + raw[at + luck.choice((1, 2, 5, 20, 200)) :]
        case 3:
            return raw[:at] + raw[at : at + luck.choice((1, 5, 30, 300))] * luck.choice((2, 3, 100)) + raw[at:]
        case 4 | 5 | 6:
            return raw[:at] + token + raw[at:]
        case 7 | 8 | 9 | 10:
            return _word_replaced(raw, luck, token)
        case 11:
            other = luck.randrange(len(lines))
            lines[row], lines[other] = lines[other], lines[row]
        case 12:
            del lines[row]
        case 13:
            lines[row] = lines[row] * luck.choice((2, 2, 3, 50))
        case 14:
            luck.shuffle(lines)
        case 15:
            lines[row] = lines[row].rstrip(b"\r\n") + luck.choice((b"\r", b"\r\n", b"\n", b"\n\r", b"", b" \n"))
        case 16:
            between = luck.choice((b"\r", b"\r\n", b"\n", b"\0\n"))
            return between.join(line.rstrip(b"\r\n") for line in lines) + luck.choice((between, b""))
        case 17:
            old, new = luck.choice(_DELIMITERS), luck.choice(_DELIMITERS)
            lines = [line.replace(old, new) for line in lines] if luck.random() < 0.5 else lines
            lines[row] = lines[row].replace(old, new * luck.choice((1, 2)))
        case 18:
            more = luck.choice((b",", b" x", b"a", b'"', token)) * luck.randrange(1, _LONG)
            lines[row] = (lines[row].rstrip(b"\n") + more)[: MOST_BYTES // 2] + b"\n"
        case 19:
            most = MOST_BYTES // max(len(lines[row]), 1)
            lines[row] = lines[row] * luck.randrange(1, max(2, min(30_000, most)))
        case 20:
            return raw[:at]
        case 21:
            quoted = re.sub(rb"[^\s,;|]+", lambda word: b'"' + word[0] + b'"', lines[row])
            lines[row] = quoted.replace(b'"', b'""') if luck.random() < 0.3 else quoted
        case 22:
            text = raw.decode("utf-8", "replace")
            kind = luck.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "utf-8-sig", "utf-7", "cp037"))
            return text.encode(kind, "replace")
        case 23:
            lines.insert(row, luck.choice((b"# x", b"%", b"", b"  ", b"//", token, b"a,b,c,d,e,f,g")) + b"\n")
    return b"".join(lines)


def _word_replaced(raw: bytes, luck: random.Random, token: bytes) -> bytes:
    found = list(re.finditer(rb"[^\s,;|<>=\"\[\]]+", raw))
    if not found:
        return token
    one = luck.choice(found)
    return raw[: one.start()] + token + raw[one.end() :]


def _words(raw: bytes) -> list[bytes]:
    return sorted(set(re.findall(rb"[^\s,;|<>=\"\[\]]+", raw[:20_000])))


def _worse(raw: bytes, luck: random.Random, times: int) -> bytes:
    words = _words(raw)
    for _ in range(times):
        raw = mutated(raw, luck, words)[:MOST_BYTES]
    return raw


def _packed(name: str, raw: bytes, luck: random.Random) -> tuple[str, bytes]:
    """Return a file as it is or compressed, maybe damaged, maybe under a name that lies."""
    if luck.random() < 0.75:
        return name, raw
    ending = luck.choice(sorted(PACKERS))
    packed = PACKERS[ending](raw)
    match luck.randrange(12):
        case 0:
            packed = packed[: luck.randrange(len(packed) + 1)]
        case 1:
            at = luck.randrange(len(packed))
            packed = packed[:at] + bytes([luck.randrange(256)]) + packed[at + 1 :]
        case 2:
            packed = packed + luck.choice((b"\0" * 9, b"junk", packed, packed[:9], PACKERS[".gz"](b"9,9\n")))
        case 3:
            packed = PACKERS[luck.choice(sorted(PACKERS))](packed)
        case 4:
            ending = luck.choice(("", ".gz", ".xz", ".csv"))
    return name + ending, packed


_COLUMNS = (1, 2, 3, 4, 5, "1", "3", 0, -1, 99, 10**30, "9" * 5_000)
_COLUMNS += ("trust", "rating", "value", "relation", "layer", "x", "", "é")
_MAPS = ("(r+10)/20", "r", "1-r", "clip(r,0,1)", "r/0", "1/r", "r*1e308*1e308", "min(r,1)", "max(0,r)/9", "(", "", "q")
_POOL: dict[str, tuple[Any, ...]] = {
    "direction": ("mutual", "follows", "influences", "mutual", "follows", "sideways", ""),
    "delimiter": ("comma", "tab", ";", " ", "|", "whitespace", "\0", "", "ab", "é", '"', ":", "\n", "1"),
    "header": (True, False),
    "comment": ("#", "%", "", "//", '"', "é", " ", "1", "\n", "a" * 300),
    "merge": ("mean", "max", "sum", "last", "median"),
    "trust": (0.0, 1.0, 0.3, -0.1, 1.5, float("nan"), float("inf")),
    "source_column": _COLUMNS,
    "target_column": _COLUMNS,
    "trust_column": _COLUMNS,
    "weight_column": _COLUMNS,
    "probability_column": _COLUMNS,
    "platform_column": _COLUMNS,
    "platform_names": ({"1": "calls"}, {"calls": "texts"}, {"x": "y", "z": "y"}, {"1": ""}, {"a" * 3_000: "b"}, {}),
    "trust_map": _MAPS,
    "people_id_column": _COLUMNS,
    "people_header": (True, False),
    "people_missing": (("0",), ("?", ""), ("NA",), ()),
}


_TAME: dict[str, tuple[Any, ...]] = {
    "direction": ("mutual", "follows", "influences"),
    "delimiter": ("comma", "tab", ";", "whitespace"),
    "header": (True, False),
    "comment": ("#", "%", "", "//", "é"),
    "merge": ("mean", "max", "sum", "last"),
    "trust": (0.0, 1.0, 0.3),
    **dict.fromkeys(("source_column", "target_column", "platform_column"), (1, 2, 3, "2")),
    **dict.fromkeys(("trust_column", "weight_column", "probability_column"), (3, 3, 4, "trust", "value")),
    "trust_map": ("(r+10)/20", "clip(r,0,1)", "clip(r/9,0,1)"),
    "people_id_column": (1, 2, "id"),
    "people_header": (True, False),
    "people_missing": (("0",), ("?", ""), ("NA",)),
}


_OF_EDGES = ("trust_column", "weight_column", "probability_column", "platform_column", "trust_map")


def _options(luck: random.Random, names: list[str], table_names: list[str], often: float) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for option, values in (_POOL if luck.random() < 0.25 else _TAME).items():
        if luck.random() < (0.45 if option == "direction" else often if option in _OF_EDGES else 0.06):
            own = table_names if option.startswith("people") else names
            fits = own and option.endswith("column") and luck.random() < 0.7
            options[option] = luck.choice(own) if fits else luck.choice(values)
    if "trust_map" in options and luck.random() < 0.9:
        options.setdefault("trust_column", luck.choice((3, *names)))
    if "platform_names" in options and luck.random() < 0.9:
        options.setdefault("platform_column", luck.choice((3, *names)))
    return options


def _names(raw: bytes) -> list[str]:
    """Return what may be names of columns or attributes."""
    first = re.split(r"[\s,;|]+", raw[:2_000].decode("utf-8", "replace").split("\n")[0])
    if raw.startswith(b"PAR1"):
        first = ["a", "b", "c", "source", "target", "trust", "layer", "who", "whom", "id", "city"]
    if raw.lstrip().startswith((b"<", b"graph", b"Creator")):
        first = ["trust", "rating", "layer", "weight", "label", "id", "place"]
    return first[:40]


def case_of(seed: int, *, real: bool = True) -> Case:
    """Return the case of a whole number, always the same one."""
    luck = random.Random(seed)
    kind = luck.random()
    if kind < 0.05:
        return _pandas(seed, luck)
    if kind < 0.07:
        return _scipy(seed, luck)
    if kind < 0.09:
        return _networkx(seed, luck)
    known = originals(real)
    name = luck.choice(sorted(known))
    raw, form = known[name], Path(name).suffix
    if kind < 0.17:
        raw, form = _invented(luck), ".csv"
    elif kind < 0.22:
        form = luck.choice((".graphml", ".gexf", ".gml"))
        raw = _invented_graph(luck, form)
    tabular = form not in (".net", ".graphml", ".gexf", ".gml", ".parquet")
    names, table_names = _names(raw), [""]
    if kind > 0.22 or luck.random() < 0.3:
        raw = _worse(raw, luck, 1 if form == ".parquet" else luck.choice((0, 0, 1, 1, 1, 1, 2, 4)))
        if luck.random() < 0.01:
            other = known[luck.choice(sorted(known))]
            raw = raw[: luck.randrange(len(raw) + 1)] + other[luck.randrange(len(other) + 1) :]
    files: dict[str, bytes] = {}
    lies = (".txt", ".csv", ".net", ".gml", ".graphml", ".toml")
    call_it = "edges" + (form if luck.random() < 0.9 else luck.choice(lies))
    if form == ".parquet":
        files[call_it] = raw
    else:
        packed_name, packed = _packed(call_it, raw, luck)
        files[packed_name] = packed
    with_people = luck.random() < (0.35 if tabular else 0.2)
    if with_people:
        tables = [one for one in sorted(known) if re.search("people|numbers|target|node|parquet", one)]
        table = known[luck.choice(tables)]
        if luck.random() < 0.5:  # of people who are known
            words = [word.decode("utf-8", "replace") for word in _words(raw)][:200] or ["1"]
            text = io.StringIO()
            writer = csv.writer(text, lineterminator=luck.choice(("\n", "\r\n")), delimiter=luck.choice(",;\t"))
            writer.writerows([["id", "age", "x"], *([word, luck.randrange(99), luck.choice(words)] for word in words)])
            table = text.getvalue().encode("utf-8", "replace")
        table_names = _names(table)
        table = _worse(table, luck, luck.choice((0, 0, 1, 2, 4)))
        packed_name, packed = _packed("people.txt", table, luck)
        files[packed_name] = packed
    options = _options(luck, names, table_names, 0.06 if tabular else 0.15)
    if with_people:
        options["people"] = packed_name
    elif luck.random() < 0.95:
        options = {option: value for option, value in options.items() if not option.startswith("people")}
    if not tabular and luck.random() < 0.8:
        for option in ("delimiter", "header", "source_column", "target_column"):
            options.pop(option, None)
    return Case(seed, "read_graph", files, options)


def _invented(luck: random.Random) -> bytes:
    """Return rows of any words, more or less of one width."""
    alphabet = luck.choice((b"012", b"ab1", b'a",\n', b"01.e-+", b'" ,\t', bytes(range(256)), b"\r\n1 ", b"1;2\n#"))
    if luck.random() < 0.5:
        return bytes(luck.choice(alphabet) for _ in range(luck.choice((0, 1, 2, 9, 60, 400))))
    between, end = luck.choice(_DELIMITERS), luck.choice((b"\n", b"\n", b"\r\n", b"\r"))
    width, shape = luck.choice((1, 2, 3, 3, 5, 40, 2_000)), luck.randrange(4)
    rows = []
    for row in range(luck.choice((1, 2, 5, 60, 1_000)) if width < 100 else luck.choice((1, 2, 9))):
        count = width if shape else luck.randrange(1, width + 2)
        words = [luck.choice(_TOKENS) if luck.random() < 0.02 else b"%d" % luck.randrange(20) for _ in range(count)]
        if shape == 2:
            words = [b'"' + word.replace(b'"', b'""') + b'"' for word in words]
        if shape == 3 and row == 0:
            words = [b"c%d" % k for k in range(count)]
        rows.append(between.join(words))
    return end.join(rows)[:MOST_BYTES]


_WRITTEN = ("0", "1", "0.5", "-1", "a", "b", "", "true", "x y", "1e400", "9" * 400, "nan", "é", "&amp;", "10", "[")
_TYPES = ("int", "double", "string", "boolean", "float", "long", "integer", "foo", "liststring", "date")


def _invented_graph(luck: random.Random, form: str) -> bytes:
    """Return a graph whose elements are right and whose ids, types and values may be anything."""
    from xml.sax.saxutils import quoteattr

    def word() -> str:
        return luck.choice(_WRITTEN) if luck.random() < 0.05 else luck.choice(("0", "1", "1", "0"))

    nodes = [str(k) if luck.random() < 0.95 else word() for k in range(luck.choice((0, 1, 3, 6)))]
    ends = [*nodes, *nodes, *nodes, "zz"]
    edges = [(luck.choice(ends), luck.choice(ends)) for _ in range(luck.choice((0, 1, 3, 9)))]
    if form == ".gml":

        def value(deep: int = 2) -> str:
            if deep and luck.random() < 0.1:
                inside = [f"{luck.choice('abc')} {value(deep - 1)}" for _ in range(luck.randrange(3))]
                return f"[ {' '.join(inside)} ]"
            return word() if luck.random() < 0.6 and re.fullmatch(r"[\d.e-]+", word()) else f'"{word()}"'

        parts = [f"directed {luck.choice((0, 1))}", *(["multigraph 1"] if luck.random() < 0.7 else [])]
        parts += [f"node [ id {node or 0} label {value()} age {value()} ]" for node in nodes]
        parts += [
            f"edge [ source {a or 0} target {b or 0} {'key ' + str(k) if luck.random() < 0.5 else ''} "
            f"trust {value()} layer {value()} layer {value()} ]"
            if luck.random() < 0.3
            else f"edge [ source {a or 0} target {b or 0} key {k} trust {value(0)} layer {value()} ]"
            for k, (a, b) in enumerate(edges)
        ]
        return f"graph [\n{chr(10).join(parts)}\n]\n".encode()
    kinds = [luck.choice(_TYPES if luck.random() < 0.3 else _TYPES[:4]) for _ in range(3)]
    names = ["trust", "layer", luck.choice(("trust", "weight", "id", "x"))]
    of = ("edge", "edge", "node")
    way = luck.choice(("directed", "undirected", "directed", "mutual"))
    if form == ".graphml":
        keys = [
            f'<key id="d{k}" for="{luck.choice(of)}" attr.name="{name}" attr.type="{kind}">'
            + (f"<default>{quoteattr(word())[1:-1]}</default>" if luck.random() < 0.3 else "")
            + "</key>"
            for k, (name, kind) in enumerate(zip(names, kinds, strict=True))
        ]
        data = [f'<data key="d{k}">{quoteattr(word())[1:-1]}</data>' for k in range(3)]
        inside = [f"<node id={quoteattr(node)}>{luck.choice(('', data[0], data[2]))}</node>" for node in nodes]
        inside += [
            f"<edge source={quoteattr(a)} target={quoteattr(b)}>{''.join(luck.sample(data, luck.randrange(4)))}</edge>"
            for a, b in edges
        ]
        return f'<graphml>{"".join(keys)}<graph edgedefault="{way}">{"".join(inside)}</graph></graphml>'.encode()
    declared = "".join(
        f'<attribute id="{k}" title="{name}" type="{kind}">'
        + (f"<default>{quoteattr(word())[1:-1]}</default>" if luck.random() < 0.3 else "")
        + "</attribute>"
        for k, (name, kind) in enumerate(zip(names, kinds, strict=True))
    )
    values = [f'<attvalue for="{k}" value={quoteattr(word())}/>' for k in range(3)]
    inside = [f"<node id={quoteattr(node)} label={quoteattr(word())}/>" for node in nodes]
    ties = [
        f'<edge id="{k}" source={quoteattr(a)} target={quoteattr(b)}'
        + luck.choice(("", "", ' type="undirected"', ' type="directed"', f" weight={quoteattr(word())}"))
        + f"><attvalues>{''.join(luck.sample(values, luck.randrange(4)))}</attvalues></edge>"
        for k, (a, b) in enumerate(edges)
    ]
    return (
        f'<gexf version="1.2" xmlns="http://www.gexf.net/1.2draft"><graph defaultedgetype="{way}">'
        f'<attributes class="{luck.choice(of)}">{declared}</attributes><nodes>{"".join(inside)}</nodes>'
        f"<edges>{''.join(ties)}</edges></graph></gexf>"
    ).encode()


# ---------------------------------------------------------------------- objects

_VALUES = (0, 1, -1, 2, 0.5, 1.0, 0.25, float("nan"), float("inf"), None, "", "a", "b", "1", "é", True, 2**63, 10**400)
_VALUES += ((1, 2), [3], {"x": 1}, b"b", "\udc80", "x" * 3_000, np.int64(3), np.float32(0.5), 1 + 2j, object)


_USUAL = ((0, 1, 2, 3), ("a", "b", "c"), (0.0, 0.5, 1.0))


def _column(luck: random.Random, rows: int) -> list[Any]:
    pool = luck.choice((*_USUAL, *_USUAL, *_USUAL, (1, "1", "b"), _VALUES))
    values = [luck.choice(pool) for _ in range(rows)]
    if rows and luck.random() < 0.1:
        values[luck.randrange(rows)] = luck.choice(_VALUES)
    return values


def _of_pool(luck: random.Random, option: str) -> Any:
    return luck.choice((_POOL if luck.random() < 0.1 else _TAME)[option])


_KINDS = ("Int64", "category", "string", "float32", "datetime64[ns]", "boolean")


def _pandas(seed: int, luck: random.Random) -> Case:
    try:
        import pandas as pd
    except ImportError:
        return _networkx(seed, luck)

    usual = ["source", "target", "trust", "layer"]
    labels = luck.choice((*[usual] * 4, ["a", "b", 3, None], ["from", "to"], ["a"], ["a", "a", "b"]))
    rows = luck.choice((0, 1, 5, 30))

    def table(labels: list[Any], rows: int) -> Any:
        columns = []
        ids = luck.choice((*_USUAL[:2], *_USUAL[:2], _VALUES))
        for label in labels:
            values = [luck.choice(ids) for _ in range(rows)] if label in usual[:2] else _column(luck, rows)
            column = pd.Series(values, dtype=object)
            with contextlib.suppress(Exception):
                kind = luck.choice((*[None] * 9, *_KINDS))
                column = column.infer_objects() if kind is None else column.astype(kind)
            columns.append(column)
        frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
        frame.columns = labels
        return frame

    options: dict[str, Any] = {}
    for option in ("source_column", "target_column", *_OF_EDGES[:-1]):
        if luck.random() < 0.2:
            options[option] = luck.choice((*labels, *labels, *labels, "x", 3, None))
    for option in ("direction", "merge", "trust"):
        if luck.random() < 0.3:
            options[option] = _of_pool(luck, option)
    if luck.random() < 0.4:
        columns = luck.choice((["id", "age"], ["id", "x", "y"], ["id", "x"], [], ["age"]))
        people = table(columns, luck.choice((0, 1, 3, 9)))
        if "id" in people and luck.random() < 0.7:
            known = luck.choice((["a", "b", "c", "d"], [0, 1, 2, 3], ["0", "1", "2", "9"]))
            people = people.iloc[:4].assign(id=known[: len(people.iloc[:4])])
        options["people"] = people
    return Case(seed, "from_pandas", {}, options, (table(labels, rows),))


def _scipy(seed: int, luck: random.Random) -> Case:
    import scipy.sparse as sp

    people, entries = luck.choice((0, 1, 3, 9)), luck.choice((0, 1, 9, 40))
    shape = (people, people if luck.random() < 0.9 else people + 1)
    entries = entries if min(shape) else 0
    kind = luck.choice((np.float64, np.int8, np.bool_, np.complex128, np.uint64, np.float32))
    data = np.array([luck.choice((0, 1, 0.5, -1, 3, float("nan"))) for _ in range(entries)], dtype=np.float64)
    with np.errstate(all="ignore"):
        values = data.astype(kind)
    ends = [np.array([luck.randrange(size) for _ in range(entries)], dtype=np.int32) for size in shape]
    matrix = sp.coo_array((values, tuple(ends)), shape=shape)
    matrix = matrix.asformat(luck.choice(("coo", "csr", "csc", "lil", "dok")))
    options: dict[str, Any] = {"direction": _of_pool(luck, "direction")}
    if luck.random() < 0.5:
        options["values"] = luck.choice(("trust", "weight", "probability", "x"))
    if luck.random() < 0.3:
        options["ids"] = _column(luck, luck.choice((people, people, 2)))
    if luck.random() < 0.3:
        options["merge"] = _of_pool(luck, "merge")
    return Case(seed, "from_scipy", {}, options, (matrix,))


def _networkx(seed: int, luck: random.Random) -> Case:
    import networkx as nx

    graph = luck.choice((nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph))()
    nodes = [one for one in _column(luck, luck.choice((0, 1, 5, 12))) if one is not None]
    nodes = [one for one in nodes if not isinstance(one, (list, dict))]
    for node in nodes:
        graph.add_node(node, **({luck.choice(("age", "x")): luck.choice(_VALUES)} if luck.random() < 0.5 else {}))
    for _ in range(luck.choice((0, 1, 9, 30)) if nodes else 0):
        data = {name: luck.choice(_column(luck, 1)) for name in ("trust", "layer") if luck.random() < 0.8}
        graph.add_edge(luck.choice(nodes), luck.choice(nodes), **data)
    options: dict[str, Any] = {"direction": luck.choice(("influences", "follows"))}
    named = {"trust": "trust", "weight": "trust", "probability": "x", "platform": "layer"}
    options |= {option: name for option, name in named.items() if luck.random() < 0.25}
    return Case(seed, "from_networkx", {}, options, (graph,))


# ---------------------------------------------------------------------- many of them


def _work() -> None:
    """Play the cases whose numbers come in, one line each; say on the way out what became of them."""
    for seed in range(40):  # compile and load whatever is loaded once
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Finding):
            play(case_of(seed), Path(folder))
    used = int(re.search(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text())[1]) << 10  # type: ignore[index]
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_MEMORY, used + MOST_MEMORY))
    _say("ready")
    for line in sys.stdin:
        try:
            case = case_of(int(line))
            with tempfile.TemporaryDirectory() as folder:
                said = {"outcome": play(case, Path(folder), MOST_SECONDS), "importer": case.importer}
        except Finding as error:
            said = {"outcome": "finding", "text": str(error)[:3_000], "trace": _where(error)}
        _say(json.dumps(said))


def _say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _where(error: BaseException) -> str:
    """Return the innermost lines of viralsim that an error came through."""
    import traceback

    cause = error.__cause__ or error
    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if "/viralsim/" in frame.filename]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-3:]))
    return f"{type(cause).__name__} {where}" if frames else re.sub(r"\d+", "9", str(cause)[:60])


class _Worker:
    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        command = [sys.executable, __file__, "--work"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer(300.0)

    def answer(self, seconds: float) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        return self.process.stdout.readline() if ready else "late"

    def play(self, seed: int) -> dict[str, str]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seed}\n")
        self.process.stdin.flush()
        line = self.answer(2 * MOST_SECONDS)  # it says itself that it took too long, where it can
        if line.startswith("{"):
            return dict(json.loads(line))
        self.process.kill()
        code = self.process.wait()
        self.begin()
        text = "a hang" if line == "late" else f"the process died (exit {code})"
        return {"outcome": "finding", "text": f"{case_of(seed)}: {text}", "trace": text}


def fuzz(minutes: float, first: int, out: Path) -> dict[str, Any]:
    """Play cases one after the other until the time is over; findings are written as they are found."""
    out.mkdir(parents=True, exist_ok=True)
    worker, seen, traces, seed = _Worker(), Counter[str](), Counter[str](), first
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        said = worker.play(seed)
        seen[said["outcome"]] += 1
        if said["outcome"] == "finding":
            traces[said["trace"]] += 1
            if traces[said["trace"]] <= 5:
                with (out / "findings.txt").open("a") as log:
                    log.write(f"{seed} [{said['trace']}] {said['text']}\n")
        seed += 1
        if seed % 500 == 0:
            summary = {"cases": seed - first, "outcomes": dict(seen), "findings": dict(traces.most_common())}
            (out / "summary.json").write_text(json.dumps(summary, indent=1))
    worker.process.kill()
    return {"first": first, "cases": seed - first, "outcomes": dict(seen), "findings": dict(traces.most_common())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--first", type=int, default=1_000, help="number of the first case")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir(), "viralsim-fuzz"))
    parser.add_argument("--seed", type=int, help="play this case alone, here")
    parser.add_argument("--write", type=Path, help="with --seed: leave its files in this folder")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        _work()
    elif given.seed is not None:
        case = case_of(given.seed)
        folder = given.write or Path(tempfile.mkdtemp())
        folder.mkdir(parents=True, exist_ok=True)
        _say(case)
        _say(play(case, folder))
    elif given.workers == 1:
        _say(json.dumps(fuzz(given.minutes, given.first, given.out), indent=1))
    else:
        parts = [
            subprocess.Popen(
                [sys.executable, __file__, "--minutes", str(given.minutes), "--out", str(given.out / str(number))]
                + ["--first", str(given.first + number * 10**7)]
            )
            for number in range(given.workers)
        ]
        for part in parts:
            part.wait()


if __name__ == "__main__":
    main()

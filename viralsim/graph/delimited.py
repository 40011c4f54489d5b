"""Reading edge lists from delimited text of any dialect, dropping nothing silently."""

from __future__ import annotations

import inspect
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.graph.dialect import (
    LineStyle,
    Rows,
    delimiter_byte,
    delimiter_words,
    first_row,
    other_format,
    sniff_delimiter,
    split_block,
    usual_width,
)
from viralsim.graph.formats import graph_format, named_platforms, read_format
from viralsim.graph.lines import LineBlocks
from viralsim.graph.numbering import TextIds, first_appearance
from viralsim.graph.social_graph import (
    MERGES,
    ImportReport,
    SocialGraph,
    brief,
    from_arcs,
    numbers_fault,
    plural,
)
from viralsim.graph.store import is_store, open_store, refuse_option
from viralsim.graph.times import ALWAYS, Clock, spans_of
from viralsim.scenario.formula import Formula
from viralsim.scenario.units import BadValueError

__all__ = ["DIRECTIONS", "ROW_OPTIONS", "USUAL_PAIRS", "read_graph"]

DIRECTIONS = ("follows", "influences", "mutual")
"""What a row "a b" can mean."""

ROW_OPTIONS = (
    *("direction", "delimiter", "header", "source_column", "target_column", "trust_column"),
    *("weight_column", "probability_column", "platform_column", "platform_names", "trust", "merge", "trust_map"),
    *("start_column", "end_column", "time_origin", "time_step", "time_lasts"),
)
"""Options of `read_graph` that say how a file of arcs is read."""

_SAMPLE = 256 << 10
_FEW = 20
_FEW_REPEATED = 20
"""Up to so many different people in a column, each on so many rows on average, are hardly people."""
_FIRST_ROWS = 10_000

USUAL_PAIRS = (
    ("source", "target"),
    ("from", "to"),
    ("src", "dst"),
    ("fromnodeid", "tonodeid"),
    ("id_1", "id_2"),
)
"""Names of columns that hold the two people of a row, in lower case."""
_USUAL_NAMES = {name for pair in USUAL_PAIRS for name in pair} | {
    *("follower", "followee", "followed", "influencer", "user", "friend", "person"),
    *("sender", "receiver", "recipient", "caller", "callee", "who", "whom"),
    *("node1", "node2", "node_1", "node_2", "user1", "user2", "user_1", "user_2", "id1", "id2"),
}

# Columns that people expect to count, by what they are probably for.
_TELLING = {
    **dict.fromkeys(("trust", "tie_trust", "strength", "tie_strength", "weight"), "trust"),
    **dict.fromkeys(("probability", "prob"), "probability"),
    **dict.fromkeys(("platform", "layer", "layerid", "layer_id", "channel"), "platform"),
}

_NO_NAMES = ("", "nan", "na", "n/a", "null", "none", "inf", "+inf", "-inf", "infinity", "-")
_MISSING = ("", "nan", "na", "n/a", "null", "none", "-", "?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"-?\d+", re.ASCII)
_CANONICAL = re.compile(r"0|-?[1-9]\d*", re.ASCII)
_COUNT = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)


def read_graph(
    path: str | os.PathLike[str],
    *,
    direction: str = "mutual",
    delimiter: str | None = None,
    header: bool | None = None,
    comment: str = "#",
    source_column: str | int | None = None,
    target_column: str | int | None = None,
    trust_column: str | int | None = None,
    weight_column: str | int | None = None,
    probability_column: str | int | None = None,
    platform_column: str | int | None = None,
    platform_names: Mapping[str, str] | None = None,
    start_column: str | int | None = None,
    end_column: str | int | None = None,
    time_origin: float | None = None,
    time_step: float | None = None,
    time_lasts: float | None = None,
    trust: float = 0.5,
    merge: str = "mean",
    trust_map: str | None = None,
    people: str | os.PathLike[str] | None = None,
    people_id_column: str | int | None = None,
    people_header: bool | None = None,
    people_missing: Sequence[str] | None = None,
) -> SocialGraph:
    r"""Read a graph from an edge list, from Parquet, GraphML, GEXF, GML or Pajek, or from a folder of viralsim's own.

    An edge list is delimited text; like the other text formats it may be compressed (gzip, bzip2, xz). What a
    file is shows in its content. GraphML, GEXF and GML go through networkx, whose nodes become people in their
    order, with their attributes; they, and Pajek, know undirected edges, which are mutual whatever the direction.
    Their columns are edge attributes ("value" in Pajek files).

    A folder that `write_graph` or `viralsim graph import` wrote opens at once, as it was; the options for tables of
    people go with it, those that say how rows are read do not.

    Each row names two people and maybe numbers. Byte-order marks, Windows line ends, blank lines, comment
    lines anywhere, quoted fields and blanks around fields are taken in stride; whatever was left out is
    counted in the graph's `report`.

    Parameters
    ----------
    path : str or path
        The file or folder. Format and compression are recognised by content.
    direction : {"mutual", "follows", "influences"}
        What a row "a b" means: each sees what the other shares; a follows b, so a sees what b shares;
        a influences b, so b sees what a shares.
    delimiter : str, optional
        One character, or "tab", "comma", "semicolon", "pipe", "whitespace" (runs of spaces and tabs).
        Found out from the first rows by default.
    header : bool, optional
        Whether the first row holds column names. Found out by default; a first line "people rows" (a count
        line, as in NetHEPT) is recognised too, left out and reported. With True the first row is never
        data, with False it always is.
    comment : str
        What comment lines begin with; "" for no comments.
    source_column, target_column : str or int, optional
        The two people of a row: names or numbers from 1. By default columns named source and target (or from
        and to, ...), else the first two.
    trust_column, weight_column, probability_column : str or int, optional
        Columns of tie trust in [0, 1], weights of at least 0, chances of persuasion in [0, 1].
        None is read unless named.
    platform_column : str or int, optional
        Column that says which platform a row is of: the graph gets one layer of arcs for each platform, all among
        the same people. Rows are merged within a platform only. In Pajek files "relation" takes each section of
        arcs or edges for a platform.
    platform_names : mapping of str to str, optional
        Names for what the platform_column holds, e.g. {"1": "calls", "2": "texts"}; other values stay as they are.
    start_column, end_column : str or int, optional
        Columns of the first tick in which an arc is there, and of the first in which it is no more; empty (or NaN)
        where there is no bound. Rows of the same two people are merged where they have the same times, and stay
        arcs of their own otherwise; of those that are there in a tick a share goes along one alone.
    time_origin, time_step : float, optional
        For times that are no ticks: which one is tick 0, and how many of the data's units make one tick, e.g. 3600
        for seconds and ticks of an hour. An arc is there in every tick that it touches: starts are rounded down, ends
        up. With a time_origin, what began before it has been there from the beginning.
    time_lasts : float, optional
        How long an arc with a start and no end is there, in the data's units; by default for ever.
    trust : float
        Tie trust of every arc where no trust_column is named.
    merge : {"mean", "max", "sum", "last"}
        How numbers of rows that repeat an arc become one. A summed trust or probability above 1 is cut to 1
        and counted.
    trust_map : str, optional
        Formula that turns what the trust_column holds, r, into a tie trust, e.g. "(r+10)/20" for ratings from
        -10 to 10: numbers, + - * / ( ), min, max, clip(x, low, high). It is applied before rows are merged.
    people : str or path, optional
        A table of people whose columns become attributes: see `join_people`, as for the three options below.
    people_id_column : str or int, optional
        Its column of ids. By default one named like an id, else the first.
    people_header : bool, optional
        Whether its first row holds column names. Found out by default.
    people_missing : sequence of str, optional
        Codes that mean missing in all its columns but the ids.

    Returns
    -------
    SocialGraph
        People in order of first appearance in the rows, source before target. Ids are int64 where all are
        integers written the usual way, otherwise text, so that "007" and "7" stay two people.

    Raises
    ------
    DataError
        The file cannot be read, or holds something it should not: says which line.
    UsageError
        An unknown direction, delimiter or merge; an option that does not belong.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "ties.csv")
    >>> _ = file.write_text("who,whom,trust\nann,bob,0.9\nbob,cem,0.4\nbob,bob,1\n")
    >>> graph = read_graph(file, direction="influences", trust_column="trust")
    >>> graph.ids.tolist(), graph.arcs.trust.tolist(), graph.report.self_loops
    (['ann', 'bob', 'cem'], [0.9, 0.4], 1)
    """
    options = dict(locals())
    if people is None:
        of_people = {
            "people_id_column": people_id_column,
            "people_header": people_header,
            "people_missing": people_missing or None,
        }
        for name, option in of_people.items():
            if option is not None:
                raise UsageError(f"{name} belongs to a table of people, and none is named", hint="name it as people")
    _check_choice("direction", direction, DIRECTIONS)
    _check_choice("merge", merge, MERGES)
    formula = _formula(trust_map, trust_column)
    if platform_names and platform_column is None:
        raise UsageError(
            "platform_names needs a platform_column, whose values it names", hint="name the platform_column"
        )
    names = {str(value): str(name) for value, name in (platform_names or {}).items()}
    for name in ("time_origin", "time_step", "time_lasts"):
        if options[name] is not None and start_column is None and (end_column is None or name == "time_lasts"):
            columns_of = "a start_column" if name == "time_lasts" else "a start_column or end_column"
            raise UsageError(f"{name} needs {columns_of}, whose times it is about", hint="name the start_column")
    clock = Clock(time_origin, time_step, time_lasts)
    if "\n" in comment or "\r" in comment:
        raise UsageError("a comment prefix cannot hold a line break")
    if Path(path).suffix.lower() == ".toml" and Path(path).is_file():
        raise DataError(
            "this is a scenario (TOML), expected an edge list",
            place=os.fspath(path),
            hint=f"`viralsim check {shlex.quote(os.fspath(path))}` checks it, with --data its network too",
        )
    place = os.fspath(path)
    columns = {
        "source": source_column,
        "target": target_column,
        "trust": trust_column,
        "weight": weight_column,
        "probability": probability_column,
        "platform": platform_column,
        "start": start_column,
        "end": end_column,
    }
    if is_store(place):
        usual = inspect.signature(read_graph).parameters
        for name in ROW_OPTIONS:
            if options[name] != usual[name].default:
                raise refuse_option(name, place)
        return _with_people(open_store(place), people, people_id_column, people_header, comment, people_missing or ())
    delimiter_wanted = delimiter_byte(delimiter)
    constant = np.array([trust], dtype=np.float64)
    fault = None if trust_column is not None else numbers_fault(constant, "trust")
    if fault is not None:
        raise DataError(fault[1], place=place, hint=fault[2])
    form = graph_format(place)
    if form:
        for name, given in (("delimiter", delimiter), ("header", header)):
            if given is not None:
                raise UsageError(f"{name} belongs to delimited text, but {place} is {form}")
        graph = read_format(
            form,
            place,
            direction=direction,
            columns=columns,
            trust=trust,
            merge=merge,
            trust_map=formula,
            platform_names=names,
            clock=clock,
        )
    else:
        reader = _Reader(
            blocks=LineBlocks(place),
            comment=comment.encode(),
            delimiter=delimiter_wanted,
            header=header,
            wanted=columns,
            trust_map=formula,
            platform_names=names,
            clock=clock,
        )
        graph = _read_delimited(reader, direction, trust, merge)
    return _with_people(graph, people, people_id_column, people_header, comment, people_missing or ())


def _with_people(
    graph: SocialGraph,
    people: str | os.PathLike[str] | None,
    id_column: str | int | None,
    header: bool | None,
    comment: str,
    missing: Sequence[str],
) -> SocialGraph:
    if people is None:
        return graph
    from viralsim.graph.people import join_people

    return join_people(graph, people, id_column=id_column, header=header, comment=comment, missing=missing)


def _read_delimited(reader: _Reader, direction: str, trust: float, merge: str) -> SocialGraph:
    formula = reader.trust_map
    reader.read()
    sources, targets, ids = reader.people()
    reader.judge_people(sources, targets, ids)
    reader.judge_unread()
    if direction == "follows":
        sources, targets = targets, sources
    numbers = reader.numbers()
    platform, platforms = reader.platforms()
    if "weight" in numbers:
        reader.notes.append("weights are kept with the arcs, but no response law uses them yet")
    report = ImportReport(
        source=reader.blocks.place,
        kind="file",
        lines=reader.lines,
        comments=reader.comments,
        blanks=reader.blanks,
        header=tuple(reader.names) if reader.has_header else (),
        count_line=reader.count_line,
        columns=reader.described_columns(),
        unread=reader.unread_columns(),
        delimiter=delimiter_words(reader.delimiter or 0),
        compression=reader.blocks.compression,
        ids="integer" if isinstance(ids, np.ndarray) and ids.dtype != object else "text",
        direction=direction,
        trust=f"{trust:g} for every arc"
        if "trust" not in numbers
        else reader.described_columns()["trust"] + (f", mapped by {formula.text}" if formula else ""),
        notes=tuple(reader.notes),
    )
    return from_arcs(
        sources,
        targets,
        people=len(ids),
        ids=ids,
        trust=numbers.get("trust", trust),
        weight=numbers.get("weight"),
        probability=numbers.get("probability"),
        merge=merge,
        mutual=direction == "mutual",
        platform=platform,
        platform_names=platforms,
        start=numbers.get("start"),
        end=numbers.get("end"),
        clock=reader.clock,
        report=report,
    )


def _formula(trust_map: str | None, trust_column: str | int | None) -> Formula | None:
    if trust_map is None:
        return None
    if trust_column is None:
        raise UsageError("trust_map needs a trust_column, whose values it maps", hint="name the trust_column")
    try:
        return Formula(trust_map)
    except BadValueError as error:
        raise UsageError(error.message, place="trust_map", hint=error.hint) from None


def _check_choice(what: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise UsageError(
            f"unknown {what} {value!r}; choose from {', '.join(allowed)}",
            hint=did_you_mean(str(value), allowed),
        )


@dataclass
class _Reader:
    """Reads one file: blocks in, columns out."""

    blocks: LineBlocks
    comment: bytes
    delimiter: int | None
    header: bool | None
    wanted: dict[str, str | int | None]
    trust_map: Formula | None = None
    platform_names: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = ALWAYS

    style: LineStyle = field(default_factory=LineStyle)
    width: int = 0
    lines: int = 0
    comments: int = 0
    blanks: int = 0
    rows: int = 0
    has_header: bool = False
    names: list[str] = field(default_factory=list)
    count_line: str = ""
    expected_rows: int | None = None
    first_row_line: int = 0
    may_be_names: bool = False
    beyond_one: dict[int, str] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    integers: list[npt.NDArray[np.int64]] = field(default_factory=list)
    positions: list[npt.NDArray[np.int32]] = field(default_factory=list)
    table: TextIds | None = None
    values: dict[str, list[npt.NDArray[np.float64]]] = field(default_factory=dict)
    platform_table: TextIds = field(default_factory=TextIds)
    platform_codes: list[npt.NDArray[np.int32]] = field(default_factory=list)

    def fail(self, message: str, *, line: int | None = None, hint: str = "") -> DataError:
        return self.blocks.fail(message, line=line, hint=hint)

    def read(self) -> None:
        """Read the whole file."""
        blocks = iter(self.blocks)
        self.take(self.start(blocks))
        for block in blocks:
            self.take(block)
        self.finish()

    # ------------------------------------------------------------------ what it looks like

    def start(self, blocks: Iterator[bytearray]) -> bytearray:
        """Find dialect, header and columns from the first rows; return the first block, past any header."""
        block = bytearray()
        sample_text = block
        for piece in blocks:
            self.style = LineStyle(self.blocks.newline, self.comment)
            block += piece
            # A few hundred rows will do, but comments may fill more than that; a quote is a row, too.
            for size in (_SAMPLE, len(block)):
                cut = block.find(self.style.newline, size) + 1 if size < len(block) else 0
                sample_text = block[: cut or len(block)]
                probe = split_block(bytearray(sample_text), self.style, 0)
                if len(probe.fields) > 1 or probe.fault >= 0:
                    break
            if len(probe.fields) > 1 or probe.fault >= 0:
                break
        if not block:
            raise self.fail("the file is empty", hint="expected one row per arc: two people and maybe numbers")
        if self.delimiter is None:
            self.delimiter = sniff_delimiter(sample_text, self.style)
        split = split_block(bytearray(sample_text), self.style, self.delimiter)
        if split.fault == 0 or (split.fault > 0 and len(split.fields) == 0):
            raise self.quote_fault(split.fault)
        if len(split.fields) == 0:
            raise self.fail(
                f"there are no rows: all of {plural(split.lines, 'line')} "
                f"{'is' if split.lines == 1 else 'are'} blank or a comment",
                hint="expected one row per arc: two people and maybe numbers",
            )
        self.width = usual_width(split.fields)
        top = first_row(sample_text, self.style, self.delimiter, split)
        split = split_block(bytearray(sample_text), self.style, self.delimiter, range(self.width))
        below = [
            [split.word(row, k) for k in range(self.width)]
            for row in range(1, min(len(split.fields), 500))
            if split.fields[row] == self.width
        ]
        top_line = int(split.row_lines[0])
        if self.width < 2:
            self.single_column(top, top_line)
        self.judge_first_row(top, below, top_line)
        self.choose_columns()
        self.look_beyond_one(below)
        if not (self.has_header or self.count_line):
            return block
        # Scanning begins below the first row; what stood above it is counted here.
        begin = 0
        for _ in range(top_line + 1):
            begin = block.find(self.style.newline, begin) + 1 or len(block)
        above = split_block(bytearray(block[:begin]), self.style, self.delimiter)
        self.lines, self.comments, self.blanks = above.lines, above.comments, above.blanks
        return block[begin:]

    def single_column(self, top: list[str], line: int) -> None:
        hint = other_format(top) or "each row needs two people; set the delimiter if it is an unusual one"
        raise self.fail(f"expected at least two columns, found one ({_quoted(' '.join(top))})", line=line, hint=hint)

    def judge_first_row(self, top: list[str], below: list[list[str]], line: int) -> None:
        """Decide whether the first row holds data, column names, or counts."""
        self.first_row_line = line
        self.names = [f"column {k + 1}" for k in range(self.width)]
        if self.header is False:
            return
        named = any(isinstance(column, str) and not column.isdigit() for column in self.wanted.values())
        counts = len(top) == 2 and all(_COUNT.fullmatch(word) for word in top)
        if self.header is None and not named:
            if len(top) != self.width and counts and below:
                self.count_line = " ".join(top)
                self.expected_rows = int(top[1])
                return
            if len(top) == self.width and not self.looks_like_names(top, below):
                # What repeats below in its column is a value, so the row is one of data.
                self.may_be_names = not any(
                    _NUMBER.fullmatch(word) or word.lower() in _NO_NAMES or any(row[k] == word for row in below)
                    for k, word in enumerate(top)
                )
                return
        if len(top) != self.width:
            raise self.fail(
                f"expected {self.width} columns as in the rows below, found {len(top)} ({_quoted(' '.join(top))})",
                line=line,
                hint=other_format(top) or self.ragged_hint(),
            )
        self.has_header = True
        self.names = top
        clashing = {name for name, times in Counter(top).items() if times > 1}
        if clashing and any(column in clashing for column in self.wanted.values()):
            raise self.fail(
                f"several columns are called {_quoted(sorted(clashing)[0])}",
                line=line,
                hint="give column numbers from 1",
            )

    def looks_like_names(self, top: list[str], below: list[list[str]]) -> bool:
        """Tell whether the first row names columns: usual names, or a word above nothing but numbers."""
        if any(_NUMBER.fullmatch(word) for word in top if word):
            return False
        if {word.lower() for word in top[:2]} <= _USUAL_NAMES or any(
            set(pair) <= {word.lower() for word in top} for pair in USUAL_PAIRS
        ):
            return True
        return bool(below) and any(
            top[k].lower() not in _NO_NAMES and all(_NUMBER.fullmatch(row[k]) for row in below)
            for k in range(self.width)
        )

    def choose_columns(self) -> None:
        lower = [name.lower() for name in self.names]
        if self.has_header and self.wanted["source"] is None and self.wanted["target"] is None:
            for pair in USUAL_PAIRS:
                if lower.count(pair[0]) == 1 and lower.count(pair[1]) == 1:
                    self.columns = {"source": lower.index(pair[0]), "target": lower.index(pair[1])}
                    break
        platform = self.wanted["platform"]
        taken = -1 if platform is None else self.column(platform, "platform")
        for what, default in zip(("source", "target"), (k for k in range(self.width) if k != taken), strict=False):
            if what not in self.columns:
                column = self.wanted[what]
                self.columns[what] = default if column is None else self.column(column, what)
        if "target" not in self.columns:
            raise self.fail("expected two people and a platform in each row, found two columns")
        if taken >= 0:
            self.columns["platform"] = taken
        for what in ("trust", "weight", "probability", "start", "end"):
            column = self.wanted[what]
            if column is not None:
                self.columns[what] = self.column(column, what)
                self.values[what] = []
        if self.columns["source"] == self.columns["target"]:
            raise self.fail(
                f"source and target are the same column, {_quoted(self.names[self.columns['source']])}",
                hint="name both source_column and target_column",
            )
        for what in (*self.values, "platform"):
            for end in ("source", "target"):
                if what in self.columns and self.columns[what] == self.columns[end]:
                    raise self.fail(
                        f"{what} and {end} are the same column, {_quoted(self.names[self.columns[what]])}",
                        hint=f"name another {what}_column or {end}_column",
                    )

    def column(self, column: str | int, what: str) -> int:
        """Return the index from 0 of a column given by name or number from 1."""
        if isinstance(column, str) and self.has_header and column in self.names:
            return self.names.index(column)
        number = column
        if isinstance(column, str) and column.isascii() and column.isdigit() and len(column) < 10:
            number = int(column)
        if isinstance(number, int) and not isinstance(number, bool):
            if 1 <= number <= self.width:
                return number - 1
            raise self.fail(
                f"there is no column {number} for {what}_column; columns are numbered from 1 to {self.width}"
            )
        if not self.has_header:
            raise self.fail(
                f"there is no column {_quoted(str(column))} for {what}_column: the file has no column names",
                hint=f"give its number, from 1 to {self.width}",
            )
        if self.header is None and any(_NUMBER.fullmatch(name) for name in self.names):
            raise self.fail(
                f"there is no column {_quoted(str(column))} for {what}_column: the first row holds numbers, so it "
                "seems that the file has no column names",
                line=self.first_row_line,
                hint=f"give its number, from 1 to {self.width}",
            )
        raise self.fail(
            f"there is no column {_quoted(str(column))} for {what}_column; "
            f"the columns are {', '.join(_quoted(name) for name in self.names)}",
            line=self.first_row_line,
            hint=did_you_mean(str(column), self.names),
        )

    def look_beyond_one(self, below: list[list[str]]) -> None:
        """Remember of columns that are not read a number that could be no trust, from the first rows."""
        for k in range(self.width):
            words = [row[k] for row in below if _NUMBER.fullmatch(row[k])]
            beyond = next((word for word in words if not 0.0 <= float(word) <= 1.0), "")
            if beyond and k not in self.columns.values():
                self.beyond_one[k] = beyond

    def described_columns(self) -> dict[str, str]:
        return {
            what: f"column {k + 1} {_quoted(self.names[k])}" if self.has_header else f"column {k + 1}"
            for what, k in self.columns.items()
        }

    def unread_columns(self) -> tuple[str, ...]:
        return tuple(name for k, name in enumerate(self.names) if k not in self.columns.values())

    # ------------------------------------------------------------------ rows

    def quote_fault(self, line: int) -> DataError:
        return self.fail(
            'a double quote does not close where a field ends, expected "..." around the whole field',
            line=line,
            hint='write a quote within quotes twice: "so ""called"""',
        )

    def take(self, block: bytearray) -> None:
        """Read one block of whole lines."""
        from viralsim.graph.text_kernels import parse_integers

        assert self.delimiter is not None  # noqa: S101 - start() found it
        slots = [-1] * self.width
        for slot, k in enumerate(dict.fromkeys(self.columns.values())):
            slots[k] = slot
        split = split_block(block, self.style, self.delimiter, slots)
        ragged = split.fields != self.width
        if ragged.any():
            row = int(np.argmax(ragged))
            raise self.fail(
                f"expected {self.width} columns, found {int(split.fields[row])}",
                line=self.lines + int(split.row_lines[row]),
                hint=other_format([split.word(row, 0)] if split.fields[row] > self.columns["source"] else [])
                or self.ragged_hint(),
            )
        if split.fault >= 0:
            raise self.quote_fault(self.lines + split.fault)
        rows = len(split.fields)
        ends = split.spans[:, :2]
        empty = ends[:, :, 0] == ends[:, :, 1]
        if empty.any():
            row, column = divmod(int(np.argmax(empty)), 2)
            raise self.fail(
                f"the {('source', 'target')[column]} is empty, expected an id",
                line=self.lines + int(split.row_lines[row]),
            )
        if self.table is None:
            read = np.empty((rows, 2), np.int64)
            odd = int(parse_integers(split.text, ends, read))
            if odd < 0:
                self.integers.append(read)
            else:
                self.become_text(split, *divmod(odd, 2))
        if self.table is not None:
            self.positions.append(self.table.add(split.text, ends))
        for what in self.values:
            self.values[what].append(self.read_numbers(split, slots[self.columns[what]], what))
        times = [self.values[what][-1] if what in self.values else None for what in ("start", "end")]
        _, late = spans_of(times[0], times[1], rows, self.clock)
        if late is not None:
            row, message, hint = late
            raise self.fail(message, line=self.lines + int(split.row_lines[row]), hint=hint)
        if "platform" in self.columns:
            self.platform_codes.append(self.read_platforms(split, slots[self.columns["platform"]]))
        self.rows += rows
        self.lines += split.lines
        self.comments += split.comments
        self.blanks += split.blanks

    def ragged_hint(self) -> str:
        between = delimiter_words(self.delimiter or 0)
        return f"columns are separated by: {between}; quote fields that contain it, or set the delimiter"

    def become_text(self, split: Rows, row: int, column: int) -> None:
        """Treat ids as text from the first that is no integer on; those before are turned into text, too."""
        word = split.word(row, column)
        line = self.lines + int(split.row_lines[row]) + 1
        if _INTEGER.fullmatch(word):
            why = "goes beyond 64 bits" if _CANONICAL.fullmatch(word) else "is not written as integers usually are"
            self.notes.append(f"ids are text, because {_quoted(word)} on line {line} {why}")
        elif self.rows + row > 0:
            self.notes.append(f"ids are text, because {_quoted(word)} on line {line} is not an integer")
        self.table = TextIds()
        if self.integers:
            found, distinct = first_appearance(np.concatenate(self.integers).ravel())
            self.integers = []
            words = [b"%d" % number for number in distinct.tolist()]
            ends = np.cumsum([0] + [len(one) for one in words])
            text = np.frombuffer(bytearray().join(words), dtype=np.uint8)
            if len(text) >= 2**31:
                raise self.fail("there are too many people to turn integer ids into text")
            spans = np.stack([ends[:-1], ends[1:]], axis=1).astype(np.int32)
            # Two ids a row is what the table takes; a repetition adds nobody.
            self.table.add(text, np.stack([spans, spans], axis=1))
            self.positions.append(found.reshape(-1, 2))

    def read_numbers(self, split: Rows, slot: int, what: str) -> npt.NDArray[np.float64]:
        from viralsim.graph.text_kernels import parse_numbers

        rows = len(split.fields)
        values = np.empty(rows, np.float64)
        hard = np.empty(rows, bool)
        if parse_numbers(split.text, split.spans, slot, values, hard):
            for row in np.flatnonzero(hard).tolist():
                word = split.word(row, slot)
                if what in ("start", "end") and word.lower() in _MISSING:
                    values[row] = np.nan
                    continue
                if not _NUMBER.fullmatch(word):
                    raise self.number_fault(split, row, word, what)
                values[row] = float(word)
        if what in ("start", "end"):  # judged together
            return values
        given = values
        if what == "trust" and self.trust_map is not None:
            values = self.trust_map(given)
        fault = numbers_fault(values, what)
        if fault is not None:
            row, message, hint = fault
            if given is not values and self.trust_map is not None:
                message = f"{message}: trust_map {self.trust_map.text} of r = {given[row]:g}"
                hint = "change the formula, or cut what it gives to the range: clip(..., 0, 1)"
            raise self.fail(message, line=self.lines + int(split.row_lines[row]), hint=hint)
        return values

    def read_platforms(self, split: Rows, slot: int) -> npt.NDArray[np.int32]:
        """Return which platform each row is of, numbered by first appearance."""
        ends = np.ascontiguousarray(split.spans[:, slot])
        empty = ends[:, 0] == ends[:, 1]
        if empty.any():
            row = int(np.argmax(empty))
            raise self.fail(
                "the platform is empty, expected its name",
                line=self.lines + int(split.row_lines[row]),
                hint="write one for each row, e.g. 'other', or leave the row out",
            )
        # Two words a row is what the table takes; a repetition adds none.
        return self.platform_table.add(split.text, np.stack([ends, ends], axis=1))[:, 0].copy()

    def number_fault(self, split: Rows, row: int, word: str, what: str) -> DataError:
        expected = "a finite number of at least 0" if what == "weight" else "a number from 0 to 1"
        if what == "trust" and self.trust_map is not None:
            expected = "a number"
        if what in ("start", "end"):
            expected = "a tick, or nothing where there is no bound"
        hint = ""
        if word.lower() in _MISSING:
            usual = ", e.g. with 0.5, the default," if what == "trust" else ""
            return self.fail(
                f"{what} is {_quoted(word) if word else 'empty'}, expected {expected}",
                line=self.lines + int(split.row_lines[row]),
                hint=f"fill in what is missing{usual} or leave the row out",
            )
        percent = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*%", word, re.ASCII)
        if re.fullmatch(r"[+-]?\d+,\d+\s*%?", word):
            hint = "write decimals with a point, not a comma"
        elif percent:
            hint = f"write {float(percent[1]) / 100:.10g}"
        elif row == 0 and self.rows == 0 and not self.has_header:
            hint = "if the first row holds column names, set header = true"
        return self.fail(
            f"{what} is {_quoted(word)}, expected {expected}",
            line=self.lines + int(split.row_lines[row]),
            hint=hint,
        )

    # ------------------------------------------------------------------ columns

    def finish(self) -> None:
        """Check what only the end shows: that there are rows, and whether a first line counts them."""
        if self.rows == 0:
            what = "column names" if self.has_header else "a line of counts"
            raise self.fail(
                f"there are no rows below the {what}" if self.has_header or self.count_line else "there are no rows",
                hint="if the first row is an arc, set header = false",
            )
        if self.count_line:
            if self.expected_rows != self.rows:
                raise self.fail(
                    f"expected {self.width} columns, found 2; read as a line of counts (people, rows) "
                    f"it announces {self.expected_rows:,} rows, but there are {self.rows:,}",
                    line=self.first_row_line,
                    hint="set header = true to leave the line out",
                )
            self.note_count_line()
        elif not self.has_header and self.header is None and self.table is None and "platform" not in self.columns:
            self.judge_counts()

    def note_count_line(self) -> None:
        self.notes.append(
            f"line {self.first_row_line + 1} ({_quoted(self.count_line)}) was read as the number of people "
            f"and rows, not as an arc; set header = false to read it as an arc"
        )

    def judge_counts(self) -> None:
        """Leave out a first row of two integers that counts the people and rows below it."""
        people, announced = self.integers[0][0].tolist()
        if announced != self.rows - 1 or people < 1 or announced < 1:
            return
        rest = np.concatenate(self.integers)[1:]
        lowest, highest = int(rest.min()), int(rest.max())
        if lowest < 0 or highest > people or len(np.unique(rest)) > people:
            return
        text = f"{people} {announced}"
        if announced > people or highest < people:
            # As an id it would stand alone outside the range of all others.
            self.count_line = text
            self.integers[0] = self.integers[0][1:]
            for what in self.values:
                self.values[what][0] = self.values[what][0][1:]
            self.rows -= 1
            self.note_count_line()
        else:
            self.notes.append(
                f"line {self.first_row_line + 1} ({_quoted(text)}) was read as an arc, although it could be "
                f"the number of people and rows; set header = true to leave it out"
            )

    def judge_people(
        self, sources: npt.NDArray[np.int32], targets: npt.NDArray[np.int32], ids: npt.NDArray[Any]
    ) -> None:
        """Note what looks odd about people: column names among them, or a column that holds something else."""
        self.judge_few("source", sources, ids)
        self.judge_few("target", targets, ids)
        if self.table is None or len(sources) < 2:
            return
        first, second = int(sources[0]), int(targets[0])
        if self.may_be_names and first != second:
            # They are the first two people, so the lowest positions; does either occur again?
            alone = int(sources[1:].min()) > 1 and int(targets[1:].min()) > 1
            if alone:
                self.notes.append(
                    f"line {self.first_row_line + 1} ({_quoted(ids[first])}, {_quoted(ids[second])}) was read as two "
                    f"people, whom no other row names; header = true reads it as the names of columns"
                )
        if _NUMBER.fullmatch(ids[first]) is not None or _NUMBER.fullmatch(ids[second]) is not None:
            self.judge_columns(sources, targets, ids)

    def judge_few(self, end: str, positions: npt.NDArray[np.int32], ids: npt.NDArray[Any]) -> None:
        """Note a column of people in which a few are repeated over and over: platforms, or attributes of people."""
        # A single one is the centre of a star. So many are looked at first that the rest need not be.
        if len(positions) < 2 * _FEW_REPEATED or len(np.unique(positions[:_FIRST_ROWS])) * _FEW_REPEATED > len(
            positions
        ):
            return
        different = np.unique(positions)
        if len(different) < 2 or len(different) * _FEW_REPEATED > len(positions) or len(different) > _FEW:
            return
        shown = ", ".join(str(one) for one in ids[different[:5]].tolist()) + (", ..." if len(different) > 5 else "")
        self.notes.append(
            f"{self.described_columns()[end]} has only {len(different)} different values ({shown}) in "
            f"{plural(len(positions), 'row')}: "
            + (
                "is it a platform, or an attribute of people? Name the two columns that hold people"
                if self.width > 2
                else "is this a table about people, rather than of ties between them?"
            )
        )

    def judge_columns(
        self, sources: npt.NDArray[np.int32], targets: npt.NDArray[np.int32], ids: npt.NDArray[Any]
    ) -> None:
        """Note where one of the two columns holds numbers alone and the other none, as in a table of people."""
        numeric = np.fromiter((_NUMBER.fullmatch(one) is not None for one in ids), bool, len(ids))
        left, right = numeric[sources], numeric[targets]
        if left.any() == left.all() and right.any() == right.all() and left[0] != right[0]:
            text, numbers = ("source", "target") if right[0] else ("target", "source")
            columns = self.described_columns()
            self.notes.append(
                f"{columns[text]} holds text and {columns[numbers]} nothing but numbers: this looks like a table "
                f"about people, not of ties between them; each row was read as a tie"
            )

    def judge_unread(self) -> None:
        """Note columns that are not read although their names say that they count."""
        if not self.has_header:
            return
        for k, name in enumerate(self.names):
            if k in self.columns.values():
                continue
            what = _TELLING.get(name.strip().lower().replace(" ", "_").replace("-", "_"))
            if what is None or what in self.columns:
                continue
            use = {
                "trust": "tie trust",
                "probability": 'chances of persuasion, with arc_probability = "column"',
                "platform": "the platform of each row",
            }[what]
            if k in self.beyond_one and what == "trust":
                use += f", with a trust_map that brings what it holds, such as {self.beyond_one[k]}, to 0 ... 1"
            elif k in self.beyond_one and what == "probability":
                continue  # counts or percentages, and nothing maps them
            self.notes.append(f'column {_quoted(name)} is not read; network.{what}_column = "{name}" reads it as {use}')

    def people(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Any]:
        """Return sources and targets as positions, and the ids."""
        if self.table is not None:
            pairs = np.concatenate(self.positions)
            self.positions = []
            return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]), self.table.ids()
        flat = np.concatenate(self.integers).ravel()
        self.integers = []
        found, distinct = first_appearance(flat)
        return found[0::2].copy(), found[1::2].copy(), distinct

    def platforms(self) -> tuple[npt.NDArray[np.int64] | None, list[str] | None]:
        """Return for each row the place of its platform in a list of names, and the list; None without platforms."""
        if "platform" not in self.columns:
            return None, None
        codes = np.concatenate(self.platform_codes)
        self.platform_codes = []
        return named_platforms(codes, self.platform_table.ids().tolist(), self.platform_names, self.blocks.place)

    def numbers(self) -> dict[str, npt.NDArray[np.float64]]:
        return {what: np.concatenate(parts) for what, parts in self.values.items()}


def _quoted(text: str) -> str:
    return f"'{brief(text)}'"

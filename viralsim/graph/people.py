"""A table of people with their attributes, joined to a graph by id; who is missing on either side is counted."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, did_you_mean
from viralsim.graph.dialect import LineStyle, delimiter_words, first_row, sniff_delimiter, split_block, usual_width
from viralsim.graph.formats import graph_format
from viralsim.graph.lines import LineBlocks
from viralsim.graph.numbering import TextIds
from viralsim.graph.social_graph import SocialGraph, brief, plural

__all__ = ["ID_NAMES", "join_people", "joined", "table_doubt", "typed_words"]

Placing = Callable[[npt.NDArray[np.int64], int], npt.NDArray[Any]]
"""(Position of each row: int64[rows], number of people) -> values of an attribute by position."""

_SAMPLE = 256 << 10
_MOST_COLUMNS = 10_000
ID_NAMES = ("id", "node_id", "user_id", "person_id", "nodeid", "userid", "personid", "node", "user", "person", "ids")
"""Names of a column of ids, in lower case; the first that is there once is taken."""
_INTEGER = re.compile(r"0|-?[1-9]\d{0,18}", re.ASCII)
_FLOAT = re.compile(r"[+-]?(0|[1-9]\d*|(0|[1-9]\d*)?\.\d+|(0|[1-9]\d*)\.)([eE][+-]?\d+)?", re.ASCII)
_NO_NUMBER = ("nan", "na", "n/a", "null")
_TRUTH = {"true": True, "false": False}
_EXACT = 2**53
_SHOWN = 5
_MISFIT = 0.5
"""Share of people missing on either side from which on a table may be of another network: it fits fewer than not ..."""
_FEWEST_STRANGERS = 10
"""... of at least so many people: a few may always be missing."""


def join_people(
    graph: SocialGraph,
    path: str | os.PathLike[str],
    *,
    id_column: str | int | None = None,
    header: bool | None = None,
    comment: str = "#",
    missing: Sequence[str] = (),
) -> SocialGraph:
    r"""Give people the attributes that a table holds: one row per person, joined by id.

    Parameters
    ----------
    graph : SocialGraph
        People and arcs; itself left as it is.
    path : str or path
        The table: text of any delimiter, plain or compressed (gzip, bzip2, xz), or Parquet.
    id_column : str or int, optional
        Column of ids, by name or number from 1. By default one named like an id ("id", "node_id", ...), else
        the first.
    header : bool, optional
        Whether the first row holds column names. Found out by default. Without names attributes are called
        "column 2" and so on.
    comment : str
        What comment lines begin with; "" for no comments.
    missing : sequence of str
        Codes that mean missing in all columns but the ids, exactly as they are written there: ("0", "?"). How often
        each occurs is said in `report.notes`.

    Returns
    -------
    SocialGraph
        Every other column has become an attribute: int64 where all values are integers, float64 where they are
        numbers or some are missing (NaN), bool where they are true and false, otherwise text (missing: "").
        Numbers with leading zeros (postal codes) are text. People whom only the table knows follow after those
        of the graph, isolated, in the order of the table; people whom it lacks have missing values. Both are
        counted and named in `report.notes`.

    Raises
    ------
    DataError
        A table that cannot be read, lists an id twice or lacks one, has more than 10,000 columns (as text), or none of
        whose ids the graph knows.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from viralsim.graph import from_arcs
    >>> file = pathlib.Path(tempfile.mkdtemp(), "people.csv")
    >>> _ = file.write_text("id,city,age\nbob,Oslo,31\ndan,Rome,\n")
    >>> graph = join_people(from_arcs([0], [1], ids=["ann", "bob"]), file)
    >>> graph.ids.tolist(), graph.attribute("city").tolist(), graph.attribute("age").tolist()
    (['ann', 'bob', 'dan'], ['', 'Oslo', 'Rome'], [nan, 31.0, nan])
    """
    table = _Table(LineBlocks(os.fspath(path)), comment.encode(), id_column, header)
    if graph_format(table.blocks.place) == "parquet":
        table.read_parquet()
    else:
        table.read(graph.ids)
    met = dict.fromkeys((missing,) if isinstance(missing, str) else missing, 0)
    columns = dict(zip(table.names, table.columns, strict=True))
    ids = columns.pop(table.names[table.id_index]).words
    table.columns.clear()
    graph = joined(
        graph,
        table.blocks.place,
        ids=ids,
        id_name=table.names[table.id_index],
        columns={name: _placing(column, met) for name, column in columns.items()},
        holds={name: _words_of(column) for name, column in columns.items()},
        notes=table.notes,
    )
    notes = [
        f"'{code}' counts as missing: {plural(times, 'value')} of the table"
        if times
        else f"'{code}' should count as missing, but no value of the table is '{code}'"
        for code, times in met.items()
    ]
    return replace(graph, report=replace(graph.report, notes=(*graph.report.notes, *notes)))


def _placing(column: _Column, met: dict[str, int]) -> Placing:
    """Return what makes an attribute of a column; codes that mean missing are counted in `met`."""

    def place(rows: npt.NDArray[np.int64], people: int) -> npt.NDArray[Any]:
        values = column.words.ids().tolist()
        for code in met:
            # Words differ, so each code is at most one of them.
            at = values.index(code) if code in values else -1
            if at >= 0:
                values[at] = ""
                met[code] += sum(int(np.count_nonzero(part == at)) for part in column.parts)
        codes = np.full(people, -1, dtype=np.int32)
        codes[rows] = column.codes()
        column.forget()  # before the words of the next one are made
        return typed_words(values, codes, column.text)

    return place


def _words_of(column: _Column) -> Callable[[], TextIds]:
    return lambda: column.words


@dataclass
class _Column:
    """One column of text: its different words, as bytes rather than as objects, and which one each row holds."""

    words: TextIds = field(default_factory=TextIds)
    parts: list[npt.NDArray[np.int32]] = field(default_factory=list)
    text: bool = False

    def codes(self) -> npt.NDArray[np.int32]:
        return np.concatenate(self.parts) if self.parts else np.empty(0, np.int32)

    def forget(self) -> None:
        self.words, self.parts = TextIds(), []


@dataclass
class _Table:
    """Reads one table: blocks in, columns of words out."""

    blocks: LineBlocks
    comment: bytes
    id_wanted: str | int | None
    header: bool | None

    delimiter: int = 0
    width: int = 0
    names: list[str] = field(default_factory=list)
    has_header: bool = False
    id_index: int = 0
    lines: int = 0
    columns: list[_Column] = field(default_factory=list)
    line_word: str = "line"
    row_lines: list[npt.NDArray[np.int64]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fail(self, message: str, *, line: int | None = None, hint: str = "") -> DataError:
        if self.line_word == "row" and line is not None:
            return DataError(message, place=f"{self.blocks.place}, row {line + 1}", hint=hint)
        return self.blocks.fail(message, line=line, hint=hint)

    def read(self, ids: npt.NDArray[Any]) -> None:
        style = LineStyle(comment=self.comment)
        begun = False
        for block in self.blocks:
            style = LineStyle(self.blocks.newline, self.comment)
            if not begun:
                begun = self.start(block, style, ids)
            self.take(block, style)  # blank lines and comments alone before it has begun
        if not self.lines:
            raise self.fail("the file is empty", hint="expected one row per person: an id and attributes")
        if not begun or not sum(map(len, self.row_lines)):
            raise self.fail("there are no rows of people", hint="expected one row per person: an id and attributes")
        self.check_ids()

    def read_parquet(self) -> None:
        """Read a Parquet file; its rows are counted from 1, as lines are."""
        from viralsim.graph.parquet import ParquetFile

        file = ParquetFile(self.blocks.place)
        self.names, self.width, self.has_header, self.line_word = file.names, len(file.names), True, "row"
        self.choose_id_column(None)
        self.columns = [_Column(text=text) for text in file.text_columns()]
        for batch in file.batches():
            self.row_lines.append(self.lines + np.arange(len(batch), dtype=np.int64))
            self.lines += len(batch)
            for column, values in zip(self.columns, zip(*batch, strict=True), strict=True):
                words = ["" if value is None else str(value) for value in values]
                column.parts.append(column.words.add_words(np.array(words, dtype=object)))
        if not self.lines:
            raise self.fail("there are no rows of people", hint="expected one row per person: an id and attributes")
        self.check_ids()

    def start(self, block: bytearray, style: LineStyle, ids: npt.NDArray[Any]) -> bool:
        """Find dialect, names and the column of ids; tell whether there was a row to find them in."""
        # A few hundred rows will do, but comments may fill more than that.
        for size in (_SAMPLE, len(block)):
            cut = block.find(style.newline, size) + 1 if size < len(block) else 0
            sample = block[: cut or len(block)]
            if len(split_block(bytearray(sample), style, 0).fields) > 1:
                break
        self.delimiter = sniff_delimiter(sample, style)
        split = split_block(bytearray(sample), style, self.delimiter)
        if len(split.fields) == 0:
            return False
        self.width = usual_width(split.fields)
        if self.width > _MOST_COLUMNS:
            raise self.fail(
                f"{self.width:,} columns are more than viralsim reads of people ({_MOST_COLUMNS:,})",
                hint="expected one row per person: an id and attributes",
            )
        top = first_row(sample, style, self.delimiter, split)
        split = split_block(bytearray(sample), style, self.delimiter, range(self.width))
        top_line = int(split.row_lines[0]) + self.lines
        below = [
            [split.word(row, k) for k in range(self.width)]
            for row in range(1, min(len(split.fields), 500))
            if split.fields[row] == self.width
        ]
        self.has_header = len(top) == self.width and self.looks_like_names(top, below, ids)
        self.names = [f"column {k + 1}" for k in range(self.width)]
        if self.header and len(top) != self.width:
            raise self.ragged(len(top), top_line)
        if self.has_header:
            self.names = [name or f"column {k + 1}" for k, name in enumerate(top)]
            twice = sorted(name for name, times in Counter(self.names).items() if times > 1)
            if twice:
                raise self.fail(
                    f"several columns are called '{twice[0]}', expected names that differ",
                    line=top_line,
                    hint="rename all but one",
                )
        self.choose_id_column(top_line)
        self.columns = [_Column() for _ in self.names]
        return True

    def looks_like_names(self, top: list[str], below: list[list[str]], ids: npt.NDArray[Any]) -> bool:
        if self.header is not None:
            return self.header
        if isinstance(self.id_wanted, str) and not self.id_wanted.isdigit():
            return True
        if any(_FLOAT.fullmatch(word) for word in top) or not any(top):
            return False
        if below and any(top[k] and all(_FLOAT.fullmatch(row[k]) for row in below) for k in range(self.width)):
            return True
        if top[0] in map(str, ids.tolist()):
            return False
        if not any(word.lower() in ID_NAMES for word in top):
            self.notes.append("its first row was read as column names; set people_header = false if it is a person")
        return True

    def choose_id_column(self, top_line: int | None) -> None:
        wanted = self.id_wanted
        if wanted is None:
            lower = [name.lower() for name in self.names]
            self.id_index = next((lower.index(name) for name in ID_NAMES if lower.count(name) == 1), 0)
            return
        if isinstance(wanted, str) and wanted in self.names:
            self.id_index = self.names.index(wanted)
            return
        counted = isinstance(wanted, int) or (wanted.isascii() and wanted.isdigit() and len(wanted) < 10)
        number = int(wanted) if counted else 0
        if not 1 <= number <= self.width and self.header is None and any(_FLOAT.fullmatch(name) for name in self.names):
            raise self.fail(
                f"there is no column {wanted!r} for people_id_column: the first row holds numbers, so it seems that "
                "the table has no column names",
                line=top_line,
                hint=f"give its number, from 1 to {self.width}",
            )
        if not 1 <= number <= self.width:
            shown = ", ".join(f"'{name}'" for name in self.names)
            raise self.fail(
                f"there is no column {wanted!r} for people_id_column; the columns are {shown}",
                line=top_line,
                hint=did_you_mean(str(wanted), self.names) or f"or give its number, from 1 to {self.width}",
            )
        self.id_index = number - 1

    def ragged(self, found: int, line: int) -> DataError:
        between = delimiter_words(self.delimiter)
        return self.fail(
            f"expected {plural(self.width, 'column')}, found {found}",
            line=line,
            hint=f"columns are separated by: {between}; quote fields that contain it",
        )

    def take(self, block: bytearray, style: LineStyle) -> None:
        split = split_block(block, style, self.delimiter, range(self.width))
        lines = self.lines + split.row_lines.astype(np.int64)
        wrong = split.fields != self.width
        if wrong.any():
            row = int(np.argmax(wrong))
            raise self.ragged(int(split.fields[row]), int(lines[row]))
        if split.fault >= 0:
            raise self.fail(
                'a double quote does not close where a field ends, expected "..." around the whole field',
                line=self.lines + split.fault,
                hint='write a quote within quotes twice: "so ""called"""',
            )
        self.lines += split.lines
        skip = 1 if self.has_header and not self.row_lines and len(lines) else 0
        if len(lines) or skip:
            self.row_lines.append(lines[skip:])
        for k, column in enumerate(self.columns):
            spans = np.ascontiguousarray(split.spans[skip:, k : k + 1])
            column.parts.append(column.words.add(split.text, spans)[:, 0].copy())

    def check_ids(self) -> None:
        """Every row has an id, and no two the same."""
        ids = self.columns[self.id_index]
        codes, lines = ids.codes(), np.concatenate(self.row_lines)
        empty = np.flatnonzero(ids.words.lengths() == 0)
        if len(empty):
            row = int(np.argmax(codes == empty[0]))
            raise self.fail(
                f"the id (column '{self.names[self.id_index]}') is empty, expected one",
                line=int(lines[row]),
            )
        # Words are numbered by first appearance: the first row whose word is no new one repeats an id.
        twice = len(codes) - ids.words.count
        if twice:
            row = int(np.argmax(codes[: ids.words.count + 1] != np.arange(ids.words.count + 1)))
            first = int(np.argmax(codes == codes[row]))
            more = f"; {twice:,} rows repeat an id" if twice > 1 else ""
            raise self.fail(
                f"the id '{ids.words.word(int(codes[row]))}' is there twice, on {self.line_word}s {lines[first] + 1} "
                f"and {lines[row] + 1}{more}",
                line=int(lines[row]),
                hint="a person has one row; if another column holds the ids, name it as people_id_column",
            )


def joined(
    graph: SocialGraph,
    place: str,
    *,
    ids: TextIds,
    id_name: str,
    columns: Mapping[str, Placing],
    holds: Mapping[str, Callable[[], TextIds]],
    notes: Sequence[str] = (),
) -> SocialGraph:
    """Join a table of people that was read or handed over.

    Parameters
    ----------
    graph : SocialGraph
    place : str
        The table, for messages.
    ids : TextIds
        The people of its rows, no two the same; emptied on the way.
    id_name : str
        What its column of ids is called.
    columns : mapping of str to callable
        Attribute -> (position of each row: int64[rows], number of people) -> its values by position.
    holds : mapping of str to callable
        What the other columns hold, asked where most ids are not found.
    notes : sequence of str
        Of the table.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph, ids = from_arcs([0], [1], ids=["ann", "bob"]), TextIds()
    >>> _ = ids.add_words(np.array(["bob", "dan"]))
    >>> made = joined(graph, "table", ids=ids, id_name="id", columns={}, holds={})
    >>> made.ids.tolist(), made.report.only_in_table
    (['ann', 'bob', 'dan'], 1)
    """
    count = ids.count  # one row each
    # The people of the arcs get numbers from `count` on where the table lacks them.
    found = ids.add_words(graph.ids)
    unlisted = found >= count
    rows = np.full(count, -1, dtype=np.int64)
    rows[found[~unlisted]] = np.flatnonzero(~unlisted)
    only = np.flatnonzero(rows < 0)
    listed = count - len(only)
    better = _better_column(graph, holds, listed) if listed < count / 2 or not listed else ""
    if listed == 0:
        raise DataError(
            f"none of the {plural(count, 'id')} in column '{brief(id_name)}' is in the network ({graph.report.source})",
            place=place,
            hint=f"column '{brief(better)}' holds ids of the network: name it as people_id_column"
            if better
            else f"the ids are such as '{brief(ids.word(0))}' here and '{brief(str(graph.ids[0]))}' there",
        )
    integers = graph.ids.dtype.kind != "O"
    extra = [ids.word(code) for code in only.tolist()]
    ids.clear()  # the bytes of a million ids and their index go before the attributes are made
    del found
    rows[only] = graph.people + np.arange(len(only))
    people = graph.people + len(extra)
    if people >= 2**31:
        raise DataError(f"{people:,} people are more than viralsim can hold ({2**31 - 1:,})", place=place)
    said = [f"{listed:,} of {plural(count, 'person', 'people')} in the table {place} are in the arcs"]
    if extra:
        stay = "is not in the arcs and stays" if len(extra) == 1 else "are not in the arcs and stay"
        said.append(f"{plural(len(extra), 'person', 'people')} of the table {stay} isolated: " + _some(extra))
    lacking = graph.ids[unlisted].tolist()
    if lacking:
        are = "is" if len(lacking) == 1 else "are"
        said.append(
            f"{plural(len(lacking), 'person', 'people')} of the arcs {are} not in the table, their attributes are "
            f"missing: {_some(lacking)}"
        )
    if better:
        better = brief(better)
        said.append(f"column '{better}' holds more ids of the arcs: is that the one to name as people_id_column?")
    doubt = table_doubt(graph.people, count, len(extra), len(lacking))
    if doubt:
        said.append(doubt)
    called: npt.NDArray[Any]
    if not extra:
        called = graph.ids
    elif integers and all(_fits(word) for word in extra):
        called = np.concatenate([graph.ids, np.array([int(word) for word in extra], dtype=np.int64)])
    else:
        if integers:
            odd = next(word for word in extra if not _fits(word))
            odd = brief(odd)
            said.append(f"ids are text, because '{odd}' in the table {place} is not an integer as usually written")
        called = np.array([*map(str, graph.ids.tolist()), *extra], dtype=object)
    attributes = {name: _lengthened(values, len(extra)) for name, values in graph.attributes.items()}
    for name, placing in columns.items():
        if name in attributes:
            said.append(f"attribute '{brief(name)}' was known before; the table's values replace it")
        attributes[name] = placing(rows, people)
    layers = {
        name: replace(arcs, offsets=np.concatenate([arcs.offsets, np.full(len(extra), arcs.offsets[-1])]))
        for name, arcs in graph.layers.items()
    }
    report = replace(
        graph.report,
        people_source=place,
        people_rows=count,
        only_in_table=len(extra),
        not_in_table=len(lacking),
        ids="integer" if called.dtype.kind != "O" else "text",
        notes=(*graph.report.notes, *said, *(f"people table: {note}" for note in notes)),
    )
    return replace(graph, people=people, ids=called, attributes=attributes, layers=layers, report=report)


def table_doubt(people: int, rows: int, only_in_table: int, not_in_table: int) -> str:
    """Return what makes it doubtful that a table of people belongs to the network; empty where nothing does.

    Parameters
    ----------
    people : int
        Of the arcs.
    rows, only_in_table, not_in_table : int
        As in `ImportReport`, `rows` for `people_rows`.

    Examples
    --------
    >>> table_doubt(100, 20, 8, 88)
    '88% of the people of the arcs are not in the table of people: is it the table of another network?'
    >>> table_doubt(100, 110, 10, 0)
    ''
    """
    lacking, strange = not_in_table / max(people, 1), only_in_table / max(rows, 1)
    said = []
    if lacking > _MISFIT and not_in_table >= _FEWEST_STRANGERS:
        said.append(f"{lacking:.0%} of the people of the arcs are not in the table of people")
    if strange > _MISFIT and only_in_table >= _FEWEST_STRANGERS:
        said.append(f"{strange:.0%} of the people of the table are not in the arcs")
    return f"{', and '.join(said)}: is it the table of another network?" if said else ""


def _better_column(graph: SocialGraph, holds: Mapping[str, Callable[[], TextIds]], listed: int) -> str:
    """Return the column that holds more ids of the network than the chosen one, if any does."""
    best = ""
    for name, words_of in holds.items():
        words = words_of()
        count = words.count
        found = int(np.count_nonzero(words.add_words(graph.ids) < count))
        words.count = count  # the ids of the network are no words of the column
        if found > max(listed, graph.people // 2):
            best, listed = name, found
    return best


def _fits(word: str) -> bool:
    return bool(_INTEGER.fullmatch(word)) and -(2**63) <= int(word) < 2**63


def _some(people: Sequence[Any]) -> str:
    return ", ".join(brief(str(person)) for person in people[:_SHOWN]) + (", ..." if len(people) > _SHOWN else "")


def _lengthened(values: npt.NDArray[Any], extra: int) -> npt.NDArray[Any]:
    """Add missing values for people who came with the table."""
    if extra == 0:
        return values
    if values.dtype.kind in "iuf":
        return np.concatenate([values.astype(np.float64), np.full(extra, np.nan)])
    return np.concatenate([values.astype(str).astype(object), np.full(extra, "", dtype=object)])


def typed_words(words: list[str], codes: npt.NDArray[np.int32], text: bool) -> npt.NDArray[Any]:
    """Return a column as integers, numbers, truth or text; code -1 is a person whom the table lacks.

    Examples
    --------
    >>> typed_words(["7", ""], np.array([0, 1, -1], np.int32), False).tolist()
    [7.0, nan, nan]
    """
    if text:
        return np.array([*words, ""], dtype=object)[codes]
    unknown = [word == "" or word.lower() in _NO_NUMBER for word in words]
    present = [word for word, no in zip(words, unknown, strict=True) if not no]
    missing = bool((codes < 0).any()) or any(unknown)
    if present and all(_fits(word) for word in present):
        if not missing:
            return np.array([int(word) for word in words], dtype=np.int64)[codes]
        if all(abs(int(word)) <= _EXACT for word in present):
            return _floats(words, unknown, codes)
    elif present and all(_FLOAT.fullmatch(word) for word in present):
        return _floats(words, unknown, codes)
    if present and not missing and all(word.lower() in _TRUTH for word in present):
        return np.array([_TRUTH[word.lower()] for word in words], dtype=bool)[codes]
    return np.array([*words, ""], dtype=object)[codes]


def _floats(words: list[str], unknown: list[bool], codes: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return numbers, NaN where there is none; code -1 takes the last value."""
    values = [np.nan if no else float(word) for word, no in zip(words, unknown, strict=True)]
    return np.array([*values, np.nan])[codes]

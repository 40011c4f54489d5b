"""What a delimited text looks like: its delimiter, its rows, or that it is something else altogether."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean

__all__ = [
    "LineStyle",
    "Rows",
    "delimiter_byte",
    "delimiter_words",
    "first_row",
    "other_format",
    "sniff_delimiter",
    "split_block",
]

_TABLE = re.compile(r"\[(network|platform|segment|item|plan|time|report)[.\]]")
_WORDS = {9: "tab", 44: "comma", 59: "semicolon", 124: "pipe", 0: "runs of spaces or tabs"}
_BYTES = {
    "tab": 9,
    "comma": 44,
    "semicolon": 59,
    "pipe": 124,
    "space": 0,
    "spaces": 0,
    "whitespace": 0,
    "\\t": 9,
}


@dataclass
class Rows:
    """Rows of a piece of text, as `split_rows` found them."""

    text: npt.NDArray[np.uint8]
    spans: npt.NDArray[np.int32]
    fields: npt.NDArray[np.int32]
    row_lines: npt.NDArray[np.int32]
    lines: int
    comments: int
    blanks: int
    fault: int

    def word(self, row: int, slot: int) -> str:
        """Return a wanted field as text."""
        begin, end = self.spans[row, slot].tolist()
        return self.text[begin:end].tobytes().decode("utf-8")


@dataclass(frozen=True)
class LineStyle:
    """What ends a line and what begins a comment."""

    newline: int = 10
    comment: bytes = b"#"


def split_block(block: bytearray, style: LineStyle, delimiter: int, slots: Sequence[int] = ()) -> Rows:
    r"""Split whole lines into rows.

    Parameters
    ----------
    block : bytearray
        The lines; doubled quotes are undone in place, so it can be split once only.
    style : LineStyle
    delimiter : int
        A byte, or 0 for runs of spaces and tabs.
    slots : sequence of int
        For each column the slot of `Rows.spans` it goes to, or -1.

    Examples
    --------
    >>> rows = split_block(bytearray(b"# by hand\n ann,bob\n"), LineStyle(), ord(","), [-1, 0])
    >>> rows.word(0, 0), rows.comments
    ('bob', 1)
    """
    from viralsim.graph.text_kernels import split_rows

    wanted = max(1, 1 + max(slots, default=-1))
    newlines = block.count(style.newline)
    most = 1 + min(newlines, len(block) - newlines)  # a row holds more than its end
    if most * wanted > len(block):  # most lines are no rows of so many columns: room for those that are rows
        most = 1 + len(split_block(bytearray(block), style, delimiter).fields) if wanted > 1 else most  # 1: a fault
    text = np.frombuffer(block, dtype=np.uint8)
    spans = np.empty((most if len(slots) else 0, wanted, 2), np.int32)
    fields = np.empty(most, np.int32)
    row_lines = np.empty(most, np.int32)
    rows, lines, comments, blanks, fault = split_rows(
        text,
        0,
        len(block),
        style.newline,
        delimiter,
        np.frombuffer(style.comment, dtype=np.uint8),
        np.array(slots, dtype=np.int64),
        spans,
        fields,
        row_lines,
    )
    return Rows(text, spans[:rows], fields[:rows], row_lines[:rows], lines, comments, blanks, fault)


def first_row(sample: bytearray, style: LineStyle, delimiter: int, split: Rows) -> list[str]:
    r"""Return the fields of the first of the rows that a sample was split into, which may be more than others have.

    Examples
    --------
    >>> sample = bytearray(b"#\na,b,c\n1,2\n")
    >>> first_row(sample, LineStyle(), 44, split_block(bytearray(sample), LineStyle(), 44))
    ['a', 'b', 'c']
    """
    begin = 0
    for _ in range(int(split.row_lines[0])):
        begin = sample.find(style.newline, begin) + 1
    end = sample.find(style.newline, begin)
    line = sample[begin : len(sample) if end < 0 else end]
    count = int(split.fields[0])
    top = split_block(line, style, delimiter, range(count))
    return [top.word(0, k) for k in range(count)]


def sniff_delimiter(sample: bytearray, style: LineStyle) -> int:
    """Find the delimiter under which rows agree on the number of columns."""
    # networkx writes "a b {...}": commas within the braces are not delimiters.
    plain = bytearray(re.sub(rb"[ \t]\{[^\r\n]*", b"", bytes(sample)))
    best, best_score = 0, (0.0, False, 0, 0)
    for rank, delimiter in enumerate((9, 44, 59, 124, 0)):
        split = split_block(bytearray(plain), style, delimiter)
        if len(split.fields) == 0:
            continue
        fields = split.fields[1:] if len(split.fields) > 1 else split.fields
        width = usual_width(split.fields)
        if width < 2:
            continue
        agree = float(np.mean(fields == width)) * (0.5 if split.fault >= 0 else 1.0)
        if delimiter == 9 and agree == 1.0 and _runs_of_tabs(plain, style):
            continue
        # Blanks delimit only where nothing else does: names may hold blanks.
        score = (agree, bool(split.fields[0] > 1), 0 if delimiter == 0 else width, -rank)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def usual_width(fields: npt.NDArray[np.int32]) -> int:
    """Return how many columns most rows have, the first one aside: it may hold names or counts.

    Examples
    --------
    >>> usual_width(np.array([2, 3, 3])), usual_width(np.array([2, 2, 1]))
    (3, 2)
    """
    seen = np.bincount(fields[1:] if len(fields) > 1 else fields)
    first = int(fields[0])
    return first if first < len(seen) and seen[first] == seen.max() else int(seen.argmax())


def _runs_of_tabs(sample: bytearray, style: LineStyle) -> bool:
    """Tell whether tabs come in runs that separate columns rather than hold empty ones."""
    if b"\t\t" not in sample:
        return False
    fields = split_block(bytearray(sample), style, 0).fields
    fields = fields[1:] if len(fields) > 1 else fields
    return len(fields) > 0 and int(fields.min()) == int(fields.max()) >= 2


def delimiter_byte(delimiter: str | None) -> int | None:
    """Return the byte of a delimiter given as a character or a word; 0 for runs of blanks, None for None.

    Raises
    ------
    UsageError
        Neither.

    Examples
    --------
    >>> delimiter_byte("comma"), delimiter_byte(" ")
    (44, 0)
    """
    if delimiter is None:
        return None
    if delimiter in _BYTES:
        return _BYTES[delimiter]
    if delimiter and not delimiter.strip(" \t") and delimiter != "\t":
        return 0
    if len(delimiter) == 1 and delimiter.isascii() and delimiter not in '"\n\r\0' and not delimiter.isalnum():
        return ord(delimiter)
    raise UsageError(
        f"unknown delimiter {delimiter!r}; expected one character or tab, comma, semicolon, pipe, whitespace",
        hint=did_you_mean(delimiter, _BYTES),
    )


def delimiter_words(delimiter: int) -> str:
    """Return the name of a delimiter."""
    return _WORDS.get(delimiter, repr(chr(delimiter)))


def other_format(row: list[str]) -> str:
    """Return a hint where a row shows that the file is something else than rows of arcs."""
    first = row[0].lower() if row else ""
    if first.startswith(("*vertices", "*network", "*edges", "*arcs")):
        return "this looks like a Pajek file, but it does not begin with *Vertices or *Network"
    if _TABLE.match(first) or row[1:2] == ["="]:
        return "this looks like a scenario (TOML): `viralsim check FILE` checks it, with --data its network too"
    if first.startswith("<"):
        return "this looks like XML; of XML, GraphML and GEXF are read"
    if first.startswith(("{", "[")):
        return "this looks like JSON: write one row per arc, two people and maybe numbers"
    if first.startswith("graph"):
        return "this looks like GML, but it does not begin with graph ["
    for prefix in ("#", "%", "//", "!", "--"):
        if first.startswith(prefix):
            return f"if this line is a comment, set comment = '{prefix}'"
    return ""

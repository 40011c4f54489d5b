"""Kernels over blocks of text: splitting lines into fields, reading numbers, numbering text ids.

Kernels rather than duckdb's reader or numpy.loadtxt, because they must know runs of blanks beside quotes,
never pad or drop a row, tell which line of a compressed file is at fault, and meet the text block by block,
so that memory is bounded and Ctrl-C is heard.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel

__all__ = ["intern_text", "parse_integers", "parse_numbers", "rehash", "split_rows"]

_SPACE = 32
_TAB = 9
_RETURN = 13
_QUOTE = 34
_BRACE = 123
_MINUS = 45
_PLUS = 43
_POINT = 46
_ZERO = 48
_NINE = 57


@kernel(forceinline=True)
def _is_blank(byte: Any) -> Any:
    return byte in (_SPACE, _TAB, _RETURN)


@kernel
def split_rows(
    text: Any,
    begin: Any,
    end: Any,
    newline: Any,
    delimiter: Any,
    comment: Any,
    slots: Any,
    spans: Any,
    fields: Any,
    lines: Any,
) -> Any:
    """Split the lines of `text[begin:end]` into fields and say where the wanted ones are.

    Fields may stand between double quotes (a doubled quote is a quote); blanks around fields do not count.

    Parameters
    ----------
    text : uint8[bytes]
        Doubled quotes within quoted fields are undone in place.
    begin, end : int
    newline : int
        The byte that ends a line.
    delimiter : int
        The byte between fields, or 0 for runs of spaces and tabs; then a field that begins with a brace goes
        on to the end of the line (networkx writes `a b {...}`).
    comment : uint8[length]
        What a comment line begins with; empty for none.
    slots : int64[columns]
        For each column the slot of `spans` it goes to, or -1.
    spans : int32[rows, wanted, 2]
        Filled in: begin and end of the wanted fields.
    fields : int32[rows]
        Filled in: number of fields of each row.
    lines : int32[rows]
        Filled in: line of each row, from 0 at `begin`.

    Returns
    -------
    rows, lines, comments, blanks : int
    fault : int
        Line with a quote that does not close where a field ends, or -1.
    """
    row = 0
    line = 0
    comments = 0
    blanks = 0
    at = begin
    while at < end:
        start = at
        while at < end and text[at] != newline:
            at += 1
        stop = at
        at += 1
        line += 1
        while stop > start and _is_blank(text[stop - 1]) and text[stop - 1] != delimiter:
            stop -= 1
        i = start
        while i < stop and _is_blank(text[i]):
            i += 1
        if i == stop:
            blanks += 1
            continue
        if comment.shape[0] and stop - i >= comment.shape[0]:
            same = True
            for k in range(comment.shape[0]):
                same = same and text[i + k] == comment[k]
            if same:
                comments += 1
                continue
        if delimiter == 0:
            start = i
        field = 0
        i = start
        while True:
            while i < stop and _is_blank(text[i]) and text[i] != delimiter:
                i += 1
            if i < stop and text[i] == _QUOTE:
                i += 1
                first = i
                last = i
                closed = False
                while i < stop:
                    if text[i] == _QUOTE:
                        if i + 1 < stop and text[i + 1] == _QUOTE:
                            i += 1
                        else:
                            closed = True
                            i += 1
                            break
                    text[last] = text[i]
                    last += 1
                    i += 1
                after = i
                while i < stop and _is_blank(text[i]) and text[i] != delimiter:
                    i += 1
                if not closed or (i < stop and text[i] != delimiter and (delimiter != 0 or i == after)):
                    return row, line, comments, blanks, line - 1
            else:
                first = i
                if delimiter == 0:
                    if i < stop and text[i] == _BRACE:
                        i = stop
                    while i < stop and not _is_blank(text[i]):
                        i += 1
                    last = i
                else:
                    while i < stop and text[i] != delimiter:
                        i += 1
                    last = i
                    while last > first and _is_blank(text[last - 1]):
                        last -= 1
            if field < slots.shape[0] and slots[field] >= 0:
                spans[row, slots[field], 0] = first
                spans[row, slots[field], 1] = last
            field += 1
            if delimiter == 0:
                while i < stop and _is_blank(text[i]):
                    i += 1
                if i >= stop:
                    break
            elif i < stop:
                i += 1  # past the delimiter; a field follows even if it is empty
            else:
                break
        fields[row] = field
        lines[row] = line - 1
        row += 1
    return row, line, comments, blanks, -1


@kernel
def parse_integers(text: Any, spans: Any, out: Any) -> Any:
    """Read integers written the one usual way (no plus, no leading zeros, 64 bits) into `out`.

    Parameters
    ----------
    text : uint8[bytes]
    spans : int32[rows, columns, 2]
    out : int64[rows, columns]

    Returns
    -------
    int
        Index of the first field (row by row) that is something else, or -1.
    """
    columns = out.shape[1]
    for row in range(out.shape[0]):
        for column in range(columns):
            first = spans[row, column, 0]
            last = spans[row, column, 1]
            negative = first < last and text[first] == _MINUS
            if negative:
                first += 1
            digits = last - first
            if digits < 1 or digits > 19 or (text[first] == _ZERO and (digits > 1 or negative)):
                return row * columns + column
            value = np.uint64(0)
            for i in range(first, last):
                if text[i] < _ZERO or text[i] > _NINE:
                    return row * columns + column
                value = value * np.uint64(10) + np.uint64(text[i] - _ZERO)
            if value > np.uint64(0x7FFFFFFFFFFFFFFF) + np.uint64(negative):
                return row * columns + column
            out[row, column] = -np.int64(value) if negative else np.int64(value)
    return -1


@kernel
def parse_numbers(text: Any, spans: Any, column: Any, out: Any, hard: Any) -> Any:
    """Read decimal numbers that are exact in one floating-point operation; mark the others.

    With at most 15 digits and a power of ten up to 22, digits and power are both exact, so their product or
    quotient is the correctly rounded value (Clinger 1990).

    Parameters
    ----------
    text : uint8[bytes]
    spans : int32[rows, columns, 2]
    column : int
    out : float64[rows]
    hard : bool[rows]
        Filled in: fields left to a slower reader, valid or not.

    Returns
    -------
    int
        How many are hard.
    """
    count = 0
    for row in range(out.shape[0]):
        i = spans[row, column, 0]
        last = spans[row, column, 1]
        negative = i < last and text[i] == _MINUS
        if negative or (i < last and text[i] == _PLUS):
            i += 1
        value = np.int64(0)
        digits = 0
        places = 0
        point = False
        fine = i < last
        while i < last and fine:
            byte = text[i]
            if byte == _POINT and not point:
                point = True
            elif _ZERO <= byte <= _NINE:
                value = value * 10 + np.int64(byte - _ZERO)
                digits += 1
                places += point
            else:
                fine = False
            fine = fine and digits <= 15
            i += 1
        if not fine or digits == 0:
            hard[row] = True
            count += 1
            continue
        power = 1.0
        for _ in range(places):
            power *= 10.0
        number = np.float64(value) / power
        hard[row] = False
        out[row] = -number if negative else number
    return count


@kernel(forceinline=True)
def _hash(text: Any, first: Any, last: Any) -> Any:
    # FNV-1a with Murmur3's finaliser; only speed depends on it.
    value = np.uint64(0xCBF29CE484222325)
    for i in range(first, last):
        value = (value ^ np.uint64(text[i])) * np.uint64(0x100000001B3)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return value ^ (value >> np.uint64(33))


@kernel
def rehash(table: Any, hashes: Any, people: Any) -> None:
    """Enter people 0 .. people - 1 into an empty table (int32, -1 for free, a power of two long)."""
    mask = np.uint64(table.shape[0] - 1)
    for person in range(people):
        slot = hashes[person] & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = person


@kernel
def intern_text(
    text: Any, spans: Any, rows: Any, table: Any, hashes: Any, starts: Any, names: Any, people: Any, out: Any
) -> Any:
    """Give texts numbers by first appearance, row by row, first column before second.

    Parameters
    ----------
    text : uint8[bytes]
    spans : int32[rows, columns or more, 2]
        The first `columns` (as many as `out` has) are the ids.
    rows : int
    table : int32[power of two]
        Open addressing; at least twice as long as there may be people.
    hashes, starts, names : uint64[], int64[], uint8[]
        Name of person p: names[starts[p]:starts[p + 1]]. Long enough for what is added.
    people : int
        How many there are already.
    out : int32[rows, columns]
        Filled in: positions.

    Returns
    -------
    int
        How many people there are now.
    """
    mask = np.uint64(table.shape[0] - 1)
    for row in range(rows):
        for column in range(out.shape[1]):
            first = spans[row, column, 0]
            last = spans[row, column, 1]
            value = _hash(text, first, last)
            slot = value & mask
            while True:
                person = table[slot]
                if person < 0:
                    person = people
                    table[slot] = person
                    hashes[person] = value
                    begin = starts[person]
                    for i in range(last - first):
                        names[begin + i] = text[first + i]
                    starts[person + 1] = begin + (last - first)
                    people += 1
                    break
                if hashes[person] == value and starts[person + 1] - starts[person] == last - first:
                    same = True
                    begin = starts[person]
                    for i in range(last - first):
                        same = same and names[begin + i] == text[first + i]
                    if same:
                        break
                slot = (slot + np.uint64(1)) & mask
            out[row, column] = person
    return people

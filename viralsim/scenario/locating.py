"""Where in a TOML text every key and value is written, which tomllib does not tell.

`locate` walks a text that tomllib has accepted and notes the span of each key, value and table header by its
key path. A place is only handed out if the text there, read on its own, gives what tomllib read for that
path; in doubt the enclosing table is named instead. So a place may be coarse, never wrong.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from viralsim.scenario.units import WrittenFloat

__all__ = [
    "KeyPath",
    "Layout",
    "Origin",
    "Span",
    "excerpt",
    "line_and_column",
    "locate",
    "path_text",
    "printable",
    "split_path",
]

KeyPath = tuple[str | int, ...]
"""Keys, and indices of arrays, from the root of the text."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_VALUE = re.compile(r"[^,\]}#\n]*")
_WIDEST_EXCERPT = 100


class Span(NamedTuple):
    """A stretch of text: offsets of its first character and of the one after its last.

    Examples
    --------
    >>> span = Span(0, 5)
    >>> "title = 1"[span.start:span.end]
    'title'
    """

    start: int
    end: int


class Layout:
    r"""Spans of a TOML text by key path; the text is walked when the first of them is asked for.

    Parameters
    ----------
    text : str
        The text, with "\n" line ends.
    data : dict
        What tomllib read from it.

    Examples
    --------
    >>> layout = locate("[time]\nhorizon = '2d'\n")
    >>> layout.key(("time", "horizon")), layout.value(("time", "horizon")), layout.table(("time",))
    (Span(start=7, end=14), Span(start=17, end=21), Span(start=0, end=6))
    """

    def __init__(self, text: str, data: dict[str, Any]) -> None:
        self.text = text
        self.data = data
        self._forgotten: list[KeyPath] = []

    @cached_property
    def _spans(self) -> _Spans:
        return _Scanner(self.text).run()

    def afresh(self) -> Layout:
        """Return the layout of the same text, with nothing forgotten; what was read and walked is shared."""
        layout = Layout(self.text, self.data)
        if "_spans" in self.__dict__:
            layout._spans = self._spans
        return layout

    @property
    def keys(self) -> dict[KeyPath, Span]:
        """The last part of each key, where it first appears."""
        return self._spans.keys

    @property
    def values(self) -> dict[KeyPath, Span]:
        """The values, tables in line among them."""
        return self._spans.values

    @property
    def tables(self) -> dict[KeyPath, Span]:
        """The table headers, with their brackets."""
        return self._spans.tables

    def has(self, path: KeyPath) -> bool:
        """Return whether the text has something at `path` that has not been forgotten."""
        if any(path[: len(gone)] == gone for gone in self._forgotten):
            return False
        try:
            self._data_at(path)
        except (KeyError, IndexError, TypeError):
            return False
        return True

    def key(self, path: KeyPath) -> Span | None:
        """Return where the last key of `path` is written, or None where that is not known for sure."""
        span = self.keys.get(path)
        if span is None or not path or not self.has(path):
            return None
        written = self.text[span.start : span.end]
        return span if _path_or_none(written) == (path[-1],) else None

    def value(self, path: KeyPath) -> Span | None:
        """Return where the value of `path` is written, or None: for tables with a header, and in doubt."""
        span = self.values.get(path)
        if span is None or not self.has(path):
            return None
        written = _read_value(self.text[span.start : span.end])
        return span if repr(written) == repr(self._data_at(path)) else None

    def table(self, path: KeyPath) -> Span | None:
        """Return where the table is begun: its header, or the key it is written or first named under."""
        span = self.tables.get(path)
        if span is not None and self.has(path):
            names = tuple(part for part in path if isinstance(part, str))
            header = self.text[span.start : span.end]
            if header[:1] == "[" and _path_or_none(header.strip("[]")) == names:
                return span
        return self.key(path)

    def forget(self, path: KeyPath) -> None:
        """Forget `path` and all below it, for what no longer counts."""
        self._forgotten.append(path)

    def _data_at(self, path: KeyPath) -> object:
        value: Any = self.data
        for part in path:
            value = value[part]
        return value


def locate(text: str) -> Layout:
    r"""Return the layout of a TOML text.

    Parameters
    ----------
    text : str
        A text with "\n" line ends that tomllib accepts.

    Raises
    ------
    tomllib.TOMLDecodeError
        If tomllib does not accept it.

    Examples
    --------
    >>> layout = locate('a.b = { c = [1, "x"] }')
    >>> span = layout.value(("a", "b", "c", 1))
    >>> layout.text[span.start:span.end]
    '"x"'
    """
    return Layout(text, tomllib.loads(text, parse_float=WrittenFloat))


@dataclass(slots=True)
class _Spans:
    keys: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)
    tables: dict[KeyPath, Span] = field(default_factory=dict)


class _Scanner:
    """One walk over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = _Spans()
        self.at = 0
        self.lengths: dict[KeyPath, int] = {}  # arrays of tables: how many until here

    def run(self) -> _Spans:
        try:
            self._statements()
        except (IndexError, ValueError, RecursionError):
            # A text that tomllib reads and this does not is a defect; what was found is still checked on use.
            return self.spans
        return self.spans

    def _statements(self) -> None:
        table: KeyPath = ()
        while True:
            self._skip(newlines=True)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self, *, newlines: bool) -> None:
        blank = " \t\n" if newlines else " \t"
        while self.at < len(self.text):
            if self.text[self.at] in blank:
                self.at += 1
            elif newlines and self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def _header(self) -> KeyPath:
        start = self.at
        many = self.text.startswith("[[", start)
        self.at += 2 if many else 1
        path: KeyPath = ()
        parts = self._key_parts()
        for position, (name, span) in enumerate(parts):
            path = (*path, name)
            self.spans.keys.setdefault(path, span)
            if many and position == len(parts) - 1:
                path = (*path, self.lengths.setdefault(path, 0))
                self.lengths[path[:-1]] += 1
                self.spans.keys[path] = span
            elif path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        closing = "]]" if many else "]"
        if not self.text.startswith(closing, self.at):
            raise ValueError("no end of header")
        self.at += len(closing)
        self.spans.tables[path] = Span(start, self.at)
        return path

    def _key_parts(self) -> list[tuple[str, Span]]:
        parts = []
        while True:
            self._skip(newlines=False)
            start = self.at
            self.at = _key_end(self.text, start)
            parts.append((_read_key(self.text[start : self.at]), Span(start, self.at)))
            self._skip(newlines=False)
            if self.text[self.at : self.at + 1] != ".":
                return parts
            self.at += 1

    def _pair(self, table: KeyPath) -> None:
        path = table
        for name, span in self._key_parts():
            path = (*path, name)
            self.spans.keys.setdefault(path, span)
        if self.text[self.at] != "=":
            raise ValueError("no value")
        self.at += 1
        self._skip(newlines=False)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        start = self.at
        first = self.text[start]
        if first in "\"'":
            self.at = _string_end(self.text, start)
        elif first == "[":
            self._items(path)
        elif first == "{":
            self._inline_table(path)
        else:
            found = _PLAIN_VALUE.match(self.text, start)
            self.at = start + len(found[0].rstrip(" \t\r")) if found else start
        self.spans.values[path] = Span(start, self.at)

    def _items(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(newlines=True)
            if self.text[self.at] == "]":
                self.at += 1
                return
            self._value((*path, index))
            index += 1
            self._skip(newlines=True)
            if self.text[self.at] == ",":
                self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while True:
            self._skip(newlines=True)
            if self.text[self.at] == "}":
                self.at += 1
                return
            self._pair(path)
            self._skip(newlines=True)
            if self.text[self.at] == ",":
                self.at += 1


def _key_end(text: str, start: int) -> int:
    if text[start] in "\"'":
        return _quoted_end(text, start)
    found = _BARE.match(text, start)
    if not found:
        raise ValueError("no key")
    return found.end()


def _quoted_end(text: str, start: int) -> int:
    quote, at = text[start], start + 1
    while text[at] != quote:
        if text[at] == "\n":
            raise ValueError("no end of string")
        at += 2 if quote == '"' and text[at] == "\\" else 1
    return at + 1


def _string_end(text: str, start: int) -> int:
    fence = text[start] * 3
    if not text.startswith(fence, start):
        return _quoted_end(text, start)
    at = start + 3
    while not text.startswith(fence, at):
        if at >= len(text):
            raise ValueError("no end of string")
        at += 2 if text[at] == "\\" and fence == '"""' else 1
    at += 3
    for _ in range(2):  # up to two quotes may stand right before the closing three
        at += text.startswith(fence[0], at)
    return at


def _read_key(written: str) -> str:
    return str(tomllib.loads(f"k = {written}")["k"]) if written[:1] in "\"'" else written


def _read_value(written: str) -> object:
    try:
        read = tomllib.loads(f"v = {written}")
    except (ValueError, RecursionError):
        return _UNREADABLE
    return read["v"] if len(read) == 1 else _UNREADABLE


_UNREADABLE = object()


@dataclass
class Origin:
    """Where each part of a scenario was written: in the text, or by a setting.

    Parameters
    ----------
    name : str
        What messages call the text.
    folder : Path
        Folder that paths in the text are relative to.
    settings, given : tuple of str
        Settings as messages show them, and as they were given.
    layout : Layout
        Places in the text; parts that settings have replaced are forgotten.
    owners : dict of key path to int
        Which setting wrote what.
    allow_code : bool
        Whether functions that the scenario names may be run.
    """

    name: str
    folder: Path
    settings: tuple[str, ...]
    given: tuple[str | tuple[str, object], ...]
    layout: Layout
    owners: dict[KeyPath, int] = field(default_factory=dict)
    allow_code: bool = False

    def owner(self, path: KeyPath) -> int | None:
        """Return the index of the setting that wrote `path`, or None."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.owners:
                return self.owners[path[:length]]
            if self.layout.has(path[:length]):
                return None
        return None

    def find(self, path: KeyPath, on: str = "value") -> tuple[int | None, Span | None]:
        """Return the setting or the span in the text to blame; in doubt the nearest enclosing table."""
        setting = self.owner(path)
        if setting is not None:
            return setting, None
        wanted = {"key": self.layout.key, "value": self.layout.value, "table": self.layout.table}[on]
        span = wanted(path) or (self.layout.table(path) if on != "key" else None)
        while span is None and path:
            path = path[:-1]
            span = self.layout.table(path)
        return None, span

    def place(self, path: KeyPath, on: str = "value") -> str:
        """Return the place of `path` as text."""
        setting, span = self.find(path, on)
        if setting is not None:
            return f"--set {self.settings[setting]}"
        line, column = line_and_column(self.layout.text, span.start) if span else (1, 1)
        return f"{self.name}:{line}:{column}"


def split_path(text: str) -> KeyPath:
    """Return the keys of a dotted path; quoted keys as in TOML.

    Raises
    ------
    ValueError
        If it is no dotted path.

    Examples
    --------
    >>> split_path('item.content.stickiness'), split_path('segment."18-25 years"')
    (('item', 'content', 'stickiness'), ('segment', '18-25 years'))
    """
    scanner = _Scanner(text)
    try:
        parts = scanner._key_parts()
    except IndexError:
        raise ValueError(f"no dotted path: {text!r}") from None
    if scanner.at != len(text):
        raise ValueError(f"no dotted path: {text!r}")
    return tuple(name for name, _ in parts)


def _path_or_none(text: str) -> KeyPath | None:
    try:
        return split_path(text)
    except ValueError:
        return None


def path_text(path: Sequence[str | int]) -> str:
    """Return a key path as people write it.

    Examples
    --------
    >>> path_text(("segment", "18-25 years", "attention")), path_text(("people", 3))
    ('segment."18-25 years".attention', 'people[3]')
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        bare = _BARE.fullmatch(part) is not None
        written = part if bare else '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if len(written) > 60:
            written = written[:57] + "..."
        text += ("." if text else "") + "".join(c if c.isprintable() else "?" for c in written)
    return text


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    r"""Return line and column, both counted from 1, columns in characters.

    Examples
    --------
    >>> line_and_column("ab\ncd", 4)
    (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def excerpt(text: str, span: Span) -> str:
    r"""Return the line where `span` begins, with its number, and carets under the span.

    Long lines are cut around the span; a span of several lines is underlined on its first.

    Examples
    --------
    >>> print(excerpt('a = 1\nb = "150%"\n', Span(10, 16)))
        2 | b = "150%"
          |     ^^^^^^
    """
    number, column = line_and_column(text, span.start)
    begin = span.start - column + 1
    end = text.find("\n", span.start)
    end = len(text) if end < 0 else end
    line = text[begin:end]
    first, last = span.start - begin, max(min(span.end, end) - begin, span.start - begin + 1)
    if len(line) > _WIDEST_EXCERPT:
        left = max(0, min(first - 20, len(line) - _WIDEST_EXCERPT))
        cut = line[left : left + _WIDEST_EXCERPT]
        before, after = ("..." if left else ""), ("..." if left + _WIDEST_EXCERPT < len(line) else "")
        first, last = first - left + len(before), min(last - left, _WIDEST_EXCERPT) + len(before)
        line = before + cut + after
    shown = "".join(" " if c == "\t" else c if c.isprintable() else "?" for c in line)
    blank, carets = " " * _width(shown[:first]), "^" * max(_width(shown[first:last]), 1)
    return f"{number:>5} | {shown}".rstrip() + f"\n      | {blank}{carets}"


def _width(text: str) -> int:
    """Columns that a terminal takes for `text`."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def printable(name: str) -> str:
    """Return `name` with "?" for what cannot be printed."""
    return "".join(c if c.isprintable() else "?" for c in name.encode("utf-8", "replace").decode())

"""Places: random TOML documents are written with their layout noted, and the locator must find the same."""

import tomllib
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.scenario.locating import Span, excerpt, locate, path_text, split_path

NAMES = [
    "a",
    "b-1",
    "C_d",
    "9",
    "with space",
    "dot.ted",
    'quo"te',
    "it's",
    "",
    "#",
    "[x]",
    "=",
    "é",
    "tab\t",
    "back\\slash",
]
BARE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
SCALARS = [
    "1",
    "-17",
    "1_000",
    "0xff",
    "1.5",
    "1e6",
    "inf",
    "-nan",
    "true",
    "false",
    "1979-05-27",
    "07:32:00",
    "1979-05-27 07:32:00",
    "1979-05-27T00:32:00.999-07:00",
    '""',
    "''",
    '"a # b"',
    "'[c] = {d}'",
    '"\\"\\\\"',
    "'back\\'",
    '"é 口"',
    '"]"',
    '"}"',
    '","',
    '""""""',
    "''''''",
    '"""\nline # one\n[two]\nthree = 3\n"""',
    "'''\nit's\n[x]\\'''",
    '"""a""b\\" """',
    '""""quoted""""',
    "''''quoted''''",
    '"""\\\n   trimmed"""',
    "'''''two'''''",
]


@dataclass
class Writer:
    """Writes TOML and notes where; every choice of spelling is drawn."""

    draw: object
    text: str = ""
    keys: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    tables: dict = field(default_factory=dict)

    def one_of(self, *options):
        return self.draw(st.sampled_from(options))

    def put(self, text):
        start = len(self.text)
        self.text += text
        return Span(start, len(self.text))

    def space(self):
        self.put(self.one_of("", "", " ", "\t", "  "))

    def gap(self):
        self.put(self.one_of("", " ", "\n", "\n\t", " # ] } = [a]\n", "\n\n"))

    def end(self):
        self.put(self.one_of("\n", "\n\n", " # a = 1\n", "\t\n# [b]\n"))

    def key(self, name):
        spellings = ['"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"']
        if name and set(name) <= BARE:
            spellings += [name] * 3
        if "'" not in name:
            spellings.append(f"'{name}'")
        return self.put(self.one_of(*spellings))

    def key_path(self, base, names):
        path = base
        for position, name in enumerate(names):
            if position:
                self.space()
                self.put(".")
                self.space()
            path = (*path, name)
            self.keys.setdefault(path, self.key(name))
        return path

    def value(self, path, depth):
        kind = self.one_of("scalar", "scalar", "list", "table") if depth < 3 else "scalar"
        start = len(self.text)
        if kind == "scalar":
            self.put(self.one_of(*SCALARS))
        elif kind == "list":
            self.put("[")
            for index in range(self.draw(st.integers(0, 3))):
                if index:
                    self.gap()
                    self.put(",")
                self.gap()
                self.value((*path, index), depth + 1)
            self.gap()
            self.put("]")
        else:
            self.put("{")
            for index, name in enumerate(self.names(2)):
                if index:
                    self.put(",")
                self.space()
                self.pair(path, [name], depth + 1)
                self.space()
            self.put("}")
        self.values[path] = Span(start, len(self.text))

    def names(self, most):
        return self.draw(st.lists(st.sampled_from(NAMES), max_size=most, unique=True))

    def pair(self, base, names, depth=0):
        path = self.key_path(base, names)
        self.space()
        self.put("=")
        self.space()
        self.value(path, depth)

    def pairs(self, base, names):
        for name in names:
            dotted = self.draw(st.lists(st.sampled_from(NAMES), max_size=2))
            self.space()
            self.pair(base, [name, *dotted])
            self.end()
            if dotted and self.draw(st.booleans()):
                other = self.draw(st.sampled_from([one for one in NAMES if one != dotted[0]]))
                self.pair(base, [name, other])
                self.end()

    def header(self, base, names, *, many=False, index=None):
        """`base` is the path that the names before the last lead to, with the indices of arrays of tables."""
        self.space()
        start = len(self.text)
        self.put("[[" if many else "[")
        self.space()
        path = ()
        spelt = [part for part in base if isinstance(part, str)]
        for position, name in enumerate([*spelt, *names]):
            if position:
                self.space()
                self.put(".")
                self.space()
            path = (*path, name)
            span = self.key(name)
            if path not in self.keys:
                self.keys[path] = span
            while path == base[: len(path)] and len(path) < len(base) and isinstance(base[len(path)], int):
                path = (*path, base[len(path)])
        if many:
            path = (*path, index)
            self.keys[path] = span
        self.space()
        self.put("]]" if many else "]")
        self.tables[path] = Span(start, len(self.text))
        self.end()
        return path


@st.composite
def documents(draw):
    writer = Writer(draw)
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8, unique=True))
    roots = draw(st.integers(0, len(names)))
    writer.gap()
    writer.pairs((), names[:roots])
    for name in names[roots:]:
        kind = writer.one_of("table", "nested", "array")
        if kind == "table":
            path = writer.header((), [name])
            inner = writer.names(3)
            writer.pairs(path, inner)
            for below in [one for one in writer.names(2) if one not in inner]:
                writer.pairs(writer.header(path, [below]), writer.names(2))
        elif kind == "nested":  # [a.b.c]: a and b are named in passing
            path = writer.header((), [name, writer.one_of(*NAMES), writer.one_of(*NAMES)])
            writer.pairs(path, writer.names(3))
        else:
            for index in range(draw(st.integers(1, 3))):
                path = writer.header((), [name], many=True, index=index)
                inner = writer.names(2)
                writer.pairs(path, inner)
                for below in [one for one in writer.names(2) if one not in inner]:
                    writer.pairs(writer.header(path, [below]), writer.names(2))
    if draw(st.booleans()):
        writer.text = writer.text.rstrip("\n")
    return writer


@settings(max_examples=150, derandomize=True, deadline=None)
@given(documents())
def test_locator_finds_what_was_written(writer):
    layout = locate(writer.text)
    assert layout.keys == writer.keys
    assert layout.values == writer.values
    assert layout.tables == writer.tables
    for path, span in writer.values.items():
        assert layout.value(path) == span  # and what is there reads as what tomllib read
    for path, span in writer.keys.items():
        assert layout.key(path) == (None if isinstance(path[-1], int) else span)
    for path, span in writer.tables.items():
        assert layout.table(path) == span


@settings(max_examples=100, derandomize=True, deadline=None)
@given(documents(), st.data())
def test_a_wrong_span_is_never_handed_out(writer, data):
    """Whatever goes wrong in the walk, a place that reads as something else is withheld."""
    layout = locate(writer.text)
    if not layout.values:
        return
    path = data.draw(st.sampled_from(sorted(layout.values, key=repr)))
    start = data.draw(st.integers(0, len(writer.text)))
    end = data.draw(st.integers(start, len(writer.text)))
    layout.values[path] = layout.keys[("x",)] = layout.tables[("x",)] = Span(start, end)
    assert layout.key(("x",)) is None  # there is no such key
    for known in list(layout.keys):
        layout.keys[known] = layout.tables[known] = Span(start, end)
        if layout.key(known) is not None:
            assert tomllib.loads(f"{writer.text[start:end]} = 1") == {known[-1]: 1}
        layout.table(known)
    found = layout.value(path)
    if found is not None:
        read = tomllib.loads(f"v = {writer.text[start:end]}")["v"]
        assert repr(read) == repr(layout._data_at(path))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(alphabet="ab.=\"[]{}#\n\\' 1,", max_size=40))
def test_locator_takes_any_text_that_tomllib_takes(text):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    layout = locate(text)
    for path in list(layout.values):
        assert layout.value(path) is not None


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
@settings(derandomize=True)
def test_paths_read_as_they_are_written(names):
    if "tab\t" not in names:
        assert split_path(path_text(names)) == tuple(names)


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a b", '"a', "a=b", "a.[b]", "é"])
def test_no_path(text):
    with pytest.raises(ValueError, match="no"):
        split_path(text)


def test_excerpt_of_wide_characters_keeps_the_carets_under_the_value():
    text = 'a = "口コミ" \tb'
    assert excerpt(text, Span(text.index("b"), len(text))) == '    1 | a = "口コミ"  b\n      |               ^'


def test_excerpt_of_a_long_line_shows_what_matters():
    text = "x" * 300 + "HERE" + "y" * 300
    shown, carets = excerpt(text, Span(300, 304)).split("\n")
    assert len(shown) < 120
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_excerpt_never_prints_control_characters():
    assert "\x1b" not in excerpt("a = '\x1b[31m'", Span(0, 1))
    assert "\u202e" not in excerpt("a = '\u202e'", Span(0, 1))

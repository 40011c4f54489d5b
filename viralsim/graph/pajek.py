"""Pajek networks (.net), line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from viralsim.errors import did_you_mean
from viralsim.graph.lines import LineBlocks
from viralsim.graph.social_graph import plural

__all__ = ["PajekFile"]

_SECTIONS = ("*vertices", "*arcs", "*edges", "*arcslist", "*edgeslist", "*network")
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_SPARSE = 1_000_000


@dataclass
class PajekFile:
    r"""A Pajek network: vertices with labels, arcs (directed) and edges (both ways), each with a value.

    Parameters
    ----------
    place : str
        The path.

    Attributes
    ----------
    labels : list of str
        Of vertex 1, 2, ...; their numbers where the file gives none.
    arcs, edges : list of (int, int)
        Vertices counted from 0.
    values : list of float
        Of arcs, then of edges; 1 where a line gives none.
    rows : list of int
        The line of each, counted from 0: of arcs, then of edges.
    relation_of : list of int
        The relation of each, of arcs, then of edges: a place in `relation_names`.
    relation_names : list of str
        What sections are called: by a label (`*Arcs :1 "advice"`), else that number, else their place from 1.
        Sections with the same name are one relation.

    Notes
    -----
    The format: W. de Nooy, A. Mrvar, V. Batagelj, Exploratory Social Network Analysis with Pajek (2005); the
    Pajek reference manual. Two-mode networks, matrices and drawing parameters are not read, nor files that announce
    more than a million vertices and more than four for each of their lines.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "three.net")
    >>> _ = file.write_text('*Vertices 3\n1 "ann"\n2 "bob"\n3 "cem"\n*Arcs\n1 2 0.5\n*Edges\n2 3\n')
    >>> read = PajekFile(str(file)).read()
    >>> read.labels, read.arcs, read.edges, read.values
    (['ann', 'bob', 'cem'], [(0, 1)], [(1, 2)], [0.5, 1.0])
    """

    place: str
    labels: list[str] = field(default_factory=list)
    arcs: list[tuple[int, int]] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    arc_values: list[float] = field(default_factory=list)
    edge_values: list[float] = field(default_factory=list)
    arc_rows: list[int] = field(default_factory=list)
    edge_rows: list[int] = field(default_factory=list)
    arc_relations: list[int] = field(default_factory=list)
    edge_relations: list[int] = field(default_factory=list)
    relation_names: list[str] = field(default_factory=list)
    relation: int = 0
    relation_numbers: dict[str, int] = field(default_factory=dict)
    label_lines: dict[int, int] = field(default_factory=dict)
    relations: int = 0
    extras: int = 0
    lines: int = 0
    comments: int = 0
    blanks: int = 0
    compression: str = ""

    @property
    def values(self) -> list[float]:
        """The value of each arc, then of each edge."""
        return self.arc_values + self.edge_values

    @property
    def rows(self) -> list[int]:
        """The line of each arc, then of each edge, counted from 0."""
        return self.arc_rows + self.edge_rows

    @property
    def relation_of(self) -> list[int]:
        """The relation of each arc, then of each edge."""
        return self.arc_relations + self.edge_relations

    def read(self) -> PajekFile:
        """Read the whole file.

        Raises
        ------
        DataError
            A line that is not Pajek's, with its number.
        """
        blocks = LineBlocks(self.place)
        section, people = "", 0
        for block in blocks:
            lines = block.decode("utf-8").split("\r" if blocks.newline == 13 else "\n")
            if lines[-1] == "":
                lines.pop()
            for line in lines:
                text = line.strip()
                number = self.lines
                self.lines += 1
                if not text:
                    self.blanks += 1
                elif text[0] == "%":
                    self.comments += 1
                elif text[0] == "*":
                    words = text.split()
                    section = words[0].lower()
                    self._section(blocks, section, text, number)
                    if section == "*vertices":
                        people = self._people(blocks, words, number)
                elif section == "*vertices":
                    self._vertex(blocks, text, people, number)
                elif section in ("*arcs", "*edges"):
                    self._arc(blocks, text.split(), section, people, number)
                elif section in ("*arcslist", "*edgeslist"):
                    words = text.split()
                    for word in words[1:]:
                        self._arc(blocks, [words[0], word], section, people, number)
                else:
                    raise blocks.fail("expected '*Vertices' and a number first", line=number)
        self.compression = blocks.compression
        if people == 0:
            raise blocks.fail("there is no line '*Vertices N'", hint="is this a Pajek network?")
        if not self.relations or not (self.arcs or self.edges):
            raise blocks.fail("there are no arcs or edges", hint="expected *Arcs or *Edges and one line for each")
        if people > max(_SPARSE, 4 * self.lines):
            raise blocks.fail(f"{people:,} vertices are announced, but the file has {plural(self.lines, 'line')}")
        self.labels = [str(k + 1) for k in range(people)] if not self.label_lines else self._all_labels(people)
        return self

    def _section(self, blocks: LineBlocks, section: str, text: str, number: int) -> None:
        if section == "*network":
            return
        if section not in _SECTIONS:
            raise blocks.fail(
                f"the section '{section[:40]}' is not read; expected *Vertices, *Arcs, *Edges, *Arcslist, *Edgeslist",
                line=number,
                hint=did_you_mean(section, _SECTIONS) or "save the network alone, as lists of arcs or edges",
            )
        if section != "*vertices":
            self.relations += 1
            words = [quoted or plain for quoted, plain in _WORD.findall(text)][1:]
            label = " ".join(words[1:]) if words and words[0].startswith(":") else " ".join(words)
            name = label or (words[0].removeprefix(":") if words else "") or str(self.relations)
            self.relation = self.relation_numbers.setdefault(name, len(self.relation_names))
            if self.relation == len(self.relation_names):
                self.relation_names.append(name)

    def _people(self, blocks: LineBlocks, words: list[str], number: int) -> int:
        if self.relations or self.label_lines:
            raise blocks.fail("a second network begins here, expected one in a file", line=number)
        if len(words) < 2 or not re.fullmatch(r"[0-9]{1,10}", words[1]) or not 0 < int(words[1]) < 2**31:
            raise blocks.fail("expected '*Vertices' and their number, at least 1", line=number)
        if len(words) > 2:
            raise blocks.fail(
                "this is a two-mode network (two numbers of vertices), which is not read yet",
                line=number,
                hint="its arcs tie people to things, not to people",
            )
        return int(words[1])

    def _vertex(self, blocks: LineBlocks, text: str, people: int, number: int) -> None:
        words = [quoted or plain for quoted, plain in _WORD.findall(text)]
        vertex = self._vertex_number(blocks, words[0] if words else "", people, number)
        if vertex in self.label_lines:
            first = self.label_lines[vertex]
            raise blocks.fail(f"vertex {vertex + 1} is there twice, on lines {first + 1} and {number + 1}", line=number)
        self.label_lines[vertex] = number
        self.labels.append(words[1] if len(words) > 1 and words[1] else str(vertex + 1))
        self.extras += len(words) > 2

    def _vertex_number(self, blocks: LineBlocks, word: str, people: int, number: int) -> int:
        if not (word.isascii() and word.isdigit() and len(word) <= 10 and 1 <= int(word) <= people):
            raise blocks.fail(f"expected the number of a vertex, from 1 to {people}, found '{word[:40]}'", line=number)
        return int(word) - 1

    def _arc(self, blocks: LineBlocks, words: list[str], section: str, people: int, number: int) -> None:
        if len(words) < 2:
            raise blocks.fail("expected two vertices and maybe a value, found one word", line=number)
        pair = (
            self._vertex_number(blocks, words[0], people, number),
            # A minus in a list of arcs says that it is dashed when drawn.
            self._vertex_number(blocks, words[1].removeprefix("-") if "list" in section else words[1], people, number),
        )
        value = 1.0
        if len(words) > 2:
            try:
                value = float(words[2].replace("_", "?"))  # Python reads 1_000 as a number, nobody else does
            except ValueError:
                raise blocks.fail(f"the value of a tie is '{words[2][:40]}', expected a number", line=number) from None
        arcs = section.startswith("*arcs")
        (self.arcs if arcs else self.edges).append(pair)
        (self.arc_values if arcs else self.edge_values).append(value)
        (self.arc_rows if arcs else self.edge_rows).append(number)
        (self.arc_relations if arcs else self.edge_relations).append(self.relation)

    def _all_labels(self, people: int) -> list[str]:
        given = dict(zip(self.label_lines, self.labels, strict=True))
        return [given.get(k, str(k + 1)) for k in range(people)]

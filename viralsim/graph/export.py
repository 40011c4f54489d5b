"""Graphs written for others: edge tables (CSV, Parquet) with a table of people, GraphML, and viralsim's own folder.

What is written reads back as the same graph: the same people in the same order (which keys all luck), arcs and
numbers. Where a form cannot keep something, `write_graph` says so, and what no reader could take is refused.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.files import check_file, whole_file
from viralsim.graph.formats import MOST_ELEMENTS
from viralsim.graph.networks import whole_ids
from viralsim.graph.people import ID_NAMES, typed_words
from viralsim.graph.social_graph import Arcs, SocialGraph, plural
from viralsim.graph.store import check_store, write_store
from viralsim.graph.times import FOREVER

__all__ = ["check_output", "write_graph"]

_TABLES = (".csv", ".csv.gz", ".parquet")
_FORMS = (*_TABLES, ".graphml")
_OTHER_FILES = re.compile(
    r"\.(txt|tsv|tab|dat|edges|edgelist|gml|gexf|net|paj|json|xlsx?|gz|bz2|xz|zip|zst|db|toml|npy|npz|html?)$"
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NO_LINE = re.compile(r"[\n\r\0\ud800-\udfff]")
_NO_TEXT = re.compile(r"[\ud800-\udfff]")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BLANKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}

Array = npt.NDArray[Any]


def _form(path: str | os.PathLike[str]) -> str:
    """Return the form that a name asks for; "" for a folder."""
    name = Path(path).name.lower()
    for form in _FORMS:
        if name.endswith(form):
            return form
    if _OTHER_FILES.search(name) and not Path(path).is_dir():
        raise UsageError(
            f"graphs are written as {', '.join(_FORMS)}, or as a folder (a name without such an ending)",
            place=os.fspath(path),
        )
    return ""


def check_output(
    path: str | os.PathLike[str],
    people_path: str | os.PathLike[str] | None = None,
    *,
    force: bool = False,
    inputs: Iterable[str | os.PathLike[str]] = (),
) -> None:
    """Tell whether a graph could be written there, before work is spent on it; raises as `write_graph` does.

    Nothing is written over `inputs`, the files and folders that are read, whatever `force` says.

    Examples
    --------
    >>> check_output("edges.gexf")
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: edges.gexf: graphs are written as .csv, .csv.gz, .parquet, .graphml, or as a folder \
(a name without such an ending)
    """
    form = _form(path)
    inputs = tuple(inputs)
    _refuse_inputs(path, inputs)
    if form:
        check_file(path, force=force)
    else:
        check_store(path, force=force)
    if people_path is None:
        return
    place = os.fspath(people_path)
    if form not in _TABLES:
        raise UsageError(
            f"{'GraphML' if form else 'a folder'} holds people with the arcs; a file of people goes with an edge table",
            place=place,
            hint="leave it out",
        )
    if not Path(people_path).name.lower().endswith(_TABLES):
        raise UsageError(f"a table of people is written as {', '.join(_TABLES)}", place=place)
    if Path(path).resolve() == Path(people_path).resolve():
        raise UsageError("arcs and people go into different files", place=place)
    _refuse_inputs(people_path, inputs)
    check_file(people_path, force=force)


def _refuse_inputs(path: str | os.PathLike[str], inputs: Iterable[str | os.PathLike[str]]) -> None:
    """Refuse to write over what is read, or over a folder that it lies in."""
    target = Path(path).resolve()
    for name in inputs:
        source = Path(name).resolve()
        same = source == target or (source.exists() and target.exists() and source.samefile(target))
        if same or (target.is_dir() and source.is_relative_to(target)):
            raise UsageError(
                "this is what is read; it is not replaced" if same else f"what is read, '{name}', is in this folder",
                place=os.fspath(path),
                hint="write to another place",
            )


def write_graph(
    graph: SocialGraph,
    path: str | os.PathLike[str],
    people_path: str | os.PathLike[str] | None = None,
    *,
    force: bool = False,
) -> tuple[str, ...]:
    """Write a graph: as viralsim's own folder, or, by the ending of the name, as an edge table or GraphML.

    Parameters
    ----------
    graph : SocialGraph
    path : str or path
        A name that ends in .csv, .csv.gz or .parquet gets a table of arcs (mutual graphs: edges, each once)
        with the columns source, target, trust, multiplicity, where the graph has them weight, probability, start
        and end, and platform where it has several; .graphml everything in one file. Any other name becomes a folder
        that `read_graph` opens at once, without loss.
    people_path : str or path, optional
        With an edge table: a table of people and their attributes, .csv, .csv.gz or .parquet.
    force : bool
        Replace a file, or a folder that holds a graph.

    Returns
    -------
    tuple of str
        What the reader should know, one sentence each: what the form does not keep, and how to read it back.

    Raises
    ------
    UsageError
        Something is there already, or a name that says another form.
    DataError
        Text that the form cannot hold.
    ViralsimError
        It cannot be written; nothing is left behind.

    Notes
    -----
    In edge tables people are numbered by first appearance. Rows are ordered so that this gives the order that
    people have; where no order of rows can, as for people without arcs, a row ties a person to themselves,
    which importers drop and count. CSV holds no line breaks within text. Numbers read back exactly.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from viralsim.graph import from_arcs, read_graph
    >>> graph = from_arcs([0, 1], [2, 2], ids=["ann", "bob", "cem"], trust=[0.25, 1.0])
    >>> file = pathlib.Path(tempfile.mkdtemp(), "ties.csv")
    >>> notes = write_graph(graph, file)
    >>> print(file.read_text().replace('"', ''), notes[0])
    source,target,trust,multiplicity
    ann,ann,0.0,1
    bob,cem,1.0,1
    ann,cem,0.25,1
     1 row ties a person to themselves: it keeps people in order, and readers drop and count it
    >>> read_graph(file, direction="influences", trust_column="trust").fingerprint == graph.fingerprint
    True
    """
    check_output(path, people_path, force=force)
    form = _form(path)
    if not form:
        write_store(graph, path, force=force)
        return ()
    place = os.fspath(path)
    try:
        if form == ".graphml":
            return _write_graphml(graph, place, force)
        return _write_tables(graph, place, None if people_path is None else os.fspath(people_path), force)
    except OSError as error:
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=place) from error


# ---------------------------------------------------------------------- what is common


def _rows(graph: SocialGraph) -> dict[str, Array]:
    """Return what is written for each arc (mutual: edge): positions, numbers, index of the layer."""
    swapped = graph.report.direction == "follows"
    parts: dict[str, list[Array]] = {}
    several = {
        what: any(getattr(arcs, what) is not None for arcs in graph.layers.values())
        for what in ("weight", "probability")
    }
    timed = graph.timed
    for index, arcs in enumerate(graph.layers.values()):
        chosen = arcs.sharers < arcs.followers if graph.mutual else np.ones(len(arcs), dtype=bool)
        ends = (arcs.followers, arcs.sharers) if swapped else (arcs.sharers, arcs.followers)
        columns: dict[str, Array] = {
            "source": ends[0],
            "target": ends[1],
            "trust": arcs.trust,
            "multiplicity": arcs.multiplicity,
        }
        columns |= {what: _column(arcs, what) for what, there in several.items() if there}
        if timed:
            columns["start"] = np.zeros(len(arcs), np.int32) if arcs.start is None else arcs.start
            columns["end"] = np.full(len(arcs), FOREVER, np.int32) if arcs.end is None else arcs.end
        columns["platform"] = np.full(len(arcs), index, np.int16)
        for what, values in columns.items():
            parts.setdefault(what, []).append(values[chosen])
    return {what: np.concatenate(values) for what, values in parts.items()}


def _column(arcs: Arcs, what: str) -> Array:
    values: Array | None = getattr(arcs, what)
    if values is None:
        raise DataError(
            f"some platforms have a {what} and others have none, which one table cannot hold",
            hint="write a folder instead: a name without an ending",
        )
    return values


def _refuse(graph: SocialGraph, pattern: re.Pattern[str], place: str, form: str, *, people: bool) -> None:
    """Refuse text that the form cannot hold, rather than write what no reader takes."""

    def check(what: str, text: str) -> None:
        found = pattern.search(text)
        if found:
            character = {"\n": "a line break", "\r": "a line break", "\0": "a zero byte"}.get(
                found[0], f"the character {found[0]!r}"
            )
            raise DataError(
                f"{what} {text!r:.60} holds {character}, which {form} cannot hold",
                place=place,
                hint="write a folder instead: a name without an ending",
            )

    if graph.ids.dtype.kind == "O":
        for person in graph.ids.tolist():
            check("the id", person)
            if not person:
                raise DataError(
                    f"the id of a person is empty, which {form} cannot hold",
                    place=place,
                    hint="write a folder instead: a name without an ending",
                )
    for name in graph.layers:
        check("the platform", name)
    for name, values in graph.attributes.items() if people else ():
        check("the attribute", name)
        if values.dtype.kind == "O":
            for text in dict.fromkeys(values.tolist()):
                check(f"attribute {name!r}:", str(text))


def _notes(graph: SocialGraph, *, multiplicity: bool) -> Iterator[str]:
    if graph.ids.dtype.kind == "O" and not isinstance(whole_ids(graph.ids.tolist()), list):
        yield "all ids are text that looks like integers; read back they are integers (a folder keeps them as text)"
    if multiplicity and any(len(arcs) and int(arcs.multiplicity.max()) > 1 for arcs in graph.layers.values()):
        yield "multiplicity is written, but no importer reads it back (a folder keeps it)"
    if graph.layered:
        yield f"the column platform names the {plural(len(graph.layers), 'platform')}: {', '.join(graph.layers)}"


def _read_back(graph: SocialGraph, path: str, more: str = "") -> str:
    words = ["viralsim graph info", shlex.quote(path)]
    if not graph.mutual:
        words.append(f"--direction {_direction(graph)}")
    words.append("--trust-column trust")
    if graph.layered:
        words.append("--platform-column platform")
    words += [
        f"--{what}-column {what}"
        for what in ("weight", "probability")
        if any(getattr(arcs, what) is not None for arcs in graph.layers.values())
    ]
    words += ["--start-column start", "--end-column end"] if graph.timed else []
    return "read it back with: " + " ".join(words) + more


def _direction(graph: SocialGraph) -> str:
    return "follows" if graph.report.direction == "follows" else "influences"


# ---------------------------------------------------------------------- tables


def _write_tables(graph: SocialGraph, path: str, people_path: str | None, force: bool) -> tuple[str, ...]:
    from viralsim.graph.parquet import write_table

    forms = {_form(name) for name in (path, people_path) if name is not None}
    text_only = forms == {".parquet"}
    form = "Parquet" if text_only else "CSV"
    _refuse(graph, _NO_TEXT if text_only else _NO_LINE, path, form, people=people_path is not None)
    notes = list(_notes(graph, multiplicity=True))
    rows = _rows(graph)
    loops = _people_to_introduce(graph, rows["source"], rows["target"], listed=people_path is not None)
    if len(loops):
        rows = {
            what: np.concatenate(
                [values, loops if what in ("source", "target") else np.full(len(loops), what == "multiplicity")]
            ).astype(values.dtype)
            for what, values in rows.items()
        }
        notes.insert(
            0,
            "1 row ties a person to themselves: it keeps people in order, and readers drop and count it"
            if len(loops) == 1
            else f"{len(loops):,} rows tie a person to themselves: they keep people in order, and readers drop and "
            "count them",
        )
    later, earlier = np.maximum(rows["source"], rows["target"]), np.minimum(rows["source"], rows["target"])
    order = np.lexsort((rows["platform"], rows["source"] > rows["target"], -earlier, later))
    columns = {what: values[order] for what, values in rows.items()}
    if graph.layered:
        columns["platform"] = np.array(list(graph.layers), dtype=object)[columns["platform"]]
    else:
        del columns["platform"]
    if "end" in columns:  # an empty field says that there is no end
        columns["end"] = np.ma.masked_equal(columns["end"], FOREVER)
    columns["source"], columns["target"] = graph.ids[columns["source"]], graph.ids[columns["target"]]
    more = ""
    with ExitStack() as stack:
        fresh = stack.enter_context(whole_file(path, force=force))
        write_table(fresh, columns, form=_form(path), place=path)
        if people_path is not None:
            fresh = stack.enter_context(whole_file(people_path, force=force))
            table, options, said = _people_table(graph, as_text=_form(people_path) != ".parquet")
            write_table(fresh, table, form=_form(people_path), place=people_path)
            notes += said
            more = f" --people {shlex.quote(people_path)}{options}"
    if people_path is None and graph.attributes:
        notes.append(
            f"attributes are not written ({', '.join(graph.attributes)}): name a second file for people (people_path)"
        )
    return (*notes, _read_back(graph, path, more))


def _people_to_introduce(graph: SocialGraph, sources: Array, targets: Array, *, listed: bool) -> npt.NDArray[np.int32]:
    """Return the people whom no order of rows makes appear in their place.

    Rows go by the later of their two people, so a person with an arc to anyone earlier appears in time. So
    does one whose row leads on to the next person, and so do, where a table lists people, all behind the last
    who has an arc.
    """
    later = np.maximum(sources, targets)
    introduced = np.zeros(graph.people, dtype=bool)
    introduced[later] = True
    introduced[sources[targets == sources + 1]] = True
    missing = np.flatnonzero(~introduced).astype(np.int32)
    if listed:
        last = int(later.max()) if len(later) else 0
        missing = missing[missing <= last]
    return missing


def _people_table(graph: SocialGraph, *, as_text: bool) -> tuple[dict[str, Array], str, list[str]]:
    """Return the columns, what else it takes to read them back, and what they do not keep."""
    name = "id"
    lower = {attribute.lower() for attribute in graph.attributes}
    while name in lower:
        name = f"person_{name}"
    options = ""
    if lower & set(ID_NAMES):
        options += " --people-id-column 1"
    if any(_NUMBER.fullmatch(attribute) for attribute in graph.attributes) and as_text:
        options += " --people-header"
    notes: list[str] = []
    seen: set[str] = set()
    table: dict[str, Array] = {name: graph.ids}
    for attribute, values in graph.attributes.items():
        table[attribute] = values
        if not attribute or attribute != attribute.strip() or attribute.lower() in seen:
            # DuckDB tells columns apart by more than their capitals.
            notes.append(f"attribute {attribute!r} is read back under another name (a folder and GraphML keep it)")
        seen.add(attribute.lower())
        kind = values.dtype.kind
        if kind == "O" and as_text:
            words = list(dict.fromkeys(map(str, values.tolist())))
            if typed_words(words, np.arange(len(words), dtype=np.int32), False).dtype.kind != "O":
                notes.append(
                    f"attribute '{attribute}' is text that looks like numbers or truths; read back from CSV it "
                    "becomes these (Parquet and a folder keep it)"
                )
        elif kind == "f" and (np.isinf(values).any() or np.isnan(values).all()):
            notes.append(
                f"attribute '{attribute}' has infinite numbers or none at all; read back it is text (a folder keeps it)"
            )
        elif kind == "u" and len(values) and int(values.max()) >= 2**63:
            notes.append(f"attribute '{attribute}' goes beyond 64 bits; read back it is rounded (a folder keeps it)")
    return table, options, notes


# ---------------------------------------------------------------------- GraphML


def _write_graphml(graph: SocialGraph, path: str, force: bool) -> tuple[str, ...]:
    _refuse(graph, _NO_XML, path, "GraphML", people=True)
    rows = _rows(graph)
    if not graph.layered:
        del rows["platform"]
    per_edge, per_person = 1 + len(rows) - 2, 1 + len(graph.attributes)
    elements = per_edge * len(rows["source"]) + per_person * graph.people
    if elements > MOST_ELEMENTS - 100:
        raise UsageError(
            f"this would be {elements:,} elements, too many for GraphML",
            place=path,
            hint="write .csv.gz, .parquet or a folder",
        )
    notes = list(_notes(graph, multiplicity=True))
    for name, values in graph.attributes.items():
        if values.dtype.kind == "O" and not any(values):
            notes.append(f"attribute '{name}' is empty for everybody and is not read back (a folder keeps it)")
        elif values.dtype.kind == "u" and int(values.max()) >= 2**63:
            notes.append(f"attribute '{name}' goes beyond 64 bits; read back it is rounded (a folder keeps it)")
    with whole_file(path, force=force) as fresh, fresh.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_graphml(graph, rows))
    return (*notes, _read_back(graph, path))


def _graphml(graph: SocialGraph, rows: dict[str, Array]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    numbers = {what: values for what, values in rows.items() if what not in ("source", "target")}
    if "platform" in numbers:
        numbers["platform"] = np.array(list(graph.layers), dtype=object)[numbers["platform"]]
    if "end" in numbers:
        numbers["end"] = np.ma.masked_equal(numbers["end"], FOREVER)
    for of, columns, letter in (("node", graph.attributes, "p"), ("edge", numbers, "a")):
        for k, (name, values) in enumerate(columns.items()):
            kind = {"b": "boolean", "i": "long", "u": "long", "f": "double"}.get(values.dtype.kind, "string")
            yield f'<key id="{letter}{k}" for="{of}" attr.name={_quoted(name)} attr.type="{kind}"/>\n'
    yield f'<graph edgedefault="{"undirected" if graph.mutual else "directed"}">\n'
    names = [_quoted(str(person)) for person in graph.ids.tolist()]
    people = _data(graph.attributes, "p", graph.people)
    for name, data in zip(names, people, strict=True):
        yield f"<node id={name}>{data}</node>\n"
    sources, targets = rows["source"].tolist(), rows["target"].tolist()
    for source, target, data in zip(sources, targets, _data(numbers, "a", len(sources)), strict=True):
        yield f"<edge source={names[source]} target={names[target]}>{data}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _data(columns: Mapping[str, Array], letter: str, count: int) -> Iterator[str]:
    """Yield the data of one node or edge after the other."""
    written = [
        [
            "" if value is None else f'<data key="{letter}{k}">{escape(_word(value), _BLANKS)}</data>'
            for value in values.tolist()
        ]
        for k, values in enumerate(columns.values())
    ]
    return ("".join(cells) for cells in zip(*written, strict=True)) if written else iter([""] * count)


def _word(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    return quoteattr(text, _BLANKS)

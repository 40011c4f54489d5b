"""Graph files that are no edge lists: Parquet, GraphML, GEXF, GML and Pajek, known by what they hold."""

from __future__ import annotations

import codecs
import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, UsageError, ViralsimError, did_you_mean
from viralsim.graph.lines import LineBlocks
from viralsim.graph.networks import direction_note, take_over, whole_ids
from viralsim.graph.social_graph import (
    ImportReport,
    SocialGraph,
    brief,
    from_arcs,
    numbers_fault,
    plural,
    some_names,
)
from viralsim.graph.times import ALWAYS, Clock, spans_of

__all__ = ["MOST_ELEMENTS", "graph_format", "named_platforms", "read_format"]

_HEAD = 64 << 10
_MOST_BYTES = 256 << 20
MOST_ELEMENTS = 5_000_000
"""The most elements of an XML file that is read or written."""
_DEEPEST = 100
_MANY_EDGES = 1_000_000
_MOST_DOUBTS = 3
_WORDS = {"parquet": "Parquet", "graphml": "GraphML", "gexf": "GEXF", "gml": "GML", "pajek": "Pajek"}
_PAJEK = re.compile(rb"\s*(%[^\n]*\n\s*)*\*(vertices|network)\b", re.IGNORECASE)
_GML = re.compile(rb'\s*([#;][^\n]*\n\s*|(creator|version|comment)\s+("[^"]*"|[^\s"]\S*)\s+)*graph\s*\[', re.IGNORECASE)
_XML = re.compile(rb"<\s*([A-Za-z0-9_]+:)?(graphml|gexf)[\s>/]")


def graph_format(place: str) -> str:
    r"""Return what a file is by its content: "parquet", "graphml", "gexf", "gml", "pajek", or "" for anything else.

    Raises
    ------
    DataError
        Its name ends in .graphml, .gexf, .gml or .parquet, but it is something else.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "two.net")
    >>> _ = file.write_text("*vertices 2\n*edges\n1 2\n")
    >>> graph_format(str(file))
    'pajek'
    """
    head = _head(place)
    if not head:
        return ""
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.removeprefix(codecs.BOM_UTF8)
    if text.lstrip().startswith(b"<"):
        found = _XML.search(text)
        if found:
            return found.group(2).decode()
    elif _PAJEK.match(text):
        return "pajek"
    elif _GML.match(text):
        return "gml"
    name = re.sub(r"\.(gz|bz2|xz)$", "", place.lower())
    for ending, form in ((".graphml", "GraphML"), (".gexf", "GEXF"), (".gml", "GML"), (".parquet", "Parquet")):
        if name.endswith(ending):
            raise DataError(
                f"the name ends in {ending}, but this is no {form}",
                place=place,
                hint="rename an edge list to .csv or .txt",
            )
    return ""


def _head(place: str) -> bytes:
    """Return the first bytes, unpacked; nothing where the file cannot be looked at twice, or not at all."""
    blocks = LineBlocks(place)
    try:
        if not Path(place).is_file():
            return b""
        with Path(place).open("rb") as raw:
            return bytes(blocks.unpacked(raw).read(_HEAD))
    except Exception:  # whatever it is, the reader says it better
        return b""


def read_format(
    form: str,
    place: str,
    *,
    direction: str,
    columns: Mapping[str, str | int | None],
    trust: float,
    merge: str,
    trust_map: Callable[[Any], Any] | None,
    platform_names: Mapping[str, str] | None = None,
    clock: Clock = ALWAYS,
) -> SocialGraph:
    r"""Read a graph from a file of a format that `graph_format` knows.

    Parameters
    ----------
    form : str
        As `graph_format` returns it.
    place : str
        The path.
    direction, trust, merge : str, float, str
        As in `read_graph`. Edges that a file calls undirected are mutual whatever the direction.
    columns : mapping of str to str, int or None
        For "source", "target", "trust", "weight", "probability", "platform", "start", "end": a column (Parquet) or an
        attribute of edges. In Pajek files the value of a tie is called "value", its section "relation".
    trust_map : Formula, optional
        From what the trust column holds to trust.
    platform_names : mapping of str to str, optional
        From what the platform column holds to names.
    clock : Clock
        How times become ticks.

    Raises
    ------
    DataError
        The file cannot be read as what it seems to be.

    Examples
    --------
    >>> import networkx, pathlib, tempfile
    >>> file = str(pathlib.Path(tempfile.mkdtemp(), "ties.graphml"))
    >>> networkx.write_graphml(networkx.DiGraph([("ann", "bob")]), file)
    >>> options = {"columns": {}, "trust": 0.5, "merge": "mean", "trust_map": None}
    >>> read_format("graphml", file, direction="influences", **options).ids.tolist()
    ['ann', 'bob']
    """
    if form != "parquet":
        for what in ("source", "target"):
            if columns.get(what) is not None:
                raise UsageError(f"{what}_column belongs to tables, but {place} is {_WORDS[form]}")
    common: dict[str, Any] = {"direction": direction, "trust": trust, "merge": merge, "trust_map": trust_map}
    common |= {"platform_names": platform_names or {}, "clock": clock}
    if form == "parquet":
        return _read_parquet(place, columns, **common)
    if form == "pajek":
        return _read_pajek(place, columns, **common)
    graph, compression, notes = _read_networkx(form, place)
    names: dict[str, str | None] = {}
    for what in ("trust", "weight", "probability", "platform", "start", "end"):
        column = columns.get(what)
        if isinstance(column, int):
            raise UsageError(f"{what}_column is {column}, expected the name of an edge attribute", place=place)
        names[what] = column
    edges = graph.number_of_edges()
    if edges > _MANY_EDGES:
        notes.append(f"{edges:,} edges are many for {_WORDS[form]}, an edge list is read much faster")
    return take_over(
        graph,
        place=place,
        kind="file",
        trust=names["trust"] or trust,
        weight=names["weight"],
        probability=names["probability"],
        platform=names["platform"],
        platform_names=platform_names or {},
        start=names["start"],
        end=names["end"],
        clock=clock,
        direction=direction,
        merge=merge,
        trust_map=trust_map,
        notes=notes,
        compression=compression,
    )


# ---------------------------------------------------------------------- through networkx


def _read_networkx(form: str, place: str) -> tuple[Any, str, list[str]]:
    """Return the graph of a file, how it was packed, and what networkx doubts about it."""
    blocks = LineBlocks(place)
    raw = _whole(blocks)
    try:
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            if form == "gml":
                graph = _gml(raw.decode("utf-8-sig"))
            else:
                _check_xml(raw, blocks)
                graph = _xml(form, raw)
    except ViralsimError:
        raise
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start)
        raise blocks.fail(
            f"this is not UTF-8 text (byte 0x{raw[error.start]:02x})",
            line=line,
            hint="if it is text, save it as UTF-8: iconv -f latin1 -t utf-8",
        ) from None
    except Exception as error:  # networkx raises whatever a file makes it stumble over
        said = str(error).strip().split("\n")[0][:200] or type(error).__name__
        raise blocks.fail(
            f"this {_WORDS[form]} cannot be read: {said}",
            hint="does the program that wrote it read it back? an edge list (CSV) always works",
        ) from None
    texts = dict.fromkeys(brief(f"networkx says: {' '.join(str(doubt.message).split())}", 200) for doubt in doubts)
    notes = [*texts][:_MOST_DOUBTS]
    if len(texts) > _MOST_DOUBTS:
        notes.append(f"networkx says {len(texts) - _MOST_DOUBTS:,} more things of this kind")
    return graph, blocks.compression, notes


def _xml(form: str, raw: bytes) -> Any:
    import networkx

    if form == "gexf":
        return networkx.read_gexf(io.BytesIO(raw))
    graph = networkx.read_graphml(io.BytesIO(raw))
    # networkx keeps the defaults of the file beside the nodes and edges that they are meant for.
    for defaults, parts in (
        (graph.graph.get("node_default", {}), (data for _, data in graph.nodes(data=True))),
        (graph.graph.get("edge_default", {}), (data for _, _, data in graph.edges(data=True))),
    ):
        for data in parts if defaults else ():
            for name, value in defaults.items():
                data.setdefault(name, value)
    return graph


def _gml(text: str) -> Any:
    import networkx

    lines = text.splitlines()
    try:
        return networkx.parse_gml(lines)
    except networkx.NetworkXError as error:
        if "label" not in str(error):
            raise
    return networkx.parse_gml(lines, label="id")  # without labels, or with labels that repeat


def _whole(blocks: LineBlocks) -> bytes:
    """Return a file unpacked, if it is of a size that its format is made for."""
    parts: list[bytes] = []
    size = 0
    for piece in blocks:
        size += len(piece)
        if size > _MOST_BYTES:
            raise blocks.fail(
                f"this is more than {_MOST_BYTES >> 20} MB (unpacked), too much for a format read whole",
                hint="write so large a graph as an edge list (CSV, also .gz) or as Parquet",
            )
        parts.append(bytes(piece))
    return b"".join(parts)


def _check_xml(raw: bytes, blocks: LineBlocks) -> None:
    """Refuse what makes XML dangerous: declarations of entities, endless depth, masses of elements."""
    parser = expat.ParserCreate()
    depth = elements = 0

    def doctype(*_: Any) -> None:
        raise blocks.fail(
            "a document type declaration (<!DOCTYPE) is refused: it can define entities that fill the memory",
            line=parser.CurrentLineNumber - 1,
            hint="delete the declaration; graphs need none",
        )

    def begin(*_: Any) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > _DEEPEST:
            raise blocks.fail(
                f"elements lie deeper than {_DEEPEST} within each other", line=parser.CurrentLineNumber - 1
            )
        if elements > MOST_ELEMENTS:
            raise blocks.fail(
                f"there are more than {MOST_ELEMENTS:,} elements, too many for XML",
                hint="write so large a graph as an edge list (CSV, also .gz) or as Parquet",
            )

    def end(*_: Any) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise blocks.fail(
            f"this is not well-formed XML: {expat.errors.messages[error.code]}", line=error.lineno - 1
        ) from None


# ---------------------------------------------------------------------- Pajek


def _read_pajek(
    place: str,
    columns: Mapping[str, str | int | None],
    *,
    direction: str,
    trust: float,
    merge: str,
    trust_map: Any,
    platform_names: Mapping[str, str],
    clock: Clock,
) -> SocialGraph:
    from viralsim.graph.pajek import PajekFile

    for what in ("start", "end"):
        if columns.get(what) is not None:
            raise UsageError(f"{what}_column belongs to tables and edge attributes, but {place} is {_WORDS['pajek']}")
    file = PajekFile(place).read()
    mutual = direction == "mutual" or not file.arcs
    pairs = np.array([*file.arcs, *file.edges], dtype=np.int64).reshape(-1, 2)
    values = np.array(file.values, dtype=np.float64)
    lines = np.array(file.rows, dtype=np.int64)
    relations = np.array(file.relation_of, dtype=np.int64)
    if direction == "follows":
        pairs = pairs[:, ::-1]
    if not mutual:
        back = np.arange(len(file.arcs), len(pairs))
        pairs = np.concatenate([pairs, pairs[back][:, ::-1]])
        values, lines = np.concatenate([values, values[back]]), np.concatenate([lines, lines[back]])
        relations = np.concatenate([relations, relations[back]])
    numbers = {}
    for what in ("trust", "weight", "probability"):
        column = columns.get(what)
        if column is None:
            continue
        if column not in ("value", "3", 3):
            raise DataError(
                f"there is no column '{column}' for {what}_column; a tie of a Pajek file has a 'value' alone",
                place=place,
                hint=f'write {what}_column = "value"',
            )
        numbers[what] = _checked(values, what, trust_map, lambda row: f"{place}:{lines[row] + 1}")
    platform: dict[str, Any] = {}
    if columns.get("platform") is not None:
        if columns["platform"] != "relation":
            raise DataError(
                f"there is no column '{columns['platform']}' for platform_column; "
                "in a Pajek file each section of arcs or edges is a relation",
                place=place,
                hint='write platform_column = "relation"',
            )
        codes, found = named_platforms(relations, file.relation_names, platform_names, place)
        platform = {"platform": codes, "platform_names": found}
    notes = []
    attributes: dict[str, Any] = {}
    labels = file.labels
    if len(set(labels)) < len(labels):
        attributes["label"] = labels
        labels = [str(k + 1) for k in range(len(labels))]
        notes.append("labels of vertices repeat: people are called by their numbers, the label is an attribute")
    if file.extras:
        notes.append("coordinates, shapes and further words of vertices are not read")
    if file.relations > 1 and not platform:
        notes.append(
            f"arcs and edges of {plural(file.relations, 'section')} are read together; "
            'platform_column = "relation" makes each a platform'
        )
    notes += direction_note(direction, directed=bool(file.arcs))
    ids = whole_ids(labels)
    report = ImportReport(
        source=place,
        kind="file",
        lines=file.lines,
        comments=file.comments,
        blanks=file.blanks,
        columns=dict.fromkeys(numbers, "the value of a tie"),
        unread=() if numbers else ("value",),
        delimiter="runs of spaces or tabs",
        compression=file.compression,
        ids="integer" if isinstance(ids, np.ndarray) else "text",
        direction="mutual" if mutual else direction,
        trust=_trust_words(trust, "the value of a tie" if "trust" in numbers else "", trust_map),
        notes=tuple(notes),
    )
    return from_arcs(
        pairs[:, 0],
        pairs[:, 1],
        people=len(labels),
        ids=ids,
        trust=numbers.get("trust", trust),
        weight=numbers.get("weight"),
        probability=numbers.get("probability"),
        merge=merge,
        mutual=mutual,
        **platform,
        attributes=attributes,
        report=report,
    )


# ---------------------------------------------------------------------- Parquet


def _read_parquet(
    place: str,
    columns: Mapping[str, str | int | None],
    *,
    direction: str,
    trust: float,
    merge: str,
    trust_map: Any,
    platform_names: Mapping[str, str],
    clock: Clock,
) -> SocialGraph:
    from viralsim.graph.parquet import ParquetFile

    file = ParquetFile(place)
    if file.rows == 0:
        raise DataError("there are no rows", place=place, hint="expected one row per arc: two people and maybe numbers")
    if len(file.names) < 2:
        raise DataError("expected at least two columns, found one", place=place, hint="each row needs two people")
    chosen = _chosen_columns(file.names, columns, place)
    arrays = file.arrays(list(dict.fromkeys(chosen.values())))
    ends = [_ids_of(arrays[chosen[what]], what, place) for what in ("source", "target")]
    pairs, ids = _numbered(*ends)
    numbers = {}
    for what in ("trust", "weight", "probability"):
        if what in chosen:
            values = _floats_of(arrays[chosen[what]], what, place)
            numbers[what] = _checked(values, what, trust_map, lambda row: f"{place}, row {row + 1}")
    times: dict[str, Any] = {}
    for what in ("start", "end"):
        if what in chosen:
            values = np.ma.asarray(arrays[chosen[what]])
            if values.dtype.kind not in "iuf":
                raise DataError(f"{what} is of the type {values.dtype}, expected numbers", place=place)
            times[what] = np.where(np.ma.getmaskarray(values), np.nan, np.ma.getdata(values).astype(np.float64))
    _, late = spans_of(times.get("start"), times.get("end"), file.rows, clock)
    if late is not None:
        raise DataError(late[1], place=f"{place}, row {late[0] + 1}", hint=late[2])
    platform: dict[str, Any] = {}
    if "platform" in chosen:
        values = _ids_of(arrays[chosen["platform"]], "platform", place)
        codes, found = named_platforms(*_coded(values), platform_names, place)
        platform = {"platform": codes, "platform_names": found}
    if direction == "follows":
        pairs = pairs[:, ::-1]
    described = {what: f"column {file.names.index(name) + 1} '{name}'" for what, name in chosen.items()}
    report = ImportReport(
        source=place,
        kind="file",
        header=tuple(file.names),
        columns=described,
        unread=tuple(name for name in file.names if name not in chosen.values()),
        ids="integer" if ids.dtype.kind != "O" else "text",
        direction=direction,
        trust=_trust_words(trust, described.get("trust", ""), trust_map),
    )
    return from_arcs(
        pairs[:, 0],
        pairs[:, 1],
        people=len(ids),
        ids=ids,
        trust=numbers.get("trust", trust),
        weight=numbers.get("weight"),
        probability=numbers.get("probability"),
        merge=merge,
        mutual=direction == "mutual",
        **platform,
        **times,
        clock=clock,
        report=report,
    )


def _coded(values: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return values as numbers by first appearance, and as text in that order."""
    seen: dict[Any, int] = {}
    codes = np.fromiter((seen.setdefault(value, len(seen)) for value in values.tolist()), np.int64, len(values))
    return codes, [str(value) for value in seen]


def named_platforms(
    codes: npt.NDArray[Any], values: Sequence[str], names: Mapping[str, str], place: str
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Give platforms the names that a user wants; values with the same name become one platform.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        For each row a place in `values`.
    values : sequence of str
        What the data calls the platforms.
    names : mapping of str to str
        Names for some of them, or all.
    place : str
        The file, for messages.

    Returns
    -------
    codes : ndarray of int64, shape (rows,)
    names : list of str

    Raises
    ------
    DataError
        A name for a value that is not there, or values that are no names.

    Examples
    --------
    >>> codes, found = named_platforms(np.array([0, 1, 0]), ["1", "2"], {"1": "calls"}, "ties.csv")
    >>> codes.tolist(), found
    ([0, 1, 0], ['calls', '2'])
    """
    for value in names:
        if value not in values:
            raise DataError(
                f"platform_names names '{value}', but the platforms of the data are {some_names(values)}",
                place=place,
                hint=did_you_mean(value, values) or "write the value as the data has it, then the name for it",
            )
    called = [names.get(value, value) for value in values]
    place_of = {name: index for index, name in enumerate(dict.fromkeys(called))}
    return np.array([place_of[name] for name in called], dtype=np.int64)[codes], list(place_of)


def _chosen_columns(names: Sequence[str], wanted: Mapping[str, str | int | None], place: str) -> dict[str, str]:
    from viralsim.graph.delimited import USUAL_PAIRS

    lower = [name.lower() for name in names]
    usual = next((pair for pair in USUAL_PAIRS if set(pair) <= set(lower)), None)
    chosen = {}
    free = [name for k, name in enumerate(names) if wanted.get("platform") not in (name, k + 1)]
    if len(free) < 2:
        raise DataError("expected two people and a platform in each row, found two columns", place=place)
    for end, what in enumerate(("source", "target")):
        if wanted.get("source") is None and wanted.get("target") is None and usual is not None:
            chosen[what] = names[lower.index(usual[end])]
        elif wanted.get(what) is None:
            chosen[what] = free[end]
    for what, column in wanted.items():
        if column is None:
            continue
        if isinstance(column, int) and 1 <= column <= len(names):
            chosen[what] = names[column - 1]
        elif column in names:
            chosen[what] = str(column)
        else:
            raise DataError(
                f"there is no column {column!r} for {what}_column; the columns are "
                + ", ".join(f"'{name}'" for name in names),
                place=place,
                hint=did_you_mean(str(column), names),
            )
    if len(set(chosen.values())) < len(chosen):
        twice = next(name for name in chosen.values() if list(chosen.values()).count(name) > 1)
        both = " and ".join(what for what, name in chosen.items() if name == twice)
        raise DataError(f"{both} are the same column, '{twice}'", place=place, hint="name another column for one")
    return chosen


def _ids_of(values: Any, what: str, place: str) -> npt.NDArray[Any]:
    """Return ids as int64 or text; a missing one is an error."""
    mask = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    kind = plain.dtype.kind
    if kind == "f" and not mask.any():
        mask = np.isnan(plain)
    if not mask.any() and kind == "O":
        mask = np.fromiter((value is None or value == "" for value in plain), dtype=bool, count=len(plain))
    if mask.any():
        expected = "its name" if what == "platform" else "an id"
        raise DataError(f"the {what} is missing, expected {expected}", place=f"{place}, row {int(np.argmax(mask)) + 1}")
    if kind == "f" and np.all(np.isfinite(plain) & (plain == np.floor(plain)) & (np.abs(plain) <= 2.0**53)):
        return plain.astype(np.int64)
    if kind in "iu" and (plain.dtype != np.uint64 or plain.max() < 2**63):
        return plain.astype(np.int64)
    if kind not in "iuO":
        raise DataError(f"the {what} is of the type {plain.dtype}, expected integers or text", place=place)
    return np.array([str(value) for value in plain.tolist()], dtype=object)


def _numbered(sources: npt.NDArray[Any], targets: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return rows of positions by first appearance, and the ids in that order."""
    from viralsim.graph.numbering import first_appearance

    if sources.dtype.kind != "O" and targets.dtype.kind != "O":
        flat = np.stack([sources, targets], axis=1).ravel()
        found, distinct = first_appearance(flat)
        return found.reshape(-1, 2), distinct
    seen: dict[str, int] = {}
    rows = [
        (seen.setdefault(str(a), len(seen)), seen.setdefault(str(b), len(seen)))
        for a, b in zip(sources.tolist(), targets.tolist(), strict=True)
    ]
    ids = whole_ids(list(seen))
    return np.array(rows, dtype=np.int64), ids if isinstance(ids, np.ndarray) else np.array(ids, dtype=object)


def _floats_of(values: Any, what: str, place: str) -> npt.NDArray[np.float64]:
    mask = np.ma.getmaskarray(values)
    if mask.any():
        raise DataError(f"{what} is missing, expected a number", place=f"{place}, row {int(np.argmax(mask)) + 1}")
    plain = np.ma.getdata(values)
    if plain.dtype.kind not in "iuf":
        raise DataError(f"{what} is of the type {plain.dtype}, expected numbers", place=place)
    return plain.astype(np.float64)


def _checked(
    values: npt.NDArray[np.float64], what: str, trust_map: Any, place: Callable[[int], str]
) -> npt.NDArray[np.float64]:
    """Map trust and refuse what is out of range."""
    given = values
    if what == "trust" and trust_map is not None:
        values = trust_map(given)
    fault = numbers_fault(values, what)
    if fault is not None:
        row, message, hint = fault
        if given is not values:
            message += f": trust_map {trust_map.text} of r = {given[row]:g}"
            hint = "change the formula, or cut what it gives to the range: clip(..., 0, 1)"
        raise DataError(message, place=place(row), hint=hint)
    return values


def _trust_words(trust: float, column: str, trust_map: Any) -> str:
    if not column:
        return f"{trust:g} for every arc"
    return column + (f", mapped by {trust_map.text}" if trust_map is not None else "")

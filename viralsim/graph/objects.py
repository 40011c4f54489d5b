"""Graphs from objects that other libraries hold: pandas, scipy, igraph and networkit.

Nothing of these libraries is imported: an object brings its own methods. networkx is in `networks`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.graph.networks import (
    assembled,
    attribute_values,
    check_direction,
    checked_numbers,
    checked_platforms,
)
from viralsim.graph.numbering import TextIds, first_appearance
from viralsim.graph.people import ID_NAMES, Placing, joined
from viralsim.graph.social_graph import SocialGraph, plural
from viralsim.graph.times import Clock, spans_of

__all__ = ["from_igraph", "from_networkit", "from_pandas", "from_scipy"]

_EXACT = 2**53
_VALUES = ("trust", "weight", "probability")


def _row(row: int) -> str:
    return f"row {row} (from 0)"


# ---------------------------------------------------------------------- pandas


def from_pandas(
    edges: Any,
    people: Any = None,
    *,
    direction: str = "mutual",
    source_column: Hashable | None = None,
    target_column: Hashable | None = None,
    trust_column: Hashable | None = None,
    weight_column: Hashable | None = None,
    probability_column: Hashable | None = None,
    platform_column: Hashable | None = None,
    platform_names: Mapping[str, str] | None = None,
    start_column: Hashable | None = None,
    end_column: Hashable | None = None,
    time_origin: float | None = None,
    time_step: float | None = None,
    time_lasts: float | None = None,
    trust: float = 0.5,
    merge: str = "mean",
    people_id_column: Hashable | None = None,
    name: str = "",
) -> SocialGraph:
    """Take over a pandas table of edges, with a table of people if there is one.

    Gives the graph that `read_graph` gives of the same tables in files, except that ids keep their type: a text
    column of digits is text.

    Parameters
    ----------
    edges : pandas.DataFrame
        One row, two people and maybe numbers. Its index is not read.
    people : pandas.DataFrame, optional
        One row per person: its other columns become attributes, as `join_people` does.
    direction, trust, merge, platform_names
        As in `read_graph`.
    source_column, target_column, trust_column, weight_column, probability_column, platform_column : label, optional
        As in `read_graph`, but labels of columns only, no numbers counted from 1.
    start_column, end_column : label, optional
        As in `read_graph`: columns of numbers.
    time_origin, time_step, time_lasts : float, optional
        As in `read_graph`.
    people_id_column : label, optional
        Column of ids of the people. By default one named like an id ("id", "user_id", ...), else the index where
        it is no plain count, else the first column.
    name : str
        What to call the graph in messages.

    Returns
    -------
    SocialGraph
        People in order of first appearance in the rows, source before target.

    Raises
    ------
    DataError
        No such column; ids or numbers that are missing or of a wrong type: says which row.

    Examples
    --------
    >>> import pytest
    >>> pandas = pytest.importorskip("pandas")
    >>> edges = pandas.DataFrame({"source": ["ann", "bob"], "target": ["bob", "cem"], "strength": [0.9, 0.1]})
    >>> people = pandas.DataFrame({"id": ["ann", "bob", "cem"], "age": [31, 40, 25]})
    >>> graph = from_pandas(edges, people, direction="influences", trust_column="strength")
    >>> graph.ids.tolist(), graph.arcs.trust.tolist(), graph.attribute("age").tolist()
    (['ann', 'bob', 'cem'], [0.9, 0.1], [31, 40, 25])
    """
    place = name or "pandas table"
    check_direction(direction, ("mutual", "follows", "influences"))
    _check_frame(edges, "edges", place)
    if platform_names and platform_column is None:
        raise UsageError("platform_names needs a platform_column, whose values it names")
    wanted = {
        "source": source_column,
        "target": target_column,
        "trust": trust_column,
        "weight": weight_column,
        "probability": probability_column,
        "platform": platform_column,
        "start": start_column,
        "end": end_column,
    }
    clock = Clock(time_origin, time_step, time_lasts)
    chosen = _chosen_labels(list(edges.columns), wanted, place)
    if len(edges) == 0:
        raise DataError("there are no rows", place=place, hint="expected one row per arc: two people and maybe numbers")
    pairs, ids = _numbered_ids(edges[chosen["source"]], edges[chosen["target"]], place)
    numbers = {
        what: checked_numbers(_numpy(edges[chosen[what]]), what, place, _row) for what in _VALUES if what in chosen
    }
    times: dict[str, npt.NDArray[np.float64]] = {
        what: _times(edges[chosen[what]], what, place) for what in ("start", "end") if what in chosen
    }
    _, late = spans_of(times.get("start"), times.get("end"), len(edges), clock)
    if late is not None:
        raise DataError(f"{_row(late[0])}: {late[1]}", place=place, hint=late[2])
    platform = None
    if "platform" in chosen:
        codes, values = _factorized(edges[chosen["platform"]], "platform", "its name", place)
        if (codes < 0).any():
            raise DataError(
                f"{_row(int(np.argmax(codes < 0)))}: the platform is missing, expected its name", place=place
            )
        order, found = checked_platforms(
            np.asarray(values, dtype=object).tolist(),
            {str(key): str(value) for key, value in (platform_names or {}).items()},
            place,
            lambda code: _row(int(np.argmax(codes == code))),
        )
        platform = (order[codes], found)
    graph = assembled(
        np.ascontiguousarray(pairs[:, 0], dtype=np.int64),
        np.ascontiguousarray(pairs[:, 1], dtype=np.int64),
        ids=ids,
        numbers=numbers,
        platform=platform,
        times=times,
        clock=clock,
        place=place,
        kind="pandas",
        trust=str(trust_column) if "trust" in chosen else trust,
        directed=direction != "mutual",
        direction=direction,
        merge=merge,
        unread=[str(label) for label in edges.columns if label not in chosen.values()],
    )
    if people is None:
        return graph
    return _with_people(graph, people, people_id_column, f"{place}: people")


def _check_frame(frame: Any, what: str, place: str) -> None:
    if not (hasattr(frame, "columns") and hasattr(frame, "iloc") and hasattr(frame, "index")):
        raise DataError(f"{what} must be a pandas DataFrame, not {type(frame).__name__}", place=place)


def _label(labels: Sequence[Hashable], label: Hashable, what: str, place: str) -> Hashable:
    if labels.count(label) == 1:
        return label
    if label in labels:
        raise DataError(f"several columns are called {label!r}", place=place, hint="rename all but one")
    raise DataError(
        f"there is no column {label!r} for {what}_column; the columns are {', '.join(map(repr, labels))}",
        place=place,
        hint=did_you_mean(str(label), map(str, labels)),
    )


def _chosen_labels(labels: list[Hashable], wanted: Mapping[str, Hashable | None], place: str) -> dict[str, Hashable]:
    from viralsim.graph.delimited import USUAL_PAIRS

    chosen = {what: _label(labels, label, what, place) for what, label in wanted.items() if label is not None}
    lower = [str(label).lower() for label in labels]
    usual = next((pair for pair in USUAL_PAIRS if all(lower.count(name) == 1 for name in pair)), None)
    free = [label for label in labels if "platform" not in chosen or label != chosen["platform"]]
    ends = [what for what in ("source", "target") if what not in chosen]
    if len(ends) == 2 and usual is not None:
        chosen |= {what: labels[lower.index(usual[end])] for end, what in enumerate(ends)}
    elif ends and len(free) < 2:
        raise DataError(f"expected two columns of people, found {len(free)}", place=place)
    else:
        chosen |= {what: _label(labels, free[what == "target"], what, place) for what in ends}
    repeated = [label for label in chosen.values() if list(chosen.values()).count(label) > 1]
    if repeated:
        both = " and ".join(what for what, label in chosen.items() if label == repeated[0])
        raise DataError(f"{both} are the same column, {repeated[0]!r}", place=place, hint="name another column for one")
    return chosen


def _numpy(series: Any) -> Any:
    """Return a column as an array; numbers with missing ones as float64 with NaN."""
    array = series.to_numpy()
    if array.dtype.kind == "O" and str(series.dtype).lower().startswith(("int", "uint", "float")):
        array = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return array


def _times(series: Any, what: str, place: str) -> npt.NDArray[np.float64]:
    times = _numpy(series)
    if times.dtype.kind not in "iuf":
        raise DataError(
            f"{what} is of the type {series.dtype}, expected numbers",
            place=place,
            hint="of dates make numbers, e.g. series.astype('int64') // 10**9 for seconds",
        )
    return np.asarray(times, dtype=np.float64)


def _numbered_ids(sources: Any, targets: Any, place: str) -> tuple[npt.NDArray[Any], Any]:
    """Return rows of positions by first appearance, and the ids in that order."""
    ends = [_id_codes(series, what, place) for what, series in (("source", sources), ("target", targets))]
    if all(isinstance(values, np.ndarray) for _, values in ends):
        flat = np.stack([values[codes] for codes, values in ends], axis=1).ravel()
        found, distinct = first_appearance(flat)
        return found.reshape(-1, 2), distinct
    seen: dict[Any, int] = {}
    columns = []
    for codes, values in ends:
        listed = values.tolist() if isinstance(values, np.ndarray) else values
        columns.append(np.array([seen.setdefault(value, len(seen)) for value in listed], dtype=np.int64)[codes])
    found, distinct = first_appearance(np.stack(columns, axis=1).ravel())
    names = list(seen)
    return found.reshape(-1, 2), [names[code] for code in distinct.tolist()]


def _factorized(series: Any, what: str, expected: str, place: str) -> tuple[npt.NDArray[np.int64], Any]:
    """Return for each row the number of its value (missing: -1), and the values."""
    try:
        codes, values = series.factorize(use_na_sentinel=True)
    except TypeError:  # lists and tables cannot be looked up
        row, value = next((row, one) for row, one in enumerate(series.tolist()) if not isinstance(one, Hashable))
        raise DataError(
            f"{_row(row)}: the {what} is {value!r} ({type(value).__name__}), expected {expected}", place=place
        ) from None
    return codes, values


def _id_codes(series: Any, what: str, place: str) -> tuple[npt.NDArray[np.int64], Any]:
    """Return for each row the number of its id, and the ids: int64, or a list of integers and text."""
    array = series.to_numpy() if series.dtype.kind in "iuf" and isinstance(series.dtype, np.dtype) else None
    if array is not None and array.dtype.kind in "iu" and array.max(initial=0) < 2**63:
        return np.arange(len(array)), array.astype(np.int64, copy=False)
    codes, uniques = _factorized(series, what, "an integer or text as id", place)
    if (codes < 0).any():
        raise DataError(
            f"{_row(int(np.argmax(codes < 0)))}: the {what} is missing, expected an id",
            place=place,
            hint="drop rows without both ids: edges.dropna(subset=...)",
        )
    values = np.asarray(uniques, dtype=object).tolist()
    whole = array is not None and array.dtype.kind == "f"
    for code, value in enumerate(values):
        if isinstance(value, str) and value:
            continue
        if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
            continue
        if whole and float(value).is_integer() and abs(value) <= _EXACT:
            continue  # integers became floats, as pandas does where one was missing
        found = "empty" if value == "" else f"{value!r} ({type(value).__name__})"
        raise DataError(
            f"{_row(int(np.argmax(codes == code)))}: the {what} is {found}, expected an integer or text as id",
            place=place,
        )
    if whole:
        return codes.astype(np.int64), np.array([int(value) for value in values], dtype=np.int64)
    return codes.astype(np.int64), values


def _with_people(graph: SocialGraph, people: Any, id_column: Hashable | None, place: str) -> SocialGraph:
    _check_frame(people, "people", place)
    labels = list(people.columns)
    lower = [str(label).lower() for label in labels]
    index = people.index
    counts = type(index).__name__ == "RangeIndex" and index.name is None
    if id_column is None:
        usual = next((labels[lower.index(name)] for name in ID_NAMES if lower.count(name) == 1), None)
        id_column = usual if usual is not None else labels[0] if counts and labels else None
    elif id_column not in labels and id_column == index.name:
        id_column = None
    elif id_column not in labels:
        _label(labels, id_column, "people_id", place)
    ids = index.to_series() if id_column is None else people[_label(labels, id_column, "people_id", place)]
    if len(ids) == 0:
        raise DataError("there are no rows of people", place=place)
    codes, values = _id_codes(ids, "id", place)
    words = [str(value) for value in (values if isinstance(values, list) else values.tolist())]
    named = [words[code] for code in codes.tolist()]
    first: dict[str, int] = {}
    for row, word in enumerate(named):
        if first.setdefault(word, row) != row:
            raise DataError(
                f"{_row(row)}: the id {word!r} is there twice, first in row {first[word]}",
                place=place,
                hint="a person has one row; if another column holds the ids, name it as people_id_column",
            )
    columns = {}
    for label in labels:
        if label != id_column:
            columns[str(label)] = _placing(people[_label(labels, label, "people", place)])
    words_of = TextIds()
    words_of.add_words(np.array(named, dtype=object))
    holds = {str(label): _words_of(people[label]) for label in labels if label != id_column}
    called = "the index" if id_column is None else str(id_column)
    return joined(graph, place, ids=words_of, id_name=called, columns=columns, holds=holds)


def _words_of(series: Any) -> Callable[[], TextIds]:
    def words() -> TextIds:
        different = TextIds()
        different.add_words(np.array(list(dict.fromkeys(map(str, series.tolist()))), dtype=object))
        return different

    return words


def _placing(series: Any) -> Placing:
    values = _numpy(series)
    missing = series.isna().to_numpy(dtype=bool)
    if values.dtype.kind not in "iufb":
        listed = [None if none else value for none, value in zip(missing.tolist(), values.tolist(), strict=True)]
        values = attribute_values(listed)

    def place(rows: npt.NDArray[np.int64], people: int) -> npt.NDArray[Any]:
        if len(rows) == people:
            out = np.empty(people, dtype=values.dtype)
        elif values.dtype.kind == "f" or (values.dtype.kind in "iu" and int(np.abs(values).max(initial=0)) <= _EXACT):
            out = np.full(people, np.nan)
        else:
            out = np.full(people, "", dtype=object)
        if out.dtype.kind == "O" and values.dtype.kind != "O":
            out[rows] = values.astype(str).astype(object)
        else:
            out[rows] = values
        return out

    return place


# ---------------------------------------------------------------------- scipy


def from_scipy(
    matrix: Any,
    *,
    ids: Sequence[Any] | npt.NDArray[Any] | None = None,
    values: str | None = None,
    trust: float = 0.5,
    direction: str = "influences",
    merge: str = "mean",
    name: str = "",
) -> SocialGraph:
    """Take over a sparse adjacency matrix of scipy: row u, column v is an arc between u and v.

    Parameters
    ----------
    matrix : scipy.sparse array or matrix, shape (people, people)
        Every entry that is stored is an arc, zeros too (`matrix.eliminate_zeros()` takes them out).
    ids : sequence of int or str, optional
        What the people are called; by default their row numbers.
    values : {"trust", "weight", "probability"}, optional
        What the entries are. By default they are not read.
    trust : float
        Tie trust of every arc where the entries are no trust.
    direction : {"influences", "follows", "mutual"}
        What the entry (u, v) means: v sees what u shares; u sees what v shares; or both. With "mutual" a matrix
        that equals its transpose lists each edge once, not twice.
    merge : {"mean", "max", "sum", "last"}
        As in `from_arcs`, for entries that are stored twice.
    name : str
        What to call the graph in messages.

    Returns
    -------
    SocialGraph

    Raises
    ------
    DataError
        Not a square matrix, or entries that cannot be.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> graph = from_scipy(csr_array([[0, 0.9], [0, 0]]), ids=["ann", "bob"], values="trust")
    >>> graph, graph.arcs.trust.tolist()
    (SocialGraph(2 people, 1 arc, directed, from sparse matrix), [0.9])
    """
    place = name or "sparse matrix"
    check_direction(direction, ("influences", "follows", "mutual"))
    if values is not None and values not in _VALUES:
        raise UsageError(
            f"unknown values {values!r}; choose from {', '.join(_VALUES)}", hint=did_you_mean(str(values), _VALUES)
        )
    if not hasattr(matrix, "tocoo"):
        raise DataError(
            f"expected a sparse matrix of scipy, not {type(matrix).__name__}",
            place=place,
            hint="scipy.sparse.coo_array(matrix) makes one of an array",
        )
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise DataError(
            f"the matrix has the shape {tuple(matrix.shape)}, expected as many rows as columns", place=place
        )
    if matrix.shape[0] >= 2**31:
        raise DataError(f"{matrix.shape[0]:,} people are more than viralsim can hold ({2**31 - 1:,})", place=place)
    entries = matrix.tocoo()
    left, right = entries.row.astype(np.int64), entries.col.astype(np.int64)
    data = entries.data
    if values is not None and data.dtype.kind not in "iufb":
        raise DataError(f"the entries are of the type {data.dtype}, expected numbers", place=place)
    notes = []
    zeros = int(np.count_nonzero(data == 0))
    if zeros:
        notes.append(
            f"{plural(zeros, 'entry that is stored is', 'entries that are stored are')} 0, and arcs like others"
        )
    if direction == "mutual" and _symmetric(matrix, values is not None):
        upper = left <= right
        left, right, data = left[upper], right[upper], data[upper]
        notes.append("the matrix equals its transpose: an edge is counted once")
    numbers = {}
    if values is not None:
        numbers[values] = checked_numbers(
            data.astype(np.float64), values, place, lambda row: f"entry ({left[row]}, {right[row]})"
        )
    return assembled(
        left,
        right,
        ids=np.arange(matrix.shape[0]) if ids is None else _checked_count(ids, matrix.shape[0], place),
        numbers=numbers,
        place=place,
        kind="scipy",
        trust="value of the entry" if values == "trust" else trust,
        directed=direction != "mutual",
        direction=direction,
        merge=merge,
        notes=notes,
        unread=() if values else ("values",),
    )


def _symmetric(matrix: Any, values: bool) -> bool:
    """Tell whether a matrix equals its transpose: in its values, or in where they are."""
    one = matrix.tocsr(copy=True)
    if not values:
        one.data = np.ones(len(one.data), np.int64)
    other = one.T.tocsr()
    for part in (one, other):
        part.sum_duplicates()
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in ("indptr", "indices", "data"))


def _checked_count(ids: Any, people: int, place: str) -> Any:
    if np.ndim(np.asarray(ids, dtype=object)) != 1:
        raise DataError("ids must be one list, an id for each row of the matrix", place=place)
    if len(ids) != people:
        raise DataError(f"{len(ids):,} ids were given for {people:,} people", place=place)
    return ids


# ---------------------------------------------------------------------- igraph


def from_igraph(
    graph: Any,
    *,
    trust: float | str = 0.5,
    weight: str | None = None,
    probability: str | None = None,
    platform: str | None = None,
    direction: str = "influences",
    merge: str = "mean",
    name: str = "",
) -> SocialGraph:
    """Take over a graph of igraph.

    Parameters
    ----------
    graph : igraph.Graph
        People in vertex order, called by the vertex attribute "name" where there is one, else by their numbers;
        other vertex attributes become attributes.
    trust, weight, probability, platform, direction, merge, name
        As in `from_networkx`.

    Returns
    -------
    SocialGraph

    Raises
    ------
    DataError
        No vertices; names that are missing or repeat; edges without the attribute asked for, or with one that
        cannot be.

    Examples
    --------
    >>> import pytest
    >>> igraph = pytest.importorskip("igraph")
    >>> graph = from_igraph(igraph.Graph.TupleList([("ann", "bob"), ("cem", "bob")], directed=True))
    >>> graph.ids.tolist(), graph.arcs.out_degree.tolist()
    (['ann', 'bob', 'cem'], [1, 0, 1])
    """
    parts = ("vcount", "get_edgelist", "is_directed", "vs", "es")
    place = name or "igraph graph"
    if not all(hasattr(graph, part) for part in parts):
        raise DataError(f"expected a graph of igraph, not {type(graph).__name__}", place=place)
    check_direction(direction)
    people = int(graph.vcount())
    _check_people(people, place)
    pairs = np.array(graph.get_edgelist(), dtype=np.int64).reshape(-1, 2)
    known = list(graph.es.attributes())
    columns = {}
    for what, key in (("trust", trust), ("weight", weight), ("probability", probability), ("platform", platform)):
        if isinstance(key, str):
            if key not in known:
                raise DataError(
                    f"edges have no attribute {key!r}, which is to be their {what}",
                    place=place,
                    hint=did_you_mean(key, known) or f"attributes of edges: {', '.join(known) or 'none'}",
                )
            columns[what] = graph.es[key]

    def edge(row: int) -> str:
        return f"edge {row} (vertices {pairs[row, 0]} and {pairs[row, 1]})"

    vertices = {attribute: graph.vs[attribute] for attribute in graph.vs.attributes()}
    return assembled(
        pairs[:, 0],
        pairs[:, 1],
        ids=vertices.pop("name", None) or np.arange(people),
        numbers={what: checked_numbers(columns[what], what, place, edge) for what in _VALUES if what in columns},
        platform=checked_platforms(columns["platform"], {}, place, edge) if "platform" in columns else None,
        place=place,
        kind="igraph",
        trust=trust,
        directed=bool(graph.is_directed()),
        direction=direction,
        merge=merge,
        attributes={str(attribute): attribute_values(values) for attribute, values in vertices.items()},
        unread=[key for key in known if key not in (trust, weight, probability, platform)],
    )


def _check_people(people: int, place: str) -> None:
    if people == 0:
        raise DataError("there are no people", place=place, hint="the graph has no vertices")


# ---------------------------------------------------------------------- networkit


def from_networkit(
    graph: Any,
    *,
    trust: float | str = 0.5,
    weight: str | None = None,
    probability: str | None = None,
    direction: str = "influences",
    merge: str = "mean",
    attributes: Mapping[str, type] | None = None,
    name: str = "",
) -> SocialGraph:
    """Take over a graph of networkit.

    Parameters
    ----------
    graph : networkit.Graph
        People in node order, called by their numbers.
    trust, weight, probability : "weight", optional
        What the weights of edges are: the only number of theirs that is read. As in `from_networkx`, trust may be
        a number for every arc.
    direction, merge, name
        As in `from_networkx`.
    attributes : mapping of str to type, optional
        Node attributes that become attributes, with the types that networkit asks for (int, float, str): it tells
        no names of its own.

    Returns
    -------
    SocialGraph

    Raises
    ------
    DataError
        No nodes; weights that are not there or cannot be; attributes that are not there.

    Examples
    --------
    >>> import pytest
    >>> networkit = pytest.importorskip("networkit")
    >>> graph = networkit.Graph(3, directed=True)
    >>> _ = graph.addEdge(0, 1), graph.addEdge(2, 1)
    >>> from_networkit(graph).arcs.out_degree.tolist()
    [1, 0, 1]
    """
    parts = ("numberOfNodes", "iterEdges", "iterNodes", "isDirected", "isWeighted")
    place = name or "networkit graph"
    if not all(hasattr(graph, part) for part in parts):
        raise DataError(f"expected a graph of networkit, not {type(graph).__name__}", place=place)
    check_direction(direction)
    people = int(graph.numberOfNodes())
    _check_people(people, place)
    wanted = {
        what: key
        for what, key in (("trust", trust), ("weight", weight), ("probability", probability))
        if isinstance(key, str)
    }
    for what, key in wanted.items():
        if key != "weight" or not graph.isWeighted():
            raise DataError(
                f"edges have no attribute {key!r}, which is to be their {what}",
                place=place,
                hint='edges of networkit have a weight alone: "weight"'
                if graph.isWeighted()
                else "this graph is not weighted: networkit.Graph(..., weighted=True)",
            )
    edges = int(graph.numberOfEdges())
    if wanted:
        kind = np.dtype([("left", np.int64), ("right", np.int64), ("weight", np.float64)])
    else:
        kind = np.dtype([("left", np.int64), ("right", np.int64)])
    rows = np.fromiter(graph.iterEdgesWeights() if wanted else graph.iterEdges(), dtype=kind, count=edges)
    ids = np.fromiter(graph.iterNodes(), dtype=np.int64, count=people)
    position = np.zeros(int(ids.max()) + 1, dtype=np.int64)  # nodes that were removed leave gaps
    position[ids] = np.arange(people)
    numbers = {
        what: checked_numbers(
            rows["weight"], what, place, lambda row: f"edge {rows['left'][row]}, {rows['right'][row]}"
        )
        for what in wanted
    }
    return assembled(
        position[rows["left"]],
        position[rows["right"]],
        ids=ids,
        numbers=numbers,
        place=place,
        kind="networkit",
        trust=trust,
        directed=bool(graph.isDirected()),
        direction=direction,
        merge=merge,
        attributes={
            attribute: _node_attribute(graph, attribute, kind, position, people, place)
            for attribute, kind in (attributes or {}).items()
        },
        unread=("weight",) if graph.isWeighted() and not wanted else (),
    )


def _node_attribute(
    graph: Any, name: str, kind: type, position: npt.NDArray[np.int64], people: int, place: str
) -> npt.NDArray[Any]:
    values: list[Any] = [None] * people
    try:
        for node, value in graph.getNodeAttribute(name, kind):
            values[position[node]] = value
    except Exception as error:  # networkit says what is wrong in whatever type its C++ throws
        raise DataError(
            f"nodes have no attribute {name!r} of the type {getattr(kind, '__name__', kind)}: {error}", place=place
        ) from None
    return attribute_values(values)

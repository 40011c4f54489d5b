"""Graphs from networkx: objects that users hold, and the real graphs that networkx brings along."""

from __future__ import annotations

import inspect
import math
import re
import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.graph.social_graph import ImportReport, SocialGraph, from_arcs, numbers_fault, plural, some_names
from viralsim.graph.times import ALWAYS, FOREVER, Clock, spans_of
from viralsim.luck import Purpose, stream_key

__all__ = ["BUILTIN", "builtin_graph", "from_networkx", "networkx_graph", "to_networkx"]

_MOST_VALUES = 10_000_000
_CANONICAL = re.compile(r"0|-?[1-9]\d{0,18}", re.ASCII)

BUILTIN = {
    "karate-club": "karate_club_graph",
    "les-miserables": "les_miserables_graph",
    "florentine-families": "florentine_families_graph",
    "davis-southern-women": "davis_southern_women_graph",
}
"""Generator name -> function of networkx."""


def from_networkx(
    graph: Any,
    *,
    trust: float | str = 0.5,
    weight: str | None = None,
    probability: str | None = None,
    platform: str | None = None,
    start: str | None = None,
    end: str | None = None,
    direction: str = "influences",
    merge: str = "mean",
    name: str = "",
) -> SocialGraph:
    """Take over a networkx graph.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        People in node order; node attributes become attributes. Undirected graphs become mutual ones.
        Parallel edges are merged with their multiplicity, self-loops dropped and counted.
    trust : float or str
        Tie trust of every arc, or the name of the edge attribute that holds it.
    weight, probability : str, optional
        Names of the edge attributes that hold weights and chances of persuasion. Nothing else is read: a
        `weight` attribute that is not named has no effect.
    platform : str, optional
        Name of the edge attribute that says which platform an edge is of: one layer of arcs for each.
    start, end : str, optional
        Names of the edge attributes that hold the first tick in which an edge is there, and the first in which it is
        no more. An edge without one has no such bound.
    direction : {"influences", "follows"}
        What an edge u -> v of a directed graph means: v sees what u shares, or u sees what v shares.
    merge : {"mean", "max", "sum", "last"}
        As in `from_arcs`.
    name : str
        What to call the graph in messages; its own name by default.

    Returns
    -------
    SocialGraph
        Ids are int64 where all nodes are integers, otherwise text.

    Raises
    ------
    DataError
        No nodes; edges without the attribute asked for, or with one that cannot be.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = from_networkx(nx.DiGraph([("ann", "bob"), ("cem", "bob")]))
    >>> graph.ids.tolist(), graph.arcs.out_degree.tolist()
    (['ann', 'bob', 'cem'], [1, 0, 1])
    """
    place = name or str(getattr(graph, "name", "")) or "networkx graph"
    if not (hasattr(graph, "is_directed") and hasattr(graph, "nodes") and hasattr(graph, "edges")):
        raise DataError(f"expected a networkx graph, not {type(graph).__name__}", place=place)
    check_direction(direction)
    return take_over(
        graph,
        place=place,
        kind="networkx",
        trust=trust,
        weight=weight,
        probability=probability,
        platform=platform,
        start=start,
        end=end,
        direction=direction,
        merge=merge,
    )


def check_direction(direction: str, known: Sequence[str] = ("influences", "follows")) -> None:
    """Raise where a direction is none of those that a kind of graph has.

    Examples
    --------
    >>> check_direction("follows")
    """
    if direction not in known:
        raise UsageError(
            f"unknown direction {direction!r}; choose from {', '.join(known)}",
            hint=did_you_mean(str(direction), known) or "undirected graphs become mutual by themselves",
        )


def to_networkx(graph: SocialGraph) -> Any:
    """Return a graph as a networkx object, for what viralsim does not measure; `from_networkx` takes it back.

    Parameters
    ----------
    graph : SocialGraph

    Returns
    -------
    networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        Undirected where the graph is mutual; an edge u -> v of a directed one means that v sees what u shares.
        Nodes are ids in order, with their attributes; edges have trust, multiplicity and, where the graph has
        them, weight and probability. Several platforms give a multigraph, whose edges have a platform, which
        `from_networkx(..., platform="platform")` makes layers of again; so do arcs that come and go, whose edges have a
        start and, unless they stay, an end.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> made = to_networkx(from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"], trust=[0.25, 0.5]))
    >>> list(made.edges(data="trust"))
    [('ann', 'bob', 0.25), ('bob', 'cem', 0.5)]
    """
    import networkx

    several = graph.layered
    parallel = several or graph.timed
    kind = (
        (networkx.MultiGraph if parallel else networkx.Graph)
        if graph.mutual
        else (networkx.MultiDiGraph if parallel else networkx.DiGraph)
    )
    made = kind()
    ids = graph.ids.tolist()
    columns = {name: values.tolist() for name, values in graph.attributes.items()}
    made.add_nodes_from(
        (person, {name: values[position] for name, values in columns.items()}) for position, person in enumerate(ids)
    )
    for layer, arcs in graph.layers.items():
        chosen = np.flatnonzero(arcs.sharers < arcs.followers) if graph.mutual else np.arange(len(arcs))
        numbers = {
            what: values[chosen].tolist()
            for what in ("trust", "multiplicity", "weight", "probability", "start", "end")
            if (values := getattr(arcs, what)) is not None
        }
        if several:
            numbers["platform"] = [layer] * len(chosen)
        made.add_edges_from(
            (
                ids[u],
                ids[v],
                {
                    what: value
                    for what, value in zip(numbers, values, strict=True)
                    if not (what == "end" and value == FOREVER)
                },
            )
            for u, v, *values in zip(
                arcs.sharers[chosen].tolist(), arcs.followers[chosen].tolist(), *numbers.values(), strict=True
            )
        )
    return made


def take_over(
    graph: Any,
    *,
    place: str,
    kind: str,
    trust: float | str,
    weight: str | None,
    probability: str | None,
    platform: str | None = None,
    platform_names: Mapping[str, str] | None = None,
    start: str | None = None,
    end: str | None = None,
    clock: Clock = ALWAYS,
    direction: str,
    merge: str,
    trust_map: Any = None,
    notes: Iterable[str] = (),
    compression: str = "",
) -> SocialGraph:
    """Take over a networkx graph as `from_networkx` does, or one that was read from a file.

    Further parameters are the kind, notes and compression for the report; how times become ticks; direction
    "mutual", which takes directed edges both ways; and a map from what the trust attribute holds to trust. Of a
    file, ids that are all integers written the usual way become integers.

    Examples
    --------
    >>> import networkx as nx
    >>> options = {"trust": 0.5, "weight": None, "probability": None, "direction": "mutual", "merge": "mean"}
    >>> take_over(nx.DiGraph([("7", "8")]), place="a.gml", kind="file", **options).ids.tolist()
    [7, 8]
    """
    nodes = list(graph.nodes)
    if not nodes:
        raise DataError("there are no people", place=place, hint="the graph has no nodes")
    position = {node: i for i, node in enumerate(nodes)}
    directed = bool(graph.is_directed())
    edges = list(graph.edges(data=True))
    left = np.fromiter((position[u] for u, _, _ in edges), dtype=np.int64, count=len(edges))
    right = np.fromiter((position[v] for _, v, _ in edges), dtype=np.int64, count=len(edges))
    numbers = {
        what: _edge_numbers(edges, key, what, place, trust_map if what == "trust" else None)
        for what, key in (("trust", trust), ("weight", weight), ("probability", probability))
        if isinstance(key, str)
    }
    times = {
        what: _edge_times(edges, key, what, place) for what, key in (("start", start), ("end", end)) if key is not None
    }
    _, late = spans_of(times.get("start"), times.get("end"), len(edges), clock)
    if late is not None:
        u, v, _ = edges[late[0]]
        raise DataError(f"edge {u!r}, {v!r}: {late[1]}", place=place, hint=late[2])
    names = nodes
    if kind == "file" and not all(isinstance(node, int) for node in nodes):
        names = list(whole_ids([str(node) for node in nodes]))
    return assembled(
        left,
        right,
        ids=names,
        numbers=numbers,
        platform=None if platform is None else _edge_platforms(edges, platform, platform_names or {}, place),
        place=place,
        kind=kind,
        trust=trust,
        trust_map=trust_map,
        directed=directed,
        direction=direction,
        merge=merge,
        times=times,
        clock=clock,
        attributes=_node_attributes(graph, nodes, kind, place),
        notes=[*notes, *_platform_note(edges, platform, kind)],
        unread=_unread(edges, (trust, weight, probability, platform, start, end)),
        compression=compression,
    )


def assembled(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    *,
    ids: Sequence[Any] | npt.NDArray[Any],
    numbers: Mapping[str, npt.NDArray[np.float64]],
    place: str,
    kind: str,
    trust: float | str,
    directed: bool,
    direction: str,
    merge: str,
    platform: tuple[npt.NDArray[np.int64], list[str]] | None = None,
    times: Mapping[str, npt.NDArray[np.float64]] | None = None,
    clock: Clock = ALWAYS,
    attributes: Mapping[str, Any] | None = None,
    trust_map: Any = None,
    notes: Iterable[str] = (),
    unread: Iterable[str] = (),
    compression: str = "",
) -> SocialGraph:
    """Make a graph of edges between positions, as every object that holds a graph is taken over.

    Parameters
    ----------
    left, right : ndarray of int64, shape (edges,)
        Positions.
    ids : sequence
        What the object calls the people.
    numbers : mapping of str to ndarray of float64, shape (edges,)
        "trust", "weight", "probability", where edges have them; checked.
    place, kind : str
        For messages and the report.
    trust : float or str
        Of every arc, or what the edges call it.
    directed : bool
        Undirected edges are mutual whatever the direction.
    direction, merge : str
        As in `read_graph`.
    platform : tuple of ndarray and list of str, optional
        As `named_platforms` returns it.
    times : mapping of str to ndarray of float64, shape (edges,), optional
        "start", "end", where edges have them; checked.
    clock : Clock
        How they become ticks.
    attributes, trust_map, notes, unread, compression
        For the people, and for the report.

    Examples
    --------
    >>> options = {"numbers": {}, "place": "pairs", "kind": "arrays", "trust": 0.5, "merge": "mean"}
    >>> assembled(np.array([0]), np.array([1]), ids=["ann", "bob"], directed=True, direction="follows", **options)
    SocialGraph(2 people, 1 arc, directed, from pairs)
    """
    if directed and direction == "follows":
        left, right = right, left
    mutual = not directed or direction == "mutual"
    called = object_ids(ids, place)
    report = ImportReport(
        source=place,
        kind=kind,
        ids="text" if called.dtype.kind == "O" else "integer",
        direction="mutual" if mutual else direction,
        trust=f"edge attribute '{trust}'" + (f", mapped by {trust_map.text}" if trust_map is not None else "")
        if isinstance(trust, str)
        else f"{trust:g} for every arc",
        compression=compression,
        notes=(*notes, *direction_note(direction, directed=directed)),
        unread=tuple(unread),
    )
    codes, names = platform or (None, None)
    return from_arcs(
        left,
        right,
        people=len(called),
        ids=called,
        trust=numbers["trust"] if isinstance(trust, str) else trust,
        weight=numbers.get("weight"),
        probability=numbers.get("probability"),
        merge=merge,
        mutual=mutual,
        platform=codes,
        platform_names=names,
        **(times or {}),
        clock=clock,
        attributes=attributes,
        report=report,
    )


def object_ids(ids: Sequence[Any] | npt.NDArray[Any], place: str) -> npt.NDArray[Any]:
    """Return ids as int64 where all are integers, otherwise as text; refuse missing ones and repetitions.

    Examples
    --------
    >>> object_ids([3, 1], "list").tolist(), object_ids([3, "a"], "list").tolist()
    ([3, 1], ['3', 'a'])
    """
    if isinstance(ids, np.ndarray) and ids.dtype.kind in "iu" and ids.max(initial=0) < 2**63:
        called = ids.astype(np.int64, copy=False)
        if len(np.unique(called)) == len(called):
            return called
    values = list(ids)
    for row, value in enumerate(values):
        if value is None or value == "" or value != value:  # noqa: PLR0124 - NaN differs from itself
            raise DataError(f"id {row} (from 0) is missing: {value!r}", place=place, hint="every person needs an id")
    if all(
        isinstance(value, (int, np.integer)) and not isinstance(value, bool) and -(2**63) <= value < 2**63
        for value in values
    ):
        called = np.array([int(value) for value in values], dtype=np.int64)
    else:
        called = np.array([str(value) for value in values], dtype=object)
    seen: dict[Any, int] = {}
    for row, value in enumerate(called.tolist()):
        first = seen.setdefault(value, row)
        if first != row:
            same = "are the same" if values[first] == values[row] else "have the same text"
            raise DataError(
                f"ids {first} and {row} (from 0) {same}: {values[first]!r} and {values[row]!r}",
                place=place,
                hint="relabel one: every person needs an id of their own",
            )
    return called


def builtin_graph(name: str, *, trust: float = 0.5) -> SocialGraph:
    """Return one of the real graphs that come with networkx, unweighted.

    Examples
    --------
    >>> builtin_graph("karate-club")
    SocialGraph(34 people, 156 arcs, mutual, from karate-club)
    """
    import networkx

    return from_networkx(getattr(networkx, BUILTIN[name])(), trust=trust, name=name)


def networkx_graph(
    function: str, /, *, random_seed: int = 1, trust: float = 0.5, **numbers: float | bool
) -> SocialGraph:
    """Return what a function of networkx.generators makes of plain numbers.

    Parameters
    ----------
    function : str
        Any function of networkx.generators that returns one graph. An edge u -> v of a directed graph means
        that v sees what u shares.
    random_seed : int
        A function that takes a `seed` gets one of 32 bits made from this.
    trust : float
        Tie trust of every arc, in [0, 1].
    **numbers
        Its parameters.

    Raises
    ------
    UsageError
        No such function or parameter, or none that makes a graph of these numbers.

    Notes
    -----
    The same random_seed gives the same graph as far as networkx, and the generators of Python and numpy that
    it draws from, promise that: with the same versions, on any machine. viralsim's own generators promise more.
    Attributes of nodes are kept where they are numbers, text or truths. networkx makes some hundred thousand
    ties a second.

    Examples
    --------
    >>> networkx_graph("gnm_random_graph", n=100, m=300)
    SocialGraph(100 people, 600 arcs, mutual, from networkx(function=gnm_random_graph, n=100, m=300, random_seed=1))
    """
    import networkx

    known = [
        name
        for name in dir(networkx)
        if str(getattr(getattr(networkx, name), "__module__", "")).startswith("networkx.generators.")
    ]
    if function not in known:
        near = did_you_mean(function, known) or did_you_mean(f"{function}_graph".replace("-", "_"), known)
        raise UsageError(
            f"networkx has no generator '{function}'",
            place="networkx: function",
            hint=near or "they are listed at https://networkx.org/documentation/stable/reference/generators.html",
        )
    make = getattr(networkx, function)
    declared = {
        name: parameter
        for name, parameter in inspect.signature(make).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    taken = {name: parameter for name, parameter in declared.items() if name not in _NOT_NUMBERS}
    call = f"{function}({', '.join(_declaration(parameter) for parameter in taken.values())})"
    for name in numbers:
        if name not in taken:
            hint = did_you_mean(name, taken) or f"networkx: {call}"
            raise UsageError(
                f"'{function}' has no parameter '{name}'; it has {', '.join(taken) or 'none'}",
                place=f"networkx: {name}",
                hint="it is made from network.random_seed" if name == "seed" and "seed" in declared else hint,
            )
    missing = [
        name for name, parameter in declared.items() if parameter.default is parameter.empty and name not in numbers
    ]
    if missing:
        raise UsageError(
            f"'{function}' needs {', '.join(missing)}", place="networkx: function", hint=f"networkx: {call}"
        )
    lucky = "seed" in declared
    given: dict[str, Any] = dict(numbers)
    if lucky:
        given["seed"] = int(stream_key(random_seed, Purpose.NETWORK, f"networkx {function}")) & 0xFFFFFFFF
    if "backend" in declared:
        given["backend"] = "networkx"  # whatever else is installed
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = make(**given)
    except Exception as error:  # whatever networkx raises where numbers do not fit
        said = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(
            f"'{function}' cannot be made with these parameters: {said}",
            place="networkx: function",
            hint=f"networkx: {call}",
        ) from None
    if not isinstance(made, networkx.Graph):
        raise UsageError(
            f"'{function}' makes {type(made).__name__}, not a graph",
            place="networkx: function",
            hint="choose a function that returns one graph",
        )
    left_out: dict[str, None] = {}
    for _, data in made.nodes(data=True):
        for name in [name for name, value in data.items() if not isinstance(value, (str, int, float, np.generic))]:
            left_out[str(name)] = None
            del data[name]
    written = {"function": function, **numbers, **({"random_seed": random_seed} if lucky else {})}
    graph = from_networkx(
        made,
        trust=trust,
        name=f"networkx({', '.join(f'{key}={value}' for key, value in written.items())})",
    )
    if left_out:
        note = f"attributes that are neither numbers nor text were left out: {', '.join(left_out)}"
        report = graph.report
        graph = replace(
            graph, report=replace(report, notes=(*report.notes, note), shortfalls=(*report.shortfalls, note))
        )
    return graph


_NOT_NUMBERS = ("seed", "create_using", "initial_graph", "backend", "default")
"""Parameters of networkx that viralsim gives itself or leaves alone."""


def _declaration(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return parameter.name
    return f"{parameter.name}={parameter.default!r}"


def whole_ids(words: list[str]) -> npt.NDArray[np.int64] | list[str]:
    """Return ids as int64 where all are integers of 64 bits written the usual way, otherwise as they are.

    Examples
    --------
    >>> whole_ids(["7", "-1"]), whole_ids(["7", "007"])
    (array([ 7, -1]), ['7', '007'])
    """
    if all(_CANONICAL.fullmatch(word) and -(2**63) <= int(word) < 2**63 for word in words):
        return np.array([int(word) for word in words], dtype=np.int64)
    return words


def direction_note(direction: str, *, directed: bool) -> list[str]:
    """Return what to say where the directed edges of a file are taken both ways.

    Examples
    --------
    >>> direction_note("follows", directed=True)
    []
    """
    if directed and direction == "mutual":
        return ["its edges have a direction, but are taken both ways: direction = follows or influences keeps it"]
    return []


def _edge_values(edges: list[Any], key: str, what: str, place: str) -> list[Any]:
    for u, v, data in edges:
        if key not in data:
            raise DataError(
                f"edge {u!r}, {v!r} has no attribute {key!r}, which is to be its {what}",
                place=place,
                hint=did_you_mean(key, map(str, data)) or "every edge needs one",
            )
    return [data[key] for _, _, data in edges]


def _edge_numbers(edges: list[Any], key: str, what: str, place: str, trust_map: Any = None) -> npt.NDArray[np.float64]:
    values = _edge_values(edges, key, what, place)
    return checked_numbers(values, what, place, lambda row: f"edge {edges[row][0]!r}, {edges[row][1]!r}", trust_map)


def _edge_times(edges: list[Any], key: str, what: str, place: str) -> npt.NDArray[np.float64]:
    """Return a time of each edge, NaN where it has none."""
    if not any(key in data for _, _, data in edges):
        known = {str(name): None for _, _, data in edges for name in data}
        raise DataError(
            f"edges have no attribute {key!r}, which is to be their {what}",
            place=place,
            hint=did_you_mean(key, known) or f"attributes of edges: {', '.join(known) or 'none'}",
        )
    times = np.full(len(edges), np.nan)
    for row, (u, v, data) in enumerate(edges):
        value = data.get(key)
        if value is None or value == "":
            continue
        try:
            times[row] = float(value)
        except (TypeError, ValueError):
            raise DataError(
                f"edge {u!r}, {v!r}: {what} is {value!r}, expected a tick, or nothing where there is no bound",
                place=place,
            ) from None
    return times


def _edge_platforms(
    edges: list[Any], key: str, names: Mapping[str, str], place: str
) -> tuple[npt.NDArray[np.int64], list[str]]:
    values = _edge_values(edges, key, "platform", place)
    return checked_platforms(values, names, place, lambda row: f"edge {edges[row][0]!r}, {edges[row][1]!r}")


def checked_numbers(
    values: Any, what: str, place: str, row_name: Callable[[int], str], trust_map: Any = None
) -> npt.NDArray[np.float64]:
    """Return numbers of edges as float64; what is none, missing or out of range is an error that names its row.

    Examples
    --------
    >>> checked_numbers([0.5, 1], "trust", "list", str).tolist()
    [0.5, 1.0]
    """
    expected = "a number of at least 0" if what == "weight" else "a number from 0 to 1"
    array = np.asarray(values) if getattr(values, "dtype", None) is not None else None
    if array is not None and array.dtype.kind in "iuf":
        numbers = array.astype(np.float64)
    else:
        numbers = np.empty(len(values))
        for row, value in enumerate(values):
            try:
                if isinstance(value, (complex, np.complexfloating)):
                    raise TypeError  # numpy would drop the imaginary part
                numbers[row] = float(value)
            except (TypeError, ValueError, OverflowError):
                raise DataError(f"{row_name(row)}: {what} is {value!r}, expected {expected}", place=place) from None
    given = numbers
    if trust_map is not None:
        numbers = np.asarray(trust_map(given))
    fault = numbers_fault(numbers, what)
    if fault is not None:
        of = "" if trust_map is None else f": trust_map {trust_map.text} of r = {given[fault[0]]:g}"
        raise DataError(f"{row_name(fault[0])}: {fault[1]}{of}", place=place, hint=fault[2])
    return numbers


def checked_platforms(
    values: Iterable[Any], names: Mapping[str, str], place: str, row_name: Callable[[int], str]
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return which platform each edge is of, and their names; a missing one is an error that names its row.

    Examples
    --------
    >>> codes, found = checked_platforms(["calls", "texts", "calls"], {}, "list", str)
    >>> codes.tolist(), found
    ([0, 1, 0], ['calls', 'texts'])
    """
    from viralsim.graph.formats import named_platforms

    seen: dict[Any, int] = {}
    # A list of a GML file or a table of an object cannot be looked up; its text can.
    hashed = (value if isinstance(value, Hashable) else str(value) for value in values)
    codes = np.array([seen.setdefault(value, len(seen)) for value in hashed], dtype=np.int64)
    for value, code in seen.items():
        if value is None or value == "" or value != value:  # noqa: PLR0124 - NaN differs from itself
            row = int(np.argmax(codes == code))
            raise DataError(f"{row_name(row)}: the platform is missing, expected its name", place=place)
    merged = {str(value): None for value in seen}
    order = {name: index for index, name in enumerate(merged)}
    codes = np.array([order[str(value)] for value in seen], dtype=np.int64)[codes] if seen else codes
    return named_platforms(codes, list(merged), names, place)


def _platform_note(edges: list[Any], platform: str | None, kind: str) -> list[str]:
    """Say that platforms become one, where edges have the attribute that `to_networkx` and GraphML give them."""
    if platform is not None:
        return []
    names = {str(data["platform"]): None for _, _, data in edges if "platform" in data}
    if len(names) < 2:
        return []
    parameter = "platform_column" if kind == "file" else "platform"
    return [
        f"edges have an attribute 'platform' that is not read, so {some_names(names)} become one network; "
        f'{parameter} = "platform" makes a layer of each'
    ]


def _unread(edges: list[Any], used: Iterable[Any]) -> tuple[str, ...]:
    seen = {str(key): None for _, _, data in edges for key in data}
    return tuple(key for key in seen if key not in tuple(used))


def _node_attributes(graph: Any, nodes: list[Any], kind: str, place: str) -> dict[str, npt.NDArray[Any]]:
    names = {key: None for node in nodes for key in graph.nodes[node]}
    if kind == "file" and len(names) * len(nodes) > _MOST_VALUES:
        raise DataError(
            f"{plural(len(names), 'attribute')} of {plural(len(nodes), 'node')} are more than viralsim reads "
            f"({_MOST_VALUES:,} values)",
            place=place,
            hint="most are missing: write the few that matter as a table of people",
        )
    return {str(name): attribute_values([graph.nodes[node].get(name) for node in nodes]) for name in names}


def attribute_values(values: list[Any]) -> npt.NDArray[Any]:
    """Make an array of whole numbers, numbers (missing: NaN) or text (missing: empty); None is missing.

    Examples
    --------
    >>> attribute_values([1, None]).tolist(), attribute_values(["Oslo", None]).tolist()
    ([1.0, nan], ['Oslo', ''])
    """
    present = [value for value in values if value is not None]
    if all(isinstance(value, (bool, np.bool_)) for value in present) and len(present) == len(values):
        return np.array(values, dtype=bool)
    if all(
        isinstance(value, (int, np.integer)) and not isinstance(value, bool) and abs(int(value)) < 2**63
        for value in present
    ):
        if len(present) == len(values):
            return np.array(values, dtype=np.int64)
        return np.array([math.nan if value is None else float(value) for value in values])
    if all(
        isinstance(value, (int, float, np.integer, np.floating))
        and not isinstance(value, bool)
        and (isinstance(value, (float, np.floating)) or abs(int(value)) < 2**1023)
        for value in present
    ):
        return np.array([math.nan if value is None else float(value) for value in values])
    return np.array(["" if value is None else str(value) for value in values], dtype=object)

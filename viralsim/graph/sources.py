"""A graph from whatever names one: a scenario's network, a file, or a generator written in one line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viralsim.errors import DataError, Problem, ScenarioError, UsageError, did_you_mean
from viralsim.graph.delimited import ROW_OPTIONS, read_graph
from viralsim.graph.social_graph import SocialGraph
from viralsim.graph.store import is_store, refuse_option
from viralsim.scenario.catalogue import choices
from viralsim.scenario.units import WrittenFloat, number_hint, whole_hint

if TYPE_CHECKING:
    from viralsim.scenario.schema import Network

__all__ = ["generate_spec", "load_network", "open_graph", "parse_spec"]

_TieTrust = tuple[str, Mapping[str, Any]]

_FILE_OPTIONS = (
    "direction",
    "delimiter",
    "header",
    "comment",
    "source_column",
    "target_column",
    "trust_column",
    "weight_column",
    "probability_column",
    "platform_column",
    "platform_names",
    "start_column",
    "end_column",
    "time_origin",
    "time_step",
    "time_lasts",
    "trust",
    "merge",
    "trust_map",
    "people_id_column",
    "people_header",
    "people_missing",
)


def load_network(network: Network, place: Callable[[str], str] = str) -> SocialGraph:
    """Return the graph that the [network] table of a scenario describes.

    Parameters
    ----------
    network : viralsim.scenario.schema.Network
        A checked table; its file is an absolute path.
    place : callable
        Where a path such as "network.people" is written, for messages: `Scenario.place`. By default the path.

    Raises
    ------
    DataError
        The file cannot be used.
    ScenarioError
        Generator parameters that contradict each other.
    UsageError
        It is no such table.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.generator=ring", "network.people=5"])
    >>> load_network(scenario.network)
    SocialGraph(5 people, 10 arcs, mutual, from ring(people=5, neighbours=1))
    """
    from viralsim.scenario import Network

    if not isinstance(network, Network):
        raise UsageError(
            f"a scenario's network was expected, got {type(network).__name__} {network!r:.60}",
            hint="for the network of a whole scenario: load_network(scenario.network, scenario.place)",
        )
    given = network.tie_trust
    tie_trust = None if given is None else (given.origin, given.parameters)
    seed = network.random_seed
    try:
        if network.file is not None:
            graph = _read_network(network.file, tie_trust, network)
        else:
            from viralsim.graph.generators import generate

            graph = generate(network.generator or "", random_seed=seed, trust=network.trust, **network.parameters)
            graph = _with_trust(graph, tie_trust)
        if network.attribute:
            from viralsim.graph.drawn import with_drawn_attributes

            written = {
                name: {"distribution": one.distribution, **one.parameters} for name, one in network.attribute.items()
            }
            graph = with_drawn_attributes(graph, written, random_seed=seed)
        if network.layer:
            from viralsim.graph.memberships import with_platforms

            layers = {name: {"membership": one.membership, "ties": one.ties} for name, one in network.layer.items()}
            graph = with_platforms(graph, layers, random_seed=seed)
    except UsageError as error:
        # A generator's places are "ring: neighbours", those of attributes and layers "attribute.city.values".
        parameter = error.place.partition(": ")[2] or (error.place if "." in error.place else "")
        path = f"network.{parameter}" if parameter else "network"
        at = place(path)
        message = error.message if at == path else f"{path}: {error.message}"
        raise ScenarioError([Problem(message, place=at, hint=error.hint)]) from None
    return graph


def _read_network(file: str, tie_trust: _TieTrust | None, network: Network) -> SocialGraph:
    options = {name: getattr(network, name) for name in _FILE_OPTIONS}
    if network.start_column is None and network.end_column is None:
        options |= {"time_origin": None, "time_step": None}  # they are about people alone
    try:
        return _read(file, tie_trust, {"people": network.people_file, **options})
    except UsageError as error:
        option = error.message.partition(" ")[0]  # "direction says how a file of arcs is read, but ..."
        if option not in _FILE_OPTIONS:
            raise
        raise UsageError(error.message, place=f"network: {option}", hint=error.hint) from None


def _read(file: str, tie_trust: _TieTrust | None, options: Mapping[str, Any]) -> SocialGraph:
    """Read a file and make its tie trust, or take both from the cache."""
    from viralsim.graph.cache import cached

    files = [os.fspath(path) for path in (file, options.get("people")) if path is not None]
    return cached(
        files,
        {**options, "tie_trust": tie_trust},
        lambda: _with_trust(read_graph(file, **options), tie_trust),
    )


def _with_trust(graph: SocialGraph, tie_trust: _TieTrust | None) -> SocialGraph:
    if tie_trust is None:
        return graph
    from viralsim.graph.tie_trust import with_tie_trust

    name, parameters = tie_trust
    return with_tie_trust(graph, name, **parameters)


def parse_spec(text: str) -> tuple[str, dict[str, Any]]:
    """Take apart a generator written in one line.

    Parameters
    ----------
    text : str
        "NAME" or "NAME:parameter=value,parameter=value"; `random_seed` and `trust` may be among them.
        After "networkx:" the name of the function may stand alone.

    Returns
    -------
    name : str
        Generator.
    arguments : dict
        For `generate`: numbers and truths (true, false) where they look like these, otherwise text.

    Raises
    ------
    UsageError
        Not of this form, or no such generator.

    Examples
    --------
    >>> parse_spec("communities:people=2000,mixing=0.1")
    ('communities', {'people': 2000, 'mixing': 0.1})
    >>> parse_spec("star")
    ('star', {})
    >>> parse_spec("networkx:barabasi_albert_graph,n=500,m=2")
    ('networkx', {'function': 'barabasi_albert_graph', 'n': 500, 'm': 2})
    """
    name, _, rest = text.strip().partition(":")
    name = name.strip()
    declared = choices("generator")
    if name not in declared:
        raise UsageError(
            f"unknown generator '{name}'; choose from {', '.join(declared)}",
            hint=did_you_mean(name, declared),
        )
    arguments: dict[str, Any] = {}
    for part in rest.split(",") if rest.strip() else []:
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if name == "networkx" and key and not equals and not arguments:
            key, equals, value = "function", "=", key
        if not equals or not key or not value:
            # A comma ends a parameter, so "people=20,000" falls apart here.
            before = str(next(reversed(arguments.values()), ""))
            grouped = number_hint(f"{before},{part}", whole=True)
            raise UsageError(
                f"expected parameter=value, found '{part.strip()}'",
                place=name,
                hint=grouped or f"for example {name}:people=1000",
            )
        if key in arguments:
            raise UsageError(f"'{key}' is given twice", place=name)
        arguments[key] = _number(value)
    if not isinstance(arguments.get("random_seed", 1), int):
        value = arguments["random_seed"]
        written = value if isinstance(value, str) else value.written
        raise UsageError(f"random_seed is '{written}', expected a whole number", place=name, hint=whole_hint(value))
    if not isinstance(arguments.get("trust", 0.5), int | float):
        value = arguments["trust"]
        raise UsageError(f"trust is '{value}', expected a number", place=name, hint=number_hint(value))
    return name, arguments


def generate_spec(spec: str, *, tie_trust: str | None = None, **options: Any) -> SocialGraph:
    """Return the graph that a generator written in one line makes.

    Parameters
    ----------
    spec : str
        As in `parse_spec`.
    tie_trust : str, optional
        Where tie trust comes from, in one line.
    **options
        `trust`; other options of `open_graph` belong to files.

    Raises
    ------
    UsageError
        Options or parameters that do not belong.

    Examples
    --------
    >>> generate_spec("ring:people=5", trust=0.25).arcs.trust[0]
    np.float64(0.25)
    """
    from viralsim.graph.generators import generate
    from viralsim.graph.tie_trust import parse_tie_trust

    name, arguments = parse_spec(spec)
    others = [key for key in options if key != "trust"]
    if others:
        raise UsageError(f"'{others[0]}' belongs to files, but '{name}' is a generator", place=spec)
    trusted = None if tie_trust is None else parse_tie_trust(tie_trust)  # before there is work in vain
    return _with_trust(generate(name, **{**options, **arguments}), trusted)


def open_graph(source: str | os.PathLike[str], *, tie_trust: str | None = None, **options: Any) -> SocialGraph:
    """Return the graph that a file or a generator spec names; what exists as a file is a file.

    Parameters
    ----------
    source : str or path
        A path, or a spec as in `parse_spec`.
    tie_trust : str, optional
        Where tie trust comes from, in one line: "overlap:low=0.2,high=0.9".
    **options
        For `read_graph`; a spec takes `trust` only.

    Raises
    ------
    DataError
        Neither a file nor a generator, or a file that cannot be used.
    UsageError
        Options or parameters that do not belong.

    Examples
    --------
    >>> open_graph("path:people=3")
    SocialGraph(3 people, 4 arcs, mutual, from path(people=3))
    """
    from viralsim.graph.tie_trust import parse_tie_trust

    text = os.fspath(source)
    name = text.strip().partition(":")[0].strip()
    declared = choices("generator")
    if name in declared and not Path(text).exists():
        return generate_spec(text, tie_trust=tie_trust, **options)
    if is_store(text):
        for option in options:
            if option in ROW_OPTIONS:
                raise refuse_option(option, text)
    try:
        return _read(text, None if tie_trust is None else parse_tie_trust(tie_trust), options)
    except DataError as error:
        near = did_you_mean(name, declared)
        if error.message == "there is no such file" and near and os.sep not in text:
            raise DataError(f"there is no such file or generator; {near}", place=text, hint=error.hint) from None
        raise


def _number(text: str) -> int | float | str:
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return WrittenFloat(text)
    except ValueError:
        return text

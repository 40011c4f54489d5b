"""A graph from whatever names one: a scenario's network, a file, or a generator written in one line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viralsim.errors import DataError, Problem, ScenarioError, UsageError, did_you_mean
from viralsim.graph.social_graph import SocialGraph
from viralsim.scenario.catalogue import choices
from viralsim.scenario.units import WrittenFloat, number_hint, whole_hint

if TYPE_CHECKING:
    from viralsim.scenario.schema import Network

__all__ = ["load_network", "open_graph", "parse_spec"]

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

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.generator=ring", "network.people=5"])
    >>> load_network(scenario.network)
    SocialGraph(5 people, 10 arcs, mutual, from ring(people=5, neighbours=1))
    """
    graph = _read_file(network) if network.file is not None else None
    seed = network.random_seed
    try:
        if graph is None:
            from viralsim.graph.generators import generate

            graph = generate(network.generator or "", random_seed=seed, trust=network.trust, **network.parameters)
        if network.attribute:
            from viralsim.graph.drawn import with_drawn_attributes

            written = {
                name: {"distribution": one.distribution, **one.parameters} for name, one in network.attribute.items()
            }
            graph = with_drawn_attributes(graph, written, random_seed=seed)
        if network.tie_trust is not None:
            from viralsim.graph.tie_trust import with_tie_trust

            graph = with_tie_trust(graph, network.tie_trust.origin, **network.tie_trust.parameters)
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


def _read_file(network: Network) -> SocialGraph:
    from viralsim.graph.delimited import read_graph

    options = {name: getattr(network, name) for name in _FILE_OPTIONS}
    return read_graph(network.file or "", people=network.people_file, **options)


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
    if tie_trust is None:
        return _open_graph(source, **options)
    from viralsim.graph.tie_trust import parse_tie_trust, with_tie_trust

    name, parameters = parse_tie_trust(tie_trust)
    return with_tie_trust(_open_graph(source, **options), name, **parameters)


def _open_graph(source: str | os.PathLike[str], **options: Any) -> SocialGraph:
    text = os.fspath(source)
    name = text.strip().partition(":")[0].strip()
    declared = choices("generator")
    if name in declared and not Path(text).exists():
        from viralsim.graph.generators import generate

        others = [key for key in options if key != "trust"]
        if others:
            raise UsageError(f"'{others[0]}' belongs to files, but '{name}' is a generator", place=text)
        name, arguments = parse_spec(text)
        return generate(name, **{**options, **arguments})
    from viralsim.graph.delimited import read_graph

    try:
        return read_graph(source, **options)
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

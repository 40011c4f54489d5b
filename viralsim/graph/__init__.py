"""People, the arcs between them, and where they come from: files, generators, networkx."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.graph.delimited import read_graph
    from viralsim.graph.export import write_graph
    from viralsim.graph.generators import generate, generator_names
    from viralsim.graph.measures import graph_info, graph_info_lines
    from viralsim.graph.networks import from_networkx, to_networkx
    from viralsim.graph.people import join_people
    from viralsim.graph.social_graph import Arcs, ImportReport, SocialGraph, from_arcs
    from viralsim.graph.sources import load_network, open_graph, parse_spec
    from viralsim.graph.structure import (
        communities,
        core_numbers,
        degree_assortativity,
        degree_tail,
        distances,
        friendship_paradox,
        mean_clustering,
        page_rank,
    )
    from viralsim.graph.tie_trust import with_tie_trust

__all__ = [
    "Arcs",
    "ImportReport",
    "SocialGraph",
    "communities",
    "core_numbers",
    "degree_assortativity",
    "degree_tail",
    "distances",
    "friendship_paradox",
    "from_arcs",
    "from_networkx",
    "generate",
    "generator_names",
    "graph_info",
    "graph_info_lines",
    "join_people",
    "load_network",
    "mean_clustering",
    "open_graph",
    "page_rank",
    "parse_spec",
    "read_graph",
    "to_networkx",
    "with_tie_trust",
    "write_graph",
]

# Numba and numpy are imported with the first name that needs them, not with the package.
_HOMES = {
    "Arcs": "social_graph",
    "ImportReport": "social_graph",
    "SocialGraph": "social_graph",
    "communities": "structure",
    "core_numbers": "structure",
    "degree_assortativity": "structure",
    "degree_tail": "structure",
    "distances": "structure",
    "friendship_paradox": "structure",
    "from_arcs": "social_graph",
    "from_networkx": "networks",
    "generate": "generators",
    "generator_names": "generators",
    "graph_info": "measures",
    "graph_info_lines": "measures",
    "join_people": "people",
    "load_network": "sources",
    "mean_clustering": "structure",
    "open_graph": "sources",
    "page_rank": "structure",
    "parse_spec": "sources",
    "read_graph": "delimited",
    "to_networkx": "networks",
    "with_tie_trust": "tie_trust",
    "write_graph": "export",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.graph.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

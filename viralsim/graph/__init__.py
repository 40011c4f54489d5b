"""People, the arcs between them, and where they come from: files, generators, objects of other libraries."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.graph.delimited import read_graph
    from viralsim.graph.drawn import homophily, with_drawn_attributes
    from viralsim.graph.export import write_graph
    from viralsim.graph.generators import generate, generator_names
    from viralsim.graph.measures import graph_info, graph_info_lines
    from viralsim.graph.memberships import members_of, with_platforms
    from viralsim.graph.networks import from_networkx, to_networkx
    from viralsim.graph.objects import from_igraph, from_networkit, from_pandas, from_scipy
    from viralsim.graph.people import join_people
    from viralsim.graph.social_graph import Arcs, ImportReport, SocialGraph, from_arcs
    from viralsim.graph.sources import load_network, open_graph, parse_spec
    from viralsim.graph.structure import (
        betweenness,
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
    "betweenness",
    "communities",
    "core_numbers",
    "degree_assortativity",
    "degree_tail",
    "distances",
    "friendship_paradox",
    "from_arcs",
    "from_igraph",
    "from_networkit",
    "from_networkx",
    "from_pandas",
    "from_scipy",
    "generate",
    "generator_names",
    "graph_info",
    "graph_info_lines",
    "homophily",
    "join_people",
    "load_network",
    "mean_clustering",
    "members_of",
    "open_graph",
    "page_rank",
    "parse_spec",
    "read_graph",
    "to_networkx",
    "with_drawn_attributes",
    "with_platforms",
    "with_tie_trust",
    "write_graph",
]

# Numba and numpy are imported with the first name that needs them, not with the package.
_HOMES = {
    "Arcs": "social_graph",
    "ImportReport": "social_graph",
    "SocialGraph": "social_graph",
    "betweenness": "structure",
    "communities": "structure",
    "core_numbers": "structure",
    "degree_assortativity": "structure",
    "degree_tail": "structure",
    "distances": "structure",
    "friendship_paradox": "structure",
    "from_arcs": "social_graph",
    "from_igraph": "objects",
    "from_networkit": "objects",
    "from_networkx": "networks",
    "from_pandas": "objects",
    "from_scipy": "objects",
    "generate": "generators",
    "generator_names": "generators",
    "graph_info": "measures",
    "graph_info_lines": "measures",
    "homophily": "drawn",
    "join_people": "people",
    "load_network": "sources",
    "mean_clustering": "structure",
    "open_graph": "sources",
    "page_rank": "structure",
    "parse_spec": "sources",
    "read_graph": "delimited",
    "to_networkx": "networks",
    "with_drawn_attributes": "drawn",
    "members_of": "memberships",
    "with_platforms": "memberships",
    "with_tie_trust": "tie_trust",
    "write_graph": "export",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.graph.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""Several platforms on one network: who is on which, and which ties live there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean
from viralsim.graph.social_graph import Arcs, SocialGraph, plural, some_names
from viralsim.luck import Purpose, stream_key, words
from viralsim.scenario.units import BadValueError, read_share

__all__ = ["members_of", "with_platforms"]

_STAGE_MEMBER = 211


def with_platforms(
    graph: SocialGraph, platforms: Mapping[str, Mapping[str, Any]], *, random_seed: int = 1
) -> SocialGraph:
    """Return the same people with their arcs dealt to platforms, one layer each.

    Parameters
    ----------
    graph : SocialGraph
        With one layer of arcs.
    platforms : mapping of str to mapping
        What `[network.layer.NAME]` says: `membership`, the share of people who are on it, and `ties`, the share of
        the ties between its people that live there; both 1 by default.
    random_seed : int
        Keys the luck, together with the names: another platform changes none.

    Returns
    -------
    SocialGraph
        Layers by name of platform, and the attribute `on_NAME` (bool) for each. Trust, multiplicity and the other
        numbers of arcs are kept, and so are the counts of the report: they are of the rows that were read. Notes say
        how many people and ties each platform has, and how many ties are on none.

    Raises
    ------
    UsageError
        Several layers already, an attribute on_NAME already, or what is no share.

    Notes
    -----
    On each platform are the round(membership x people) people with the smallest luck of their own there, so that
    memberships of different platforms are independent and overlap by chance: 60 % and 50 % share 30 %. A tie both
    of whose people are there lives there with the chance `ties`; on mutual graphs in both directions or in neither.
    Raising either share only adds people and ties.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> graph = with_platforms(generate("ring", people=100), {"photos": {"membership": "60%"}, "clips": {"ties": 0.5}})
    >>> list(graph.layers), int(graph.attribute("on_photos").sum()), int(graph.attribute("on_clips").sum())
    (['photos', 'clips'], 60, 100)
    """
    if not platforms:
        return graph
    if graph.layered:
        raise UsageError(
            f"this network has the layers {some_names(graph.layers)} already",
            place="layer",
            hint="a network is dealt to platforms once",
        )
    arcs = graph.arcs
    layers: dict[str, Arcs] = {}
    members: dict[str, npt.NDArray[np.bool_]] = {}
    notes: list[str] = []
    homeless = np.ones(len(arcs), bool)
    ends = 2 if graph.mutual else 1
    for name, given in platforms.items():
        membership, ties = _read(name, given)
        if f"on_{name}" in graph.attributes:
            raise UsageError(f"people have an attribute 'on_{name}' already", place=f"layer.{name}")
        key = stream_key(random_seed, Purpose.NETWORK, "layer", name)
        there = np.zeros(graph.people, bool)
        drawn = words(key, np.arange(graph.people), 0, _STAGE_MEMBER)
        order = np.argsort((drawn[:, 0].astype(np.uint64) << np.uint64(32)) | drawn[:, 1], kind="stable")
        there[order[: math.floor(membership * graph.people + 0.5)]] = True
        kept = _lucky(graph, key, ties) & there[arcs.sharers] & there[arcs.followers]
        layers[name] = _only(arcs, kept)
        members[f"on_{name}"] = there
        homeless &= ~kept
        notes.append(
            f"platform {name}: {int(there.sum()):,} of {plural(graph.people, 'person', 'people')}, "
            f"{plural(len(layers[name]) // ends, 'tie')}"
        )
    lost = int(homeless.sum()) // ends
    if lost:
        notes.append(f"{plural(lost, 'tie is', 'ties are')} on no platform")
    report = replace(graph.report, notes=(*graph.report.notes, *notes))
    return replace(graph, layers=layers, attributes={**graph.attributes, **members}, report=report)


def members_of(graph: SocialGraph, layer: str) -> npt.NDArray[np.bool_]:
    """Tell who is on the platform that plays a layer.

    On a network that was dealt to platforms its members; on another one with layers who has an arc there, in or out; on
    one without layers everybody.

    Parameters
    ----------
    graph : SocialGraph
    layer : str
        Name of the layer; of no importance on a network without layers.

    Raises
    ------
    DataError
        The graph has layers, and none of this name.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph = from_arcs([0, 1, 2], [1, 2, 3], platform=["calls", "texts", "texts"])
    >>> members_of(graph, "calls").tolist()
    [True, True, False, False]
    """
    if not graph.layered:
        return np.ones(graph.people, bool)
    arcs, dealt = graph.layer(layer), graph.attributes.get(f"on_{layer}")
    if dealt is not None and dealt.dtype.kind == "b":
        return np.array(dealt)
    return np.asarray((arcs.out_degree > 0) | (arcs.in_degree > 0))


def _read(name: str, given: Mapping[str, Any]) -> tuple[float, float]:
    shares = {"membership": 1.0, "ties": 1.0}
    for key, value in given.items():
        place = f"layer.{name}.{key}"
        if key not in shares:
            known = "; it has membership, ties"
            raise UsageError(f"a layer has no '{key}'{known}", place=place, hint=did_you_mean(str(key), shares))
        try:
            shares[key] = read_share(value)
        except BadValueError as issue:
            raise UsageError(issue.message, place=place, hint=issue.hint) from None
    return shares["membership"], shares["ties"]


def _lucky(graph: SocialGraph, key: np.uint64, share: float) -> npt.NDArray[np.bool_]:
    if share >= 1.0:
        return np.ones(len(graph.arcs), bool)
    from viralsim.graph.trust_kernels import draw_for_arcs

    lucky: npt.NDArray[np.bool_] = (
        draw_for_arcs(key, graph.arcs.offsets, graph.arcs.followers, graph.mutual, 1, 1) < share
    )
    return lucky


def _only(arcs: Arcs, kept: npt.NDArray[np.bool_]) -> Arcs:
    """Return the arcs that are kept, with their numbers."""
    before = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(kept, out=before[1:])

    def some(values: npt.NDArray[Any] | None) -> Any:
        return None if values is None else values[kept]

    return Arcs(
        before[arcs.offsets],
        arcs.followers[kept],
        arcs.trust[kept],
        arcs.multiplicity[kept],
        some(arcs.probability),
        some(arcs.weight),
        some(arcs.start),
        some(arcs.end),
    )

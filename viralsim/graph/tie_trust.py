"""Tie trust from the network itself or from luck, in place of one number for all arcs.

Whatever it comes from is first a number from 0 to 1 for each arc and then rescaled to the range
low ... high. Arcs of the same two people at different times get the same, as if they were one. Only plain
IEEE-754 operations and integer luck make it, so that it is the same on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean
from viralsim.graph.social_graph import SocialGraph
from viralsim.graph.structure import triangles_by_tie
from viralsim.luck import Purpose, stream_key
from viralsim.scenario.catalogue import choices, complete_parameters, tie_trust_faults

__all__ = ["drawn_trust", "overlap_trust", "parse_tie_trust", "reciprocity_trust", "rescaled", "with_tie_trust"]

Floats = npt.NDArray[np.float64]


def reciprocity_trust(graph: SocialGraph) -> Floats:
    """Return 1 for each arc whose opposite exists, 0 for the others.

    Returns
    -------
    ndarray of float64, shape (arcs,)

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> reciprocity_trust(from_arcs([0, 1, 1], [1, 0, 2])).tolist()
    [1.0, 1.0, 0.0]
    """
    from viralsim.graph.trust_kernels import returned_arcs

    arcs = graph.timeless.arcs
    returned: Floats = returned_arcs(arcs.offsets, arcs.followers)
    return returned[graph.arcs.pair] if graph.arcs.timed else returned


def overlap_trust(graph: SocialGraph) -> Floats:
    """Return for each arc the overlap of its people's neighbourhoods: of their other ties, the share in common.

    Directions are ignored; 0 where neither has another tie. For ties of i and j with n people tied to both it is
    n / ((k_i - 1) + (k_j - 1) - n): Onnela et al., "Structure and tie strengths in mobile communication
    networks" (PNAS 2007), where it grows with how much people talk to each other. Exact.

    Returns
    -------
    ndarray of float64, shape (arcs,)

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> graph = from_arcs([0, 1, 2, 2], [1, 2, 0, 3], mutual=True)
    >>> overlap_trust(graph).tolist()  # rows 0: 1 2, 1: 0 2, 2: 0 1 3, 3: 2
    [1.0, 0.5, 1.0, 0.5, 0.5, 0.5, 0.0, 0.0]
    """
    from viralsim.graph.trust_kernels import overlap_of_arcs

    arcs = graph.timeless.arcs
    overlap: Floats = overlap_of_arcs(arcs.offsets, arcs.followers, *graph.ties, triangles_by_tie(graph))
    return overlap[graph.arcs.pair] if graph.arcs.timed else overlap


def drawn_trust(graph: SocialGraph, *, random_seed: int = 1, a: int = 1, b: int = 1) -> Floats:
    """Return for each arc a number drawn from the beta distribution with whole a and b; 1, 1 is uniform.

    It is the a-th smallest of a + b - 1 uniform numbers. The luck is keyed by the positions of the arc's
    people, so that another arc changes none; on mutual graphs both directions of a tie get the same.

    Returns
    -------
    ndarray of float64, shape (arcs,)
        In [0, 1).

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> trust = drawn_trust(generate("complete", people=50), a=2, b=6)
    >>> round(float(trust.mean()), 1)  # 2 / (2 + 6)
    0.2
    """
    from viralsim.graph.trust_kernels import draw_for_arcs

    if a < 1 or b < 1:
        raise UsageError(f"a and b are {a} and {b}, expected at least 1")
    key = stream_key(random_seed, Purpose.NETWORK, "tie trust")
    drawn: Floats = draw_for_arcs(key, graph.arcs.offsets, graph.arcs.followers, graph.mutual, a, a + b - 1)
    return drawn


def rescaled(values: Floats, low: float = 0.0, high: float = 1.0, *, stretch: bool = False) -> Floats:
    """Return numbers from 0 to 1 moved to low ... high.

    Parameters
    ----------
    values : ndarray of float64
        In [0, 1].
    low, high : float
        What 0 and 1 become.
    stretch : bool
        Take the smallest value for 0 and the largest for 1, where they differ.

    Examples
    --------
    >>> rescaled(np.array([0.0, 0.25, 0.5]), 0.2, 0.6).tolist()
    [0.2, 0.30000000000000004, 0.4]
    >>> rescaled(np.array([0.0, 0.25, 0.5]), 0.2, 0.6, stretch=True).tolist()
    [0.2, 0.4, 0.6]
    """
    if stretch and len(values):
        smallest, largest = float(values.min()), float(values.max())
        if smallest < largest:
            values = (values - smallest) / (largest - smallest)
    moved: Floats = np.clip(low * (1.0 - values) + high * values, low, high)
    return moved


def _triangular(graph: SocialGraph, values: Mapping[str, Any]) -> Floats:
    uniform = drawn_trust(graph, random_seed=values["random_seed"])
    low, mode, high = values["low"], values["mode"], values["high"]
    if low == high:
        return uniform
    peak = (mode - low) / (high - low)
    left, right = np.sqrt(uniform * peak), 1.0 - np.sqrt((1.0 - uniform) * (1.0 - peak))
    drawn: Floats = np.where(uniform < peak, left, right)
    return drawn


def _combined(graph: SocialGraph, values: Mapping[str, Any]) -> Floats:
    parts: dict[str, Callable[[], Floats]] = {
        "given": lambda: graph.arcs.trust,
        "reciprocity": lambda: reciprocity_trust(graph),
        "overlap": lambda: overlap_trust(graph),
        "uniform": lambda: drawn_trust(graph, random_seed=values["random_seed"]),
    }
    total, weights = np.zeros(len(graph.arcs)), 0.0
    for name, part in parts.items():
        if values[name] > 0.0:
            total = total + values[name] * part()
            weights += values[name]
    return np.minimum(total / weights, 1.0)


_ORIGINS: Mapping[str, Callable[[SocialGraph, Mapping[str, Any]], Floats]] = {
    "given": lambda graph, values: graph.arcs.trust,
    "reciprocity": lambda graph, values: reciprocity_trust(graph),
    "overlap": lambda graph, values: overlap_trust(graph),
    "uniform": lambda graph, values: drawn_trust(graph, random_seed=values["random_seed"]),
    "triangular": _triangular,
    "beta": lambda graph, values: drawn_trust(graph, random_seed=values["random_seed"], a=values["a"], b=values["b"]),
    "combined": _combined,
}


_FROM_TIES = ("reciprocity", "overlap")
"""What depends on the network, where it may be the same for every arc: in mutual ones, in ones without triangles."""


def with_tie_trust(graph: SocialGraph, origin: str, **parameters: Any) -> SocialGraph:
    """Return the same graph with other tie trust; nothing else changes but the fingerprint.

    Parameters
    ----------
    graph : SocialGraph
    origin : str
        Where trust comes from: a choice of the family "tie_trust", such as "overlap".
    **parameters
        Its parameters; the others take their defaults.

    Returns
    -------
    SocialGraph

    Raises
    ------
    UsageError
        No such choice, or parameters that do not fit.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> graph = with_tie_trust(generate("star", people=3), "reciprocity", low=0.2, high=0.9)
    >>> graph.arcs.trust.tolist(), graph.report.trust
    ([0.9, 0.9, 0.9, 0.9], 'from reciprocity (low=0.2, high=0.9)')
    """
    known = choices("tie_trust")
    if origin not in known:
        hint = did_you_mean(origin, known)
        raise UsageError(f"unknown tie trust '{origin}'; choose from {', '.join(known)}", hint=hint)
    values, findings = complete_parameters(known[origin], parameters)
    findings = findings or tie_trust_faults(origin, values)
    if findings:
        name, message, hint = findings[0]
        raise UsageError(message, place=origin if name == origin else f"{origin}: {name}", hint=hint)
    layers = {}
    notes = []
    for name, arcs in graph.layers.items():
        raw = _ORIGINS[origin](replace(graph, layers={name: arcs}), values)
        trust = rescaled(raw, values["low"], values["high"], stretch=bool(values.get("stretch")))
        layers[name] = replace(arcs, trust=trust)
        if origin in _FROM_TIES and len(raw) and raw.min() == raw.max():
            where = f" on {name}" if graph.layered else ""
            why = ", for all are returned" if origin == "reciprocity" and raw[0] == 1.0 else ""
            notes.append(f"{origin} tells no arcs apart{where}{why}: all have the tie trust {trust[0]:.4g}")
    if origin == "combined" and values["reciprocity"] > 0.0 and graph.mutual:
        notes.append("reciprocity tells no arcs apart: all are returned, so that its part is the same for each")
    usual = {parameter.name: parameter.default for parameter in known[origin].parameters}
    shown = ", ".join(f"{name}={value}" for name, value in values.items() if value != usual[name])
    trusted = f"from {origin}" + (f" ({shown})" if shown else "")
    if origin == "given":
        trusted = f"{graph.report.trust or 'as given'}" + (f", then moved ({shown})" if shown else "")
    elif origin == "combined" and values["given"] > 0.0 and graph.report.trust:
        trusted += f"; given: {graph.report.trust}"
    report = replace(graph.report, trust=trusted, notes=(*graph.report.notes, *notes))
    return replace(graph, layers=layers, report=report)


def parse_tie_trust(text: str) -> tuple[str, dict[str, Any]]:
    """Take apart a tie trust written in one line: "NAME" or "NAME:parameter=value,parameter=value".

    Examples
    --------
    >>> parse_tie_trust("overlap:low=0.2,high=90%,stretch=true")
    ('overlap', {'low': 0.2, 'high': '90%', 'stretch': True})
    """
    name, _, rest = text.strip().partition(":")
    given: dict[str, Any] = {}
    for part in rest.split(",") if rest.strip() else []:
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key or not value:
            raise UsageError(
                f"expected parameter=value, found '{part.strip()}'", place=name, hint="for example overlap:low=0.2"
            )
        if key in given:
            raise UsageError(f"'{key}' is given twice", place=name)
        given[key] = {"true": True, "false": False}.get(value, _number(value))
    return name.strip(), given


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

"""Seeding strategies: whom to start with, in which order; each a function of a `Request`.

The catalogue (`viralsim.scenario.catalogue`) declares the same names with their parameters and sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from viralsim.seeding.drawing import pick
from viralsim.seeding.request import Request

__all__ = ["STRATEGIES"]

People = npt.NDArray[np.int64]


def _explicit(request: Request) -> People:
    return request.take(request.eligible)  # whoever was named


def _random(request: Request) -> People:
    eligible = request.eligible
    if request.count == len(eligible) and request.budget is None:
        return eligible
    people = eligible.astype(np.uint32)
    picked = np.empty(min(request.count, len(people)), dtype=np.uint32)
    chosen = np.zeros(len(request.arcs.offsets) // 64 + 1, dtype=np.uint64)
    prices, budget = request.purse
    count = pick(
        people,
        len(picked),
        prices[eligible],
        budget,
        request.key,
        0,
        request.group,
        0,
        chosen,
        picked,
        np.zeros(1, dtype=np.uint8),
    )
    return eligible[picked[:count]]


def _degree(request: Request) -> People:
    return request.ranked(request.arcs.out_degree)


STRATEGIES: Mapping[str, Callable[[Request], People]] = {
    "explicit": _explicit,
    "random": _random,
    "degree": _degree,
}
"""Functions of a `Request` that return positions of people in the order of choice, by name."""

"""Comparing what was measured with numbers that are known without simulating.

Every statistical comparison allows `SIGMAS` = 4.5 standard errors: a false alarm once in 150,000 comparisons,
with fixed random_seed, so a test that passes once passes always. `compare` and `compare_chance` also refuse a
test with too little power: the standard error must be small against the number.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from viralsim.graph import SocialGraph
from viralsim.outcome import simulate
from viralsim.scenario import Scenario

SIGMAS = 4.5
REALISATIONS = 100_000


def spread(scenario: Scenario, graph: SocialGraph, realisations: int = REALISATIONS) -> tuple[float, float]:
    """Return mean number engaged and its standard error."""
    outcome = simulate(scenario, graph=graph, realisations=realisations, impressions=False)
    engaged = outcome.rows[:, 0, 2].astype(float)
    return float(engaged.mean()), float(engaged.std(ddof=1) / math.sqrt(realisations))


def compare(measured: tuple[float, float], expected: float, digits: float = 0.0) -> None:
    mean, error = measured
    assert error < 0.02 * expected, "too few realisations to tell anything"
    assert abs(mean - expected) <= SIGMAS * error + digits, (mean, expected, error)


def compare_chance(happened: Any, expected: float, power: float = 0.02) -> None:
    """Compare how often something happened, bool [tries], with its chance; 0 and 1 must be met exactly."""
    tries = np.asarray(happened, dtype=bool).ravel()
    error = math.sqrt(expected * (1.0 - expected) / tries.size)
    assert error <= power, "too few tries to tell anything"
    assert abs(tries.mean() - expected) <= SIGMAS * error + 1e-9, (float(tries.mean()), expected, error)

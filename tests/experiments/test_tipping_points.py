"""Tipping points of networks for which they are known: where half of all outbreaks that one person begins are large.

An outbreak that is not small reaches a share of the people that does not depend on who began it, far above 5 %: so a
campaign goes viral with the chance that a branching process lives on for ever. On a random network where everybody has
4 ties it dies out with the chance (1 - p + p u)^4, where u = (1 - p + p u)^3 is that of the part that one tie leads to;
on one of Erdős and Rényi with 4 ties on average with the chance v = exp(-4 p (1 - v)). Half of all live on at
p = 0.39246 and at p = ln 2 / 2. A network is one draw of many, and its own point lies a little off.
"""

from __future__ import annotations

import math

import pytest
from scipy.optimize import brentq

import viralsim as vs

REGULAR = 'generator = "regular", degree = 4'
RANDOM = 'generator = "erdos-renyi", mean_degree = 4'


def dies_out_on_regular(p: float) -> float:
    u = brentq(lambda u: (1 - p + p * u) ** 3 - u, 0.0, 0.99) if p > 0.34 else 1.0
    return float((1 - p + p * u) ** 4)


def test_the_points_are_where_half_die_out() -> None:
    assert brentq(lambda p: dies_out_on_regular(p) - 0.5, 0.35, 0.5) == pytest.approx(0.39246, abs=5e-6)
    assert brentq(lambda p: math.exp(-4 * p * 0.5) - 0.5, 0.1, 0.9) == pytest.approx(math.log(2) / 2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("network", "true", "realisations"), [(REGULAR, 0.39246, 600), (RANDOM, math.log(2) / 2, 1000)]
)
def test_half_go_viral_where_theory_says(network: str, true: float, realisations: int) -> None:
    scenario = vs.scenario_from_text(
        f"""
        network = {{ {network}, people = 100_000, random_seed = 1 }}
        item.post = {{ law = "independent", arc_probability = 0.4, endorsement = 0 }}
        plan.one.wave.first = {{ strategy = "random", count = 1, redraw = true }}
        platform.feed.visibility = 1
        report.viral_threshold = "5%"
        time.horizon = 1000
        """
    )
    (point,) = vs.sweep(
        scenario,
        find="item.post.arc_probability=0.3:0.5",
        until="viral_chance >= 50%",
        realisations=realisations,
        impressions=False,
    ).tipping_points
    assert point.low is not None
    assert point.high is not None
    assert point.low <= true <= point.high  # 95 %: with these numbers it does
    assert point.high - point.low < 0.025  # half of it is 3.1 % over the slope of the chance, some 2.8
    assert point.direction == "rises"

"""Which realisation is shown: held to a search through all of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import viralsim as vs
from viralsim.outcome.picking import PICKS


class Told:
    """What is asked of an outcome, and nothing else."""

    def __init__(self, engaged, generations, half, first=0):
        self.told = {"engaged": engaged, "generations": generations, "time_to_half": half}
        self.indices = np.arange(first, first + len(engaged))

    def values(self, name):
        return np.array([np.nan if value is None else value for value in self.told[name]], dtype=float)


def middle(values):
    """Where the middle of all is, from each value: as shares of how many there are, exactly."""
    known = [-1 if value is None else value for value in values]
    found = []
    for value in known:
        below, upto = sum(one < value for one in known), sum(one <= value for one in known)
        low, high = Fraction(below, len(known)), Fraction(upto, len(known))
        found.append(max(Fraction(0), low - Fraction(1, 2), Fraction(1, 2) - high))
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 4), st.none() | st.integers(0, 5)), min_size=1, max_size=25),
    st.integers(0, 1000),
)
def test_picks_are_those_of_a_search_through_all(rows, first):
    engaged, generations, half = (list(column) for column in zip(*rows, strict=True))
    told = Told(engaged, generations, half, first)
    in_order = sorted(engaged)

    def quantile(share):
        at = share * (len(engaged) - 1)
        low = in_order[int(at)]
        return low + (at - int(at)) * (in_order[min(int(at) + 1, len(engaged) - 1)] - low)

    distances = {
        "largest": [-value for value in engaged],
        "median": [abs(value - quantile(0.5)) for value in engaged],
        "p95": [round(abs(value - quantile(0.95)), 9) for value in engaged],
        "typical": [
            float(sum(part**2 for part in parts))
            for parts in zip(middle(engaged), middle(generations), middle(half), strict=True)
        ],
    }
    for how, far in distances.items():
        picked = vs.pick_realisation(told, how) - first
        assert far[picked] == pytest.approx(min(far), abs=1e-9), how
        if how in ("largest", "median"):
            assert picked == far.index(min(far)), how


def test_a_pick_is_about_the_main_item_of_an_outcome():
    scenario = vs.read_scenario(settings=["network.people=500"])
    outcome = vs.simulate(scenario, first=30, realisations=40)
    engaged = dict(zip(range(30, 70), outcome.values("engaged"), strict=True))
    assert engaged[vs.pick_realisation(outcome, "largest")] == max(engaged.values())
    assert {vs.pick_realisation(outcome, how) in engaged for how in PICKS} == {True}


def test_one_realisation_is_every_pick():
    assert {vs.pick_realisation(Told([3], [1], [None], 7), how) for how in PICKS} == {7}


def test_an_unknown_way_to_pick_names_the_nearest():
    with pytest.raises(vs.UsageError, match=r"'media'.*median, p95, largest, typical") as raised:
        vs.pick_realisation(Told([3], [1], [0]), "media")
    assert "median" in str(raised.value.hint)

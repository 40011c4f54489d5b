"""Where people stand: near those they are tied to, the same every time, whatever the ties."""

from __future__ import annotations

import numpy as np
import pytest

import viralsim as vs
from viralsim.show.layout import layout


def distances(places, one, other):
    return np.hypot(*(places[one] - places[other]).T)


@pytest.fixture(scope="module")
def graph():
    return vs.generate("communities", people=400)


@pytest.fixture(scope="module")
def ties(graph):
    return np.repeat(np.arange(graph.people), np.diff(graph.arcs.offsets)), np.asarray(graph.arcs.followers)


def test_the_same_ties_give_the_same_places(ties):
    first, again = layout(400, *ties), layout(400, *ties)
    assert np.array_equal(first, again)
    shuffled = np.random.default_rng(3).permutation(len(ties[0]))
    assert np.array_equal(first, layout(400, ties[1][shuffled], ties[0][shuffled]))
    assert not np.array_equal(first, layout(400, *ties, random_seed=1))


def test_places_fill_the_unit_square(ties):
    places = layout(400, *ties)
    assert places.dtype == np.float32
    assert places.shape == (400, 2)
    assert places.min() >= 0
    assert places.max() <= 1
    assert np.ptp(places, axis=0).max() == pytest.approx(1, abs=1e-6)


def test_who_is_tied_is_nearer_than_strangers(ties):
    places = layout(400, *ties)
    strangers = np.random.default_rng(5).integers(0, 400, (2, 5_000))
    assert np.median(distances(places, *ties)) < 0.8 * np.median(distances(places, *strangers))


def test_two_groups_that_one_tie_joins_stand_apart():
    inside = np.array([(i, j) for i in range(20) for j in range(i)])
    ends = np.concatenate([inside, inside + 20, [[0, 20]]]).T
    places = layout(40, *ends)
    within = distances(places, inside[:, 0], inside[:, 1]).max()
    across = min(distances(places, np.full(19, i), np.arange(21, 40)).min() for i in range(1, 20))
    assert across > within / 2
    assert distances(places, np.array([1]), np.array([21]))[0] > within


@pytest.mark.parametrize(
    ("people", "from_", "to"),
    [
        (0, [], []),
        (1, [], []),
        (1, [0], [0]),
        (2, [0], [1]),
        (3, [], []),
        (5, [0, 0, 1], [0, 1, 0]),
        (300, np.zeros(299, int), np.arange(1, 300)),
        (300, np.arange(299), np.arange(1, 300)),
    ],
    ids=["nobody", "one", "oneself", "a pair", "strangers", "repeated", "a star", "a line"],
)
def test_any_ties_give_places_of_their_own(people, from_, to):
    places = layout(people, from_, to)
    assert places.shape == (people, 2)
    assert np.all(np.isfinite(places))
    assert len(np.unique(places, axis=0)) == people

"""Designs: which rows they have, that they fill the cube as they should, and that more samples add to them."""

import numpy as np
import pytest

from viralsim.errors import ScenarioError, UsageError
from viralsim.experiments.designs import DEFAULT_SAMPLES, cells_of, default_samples, unit_points
from viralsim.scenario.catalogue import choices
from viralsim.scenario.varying import read_varied

SAMPLED = [name for name in choices("design") if name != "grid"]


def test_a_grid_has_every_combination_the_last_key_fastest():
    points = cells_of([read_varied("plan=a,b"), read_varied("x=1:3:3")])
    assert points.unit is None
    assert points.values == [{"plan": plan, "x": x} for plan in ("a", "b") for x in (1.0, 2.0, 3.0)]


@pytest.mark.parametrize("design", SAMPLED)
def test_a_design_is_the_same_again_and_another_with_another_random_seed(design):
    once = unit_points(design, 3, 16, 7)
    assert np.array_equal(once, unit_points(design, 3, 16, 7))
    assert not np.array_equal(once, unit_points(design, 3, 16, 8))
    assert once.min() >= 0.0
    assert once.max() <= 1.0


@pytest.mark.parametrize("design", ["random", "sobol", "morris"])
@pytest.mark.parametrize("dimensions", [1, 3])
def test_more_samples_add_rows(design, dimensions):
    few, many = unit_points(design, dimensions, 8), unit_points(design, dimensions, 32)
    assert len(many) == 4 * len(few)
    assert np.array_equal(many[: len(few)], few)


def test_latin_has_one_point_in_each_stratum():
    points = unit_points("latin", 4, 25)
    assert np.array_equal(np.sort(np.floor(points * 25), axis=0), np.tile(np.arange(25.0)[:, None], 4))
    assert len({tuple(column) for column in np.floor(points * 25).T}) == 4  # no two columns are paired alike


def test_sobol_rows_are_those_of_saltelli_and_even():
    d, n = 3, 64
    blocks = unit_points("sobol", d, n).reshape(n, 2 * d + 2, d)
    a, b = blocks[:, 0], blocks[:, -1]
    for i in range(d):
        others = [j for j in range(d) if j != i]
        for row, (own, other) in {1 + i: (b, a), 1 + d + i: (a, b)}.items():
            assert np.array_equal(blocks[:, row, i], own[:, i])
            assert np.array_equal(blocks[:, row][:, others], other[:, others])
    for column in np.hstack([a, b]).T:  # of a net each 64th of the range holds one point, shifted or not
        assert np.array_equal(np.sort(np.floor(column * n)), np.arange(n))
    assert len(unit_points("sobol", 1, 4)) == 16


def test_morris_moves_one_key_at_a_time():
    d, r = 5, 40
    levels = unit_points("morris", d, r).reshape(r, d + 1, d) * 3
    assert np.allclose(levels, np.rint(levels))
    assert set(np.rint(levels).astype(int).ravel()) == {0, 1, 2, 3}
    moves = np.rint(np.diff(levels, axis=1))
    assert np.array_equal(np.abs(moves).sum(axis=2), np.full((r, d), 2.0))
    assert np.array_equal((moves != 0).sum(axis=1), np.ones((r, d)))  # each key once in a trajectory
    orders = {tuple(np.argmax(moves[k] != 0, axis=1)) for k in range(r)}
    assert len(orders) > 20
    assert 0.3 < (moves > 0).sum() / (moves != 0).sum() < 0.7  # 200 fair directions: outside once in 10^8


def test_random_points_are_uniform():
    points = unit_points("random", 2, 4000)
    # Means within 5 standard errors, 1/sqrt(12 n) each: a false alarm once in a million.
    assert np.all(np.abs(points.mean(axis=0) - 0.5) < 5 / np.sqrt(12 * 4000))
    assert abs(np.corrcoef(points.T)[0, 1]) < 5 / np.sqrt(4000)


def test_samples_fall_on_lists_and_ranges():
    varied = [read_varied("plan=a,b,c"), read_varied("x=1%:3%"), read_varied("count=5:9"), read_varied("y=1:100:log")]
    points = cells_of(varied, "latin", 300)
    plans = [row["plan"] for row in points.values]
    assert [plans.count(plan) for plan in "abc"] == [100, 100, 100]
    assert all(0.01 <= row["x"] <= 0.03 for row in points.values)
    assert sum(row["y"] < 10 for row in points.values) == 150
    assert points.unit.shape == (300, 4)
    assert [len(cells_of(varied, design).values) for design in SAMPLED] == [
        DEFAULT_SAMPLES["random"],
        DEFAULT_SAMPLES["latin"],
        DEFAULT_SAMPLES["sobol"] * 10,
        DEFAULT_SAMPLES["morris"] * 5,
    ]


def test_every_design_of_the_catalogue_is_here():
    assert list(DEFAULT_SAMPLES) == SAMPLED
    assert default_samples("grid") is None


@pytest.mark.parametrize(
    ("texts", "design", "samples", "said"),
    [
        (["x=1:5"], "grid", None, "a grid needs to know how many values\n  hint: x=1:5:10"),
        (["x=1:5:log"], "grid", None, "hint: x=1:5:10:log"),
        (["x=1:5:3"], "grid", 10, "a grid plays every combination"),
        (["x=1:5:2000", "y=1:5:2000"], "grid", None, "2_000 x 2_000 = 4_000_000 cells; at most 1_000_000"),
        (["x=1:5"], "sobol", 100, "powers of two as samples; got 100\n  hint: such as 128"),
        (["x=1:5"], "sobol", 2**19, "2_097_152 cells"),
        (["x=1:5"], "latin", 0, "at least 1; got 0"),
        (["x=1:5"], "latin", True, "at least 1; got True"),
        (["x=1:5"], "lattin", 5, "did you mean 'latin'?"),
        ([], "latin", 5, "needs something to vary"),
    ],
)
def test_what_is_wrong_is_said(texts, design, samples, said):
    with pytest.raises(UsageError) as caught:
        cells_of([read_varied(text) for text in texts], design, samples)
    assert said in str(caught.value)


def test_nothing_is_varied_twice():
    with pytest.raises(ScenarioError, match="varied twice"):
        cells_of([read_varied("x=1,2"), read_varied("x=3,4")])

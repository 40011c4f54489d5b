"""Three uncertainties: the interval of the mean over pairs, luck and not knowing; the law of total variance."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats as st
from scenes import scene

import viralsim as vs
from viralsim.engine.unknowns import quantiles
from viralsim.outcome.estimate import mean_estimate, proportion_estimate, ratio_estimate

PAIRED = scene(
    "network.generator=communities",
    "network.people=300",
    "item.content.stickiness=2%..20%",
    "plan.only.wave.first={strategy='random', redraw=true, count=3}",
    "time.horizon=60",
)
GRAPH = vs.load_network(PAIRED.network)


def pairs_of(count: int, first: int = 0) -> np.ndarray:
    return np.arange(first, first + count) // 2


# -- estimates


def test_the_interval_of_whole_pairs_is_that_of_their_means():
    values = np.random.default_rng(1).integers(0, 1000, 40)
    estimate = mean_estimate(values, pairs=pairs_of(40))
    means = values.reshape(-1, 2).mean(axis=1)
    half = st.t.ppf(0.975, 19) * means.std(ddof=1) / math.sqrt(20)
    assert estimate.mean == pytest.approx(means.mean(), rel=1e-14)
    assert (estimate.mean_low, estimate.mean_high) == pytest.approx((means.mean() - half, means.mean() + half))
    assert (estimate.realisations, estimate.pairs) == (40, 20)
    assert (estimate.p05, estimate.p95) == (mean_estimate(values).p05, mean_estimate(values).p95)


def test_half_a_pair_counts_as_its_own():
    values = np.array([5, 1, 3, 2, 4, 9])
    estimate = mean_estimate(values, at_least=0.0, pairs=pairs_of(6, first=1))  # 5 | 1 3 | 2 4 | 9
    assert (estimate.mean, estimate.pairs, estimate.realisations) == (4.0, 4, 6)
    assert estimate.luck_share == pytest.approx(2.0 / (2.0 + max(0.0, 0.5 - 1.0)))
    sums, sizes = np.array([5, 4, 6, 9]), np.array([1, 2, 2, 1])
    expected = ratio_estimate(sums, sizes)
    assert (estimate.mean_low, estimate.mean_high) == pytest.approx((expected.mean_low, expected.mean_high))
    singles = mean_estimate(values, pairs=np.arange(6))  # no pair is whole: as if all were known
    plain = mean_estimate(values)
    assert (singles.mean_low, singles.mean_high) == pytest.approx((plain.mean_low, plain.mean_high))
    assert (singles.luck_share, singles.unknown_share) == (None, None)


def test_shares_of_the_variance():
    # Luck has variance 1, what is not known 9: the estimate of 20,000 pairs is right to some 1 %.
    random = np.random.default_rng(7)
    values = np.rint(1000 * (np.repeat(random.normal(0, 3, 20_000), 2) + random.normal(0, 1, 40_000))).astype(np.int64)
    estimate = mean_estimate(values, pairs=pairs_of(40_000))
    assert estimate.luck_share == pytest.approx(0.1, abs=0.004)
    assert estimate.luck_share + estimate.unknown_share == 1.0
    luck_alone = mean_estimate(random.integers(0, 9, 4000), pairs=pairs_of(4000))
    assert luck_alone.unknown_share < 0.1
    assert luck_alone.unknown_share >= 0.0
    known_alone = mean_estimate(np.repeat(random.integers(0, 9, 200), 2), pairs=pairs_of(400))
    assert (known_alone.luck_share, known_alone.unknown_share) == (0.0, 1.0)


@pytest.mark.parametrize("values", [[], [3], [3, 4], [3, 4, 5], [7, 7, 7, 7]])
def test_shares_are_undefined_without_two_pairs_or_without_variance(values):
    array = np.array(values, dtype=np.int64)
    for estimate in (
        mean_estimate(array, pairs=pairs_of(len(values))),
        proportion_estimate(array > 4, pairs=pairs_of(len(values))),
        ratio_estimate(array, array + 1, pairs=pairs_of(len(values))),
    ):
        assert (estimate.luck_share, estimate.unknown_share) == (None, None)
        assert estimate.to_dict()["luck_share"] is None
        assert list(estimate.to_dict())[-2:] == ["luck_share", "unknown_share"]


def test_the_interval_of_a_chance_is_honest_over_pairs():
    """Pairs that agree know no more than one of each: twice the realisations must not narrow the interval."""
    hits = np.random.default_rng(3).random(200) < 0.3
    agreeing = proportion_estimate(np.repeat(hits, 2), pairs=pairs_of(400))
    singles = proportion_estimate(hits)
    assert agreeing.mean_high - agreeing.mean_low == pytest.approx(singles.mean_high - singles.mean_low, rel=0.01)
    assert (agreeing.luck_share, agreeing.unknown_share) == (0.0, 1.0)
    never = proportion_estimate(np.zeros(400, dtype=bool), pairs=pairs_of(400))
    assert never.mean_high == proportion_estimate(np.zeros(200, dtype=bool)).mean_high
    assert never.mean_low == 0.0


def test_intervals_cover_the_mean_in_19_of_20_cases():
    """Over realisations, as if they were independent, they would cover it in 84 % of all cases."""
    random = np.random.default_rng(11)
    covered = covered_by_chance = 0
    for _ in range(2000):
        unknown = np.repeat(random.random(40), 2)
        values = np.rint(1000 * (unknown + 0.05 * random.normal(size=80))).astype(np.int64)
        estimate = mean_estimate(values, pairs=pairs_of(80))
        covered += estimate.mean_low <= 500.0 <= estimate.mean_high
        hits = random.random(80) < unknown**4
        chance = proportion_estimate(hits, pairs=pairs_of(80))
        covered_by_chance += chance.mean_low <= 0.2 <= chance.mean_high
    assert covered / 2000 == pytest.approx(0.95, abs=0.02)  # four standard errors
    assert covered_by_chance / 2000 == pytest.approx(0.95, abs=0.025)


# -- campaigns


def test_the_law_of_total_variance():
    """Var(one campaign) = E[Var given s] + Var(E given s), with both terms from campaigns at fixed stickiness.

    The law is checked for 4,000 pairs against 20 fixed values of stickiness (midpoints of equal slices of the range)
    with 1,000 realisations of other luck each. Tolerances are five standard errors, from batches: with luck like
    this a right engine fails once in a million; the seed is fixed.
    """
    outcome = vs.simulate(PAIRED, graph=GRAPH, realisations=8000)
    values = outcome.rows[:, 0, 2].astype(float)
    (unknown,) = PAIRED.unknowns
    fixed = [
        vs.simulate(
            PAIRED.with_numbers({unknown.path: float(number)}), graph=GRAPH, first=100_000, realisations=1000
        ).rows[:, 0, 2]
        for number in quantiles(unknown, (np.arange(20) + 0.5) / 20)
    ]
    luck = np.mean([one.var(ddof=1) for one in fixed])
    unknowing = np.var([one.mean() for one in fixed])
    assert min(luck, unknowing) > 0.1 * (luck + unknowing)  # a scene where both matter

    def close(found, expected):  # found: one value per batch of pairs
        error = np.std(found, ddof=1) / math.sqrt(len(found))
        return abs(np.mean(found) - expected) < 5.0 * error + 0.02 * expected  # 2 %: the luck of the fixed ones

    batches = values.reshape(40, 100, 2)
    assert close([batch.var(ddof=1) for batch in batches], luck + unknowing)
    assert close([((batch[:, 0] - batch[:, 1]) ** 2).mean() / 2 for batch in batches], luck)
    assert outcome.engaged.luck_share == pytest.approx(luck / (luck + unknowing), abs=0.04)
    assert outcome.engaged.luck_share + outcome.engaged.unknown_share == 1.0
    # The interval of one campaign is wider than with the number in the middle.
    middle = fixed[10]
    assert outcome.engaged.p95 - outcome.engaged.p05 > 1.1 * np.diff(np.percentile(middle, [5, 95]))[0]


def test_outcomes_add_and_know_what_was_drawn(tmp_path):
    whole = vs.simulate(PAIRED, graph=GRAPH, realisations=31, first=4)
    parts = [vs.simulate(PAIRED, graph=GRAPH, realisations=n, first=f) for f, n in ((20, 15), (4, 7), (11, 9))]
    assert sum(parts) == whole
    assert whole.unknowns == ("item.content.stickiness",)
    assert whole.drawn.shape == (31, 1)
    assert (whole.drawn[0::2][:15] == whole.drawn[1::2]).all()
    vs.write_results(tmp_path / "results", whole, PAIRED, graph=GRAPH)
    again = vs.read_outcome(tmp_path / "results")
    assert again == whole
    assert again.to_dict() == whole.to_dict()
    header = (tmp_path / "results" / "realisations.csv").read_text(encoding="utf-8").split("\n")[0]
    assert header.endswith("generation_15,item.content.stickiness")
    assert vs.read_scenario(tmp_path / "results" / "scenario.toml").unknowns == PAIRED.unknowns
    cascade = vs.replay(PAIRED, 17, graph=GRAPH)
    assert cascade.drawn["item.content.stickiness"][0] == whole.drawn[13, 0]
    assert f"drawn: item.content.stickiness {100 * whole.drawn[13, 0]:.3g}%" in cascade.to_text(1)
    assert cascade.size == whole.rows[13, 0, 2]


def test_an_outcome_without_unknowns_says_nothing_of_them():
    plain = PAIRED.with_settings(["item.content.stickiness=10%"])
    outcome = vs.simulate(plain, graph=GRAPH, realisations=20)
    assert "unknowns" not in outcome.to_dict()
    assert list(outcome.to_dict()["metrics"]["engaged"]) == ["mean", "mean_low", "mean_high", "p05", "p50", "p95"]
    with pytest.raises(vs.UsageError, match="scenario hash"):
        outcome + vs.simulate(PAIRED, graph=GRAPH, realisations=20, first=20)


def test_a_wanted_precision_is_one_over_pairs():
    outcome = vs.simulate(PAIRED, graph=GRAPH, precision=0.05)
    assert outcome.engaged.precision <= 0.05
    assert mean_estimate(outcome.rows[:, 0, 2]).precision < outcome.engaged.precision
    assert outcome.engaged.pairs == len(outcome) // 2


def test_curves_and_generations_have_intervals_over_pairs():
    outcome = vs.simulate(PAIRED, graph=GRAPH, realisations=200)
    curve = outcome.curve("engaged")
    assert curve.mean_high[-1] == outcome.engaged.mean_high
    assert all(estimate.pairs for estimate in outcome.reproduction_by_generation())

"""Figures of outcomes: what is drawn is what the outcome says, and what cannot be drawn is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import viralsim as vs
from viralsim.errors import UsageError
from viralsim.outcome import Estimate, ExposureCurve
from viralsim.show import (
    audience_map,
    distribution,
    exposure_curve,
    new_figure,
    outcome_figures,
    reach_curve,
    trust_curve,
    write_figure,
)

LONG = "_those-who-ever-were-here-and-a-good-deal-more-than-fits_of-them"

CRISIS = f"""
random_seed = 1
[network]
generator = "communities"
people = 600
[network.attribute.age]
distribution = "uniform"
low = 15
high = 60
[platform.photos]
[platform.posts]
[segment."{LONG}"]
where = {{ age = "<=30" }}
priority = 1
[segment.nobody]
where = {{ age = "<20" }}
priority = 2
[segment.others]
[item.post]
stickiness = "8%"
[item.story]
kind = "rumour"
stickiness = "12%"
damage = "30%"
proven_false_at = 40
wave.first = {{ strategy = "degree", count = 3, start = 5 }}
[plan.one.wave.first]
strategy = "random"
count = 5
redraw = true
[time]
horizon = "60h"
"""


@pytest.fixture(scope="module")
def scenario() -> vs.Scenario:
    return vs.scenario_from_text(CRISIS)


@pytest.fixture(scope="module")
def crisis(scenario: vs.Scenario) -> vs.Outcome:
    return vs.simulate(scenario, realisations=40)


@pytest.fixture(scope="module")
def outcome() -> vs.Outcome:
    return vs.simulate(vs.read_scenario(settings=["network.people=1_000"]), realisations=60)


def outline(band: Any) -> np.ndarray[Any, Any]:
    return np.asarray(band.get_paths()[0].vertices)


def test_a_reach_curve_is_that_of_the_outcome(outcome: vs.Outcome) -> None:
    _, (ax,) = new_figure()
    reach_curve(ax, outcome, "engaged")
    curve = outcome.curve("engaged")
    mean, median = ax.get_lines()
    assert np.asarray(mean.get_ydata()).tolist() == curve.mean.tolist()
    assert np.asarray(median.get_ydata()).tolist() == curve.p50.tolist()
    assert np.asarray(mean.get_xdata()) == pytest.approx(curve.hours / 24.0)
    spread, band = map(outline, ax.collections)
    assert (spread[:, 1].max(), band[:, 1].max()) == (curve.p95.max(), curve.mean_high.max())
    assert (spread[:, 1].min(), band[:, 1].min()) == (curve.p05.min(), curve.mean_low.min())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time since the start (days)", "engaged (people)")


def test_time_is_told_in_hours_where_a_campaign_is_short(crisis: vs.Outcome) -> None:
    _, (ax,) = new_figure()
    reach_curve(ax, crisis, item="story")
    assert ax.get_xlabel() == "time since the start (hours)"
    assert float(np.asarray(ax.get_lines()[0].get_xdata())[-1]) == 60.0


def test_what_was_not_counted_is_not_drawn() -> None:
    blind = vs.simulate(vs.read_scenario(settings=["network.people=300"]), realisations=3, impressions=False)
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match="there is no reach to draw: it was not counted"):
        reach_curve(ax, blind)
    with pytest.raises(UsageError, match="no curve 'reahc'"):
        reach_curve(ax, blind, "reahc")
    assert list(outcome_figures(blind)) == ["engaged", "distribution"]


def test_every_realisation_is_in_a_bar_and_those_that_stayed_in_their_own(outcome: vs.Outcome) -> None:
    _, (ax,) = new_figure()
    distribution(ax, outcome)
    heights = [bar.get_height() for bar in ax.patches]  # type: ignore[attr-defined]
    assert sum(heights) == len(outcome)
    engaged = outcome.values("engaged")
    stayed = np.count_nonzero(engaged <= 1.1 * outcome.generation_counts[:, 0, 0])
    names = [text.get_text() for text in ax.get_legend().get_texts()]  # type: ignore[union-attr]
    if stayed:
        assert heights[-1] == stayed
        assert names[-1].startswith("stayed with whom it began")
    chance = outcome.viral_chance
    assert chance.mean is not None
    assert any(name.startswith(f"viral, from {outcome.viral_threshold:,}: ") for name in names)
    assert names[0].startswith("mean ")
    lines = [float(np.asarray(line.get_xdata())[0]) for line in ax.get_lines() if len(np.asarray(line.get_xdata()))]
    assert lines[:2] == [outcome.engaged.mean, outcome.engaged.p50]


def bimodal(values: list[int], seeds: int = 10) -> vs.Outcome:
    """An outcome in which so many engaged, of so many to begin with."""
    from viralsim.outcome.outcome import ROW

    base = vs.simulate(vs.read_scenario(settings=["network.people=300"]), realisations=len(values))
    rows, generations = base.rows.copy(), base.generation_counts.copy()
    rows[:, 0, ROW.index("engaged")] = values
    generations[:, 0, 0] = seeds
    return replace(base, rows=rows, generation_counts=generations, viral_threshold=1000)


def test_two_kinds_of_campaigns_show_as_two() -> None:
    values = [10, 10, 11, 30, 2000, 2100, 2200, 2300, 2400, 2500]
    _, (ax,) = new_figure()
    distribution(ax, bimodal(values))
    assert ax.get_xscale() == "log"
    *bars, apart = [(bar.get_x(), bar.get_x() + bar.get_width(), bar.get_height()) for bar in ax.patches]  # type: ignore[attr-defined]
    assert apart[2] == 3.0
    assert apart[1] < bars[0][0]  # on the left, with room between
    for low, high, height in bars:
        assert height == sum(low < value < high for value in values if value > 11)
    assert sum(height for *_, height in bars) == 7
    assert "seeds" in [text.get_text() for text in ax.get_xticklabels()]


@pytest.mark.parametrize("values", [[25], [25] * 8, [10] * 8, [0, 0, 0], [26, 27]])
def test_one_realisation_and_no_spread_are_drawn(values: list[int]) -> None:
    figure, (ax,) = new_figure()
    distribution(ax, bimodal(values))
    assert sum(bar.get_height() for bar in ax.patches) == len(values)  # type: ignore[attr-defined]
    figure.canvas.draw()


def test_other_metrics_have_a_distribution_where_single_campaigns_have_them(crisis: vs.Outcome) -> None:
    for metric in ("reach", "shares", "time_to_peak", "trust", "cost", "generations"):
        _, (ax,) = new_figure()
        distribution(ax, crisis, metric)
        heights = [bar.get_height() for bar in ax.patches]  # type: ignore[attr-defined]
        assert sum(heights) == np.count_nonzero(np.isfinite(crisis.values(metric)))
    with pytest.raises(UsageError, match="goes viral or does not"):
        distribution(ax, crisis, "viral_chance")
    with pytest.raises(UsageError, match="there is no trust to draw"):
        distribution(ax, bimodal([3]), "trust")


def test_a_map_of_the_audience_holds_shares_of_segments(crisis: vs.Outcome) -> None:
    figure, (ax,) = new_figure()
    audience_map(ax, crisis, item="story")
    found = np.ma.filled(ax.collections[0].get_array().astype(float), np.nan)  # type: ignore[union-attr]
    audience = crisis.audience
    assert audience is not None
    story = audience.of("story")
    part = story.cell("others", "posts")
    assert found[2, 1] == part.reach.mean / story.segments["others"].people  # type: ignore[operator]
    assert found[2, 2] == story.segments["others"].reached_share.mean
    assert np.isnan(found[1]).all()  # nobody is there
    assert [text.get_text() for text in ax.get_xticklabels()] == ["photos", "posts", "any platform"]
    assert len(ax.texts) == 6
    assert all("±" in text.get_text() for text in ax.texts)
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names[0].startswith("\u200b_those-who-ever-were-\nhere-and-a-good-deal-… (")
    figure.canvas.draw()
    with pytest.raises(UsageError, match="shows reach or engaged"):
        audience_map(ax, crisis, "cost")


def test_one_segment_on_one_platform_is_a_map_too_where_it_was_asked_for(outcome: vs.Outcome) -> None:
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match="were not told apart"):
        audience_map(ax, outcome)
    told = vs.simulate(vs.read_scenario(settings=["network.people=300", "report.audiences=true"]), realisations=1)
    audience_map(ax, told)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["feed"]
    assert "±" not in ax.texts[0].get_text()  # one realisation has no interval
    assert "audience" not in outcome_figures(told)


def test_trust_is_that_of_the_outcome_and_the_crisis_is_marked(crisis: vs.Outcome, scenario: vs.Scenario) -> None:
    _, (ax,) = new_figure()
    trust_curve(ax, crisis, scenario)
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in ax.get_lines()}
    assert lines["others"].tolist() == crisis.trust_curve("others").mean.tolist()
    assert "nobody" not in lines
    low, _, high = crisis.trust_of_people("others")
    people = outline(ax.collections[2])
    assert (people[:, 1].min(), people[:, 1].max()) == (low.min(), high.max())
    assert [text.get_text() for text in ax.texts] == ["story (rumour) begins", "story (rumour) proven false"]
    assert [text.xy[0] for text in ax.texts] == pytest.approx([5.0, 40.0], abs=0.5)  # type: ignore[attr-defined]


def test_trust_needs_something_that_takes_it(outcome: vs.Outcome, crisis: vs.Outcome) -> None:
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match="there is no trust to draw"):
        trust_curve(ax, outcome)
    with pytest.raises(UsageError, match="no segment 'other'"):
        trust_curve(ax, crisis, segments=["other"])


def chance(mean: float, half: float) -> Estimate:
    return Estimate(mean, mean - half, mean + half)


def test_an_exposure_curve_has_its_chances_and_intervals() -> None:
    seen = np.array([1000, 400, 3])
    found = ExposureCurve(
        seen, np.array([20, 24, 1]), (chance(0.02, 0.01), chance(0.06, 0.02), chance(0.3, 0.3)), (0.02, 0.05, 0.05)
    )
    _, (ax,) = new_figure()
    exposure_curve(ax, found)
    expected, came = ax.get_lines()[:2]
    assert np.asarray(came.get_ydata()).tolist() == [0.02, 0.06]
    assert np.asarray(expected.get_ydata()).tolist() == [0.02, 0.05]
    assert ax.get_title(loc="left") == (
        "bar: 95% interval; 1,000 people saw a share; fewer than 20 people saw more than 2"
    )
    nothing = np.empty(0, np.int64)
    with pytest.raises(UsageError, match="nobody saw a share"):
        exposure_curve(ax, ExposureCurve(nothing, nothing, (), ()))


def test_all_figures_of_an_outcome_can_be_written(crisis: vs.Outcome, scenario: vs.Scenario, tmp_path: Any) -> None:
    figures = outcome_figures(crisis, scenario)
    assert list(figures) == ["reach", "distribution", "audience", "trust"]
    for name, figure in figures.items():
        assert write_figure(figure, tmp_path / f"{name}.svg").read_text(encoding="utf-8").startswith("<?xml")

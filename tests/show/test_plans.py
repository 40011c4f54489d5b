"""Figures of plans compared and of crises: differences are paired, what is decided is marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import viralsim as vs
from viralsim.errors import UsageError
from viralsim.show import (
    comparison_figures,
    crisis_figures,
    crisis_panel,
    crisis_trust,
    effort_and_result,
    new_figure,
    plan_differences,
    write_figure,
)

NAME = "_those-with-most-followers-and-a-good-deal-more-than-fits-on-a-line-or-two"
PLANS = f"""
network = {{ generator = "communities", people = 800 }}
item.post.stickiness = "6%"
plan.few.wave.first = {{ strategy = "random", count = 5, redraw = true }}
plan.more.wave.first = {{ strategy = "random", count = 20, redraw = true }}
plan."{NAME}".wave.first = {{ strategy = "degree", count = 20 }}
"""
CRISIS = """
network = { generator = "communities", people = 500 }
item.post.stickiness = "10%"
plan.one.wave.first = { strategy = "degree", count = 3 }
[item.story]
kind = "rumour"
stickiness = "10%"
wave.first = { strategy = "degree", count = 3 }
[item.reply]
kind = "restoration"
after = "story"
stickiness = "10%"
wave.first = { strategy = "degree", count = 5 }
"""


@pytest.fixture(scope="module")
def comparison() -> vs.Comparison:
    return vs.compare(vs.scenario_from_text(PLANS), rivals=False, stop=False, realisations=100)


@pytest.fixture(scope="module")
def panel() -> vs.CrisisPanel:
    return vs.crisis(vs.scenario_from_text(CRISIS), delays=["1h", "1d"], realisations=30, curves=True)


def marks(ax: Any) -> list[Any]:
    return [line for line in ax.get_lines() if line.get_marker() not in ("None", None, "", "_", "|")]


def test_differences_are_paired_and_say_what_is_decided(comparison: vs.Comparison) -> None:
    _, (ax,) = new_figure()
    plan_differences(ax, comparison)
    others = comparison.order[1:]
    assert [float(mark.get_xdata()[0]) for mark in marks(ax)] == [
        comparison.difference(plan, comparison.best).mean for plan in others
    ]
    for mark, plan in zip(marks(ax), others, strict=True):
        judged = comparison.judge(plan, comparison.best)
        assert (mark.get_markerfacecolor() == "white") == (judged.verdict is None)
    bars = [line.get_xdata() for line in ax.get_lines() if line.get_linewidth() == 3.5]
    for bar, plan in zip(bars, others, strict=True):
        estimate = comparison.difference(plan, comparison.best)
        assert list(np.asarray(bar)) == [estimate.mean_low, estimate.mean_high]
    thin = [list(np.asarray(line.get_xdata())) for line in ax.get_lines() if line.get_linewidth() == 1.0][1:]
    for pair, plan in zip(thin, others, strict=True):
        judged = comparison.judge(plan, comparison.best)
        assert pair == [judged.low, judged.high]
    assert list(np.asarray(ax.get_lines()[0].get_xdata())) == [0.0, 0.0]


def test_a_difference_needs_another_plan(comparison: vs.Comparison) -> None:
    alone = vs.compare(vs.scenario_from_text(PLANS), plans=["few"], rivals=False, realisations=5)
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match="'few' is the only plan"):
        plan_differences(ax, alone)
    with pytest.raises(UsageError, match="'fwe'"):
        plan_differences(ax, comparison, "fwe")
    assert list(comparison_figures(alone)) == ["effort"]
    plan_differences(ax, comparison, "few")
    assert ax.get_xlabel() == "engaged (people): difference to 'few'"


def test_one_realisation_has_no_intervals_and_is_drawn() -> None:
    one = vs.compare(vs.scenario_from_text(PLANS), rivals=False, stop=False, realisations=1)
    for figure in comparison_figures(one).values():
        figure.canvas.draw()


def test_effort_stands_against_result_and_the_front_holds_who_is_not_dominated(comparison: vs.Comparison) -> None:
    _, (ax,) = new_figure()
    effort_and_result(ax, comparison)
    found = marks(ax)
    assert [float(mark.get_ydata()[0]) for mark in found] == [one.engaged.mean for one in comparison.outcomes.values()]
    assert float(found[0].get_xdata()[0]) == comparison.efforts["few"] == 5.0
    beside = sorted(float(mark.get_xdata()[0]) for mark in found[1:])
    assert beside[0] < 20.0 < beside[1]  # the same effort, side by side
    open_marks = [mark.get_markerfacecolor() == "white" for mark in found]
    assert open_marks == [bool(comparison.dominated_by[plan]) for plan in comparison.plans]
    front = [line for line in ax.get_lines() if line.get_drawstyle() == "steps-post"]
    heights = [one.engaged.mean for plan, one in comparison.outcomes.items() if not comparison.dominated_by[plan]]
    assert sorted(set(np.asarray(front[0].get_ydata()).tolist())) == sorted(set(heights))
    assert ax.get_xlabel() == "seeds (people)"


def test_names_are_text_and_each_plan_is_in_the_legend(comparison: vs.Comparison, tmp_path: Any) -> None:
    figures = comparison_figures(comparison)
    legend = figures["effort"].axes[0].get_legend()
    assert legend is not None
    names = [text.get_text() for text in legend.get_texts()]
    assert len(names) == 3
    assert "_those-with-most-" in names[2]
    for name, figure in figures.items():
        write_figure(figure, tmp_path / f"{name}.png")


def test_a_crisis_panel_shows_each_row(panel: vs.CrisisPanel) -> None:
    _, (ax,) = new_figure()
    crisis_panel(ax, panel, "reach of story")
    assert [float(mark.get_xdata()[0]) for mark in marks(ax)] == [
        panel.value(row, "reach of story").mean for row in panel.rows
    ]
    assert marks(ax)[1].get_markerfacecolor() == "white"  # no answer does not differ from itself
    with pytest.raises(UsageError, match="no column 'reach of stroy'"):
        crisis_panel(ax, panel, "reach of stroy")


def test_trust_over_time_has_a_line_for_each_row(panel: vs.CrisisPanel) -> None:
    _, (ax,) = new_figure()
    crisis_trust(ax, panel)
    for line, outcome in zip(ax.get_lines(), panel.outcomes.values(), strict=True):
        assert np.asarray(line.get_ydata()).tolist() == outcome.trust_curve().mean.tolist()
    short = vs.crisis(vs.scenario_from_text(CRISIS), delays=["1h"], realisations=2)
    with pytest.raises(UsageError, match="curves=True"):
        crisis_trust(ax, short)
    assert list(crisis_figures(short)) == ["crisis"]
    for figure in crisis_figures(panel).values():
        figure.canvas.draw()

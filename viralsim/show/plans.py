"""Figures of plans compared, and of the ways a crisis may go: paired differences, effort against result.

Each draws on axes that are handed in. What is decided has a filled mark, what is not an open one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from viralsim.errors import UsageError
from viralsim.outcome import Comparison, CrisisPanel, Estimate
from viralsim.show.outcomes import played_words
from viralsim.show.style import (
    COLOURS,
    GREY,
    MARKERS,
    clock,
    colours_of,
    dress,
    label,
    legend,
    new_figure,
    note,
    number_format,
    number_text,
    plain,
    unit_of,
    wrapped,
)

if TYPE_CHECKING:
    from viralsim.outcome.settling import Judgement

__all__ = [
    "comparison_figures",
    "crisis_figures",
    "crisis_panel",
    "crisis_trust",
    "effort_and_result",
    "plan_differences",
]

Floats = npt.NDArray[np.float64]

_BLUE, _RED = COLOURS[:2]
_BESIDE = 0.05
"""Efforts that differ by less than this share of the axis are drawn side by side."""
_VERDICTS = {"better": "better", "worse": "worse", "tie": "a tie", None: "not decided"}


def plan_differences(ax: Axes, comparison: Comparison, to: str | None = None) -> None:
    """Draw each plan's result minus that of one plan, realisation by realisation under the same luck.

    The thick bar is the 95 % interval of this difference alone; the thin one holds for all pairs of plans and all looks
    together, and decides. Zero is marked, and the band around it in which a difference counts as a tie.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    comparison : Comparison
    to : str, optional
        The plan that others are measured against; the best where None.

    Raises
    ------
    UsageError
        If there is no such plan, or no other.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> comparison = vs.compare(scenario, plans=["random", "hubs"], rivals=False)
    >>> figure, (ax,) = new_figure()
    >>> plan_differences(ax, comparison)
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_yticklabels()]
    ("engaged (people): difference to 'hubs'", ['random'])
    """
    chosen = comparison.best if to is None else to
    others = [plan for plan in comparison.order if plan != chosen]
    comparison.judge(chosen, chosen)  # refuses what is no plan
    if not others:
        raise UsageError(f"'{chosen}' is the only plan: there is nothing to compare it with")
    dress(ax)
    ax.grid(visible=False, axis="y")
    unit = unit_of(comparison.metric)
    tie = comparison.margin * abs(_known(comparison.ranking.means.tolist(), comparison.larger_is_better))
    if tie > 0.0:
        ax.axvspan(-tie, tie, color="#E8E8E8", linewidth=0, zorder=0)
    ax.axvline(0.0, color="black", linewidth=1.0)
    for place, plan in enumerate(others):
        judged, alone = comparison.judge(plan, chosen), comparison.difference(plan, chosen)
        _difference(ax, place, judged, alone, unit)
    ax.set_yticks(range(len(others)), [wrapped(plan) for plan in others])
    ax.set_ylim(len(others) - 0.5, -0.5)
    ax.margins(x=0.12)
    ax.set_xlabel(f"{plain(label(comparison.metric))}: difference to '{wrapped(chosen, 40, 1)}'")
    ax.xaxis.set_major_formatter(number_format(unit))
    sure = number_text(comparison.confidence, "share")
    note(
        ax,
        f"thick: 95% interval; thin: {sure} for all pairs and looks; filled: decided\n"
        f"grey: differences that count as a tie; {played_words(len(comparison))} of each plan",
    )


def _known(means: Sequence[float], largest: bool) -> float:
    known = [mean for mean in means if np.isfinite(mean)]
    return 0.0 if not known else max(known) if largest else min(known)


def _difference(ax: Axes, place: int, judged: Judgement, alone: Estimate, unit: str) -> None:
    if alone.mean is None:
        ax.annotate("undefined", (0.0, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8)
        return
    colour = {"better": _BLUE, "worse": _RED}.get(judged.verdict or "", "black")
    if judged.low is not None and judged.high is not None:
        ax.plot([judged.low, judged.high], [place, place], color=colour, linewidth=1.0)
    if alone.mean_low is not None and alone.mean_high is not None:
        ax.plot([alone.mean_low, alone.mean_high], [place, place], color=colour, linewidth=3.5, solid_capstyle="butt")
    face = "white" if judged.verdict is None else colour
    ax.plot(alone.mean, place, marker="o", markersize=6, color=colour, markerfacecolor=face, linestyle="none")
    sign = "+" if alone.mean > 0 else ""
    step = _two_digits(alone.half_width)
    ax.annotate(
        f"{sign}{number_text(alone.mean, unit, step)}: {_VERDICTS[judged.verdict]}",
        (alone.mean, place),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8,
    )


def _two_digits(half: float | None) -> float:
    return 0.0 if not half else float(10.0 ** (np.floor(np.log10(half)) - 1))


def effort_and_result(ax: Axes, comparison: Comparison) -> None:
    """Draw what each plan takes against what it brings, with intervals, and the front of those that none dominates.

    The thick bar is the 95 % interval of the mean, the pale one 5-95 % of campaigns. Behind each name stands the chance
    that no other plan dominates it. Plans of nearly the same effort are drawn side by side.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    comparison : Comparison

    Raises
    ------
    UsageError
        If the metric is undefined for every plan.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> comparison = vs.compare(scenario, plans=["random", "hubs"], rivals=False)
    >>> figure, (ax,) = new_figure()
    >>> effort_and_result(ax, comparison)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('seeds (people)', 'engaged (people)')
    """
    unit = unit_of(comparison.metric)
    results = {plan: outcome.metric(comparison.metric) for plan, outcome in comparison.outcomes.items()}
    drawn = [plan for plan in comparison.plans if results[plan].mean is not None]
    if not drawn:
        raise UsageError(f"there is no {comparison.metric} to draw: it is undefined in every realisation")
    dress(ax)
    at = _side_by_side({plan: comparison.efforts[plan] for plan in drawn})
    spread = comparison.metric != "viral_chance"  # of a chance, one campaign has nothing or all
    for number, plan in enumerate(drawn):
        one, colour = results[plan], COLOURS[number % len(COLOURS)]
        chance = comparison.chance_undominated[plan]
        told = "" if chance is None else f" ({number_text(round(chance, 2), 'share')})"
        beaten = bool(comparison.dominated_by[plan])
        if spread and one.p05 is not None and one.p95 is not None:
            ax.plot([at[plan]] * 2, [one.p05, one.p95], color=colour, alpha=0.28, linewidth=6, solid_capstyle="butt")
        if one.mean_low is not None and one.mean_high is not None:
            ends = [one.mean_low, one.mean_high]
            ax.plot([at[plan]] * 2, ends, color=colour, linewidth=2.0, marker="_", markersize=7)
        ax.plot(
            [at[plan]],
            [one.mean or 0.0],
            marker=MARKERS[number % len(MARKERS)],
            markersize=7,
            color=colour,
            markerfacecolor="white" if beaten else colour,
            linestyle="none",
            label=f"{wrapped(plan, 26)}{told}",
        )
    front = sorted((plan for plan in drawn if not comparison.dominated_by[plan]), key=lambda plan: at[plan])
    low, high = min(at.values()), max(at.values())
    room = 0.12 * (high - low) + (_least_span(list(at.values())) - (high - low)) / 2.0
    steps = [(at[plan], float(results[plan].mean or 0.0)) for plan in front]
    ax.step(
        [*(x for x, _ in steps), high + room],
        [*(y for _, y in steps), steps[-1][1]],
        where="post",
        color=GREY,
        linewidth=1.1,
        linestyle=(0, (4, 2)),
        zorder=1,
    )
    ax.set_xlim(low - room, high + room)
    ax.set_xlabel("cost (money)" if comparison.effort == "cost" else "seeds (people)")
    ax.xaxis.set_major_formatter(number_format(""))
    ax.set_ylabel(plain(label(comparison.metric)))
    ax.yaxis.set_major_formatter(number_format(unit))
    if comparison.larger_is_better and ax.get_ylim()[0] < 0.5 * ax.get_ylim()[1]:
        ax.set_ylim(bottom=0.0)
    beside = "; side by side: about the same effort" if at != comparison.efforts else ""
    pale = "; pale: 5–95% of campaigns" if spread else ""
    note(ax, f"bar: 95% interval of the mean{pale}; open: dominated\ndashed: Pareto front{beside}")
    legend(ax, "plan (chance that none\ndominates it)", beside=True)


def _side_by_side(efforts: dict[str, float]) -> dict[str, float]:
    """Return where on the axis plans are drawn: those of nearly the same effort beside each other."""
    gap = _BESIDE * _least_span(list(efforts.values()))
    groups: list[list[str]] = []
    for plan in sorted(efforts, key=lambda one: efforts[one]):
        if groups and efforts[plan] - efforts[groups[-1][-1]] < gap:
            groups[-1].append(plan)
        else:
            groups.append([plan])
    at: dict[str, float] = {}
    for group in groups:
        middle = sum(efforts[plan] for plan in group) / len(group)
        for number, plan in enumerate(group):
            at[plan] = middle + gap * (number - (len(group) - 1) / 2.0)
    return {plan: at[plan] for plan in efforts}


def _least_span(efforts: Sequence[float]) -> float:
    """Return how much effort an axis shows: a quarter of the most at least, so that small differences look small."""
    low, high = min(efforts), max(efforts)
    return max(high - low, 0.25 * abs(high)) or 1.0


def crisis_panel(ax: Axes, panel: CrisisPanel, column: str = "trust", *, names: bool = True) -> None:
    """Draw one column of a crisis panel, row by row: the mean with its 95 % interval, and 5-95 % of campaigns.

    A filled mark differs from 'no answer', realisation by realisation; an open one has not been seen to.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    panel : CrisisPanel
    column : str
        One of its columns, such as "trust" or "reach of NAME".
    names : bool
        Whether rows are named on the axis.

    Raises
    ------
    UsageError
        If there is no such column.

    Examples
    --------
    >>> import viralsim as vs
    >>> story = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='random', count=5}}}"
    >>> panel = vs.crisis(vs.read_scenario(settings=["network.people=500", story]), realisations=20)
    >>> figure, (ax,) = new_figure()
    >>> crisis_panel(ax, panel)
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_yticklabels()]
    ('trust at the end', ['no crisis', 'no answer'])
    """
    from viralsim.outcome.counterfactuals import NO_ANSWER, differs

    rows = list(panel.rows)
    found = [panel.value(row, column) for row in rows]  # refuses what is no column
    unit = unit_of("trust") if column == "trust" else ""
    dress(ax)
    ax.grid(visible=False, axis="y")
    for place, (row, one) in enumerate(zip(rows, found, strict=True)):
        if one.mean is None:
            continue
        if one.p05 is not None and one.p95 is not None:
            ax.plot([one.p05, one.p95], [place] * 2, color=_BLUE, alpha=0.25, linewidth=7, solid_capstyle="butt")
        if one.mean_low is not None and one.mean_high is not None:
            ends = [one.mean_low, one.mean_high]
            ax.plot(ends, [place] * 2, color=_BLUE, linewidth=2.0, marker="|", markersize=8)
        apart = row != NO_ANSWER and differs(panel.difference(row, column))
        face = _BLUE if apart else "white"
        ax.plot(one.mean, place, marker="o", markersize=6, color=_BLUE, markerfacecolor=face, linestyle="none")
    if NO_ANSWER in rows and (mean := found[rows.index(NO_ANSWER)].mean) is not None:
        ax.axvline(mean, color=GREY, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    ax.set_yticks(range(len(rows)), [wrapped(row, 26) for row in rows] if names else [""] * len(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.margins(x=0.06)
    words = {"trust": "trust at the end", "converted": "converted (people)"}
    ax.set_xlabel(words.get(column, f"{wrapped(column, 30, 1)} (people)"))
    ax.xaxis.set_major_formatter(number_format(unit))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5))


def crisis_trust(ax: Axes, panel: CrisisPanel) -> None:
    """Draw mean trust of all people over time, a line for each row of a crisis panel, with its 95 % interval.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    panel : CrisisPanel
        Played with all report times (`curves=True`).

    Raises
    ------
    UsageError
        If only the first and the last report time are known.

    Examples
    --------
    >>> import viralsim as vs
    >>> story = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='random', count=5}}}"
    >>> scenario = vs.read_scenario(settings=["network.people=500", story])
    >>> figure, (ax,) = new_figure()
    >>> crisis_trust(ax, vs.crisis(scenario, realisations=20, curves=True))
    >>> ax.get_ylabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('mean trust in the brand', ['no crisis', 'no answer'])
    """
    some = next(iter(panel.outcomes.values()))
    if len(some.report_ticks) < 3:
        raise UsageError(
            "the panel knows trust at the beginning and at the end only", hint="crisis(..., curves=True) keeps the rest"
        )
    dress(ax)
    unit = clock(ax, some.horizon * some.tick_seconds)
    delayed = list(panel.delays)
    shades = dict(zip(delayed, colours_of(max(4, len(delayed)), ordered=True)[-len(delayed) :], strict=False))
    lines: tuple[Any, ...] = ("-", (0, (4, 2)), (0, (1, 1.2)), (0, (5, 1, 1, 1)))
    plainer = iter([(COLOURS[6], "-"), (_RED, "-"), (COLOURS[3], (0, (5, 1, 1, 1))), (COLOURS[2], (0, (1, 1.2)))])
    for number, (row, outcome) in enumerate(panel.outcomes.items()):
        curve = outcome.trust_curve()
        times = curve.ticks * some.tick_seconds / unit
        colour, style = (shades[row], lines[number % 4]) if row in shades else next(plainer, (GREY, "-"))
        ax.fill_between(times, curve.mean_low, curve.mean_high, color=colour, alpha=0.2, linewidth=0)
        ax.plot(times, curve.mean, color=colour, linewidth=1.5, linestyle=style, label=wrapped(row, 28, 1))
    ax.set_xlim(0.0, some.horizon * some.tick_seconds / unit)
    ax.set_ylabel("mean trust in the brand")
    ax.yaxis.set_major_formatter(number_format("share"))
    note(ax, f"band: 95% interval of the mean; {played_words(len(panel))} of each row, the same luck")
    legend(ax, beside=True)


def comparison_figures(comparison: Comparison) -> dict[str, Figure]:
    """Return the figures that show plans compared, by name.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    dict of str to Figure
        "differences" where there are several plans, and "effort": what each takes against what it brings.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> list(comparison_figures(vs.compare(scenario, plans=["random", "hubs"], rivals=False)))
    ['differences', 'effort']
    """
    figures: dict[str, Figure] = {}
    if len(comparison.plans) > 1:
        figures["differences"], (ax,) = new_figure(height=max(2.2, 1.3 + 0.5 * (len(comparison.plans) - 1)))
        plan_differences(ax, comparison)
    if any(outcome.metric(comparison.metric).mean is not None for outcome in comparison.outcomes.values()):
        figures["effort"], (ax,) = new_figure()
        effort_and_result(ax, comparison)
    return figures


def crisis_figures(panel: CrisisPanel) -> dict[str, Figure]:
    """Return the figures that show the ways a crisis may go, by name.

    Parameters
    ----------
    panel : CrisisPanel

    Returns
    -------
    dict of str to Figure
        "crisis": every column, row by row; "crisis-trust" over time, where the panel was played with `curves=True`.

    Examples
    --------
    >>> import viralsim as vs
    >>> story = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='random', count=5}}}"
    >>> scenario = vs.read_scenario(settings=["network.people=500", story])
    >>> list(crisis_figures(vs.crisis(scenario, realisations=20, curves=True)))
    ['crisis', 'crisis-trust']
    """
    columns = list(panel.columns)
    beside = 2
    lines = -(-len(columns) // beside)
    figure, axes = new_figure(lines, beside, height=max(3.0, lines * (0.9 + 0.24 * len(panel.rows)) + 0.4))
    for number, ax in enumerate(axes):
        if number < len(columns):
            crisis_panel(ax, panel, columns[number], names=number % beside == 0)
        else:
            ax.remove()
    figure.suptitle(
        "bar: 95% interval of the mean; pale: 5–95% of campaigns; filled: differs from 'no answer' (dashed)\n"
        f"{played_words(len(panel))} of each row, the same luck",
        fontsize=8,
        color=GREY,
    )
    figures = {"crisis": figure}
    if len(next(iter(panel.outcomes.values())).report_ticks) > 2:
        figures["crisis-trust"], (ax,) = new_figure()
        crisis_trust(ax, panel)
    return figures

"""Figures of an outcome: how a campaign grows, what it may end with, whom it reaches, and what trust is left.

Each draws on axes that are handed in. Two intervals are told apart everywhere: of the mean, which more realisations
make narrower, and of one campaign, which they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from viralsim.errors import UsageError
from viralsim.outcome import Estimate, ExposureCurve, Outcome
from viralsim.show.style import (
    COLOURS,
    GREY,
    MARKERS,
    clock,
    colour_scale,
    coloured_fields,
    colours_of,
    dress,
    label,
    legend,
    metric_words,
    new_figure,
    note,
    number_format,
    number_text,
    plain,
    unit_of,
    wrapped,
    write_numbers,
)

if TYPE_CHECKING:
    from viralsim.outcome import CascadeShapes
    from viralsim.scenario import Scenario

__all__ = ["audience_map", "distribution", "exposure_curve", "outcome_figures", "reach_curve", "trust_curve"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BLUE, _RED = COLOURS[:2]
_NEAR = 1.1
"""Up to so many times the people that an item begins with count as having stayed with them."""
_MOST_BARS = 40
_LINES = len(COLOURS)
"""So many segments are told apart on one figure."""
_FEW = 20
"""A chance that fewer people tell of says nothing."""


def played_words(count: int) -> str:
    """Return in words how many realisations are behind a figure.

    Examples
    --------
    >>> played_words(1), played_words(2000)
    ('1 realisation', '2,000 realisations')
    """
    return f"{count:,} realisation{'' if count == 1 else 's'}"


def interval_text(estimate: Estimate, unit: str = "") -> str:
    """Return a mean with its interval as figures show it.

    Examples
    --------
    >>> interval_text(Estimate(0.25, 0.2, 0.3), "share"), interval_text(Estimate(7.0)), interval_text(Estimate())
    ('25% (20% … 30%)', '7', '–')
    """
    if estimate.mean is None:
        return "–"
    text = number_text(estimate.mean, unit)
    if estimate.mean_low is None or estimate.mean_high is None:
        return text
    return f"{text} ({number_text(estimate.mean_low, unit)} … {number_text(estimate.mean_high, unit)})"


def reach_curve(ax: Axes, outcome: Outcome, metric: str = "reach", item: str | None = None) -> None:
    """Draw how a count grows in campaign time: the mean with its 95 % interval, the median, and 5-95 % of campaigns.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    outcome : Outcome
    metric : str
        "reach", "impressions", "engaged" or "shares".
    item : str, optional
        Of which item; the main item where None.

    Raises
    ------
    UsageError
        If there is no such curve or item, or it was not counted.

    Examples
    --------
    >>> import viralsim as vs
    >>> outcome = vs.simulate(vs.read_scenario(settings=["network.people=500"]), realisations=20)
    >>> figure, (ax,) = new_figure()
    >>> reach_curve(ax, outcome)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('time since the start (days)', 'reach (people)')
    """
    curve = outcome.curve(metric, item)
    if not curve.realisations:
        raise UsageError(
            f"there is no {metric} to draw: it was not counted",
            hint="play with impressions=True, or draw engaged or shares",
        )
    dress(ax)
    at = curve.hours * 3600.0 / clock(ax, outcome.horizon * outcome.tick_seconds)
    ax.fill_between(at, curve.p05, curve.p95, color=_BLUE, alpha=0.16, linewidth=0, label="5–95% of campaigns")
    ax.fill_between(
        at, curve.mean_low, curve.mean_high, color=_BLUE, alpha=0.45, linewidth=0, label="95% interval of the mean"
    )
    ax.plot(at, curve.mean, color=_BLUE, linewidth=1.6, label="mean")
    ax.plot(at, curve.p50, color="black", linewidth=1.1, linestyle=(0, (4, 2)), label="median campaign")
    ax.set_ylabel(plain(label(metric)))
    ax.yaxis.set_major_formatter(number_format(unit_of(metric)))
    ax.set_ylim(bottom=0)
    ax.set_xlim(0, max(float(at[-1]), 1e-9))
    note(ax, f"{wrapped(curve.item, 40, 1)}: {played_words(curve.realisations)}")
    legend(ax)


def distribution(ax: Axes, outcome: Outcome, metric: str = "engaged", item: str | None = None) -> None:
    """Draw how many realisations end with how much, so that two kinds of campaigns show where there are two.

    Of engaged people, campaigns that stay with whom they began (at most one in ten more) have a hatched bar of their
    own on the left, and the viral threshold is marked; of other counts those that end with none. Where the rest spans
    more than a factor of 20 its axis is logarithmic. The heights of all bars are the realisations.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    outcome : Outcome
    metric : str
        One that single realisations have.
    item : str, optional
        Of which item; the main item where None.

    Raises
    ------
    UsageError
        If there is no such metric or item, or it is defined in no realisation.

    Examples
    --------
    >>> import viralsim as vs
    >>> outcome = vs.simulate(vs.read_scenario(settings=["network.people=500"]), realisations=20)
    >>> figure, (ax,) = new_figure()
    >>> distribution(ax, outcome)
    >>> float(sum(bar.get_height() for bar in ax.patches))
    20.0
    """
    if metric == "viral_chance":
        raise UsageError(
            "a realisation goes viral or does not: there is nothing between", hint="engaged shows both kinds"
        )
    values = outcome.values(metric, item)
    known = np.isfinite(values)
    if not known.any():
        raise UsageError(f"there is no {metric} to draw: it is undefined in every realisation")
    i = outcome.items.index(outcome.main_item if item is None else item)
    if metric == "engaged":
        apart = known & (values <= _NEAR * outcome.generation_counts[:, i, 0])
        stayed = "stayed with whom it began"
    else:
        apart, stayed = known & (values == 0.0), f"no {metric_words(metric)}"
    rest = values[known & ~apart]
    whole = metric not in ("cost", "trust")
    threshold = float(outcome.viral_threshold) if metric == "engaged" else None
    log = whole and len(rest) > 0 and float(rest.max()) > 20.0 * float(rest.min())
    dress(ax)
    ax.grid(visible=False, axis="x")
    edges = _edges(rest, log, whole)
    counts, _ = np.histogram(rest, edges)
    ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=_BLUE, alpha=0.85, edgecolor="white", linewidth=0.4)
    if log:
        ax.set_xscale("log")
    place = _beside(edges, log)
    if apart.any():
        share = Estimate(float(apart.sum()) / float(known.sum()))
        ax.bar(
            place[0],
            int(apart.sum()),
            place[1] - place[0],
            align="edge",
            color="white",
            edgecolor=_BLUE,
            hatch="////",
            linewidth=0.8,
            label=f"{stayed}: {interval_text(share, 'share')}",
        )
    first = place[0] if apart.any() else edges[0]
    _marks(ax, outcome, metric, item, threshold, (float(first), float(edges[-1])))
    _ticks(ax, metric, log, place if apart.any() else None, edges, metric == "engaged")
    ax.set_xlabel(plain(label(metric)))
    ax.set_ylabel("realisations")
    ax.yaxis.set_major_formatter(number_format(""))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    left = f"; undefined in {int((~known).sum()):,} of them" if not known.all() else ""
    note(ax, f"{wrapped(outcome.items[i], 40, 1)}: {played_words(len(outcome))}{left}")
    legend(ax, above=True, columns=2)


def _edges(values: Floats, log: bool, whole: bool) -> Floats:
    """Return the edges of bars; of whole numbers they lie between these."""
    if len(values) == 0:
        return np.array([0.5, 1.5])
    low, high = float(values.min()), float(values.max())
    bars = int(np.clip(np.ceil(2.0 * np.sqrt(len(values))), 5, _MOST_BARS))
    if log:
        edges = np.unique(np.rint(np.geomspace(low, high + 1.0, bars + 1)))
        return np.asarray(edges - 0.5)
    if whole:
        step = max(1.0, np.ceil((high - low + 1.0) / bars))
        return np.asarray(np.arange(low, high + step + 0.5, step) - 0.5)
    room = max((high - low) / bars, abs(high) * 1e-3, 1e-9)
    return np.linspace(low - room / 2.0, high + room / 2.0, bars + 1)


def _beside(edges: Floats, log: bool) -> tuple[float, float]:
    """Return where a bar stands apart on the left of others."""
    if log:
        wide = (edges[-1] / edges[0]) ** 0.07
        return float(edges[0] / wide**1.5), float(edges[0] / wide**0.5)
    span = float(edges[-1] - edges[0])
    return float(edges[0] - 0.09 * span), float(edges[0] - 0.03 * span)


def _marks(
    ax: Axes, outcome: Outcome, metric: str, item: str | None, threshold: float | None, ends: tuple[float, float]
) -> None:
    """Mark the mean, the median, and from where on a campaign is viral; what lies off the axis is told all the same."""
    estimate, unit = outcome.metric(metric, item), unit_of(metric)
    lines: list[tuple[float | None, str, str, Any]] = [
        (estimate.mean, f"mean {interval_text(estimate, unit)}", _RED, "-"),
        (estimate.p50, f"median {number_text(estimate.p50 or 0.0, unit)}", "black", (0, (4, 2))),
    ]
    if threshold is not None:
        chance = interval_text(outcome.metric("viral_chance", item), "share")
        lines.append((threshold, f"viral, from {threshold:,.0f}: {chance}", COLOURS[2], (0, (1, 1.2))))
    if estimate.mean_low is not None and estimate.mean_high is not None:
        low = max(estimate.mean_low, ends[0])
        ax.fill_betweenx(
            [0, 1], low, max(low, estimate.mean_high), transform=ax.get_xaxis_transform(), color=_RED, alpha=0.2, lw=0
        )
    far = ends[1]
    for value, text, colour, style in lines:
        if value is None:
            continue
        inside = value >= ends[0] and (ax.get_xscale() == "log" or value <= 3.0 * ends[1])
        if inside:
            ax.axvline(value, color=colour, linewidth=1.5, linestyle=style, label=text)
            far = max(far, value)
        else:
            ax.plot([], [], color=colour, linewidth=1.5, linestyle=style, label=text)
    if ax.get_xscale() == "log":
        ax.set_xlim(ends[0] / 1.15, far * 1.15)
    else:
        room = 0.03 * (far - ends[0])
        ax.set_xlim(ends[0] - room, far + room)


def _ticks(ax: Axes, metric: str, log: bool, apart: tuple[float, float] | None, edges: Floats, seeds: bool) -> None:
    """Set ticks so that the bar that stands apart has its name below it in place of a number."""
    unit = unit_of(metric)
    low, high = ax.get_xlim()
    if log:
        decades = 10.0 ** np.arange(np.floor(np.log10(max(low, 1e-9))), np.ceil(np.log10(high)) + 1)
        steps = (1, 2, 5) if high / low < 2e3 else (1, 3) if high / low < 2e4 else (1,)
        found = np.sort(np.concatenate([decades * step for step in steps]))
        ax.xaxis.set_minor_locator(NullLocator())
    else:
        found = np.asarray(ax.xaxis.get_major_locator().tick_values(low, high))
        if metric not in ("cost", "trust"):
            found = found[found == np.rint(found)]
    found = found[(found >= (edges[0] if apart else low)) & (found <= high)]
    names = [number_text(round(float(value), 12), unit) for value in found]
    if apart is not None:
        middle = float(np.sqrt(apart[0] * apart[1])) if log else sum(apart) / 2.0
        found, names = np.append(found, middle), [*names, "seeds" if seeds else "none"]
    ax.xaxis.set_major_locator(FixedLocator(found.tolist()))
    ax.set_xticks(found.tolist(), names)


def audience_map(ax: Axes, outcome: Outcome, metric: str = "reach", item: str | None = None) -> None:
    """Draw which share of each segment is reached, or engaged, on each platform: dark is much.

    Where there are several platforms the last column tells of any of them together: who is reached on two counts on
    both, and there once. Fields hold the mean and half its 95 % interval.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    outcome : Outcome
    metric : str
        "reach" or "engaged".
    item : str, optional
        Of which item; the main item where None.

    Raises
    ------
    UsageError
        If there is no such metric or item, or segments and platforms were not told apart.

    Examples
    --------
    >>> import viralsim as vs
    >>> young = {"network.people": 500, "segment.young.where": {"age": "<=30"}}
    >>> young["network.attribute.age"] = {"distribution": "uniform", "low": 15, "high": 60}
    >>> outcome = vs.simulate(vs.read_scenario(settings=young), realisations=20)
    >>> figure, (ax,) = new_figure()
    >>> audience_map(ax, outcome)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['young (167)', 'everyone (333)']
    """
    if metric not in ("reach", "engaged"):
        raise UsageError(f"a map of the audience shows reach or engaged, not '{metric}'")
    audience = outcome.audience
    if audience is None:
        raise UsageError(
            "segments and platforms were not told apart",
            hint="report.audiences = true does so; it needs impressions to be counted",
        )
    audience = audience if item is None else audience.of(item)
    segments, platforms = list(audience.segments), list(audience.platforms)
    columns: list[str | None] = [*platforms, *([None] if len(platforms) > 1 else [])]
    mean, half = (np.full((len(segments), len(columns)), np.nan) for _ in range(2))
    for row, segment in enumerate(segments):
        people = audience.segments[segment].people
        for column, platform in enumerate(columns):
            part = audience.segments[segment] if platform is None else audience.cell(segment, platform)
            if people:
                share = part.metric(metric).divided(people).at_most(1.0)
                mean[row, column] = np.nan if share.mean is None else share.mean
                if share.mean_low is not None and share.mean_high is not None:
                    half[row, column] = (share.mean_high - share.mean_low) / 2.0
    most = float(np.nanmax(mean, initial=0.0))
    span = (0.0, most or 1.0)
    picture = coloured_fields(ax, mean, span)
    ax.invert_yaxis()  # the first segment on top, as in the scenario
    if len(platforms) > 1:
        ax.axvline(len(platforms) - 0.5, color="black", linewidth=1.2)
    names = [wrapped(name, 16) if name is not None else "any platform" for name in columns]
    ax.set_xticks(range(len(columns)), names)
    crowded = sum(max(map(len, name.split("\n"))) for name in names) > 60
    if crowded:
        ax.tick_params(axis="x", rotation=45)
    counts = [audience.segments[name].people or 0 for name in segments]
    ax.set_yticks(
        range(len(segments)), [f"{wrapped(name)} ({count:,})" for name, count in zip(segments, counts, strict=True)]
    )
    ax.set_xlabel("platform")
    ax.set_ylabel("segment (people)")
    words = "reached" if metric == "reach" else "engaged"
    colour_scale(ax, picture, f"share {words}", "share")
    told = f"{wrapped(audience.item, 30, 1)}: {played_words(len(outcome))}"
    if write_numbers(ax, mean, half, "share", span, room=3.4):
        note(ax, f"±: 95% interval of the mean; {told}")
    elif np.isfinite(half).any():
        note(ax, f"95% interval of a mean: at most ±{number_text(float(np.nanmax(half)), 'share')}; {told}")


def trust_curve(
    ax: Axes, outcome: Outcome, scenario: Scenario | None = None, segments: Sequence[str] | None = None
) -> None:
    """Draw trust in the brand over time by segment: its mean, 5-95 % of people, and when the crisis comes.

    Above the curves each item that begins has a line: a dot at the median time, a bar from 5 to 95 % of the
    realisations in which it does. Up to three segments show 5-95 % of their people as a band, more of them as thin
    bars.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    outcome : Outcome
    scenario : Scenario, optional
        What was played: it says what kind each item is, and when something is proven false.
    segments : sequence of str, optional
        Which to draw; where None those with most people, seven at most.

    Raises
    ------
    UsageError
        If nothing can take trust, or there is no such segment.

    Examples
    --------
    >>> import viralsim as vs
    >>> story = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='degree', count=5}}}"
    >>> scenario = vs.read_scenario(settings=["network.people=500", story])
    >>> figure, (ax,) = new_figure()
    >>> trust_curve(ax, vs.simulate(scenario, realisations=20), scenario)
    >>> ax.get_ylabel(), [text.get_text() for text in ax.texts]
    ('trust in the brand', ['story (rumour) begins'])
    """
    if not outcome.segments:
        raise UsageError("there is no trust to draw: no item can take any", hint="testimony and rumours do")
    if segments is None:
        by_size = sorted(range(len(outcome.segments)), key=lambda g: -int(outcome.segment_people[g]))[:_LINES]
        chosen = [name for g, name in enumerate(outcome.segments) if g in by_size and outcome.segment_people[g]]
    else:
        chosen = list(segments)
    dress(ax)
    unit = clock(ax, outcome.horizon * outcome.tick_seconds)
    times = outcome.report_ticks * outcome.tick_seconds / unit
    known = outcome.quantile_ticks * outcome.tick_seconds / unit
    bands = len(chosen) <= 3
    for number, (name, colour) in enumerate(zip(chosen, colours_of(len(chosen), ordered=False), strict=True)):
        curve, (low, _, high) = outcome.trust_curve(name), outcome.trust_of_people(name)
        mark = MARKERS[number % len(MARKERS)]
        if bands:
            ax.fill_between(known, low, high, color=colour, alpha=0.13, linewidth=0)
        else:
            step = max(1, len(known) // 7)
            shift = (number - (len(chosen) - 1) / 2.0) * 0.012 * float(times[-1])
            some = np.arange(step // 2, len(known), step)
            ax.vlines(known[some] + shift, low[some], high[some], color=colour, alpha=0.55, linewidth=1.6)
        ax.fill_between(times, curve.mean_low, curve.mean_high, color=colour, alpha=0.4, linewidth=0)
        every = max(1, len(times) // 6)
        shown = wrapped(name, 24, 1)
        ax.plot(
            times,
            curve.mean,
            color=colour,
            linewidth=1.5,
            marker=mark,
            markersize=4,
            markevery=(number * every // max(1, len(chosen)), every),
            label=shown,
        )
    lanes = _begins(outcome, scenario)
    low = float(ax.get_ylim()[0])
    low = max(-0.03, min(low, 0.97))
    top = 1.0 + (1.0 - low) * (0.04 + 0.07 * len(lanes))
    ax.set_ylim(low, top)
    ax.set_xlim(0.0, max(float(times[-1]), 1e-9))
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= 1.0 + 1e-9])
    ax.yaxis.set_major_formatter(number_format("share"))
    for lane, (text, at) in enumerate(lanes):
        height = 1.0 + (1.0 - low) * (0.05 + 0.07 * (len(lanes) - 1 - lane))
        p05, p50, p95 = (float(value) * outcome.tick_seconds / unit for value in at)
        ax.plot([p50, p50], [low, height], color=GREY, linewidth=0.8, linestyle=":", zorder=1)
        ax.plot([p05, p95], [height, height], color="black", linewidth=2.5, solid_capstyle="butt")
        ax.plot(p50, height, color="black", marker="v", markersize=5, clip_on=False)
        late = p50 > 0.55 * float(times[-1])
        ax.annotate(
            text,
            (p05 if late else p95, height),
            xytext=(-6 if late else 6, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            fontsize=8,
        )
    ax.set_ylabel("trust in the brand")
    left = len([people for people in outcome.segment_people.tolist() if people]) - len(chosen)
    others = "" if left <= 0 else f"; {left} more segment{'s' if left > 1 else ''} not shown"
    shape = "pale" if bands else "bars"
    note(ax, f"line: mean, with its 95% interval; {shape}: 5–95% of people; {played_words(len(outcome))}{others}")
    legend(ax, "segment" if len(chosen) > 1 else "")


def _begins(outcome: Outcome, scenario: Scenario | None) -> list[tuple[str, Floats]]:
    """Return what begins when: words, and the 5 %, median and 95 % tick over the realisations in which it does."""
    found: list[tuple[str, Floats]] = []
    for item in outcome.items:
        kind = "" if scenario is None or item not in scenario.item else scenario.item[item].kind
        if kind == "content" or (not kind and item == outcome.main_item):
            continue
        name = wrapped(item, 24, 1) + (f" ({kind})" if kind else "")
        anything = np.any(outcome.curves[:, outcome.items.index(item)] > 0, axis=1)  # [R, K]
        first = np.where(anything.any(axis=1), outcome.report_ticks[np.argmax(anything, axis=1)], -1)
        begun = first[first >= 0]
        if len(begun):
            share = len(begun) / len(first)
            often = "" if share == 1.0 else f" in {number_text(share, 'share')} of campaigns"
            percents = np.percentile(begun, [5, 50, 95], method="inverted_cdf")
            found.append((f"{name} begins{often}", np.asarray(percents, np.float64)))
        false_at = None if scenario is None or not kind else scenario.item[item].proven_false_at
        if false_at is not None and len(begun):
            found.append((f"{name} proven false", np.full(3, float(false_at))))
    return found


def exposure_curve(ax: Axes, curve: ExposureCurve | CascadeShapes) -> None:
    """Draw the chance that the k-th share somebody sees persuades them, with 95 % intervals, and what was expected.

    Shares that fewer than 20 people saw are left out: their chance is hardly known.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    curve : ExposureCurve or CascadeShapes
        As `viralsim.cascade_shapes` gives it.

    Raises
    ------
    UsageError
        If the scenario has no such curve, or nobody saw a share.

    Examples
    --------
    >>> import viralsim as vs
    >>> chances = "item.content={law='curve', curve=[0.02, 0.06, 0.04], endorsement=0, half_life='none'}"
    >>> scenario = vs.read_scenario(settings=["network.people=1_000", chances])
    >>> figure, (ax,) = new_figure()
    >>> exposure_curve(ax, vs.cascade_shapes(scenario, realisations=50))
    >>> ax.get_xlabel()
    'shares seen'
    """
    found = curve if isinstance(curve, ExposureCurve) else curve.exposure_curve()
    shown = max(1, int(np.count_nonzero(found.seen >= _FEW))) if len(found.chances) else 0
    if not shown:
        raise UsageError("there is no exposure curve to draw: nobody saw a share")
    at = np.arange(1, shown + 1)
    chances = found.chances[:shown]
    mean, low, high = (
        np.array([np.nan if (value := getattr(one, name)) is None else value for one in chances], np.float64)
        for name in ("mean", "mean_low", "mean_high")
    )
    expected = np.array([np.nan if one is None else one for one in found.expected[:shown]], np.float64)
    dress(ax)
    if np.isfinite(expected).any():
        ax.plot(at, expected, color="black", linewidth=1.1, linestyle=(0, (4, 2)), label="as the scenario says")
    ax.errorbar(
        at,
        mean,
        yerr=np.maximum(np.stack([mean - low, high - mean]), 0.0),
        color=_BLUE,
        marker="o",
        markersize=4,
        linewidth=1.2,
        capsize=2.5,
        elinewidth=1.0,
        label="as it came",
    )
    ax.set_xlabel("shares seen")
    ax.set_ylabel("chance that this share persuades")
    ax.set_xlim(0.5, shown + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    ax.yaxis.set_major_formatter(number_format("share"))
    ax.set_ylim(bottom=0.0)
    left = "" if shown == len(found.chances) else f"; fewer than {_FEW} people saw more than {shown}"
    note(ax, f"bar: 95% interval; {int(found.seen[0]):,} people saw a share{left}")
    legend(ax)


def outcome_figures(outcome: Outcome, scenario: Scenario | None = None) -> dict[str, Figure]:
    """Return the figures that show an outcome, by name.

    Parameters
    ----------
    outcome : Outcome
    scenario : Scenario, optional
        What was played: it says more of a crisis.

    Returns
    -------
    dict of str to Figure
        "reach" (or "engaged", where reach was not counted) and "distribution"; "audience" where there are several
        segments or platforms; "trust" where an item can take it.

    Examples
    --------
    >>> import viralsim as vs
    >>> outcome = vs.simulate(vs.read_scenario(settings=["network.people=500"]), realisations=20)
    >>> list(outcome_figures(outcome))
    ['reach', 'distribution']
    """
    metric = "reach" if outcome.curve("reach").realisations else "engaged"
    figures: dict[str, Figure] = {}
    figures[metric], (ax,) = new_figure()
    reach_curve(ax, outcome, metric)
    figures["distribution"], (ax,) = new_figure()
    distribution(ax, outcome)
    audience = outcome.audience
    if audience is not None and (len(audience.segments) > 1 or len(audience.platforms) > 1):
        figures["audience"], (ax,) = new_figure(height=max(2.4, 1.5 + 0.42 * len(audience.segments)))
        audience_map(ax, outcome)
    if outcome.segments:
        figures["trust"], (ax,) = new_figure()
        trust_curve(ax, outcome, scenario)
    return figures

"""What would have been, as lines of plain text for a terminal: paired differences, and the panel of a crisis."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from viralsim.cli.comparison_text import _listed, _words
from viralsim.cli.text import (
    _LABELS,
    _TIMES,
    _assumption_lines,
    _decimals,
    _duration,
    _percent,
    _plural,
    _quantile,
    _tables,
    _unit,
    played_words,
    shown_metrics,
)

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.outcome import Counterfactual, CrisisPanel, Estimate
    from viralsim.scenario import Scenario

__all__ = ["crisis_lines", "difference_lines"]

_OF_OTHERS = ("reach", "engaged", "shares")
_MOST_DIGITS = 6


def _digits(mean: float, half: float | None) -> int:
    """Return so many decimals that half an interval has one digit, or two where the first is 1."""
    if not half:
        return min(_MOST_DIGITS, _decimals(mean) if mean == 0 or abs(mean) >= 0.01 else 4)
    place = math.floor(math.log10(half))
    return max(0, min(_MOST_DIGITS, (1 if half < 2 * 10.0**place else 0) - place))


def _known(
    estimate: Estimate, most: int = _MOST_DIGITS, *, scale: float = 1.0, signed: bool = False, after: str = ""
) -> str:
    """Show a mean with half its interval, to the digits that the latter knows, at most so many decimals."""
    if estimate.mean is None:
        return "–"
    mean, half = estimate.mean * scale, None if estimate.half_width is None else estimate.half_width * scale
    if mean == 0 and not half:
        return f"0{after}"
    digits = 0 if mean == int(mean) and not half else min(most, _digits(mean, half))
    if round(mean, digits) == 0:
        mean = 0.0  # neither +0.00 nor -0.00
        signed = False
    shown = f"{mean:{'+' if signed else ''},.{digits}f}"
    return f"{shown} ± {half:,.{digits}f}{after}" if half else f"{shown}{after}"


def _in_units(metric: str, tick: float, *means: float | None) -> tuple[float, str]:
    """Return by what a metric is multiplied to be shown, and its unit."""
    if metric == "viral_chance":
        return 100.0, "%"
    if metric in _TIMES:
        unit, length = _unit(max(1.0, *(abs(mean or 0.0) for mean in means)) * tick)
        return tick / length, f" {unit}"
    return 1.0, ""


def _spread(estimate: Estimate, scale: float, digits: int | None = None) -> str:
    """Show what one campaign may bring: 5 and 95 %."""
    if estimate.p05 is None or estimate.p95 is None:
        return ""
    return " … ".join(_signed_quantile(value * scale, digits) for value in (estimate.p05, estimate.p95))


def _signed_quantile(value: float, digits: int | None = None) -> str:
    shown = _quantile(value) if digits is None else f"{round(value, digits) or 0.0:.{digits}f}"
    return f"+{shown}" if value > 0 and float(shown.replace(",", "")) else shown


# -- paired differences -----------------------------------------------------------------------------


def difference_lines(found: Counterfactual, width: int = 80) -> list[str]:
    """Return the paired differences of two ways a scenario may go as lines of text.

    Parameters
    ----------
    found : Counterfactual
    width : int
        Columns that paragraphs and tables may take.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> found = vs.counterfactual(scenario, settings=["item.content.stickiness=5%"], realisations=100)
    >>> print(difference_lines(found)[0])
    as it is minus with item.content.stickiness=5%: 100 realisations, the same luck
    """
    from viralsim.outcome.counterfactuals import DIFFERENCES

    one, other = found.names
    main = found.actual.main_item
    head = f"{one} minus {other}: {_plural(len(found), 'realisation')}, the same luck"
    heads = [_two_lines(found.names[0], "this"), _two_lines(found.names[1], "otherwise")]
    rows = [["", *(head[0] for head in heads), "", "one campaign:"]]
    rows.append([f"item '{main}'", *(head[1] for head in heads), "difference", "5 … 95%"])
    none: list[str] = []
    unseen: list[str] = []
    told = 0
    shown = shown_metrics([found.actual, found.otherwise], found.scenarios[0])
    for item in (main, *(item for item in found.items if item != main)):
        if item != main:
            if found.scenarios[1].item[item].silent or found.scenarios[0].item[item].silent:
                continue  # one of the two has nothing of it
            rows.append([f"item '{item}'", "", "", "", ""])
        for metric in [name for name in shown if name in DIFFERENCES] if item == main else _OF_OTHERS:
            if not any(outcome.metric(metric, item).mean for outcome in (found.actual, found.otherwise)):
                continue  # neither has anything to show
            if metric == "baseline_conversions" and not found.values(metric).any():
                continue  # they come in any case
            rows.append([f"  {_LABELS.get(metric, _words(metric))}", *_difference_cells(found, metric, item)])
            values = found.values(metric, item)
            known = values[values == values]  # noqa: PLR0124 - not NaN
            name = _LABELS.get(metric, _words(metric)).strip() + ("" if item == main else f" of '{item}'")
            told += len(known) > 0
            if len(known) and not known.any():
                none.append(name)
            elif _differs(found.difference(metric, item)) is False:
                unseen.append(name)
    lines = [*textwrap.wrap(head, max(width, 40), break_on_hyphens=False), *_tables(rows, width)]
    notes = ["Differences are taken realisation by realisation; ± is half the 95% interval of their mean."]
    if told and len(none) == told:
        notes.append("Not one realisation differs in any of these.")
    elif none:
        notes.append(f"Not one realisation differs in {_listed(none)}.")
    if unseen:
        notes.append(f"The interval contains 0, so no difference is known, for {_listed(unseen)}.")
    if found.actual.unknowns or found.otherwise.unknowns:
        notes.append("Both met the same numbers in place of those that are not known.")
    lines.append("")
    for text in notes:
        lines += textwrap.wrap(text, max(width, 40), break_on_hyphens=False)
    return lines


def _differs(difference: Estimate) -> bool | None:
    from viralsim.outcome.counterfactuals import differs

    return differs(difference)


def _two_lines(name: str, instead: str) -> tuple[str, str]:
    """Return what heads a column, in two lines: a name, or another word where that is too long."""
    words = (name if len(name) <= 24 else instead).split()
    if len(words) == 1 or len(name) <= 8:
        return "", " ".join(words)
    ways = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return min(ways, key=lambda way: max(map(len, way)))


def _difference_cells(found: Counterfactual, metric: str, item: str) -> list[str]:
    """Return means, difference and spread of one metric."""
    means = [outcome.metric(metric, item).mean for outcome in (found.actual, found.otherwise)]
    difference = found.difference(metric, item)
    scale, after = _in_units(metric, found.actual.tick_seconds, *means)
    digits = 3 if metric == "trust" else None
    cells = [_mean(mean, scale, after, digits) for mean in means]
    spread = "" if metric == "viral_chance" else _spread(difference, scale, digits)
    return [*cells, _known(difference, scale=scale, signed=True, after=after), spread]


def _mean(value: float | None, scale: float, after: str, digits: int | None) -> str:
    if value is None:
        return "–"
    shown = value * scale
    digits = 1 if after == "%" else _decimals(shown) if digits is None else digits
    return f"{shown:,.{digits}f}{after}"


# -- the panel of a crisis --------------------------------------------------------------------------


def crisis_lines(
    panel: CrisisPanel, scenario: Scenario, graph: SocialGraph, width: int = 80, *, everything: bool = False
) -> list[str]:
    """Return the panel of a crisis as lines of text.

    Parameters
    ----------
    panel : CrisisPanel
    scenario : Scenario
        Its title is the heading.
    graph : SocialGraph
        What it was played on.
    width : int
        Columns that paragraphs and tables may take; tables that are wider are split.
    everything : bool
        Whether what one campaign may bring is shown, too.

    Examples
    --------
    >>> import viralsim as vs
    >>> story = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='random', count=5}}}"
    >>> scenario = vs.read_scenario(settings=["network.people=500", story])
    >>> graph = vs.load_network(scenario.network)
    >>> print(crisis_lines(vs.crisis(scenario, graph=graph, realisations=20), scenario, graph)[1])
    2 ways the crisis may go, plan 'random': 20 realisations of 14 d each
    """
    from viralsim.engine import arcs_by_platform
    from viralsim.outcome.counterfactuals import NO_ANSWER

    some = next(iter(panel.outcomes.values()))
    arcs = sum(map(len, arcs_by_platform(scenario, graph).values()))
    width = max(width, 60)
    others = [row for row in panel.rows if row != NO_ANSWER]
    lines = [
        scenario.title or scenario.source,
        f"{_plural(len(panel.rows), 'way')} the crisis may go, plan '{some.plan}': "
        f"{_plural(len(panel), 'realisation')} of {_duration(some.horizon * some.tick_seconds)} each",
        f"{graph.people:,} {'person' if graph.people == 1 else 'people'}, {_plural(arcs, 'arc')}"
        + played_words(scenario, graph),
        "",
        *_panel_table(panel, panel.rows, panel.value, _known, width),
        "",
        f"against '{NO_ANSWER}', realisation by realisation",
        *_panel_table(panel, others, panel.difference, partial(_known, signed=True), width),
    ]
    if everything:
        lines += ["", "one campaign: 5% … median … 95%"]
        lines += _panel_table(panel, panel.rows, panel.value, _quantiles, width)
        lines += ["", f"one campaign against '{NO_ANSWER}': 5% … median … 95%"]
        lines += _panel_table(panel, others, panel.difference, partial(_quantiles, signed=True), width)
    if panel.steps:
        steps = {_step(panel, *step): step for step in panel.steps}
        lines += ["", "what each hour of delay changes, on average between two delays"]
        lines += _panel_table(
            panel, steps, lambda step, column: panel.hour(*steps[step], column), partial(_known, signed=True), width
        )
    lines.append("")
    for text in _panel_notes(panel):
        lines += textwrap.wrap(text, width, break_on_hyphens=False)
    lines += _assumption_lines(scenario, some.plan, width)
    lines.append(f"random_seed {some.random_seed}, scenario {next(reversed(panel.outcomes.values())).scenario_hash}")
    return lines


def _heads(panel: CrisisPanel) -> list[tuple[str, str]]:
    """Return what heads each column, in two lines."""
    named = {"trust": ("trust at", "the end, %"), "converted": ("converted", "by the end")}
    return [named.get(metric, ("reach of", f"'{item}'")) for metric, item in panel.columns.values()]


def _panel_table(
    panel: CrisisPanel,
    rows: Iterable[str],
    estimate: Callable[[str, str], Estimate],
    show: Callable[[Estimate, int], str],
    width: int,
) -> list[str]:
    """Return a table of estimates by row and column; trust in percent, in which its differences are short."""
    names = list(rows)
    columns = [["", "", *names]]
    for head, column in zip(_heads(panel), panel.columns, strict=True):
        estimates = [estimate(row, column) for row in names]
        if column == "trust":
            estimates = [one.divided(0.01) for one in estimates]
        # One more decimal than the least known number of the column has.
        digits = [_digits(one.mean or 0.0, one.half_width) for one in estimates if one.half_width]
        columns.append([*head, *(show(one, min(digits, default=_MOST_DIGITS) + 1) for one in estimates)])
    return _tables(list(zip(*columns, strict=True)), width)


def _quantiles(estimate: Estimate, _: int, *, signed: bool = False) -> str:
    """Show what one campaign may bring: 5 %, median and 95 %."""
    show = _signed_quantile if signed else _quantile
    values = (estimate.p05, estimate.p50, estimate.p95)
    return " … ".join(show(float(f"{value:.4g}")) for value in values if value is not None)


def _step(panel: CrisisPanel, shorter: str, longer: str) -> str:
    from viralsim.scenario.units import tick_text

    tick = next(iter(panel.outcomes.values())).tick_seconds
    one, two = (tick_text(panel.delays[row] * tick) if panel.delays[row] else "at once" for row in (shorter, longer))
    return f"{one} to {two}"


def _panel_notes(panel: CrisisPanel) -> list[str]:
    notes = [
        "± is half the 95% interval of the mean; differences that are smaller than theirs may be none. All rows have "
        "the same luck. Trust is the mean of all people."
    ]
    if "converted" in panel.columns:
        own = panel.own_accord
        notes.append(
            f"Of those who convert, {_known(own)} would of their own accord by then, the same people in every row."
        )
    if panel.steps:
        whole = panel.hour(*panel.steps[-1], "trust")
        if whole.mean is not None and whole.mean > 0 and _differs(whole):
            notes.append(
                "Here a later answer mends more: who sees an answer before the crisis reaches them regains nothing by "
                "it, and an answer that does not last is over when it is needed."
            )
    began: dict[float, list[str]] = {}
    for row in panel.delays:
        began.setdefault(panel.rows[row].answered or 0.0, []).append(f"'{row}'")
    for share, rows in began.items():
        where = "" if len(rows) == len(panel.delays) else f" ({_listed(rows)})"
        if share == 0.0:
            notes.append(
                f"The answer never begins{where}: what it reacts to does not reach after_reach people, or not in time."
            )
        elif share < 1.0:
            notes.append(f"The answer begins in {_percent(share)} of realisations{where}.")
    notes += [f"Left out: '{row}', {reason}." for row, reason in panel.left_out.items()]
    if panel.outcomes and next(iter(panel.outcomes.values())).unknowns:
        notes.append("Every row met the same numbers in place of those that are not known.")
    return notes

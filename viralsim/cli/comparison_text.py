"""A comparison of plans as lines of plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from viralsim.cli.audience_text import compared_audience_lines
from viralsim.cli.text import (
    _dates,
    _decimals,
    _duration,
    _percent,
    _plural,
    _row,
    _tables,
    _unit,
    played_words,
    shown_metrics,
)

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.outcome import Comparison
    from viralsim.outcome.rivals import Rivals
    from viralsim.scenario import Scenario

__all__ = ["comparison_lines", "look_line"]

_TIMES = ("time_to_peak", "time_to_half")


def comparison_lines(
    comparison: Comparison, scenario: Scenario, graph: SocialGraph, width: int = 80, *, everything: bool = False
) -> list[str]:
    """Return a comparison of plans as lines of text.

    Parameters
    ----------
    comparison : Comparison
    scenario : Scenario
        Its title is the heading.
    graph : SocialGraph
        What they were played on.
    width : int
        Columns that paragraphs and tables may take; tables that are wider are split, or stand as they are where one
        column and the names are wider.
    everything : bool
        Whether every metric is shown with its intervals, and every pair of plans.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> graph = vs.load_network(scenario.network)
    >>> comparison = vs.compare(scenario, graph=graph, realisations=20, rivals=False)
    >>> print(comparison_lines(comparison, scenario, graph)[1])
    3 plans by engaged of item 'content': 20 realisations of 14 d each
    """
    from viralsim.engine import arcs_by_platform

    some, width = next(iter(comparison.outcomes.values())), max(width, 60)
    arcs = sum(map(len, arcs_by_platform(scenario, graph).values()))
    several = len(comparison.plans) > 1
    shared = " each" if several else ""
    of_item = "" if comparison.metric == "trust" else f" of item '{some.main_item}'"
    lines = [
        scenario.title or scenario.source,
        f"{_plural(len(comparison.plans), 'plan')} by {_words(comparison.metric)}{of_item}: "
        f"{_plural(len(comparison), 'realisation')} of {_duration(some.horizon * some.tick_seconds)}{shared}",
        f"{graph.people:,} {'person' if graph.people == 1 else 'people'}, {_plural(arcs, 'arc')}"
        + played_words(scenario, graph),
        *_dates(scenario),
        "",
        *_results(comparison, comparison.metric, width, ranked=several),
    ]
    settled = _settled_words(comparison) if several else []
    if several:
        lines += ["", *textwrap.wrap(settled.pop(0), width, break_on_hyphens=False)]  # what most came for
        lines += ["", *_against(comparison, comparison.best, "the best", width)]
        if comparison.baseline != comparison.best:
            lines += ["", *_against(comparison, comparison.baseline, "the baseline", width)]
        if everything:
            lines += ["", *_pairs(comparison, width)]
    shown = [
        name
        for name in shown_metrics(list(comparison.outcomes.values()), scenario)
        if name != "cost" or everything  # above already
    ]
    others = [name for name in shown if name != comparison.metric]
    if everything:
        for name in others:
            lines += ["", *_results(comparison, name, width, ranked=False)]
    else:
        lines += ["", *_means(comparison, others, width)]
    lines += compared_audience_lines(comparison, scenario, width)
    if comparison.rivals is not None:
        lines += ["", *_rival_table(comparison, comparison.rivals, width)]
    if comparison.decided is not None:
        lines += ["", *_decided_table(comparison, width)]
    paragraphs = [
        *settled,
        *(_effort_words(comparison) if several else []),
        *_rival_words(comparison, comparison.rivals),
        *_decided_words(comparison),
        *(_unknown_words(comparison)),
    ]
    lines.append("")
    for text in paragraphs:
        lines += textwrap.wrap(text, width, break_on_hyphens=False)
    lines.append(f"random_seed {some.random_seed}, scenario {some.scenario_hash}")
    return lines


def look_line(comparison: Comparison) -> str:
    """Say in one line how far the ranking is settled.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> look_line(vs.compare(scenario, realisations=20, rivals=False))
    'after 20 realisations: hubs leads (its mean is the best with a chance of >99.9%), 3 of 3 pairs not told apart yet'
    """
    pairs = len(comparison.plans) * (len(comparison.plans) - 1) // 2
    left = len(comparison.undecided)
    state = f"{left} of {_plural(pairs, 'pair')} not told apart yet" if left else "settled"
    return (
        f"after {_plural(len(comparison), 'realisation')}: {comparison.best} leads (its mean is the best with a chance "
        f"of {_chance(comparison.chance_best[comparison.best])}), {state}"
    )


def _chance(value: float | None) -> str:
    """Show a chance that is known from draws: never more certain than they are."""
    if value is not None and value > 0.9995:
        return ">99.9%"
    return "<0.1%" if value is not None and value < 0.0005 else _percent(value)


# -- tables -----------------------------------------------------------------------------------------


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float | None, metric: str, tick: float, *, signed: bool = False, digits: int | None = None) -> str:
    """Show a value of a metric, or a difference of two."""
    if value is None:
        return "–"
    sign = "+" if signed else ""
    if metric == "viral_chance":
        return f"{100 * value:{sign}.1f}%"
    after, scale = "", 1.0
    if metric in _TIMES:
        unit, length = _unit(max(abs(value), 1.0) * tick)
        after, scale = f" {unit}", tick / length
    shown = value * scale
    if metric == "trust" and digits is None:
        digits = 4 if signed else 3  # plans differ by less than people do
    return f"{shown:{sign},.{_decimals(shown) if digits is None else digits}f}{after}"


def _results(comparison: Comparison, metric: str, width: int, *, ranked: bool) -> list[str]:
    """Return a metric of all plans with both intervals; with the effort and what is known of the ranking."""
    head = ["", _words(metric), "95% interval", "5% … median … 95%"]
    if ranked:
        head = ["plan", comparison.effort, *head[1:3], "wins", "best", head[3]]
    rows = [head]
    for plan in comparison.order:
        outcome = comparison.outcomes[plan]
        cells = [plan, *_row(metric, outcome.metric(metric), outcome.tick_seconds)[1:]]
        if ranked:
            # The spread comes last: where a line is too short for all, it is the one that moves below.
            cells[3:3] = [_percent(comparison.wins[plan]), _chance(comparison.chance_best[plan])]
            cells[1:1] = [_effort(comparison.efforts[plan], comparison.effort)]
        rows.append(cells)
    return _tables(rows, width)


def _effort(value: float, kind: str) -> str:
    """Show money, or a number of seeds that is a mean."""
    if kind == "cost":
        return _money(value)
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _against(comparison: Comparison, other: str, what: str, width: int) -> list[str]:
    """Return differences to one plan; its name is above the table, which would grow too wide with long ones."""
    rows = [[plan, *_pair(comparison, plan, other)] for plan in comparison.order if plan != other]
    return [f"against '{other}', {what}", *_tables([["plan", *_PAIR], *rows], width)]


def _pairs(comparison: Comparison, width: int) -> list[str]:
    rows = [
        [f"{plan} against {other}", *_pair(comparison, plan, other)]
        for plan, other in combinations(comparison.order, 2)
    ]
    return _tables([["all pairs", *_PAIR], *rows], width)


_PAIR = ("difference", "interval, all pairs", "relative", "")


def _pair(comparison: Comparison, plan: str, other: str) -> list[str]:
    metric, tick = comparison.metric, comparison.outcomes[plan].tick_seconds
    difference, judgement = comparison.difference(plan, other), comparison.judge(plan, other)
    ratio = comparison.ratio(plan, other)[0]
    interval = ""
    if judgement.low is not None:
        interval = " … ".join(_number(value, metric, tick, signed=True) for value in (judgement.low, judgement.high))
    return [
        _number(difference.mean, metric, tick, signed=True),
        interval,
        "" if ratio is None else f"{ratio - 1:+,.{0 if ratio > 10 else 1}%}",
        judgement.verdict or "not told apart",
    ]


def _means(comparison: Comparison, metrics: Sequence[str], width: int) -> list[str]:
    """Return the means of further metrics, a column for each plan; several tables where they are too wide."""
    columns = [["mean of", *map(_words, metrics)]]
    for plan in comparison.order:
        outcome = comparison.outcomes[plan]
        columns.append([plan, *(_row(name, outcome.metric(name), outcome.tick_seconds)[1] for name in metrics)])
    return _tables(list(zip(*columns, strict=True)), width)


def _more(share: float) -> str:
    return "as many" if share == 0.0 else f"{share:+.0%}"


def _rival_table(comparison: Comparison, rivals: Rivals, width: int) -> list[str]:
    metric, tick = comparison.metric, next(iter(comparison.outcomes.values())).tick_seconds
    priced = bool(rivals.cost.mean) or any(rival.cost.mean for rival in rivals.grid)
    what = "budget" if rivals.of == "budget" else "people"
    rows = [["", "seeds", _words(metric), "difference", "95% interval", "as good"]]
    rows.append([rivals.plan, _effort(rivals.seeds, "seeds"), _number(rivals.result.mean, metric, tick), "", "", ""])
    costs = ["cost", _money(rivals.cost.mean)]
    for rival in rivals.grid:
        low, high = rival.difference.mean_low, rival.difference.mean_high
        interval = "" if low is None else " … ".join(_number(value, metric, tick, signed=True) for value in (low, high))
        rows.append(
            [
                f"{'the same' if what == 'budget' and rival.more == 0 else _more(rival.more)} {what}",
                _effort(rival.seeds, "seeds"),
                _number(rival.result.mean, metric, tick),
                _number(rival.difference.mean, metric, tick, signed=True),
                interval,
                _chance(rival.as_good),
            ]
        )
        costs.append(_money(rival.cost.mean))
    if priced:
        for row, cost in zip(rows, costs, strict=True):
            row.insert(2, cost)
    return [f"random people instead of '{rivals.plan}'", *_tables(rows, width)]


def _money(value: float | None) -> str:
    """Show an amount; the cents of large ones are no help."""
    return "–" if value is None else f"{value:,.{2 if value < 10_000 else 0}f}"


def _decided_table(comparison: Comparison, width: int) -> list[str]:
    decided = comparison.decided
    assert decided is not None  # noqa: S101 - asked only where there is one
    tick = next(iter(comparison.outcomes.values())).tick_seconds
    rows = [[f"decided after {_duration(decided.tick * tick)}", "of the variance", "stays ahead"]]
    rows += [[plan, _percent(decided.explained[plan]), ""] for plan in comparison.order]
    for pair in decided.pairs:
        label = f"{pair.plan} minus {pair.other}"
        rows.append([label, _percent(pair.explained), _percent(pair.stays_ahead.mean)])
    return _tables(rows, width)


# -- paragraphs -------------------------------------------------------------------------------------


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _settled_words(comparison: Comparison) -> list[str]:
    """Say what the ranking is, how sure that is, who cannot be told apart, and what pairing was good for."""
    count, confidence = len(comparison), f"{100 * comparison.confidence:g}%"
    best = comparison.best
    chance = comparison.chance_best[best]
    said, tiers = [], _tiers(comparison)
    if comparison.settled:
        order = " > ".join(" = ".join(group) for group in tiers)
        # Equals of equals need not be equal.
        apart = [
            f"{plan} > {other}"
            for group in tiers
            for plan, other in combinations(group, 2)
            if comparison.judge(plan, other).verdict == "better"
        ]
        but = f" (yet {_listed(apart)})" if apart else ""
        said.append(f"Settled after {_plural(count, 'realisation')} at {confidence} confidence: {order}{but}.")
    else:
        said.append(
            f"Not settled after {_plural(count, 'realisation')} at {confidence} confidence. '{best}' has the best mean "
            f"so far; the chance that it is the best is {_chance(chance)}."
        )
        for plan, other in comparison.undecided:
            needed = comparison.judge(plan, other).needed
            more = ""
            if needed is not None and needed > count:
                more = f" (if all goes on like this, some {float(f'{needed:.2g}'):,.0f} realisations would)"
            said.append(f"{plan} and {other} cannot be told apart{more}.")
    ties = [pair for pair in combinations(comparison.order, 2) if comparison.judge(*pair).verdict == "tie"]
    if ties:
        # Within a group of the ranking it shows already.
        hidden = [pair for pair in ties if not comparison.settled or not any({*pair} <= {*group} for group in tiers)]
        which = f" ({_listed([' = '.join(pair) for pair in hidden])})" if hidden else ""
        said.append(
            f"Equal{which} means that means surely differ by less than {100 * comparison.margin:g}% of the best."
        )
    looks = len(comparison.looks)
    often = ("once", "twice")[looks - 1] if looks < 3 else f"{looks} times"
    said.append(
        f"The confidence is that no pair of plans is judged wrongly, picking the best of {len(comparison.plans)} and "
        f"looking {often} included. 'best' is the chance that a plan's mean is "
        "the best, 'wins' the share of single campaigns that it wins."
    )
    winner = max(comparison.plans, key=lambda plan: comparison.wins[plan] or 0.0)
    oftener = (comparison.wins[winner] or 0.0) > (comparison.wins[best] or 0.0)
    if oftener and comparison.judge(winner, best).verdict == "worse":
        said.append(
            f"'{winner}' wins most single campaigns ({_percent(comparison.wins[winner])}), though its mean is not the "
            "best: campaigns that go very well or very badly move means."
        )
    return [*said, *_pairing_words(comparison)]


def _tiers(comparison: Comparison) -> list[list[str]]:
    """Group plans, best first, that tie with the one before."""
    tiers: list[list[str]] = []
    for plan in comparison.order:
        if tiers and comparison.judge(tiers[-1][-1], plan).verdict == "tie":
            tiers[-1].append(plan)
        else:
            tiers.append([plan])
    return tiers


def _about(count: float) -> str:
    return f"{float(f'{count:.3g}'):,.0f}"


def _pairing_words(comparison: Comparison) -> list[str]:
    found = []
    for plan, other in combinations(comparison.order, 2):
        factor = comparison.judge(plan, other).pairing
        if factor is not None:
            found.append((factor, f"{plan} and {other}"))
    if not found:
        return []
    count = len(comparison)
    low, high = min(found), max(found)
    text = (
        f"The same luck for all plans: played apart, it would take {_about(high[0] * count)} realisations instead of "
    )
    text += f"{count:,} to know the difference of {high[1]} as well"
    if len(found) > 1:
        text += f", and {_about(low[0] * count)} for {low[1]}"
    if low[0] < 1.0:
        text += " (where that is fewer, the same luck did not help)"
    return [text + "."]


def _effort_words(comparison: Comparison) -> list[str]:
    """Say who is beaten by whom, effort and result together."""
    people = "money" if comparison.effort == "cost" else "people"
    free = [plan for plan in comparison.order if not comparison.dominated_by[plan]]
    said = []
    if free:
        listed = _listed([f"{plan} (chance {_chance(comparison.chance_undominated[plan])})" for plan in free])
        said.append(
            f"Worth looking at by {comparison.effort} and result, since no other plan does better with no more "
            f"{people}: {listed}."
        )
    # Whoever is beaten is beaten by a plan that nobody beats; one is enough to know.
    beaten: dict[str, list[str]] = {}
    equal: dict[str, list[str]] = {}
    for plan in comparison.order:
        by = comparison.dominated_by[plan]
        if by:
            other = next((one for one in free if one in by), by[0])
            where = equal if _as_good(comparison, plan, other) else beaten
            where.setdefault(other, []).append(plan)
    for other, plans in equal.items():
        said.append(f"{_listed(plans)} {_are(plans)} as good as {other}, with as {_much(people)} {people}.")
    for other, plans in beaten.items():
        chances = [_chance(comparison.chance_undominated[plan]) for plan in plans]
        alike = len(set(chances)) == 1
        each = " each" if len(plans) > 1 else ""
        said.append(
            f"{_listed(plans)} {_are(plans)} beaten by {other}, with no more {people} (chance that no plan beats "
            f"{'it' if len(plans) == 1 else 'them'}: {chances[0] + each if alike else _listed(chances)})."
        )
    return said


def _as_good(comparison: Comparison, plan: str, other: str) -> bool:
    """Tell whether two plans are equal in result and in what they take, as far as the margin goes."""
    one, two = comparison.efforts[plan], comparison.efforts[other]
    near = abs(one - two) <= comparison.margin * max(one, two)
    return near and comparison.judge(plan, other).verdict == "tie"


def _are(plans: Sequence[str]) -> str:
    return "is" if len(plans) == 1 else "are"


def _much(what: str) -> str:
    return "much" if what == "money" else "many"


def _between(at: float, known: Sequence[float], values: Sequence[float]) -> float:
    import numpy as np

    return float(np.interp(at, known, values))


def _rival_words(comparison: Comparison, rivals: Rivals | None) -> list[str]:
    if rivals is None:
        return []
    top = rivals.grid[-1].more
    fresh = (
        f"('{rivals.plan}' and random people in its place were played on {_plural(rivals.realisations, 'realisation')} "
        "of their own, so that being chosen as the best is no advantage.)"
    )
    low, high = rivals.catch_up_low, rivals.catch_up_high
    span = ""
    if low is not None and (high is None or high > low):
        span = f" (95%: from {_more(low)} to {'more than ' + _more(top) if high is None else _more(high)})"
    elif low is None:
        span = f" (95%: more than {_more(top)})"
    what = "budget" if rivals.of == "budget" else "of them"
    if rivals.verdict == "already":
        text = f"Random people do as well as '{rivals.plan}' with no more {what}{span}."
    elif rivals.verdict == "beyond":
        text = f"Random people do not catch up with '{rivals.plan}', not even with {top:.0%} more {what}{span}."
    elif rivals.verdict == "within" and rivals.catch_up is not None:
        text = f"Random people catch up with '{rivals.plan}' with {rivals.catch_up:.0%} more {what}{span}."
        costs = [rival.cost.mean or 0.0 for rival in rivals.grid]
        if what == "budget" and rivals.cost.mean:  # who declines costs less than a budget is for
            spent = _between(rivals.catch_up, [rival.more for rival in rivals.grid], costs)
            text += f" Of it they spend some {_money(spent)}, '{rivals.plan}' {_money(rivals.cost.mean)}."
    else:
        text = f"Whether random people catch up with '{rivals.plan}' is not known."
    return [text, fresh, *(f"Note: {note}." for note in rivals.notes)]


def _decided_words(comparison: Comparison) -> list[str]:
    decided = comparison.decided
    if decided is None:
        return []
    tick = next(iter(comparison.outcomes.values())).tick_seconds
    then = _duration(decided.tick * tick)
    share = decided.explained[comparison.best]
    said = []
    if share is not None:
        said.append(
            f"After {then}, the number {decided.curve} by then explains {share:.0%} of what makes one campaign of "
            f"'{comparison.best}' end otherwise than another"
            + ("." if share > 0.995 else "; a closer look at the network could tell more.")
        )
    if len(comparison.plans) > 1 and decided.leader_stays.mean is not None:
        estimate = decided.leader_stays
        interval = (
            "" if estimate.mean_low is None else f" ({_percent(estimate.mean_low)} … {_percent(estimate.mean_high)})"
        )
        said.append(
            f"The plan that is ahead then is ahead at the end in {_percent(estimate.mean)}{interval} of campaigns."
        )
    return said


def _unknown_words(comparison: Comparison) -> list[str]:
    some = next(iter(comparison.outcomes.values()))
    left = len(comparison) - int(comparison.ranking.known.sum())
    said = []
    if left:
        said.append(
            f"Differences are over the {_plural(len(comparison) - left, 'realisation')} in which every plan has a "
            f"{_words(comparison.metric)}."
        )
    if some.unknowns:
        said.append(f"Every plan met the same numbers in place of {_listed([*map(str, some.unknowns)])}.")
    return said

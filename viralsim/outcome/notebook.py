"""What notebooks show of an outcome, a comparison or a cascade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from viralsim.html import Markup, bars, duration, element, intervals, number, percent, shown, table
from viralsim.outcome.cascade import ORIGINS
from viralsim.scenario.catalogue import choices

if TYPE_CHECKING:
    from viralsim.outcome.cascade import Cascade
    from viralsim.outcome.comparison import Comparison
    from viralsim.outcome.estimate import Estimate
    from viralsim.outcome.outcome import Outcome

__all__ = ["cascade_html", "comparison_html", "outcome_html"]

_MOST_BARS = 40
_MOST_PEOPLE = 8
_ALWAYS = ("reach", "impressions", "engaged", "shares", "viral_chance", "reproduction_number", "generations")
_SHARES = ("viral_chance", "trust")


def outcome_html(outcome: Outcome) -> str:
    """Return an outcome as HTML: its metrics with interval and spread, and how the number engaged is distributed.

    Examples
    --------
    >>> import viralsim as vs
    >>> outcome = vs.simulate(vs.read_scenario(settings=["network.people=500"]), realisations=20)
    >>> "20 realisations" in outcome_html(outcome)
    True
    """
    tick = outcome.tick_seconds
    lead = (
        f"{_count(len(outcome), 'realisation')} of {duration(outcome.horizon * tick)} among "
        f"{outcome.people:,} people, random seed {outcome.random_seed}"
    )
    header = ["", "mean", "95% interval of it", "one campaign: 5%", "median", "95%"]
    if outcome.unknowns:
        header.append("luck / not knowing")
    parts: list[str] = []
    for item in outcome.items:
        rows = []
        for name, estimate in outcome.all_metrics(item).items():
            if estimate.mean is None or (name not in _ALWAYS and not estimate.mean):
                continue
            if name == "trust" and item != outcome.main_item:  # it is the same for every item
                continue
            # A campaign is viral or not: what lies between says nothing of one of them.
            spread = [] if name == "viral_chance" else [estimate.p05, estimate.p50, estimate.p95]
            cells = [_value(name, value, tick) for value in spread] or [""] * 3
            if outcome.unknowns:
                cells.append(_shares(estimate))
            mean, known = _known(name, estimate.mean, estimate.mean_low, estimate.mean_high, tick)
            rows.append([name.replace("_", " "), mean, known, *cells])
        if len(outcome.items) > 1:
            parts.append(element("div", f"item {item}", style="font-weight:600;margin-top:.4em"))
        parts.append(table(header, rows) if rows else Markup(""))
        if item == outcome.main_item:
            parts.append(_distribution(outcome))
    note = (
        "The interval is how well the mean is known: more realisations narrow it. One campaign is what you may get: "
        "nine in ten lie between 5% and 95%, and more realisations do not narrow that."
    )
    if outcome.unknowns:
        note += (
            " Of that spread a part is luck, the rest not knowing "
            f"{', '.join(outcome.unknowns)}: only finding out more narrows it."
        )
    parts.append(_note(note))
    return shown(f"Outcome of plan {outcome.plan}", lead, *parts)


def comparison_html(comparison: Comparison) -> str:
    """Return a comparison as HTML: the plans from the best on, and what is known of their differences.

    Examples
    --------
    >>> import viralsim as vs
    >>> comparison = vs.compare(vs.read_scenario(settings=["network.people=500"]), realisations=20, rivals=False)
    >>> "paired" in comparison_html(comparison)
    True
    """
    metric, best = comparison.metric, comparison.best
    tick = comparison.outcomes[best].tick_seconds
    label = metric.replace("_", " ")
    rows = []
    for plan in comparison.order:
        one = comparison.outcomes[plan].metric(metric)
        mean, known = _known(metric, one.mean, one.mean_low, one.mean_high, tick)
        spread = (
            ["", "", ""]
            if metric == "viral_chance"
            else [_value(metric, value, tick) for value in (one.p05, one.p50, one.p95)]
        )
        chances = [percent(comparison.wins[plan]), _chance(comparison.chance_best[plan])]
        rows.append([plan, number(comparison.efforts[plan]), mean, known, *chances, *spread])
    header = ["plan", comparison.effort, label, "95% interval", "wins", "best", "one campaign: 5%", "median", "95%"]
    parts: list[str] = [table(header, rows)]
    differences: list[tuple[str, float, float | None, float | None]] = []
    lines = []
    for plan in comparison.order:
        if plan == best:
            continue
        judgement, difference = comparison.judge(plan, best), comparison.difference(plan, best).mean
        verdict = judgement.verdict or "cannot be told apart"
        written, known = _known(metric, difference, judgement.low, judgement.high, tick)
        lines.append([plan, written, known, verdict])
        if difference is not None:
            unit = 100.0 if metric in _SHARES else tick / 3600.0 if _is_time(metric) else 1.0
            low, high = (None if end is None else end * unit for end in (judgement.low, judgement.high))
            differences.append((plan, difference * unit, low, high))
    if lines:
        parts.append(table([f"minus {best}", "difference", "interval, all pairs together", ""], lines))
        said = "; ".join(f"{plan}: {written}, {known}, {verdict}" for plan, written, known, verdict in lines)
        unit_name = "percentage points" if metric in _SHARES else "hours" if _is_time(metric) else label
        across = f"difference to {best}, paired: {unit_name}"
        parts.append(intervals(differences, f"Difference to {best}, with intervals. {said}.", across))
    sure = f"{comparison.confidence:.0%}"
    if comparison.settled:
        note = f"The ranking is settled at {sure} confidence."
    else:
        pairs = ", ".join(f"{one} and {other}" for one, other in comparison.undecided)
        note = f"Not settled at {sure} confidence: {pairs}."
    note += (
        " All plans were played on the same luck, so differences are paired. “Wins” is how often a plan does best in a "
        "single campaign, “best” the chance that its mean is the best."
    )
    parts.append(_note(note))
    better = "more is better" if comparison.larger_is_better else "less is better"
    lead = f"{_count(len(comparison), 'realisation')} each, by {label} ({better})"
    return shown(f"Comparison: best is {best}", lead, *parts)


def cascade_html(cascade: Cascade) -> str:
    """Return a cascade as HTML: its shape, how many people in each generation, and whom it began with.

    Examples
    --------
    >>> import viralsim as vs
    >>> cascade = vs.replay(vs.read_scenario(settings=["network.people=500"]), realisation=3)
    >>> "realisation 3" in cascade_html(cascade)
    True
    """
    shapes = {}
    for item in cascade.items:
        one = cascade.only(item) if len(cascade.items) > 1 else cascade
        shapes[item] = {
            "engaged": f"{one.size:,}",
            "seeds": f"{len(one.seeds):,}",
            "advertised": f"{len(one.advertised):,}",
            "dissatisfied": f"{len(one.born):,}",
            "depth": f"{one.depth:,}",
            "widest generation": f"{one.max_breadth:,}",
            "structural virality": number(one.structural_virality),
        }
    rare = {name for name in ("advertised", "dissatisfied") if all(shape[name] == "0" for shape in shapes.values())}
    header = [name for name in next(iter(shapes.values()), {}) if name not in rare]
    rows = [[item, *(shape[name] for name in header)] for item, shape in shapes.items()]
    parts: list[str] = [table(["item", *header], rows)]
    breadth = cascade.breadth.astype(float)
    each = [f"{at}: {people:,.0f}" for at, people in enumerate(breadth[:_MOST_BARS])]
    said = f"People per generation: {', '.join(each)}"
    said += ", ..." if len(breadth) > _MOST_BARS else "."
    heights, width = _gathered(breadth)
    last = f"generation {len(heights) * width - 1}" if width > 1 or len(heights) > 1 else ""
    across = "generations of sharing" + (f", {width} to a bar" if width > 1 else "")
    parts.append(bars(heights.tolist(), ["generation 0", last], said, across, "people"))
    first = []
    for entry in range(min(cascade.size, _MOST_PEOPLE)):
        parent = int(cascade.parent[entry])
        whence = str(cascade.identity(parent)) if parent >= 0 else ORIGINS[parent]
        clock = cascade.clock(int(cascade.tick[entry]))
        first.append([clock, str(cascade.identity(entry)), whence, cascade.items[int(cascade.item[entry])]])
    if first:
        left = cascade.size - len(first)
        note = f"And {left:,} more: print(cascade.to_text())." if left else ""
        parts.append(table(["when", "who", "from", "item"], first, note, texts=4))
    if cascade.drawn:
        parts.append(_note("Drawn: " + ", ".join(f"{name} {text}" for name, (_, text) in cascade.drawn.items())))
    lead = f"{cascade.size:,} {'entry' if cascade.size == 1 else 'entries'}: who engaged, and with what"
    parts.append(_note("This is one realisation: another with the same plan may end quite differently."))
    return shown(f"Cascade of plan {cascade.plan}, realisation {cascade.realisation}", lead, *parts)


def _distribution(outcome: Outcome) -> Markup:
    values = outcome.values("engaged")
    if not len(values):
        return Markup("")
    low, high = float(values.min()), float(values.max())
    estimate = outcome.engaged
    some = f"{number(low)} to {number(high)} people, 5% {number(estimate.p05)}, median {number(estimate.p50)}"
    said = f"How many people engaged in {_count(len(values), 'campaign')}: {some}, 95% {number(estimate.p95)}."
    if low == high:
        return _note(f"In every realisation {number(low)} engaged.")
    count = int(min(_MOST_BARS, max(8, np.sqrt(len(values)) * 1.5), high - low + 1))
    heights, _ = np.histogram(values, bins=count, range=(low, high + 1))
    span = high + 1 - low
    marks = [
        ((value + 0.5 - low) / span, f"{name} {number(value)}")
        for name, value in (("median", estimate.p50), ("mean", estimate.mean), ("95%", estimate.p95))
        if value is not None
    ]
    return bars(heights.tolist(), [number(low), number(high)], said, "people engaged", "campaigns", marks)


def _gathered(heights: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], int]:
    """Sum neighbours where there are more than bars."""
    width = -(-len(heights) // _MOST_BARS) if len(heights) else 1
    padded = np.concatenate([heights, np.zeros(-len(heights) % width)])
    return padded.reshape(-1, width).sum(axis=1), width


def _is_time(metric: str) -> bool:
    return choices("metric")[metric].unit == "ticks"


def _value(metric: str, value: float | None, tick: float, like: float | None = None) -> str:
    if metric in _SHARES:
        return percent(value)
    if _is_time(metric) and value is not None:
        return f"-{duration(-value * tick)}" if value < 0 else duration(value * tick)
    return number(value, like)


def _known(metric: str, mean: float | None, low: float | None, high: float | None, tick: float) -> tuple[str, str]:
    """Write a mean and its interval, with as many decimals each."""
    if low is None or high is None:
        return _value(metric, mean, tick, mean), "–"
    return _value(metric, mean, tick, mean), " … ".join(_value(metric, end, tick, mean) for end in (low, high))


def _shares(estimate: Estimate) -> str:
    if estimate.luck_share is None or estimate.unknown_share is None:
        return "–"
    return f"{estimate.luck_share:.0%} / {estimate.unknown_share:.0%}"


def _chance(value: float | None) -> str:
    """Write a chance that was estimated from draws: it is never quite 0 or 1."""
    return "–" if value is None else ">99.9%" if value > 0.999 else "<0.1%" if value < 0.001 else percent(value)


def _count(many: int, what: str) -> str:
    return f"{many:,} {what}{'' if many == 1 else 's'}"


def _note(text: str) -> Markup:
    return element("div", text, style="opacity:.8;font-size:.92em;margin:.3em 0")

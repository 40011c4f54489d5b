"""A forecast as lines of plain text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from viralsim.graph import SocialGraph
from viralsim.outcome import METRICS, Estimate, Outcome
from viralsim.scenario import Scenario

__all__ = ["forecast_lines", "sparkline"]

_BARS = "▁▂▃▄▅▆▇█"
_TIMES = ("time_to_peak", "time_to_half")


def sparkline(values: Sequence[float], width: int = 60) -> str:
    """Draw non-negative values as a row of bars; longer rows are averaged down to `width`.

    Examples
    --------
    >>> sparkline([0, 1, 2, 4])
    '▁▂▄█'
    """
    parts = np.array_split(np.asarray(values, dtype=float), min(width, len(values)))
    means = np.array([part.mean() for part in parts])
    top = means.max()
    heights = np.zeros(len(means), int) if top <= 0 else np.floor(means / top * 7.999).astype(int)
    return "".join(_BARS[height] for height in heights)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def _whole(value: float | None) -> str:
    """Quantiles are values that occurred: whole numbers are shown as such."""
    if value is not None and value == int(value):
        return f"{int(value):,}"
    return _number(value)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for unit, length, least in (("d", 86_400.0, 2.0), ("h", 3600.0, 1.0), ("min", 60.0, 1.0)):
        if seconds >= least * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"


def _row(name: str, estimate: Estimate, tick_seconds: float) -> tuple[str, str, str, str]:
    label = name.replace("_", " ")
    if name == "viral_chance":
        low, high = _percent(estimate.mean_low), _percent(estimate.mean_high)
        return label, _percent(estimate.mean), f"{low} … {high}", ""
    show = whole = _number
    if name in _TIMES:
        # Zero ticks is a time as well; it is shown in the unit of the tick.
        show = whole = lambda value: None if value is None else _duration(value * tick_seconds)  # type: ignore[assignment,return-value]
    elif name != "reproduction_number":
        whole = _whole
    if estimate.mean is None:
        return label, "–", "", ""
    interval = "" if estimate.mean_low is None else f"{show(estimate.mean_low)} … {show(estimate.mean_high)}"
    campaign = f"{whole(estimate.p05)} … {whole(estimate.p50)} … {whole(estimate.p95)}"
    return label, show(estimate.mean), interval, campaign


def forecast_lines(outcome: Outcome, scenario: Scenario, graph: SocialGraph) -> list[str]:
    """Return the forecast of the main item as lines of text.

    Parameters
    ----------
    outcome : Outcome
    scenario : Scenario
        Its title is the heading.
    graph : SocialGraph
        What it was played on.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> graph = vs.load_network(scenario.network)
    >>> print(forecast_lines(vs.simulate(scenario, graph=graph, realisations=10), scenario, graph)[0])
    A first look
    """
    tick = outcome.tick_seconds
    count = len(outcome)
    rows = [("", "mean", "95% interval of it", "one campaign: 5% … median … 95%")]
    rows += [
        _row(name, outcome.metric(name), tick)
        for name in METRICS
        if outcome.impressions_counted or name not in ("reach", "impressions")
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        scenario.title or scenario.source,
        f"plan '{outcome.plan}', item '{outcome.main_item}': {count:,} realisation{'s' if count > 1 else ''} of "
        f"{_duration(outcome.horizon * tick)}, {graph.people:,} people, {len(graph.arcs):,} arcs",
        "",
    ]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    curve = outcome.curve("engaged")
    means = np.asarray(curve.mean)
    if len(means) > 1:
        lines += [
            "",
            f"newly engaged  {sparkline(np.diff(means).tolist())}  0 … {_duration(outcome.horizon * tick)}",
        ]
    by_generation = [e for e in outcome.reproduction_by_generation() if e.mean is not None][:8]
    if by_generation:
        shown = "  ".join(f"{estimate.mean:.2f}" for estimate in by_generation)
        lines.append(f"reproduction   {shown}  from generation 0, 1, … to the next")
    share = outcome.viral_threshold / outcome.people if outcome.people else 0.0
    lines += [
        "",
        f"viral: {outcome.viral_threshold:,} people or more engaged ({share:.2g} of all)."
        if share < 0.001
        else f"viral: {outcome.viral_threshold:,} people or more engaged ({share:.1%} of all).",
        "More realisations narrow the interval of the mean; what one campaign may bring stays as wide as it is.",
        f"random_seed {outcome.random_seed}, scenario {outcome.scenario_hash}",
    ]
    return lines

"""A sweep as lines of plain text for a terminal."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from viralsim.cli.text import _between, _duration, _percent, _plural, _row
from viralsim.scenario import takes_share

if TYPE_CHECKING:
    import numpy.typing as npt

    from viralsim.experiments import Sweep, SweepEstimate, TippingPoint

__all__ = ["columns_lines", "effect_lines", "estimate_lines", "main_item", "sweep_lines", "tipping_lines"]

_MOST = 40
"""Cells of which a line is printed."""
_NUMBERS = ("mean", "mean_low", "mean_high", "p05", "p50", "p95")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(path: str, value: object) -> str:
    """Return a value of what varies, as it would be written."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "–" if value is None else str(value)
    if not takes_share(path) or not 0.0 <= value <= 1.0:
        return f"{value:,}" if isinstance(value, int) and path != "random_seed" else f"{value:.6g}"
    return f"{100 * value:.6g}%"


def _short(paths: Sequence[str]) -> dict[str, str]:
    """Return the last word of each key, where that tells them apart."""
    last = {path: path.rpartition(".")[2] for path in paths}
    return last if len(set(last.values())) == len(last) else {path: path for path in paths}


def _aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Align columns, the first so many to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            text.ljust(size) if column < left else text.rjust(size)
            for column, (text, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _listed(table: Mapping[str, npt.NDArray[Any]]) -> list[dict[str, Any]]:
    """Return the rows of a table; None where a value is undefined."""
    columns = [column.tolist() for column in table.values()]
    return [dict(zip(table, row, strict=True)) for row in zip(*columns, strict=True)]


def main_item(sweep: Sweep, item: str | None) -> str | None:
    """Return an item that is named, or the main one; None where nothing has been played yet.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> main_item(vs.sweep(scenario, vary={"random_seed": [1, 2]}, realisations=2), None)
    'content'
    """
    if item is not None:
        return item
    return next((str(cell.facts["main_item"]) for cell in sweep.cells), None)


def sweep_lines(sweep: Sweep, metric: str | None = None, item: str | None = None, width: int = 80) -> list[str]:
    """Return what a sweep found of one metric, a line per cell, and what explains it.

    Parameters
    ----------
    sweep : Sweep
    metric, item : str, optional
        The sweep's own metric, and the main item, where None.
    width : int
        Of the paragraphs; tables take what they need.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> made = vs.sweep(scenario, vary={"item.content.stickiness": ["1%", "2%"]}, realisations=20)
    >>> lines = sweep_lines(made, "engaged")
    >>> lines[0]
    '2 cells: grid of item.content.stickiness; 20 realisations of each; common luck'
    >>> lines[4].split()[0], lines[5].split()[0]
    ('1%', '2%')
    """
    from viralsim.errors import UsageError

    metric, item = metric or sweep.metric, main_item(sweep, item)
    described, rows = sweep.described, _listed(sweep.table(metric, item))
    lines = textwrap.wrap(_head(sweep, rows), max(width, 40), break_on_hyphens=False)
    if not rows:
        return [*lines, "no cell has a finished realisation yet"]
    if sweep.tipping_points:
        lines += ["", *tipping_lines(sweep.tipping_points, width)]
        if sweep.seconds is not None:  # it has just been found: the cells are only the way there
            return lines
    lines += ["", *_cells(sweep, metric, item, rows)]
    if described["until"] is not None and not sweep.tipping_points:
        lines += ["", "the search has not ended; the command that began it goes on"]
    varying = [path for path in sweep.paths if len({str(row.get(path)) for row in rows}) > 1]
    if described["until"] is None and len(varying) > 1 and sweep.design not in ("random", "latin"):
        try:
            found = sweep.effects(metric, item)
        except UsageError as error:
            return [*lines, "", f"no effects: {error.message}"]
        lines += ["", *effect_lines(found, metric, width)]
    return lines


def _head(sweep: Sweep, rows: Sequence[Mapping[str, Any]]) -> str:
    described = sweep.described
    paths = ", ".join(sweep.paths)
    counts = sorted({row["realisations"] for row in rows})
    if described["until"] is not None:
        what = f"search for {described['until']} along {sweep.paths[-1]}"
        if len(sweep.paths) > 1:
            what += f", for each of {', '.join(sweep.paths[:-1])}"
    else:
        what = f"{sweep.design} of {paths}"
    played = ""
    if counts:
        played = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,} to {counts[-1]:,}"
        played = f"; {played} {'realisation' if counts[-1] == 1 else 'realisations'} of each"
    luck = "common luck" if described["common_luck"] else "each cell has luck of its own"
    return f"{_plural(len(sweep.cells), 'cell')}: {what}{played}; {luck}"


def _cells(sweep: Sweep, metric: str, item: str | None, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    from viralsim.outcome import Estimate

    ticks = {cell.scenario_hash: float(cell.facts["tick_seconds"]) for cell in sweep.cells}
    paths = [*(path for path in sweep.paths if path != "plan")]
    paths += ["plan"] if "plan" in sweep.paths else []
    short = _short(paths)
    counts = {row["realisations"] for row in rows}
    half = _MOST // 2
    shown = list(rows) if len(rows) <= _MOST else [*rows[:half], *rows[-half:]]
    told = [
        _row(
            metric,
            Estimate(**{name: row[name] for name in _NUMBERS}, realisations=row["realisations"]),
            ticks[row["scenario_hash"]],
        )
        for row in shown
    ]
    head = [*(short[path] for path in paths), "mean", "95% interval of it"]
    quantiles = any(one[3] for one in told)
    head += ["one campaign: 5% … median … 95%"] if quantiles else []
    head += ["realisations"] if len(counts) > 1 else []
    table = [head]
    for row, one in zip(shown, told, strict=True):
        line = [*(_value(path, row[path]) for path in paths), *one[1:3]]
        line += [one[3]] if quantiles else []
        line += [f"{row['realisations']:,}"] if len(counts) > 1 else []
        table.append(line)
    aligned = _aligned(table, len(paths))
    if len(rows) > _MOST:
        aligned.insert(1 + half, f"... {_plural(len(rows) - _MOST, 'cell')} more")
    of_item = "" if metric == "trust" or item is None else f" of item '{item}'"
    return [f"{_words(metric)}{of_item}", *aligned]


def effect_lines(effects: Sequence[Any], metric: str, width: int = 80) -> list[str]:
    r"""Return what explains a metric, the most important first.

    Parameters
    ----------
    effects : sequence of Effect or ElementaryEffect
        As `Sweep.effects` gives them.
    metric : str
        What they explain.
    width : int
        Of the paragraphs.

    Examples
    --------
    >>> from viralsim.experiments import Effect
    >>> print("\n".join(effect_lines([Effect(("plan",), 0.8, 0.7, 0.9, 0.85, 0.8, 0.9)], "reach")))
    what explains reach: shares of the variance between cells, with 95% intervals
                          alone  with all it takes part in
    plan  80.0% (70.0% … 90.0%)      85.0% (80.0% … 90.0%)
    """
    if not effects:
        return []
    if hasattr(effects[0], "first"):
        title = f"what explains {_words(metric)}: shares of the variance between cells, with 95% intervals"
        kinds = {"first": "alone", "total": "with all it takes part in"}
        percent = True
    else:
        title = (
            f"what explains {_words(metric)}: how much moving across the whole range changes it, with 95% intervals; "
            "mu*: mean size of the change, mu: mean change, sigma: how much it differs from place to place"
        )
        kinds = {"mu_star": "mu*", "mu": "mu", "sigma": "sigma"}
        percent = metric == "viral_chance"
    kinds = {kind: name for kind, name in kinds.items() if any(getattr(one, kind) is not None for one in effects)}
    if not kinds:
        return [f"{_words(metric)} does not vary between the cells, or no more than luck"]

    def weight(one: Any) -> tuple[bool, float]:
        return len(one.names) > 1, -max((abs(getattr(one, kind) or 0.0) for kind in kinds), default=0.0)

    rows = [["", *kinds.values()]]
    for one in sorted(effects, key=weight):
        row = [" x ".join(one.names)]
        for kind in kinds:
            value, low, high = (getattr(one, f"{kind}{ending}") for ending in ("", "_low", "_high"))
            if value is None:
                row.append("")
                continue
            number = _percent(value) if percent else _signed(value)
            between = _between(low, high, percent=True) if percent else " … ".join(map(_signed, (low, high)))
            row.append(number if low is None else f"{number} ({between})")
        rows.append(row)
    return [*textwrap.wrap(title, max(width, 40)), *_aligned(rows, 1)]


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def tipping_lines(points: Sequence[TippingPoint], width: int = 80) -> list[str]:
    r"""Say where a condition begins or ceases to hold, for each combination of the other values.

    Examples
    --------
    >>> from viralsim.experiments import TippingPoint
    >>> point = TippingPoint("item.content.stickiness", "viral_chance >= 50%", 0.02, 0.018, 0.021, "rises")
    >>> print("\n".join(tipping_lines([point])))
    viral_chance >= 50% from item.content.stickiness 2% on (95% interval 1.8% …
    2.1%)
    """
    lines: list[str] = []
    for point in points:
        others = ", ".join(f"{path} {_value(path, value)}" for path, value in point.values.items())
        text = f"{others}: " if others else ""
        if point.value is None:
            text += point.reason or f"{point.condition}: no value is found"
        else:
            until = (point.direction == "falls") == (">" in point.condition)
            value = _value(point.path, _rounded(point.value, point.low, point.high))
            text += f"{point.condition} {'up to' if until else 'from'} {point.path} {value}{'' if until else ' on'}"
            if point.low is not None and point.high is not None:
                low, high = (
                    _value(point.path, _rounded(one, point.low, point.high)) for one in (point.low, point.high)
                )
                text += f" (95% interval {low} … {high})"
        if point.note:
            text += f"; {point.note}"
        lines += textwrap.wrap(text, max(width, 40), subsequent_indent="  " if others else "", break_on_hyphens=False)
    return lines


def _rounded(value: float, low: float | None, high: float | None) -> float | int:
    """Return a number with no more digits than its interval is worth: three of its width."""
    if value == int(value) and (low is None or low == int(low)) and abs(value) < 1e15:
        return int(value)
    width = 0.0 if low is None or high is None else high - low
    digits = 2 - math.floor(math.log10(width)) if width > 0.0 else 6
    return round(value, max(0, digits))


def estimate_lines(estimate: SweepEstimate, width: int = 80) -> list[str]:
    r"""Say what a sweep will take.

    Examples
    --------
    >>> from viralsim.experiments import SweepEstimate
    >>> print("\n".join(estimate_lines(SweepEstimate(4, 1, 1, 400, 100, 0.5, 2, 1 << 20, 300 << 20, 9_000, 4))))
    cells                4, of which 1 is there already
    graphs               1
    realisations       400, of which 100 are there already
    time           about 0.5 s with 2 workers
    memory         about 300 MiB (a worker: 1 MiB and the graph)
    disk           about 8.79 KiB
    (time is measured on 4 cells; it may be off by a factor of two)
    """
    there, done, each = estimate.realisations_done, estimate.cells_done, _bytes(estimate.memory_per_worker)

    def of_which(count: int) -> str:
        return f", of which {count:,} {'is' if count == 1 else 'are'} there already" if count else ""

    return [
        f"cells        {estimate.cells:>9,}{of_which(done)}",
        f"graphs       {estimate.graphs:>9,}",
        f"realisations {estimate.realisations:>9,}{of_which(there)}",
        f"time           about {_duration(estimate.seconds)} with {_plural(estimate.workers, 'worker')}",
        f"memory         about {_bytes(estimate.memory)} (a worker: {each} and the graph)",
        f"disk           about {_bytes(estimate.disk)}",
        f"(time is measured on {_plural(estimate.pilots, 'cell')}; it may be off by a factor of two)",
    ]


def _bytes(count: float) -> str:
    power = min(3, max(1, int(math.log(max(count, 1.0), 1000.0))))
    return f"{max(count / 1024.0**power, 1.0):.3g} {('KiB', 'MiB', 'GiB')[power - 1]}"


def columns_lines(table: Mapping[str, npt.NDArray[Any]]) -> list[str]:
    r"""Return any table as aligned text: numbers to the right, and as short as they can be.

    Examples
    --------
    >>> import numpy as np
    >>> print("\n".join(columns_lines({"plan": np.array(["hubs", "random"]), "mean": np.array([10.0, 2.5])})))
    plan    mean
    hubs      10
    random   2.5
    """
    rows = [list(table), *([_shown(value) for value in row.values()] for row in _listed(table))]
    numeric = [bool(len(column)) and column.dtype.kind in "iuf" for column in table.values()]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table))]
    return [
        "  ".join(
            text.rjust(size) if right else text.ljust(size)
            for text, size, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    ]


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, default=str)

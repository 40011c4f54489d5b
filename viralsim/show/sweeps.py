"""Figures of sweeps: curves, points, heat maps, and bars of what explains the results. Intervals are always shown.

Each draws on axes that are handed in, from a table as `Sweep.table()` gives it: one column of values per name.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from viralsim.errors import UsageError, did_you_mean
from viralsim.show.style import (
    MARKERS,
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
    panels,
    plain,
    span_of,
    unit_of,
    write_numbers,
)

if TYPE_CHECKING:
    from viralsim.experiments import Sweep

__all__ = ["curve", "effects_bars", "heat_map", "points", "sweep_figures", "tipping_mark"]

Table = Mapping[str, npt.NDArray[Any]]
Floats = npt.NDArray[np.float64]

_OF_RESULTS = (
    *("cell", "item", "metric", "mean", "mean_low", "mean_high", "p05", "p50", "p95", "realisations"),
    *("luck_share", "unknown_share", "random_seed", "scenario_hash"),
)
"""Columns that every table of results has; the others are what was varied, and the plan."""
_LINES = 12
"""So many lines can be told apart."""
_PANELS = 9


def varied_in(table: Table) -> list[str]:
    """Return the columns in which the cells of a table differ: what was varied, and the plan where there are several.

    Examples
    --------
    >>> varied_in({"item.a.stickiness": np.array([0.1, 0.2]), "plan": np.array(["hubs", "hubs"])})
    ['item.a.stickiness']
    """
    names = [name for name in table if name not in _OF_RESULTS]
    return [name for name in names if len(set(table[name].tolist())) > 1]


def _rows(table: Table, metric: str, item: str | None, *names: str | None) -> dict[str, npt.NDArray[Any]]:
    """Return the rows of one metric of one item: the first one where none is named."""
    metrics = dict.fromkeys(table["metric"].tolist())
    if metric not in metrics:
        hint = did_you_mean(metric, metrics) or f"there are {', '.join(metrics)}"
        raise UsageError(f"there is no metric '{metric}' in this table", hint=hint)
    items = dict.fromkeys(table["item"].tolist())
    chosen = next(iter(items)) if item is None else item
    if chosen not in items:
        hint = did_you_mean(chosen, items) or f"there are {', '.join(items)}"
        raise UsageError(f"there is no item '{chosen}' in this table", hint=hint)
    for name in names:
        if name is not None and (name not in table or name in _OF_RESULTS):
            varied = [one for one in table if one not in _OF_RESULTS]
            hint = did_you_mean(name, varied) or f"there are {', '.join(varied)}"
            raise UsageError(f"'{name}' was not varied in this table", hint=hint)
    return _where(table, (table["metric"] == metric) & (table["item"] == chosen))


def _where(table: Table, kept: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
    return {name: column[kept] for name, column in table.items()}


def _require_one_each(rows: Table, names: Sequence[str]) -> None:
    """Refuse to draw one thing over another without a word."""
    keys = list(zip(*(rows[name].tolist() for name in names), strict=True))
    if len(set(keys)) < len(keys):
        others = [name for name in varied_in(rows) if name not in names]
        said = f": {', '.join(others)} {'varies' if len(others) == 1 else 'vary'} too" if others else ""
        raise UsageError(
            f"several cells have the same {' and '.join(names)}{said}",
            hint="tell them apart by another column, keep the rows of one value alone, or draw them as points",
        )


def _floats(column: npt.NDArray[Any]) -> Floats:
    """Return numbers, with NaN where a value is undefined."""
    if isinstance(column, np.ma.MaskedArray):
        return np.ma.filled(column.astype(np.float64), np.nan)
    return np.array([np.nan if value is None else value for value in column.tolist()], np.float64)


def _is_number(column: npt.NDArray[Any]) -> bool:
    values = column.tolist()
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _value_text(name: str, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(float(value), unit_of(name))
    return plain(str(value))


def _short(name: str) -> str:
    """Return a key's last two words, which tell it from others in a legend or a title."""
    return plain(".".join(name.split(".")[-2:]))


def _is_log(values: Floats) -> bool:
    """Say whether numbers are spaced by ratios, so that an axis should be too: then their middle lies there."""
    values = np.unique(values[np.isfinite(values)])
    if len(values) < 3 or values[0] <= 0.0 or values[-1] < 5.0 * values[0]:
        return False
    middle = float(np.median(values))
    share = (middle - values[0]) / (values[-1] - values[0])
    log_share = np.log(middle / values[0]) / np.log(values[-1] / values[0])
    return bool(abs(log_share - 0.5) < abs(share - 0.5))


def _x_axis(ax: Axes, name: str, column: npt.NDArray[Any], log: bool | None) -> Callable[[npt.NDArray[Any]], Floats]:
    """Set up the axis of what was varied; return where on it each value lies."""
    ax.set_xlabel(plain(label(name)))
    if _is_number(column):
        numbers = _floats(column)
        if _is_log(numbers) if log is None else log:
            ax.set_xscale("log")
            ax.xaxis.set_minor_formatter(NullFormatter())
            shown = np.unique(numbers)
            if len(shown) <= 10:
                ax.set_xticks(shown.tolist())
        ax.xaxis.set_major_formatter(number_format(unit_of(name)))
        return _floats
    order = {value: float(place) for place, value in enumerate(dict.fromkeys(column.tolist()))}
    ax.set_xticks(list(order.values()), [plain(str(value)) for value in order])
    ax.set_xlim(-0.5, len(order) - 0.5)
    return lambda values: np.array([order[value] for value in values.tolist()], np.float64)


def _y_axis(ax: Axes, metric: str, top: float) -> None:
    ax.set_ylabel(plain(label(metric)))
    ax.yaxis.set_major_formatter(number_format(unit_of(metric)))
    if unit_of(metric) == "share" and top > 0.5:
        ax.set_ylim(-0.03, 1.03)


def _played(rows: Table) -> str:
    counts = sorted(set(rows["realisations"].tolist()))
    if not counts:
        return ""
    few, many = (f"{int(count):,}" for count in (counts[0], counts[-1]))
    return f"{few} realisations a cell" if few == many else f"{few} to {many} realisations a cell"


def _groups(rows: Table, by: str | None) -> list[tuple[object, dict[str, npt.NDArray[Any]]]]:
    if by is None:
        return [(None, dict(rows))]
    values = list(dict.fromkeys(rows[by].tolist()))
    if len(values) > _LINES:
        raise UsageError(
            f"{by} has {len(values)} values, and at most {_LINES} lines can be told apart",
            hint="a heat map holds more: heat_map(ax, table, x, y, metric)",
        )
    return [(value, _where(rows, np.array([one == value for one in rows[by].tolist()], bool))) for value in values]


def curve(
    ax: Axes,
    table: Table,
    x: str,
    metric: str,
    by: str | None = None,
    item: str | None = None,
    log: bool | None = None,
) -> None:
    """Draw a metric against what was varied: the mean with its 95 % interval, and lightly what one campaign may bring.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table : mapping of str to array
        As `Sweep.table()` gives it.
    x : str
        The column along the axis: a key that was varied, or ``plan``. Texts are drawn as points beside each other.
    metric : str
    by : str, optional
        A line for each value of this column.
    item : str, optional
        The first one where None.
    log : bool, optional
        Whether the axis is logarithmic; where the values are spaced so if None.

    Raises
    ------
    UsageError
        If a name is not in the table, several cells would be drawn over each other, or there are too many lines.

    Examples
    --------
    >>> table = {"item.content.stickiness": np.array([0.01, 0.02]), "item": np.array(["content"] * 2)}
    >>> table |= {"metric": np.array(["engaged"] * 2), "mean": np.array([20.0, 90.0])}
    >>> table |= {"mean_low": np.array([18.0, 80.0]), "mean_high": np.array([22.0, 100.0])}
    >>> table |= {"p05": np.array([2.0, 9.0]), "p95": np.array([70.0, 300.0]), "realisations": np.array([100, 100])}
    >>> figure, (ax,) = new_figure()
    >>> curve(ax, table, "item.content.stickiness", "engaged")
    >>> ax.get_ylabel()
    'engaged (people)'
    """
    rows = _rows(table, metric, item, x, by)
    _require_one_each(rows, [x] if by is None else [x, by])
    groups = _groups(rows, by)
    dress(ax)
    place = _x_axis(ax, x, rows[x], log)
    numbers = _is_number(rows[x])
    # Of a chance, one campaign has nothing or all.
    spread = len(groups) <= 3 and metric != "viral_chance" and bool(np.isfinite(_floats(rows["p95"])).any())
    colours = colours_of(len(groups), ordered=by is not None and _is_number(rows[by]))
    for number, ((value, part), colour) in enumerate(zip(groups, colours, strict=True)):
        at = place(part[x])
        order = np.argsort(at, kind="stable")
        at = at[order]
        mean, low, high, p05, p95 = (
            _floats(part[name])[order] for name in ("mean", "mean_low", "mean_high", "p05", "p95")
        )
        name = None if by is None else _value_text(by, value)
        mark = MARKERS[number % len(MARKERS)]
        if numbers:
            if spread:
                ax.fill_between(at, p05, p95, color=colour, alpha=0.10, linewidth=0)
            ax.fill_between(at, low, high, color=colour, alpha=0.35, linewidth=0)
            ax.plot(at, mean, color=colour, marker=mark, markersize=3.5, linewidth=1.4, label=name)
        else:
            at = at + (number - (len(groups) - 1) / 2.0) * min(0.18, 0.7 / len(groups))
            if spread:
                ax.vlines(at, p05, p95, color=colour, alpha=0.25, linewidth=5)
        # Points have whiskers too: a band narrower than the line cannot be seen.
        ax.errorbar(
            at,
            mean,
            yerr=_whiskers(mean, low, high),
            fmt="none" if numbers else mark,
            color=colour,
            markersize=5,
            capsize=2.0,
            elinewidth=1.0,
            label=None if numbers else name,
        )
    _y_axis(ax, metric, float(np.nanmax(_floats(rows["mean_high"]), initial=0.0)))
    shape = "band" if numbers else "bar"
    said = f"{shape}: 95% interval of the mean" + ("; pale: 5–95% of campaigns" if spread else "")
    note(ax, f"{said}; {_played(rows)}")
    if by is not None:
        legend(ax, plain(_short(by)))


def _whiskers(mean: Floats, low: Floats, high: Floats) -> Floats:
    """Return how far an interval goes down and up from the mean; never below nothing, which rounding might give."""
    return np.maximum(np.stack([mean - low, high - mean]), 0.0)


def points(
    ax: Axes,
    table: Table,
    x: str,
    metric: str,
    by: str | None = None,
    item: str | None = None,
    log: bool | None = None,
) -> None:
    """Draw every cell as a point with the 95 % interval of its mean: for designs that vary everything at once.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table : mapping of str to array
        As `Sweep.table()` gives it.
    x : str
        The column along the axis.
    metric : str
    by : str, optional
        A colour for each value of this column.
    item : str, optional
        The first one where None.
    log : bool, optional
        Whether the axis is logarithmic; where the values are spaced so if None.

    Raises
    ------
    UsageError
        If a name is not in the table, or there are too many colours.

    Examples
    --------
    >>> table = {"item.content.stickiness": np.array([0.01, 0.01]), "item": np.array(["content"] * 2)}
    >>> table |= {"metric": np.array(["engaged"] * 2), "mean": np.array([20.0, 90.0])}
    >>> table |= {"mean_low": np.array([18.0, 80.0]), "mean_high": np.array([22.0, 100.0])}
    >>> table |= {"realisations": np.array([100, 100])}
    >>> figure, (ax,) = new_figure()
    >>> points(ax, table, "item.content.stickiness", "engaged")
    >>> ax.get_xlabel()
    'item.content.stickiness'
    """
    rows = _rows(table, metric, item, x, by)
    groups = _groups(rows, by)
    dress(ax)
    place = _x_axis(ax, x, rows[x], log)
    faint = 0.9 if len(rows["mean"]) <= 60 else 0.5
    colours = colours_of(len(groups), ordered=by is not None and _is_number(rows[by]))
    for number, ((value, part), colour) in enumerate(zip(groups, colours, strict=True)):
        mean, low, high = (_floats(part[name]) for name in ("mean", "mean_low", "mean_high"))
        at = place(part[x])
        if not _is_number(rows[x]):
            at = at + _side_by_side(at)
        ax.errorbar(
            at,
            mean,
            yerr=_whiskers(mean, low, high),
            fmt=MARKERS[number % len(MARKERS)],
            color=colour,
            alpha=faint,
            markersize=3,
            elinewidth=0.8,
            label=None if by is None else _value_text(by, value),
        )
    _y_axis(ax, metric, float(np.nanmax(_floats(rows["mean_high"]), initial=0.0)))
    note(ax, f"bar: 95% interval of the mean; {_played(rows)}")
    if by is not None:
        legend(ax, plain(_short(by)))


def _side_by_side(at: Floats) -> Floats:
    """Return how far to move points that would lie on top of each other: evenly, in their order."""
    moved = np.zeros(len(at))
    for value in np.unique(at):
        same = np.flatnonzero(at == value)
        moved[same] = np.linspace(-0.3, 0.3, len(same)) if len(same) > 1 else 0.0
    return moved


def heat_map(ax: Axes, table: Table, x: str, y: str, metric: str, item: str | None = None) -> None:
    r"""Draw a metric over two things that were varied: dark is much; means with their 95 % intervals where they fit.

    Values stand side by side at equal distances, whatever the steps between them. Where there are so many that numbers
    do not fit, the title says how well the means are known.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table : mapping of str to array
        As `Sweep.table()` gives it.
    x, y : str
        The columns along the two axes.
    metric : str
    item : str, optional
        The first one where None.

    Raises
    ------
    UsageError
        If a name is not in the table, or several cells would be drawn over each other.

    Examples
    --------
    >>> table = {"item.content.stickiness": np.array([0.01, 0.02]), "plan": np.array(["hubs", "hubs"])}
    >>> table |= {"item": np.array(["content"] * 2), "metric": np.array(["engaged"] * 2)}
    >>> table |= {"mean": np.array([20.0, 90.0]), "mean_low": np.array([18.0, 80.0])}
    >>> table |= {"mean_high": np.array([22.0, 100.0]), "realisations": np.array([100, 100])}
    >>> figure, (ax,) = new_figure()
    >>> heat_map(ax, table, "item.content.stickiness", "plan", "engaged")
    >>> [text.get_text() for text in ax.texts]
    ['20.0\n±2.0', '90\n±10']
    """
    rows = _rows(table, metric, item, x, y)
    _require_one_each(rows, [x, y])
    _draw_heat(ax, rows, x, y, metric, span_of(_floats(rows["mean"])))


def _draw_heat(
    ax: Axes, rows: Table, x: str, y: str, metric: str, span: tuple[float, float], *, room: float = 4.2
) -> Any:
    columns, lines = _ordered(rows[x]), _ordered(rows[y])
    mean, low, high = (np.full((len(lines), len(columns)), np.nan) for _ in range(3))
    for name, into in (("mean", mean), ("mean_low", low), ("mean_high", high)):
        for one, other, value in zip(rows[x].tolist(), rows[y].tolist(), _floats(rows[name]).tolist(), strict=True):
            into[lines[other], columns[one]] = value
    picture = coloured_fields(ax, mean, span)
    for axis, name, values in ((ax.xaxis, x, columns), (ax.yaxis, y, lines)):
        step = -(-len(values) // 12)
        shown = [_value_text(name, value) for value in values]
        axis.set_ticks(list(range(0, len(values), step)), shown[::step])
    if sum(len(_value_text(x, value)) for value in columns) > 45:
        ax.tick_params(axis="x", rotation=45)
    ax.set_xlabel(plain(label(x)))
    ax.set_ylabel(plain(label(y)))
    if room > 4.0:  # alone
        colour_scale(ax, picture, plain(label(metric)), unit_of(metric))
    half = (high - low) / 2.0
    if write_numbers(ax, mean, half, unit_of(metric), span, room):
        note(ax, f"±: 95% interval of the mean; {_played(rows)}")
    elif np.isfinite(half).any():
        middle, most = (number_text(float(size), unit_of(metric)) for size in (np.nanmedian(half), np.nanmax(half)))
        note(ax, f"95% interval of a mean: ±{middle}, at most ±{most}; {_played(rows)}")
    return picture


def _ordered(column: npt.NDArray[Any]) -> dict[Any, int]:
    """Return the place of each value on an axis: numbers ascending, texts as they come."""
    values = dict.fromkeys(column.tolist())
    return {value: place for place, value in enumerate(sorted(values) if _is_number(column) else values)}


def effects_bars(ax: Axes, effects: Sequence[Any], unit: str = "") -> None:
    """Draw what explains the results, the largest on top, as bars with 95 % intervals.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    effects : sequence of Effect or ElementaryEffect
        As `Sweep.effects()` gives them: shares of the variance (Sobol, grid), or what moving across the whole range
        does (Morris).
    unit : str
        Of the metric, for elementary effects, which are in it.

    Raises
    ------
    UsageError
        If there are none.

    Examples
    --------
    >>> from viralsim.experiments.effects import Effect
    >>> figure, (ax,) = new_figure()
    >>> effects_bars(ax, [Effect(("item.content.stickiness",), 0.8, 0.7, 0.9, 0.85, 0.8, 0.9)])
    >>> ax.get_xlabel()
    'share of the variance between cells'
    """
    if not effects:
        raise UsageError("there are no effects to draw")
    variance = hasattr(effects[0], "first")
    named = {"first": "alone", "total": "with all it takes part in"}
    if not variance:
        named = {"mu_star": "mean size (μ*)", "sigma": "how much it differs (σ)"}
    kinds = [(kind, name) for kind, name in named.items() if any(getattr(one, kind) is not None for one in effects)]

    def weight(one: Any) -> tuple[bool, float]:
        return len(one.names) == 1, max((getattr(one, kind) or 0.0 for kind, _ in kinds), default=0.0)

    ordered = sorted(effects, key=weight)
    dress(ax)
    ax.grid(visible=False, axis="y")
    thick = 0.8 / max(1, len(kinds))
    colours = colours_of(len(kinds), ordered=False)
    for place, one in enumerate(ordered):
        for number, ((kind, name), colour) in enumerate(zip(kinds, colours, strict=True)):
            value, low, high = (getattr(one, f"{kind}{ending}") for ending in ("", "_low", "_high"))
            if value is None:
                continue
            alone = len(kinds) == 1 or all(getattr(one, other) is None for other, _ in kinds if other != kind)
            at = place + (0.0 if alone else ((len(kinds) - 1) / 2.0 - number) * thick)
            ax.barh(
                at,
                value,
                height=thick * 0.9,
                color=colour,
                alpha=0.85,
                label=name if place == len(ordered) - 1 else None,
            )
            if low is not None and high is not None:
                between = _whiskers(np.array([value]), np.array([low]), np.array([high]))
                ax.errorbar(value, at, xerr=between, fmt="none", color="black", capsize=2.5, elinewidth=1.0)
    ax.set_yticks(
        range(len(ordered)), ["\n".join(textwrap.wrap(" x ".join(map(_short, one.names)), 32)) for one in ordered]
    )
    ax.set_ylim(-0.6, len(ordered) - 0.4)
    if variance:
        ax.set_xlabel("share of the variance between cells")
        ax.xaxis.set_major_formatter(number_format("share"))
        ax.set_xlim(right=max(1.0, ax.get_xlim()[1]))
    else:
        ax.set_xlabel(f"change across the whole range{f' ({unit})' if unit and unit != 'share' else ''}")
        ax.xaxis.set_major_formatter(number_format(unit))
    ax.set_xlim(left=min(0.0, ax.get_xlim()[0]))
    note(ax, "line: 95% interval")
    if len(kinds) > 1:
        legend(ax, above=True)


def tipping_mark(ax: Axes, point: Any) -> None:
    r"""Mark on a curve from which value on a condition holds, with the 95 % interval of that value.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With a curve along the setting that was searched.
    point : TippingPoint
        Nothing is drawn where there is none.

    Examples
    --------
    >>> from viralsim.experiments.tipping import TippingPoint
    >>> figure, (ax,) = new_figure()
    >>> numbers = (0.02, 0.018, 0.021, "rises")
    >>> point = TippingPoint("item.content.stickiness", "viral_chance >= 50%", *numbers)
    >>> tipping_mark(ax, point)
    >>> [text.get_text() for text in ax.texts]
    ['viral_chance >= 50%\nfrom 2% (1.8% … 2.1%)']
    """
    if point.value is None:
        return
    unit = unit_of(point.path)
    side = "up to" if (point.direction == "falls") == (">" in point.condition) else "from"
    text = f"{plain(point.condition)}\n{side} {number_text(point.value, unit)}"
    if point.low is not None and point.high is not None:
        ax.axvspan(point.low, point.high, color="#D55E00", alpha=0.2, linewidth=0)
        text += f" ({number_text(point.low, unit)} … {number_text(point.high, unit)})"
    ax.axvline(point.value, color="#D55E00", linewidth=1.0, linestyle="--")
    inside = ax.transAxes.inverted().transform(ax.transData.transform((point.value, 0.0)))[0]
    early = bool(inside < 0.5)  # there is room on the other side, and away from the curve
    top = (point.direction == "falls") == early
    ax.annotate(
        text,
        (point.value, 0.98 if top else 0.04),
        xycoords=("data", "axes fraction"),
        xytext=(6 if early else -6, 0),
        textcoords="offset points",
        ha="left" if early else "right",
        va="top" if top else "bottom",
        fontsize=8,
        color="#A34700",
    )


def sweep_figures(sweep: Sweep, metric: str | None = None, item: str | None = None) -> dict[str, Figure]:
    """Return the figures that show a sweep, by name: curves or points, heat maps, and what explains the results.

    Parameters
    ----------
    sweep : Sweep
    metric, item : str, optional
        That of the sweep, and the main item, where None.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> found = vs.sweep(scenario, vary={"item.content.stickiness": ["1%", "2%"]}, realisations=20)
    >>> list(sweep_figures(found))
    ['curve']
    """
    metric = sweep.metric if metric is None else metric
    item = item if item is not None or not sweep.cells else str(sweep.cells[0].facts["main_item"])
    table = sweep.table(metric, item)
    names = varied_in(table)
    figures: dict[str, Figure] = {}
    searched = sweep.described["until"] is not None
    if sweep.design == "grid" or searched:
        found = sweep.paths[-1] if searched else None
        along = sorted(names, key=lambda name: (name != found, not _is_number(table[name]), -_levels(table, name)))
        if along:
            figures["curve"] = _curves(table, along, metric, item, sweep)
        if len(along) >= 2 and not searched:
            figures["heat-map"] = _heat_maps(table, along, metric, item)
    elif names:
        figures["points"] = _clouds(table, names, metric, item)
    effects: list[Any] = []
    if len(names) > 1:
        with suppress(UsageError):  # cells are missing, or the design has none
            effects = sweep.effects(metric, item)
    if effects:
        figure, (ax,) = new_figure(height=max(2.5, 1.0 + 0.42 * len(effects)))
        effects_bars(ax, effects, unit_of(metric))
        figure.suptitle(f"What explains {plain(metric_words(metric))}", fontsize=10)
        figures["effects"] = figure
    return figures


def _levels(table: Table, name: str) -> int:
    return len(set(table[name].tolist()))


def _several(table: Table, names: Sequence[str]) -> list[tuple[str, dict[str, npt.NDArray[Any]]]]:
    """Return the table in parts, one for each combination of values of `names`, as many as one figure holds."""
    keys = list(zip(*(table[name].tolist() for name in names), strict=True)) if names else [()] * len(table["metric"])
    combinations = list(dict.fromkeys(keys))[:_PANELS]
    return [
        (
            ", ".join(f"{_short(name)} {_value_text(name, value)}" for name, value in zip(names, one, strict=True)),
            _where(table, np.array([key == one for key in keys], bool)),
        )
        for one in combinations
    ]


def _curves(table: Table, along: Sequence[str], metric: str, item: str | None, sweep: Sweep) -> Figure:
    lines = [name for name in along[1:] if _levels(table, name) <= _LINES]
    by = lines[-1] if lines else None
    parts = _several(table, [name for name in along[1:] if name != by])
    if len(parts) == 1:
        figure, axes = new_figure()
    else:
        figure, axes = panels(len(parts), width=3.6)
    for ax, (name, part) in zip(axes, parts, strict=True):
        curve(ax, part, along[0], metric, by, item)
        if name:
            ax.set_title("\n".join(textwrap.wrap(name, 44)), fontsize=8, loc="left")
        for point in sweep.tipping_points:
            if point.path == along[0] and point.condition.split()[0] == metric and len(sweep.tipping_points) == 1:
                tipping_mark(ax, point)
    _same_height(axes)
    _only_one_legend(axes)
    if len(parts) > 1:
        _label_edges_only(axes)
        figure.suptitle(f"Band: 95% interval of the mean; {_played(table)}", fontsize=9)
    return figure


def _heat_maps(table: Table, along: Sequence[str], metric: str, item: str | None) -> Figure:
    parts = _several(table, along[2:])
    rows = _rows(table, metric, item)
    span = span_of(_floats(rows["mean"]))
    if len(parts) == 1:
        figure, axes = new_figure()
    else:
        figure, axes = panels(len(parts), width=3.6, height=3.2)
    picture = None
    for ax, (name, part) in zip(axes, parts, strict=True):
        picture = _draw_heat(
            ax, _rows(part, metric, item), along[0], along[1], metric, span, room=4.2 if len(parts) == 1 else 2.4
        )
        if name:
            ax.set_title("\n".join(textwrap.wrap(f"{name} (±: 95% interval)", 44)), fontsize=8, loc="left")
    if picture is not None and len(parts) > 1:
        _label_edges_only(axes)
        scale = figure.colorbar(picture, ax=axes, format=number_format(unit_of(metric)))
        scale.set_label(plain(label(metric)), fontsize=10)
        scale.outline.set_visible(False)
    return figure


def _clouds(table: Table, names: Sequence[str], metric: str, item: str | None) -> Figure:
    shown = list(names)[:_PANELS]
    figure, axes = new_figure() if len(shown) == 1 else panels(len(shown))
    for ax, name in zip(axes, shown, strict=True):
        points(ax, table, name, metric, None, item)
        if len(shown) > 1:
            ax.set_title("", loc="left")
            ax.set_xlabel(plain(_short(name)))
    if len(shown) > 1:
        _label_edges_only(axes)
        figure.suptitle(f"Each point is a cell, with the 95% interval of its mean; {_played(table)}", fontsize=9)
    return figure


def _same_height(axes: Sequence[Axes]) -> None:
    limits = [ax.get_ylim() for ax in axes]
    for ax in axes:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def _only_one_legend(axes: Sequence[Axes]) -> None:
    for ax in axes[1:]:
        if (found := ax.get_legend()) is not None:
            found.remove()


def _label_edges_only(axes: Sequence[Axes]) -> None:
    for ax in axes:
        place = ax.get_subplotspec()
        if place is not None and not place.is_first_col():
            ax.set_ylabel("")

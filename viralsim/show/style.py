"""How figures look: colours that colour-blind readers tell apart, units on axes, and a file at the end.

Figures are drawn without a screen and without pyplot: nothing is kept between them, and nothing pops up.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter

from viralsim.errors import UsageError, ViralsimError, did_you_mean
from viralsim.files import whole_file
from viralsim.scenario import choices, takes_share

__all__ = [
    "COLOURS",
    "GREY",
    "MARKERS",
    "SEQUENCE",
    "colours_of",
    "dress",
    "label",
    "legend",
    "metric_words",
    "new_figure",
    "number_format",
    "number_text",
    "panels",
    "plain",
    "unit_of",
    "write_figure",
]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe & Ito, "Color universal design" (2008), without the yellow that white paper swallows; dark ones first."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""One for each colour, so that a print without colours can be read too."""

GREY = "#5A5A5A"
"""Of what is not data: axes, grids, notes."""

SEQUENCE = "YlGnBu"
"""Colours of a quantity: from light, little, to dark, much; the order survives a copy in black and white."""

_FONT = 9.0
_FORMS = (".png", ".svg")


def new_figure(
    rows: int = 1, columns: int = 1, *, width: float = 6.3, height: float = 4.0
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes, row by row, ready to be drawn on.

    Parameters
    ----------
    rows, columns : int
        How many axes it has.
    width, height : float
        In inches: by default as wide as the text of a printed page.

    Examples
    --------
    >>> figure, axes = new_figure(columns=2)
    >>> len(axes)
    2
    """
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    axes = [figure.add_subplot(rows, columns, 1 + place) for place in range(rows * columns)]
    for ax in axes:
        dress(ax)
    return figure, axes


def dress(ax: Axes) -> None:
    """Give axes the look of all figures: no frame, a faint grid, letters that can be read in print.

    Examples
    --------
    >>> figure = Figure()
    >>> ax = figure.add_subplot()
    >>> dress(ax)
    >>> ax.spines["top"].get_visible()
    False
    """
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(which="both", colors=GREY, labelcolor="black", labelsize=_FONT)
    ax.grid(color="#E3E3E3", linewidth=0.6)
    ax.set_axisbelow(True)
    for text in (ax.xaxis.label, ax.yaxis.label):
        text.set_fontsize(_FONT + 1)
    ax.title.set_fontsize(_FONT + 1)


def unit_of(name: str) -> str:
    """Return the unit of a metric or of a scenario's key; empty where it has none or none is known.

    Examples
    --------
    >>> unit_of("engaged"), unit_of("viral_chance"), unit_of("item.content.stickiness"), unit_of("network.people")
    ('people', 'share', 'share', '')
    """
    metrics = choices("metric")
    if name in metrics:
        return {"probability": "share"}.get(metrics[name].unit, metrics[name].unit)
    return "share" if takes_share(name) else ""


def metric_words(metric: str) -> str:
    """Return a metric's name in words.

    Examples
    --------
    >>> metric_words("viral_chance")
    'viral chance'
    """
    return metric.replace("_", " ")


def label(name: str) -> str:
    """Return how an axis or a legend calls a metric or a scenario's key, with the unit where numbers do not carry it.

    Examples
    --------
    >>> label("time_to_peak"), label("viral_chance"), label("item.content.stickiness")
    ('time to peak (ticks)', 'viral chance', 'item.content.stickiness')
    """
    words = metric_words(name) if name in choices("metric") else name
    unit = unit_of(name)
    return words if unit in ("", "share") or unit == words else f"{words} ({unit})"


def plain(text: str) -> str:
    r"""Return text that figures show as it is: a dollar sign would begin a formula.

    Examples
    --------
    >>> plain("5 $ off")
    '5 \\$ off'
    """
    return text.replace("$", r"\$")


def number_text(value: float, unit: str = "", step: float = 0.0) -> str:
    """Return a number as figures show it: shares as percent, large numbers with commas.

    Parameters
    ----------
    value : float
    unit : str
        As `unit_of` gives it.
    step : float
        What two numbers that are told apart differ by: so many digits are shown. 0: three significant ones.

    Examples
    --------
    >>> number_text(0.0125, "share"), number_text(12_345.6), number_text(0.00314), number_text(2.0)
    ('1.25%', '12,346', '0.00314', '2')
    >>> number_text(0.5, "share", 0.1), number_text(12.3456, "people", 0.01)
    ('50%', '12.35')
    """
    if not np.isfinite(value):
        return "–"
    scale, sign = (100.0, "%") if unit == "share" else (1.0, "")
    shown = value * scale
    size = step * scale if step else 10.0 ** (np.floor(np.log10(abs(shown))) - 2) if shown else 1.0
    digits = int(min(12, max(0, np.ceil(-np.log10(size) - 1e-9))))
    text = f"{shown:,.{digits}f}"
    if not step and "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text.strip("-0.") == "" and "." not in text else text) + sign


def number_format(unit: str) -> Formatter:
    """Return how an axis writes its numbers.

    Examples
    --------
    >>> number_format("share")(0.025, 0)
    '2.5%'
    """
    return FuncFormatter(lambda value, _: number_text(round(value, 12), unit))


def colours_of(count: int, ordered: bool) -> list[Any]:
    """Return a colour for each of so many things: distinct ones, or a sequence where they have an order and are many.

    Examples
    --------
    >>> colours_of(2, ordered=False)
    ['#0072B2', '#D55E00']
    """
    if ordered and count > 3:  # the lightest would be lost on white
        return [mpl.colormaps[SEQUENCE](share) for share in np.linspace(0.35, 1.0, count)]
    return [COLOURS[place % len(COLOURS)] for place in range(count)]


def write_figure(figure: Figure, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a figure to a file: PNG for screens and documents, SVG for print and for the web.

    The file is whole or not there at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Ends in .png or .svg.
    force : bool
        Whether a file of that name is replaced.

    Raises
    ------
    UsageError
        If the name ends otherwise, or is taken.
    ViralsimError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> figure, _ = new_figure()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_figure(figure, Path(folder, "empty.png")).name
    'empty.png'
    """
    path = Path(path)
    if path.suffix.lower() not in _FORMS:
        hint = did_you_mean(path.suffix, _FORMS) or "for example figure.svg"
        raise UsageError(f"expected a name that ends in {' or '.join(_FORMS)}", place=str(path), hint=hint)
    form = path.suffix.lower()[1:]
    facts: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": None}
    try:
        with whole_file(path, force=force) as fresh, mpl.rc_context({"svg.hashsalt": "viralsim"}):
            figure.savefig(fresh, format=form, metadata=facts)
    except OSError as error:
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=str(path)) from None
    return path


def panels(count: int, *, width: float = 3.15, height: float = 2.9) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many axes side by side, at most three in a row.

    Examples
    --------
    >>> len(panels(4)[1])
    4
    """
    columns = min(count, 2 if count in (2, 4) else 3)
    rows = -(-count // columns)
    figure, axes = new_figure(rows, columns, width=max(6.3, width * columns), height=max(4.0, height * rows))
    for ax in axes[count:]:
        ax.remove()
    return figure, axes[:count]


def legend(ax: Axes, title: str = "", *, above: bool = False) -> None:
    """Show what colours mean, where there is room; or above the axes, where there is none.

    Examples
    --------
    >>> figure, (ax,) = new_figure()
    >>> _ = ax.plot([1, 2], label="hubs")
    >>> legend(ax, "plan")
    >>> ax.get_legend().get_title().get_text()
    'plan'
    """
    handles, names = ax.get_legend_handles_labels()
    place: dict[str, Any] = {"loc": "best"}
    if above:
        place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": len(handles)}
    if handles:
        shown = ax.legend(handles, names, title=title, fontsize=_FONT, frameon=False, alignment="left", **place)
        shown.get_title().set_fontsize(_FONT)

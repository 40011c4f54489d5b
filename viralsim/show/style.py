"""How figures look: colours that colour-blind readers tell apart, units on axes, and a file at the end.

Figures are drawn without a screen and without pyplot: nothing is kept between them, and nothing pops up.
"""

from __future__ import annotations

import os
import textwrap
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
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
    "clock",
    "colour_scale",
    "coloured_fields",
    "colours_of",
    "dress",
    "label",
    "legend",
    "metric_words",
    "new_figure",
    "note",
    "number_format",
    "number_text",
    "panels",
    "plain",
    "span_of",
    "unit_of",
    "wrapped",
    "write_figure",
    "write_numbers",
]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe & Ito, "Color universal design" (2008), without the yellow that white paper swallows; dark ones first."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""One for each colour, so that a print without colours can be read too."""

GREY = "#5A5A5A"
"""Of what is not data: axes, grids, notes."""

SEQUENCE = "YlGnBu"
"""Colours of a quantity: from light, little, to dark, much; the order survives a copy in black and white."""

Floats = npt.NDArray[np.float64]

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
    text = text.replace("$", r"\$")
    return f"\u200b{text}" if text.startswith("_") else text  # legends leave out what begins so


def wrapped(text: str, width: int = 24, lines: int = 2) -> str:
    r"""Return a name as figures show it, on several lines where it is long, and cut short where it is longer still.

    Examples
    --------
    >>> wrapped("those with most followers, 5 $ each", 20)
    'those with most\nfollowers, 5 \\$ each'
    >>> wrapped("x" * 60, 10)
    'xxxxxxxxxx\nxxxxxxxxx…'
    """
    found = textwrap.wrap(text, width) or [""]
    if len(found) > lines:
        found = [*found[: lines - 1], f"{found[lines - 1][: width - 1]}…"]
    return "\n".join(plain(line) for line in found)


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
        with (
            whole_file(path, force=force) as fresh,
            mpl.rc_context({"svg.hashsalt": "viralsim"}),
            warnings.catch_warnings(),
        ):
            warnings.filterwarnings("ignore", "Glyph .* missing")  # a box stands for it
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


def legend(ax: Axes, title: str = "", *, above: bool = False, columns: int | None = None, beside: bool = False) -> None:
    """Show what colours mean, where there is room; or above the axes, where there is none.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    title : str
    above : bool
        On the right above the axes, in one line; with `columns` on the left, above what `note` says.
    columns : int, optional
        So many names beside each other.
    beside : bool
        On the right of the axes, where there are many.

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
    if above and columns is not None:
        place = {"loc": "lower left", "bbox_to_anchor": (-0.01, 1.05), "ncols": columns, "borderpad": 0.0}
        place |= {"columnspacing": 1.2, "handletextpad": 0.5, "fontsize": 8}
    if beside:
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "fontsize": 8}
    if handles:
        shown = ax.legend(handles, names, title=title, frameon=False, alignment="left", **{"fontsize": _FONT} | place)
        shown.get_title().set_fontsize(place.get("fontsize", _FONT))


def note(ax: Axes, text: str) -> None:
    """Say above the data what its bands and bars mean.

    Examples
    --------
    >>> figure, (ax,) = new_figure()
    >>> note(ax, "band: 95% interval of the mean")
    >>> ax.get_title(loc="left")
    'band: 95% interval of the mean'
    """
    ax.set_title(text, loc="left", fontsize=8, color=GREY)


def clock(ax: Axes, seconds: float) -> float:
    """Let an axis show the time of a campaign; return how many seconds its unit has.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    seconds : float
        From the beginning to the end.

    Examples
    --------
    >>> figure, (ax,) = new_figure()
    >>> clock(ax, 14 * 86400.0), ax.get_xlabel()
    (86400.0, 'time since the start (days)')
    """
    units = (("days", 86400.0, 3.0), ("hours", 3600.0, 3.0), ("minutes", 60.0, 3.0), ("seconds", 1.0, 0.0))
    name, unit = next((name, unit) for name, unit, least in units if seconds > least * unit or not least)
    ax.set_xlabel(f"time since the start ({name})")
    ax.xaxis.set_major_formatter(number_format(""))
    return unit


def coloured_fields(ax: Axes, values: Floats, span: tuple[float, float]) -> Any:
    """Draw numbers as fields of a table, the first row at the bottom: dark is much, hatched is not known.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : ndarray of float64, shape (rows, columns)
        NaN where nothing is known.
    span : tuple of two float
        What is lightest and what is darkest, as from `span_of`.

    Examples
    --------
    >>> figure, (ax,) = new_figure()
    >>> picture = coloured_fields(ax, np.array([[0.1, 0.2]]), (0.0, 0.2))
    >>> picture.get_array().tolist()
    [[0.1, 0.2]]
    """
    dress(ax)
    ax.grid(visible=False)
    ax.set_facecolor("#DDDDDD")
    ax.patch.set(hatch="///", edgecolor="white")
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    return ax.pcolormesh(
        np.arange(values.shape[1] + 1) - 0.5,
        np.arange(values.shape[0] + 1) - 0.5,
        np.ma.masked_invalid(values),
        cmap=SEQUENCE,
        vmin=span[0],
        vmax=span[1],
        edgecolors="white",
        linewidth=0.8 if max(values.shape) <= 20 else 0.0,
    )


def colour_scale(ax: Axes, picture: Any, text: str, unit: str) -> None:
    """Show beside the axes what the colours of `coloured_fields` mean.

    Examples
    --------
    >>> figure, (ax,) = new_figure()
    >>> colour_scale(ax, coloured_fields(ax, np.array([[1.0]]), (0.0, 1.0)), "reach", "share")
    >>> figure.axes[1].get_ylabel()
    'reach'
    """
    assert ax.figure is not None  # noqa: S101 - for the type checker
    scale = ax.figure.colorbar(picture, ax=ax, format=number_format(unit))
    scale.set_label(text, fontsize=_FONT + 1)
    scale.ax.tick_params(labelsize=_FONT, colors=GREY, labelcolor="black")
    scale.outline.set_visible(False)


def span_of(values: Floats) -> tuple[float, float]:
    """Return which values are lightest and darkest: from nothing, unless all are close to each other far from it.

    Examples
    --------
    >>> span_of(np.array([1.0, 8.0])), span_of(np.array([7.0, 8.0]))
    ((0.0, 8.0), (7.0, 8.0))
    """
    if not np.isfinite(values).any():
        return 0.0, 1.0
    least, most = float(np.nanmin(values)), float(np.nanmax(values))
    if least >= 0.0 and least < 0.5 * most:
        least = 0.0
    return least, most if most > least else least + 1.0


def write_numbers(
    ax: Axes, mean: Floats, half: Floats, unit: str, span: tuple[float, float], room: float = 4.2
) -> bool:
    r"""Write means and intervals into their fields, if letters as small as can be read fit; say whether they do.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With `coloured_fields`.
    mean, half : ndarray of float64, shape (rows, columns)
        NaN where undefined.
    unit : str
        As `unit_of` gives it.
    span : tuple of two float
        Of the colours.
    room : float
        How wide the axes are, in inches.

    Examples
    --------
    >>> figure, (ax,) = new_figure()
    >>> write_numbers(ax, np.array([[0.25]]), np.array([[0.01]]), "share", (0.0, 1.0)), ax.texts[0].get_text()
    (True, '25.0%\n±1.0%')
    """
    texts: dict[tuple[int, ...], str] = {}
    for place in zip(*(axis.tolist() for axis in np.nonzero(np.isfinite(mean))), strict=True):
        step = _last_digit(float(half[place]))
        texts[place] = number_text(float(mean[place]), unit, step)
        if np.isfinite(half[place]):
            texts[place] += f"\n±{number_text(float(half[place]), unit, step)}"
    longest = max((len(line) for text in texts.values() for line in text.split("\n")), default=1)
    size = min(8.5, 72.0 * room / mean.shape[1] / (0.64 * longest))
    if size < 5.5 or mean.shape[0] > 12:
        return False
    for (line, column), text in texts.items():
        red, green, blue, _ = mpl.colormaps[SEQUENCE]((mean[line, column] - span[0]) / (span[1] - span[0]))
        dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5
        ax.text(column, line, text, ha="center", va="center", fontsize=size, color="white" if dark else "black")
    return True


def _last_digit(half: float) -> float:
    """Return the size of the last digit worth showing: two digits of the interval."""
    return float(10.0 ** (np.floor(np.log10(half)) - 1)) if np.isfinite(half) and half > 0.0 else 0.0

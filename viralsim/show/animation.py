"""One cascade as a film or a still: the network above, below it how many have engaged by then."""

from __future__ import annotations

import io
import math
import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from viralsim.errors import UsageError, ViralsimError, did_you_mean
from viralsim.files import whole_file
from viralsim.show.cascades import Scene, cascade_network, draw_scene, scene_of
from viralsim.show.style import COLOURS, GREY, clock, dress, plain

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.outcome import Cascade

__all__ = ["cascade_still", "write_film"]

MOST_BYTES = 5_000_000
"""A film is made smaller until it has fewer: larger ones are refused by mail and chat."""

_FRAMES, _HASTY_FRAMES = 80, 12
_FRAME_MS, _END_MS = 110, 2_500
_INCHES = (6.3, 7.4)
_DOTS = 100
_SHADES = 128
_LINE = 0.14
"""Of the height of the curve: what a line of text takes."""


def cascade_still(graph: SocialGraph, cascade: Cascade, *, scene: Scene | None = None) -> Figure:
    """Return a figure of a cascade at its end: the network, and below it how many had engaged by when.

    Parameters
    ----------
    graph : SocialGraph
    cascade : Cascade
        Played on that graph.
    scene : Scene, optional
        What is drawn, where it is known already.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=600"])
    >>> graph = vs.load_network(scenario.network)
    >>> figure = cascade_still(graph, vs.replay(scenario, realisation=2, graph=graph))
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['', 'engaged (people)']
    """
    figure, network, curve = _stage()
    cascade_network(network, graph, cascade, scene=scene)
    _curve(curve, cascade)
    return figure


def write_film(
    path: str | os.PathLike[str],
    graph: SocialGraph,
    cascade: Cascade,
    *,
    force: bool = False,
) -> Path:
    """Write a cascade as a film that plays again and again: a GIF of less than 5 MB.

    People keep their places, and the clock shows the campaign's time. It runs evenly until all but one in a hundred
    have engaged, and faster from there to the last one.

    Parameters
    ----------
    path : path
        Ends in .gif.
    graph : SocialGraph
    cascade : Cascade
        Played on that graph.
    force : bool
        Whether a file of that name is replaced.

    Raises
    ------
    UsageError
        The name ends otherwise or is taken, or the cascade was played on another graph.
    ViralsimError
        It cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=100"])
    >>> graph = vs.load_network(scenario.network)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     film = write_film(Path(folder, "film.gif"), graph, vs.replay(scenario, realisation=2, graph=graph))
    ...     film.stat().st_size < MOST_BYTES
    True
    """
    path = Path(path)
    if path.suffix.lower() != ".gif":
        hint = did_you_mean(path.suffix, (".gif",)) or "for example cascade.gif"
        raise UsageError("expected a name that ends in .gif", place=str(path), hint=hint)
    scene = scene_of(graph, cascade)
    dots = _DOTS
    made = _gif(_frames(cascade, scene, dots))
    while len(made) >= MOST_BYTES:
        dots = math.floor(dots * 0.8)
        made = _gif(_frames(cascade, scene, dots))
    try:
        with whole_file(path, force=force) as fresh:
            fresh.write_bytes(made)
    except OSError as error:
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=str(path)) from None
    return path


def _stage() -> tuple[Figure, Axes, Axes]:
    figure = Figure(figsize=_INCHES, dpi=150, layout="constrained")
    network, curve = figure.subplots(2, 1, height_ratios=(4.2, 1.0))
    for ax in (network, curve):
        dress(ax)
    return figure, network, curve


def _curve(ax: Axes, cascade: Cascade) -> list[Any]:
    """Draw how many had engaged with each item by when; return the lines."""
    end = max(1, int(cascade.tick.max(initial=1)))
    unit = clock(ax, end * cascade.tick_seconds)
    times = np.arange(end + 1) * (cascade.tick_seconds / unit)
    lines, ends = [], []
    for item in range(len(cascade.items)):
        engaged = np.cumsum(np.bincount(cascade.tick[cascade.item == item], minlength=end + 1))
        lines += ax.plot(times, engaged, color=COLOURS[item % len(COLOURS)], linewidth=1.6, drawstyle="steps-post")
        ends.append((int(engaged[-1]), item))
    if len(ends) > 1:
        height, line = -np.inf, _LINE * max(ends)[0]
        for last, item in sorted(ends):
            height = max(
                float(last), height + line
            )  # names that end at about the same height stand one above the other
            name = plain(cascade.items[item])
            ax.annotate(name, (times[-1], height), (3, 0), textcoords="offset points", fontsize=7, va="center")
    ax.set_ylim(bottom=0)
    ax.set_ylabel("engaged (people)")
    return lines


def _frames(cascade: Cascade, scene: Scene, dots: int) -> list[Image.Image]:
    """Return the pictures of a film: nobody engaged is in the first one but the seeds, everybody in the last one."""
    figure, network, curve = _stage()
    figure.set_dpi(dots)
    moving = [(one, cascade.tick[entries], _chooser(one)) for one, entries in draw_scene(network, cascade, scene)]
    lines = _curve(curve, cascade)
    times = [np.asarray(line.get_xdata()) for line in lines]
    counts = [np.asarray(line.get_ydata()) for line in lines]
    now = curve.axvline(0.0, color=GREY, linewidth=0.8)
    text = network.text(0.0, 0.0, "", transform=network.transAxes, fontsize=13, family="monospace")
    stops = _stops(cascade)
    canvas: Any = FigureCanvasAgg(figure)
    shown = [*lines, now, text, *(one for one, _, _ in moving)]
    for one in shown:
        one.set_animated(True)
    canvas.draw()  # once: what stands still, and where everything goes
    still = canvas.copy_from_bbox(figure.bbox)
    pictures = []
    for tick in stops.tolist():
        canvas.restore_region(still)
        for one, ticks, show in moving:
            show(ticks <= tick)
            one.axes.draw_artist(one)
        for line, at, count in zip(lines, times, counts, strict=True):
            line.set_data(at[: tick + 1], count[: tick + 1])
            curve.draw_artist(line)
        now.set_xdata([times[0][tick]] * 2)
        curve.draw_artist(now)
        text.set_text(cascade.clock(tick))
        network.draw_artist(text)
        pictures.append(Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3].copy()))
    return pictures


def _stops(cascade: Cascade) -> npt.NDArray[np.int64]:
    """Return the ticks that a film shows: evenly up to where all but one in a hundred have engaged, then in haste."""
    last = max(1, int(cascade.tick.max(initial=1)))
    nearly = int(np.quantile(cascade.tick, 0.99, method="higher")) if cascade.size else 0
    calm = np.linspace(0, nearly, _FRAMES - _HASTY_FRAMES)
    return np.unique(np.round([*calm, *np.linspace(nearly, last, _HASTY_FRAMES + 1)]).astype(np.int64))


def _chooser(one: Any) -> Any:
    """Return a function that shows the marked parts of a collection alone."""
    if hasattr(one, "get_segments"):
        segments, colours = one.get_segments(), one.get_colors()

        def lines(chosen: npt.NDArray[np.bool_]) -> None:
            one.set_segments([segments[place] for place in np.flatnonzero(chosen)])
            one.set_color(colours[chosen])

        return lines
    offsets, faces = one.get_offsets(), one.get_facecolors()

    def dots(chosen: npt.NDArray[np.bool_]) -> None:
        one.set_offsets(offsets[chosen])
        if len(faces) > 1:
            one.set_facecolors(faces[chosen])

    return dots


def _gif(pictures: list[Image.Image]) -> bytes:
    """Return pictures as a film, all in the colours of the last one, which has most of them.

    Each holds what has changed; all else is clear, so that the picture before shows through: a tenth of the size.
    """
    palette = pictures[-1].quantize(_SHADES, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    places = [np.asarray(one.quantize(palette=palette, dither=Image.Dither.NONE)) for one in pictures]
    colours = (palette.getpalette() or [])[: 3 * _SHADES]
    paper = 3 * int(places[0][0, 0])
    colours[paper : paper + 3] = [255, 255, 255]  # which is mixed with what is nearly as light
    changes = [places[0], *(np.where(now == before, _SHADES, now) for before, now in pairwise(places))]
    frames = [Image.fromarray(one.astype(np.uint8)) for one in changes]
    for frame in frames:
        frame.putpalette([*colours, 0, 0, 0])
    made = io.BytesIO()
    frames[0].save(
        made,
        "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=[_FRAME_MS] * (len(frames) - 1) + [_END_MS],
        loop=0,
        optimize=False,
        transparency=_SHADES,
        disposal=1,
    )
    return made.getvalue()

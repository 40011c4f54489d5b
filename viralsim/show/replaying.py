"""One cascade as a file to look at: a page to play with, a film or a picture, as the file's ending says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, ViralsimError, did_you_mean
from viralsim.files import check_file, whole_file
from viralsim.show.cascades import Scene, scene_of
from viralsim.show.page import page

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.outcome import Cascade

__all__ = ["FORMS", "replay_page", "write_cascade"]

FORMS = (".html", ".gif", ".png", ".svg")
"""Endings of files that `write_cascade` writes."""

_SCRIPTS = ("vendor/uPlot.iife.min.js", "stage.js", "player.js", "chart.js", "replay.js")
_STYLES = ("vendor/uPlot.min.css", "replay.css")
_MOST_POINTS = 1_000
"""Of a curve: more than a screen shows."""


def replay_page(graph: SocialGraph, cascade: Cascade, *, title: str = "", language: str = "en") -> str:
    """Return a page that plays a cascade, as HTML text with everything inside: it loads nothing.

    The network with who told whom, the curve below it, the campaign's clock, everybody's story, and what happened to
    the items where there are several. Of a large network the neighbourhood of the cascade is shown, and said.

    Parameters
    ----------
    graph : SocialGraph
    cascade : Cascade
        Played on that graph.
    title : str
        Its heading; the plan and the realisation where empty.
    language : str
        What it speaks first, "en" or "el"; readers can change it.

    Raises
    ------
    UsageError
        The cascade was played on another graph, or there is no such language.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=300"])
    >>> graph = vs.load_network(scenario.network)
    >>> text = replay_page(graph, vs.replay(scenario, realisation=2, graph=graph), title="Summer & sun")
    >>> "<title>Summer &amp; sun</title>" in text
    True
    """
    return page(
        "replay.html",
        scripts=_SCRIPTS,
        styles=_STYLES,
        data={"replay": _replay(graph, cascade, scene_of(graph, cascade))},
        language=language,
        title=title or f"{cascade.plan}, {cascade.realisation}",
    )


def write_cascade(
    path: str | os.PathLike[str],
    graph: SocialGraph,
    cascade: Cascade,
    *,
    title: str = "",
    force: bool = False,
) -> Path:
    """Write a cascade as a page (.html), a film (.gif) or a picture (.png, .svg).

    Parameters
    ----------
    path : path
        Its ending says which.
    graph : SocialGraph
    cascade : Cascade
        Played on that graph.
    title : str
        Heading of the page.
    force : bool
        Whether a file of that name is replaced.

    Returns
    -------
    pathlib.Path
        The file.

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
    >>> scenario = vs.read_scenario(settings=["network.people=300"])
    >>> graph = vs.load_network(scenario.network)
    >>> cascade = vs.replay(scenario, realisation=2, graph=graph)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_cascade(Path(folder, "cascade.html"), graph, cascade).name
    'cascade.html'
    """
    path = Path(path)
    form = path.suffix.lower()
    if form not in FORMS:
        hint = did_you_mean(form, FORMS) or "for example cascade.html"
        raise UsageError(f"expected a name that ends in {', '.join(FORMS)}", place=str(path), hint=hint)
    check_file(path, force=force)
    if form == ".html":
        text = replay_page(graph, cascade, title=title)
        try:
            with whole_file(path, force=force) as fresh:
                fresh.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ViralsimError(f"cannot be written: {error.strerror or error}", place=str(path)) from None
        return path
    from viralsim.show.animation import cascade_still, write_film

    if form == ".gif":
        return write_film(path, graph, cascade, force=force)
    from viralsim.show.style import write_figure

    return write_figure(cascade_still(graph, cascade), path, force=force)


def _replay(graph: SocialGraph, cascade: Cascade, scene: Scene) -> dict[str, Any]:
    """Return what replay.js plays, ready for JSON."""
    story, entries = cascade.story, scene.entries
    events = [event for event in story.events if event.what != "never triggered"] if story is not None else []
    last = max([1, int(cascade.tick.max(initial=1)), *(event.tick for event in events)])
    told = np.bincount(cascade.parent[cascade.parent >= 0], minlength=cascade.size)
    place = np.full(cascade.size, -1)
    place[entries] = scene.person
    parent = cascade.parent[entries]
    at = np.unique(np.linspace(0, last, min(last + 1, _MOST_POINTS)).round().astype(np.int64))
    followers = np.sum([arcs.out_degree for arcs in graph.layers.values()], axis=0)[scene.people]
    virality = cascade.structural_virality
    trusted = None
    if story is not None and story.mean_trust is not None:
        shown = story.ticks <= last
        trusted = {"ticks": story.ticks[shown].tolist(), "mean": _short(story.mean_trust[shown])}
    return {
        "plan": cascade.plan,
        "realisation": cascade.realisation,
        "size": cascade.size,
        "depth": cascade.depth,
        "virality": None if virality is None else round(virality, 2),
        "drawn": ", ".join(f"{name} {text}" for name, (_, text) in cascade.drawn.items()),
        "tickSeconds": cascade.tick_seconds,
        "last": last,
        "items": list(cascade.items),
        "platforms": list(cascade.platforms),
        "names": np.asarray(graph.ids)[scene.people].tolist(),
        "x": _short(scene.places[:, 0]),
        "y": _short(1.0 - scene.places[:, 1]),  # a screen counts from the top
        "followers": followers.tolist(),
        "from": scene.from_.tolist(),
        "to": scene.to.tolist(),
        "events": {
            "item": cascade.item[entries].tolist(),
            "person": scene.person.tolist(),
            "platform": cascade.platform[entries].tolist(),
            "tick": cascade.tick[entries].tolist(),
            "parent": np.where(parent >= 0, place[parent], parent).tolist(),
            "generation": cascade.generation[entries].tolist(),
            "sharedAt": cascade.shared_at[entries].tolist(),
            "told": told[entries].tolist(),
        },
        "at": at.tolist(),
        "engaged": [
            np.searchsorted(cascade.tick[cascade.item == item], at, side="right").tolist()
            for item in range(len(cascade.items))
        ],
        "trust": trusted,
        "heard": None if story is None or story.heard_at is None else story.heard_at[scene.people].tolist(),
        "story": []
        if story is None
        else [
            {"tick": event.tick, "item": event.item, "what": event.what, "people": event.people}
            for event in story.events
        ],
        "leftOut": {
            "people": scene.left_out_people,
            "of": graph.people,
            "ties": scene.left_out_ties,
            "engaged": scene.left_out_engaged,
        },
    }


def _short(values: npt.NDArray[Any]) -> list[float]:
    """Return numbers with as many digits as a screen can show."""
    return [round(value, 4) for value in values.tolist()]

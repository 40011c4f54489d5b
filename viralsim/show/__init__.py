"""Pictures: figures for a screen, a document or print, and pages that work without a network."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.show.animation import cascade_still, write_film
    from viralsim.show.cascades import Scene, cascade_network, cascade_tree, scene_of
    from viralsim.show.lab import lab_page
    from viralsim.show.replaying import replay_page, write_cascade
    from viralsim.show.serving import serve
    from viralsim.show.style import new_figure, write_figure
    from viralsim.show.sweeps import curve, effects_bars, heat_map, points, sweep_figures, tipping_mark

_HOMES = {
    "Scene": "cascades",
    "cascade_network": "cascades",
    "cascade_still": "animation",
    "cascade_tree": "cascades",
    "curve": "sweeps",
    "effects_bars": "sweeps",
    "heat_map": "sweeps",
    "lab_page": "lab",
    "new_figure": "style",
    "points": "sweeps",
    "replay_page": "replaying",
    "scene_of": "cascades",
    "serve": "serving",
    "sweep_figures": "sweeps",
    "tipping_mark": "sweeps",
    "write_cascade": "replaying",
    "write_figure": "style",
    "write_film": "animation",
}

__all__ = [
    "Scene",
    "cascade_network",
    "cascade_still",
    "cascade_tree",
    "curve",
    "effects_bars",
    "heat_map",
    "lab_page",
    "new_figure",
    "points",
    "replay_page",
    "scene_of",
    "serve",
    "sweep_figures",
    "tipping_mark",
    "write_cascade",
    "write_figure",
    "write_film",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

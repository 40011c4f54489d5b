"""Figures: what a sweep found, as pictures for a screen, a document or print."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.show.style import new_figure, write_figure
    from viralsim.show.sweeps import curve, effects_bars, heat_map, points, sweep_figures, tipping_mark

__all__ = [
    "curve",
    "effects_bars",
    "heat_map",
    "new_figure",
    "points",
    "sweep_figures",
    "tipping_mark",
    "write_figure",
]

_OF_STYLE = ("new_figure", "write_figure")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'style' if name in _OF_STYLE else 'sweeps'}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

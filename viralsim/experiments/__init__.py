"""Experiments: sweeps over many cells, what explains their results, where they are kept, and who plays them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.experiments.effects import Effect, ElementaryEffect, grid_effects, morris_effects, sobol_effects
    from viralsim.experiments.tipping import TippingPoint, find_tipping_point

__all__ = [
    "Effect",
    "ElementaryEffect",
    "TippingPoint",
    "find_tipping_point",
    "grid_effects",
    "morris_effects",
    "sobol_effects",
]

# Numba, numpy and duckdb are imported with the first name that needs them, not with the package.
_HOMES = {
    "Effect": "effects",
    "ElementaryEffect": "effects",
    "TippingPoint": "tipping",
    "find_tipping_point": "tipping",
    "grid_effects": "effects",
    "morris_effects": "effects",
    "sobol_effects": "effects",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.experiments.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

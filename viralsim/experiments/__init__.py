"""Experiments: sweeps over many cells, what explains their results, where they are kept, and who plays them.

`designs` says which combinations of values are played, `cells` reads each as a scenario; `sweeping` deals them to
whoever plays (`executors`), in `jobs` of a moment; `store` keeps what comes back in `parts`, and `results` reads it.
`effects` and `tipping` say what it means; `estimating` what it will take.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.experiments.effects import Effect, ElementaryEffect, grid_effects, morris_effects, sobol_effects
    from viralsim.experiments.estimating import SweepEstimate, estimate_sweep
    from viralsim.experiments.sweeping import Progress, Sweep, read_sweep, sweep
    from viralsim.experiments.tipping import TippingPoint, find_tipping_point

__all__ = [
    "Effect",
    "ElementaryEffect",
    "Progress",
    "Sweep",
    "SweepEstimate",
    "TippingPoint",
    "estimate_sweep",
    "find_tipping_point",
    "grid_effects",
    "morris_effects",
    "read_sweep",
    "sobol_effects",
    "sweep",
]

# Numba, numpy and duckdb are imported with the first name that needs them, not with the package.
_HOMES = {
    "Effect": "effects",
    "ElementaryEffect": "effects",
    "Progress": "sweeping",
    "Sweep": "sweeping",
    "SweepEstimate": "estimating",
    "TippingPoint": "tipping",
    "estimate_sweep": "estimating",
    "find_tipping_point": "tipping",
    "grid_effects": "effects",
    "morris_effects": "effects",
    "read_sweep": "sweeping",
    "sobol_effects": "effects",
    "sweep": "sweeping",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.experiments.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""Planning: whom to start with, found by playing; checked on luck that the search has not seen."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.planning.plan import SeedPlan, SeedStep
    from viralsim.planning.planner import OBJECTIVES, plan_seeds

__all__ = ["OBJECTIVES", "SeedPlan", "SeedStep", "plan_seeds"]

# Numba and numpy are imported with the first name that needs them, not with the package.
_HOMES = {"OBJECTIVES": "planner", "SeedPlan": "plan", "SeedStep": "plan", "plan_seeds": "planner"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.planning.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

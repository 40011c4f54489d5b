"""Experiments: sweeps over many cells, what explains their results, where they are kept, and who plays them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__: list[str] = []

# Numba, numpy and duckdb are imported with the first name that needs them, not with the package.
_HOMES: dict[str, str] = {}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.experiments.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

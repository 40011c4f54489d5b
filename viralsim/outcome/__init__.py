"""What came of a campaign: outcomes that add, estimates with their intervals, cascades, tables."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.outcome.cascade import Cascade
    from viralsim.outcome.comparison import Comparison, compare
    from viralsim.outcome.counterfactuals import Counterfactual, CrisisPanel, CrisisRow, counterfactual, crisis
    from viralsim.outcome.estimate import Estimate, mean_estimate, proportion_estimate, ratio_estimate
    from viralsim.outcome.expecting import Expectation, classics, expectations
    from viralsim.outcome.outcome import METRICS, Curve, Outcome
    from viralsim.outcome.picking import pick_realisation
    from viralsim.outcome.playing import replay, simulate
    from viralsim.outcome.shape import CascadeShapes, ExposureCurve, SizeMatched, cascade_shapes
    from viralsim.outcome.tables import (
        check_directory,
        curves_table,
        read_outcome,
        realisations_table,
        write_comparison,
        write_csv,
        write_panel,
        write_parquet,
        write_results,
    )

__all__ = [
    "METRICS",
    "Cascade",
    "CascadeShapes",
    "Comparison",
    "Counterfactual",
    "CrisisPanel",
    "CrisisRow",
    "Curve",
    "Estimate",
    "Expectation",
    "ExposureCurve",
    "Outcome",
    "SizeMatched",
    "cascade_shapes",
    "check_directory",
    "classics",
    "compare",
    "counterfactual",
    "crisis",
    "curves_table",
    "expectations",
    "mean_estimate",
    "pick_realisation",
    "proportion_estimate",
    "ratio_estimate",
    "read_outcome",
    "realisations_table",
    "replay",
    "simulate",
    "write_comparison",
    "write_csv",
    "write_panel",
    "write_parquet",
    "write_results",
]

# Numba, numpy and duckdb are imported with the first name that needs them, not with the package.
_HOMES = {
    "Cascade": "cascade",
    "CascadeShapes": "shape",
    "Comparison": "comparison",
    "Counterfactual": "counterfactuals",
    "CrisisPanel": "counterfactuals",
    "CrisisRow": "counterfactuals",
    "Curve": "outcome",
    "Estimate": "estimate",
    "Expectation": "expecting",
    "ExposureCurve": "shape",
    "METRICS": "outcome",
    "Outcome": "outcome",
    "SizeMatched": "shape",
    "cascade_shapes": "shape",
    "check_directory": "tables",
    "classics": "expecting",
    "compare": "comparison",
    "counterfactual": "counterfactuals",
    "crisis": "counterfactuals",
    "curves_table": "tables",
    "expectations": "expecting",
    "mean_estimate": "estimate",
    "pick_realisation": "picking",
    "proportion_estimate": "estimate",
    "ratio_estimate": "estimate",
    "read_outcome": "tables",
    "realisations_table": "tables",
    "replay": "playing",
    "simulate": "playing",
    "write_comparison": "tables",
    "write_csv": "tables",
    "write_panel": "tables",
    "write_parquet": "tables",
    "write_results": "tables",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.outcome.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

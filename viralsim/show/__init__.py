"""Pictures: figures for a screen, a document or print, and pages that work without a network."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viralsim.show.animation import cascade_still, write_film
    from viralsim.show.cascades import Scene, cascade_network, cascade_tree, scene_of
    from viralsim.show.graphs import degree_distribution, graph_figures
    from viralsim.show.lab import lab_page
    from viralsim.show.outcomes import (
        audience_map,
        distribution,
        exposure_curve,
        outcome_figures,
        reach_curve,
        trust_curve,
    )
    from viralsim.show.plans import (
        comparison_figures,
        crisis_figures,
        crisis_panel,
        crisis_trust,
        effort_and_result,
        plan_differences,
    )
    from viralsim.show.replaying import replay_page, write_cascade
    from viralsim.show.serving import serve
    from viralsim.show.style import new_figure, write_figure
    from viralsim.show.sweeps import curve, effects_bars, heat_map, points, sweep_figures, tipping_mark

_HOMES = {
    "Scene": "cascades",
    "audience_map": "outcomes",
    "cascade_network": "cascades",
    "cascade_still": "animation",
    "cascade_tree": "cascades",
    "comparison_figures": "plans",
    "crisis_figures": "plans",
    "crisis_panel": "plans",
    "crisis_trust": "plans",
    "curve": "sweeps",
    "degree_distribution": "graphs",
    "distribution": "outcomes",
    "effects_bars": "sweeps",
    "effort_and_result": "plans",
    "exposure_curve": "outcomes",
    "graph_figures": "graphs",
    "heat_map": "sweeps",
    "lab_page": "lab",
    "new_figure": "style",
    "outcome_figures": "outcomes",
    "plan_differences": "plans",
    "points": "sweeps",
    "reach_curve": "outcomes",
    "replay_page": "replaying",
    "scene_of": "cascades",
    "serve": "serving",
    "sweep_figures": "sweeps",
    "tipping_mark": "sweeps",
    "trust_curve": "outcomes",
    "write_cascade": "replaying",
    "write_figure": "style",
    "write_film": "animation",
}

__all__ = [
    "Scene",
    "audience_map",
    "cascade_network",
    "cascade_still",
    "cascade_tree",
    "comparison_figures",
    "crisis_figures",
    "crisis_panel",
    "crisis_trust",
    "curve",
    "degree_distribution",
    "distribution",
    "effects_bars",
    "effort_and_result",
    "exposure_curve",
    "graph_figures",
    "heat_map",
    "lab_page",
    "new_figure",
    "outcome_figures",
    "plan_differences",
    "points",
    "reach_curve",
    "replay_page",
    "scene_of",
    "serve",
    "sweep_figures",
    "tipping_mark",
    "trust_curve",
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

"""viralsim rehearses word of mouth: how content spreads on social networks, with honest uncertainty.

Everything a script needs is at hand here, and is imported with its first use: ``import viralsim`` itself
loads no heavy library.

Examples
--------
>>> import viralsim as vs
>>> scenario = vs.read_scenario(settings=["network.people=1_000"])
>>> outcome = vs.simulate(scenario, realisations=100)
>>> outcome.engaged.realisations
100
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from viralsim.errors import DataError, ScenarioError, UsageError, ViralsimError
    from viralsim.experiments import (
        Effect,
        ElementaryEffect,
        Sweep,
        SweepEstimate,
        TippingPoint,
        estimate_sweep,
        read_sweep,
        sweep,
    )
    from viralsim.graph import (
        Arcs,
        SocialGraph,
        from_arcs,
        from_igraph,
        from_networkit,
        from_networkx,
        from_pandas,
        from_scipy,
        generate,
        graph_info,
        load_network,
        read_graph,
        to_networkx,
        write_graph,
    )
    from viralsim.outcome import (
        Cascade,
        CascadeShapes,
        Comparison,
        Counterfactual,
        CrisisPanel,
        CrisisRow,
        Curve,
        Estimate,
        Expectation,
        ExposureCurve,
        Outcome,
        SizeMatched,
        cascade_shapes,
        classics,
        compare,
        counterfactual,
        crisis,
        expectations,
        pick_realisation,
        read_outcome,
        replay,
        simulate,
        write_comparison,
        write_panel,
        write_results,
    )
    from viralsim.planning import SeedPlan, SeedStep, plan_seeds
    from viralsim.scenario import Scenario, read_scenario, scenario_from_text

_HOMES = {
    "Arcs": "graph",
    "Cascade": "outcome",
    "CascadeShapes": "outcome",
    "Comparison": "outcome",
    "Counterfactual": "outcome",
    "CrisisPanel": "outcome",
    "CrisisRow": "outcome",
    "Curve": "outcome",
    "DataError": "errors",
    "Effect": "experiments",
    "ElementaryEffect": "experiments",
    "Estimate": "outcome",
    "Expectation": "outcome",
    "ExposureCurve": "outcome",
    "Outcome": "outcome",
    "Scenario": "scenario",
    "ScenarioError": "errors",
    "SeedPlan": "planning",
    "SeedStep": "planning",
    "SizeMatched": "outcome",
    "SocialGraph": "graph",
    "Sweep": "experiments",
    "SweepEstimate": "experiments",
    "TippingPoint": "experiments",
    "UsageError": "errors",
    "ViralsimError": "errors",
    "cascade_shapes": "outcome",
    "classics": "outcome",
    "compare": "outcome",
    "counterfactual": "outcome",
    "crisis": "outcome",
    "estimate_sweep": "experiments",
    "expectations": "outcome",
    "from_arcs": "graph",
    "from_igraph": "graph",
    "from_networkit": "graph",
    "from_networkx": "graph",
    "from_pandas": "graph",
    "from_scipy": "graph",
    "generate": "graph",
    "graph_info": "graph",
    "load_network": "graph",
    "pick_realisation": "outcome",
    "plan_seeds": "planning",
    "read_graph": "graph",
    "read_outcome": "outcome",
    "read_scenario": "scenario",
    "read_sweep": "experiments",
    "replay": "outcome",
    "scenario_from_text": "scenario",
    "simulate": "outcome",
    "sweep": "experiments",
    "to_networkx": "graph",
    "write_comparison": "outcome",
    "write_graph": "graph",
    "write_panel": "outcome",
    "write_results": "outcome",
}

__all__ = [
    "Arcs",
    "Cascade",
    "CascadeShapes",
    "Comparison",
    "Counterfactual",
    "CrisisPanel",
    "CrisisRow",
    "Curve",
    "DataError",
    "Effect",
    "ElementaryEffect",
    "Estimate",
    "Expectation",
    "ExposureCurve",
    "Outcome",
    "Scenario",
    "ScenarioError",
    "SeedPlan",
    "SeedStep",
    "SizeMatched",
    "SocialGraph",
    "Sweep",
    "SweepEstimate",
    "TippingPoint",
    "UsageError",
    "ViralsimError",
    "__version__",
    "cascade_shapes",
    "classics",
    "compare",
    "counterfactual",
    "crisis",
    "estimate_sweep",
    "expectations",
    "from_arcs",
    "from_igraph",
    "from_networkit",
    "from_networkx",
    "from_pandas",
    "from_scipy",
    "generate",
    "graph_info",
    "load_network",
    "pick_realisation",
    "plan_seeds",
    "read_graph",
    "read_outcome",
    "read_scenario",
    "read_sweep",
    "replay",
    "scenario_from_text",
    "simulate",
    "sweep",
    "to_networkx",
    "write_comparison",
    "write_graph",
    "write_panel",
    "write_results",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"viralsim.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

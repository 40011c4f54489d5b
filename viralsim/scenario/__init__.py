"""What the user writes: catalogue of choices, schema, TOML reader with places, resolved form and its hash."""

from viralsim.scenario.catalogue import FAMILIES, Choice, Parameter, choices, complete_parameters
from viralsim.scenario.reading import check, init_text, read_scenario, scenario_from_text, templates
from viralsim.scenario.schema import (
    Delay,
    Item,
    Network,
    Plan,
    Platform,
    Report,
    Scenario,
    Segment,
    Time,
    Wave,
    json_schema,
)

__all__ = [
    "FAMILIES",
    "Choice",
    "Delay",
    "Item",
    "Network",
    "Parameter",
    "Plan",
    "Platform",
    "Report",
    "Scenario",
    "Segment",
    "Time",
    "Wave",
    "check",
    "choices",
    "complete_parameters",
    "init_text",
    "json_schema",
    "read_scenario",
    "scenario_from_text",
    "templates",
]

"""What the user writes: catalogue of choices, schema, TOML reader with places, resolved form and its hash."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viralsim.scenario.assumptions import Assumption
    from viralsim.scenario.catalogue import FAMILIES, Choice, Parameter, choices, complete_parameters
    from viralsim.scenario.clock import online_at
    from viralsim.scenario.reading import (
        check,
        classic_names,
        for_expected,
        init_text,
        read_classic,
        read_scenario,
        scenario_from_text,
        templates,
    )
    from viralsim.scenario.schema import (
        BrandTrust,
        Delay,
        Discovery,
        Expected,
        Item,
        Network,
        Online,
        Plan,
        Platform,
        Price,
        Report,
        Scenario,
        Segment,
        SweepTable,
        Time,
        Variant,
        Wave,
    )
    from viralsim.scenario.schema_document import json_schema, takes_share
    from viralsim.scenario.unknowns import Numbers, Unknown

__all__ = [
    "FAMILIES",
    "Assumption",
    "BrandTrust",
    "Choice",
    "Delay",
    "Discovery",
    "Expected",
    "Item",
    "Network",
    "Numbers",
    "Online",
    "Parameter",
    "Plan",
    "Platform",
    "Price",
    "Report",
    "Scenario",
    "Segment",
    "SweepTable",
    "Time",
    "Unknown",
    "Variant",
    "Wave",
    "check",
    "choices",
    "classic_names",
    "complete_parameters",
    "for_expected",
    "init_text",
    "json_schema",
    "online_at",
    "read_classic",
    "read_scenario",
    "scenario_from_text",
    "takes_share",
    "templates",
]

_CATALOGUE = {"FAMILIES", "Choice", "Parameter", "choices", "complete_parameters"}
_READING = {
    "check",
    "classic_names",
    "for_expected",
    "init_text",
    "read_classic",
    "read_scenario",
    "scenario_from_text",
    "templates",
}


def __getattr__(name: str) -> object:
    # Lazily: command line help needs the catalogue and not pydantic.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = "schema"
    others = {
        "assumptions": {"Assumption"},
        "catalogue": _CATALOGUE,
        "clock": {"online_at"},
        "schema_document": {"json_schema", "takes_share"},
        "reading": _READING,
        "unknowns": {"Numbers", "Unknown"},
    }
    for other, names in others.items():
        room = other if name in names else room
    value = getattr(import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

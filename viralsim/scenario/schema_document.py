"""The JSON Schema of scenario files: what editors check and complete by, made from the models and the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from viralsim.scenario.catalogue import MOST_CHANCES, Choice, Parameter, choices
from viralsim.scenario.conditions import WHERE_SCHEMA
from viralsim.scenario.schema import (
    COMMON_NETWORK_FIELDS,
    DURATION_SCHEMA,
    MAY_BE_UNKNOWN,
    MOST_ITEMS,
    MOST_PLATFORMS,
    MOST_VARIANTS,
    NAME,
    SHARE_SCHEMA,
    Scenario,
    strangers,
)
from viralsim.scenario.unknowns import MOST_VALUES

__all__ = ["json_schema", "takes_share"]


@lru_cache(maxsize=1)
def _share_keys() -> frozenset[str]:
    """Return the names of the keys that take shares."""
    found: set[str] = set()

    def look(part: Any) -> None:
        if isinstance(part, list):
            for one in part:
                look(one)
        elif isinstance(part, dict):
            properties = part.get("properties")
            for name, key in properties.items() if isinstance(properties, dict) else ():
                if isinstance(key, dict) and any("%" in str(form.get("pattern", "")) for form in key.get("anyOf", ())):
                    found.add(name)
            for one in part.values():
                look(one)

    look(json_schema())
    return frozenset(found)


def takes_share(path: str) -> bool:
    """Say whether a key takes a share, so that its numbers are told as percent.

    Examples
    --------
    >>> takes_share("item.content.stickiness"), takes_share("network.people")
    (True, False)
    """
    return path.rpartition(".")[2] in _share_keys()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file.

    Every field says its unit, and where its default comes from or that it is an assumption.

    Examples
    --------
    >>> schema = json_schema()
    >>> schema["properties"]["realisations"]["default"], schema["required"]
    (1000, ['network', 'item', 'plan'])
    """
    schema = Scenario.model_json_schema()
    properties, parts = schema["properties"], schema["$defs"]
    for name in ("platform", "segment", "item", "plan", "expected"):
        properties[name]["propertyNames"] = {"pattern": NAME}
    properties["platform"]["maxProperties"] = MOST_PLATFORMS
    properties["item"]["maxProperties"] = MOST_ITEMS
    properties["item"]["minProperties"] = properties["plan"]["minProperties"] = 1
    parts["Plan"]["properties"]["wave"].update(propertyNames={"pattern": NAME}, minProperties=1)
    # What reading fills in need not be written.
    schema["required"] = ["network", "item", "plan"]
    for part in ("Time", "BrandTrust"):
        parts[part].pop("required")
    for table, key in (
        ("Wave", "item"),
        ("Wave", "platform"),
        ("Report", "item"),
        ("Expected", "item"),
        ("Expected", "plan"),
    ):
        del parts[table]["properties"][key]["default"]  # a name that depends on the rest of the file
    presets = choices("platform")
    parts["Platform"]["properties"]["preset"] = {
        "enum": list(presets),
        "description": "Kind of platform whose numbers hold where none are written: "
        + "; ".join(f"{preset.name}: {preset.help}" for preset in presets.values())
        + ".",
    }
    for key in ("half_life", "feed_length"):
        parts["Platform"]["properties"][key]["default"] = "none"
    for table, key in (("Platform", "cross_post"), ("Platform", "discovery"), ("Segment", "online")):
        declared = parts[table]["properties"][key]
        written = {name: declared.pop(name) for name in list(declared) if name not in ("description", "default")}
        options = written.get("anyOf", [written])
        declared.update(anyOf=[{"const": "none"}, *options], default="none")
    parts["Online"]["anyOf"] = [{"required": ["hours"]}, {"required": ["weekdays"]}]
    parts["Item"]["properties"]["variant"].update(
        propertyNames={"pattern": NAME}, minProperties=1, maxProperties=MOST_VARIANTS
    )
    del parts["Variant"]["properties"]["target"]["default"]  # it depends on the others
    parts["Time"]["properties"]["tick"]["default"] = "1h"
    parts["Time"]["properties"]["horizon"]["default"] = "14d"
    parts["BrandTrust"]["properties"]["half_life"]["default"] = "30d"
    parts["Expected"]["properties"]["at"]["default"] = "end"
    for table in ("Segment", "Wave"):
        where = parts[table]["properties"]["where"]
        del where["type"]
        where["$ref"] = "#/$defs/Where"
    _schema_of_item(parts["Item"])
    parts["Advertisement"]["oneOf"] = [{"required": ["dose"]}, {"required": ["chance"]}]
    _schema_of_choices(parts)
    for part in parts.values():
        part["description"] = part.get("description", "").split("\n\n")[0]
    parts["Unknown"] = _schema_of_unknowns()
    parts["Where"] = WHERE_SCHEMA
    schema = _tidied(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "viralsim scenario",
        "description": 'One campaign, the people it meets and the plans to compare. Durations: "6h", '
        '"90min", "2d" or a number of ticks; shares: "3%" or 0.03.',
        **{key: value for key, value in schema.items() if key not in ("title", "description")},
    }


def _tidied(schema: Any) -> Any:
    """Drop what says nothing to a reader of TOML: pydantic's titles, and null, which TOML cannot write."""
    if isinstance(schema, list):
        return [_tidied(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    if MAY_BE_UNKNOWN in schema:
        own = {key: part for key, part in schema.items() if key != MAY_BE_UNKNOWN}
        known = schema[MAY_BE_UNKNOWN]
        return _tidied({**own, "anyOf": [*known.get("anyOf", [known]), *_UNKNOWN_SCHEMA]})
    tidy = {
        key: _tidied(part)
        for key, part in schema.items()
        if not (key == "title" and isinstance(part, str)) and not (key == "default" and part is None)
    }
    options = tidy.get("anyOf")
    return {**tidy.pop("anyOf")[0], **tidy} if isinstance(options, list) and len(options) == 1 else tidy


_UNKNOWN_SCHEMA: list[dict[str, Any]] = [
    {"type": "string", "pattern": r"^\s*[^\s].*\.\.\s*[^\s.]"},
    {"$ref": "#/$defs/Unknown"},
]


def _schema_of_unknowns() -> dict[str, Any]:
    """Return the schema of distributions; which numbers they may hold is up to the key, and not said here."""
    own = {"type": ["number", "string"]}
    several = {"type": "array", "minItems": 1, "maxItems": MOST_VALUES}
    alternatives = []
    for choice in choices("unknown").values():
        properties: dict[str, Any] = {
            "distribution": {"const": choice.name, "description": f"The distribution: {choice.help}."}
        }
        for parameter in choice.parameters:
            if parameter.kind == "own":
                schema: dict[str, Any] = dict(own)
            elif parameter.kind == "list":
                schema = {**several, "items": {"type": "number", "minimum": 0} if parameter.name == "weights" else own}
            else:
                schema = _schema_of_parameter(parameter)
            properties[parameter.name] = {**schema, "description": parameter.help}
        required = ["distribution", *(parameter.name for parameter in choice.parameters if parameter.required)]
        alternatives.append(_alternative(_help(choice), properties, required))
    return {
        "description": "A number that is not known: drawn once per pair of realisations.",
        "oneOf": alternatives,
    }


def _schema_of_item(item: dict[str, Any]) -> None:
    del item["properties"]["half_life"]["default"]  # it depends on the platforms
    item["properties"]["activity"]["default"] = "for ever"
    item["properties"]["proven_false_at"]["default"] = "none"
    del item["properties"]["sensitivity"]["default"]  # it depends on the kind
    for key in ("law", "novelty"):
        declared = item["properties"][key]
        written = {name: declared.pop(name) for name in list(declared) if name in ("type", "enum", "items", "anyOf")}
        declared["anyOf"] = [*written.pop("anyOf", []), *([written] if written else []), *_OWN_SCHEMA]
    item["allOf"] = [
        {
            "oneOf": [
                {
                    "properties": {"law": {"anyOf": _OWN_SCHEMA}},
                    "required": ["law"],
                    "not": {"anyOf": [{"required": [key]} for key in sorted({*strangers("law", "curve"), "curve"})]},
                },
                _only("law", "independent", {"arc_probability"}, ["stickiness"]),
                _only("law", "independent", {"stickiness"}, ["arc_probability"], not_advertised="dose"),
                _only("law", "curve", not_advertised="chance"),
                _only("law", "uniform", not_advertised="chance"),
                _only("law", "fixed", not_advertised="dose"),
            ]
        },
        *({"oneOf": [_only(family, name) for name in choices(family)]} for family in ("kind", "emission")),
        *(
            {"anyOf": [{"required": [partner]}, {"not": {"required": [key]}}]}
            for key, partner in (("after_reach", "after"), ("disproof", "proven_false_at"))
        ),
    ]


_OWN = {
    "type": "string",
    "description": "A function of your own: module:function (--allow-code).",
    "pattern": r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$",
}
_OWN_TABLE = {"type": "object", "properties": {"law": _OWN}, "required": ["law"]}
_OWN_SCHEMA = [_OWN, _OWN_TABLE]


def _only(
    family: str, name: str, others: Iterable[str] = (), required: Iterable[str] = (), not_advertised: str | None = None
) -> dict[str, Any]:
    """Return the condition that an item of one choice has what it needs and nothing of the others."""
    declared = choices(family)[name]
    needed = {parameter.name for parameter in declared.parameters if parameter.required}.union(required)
    if name != next(iter(choices(family))):
        needed.add(family)
    condition: dict[str, Any] = {"properties": {family: {"const": name}}, "required": sorted(needed)}
    if not_advertised is not None:
        condition["properties"]["advertisement"] = {"not": {"required": [not_advertised]}}
    foreign = strangers(family, name).union(others)
    if foreign:
        condition["not"] = {"anyOf": [{"required": [other]} for other in sorted(foreign)]}
    return condition


def _schema_of_choices(parts: dict[str, Any]) -> None:
    """Replace the tables whose keys depend on a choice by one alternative for each choice."""
    network = parts["Network"]["properties"]
    for name in ("attribute", "layer"):
        network[name]["propertyNames"] = {"pattern": NAME}
    file_keys = {name: network[name] for name in network if name not in ("generator", "parameters")}
    common = {name: network[name] for name in ("random_seed", *COMMON_NETWORK_FIELDS)}
    parts["Network"] = {
        "description": parts["Network"]["description"],
        "oneOf": [
            _alternative("a file of arcs", file_keys, ["file"]),
            *(
                _alternative_of(choice, "generator", network["generator"]["description"], common)
                for choice in choices("generator").values()
            ),
        ],
    }
    parts["TieTrust"] = {
        "description": parts["TieTrust"]["description"],
        "oneOf": [
            _alternative_of(choice, "from", "Where it comes from.", {}) for choice in choices("tie_trust").values()
        ],
    }
    distribution = parts["Attribute"]["properties"]["distribution"]["description"]
    attributes = [
        _alternative_of(choice, "distribution", distribution, {}) for choice in choices("distribution").values()
    ]
    attributes[0]["required"] = ["values"]
    parts["Attribute"] = {"description": parts["Attribute"]["description"], "oneOf": attributes}
    delay = parts["Delay"]["properties"]["law"]["description"]
    parts["Delay"] = {
        "description": parts["Delay"]["description"],
        "anyOf": [
            {"const": "none", "description": choices("delay")["none"].help},
            *(_alternative_of(choice, "law", delay, {}) for choice in choices("delay").values()),
            _OWN_TABLE,
        ],
    }
    declined = {"declined": parts["Price"]["properties"]["declined"]}
    model = parts["Price"]["properties"]["model"]["description"]
    parts["Price"] = {
        "description": parts["Price"]["description"],
        "oneOf": [_alternative_of(choice, "model", model, declined) for choice in choices("price").values()],
    }
    wave = parts["Wave"]["properties"]
    names = {parameter.name for choice in choices("strategy").values() for parameter in choice.parameters}
    shared = {name: value for name, value in wave.items() if name not in names and name != "strategy"}
    parts["Wave"] = {
        "description": parts["Wave"]["description"],
        "oneOf": [
            _needing_count(
                choice,
                {
                    "strategy": {"const": choice.name, "description": wave["strategy"]["description"]},
                    **{parameter.name: _of_strategy(parameter, wave) for parameter in choice.parameters},
                    **shared,
                },
            )
            for choice in choices("strategy").values()
        ],
    }


def _of_strategy(parameter: Parameter, wave: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a wave's key, with the default that it has for one strategy."""
    schema: dict[str, Any] = wave[parameter.name]
    return schema if parameter.default is None else {**schema, "default": parameter.default}


def _needing_count(choice: Choice, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the alternative of a strategy; one that counts people needs a count or a budget."""
    required = ["strategy", *(parameter.name for parameter in choice.parameters if parameter.required)]
    alternative = _alternative(_help(choice), properties, required)
    if choice.parameter("count") is not None:
        alternative["anyOf"] = [{"required": ["count"]}, {"required": ["budget"]}]
    return alternative


def _alternative(description: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _alternative_of(choice: Choice, key: str, description: str, common: dict[str, Any]) -> dict[str, Any]:
    properties = {
        key: {"const": choice.name, "description": description},
        **{
            parameter.name: _schema_of_parameter(parameter, may_be_unknown=choice.family in ("delay", "price"))
            for parameter in choice.parameters
        },
        **common,
    }
    alternative = _alternative(_help(choice), properties, [key, *(p.name for p in choice.parameters if p.required)])
    if choice.open:
        alternative["additionalProperties"] = {"type": ["number", "boolean"]}
    return alternative


def _help(choice: Choice) -> str:
    return f"{choice.help}. Source: {choice.source}" if choice.source else choice.help


def _schema_of_parameter(parameter: Parameter, *, may_be_unknown: bool = False) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "integer": {"type": "integer"},
        "number": {"type": "number"},
        "share": SHARE_SCHEMA,
        "duration": DURATION_SCHEMA,
        "truth": {"type": "boolean"},
        "shares": {"type": "object", "minProperties": 1, "additionalProperties": SHARE_SCHEMA},
        "names": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
        "chances": {"type": "array", "minItems": 1, "maxItems": MOST_CHANCES, "items": SHARE_SCHEMA},
        "money": {"type": "number"},
        "tiers": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[0-9_]+$"},
            "additionalProperties": {"type": "number", "minimum": 0},
        },
    }
    schema = dict(kinds.get(parameter.kind, {"type": "string"}))
    if parameter.kind in ("integer", "number", "money"):
        if parameter.minimum is not None:
            schema["exclusiveMinimum" if parameter.exclusive else "minimum"] = parameter.minimum
        if parameter.maximum is not None:
            schema["maximum"] = parameter.maximum
    if parameter.default is not None:
        schema["default"] = parameter.default
    unit = {"share": " (share)", "duration": " (duration)"}.get(parameter.kind, "")
    description = f"{parameter.help}{unit}"
    if parameter.kind in ("duration", "number", "money") and may_be_unknown:
        default = {"default": schema.pop("default")} if "default" in schema else {}
        return {MAY_BE_UNKNOWN: schema, **default, "description": description}
    return {**schema, "description": description}

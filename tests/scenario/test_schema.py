"""The JSON Schema and the catalogue: complete, described, and agreeing with what the reader accepts."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from viralsim.errors import ScenarioError
from viralsim.scenario import (
    FAMILIES,
    Scenario,
    choices,
    complete_parameters,
    json_schema,
    scenario_from_text,
)
from viralsim.scenario.schema import (
    Advertisement,
    Attribute,
    BrandTrust,
    Discovery,
    Expected,
    Item,
    Layer,
    Network,
    Online,
    Plan,
    Platform,
    Report,
    Segment,
    Time,
    Variant,
    Wave,
)

FOLDER = Path(__file__).parent
SCHEMA = json_schema()


def ordered(value):
    return list(value) if isinstance(value, dict) else []


def complaints(value, schema, path="") -> list[str]:
    """As much of JSON Schema as ours uses; an unknown keyword is a defect of this test."""
    found: list[str] = []
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    for keyword, wanted in schema.items():
        match keyword:
            case "$schema" | "$defs" | "title" | "description" | "default":
                pass
            case "$ref":
                found += complaints(value, SCHEMA["$defs"][wanted.removeprefix("#/$defs/")], path)
            case "type":
                names = [wanted] if isinstance(wanted, str) else wanted
                numeric = isinstance(value, bool) and "boolean" not in names
                if numeric or not isinstance(value, tuple(kinds[name] for name in names)):
                    found.append(f"{path}: {value!r} is no {wanted}")
            case "const":
                found += [] if value == wanted else [f"{path}: not {wanted!r}"]
            case "enum":
                found += [] if value in wanted else [f"{path}: not in {wanted}"]
            case "anyOf" | "oneOf":
                fitting = [option for option in wanted if not complaints(value, option, path)]
                if len(fitting) < 1 or (keyword == "oneOf" and len(fitting) > 1):
                    found.append(f"{path}: {value!r} fits {len(fitting)} alternatives")
            case "allOf":
                found += [one for option in wanted for one in complaints(value, option, path)]
            case "not":
                found += [] if complaints(value, wanted, path) else [f"{path}: what it must not be"]
            case "required":
                found += [f"{path}: no {name}" for name in wanted if isinstance(value, dict) and name not in value]
            case "properties":
                for name, inner in wanted.items():
                    if isinstance(value, dict) and name in value:
                        found += complaints(value[name], inner, f"{path}.{name}")
            case "additionalProperties":
                for name in ordered(value):
                    if name not in schema.get("properties", {}):
                        if wanted is False:
                            found.append(f"{path}: unknown {name}")
                        elif wanted is not True:
                            found += complaints(value[name], wanted, f"{path}.{name}")
            case "propertyNames":
                found += [
                    f"{path}: bad name {name!r}" for name in ordered(value) if not re.search(wanted["pattern"], name)
                ]
            case "maxProperties" | "maxItems":
                found += [f"{path}: too many"] if isinstance(value, dict | list) and len(value) > wanted else []
            case "minProperties" | "minItems" | "minLength":
                found += [f"{path}: too few"] if isinstance(value, dict | list | str) and len(value) < wanted else []
            case "maxLength":
                found += [f"{path}: too long"] if isinstance(value, str) and len(value) > wanted else []
            case "minimum" | "maximum" | "exclusiveMinimum":
                if isinstance(value, int | float) and not isinstance(value, bool):
                    holds = {
                        "minimum": value >= wanted,
                        "maximum": value <= wanted,
                        "exclusiveMinimum": value > wanted,
                    }
                    found += [] if holds[keyword] else [f"{path}: {value} against {keyword} {wanted}"]
            case "pattern":
                if isinstance(value, str) and not re.search(wanted, value):
                    found.append(f"{path}: {value!r} does not fit {wanted}")
            case "uniqueItems":
                found += (
                    [f"{path}: twice"] if isinstance(value, list) and len(set(map(repr, value))) < len(value) else []
                )
            case "items":
                for index, one in enumerate(value if isinstance(value, list) else ()):
                    found += complaints(one, wanted, f"{path}[{index}]")
            case _:
                raise AssertionError(f"keyword {keyword}")
    return found


def plain(path):
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))


@pytest.mark.parametrize("path", sorted((FOLDER / "valid").glob("*.toml")), ids=lambda path: path.stem)
def test_valid_scenarios_fit_the_schema(path):
    assert complaints(plain(path), SCHEMA) == []


@pytest.mark.parametrize(
    "name",
    [
        "unknown-top-level-key",
        "unknown-table",
        "unknown-item-key",
        "unknown-generator",
        "unknown-strategy",
        "unknown-law",
        "unknown-delay-law",
        "parameter-of-another-generator",
        "file-and-generator",
        "neither-file-nor-generator",
        "share-out-of-range",
        "whole-number-wrong",
        "whole-number-truth",
        "stickiness-and-arc-probability",
        "delay-parameters",
        "neither-stickiness-nor-arc-probability",
        "missing-tables",
        "missing-keys",
        "wave-of-another-item",
        "bad-names",
        "empty-tables",
        "seeds-explicit-without-people",
        "seeds-people-with-degree",
        "endorsement-wrong",
        "duration-negative",
        "table-expected",
        "attribute-unknown-distribution",
        "attribute-homophily-out-of-range",
        "attribute-wrong-shapes",
        "layer-wrong",
        "law-keys-of-others",
        "law-keys-of-independent",
        "law-uniform-with-strangers",
        "law-fixed-with-strangers",
        "curve-missing",
        "curve-empty",
        "curve-no-list",
        "curve-bad-values",
        "threshold-missing",
        "threshold-of-neighbours-zero",
        "threshold-of-neighbours-wrong",
        "unknown-emission",
        "contact-keys-with-once",
        "contact-keys-with-repeat",
        "stifle-wrong",
        "activity-forever",
        "advertisement-dose-and-chance",
        "advertisement-neither",
        "advertisement-neither-fixed",
        "advertisement-dose-with-fixed",
        "advertisement-dose-with-arc-probability",
        "advertisement-chance-with-curve",
        "advertisement-chance-with-uniform",
        "advertisement-unknown-key-and-platform",
        "advertisement-no-table",
        "advertisement-dose-wrong",
        "expected-wrong-values",
        "expected-names",
        "expected-settings",
        "expected-no-table",
        "kind-by-other-words",
        "kind-keys-of-others",
        "keys-by-other-names",
        "harm-shares-wrong",
        "after-reach-wrong",
        "proven-false-wrong",
        "reaction-delay-wrong",
        "exclusive-no-text",
        "priority-wrong",
        "silent-wrong",
        "segment-conversions-wrong",
        "trust-wrong",
        "trust-no-table",
        "too-many-items",
        "where-any-and-not-wrong",
        "segment-share-wrong",
        "segment-priority-wrong",
        "segment-per-wrong",
        "individual-wrong",
        "individual-no-table",
        "affinity-attribute-wrong",
        "audience-keys-in-other-tables",
        "cross-post-wrong",
        "dates-wrong",
        "discovery-wrong",
        "feed-length-wrong",
        "online-wrong",
        "online-never",
        "preset-wrong",
        "represents-wrong",
        "role-wrong",
        "serve-wrong",
        "time-start-wrong",
        "time-zone-wrong",
        "variants-wrong",
    ],
)
def test_invalid_scenarios_do_not_fit_the_schema(name):
    assert complaints(plain(FOLDER / "invalid" / f"{name}.toml"), SCHEMA)


@pytest.mark.parametrize(
    ("keys", "fits"),
    [
        ("kind = 'rumour'", True),
        ("kind = 'rumour'\ndamage = '5%..10%'\nscar = 0\nheal = '100%'\nsensitivity = 1", True),
        ("kind = 'rumour'\ndamage = 5", False),
        ("kind = 'rumour'\nrepair = 0.5", False),
        ("kind = 'rumour'\nborn_of = 'post'", False),
        ("kind = 'testimony'\nborn_of = 'post'", True),
        ("kind = 'restoration'\nrepair = '5%'", True),
        ("kind = 'restoration'\nheal = '5%'", False),
        ("kind = 'gossip'", False),
        ("damage = 0.1", False),
        ("disproof = 0.1", False),
        ("kind = 'rumour'\ndisproof = 0.1", False),
        ("kind = 'rumour'\nproven_false_at = 'none'\ndisproof = 0.1", True),
        ("kind = 'rumour'\nproven_false_at = 'never'", False),
        ("kind = 'rumour'\nproven_false_at = '2d..3d'\ndisproof = '10%..20%'", True),
        ("after = 'post'\nafter_reach = 5", True),
        ("after = 'post'\nafter_reach = '5%..8%'", True),
        ("after = ''\nafter_reach = 5", True),
        ("after = 'post'\nafter_reach = 0", False),
        ("after_reach = 5", False),
        ("after = ['post']", False),
        ("reaction_delay = '2h'", True),
        ("reaction_delay = '1h..2d'", True),
        ("reaction_delay = '-2h'", False),
        ("kind = 'rumour'\npriority = -3", True),
        ("kind = 'rumour'\npriority = '-3..3'", True),
        ("kind = 'rumour'\npriority = 1001", False),
        ("kind = 'rumour'\npriority = 0.5", False),
        ("exclusive = ''", True),
        ("exclusive = true", False),
        ("silent = true", True),
        ("silent = 'true'", False),
    ],
)
def test_the_schema_and_the_reader_agree_about_how_items_touch(keys, fits):
    text = f"""
    network.generator = "ring"
    segment.everyone.satisfaction = 0.9
    [item.post]
    stickiness = 0.1
    [plan.one.wave.first]
    strategy = "random"
    count = 1
    [item.other]
    stickiness = 0.1
    advertisement.dose = 1
    {keys}
    """
    assert (complaints(tomllib.loads(text), SCHEMA) == []) == fits
    if fits:
        assert scenario_from_text(text)
        return
    with pytest.raises(ScenarioError):
        scenario_from_text(text)


def test_the_schema_is_json_of_the_right_draft():
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def properties(schema, path=""):
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}", inner
    for part in ("oneOf", "anyOf"):
        for index, option in enumerate(schema.get(part, [])):
            yield from properties(option, f"{path}({index})")
    for name, part in schema.get("$defs", {}).items():
        yield from properties(part, f"{path}/{name}")


def test_every_key_is_described():
    listed = dict(properties(SCHEMA))
    assert len(listed) > 60
    assert [path for path, inner in listed.items() if len(inner.get("description", "")) < 10] == []


@pytest.mark.parametrize(
    "model",
    [
        Network,
        Attribute,
        Layer,
        Platform,
        Discovery,
        Segment,
        Online,
        BrandTrust,
        Item,
        Variant,
        Advertisement,
        Plan,
        Wave,
        Time,
        Report,
        Expected,
        Scenario,
    ],
)
def test_every_default_says_what_it_is(model):
    """Numbers that steer a realisation name their source or say that they are an assumption."""
    for name, field in model.model_fields.items():
        description = field.description or ""
        if name == "parameters":
            continue
        if not field.is_required() and name not in ("file", "generator", "count", "people"):
            assert re.search("[Dd]efault|[Nn]o default|for none|in place|Keys the generator", description), (
                model,
                name,
            )
    for name in (
        "attention",
        "visibility",
        "trust",
        "endorsement",
        "share_rate",
        "viral_threshold",
        "half_life",
        "damage",
        "scar",
        "heal",
        "disproof",
        "repair",
        "after_reach",
        "reaction_delay",
        "sensitivity",
        "satisfaction",
        "baseline",
    ):
        if name in model.model_fields:
            assert re.search(r"assumption|\(\d{4}\)", model.model_fields[name].description), (model, name)


# -- the catalogue


def test_the_catalogue_is_well_formed():
    for family in FAMILIES:
        for name, choice in choices(family).items():
            assert (choice.name, choice.family) == (name, family)
            assert len(choice.help) > 5
            assert "\n" not in choice.help
            names = [parameter.name for parameter in choice.parameters]
            assert len(set(names)) == len(names)
            for parameter in choice.parameters:
                assert parameter.help
                assert not (parameter.required and parameter.default is not None)
                if parameter.default is not None:
                    assert parameter.read(parameter.default) == parameter.default
    assert all(choice.unit for choice in choices("metric").values())


def test_the_catalogue_cannot_be_changed_by_its_readers():
    choices("law").clear()
    assert "independent" in choices("law")
    with pytest.raises(KeyError):
        choices("lawn")


def test_generator_parameters_do_not_collide_with_keys_of_the_network():
    for choice in choices("generator").values():
        assert not {parameter.name for parameter in choice.parameters} & set(Network.model_fields)


def test_strategy_parameters_are_keys_of_a_wave():
    for choice in choices("strategy").values():
        assert {parameter.name for parameter in choice.parameters} <= set(Wave.model_fields)


def test_parameters_of_laws_and_emissions_are_keys_of_an_item():
    for family in ("kind", "law", "emission"):
        for choice in choices(family).values():
            assert {parameter.name for parameter in choice.parameters} <= set(Item.model_fields)
            for name, default in choice.defaults.items():
                assert Item.model_fields[name].default == default  # told in both places


def test_the_engine_has_every_law_and_emission_of_the_catalogue():
    from viralsim.engine.law_kernels import EMISSIONS, LAWS

    assert list(choices("law")) == list(LAWS)
    assert list(choices("emission")) == list(EMISSIONS)


@pytest.mark.parametrize("name", list(choices("generator")))
def test_every_generator_can_be_written_with_its_defaults(name):
    choice = choices("generator")[name]
    required = {parameter.name: "path_graph" for parameter in choice.parameters if parameter.required}
    written = "\n".join(f'{key} = "{value}"' for key, value in required.items())
    text = f"""
    [network]
    generator = "{name}"
    {written}
    [item.post]
    stickiness = "5%"
    [plan.one.wave.first]
    strategy = "random"
    count = 1
    """
    assert scenario_from_text(text).network.parameters == choice.defaults | required
    values, findings = complete_parameters(choice, required)
    assert (values, findings) == (choice.defaults | required, [])


def test_further_parameters_of_an_open_choice_are_numbers_and_truths():
    def text(further):
        return {
            "network": {"generator": "networkx", "function": "path_graph", **further},
            "item": {"post": {"stickiness": 0.05}},
            "plan": {"one": {"wave": {"first": {"strategy": "random", "count": 1}}}},
        }

    assert complaints(text({"n": 5, "p": 0.5, "directed": True}), SCHEMA) == []
    assert complaints(text({"n": "5"}), SCHEMA)
    assert complaints(text({"n": [5]}), SCHEMA)
    values, findings = complete_parameters(choices("generator")["networkx"], {"function": "f", "n": 5, "q": True})
    assert (values, findings) == ({"function": "f", "n": 5, "q": True}, [])


@pytest.mark.parametrize(
    ("generator", "parameter", "good", "bad"),
    [
        ("communities", "people", [2, 100_000], [1, 0, -5, 2.5, 20.0, 1e5, True, "'20'", "'20%'"]),
        ("communities", "mixing", [0, 1, "'3%'", 0.5], [-0.1, 1.1, "'300%'", "nan"]),
        ("communities", "exponent", [2.1, 3, 10], [2, 1.5, 11, "inf", "true"]),
        ("tree", "depth", [0, 5], [-1, 0.5]),
        ("ring", "neighbours", [1, 5], [0]),
    ],
)
def test_bounds_of_parameters(generator, parameter, good, bad):
    def text(value):
        return (
            f"network = {{ generator = '{generator}', {parameter} = {str(value).replace('True', 'true')} }}\n"
            "item.post.stickiness = 0.1\nplan.one.wave.first = { strategy = 'random', count = 1 }"
        )

    for value in good:
        assert scenario_from_text(text(value))
    for value in bad:
        with pytest.raises(ScenarioError, match=rf"network\.{parameter}: expected"):
            scenario_from_text(text(value))


def test_names_of_the_room_are_not_hidden_by_its_files() -> None:
    """json_schema was a file as well as a function: who asked for another name of that file first got the file."""
    code = "import viralsim.scenario as s; [getattr(s, n) for n in reversed(s.__all__)]; print(s.json_schema()['type'])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "object\n"

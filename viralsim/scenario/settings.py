"""Settings, "path=value" as `--set` gives them: read, and written over what the file says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from viralsim.errors import Problem, ScenarioError
from viralsim.scenario.catalogue import choices
from viralsim.scenario.locating import KeyPath, Origin, path_text, printable, split_path
from viralsim.scenario.schema import COMMON_NETWORK_FIELDS, GENERATOR_FIELDS, Network
from viralsim.scenario.units import WrittenFloat

__all__ = ["Setting", "apply_setting", "read_setting"]


@dataclass(frozen=True)
class Setting:
    """One "path=value": as messages show it, the path, and the value as TOML or text."""

    text: str
    path: KeyPath
    value: object


def read_setting(text: str) -> Setting:
    """Read "path=value"; raises `ScenarioError` where it is none."""
    expected = "expected path=value, such as item.content.stickiness=3%"
    shown_text = printable(text)
    place = f"--set {shown_text}"
    if text.encode("utf-8", "replace").decode() != text:
        raise ScenarioError([Problem("this is not UTF-8 text", place=place)])
    path, value = None, ""
    for found in re.finditer("=", text):  # a quoted key may hold an "=" itself
        try:
            path, value = split_path(text[: found.start()].strip()), text[found.end() :].strip()
            break
        except ValueError:
            continue
    if path is None:
        raise ScenarioError([Problem(expected, place=place)])
    return Setting(shown_text, path, _setting_value(value))


def _setting_value(text: str) -> object:
    """Return a TOML value, or the text itself where it is none; no key takes a date, so that is text too."""
    try:
        read = tomllib.loads(f"v = {text}", parse_float=WrittenFloat)
    except (ValueError, RecursionError):
        return text
    value = read.pop("v")
    return value if not read and isinstance(value, str | bool | int | float | list | dict) else text


def apply_setting(setting: Setting, index: int, data: dict[str, Any], origin: Origin) -> Problem | None:
    """Write one setting into `data` and note that it did."""
    _put_aside(setting, data, origin)
    table = data
    for length, key in enumerate(setting.path[:-1], start=1):
        inner = table.get(str(key))
        path = setting.path[:length]
        if isinstance(inner, list):
            return Problem(f"{path_text(path)}: this is a list; set it whole", place=f"--set {setting.text}")
        if not isinstance(inner, dict):
            _forget(origin, path)
            table[str(key)] = inner = {}
            origin.owners[path] = index
        table = inner
    _forget(origin, setting.path)
    table[str(setting.path[-1])] = setting.value
    origin.owners[setting.path] = index
    return None


def _forget(origin: Origin, path: KeyPath) -> None:
    origin.layout.forget(path)
    for known in [known for known in origin.owners if known[: len(path)] == path]:
        del origin.owners[known]


def _put_aside(setting: Setting, data: dict[str, Any], origin: Origin) -> None:
    """Drop what the file says about the alternative that a setting replaces: one setting, one choice."""
    table: Any = data
    for key in setting.path[:-1]:
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return
    for key in list(table):
        path = (*setting.path[:-1], key)
        if origin.owner(path) is None and _is_replaced(key, setting, table):
            _forget(origin, path)
            del table[key]


def _is_replaced(key: str, setting: Setting, table: Mapping[str, Any]) -> bool:
    value = setting.value
    match setting.path:
        case ("network", "file"):
            return key not in Network.model_fields or key in GENERATOR_FIELDS
        case ("network", "generator"):
            if table.get("generator") == value:
                return False
            return key not in (*GENERATOR_FIELDS, *COMMON_NETWORK_FIELDS)
        case ("item", _, "stickiness"):
            return key == "arc_probability"
        case ("item", _, "arc_probability"):
            return key in ("stickiness", "endorsement")
        case ("platform", _, "delay", "law"):
            return key != "law" and table.get("law") != value
        case ("plan", _, "wave", _, "strategy"):
            known = choices("strategy")
            if not isinstance(value, str) or value not in known:
                return False
            return any(choice.parameter(key) for choice in known.values()) and known[value].parameter(key) is None
    return False

"""Settings, "path=value" as `--set` gives them: read, and written over what the file says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viralsim.errors import Problem, ScenarioError, UsageError
from viralsim.scenario.catalogue import choices
from viralsim.scenario.locating import KeyPath, Origin, path_text, printable, split_path
from viralsim.scenario.own_code import is_own
from viralsim.scenario.schema import COMMON_NETWORK_FIELDS, GENERATOR_FIELDS, Network, strangers
from viralsim.scenario.toml_text import toml_or_text
from viralsim.scenario.units import shown

__all__ = ["Given", "Setting", "SettingsLike", "apply_setting", "given_settings", "read_setting"]

SettingsLike = Sequence[str] | Mapping[str, object]
"""Settings as a caller gives them: each "path=value", or a mapping of paths to values."""
Given = str | tuple[str, object]
"""One of them: "path=value", or a path and its value."""


@dataclass(frozen=True)
class Setting:
    """One "path=value": as messages show it, the path, and the value as TOML or text."""

    text: str
    path: KeyPath
    value: object


def given_settings(settings: SettingsLike) -> tuple[Given, ...]:
    """Take settings apart; raises `UsageError` where they are neither a sequence of texts nor a mapping.

    Examples
    --------
    >>> given_settings(["random_seed=2"]), given_settings({"random_seed": 2})
    (('random_seed=2',), (('random_seed', 2),))
    """
    expected = 'expected settings as a sequence of "path=value", or as a mapping {path: value}'
    if isinstance(settings, Mapping):
        for path in settings:
            if not isinstance(path, str):
                raise UsageError(f"{expected}; got the path {path!r}")
        return tuple((path, _plain(value)) for path, value in settings.items())
    if isinstance(settings, str):
        raise UsageError(f"{expected}; got the text {shown(settings)}", hint=f"settings=[{printable(settings)!r}]")
    if not isinstance(settings, Iterable):
        raise UsageError(f"{expected}; got {settings!r}")
    given = tuple(settings)
    for one in given:
        if not isinstance(one, str):
            raise UsageError(f"{expected}; got {one!r} among them")
    return given


def _plain(value: object) -> object:
    """Return `value` as tomllib would give it: paths as text, tuples as lists, any mapping as a dict."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _holds_none(value: object) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(_holds_none(one) for one in inside)


def read_setting(given: Given) -> Setting:
    """Read one setting; raises `ScenarioError` where it is none."""
    if isinstance(given, tuple):
        path_of_text, value_given = given
        shown_text = printable(f"{path_of_text}={value_given if isinstance(value_given, str) else shown(value_given)}")
        try:
            keys = split_path(path_of_text.strip())
        except ValueError:
            raise ScenarioError(
                [Problem("expected a path, such as item.content.stickiness", place=f"--set {shown_text}")]
            ) from None
        if _holds_none(value_given):
            raise ScenarioError(
                [Problem("None is no value", place=f"--set {shown_text}", hint="leave it out to use the default")]
            )
        return Setting(shown_text, keys, toml_or_text(value_given) if isinstance(value_given, str) else value_given)
    return _read_text(given)


def _read_text(text: str) -> Setting:
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
    return Setting(shown_text, path, toml_or_text(value))


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
    table[str(setting.path[-1])] = copied(setting.value)  # what is read is filled in; what was given stays
    origin.owners[setting.path] = index
    return None


def copied(value: Any) -> Any:
    """Return a copy of a value as TOML has them: tables and lists anew, all else shared, since it cannot change."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


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
        case ("item", _, "novelty" | "half_life"):
            return key in ("novelty", "half_life") and key != setting.path[-1]
        case ("item", _, "law") if is_own(value.get("law") if isinstance(value, dict) else value):
            return key in strangers("law", "curve") or key == "curve"
        case ("item", _, "stickiness"):
            return key == "arc_probability"
        case ("item", _, "arc_probability"):
            return key in ("stickiness", "endorsement")
        case ("platform", _, "delay", "law"):
            return key != "law" and table.get("law") != value
        case ("plan", _, "wave", _, family) | ("item", _, family) if family in ("strategy", "kind", "law", "emission"):
            return isinstance(value, str) and value in choices(family) and key in strangers(family, value)
    return False

"""Single values and keys as TOML text, out and in."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from viralsim.scenario.units import WrittenFloat

__all__ = ["toml_key", "toml_or_text", "toml_value"]

_BARE_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def toml_key(key: str) -> str:
    """Return a key as TOML writes it: quoted only where it must be.

    Examples
    --------
    >>> toml_key("content"), toml_key("18-25 years")
    ('content', '"18-25 years"')
    """
    return key if key and _BARE_KEY.issuperset(key) else _toml_text(key)


def _toml_text(text: str) -> str:
    # JSON's escapes are TOML's, except that TOML also wants DEL escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it.

    Examples
    --------
    >>> toml_value({"law": "geometric", "mean": 2.5})
    '{ law = "geometric", mean = 2.5 }'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _toml_text(value)
    if isinstance(value, dict):
        if not value:
            return "{}"
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(one) for one in value) + "]"
    return repr(value)


def toml_or_text(text: str) -> object:
    """Return the value that a text is in TOML, or the text itself where it is none.

    No key takes a date of TOML, so that is text too.

    Examples
    --------
    >>> toml_or_text("3"), toml_or_text("3%"), toml_or_text("[1, 2]"), toml_or_text("2026-11-27")
    (3, '3%', [1, 2], '2026-11-27')
    """
    try:
        read = tomllib.loads(f"v = {text}", parse_float=WrittenFloat)
    except (ValueError, RecursionError):
        return text
    value = read.pop("v")
    return value if not read and isinstance(value, str | bool | int | float | list | dict) else text

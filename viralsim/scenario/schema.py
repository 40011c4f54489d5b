"""The scenario as the engine reads it: one frozen model per table, every default explicit.

Durations are ticks and shares floats in [0, 1] once read. Checks of single values live in the types of the
fields; checks that need more than one field, and all positions, live in `reading`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PrivateAttr,
    ValidationInfo,
)
from pydantic_core import core_schema

from viralsim.errors import UsageError, did_you_mean
from viralsim.scenario.catalogue import ARC_NUMBERS, MIXABLE, Scalar, choices
from viralsim.scenario.clock import DATE, date_text, in_zone, read_date, read_hours, read_shares, read_zone
from viralsim.scenario.conditions import Range, Where, read_where
from viralsim.scenario.formula import Formula
from viralsim.scenario.locating import KeyPath, printable
from viralsim.scenario.toml_text import toml_key, toml_value
from viralsim.scenario.units import (
    MOST_PRICE,
    MOST_TICKS,
    BadValueError,
    number_hint,
    read_duration,
    read_money,
    read_number,
    read_share,
    read_tick,
    read_truth,
    read_whole,
    shown,
    tick_text,
    whole_hint,
)
from viralsim.scenario.unknowns import Numbers, Unknown
from viralsim.scenario.varying import Until, Varied, find_of, until_of, varied_in, vary_in_table

if TYPE_CHECKING:
    from viralsim.scenario.assumptions import Assumption
    from viralsim.scenario.locating import Origin
    from viralsim.scenario.settings import SettingsLike

__all__ = [
    "Attribute",
    "BrandTrust",
    "Delay",
    "Discovery",
    "Expected",
    "Individual",
    "Item",
    "Layer",
    "Network",
    "Online",
    "Plan",
    "Platform",
    "Price",
    "Report",
    "Scenario",
    "Segment",
    "SweepTable",
    "TieTrust",
    "Time",
    "Variant",
    "Wave",
    "resolved_toml",
]

MOST_ITEMS = 127
"""The most items of a scenario."""
MOST_SEGMENTS = 256
"""The most segments of a scenario."""
MOST_PLATFORMS = 100
"""The most platforms of a scenario."""
MOST_VARIANTS = 100
"""The most variants of an item."""
MOST_HORIZON = 100_000
"""The most ticks a realisation may last."""
MOST_UNITS = 1000
"""The most values of a curve of repeated exposure."""
SHARES_OF_PEOPLE = {"engaged_share": "engaged", "reach_share": "reach"}
"""What [expected.NAME] measures besides the metrics: counts of people as shares of all people."""
_MOST_SEED = 2**63 - 1
NAME = r"^[A-Za-z0-9_-]{1,100}$"


# ---------------------------------------------------------------------------------------------------------
# Types of fields: a reader of what was written, and its JSON Schema


@dataclass(frozen=True, eq=False)  # pydantic hashes annotations
class _Read:
    """How a field is read (from its value, where timed also from the length of a tick) and described.

    `numbers` says which numbers it takes where these may differ from one pair of realisations to the next.
    """

    read: Callable[..., object]
    schema: Mapping[str, Any]
    timed: bool = False
    numbers: Numbers | None = None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if not self.timed:
            return core_schema.no_info_plain_validator_function(self.read)

        def read(value: object, info: ValidationInfo) -> object:
            return self.read(value, (info.context or {})["tick_seconds"])

        return core_schema.with_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema) if self.numbers is None else {MAY_BE_UNKNOWN: dict(self.schema)}


MAY_BE_UNKNOWN = "may be unknown"
"""Key of a schema that `json_schema` replaces by the schema below it, a range or a distribution."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"expected text between quotes; got {shown(value)}")
    return value


def _codes(value: object) -> tuple[str, ...]:
    codes = value if isinstance(value, list) else [value]
    for code in codes:
        if isinstance(code, bool) or not isinstance(code, str | int) or not str(code).strip():
            raise BadValueError(f'expected codes that mean missing, such as ["0", "?"]; got {shown(code)}')
    if not codes:
        raise BadValueError("expected at least one code that means missing; got an empty list")
    return tuple(str(code).strip() for code in codes)


def one_of(
    value: object,
    names: Iterable[str],
    later: Iterable[str] = (),
    *,
    what: str = "",
    also: Mapping[str, str] | None = None,
) -> str:
    """Return `value` if it is among `names`, or raise saying which there are and which was probably meant.

    `also` tells which name is meant by words that are none.
    """
    names = list(names)
    if isinstance(value, str) and value in names:
        return value
    listed = ", ".join(f'"{name}"' for name in names)
    if isinstance(value, str) and value in later:
        raise BadValueError(f'"{value}" is not available yet; available now: {listed}')
    message = f"expected {what}{'one of ' if len(names) > 1 else ''}{listed}; got {shown(value)}"
    close = ""
    if isinstance(value, str) and len(value) <= 60:
        plain = value.strip().lower().replace("_", "-").replace(" ", "-")
        meant = (also or {}).get(plain, plain)
        close = did_you_mean(meant, names) or did_you_mean(value, names)
    raise BadValueError(message, close)


def _choice(*names: str, later: tuple[str, ...] = (), also: Mapping[str, str] | None = None) -> _Read:
    return _Read(lambda value: one_of(value, names, later, also=also), {"type": "string", "enum": list(names)})


def _whole_number(minimum: int, maximum: int, *, may_be_unknown: bool = False) -> _Read:
    return _Read(
        lambda value: read_whole(value, minimum, maximum),
        {"type": "integer", "minimum": minimum, "maximum": maximum},
        numbers=Numbers("number", minimum, maximum, whole=True) if may_be_unknown else None,
    )


def _whole_ticks(value: object, tick_seconds: float) -> int:
    return int(read_duration(value, tick_seconds, whole=True, maximum=MOST_HORIZON))


def _half_life(value: object, tick_seconds: float) -> float | None:
    if value == "none":
        return None
    if isinstance(value, str) and value.strip().lower() in ("never", "inf", "infinite", "off", "no"):
        raise BadValueError(f'expected a duration above 0 or "none"; got {shown(value)}', 'did you mean "none"?')
    return read_duration(value, tick_seconds, exclusive=True)


def _half_life_of_item(value: object, tick_seconds: float) -> float | str | None:
    if value == "platform":
        return "platform"
    try:
        return _half_life(value, tick_seconds)
    except BadValueError as issue:
        close = did_you_mean(value.strip().lower(), ["platform"]) if isinstance(value, str) and len(value) < 60 else ""
        if not close:
            raise
        raise BadValueError(f'expected a duration, "none" or "platform"; got {shown(value)}', close) from issue


def _most_in_feed(value: object) -> int | None:
    if value == "none":
        return None
    if isinstance(value, str) and value.strip().lower() in ("never", "inf", "infinite", "off", "no", "all"):
        raise BadValueError(
            f'expected a whole number of at least 1 or "none"; got {shown(value)}', 'did you mean "none"?'
        )
    return read_whole(value, 1, 2**31 - 1)


def _arc_probability(value: object) -> float | str:
    names = ("weighted-cascade", "column")
    if isinstance(value, str) and "%" not in value and ".." not in value:
        try:
            return one_of(value, names)
        except BadValueError as issue:
            raise BadValueError(
                f'expected "weighted-cascade", "column" or a share such as "3%"; got {shown(value)}',
                issue.hint or number_hint(value),
            ) from None
    return read_share(value)


def _share_or_count(value: object, expected: str) -> float | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return read_whole(value, 1, 2**31 - 1, expected)
    hint = number_hint(value if isinstance(value, str) else getattr(value, "written", ""), whole=True)
    if hint:  # 1.000 would be the share 100 %, and may have meant a thousand people
        raise BadValueError(f"expected {expected}; got {shown(value)}", hint)
    return read_share(value, exclusive=True)


def _viral_threshold(value: object) -> float | int:
    return _share_or_count(value, 'a share such as "1%", or a number of people')


def _reach(value: object) -> float | int:
    return _share_or_count(value, 'a share of all people such as "1%", or a number of them such as 200')


def _threshold(value: object) -> float | int:
    return _share_or_count(value, 'a share of the people followed such as "18%", or a number of them such as 2')


def _curve(value: object) -> tuple[float, ...]:
    expected = 'expected a list of chances for the 1st, 2nd, ... unit of dose, such as ["1%", "2%", "1.5%"]'
    if not isinstance(value, list | tuple):
        raise BadValueError(f"{expected}; got {shown(value)}")
    if not 1 <= len(value) <= MOST_UNITS:
        raise BadValueError(f"{expected}; it has {len(value):,} values, 1 to {MOST_UNITS:,} can be used")
    return _shares_of(value)


def _shares_of(value: Sequence[object]) -> tuple[float, ...]:
    read, issues = [], []
    for index, one in enumerate(value):
        try:
            read.append(read_share(one))
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, issue.hint, (index,)))
    _raise_first(issues)
    return tuple(read)


def _novelty(value: object) -> tuple[float, ...]:
    expected = 'expected what is left of a fresh dose at the age of 0, 1, ... ticks, such as ["100%", "40%", 0]'
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_HORIZON + 1:
        raise BadValueError(f"{expected}; got {shown(value)}")
    return _shares_of(value)


def _activity(value: object, tick_seconds: float) -> float | None:
    if value == "for ever":
        return None
    expected = 'expected a mean duration of at least one tick, or "for ever"'
    if isinstance(value, str) and value.strip().lower() in ("forever", "always", "inf", "infinite", "none", "never"):
        raise BadValueError(f"{expected}; got {shown(value)}", 'did you mean "for ever"?')
    mean = read_duration(value, tick_seconds)
    if mean < 1.0:
        raise BadValueError(f"{expected}; got {shown(value)}, which is {mean:g} ticks")
    return mean


def _relaxation(value: object, tick_seconds: float) -> float | None:
    if value == "never":
        return None
    if isinstance(value, str) and value.strip().lower() in ("none", "inf", "infinite", "off", "no", "for ever"):
        raise BadValueError(f'expected a duration above 0 or "never"; got {shown(value)}', 'did you mean "never"?')
    return read_duration(value, tick_seconds, exclusive=True)


def _end(value: object, tick_seconds: float) -> int | None:
    if value == "none":
        return None
    if isinstance(value, str) and value.strip().lower() in ("never", "inf", "infinite", "off", "no", "end"):
        raise BadValueError(f'expected a duration or "none"; got {shown(value)}', 'did you mean "none"?')
    return _whole_ticks(value, tick_seconds)


def _name_of_item(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(f'expected the name of an item between quotes, or "" for none; got {shown(value)}')
    return value


def _name_of_set(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(
            f"expected the name of a set of items, the same for each of them, between quotes; got {shown(value)}",
            'such as exclusive = "either-or" for each of the items',
        )
    return value


def _amount(value: object) -> float:
    if isinstance(value, str) and "%" in value:
        return read_share(value)
    try:
        return read_number(value, 0.0)
    except BadValueError as issue:
        message = f'expected a number of at least 0, or a share such as "3%"; got {shown(value)}'
        raise BadValueError(message, issue.hint) from None


def _at(value: object, tick_seconds: float) -> int | None:
    return None if value == "end" else _whole_ticks(value, tick_seconds)


def _settings(value: object) -> tuple[str, ...]:
    expected = 'expected a list of settings such as ["network.people=500"], each "path=value"'
    if not isinstance(value, list | tuple):
        hint = f"settings = [{shown(value)}]" if isinstance(value, str) else ""
        raise BadValueError(f"{expected}; got {shown(value)}", hint)
    issues = [
        BadValueError(f"{expected}; got {shown(one)}", "", (index,))
        for index, one in enumerate(value)
        if not isinstance(one, str)
    ]
    _raise_first(issues)
    return tuple(value)


def _vary(value: object) -> tuple[Varied, ...]:
    if not isinstance(value, dict):
        raise BadValueError(f"expected a table [sweep.vary] of keys and their values; got {shown(value)}")
    varied, issues = [], []
    for keys, given in varied_in(value):
        try:
            varied.append(vary_in_table(keys, given))
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, issue.hint, keys))
    _raise_first(issues)
    return tuple(varied)


def _delimiter(value: object) -> str:
    text = _text(value)
    if len(text) != 1 or text.isalnum() or text in "\"'\n\r.-+":
        raise BadValueError(f'expected one separating character, such as "," or "\\t" or " "; got {shown(value)}')
    return text


def _comment(value: object) -> str:
    text = _text(value)
    if len(text) > 10 or text != text.strip() or "\n" in text:
        raise BadValueError(f'expected the mark that starts a comment, such as "#", or "" for none; got {shown(value)}')
    return text


def _filled(value: object) -> str:
    text = _text(value)
    if not text.strip() or "\0" in text:
        raise BadValueError(f"expected a name or path; got {shown(value)}")
    return text


def _column(value: object) -> str | int:
    if isinstance(value, str) and value:
        return value
    try:
        return read_whole(value, 1, 10_000)
    except BadValueError:
        raise BadValueError(f"expected a column's name, or its number counted from 1; got {shown(value)}") from None


def _positive(value: object) -> float:
    return read_number(value, 0.0, exclusive=True)


def _formula(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str):
        raise BadValueError(f'expected a formula of r such as "(r+10)/20"; got {shown(value)}')
    return Formula(value).text


def _layer(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # layers are often numbered
    if not isinstance(value, str) or not value.strip():
        raise BadValueError(f"expected the name of a layer of the network; got {shown(value)}")
    return value


def _platform_names(value: object) -> dict[str, str]:
    expected = 'expected a table of names such as { 1 = "calls", 2 = "texts" }: value in platform_column -> platform'
    if not isinstance(value, dict):
        raise BadValueError(f"{expected}; got {shown(value)}")
    if not value:
        raise BadValueError(f"{expected}; the table is empty")
    issues = [
        BadValueError(f"expected the name of a platform between quotes; got {shown(name)}", "", (key,))
        for key, name in value.items()
        if not isinstance(name, str) or not name.strip()
    ]
    _raise_first(issues)
    return dict(value)


def _people(value: object) -> tuple[str | int, ...]:
    expected = 'expected a list of ids such as [1, 2] or ["ann", "bob"]'
    if not isinstance(value, list | tuple):
        raise BadValueError(f"{expected}; got {shown(value)}")
    if not value:
        raise BadValueError(f"{expected}; the list is empty")
    seen: set[str | int] = set()
    issues = []
    for index, person in enumerate(value):
        if isinstance(person, bool) or not isinstance(person, str | int):
            hint = whole_hint(person)
            issues.append(BadValueError(f"expected an id, a whole number or text; got {shown(person)}", hint, (index,)))
        elif isinstance(person, int) and not -(2**63) <= person < 2**63:
            issues.append(BadValueError(f"{shown(person)} is beyond 64 bits", "", (index,)))
        elif person in seen:
            issues.append(BadValueError(f"{shown(person)} is listed twice", "", (index,)))
        else:
            seen.add(person)
    _raise_first(issues)
    return tuple(value)


def _attribute(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    hint = ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        hint = "the numbers stand in an attribute of people, and its name stands here"
    raise BadValueError(f"expected the name of an attribute between quotes; got {shown(value)}", hint)


def _attributes(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list | tuple) else [value]
    if not names:
        raise BadValueError('expected an attribute such as "country", or a list of them; the list is empty')
    issues = []
    for index, name in enumerate(names):
        at = (index,) if names is value else ()
        try:
            if _attribute(name) in names[:index]:
                raise BadValueError(f"{shown(name)} is listed twice")
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, at=at))
    _raise_first(issues)
    return tuple(names)


OTHER_WORDS = {word: choice.name for choice in choices("strategy").values() for word in choice.also}
"""What people call strategies -> the strategy."""
OTHER_ROLES = {word: choice.name for choice in choices("role").values() for word in choice.also}
"""What people call audience roles -> the role."""
OTHER_KINDS = {word: choice.name for choice in choices("kind").values() for word in choice.also}
"""What people call kinds of items -> the kind."""


def _parts(value: object) -> dict[str, float]:
    expected = 'expected a table of strategies and their shares, such as { degree = "50%", random = "50%" }'
    if not isinstance(value, dict) or not value:
        raise BadValueError(f"{expected}; got {shown(value)}")
    read, issues = {}, []
    for name, share in value.items():
        try:
            if name not in MIXABLE:
                known = name in choices("strategy")
                message = f"'{name}' cannot be part of a mixture" if known else f"there is no strategy '{name}'"
                near = did_you_mean(OTHER_WORDS.get(str(name), str(name)), MIXABLE)
                raise BadValueError(message, near or f"those that can: {', '.join(MIXABLE)}")
            read[name] = read_share(share)
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, issue.hint, (name,)))
    _raise_first(issues)
    total = math.fsum(read.values())
    if abs(total - 1.0) > 1e-9:
        raise BadValueError(f"the shares add up to {100 * total:.6g} %, expected 100 %")
    return read


def _cross_post(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise BadValueError(f'expected a table such as {{ clips = "10%" }}: platform -> share; got {shown(value)}')
    read, issues = {}, []
    for platform, share in value.items():
        try:
            read[platform] = read_share(share)
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, issue.hint, (platform,)))
    _raise_first(issues)
    return read


def _segment_names(value: object) -> tuple[str, ...]:
    expected = 'expected a list of segments such as ["students"]'
    if not isinstance(value, list | tuple):
        hint = f"[{shown(value)}]" if isinstance(value, str) else ""
        raise BadValueError(f"{expected}; got {shown(value)}", hint)
    issues = []
    for index, name in enumerate(value):
        if not isinstance(name, str):
            issues.append(
                BadValueError(f"expected the name of a segment between quotes; got {shown(name)}", "", (index,))
            )
        elif name in value[:index]:
            issues.append(BadValueError(f"{shown(name)} is listed twice", "", (index,)))
    _raise_first(issues)
    return tuple(value)


def _served(value: object) -> dict[str, dict[str, str]]:
    expected = 'expected a table such as { students = "young" }: segment -> variant'
    if not isinstance(value, dict):
        raise BadValueError(
            f'expected a table of items, such as serve.content = {{ students = "young" }}; got {shown(value)}'
        )
    issues = []
    for item, served in value.items():
        if not isinstance(served, dict):
            issues.append(BadValueError(f"{expected}; got {shown(served)}", "", (item,)))
            continue
        issues += [
            BadValueError(f"expected the name of a variant between quotes; got {shown(variant)}", "", (item, segment))
            for segment, variant in served.items()
            if not isinstance(variant, str)
        ]
    _raise_first(issues)
    return {item: dict(served) for item, served in value.items()}


def _affinity(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise BadValueError(f"expected a table such as {{ students = 1.5 }}: segment -> factor; got {shown(value)}")
    read, issues = {}, []
    for segment, factor in value.items():
        try:
            read[segment] = read_number(factor, 0.0, 1e6)
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, issue.hint, (segment,)))
    _raise_first(issues)
    return read


def _raise_first(issues: Sequence[BadValueError]) -> None:
    """Raise the first, which carries some of the others: a long list may hold thousands."""
    if issues:
        issues[0].others = tuple(issues[1:20])
        raise issues[0]


SHARE_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+\s*%$"},
    ],
}
_SHARE_OR_COUNT_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        SHARE_SCHEMA["anyOf"][1],
    ]
}
DURATION_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+\s*[a-z]+$"}],
}
DATE_SCHEMA = {"type": "string", "pattern": DATE}
_START_SCHEMA = {"anyOf": [*DURATION_SCHEMA["anyOf"], DATE_SCHEMA]}
_END_SCHEMA = {"anyOf": [{"const": "none"}, *_START_SCHEMA["anyOf"]]}
_FACTORS_SCHEMA = {"type": "object", "additionalProperties": {MAY_BE_UNKNOWN: {"type": "number", "minimum": 0}}}
_CURVE_SCHEMA = {
    "type": "array",
    "minItems": 1,
    "maxItems": MOST_UNITS,
    "items": {MAY_BE_UNKNOWN: SHARE_SCHEMA},
}
_A_SHARE = Numbers("share", 0.0, 1.0)
_A_FACTOR = Numbers("number", 0.0, 1e6)
_WHOLE_TICKS = Numbers("duration", 0, MOST_HORIZON, whole=True)
_POSITIVE_SCHEMA = {"type": "number", "exclusiveMinimum": 0}
_NOVELTY_SCHEMA = {"type": "array", "minItems": 1, "maxItems": MOST_HORIZON + 1, "items": SHARE_SCHEMA}
_AMOUNT_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, SHARE_SCHEMA["anyOf"][1]]}
_COLUMN_SCHEMA = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1}]}


_VARY_SCHEMA = {
    "type": "object",
    "minProperties": 1,
    # (A key written with its dots is a table of tables.)
    "additionalProperties": {
        "anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "minItems": 1}, {"type": "object"}]
    },
}
_CODES_SCHEMA = {
    "anyOf": [
        {"type": ["string", "integer"], "minLength": 1},
        {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"], "minLength": 1}},
    ]
}
Text = Annotated[str, _Read(_text, {"type": "string"})]
ItemName = Annotated[str, _Read(_name_of_item, {"type": "string"})]
Filled = Annotated[str, _Read(_filled, {"type": "string", "minLength": 1})]
AttributeName = Annotated[str, _Read(_attribute, {"type": "string", "minLength": 1})]
Truth = Annotated[bool, _Read(read_truth, {"type": "boolean"})]
Share = Annotated[float, _Read(read_share, SHARE_SCHEMA, numbers=_A_SHARE)]
Factor = Annotated[
    float, _Read(lambda value: read_number(value, 0.0, 1e6), {"type": "number", "minimum": 0}, numbers=_A_FACTOR)
]
Column = Annotated[str | int, _Read(_column, _COLUMN_SCHEMA)]
Money = Annotated[
    float,
    _Read(
        lambda value: read_money(value, MOST_PRICE),
        {"type": "number", "minimum": 0, "maximum": MOST_PRICE},
        numbers=Numbers("number", 0.0, float(MOST_PRICE)),
    ),
]
Conditions = Annotated[Where, _Read(read_where, {"type": "object"})]
RandomSeed = Annotated[int, _whole_number(0, _MOST_SEED)]
WholeTicks = Annotated[int, _Read(_whole_ticks, DURATION_SCHEMA, timed=True, numbers=_WHOLE_TICKS)]
# (A date has become ticks before, where time.start is known.)
Start = Annotated[int, _Read(_whole_ticks, _START_SCHEMA, timed=True, numbers=_WHOLE_TICKS)]
Factors = Annotated[dict[str, float], _Read(_affinity, _FACTORS_SCHEMA)]
Zone = Annotated[str, _Read(read_zone, {"type": "string", "minLength": 1})]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


# ---------------------------------------------------------------------------------------------------------
# Tables


class TieTrust(_Table):
    """Where tie trust comes from: a choice of the catalogue and its parameters.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> trust = read_scenario(settings=["network.tie_trust={from='overlap', high='90%'}"]).network.tie_trust
    >>> trust.origin, trust.parameters
    ('overlap', {'low': 0.0, 'high': 0.9, 'stretch': False})
    """

    origin: Text = Field(
        description='Written "from": given, reciprocity, overlap, uniform, triangular, beta, combined.'
    )
    parameters: dict[str, Scalar] = Field(default_factory=dict, description="All parameters of the choice.")

    def _resolved(self) -> dict[str, Any]:
        return {"from": self.origin, **self.parameters}


class Attribute(_Table):
    """What is drawn for people: a distribution of the catalogue and its parameters.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> setting = "network.attribute.city={values={oslo='60%', rome='40%'}, homophily=0.3}"
    >>> city = read_scenario(settings=[setting]).network.attribute["city"]
    >>> city.distribution, city.parameters["values"], city.parameters["homophily"]
    ('shares', {'oslo': 0.6, 'rome': 0.4}, 0.3)
    """

    distribution: Text = Field("shares", description="shares, uniform, normal, log-normal, triangular. Default shares.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="All parameters of the distribution.")

    def _resolved(self) -> dict[str, Any]:
        return {"distribution": self.distribution, **_copied(self.parameters)}


class Layer(_Table):
    """A platform of the network: who is on it and which ties live there.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.layer.feed.membership=60%"])
    >>> scenario.network.layer["feed"].membership, scenario.network.layer["feed"].ties
    (0.6, 1.0)
    """

    membership: Share = Field(
        1.0, description="Share of the people who are on the platform. Default 1: everybody (assumption)."
    )
    ties: Share = Field(
        1.0,
        description="Share of the ties between its people that live there, each by its own luck. Default 1: all of "
        "them (assumption).",
    )


_TIMES_OF_PEOPLE = ("join_attribute", "leave_attribute", "time_origin", "time_step")


class Network(_Table):
    """Who is tied to whom: a file of arcs or a generator with its parameters.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> network = read_scenario(settings=["network.generator=ring", "network.people=12"]).network
    >>> network.generator, network.parameters, network.file
    ('ring', {'people': 12, 'neighbours': 1}, None)
    """

    file: Filled | None = Field(
        None,
        description="Path of an edge list (text, also .gz), of Parquet, GraphML, GEXF, GML, Pajek, or of a folder that "
        "graph import wrote; relative to the scenario's folder; with --set, to the working directory. Read: an "
        "absolute path.",
    )
    generator: Text | None = Field(
        None, description="Name of a generator, in place of a file; its parameters are further keys."
    )
    parameters: dict[str, Scalar] = Field(default_factory=dict, description="All parameters of the generator.")
    random_seed: RandomSeed = Field(
        1,
        description="Keys the generator's luck alone (and that of attributes and layers), so that the scenario's "
        "random_seed can change on the same network.",
    )
    trust: Share = Field(
        0.5,
        description="Tie trust (share, 0 to 1) of arcs where no trust_column says otherwise. Default: an assumption.",
    )
    represents: Annotated[int, _whole_number(1, 10**10)] | None = Field(
        None,
        description="Size of the audience that the network is a sample of (whole number): results are told for so many "
        "people too. It changes no realisation. Default: none, the network is the audience.",
    )
    tie_trust: TieTrust | None = Field(
        None,
        description="A table that makes tie trust out of the network or of luck, arc by arc. Default: none, trust is "
        "what trust or trust_column say.",
    )
    attribute: dict[str, Attribute] = Field(
        default_factory=dict,
        description="What is drawn for people, for where and per: [network.attribute.NAME]. Default: none.",
    )
    layer: dict[str, Layer] = Field(
        default_factory=dict,
        description="Platforms that the ties are dealt to: [network.layer.NAME], named as in [platform.NAME]. Default: "
        "none, all ties are on every platform.",
    )
    direction: Annotated[Literal["follows", "influences", "mutual"], _choice("follows", "influences", "mutual")] = (
        Field(
            "mutual",
            description="What a row 'a b' means: a follows b (arc b -> a), a influences b (arc a -> b), or "
            "mutual (both arcs). Default mutual: a friendship, as most files hold (assumption).",
        )
    )
    delimiter: Annotated[str, _Read(_delimiter, {"type": "string", "minLength": 1, "maxLength": 1})] | None = Field(
        None, description="The character between columns. Default: found by looking at the file."
    )
    header: Truth | None = Field(
        None, description="Whether the first row names the columns. Default: found by looking at the file."
    )
    comment: Annotated[str, _Read(_comment, {"type": "string", "maxLength": 10})] = Field(
        "#", description='Rows that start with this are comments; "" for none.'
    )
    source_column: Column | None = Field(
        None, description="Column of the first person, by name or number from 1. Default: the first."
    )
    target_column: Column | None = Field(
        None, description="Column of the second person, by name or number from 1. Default: the second."
    )
    trust_column: Column | None = Field(
        None, description="Column of tie trust (0 to 1), by name or number from 1. Default: none."
    )
    weight_column: Column | None = Field(
        None, description="Column of arc weights, by name or number from 1. Default: none."
    )
    probability_column: Column | None = Field(
        None,
        description='Column of arc probabilities (0 to 1), for item arc_probability = "column". Default: none.',
    )
    platform_column: Column | None = Field(
        None,
        description="Column that says which platform a row is of, by name or number from 1: one layer of arcs for each "
        'platform, among the same people. In Pajek files "relation". Default: none, one layer for all.',
    )
    platform_names: (
        Annotated[
            dict[str, str],
            _Read(
                _platform_names,
                {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "minLength": 1}},
            ),
        ]
        | None
    ) = Field(
        None,
        description='Names for what platform_column holds, such as { 1 = "calls", 2 = "texts" }. Default: none, values '
        "are the names.",
    )
    start_column: Column | None = Field(
        None,
        description="Column of the first tick in which an arc is there, by name or number from 1; empty: from the "
        "beginning. Rows of the same two people at different times stay arcs of their own. Default: none.",
    )
    end_column: Column | None = Field(
        None,
        description="Column of the first tick in which an arc is no more there, by name or number from 1; empty: it "
        "stays. Default: none.",
    )
    time_origin: Annotated[float, _Read(read_number, {"type": "number"})] | None = Field(
        None,
        description="Which time of the data is tick 0 (in the data's units); what began before has been there from "
        "the beginning. For start_column, end_column, join_attribute and leave_attribute. Default: none, 0.",
    )
    time_step: Annotated[float, _Read(_positive, _POSITIVE_SCHEMA)] | None = Field(
        None,
        description="How many of the data's units make one tick, such as 3600 for seconds and ticks of 1h. Default: "
        "none, times are ticks.",
    )
    time_lasts: Annotated[float, _Read(_positive, _POSITIVE_SCHEMA)] | None = Field(
        None,
        description="How long an arc with a start and no end is there (in the data's units). Default: none, for ever.",
    )
    join_attribute: Filled | None = Field(
        None,
        description="Attribute of people that holds the first tick in which they are there; missing: from the "
        "beginning. Who is not there neither sees nor shares nor is a seed. Default: none.",
    )
    leave_attribute: Filled | None = Field(
        None,
        description="Attribute of people that holds the first tick in which they are no more there; missing: they "
        "stay. Default: none.",
    )
    merge: Annotated[Literal["mean", "max", "sum", "last"], _choice("mean", "max", "sum", "last")] = Field(
        "mean", description="Trust of an arc that several rows name. Default mean: an assumption."
    )
    trust_map: Annotated[str, _Read(_formula, {"type": "string", "minLength": 1})] | None = Field(
        None,
        description='Formula of r, the value in trust_column, that gives a tie trust, e.g. "(r+10)/20" for ratings '
        "from -10 to 10; + - * / ( ) min max clip. Default: none, the column is trust already.",
    )
    people_file: Filled | None = Field(
        None,
        description="Path of a table of people (text, also .gz, or Parquet), one row each, relative as `file` is: its "
        "columns become attributes for where and per. Default: none.",
    )
    people_id_column: Column | None = Field(
        None, description="Its column of ids, by name or number from 1. Default: one named like an id, else the first."
    )
    people_header: Truth | None = Field(
        None, description="Whether its first row names the columns. Default: found by looking at it."
    )

    people_missing: Annotated[tuple[str, ...], _Read(_codes, _CODES_SCHEMA)] | None = Field(
        None,
        description="Codes that mean missing in all its columns but the ids, as they are written there, "
        'e.g. ["0", "?"]. '
        "Default: empty fields alone (and NA, NaN, null among numbers).",
    )

    def _resolved(self) -> dict[str, Any]:
        # A table or key that is not written is left out, so that scenarios without it resolve as before.
        made = {"tie_trust": self.tie_trust._resolved()} if self.tie_trust is not None else {}
        if self.attribute:
            made["attribute"] = {name: one._resolved() for name, one in self.attribute.items()}
        if self.layer:
            made["layer"] = {name: _plain(one) for name, one in self.layer.items()}
        timed = ("represents", "start_column", "end_column", "time_lasts", *_TIMES_OF_PEOPLE)
        made |= {name: getattr(self, name) for name in timed if getattr(self, name) is not None}
        if self.generator is not None:
            return {
                "generator": self.generator,
                **self.parameters,
                "random_seed": self.random_seed,
                "trust": self.trust,
                **made,
            }
        hidden = {*GENERATOR_FIELDS, "tie_trust", "attribute", "layer", *timed} - (
            {"random_seed"} if self.attribute or self.layer else set()
        )
        own = {name: getattr(self, name) for name in type(self).model_fields if name not in hidden}
        codes = own.pop("people_missing")
        if codes is not None:
            own["people_missing"] = list(codes)
        return {**own, **made}


GENERATOR_FIELDS = ("generator", "parameters", "random_seed")
"""Fields of `Network` that only a generated network has (or, for `random_seed`, one whose people are drawn or shared
out to segments)."""
COMMON_NETWORK_FIELDS = ("trust", "represents", "tie_trust", "attribute", "layer", *_TIMES_OF_PEOPLE)


class Delay(_Table):
    """How long an engaged person waits before sharing: a law of the catalogue and its parameters.

    `parameters` maps names to numbers; durations among them are ticks.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["platform.feed.delay={law='geometric', mean='6h'}"])
    >>> delay = scenario.platform["feed"].delay
    >>> delay.law, delay.parameters
    ('geometric', {'mean': 6.0})
    """

    law: Text = Field(
        "none",
        description='none, table, geometric, log-normal, power-law, or a function of your own: "module:function".',
    )
    parameters: dict[str, float | tuple[float, ...]] = Field(
        default_factory=dict, description="All parameters of the law."
    )

    def _resolved(self) -> str | dict[str, Any]:
        return "none" if self.law == "none" else {"law": self.law, **_copied(self.parameters)}


class Discovery(_Table):
    """A feed that shows to strangers what others on the platform engage with.

    Each broadcast is shown to min(most, rate x people engaged with the item there) people of the platform as well.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> discovery = read_scenario(settings=["platform.feed.discovery={rate=0.01}"]).platform["feed"].discovery
    >>> discovery.rate, discovery.most
    (0.01, 20.0)
    """

    rate: Annotated[
        float,
        _Read(
            lambda value: read_number(value, 0.0, 1e6, exclusive=True),
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1e6},
            numbers=Numbers("number", 0.0, 1e6, exclusive=True),
        ),
    ] = Field(
        description="How many strangers a broadcast is shown to for each person engaged with the item on the platform "
        "when the tick begins (a factor above 0). No default."
    )
    most: Factor = Field(
        20.0,
        description="The most strangers that a broadcast is shown to (a number). Default 20: an assumption.",
    )


class Platform(_Table):
    """One layer of arcs with its own visibility, delay and share habits.

    `half_life` is in ticks, None where it has none; `feed_length` is None where feeds show everything.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> read_scenario(settings=["platform.feed.visibility=20%"]).platform["feed"].visibility
    0.2
    >>> read_scenario(settings=["platform.feed.preset=photos"]).platform["feed"].half_life
    19.0
    """

    layer: Annotated[str, _Read(_layer, {"type": ["string", "integer"], "minLength": 1})] | None = Field(
        None,
        description="Which layer of the network it plays, by the name that network.platform_column or "
        "[network.layer.NAME] gives it. Default: "
        "the layer of its own name; a network without platforms has one layer, which any platform plays.",
    )
    visibility: Share = Field(
        1.0,
        description="Chance that a follower sees a share, before their own attention (share). Default 1: "
        "everything is seen (assumption).",
    )
    delay: Delay = Field(
        default_factory=Delay,
        description='Delay between engaging and sharing, beyond the one tick that a share takes: "none" '
        "or a table with a law and its parameters. Default none: an assumption; "
        "without fading novelty a delay leaves the final size alone.",
    )
    share_rate: Share = Field(
        1.0,
        description="Chance that who engaged here and passes it on posts it here (share). Default 1: whoever passes it "
        "on does so where they engaged (assumption).",
    )
    cross_post: Annotated[
        dict[str, float],
        _Read(_cross_post, {"type": "object", "additionalProperties": {MAY_BE_UNKNOWN: SHARE_SCHEMA}}),
    ] = Field(
        default_factory=dict,
        description="Platform -> chance that who engaged here and passes it on posts it there too (share), or "
        '"none". Default none: nobody does (assumption).',
    )
    half_life: Annotated[
        float | None,
        _Read(
            _half_life,
            {"anyOf": [{"const": "none"}, *DURATION_SCHEMA["anyOf"]]},
            timed=True,
            numbers=Numbers("duration", 0.0, MOST_TICKS, exclusive=True),
        ),
    ] = Field(
        None,
        description="Time in which novelty halves here, for items that set no half-life of their own (duration), or "
        '"none". Default none: an assumption.',
    )
    discovery: Discovery | None = Field(
        None,
        description="Whether what is shared is shown to strangers on the platform too: a table with a rate, or "
        '"none". Default none: followers alone see it (assumption).',
    )
    feed_length: Annotated[
        int | None,
        _Read(
            _most_in_feed,
            {"anyOf": [{"const": "none"}, {"type": "integer", "minimum": 1}]},
            numbers=Numbers("number", 1, 2**31 - 1, whole=True),
        ),
    ] = Field(
        None,
        description="How many broadcasts a person's feed shows in a tick at most, of all items together (whole "
        'number), or "none". Default none: an assumption.',
    )

    def _resolved(self) -> dict[str, Any]:
        # What was added later is left out where it is not used, so that older scenarios resolve as before.
        resolved: dict[str, Any] = {} if self.layer is None else {"layer": self.layer}
        resolved |= {"visibility": self.visibility, "delay": self.delay._resolved()}
        if self.share_rate != 1.0:
            resolved["share_rate"] = self.share_rate
        if self.cross_post:
            resolved["cross_post"] = dict(self.cross_post)
        if self.half_life is not None:
            resolved["half_life"] = self.half_life
        if self.discovery is not None:
            resolved["discovery"] = _plain(self.discovery)
        if self.feed_length is not None:
            resolved["feed_length"] = self.feed_length
        return resolved


class Online(_Table):
    """When people are online: the chance to be so in a tick is that of its hour times that of its weekday.

    `hours` has 24 shares, from midnight on, `weekdays` seven, Monday first; `zone` is None for time.zone.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=['segment.everyone.online.hours={"7..9"="60%", "18..23"=1}'])
    >>> online = scenario.segment["everyone"].online
    >>> online.hours[8], online.hours[12], online.weekdays
    (0.6, 0.0, (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
    """

    hours: Annotated[
        tuple[float, ...],
        _Read(
            read_hours,
            {
                "anyOf": [
                    {"type": "array", "minItems": 24, "maxItems": 24, "items": SHARE_SCHEMA},
                    {
                        "type": "object",
                        "minProperties": 1,
                        "propertyNames": {"pattern": r"^\s*[0-9]{1,2}\s*\.\.\s*[0-9]{1,2}\s*$"},
                        "additionalProperties": SHARE_SCHEMA,
                    },
                ]
            },
        ),
    ] = Field(
        (1.0,) * 24,
        description='Chance to be online in each hour of the day: 24 shares, or a table such as { "7..9" = "60%", '
        '"22..6" = 1 } (from..to, `to` not among them; hours that are not named: 0). Default: 1 in all of them.',
    )
    weekdays: Annotated[
        tuple[float, ...],
        _Read(
            lambda value: read_shares(value, 7, "day, Monday first"),
            {"type": "array", "minItems": 7, "maxItems": 7, "items": SHARE_SCHEMA},
        ),
    ] = Field((1.0,) * 7, description="Factor on that for each day of the week, Monday first (7 shares). Default: 1.")
    zone: Zone | None = Field(
        None,
        description='Time zone that the people live in, such as "Europe/Athens", "UTC" or "+02:00". Default: none, '
        "time.zone.",
    )

    def _resolved(self) -> dict[str, Any]:
        zone = {} if self.zone is None else {"zone": self.zone}
        return {"hours": list(self.hours), "weekdays": list(self.weekdays), **zone}


class Segment(_Table):
    """A named group of people, chosen by attributes or by luck; everybody is in one.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["segment.young={where={age=[18, 19]}, trust='80%'}"])
    >>> {name: (segment.where, segment.trust) for name, segment in scenario.segment.items()}
    {'young': ({'age': (18, 19)}, 0.8), 'everyone': ({}, 1.0)}
    """

    where: Conditions = Field(
        default_factory=dict,
        description="Who belongs to it: attribute -> value, list of values or range of numbers; any, not. Default: "
        "whoever is in no other segment; one segment is of this kind, named everyone where none is written.",
    )
    share: Annotated[float, _Read(lambda value: read_share(value, exclusive=True), SHARE_SCHEMA)] | None = Field(
        None,
        description="Share of the people who meet `where` (of all, without one), drawn by the luck of "
        "network.random_seed among those whom no segment without a share has taken, nor one before it. Default: none, "
        "all of them.",
    )
    priority: Annotated[int, _whole_number(-1000, 1000)] | None = Field(
        None,
        description="Which of several segments takes a person who meets the conditions of more than one: the one with "
        "the smaller number. Default: none, nobody may be in two.",
    )
    per: Annotated[
        tuple[str, ...],
        _Read(
            _attributes,
            {
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    {
                        "type": "array",
                        "minItems": 1,
                        "uniqueItems": True,
                        "items": {"type": "string", "minLength": 1},
                    },
                ]
            },
        ),
    ] = Field(
        (),
        description="Attributes: results are told for each of their values apart; no realisation changes. "
        "Default: none.",
    )
    role: Annotated[str, _choice(*choices("role"), also=OTHER_ROLES)] = Field(
        "public",
        description="Audience role that results are told by: prospect, customer, media, blogger, employee or public. "
        "It changes no realisation. Default public.",
    )
    attention: Share = Field(
        1.0,
        description="Chance that a person of the segment notices what is visible (share). Default 1: an assumption.",
    )
    trust: Share = Field(
        1.0,
        description="Trust in the brand at the start (share): doses are multiplied by trust ^ item.NAME.sensitivity. "
        "Default 1: an assumption.",
    )
    satisfaction: Share = Field(
        1.0,
        description="Chance that a person engaged with content is satisfied (share); who is not does not pass it on, "
        "and starts the testimony that is born of it. Default 1: an assumption.",
    )
    conversion: Share = Field(
        0.0,
        description="Chance that a person engaged with content converts, at full trust in the brand (share): it is "
        "multiplied by their trust. Default 0: conversions are not modelled.",
    )
    baseline: Share = Field(
        0.0,
        description="Chance per day that a person converts of their own accord, with or without the campaign (share). "
        "Default 0: nobody does (assumption).",
    )
    decline: Share = Field(
        0.0,
        description="Chance that a person asked to be a seed declines (share). Default 0: an assumption.",
    )
    susceptibility: Factor = Field(
        1.0,
        description="Factor on all doses for a person of the segment, beside affinity (a factor). Default 1: everybody "
        "is alike (assumption).",
    )
    online: Online | None = Field(
        None,
        description='When they are online: a table of hours and weekdays, or "none". Who is offline sees nothing but '
        "contacts. Default none: they always are (assumption).",
    )

    def _resolved(self) -> dict[str, Any]:
        # What was added later is left out where it is not used, so that older scenarios resolve as before.
        unused = {name for name, default in _added_to_segments().items() if getattr(self, name) == default}
        used = {name: value for name, value in _plain(self).items() if name not in unused}
        return {**used, **({} if self.online is None else {"online": self.online._resolved()})}

    @property
    def is_default(self) -> bool:
        """Whether it is for whoever is in no other segment."""
        return not self.where and self.share is None


@lru_cache(maxsize=1)
def _added_to_segments() -> dict[str, Any]:
    """Return the defaults of the keys of segments that came after the first."""
    fields = Segment.model_fields
    return {name: fields[name].get_default(call_default_factory=True) for name in fields if name != "attention"}


class Individual(_Table):
    """Attributes that hold numbers of each person, in place of those of their segment.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> individual = read_scenario(settings=["individual.attention=alertness"]).individual
    >>> individual.attention, individual.trust
    ('alertness', None)
    """

    attention: AttributeName | None = Field(
        None,
        description="Attribute that holds the attention of each person (share); missing: their segment's. Default: "
        "none.",
    )
    susceptibility: AttributeName | None = Field(
        None,
        description="Attribute that holds the susceptibility of each person (a factor on the dose); missing: their "
        "segment's. Default: none.",
    )
    trust: AttributeName | None = Field(
        None,
        description="Attribute that holds the trust of each person in the brand at the start (share); missing: their "
        "segment's. Default: none.",
    )
    satisfaction: AttributeName | None = Field(
        None,
        description="Attribute that holds the chance of each person to be satisfied (share); missing: their segment's. "
        "Default: none.",
    )
    conversion: AttributeName | None = Field(
        None,
        description="Attribute that holds the chance of each person to convert, once engaged and at full trust "
        "(share); missing: their segment's. Default: none.",
    )

    def _resolved(self) -> dict[str, Any]:
        return {name: value for name, value in _plain(self).items() if value is not None}


class Price(_Table):
    """What it costs to have a person as a seed: a model of the catalogue and its parameters.

    Money is in one currency, the same in the whole scenario.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> price = read_scenario(settings=["price={model='per-follower', rate=0.05, declined='10%'}"]).price
    >>> price.model, price.parameters, price.declined
    ('per-follower', {'rate': 0.05, 'base': 0.0}, 0.1)
    """

    model: Text = Field(description="flat, per-follower or column.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="All parameters of the model.")
    declined: Share = Field(
        0.0,
        description="Share of the price that is paid to who declines (share). Default 0: nothing (assumption).",
    )

    def _resolved(self) -> dict[str, Any]:
        return {"model": self.model, **_copied(self.parameters), "declined": self.declined}


class BrandTrust(_Table):
    """How trust in the brand comes back by itself; `half_life` is in ticks, None where it never does.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> read_scenario(settings=["trust.half_life=10d"]).trust.half_life
    240.0
    """

    half_life: Annotated[
        float | None,
        _Read(
            _relaxation,
            {"anyOf": [{"const": "never"}, *DURATION_SCHEMA["anyOf"]]},
            timed=True,
            numbers=Numbers("duration", 0.0, MOST_TICKS, exclusive=True),
        ),
    ] = Field(
        description="Time in which half of lost trust comes back, but for scars (duration), or "
        '"never". Default 30d: an assumption.',
    )

    def _resolved(self) -> dict[str, Any]:
        return {"half_life": "never" if self.half_life is None else self.half_life}


class Advertisement(_Table):
    """Paid exposure from outside the network: in every tick, everybody may see it, without endorsement.

    Exactly one of `dose` and `chance` is not None. `start` and `end` are ticks; None for `end` is the horizon.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["item.content.advertisement={dose=0.5, visibility='2%', end='2d'}"])
    >>> advertisement = scenario.item["content"].advertisement
    >>> advertisement.dose, advertisement.visibility, advertisement.start, advertisement.end
    (0.5, 0.02, 0, 48)
    """

    dose: Factor | None = Field(
        None, description="Dose of one tick's advertising for who sees it. No default: it or chance is written."
    )
    chance: Share | None = Field(
        None,
        description="In place of a dose, its own chance per tick to persuade who sees it (share); the only kind with "
        "arc_probability and the law fixed. No default.",
    )
    visibility: Share = Field(
        1.0, description="Chance of a person to see it in a tick (share). Default 1: everybody does (assumption)."
    )
    start: Start = Field(0, description="First tick (duration, whole ticks, or a date). Default 0.")
    end: Annotated[int | None, _Read(_end, _END_SCHEMA, timed=True, numbers=_WHOLE_TICKS)] = Field(
        None, description='From this tick on there is none (duration or date), or "none": to the horizon. Default none.'
    )
    platform: Text = Field("", description="Platform where those whom it engages share, by name. Default: the first.")

    def _resolved(self) -> dict[str, Any]:
        return {**_plain(self), "end": "none" if self.end is None else self.end}


class Variant(_Table):
    """One wording of an item's message; sharers pass on the one that they were persuaded by.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> settings = ["segment.young.where={age=18}", "item.content.variant.fresh={affinity={young=1.5}}"]
    >>> variant = read_scenario(settings=[*settings, "item.content.variant.plain={}"]).item["content"].variant
    >>> [(name, one.affinity, one.target) for name, one in variant.items()]
    [('fresh', {'young': 1.5}, ('young', 'everyone')), ('plain', {}, ('everyone',))]
    """

    affinity: Factors = Field(
        default_factory=dict,
        description="Segment -> factor on the dose, how well this variant fits the segment (a factor). Default: as the "
        "affinity of the item says.",
    )
    target: Annotated[
        tuple[str, ...],
        _Read(_segment_names, {"type": "array", "uniqueItems": True, "items": {"type": "string"}}),
    ] = Field(
        (),
        description="Segments that it is meant for, for the report. Default: those that no other variant fits better.",
    )


class Item(_Table):
    """Something that spreads.

    Of stickiness, arc_probability, curve and threshold only what the law needs is not None; `trials`, `then`,
    `arc_weight`, `activity`, `stifle` and `stop` mean something for some laws and emissions only. `half_life` and
    `activity` are in ticks, None where novelty never fades and where sharing never ends; a `half_life` of "platform"
    is that of the platform where it is shared.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> read_scenario(settings=["item.content.stickiness=3%"]).item["content"].stickiness
    0.03
    """

    kind: Annotated[str, _choice(*choices("kind"), also=OTHER_KINDS)] = Field(
        "content",
        description="What it is: content that a brand or anybody else publishes, testimony of dissatisfied people, a "
        "rumour, or the restoration of trust. Testimony and rumour take trust in the brand, restoration gives it back. "
        "Default content.",
    )
    law: Annotated[str, _choice(*choices("law"))] = Field(
        "independent",
        description="Response law. Default independent: each share seen is a fresh chance (Kempe, "
        "Kleinberg & Tardos 2003).",
    )
    stickiness: Share | None = Field(
        None,
        description="Law independent: chance (share) that one seen share of dose 1 persuades. No default: it or "
        "arc_probability must be written.",
    )
    curve: Annotated[tuple[float, ...], _Read(_curve, _CURVE_SCHEMA)] | None = Field(
        None,
        description="Law curve: chances (shares) for the 1st, 2nd, ... unit of dose; between whole units the hazard "
        "is constant. No default (Romero, Meeder & Kleinberg 2011 found peaks at 2 to 4 exposures).",
    )
    then: Share | None = Field(
        None,
        description="Law curve: chance of every unit after the last of the curve (share). Default: the last stays.",
    )
    arc_weight: Annotated[Literal["in-degree", "column"], _choice("in-degree", "column")] = Field(
        "in-degree",
        description='Law uniform: dose of an arc, "in-degree" (1 / number of people followed) or "column" '
        "(network.weight_column, at most 1 together for each person). Default in-degree: all neighbours weigh alike "
        "(Kempe, Kleinberg & Tardos 2003).",
    )
    threshold: (
        Annotated[
            float | int,
            _Read(_threshold, _SHARE_OR_COUNT_SCHEMA, numbers=Numbers("share or count", 0.0, 2**31 - 1)),
        ]
        | None
    ) = Field(
        None,
        description="Law fixed: how many of the people one follows must have shared, as a share of them (Watts 2002) "
        "or as a whole number (Centola & Macy 2007). No default.",
    )
    arc_probability: (
        Annotated[
            float | str,
            _Read(
                _arc_probability,
                {"anyOf": [{"enum": ["weighted-cascade", "column"]}, *SHARE_SCHEMA["anyOf"]]},
                numbers=_A_SHARE,
            ),
        ]
        | None
    ) = Field(
        None,
        description='In place of stickiness, the chance of each arc: "weighted-cascade" (1 / number of '
        'people followed), "column" (network.probability_column, or what the generator gives) or a share. No default.',
    )
    trials: Annotated[Literal["arcs", "multiplicity"], _choice("arcs", "multiplicity")] = Field(
        "arcs",
        description="Whether merged arcs give one chance, or as many as there were (multiplicity c: 1 - "
        "(1 - p)^c). Default arcs: an assumption.",
    )
    endorsement: Factor = Field(
        1.0,
        description="How much the sharer's tie trust adds to the dose: dose = 1 + endorsement x trust (a "
        "factor). Default 1: an assumption; 0 is the counter-evidence (Banerjee et al. 2013 "
        "found no endorsement beyond being informed). No effect on arc_probability: there it "
        "is 0.",
    )
    half_life: Annotated[
        float | Literal["platform"] | None,
        _Read(
            _half_life_of_item,
            {"anyOf": [{"enum": ["none", "platform"]}, *DURATION_SCHEMA["anyOf"]]},
            timed=True,
            numbers=Numbers("duration", 0.0, MOST_TICKS, exclusive=True),
        ),
    ] = Field(
        None,
        description="Time in which its novelty halves, counted from its first share (duration), "
        '"none": it never fades, or "platform": as [platform.NAME] says. Default platform where one says so, otherwise '
        "none: an assumption; practitioners' half-lives of a "
        "post (2018): Facebook 30 min, Instagram 19 h, LinkedIn 24 h, YouTube 6 days.",
    )
    novelty: Annotated[tuple[float, ...], _Read(_novelty, _NOVELTY_SCHEMA)] | None = Field(
        None,
        description="In place of half_life: the share of a fresh dose that is left at each age in ticks, from 0 on; "
        'the last one stays. Or a function of your own, "module:function", of the age in ticks. Default: none.',
    )
    share_rate: Share = Field(
        1.0,
        description="Chance that an engaged person shares (share). Default 1: engaging means sharing (assumption).",
    )
    emission: Annotated[str, _choice(*choices("emission"))] = Field(
        "once",
        description="How an engaged person shares: once with all followers, in every tick with all of them (repeat), "
        "or in every tick with one of them (contact). Default once: a post (assumption).",
    )
    activity: Annotated[
        float | None,
        _Read(
            _activity,
            {"anyOf": [{"const": "for ever"}, *DURATION_SCHEMA["anyOf"]]},
            timed=True,
            numbers=Numbers("duration", 1.0, MOST_TICKS),
        ),
    ] = Field(
        None,
        description="Emissions repeat and contact: mean time of sharing (duration of at least one tick; the number of "
        'ticks is geometric), or "for ever". Default for ever.',
    )
    stifle: Share = Field(
        1.0,
        description="Emission contact: chance to stop on meeting somebody who is engaged already (share). Default 1 "
        "(Maki & Thompson 1973).",
    )
    stop: Annotated[Literal["initiator", "both"], _choice("initiator", "both")] = Field(
        "initiator",
        description="Emission contact: who stops then, the initiator (Maki & Thompson 1973) or both (Daley & Kendall "
        "1965; of the two calls that two who tell it make on each other one counts, so that pairs meet alike). Default "
        "initiator.",
    )
    advertisement: Advertisement | None = Field(
        None, description="Exposure from outside the network, as in Bass 1969. Default: none."
    )
    sensitivity: Factor = Field(
        1.0,
        description="How doses follow trust in the brand: they are multiplied by trust ^ sensitivity (an exponent). "
        "Default 1 for content and restoration, 0 for testimony and rumour, which nobody needs to trust the brand for: "
        "assumptions.",
    )
    damage: Share = Field(
        0.1,
        description="Testimony, rumour: part of the trust one has that an impression takes (share). Default 0.1: an "
        "assumption; of the misinformation in Chan et al. 2017 only direction and order of magnitude carry over.",
    )
    scar: Share = Field(
        0.33,
        description="Testimony, rumour: part of that which does not come back by itself (share). Default 0.33: an "
        "assumption, from what persists after debunking (d = .75-1.06) against what misinformation does (2.41-3.08) in "
        "Chan et al. 2017.",
    )
    heal: Share = Field(
        0.5,
        description="Testimony, rumour: part of a scar that restoration can mend (share); the rest is for ever. "
        "Default 0.5: an assumption.",
    )
    proven_false_at: Annotated[int | None, _Read(_end, _END_SCHEMA, timed=True, numbers=_WHOLE_TICKS)] = Field(
        None,
        description="Testimony, rumour: when it is proven false (duration, whole ticks, or a date): from then on its "
        'dose and damage are multiplied by 1 - disproof, while scars stay; or "none". Default none.',
    )
    disproof: Share = Field(
        0.45,
        description="Testimony, rumour: part of dose and damage that being proven false takes (share). Default 0.45: "
        "an assumption, from what debunking does (d = 1.14-1.33) against what misinformation does (2.41-3.08) in Chan "
        "et al. 2017.",
    )
    born_of: ItemName = Field(
        "",
        description="Testimony: the content whose dissatisfied people start it instead of passing the content on, by "
        "name (Chen et al. 2011). Default: none, only waves and advertising start it.",
    )
    repair: Share = Field(
        0.05,
        description="Restoration: part of the trust that is missing, and of the scar that can be mended, which an "
        "impression gives back (share). Default 0.05: an assumption.",
    )
    after: ItemName = Field(
        "",
        description="Item that it reacts to, by name: its waves and its advertising count from when that one has "
        "reached after_reach people. Default: none, they count from the beginning.",
    )
    after_reach: Annotated[
        float | int,
        _Read(_reach, _SHARE_OR_COUNT_SCHEMA, numbers=Numbers("share or count", 0.0, 2**31 - 1)),
    ] = Field(
        0.01,
        description="How many people that item must reach, as a share of all or as a whole number. Default 1 %: an "
        "assumption.",
    )
    reaction_delay: WholeTicks = Field(
        0,
        description="How much later than that, or than the beginning, its waves and its advertising are (duration, "
        "whole ticks). Default 0: at once (assumption).",
    )
    exclusive: Annotated[str, _Read(_name_of_set, {"type": "string"})] = Field(
        "",
        description="Name of a set of items: who engaged with one of them never engages with another, but for the "
        "testimony one starts oneself. Default: none.",
    )
    priority: Annotated[int, _whole_number(-1000, 1000, may_be_unknown=True)] = Field(
        0,
        description="Which items come first within a tick, where that matters: in taking and giving trust, in "
        "contacts, and in persuading somebody whom only one of an exclusive set can have. The smaller (a whole "
        "number); among equals harm comes before repair, and luck decides the rest. Default 0.",
    )
    silent: Truth = Field(
        False,
        description="Whether nothing starts it: no wave, no advertising, nobody dissatisfied; what would have been "
        "without it. Default false.",
    )
    affinity: Factors = Field(
        default_factory=dict,
        description="Segment -> factor on the dose, how well the message fits the segment (a factor). "
        "Default 1 for every segment: an assumption.",
    )
    affinity_attribute: AttributeName | None = Field(
        None,
        description="Attribute that holds a factor on the dose for each person, how well the item fits them; it "
        "multiplies affinity; missing: 1. Default: none.",
    )
    variant: dict[str, Variant] = Field(
        default_factory=dict,
        description="Variants of the message by name, which differ in affinity: [item.NAME.variant.NAME]; the first is "
        "served where nothing else is. Default: none, one message for all.",
    )
    wave: dict[str, Wave] = Field(
        default_factory=dict,
        description="Waves by name, as in plans, that every plan has: [item.NAME.wave.NAME]. Default: none.",
    )

    def _resolved(self) -> dict[str, Any]:
        """Only the keys that the law and the emission have: the others could not be read back.

        What was added to the model later is left out where it is not used, so that older scenarios resolve as before.
        """
        others = set().union(*(strangers(family, getattr(self, family)) for family in ("kind", "law", "emission")))
        own = {name: value for name, value in _plain(self).items() if name not in others}
        del own["wave"]
        del own["variant"]
        if self.variant:
            own["variant"] = {name: _plain(variant) for name, variant in self.variant.items()}
        if self.wave:
            own["wave"] = {name: wave._resolved() for name, wave in self.wave.items()}
        own["half_life"] = "none" if self.half_life is None else self.half_life
        for name in ("novelty", "affinity_attribute"):
            if own[name] is None:
                del own[name]
        if self.sensitivity == usual_sensitivity(self.kind):
            del own["sensitivity"]
        if not self.after:
            del own["after_reach"]
        if "proven_false_at" in own and self.proven_false_at is None:
            own["proven_false_at"] = "none"
            del own["disproof"]
        for name in ("born_of", "after", "reaction_delay", "exclusive", "priority", "silent"):
            if name in own and not own[name]:
                del own[name]
        if self.emission == "once":
            del own["emission"]
        elif self.activity is None:
            own["activity"] = "for ever"
        if "advertisement" in own:
            advertisement = own.pop("advertisement")
            if advertisement is not None:
                own["advertisement"] = advertisement._resolved()
        return own


def usual_sensitivity(kind: str) -> float:
    """Return the sensitivity that items of a kind have where none is written.

    Examples
    --------
    >>> usual_sensitivity("content"), usual_sensitivity("rumour")
    (1.0, 0.0)
    """
    return 0.0 if kind in ("testimony", "rumour") else 1.0


@lru_cache(maxsize=1000)
def strangers(family: str, name: str) -> frozenset[str]:
    """Return the keys that belong to other choices of a family, and not to this one."""
    known = choices(family)
    own = {parameter.name for parameter in known[name].parameters} if name in known else set()
    return frozenset(parameter.name for choice in known.values() for parameter in choice.parameters) - own


class Wave(_Table):
    """People to start with: who, how many, when.

    `people` is set and `count` None for the strategy "explicit", else the other way round. `start` is in
    ticks.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["plan.mine.wave.first={strategy='random', count=5, start='1d'}"])
    >>> wave = scenario.plan["mine"].wave["first"]
    >>> wave.strategy, wave.count, wave.start, wave.item, wave.platform
    ('random', 5, 24, 'content', 'feed')
    """

    item: Text = Field("", description="Item that they start with, by name. Default: the first.")
    platform: Text = Field("", description="Platform that they start on, by name. Default: the first.")
    variant: Text = Field(
        "",
        description="Variant of the item that they start with, by name, whatever the plan serves. Default: none, what "
        "the plan serves their segment.",
    )
    strategy: Annotated[
        str,
        _choice(*choices("strategy"), also=OTHER_WORDS),
    ] = Field(description="How they are chosen.")
    count: Annotated[int, _whole_number(1, 2**31 - 1, may_be_unknown=True)] | None = Field(
        None,
        description="How many people (whole number, at least 1); with a budget the most. Default: as many as the "
        "budget buys.",
    )
    budget: Annotated[float, _Read(read_money, {"type": "number", "minimum": 0})] | None = Field(
        None,
        description="Money to spend, in every realisation where they are redrawn. People are taken in the order of the "
        "strategy; who costs more than is left is passed over. Needs prices. Default: no limit.",
    )
    price: Money | None = Field(
        None, description="What everybody costs in this wave (money), in place of [price]. Default: as [price] says."
    )
    people: (
        Annotated[
            tuple[str | int, ...],
            _Read(
                _people,
                {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": {"type": ["string", "integer"]},
                },
            ),
        ]
        | None
    ) = Field(None, description="The people themselves, by their ids in the network's file.")
    start: Start = Field(
        0, description="When they start (duration, whole ticks, or a date). Default 0: at the beginning."
    )
    redraw: Truth = Field(
        False, description="Random only: whether every realisation draws its own people. Default false."
    )
    where: Conditions = Field(
        default_factory=dict,
        description="Who is eligible: attribute -> value, list of values or range of numbers; any, not. Default: "
        "everybody.",
    )
    per: Filled | None = Field(
        None,
        description="Attribute: `count` people are taken, or `budget` is spent, for each of its values. Default: none.",
    )
    weight: Annotated[str, _choice(*ARC_NUMBERS)] | None = Field(
        None, description="What is added up over the arcs of a person. Default: trust."
    )
    multiplicity: Truth | None = Field(
        None, description="Whether an arc counts as often as rows were merged into it. Default false."
    )
    probability: Annotated[float, _Read(read_share, SHARE_SCHEMA)] | None = Field(
        None,
        description="Chance that a share persuades or reaches a follower (share). Default: 1 % for degree-discount, "
        "or the item's arc_probability where it is a number; 100 % for one-hop.",
    )
    damping: (
        Annotated[
            float,
            _Read(lambda value: read_number(value, 0.0, 0.999), {"type": "number", "minimum": 0, "maximum": 0.999}),
        ]
        | None
    ) = Field(None, description="Share of the importance that is passed on. Default 0.85, as its authors.")
    samples: Annotated[int, _whole_number(2, 2**31 - 1)] | None = Field(
        None, description="People walked from or to. Default: by the size of the network; all of few."
    )
    radius: Annotated[int, _whole_number(1, 2)] | None = Field(
        None, description="Hops at which the people around somebody are counted. Default 2."
    )
    size: Annotated[int, _whole_number(1, 2**31 - 1)] | None = Field(
        None, description="People of a group. Default 10: an assumption."
    )
    attribute: Filled | None = Field(None, description="Attribute whose largest values are taken. No default.")
    parts: (
        Annotated[
            dict[str, float],
            _Read(
                _parts,
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": f"^({'|'.join(MIXABLE)})$"},
                    "additionalProperties": SHARE_SCHEMA,
                },
            ),
        ]
        | None
    ) = Field(None, description="Strategy -> share; the shares add up to 100 %. No default.")

    def _resolved(self) -> dict[str, Any]:
        """Only the keys that the strategy has, since the others could not be read back; later ones where used."""
        others = strangers("strategy", self.strategy)
        others |= {name for name in ("budget", "price") if getattr(self, name) is None}
        others |= {"variant"} if not self.variant else set()
        return {name: value for name, value in _plain(self).items() if name not in others}


class Plan(_Table):
    """A seeding plan: one wave or more.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> len(read_scenario().plan["hubs"].wave)
    1
    """

    wave: dict[str, Wave] = Field(description="Waves by name: [plan.NAME.wave.NAME].")
    serve: Annotated[
        dict[str, dict[str, str]],
        _Read(
            _served,
            {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}}},
        ),
    ] = Field(
        default_factory=dict,
        description="Item -> segment -> variant: what the seeds and the advertising of a segment are served, as in "
        '[plan.NAME.serve] with content = { students = "young" }. Default: the first variant for everybody.',
    )

    def _resolved(self) -> dict[str, Any]:
        waves = {"wave": {name: wave._resolved() for name, wave in self.wave.items()}}
        return {**waves, **({"serve": _copied(self.serve)} if self.serve else {})}


class Time(_Table):
    """The clock.

    `tick` is in seconds, `horizon` in ticks; `start` is in `zone`, but does not carry it.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> time = read_scenario(settings=["time.tick=1h", "time.horizon=2d"]).time
    >>> time.tick, time.horizon
    (3600.0, 48)
    """

    tick: Annotated[float, _Read(read_tick, {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+\s*[a-z]+$"})] = Field(
        3600.0, description="The time step (duration with a unit). Default 1h."
    )
    horizon: WholeTicks = Field(
        description="The last tick played (duration, whole ticks, at most 100_000); 0 plays the seeds "
        "alone. Default 14d: an assumption."
    )
    start: Annotated[dt.datetime, _Read(read_date, DATE_SCHEMA)] | None = Field(
        None,
        description='Date and time at which tick 0 begins, in the zone: "2026-11-27" or "2026-11-27 09:00". Other '
        "starts may then be dates too. Default: none, some Monday at midnight.",
    )
    zone: Zone = Field(
        "UTC",
        description='Time zone of all dates, such as "Europe/Athens", "UTC" or "+02:00". Default UTC.',
    )

    def moment(self, tick: int) -> dt.datetime | None:
        """Return when a tick begins, with its zone; None where no start is written.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> settings = {"time.start": "2026-03-28", "time.zone": "Europe/Athens"}
        >>> print(read_scenario(settings=settings).time.moment(48))  # clocks are put forward in between
        2026-03-30 01:00:00+03:00
        """
        if self.start is None:
            return None
        begins = in_zone(self.start, self.zone)
        passed = dt.timedelta(seconds=tick * self.tick)
        return (begins.astimezone(dt.UTC) + passed).astimezone(begins.tzinfo)

    def _resolved(self) -> dict[str, Any]:
        # What was added later is left out where it is not used, so that older scenarios resolve as before.
        start = {} if self.start is None else {"start": date_text(self.start)}
        zone = {} if self.zone == "UTC" else {"zone": self.zone}
        return {"tick": tick_text(self.tick), "horizon": self.horizon, **start, **zone}


class Report(_Table):
    """What is reported; nothing here changes a realisation.

    `viral_threshold` is a float for a share of the people and an int for a number of people.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> report = read_scenario(settings=["report.viral_threshold=500"]).report
    >>> report.item, report.times, report.viral_threshold
    ('content', 100, 500)
    """

    item: Text = Field("", description="The main item, by name. Default: the first.")
    times: Annotated[int, _whole_number(2, 200)] = Field(
        100, description="Number of report times, evenly spaced ticks (2 to 200). Default 100."
    )
    viral_threshold: Annotated[
        float | int,
        _Read(_viral_threshold, _SHARE_OR_COUNT_SCHEMA),
    ] = Field(
        0.01,
        description="A realisation is viral from here on: a share of all people, or a number of people "
        "(a whole number). Default 1 %: an assumption.",
    )
    audiences: Truth | None = Field(
        None,
        description="Whether results are told by segment and platform as well. Default: none, where there are several "
        "segments or platforms, or variants.",
    )

    def _resolved(self) -> dict[str, Any]:
        return {name: value for name, value in _plain(self).items() if name != "audiences" or value is not None}


class Expected(_Table):
    """A number that the scenario should reproduce, and how near it must come; nothing here changes a realisation.

    What is measured agrees where it differs by at most `tolerance` plus `standard_errors` standard errors of it. `at`
    is in ticks, None for the end.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> setting = "expected.size={metric='engaged', value=155, tolerance=0.5, source='played before'}"
    >>> size = read_scenario(settings=[setting]).expected["size"]
    >>> size.metric, size.value, size.tolerance, size.standard_errors, size.plan, size.at
    ('engaged', 155.0, 0.5, 4.0, 'random', None)
    """

    metric: Annotated[str, _choice(*choices("metric"), *SHARES_OF_PEOPLE)] = Field(
        description="What is measured: a metric of the forecast; engaged_share and reach_share are shares of all "
        "people."
    )
    value: Annotated[float, _Read(_amount, _AMOUNT_SCHEMA)] = Field(
        description='The number that it should be, in the unit of the metric (shares may be written "3%").'
    )
    tolerance: Annotated[float, _Read(_amount, _AMOUNT_SCHEMA)] = Field(
        0.0,
        description="How far the mean may be off whatever luck does, in the unit of the value: its last digit, a small "
        "network. Default 0.",
    )
    standard_errors: Annotated[
        float, _Read(lambda value: read_number(value, 0.0, 100.0), {"type": "number", "minimum": 0, "maximum": 100})
    ] = Field(
        4.0,
        description="How many of its standard errors the mean may be off on top of that. Default 4: by luck alone once "
        "in 16,000 times.",
    )
    at: Annotated[int | None, _Read(_at, {"anyOf": [{"const": "end"}, *DURATION_SCHEMA["anyOf"]]}, timed=True)] = Field(
        None,
        description="When: one of the report times (duration), for reach, impressions, engaged, shares, the shares of "
        'people and trust, or "end". Default end.',
    )
    given: Annotated[Literal["all", "viral"], _choice("all", "viral")] = Field(
        "all",
        description="Over which realisations: all, or those that go viral (report.viral_threshold). Default all.",
    )
    item: Text = Field("", description="Item that is measured, by name. Default: the main item.")
    plan: Text = Field("", description="Plan that is played, by name. Default: the first.")
    settings: Annotated[tuple[str, ...], _Read(_settings, {"type": "array", "items": {"type": "string"}})] = Field(
        (),
        description='Changes of the scenario for this number alone, each "path=value" as --set takes it. Default: '
        "none.",
    )
    source: Text = Field("", description="Where the number comes from. Default: empty.")

    def _resolved(self) -> dict[str, Any]:
        return {**_plain(self), "at": "end" if self.at is None else self.at}


class SweepTable(_Table):
    """What `sweep` varies and how, where it is not told otherwise; nothing here changes a realisation.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> settings = ["sweep.design=sobol", "sweep.vary={'item.content.stickiness'='1%:5%'}"]
    >>> sweep = read_scenario(settings=settings).sweep
    >>> sweep.design, sweep.samples, [varied.text for varied in sweep.vary]
    ('sobol', None, ['item.content.stickiness=1%:5%'])
    """

    design: Annotated[
        str,
        _choice(*choices("design"), also={also: one.name for one in choices("design").values() for also in one.also}),
    ] = Field("grid", description="How values are combined. Default grid: every combination.")
    samples: Annotated[int, _whole_number(1, 2**24)] | None = Field(
        None,
        description="How many samples a design draws: sobol takes powers of two. Default: none, which is 100 for "
        "random and latin, 256 for sobol, 20 trajectories for morris.",
    )
    realisations: Annotated[int, _whole_number(1, 10**9)] | None = Field(
        None, description="How many realisations of every cell. Default: none, those of the scenario."
    )
    precision: Annotated[float, _Read(lambda value: read_share(value, exclusive=True), SHARE_SCHEMA)] | None = Field(
        None,
        description="In place of realisations: play every cell until the interval of the mean of the metric is this "
        "narrow (half its width over the mean; share). Default: none.",
    )
    common_luck: Truth = Field(
        True,
        description="Whether all cells share their luck, for smooth curves and paired differences; false gives each "
        "cell luck of its own. Default true.",
    )
    metric: Annotated[str, _choice(*choices("metric"))] = Field(
        "reach", description="What is told first and explained, of the main item. Default reach."
    )
    find: Annotated[Varied, _Read(find_of, {"type": "string"})] | None = Field(
        None,
        description='Key whose value is looked for, with the range to search: "network.people=100:10_000"; shares are '
        "searched from 0 to 1 where none is written. Needs until. Default: none.",
    )
    until: Annotated[Until, _Read(until_of, {"type": "string"})] | None = Field(
        None, description='What it is looked for, such as "viral_chance >= 50%". Default: none.'
    )
    vary: Annotated[tuple[Varied, ...], _Read(_vary, _VARY_SCHEMA)] = Field(
        (),
        description='Keys and their values: lists, or ranges such as "0.5%:5%:10" (10 values evenly), "1:100:3:log" '
        '(evenly in the logarithm), "0.5%:5%" (for designs that draw samples). plan = [...] for plans. Default: '
        "nothing.",
    )

    def _resolved(self) -> dict[str, Any]:
        resolved = {name: getattr(self, name) for name in type(self).model_fields if name != "vary"}
        resolved["find"] = None if self.find is None else self.find.text
        resolved["until"] = None if self.until is None else self.until.text
        written = {one.path: one.given if one.is_range else _copied(one.values) for one in self.vary}
        return {**resolved, **({"vary": written} if written else {})}


class Scenario(_Table):
    """A whole scenario, read and checked; `read_scenario` and `scenario_from_text` make one.

    Durations are in ticks (`time.tick`: seconds), shares floats in [0, 1]. It cannot be changed;
    `with_settings` gives a changed copy. Two scenarios are equal where all their fields are.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["item.content.stickiness=3%"])
    >>> scenario.item["content"].stickiness, scenario.time.horizon
    (0.03, 336)
    """

    title: Text = Field("", description="What it is about. Default: empty.")
    description: Text = Field("", description="What a reader should know. Default: empty.")
    random_seed: RandomSeed = Field(
        1, description="Keys all luck of the realisations (whole number below 2^63). Default 1."
    )
    realisations: Annotated[int, _whole_number(1, 10**9)] = Field(
        1000, description="How many times the campaign is played. Default 1000."
    )
    precision: Annotated[float, _Read(lambda value: read_share(value, exclusive=True), SHARE_SCHEMA)] | None = Field(
        None,
        description="In place of realisations: play until the interval of the mean is this narrow (half "
        "its width over the mean; share). Default: none.",
    )
    network: Network = Field(description="Who is tied to whom.")
    platform: dict[str, Platform] = Field(
        description="Platforms by name: [platform.NAME]; the first is where seeds start. Default: one, named feed."
    )
    segment: dict[str, Segment] = Field(description="Segments by name: [segment.NAME]. Default: one, named everyone.")
    individual: Individual | None = Field(
        None, description="Which attributes hold numbers of each person, in place of their segment's. Default: none."
    )
    price: Price | None = Field(None, description="What seeds cost. Default: nothing.")
    trust: BrandTrust = Field(
        description="How trust in the brand comes back by itself. Default: a half-life of 30 days (assumption)."
    )
    item: dict[str, Item] = Field(
        description="Items by name: [item.NAME]; the first is the main one. They touch where trust in the brand, "
        "exclusive sets, what comes after what and what is born of what say so."
    )
    plan: dict[str, Plan] = Field(description="Seeding plans by name: [plan.NAME.wave.NAME]; `run` plays the first.")
    time: Time = Field(description="The clock.")
    report: Report = Field(description="What is reported.")
    expected: dict[str, Expected] = Field(
        default_factory=dict,
        description="Numbers that it should reproduce, by name: [expected.NAME]; `viralsim classics FILE` compares "
        "them. Default: none.",
    )
    sweep: SweepTable | None = Field(
        None, description="What `viralsim sweep` varies; nothing here changes a realisation. Default: none."
    )

    _origin: Origin | None = PrivateAttr(default=None)
    _unknowns: tuple[Unknown, ...] = PrivateAttr(default=())
    _written: frozenset[KeyPath] = PrivateAttr(default=frozenset())  # all keys that the file and settings write
    _filled: dict[KeyPath, str] = PrivateAttr(default_factory=dict)  # what presets have written -> its source

    def __eq__(self, other: object) -> bool:
        # By the text of the resolved form: 1 person and a share of 1.0 differ, so does the order of plans.
        return isinstance(other, Scenario) and json.dumps(self.resolved()) == json.dumps(other.resolved())

    def __hash__(self) -> int:
        return hash(json.dumps(self.resolved()))

    def __repr__(self) -> str:
        return f"Scenario({self.source!r}, items={list(self.item)}, plans={list(self.plan)})"

    @property
    def source(self) -> str:
        """Name of the file it was read from, for messages."""
        return self._origin.name if self._origin is not None else "<scenario>"

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Numbers that are not known, by path; the fields hold a central value in their place.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> scenario = read_scenario(settings=["item.content.stickiness=1%..3%"])
        >>> [unknown.name for unknown in scenario.unknowns], scenario.item["content"].stickiness
        (['item.content.stickiness'], 0.02)
        """
        return self._unknowns

    def with_numbers(self, numbers: Mapping[KeyPath, float | int]) -> Scenario:
        """Return the scenario with these numbers, as the models hold them, in place of its unknowns.

        Parameters
        ----------
        numbers : mapping of key path to number
            By the paths of `unknowns`; an unknown without a number is not known in the result either.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> scenario = read_scenario(settings=["item.content.stickiness=1%..3%"])
        >>> drawn = scenario.with_numbers({("item", "content", "stickiness"): 0.012})
        >>> drawn.item["content"].stickiness, drawn.unknowns
        (0.012, ())
        """
        copy: Scenario = _with_numbers(self, dict(numbers))
        copy._unknowns = tuple(unknown for unknown in self._unknowns if unknown.path not in numbers)
        copy._origin = None  # it was not read like this: further settings start from its own text
        return copy

    @property
    def takes_trust(self) -> bool:
        """Whether any item can take trust in the brand.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> read_scenario().takes_trust
        False
        """
        return any(item.kind in ("testimony", "rumour") for item in self.item.values())

    @property
    def converts(self) -> bool:
        """Whether anybody engaged with content may convert, by a chance of their own or their segment's.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> read_scenario().converts, read_scenario(settings=["individual.conversion=keen"]).converts
        (False, True)
        """
        own = self.individual is not None and self.individual.conversion is not None
        return own or any(segment.conversion for segment in self.segment.values())

    @property
    def tells_audiences(self) -> bool:
        """Whether results are told by segment and platform as well: as [report] says, or where there are several.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> read_scenario().tells_audiences, read_scenario(settings=["segment.young.where={age=18}"]).tells_audiences
        (False, True)
        """
        if self.report.audiences is not None:
            return self.report.audiences
        several = len(self.segment) > 1 or len(self.platform) > 1
        return several or any(item.variant for item in self.item.values())

    def waves(self, plan: str) -> dict[tuple[str, str, str, str], Wave]:
        """Return the waves of a plan and those of items, which every plan has, by their key paths.

        Parameters
        ----------
        plan : str
            Name of the plan.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> list(read_scenario().waves("hubs"))
        [('plan', 'hubs', 'wave', 'first')]
        """
        waves = {("plan", plan, "wave", name): wave for name, wave in self.plan[plan].wave.items()}
        for item, one in self.item.items():
            waves |= {("item", item, "wave", name): wave for name, wave in one.wave.items()}
        return waves

    def place(self, path: str | Sequence[str | int]) -> str:
        """Return where `path` is written, as "file:line:column" or "--set path=value", for messages.

        Parameters
        ----------
        path : str or sequence
            A dotted path such as "network.file", or its parts.

        Examples
        --------
        >>> from viralsim.scenario import scenario_from_text
        >>> text = '''[network]
        ... generator = "ring"
        ... [item.post]
        ... stickiness = "5%"
        ... [plan.all.wave.first]
        ... strategy = "random"
        ... count = 1
        ... '''
        >>> scenario_from_text(text, name="ring.toml").place("item.post.stickiness")
        'ring.toml:4:14'
        """
        if self._origin is None:
            return self.source
        from viralsim.scenario.locating import split_path

        return self._origin.place(split_path(path) if isinstance(path, str) else tuple(path))

    def with_settings(self, settings: SettingsLike) -> Scenario:
        """Return the scenario with further "path=value" settings, as `--set` gives them, or {path: value}.

        Raises
        ------
        ScenarioError
            If the result is no valid scenario.
        UsageError
            If the settings are neither a sequence of texts nor a mapping.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> read_scenario().with_settings(["time.horizon=7d"]).time.horizon
        168
        """
        from viralsim.scenario.reading import with_settings

        return with_settings(self, settings)

    def without(self, names: Iterable[str]) -> Scenario:
        """Return the scenario with some of its items silent: what would have been without them.

        Nothing starts a silent item: its waves and advertisements are left out, and nobody dissatisfied begins it.

        Parameters
        ----------
        names : iterable of str
            Items, or kinds of items, for all items of the kind. A name that is both means the item (and the others of
            the kind where the item is of it).

        Raises
        ------
        UsageError
            If there is no such item, nor an item of such a kind, or `names` is a single text.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> settings = [
        ...     "item.gossip={kind='rumour', stickiness='2%', wave.first={strategy='random', count=5}}",
        ...     "item.answer={kind='restoration', stickiness='2%', wave.first={strategy='random', count=5}}",
        ... ]
        >>> scenario = read_scenario(settings=settings)
        >>> [name for name, item in scenario.without(["rumour", "answer"]).item.items() if item.silent]
        ['gossip', 'answer']
        >>> read_scenario().without(["contnet"])
        Traceback (most recent call last):
        viralsim.errors.UsageError: no item "contnet"; items: content; kinds: content
          hint: did you mean 'content'?
        """
        if isinstance(names, str) or not isinstance(names, Iterable):
            hint = f"without([{printable(names)!r}])" if isinstance(names, str) else ""
            raise UsageError(f"expected a list of items and kinds of items; got {shown(names)}", hint=hint)
        silent: dict[str, bool] = {}
        kinds = list(dict.fromkeys(item.kind for item in self.item.values()))
        for name in names:
            if isinstance(name, str) and name in self.item and self.item[name].kind != name:
                silent[name] = True
            elif name in kinds:
                silent |= {one: True for one, item in self.item.items() if item.kind == name}
            else:
                known = f"items: {', '.join(self.item)}; kinds: {', '.join(kinds)}"
                meant = OTHER_KINDS.get(str(name), str(name))
                close = did_you_mean(meant, [*self.item, *kinds]) if len(meant) <= 100 else ""
                raise UsageError(f"no item {shown(name)}; {known}", hint=close)
        return self.with_settings([f"item.{name}.silent=true" for name in silent])

    def assumptions(self, plan: str | None = None) -> tuple[Assumption, ...]:
        """Return what a result rests on that nobody has written: defaults that are assumptions, not findings.

        Those alone that can change a result of this scenario: `damage` only where an item takes trust that anything
        starts, `after_reach` only where an item waits for another. What is about trust in the brand comes first.

        Parameters
        ----------
        plan : str, optional
            The plan that is played; None: any of them.

        Raises
        ------
        UsageError
            If there is no such plan.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> rumour = "{kind='rumour', stickiness='2%', damage='5%', wave.first={strategy='random', count=5}}"
        >>> for assumption in read_scenario(settings=[f"item.gossip={rumour}"]).assumptions()[:2]:
        ...     print(assumption.path, assumption.value)
        trust.half_life 30d
        item.gossip.scar 0.33
        """
        from viralsim.scenario.assumptions import assumptions_of

        return assumptions_of(self, plan)

    def resolved(self) -> dict[str, Any]:
        """Return the fully explicit form, JSON-like: all defaults written out, durations in ticks.

        The tick keeps its unit, since it gives the others theirs. None stands for what is not used. Keys of
        one table are in the order of the docs; named tables keep the order of the file, which says which plan
        is the first.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> read_scenario().resolved()["time"]
        {'tick': '1h', 'horizon': 336}
        """
        top = {
            name: getattr(self, name) for name in ("title", "description", "random_seed", "realisations", "precision")
        }
        resolved = {
            **top,
            "network": self.network._resolved(),
            "platform": {name: platform._resolved() for name, platform in self.platform.items()},
            "segment": {name: segment._resolved() for name, segment in self.segment.items()},
            **({"individual": self.individual._resolved()} if self.individual not in (None, Individual()) else {}),
            **({} if self.price is None else {"price": self.price._resolved()}),
            # Only where something can take trust, so that scenarios without it resolve as before.
            **({"trust": self.trust._resolved()} if self.takes_trust else {}),
            "item": {name: item._resolved() for name, item in self.item.items()},
            "plan": {name: plan._resolved() for name, plan in self.plan.items()},
            "time": self.time._resolved(),
            "report": self.report._resolved(),
            # Left out where there is none, so that scenarios without it resolve as before.
            **({"expected": {name: one._resolved() for name, one in self.expected.items()}} if self.expected else {}),
            **({} if self.sweep is None else {"sweep": self.sweep._resolved()}),
        }
        if any(segment.share is not None for segment in self.segment.values()):
            resolved["network"].setdefault("random_seed", self.network.random_seed)  # it keys who is in them
        for unknown in self._unknowns:
            table: Any = resolved
            for key in unknown.path[:-1]:
                table = table[key]
            table[unknown.path[-1]] = unknown.written()
        return resolved

    def content_hash(self, graph_fingerprint: str) -> str:
        """Return 16 hexadecimal digits that change whenever anything changes that can change a realisation.

        Left out, since they change none: title, description, realisations, precision, [report], [expected],
        [sweep], the order of tables and where the scenario was read from. The network counts by its fingerprint, not
        by how it is described.

        Parameters
        ----------
        graph_fingerprint : str
            Fingerprint of the graph that the scenario is played on.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> scenario = read_scenario()
        >>> scenario.content_hash("g") == scenario.with_settings(["realisations=5"]).content_hash("g")
        True
        >>> scenario.content_hash("g") == scenario.with_settings(["random_seed=2"]).content_hash("g")
        False
        """
        resolved = self.resolved()
        content = {name: resolved[name] for name in ("random_seed", "platform", "segment", "item", "plan", "time")}
        content["segment"] = {
            name: {key: value for key, value in segment.items() if key not in ("per", "role")}  # these name results
            for name, segment in resolved["segment"].items()
        }
        content |= {name: resolved[name] for name in ("individual", "price") if name in resolved}
        if "trust" in resolved:
            content["brand trust"] = resolved["trust"]
        content["network"] = graph_fingerprint
        if any(unknown.path[0] == "network" for unknown in self._unknowns):  # the graph has the central one
            content["trust"] = resolved["network"]["trust"]
        if any(segment.share is not None for segment in self.segment.values()):
            content["luck of segments"] = self.network.random_seed
        return hashlib.sha256(_canonical(content).encode()).hexdigest()[:16]

    def toml(self) -> str:
        """Return the resolved form as TOML text, which reads back to an equal scenario.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario, scenario_from_text
        >>> scenario_from_text(read_scenario().toml()) == read_scenario()
        True
        """
        return resolved_toml(self.resolved())

    def plan_toml(self, name: str) -> str:
        """Return one plan as TOML text, to stand in a scenario file.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> setting = "plan.mine.wave.first={strategy='explicit', people=['ann', 'bob']}"
        >>> print(read_scenario(settings=[setting]).plan_toml("mine"), end="")
        [plan.mine.wave.first]
        item = "content"
        platform = "feed"
        strategy = "explicit"
        people = ["ann", "bob"]
        start = 0
        """
        lines: list[str] = []
        _write_table(lines, ("plan", name), self.resolved()["plan"][name])
        return "\n".join(lines).lstrip("\n") + "\n"


def _plain(model: BaseModel) -> dict[str, Any]:
    return {name: _copied(getattr(model, name)) for name in type(model).model_fields}


def _with_numbers(value: Any, numbers: Mapping[KeyPath, float | int]) -> Any:
    """Return a copy of a model, dict or tuple with other numbers; all that they are not part of is shared."""
    if () in numbers:
        return numbers[()]
    heads = dict.fromkeys(path[0] for path in numbers)
    below = {head: {path[1:]: number for path, number in numbers.items() if path[0] == head} for head in heads}
    if isinstance(value, dict):
        return {**value, **{head: _with_numbers(value[head], inner) for head, inner in below.items()}}
    if isinstance(value, tuple):
        return tuple(_with_numbers(one, below[i]) if i in below else one for i, one in enumerate(value))
    fields = type(value).model_fields
    update = {head: _with_numbers(getattr(value, str(head)), inner) for head, inner in below.items() if head in fields}
    parameters = {path: number for path, number in numbers.items() if path[0] not in fields}
    if parameters:
        update["parameters"] = _with_numbers(value.parameters, parameters)
    return value.model_copy(update=update)


def _copied(value: Any) -> Any:
    if isinstance(value, Range):
        return value.written
    if isinstance(value, tuple):
        return [_copied(one) for one in value]
    return {key: _copied(one) for key, one in value.items()} if isinstance(value, dict) else value


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


# ---------------------------------------------------------------------------------------------------------
# TOML out


def resolved_toml(resolved: Mapping[str, Any]) -> str:
    """Return the resolved form of a scenario as TOML text, which reads back to an equal one.

    Examples
    --------
    >>> print(resolved_toml({"random_seed": 7, "time": {"tick": "1h"}}), end="")
    random_seed = 7
    <BLANKLINE>
    [time]
    tick = "1h"
    """
    lines: list[str] = []
    _write_table(lines, (), resolved)
    return "\n".join(lines).lstrip("\n") + "\n"


def _write_table(lines: list[str], path: tuple[str, ...], table: Mapping[str, Any]) -> None:
    """Append a table: its values, then its tables; None is left out, which TOML has no word for."""
    # Not by the key alone: a platform may be called "delay".
    family = path[0] if path else ""
    inline = {
        ("network", 1): ("platform_names",),
        ("network", 3): ("values",),
        ("platform", 2): ("delay",),
        ("item", 2): ("affinity",),
        ("item", 4): ("where", "parts", "affinity"),
        ("segment", 2): ("where",),
        ("price", 1): ("tiers",),
        ("plan", 4): ("where", "parts"),
    }.get((family, len(path)), ())
    values = {
        key: value
        for key, value in table.items()
        if not isinstance(value, dict) or key in inline or isinstance(value.get("distribution"), str)
    }
    tables = {key: value for key, value in table.items() if key not in values}
    if path and (values or not tables):
        lines.append(f"\n[{'.'.join(toml_key(part) for part in path)}]")
    lines.extend(f"{toml_key(key)} = {toml_value(value)}" for key, value in values.items() if value is not None)
    for key, value in tables.items():
        _write_table(lines, (*path, key), value)


# ---------------------------------------------------------------------------------------------------------
# Which number stands at a key


def number_reader(path: KeyPath, table: Any) -> tuple[_Read, Numbers] | None:
    """Return how the number at a key is read, and which numbers it takes; None where no unknown may stand.

    `table` is what holds the key, as written: that of a delay names its law.
    """
    model: type[BaseModel]
    match path:
        case ("network", "trust"):
            model = Network
        case ("platform", _, "delay", str(name)):
            return _number_of_choice("delay", "law", name, table)
        case ("price", "declined"):
            model = Price
        case ("price", str(name)):
            return _number_of_choice("price", "model", name, table)
        case ("platform", _, "cross_post", str()):
            model, path = Platform, ("share_rate",)  # a share, as this
        case ("platform", _, "discovery", str()):
            model = Discovery
        case ("platform", _, str()):
            model = Platform
        case ("segment", _, str()):
            model = Segment
        case ("trust", str()):
            model = BrandTrust
        case ("item", _, "advertisement", str()):
            model = Advertisement
        case ("item", _, "affinity", str()) | ("item", _, "variant", _, "affinity", str()):
            model, path = Advertisement, ("dose",)  # a factor, as this
        case ("item", _, "curve", int()):
            model, path = Item, ("then",)  # a share, as this
        case ("item", _, str()):
            model = Item
        case ("plan" | "item", _, "wave", _, str()):
            model = Wave
        case _:
            return None
    info = model.model_fields.get(str(path[-1]))
    found = next((read for read in _reads(info.annotation, info.metadata) if read.numbers), None) if info else None
    return (found, found.numbers) if found is not None and found.numbers is not None else None


def _reads(annotation: Any, metadata: Iterable[Any]) -> Iterable[_Read]:
    yield from (one for one in metadata if isinstance(one, _Read))
    for inner in get_args(annotation):
        yield from _reads(inner, getattr(inner, "__metadata__", ()))


def _number_of_choice(family: str, key: str, name: str, table: Mapping[str, Any]) -> tuple[_Read, Numbers] | None:
    """Return the same of a parameter of a choice, which `table` names at `key`."""
    chosen = table.get(key)
    choice = choices(family).get(chosen) if isinstance(chosen, str) else None
    parameter = choice.parameter(name) if choice is not None else None
    if parameter is None or parameter.kind not in ("duration", "number", "money"):
        return None
    numbers = Numbers(
        "duration" if parameter.kind == "duration" else "number",
        parameter.minimum or 0.0,
        MOST_TICKS if parameter.maximum is None else parameter.maximum,
        exclusive=parameter.exclusive,
    )
    return _Read(parameter.read, {}, timed=True, numbers=numbers), numbers

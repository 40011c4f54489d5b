"""Checks that need more than one field, and the words for what the models find."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from viralsim.errors import did_you_mean
from viralsim.scenario.catalogue import (
    MOST_CHANCES,
    Choice,
    choices,
    complete_parameters,
    distribution_faults,
    tie_trust_faults,
    unknown_parameter,
)
from viralsim.scenario.clock import (
    date_text,
    in_zone,
    is_date,
    read_date,
    read_hours,
    read_shares,
    read_zone,
    tick_of,
)
from viralsim.scenario.locating import KeyPath, Origin
from viralsim.scenario.own_code import CodeError, is_own, load, tabulate
from viralsim.scenario.schema import (
    COMMON_NETWORK_FIELDS,
    GENERATOR_FIELDS,
    MOST_HORIZON,
    MOST_ITEMS,
    MOST_PLATFORMS,
    MOST_SEGMENTS,
    MOST_VARIANTS,
    SHARES_OF_PEOPLE,
    Advertisement,
    BrandTrust,
    Delay,
    Discovery,
    Expected,
    Individual,
    Item,
    Layer,
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
    number_reader,
    one_of,
    strangers,
    usual_sensitivity,
)
from viralsim.scenario.units import MOST_TICKS, BadValueError, read_duration, read_share, read_tick, shown, tick_text
from viralsim.scenario.unknowns import Numbers, Unknown, read_unknown
from viralsim.scenario.varying import Varied, clashes, find_of, grid_of, varied_in, vary_in_table

__all__ = ["Checks", "Finding", "findings_of"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MOST_SECONDS = 7000 * 365 * 86_400.0
"""How long a dated scenario may last."""
OWN_UNITS = 256
"""So many units of dose a response law of one's own is asked about; the last answer stays."""

# Named tables: the model of each, and the name of the one there is where none is written.
_NAMED: dict[str, tuple[type[BaseModel], str]] = {
    "platform": (Platform, "feed"),
    "segment": (Segment, "everyone"),
    "item": (Item, ""),
    "plan": (Plan, ""),
}

# Keys that DESIGN knows and a later version brings, by the table they belong to.
_LATER: dict[type[BaseModel], frozenset[str]] = {
    Scenario: frozenset({"budget", "people", "reviews", "money"}),
    Platform: frozenset({"network"}),
    Item: frozenset({"reviews"}),
    Report: frozenset({"thresholds"}),
}


@dataclass(frozen=True)
class Finding:
    """A problem whose place is still a key path; `on` says whether to point at key, value or table."""

    path: KeyPath
    message: str
    hint: str = ""
    on: str = "value"
    label: KeyPath | None = None  # the path to name where it is not the place to point at


def findings_of(detail: Any) -> list[Finding]:
    """Put one of pydantic's error details into the words of this room."""
    path: KeyPath = tuple(detail["loc"])
    kind = detail["type"]
    if kind == "value_error":
        issue = detail["ctx"]["error"]
        return [Finding((*path, *one.at), one.message, one.hint) for one in (issue, *issue.others)]
    if kind == "extra_forbidden":
        return [_unknown_key(path, detail["input"])]
    if kind == "missing":
        return [_missing(path)]
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return [Finding(path, f"expected a table; got {shown(detail['input'])}")]
    return [Finding(path, str(detail["msg"]))]


def _missing(path: KeyPath) -> Finding:
    where = {
        ("network",): "missing: a table [network] with a file or a generator",
        ("item",): "missing: a table [item.NAME] for what spreads",
        ("plan",): "missing: a table [plan.NAME.wave.NAME] for the people to start with",
    }
    names = list(choices("strategy"))
    message = next((text for key, text in where.items() if key == path), "") or {
        "wave": "missing: a table [plan.NAME.wave.NAME] for the people to start with",
        "strategy": f"missing: how people are chosen, one of {', '.join(names)}",
        "rate": "missing: how many strangers for each person engaged, such as rate = 0.01",
    }.get(str(path[-1]), "missing")
    return Finding(path[:-1], message, on="table", label=path)


def model_at(path: KeyPath) -> type[BaseModel] | None:
    """Return the model of the table at a path; None where there is none."""
    match path:
        case ():
            return Scenario
        case ("network",):
            return Network
        case ("time",):
            return Time
        case ("trust",):
            return BrandTrust
        case ("report",):
            return Report
        case (str(family), _) if family in _NAMED:
            return _NAMED[family][0]
        case ("plan" | "item", _, "wave", _):
            return Wave
        case ("network", "layer", _):
            return Layer
        case ("expected", _):
            return Expected
        case ("sweep",):
            return SweepTable
        case ("item", _, "advertisement"):
            return Advertisement
        case ("item", _, "variant", _):
            return Variant
        case ("platform", _, "discovery"):
            return Discovery
        case ("segment", _, "online"):
            return Online
        case ("price",):
            return Price
        case ("individual",):
            return Individual
    return None


# What people call some keys: those by which items touch, and those about platforms, clocks and audiences.
_OTHER_WORDS: dict[type[BaseModel], dict[str, tuple[str, ...]]] = {
    Item: {
        "after": ("trigger", "triggers", "triggered_by", "starts_after", "reacts_to", "answers"),
        "reaction_delay": ("reaction_time", "response_time", "response_delay"),
        "born_of": ("parent", "born_from", "started_by", "complaint_about"),
        "exclusive": ("excludes", "exclusive_with", "excluded_by", "exclusive_set"),
        "damage": ("harm", "trust_loss"),
        "repair": ("restore", "restores", "trust_gain"),
        "proven_false_at": ("proven_false", "disproved_at", "disproven_at", "debunked_at", "false_at"),
        "silent": ("mute", "muted", "off", "disabled"),
        "variant": ("message", "messages", "version", "versions", "wording", "creative", "creatives"),
    },
    Platform: {
        "preset": ("kind", "type", "like"),
        "cross_post": ("repost", "crosspost", "post_to", "also_on", "share_to"),
        "discovery": ("recommendations", "recommendation", "for_you", "explore", "algorithm", "strangers"),
        "feed_length": ("feed", "feed_size", "most_in_feed", "limit", "attention_limit"),
        "half_life": ("lifespan", "lifetime", "halflife"),
    },
    Segment: {
        "role": ("roles", "audience_role", "audience", "kind", "type"),
        "susceptibility": ("receptivity", "openness", "persuadability", "factor"),
        "online": ("schedule", "active", "activity", "online_hours", "daypart", "dayparts"),
    },
    Time: {
        "zone": ("timezone", "time_zone", "tz"),
        "start": ("date", "begin", "begins", "start_date", "launch", "from"),
    },
    Plan: {"serve": ("variant", "variants", "serves", "message", "messages")},
    Report: {"audiences": ("segments", "segment", "platforms", "groups", "audience")},
}
_OTHER_KEYS = {
    model: {word: key for key, words in keys.items() for word in words} for model, keys in _OTHER_WORDS.items()
}
_READ_BEFORE: dict[type[BaseModel], tuple[str, ...]] = {Platform: ("preset",)}
"""Keys that the models do not hold, since something else is made of them before."""


def _unknown_key(path: KeyPath, value: object = None) -> Finding:
    model = model_at(path[:-1])
    key = str(path[-1])
    if model is None:
        return Finding(path, "unknown key", on="key")
    home = _home(key, model)
    # (people = 20_000 at the top is no table [people] of a later version.)
    if key in _LATER.get(model, ()) and not (model is Scenario and home and isinstance(value, int | float)):
        return Finding(path, "not available yet; a later version brings it", on="key")
    own = [*_READ_BEFORE.get(model, ()), *(name for name in model.model_fields if name != "parameters")]
    # A key that is known elsewhere was not misspelt: file at the top is no title.
    meant = _OTHER_KEYS.get(model, {}).get(key.lower(), "")
    hint = f"did you mean '{meant}'?" if meant else home
    hint = hint or (did_you_mean(key, own) if len(key) <= 60 else "") or f"known here: {', '.join(own)}"
    return Finding(path, "unknown key", hint, on="key")


_HOMES: dict[str, type[BaseModel]] = {
    "at the top of the file": Scenario,
    "in [network]": Network,
    "in [platform.NAME]": Platform,
    "in [segment.NAME]": Segment,
    "in [item.NAME]": Item,
    "in [item.NAME.advertisement]": Advertisement,
    "in [plan.NAME]": Plan,
    "in [plan.NAME.wave.NAME]": Wave,
    "in [price]": Price,
    "in [trust]": BrandTrust,
    "in [time]": Time,
    "in [report]": Report,
    "in the delay of [platform.NAME]": Delay,
    "in [platform.NAME.discovery]": Discovery,
    "in [segment.NAME.online]": Online,
    "in [item.NAME.variant.NAME]": Variant,
    "in [network.layer.NAME]": Layer,
    "in [expected.NAME]": Expected,
    "in [sweep]": SweepTable,
}
_FAMILIES_AT_HOME = {"in [network]": "generator", "in the delay of [platform.NAME]": "delay"}


def _home(key: str, model: type[BaseModel]) -> str:
    """Return a hint saying which other tables have `key`; empty where none has."""
    homes = []
    for home, other in _HOMES.items():
        family = _FAMILIES_AT_HOME.get(home)
        known = (
            {parameter.name for choice in choices(family).values() for parameter in choice.parameters} if family else {}
        )
        keys = {*other.model_fields, *_READ_BEFORE.get(other, ()), *known}
        if other is not model and key != "parameters" and key in keys:
            homes.append(home)
    return f"'{key}' belongs {' or '.join(homes)}" if homes else ""


def _expanded(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError:  # nobody's home
        return Path(file)


def report_ticks(horizon: int, times: int) -> set[int]:
    """Return the ticks of a report: evenly spaced, as the engine rounds them (half to even).

    Examples
    --------
    >>> sorted(report_ticks(750, 4))
    [0, 250, 500, 750]
    """
    count = min(times, horizon + 1)
    return {0, horizon, *(round(step * (horizon / (count - 1))) for step in range(1, count - 1))}


class Checks:
    """Checks that need more than one field; `data` becomes what the models read.

    Every step takes data of any shape: what is not the table it should be is left to the models to name. With `fit`
    the times of expected numbers must be there; not so where a setting has changed what they are about.
    """

    def __init__(self, data: dict[str, Any], origin: Origin, *, allow_code: bool = False, fit: bool = True) -> None:
        self.data = data
        self.fit = fit
        self.allow_code = allow_code
        self.origin = origin
        self.findings: list[Finding] = []
        self.settled: set[KeyPath] = set()  # paths whose own check has said all there is to say
        self.tick_seconds = 3600.0
        self.unknowns: list[Unknown] = []
        self.priced = False  # whether there is a table [price], right or wrong
        self.start: dt.datetime | None = None  # when tick 0 begins, with its zone
        self.filled: dict[KeyPath, str] = {}  # what a preset has written -> where it comes from

    def add(self, path: KeyPath, message: str, hint: str = "", on: str = "value", label: KeyPath | None = None) -> None:
        """Add a finding."""
        self.findings.append(Finding(path, message, hint, on, label))

    def run(self) -> None:
        """Check everything and fill in what depends on other fields."""
        self._time()
        self._dates()
        for name, platform in self._tables("platform"):
            self._preset(name, platform)
            self._table_or_none(("platform", name, "cross_post"), platform, '{ clips = "10%" }')
            self._table_or_none(("platform", name, "discovery"), platform, "{ rate = 0.01 }")
        for name, segment in self._tables("segment"):
            self._table_or_none(("segment", name, "online"), segment, '{ hours = { "7..9" = "60%", "18..23" = 1 } }')
        self._unknowns((), self.data)
        for family in _NAMED:
            self._named(family)
        self._segments()
        for name, segment in self._tables("segment"):
            self._online(("segment", name, "online"), segment.get("online"))
        self._price()
        self._trust()
        self._network()
        for name, platform in self._tables("platform"):
            self._delay(name, platform)
            self._cross_post(name, platform)
        for name, item in self._tables("item"):
            self._item(name, item)
        for name, plan in self._tables("plan"):
            self._plan(name, plan)
        self._posted_on()
        self._touching()
        self._report()
        self._expected()
        self._sweep()

    def _tables(self, family: str) -> list[tuple[str, dict[str, Any]]]:
        tables = self.data.get(family)
        return (
            [(name, one) for name, one in tables.items() if isinstance(one, dict)] if isinstance(tables, dict) else []
        )

    def _names(self, family: str) -> list[str]:
        tables = self.data.get(family)
        return list(tables) if isinstance(tables, dict) else []

    def _time(self) -> None:
        time = self.data.setdefault("time", {})
        if not isinstance(time, dict):
            return
        try:
            self.tick_seconds = read_tick(time.get("tick", "1h"))
        except BadValueError:
            return  # the models say so; durations are then checked against 1h
        if "horizon" not in time:
            # The default is 14 days, in whole ticks of whatever length.
            time["horizon"] = int(read_duration("14d", self.tick_seconds, maximum=10**12))
            if time["horizon"] > MOST_HORIZON:
                self.add(
                    ("time", "tick"),
                    f"the default horizon, 14d, is more than {MOST_HORIZON:_} ticks of {tick_text(self.tick_seconds)}",
                    "write time.horizon, or a longer tick",
                )
                self.settled.add(("time", "horizon"))
        if "start" in time:
            with contextlib.suppress(BadValueError):  # the models say so
                start, zone = read_date(time["start"]), read_zone(time.get("zone", "UTC"))
                try:
                    self.start = in_zone(start, zone)
                except BadValueError as issue:
                    self.add(("time", "start"), issue.message, issue.hint)
                if self._horizon() * self.tick_seconds > _MOST_SECONDS:
                    self.add(("time", "start"), "with such ticks the horizon is later than the year 9999")

    def _dates(self) -> None:
        """Put ticks wherever a start is written as a date."""
        for name, item in self._tables("item"):
            self._date(("item", name), item, "proven_false_at")
            advertisement = item.get("advertisement")
            for key in ("start", "end"):
                self._date(("item", name, "advertisement"), advertisement, key)
        for family in ("plan", "item"):
            for name, table in self._tables(family):
                waves = table.get("wave")
                for key, wave in waves.items() if isinstance(waves, dict) else ():
                    self._date((family, name, "wave", key), wave, "start")

    def _date(self, path: KeyPath, table: object, key: str) -> None:
        """Put ticks where a date is written, or the default after saying what is wrong with it."""
        written = table.get(key) if isinstance(table, dict) else None
        if not isinstance(table, dict) or not is_date(written):
            return
        here = (*path, key)
        sides = written.split("..") if isinstance(written, str) and ".." in written else [written]
        ticks = [self._tick_of(here, side) for side in sides]
        if None not in ticks:
            table[key] = ticks[0] if len(ticks) == 1 else "..".join(map(str, ticks))
        elif key == "start":
            del table[key]
        else:
            table[key] = "none"

    def _tick_of(self, path: KeyPath, written: object) -> int | None:
        """Return the tick of a date, None after saying what is wrong with it."""
        try:
            date = read_date(written)
            if self.start is None:
                time = self.data.get("time")
                if not isinstance(time, dict) or "start" not in time:
                    hint = f'such as start = "{date_text(date)}" in [time]'
                    raise BadValueError("a date needs time.start, the date of tick 0", hint)
                return None  # what is wrong with that has been said
            zone = self.data["time"].get("zone", "UTC")
            tick = tick_of(in_zone(date, zone), self.start, self.tick_seconds)
        except BadValueError as issue:
            self.add(path, issue.message, issue.hint)
            return None
        horizon = self._ticks(self._written_horizon())
        if tick < 0:
            self.add(path, f"{date_text(date)} is before tick 0, {date_text(self.start)} (time.start)")
            return None
        if horizon is not None and tick > horizon:
            self.add(
                path,
                f"{date_text(date)} is tick {tick}, after the horizon, tick {horizon}",
                "make it earlier or lengthen time.horizon",
            )
            return None
        return tick

    def _table_or_none(self, path: KeyPath, table: dict[str, Any], example: str) -> None:
        """Take out a table that is written as "none", and what is no table."""
        key = str(path[-1])
        if key in table and not isinstance(table[key], dict):
            written = table.pop(key)
            if written != "none":
                self.add(path, f'expected a table such as {example}, or "none"; got {shown(written)}')

    # -- unknowns

    def _unknowns(self, path: KeyPath, table: Any) -> None:
        """Put a central value wherever a range or a distribution stands, and note what it stands for."""
        for key, value in list(table.items() if isinstance(table, dict) else enumerate(table)):
            here: KeyPath = (*path, key)
            if isinstance(value, dict) or (isinstance(value, str) and ".." in value):
                found = number_reader(here, table)
                if found is not None:
                    table[key] = self._unknown(here, value, *found)
                    continue
            if isinstance(value, dict) or (isinstance(value, list) and key == "curve"):
                self._unknowns(here, value)

    def _unknown(self, path: KeyPath, value: object, reader: Any, numbers: Numbers) -> float | int:
        """Read what stands at a number's key; return a number to go on with."""
        read = partial(reader.read, tick_seconds=self.tick_seconds) if reader.timed else reader.read
        unknown, issues = read_unknown(value, path, numbers, read, self.tick_seconds)
        for issue in issues:
            self.add((*path, *issue.at), issue.message, issue.hint)
        if unknown is None:
            return numbers.anything
        if path[-1] == "start":
            unknown = self._within_horizon(unknown)
        if path[-1] == "count" and unknown.distribution != "values" and "high" not in unknown.parameters:
            self.add(path, "missing: high, since nobody can seed more people than there are")
        if path == ("network", "trust"):
            network = self.data["network"]
            for key in ("trust_column", "tie_trust"):
                if key in network:
                    self.add(path, f"this needs one tie trust for all arcs, and {key} gives each its own")
        self.unknowns.append(unknown)
        return unknown.central

    def _within_horizon(self, unknown: Unknown) -> Unknown:
        """Hold what starts within the horizon: by what is written, or else by what is allowed."""
        try:
            horizon = read_duration(self.data["time"]["horizon"], self.tick_seconds, whole=True, maximum=MOST_HORIZON)
        except (BadValueError, TypeError, KeyError):
            return unknown  # the models say so
        held = replace(unknown, numbers=replace(unknown.numbers, high=int(horizon)))
        if held.low > horizon or held.high > horizon:
            latest = max(held.low, held.high)
            self.add(
                unknown.path,
                f"may start at tick {latest:.0f}, after the horizon, tick {horizon:.0f}",
                "start it earlier or lengthen time.horizon",
            )
        return held

    def _named(self, family: str) -> None:
        model, default = _NAMED[family]
        tables = self.data.get(family)
        if tables is None or (default and tables == {}):
            if default:
                self.data[family] = {default: {}}
            return
        if not isinstance(tables, dict):
            return
        if not tables:
            self.add((family,), f"empty: expected at least one table [{family}.NAME]", on="table")
        for name, table in tables.items():
            self._name((family, name))
            if not isinstance(table, dict) and name in model.model_fields:
                self.add((family, name), f"this belongs in a table [{family}.NAME]", on="key")
        if family == "item" and len(tables) > MOST_ITEMS:
            extra = list(tables)[MOST_ITEMS]
            self.add(("item", extra), f"at most {MOST_ITEMS} items can be played; here are {len(tables)}", on="table")
        if family == "platform" and len(tables) > MOST_PLATFORMS:
            extra = list(tables)[MOST_PLATFORMS]
            message = f"at most {MOST_PLATFORMS} platforms can be played; here are {len(tables)}"
            self.add(("platform", extra), message, on="table")

    def _segments(self) -> None:
        """Make sure that there is one segment for whoever is in no other."""
        tables = self._tables("segment")
        default = [name for name, table in tables if not table.get("where") and "share" not in table]
        for name in default[1:]:
            close = self._sibling("segment", name)
            self.add(
                ("segment", name),
                f"'{default[0]}' is for whoever is in no other segment already; this needs a `where` or a `share`",
                f"did you mean '{close}'?" if close else 'such as where = { city = "oslo" }',
                on="table",
            )
        if tables and not default:
            if "everyone" in self.data["segment"]:
                self.add(
                    ("segment", "everyone"),
                    "this name is for whoever is in no other segment; with a `where` or `share` it needs another name",
                    on="key",
                )
            self.data["segment"].setdefault("everyone", {})
        names = self._names("segment")
        if len(names) > MOST_SEGMENTS:
            message = f"at most {MOST_SEGMENTS} segments can be told apart; with the default one these are {len(names)}"
            hint = "per = ATTRIBUTE tells results for each of its values"
            self.add(("segment", tables[MOST_SEGMENTS - 1][0]), message, hint, on="table")
        firm = {name: table for name, table in tables if table.get("where") and "share" not in table}
        for name, table in tables:
            if "priority" in table and (name not in firm or len(firm) == 1):
                why = "there is no other segment with a `where` that could take the same people"
                if "share" in table:
                    why = "a segment with a share only takes people who are in no segment without one"
                elif name in default:
                    why = f"'{name}' is for whoever is in no other segment"
                self.add(("segment", name, "priority"), f"has no effect: {why}", "leave it out", on="key")
        self._overlaps(firm)
        self._shares(tables)

    def _overlaps(self, tables: Mapping[str, dict[str, Any]]) -> None:
        """Name values that two segments ask for: whether longer conditions overlap shows when the people are there."""
        seen: dict[tuple[str, str], str] = {}
        for name, table in tables.items():
            where = table["where"]
            if not isinstance(where, dict) or len(where) != 1:
                continue
            ((attribute, wanted),) = where.items()
            for value in wanted if isinstance(wanted, list) else [wanted]:
                other = name if isinstance(value, dict) else seen.setdefault((attribute, str(value)), name)
                first, second = (tables[one].get("priority") for one in (other, name))
                if other != name and (first is None or second is None or first == second):
                    self.add(
                        ("segment", name, "where", attribute),
                        f"{attribute} = {shown(value)} is in the segment '{other}' already; segments do not overlap",
                        "let a `priority` of both decide, the smaller one takes the people",
                    )

    def _online(self, path: KeyPath, table: object) -> None:
        """Name hours without effect: none at all, or nobody ever online."""
        if not isinstance(table, dict):
            return
        if "hours" not in table and "weekdays" not in table:
            if set(table) <= {"zone"}:  # (of other keys the models tell which there are)
                self.add(path, "needs hours or weekdays", 'such as hours = { "7..9" = "60%", "18..23" = 1 }', "table")
            return
        try:
            hours = read_hours(table.get("hours", [1] * 24))
            weekdays = read_shares(table.get("weekdays", [1] * 7), 7, "")
        except BadValueError:
            return  # the models say so
        if not any(hours) or not any(weekdays):
            self.add(
                (*path, "weekdays" if any(hours) else "hours"), "nobody is ever online", "leave some share above 0"
            )

    def _posted_on(self) -> None:
        """Name a platform that a setting begins, where nobody posts: the setting may have misspelt another."""
        reached = {str(wave.get("platform")) for starts in self._begun().values() for _, wave in starts}
        for name, platform in self._tables("platform"):
            targets = platform.get("cross_post")
            reached |= {target for target in targets if target != name} if isinstance(targets, dict) else set()
        for name in self._names("platform"):
            if name not in reached and self.origin.owner(("platform", name)) is not None:
                close = self._sibling("platform", name)
                hint = f"did you mean '{close}'?" if close else f'such as platform = "{name}" in a wave'
                what = "nobody posts on it: no wave, no advertisement, and no platform that is cross-posted from"
                self.add(("platform", name), what, hint, on="table")

    def _shares(self, tables: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Name the segment with which the shares of all people come to more than all."""
        total = 0.0
        for name, table in tables:
            if "share" in table and not table.get("where"):
                with contextlib.suppress(BadValueError):
                    total += read_share(table["share"])
                if total > 1.0 + 1e-9:
                    message = f"with it the shares of all people add up to {100 * total:.6g} %"
                    self.add(("segment", name, "share"), message, "at most 100 % can be shared out")
                    return

    def _price(self) -> None:
        table, path = self.data.get("price"), ("price",)
        if table is None:
            return
        self.priced = True
        names = choices("price")
        if not isinstance(table, dict):
            self.add(path, f'expected a table such as {{ model = "flat", amount = 50 }}; got {shown(table)}')
            del self.data["price"]
            return
        given = dict(table)
        del self.data["price"]
        own = {"declined": given.pop("declined")} if "declined" in given else {}
        if "model" not in given:
            self.add(path, f"missing: one of {', '.join(names)}", on="table", label=("price", "model"))
            return
        choice = self._chosen(("price", "model"), given.pop("model"), "price")
        if choice is not None:
            parameters = self._parameters(path, choice, given)
            self.data["price"] = {"model": choice.name, "parameters": parameters, **own}

    def _trust(self) -> None:
        trust = self.data.setdefault("trust", {})
        if isinstance(trust, dict):
            # The default is 30 days, in ticks of whatever length; with very short ones no duration is as long.
            trust.setdefault("half_life", min(read_duration("30d", self.tick_seconds, maximum=10**12), MOST_TICKS))
        else:
            self.add(
                ("trust",),
                f'expected a table such as {{ half_life = "30d" }}; got {shown(trust)}',
                "tie trust is network.trust, trust in the brand is segment.NAME.trust",
            )

    def _name(self, path: KeyPath) -> None:
        name = str(path[-1])
        if not _NAME.fullmatch(name):
            dashed = "-".join(name.split())
            hint = f"use '-' in place of spaces: {dashed}" if dashed != name and _NAME.fullmatch(dashed) else ""
            self.add(path, "a name is made of letters (a-z), digits, - and _, at most 100", hint, on="key")

    # -- network

    def _network(self) -> None:
        network = self.data.get("network")
        if not isinstance(network, dict):
            return
        self._tie_trust(network)
        self._attributes(network)
        file_fields = [name for name in Network.model_fields if name not in (*GENERATOR_FIELDS, *COMMON_NETWORK_FIELDS)]
        if "file" in network and "generator" in network:
            later = max(("file", "generator"), key=lambda key: self._order(("network", key)))
            self.add(("network", later), "choose one of 'file' and 'generator', not both", on="key")
            self._strangers(network)
            return
        if "file" in network:
            self._network_file(network)
        elif "generator" in network:
            self._network_generator(network, file_fields)
        else:
            self.add(
                ("network",),
                "needs a file or a generator",
                f'write file = "edges.csv" or generator = one of {", ".join(choices("generator"))}',
                on="table",
            )
            self._strangers(network)
        self._network_times(network)

    def _strangers(self, network: dict[str, Any]) -> None:
        """Take out parameters of generators, where it is not known which generator, and name unknown keys."""
        given = self._take_out(network, lambda key: key not in Network.model_fields or key == "parameters")
        known = {parameter.name for choice in choices("generator").values() for parameter in choice.parameters}
        self.findings.extend(_unknown_key(("network", key)) for key in given if key not in known)

    def _tie_trust(self, network: dict[str, Any]) -> None:
        path: KeyPath = ("network", "tie_trust")
        if "tie_trust" not in network:
            return
        table = network.pop("tie_trust")
        names = choices("tie_trust")
        if not isinstance(table, dict):
            hint = f'such as {{ from = "{table if isinstance(table, str) and table in names else "overlap"}" }}'
            self.add(path, f"expected a table that says from what; got {shown(table)}", hint)
            return
        given = dict(table)
        if "from" not in given:
            self.add(path, f"missing: one of {', '.join(names)}", on="table", label=(*path, "from"))
            return
        choice = self._chosen((*path, "from"), given.pop("from"), "tie_trust")
        if choice is None:
            return
        before = len(self.findings)
        values = self._parameters(path, choice, given)
        if len(self.findings) == before:
            for name, message, hint in tie_trust_faults(choice.name, values):
                written = name in given
                self.add((*path, name) if written else path, message, hint, on="value" if written else "table")
        network["tie_trust"] = {"origin": choice.name, "parameters": values}

    def _attributes(self, network: dict[str, Any]) -> None:
        tables = network.get("attribute")
        if isinstance(tables, dict):
            for name, table in list(tables.items()):
                self._name(("network", "attribute", name))
                tables[name] = self._attribute(("network", "attribute", name), table)
        layers = network.get("layer")
        for name in layers if isinstance(layers, dict) else ():
            self._name(("network", "layer", name))
        if isinstance(layers, dict) and layers:
            self._layers(network, list(layers))
        generator = network.get("generator")
        declared = choices("generator").get(generator) if isinstance(generator, str) else None
        made = declared.attributes if declared is not None else ()
        for name in tables if isinstance(tables, dict) else ():
            path: KeyPath = ("network", "attribute", name)
            if name in made:
                self.add(path, f"generator '{generator}' makes an attribute of this name", "take another name", "table")
            elif isinstance(layers, dict) and name.removeprefix("on_") in layers and name.startswith("on_"):
                self.add(path, f"the layer '{name[3:]}' makes an attribute of this name", "take another name", "table")

    def _layers(self, network: dict[str, Any], layers: list[str]) -> None:
        if "platform_column" in network:
            self.add(
                ("network", "layer"),
                "the rows of the file say which platform they are of: choose one of 'layer' and 'platform_column'",
                on="table",
            )
            return
        listed = ", ".join(layers)
        for name, platform in self._tables("platform"):
            written = "layer" in platform
            wanted = str(platform["layer"]) if written else name
            if wanted not in layers:
                path: KeyPath = ("platform", name, "layer") if written else ("platform", name)
                there = self.origin.find(path, "table") != (None, None)
                message = f"the network has no layer '{wanted}' for it to play; its layers are {listed}"
                close = did_you_mean(wanted, layers) if written and len(wanted) <= 60 else ""
                hint = close or f'say which one it plays: platform.{name}.layer = "{layers[0]}"'
                label = None if there else path
                self.add(path if there else ("network", "layer"), message, hint, "value" if written else "table", label)

    def _attribute(self, path: KeyPath, table: object) -> dict[str, Any]:
        if not isinstance(table, dict):
            hint = 'such as { values = { oslo = "60%", rome = "40%" } }'
            self.add(path, f"expected a table that says what people are like; got {shown(table)}", hint)
            return {}
        given = dict(table)
        if "distribution" not in given and "values" not in given:
            listed = ", ".join(name for name in choices("distribution") if name != "shares")
            self.add(path, f"needs values, each with its share, or a distribution: {listed}", on="table")
            return {}
        choice = self._chosen((*path, "distribution"), given.pop("distribution", "shares"), "distribution")
        if choice is None:
            return {}
        before = len(self.findings)
        values = self._parameters(path, choice, given)
        if len(self.findings) == before:
            for name, message, hint in distribution_faults(choice.name, values):
                self.add((*path, name), message, hint)
        return {"distribution": choice.name, "parameters": values}

    def _order(self, path: KeyPath) -> tuple[int, int]:
        setting, span = self.origin.find(path, "key")
        return (0, span.start if span else -1) if setting is None else (1, setting)

    def _take_out(self, table: dict[str, Any], taken: Callable[[str], bool]) -> dict[str, Any]:
        return {key: table.pop(key) for key in list(table) if taken(key)}

    def _network_times(self, network: dict[str, Any]) -> None:
        """Check that times of the data belong to something."""
        arcs = "start_column" in network or "end_column" in network
        people = "join_attribute" in network or "leave_attribute" in network
        for key in ("time_origin", "time_step"):
            if key in network and not arcs and not people:
                self.add(
                    ("network", key),
                    "this is about times, and none of start_column, end_column, join_attribute, leave_attribute is "
                    "named",
                    on="key",
                )
        if "time_lasts" in network and "start_column" not in network:
            self.add(("network", "time_lasts"), "this counts from start_column, and none is named", on="key")

    def _network_file(self, network: dict[str, Any]) -> None:
        shared = any("share" in table for _, table in self._tables("segment"))
        drawn = ("random_seed",) if network.get("attribute") or network.get("layer") or shared else ()
        others = self._take_out(
            network, lambda key: key not in Network.model_fields or (key in GENERATOR_FIELDS and key not in drawn)
        )
        parameters = {parameter.name for choice in choices("generator").values() for parameter in choice.parameters}
        for key in others:
            if key in parameters or key == "random_seed":
                self.add(
                    ("network", key),
                    "this belongs to a generated network; here the network is a file",
                    "a table of people is people_file" if key == "people" else "",
                    on="key",
                )
            else:
                self.findings.append(_unknown_key(("network", key)))
        for key in ("file", "people_file"):
            file = network.get(key)
            if isinstance(file, str) and file.strip() and "\0" not in file:
                # In a scenario file paths are relative to its folder; in a setting, to where the person is.
                folder = self.origin.folder if self.origin.owner(("network", key)) is None else Path()
                # (Path.resolve would follow links, which people use to name what they mean.)
                network[key] = os.path.abspath(folder / _expanded(file.strip()))  # noqa: PTH100
        if "trust_map" in network and "trust_column" not in network:
            self.add(("network", "trust_map"), "this maps the values of trust_column, and none is named", on="key")
        if "platform_names" in network and "platform_column" not in network:
            self.add(
                ("network", "platform_names"), "this names the values of platform_column, and none is named", on="key"
            )
        for key in ("people_id_column", "people_header", "people_missing"):
            if key in network and "people_file" not in network:
                self.add(("network", key), "this belongs to a table of people, and people_file names none", on="key")
        if network.get("people_header") is False and isinstance(network.get("people_id_column"), str):
            self.add(
                ("network", "people_id_column"),
                "a table without a header has no names of columns; number them from 1",
            )
        if network.get("header") is False:
            for key in (
                "source_column",
                "target_column",
                "trust_column",
                "weight_column",
                "probability_column",
                "platform_column",
                "start_column",
                "end_column",
            ):
                if isinstance(network.get(key), str):
                    self.add(
                        ("network", key),
                        "a file without a header has no names of columns; number them from 1",
                    )

    def _network_generator(self, network: dict[str, Any], file_fields: Sequence[str]) -> None:
        given = self._take_out(network, lambda key: key not in Network.model_fields or key == "parameters")
        for key in list(network):
            if key in file_fields:
                del network[key]
                self.add(
                    ("network", key),
                    "this belongs to a network that is a file; here it is generated",
                    on="key",
                )
        choice = self._chosen(("network", "generator"), network["generator"], "generator")
        if choice is None:
            return
        network["parameters"] = self._parameters(("network",), choice, given)

    def _chosen(self, path: KeyPath, value: object, family: str) -> Choice | None:
        known = choices(family)
        try:
            return known[one_of(value, known)]
        except BadValueError as issue:
            self.add(path, issue.message, issue.hint)
            return None

    def _parameters(self, path: KeyPath, choice: Choice, given: Mapping[str, object]) -> dict[str, Any]:
        values, findings = complete_parameters(choice, given, self.tick_seconds)
        for name, message, hint in findings:
            if name not in given:
                self.add(path, message, hint, on="table", label=(*path, name))
            elif choice.parameter(name) is not None:
                self.add((*path, name), message, hint)
            elif choice.family == "generator" and "belongs to" not in hint and name != "parameters":
                other = _home(name, Network) or hint or _unknown_key((*path, name)).hint
                self.add((*path, name), message, "" if other.startswith("known here") else other, on="key")
            else:
                self.add((*path, name), message, hint, on="key")
        return values

    # -- platforms and items

    def _delay(self, name: str, platform: dict[str, Any]) -> None:
        if "delay" not in platform:
            return
        path: KeyPath = ("platform", name, "delay")
        delay = platform["delay"]
        platform["delay"] = {"law": "none"}
        laws = [law for law in choices("delay") if law != "none"]
        expected = f'expected "none" or a table with one of the laws {", ".join(laws)}'
        if delay == "none":
            return
        if not isinstance(delay, dict):
            hint = ""
            if self._is_duration(delay):
                hint = f'such as {{ law = "log-normal", median = {shown(delay)}, sigma = 1.5 }}'
            elif isinstance(delay, str):
                close = did_you_mean(delay, choices("delay")) if len(delay) <= 60 else ""
                hint = 'such as { law = "geometric", mean = "6h" }' if delay in laws else close
            self.add(path, f"{expected}; got {shown(delay)}", hint)
            return
        given = dict(delay)
        if "law" not in given:
            self.add(path, "missing: one of " + ", ".join(choices("delay")), on="table", label=(*path, "law"))
            return
        if is_own(given["law"]):
            values = self._own(path, delay, range(min(self._horizon(), MOST_CHANCES - 1) + 1), 1.0)
            total = math.fsum(values or ())
            if total > 1.0 + 1e-9:
                self.add((*path, "law"), f"its chances add up to {total:.6g} up to the horizon, expected at most 1")
            elif values is not None:
                platform["delay"] = {"law": "table", "parameters": {"chances": tuple(values)}}
            return
        choice = self._chosen((*path, "law"), given.pop("law"), "delay")
        if choice is not None:
            platform["delay"] = {"law": choice.name, "parameters": self._parameters(path, choice, given)}

    def _preset(self, name: str, platform: dict[str, Any]) -> None:
        """Write what a preset says wherever nothing is written."""
        if "preset" not in platform:
            return
        written = platform.pop("preset")
        known = choices("platform")
        try:
            preset = known[one_of(written, known, also={word: one.name for one in known.values() for word in one.also})]
        except BadValueError as issue:
            self.add(("platform", name, "preset"), issue.message, issue.hint)
            return
        for key, value, source in preset.fills:
            if key not in platform:
                platform[key] = dict(value) if isinstance(value, dict) else value
                self.filled["platform", name, key] = source

    def _cross_post(self, name: str, platform: dict[str, Any]) -> None:
        targets = platform.get("cross_post")
        for target in targets if isinstance(targets, dict) else ():
            path: KeyPath = ("platform", name, "cross_post", target)
            if target == name:
                hint = f"platform.{name}.share_rate is the chance to post where one engaged"
                self.add(path, f"'{name}' cannot be cross-posted to itself", hint, on="key")
            elif target not in self._names("platform"):
                self.add(path, *self._no_such("platform", target), on="key")

    def _is_duration(self, value: object) -> bool:
        try:
            read_duration(value, self.tick_seconds, exclusive=True)
        except BadValueError:
            return False
        return True

    def _horizon(self) -> int:
        return self._ticks(self._written_horizon()) or 0  # the models say what is wrong with it

    def _written_horizon(self) -> object:
        time = self.data.get("time")
        return time.get("horizon") if isinstance(time, dict) else None

    def _ticks(self, value: object) -> int | None:
        """Return a duration in ticks, None where it is none: the models say so."""
        try:
            return int(read_duration(value, self.tick_seconds, whole=True, maximum=MOST_HORIZON))
        except BadValueError:
            return None

    def _own(self, path: KeyPath, written: object, points: range, most: float) -> list[float] | None:
        """Return the table that a function of one's own makes; None after adding what is wrong with it."""
        given = dict(written) if isinstance(written, dict) else {"law": written}
        name = str(given.pop("law"))
        at = (*path, "law") if isinstance(written, dict) else path
        module = name.partition(":")[0]
        if not self.allow_code:
            self.add(
                at,
                f"this runs code of the module '{module}', which was not allowed",
                "if you trust it: --allow-code, or allow_code=True in Python",
            )
            return None
        parameters: dict[str, Any] = {}
        for key, value in given.items():
            read = self._own_parameter(value)
            if read is None:
                self.add((*path, key), f"expected a number, a share or a duration; got {shown(value)}")
                return None
            parameters[key] = read
        try:
            return tabulate(name, load(name, self.origin.folder), points, parameters, most)
        except CodeError as error:
            self.add(at, error.message, error.hint)
            return None

    def _own_parameter(self, value: object) -> float | None:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return value
        for reader in (read_share, lambda text: read_duration(text, self.tick_seconds)):
            try:
                return float(reader(value))
            except BadValueError:
                continue
        return None

    def _own_laws(self, path: KeyPath, item: dict[str, Any]) -> None:
        """Turn functions of one's own into tables: a law into a curve, novelty into a list."""

        def named(key: str) -> bool:
            value = item.get(key)
            return is_own(value.get("law") if isinstance(value, dict) else value)

        if named("law"):
            values = self._own((*path, "law"), item["law"], range(1, OWN_UNITS + 1), 1.0)
            item["law"] = "curve"
            if "curve" in item:
                self.add((*path, "curve"), "the law's function makes the curve", "leave one of them out", on="key")
            item["curve"] = values or [0.0]
        if named("novelty"):
            item["novelty"] = self._own((*path, "novelty"), item["novelty"], range(self._horizon() + 1), 1.0) or [1.0]
        if "novelty" not in item:
            self._half_life(path, item)
        if "novelty" in item and item.get("half_life", "none") != "none":
            later = max(("novelty", "half_life"), key=lambda key: self._order((*path, key)))
            self.add((*path, later), "choose one of 'novelty' and 'half_life', not both", on="key")

    def _half_life(self, path: KeyPath, item: dict[str, Any]) -> None:
        """Let novelty fade as platforms say, where any does and the item does not."""
        written = [table["half_life"] for _, table in self._tables("platform") if "half_life" in table]
        fading = any(half_life != "none" for half_life in written)
        if fading:
            item.setdefault("half_life", "platform")
        elif item.get("half_life") == "platform":
            if not written:
                platform = (self._names("platform") or ["feed"])[0]
                hint = f'such as half_life = "19h" in [platform.{platform}]'
                self.add((*path, "half_life"), "no platform has a half-life", hint)
            item["half_life"] = "none"

    def _item(self, name: str, item: dict[str, Any]) -> None:
        path: KeyPath = ("item", name)
        self._own_laws(path, item)
        for family, default in (("kind", "content"), ("law", "independent"), ("emission", "once")):
            self._own_keys(path, family, item.get(family, default), item)
        if isinstance(item.get("kind", "content"), str):
            item.setdefault("sensitivity", usual_sensitivity(item.get("kind", "content")))
        if item.get("law", "independent") == "independent":
            self._independent(path, name, item)
        network = self.data.get("network")
        if item.get("arc_weight") == "column" and isinstance(network, dict) and "weight_column" not in network:
            self.add(
                (*path, "arc_weight"),
                '"column" needs network.weight_column, the column of a network file that holds the weights',
            )
        if isinstance(item.get("advertisement"), dict):
            self._advertisement((*path, "advertisement"), item["advertisement"], item)
        self._affinity((*path, "affinity"), item)
        self._variants((*path, "variant"), item)
        waves = item.get("wave")
        for key, wave in waves.items() if isinstance(waves, dict) else ():
            at = (*path, "wave", key)
            self._name(at)
            if not isinstance(wave, dict):
                continue
            if wave.get("item", name) != name:
                self.add((*at, "item"), f"waves in [item.{name}] start '{name}'", "leave it out, or move the wave")
            wave["item"] = name
            self._wave(at, wave)

    def _own_keys(self, path: KeyPath, family: str, name: object, table: dict[str, Any]) -> None:
        """Take out the keys of other choices of a family, and name them; name those that are missing."""
        known = choices(family)
        if not isinstance(name, str) or name not in known:
            return
        choice = known[name]
        for key in [key for key in table if key in strangers(family, name)]:
            del table[key]
            self.add((*path, key), *unknown_parameter(choice, key), on="key")
        for parameter in choice.parameters:
            if parameter.required and parameter.name not in table:
                self.add(
                    path,
                    f"missing: {family} '{name}' needs it ({parameter.help})",
                    on="table",
                    label=(*path, parameter.name),
                )

    def _advertisement(self, path: KeyPath, table: dict[str, Any], item: Mapping[str, Any]) -> None:
        law = item.get("law", "independent")
        whole = law == "fixed" or "arc_probability" in item
        if "dose" in table and "chance" in table:
            later = max(("dose", "chance"), key=lambda key: self._order((*path, key)))
            self.add((*path, later), "choose one of 'dose' and 'chance', not both", on="key")
        elif "dose" not in table and "chance" not in table:
            example = 'chance = "0.1%"' if whole else "dose = 0.5"
            self.add(path, "needs a dose or a chance per tick", f"such as {example}", on="table")
        elif "dose" in table and whole:
            what = "the law fixed counts people" if law == "fixed" else "arc_probability sets chances whole"
            self.add((*path, "dose"), f"{what}, so advertising needs a chance of its own", 'such as chance = "0.1%"')
        elif "chance" in table and law in ("curve", "uniform"):
            self.add(
                (*path, "chance"), f"the law {law} adds up doses, so advertising needs a dose", "such as dose = 0.5"
            )
        names = self._names("platform")
        if "platform" not in table:
            table["platform"] = (names or [""])[0]
        elif isinstance(table["platform"], str) and table["platform"] not in names:
            self.add((*path, "platform"), *self._no_such("platform", table["platform"]))
        self._start(path, table)
        try:
            start = read_duration(table.get("start", 0), self.tick_seconds, whole=True, maximum=MOST_HORIZON)
            end = read_duration(table["end"], self.tick_seconds, whole=True, maximum=MOST_HORIZON)
        except (BadValueError, KeyError):
            return  # the models say so, or there is no end
        if end <= start:
            self.add((*path, "end"), f"ends at tick {end:.0f}, but starts at tick {start:.0f}")

    def _independent(self, path: KeyPath, name: str, item: dict[str, Any]) -> None:
        if "stickiness" in item and "arc_probability" in item:
            later = max(("stickiness", "arc_probability"), key=lambda key: self._order((*path, key)))
            self.add((*path, later), "choose one of 'stickiness' and 'arc_probability', not both", on="key")
        elif "stickiness" not in item and "arc_probability" not in item:
            self.add(
                path,
                "needs stickiness or arc_probability",
                f"did you mean '{self._sibling('item', name)}'?"
                if self._sibling("item", name)
                else 'such as stickiness = "3%"',
                on="table",
            )
        elif "arc_probability" in item:
            written = item.setdefault("endorsement", 0.0)
            if isinstance(written, int | float) and written != 0:
                self.add(
                    (*path, "endorsement"),
                    "has no effect with arc_probability, which sets the chance of each arc whole",
                    "leave it out, or write stickiness in place of arc_probability",
                    on="key",
                )
            network = self.data.get("network")
            if item["arc_probability"] == "column" and isinstance(network, dict):
                self._probabilities((*path, "arc_probability"), network)

    def _probabilities(self, path: KeyPath, network: Mapping[str, Any]) -> None:
        """Check that the network has the chance of each arc: in a column, or from its generator."""
        generator = network.get("generator")
        if "probability_column" in network or (isinstance(generator, str) and generator not in choices("generator")):
            return
        if isinstance(generator, str):
            if not choices("generator")[generator].has_probabilities:
                able = ", ".join(name for name, one in choices("generator").items() if one.has_probabilities)
                self.add(path, f"generator '{generator}' gives arcs no chances for \"column\"; {able} does")
            return
        self.add(path, '"column" needs network.probability_column, the column of a network file that holds the chances')

    def _affinity(self, path: KeyPath, item: dict[str, Any]) -> None:
        segments = self._names("segment")
        affinity = item.get("affinity", {})
        if not isinstance(affinity, dict):
            return
        unknown = [segment for segment in affinity if segment not in segments]
        for segment in unknown:
            self.add((*path, segment), *self._no_such("segment", segment), on="key")
        item["affinity"] = {**dict.fromkeys(segments, 1.0), **affinity}

    def _variants(self, path: KeyPath, item: dict[str, Any]) -> None:
        """Check the segments that variants name, and say which segments each is for."""
        tables = item.get("variant")
        if not isinstance(tables, dict):
            return
        if not tables:
            self.add(path, f"empty: expected at least one table [item.{path[1]}.variant.NAME]", on="table")
        if len(tables) > MOST_VARIANTS:
            message = f"at most {MOST_VARIANTS} variants of an item can be played; here are {len(tables)}"
            self.add((*path, list(tables)[MOST_VARIANTS]), message, on="table")
        segments = self._names("segment")
        affinities: dict[str, dict[str, Any]] = {}
        for name, table in list(tables.items()):
            self._name((*path, name))
            if name in Variant.model_fields:
                self.add((*path, name), f"this belongs in a table [item.{path[1]}.variant.NAME]", on="key")
                tables[name] = table = {}
            if not isinstance(table, dict):
                continue
            own = table.get("affinity", {})
            affinities[name] = own if isinstance(own, dict) else {}
            for segment in affinities[name]:
                if segment not in segments:
                    self.add((*path, name, "affinity", segment), *self._no_such("segment", segment), on="key")
            target = table.get("target")
            for index, segment in enumerate(target if isinstance(target, list) else ()):
                if isinstance(segment, str) and segment not in segments:
                    self.add((*path, name, "target", index), *self._no_such("segment", segment))
        for name, table in tables.items():
            if isinstance(table, dict) and "target" not in table:
                table["target"] = [one for one in segments if self._fits_best(name, one, affinities, item)]

    def _fits_best(self, name: str, segment: str, affinities: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
        """Tell whether no other variant has a larger affinity for the segment."""
        common = item.get("affinity")
        usual = common.get(segment, 1.0) if isinstance(common, dict) else 1.0
        factors = {one: own.get(segment, usual) for one, own in affinities.items()}
        numbers = [factor for factor in factors.values() if isinstance(factor, int | float)]
        return name in factors and len(numbers) == len(factors) and factors[name] >= max(numbers)

    def _variant_of(self, path: KeyPath, name: str, variant: object) -> None:
        """Check that an item has a variant."""
        if not isinstance(variant, str) or not variant:
            return
        item = dict(self._tables("item")).get(name, {})
        variants = item.get("variant")
        if not isinstance(variants, dict) or not variants:
            hint = f"such as [item.{name}.variant.{variant if _NAME.fullmatch(variant) else 'NAME'}]"
            self.add(path, f"'{name}' has no variants", hint)
        elif variant not in variants:
            listed = ", ".join(f'"{one}"' for one in variants)
            close = did_you_mean(variant, variants) if len(variant) <= 60 else ""
            self.add(path, f"'{name}' has no variant {shown(variant)}; it has {listed}", close)

    def _serve(self, path: KeyPath, serve: object) -> None:
        for name, served in serve.items() if isinstance(serve, dict) else ():
            item = dict(self._tables("item")).get(name)
            if name not in self._names("item"):
                self.add((*path, name), *self._no_such("item", name), on="key")
            elif item is not None and not item.get("variant"):
                self.add(
                    (*path, name),
                    f"'{name}' has no variants to serve",
                    f"such as [item.{name}.variant.young] and [item.{name}.variant.general]",
                    on="key",
                )
            else:
                for segment, variant in served.items() if isinstance(served, dict) else ():
                    if segment not in self._names("segment"):
                        self.add((*path, name, segment), *self._no_such("segment", segment), on="key")
                    self._variant_of((*path, name, segment), name, variant)

    def _no_such(self, family: str, name: object) -> tuple[str, str]:
        names = self._names(family)
        listed = ", ".join(f'"{one}"' for one in names) or "none"
        close = did_you_mean(str(name), names) if len(str(name)) <= 60 else ""
        return f"there is no {family} {shown(name)}; there is {listed}", close

    def _sibling(self, family: str, name: str) -> str:
        """Name of the table that a setting probably meant, where the setting has begun a new one."""
        if self.origin.owner((family, name)) is None:
            return ""
        others = [other for other in self._names(family) if other != name]
        found = re.search("'(.*)'", did_you_mean(name, others))
        return found[1] if found else ""

    # -- plans and the report

    def _plan(self, name: str, plan: dict[str, Any]) -> None:
        path: KeyPath = ("plan", name, "wave")
        waves = plan.get("wave")
        if waves == {}:
            self.add(path, "empty: expected at least one table [plan.NAME.wave.NAME]", on="table")
        if not isinstance(waves, dict):
            return
        for key, wave in waves.items():
            self._name((*path, key))
            if isinstance(wave, dict):
                self._wave((*path, key), wave)
            elif key in Wave.model_fields:
                self.add((*path, key), f"this belongs in a table [plan.{name}.wave.NAME]", on="key")
        self._serve(("plan", name, "serve"), plan.get("serve"))

    # -- how items touch

    def _touching(self) -> None:
        """Check what items say of each other and of trust, and that it can have an effect."""
        items = dict(self._tables("item"))
        self._born(items)
        self._after(items)
        self._exclusive(items)
        begun = self._begun()
        for place, (name, item) in enumerate(items.items()):
            path: KeyPath = ("item", name)
            self._partners(path, item)
            self._priority(path, item)
            self._proven_false(path, item)
            begins = begun.get(name, [])
            if begins:
                self._begins(path, item, begins)
            elif item.get("born_of") or place == 0:
                mother = item.get("born_of")
                hint = f"whoever is dissatisfied with '{mother}' starts it at once" if mother else ""
                for key in ("after", "reaction_delay"):
                    if item.get(key):
                        what = f"this is about waves and advertising, and '{name}' has none"
                        self.add((*path, key), what, hint, on="key")
            if place and not begins and not item.get("silent"):
                self._started(path, item)
        if not any(item.get("kind") in ("testimony", "rumour") for item in items.values()):
            self._forget(("trust", "half_life"))

    def _forget(self, path: KeyPath) -> None:
        """Leave an unknown number that has no effect out of those that are drawn."""
        self.unknowns = [unknown for unknown in self.unknowns if unknown.path != path]

    def _begun(self) -> dict[str, list[tuple[KeyPath, dict[str, Any]]]]:
        """Return the waves and advertisements of every item, with their paths."""
        begun: dict[str, list[tuple[KeyPath, dict[str, Any]]]] = {}
        for family in ("plan", "item"):
            for owner, table in self._tables(family):
                waves = table.get("wave")
                for key, wave in waves.items() if isinstance(waves, dict) else ():
                    if isinstance(wave, dict) and isinstance(wave.get("item"), str):
                        begun.setdefault(wave["item"], []).append(((family, owner, "wave", key), wave))
                advertisement = table.get("advertisement") if family == "item" else None
                if advertisement is not None:
                    fields = advertisement if isinstance(advertisement, dict) else {}
                    begun.setdefault(owner, []).append((("item", owner, "advertisement"), fields))
        return begun

    def _other(self, path: KeyPath, value: object, verb: str) -> bool:
        """Tell whether `value` names an item other than the one at `path`, after saying what else is wrong with it."""
        if not isinstance(value, str) or not value:
            return False
        names = self._names("item")
        if value == path[1]:
            others = [name for name in names if name != value]
            self.add(path, f"'{value}' cannot {verb} itself", f"other items: {', '.join(others)}" if others else "")
        elif value not in names:
            message, hint = self._no_such("item", value)
            off = value.strip().lower() in ("none", "never", "no", "off", "nothing")
            self.add(path, message, 'leave it out, or write "" for none' if off and not hint else hint)
        return value in names and value != path[1]

    def _born(self, items: Mapping[str, dict[str, Any]]) -> None:
        """Check that testimonies are born of content, each of its own."""
        contents = [name for name, item in items.items() if item.get("kind", "content") == "content"]
        first: dict[str, str] = {}
        for name, item in items.items():
            path: KeyPath = ("item", name, "born_of")
            mother = item.get("born_of")
            if not isinstance(mother, str) or not self._other(path, mother, "be born of"):
                continue
            kind = items[mother].get("kind", "content") if mother in items else "content"
            if kind != "content" and isinstance(kind, str) and kind in choices("kind"):
                listed = f"content here: {', '.join(contents)}" if contents else "no item here is content"
                message = f"expected content, which people may be dissatisfied with; '{mother}' is of kind {kind}"
                self.add(path, message, listed)
            elif first.setdefault(mother, name) != name:
                self.add(
                    path,
                    f"'{first[mother]}' is born of '{mother}' already, and whoever is dissatisfied tells one thing",
                    f"leave it out and start '{name}' by a wave, or let it be born of other content",
                )

    def _after(self, items: Mapping[str, dict[str, Any]]) -> None:
        """Check that items come after others, and that not all of them wait for each other."""
        rings: set[frozenset[str]] = set()
        for name, item in items.items():
            if not self._other(("item", name, "after"), item.get("after"), "come after"):
                continue
            chain, other = [name], item["after"]
            while isinstance(other, str) and other in items and other not in chain:
                chain.append(other)
                other = items[other].get("after")
            # (Testimony that is born of content waits for nothing.)
            if other == name and len(chain) > 1 and not any(items[one].get("born_of") for one in chain):
                if frozenset(chain) not in rings:
                    message = f"they wait for each other, so none ever starts: {' after '.join([*chain, name])}"
                    self.add(("item", name, "after"), message, "let one of them start by itself: leave its `after` out")
                rings.add(frozenset(chain))

    def _exclusive(self, items: Mapping[str, dict[str, Any]]) -> None:
        """Check that sets have members; who writes "" for an item has taken it out on purpose."""
        sets: dict[str, list[str]] = {}
        for name, item in items.items():
            if isinstance(item.get("exclusive"), str):
                sets.setdefault(item["exclusive"], []).append(name)
        if "" in sets:
            return
        for one, members in sets.items():
            if len(members) == 1:
                close = did_you_mean(one, [other for other in sets if other != one]) if len(one) <= 60 else ""
                if one in items and one != members[0]:
                    close = f"this is the name of a set: write exclusive = {shown(one)} for '{one}' too"
                self.add(
                    ("item", members[0], "exclusive"),
                    f"'{members[0]}' is the only item of the set {shown(one)}: it excludes nothing",
                    close or "write the same for the other items, or leave it out",
                )

    def _partners(self, path: KeyPath, item: Mapping[str, Any]) -> None:
        """Name keys that mean nothing without another one; who switches that one off need not take them out."""
        for key, partner, off, what in (
            ("after_reach", "after", "", "the item that must reach so many"),
            ("disproof", "proven_false_at", "none", "the time from which on it counts"),
        ):
            if key not in item:
                continue
            if partner not in item:
                self.add((*path, key), f"needs `{partner}`, {what}", on="key")
            elif item[partner] == off:
                self._forget((*path, key))

    def _priority(self, path: KeyPath, item: Mapping[str, Any]) -> None:
        orders = item.get("exclusive") is not None or item.get("emission") == "contact"
        written = item.get("priority", 0)
        if isinstance(written, int) and written and not orders and item.get("kind", "content") == "content":
            self.add(
                (*path, "priority"),
                f"this orders what changes trust, contacts, and the items of an exclusive set; '{path[1]}' is none of "
                "these",
                'such as exclusive = "either-or" for it and another item',
                on="key",
            )

    def _earliest(self, path: KeyPath, value: object) -> int | None:
        """Return a time in ticks, the earliest if it is not known; None where it is no time."""
        unknown = next((one for one in self.unknowns if one.path == path), None)
        return self._ticks(value) if unknown is None else math.ceil(unknown.low)

    def _proven_false(self, path: KeyPath, item: Mapping[str, Any]) -> None:
        at = self._earliest((*path, "proven_false_at"), item.get("proven_false_at"))
        horizon = self._ticks(self._written_horizon())
        if at is not None and horizon is not None and at > horizon:
            self.add(
                (*path, "proven_false_at"),
                f"proven false at tick {at}, after the horizon, tick {horizon}",
                'make it earlier, lengthen time.horizon, or write "none"',
            )

    def _begins(self, path: KeyPath, item: Mapping[str, Any], begins: Sequence[tuple[KeyPath, dict[str, Any]]]) -> None:
        """Name a reaction so late that nothing of the item begins before the horizon."""
        delay = self._earliest((*path, "reaction_delay"), item.get("reaction_delay", 0))
        horizon = self._ticks(self._written_horizon())
        starts = [self._earliest((*at, "start"), table.get("start", 0)) for at, table in begins]
        if not delay or horizon is None or None in starts:
            return
        first = min(start for start in starts if start is not None)
        at = first + delay + (1 if item.get("after") else 0)  # nobody is reached before the end of tick 0
        if first <= horizon < at:
            self.add(
                (*path, "reaction_delay"),
                f"with it '{path[1]}' starts at tick {at} at the earliest, after the horizon, tick {horizon}",
                "make it shorter or lengthen time.horizon",
            )

    def _started(self, path: KeyPath, item: Mapping[str, Any]) -> None:
        """Name an item beside the first that nothing starts: a setting may have misspelt it."""
        name, mother = str(path[1]), item.get("born_of")
        close = self._sibling("item", name)
        if not mother:
            hint = f"did you mean '{close}'?" if close else f"such as [item.{name}.wave.first]"
            born = ""
            if item.get("kind") == "testimony":
                born = ", and it is born of nothing"
                contents = [one for one, table in self._tables("item") if table.get("kind", "content") == "content"]
                hint += f' or born_of = "{contents[0]}"' if contents and not close else ""
            self.add(path, f"nothing starts it: no wave, no advertisement{born}", hint, on="table")
        elif all("satisfaction" not in segment for _, segment in self._tables("segment")):
            segment = (self._names("segment") or ["everyone"])[0]
            self.add(
                (*path, "born_of"),
                f"nobody starts it: everybody is satisfied with '{mother}', since no segment says otherwise",
                f'such as satisfaction = "90%" in [segment.{segment}]',
            )

    def _wave(self, path: KeyPath, wave: dict[str, Any]) -> None:
        for family in ("item", "platform"):
            names = self._names(family)
            if family not in wave:
                wave[family] = (names or [""])[0]  # (whatever report.item says: [report] changes no realisation)
            elif isinstance(wave[family], str) and wave[family] not in names:
                self.add((*path, family), *self._no_such(family, wave[family]))
        self._start(path, wave)
        if isinstance(wave["item"], str) and wave["item"] in self._names("item"):
            self._variant_of((*path, "variant"), wave["item"], wave.get("variant"))
        known = choices("strategy")
        strategy = wave.get("strategy")
        if not isinstance(strategy, str) or strategy not in known:
            plan = str(path[1])
            if "strategy" not in wave and self._sibling("plan", plan):
                self.add(
                    path,
                    "missing: how people are chosen",
                    f"did you mean '{self._sibling('plan', plan)}'?",
                    "table",
                    (*path, "strategy"),
                )
            return
        self._own_keys(path, "strategy", strategy, wave)
        if strategy == "degree-discount" and "probability" not in wave:
            self._probability_of_item(wave)
        for parameter in known[strategy].parameters:
            if parameter.default is not None:
                wave.setdefault(parameter.name, parameter.default)
        if known[strategy].parameter("count") is not None and not {"count", "budget"} & set(wave):
            self.add(path, "missing: how many people, count, or for how much money, budget", on="table")
        if "budget" in wave and "price" not in wave and not self.priced:
            self.add(
                (*path, "budget"),
                "a budget needs prices",
                'such as [price] with model = "flat" and amount = 50, or a price for this wave: price = 50',
            )

    def _probability_of_item(self, wave: dict[str, Any]) -> None:
        """Let degree discount reckon with the chance of an arc that the item has, where that is one number."""
        items = self.data.get("item")
        item = items.get(wave["item"]) if isinstance(items, dict) and isinstance(wave["item"], str) else None
        if isinstance(item, dict) and "arc_probability" in item:
            with contextlib.suppress(BadValueError):
                wave["probability"] = read_share(item["arc_probability"])

    def _start(self, path: KeyPath, wave: Mapping[str, Any]) -> None:
        time = self.data.get("time")
        if "start" not in wave or not isinstance(time, dict):
            return
        try:
            start = read_duration(wave["start"], self.tick_seconds, whole=True, maximum=MOST_HORIZON)
            horizon = read_duration(time.get("horizon"), self.tick_seconds, whole=True, maximum=MOST_HORIZON)
        except BadValueError:
            return  # the models say so
        if start > horizon:
            self.add(
                (*path, "start"),
                f"starts at tick {start:.0f}, after the horizon, tick {horizon:.0f}",
                "start it earlier or lengthen time.horizon",
            )

    def _main_item(self) -> str:
        report = self.data.get("report")
        named = report.get("item") if isinstance(report, dict) else None
        names = self._names("item")
        return named if isinstance(named, str) and named in names else (names or [""])[0]

    def _report(self) -> None:
        report = self.data.setdefault("report", {})
        if not isinstance(report, dict):
            return
        names = self._names("item")
        if "item" not in report:
            report["item"] = self._main_item()
        elif isinstance(report["item"], str) and report["item"] not in names:
            self.add(("report", "item"), *self._no_such("item", report["item"]))

    # -- numbers to reproduce

    def _expected(self) -> None:
        tables = self.data.get("expected")
        for name, table in tables.items() if isinstance(tables, dict) else ():
            self._name(("expected", name))
            if isinstance(table, dict):
                self._expectation(("expected", name), table)
            elif name in Expected.model_fields:
                self.add(("expected", name), "this belongs in a table [expected.NAME]", on="key")

    def _expectation(self, path: KeyPath, table: dict[str, Any]) -> None:
        plans = self._names("plan")
        for family, default in (("item", self._main_item()), ("plan", (plans or [""])[0])):
            if family not in table:
                table[family] = default
            elif isinstance(table[family], str) and table[family] not in self._names(family):
                self.add((*path, family), *self._no_such(family, table[family]))
        metric = table.get("metric")
        if not isinstance(metric, str) or metric not in (*choices("metric"), *SHARES_OF_PEOPLE):
            return  # the models say so
        share = metric in ("viral_chance", "trust") or metric in SHARES_OF_PEOPLE
        for key in ("value", "tolerance"):
            amount = table.get(key)
            if isinstance(amount, str) and "%" in amount and not share:
                hint = f"{metric}_share is a share of all people" if f"{metric}_share" in SHARES_OF_PEOPLE else ""
                self.add((*path, key), f"expected a number, in the unit of {metric}; got {shown(amount)}", hint)
            elif key == "value" and share and isinstance(amount, int | float) and amount > 1:
                self.add((*path, key), f"{metric} is a share, from 0 to 1; got {shown(amount)}")
        if metric == "viral_chance" and table.get("given") == "viral":
            self.add((*path, "given"), "of the realisations that go viral all do", "leave it out")
        # (Settings of its own may change the report; they are checked with the scenario that they make.)
        if self.fit and table.get("at", "end") != "end" and not table.get("settings"):
            self._moment((*path, "at"), metric, table["at"])

    def _moment(self, path: KeyPath, metric: str, at: object) -> None:
        """Check that a curve of the metric is there, and has a point at this tick."""
        curves = ("reach", "impressions", "engaged", "shares", *SHARES_OF_PEOPLE, "trust")
        if metric not in curves:
            self.add(path, f"{metric} has no curve over time; {', '.join(curves)} have", "leave it out")
            return
        try:
            tick = int(read_duration(at, self.tick_seconds, whole=True, maximum=MOST_HORIZON))
        except BadValueError:
            return  # the models say so
        horizon, report = self._horizon(), self.data.get("report")
        times = report.get("times", 100) if isinstance(report, dict) else 100
        if tick > horizon:
            self.add(path, f"tick {tick} is after the horizon, tick {horizon}")
        elif isinstance(times, int) and 2 <= times <= 200 and tick not in report_ticks(horizon, times):
            fitting = next((n for n in range(2, min(200, horizon + 1) + 1) if tick in report_ticks(horizon, n)), None)
            hint = f"report.times = {fitting} has it" if fitting else f'settings = ["time.horizon={tick}"] ends there'
            self.add(path, f"tick {tick} is not among the report times, {times} from 0 to {horizon}", hint)

    # -- what a sweep varies

    def _sweep(self) -> None:
        sweep = self.data.get("sweep")
        if not isinstance(sweep, dict):
            return
        path: KeyPath = ("sweep",)
        if "realisations" in sweep and "precision" in sweep:
            self.add((*path, "precision"), "realisations say how many already", "keep one of the two", on="key")
        for one, other in (("find", "until"), ("until", "find")):
            if one in sweep and other not in sweep:
                example = 'find = "item.NAME.stickiness"' if other == "find" else 'until = "viral_chance >= 50%"'
                self.add((*path, one), f"this needs {other} as well", f"such as {example}", on="key")
        design, samples = sweep.get("design", "grid"), sweep.get("samples")
        if design == "grid" and "samples" in sweep:
            designs = ", ".join(name for name in choices("design") if name != "grid")
            self.add((*path, "samples"), "a grid plays every combination", f"samples are for {designs}", on="key")
        if design == "sobol" and isinstance(samples, int) and samples > 0 and samples & (samples - 1):
            near = 1 << round(math.log2(samples))
            self.add((*path, "samples"), f"the design sobol takes powers of two; got {samples}", f"such as {near}")
        self._varied(sweep, str(design))

    def _varied(self, sweep: Mapping[str, Any], design: str) -> None:
        table = sweep.get("vary")
        if not isinstance(table, dict):
            return
        varied: list[Varied] = []
        places: list[KeyPath] = []
        for keys, given in varied_in(table):
            try:
                varied.append(one := vary_in_table(keys, given))
            except BadValueError:
                continue  # the models say so
            places.append(("sweep", "vary", *keys))
            if design == "grid" and one.values is None:
                self.add(places[-1], "a grid needs to know how many values", f'"{grid_of(one)}"')
        for index, message in clashes(varied):
            self.add(places[index], message, on="key")
        with contextlib.suppress(BadValueError):  # the models say so
            wanted = find_of(sweep.get("find"))
            if any(index == len(varied) for index, _ in clashes([*varied, wanted])):
                self.add(("sweep", "find"), f"{wanted.path} is varied as well", "leave out one of the two")

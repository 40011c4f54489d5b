"""From a TOML file and settings to a `Scenario`, or to every problem at once, each at its place.

The order of things: text -> what tomllib reads -> settings applied -> checks across fields, which also fill in what
depends on other fields -> the models, which check every single value. Problems of all steps come out together, in
the order of the file, settings last.
"""

from __future__ import annotations

import copy
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from viralsim.errors import Problem, ScenarioError, did_you_mean
from viralsim.scenario.catalogue import Choice, choices, complete_parameters, unknown_parameter
from viralsim.scenario.locating import (
    KeyPath,
    Layout,
    Span,
    excerpt,
    line_and_column,
    locate,
    path_text,
    split_path,
)
from viralsim.scenario.schema import (
    COMMON_NETWORK_FIELDS,
    GENERATOR_FIELDS,
    MOST_HORIZON,
    Item,
    Network,
    Plan,
    Platform,
    Report,
    Scenario,
    Segment,
    Time,
    Wave,
    one_of,
)
from viralsim.scenario.units import BadValueError, read_duration, read_number, read_tick, shown, tick_text

__all__ = ["check", "init_text", "read_scenario", "scenario_from_text"]

MOST_BYTES = 10_000_000
"""The largest scenario file read."""
FIRST_LOOK = "first-look"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_START_HINT = "`viralsim init` prints a scenario to start from"

# Named tables: the model of each, and the name of the one there is where none is written.
_NAMED: dict[str, tuple[type[BaseModel], str]] = {
    "platform": (Platform, "feed"),
    "segment": (Segment, "everyone"),
    "item": (Item, ""),
    "plan": (Plan, ""),
}

# Keys that DESIGN knows and a later version brings, by the table they belong to.
_LATER: dict[type[BaseModel], frozenset[str]] = {
    Scenario: frozenset({"sweep", "budget", "people", "reviews", "money"}),
    Platform: frozenset({"network", "cross_post", "share_rate", "feed"}),
    Segment: frozenset(
        {"where", "role", "roles", "conversion", "satisfaction", "baseline", "trust", "half_life"}
    ),
    Item: frozenset(
        {
            "sensitivity",
            "emission",
            "activity",
            "stifle",
            "stop",
            "curve",
            "then",
            "threshold",
            "priority",
            "exclusive",
            "variant",
            "wave",
            "trigger",
            "triggers",
            "born_of",
            "damage",
            "scar",
            "heal",
            "repair",
            "proven_false_at",
            "disproof",
            "advertisement",
            "reviews",
        }
    ),
    Wave: frozenset({"budget", "price", "prices"}),
    Report: frozenset({"segments", "thresholds"}),
}


def read_scenario(source: str | os.PathLike[str] | None = None, *, settings: Sequence[str] = ()) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    source : str or path, optional
        The file; the packaged first-look scenario where None.
    settings : sequence of str
        Further "path=value", as `--set` gives them: the value is read as TOML and, where it is none, taken as text.
        A setting that picks an alternative (network.file in place of network.generator, another generator, strategy,
        delay law, arc_probability in place of stickiness) puts aside what the file says about the one it replaces.

    Returns
    -------
    Scenario
        With every default explicit.

    Raises
    ------
    ScenarioError
        With every problem found, in the order of the file.

    Examples
    --------
    >>> scenario = read_scenario(settings=["item.content.stickiness=3%"])
    >>> scenario.item["content"].stickiness
    0.03
    >>> read_scenario(settings=["item.content.stickines=3%"])
    Traceback (most recent call last):
    viralsim.errors.ScenarioError: --set item.content.stickines=3%: item.content.stickines: unknown key
      hint: did you mean 'stickiness'?
    """
    if source is None:
        path = _packaged(FIRST_LOOK)
        name = path.name
    else:
        path = Path(source)
        name = _printable(os.fspath(source))
    return _build(_file_text(path, name), name, path.parent, tuple(settings))


def scenario_from_text(text: str, *, name: str = "<text>", settings: Sequence[str] = ()) -> Scenario:
    """Read a scenario from text.

    Parameters
    ----------
    text : str
        TOML text.
    name : str
        What error messages call it.
    settings : sequence of str
        As in `read_scenario`.

    Raises
    ------
    ScenarioError
        With every problem found, in the order of the text.

    Examples
    --------
    >>> text = '''
    ... network.generator = "karate-club"
    ... item.post.arc_probability = 0.1
    ... plan.one.wave.first = { strategy = "explicit", people = [0] }
    ... '''
    >>> scenario_from_text(text).plan["one"].wave["first"].people
    (0,)
    """
    return _build(text, _printable(name), Path(), tuple(settings))


def check(source: str | os.PathLike[str] | None = None, settings: Sequence[str] = ()) -> list[Problem]:
    """Return every problem of a scenario file, in the order of the file; an empty list where it is valid.

    Examples
    --------
    >>> check()
    []
    >>> [problem.hint for problem in check(settings=["time.horizon=6 hrs"])]
    ["units are s, min, h (hr, hour), d (day), w (week); did you mean 'hr'?"]
    """
    try:
        read_scenario(source, settings=settings)
    except ScenarioError as error:
        return list(error.problems)
    return []


def init_text(template: str = FIRST_LOOK) -> str:
    """Return the text of a packaged scenario, commented, to start from.

    Raises
    ------
    ScenarioError
        If there is no such template.

    Examples
    --------
    >>> init_text().splitlines()[0][:1]
    '#'
    """
    known = templates()
    if template not in known:
        raise ScenarioError(
            [
                Problem(
                    f"no template {shown(template)}; there are {', '.join(known)}",
                    hint=did_you_mean(template, known),
                )
            ]
        )
    return _file_text(_packaged(template), f"{template}.toml")


def templates() -> list[str]:
    """Return the names of the packaged scenarios.

    Examples
    --------
    >>> "first-look" in templates()
    True
    """
    return sorted(path.stem for path in _packaged(FIRST_LOOK).parent.glob("*.toml"))


def _packaged(name: str) -> Path:
    """In the wheel the scenarios lie inside the package, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "scenarios" / f"{name}.toml"
    return inside if inside.exists() else package.parent / "scenarios" / f"{name}.toml"


def with_settings(scenario: Scenario, settings: Sequence[str]) -> Scenario:
    """Read `scenario` again with further settings."""
    origin = scenario._origin
    if origin is None:
        return _build(scenario.toml(), scenario.source, Path(), tuple(settings))
    return _build(origin.layout.text, origin.name, origin.folder, (*origin.settings, *settings))


# ---------------------------------------------------------------------------------------------------------
# The text


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name.encode("utf-8", "replace").decode())


def _file_text(path: Path, name: str) -> str:
    def fail(message: str, hint: str = "") -> ScenarioError:
        return ScenarioError([Problem(message, place=name, hint=hint)])

    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise fail("there is no such file", _near(path) or _START_HINT) from None
    except IsADirectoryError:
        inside = sorted(_names_in(path))[:3]
        listed = f"it holds {', '.join(inside)}" if inside else ""
        raise fail("this is a folder; expected a scenario file (.toml)", listed) from None
    except PermissionError:
        raise fail("no permission to read this file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise fail(f"cannot be read: {reason}") from None
    if len(raw) > MOST_BYTES:
        raise fail(
            f"larger than {MOST_BYTES // 1_000_000} MB; a scenario is a short TOML file",
            'if this is the network, name it in a scenario: file = "..." under [network]',
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise fail("this is UTF-16 text; TOML is UTF-8", "save it as UTF-8")
    if b"\0" in raw or raw.startswith(b"\x1f\x8b"):
        raise fail("this is a binary file; expected a scenario in TOML text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        problem = Problem(
            f"this is not UTF-8 text (byte 0x{raw[error.start]:02x})",
            place=f"{name}:{line}:{column}",
            hint="save it as UTF-8",
        )
        raise ScenarioError([problem]) from None


def _names_in(folder: Path) -> Iterator[str]:
    try:
        yield from (_printable(entry.name) for entry in folder.iterdir() if entry.suffix == ".toml")
    except OSError:
        return


def _near(path: Path) -> str:
    return did_you_mean(_printable(path.name), list(_names_in(path.parent))[:1000])


_SYNTAX = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)


def _parsed(text: str, name: str) -> Layout:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        layout = locate(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([_syntax_problem(str(error), text, name)]) from None
    except RecursionError:
        raise ScenarioError([Problem("lists or tables are nested too deeply", place=name)]) from None
    except ValueError:  # int() refuses thousands of digits
        found = re.search(r"[0-9_]{1000,}", text)
        raise ScenarioError(
            [_at(name, text, found.start() if found else 0, "this number has too many digits")]
        ) from None
    if not layout.data:
        raise ScenarioError([Problem("the file is empty: it sets nothing", place=name, hint=_START_HINT)])
    return layout


def _at(name: str, text: str, offset: int, message: str, hint: str = "") -> Problem:
    line, column = line_and_column(text, offset)
    return Problem(
        message, place=f"{name}:{line}:{column}", hint=hint, excerpt=excerpt(text, Span(offset, offset + 1))
    )


_WORDS = {
    "Expected '=' after a key in a key/value pair": "expected '=' after a key",
    "Expected newline or end of document after a statement": "expected the end of the line after a value",
    "Invalid value": "expected a value",
    "Invalid statement": "expected a key, a [table] or a comment",
    "Cannot overwrite a value": "this key is written twice",
    "Unterminated string": "a string without its closing quote",
    "Expected ']' at the end of a table declaration": "expected ']' at the end of a table's name",
    "Unclosed array": "a list without its closing ']'",
    "Unclosed inline table": "a table without its closing '}'",
    "Invalid initial character for a key part": "expected a key",
}


def _syntax_problem(error: str, text: str, name: str) -> Problem:
    found = _SYNTAX.fullmatch(error)
    what = found["what"] if found else error
    if found and found["line"]:
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in lines[: int(found["line"]) - 1])
        offset = before + int(found["column"]) - 1
    else:
        offset = len(text.rstrip())
    begin = text.rfind("\n", 0, offset) + 1
    line = text[begin : text.find("\n", begin) if "\n" in text[begin:] else len(text)]
    what = _WORDS.get(what, what[:1].lower() + what[1:])
    if what.startswith("cannot declare"):
        what = "this table is begun twice"
    elif what.startswith("illegal character") and text[offset : offset + 1] == "\n":
        what = "a string without its closing quote"
    return _at(name, text, offset, f"not TOML: {what}", _syntax_hint(line))


def _syntax_hint(line: str) -> str:
    found = re.fullmatch(r"\s*([^=#\[\]]+?)\s*=\s*(.*?)\s*(?:#.*)?", line)
    if not found:
        return (
            "tables are written [network], values key = value"
            if re.fullmatch(r"\s*[\w.-]+\s*:.*", line)
            else ""
        )
    value = found[2]
    if value in ("True", "False"):
        return f"write {value.lower()}"
    if re.fullmatch(r"\.[0-9]+", value):
        return f"write 0{value}"
    if value.lower() in ("null", "nil", "none", "~", ""):
        return "leave the line out to use the default"
    if re.fullmatch(r"[^\s\"'\[\]{},=#][^\"'\[\]{},=#]*", value):
        return f'write it between quotes: "{value}"'
    return ""


# ---------------------------------------------------------------------------------------------------------
# Settings, and where everything comes from


@dataclass(frozen=True)
class _Setting:
    text: str
    path: KeyPath
    value: object


@dataclass
class Origin:
    """Where each part of a scenario was written: in the text, or by a setting."""

    name: str
    folder: Path
    settings: tuple[str, ...]
    layout: Layout
    owners: dict[KeyPath, int] = field(default_factory=dict)

    def owner(self, path: KeyPath) -> int | None:
        """Return the index of the setting that wrote `path`, or None."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.owners:
                return self.owners[path[:length]]
            if path[:length] in self.layout.keys:
                return None
        return None

    def find(self, path: KeyPath, on: str = "value") -> tuple[int | None, Span | None]:
        """Return the setting, or else the span in the text, to blame; the nearest enclosing table in doubt."""
        setting = self.owner(path)
        if setting is not None:
            return setting, None
        wanted = {"key": self.layout.key, "value": self.layout.value, "table": self.layout.table}[on]
        span = wanted(path) or (self.layout.table(path) if on != "key" else None)
        while span is None and path:
            path = path[:-1]
            span = self.layout.table(path)
        return None, span

    def place(self, path: KeyPath, on: str = "value") -> str:
        """Return the place of `path` as text."""
        setting, span = self.find(path, on)
        if setting is not None:
            return f"--set {self.settings[setting]}"
        line, column = line_and_column(self.layout.text, span.start) if span else (1, 1)
        return f"{self.name}:{line}:{column}"


def _read_setting(text: str) -> _Setting:
    expected = "expected path=value, such as item.content.stickiness=3%"
    shown_text = _printable(text)
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
    return _Setting(shown_text, path, _setting_value(value))


def _setting_value(text: str) -> object:
    """Return a TOML value, or the text itself where it is none; no key takes a date, so that is text too."""
    try:
        read = tomllib.loads(f"v = {text}")
    except (ValueError, RecursionError):
        return text
    value = read.pop("v")
    return value if not read and isinstance(value, str | bool | int | float | list | dict) else text


def _apply(setting: _Setting, index: int, data: dict[str, Any], origin: Origin) -> Problem | None:
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


def _put_aside(setting: _Setting, data: dict[str, Any], origin: Origin) -> None:
    """Drop what the file says about the alternative that a setting replaces, so that a choice is one setting."""
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


def _is_replaced(key: str, setting: _Setting, table: Mapping[str, Any]) -> bool:
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
            return (
                any(choice.parameter(key) for choice in known.values())
                and known[value].parameter(key) is None
            )
    return False


# ---------------------------------------------------------------------------------------------------------
# Checks


@dataclass(frozen=True)
class _Finding:
    path: KeyPath
    message: str
    hint: str = ""
    on: str = "value"
    label: KeyPath | None = None  # the path to name where it is not the place to point at


def _build(text: str, name: str, folder: Path, settings: tuple[str, ...]) -> Scenario:
    layout = _parsed(text, name)
    problems: list[Problem] = []
    read: list[_Setting] = []
    for text_of_setting in settings:
        try:
            read.append(_read_setting(text_of_setting))
        except ScenarioError as error:
            problems.extend(error.problems)
    origin = Origin(name, folder, tuple(setting.text for setting in read), layout)
    try:
        data = copy.deepcopy(layout.data)
        for index, setting in enumerate(read):
            problem = _apply(setting, index, data, origin)
            if problem:
                problems.append(problem)
        checks = _Checks(data, origin)
        checks.run()
        scenario = _validated(checks)
    except RecursionError:
        raise ScenarioError([Problem("lists or tables are nested too deeply", place=name)]) from None
    problems = [_problem(finding, origin) for finding in _in_order(checks.findings, origin)] + problems
    if problems or scenario is None:
        raise ScenarioError(problems)
    # Settings are kept as they were given, to be read again.
    origin.settings = settings
    scenario._origin = origin
    return scenario


def _in_order(findings: Sequence[_Finding], origin: Origin) -> list[_Finding]:
    def key(finding: _Finding) -> tuple[int, int]:
        setting, span = origin.find(finding.path, finding.on)
        return (0, span.start if span else -1) if setting is None else (1, setting)

    return sorted(findings, key=key)


def _problem(finding: _Finding, origin: Origin) -> Problem:
    setting, span = origin.find(finding.path, finding.on)
    label = path_text(finding.path if finding.label is None else finding.label)
    return Problem(
        f"{label}: {finding.message}" if label else finding.message,
        place=origin.place(finding.path, finding.on),
        hint=finding.hint,
        excerpt=excerpt(origin.layout.text, span) if span is not None and setting is None else "",
    )


def _validated(checks: _Checks) -> Scenario | None:
    """Return the scenario, or None after adding what the models find to the findings."""
    try:
        scenario = Scenario.model_validate(checks.data, context={"tick_seconds": checks.tick_seconds})
    except ValidationError as error:
        known = {finding.label or finding.path for finding in checks.findings}
        for detail in error.errors(include_url=False, include_input=True):
            finding = _finding_of(detail, checks.origin)
            if (finding.label or finding.path) not in known and finding.path not in checks.settled:
                checks.findings.append(finding)
        return None
    return scenario


def _finding_of(detail: Any, origin: Origin) -> _Finding:
    path: KeyPath = tuple(detail["loc"])
    kind = detail["type"]
    if kind == "value_error":
        issue = detail["ctx"]["error"]
        return _Finding(path, str(issue), getattr(issue, "hint", ""))
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "missing":
        return _missing(path)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return _Finding(path, f"expected a table; got {shown(detail['input'])}")
    return _Finding(path, str(detail["msg"]))


def _missing(path: KeyPath) -> _Finding:
    where = {
        ("network",): "missing: a table [network] with a file or a generator",
        ("item",): "missing: a table [item.NAME] for what spreads",
        ("plan",): "missing: a table [plan.NAME.wave.NAME] for the people to start with",
    }
    names = list(choices("strategy"))
    message = where.get(path) or {
        "wave": "missing: a table [plan.NAME.wave.NAME] for the people to start with",
        "strategy": f"missing: how people are chosen, one of {', '.join(names)}",
    }.get(str(path[-1]), "missing")
    return _Finding(path[:-1], message, on="table", label=path)


def _model_at(path: KeyPath) -> type[BaseModel] | None:
    match path:
        case ():
            return Scenario
        case ("network",):
            return Network
        case ("time",):
            return Time
        case ("report",):
            return Report
        case (str(family), _) if family in _NAMED:
            return _NAMED[family][0]
        case ("plan", _, "wave", _):
            return Wave
    return None


def _unknown_key(path: KeyPath) -> _Finding:
    model = _model_at(path[:-1])
    key = str(path[-1])
    if model is None:
        return _Finding(path, "unknown key", on="key")
    if key in _LATER.get(model, ()):
        return _Finding(path, "not available yet; a later version brings it", on="key")
    own = [name for name in model.model_fields if name != "parameters"]
    hint = did_you_mean(key, own) if len(key) <= 60 else ""
    if not hint:
        homes = [
            home
            for home, other in _HOMES.items()
            if other is not model and key in other.model_fields and key != "parameters"
        ]
        hint = f"'{key}' belongs in {' or '.join(homes)}" if homes else ""
    if not hint:
        hint = f"known here: {', '.join(own)}"
    return _Finding(path, "unknown key", hint, on="key")


_HOMES: dict[str, type[BaseModel]] = {
    "the top of the file": Scenario,
    "[network]": Network,
    "[platform.NAME]": Platform,
    "[segment.NAME]": Segment,
    "[item.NAME]": Item,
    "[plan.NAME.wave.NAME]": Wave,
    "[time]": Time,
    "[report]": Report,
}


class _Checks:
    """Checks that need more than one field; `data` becomes what the models read.

    Every step takes data of any shape: what is not the table it should be is left to the models, which say so.
    """

    def __init__(self, data: dict[str, Any], origin: Origin) -> None:
        self.data = data
        self.origin = origin
        self.findings: list[_Finding] = []
        self.settled: set[KeyPath] = set()  # paths whose own check has said all there is to say
        self.tick_seconds = 3600.0

    def add(
        self, path: KeyPath, message: str, hint: str = "", on: str = "value", label: KeyPath | None = None
    ) -> None:
        """Add a finding."""
        self.findings.append(_Finding(path, message, hint, on, label))

    def run(self) -> None:
        """Check everything and fill in what depends on other fields."""
        self._time()
        for family in _NAMED:
            self._named(family)
        self._network()
        for name, platform in self._tables("platform"):
            self._delay(name, platform)
        for name, item in self._tables("item"):
            self._item(name, item)
        for name, plan in self._tables("plan"):
            self._plan(name, plan)
        self._report()

    def _tables(self, family: str) -> list[tuple[str, dict[str, Any]]]:
        tables = self.data.get(family)
        return (
            [(name, one) for name, one in tables.items() if isinstance(one, dict)]
            if isinstance(tables, dict)
            else []
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
                self.add(
                    (family, name),
                    "expected a table; its keys belong under a name",
                    f"write [{family}.NAME], then {name} = ...",
                    on="key",
                )
        first, *others = list(tables) or [""]
        if family == "plan":
            return
        for other in others:
            hint = did_you_mean(other, [first]) if self.origin.owner((family, other)) is not None else ""
            self.add(
                (family, other),
                f"only one {family} can be played yet; this is one more after '{first}'",
                hint,
                on="table",
            )

    def _name(self, path: KeyPath) -> None:
        if not _NAME.fullmatch(str(path[-1])):
            self.add(path, "a name is made of letters (a-z), digits, - and _, at most 100", on="key")

    # -- network

    def _network(self) -> None:
        network = self.data.get("network")
        if not isinstance(network, dict):
            return
        file_fields = [
            name for name in Network.model_fields if name not in (*GENERATOR_FIELDS, *COMMON_NETWORK_FIELDS)
        ]
        if "file" in network and "generator" in network:
            later = max(("file", "generator"), key=lambda key: self._order(("network", key)))
            self.add(("network", later), "choose one of 'file' and 'generator', not both", on="key")
            self._take_out(network, lambda key: key not in Network.model_fields or key == "parameters")
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
            given = self._take_out(
                network, lambda key: key not in Network.model_fields or key == "parameters"
            )
            known = {
                parameter.name for choice in choices("generator").values() for parameter in choice.parameters
            }
            self.findings.extend(_unknown_key(("network", key)) for key in given if key not in known)

    def _order(self, path: KeyPath) -> tuple[int, int]:
        setting, span = self.origin.find(path, "key")
        return (0, span.start if span else -1) if setting is None else (1, setting)

    def _take_out(self, table: dict[str, Any], taken: Callable[[str], bool]) -> dict[str, Any]:
        return {key: table.pop(key) for key in list(table) if taken(key)}

    def _network_file(self, network: dict[str, Any]) -> None:
        others = self._take_out(
            network, lambda key: key not in Network.model_fields or key in GENERATOR_FIELDS
        )
        parameters = {
            parameter.name for choice in choices("generator").values() for parameter in choice.parameters
        }
        for key in others:
            if key in parameters or key == "random_seed":
                self.add(
                    ("network", key),
                    "this belongs to a generated network; here the network is a file",
                    on="key",
                )
            else:
                self.findings.append(_unknown_key(("network", key)))
        file = network["file"]
        if isinstance(file, str) and file.strip() and "\0" not in file:
            # In a scenario file paths are relative to its folder; in a setting, to where the person is.
            folder = self.origin.folder if self.origin.owner(("network", "file")) is None else Path()
            network["file"] = os.path.abspath(folder / Path(file.strip()).expanduser())  # noqa: PTH100  # resolve() would follow links
        if network.get("header") is False:
            for key in (
                "source_column",
                "target_column",
                "trust_column",
                "weight_column",
                "probability_column",
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
            elif choice.family == "generator" and not hint and name != "parameters":
                home = _unknown_key((*path, name))
                self.add((*path, name), message, home.hint if "did you mean" in home.hint else "", on="key")
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
            if isinstance(delay, str):
                close = did_you_mean(delay, choices("delay")) if len(delay) <= 60 else ""
                hint = 'such as { law = "geometric", mean = "6h" }' if delay in laws else close
            self.add(path, f"{expected}; got {shown(delay)}", hint)
            return
        given = dict(delay)
        if "law" not in given:
            self.add(path, "missing: one of " + ", ".join(choices("delay")), on="table", label=(*path, "law"))
            return
        choice = self._chosen((*path, "law"), given.pop("law"), "delay")
        if choice is not None:
            platform["delay"] = {"law": choice.name, "parameters": self._parameters(path, choice, given)}

    def _item(self, name: str, item: dict[str, Any]) -> None:
        path: KeyPath = ("item", name)
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
            if (
                item["arc_probability"] == "column"
                and isinstance(network, dict)
                and "probability_column" not in network
            ):
                self.add(
                    (*path, "arc_probability"),
                    '"column" needs network.probability_column, the column of a network file that holds the chances',
                )
        self._affinity((*path, "affinity"), item)

    def _affinity(self, path: KeyPath, item: dict[str, Any]) -> None:
        segments = self._names("segment")
        affinity = item.get("affinity", {})
        if not isinstance(affinity, dict):
            return
        unknown = [segment for segment in affinity if segment not in segments]
        for segment in unknown:
            self.add((*path, segment), *self._no_such("segment", segment), on="key")
        for segment, factor in affinity.items():
            try:
                # Here and not by the model, so that the place is the factor and not the whole table.
                read_number(factor, 0.0, 1e6)
            except BadValueError as issue:
                self.add((*path, segment), issue.message, issue.hint)
                self.settled.add(path)
        item["affinity"] = {**dict.fromkeys(segments, 1.0), **affinity}

    def _no_such(self, family: str, name: object) -> tuple[str, str]:
        names = self._names(family)
        listed = ", ".join(f"'{one}'" for one in names) or "none"
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
                self.add(
                    (*path, key),
                    "expected a table; its keys belong under a name",
                    f"write [plan.{name}.wave.NAME]",
                    on="key",
                )

    def _wave(self, path: KeyPath, wave: dict[str, Any]) -> None:
        for family in ("item", "platform"):
            names = self._names(family)
            if family not in wave:
                wave[family] = self._main_item() if family == "item" else (names or [""])[0]
            elif isinstance(wave[family], str) and wave[family] not in names:
                self.add((*path, family), *self._no_such(family, wave[family]))
        self._start(path, wave)
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
        choice = known[strategy]
        every = {parameter.name for other in known.values() for parameter in other.parameters}
        for key in [key for key in wave if key in every]:
            if choice.parameter(key) is None:
                del wave[key]
                self.add((*path, key), *unknown_parameter(choice, key), on="key")
        for parameter in choice.parameters:
            if parameter.required and parameter.name not in wave:
                self.add(
                    path,
                    f"missing: strategy '{strategy}' needs it ({parameter.help})",
                    on="table",
                    label=(*path, parameter.name),
                )

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

"""From a TOML file and settings to a `Scenario`, or to every problem at once, each at its place.

The order of things: text -> what tomllib reads -> settings applied -> checks across fields, which also fill
in what depends on other fields -> the models, which check every single value. Problems of all steps come out
together, in the order of the file, settings last.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from viralsim.errors import Problem, ScenarioError, UsageError, did_you_mean
from viralsim.scenario.checking import Checks, Finding, findings_of
from viralsim.scenario.locating import (
    KeyPath,
    Layout,
    Origin,
    Span,
    excerpt,
    line_and_column,
    locate,
    path_text,
    printable,
    split_path,
)
from viralsim.scenario.schema import Scenario, SweepTable
from viralsim.scenario.settings import (
    Given,
    Setting,
    SettingsLike,
    apply_setting,
    copied,
    given_settings,
    read_setting,
)
from viralsim.scenario.toml_text import toml_value
from viralsim.scenario.units import number_hint, shown
from viralsim.scenario.varying import PLAN, Varied, varied_in

__all__ = [
    "check",
    "classic_names",
    "for_expected",
    "init_text",
    "read_classic",
    "read_scenario",
    "scenario_from_text",
    "templates",
    "varied_problems",
]

MOST_BYTES = 10_000_000
"""The largest scenario file read."""
MOST_PROBLEMS = 100
"""The most problems told at once."""
FIRST_LOOK = "first-look"
CLASSICS = "classics"
_START_HINT = "`viralsim init` prints a scenario to start from"


def read_scenario(
    source: str | os.PathLike[str] | None = None, *, settings: SettingsLike = (), allow_code: bool = False
) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    source : str or path, optional
        The file; the packaged first-look scenario where None.
    settings : sequence of str, or mapping of str to object
        Further "path=value", as `--set` gives them: the value is read as TOML and, where it is none, taken as
        text. Or {path: value}, where the value is such a text or what TOML gives: a number, a list ... A
        setting that picks an alternative (network.file in place of network.generator, another generator,
        strategy or delay law, arc_probability in place of stickiness) puts aside what the file says about the
        one it replaces.
    allow_code : bool
        Whether functions of one's own that the scenario names ("module:function") may be run. Without it such a
        scenario is refused.

    Returns
    -------
    Scenario
        With every default explicit.

    Raises
    ------
    ScenarioError
        With every problem found, in the order of the file.
    UsageError
        If the settings are no such sequence or mapping, e.g. a single text.

    Examples
    --------
    >>> scenario = read_scenario(settings=["item.content.stickiness=3%"])
    >>> scenario.item["content"].stickiness
    0.03
    >>> read_scenario(settings={"network.people": 500, "time.horizon": "7d"}).time.horizon
    168
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
        name = printable(os.fspath(source))
    return _build(_file_text(path, name), name, path.parent, given_settings(settings), allow_code)


def scenario_from_text(
    text: str, *, name: str = "<text>", settings: SettingsLike = (), allow_code: bool = False
) -> Scenario:
    """Read a scenario from text.

    Parameters
    ----------
    text : str
        TOML text.
    name : str
        What error messages call it.
    settings : sequence of str, or mapping of str to object
        As in `read_scenario`.
    allow_code : bool
        As in `read_scenario`; modules are looked for in the working directory.

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
    return _build(text, printable(name), Path(), given_settings(settings), allow_code)


def check(
    source: str | os.PathLike[str] | None = None, settings: SettingsLike = (), *, allow_code: bool = False
) -> list[Problem]:
    """Return every problem of a scenario file, in the order of the file; an empty list where it is valid.

    Examples
    --------
    >>> check()
    []
    >>> [problem.hint for problem in check(settings=["time.horizon=6 hrs"])]
    ["units are s, min, h (hr, hour), d (day), w (week); did you mean 'hr'?"]
    """
    try:
        read_scenario(source, settings=settings, allow_code=allow_code)
    except ScenarioError as error:
        return list(error.problems)
    return []


def init_text(template: str = FIRST_LOOK) -> str:
    """Return the text of a packaged scenario, commented, to start from.

    Parameters
    ----------
    template : str
        One of `templates`, or "classics/NAME" for one of `classic_names`.

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
    classics = [f"{CLASSICS}/{name}" for name in classic_names()]
    if template not in known and template not in classics:
        message = f"no template '{printable(template)}'; there are {', '.join(known)}, {CLASSICS}/NAME"
        raise ScenarioError([Problem(message, hint=did_you_mean(template, [*known, *classics]))])
    return _file_text(_packaged(template), f"{template}.toml")


def templates() -> list[str]:
    """Return the names of the packaged scenarios, the classics left out.

    Examples
    --------
    >>> "first-look" in templates()
    True
    """
    return sorted(path.stem for path in _packaged(FIRST_LOOK).parent.glob("*.toml"))


def classic_names() -> list[str]:
    """Return the names of the classical models that are packaged as scenarios.

    Examples
    --------
    >>> "bass" in classic_names()
    True
    """
    return sorted(path.stem for path in (_packaged(FIRST_LOOK).parent / CLASSICS).glob("*.toml"))


def read_classic(name: str, settings: SettingsLike = ()) -> Scenario:
    """Read the packaged scenario of a classical model.

    Parameters
    ----------
    name : str
        One of `classic_names`.
    settings : sequence of str, or mapping of str to object
        As in `read_scenario`.

    Raises
    ------
    UsageError
        There is no such classic.
    ScenarioError
        The settings do not fit it.

    Examples
    --------
    >>> read_classic("bass").item["product"].emission
    'contact'
    """
    known = classic_names()
    if name not in known:
        raise UsageError(f"no classic '{name}'; there are {', '.join(known)}", hint=did_you_mean(name, known))
    path = _packaged(f"{CLASSICS}/{name}")
    return _build(_file_text(path, path.name), f"{CLASSICS}/{path.name}", path.parent, given_settings(settings))


def _packaged(name: str) -> Path:
    """In the wheel the scenarios lie inside the package, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "scenarios" / f"{name}.toml"
    return inside if inside.exists() else package.parent / "scenarios" / f"{name}.toml"


def with_settings(scenario: Scenario, settings: SettingsLike) -> Scenario:
    """Read `scenario` again with further settings."""
    origin = scenario._origin
    if origin is None:
        return _build(scenario.toml(), scenario.source, Path(), given_settings(settings))
    given = (*origin.given, *given_settings(settings))
    return _build(origin.layout, origin.name, origin.folder, given, origin.allow_code)


def for_expected(scenario: Scenario, name: str) -> Scenario:
    """Return the scenario that one of its expected numbers is about: with the settings of `expected.NAME`.

    Parameters
    ----------
    scenario : Scenario
    name : str
        One of `scenario.expected`.

    Returns
    -------
    Scenario
        With this expected number alone.

    Examples
    --------
    >>> setting = "expected.few={metric='reach', value=9, settings=['network.people=500']}"
    >>> for_expected(read_scenario(settings=[setting]), "few").network.parameters["people"]
    500
    """
    row, origin = scenario.expected[name], scenario._origin
    if origin is None:
        return _build(scenario.toml(), scenario.source, Path(), row.settings, only=name)
    given = (*origin.given, *row.settings)
    return _build(origin.layout, origin.name, origin.folder, given, origin.allow_code, only=name)


# ---------------------------------------------------------------------------------------------------------
# The text


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
            _network_hint(name),
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise fail("this is UTF-16 text; TOML is UTF-8", "save it as UTF-8")
    if raw.startswith(b"\x1f\x8b"):
        raise fail("this is a gzip file; expected a scenario in TOML text", _network_hint(name))
    if b"\0" in raw:
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
        yield from (printable(entry.name) for entry in folder.iterdir() if entry.suffix == ".toml")
    except OSError:
        return


def _near(path: Path) -> str:
    return did_you_mean(printable(path.name), list(_names_in(path.parent))[:1000])


_SYNTAX = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)


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
        span = Span(*found.span()) if found else Span(0, 1)
        raise ScenarioError([_at(name, text, span, "this number has too many digits")]) from None
    if not layout.data:
        raise ScenarioError([Problem("the file is empty: it sets nothing", place=name, hint=_START_HINT)])
    return layout


def _at(name: str, text: str, span: Span, message: str, hint: str = "") -> Problem:
    line, column = line_and_column(text, span.start)
    return Problem(message, place=f"{name}:{line}:{column}", hint=hint, excerpt=excerpt(text, span))


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
    if what.endswith("twice"):  # found at its end; shown whole
        span = Span(begin + len(line) - len(line.lstrip()), begin + len(line.rstrip()))
        hint = _first_written(text[:begin], line)
    else:
        span = Span(offset, offset + 1)
        hint = _network_hint(name) if _is_row(text[:begin], line) else _syntax_hint(line)
    return _at(name, text, span, f"not TOML: {what}", hint)


def _network_hint(name: str) -> str:
    file = shlex.quote(f"network.file={name}") if not name.startswith("<") else "network.file=edges.csv"
    return f"if this is a network, it goes into network.file: viralsim run --set {file}"


def _is_row(before: str, line: str) -> bool:
    """Tell whether a text that is not TOML begins with the row of an edge list."""
    if any(above.strip() and not above.lstrip().startswith("#") for above in before.split("\n")):
        return False
    row = line.strip()
    return (
        re.match(r"[\[{]|[\w.-]*\s*=", row) is None
        and re.search(r"[^,;\t]\s*[,;\t]\s*[^,;\t]|^[0-9]+ +[0-9]+", row) is not None
    )


def _first_written(before: str, line: str) -> str:
    """Say where a key or table that `line` repeats was first written; "" where that is not plain."""
    try:
        layout = locate(before)
        if line.lstrip().startswith("["):
            path = split_path(line.partition("#")[0].strip().strip("[]").strip())
            span, advice = layout.table(path), "put all its keys there"
        else:
            headers = sorted((span, path) for path, span in layout.tables.items())
            path = (*(headers[-1][1] if headers else ()), *split_path(line.partition("=")[0].strip()))
            span, advice = layout.key(path), "keep one of the two"
    except (ValueError, RecursionError):
        return ""
    return f"it is first written on line {line_and_column(before, span.start)[0]}; {advice}" if span else ""


_SMART_QUOTES = "“”„‟‘’‚‛«»"


def _syntax_hint(line: str) -> str:
    plain = re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", line)
    if any(quote in plain for quote in _SMART_QUOTES):
        quoted = re.search(f"[{_SMART_QUOTES}]([^{_SMART_QUOTES}\"']*)[{_SMART_QUOTES}]", plain)
        return f'use straight quotes: "{quoted[1]}"' if quoted else "use straight quotes"
    header = re.fullmatch(r"\s*(\[\[?)([^\[\]\"'=]*\S\s+[^\[\]\"'=.\s][^\[\]\"'=]*)(\]\]?)\s*", plain)
    if header:
        dashed = ".".join("-".join(part.split()) for part in header[2].split("."))
        return f"names have no spaces; use '-': {header[1]}{dashed}{header[3]}"
    spaced = re.match(r"\s*(\w+(?:[ \t]+\w+)+)\s*=", plain)
    if spaced:
        return f"keys have no spaces; use '_': {'_'.join(spaced[1].split())}"
    found = re.fullmatch(r"\s*([^=#\[\]]+?)\s*=\s*(.*?)\s*(?:#.*)?", line)
    if not found:
        return "tables are written [network], values key = value" if re.fullmatch(r"\s*[\w.-]+\s*:.*", line) else ""
    value = found[2]
    if value in ("True", "False"):
        return f"write {value.lower()}"
    if re.fullmatch(r"\.[0-9]+", value):
        return f"write 0{value}"
    if value.lower() in ("null", "nil", "none", "~", ""):
        return "leave the line out to use the default"
    if number_hint(value):
        return number_hint(value)
    if _is_toml(value):
        return ""
    if re.fullmatch(r"[^\s\"'\[\]{},=#][^\"'\[\]{},=#]*", value):
        return f'write it between quotes: "{value}"'
    return ""


def _is_toml(value: str) -> bool:
    try:
        tomllib.loads(f"v = {value}")
    except (ValueError, RecursionError):
        return False
    return True


# ---------------------------------------------------------------------------------------------------------
# All together


def _build(
    text: str | Layout,
    name: str,
    folder: Path,
    settings: tuple[Given, ...],
    allow_code: bool = False,
    only: str | None = None,
) -> Scenario:
    """Build a scenario from its text and settings; with `only` this expected number, its settings made already.

    A sweep reads one text thousands of times, each with other settings: the layout that was made of it will do.
    """
    layout = text.afresh() if isinstance(text, Layout) else _parsed(text, name)
    problems: list[Problem] = []
    read: list[Setting] = []
    for given in settings:
        try:
            read.append(read_setting(given))
        except ScenarioError as error:
            problems.extend(error.problems)
    origin = Origin(name, folder, tuple(setting.text for setting in read), settings, layout, allow_code=allow_code)
    try:
        data = copied(layout.data)
        for index, setting in enumerate(read):
            problem = apply_setting(setting, index, data, origin)
            if problem:
                problems.append(problem)
        if only is not None:
            data["expected"] = {only: {k: v for k, v in data["expected"][only].items() if k != "settings"}}
        # Who changes a scenario with settings need not change its expected numbers; comparing finds what does not fit.
        fit = only is not None or not settings
        written = frozenset(_keys(data))
        checks = Checks(data, origin, allow_code=allow_code, fit=fit)
        checks.run()
        scenario = _validated(checks)
    except RecursionError:
        raise ScenarioError([Problem("lists or tables are nested too deeply", place=name)]) from None
    found = _in_order(checks.findings, origin)
    problems = [_problem(finding, origin) for finding in found[:MOST_PROBLEMS]] + problems
    if len(found) > MOST_PROBLEMS:
        problems.append(Problem(f"and {len(found) - MOST_PROBLEMS} more problems", place=name))
    if problems or scenario is None:
        raise ScenarioError(problems)
    scenario._origin, scenario._written, scenario._filled = origin, written, checks.filled
    scenario._unknowns = tuple(sorted(checks.unknowns, key=lambda unknown: unknown.name))
    for row in scenario.expected if fit else ():
        problems += _problems_of_settings(scenario, row, origin)
    if scenario.sweep is not None and fit and only is None:
        problems += _problems_of_sweep(scenario, scenario.sweep, origin)
    if problems:
        raise ScenarioError(problems)
    return scenario


def _keys(table: Mapping[str, Any], path: KeyPath = ()) -> Iterator[KeyPath]:
    for key, value in table.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from _keys(value, (*path, key))


def _problems_of_settings(scenario: Scenario, name: str, origin: Origin) -> list[Problem]:
    """Return what is wrong with the settings of an expected number, each at the place of the list."""
    if not scenario.expected[name].settings:
        return []
    try:
        for_expected(scenario, name)
    except ScenarioError as error:
        path: KeyPath = ("expected", name, "settings")
        return [
            _problem(Finding(path, f"{found.place}: {found.message}".removeprefix("--set "), found.hint), origin)
            for found in error.problems
        ]
    return []


def varied_problems(scenario: Scenario, varied: Iterable[Varied]) -> list[Problem]:
    """Return what is wrong with the values of a sweep, each tried alone: of ranges both ends, of lists the first 100.

    Parameters
    ----------
    scenario : Scenario
        What is varied.
    varied : iterable of Varied
        The keys and their values.

    Returns
    -------
    list of Problem
        Each at its "--vary"; empty where there is none.

    Examples
    --------
    >>> from viralsim.scenario.varying import read_varied
    >>> print(varied_problems(read_scenario(), [read_varied("item.content.stickines=1%:5%:3")])[0])
    --vary item.content.stickines=1%:5%:3: item.content.stickines: unknown key
      hint: did you mean 'stickiness'?
    """
    return [
        Problem(message, place=f"--vary {printable(one.text)}", hint=hint)
        for one in varied
        for message, hint in _faults(scenario, one)
    ]


def _problems_of_sweep(scenario: Scenario, sweep: SweepTable, origin: Origin) -> list[Problem]:
    """Return the same of a table [sweep], each at its place in the file."""
    vary = origin.layout.data["sweep"].get("vary", {})
    tried = [(("vary", *keys), one) for (keys, _), one in zip(varied_in(vary), sweep.vary, strict=True)]
    tried += [(("find",), sweep.find)] if sweep.find is not None else []
    return [
        _problem(Finding(("sweep", *keys), message, hint, label=()), origin)
        for keys, one in tried
        for message, hint in _faults(scenario, one)
    ]


def _faults(scenario: Scenario, varied: Varied) -> list[tuple[str, str]]:
    """Return messages and hints of the first value that the scenario does not take."""
    if varied.path == PLAN:
        wrong = next((plan for plan in varied.values or () if plan not in scenario.plan), None)
        hint = did_you_mean(str(wrong), scenario.plan)
        return [] if wrong is None else [(f"no plan {shown(wrong)}; there are {', '.join(scenario.plan)}", hint)]
    values = varied.values or (varied.low, varied.high)
    for value in (values[0], values[-1]) if varied.is_range else values[:MOST_PROBLEMS]:
        try:
            with_settings(scenario, {varied.path: value})
        except ScenarioError as error:
            told = f"with {toml_value(value)}: "
            return [
                (found.message if found.message.startswith(varied.path) else told + found.message, found.hint)
                for found in error.problems
            ]
    return []


def _in_order(findings: Sequence[Finding], origin: Origin) -> list[Finding]:
    def key(finding: Finding) -> tuple[int, int]:
        setting, span = origin.find(finding.path, finding.on)
        return (0, span.start if span else -1) if setting is None else (1, setting)

    return sorted(findings, key=key)


def _problem(finding: Finding, origin: Origin) -> Problem:
    setting, span = origin.find(finding.path, finding.on)
    label = path_text(finding.path if finding.label is None else finding.label)
    return Problem(
        f"{label}: {finding.message}" if label else finding.message,
        place=origin.place(finding.path, finding.on),
        hint=finding.hint,
        excerpt=excerpt(origin.layout.text, span) if span is not None and setting is None else "",
    )


def _validated(checks: Checks) -> Scenario | None:
    """Return the scenario, or None after adding what the models find to the findings."""
    try:
        scenario = Scenario.model_validate(checks.data, context={"tick_seconds": checks.tick_seconds})
    except ValidationError as error:
        known = {finding.label or finding.path for finding in checks.findings}
        for detail in error.errors(include_url=False, include_input=True):
            checks.findings.extend(
                finding
                for finding in findings_of(detail)
                if (finding.label or finding.path) not in known and finding.path not in checks.settled
            )
        return None
    return scenario

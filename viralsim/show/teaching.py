"""The lessons of the lab page: a question, a prediction, an experiment on a scenario and its explanation.

Each lesson is a folder of `viralsim/show/lessons`: `scenario.toml` (any scenario of viralsim), `lesson.toml` (what is
shown and played) and its words in each language. The numbers that the words name stand once, in `lesson.toml`, as what
300 realisations give; a test plays them again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from viralsim.errors import Problem, ScenarioError, did_you_mean
from viralsim.scenario import Scenario, scenario_from_text
from viralsim.scenario.catalogue import choices

__all__ = ["LANGUAGES", "Lesson", "LessonWords", "Slider", "Step", "lessons", "read_lesson"]

LANGUAGES = ("en", "el")
"""The languages of the lab page: English and Greek."""

STATISTICS = ("mean", "low", "median", "high", "viral")
"""What a step may find of a plan: mean, 5 %, median and 95 % of the lesson's metric, and the viral chance."""

Made = TypeVar("Made")

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Slider:
    """From where to where a number of the scenario can be moved, and by how much at a time.

    Parameters
    ----------
    low, high, step : float
        Shares are fractions, times ticks.
    """

    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Step:
    """One step of an experiment.

    Parameters
    ----------
    set : mapping of str to float
        What is set before it is played, by path; all else is as the scenario says.
    plan : str
        The plan that is played.
    play : int
        How many realisations: 1 is looked at person by person, more are counted.
    realisation : int
        The first of them.
    finds : mapping of str to mapping of str to float
        What 300 realisations give, by plan: some of `STATISTICS`.
    """

    set: Mapping[str, float]
    plan: str
    play: int
    realisation: int
    finds: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class LessonWords:
    """The words of a lesson in one language, numbers filled in.

    Parameters
    ----------
    title, question, source : str
        Title, what is asked, and the work that the lesson rests on.
    options : tuple of str
        The answers to choose from.
    steps : tuple of str
        What to do in each step, and what to look at.
    explanation : tuple of str
        Paragraphs: what was seen, why, and what the model leaves out.
    """

    title: str
    question: str
    options: tuple[str, ...]
    steps: tuple[str, ...]
    explanation: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Lesson:
    """One lesson of the lab page.

    Parameters
    ----------
    name : str
        Its folder.
    order : int
        Its place among the lessons.
    scenario : Scenario
        What is played.
    controls : tuple of str
        Paths of the numbers that can be changed.
    sliders : mapping of str to Slider
        Their ranges, one for each control.
    answer : int
        Which option is right, from 0.
    metric : str
        What is compared.
    compare : tuple of str
        Two plans to play side by side; empty where there is one.
    steps : tuple of Step
        The experiment.
    facts : mapping of str to float
        Further numbers that the words name.
    words : mapping of str to LessonWords
        By language.

    Examples
    --------
    >>> lesson = lessons()[0]
    >>> lesson.name, lesson.metric, lesson.words["en"].title
    ('threshold', 'engaged', 'Why stickiness has a threshold')
    """

    name: str
    order: int
    scenario: Scenario
    controls: tuple[str, ...]
    sliders: Mapping[str, Slider]
    answer: int
    metric: str
    compare: tuple[str, ...]
    steps: tuple[Step, ...]
    facts: Mapping[str, float]
    words: Mapping[str, LessonWords]


@cache
def lessons() -> tuple[Lesson, ...]:
    """Return the lessons of the lab page, in their order.

    Raises
    ------
    ScenarioError
        If a file of a lesson is not as it should be.

    Examples
    --------
    >>> [lesson.name for lesson in lessons()][:2]
    ['threshold', 'hubs-and-bridges']
    """
    folder = files("viralsim.show") / "lessons"
    found = [read_lesson(Path(str(one))) for one in folder.iterdir() if one.is_dir() and not one.name.startswith("_")]
    return tuple(sorted(found, key=lambda lesson: (lesson.order, lesson.name)))


def read_lesson(folder: Path) -> Lesson:
    """Read the lesson of a folder.

    Parameters
    ----------
    folder : Path
        With scenario.toml, lesson.toml, en.toml and el.toml.

    Raises
    ------
    ScenarioError
        If a file is missing or not as it should be, with its name and the key.

    Examples
    --------
    >>> from importlib.resources import files
    >>> read_lesson(Path(str(files("viralsim.show") / "lessons" / "threshold"))).order
    1
    """
    scenario = scenario_from_text(_text(folder / "scenario.toml"), name=_name(folder / "scenario.toml"))
    table = _Table(folder / "lesson.toml", _data(folder / "lesson.toml"))
    plans = list(scenario.plan)
    sliders = dict(table.tables("slider", _slider))
    controls = tuple(table.texts("controls", among=list(sliders)))
    for path in sliders:
        if path not in controls:
            raise table.problem(f"slider.{path}", "is not among the controls", did_you_mean(path, controls))
    metric = table.text("metric", among=list(choices("metric")))
    compare = tuple(table.texts("compare", among=plans, least=2, most=2)) if "compare" in table.data else ()
    facts = {key: table.number(key, value) for key, value in table.take("facts", dict, {}).items()}
    steps = tuple(table.list_of("steps", lambda one: _step(one, plans, sliders)))
    order, answer = table.whole("order", 1), table.whole("answer", 0)
    table.nothing_else()
    for path, values in [(path, (one.low, one.high)) for path, one in sliders.items()]:
        for value in values:
            _try(table, scenario, f"slider.{path}", {path: value})
    for number, one in enumerate(steps, start=1):
        _try(table, scenario, f"steps {number}: set", one.set)
    words = {}
    for language in LANGUAGES:
        file = folder / f"{language}.toml"
        words[language] = _words(_Table(file, _data(file)), language, answer, metric, steps, facts)
    if len({len(one.options) for one in words.values()}) > 1:
        raise table.problem("options", "their number differs between the languages")
    return Lesson(
        folder.name,
        order,
        scenario,
        controls,
        MappingProxyType(sliders),
        answer,
        metric,
        compare,
        steps,
        MappingProxyType(facts),
        MappingProxyType(words),
    )


class _Table:
    """A TOML table whose keys are taken one by one, with errors that name file and key."""

    def __init__(self, file: Path, data: dict[str, Any], within: str = "") -> None:
        self.file, self.data, self.within, self.taken = file, data, within, set[str]()

    def problem(self, key: str, message: str, hint: str = "") -> ScenarioError:
        place = f"{_name(self.file)}: {self.within}{key}"
        return ScenarioError([Problem(message, place=place, hint=hint)])

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        self.taken.add(key)
        value = self.data.get(key, default)
        if value is None:
            raise self.problem(key, "missing", did_you_mean(key, set(self.data) - self.taken))
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.problem(key, f"expected {_KINDS[kind]}; got {value!r}")
        return value

    def text(self, key: str, *, among: list[str] | None = None) -> str:
        value: str = self.take(key, str)
        if not value.strip():
            raise self.problem(key, "is empty")
        if among is not None and value not in among:
            raise self.problem(key, f"'{value}' is none of {', '.join(among)}", did_you_mean(value, among))
        return value

    def texts(self, key: str, *, among: list[str] | None = None, least: int = 1, most: int = 99) -> list[str]:
        values = self.take(key, list)
        if not (least <= len(values) <= most and all(isinstance(one, str) and one.strip() for one in values)):
            raise self.problem(key, f"expected a list of {least} to {most} texts; got {values!r}")
        for one in values:
            if among is not None and one not in among:
                raise self.problem(key, f"'{one}' is none of {', '.join(among)}", did_you_mean(one, among))
        return list(values)

    def number(self, key: str, value: object = None) -> float:
        given = self.take(key, (int, float)) if value is None else value
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise self.problem(key, f"expected a number; got {given!r}")
        return given

    def whole(self, key: str, least: int, default: int | None = None) -> int:
        value: int = self.take(key, int, default)
        if value < least:
            raise self.problem(key, f"expected at least {least}; got {value}")
        return value

    def tables(self, key: str, make: Callable[[_Table], Made]) -> Iterator[tuple[str, Made]]:
        for name, one in self.take(key, dict).items():
            if not isinstance(one, dict):
                raise self.problem(f"{key}.{name}", f"expected a table; got {one!r}")
            inner = _Table(self.file, one, f"{self.within}{key}.{name}.")
            yield name, make(inner)
            inner.nothing_else()

    def list_of(self, key: str, make: Callable[[_Table], Made]) -> Iterator[Made]:
        for number, one in enumerate(self.take(key, list), start=1):
            if not isinstance(one, dict):
                raise self.problem(f"{key} {number}", f"expected a table; got {one!r}")
            inner = _Table(self.file, one, f"{self.within}{key} {number}: ")
            yield make(inner)
            inner.nothing_else()

    def nothing_else(self) -> None:
        for key in self.data:
            if key not in self.taken:
                raise self.problem(key, "unknown key", did_you_mean(key, self.taken))


_KINDS: dict[Any, str] = {
    str: "text",
    list: "a list",
    dict: "a table",
    int: "a whole number",
    (int, float): "a number",
}


def _slider(table: _Table) -> Slider:
    slider = Slider(table.number("low"), table.number("high"), table.number("step"))
    if not (slider.low < slider.high and 0 < slider.step <= slider.high - slider.low):
        raise table.problem("low", f"expected low < high and a step that fits between them; got {slider}")
    return slider


def _step(table: _Table, plans: list[str], sliders: Mapping[str, Slider]) -> Step:
    given = table.take("set", dict, {})
    for path, value in given.items():
        if path not in sliders:
            raise table.problem(f"set.{path}", "is not among the controls", did_you_mean(path, sliders))
        if not sliders[path].low <= table.number(f"set.{path}", value) <= sliders[path].high:
            raise table.problem(f"set.{path}", f"{value} lies outside its slider")
    finds: dict[str, Mapping[str, float]] = {}
    for plan, found in table.take("finds", dict, {}).items():
        if plan not in plans:
            raise table.problem(f"finds.{plan}", f"no plan of {', '.join(plans)}", did_you_mean(plan, plans))
        if not isinstance(found, dict):
            raise table.problem(f"finds.{plan}", f"expected a table; got {found!r}")
        for name, value in found.items():
            if name not in STATISTICS:
                raise table.problem(f"finds.{plan}.{name}", f"is none of {', '.join(STATISTICS)}")
            table.number(f"finds.{plan}.{name}", value)
        finds[plan] = MappingProxyType(dict(found))
    return Step(
        MappingProxyType(dict(given)),
        table.text("plan", among=plans),
        table.whole("play", 1),
        table.whole("realisation", 0, 0),
        MappingProxyType(finds),
    )


def _words(
    table: _Table,
    language: str,
    answer: int,
    metric: str,
    steps: tuple[Step, ...],
    facts: Mapping[str, float],
) -> LessonWords:
    def filled(key: str, text: str) -> str:
        def number(placeholder: re.Match[str]) -> str:
            name = placeholder[1]
            if name in facts:
                return _number(facts[name], False, language)
            try:
                step, plan, statistic = name.split(".")
                value = steps[int(step) - 1].finds[plan][statistic]
            except (ValueError, KeyError, IndexError):
                raise table.problem(key, f"{{{name}}} is no fact, and no step finds it") from None
            share = statistic == "viral" or choices("metric")[metric].unit == "share"
            return _number(value, share, language)

        return _PLACEHOLDER.sub(number, text)

    options = table.texts("options", least=3, most=4)
    if answer >= len(options):
        raise table.problem("options", f"there are {len(options)}, and the answer is {answer}, counted from 0")
    words = LessonWords(
        table.text("title"),
        filled("question", table.text("question")),
        tuple(filled("options", one) for one in options),
        tuple(filled("steps", one) for one in table.texts("steps", least=len(steps), most=len(steps))),
        tuple(filled("explanation", one) for one in table.texts("explanation")),
        table.text("source"),
    )
    table.nothing_else()
    return words


def _number(value: float, share: bool, language: str) -> str:
    """Write a number as the language does.

    Examples
    --------
    >>> _number(0.125, True, "en"), _number(1234.5, False, "el")
    ('12.5%', '1.234,5')
    """
    exact = Decimal(str(value)) * (100 if share else 1)
    text = f"{exact.normalize():,f}"
    if language == "el":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{text}%" if share else text


def _try(table: _Table, scenario: Scenario, key: str, settings: Mapping[str, float]) -> None:
    """See that the scenario can be read with these settings."""
    if settings:
        try:
            scenario_from_text(_text(table.file.with_name("scenario.toml")), settings=dict(settings))
        except ScenarioError as error:
            raise table.problem(key, error.problems[0].message, error.problems[0].hint) from None


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ScenarioError([Problem(f"cannot be read: {reason}", place=_name(file))]) from None


def _data(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([Problem(f"this is no TOML: {error}", place=_name(file))]) from None

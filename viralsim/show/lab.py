"""The lab page: a scenario and the lessons to play with in a browser, live, without Python and without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from viralsim.errors import UsageError, did_you_mean
from viralsim.graph import SocialGraph, load_network
from viralsim.outcome.playing import people_who_make_it_viral
from viralsim.scenario import Scenario, read_scenario
from viralsim.show.page import page, words
from viralsim.show.teaching import Lesson, lessons
from viralsim.show.world import world_of

__all__ = ["SANDBOX", "lab_data", "lab_html", "lab_page"]

SANDBOX = "sandbox"
"""The world that belongs to no lesson."""

_SCRIPTS = (
    "vendor/uPlot.iife.min.js",
    "luck.js",
    "engine.js",
    "stage.js",
    "player.js",
    "chart.js",
    "lab-elements.js",
    "lab-settings.js",
    "lab-state.js",
    "lab-many.js",
    "lab-strip.js",
    "lab-guide.js",
    "lab-panel.js",
    "lab.js",
)
_STYLES = ("vendor/uPlot.min.css", "lab.css")


def lab_page(
    scenario: Scenario | None = None,
    *,
    graph: SocialGraph | None = None,
    plan: str | None = None,
    language: str = "en",
) -> str:
    """Return the lab as HTML text: one file that needs no Python and no network.

    Parameters
    ----------
    scenario : Scenario, optional
        What can be played with freely; the packaged first look where it is left out. The lessons are always there.
    graph : SocialGraph, optional
        Its network, where it is open already.
    plan : str, optional
        The plan that is shown first. Default: the first one.
    language : str
        What the page speaks first: "en" or "el".

    Raises
    ------
    UsageError
        If there is no such plan or language.
    DataError
        If the graph lacks what the scenario asks for.

    Examples
    --------
    >>> import viralsim as vs
    >>> text = lab_page(vs.read_scenario(settings=["network.people=100"]), language="el")
    >>> text.startswith("<!doctype html>"), '<html lang="el">' in text
    (True, True)
    """
    file = "" if scenario is None else scenario.source
    scenario = read_scenario() if scenario is None else scenario
    words(language)  # before a large network is read
    graph = load_network(scenario.network, scenario.place) if graph is None else graph
    return lab_html(lab_data(scenario, graph, plan=plan, language=language, file=file))


def lab_data(
    scenario: Scenario,
    graph: SocialGraph,
    *,
    plan: str | None = None,
    language: str = "en",
    file: str = "",
    settings: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what the lab's scripts read, ready to be written as JSON.

    Parameters
    ----------
    scenario, graph, plan, language
        As in `lab_page`.
    file : str
        Where the scenario was read from, for the commands that the page shows: its name goes into the page, its folder
        does not. Empty: the packaged scenario.
    settings : sequence of str
        Those that it was read with, for the same commands.

    Returns
    -------
    dict
        worlds by name (`SANDBOX` and the lessons), lessons, source and settings of the scenario, language.

    Raises
    ------
    UsageError, DataError
        As `lab_page`.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=100"])
    >>> data = lab_data(scenario, vs.load_network(scenario.network), plan="hubs")
    >>> [one["name"] for one in data["worlds"][SANDBOX]["plans"]], data["lessons"][0]["name"]
    (['hubs', 'random', 'more-random'], 'threshold')
    """
    if plan is not None:
        if plan not in scenario.plan:
            raise UsageError(
                f"there is no plan '{plan}' in {scenario.source}; the plans are {', '.join(scenario.plan)}",
                hint=did_you_mean(plan, scenario.plan),
            )
        plans = {plan: scenario.plan[plan], **scenario.plan}
        scenario = scenario.model_copy(update={"plan": plans})
    sandbox = _world(scenario, graph)
    smaller = sandbox["people"] < graph.people
    return {
        "worlds": {SANDBOX: sandbox, **_lesson_worlds()},
        "lessons": [_lesson(one) for one in lessons()],
        "source": PurePath(file).name,
        # With these the command line plays what the page shows; of a network that was cut down it cannot.
        "settings": [*settings, *(_made_smaller(scenario, sandbox) if smaller else [])],
        "repeatable": sandbox["generated"] or not smaller,
        "language": language,
    }


def lab_html(data: dict[str, Any]) -> str:
    """Return the page of what `lab_data` gives.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=100", "title=<b>mine</b>"])
    >>> "<title>&lt;b&gt;mine&lt;/b&gt;</title>" in lab_html(lab_data(scenario, vs.load_network(scenario.network)))
    True
    """
    title = data["worlds"][SANDBOX]["title"] or "viralsim"
    return page(
        "lab.html", scripts=_SCRIPTS, styles=_STYLES, data={"lab": data}, language=data["language"], title=title
    )


def _world(scenario: Scenario, graph: SocialGraph) -> dict[str, Any]:
    world = world_of(scenario, graph)
    return {**world, "viral": people_who_make_it_viral(scenario, world["people"])}


def _made_smaller(scenario: Scenario, world: dict[str, Any]) -> list[str]:
    """Return the settings that make of a scenario what the page plays, where its network was generated again."""
    given = {".".join(path): wave.count for plan in scenario.plan for path, wave in scenario.waves(plan).items()}
    counts = {wave["path"]: wave["count"] for plan in world["plans"] for wave in plan["waves"]}
    fewer = [f"{path}.count={count}" for path, count in counts.items() if given[path] not in (None, count)]
    return [f"network.people={world['people']}", *fewer]


@cache
def _lesson_worlds() -> dict[str, dict[str, Any]]:
    """Return what the lessons play. They are always the same, and one process may make many pages."""
    return {one.name: _world(one.scenario, load_network(one.scenario.network)) for one in lessons()}


def _lesson(lesson: Lesson) -> dict[str, Any]:
    return {
        "name": lesson.name,
        "order": lesson.order,
        "controls": list(lesson.controls),
        "sliders": {path: asdict(slider) for path, slider in lesson.sliders.items()},
        "answer": lesson.answer,
        "metric": lesson.metric,
        "compare": list(lesson.compare) or None,
        "steps": [
            {
                "set": dict(step.set),
                "plans": list(step.finds) if len(step.finds) > 1 else [step.plan],  # of two plans: both, side by side
                "play": step.play,
                "realisation": step.realisation,
            }
            for step in lesson.steps
        ],
        "file": files("viralsim.show").joinpath("lessons", lesson.name, "scenario.toml").read_text(encoding="utf-8"),
        "texts": {language: asdict(said) for language, said in lesson.words.items()},
    }

"""Cells: combinations of values read as scenarios, each under a key that says all that its results depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from viralsim.errors import Problem, ScenarioError, UsageError, did_you_mean
from viralsim.experiments.parts import Resolved
from viralsim.scenario import Scenario
from viralsim.scenario.locating import KeyPath, split_path
from viralsim.scenario.varying import PLAN

__all__ = ["PlannedCell", "Planner", "base_of", "difference"]

_MOST_PROBLEMS = 20
_NOT_PLAYED = ("title", "description", "realisations", "precision", "expected", "sweep")
_NOT_OF_A_CELL = ("expected", "sweep")
_REPORTED = ("item", "viral_threshold")

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One combination of values, read and found valid.

    Parameters
    ----------
    key : str
        16 hexadecimal digits that change with anything that can change its results.
    values : dict of str to object
        By path, as settings take them; the plan is not among them.
    plan : str
        The plan that is played.
    network : str
        The same for all cells that share a graph.
    shown : dict of str to object
        The values as tables show them: numbers as the scenario has them (durations in ticks), or text.
    resolved : Resolved
        The scenario in its explicit form, packed.
    numbers : dict of tuple to number, or None
        By key path, where putting these numbers into the scenario does the same as reading it again with the values,
        which takes thirty times as long.
    """

    key: str
    values: dict[str, object]
    plan: str
    network: str
    shown: dict[str, object]
    resolved: Resolved
    numbers: dict[KeyPath, float | int] | None


class Planner:
    """Reads combinations of values as cells of a scenario.

    Parameters
    ----------
    scenario : Scenario
    plan : str, optional
        The plan of cells that name none; the first of the scenario where None.
    common_luck : bool
        Whether all cells share their luck. Otherwise each has a random_seed of its own, made from the scenario's and
        its values.
    impressions : bool
        Whether reach and impressions are counted.

    Raises
    ------
    UsageError
        There is no such plan.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> planner = Planner(read_scenario())
    >>> one, same = planner.cell({"plan": "hubs"}), planner.cell({"plan": "hubs", "item.content.stickiness": "10%"})
    >>> one.key == same.key, same.shown
    (True, {'item.content.stickiness': 0.1})
    >>> planner.cell({"plan": "hub"})
    Traceback (most recent call last):
        ...
    viralsim.errors.ScenarioError: cell plan=hub: there is no plan 'hub'; the plans are random, hubs, more-random
      hint: did you mean 'hubs'?
    """

    def __init__(
        self, scenario: Scenario, *, plan: str | None = None, common_luck: bool = True, impressions: bool = True
    ) -> None:
        if plan is not None and plan not in scenario.plan:
            raise UsageError(
                f"there is no plan '{plan}' in {scenario.source}; the plans are {', '.join(scenario.plan)}",
                hint=did_you_mean(plan, scenario.plan),
            )
        self.scenario = scenario
        self.plan = next(iter(scenario.plan)) if plan is None else plan
        self.common_luck = common_luck
        self.impressions = impressions

    def read(self, cell: PlannedCell) -> Scenario:
        """Return the scenario of a cell, read with its values as settings."""
        return self.scenario.with_settings(cell.values) if cell.values else self.scenario

    def cell(self, values: Values) -> PlannedCell:
        """Read one combination; raises `ScenarioError` with all that is wrong with it."""
        settings = {path: value for path, value in values.items() if path != PLAN}
        plan = str(values.get(PLAN, self.plan))
        try:
            scenario = self.scenario.with_settings(settings) if settings else self.scenario
        except ScenarioError as error:
            raise ScenarioError([_of_cell(problem, values) for problem in error.problems]) from None
        if plan not in scenario.plan:
            known = f"there is no plan '{plan}'; the plans are {', '.join(scenario.plan)}"
            raise ScenarioError([Problem(f"cell {_text(values)}: {known}", hint=did_you_mean(plan, scenario.plan))])
        if not self.common_luck:
            written = json.dumps([scenario.random_seed, plan, settings], sort_keys=True, default=str)
            own = int.from_bytes(hashlib.sha256(written.encode()).digest()[:8], "big") >> 1
            settings["random_seed"] = own
            scenario = scenario.model_copy(update={"random_seed": own})
        resolved = _played(scenario)
        network = _digest(resolved["network"])
        content = {name: value for name, value in resolved.items() if name not in (*_NOT_PLAYED, "network", "report")}
        report = {name: resolved["report"].get(name) for name in _REPORTED}
        whole = {**content, "network": network, "report": report, "plan played": plan, "impressions": self.impressions}
        shown = {path: _shown(resolved, path, settings[path]) for path in settings if path in values}
        return PlannedCell(
            _digest(whole), settings, plan, network, shown, Resolved.of(resolved), self._numbers(settings, resolved)
        )

    def _numbers(self, settings: Values, resolved: Mapping[str, Any]) -> dict[KeyPath, float | int] | None:
        numbers = {_keys(path): found for path in settings if (found := _at(resolved, path)) is not None}
        if len(numbers) < len(settings):
            return None
        same = json.dumps(_played(self.scenario.with_numbers(numbers)), default=str) == json.dumps(
            resolved, default=str
        )
        return numbers if same else None

    def cells(self, points: Sequence[Values], progress: Callable[[int, int], None] | None = None) -> list[PlannedCell]:
        """Read all combinations, before anything is played.

        Parameters
        ----------
        points : sequence of dict of str to object
            By path, "plan" among them.
        progress : callable, optional
            Called now and then with how many have been read, and how many there are.

        Returns
        -------
        list of PlannedCell
            In their order; those that are equal in all that matters have the same key.

        Raises
        ------
        ScenarioError
            With what is wrong, each problem once, and how many cells have it.
        """
        found: list[PlannedCell] = []
        problems: dict[str, tuple[Problem, int]] = {}
        for index, values in enumerate(points):
            try:
                found.append(self.cell(values))
            except ScenarioError as error:
                for problem in error.problems:
                    same = problem.message.partition(": ")[2] + problem.hint
                    first, count = problems.get(same, (problem, 0))
                    problems[same] = (first, count + 1)
            if progress is not None and index % 100 == 0:
                progress(index, len(points))
        if problems:
            told = [
                problem if count == 1 else Problem(f"{problem.message} ({count:,} cells)", hint=problem.hint)
                for problem, count in list(problems.values())[:_MOST_PROBLEMS]
            ]
            if len(problems) > _MOST_PROBLEMS:
                told.append(Problem(f"and {len(problems) - _MOST_PROBLEMS:,} more problems"))
            raise ScenarioError(told)
        return found


def _of_cell(problem: Problem, values: Values) -> Problem:
    """Say of which cell a problem is; the place is that of the scenario's file, which is right unless it was set."""
    place = "" if problem.place.startswith("--set ") else f"{problem.place}: "
    return Problem(f"cell {_text(values)}: {place}{problem.message}", hint=problem.hint)


def _text(values: Values) -> str:
    return ", ".join(f"{path}={value}" for path, value in values.items()) or "without values"


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _played(scenario: Scenario) -> dict[str, Any]:
    return {name: value for name, value in scenario.resolved().items() if name not in _NOT_OF_A_CELL}


_keys = lru_cache(maxsize=1024)(split_path)


def _at(resolved: Mapping[str, Any], path: str) -> Any:
    """Return the number at a path of the resolved form; None where none stands there."""
    found: Any = resolved
    for part in _keys(path):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def _shown(resolved: Mapping[str, Any], path: str, written: object) -> object:
    """Return the number that stands at a path of the resolved form; what was written where none does."""
    number = _at(resolved, path)
    return number if number is not None else written if isinstance(written, str) else json.dumps(written, default=str)


def base_of(scenario: Scenario, varied: Iterable[str]) -> dict[str, Any]:
    """Return all of a scenario that must stay as it is for more cells to belong to the same sweep.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> base = base_of(read_scenario(), ["item.content.stickiness"])
    >>> "stickiness" in base["item"]["content"], "title" in base
    (False, False)
    """
    resolved = json.loads(json.dumps(scenario.resolved(), default=str))
    base = {name: value for name, value in resolved.items() if name not in _NOT_PLAYED}
    base["report"] = {name: base["report"].get(name) for name in _REPORTED}
    for path in varied:
        table: Any = base
        *parents, last = split_path(path)
        for part in parents:
            table = table.get(part, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict) and path != PLAN:
            table.pop(last, None)
    return base


def difference(before: object, now: object, path: str = "") -> tuple[str, object, object] | None:
    """Return the first path at which two bases differ, with both values; None where they are equal.

    Examples
    --------
    >>> difference({"item": {"a": 1}}, {"item": {"a": 2}})
    ('item.a', 1, 2)
    """
    if before == now:
        return None
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*before, *(key for key in now if key not in before)]:
            found = difference(before.get(key), now.get(key), f"{path}.{key}".lstrip("."))
            if found is not None:
                return found
    return path, before, now

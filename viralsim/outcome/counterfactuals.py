"""What would have been: a scenario played otherwise on the same luck, and the panel of a crisis.

Luck is keyed, so a realisation that nothing of a change touches stays what it was, and one that is touched differs by
what the change does and by nothing else. Differences are therefore taken realisation by realisation (paired), and need
far fewer realisations than two forecasts played apart. This only holds on one network, with one clock and one
`random_seed`: what changes these is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import compile_campaign, require_memory
from viralsim.errors import ScenarioError, UsageError, did_you_mean
from viralsim.graph import SocialGraph, load_network
from viralsim.outcome.comparison import _estimated, _Playing
from viralsim.outcome.estimate import Estimate
from viralsim.outcome.outcome import METRICS, Outcome
from viralsim.outcome.playing import FIRST_CHECK, _require_graph, _require_scenario, how_many, is_precise
from viralsim.scenario import Assumption, Scenario
from viralsim.scenario.settings import SettingsLike
from viralsim.scenario.toml_text import toml_key
from viralsim.scenario.units import BadValueError, read_duration, tick_text

__all__ = [
    "DELAYS",
    "NO_ANSWER",
    "NO_CRISIS",
    "Counterfactual",
    "CrisisPanel",
    "CrisisRow",
    "counterfactual",
    "counterfactual_scenario",
    "crisis",
    "crisis_rows",
    "differs",
]

DELAYS = ("1h", "6h", "1d", "3d")
"""Delays of the answer in a crisis panel, unless others are asked for."""

NO_CRISIS, NO_ANSWER, DISPROVED, AS_WRITTEN = "no crisis", "no answer", "disproved", "answered and restored"
"""Rows of a crisis panel, beside those answered after a delay."""

HARM = ("testimony", "rumour")
"""Kinds of items that take trust in the brand."""

DIFFERENCES = tuple(metric for metric in METRICS if metric != "reproduction_number")
"""Metrics that there are paired differences of: those that single campaigns have."""

Floats = npt.NDArray[np.float64]


# -- differences ------------------------------------------------------------------------------------


def _pairs(one: Outcome, other: Outcome) -> npt.NDArray[np.int64] | None:
    """Numbers that are not known in either of the two are drawn once per pair of realisations."""
    return one.indices // 2 if one.unknowns or other.unknowns else None


def differs(difference: Estimate) -> bool | None:
    """Tell whether a difference has been seen: whether the interval of its mean leaves out 0.

    Returns
    -------
    bool or None
        None where there is no interval.

    Examples
    --------
    >>> differs(Estimate(1.0, 0.5, 1.5)), differs(Estimate(1.0, -0.5, 2.5)), differs(Estimate(1.0))
    (True, False, None)
    """
    if difference.mean_low is None or difference.mean_high is None:
        return None
    return not difference.mean_low <= 0.0 <= difference.mean_high


def _with_verdict(difference: Estimate) -> dict[str, Any]:
    return {**difference.to_dict(), "differs": differs(difference)}


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """A scenario played as it is and otherwise, on the same realisations.

    Parameters
    ----------
    actual, otherwise : Outcome
        What came of the two, realisation by realisation under the same luck.
    scenarios : tuple of two Scenario
        Of the two.
    names : tuple of two str
        What the two are called, such as "as it is" and "without testimony".

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> found = vs.counterfactual(scenario, settings=["item.content.stickiness=5%"], realisations=100)
    >>> both = found.actual.engaged.mean, found.otherwise.engaged.mean
    >>> abs(found.difference("engaged").mean - (both[0] - both[1])) < 1e-9
    True
    """

    actual: Outcome
    otherwise: Outcome
    scenarios: tuple[Scenario, Scenario]
    names: tuple[str, str] = ("as it is", "otherwise")

    def __len__(self) -> int:
        return len(self.actual)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Counterfactual(names={self.names}, plan={self.actual.plan!r}, realisations={len(self)})"

    @property
    def parts(self) -> dict[str, tuple[Scenario, Outcome]]:
        """Both scenarios with what came of them, by name."""
        return {
            "actual": (self.scenarios[0], self.actual),
            "otherwise": (self.scenarios[1], self.otherwise),
        }

    @property
    def items(self) -> tuple[str, ...]:
        """Items that both have."""
        return tuple(item for item in self.actual.items if item in self.otherwise.items)

    def values(self, metric: str, item: str | None = None) -> Floats:
        """Return the differences, actual minus otherwise: float64[realisations], NaN where either is undefined.

        Raises
        ------
        UsageError
            As `difference` does.
        """
        if metric not in DIFFERENCES:
            if metric in METRICS:
                raise UsageError(f"there are no paired differences of {metric}: not every single campaign has one")
            raise UsageError(
                f"no metric '{metric}'; choose from {', '.join(DIFFERENCES)}", hint=did_you_mean(metric, DIFFERENCES)
            )
        name = self.actual.main_item if item is None else item
        return self.actual.values(metric, name) - self.otherwise.values(metric, name)

    def difference(self, metric: str, item: str | None = None) -> Estimate:
        """Estimate the difference of a metric, actual minus otherwise, realisation by realisation.

        Parameters
        ----------
        metric : str
            One of `METRICS` that every single campaign has (not reproduction_number).
        item : str, optional
            Of which item; the main item of the actual one where None.

        Returns
        -------
        Estimate
            Over the realisations in which both are defined; where numbers are not known, the interval of the mean is
            computed over pairs of realisations. `differs` tells whether it leaves out 0.

        Raises
        ------
        UsageError
            There is no such metric or item.
        """
        return _estimated(self.values(metric, item), metric, _pairs(self.actual, self.otherwise))

    def to_dict(self) -> dict[str, Any]:
        """Return both forecasts and the differences, ready for JSON; each difference says whether it "differs"."""
        return {
            "names": dict(zip(("actual", "otherwise"), self.names, strict=True)),
            "differences": {
                item: {metric: _with_verdict(self.difference(metric, item)) for metric in DIFFERENCES}
                for item in self.items
            },
            "actual": self.actual.to_dict(),
            "otherwise": self.otherwise.to_dict(),
        }


def counterfactual(
    scenario: Scenario,
    otherwise: Scenario | None = None,
    *,
    without: Iterable[str] = (),
    settings: SettingsLike = (),
    plan: str | None = None,
    graph: SocialGraph | None = None,
    realisations: int | None = None,
    precision: float | None = None,
    first: int = 0,
    threads: int | None = None,
    block: int | None = None,
    impressions: bool = True,
    names: tuple[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Counterfactual:
    """Play a scenario as it is and otherwise on the same luck, to see what the difference does.

    Parameters
    ----------
    scenario : Scenario
        As it is.
    otherwise : Scenario, optional
        The other one. In its place `without` and `settings` say what is otherwise.
    without : iterable of str
        Items, or kinds of items, that nothing starts in the other one: "testimony" (dissatisfied people stay silent).
    settings : sequence of str, or mapping of str to object
        "path=value" of the other one, as in `read_scenario`.
    plan : str, optional
        Name of the plan, of both; the first of the scenario where None.
    graph : SocialGraph, optional
        Takes the place of the scenario's network.
    realisations, precision, first, threads, block, impressions, progress
        As in `simulate`; a precision is wanted of both.
    names : tuple of two str, optional
        What the two are called; "as it is", and what is otherwise, where None.

    Returns
    -------
    Counterfactual

    Raises
    ------
    UsageError
        Nothing is otherwise, or something that the same luck needs: the network, the clock, `random_seed`.
    ScenarioError
        The other one is no valid scenario.
    DataError
        The graph cannot be read, or lacks what a scenario asks of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> found = vs.counterfactual(scenario, settings={"item.content.endorsement": 0}, realisations=200)
    >>> found.difference("engaged").mean > 0  # what endorsement does
    True
    """
    _require_scenario(scenario)
    _require_graph(graph)
    without = _names(without)
    if names is None:
        changes = [f"without {' and '.join(without)}"] if without else []
        changes += [f"with {', '.join(_texts(settings))}"] if settings else []
        names = ("as it is", " and ".join(changes) or "otherwise")
    chosen = counterfactual_scenario(scenario, otherwise, without=without, settings=settings)
    most, precision = how_many(scenario, realisations, precision)
    if precision is None:
        both = [one for one in (scenario, chosen) if one.takes_trust]
        times = max(min(one.report.times, one.time.horizon + 1) for one in (scenario, chosen))
        segments = sum(len(one.segment) for one in both)
        require_memory(most, len(scenario.item) + len(chosen.item), times, segments=segments)
    network = load_network(scenario.network, scenario.place) if graph is None else graph
    name = next(iter(scenario.plan)) if plan is None else plan
    campaigns = [compile_campaign(one, network, name) for one in (scenario, chosen)]
    play = _Playing(threads, impressions, progress, block)
    outcomes: list[Outcome] = []
    done, target = 0, most if precision is None else min(FIRST_CHECK, most)
    while True:
        play.planned += (target - done) * len(campaigns)
        blocks = [play(campaign, first + done, target - done) for campaign in campaigns]
        outcomes = [one + more for one, more in zip(outcomes, blocks, strict=True)] if outcomes else blocks
        done = target
        if done >= most or (precision is not None and all(is_precise(one, precision) for one in outcomes)):
            break
        target = min(2 * done, most)
    return Counterfactual(outcomes[0], outcomes[1], (scenario, chosen), names)


def _names(without: Iterable[str]) -> tuple[str, ...]:
    if isinstance(without, str):
        raise UsageError(f"without: a list of names was expected, got {without!r}", hint=f"without=[{without!r}]")
    return tuple(without)


def _texts(settings: SettingsLike) -> list[str]:
    if isinstance(settings, Mapping):
        return [f"{path}={value}" for path, value in settings.items()]
    return list(map(str, settings))


def counterfactual_scenario(
    scenario: Scenario,
    otherwise: Scenario | None = None,
    *,
    without: Iterable[str] = (),
    settings: SettingsLike = (),
) -> Scenario:
    """Return the scenario that `counterfactual` would play otherwise, or refuse it before a large graph is read.

    Raises
    ------
    UsageError, ScenarioError
        What `counterfactual` raises.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario()
    >>> counterfactual_scenario(scenario, settings=["item.content.stickiness=5%"]).item["content"].stickiness
    0.05
    >>> counterfactual_scenario(scenario, settings=["random_seed=5"])
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: random_seed is 1 in one and 5 in the other: they have no luck in common to pair
      hint: play each by itself
    """
    _require_scenario(scenario)
    without = _names(without)
    if otherwise is None:
        if not without and not settings:
            raise UsageError(
                "nothing is otherwise, so there is nothing to compare",
                hint="without=['testimony'] or settings=['item.NAME.reaction_delay=2h'] say what is",
            )
        otherwise = scenario.with_settings(settings) if settings else scenario
        silenced = otherwise.without(without) if without else otherwise
        if without and silenced == otherwise:
            raise UsageError(
                f"leaving out {' and '.join(without)} changes nothing: it is silent already",
                hint=f"items are {', '.join(f'{name} ({item.kind})' for name, item in scenario.item.items())}",
            )
        otherwise = silenced
    else:
        _require_scenario(otherwise)
        if without or settings:
            raise UsageError("otherwise is a scenario already: leave out without and settings")
    _require_same_luck(scenario, otherwise)
    return otherwise


def _require_same_luck(one: Scenario, other: Scenario) -> None:
    here, there = one.resolved(), other.resolved()
    pairs = {"random_seed": (here["random_seed"], there["random_seed"])}
    for table in ("network", "time"):
        for key in {**here[table], **there[table]}:
            pairs[f"{table}.{key}"] = (here[table].get(key), there[table].get(key))
    for path, (mine, theirs) in pairs.items():
        if mine != theirs:
            values = f"{path} is {f'{mine}':.60} in one and {f'{theirs}':.60} in the other"
            raise UsageError(f"{values}: they have no luck in common to pair", hint="play each by itself")


# -- the panel of a crisis --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CrisisRow:
    """One way a crisis may go: its scenario, what came of it, and after how many ticks it is answered, if so.

    Parameters
    ----------
    scenario : Scenario
    outcome : Outcome
    delay : int or None
        Ticks; None where the row is not about a delay.
    answered : float or None
        In what share of realisations the answer began; None where the row is not about a delay.

    Examples
    --------
    >>> import viralsim as vs
    >>> story = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='random', count=5}}}"
    >>> scenario = vs.read_scenario(settings=["network.people=500", story])
    >>> row = vs.crisis(scenario, realisations=5).rows["no crisis"]
    >>> row.scenario.item["story"].silent, row.outcome.metric("reach", "story").mean, row.delay
    (True, 0.0, None)
    """

    scenario: Scenario
    outcome: Outcome
    delay: int | None = None
    answered: float | None = None


@dataclass(frozen=True, eq=False)
class CrisisPanel:
    """Ways a crisis may go, played on the same luck.

    Columns are "reach of NAME" (the main content first, then all testimony and rumours), "trust" (mean of all people
    at the end) and, where conversions are modelled, "converted": people who have converted by the end, be it on
    engaging with anything or of their own accord (the baseline).

    Parameters
    ----------
    rows : dict of str to CrisisRow
        "no crisis", "no answer", "answered after D" for each delay, "disproved", "answered and restored".
    columns : dict of str to (metric, item or None)
    left_out : dict of str to str
        Rows that are not there, and why.
    assumptions : tuple of Assumption
        Numbers that nobody wrote and that matter here.

    Examples
    --------
    >>> import viralsim as vs
    >>> text = '''
    ... network = { generator = "communities", people = 500 }
    ... item.post.stickiness = "10%"
    ... plan.one.wave.first = { strategy = "degree", count = 3 }
    ... [item.story]
    ... kind = "rumour"
    ... stickiness = "10%"
    ... wave.first = { strategy = "degree", count = 3 }
    ... [item.reply]
    ... kind = "restoration"
    ... after = "story"
    ... stickiness = "10%"
    ... wave.first = { strategy = "degree", count = 5 }
    ... '''
    >>> panel = vs.crisis(vs.scenario_from_text(text), delays=["1h", "1d"], realisations=50)
    >>> list(panel.rows)
    ['no crisis', 'no answer', 'answered after 1h', 'answered after 1d', 'answered and restored']
    >>> panel.columns["reach of story"], panel.value("no crisis", "reach of story").mean
    (('reach', 'story'), 0.0)
    """

    rows: dict[str, CrisisRow]
    columns: dict[str, tuple[str, str | None]]
    left_out: dict[str, str]
    assumptions: tuple[Assumption, ...] = ()

    def __len__(self) -> int:
        return len(self._any)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"CrisisPanel(rows={list(self.rows)}, plan={self._any.plan!r}, realisations={len(self)})"

    @property
    def _any(self) -> Outcome:
        return next(iter(self.rows.values())).outcome

    @property
    def parts(self) -> dict[str, tuple[Scenario, Outcome]]:
        """The scenarios of all rows with what came of them."""
        return {name: (row.scenario, row.outcome) for name, row in self.rows.items()}

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """What came of each row, all of the same realisations."""
        return {name: row.outcome for name, row in self.rows.items()}

    @cached_property
    def delays(self) -> dict[str, int]:
        """Rows that are answered after a delay, by their delay in ticks, shortest first."""
        return {name: row.delay for name, row in self.rows.items() if row.delay is not None}

    @cached_property
    def own_accord(self) -> Estimate:
        """People who convert of their own accord, the same in every row."""
        return _estimated(self._any.values("baseline_conversions"), "converted", _pairs(self._any, self._any), 0.0)

    def values(self, row: str, column: str) -> Floats:
        """Return a column in each realisation: float64[realisations].

        Raises
        ------
        UsageError
            There is no such row or column.
        """
        for name, known, what in ((row, self.rows, "row"), (column, self.columns, "column")):
            if name not in known:
                raise UsageError(
                    f"no {what} '{name}' in this panel; there is {', '.join(known)}", hint=did_you_mean(name, known)
                )
        outcome, (metric, item) = self.rows[row].outcome, self.columns[column]
        if metric != "converted":
            return outcome.values(metric, item)
        campaign = sum(outcome.values("incremental_conversions", one) for one in outcome.items)
        return np.asarray(campaign + outcome.values("baseline_conversions"))

    def value(self, row: str, column: str) -> Estimate:
        """Estimate one column of a row.

        Raises
        ------
        UsageError
            There is no such row or column.
        """
        return _estimated(self.values(row, column), self.columns[column][0], self._pairs(row), at_least=0.0)

    def difference(self, row: str, column: str, to: str = NO_ANSWER) -> Estimate:
        """Estimate a row minus another, realisation by realisation.

        Raises
        ------
        UsageError
            There is no such row or column.
        """
        values = self.values(row, column) - self.values(to, column)
        return _estimated(values, self.columns[column][0], self._pairs(row, to))

    def hour(self, shorter: str, longer: str, column: str) -> Estimate:
        """Estimate what an hour of delay changes between two rows that are answered after delays.

        The difference of the two (the longer delay minus the shorter) by the hours between them.

        Raises
        ------
        UsageError
            There is no such row or column, or a row is not about a delay, or the second has not the longer one.
        """
        hours = self.hours(shorter, longer)
        return self.difference(longer, column, shorter).divided(hours)

    def hours(self, shorter: str, longer: str) -> float:
        """Return the hours between two delays.

        Raises
        ------
        UsageError
            As `hour` does.
        """
        for row in (shorter, longer):
            if row not in self.delays:
                raise UsageError(
                    f"'{row}' is not answered after a delay; these are: {', '.join(self.delays) or 'none'}",
                    hint=did_you_mean(row, self.delays),
                )
        ticks = self.delays[longer] - self.delays[shorter]
        if ticks <= 0:
            raise UsageError(f"expected two rows, the second with the longer delay; got '{shorter}' and '{longer}'")
        return ticks * self._any.tick_seconds / 3600.0

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Neighbouring delays, and the shortest with the longest where there are more than two."""
        names = list(self.delays)
        return [*pairwise(names), *([(names[0], names[-1])] if len(names) > 2 else [])]

    def _pairs(self, *rows: str) -> npt.NDArray[np.int64] | None:
        return _pairs(self.rows[rows[0]].outcome, self.rows[rows[-1]].outcome)

    def to_dict(self) -> dict[str, Any]:
        """Return the panel, ready for JSON: undefined is None, every number is finite."""
        some = self._any
        return {
            "plan": some.plan,
            "main_item": some.main_item,
            "columns": {name: {"metric": metric, "item": item} for name, (metric, item) in self.columns.items()},
            "rows": {
                name: {
                    "delay": row.delay,
                    "answered": row.answered,
                    "values": {column: self.value(name, column).to_dict() for column in self.columns},
                    "to_no_answer": {column: _with_verdict(self.difference(name, column)) for column in self.columns},
                    "items": {
                        item: {metric: row.outcome.metric(metric, item).to_dict() for metric in METRICS}
                        for item in row.outcome.items
                    },
                    "scenario_hash": row.outcome.scenario_hash,
                }
                for name, row in self.rows.items()
            },
            "hour_of_delay": [
                {
                    "from": shorter,
                    "to": longer,
                    "hours": self.hours(shorter, longer),
                    "change": {column: _with_verdict(self.hour(shorter, longer, column)) for column in self.columns},
                }
                for shorter, longer in self.steps
            ],
            "left_out": self.left_out,
            "assumptions": [{"path": one.path, "value": one.value, "why": one.why} for one in self.assumptions],
            "realisations": len(self),
            "first_realisation": int(some.indices[0]),
            "random_seed": int(some.random_seed),
            "people": int(some.people),
            "tick_seconds": float(some.tick_seconds),
            "horizon": int(some.horizon),
            **({"unknowns": list(some.unknowns)} if some.unknowns else {}),
        }


def crisis_rows(
    scenario: Scenario,
    delays: Sequence[int | str] | None = None,
    proven_false_at: int | str | None = None,
) -> tuple[dict[str, tuple[Scenario, int | None]], dict[str, str]]:
    """Return the scenarios of a crisis panel by row, with their delays in ticks, and which rows are left out and why.

    Parameters
    ----------
    scenario, delays, proven_false_at
        As in `crisis`.

    Raises
    ------
    UsageError
        Nothing takes trust, or a delay that makes no sense.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> story = "item.story={kind='rumour', stickiness='5%', wave={first={strategy='degree', count=3}}}"
    >>> rows, left_out = crisis_rows(read_scenario(settings=[story]), proven_false_at="1d")
    >>> list(rows), list(left_out)
    (['no crisis', 'no answer', 'disproved'], ['answered after a delay', 'answered and restored'])
    """
    _require_scenario(scenario)
    harm = [name for name, item in scenario.item.items() if item.kind in HARM and not item.silent]
    answers = [name for name, item in scenario.item.items() if item.kind == "restoration" and not item.silent]
    if not harm:
        silent = [name for name, item in scenario.item.items() if item.kind in HARM]
        if silent:
            raise UsageError(
                f"{scenario.source} has no crisis: {' and '.join(silent)} is silent",
                hint=f"{_key(silent[0], 'silent')} = false lets it speak",
            )
        raise UsageError(f"{scenario.source} has no crisis: no item is of kind testimony or rumour", hint=_EXAMPLE)
    if proven_false_at is not None:
        tick = _ticks(scenario, proven_false_at, "proven_false_at")
        scenario = scenario.with_settings({_key(name, "proven_false_at"): tick for name in harm})
    false = [name for name in harm if scenario.item[name].proven_false_at is not None]
    quiet: dict[str, object] = {_key(name, "silent"): True for name in answers}
    never_false: dict[str, object] = {_key(name, "proven_false_at"): "none" for name in false}
    rows: dict[str, tuple[Scenario, int | None]] = {
        NO_CRISIS: (scenario.with_settings(quiet | {_key(name, "silent"): True for name in harm}), None),
        NO_ANSWER: (scenario.with_settings(quiet | never_false) if quiet | never_false else scenario, None),
    }
    left_out: dict[str, str] = {}
    if not answers:
        any_silent = any(item.kind == "restoration" for item in scenario.item.values())
        nothing = "restoration is silent" if any_silent else "there is no item of kind restoration"
        if delays is not None:
            raise UsageError(
                f"delays: nothing answers in {scenario.source}: {nothing}",
                hint=f'such as [item.answer] with kind = "restoration", after = "{harm[0]}" and a wave',
            )
        left_out |= dict.fromkeys(("answered after a delay", AS_WRITTEN), nothing)
    if answers:
        reacting = [name for name in answers if scenario.item[name].after] or answers
        others = {_key(name, "silent"): True for name in answers if name not in reacting}
        rows |= _delayed(scenario, delays, reacting, never_false | others, left_out)
    if false:
        rows[DISPROVED] = (scenario.with_settings(quiet) if quiet else scenario, None)
    else:
        left_out[DISPROVED] = "nothing is ever proven false here (proven_false_at)"
    if answers:
        rows[AS_WRITTEN] = (scenario, None)
    return rows, left_out


_EXAMPLE = """a crisis and its answer, for example
    [item.complaint]
    kind = "rumour"
    stickiness = "10%"
    [item.complaint.wave.first]
    strategy = "random"
    count = 20
    [item.answer]
    kind = "restoration"
    after = "complaint"
    stickiness = "10%"
    [item.answer.wave.first]
    strategy = "degree"
    count = 10"""


def _key(item: str, key: str) -> str:
    return f"item.{toml_key(item)}.{key}"


def _delayed(
    scenario: Scenario,
    delays: Sequence[int | str] | None,
    reacting: Sequence[str],
    settings: dict[str, object],
    left_out: dict[str, str],
) -> dict[str, tuple[Scenario, int | None]]:
    """Return the rows that are answered after a delay, shortest first; of the usual delays those that there can be."""
    if delays is not None and (isinstance(delays, str) or not isinstance(delays, Sequence) or not delays):
        raise UsageError(f"delays: a list such as ['1h', '6h'] was expected, got {delays!r}")
    found: dict[int, Scenario] = {}
    for given in DELAYS if delays is None else delays:
        try:
            ticks = _ticks(scenario, given, "delays")
            found[ticks] = _later(
                scenario, given, settings | {_key(name, "reaction_delay"): ticks for name in reacting}
            )
        except UsageError as error:
            if delays is not None:
                raise
            left_out[_answered(scenario, reacting, str(given))] = error.message.removeprefix("delays: ")
    names = {ticks: tick_text(ticks * scenario.time.tick) if ticks else "" for ticks in found}
    return {_answered(scenario, reacting, names[ticks]): (found[ticks], ticks) for ticks in sorted(found)}


def _answered(scenario: Scenario, reacting: Sequence[str], delay: str) -> str:
    """Return the name of a row: a delay counts from what happens, or from what is written where nothing reacts."""
    if any(scenario.item[name].after for name in reacting):
        return f"answered after {delay}" if delay else "answered at once"
    return f"answered {delay} later" if delay else "answered as planned"


def _later(scenario: Scenario, delay: int | str, settings: dict[str, object]) -> Scenario:
    try:
        return scenario.with_settings(settings)
    except ScenarioError as error:  # nothing of it would begin in time
        first = error.problems[0]
        raise UsageError(f"delays: {delay}: {first.message}", hint=first.hint) from None


def _ticks(scenario: Scenario, given: int | str, what: str) -> int:
    """Return a time as ticks, whole and before the end."""
    length, horizon = scenario.time.tick, scenario.time.horizon
    try:
        ticks = read_duration(given, length)
    except BadValueError as error:
        raise UsageError(f"{what}: {error}", hint=error.hint) from None
    if ticks != round(ticks):
        raise UsageError(f"{what}: {given} is {ticks:g} ticks of {tick_text(length)}, expected whole ticks")
    if ticks >= horizon:
        raise UsageError(f"{what}: {given} is not before the end of the campaign, {tick_text(horizon * length)}")
    return int(ticks)


def crisis(
    scenario: Scenario,
    *,
    delays: Sequence[int | str] | None = None,
    proven_false_at: int | str | None = None,
    plan: str | None = None,
    graph: SocialGraph | None = None,
    realisations: int | None = None,
    first: int = 0,
    curves: bool = False,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CrisisPanel:
    """Play the ways a crisis may go on the same luck, to see what it costs, and what an hour of delay does.

    The rows: *no crisis* (testimony, rumours and restoration are silent); *no answer* (restoration is silent, nothing
    is proven false); *answered after D* (as no answer, but what reacts to another item, `after`, does so D later, while
    other restoration is silent), or *answered D later* (where nothing reacts: all restoration is D later than written);
    *disproved* (restoration is silent,
    proven_false_at as written); *answered and restored* (everything as written).

    Parameters
    ----------
    scenario : Scenario
        With an item of kind testimony or rumour at least.
    delays : sequence of int or str, optional
        Ticks, or text such as "6h"; where None, of 1h, 6h, 1d and 3d those that there can be.
    proven_false_at : int or str, optional
        When all testimony and rumours are proven false, in place of what the scenario says.
    plan : str, optional
        Name of the plan; the first of the scenario where None.
    graph : SocialGraph, optional
        Takes the place of the scenario's network.
    realisations : int, optional
        How many; the scenario's number where None.
    first : int
        Number of the first realisation.
    curves : bool
        Whether the outcomes hold all report times, as from `simulate`; otherwise the first and the last.
    threads : int, optional
        By default one per usable processor.
    progress : callable, optional
        Called now and then with the number of realisations finished and the number planned, of all rows.

    Returns
    -------
    CrisisPanel

    Raises
    ------
    UsageError
        Nothing in the scenario takes trust, or a number makes no sense.
    DataError
        The graph cannot be read, or lacks what the scenario asks of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> story = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='random', count=5}}}"
    >>> scenario = vs.read_scenario(settings=["network.people=500", story])
    >>> panel = vs.crisis(scenario, realisations=50)
    >>> panel.difference("no crisis", "trust").mean > 0, list(panel.left_out)
    (True, ['answered after a delay', 'answered and restored', 'disproved'])
    """
    _require_graph(graph)
    rows, left_out = crisis_rows(scenario, delays, proven_false_at)
    count = scenario.realisations if realisations is None else realisations
    if not isinstance(count, int) or count < 1:
        raise UsageError(f"the number of realisations must be a whole number of at least 1, got {count!r}")
    times = min(scenario.report.times if curves else 2, scenario.time.horizon + 1)
    require_memory(count, len(scenario.item) * len(rows), times, segments=len(scenario.segment) * len(rows))
    network = load_network(scenario.network, scenario.place) if graph is None else graph
    play = _Playing(threads, True, progress)
    play.planned = count * len(rows)
    reacting = [name for name, item in scenario.item.items() if item.kind == "restoration"]
    played: dict[str, CrisisRow] = {}
    for name, (chosen, delay) in rows.items():
        if not curves:  # those of all rows would fill the memory
            chosen = chosen.model_copy(update={"report": chosen.report.model_copy(update={"times": 2})})
        # One after another: large networks are held once, not once for each row.
        outcome = play(compile_campaign(chosen, network, plan), first, count)
        begun = sum(outcome.values("reach", item) for item in reacting)
        answered = None if delay is None else float(np.mean(np.asarray(begun) > 0))
        played[name] = CrisisRow(chosen, outcome, delay, answered)
    written, _ = rows[next(reversed(rows))]
    return CrisisPanel(played, _columns(written), left_out, written.assumptions(plan))


def _columns(scenario: Scenario) -> dict[str, tuple[str, str | None]]:
    content = [name for name, item in scenario.item.items() if item.kind == "content"]
    good = [scenario.report.item] if scenario.report.item in content else content[:1]
    bad = [name for name, item in scenario.item.items() if item.kind in HARM and not item.silent]
    columns: dict[str, tuple[str, str | None]] = {f"reach of {name}": ("reach", name) for name in (*good, *bad)}
    columns["trust"] = ("trust", None)
    if scenario.converts or any(segment.baseline > 0 for segment in scenario.segment.values()):
        columns["converted"] = ("converted", None)
    return columns

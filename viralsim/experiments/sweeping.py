"""Sweeps: many cells played by whoever is there, kept as they come, and never played twice."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import MOST_REALISATIONS
from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.experiments.cells import PlannedCell, Planner, base_of, difference
from viralsim.experiments.designs import cells_of, default_samples, unit_points
from viralsim.experiments.effects import grid_effects, morris_effects, sobol_effects
from viralsim.experiments.executors import Workers, make_workers, work
from viralsim.experiments.jobs import Job, Piece, Result, play_job, shared_graphs
from viralsim.experiments.parts import Block, Cell
from viralsim.experiments.results import StoredSweep, open_sweep, outcome_of
from viralsim.experiments.store import SweepStore
from viralsim.experiments.tipping import TippingPoint, find_tipping_point
from viralsim.graph import SocialGraph
from viralsim.graph.store import write_store
from viralsim.outcome.estimate import Estimate
from viralsim.outcome.outcome import METRICS
from viralsim.outcome.playing import FIRST_CHECK, how_many, is_precise
from viralsim.scenario import Scenario, takes_share
from viralsim.scenario.schema import SweepTable
from viralsim.scenario.varying import PLAN, Until, Varied, all_varied, read_find, read_until, read_varied, varied_of

__all__ = ["Asked", "Progress", "Sweep", "asked_for", "read_sweep", "sweep"]

SLICE = 0.25
"""So many seconds of work are given to a worker at a time, on a cluster four times as many."""

ENDS_AFTER = 1.0
"""A job that lasts longer than so many slices' worth of work and this (seconds) ends, and the rest comes back."""

_MOST_PIECES = 64
_FIRST_REALISATIONS = 8

Ints = npt.NDArray[np.int64]
Vary = Mapping[str, object] | Sequence[str | Varied]


@dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Parameters
    ----------
    cells_done, cells : int
        Cells that have all they need, and how many there are (so far, where a tipping point is looked for).
    realisations_done, realisations : int
        Of all cells, those that were there before included; the second is what is planned so far.
    seconds : float
        Since the playing began.

    Examples
    --------
    >>> Progress(1, 4, 100, 400, 0.5).cells
    4
    """

    cells_done: int
    cells: int
    realisations_done: int
    realisations: int
    seconds: float


@dataclass(frozen=True)
class Asked:
    """All that a call of `sweep` asks for."""

    scenario: Scenario
    planner: Planner
    varied: tuple[Varied, ...]
    design: str
    samples: int | None
    most: int
    precision: float | None
    find: Varied | None
    until: Until | None
    metric: str
    points: list[dict[str, object]]

    def _plans(self) -> list[str]:
        named = [one.values or () for one in self.varied if one.path == PLAN]
        return list(map(str, named[0])) if named else [self.planner.plan]

    @property
    def paths(self) -> list[str]:
        """All that varies or is looked for."""
        return [one.path for one in (*self.varied, *([self.find] if self.find is not None else []))]

    def described(self, rows: Sequence[str]) -> dict[str, Any]:
        """Return what must agree for cells to belong to one sweep, and by what tables are ordered.

        `rows` are the keys of the cells of the design's rows.
        """
        varied = [*self.varied, *([self.find] if self.find is not None else [])]
        return {
            "source": self.scenario.source,
            "base": base_of(self.scenario, self.paths),
            "paths": self.paths,
            "written": [one.text for one in varied],
            "design": self.design,
            "samples": self.samples,
            "common_luck": self.planner.common_luck,
            "impressions": self.planner.impressions,
            "metric": self.metric,
            "until": None if self.until is None else self.until.text,
            "varied": [
                {"path": one.path, "values": None if one.values is None else list(one.values)}
                for one in varied
                if one.path != PLAN
            ],
            "plans": next(
                (list(map(str, one.values or ())) for one in varied if one.path == PLAN), [self.planner.plan]
            ),
            "levels": [len(one.values or ()) for one in self.varied],
            "rows": list(rows),
        }


def asked_for(
    scenario: Scenario,
    *,
    vary: Vary = (),
    design: str | None = None,
    samples: int | None = None,
    realisations: int | None = None,
    precision: float | None = None,
    plan: str | None = None,
    common_luck: bool | None = None,
    impressions: bool = True,
    find: str | None = None,
    until: str | None = None,
    metric: str | None = None,
    graph: SocialGraph | None = None,
) -> tuple[Asked, list[PlannedCell]]:
    """Put together what a call of `sweep` and the scenario's [sweep] table ask for; the call comes first.

    Returns
    -------
    Asked
    list of PlannedCell
        One for each row of the design; none where a tipping point is looked for, whose cells show as it goes on.

    Raises
    ------
    ScenarioError
        A combination is invalid.
    UsageError
        The call makes no sense.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> asked, cells = asked_for(read_scenario(), vary=["item.content.stickiness=5%:15%:3"])
    >>> asked.design, len(cells)
    ('grid', 3)
    """
    if not isinstance(scenario, Scenario):
        raise UsageError(
            f"a Scenario was expected, got {type(scenario).__name__} {scenario!r:.60}",
            hint="viralsim.read_scenario(FILE) reads one",
        )
    table = scenario.sweep or SweepTable()
    if isinstance(vary, Mapping):
        given = [varied_of(path, values) for path, values in vary.items()]
    elif isinstance(vary, str):
        raise UsageError("vary: expected a mapping or a list of texts, got a text", hint=f"vary=[{vary!r}]")
    else:
        given = [read_varied(one) if isinstance(one, str) else one for one in vary]
    given = list(given or table.vary)
    design = design or table.design
    samples = table.samples if samples is None else samples
    if realisations is None and precision is None:
        realisations, precision = table.realisations, table.precision
    common_luck = table.common_luck if common_luck is None else common_luck
    wanted = table.find if find is None else read_find(find)
    condition = table.until if until is None else read_until(until)
    if (wanted is None) != (condition is None):
        missing, example = ("find", "item.content.stickiness") if wanted is None else ("until", "viral_chance >= 50%")
        raise UsageError(
            f"--{missing} is missing: a tipping point needs both", hint=f'for example --{missing} "{example}"'
        )
    if wanted is not None and any(one.path == wanted.path for one in given):
        raise UsageError(f"{wanted.path} is varied and looked for", hint="leave out one of the two")
    varied = all_varied(given)
    all_varied([*given, *([] if wanted is None else [wanted])])  # refuses a key within another
    if plan is not None and any(one.path == PLAN for one in varied):
        raise UsageError("the plan is varied, and one plan is asked for", hint="leave out one of the two")
    if not varied and wanted is None:
        raise UsageError(
            "nothing varies",
            hint="--vary item.content.stickiness=1%:10%:10 does (in Python vary={PATH: [VALUES]}), or a [sweep] table",
        )
    samples = default_samples(design) if samples is None else samples
    most, precise = how_many(scenario, realisations, precision)
    if not 1 <= most <= MOST_REALISATIONS:
        raise UsageError(f"the number of realisations must be from 1 to {MOST_REALISATIONS - 1:,}, got {most:,}")
    planner = Planner(scenario, plan=plan, common_luck=common_luck, impressions=impressions)
    points = cells_of(varied, design, samples, scenario.random_seed).values if varied else [{}]
    metric = metric or (condition.metric if condition else table.metric)
    if metric not in METRICS:
        raise UsageError(f"no metric '{metric}'; choose from {', '.join(METRICS)}", hint=did_you_mean(metric, METRICS))
    asked = Asked(scenario, planner, varied, design, samples, most, precise, wanted, condition, metric, points)
    cells = planner.cells(points) if wanted is None else []
    if graph is not None and any(path.startswith("network.") for path in asked.paths):
        raise UsageError("network keys vary, and a graph was given", hint="leave out the graph")
    return asked, cells


# ---------------------------------------------------------------------------------------------------------
# Playing


@dataclass
class _Doing:
    """A cell that is being played."""

    cell: PlannedCell
    goal: int
    done: int
    """Realisations within the goal that are there."""
    blocks: list[Block] = field(default_factory=list)
    """What came of it in this call, where it must be looked at on the way."""


class _Coordinator:
    """Deals pieces of cells to workers and keeps what comes back."""

    def __init__(
        self,
        plan: Asked,
        store: SweepStore,
        workers: Workers,
        sweep: str,
        graphs: str | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.plan = plan
        self.store = store
        self.workers = workers
        self.sweep = sweep
        self.graphs = graphs
        self.engine_seconds = 0.0
        self.played = 0
        self.cells_done = self.cells = 0
        self.planned = self.there = 0
        self._slice = SLICE if workers.name in ("threads", "processes") else 4.0 * SLICE
        self._progress = progress
        self._told = self._began = time.monotonic()
        self._costs: dict[str, float] = {}
        self._cost: float | None = None  # of the network played last: for one that has not been played yet
        self._doing: dict[str, _Doing] = {}
        self._waiting: deque[tuple[PlannedCell, int, int]] = deque()
        self._fingerprints: dict[str, str] = {}
        for known in store.cells.values():
            self._fingerprints[known.facts["network"]] = known.facts["graph"]

    def play(self, cells: Iterable[PlannedCell], most: int, precision: float | None = None) -> None:
        """Play each cell until it has so many realisations, or is as precise as wanted."""
        coming = iter(cells)

        def next_piece(room: float) -> tuple[Piece, float] | None:
            while not self._waiting:
                cell = next(coming, None)
                if cell is None:
                    return None
                self._begin(cell, most, precision)
            cell, first, end = self._waiting.popleft()
            cost = self._costs.get(cell.network, self._cost)
            fit = _FIRST_REALISATIONS if cost is None else max(1, int(room / cost))
            if end - first > fit:
                self._waiting.appendleft((cell, first + fit, end))
                end = first + fit
            piece = Piece(cell.key, cell.values, cell.plan, cell.network, first, end, cell.numbers)
            return piece, math.inf if cost is None else cost * (end - first)

        def next_job() -> Job | None:
            pieces, room = list[Piece](), self._slice
            while room > 0.0 and len(pieces) < _MOST_PIECES:
                found = next_piece(room)
                if found is None:
                    break
                pieces.append(found[0])
                room -= found[1]
            if not pieces:
                return None
            ends_after = max(ENDS_AFTER, 2.0 * self._slice)
            return Job(
                self.plan.scenario, tuple(pieces), ends_after, self.plan.planner.impressions, self.sweep, self.graphs
            )

        for job, results in work(self.workers, play_job, next_job):
            self._take(job, results, most, precision)
            self.store.flush()
            self._tell()
        self._tell(last=True)

    def _begin(self, cell: PlannedCell, most: int, precision: float | None) -> None:
        self.cells += 1
        goal = most if precision is None else self._next_goal(cell, most, precision)
        if goal is None:
            there = sum(end - first for first, end in self.store.spans(cell.key))
            self.planned, self.there, self.cells_done = self.planned + there, self.there + there, self.cells_done + 1
            return
        self._want(cell, goal, most, precision)

    def _want(self, cell: PlannedCell, goal: int, most: int, precision: float | None) -> None:
        """Put what is missing of a cell on the list."""
        missing, first = list[tuple[int, int]](), 0
        for start, end in [*self.store.spans(cell.key), (goal, goal)]:
            if first < min(start, goal):
                missing.append((first, min(start, goal)))
            first = max(first, end)
        lacking = sum(end - start for start, end in missing)
        self.planned, self.there = self.planned + goal, self.there + goal - lacking
        self._doing[cell.key] = _Doing(cell, goal, goal - lacking)
        self._waiting.extend((cell, *span) for span in missing)
        if not missing:
            self._finished(cell, most, precision)

    def _next_goal(
        self, cell: PlannedCell, most: int, precision: float, rows: tuple[Ints, Ints] | None = None
    ) -> int | None:
        """Return how many realisations the cell is played to next; None where it is precise, or has the most.

        It is looked at after the same numbers of realisations whatever happened in between.
        """
        look = min(FIRST_CHECK, most)
        spans = self.store.spans(cell.key)
        there = spans[0][1] if spans and spans[0][0] == 0 else 0
        if there >= look and rows is None:
            rows = self.store.rows(cell.key)
        while rows is not None and look <= there:
            outcome = outcome_of(self.store.cells[cell.key], rows[0][:look], rows[1][:look])
            if look >= most or is_precise(outcome, precision):
                return None
            look = min(2 * look, most)
        return look

    def _finished(self, cell: PlannedCell, most: int, precision: float | None) -> None:
        doing = self._doing.pop(cell.key)
        if precision is not None:
            blocks = sorted(doing.blocks, key=lambda block: block.first)
            whole = sum(len(block.rows) for block in blocks) == doing.goal
            numbers = np.arange(doing.goal, dtype=np.int64)
            rows = (numbers, np.concatenate([block.rows for block in blocks])) if whole else None
            goal = self._next_goal(cell, most, precision, rows)
            if goal is not None:
                self.planned, self.there = self.planned - doing.goal, self.there - doing.goal
                self._want(cell, goal, most, precision)
                if cell.key in self._doing:
                    self._doing[cell.key].blocks = blocks
                return
        self.cells_done += 1

    def _take(self, job: Job, results: Sequence[Result], most: int, precision: float | None) -> None:
        """Keep what came of a job, and put what is missing back on the list."""
        left = list[tuple[PlannedCell, int, int]]()
        for index, piece in enumerate(job.pieces):
            doing = self._doing[piece.key]
            result = results[index] if index < len(results) else None
            count = 0 if result is None else len(result.rows)
            if piece.first + count < piece.end:
                left.append((doing.cell, piece.first + count, piece.end))
            if result is None:
                continue
            block = self._keep(doing.cell, result)
            if precision is not None:
                doing.blocks.append(block)
            cost, known = result.seconds / count, self._costs.get(piece.network)
            self._cost = max(1e-7, cost if known is None else 0.7 * known + 0.3 * cost)
            self._costs[piece.network] = self._cost
            self.engine_seconds += result.seconds
            self.played += count
            self.there += count
            doing.done += count
            if doing.done == doing.goal:
                self._finished(doing.cell, most, precision)
        self._waiting.extendleft(reversed(left))

    def _keep(self, planned: PlannedCell, result: Result) -> Block:
        facts = result.facts
        known = self.store.cells.get(planned.key)
        before = self._fingerprints.setdefault(planned.network, facts["graph"])
        if before != facts["graph"] or (known is not None and known.scenario_hash != facts["scenario_hash"]):
            raise DataError(
                "the network has changed since the first cells of this sweep were played",
                place=str(self.plan.scenario.network.file or self.store.directory),
                hint="what is there is kept; another folder (-o) begins a sweep of its own",
            )
        cell = None
        if known is None:
            cell = cell_of(planned, result)
        block = Block(result.key, result.first, result.rows)
        self.store.add(cell, block)
        return block

    def _tell(self, last: bool = False) -> None:
        now = time.monotonic()
        if self._progress is not None and (last or now - self._told > 0.1):
            self._told = now
            cells = max(self.cells, len(self.plan.points) if self.plan.find is None else self.cells)
            planned = max(self.planned, self.plan.most * cells if self.plan.precision is None else self.planned)
            self._progress(Progress(self.cells_done, cells, self.there, planned, now - self._began))

    # -- tipping points -----------------------------------------------------------------------------

    def tip(self, values: dict[str, object]) -> TippingPoint:
        """Find where a metric crosses what it is wanted to reach, all other values as they are."""
        plan = self.plan
        wanted, until = plan.find, plan.until
        if wanted is None or until is None:
            raise UsageError("no tipping point is looked for")

        middle, ends = wanted.at(0.5), (wanted.low, wanted.high)
        whole = isinstance(middle, int) and all(isinstance(end, int) for end in ends)

        def cell_at(x: float) -> PlannedCell:
            # Where numbers are not whole, the share of the range is what is searched: ends may be durations.
            return plan.planner.cell({**values, wanted.path: int(x) if whole else wanted.at(x)})

        def evaluate(x: float, realisations: int) -> Estimate:
            cell = cell_at(x)
            self.play([cell], realisations)
            kept = self.store.cells[cell.key]
            indices, rows = self.store.rows(cell.key)
            estimate = outcome_of(kept, indices[:realisations], rows[:realisations]).metric(until.metric)
            return estimate.divided(kept.facts["people"]) if until.of_people else estimate

        def number(x: float | None) -> float | None:
            shown = None if x is None else cell_at(x).shown[wanted.path]
            return float(shown) if isinstance(shown, (int, float)) else None

        def show(x: float) -> str:
            value = int(x) if whole else wanted.at(x)
            is_share = isinstance(value, float) and takes_share(wanted.path)
            return f"{100 * value:.6g}%" if is_share else str(value)  # type: ignore[operator]

        low, high = map(float, ends) if whole else (0.0, 1.0)  # type: ignore[arg-type]
        found = find_tipping_point(evaluate, low, high, until, realisations=plan.most, whole=whole, show=show)
        return replace(
            found,
            path=wanted.path,
            value=number(found.value),
            low=number(found.low),
            high=number(found.high),
            values=dict(values),
        )


def cell_of(planned: PlannedCell, result: Result) -> Cell:
    """Return a cell as it is kept, with what a worker says of it."""
    own = ("scenario_hash", "random_seed")
    return Cell(
        key=planned.key,
        values=planned.shown,
        plan=planned.plan,
        facts={name: value for name, value in result.facts.items() if name not in own} | {"network": planned.network},
        resolved=planned.resolved,
        **{name: result.facts[name] for name in own},
    )


def chosen_rows(
    table: Mapping[str, npt.NDArray[Any]], metric: str | None, item: str | None
) -> dict[str, npt.NDArray[Any]]:
    """Return the rows of a results table that are of a metric and an item; of all where None.

    Raises
    ------
    UsageError
        There is no such metric or item.
    """
    chosen = np.ones(len(table["metric"]), dtype=bool)
    for name, wanted in (("metric", metric), ("item", item)):
        if wanted is not None:
            known = METRICS if name == "metric" else list(dict.fromkeys(table["item"].tolist()))
            if wanted not in known:
                raise UsageError(
                    f"no {name} '{wanted}'; choose from {', '.join(known)}", hint=did_you_mean(wanted, known)
                )
            chosen &= table[name] == wanted
    return {name: values[chosen] for name, values in table.items()}


def _same_search(one: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> bool:
    search = ("path", "condition", "values")
    return any(all(one[name] == other[name] for name in search) for other in others)


def _merged(found: dict[str, Any], asked: dict[str, Any], folder: str) -> dict[str, Any]:
    """Return what a folder's sweep becomes with what is asked for now; refuse what is another sweep."""

    def refuse(what: str) -> UsageError:
        return UsageError(
            f"this folder holds another sweep: {what}",
            place=folder,
            hint="what is there is kept; name another folder for this one",
        )

    if found["paths"] != asked["paths"]:
        raise refuse(f"there vary {', '.join(found['paths'])}, now {', '.join(asked['paths'])}")
    for name, words in (("design", "its design"), ("common_luck", "common luck"), ("impressions", "impressions")):
        if found[name] != asked[name]:
            raise refuse(
                f"{words} was {found[name]}, and is {asked[name]} now".replace("True", "on").replace("False", "off")
            )
    other = difference(found["base"], asked["base"])
    if other is not None:
        raise refuse(f"{other[0]} was {other[1]!r}, and is {other[2]!r} now")
    if found["design"] == "latin" and found["samples"] != asked["samples"]:
        raise refuse(f"a latin hypercube of {found['samples']} cells does not grow (random and sobol do)")
    merged = dict(asked)
    if found["samples"] is not None and found["samples"] > asked["samples"]:
        merged |= {name: found[name] for name in ("samples", "rows")}
    merged["plans"] = _union(found["plans"], asked["plans"])
    merged["varied"] = [
        {
            "path": one["path"],
            "values": None if None in (one["values"], other["values"]) else _union(other["values"], one["values"]),
        }
        for one, other in zip(asked["varied"], found["varied"], strict=True)
    ]
    return {**found, **merged}


def _union(some: list[Any], more: list[Any]) -> list[Any]:
    return [*some, *(one for one in more if one not in some)]


# ---------------------------------------------------------------------------------------------------------
# The sweep


@dataclass(frozen=True, eq=False)
class Sweep:
    """The cells of a sweep and what came of them.

    Parameters
    ----------
    stored : StoredSweep
        Where it is kept.
    tipping_points : tuple of TippingPoint
        Where one was looked for: one for each combination of the other values.
    seconds, engine_seconds : float or None
        How long the call took that made it, and how much processor time the engine took; None of one that was read.
    played : int
        Realisations that this call played; the others were there.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.people=500"])
    >>> made = sweep(scenario, vary={"item.content.stickiness": ["5%", "10%"]}, realisations=20)
    >>> table = made.table(metric="engaged")
    >>> table["item.content.stickiness"].tolist(), table["realisations"].tolist()
    ([0.05, 0.1], [20, 20])
    """

    stored: StoredSweep
    tipping_points: tuple[TippingPoint, ...] = ()
    seconds: float | None = None
    engine_seconds: float | None = None
    played: int = 0

    @property
    def directory(self) -> Path:
        """The folder; one that goes with this object where none was named."""
        return self.stored.directory

    @property
    def described(self) -> dict[str, Any]:
        """What was asked for, as the folder keeps it."""
        found: dict[str, Any] = self.stored.manifest["sweep"]
        return found

    @property
    def design(self) -> str:
        """How cells were chosen."""
        return str(self.described["design"])

    @property
    def metric(self) -> str:
        """The metric that it is about, unless another one is asked for."""
        return str(self.described["metric"])

    @property
    def paths(self) -> tuple[str, ...]:
        """What varies; "plan" may be among them."""
        return tuple(self.described["paths"])

    @property
    def varied(self) -> tuple[Varied, ...]:
        """The same with values or ranges, as they were asked for last; what is looked for comes last."""
        return tuple(map(read_varied, self.described["written"]))

    @property
    def cells(self) -> list[Cell]:
        """The cells, in the order of the tables."""
        return self.stored.cells()

    def table(self, metric: str | None = None, item: str | None = None) -> dict[str, npt.NDArray[Any]]:
        """Return one row per cell, item and metric, with both intervals.

        Parameters
        ----------
        metric, item : str, optional
            These rows alone.

        Raises
        ------
        UsageError
            There is no such metric or item.
        """
        return chosen_rows(self.stored.table(), metric, item)

    def realisations_table(self) -> dict[str, npt.NDArray[Any]]:
        """Return one row per cell, realisation and item."""
        return self.stored.realisations_table()

    def query(self, sql: str) -> dict[str, npt.NDArray[Any]]:
        """Return what an SQL query makes of the tables results, realisations and cells; raises `UsageError`."""
        return self.stored.query(sql)

    def effects(self, metric: str | None = None, item: str | None = None) -> list[Any]:
        """Return what explains a metric: indices of Sobol or Morris, or main effects and interactions of a full grid.

        Parameters
        ----------
        metric, item : str, optional
            The sweep's own metric, and the main item, where not given.

        Raises
        ------
        UsageError
            Cells are missing, or the design (random, latin) has no such effects.
        """
        described = self.described
        names, rows = list(self.paths), described["rows"]
        if described["until"] is not None:
            raise UsageError("a search for a tipping point tells no effects", hint="sweep a grid, or --design sobol")
        if self.design in ("random", "latin"):
            raise UsageError(
                f"a {self.design} design tells no effects", hint="--design sobol or morris does, and so does a grid"
            )
        cells, values = self.stored.values(metric or self.metric, item)
        row_of = {cell.key: row for row, cell in enumerate(cells)}
        missing = sum(key not in row_of for key in rows)
        if missing:
            raise UsageError(
                f"{missing:,} of {len(rows):,} cells have not been played", hint="the command that began it goes on"
            )
        y = values[[row_of[key] for key in rows]]
        if any(cell.facts["unknowns"] for cell in cells):  # both realisations of a pair play the same drawn numbers
            pairs = max(1, y.shape[1] // 2)
            y = y[:, : 2 * pairs].reshape(len(y), pairs, -1).mean(axis=2)
        if self.design == "sobol":
            return list(sobol_effects(y, names))
        if self.design == "morris":
            seed = int(described["base"]["random_seed"])
            return list(morris_effects(y, unit_points("morris", len(names), described["samples"], seed), names))
        return list(grid_effects(y.reshape(*described["levels"], y.shape[1]), names))

    def to_dict(self, metric: str | None = None, item: str | None = None) -> dict[str, Any]:
        """Return the table as rows, and the tipping points, ready for JSON: undefined is None.

        Parameters
        ----------
        metric, item : str, optional
            These rows alone.
        """
        table = self.table(metric, item)
        columns = {name: np.ma.masked_array(values).tolist() for name, values in table.items()}
        return {
            "design": self.design,
            "paths": list(self.paths),
            "metric": self.metric,
            "common_luck": self.described["common_luck"],
            "cells": len(self.cells),
            "rows": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
            **({"tipping_points": [one.to_dict() for one in self.tipping_points]} if self.tipping_points else {}),
        }


def sweep(
    scenario: Scenario,
    *,
    vary: Vary = (),
    design: str | None = None,
    samples: int | None = None,
    realisations: int | None = None,
    precision: float | None = None,
    plan: str | None = None,
    store: str | os.PathLike[str] | None = None,
    common_luck: bool | None = None,
    impressions: bool = True,
    find: str | None = None,
    until: str | None = None,
    metric: str | None = None,
    graph: SocialGraph | None = None,
    executor: str | Executor = "threads",
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Sweep:
    """Play a scenario for many combinations of values.

    What is there already is not played again: after an interruption, however hard, the same call goes on; with more
    values, samples or realisations it adds them. Results depend on neither executor nor interruptions.

    Parameters
    ----------
    scenario : Scenario
        Its [sweep] table says what is not said here.
    vary : mapping of str to list or str, or sequence of str
        What varies: values by path, or ranges such as "1%:10%:10"; or texts "PATH=VALUES" as `--vary` takes them. The
        path "plan" is the plan that is played.
    design : str, optional
        "grid" (every combination), "random", "latin", "sobol" or "morris".
    samples : int, optional
        How many samples a design other than a grid draws.
    realisations : int, optional
        How often each cell is played; the scenario's number by default.
    precision : float, optional
        Play each cell until its mean number engaged is known to plus or minus this share, as in `simulate`.
    plan : str, optional
        The plan, where it does not vary; the first by default.
    store : path, optional
        The folder that keeps it. A temporary one by default, which goes with the sweep.
    common_luck : bool, optional
        Whether all cells share their luck, as plans do that are compared. Default yes.
    impressions : bool
        Whether reach and impressions are counted.
    find, until : str, optional
        The path of the number to be found, with a range, "PATH=LOW:HIGH", where it is no share; and the condition, such
        as "viral_chance >= 50%". For each combination of the other values the point is found where it begins or ceases
        to hold.
    metric : str, optional
        The metric it is about.
    graph : SocialGraph, optional
        Takes the place of the scenario's network, whose keys may then not vary.
    executor : {"threads", "processes"} or concurrent.futures.Executor
        Who plays.
    workers : int, optional
        How many threads or processes; one per usable processor by default.
    cluster : str, optional
        The address of a Dask scheduler, or "local:N", in place of an executor.
    progress : callable, optional
        Called now and then with a `Progress`.

    Returns
    -------
    Sweep

    Raises
    ------
    ScenarioError
        A combination is invalid: said before anything is played.
    UsageError
        The call makes no sense, or the folder holds something else.
    DataError
        The graph cannot be read, or lacks what a cell asks of it.
    ViralsimError
        Another process writes to the folder, it cannot be written, or no worker is left. What was finished is kept.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.people=500"])
    >>> made = sweep(scenario, vary=["item.content.stickiness=5%:15%:3", "plan=random,hubs"], realisations=10)
    >>> len(made.cells), made.table("engaged")["plan"].tolist()[:2]
    (6, ['random', 'hubs'])
    """
    began = time.monotonic()
    asked, planned = asked_for(
        scenario,
        vary=vary,
        design=design,
        samples=samples,
        realisations=realisations,
        precision=precision,
        plan=plan,
        common_luck=common_luck,
        impressions=impressions,
        find=find,
        until=until,
        metric=metric,
        graph=graph,
    )
    cells, rows = distinct(planned)
    place = Path(tempfile.mkdtemp(prefix="viralsim-")) if store is None else Path(os.fspath(store))
    described = asked.described(rows)
    with ExitStack() as folder:
        if store is None:
            folder.callback(shutil.rmtree, place, ignore_errors=True)
        with ExitStack() as stack:
            players = make_workers("cluster" if cluster is not None else executor, workers, cluster)
            stack.callback(players.close, False)
            opened = stack.enter_context(
                SweepStore.open(place, described, agrees=lambda found: _merged(found, described, str(place)))
            )
            word, graphs = uuid.uuid4().hex, None
            if players.name != "threads":
                # Processes of this machine share a folder of theirs; those of a cluster the sweep's, where they see it.
                graphs = tempfile.mkdtemp(prefix="viralsim-") if cluster is None else str(place.resolve() / "graphs")
                stack.callback(shutil.rmtree, graphs, ignore_errors=True)
                if cluster is not None:  # a sweep that was killed may have left some, of files that have changed
                    shutil.rmtree(graphs, ignore_errors=True)
                    Path(graphs).mkdir()
            network = "" if graph is None else asked.planner.cell(asked.points[0]).network
            if graph is not None and graphs is not None:
                write_store(graph, Path(graphs, network))
            stack.enter_context(shared_graphs(word, network, graph))
            coordinator = _Coordinator(asked, opened, players, word, graphs, progress)
            tipping: tuple[TippingPoint, ...] = ()
            if asked.find is None:
                coordinator.play(cells, asked.most, asked.precision)
            else:
                tipping = tuple(map(coordinator.tip, asked.points))
                kept = opened.manifest["sweep"].get("tipping_points", [])
                found = [asdict(one) for one in tipping]
                opened.describe(tipping_points=[*(one for one in kept if not _same_search(one, found)), *found])
            opened.close(finished=True)
        seconds = time.monotonic() - began
        made = Sweep(open_sweep(place), tipping, seconds, coordinator.engine_seconds, coordinator.played)
        weakref.finalize(made, folder.pop_all().close)  # a folder that nobody named goes with the object
    return made


def distinct(planned: Sequence[PlannedCell]) -> tuple[list[PlannedCell], list[str]]:
    """Return each cell once, those of a graph one after the other, and the key of each row of the design."""
    cells = {cell.key: cell for cell in planned}
    networks = {cell.network: None for cell in planned}
    order = {network: place for place, network in enumerate(networks)}
    return sorted(cells.values(), key=lambda cell: order[cell.network]), [cell.key for cell in planned]


def read_sweep(directory: str | os.PathLike[str]) -> Sweep:
    """Open the folder of a sweep, which may still be going on.

    Parameters
    ----------
    directory : path
        As `sweep` was told with `store`.

    Raises
    ------
    DataError
        It holds no sweep, one of a newer viralsim, or one that is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.people=500"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = sweep(scenario, vary={"random_seed": [1, 2]}, realisations=5, store=f"{folder}/mine")
    ...     read_sweep(f"{folder}/mine").paths
    ('random_seed',)
    """
    stored = open_sweep(directory)
    kept = stored.manifest["sweep"].get("tipping_points", [])
    return Sweep(stored, tuple(map(TippingPoint.from_dict, kept)))

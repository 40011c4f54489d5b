"""What a worker does: play some realisations of some cells, for about a second, on graphs that all workers share."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from viralsim.engine import Campaign, compile_campaign, play_here, workspace
from viralsim.errors import DataError, ScenarioError, ViralsimError
from viralsim.files import locked
from viralsim.graph import SocialGraph, load_network
from viralsim.graph.store import is_store, open_store, write_store
from viralsim.outcome.playing import people_who_make_it_viral
from viralsim.scenario import Scenario
from viralsim.scenario.locating import KeyPath

__all__ = ["Job", "Piece", "Result", "cell_scenario", "play_job", "shared_graphs"]

MOST_GRAPHS = 4
"""Graphs that a process holds at a time, besides those it was given."""

_MOST_AT_ONCE = 1024  # realisations, with whose number the memory of a worker grows

Ints = npt.NDArray[np.int64]


class Piece(NamedTuple):
    """Realisations ``first .. end - 1`` of a cell (see `viralsim.experiments.cells.PlannedCell`)."""

    key: str
    values: dict[str, object]
    plan: str
    network: str
    first: int
    end: int
    numbers: dict[KeyPath, float | int] | None = None


@dataclass(frozen=True)
class Job:
    """Pieces to be played one after the other.

    Parameters
    ----------
    scenario : Scenario
        What the values of the cells are set on.
    pieces : tuple of Piece
    seconds : float
        When they are up nothing more is begun, and what is being played ends; what is missing comes back.
    impressions : bool
    sweep : str
        A word that no other sweep has: a file may hold another network by then.
    graphs : str, optional
        A folder in which graphs are shared between processes, memory-mapped.
    """

    scenario: Scenario
    pieces: tuple[Piece, ...]
    seconds: float
    impressions: bool
    sweep: str
    graphs: str | None = None


class Result(NamedTuple):
    """What came of one piece: realisations ``first .. first + len(rows) - 1`` of it.

    int64 [realisations, items, `viralsim.experiments.parts.COLUMNS`]; `facts` says what else the cell is, `seconds` how
    much processor time the engine took.
    """

    key: str
    first: int
    rows: Ints
    facts: dict[str, Any]
    seconds: float


def play_job(job: Job) -> list[Result]:
    """Play the pieces of a job in this thread, until its time is up.

    Parameters
    ----------
    job : Job

    Returns
    -------
    list of Result
        One per piece that was begun; of all but the last one every realisation, of the last at least one.

    Raises
    ------
    DataError
        A graph cannot be had, or does not fit a cell; the message names the cell.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.people=500"])
    >>> job = Job(scenario, (Piece("k", {"item.content.stickiness": 0.2}, "hubs", "n", 0, 5),), 1.0, True, "doctest")
    >>> play_job(job)[0].rows.shape
    (5, 1, 16)
    """
    stop, results = np.zeros(1, dtype=np.uint8), list[Result]()
    timer = threading.Timer(job.seconds, stop.__setitem__, (0, 1))
    timer.daemon = True
    timer.start()
    try:
        for piece in job.pieces:
            results.append(_play(job, piece, stop))
            if stop[0]:
                break
    finally:
        timer.cancel()
    return results


def _play(job: Job, piece: Piece, stop: npt.NDArray[np.uint8]) -> Result:
    try:
        campaign = _campaign(job, piece)
    except DataError as error:
        values = {**piece.values, "plan": piece.plan}
        error.message = f"cell {', '.join(f'{path}={value}' for path, value in values.items())}: {error.message}"
        raise
    work, never = workspace(campaign), np.zeros(1, dtype=np.uint8)
    # One realisation at least is finished whatever the time, or there would be no end.
    clock = time.thread_time()
    parts = [_rows(campaign, piece.first, 1, work, job.impressions, never)]
    for first in range(piece.first + 1, piece.end, _MOST_AT_ONCE):
        parts.append(_rows(campaign, first, min(_MOST_AT_ONCE, piece.end - first), work, job.impressions, stop))
        if stop[0]:
            break
    seconds = time.thread_time() - clock
    return Result(piece.key, piece.first, np.concatenate(parts), _facts(campaign, job.impressions), seconds)


def _rows(
    campaign: Campaign, first: int, count: int, work: Any, impressions: bool, stop: npt.NDArray[np.uint8]
) -> Ints:
    """Play realisations and return what is kept of those that were finished."""
    played, done = play_here(campaign, first, count, work, impressions, stop)
    trust = played.trust[:done, :, -1].sum(axis=1) if played.trust.shape[1] else np.full(done, -1)
    return np.concatenate(
        [
            played.rows[:done],
            played.generations[:done, :, 1:3],
            np.broadcast_to(trust[:, None, None], (done, len(campaign.items), 1)),
        ],
        axis=2,
    )


def _facts(campaign: Campaign, impressions: bool) -> dict[str, Any]:
    scenario = campaign.scenario
    return {
        "scenario_hash": campaign.scenario_hash,
        "graph": campaign.graph.fingerprint,
        "items": list(campaign.items),
        "main_item": scenario.report.item,
        "people": int(campaign.graph.people),
        "viral_threshold": people_who_make_it_viral(scenario, campaign.graph.people),
        "impressions_counted": impressions or campaign.needs_brand or campaign.needs_crowd,
        "tick_seconds": float(scenario.time.tick),
        "horizon": int(campaign.program.horizon),
        "takes_trust": scenario.takes_trust,
        "unknowns": [unknown.name for unknown in scenario.unknowns],
        "random_seed": int(scenario.random_seed),
    }


# ---------------------------------------------------------------------------------------------------------
# What is worked out once


class _Shared:
    """Things that all threads of a process use, each worked out once, by whoever needs it first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._made: OrderedDict[object, Any] = OrderedDict()
        self._making: dict[object, threading.Lock] = {}
        self._staying: set[object] = set()

    def get(self, key: object, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._made:
                    return self._made[key]
            made = make()
            self.put(key, made)
            return made

    def drop(self, keys: Callable[[Any], bool]) -> None:
        with self._lock:
            for key in [key for key in self._made if keys(key)]:
                del self._made[key]
                self._staying.discard(key)

    def put(self, key: object, made: Any, *, stays: bool = False) -> None:
        with self._lock:
            self._made[key] = made
            self._making.pop(key, None)
            if stays:
                self._staying.add(key)
            for oldest in [key for key in self._made if key not in self._staying][: -self._most]:
                del self._made[oldest]


class _Played:
    """A graph, and what was compiled on it last, by plan."""

    def __init__(self, graph: SocialGraph) -> None:
        self.graph = graph
        self.campaigns: dict[str, Campaign] = {}


_GRAPHS = _Shared(MOST_GRAPHS)


@contextlib.contextmanager
def shared_graphs(sweep: str, network: str = "", graph: SocialGraph | None = None) -> Iterator[None]:
    """Let all jobs of a sweep in this process share their graphs, which are let go in the end.

    Parameters
    ----------
    sweep : str
        As in `Job`.
    network : str
        `PlannedCell.network` of the cells that use the graph which is given.
    graph : SocialGraph, optional

    Examples
    --------
    >>> import viralsim as vs
    >>> with shared_graphs("mine", "n", vs.from_arcs([0], [1])):
    ...     print("all jobs of this process use it")
    all jobs of this process use it
    """
    try:
        if graph is not None:
            _GRAPHS.put((sweep, network), _Played(graph), stays=True)  # nobody could make it again
        yield
    finally:
        _GRAPHS.drop(lambda key: key[0] == sweep)


def cell_scenario(
    scenario: Scenario, values: dict[str, object], numbers: dict[KeyPath, float | int] | None = None
) -> Scenario:
    """Return what is played of a cell: the scenario with its values.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> cell_scenario(read_scenario(), {"item.content.stickiness": "3%"}).item["content"].stickiness
    0.03
    """
    if numbers is not None:
        scenario = scenario.with_numbers(numbers)
    elif values:
        scenario = scenario.with_settings(values)
    # Of the times at which curves are reported nothing is kept but the last.
    return scenario.model_copy(update={"report": scenario.report.model_copy(update={"times": 2})})


def _campaign(job: Job, piece: Piece) -> Campaign:
    """Compile a cell, like another one that was compiled on the same graph."""
    scenario = cell_scenario(job.scenario, piece.values, piece.numbers)
    on: _Played = _GRAPHS.get((job.sweep, piece.network), lambda: _Played(_opened(job, piece, scenario)))
    like = on.campaigns.get(piece.plan)
    campaign = compile_campaign(scenario, on.graph, piece.plan, like=like, others_follow=True)
    on.campaigns[piece.plan] = campaign
    return campaign


def _opened(job: Job, piece: Piece, scenario: Scenario) -> SocialGraph:
    """Open the graph where processes share it; whoever is first makes it."""
    if job.graphs is None:
        return load_network(scenario.network, scenario.place)
    place = Path(job.graphs) / piece.network
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with locked(place.with_suffix(".lock")):
            if not is_store(place):
                write_store(load_network(scenario.network, scenario.place), place)
        return open_store(place)
    except (DataError, ScenarioError):
        raise
    except (OSError, ViralsimError):  # no such folder here, or a full disk: this process has a graph of its own
        return load_network(scenario.network, scenario.place)

"""What a sweep will take, before it is played: time, memory and disk, from playing a little of it."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from viralsim.engine import compile_campaign, usable_threads, workspace
from viralsim.errors import UsageError
from viralsim.experiments.cells import PlannedCell
from viralsim.experiments.jobs import Job, Piece, Result, cell_scenario, play_job, shared_graphs
from viralsim.experiments.parts import COLUMNS, MANIFEST, Block
from viralsim.experiments.results import open_sweep
from viralsim.experiments.store import SweepStore
from viralsim.experiments.sweeping import asked_for, cell_of, distinct
from viralsim.graph import SocialGraph, load_network
from viralsim.graph.store import stored_bytes

__all__ = ["SweepEstimate", "estimate_sweep"]

_PILOTS = 12
_PILOT_SECONDS = 0.3
_FIXED_BYTES = 250 << 20
"""What a process takes that plays: the interpreter, numba and the compiled kernels."""


@dataclass(frozen=True)
class SweepEstimate:
    """What a sweep will take on this machine.

    Parameters
    ----------
    cells, cells_done : int
        Cells, and those of them that are finished already in the folder.
    graphs : int
        Graphs that they are played on.
    realisations, realisations_done : int
        Of all cells; where a precision is wanted, the most that may be played.
    seconds : float
        Time that what is missing will take, with so many workers.
    workers : int
    memory_per_worker : int
        Bytes: scratch memory of a worker; and the graph it plays on, which threads share and processes map.
    memory : int
        Bytes in all, of threads in one process.
    disk : int
        Bytes that the folder will hold.
    pilots : int
        Cells of which a little was played for this.

    Examples
    --------
    >>> SweepEstimate(4, 0, 1, 400, 0, 0.5, 2, 1 << 20, 1 << 28, 9_000, 4).to_dict()["cells"]
    4
    """

    cells: int
    cells_done: int
    graphs: int
    realisations: int
    realisations_done: int
    seconds: float
    workers: int
    memory_per_worker: int
    memory: int
    disk: int
    pilots: int

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return asdict(self)


def estimate_sweep(
    scenario: Any,
    *,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    graph: SocialGraph | None = None,
    **asked: Any,
) -> SweepEstimate:
    """Tell what `sweep` would take if it was called like this, from playing a little of it for some seconds.

    Nothing is kept. Time is an extrapolation from a dozen cells spread over the sweep: where few cells take most of it,
    it may be off by a factor of two.

    Parameters
    ----------
    scenario, store, workers, graph
        As in `sweep`.
    **asked
        What else `sweep` takes.

    Returns
    -------
    SweepEstimate

    Raises
    ------
    UsageError
        As in `sweep`; and of the search for a tipping point, whose cells are not known before.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.people=500"])
    >>> found = estimate_sweep(scenario, vary={"item.content.stickiness": "5%:20%:4"}, realisations=10)
    >>> found.cells, found.realisations
    (4, 40)
    """
    plan, planned = asked_for(scenario, graph=graph, **asked)
    if plan.find is not None:
        raise UsageError(
            "which cells the search for a tipping point plays shows as it goes on, so it cannot be estimated",
            hint="it plays some 40 cells for each combination of the other values",
        )
    cells, _ = distinct(planned)
    workers = usable_threads() if workers is None else workers
    done, there, finished = _there(store), 0, 0
    missing = []
    for cell in cells:
        kept = min(done.get(cell.key, 0), plan.most)
        there, finished = there + kept, finished + (kept >= plan.most)
        missing.append(plan.most - kept)
    graphs = {cell.network: cell for cell in cells}
    word = uuid.uuid4().hex
    with shared_graphs(word, cells[0].network, graph):
        played, seconds = _pilots(plan, cells, missing, word)
    opened, took = _open(plan, next(iter(graphs.values())), graph)
    campaign = compile_campaign(cell_scenario(plan.scenario, cells[0].values), opened, cells[0].plan)
    scratch = _bytes_of(workspace(campaign))
    rows = 1024 * len(campaign.items) * 8 * (len(COLUMNS) + 40)
    return SweepEstimate(
        cells=len(cells),
        cells_done=finished,
        graphs=len(graphs),
        realisations=plan.most * len(cells),
        realisations_done=there,
        seconds=(seconds + took * (len(graphs) - 1)) / workers,
        workers=workers,
        memory_per_worker=scratch + rows,
        memory=_FIXED_BYTES + min(len(graphs), 4) * stored_bytes(opened) + workers * (scratch + rows),
        disk=int(_disk(plan, played) * plan.most * len(cells)),
        pilots=len(played),
    )


def _there(store: str | os.PathLike[str] | None) -> dict[str, int]:
    """Return how many realisations of which cells a folder holds."""
    if store is None or not (Path(store) / MANIFEST).exists():
        return {}
    found = open_sweep(store).query("SELECT key, realisations FROM cells")
    return dict(zip(found["key"].tolist(), found["realisations"].tolist(), strict=True))


def _pilots(
    plan: Any, cells: list[PlannedCell], missing: list[int], word: str
) -> tuple[list[tuple[PlannedCell, Result]], float]:
    """Play a little of cells spread over the sweep; return that, and how long all that is missing takes one worker."""
    wanted = [place for place, count in enumerate(missing) if count] or [0]
    chosen = [wanted[int(place)] for place in np.unique(np.linspace(0, len(wanted) - 1, _PILOTS).astype(int))]
    played, costs = [], []
    for index, place in enumerate([chosen[0], *chosen]):
        cell = cells[place]
        piece = Piece(cell.key, cell.values, cell.plan, cell.network, 0, plan.most)
        began = time.perf_counter()
        (result,) = play_job(Job(plan.scenario, (piece,), _PILOT_SECONDS, plan.planner.impressions, word))
        if index:  # the first one also compiles kernels and opens the graph
            each = result.seconds / len(result.rows)
            overhead = max(0.0, time.perf_counter() - began - result.seconds)
            costs.append(min(overhead, 0.05) + each * sum(missing) / max(1, sum(map(bool, missing))))
            played.append((cell, result))
    return played, float(np.mean(costs)) * sum(map(bool, missing))


def _open(plan: Any, cell: PlannedCell, graph: SocialGraph | None) -> tuple[SocialGraph, float]:
    began = time.perf_counter()
    scenario = cell_scenario(plan.scenario, cell.values)
    opened = load_network(scenario.network, scenario.place) if graph is None else graph
    return opened, time.perf_counter() - began


def _bytes_of(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    return sum(map(_bytes_of, value)) if isinstance(value, tuple) else 0


def _disk(plan: Any, played: list[tuple[PlannedCell, Result]]) -> float:
    """Return how many bytes a realisation takes on disk."""
    with tempfile.TemporaryDirectory(prefix="viralsim-") as folder:
        place = Path(folder, "pilot")
        with SweepStore.open(place, plan.described([]), agrees=dict) as store:
            for cell, result in played:
                store.add(cell_of(cell, result), Block(cell.key, result.first, result.rows))
            store.close(finished=False)
        size = sum(path.stat().st_size for path in place.rglob("*.parquet"))
        return size / max(1, sum(len(result.rows) for _, result in played))

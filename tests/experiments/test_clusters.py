"""Sweeps give the same tables whoever plays them, and whoever of them is killed on the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from clusters import Cluster
from sweeps import same_tables

import viralsim as vs
from viralsim.experiments import Progress, executors, sweeping

VARY = {"item.content.stickiness": "5%:30%:30", "plan": ["random", "hubs"]}
REALISATIONS = 100


class Known(NamedTuple):
    """A scenario and what threads made of it undisturbed."""

    scenario: vs.Scenario
    swept: vs.Sweep


def play(scenario: vs.Scenario, **how: Any) -> vs.Sweep:
    return vs.sweep(scenario, vary=VARY, realisations=REALISATIONS, **how)


@pytest.fixture(scope="module")
def generated() -> Known:
    scenario = vs.read_scenario(settings=["network.people=5000", "platform.feed.visibility=0.3"])
    return Known(scenario, play(scenario))


@pytest.fixture(scope="module")
def from_file(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A network so large that its arcs, more than 1 MiB of them, are mapped into memory and not read."""
    edges = tmp_path_factory.mktemp("network") / "edges.csv"
    pairs = np.unique(np.random.default_rng(1).integers(0, 70_000, size=(300_000, 2)), axis=0)
    edges.write_text("source,target\n" + "".join(f"{a},{b}\n" for a, b in pairs.tolist() if a != b))
    scenario = vs.read_scenario(settings={"network.file": str(edges), "platform.feed.visibility": 0.5})
    return Known(scenario, play(scenario))


@pytest.fixture(autouse=True)
def short_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many that none is most of the work."""
    monkeypatch.setattr(sweeping, "SLICE", 0.02)
    monkeypatch.setattr(sweeping, "ENDS_AFTER", 0.1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    started.start_scheduler()
    started.start_worker()
    started.start_worker()
    yield started
    started.kill()


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the coordinator hears of the end of its workers."""
    heard = list[str]()

    class Heard(executors.Lost):
        def __init__(self, reason: str) -> None:
            super().__init__(reason)
            heard.append(reason)

    monkeypatch.setattr(executors, "Lost", Heard)
    return heard


class Killer:
    """Looks on at a sweep, and as soon as these shares of its realisations are there does away with a worker."""

    def __init__(self, workers: Callable[[], list[int]], *shares: float) -> None:
        self.workers = workers
        self.shares = list(shares)
        self.killed = list[int]()
        self.mapped = list[bool]()

    def __call__(self, progress: Progress) -> None:
        if not self.shares or progress.realisations_done < self.shares[0] * progress.realisations:
            return
        alive = [process for process in self.workers() if is_alive(process)]
        if len(alive) < 2:
            return  # the one in place of the last that was killed is on its way
        assert progress.realisations_done < 0.9 * progress.realisations, "it is as good as over"
        del self.shares[0]
        self.mapped.extend("/graphs/" in Path(f"/proc/{process}/maps").read_text() for process in alive)
        os.kill(alive[0], signal.SIGKILL)
        self.killed.append(alive[0])


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid is not None]


@pytest.fixture
def graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes share their graphs in a folder whose name is as on a cluster."""
    (tmp_path / "graphs").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "graphs"))


def test_killing_processes_changes_nothing(generated: Known, lost: list[str]) -> None:
    killer = Killer(children, 0.2, 0.6)
    assert same_tables(play(generated.scenario, executor="processes", workers=2, progress=killer), generated.swept)
    assert len(set(killer.killed)) == 2
    assert set(lost) == {"a worker process ended by signal 9"}


def test_killing_the_worker_of_a_cluster_changes_nothing(generated: Known, cluster: Cluster, tmp_path: Path) -> None:
    killer = Killer(lambda: [worker.pid for worker in cluster.workers], 0.3)
    swept = play(generated.scenario, cluster=cluster.address, progress=killer, store=tmp_path / "made")
    assert same_tables(swept, generated.swept)
    assert killer.killed == [cluster.workers[0].pid]
    assert [worker.poll() for worker in cluster.workers] == [-signal.SIGKILL, None]
    assert swept.played == 60 * REALISATIONS


@pytest.mark.long
def test_processes_that_map_a_graph_may_be_killed(from_file: Known, graphs: None) -> None:
    killer = Killer(children, 0.1, 0.3, 0.5, 0.7)
    assert same_tables(play(from_file.scenario, executor="processes", workers=2, progress=killer), from_file.swept)
    assert len(set(killer.killed)) == 4
    assert sum(killer.mapped) >= 4  # one that is new may not have come to it


@pytest.mark.long
def test_workers_of_a_cluster_that_map_a_graph_may_be_killed(
    from_file: Known, cluster: Cluster, tmp_path: Path
) -> None:
    killer = Killer(lambda: [worker.pid for worker in cluster.workers], 0.3)
    swept = play(from_file.scenario, cluster=cluster.address, progress=killer, store=tmp_path / "made")
    assert same_tables(swept, from_file.swept)
    assert len(killer.killed) == 1
    assert any(killer.mapped)


@pytest.mark.long
def test_a_scheduler_that_is_restarted_changes_nothing(from_file: Known, cluster: Cluster, tmp_path: Path) -> None:
    def restart(progress: Progress) -> None:
        if progress.realisations_done > 0.3 * progress.realisations and len(cluster.workers) == 2:
            assert progress.realisations_done < 0.9 * progress.realisations
            assert cluster.scheduler is not None
            cluster.scheduler.kill()
            cluster.scheduler.wait()
            cluster.start_scheduler()
            cluster.start_worker()
            cluster.start_worker()

    swept = play(from_file.scenario, cluster=cluster.address, progress=restart, store=tmp_path / "made")
    assert same_tables(swept, from_file.swept)
    assert len(cluster.workers) == 4


@pytest.mark.long
def test_a_local_cluster_gives_the_same(generated: Known) -> None:
    assert same_tables(play(generated.scenario, cluster="local:2"), generated.swept)

"""Executors: the same answers from threads, processes and a cluster, whoever dies on the way."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jobs
import numpy as np
import pytest
from clusters import ENVIRONMENT, Cluster
from jobs import Answer, Job

from viralsim.errors import UsageError, ViralsimError
from viralsim.experiments import executors
from viralsim.experiments.executors import Workers, make_workers, work


def handing_out(numbers: int, seconds: float = 0.0, folder: Path | str = "") -> Callable[[], Job | None]:
    left = iter([Job(number, seconds, str(folder)) for number in range(numbers)])
    return lambda: next(left, None)


def is_right(found: dict[int, Answer], numbers: int) -> bool:
    return sorted(found) == list(range(numbers)) and all(
        np.array_equal(answer.rows, np.arange(1_000) * number) for number, answer in found.items()
    )


def gathered(answers: Iterator[tuple[Job, Answer]]) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    for job, answer in answers:
        assert job.number not in found, "a job was yielded twice"
        found[job.number] = answer
    return found


@contextlib.contextmanager
def open_workers(*args: object, **named: object) -> Iterator[Workers]:
    workers = make_workers(*args, **named)  # type: ignore[arg-type]
    try:
        yield workers
    finally:
        workers.close()


def ends_soon(process: int, seconds: float = 10.0) -> bool:
    """Tell whether a process ends (or is nothing but an entry that nobody has read yet)."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


# ---------------------------------------------------------------------- any workers


class Slow(Workers):
    """Workers whose jobs the test ends by hand."""

    name = "slow"

    def __init__(self) -> None:
        self.sent: list[tuple[Job, executors.Future[Answer]]] = []
        self.renewed = 0

    @property
    def count(self) -> int:
        return 2

    def submit(self, function: object, *args: object) -> executors.Future[Answer]:  # type: ignore[override]
        future: executors.Future[Answer] = executors.Future()
        self.sent.append((args[0], future))  # type: ignore[arg-type]
        return future

    def renew(self) -> bool:
        self.renewed += 1
        return self.renewed == 1

    def close(self, wait: bool = True) -> None:
        pass


def answer_to(job: Job) -> Answer:
    return jobs.play(job)


def test_twice_as_many_jobs_are_in_flight_as_are_played_and_the_next_is_asked_for_after_an_answer() -> None:
    asked: list[int] = []
    give = handing_out(7)

    def next_job() -> Job | None:
        asked.append(len(workers.sent))
        return give()

    workers = Slow()
    work_ = work(workers, jobs.play, next_job)
    threading.Timer(0.05, lambda: workers.sent[2][1].set_result(answer_to(workers.sent[2][0]))).start()
    job, _ = next(work_)
    assert (job.number, asked, len(workers.sent)) == (2, [0, 1, 2, 3], 4)
    workers.sent[0][1].set_result(answer_to(workers.sent[0][0]))
    assert next(work_)[0].number == 0
    assert asked == [0, 1, 2, 3, 4]
    work_.close()
    assert [future.cancelled() for _, future in workers.sent] == [False, True, False, True, True]


def test_where_all_is_lost_all_is_sent_again_and_late_answers_do_not_count() -> None:
    workers = Slow()
    work_ = work(workers, jobs.play, handing_out(4))
    threading.Timer(0.05, lambda: workers.sent[1][1].set_exception(executors.Lost("gone"))).start()
    threading.Timer(0.15, lambda: [f.set_result(answer_to(j)) for j, f in workers.sent[4:]]).start()
    assert is_right(gathered(work_), 4)
    assert [job.number for job, _ in workers.sent][4:6] == [1, 0]
    assert (len(workers.sent), workers.renewed) == (8, 1)


def test_a_job_may_be_asked_for_again_once_an_answer_is_there() -> None:
    """As a sweep does that waits for a cell's answer before it knows how many realisations are wanted."""
    waiting: list[Job] = [Job(0)]
    found: list[int] = []
    with open_workers("threads", 2) as workers:
        for job, _ in work(workers, jobs.play, lambda: waiting.pop() if waiting else None):
            found.append(job.number)
            if job.number < 4:
                waiting.append(Job(job.number + 1))
    assert found == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_answers_are_the_same(kind: str) -> None:
    with open_workers(kind, 2) as workers:
        found = gathered(work(workers, jobs.play, handing_out(40)))
        assert is_right(found, 40)
        processes = {answer.process for answer in found.values()}
        assert (os.getpid() in processes) == (kind == "threads")
        assert is_right(gathered(work(workers, jobs.play, handing_out(5))), 5)  # they stay open
    if kind == "processes":
        assert all(ends_soon(process) for process in processes)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_what_a_job_raises_is_passed_on(kind: str) -> None:
    with open_workers(kind, 2) as workers:
        with pytest.raises(UsageError) as caught:
            gathered(work(workers, jobs.refusing, handing_out(10)))
        assert str(caught.value) == "here: job 3 makes no sense\n  hint: leave it out"
        assert is_right(gathered(work(workers, jobs.play, handing_out(5))), 5)


def test_an_executor_that_is_handed_in_is_used_and_not_shut_down() -> None:
    with ThreadPoolExecutor(3) as pool:
        with open_workers(pool) as workers:
            assert (workers.name, workers.count) == ("ThreadPoolExecutor", 3)
            assert is_right(gathered(work(workers, jobs.play, handing_out(10))), 10)
        assert pool.submit(pow, 2, 3).result() == 8
        workers = make_workers(pool)
    with pytest.raises(ViralsimError, match="plays no more: cannot schedule new futures after shutdown"):
        gathered(work(workers, jobs.play, handing_out(10)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            ("thread",),
            "unknown executor 'thread', expected threads, processes or cluster\n  hint: did you mean 'threads'?",
        ),
        (("threads", 0), "expected 1 to 1,024 workers, got 0"),
        (("threads", 2, "tcp://here:1"), "threads have no address"),
        (("cluster",), "expected the address of a Dask scheduler"),
        (("cluster", 2, "local:2"), "the cluster itself tells how many"),
        (("cluster", None, "here"), "expected the address of a Dask scheduler, got 'here'"),
        (("cluster", None, "local:0"), "expected local:1 to local:1024, got 'local:0'"),
    ],
)
def test_workers_that_do_not_exist(call: tuple[object, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_workers(*call)  # type: ignore[arg-type]
    assert message in str(caught.value)


# ---------------------------------------------------------------------- processes


def test_a_process_that_dies_costs_nothing_but_its_job(tmp_path: Path) -> None:
    with open_workers("processes", 2) as workers:
        assert is_right(gathered(work(workers, jobs.dying_once, handing_out(20, 0.01, tmp_path))), 20)
    assert (tmp_path / "died").exists()


def test_processes_are_killed_at_any_moment_while_they_answer() -> None:
    with open_workers("processes", 2) as workers:
        found: dict[int, Answer] = {}
        for job, answer in work(workers, jobs.big, handing_out(30)):
            found[job.number] = answer
            if job.number % 6 == 0:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(answer.process, signal.SIGKILL)
    assert sorted(found) == list(range(30))
    assert all((answer.rows == number).all() for number, answer in found.items())


def test_a_job_that_kills_every_process_is_given_up() -> None:
    with open_workers("processes", 1) as workers, pytest.raises(ViralsimError) as caught:
        gathered(work(workers, jobs.dying, handing_out(1)))
    assert str(caught.value).startswith(
        "processes: gave up a job that was lost 6 times; the last time: a worker process ended by signal 9\n  hint: "
    )
    assert "memory" in caught.value.hint
    assert "__main__" in caught.value.hint


def test_a_process_that_hangs_is_overtaken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "STRAGGLES_AFTER", 0.5)
    with open_workers("processes", 2) as workers:
        assert is_right(gathered(work(workers, jobs.stopping_once, handing_out(12, 0.0, tmp_path))), 12)
    assert ends_soon(int((tmp_path / "stopped").read_text()))


def test_each_process_opens_the_graph_once() -> None:
    with open_workers("processes", 2, initializer=jobs.open_graph, initargs=("a graph",)) as workers:
        answers = [answer for _, answer in work(workers, jobs.opened, handing_out(10, 0.0))]
    assert answers == [["a graph"]] * 10
    assert jobs.OPENED == []
    with (
        open_workers("processes", 2, initializer=jobs.no_graph) as workers,
        pytest.raises(UsageError, match="there is no graph"),
    ):
        list(work(workers, jobs.opened, handing_out(10)))


def test_what_cannot_travel_is_named() -> None:
    with open_workers("processes", 1) as workers:
        with pytest.raises(TypeError, match="function cannot be sent back"):
            list(work(workers, jobs.odd_answer, handing_out(1)))
        with pytest.raises(RuntimeError, match="Odd: odd 0"):
            list(work(workers, jobs.odd_error, handing_out(1)))
        with pytest.raises(Exception, match="lambda"):
            list(work(workers, lambda job: job, handing_out(1)))
        assert is_right(gathered(work(workers, jobs.play, handing_out(3))), 3)


def test_processes_that_are_not_waited_for_end_at_once() -> None:
    workers = make_workers("processes", 2)
    first = next(work(workers, jobs.play, handing_out(1)))[1]
    futures = [workers.submit(jobs.play, Job(number, 60.0)) for number in range(2)]
    time.sleep(0.3)
    begin = time.monotonic()
    workers.close(wait=False)
    assert time.monotonic() - begin < 5.0
    assert ends_soon(first.process)
    assert all(future.done() for future in futures)


def test_processes_end_when_their_coordinator_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "coordinator.py"
    script.write_text(
        "import jobs, time\n"
        "from viralsim.experiments.executors import make_workers\n"
        "if __name__ == '__main__':\n"
        "    workers = make_workers('processes', 2)\n"
        "    both = [workers.submit(jobs.play, jobs.Job(n, 0.5)) for n in range(2)]\n"
        "    pids = sorted({future.result().process for future in both})\n"
        "    workers.submit(jobs.play, jobs.Job(0, 60.0))\n"
        "    time.sleep(0.2)\n"
        "    print(*pids, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as coordinator:
        assert coordinator.stdout is not None
        processes = [int(word) for word in coordinator.stdout.readline().split()]
        coordinator.kill()
    assert len(processes) == 2
    assert all(ends_soon(process) for process in processes)


def test_a_script_without_a_main_guard_is_told_of_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import jobs\n"
        "from viralsim.experiments.executors import make_workers, work\n"
        "workers = make_workers('processes', 1)\n"
        "todo = iter([jobs.Job(1)])\n"
        "list(work(workers, jobs.play, lambda: next(todo, None)))\n"
    )
    ended = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False
    )
    assert "ended with exit code 1 before it began" in ended.stderr
    assert 'if __name__ == "__main__":' in ended.stderr.rpartition("hint:")[2]


# ---------------------------------------------------------------------- a cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    started.start_scheduler()
    started.start_worker()
    started.start_worker()
    yield started
    started.kill()


def test_a_cluster_gives_the_same_answers_when_a_worker_is_killed_and_the_scheduler_restarted(
    cluster: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_workers("cluster", None, cluster.address) as workers:
        found: dict[int, Answer] = {}
        for job, answer in work(workers, jobs.play, handing_out(120, 0.02)):
            assert job.number not in found
            found[job.number] = answer
            if len(found) == 20:
                cluster.workers[0].kill()
            if len(found) == 50:
                assert cluster.scheduler is not None
                cluster.scheduler.kill()
                cluster.scheduler.wait()
                cluster.start_scheduler()
                cluster.start_worker()
                cluster.start_worker()
        assert is_right(found, 120)
        assert os.getpid() not in {answer.process for answer in found.values()}
        assert len({answer.process for answer in found.values()}) >= 3
        with pytest.raises(UsageError) as caught:
            gathered(work(workers, jobs.refusing, handing_out(10)))
        assert str(caught.value) == "here: job 3 makes no sense\n  hint: leave it out"
    assert capfd.readouterr().err == ""


@pytest.mark.long
def test_a_worker_with_another_viralsim_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("import viralsim\nviralsim.__version__ = '9.9'\n")
    cluster = Cluster(tmp_path)
    cluster.start_scheduler()
    cluster.start_worker()
    try:
        with open_workers("cluster", None, cluster.address) as workers:
            assert is_right(gathered(work(workers, jobs.play, handing_out(5))), 5)
            cluster.start_worker("--preload", str(other))  # one that comes later
            with pytest.raises(UsageError, match=r"has viralsim 9\.9, luck .* expected viralsim"):
                gathered(work(workers, jobs.play, handing_out(400, 0.05)))
        with pytest.raises(UsageError, match=r"has viralsim 9\.9"):
            make_workers("cluster", None, cluster.address)
    finally:
        cluster.kill()


@pytest.mark.long
def test_processes_of_a_local_cluster(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with open_workers("cluster", None, "local:2") as workers:
        assert workers.count == 2
        assert is_right(gathered(work(workers, jobs.dying_once, handing_out(20, 0.01, tmp_path))), 20)
    assert capfd.readouterr().err == ""


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(executors, "_CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(executors, "PATIENCE", 0.5)
    cluster = Cluster(tmp_path)
    with pytest.raises(ViralsimError, match=r"no Dask scheduler answers within 0\.5 seconds"):
        make_workers("cluster", None, cluster.address)
    cluster.start_scheduler()
    try:
        monkeypatch.setattr(executors, "_CONNECT_SECONDS", 15.0)
        with pytest.raises(ViralsimError, match=r"no workers for 0\.5 seconds"):
            make_workers("cluster", None, cluster.address)
    finally:
        cluster.kill()


def test_a_cluster_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError) as caught:
        make_workers("cluster", None, "local:2")
    assert "pip install 'viralsim[cluster]'" in str(caught.value)

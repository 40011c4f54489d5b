"""Who plays the jobs of a sweep: threads, processes, a Dask cluster, or any executor that is handed in.

A job is a function of one argument, played wherever there is room; nothing here knows what it computes. The luck of a
realisation is keyed, so a job gives the same answer wherever and however often it is played: what is lost is played
once more, what takes too long is played twice, and no answer changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import multiprocessing
import os
import queue
import re
import signal
import statistics
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from importlib.metadata import version
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, TypeVar

import viralsim
from viralsim.errors import UsageError, ViralsimError, did_you_mean

__all__ = ["KINDS", "Lost", "Workers", "make_workers", "work"]

J = TypeVar("J")
R = TypeVar("R")

KINDS = ("threads", "processes", "cluster")

MOST_LOSSES = 5
"""A job that was lost more often than this is given up."""

STRAGGLES_AFTER = 30.0
"""Once nothing is left to begin, a job that takes longer than this (seconds) and ten times the median gets a twin."""

PATIENCE = 120.0
"""So many seconds a cluster may be without a scheduler, or without workers, before it is given up."""

_CONNECT_SECONDS = 15.0
_LOOK_SECONDS = 1.0
_MOST_WORKERS = 1_024


class Lost(Exception):
    """Whoever played a job is gone, and the answer with them."""


class Workers(ABC):
    """Those who play jobs, as `make_workers` gives them."""

    name: str
    """What they are, for messages."""

    may_straggle = True
    """Whether a job that takes very long may be faster with somebody else."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many jobs are played at the same time."""

    @abstractmethod
    def submit(self, function: Callable[..., R], *args: Any) -> Future[R]:
        """Play a job as soon as somebody is free; both travel by pickle, but for threads."""

    def is_lost(self, error: BaseException) -> bool:
        """Tell whether this is the worker's end rather than the job's own error, so that the job may be tried again."""
        return isinstance(error, (Lost, CancelledError))

    def renew(self) -> bool:
        """Make good for what was lost; return whether every job in flight has to be submitted anew.

        Raises
        ------
        ViralsimError
            There is nobody left to play.
        """
        return False

    def look(self) -> None:  # noqa: B027
        """See after the workers, about once per second while no answer comes.

        Raises
        ------
        ViralsimError
            All of them have been gone for long.
        """

    @abstractmethod
    def close(self, wait: bool = True) -> None:
        """Let the workers go; with wait=False jobs that are being played are not waited for."""


def make_workers(
    kind: str | Executor,
    count: int | None = None,
    address: str | None = None,
    *,
    initializer: Callable[..., object] | None = None,
    initargs: tuple[Any, ...] = (),
) -> Workers:
    """Return the workers that a sweep asks for.

    Parameters
    ----------
    kind : str or concurrent.futures.Executor
        ``"threads"``, ``"processes"`` (spawned; they end when this process ends, however it ends), ``"cluster"``
        (Dask), or an executor, which is used as it is and never shut down.
    count : int, optional
        How many threads or processes; by default one per usable processor.
    address : str, optional
        Of a cluster: that of a Dask scheduler (``"tcp://host:8786"``), or ``"local:N"`` for N processes here.
    initializer : callable, optional
        Called once where jobs are played, before the first of them: here for threads, in each worker for processes.
        On a cluster and in executors that are handed in, the job's function has to see to that itself.
    initargs : tuple
        What it is called with.

    Raises
    ------
    UsageError
        There are no such workers, Dask is not installed, or a worker of the cluster holds another viralsim.
    ViralsimError
        The cluster does not answer, or has no workers.

    Examples
    --------
    >>> workers = make_workers("threads", 2)
    >>> workers.submit(pow, 2, 10).result()
    1024
    >>> workers.close()
    """
    if isinstance(kind, Executor):
        return _Given(kind, count or getattr(kind, "_max_workers", None) or _usable())
    if kind not in KINDS:
        raise UsageError(
            f"unknown executor '{kind}', expected {', '.join(KINDS[:-1])} or {KINDS[-1]}",
            place="executor",
            hint=did_you_mean(str(kind), KINDS),
        )
    if address is not None and kind != "cluster":
        raise UsageError(f"{kind} have no address, got '{address}'", place="cluster")
    if kind == "cluster":
        if address is None:
            raise UsageError(
                "expected the address of a Dask scheduler", place="cluster", hint="tcp://HOST:PORT, or local:N"
            )
        if count is not None:
            raise UsageError(
                "the cluster itself tells how many workers there are", place="workers", hint=f"{address} is enough"
            )
        return _Cluster(address)
    if count is not None and not 1 <= count <= _MOST_WORKERS:
        raise UsageError(f"expected 1 to {_MOST_WORKERS:,} workers, got {count:,}", place="workers")
    if kind == "threads":
        if initializer is not None:
            initializer(*initargs)
        return _Threads(count or _usable())
    if multiprocessing.current_process().daemon:
        raise UsageError(
            "a worker process cannot start worker processes itself", place="executor", hint="'threads' go everywhere"
        )
    return _Processes(count or _usable(), initializer, initargs)


# ---------------------------------------------------------------------- handing out jobs


class _Flight:
    """A job on its way: how many copies of it are, how often one was lost, since when."""

    __slots__ = ("copies", "job", "losses", "since")

    def __init__(self, job: Any) -> None:
        self.job = job
        self.copies = 0
        self.losses = 0
        self.since = time.monotonic()


def work(
    workers: Workers, function: Callable[[J], R], next_job: Callable[[], J | None], *, ahead: int | None = None
) -> Iterator[tuple[J, R]]:
    """Play jobs and yield each with its answer, in the order in which they are done.

    A job whose worker dies is played again. Once nothing is left to begin, a job that takes very long is given to
    somebody else too, and the first answer counts. Each job is yielded exactly once.

    Parameters
    ----------
    workers : Workers
        They stay open.
    function : callable
        Gets the job; the same job always gives the same answer.
    next_job : callable
        Gives the next job. None: there is none now; it is asked again after an answer was taken, and the work ends
        when nothing is in flight either.
    ahead : int, optional
        How many jobs may be in flight; by default twice as many as are played at the same time.

    Yields
    ------
    tuple
        The job and its answer.

    Raises
    ------
    ViralsimError
        A job was lost again and again, or nobody is left to play.
    Exception
        Whatever the function raised.

    Examples
    --------
    >>> jobs = iter([3, 4, 5])
    >>> workers = make_workers("threads", 1)
    >>> list(work(workers, float, lambda: next(jobs, None)))
    [(3, 3.0), (4, 4.0), (5, 5.0)]
    >>> workers.close()
    """
    done: queue.SimpleQueue[Future[R]] = queue.SimpleQueue()
    flying: dict[Future[R], _Flight] = {}
    took: deque[float] = deque(maxlen=101)

    def send(flight: _Flight) -> None:
        future = workers.submit(function, flight.job)
        flight.copies += 1
        flying[future] = flight
        future.add_done_callback(done.put)

    def recall(flight: _Flight) -> None:
        for future in [future for future, other in flying.items() if other is flight]:
            del flying[future]
            future.cancel()
        flight.copies = 0

    def play_again(flight: _Flight, reason: BaseException) -> None:
        recall(flight)
        flight.losses += 1
        if flight.losses > MOST_LOSSES:
            hint = "a worker that needs more memory than there is dies like this: fewer workers may do"
            if isinstance(workers, _Processes):
                hint += '; and a script that uses processes begins its work under `if __name__ == "__main__":`'
            raise ViralsimError(
                f"gave up a job that was lost {flight.losses} times; the last time: {reason}",
                place=workers.name,
                hint=hint,
            ) from reason
        flight.since = time.monotonic()
        send(flight)

    more = True
    try:
        while True:
            while more and len(flying) < (ahead or 2 * workers.count):
                job = next_job()
                if job is None:
                    more = False
                else:
                    send(_Flight(job))
            if not flying:
                return
            try:
                future = done.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                workers.look()
                if workers.may_straggle and not more and took:
                    longest = max(STRAGGLES_AFTER, 10 * statistics.median(took))
                    late = time.monotonic() - longest
                    for flight in [flight for flight in flying.values() if flight.copies == 1 and flight.since < late]:
                        send(flight)
                continue
            flown = flying.pop(future, None)
            if flown is None:
                continue  # the slower twin, or a copy that was given up
            flown.copies -= 1
            error = CancelledError("cancelled") if future.cancelled() else future.exception()
            if error is None:
                took.append(time.monotonic() - flown.since)
                recall(flown)
                yield flown.job, future.result()
                more = True
            elif not workers.is_lost(error):
                raise error
            elif workers.renew():
                for flight in dict.fromkeys([flown, *flying.values()]):
                    play_again(flight, error)
            elif flown.copies == 0:
                play_again(flown, error)
    finally:
        for future in flying:
            future.cancel()


# ---------------------------------------------------------------------- here


def _usable() -> int:
    from viralsim.engine import usable_threads

    return usable_threads()


class _Threads(Workers):
    """Threads of this process: the kernels hold no lock."""

    name = "threads"
    may_straggle = False

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="viralsim-worker")

    @property
    def count(self) -> int:
        return self._count

    def submit(self, function: Callable[..., R], *args: Any) -> Future[R]:
        return self._pool.submit(function, *args)

    def close(self, wait: bool = True) -> None:
        self._pool.shutdown(wait=wait, cancel_futures=True)


class _Given(Workers):
    """An executor that somebody else made, and will shut down."""

    def __init__(self, executor: Executor, count: int) -> None:
        self.name = type(executor).__name__
        self._executor = executor
        self._count = count

    @property
    def count(self) -> int:
        return self._count

    def submit(self, function: Callable[..., R], *args: Any) -> Future[R]:
        try:
            return self._executor.submit(function, *args)
        except RuntimeError as error:  # broken, or shut down
            raise self._over(error) from error

    def is_lost(self, error: BaseException) -> bool:
        return isinstance(error, (BrokenExecutor, CancelledError))

    def renew(self) -> bool:
        raise self._over("its workers are gone")

    def _over(self, reason: object) -> ViralsimError:
        return ViralsimError(
            f"the executor that was handed in plays no more: {reason}",
            place=self.name,
            hint="what is done is kept; the same call with a new executor goes on",
        )

    def close(self, wait: bool = True) -> None:
        """Leave it as it is: it belongs to whoever made it."""


# ---------------------------------------------------------------------- processes


class _Worker:
    """A process that plays one job at a time, and the only way to it.

    Each has a connection of its own, so that one that dies, even while it answers, takes nothing with it but its job.
    """

    def __init__(self, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, initializer, initargs), daemon=True)
        self.began = False
        try:
            self.process.start()
        except OSError as error:
            raise ViralsimError(f"a worker process cannot be started: {error.strerror}", place="processes") from error
        finally:
            theirs.close()

    def play(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        try:
            if not self.began:
                self._answer()
                self.began = True
            self.connection.send((function, args))
            return self._answer()
        except (EOFError, ConnectionError) as error:
            self.process.join(1.0)
            code = self.process.exitcode
            how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
            raise Lost(f"a worker process ended {how}{'' if self.began else ' before it began'}") from error

    def _answer(self) -> Any:
        well, answer = self.connection.recv()
        if not well:
            raise _Failed(answer)
        return answer


class _Failed(Exception):
    """What the job itself raised, not to be taken for the end of its worker."""


class _Processes(Workers):
    """Processes of this machine, spawned; one that dies is replaced."""

    name = "processes"

    def __init__(self, count: int, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> None:
        self._count = count
        self._start = functools.partial(_Worker, initializer, initargs)
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="viralsim-worker")  # one waits for each process
        self._lock = threading.Lock()
        self._all: set[_Worker] = set()
        self._idle: deque[_Worker] = deque()
        self._closed = False

    @property
    def count(self) -> int:
        return self._count

    def submit(self, function: Callable[..., R], *args: Any) -> Future[R]:
        return self._pool.submit(self._play, function, args)

    def _play(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        worker = self._take()
        try:
            answer = worker.play(function, args)
        except Lost:
            self._forget(worker)
            raise
        except _Failed as failed:
            if worker.began:
                self._idle.append(worker)
            else:
                self._forget(worker)
            raise failed.args[0] from None
        except BaseException:  # the job or its answer cannot travel: nobody knows what still waits in the connection
            self._forget(worker)
            raise
        self._idle.append(worker)
        return answer

    def _take(self) -> _Worker:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        with self._lock:
            if self._closed:
                raise Lost("the workers were let go")
            worker = self._start()
            self._all.add(worker)
            return worker

    def _forget(self, worker: _Worker) -> None:
        with self._lock:
            if worker in self._all:
                self._all.remove(worker)
                worker.process.kill()
                worker.process.join()
                worker.connection.close()

    def close(self, wait: bool = True) -> None:
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        # An idle one ends by itself when its connection does; nobody waits for what the others are at.
        idle = set()
        with contextlib.suppress(IndexError):
            while True:
                idle.add(self._idle.pop())
        for worker in idle:
            worker.connection.close()
        for worker in list(self._all):
            if wait and worker in idle:
                worker.process.join(5.0)
            worker.process.kill()
        self._pool.shutdown(wait=True)
        for worker in list(self._all):
            worker.process.join()
            worker.process.close()
            worker.connection.close()
        self._all.clear()


def _serve(connection: Connection, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> None:
    """Play whatever comes, until the connection ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the coordinator, who lets us go
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer = _tried(initializer, initargs) if initializer is not None else (True, None)
    while True:
        try:
            connection.send(answer)
        except OSError:
            return
        except Exception as error:  # the answer cannot travel
            connection.send((False, TypeError(f"{type(answer[1]).__name__} cannot be sent back: {error}")))
        try:
            function, args = connection.recv()
        except (EOFError, OSError):
            return
        except Exception as error:  # a function that this process does not find
            answer = (False, _fit_to_travel(error))
        else:
            answer = _tried(function, args)


def _tried(function: Callable[..., object], args: tuple[Any, ...]) -> tuple[bool, object]:
    try:
        return True, function(*args)
    except Exception as error:
        return False, _fit_to_travel(error)


def _fit_to_travel(error: Exception) -> Exception:
    """Return the error if it comes through a pickle, else one that tells what it said."""
    error.add_note(f"in a worker process:\n{''.join(traceback.format_exception(error))}")
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _end_with_parent() -> None:
    """End this process when the one that started it ends, even if that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


# ---------------------------------------------------------------------- a cluster


class _Cluster(Workers):
    """The workers of a Dask scheduler, which may come and go."""

    name = "cluster"

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise UsageError(
                "a cluster is reached through Dask, which is not installed here",
                place="cluster",
                hint="pip install 'viralsim[cluster]', or only: pip install distributed",
            ) from error
        self._dask: Any = distributed
        processes = re.fullmatch(r"local:(\d{1,5})", address)
        if processes is None and "://" not in address:
            raise UsageError(
                f"expected the address of a Dask scheduler, got '{address}'",
                place="cluster",
                hint="tcp://HOST:PORT, or local:N for N processes here",
            )
        if processes is not None and not 1 <= int(processes[1]) <= _MOST_WORKERS:
            raise UsageError(f"expected local:1 to local:{_MOST_WORKERS}, got '{address}'", place="cluster")
        self._address = address
        self._local: Any = None
        self._client: Any = None
        self._loud: list[tuple[logging.Handler, int]] = []
        self._threads = 0
        self._looked = self._seen = time.monotonic()
        self._hush()
        try:
            if processes is not None:
                self._local = self._dask.LocalCluster(
                    n_workers=int(processes[1]),
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    memory_limit=0,  # it would count the pages of a mapped graph once for each of them
                    silence_logs=logging.CRITICAL,
                )
            self._client = self._connect(_CONNECT_SECONDS)
            self._await_workers()
            self._check()
        except BaseException:
            self.close(wait=False)
            raise

    def _hush(self) -> None:
        """Keep Dask's own log off the screen: what matters of it, we say ourselves."""
        loggers = logging.getLogger("distributed"), logging.getLogger("distributed.client")
        handlers = {handler for logger in loggers for handler in logger.handlers}
        self._loud = [(handler, handler.level) for handler in handlers]
        for handler in handlers:
            handler.setLevel(logging.CRITICAL)

    def _connect(self, timeout: float) -> Any:
        try:
            scheduler = self._address if self._local is None else self._local
            return self._dask.Client(scheduler, timeout=timeout, set_as_default=False)
        except Exception as error:
            raise ViralsimError(
                f"no Dask scheduler answers within {timeout:g} seconds: {_first_line(error)}",
                place=self._address,
                hint="the command 'dask scheduler' starts one, and prints its address",
            ) from error

    def _await_workers(self) -> None:
        begin = time.monotonic()
        while not self._client.nthreads():
            if time.monotonic() - begin > PATIENCE:
                raise self._deserted()
            time.sleep(0.1)

    def _deserted(self) -> ViralsimError:
        return ViralsimError(
            f"the scheduler has had no workers for {PATIENCE:g} seconds",
            place=self._address,
            hint=f"'dask worker {self._address}' starts one; the same command goes on where it stopped",
        )

    def _check(self) -> None:
        call = functools.partial(_checked, _versions(), int)
        for worker, answer in self._client.run(call, on_error="return").items():
            if isinstance(answer, UsageError):
                raise answer
            if isinstance(answer, Exception):
                raise UsageError(
                    f"this worker cannot play: {_first_line(answer)}",
                    place=str(worker),
                    hint=f"pip install 'viralsim[cluster]=={viralsim.__version__}' there",
                ) from answer

    @property
    def count(self) -> int:
        if time.monotonic() - self._looked > 2 * _LOOK_SECONDS or not self._threads:
            self._looked = time.monotonic()
            if self._client.status == "running":
                with contextlib.suppress(OSError, TimeoutError, RuntimeError):
                    self._threads = sum(self._client.nthreads().values())
        if self._threads:
            self._seen = time.monotonic()
        return max(self._threads, 1)

    def look(self) -> None:
        if self._client.status == "running" and self.count and time.monotonic() - self._seen > PATIENCE:
            raise self._deserted()

    def submit(self, function: Callable[..., R], *args: Any) -> Future[R]:
        # One opaque argument: Dask looks into lists, tuples and dictionaries.
        call = functools.partial(function, *args)
        try:
            theirs = self._client.submit(_checked, _versions(), call, pure=False)
        except Exception as error:
            if self._client.status == "running":
                raise
            lost: Future[R] = Future()
            lost.set_exception(Lost(_first_line(error)))
            return lost
        return asyncio.run_coroutine_threadsafe(self._answer(theirs), self._client.loop.asyncio_loop)

    async def _answer(self, theirs: Any) -> Any:
        client = theirs.client
        try:
            return await client.gather(theirs, asynchronous=True)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await client.cancel([theirs], asynchronous=True)
            raise
        except (self._dask.KilledWorker, CancelledError) as error:
            raise Lost(_first_line(error)) from error
        except ModuleNotFoundError as error:
            raise UsageError(
                f"a worker of the cluster cannot play: {error}",
                place=self._address,
                hint=f"pip install 'viralsim[cluster]=={viralsim.__version__}' there",
            ) from error
        except OSError as error:
            if theirs.status == "error":  # the job's own
                raise
            raise Lost(_first_line(error)) from error

    def renew(self) -> bool:
        """Wait until the scheduler is back; the client finds it again by itself for a while, then a new one does."""
        begin = time.monotonic()
        while self._client.status == "connecting":
            time.sleep(0.05)
        if self._client.status == "running":
            return False
        while True:
            try:
                fresh = self._connect(_CONNECT_SECONDS)
            except ViralsimError:
                if self._local is not None or time.monotonic() - begin > PATIENCE:
                    raise
            else:
                self._client, self._threads, self._seen = fresh, 0, time.monotonic()
                return True

    def close(self, wait: bool = True) -> None:
        for closing in (self._client, self._local):
            if closing is not None:
                with contextlib.suppress(Exception):
                    closing.close(timeout=10.0)
        for handler, level in self._loud:
            handler.setLevel(level)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Return what must be the same everywhere for a realisation to be the same everywhere."""
    from viralsim.engine.compile import RULES_VERSION
    from viralsim.luck import LUCK_VERSION

    return (
        ("viralsim", viralsim.__version__),
        ("luck", str(LUCK_VERSION)),
        ("rules", str(RULES_VERSION)),
        ("numba", version("numba")),
    )


def _checked(expected: tuple[tuple[str, str], ...], call: Callable[[], R]) -> R:
    """Play a job, unless this worker holds another viralsim than the one that sent it."""
    here = _versions()
    if here != expected:
        wanted, found = (", ".join(f"{name} {number}" for name, number in each) for each in (expected, here))
        raise UsageError(
            f"a worker of the cluster has {found}, expected {wanted}",
            place="cluster",
            hint="the same versions are needed on all of them: else one campaign would be played in two ways",
        )
    return call()

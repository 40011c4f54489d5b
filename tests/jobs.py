"""Jobs for the tests of executors: small functions that other processes find too."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError

OPENED: list[str] = []


class Job(NamedTuple):
    number: int
    seconds: float = 0.0
    folder: str = ""


class Answer(NamedTuple):
    rows: npt.NDArray[np.int64]
    process: int


def play(job: Job) -> Answer:
    time.sleep(job.seconds)
    return Answer(np.arange(1_000, dtype=np.int64) * job.number, os.getpid())


def big(job: Job) -> Answer:
    return Answer(np.full(500_000, job.number, dtype=np.int64), os.getpid())


def dying_once(job: Job) -> Answer:
    """Job 3 ends its process, the first time."""
    mark = Path(job.folder, "died")
    if job.number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return play(job)


def dying(job: Job) -> Answer:
    os.kill(os.getpid(), signal.SIGKILL)
    return play(job)


def stopping_once(job: Job) -> Answer:
    """Job 3 stops its process for ever, the first time, and tells which one it is."""
    mark = Path(job.folder, "stopped")
    if job.number == 3 and not mark.exists():
        mark.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
    return play(job)


def refusing(job: Job) -> Answer:
    if job.number == 3:
        raise UsageError("job 3 makes no sense", place="here", hint="leave it out")
    return play(job)


def odd_answer(job: Job) -> object:
    return lambda: job


class Odd(Exception):
    def __init__(self, *, needed: int) -> None:
        super().__init__(f"odd {needed}")


def odd_error(job: Job) -> object:
    raise Odd(needed=job.number)


def open_graph(name: str) -> None:
    OPENED.append(name)


def opened(job: Job) -> list[str]:
    return OPENED


def no_graph() -> None:
    raise UsageError("there is no graph")

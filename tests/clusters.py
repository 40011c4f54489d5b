"""A Dask cluster of this machine, whose scheduler and workers tests start and kill."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import viralsim

ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(Path(viralsim.__file__).parents[1]), str(Path(__file__).parent)])
}
"""In which other processes find viralsim and the helpers of the tests."""


class Cluster:
    """A Dask scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def _start(self, *args: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *args],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd=self.folder,
        )

    def start_scheduler(self) -> None:
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        self.scheduler = self._start("distributed.cli.dask_scheduler", *where)

    def start_worker(self, *options: str) -> None:
        how = (self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard", *options)
        self.workers.append(self._start("distributed.cli.dask_worker", *how))

    def kill(self) -> None:
        for process in [*self.workers, self.scheduler]:
            if process is not None:
                process.kill()
                process.wait()

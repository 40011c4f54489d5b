"""Calls of the command line: in this process (fast), or in one of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from viralsim.cli.calling import call as call_here

SMALL = """
[network]
generator = "communities"
people = 300
mean_degree = 8
community_size = 30

[item.content]
stickiness = "20%"

[plan.random.wave.first]
strategy = "random"
count = 2
redraw = true

[plan.hubs.wave.first]
strategy = "degree"
count = 2

[time]
horizon = "2d"
"""

FILE = """[network]
file = "ties.txt"

[item.content]
stickiness = "50%"

[plan.all.wave.first]
{wave}
"""


@dataclass(frozen=True)
class Answer:
    """What a call gave."""

    code: int
    out: str
    err: str


def without_compiling(text: str) -> str:
    """Whether kernels are compiled already is chance."""
    return re.sub(r"^compiling the engine .*\n", "", text, flags=re.MULTILINE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of every test: small.toml on a generated network, ties.txt with four people."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("small.toml").write_text(SMALL)
    Path("ties.txt").write_text("1 2\n2 3\n3 1\n3 4\n")
    return tmp_path


@pytest.fixture
def write_scenario() -> Callable[[str], str]:
    """Write a scenario on ties.txt whose wave has the lines given; return its name."""

    def write(wave: str = 'strategy = "random"\ncount = 1') -> str:
        Path("own.toml").write_text(FILE.format(wave=wave))
        return "own.toml"

    return write


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Call the command line in this process."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        code = call_here([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "should not have happened" not in captured.err
        return Answer(code, captured.out, without_compiling(captured.err))

    return run


@pytest.fixture
def spawn(folder: Path) -> Callable[..., Answer]:
    """Call the command line in a process of its own."""

    def run(*arguments: object, environment: Mapping[str, str | None] | None = None, **options: Any) -> Answer:
        variables: dict[str, str | None] = {
            **os.environ,
            **dict.fromkeys(("PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUNBUFFERED")),
            **(environment or {}),
        }
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": folder, "timeout": 120, **options}
        done = subprocess.run(
            [sys.executable, "-c", "from viralsim.cli import main; main()", *map(str, arguments)],
            env={name: value for name, value in variables.items() if value is not None},
            check=False,
            **options,
        )
        err = (done.stderr or b"").decode("utf-8", "replace")
        assert "Traceback" not in err
        assert "should not have happened" not in err
        out = (done.stdout or b"").decode("utf-8", "replace")
        return Answer(done.returncode, out, without_compiling(err))

    return run

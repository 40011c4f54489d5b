"""Odd surroundings: encodings, terminals, homes that are not there; Ctrl-C; and what help may import."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import viralsim

Call = Callable[..., Any]
HEAVY = ("numpy", "numba", "networkx", "scipy", "duckdb", "matplotlib", "llvmlite", "rich")
MAIN = "from viralsim.cli import main; main()"


@pytest.mark.parametrize(
    "words",
    [["--help"], ["--version"], ["run", "--help"], ["crisis", "--help"], ["graph", "info", "--help"], ["init"],
     ["check", "small.toml"], ["check", "--json"], ["schema"], ["run", "--forse"], ["check", "none.toml"]],
)  # fmt: skip
def test_what_answers_at_once_imports_nothing_heavy(folder: Path, words: list[str]) -> None:
    code = (
        "import sys\nfrom viralsim.cli.calling import call\ncode = call(sys.argv[1:])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, cwd=folder)
    assert done.stderr.splitlines()[-1] == "[]"


def test_import_of_the_package_is_lazy() -> None:
    heavy = (*HEAVY, "click", "pydantic")
    code = f"import sys, viralsim, viralsim.cli\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_that_knows_no_bars(spawn: Call, encoding: str) -> None:
    answer = spawn("run", "small.toml", "-q", "--realisations", "5", environment={"PYTHONIOENCODING": encoding})
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.isascii()
    assert re.search(r"^newly engaged  [_.:\-=+*#]{40,}  0 - 2 d$", answer.out, re.MULTILINE)
    assert re.search(r"^engaged +[\d.]+ +[\d.]+ - [\d.]+ +\d+ - \d+ - \d+$", answer.out, re.MULTILINE)


def test_data_is_utf8_whatever_the_terminal(spawn: Call) -> None:
    Path("ties.txt").write_text("Zo\u00eb Bob\n", encoding="utf-8")
    Path("own.toml").write_text(
        '[network]\nfile = "ties.txt"\n[item.content]\nstickiness = 0\n'
        '[plan.all.wave.first]\nstrategy = "explicit"\npeople = ["Zo\u00eb"]\n',
        encoding="utf-8",
    )
    for environment in (
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ):
        data = spawn("replay", "own.toml", "-q", "--format", "csv", environment=environment)
        assert data.code == 0
        assert "0,Zo\u00eb,content" in data.out
        text = spawn("replay", "own.toml", environment=environment)
        assert text.code == 0
        assert "Zo" in text.out


def test_no_home_and_no_cache(spawn: Call) -> None:
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"), "/dev/null/x")
    assert spawn("check", "small.toml", environment=nowhere).code == 0
    assert spawn("check", "small.toml", environment=dict.fromkeys(("HOME", "XDG_CACHE_HOME", "PATH"))).code == 0


@pytest.mark.long
def test_an_install_that_cannot_be_written(spawn: Call, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nowhere to keep machine code: it compiles, says that it will every time, and plays the same."""
    site = tmp_path_factory.mktemp("site")
    package = Path(viralsim.__file__).parent
    shutil.copytree(package, site / "viralsim", ignore=shutil.ignore_patterns("__pycache__"))
    packaged = package.parent / "scenarios"
    if packaged.is_dir():
        shutil.copytree(packaged, site / "scenarios")
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"), "/dev/null/x")
    # Even the fallback among temporary files: a name in its place that is no folder.
    code = f"import tempfile; tempfile.gettempdir = lambda: '/dev/null/x'; {MAIN}"
    words = ["run", "small.toml", "--realisations", "3"]
    for folder in (site, *site.rglob("*/")):
        folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, **nowhere, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert (
        done.stderr
        == "compiling the engine (every time: no folder to keep it in can be written; some 10 seconds) ...\n"
    )
    assert done.stdout == spawn(*words).out
    assert not list(site.rglob("*.pyc")) + list(site.rglob("*.nbi"))


def in_a_terminal(*words: str, columns: int, **environment: str) -> tuple[int, str]:
    """Call with stdout and stderr on a terminal."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *words],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**variables, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environment},
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    return process.wait(), b"".join(parts).decode()


def test_a_terminal_sees_progress_and_no_colour_where_it_wants_none() -> None:
    words = ("run", "small.toml", "--realisations", "300")
    code, text = in_a_terminal(*words, columns=100)
    assert code == 0
    assert "realisations" in text.partition("small.toml")[0]
    assert "\x1b[?25h" in text  # the cursor is back
    code, plain = in_a_terminal(*words, columns=100, NO_COLOR="1")
    assert code == 0
    assert not re.search(r"\x1b\[[\d;]*m", plain)
    code, narrow = in_a_terminal(*words, "-q", columns=20)
    assert code == 0
    assert "\x1b" not in narrow
    assert "newly engaged" in narrow


def interrupted(delay: float, *words: str) -> None:
    """Send an interrupt after a while; expect an end within a second or so."""
    process = subprocess.Popen([sys.executable, "-c", MAIN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(delay)
    assert process.poll() is None, "it ended too early to be interrupted"
    process.send_signal(signal.SIGINT)
    begin = time.perf_counter()
    out, err = process.communicate(timeout=60)
    took = time.perf_counter() - begin
    lines = [line for line in err.decode().splitlines() if not line.startswith(("compiling", "network:"))]
    assert (process.returncode, out, lines) == (130, b"", ["interrupted"])
    assert took < 2  # a second, and the machine may be busy


@pytest.mark.long
@pytest.mark.parametrize("delay", [0.3, 1.0, 3.0])
def test_interrupt(delay: float) -> None:
    """While modules load, while a large network is made, and later; results are written whole or not at all."""
    interrupted(delay, "run", "--set", "network.people=2_000_000", "-o", "out")
    assert not Path("out").exists()
    assert sorted(path.name for path in Path().iterdir()) == ["small.toml", "ties.txt"]


@pytest.mark.long
def test_interrupt_within_one_long_realisation() -> None:
    """Everybody is tied to everybody and persuaded at once: a realisation walks 16 million arcs."""
    settings = [
        "network.generator=complete", "network.people=4_000", "item.content.stickiness=100%",
        "platform.feed.visibility=100%", "platform.feed.delay=none", "time.horizon=3",
    ]  # fmt: skip
    options = [word for setting in settings for word in ("--set", setting)]
    interrupted(6.0, "run", *options, "--realisations", "100000", "-o", "out")
    assert not Path("out").exists()


@pytest.mark.long
def test_interrupt_while_seeds_are_sought() -> None:
    interrupted(8.0, "plan", "-q", "--count", "50", "--training", "20000", "-o", "plan.toml")
    assert not Path("plan.toml").exists()


@pytest.mark.long
def test_interrupt_while_results_are_written() -> None:
    """What was written so far is taken away again."""
    Path("path.toml").write_text(
        '[network]\ngenerator = "path"\npeople = 20\n[item.content]\nstickiness = "20%"\n'
        '[plan.one.wave.first]\nstrategy = "random"\ncount = 1\n'
    )
    words = ["run", "path.toml", "-q", "--realisations", "100000", "-o", "out"]
    before = sorted(path.name for path in Path().iterdir())
    process = subprocess.Popen([sys.executable, "-c", MAIN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while sorted(path.name for path in Path().iterdir()) == before:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
    assert sorted(path.name for path in Path().iterdir()) == before

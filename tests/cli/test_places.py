"""Places that cannot be written: full disks, closed streams, folders that are gone. Nothing is left half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from viralsim.cli.calling import call as call_here

resource = pytest.importorskip("resource")

Call = Callable[..., Any]
FULL = "standard output: cannot be written: No space left on device"
needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


def names(folder: Path | str = ".") -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.mark.parametrize(
    ("place", "code", "message"),
    [
        ("/dev/null/x", 2, "/dev/null/x: '/dev/null' is not a folder"),
        ("small.toml", 2, "small.toml: exists and is not a folder"),
        ("small.toml/x", 2, "small.toml/x: '"),
        ("full", 2, "full: exists and is not empty"),
        (".", 2, ".: you are in this folder, so results cannot be put in its place"),
        ("o\udcff", 2, "o\\udcff: the name is not UTF-8 text"),
        ("x" * 300, 1, "File name too long"),
    ],
)
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_results_that_have_no_place(call: Call, place: str, code: int, message: str, force: tuple[str, ...]) -> None:
    """A name that is not UTF-8 used to end in 'std::bad_cast', after all the work."""
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    before = names()
    answer = call("run", "small.toml", "--realisations", "3", "-o", place, *force)
    assert (answer.code, answer.out) == (code, "")
    if not (force and place == "full"):
        assert message in answer.err
    assert names() == before
    assert Path("full/mine.txt").read_text() == "mine"


def test_places_are_looked_at_before_any_work(call: Call) -> None:
    """Hours of playing must not end with the news that there was no place for them."""
    none = ("--set", "network.file=none.txt")
    for words in (("run", "small.toml", "-o", "small.toml"), ("replay", "small.toml", "-o", "ties.txt")):
        assert call(*words, *none).code == 2
    assert call("run", "small.toml", *none).code == 4


def test_results_are_replaced_only_when_forced(call: Call) -> None:
    words = ("run", "small.toml", "-q", "-o", "out")
    assert call(*words, "--realisations", "3").code == 0
    before = Path("out/realisations.csv").read_bytes()
    refused = call(*words, "--realisations", "4")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("error: out: exists and is not empty\n")
    assert Path("out/realisations.csv").read_bytes() == before
    assert call(*words, "--realisations", "4", "--force").code == 0
    assert len(Path("out/realisations.csv").read_text().splitlines()) == 5
    assert names() == ["out", "small.toml", "ties.txt"]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("pipe", "pipe: this is a device or a pipe, expected a file"),
        ("none/x.json", "none/x.json: there is no folder 'none'"),
        ("/dev/null/x", "/dev/null/x: there is no folder '/dev/null'"),
        ("..", "..: this is a folder, expected a file"),
    ],
)
def test_files_that_have_no_place(call: Call, place: str, message: str) -> None:
    """`-o /dev/null --force` as root put a file in the place of the device."""
    os.mkfifo("pipe")
    for words in (["replay", "small.toml", "-o", place, "--force"], ["init", place, "--force"]):
        answer = call(*words)
        assert (answer.code, answer.out, answer.err) == (2, "", f"error: {message}\n")
    assert Path("pipe").is_fifo()


def test_a_link_is_kept_and_what_it_points_to_replaced(call: Call) -> None:
    Path("target.toml").write_text("old")
    Path("link.toml").symlink_to("target.toml")
    assert call("init", "link.toml", "--force").code == 0
    assert Path("link.toml").is_symlink()
    assert Path("target.toml").read_text() == call("init").out


def limited() -> None:
    """Let no file grow beyond 1,500 bytes: what a full disk does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_disk_that_fills_up(spawn: Call, unbuffered: str) -> None:
    """Under PYTHONUNBUFFERED a write that the disk took in part was counted as whole: exit code 0, half the output."""
    environment = {"PYTHONUNBUFFERED": unbuffered, "NUMBA_DISABLE_JIT": None}
    Path("old.json").write_text("old")
    before = names()
    for words, place in (
        (("init", "mine.toml"), "mine.toml"),
        (("init", "old.json", "--force"), "old.json"),
    ):
        answer = spawn(*words, environment=environment, preexec_fn=limited)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.startswith(f"error: {place}: cannot be written: ")
    with Path("stdout").open("wb") as file:
        answer = spawn("schema", environment=environment, preexec_fn=limited, stdout=file)
    assert answer.code == 1
    assert answer.err.startswith("error: standard output: cannot be written: ")
    Path("stdout").unlink()
    assert names() == before
    assert Path("old.json").read_text() == "old"


def test_results_on_a_disk_that_fills_up(call: Call) -> None:
    """In this process, since compiling needs a disk as well."""
    call("run", "small.toml", "-q", "--realisations", "3", "-o", "warm")  # compiled, imported
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = names()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, hard))
        with pytest.raises(OSError, match="File too large"):  # the limit bites
            Path("probe").write_bytes(b"x" * 2000)
        Path("probe").unlink()
        results = call("run", "small.toml", "-q", "--realisations", "3", "-o", "deep/out")
        again = call("run", "small.toml", "-q", "--realisations", "4", "-o", "warm", "--force")
        cascade = call("replay", "small.toml", "-q", "--plan", "hubs", "--json", "-o", "cascade.json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    for answer, place in ((results, "deep/out/"), (again, "warm/"), (cascade, "cascade.json")):
        assert (answer.code, answer.out) == (1, "")
        assert place in answer.err
        assert "cannot be written: File too large" in answer.err
    assert names() == before
    assert len(Path("warm/realisations.csv").read_text().splitlines()) == 4


@needs_dev_full
@pytest.mark.parametrize("words", [("schema",), ("--help",), ("--version",), ("init",), ("check", "small.toml")])
def test_a_full_stdout(spawn: Call, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        answer = spawn(*words, stdout=full)
    assert answer.code == 1
    assert answer.err.startswith(f"error: {FULL}\n")
    assert len(answer.err.splitlines()) <= 2


@needs_dev_full
def test_a_full_stdout_after_work(spawn: Call) -> None:
    with Path("/dev/full").open("wb") as full:
        answer = spawn("run", "small.toml", "-q", "--realisations", "3", stdout=full)
    assert answer.code == 1
    assert answer.err.startswith(f"error: {FULL}\n")


@needs_dev_full
def test_a_full_stderr_stops_nothing(spawn: Call) -> None:
    with Path("/dev/full").open("wb") as full:
        assert spawn("run", "small.toml", "--forse", stderr=full).code == 2
        assert spawn("init", "mine.toml", stderr=full).code == 0
    assert Path("mine.toml").exists()


def test_a_reader_that_has_seen_enough(folder: Path) -> None:
    """`viralsim schema | head -1`: no message, and no failure."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", "from viralsim.cli import main; main(['schema'])"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("closed", "code"), [("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)])
def test_closed_streams(folder: Path, closed: str, code: int) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -c "from viralsim.cli import main; main()" check small.toml {closed}', sys.executable],
        capture_output=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == code
    err = done.stderr.decode()
    assert err == ("error: there is no standard output to write to (it was closed)\n" if closed == ">&-" else "")


def test_a_working_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for words, code, message in (
        (["check"], 0, ""),
        (
            ["run", "-o", "out"],
            1,
            "error: the working folder no longer exists\n  hint: change to another folder first\n",
        ),
        (["init", "mine.toml"], 1, "error: mine.toml: cannot be written: No such file or directory\n"),
        (["graph", "info", "ties.txt"], 4, "error: ties.txt: there is no such file\n"),
    ):
        assert call_here(words) == code
        assert capsys.readouterr().err == message

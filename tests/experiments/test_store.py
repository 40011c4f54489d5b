"""The folder of a sweep: nothing is lost, nothing is there twice, and whatever is wrong with it is said."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.experiments import parts as parts_module
from viralsim.experiments import store as store_module
from viralsim.experiments.parts import all_parts
from viralsim.experiments.results import open_sweep
from viralsim.experiments.store import COLUMNS, Block, Cell, SweepStore
from viralsim.outcome.outcome import METRICS

PATH = "item.content.stickiness"
SWEEP = {
    "varied": [{"path": PATH, "values": [0.01, 0.02, 0.03]}, {"path": "plan", "values": ["hubs", "random"]}],
    "plans": ["hubs", "random"],
}
FACTS = {
    "items": ["content", "rumour"],
    "main_item": "content",
    "people": 1000,
    "viral_threshold": 500,
    "impressions_counted": True,
    "tick_seconds": 3600.0,
    "horizon": 40,
    "takes_trust": True,
    "unknowns": [],
}


def cell_of(number: int, **changes: Any) -> Cell:
    values = {PATH: (number // 2 + 1) / 100}
    cell = Cell(
        f"{number * 7919:016x}", values, ("random", "hubs")[number % 2], f"hash{number}", 1, FACTS, {"a": number}
    )
    return replace(cell, **changes)


def rows_of(number: int, first: int, count: int) -> np.ndarray:
    """Return rows that depend on the cell and the realisation alone."""
    rows = [
        np.random.default_rng([number, first + r]).integers(0, 1000, (2, len(COLUMNS)), dtype=np.int64)
        for r in range(count)
    ]
    return np.stack(rows) if rows else np.empty((0, 2, len(COLUMNS)), dtype=np.int64)


def agrees(found: dict[str, Any]) -> dict[str, Any]:
    return found


def opened(folder: Path, sweep: dict[str, Any] | None = None) -> SweepStore:
    return SweepStore.open(folder, SWEEP if sweep is None else sweep, agrees=agrees)


def fill(store: SweepStore, jobs: list[tuple[int, int, int]], each: bool = False) -> None:
    for number, first, count in jobs:
        cell = cell_of(number)
        store.add(cell, Block(cell.key, first, rows_of(number, first, count)))
        if each:
            store.flush(force=True)


JOBS = [(number, first, 5) for number in range(6) for first in (0, 5)]


def as_lists(table: dict[str, np.ndarray]) -> dict[str, list[Any]]:
    return {name: column.tolist() for name, column in table.items()}


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# -- what is there -----------------------------------------------------------------------------------


def test_what_is_added_is_there_before_and_after_it_is_on_disk(tmp_path: Path) -> None:
    with opened(tmp_path / "a" / "b") as store:
        fill(store, [(0, 10, 5), (0, 0, 5)], each=True)
        fill(store, [(0, 5, 3), (1, 0, 2)])
        key = cell_of(0).key
        for _ in range(2):
            assert store.spans(key) == [(0, 8), (10, 15)]
            indices, rows = store.rows(key)
            assert indices.tolist() == [*range(8), *range(10, 15)]
            assert np.array_equal(rows, np.concatenate([rows_of(0, 0, 8), rows_of(0, 10, 5)]))
            store.flush(force=True)
        assert store.spans("none") == []
    with opened(tmp_path / "a" / "b") as store:
        assert store.spans(key) == [(0, 8), (10, 15)]
        assert np.array_equal(store.rows(key)[1], rows)
        assert store.cells == {cell_of(n).key: cell_of(n) for n in (0, 1)}
        assert store.cells[key].resolved["a"] == 0


def test_it_is_written_once_per_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(store_module.time, "monotonic", lambda: clock[0])
    with opened(tmp_path) as store:
        fill(store, [(0, 0, 5)])
        for seconds, written in ((0.9, 0), (1.0, 1), (1.5, 1)):
            clock[0] = 100.0 + seconds
            store.flush()
            assert len(list((tmp_path / "realisations").iterdir())) == written
        fill(store, [(0, 5, 5)])
        store.flush()
        assert len(list((tmp_path / "realisations").iterdir())) == 1
        clock[0] = 102.1
        store.flush()
        assert len(list((tmp_path / "realisations").iterdir())) == 2


def test_the_order_of_adding_changes_nothing(tmp_path: Path) -> None:
    tables = []
    for name in range(3):
        jobs = random.Random(name).sample(JOBS, len(JOBS))
        with opened(tmp_path / str(name)) as store:
            fill(store, jobs, each=name == 1)
            while_it_runs = open_sweep(tmp_path / str(name))
            assert name != 1 or len(while_it_runs.table()["mean"]) == 6 * 2 * len(METRICS)
        sweep = open_sweep(tmp_path / str(name))
        tables.append((as_lists(sweep.table()), as_lists(sweep.realisations_table()), sweep.cells()))
    assert tables[0] == tables[1] == tables[2]
    results = [(tmp_path / str(name) / "results.parquet") for name in range(3)]
    found = [duckdb.sql(f"SELECT * FROM '{path}'").fetchall() for path in results]
    assert found[0] == found[1] == found[2]
    assert tables[0][0]["plan"][:: 2 * len(METRICS)] == ["hubs", "random"] * 3
    assert tables[0][0][PATH][:: 4 * len(METRICS)] == [0.01, 0.02, 0.03]


def test_text_is_in_the_order_in_which_it_was_given(tmp_path: Path) -> None:
    path = "network.generator"
    sweep = {"varied": [{"path": path, "values": ["scale-free", "communities"]}], "plans": ["random", "hubs"]}
    with opened(tmp_path, sweep) as store:
        for number, name in enumerate(("zoo", "communities", "ring", "scale-free", "communities", "scale-free")):
            cell = cell_of(number, values={path: name})
            store.add(cell, Block(cell.key, 0, rows_of(number, 0, 1)))
    found = [(cell.values[path], cell.plan) for cell in open_sweep(tmp_path).cells()]
    assert found == [
        *[("scale-free", "hubs"), ("scale-free", "hubs"), ("communities", "random"), ("communities", "hubs")],
        *[("ring", "random"), ("zoo", "random")],
    ]


def test_a_defect_of_the_caller_is_found(tmp_path: Path) -> None:
    cell = cell_of(0)
    with opened(tmp_path) as store:
        fill(store, [(0, 5, 5)])
        for block in (Block(cell.key, 9, rows_of(0, 9, 1)), Block(cell.key, 0, rows_of(0, 0, 6))):
            with pytest.raises(ValueError, match="are there already"):
                store.add(cell, block)
        with pytest.raises(ValueError, match="no cell is known"):
            store.add(None, Block("ab", 0, rows_of(0, 0, 1)))
        with pytest.raises(ValueError, match=r"expected \[n, 2, 16\]"):
            store.add(cell, Block(cell.key, 0, rows_of(0, 0, 1)[:, :1]))
        assert store.spans(cell.key) == [(5, 10)]
    with pytest.raises(ValueError, match="closed"):
        fill(store, [(0, 0, 1)])


# -- parts -------------------------------------------------------------------------------------------


def test_many_parts_become_few_and_hold_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MANY", 4)
    monkeypatch.setattr(store_module, "SMALL", 40)
    with opened(tmp_path) as store:
        fill(store, JOBS, each=True)
        for number in range(6):
            assert np.array_equal(store.rows(cell_of(number).key)[1], rows_of(number, 0, 10))
    names = sorted(path.name for path in (tmp_path / "realisations").iterdir())
    assert len(names) == 3
    assert names[0].startswith("000000-")
    assert len(list((tmp_path / "cells").iterdir())) == 1
    with opened(tmp_path) as store:
        assert {key: store.spans(key) for key in store.cells} == {cell_of(n).key: [(0, 10)] for n in range(6)}
        fill(store, [(0, 10, 1)], each=True)
        assert np.array_equal(store.rows(cell_of(0).key)[1], rows_of(0, 0, 11))


def test_a_writer_killed_while_parts_are_put_together_counts_nothing_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        fill(store, JOBS, each=True)
        narrow = files_in(tmp_path / "realisations")
    before = as_lists(open_sweep(tmp_path).table())
    for name, content in narrow.items():
        (tmp_path / "realisations" / name).write_bytes(content)
    (tmp_path / "realisations" / ".000001-000001.parquet.abcd1234").write_bytes(b"half")
    (tmp_path / "realisations" / "notes.txt").write_text("mine")
    assert as_lists(open_sweep(tmp_path).table()) == before
    with opened(tmp_path) as store:
        assert store.spans(cell_of(0).key) == [(0, 10)]
    left = [path.name for path in sorted((tmp_path / "realisations").iterdir())]
    assert left == ["000000-000011.parquet", "notes.txt"]


def test_a_reader_lists_again_where_a_part_vanished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as store:
        fill(store, JOBS, each=True)
        listed = all_parts(tmp_path / "realisations")
    (tmp_path / "results.parquet").unlink()
    sweep, real, asked = open_sweep(tmp_path), parts_module.all_parts, []

    def stale(folder: Path) -> list[parts_module.Part]:
        asked.append(folder)
        return listed if folder.name == "realisations" and len(asked) == 1 else real(folder)

    monkeypatch.setattr(parts_module, "all_parts", stale)
    assert len(sweep.realisations_table()["cell"]) == 120
    assert len(asked) > 2


# -- killed ------------------------------------------------------------------------------------------

WRITER = """
import sys, time
import numpy as np
sys.path.insert(0, sys.argv[2])
import test_store as t
from viralsim.experiments import store as module
module.SECONDS, module.MANY, module.SMALL = 0.02, 6, 400
with t.opened(t.Path(sys.argv[1])) as store:
    print("open", flush=True)
    for number in range(24):
        cell = t.cell_of(number)
        for first in range(0, 20, 2):
            if any(a <= first and first + 2 <= b for a, b in store.spans(cell.key)):
                continue
            store.add(cell, t.Block(cell.key, first, t.rows_of(number, first, 2)))
            time.sleep(0.004)
            store.flush()
print("done", flush=True)
"""


def test_a_writer_killed_at_any_moment_loses_a_moment_and_goes_on(tmp_path: Path) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    with opened(whole) as store:
        fill(store, [(number, 0, 20) for number in range(24)])
    luck, kept, kills = random.Random(8), 0, 0
    while True:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), str(Path(__file__).parent)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        if kills < 6:
            time.sleep(luck.uniform(0.02, 0.3))
            process.send_signal(signal.SIGKILL)
            kills += 1
        said = process.stdout.read()
        process.wait()
        process.stdout.close()
        found = len(open_sweep(folder).realisations_table()["cell"])
        assert found >= kept
        kept = found
        if said == "done\n":
            break
    assert kills >= 3
    one, other = open_sweep(whole), open_sweep(folder)
    assert as_lists(one.table()) == as_lists(other.table())
    assert as_lists(one.realisations_table()) == as_lists(other.realisations_table())
    assert not [path for path in folder.rglob(".*") if path.name != ".lock"]


def test_two_writers_are_one_too_many(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        fill(store, [(0, 0, 5)])
        with pytest.raises(ViralsimError) as caught:
            opened(tmp_path)
        assert caught.value.exit_code == 1
        assert f"another process ({os.getpid()} on " in caught.value.message
        assert "is writing to this folder" in caught.value.message
    with opened(tmp_path) as store:
        assert store.spans(cell_of(0).key) == [(0, 5)]


def test_what_is_finished_when_something_goes_wrong_is_kept(tmp_path: Path) -> None:
    def interrupted() -> None:
        with opened(tmp_path) as store:
            fill(store, [(0, 0, 5)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not (tmp_path / "results.parquet").exists()
    with opened(tmp_path) as store:
        assert store.spans(cell_of(0).key) == [(0, 5)]


# -- what is wrong with a folder ---------------------------------------------------------------------


def test_a_folder_that_is_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    for call in (lambda: opened(tmp_path), lambda: open_sweep(tmp_path)):
        with pytest.raises(UsageError, match="holds no sweep"):
            call()
    assert files_in(tmp_path) == {"thesis.tex": b"years of work"}
    for call in (lambda: opened(tmp_path / "thesis.tex"), lambda: open_sweep(tmp_path / "thesis.tex")):
        with pytest.raises(UsageError, match="this is a file, expected"):
            call()
    with pytest.raises(UsageError, match="a folder above it is a file"):
        opened(tmp_path / "thesis.tex" / "out")
    with pytest.raises(UsageError, match="there is no such folder"):
        open_sweep(tmp_path / "none")


def test_parts_without_a_manifest_are_not_touched(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        fill(store, [(0, 0, 5)])
    (tmp_path / "sweep.json").unlink()
    (tmp_path / "results.parquet").unlink()
    before = files_in(tmp_path)
    with pytest.raises(UsageError, match=r"put sweep\.json back"):
        opened(tmp_path)
    assert files_in(tmp_path) == before


def test_a_writer_killed_before_the_manifest_leaves_a_folder_to_begin_in(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text("1 on somewhere")
    (tmp_path / "cells").mkdir()
    (tmp_path / ".sweep.json.abcd1234").write_text("{")
    with opened(tmp_path) as store:
        fill(store, [(0, 0, 5)])
    assert not (tmp_path / ".sweep.json.abcd1234").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as the manifest of a sweep: Expecting"),
        ("[]", "it is no 'viralsim sweep'"),
        ('{"format": "something"}', "it is no 'viralsim sweep'"),
        ('{"format": "viralsim sweep", "version": 1}', "neither its version nor"),
        ('{"format": "viralsim sweep", "version": 2, "viralsim": "9.1", "sweep": {}}', r"newer viralsim \(9\.1\)"),
    ],
)
def test_a_manifest_that_is_none_is_explained(tmp_path: Path, text: str, said: str) -> None:
    with opened(tmp_path) as store:
        fill(store, [(0, 0, 5)])
    (tmp_path / "sweep.json").write_text(text)
    before = files_in(tmp_path)
    for call in (lambda: opened(tmp_path), lambda: open_sweep(tmp_path)):
        with pytest.raises(DataError, match=said):
            call()
    assert files_in(tmp_path) == before


def test_other_rules_do_not_belong_with_these(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        fill(store, [(0, 0, 5)])
    manifest = json.loads((tmp_path / "sweep.json").read_text())
    (tmp_path / "sweep.json").write_text(json.dumps(manifest | {"luck": 1}))
    with pytest.raises(UsageError, match="with version 1 of its luck; this one has version 2"):
        opened(tmp_path)
    assert len(open_sweep(tmp_path).table()["mean"]) == 2 * len(METRICS)


def test_who_goes_on_with_a_sweep_says_what_it_becomes(tmp_path: Path) -> None:
    with opened(tmp_path, {"design": "grid"}):
        pass
    with SweepStore.open(tmp_path, {}, agrees=lambda found: found | {"more": 1}):
        pass
    assert open_sweep(tmp_path).manifest["sweep"] == {"design": "grid", "more": 1}

    def disagrees(found: dict[str, Any]) -> dict[str, Any]:
        raise UsageError("another scenario")

    with pytest.raises(UsageError, match="another scenario"):
        SweepStore.open(tmp_path, {}, agrees=disagrees)
    assert open_sweep(tmp_path).manifest["sweep"] == {"design": "grid", "more": 1}
    with opened(tmp_path):
        pass  # nobody holds it


@pytest.mark.parametrize("kind", ["cells", "realisations"])
@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"PAR1" + bytes(len(b) - 4)])
def test_a_damaged_part_is_named_and_computed_again(
    tmp_path: Path, kind: str, damage: Callable[[bytes], bytes]
) -> None:
    with opened(tmp_path) as store:
        fill(store, JOBS)
    good = as_lists(open_sweep(tmp_path).table())
    path = next((tmp_path / kind).iterdir())
    path.write_bytes(damage(path.read_bytes()))
    (tmp_path / "results.parquet").unlink()
    before = files_in(tmp_path)
    for call in (
        lambda: opened(tmp_path),
        lambda: open_sweep(tmp_path).table(),
        open_sweep(tmp_path).realisations_table,
    ):
        with pytest.raises(DataError, match="cannot be read as a part of a sweep") as caught:
            call()
        assert caught.value.place == str(path)
        assert caught.value.hint.startswith("delete this file: the same command computes")
    assert files_in(tmp_path) == before
    path.unlink()
    with opened(tmp_path) as store:
        assert store.spans(cell_of(0).key) == []
        fill(store, JOBS)
    assert as_lists(open_sweep(tmp_path).table()) == good
    assert len(open_sweep(tmp_path).realisations_table()["cell"]) == 120
    with opened(tmp_path) as store:
        assert store.spans(cell_of(0).key) == [(0, 10)]


def test_a_parquet_file_of_somebody_else_is_no_part(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        fill(store, JOBS)
    duckdb.sql("SELECT 1 AS n").write_parquet(str(tmp_path / "realisations" / "000007-000007.parquet"))
    for call in (lambda: opened(tmp_path), lambda: open_sweep(tmp_path).table()):
        with pytest.raises(DataError, match=r"cannot be read as a part of a sweep") as caught:
            call()
        assert caught.value.place.endswith("000007-000007.parquet")


def test_a_damaged_file_of_results_is_computed_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        fill(store, JOBS)
    good = as_lists(open_sweep(tmp_path).table())
    (tmp_path / "results.parquet").write_bytes(b"PAR1")
    assert as_lists(open_sweep(tmp_path).table()) == good
    (tmp_path / "results.parquet").unlink()
    assert as_lists(open_sweep(tmp_path).table()) == good
    assert not (tmp_path / "results.parquet").exists()


@contextmanager
def files_end_at(limit: int) -> Iterator[None]:
    """Let the system refuse to write more into any file, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_loses_nothing_that_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(tmp_path)
    fill(store, [(0, 0, 5)], each=True)
    fill(store, [(1, 0, 200)])
    before = files_in(tmp_path)
    with files_end_at(2000), pytest.raises(ViralsimError, match="cannot be written") as caught:
        store.flush(force=True)
    assert "the same command goes on" in caught.value.hint
    assert {name for name in files_in(tmp_path) if name.startswith("realisations")} == {
        "realisations/000000-000000.parquet"
    }
    assert before.items() <= files_in(tmp_path).items()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "write_parquet", full)
        with pytest.raises(ViralsimError, match="written: No space left on device"):
            store.flush(force=True)
    store.flush(force=True)  # there is space again
    assert np.array_equal(store.rows(cell_of(1).key)[1], rows_of(1, 0, 200))
    store.close()
    assert len(open_sweep(tmp_path).realisations_table()["cell"]) == 410


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as store:
        fill(store, JOBS)
    (tmp_path / "a").chmod(0o555)
    tmp_path.chmod(0o555)
    try:
        for folder in (tmp_path / "a", tmp_path / "b"):
            with pytest.raises(ViralsimError, match="cannot be written: Permission denied"):
                opened(folder)
        assert len(open_sweep(tmp_path / "a").table()["mean"]) > 0
    finally:
        tmp_path.chmod(0o755)
        (tmp_path / "a").chmod(0o755)


def test_a_folder_that_the_system_forbids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(store_module, "hold", forbidden)
    with pytest.raises(ViralsimError, match="cannot be written: Read-only file system"):
        opened(tmp_path)

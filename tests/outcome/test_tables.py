"""Tables and folders of results: exact, equal bytes for equal outcomes, whole or not there at all."""

from __future__ import annotations

import csv
import errno
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from viralsim.engine.kernels import CURVES, GENERATIONS, ROW
from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.outcome import tables
from viralsim.outcome.outcome import Outcome

MakeOutcome = Callable[..., Outcome]
TOML = 'title = "Zoë"\n'
ASSUMED = SimpleNamespace(path="item.rumour.damage", value=0.1, why="nobody knows")
SCENARIO: Any = SimpleNamespace(
    toml=lambda: TOML,
    assumptions=lambda plan: (ASSUMED,) if plan == "hubs" else (),
    time=SimpleNamespace(moment=lambda tick: None),
    network=SimpleNamespace(represents=None),
)
SEGMENTS = ("young", "nobody", "old")
GRAPH: Any = SimpleNamespace(fingerprint="f00d", people=1000, layers={"network": range(5000)}, layered=False)


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _query(path: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    with duckdb.connect(":memory:") as connection:
        result = connection.execute(f"SELECT * FROM read_parquet('{path}')")
        return [column[0] for column in result.description], result.fetchall()


# -- tables -----------------------------------------------------------------------------------------


def test_the_table_of_realisations(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([3, 8, 9], items=("content", "rumour"))
    table = tables.realisations_table(outcome)
    assert list(table) == ["realisation", "item", *ROW, *(f"generation_{g}" for g in range(GENERATIONS))]
    assert table["realisation"].tolist() == [3, 3, 8, 8, 9, 9]
    assert table["item"].tolist() == ["content", "rumour"] * 3
    for c, name in enumerate(ROW):
        wanted = [None if value < 0 else value for value in outcome.rows[:, :, c].ravel().tolist()]
        assert table[name].tolist() == wanted
    for g in range(GENERATIONS):
        assert table[f"generation_{g}"].tolist() == outcome.generation_counts[:, :, g].ravel().tolist()


def test_undefined_is_null_not_minus_one(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(40), impressions_counted=False)
    table = tables.realisations_table(outcome)
    assert table["time_to_peak"].tolist().count(None) == (outcome.rows[:, 0, ROW.index("time_to_peak")] < 0).sum() > 0
    assert set(table["reach"].tolist()) == set(table["impressions"].tolist()) == {None}
    assert None not in table["engaged"].tolist()
    curves = tables.curves_table(outcome)
    undefined = {m for m, v in zip(curves["metric"].tolist(), curves["mean"].tolist(), strict=True) if v is None}
    assert undefined == {"reach", "impressions"}


def test_the_table_of_curves(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(20), items=("content", "rumour"))
    table = tables.curves_table(outcome)
    rows = list(zip(*(column.tolist() for column in table.values()), strict=True))
    wanted = []
    for item in outcome.items:
        for name in CURVES:
            curve = outcome.curve(name, item)
            wanted += [
                (item, name, *numbers)
                for numbers in zip(curve.ticks.tolist(), curve.hours.tolist(), *curve.to_dict().values(), strict=True)
            ]
    assert rows == wanted
    assert list(table) == [
        "item",
        "metric",
        "tick",
        "hours",
        "mean",
        "mean_low",
        "mean_high",
        "p05",
        "p50",
        "p95",
    ]


def test_the_table_of_curves_by_realisation(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([4, 6], items=("content", "rumour"))
    table = tables.curves_by_realisation_table(outcome)
    rows = set(zip(*(column.tolist() for column in table.values()), strict=True))
    assert len(rows) == 2 * 2 * 5
    for r, realisation in enumerate((4, 6)):
        for i, item in enumerate(outcome.items):
            for k, tick in enumerate((0, 10, 20, 30, 40)):
                assert (realisation, item, tick, *outcome.curves[r, i, :, k].tolist()) in rows


@pytest.mark.parametrize("counted", [True, False])
def test_csv_and_parquet_hold_the_same(make_outcome: MakeOutcome, tmp_path: Path, counted: bool) -> None:
    outcome = make_outcome(range(30), items=("content", "rumour"), impressions_counted=counted)
    for name, table in (
        ("realisations", tables.realisations_table(outcome)),
        ("curves", tables.curves_table(outcome)),
    ):
        tables.write_csv(tmp_path / f"{name}.csv", table)
        tables.write_parquet(tmp_path / f"{name}.parquet", table)
        names, rows = _query(tmp_path / f"{name}.parquet")
        assert names == list(table)
        assert rows == list(zip(*(column.tolist() for column in table.values()), strict=True))
        read_back = [tuple(row.values()) for row in _rows(tmp_path / f"{name}.csv")]
        assert read_back == [tuple("" if v is None else str(v) for v in row) for row in rows]


def test_tables_without_rows(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    table = tables.realisations_table(make_outcome([]))
    tables.write_parquet(tmp_path / "a.parquet", table)
    tables.write_csv(tmp_path / "a.csv", table)
    assert _query(tmp_path / "a.parquet") == (list(table), [])
    assert (tmp_path / "a.csv").read_text() == ",".join(table) + "\n"


def test_parquet_of_a_path_with_quotes_and_patterns(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    folder = tmp_path / "it's [1] a *?"
    outcome = make_outcome([0, 1])
    tables.write_results(folder, outcome, SCENARIO)
    assert tables.read_outcome(folder) == outcome


# -- a folder of results ----------------------------------------------------------------------------


def test_a_folder_of_results(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    outcome = make_outcome([5, 6, 9])
    folder = tables.write_results(tmp_path / "new" / "out", outcome, SCENARIO, graph=GRAPH)
    assert folder == (tmp_path / "new" / "out").resolve()
    assert sorted(path.name for path in folder.iterdir()) == sorted(tables.FILES)
    assert [path.name for path in folder.parent.iterdir()] == ["out"]
    assert (folder / "scenario.toml").read_text(encoding="utf-8") == TOML
    assert json.loads((folder / "forecast.json").read_text()) == {
        **json.loads(json.dumps(outcome.to_dict())),
        "assumptions": [{"path": "item.rumour.damage", "value": 0.1, "why": "nobody knows"}],
    }
    assert len(_rows(folder / "realisations.csv")) == 3
    assert len(_rows(folder / "curves.csv")) == len(CURVES) * 5
    manifest = json.loads((folder / "manifest.json").read_text())
    versions = manifest.pop("versions")
    assert set(versions) == {"python", "viralsim", "numpy", "numba", "scipy", "duckdb", "luck"}
    assert versions["numpy"] == np.__version__
    assert versions["duckdb"] == duckdb.__version__
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert manifest == {
        "format": 4,
        "graph": {"fingerprint": "f00d", "people": 1000, "arcs": 5000},
        "scenario_hash": "0123456789abcdef",
        "plan": "hubs",
        "random_seed": 7,
        "realisations": 3,
        "first_realisation": 5,
        "last_realisation": 9,
        "items": ["content"],
        "main_item": "content",
        "people": 1000,
        "tick_seconds": 1800.0,
        "horizon": 40,
        "report_ticks": [0, 10, 20, 30, 40],
        "viral_threshold": 100,
        "impressions_counted": True,
    }


def test_the_folder_has_the_permissions_that_any_new_folder_has(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        folder = tables.write_results(tmp_path / "out", make_outcome([0]), SCENARIO)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o640}


def test_equal_outcomes_give_equal_bytes(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    """However the realisations were cut into blocks; enough rows for several row groups in Parquet."""
    n = 1500
    whole = make_outcome(range(n), times=100)
    parts = make_outcome(range(700, n), times=100) + make_outcome(range(700), times=100)
    one = tables.write_results(tmp_path / "one", whole, SCENARIO, graph=GRAPH)
    other = tables.write_results(tmp_path / "other", parts, SCENARIO, graph=GRAPH)
    assert _content(one) == _content(other)
    changed = tables.write_results(tmp_path / "less", make_outcome(range(n - 1), times=100), SCENARIO, graph=GRAPH)
    for name, content in _content(changed).items():
        assert (content == _content(one)[name]) == (name == "scenario.toml")


@pytest.mark.parametrize("indices", [[], [4], [1, 2, 7, 1000]])
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("items", [("content",), ("rumour", "content")])
def test_results_read_back(
    make_outcome: MakeOutcome, tmp_path: Path, indices: list[int], counted: bool, items: tuple[str, ...]
) -> None:
    outcome = make_outcome(indices, impressions_counted=counted, items=items, main_item="content")
    assert tables.read_outcome(tables.write_results(tmp_path / "out", outcome, SCENARIO)) == outcome


@pytest.mark.parametrize("times", [2, 30])
@pytest.mark.parametrize("indices", [[], [4], [1, 2, 7]])
def test_trust_reads_back(make_outcome: MakeOutcome, tmp_path: Path, indices: list[int], times: int) -> None:
    """In units of 2^-32, whatever a mean of floating point numbers would make of so many people."""
    outcome = make_outcome(indices, times=times, segments=SEGMENTS, items=("content", "rumour"))
    folder = tables.write_results(tmp_path / "out", outcome, SCENARIO)
    assert sorted(path.name for path in folder.iterdir()) == sorted((*tables.FILES, *tables.TRUST_FILES))
    assert json.loads((folder / "manifest.json").read_text())["segments"] == {"young": 700, "nobody": 0, "old": 300}
    assert tables.read_outcome(folder) == outcome
    again = tables.write_results(folder, make_outcome([0]), SCENARIO, force=True)  # trust gives way with the rest
    assert sorted(path.name for path in again.iterdir()) == sorted(tables.FILES)


def test_the_table_of_trust(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    outcome = make_outcome(range(6), times=30, segments=SEGMENTS)
    table = tables.trust_table(outcome)
    assert table["segment"].tolist() == [name for name in (*SEGMENTS, "(all)") for _ in range(30)]
    assert table["tick"].tolist() == outcome.report_ticks.tolist() * 4
    for g, segment in enumerate((*SEGMENTS, None)):
        rows = slice(30 * g, 30 * (g + 1))
        wanted = outcome.trust_curve(segment).to_dict()
        assert {name: table[name][rows].tolist() for name in wanted} == wanted
    measured = [value for value in table["people_p50"][:30].tolist() if value is not None]
    assert measured == outcome.trust_of_people("young")[1].tolist()
    assert len(measured) == 20
    assert set(table["people_p50"][30:60].tolist()) == {None}
    tables.write_csv(tmp_path / "trust.csv", table)
    assert [row["segment"] for row in _rows(tmp_path / "trust.csv")] == table["segment"].tolist()
    assert {len(column) for column in tables.trust_table(make_outcome([0])).values()} == {0}


def test_the_table_of_trust_by_realisation(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome([3, 8], times=2, segments=SEGMENTS)
    table = tables.trust_by_realisation_table(outcome)
    rows = list(zip(*(column.tolist() for column in table.values()), strict=True))
    assert len(rows) == 2 * 3 * 2
    for r, realisation in enumerate((3, 8)):
        for g, (segment, people) in enumerate((("young", 700), ("nobody", None), ("old", 300))):
            for k, tick in enumerate((0, 40)):
                total = int(outcome.trust_sums[r, g, k])
                mean = None if people is None else total / (people * 2**32)
                of_people = [None if q < 0 else q / 1000 for q in outcome.trust_quantiles[r, g, :, k].tolist()]
                assert (realisation, segment, tick, mean, total, *of_people) in rows


def test_results_computed_elsewhere_add(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    blocks = [make_outcome(range(k, k + 10)) for k in (0, 10, 20)]
    folders = [tables.write_results(tmp_path / str(k), block, SCENARIO) for k, block in enumerate(blocks)]
    assert sum(tables.read_outcome(folder) for folder in folders) == make_outcome(range(30))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda f: (f / "manifest.json").unlink(), "No such file"),
        (lambda f: (f / "manifest.json").write_text("{"), "Expecting property name"),
        (lambda f: (f / "manifest.json").write_text("[]"), "not of format 3 or 4"),
        (lambda f: (f / "manifest.json").write_text('{"format": 2}'), "not of format 3 or 4"),
        (lambda f: (f / "manifest.json").write_text('{"format": 4}'), "impressions_counted"),
        (lambda f: (f / "realisations.parquet").unlink(), "realisations.parquet"),
        (lambda f: (f / "realisations.parquet").write_bytes(b"PAR1"), "realisations.parquet"),
        (
            lambda f: (f / "curves_by_realisation.parquet").write_bytes((f / "curves.parquet").read_bytes()),
            "reach",
        ),
        (
            lambda f: (f / "manifest.json").write_text(
                (f / "manifest.json").read_text().replace('"realisations": 2', '"realisations": 3')
            ),
            "2 realisations where the manifest says 3",
        ),
    ],
)
def test_damaged_results_are_bad_data(
    make_outcome: MakeOutcome, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    folder = tables.write_results(tmp_path / "out", make_outcome([0, 1]), SCENARIO)
    damage(folder)
    with pytest.raises(DataError, match=words) as caught:
        tables.read_outcome(folder)
    assert caught.value.place == str(folder)
    assert caught.value.exit_code == 4


# -- what is in the way -----------------------------------------------------------------------------


def test_an_empty_folder_is_used(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    folder = tables.write_results(tmp_path / "out", make_outcome([0]), SCENARIO)
    assert len(list(folder.iterdir())) == len(tables.FILES)


def test_earlier_results_stay_unless_forced(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    folder = tables.write_results(tmp_path / "out", make_outcome([0]), SCENARIO)
    before = _content(folder)
    with pytest.raises(
        UsageError, match=r"exists and is not empty\n.*or replace the earlier results with force=True"
    ) as caught:
        tables.write_results(folder, make_outcome([1]), SCENARIO)
    assert caught.value.exit_code == 2
    assert _content(folder) == before
    tables.write_results(folder, make_outcome([1]), SCENARIO, force=True)
    assert tables.read_outcome(folder) == make_outcome([1])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_peoples_files_are_never_replaced(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    """Forcing must not mean that `-o ~` deletes a home."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    for force in (False, True):
        with pytest.raises(UsageError) as caught:
            tables.write_results(tmp_path / "out", make_outcome([0]), SCENARIO, force=force)
        assert "force" not in caught.value.hint
    assert "thesis.tex" in caught.value.message
    assert _content(tmp_path / "out") == {"thesis.tex": b"years of work"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("force", [False, True])
def test_places_that_cannot_be_a_folder_of_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    (tmp_path / "file").write_text("a")
    (tmp_path / "here" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    for place, words in (
        ("../file", "exists and is not a folder"),
        ("../file/out", "is not a folder"),
        (".", "you are in this folder"),
        ("", "you are in this folder"),
        ("..", "you are in this folder"),
        ("/", "you are in this folder"),
    ):
        with pytest.raises(UsageError, match=words):
            tables.check_directory(place, force=force)
    assert tables.check_directory("below", force=force) == (tmp_path / "here" / "below").resolve()


def test_places_that_cannot_be_written(
    make_outcome: MakeOutcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if Path("/proc/self").exists():  # even the administrator cannot write there
        with pytest.raises(ViralsimError, match="/proc/results: cannot be written") as caught:
            tables.write_results("/proc/results", make_outcome([0]), SCENARIO)
        assert caught.value.exit_code == 1
    with pytest.raises(ViralsimError, match="cannot be written: File name too long"):
        tables.write_results(tmp_path / ("x" * 300), make_outcome([0]), SCENARIO)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ViralsimError, match="out: cannot be written: Permission denied"):
        tables.check_directory(tmp_path / "out")


# -- failures on the way ----------------------------------------------------------------------------


@contextmanager
def _files_end_at(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [5, 500, 2000, 20_000])
@pytest.mark.parametrize("forced", [False, True])
def test_a_full_disk_leaves_nothing_half_written(
    make_outcome: MakeOutcome, tmp_path: Path, size: int, forced: bool
) -> None:
    place = tmp_path / "new" / "out"
    before = {}
    if forced:
        before = _content(tables.write_results(place, make_outcome([0]), SCENARIO))
    with _files_end_at(size), pytest.raises(ViralsimError) as caught:
        tables.write_results(place, make_outcome(range(500), times=60), SCENARIO, force=forced)
    assert caught.value.exit_code == 1
    assert caught.value.place in {str(place / name) for name in tables.FILES}
    assert "cannot be written: " in caught.value.message
    assert "free some space" in caught.value.hint
    if forced:
        assert _content(place) == before
        assert [path.name for path in place.parent.iterdir()] == ["out"]
    else:
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", tables.FILES)
def test_any_file_that_cannot_be_written_is_named(
    make_outcome: MakeOutcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    writers = tables._writers

    def failing(*arguments: Any) -> dict[str, Callable[[Path], None]]:
        def fail(path: Path) -> None:
            with tables.explained(path):
                path.write_text("hal")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        return writers(*arguments) | {name: fail}

    monkeypatch.setattr(tables, "_writers", failing)
    with pytest.raises(ViralsimError) as caught:
        tables.write_results(tmp_path / "out", make_outcome([0]), SCENARIO)
    assert str(caught.value) == (
        f"{tmp_path.resolve() / 'out' / name}: cannot be written: No space left on device\n"
        "  hint: free some space, or write to another place"
    )
    assert list(tmp_path.iterdir()) == []


def test_too_little_memory_is_explained(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    def exhaust() -> str:
        raise MemoryError

    with pytest.raises(ViralsimError, match=r"scenario.toml: cannot be written: there is not enough memory"):
        tables.write_results(tmp_path / "out", make_outcome([0]), SimpleNamespace(toml=exhaust))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_duckdbs_own_complaint_is_explained(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    with _files_end_at(100), pytest.raises(ViralsimError, match="cannot be written: ") as caught:
        tables.write_parquet(tmp_path / "a.parquet", tables.realisations_table(make_outcome(range(500))))
    assert "\n" not in caught.value.message
    with pytest.raises(ViralsimError, match="cannot be written: "):
        tables.write_parquet(tmp_path / "none" / "a.parquet", {"n": np.array([1])})
    with pytest.raises(ViralsimError, match="cannot be written: No such file"):
        tables.write_csv(tmp_path / "none" / "a.csv", {"n": np.array([1])})


def test_an_interrupt_leaves_nothing_half_written(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    scenario: Any = SimpleNamespace(toml=interrupt)
    with pytest.raises(KeyboardInterrupt):
        tables.write_results(tmp_path / "out", make_outcome([0]), scenario)
    assert list(tmp_path.iterdir()) == []
    folder = tables.write_results(tmp_path / "out", make_outcome([0]), SCENARIO)
    before = _content(folder)
    with pytest.raises(KeyboardInterrupt):
        tables.write_results(folder, make_outcome([1]), scenario, force=True)
    assert _content(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "Permission denied"), KeyboardInterrupt()])
def test_earlier_results_come_back_when_the_last_step_fails(
    make_outcome: MakeOutcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    folder = tables.write_results(tmp_path / "out", make_outcome([0]), SCENARIO)
    before = _content(folder)
    rename = Path.rename

    def fail_for_new(path: Path, target: Path) -> Path:
        if path.name.endswith(".new"):
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_for_new)
    with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else ViralsimError):
        tables.write_results(folder, make_outcome([1]), SCENARIO, force=True)
    assert _content(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_defect_is_not_dressed_up_as_a_full_disk(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    def defect() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tables.write_results(tmp_path / "out", make_outcome([0]), SimpleNamespace(toml=defect))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_data_goes_to_stdout_while_tables_are_written() -> None:
    """Duckdb drew a progress bar on stdout once a table took two seconds, into the JSON of `run --json -o`."""
    with tables.database() as connection:
        assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)

"""Tables of a sweep say what simulate says, number by number; SQL reads them and nothing else."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import viralsim as vs
from viralsim.engine.kernels import ROW
from viralsim.errors import UsageError
from viralsim.experiments.parts import COLUMNS, Block, Cell
from viralsim.experiments.results import NUMBERS, SHARES, StoredSweep, open_sweep
from viralsim.experiments.store import SweepStore
from viralsim.outcome.outcome import METRICS, Outcome
from viralsim.outcome.tables import realisations_table

RUMOUR = "item.rumour={kind='rumour', stickiness=0.1, wave={a={strategy='random', count=5}}}"
STICKINESS = "item.content.stickiness"
CASES: dict[str, tuple[list[str], bool]] = {
    "plain": ([], True),
    "without impressions": ([], False),
    "rumour": ([RUMOUR], True),
    "unknown": (["platform.feed.visibility=0.1..0.4"], True),
    "unknown rumour": ([RUMOUR, "platform.feed.visibility=0.1..0.4"], True),
}


def rows_of(outcome: Outcome) -> np.ndarray:
    trust = np.full(len(outcome), -1) if not outcome.segments else outcome.trust_sums[:, :, -1].sum(axis=1)
    items = len(outcome.items)
    return np.concatenate(
        [outcome.rows, outcome.generation_counts[..., 1:3], np.repeat(trust[:, None, None], items, axis=1)], axis=-1
    )


def cell_of(key: str, values: dict[str, Any], scenario: vs.Scenario, outcome: Outcome) -> Cell:
    facts = {
        "items": list(outcome.items),
        "main_item": outcome.main_item,
        "people": outcome.people,
        "viral_threshold": outcome.viral_threshold,
        "impressions_counted": outcome.impressions_counted,
        "tick_seconds": outcome.tick_seconds,
        "horizon": outcome.horizon,
        "takes_trust": bool(outcome.segments),
        "unknowns": list(outcome.unknowns),
    }
    return Cell(key, values, outcome.plan, outcome.scenario_hash, outcome.random_seed, facts, scenario.resolved())


def same_or_both_undefined(found: Any, expected: float | None) -> bool:
    return found is expected if expected is None else bool(found == expected)


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_of_simulate(tmp_path: Path, case: str) -> None:
    settings, impressions = CASES[case]
    played = {}
    sweep = {"varied": [{"path": STICKINESS, "values": None}], "plans": ["hubs", "random"]}
    with SweepStore.open(tmp_path, sweep, agrees=dict) as store:
        for number, (stickiness, count) in enumerate(((0.05, 30), (0.0, 1), (0.2, 41))):
            scenario = vs.read_scenario(settings=["network.people=500", f"{STICKINESS}={stickiness}", *settings])
            outcome = vs.simulate(scenario, realisations=count, impressions=impressions)
            cell = cell_of(f"{99 - number:016x}", {STICKINESS: stickiness}, scenario, outcome)
            rows = rows_of(outcome)
            for first in range(0, count, 17):
                store.add(cell, Block(cell.key, first, rows[first : first + 17]))
                store.flush(force=True)
            played[stickiness] = outcome
        while_it_runs = open_sweep(tmp_path).table()
    (tmp_path / "results.parquet").rename(tmp_path / "kept")
    computed = open_sweep(tmp_path).table()
    (tmp_path / "kept").rename(tmp_path / "results.parquet")
    for table in (while_it_runs, computed, open_sweep(tmp_path).table()):
        rows = [dict(zip(table, row, strict=True)) for row in zip(*(c.tolist() for c in table.values()), strict=True)]
        assert len(rows) == 3 * len(outcome.items) * len(METRICS)
        assert [row[STICKINESS] for row in rows] == sorted(row[STICKINESS] for row in rows)
        for row in rows:
            expected = played[row[STICKINESS]].metric(row["metric"], row["item"])
            for name in (*NUMBERS, *SHARES, "realisations"):
                assert same_or_both_undefined(row[name], getattr(expected, name)), (row["metric"], name)
            assert row["scenario_hash"] == played[row[STICKINESS]].scenario_hash
    stored = open_sweep(tmp_path).realisations_table()
    for number, stickiness in enumerate(sorted(played)):
        expected_table = realisations_table(played[stickiness])
        of_cell = stored["cell"] == number
        for name in ("realisation", "item", *ROW, "generation_1", "generation_2"):
            assert stored[name][of_cell].tolist() == expected_table[name].tolist(), name
        trust = np.ma.filled(stored["trust"][of_cell].astype(float), np.nan)[:: len(outcome.items)]
        assert np.array_equal(trust, played[stickiness].values("trust"), equal_nan=True)
    cells, values = open_sweep(tmp_path).values("engaged")
    assert [cell.values[STICKINESS] for cell in cells] == sorted(played)
    assert values.shape == (3, 1)  # one realisation is common to all
    assert values[:, 0].tolist() == [played[stickiness].values("engaged")[0] for stickiness in sorted(played)]


FACTS = {
    "items": ["content"],
    "main_item": "content",
    "people": 1000,
    "viral_threshold": 500,
    "impressions_counted": True,
    "tick_seconds": 3600.0,
    "horizon": 40,
    "takes_trust": False,
    "unknowns": [],
}


def synthetic(folder: Path, cells: int, realisations: int) -> StoredSweep:
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 1000, (realisations, 1, len(COLUMNS)), dtype=np.int64)
    with SweepStore.open(folder, {"varied": [{"path": 'it\'s."so"', "values": None}]}, agrees=dict) as store:
        for number in range(cells):
            cell = Cell(f"{number * 48271:016x}", {'it\'s."so"': number}, "hubs", "ab", 1, FACTS, {"number": number})
            store.add(cell, Block(cell.key, 0, rows + number))
            store.flush()
    return open_sweep(folder)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> StoredSweep:
    return synthetic(tmp_path_factory.mktemp("sweep"), 12, 10)


def test_sql_reads_the_three_tables(sweep: StoredSweep) -> None:
    assert sweep.query("SELECT count(*) AS n FROM results")["n"].tolist() == [12 * len(METRICS)]
    assert sweep.query("SELECT count(*) AS n FROM REALISATIONS")["n"].tolist() == [120]
    assert sweep.query("FROM cells")["realisations"].tolist() == [10] * 12
    sql = """
        WITH best AS (SELECT cell, max(engaged) AS most FROM realisations GROUP BY cell)
        SELECT c.cell, best.most, r.mean FROM cells c JOIN best USING (cell) JOIN results r USING (cell)
        WHERE r.metric = 'engaged' ORDER BY ALL
    """
    found = sweep.query(sql)
    values = sweep.values("engaged")[1]
    assert found["most"].tolist() == values.max(axis=1).tolist()
    assert found["mean"].tolist() == values.mean(axis=1).tolist()
    assert 'it\'s."so"' in sweep.query("SELECT * FROM realisations")
    assert sweep.query("SELECT mean FROM results WHERE metric = 'trust'")["mean"].tolist() == [None] * 12


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled"),
        ("SELECT * FROM '/etc/passwd'", "passwd"),
        ("SELECT * FROM read_text('{folder}/sweep.json')", "disabled"),
        ("SELECT * FROM glob('/*')", "disabled"),
        ("SELECT * FROM SECRET", "SECRET"),
        ("SELECT getenv('HOME')", "getenv"),
        ("COPY results TO '/tmp/out.csv'", "expected one SELECT"),
        ("SELECT 1; SELECT 2", "expected one SELECT"),
        ("SET enable_external_access = true", "expected one SELECT"),
        ("ATTACH '/tmp/x.db'", "expected one SELECT"),
        ("DROP TABLE results", "expected one SELECT"),
        ("", "expected one SELECT"),
        ("SELEC 1", "syntax error"),
        ("SELECT meen FROM results", "meen"),
        ("SELECT * FROM result", "result"),
        ("SELECT 1 + 'a' FROM results", "Could not choose"),
    ],
)
def test_sql_reads_nothing_else_and_what_is_wrong_is_said(sweep: StoredSweep, sql: str, said: str) -> None:
    SECRET = pd.DataFrame({"a": [1]})
    with pytest.raises(UsageError, match=said) as caught:
        sweep.query(sql.replace("{folder}", str(sweep.directory)))
    assert len(SECRET) == 1
    assert "\n" not in caught.value.message
    assert "results" in caught.value.hint


def test_a_wrong_name_is_told_the_columns(sweep: StoredSweep) -> None:
    with pytest.raises(UsageError) as caught:
        sweep.query("SELECT meen FROM results")
    assert caught.value.hint.startswith('results has cell, it\'s."so", plan, item, metric, mean, mean_low')


def test_a_sweep_without_a_finished_realisation_has_empty_tables(tmp_path: Path) -> None:
    store = SweepStore.open(tmp_path, {}, agrees=dict)
    sweep = open_sweep(tmp_path)
    for table in (sweep.table(), sweep.realisations_table(), sweep.query("FROM cells")):
        assert {len(column) for column in table.values()} == {0}
    assert sweep.values("engaged")[0] == []
    store.close()
    assert len(open_sweep(tmp_path).table()["mean"]) == 0


def test_the_table_opens_in_one_line_elsewhere(sweep: StoredSweep) -> None:
    path = sweep.directory / "results.parquet"
    table = sweep.table()
    found = duckdb.sql(f"FROM '{path}'").fetchnumpy()
    assert list(found) == list(table)
    assert [c.dtype for c in found.values()] == [c.dtype for c in table.values()]
    assert len(pd.DataFrame(table)) == 12 * len(METRICS)


def test_no_metric_no_values(sweep: StoredSweep) -> None:
    with pytest.raises(UsageError, match="no metric 'engage'"):
        sweep.values("engage")
    with pytest.raises(UsageError, match="no item 'x'"):
        sweep.values("engaged", "x")


@pytest.mark.long
def test_a_hundred_thousand_rows_are_queried_in_a_second(tmp_path: Path) -> None:
    sweep = synthetic(tmp_path, 7_000, 2)
    began = time.perf_counter()
    found = sweep.query("SELECT metric, avg(mean) AS m FROM results GROUP BY metric")
    assert time.perf_counter() - began < 1.0
    assert len(found["m"]) == len(METRICS)

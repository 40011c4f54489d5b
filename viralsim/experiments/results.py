"""What a sweep found: tidy tables, SQL over them, and the reader of a sweep's folder.

A reader takes no lock and writes nothing: it works while the sweep runs, and on a folder that cannot be written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import quantile_times
from viralsim.engine.kernels import CURVES, GENERATIONS, ROW
from viralsim.errors import DataError, UsageError
from viralsim.experiments.parts import (
    CELLS,
    COLUMNS,
    REALISATIONS,
    RESULTS,
    Cell,
    Ints,
    Part,
    all_parts,
    parts_of,
    read_cells,
    read_columns,
    read_manifest,
    read_rows,
    while_it_changes,
)
from viralsim.outcome.outcome import METRICS, Outcome
from viralsim.outcome.tables import Columns, database, quoted, write_parquet

__all__ = ["StoredSweep", "open_sweep", "outcome_of", "write_results_file"]

NUMBERS = ("mean", "mean_low", "mean_high", "p05", "p50", "p95")
SHARES = ("luck_share", "unknown_share")
_OF_ESTIMATES = (*NUMBERS, "realisations", *SHARES)
VIEWS = ("results", "realisations", "cells")

_ROWS_AT_ONCE = 100_000
_TIMES = ("time_to_peak", "time_to_half")
_NEED_IMPRESSIONS = ("reach", "impressions")
_TRUST = ("(all)",)

Table = dict[str, npt.NDArray[Any]]


# -- cells -------------------------------------------------------------------------------------------


def in_order(cells: Sequence[Cell], sweep: Mapping[str, Any]) -> tuple[list[Cell], list[str]]:
    """Return cells in the order of tables, whatever the order they were played in, and the paths that vary.

    Numbers ascend; text is in the order of the manifest's values, and by the alphabet where it is not among them.
    """
    varied = [one for one in sweep.get("varied", ()) if one["path"] != "plan"]
    paths = [one["path"] for one in varied]
    paths += sorted({path for cell in cells for path in cell.values} - {*paths, "plan"})
    listed = {one["path"]: _places(one.get("values")) for one in varied}
    plans = _places(sweep.get("plans"))

    def place(value: Any, places: dict[str, int]) -> tuple[Any, ...]:
        if value is None:
            return (2,)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return 0, value
        text = _text(value)
        return 1, places.get(text, len(places)), text

    def order(cell: Cell) -> tuple[Any, ...]:
        values = [place(cell.values.get(path), listed.get(path, {})) for path in paths]
        return *values, place(cell.plan, plans), cell.random_seed, cell.key

    return sorted(cells, key=order), paths


def _places(values: Sequence[Any] | None) -> dict[str, int]:
    return {_text(value): place for place, value in reversed([*enumerate(values or ())])}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _column(values: Sequence[Any]) -> npt.NDArray[Any]:
    """Return values as a column: whole numbers, numbers or text; masked where there is none."""
    missing = [value is None for value in values]
    there = [value for value in values if value is not None]
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in there)
    if there and numbers and all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in there):
        column = np.array([0 if value is None else value for value in values], dtype=np.int64)
    elif there and numbers:
        column = np.array([0.0 if value is None else value for value in values], dtype=np.float64)
    else:
        column = np.array([None if value is None else _text(value) for value in values], dtype=object)
    return np.ma.masked_array(column, mask=missing) if any(missing) else column


def _cells_table(cells: Sequence[Cell], paths: Sequence[str], counts: Sequence[int]) -> Table:
    return {
        "cell": np.arange(len(cells), dtype=np.int64),
        "key": _objects([cell.key for cell in cells]),
        **{path: _column([cell.values.get(path) for cell in cells]) for path in paths},
        "plan": _objects([cell.plan for cell in cells]),
        "random_seed": np.array([cell.random_seed for cell in cells], dtype=np.int64),
        "scenario_hash": _objects([cell.scenario_hash for cell in cells]),
        "realisations": np.array(counts, dtype=np.int64),
    }


def _objects(texts: Sequence[str]) -> npt.NDArray[Any]:
    return np.array([*texts], dtype=object)


def outcome_of(cell: Cell, indices: Ints, rows: Ints) -> Outcome:
    """Return the outcome of a cell's rows: its metrics are those of `viralsim.simulate`, curves it has none.

    Parameters
    ----------
    cell : Cell
    indices : ndarray of int64, shape (n,)
        Numbers of the realisations, ascending.
    rows : ndarray of int64, shape (n, items, len(COLUMNS))

    Examples
    --------
    >>> facts = {"items": ["content"], "main_item": "content", "people": 10, "viral_threshold": 3, "horizon": 4,
    ...          "impressions_counted": True, "tick_seconds": 3600.0, "takes_trust": False, "unknowns": []}
    >>> cell = Cell("00d1f2a3b4c5d6e7", {"item.content.stickiness": 0.01}, "hubs", "7f3a", 1, facts, {})
    >>> outcome_of(cell, np.arange(5), np.ones((5, 1, len(COLUMNS)), dtype=np.int64)).engaged.mean
    1.0
    """
    facts = cell.facts
    count, items, people = len(indices), len(facts["items"]), int(facts["people"])
    generations = np.zeros((count, items, GENERATIONS), dtype=np.int64)
    generations[..., 1:3] = rows[..., len(ROW) : len(ROW) + 2]
    unknowns = tuple(facts["unknowns"])
    trust: dict[str, Any] = {}
    if facts["takes_trust"]:
        trust = {
            "segments": _TRUST,
            "segment_people": [people],
            "trust_sums": rows[:, 0, -1].reshape(count, 1, 1),
            "trust_quantiles": np.zeros((count, 1, 3, len(quantile_times(1)))),
        }
    return Outcome(
        scenario_hash=cell.scenario_hash,
        plan=cell.plan,
        random_seed=cell.random_seed,
        items=tuple(facts["items"]),
        main_item=facts["main_item"],
        people=people,
        tick_seconds=float(facts["tick_seconds"]),
        horizon=int(facts["horizon"]),
        report_ticks=np.array([facts["horizon"]]),
        viral_threshold=int(facts["viral_threshold"]),
        impressions_counted=bool(facts["impressions_counted"]),
        indices=indices,
        rows=rows[..., : len(ROW)],
        generation_counts=generations,
        curves=np.zeros((count, items, len(CURVES), 1), dtype=np.int64),
        unknowns=unknowns,
        drawn=np.zeros((count, len(unknowns))),
        **trust,
    )


# -- tables ------------------------------------------------------------------------------------------


def _rows_by_chunks(parts: Sequence[Part], cells: Sequence[Cell]) -> Iterator[dict[str, tuple[Ints, Ints]]]:
    """Give the rows of all cells, as many cells at a time as memory bears (parts put together are sorted by key)."""
    if not parts or not cells:
        return
    counts = read_columns(parts, "SELECT key, count(*) AS n FROM {parts} GROUP BY key")
    rows = dict(zip(counts["key"].tolist(), counts["n"].tolist(), strict=True))
    chunk: list[Cell] = []
    held = 0
    for cell in sorted(cells, key=lambda one: one.key):
        many = rows.get(cell.key, 0)
        if chunk and held + many > _ROWS_AT_ONCE:
            yield read_rows(parts, chunk)
            chunk, held = [], 0
        if many:
            chunk.append(cell)
            held += many
    yield read_rows(parts, chunk)


def _results(directory: Path, sweep: Mapping[str, Any]) -> tuple[Table, str]:
    """Compute the results, and return with them of which parts."""

    def compute(parts: list[Part]) -> tuple[Table, str]:
        cell_parts = parts_of(all_parts(directory / CELLS))[0]
        cells, paths = in_order(read_cells(cell_parts), sweep)
        estimates: dict[str, npt.NDArray[np.float64]] = {}
        for chunk in _rows_by_chunks(parts, cells):
            of = {cell.key: cell for cell in cells if cell.key in chunk}
            for key, (indices, rows) in chunk.items():
                outcome = outcome_of(of[key], indices, rows)
                of_all = [one for item in outcome.items for one in outcome.all_metrics(item).values()]
                # As numbers, for thousands of cells have hundreds of thousands of estimates; None becomes NaN.
                estimates[key] = np.array([attrgetter(*_OF_ESTIMATES)(one) for one in of_all], dtype=np.float64)
        return _results_table([cell for cell in cells if cell.key in estimates], paths, estimates), _made_of(
            parts, cell_parts, sweep
        )

    return while_it_changes(directory / REALISATIONS, compute)


def _results_table(
    cells: Sequence[Cell], paths: Sequence[str], estimates: Mapping[str, npt.NDArray[np.float64]]
) -> Table:
    many = [len(cell.facts["items"]) * len(METRICS) for cell in cells]
    facts = _cells_table(cells, paths, [0] * len(cells))
    repeated = {name: np.repeat(facts[name], many) for name in ("cell", *paths, "plan", "random_seed", "scenario_hash")}
    every = np.concatenate([np.empty((0, len(_OF_ESTIMATES))), *(estimates[cell.key] for cell in cells)])
    columns: Table = {name: repeated[name] for name in ("cell", *paths, "plan")}
    columns["item"] = np.repeat(_objects([item for cell in cells for item in cell.facts["items"]]), len(METRICS))
    columns["metric"] = np.tile(_objects(METRICS), len(every) // len(METRICS))
    for name, numbers in zip(_OF_ESTIMATES, np.ascontiguousarray(every.T), strict=True):
        counts = name == "realisations"
        columns[name] = numbers.astype(np.int64) if counts else np.ma.masked_array(numbers, mask=np.isnan(numbers))
    columns["random_seed"] = repeated["random_seed"]
    columns["scenario_hash"] = repeated["scenario_hash"]
    return columns


def _made_of(parts: Sequence[Part], cell_parts: Sequence[Part], sweep: Mapping[str, Any]) -> str:
    """Return what a table of results depends on, as one word."""
    from viralsim import __version__

    names = [[f"{part.path.name} {part.size}" for part in of_kind] for of_kind in (cell_parts, parts)]
    order = [sweep.get("varied"), sweep.get("plans")]
    return hashlib.sha256(json.dumps([__version__, METRICS, names, order]).encode()).hexdigest()


def _made_of_now(directory: Path, sweep: Mapping[str, Any]) -> str:
    parts, cell_parts = (parts_of(all_parts(directory / kind))[0] for kind in (REALISATIONS, CELLS))
    return _made_of(parts, cell_parts, sweep)


def _is_made_of(connection: Any, path: Path, made_of: str) -> bool:
    """Tell whether a file of results says that it was computed from this."""
    sql = f"SELECT value FROM parquet_kv_metadata({quoted(path, pattern=True)}) WHERE key = 'made_of'::BLOB"  # noqa: S608
    return bool(connection.execute(sql).fetchone() == (made_of.encode(),))


def is_current(directory: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether results.parquet of a folder was computed from what is there now."""
    import duckdb

    try:
        with database() as connection:
            return _is_made_of(connection, directory / RESULTS, _made_of_now(directory, manifest["sweep"]))
    except duckdb.Error:  # it is not there, or damaged
        return False


def write_results_file(directory: Path, manifest: Mapping[str, Any], file: Path) -> None:
    """Compute the results of a folder and write them to a file, with a word that says of which parts."""
    table, made_of = _results(directory, manifest["sweep"])
    write_parquet(file, table, made_of=made_of)


# -- the reader --------------------------------------------------------------------------------------


class StoredSweep:
    """A sweep as its folder holds it, whether it is finished or still runs.

    Every call reads what is there at that moment.

    Parameters
    ----------
    directory : path-like

    Examples
    --------
    >>> import tempfile
    >>> from viralsim.experiments.store import Block, SweepStore
    >>> facts = {"items": ["content"], "main_item": "content", "people": 10, "viral_threshold": 3, "horizon": 4,
    ...          "impressions_counted": True, "tick_seconds": 3600.0, "takes_trust": False, "unknowns": []}
    >>> cell = Cell("00d1f2a3b4c5d6e7", {"item.content.stickiness": 0.01}, "hubs", "7f3a", 1, facts, {})
    >>> folder = tempfile.mkdtemp()
    >>> with SweepStore.open(folder, {}, agrees=lambda found: found) as store:
    ...     store.add(cell, Block(cell.key, 0, np.ones((5, 1, len(COLUMNS)), dtype=np.int64)))
    >>> sweep = open_sweep(folder)
    >>> sweep.query("SELECT plan, mean FROM results WHERE metric = 'engaged'")["mean"].tolist()
    [1.0]
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(os.path.abspath(directory))  # noqa: PTH100 - links are kept as they are
        read_manifest(self.directory)
        self._computed: tuple[str, Table] | None = None

    @property
    def manifest(self) -> dict[str, Any]:
        """What sweep.json holds."""
        return read_manifest(self.directory)

    def cells(self) -> list[Cell]:
        """Return the cells in the order of the tables; those without a finished realisation too."""
        return in_order(while_it_changes(self.directory / CELLS, read_cells), self.manifest["sweep"])[0]

    def table(self) -> Table:
        """Return the results, tidy: one row per cell, item and metric.

        Returns
        -------
        dict of str to ndarray
            "cell", a column for every path that varies, "plan", "item", "metric", "mean", "mean_low", "mean_high",
            "p05", "p50", "p95", "realisations", "luck_share", "unknown_share", "random_seed", "scenario_hash"; masked
            where undefined. Cells of which nothing is finished yet are left out.
        """
        made_of = self._made_of()
        if self._computed is None or self._computed[0] != made_of:
            stored = self._stored(made_of)
            table, made_of = _results(self.directory, self.manifest["sweep"]) if stored is None else (stored, made_of)
            self._computed = made_of, table
        return dict(self._computed[1])

    def _made_of(self) -> str:
        return _made_of_now(self.directory, self.manifest["sweep"])

    def _stored(self, made_of: str) -> Table | None:
        """Return results.parquet, where it was made of what is there now."""
        import duckdb

        path = self.directory / RESULTS
        try:
            with database() as connection:
                file = quoted(path, pattern=True)
                if not _is_made_of(connection, path, made_of):
                    return None
                found: Table = connection.execute(f"SELECT * FROM read_parquet({file})").fetchnumpy()  # noqa: S608
        except duckdb.Error:  # it is not there, or damaged: it is computed again
            return None
        for name in (*NUMBERS, *SHARES):
            numbers = np.ma.asarray(found[name])
            mask = np.ma.getmaskarray(numbers)
            found[name] = np.ma.masked_array(np.where(mask, np.nan, numbers.data), mask=mask)
        return {name: _unmasked(column) for name, column in found.items()} | {
            name: found[name] for name in (*NUMBERS, *SHARES)
        }

    def realisations_table(self) -> Table:
        """Return what is behind the results: one row per cell, realisation and item.

        Returns
        -------
        dict of str to ndarray
            "cell", a column for every path that varies, "plan", "realisation", "item", the engine's columns under the
            metrics' names ("cost" in money), "generation_1", "generation_2", and "trust"; masked where undefined.
        """
        with self._tables({"realisations"}) as connection:
            found: Table = connection.execute("SELECT * FROM realisations").fetchnumpy()
        return {name: _unmasked(column) for name, column in found.items()}

    def values(self, metric: str, item: str | None = None) -> tuple[list[Cell], npt.NDArray[np.float64]]:
        """Return a metric of every realisation that all cells have in common.

        Parameters
        ----------
        metric : str
            One that is a mean of realisations: not "reproduction_number".
        item : str, optional
            Of which item; each cell's main item where it is not given.

        Returns
        -------
        cells : list of Cell
            In the order of the tables; those without a finished realisation are left out.
        values : ndarray of float64, shape (cells, realisations)
            NaN where undefined.

        Raises
        ------
        UsageError
            There is no such metric or item, or single realisations have none.
        """

        def read(parts: list[Part]) -> tuple[list[Cell], npt.NDArray[np.float64]]:
            numbers: dict[str, tuple[Ints, npt.NDArray[np.float64]]] = {}
            cells = self.cells()
            of = {cell.key: cell for cell in cells}
            for chunk in _rows_by_chunks(parts, cells):
                for key, (indices, rows) in chunk.items():
                    numbers[key] = indices, outcome_of(of[key], indices, rows).values(metric, item)
            cells = [cell for cell in cells if cell.key in numbers]
            common: Ints | None = None
            for indices, _ in numbers.values():
                if common is None:
                    common = indices
                elif not np.array_equal(common, indices):
                    common = np.intersect1d(common, indices, assume_unique=True)
            if common is None:
                return [], np.empty((0, 0))
            return cells, np.stack(
                [numbers[cell.key][1][np.searchsorted(numbers[cell.key][0], common)] for cell in cells]
            )

        return while_it_changes(self.directory / REALISATIONS, read)

    def query(self, sql: str) -> Table:
        """Return the columns of one SELECT over the tables ``results``, ``realisations`` and ``cells``.

        Nothing else can be read: no file, no network, no Python variable.

        Parameters
        ----------
        sql : str
            In the dialect of duckdb.

        Raises
        ------
        UsageError
            It is no SELECT, or wrong.
        """
        import duckdb

        try:
            statements = duckdb.extract_statements(sql)
        except duckdb.Error as error:
            raise self._wrong(sql, error, {}) from error
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise UsageError("expected one SELECT", place="--sql", hint=f"the tables are {', '.join(VIEWS)}")
        wanted = {name for name in VIEWS if name in sql.lower()}
        with self._tables(wanted) as connection:
            for setting in (
                "python_enable_replacements = false",
                "enable_external_access = false",
                "lock_configuration = true",
            ):
                connection.execute(f"SET {setting}")
            try:
                found: Table = connection.execute(sql).fetchnumpy()
            except duckdb.Error as error:
                columns: dict[str, list[str]] = {}
                for table, name in connection.execute(
                    "SELECT table_name, column_name FROM information_schema.columns ORDER BY ordinal_position"
                ).fetchall():
                    columns.setdefault(table, []).append(name)
                raise self._wrong(sql, error, columns) from error
        return {name: _unmasked(column) for name, column in found.items()}

    def _wrong(self, sql: str, error: Exception, columns: Mapping[str, Sequence[str]]) -> UsageError:
        hint = "; ".join(f"{name} has {', '.join(columns[name])}" for name in VIEWS if name in columns)
        return UsageError(
            str(error).strip().splitlines()[0], place="--sql", hint=hint or f"the tables are {', '.join(VIEWS)}"
        )

    @contextlib.contextmanager
    def _tables(self, wanted: set[str]) -> Iterator[Any]:
        """Give a database that holds the wanted tables."""
        with database() as connection:
            if "results" in wanted:
                _keep(connection, "results", self.table())
            if wanted & {"cells", "realisations"}:
                while_it_changes(
                    self.directory / REALISATIONS, lambda parts: self._keep_rows(connection, parts, wanted)
                )
            yield connection

    def _keep_rows(self, connection: Any, parts: list[Part], wanted: set[str]) -> None:
        cells, paths = in_order(while_it_changes(self.directory / CELLS, read_cells), self.manifest["sweep"])
        counts: dict[str, int] = {}
        if parts:
            sql = "SELECT key, count(DISTINCT realisation) AS n FROM {parts} WHERE item = 0 GROUP BY key"
            found = read_columns(parts, sql, connection)
            counts = dict(zip(found["key"].tolist(), found["n"].tolist(), strict=True))
        cells = [cell for cell in cells if cell.key in counts]
        table = _cells_table(cells, paths, [counts[cell.key] for cell in cells])
        _keep(connection, "cells", table)
        if "realisations" not in wanted:
            return
        facts = {
            "impressions_counted": np.array([bool(cell.facts["impressions_counted"]) for cell in cells], dtype=bool),
            "people": np.array([int(cell.facts["people"]) for cell in cells], dtype=np.int64),
            "key": table["key"],
            "cell": table["cell"],
            "number": np.arange(len(cells)),
        }
        items = {
            "cell": np.repeat(table["cell"], [len(cell.facts["items"]) for cell in cells]),
            "item": np.array([i for cell in cells for i in range(len(cell.facts["items"]))], dtype=np.int64),
            "name": _objects([name for cell in cells for name in cell.facts["items"]]),
        }
        _keep(connection, "facts_of_cells", facts)
        _keep(connection, "items_of_cells", items)
        columns = []
        for name in COLUMNS[:-1]:
            if name == "cost":
                columns.append("cost / 100.0::DOUBLE AS cost")
            elif name in _TIMES:
                columns.append(f"CASE WHEN {name} >= 0 THEN {name} END AS {name}")
            elif name in _NEED_IMPRESSIONS:
                columns.append(f"CASE WHEN f.impressions_counted THEN {name} END AS {name}")
            else:
                columns.append(name)
        varied = "".join(f'c."{path.replace(chr(34), chr(34) * 2)}", ' for path in paths)
        files = ", ".join(quoted(part.path, pattern=True) for part in parts) if parts else ""
        source = f"(SELECT DISTINCT * FROM read_parquet([{files}]))" if parts else "no_rows"  # noqa: S608
        if not parts:
            _keep(connection, "no_rows", _no_rows())
        sql = (
            f"CREATE OR REPLACE TABLE realisations AS SELECT c.cell, {varied}c.plan, r.realisation, i.name AS item, "  # noqa: S608
            f"{', '.join(columns)}, "
            "CASE WHEN r.trust_sum >= 0 AND f.people > 0 THEN r.trust_sum / (f.people * 4294967296.0::DOUBLE) END "
            f"AS trust FROM {source} r JOIN facts_of_cells f USING (key) JOIN cells c ON c.cell = f.cell "
            "JOIN items_of_cells i ON i.cell = f.cell AND i.item = r.item ORDER BY c.cell, r.realisation, r.item"
        )
        import duckdb

        try:
            connection.execute(sql)
        except duckdb.Error:
            if parts:
                read_columns(parts, "SELECT count(COLUMNS(*)) FROM {parts}")  # names the one that is damaged
                if not all(part.path.exists() for part in parts):
                    raise DataError("a part vanished", place=str(self.directory)) from None
            raise
        connection.execute("DROP TABLE facts_of_cells; DROP TABLE items_of_cells; DROP TABLE IF EXISTS no_rows")


def _no_rows() -> Table:
    numbers = {name: np.empty(0, dtype=np.int64) for name in ("realisation", "item", *COLUMNS)}
    return {"key": np.empty(0, dtype=object), **numbers}


def _keep(connection: Any, name: str, columns: Columns) -> None:
    connection.register("handed_over", dict(columns))
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM handed_over")  # noqa: S608
    connection.unregister("handed_over")


def _unmasked(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column without a mask where nothing is masked."""
    return column.data if isinstance(column, np.ma.MaskedArray) and not np.ma.getmaskarray(column).any() else column


def open_sweep(directory: str | os.PathLike[str]) -> StoredSweep:
    """Open the folder of a sweep for reading, also while it runs.

    Parameters
    ----------
    directory : path-like

    Raises
    ------
    UsageError
        It holds no sweep.
    DataError
        It is damaged, or that of a newer viralsim.

    Examples
    --------
    >>> open_sweep("no such folder")
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: no such folder: there is no such folder
    """
    try:
        return StoredSweep(directory)
    except UsageError as error:
        raise UsageError(error.message, place=os.fspath(directory), hint=error.hint) from None

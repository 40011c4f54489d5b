"""Tables as columns by DuckDB: Parquet read, CSV and Parquet written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from viralsim.errors import DataError, ViralsimError

__all__ = ["ParquetFile", "write_table"]

_MOST_ROWS = 2**30
_SUSPECT_ROWS = 50_000_000
_ROWS_PER_BYTE = 20
_FEW_ROWS = 100_000
_BARE = re.compile(r"[^\W\d]\w*")


class ParquetFile:
    """A Parquet file, its names known.

    Parameters
    ----------
    place : str
        Its path, as messages shall say it.

    Attributes
    ----------
    names : list of str
        The columns.
    rows : int
        How many rows there are.

    Raises
    ------
    DataError
        It cannot be read, or announces more rows than its size can hold.

    Examples
    --------
    >>> import duckdb, pathlib, tempfile
    >>> file = str(pathlib.Path(tempfile.mkdtemp(), "ties.parquet"))
    >>> _ = duckdb.sql("SELECT 1 AS source, 2 AS target").write_parquet(file)
    >>> ParquetFile(file).names, ParquetFile(file).rows
    (['source', 'target'], 1)
    """

    def __init__(self, place: str) -> None:
        import duckdb

        self.place = place
        # Brackets, stars and question marks in a name are themselves, not patterns.
        self._path = re.sub(r"([*?\[])", r"[\1]", str(Path(place).absolute()))
        self._connection = duckdb.connect(
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        )
        self.rows = int(self._ask("SELECT num_rows FROM parquet_file_metadata(?)").fetchone()[0])
        size = Path(place).stat().st_size
        if self.rows > _MOST_ROWS or (self.rows > _SUSPECT_ROWS and self.rows > _ROWS_PER_BYTE * size):
            raise DataError(
                f"{self.rows:,} rows in {size:,} bytes are more than viralsim reads",
                place=place,
                hint="is this a file made to fill the memory?",
            )
        asked = self._ask("SELECT * FROM read_parquet(?) LIMIT 0")
        self._described = self._guarded(lambda: asked.description)  # names may be no text at all
        self.names = [str(column[0]) for column in self._described]

    def text_columns(self) -> list[bool]:
        """Tell for each column whether it holds text."""
        return [str(column[1]).upper() in ("VARCHAR", "STRING") for column in self._described]

    def arrays(self, names: Sequence[str]) -> dict[str, Any]:
        """Return columns as (masked) arrays, by name."""
        chosen = ", ".join(_quoted(name) for name in names)
        found: dict[str, Any] = self._ask(f"SELECT {chosen} FROM read_parquet(?)", fetch="numpy")  # noqa: S608 - quoted
        return found

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield rows, some ten thousand at a time."""
        asked = self._ask("SELECT * FROM read_parquet(?)")
        while batch := self._guarded(lambda: asked.fetchmany(50_000)):
            yield batch

    def _ask(self, query: str, fetch: str = "") -> Any:
        def work() -> Any:
            asked = self._connection.execute(query, [self._path])
            return asked.fetchnumpy() if fetch else asked

        return self._guarded(work)

    def _guarded(self, work: Any) -> Any:
        import duckdb

        try:
            return work()
        except (duckdb.Error, UnicodeDecodeError, RuntimeError) as error:
            said = str(error).strip().split("\n")[0].replace(self._path, self.place)
            raise DataError(
                f"this Parquet file cannot be read: {said}",
                place=self.place,
                hint="is it whole? write or copy it again",
            ) from None


def write_table(path: Path, columns: Mapping[str, Any], *, form: str, place: str) -> None:
    r"""Write columns of one length as a table; floating-point numbers read back exactly.

    Parameters
    ----------
    path : pathlib.Path
        Replaced where it exists.
    columns : mapping of str to ndarray
        Numbers, truths or text (object arrays of str); what is masked is written as nothing.
    form : {".csv", ".csv.gz", ".parquet"}
        Text in CSV is always quoted, names of columns are only where they need it.
    place : str
        The path that messages name.

    Raises
    ------
    ViralsimError
        The file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "a.csv")
    >>> write_table(file, {"n": np.array([1, 2]), "x": np.array([0.1, 1.0])}, form=".csv", place="a.csv")
    >>> file.read_text()
    'n,x\n1,0.1\n2,1.0\n'
    """
    import duckdb

    names = [f"c{k}" for k in range(len(columns))]
    rows = max(map(len, columns.values()))
    plain = {name: _plain(np.ma.getdata(values)) for name, values in zip(names, columns.values(), strict=True)}
    said = dict(zip(names, names, strict=True))
    for name, values in zip(names, columns.values(), strict=True):
        if np.ma.isMaskedArray(values):
            plain[f"{name}_missing"] = np.ma.getmaskarray(values)
            said[name] = f"CASE WHEN {name}_missing THEN NULL ELSE {name} END"
    # Columns of a relation are told apart whatever their case, so they get their names last.
    chosen = ", ".join(f"{said[name]} AS {_quoted(given)}" for name, given in zip(names, columns, strict=True))
    if form == ".parquet":
        options = "FORMAT parquet, COMPRESSION zstd"
    else:
        text = [_quoted(given) for given, values in columns.items() if values.dtype.kind == "O"]
        options = f"FORMAT csv, COMPRESSION {'gzip' if form == '.csv.gz' else 'none'}"
        if text and rows:
            # FORCE_QUOTE would quote the names of these columns and no others, so that they are written before it.
            header = ",".join(given if _BARE.fullmatch(given) else _quoted(given) for given in columns) + "\n"
            options += f", HEADER false, FORCE_QUOTE ({', '.join(text)}), PREFIX {_literal(header)}, SUFFIX '\n'"
        else:
            options += ", HEADER true"
    target = _literal(str(path))
    few = rows < _FEW_ROWS
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": "",
            **({"threads": 1} if few else {}),  # starting them takes longer than the work
        }
    )
    try:
        connection.execute("SET enable_progress_bar = false")  # it would go to stdout
        connection.register("columns", plain)
        connection.execute(f"COPY (SELECT {chosen} FROM columns) TO {target} ({options}, USE_TMP_FILE false)")  # noqa: S608
    except duckdb.Error as error:
        what = str(error).strip().split("\n")[0].replace(str(path), place)
        raise ViralsimError(f"cannot be written: {what}", place=place, hint="is there room on the disk?") from None
    finally:
        connection.close()


def _plain(values: Any) -> Any:
    """Return numbers in the types that DuckDB takes."""
    kind = values.dtype.kind
    return values.astype(np.float64) if kind == "f" else values


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

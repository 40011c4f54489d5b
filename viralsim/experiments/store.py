"""The writer of a sweep's folder: what is finished is on disk within a second, and is never computed again."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from viralsim.engine.compile import RULES_VERSION
from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.experiments.parts import (
    CELLS,
    COLUMNS,
    FORMAT,
    MANIFEST,
    REALISATIONS,
    RESULTS,
    VERSION,
    Block,
    Cell,
    Ints,
    Part,
    Resolved,
    all_parts,
    cells_columns,
    parts_of,
    read_cells,
    read_columns,
    read_manifest,
    read_rows,
    rows_columns,
)
from viralsim.experiments.results import is_current, write_results_file
from viralsim.files import hold, let_go, whole_file
from viralsim.luck import LUCK_VERSION
from viralsim.outcome.tables import database, explained, quoted, write_parquet

__all__ = ["COLUMNS", "Block", "Cell", "SweepStore"]

SECONDS = 1.0
"""What is finished is written so often."""

MANY = 128
"""With more small parts than this they are put together."""

SMALL = 100_000
"""A part of fewer rows is small."""

_LOCK = ".lock"
_LEFTOVER = re.compile(r"\.(\d{6,}-\d{6,}\.parquet|sweep\.json|results\.parquet)\.\w{8}")
_GOES_ON = "what was finished before is kept: the same command goes on from there"

Span = tuple[int, int]


class SweepStore:
    """The one writer of a sweep's folder, a context manager.

    Cells and blocks are added as they come; `flush` writes those that are not on disk yet, at most once per second, as
    one part of each kind. At the end of the ``with`` block everything is written; parts are put together and
    results.parquet is made where it ends without an error. Only spans of numbers are held in memory.

    Examples
    --------
    >>> import tempfile
    >>> facts = {"items": ["content"], "main_item": "content", "people": 10, "viral_threshold": 3, "horizon": 4,
    ...          "impressions_counted": True, "tick_seconds": 3600.0, "takes_trust": False, "unknowns": []}
    >>> cell = Cell("00d1f2a3b4c5d6e7", {"item.content.stickiness": 0.01}, "hubs", "7f3a", 1, facts, {})
    >>> folder = tempfile.mkdtemp()
    >>> with SweepStore.open(folder, {}, agrees=lambda found: found) as store:
    ...     store.add(cell, Block(cell.key, 0, np.ones((5, 1, len(COLUMNS)), dtype=np.int64)))
    >>> with SweepStore.open(folder, {}, agrees=lambda found: found) as store:
    ...     store.spans(cell.key), store.cells[cell.key].plan
    ([(0, 5)], 'hubs')
    """

    def __init__(self, directory: Path, held: int) -> None:
        self._resources = contextlib.ExitStack()
        self._resources.callback(let_go, held)
        self._connection = self._resources.enter_context(database())  # a new one would take 10 ms for every part
        self.directory = directory
        self.cells: dict[str, Cell] = {}
        self.manifest: dict[str, Any] = {}
        self._is_open = True
        self._spans: dict[str, list[Span]] = {}
        self._parts_with: dict[str, set[int]] = {}
        self._parts: dict[str, list[Part]] = {CELLS: [], REALISATIONS: []}
        self._small: dict[str, int] = {CELLS: 0, REALISATIONS: 0}
        self._new_cells: list[Cell] = []
        self._new_blocks: list[Block] = []
        self._written = time.monotonic()

    # -- opening ------------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        directory: str | os.PathLike[str],
        sweep: dict[str, Any],
        *,
        agrees: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> SweepStore:
        """Make the folder of a sweep, or go on with one.

        Parameters
        ----------
        directory : path-like
            Folders above it are made too.
        sweep : dict
            What a new manifest holds, ready for JSON.
        agrees : callable
            Called with what an existing manifest holds: returns what is to be there from now on, or raises UsageError.

        Raises
        ------
        UsageError
            Something else is there.
        ViralsimError
            Another process writes to the folder, or nobody can.
        DataError
            The folder is damaged, or that of a newer viralsim.
        """
        folder = Path(os.path.abspath(directory))  # noqa: PTH100 - links are kept as they are
        place = os.fspath(directory)
        try:
            str(folder).encode()
        except ValueError as error:  # duckdb takes no other names
            raise UsageError("the name is not UTF-8 text", place=place, hint="name another folder") from error
        _require_sweep_or_nothing(folder)
        with explained(folder):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                raise UsageError("a folder above it is a file", place=place, hint="name another folder") from None
            if (folder / MANIFEST).exists():
                read_manifest(folder)  # one of a newer viralsim is left as it is
            since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            held = hold(folder / _LOCK, f"{os.getpid()} on {socket.gethostname()}, since {since}")
        if held is None:
            who = ""
            with contextlib.suppress(OSError, ValueError):
                who = (folder / _LOCK).read_text(encoding="utf-8")
            raise ViralsimError(
                f"another process{f' ({who})' if who else ''} is writing to this folder",
                place=place,
                hint="wait until it has finished, or name another folder; viralsim results reads it meanwhile",
            )
        store = cls(folder, held)
        try:
            store._begin(sweep, agrees)
        except BaseException:
            store._resources.close()
            raise
        return store

    def _begin(self, sweep: dict[str, Any], agrees: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        folder = self.directory
        here = {"format": FORMAT, "version": VERSION, "luck": LUCK_VERSION, "rules": RULES_VERSION}
        found = read_manifest(folder) if (folder / MANIFEST).exists() else None
        if found is not None:
            for name in ("luck", "rules"):
                if found.get(name) != here[name]:
                    raise UsageError(
                        f"was computed by viralsim {found.get('viralsim', 'unknown')} with version {found.get(name)} "
                        f"of its {name}; this one has version {here[name]}, and their results do not belong together",
                        place=str(folder),
                        hint="name another folder; viralsim results still reads this one",
                    )
            sweep = agrees(found["sweep"])
        self.manifest = here | {"viralsim": _version(), "sweep": sweep}
        with explained(folder):
            for kind in (CELLS, REALISATIONS):
                (folder / kind).mkdir(exist_ok=True)
            for above in (folder, folder / CELLS, folder / REALISATIONS):
                for path in above.iterdir():
                    if _LEFTOVER.fullmatch(path.name):
                        path.unlink()
        self._index()
        if found != self.manifest:
            self._write_manifest()

    def describe(self, **more: Any) -> None:
        """Let the manifest say more of the sweep, ready for JSON.

        Raises
        ------
        ViralsimError
            It cannot be written; the one that is there stays.
        """
        self.manifest = self.manifest | {"sweep": self.manifest["sweep"] | more}
        self._write_manifest()

    def _write_manifest(self) -> None:
        text = json.dumps(self.manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        with self._writing(self.directory / MANIFEST) as fresh:
            fresh.write_text(text, encoding="utf-8")

    def _index(self) -> None:
        """Learn which realisations of which cells are on disk."""
        for kind in (CELLS, REALISATIONS):
            counting, within = parts_of(all_parts(self.directory / kind))
            self._parts[kind] = counting
            with explained(self.directory / kind):
                for part in within:  # a writer was killed before it had taken them away
                    part.path.unlink()
        self.cells = {cell.key: cell for cell in read_cells(self._parts[CELLS])}
        self._small[CELLS] = len(self._parts[CELLS])
        for part in self._parts[REALISATIONS]:
            table = read_columns([part], "SELECT key, realisation FROM {parts} WHERE item = 0", self._connection)
            self._note(part, table["key"], np.ma.getdata(table["realisation"]))
        for key, spans in self._spans.items():
            self._spans[key] = _merged(spans)
        # Rows whose cell is gone are played again with it; a realisation that is there twice counts once.
        for key in self._spans.keys() - self.cells.keys():
            del self._spans[key]

    def _note(self, part: Part, keys: Any, numbers: Ints) -> None:
        self._small[REALISATIONS] += len(keys) < SMALL
        if not len(keys):
            return
        cuts = (np.flatnonzero((keys[1:] != keys[:-1]) | (np.diff(numbers) != 1)) + 1).tolist()
        for start, end in zip([0, *cuts], [*cuts, len(keys)], strict=True):
            self._spans.setdefault(keys[start], []).append((int(numbers[start]), int(numbers[end - 1]) + 1))
            self._parts_with.setdefault(keys[start], set()).add(part.first)

    # -- reading back -------------------------------------------------------------------------------

    def spans(self, key: str) -> list[Span]:
        """Return which realisations of a cell are done: (first, end) ascending, as few as can be."""
        return list(self._spans.get(key, ()))

    def rows(self, key: str) -> tuple[Ints, Ints]:
        """Return the realisations of a cell that are done: their numbers, ascending, and int64 [n, items, columns]."""
        cell = self.cells.get(key)
        if cell is None:
            return np.empty(0, dtype=np.int64), np.empty((0, 1, len(COLUMNS)), dtype=np.int64)
        numbers, rows = [], []
        within = self._parts_with.get(key, set())
        parts = [part for part in self._parts[REALISATIONS] if part.first in within]
        for indices, of_parts in read_rows(parts, [cell], self._connection).values():
            numbers.append(indices)
            rows.append(of_parts)
        for block in self._new_blocks:
            if block.key == key:
                numbers.append(np.arange(block.first, block.first + len(block.rows)))
                rows.append(block.rows)
        if not rows:
            return np.empty(0, dtype=np.int64), np.empty((0, len(cell.facts["items"]), len(COLUMNS)), dtype=np.int64)
        indices, places = np.unique(np.concatenate(numbers), return_index=True)
        return indices, np.concatenate(rows)[places]

    # -- writing ------------------------------------------------------------------------------------

    def add(self, cell: Cell | None, block: Block) -> None:
        """Take a block of realisations, and the cell it belongs to where that may not be known yet.

        Parameters
        ----------
        cell : Cell or None
        block : Block
            May be empty, where only the cell is to be kept.

        Raises
        ------
        ValueError
            Realisations that are there already, rows of a wrong shape, or a cell that nobody knows (a defect of the
            caller).
        """
        if not self._is_open:
            raise ValueError("the store is closed")
        known = self.cells.get(block.key, cell)
        if known is None or known.key != block.key:
            raise ValueError(f"block.key: no cell is known as {block.key!r}")
        rows = np.ascontiguousarray(block.rows, dtype=np.int64)
        if rows.ndim != 3 or rows.shape[1:] != (len(known.facts["items"]), len(COLUMNS)) or block.first < 0:
            raise ValueError(f"block.rows: expected [n, {len(known.facts['items'])}, {len(COLUMNS)}], got {rows.shape}")
        span = block.first, block.first + len(rows)
        done = self._spans.get(block.key, [])
        if any(span[0] < end and first < span[1] for first, end in done):
            raise ValueError(
                f"block: some of the realisations {span[0]}-{span[1] - 1} of {block.key} are there already"
            )
        if block.key not in self.cells:
            self.cells[block.key] = replace(known, resolved=Resolved.of(known.resolved))
            self._new_cells.append(self.cells[block.key])
        if len(rows):
            self._new_blocks.append(Block(block.key, block.first, rows))
            self._spans[block.key] = _merged([*done, span])

    def flush(self, force: bool = False) -> None:
        """Write what is not on disk yet, if the last time was a second ago.

        Parameters
        ----------
        force : bool
            At once.

        Raises
        ------
        ViralsimError
            It cannot be written; what is on disk stays, and what is not can still be flushed.
        """
        if not force and time.monotonic() - self._written < SECONDS:
            return
        # Cells first, so that no row is without its cell.
        if self._new_cells:
            self._write(CELLS, cells_columns(self._new_cells))
            self._small[CELLS] += 1
            self._new_cells = []
        if self._new_blocks:
            part = self._write(REALISATIONS, rows_columns(self._new_blocks))
            self._small[REALISATIONS] += sum(len(block.rows) for block in self._new_blocks) < SMALL
            for block in self._new_blocks:
                self._parts_with.setdefault(block.key, set()).add(part.first)
            self._new_blocks = []
        if max(self._small.values()) > MANY:
            self._compact()
        self._written = time.monotonic()

    def close(self, finished: bool = True) -> None:
        """Write everything and let others write; closing twice does nothing.

        Parameters
        ----------
        finished : bool
            Whether the sweep is whole: then parts are put together, and results.parquet is written.

        Raises
        ------
        ViralsimError
            It cannot be written. The folder is let go of all the same.
        """
        if not self._is_open:
            return
        try:
            self.flush(force=True)
            if finished:
                self._compact()
            if finished and not is_current(self.directory, self.manifest):
                with self._writing(self.directory / RESULTS) as fresh:
                    write_results_file(self.directory, self.manifest, fresh)
        finally:
            self._is_open = False
            self._resources.close()

    def __enter__(self) -> SweepStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:  # what is finished is kept; what keeps it from being written is not what went wrong first
            with contextlib.suppress(ViralsimError):
                self.close(finished=False)

    @contextlib.contextmanager
    def _writing(self, path: Path) -> Any:
        try:
            with explained(path), whole_file(path, force=True) as fresh:
                yield fresh
        except DataError:
            raise
        except ViralsimError as error:
            raise ViralsimError(error.message, place=str(path), hint=f"{error.hint}; {_GOES_ON}") from error

    def _write(self, kind: str, columns: dict[str, Any]) -> Part:
        parts = self._parts[kind]
        number = max((part.last for part in parts), default=-1) + 1
        path = self._path(kind, number, number)
        with self._writing(path) as fresh:
            write_parquet(fresh, columns, connection=self._connection)
        part = Part(path, number, number, path.stat().st_size)
        parts.append(part)
        return part

    def _path(self, kind: str, first: int, last: int) -> Path:
        return self.directory / kind / f"{first:06}-{last:06}.parquet"

    # -- putting parts together ---------------------------------------------------------------------

    def _compact(self) -> None:
        """Put small parts that follow each other together, up to a size that memory bears."""
        for kind, order in ((CELLS, "key"), (REALISATIONS, "key, realisation, item")):
            parts: list[Part] = []
            run: list[Part] = []
            rows = 0
            for part in self._parts[kind]:
                count = int(read_columns([part], "SELECT count(*) AS n FROM {parts}", self._connection)["n"][0])
                if run and rows + count > SMALL:
                    parts.append(self._together(kind, run, order))
                    run, rows = [], 0
                run.append(part)
                rows += count
            if run:
                parts.append(self._together(kind, run, order))
            moved = {part.first: whole.first for whole in parts for part in self._parts[kind] if _holds(whole, part)}
            if kind == REALISATIONS:
                for key, numbers in self._parts_with.items():
                    self._parts_with[key] = {moved[number] for number in numbers}
            self._parts[kind] = parts
            self._small[kind] = 1  # but for the last all are as large as can be

    def _together(self, kind: str, run: Sequence[Part], order: str) -> Part:
        if len(run) == 1:
            return run[0]
        path = self._path(kind, run[0].first, run[-1].last)
        files = ", ".join(quoted(part.path, pattern=True) for part in run)
        read_columns(run, "SELECT count(COLUMNS(*)) FROM {parts}", self._connection)  # names the one that is damaged
        with self._writing(path) as fresh:
            # One realisation may be there twice, where the part with its cell was gone for a while.
            self._connection.execute(
                f"COPY (SELECT DISTINCT * FROM read_parquet([{files}]) ORDER BY {order}) TO {quoted(fresh)} "  # noqa: S608
                "(FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
            )
        for part in run:
            with contextlib.suppress(OSError):  # nobody reads it any more
                part.path.unlink()
        return Part(path, run[0].first, run[-1].last, path.stat().st_size)


def _holds(whole: Part, part: Part) -> bool:
    return whole.first <= part.first and part.last <= whole.last


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for first, end in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((first, end))
    return merged


def _require_sweep_or_nothing(folder: Path) -> None:
    """Refuse a folder in which something else is."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is a file, expected a folder", place=str(folder), hint="name another folder")
    if not folder.is_dir():
        return
    with explained(folder):
        names = sorted(path.name for path in folder.iterdir())
        if MANIFEST in names:
            return
        strangers = [
            name for name in names if name not in (_LOCK, CELLS, REALISATIONS) and not _LEFTOVER.fullmatch(name)
        ]
        for kind in (CELLS, REALISATIONS):
            path = folder / kind
            if path.is_dir():
                strangers += [f"{kind}/{one.name}" for one in path.iterdir() if not _LEFTOVER.fullmatch(one.name)]
            elif path.exists():
                strangers.append(kind)
    if strangers:
        raise UsageError(
            f"holds no sweep, but other files, such as '{strangers[0]}'; nothing is written there",
            place=str(folder),
            hint=f"name another folder{f', or put {MANIFEST} back' if strangers[0].endswith('.parquet') else ''}",
        )


def _version() -> str:
    try:
        return version("viralsim")
    except PackageNotFoundError:
        return "unknown"

"""The folder of a sweep: what its files hold, and how they are read.

A part is one Parquet file, whole or not there, and never changed. Its name is a span of part numbers; the part
000000-000127 holds what the parts 000000-000000 to 000127-000127 held, so a part whose span lies within that of another
is not read. That is why parts can be put together while somebody reads.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from viralsim.engine.kernels import ROW
from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.outcome.tables import database, quoted

__all__ = [
    "CELLS",
    "COLUMNS",
    "FORMAT",
    "MANIFEST",
    "REALISATIONS",
    "RESULTS",
    "VERSION",
    "Block",
    "Cell",
    "Part",
    "Resolved",
    "all_parts",
    "parts_of",
    "read_cells",
    "read_columns",
    "read_manifest",
    "read_rows",
    "while_it_changes",
]

COLUMNS = (*ROW, "generation_1", "generation_2", "trust_sum")
"""Columns of a block's rows: those of the engine, people of two generations, and the trust of all people at the end in
units of 2^-32 (-1 where no item takes trust)."""

FORMAT, VERSION = "viralsim sweep", 1
MANIFEST, RESULTS, CELLS, REALISATIONS = "sweep.json", "results.parquet", "cells", "realisations"

Ints = npt.NDArray[np.int64]
T = TypeVar("T")

_NAME = re.compile(r"(\d{6,})-(\d{6,})\.parquet")
_AGAIN = "delete this file: the same command computes what it held again"


class Resolved(Mapping[str, Any]):
    """A resolved scenario, kept small: thousands of cells each have one, and hardly any is ever looked at.

    Examples
    --------
    >>> Resolved.of({"random_seed": 1})["random_seed"]
    1
    """

    def __init__(self, text: str) -> None:
        self._packed = zlib.compress(text.encode(), 1)

    @classmethod
    def of(cls, resolved: Mapping[str, Any]) -> Resolved:
        """Return the same, packed."""
        return resolved if isinstance(resolved, Resolved) else cls(_json(dict(resolved)))

    @property
    def text(self) -> str:
        """The JSON of it."""
        return zlib.decompress(self._packed).decode()

    def __getitem__(self, key: str) -> Any:
        return json.loads(self.text)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(json.loads(self.text))

    def __len__(self) -> int:
        return len(json.loads(self.text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __repr__(self) -> str:
        return f"Resolved({dict(self)!r})"

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Cell:
    """One combination of values of a sweep.

    Parameters
    ----------
    key : str
        16 hexadecimal digits that depend on what is played alone, so that another grid finds what is there.
    values : dict
        Number or text by the path that varies, as tables show it; without the plan.
    plan : str
    scenario_hash : str
    random_seed : int
    facts : dict
        What an outcome knows besides its rows: items, main_item, people, viral_threshold, impressions_counted,
        tick_seconds, horizon, takes_trust, unknowns.
    resolved : mapping
        The scenario as `Scenario.resolved` gives it.

    Examples
    --------
    >>> Cell("00d1f2a3b4c5d6e7", {"item.content.stickiness": 0.01}, "hubs", "7f3a", 1, {"items": ["content"]}, {}).plan
    'hubs'
    """

    key: str
    values: dict[str, Any]
    plan: str
    scenario_hash: str
    random_seed: int
    facts: dict[str, Any]
    resolved: Mapping[str, Any]


class Block(NamedTuple):
    """Consecutive realisations of a cell."""

    key: str
    first: int
    rows: Ints
    """int64 [realisations, items, len(COLUMNS)]"""


class Part(NamedTuple):
    """One Parquet file of the folder."""

    path: Path
    first: int
    last: int
    size: int


# -- listing -----------------------------------------------------------------------------------------


def all_parts(folder: Path) -> list[Part]:
    """Return the parts in a folder in the order of their numbers, those that others hold too."""
    found = []
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ViralsimError(f"cannot be read: {error.strerror}", place=str(folder)) from error
    for entry in entries:
        match = _NAME.fullmatch(entry.name)
        if match:
            try:
                found.append(Part(folder / entry.name, int(match[1]), int(match[2]), entry.stat().st_size))
            except FileNotFoundError:  # put together with others at this moment
                continue
    return sorted(found, key=lambda part: (part.first, -part.last))


def parts_of(parts: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts that count, and those that lie within one of them."""
    counting: list[Part] = []
    within: list[Part] = []
    end = -1
    for part in parts:  # wider ones come first
        (within if part.last <= end else counting).append(part)
        end = max(end, part.last)
    return counting, within


def while_it_changes(folder: Path, read: Callable[[list[Part]], T]) -> T:
    """Read the parts of a folder; where one vanished on the way, because a writer put it with others, once more."""
    while True:
        parts = parts_of(all_parts(folder))[0]
        try:
            return read(parts)
        except DataError:
            if all(part.path.exists() for part in parts):
                raise


# -- reading -----------------------------------------------------------------------------------------


def read_manifest(directory: Path) -> dict[str, Any]:
    """Return what sweep.json holds.

    Raises
    ------
    UsageError
        There is none.
    DataError
        It is not one, or that of a newer viralsim.
    """
    path = directory / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ValueError(f"it is no '{FORMAT}'")
        version = manifest.get("version")
        if not isinstance(version, int) or not isinstance(manifest.get("sweep"), dict):
            raise ValueError("it says neither its version nor which sweep it is of")
    except (FileNotFoundError, NotADirectoryError):
        raise _no_sweep(directory) from None
    except OSError as error:
        raise ViralsimError(f"cannot be read: {error.strerror}", place=str(path)) from error
    except ValueError as error:
        raise DataError(
            f"cannot be read as the manifest of a sweep: {error}",
            place=str(path),
            hint="put back the file as it was; the parts beside it are not touched",
        ) from error
    if version > VERSION:
        raise DataError(
            f"was written by a newer viralsim ({manifest.get('viralsim', 'unknown')}): version {version} of the "
            f"format, this one knows {VERSION}",
            place=str(directory),
            hint="install the newer viralsim, or name another folder",
        )
    return manifest


def _no_sweep(directory: Path) -> UsageError:
    if not directory.exists():
        return UsageError("there is no such folder", place=str(directory))
    if not directory.is_dir():
        return UsageError("this is a file, expected the folder of a sweep", place=str(directory))
    return UsageError("holds no sweep", place=str(directory), hint="name a folder written by viralsim sweep -o")


def read_columns(parts: Sequence[Part], sql: str, connection: Any = None) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a query; ``{parts}`` in it stands for the parts, of which there is at least one.

    Raises
    ------
    DataError
        A part is damaged or gone; it is named.
    """
    import duckdb

    def query(on: Any, some: Sequence[Part]) -> dict[str, npt.NDArray[Any]]:
        files = ", ".join(quoted(part.path, pattern=True) for part in some)
        found: dict[str, npt.NDArray[Any]] = on.execute(sql.replace("{parts}", f"read_parquet([{files}])")).fetchnumpy()
        return found

    try:
        if connection is not None:
            return query(connection, parts)
        with database() as own:
            return query(own, parts)
    except duckdb.Error as error:
        with database() as own:
            for part in parts:
                try:
                    own.execute(f"SELECT * FROM read_parquet({quoted(part.path, pattern=True)})").fetchnumpy()  # noqa: S608
                    query(own, [part])
                except duckdb.Error as found:
                    raise _damaged(part.path, found) from found
        raise _damaged(parts[0].path.parent, error) from error


def _damaged(path: Path, error: Exception | str) -> DataError:
    return DataError(
        f"cannot be read as a part of a sweep: {str(error).strip().splitlines()[0]}", place=str(path), hint=_AGAIN
    )


def read_cells(parts: Sequence[Part]) -> list[Cell]:
    """Return the cells that parts hold."""
    if not parts:
        return []
    table = read_columns(
        parts, "SELECT key, plan, scenario_hash, random_seed, varied, facts, resolved, filename FROM {parts}"
    )
    rows = zip(*(column.tolist() for column in table.values()), strict=True)
    cells = {}
    for key, plan, scenario_hash, random_seed, varied, facts, resolved, file in rows:
        try:
            cells[key] = Cell(
                key, json.loads(varied), plan, scenario_hash, random_seed, json.loads(facts), Resolved(resolved)
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise _damaged(Path(file), error) from error
    return list(cells.values())


def cells_columns(cells: Sequence[Cell]) -> dict[str, npt.NDArray[Any]]:
    """Return cells as the columns of a part."""
    texts = {
        "key": [cell.key for cell in cells],
        "plan": [cell.plan for cell in cells],
        "scenario_hash": [cell.scenario_hash for cell in cells],
        "varied": [_json(cell.values) for cell in cells],
        "facts": [_json(cell.facts) for cell in cells],
        "resolved": [Resolved.of(cell.resolved).text for cell in cells],
    }
    numbers = {"random_seed": np.array([cell.random_seed for cell in cells], dtype=np.int64)}
    return {name: np.array(column, dtype=object) for name, column in texts.items()} | numbers


def rows_columns(blocks: Sequence[Block]) -> dict[str, npt.NDArray[Any]]:
    """Return blocks as the columns of a part: one row per realisation and item."""
    sizes = [block.rows.shape[:2] for block in blocks]
    flat = np.concatenate([block.rows.reshape(-1, len(COLUMNS)) for block in blocks])
    return {
        "key": np.repeat(np.array([block.key for block in blocks], dtype=object), [r * i for r, i in sizes]),
        "realisation": np.concatenate(
            [np.repeat(np.arange(b.first, b.first + r), i) for b, (r, i) in zip(blocks, sizes, strict=True)]
        ),
        "item": np.concatenate([np.tile(np.arange(i, dtype=np.int16), r) for r, i in sizes]),
        **{name: np.ascontiguousarray(flat[:, c]) for c, name in enumerate(COLUMNS)},
    }


def read_rows(parts: Sequence[Part], cells: Sequence[Cell], connection: Any = None) -> dict[str, tuple[Ints, Ints]]:
    """Return the rows of some cells: by key the numbers of the realisations, ascending, and int64 [n, items, C].

    A realisation that two parts hold, which is then the same in both, is there once. Cells without rows are left out.
    """
    if not parts or not cells:
        return {}
    items = {cell.key: len(cell.facts["items"]) for cell in cells}
    keys = sorted(items)
    every = ", ".join(f"'{key}'" for key in keys)
    table = read_columns(
        parts,
        f"SELECT key, realisation, item, {', '.join(COLUMNS)} FROM {{parts}} "  # noqa: S608
        f"WHERE key BETWEEN '{keys[0]}' AND '{keys[-1]}' AND key IN ({every}) ORDER BY key, realisation, item",
        connection,
    )
    names, numbers, item = table.pop("key"), table.pop("realisation"), table.pop("item")
    values = np.stack([np.ma.getdata(column) for column in table.values()], axis=-1).astype(np.int64, copy=False)
    cuts = np.flatnonzero(names[1:] != names[:-1]) + 1
    found = {}
    for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(names)], strict=True):
        if start == end:
            continue
        key, of_key, rows = names[start], numbers[start:end], values[start:end]
        fresh = np.ones(end - start, dtype=bool)
        fresh[1:] = (np.diff(of_key) != 0) | (np.diff(item[start:end]) != 0)
        if not fresh.all():
            of_key, rows = of_key[fresh], rows[fresh]
        whole = len(rows) % items[key] == 0
        shaped = of_key.reshape(-1, items[key]) if whole else np.zeros((1, 2))
        if not whole or not (shaped == shaped[:, :1]).all():
            raise _damaged(parts[0].path.parent, f"cell {key} does not have every item in every realisation")
        found[key] = np.ascontiguousarray(shaped[:, 0]), rows.reshape(-1, items[key], len(COLUMNS))
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""Graphs that were read from large files, kept so that the next reading takes a moment.

An entry is a folder as `viralsim.graph.store` writes it, under a key made of everything that can change it: the
bytes of the files, their paths (messages name them), all options, and the source code of the readers. So a
changed file has another key, and nothing is ever out of date. Whatever goes wrong with the cache (no folder, a full
disk, a damaged entry) costs time alone.

It is kept in the user's cache folder, in ``viralsim/graphs``; the environment variable
``VIRALSIM_GRAPH_CACHE`` names another folder, or says ``off``. Beyond 2 GiB the entries unused for longest go.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from viralsim.errors import DataError, ViralsimError
from viralsim.files import clear_leftovers, private_folder, remove_folder
from viralsim.graph.social_graph import SocialGraph
from viralsim.graph.store import is_store, open_store, stored_bytes, write_store

__all__ = ["LEAST_BYTES", "MOST_BYTES", "cached"]

LEAST_BYTES = 4 << 20
"""Files of fewer bytes in all are read anew every time."""

MOST_BYTES = 2 << 30
"""What the cache may take on disk."""

_VARIABLE = "VIRALSIM_GRAPH_CACHE"
_OFF = ("off", "no", "false", "0")


def cached(files: Sequence[str], options: Mapping[str, object], read: Callable[[], SocialGraph]) -> SocialGraph:
    """Return what `read` returns, from the cache where the same was read before.

    Parameters
    ----------
    files : sequence of str
        Everything that is read.
    options : mapping
        Everything else that it depends on, of plain values.
    read : callable
        Reads the graph.

    Returns
    -------
    SocialGraph
        Equal either way but for `report.cached`, and a note where VIRALSIM_GRAPH_CACHE cannot be followed.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> cached(["no such file"], {}, lambda: generate("star", people=3))
    SocialGraph(3 people, 4 arcs, mutual, from star(people=3))
    """
    before = _states(files)
    if before is None or sum(size for _, size, _ in before) < LEAST_BYTES:
        return read()
    folder = _folder()
    key = None if folder is None else _key(files, options)
    graph = read() if folder is None or key is None else _from_folder(folder / key, before, files, read)
    said = _unusable(folder)
    return graph if not said else replace(graph, report=replace(graph.report, notes=(*graph.report.notes, said)))


def _from_folder(
    entry: Path, before: list[tuple[int, int, int]], files: Sequence[str], read: Callable[[], SocialGraph]
) -> SocialGraph:
    if is_store(entry):
        try:
            graph = open_store(entry, cached=True)
        except DataError:
            remove_folder(entry)
        else:
            _touch(entry)
            return graph
    graph = read()
    # What changed while it was read may be of neither key.
    if _states(files) == before:
        _keep(graph, entry)
    return graph


def _states(files: Sequence[str]) -> list[tuple[int, int, int]] | None:
    """Return what changes when a file does, or None where one is no plain file."""
    try:
        if not all(Path(file).is_file() for file in files):
            return None
        found = [Path(file).stat() for file in files]
    except (OSError, ValueError):
        return None
    return [(status.st_ino, status.st_size, status.st_mtime_ns) for status in found]


def _folder() -> Path | None:
    wish = os.environ.get(_VARIABLE, "").strip()
    return None if wish.lower() in _OFF else private_folder("graphs", wish or None)


def _unusable(folder: Path | None) -> str:
    """Say so where the folder that was asked for cannot be used."""
    wish = os.environ.get(_VARIABLE, "").strip()
    if not wish or wish.lower() in _OFF or (folder is not None and folder == Path(wish).absolute()):
        return ""
    instead = "nothing is kept" if folder is None else f"graphs are kept in {folder}"
    return (
        f"{_VARIABLE} names '{wish}', which cannot be used (it must be a folder that you can write to and nobody "
        f"else); {instead}"
    )


def _key(files: Sequence[str], options: Mapping[str, object]) -> str | None:
    digest = hashlib.sha256(_reader_version().encode())
    try:
        for place in files:
            with Path(place).open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{place!r} {content}\n".encode())
    except OSError:
        return None  # whoever reads it says why
    for name, value in sorted(options.items()):
        digest.update(f"{name} = {value!r}\n".encode())
    return digest.hexdigest()[:40]


@lru_cache(maxsize=1)
def _reader_version() -> str:
    """Hash what turns files into graphs: viralsim's own sources, and the versions of the libraries it asks."""
    digest = hashlib.sha256()
    room = Path(__file__).parent
    for path in sorted([*room.glob("*.py"), room.parent / "luck.py", room.parent / "scenario" / "formula.py"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for library in ("numpy", "networkx", "duckdb"):
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    return digest.hexdigest()


def _touch(entry: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(entry)


def _keep(graph: SocialGraph, entry: Path) -> None:
    size = stored_bytes(graph)
    if size > MOST_BYTES:
        return
    clear_leftovers(entry.parent)
    _make_room(entry.parent, size)
    # Where the disk is full or the folder gone, the graph is at hand all the same.
    with contextlib.suppress(ViralsimError, OSError):
        write_store(graph, entry)


def _make_room(folder: Path, size: int) -> None:
    """Remove the entries unused for longest, until there is room for another."""
    try:
        entries = [
            (path.stat().st_mtime_ns, sum(part.stat().st_size for part in path.iterdir()), path)
            for path in folder.iterdir()
            if is_store(path)
        ]
    except OSError:  # somebody else makes room at this moment
        return
    used = sum(taken for _, taken, _ in entries)
    for _, taken, path in sorted(entries):
        if used + size <= MOST_BYTES:
            return
        remove_folder(path)
        used -= taken

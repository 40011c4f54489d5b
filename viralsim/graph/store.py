"""A social graph on disk: a folder of plain arrays beside a manifest, opened without reading anything twice.

The folder holds ``manifest.json`` and ``.npy`` files of one dimension, which any program can read. Integers
take the narrowest type that holds them; a column of one number is that number in the manifest; text is UTF-8
with line breaks between, or where it holds some with the ends of all texts; where few texts differ they stand
once, beside codes. Every file has its size and CRC-32 in the manifest, and all are checked when the folder is
opened, which takes some 10 ms for 40 MB: what is damaged is an error, never another graph.
"""

from __future__ import annotations

import io
import json
import mmap
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.files import whole_folder
from viralsim.graph.social_graph import Arcs, ImportReport, SocialGraph
from viralsim.graph.times import FOREVER

__all__ = ["check_store", "is_store", "open_store", "refuse_option", "stored_bytes", "write_store"]

MANIFEST = "manifest.json"
FORMAT = "viralsim graph"
VERSION = 2
"""Raised when this program's folders can no longer be read by earlier ones: in form 2 arcs may come and go."""

_MAPPED = 1 << 20
_LARGEST_MANIFEST = 256 << 20
_TYPES = ("bool", *(f"{u}int{n}" for n in (8, 16, 32, 64) for u in ("", "u")), "float16", "float32", "float64")
_ARC_TYPES = {
    "offsets": "int64",
    "followers": "int32",
    "trust": "float64",
    "multiplicity": "int32",
    "probability": "float64",
    "weight": "float64",
    "start": "int32",
    "end": "int32",
}
_OPTIONAL = ("probability", "weight", "start", "end")
_FEW = 4  # texts stand once where there are this many times as many people as different texts

Array = npt.NDArray[Any]


def is_store(place: str | os.PathLike[str]) -> bool:
    """Tell whether a folder says that it holds a graph; whether it is whole shows when it is opened.

    Examples
    --------
    >>> is_store(".")
    False
    """
    try:
        if Path(place, "layer-1-offsets.npy").is_file():
            return True  # of a graph, damaged or not
        with Path(place, MANIFEST).open("rb") as file:
            return FORMAT.encode() in file.read(100)
    except (OSError, ValueError):
        return False


def check_store(path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Tell whether a graph could be written to a folder, before work is spent on it.

    Parameters
    ----------
    path : str or path
        A folder that does not exist or is empty.
    force : bool
        Whether a graph that is there may be replaced; nothing else ever is.

    Raises
    ------
    UsageError
        Something else is there, or there is no folder to put it in.

    Examples
    --------
    >>> check_store(".")
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: .: you are in this folder, so a graph cannot be put in its place
      hint: name a folder of its own, e.g. 'graph'
    """
    place = os.fspath(path)
    target = Path(path).resolve()
    if Path.cwd().is_relative_to(target):
        raise UsageError(
            "you are in this folder, so a graph cannot be put in its place",
            place=place,
            hint="name a folder of its own, e.g. 'graph'",
        )
    if target.is_dir():
        empty = not any(target.iterdir())
        if not empty and not is_store(target):
            raise UsageError(
                "this folder holds something else than a graph; it is not replaced",
                place=place,
                hint="name another folder",
            )
        if not empty and not force:
            raise UsageError("there is a graph already", place=place, hint="force=True replaces it")
    elif target.exists():
        raise UsageError("this is no folder", place=place, hint="name another one")
    elif not target.parent.is_dir():
        raise UsageError(f"there is no folder '{target.parent}'", place=place)
    return target


def refuse_option(name: str, place: str) -> UsageError:
    """Return the error of an option that says how to read arcs, where they have been read already.

    Examples
    --------
    >>> print(refuse_option("merge", "club"))
    club: merge says how a file of arcs is read, but this is a graph that has been imported already
    """
    return UsageError(
        f"{name} says how a file of arcs is read, but this is a graph that has been imported already",
        place=place,
        hint="tie_trust gives it other trust" if "trust" in name else "",
    )


# ---------------------------------------------------------------------- writing


def write_store(graph: SocialGraph, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a graph as a folder, whole or not at all; `open_store` gives the same graph back.

    Parameters
    ----------
    graph : SocialGraph
        Any number of layers.
    path, force
        As in `check_store`.

    Returns
    -------
    pathlib.Path
        The folder. Where another process has just written the same graph there, that is fine.

    Raises
    ------
    UsageError
        Something else is there.
    DataError
        An attribute that is neither numbers nor text.
    ViralsimError
        It cannot be written; nothing is left behind, and what was there stays.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from viralsim.graph import generate
    >>> folder = write_store(generate("karate-club"), pathlib.Path(tempfile.mkdtemp(), "club"))
    >>> open_store(folder).fingerprint == generate("karate-club").fingerprint
    True
    """
    place = os.fspath(path)
    target = check_store(path, force=force)
    fingerprint = graph.fingerprint

    def may_replace(found: Path) -> bool:
        return force and is_store(found)

    try:
        with whole_folder(target, may_replace) as fresh:
            writer = _Writer(fresh, place)
            described = {
                "people": graph.people,
                "mutual": graph.mutual,
                "fingerprint": fingerprint,
                "ids": writer.column("ids", graph.ids),
                "attributes": [
                    [name, writer.column(f"attribute-{k + 1}", values, f"attribute {name!r}")]
                    for k, (name, values) in enumerate(graph.attributes.items())
                ],
                "layers": [
                    [
                        name,
                        {
                            part: None if values is None else writer.column(f"layer-{k + 1}-{part}", values)
                            for part in _ARC_TYPES
                            if arcs.timed or part not in ("start", "end")
                            for values in [getattr(arcs, part)]
                        },
                    ]
                    for k, (name, arcs) in enumerate(graph.layers.items())
                ],
                "report": asdict(graph.report),
            }
            text = json.dumps(described, indent=1, allow_nan=False)
            version = VERSION if graph.timed else 1
            head = json.dumps({"format": FORMAT, "version": version, "crc32": zlib.crc32(text.encode())})
            (fresh / MANIFEST).write_text(f'{head[:-1]}, "graph": {text}}}\n', encoding="ascii")
    except FileExistsError:
        # Another process was quicker; with the same graph both have done what they should.
        if _stored_fingerprint(target) != fingerprint:
            raise UsageError("there is something already", place=place, hint="force=True replaces a graph") from None
    except OSError as error:
        raise ViralsimError(
            f"cannot be written: {error.strerror or error}", place=place, hint="write to another place"
        ) from error
    return target


def _stored_fingerprint(folder: Path) -> str:
    try:
        return str(_manifest(folder, str(folder))["fingerprint"])
    except (DataError, KeyError, TypeError):
        return ""


def stored_bytes(graph: SocialGraph) -> int:
    """Return about how many bytes a graph takes on disk at most.

    Examples
    --------
    >>> from viralsim.graph import from_arcs
    >>> stored_bytes(from_arcs([0], [1])) < 1000
    True
    """
    size = 12 * graph.people
    for arcs in graph.layers.values():
        varied = sum(getattr(arcs, part) is not None for part in ("trust", *_OPTIONAL))
        size += 8 * graph.people + (4 + 8 * varied) * len(arcs)
    return size + sum(8 * graph.people for _ in graph.attributes)


class _Writer:
    """Writes columns into a folder and says in a few words for the manifest how to read them."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder = folder
        self.place = place

    def column(self, name: str, values: Array, what: str = "") -> dict[str, Any]:
        kind = values.dtype.kind
        if kind == "O":
            return self.text(name, values.tolist(), what)
        if values.dtype.name not in _TYPES:
            raise DataError(
                f"{what or name} is of the type {values.dtype}, which cannot be stored",
                place=self.place,
                hint="make numbers or text of it",
            )
        described = {"type": values.dtype.name, "length": len(values)}
        if len(values):
            first = values[0]
            if np.isfinite(first) and np.array_equal(_bits(values), np.broadcast_to(_bits(values[:1]), values.shape)):
                return {"kind": "constant", **described, "value": first.item()}
            if kind in "iu" and first == 0 and values[-1] == len(values) - 1 and np.all(np.diff(values) == 1):
                return {"kind": "range", **described}
        return {"kind": "array", **described, **self.file(name, _narrow(values))}

    def text(self, name: str, texts: list[Any], what: str) -> dict[str, Any]:
        odd = next((k for k, text in enumerate(texts) if not isinstance(text, str)), None)
        if odd is not None:
            raise DataError(
                f"{what or name} of person {odd} (from 0) is {texts[odd]!r:.60}, expected text or numbers",
                place=self.place,
                hint="make one kind of all values",
            )
        seen: dict[str, int] = {}
        most = len(texts) // _FEW
        for text in texts:
            if seen.setdefault(text, len(seen)) >= most:
                return {"kind": "text", "length": len(texts), **self.joined(name, texts)}
        codes = np.fromiter(map(seen.__getitem__, texts), dtype=np.int64, count=len(texts))
        return {
            "kind": "categories",
            "length": len(texts),
            "categories": self.column(name, np.array(list(seen), dtype=object)),
            "codes": self.column(f"{name}-codes", codes),
        }

    def joined(self, name: str, texts: list[str]) -> dict[str, Any]:
        whole = "\n".join(texts)
        if whole.count("\n") == len(texts) - 1:
            packed = np.frombuffer(whole.encode("utf-8", "surrogatepass"), dtype=np.uint8)
            return {"bytes": self.file(f"{name}-text", packed), "ends": None}
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        packed = np.frombuffer(b"".join(parts), dtype=np.uint8)
        return {"bytes": self.file(f"{name}-text", packed), "ends": self.file(f"{name}-ends", _narrow(ends))}

    def file(self, name: str, values: Array) -> dict[str, Any]:
        values = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, np.lib.format.header_data_from_array_1_0(values))
        head = buffer.getvalue()
        body = memoryview(values.view(np.uint8))  # type: ignore[arg-type]
        with (self.folder / f"{name}.npy").open("wb") as file:
            file.write(head)
            file.write(body)
        return {
            "file": f"{name}.npy",
            "stored": values.dtype.str,
            "count": len(values),
            "size": len(head) + len(body),
            "crc32": zlib.crc32(body, zlib.crc32(head)),
        }


def _bits(values: Array) -> Array:
    """Return numbers as their bits, so that NaN equals itself and -0.0 is not 0.0."""
    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")


def _narrow(values: Array) -> Array:
    """Return integers in the narrowest type that holds them, their own where that is as narrow."""
    if values.dtype.kind not in "iu" or len(values) == 0:
        return values
    low, high = int(values.min()), int(values.max())
    for size in (1, 2, 4, 8):
        if size >= values.dtype.itemsize:
            return values
        for kind in "ui":
            limits = np.iinfo(f"{kind}{size}")
            if limits.min <= low and high <= limits.max:
                return values.astype(f"{kind}{size}")
    return values


# ---------------------------------------------------------------------- opening


def open_store(path: str | os.PathLike[str], *, cached: bool = False) -> SocialGraph:
    """Open a graph that `write_store` wrote: arrays are mapped, not read, and changing them never reaches the disk.

    Parameters
    ----------
    path : str or path
        The folder. It is the `source` in the graph's report, and what that was is its `origin`.
    cached : bool
        The folder is a copy of something else, which stays the source.

    Returns
    -------
    SocialGraph
        Equal to the one that was written; its fingerprint is known without hashing.

    Raises
    ------
    DataError
        No such folder, one that is not whole, or one of a newer viralsim.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from viralsim.graph import from_arcs
    >>> graph = from_arcs([0, 2], [1, 1], ids=["ann", "bob", "cem"], attributes={"age": [31, 40, 27]})
    >>> opened = open_store(write_store(graph, pathlib.Path(tempfile.mkdtemp(), "three")))
    >>> opened.ids.tolist(), opened.attribute("age").tolist(), opened.report.origin
    (['ann', 'bob', 'cem'], [31, 40, 27], 'arrays')
    """
    place = os.fspath(path)
    folder = Path(path)
    described = _manifest(folder, place)
    reader = _Reader(folder, place)
    try:
        people = int(described["people"])
        report = _report(described["report"])
        graph = SocialGraph(
            people,
            reader.column(described["ids"], people),
            {str(name): _now(reader.column(column, people)) for name, column in described["attributes"]},
            {str(name): reader.arcs(layer, people) for name, layer in described["layers"]},
            bool(described["mutual"]),
            replace(report, cached=True)
            if cached
            else replace(report, source=place, origin=report.source, notes_kept=len(report.notes)),
        )
        if people < 1 or not graph.layers:
            raise ValueError("no people or no layer")
        # Known as it is to cached_property.
        vars(graph)["fingerprint"] = str(described["fingerprint"])
    except DataError:
        raise
    except OSError as error:
        raise DataError(
            f"the folder cannot be read: {error.strerror or error} ({Path(error.filename or MANIFEST).name})",
            place=place,
            hint="is it whole? copy it again, or import the graph again",
        ) from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise reader.damaged(f"its manifest does not fit ({type(error).__name__}: {error})") from None
    return graph


def _now(values: Any) -> Array:
    array: Array = values() if callable(values) else values
    return array


def _manifest(folder: Path, place: str) -> dict[str, Any]:
    path = folder / MANIFEST
    hint = "copy the folder again, or import the graph again"
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise DataError(f"{MANIFEST} is too large to be a graph's", place=place)
        text = path.read_bytes().decode("ascii")
    except FileNotFoundError:
        raise DataError(f"there is no graph: {MANIFEST} is missing", place=place) from None
    except NotADirectoryError:
        raise DataError("this is no folder", place=place) from None
    except OSError as error:
        raise DataError(f"{MANIFEST} cannot be read: {error.strerror or error}", place=place) from None
    except UnicodeDecodeError:
        raise DataError(f"the graph is damaged: {MANIFEST} is not as it was written", place=place, hint=hint) from None
    try:
        whole = json.loads(text)
        if whole["format"] != FORMAT:
            raise DataError(f"this folder holds something else than a graph ({whole['format']!s:.60})", place=place)
        version = whole["version"]
        if isinstance(version, int) and version > VERSION:
            raise DataError(
                f"this graph was written by a newer viralsim (form {version}; this one reads {VERSION})",
                place=place,
                hint="update viralsim, or write the graph as CSV or GraphML with the newer one",
            )
        _, _, body = text.partition('"graph": ')
        if zlib.crc32(body.rstrip()[:-1].encode()) != whole["crc32"]:
            raise ValueError("changed")
        described = whole["graph"]
        if not isinstance(described, dict):
            raise TypeError("no table")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DataError(f"the graph is damaged: {MANIFEST} is not as it was written", place=place, hint=hint) from None
    return described


def _report(values: Mapping[str, Any]) -> ImportReport:
    """Make a report of JSON: lists were tuples, and what this version does not know of is left out."""
    known = {field.name for field in fields(ImportReport)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if name in known
    }
    return ImportReport(**given)


class _Reader:
    """Reads columns of a folder; a column of text is given as a function that decodes it."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder = folder
        self.place = place

    def damaged(self, what: str) -> DataError:
        return DataError(
            f"the graph is damaged: {what}",
            place=self.place,
            hint="copy the folder again, or import the graph again",
        )

    def arcs(self, layer: Mapping[str, Any], people: int) -> Arcs:
        offsets = _now(self.column(layer["offsets"], people + 1, "int64"))
        if offsets[0] != 0 or np.any(np.diff(offsets) < 0):
            raise self.damaged("rows of arcs overlap")
        parts: dict[str, Any] = {"offsets": offsets}
        for part, kind in _ARC_TYPES.items():
            column: Any = layer.get(part) if part in _OPTIONAL else layer[part]
            if part == "offsets":
                continue
            if column is None and part in _OPTIONAL:
                parts[part] = None
                continue
            values = self.column(column, int(offsets[-1]), kind)
            lazily = part in ("trust", "multiplicity") and callable(values)
            parts[part] = values if lazily else _now(values)
            # Kernels do not look where they read, so what they get must be possible.
            given = np.array([column["value"]], kind) if lazily else parts[part]
            low, high = (given.min(), given.max()) if len(given) else (1, 1)
            least, most = {
                "followers": (0, people - 1),
                "multiplicity": (1, 2**31),
                "weight": (0.0, np.inf),
                "start": (0, FOREVER),
                "end": (0, FOREVER),
            }.get(part, (0.0, 1.0))
            if len(given) and not (low >= least and high <= most):
                raise self.damaged(f"{part} out of range")
        if (parts["start"] is None) != (parts["end"] is None):
            raise self.damaged("arcs have a start without an end")
        return Arcs(**parts)

    def column(self, described: Mapping[str, Any], length: int, kind: str = "") -> Any:
        """Return a column, or a function that makes it where it takes time or room."""
        if described["length"] != length or (kind and described["type"] != kind):
            raise ValueError(f"a column of {described['length']} for {length}")
        how = described["kind"]
        if how == "text":
            return self.text(described, length)
        if how == "categories":
            categories = _now(self.column(described["categories"], described["categories"]["length"]))
            codes = _now(self.column(described["codes"], length, "int64"))
            if len(codes) and not (codes.min() >= 0 and codes.max() < len(categories)):
                raise self.damaged("a code of a text that is not there")
            return partial(np.take, categories, codes)
        if described["type"] not in _TYPES:
            raise ValueError(f"type {described['type']}")
        dtype = np.dtype(described["type"])
        if how == "constant":
            return partial(np.full, length, dtype.type(described["value"]))
        if how == "range":
            return np.arange(length, dtype=dtype)
        if how != "array":
            raise ValueError(f"kind {how}")
        return self.file(described, length).astype(dtype, copy=False)

    def text(self, described: Mapping[str, Any], length: int) -> Any:
        packed = self.file(described["bytes"])
        if described["ends"] is None:
            if np.count_nonzero(packed == ord("\n")) != length - 1:
                raise self.damaged("texts are missing")
            return partial(_split, packed, self.place)
        ends = self.file(described["ends"], length).astype(np.int64, copy=False)
        if np.any(np.diff(ends, prepend=0) < 0) or (length and ends[-1] != len(packed)):
            raise self.damaged("texts overlap")
        return partial(_cut, packed, ends, self.place)

    def file(self, described: Mapping[str, Any], count: int | None = None) -> Array:
        """Map a file, check its bytes, and return its array."""
        name = described["file"]
        if not isinstance(name, str) or Path(name).name != name:
            raise ValueError(f"file {name!r:.60}")
        with (self.folder / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != described["size"]:
                raise self.damaged(f"{name} has {size:,} bytes, expected {described['size']:,}")
            # Copy on write: a kernel compiled for arrays that can be written takes it, and no one can change the file.
            data: Any = (
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) if size >= _MAPPED else bytearray(file.read())
            )
        if zlib.crc32(data) != described["crc32"]:
            raise self.damaged(f"{name} is not as it was written")
        head = io.BytesIO(bytes(data[:4096]))
        if np.lib.format.read_magic(head) != (1, 0):
            raise ValueError(f"{name} is of another version")
        shape, _, dtype = np.lib.format.read_array_header_1_0(head)
        if dtype.str != described["stored"] or dtype.name not in _TYPES or shape != (described["count"],):
            raise ValueError(f"{name} holds {dtype} of {shape}")
        if count is not None and shape != (count,):
            raise ValueError(f"{name} holds {shape[0]} for {count}")
        values: Array = np.frombuffer(data, dtype=dtype, count=shape[0], offset=head.tell())
        return values.astype(dtype.newbyteorder("="), copy=False)


def _split(packed: Array, place: str) -> Array:
    return _texts(_decoded(packed, place).split("\n"))


def _cut(packed: Array, ends: Array, place: str) -> Array:
    raw = packed.tobytes()
    stops = ends.tolist()
    return _texts([_decoded(raw[a:b], place) for a, b in zip([0, *stops], stops, strict=False)])


def _decoded(raw: Any, place: str) -> str:
    try:
        return str(raw if isinstance(raw, bytes) else raw.tobytes(), "utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise DataError("the graph is damaged: text that is no UTF-8", place=place) from None


def _texts(texts: list[str]) -> Array:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array

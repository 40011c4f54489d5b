"""Text files as blocks of whole lines: unpacked, checked, never all in memory at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from viralsim.errors import DataError

__all__ = ["LineBlocks"]

_BLOCK = 8 << 20
_LONGEST_LINE = 64 << 20
_SUSPECT = 32 << 20
"""Unpacked bytes above which the ratio counts: what a small file may take up whatever it is."""
_MOST_RATIO = 100
"""Unpacked bytes per packed one. Edge lists and tables of people come to 3 to 20, ones that repeat rows over and
over to some 50; what is made to fill the memory has 1,000 (gzip) and more."""

_MAGIC = (
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstandard", "unpack it first: zstd -d"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"PAR1", "a Parquet file", "write it as CSV first"),
    (b"SQLite format 3\0", "an SQLite database", "write the table as CSV first"),
    (b"%PDF", "a PDF document", "save the data itself as text"),
    (b"\x89PNG", "a PNG picture", ""),
    (b"\x80\x04\x95", "a Python pickle", "write the graph as text first"),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
)


class _Counted:
    """A stream of bytes that knows how many were taken."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw = raw
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        more = self.raw.read(size)
        self.taken += len(more)
        return more


class LineBlocks:
    """The lines of a text file, some megabytes at a time.

    Parameters
    ----------
    place : str
        The path, as error messages shall say it.

    Attributes
    ----------
    newline : int
        The byte that ends a line, known from the first block on.
    compression : str
        "gzip", "bzip2", "xz" or "".

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "ties.txt")
    >>> _ = file.write_bytes(b"1 2")
    >>> list(LineBlocks(str(file)))
    [bytearray(b'1 2')]
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.newline = 10
        self.compression = ""
        self._packed: _Counted | None = None

    def fail(self, message: str, *, line: int | None = None, hint: str = "") -> DataError:
        """Return an error at a line counted from 0."""
        return DataError(message, place=self.place if line is None else f"{self.place}:{line + 1}", hint=hint)

    def __iter__(self) -> Iterator[bytearray]:
        """Yield the blocks.

        Raises
        ------
        DataError
            The file cannot be read, unpacked, unpacks to far more than it should, or is not UTF-8 text.
        """
        path = Path(self.place)
        try:
            with path.open("rb") as raw:
                yield from self._blocks(self.unpacked(raw))
        except FileNotFoundError:
            raise self.fail("there is no such file", hint=_neighbour(path)) from None
        except IsADirectoryError:
            raise self.fail("this is a folder, expected a file", hint="name the edge list inside it") from None
        except PermissionError:
            raise self.fail("the file may not be read (permission denied)") from None
        except OSError as error:
            raise self.fail(f"the file cannot be read: {error.strerror or error}") from None
        except ValueError as error:  # a path with a zero byte
            if "null" not in str(error):
                raise
            raise self.fail("there is no such file") from None
        finally:
            self._packed = None

    def unpacked(self, raw: IO[bytes]) -> Any:
        """Return a stream of the unpacked bytes, after a look at the first ones.

        Raises
        ------
        DataError
            The name says compressed, the content does not.
        """
        import gzip

        buffered: Any = raw
        head = buffered.peek(32)
        stream: Any = _Counted(raw)
        if head.startswith(b"\x1f\x8b"):
            self.compression, self._packed = "gzip", stream
            return gzip.GzipFile(fileobj=stream)
        if head.startswith(b"BZh"):
            import bz2

            self.compression, self._packed = "bzip2", stream
            return bz2.BZ2File(stream)
        if head.startswith(b"\xfd7zXZ\0"):
            import lzma

            self.compression, self._packed = "xz", stream
            return lzma.LZMAFile(stream)
        for suffix, kind in ((".gz", "gzip"), (".bz2", "bzip2"), (".xz", "xz")):
            if head and self.place.lower().endswith(suffix):
                raise self.fail(
                    f"the name ends in {suffix}, but this is not a {kind} file",
                    hint=f"if it is plain text, rename it without {suffix}",
                )
        return raw

    def _pieces(self, stream: Any) -> Iterator[bytearray]:
        """Yield the unpacked bytes in pieces of about the block size, ending with an empty one."""
        import lzma
        import zlib

        line = size = 0
        piece = bytearray(b"?")
        while piece:
            piece = bytearray()
            try:
                while len(piece) < _BLOCK and (more := stream.read1(_BLOCK - len(piece))):
                    piece += more
            except MemoryError:
                raise self.fail(
                    f"the {self.compression or 'plain'} file needs more memory to unpack than there is"
                ) from None
            except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
                if not self.compression:
                    raise
                where = line + piece.count(self.newline) + 1
                what = (
                    f"is truncated: it ends within line {where}"
                    if isinstance(error, EOFError)
                    else f"is damaged near line {where} ({error})"
                )
                raise self.fail(f"the {self.compression} file {what}", hint="copy or download it again") from None
            size += len(piece)
            self._check_ratio(size)
            yield piece
            line += piece.count(self.newline) if self.compression else 0

    def _check_ratio(self, size: int) -> None:
        """Refuse a file that unpacks to so much that it can only be a mistake, or made to fill the memory."""
        if not self.compression or self._packed is None or size <= _SUSPECT:
            return
        ratio = size / max(self._packed.taken, 1)
        if ratio > _MOST_RATIO:
            tool = {"gzip": "gzip -dk", "bzip2": "bzip2 -dk", "xz": "xz -dk"}[self.compression]
            raise self.fail(
                f"this {self.compression} file unpacks to more than {size >> 20:,} MB, {ratio:,.0f} times what was "
                f"read of it; expected at most {_MOST_RATIO} times",
                hint=f"was it made to fill the memory? if you trust it, unpack it first ({tool}) and name the result",
            )

    def _blocks(self, stream: Any) -> Iterator[bytearray]:
        """Yield whole lines, and refuse what is not UTF-8 text."""
        rest = bytearray()
        line = 0
        first = True
        for piece in self._pieces(stream):
            if first:
                for magic, what, hint in _MAGIC:
                    if piece.startswith(magic):
                        raise self.fail(f"this is {what}, expected delimited text", hint=hint)
                if piece.startswith(b"\xef\xbb\xbf"):
                    del piece[:3]
                if b"\n" not in piece and b"\r" in piece:
                    self.newline = 13  # line ends of old
            whole = not piece and not first
            first = False
            if whole and not rest:
                return
            cut = len(piece) if whole else piece.rfind(self.newline) + 1
            if cut == 0 and not whole:
                rest += piece
                self._check_text(rest, line, complete=False)
                if len(rest) > _LONGEST_LINE:
                    raise self.fail(
                        f"line {line + 1} is longer than {_LONGEST_LINE >> 20} MB, expected one row per line",
                        hint="is this an edge list?",
                    )
                continue
            block = rest + piece[:cut]
            rest = piece[cut:]
            self._check_text(block, line, complete=True)
            line += block.count(self.newline)
            yield block

    def _check_text(self, block: bytearray, line: int, *, complete: bool) -> None:
        zero = block.find(0)
        if zero >= 0:
            raise self.fail(
                "this is a binary file (it holds a zero byte), expected delimited text",
                line=line + block.count(self.newline, 0, zero),
            )
        if complete and not block.isascii():
            try:
                block.decode("utf-8")
            except UnicodeDecodeError as error:
                raise self.fail(
                    f"this is not UTF-8 text (byte 0x{block[error.start]:02x})",
                    line=line + block.count(self.newline, 0, error.start),
                    hint="if it is text, save it as UTF-8: iconv -f latin1 -t utf-8",
                ) from None


def _neighbour(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())[:10_000]
    except OSError:
        return f"there is no folder {path.parent} either"
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.6)
    return f"did you mean '{path.with_name(near[0])}'?" if near else ""

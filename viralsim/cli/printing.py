"""What goes to stdout (data) and to stderr (everything else), on any terminal, in any encoding."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from typing import IO, Any

import click

from viralsim.errors import ViralsimError

__all__ = ["ReaderGoneError", "data", "give_up_on", "json_text", "note", "printable", "text_width", "words"]

_FALLBACKS = str.maketrans(dict(zip("▁▂▃▄▅▆▇█…–’±", "_.:-=+*#--'~", strict=True)))
"""For terminals that know neither bars nor dashes; one character each, so that columns stay aligned."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LEAVES = re.compile(r"\[\n\s*([^\[\]{}\"]+?)\n\s*\]")


class ReaderGoneError(Exception):
    """Whoever reads stdout (head, less) has seen enough."""


def printable(text: str) -> str:
    r"""Return text in which nothing steers a terminal: control characters as Python writes them.

    Examples
    --------
    >>> print(printable("a\x1b[31mb\nc"))
    a\x1b[31mb
    c
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def json_text(value: Any) -> str:
    """Return JSON to read: indented, lists of numbers on one line, nothing but strict JSON.

    Examples
    --------
    >>> print(json_text({"tick": [0, 4], "mean": None}))
    {
      "tick": [0, 4],
      "mean": null
    }
    """
    # Quotes are not among the characters of a leaf, and in strings a line break is written as an escape.
    text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False)
    return _LEAVES.sub(lambda found: "[" + re.sub(r",\s+", ", ", found[1]) + "]", text)


def data(text: str) -> None:
    """Print what a program may read (JSON, CSV, GraphML, TOML) to stdout: UTF-8 whatever the terminal's encoding.

    Parameters
    ----------
    text : str
        A line break is added where the last is missing.

    Raises
    ------
    ViralsimError
        If it cannot be written.
    ReaderGoneError
        If nobody reads any more.
    """
    # What is no text (a file name of other bytes) becomes an escape that JSON knows as well.
    _put(text, "utf-8")


def words(text: str) -> None:
    """Print what people read to stdout: harmless to terminals, and readable where these know ASCII alone.

    Parameters
    ----------
    text : str
        A line break is added where the last is missing.

    Raises
    ------
    ViralsimError
        If it cannot be written.
    ReaderGoneError
        If nobody reads any more.
    """
    text = printable(text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_FALLBACKS)
    _put(text, encoding)


def _put(text: str, encoding: str) -> None:
    stream = sys.stdout
    if stream is None:
        raise ViralsimError("there is no standard output to write to (it was closed)")
    if not text.endswith("\n"):
        text += "\n"
    try:
        stream.flush()
        rest = memoryview(text.encode(encoding, "backslashreplace"))
        while rest:  # where PYTHONUNBUFFERED is set, a disk that fills up takes a part and says nothing
            rest = rest[stream.buffer.write(rest) :]
        stream.buffer.flush()
    except BrokenPipeError:
        raise ReaderGoneError from None
    except OSError as error:
        give_up_on(stream)
        raise ViralsimError(
            f"cannot be written: {error.strerror or error}",
            place="standard output",
            hint="free some space, or write to another place",
        ) from None


def note(text: str) -> None:
    """Print something to stderr. Where that is not possible the work goes on without it."""
    try:
        click.echo(printable(text), err=True)
    except OSError:
        give_up_on(sys.stderr)


def give_up_on(stream: IO[str] | None) -> None:
    """Point a standard stream that fails to nowhere, so that Python does not stumble over it when it ends."""
    try:
        if stream is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    except (OSError, ValueError):
        pass


def text_width() -> int:
    """Return how wide text on stdout may be: a terminal's width (60 to 120), else 80 columns."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 80
    return min(120, max(60, shutil.get_terminal_size((80, 24)).columns - 1))

"""Writing one file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from viralsim.errors import UsageError

__all__ = ["check_file", "write_whole"]


def check_file(file: str, *, force: bool = False) -> Path:
    """Tell whether a file could be written there, before work is spent on it.

    Parameters
    ----------
    file : str
        Where to.
    force : bool
        Replace a file that is there.

    Raises
    ------
    UsageError
        Something is there already, or there is no such folder.
    """
    path = Path(file)
    if path.is_dir():
        raise UsageError("this is a folder, expected a file", place=file)
    if path.exists() and not path.is_file():
        raise UsageError("this is a device or a pipe, expected a file", place=file)
    if path.exists() and not force:
        raise UsageError("the file exists already", place=file, hint="--force replaces it")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder '{path.parent}'", place=file)
    return path


def write_whole(file: str, text: str, *, force: bool = False) -> None:
    """Write a text file so that nobody ever sees half of it.

    Parameters
    ----------
    file : str
        Where to.
    text : str
        Written as UTF-8.
    force : bool
        Replace a file that is there.

    Raises
    ------
    UsageError
        Something is there already.
    OSError
        It cannot be written; what was there before is untouched.
    """
    path = check_file(file, force=force)
    if path.is_symlink():
        path = path.resolve()  # what it points to is replaced, not the link
    if not text.endswith("\n"):
        text += "\n"
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

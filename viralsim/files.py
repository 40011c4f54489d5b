"""Files and folders that appear whole or not at all, and private folders for what may be kept.

Whatever is written is built beside its place, forced to the disk, and renamed. A process that is killed on the
way leaves a hidden sibling, which nothing takes for what it was to become and the next writer clears away.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from viralsim.errors import UsageError

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "check_file",
    "clear_leftovers",
    "hold",
    "let_go",
    "private_folder",
    "remove_folder",
    "whole_file",
    "whole_folder",
]

_FRESH = ".new"
_ASIDE = ".old"
_OLD = 86_400.0


# ---------------------------------------------------------------------- one file


def check_file(file: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Tell whether a file could be written there, before work is spent on it.

    Parameters
    ----------
    file : str or path
        Where to.
    force : bool
        Replace a file that is there.

    Raises
    ------
    UsageError
        Something is there already, or there is no such folder.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> check_file(pathlib.Path(tempfile.mkdtemp(), "new.csv")).name
    'new.csv'
    """
    path = Path(file)
    place = os.fspath(file)
    if path.is_dir():
        raise UsageError("this is a folder, expected a file", place=place)
    if path.exists() and not path.is_file():
        raise UsageError("this is a device or a pipe, expected a file", place=place)
    if path.exists() and not force:
        raise UsageError("the file exists already", place=place, hint="force=True replaces it")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder '{path.parent}'", place=place)
    return path


@contextlib.contextmanager
def whole_file(file: str | os.PathLike[str], *, force: bool = False) -> Iterator[Path]:
    """Give a temporary file to write, and put it in its place when the block ends without an error.

    Parameters
    ----------
    file : str or path
        Where to. A link is followed: what it points to is replaced.
    force : bool
        Replace a file that is there.

    Yields
    ------
    pathlib.Path
        An empty file beside it.

    Raises
    ------
    UsageError
        Something is there already.
    OSError
        It cannot be written; what was there before is untouched.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "new.txt")
    >>> with whole_file(file) as fresh:
    ...     _ = fresh.write_text("all of it")
    >>> file.read_text()
    'all of it'
    """
    path = check_file(file, force=force)
    if path.is_symlink():
        path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    os.close(handle)
    fresh = Path(name)
    try:
        yield fresh
        _sync(fresh)
        fresh.chmod(0o666 & ~_umask())
        fresh.replace(path)
        _sync(path.parent)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


# ---------------------------------------------------------------------- one folder


@contextlib.contextmanager
def whole_folder(target: Path, may_replace: Callable[[Path], bool]) -> Iterator[Path]:
    """Give a new folder to fill, and put it in its place when the block ends without an error.

    Several processes may do so for the same place at once: each has a folder of its own, and the place is
    never half filled.

    Parameters
    ----------
    target : pathlib.Path
        Where to. The folder above it exists.
    may_replace : callable
        Asked at the end whether the folder that is there by then may be replaced; an empty one always is.

    Yields
    ------
    pathlib.Path
        An empty folder beside it.

    Raises
    ------
    FileExistsError
        Something that may not be replaced is there.
    OSError
        It cannot be written; what was there before is untouched.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> target = pathlib.Path(tempfile.mkdtemp(), "made")
    >>> with whole_folder(target, lambda found: False) as fresh:
    ...     _ = (fresh / "one.txt").write_text("1")
    >>> [path.name for path in target.iterdir()], len(list(target.parent.iterdir()))
    (['one.txt'], 1)
    """
    clear_leftovers(target.parent, target.name)
    fresh, lock = _locked_folder(target)
    try:
        yield fresh
        for path in fresh.iterdir():
            _sync(path)
        _sync(fresh)
        _put_in_place(fresh, target, may_replace)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    finally:
        _unlock(lock)


def remove_folder(folder: Path) -> None:
    """Take a folder away, so that nobody ever sees half of it; nothing happens where that cannot be done.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> remove_folder(folder)
    >>> folder.exists()
    False
    """
    aside = _sibling(folder, _ASIDE)
    with contextlib.suppress(OSError):
        folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def clear_leftovers(above: Path, name: str | None = None) -> None:
    """Remove what killed writers left in a folder: for one place, or for all.

    What a living process writes is locked, and left alone.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> above = pathlib.Path(tempfile.mkdtemp())
    >>> (above / ".graph.0123abcd.new").mkdir()
    >>> clear_leftovers(above, "graph")
    >>> list(above.iterdir())
    []
    """
    stem = "*" if name is None else glob.escape(name)
    with contextlib.suppress(OSError):
        for ending in (_FRESH, _ASIDE):
            for leftover in above.glob(f".{stem}.{'[0-9a-f]' * 8}{ending}"):
                lock = _lock(leftover)
                if lock is not None:
                    shutil.rmtree(leftover, ignore_errors=True)
                    _unlock(lock)


def _sibling(target: Path, ending: str) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}{ending}")  # a file name; nothing simulated


def _locked_folder(target: Path) -> tuple[Path, int | None]:
    while True:
        fresh = _sibling(target, _FRESH)
        fresh.mkdir()
        lock = _lock(fresh, young=True)
        if fresh.exists():
            return fresh, lock
        _unlock(lock)  # somebody took it for a leftover in the moment before it was locked


def _lock(folder: Path, *, young: bool = False) -> int | None:
    """Lock a folder for as long as this process lives; None where another one holds it."""
    if fcntl is None:
        # Without locks age must do: nobody writes for a day.
        with contextlib.suppress(OSError):
            return -1 if young or time.time() - folder.stat().st_mtime > _OLD else None
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _unlock(lock: int | None) -> None:
    if lock is not None and lock >= 0:
        os.close(lock)


def _put_in_place(fresh: Path, target: Path, may_replace: Callable[[Path], bool]) -> None:
    while True:
        try:
            fresh.rename(target)  # over an empty folder too
            return
        except OSError:
            if not target.is_dir():
                raise
            if not may_replace(target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(target)) from None
        aside = _sibling(target, _ASIDE)
        try:
            target.rename(aside)
        except FileNotFoundError:
            continue  # somebody else replaces it at this moment
        try:
            fresh.rename(target)
        except BaseException as error:  # an interrupt at this moment too must leave what was there
            if not target.exists():
                aside.rename(target)
                raise
            shutil.rmtree(aside, ignore_errors=True)
            if not isinstance(error, OSError):
                raise
            continue
        shutil.rmtree(aside, ignore_errors=True)
        return


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---------------------------------------------------------------------- one writer


def hold(file: Path, text: str) -> int | None:
    """Keep everybody else from holding a file as long as this process lives, or until `let_go`.

    A process that is killed holds nothing. Where a file system knows no locks, everybody can hold it.

    Parameters
    ----------
    file : pathlib.Path
        Made where it is not there.
    text : str
        What others may read in it meanwhile: who holds it.

    Returns
    -------
    int or None
        For `let_go`; None where another one holds it.

    Raises
    ------
    OSError
        The file cannot be opened.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), ".lock")
    >>> held = hold(file, "me")
    >>> hold(file, "somebody else") is None, file.read_text()
    (True, 'me')
    >>> let_go(held)
    >>> file.read_text()
    ''
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK):
            os.close(handle)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return None
            raise
    os.ftruncate(handle, 0)
    with contextlib.suppress(OSError):  # on a full disk nobody is told who it is
        os.write(handle, text.encode())
    return handle


def let_go(held: int) -> None:
    """Let others hold the file; it stays, for a file that is held and taken away could be held twice.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> let_go(hold(pathlib.Path(tempfile.mkdtemp(), ".lock"), "me"))
    """
    with contextlib.suppress(OSError):
        os.ftruncate(held, 0)
    os.close(held)


# ---------------------------------------------------------------------- private folders


def private_folder(name: str, wish: str | os.PathLike[str] | None = None) -> Path | None:
    """Return a folder for what viralsim may keep, or None where none can be written.

    The first that works of: the wish, the user's cache folder, a temporary folder of the user's own. What is
    kept is trusted later, so a folder that somebody else could write to is not taken.

    Parameters
    ----------
    name : str
        What is kept there.
    wish : str or path, optional
        Folder that comes first, as it is.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> private_folder("graphs", pathlib.Path(tempfile.mkdtemp(), "mine")).name
    'mine'
    """
    candidates: list[Path] = []
    with contextlib.suppress(OSError):  # a relative folder where the current one is gone
        if wish:
            candidates.append(Path(wish).absolute())
    base = os.environ.get("XDG_CACHE_HOME")
    with contextlib.suppress(OSError, RuntimeError):  # no home folder at all
        candidates.append((Path(base) if base else Path.home() / ".cache").absolute() / "viralsim" / name)
    with contextlib.suppress(OSError):  # no usable temporary folder either
        user = os.getuid() if hasattr(os, "getuid") else "user"
        candidates.append(Path(tempfile.gettempdir()).absolute() / f"viralsim-{user}" / name)
    return next((folder for folder in candidates if _is_private_and_writable(folder)), None)


def _nobody_else_can_change(folder: Path) -> bool:
    """Tell whether the folder is ours, and neither it nor one above it can be exchanged by somebody else."""
    if not hasattr(os, "getuid"):
        return True
    us = os.getuid()
    if folder.stat().st_uid != us or folder.stat().st_mode & stat.S_IWOTH:
        return False
    for above in folder.parents:
        status: Any = above.stat()
        # In a sticky folder, as /tmp is, only an owner can rename or remove what is theirs.
        if status.st_uid not in (us, 0) or (status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX):
            return False
    return True


def _is_private_and_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _nobody_else_can_change(folder.resolve()):
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False

"""How kernels are compiled, and where their machine code is kept.

A kernel is a numba function that gets arrays and numbers and gives arrays and numbers: no validation, no
input or output, no Python objects, and no lock held, so that several threads may run kernels at once.

Compiling takes seconds, so machine code is kept on disk. Numba's own cache has two traps that this module
avoids: it fails where the package is installed read-only and the home is not writable, and it does not
notice an edit in a file other than the kernel's own. So the folder is chosen here (first one that works:
``$NUMBA_CACHE_DIR``, the user's cache folder, a private temporary folder, none at all), and a hash of
every source file that holds kernels is part of its name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast, overload

import numba

from viralsim.files import private_folder

__all__ = ["cache_folder", "kernel", "kernels_are_compiled"]

_CONFIG: Any = numba.config

F = TypeVar("F", bound=Callable[..., Any])


def _sources_digest() -> str:
    """Hash every source file that holds kernels: an edit in any of them makes a new cache."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        text = path.read_bytes()
        if b"kernel" in text or b"intrinsic" in text:
            digest.update(path.name.encode() + b"\0" + text)
    digest.update(f"{numba.__version__}\0{_CONFIG.BOUNDSCHECK}".encode())
    return digest.hexdigest()[:16]


def _choose_folder() -> Path | None:
    # The cache is read back as code, so it must be a private one.
    name = f"kernels-{_sources_digest()}"
    wish = os.environ.get("NUMBA_CACHE_DIR")
    return private_folder(name, Path(wish, f"viralsim-{name}") if wish else None)


_FOLDER = _choose_folder()


def cache_folder() -> Path | None:
    """Return the folder of compiled kernels, or None where no folder can be written and nothing is kept.

    Examples
    --------
    >>> folder = cache_folder()
    >>> folder is None or folder.is_dir()
    True
    """
    return _FOLDER


def kernels_are_compiled(form: str = "plain") -> bool:
    """Tell whether the engine's machine code is already on disk, i.e. whether the next call is fast.

    Parameters
    ----------
    form : str
        The engine has four forms, compiled when they are first used: "plain"; "laws", with all response laws,
        emissions and advertising (`viralsim.engine.needs_laws`); "brand", with items that touch each other, too
        (`viralsim.engine.needs_brand`); and "crowd", which plays several platforms besides and counts people by
        audience (`viralsim.engine.needs_crowd`, `Scenario.tells_audiences`). Which of them is asked for.

    Examples
    --------
    >>> kernels_are_compiled() in (True, False)
    True
    """
    # Numba's index of a kernel names the types that it was compiled for; it is searched, not unpickled.
    sign = {"plain": b"NoneType", "laws": b"Laws", "brand": b"Brand", "crowd": b"Crowd"}[form]
    with contextlib.suppress(OSError):
        return _FOLDER is not None and any(sign in path.read_bytes() for path in _FOLDER.rglob("*.play-*.nbi"))
    return False


class _ForgivingCache:
    """Numba's cache of one kernel, where a damaged file means compiling anew and a full disk not keeping."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return self._cache.load_overload(*arguments)
        except Exception:  # whatever reading half a file raises
            with contextlib.suppress(OSError):
                self._cache.flush()
            return None

    def save_overload(self, *arguments: Any) -> None:
        try:
            self._cache.save_overload(*arguments)
        except Exception:  # numba reads the index first, which may be damaged, and the disk may be full
            with contextlib.suppress(OSError):
                self._cache.flush()


@overload
def kernel(function: F, /) -> F: ...
@overload
def kernel(*, forceinline: bool = ..., allocates: bool = ..., inline: bool = ...) -> Callable[[F], F]: ...
def kernel(
    function: F | None = None, /, *, forceinline: bool = False, allocates: bool = True, inline: bool = False
) -> F | Callable[[F], F]:
    """Compile a function with numba: without the interpreter's lock, division as in numpy, kept on disk.

    Parameters
    ----------
    function : callable
        Arrays and numbers in, arrays and numbers out.
    forceinline : bool
        For small functions inside the innermost loops.
    allocates : bool
        False promises that the kernel makes no array of its own; then numba counts no references, and
        compiles a kernel that handles many arrays in less than half the time.

    Examples
    --------
    >>> @kernel
    ... def double(x):
    ...     return 2 * x
    >>> double(21)
    42
    """

    def decorate(plain: F) -> F:
        # Functions without a file (doctests, notebooks) cannot be kept on disk.
        keep = _FOLDER is not None and Path(plain.__code__.co_filename).is_file()
        before = _CONFIG.CACHE_DIR
        _CONFIG.CACHE_DIR = str(_FOLDER or "")
        try:
            options: dict[str, Any] = {} if allocates else {"_nrt": False}
            if inline:
                options["inline"] = "always"
            compiled: Any = numba.njit(nogil=True, error_model="numpy", cache=keep, forceinline=forceinline, **options)(
                plain
            )
        finally:
            _CONFIG.CACHE_DIR = before
        if keep:
            compiled._cache = _ForgivingCache(compiled._cache)
        return cast("F", compiled)

    return decorate if function is None else decorate(function)

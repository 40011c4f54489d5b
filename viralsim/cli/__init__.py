"""The command line: click commands that parse, call and print, and nothing else.

Data goes to stdout, everything else to stderr. Exit codes: 0 ok, 1 failure, 2 usage, 3 invalid scenario,
4 bad graph or data, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code; no traceback reaches the user.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``viralsim``; those of the process where None.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    try:
        from viralsim.cli.calling import call  # here, so that Ctrl-C is heard while modules are loaded

        code = call(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        with suppress(OSError, AttributeError, ValueError):
            sys.stderr.write("interrupted\n")
            sys.stderr.flush()
        # A worker thread may sit in compiled code that cannot be told to stop; it has nothing to save.
        os._exit(130)
    raise SystemExit(code)


def __getattr__(name: str) -> object:
    if name == "viralsim":  # the group of commands
        from viralsim.cli.commands import viralsim

        return viralsim
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The command line: click commands that parse, call and print, and nothing else.

Data goes to stdout, everything else to stderr. Exit codes: 0 ok, 1 failure, 2 usage, 3 invalid scenario,
4 bad graph or data, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from viralsim.cli.commands import viralsim
from viralsim.errors import ViralsimError

__all__ = ["main", "viralsim"]


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
        viralsim.main(args=None if arguments is None else list(arguments), prog_name="viralsim", standalone_mode=False)
        sys.stdout.flush()
    except ViralsimError as error:
        _leave(str(error), error.exit_code)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2 if isinstance(error, click.UsageError) else 1) from None
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.stdout.flush()
        sys.stderr.flush()
        # A worker thread may sit in compiled code that cannot be told to stop; it has nothing to save.
        os._exit(130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python must not try to flush what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except MemoryError:
        _leave("there is not enough memory for this", 1, "fewer realisations, report.times or people need less")
    except OSError as error:
        _leave(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)
    except Exception as error:
        if os.environ.get("VIRALSIM_DEBUG"):
            raise
        _leave(
            f"this should not have happened: {type(error).__name__}: {error}",
            1,
            "it is a defect of viralsim; please report it with what VIRALSIM_DEBUG=1 prints",
        )
    raise SystemExit(0)


def _leave(message: str, code: int, hint: str = "") -> NoReturn:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"  hint: {hint}", err=True)
    raise SystemExit(code)

"""From the words of a call to an exit code, with every failure explained on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from viralsim.cli.commands import viralsim
from viralsim.cli.options import with_force_option
from viralsim.cli.printing import ReaderGoneError, give_up_on, note
from viralsim.errors import ScenarioError, UsageError, ViralsimError, did_you_mean

__all__ = ["call"]


def call(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; no traceback reaches the user.

    Parameters
    ----------
    arguments : sequence of str
        The words after ``viralsim``.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; nothing is left half-written.
    """
    try:
        code = _obey(arguments)
    except ScenarioError as error:
        from viralsim.cli.text import problem_lines

        note("\n".join(problem_lines(error.problems)))
        code = error.exit_code
    except ViralsimError as error:
        code = _explain(error)
    except (ReaderGoneError, BrokenPipeError):
        give_up_on(sys.stdout)
        code = 0
    except MemoryError:
        hint = "fewer realisations, report.times or people need less"
        code = _explain(ViralsimError("there is not enough memory for this", hint=hint))
    except OSError as error:
        code = _explain(_of_the_system(error))
    except Exception as error:
        if os.environ.get("VIRALSIM_DEBUG"):
            raise
        code = _explain(
            ViralsimError(
                f"this should not have happened: {type(error).__name__}: {error}",
                hint="it is a defect of viralsim; please report it with what VIRALSIM_DEBUG=1 prints",
            )
        )
    return code


def _obey(arguments: Sequence[str]) -> int:
    if "_VIRALSIM_COMPLETE" in os.environ:  # a shell asks how a word could go on
        viralsim.main(prog_name="viralsim")
    # Not click's own main: it prints an empty line on Ctrl-C and has its own idea of broken pipes.
    try:
        with viralsim.make_context("viralsim", list(arguments)) as context:
            viralsim.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as error:
        # A command group alone: the message is its help.
        if not isinstance(error, click.MissingParameter) and (not error.message or "--help" in error.message):
            error.show()
            return 2
        raise _in_our_words(error) from None
    except click.ClickException as error:
        raise ViralsimError(error.format_message()) from None
    return 0


def _in_our_words(error: click.UsageError) -> UsageError:
    context = error.ctx
    hint = f"`{context.command_path} --help` says how" if context is not None else ""
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        message = f"no such option '{error.option_name}'"
        hint = did_you_mean(error.option_name, error.possibilities or ()) or hint
    return UsageError(message[:1].lower() + message[1:].removesuffix("."), hint=hint)


def _of_the_system(error: OSError) -> ViralsimError:
    reason = error.strerror or str(error)
    if error.filename:
        return ViralsimError(reason, place=os.fsdecode(error.filename))
    try:
        Path.cwd()
    except OSError:
        return ViralsimError("the working folder no longer exists", hint="change to another folder first")
    give_up_on(sys.stdout)  # what has no name is a stream, and notes never fail
    return ViralsimError(f"cannot be written: {reason}", place="standard output")


def _explain(error: ViralsimError) -> int:
    note(f"error: {with_force_option(str(error))}")
    return error.exit_code

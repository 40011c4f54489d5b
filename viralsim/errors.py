"""The one error a user sees: where it happened, what is wrong, what to do about it.

Whatever a user can get wrong raises a `ViralsimError`; the command line prints it without a traceback
and leaves with its `exit_code`. Anything else that escapes is a defect of viralsim.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

__all__ = ["DataError", "Problem", "ScenarioError", "UsageError", "ViralsimError", "did_you_mean"]


_LONGEST_MESSAGE, _LONGEST_HINT = 1_200, 400


def _shortened(text: str, most: int) -> str:
    """Cut the middle out of a text that quotes more of a file than anybody reads."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 3]}...{text[-end:]}"


class ViralsimError(Exception):
    """Something the user can mend, said in the user's words.

    Messages are for reading: of one that would be longer than 1,200 characters (a hint: 400), because it quotes a name
    or lists columns from a file, the middle is left out.

    Parameters
    ----------
    message : str
        What is wrong and what was expected.
    place : str
        Where: a file with line and column, a key, a row, an option. Empty where there is none.
    hint : str
        What to do about it, e.g. the nearest valid choice. Empty where there is none.

    Examples
    --------
    >>> print(ViralsimError("the file is empty", place="edges.csv", hint="it needs one row per arc"))
    edges.csv: the file is empty
      hint: it needs one row per arc
    """

    exit_code = 1

    def __init__(self, message: str, *, place: str = "", hint: str = "") -> None:
        self.message = _shortened(message, _LONGEST_MESSAGE)
        super().__init__(self.message)
        self.place = place
        self.hint = _shortened(hint, _LONGEST_HINT)

    def __str__(self) -> str:
        first = f"{self.place}: {self.message}" if self.place else self.message
        return f"{first}\n  hint: {self.hint}" if self.hint else first


class UsageError(ViralsimError):
    """The command or call itself does not make sense (exit code 2).

    Examples
    --------
    >>> UsageError("a block must hold at least 1 realisation, got 0").exit_code
    2
    """

    exit_code = 2


class Problem(ViralsimError):
    """One finding in a scenario; `ScenarioError` gathers all of them.

    Parameters
    ----------
    message, place, hint : str
        As in `ViralsimError`.
    excerpt : str
        The offending line and a line of carets under it, ready to print. Empty where there is no file.
    """

    exit_code = 3

    def __init__(self, message: str, *, place: str = "", hint: str = "", excerpt: str = "") -> None:
        super().__init__(message, place=place, hint=hint)
        self.excerpt = excerpt

    def __str__(self) -> str:
        first = f"{self.place}: {self.message}" if self.place else self.message
        parts = [first]
        if self.excerpt:
            parts.append(self.excerpt)
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


class ScenarioError(ViralsimError):
    """A scenario that cannot be played, with every problem found in it (exit code 3).

    Parameters
    ----------
    problems : sequence of Problem
        All findings, in the order of the file.

    Examples
    --------
    >>> first = Problem("expected a share", place="a.toml:3:1")
    >>> print(ScenarioError([first, Problem("unknown key", place="a.toml:9:1")]))
    a.toml:3:1: expected a share
    a.toml:9:1: unknown key
    """

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("")
        self.message = "\n".join(str(problem) for problem in problems)  # each is short by itself
        self.args = (self.message,)
        self.problems = tuple(problems)


class DataError(ViralsimError):
    """A graph or a data file that cannot be used, or does not hold what was asked of it (exit code 4).

    Examples
    --------
    >>> DataError("there is no such file", place="edges.csv").exit_code
    4
    """

    exit_code = 4


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return a hint naming the closest of `choices`, or an empty string where none is close.

    Examples
    --------
    >>> did_you_mean("degre", ["random", "degree", "explicit"])
    "did you mean 'degree'?"
    >>> did_you_mean("zzz", ["random"])
    ''
    """
    close = difflib.get_close_matches(str(word), list(choices), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""

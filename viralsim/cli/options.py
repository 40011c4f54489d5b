"""Messages name parameters of the library; at the command line they name the options that are typed.

Messages about a scenario keep the names of its keys, and JSON the names of parameters.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from viralsim.errors import ViralsimError

__all__ = ["in_options", "naming_options", "option_name", "with_force_option"]

_OTHER_NAMES = {"trust_map": "map", "people_file": "people", "people_path": "people-output"}
_FLAGS = ("header", "people_header")
# Told from other words by their underscore.
_PARAMETERS = (
    *("source_column", "target_column", "trust_column", "weight_column", "probability_column", "platform_column"),
    *("platform_names", "trust_map", "people_id_column", "people_header", "people_missing", "people_file"),
    *("people_path", "tie_trust"),
)
# Plain words too: meant as parameters only where they are given a value, or said to be one.
_WORDS = ("direction", "delimiter", "header", "comment", "trust", "merge")
_IS = r" = \[?(?P<{0}>\"[^\"]*\"|'[^']*'|[\w.+-]+)\]?"
# Names between quotes or in paths are the user's own.
_FOUND = re.compile(
    rf"(?<![\w'\"./-])(?:network\.)?(?:(?P<name>{'|'.join(_PARAMETERS)})(?![\w'\"/]|\.\w)(?:{_IS.format('value')})?"
    rf"|(?P<word>{'|'.join(_WORDS)})(?:{_IS.format('given')}|(?= says how )))"
)


def option_name(parameter: str) -> str:
    """Return the option that gives a parameter of `read_graph` or `write_graph`.

    Examples
    --------
    >>> option_name("people_id_column"), option_name("trust_map")
    ('--people-id-column', '--map')
    """
    return "--" + _OTHER_NAMES.get(parameter, parameter).replace("_", "-")


def in_options(text: str) -> str:
    r"""Return a text in which parameters are options, with their values as a shell takes them.

    Examples
    --------
    >>> in_options('column \'rate\' is not read; network.trust_column = "rate" reads it as tie trust')
    "column 'rate' is not read; --trust-column rate reads it as tie trust"
    >>> in_options("set people_header = false if it is a person")
    'set --no-people-header if it is a person'
    >>> in_options("'trust_map' is no column; there are trust_column.csv and trust")
    "'trust_map' is no column; there are trust_column.csv and trust"
    """

    def option(found: re.Match[str]) -> str:
        name = found["name"] or found["word"]
        value = found["value"] or found["given"]
        if value is None:
            return option_name(name)
        if name in _FLAGS and value in ("true", "false"):
            return option_name(name if value == "true" else f"no_{name}")
        bare = value.strip(value[0]) if value[0] in "'\"" else value
        return f"{option_name(name)} {shlex.quote(bare)}"

    return _FOUND.sub(option, text)


def with_force_option(text: str) -> str:
    """Return a text in which the parameter `force` of what writes is the option.

    Examples
    --------
    >>> with_force_option("force=True replaces it")
    '--force replaces it'
    """
    return text.replace("force=True", "--force")


@contextmanager
def naming_options() -> Iterator[None]:
    """Let errors of the block name options, for commands whose options are parameters of the library.

    Examples
    --------
    >>> with naming_options():
    ...     raise ViralsimError("trust_map needs a trust_column")
    Traceback (most recent call last):
        ...
    viralsim.errors.ViralsimError: --map needs a --trust-column
    """
    try:
        yield
    except ViralsimError as error:
        error.message, error.hint = in_options(error.message), in_options(error.hint)
        error.place = in_options(error.place)
        raise

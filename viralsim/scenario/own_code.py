"""Laws of one's own: Python functions that a scenario names, turned into tables of plain numbers.

A function is called while the scenario is read, once for each number of its table, and never again: what is played,
hashed and stored with results are the numbers. So any function will do, and results can be played again without it.
It runs only where the caller allows it: opening somebody else's scenario runs nobody's code.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from viralsim.errors import did_you_mean

__all__ = ["CodeError", "is_own", "load", "tabulate"]

_NAME = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<function>[A-Za-z_]\w*)", re.ASCII)


class CodeError(ValueError):
    """What is wrong with a function: a message and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def is_own(value: object) -> bool:
    """Tell whether a value names a function of one's own: "module:function".

    Examples
    --------
    >>> is_own("mymodule:my_law"), is_own("curve"), is_own(0.5)
    (True, False, False)
    """
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def load(name: str, folder: Path) -> Callable[..., object]:
    """Return the function that "module:function" names; a module beside the scenario comes first.

    Parameters
    ----------
    name : str
    folder : Path
        The scenario's folder.

    Raises
    ------
    CodeError
        There is no such module or function, or the module cannot be run.

    Examples
    --------
    >>> load("math:sqrt", Path())(4)
    2.0
    """
    found = _NAME.fullmatch(name)
    assert found is not None  # noqa: S101 - asked before
    module_name, function_name = found["module"], found["function"]
    file = folder.joinpath(*module_name.split(".")).with_suffix(".py")
    try:
        if file.is_file():
            spec = importlib.util.spec_from_file_location(f"viralsim_own_{module_name.replace('.', '_')}", file)
            assert spec is not None  # noqa: S101 - it ends in .py
            assert spec.loader is not None  # noqa: S101
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name.split(".", 1)[0]:
            raise CodeError(f"{file} needs the module '{error.name}', which is not installed") from None
        near = did_you_mean(module_name, [path.stem for path in folder.glob("*.py")] if folder.is_dir() else [])
        raise CodeError(f"there is no module '{module_name}': neither {file} nor one that is installed", near) from None
    except Exception as error:  # whatever somebody's module raises
        raise CodeError(f"the module '{module_name}' cannot be run: {_said(error)}") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        names = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        raise CodeError(
            f"'{module_name}' has no function '{function_name}'; it has {', '.join(names) or 'none'}",
            did_you_mean(function_name, names),
        )
    return function  # type: ignore[no-any-return]


def tabulate(
    name: str, function: Callable[..., object], points: range, parameters: Mapping[str, Any], most: float
) -> list[float]:
    """Return what a function says of each point: numbers from 0 to `most`.

    Raises
    ------
    CodeError
        It raises, or says something else; the message names the point.

    Examples
    --------
    >>> tabulate("m:f", lambda unit, peak: 0.1 if unit == peak else 0.01, range(1, 4), {"peak": 2}, 1.0)
    [0.01, 0.1, 0.01]
    """
    values = []
    for point in points:
        call = f"{name.partition(':')[2]}({', '.join([str(point), *(f'{k}={v}' for k, v in parameters.items())])})"
        try:
            value = function(point, **parameters)
            number = float(value)  # type: ignore[arg-type]
        except Exception as error:  # whatever somebody's function raises
            raise CodeError(f"{call} failed: {_said(error)}") from None
        if not 0.0 <= number <= most or isinstance(value, (str, bytes, bool)):
            span = "a number from 0 to 1" if most == 1.0 else "a finite number of at least 0"
            raise CodeError(f"{call} is {value!r:.60}, expected {span}")
        values.append(number + 0.0)
    return values


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text:.200}" if text else type(error).__name__

"""Figures at the command line: where they go is looked at before anything is played."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from viralsim.cli.printing import note
from viralsim.errors import ViralsimError

__all__ = ["draw", "require_folder"]


def require_folder(folder: str) -> Path:
    """Make a folder for figures, or tell why there cannot be one, before hours of work are spent on them.

    Raises
    ------
    ViralsimError
        If something else has its name, or nothing can be written there.

    Examples
    --------
    >>> require_folder(".").name
    ''
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=folder) from None
    if not os.access(place, os.W_OK | os.X_OK):
        raise ViralsimError("cannot be written: Permission denied", place=folder)
    return place


def draw(figures: dict[str, Any], folder: str, quiet: bool, *, nothing: str = "there is nothing to draw") -> None:
    """Write figures as PNG and as SVG; those of the same names are replaced.

    Parameters
    ----------
    figures : dict of str to matplotlib.figure.Figure
        By the names of their files.
    folder : str
    quiet : bool
        Whether it is not told what was written.
    nothing : str
        What is said where there are none.
    """
    from viralsim.show import write_figure

    place = require_folder(folder)
    for name, figure in figures.items():
        for ending in ("png", "svg"):
            write_figure(figure, place / f"{name}.{ending}", force=True)
    if not quiet:
        names = ", ".join(f"{name}.png and .svg" for name in figures)
        note(f"written to {folder}: {names}" if figures else nothing)

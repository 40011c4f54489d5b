"""Designs: which combinations of values a sweep plays."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean
from viralsim.luck import Purpose, stream_key, uniforms, words
from viralsim.scenario.catalogue import choices
from viralsim.scenario.varying import Varied, all_varied, grid_of

__all__ = ["DEFAULT_SAMPLES", "LEVELS", "MOST_CELLS", "Points", "cells_of", "default_samples", "unit_points"]

DEFAULT_SAMPLES = {"random": 100, "latin": 100, "sobol": 256, "morris": 20}
"""Samples where none are asked for: Sobol indices of a few percent take hundreds of base samples (Saltelli et al.
2010), elementary effects 10 to 50 trajectories (Campolongo et al. 2007)."""
LEVELS = 4
"""Levels of each key in the design morris: 0, 1/3, 2/3 and 1 of its range."""
MOST_CELLS = 1_000_000
"""The most cells of a sweep."""


@dataclass(frozen=True)
class Points:
    """What a design plays.

    Parameters
    ----------
    values : list of dict
        For every row the value of each path. Rows may repeat, where keys take few values.
    unit : ndarray of float64, shape (rows, paths), or None
        Where in its range each value lies, from 0 to 1; None for a grid.

    Examples
    --------
    >>> from viralsim.scenario.varying import read_varied
    >>> cells_of([read_varied("plan=a,b"), read_varied("random_seed=1,2")]).values[1]
    {'plan': 'a', 'random_seed': 2}
    """

    values: list[dict[str, object]]
    unit: npt.NDArray[np.float64] | None = None


def default_samples(design: str) -> int | None:
    """Return how many samples a design draws where none are asked for; None for a grid.

    Examples
    --------
    >>> default_samples("sobol"), default_samples("grid")
    (256, None)
    """
    return DEFAULT_SAMPLES.get(design)


def cells_of(
    varied: Sequence[Varied], design: str = "grid", samples: int | None = None, random_seed: int = 1
) -> Points:
    """Return the values of every cell of a design, in its order.

    Parameters
    ----------
    varied : sequence of Varied
        What is varied.
    design : str
        One of the catalogue. A grid has every combination, the last key varying fastest.
    samples : int, optional
        How many samples are drawn; `default_samples` where None. A grid takes none.
    random_seed : int
        Keys what is drawn.

    Raises
    ------
    UsageError
        If the design does not exist, has too many cells, or cannot be made of these values or so many samples.
    ScenarioError
        If a path is varied twice.

    Examples
    --------
    >>> from viralsim.scenario.varying import read_varied
    >>> stickiness = read_varied("item.content.stickiness=1%:3%")
    >>> [cell["item.content.stickiness"] for cell in cells_of([stickiness], "morris", 2).values]
    [0.0233333333333, 0.01, 0.0166666666667, 0.03]
    >>> cells_of([stickiness])
    Traceback (most recent call last):
    viralsim.errors.UsageError: --vary item.content.stickiness=1%:3%: a grid needs to know how many values
      hint: item.content.stickiness=1%:3%:10, or --design with one of random, latin, sobol, morris
    """
    varied = all_varied(varied)
    if design == "grid":
        return _grid(varied, samples)
    unit = unit_points(design, len(varied), default_samples(design) if samples is None else samples, random_seed)
    columns = [[one.at(float(share)) for share in unit[:, index]] for index, one in enumerate(varied)]
    paths = [one.path for one in varied]
    return Points([dict(zip(paths, row, strict=True)) for row in zip(*columns, strict=True)], unit)


def _grid(varied: Sequence[Varied], samples: int | None) -> Points:
    if samples is not None:
        raise UsageError("a grid plays every combination, not a number of samples", hint=f"--design {_others()}")
    levels = []
    for one in varied:
        if one.values is None:
            raise UsageError(
                "a grid needs to know how many values",
                place=f"--vary {one.text}",
                hint=f"{one.path}={grid_of(one)}, or --design with one of {_others()}",
            )
        levels.append(one.values)
    cells = math.prod(map(len, levels))
    if cells > MOST_CELLS:
        counts = " x ".join(f"{len(values):_}" for values in levels)
        raise UsageError(
            f"{counts} = {cells:_} cells; at most {MOST_CELLS:_} are played",
            hint=f"fewer values, or a design that draws samples: {_others()}",
        )
    paths = [one.path for one in varied]
    return Points([dict(zip(paths, row, strict=True)) for row in itertools.product(*levels)])


def _others() -> str:
    return ", ".join(name for name in choices("design") if name != "grid")


def unit_points(design: str, dimensions: int, samples: int | None, random_seed: int = 1) -> npt.NDArray[np.float64]:
    """Return the points of a design in the unit cube, by keyed luck.

    With more samples, random, sobol and morris keep their rows and add to them; latin draws all anew.

    Parameters
    ----------
    design : str
        "random"; "latin": each column has one point in each of `samples` equal strata; "sobol": for every base sample
        the rows A, AB_1 .. AB_d, BA_1 .. BA_d, B, where AB_i is A with column i of B (Saltelli et al. 2010), A and B
        points of Sobol's sequence under a keyed digital shift; "morris": for every sample a trajectory of
        `dimensions` + 1 rows, each row with one column moved by 2/3, between 0, 1/3, 2/3 and 1.
    dimensions : int
        Columns.
    samples : int
        Rows for random and latin, base samples for sobol (a power of two), trajectories for morris.
    random_seed : int
        Keys what is drawn.

    Returns
    -------
    ndarray of float64, shape (rows, dimensions)
        In [0, 1); in [0, 1] for morris.

    Raises
    ------
    UsageError
        If there is no such design, it takes no such number of samples, or has too many rows.

    Examples
    --------
    >>> unit_points("sobol", 2, 4).shape, unit_points("morris", 2, 4).shape
    ((24, 2), (12, 2))
    """
    known = [name for name in choices("design") if name != "grid"]
    if design not in known:
        close = did_you_mean(design, ["grid", *known]) if len(str(design)) < 60 else ""
        raise UsageError(f"no design '{design}'; there are grid, {', '.join(known)}", hint=close)
    if not isinstance(samples, int) or isinstance(samples, bool) or samples < 1:
        raise UsageError(f"expected a number of samples of at least 1; got {samples}")
    if dimensions < 1:
        raise UsageError(f"the design {design} needs something to vary", hint="--vary item.NAME.stickiness=1%:5%")
    rows = samples * {"sobol": 2 * dimensions + 2, "morris": dimensions + 1}.get(design, 1)
    if rows > MOST_CELLS:
        raise UsageError(
            f"{samples:_} samples of the design {design} are {rows:_} cells; at most {MOST_CELLS:_} are played"
        )
    key = stream_key(random_seed, Purpose.DESIGN, design)
    if design == "sobol":
        return _sobol(key, dimensions, samples)
    if design == "morris":
        return _morris(key, dimensions, samples)
    drawn = uniforms(key, np.arange(samples)[:, None], np.arange(dimensions)[None, :])
    if design == "random":
        return drawn
    order = uniforms(key, np.arange(samples)[:, None], np.arange(dimensions)[None, :], 1)
    strata = np.argsort(np.argsort(order, axis=0, kind="stable"), axis=0, kind="stable")
    # (The largest share of the last stratum may round to 1.)
    return np.minimum((strata + drawn) / samples, np.nextafter(1.0, 0.0))


def _sobol(key: np.uint64, dimensions: int, samples: int) -> npt.NDArray[np.float64]:
    if samples & (samples - 1):
        near = 1 << round(math.log2(samples))
        raise UsageError(f"the design sobol takes powers of two as samples; got {samples}", hint=f"such as {near}")
    from scipy.stats import qmc  # here: it takes half a second to import

    sequence = qmc.Sobol(2 * dimensions, scramble=False, bits=32).random_base2(samples.bit_length() - 1)
    # The shift keeps what the sequence is evenly spread over, and takes it off the corner 0 and the middle.
    shift = words(key, np.arange(2 * dimensions))[:, 0].astype(np.uint64)
    shifted = (np.rint(sequence * 2.0**32).astype(np.uint64) ^ shift) / 2.0**32
    a, b = shifted[:, :dimensions], shifted[:, dimensions:]
    blocks = np.empty((samples, 2 * dimensions + 2, dimensions))
    blocks[:, : dimensions + 1] = a[:, None]
    blocks[:, dimensions + 1 :] = b[:, None]
    for column in range(dimensions):
        blocks[:, 1 + column, column] = b[:, column]
        blocks[:, 1 + dimensions + column, column] = a[:, column]
    return blocks.reshape(-1, dimensions)


def _morris(key: np.uint64, dimensions: int, samples: int) -> npt.NDArray[np.float64]:
    trajectory, column = np.arange(samples)[:, None], np.arange(dimensions)[None, :]
    drawn = words(key, trajectory, column)
    step = LEVELS // 2
    lower = drawn[..., 0] % np.uint32(LEVELS - step)
    upwards = drawn[..., 1] % np.uint32(2) == 0
    before = np.where(upwards, lower, lower + step)
    after = np.where(upwards, lower + step, lower)
    moved = np.argsort(np.argsort(uniforms(key, trajectory, column, 1), axis=1, kind="stable"), axis=1, kind="stable")
    rows = np.arange(dimensions + 1)[None, :, None]
    levels = np.where(moved[:, None, :] < rows, after[:, None, :], before[:, None, :])
    return (levels / (LEVELS - 1)).reshape(-1, dimensions)

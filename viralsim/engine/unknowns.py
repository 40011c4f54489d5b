"""Drawing the numbers that nobody knows: once per pair of realisations, by keyed luck.

Realisations 2k and 2k + 1 share the numbers of pair k. A number depends on `random_seed`, its key's path, its
distribution and the pair alone: every plan meets the same, and one unknown more or less leaves the others alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine.unknown_kernels import DISTRIBUTIONS, draw_numbers
from viralsim.luck import Purpose, stream_key, uniforms
from viralsim.scenario import Scenario, Unknown

__all__ = ["drawn_numbers", "numbers_of", "quantiles"]

Floats = npt.NDArray[np.float64]

_PARAMETERS = {
    "triangular": ("mode", ""),
    "normal": ("mean", "deviation"),
    "log-normal": ("median", "sigma"),
    "beta": ("a", "b"),
}


def quantiles(unknown: Unknown, u: npt.ArrayLike) -> Floats:
    """Return the numbers of an unknown below which it lies with probability u.

    Parameters
    ----------
    unknown : Unknown
    u : array_like of float, shape (n,)
        Above 0, at most 1.

    Returns
    -------
    float64 array, shape (n,)
        In the units of the key; whole numbers where the key takes these.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> (unknown,) = read_scenario(settings=["item.content.stickiness=1%..3%"]).unknowns
    >>> quantiles(unknown, [0.25, 0.5]).round(12).tolist()
    [0.015, 0.02]
    """
    wanted = np.array(u, dtype=np.float64, ndmin=1)
    out = np.empty(len(wanted))
    given: dict[str, Any] = unknown.parameters
    first, second = _PARAMETERS.get(unknown.distribution, ("", ""))
    values = np.array(given.get("values", ()), dtype=np.float64)
    weights = np.array(given.get("weights", np.ones(len(values))), dtype=np.float64)
    draw_numbers(
        DISTRIBUTIONS.index(unknown.distribution),
        float(unknown.low),
        float(unknown.high),
        float(given.get(first, 0.0)),
        float(given.get(second, 0.0)),
        unknown.is_whole,
        values,
        weights,
        wanted,
        out,
    )
    if unknown.numbers.exclusive:  # where rounding reached what it must not
        out[out <= unknown.numbers.low] = unknown.numbers.low + 1e-9
    return out


def drawn_numbers(scenario: Scenario, pairs: npt.ArrayLike) -> Floats:
    """Return what is drawn for pairs of realisations: realisation r belongs to pair r // 2.

    Parameters
    ----------
    scenario : Scenario
    pairs : array_like of int, shape (n,)

    Returns
    -------
    float64 array, shape (n, unknowns)
        In the order of `scenario.unknowns`.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["item.content.stickiness=1%..3%"])
    >>> drawn_numbers(scenario, [0, 1, 2]).shape
    (3, 1)
    """
    wanted = np.array(pairs, dtype=np.int64, ndmin=1)
    table = np.empty((len(wanted), len(scenario.unknowns)))
    for index, unknown in enumerate(scenario.unknowns):
        key = stream_key(scenario.random_seed, Purpose.UNKNOWN, ".".join(map(str, unknown.path)))
        # Half a step up: never 0, which has no quantile.
        table[:, index] = quantiles(unknown, uniforms(key, wanted) + 2.0**-54)
    return table


def numbers_of(scenario: Scenario, drawn: Floats) -> dict[tuple[str | int, ...], float | int]:
    """Return one pair's numbers by path, as `Scenario.with_numbers` takes them.

    Parameters
    ----------
    scenario : Scenario
    drawn : float64 array, shape (unknowns,)
        A row of `drawn_numbers`.

    Examples
    --------
    >>> import numpy as np
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["plan.random.wave.first.count=5..20"])
    >>> numbers_of(scenario, np.array([7.0]))
    {('plan', 'random', 'wave', 'first', 'count'): 7}
    """
    return {
        unknown.path: int(number) if unknown.is_whole else float(number)
        for unknown, number in zip(scenario.unknowns, drawn.tolist(), strict=True)
    }

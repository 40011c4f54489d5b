"""Where people stand in a picture of a network: near those they are tied to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from viralsim.luck import Purpose, stream_key, uniforms

__all__ = ["layout"]

_CELLS = 40
"""Along a side of the grid, at most: more cost more than they save."""


def layout(people: int, from_: npt.ArrayLike, to: npt.ArrayLike, random_seed: int = 0) -> npt.NDArray[np.float32]:
    """Return where people stand: those who are tied are near each other, so that communities can be seen.

    The forces are those of ForceAtlas2 (ties pull in proportion to their length; people push each other away in
    proportion to their numbers of ties, and the less the further), with steps that become shorter. The same ties give
    the same picture, on any machine.

    Parameters
    ----------
    people : int
        How many; arcs are between people 0 to people - 1.
    from_, to : array_like of int, shape (arcs,)
        The two ends of each; directions, repetitions and arcs to oneself do not matter.
    random_seed : int
        Another number starts from other places.

    Returns
    -------
    ndarray of float32, shape (people, 2)
        x and y in 0 to 1, y upwards; the longer side is filled.

    Source: M. Jacomy, T. Venturini, S. Heymann & M. Bastian, "ForceAtlas2, a continuous graph layout algorithm for
    handy network visualization", PLoS ONE 9 (2014).

    Examples
    --------
    >>> places = layout(4, [0, 1, 2], [1, 2, 3])
    >>> from_end_to_end, a_tie = np.hypot(*(places[0] - places[3])), np.hypot(*(places[0] - places[1]))
    >>> bool(from_end_to_end > 2 * a_tie)
    True
    """
    if people == 0:
        return np.empty((0, 2), dtype=np.float32)
    one, other = np.asarray(from_, dtype=np.int64), np.asarray(to, dtype=np.int64)
    pairs = np.unique(np.minimum(one, other) * people + np.maximum(one, other))
    one, other = pairs // people, pairs % people
    apart = one != other
    ends = np.concatenate([one[apart], other[apart]])
    others = np.concatenate([other[apart], one[apart]])[np.argsort(ends, kind="stable")]
    ties = np.bincount(ends, minlength=people)
    key = stream_key(random_seed, Purpose.SAMPLE, "layout")
    start = (uniforms(key, np.arange(people)[:, None], np.arange(2)) - 0.5) * np.sqrt(people)
    x, y = np.ascontiguousarray(start[:, 0]), np.ascontiguousarray(start[:, 1])
    if people > 1:
        from viralsim.show.layout_kernels import relax

        rounds = int(np.clip(900_000 / people, 60, 300))
        cells = int(np.clip(np.sqrt(people) / 4, 1, _CELLS))
        starts = np.concatenate([[0], np.cumsum(ties)])
        relax(x, y, starts.astype(np.int64), others, 1.0 + 0.6 * ties, rounds, cells)
    places: npt.NDArray[np.float64] = np.stack([x, y], axis=1)
    low, high = places.min(axis=0), places.max(axis=0)
    span = float((high - low).max()) or 1.0
    return np.asarray((places - (low + high) / 2) / span + 0.5, dtype=np.float32)

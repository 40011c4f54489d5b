"""Drawing people at random: one rule for seeds that stay and for seeds that every realisation draws anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.luck import philox, uniform

__all__ = ["pick"]


@kernel(allocates=False)
def pick(
    people: Any, wanted: Any, key: Any, realisation: Any, group: Any, kind: Any, chosen: Any, picked: Any, stop: Any
) -> Any:
    """Draw `wanted` of the people, without repetition, into `picked`.

    Who was drawn before is passed over, so the first k of a longer draw are the draw of k: a plan with more
    seeds contains the plan with fewer.

    Parameters
    ----------
    people : uint32 array
        Positions to draw from, more of them than `wanted`.
    wanted : int
    key : uint64
        Stream of the wave's luck.
    realisation, group, kind : int
        The rest of the counter (`viralsim.luck.Purpose.SEEDING`), beside the number of the draw.
    chosen : uint64 array
        A bit per person of the graph, all 0; all 0 again afterwards.
    picked : uint32 array
        Overwritten; at least `wanted` long.
    stop : uint8 array, shape (1,)
        Anything but 0 ends the drawing early.

    Returns
    -------
    int
        How many were drawn.

    Examples
    --------
    >>> picked, stop = np.zeros(3, np.uint32), np.zeros(1, np.uint8)
    >>> pick(np.arange(10, dtype=np.uint32), 3, np.uint64(7), 0, 0, 0, np.zeros(1, np.uint64), picked, stop)
    3
    >>> len(set(picked.tolist()))
    3
    """
    step, taken = np.int64(0), np.int64(0)
    while taken < wanted and stop[0] == 0:
        w0, w1, _, _ = philox(key, realisation, group, step, kind)
        step += 1
        person = people[np.int64(uniform(w0, w1) * people.shape[0])]
        word, bit = person >> np.uint32(6), np.uint64(1) << np.uint64(person & np.uint32(63))
        if chosen[word] & bit:
            continue
        chosen[word] |= bit
        picked[taken] = person
        taken += 1
    for i in range(taken):
        chosen[picked[i] >> np.uint32(6)] = np.uint64(0)
    return taken

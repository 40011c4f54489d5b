"""Drawing people at random: one rule for seeds that stay and for seeds that every realisation draws anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.luck import philox, uniform

__all__ = ["MOST_PASSED_OVER", "NO_LIMIT", "pick"]

NO_LIMIT = 2**62
"""A budget that is never used up, in cents."""
MOST_PASSED_OVER = 100
"""A drawing by budget ends once so many in a row cost more than is left."""


@kernel(allocates=False)
def pick(
    people: Any,
    wanted: Any,
    prices: Any,
    budget: Any,
    key: Any,
    realisation: Any,
    group: Any,
    kind: Any,
    chosen: Any,
    picked: Any,
    stop: Any,
) -> Any:
    """Draw `wanted` of the people, or as many as the budget buys, without repetition, into `picked`.

    Who was drawn before is passed over, so the first k of a longer draw are the draw of k: a plan with more
    seeds contains the plan with fewer. So is who costs more than is left; after `MOST_PASSED_OVER` of those in a
    row the drawing ends.

    Parameters
    ----------
    people : uint32 array
        Positions to draw from, at least `wanted`.
    wanted : int
    prices : int64 array
        What each of them costs, in cents.
    budget : int
        Money to spend, in cents.
    key : uint64
        Stream of the wave's luck.
    realisation, group, kind : int
        The rest of the counter (`viralsim.luck.Purpose.SEEDING`), beside the number of the draw.
    chosen : uint64 array
        A bit per person of the graph, all 0; all 0 again afterwards.
    picked : uint32 array
        Overwritten with places within `people`; at least `wanted` long.
    stop : uint8 array, shape (1,)
        Anything but 0 ends the drawing early.

    Returns
    -------
    int
        How many were drawn.

    Examples
    --------
    >>> picked, stop = np.zeros(3, np.uint32), np.zeros(1, np.uint8)
    >>> people, prices = np.arange(10, dtype=np.uint32), np.full(10, 500)
    >>> pick(people, 3, prices, 10_000, np.uint64(7), 0, 0, 0, np.zeros(1, np.uint64), picked, stop)
    3
    >>> len(set(picked.tolist()))
    3
    """
    step, taken, passed_over, left = np.int64(0), np.int64(0), np.int64(0), np.int64(budget)
    while taken < wanted and passed_over < MOST_PASSED_OVER and stop[0] == 0:
        w0, w1, _, _ = philox(key, realisation, group, step, kind)
        step += 1
        at = np.int64(uniform(w0, w1) * people.shape[0])
        person = people[at]
        word, bit = person >> np.uint32(6), np.uint64(1) << np.uint64(person & np.uint32(63))
        if chosen[word] & bit:
            continue
        if prices[at] > left:
            passed_over += 1
            continue
        passed_over = np.int64(0)
        left -= prices[at]
        chosen[word] |= bit
        picked[taken] = at
        taken += 1
    for i in range(taken):
        chosen[people[picked[i]] >> np.uint32(6)] = np.uint64(0)
    return taken

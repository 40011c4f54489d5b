"""Who comes first: the one order in which what arrives at a person within a tick is sorted."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel
from viralsim.luck import philox

__all__ = ["ADVERTISED", "BORN", "NOBODY", "SEED"]

SEED = -1
"""Parent of a seed."""
ADVERTISED = -2
"""Parent of somebody whom an advertisement engaged."""
BORN = -3
"""Parent of somebody whose testimony is born of content that disappointed them."""
NOBODY = 0xFFFFFFFF
"""Sharer of an advertisement in the keys of luck."""


@kernel(inline=True, allocates=False)
def order_of(program: Any, work: Any, realisation: Any, tick: Any, item: Any, entry: Any, person: Any) -> Any:
    """Return the key by which arrivals at a person are sorted; `entry` is the sharer's, negative for advertising.

    The item's priority comes first, in the highest eight bits.
    """
    if entry < 0:
        key = program.pairs[item, program.items[item].ad_platform].order_key
        w0, w1, _, _ = philox(key, realisation, np.uint32(NOBODY), np.uint32(person), np.uint32(tick))
    else:
        attempt = np.uint32(tick - work.queue[entry].shared_at)
        key = program.pairs[item, work.queue[entry].platform].order_key
        w0, w1, _, _ = philox(key, realisation, work.queue[entry].person, np.uint32(person), attempt)
    key = ((np.uint64(w0) << np.uint64(32)) | np.uint64(w1)) >> np.uint64(8)
    return key | (np.uint64(program.items[item].rank) << np.uint64(56))


@kernel(allocates=False)
def sift(heap: Any, at: Any, count: Any) -> None:
    """Restore a heap of (key, value), smallest key at 0, below a place."""
    key, value = heap[at].key, heap[at].value
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        if child + 1 < count and heap[child + 1].key < heap[child].key:
            child += 1
        if key <= heap[child].key:
            break
        heap[at].key, heap[at].value = heap[child].key, heap[child].value
        at = child
    heap[at].key, heap[at].value = key, value

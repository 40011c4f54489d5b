"""The accounts of a campaign's audiences: whom an item reached where, and who carried it there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["CELLS", "FREQUENCIES", "Audience"]

CELLS = ("reach", "impressions", "engaged", "shares", "conversions")
"""What is counted of the people of a group on a platform: the last axis of `Audience.cells`."""

FREQUENCIES = 10
"""Numbers of impressions that are told apart: 1, 2, …, 9, and 10 or more."""

Ints = npt.NDArray[np.int64]


class Audience(NamedTuple):
    """Counts by group and platform, for R realisations, I items, G groups, L platforms, V variants (1 without).

    Groups are those of the campaign: its segments, or the parts that a segment is told in (`Campaign.groups`).
    """

    cells: Ints
    """int64 [R, I, G, L, len(CELLS)]: of the people of a group on a platform, reach (those who saw the item there;
    seeds and roots on the platform they start on), impressions, people engaged and conversions, each where they
    engaged; shares by the sharer's group, on the platform of the post."""
    reach: Ints
    """int64 [R, I, G]: people of a group reached on any platform. Who is reached on two counts once here, and in the
    cells of both."""
    frequency: Ints
    """int64 [R, I, G, FREQUENCIES]: people of a group by how many impressions they had, from 1 on; the last has at
    least that many. Seeds may have none and are then not among them."""
    flows: Ints
    """int64 [R, I, L + 1, L]: people engaged on a platform (last axis), by where who persuaded them engaged: row 0 is
    nobody (seeds, advertisements, roots), row 1 + l the platform l."""
    carried: Ints
    """int64 [R, I, G]: people whose first sight of the item was a share, by the group of who shared it."""
    delivered: Ints
    """int64 [R, I, G, V, 2]: impressions and people engaged by group and variant."""

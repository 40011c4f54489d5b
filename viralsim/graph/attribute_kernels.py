"""Kernels of drawn attributes: smoothing over ties, likeness of tied people, exchanges that raise it."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.arithmetic import log
from viralsim.compiling import kernel
from viralsim.luck import philox, uniform

__all__ = ["exchange", "group_pairs", "normal_quantiles", "rank_sums", "smooth"]

_STAGE_EXCHANGE = 121
_CANDIDATES = 4


@kernel
def smooth(offsets: Any, ties: Any, values: Any, out: Any) -> None:
    """Fill `out` with everybody's mean over themselves and those they are tied to, summed in the order of rows.

    Parameters
    ----------
    offsets, ties : int64[people + 1], int32[2 * edges]
    values, out : float64[people]
    """
    for person in range(values.shape[0]):
        total = values[person]
        for place in range(offsets[person], offsets[person + 1]):
            total += values[ties[place]]
        out[person] = total / np.float64(offsets[person + 1] - offsets[person] + 1)


@kernel
def group_pairs(offsets: Any, followers: Any, group: Any, pairs: Any) -> None:
    """Add up the arcs from each group to each.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
    group : int32[people]
    pairs : int64[groups, groups]
        Zeros to begin with; row of the sharer's group, column of the follower's.
    """
    for sharer in range(group.shape[0]):
        own = group[sharer]
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            pairs[own, group[followers[arc]]] += 1


@kernel
def rank_sums(offsets: Any, followers: Any, score: Any, sums: Any) -> None:
    """Add up over arcs what a correlation of the sharer's score x with the follower's y needs.

    Parameters
    ----------
    offsets, followers : int64[people + 1], int32[arcs]
    score : float64[people]
    sums : float64[5]
        Filled in: sums of x, y, x^2, y^2 and x y.
    """
    sums[:] = 0.0
    for sharer in range(score.shape[0]):
        x = score[sharer]
        for arc in range(offsets[sharer], offsets[sharer + 1]):
            y = score[followers[arc]]
            sums[0] += x
            sums[1] += y
            sums[2] += x * x
            sums[3] += y * y
            sums[4] += x * y


@kernel(forceinline=True)
def _below(word: Any, word2: Any, size: Any) -> Any:
    """Turn two 32-bit words into a whole number in [0, size)."""
    return np.int64(uniform(word, word2) * np.float64(size))


@kernel
def exchange(
    key: Any,
    salt: Any,
    offsets: Any,
    ties: Any,
    order: Any,
    group: Any,
    bounds: Any,
    members: Any,
    slot: Any,
    ends: Any,
    within: Any,
    wanted: Any,
) -> Any:
    """Let people exchange groups, where that raises the assortativity coefficient of ties, until it is as wanted.

    Everybody in turn looks at the group of somebody they are tied to and, if they have more ties there, offers an
    exchange to a few of its members, drawn by luck; the first takes it with whom the coefficient grows, and
    does not go as far beyond what is wanted as it was below. Groups keep their numbers of people.

    Parameters
    ----------
    key : uint64
    salt : int
        Number of the sweep.
    offsets, ties : int64[people + 1], int32[2 * edges]
    order : int64[people]
        Whose turn it is.
    group : int32[people]
        Changed in place.
    bounds : int64[groups + 1]
        The members of group g are members[bounds[g]:bounds[g + 1]].
    members, slot : int32[people]
        People by group, and the place of each among them. Changed in place.
    ends : int64[groups]
        Ends of ties in each group. Changed in place.
    within : int
        Ends of ties whose other end is in the same group.
    wanted : float
        With W ends within, M ends and S the sum of ends^2, the coefficient is (W M - S) / (M^2 - S).

    Returns
    -------
    int
        Ends of ties within groups now.
    """
    every = np.int64(ties.shape[0])
    squares = np.int64(0)
    for own in range(ends.shape[0]):
        squares += ends[own] * ends[own]
    now = np.float64(within * every - squares) / np.float64(every * every - squares)
    for turn in range(order.shape[0]):
        if now >= wanted:
            break
        person = order[turn]
        degree = offsets[person + 1] - offsets[person]
        if degree == 0:
            continue
        w0, w1, _, _ = philox(key, person, salt, _STAGE_EXCHANGE, 0)
        own = group[person]
        wish = group[ties[offsets[person] + _below(w0, w1, degree)]]
        if wish == own:
            continue
        better = np.int64(0)
        for place in range(offsets[person], offsets[person + 1]):
            other = group[ties[place]]
            if other == wish:
                better += 1
            elif other == own:
                better -= 1
        if better <= 0:  # who would gain from coming here offers it in turn
            continue
        for attempt in range(_CANDIDATES):
            w0, w1, _, _ = philox(key, person, salt, _STAGE_EXCHANGE, 1 + attempt)
            partner = members[bounds[wish] + _below(w0, w1, bounds[wish + 1] - bounds[wish])]
            gain = better
            for place in range(offsets[partner], offsets[partner + 1]):
                other = group[ties[place]]
                if ties[place] == person:
                    gain -= 1  # these two stay apart: it was no gain that the other is in the group wished for
                elif other == own:
                    gain += 1
                elif other == wish:
                    gain -= 1
            shift = offsets[partner + 1] - offsets[partner] - degree
            after = squares + 2 * shift * (ends[own] - ends[wish] + shift)
            ahead = within + 2 * gain
            if after >= every * every:
                continue
            then = np.float64(ahead * every - after) / np.float64(every * every - after)
            if then > now and then - wanted < wanted - now:
                group[person] = wish
                group[partner] = own
                here, there = slot[person], slot[partner]
                members[here], members[there] = partner, person
                slot[person], slot[partner] = there, here
                ends[own] += shift
                ends[wish] -= shift
                squares, within, now = after, ahead, then
                break
    return within


@kernel
def normal_quantiles(shares: Any) -> None:
    """Replace shares in (0, 1) by the quantiles of the standard normal distribution (float64[n]).

    Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (Applied Statistics 37, 1988),
    relative error about 1e-16: rational functions, a square root and `viralsim.arithmetic.log`.
    """
    for i in range(shares.shape[0]):
        p = shares[i]
        q = p - 0.5
        if abs(q) <= 0.425:
            r = 0.180625 - q * q
            above = (
                (
                    (
                        (
                            ((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                            + 45921.953931549871457
                        )
                        * r
                        + 13731.693765509461125
                    )
                    * r
                    + 1971.5909503065514427
                )
                * r
                + 133.14166789178437745
            ) * r + 3.387132872796366608
            below = (
                (
                    (
                        (
                            ((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                            + 21213.794301586595867
                        )
                        * r
                        + 5394.1960214247511077
                    )
                    * r
                    + 687.1870074920579083
                )
                * r
                + 42.313330701600911252
            ) * r + 1.0
            shares[i] = q * above / below
            continue
        r = np.sqrt(-log(p if q < 0.0 else 1.0 - p))
        if r <= 5.0:
            r -= 1.6
            above = (
                (
                    (
                        (
                            ((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                            + 1.27045825245236838258
                        )
                        * r
                        + 3.64784832476320460504
                    )
                    * r
                    + 5.7694972214606914055
                )
                * r
                + 4.6303378461565452959
            ) * r + 1.42343711074968357734
            below = (
                (
                    (
                        (
                            ((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966)
                            * r
                            + 0.14810397642748007459
                        )
                        * r
                        + 0.68976733498510000455
                    )
                    * r
                    + 1.6763848301838038494
                )
                * r
                + 2.05319162663775882187
            ) * r + 1.0
        else:
            r -= 5.0
            above = (
                (
                    (
                        (
                            ((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386)
                            * r
                            + 0.026532189526576123093
                        )
                        * r
                        + 0.29656057182850489123
                    )
                    * r
                    + 1.7848265399172913358
                )
                * r
                + 5.4637849111641143699
            ) * r + 6.6579046435011037772
            below = (
                (
                    (
                        (
                            ((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5)
                            * r
                            + 7.868691311456132591e-4
                        )
                        * r
                        + 0.0148753612908506148525
                    )
                    * r
                    + 0.13692988092273580531
                )
                * r
                + 0.59983220655588793769
            ) * r + 1.0
        shares[i] = -above / below if q < 0.0 else above / below

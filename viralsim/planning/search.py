"""Searching for a seed set: lazy greedy, and swaps; what a set is worth is somebody else's matter.

Worth is a whole number (a total over realisations), so that no order of adding changes who is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Limits", "greedy", "improved", "in_order"]

Ints = npt.NDArray[np.int64]
Worth = Callable[[Sequence[Ints]], Ints]
"""What seed sets (positions) are worth: int64[sets]."""

_AT_ONCE = 4
"""So many outdated gains are played anew together: always as many, so that threads change nothing."""


@dataclass(frozen=True)
class Limits:
    """How many seeds, for how much.

    Parameters
    ----------
    count : int
        The most people.
    budget : int
        The most money, in cents.
    prices : int64 array, shape (people,)
        What each person costs, in cents.

    Examples
    --------
    >>> Limits(2, 500, np.array([100, 450, 300])).left(np.array([0]))
    400
    """

    count: int
    budget: int
    prices: Ints

    def left(self, people: Ints) -> int:
        """Return the money that is left once these people are paid."""
        return self.budget - int(self.prices[people].sum())


def greedy(
    worth: Worth,
    candidates: Ints,
    limits: Limits,
    *,
    start: Ints | None = None,
    per_price: bool = False,
    gains: Ints | None = None,
    lazy: bool = True,
    progress: Callable[[int], None] | None = None,
) -> tuple[Ints, Ints]:
    """Add the candidate who gains most, again and again, until count, money or gains are used up.

    Gains are looked at lazily: somebody whose gain was too small among fewer seeds is not played again before their
    turn comes (CELF: Leskovec, Krause, Guestrin, Faloutsos, VanBriesen & Glance 2007). Where no seed gains more by
    being among more others, this gives what plain greedy gives; elsewhere it is a heuristic.

    Parameters
    ----------
    worth : callable
    candidates : int64 array, shape (candidates,)
        Positions of people; the first wins ties.
    limits : Limits
    start : int64 array, optional
        Seeds to begin with. By default nobody.
    per_price : bool
        Whether the gain per money decides.
    gains : int64 array, shape (candidates,), optional
        What each gains alone, where that is known already.
    lazy : bool
        False plays everybody anew in each step.
    progress : callable, optional
        Called with the number of seeds so far.

    Returns
    -------
    people : int64 array
        In the order of choice.
    gains : int64 array, shape (candidates,)
        What each candidate gained when last played.

    Examples
    --------
    Four people who each cover some of six houses, and three of them to choose:

    >>> covers = [{1, 2, 3}, {3, 4}, {1, 2}, {4, 5, 6}]
    >>> def worth(sets):
    ...     return np.array([len(set().union(*(covers[person] for person in people))) for people in sets])
    >>> people, gains = greedy(worth, np.arange(4), Limits(3, 0, np.zeros(4, dtype=np.int64)))
    >>> people.tolist()  # with the first two everything is covered
    [0, 3]
    """
    chosen = np.zeros(0, dtype=np.int64) if start is None else start
    value = int(worth([chosen])[0])
    fresh_at = np.full(len(candidates), len(chosen))
    if gains is None:
        gains = worth([np.append(chosen, person) for person in candidates]) - value
    gains = gains.copy()
    prices = limits.prices[candidates]
    shares = 1.0 / np.maximum(prices, 0.5) if per_price else np.ones(len(candidates))
    free = ~np.isin(candidates, chosen)
    while len(chosen) < limits.count:
        possible = np.flatnonzero(free & (prices <= limits.left(chosen)))
        if len(possible) == 0:
            break
        while True:
            ranked = possible[np.lexsort((possible, -(gains[possible] * shares[possible])))]
            outdated = ranked[fresh_at[ranked] != len(chosen)]
            if len(outdated) == 0 or (lazy and fresh_at[ranked[0]] == len(chosen)):
                break
            again = outdated[:_AT_ONCE] if lazy else outdated
            gains[again] = worth([np.append(chosen, candidates[one]) for one in again]) - value
            fresh_at[again] = len(chosen)
        best = ranked[0]
        if gains[best] <= 0:
            break
        chosen = np.append(chosen, candidates[best])
        value += int(gains[best])
        free[best] = False
        if progress is not None:
            progress(len(chosen))
    return chosen, gains


def improved(
    worth: Worth, people: Ints, candidates: Ints, gains: Ints, limits: Limits, *, rounds: int = 2, width: int = 16
) -> Ints:
    """Exchange seeds for others, and add others where money is left, for as long as a set gets better.

    Parameters
    ----------
    worth : callable
    people : int64 array
        The set to begin with.
    candidates, gains : int64 arrays, shape (candidates,)
        Who may come in, and by what they are tried first.
    limits : Limits
    rounds : int
        How often every seed is looked at, at most.
    width : int
        So many candidates are tried in the place of each.

    Returns
    -------
    int64 array
        Worth at least what `people` are.

    Examples
    --------
    >>> covers = [{1, 2, 3}, {3, 4}, {1, 2}, {4, 5, 6}]
    >>> def worth(sets):
    ...     return np.array([len(set().union(*(covers[person] for person in people))) for people in sets])
    >>> free = Limits(2, 0, np.zeros(4, dtype=np.int64))
    >>> improved(worth, np.array([1, 2]), np.arange(4), np.array([3, 2, 2, 3]), free).tolist()
    [3, 0]
    """
    value = int(worth([people])[0])
    ranked = candidates[np.argsort(-gains, kind="stable")]
    for _ in range(rounds):
        before = value
        if len(people):
            without = worth([np.delete(people, index) for index in range(len(people))])
            for leaving in people[np.argsort(-without, kind="stable")]:
                rest = people[people != leaving]
                fitting = limits.prices[ranked] <= limits.left(rest)
                coming = ranked[fitting & ~np.isin(ranked, people)][:width]
                if len(coming) == 0:
                    continue
                values = worth([np.append(rest, person) for person in coming])
                best = int(np.argmax(values))
                if values[best] > value:
                    people, value = np.append(rest, coming[best]), int(values[best])
        if len(people) < limits.count:
            added, _ = greedy(worth, ranked, limits, start=people)
            if len(added) > len(people):
                people, value = added, int(worth([added])[0])
        if value == before:
            break
    return people


def in_order(worth: Worth, people: Ints, prices: Ints, *, per_price: bool = False) -> Ints:
    """Return the same people so that the first few are worth most: nested sets for a curve.

    Examples
    --------
    >>> def worth(sets):
    ...     return np.array([sum(2 - (person == 7) for person in people) for people in sets])
    >>> in_order(worth, np.array([7, 2, 4]), np.zeros(8, dtype=np.int64)).tolist()
    [2, 4, 7]
    """
    everything = Limits(len(people), int(prices[people].sum()), prices)
    ordered, _ = greedy(worth, people, everything, per_price=per_price)
    return np.concatenate([ordered, people[~np.isin(people, ordered)]])

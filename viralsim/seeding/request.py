"""What a strategy is asked: choose so many of these people, for so much money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.graph import Arcs, SocialGraph
from viralsim.luck import uniforms
from viralsim.seeding.drawing import NO_LIMIT

__all__ = ["Request"]

People = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Request:
    """A wave of a plan as its strategy sees it.

    Parameters
    ----------
    graph : SocialGraph
        Who there is.
    arcs : Arcs
        Arcs of the wave's platform: influence goes along them, from a person to their followers.
    eligible : int64 array
        Positions of the people to choose from, ascending.
    count : int
        The most people to choose; the number of those eligible where only a budget is given.
    budget : int, optional
        The most money to spend, in cents. By default there is no limit.
    prices : int64 array, shape (people,), optional
        What each person costs, in cents. By default nothing.
    key : numpy.uint64
        Stream of the wave's luck.
    group : int
        Number of the group within the wave, part of the counter of its luck.
    parameters : mapping
        Parameters of the strategy, as the catalogue declares them.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 0, 0, 1, 1, 2], [1, 2, 3, 2, 3, 3])
    >>> prices = np.array([900, 200, 100, 100])
    >>> request = Request(graph, graph.arcs, np.arange(4), 2, 400, prices)
    >>> request.ranked(graph.arcs.out_degree).tolist()  # 0 is too dear, and is passed over
    [1, 2]
    """

    graph: SocialGraph
    arcs: Arcs
    eligible: People
    count: int
    budget: int | None = None
    prices: People | None = None
    key: np.uint64 = field(default_factory=lambda: np.uint64(0))
    group: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def purse(self) -> tuple[People, int]:
        """Prices of all people and the budget for kernels: zeros and `NO_LIMIT` where there is none."""
        if self.prices is None or self.budget is None:
            return np.zeros(self.graph.people, dtype=np.int64), NO_LIMIT
        return self.prices, self.budget

    def take(self, ranking: People) -> People:
        """Cut a ranking of people by count and budget: who costs more than is left is passed over.

        Parameters
        ----------
        ranking : int64 array
            Positions, best first.

        Returns
        -------
        int64 array
            Those who are taken, in the order of the ranking.
        """
        if self.budget is None or self.prices is None:
            return ranking[: self.count]
        costs = self.prices[ranking]
        spent = np.cumsum(costs)
        whole = int(np.searchsorted(spent, self.budget, side="right"))  # all fit up to here
        if whole >= min(self.count, len(ranking)):
            return ranking[: self.count]
        taken = list(range(whole))
        left = self.budget - (int(spent[whole - 1]) if whole else 0)
        at = whole
        while len(taken) < self.count:
            fitting = np.flatnonzero(costs[at:] <= left)
            if len(fitting) == 0:
                break
            # As many as fit in a row, among those who fit one by one.
            run = fitting[: self.count - len(taken)] + at
            fit = max(1, int(np.searchsorted(np.cumsum(costs[run]), left, side="right")))
            taken.extend(run[:fit].tolist())
            left -= int(costs[run[:fit]].sum())
            at = int(run[fit - 1]) + 1
        return ranking[taken]

    def ranked(self, scores: npt.NDArray[Any]) -> People:
        """Take those with the highest scores.

        Ties go to luck, not to the order of the file, which often means something.

        Parameters
        ----------
        scores : ndarray, shape (people,)
            Of everybody; only those of the eligible matter.
        """
        values = scores[self.eligible]
        if values.dtype.kind in "bu":
            values = values.astype(np.int64)
        return self.take(self.eligible[np.lexsort((self.ties(self.eligible), -values))])

    def ties(self, people: People) -> npt.NDArray[np.float64]:
        """Return the luck that orders people of equal score, smallest first.

        Parameters
        ----------
        people : int64 array
            Positions.

        Returns
        -------
        float64 array
            In [0, 1), one per person.
        """
        return np.asarray(uniforms(self.key, 0, self.group, people, 2))

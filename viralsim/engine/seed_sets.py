"""Playing many seed sets of one wave in the same realisations: what planning spends its time on."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

from viralsim.engine.compile import Campaign, waves_by_start
from viralsim.engine.kernels import CURVES, GENERATIONS, ROW, Program, play
from viralsim.engine.realisations import (
    MOST_REALISATIONS,
    Work,
    no_accounts,
    usable_threads,
    with_accounts,
    workspace,
)
from viralsim.engine.unknowns import drawn_numbers, numbers_of
from viralsim.errors import UsageError

__all__ = ["SeedSets"]

People = npt.NDArray[np.int64]

_MOST_BYTES = 1 << 30
"""Programs of unknown numbers are kept up to this size, and made anew each time beyond it."""


class SeedSets:
    """Plays seed sets of one wave in the same realisations, each as if the plan named these people.

    Parameters
    ----------
    campaign : Campaign
        Its other waves keep their people.
    wave : str
        The wave whose people are replaced; one with the strategy "explicit".
    first, count : int
        Which realisations: ``first .. first + count - 1``.
    threads : int, optional
        By default one per usable processor; never changes a number.
    impressions : bool
        Whether reach and impressions are counted.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> settings = ["network.people=500", "plan.mine.wave.w={strategy='explicit', people=[0]}"]
    >>> scenario = vs.read_scenario(settings=settings)
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network), "mine")
    >>> rows = SeedSets(campaign, "w", 0, 5).play([np.array([0]), np.array([0, 7]), np.array([], dtype=np.int64)])
    >>> rows.shape, rows[:, 0, 0, ROW.index("seeds")].tolist()
    ((3, 5, 1, 13), [1, 2, 0])
    """

    def __init__(
        self,
        campaign: Campaign,
        wave: str,
        first: int,
        count: int,
        *,
        threads: int | None = None,
        impressions: bool = False,
    ) -> None:
        if count < 1 or first < 0 or first + count > MOST_REALISATIONS:
            last = first + count - 1
            raise UsageError(f"realisations are numbered from 0 to {MOST_REALISATIONS - 1:,}, got {last:,}")
        self._campaign = campaign
        self._wave = wave
        self._first, self._count = first, count
        self._threads = threads or usable_threads()
        self._impressions = impressions or campaign.needs_brand or campaign.needs_crowd
        self._spare: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._numbers = None
        self._kept: dict[int, tuple[Program, int]] = {}
        self._kept_bytes = 0
        if campaign.scenario.unknowns:
            self._numbers = drawn_numbers(campaign.scenario, np.arange(first // 2, (first + count - 1) // 2 + 1))

    def play(self, sets: Sequence[People]) -> npt.NDArray[np.int64]:
        """Play every set in every realisation.

        Parameters
        ----------
        sets : sequence of int64 arrays
            Positions of the people of each set; nobody is in a set twice.

        Returns
        -------
        int64 array, shape (sets, realisations, items, len(ROW))
            What the kernel counts; the cost is that of the other waves alone.

        Raises
        ------
        KeyboardInterrupt
            Passed on within a fraction of a second; all threads have ended by then.
        """
        items, segments = len(self._campaign.items), len(self._campaign.program.segments)
        rows = np.zeros((len(sets), self._count, items, len(ROW)), dtype=np.int64)
        # A set is cut into blocks where there are fewer sets than threads; blocks begin with a pair of realisations.
        blocks = max(1, min(self._count // 8, -(-2 * self._threads // max(1, len(sets)))))
        size = -(-self._count // blocks)
        edges = [0, *range(size + (size + self._first) % 2, self._count, size + size % 2), self._count]
        stop = np.zeros(1, dtype=np.uint8)
        tasks = ((index, start, end) for index in range(len(sets)) for start, end in pairwise(edges) if start < end)

        def play_block(index: int, start: int, end: int) -> None:
            try:
                work = self._spare.get_nowait()
            except queue.Empty:
                work = workspace(self._campaign)
            people = sets[index].astype(np.uint32)
            while start < end and not stop[0]:
                last = end if self._numbers is None else min(end, start + 2 - (self._first + start) % 2)
                number = self._first + start
                accounts = no_accounts(self._campaign, last - start if self._campaign.needs_crowd else 0)
                play(
                    _with_group(*self._program(number // 2 - self._first // 2), people),
                    *with_accounts(work, accounts, slice(None)),
                    number,
                    self._impressions,
                    False,
                    rows[index, start:last],
                    np.zeros((last - start, items, GENERATIONS), dtype=np.int64),
                    np.zeros((last - start, items, len(CURVES), 1), dtype=np.int64),
                    np.zeros((last - start, segments, 1), dtype=np.int64),
                    np.zeros((last - start, segments, 3, 0), dtype=np.int64),
                    stop,
                )
                start = last
            self._spare.put(work)

        with ThreadPoolExecutor(self._threads, thread_name_prefix="viralsim") as pool:
            try:
                running = {pool.submit(play_block, *task) for task in islice(tasks, 4 * self._threads)}
                while running:
                    done, running = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                    running |= {pool.submit(play_block, *task) for task in islice(tasks, len(done))}
            except BaseException:
                stop[0] = 1
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return rows

    def _program(self, pair: int) -> tuple[Program, int]:
        """Return the program of a pair, and the number of the wave's group in it; of all where nothing is unknown."""
        known = self._kept.get(pair if self._numbers is not None else 0)
        if known is not None:
            return known
        campaign = self._campaign
        scenario, program = campaign.scenario, campaign.program
        if self._numbers is not None:
            program = campaign.drawn(self._numbers[pair])
            scenario = scenario.with_numbers(numbers_of(scenario, self._numbers[pair]))
        names = [name for name, _ in waves_by_start(scenario, campaign.plan)]
        group = sum(len(campaign.seeds[name].groups) for name in names[: names.index(self._wave)])
        # One report time, the end, so that no time goes into curves.
        made = program._replace(report_index=np.zeros_like(program.report_index), quantile_of=np.full(1, -1)), group
        size = program.limits.nbytes + program.log_miss.nbytes + program.dose.nbytes
        if self._numbers is None or self._kept_bytes + size <= _MOST_BYTES:
            self._kept[pair if self._numbers is not None else 0] = made
            self._kept_bytes += size
        return made


def _with_group(program: Program, group: int, people: npt.NDArray[np.uint32]) -> Program:
    """Return a program with other people, who cost nothing, in one of its groups."""
    first, end = program.groups["first_person"][group : group + 2].tolist()
    groups = program.groups.copy()
    groups["first_person"][group + 1 :] += len(people) - (end - first)
    groups["count"][group] = len(people)
    free = np.zeros(len(people), dtype=np.int64)
    return program._replace(
        groups=groups,
        pool=np.concatenate([program.pool[:first], people, program.pool[end:]]),
        prices=np.concatenate([program.prices[:first], free, program.prices[end:]]),
    )

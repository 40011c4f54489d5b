"""Playing many realisations: blocks on threads, progress, interruption; and replaying one."""

from __future__ import annotations

import contextlib
import operator
import os
import queue
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from viralsim.engine.accounts import CELLS, FREQUENCIES, Audience
from viralsim.engine.compile import Campaign
from viralsim.engine.crowd_kernels import UNSEEN
from viralsim.engine.exposure_kernels import exposed, first_impressions
from viralsim.engine.item_kernels import NOT_YET
from viralsim.engine.kernels import (
    ARRIVAL,
    CANDIDATE,
    CHUNK,
    CURVES,
    ENTRY,
    GENERATIONS,
    ROW,
    SIGHT,
    SORTED,
    TRUST,
    Brand,
    Crowd,
    Laws,
    Program,
    State,
    Workspace,
    play,
)
from viralsim.engine.law_kernels import EMISSIONS, LAWS, PEOPLE_AT_ONCE
from viralsim.engine.platform_kernels import MOST_STRANGERS
from viralsim.engine.trust_kernels import BATCH, HARM, THOUSANDTHS
from viralsim.engine.unknowns import drawn_numbers
from viralsim.errors import UsageError

__all__ = [
    "MOST_REALISATIONS",
    "Played",
    "Recalled",
    "Recorded",
    "play_here",
    "play_realisations",
    "recall_realisation",
    "record_realisation",
    "require_memory",
    "usable_threads",
    "workspace",
]

MOST_REALISATIONS = 2**32
"""Realisations are numbered with 32 bits."""

_NEVER_TOO_MUCH = 16 << 20
"""Bytes that there always are: looking how many takes longer than playing a few realisations."""

Ints = npt.NDArray[np.int64]


class Played(NamedTuple):
    """What the kernel counted for consecutive realisations, I items, K report times."""

    rows: Ints
    """int64 [realisations, I, len(ROW)]"""
    generations: Ints
    """int64 [realisations, I, GENERATIONS]"""
    curves: Ints
    """int64 [realisations, I, len(CURVES), K]"""
    trust: Ints
    """int64 [realisations, G, K]: trust in the brand of the people of each segment, summed, in units of 2^-32; G is 0
    where nothing can take trust."""
    trust_quantiles: Ints
    """int64 [realisations, G, 3, Q]: 5 %, 50 % and 95 % of it at `viralsim.engine.compile.quantile_times`, in
    thousandths; -1 in segments without people."""
    audience: Audience | None = None
    """Counts by group and platform, where they were asked for."""


class Recorded(NamedTuple):
    """Who engaged in one realisation, in the order of engagement; one entry per (item, person)."""

    person: Ints
    """Positions."""
    item: Ints
    platform: Ints
    """Where they engaged; axes of the campaign."""
    tick: Ints
    parent: Ints
    """Entry of the person whose share did it; -1 for seeds, -2 where it was an advertisement, -3 for those whose
    testimony is born of content that disappointed them."""
    generation: Ints
    shared_at: Ints
    """Tick of their own share, -1 where it never comes within the horizon."""


class Recalled(NamedTuple):
    """One realisation: who engaged, and what came between the items."""

    recorded: Recorded
    played: Played
    """Of this realisation alone."""
    begins: Ints
    """int64 [I]: the tick from which an item's start counts, without its delay; for those that wait for another the one
    in which they were triggered, -1 where nothing did."""
    proven_at: Ints
    """int64 [I]: the tick from which an item is proven false, -1 where it is not."""
    heard_at: Ints | None
    """int64 [people]: the tick in which they first saw testimony or a rumour, -1 where they never did; None where
    nothing of the kind is there, or where it is told in contacts or a feed shows some of it only: what is seen is then
    not counted again."""


def usable_threads() -> int:
    """Return how many processors this process may use.

    Examples
    --------
    >>> usable_threads() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _available_memory() -> int:
    """Return the bytes that can be had: page cache counts as free, a control group's limit as the end."""
    available = 8 << 30
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    with contextlib.suppress(OSError, ValueError):  # "max" is no number: there is no limit
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        available = min(available, max(limit - used, 0))
    return available


def _whole(value: object, what: str) -> int:
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise UsageError(f"{what} must be a whole number, got {value!r}") from None


def _number(realisation: object) -> int:
    """Return the number of a realisation, where it is one."""
    number = _whole(realisation, "the realisation")
    if not 0 <= number < MOST_REALISATIONS:
        raise UsageError(f"realisations are numbered from 0 to {MOST_REALISATIONS - 1:,}, got {number}")
    return number


Work = tuple[State, Laws | None, Brand | None, Crowd | None, Workspace]
"""All scratch memory of one thread."""


def workspace(campaign: Campaign, record: bool = False, audiences: bool = False) -> Work:
    """Make the scratch memory that one thread needs for a campaign, with parents or without.

    With `audiences` people are counted by group and platform; where the accounts go is for `with_accounts` to say.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> workspace(compile_campaign(scenario, vs.load_network(scenario.network)))[0].entry_of.shape
    (1, 500)
    """
    program = campaign.program
    items, people, horizon = len(campaign.items), program.people, program.horizon
    words, entries = (people + 63) // 64, items * people + 1
    crowded = campaign.needs_crowd or audiences
    queue_length = entries + items * people * (len(campaign.platforms) - 1)  # with posts elsewhere
    arcs = int(program.offsets[-1, -1])
    longest_row = int(np.diff(program.offsets, axis=1).max(initial=0))
    law, emission = program.items["law"], program.items["emission"]
    has_thresholds = bool(law.any())
    counts_once = bool(np.any((law >= LAWS.index("uniform")) & (emission != 0)))
    # At most every arc delivers a dose of every item in one tick, and an advertisement to everybody.
    logs = has_thresholds and (record or program.settles)
    log = items * (arcs + people) * logs + 1
    arrivals = int(np.bincount(program.followers[:arcs], minlength=1).max()) + 2 if logs else 1
    contacts = queue_length if np.any(emission == EMISSIONS.index("contact")) else 1
    many = people if has_thresholds else 1
    state = State(
        engaged=np.zeros((items, words), dtype=np.uint64),
        reached=np.zeros((items, words), dtype=np.uint64),
        touched=np.zeros((items, (people >> 12) + 1), dtype=np.uint8),
        entry_of=np.empty((items, people), dtype=np.int32),
        queue=np.zeros(queue_length, dtype=ENTRY),
        first_sharer=np.full(horizon + 2, -1, dtype=np.int32),
        sharers=np.empty(queue_length, dtype=np.int32),
        first_share=np.full(items, 2**62, dtype=np.int64),
        posts=np.zeros(1, dtype=np.int64),
    )
    laws = Laws(
        remaining=np.empty((items, many), dtype=np.int64),
        dirty=np.empty((items, many), dtype=np.uint32),
        dirtied=np.zeros(items, dtype=np.int64),
        counted=np.zeros((items, arcs // 64 + 2 if counts_once else 1), dtype=np.uint64),
        seen=np.empty(longest_row + 1, dtype=np.uint64),
        people=np.empty(longest_row + 1, dtype=np.uint32),
        fresh=np.empty(longest_row + 1, dtype=np.uint32),
        persuaded=np.empty(longest_row + 1, dtype=np.uint32),
        words=np.empty(max(longest_row + 1, PEOPLE_AT_ONCE), dtype=np.uint32),
        threshold_lows=np.empty(items, dtype=np.uint32),
        threshold_highs=np.empty(items, dtype=np.uint32),
        log=np.empty(log, dtype=ARRIVAL),
        arrivals=np.empty(arrivals, dtype=SORTED),
        contacts=np.empty(contacts, dtype=SORTED),
        ad_chances=np.empty(len(program.profiles), dtype=np.uint64),
    )
    space = Workspace(
        chosen=np.zeros(words, dtype=np.uint64),
        picked=np.empty(campaign.most_seeds, dtype=np.uint32),
        people=np.empty(CHUNK, dtype=np.uint32),
        keys=np.empty(CHUNK, dtype=np.uint64),
        attempts=np.empty(CHUNK, dtype=np.uint32),
        starts=np.empty(CHUNK, dtype=np.uint64),
        ends=np.empty(CHUNK, dtype=np.uint64),
        lows=np.empty(CHUNK, dtype=np.uint32),
        highs=np.empty(CHUNK, dtype=np.uint32),
        lucky_arcs=np.empty(longest_row + 1, dtype=np.uint64),
        new_at=np.zeros((items, horizon + 1), dtype=np.int64),
        length=np.zeros(1, dtype=np.int64),
    )
    return (
        state,
        laws if campaign.needs_laws or crowded else None,
        _brand(campaign) if campaign.needs_brand or crowded else None,
        _crowd(campaign) if crowded else None,
        space,
    )


def with_accounts(work: Work, audience: Audience, part: slice) -> Work:
    """Let accounts go to these realisations of an audience, where anything is counted for it."""
    state, laws, brand, crowd, space = work
    if crowd is not None:
        crowd = crowd._replace(**{name: array[part] for name, array in audience._asdict().items()})
    return state, laws, brand, crowd, space


def no_accounts(campaign: Campaign, count: int) -> Audience:
    """Make room for the accounts of so many realisations."""
    shape = (count, len(campaign.items), len(campaign.groups))
    platforms = len(campaign.platforms)
    variants = campaign.program.variant_fit.shape[1]
    sizes = {
        "cells": (*shape, platforms, len(CELLS)),
        "reach": shape,
        "frequency": (*shape, FREQUENCIES),
        "flows": (*shape[:2], platforms + 1, platforms),
        "carried": shape,
        "delivered": (*shape, variants, 2),
    }
    return Audience(**{name: np.zeros(size, dtype=np.int64) for name, size in sizes.items()})


def _crowd(campaign: Campaign) -> Crowd:
    """Make the scratch memory of a campaign of several audiences or platforms."""
    program = campaign.program
    items, platforms, people = len(campaign.items), len(campaign.platforms), program.people
    feeds = int((program.platforms["feed"] >= 0).sum())
    # At most every arc brings every item in one tick, and every post is shown to as many strangers as can be.
    strangers = np.ceil(program.platforms["discovery_most"]).astype(np.int64)
    if any(unknown.path[-1] == "most" for unknown in campaign.scenario.unknowns):
        strangers[program.platforms["discovery_rate"] > 0.0] = MOST_STRANGERS
    log = items * int(program.offsets[-1, -1] + people * strangers.sum()) if feeds else 0
    return Crowd(
        sights=_unseen(items, people),
        reached_on=np.zeros((items, platforms, (people + 63) // 64), dtype=np.uint64),
        engaged_on=np.zeros((items, platforms), dtype=np.int64),
        drawn=np.empty(MOST_STRANGERS, dtype=np.uint32),
        strangers=np.empty(MOST_STRANGERS, dtype=np.uint32),
        lucks=np.empty(MOST_STRANGERS, dtype=np.uint32),
        feed_counts=np.zeros((feeds, people), dtype=np.int32),
        feed_cutoffs=np.zeros((feeds, people), dtype=np.uint64),
        feed_log=np.empty(log, dtype=CANDIDATE),
        feed_keys=np.empty(log, dtype=SORTED),
        feed_logged=np.zeros(1, dtype=np.int64),
        at=np.zeros(1, dtype=np.int64),
        **no_accounts(campaign, 1)._asdict(),
    )


def _unseen(items: int, people: int) -> npt.NDArray[np.void]:
    sights = np.zeros((items, people), dtype=SIGHT)
    sights["tick"] = UNSEEN
    return sights


def _brand(campaign: Campaign) -> Brand:
    """Make the scratch memory of a campaign whose items touch."""
    program = campaign.program
    items, effects, segments = len(campaign.items), len(program.trust_order), len(program.segments)
    many = program.people if effects else 1
    stage_of = np.full(items, effects, dtype=np.int64)
    stage_of[program.trust_order] = np.arange(effects)
    return Brand(
        reached=np.zeros(items, dtype=np.int64),
        base=np.zeros(items, dtype=np.int64),
        slot_of=np.full(many, -1, dtype=np.int32),
        touched=np.zeros(many, dtype=TRUST),
        touches=np.zeros(1, dtype=np.int64),
        impressed=np.empty(BATCH + 1, dtype=np.uint32),
        slots=np.empty(BATCH, dtype=np.int32),
        lost=np.zeros(segments, dtype=np.int64),
        gap=np.zeros(segments),
        gap_change=np.zeros(segments, dtype=np.int64),
        counts=np.zeros((2, segments, THOUSANDTHS + 1), dtype=np.int32),
        stage_of=stage_of,
        visits=np.empty((effects + 1, items * program.people * len(campaign.platforms) + 1), dtype=np.int32),
        visitors=np.zeros(effects + 1, dtype=np.int64),
        converted=np.zeros((program.people + 63) // 64, dtype=np.uint64),
        baseline_low=np.zeros(1, dtype=np.uint32),
        baseline_high=np.zeros(1, dtype=np.uint32),
    )


def require_memory(count: int, items: int, times: int, copies: int = 2, segments: int = 0, counted: int = 0) -> None:
    """Refuse more realisations than memory holds.

    Parameters
    ----------
    count, items, times : int
        Realisations, items of the scenario, report times.
    copies : int
        How many times the numbers are held at once: adding blocks and summarising need a second copy,
        writing them to disk two more.
    segments : int
        Segments whose trust is told.
    counted : int
        Numbers of the accounts by group and platform.

    Raises
    ------
    UsageError
        They do not fit; the hint says how many do.

    Examples
    --------
    >>> require_memory(1000, 1, 100)
    """
    each = copies * 8 * (items * (len(ROW) + GENERATIONS + len(CURVES) * times) + segments * (times + 60) + counted)
    if count * each < _NEVER_TOO_MUCH:
        return
    available = _available_memory()
    if count * each > available:
        raise UsageError(
            f"{count:,} realisations need {count * each / 1e9:,.1f} GB of memory, {available / 1e9:,.1f} GB are free",
            hint=f"ask for at most {available // each:,} realisations, for a precision instead, "
            "or for fewer report.times",
        )


def allocate(campaign: Campaign, count: int, audiences: bool = False) -> Played:
    """Make room for the results of so many realisations, with accounts or without, or say that there is none."""
    items, times = len(campaign.items), len(campaign.report_ticks)
    segments = len(campaign.program.segments) if len(campaign.program.trust_order) else 0
    quantiles = int(campaign.program.quantile_of.max()) + 1
    counted = sum(array.size for array in no_accounts(campaign, 1)) if audiences else 0
    require_memory(count, items, times, segments=segments, counted=counted)
    played = Played(
        np.zeros((count, items, len(ROW)), dtype=np.int64),
        np.zeros((count, items, GENERATIONS), dtype=np.int64),
        np.zeros((count, items, len(CURVES), times), dtype=np.int64),
        np.zeros((count, segments, times), dtype=np.int64),
        np.zeros((count, segments, 3, quantiles), dtype=np.int64),
        no_accounts(campaign, count) if audiences else None,
    )
    if segments and not campaign.needs_brand:  # nothing will touch it
        people, profiles = campaign.program.segments["people"], campaign.program.profiles
        played.trust[:] = campaign.program.segments["trust"][:, None]
        start = np.zeros((segments, THOUSANDTHS + 1), dtype=np.int64)
        at_first = np.floor(profiles["trust"] * THOUSANDTHS + 0.5).astype(np.int64)
        np.add.at(start, (profiles["segment"], at_first), campaign.profiles.counts)
        wanted = (people[:, None] * np.array([5, 50, 95]) + 99) // 100
        reached = (start.cumsum(axis=1)[:, None, :] < wanted[:, :, None]).sum(axis=2)
        played.trust_quantiles[:] = np.where(people[:, None] > 0, reached, -1)[:, :, None]
    return played


def play_realisations(
    campaign: Campaign,
    first: int,
    count: int,
    *,
    threads: int | None = None,
    block: int | None = None,
    impressions: bool = True,
    progress: Callable[[int], None] | None = None,
    each: Callable[[int, Program, State, int, Brand | None], None] | None = None,
) -> Played:
    """Play the realisations ``first .. first + count - 1``; equal numbers for any threads and block.

    Parameters
    ----------
    campaign : Campaign
    first, count : int
        Which realisations; ``first + count`` at most 2^32.
    threads : int, optional
        Threads, by default one per usable processor.
    block : int, optional
        Realisations that a thread plays at a time, by default up to 64.
    impressions : bool
        Whether reach and impressions are counted, by audience too where the scenario tells them. Where items touch,
        and on several platforms, they always are.
    progress : callable, optional
        Called now and then, in this thread, with the number of realisations finished.
    each : callable, optional
        Called after every realisation, in the thread that has played it, with its number, the program it was played
        by, the state it left, the length of its queue (who engaged, with their parents), and where items touch what
        it knew of them. All is overwritten by the next realisation. Several threads call it at once, in any order.

    Raises
    ------
    UsageError
        The numbers make no sense or the result does not fit into memory.
    KeyboardInterrupt
        Passed on within a fraction of a second; all threads have ended by then.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network))
    >>> play_realisations(campaign, 0, 3).rows.shape
    (3, 1, 13)
    """
    first, count = _whole(first, "the first realisation"), _whole(count, "the number of realisations")
    if count < 1:
        raise UsageError(f"the number of realisations must be at least 1, got {count}")
    if first < 0 or first + count > MOST_REALISATIONS:
        raise UsageError(f"realisations are numbered from 0 to {MOST_REALISATIONS - 1:,}, got {first + count - 1:,}")
    if threads is not None and threads < 1:
        raise UsageError(f"the number of threads must be at least 1, got {threads}")
    if block is not None and block < 1:
        raise UsageError(f"a block must hold at least 1 realisation, got {block}")
    impressions = impressions or campaign.needs_brand or campaign.needs_crowd
    played = allocate(campaign, count, audiences=impressions and campaign.scenario.tells_audiences)
    threads = min(threads or usable_threads(), count)
    block = block or max(1, min(64, count // (4 * threads)))
    if campaign.scenario.unknowns:
        block += block % 2
    stop = np.zeros(1, dtype=np.uint8)
    spare: queue.SimpleQueue[Work] = queue.SimpleQueue()
    drawn = _drawn_pairs(campaign, first, count)

    def play_block(start: int, end: int) -> int:
        try:
            work = spare.get_nowait()
        except queue.Empty:
            work = workspace(campaign, each is not None, played.audience is not None)
        done = _play_block(campaign, first, start, end, drawn, played, work, impressions, stop, each)
        spare.put(work)
        return done

    finished = 0
    # Blocks of whole pairs, wherever the first realisation stands in its own.
    edges = [0, *range(block - (first % 2 if drawn is not None else 0), count, block), count]
    blocks = pairwise(edges)
    # Threads are worth their start-up even for one: the main thread stays free to hear an interrupt.
    with ThreadPoolExecutor(threads, thread_name_prefix="viralsim") as pool:
        try:
            running = {pool.submit(play_block, *one) for one in islice(blocks, 2 * threads)}
            while running:
                done, running = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
                for future in done:
                    finished += future.result()
                    following = next(blocks, None)
                    if following is not None:
                        running.add(pool.submit(play_block, *following))
                if progress is not None:
                    progress(finished)
        except BaseException:
            stop[0] = 1
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return played


def play_here(
    campaign: Campaign, first: int, count: int, work: Work, impressions: bool, stop: npt.NDArray[np.uint8]
) -> tuple[Played, int]:
    """Play realisations in this thread alone, without accounts of audiences: what many short campaigns ask for.

    Parameters
    ----------
    campaign : Campaign
    first, count : int
        Which realisations.
    work : Work
        Scratch memory for this campaign, as `workspace` makes it.
    impressions : bool
        As in `play_realisations`.
    stop : uint8 array, shape (1,)
        Becomes other than 0 where somebody wants no more of it: it then ends within a tick, and `work` is worn out.

    Returns
    -------
    Played
        The same as of `play_realisations`, but for the audience.
    int
        How many of them, from the first on, were finished.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network))
    >>> played, done = play_here(campaign, 0, 3, workspace(campaign), True, np.zeros(1, dtype=np.uint8))
    >>> done, bool((played.rows == play_realisations(campaign, 0, 3).rows).all())
    (3, True)
    """
    impressions = impressions or campaign.needs_brand or campaign.needs_crowd
    played = allocate(campaign, count)
    drawn = _drawn_pairs(campaign, first, count)
    return played, _play_block(campaign, first, 0, count, drawn, played, work, impressions, stop, None)


def _drawn_pairs(campaign: Campaign, first: int, count: int) -> npt.NDArray[np.float64] | None:
    """Return the numbers drawn for each pair among some realisations; None where nothing is unknown."""
    if not campaign.scenario.unknowns:
        return None
    return drawn_numbers(campaign.scenario, np.arange(first // 2, (first + count - 1) // 2 + 1))


def _play_block(
    campaign: Campaign,
    first: int,
    start: int,
    end: int,
    drawn: npt.NDArray[np.float64] | None,
    played: Played,
    work: Work,
    impressions: bool,
    stop: npt.NDArray[np.uint8],
    each: Callable[[int, Program, State, int, Brand | None], None] | None,
) -> int:
    """Play the realisations ``first + start .. first + end - 1`` into their rows; return how many were finished."""
    program, pair, done = campaign.program, -1, 0
    while start < end and not stop[0]:
        # Both realisations of a pair have the same unknown numbers; without unknowns a block is played at once.
        last = end if drawn is None else min(end, start + 2 - (first + start) % 2)
        if each is not None:
            last = start + 1
        if drawn is not None and (first + start) // 2 != pair:
            pair = (first + start) // 2
            program = campaign.drawn(drawn[pair - first // 2])
        part = slice(start, last)
        audience = played.audience or no_accounts(campaign, last - start if campaign.needs_crowd else 0)
        finished = play(
            program,
            *with_accounts(work, audience, part if played.audience else slice(None)),
            first + start,
            impressions,
            each is not None,
            played.rows[part],
            played.generations[part],
            played.curves[part],
            played.trust[part],
            played.trust_quantiles[part],
            stop,
        )
        if each is not None and finished:
            each(first + start, program, work[0], int(work[4].length[0]), work[2])
        done += finished
        start = last
    return done


def record_realisation(campaign: Campaign, realisation: int) -> Recorded:
    """Play one realisation and return who got it from whom and when.

    Parameters
    ----------
    campaign : Campaign
    realisation : int
        Its number, 0 .. 2^32 - 1; the same realisation as in any `play_realisations`.

    Raises
    ------
    UsageError
        There is no realisation with this number.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network))
    >>> int(record_realisation(campaign, 0).parent[0])
    -1
    """
    realisation = _number(realisation)
    found: list[Recorded] = []

    def keep(_: int, __: Program, state: State, length: int, ___: Brand | None) -> None:
        found.append(_recorded(state, length))

    play_realisations(campaign, realisation, 1, threads=1, impressions=False, each=keep)
    return found[0]


def _recorded(state: State, length: int) -> Recorded:
    entries = state.queue[:length]
    return Recorded(*(entries[name].astype(np.int64) for name in Recorded._fields))


def recall_realisation(campaign: Campaign, realisation: int) -> Recalled:
    """Play one realisation whose items touch, and return besides who engaged what came between the items.

    Parameters
    ----------
    campaign : Campaign
    realisation : int
        Its number, as in `record_realisation`.

    Raises
    ------
    UsageError
        There is no realisation with this number.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> rumour = "item.rumour={kind='rumour', stickiness=0.1, wave={a={strategy='random', count=5}}}"
    >>> scenario = vs.read_scenario(settings=["network.people=500", rumour])
    >>> recalled = recall_realisation(compile_campaign(scenario, vs.load_network(scenario.network)), 0)
    >>> recalled.played.trust.shape[1:], recalled.begins.tolist(), bool((recalled.heard_at >= 0).any())
    ((1, 100), [0, 0], True)
    """
    realisation = _number(realisation)
    found: list[tuple[Recorded, Ints, Ints, Ints | None]] = []

    def keep(number: int, program: Program, state: State, length: int, brand: Brand | None) -> None:
        items = len(program.items)
        base = np.zeros(items, dtype=np.int64) if brand is None else brand.base.copy()
        harm = np.flatnonzero(program.items["effect"] == HARM)
        heard_at: Ints | None = None
        told = np.any(program.items["emission"][harm] == EMISSIONS.index("contact"))
        chosen = np.any(program.platforms["feed"] >= 0) or np.any(program.platforms["discovery_rate"] > 0.0)
        if len(harm) and not (told or chosen):
            heard_at = np.full(program.people, NOT_YET, dtype=np.int64)
            scratch = exposed(campaign)
            for item in harm.tolist():
                first_impressions(program, state, base[item], np.uint32(number), item, length, scratch, heard_at)
            heard_at[heard_at > program.horizon] = -1
        delay = program.items["reaction_delay"].astype(np.int64)
        begins = np.where(base > program.horizon + delay, -1, base - delay)
        proven_at = np.where(program.items["proven_at"] > program.horizon, -1, program.items["proven_at"])
        found.append((_recorded(state, length), begins, proven_at.astype(np.int64), heard_at))

    played = play_realisations(campaign, realisation, 1, threads=1, impressions=False, each=keep)
    recorded, begins, proven_at, heard_at = found[0]
    return Recalled(recorded, played, begins, proven_at, heard_at)

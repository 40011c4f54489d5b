"""Play a scenario: many realisations to an `Outcome`, or one to a `Cascade`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from viralsim.engine import (
    Campaign,
    Played,
    compile_campaign,
    drawn_numbers,
    numbers_of,
    play_realisations,
    recall_realisation,
    record_realisation,
    require_memory,
)
from viralsim.errors import UsageError
from viralsim.graph import SocialGraph, load_network
from viralsim.outcome.audiences import Axes
from viralsim.outcome.cascade import Cascade
from viralsim.outcome.outcome import Outcome
from viralsim.outcome.story import tell
from viralsim.scenario import Scenario
from viralsim.seeding import segments_of

__all__ = [
    "FIRST_CHECK",
    "LEAST_WHERE_EQUAL",
    "MOST_FOR_PRECISION",
    "how_many",
    "is_precise",
    "people_who_make_it_viral",
    "replay",
    "simulate",
]

FIRST_CHECK = 250
"""A wanted precision is checked after so many realisations, and again whenever their number has doubled."""

LEAST_WHERE_EQUAL = 16_000
"""Where all realisations engage equally many, no precision is believed before so many of them."""

MOST_FOR_PRECISION = 256_000
"""Where a wanted precision is given up, unless a number of realisations says otherwise."""


def simulate(
    scenario: Scenario,
    *,
    plan: str | None = None,
    graph: SocialGraph | None = None,
    realisations: int | None = None,
    precision: float | None = None,
    first: int = 0,
    threads: int | None = None,
    block: int | None = None,
    impressions: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Play a plan of a scenario and return what came of it.

    The outcome does not depend on `threads` and `block`, and the outcome of realisations 0-499 plus that
    of 500-999 is the outcome of 0-999.

    Parameters
    ----------
    scenario : Scenario
        As from `read_scenario`.
    plan : str, optional
        Name of the plan; the first of the scenario where None.
    graph : SocialGraph, optional
        Takes the place of the scenario's network, e.g. where several scenarios share a graph.
    realisations : int, optional
        How many; the scenario's number where None. Together with `precision`: at most so many.
    precision : float, optional
        Go on until the half width of the mean's 95 % interval of `engaged` (main item) is at most this
        share of the mean. It is checked at fixed numbers of realisations (250, 500, 1000, ...), at most
        256,000. Looking several times makes the interval at the stop slightly too optimistic. Where all
        realisations are equal so far, at least 16,000 are played.
    first : int
        Number of the first realisation.
    threads : int, optional
        By default one per usable processor.
    block : int, optional
        Realisations that a thread plays at a time.
    impressions : bool
        Whether reach and impressions are counted; leaving them out is faster, where nothing depends on them.
    progress : callable, optional
        Called now and then with the number of realisations finished and the number planned so far.

    Returns
    -------
    Outcome

    Raises
    ------
    UsageError
        A number that makes no sense, a plan that is not there, or more than memory holds.
    DataError
        The graph cannot be read, or lacks what the scenario asks of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> outcome = vs.simulate(scenario, realisations=100)
    >>> outcome == vs.simulate(scenario, realisations=40) + vs.simulate(scenario, first=40, realisations=60)
    True
    """
    _require_scenario(scenario)
    _require_graph(graph)
    most, precision = how_many(scenario, realisations, precision)
    campaign = compile_campaign(
        scenario, load_network(scenario.network, scenario.place) if graph is None else graph, plan
    )

    def played(start: int, count: int, planned: int) -> Outcome:
        report = None if progress is None else lambda done: progress(start + done, planned)
        rows = play_realisations(
            campaign,
            first + start,
            count,
            threads=threads,
            block=block,
            impressions=impressions,
            progress=report,
        )
        return _outcome(campaign, first + start, impressions, rows)

    if precision is None:
        return played(0, most, most)
    outcome = played(0, min(FIRST_CHECK, most), most)
    while len(outcome) < most and not is_precise(outcome, precision):
        more = min(len(outcome), most - len(outcome))
        outcome += played(len(outcome), more, len(outcome) + more)
    return outcome


def is_precise(outcome: Outcome, precision: float) -> bool:
    """Tell whether the number engaged is known as well as wanted.

    Parameters
    ----------
    outcome : Outcome
    precision : float
        Half width of the mean's 95 % interval over the mean.

    Examples
    --------
    >>> import viralsim as vs
    >>> is_precise(vs.simulate(vs.read_scenario(settings=["network.people=1_000"]), realisations=20), 1e-3)
    False
    """
    reached = outcome.engaged.precision
    # Realisations that are all equal say nothing yet of one in a thousand that is not.
    trusted = reached != 0.0 or len(outcome) >= LEAST_WHERE_EQUAL
    return reached is not None and reached <= precision and trusted


def _require_scenario(scenario: object) -> None:
    if not isinstance(scenario, Scenario):
        raise UsageError(
            f"a Scenario was expected, got {type(scenario).__name__} {scenario!r:.60}",
            hint="viralsim.read_scenario(FILE) reads one",
        )


def _require_graph(graph: object) -> None:
    if graph is not None and not isinstance(graph, SocialGraph):
        raise UsageError(
            f"graph: a SocialGraph was expected, got {type(graph).__name__} {graph!r:.60}",
            hint="viralsim.read_graph(FILE) reads one, viralsim.generate(NAME) makes one, and viralsim.from_networkx, "
            "from_pandas, from_scipy, from_igraph and from_networkit take over others",
        )


def how_many(
    scenario: Scenario, realisations: int | None, precision: float | None, *, written: bool = False
) -> tuple[int, float | None]:
    """Return how many realisations are played at most, and the precision that ends it earlier, if any.

    Parameters
    ----------
    scenario : Scenario
        Answers where both others are None.
    realisations, precision
        As in `simulate`.
    written : bool
        Whether the outcome will be written to disk, which takes more memory.

    Raises
    ------
    UsageError
        A precision that is none, or more realisations than memory holds: said before any work is done.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> how_many(read_scenario(), None, None), how_many(read_scenario(), None, 0.01)
    ((1000, None), (256000, 0.01))
    """
    if precision is None and realisations is None:
        precision = scenario.precision
        most = scenario.realisations if precision is None else MOST_FOR_PRECISION
    else:
        most = MOST_FOR_PRECISION if realisations is None else realisations
    if precision is not None and not (isinstance(precision, (int, float)) and 0.0 < precision < 1.0):
        raise UsageError(f"the precision must be a number between 0 and 1, such as 0.01, got {precision!r}")
    if not isinstance(most, int):
        raise UsageError(f"the number of realisations must be a whole number, got {most!r}")
    if precision is None:
        times = min(scenario.report.times, scenario.time.horizon + 1)
        segments = len(scenario.segment) if scenario.takes_trust else 0
        require_memory(most, len(scenario.item), times, copies=4 if written else 2, segments=segments)
    return most, precision


def people_who_make_it_viral(scenario: Scenario, people: int) -> int:
    """Return how many of so many people must engage for a campaign to count as viral.

    Examples
    --------
    >>> import viralsim as vs
    >>> people_who_make_it_viral(vs.read_scenario(settings=["report.viral_threshold=2%"]), 1_010)
    21
    """
    wanted = scenario.report.viral_threshold
    return wanted if isinstance(wanted, int) else max(1, math.ceil(wanted * people - 1e-9))


def _outcome(campaign: Campaign, first: int, impressions: bool, played: Played) -> Outcome:
    scenario, people = campaign.scenario, campaign.graph.people
    return Outcome(
        scenario_hash=campaign.scenario_hash,
        plan=campaign.plan,
        random_seed=scenario.random_seed,
        items=campaign.items,
        main_item=scenario.report.item,
        people=people,
        tick_seconds=scenario.time.tick,
        horizon=campaign.program.horizon,
        report_ticks=campaign.report_ticks,
        viral_threshold=people_who_make_it_viral(scenario, people),
        impressions_counted=impressions or campaign.needs_brand or campaign.needs_crowd,
        indices=np.arange(first, first + len(played.rows), dtype=np.int64),
        rows=played.rows,
        generation_counts=played.generations,
        curves=played.curves,
        unknowns=tuple(unknown.name for unknown in scenario.unknowns),
        drawn=_drawn(scenario, np.arange(first, first + len(played.rows))),
        segments=tuple(scenario.segment) if scenario.takes_trust else (),
        segment_people=_people_of_segments(campaign),
        trust_sums=played.trust,
        trust_quantiles=played.trust_quantiles,
        axes=None if played.audience is None else _axes(campaign),
        accounts=played.audience,
    )


def _axes(campaign: Campaign) -> Axes:
    """Return the names on the axes of a campaign's accounts."""
    segments, variants = campaign.scenario.segment, [campaign.scenario.item[name].variant for name in campaign.items]
    return Axes(
        segments=tuple(segments),
        roles=tuple(segment.role for segment in segments.values()),
        names=campaign.groups,
        segment_of=tuple(campaign.group_segments.tolist()),
        people=tuple(campaign.group_people.tolist()),
        platforms=campaign.platforms,
        variants=tuple(tuple(one) for one in variants),
        targets=tuple(tuple(variant.target for variant in one.values()) for one in variants),
    )


def _drawn(scenario: Scenario, realisations: np.ndarray) -> np.ndarray:
    """Return the numbers that stood in the place of the unknowns, per realisation."""
    pairs, place = np.unique(realisations // 2, return_inverse=True)
    return drawn_numbers(scenario, pairs)[place]


def replay(
    scenario: Scenario,
    realisation: int,
    *,
    plan: str | None = None,
    graph: SocialGraph | None = None,
) -> Cascade:
    """Play one realisation again and return who got it from whom, and when.

    Parameters
    ----------
    scenario : Scenario
    realisation : int
        Its number, as in the tables of `simulate`.
    plan : str, optional
        Name of the plan; the first of the scenario where None.
    graph : SocialGraph, optional
        Takes the place of the scenario's network.

    Returns
    -------
    Cascade
        The same realisation that `simulate` counted, person by person.

    Raises
    ------
    UsageError
        There is no such plan or realisation.
    DataError
        The graph cannot be read, or lacks what the scenario asks of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> cascade = vs.replay(scenario, realisation=17)
    >>> cascade.size == vs.simulate(scenario, first=17, realisations=1).engaged.mean
    True
    """
    _require_scenario(scenario)
    _require_graph(graph)
    campaign = compile_campaign(
        scenario, load_network(scenario.network, scenario.place) if graph is None else graph, plan
    )
    touching = scenario.takes_trust or len(campaign.items) > 1
    recalled = recall_realisation(campaign, realisation) if touching else None
    recorded = record_realisation(campaign, realisation) if recalled is None else recalled.recorded
    cascade = Cascade.from_queue(
        campaign.graph.ids,
        **recorded._asdict(),
        items=campaign.items,
        platforms=campaign.platforms,
        tick_seconds=scenario.time.tick,
        realisation=realisation,
        scenario_hash=campaign.scenario_hash,
        plan=campaign.plan,
        drawn=_drawn_for(scenario, realisation),
        births={name: item.born_of for name, item in scenario.item.items() if item.born_of},
    )
    if recalled is None:
        return cascade
    return replace(cascade, story=tell(campaign, recalled, cascade, _people_of_segments(campaign)))


def _people_of_segments(campaign: Campaign) -> np.ndarray:
    """Return how many people are in each segment; none where no item can take trust."""
    scenario = campaign.scenario
    if not scenario.takes_trust:
        return np.empty(0, dtype=np.int64)
    return np.bincount(segments_of(scenario, campaign.graph), minlength=len(scenario.segment))


def _drawn_for(scenario: Scenario, realisation: int) -> dict[str, tuple[float, str]]:
    """Return what was drawn for one realisation, by path: the number and the same in words."""
    numbers = numbers_of(scenario, drawn_numbers(scenario, [realisation // 2])[0])
    return {
        unknown.name: (numbers[unknown.path], unknown.number_text(numbers[unknown.path]))
        for unknown in scenario.unknowns
    }

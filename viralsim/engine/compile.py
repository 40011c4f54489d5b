"""From scenario, graph and plan to the flat arrays that the kernel plays."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.arithmetic import chances, exp, log, normal_cdf
from viralsim.engine.kernels import Program
from viralsim.engine.vectors import LANES
from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.graph import Arcs, SocialGraph
from viralsim.graph.social_graph import some_names
from viralsim.luck import LUCK_VERSION, Purpose, stream_key, threshold
from viralsim.scenario import Scenario
from viralsim.seeding import SeedGroups, seed_groups

__all__ = ["RULES_VERSION", "Campaign", "arcs_by_platform", "compile_campaign", "delay_thresholds"]


RULES_VERSION = 1
"""Raised when the same luck no longer gives the same realisation; part of every scenario hash."""


@dataclass(frozen=True)
class Campaign:
    """A plan of a scenario on a graph, ready to be played.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph
    plan : str
        Name of the plan.
    items, platforms : tuple of str
        Names, in the order of the program's axes.
    program : Program
        What the kernel reads.
    report_ticks : int64 array
        Ticks of the curves, ascending, the last one is the horizon.
    seeds : dict of str to SeedGroups
        Per wave of the plan.
    scenario_hash : str
        Hash of all that can change a realisation.
    """

    scenario: Scenario
    graph: SocialGraph
    plan: str
    items: tuple[str, ...]
    platforms: tuple[str, ...]
    program: Program
    report_ticks: npt.NDArray[np.int64]
    seeds: dict[str, SeedGroups]
    scenario_hash: str


def delay_thresholds(delay: Any, horizon: int) -> npt.NDArray[np.uint64]:
    """Return floor(P(delay <= d) x 2^32) for d = 0 .. horizon, in whole ticks.

    A continuous delay X is over in the first tick that begins after it: `d = floor(X)`, so that somebody
    engaged at tick t shares at the first whole tick after t + X.

    Parameters
    ----------
    delay : viralsim.scenario delay
        Law and parameters, durations in ticks.
    horizon : int
        Last tick.

    Returns
    -------
    uint64 array, shape (horizon + 1,)

    Notes
    -----
    Geometric: P(delay <= d) = 1 - (mean / (1 + mean))^(d + 1), whose mean is `mean`.
    Log-normal: Phi(log((d + 1) / median) / sigma). Power law: 1 - ((d + 1) / minimum)^(1 - exponent).
    """
    table = np.empty(horizon + 1, dtype=np.uint64)
    given = delay.parameters
    for d in range(horizon + 1):
        if delay.law == "none":
            p = 1.0
        elif delay.law == "geometric":
            p = 1.0 - exp((d + 1.0) * log(given["mean"] / (1.0 + given["mean"])))
        elif delay.law == "log-normal":
            p = normal_cdf((log(d + 1.0) - log(given["median"])) / given["sigma"])
        elif delay.law == "power-law":
            x = (d + 1.0) / given["minimum"]
            p = 0.0 if x <= 1.0 else 1.0 - exp((1.0 - given["exponent"]) * log(x))
        else:
            raise NotImplementedError(f"the delay law {delay.law!r} is declared but not built")
        table[d] = threshold(p)
    return table


def _fresh_chances(
    scenario: Scenario, item: Any, arcs: Arcs, place: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return per arc the chance that a fresh share persuades once seen, and log(1 - chance)."""
    affinity = item.affinity.get(next(iter(scenario.segment)), 1.0)
    base = np.empty(len(arcs))
    dose = np.full(len(arcs), affinity)
    if item.arc_probability is None:
        base[:] = item.stickiness
        dose *= 1.0 + item.endorsement * arcs.trust
    elif item.arc_probability == "weighted-cascade":
        base[:] = 1.0 / arcs.in_degree[arcs.followers]
    elif item.arc_probability == "column":
        if arcs.probability is None:
            raise DataError(
                "the network has no column of arc probabilities",
                place=place,
                hint='name the column with network.probability_column, or write a number or "weighted-cascade"',
            )
        base[:] = arcs.probability
    else:
        base[:] = item.arc_probability
    chance, log_miss = np.empty(len(arcs)), np.empty(len(arcs))
    if item.trials == "multiplicity":
        chances(base, arcs.multiplicity.astype(np.float64), chance, log_miss)
        base = chance.copy()
    chances(base, dose, chance, log_miss)
    return chance, log_miss


def arcs_by_platform(scenario: Scenario, graph: SocialGraph) -> dict[str, Arcs]:
    """Return the arcs that each platform of a scenario plays, by its name.

    A platform plays the layer that `platform.NAME.layer` names, otherwise the layer of its own name. On a graph whose
    arcs are of no platform in particular it plays those.

    Raises
    ------
    DataError
        The graph has no such layer.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1, 2], [1, 2, 0], platform=["calls", "texts", "calls"])
    >>> scenario = vs.read_scenario(settings=["platform.feed.layer=calls"])
    >>> {name: len(arcs) for name, arcs in arcs_by_platform(scenario, graph).items()}
    {'feed': 2}
    """
    found = {}
    for name, platform in scenario.platform.items():
        if platform.layer is not None and not graph.layered:
            raise DataError(
                f"platform.{name}.layer: the network ({graph.report.source}) has no layers to choose from, got "
                f"'{platform.layer}'",
                place=scenario.place(("platform", name, "layer")),
                hint="network.platform_column names the column that says which platform a row is of; "
                f"without it, leave platform.{name}.layer out",
            )
        wanted = platform.layer or name
        try:
            found[name] = graph.layer(wanted)
        except DataError as error:
            key = f"platform.{name}" if platform.layer is None else f"platform.{name}.layer"
            written = ("platform", name) if platform.layer is None else ("platform", name, "layer")
            near = next(iter(difflib.get_close_matches(wanted, graph.layers, n=1)), next(iter(graph.layers)))
            raise DataError(
                f"{key}: the network ({graph.report.source}) has no layer '{wanted}'; "
                f"its layers are {some_names(graph.layers)}",
                place=scenario.place(written),
                hint=error.hint
                if platform.layer is not None and error.hint
                else f'say which one it plays: platform.{name}.layer = "{near}"',
            ) from None
    return found


def _choose_plan(scenario: Scenario, plan: str | None) -> str:
    if plan is None:
        return next(iter(scenario.plan))
    if plan not in scenario.plan:
        raise UsageError(
            f"there is no plan {plan!r} in {scenario.source}",
            hint=did_you_mean(plan, scenario.plan) or f"the plans are {', '.join(scenario.plan)}",
        )
    return plan


def compile_campaign(scenario: Scenario, graph: SocialGraph, plan: str | None = None) -> Campaign:
    """Compile one plan of a scenario on a graph to the arrays of a `Program`.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph
    plan : str, optional
        Name of the plan; the first one where None.

    Raises
    ------
    UsageError
        There is no such plan.
    DataError
        The graph lacks what the scenario asks for: a seed, an attribute, a column.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network))
    >>> campaign.program.offsets.shape
    (1, 501)
    """
    plan = _choose_plan(scenario, plan)
    items, platforms = tuple(scenario.item), tuple(scenario.platform)
    shape = (len(items), len(platforms))
    horizon = int(scenario.time.horizon)
    arcs_of = arcs_by_platform(scenario, graph)

    sizes = [len(arcs_of[name]) for name in platforms]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    followers = np.zeros(int(starts[-1]) + LANES, dtype=np.uint32)
    offsets = np.empty((len(platforms), graph.people + 1), dtype=np.int64)
    seen_limit = np.zeros(len(platforms), dtype=np.uint32)
    is_seen = np.zeros(len(platforms), dtype=np.int8)
    seen_chance = np.zeros(len(platforms))
    has_delay = np.zeros(len(platforms), dtype=np.int8)
    delay_table = np.zeros((len(platforms), horizon + 1), dtype=np.uint64)
    attention = next(iter(scenario.segment.values())).attention
    for index, name in enumerate(platforms):
        offsets[index] = arcs_of[name].offsets + starts[index]
        followers[starts[index] : starts[index + 1]] = arcs_of[name].followers
        platform = scenario.platform[name]
        seen_chance[index] = platform.visibility * attention
        seen = threshold(float(seen_chance[index]))
        is_seen[index] = 0 if seen == 0 else 2 if seen == 1 << 32 else 1
        seen_limit[index] = max(seen - 1, 0)
        has_delay[index] = platform.delay.law != "none"
        if has_delay[index]:
            delay_table[index] = delay_thresholds(platform.delay, horizon)

    persuades = np.zeros(shape, dtype=np.int8)
    limit = np.zeros(shape, dtype=np.uint32)
    limit_shift = np.zeros(shape, dtype=np.int64)
    log_miss_first = np.zeros(shape, dtype=np.int64)
    reexamine = np.zeros(shape, dtype=np.int8)
    all_limits: list[npt.NDArray[np.uint32]] = []
    all_misses: list[npt.NDArray[np.float64]] = []
    limits_used = misses_used = 0
    half_life = np.zeros(len(items))
    share_threshold = np.zeros(len(items), dtype=np.uint64)
    keys = {
        purpose: np.array(
            [[stream_key(scenario.random_seed, purpose, item, platform) for platform in platforms] for item in items],
            dtype=np.uint64,
        )
        for purpose in (Purpose.ARC, Purpose.ORDER, Purpose.DELAY, Purpose.SHARE)
    }
    for i, item_name in enumerate(items):
        item = scenario.item[item_name]
        half_life[i] = item.half_life or 0.0
        share_threshold[i] = threshold(item.share_rate)
        for j, name in enumerate(platforms):
            fresh, misses = _fresh_chances(
                scenario, item, arcs_of[name], scenario.place(f"item.{item_name}.arc_probability")
            )
            thresholds = np.floor(fresh * seen_chance[j] * 4294967296.0).astype(np.uint64)
            misses[thresholds == 0] = 0.0  # the kernel's sign that an arc never persuades
            if not thresholds.any():
                continue
            alike = thresholds.min() == thresholds.max() and misses.min() == misses.max()
            if alike:  # one number for all arcs saves the memory traffic
                thresholds, misses = thresholds[:1], misses[:1]
            limits_of = (np.maximum(thresholds, np.uint64(1)) - np.uint64(1)).astype(np.uint32)
            persuades[i, j] = 1 if alike else 2
            limit[i, j] = limits_of[0]
            limit_shift[i, j] = limits_used - starts[j]
            log_miss_first[i, j] = misses_used - (0 if alike else starts[j])
            reexamine[i, j] = half_life[i] > 0 or not thresholds.all()
            all_limits.append(limits_of)
            limits_used += limits_of.size
            if reexamine[i, j]:
                all_misses.append(misses)
                misses_used += misses.size
    all_limits.append(np.zeros(LANES, dtype=np.uint32))

    waves = _compile_waves(scenario, graph, plan, items, platforms, arcs_of)
    times = min(scenario.report.times, horizon + 1)
    report_ticks = np.unique(np.round(np.linspace(0, horizon, times)).astype(np.int64))
    program = Program(
        people=graph.people,
        horizon=horizon,
        offsets=offsets,
        followers=followers,
        seen_limit=seen_limit,
        is_seen=is_seen,
        seen_chance=seen_chance,
        persuades=persuades,
        limit=limit,
        limit_shift=limit_shift,
        limits=np.concatenate(all_limits),
        reexamine=reexamine,
        log_miss=np.concatenate([*all_misses, np.zeros(1)]),
        log_miss_first=log_miss_first,
        half_life=half_life,
        share_threshold=share_threshold,
        arc_key=keys[Purpose.ARC],
        order_key=keys[Purpose.ORDER],
        delay_key=keys[Purpose.DELAY],
        share_key=keys[Purpose.SHARE],
        has_delay=has_delay,
        delay_table=delay_table,
        report_index=np.searchsorted(report_ticks, np.arange(horizon + 1)).astype(np.int64),
        **waves[0],
    )
    return Campaign(
        scenario=scenario,
        graph=graph,
        plan=plan,
        items=items,
        platforms=platforms,
        program=program,
        report_ticks=report_ticks,
        seeds=waves[1],
        scenario_hash=scenario.content_hash(f"{graph.fingerprint} luck {LUCK_VERSION} rules {RULES_VERSION}"),
    )


def _compile_waves(
    scenario: Scenario,
    graph: SocialGraph,
    plan: str,
    items: tuple[str, ...],
    platforms: tuple[str, ...],
    arcs_of: dict[str, Arcs],
) -> tuple[dict[str, Any], dict[str, SeedGroups]]:
    """Return the wave arrays of a `Program` and the chosen seeds by wave."""
    chosen: dict[str, SeedGroups] = {}
    by_start = sorted(scenario.plan[plan].wave.items(), key=lambda entry: entry[1].start)
    keys = []
    for name, wave in by_start:
        # The plan's name is left out: two plans with a random wave of the same name share their people.
        key = stream_key(scenario.random_seed, Purpose.SEEDING, wave.item, f"{wave.platform}\x1f{name}")
        keys.append(key)
        try:
            chosen[name] = seed_groups(graph, wave, arcs_of[wave.platform], key)
        except DataError as error:
            path = ("plan", plan, "wave", name, error.place)
            message = f"{'.'.join(path)}: {error.message}"
            raise DataError(message, place=scenario.place(path), hint=error.hint) from None
    groups = [group for name, _ in by_start for group in chosen[name].groups]
    arrays = {
        "wave_item": np.array([items.index(wave.item) for _, wave in by_start], dtype=np.int64),
        "wave_platform": np.array([platforms.index(wave.platform) for _, wave in by_start], dtype=np.int64),
        "wave_start": np.array([wave.start for _, wave in by_start], dtype=np.int64),
        "wave_key": np.array(keys, dtype=np.uint64),
        "wave_redrawn": np.array([chosen[name].redrawn for name, _ in by_start], dtype=np.int8),
        "wave_groups": np.cumsum([0, *(len(chosen[name].groups) for name, _ in by_start)]).astype(np.int64),
        "group_people": np.cumsum([0, *(len(group) for group in groups)]).astype(np.int64),
        "group_count": np.array([n for name, _ in by_start for n in chosen[name].counts], dtype=np.int64),
        "pool": np.concatenate([*groups, np.zeros(0)]).astype(np.uint32),
    }
    return arrays, chosen

"""The rival of every clever plan: as many people, or a few more, drawn at random.

On many networks a few more random people do as well as the cleverest choice (Akbarpour, Malladi & Saberi, "Just a few
seeds more: value of network information for diffusion", 2020), and nobody has to know the network to draw them. So a
plan is worth its trouble by as much as it takes random people to catch up with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from viralsim.engine import Campaign, arcs_by_platform
from viralsim.engine.compile import people_on, person_times
from viralsim.graph import SocialGraph
from viralsim.outcome.estimate import Estimate
from viralsim.scenario import Scenario
from viralsim.scenario.units import cents
from viralsim.seeding import seed_prices

__all__ = ["MORE", "Rival", "Rivals", "catch_up", "rival_scenario"]

MORE = (0, 10, 25, 50, 100, 200, 400)
"""How many more people the rivals of a plan have, in percent."""

Floats = npt.NDArray[np.float64]
Verdict = Literal["already", "within", "beyond"]


@dataclass(frozen=True)
class Rival:
    """Random people in place of those whom a plan chooses.

    Parameters
    ----------
    more : float
        How many more people are asked than in the plan, as a share (0.5: half as many again). People are whole, so 10 %
        more than 3 are 4, which is 0.33 more. How much more money is spent, where the plan has a budget.
    seeds : float
        How many seeds they are, on average.
    result : Estimate
        Their result by the metric that plans are compared by.
    cost : Estimate
        What they cost.
    difference : Estimate
        Their result minus the plan's, realisation by realisation.
    as_good : float or None
        Chance that their mean is at least as good as the plan's, given what was played (Bayesian bootstrap).

    Examples
    --------
    >>> Rival(0.5, 15.0, Estimate(), Estimate(), Estimate(), 0.25).to_dict()["more"]
    0.5
    """

    more: float
    seeds: float
    result: Estimate
    cost: Estimate
    difference: Estimate
    as_good: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by name, ready for JSON."""
        return {
            "more": self.more,
            "seeds": self.seeds,
            "result": self.result.to_dict(),
            "cost": self.cost.to_dict(),
            "difference": self.difference.to_dict(),
            "as_good": self.as_good,
        }


@dataclass(frozen=True)
class Rivals:
    """How many more random seeds do as well as a plan.

    Parameters
    ----------
    plan : str
        Whose rivals they are.
    of : "seeds" or "budget"
        What they have more of: people, or money where the plan has a budget.
    first, realisations : int
        Which realisations they and the plan played: none of those that plans were compared on, so that a plan chosen
        there has no advantage left.
    seeds : float
        Seeds of the plan, on average.
    result, cost : Estimate
        What came of the plan in these realisations, and what its seeds cost.
    grid : tuple of Rival
        From no more seeds to many more.
    verdict : "already", "within", "beyond" or None
        Whether random seeds catch up with no more of them, with a number within the grid, or not even with the most.
        None where the metric is never defined.
    catch_up, catch_up_low, catch_up_high : float or None
        How many more seeds (how much more money) it takes, as a share, with a 95 % interval. None is beyond the grid.
    notes : tuple of str
        What else a reader should know.

    Examples
    --------
    >>> Rivals(
    ...     "hubs", "seeds", 1000, 500, 10.0, Estimate(), Estimate(), (), "beyond", None, 3.1, None, ()
    ... ).to_dict()["verdict"]
    'beyond'
    """

    plan: str
    of: Literal["seeds", "budget"]
    first: int
    realisations: int
    seeds: float
    result: Estimate
    cost: Estimate
    grid: tuple[Rival, ...]
    verdict: Verdict | None
    catch_up: float | None
    catch_up_low: float | None
    catch_up_high: float | None
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by name, ready for JSON."""
        return {
            "plan": self.plan,
            "of": self.of,
            "first_realisation": self.first,
            "realisations": self.realisations,
            "seeds": self.seeds,
            "result": self.result.to_dict(),
            "cost": self.cost.to_dict(),
            "grid": [rival.to_dict() for rival in self.grid],
            "verdict": self.verdict,
            "catch_up": self.catch_up,
            "catch_up_low": self.catch_up_low,
            "catch_up_high": self.catch_up_high,
            "notes": list(self.notes),
        }


def rival_scenario(campaign: Campaign, percent: int) -> tuple[Scenario, SocialGraph]:
    """Return a scenario and a graph in which a plan starts with random people in place of its own, and more of them.

    Every wave of the plan keeps its item, platform and start; its people are drawn anew in every realisation from
    everybody who has a tie on the platform, whatever the plan's own waves ask of them.

    Parameters
    ----------
    campaign : Campaign
        The plan.
    percent : int
        How many more people, in percent, rounded up; at most as many as there are. Where a wave has a budget, how much
        more money (and how many more people at most, where it has a count, too).

    Returns
    -------
    Scenario, SocialGraph
        The plan keeps its name. The graph has an attribute that says who has a tie, where somebody has none.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network), "hubs")
    >>> wave = rival_scenario(campaign, 25)[0].plan["hubs"].wave["first"]
    >>> wave.strategy, wave.redraw, wave.count
    ('random', True, 13)
    """
    scenario, graph, plan = campaign.scenario, campaign.graph, campaign.plan
    waves = {}
    arcs, times = arcs_by_platform(scenario, graph), person_times(scenario, graph)
    for name, wave in scenario.plan[plan].wave.items():
        tied = (arcs[wave.platform].out_degree + arcs[wave.platform].in_degree) > 0
        where: dict[str, tuple[Any, ...]] = {}
        if tied.any() and not tied.all():
            attribute = f"a tie on {wave.platform}"
            while attribute in scenario.network.attribute or (
                attribute in graph.attributes and not np.array_equal(graph.attributes[attribute], tied)
            ):
                attribute += "'"
            graph = replace(graph, attributes={**graph.attributes, attribute: tied})
            where = {attribute: (True,)}
        pool = tied if where else np.ones(graph.people, dtype=bool)
        members = people_on(scenario, graph, wave.platform)
        if members is not None:
            pool = pool & members
        if times is not None:
            pool = pool & (times["start"] <= wave.start) & (wave.start < times["end"])
        prices = seed_prices(graph, arcs[wave.platform], scenario.price, wave.price)
        if prices is not None:
            pool = pool & (prices >= 0)
        chosen = campaign.seeds[name]
        changed: dict[str, Any] = {"count": None, "budget": None}
        if wave.budget is None:
            changed["count"] = _scaled(sum(chosen.counts), percent)
        else:
            changed["budget"] = _scaled(cents(wave.budget) * len(chosen.groups), percent) / 100
            if wave.count is not None:
                changed["count"] = _scaled(wave.count * len(chosen.groups), percent)
        if changed["count"] is not None:
            changed["count"] = max(1, min(int(pool.sum()), changed["count"]))
        changed |= {"strategy": "random", "redraw": True, "people": None, "where": where, "per": None}
        waves[name] = wave.model_copy(update=changed)
    # The number of people is the plan's central one where it is not known; all else is drawn as for the plan.
    counts: dict[tuple[str | int, ...], float | int] = {
        path: scenario.plan[plan].wave[str(path[3])].count or 0
        for path in (unknown.path for unknown in scenario.unknowns)
        if path[:2] == ("plan", plan) and path[-1] == "count"
    }
    fixed = scenario.with_numbers(counts) if counts else scenario
    rival = fixed.plan[plan].model_copy(update={"wave": waves})
    return fixed.model_copy(update={"plan": {**fixed.plan, plan: rival}}), graph


def _scaled(number: int, percent: int) -> int:
    return -(-number * (100 + percent) // 100)


def catch_up(
    more: Floats, gaps: Floats, drawn: Floats
) -> tuple[Verdict | None, float | None, float | None, float | None]:
    """Return with how many more seeds random people catch up with a plan.

    Parameters
    ----------
    more : ndarray of float64, shape (rivals,)
        How many more seeds they are, ascending.
    gaps : ndarray of float64, shape (rivals,)
        By how much each rival is better than the plan, on average.
    drawn : ndarray of float64, shape (draws, rivals)
        What these averages may be, given what was played.

    Returns
    -------
    verdict, catch_up, catch_up_low, catch_up_high
        As in `Rivals`; all None where the gaps are not known (NaN). More seeds are taken never to do harm (where a mean
        is lower all the same, that is noise, and the highest so far counts); between two rivals a straight line is
        drawn.

    Examples
    --------
    >>> catch_up(np.array([0.0, 1.0]), np.array([-3.0, 1.0]), np.array([[-3.0, 1.0]] * 40))
    ('within', 0.75, 0.75, 0.75)
    >>> catch_up(np.array([0.0, 1.0]), np.array([-3.0, -1.0]), np.array([[-3.0, -1.0]] * 40))
    ('beyond', None, None, None)
    """
    if np.isnan(gaps).any():
        return None, None, None, None
    point = float(_crossings(more, gaps[None, :])[0])
    all_drawn = np.sort(_crossings(more, drawn))
    low, high = (float(all_drawn[round((len(all_drawn) - 1) * share)]) for share in (0.025, 0.975))
    verdict: Verdict = "already" if gaps[0] >= 0.0 else "beyond" if math.isinf(point) else "within"
    return verdict, _finite(point), _finite(low), _finite(high)


def _finite(value: float) -> float | None:
    return None if math.isinf(value) else value


def _crossings(more: Floats, gaps: Floats) -> Floats:
    """Return where each row first reaches 0; infinity where it does not."""
    rising = np.maximum.accumulate(gaps, axis=1)
    reached = rising >= 0.0
    after = np.where(reached.any(axis=1), reached.argmax(axis=1), len(more))
    found = np.full(len(gaps), np.inf)
    found[after == 0] = more[0]
    for index in range(1, len(more)):
        rows = after == index
        low, high = rising[rows, index - 1], rising[rows, index]
        found[rows] = more[index - 1] + (more[index] - more[index - 1]) * (0.0 - low) / (high - low)
    return found

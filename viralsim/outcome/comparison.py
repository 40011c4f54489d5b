"""Plans of one scenario compared on the same luck."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import Campaign, compile_campaign, needs_brand, needs_crowd, play_realisations, require_memory
from viralsim.engine.kernels import CURVES, ROW
from viralsim.errors import UsageError, did_you_mean
from viralsim.graph import SocialGraph, load_network
from viralsim.outcome.deciding import Decided, DecidedPair, explained_share, predictions
from viralsim.outcome.estimate import Estimate, mean_estimate, wilson_interval
from viralsim.outcome.outcome import METRICS, Outcome
from viralsim.outcome.playing import _outcome, _require_graph, _require_scenario
from viralsim.outcome.rivals import MORE, Rival, Rivals, catch_up, rival_scenario
from viralsim.outcome.settling import FIRST_LOOK, Judgement, Ranking, bootstrap_means, looks
from viralsim.scenario import Scenario
from viralsim.scenario.units import BadValueError, read_duration

__all__ = ["COMPARED_BY", "MOST_TO_SETTLE", "Comparison", "compare"]

MOST_TO_SETTLE = 16_000
"""Where settling the ranking is given up, unless a number of realisations says otherwise."""

RIVAL_REALISATIONS = 1_000
"""So often rivals are played, or as often as plans at most, where this is said."""

_NOT_COMPARED_BY = {
    "reproduction_number": "not every single campaign has one",
    "baseline_conversions": "they come with or without the campaign",
}

COMPARED_BY = tuple(metric for metric in METRICS if metric not in _NOT_COMPARED_BY)
"""Metrics that plans can be compared by: those that every single campaign has, and that a plan can change."""

_SMALLER_IS_BETTER = ("time_to_peak", "time_to_half", "cost", "roots")
_NEED_IMPRESSIONS = ("reach", "impressions")
_SCALES = {"cost": 100.0, "trust": 2.0**32}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Plans of one scenario, played on the same luck.

    Parameters
    ----------
    outcomes : dict of str to Outcome
        What came of each plan, in the order they were asked for; all of the same realisations.
    metric : str
        What they are compared by.
    baseline : str
        The plan that others are measured against besides the best.
    confidence : float
        Chance that no pair of plans is judged wrongly, however often one looks.
    margin : float
        Differences surely smaller than this share of the best mean are a tie.
    most : int or None
        Where settling the ranking would have been given up; None where a fixed number of realisations was asked for.
    looks : tuple of int
        After how many realisations it was looked at.
    rivals : Rivals or None
        How many more random seeds do as well as the best plan.
    after : int or None
        After how many ticks it is asked how much is decided.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> comparison = vs.compare(scenario, plans=["random", "hubs"], rivals=False)
    >>> comparison.best, comparison.settled, comparison.judge("hubs", "random").verdict
    ('hubs', True, 'better')
    """

    outcomes: dict[str, Outcome]
    metric: str
    baseline: str
    confidence: float
    margin: float
    most: int | None
    looks: tuple[int, ...]
    rivals: Rivals | None = None
    after: int | None = None

    @property
    def plans(self) -> tuple[str, ...]:
        """Names of the plans, in the order they were asked for."""
        return tuple(self.outcomes)

    def __len__(self) -> int:
        return len(self._any)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Comparison(best={self.best!r}, plans={list(self.plans)}, realisations={len(self)})"

    def _repr_html_(self) -> str:
        from viralsim.outcome.notebook import comparison_html

        return comparison_html(self)

    @property
    def _any(self) -> Outcome:
        return next(iter(self.outcomes.values()))

    @property
    def larger_is_better(self) -> bool:
        """Whether more of the metric is better; of times and cost less is."""
        return self.metric not in _SMALLER_IS_BETTER

    @cached_property
    def ranking(self) -> Ranking:
        """The plans by the metric."""
        return _ranking(self.outcomes, self.metric, self.confidence, self.margin)

    @property
    def best(self) -> str:
        """The plan with the best mean; `chance_best` says how sure that is."""
        return self.ranking.best

    @property
    def order(self) -> tuple[str, ...]:
        """The plans from the best mean to the worst."""
        return self.ranking.order

    @property
    def settled(self) -> bool:
        """Whether every pair of plans is judged, at the stated confidence."""
        return self.ranking.settled

    @property
    def undecided(self) -> tuple[tuple[str, str], ...]:
        """Pairs of plans that cannot be told apart."""
        return self.ranking.undecided

    @cached_property
    def chance_best(self) -> dict[str, float | None]:
        """Chance that each plan has the best mean, given what was played (Bayesian bootstrap).

        It does not depend on how often one looked. None where fewer than two realisations were played.
        """
        return _by_plan(self.plans, self.ranking.chance_best)

    @cached_property
    def wins(self) -> dict[str, float | None]:
        """Share of single campaigns in which each plan does best; who are equal share one."""
        return _by_plan(self.plans, self.ranking.wins)

    def judge(self, plan: str, other: str) -> Judgement:
        """Return what is known of the difference of two plans, all pairs and looks together.

        Raises
        ------
        UsageError
            There is no such plan.
        """
        return self.ranking.judge(plan, other)

    def _values(self, plan: str) -> Floats:
        self.judge(plan, plan)  # refuses what is no plan
        return self.ranking.values[:, self.plans.index(plan)]

    def difference(self, plan: str, other: str) -> Estimate:
        """Estimate a plan's result minus another's, realisation by realisation.

        The interval of the mean is that of this pair alone and of this one look at it; `judge` gives the one that holds
        for all pairs and looks together.

        Raises
        ------
        UsageError
            There is no such plan.
        """
        return _estimated(self._values(plan) - self._values(other), self.metric, self._any.pairs)

    def ratio(self, plan: str, other: str) -> tuple[float | None, float | None, float | None]:
        """Return a plan's mean over another's, with its 95 % interval (delta method, paired).

        None where it is undefined.

        Raises
        ------
        UsageError
            There is no such plan.
        """
        one, two = self._values(plan), self._values(other)
        known = ~np.isnan(one + two)
        if not known.any() or two[known].mean() == 0.0:
            return None, None, None
        ratio = float(one[known].mean() / two[known].mean())
        pair = Ranking(("one", "two"), np.stack([one, two], axis=1), pairs=self._any.pairs)
        if len(pair.units) < 2:
            return ratio, None, None
        off = (pair.units[:, 0] - ratio * pair.units[:, 1]) / float(two[known].mean())
        half = 1.96 * float(off.std(ddof=1)) / math.sqrt(len(off))
        return ratio, ratio - half, ratio + half

    # -- effort against result ----------------------------------------------------------------------

    @cached_property
    def effort(self) -> str:
        """What a plan takes: "cost" where seeds have prices, otherwise "seeds", their number."""
        if any(metric_values(one, "cost").any() for one in self.outcomes.values()):
            return "cost"
        return "seeds"

    @cached_property
    def efforts(self) -> dict[str, float]:
        """Mean effort of each plan: money, or seeds."""
        return {name: float(metric_values(one, self.effort).mean()) for name, one in self.outcomes.items()}

    @cached_property
    def dominated_by(self) -> dict[str, tuple[str, ...]]:
        """By which plans each is dominated: they take no more, bring no less (in the mean), and are not its equals.

        Efforts that differ by less than the margin count as equal: what is left of two budgets is seldom the same.
        """
        goodness = 1.0 if self.larger_is_better else -1.0
        result = dict(zip(self.plans, (goodness * self.ranking.means).tolist(), strict=True))
        beaten = _dominated(np.array([list(self.efforts.values())]), np.array([list(result.values())]), self.margin)[0]
        return {
            plan: tuple(other for two, other in enumerate(self.plans) if beaten[one, two])
            for one, plan in enumerate(self.plans)
        }

    @cached_property
    def chance_undominated(self) -> dict[str, float | None]:
        """Chance that no other plan dominates, given what was played (Bayesian bootstrap of effort and result)."""
        effort = np.stack([metric_values(one, self.effort) for one in self.outcomes.values()], axis=1)
        both = Ranking(self.plans, np.concatenate([effort, self.ranking.values], axis=1), pairs=self._any.pairs)
        if len(both.units) < 2:
            return dict.fromkeys(self.plans)
        drawn = bootstrap_means(both.units, self._any.random_seed)
        goodness = 1.0 if self.larger_is_better else -1.0
        beaten = _dominated(drawn[:, : len(self.plans)], goodness * drawn[:, len(self.plans) :], self.margin)
        return _by_plan(self.plans, 1.0 - beaten.any(axis=2).mean(axis=0))

    # -- when is it decided -------------------------------------------------------------------------

    @cached_property
    def decided(self) -> Decided | None:
        """How much of the results and of the ranking is decided after `after` ticks; None where nobody asked."""
        return None if self.after is None else _decided(self, self.after)

    # -- out ----------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison, ready for JSON: undefined is None, every number is finite."""
        some = self._any
        plans = {}
        for name, outcome in self.outcomes.items():
            plans[name] = {
                "metrics": {metric: outcome.metric(metric).to_dict() for metric in METRICS},
                self.effort: self.efforts[name],
                "ranks": list(self.ranking.ranks(name)),
                "chance_best": self.chance_best[name],
                "wins": self.wins[name],
                "to_best": self._pair(name, self.best),
                "to_baseline": self._pair(name, self.baseline),
                "dominated_by": list(self.dominated_by[name]),
                "chance_undominated": self.chance_undominated[name],
                **({} if outcome.audience is None else {"audience": outcome.audience.to_dict()}),
            }
        return {
            "metric": self.metric,
            "larger_is_better": self.larger_is_better,
            "baseline": self.baseline,
            "best": self.best,
            "order": list(self.order),
            "settled": self.settled,
            "undecided": [list(pair) for pair in self.undecided],
            "confidence": self.confidence,
            "margin": self.margin,
            "effort": self.effort,
            "plans": plans,
            "pairs": [
                {"plan": plan, "other": other, **self._pair(plan, other)} for plan, other in combinations(self.order, 2)
            ],
            "rivals": None if self.rivals is None else self.rivals.to_dict(),
            "decided": None if self.decided is None else self.decided.to_dict(),
            "realisations": len(self),
            "compared_realisations": int(self.ranking.known.sum()),
            "first_realisation": int(some.indices[0]),
            "most_realisations": self.most,
            "looks": list(self.looks),
            "random_seed": int(some.random_seed),
            "scenario_hash": some.scenario_hash,
            "main_item": some.main_item,
            "people": int(some.people),
            "tick_seconds": float(some.tick_seconds),
            "horizon": int(some.horizon),
            **({"unknowns": list(some.unknowns)} if some.unknowns else {}),
        }

    def _pair(self, plan: str, other: str) -> dict[str, Any]:
        judgement = self.judge(plan, other)
        ratio, low, high = self.ratio(plan, other)
        return {
            "difference": self.difference(plan, other).to_dict(),
            "difference_low": judgement.low,
            "difference_high": judgement.high,
            "ratio": ratio,
            "ratio_low": low,
            "ratio_high": high,
            "verdict": judgement.verdict,
            "pairing": judgement.pairing,
            "realisations_needed": judgement.needed,
        }


def _by_plan(plans: Sequence[str], values: Floats) -> dict[str, float | None]:
    return {
        plan: None if math.isnan(value) else float(value) for plan, value in zip(plans, values.tolist(), strict=True)
    }


def _dominated(effort: Floats, result: Floats, margin: float) -> npt.NDArray[np.bool_]:
    """Return [draws, plan, other]: whether the other takes no more, brings no less, and is not equal."""
    near = (
        max(margin, 1e-9) * np.maximum(effort[:, :, None], effort[:, None, :]),
        1e-9 * np.abs(result).max(axis=1)[:, None, None],
    )
    saved = effort[:, :, None] - effort[:, None, :]
    gained = result[:, None, :] - result[:, :, None]
    return np.asarray((saved >= -near[0]) & (gained >= -near[1]) & ((saved > near[0]) | (gained > near[1])))


def metric_values(outcome: Outcome, metric: str) -> Floats:
    """Return a metric of the main item in each realisation, or what all items take: their cost, their seeds.

    Returns float64[realisations], NaN where undefined.
    """
    if metric in ("cost", "seeds"):
        return np.asarray(outcome.rows[:, :, ROW.index(metric)].sum(axis=1) / _SCALES.get(metric, 1.0))
    return outcome.values(metric)


def _estimated(
    values: Floats, metric: str, pairs: npt.NDArray[np.int64] | None, at_least: float | None = None
) -> Estimate:
    """Estimate the mean of what is a whole number (of cents, of the smallest part of trust) wherever it is defined."""
    known = ~np.isnan(values)
    scale = _SCALES.get(metric, 1.0)
    whole = np.rint(values[known] * scale).astype(np.int64)
    return mean_estimate(whole, at_least=at_least, pairs=None if pairs is None else pairs[known]).divided(scale)


def _ranking(outcomes: dict[str, Outcome], metric: str, confidence: float, margin: float) -> Ranking:
    some = next(iter(outcomes.values()))
    return Ranking(
        tuple(outcomes),
        np.stack([metric_values(outcome, metric) for outcome in outcomes.values()], axis=1),
        metric not in _SMALLER_IS_BETTER,
        confidence,
        margin,
        some.pairs,
        some.random_seed,
    )


def _decided(comparison: Comparison, tick: int) -> Decided:
    some = comparison._any
    item, time = some.items.index(some.main_item), int(np.searchsorted(some.report_ticks, tick))
    curve = comparison.metric if comparison.metric in CURVES else "engaged"
    known = comparison.ranking.known
    states = np.stack(
        [one.curves[known, item, CURVES.index(curve), time] for one in comparison.outcomes.values()], axis=1
    ).astype(np.float64)
    finals = comparison.ranking.values[known]
    pairs = None if some.pairs is None else some.pairs[known]
    group = some.indices[known] if pairs is None else pairs
    goodness = 1.0 if comparison.larger_is_better else -1.0
    predicted = np.empty_like(finals)
    if len(finals):
        for one in range(finals.shape[1]):
            predicted[:, one] = predictions(states[:, one], finals[:, one], group)
    explained = {plan: explained_share(finals[:, one], predicted[:, one]) for one, plan in enumerate(comparison.plans)}
    of_pairs = []
    for plan, other in combinations(comparison.order, 2):
        one, two = comparison.plans.index(plan), comparison.plans.index(other)
        off, ahead = goodness * (finals[:, one] - finals[:, two]), states[:, one] - states[:, two]
        # Predicted from both states as they stand, then from the gap between them: whichever says more.
        guesses = [goodness * (predicted[:, one] - predicted[:, two])]
        if len(off):
            guesses.append(predictions(ahead, off, group))
        shares = [share for guess in guesses if (share := explained_share(off, guess)) is not None]
        told = ahead != 0.0
        halves = 1 + np.sign(off[told]) * np.sign(ahead[told])
        of_pairs.append(
            DecidedPair(
                plan,
                other,
                max(shares, default=None),
                _scaled(halves.astype(np.int64), 2, None if pairs is None else pairs[told]),
            )
        )
    first = states == states.max(axis=1, keepdims=True, initial=-np.inf)
    told = first.sum(axis=1) == 1
    last = goodness * finals == (goodness * finals).max(axis=1, keepdims=True, initial=-np.inf)
    shared = (first & last)[told].sum(axis=1) / np.maximum(last[told].sum(axis=1), 1)
    # Whole numbers for exact sums: 840 has every number of plans up to 8 among its divisors.
    leader = _scaled(np.rint(shared * 840).astype(np.int64), 840, None if pairs is None else pairs[told])
    return Decided(tick, curve, explained, leader, tuple(of_pairs))


def _scaled(values: npt.NDArray[np.int64], scale: int, pairs: npt.NDArray[np.int64] | None) -> Estimate:
    """Estimate a chance from whole numbers up to `scale`, which stand for shares of 1."""
    estimate = mean_estimate(values, pairs=pairs).divided(scale)
    if not len(values):
        return estimate
    # Shares vary less than 0 and 1 of the same mean do, and a pair counts at least as much as one realisation.
    tries = len(values) if pairs is None else len(np.unique(pairs))
    low, high = wilson_interval(int(values.sum()), scale * len(values), tries)
    return replace(estimate, mean_low=low, mean_high=high)


# -- playing ----------------------------------------------------------------------------------------


def compare(
    scenario: Scenario,
    *,
    graph: SocialGraph | None = None,
    plans: Sequence[str] | None = None,
    metric: str = "engaged",
    baseline: str | None = None,
    rivals_of: str | None = None,
    confidence: float = 0.95,
    margin: float = 0.01,
    realisations: int | None = None,
    stop: bool = True,
    first: int = 0,
    after: int | str | None = None,
    rivals: bool = True,
    curves: bool = False,
    impressions: bool = True,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    looked: Callable[[Comparison], None] | None = None,
) -> Comparison:
    """Play plans of a scenario on the same luck until their ranking is settled, and compare them.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph, optional
        Takes the place of the scenario's network.
    plans : sequence of str, optional
        Their names; all of the scenario where None.
    metric : str
        What to compare them by, one of `COMPARED_BY`; of times and cost less is better.
    baseline : str, optional
        The plan that others are measured against besides the best; the first where None.
    rivals_of : str, optional
        The plan whose rivals are played; the best where None.
    confidence : float
        Chance that no pair of plans is judged wrongly, however often one looks.
    margin : float
        Differences surely smaller than this share of the best mean are a tie; 0: there are no ties.
    realisations : int, optional
        The most to play; 16,000 where None. Without `stop` exactly so many; the scenario's number where None.
    stop : bool
        Whether to stop as soon as the ranking is settled. It is looked at after 1000, 2000, 4000, ... realisations.
    first : int
        Number of the first realisation.
    after : int or str, optional
        A time (ticks, or text such as "6h"): how much is decided by then?
    rivals : bool
        Whether random people are played in place of the best plan's.
    curves : bool
        Whether the outcomes hold all report times, as from `simulate`; otherwise the first, `after` and the last.
    impressions : bool
        Whether reach and impressions are counted.
    threads : int, optional
        By default one per usable processor.
    progress : callable, optional
        Called now and then with the number of realisations finished and the number planned so far, of all plans.
    looked : callable, optional
        Called with what is known at each look.

    Returns
    -------
    Comparison
        For a given number of realisations equal for any `threads`.

    Raises
    ------
    UsageError
        There is no such plan or metric, or a number makes no sense.
    DataError
        The graph cannot be read, or lacks what a plan asks of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> comparison = vs.compare(scenario, realisations=500, after="6h")
    >>> comparison.order[0], comparison.rivals.plan, comparison.decided.tick
    ('hubs', 'hubs', 6)
    """
    _require_graph(graph)
    names, tick = check_comparison(
        scenario, plans, metric, baseline, rivals_of, confidence, margin, after, impressions=impressions
    )
    stop = stop and len(names) > 1
    most = realisations if realisations is not None else MOST_TO_SETTLE if stop else scenario.realisations
    if not isinstance(most, int) or most < 1:
        raise UsageError(f"the number of realisations must be a whole number of at least 1, got {most!r}")
    if not curves:  # those of all plans would fill the memory
        scenario = scenario.model_copy(update={"report": scenario.report.model_copy(update={"times": 2})})
    times = min(scenario.report.times, scenario.time.horizon + 1) + (tick is not None)
    segments = len(scenario.segment) * len(names) if scenario.takes_trust else 0
    require_memory(most, len(scenario.item) * len(names), times, copies=3, segments=segments)
    network = load_network(scenario.network, scenario.place) if graph is None else graph
    at = () if tick is None else (tick,)
    campaigns = {name: compile_campaign(scenario, network, name, report_at=at) for name in names}
    play = _Playing(threads, impressions, progress)
    outcomes: dict[str, Outcome] = {}
    comparison: Comparison | None = None
    seen: list[int] = []
    for target in looks(most, first=FIRST_LOOK * (2 if scenario.unknowns else 1)) if stop else [most]:
        done = len(next(iter(outcomes.values()))) if outcomes else 0
        play.planned += (target - done) * len(names)
        blocks = {name: play(campaign, first + done, target - done) for name, campaign in campaigns.items()}
        outcomes = {name: outcomes[name] + block if outcomes else block for name, block in blocks.items()}
        seen.append(target)
        comparison = Comparison(
            outcomes,
            metric,
            baseline or names[0],
            float(confidence),
            float(margin),
            most if stop else None,
            tuple(seen),
            None,
            tick,
        )
        if looked is not None:
            looked(comparison)
        if stop and comparison.settled:
            break
    assert comparison is not None  # noqa: S101 - there is one look at least
    if not rivals:
        return comparison
    found = _rivals(comparison, campaigns[rivals_of or comparison.best], play)
    return replace(comparison, rivals=found)


def check_comparison(
    scenario: Scenario,
    plans: Sequence[str] | None,
    metric: str,
    baseline: str | None,
    rivals_of: str | None,
    confidence: float,
    margin: float,
    after: int | str | None,
    *,
    impressions: bool,
) -> tuple[list[str], int | None]:
    """Check what `compare` is asked, before a large graph is read; return the plans and the tick of `after`.

    Raises
    ------
    UsageError
        What `compare` raises.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> check_comparison(read_scenario(), ["hubs"], "engaged", None, None, 0.95, 0.01, "6h", impressions=True)
    (['hubs'], 6)
    """
    _require_scenario(scenario)
    names = _chosen_plans(scenario, plans)
    for what, name in (("the baseline", baseline), ("the plan to catch up with", rivals_of)):
        if name is not None and name not in names:
            raise UsageError(
                f"{what}, '{name}', is not among the plans compared: {', '.join(names)}",
                hint=did_you_mean(name, names),
            )
    _check_metric(scenario, metric, impressions)
    waves = [wave for name in names for wave in scenario.waves(name).values()]
    if metric == "cost" and scenario.price is None and all(wave.price is None for wave in waves):
        raise UsageError(
            "plans cannot be compared by cost: nothing has a price",
            hint="a table [price], for example --set \"price={model='flat', amount=50}\"",
        )
    for number, what, least in ((confidence, "confidence", 0.5), (margin, "margin", 0.0)):
        if not (isinstance(number, (int, float)) and least <= number < 1.0):
            example = "0.95" if what == "confidence" else "0.01"
            raise UsageError(
                f"the {what} must be a number from {least:g} to below 1, such as {example}; got {number!r}"
            )
    return names, None if after is None else _tick(scenario, after)


def _chosen_plans(scenario: Scenario, plans: Sequence[str] | None) -> list[str]:
    if plans is None:
        return list(scenario.plan)
    if isinstance(plans, str) or not all(isinstance(name, str) for name in plans):
        raise UsageError(f"plans: a list of names was expected, got {plans!r}")
    names = list(plans)
    for index, name in enumerate(names):
        if name not in scenario.plan:
            raise UsageError(
                f"there is no plan '{name}' in {scenario.source}; the plans are {', '.join(scenario.plan)}",
                hint=did_you_mean(name, scenario.plan),
            )
        if name in names[:index]:
            raise UsageError(f"plan '{name}' is named twice")
    if not names:
        raise UsageError("there is no plan to compare", hint=f"the plans are {', '.join(scenario.plan)}")
    return names


def _check_metric(scenario: Scenario, metric: str, impressions: bool) -> None:
    if metric not in COMPARED_BY:
        if metric in _NOT_COMPARED_BY:
            raise UsageError(
                f"plans cannot be compared by {metric}: {_NOT_COMPARED_BY[metric]}",
                hint=f"choose from {', '.join(COMPARED_BY)}",
            )
        raise UsageError(
            f"no metric '{metric}'; choose from {', '.join(COMPARED_BY)}", hint=did_you_mean(metric, COMPARED_BY)
        )
    if metric in _NEED_IMPRESSIONS and not (impressions or needs_brand(scenario) or needs_crowd(scenario)):
        raise UsageError(f"plans cannot be compared by {metric} where impressions are not counted")
    if metric == "trust" and not scenario.takes_trust:
        raise UsageError(
            "plans cannot be compared by trust: no item takes any", hint="items of kind testimony and rumour do"
        )
    if metric in ("conversions", "incremental_conversions") and not scenario.converts:
        raise UsageError(
            f"plans cannot be compared by {metric}: nobody converts",
            hint=f'segment.{next(iter(scenario.segment))}.conversion is the chance, for example "2%"',
        )


def _tick(scenario: Scenario, after: int | str) -> int:
    """Return a time as a tick that is played."""
    from viralsim.scenario.units import tick_text

    horizon, length = scenario.time.horizon, scenario.time.tick
    try:
        ticks = read_duration(after, length)
    except BadValueError as error:
        raise UsageError(f"after: {error}") from None
    if ticks != round(ticks):
        raise UsageError(
            f"after: {after} is {ticks:g} ticks of {tick_text(length)}; campaigns are only known at whole ticks",
            hint=f"choose {math.floor(ticks)} or {math.ceil(ticks)} ticks, or a shorter time.tick",
        )
    if ticks >= horizon:
        raise UsageError(
            f"after: {after} is not before the end of the campaign, {tick_text(length * horizon)}",
            hint="time.horizon says when it ends",
        )
    return int(ticks)


class _Playing:
    """Plays blocks of realisations, and tells how far all of them together are."""

    def __init__(
        self,
        threads: int | None,
        impressions: bool,
        progress: Callable[[int, int], None] | None,
        block: int | None = None,
    ) -> None:
        self.planned = 0
        self._block = block
        self._done = 0
        self._threads = threads
        self._impressions = impressions
        self._progress = progress

    def __call__(self, campaign: Campaign, first: int, count: int) -> Outcome:
        def report(done: int) -> None:
            if self._progress is not None:
                self._progress(self._done + done, self.planned)

        played = play_realisations(
            campaign,
            first,
            count,
            threads=self._threads,
            block=self._block,
            impressions=self._impressions,
            progress=report,
        )
        self._done += count
        return _outcome(campaign, first, self._impressions, played)


def _rivals(comparison: Comparison, campaign: Campaign, play: _Playing) -> Rivals:
    """Play random people in place of a plan's, on realisations that the plan was not chosen by."""
    metric, last = comparison.metric, int(comparison._any.indices[-1])
    count = min(RIVAL_REALISATIONS, len(comparison) if comparison.most is None else comparison.most)
    first = last + 2 - last % 2 if comparison._any.unknowns else last + 1  # no half pairs
    play.planned += count * (1 + len(MORE))
    plan = play(campaign, first, count)
    budgeted = any(wave.budget is not None for wave in campaign.scenario.plan[campaign.plan].wave.values())
    asked = _asked(campaign)
    played: list[tuple[float, float, Outcome]] = []
    for percent in MORE:
        rival_campaign = compile_campaign(*rival_scenario(campaign, percent), campaign.plan)
        rival = play(rival_campaign, first, count)
        seeds = float(metric_values(rival, "seeds").mean())
        if not played or seeds > played[-1][1]:  # all the people there are may have been reached, or money buys no more
            more = percent / 100.0 if budgeted else _asked(rival_campaign) / asked - 1.0
            played.append((more, seeds, rival))
    goodness = 1.0 if comparison.larger_is_better else -1.0
    mine = metric_values(plan, metric)
    off = np.stack([metric_values(rival, metric) - mine for _, _, rival in played], axis=1)
    gaps = Ranking(tuple(f"{index}" for index in range(len(played))), goodness * off, pairs=plan.pairs)
    drawn = gaps.drawn_means if len(gaps.units) > 1 else gaps.means[None, :]
    verdict, crossing, low, high = catch_up(np.array([more for more, _, _ in played]), gaps.means, drawn)
    paths = [unknown.path for unknown in campaign.scenario.unknowns]
    notes = []
    if any(path[:2] == ("plan", campaign.plan) and path[-1] == "count" for path in paths):
        notes.append(
            "the number of people in the plan is not known; random people are so many more than its central one"
        )
    grid = tuple(
        Rival(
            more,
            seeds,
            rival.metric(metric),
            rival.metric("cost"),
            _estimated(off[:, index], metric, plan.pairs),
            float(np.mean(drawn[:, index] >= 0.0)) if len(gaps.units) > 1 else None,
        )
        for index, (more, seeds, rival) in enumerate(played)
    )
    return Rivals(
        plan=campaign.plan,
        of="budget" if budgeted else "seeds",
        first=first,
        realisations=count,
        seeds=float(metric_values(plan, "seeds").mean()),
        result=plan.metric(metric),
        cost=plan.metric("cost"),
        grid=grid,
        verdict=verdict,
        catch_up=crossing,
        catch_up_low=low,
        catch_up_high=high,
        notes=tuple(notes),
    )


def _asked(campaign: Campaign) -> int:
    """Return how many people a plan asks, whether they accept or not."""
    return sum(sum(groups.counts) for groups in campaign.seeds.values())

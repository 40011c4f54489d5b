"""Choosing the seeds of a wave by playing: greedy on shared luck, from the best strategies, judged on fresh luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine import Campaign, SeedSets, arcs_by_platform, compile_campaign
from viralsim.engine.compile import people_on, person_times
from viralsim.engine.kernels import ROW
from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.graph import Arcs, SocialGraph, load_network
from viralsim.luck import Purpose, stream_key, uniforms
from viralsim.outcome import Outcome, simulate
from viralsim.outcome.estimate import Estimate, mean_estimate, proportion_estimate
from viralsim.outcome.playing import how_many, people_who_make_it_viral
from viralsim.planning.plan import SeedPlan, SeedStep, guarantee
from viralsim.planning.search import Limits, greedy, improved, in_order
from viralsim.scenario import Scenario, choices
from viralsim.scenario.toml_text import toml_key
from viralsim.scenario.units import cents
from viralsim.seeding import NO_LIMIT, STRATEGIES, Request, seed_prices, segments_of
from viralsim.seeding.eligible import named_people, people_where

__all__ = ["OBJECTIVES", "TRAINING_FIRST", "plan_seeds"]

OBJECTIVES = ("engaged", "reach", "impressions", "shares", "viral_chance")
"""Metrics of which more is better, and which one realisation has."""

TRAINING_FIRST = 2**31
"""Number of the first realisation that seeds are chosen on; those that are reported are numbered from 0."""

_LEAST_TRAINING, _MOST_TRAINING = 200, 2000
_WORK = 5 * 10**8  # arcs looked at when every candidate is played once beside the other seeds: some five seconds
_MOST_STEPS = 20
_OF_PLANS = frozenset(("people", "count", "budget", "price", "start", "redraw", "where", "per"))

People = npt.NDArray[np.int64]


def plan_seeds(
    scenario: Scenario,
    graph: SocialGraph | None = None,
    *,
    budget: float | None = None,
    count: int | None = None,
    objective: str = "engaged",
    plan: str | None = None,
    worth: float | None = None,
    realisations: int | None = None,
    training: int | None = None,
    candidates: int = 400,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> SeedPlan:
    """Choose whom to start with so that the most comes of it, and say what they bring on luck not used to choose them.

    The seeds of the first wave of a plan are replaced: its item, platform, start, `where` and price stay, and so do the
    other waves. Candidates are the people whom the strategies choose, more of those with most followers, and people
    drawn at random. All seed sets are played in the same training realisations, numbered from 2^31. Greedy (Kempe,
    Kleinberg & Tardos 2003; lazily: Leskovec et al. 2007) adds whoever gains most; with a budget a second time by the
    gain per money. The best of these sets and of the strategies' own is improved by exchanging people, so on the
    training realisations no strategy is better. On further ones it is compared with the strategies once more, and gives
    way to one that does better there: then it had learnt luck by heart. What is reported comes from realisations 0, 1,
    ..., which had no part in the choice: the best of many estimates is too high, and the training estimate is never
    reported.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph, optional
        Takes the place of the scenario's network.
    budget : float, optional
        Money to spend. Needs prices (one that is not known counts by its central value). Either it or `count` is given.
    count : int, optional
        How many people.
    objective : str
        What is to be large, of the main item: "engaged", "reach", "impressions", "shares" or "viral_chance" (among
        sets of equal viral chance, engaged).
    plan : str, optional
        Name of the plan; the first of the scenario where None.
    worth : float, optional
        Money that one more of the objective is worth: then `SeedPlan.pays_until` says how many seeds pay.
    realisations : int, optional
        Fresh ones to report; the scenario's number where None.
    training : int, optional
        Realisations to choose on. More find better people and take longer; with few, the plan fits their luck and may
        be worse than a strategy, which is then said. By default 200 to 2,000, more where campaigns are small.
    candidates : int
        So many people are tried, and at least twice as many as there are seeds; all who are eligible where they are no
        more.
    threads : int, optional
        By default one per usable processor; never changes a number.
    progress : callable, optional
        Called with a line of text at every step.

    Returns
    -------
    SeedPlan

    Raises
    ------
    UsageError
        Neither or both of budget and count, no prices for a budget, one that buys nobody, more seeds than people,
        an objective that is none.
    DataError
        The graph cannot be read, or lacks what the scenario asks of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.generator=karate-club", "item.content.stickiness=30%"])
    >>> best = vs.plan_seeds(scenario, count=2, realisations=500, training=100)
    >>> len(best.people), best.estimate.realisations, best.certificate
    (2, 500, None)
    """
    say = progress or (lambda text: None)
    _require_sensible(scenario, budget, count, objective, plan, worth, training, candidates)
    most, _ = how_many(scenario, realisations or scenario.realisations, None)
    network = load_network(scenario.network, scenario.place) if graph is None else graph
    task = _Task(scenario, network, plan, budget, count, worth, objective)

    say("looking at what the strategies choose")
    rivals = task.rivals()
    tried = task.candidates(rivals, candidates)
    campaign = task.campaign(next(iter(rivals.values())))
    played = partial(SeedSets, threads=threads, impressions=task.needs_impressions)
    if training is None:
        engaged = played(campaign, task.wave, TRAINING_FIRST, _LEAST_TRAINING).play(list(rivals.values()))
        largest = engaged[..., ROW.index("engaged")].sum(axis=2).mean(axis=1).max()
        training = _enough(float(largest) * (1 + task.arcs / network.people) * len(tried))
    say(f"choosing among {len(tried):,} of {len(task.eligible):,} people on {training:,} training realisations")
    sets = played(campaign, task.wave, TRAINING_FIRST, training)

    def total(wanted: Sequence[People]) -> npt.NDArray[np.int64]:
        return task.total(sets.play(wanted))

    people, rival = _searched(total, rivals, tried, task.limits, budget is not None, say)
    # What was searched fits the luck it was searched on; a strategy does not. Others decide between them.
    second = max(training, _LEAST_TRAINING)
    others = played(campaign, task.wave, TRAINING_FIRST + training + training % 2, second)
    worths = task.total(others.play([people, *rivals.values()]))
    if int(worths[1:].max()) > int(worths[0]):
        rival = list(rivals)[int(np.argmax(worths[1:]))]
        people = in_order(total, rivals[rival], task.limits.prices, per_price=budget is not None)

    if len(people) == 0:
        raise UsageError(
            f"nobody adds anything to '{objective}'",
            hint="does everybody decline (segment.NAME.decline), or see nothing?",
        )
    say(f"playing what was chosen on {most:,} fresh realisations")
    campaign = task.campaign(people)
    shown = np.unique(np.round(np.linspace(1, len(people), min(len(people), _MOST_STEPS))).astype(int)).tolist()
    fresh = played(campaign, task.wave, 0, most)
    outcome, of_rival = (
        simulate(task.with_people(one), plan=task.name, graph=network, realisations=most, threads=threads)
        for one in (people, rivals[rival])
    )
    values = [task.values(fresh.play([people[:seeds]])[0]) for seeds in [0, *shown]]
    steps = [
        SeedStep(
            seeds=seeds,
            cost=task.money(people[:seeds]),
            estimate=task.estimate(values[index + 1], outcome),
            added=seeds - [0, *shown][index],
            gain=mean_estimate(values[index + 1] - values[index], pairs=outcome.pairs),
        )
        for index, seeds in enumerate(shown)
    ]
    differences = task.values(outcome.rows) - task.values(of_rival.rows)
    ids = network.ids.tolist()
    return SeedPlan(
        scenario=task.with_people(people),
        name=task.name,
        plan=task.plan,
        wave=task.wave,
        objective=objective,
        people=tuple(ids[person] for person in people.tolist()),
        prices=None if task.prices is None else tuple((task.prices[people] / 100).tolist()),
        budget=budget,
        curve=tuple(steps),
        outcome=outcome,
        rival=rival,
        rival_estimate=of_rival.metric(objective),
        rival_cost=task.money(rivals[rival]),
        difference=mean_estimate(differences, pairs=outcome.pairs),
        guarantee=guarantee(campaign, objective, budget is not None),
        training=training,
        candidates=len(tried),
        eligible=len(task.eligible),
        worth=worth,
    )


def _require_sensible(
    scenario: object,
    budget: float | None,
    count: int | None,
    objective: str,
    plan: str | None,
    worth: float | None,
    training: int | None,
    candidates: int,
) -> None:
    if not isinstance(scenario, Scenario):
        raise UsageError(
            f"a Scenario was expected, got {type(scenario).__name__} {scenario!r:.60}",
            hint="viralsim.read_scenario(FILE) reads one",
        )
    if (budget is None) == (count is None):
        given = "neither is given" if budget is None else "both are given"
        raise UsageError(f"either a budget or a count says how many seeds there are; {given}")
    for name, number in (("budget", budget), ("worth", worth)):
        if number is not None and not (isinstance(number, int | float) and 0 < number <= 1e12):
            raise UsageError(f"{name}: an amount of money above 0 was expected, got {number!r}")
    for name, number in (("count", count), ("training", training), ("candidates", candidates)):
        if number is not None and not (isinstance(number, int) and 0 < number < TRAINING_FIRST):
            raise UsageError(f"{name}: a whole number of at least 1 was expected, got {number!r}")
    if objective not in OBJECTIVES:
        metrics = choices("metric")
        why = "it cannot be planned for" if objective in metrics else "there is no such metric"
        raise UsageError(
            f"objective '{objective}': {why}; choose from {', '.join(OBJECTIVES)}",
            hint=did_you_mean(objective, OBJECTIVES),
        )
    if plan is not None and plan not in scenario.plan:
        raise UsageError(
            f"there is no plan {plan!r} in {scenario.source}",
            hint=did_you_mean(plan, scenario.plan) or f"the plans are {', '.join(scenario.plan)}",
        )


class _Task:
    """What is asked: the wave to fill, who may be in it and at what price, and what counts."""

    def __init__(
        self,
        scenario: Scenario,
        graph: SocialGraph,
        plan: str | None,
        budget: float | None,
        count: int | None,
        worth: float | None,
        objective: str,
    ) -> None:
        self.scenario, self.graph, self.objective = scenario, graph, objective
        self.plan = next(iter(scenario.plan)) if plan is None else plan
        self.wave = next(iter(scenario.plan[self.plan].wave))
        self.name = _unused("planned", scenario.plan)
        self._written = scenario.plan[self.plan].wave[self.wave]
        self._arcs: Arcs = arcs_by_platform(scenario, graph)[self._written.platform]
        self.item = list(scenario.item).index(scenario.report.item)
        self.viral_from = people_who_make_it_viral(scenario, graph.people)
        try:
            self.prices = seed_prices(graph, self._arcs, scenario.price, self._written.price)
        except DataError as error:
            raise DataError(error.message, place=scenario.place(error.place), hint=error.hint) from None
        self.eligible = self._eligible()
        if budget is not None and self.prices is None:
            raise UsageError(
                "a budget needs prices, and here seeds cost nothing",
                hint="a table [price], for example --set \"price={model='flat', amount=50}\"; or ask for a count",
            )
        if worth is not None and self.prices is None:
            raise UsageError(
                "what one more is worth is compared with prices, and here seeds cost nothing", hint="a table [price]"
            )
        if count is not None and count > len(self.eligible):
            raise UsageError(
                f"asks for {count:,} seeds, but the people who are eligible number {len(self.eligible):,}",
                hint=f"ask for at most {len(self.eligible):,}"
                if len(self.eligible)
                else "no person fits all of `where`",
            )
        free = np.zeros(graph.people, dtype=np.int64) if self.prices is None else self.prices
        cheapest = int(free[self.eligible].min(initial=NO_LIMIT))
        if budget is not None and (len(self.eligible) == 0 or cheapest > cents(budget)):
            raise UsageError(
                f"a budget of {budget:,.2f} buys nobody"
                + (f": the cheapest costs {cheapest / 100:,.2f}" if len(self.eligible) else ": nobody is eligible"),
            )
        self.limits = Limits(
            len(self.eligible) if count is None else count, NO_LIMIT if budget is None else cents(budget), free
        )
        self._request = Request(
            graph,
            self._arcs,
            self.eligible,
            self.limits.count,
            None if budget is None else cents(budget),
            self.prices,
            stream_key(
                scenario.random_seed,
                Purpose.SEEDING,
                self._written.item,
                f"{self._written.platform}\x1f{self.wave}",
            ),
        )
        self._key = stream_key(scenario.random_seed, Purpose.SAMPLE, self._written.item, f"planning\x1f{self.wave}")

    def _eligible(self) -> People:
        times = person_times(self.scenario, self.graph)
        there = people_on(self.scenario, self.graph, self._written.platform)
        if times is not None:
            in_time = (times["start"] <= self._written.start) & (self._written.start < times["end"])
            there = in_time if there is None else there & in_time
        try:
            found = people_where(self.graph, self._written.where, there)
        except DataError as error:
            path = ("plan", self.plan, "wave", self.wave, error.place)
            message = f"{'.'.join(path)}: {error.message}"
            raise DataError(message, place=self.scenario.place(path), hint=error.hint) from None
        return found if self.prices is None else found[self.prices[found] >= 0]

    @property
    def arcs(self) -> int:
        """How many arcs the wave's platform has."""
        return len(self._arcs)

    @property
    def needs_impressions(self) -> bool:
        return self.objective in ("reach", "impressions")

    def rivals(self) -> dict[str, People]:
        """Return what the strategies choose, by name; the wave's own first, where it is not one of them."""
        own = {name: getattr(self._written, name) for name in type(self._written).model_fields}
        found: dict[str, People] = {}
        if self._written.people is not None:
            named = named_people(self.graph, self._written.people, None)
            found["the people it names"] = self._request.take(named[np.isin(named, self.eligible)])
        for name, choice in choices("strategy").items():
            parameters = [one for one in choice.parameters if one.name not in _OF_PLANS]
            is_own = name == self._written.strategy
            if name == "explicit" or (not is_own and any(one.required for one in parameters)):
                continue
            given = {one.name: own[one.name] if is_own else one.default for one in parameters}
            try:
                found[name] = STRATEGIES[name](replace(self._request, parameters=given))
            except DataError:  # it needs what this network has not
                continue
        return {name: people for name, people in found.items() if len(people)}

    def candidates(self, rivals: dict[str, People], most: int) -> People:
        """Return whom to try: all whom the strategies choose, hubs and people at random up to so many."""
        affordable = self.eligible[self.limits.prices[self.eligible] <= self.limits.budget]
        luck = uniforms(self._key, 0, 0, affordable, 0)
        most = max(most, 2 * max(map(len, rivals.values())))
        if len(affordable) > most:
            chosen = np.unique(np.concatenate(list(rivals.values())))
            rest = ~np.isin(affordable, chosen)
            room = max(0, most - len(chosen))
            # Hubs by their number, or by what a follower costs: whichever way money is spent.
            followers = self._arcs.out_degree[affordable].astype(np.float64)
            if self._request.budget is not None:
                followers /= np.maximum(self.limits.prices[affordable], 0.5)
            hubs = affordable[rest][np.lexsort((luck[rest], -followers[rest]))][: room // 2]
            others = affordable[rest & ~np.isin(affordable, hubs)]
            drawn = others[np.argsort(uniforms(self._key, 0, 0, others, 0), kind="stable")][: room - len(hubs)]
            affordable = np.sort(np.concatenate([chosen, hubs, drawn]))
            luck = uniforms(self._key, 0, 0, affordable, 0)
        return affordable[np.argsort(luck, kind="stable")]  # so luck decides ties

    def with_people(self, people: People) -> Scenario:
        """Return the scenario with a further plan, whose planned wave names these people."""
        waves: dict[str, Any] = {
            name: {key: value for key, value in wave.items() if value is not None}
            for name, wave in self.scenario.resolved()["plan"][self.plan]["wave"].items()
        }
        keys = ("item", "platform", "variant", "start", "price")
        kept = {key: waves[self.wave][key] for key in keys if key in waves[self.wave]}
        ids = self.graph.ids[people].tolist()
        waves[self.wave] = {**kept, "strategy": "explicit", "people": ids}
        serve = self.scenario.plan[self.plan].serve
        plan = {"wave": waves, **({"serve": serve} if serve else {})}
        return self.scenario.with_settings({f"plan.{toml_key(self.name)}": plan})

    def campaign(self, people: People) -> Campaign:
        return compile_campaign(self.with_people(people), self.graph, self.name)

    def money(self, people: People) -> float | None:
        """Return what people cost on average: those who decline cost their part."""
        if self.prices is None:
            return None
        declining = np.array([segment.decline for segment in self.scenario.segment.values()])
        of_people = declining[0] if len(declining) == 1 else declining[segments_of(self.scenario, self.graph)[people]]
        asked = self.prices[people]
        part = 0.0 if self.scenario.price is None else self.scenario.price.declined
        return float(np.sum(asked * (1.0 - of_people) + np.floor(asked * part + 0.5) * of_people)) / 100

    def values(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the objective of every realisation."""
        if self.objective == "viral_chance":
            return (rows[..., self.item, ROW.index("engaged")] >= self.viral_from).astype(np.int64)
        return rows[..., self.item, ROW.index(self.objective)]

    def total(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return what sets are worth on the training realisations: whole numbers, exact."""
        worth: npt.NDArray[np.int64] = self.values(rows).sum(axis=1)
        if self.objective == "viral_chance":  # few seeds make nothing viral, and then those who engage more lead there
            engaged = rows[..., self.item, ROW.index("engaged")].sum(axis=1)
            worth = worth * (rows.shape[1] * self.graph.people + 1) + engaged
        return worth

    def estimate(self, values: npt.NDArray[np.int64], outcome: Outcome) -> Estimate:
        if self.objective == "viral_chance":
            return proportion_estimate(values > 0, pairs=outcome.pairs)
        return mean_estimate(values, at_least=0.0, pairs=outcome.pairs)


def _enough(work: float) -> int:
    """Return how many training realisations there are by default, given the arcs that one costs."""
    return int(min(max(_WORK / max(work, 1.0), _LEAST_TRAINING), _MOST_TRAINING))


def _unused(name: str, taken: Any) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _searched(
    total: Callable[[Sequence[People]], npt.NDArray[np.int64]],
    rivals: dict[str, People],
    tried: People,
    limits: Limits,
    has_budget: bool,
    say: Callable[[str], None],
) -> tuple[People, str]:
    """Return the best seeds found, in the order of what they add, and the name of the best strategy."""
    names = list(rivals)
    of_rivals = total([rivals[name] for name in names])
    best_rival = names[int(np.argmax(of_rivals))]
    alone = total([np.array([person]) for person in tried]) - int(total([np.zeros(0, dtype=np.int64)])[0])
    found: list[tuple[People, npt.NDArray[np.int64]]] = []
    for per_price in (False, True) if has_budget else (False,):
        how = " by the gain per money" if per_price else ""
        say(f"greedy{how}")
        found.append(
            greedy(
                total,
                tried,
                limits,
                per_price=per_price,
                gains=alone,
                progress=lambda seeds: say(f"greedy{how}: {seeds:,} seeds") if seeds % 10 == 0 else None,  # noqa: B023
            )
        )
    worths = total([people for people, _ in found])
    best = int(np.argmax(worths))
    people, gains = found[best]
    if int(of_rivals.max()) > int(worths[best]):
        people = rivals[best_rival]
    say(f"exchanging {len(people):,} seeds for others")
    people = improved(total, people, tried, gains, limits, width=max(2, min(16, 400 // max(1, len(people)))))
    return in_order(total, people, limits.prices, per_price=has_budget), best_rival

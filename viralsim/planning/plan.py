"""A plan that was found: its people, what they bring on fresh luck, and the block to paste into a scenario."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Any

from viralsim.engine import Campaign
from viralsim.outcome import Estimate, Outcome
from viralsim.scenario import Scenario

__all__ = ["SeedPlan", "SeedStep", "guarantee"]

_WIDTH = 112


@dataclass(frozen=True)
class SeedStep:
    """The first so many seeds of a plan, on the fresh realisations.

    Parameters
    ----------
    seeds : int
        How many.
    cost : float or None
        What they cost together on average (some decline), in money; None where there are no prices.
    estimate : Estimate
        The objective with them.
    added : int
        Seeds since the step before.
    gain : Estimate
        What these add to the objective, realisation by realisation; for the first step over no seeds at all.

    Examples
    --------
    >>> step = SeedStep(4, 120.0, Estimate(30.0), 2, Estimate(6.0))
    >>> step.gain_per_seed, step.to_dict()["seeds"]
    (3.0, 4)
    """

    seeds: int
    cost: float | None
    estimate: Estimate
    added: int
    gain: Estimate

    @property
    def gain_per_seed(self) -> float:
        """What each of the added seeds adds, on average."""
        return (self.gain.mean or 0.0) / self.added

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "seeds": self.seeds,
            "cost": self.cost,
            "estimate": self.estimate.to_dict(),
            "added": self.added,
            "gain": self.gain.to_dict(),
        }


@dataclass(frozen=True, eq=False)
class SeedPlan:
    """Seeds chosen by `plan_seeds`, judged on realisations that had no part in the choice.

    Parameters
    ----------
    scenario : Scenario
        The scenario with the plan in it.
    name : str
        The plan's name there.
    plan, wave : str
        The plan whose wave was filled anew.
    objective : str
        What was to be large.
    people : tuple of ids
        Whoever adds most first.
    prices : tuple of float, or None
        What each costs, in money; None where seeds cost nothing.
    budget : float or None
        Money that could be spent.
    curve : tuple of SeedStep
        What the first seeds bring, the last step all of them.
    outcome : Outcome
        The plan on the fresh realisations.
    rival : str
        The strategy that was best on the training realisations.
    rival_estimate : Estimate
        The objective with its seeds on the fresh realisations.
    rival_cost : float or None
        What its seeds cost.
    difference : Estimate
        Plan less rival, realisation by realisation.
    guarantee : str
        In words, what theory promises.
    training, candidates, eligible : int
        Realisations that the seeds were chosen on, people who were tried, and who could be (`where` of the wave).
    worth : float or None
        Money that one more of the objective is worth.
    certificate : None
        A bound on what any other seeds could bring, where there is one; this way of planning has none.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.generator=karate-club", "item.content.stickiness=30%"])
    >>> best = vs.plan_seeds(scenario, count=2, realisations=500, training=100)
    >>> again = vs.simulate(best.scenario, plan=best.name, realisations=500)
    >>> again == best.outcome, again.engaged == best.estimate == best.curve[-1].estimate
    (True, True)
    """

    scenario: Scenario
    name: str
    plan: str
    wave: str
    objective: str
    people: tuple[Any, ...]
    prices: tuple[float, ...] | None
    budget: float | None
    curve: tuple[SeedStep, ...]
    outcome: Outcome = field(repr=False)
    rival: str
    rival_estimate: Estimate
    rival_cost: float | None
    difference: Estimate
    guarantee: str
    training: int
    candidates: int
    eligible: int
    worth: float | None = None
    certificate: None = None

    @property
    def estimate(self) -> Estimate:
        """The objective on the fresh realisations."""
        return self.outcome.metric(self.objective)

    @property
    def cost(self) -> float | None:
        """What all seeds cost on average, in money, since some decline; None where there are no prices."""
        return self.curve[-1].cost

    @property
    def asked(self) -> float | None:
        """What all seeds cost if nobody declines, which a budget is for; None where there are no prices."""
        return None if self.prices is None else round(sum(self.prices), 2)

    @property
    def pays_until(self) -> int | None:
        """Up to how many seeds each step of the curve adds what it costs, at `worth`; None where that is not said."""
        if self.worth is None or self.prices is None:
            return None
        until, spent = 0, 0.0
        for step in self.curve:
            cost = step.cost or 0.0
            if (step.gain.mean or 0.0) * self.worth < cost - spent:
                break
            until, spent = step.seeds, cost
        return until

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "plan": self.name,
            "in_place_of": {"plan": self.plan, "wave": self.wave},
            "objective": self.objective,
            "people": list(self.people),
            "prices": None if self.prices is None else list(self.prices),
            "cost": self.cost,
            "asked": self.asked,
            "budget": self.budget,
            "estimate": self.estimate.to_dict(),
            "curve": [step.to_dict() for step in self.curve],
            "worth": self.worth,
            "pays_until": self.pays_until,
            "rival": {"strategy": self.rival, "estimate": self.rival_estimate.to_dict(), "cost": self.rival_cost},
            "difference": self.difference.to_dict(),
            "certificate": self.certificate,
            "guarantee": self.guarantee,
            "realisations": len(self.outcome),
            "training_realisations": self.training,
            "candidates": self.candidates,
            "eligible": self.eligible,
            "scenario_hash": self.outcome.scenario_hash,
            "random_seed": self.outcome.random_seed,
            "toml": self.toml(),
        }

    def toml(self) -> str:
        """Return the plan as text to paste into the scenario: the tables, and in comments what to expect of it."""
        lines = [f"# {line}".rstrip() for line in self._lines()]
        for line in self.scenario.plan_toml(self.name).splitlines():
            if len(line) <= _WIDTH or not line.startswith("people = ["):
                lines.append(line)
                continue
            lines.append("people = [")
            lines += self._people_lines(line)
            lines.append("]")
        return "\n".join(lines) + "\n"

    def _people_lines(self, line: str) -> list[str]:
        """Return the people of a long line, a few to a line."""
        import tomllib

        from viralsim.scenario.toml_text import toml_value

        lines, now = [], "   "
        for person in tomllib.loads(line)["people"]:
            word = f" {toml_value(person)},"
            if len(now) + len(word) > _WIDTH and now.strip():
                lines.append(now)
                now = "   "
            now += word
        return [*lines, now]

    def _lines(self) -> list[str]:
        estimate, of_rival, difference = self.estimate, self.rival_estimate, self.difference
        what, number = self.objective.replace("_", " "), self._number
        money = "" if self.budget is None else f" for at most {self.budget:,.2f}"
        lines = textwrap.wrap(
            f"{_seeds(len(self.people))} for the objective '{self.objective}'{money}, chosen by `viralsim plan` among "
            f"{_people(self.eligible)} in place of the wave '{self.wave}' of the plan '{self.plan}'. What follows was "
            f"measured on {len(self.outcome):,} {'realisation' if len(self.outcome) == 1 else 'realisations'} that had "
            "no part in choosing them.",
            _WIDTH,
        )
        lines += ["", f"{what}: {number(estimate.mean)} (95% interval of the mean: {self._interval(estimate)})"]
        if self.objective != "viral_chance":
            lines[-1] += f"; one campaign (5% to 95%): {estimate.p05:,.0f} to {estimate.p95:,.0f}"
        if self.cost is not None:
            lines.append(f"cost of the wave: {self.cost:,.2f}")
            if self.asked is not None and round(self.cost, 2) != self.asked:
                lines[-1] += f" on average, since some decline; {self.asked:,.2f} if nobody does"
        lines.append(
            f"best strategy, {self.rival}: {number(of_rival.mean)}"
            + ("" if self.rival_cost is None else f" for {self.rival_cost:,.2f}")
        )
        if difference.mean_low is not None and difference.mean_high is not None:
            verdict = (
                "the plan is better"
                if difference.mean_low > 0
                else "the plan is worse: take the strategy"
                if difference.mean_high < 0
                else "they cannot be told apart"
            )
            if difference.mean == difference.mean_low == difference.mean_high == 0:
                verdict = "no better seeds were found"
            lines.append(
                f"difference, same luck for both: {number(difference.mean, '+')} ({self._interval(difference, '+')}): "
                f"{verdict}"
            )
        lines += ["", *self._table(what)]
        if self.pays_until is not None:
            worth = f"at {self.worth:,.2f} for one more {what}" if self.worth is not None else ""
            lines.append(
                f"All seeds pay {worth}."
                if self.pays_until == len(self.people)
                else f"After the first {_seeds(self.pays_until)} the next costs more than it is worth {worth}."
            )
        lines += ["", *textwrap.wrap(self.guarantee, _WIDTH), ""]
        return lines

    def _table(self, what: str) -> list[str]:
        interval = "95% interval of it"
        rows = [["seeds", "cost", what, interval, "a further seed adds", interval, "money for 1 more"]]
        spent = 0.0
        for step in self.curve:
            cost = 0.0 if step.cost is None else step.cost
            gain = step.gain.divided(step.added)
            per = (cost - spent) / step.gain.mean if step.gain.mean and step.gain.mean > 0 else None
            rows.append(
                [
                    f"{step.seeds:,}",
                    f"{cost:,.2f}",
                    self._number(step.estimate.mean),
                    self._interval(step.estimate),
                    self._number(gain.mean, "+"),
                    self._interval(gain, "+"),
                    "-" if per is None else f"{per:,.2f}",
                ]
            )
            spent = cost
        if self.prices is None:
            rows = [[row[0], *row[2:6]] for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]

    def _number(self, value: float | None, sign: str = "") -> str:
        if value is None:
            return "-"
        if self.objective == "viral_chance":
            return f"{value:{sign}.1%}"
        return f"{value:{sign},.{0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2}f}"

    def _interval(self, estimate: Estimate, sign: str = "") -> str:
        if estimate.mean_low is None:
            return "unknown"
        return f"{self._number(estimate.mean_low, sign)} to {self._number(estimate.mean_high, sign)}"


def _people(count: int) -> str:
    return f"{count:,} {'person who is' if count == 1 else 'people who are'} eligible"


def _seeds(count: int) -> str:
    return f"{count:,} {'seed' if count == 1 else 'seeds'}"


def guarantee(campaign: Campaign, objective: str, has_budget: bool) -> str:
    """Say in words what theory promises of greedy in a scenario.

    Expected numbers of people, shares and impressions have diminishing returns (are submodular in the seeds) under the
    laws `independent` and `uniform` (Kempe, Kleinberg & Tardos 2003; Mossel & Roch 2010) as long as sharing earlier
    never brings less, and then greedy has at least 1 - 1/e of the best value there is; with prices, the better of plain
    greedy and greedy by gain per price has half of that (Leskovec et al. 2007). Both are about exact expectations and
    everybody as candidate.

    Examples
    --------
    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> curve = ["item.content.law=curve", "item.content.curve=[0.1]"]
    >>> scenario = vs.read_scenario(settings=["network.people=500", *curve])
    >>> guarantee(compile_campaign(scenario, vs.load_network(scenario.network)), "engaged", False)
    "No guarantee: the law 'curve' may need several shares, so a seed can bring more among others than alone."
    """
    scenario = campaign.scenario
    item = scenario.item[scenario.report.item]
    timed = bool(campaign.program.platforms["timed"].any())
    # Without these a person's generation is their tick, and the theory of thresholds knows nothing else.
    waits = (
        item.emission != "once"
        or any(platform.delay.law != "none" for platform in scenario.platform.values())
        or len(scenario.plan[campaign.plan].wave) > 1
    )
    reasons = {
        f"the law '{item.law}' may need several shares, so a seed can bring more among others than alone": item.law
        not in ("independent", "uniform"),
        "a chance to exceed a threshold has no diminishing returns": objective == "viral_chance",
        f"with the emission '{item.emission}' people meet the state that others have left": item.emission == "contact",
        "novelty makes what seeds bring depend on when others share": item.half_life is not None
        or item.novelty is not None,
        "arcs or people come and go, so sharing earlier may bring less": timed,
        "advertising goes on beside the seeds": item.advertisement is not None,
        "what people pass on depends on the platform where they engage": len(scenario.platform) > 1,
        "a feed that is full, or shows what strangers share, depends on who else shares": any(
            platform.feed_length is not None or platform.discovery is not None
            for platform in scenario.platform.values()
        ),
        "people are not always online, so sharing earlier may bring less": any(
            segment.online is not None for segment in scenario.segment.values()
        ),
        "which variant persuades somebody depends on who comes first": len(item.variant) > 1,
        "what thresholds bring by the horizon depends on who shares when": item.law == "uniform" and waits,
        "several items are not covered by the theory": len(scenario.item) > 1,
    }
    reason = next((words for words, holds in reasons.items() if holds), None)
    if reason is not None:
        return f"No guarantee: {reason}."
    share = "half of 63% (1 - 1/e)" if has_budget else "63% (1 - 1/e)"
    return (
        f"No certificate for these seeds. In theory greedy has at least {share} of the best possible value here (law "
        f"'{item.law}', one item), if it tried everybody on infinitely many realisations; it tried fewer."
    )

"""Numbers that a scenario should reproduce: played, and compared with what it says they are."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine.kernels import CURVES, ROW
from viralsim.errors import UsageError
from viralsim.graph import SocialGraph, load_network
from viralsim.outcome.estimate import Estimate, _student_t, mean_estimate, proportion_estimate, ratio_estimate
from viralsim.outcome.outcome import Outcome
from viralsim.outcome.playing import simulate
from viralsim.scenario import Expected, Scenario, classic_names, for_expected, read_classic
from viralsim.scenario.schema import SHARES_OF_PEOPLE
from viralsim.scenario.settings import SettingsLike

Ints = npt.NDArray[np.int64]

__all__ = ["Expectation", "classics", "expectations"]


@dataclass(frozen=True)
class Expectation:
    """One number that a scenario should reproduce, and what was measured.

    Parameters
    ----------
    scenario : str
        Name of the file, without its ending.
    title : str
        Title of the scenario.
    name : str
        NAME of [expected.NAME].
    expected : viralsim.scenario.Expected
        What is expected: metric, value, tolerance, standard errors, when, of which plan, source.
    measured : Estimate
        What came out; its mean is None where no realisation has it.
    standard_error : float or None
        Of the mean, or for a chance the one that the expected value would have; None with fewer than two
        realisations.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> setting = "expected.size={metric='engaged', value=9, tolerance=1}"
    >>> expected = read_scenario(settings=[setting]).expected["size"]
    >>> row = Expectation("mine", "", "size", expected, Estimate(10.2, 9.9, 10.5, 2, 9, 20, 100), 0.15)
    >>> row.allowed, row.holds
    (1.6, True)
    """

    scenario: str
    title: str
    name: str
    expected: Expected
    measured: Estimate
    standard_error: float | None

    @property
    def allowed(self) -> float:
        """How far the mean may be off: the tolerance, and so many standard errors."""
        return self.expected.tolerance + self.expected.standard_errors * (self.standard_error or 0.0)

    @property
    def holds(self) -> bool:
        """Whether what was measured agrees with what was expected."""
        value = self.expected.value
        slack = 1e-12 * max(1.0, abs(value))  # sums of floating point numbers
        return self.measured.mean is not None and abs(self.measured.mean - value) <= self.allowed + slack

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "scenario": self.scenario,
            "title": self.title,
            "name": self.name,
            **self.expected.model_dump(),
            "measured": self.measured.to_dict(),
            "realisations": self.measured.realisations,
            "standard_error": self.standard_error,
            "allowed": self.allowed,
            "holds": self.holds,
        }


def expectations(
    scenario: Scenario,
    *,
    graph: SocialGraph | None = None,
    realisations: int | None = None,
    threads: int | None = None,
) -> list[Expectation]:
    """Play a scenario and compare what comes of it with its [expected.NAME] tables.

    Parameters
    ----------
    scenario : Scenario
    graph : SocialGraph, optional
        Takes the place of the scenario's network, also where an expected number has settings of its own.
    realisations : int, optional
        How many; the scenario's number where None.
    threads : int, optional
        By default one per usable processor.

    Returns
    -------
    list of Expectation
        In the order of the file.

    Raises
    ------
    UsageError
        The scenario expects nothing, or a number of realisations that makes no sense.
    DataError
        The graph cannot be read, or lacks what the scenario asks of it.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.scenario_from_text('''
    ... network = { generator = "complete", people = 3 }
    ... item.post = { arc_probability = 0.5 }
    ... plan.one.wave.first = { strategy = "explicit", people = [0] }
    ... expected.size = { metric = "engaged", value = 2.25, source = "by hand" }
    ... ''')
    >>> [(row.name, row.holds) for row in expectations(scenario)]
    [('size', True)]
    """
    if not scenario.expected:
        raise UsageError(
            f"{scenario.source} expects no numbers, so there is nothing to compare",
            hint="a table [expected.NAME] holds one: metric, value, tolerance, source",
        )
    graphs: dict[str, SocialGraph] = {}
    played: dict[str, Outcome] = {}
    rows = []
    for name, expected in scenario.expected.items():
        chosen = for_expected(scenario, name)
        network = json.dumps(chosen.resolved()["network"])
        if graph is None and network not in graphs:
            graphs[network] = load_network(chosen.network, chosen.place)
        impressions = any(one.metric in ("reach", "reach_share", "impressions") for one in scenario.expected.values())
        campaign = json.dumps([expected.plan, {**chosen.resolved(), "expected": None}])
        if campaign not in played:
            played[campaign] = simulate(
                chosen,
                plan=expected.plan,
                graph=graphs[network] if graph is None else graph,
                realisations=realisations,
                threads=threads,
                impressions=impressions,
            )
        estimate, error = _measured(played[campaign], chosen.expected[name])
        source = scenario.source.rpartition("/")[2].removesuffix(".toml")
        rows.append(Expectation(source, scenario.title, name, expected, estimate, error))
    return rows


def _measured(outcome: Outcome, expected: Expected) -> tuple[Estimate, float | None]:
    """Return the estimate and its standard error."""
    item = outcome.items.index(expected.item)
    viral = outcome.rows[:, item, ROW.index("engaged")] >= outcome.viral_threshold
    if expected.metric == "viral_chance":
        value, count = min(expected.value, 1.0), len(viral)
        return proportion_estimate(viral), math.sqrt(value * (1.0 - value) / count)
    chosen = viral if expected.given == "viral" else np.ones(len(viral), dtype=bool)
    if expected.metric == "reproduction_number":
        generations = outcome.generation_counts[chosen, item]
        estimate = ratio_estimate(generations[:, 2], generations[:, 1])
    else:
        values, known, scale = _values(outcome, item, expected)
        estimate = mean_estimate(values[chosen & known])
        estimate = estimate if scale == 1 else estimate.divided(scale)
    if expected.metric in SHARES_OF_PEOPLE:
        estimate = estimate.divided(outcome.people)
    half = estimate.half_width
    return estimate, None if half is None else half / _student_t(estimate.realisations - 1)


def _values(outcome: Outcome, item: int, expected: Expected) -> tuple[Ints, npt.NDArray[np.bool_], int]:
    """Return whole numbers per realisation, where they are defined, and of what unit they are parts."""
    metric = SHARES_OF_PEOPLE.get(expected.metric, expected.metric)
    whole, known, scale = outcome._whole(metric, item)
    if expected.at is None:
        return whole, known, scale
    time = int(np.searchsorted(outcome.report_ticks, expected.at))
    if metric == "trust":
        return outcome.trust_sums[:, :, time].sum(axis=1), known, scale
    return outcome.curves[:, item, CURVES.index(metric), time], known, scale


def classics(
    name: str | None = None,
    *,
    settings: SettingsLike = (),
    realisations: int | None = None,
    threads: int | None = None,
) -> list[Expectation]:
    """Play the classical models that come with viralsim and compare them with the numbers known for them.

    Parameters
    ----------
    name : str, optional
        One of them, such as "bass"; all where None.
    settings : sequence of str, or mapping of str to object
        Changes of that one, as in `read_scenario`: to see what its number depends on.
    realisations, threads
        As in `expectations`.

    Returns
    -------
    list of Expectation
        One or more for each model.

    Raises
    ------
    UsageError
        There is no such model, or settings for all of them.

    Examples
    --------
    >>> import viralsim as vs
    >>> [(row.name, row.measured.mean, row.holds) for row in vs.classics("centola-ring")][:2]
    [('two-side-by-side', 100.0, True), ('two-far-apart', 2.0, True)]
    """
    if name is None and settings:
        raise UsageError("settings change one scenario, and these would be all classics", hint="name one of them")
    names = classic_names() if name is None else [name]
    return [
        row
        for one in names
        for row in expectations(read_classic(one, settings), realisations=realisations, threads=threads)
    ]

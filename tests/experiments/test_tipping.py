"""Tipping points: known curves are found, the interval covers, and what has none says why."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from viralsim.errors import UsageError
from viralsim.experiments.tipping import TippingPoint, find_tipping_point
from viralsim.luck import Purpose, stream_key, uniforms
from viralsim.outcome.estimate import Estimate, mean_estimate, proportion_estimate
from viralsim.scenario.varying import Until

HALF = Until("viral_chance", ">=", 0.5)


def luck(name: str, count: int) -> npt.NDArray[np.float64]:
    return uniforms(stream_key(1, Purpose.SAMPLE, "test", name), np.arange(count))


class Played:
    """A campaign that goes viral with a chance that depends on the setting, on common luck; keeps what was asked."""

    def __init__(self, chance: Callable[[float], float], name: str | None = None, most: int = 10_000) -> None:
        self.chance = chance
        # Unless luck is what a test is about it is spread evenly, so that nothing here fails once in twenty times.
        self.luck = (np.arange(most) * 0.6180339887) % 1.0 if name is None else luck(name, most)
        self.asked: dict[float, int] = {}

    def __call__(self, x: float, count: int) -> Estimate:
        assert count > self.asked.get(x, 0), "nothing is played twice"
        self.asked[x] = count
        return proportion_estimate(self.luck[:count] < self.chance(x))


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-(x - 0.3) / 0.05))


def find(played: Callable[[float, int], Estimate], until: Until = HALF, **options: object) -> TippingPoint:
    given = {"low": 0.0, "high": 1.0, "realisations": 2000, **options}
    return find_tipping_point(played, given.pop("low"), given.pop("high"), until, **given)  # type: ignore[arg-type]


def test_a_known_curve_is_found_and_few_realisations_are_played_far_from_it() -> None:
    played = Played(logistic)
    point = find(played, path="item.content.stickiness")
    assert point.low is not None
    assert point.high is not None
    assert point.value == pytest.approx(0.3, abs=0.01)
    assert 0.28 < point.low < 0.3 < point.high < 0.32
    assert (point.direction, point.reason, point.note) == ("rises", "", "")
    assert (point.path, point.condition) == ("item.content.stickiness", "viral_chance >= 50%")
    assert (point.realisations, point.evaluations) == (2000, len(played.asked))
    assert point.below is not None
    assert point.above is not None
    assert point.below.mean is not None
    assert point.above.mean is not None
    assert point.below.mean < 0.5 <= point.above.mean
    assert (point.below.realisations, point.above.realisations) == (2000, 2000)
    # 0.75 and 0.125 are far off, the ends of the range are played in full at the last
    assert played.asked[0.5] == 100
    assert sum(played.asked.values()) < 0.85 * 2000 * len(played.asked)
    assert json.loads(json.dumps(point.to_dict()))["below"]["mean"] == point.below.mean


def test_the_interval_covers_the_truth() -> None:
    """400 sweeps on luck of their own: 95 % +- what happens once in 10,000 (binomial: 362 to 395 of 400)."""
    covered = 0
    for sweep in range(400):
        point = find(Played(logistic, f"{sweep}", 200), realisations=200, tolerance=0.002)
        assert point.low is not None
        assert point.high is not None
        assert point.value is not None
        assert point.low <= point.value <= point.high
        covered += point.low <= 0.3 <= point.high
    assert 362 <= covered <= 395


def test_the_interval_is_the_inverted_interval_of_the_mean() -> None:
    """At both its ends the interval of the mean just touches the target."""
    played = Played(logistic)
    point = find(played, tolerance=1e-5)
    assert point.low is not None
    assert point.high is not None
    at_low, at_high = (proportion_estimate(played.luck[:2000] < logistic(x)) for x in (point.low, point.high))
    assert at_low.mean_high == pytest.approx(0.5, abs=0.002)
    assert at_high.mean_low == pytest.approx(0.5, abs=0.002)


def test_more_realisations_narrow_the_interval() -> None:
    few, many = (find(Played(logistic), realisations=count, tolerance=1e-4) for count in (200, 5000))
    assert few.low is not None
    assert few.high is not None
    assert many.low is not None
    assert many.high is not None
    assert few.high - few.low > 3.0 * (many.high - many.low)


@pytest.mark.parametrize("relation", [">=", ">", "<=", "<"])
@pytest.mark.parametrize("falls", [False, True])
def test_every_relation_on_curves_that_rise_and_fall(relation: str, falls: bool) -> None:
    def chance(x: float) -> float:
        return logistic(0.6 - x) if falls else logistic(x)

    point = find(Played(chance), Until("viral_chance", relation, 0.5))  # type: ignore[arg-type]
    assert point.direction == ("falls" if falls else "rises")
    assert point.low is not None
    assert point.high is not None
    assert point.low < 0.3 < point.high
    assert point.high - point.low < 0.03


@pytest.mark.parametrize(
    ("relation", "falls", "value"), [(">=", False, 31), ("<", False, 30), ("<=", True, 31), (">", True, 30)]
)
def test_whole_numbers_are_searched_one_by_one(relation: str, falls: bool, value: int) -> None:
    """The outermost whole number at which the condition holds, and an interval of whole numbers."""

    def evaluate(x: float, count: int) -> Estimate:
        assert isinstance(x, int)
        mean = 305 - 10 * x if falls else 10 * x - 305
        return mean_estimate(1000 * mean + np.resize([-15_000, 15_000], count))

    point = find_tipping_point(evaluate, 0, 100, Until("reach", relation, 0.0), realisations=100, whole=True)  # type: ignore[arg-type]
    assert point.value == value
    # The half width is 1.98 x 15,000 / sqrt(99) = 2990: less than the 5,000 between 30 or 31 and the target.
    assert (point.low, point.high) == (value, value)
    wide = find_tipping_point(
        lambda x, n: mean_estimate(1000 * (10 * int(x) - 305) + np.resize([-60_000, 60_000], n)),
        0,
        100,
        Until("reach", ">=", 0.0),
        realisations=100,
        whole=True,
    )
    assert (wide.low, wide.value, wide.high) == (30, 31, 32)


def test_a_logarithmic_range() -> None:
    played = Played(lambda x: logistic(0.3 + 0.05 * math.log(x / 2e-4)))
    point = find(played, low=1e-6, high=1.0, log=True)
    assert point.value == pytest.approx(2e-4, rel=0.1)
    assert point.low is not None
    assert point.high is not None
    assert point.low < 2e-4 < point.high < 1.3 * point.low
    assert 1e-3 in played.asked, "values played are short"


def test_values_played_are_short_numbers() -> None:
    played = Played(logistic)
    find(played)
    assert max(len(repr(x)) for x in played.asked) <= 9


def test_what_holds_never_or_always_says_so() -> None:
    never = find(Played(lambda x: 0.1 * x))
    assert (never.value, never.low, never.high) == (None, None, None)
    assert never.reason == "viral_chance >= 50% is not reached from 0 to 1"
    assert never.below is not None
    assert never.above is not None
    assert never.above.mean == pytest.approx(0.1, abs=0.02)
    always = find(Played(lambda x: 0.8 + 0.1 * x))
    assert always.reason == "viral_chance >= 50% holds from 0 to 1 already"
    nearly = find(Played(lambda x: 0.48 * x), realisations=200)
    assert nearly.reason.endswith("as far as 200 realisations tell: at 1 it may be otherwise")


def test_a_metric_without_a_value_does_not_meet_the_condition() -> None:
    def evaluate(x: float, count: int) -> Estimate:
        return Estimate() if x < 0.4 else mean_estimate(np.resize([9, 11], count))

    point = find_tipping_point(evaluate, 0.0, 1.0, Until("time_to_peak", ">=", 5.0), realisations=200)
    assert point.value == pytest.approx(0.4, abs=0.001)
    assert find_tipping_point(
        lambda x, n: Estimate(), 0.0, 1.0, Until("time_to_peak", ">=", 5.0), realisations=200
    ).reason.startswith("time_to_peak >= 5 is not reached")


def test_an_interval_that_leaves_the_range_is_cut_and_says_so() -> None:
    point = find(Played(lambda x: 0.49 + 0.02 * x), realisations=2000)
    assert point.value is not None
    assert (point.low, point.high) == (0.0, 1.0)
    assert point.note == "the interval is cut at 0 and 1, where the range searched ends"


def test_a_hump_within_the_range_is_found() -> None:
    point = find(Played(lambda x: math.exp(-(((x - 0.5) / 0.2) ** 2))))
    assert point.value == pytest.approx(0.5 - 0.2 * math.sqrt(math.log(2.0)), abs=0.01)


def test_what_stopped_early_and_was_wrong_is_found_out() -> None:
    """The first hundred realisations are all alike but for one: the rare one that goes viral is not among them."""
    rare = np.zeros(2000)
    rare[150::200] = 1000.0
    steady = np.where(np.arange(2000) % 2, 1, -1)

    def evaluate(x: float, count: int) -> Estimate:
        return mean_estimate((rare[:count] * x * 1000 + steady[:count] * 10).astype(np.int64))

    # The mean over all is 5000 x, over the first hundred it is 0 +- 2.
    point = find_tipping_point(evaluate, 0.0, 1.0, Until("reach", ">=", 1000.0), realisations=2000)
    assert point.value == pytest.approx(0.2, abs=0.001)


def test_one_realisation_has_no_interval() -> None:
    point = find_tipping_point(
        lambda x, n: mean_estimate(np.full(n, int(1000 * x))), 0.0, 1.0, Until("reach", ">=", 300.0), realisations=1
    )
    assert point.value == pytest.approx(0.3, abs=0.001)
    assert (point.low, point.high) == (None, None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": 1.0, "high": 1.0}, "from a lower to a higher value"),
        ({"high": math.inf}, "from a lower to a higher value"),
        ({"low": 0.0, "log": True}, "lies above 0"),
        ({"low": 1.2, "high": 1.9, "whole": True}, "two whole numbers"),
        ({"realisations": 0}, "at least 1 realisation"),
        ({"tolerance": 0.0}, "between 0 and 1"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find(Played(logistic), **options)

"""Where a campaign tips: the value of a setting from which on a condition holds.

The search is a bisection on one setting, played on common luck: realisation r is the same at every value, so that the
mean moves smoothly along the setting and more realisations are added to those played. Far from the tipping point few
realisations tell on which side a value lies; near it all are played.

The interval inverts a test (as Fieller's does): at every value the mean has its 95 % interval, and the values at which
it contains the target are those that the realisations cannot tell from the tipping point. At the true tipping point the
mean *is* the target, so its interval contains it in 95 % of all sweeps, and then the value belongs to the answer. This
needs one look with a number of realisations fixed beforehand, and so it is: playing stops early only where the target
is so far off that chance hardly ever brings it there (some 5 standard errors), and where what was found does not hold
up with all realisations, the search is made again without stopping early.

The interval speaks of the luck of the realisations, on the network as it is: another network drawn by the same recipe
tips elsewhere, which no number of realisations on one of them can tell (let `network.random_seed` vary to see it).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from viralsim.errors import UsageError
from viralsim.outcome.estimate import Estimate
from viralsim.scenario.varying import Until

__all__ = ["TippingPoint", "find_tipping_point"]

_FIRST_LOOK = 100

_FAR = 2.5
"""Intervals of the mean are widened so many times before playing stops early: 2.5 times 1.96 standard errors."""

_BETWEEN = (0.5, 0.25, 0.75)
"""Shares of the range at which a crossing is looked for when both ends lie on one side."""

_Span = tuple[float, float]
Bound = Literal["mean", "mean_low", "mean_high"]

_BOUNDS: tuple[Bound, ...] = ("mean", "mean_low", "mean_high")

_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class TippingPoint:
    """From which value of a setting on a condition holds.

    Parameters
    ----------
    path : str
        The setting.
    condition : str
        The condition on the mean of a metric.
    value : float or None
        Where the mean crosses the target. A whole number where the setting takes only those: then the outermost one at
        which the condition holds. None where there is no such value; `reason` says why.
    low, high : float or None
        95 % interval: all values at which the interval of the mean contains the target. None where `value` is.
    direction : "rises", "falls" or None
        Whether the mean rises or falls along the setting where it crosses the target.
    below, above : Estimate or None
        The metric at the nearest values played below and above; without a tipping point, at the ends of the range.
    realisations : int
        How many were played wherever it mattered.
    evaluations : int
        At how many values.
    reason : str
        Why there is no tipping point; empty where there is one.
    note : str
        What to know of the interval: that it is cut at the end of the range. Mostly empty.
    values : dict of str to object
        The other values of a sweep, by path, with which it was looked for.

    Examples
    --------
    >>> point = TippingPoint("item.content.stickiness", "viral_chance >= 50%", 0.02, 0.018, 0.021, "rises")
    >>> point.to_dict()["low"], point.to_dict()["below"]
    (0.018, None)
    """

    path: str
    condition: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    direction: Literal["rises", "falls"] | None = None
    below: Estimate | None = None
    above: Estimate | None = None
    realisations: int = 0
    evaluations: int = 0
    reason: str = ""
    note: str = ""
    values: dict[str, object] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> TippingPoint:
        """Return what `dataclasses.asdict` has taken apart.

        Examples
        --------
        >>> from dataclasses import asdict
        >>> point = TippingPoint("item.a.stickiness", "reach >= 9", below=Estimate(1.0))
        >>> TippingPoint.from_dict(asdict(point)) == point
        True
        """
        ends = {name: None if facts[name] is None else Estimate(**facts[name]) for name in ("below", "above")}
        return cls(**{**facts, **ends})

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "below": None if self.below is None else self.below.to_dict(),
            "above": None if self.above is None else self.above.to_dict(),
        }


def find_tipping_point(
    evaluate: Callable[[float, int], Estimate],
    low: float,
    high: float,
    until: Until,
    *,
    realisations: int,
    tolerance: float = 1e-3,
    whole: bool = False,
    log: bool = False,
    path: str = "",
    show: Callable[[float], str] = "{:g}".format,
) -> TippingPoint:
    """Find where, between two values of a setting, a condition begins or ceases to hold.

    One crossing is found. Where the metric rises and falls again there are more: which of them is found is not
    promised, and a condition that holds between the ends only is missed where it holds neither in the middle nor at a
    quarter of the range from the ends. A metric without a value (None) does not meet the condition.

    Parameters
    ----------
    evaluate : callable (value, count) -> Estimate
        The metric over realisations 0 to count - 1 at a value of the setting, in the unit of the condition (where that
        is a share of the people, a share of the people). Asked for more at the same value it adds to those played.
    low, high : float
        Ends of the range.
    until : Until
        The condition.
    realisations : int
        How many to play wherever it matters.
    tolerance : float
        How closely to search, as a share of the range; the interval is widened by as much at most.
    whole : bool
        Whether the setting takes whole numbers only.
    log : bool
        Whether to halve the range in the logarithm; `tolerance` then is a share of the logarithmic range.
    path : str
        The setting, for the answer.
    show : callable
        How a value is written in the answer's words.

    Raises
    ------
    UsageError
        The range is empty, or below 0 for a logarithm, or there are no realisations.

    Examples
    --------
    >>> import numpy as np
    >>> from viralsim.outcome.estimate import proportion_estimate
    >>> luck = (np.arange(1000) * 0.618034) % 1  # a campaign goes viral where its luck is below the square of the value
    >>> point = find_tipping_point(lambda x, n: proportion_estimate(luck[:n] < x * x), 0.0, 1.0,
    ...     Until("viral_chance", ">=", 0.5), realisations=1000)
    >>> round(point.value, 2), round(point.low, 2), round(point.high, 2), point.direction
    (0.71, 0.68, 0.73, 'rises')
    """
    place = path or "range"
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise UsageError(
            f"a tipping point is searched from a lower to a higher value, got {low:g} to {high:g}", place=place
        )
    if log and low <= 0:
        raise UsageError(f"a logarithmic range lies above 0, got {low:g} to {high:g}", place=place)
    if whole:
        low, high = math.ceil(low), math.floor(high)
        if low >= high:
            raise UsageError("a tipping point is searched between two whole numbers at least", place=place)
    if realisations < 1:
        raise UsageError(f"a search needs at least 1 realisation, got {realisations}", place=place)
    if not 0 < tolerance < 1:
        raise UsageError(f"a tolerance lies between 0 and 1, got {tolerance:g}", place=place)
    return _Search(evaluate, low, high, until, realisations, tolerance, whole, log, show).answer(path)


@dataclass
class _Search:
    evaluate: Callable[[float, int], Estimate]
    low: float
    high: float
    until: Until
    realisations: int
    tolerance: float
    whole: bool
    log: bool
    show: Callable[[float], str]
    early: bool = True
    played: dict[float, tuple[int, Estimate]] = field(default_factory=dict)

    def answer(self, path: str) -> TippingPoint:
        for self.early in (True, False):
            span = self.span()
            found = {bound: self.crossing(bound, *(span or (self.low, self.high))) for bound in _BOUNDS}
            if all(self.holds_up(bound, crossing, span) for bound, crossing in found.items()):
                break
        point = TippingPoint(path, self.until.text, realisations=self.realisations, evaluations=len(self.played))
        mean = found["mean"]
        if span is None or mean is None:
            return self.nowhere(point)
        below, above = self.full(mean[0]), self.full(mean[1])
        upward = self.reached(above, "mean")  # whether the condition holds above the tipping point
        point = replace(
            point,
            value=self.root(*mean, upward),
            direction="rises" if upward == (self.until.relation in {">", ">="}) else "falls",
            below=below,
            above=above,
        )
        if None in {below.mean_low, above.mean_low}:
            return point
        ends: list[float] = []
        cut: list[float] = []
        for bound, crossing in found.items():
            if crossing is None:  # it would cross beyond the end at which it does not do as the mean does
                beyond = span[0] if self.reached(self.full(span[0]), bound) == upward else span[1]
                cut.append(beyond)
            elif self.whole:
                ends.append(crossing[1] if upward else crossing[0])
            else:
                ends.extend(crossing)
        at = " and ".join(map(self.show, sorted(cut)))
        note = f"the interval is cut at {at}, where the range searched ends" if cut else ""
        return replace(point, low=min(ends + cut), high=max(ends + cut), note=note)

    def nowhere(self, point: TippingPoint) -> TippingPoint:
        """Return why there is no tipping point."""
        ends = {x: self.full(x) for x in (self.low, self.high)}
        within = f"from {self.show(self.low)} to {self.show(self.high)}"
        if self.reached(ends[self.low], "mean"):
            reason = f"{self.until.text} holds {within} already"
        else:
            reason = f"{self.until.text} is not reached {within}"
        unsure = [self.show(x) for x, end in ends.items() if len({self.reached(end, bound) for bound in _BOUNDS}) > 1]
        if unsure:
            reason += (
                f", as far as {self.realisations} realisations tell: at {' and '.join(unsure)} it may be otherwise"
            )
        return replace(point, below=ends[self.low], above=ends[self.high], reason=reason)

    def at(self, x: float, *, full: bool = False) -> Estimate:
        """Return the metric at a value, from as many realisations as it takes to tell on which side it lies."""
        count, found = self.played.get(x, (0, Estimate()))
        while count < self.realisations and (full or not self.early or not self.far(found)):
            count = min(max(_FIRST_LOOK, 2 * count), self.realisations)
            found = self.evaluate(x, count)
            self.played[x] = count, found
        return found

    def full(self, x: float) -> Estimate:
        return self.at(x, full=True)

    def far(self, found: Estimate) -> bool:
        """Whether chance hardly ever brings the mean to the target."""
        if found.mean is None or found.mean_low is None or found.mean_high is None:
            return False
        least, most = (found.mean + _FAR * (end - found.mean) for end in (found.mean_low, found.mean_high))
        # What has not varied at all yet may be about to.
        return least < most and not least <= self.until.value <= most

    def reached(self, found: Estimate, bound: Bound) -> bool:
        value: float | None = getattr(found, bound)
        return value is not None and _RELATIONS[self.until.relation](value, self.until.value)

    def span(self) -> _Span | None:
        """Return two values with the mean on different sides, the ends of the range if they are; None without any."""
        first = self.reached(self.at(self.low), "mean")
        for x in (self.high, *(self.between(self.low, self.high, share) for share in _BETWEEN)):
            if self.reached(self.at(x), "mean") != first:
                return self.low, x
        return None

    def crossing(self, bound: Bound, a: float, b: float) -> _Span | None:
        """Return two values close to each other between which a bound crosses the target; None where it does not."""
        first = self.reached(self.at(a), bound)
        if self.reached(self.at(b), bound) == first:
            return None
        close = self.tolerance * (self.scaled(self.high) - self.scaled(self.low))
        while b - a > 1 if self.whole else self.scaled(b) - self.scaled(a) > close:
            middle = self.between(a, b, 0.5)
            if not a < middle < b:
                break
            a, b = (middle, b) if self.reached(self.at(middle), bound) == first else (a, middle)
        return a, b

    def holds_up(self, bound: Bound, crossing: _Span | None, span: _Span | None) -> bool:
        """Whether it is there with all realisations too, or still is not."""
        a, b = crossing or span or (self.low, self.high)
        return (self.reached(self.full(a), bound) != self.reached(self.full(b), bound)) == (crossing is not None)

    def root(self, a: float, b: float, upward: bool) -> float:
        """Return where between two close values the mean is the target."""
        if self.whole:
            return b if upward else a
        below, above = self.full(a).mean, self.full(b).mean
        share = 0.5 if below is None or above is None else (self.until.value - below) / (above - below)
        return self.unscaled(self.scaled(a) + share * (self.scaled(b) - self.scaled(a)))

    def between(self, a: float, b: float, share: float) -> float:
        x = self.unscaled(self.scaled(a) + share * (self.scaled(b) - self.scaled(a)))
        if self.whole or not a < x < b:
            return x
        # Short numbers read well; a hundredth of the way to the nearer end is not missed.
        return round(x, 2 - math.floor(math.log10(min(x - a, b - x))))

    def scaled(self, x: float) -> float:
        return math.log(x) if self.log else x

    def unscaled(self, x: float) -> float:
        if self.log:
            x = math.exp(x)
        return round(x) if self.whole else x

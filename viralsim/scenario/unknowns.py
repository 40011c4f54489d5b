"""Numbers that nobody knows: ranges and distributions in place of a number, read and checked.

Any number that may differ between two campaigns can be written as a range ``"0.5%..3%"`` or as a table such as
``{ distribution = "triangular", low = "1%", mode = "2%", high = "5%" }``. What the parts mean (shares, durations,
whole numbers) and which are allowed follows from the key: each is read by the key's own reader. Drawing the
numbers is the engine's part (`viralsim.engine.drawing`).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any, Literal

from viralsim.errors import did_you_mean
from viralsim.scenario.catalogue import choices
from viralsim.scenario.locating import KeyPath
from viralsim.scenario.units import BadValueError, WrittenFloat, read_duration, read_number, read_share, shown

__all__ = ["MOST_VALUES", "Numbers", "Unknown", "read_unknown"]

MOST_VALUES = 1000
"""The most values that a number may be one of."""
_LEAST_SHARE = 1e-9
"""A distribution of which less than this lies within its bounds is refused."""
_UNIT = re.compile(r"(?<=[0-9])\s?(%|[a-z]{1,9})$")
_IN_UNITS_OF_THE_KEY = ("low", "mode", "high", "mean", "median")


@dataclass(frozen=True)
class Numbers:
    """Which numbers a key takes.

    Parameters
    ----------
    unit : str
        "share", "duration" (ticks once read), "number", or "share or count" (a decimal is a share, a whole
        number a count).
    low, high : float
        Bounds.
    whole : bool
        Whether only whole numbers are taken.
    exclusive : bool
        Whether `low` itself is outside.
    tick_seconds : float
        Length of a tick, for durations in words.

    Examples
    --------
    >>> Numbers("share", 0.0, 1.0).anything
    0.5
    """

    unit: Literal["share", "duration", "number", "share or count"]
    low: float
    high: float
    whole: bool = False
    exclusive: bool = False
    tick_seconds: float = 3600.0

    @property
    def anything(self) -> float | int:
        """Some number that the key takes."""
        number = self.low + min(1.0, (self.high - self.low) / 2.0)
        return math.ceil(number) if self.whole else number


@dataclass(frozen=True)
class Unknown:
    """A number that is not known, by the distribution it is drawn from once per pair of realisations.

    Parameters
    ----------
    path : tuple of str and int
        The key that it stands at.
    distribution : str
        Its name in the catalogue (family "unknown").
    parameters : dict of str to number or tuple of numbers
        All of its parameters, in the units of the key: shares, ticks, whole numbers.
    numbers : Numbers
        What the key takes.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> (unknown,) = read_scenario(settings=["item.content.stickiness=1%..3%"]).unknowns
    >>> unknown.name, unknown.distribution, unknown.parameters, unknown.central
    ('item.content.stickiness', 'uniform', {'low': 0.01, 'high': 0.03}, 0.02)
    """

    path: KeyPath
    distribution: str
    parameters: dict[str, Any]
    numbers: Numbers = field(compare=False)

    @property
    def name(self) -> str:
        """The path as people write it."""
        # (Not `path_text`, which shortens long names: this is the name of a column.)
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)[1:]

    @property
    def is_whole(self) -> bool:
        """Whether whole numbers are drawn."""
        return self.numbers.whole

    @property
    def _values(self) -> tuple[float | int, ...]:
        values: tuple[float | int, ...] = self.parameters["values"]
        return values

    @property
    def low(self) -> float | int:
        """The smallest number that can be drawn, or what it cannot reach."""
        if self.distribution == "values":
            return min(self._values)
        found: float | int = self.parameters.get("low", self.numbers.low)
        return found

    @property
    def high(self) -> float | int:
        """The largest number that can be drawn, or what it cannot reach."""
        if self.distribution == "values":
            return max(self._values)
        found: float | int = self.parameters.get("high", self.numbers.high)
        return found

    @property
    def central(self) -> float | int:
        """A number in the middle, for all that needs one: the middle of a range, the mode, mean or median."""
        given = self.parameters
        if self.distribution == "values":
            number: float | int = sorted(self._values)[(len(self._values) - 1) // 2]
        elif self.distribution == "uniform":
            number = 0.5 * (given["low"] + given["high"])
        elif self.distribution == "beta":
            number = given["low"] + given["a"] / (given["a"] + given["b"]) * (given["high"] - given["low"])
        else:
            number = given[{"triangular": "mode", "normal": "mean", "log-normal": "median"}[self.distribution]]
        number = min(max(number, self.low), self.high)
        if self.is_whole:
            return math.floor(number + 0.5)
        if number <= self.numbers.low and self.numbers.exclusive:
            return self.numbers.anything
        return number

    def written(self) -> dict[str, Any]:
        """Return the table that reads back to the same: numbers in the units of the key, durations in ticks."""
        listed = {key: list(value) if isinstance(value, tuple) else value for key, value in self.parameters.items()}
        return {"distribution": self.distribution, **listed}

    def number_text(self, number: float) -> str:
        """Return one of its numbers in words: shares in per cent, durations with a unit.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> scenario = read_scenario(settings=["item.content.stickiness=1%..3%", "item.content.half_life=1d..2d"])
        >>> [unknown.number_text(unknown.central) for unknown in scenario.unknowns]
        ['36 h', '2%']
        """
        if self.numbers.unit == "share" or (self.numbers.unit == "share or count" and not self.is_whole):
            return f"{100.0 * number:.3g}%"
        if self.numbers.unit == "duration":
            seconds = number * self.numbers.tick_seconds
            units = (("d", 86_400.0, 2.0), ("h", 3600.0, 1.0), ("min", 60.0, 1.0), ("s", 1.0, 0.0))
            unit, length = next((unit, length) for unit, length, least in units if seconds >= least * length)
            return f"{seconds / length:.3g} {unit}"
        return f"{number:,.0f}" if number == round(number) else f"{number:.4g}"

    def text(self) -> str:
        """Return the distribution in words.

        Examples
        --------
        >>> from viralsim.scenario import read_scenario
        >>> (unknown,) = read_scenario(settings=["item.content.stickiness=1%..3%"]).unknowns
        >>> unknown.text()
        '1% to 3%, all alike'
        """
        say, given = self.number_text, self.parameters
        if self.distribution == "values":
            several = [say(value) for value in given["values"]]
            listed = ", ".join(several[:5]) + (f", ... ({len(several)} values)" if len(several) > 5 else "")
            return f"one of {listed}"
        span = f"{say(given['low'])} to {say(given['high'])}" if "low" in given and "high" in given else ""
        if not span and "low" in given:
            span = f"at least {say(given['low'])}"
        if not span and "high" in given:
            span = f"at most {say(given['high'])}"
        end = f", {span}" if span else ""
        if self.distribution == "uniform":
            return f"{span}, all alike"
        if self.distribution == "triangular":
            return f"{span}, most often near {say(given['mode'])}"
        if self.distribution == "normal":
            return f"normal around {say(given['mean'])}, give or take {say(given['deviation'])}{end}"
        if self.distribution == "log-normal":
            return f"log-normal around {say(given['median'])}, sigma {given['sigma']:g}{end}"
        return f"{span}, beta({given['a']:g}, {given['b']:g})"


Reader = Callable[[object], Any]


def _as_written(text: str) -> object:
    """Return one side of a range: the number it is, or the text (a share, a duration)."""
    try:
        value = tomllib.loads(f"v = {'0' if text.startswith('.') else ''}{text}", parse_float=WrittenFloat)["v"]
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text


def read_unknown(
    value: object, path: KeyPath, numbers: Numbers, read: Reader, tick_seconds: float
) -> tuple[Unknown | None, list[BadValueError]]:
    """Read a range or a table with a distribution.

    Parameters
    ----------
    value : str or dict
        What was written.
    path : tuple of str and int
        The key it was written at.
    numbers : Numbers
        What the key takes.
    read : callable
        The key's own reader of one value; it raises `BadValueError`.
    tick_seconds : float
        Length of a tick, for the deviation of a duration.

    Returns
    -------
    Unknown or None
        None where something is wrong.
    list of BadValueError
        What is wrong; where inside the value is in their `at`.
    """
    numbers = replace(numbers, tick_seconds=tick_seconds)
    if isinstance(value, str):
        low, _, high = value.partition("..")
        if not low.strip() or not high.strip() or (high.startswith(".") and _UNIT.search(low)):
            return None, [_no_range(value)]
        given: Mapping[str, object] = {"low": _as_written(low.strip()), "high": _as_written(high.strip())}
        bare = [one for one in given.values() if not isinstance(one, str) and one != 0]
        if len(bare) == 1 and any(isinstance(one, str) and _UNIT.search(one) for one in given.values()):
            return None, [BadValueError(f"range {shown(value)}: write the unit on both sides", _range_hint(value))]
        name: object = "uniform"
    else:
        given = dict(value)  # type: ignore[call-overload]
        if "distribution" not in given:
            listed = ", ".join(choices("unknown"))
            return None, [BadValueError(f"expected a number, a range or a table with a distribution ({listed})")]
        name = given.pop("distribution")  # type: ignore[attr-defined]
    reading = _Reading(given, numbers, read, tick_seconds)
    parameters = reading.parameters(name)
    if reading.issues or not isinstance(name, str):
        if isinstance(value, str):  # a range has no keys to point at
            return None, [_of_range(issue, value) for issue in reading.issues]
        return None, reading.issues
    if numbers.unit == "share or count":
        several = list(_key_numbers(parameters))
        if len({isinstance(number, int) for number in several}) > 1:
            return None, [
                BadValueError("some of its numbers are shares and some are whole numbers; choose one of both")
            ]
        counted = isinstance(several[0], int)
        numbers = Numbers("share or count", *((1, 2**31 - 1, True) if counted else (0.0, 1.0, False, True)))
    unknown = Unknown(path, name, parameters, numbers)
    issues = list(_faults(unknown, value))
    return (None if issues else unknown), issues


def _no_range(value: str) -> BadValueError:
    return BadValueError(f'expected a range such as "1%..3%", from the smallest to the largest; got {shown(value)}')


def _of_range(issue: BadValueError, value: str) -> BadValueError:
    side = "high" if issue.at[:1] == ("high",) else "low"
    return BadValueError(f"range {shown(value)}, its {side}: {issue.message}", issue.hint)


def _key_numbers(parameters: Mapping[str, Any]) -> Iterator[float | int]:
    """Yield the parameters that are numbers of the key."""
    for name in _IN_UNITS_OF_THE_KEY:
        if name in parameters:
            yield parameters[name]
    yield from parameters.get("values", ())


class _Reading:
    """The parameters of one distribution, and everything that is wrong with them."""

    def __init__(self, given: Mapping[str, object], numbers: Numbers, read: Reader, tick_seconds: float) -> None:
        self.given = given
        self.numbers = numbers
        self.read = read
        self.tick_seconds = tick_seconds
        self.issues: list[BadValueError] = []

    def parameters(self, name: object) -> dict[str, Any]:
        """Return the parameters in the declared order."""
        known = choices("unknown")
        if not isinstance(name, str) or name not in known:
            listed = ", ".join(f'"{one}"' for one in known)
            close = did_you_mean(name.strip().lower(), known) if isinstance(name, str) and len(name) <= 60 else ""
            issue = BadValueError(f"expected one of {listed}; got {shown(name)}", close, ("distribution",))
            self.issues.append(issue)
            return {}
        choice = known[name]
        for key in self.given:
            if choice.parameter(key) is None:
                own = [parameter.name for parameter in choice.parameters]
                message = f"a {name} distribution has {', '.join(own)}, and no '{key}'"
                self.issues.append(BadValueError(message, did_you_mean(key, own) if len(key) <= 60 else "", (key,)))
        values: dict[str, Any] = {}
        for parameter in choice.parameters:
            if parameter.name in self.given:
                self._one(parameter.name, self.given[parameter.name], values)
            elif parameter.required:
                what = f"missing: {parameter.name}, {parameter.help}"
                self.issues.append(BadValueError(what))
        if name == "beta":
            self._support(values)
        return values

    def _support(self, values: dict[str, Any]) -> None:
        """Give a beta distribution the bounds that it lies between: those of a share, where none are written."""
        for key, bound in (("low", self.numbers.low), ("high", self.numbers.high)):
            if key in self.given:
                continue
            if self.numbers.unit == "share":
                values[key] = float(bound)
            else:
                self.issues.append(BadValueError(f"missing: {key}, which beta needs where the key is no share"))

    def _one(self, name: str, value: object, values: dict[str, Any]) -> None:
        try:
            if name in _IN_UNITS_OF_THE_KEY:
                values[name] = self._own(value)
            elif name == "deviation":
                values[name] = self._deviation(value)
            elif name in ("values", "weights"):
                values[name] = self._listed(name, value)
            else:
                values[name] = read_number(value, 0.0, 1e6 if name != "sigma" else 100.0, exclusive=True)
        except BadValueError as issue:
            self.issues.append(BadValueError(issue.message, issue.hint, (name, *issue.at)))

    def _own(self, value: object) -> float | int:
        if isinstance(value, dict) or (isinstance(value, str) and ".." in value):
            raise BadValueError(f"expected one value; got {shown(value)}")
        number = self.read(value)
        if isinstance(number, bool) or not isinstance(number, int | float):  # "none", "for ever"
            raise BadValueError(f"expected a number; got {shown(value)}")
        return number

    def _deviation(self, value: object) -> float:
        if isinstance(value, str) and self.numbers.unit == "duration":
            return read_duration(value, self.tick_seconds, exclusive=True)
        if isinstance(value, str) and self.numbers.unit.startswith("share"):
            return read_share(value, exclusive=True)
        return read_number(value, 0.0, 1e9, exclusive=True)

    def _listed(self, name: str, value: object) -> tuple[float | int, ...]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_VALUES:
            raise BadValueError(f"expected a list of 1 to {MOST_VALUES:_} numbers; got {shown(value)}")
        read: list[float | int] = []
        for index, one in enumerate(value):
            try:
                read.append(self._own(one) if name == "values" else read_number(one, 0.0, 1e9))
            except BadValueError as issue:
                raise BadValueError(issue.message, issue.hint, (index, *issue.at)) from None
        return tuple(read)


def _faults(unknown: Unknown, value: object) -> Iterator[BadValueError]:
    """Yield what is wrong with parameters that are right one by one."""
    given, name = unknown.parameters, unknown.distribution
    low, high = unknown.low, unknown.high
    say = unknown.number_text
    if name == "log-normal" and not given["median"] > 0.0:
        yield BadValueError("the median of a log-normal distribution is above 0", "", ("median",))
    elif low > high:
        if isinstance(value, str):
            yield BadValueError(f"range {shown(value)}: {say(low)} is more than {say(high)}", _range_hint(value))
        else:
            yield BadValueError(f"low is {say(low)}, more than high, {say(high)}", "exchange them", ("low",))
    elif name == "triangular" and not low <= given["mode"] <= high:
        yield BadValueError(
            f"mode is {say(given['mode'])}, expected a number from low, {say(low)}, to high, {say(high)}", "", ("mode",)
        )
    elif name == "values" and "weights" in given:
        if len(given["weights"]) != len(given["values"]):
            count, others = len(given["weights"]), len(given["values"])
            yield BadValueError(f"{count} weights for {others} values; expected one for each", "", ("weights",))
        elif not sum(given["weights"]) > 0.0:
            yield BadValueError("all weights are 0; expected at least one above", "", ("weights",))
    elif name in ("normal", "log-normal") and low < high and _share_between(unknown) < _LEAST_SHARE:
        key = "high" if "high" in given else "low" if "low" in given else ("mean" if name == "normal" else "median")
        yield BadValueError(
            f"hardly a number of this distribution lies from {say(low)} to {say(high)}, as it must here", "", (key,)
        )


def _range_hint(value: str) -> str:
    low, _, high = (part.strip() for part in value.partition(".."))
    units = [found[0] if (found := _UNIT.search(side)) else "" for side in (low, high)]
    if units[0] and not units[1]:
        return f'did you mean "{low}..{high}{units[0]}"?'
    if units[1] and not units[0]:
        return f'did you mean "{low}{units[1]}..{high}"?'
    return f'did you mean "{high}..{low}"?'


def _share_between(unknown: Unknown) -> float:
    """Return how much of a normal or log-normal distribution lies within its bounds (about: it is a check only)."""
    given, standard = unknown.parameters, NormalDist()

    def below(number: float) -> float:
        if unknown.distribution == "normal":
            return standard.cdf((number - given["mean"]) / given["deviation"])
        return standard.cdf(math.log(number / given["median"]) / given["sigma"]) if number > 0.0 else 0.0

    margin = 0.5 if unknown.is_whole else 0.0
    return below(unknown.high + margin) - below(unknown.low - margin)

"""Small formulas such as "(r+10)/20": parsed here, never evaluated as code."""

from __future__ import annotations

import re
from typing import Any

from viralsim.errors import did_you_mean
from viralsim.scenario.units import BadValueError

__all__ = ["Formula"]

_TOKEN = re.compile(r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)|([A-Za-z_]\w*)|(.))", re.ASCII | re.DOTALL)
_FUNCTIONS = {"min": (2, 20), "max": (2, 20), "clip": (3, 3)}
_LONGEST = 200
_DEEPEST = 40
_EXPECTED = "a number, r, min, max, clip or ("


class Formula:
    """Arithmetic on one variable r: numbers, + - * / ( ), min(a, b, ...), max(a, b, ...), clip(x, low, high).

    Parameters
    ----------
    text : str
        The formula, at most 200 characters; it has to mention r.

    Raises
    ------
    BadValueError
        Anything else, with the place in the text, characters counted from 1.

    Examples
    --------
    >>> Formula("(r + 10) / 20")(4.0)
    0.7
    >>> Formula("clip(r, 0, 5) / 5")(-3.0)
    0.0
    >>> Formula("(r + 10 / 20")
    Traceback (most recent call last):
        ...
    viralsim.scenario.units.BadValueError: expected ) at the end of '(r + 10 / 20'
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        if len(self.text) > _LONGEST:
            raise BadValueError(f"expected a formula of at most {_LONGEST} characters; got {len(self.text):,}")
        # Tokens: (kind: "number", "name", a sign or "end"; word; place counted from 1).
        self._tokens: list[tuple[str, str, int]] = []
        for found in _TOKEN.finditer(self.text):
            number, name, sign = found.groups()
            kind = "number" if number else "name" if name else str(sign)
            self._tokens.append((kind, number or name or sign, found.end() - len(number or name or sign) + 1))
        self._tokens.append(("end", "", len(self.text) + 1))
        self._next = 0
        self._steps: list[tuple[str, Any]] = []  # in postfix order
        self._sum(0)
        if self._peek() != "end":
            raise self._fault("expected + - * / or the end")
        if ("r", None) not in self._steps:
            raise BadValueError(f"expected a formula of r, the value in the column; '{self.text}' does not mention it")

    def __call__(self, r: Any) -> Any:
        """Return the value for a number or, value by value, for an array of float64."""
        import numpy as np

        stack: list[Any] = []
        with np.errstate(all="ignore"):  # what is not finite is for the caller to refuse
            for step, detail in self._steps:
                match step:
                    case "r":
                        stack.append(np.float64(r) if np.ndim(r) == 0 else r)
                    case "number":
                        stack.append(np.float64(detail))
                    case "negative":
                        stack.append(-stack.pop())
                    case "clip":
                        x, low, high = stack[-3:]
                        stack[-3:] = [np.minimum(np.maximum(x, low), high)]
                    case "min" | "max":
                        least = stack[-detail]
                        for other in stack[len(stack) - detail + 1 :]:
                            least = np.minimum(least, other) if step == "min" else np.maximum(least, other)
                        stack[-detail:] = [least]
                    case _:
                        b, a = stack.pop(), stack.pop()
                        stack.append(
                            a + b if step == "+" else a - b if step == "-" else a * b if step == "*" else a / b
                        )
        return float(stack[0]) if np.ndim(r) == 0 else stack[0]

    def _peek(self) -> str:
        return self._tokens[self._next][0]

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1][1]

    def _fault(self, expected: str) -> BadValueError:
        kind, word, place = self._tokens[self._next]
        where = (
            f"at the end of '{self.text}'" if kind == "end" else f"at character {place} of '{self.text}'; got '{word}'"
        )
        hint = ""
        if kind == "," and self._next and self._tokens[self._next - 1][0] == "number":
            hint = "write decimals with a point, not a comma"
        elif kind == "name":
            hint = did_you_mean(word, _FUNCTIONS) or "the value in the column is called r"
        return BadValueError(f"{expected} {where}", hint)

    def _sum(self, depth: int) -> None:
        self._product(depth)
        while (sign := self._peek()) in ("+", "-"):
            self._take()
            self._product(depth)
            self._steps.append((sign, None))

    def _product(self, depth: int) -> None:
        self._signed(depth)
        while (sign := self._peek()) in ("*", "/"):
            self._take()
            self._signed(depth)
            self._steps.append((sign, None))

    def _signed(self, depth: int) -> None:
        negative = False
        while (sign := self._peek()) in ("+", "-"):
            self._take()
            negative ^= sign == "-"
        self._value(depth)
        if negative:
            self._steps.append(("negative", None))

    def _value(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise BadValueError(f"expected at most {_DEEPEST} parentheses within each other")
        kind, word, _ = self._tokens[self._next]
        if kind == "number":
            self._take()
            self._steps.append(("number", float(word)))
        elif kind == "(":
            self._take()
            self._sum(depth + 1)
            self._close(")")
        elif kind == "name" and word == "r":
            self._take()
            self._steps.append(("r", None))
        elif kind == "name" and word in _FUNCTIONS:
            self._take()
            self._function(word, depth)
        else:
            raise self._fault(f"expected {_EXPECTED}")

    def _function(self, name: str, depth: int) -> None:
        least, most = _FUNCTIONS[name]
        self._close("(")
        self._sum(depth + 1)
        count = 1
        while self._peek() == "," and count < most:
            self._take()
            self._sum(depth + 1)
            count += 1
        if count < least:
            raise self._fault(
                f"expected , and another value of {name}, which takes {least}{' or more' * (most > least)},"
            )
        self._close(")")
        self._steps.append((name, count))

    def _close(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._fault(f"expected {sign}")
        self._take()

"""Quantiles of what is not known: from a uniform number to a share, a duration, a count.

Made of the plain IEEE-754 operations of `viralsim.arithmetic`, square roots among them, in one written
order, so that the same numbers are drawn on every machine. Distribution functions are inverted by bisection:
slow, exact to the last digits that matter, and without a special case.
"""

from __future__ import annotations

import math
from typing import Any

from viralsim.arithmetic import exp, log, normal_cdf
from viralsim.compiling import kernel

__all__ = ["DISTRIBUTIONS", "beta_cdf", "beta_quantile", "draw_numbers", "log_gamma", "normal_quantile"]

DISTRIBUTIONS = ("uniform", "triangular", "normal", "log-normal", "beta", "values")
"""Their numbers are places in this list; the catalogue declares the same names (family "unknown")."""

_UNIFORM, _TRIANGULAR, _NORMAL, _LOG_NORMAL, _BETA, _VALUES = range(len(DISTRIBUTIONS))
_FARTHEST = 8.3
"""`normal_cdf` is 0 below minus this, and 1 above."""


@kernel
def normal_quantile(p: Any) -> Any:
    """Return the z below which a standard normal number lies with probability p, within 1e-13 / density.

    Examples
    --------
    >>> abs(normal_quantile(0.5)) < 1e-15, round(normal_quantile(0.975), 6)
    (True, 1.959964)
    """
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(64):
        middle = 0.5 * (low + high)
        if normal_cdf(middle) < p:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def log_gamma(x: Any) -> Any:
    """Return the logarithm of the gamma function for x > 0, after Lanczos (g = 7, nine terms).

    Examples
    --------
    >>> abs(log_gamma(5.0) - log(24.0)) < 1e-14, abs(log_gamma(0.5) - 0.5 * log(math.pi)) < 1e-14
    (True, True)
    """
    series = 0.99999999999980993
    series += 676.5203681218851 / x
    series += -1259.1392167224028 / (x + 1.0)
    series += 771.32342877765313 / (x + 2.0)
    series += -176.61502916214059 / (x + 3.0)
    series += 12.507343278686905 / (x + 4.0)
    series += -0.13857109526572012 / (x + 5.0)
    series += 9.9843695780195716e-6 / (x + 6.0)
    series += 1.5056327351493116e-7 / (x + 7.0)
    t = x + 6.5
    return 0.91893853320467274178 + (x - 0.5) * log(t) - t + log(series)


@kernel
def beta_cdf(x: Any, a: Any, b: Any) -> Any:
    """Return the chance that a beta(a, b) number is below x, by its continued fraction.

    Source: W. H. Press et al., "Numerical Recipes", 3rd ed. 2007, section 6.4 (modified Lentz).

    Examples
    --------
    >>> round(beta_cdf(0.5, 2.0, 2.0), 12), round(beta_cdf(0.25, 1.0, 1.0), 12)
    (0.5, 0.25)
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log(1.0 - x))
    mirrored = x > (a + 1.0) / (a + b + 2.0)
    if mirrored:
        a, b, x = b, a, 1.0 - x
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d = 1.0 + even * d
        c = 1.0 + even / c
        d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
        c = c if abs(c) > 1e-300 else 1e-300
        fraction *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 + odd * d
        c = 1.0 + odd / c
        d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
        c = c if abs(c) > 1e-300 else 1e-300
        fraction *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    below = front * fraction / a
    return 1.0 - below if mirrored else below


@kernel
def beta_quantile(p: Any, a: Any, b: Any) -> Any:
    """Return the x below which a beta(a, b) number lies with probability p.

    Examples
    --------
    >>> round(beta_quantile(0.5, 2.0, 2.0), 12), round(beta_quantile(0.3, 1.0, 1.0), 12)
    (0.5, 0.3)
    """
    low, high = 0.0, 1.0
    for _ in range(64):
        middle = 0.5 * (low + high)
        if beta_cdf(middle, a, b) < p:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def _log_or_far_below(x: Any) -> Any:
    return log(x) if x > 0.0 else -math.inf


@kernel
def _number(kind: Any, low: Any, high: Any, first: Any, second: Any, u: Any) -> Any:
    """Return the quantile at u of a distribution within low ... high; its parameters are first and second."""
    if low == high:
        return low
    if kind == _TRIANGULAR:
        width, left = high - low, first - low
        if u * width < left:
            return low + math.sqrt(u * width * left)
        return high - math.sqrt((1.0 - u) * width * (high - first))
    if kind == _NORMAL:
        below, above = normal_cdf((low - first) / second), normal_cdf((high - first) / second)
        return first + second * normal_quantile(below + u * (above - below))
    if kind == _LOG_NORMAL:
        centre = log(first)
        below = normal_cdf((_log_or_far_below(low) - centre) / second)
        above = normal_cdf((_log_or_far_below(high) - centre) / second)
        return exp(centre + second * normal_quantile(below + u * (above - below)))
    if kind == _BETA:
        return low + beta_quantile(u, first, second) * (high - low)
    return low + u * (high - low)


@kernel
def draw_numbers(
    kind: Any, low: Any, high: Any, first: Any, second: Any, whole: Any, values: Any, weights: Any, u: Any, out: Any
) -> None:
    """Fill `out` with the quantiles at u.

    Parameters
    ----------
    kind : int
        Place in `DISTRIBUTIONS`.
    low, high : float
        Bounds; they are never left.
    first, second : float
        Mode; mean and deviation; median and sigma; a and b.
    whole : bool
        Whether whole numbers are drawn: what rounds to them, so that the bounds are as likely as their neighbours.
    values, weights : float64 arrays, shape (n,)
        Of the distribution "values".
    u, out : float64 arrays
        Numbers above 0, at most 1; overwritten.

    Examples
    --------
    >>> import numpy as np
    >>> out, none = np.empty(3), np.empty(0)
    >>> draw_numbers(0, 1.0, 4.0, 0.0, 0.0, True, none, none, np.array([0.1, 0.26, 0.9]), out)
    >>> out.tolist()
    [1.0, 2.0, 4.0]
    """
    margin = 0.5 if whole else 0.0
    total = 0.0
    for weight in weights:
        total += weight
    for i in range(u.shape[0]):
        if kind == _VALUES:
            below, chosen = 0.0, 0
            for j in range(values.shape[0]):
                if weights[j] > 0.0:
                    chosen = j
                    below += weights[j]
                    if u[i] * total < below:
                        break
            out[i] = values[chosen]
            continue
        number = _number(kind, low - margin, high + margin, first, second, u[i])
        if whole:
            number = math.floor(number + 0.5)
        out[i] = min(max(number, low), high)

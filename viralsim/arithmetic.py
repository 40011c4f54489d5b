"""Exponential, logarithm and normal distribution made of plain IEEE-754 operations.

Why not the C library's: its last digit differs between operating systems and processors, and so, once in a
long while, would a realisation. Addition, subtraction, multiplication and division are exactly rounded
everywhere (a browser included), so a function written with them alone, in one order, gives the same bits
everywhere. Numba compiles these without contraction into fused operations.
"""

from __future__ import annotations

import math
from typing import Any

from viralsim.compiling import kernel

__all__ = ["chance", "chances", "exp", "exp_each", "log", "log_each", "normal_cdf"]

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_INVERSE_LN2 = 1.44269504088896338700


@kernel
def exp(x: Any) -> Any:
    """Return e^x within one unit in the last place, after the method of FreeBSD's ``e_exp.c`` (fdlibm).

    Parameters
    ----------
    x : float
        Any number; below -708 the result is 0, above 709 infinite.

    Examples
    --------
    >>> exp(0.0), abs(exp(1.0) - math.e) < 1e-15, exp(-1000.0)
    (1.0, True, 0.0)
    """
    if x < -708.0:
        return 0.0
    if x > 709.0:
        return math.inf
    k = math.floor(x * _INVERSE_LN2 + 0.5)
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    return math.ldexp(1.0 - ((low - (r * c) / (2.0 - c)) - high), int(k))


@kernel
def log(x: Any) -> Any:
    """Return the natural logarithm within one unit in the last place, after fdlibm's ``e_log.c``.

    Parameters
    ----------
    x : float
        A number above 0; 0 gives minus infinity.

    Examples
    --------
    >>> log(1.0), abs(log(10.0) - math.log(10.0)) < 1e-15, log(0.0)
    (0.0, True, -inf)
    """
    if x == 0.0:
        return -math.inf
    mantissa, k = math.frexp(x)  # exact: x = mantissa * 2^k, mantissa in [0.5, 1)
    if mantissa < 0.70710678118654752440:
        mantissa = mantissa * 2.0
        k = k - 1
    f = mantissa - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    r = t2 + t1
    half_square = 0.5 * f * f
    return k * _LN2_HIGH - ((half_square - (s * (half_square + r) + k * _LN2_LOW)) - f)


@kernel
def normal_cdf(z: Any) -> Any:
    """Return the standard normal distribution function, absolute error below 1e-14.

    Parameters
    ----------
    z : float
        Any number.

    Notes
    -----
    Marsaglia, "Evaluating the normal distribution", J. Statistical Software 11(4), 2004: the Taylor series
    of (Phi - 1/2) / phi, all of whose terms have the sign of z.

    Examples
    --------
    >>> normal_cdf(0.0), round(normal_cdf(1.96), 6)
    (0.5, 0.975002)
    """
    if z < -8.3:
        return 0.0
    if z > 8.3:
        return 1.0
    total, term, previous, i = z, z, 0.0, 1.0
    while total != previous:
        previous = total
        i += 2.0
        term = term * (z * z) / i
        total += term
    return 0.5 + total * exp(-0.5 * z * z) / 2.50662827463100050242


@kernel
def chance(probability: Any, dose: Any) -> Any:
    """Return 1 - (1 - probability)^dose: the chance that `dose` units of a chance per unit succeed.

    A dose of 1 gives `probability` itself, to the bit, and a dose of 0 gives 0.

    Parameters
    ----------
    probability : float
        In [0, 1].
    dose : float
        At least 0.

    Examples
    --------
    >>> chance(0.1, 1.0), round(chance(0.1, 2.0), 12), chance(1.0, 0.5), chance(1.0, 0.0)
    (0.1, 0.19, 1.0, 0.0)
    """
    if dose == 0.0:
        return 0.0
    if dose == 1.0:
        return probability * 1.0
    if probability >= 1.0:
        return 1.0
    return 1.0 - exp(dose * log(1.0 - probability))


@kernel
def chances(probability: Any, dose: Any, out: Any, log_miss: Any) -> None:
    """Fill `out` with `chance` of each pair, and `log_miss` with the logarithm of one minus it.

    Parameters
    ----------
    probability, dose : float64 arrays, shape (n,)
    out, log_miss : float64 arrays, shape (n,)
        Overwritten.

    Examples
    --------
    >>> import numpy as np
    >>> out, log_miss = np.empty(1), np.empty(1)
    >>> chances(np.array([0.5]), np.array([2.0]), out, log_miss)
    >>> out.round(12).tolist(), bool(abs(log_miss[0] - math.log(0.25)) < 1e-15)
    ([0.75], True)
    """
    last, log_of_missing = -1.0, 0.0
    for i in range(probability.shape[0]):
        if probability[i] != last:  # mostly it is the same for all, and a logarithm costs as much as all the rest
            last = probability[i]
            log_of_missing = log(1.0 - last)
        if dose[i] == 0.0:
            out[i] = 0.0
        elif dose[i] == 1.0 or last >= 1.0:
            out[i] = last
        else:
            out[i] = 1.0 - exp(dose[i] * log_of_missing)
        log_miss[i] = 0.0 if out[i] == 0.0 else dose[i] * log_of_missing


@kernel
def exp_each(values: Any) -> None:
    """Replace every number x by e^x, in place.

    Parameters
    ----------
    values : float64 array, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([0.0, 1.0])
    >>> exp_each(values)
    >>> values.round(6).tolist()
    [1.0, 2.718282]
    """
    for i in range(values.shape[0]):
        values[i] = exp(values[i])


@kernel
def log_each(values: Any) -> None:
    """Replace every number, at least 0, by its natural logarithm, in place.

    Parameters
    ----------
    values : float64 array, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([1.0, 10.0])
    >>> log_each(values)
    >>> values.round(6).tolist()
    [0.0, 2.302585]
    """
    for i in range(values.shape[0]):
        values[i] = log(values[i])

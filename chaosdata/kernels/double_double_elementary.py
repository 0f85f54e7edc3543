"""Elementary functions in double-double: relative errors near 1e-31, the same bits on every CPU.

They carry the names of :mod:`chaosdata.kernels.elementary` and serve order 0 of a Taylor series, once a step:
plain Taylor polynomials after the usual reductions are fast enough. Each takes the
:class:`~chaosdata.kernels.double_double.DoubleDouble` that emits the instructions, and a pair or a double.

Reference: Hida, Li, Bailey (2001). Algorithms for quad-double precision floating point arithmetic. 15th IEEE
Symposium on Computer Arithmetic, 155-162 (double-double functions by argument reduction and series).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from chaosdata.kernels import coefficients as c
from chaosdata.kernels import elementary, inverse
from chaosdata.kernels.double_double import BITS, DoubleDouble, Pair, low_part
from chaosdata.kernels.vector import Value, Vector

_NEGLECTED = 2.0 ** -(BITS + 4)  # terms below this part of the first are left out,
_DOUBLE = 2.0**-56  # and below this part they are summed in double
_SATURATED = 80.0  # e**-80 is lost beside 1


def exp(v: Vector, x: Value) -> Pair:
    """``e**x``; the low part is lost with subnormal results, overflow gives infinity."""
    w = _pairs(v)
    p = w.plain
    high = p.minimum(p.maximum(x, p.constant(-746.0)), p.constant(710.0))
    low = low_part(x) or p.constant(0.0)
    low = p.select(p.compare("oeq", high, x), low, p.constant(0.0))
    series, n = _exp_minus_one_reduced(w, Pair(high, low))
    result = w.normalised(w.add(p.constant(1.0), series))
    half = p.integer_op("ashr", n, p.integers(1))
    for k in (half, p.integer_op("sub", n, half)):
        result = w.scaled(result, _power_of_two(p, k))
    return _finite_low(w, result)


def log(v: Vector, x: Value) -> Pair:
    """Natural logarithm of a normal number: -inf at zero, NaN below it."""
    w = _pairs(v)
    p = w.plain
    m, e = elementary.split(p, x)
    low = p.mul(low_part(x) or p.constant(0.0), p.div(m, x))
    f = w.normalised(w.add(Pair(m, low), p.constant(-1.0)))
    s = w.div(f, w.add(p.constant(2.0), f))
    # log m = 2 artanh s, |s| <= (sqrt(2) - 1)/(sqrt(2) + 1)
    series = _series(w, lambda k: Fraction(2, 2 * k + 1), 0.02945, w.normalised(w.mul(s, s)))
    whole = w.mul(e, Pair(p.constant(c.LN2[0]), p.constant(c.LN2[1])))
    y = w.normalised(w.add(whole, w.mul(s, series)))
    y = w.select(p.compare("oeq", x, p.constant(0.0)), p.constant(-math.inf), y)
    y = w.select(p.compare("olt", x, p.constant(0.0)), p.constant(math.nan), y)
    return w.select(p.compare("ueq", x, p.constant(math.inf)), x, y)  # infinity and NaN stay


def tanh(v: Vector, x: Value) -> Pair:
    """Hyperbolic tangent: E/(E + 2), E = e^2|x| - 1."""
    w = _pairs(v)
    y = _magnitude(w, x)
    minus_one = _exp_minus_one(w, w.scaled(y, w.constant(2.0)), _SATURATED)
    return _with_sign(w, w.div(minus_one, w.add(minus_one, w.constant(2.0))), x)


def sinh_cosh(v: Vector, x: Value) -> tuple[Pair, Pair]:
    """Hyperbolic sine and cosine, for ``|x| < 709``: NaN beyond, where cosh leaves the range of doubles."""
    w = _pairs(v)
    minus_one = _exp_minus_one(w, _magnitude(w, x), math.inf)
    e = w.normalised(w.add(minus_one, w.constant(1.0)))
    sine = w.normalised(w.add(minus_one, w.div(minus_one, e)))
    cosine = w.normalised(w.add(e, w.div(w.constant(1.0), e)))
    half = w.constant(0.5)
    return _with_sign(w, w.scaled(sine, half), x), w.scaled(cosine, half)


def sin_cos(v: Vector, x: Value) -> tuple[Pair, Pair]:
    """Sine and cosine; NaN from ``2^50`` on, as in double."""
    w = _pairs(v)
    p = w.plain
    n, quadrant = elementary.nearest(p, x, c.TWO_OVER_PI)
    r = _reduced_angle(w, x, n)
    z = w.normalised(w.mul(r, r))
    sine = _series(w, lambda k: Fraction((-1) ** k, math.factorial(2 * k + 1)), 0.62, z)
    sine = w.normalised(w.mul(r, sine))
    cosine = _series(w, lambda k: Fraction((-1) ** k, math.factorial(2 * k)), 0.62, z)
    odd = p.integer_compare("ne", p.integer_op("and", quadrant, p.integers(1)), p.integers(0))
    return (
        _negated_from_half(w, w.select(odd, cosine, sine), quadrant),
        _negated_from_half(w, w.select(odd, sine, cosine), p.integer_op("add", quadrant, p.integers(1))),
    )


def tan(v: Vector, x: Value) -> Pair:
    """Tangent, where :func:`sin_cos` has an angle."""
    sine, cosine = sin_cos(v, x)
    return _pairs(v).div(sine, cosine)


def atan(v: Vector, x: Value) -> Pair:
    """Arc tangent: that of the high part in double, y, and one correction, atan(x) - y = atan of the rest."""
    w = _pairs(v)
    p = w.plain
    y = inverse.atan(p, x)
    sine, cosine = sin_cos(w, y)
    # tan(atan(x) - y) = (x cos y - sin y)/(cos y + x sin y), near 2^-53: its cube does not count
    across, along = w.sub(w.mul(x, cosine), sine), w.add(cosine, w.mul(x, sine))
    correction = p.div(p.add(across, across.low), along)
    infinite = p.compare("oeq", p.abs(x), p.constant(math.inf))
    correction = p.select(infinite, p.constant(0.0), correction)
    return w.normalised(Pair(y, correction))


def power(v: Vector, x: Value, exponent: float) -> Pair:
    """``x**exponent`` for a constant exponent, as ``e**(exponent*log|x|)``: NaN for a negative ``x`` unless
    the exponent is an integer. The relative error grows with ``|exponent*log|x||``.
    """  # fmt: skip
    w = _pairs(v)
    p = w.plain
    result = exp(w, w.mul(p.constant(exponent), log(w, _magnitude(w, x))))
    if exponent != math.floor(exponent):
        return w.select(p.compare("olt", x, p.constant(0.0)), p.constant(math.nan), result)
    return _with_sign(w, result, x) if exponent % 2.0 == 1.0 else result


# -- parts


def _pairs(v: Vector) -> DoubleDouble:
    assert isinstance(v, DoubleDouble)
    return v


def _series(w: DoubleDouble, coefficient: Callable[[int], Fraction], reach: float, x: Value) -> Pair:
    """``sum_k coefficient(k) x**k`` for ``|x| <= reach``."""
    terms: list[Value] = []
    first = abs(float(coefficient(0)))
    while (size := abs(float(coefficient(len(terms)))) * reach ** len(terms) / first) > _NEGLECTED:
        exact = coefficient(len(terms))
        terms.append(w.number(exact) if size > _DOUBLE else w.constant(float(exact)))
    return w.horner(terms, x)


def _exp_minus_one_reduced(w: DoubleDouble, x: Value) -> tuple[Pair, Value]:
    """``q, n`` with ``e**x = 2**n (1 + q)``, n an integer."""
    p = w.plain
    n, bits = elementary.nearest(p, x, c.LOG2_E)
    first = p.fma(p.neg(n), p.constant(c.LN2[0]), x)  # exact
    r: Value = w.sub(first, w.mul(n, Pair(p.constant(c.LN2[1]), p.constant(c.LN2[2]))))
    if (low := low_part(x)) is not None:
        r = w.add(r, low)
    r = w.normalised(r)
    series = w.mul(r, _series(w, lambda k: Fraction(1, math.factorial(k + 1)), 0.3467, r))
    n = p.integer_op("ashr", p.integer_op("shl", bits, p.integers(32)), p.integers(32))
    return w.normalised(series), n


def _exp_minus_one(w: DoubleDouble, x: Value, limit: float) -> Pair:
    """``e**x - 1`` for ``0 <= x``, arguments above ``limit`` taken as ``limit``."""
    p = w.plain
    if limit < math.inf:
        x = w.select(p.compare("ogt", x, p.constant(limit)), p.constant(limit), x)
    series, n = _exp_minus_one_reduced(w, x)
    scale = _power_of_two(p, n)
    whole = p.sub(scale, p.constant(1.0))
    exact = p.compare("olt", scale, p.constant(2.0**54))
    rest = p.select(exact, p.constant(0.0), p.constant(-1.0))
    return w.normalised(w.add(Pair(whole, rest), w.scaled(series, scale)))


def _reduced_angle(w: DoubleDouble, x: Value, n: Value) -> Pair:
    """``x - n pi/2`` to full relative accuracy: pi/2 in four doubles, the sum in three."""
    p = w.plain
    minus = p.neg(n)
    terms = [low_part(x) or p.constant(0.0)]
    for part in c.HALF_PI[1:3]:
        product = w.mul(minus, p.constant(part))
        terms += [product, product.low]
    terms.append(p.mul(minus, p.constant(c.HALF_PI[3])))
    high: Value = p.fma(minus, p.constant(c.HALF_PI[0]), x)  # exact
    high = p.select(p.compare("olt", p.abs(x), p.constant(2.0**50)), high, p.constant(math.nan))
    middle = low = p.constant(0.0)
    for term in terms:
        high, carry = p.two_sum(high, term)
        middle, carry = p.two_sum(middle, carry)
        low = p.add(low, carry)
    high, carry = p.two_sum(high, middle)
    return w.normalised(Pair(high, p.add(carry, low)))


def _power_of_two(p: Vector, n: Value) -> Value:
    """``2**n`` for an integer above -1023; infinity at 1024."""
    return p.from_bits(p.integer_op("shl", p.integer_op("add", n, p.integers(1023)), p.integers(52)))


def _magnitude(w: DoubleDouble, x: Value) -> Pair:
    return _with_sign(w, x, x)


def _with_sign(w: DoubleDouble, y: Value, x: Value) -> Pair:
    """``-y`` where ``x`` is negative."""
    return w.select(w.plain.compare("olt", x, w.constant(0.0)), w.neg(y), y)


def _negated_from_half(w: DoubleDouble, y: Value, quadrant: Value) -> Pair:
    """``-y`` in quadrants 2 and 3."""
    p = w.plain
    half = p.integer_compare("ne", p.integer_op("and", quadrant, p.integers(2)), p.integers(0))
    return w.select(half, w.neg(y), y)


def _finite_low(w: DoubleDouble, y: Pair) -> Pair:
    """Zero as low part of an infinite number."""
    p = w.plain
    finite = p.compare("olt", p.abs(y), p.constant(math.inf))
    return Pair(y, p.select(finite, y.low, p.constant(0.0)))

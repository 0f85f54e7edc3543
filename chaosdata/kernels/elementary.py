"""Elementary functions on vectors of doubles: no libm, the same bits on every CPU, for any number of lanes.

Each function takes the :class:`~chaosdata.kernels.vector.Vector` that emits the instructions and a value, and
returns the result's value. The worst errors found are listed in ``tests/kernels/test_elementary.py``.

Reference: Muller (2016). Elementary Functions: Algorithms and Implementation, 3rd ed. Birkhauser (argument
reduction, fused multiply-add, compensated sums). The polynomials are our own: ``coefficients.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from chaosdata.kernels import coefficients as c
from chaosdata.kernels.inverse import atan as atan
from chaosdata.kernels.inverse import atan2 as atan2
from chaosdata.kernels.vector import Value, Vector

_SHIFTER = 6755399441055744.0  # 1.5 * 2^52: adding it leaves the nearest integer in the lowest bits
_RECIPROCAL_BITS = 0x7FDE623822FC16E6
_TWO_52_BITS = 0x433 << 52
_LOG2_OFFSET = 0.043  # halves the error of log2(1 + f) = f
_SMALLEST_NORMAL = 2.0**-1022
_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD  # the double just above sqrt(1/2)
_MANTISSA = 0x000FFFFFFFFFFFFF
_ANGLE_LIMIT = 2.0**50
_COUNTS = 50  # 2**-100 is lost beside 1


def sin_cos(v: Vector, x: Value) -> tuple[Value, Value]:
    """Sine and cosine of ``x`` in radians.

    Accurate to 1 ulp for ``|x| < 2^45``. From ``2^50`` on the result is NaN, on purpose: such a double
    carries no angle.
    """
    r, tail, quadrant = _reduced_angle(v, x)
    z = v.mul(r, r)
    z2 = v.mul(z, z)
    half_z = v.mul(z, v.constant(0.5))
    w = v.sub(v.constant(1.0), half_z)
    w_tail = v.sub(v.sub(v.constant(1.0), w), half_z)
    sine = v.fma(v.mul(r, z), _polynomial(v, c.SIN, z, z2), v.mul(tail, w))
    sine = v.add(r, sine)
    cosine = v.fma(z2, _polynomial(v, c.COS, z, z2), v.fma(v.neg(r), tail, w_tail))
    cosine = v.add(w, cosine)
    sine = v.select(v.compare("oeq", x, v.constant(0.0)), x, sine)  # sin(-0) = -0

    odd = v.integer_compare("ne", v.integer_op("and", quadrant, v.integers(1)), v.integers(0))
    next_quadrant = v.integer_op("add", quadrant, v.integers(1))
    return (
        _negate_from_half(v, v.select(odd, cosine, sine), quadrant),
        _negate_from_half(v, v.select(odd, sine, cosine), next_quadrant),
    )


def tan(v: Vector, x: Value) -> Value:
    """Tangent of ``x`` in radians, defined where :func:`sin_cos` is: a quotient of two compensated sums."""
    r, tail, quadrant = _reduced_angle(v, x)
    z = v.mul(r, r)
    z_tail = v.fma(r, r, v.neg(z))
    z2 = v.mul(z, z)
    half_z = v.mul(z, v.constant(0.5))
    w = v.sub(v.constant(1.0), half_z)
    w_tail = v.sub(v.sub(v.constant(1.0), w), half_z)
    sine = v.fma(v.mul(r, z), _polynomial(v, c.SIN, z, z2), v.mul(tail, w))
    sine, sine_tail = v.fast_two_sum(r, sine)
    w_tail = v.fma(v.constant(-0.5), z_tail, w_tail)
    cosine = v.fma(z2, _polynomial(v, c.COS, z, z2), v.fma(v.neg(r), tail, w_tail))
    cosine, cosine_tail = v.fast_two_sum(w, cosine)

    odd = v.integer_compare("ne", v.integer_op("and", quadrant, v.integers(1)), v.integers(0))  # -1/tan
    quotient = _quotient(
        v,
        (v.select(odd, v.neg(cosine), sine), v.select(odd, v.neg(cosine_tail), sine_tail)),
        (v.select(odd, sine, cosine), v.select(odd, sine_tail, cosine_tail)),
    )
    return v.select(v.compare("oeq", x, v.constant(0.0)), x, v.add(*quotient))  # tan(-0) = -0


def exp(v: Vector, x: Value) -> Value:
    """``e**x``: subnormal results are rounded like others, overflow gives infinity."""
    return _exp_sum(v, x, None)


def log(v: Vector, x: Value) -> Value:
    """Natural logarithm: -inf at zero, NaN below it."""
    m, e = split(v, x)
    f = v.sub(m, v.constant(1.0))
    s = v.div(f, v.add(v.constant(2.0), f))
    z = v.mul(s, s)
    # log(1+f) = f - (f^2/2 - s (f^2/2 + z L)): only the first term is large
    half_square = v.mul(v.mul(f, f), v.constant(0.5))
    series = v.mul(z, _polynomial(v, c.LOG, z))
    low = v.fma(e, v.constant(c.LN2_SHORT[1]), v.mul(s, v.add(half_square, series)))
    y = v.fma(e, v.constant(c.LN2_SHORT[0]), v.sub(f, v.sub(half_square, low)))
    y = v.select(v.compare("oeq", x, v.constant(0.0)), v.constant(-math.inf), y)
    y = v.select(v.compare("olt", x, v.constant(0.0)), v.constant(math.nan), y)
    return v.select(v.compare("ueq", x, v.constant(math.inf)), x, y)  # infinity and NaN stay


def tanh(v: Vector, x: Value) -> Value:
    """Hyperbolic tangent: (e^y - 1)/(e^y + 1) at y = 2|x|, every part compensated."""
    y = v.minimum(v.abs(v.add(x, x)), v.constant(44.0))  # tanh(22) rounds to 1
    r, series, n = _exp_reduced(v, y)
    n = v.integer_op("and", n, v.integers(0xFFFFFFFF))
    numerator, numerator_tail = _exp_minus_one(v, r, series, _power_of_two(v, n))
    denominator, denominator_tail = v.two_sum(numerator, v.constant(2.0))
    denominator_tail = v.add(denominator_tail, numerator_tail)
    inverse = v.div(v.constant(1.0), denominator)
    quotient = v.mul(numerator, inverse)
    minus = v.neg(quotient)
    remainder = v.add(v.fma(minus, denominator, numerator), v.fma(minus, denominator_tail, numerator_tail))
    quotient = v.fma(remainder, inverse, quotient)
    return v.with_sign(quotient, x)


def sinh_cosh(v: Vector, x: Value) -> tuple[Value, Value]:
    """Hyperbolic sine and cosine: from ``m = e**|x| - 1``, without overflow before their own.

    2 sinh|x| = m + m/(1 + m), 2 cosh x = (1 + m) + 1/(1 + m).
    """
    y = v.minimum(v.abs(x), v.constant(711.0))  # both are infinite there
    r, series, n = _exp_reduced(v, y)
    n = v.integer_op("and", n, v.integers(0xFFFFFFFF))
    # Beyond 2^50 the power of two goes into the result: e^-|x| does not count there.
    large = v.integer_compare("ugt", n, v.integers(_COUNTS))
    power_of_two = v.select(large, v.constant(2.0**_COUNTS), _power_of_two(v, n))
    rest = _power_of_two(v, v.integer_op("sub", n, v.integers(_COUNTS + 1)))
    half = v.select(large, rest, v.constant(0.5))

    m, m_tail = _exp_minus_one(v, r, series, power_of_two)
    e, e_tail = v.two_sum(m, v.constant(1.0))
    e_tail = v.add(e_tail, m_tail)
    ratio, ratio_tail = _quotient(v, (m, m_tail), (e, e_tail))
    inverse, inverse_tail = _quotient(v, (v.constant(1.0), v.constant(0.0)), (e, e_tail))
    sine, sine_tail = v.fast_two_sum(m, ratio)
    sine = v.mul(v.add(sine, v.add(sine_tail, v.add(m_tail, ratio_tail))), half)
    cosine, cosine_tail = v.fast_two_sum(e, inverse)
    cosine = v.mul(v.add(cosine, v.add(cosine_tail, v.add(e_tail, inverse_tail))), half)
    return v.with_sign(sine, x), cosine


def power(v: Vector, x: Value, exponent: float) -> Value:
    """``x**exponent`` for a constant real exponent, by a logarithm in two doubles: 1.1 ulp.

    Zero, infinite and negative ``x`` follow C's ``pow``: a finite negative base gives NaN unless the exponent
    is an integer.

    Raises
    ------
    ValueError : the exponent is infinite or NaN.
    """
    if not math.isfinite(exponent):
        raise ValueError(f"the exponent of a power must be a finite number, not {exponent}")
    if exponent == 0.0:
        return v.constant(1.0)
    whole = exponent == math.floor(exponent)
    odd = whole and exponent % 2.0 == 1.0
    base = v.abs(x)

    log_head, log_tail = _log_pair(v, base)
    p = v.constant(exponent)
    y = v.mul(p, log_head)
    y_tail = v.fma(p, log_tail, v.fma(p, log_head, v.neg(y)))
    # Far out of range the product may have overflowed and its tail be NaN; the result needs no tail there.
    y_tail = v.select(v.compare("ogt", v.abs(y), v.constant(800.0)), v.constant(0.0), y_tail)
    result = _exp_sum(v, y, y_tail)

    at_zero, at_infinity = (0.0, math.inf) if exponent > 0.0 else (math.inf, 0.0)
    result = v.select(v.compare("oeq", base, v.constant(0.0)), v.constant(at_zero), result)
    if not whole:
        result = v.select(v.compare("olt", x, v.constant(0.0)), v.constant(math.nan), result)
    result = v.select(v.compare("oeq", base, v.constant(math.inf)), v.constant(at_infinity), result)
    if odd:
        result = v.with_sign(result, x)
    return v.select(v.compare("uno", x, x), x, result)


def log2_estimate(v: Vector, x: Value) -> Value:
    """``log2 |x|`` to 0.044 for normal ``x``, linear between powers of two: for step-size control.

    Always finite: zero and subnormal numbers give about -1023 to -1022, infinity and NaN 1024 to 1025.
    """
    # The upper half of the bits as an integer, which the lowest bits of 2^52 + integer hold.
    bits = v.integer_op("lshr", v.bits(v.abs(x)), v.integers(32))
    shifted = v.from_bits(v.integer_op("or", bits, v.integers(_TWO_52_BITS)))
    return v.fma(shifted, v.constant(2.0**-20), v.constant(-(2.0**32) - 1023 + _LOG2_OFFSET))


def exp2_estimate(v: Vector, x: Value) -> Value:
    """``2**x`` to about 1e-4, ``x`` clamped to [-1000, 1000], for step-size control.

    Always positive and finite: NaN gives ``2**-1000``.
    """
    x = v.minimum(v.maximum(v.constant(-1000.0), x), v.constant(1000.0))  # this order drops a NaN
    n, bits = nearest(v, x, 1.0)
    series = v.horner([v.constant(k) for k in c.EXP2_ESTIMATE], v.sub(x, n))
    scale = v.integer_op("shl", v.integer_op("add", bits, v.integers(1023)), v.integers(52))
    return v.mul(v.from_bits(scale), series)


def reciprocal_estimate(v: Vector, x: Value) -> Value:
    """``1/x`` to 6 percent for positive, normal ``x``, for step-size control: far faster than a division.

    The bits of a double are nearly proportional to its logarithm.
    """
    return v.from_bits(v.integer_op("sub", v.integers(_RECIPROCAL_BITS), v.bits(x)))


# -- parts


def _polynomial(v: Vector, coefficients: Sequence[float], x: Value, x2: Value | None = None) -> Value:
    return v.polynomial([v.constant(k) for k in coefficients], x, x2 or v.mul(x, x))


def nearest(v: Vector, x: Value, factor: float) -> tuple[Value, Value]:
    """The integer nearest to ``x * factor``, below 2^51: as a double, and as bits whose low 32 hold it."""
    shifted = v.fma(x, v.constant(factor), v.constant(_SHIFTER))
    return v.sub(shifted, v.constant(_SHIFTER)), v.bits(shifted)


def _reduced_angle(v: Vector, x: Value) -> tuple[Value, Value, Value]:
    """``r, tail, n`` with ``x = n pi/2 + r + tail`` and ``|r| <= pi/4``; n in an integer's low 32 bits."""
    n, quadrant = nearest(v, x, c.TWO_OVER_PI)
    minus_n = v.neg(n)
    # x - n pi/2 = r + tail: the first product is exact, the second is split, the third is small.
    first = v.fma(minus_n, v.constant(c.HALF_PI[0]), x)
    p = v.mul(n, v.constant(c.HALF_PI[1]))
    p_tail = v.fma(n, v.constant(c.HALF_PI[1]), v.neg(p))
    r = v.sub(first, p)
    tail = v.fma(minus_n, v.constant(c.HALF_PI[2]), v.sub(v.sub(v.sub(first, r), p), p_tail))
    small = v.compare("olt", v.abs(x), v.constant(_ANGLE_LIMIT))
    return v.select(small, r, v.constant(math.nan)), tail, quadrant


def _negate_from_half(v: Vector, x: Value, quadrant: Value) -> Value:
    """``-x`` in quadrants 2 and 3: bit 1 of the quadrant moved to the sign."""
    bit = v.integer_op("shl", v.integer_op("and", quadrant, v.integers(2)), v.integers(62))
    return v.from_bits(v.integer_op("xor", v.bits(x), bit))


def _exp_reduced(v: Vector, x: Value) -> tuple[Value, Value, Value]:
    """``r, q, n`` with ``e**x = 2**n (1 + r + q)``, q small beside r; n in the low 32 bits of an integer."""
    n, bits = nearest(v, x, c.LOG2_E)
    first = v.fma(v.neg(n), v.constant(c.LN2[0]), x)
    p = v.mul(n, v.constant(c.LN2[1]))
    r = v.sub(first, p)
    tail = v.sub(v.sub(first, r), p)
    r2 = v.mul(r, r)
    series = _polynomial(v, c.EXP, r, r2)
    return r, v.fma(r2, series, v.fma(tail, r, tail)), bits


def _exp_minus_one(v: Vector, r: Value, series: Value, power_of_two: Value) -> tuple[Value, Value]:
    """``2**n (1 + r + series) - 1`` as the sum of two doubles, for n from 0 to 53."""
    head, head_tail = v.fast_two_sum(r, series)
    # e^y - 1 = (2^n - 1) + 2^n (head + tail)
    a = v.sub(power_of_two, v.constant(1.0))
    result, tail = v.two_sum(a, v.mul(power_of_two, head))
    return result, v.add(tail, v.mul(power_of_two, head_tail))


def _quotient(
    v: Vector, numerator: tuple[Value, Value], denominator: tuple[Value, Value]
) -> tuple[Value, Value]:
    """The quotient of two sums of a double and a tail, as another such sum."""
    (a, a_tail), (b, b_tail) = numerator, denominator
    inverse = v.div(v.constant(1.0), b)
    quotient = v.mul(a, inverse)
    minus = v.neg(quotient)
    remainder = v.add(v.fma(minus, b, a), v.fma(minus, b_tail, a_tail))
    return quotient, v.mul(remainder, inverse)


def _power_of_two(v: Vector, n: Value) -> Value:
    """``2**n`` for an integer n that is a normal double's exponent."""
    return v.from_bits(v.integer_op("shl", v.integer_op("add", n, v.integers(1023)), v.integers(52)))


def _exp_sum(v: Vector, x: Value, tail: Value | None) -> Value:
    """``e**(x + tail)``, the tail at most an ulp of x."""
    x = v.minimum(v.maximum(x, v.constant(-746.0)), v.constant(710.0))
    r, q, n = _exp_reduced(v, x)
    if tail is not None:
        q = v.fma(tail, v.add(v.constant(1.0), v.add(r, q)), q)
    return _scale(v, v.add(v.constant(1.0), v.add(r, q)), n)


def _scale(v: Vector, x: Value, n: Value) -> Value:
    """``x * 2**n`` in two exact or rounding steps, so that subnormal results and overflow come out right."""
    n = v.integer_op("ashr", v.integer_op("shl", n, v.integers(32)), v.integers(32))
    half = v.integer_op("ashr", n, v.integers(1))
    for k in (half, v.integer_op("sub", n, half)):
        bits = v.integer_op("shl", v.integer_op("add", k, v.integers(1023)), v.integers(52))
        x = v.mul(x, v.from_bits(bits))
    return x


def split(v: Vector, x: Value) -> tuple[Value, Value]:
    """``m`` in [sqrt(1/2), sqrt(2)) and ``e`` with ``x = m 2**e``, for positive finite x; defined for any."""
    subnormal = v.compare("olt", x, v.constant(_SMALLEST_NORMAL))
    bits = v.bits(v.select(subnormal, v.mul(x, v.constant(2.0**54)), x))
    k = v.integer_op("sub", bits, v.integers(_ROOT_HALF_BITS))
    k = v.integer_op("ashr", k, v.integers(52))
    m = v.from_bits(v.integer_op("sub", bits, v.integer_op("shl", k, v.integers(52))))
    return m, v.sub(v.to_float(k), v.select(subnormal, v.constant(54.0), v.constant(0.0)))


def _log_pair(v: Vector, x: Value) -> tuple[Value, Value]:
    """The logarithm of ``x > 0`` as a sum of two doubles, good to about 2^-68."""
    m, e = split(v, x)
    one, two = v.constant(1.0), v.constant(2.0)
    # s = (m - 1)/(m + 1)
    f = v.sub(m, one)
    d = v.add(m, one)
    d_tail = v.sub(m, v.sub(d, one))
    inverse = v.div(one, d)
    s = v.mul(f, inverse)
    minus_s = v.neg(s)
    s_tail = v.mul(v.fma(minus_s, d_tail, v.fma(minus_s, d, f)), inverse)
    # z = s^2
    z = v.mul(s, s)
    z_tail = v.fma(v.add(s, s), s_tail, v.fma(s, s, v.neg(z)))
    # k = 2/3 + z M(z), u = z k, g = 2 + u, log m = s g
    series = v.mul(z, _polynomial(v, c.LOG_LONG, z))
    k, k_tail = v.fast_two_sum(v.constant(c.TWO_THIRDS[0]), series)
    k_tail = v.add(k_tail, v.constant(c.TWO_THIRDS[1]))
    u = v.mul(z, k)
    u_tail = v.fma(z, k_tail, v.fma(z_tail, k, v.fma(z, k, v.neg(u))))
    g, g_tail = v.fast_two_sum(two, u)
    g_tail = v.add(g_tail, u_tail)
    h = v.mul(s, g)
    h_tail = v.fma(s, g_tail, v.fma(s_tail, g, v.fma(s, g, v.neg(h))))
    # + e ln 2; renormalised, since the exponential needs a tail below an ulp
    head, tail = v.two_sum(v.mul(e, v.constant(c.LN2_SHORT[0])), h)
    tail = v.add(tail, v.fma(e, v.constant(c.LN2_SHORT[1]), h_tail))
    return v.fast_two_sum(head, tail)

"""Inverse tangents on vectors of doubles: no libm, the same bits on every CPU, for any number of lanes.

The angle of a point (x, y) of the first octant is the angle of the nearest of three directions plus that of
the difference, a ratio below 1/4; the octants follow by reflection.
"""

from __future__ import annotations

import math

from chaosdata.kernels import coefficients as c
from chaosdata.kernels.vector import Value, Vector

# Scaled by the right one of these, no product of two coordinates is lost and no sum of them overflows.
_LARGE, _SMALL, _SCALE = 2.0**1000, 2.0**-900, 2.0**110


def atan(v: Vector, x: Value) -> Value:
    """Inverse tangent, in radians."""
    one = v.constant(1.0)
    size = v.minimum(
        v.abs(x), v.constant(2.0**200)
    )  # the inverse tangent is pi/2 there; infinity divides badly
    steep = v.compare("ogt", size, one)
    low, high = v.select(steep, one, size), v.select(steep, size, one)
    flip = v.select(steep, v.constant(-1.0), one)
    zero = v.constant(0.0)
    start = v.select(steep, v.constant(c.HALF_PI[0]), zero), v.select(steep, v.constant(c.HALF_PI[1]), zero)
    return v.with_sign(_angle(v, low, high, flip, start), x)


def atan2(v: Vector, y: Value, x: Value) -> Value:
    """The angle of the point (x, y) in radians, from -pi to pi; zeros and infinities as in C's ``atan2``."""
    zero, one = v.constant(0.0), v.constant(1.0)
    a, b = v.abs(y), v.abs(x)
    steep = v.compare("ogt", a, b)
    low, high = v.select(steep, b, a), v.select(steep, a, b)
    # On the axes, at the origin and at infinity only the direction counts.
    infinite = v.compare("oeq", high, v.constant(math.inf))
    low = v.select(infinite, v.select(v.compare("oeq", low, high), one, zero), low)
    high = v.select(infinite, one, v.select(v.compare("oeq", high, zero), one, high))
    scale = v.select(v.compare("ogt", high, v.constant(_LARGE)), v.constant(1 / _SCALE), one)
    scale = v.select(v.compare("olt", high, v.constant(_SMALL)), v.constant(_SCALE), scale)
    low, high = v.mul(low, scale), v.mul(high, scale)

    left = v.integer_compare("slt", v.bits(x), v.integers(0))  # -0 is to the left of 0
    flip = v.select(steep, v.constant(-1.0), one)
    flip = v.select(left, v.neg(flip), flip)
    start = []
    for half_pi in c.HALF_PI[:2]:
        sideways = v.select(left, v.constant(2 * half_pi), zero)
        start.append(v.select(steep, v.constant(half_pi), sideways))
    angle = v.with_sign(_angle(v, low, high, flip, (start[0], start[1])), y)
    return v.select(v.compare("uno", y, x), v.constant(math.nan), angle)


def _angle(v: Vector, y: Value, x: Value, flip: Value, start: tuple[Value, Value]) -> Value:
    """``start + flip * angle of (x, y)``, for ``0 <= y <= x``; flip is 1 or -1, start two doubles."""
    # The direction with slope s in {0, 1/2, 1}: y - s x is exact, x + s y is not.
    above_first = v.compare("ogt", y, v.mul(x, v.constant(0.25)))
    above_second = v.compare("ogt", y, v.mul(x, v.constant(0.75)))

    def of_direction(values: tuple[float, float, float]) -> Value:
        first, second, third = (v.constant(value) for value in values)
        return v.select(above_second, third, v.select(above_first, second, first))

    slope = of_direction((0.0, 0.5, 1.0))
    part = v.mul(slope, y)
    numerator = v.fma(v.neg(slope), x, y)
    denominator = v.add(x, part)
    denominator_tail = v.sub(part, v.sub(denominator, x))
    t = v.div(numerator, denominator)
    minus = v.neg(t)
    remainder = v.fma(minus, denominator_tail, v.fma(minus, denominator, numerator))
    z = v.mul(t, t)
    series = v.polynomial([v.constant(k) for k in c.ATAN], z, v.mul(z, z))
    small = v.fma(v.mul(t, z), series, v.div(remainder, denominator))

    head = of_direction((0.0, c.ATAN_HALF[0], c.HALF_PI[0] / 2))
    tail = of_direction((0.0, c.ATAN_HALF[1], c.HALF_PI[1] / 2))
    base, base_tail = v.fast_two_sum(start[0], v.mul(flip, head))
    base_tail = v.add(base_tail, v.fma(flip, tail, start[1]))
    angle, angle_tail = v.two_sum(base, v.mul(flip, t))
    return v.add(angle, v.add(angle_tail, v.fma(flip, small, base_tail)))

"""The first root of a polynomial along a step, lane by lane.

A step must not jump over a pair of close roots, so nothing is sampled. From a point where the polynomial is
positive the parabola with the same value and slope that falls as fast as the interval's coefficients allow
stays below the polynomial: its root is a safe next point. Close to a simple root this is Newton's method from
the left, and where the parabola has no root within the step, neither has the polynomial: the usual case
costs one bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from chaosdata.kernels.vector import LANES, Value, Vector

ROUNDS = 80
"""Rounds of the search: enough unless a polynomial nearly touches zero, which then ends the step there."""

_LEAST_START = 2.0**-30  # of the step: how a lane that begins with a double root at zero leaves it


class Search(NamedTuple):
    """One polynomial to search: the arguments of the function that :func:`root_function` defines."""

    series: Value
    side: Value
    value: Value
    lift: Value
    reach: Value

    def root(self, v: Vector) -> Value:
        """Call it."""
        rest = ", ".join(f"{v.type} {argument}" for argument in self[1:])
        return v.emit(f"call {v.type} @first_root(ptr {self.series}, {rest})")


class Met(NamedTuple):
    """The lanes that something stops, when, whether almost at once, and the lanes that move at all."""

    cut: Value
    first: Value
    in_place: Value
    running: Value

    def at(self, v: Vector, slot: int) -> Value:
        """The lanes whose first root is the one kept in a slot of the work array."""
        root = v.load(v.offset("%w", LANES * slot))
        return v.both(self.cut, v.compare("oeq", root, self.first))


def root_function(order: int) -> str:
    """``first_root(series, side, value, lift, h)``: where a polynomial stops being positive.

    The polynomial is ``value + lift*s + side*(g_1 s + ... + g_N s^N)``; ``lift`` serves to make a slope at
    the start zero where it is negative by rounding only.

    ``series`` points to the coefficients g_0 .. g_N; ``value`` stands for the lowest one and counts as zero
    where it is negative: the rounding error of a point on the surface. The result of a lane is a time in
    [0, h]; +inf where there is no root; ``-s`` where the search got no further than s, without a root before.
    A lane with negative h has none.
    """
    v = Vector()
    h = "%h"
    low = v.maximum("%value", v.constant(0.0))
    slope = v.fma("%side", _coefficient(v, "%series", 1), "%lift")
    curvature = v.constant(0.0)  # how far the second derivative can fall below zero
    against = v.neg("%side")
    for k in range(order, 1, -1):
        falling = v.maximum(v.mul(against, _coefficient(v, "%series", k)), v.constant(0.0))
        term = v.mul(falling, v.constant(float(k * (k - 1))))
        curvature = v.fma(curvature, h, term) if k < order else term
    first = _safe_step(v, low, slope, curvature)
    nowhere = v.compare("oeq", first, v.constant(0.0))
    first = v.select(nowhere, v.mul(h, v.constant(_LEAST_START)), first)
    at_once = v.both(v.compare("oeq", low, v.constant(0.0)), v.compare("olt", slope, v.constant(0.0)))
    at_once = v.both(at_once, v.compare("oge", h, v.constant(0.0)))
    result = v.select(at_once, v.constant(0.0), v.constant(math.inf))
    first = v.select(at_once, v.constant(math.inf), first)
    active = v.compare("ole", first, h)
    start = v.label("start")
    v.begin(start)
    v.line(f"br i1 {v.any(active)}, label %search, label %found")
    v.begin("search", jump=False)
    v.phi("i64", [("0", start), ("%round_next", "search")], "%round")
    x = v.phi(v.type, [(first, start), ("%x_next", "search")])
    found = v.phi(v.type, [(result, start), ("%found_next", "search")])
    active = v.phi(v.mask, [(active, start), ("%active_next", "search")])
    value, slope = _value_and_slope(v, order, x, low)
    following = v.add(x, _safe_step(v, value, slope, curvature))
    zero = v.compare("ole", value, v.constant(0.0))
    stalled = v.compare("ole", following, x)
    root = v.both(active, v.either(zero, stalled))
    v.line(f"%found_next = select {v.mask} {root}, {v.type} {x}, {v.type} {found}")
    onward = v.both(active, v.compare("ole", following, h))
    v.line(f"%active_next = and {v.mask} {onward}, {v.neither(root, root)}")
    v.line(f"%x_next = select {v.mask} %active_next, {v.type} {following}, {v.type} {x}")
    v.line("%round_next = add i64 %round, 1")
    more = v.emit(f"icmp ult i64 %round_next, {ROUNDS}")
    going = v.emit(f"and i1 {more}, {v.any('%active_next')}")
    v.line(f"br i1 {going}, label %search, label %found")
    v.begin("found", jump=False)
    result = v.phi(v.type, [(result, start), ("%found_next", "search")])
    open_ = v.emit(f"phi {v.mask} [zeroinitializer, %{start}], [%active_next, %search]")
    reached = v.phi(v.type, [(v.constant(0.0), start), ("%x_next", "search")])
    result = v.select(open_, v.neg(reached), result)
    body = "\n".join(v.lines)
    t = v.type
    arguments = ", ".join(["ptr %series", *(f"{t} %{name}" for name in ("side", "value", "lift", "h"))])
    return f"define internal {t} @first_root({arguments}) noinline {{\nentry:\n{body}\nret {t} {result}\n}}\n"


def _coefficient(v: Vector, series: Value, k: int) -> Value:
    return v.load(v.offset(series, LANES * k))


def _safe_step(v: Vector, value: Value, slope: Value, curvature: Value) -> Value:
    """The root of ``value + slope*s - curvature*s^2/2``; infinite or NaN where there is none."""
    twice = v.add(value, value)
    root = v.sqrt(v.fma(slope, slope, v.mul(twice, curvature)))
    rising = v.compare("oge", slope, v.constant(0.0))
    above = v.select(rising, v.add(slope, root), twice)
    below = v.select(rising, curvature, v.sub(root, slope))
    return v.div(above, below)


def _value_and_slope(v: Vector, order: int, x: Value, low: Value) -> tuple[Value, Value]:
    """The polynomial and its derivative at ``x``: even and odd orders apart, for half the latency."""
    series, square = v.reread("%series"), v.mul(x, x)
    even, even_slope = _horner(v, [_coefficient(v, series, k) for k in range(2, order + 1, 2)], square)
    odd, odd_slope = _horner(v, [_coefficient(v, series, k) for k in range(1, order + 1, 2)], square)
    # With y = x^2: the derivative of y E(y) + x O(y) is 2x (E + y E') + O + 2y O'.
    rest = v.fma(x, even, odd)
    value = v.fma(x, v.fma("%side", rest, "%lift"), low)
    inner = v.fma(x, v.fma(square, even_slope, even), v.mul(square, odd_slope))
    slope = v.fma(v.constant(2.0), inner, odd)
    return value, v.fma("%side", slope, "%lift")


def _horner(v: Vector, coefficients: Sequence[Value], x: Value) -> tuple[Value, Value]:
    """A polynomial and its derivative."""
    value, slope = coefficients[-1], v.constant(0.0)
    for k, c in enumerate(reversed(coefficients[:-1])):
        slope = value if k == 0 else v.fma(slope, x, value)
        value = v.fma(value, x, c)
    return value, slope

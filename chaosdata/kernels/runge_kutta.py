"""Explicit Runge-Kutta methods on vectors of lanes, each lane with its own adaptive step.

The right-hand side is one routine, called for every stage; stages are sums over slopes in memory, in a loop
over the components, so the code does not grow with the dimension. A step whose error is too large leaves its
lane where it was and is tried again, shorter, in the next call. Piecewise operations are evaluated plainly.

Reference: Hairer, Norsett, Wanner (1993). Solving Ordinary Differential Equations I, 2nd ed. Springer,
sections II.4 to II.6; the control of the step: Gustafsson (1991), ACM Trans. Math. Software 17, 533-554.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import fsum, log2
from types import MappingProxyType
from typing import NamedTuple

from chaosdata.equations.graph import Graph
from chaosdata.kernels import elementary
from chaosdata.kernels.compile import load
from chaosdata.kernels.dense import dense_function
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.pointwise import evaluate
from chaosdata.kernels.tableaux import Tableau
from chaosdata.kernels.taylor import Kernel
from chaosdata.kernels.vector import LANES, Value, Vector, declarations
from chaosdata.types import Status

_OVERFLOW = 1e150
_RESOLUTION = 2.0**-46  # the shortest step, as a fraction of the time
_FORGET = 0.5  # how fast a component's recent magnitude is forgotten, each step
_SAFETY = log2(0.9)
_SHORTER, _LONGER = log2(0.2), log2(8.0)  # what a step's size may change by
_MEMORY = 0.2  # of the error before, in the control of the step
_START = log2(1 / 8)


def runge_kutta_kernel(graph: Graph, tableau: Tableau) -> Kernel:
    """Compile (or fetch from the cache) the kernel of a flow; one serves every tolerance."""
    ir, memory = runge_kutta_module(graph, tableau)
    functions = load(ir, ("step", "dense"))
    return Kernel(functions["step"], functions["dense"], memory)


def runge_kutta_module(graph: Graph, tableau: Tableau) -> tuple[str, Memory]:
    """The IR of a flow's kernel, and the work array that it expects."""
    method = _RungeKutta(graph, tableau)
    samples = dense_function(method.series, method.memory, "samples")
    ir = method.slope_function() + method.step_function() + samples + method.dense_function()
    return ir + declarations(4, LANES), method.memory


class _Series(NamedTuple):
    """The polynomials of the dense output."""

    dimension: int
    order: int
    slot: dict[tuple[str, int], int]
    degree: Mapping[tuple[str, int], int] = MappingProxyType({})


class _RungeKutta:
    """Emits the functions of one method and one graph."""

    def __init__(self, graph: Graph, tableau: Tableau) -> None:
        self.graph, self.tableau, self.d = graph, tableau, graph.dimension
        self.memory = Memory(self.d)
        reserve, d, degree = self.memory.reserve, self.d, len(tableau.dense)
        first = reserve(d * (degree + 1))
        self.series = _Series(d, degree, {("x", i): first + i * (degree + 1) for i in range(d)})
        self.slopes = reserve(d * len(tableau.nodes))  # slope j of component i at j*d + i
        self.point = reserve(d)  # where the next slope is taken, and when
        self.point_time = reserve(1)
        self.rounding, self.new_rounding = reserve(d), reserve(d)  # of the state, so far and after the step
        self.started = reserve(1)
        self.next_step = reserve(1)  # the size proposed for the step
        self.last_error = reserve(1)  # log2 of the last accepted error, in units of the tolerance
        self.forced = reserve(1)  # whether the last step was taken in spite of its error
        # What loops over the components gather; in this order:
        self.error_ratio = (reserve(1), reserve(1))  # largest |error|/scale, for each estimate
        self.largest = reserve(1)  # component of a state
        self.unfit = reserve(1)  # zero, or NaN if some value was not a finite number

    # -- parts

    @contextmanager
    def _components(self, v: Vector) -> Iterator[tuple[Value, Value]]:
        """A loop over the components; yields the work array moved to a component, by slots and by series."""
        with v.loop("components", 0, self.d) as i:
            stride = LANES * (self.series.order + 1)
            yield (
                v.offset("%w", v.emit(f"mul i64 {i}, {LANES}")),
                v.offset("%w", v.emit(f"mul i64 {i}, {stride}")),
            )

    def _get(self, v: Vector, slot: int, base: Value = "%w") -> Value:
        return v.load(v.offset(base, LANES * slot))

    def _put(self, v: Vector, value: Value, slot: int, base: Value = "%w") -> None:
        v.store(value, v.offset(base, LANES * slot))

    def _clear(self, v: Vector, *slots: int) -> None:
        for slot in slots:
            self._put(v, v.constant(0.0), slot)

    def _enlarge(self, v: Vector, slot: int, value: Value) -> None:
        """The slot becomes the largest of itself and ``|value|``."""
        self._put(v, v.maximum(v.abs(value), self._get(v, slot)), slot)

    def _require_finite(self, v: Vector, *values: Value) -> None:
        total = self._get(v, self.unfit)
        for value in values:
            total = v.add(total, v.sub(value, value))
        self._put(v, total, self.unfit)

    def _slope(self, v: Vector, j: int, base: Value = "%w") -> Value:
        return self._get(v, self.slopes + j * self.d, base)

    def _call_slope(self, v: Vector, point: int, j: int) -> None:
        slots = (point, self.point_time, self.slopes + j * self.d)
        x, t, k = (v.offset("%w", LANES * slot) for slot in slots)
        v.line(f"call void @slope(ptr {x}, ptr {t}, ptr {k})")

    def _stage(self, v: Vector, j: int, h: Value) -> None:
        """Slope j, at the point that the slopes before it lead to."""
        time, low = self._get(v, self.memory.time), self._get(v, self.memory.time_low)
        self._put(v, v.add(time, v.fma(v.constant(self.tableau.nodes[j]), h, low)), self.point_time)
        with self._components(v) as (at, series):
            total = self._combination(v, self.tableau.weights[j - 1], at)
            x = self._get(v, self.series.slot["x", 0], series)
            if j == self.tableau.stages - 1:  # the new state: what its rounding loses goes into the next one
                x, lost = v.two_sum(x, v.fma(h, total, self._get(v, self.rounding, at)))
                self._put(v, lost, self.new_rounding, at)
            else:
                x = v.fma(h, total, x)
            self._put(v, x, self.point, at)
        self._call_slope(v, self.point, j)

    def _combination(self, v: Vector, weights: tuple[float, ...], at: Value) -> Value:
        """``sum_j w_j k_j`` of one component."""
        total: Value | None = None
        for j, weight in enumerate(weights):
            if weight:
                w, slope = v.constant(weight), self._slope(v, j, at)
                total = v.mul(w, slope) if total is None else v.fma(w, slope, total)
        return total or v.constant(0.0)

    def _shortest(self, v: Vector) -> Value:
        """The shortest step."""
        time = v.abs(self._get(v, self.memory.time))
        return v.maximum(v.mul(time, v.constant(_RESOLUTION)), v.constant(1e-290))

    def _scale(self, v: Vector, at: Value, before: Value, after: Value, floor: Value) -> Value:
        """The recent magnitude of a component: at both ends of the step, or what is not yet forgotten."""
        old = v.mul(self._get(v, self.memory.scale, at), v.constant(_FORGET))
        return v.maximum(v.maximum(v.maximum(v.abs(before), old), floor), v.abs(after))

    # -- functions

    def slope_function(self) -> str:
        """``slope(x, t, k)``: the right-hand side."""
        v = Vector()
        states = [v.load(v.offset("%x", LANES * i)) for i in range(self.d)]
        for i, value in enumerate(evaluate(v, self.graph, states, v.load("%t"))[: self.d]):
            v.store(value, v.offset("%k", LANES * i))
        body = "\n".join(v.lines)
        arguments = "ptr noalias %x, ptr noalias %t, ptr noalias %k"
        return f"define internal void @slope({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"

    def step_function(self) -> str:
        """``step(work, log2_tolerance) -> i64``: try one step of every lane."""
        v, memory = Vector(), self.memory
        time, low = self._get(v, memory.end), self._get(v, memory.end_low)
        self._put(v, time, memory.time)
        self._put(v, low, memory.time_low)
        self._first_slope(v)
        remaining = v.sub(v.sub(self._get(v, memory.stop), time), low)
        status, ok = self._get(v, memory.status), v.constant(float(Status.OK))
        running = v.both(v.compare("oeq", status, ok), v.compare("ogt", remaining, v.constant(0.0)))
        proposed = self._get(v, self.next_step)
        shortest = self._shortest(v)
        at_shortest = v.compare("ole", proposed, shortest)
        h = v.maximum(proposed, shortest)
        last = v.compare("uge", h, remaining)
        h = v.select(last, remaining, h)

        self._clear(v, self.largest, self.unfit, *self.error_ratio)
        with self._components(v) as (at, series):
            x = self._get(v, memory.state, at)
            self._put(v, x, self.series.slot["x", 0], series)
            self._enlarge(v, self.largest, x)
        floor = v.fma(self._get(v, self.largest), v.constant(2.0**-100), v.constant(1e-280))
        for j in range(1, self.tableau.stages):
            self._stage(v, j, h)
        error = v.sub(self._log2_error(v, h, floor), v.broadcast("%log2_tolerance"))

        # At the resolution of time a step is taken whatever its error, to pass a jump of the right-hand side.
        # Two such steps in a row are no jump.
        exact = v.compare("ole", error, v.constant(0.0))
        finite = v.compare("oeq", self._get(v, self.unfit), v.constant(0.0))
        first = v.compare("oeq", self._get(v, self.forced), v.constant(0.0))
        accept = v.both(v.either(exact, v.both(at_shortest, first)), finite)
        huge = v.compare("ogt", self._get(v, self.largest), v.constant(_OVERFLOW))
        taken = v.select(huge, v.constant(float(Status.OVERFLOW)), ok)
        refused = v.select(at_shortest, v.constant(float(Status.STEP_UNDERFLOW)), ok)
        status = v.select(running, v.select(accept, taken, refused), status)
        healthy = v.both(running, v.compare("oeq", status, ok))
        good = v.both(healthy, accept)
        self._put(v, status, memory.status)

        forced = v.select(exact, v.constant(0.0), v.constant(1.0))
        self._put(v, v.select(good, forced, self._get(v, self.forced)), self.forced)
        size = v.mul(h, self._change(v, error, good))
        self._put(v, v.select(running, size, proposed), self.next_step)
        with self._components(v) as (at, series):
            before, after = self._get(v, self.series.slot["x", 0], series), self._get(v, self.point, at)
            self._put(v, v.select(good, after, before), memory.state, at)
            old, new = self._get(v, self.rounding, at), self._get(v, self.new_rounding, at)
            self._put(v, v.select(good, new, old), self.rounding, at)
            scale = self._scale(v, at, before, after, floor)
            self._put(v, v.select(good, scale, self._get(v, memory.scale, at)), memory.scale, at)

        step = v.select(good, h, v.constant(0.0))
        end, lost = v.two_sum(time, v.add(step, low))
        arrived = v.both(good, last)
        self._put(v, step, memory.step)
        # Exactly at the end: what rounding leaves of the time would be a step of its own.
        self._put(v, v.select(arrived, self._get(v, memory.stop), end), memory.end)
        self._put(v, v.select(arrived, v.constant(0.0), lost), memory.end_low)
        count = self._get(v, memory.steps)
        self._put(v, v.select(good, v.add(count, v.constant(1.0)), count), memory.steps)
        onward = v.both(healthy, v.compare("olt", step, remaining))
        v.line(f"ret i64 {v.mask_bits(onward)}")
        body = "\n".join(v.lines)
        return f"define i64 @step(ptr noalias %w, double %log2_tolerance) {{\nentry:\n{body}\n}}\n"

    def _first_slope(self, v: Vector) -> None:
        """Slope 0: the last one of the step before, where it was taken; in the first call, a new one."""
        taken = v.compare("ogt", self._get(v, self.memory.step), v.constant(0.0))
        with self._components(v) as (at, _):
            last = self._slope(v, self.tableau.stages - 1, at)
            k = v.select(taken, last, self._slope(v, 0, at))
            self._put(v, k, self.slopes, at)
        started = v.load_scalar(v.offset("%w", LANES * self.started))
        fresh = v.emit(f"fcmp oeq double {started}, 0.0")
        v.line(f"br i1 {fresh}, label %start, label %ready")
        v.begin("start", jump=False)
        self._put(v, v.constant(1.0), self.started)
        self._put(
            v, v.add(*(self._get(v, s) for s in (self.memory.time, self.memory.time_low))), self.point_time
        )
        self._call_slope(v, self.memory.state, 0)
        self._start(v)
        v.begin("ready")

    def _start(self, v: Vector) -> None:
        """The first step's size: a fraction of the time in which the state would change by itself."""
        rate, ok = self.error_ratio[0], float(Status.OK)
        self._clear(v, self.largest, self.unfit, rate)
        with self._components(v) as (at, _):
            k = self._slope(v, 0, at)
            self._enlarge(v, self.largest, self._get(v, self.memory.state, at))
            self._enlarge(v, rate, k)
            self._require_finite(v, k)
        speed = self._get(v, rate)
        size = v.maximum(self._get(v, self.largest), v.mul(speed, v.constant(2.0**-20)))
        tolerance = v.mul(v.broadcast("%log2_tolerance"), v.constant(1 / self.tableau.error_order))
        span = v.sub(elementary.log2_estimate(v, size), elementary.log2_estimate(v, speed))
        h = elementary.exp2_estimate(v, v.add(v.add(span, tolerance), v.constant(_START)))
        self._put(v, h, self.next_step)
        # A state that the shortest step leaves far behind, as at the origin, gives no scale; that step does.
        least = v.mul(speed, self._shortest(v))
        least = v.select(v.compare("olt", self._get(v, self.largest), least), least, v.constant(0.0))
        with self._components(v) as (at, _):
            self._put(v, least, self.memory.scale, at)
        status = self._get(v, self.memory.status)
        lost = v.compare("uno", self._get(v, self.unfit), v.constant(0.0))
        lost = v.both(lost, v.compare("oeq", status, v.constant(ok)))
        self._put(v, v.select(lost, v.constant(float(Status.NOT_FINITE)), status), self.memory.status)

    def _log2_error(self, v: Vector, h: Value, floor: Value) -> Value:
        """log2 of the largest error, in units of its component's scale; large where something is no number.

        Of two estimates of orders 5 and 3, ``e5^2 / sqrt(e5^2 + e3^2/100)`` is one of order 8.
        """
        self._clear(v, self.largest)
        with self._components(v) as (at, series):
            before, after = self._get(v, self.series.slot["x", 0], series), self._get(v, self.point, at)
            inverse = v.div(v.constant(1.0), self._scale(v, at, before, after, floor))
            self._enlarge(v, self.largest, after)
            self._require_finite(v, after, self._slope(v, self.tableau.stages - 1, at))
            rounding = self._rounding(v, at, h)
            for ratio, weights in zip(self.error_ratio, self.tableau.error, strict=False):
                error = self._combination(v, weights, at)
                self._require_finite(v, error)
                rounded = v.mul(v.constant(fsum(map(abs, weights))), rounding)
                error = v.maximum(v.sub(v.abs(v.mul(h, error)), rounded), v.constant(0.0))
                self._enlarge(v, ratio, v.mul(error, inverse))
        error = self._get(v, self.error_ratio[0])
        if len(self.tableau.error) > 1:
            other = v.mul(self._get(v, self.error_ratio[1]), v.constant(0.1))
            length = v.sqrt(v.fma(other, other, v.mul(error, error)))
            error = v.mul(error, v.div(error, v.maximum(length, v.constant(1e-300))))
        return elementary.log2_estimate(v, v.add(error, self._get(v, self.unfit)))

    def _rounding(self, v: Vector, at: Value, h: Value) -> Value:
        """What rounding makes of the step times a slope: that of the slopes, and of the times of the stages.

        No shorter step has a smaller error than that, in units of a component which is near zero.
        """
        first = self._slope(v, 0, at)
        size, change = v.abs(first), v.constant(0.0)
        for j in range(1, self.tableau.stages):
            k = self._slope(v, j, at)
            size = v.maximum(size, v.abs(k))
            change = v.maximum(change, v.abs(v.sub(k, first)))
        total = v.mul(h, size)
        if self.graph.timed:  # the slope changes by change/h in a unit of time
            total = v.fma(v.abs(self._get(v, self.memory.time)), change, total)
        return v.mul(total, v.constant(2.0**-53))

    def _change(self, v: Vector, error: Value, good: Value) -> Value:
        """The factor by which a step's size changes after this ``error``, log2 in units of the tolerance."""
        order = self.tableau.error_order
        before = self._get(v, self.last_error)
        self._put(v, v.select(good, v.maximum(error, v.constant(-10.0)), before), self.last_error)
        safety = v.constant(_SAFETY)
        now = v.fma(v.constant(-(1 - 0.75 * _MEMORY) / order), error, safety)
        now = v.fma(v.constant(_MEMORY / order), before, now)
        again = v.fma(v.constant(-1 / order), error, safety)
        exponent = v.minimum(v.select(good, now, again), v.constant(_LONGER))
        return elementary.exp2_estimate(v, v.maximum(exponent, v.constant(_SHORTER)))

    def dense_function(self) -> str:
        """``dense(work, out, time, samples)``: polynomials of the steps just taken, where a sample is due."""
        v, memory = Vector(), self.memory
        start, low, h = (self._get(v, slot) for slot in (memory.time, memory.time_low, memory.step))
        pointer = v.offset("%w", LANES * memory.next)
        following = v.emit(f"load {v.integer}, ptr {pointer}, align {8 * LANES}")
        times = v.constant(0.0)
        for lane in range(LANES):
            t = v.load_scalar(v.offset("%time", v.extract_integer(following, lane)))
            times = v.emit(f"insertelement {v.type} {times}, double {t}, i32 {lane}")
        due = v.compare("ole", v.sub(v.sub(times, start), low), h)
        v.line(f"br i1 {v.any(due)}, label %due, label %finish")
        v.begin("due", jump=False)
        for j in range(self.tableau.stages, len(self.tableau.nodes)):
            self._stage(v, j, h)
        one = v.constant(1.0)
        inverse = v.div(one, v.select(v.compare("ogt", h, v.constant(0.0)), h, one))
        with self._components(v) as (at, series):
            first = self._slope(v, 0, at)
            self._put(v, first, self.series.slot["x", 0] + 1, series)
            # Away from the linear term the weights add up to zero: differences of slopes lose fewer digits.
            slopes = [v.sub(self._slope(v, j, at), first) for j in range(1, len(self.tableau.nodes))]
            factor = inverse
            for k, weights in enumerate(self.tableau.dense[1:], 2):
                total: Value | None = None
                for weight, slope in zip(weights[1:], slopes, strict=True):
                    if weight:
                        w = v.constant(weight)
                        total = v.mul(w, slope) if total is None else v.fma(w, slope, total)
                assert total is not None
                self._put(v, v.mul(total, factor), self.series.slot["x", 0] + k, series)
                factor = v.mul(factor, inverse)
        v.line("call void @samples(ptr %w, ptr %out, ptr %time, i64 %samples)")
        v.begin("finish")
        v.line("ret void")
        body = "\n".join(v.lines)
        arguments = "ptr noalias %w, ptr noalias %out, ptr noalias %time, i64 %samples"
        return f"define void @dense({arguments}) {{\nentry:\n{body}\n}}\n"

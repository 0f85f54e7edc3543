"""One step of Taylor's method: its size, the new state and time, and the guards that end a lane.

Reference: Jorba, Zou (2005). A software package for the numerical integration of ODEs by means of high-order
Taylor methods. Experimental Mathematics 14, 99-117 (the choice of the step).
"""

from __future__ import annotations

from chaosdata.kernels import elementary
from chaosdata.kernels.blocks import Index, key_of, scaled
from chaosdata.kernels.centre import Centre
from chaosdata.kernels.dense import slots
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.vector import Value, Vector
from chaosdata.types import Status

OVERFLOW = 1e150
RESOLUTION = 2.0**-46  # a step below this fraction of the time is a singularity, not dynamics
_NEAR_POLE = -0.5  # log2 of a step, in units of the time to the nearest pole of an operation
_FORGET = 0.5  # how fast a component's recent magnitude is forgotten, each step


def step_function(jet: Jet, memory: Memory, *, tangents: bool = False, centre: Centre | None = None) -> str:
    """``step(work, log2_tolerance) -> i64``: series, step size, new state and time, and guards.

    With ``tangents`` it also calls ``tangent_series`` before the size of the step is chosen, and
    ``carry_tangents`` at its end; see :mod:`chaosdata.kernels.tangent`. With a ``centre`` all that is half of
    a step: ``half_step(work, log2_tolerance, first)``, whose first half leaves the tangents alone.
    """
    v = jet.v

    def at(slot: int) -> Value:
        return v.at("%w", slot)

    d = jet.dimension
    time, time_low = v.load(at(memory.end)), v.load(at(memory.end_low))
    v.store(time, at(memory.time))
    v.store(time_low, at(memory.time_low))
    jet.emit()
    if tangents:
        if jet.switches is not None:
            jet.switches.enter(v)
        _tangents(v, "tangent_series", centre)
    time, time_low = v.load(at(memory.time)), v.load(at(memory.time_low))
    remaining = v.sub(v.sub(v.load(at(memory.stop)), time), time_low)
    running = v.compare("oeq", v.load(at(memory.status)), v.constant(float(Status.OK)))
    running = v.both(running, v.compare("ogt", remaining, v.constant(0.0)))
    h = step_size(v, jet, memory, running, tangents)
    small = v.compare("ole", h, v.mul(v.constant(RESOLUTION), v.abs(time)))
    small = v.both(small, moved(v, jet))
    late = None
    if centre is not None:
        h, late = centre.limit(v, h, remaining, running)
        running = v.both(running, v.neither(late, late))
    last = v.compare("uge", h, remaining)
    h = v.select(last, remaining, h)
    crossing = None
    if jet.switches is not None:
        crossing = jet.switches.shorten(jet, h, running, tangents=tangents)
        h = crossing.step

    h2 = v.mul(h, h)
    h4 = v.mul(h2, h2)
    largest = v.constant(0.0)
    finite = v.compare("oeq", h2, h2)
    for i in range(d):
        if d > 4 and i % 2 == 0:
            v.cut()
        x = v.taylor([v.load(at(slot)) for slot in slots(jet, i)], h, h2, h4)
        finite = v.both(finite, v.compare("oeq", v.sub(x, x), v.constant(0.0)))
        largest = v.maximum(largest, v.abs(x))
        old = v.load(at(memory.state + i))
        v.store(v.select(running, x, old), at(memory.state + i))

    status = v.constant(float(Status.OK))
    status = v.select(small, v.constant(float(Status.STEP_UNDERFLOW)), status)
    if crossing is not None:
        status = v.select(crossing.chatter, v.constant(float(Status.CHATTER)), status)
    huge = v.compare("ogt", largest, v.constant(OVERFLOW))
    status = v.select(huge, v.constant(float(Status.OVERFLOW)), status)
    status = v.select(finite, status, v.constant(float(Status.NOT_FINITE)))
    status = v.select(running, status, v.load(at(memory.status)))
    v.store(status, at(memory.status))
    good = v.both(running, v.compare("oeq", status, v.constant(float(Status.OK))))

    # Knuth's two-sum: time + time_low + h without a lost bit, so that long runs keep their clock.
    h = v.select(good, h, v.constant(0.0))
    step = v.add(h, time_low)
    end = v.add(time, step)
    part = v.sub(end, time)
    lost = v.add(v.sub(time, v.sub(end, part)), v.sub(step, part))
    v.store(h, at(memory.step))
    v.store(end, at(memory.end))
    v.store(lost, at(memory.end_low))
    count = v.load(at(memory.steps))
    v.store(v.select(good, v.add(count, v.constant(1.0)), count), at(memory.steps))
    onward = v.both(good, v.compare("olt", h, remaining))
    if crossing is not None and jet.switches is not None:
        onward = jet.switches.meet(v, crossing.hit, good, onward, memory.status)
    if centre is not None and late is not None:
        onward = centre.return_late(v, late, onward)
    going = v.mask_bits(onward)
    if tangents:
        _tangents(v, "carry_tangents", centre)
    v.line(f"ret i64 {going}")
    body = "\n".join(v.lines)
    head = "@half_step(ptr noalias %w, double %log2_tolerance, i1 %first)"
    head = "@step(ptr noalias %w, double %log2_tolerance)" if centre is None else head
    return f"define i64 {head} {{\nentry:\n{body}\n}}\n" + ("" if centre is None else centre.step_function())


def _tangents(v: Vector, function: str, centre: Centre | None) -> None:
    """Call a function of the tangents, with a centre in the second half of the step only."""
    if centre is None:
        v.line(f"call void @{function}(ptr %w)")
        return
    call, after = v.label("call"), v.label("after")
    v.line(f"br i1 %first, label %{after}, label %{call}")
    v.begin(call, jump=False)
    v.line(f"call void @{function}(ptr %w)")
    v.begin(after)


def moved(v: Vector, jet: Jet) -> Value:
    """The lanes that are not at the origin: there nothing gives a scale, and the first step may be tiny."""
    mask = "zeroinitializer"
    for i in range(jet.dimension):
        x = jet.coefficient(("x", i), Index(0))
        mask = v.either(mask, v.compare("une", x, v.constant(0.0)))
    return mask


def step_size(v: Vector, jet: Jet, memory: Memory, running: Value, tangents: bool) -> Value:
    """The h at which the first neglected term reaches the tolerance; running lanes update their scales.

    The radius of convergence is taken as the least of ``(max_i |x_(i,k)|/scale_i)^(-1/k)``, k = N-1 and N, so
    that the term of order N+1 is ``(h/radius)^(N+1)``.
    """
    d, order = jet.dimension, jet.order
    x0 = [v.abs(jet.coefficient(("x", i), Index(0))) for i in range(d)]
    largest = x0[0]
    for x in x0[1:]:
        largest = v.maximum(largest, x)
    floor = v.fma(largest, v.constant(2.0**-100), v.constant(1e-280))
    ratio = {order - 1: v.constant(0.0), order: v.constant(0.0)}
    if tangents:
        ratio = {k: v.load(v.at("%w", memory.tangent_ratio + order - k)) for k in ratio}
    for i in range(d):
        if ("x", i) in jet.degree:  # its last terms are zero
            continue
        pointer = v.at("%w", memory.scale + i)
        old = v.load(pointer)
        scale = v.maximum(v.maximum(x0[i], v.mul(old, v.constant(_FORGET))), floor)
        v.store(v.select(running, scale, old), pointer)
        inverse = elementary.reciprocal_estimate(v, scale)
        for k in ratio:
            term = v.mul(v.abs(jet.coefficient(("x", i), Index(k))), inverse)
            ratio[k] = v.maximum(ratio[k], term)
    if jet.switches is not None:
        jet.switches.enlarge(jet, ratio, running)
    reach = v.mul(v.broadcast("%log2_tolerance"), v.constant(1.0 / (order + 1)))
    exponents = [v.add(reach, _log2_radius(v, r, k)) for k, r in ratio.items()]
    exponents += _guards(v, jet) + _poles(v, jet)
    smallest = exponents[0]
    for exponent in exponents[1:]:
        smallest = v.minimum(smallest, exponent)
    return elementary.exp2_estimate(v, smallest)


def _log2_radius(v: Vector, size: Value, k: int) -> Value:
    """log2 of the h for which ``size * h^k`` is 1."""
    size = v.maximum(size, v.constant(1e-290))
    return v.mul(elementary.log2_estimate(v, size), v.constant(-1.0 / k))


def _guards(v: Vector, jet: Jet) -> list[Value]:
    """Bounds that keep arguments of exp, sinh and tanh from moving by over a third of the order in a step.

    A term like ``1e-9*exp(40*y)`` can be too small to show in the last coefficients and yet govern the
    solution before the step is over; a saturated tanh has no coefficients at all.
    """
    arguments = {
        scaled(key_of(operation.operands[0]))
        for operation in jet.graph.operations
        if operation.kind in ("exp", "tanh", "sinh")  # cosh comes with sinh
    }
    if not arguments:
        return []
    bounds = []
    for k in (1, 2):
        largest = v.constant(0.0)
        for key in sorted(arguments):
            largest = v.maximum(largest, v.abs(jet.coefficient(key, Index(k))))
        size = v.mul(largest, v.constant(3.0 / (k * jet.order)))
        bounds.append(_log2_radius(v, size, k))
    return bounds


def _poles(v: Vector, jet: Jet) -> list[Value]:
    """Bounds that keep arguments of tan and atan from moving past a pole of the function, or abreast of one.

    The nearest pole of atan is ``sqrt(1 + a^2)`` away from the argument a, that of tan at least
    ``1/sqrt(1 + tan^2 a)``. What a step across it misses can be too small to show in the last coefficients,
    as with ``atan(1e6*y)``, a smooth switch.
    """
    terms: dict[int, list[Value]] = {1: [], 2: []}
    for n, operation in enumerate(jet.graph.operations):
        if operation.kind not in ("tan", "atan"):
            continue
        w = jet.coefficient(("w", n), Index(0))
        key = key_of(operation.operands[0])
        for k, ratios in terms.items():
            if operation.kind == "tan":  # the series keeps k times the coefficient
                a = v.mul(jet.coefficient(scaled(key), Index(k)), v.constant(1.0 / k))
                ratios.append(v.mul(v.mul(a, a), w))
            else:
                a = jet.coefficient(key, Index(k))
                ratios.append(v.div(v.mul(a, a), w))
    bounds = []
    for k, ratios in terms.items():
        if ratios:
            largest = ratios[0]
            for ratio in ratios[1:]:
                largest = v.maximum(largest, ratio)
            bounds.append(v.add(_log2_radius(v, largest, 2 * k), v.constant(_NEAR_POLE)))
    return bounds

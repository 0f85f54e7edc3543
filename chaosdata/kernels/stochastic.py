"""Stochastic differential equations on vectors of lanes: ``dx_i = f_i(x, t) dt + g_i(x_i, t) dW_i``, Ito.

**Scheme.** With W the increment of a component's Brownian motion over a step h and ``c = int W dt / h`` the
mean of its path, both drawn exactly, the drift is that of the classical Runge-Kutta method at stages moved by
the noise:

    k1 = f(x),  k2 = f(x + h/2 k1 + g 3/2 c),  k3 = f(x + h/2 k2 + g (3/2 c - W/2)),  k4 = f(x + h k3 + g W)
    x + h/6 (k1 + 2 k2 + 2 k3 + k4) + g W

Its weighted stages have the mean ``g c`` of the path, exactly, and the mean of its square, ``g^2 h/2``, in
expectation, which are the conditions of strong order 1.5 for additive noise; without noise the order is 4.
A coefficient that depends on time takes its value at the time of each stage, and ``int g dW`` is that of its
linear interpolation. Where the coefficient depends on its own component, Milstein's term
``g g' (W^2 - h)/2`` makes the strong order 1.

**Path.** W and c of step k come from one block of a counter-based generator, at the counter (k, 0, component)
under the lane's key. Inside a step the path is refined by halves: given W and c of an interval, those of its
two halves are normal variables, drawn at the counter (k, node, component), where nodes 1; 2, 3; 4, ... are
the intervals of a binary tree. So the path at a dyadic fraction of a step is fixed whether or not anything
else is asked for. A sample inside a step is one shorter step of the scheme, from the step's start with the
path up to there.

References: Kloeden, Platen (1992). Numerical Solution of Stochastic Differential Equations. Springer, ch. 10
(order conditions, Milstein's term). Rossler (2010). Runge-Kutta methods for the strong approximation of
solutions of stochastic differential equations. SIAM J. Numer. Anal. 48, 922-952 (stages moved by the noise).
Levy (1948). Processus stochastiques et mouvement brownien (refinement by halves).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels.compile import load
from chaosdata.kernels.map import OVERFLOW
from chaosdata.kernels.pointwise import evaluate
from chaosdata.kernels.random import normal_pair
from chaosdata.kernels.vector import LANES, Value, Vector, declarations
from chaosdata.types import Status

DEPTH = 24
"""Halvings of a step: the path is resolved to ``h / 2**DEPTH``."""


@dataclass(frozen=True)
class StochasticKernel:
    """Machine code for one graph: d drifts, d coefficients g_i, d terms g_i g_i'.

    advance(work, first, count) -> i64 : ``count`` steps from step ``first`` on; bit l is set while lane l is
    well. sample(work, step, fraction) : the state ``fraction / 2**DEPTH`` into a step, beside the state.
    Slots of the work array, each a vector of LANES doubles:
    state, and sample : d each. start, step : time of step 0 and length of a step, the same in all lanes.
    status, and steps : why a lane failed, and after how many steps. key : two words, as 64-bit integers.
    """

    advance: int
    sample: int
    state: int
    sampled: int
    start: int
    step: int
    status: int
    steps: int
    key: int
    slots: int


def stochastic_kernel(graph: Graph) -> StochasticKernel:
    """Compile (or fetch from the cache) the kernel of a stochastic system."""
    ir, kernel = stochastic_module(graph)
    functions = load(ir, ("advance", "sample"))
    return replace(kernel, advance=functions["advance"], sample=functions["sample"])


def stochastic_module(graph: Graph) -> tuple[str, StochasticKernel]:
    """The IR of the kernel, and the kernel without its addresses."""
    d = graph.dimension
    noisy = [i for i in range(d) if graph.outputs[d + i] != Operand("constant", value=0.0)]
    first = 2 * d
    kernel = StochasticKernel(
        0, 0, 0, d, first, first + 1, first + 2, first + 3, first + 4, first + 6 + 2 * len(noisy)
    )
    noise = first + 6
    cells = ", ".join(f"i64 {i}" for i in noisy)
    text = f"@components = internal constant [{len(noisy)} x i64] [{cells}]\n" if noisy else ""
    text += _noise_function(kernel, noise, len(noisy)) if noisy else ""
    text += _scheme_function(kernel, graph, noise, noisy) + _advance_function(kernel, bool(noisy))
    return text + _sample_function(bool(noisy)) + declarations(LANES), kernel


def is_additive(graph: Graph) -> bool:
    """Whether no Milstein term is left: the coefficients do not depend on the state."""
    d = graph.dimension
    return all(output == Operand("constant", value=0.0) for output in graph.outputs[2 * d : 3 * d])


def _at(v: Vector, slot: int) -> Value:
    return v.offset("%w", LANES * slot)


def _fraction(v: Vector, kernel: StochasticKernel) -> tuple[Value, Value]:
    """Whether ``%fraction`` means the whole step (an i1), and the length of the part of the step."""
    whole = v.emit("icmp eq i64 %fraction, 0")
    h = v.load(_at(v, kernel.step))
    part = v.broadcast(v.emit("sitofp i64 %fraction to double"))
    part = v.mul(h, v.mul(part, v.constant(2.0**-DEPTH)))
    return whole, v.emit(f"select i1 {whole}, {v.type} {h}, {v.type} {part}")


def _noise_function(kernel: StochasticKernel, noise: int, count: int) -> str:
    """``noise(work, step, fraction)``: W and c of each noisy component up to a fraction of the step."""
    v = Vector()
    key = [v.emit(f"load {v.integer}, ptr {_at(v, kernel.key + k)}, align {8 * LANES}") for k in (0, 1)]
    whole, length = _fraction(v, kernel)
    h = v.load(_at(v, kernel.step))
    low, high = _integers(v, "%step"), _integers(v, v.emit("lshr i64 %step, 32"))
    half, twelfth = v.constant(0.5), v.constant(math.sqrt(1 / 12))
    with v.loop("components", 0, count) as n:
        cell = v.emit(f"getelementptr i64, ptr @components, i64 {n}")
        component = _integers(v, v.emit(f"load i64, ptr {cell}, align 8"))
        target = v.offset(_at(v, noise), v.emit(f"mul i64 {n}, {2 * LANES}"))
        root = v.sqrt(h)
        first, second = normal_pair(v, (low, high, v.integers(0), component), key)
        W, H = v.mul(root, first), v.mul(v.mul(root, twelfth), second)  # H = c - W/2, independent of W
        mean = v.fma(half, W, H)
        v.begin("start")
        v.line(f"br i1 {whole}, label %ready, label %halve")

        v.begin("halve", jump=False)
        v.phi("i64", [("%fraction", "start"), ("%rest_next", "halve")], "%rest")
        v.phi("i64", [("1", "start"), ("%node_next", "halve")], "%node")
        a, b = (v.phi(v.type, [(x, "start"), (f"%{name}_next", "halve")]) for x, name in ((W, "a"), (H, "b")))
        size = v.phi(v.type, [(h, "start"), ("%size_next", "halve")])
        zero = v.constant(0.0)
        before = v.phi(v.type, [(zero, "start"), ("%before_next", "halve")])
        area = v.phi(v.type, [(zero, "start"), ("%area_next", "halve")])
        first, second = normal_pair(v, (low, high, _integers(v, "%node"), component), key)
        root = v.sqrt(size)
        # The left half's increment has this mean and the variance size/16; then the areas of the halves have
        # a given sum, and a difference of the variance size/12.
        left = v.fma(v.constant(1.5), b, v.mul(half, a))
        left = v.fma(v.mul(root, v.constant(0.25)), first, left)
        total = v.sub(v.fma(v.constant(2.0), b, v.mul(half, a)), left)
        difference = v.mul(v.mul(root, twelfth), second)
        left_area, right_area = (v.mul(half, op(total, difference)) for op in (v.add, v.sub))
        half_size = v.mul(half, size)
        passed = v.fma(half_size, v.add(before, v.fma(half, left, left_area)), area)
        # The highest bit of the rest says which half the end of the part lies in.
        right = v.emit(f"icmp uge i64 %rest, {1 << (DEPTH - 1)}")
        for name, taken, stayed in (
            ("a", v.sub(a, left), left),
            ("b", right_area, left_area),
            ("before", v.add(before, left), before),
            ("area", passed, area),
        ):
            v.line(f"%{name}_next = select i1 {right}, {v.type} {taken}, {v.type} {stayed}")
        v.line(f"%size_next = bitcast {v.type} {half_size} to {v.type}")
        bit = v.emit(f"zext i1 {right} to i64")
        v.line(f"%node_next = add i64 {v.emit('shl i64 %node, 1')}, {bit}")
        v.line(f"%rest_next = and i64 {v.emit('shl i64 %rest, 1')}, {(1 << DEPTH) - 1}")
        done = v.emit("icmp eq i64 %rest_next, 0")
        v.line(f"br i1 {done}, label %part, label %halve")
        v.begin("part", jump=False)
        part_mean = v.div("%area_next", length)
        v.begin("ready")
        increment = v.phi(v.type, [(W, "start"), ("%before_next", "part")])
        path_mean = v.phi(v.type, [(mean, "start"), (part_mean, "part")])
        v.store(increment, target)
        v.store(path_mean, v.offset(target, LANES))
    body = "\n".join(v.lines)
    return (
        "define void @noise(ptr noalias %w, i64 %step, i64 %fraction) noinline "
        f"{{\nentry:\n{body}\nret void\n}}\n"
    )


def _integers(v: Vector, scalar: Value) -> Value:
    """The 64-bit integer ``scalar`` in every lane."""
    first = v.emit(f"insertelement {v.integer} poison, i64 {scalar}, i32 0")
    zeros = f"<{v.lanes} x i32> zeroinitializer"
    return v.emit(f"shufflevector {v.integer} {first}, {v.integer} poison, {zeros}")


def _scheme_function(kernel: StochasticKernel, graph: Graph, noise: int, noisy: list[int]) -> str:
    """``scheme(work, step, fraction)``: the step, or the part of it, with the noise in memory."""
    v, d = Vector(), graph.dimension
    whole, h = _fraction(v, kernel)
    half_h, half = v.mul(v.constant(0.5), h), v.constant(0.5)
    begun = v.broadcast(v.emit("sitofp i64 %step to double"))
    t0 = v.add(v.load(_at(v, kernel.start)), v.mul(begun, v.load(_at(v, kernel.step))))
    times = [t0, v.add(t0, half_h), v.add(t0, half_h), v.add(t0, h)]
    x = [v.load(_at(v, kernel.state + i)) for i in range(d)]
    W: dict[int, Value] = {}
    moved: dict[int, list[Value]] = {}  # the path at stages 2, 3 and 4
    mean: dict[int, Value] = {}
    for n, i in enumerate(noisy):
        W[i] = v.load(_at(v, noise + 2 * n))
        mean[i] = v.load(_at(v, noise + 2 * n + 1))
        high = v.mul(v.constant(1.5), mean[i])
        moved[i] = [high, v.fma(v.constant(-0.5), W[i], high), W[i]]

    additive = is_additive(graph)
    stages = [evaluate(v, graph, x, times[0])]
    start = stages[0][d : 2 * d]
    end = start
    for stage, length in ((1, half_h), (2, half_h), (3, h)):
        if additive:  # where the coefficient depends on time alone, at any state
            end = evaluate(v, graph, x, times[stage])[d : 2 * d]
        point = [v.fma(length, stages[-1][i], x[i]) for i in range(d)]
        for i in noisy:
            point[i] = v.fma(end[i], moved[i][stage - 1], point[i])
        stages.append(evaluate(v, graph, point, times[stage]))
    sixth = v.mul(v.constant(1.0 / 6.0), h)
    new = []
    for i in range(d):
        k1, k2, k3, k4 = (stage[i] for stage in stages)
        middle = v.add(k2, k3)
        new.append(v.fma(sixth, v.add(v.add(k1, k4), v.add(middle, middle)), x[i]))
    for i in noisy:
        new[i] = v.fma(end[i], W[i], new[i])
        if additive and graph.outputs[d + i].kind != "constant":
            new[i] = v.fma(v.sub(start[i], end[i]), mean[i], new[i])
        if graph.outputs[2 * d + i] != Operand("constant", value=0.0):
            square = v.fma(W[i], W[i], v.neg(h))
            new[i] = v.fma(v.mul(half, stages[0][2 * d + i]), square, new[i])

    target = v.emit(f"select i1 {whole}, ptr {_at(v, kernel.state)}, ptr {_at(v, kernel.sampled)}")
    bounded = number = v.compare("oeq", h, h)
    for i, value in enumerate(new):
        v.store(value, v.offset(target, LANES * i))
        bounded = v.both(bounded, v.compare("ole", v.abs(value), v.constant(OVERFLOW)))
        number = v.both(number, v.compare("ord", value, value))
    why = v.select(number, v.constant(float(Status.OVERFLOW)), v.constant(float(Status.NOT_FINITE)))
    status, steps = v.load(_at(v, kernel.status)), v.load(_at(v, kernel.steps))
    well = v.compare("oeq", status, v.constant(0.0))
    v.store(v.select(well, v.select(bounded, v.constant(0.0), why), status), _at(v, kernel.status))
    step_done = v.select(bounded, v.add(begun, v.constant(1.0)), begun)
    counted = v.emit(f"select i1 {whole}, {v.type} {step_done}, {v.type} {begun}")
    v.store(v.select(well, counted, steps), _at(v, kernel.steps))
    body = "\n".join(v.lines)
    return (
        "define void @scheme(ptr noalias %w, i64 %step, i64 %fraction) noinline "
        f"{{\nentry:\n{body}\nret void\n}}\n"
    )


def _advance_function(kernel: StochasticKernel, noisy: bool) -> str:
    v = Vector()
    v.line("%stop = add i64 %first, %count")
    v.begin("begin")
    v.begin("steps")
    v.phi("i64", [("%first", "begin"), ("%k_next", "steps")], "%k")
    if noisy:
        v.line("call void @noise(ptr %w, i64 %k, i64 0)")
    v.line("call void @scheme(ptr %w, i64 %k, i64 0)")
    v.line("%k_next = add i64 %k, 1")
    well = v.mask_bits(v.compare("oeq", v.load(_at(v, kernel.status)), v.constant(0.0)))
    v.line("%unfinished = icmp slt i64 %k_next, %stop")
    v.line(f"%any = icmp ne i64 {well}, 0")
    v.line("%more = and i1 %unfinished, %any")
    v.line("br i1 %more, label %steps, label %end")
    v.begin("end", jump=False)
    v.line(f"ret i64 {well}")
    body = "\n".join(v.lines)
    return f"define i64 @advance(ptr noalias %w, i64 %first, i64 %count) {{\nentry:\n{body}\n}}\n"


def _sample_function(noisy: bool) -> str:
    noise = "call void @noise(ptr %w, i64 %step, i64 %fraction)\n" if noisy else ""
    scheme = "call void @scheme(ptr %w, i64 %step, i64 %fraction)\n"
    header = "define i64 @sample(ptr noalias %w, i64 %step, i64 %fraction)"
    return f"{header} {{\nentry:\n{noise}{scheme}ret i64 0\n}}\n"

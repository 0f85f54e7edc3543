"""Stochastic differential equations on vectors of lanes: the scheme of ``scheme.py`` along Brownian paths.

A sample inside a step is one shorter step of the scheme, from the step's start with the path up to there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaosdata.equations.graph import Graph
from chaosdata.kernels.brownian import Brownian
from chaosdata.kernels.compile import load
from chaosdata.kernels.map import OVERFLOW
from chaosdata.kernels.pointwise import evaluate
from chaosdata.kernels.scheme import noisy_components, step_graph
from chaosdata.kernels.vector import LANES, Value, Vector, declarations
from chaosdata.types import Status


@dataclass(frozen=True)
class StochasticKernel:
    """Machine code for one graph: d drifts, d coefficients g_i, d products g_i dg_i/dx_i.

    advance(work, first, count) -> i64 : ``count`` steps from step ``first`` on; bit l is set while lane l is
    well. sample(work, step, fraction) : the state ``fraction / 2**DEPTH`` into a step, beside the state.
    Slots of the work array, each a vector of LANES doubles:
    state, and sampled : d each. start : time of step 0. status, and steps : why a lane failed, and after how
    many steps. noise : the slots of the noise, the length of the step among them.
    """

    advance: int
    sample: int
    state: int
    sampled: int
    start: int
    status: int
    steps: int
    noise: Brownian


def stochastic_kernel(graph: Graph) -> StochasticKernel:
    """Compile (or fetch from the cache) the kernel of a stochastic system."""
    ir, kernel = stochastic_module(graph)
    functions = load(ir, ("advance", "sample"))
    return replace(kernel, advance=functions["advance"], sample=functions["sample"])


def stochastic_module(graph: Graph) -> tuple[str, StochasticKernel]:
    """The IR of the kernel, and the kernel without its addresses."""
    d = graph.dimension
    noise = Brownian(noisy_components(graph), 2 * d + 3)
    kernel = StochasticKernel(0, 0, 0, d, 2 * d, 2 * d + 1, 2 * d + 2, noise)
    ir = noise.function() + _scheme_function(kernel, graph)
    return ir + _advance_function(kernel) + _sample_function(kernel) + declarations(LANES), kernel


def _at(v: Vector, slot: int) -> Value:
    return v.offset("%w", LANES * slot)


def _scheme_function(kernel: StochasticKernel, graph: Graph) -> str:
    """``scheme(work, step, fraction)``: the step, or the part of it, with the noise in memory."""
    v, d = Vector(), graph.dimension
    h = kernel.noise.length(v)
    begun = v.broadcast(v.emit("sitofp i64 %step to double"))
    elapsed = v.mul(begun, v.load(_at(v, kernel.noise.step)))
    time = v.add(v.load(_at(v, kernel.start)), elapsed)
    x = [v.load(_at(v, kernel.state + i)) for i in range(d)]
    new = evaluate(v, step_graph(graph), x, time, [*kernel.noise.inputs(v), h])

    whole = v.emit("icmp eq i64 %fraction, 0")
    target = v.emit(f"select i1 {whole}, ptr {_at(v, kernel.state)}, ptr {_at(v, kernel.sampled)}")
    bounded = number = v.compare("oeq", h, h)
    for i, value in enumerate(new):
        v.store(value, v.offset(target, LANES * i))
        bounded = v.both(bounded, v.compare("ole", v.abs(value), v.constant(OVERFLOW)))
        number = v.both(number, v.compare("ord", value, value))
    why = v.select(number, v.constant(float(Status.OVERFLOW)), v.constant(float(Status.NOT_FINITE)))
    why = v.select(bounded, v.constant(float(Status.OK)), why)
    status, steps = v.load(_at(v, kernel.status)), v.load(_at(v, kernel.steps))
    well = v.compare("oeq", status, v.constant(float(Status.OK)))
    v.store(v.select(well, why, status), _at(v, kernel.status))
    counted = v.select(bounded, v.add(begun, v.constant(1.0)), begun)
    counted = v.emit(f"select i1 {whole}, {v.type} {counted}, {v.type} {begun}")
    v.store(v.select(well, counted, steps), _at(v, kernel.steps))
    body = "\n".join(v.lines)
    header = "define void @scheme(ptr noalias %w, i64 %step, i64 %fraction) noinline"
    return f"{header} {{\nentry:\n{body}\nret void\n}}\n"


def _advance_function(kernel: StochasticKernel) -> str:
    v = Vector()
    v.line("%stop = add i64 %first, %count")
    v.begin("begin")
    v.begin("steps")
    v.phi("i64", [("%first", "begin"), ("%k_next", "steps")], "%k")
    kernel.noise.draw(v, "%k", "0")
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


def _sample_function(kernel: StochasticKernel) -> str:
    v = Vector()
    kernel.noise.draw(v, "%step", "%fraction")
    v.line("call void @scheme(ptr %w, i64 %step, i64 %fraction)")
    body = "\n".join(v.lines)
    header = "define i64 @sample(ptr noalias %w, i64 %step, i64 %fraction)"
    return f"{header} {{\nentry:\n{body}\nret i64 0\n}}\n"

"""How near the kernels come to what the core can do: the multiply-adds that a result needs, over its peak.

What is counted is the arithmetic of the method alone: the convolutions of every product, the multiplication
of each coefficient of the state by one over its order, factors in linear terms, the polynomial at the end of
the step and at every sample; where a factor or a component is linear in time, two terms of it. Control of the
step, functions of order 0, loads and stores come on top.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from functools import partial

import numpy as np

from chaosdata.equations.system import System
from chaosdata.integrate.flow import final_state, integrate
from chaosdata.kernels.compile import load
from chaosdata.kernels.lower import lowered
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.taylor import FULL_ACCURACY, order_for
from chaosdata.kernels.vector import LANES, Vector, declarations
from tests.benchmarks.cases import Case
from tests.benchmarks.clock import one_core, shortest
from tests.benchmarks.table import Row

_LONGER = 8  # stepping alone goes on for so many times longer: what the call itself costs is not meant
_CHAINS = 12  # more than the latency of a multiply-add times the units that do them
_TURNS = 20_000


def fractions(cases: Iterable[Case], seconds: float) -> list[Row]:
    """Fraction of the peak, of stepping alone and of stepping with output."""
    rows: list[Row] = []
    with one_core():
        for case in cases:
            system = case.system
            long = _LONGER * float(case.time[-1])
            steps = int(integrate(system, case.initial, case.time).steps.sum())
            long_steps = int(integrate(system, case.initial, [0.0, long]).steps.sum())
            jet = _jet(system)
            needed = step_operations(jet)
            output = case.samples * _polynomials(jet)
            peak = peak_rate(seconds)
            stepping = shortest(partial(final_state, system, case.initial, long), seconds=seconds)
            whole = shortest(partial(integrate, system, case.initial, case.time), seconds=seconds)
            rows.append(
                {
                    "system": case.name,
                    "multiply-adds a step": needed,
                    "samples a step": case.samples / steps,
                    "ns a sample": whole / case.samples * 1e9,
                    "of the peak, stepping": long_steps * needed / peak / stepping,
                    "of the peak, with output": (steps * needed + output) / peak / whole,
                }
            )
    return rows


def _jet(system: System) -> Jet:
    graph = lowered(system.graph())
    return Jet(Vector(), graph, order_for(FULL_ACCURACY), Memory(graph.dimension))


def step_operations(jet: Jet) -> int:
    """Multiply-adds that one step of one trajectory needs."""
    order = jet.order
    total = 0
    for product in jet.products.values():
        short = bool({product.a, product.b} & jet.degree.keys())
        for k in range(order):
            terms = k + 1 - min(k + 1, product.skip_a0 + product.skip_b0)
            terms = (terms + 1) // 2 if product.square else terms
            total += min(terms, 2) if short else terms
    going_on = sum(("x", i) not in jet.degree for i in range(jet.dimension))
    factors = [c for operation in jet.graph.operations for c in operation.coefficients if abs(c) != 1]
    return total + order * len(factors) + going_on * (order - 1) + _polynomials(jet)


def _polynomials(jet: Jet) -> int:
    """Multiply-adds of the polynomials of all components."""
    return sum(jet.degree.get(("x", i), jet.order) for i in range(jet.dimension))


def peak_rate(seconds: float) -> float:
    """Multiply-adds of doubles that this core does in a second, by independent chains of them."""
    v = Vector()
    start = [v.constant(1.0 + chain) for chain in range(_CHAINS)]
    v.begin("loop")
    v.phi("i64", [("0", "entry"), ("%next", "loop")], "%turn")
    x = [v.phi(v.type, [(start[c], "entry"), (f"%x{c}", "loop")]) for c in range(_CHAINS)]
    for chain in range(_CHAINS):
        v.fma(x[chain], v.constant(0.999999), v.constant(1e-7), name=f"%x{chain}")
    v.line("%next = add i64 %turn, 1")
    v.line("%more = icmp ult i64 %next, %turns")
    v.line("br i1 %more, label %loop, label %end")
    v.begin("end", jump=False)
    for chain in range(_CHAINS):
        v.store(f"%x{chain}", v.at("%out", chain), align=8)
    v.line("ret void")
    body = "\n".join(v.lines)
    ir = f"define void @peak(ptr %out, i64 %turns) {{\nentry:\n{body}\n}}\n" + declarations(LANES)
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(load(ir, ["peak"])["peak"])
    out = np.empty(_CHAINS * LANES)
    took = shortest(lambda: function(out.ctypes.data, _TURNS), seconds=seconds)
    assert np.isfinite(out).all()
    return _TURNS * _CHAINS * LANES / took

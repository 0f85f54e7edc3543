"""Taylor's method for flows: the order, and the compiled step and dense output of one graph."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

from chaosdata.equations.graph import Graph
from chaosdata.kernels.blocks import BLOCK
from chaosdata.kernels.compile import load
from chaosdata.kernels.dense import dense_function
from chaosdata.kernels.lower import lowered
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.step import step_function
from chaosdata.kernels.switch import Event
from chaosdata.kernels.vector import LANES, Vector, declarations

FULL_ACCURACY = 2.0**-52
"""The tolerance at which a step's truncation is lost in the rounding of the state."""


def order_for(tolerance: float) -> int:
    """The order of least cost for a unit of time: near ``1 - ln(tolerance)/2``, a multiple of BLOCK."""
    return max(2 * BLOCK, BLOCK * round((log10(1 / tolerance) * 1.15 + 1.5) / BLOCK))


@dataclass(frozen=True)
class Kernel:
    """Machine code for one graph.

    step(work, log2_tolerance) -> i64 : one step of every lane; bit l is set while lane l goes on.
    dense(work, out, time, samples) : write the samples that the step covers.
    slots : size of the work array, in vectors of LANES doubles. memory : where things stand in it.
    """

    step: int
    dense: int
    memory: Memory


def flow_kernel(graph: Graph, tolerance: float, event: Event | None = None) -> Kernel:
    """Compile (or fetch from the cache) the Taylor kernel of a flow, which may look for an event."""
    ir, memory = flow_module(graph, tolerance, event)
    functions = load(ir, ("step", "dense"))
    return Kernel(functions["step"], functions["dense"], memory)


def flow_module(graph: Graph, tolerance: float, event: Event | None = None) -> tuple[str, Memory]:
    """The IR of a flow's kernel, and the work array that it expects."""
    memory = Memory(graph.dimension)
    jet = Jet(Vector(), lowered(graph), order_for(tolerance), memory, event)
    ir = jet.tables() + step_function(jet, memory) + dense_function(jet, memory) + declarations(4, LANES)
    if jet.switches is not None:
        ir += jet.switches.functions(jet)
        memory.hit = jet.switches.hit
    return ir, memory

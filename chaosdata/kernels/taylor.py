"""Taylor's method for flows: the order, and the compiled step and dense output of one graph."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from chaosdata.equations.graph import Graph
from chaosdata.kernels.blocks import BLOCK
from chaosdata.kernels.compile import has_wide_registers, load
from chaosdata.kernels.dense import dense_function
from chaosdata.kernels.lower import lowered
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.slide import with_sliding
from chaosdata.kernels.step import step_function
from chaosdata.kernels.surfaces import Event
from chaosdata.kernels.vector import LANES, Vector, declarations

FULL_ACCURACY = 2.0**-52
"""The tolerance at which a step's truncation is lost in the rounding of the state."""

_CACHE = 2**14  # bytes


def order_for(tolerance: float) -> int:
    """The order of least cost for a unit of time, a multiple of BLOCK.

    A cost like the order's square makes that ``-ln(tolerance)/2``. What a step costs at any order moves it
    up, by 3 to 5 as measured in 3 to 10 dimensions; 4 more or less cost 5 to 10 percent.
    """
    return max(2 * BLOCK, BLOCK * round((3.5 - log(tolerance) / 2) / BLOCK))


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


def flow_kernel(graph: Graph, tolerance: float, event: Event | None = None, *, lanes: int = LANES) -> Kernel:
    """Compile (or fetch from the cache) the Taylor kernel of a flow, which may look for an event.

    ``lanes``, see :func:`best_lanes`, decides the speed and never the bits.
    """
    ir, memory = flow_module(graph, tolerance, event, lanes=lanes)
    functions = load(ir, ("step", "dense"))
    return Kernel(functions["step"], functions["dense"], memory)


def best_lanes(graph: Graph, tolerance: float) -> int:
    """The lanes that serve many trajectories best: twice LANES where the work array stays small.

    Two vectors side by side fill the gaps that the chain from one order to the next leaves in the pipeline.
    That needs registers for both, and a work array that leaves half of the first-level cache to the output.
    """
    memory = Memory(graph.dimension, 2 * LANES)
    jet = Jet(Vector(2 * LANES), lowered(graph), order_for(tolerance), memory)
    small = 8 * memory.lanes * memory.slots <= _CACHE
    return 2 * LANES if small and jet.switches is None and has_wide_registers() else LANES


def flow_module(
    graph: Graph, tolerance: float, event: Event | None = None, *, lanes: int = LANES
) -> tuple[str, Memory]:
    """The IR of a flow's kernel, and the work array that it expects."""
    memory = Memory(graph.dimension, lanes)
    jet = Jet(Vector(lanes), with_sliding(lowered(graph)), order_for(tolerance), memory, event, whole=False)
    ir = jet.tables() + step_function(jet, memory) + dense_function(jet, memory)
    ir += declarations(4, LANES, lanes)
    if jet.switches is not None:
        ir += jet.switches.functions(jet)
        memory.hit = jet.switches.hit
    return ir, memory

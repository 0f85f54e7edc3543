"""Taylor's method for flows in double-double: the compiled step and dense output of one graph.

What is solved is the equation with the coefficients of its graph, which are doubles: a parameter 8/3 means
the double nearest to it.
"""

from __future__ import annotations

from chaosdata.equations.graph import Graph
from chaosdata.kernels.compile import load
from chaosdata.kernels.double_double_dense import dense_function
from chaosdata.kernels.double_double_series import PairJet
from chaosdata.kernels.double_double_step import step_function
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.taylor import Kernel
from chaosdata.kernels.vector import LANES, declarations

FULL_ACCURACY = 2.0**-104
"""The tolerance at which a step's truncation is lost in the rounding of the state."""

ORDER = 36
"""Of least cost for a unit of time at full accuracy: near ``-ln(tolerance)/2``."""


def double_double_kernel(graph: Graph, order: int = ORDER, *, lanes: int = LANES) -> Kernel:
    """Compile (or fetch from the cache) the double-double kernel of a flow.

    State and samples have ``2 d`` components: the high parts, then the low parts.
    """
    ir, memory = double_double_module(graph, order, lanes=lanes)
    functions = load(ir, ("step", "dense"))
    return Kernel(functions["step"], functions["dense"], memory)


def double_double_module(graph: Graph, order: int = ORDER, *, lanes: int = LANES) -> tuple[str, Memory]:
    """The IR of a flow's kernel, and the work array that it expects."""
    memory = Memory(2 * graph.dimension, lanes)
    jet = PairJet(graph, order, memory)
    lower = jet.lower_function()
    step = step_function(jet, memory)
    dense = dense_function(jet, memory)
    memory.reserve(jet.distance // lanes)  # room for the low parts
    return jet.tables() + lower + step + dense + declarations(4, lanes), memory

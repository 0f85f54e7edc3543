"""Taylor series of given functions of time."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np

from chaosdata.equations.graph import Graph
from chaosdata.kernels.blocks import BLOCK
from chaosdata.kernels.compile import load
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.vector import LANES, Vector, declarations
from chaosdata.types import FloatArray


def time_series(graph: Graph, times: FloatArray, order: int) -> FloatArray:
    """Taylor coefficients of a graph's outputs, which depend on the time alone.

    times : (n,), where the series are taken. Returns (n, output, order + 1); the same bits on every CPU.
    """
    # As right-hand sides of a flow: the coefficient k + 1 of the state is that of the output, over k + 1.
    d = len(graph.outputs)
    memory = Memory(d)
    jet = Jet(Vector(), replace(graph, dimension=d), BLOCK * (order // BLOCK + 1), memory)
    jet.emit()
    body = "\n".join(jet.v.lines)
    ir = jet.tables() + f"define void @series(ptr noalias %w) {{\nentry:\n{body}\nret void\n}}\n"
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(load(ir + declarations(LANES), ["series"])["series"])
    block = np.zeros((memory.slots + 1) * LANES)
    shift = -(block.ctypes.data >> 3) & (LANES - 1)
    work = block[shift : shift + memory.slots * LANES].reshape(memory.slots, LANES)
    rows = np.zeros(-(-len(times) // LANES) * LANES)
    rows[: len(times)] = times
    result = np.empty((len(rows), d, order + 1))
    for first in range(0, len(rows), LANES):
        work[memory.time] = rows[first : first + LANES]
        function(work.ctypes.data)
        for i in range(d):
            for k in range(order + 1):
                result[first : first + LANES, i, k] = (k + 1) * work[jet.slot["x", i] + k + 1]
    return result[: len(times)]

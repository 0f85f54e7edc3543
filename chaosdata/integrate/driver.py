"""The one loop over groups of lanes. Compiled by numba, without the interpreter's lock, and cached on disk.

A group is eight trajectories; each has its own step, clock, status and end. Lanes left over in the last group
repeat its last trajectory: they compute and write the same values at the same place, so no trajectory is a
special case.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chaosdata.kernels.call import address, call_dense, call_step
from chaosdata.kernels.dense import POINTS
from chaosdata.kernels.taylor import Kernel
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Status

_STEP_LIMIT = float(Status.STEP_LIMIT)
_EVENT = float(Status.EVENT)


def run(
    kernel: Kernel,
    initial: FloatArray,
    start: float,
    stop: FloatArray,
    time: FloatArray,
    out: FloatArray,
    tolerance: float,
    max_steps: int,
    end: FloatArray | None = None,
) -> tuple[FloatArray, Any, Any]:
    """Advance trajectories from ``start`` to their ``stop``, with samples on the way.

    Parameters
    ----------
    initial : (trajectory m, component d). start : the common initial time. stop : (m,), not before start.
    time : (sample n,), increasing, from start on; may be empty. out : (m, n, d), filled in.
    end : (m,), filled in with the time at which each trajectory ended; NaN after a failure.

    Returns
    -------
    final state (m, d), status (m,) int8, steps (m,) int64
    """
    m, d = initial.shape
    memory = kernel.memory
    table = np.array(
        [
            *(memory.state, memory.end, memory.stop, memory.next, memory.row),
            *(memory.status, memory.steps, memory.end_low),
        ]
    )  # fmt: skip
    padded = np.append(time, np.full(POINTS, np.inf))
    final = np.empty((m, d))
    status = np.empty(m, np.int8)
    steps = np.empty(m, np.int64)
    work = aligned_work(memory.slots)
    _run(
        kernel.step, kernel.dense, table, work, work.view(np.int64), initial, float(start), stop, padded, out,
        log2(tolerance), max_steps, final, status, steps, np.empty(m) if end is None else end,
    )  # fmt: skip
    return final, status, steps


def aligned_work(slots: int) -> FloatArray:
    """A work array of vectors, which stand on 64-byte boundaries."""
    block = np.zeros((slots + 1) * LANES)
    shift = -(block.ctypes.data >> 3) & (LANES - 1)
    return block[shift : shift + slots * LANES]


def log2(x: float) -> float:
    """log2, linear between powers of two: good enough to scale a step, and the same bits everywhere."""
    mantissa, exponent = np.frexp(x)
    return float(exponent) - 2.0 + 2.0 * float(mantissa)


# Plain loops over elements: numba takes seconds to compile slices, and they would be no faster.
@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    step: Any, dense: Any, table: Any, work: Any, integers: Any, initial: Any, start: Any, stop: Any,
    time: Any, out: Any, goal: Any, max_steps: Any, final: Any, status: Any, steps: Any,
    ended: Any,
) -> None:  # fmt: skip
    state, at_end, at_stop, at_next = table[0], table[1], table[2], table[3]
    at_row, at_status, at_steps, at_low = table[4], table[5], table[6], table[7]
    m, d = initial.shape
    n = out.shape[1]
    for group in range((m + LANES - 1) // LANES):
        for i in range(work.size):
            work[i] = 0.0
        alive = False
        for lane in range(LANES):
            row = min(group * LANES + lane, m - 1)
            work[at_end * LANES + lane] = start
            work[at_stop * LANES + lane] = stop[row]
            integers[at_row * LANES + lane] = row * n * d
            integers[at_next * LANES + lane] = 1  # the first sample is the initial state itself
            for i in range(d):
                work[(state + i) * LANES + lane] = initial[row, i]
                if n > 0:
                    out[row, 0, i] = initial[row, i]
            alive = alive or stop[row] > start
        count = 0
        while alive:
            going = call_step(step, address(work), goal)
            if n > 1:
                call_dense(dense, address(work), address(out), address(time), n)
            count += 1
            alive = going != 0
            if alive and count >= max_steps:
                for lane in range(LANES):
                    if (going >> lane) & 1:
                        work[at_status * LANES + lane] = _STEP_LIMIT
                alive = False
        for lane in range(min(LANES, m - group * LANES)):
            row = group * LANES + lane
            cut = work[at_status * LANES + lane] != 0.0  # a failure, or a terminal event
            failed = cut and work[at_status * LANES + lane] != _EVENT
            clock = work[at_end * LANES + lane] + work[at_low * LANES + lane]
            ended[row] = np.nan if failed else clock
            status[row] = np.int8(work[at_status * LANES + lane])
            steps[row] = np.int64(work[at_steps * LANES + lane])
            for i in range(d):
                final[row, i] = np.nan if failed else work[(state + i) * LANES + lane]
            if cut:
                for j in range(integers[at_next * LANES + lane], n):
                    for i in range(d):
                        out[row, j, i] = np.nan

"""The one loop over groups of lanes. Compiled by numba, without the interpreter's lock, and cached on disk.

A group is as many trajectories as the kernel has lanes; each has its own step, clock, status and end. Lanes
left over in the last group repeat its last trajectory: they compute and write the same values at the same
place, so no trajectory is a special case.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chaosdata.integrate.threads import share_out
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
    time : (sample n,), increasing, from start on; may be empty. out : (m, n, d), filled in; of a kernel in
    double-double (2, m, n, d/2), the high parts and the low parts of the samples.
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
            *(memory.status, memory.steps, memory.end_low, memory.low),
        ]
    )  # fmt: skip
    padded = np.append(time, np.full(POINTS, np.inf))
    final = np.empty((m, d))
    status = np.empty(m, np.int8)
    steps = np.empty(m, np.int64)
    lanes = memory.lanes
    parts = out if out.ndim == 4 else out[None]

    def advance(first: int, last: int) -> None:
        work = aligned_work(memory.slots, lanes)
        _run(
            kernel.step, kernel.dense, lanes, first, last, table, work, work.view(np.int64), initial,
            float(start), stop, padded, parts, log2(tolerance), max_steps, final, status, steps,
            np.empty(m) if end is None else end,
        )  # fmt: skip

    share_out(-(-m // lanes), advance)
    return final, status, steps


def aligned_work(slots: int, lanes: int = LANES) -> FloatArray:
    """A work array of vectors, each at a multiple of its size."""
    block = np.zeros((slots + 1) * lanes)
    shift = -(block.ctypes.data >> 3) & (lanes - 1)
    return block[shift : shift + slots * lanes]


def log2(x: float) -> float:
    """log2, linear between powers of two: good enough to scale a step, and the same bits everywhere."""
    mantissa, exponent = np.frexp(x)
    return float(exponent) - 2.0 + 2.0 * float(mantissa)


# Plain loops over elements: numba takes seconds to compile slices, and they would be no faster.
@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    step: Any, dense: Any, lanes: Any, first: Any, last: Any, table: Any, work: Any, integers: Any,
    initial: Any, start: Any, stop: Any, time: Any, out: Any, goal: Any, max_steps: Any,
    final: Any, status: Any, steps: Any, ended: Any,
) -> None:  # fmt: skip
    state, at_end, at_stop, at_next = table[0], table[1], table[2], table[3]
    at_row, at_status, at_steps, at_end_low, at_low = table[4], table[5], table[6], table[7], table[8]
    parts, m, n, d = out.shape
    components = parts * d
    for group in range(first, last):
        for i in range(work.size):
            work[i] = 0.0
        alive = False
        for lane in range(lanes):
            row = min(group * lanes + lane, m - 1)
            work[at_end * lanes + lane] = start
            work[at_stop * lanes + lane] = stop[row]
            integers[at_row * lanes + lane] = row * n * d
            integers[at_low * lanes + lane] = m * n * d
            integers[at_next * lanes + lane] = 1  # the first sample is the initial state itself
            for i in range(components):
                work[(state + i) * lanes + lane] = initial[row, i]
                if n > 0:
                    out[i // d, row, 0, i % d] = initial[row, i]
            alive = alive or stop[row] > start
        count = 0
        while alive:
            going = call_step(step, address(work), goal)
            if n > 1:
                call_dense(dense, address(work), address(out), address(time), n)
            count += 1
            alive = going != 0
            if alive and count >= max_steps:
                for lane in range(lanes):
                    if (going >> lane) & 1:
                        work[at_status * lanes + lane] = _STEP_LIMIT
                alive = False
        for lane in range(min(lanes, m - group * lanes)):
            row = group * lanes + lane
            cut = work[at_status * lanes + lane] != 0.0  # a failure, or a terminal event
            failed = cut and work[at_status * lanes + lane] != _EVENT
            clock = work[at_end * lanes + lane] + work[at_end_low * lanes + lane]
            ended[row] = np.nan if failed else clock
            status[row] = np.int8(work[at_status * lanes + lane])
            steps[row] = np.int64(work[at_steps * lanes + lane])
            for i in range(components):
                final[row, i] = np.nan if failed else work[(state + i) * lanes + lane]
            if cut:
                for j in range(integers[at_next * lanes + lane], n):
                    for i in range(components):
                        out[i // d, row, j, i % d] = np.nan

"""Growth of tangent vectors along trajectories of a flow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.driver import aligned_work, log2
from chaosdata.integrate.flow import MAX_STEPS, states
from chaosdata.integrate.threads import share_out
from chaosdata.kernels.call import address, call_step
from chaosdata.kernels.saltation import NO_VOLUME
from chaosdata.kernels.tangent import TangentKernel, tangent_kernel
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Status

_STEP_LIMIT = float(Status.STEP_LIMIT)


@dataclass(frozen=True)
class Growth:
    """What tangent vectors and volumes did up to each of ``p`` times.

    log_length : (trajectory m, p, d), sums of the logarithms of the lengths of the orthogonalised vectors;
    -inf for a direction that is folded away, as where a flow begins to slide along a surface.
    divergence : (m, p), integral of the divergence of the flow.
    status : (m,) of :class:`Status` values; rows of a failed trajectory are NaN.
    """

    log_length: FloatArray
    divergence: FloatArray
    status: NDArray[np.int8]


def tangent_growth(
    system: System,
    initial: ArrayLike,
    until: ArrayLike,
    *,
    tolerance: float = 1e-8,
    max_steps: int = MAX_STEPS,
) -> Growth:
    """Integrate a flow with all its tangent vectors, which start as the unit vectors.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0.
    until : (p,), increasing times at which growth is recorded.
    tolerance : local error of a step, relative to each component's recent magnitude.
    max_steps : a trajectory that needs more steps ends with ``Status.STEP_LIMIT``.

    Returns
    -------
    Growth

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.
    """
    start = states(system, initial)
    stops = np.ascontiguousarray(until, dtype=float)
    if stops.ndim != 1 or len(stops) == 0 or stops[0] <= 0 or not np.all(np.diff(stops) > 0):
        raise ArgumentError("until must hold increasing, positive times.")
    kernel = _kernel(system, tolerance)
    memory = kernel.memory
    table = np.array([memory.state, memory.stop, memory.status, kernel.vectors, kernel.growth])
    m, d = start.shape
    log_length = np.empty((m, len(stops), d))
    divergence = np.empty((m, len(stops)))
    status = np.empty(m, np.int8)

    def advance(first: int, last: int) -> None:
        _run(
            kernel.step, first, last, table, aligned_work(memory.slots), start, stops,
            log2(tolerance), max_steps, log_length, divergence, status,
        )  # fmt: skip

    share_out(-(-m // LANES), advance)
    divergence[divergence < NO_VOLUME / 2] = -np.inf
    return Growth(log_length, divergence, status)


@lru_cache(maxsize=1024)
def _kernel(system: System, tolerance: float) -> TangentKernel:
    return tangent_kernel(system.graph(divergence=True), tolerance, system.dimension)


@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    step: Any, first: Any, last: Any, table: Any, work: Any, initial: Any, stops: Any, goal: Any,
    max_steps: Any, log_length: Any, divergence: Any, status: Any,
) -> None:  # fmt: skip
    state, at_stop, at_status, vectors, growth = table[0], table[1], table[2], table[3], table[4]
    m, d = initial.shape
    for group in range(first, last):
        for i in range(work.size):
            work[i] = 0.0
        for lane in range(LANES):
            row = min(group * LANES + lane, m - 1)
            for i in range(d):
                work[(state + i) * LANES + lane] = initial[row, i]
                work[(vectors + i * d + i) * LANES + lane] = 1.0
        lanes = min(LANES, m - group * LANES)
        count = 0
        for p in range(stops.size):
            for lane in range(LANES):
                work[at_stop * LANES + lane] = stops[p]
            going = 1
            while going != 0:
                going = call_step(step, address(work), goal)
                count += 1
                if going != 0 and count >= max_steps:
                    for lane in range(LANES):
                        if (going >> lane) & 1:
                            work[at_status * LANES + lane] = _STEP_LIMIT
                    going = 0
            for lane in range(lanes):
                row = group * LANES + lane
                divergence[row, p] = work[(state + d) * LANES + lane]
                for i in range(d):
                    log_length[row, p, i] = work[(growth + i) * LANES + lane]
        for lane in range(lanes):
            row = group * LANES + lane
            status[row] = np.int8(work[at_status * LANES + lane])
            if status[row] != 0:
                for p in range(stops.size):
                    divergence[row, p] = np.nan
                    for i in range(d):
                        log_length[row, p, i] = np.nan

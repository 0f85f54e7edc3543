"""Growth of tangent vectors along orbits of a map."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.driver import aligned_work
from chaosdata.integrate.flow import states
from chaosdata.integrate.map import iterates
from chaosdata.integrate.tangent import Growth
from chaosdata.integrate.threads import share_out
from chaosdata.kernels.call import address, call_step
from chaosdata.kernels.map_tangent import MapTangentKernel, map_tangent_kernel
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Status

_NOT_FINITE = float(Status.NOT_FINITE)


def map_tangent_growth(system: System, initial: ArrayLike, until: ArrayLike) -> Growth:
    """Iterate a map with all its tangent vectors, which start as the unit vectors.

    Where the Jacobian is singular the length of a vector becomes zero, and its logarithm -inf from there on.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0.
    until : (p,), increasing, positive whole numbers of iterates at which growth is recorded.

    Returns
    -------
    Growth : ``divergence`` is the sum of ``log |det J|`` along the orbit, which the logarithms of the lengths
    add up to.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.
    """
    start = states(system, initial)
    stops = iterates(until)
    if stops[0] <= 0:
        raise ArgumentError("until must hold increasing, positive times.")
    kernel = _kernel(system)
    return grow(kernel, start, stops, np.zeros((len(start), 2), np.int64), 0.0)


def grow(
    kernel: MapTangentKernel, initial: FloatArray, stops: FloatArray, keys: NDArray[np.int64], step: float
) -> Growth:
    """Run the kernel of a map, or of the steps of a stochastic system, whose keys and step follow at the end.

    initial : (trajectory m, component d). stops : (p,) increasing numbers of iterates. keys : (m, 2).
    """
    noise = kernel.noise
    table = np.array([kernel.state, kernel.status, kernel.vectors, kernel.growth, noise.step, noise.key])
    m, d = initial.shape
    log_length = np.empty((m, len(stops), d))
    divergence = np.empty((m, len(stops)))
    status = np.empty(m, np.int8)

    def run(first: int, last: int) -> None:
        _run(
            kernel.iterate, first, last, table, aligned_work(kernel.slots), initial, keys, step, stops,
            log_length, divergence, status,
        )  # fmt: skip

    share_out(-(-m // LANES), run)
    return Growth(log_length, divergence, status)


@lru_cache(maxsize=1024)
def _kernel(system: System) -> MapTangentKernel:
    return map_tangent_kernel(system.graph())


@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    kernel: Any, first: Any, last: Any, table: Any, work: Any, initial: Any, keys: Any, step: Any,
    stops: Any, log_length: Any, divergence: Any, status: Any,
) -> None:  # fmt: skip
    state, at_status, vectors, growth, at_step, at_key = (
        table[0], table[1], table[2], table[3], table[4], table[5]
    )  # fmt: skip
    integers = work.view(np.int64)
    m, d = initial.shape
    for group in range(first, last):
        for i in range(work.size):
            work[i] = 0.0
        for lane in range(LANES):
            row = min(group * LANES + lane, m - 1)
            work[at_step * LANES + lane] = step
            integers[at_key * LANES + lane] = keys[row, 0]
            integers[(at_key + 1) * LANES + lane] = keys[row, 1]
            for i in range(d):
                work[(state + i) * LANES + lane] = initial[row, i]
                work[(vectors + i * d + i) * LANES + lane] = 1.0
                work[(vectors + d * d + i * d + i) * LANES + lane] = 1.0
        lanes = min(LANES, m - group * LANES)
        now = 0.0
        for p in range(stops.size):
            call_step(kernel, address(work), stops[p] - now)
            now = stops[p]
            for lane in range(lanes):
                row = group * LANES + lane
                total = 0.0
                for i in range(d):
                    log_length[row, p, i] = work[(growth + i) * LANES + lane]
                    total += work[(growth + d + i) * LANES + lane]
                divergence[row, p] = total
        for lane in range(lanes):
            row = group * LANES + lane
            status[row] = np.int8(work[at_status * LANES + lane])
            if status[row] == 0:
                for i in range(d):  # a derivative may be infinite where the map is not
                    if np.isnan(log_length[row, stops.size - 1, i]):
                        status[row] = np.int8(_NOT_FINITE)
            if status[row] != 0:
                for p in range(stops.size):
                    divergence[row, p] = np.nan
                    for i in range(d):
                        log_length[row, p, i] = np.nan

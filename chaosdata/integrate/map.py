"""Orbits of maps."""

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
from chaosdata.integrate.threads import share_out
from chaosdata.kernels.call import address, call_dense
from chaosdata.kernels.map import MapKernel, map_kernel
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Solution

_LONGEST = 2.0**52  # iterates are counted in doubles


def iterate(system: System, initial: ArrayLike, time: ArrayLike) -> Solution:
    """Iterate trajectories of a map, with output at exactly the iterates asked for.

    Parameters
    ----------
    initial : (trajectory m, component d), states at ``time[0]``.
    time : (n,), strictly increasing whole numbers of iterates, not negative; ints or floats.

    Returns
    -------
    Solution : state (m, n, d), time (n,), status (m,), steps (m,): iterates done. A trajectory that fails is
    NaN from there on.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.
    """
    start = states(system, initial)
    grid = iterates(time)
    m, d = start.shape
    kernel = _kernel(system)
    state = np.empty((m, len(grid), d))
    status = np.zeros(m, np.int8)
    steps = np.zeros(m, np.int64)
    gaps = np.diff(grid, prepend=grid[0])

    def run(first: int, last: int) -> None:
        _iterate(
            kernel.iterate, first, last, _table(kernel), aligned_work(kernel.slots), start, grid, gaps, state,
            status, steps,
        )  # fmt: skip

    share_out(-(-m // LANES), run)
    return Solution(state, grid, status, steps)


def final_state(
    system: System, initial: ArrayLike, duration: ArrayLike
) -> tuple[FloatArray, NDArray[np.int8]]:
    """Where orbits are after their durations, without output on the way.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0.
    duration : (m,) or a scalar, whole numbers of iterates, not negative.

    Returns
    -------
    state (m, d), NaN where a trajectory failed, and its status (m,)
    """
    start = states(system, initial)
    stop = np.broadcast_to(np.asarray(duration, float), len(start)).copy()
    if not np.all((stop >= 0) & (stop <= _LONGEST) & (stop == np.floor(stop))):
        raise ArgumentError(f"duration must be a whole number of iterates, not negative, for {system.name}.")
    m, d = start.shape
    kernel = _kernel(system)
    final = np.empty((m, d))
    status = np.zeros(m, np.int8)

    def run(first: int, last: int) -> None:
        _finish(
            kernel.iterate, first, last, _table(kernel), aligned_work(kernel.slots), start, stop,
            np.empty(LANES + 1), np.empty((LANES, LANES + 1, d)), final, status,
        )  # fmt: skip

    share_out(-(-m // LANES), run)
    return final, status


def iterates(time: ArrayLike) -> FloatArray:
    """The times of a map as an array of whole numbers, or an ArgumentError that says what is wrong."""
    try:
        grid = np.ascontiguousarray(time, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError("time must be an array of numbers.") from None
    if grid.ndim != 1 or len(grid) == 0:
        raise ArgumentError(f"time must be a vector of at least one value, not of shape {grid.shape}.")
    whole = np.isfinite(grid) & (grid == np.floor(grid))
    if not whole.all():
        raise ArgumentError(
            f"the time of a map counts iterates: {float(grid[np.argmin(whole)])!r} is not a whole number."
        )
    if grid[0] < 0 or grid[-1] > _LONGEST or not np.all(np.diff(grid) > 0):
        raise ArgumentError("time must be strictly increasing and not negative.")
    return grid


@lru_cache(maxsize=1024)
def _kernel(system: System) -> MapKernel:
    return map_kernel(system.graph())


def _table(kernel: MapKernel) -> NDArray[np.int64]:
    return np.array([kernel.state, kernel.count, kernel.status, kernel.row])


@njit(error_model="numpy", nogil=True, cache=True)
def _iterate(
    kernel: Any, first: Any, last: Any, table: Any, work: Any, initial: Any, time: Any, gaps: Any, out: Any,
    status: Any, steps: Any,
) -> None:  # fmt: skip
    state, at_count, at_status, at_row = table[0], table[1], table[2], table[3]
    integers = work.view(np.int64)
    m, n, d = out.shape
    for group in range(first, last):
        for lane in range(LANES):  # lanes left over repeat the last trajectory
            row = min(group * LANES + lane, m - 1)
            work[at_count * LANES + lane] = time[0]
            work[at_status * LANES + lane] = 0.0
            integers[at_row * LANES + lane] = row * n * d
            for i in range(d):
                work[(state + i) * LANES + lane] = initial[row, i]
                out[row, 0, i] = initial[row, i]
        if n > 1:
            call_dense(kernel, address(work), address(out), address(gaps), n)
        for lane in range(min(LANES, m - group * LANES)):
            row = group * LANES + lane
            end = work[at_count * LANES + lane]
            status[row] = np.int8(work[at_status * LANES + lane])
            steps[row] = np.int64(end - time[0])
            if status[row] != 0:
                for j in range(n):
                    if time[j] > end:
                        for i in range(d):
                            out[row, j, i] = np.nan


@njit(error_model="numpy", nogil=True, cache=True)
def _finish(
    kernel: Any, first: Any, last: Any, table: Any, work: Any, initial: Any, stop: Any, gaps: Any, out: Any,
    final: Any, status: Any,
) -> None:  # fmt: skip
    """The final states, from samples of each group at the stops of all its lanes."""
    state, at_count, at_status, at_row = table[0], table[1], table[2], table[3]
    integers = work.view(np.int64)
    m, d = initial.shape
    for group in range(first, last):
        for lane in range(LANES):
            row = min(group * LANES + lane, m - 1)
            work[at_count * LANES + lane] = 0.0
            work[at_status * LANES + lane] = 0.0
            integers[at_row * LANES + lane] = lane * (LANES + 1) * d
            for i in range(d):
                work[(state + i) * LANES + lane] = initial[row, i]
        lanes = min(LANES, m - group * LANES)
        samples, now = 1, 0.0
        while True:
            following = np.inf
            for lane in range(lanes):
                if stop[group * LANES + lane] > now:
                    following = min(following, stop[group * LANES + lane])
            if following == np.inf:
                break
            gaps[samples] = following - now
            samples += 1
            now = following
        if samples > 1:
            call_dense(kernel, address(work), address(out), address(gaps), samples)
        for lane in range(lanes):
            row = group * LANES + lane
            failed = work[at_status * LANES + lane] != 0.0 and work[at_count * LANES + lane] < stop[row]
            status[row] = np.int8(work[at_status * LANES + lane]) if failed else np.int8(0)
            j, now = 0, 0.0
            while now < stop[row]:
                j += 1
                now += gaps[j]
            for i in range(d):
                final[row, i] = np.nan if failed else (initial[row, i] if j == 0 else out[lane, j, i])

"""Trajectories of stochastic differential equations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.driver import aligned_work
from chaosdata.integrate.flow import states, times
from chaosdata.integrate.streams import stream_key
from chaosdata.integrate.threads import share_out
from chaosdata.kernels.brownian import DEPTH
from chaosdata.kernels.call import address, call_counted
from chaosdata.kernels.stochastic import StochasticKernel, stochastic_kernel
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Solution

Indices = Sequence[int] | NDArray[np.int64]

STEPS_PER_PERIOD = 400
"""The default step is this part of a period: four steps between samples of a grid of 100 a period."""

_LONGEST = 2.0**28  # steps: beyond, rounding of the time exceeds the resolution of the path
_MASK = 2**DEPTH - 1


def integrate_stochastic(
    system: System,
    initial: ArrayLike,
    time: ArrayLike,
    seed: int = 0,
    indices: Indices | None = None,
    step: float | None = None,
    *,
    purpose: str = "noise",
) -> Solution:
    """Integrate an Ito equation with additive or diagonal noise, with output at the times asked for.

    The state moves on a mesh of equal steps from ``time[0]`` on. A trajectory and its noise are a function of
    the initial state and time, the step, the seed, the index and the name of the system, and of nothing else:
    neither of the batch nor of the other times asked for. A time between two points of the mesh is rounded to
    a ``2**-24`` part of a step, and its state is one shorter step of the same scheme from the point before
    it, with the Brownian path refined by halves up to there: it has the scheme's own order, and is not an
    interpolation. The strong order is 1.5, and 4 without noise; :mod:`chaosdata.kernels.scheme` gives the
    scheme.

    Parameters
    ----------
    initial : (trajectory m, component d), states at ``time[0]``.
    time : (n,), strictly increasing, in the system's time unit.
    seed : chooses the noise.
    indices : (m,) numbers of the trajectories, which choose the noise of each; None means 0, 1, ..., m-1.
    step : length of a step of the mesh; None means a 400th of the period.
    purpose : another purpose, say an annotation, gets independent noise.

    Returns
    -------
    Solution : state (m, n, d), time (n,), status (m,), steps (m,). A trajectory that fails is NaN from there
    on.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.
    """
    start = states(system, initial)
    grid = times(time)
    h = mesh_step(system, step)
    points = _points(grid - grid[0], h)
    m, d = start.shape
    kernel = _kernel(system)
    state = np.empty((m, len(grid), d))
    status = np.zeros(m, np.int8)
    steps = np.zeros(m, np.int64)
    keys = noise_keys(system, seed, indices, m, purpose)

    def run(first: int, last: int) -> None:
        _run(
            kernel.advance, kernel.sample, first, last, _table(kernel), aligned_work(kernel.noise.end), start,
            keys, grid[0], h, points, state, status, steps,
        )  # fmt: skip

    share_out(-(-m // LANES), run)
    return Solution(state, grid, status, steps)


def final_state(
    system: System,
    initial: ArrayLike,
    duration: ArrayLike,
    seed: int = 0,
    indices: Indices | None = None,
    step: float | None = None,
    *,
    purpose: str = "noise",
) -> tuple[FloatArray, NDArray[np.int8]]:
    """Where trajectories are after their durations, without output on the way.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0. duration : (m,) or a scalar, not negative.
    seed, indices, step, purpose : as in :func:`integrate_stochastic`, and the same path.

    Returns
    -------
    state (m, d), NaN where a trajectory failed, and its status (m,)
    """
    start = states(system, initial)
    stop = np.broadcast_to(np.asarray(duration, float), len(start)).copy()
    if not np.all(np.isfinite(stop) & (stop >= 0)):
        raise ArgumentError("duration must be finite and not negative.")
    h = mesh_step(system, step)
    m, d = start.shape
    kernel = _kernel(system)
    final = np.empty((m, d))
    status = np.zeros(m, np.int8)
    keys, points = noise_keys(system, seed, indices, m, purpose), _points(stop, h)

    def run(first: int, last: int) -> None:
        _finish(
            kernel.advance, kernel.sample, first, last, _table(kernel), aligned_work(kernel.noise.end), start,
            keys, h, points, final, status,
        )  # fmt: skip

    share_out(-(-m // LANES), run)
    return final, status


def default_step(system: System) -> float:
    """The step of the mesh where none is given, in the system's time unit."""
    return float(system.period) / STEPS_PER_PERIOD


def mesh_step(system: System, step: float | None) -> float:
    """The step of the mesh: the one given, or a 400th of the period."""
    if step is None:
        return default_step(system)
    if not (np.isfinite(step) and step > 0):
        raise ArgumentError(f"step must be a positive time, or None for a default, not {step!r}.")
    return float(step)


def _points(elapsed: FloatArray, step: float) -> NDArray[np.int64]:
    """Times as whole numbers of ``2**-DEPTH`` parts of a step."""
    position = elapsed / step
    if not np.all(position <= _LONGEST):
        raise ArgumentError(
            f"{position.max():.3g} steps of {step!r} are needed, and 2**28 are possible: "
            "ask for a shorter time or a longer step."
        )
    return np.rint(position * 2.0**DEPTH).astype(np.int64)


def noise_keys(
    system: System, seed: int, indices: Indices | None, count: int, purpose: str
) -> NDArray[np.int64]:
    """The keys of the noise: (m, 2) words of 32 bits."""
    numbers = range(count) if indices is None else [int(index) for index in indices]
    if len(numbers) != count:
        raise ArgumentError(f"indices has {len(numbers)} numbers for {count} trajectories.")
    keys = [int(stream_key(seed, system.name, index, purpose)[0]) for index in numbers]
    return np.array([(key & 0xFFFFFFFF, key >> 32) for key in keys], dtype=np.int64).reshape(-1, 2)


@lru_cache(maxsize=1024)
def _kernel(system: System) -> StochasticKernel:
    return stochastic_kernel(system.graph())


def _table(kernel: StochasticKernel) -> NDArray[np.int64]:
    return np.array(
        [
            *(kernel.state, kernel.sampled, kernel.start, kernel.noise.step),
            *(kernel.status, kernel.steps, kernel.noise.key),
        ]
    )  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def _begin(table: Any, work: Any, initial: Any, keys: Any, start: Any, step: Any, group: Any) -> None:
    """Fill the work array of a group; lanes left over repeat the last trajectory."""
    state, at_start, at_step, at_status, at_steps, at_key = (
        table[0], table[2], table[3], table[4], table[5], table[6]
    )  # fmt: skip
    integers = work.view(np.int64)
    m, d = initial.shape
    for lane in range(LANES):
        row = min(group * LANES + lane, m - 1)
        work[at_start * LANES + lane] = start
        work[at_step * LANES + lane] = step
        work[at_status * LANES + lane] = 0.0
        work[at_steps * LANES + lane] = 0.0
        integers[at_key * LANES + lane] = keys[row, 0]
        integers[(at_key + 1) * LANES + lane] = keys[row, 1]
        for i in range(d):
            work[(state + i) * LANES + lane] = initial[row, i]


@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    advance: Any, sample: Any, first: Any, last: Any, table: Any, work: Any, initial: Any, keys: Any,
    start: Any, step: Any, points: Any, out: Any, status: Any, steps: Any,
) -> None:  # fmt: skip
    at_status, at_steps = table[4], table[5]
    m, n, d = out.shape
    for group in range(first, last):
        _begin(table, work, initial, keys, start, step, group)
        lanes = min(LANES, m - group * LANES)
        now = 0
        for j in range(n):
            mesh, fraction = points[j] >> DEPTH, points[j] & _MASK
            if mesh > now:
                call_counted(advance, address(work), now, mesh - now)
                now = mesh
            source = table[0]
            if fraction:
                call_counted(sample, address(work), now, fraction)
                source = table[1]
            for lane in range(lanes):
                failed = work[at_status * LANES + lane] != 0.0
                for i in range(d):
                    value = work[(source + i) * LANES + lane]
                    out[group * LANES + lane, j, i] = np.nan if failed else value
        for lane in range(lanes):
            status[group * LANES + lane] = np.int8(work[at_status * LANES + lane])
            steps[group * LANES + lane] = np.int64(work[at_steps * LANES + lane])


@njit(error_model="numpy", nogil=True, cache=True)
def _finish(
    advance: Any, sample: Any, first: Any, last: Any, table: Any, work: Any, initial: Any, keys: Any,
    step: Any, points: Any,
    final: Any, status: Any,
) -> None:  # fmt: skip
    at_status = table[4]
    m, d = initial.shape
    for group in range(first, last):
        _begin(table, work, initial, keys, 0.0, step, group)
        lanes = min(LANES, m - group * LANES)
        now, previous = np.int64(0), np.int64(-1)
        while True:
            stop = np.int64(2**62)  # the next point at which a lane of the group stops
            for lane in range(lanes):
                if previous < points[group * LANES + lane] < stop:
                    stop = points[group * LANES + lane]
            if stop == 2**62:
                break
            mesh, fraction = stop >> DEPTH, stop & _MASK
            if mesh > now:
                call_counted(advance, address(work), now, mesh - now)
                now = mesh
            source = table[0]
            if fraction:
                call_counted(sample, address(work), now, fraction)
                source = table[1]
            for lane in range(lanes):
                row = group * LANES + lane
                if points[row] == stop:
                    status[row] = np.int8(work[at_status * LANES + lane])
                    for i in range(d):
                        value = work[(source + i) * LANES + lane]
                        final[row, i] = np.nan if status[row] != 0 else value
            previous = stop

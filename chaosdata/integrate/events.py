"""Where trajectories of a flow cross a surface.

The function of the surface is expanded in a Taylor series along with the state, and its first root within a
step is found on that polynomial, to the last bits. The step ends there, so that no pair of close crossings is
lost and the state returned is on the trajectory as exactly as any other.

Reference: Henon (1982). On the numerical computation of Poincare maps. Physica D 5, 412-414 (why the end of a
step should lie on the surface).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.surface import SurfaceFunction
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.driver import aligned_work, log2
from chaosdata.integrate.flow import MAX_STEPS, checked_limit, checked_tolerance, states
from chaosdata.integrate.surface import Direction, Surface, event_kernel
from chaosdata.integrate.threads import share_out
from chaosdata.kernels.call import address, call_step
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Status

_DONE = float(Status.EVENT)
_STEP_LIMIT = float(Status.STEP_LIMIT)
_PATIENCE = 20  # periods for each crossing asked for, where the caller sets no limit


@dataclass(frozen=True)
class Section:
    """The first k crossings of each of m trajectories; NaN beyond a trajectory's ``count``.

    time : (m, k), in the system's time unit. state : (m, k, d). count : (m,), crossings found.
    status : (m,) of :class:`~chaosdata.types.Status` values; OK also where time ran out before k crossings.
    """

    time: FloatArray
    state: FloatArray
    count: NDArray[np.int64]
    status: NDArray[np.int8]


def poincare_section(
    system: System,
    initial: ArrayLike,
    surface: SurfaceFunction,
    *,
    crossings: int,
    max_time: float | None = None,
    periods: float | None = None,
    direction: Direction = 1,
    start: float = 0.0,
    tolerance: float | None = None,
    max_steps: int = MAX_STEPS,
) -> Section:
    """The crossings of a surface, to the accuracy of the trajectory itself.

    Parameters
    ----------
    system : the flow.
    initial : (trajectory m, component d), states at ``start``. One on the surface is not a crossing.
    surface : function of the components, or of ``t`` and the components, that is zero on the surface.
    crossings : the number k wanted of each trajectory.
    max_time, periods : how long to look for them, in time units or in periods of the system; by default
    20 periods for each crossing.
    direction : +1 where the function grows through zero, -1 where it falls, 0 both.
    tolerance : local error of a step, relative to each component's recent magnitude; None means full double
    accuracy.
    max_steps : a trajectory that needs more steps ends with ``Status.STEP_LIMIT``.

    Returns
    -------
    Section : time (m, k), state (m, k, d), count (m,), status (m,).

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value, or a surface that cannot be compiled.

    Reference: Henon (1982), Physica D 5, 412-414.

    Example
    -------
    >>> import chaosdata as cd
    >>> lorenz = cd.systems["Lorenz"]
    >>> section = cd.poincare_section(lorenz, [lorenz.initial], lambda x, y, z: z - 27, crossings=5)
    >>> section.state.shape, float(abs(section.state[..., 2] - 27).max()) < 1e-12
    ((1, 5, 3), True)
    """
    first = states(system, initial)
    if crossings < 1:
        raise ArgumentError(f"crossings must be at least 1, not {crossings!r}.")
    goal = checked_tolerance(tolerance)
    kernel = event_kernel(system, Surface(surface, direction), goal, terminal=False)
    stop = float(start) + _duration(system, crossings, max_time, periods)
    memory = kernel.memory
    table = np.array([memory.state, memory.end, memory.end_low, memory.stop, memory.status, memory.hit])
    m, d = first.shape
    time, state = np.full((m, crossings), np.nan), np.full((m, crossings, d), np.nan)
    count, status = np.zeros(m, np.int64), np.empty(m, np.int8)
    limit = checked_limit(max_steps)

    def advance(lowest: int, highest: int) -> None:
        _run(
            kernel.step, lowest, highest, table, aligned_work(memory.slots), first, float(start), stop,
            log2(goal), limit, time, state, count, status,
        )  # fmt: skip

    share_out(-(-m // LANES), advance)
    return Section(time, state, count, status)


def _duration(system: System, crossings: int, max_time: float | None, periods: float | None) -> float:
    if max_time is not None and periods is not None:
        raise ArgumentError("Give max_time or periods, not both.")
    if max_time is None:
        max_time = system.period * (_PATIENCE * crossings if periods is None else periods)
    if not 0 < max_time < np.inf:
        raise ArgumentError(f"The time to look for crossings must be positive and finite, not {max_time!r}.")
    return float(max_time)


@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    step: Any, lowest: Any, highest: Any, table: Any, work: Any, initial: Any, start: Any, stop: Any,
    goal: Any, max_steps: Any, time: Any, state: Any, count: Any, status: Any,
) -> None:  # fmt: skip
    at_state, at_end, at_low = table[0], table[1], table[2]
    at_stop, at_status, at_hit = table[3], table[4], table[5]
    m, d = initial.shape
    wanted = time.shape[1]
    for group in range(lowest, highest):
        for i in range(work.size):
            work[i] = 0.0
        for lane in range(LANES):
            row = min(group * LANES + lane, m - 1)
            work[at_end * LANES + lane] = start
            work[at_stop * LANES + lane] = stop
            for i in range(d):
                work[(at_state + i) * LANES + lane] = initial[row, i]
        lanes = min(LANES, m - group * LANES)
        steps = 0
        going = 1
        while going != 0:
            going = call_step(step, address(work), goal)
            steps += 1
            for lane in range(LANES):
                row = group * LANES + min(lane, lanes - 1)
                if work[at_hit * LANES + lane] != 0.0:
                    if lane < lanes:
                        k = count[row]
                        time[row, k] = work[at_end * LANES + lane] + work[at_low * LANES + lane]
                        for i in range(d):
                            state[row, k, i] = work[(at_state + i) * LANES + lane]
                        count[row] = k + 1
                    # Lanes beyond the last trajectory repeat it, and so has it been counted before them.
                    if count[row] == wanted:
                        work[at_status * LANES + lane] = _DONE
                if work[at_status * LANES + lane] != 0.0:
                    going &= ~(1 << lane)
            if going != 0 and steps >= max_steps:
                for lane in range(LANES):
                    if (going >> lane) & 1:
                        work[at_status * LANES + lane] = _STEP_LIMIT
                going = 0
        for lane in range(lanes):
            code = work[at_status * LANES + lane]
            status[group * LANES + lane] = np.int8(0.0 if code == _DONE else code)

"""Trajectories of delay differential equations."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate import delay_driver
from chaosdata.integrate.flow import MAX_STEPS, checked_limit, checked_tolerance, states, times
from chaosdata.integrate.history import History, Past, chebyshev, declared_past, function_series
from chaosdata.integrate.pilot import delay_method
from chaosdata.kernels.delay import MISSED
from chaosdata.types import FloatArray, Solution

FINEST = 6
"""How often the mesh is halved for a trajectory that misses the tolerance."""

LIMIT = 4.0  # of a cell's error: the last term of a series is several times what the series leaves out


def integrate_delay(
    system: System,
    initial: ArrayLike,
    time: ArrayLike,
    tolerance: float | None = None,
    *,
    history: History | None = None,
    transient: ArrayLike = 0.0,
    max_steps: int = MAX_STEPS,
) -> Solution:
    """Integrate trajectories of a delay equation, with output at exactly the times asked for.

    The mesh is fixed by the system and the tolerance, and a trajectory's result does not depend on the others
    in the call, nor on the times asked for up to its end. A trajectory that misses the tolerance on the way
    is computed anew, from its beginning and alone, on a mesh with cells half as long.

    Parameters
    ----------
    system : of kind "delay".
    initial : (trajectory m, component d), states at ``time[0]``, and before it where there is no history.
    time : (n,), strictly increasing, in the system's time unit.
    tolerance : local error of a cell of the mesh, relative to each component's recent magnitude; None means
    full double accuracy.
    history : a smooth function of the time, on the longest delay before ``time[0]``, to states (m, d), or to
    (d,) for all trajectories alike; it may differ from ``initial`` at its end. None means the history that
    the system declares, which ends at ``time[0]``.
    transient : (m,) or a scalar, not negative: what is integrated and left out before each trajectory's
    first sample. The equation must not depend on time if there is any.
    max_steps : a trajectory that needs more cells ends with ``Status.STEP_LIMIT``.

    Returns
    -------
    Solution : state (m, n, d), time (n,), status (m,), steps (m,). A trajectory that fails is NaN from there
    on.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value, or a right-hand side with kinks or jumps.

    Reference: Bellen, Zennaro (2003). Numerical Methods for Delay Differential Equations. Oxford (method of
    steps, with Taylor series here).

    Example
    -------
    >>> from chaosdata.equations import delay
    >>> @delay(initial=(0.5,), period=12.0, reference="Hutchinson (1948). Ann. N. Y. Acad. Sci. 50, 221-246.")
    ... def Hutchinson(t, x, *, r=1.8, tau=1.0):
    ...     '''Growth that is limited by the crowd of one generation ago.'''
    ...     return (r * x * (1 - x(t - tau)),)
    >>> integrate_delay(Hutchinson, [[0.4], [0.5]], [0.0, 1.0, 2.0]).state.shape
    (2, 3, 1)
    """
    start = states(system, initial)
    grid = times(time)
    goal = checked_tolerance(tolerance)
    most = checked_limit(max_steps)
    m, d = start.shape
    skip = np.broadcast_to(np.asarray(transient, dtype=np.float64), m).copy()
    if not np.all(np.isfinite(skip) & (skip >= 0)):
        raise ArgumentError("transient must be finite and not negative.")
    if skip.any() and not system.autonomous:
        raise ArgumentError(f"{system.name} depends on time explicitly: it cannot leave out a transient.")
    method = delay_method(system, goal)
    series = None
    if history is not None:
        series = chebyshev(history, float(grid[0]), method.delays[-1], m, d)
    state = np.empty((m, len(grid), d))
    status = np.empty(m, np.int8)
    steps = np.empty(m, np.int64)
    pending = np.arange(m)
    for level in range(FINEST + 1):
        mesh = method.mesh(level)
        past = declared_past(system, mesh, method.order, start[pending])
        if series is not None:
            own = series if len(series) == 1 else series[pending]
            past = Past(function_series(own, mesh, method.order), np.zeros_like(past.base))
        out = state if len(pending) == m else np.empty((len(pending), len(grid), d))
        code, count, _ = delay_driver.run(
            method.kernel(mesh, len(pending)), mesh, start[pending], past, float(grid[0]), skip[pending],
            grid, out, goal, LIMIT, most,
        )  # fmt: skip
        if level == FINEST:
            code = np.where(code >= MISSED, code - MISSED, code).astype(np.int8)
        status[pending], steps[pending] = code, count
        if out is not state:
            state[pending] = out
        pending = pending[code >= MISSED]
        if not pending.size:
            break
    return Solution(state, grid, status, steps)


def final_state(
    system: System,
    initial: ArrayLike,
    duration: ArrayLike,
    tolerance: float | None = None,
    *,
    max_steps: int = MAX_STEPS,
) -> tuple[FloatArray, NDArray[np.int8]]:
    """Where trajectories are after their durations.

    Parameters
    ----------
    initial : (trajectory m, component d). duration : (m,) or a scalar, not negative.

    Returns
    -------
    state (m, d), NaN where a trajectory failed, and its status (m,). It is no history: the trajectory cannot
    go on from there.
    """
    solution = integrate_delay(system, initial, [0.0], tolerance, transient=duration, max_steps=max_steps)
    return np.ascontiguousarray(solution.state[:, 0]), solution.status

"""Trajectories of ordinary differential equations."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.surface import SurfaceFunction
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate import driver
from chaosdata.integrate.surface import Surface, event_kernel
from chaosdata.kernels.runge_kutta import runge_kutta_kernel
from chaosdata.kernels.series import WITHOUT_SERIES
from chaosdata.kernels.tableaux import TABLEAUX
from chaosdata.kernels.taylor import FULL_ACCURACY, Kernel, best_lanes, flow_kernel
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Solution, Status

Method = Literal["auto", "taylor", "tsit5", "dop853"]
Precision = Literal["double", "double-double"]
MAX_STEPS = 10_000_000
_LOOSEST = 1e-2


def integrate(
    system: System,
    initial: ArrayLike,
    time: ArrayLike,
    tolerance: float | None = None,
    method: Method = "auto",
    *,
    precision: Precision = "double",
    max_steps: int = MAX_STEPS,
    terminal: Surface | SurfaceFunction | None = None,
) -> Solution:
    """Integrate trajectories of a flow, with output at exactly the times asked for.

    Each trajectory takes its own adaptive steps: its result does not depend on the others in the call.

    Parameters
    ----------
    system : the flow.
    initial : (trajectory m, component d), states at ``time[0]``.
    time : (n,), strictly increasing, in the system's time unit.
    tolerance : local error of a step, relative to each component's recent magnitude; None means full double
    accuracy.
    method : "taylor", of an order that fits the tolerance, is what "auto" chooses. Right-hand sides made of
    smooth pieces are no exception: kinks and jumps are located, and a step ends there; where a jump pushes
    to its surface from both sides the solution slides along it (Filippov 1988). "tsit5" and "dop853",
    Runge-Kutta methods of order 5 and 8, take pieces as they come; "auto" is the last with acos or atan2.
    precision : "double", or "double-double" for about 32 digits of analytic equations: that is
    :func:`~chaosdata.integrate.double_double.integrate_double_double`, which knows full accuracy only.
    max_steps : a trajectory that needs more steps ends with ``Status.STEP_LIMIT``.
    terminal : a surface at which a trajectory ends with ``Status.EVENT``, given as a
    :class:`~chaosdata.integrate.surface.Surface` or as its function. A start on the surface does not count.

    Returns
    -------
    Solution : state (m, n, d), time (n,), status (m,), steps (m,), and where each trajectory ended: end_time
    (m,), end_state (m, d). A trajectory that fails, or that an event ends, is NaN from there on. Its
    ``accuracy_horizon`` (m,) tells up to which time each trajectory is true.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.

    Reference: Jorba, Zou (2005), Experimental Mathematics 14, 99-117. Tsitouras (2011), Computers & Math.
    Appl. 62, 770-775. Hairer, Norsett, Wanner (1993), Solving Ordinary Differential Equations I.

    Example
    -------
    >>> import numpy as np, chaosdata as cd
    >>> solution = cd.integrate(cd.systems["Lorenz"], [[1.0, 1.0, 20.0]], np.linspace(0.0, 5.0, 501))
    >>> solution.state.shape
    (1, 501, 3)
    """
    chosen = _choose(system, method)
    if precision == "double-double":
        from chaosdata.integrate.double_double import integrate_double_double

        if tolerance is not None or terminal is not None or method not in ("auto", "taylor"):
            raise ArgumentError(
                "precision='double-double' is Taylor's method at full accuracy: leave tolerance, method and "
                "terminal out."
            )
        return integrate_double_double(system, initial, time, max_steps=max_steps)
    if precision != "double":
        raise ArgumentError(f"precision must be 'double' or 'double-double', not {precision!r}.")
    if terminal is not None and chosen != "taylor":
        raise ArgumentError(f"method {chosen!r} finds no terminal surface; 'taylor' does.")
    start = states(system, initial)
    grid = times(time)
    goal = checked_tolerance(tolerance)
    if terminal is None:
        kernel = _kernel(system, chosen, goal, len(start))
    else:
        kernel = event_kernel(system, terminal, goal, terminal=True)
    from chaosdata.integrate.finer import finer_than_double

    finer = partial(finer_than_double, system.graph(), start.copy(), grid, goal)
    return replace(sampled(kernel, start, grid, goal, checked_limit(max_steps)), finer=finer)


def sampled(
    kernel: Kernel, start: FloatArray, grid: FloatArray, tolerance: float, max_steps: int = MAX_STEPS
) -> Solution:
    """What a kernel makes of the states (m, d) at ``grid[0]``."""
    state = np.empty((len(start), len(grid), start.shape[1]))
    stop = np.full(len(start), grid[-1])
    end_time = np.empty(len(start))
    end_state, status, steps = driver.run(
        kernel, start, float(grid[0]), stop, grid, state, tolerance, max_steps, end_time
    )
    return Solution(state, grid, status, steps, end_time, end_state)


def final_state(
    system: System,
    initial: ArrayLike,
    duration: ArrayLike,
    tolerance: float | None = None,
    method: Method = "auto",
    *,
    max_steps: int = MAX_STEPS,
) -> tuple[FloatArray, NDArray[np.int8]]:
    """Where trajectories are after their durations, without output on the way.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0. duration : (m,) or a scalar, not negative.

    Returns
    -------
    state (m, d), NaN where a trajectory failed, and its status (m,)
    """
    chosen = _choose(system, method)
    start = states(system, initial)
    stop = np.broadcast_to(np.asarray(duration, float), len(start)).copy()
    if not np.all(np.isfinite(stop) & (stop >= 0)):
        raise ArgumentError("duration must be finite and not negative.")
    goal = checked_tolerance(tolerance)
    nothing = np.empty((len(start), 0, system.dimension))
    kernel = _kernel(system, chosen, goal, len(start))
    final, status, _ = driver.run(
        kernel, start, 0.0, stop, np.empty(0), nothing, goal, checked_limit(max_steps)
    )
    return final, status


def _choose(system: System, method: Method) -> Method:
    """The method that "auto" stands for, or an ArgumentError that says why this one cannot be."""
    if method not in get_args(Method):
        known = ", ".join(map(repr, get_args(Method)))
        raise ArgumentError(f"method must be one of {known}, not {method!r}.")
    if system.kind != "flow":
        raise ArgumentError(
            f"{system.name} is a {system.kind} system: chaosdata.integrate() takes every kind."
        )
    missing = any(operation.kind in WITHOUT_SERIES for operation in system.graph().operations)
    if method == "taylor" and missing:
        raise ArgumentError(
            f"{system.name} uses acos or atan2: choose 'dop853' or 'tsit5', or leave it to 'auto'."
        )
    if method == "auto":
        return "dop853" if missing else "taylor"
    return method


def _kernel(system: System, method: Method, tolerance: float, trajectories: int) -> Kernel:
    if method == "taylor":
        return _taylor(system, tolerance, trajectories > LANES)
    return _runge_kutta(system, method)


@lru_cache(maxsize=1024)
def _taylor(system: System, tolerance: float, many: bool) -> Kernel:
    graph = system.graph()
    return flow_kernel(graph, tolerance, lanes=best_lanes(graph, tolerance) if many else LANES)


@lru_cache(maxsize=1024)
def _runge_kutta(system: System, method: Method) -> Kernel:
    return runge_kutta_kernel(system.graph(), TABLEAUX[method])


def states(system: System, initial: ArrayLike) -> FloatArray:
    """The initial states (m, d) as an array, or an ArgumentError that says what is wrong with them."""
    state = _floats("initial", initial)
    if state.ndim != 2 or state.shape[1] != system.dimension:
        wanted = f"({', '.join(system.components)})"
        raise ArgumentError(
            f"initial must have shape (trajectories, {system.dimension}), one column for each component "
            f"{wanted} of {system.name}, not {state.shape}."
        )
    if not np.isfinite(state).all():
        row = int(np.argmin(np.isfinite(state).all(axis=1)))
        raise ArgumentError(f"initial has a value in row {row} that is not finite.")
    return state


def times(time: ArrayLike) -> FloatArray:
    """The times (n,) as an array, or an ArgumentError that says what is wrong with them."""
    grid = _floats("time", time)
    if grid.ndim != 1 or len(grid) == 0:
        raise ArgumentError(f"time must be a vector of at least one value, not of shape {grid.shape}.")
    if not np.isfinite(grid).all() or not np.all(np.diff(grid) > 0):
        raise ArgumentError("time must be finite and strictly increasing.")
    return grid


def _floats(name: str, values: Any) -> FloatArray:
    try:
        return np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} must be an array of numbers.") from None


def checked_tolerance(tolerance: float | None) -> float:
    """The tolerance as a number, or an ArgumentError that says what is wrong with it."""
    if tolerance is None:
        return FULL_ACCURACY
    if not 0 < tolerance <= _LOOSEST:
        raise ArgumentError(
            f"tolerance must be between 0 and {_LOOSEST}, or None for full accuracy, not {tolerance!r}."
        )
    return max(float(tolerance), FULL_ACCURACY)


def checked_limit(max_steps: int) -> int:
    """A limit of steps, or an ArgumentError."""
    if max_steps < 1:
        raise ArgumentError(f"max_steps must be at least 1, not {max_steps!r}.")
    return max_steps


def require_success(system: System, status: NDArray[np.int8], what: str) -> None:
    """Raise IntegrationError, naming the first failure, unless every trajectory reached its end."""
    from chaosdata.errors import IntegrationError

    failed = np.flatnonzero(status)
    if len(failed):
        reason = Status(int(status[failed[0]])).message
        raise IntegrationError(
            f"{what}: {len(failed)} of {len(status)} trajectories of {system.name} failed. {reason}"
        )

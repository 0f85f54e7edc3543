"""The public door: trajectories of a system of any kind, at the times asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from chaosdata.errors import ArgumentError
from chaosdata.integrate.flow import MAX_STEPS, Method, Precision
from chaosdata.types import Solution

if TYPE_CHECKING:
    from chaosdata.equations.surface import SurfaceFunction
    from chaosdata.equations.system import System
    from chaosdata.integrate.history import History
    from chaosdata.integrate.surface import Surface

_OPTIONS = {
    "flow": {"tolerance", "method", "precision", "max_steps", "terminal"},
    "map": set[str](),
    "delay": {"tolerance", "max_steps", "history"},
    "stochastic": {"seed", "step"},
}


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
    history: History | None = None,
    seed: int = 0,
    step: float | None = None,
) -> Solution:
    """Trajectories of a flow, map, delay or stochastic system, with output at exactly the times asked for.

    A trajectory's result does not depend on the others in the call.

    Parameters
    ----------
    system : of any kind; the options below that its kind does not have are refused.
    initial : (trajectory m, component d), states at ``time[0]``.
    time : (n,), strictly increasing, in the system's time unit; whole numbers of iterates for a map.
    tolerance : flow, delay: local error of a step, relative to each component's recent magnitude; None means
    full double accuracy.
    method : flow: see :func:`chaosdata.integrate.flow.integrate`.
    precision : flow: "double", or "double-double" for about 32 digits.
    max_steps : flow, delay: a trajectory that needs more steps ends with ``Status.STEP_LIMIT``.
    terminal : flow: a surface at which a trajectory ends, with ``Status.EVENT``.
    history : delay: states before ``time[0]``; None means constant.
    seed, step : stochastic: chooses the noise; the length of a step of the mesh.

    Returns
    -------
    Solution : state (m, n, d), time (n,), status (m,), steps (m,). A trajectory that fails is NaN from there
    on. For flows ``accuracy_horizon`` (m,) tells up to which time each trajectory is true.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value, or one that the kind of system does not have.

    Reference: Jorba, Zou (2005), Experimental Mathematics 14, 99-117, for flows; the modules of the other
    kinds name theirs.

    Example
    -------
    >>> import numpy as np, chaosdata as cd
    >>> solution = cd.integrate(cd.systems["Lorenz"], [[1.0, 1.0, 20.0]], np.linspace(0.0, 5.0, 501))
    >>> solution.state.shape
    (1, 501, 3)
    """
    given = {
        name
        for name, value, default in (
            ("tolerance", tolerance, None),
            ("method", method, "auto"),
            ("precision", precision, "double"),
            ("max_steps", max_steps, MAX_STEPS),
            ("terminal", terminal, None),
            ("history", history, None),
            ("seed", seed, 0),
            ("step", step, None),
        )
        if _differs(value, default)
    }
    for name in sorted(given - _OPTIONS[system.kind]):
        kinds = " and ".join(kind for kind, options in _OPTIONS.items() if name in options)
        raise ArgumentError(f"{name} is an option of {kinds} systems; {system.name} is a {system.kind}.")
    if system.kind == "map":
        from chaosdata.integrate.map import iterate

        return iterate(system, initial, time)
    if system.kind == "stochastic":
        from chaosdata.integrate.stochastic import integrate_stochastic

        return integrate_stochastic(system, initial, time, seed, step=step)
    if system.kind == "delay":
        from chaosdata.integrate.delay import integrate_delay

        return integrate_delay(system, initial, time, tolerance, history=history, max_steps=max_steps)
    from chaosdata.integrate.flow import integrate as integrate_flow

    return integrate_flow(
        system, initial, time, tolerance, method,
        precision=precision, max_steps=max_steps, terminal=terminal,
    )  # fmt: skip


def _differs(value: Any, default: Any) -> bool:
    return value is not default and (callable(value) or value != default)

"""Mackey-Glass: nanoseconds a sample at an error of 1e-6, against the Python solvers for delay equations."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from chaosdata import delay
from chaosdata.integrate.delay import integrate_delay
from tests.benchmarks.clock import one_core, shortest
from tests.benchmarks.table import Row

TARGET_ERROR = 1e-6
DURATION = 200.0  # about two Lyapunov times: longer, and errors are chaos rather than the solver's
SAMPLES = 2000
TOLERANCES = tuple(10.0**-k for k in range(5, 13))


@delay(
    initial=(1.2,),
    period=50.0,
    reference="Mackey, Glass (1977). Oscillation and chaos in physiological control systems. Science 197, "
    "287-289.",
    tags={"physiology"},
)
def Control(t, x, *, beta=0.2, gamma=0.1, tau=17.0, n=10.0):
    """The equation of Mackey and Glass at its textbook delay."""
    return (beta * x(t - tau) / (1 + x(t - tau) ** n) - gamma * x,)


def mackey_glass(trajectories: int, seconds: float) -> list[Row]:
    """Ours in a batch, theirs a trajectory at a time; the error is the largest on the grid."""
    time = np.linspace(0.0, DURATION, SAMPLES + 1)
    initial = np.linspace(0.9, 1.3, trajectories)[:, None]
    expected = integrate_delay(Control, initial, time).state[..., 0]
    rows: list[Row] = []

    def add(solver: str, count: int, run: Callable[[], np.ndarray]) -> float:
        state = run()
        took = shortest(run, seconds=seconds) / (count * SAMPLES) * 1e9
        error = float(np.abs(state - expected[:count]).max())
        first = rows[0]["ns a sample"] if rows else took
        rows.append({"solver": solver, "ns a sample": took, "error": error, "ratio to ours": took / first})
        return error

    with one_core():
        for tolerance in TOLERANCES:
            state = integrate_delay(Control, initial, time, tolerance).state[..., 0]
            if np.abs(state - expected).max() <= TARGET_ERROR:
                break
        add(
            "chaosdata",
            trajectories,
            lambda: integrate_delay(Control, initial, time, tolerance).state[..., 0],
        )
        if find_spec("ddeint"):
            add("ddeint", 1, lambda: _ddeint(initial[0, 0], time))
        if find_spec("jitcdde"):
            add("jitcdde", 1, _jitcdde(initial[0, 0], time))
    return rows


def _ddeint(start: float, time: np.ndarray) -> np.ndarray:
    from ddeint import ddeint

    p = Control.parameters

    def rhs(x: Callable[[float], Any], t: float) -> Any:
        late = x(t - p["tau"])
        return p["beta"] * late / (1 + late ** p["n"]) - p["gamma"] * x(t)

    return np.asarray(ddeint(rhs, lambda t: start, time)).reshape(1, -1)


def _jitcdde(start: float, time: np.ndarray) -> Callable[[], np.ndarray]:
    from jitcdde import jitcdde, t, y

    p = Control.parameters
    late = y(0, t - p["tau"])
    equations = [p["beta"] * late / (1 + late ** p["n"]) - p["gamma"] * y(0)]
    solver = jitcdde(equations, verbose=False)
    solver.set_integration_parameters(rtol=1e-7, atol=1e-9)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # it builds where it stands
        solver.compile_C()

    def run() -> np.ndarray:
        solver.purge_past()
        solver.constant_past([start])
        solver.initial_discontinuities_handled = True  # by its error control
        out = [start, *(float(solver.integrate(max(s, solver.t))[0]) for s in time[1:])]
        return np.array([out])

    return run

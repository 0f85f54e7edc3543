"""What each flow costs, and whether stiffness is why; how energy drifts over a long run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from chaosdata.equations.system import System
from chaosdata.integrate.flow import final_state, integrate
from chaosdata.integrate.threads import single_threaded
from chaosdata.systems import systems
from tests.benchmarks.clock import shortest
from tests.benchmarks.table import Row

PERIODS = 20


def stiffness(flows: Iterable[System], seconds: float, worst: int = 12) -> list[Row]:
    """Steps and time of one period at full accuracy, the systems nearest to stiffness first.

    A stiff system is one whose step is bound by stability, not by accuracy. The Taylor polynomial of order 20
    damps a decay at the rate r as long as the step times r is below 8.8, and then a step more would cost
    nothing but itself: only where the last column reaches that could an implicit method save steps.
    """
    rows: list[Row] = []
    for system in flows:
        initial = np.array([system.initial] * 8)
        time = np.linspace(0.0, PERIODS * system.period, 400)
        solution = integrate(system, initial, time)
        if solution.status.any():
            continue
        with single_threaded():
            took = shortest(lambda s=system, x=initial, t=time[-1]: final_state(s, x, t), seconds=seconds)
        decay = -np.linalg.eigvals(system.jacobian(solution.state[0], time)).real.min()
        steps = solution.steps[0] / PERIODS
        rows.append(
            {
                "system": system.name,
                "us a period": took / (len(initial) * PERIODS) * 1e6,
                "steps a period": steps,
                "fastest decay in a mean step": decay * system.period / steps,
            }
        )
    return sorted(rows, key=lambda row: -row["fastest decay in a mean step"])[:worst]


def energy_drift(periods: int) -> list[Row]:
    """Relative error of the energy of Henon-Heiles orbits, by doublings of the time."""
    system = systems["HenonHeiles"]
    x = np.array([system.initial] * 8) * (1 + 1e-3 * np.arange(8)[:, None])
    start = _energy(x)
    rows: list[Row] = []
    time = 0.0
    for target in (periods // 100, periods // 10, periods):
        x, _ = final_state(system, x, target * system.period - time)
        time = target * system.period
        rows.append({"periods": target, "energy drift": float(np.abs(_energy(x) / start - 1).max())})
    return rows


def _energy(state: np.ndarray) -> np.ndarray:
    x, y, px, py = state.astype(np.longdouble).T
    return (px**2 + py**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3

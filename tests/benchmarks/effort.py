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
    """Steps and time of one period at full accuracy and at 1e-6, the dearest systems first.

    A stiff system is one whose step is bound by stability, not by accuracy: its steps at 1e-6 are then as many
    as at full accuracy. The last column is the product of the step at 1e-6 and the fastest rate of decay.
    """
    rows: list[Row] = []
    for system in flows:
        initial = np.array([system.initial] * 8)
        time = np.array([0.0, PERIODS * system.period])
        solution = integrate(system, initial, time)
        if solution.status.any():
            continue
        loose = integrate(system, initial, time, 1e-6)
        with single_threaded():
            took = shortest(lambda s=system, x=initial, t=time[-1]: final_state(s, x, t), seconds=seconds)
        orbit = integrate(system, initial[:1], np.linspace(0.0, time[-1], 400)).state[0]
        decay = -np.linalg.eigvals(system.jacobian(orbit)).real.min()
        loose_steps = loose.steps[0] / PERIODS
        rows.append(
            {
                "system": system.name,
                "us a period": took / (len(initial) * PERIODS) * 1e6,
                "steps a period": solution.steps[0] / PERIODS,
                "at 1e-6": loose_steps,
                "decay in a step at 1e-6": decay * system.period / loose_steps,
            }
        )
    return sorted(rows, key=lambda row: -row["us a period"])[:worst]


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

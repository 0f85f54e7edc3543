"""SciPy: DOP853 on a Python function, a trajectory at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.integrate import solve_ivp

from tests.benchmarks.cases import Case
from tests.benchmarks.peers import Mode, Run, lambdified

FEW = 2  # trajectories: the cost of one is the same for all, and these take seconds


def modes(case: Case) -> Mapping[str, Mode]:
    """DOP853, the fastest of SciPy's at these errors."""
    return {"DOP853": lambda tolerance: _run(case, tolerance)}


def _run(case: Case, tolerance: float) -> Run:
    f = lambdified(case.system, "math")

    def rhs(t: float, x: np.ndarray) -> tuple[float, ...]:
        return f(t, *x.tolist())

    span = (0.0, float(case.time[-1]))

    def run() -> np.ndarray:
        settings = {"method": "DOP853", "rtol": tolerance, "atol": tolerance * 1e-3, "t_eval": case.time}
        return np.array([solve_ivp(rhs, span, x, **settings).y.T for x in case.initial[:FEW]])

    return run

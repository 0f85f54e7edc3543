"""numbalsoda: DOP853 in C, on a function compiled by numba, a trajectory at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numba
import numpy as np
from numbalsoda import dop853, lsoda_sig

from tests.benchmarks.cases import Case
from tests.benchmarks.peers import Mode, Run, lambdified


def modes(case: Case) -> Mapping[str, Mode]:
    """DOP853, with a loop over trajectories that numba compiled."""
    return {"DOP853": lambda tolerance: _run(case, tolerance)}


def _run(case: Case, tolerance: float) -> Run:
    d = case.system.dimension
    f = numba.njit(lambdified(case.system, "math"))
    names = {"f": f, "d": d}
    arguments = ", ".join(f"x[{i}]" for i in range(d))
    body = "\n".join(f"    dx[{i}] = y[{i}]" for i in range(d))
    exec(f"def rhs(t, x, dx, p):\n    y = f(t, {arguments})\n{body}\n", names)
    address = numba.cfunc(lsoda_sig)(names["rhs"]).address

    @numba.njit
    def loop(initial: np.ndarray, time: np.ndarray, out: np.ndarray) -> None:
        for i in range(initial.shape[0]):
            solution, _ = dop853(address, initial[i], time, np.array([0.0]), tolerance, tolerance * 1e-3)
            out[i] = solution

    out = np.empty((case.trajectories, len(case.time), d))

    def run() -> np.ndarray:
        loop(case.initial, case.time, out)
        return out

    run()
    return run

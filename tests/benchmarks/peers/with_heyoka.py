"""heyoka.py: adaptive Taylor integration, scalar and in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import heyoka as hy
import numpy as np

from chaosdata.equations.system import System
from chaosdata.equations.trace import expressions
from tests.benchmarks.cases import Case
from tests.benchmarks.peers import Mode, Run


def equations(system: System) -> list[tuple[Any, Any]]:
    """The right-hand sides as heyoka's expressions."""
    outputs, states, time = expressions(system)
    names = hy.make_vars(*[str(state) for state in states])
    names = names if isinstance(names, list) else [names]
    known = dict(zip(states, names, strict=True)) | {time: hy.time}
    return [(name, hy.from_sympy(f, s_dict=known)) for name, f in zip(names, outputs, strict=True)]


def modes(case: Case) -> Mapping[str, Mode]:
    """Scalar, and batches of 4 and 8 with 512-bit registers."""
    return {
        "scalar": lambda tolerance: _scalar(case, tolerance),
        "batch of 4": lambda tolerance: _batch(case, tolerance, 4),
        "batch of 8": lambda tolerance: _batch(case, tolerance, 8),
    }


def stepping(case: Case, tolerance: float, lanes: int = 8) -> Run:
    """Without output: the final states (m, d)."""
    integrator = hy.taylor_adaptive_batch(
        equations(case.system), np.zeros((case.system.dimension, lanes)), tol=tolerance, force_avx512=True
    )
    out = np.empty_like(case.initial)
    end = float(case.time[-1])

    def run() -> np.ndarray:
        for i in range(0, len(out), lanes):
            integrator.set_time(0.0)
            integrator.state[:] = case.initial[i : i + lanes].T
            integrator.propagate_until(end)
            out[i : i + lanes] = integrator.state.T
        return out

    return run


def _scalar(case: Case, tolerance: float) -> Run:
    integrator = hy.taylor_adaptive(equations(case.system), [0.0] * case.system.dimension, tol=tolerance)
    out = np.empty((case.trajectories, len(case.time), case.system.dimension))

    def run() -> np.ndarray:
        for i, start in enumerate(case.initial):
            integrator.time = 0.0
            integrator.state[:] = start
            out[i] = integrator.propagate_grid(case.time)[-1]
        return out

    return run


def _batch(case: Case, tolerance: float, lanes: int) -> Run:
    integrator = hy.taylor_adaptive_batch(
        equations(case.system), np.zeros((case.system.dimension, lanes)), tol=tolerance, force_avx512=True
    )
    grid = np.repeat(case.time[:, None], lanes, axis=1).copy()
    out = np.empty((case.trajectories, len(case.time), case.system.dimension))

    def run() -> np.ndarray:
        for i in range(0, len(out), lanes):
            integrator.set_time(0.0)
            integrator.state[:] = case.initial[i : i + lanes].T
            out[i : i + lanes] = integrator.propagate_grid(grid)[-1].transpose(2, 0, 1)
        return out

    return run


def spectrum(case: Case, tolerance: float, periods: float, every: float, lanes: int = 8) -> Run:
    """Lyapunov spectra of ``lanes`` trajectories: variational equations in a batch, QR by NumPy.

    periods : length of the run. every : time between two orthonormalisations.
    """
    d = case.system.dimension
    variational = hy.var_ode_sys(equations(case.system), hy.var_args.vars, order=1)
    integrator = hy.taylor_adaptive_batch(
        variational,
        np.zeros((d, lanes)),
        tol=tolerance,
        compact_mode=d > 6,
        force_avx512=True,
    )
    rounds = max(1, round(periods * case.period / every))

    def run() -> np.ndarray:
        integrator.set_time(0.0)
        state = integrator.state
        state[:d] = case.initial[:lanes].T
        q = np.repeat(np.eye(d)[None], lanes, axis=0)
        growth = np.zeros((lanes, d))
        for n in range(rounds):
            state[d:] = q.transpose(1, 2, 0).reshape(d * d, lanes)
            integrator.propagate_until((n + 1) * every)
            q, r = np.linalg.qr(state[d:].reshape(d, d, lanes).transpose(2, 0, 1))
            growth += np.log(np.abs(np.diagonal(r, axis1=1, axis2=2)))
        return growth / (rounds * every)

    return run


def quadruple(case: Case, periods: float) -> Run:
    """One trajectory in 128-bit arithmetic on the grid: (n, d)."""
    d = case.system.dimension
    integrator = hy.taylor_adaptive(equations(case.system), [hy.real128(0.0)] * d, fp_type=hy.real128)
    grid = case.time[: round(periods * 100) + 1]
    times = np.array([hy.real128(float(t)) for t in grid])

    def run() -> np.ndarray:
        integrator.time = hy.real128(0.0)
        for i in range(d):
            integrator.state[i] = hy.real128(float(case.initial[0, i]))
        return np.asarray(integrator.propagate_grid(times)[-1])

    return run

"""Maps and noise: nanoseconds an iterate, and a step, against loops compiled by numba and against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from chaosdata.equations.declare import map_, stochastic
from chaosdata.integrate.map import iterate
from chaosdata.integrate.map_tangent import map_tangent_growth
from chaosdata.integrate.stochastic import STEPS_PER_PERIOD, integrate_stochastic
from tests.benchmarks.clock import one_core, shortest
from tests.benchmarks.table import Row

TRAJECTORIES = 64


@map_(initial=(0.1, 0.1), reference="Henon (1976). Communications in Mathematical Physics 50, 69-77.")
def Henon(x, y, *, a=1.4, b=0.3):
    """The quadratic map of the plane."""
    return 1 - a * x**2 + y, b * x


@stochastic(initial=(-9.0, -15.0, 20.0), period=1.5, reference="Lorenz (1963). J. Atmos. Sci. 20, 130-141.")
def NoisyLorenz(x, y, z, *, noise=1.0):
    """The Lorenz flow with additive noise."""
    return (10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z), (noise, noise, noise)


@njit(error_model="numpy")
def _henon(initial: Any, out: Any) -> None:
    m, n, _ = out.shape
    for i in range(m):
        x, y = initial[i, 0], initial[i, 1]
        for k in range(n):
            out[i, k, 0], out[i, k, 1] = x, y
            x, y = 1 - 1.4 * x * x + y, 0.3 * x


def _henon_numpy(initial: np.ndarray, out: np.ndarray) -> None:
    x, y = initial.T.copy()
    for k in range(out.shape[1]):
        out[:, k, 0], out[:, k, 1] = x, y
        x, y = 1 - 1.4 * x * x + y, 0.3 * x


@njit(error_model="numpy")
def _euler_maruyama(initial: Any, out: Any, normals: Any, h: float) -> None:
    """Order 1/2 in general; the normal numbers are drawn before, outside of this loop."""
    m, n, _ = out.shape
    root = np.sqrt(h)
    for i in range(m):
        x, y, z = initial[i, 0], initial[i, 1], initial[i, 2]
        for k in range(n):
            out[i, k, 0], out[i, k, 1], out[i, k, 2] = x, y, z
            dx, dy, dz = 10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z
            x += h * dx + root * normals[i, k, 0]
            y += h * dy + root * normals[i, k, 1]
            z += h * dz + root * normals[i, k, 2]


def orbits(length: int, seconds: float) -> list[Row]:
    """Every iterate written out; then the exponents; then noise, every step written out."""
    start = np.array(Henon.initial) + 1e-3 * np.random.default_rng(0).random((TRAJECTORIES, 2))
    out = np.empty((TRAJECTORIES, length, 2))
    time = np.arange(length)
    rows: list[Row] = []

    def add(what: str, solver: str, run: Callable[[], Any]) -> None:
        run()
        took = shortest(run, seconds=seconds) / (TRAJECTORIES * length) * 1e9
        ours = next((row["ns"] for row in rows if row["task"] == what), took)
        rows.append({"task": what, "solver": solver, "ns": took, "ratio to ours": took / ours})

    with one_core():
        add("Henon, an iterate", "chaosdata", lambda: iterate(Henon, start, time))
        add("Henon, an iterate", "numba loop", lambda: _henon(start, out))
        add("Henon, an iterate", "NumPy", lambda: _henon_numpy(start, out))
        add(
            "Henon, an iterate and its tangents",
            "chaosdata",
            lambda: map_tangent_growth(Henon, start, [length]),
        )
        noisy = np.tile(NoisyLorenz.initial, (TRAJECTORIES, 1))
        h = NoisyLorenz.period / STEPS_PER_PERIOD
        path = np.empty((TRAJECTORIES, length, 3))
        rng = np.random.default_rng(0)
        task = "Lorenz with noise, a step"
        add(task, "chaosdata, order 1.5", lambda: integrate_stochastic(NoisyLorenz, noisy, time * h))
        add(
            task,
            "numba loop, Euler-Maruyama",
            lambda: _euler_maruyama(noisy, path, rng.standard_normal((TRAJECTORIES, length, 3)), h),
        )
    return rows

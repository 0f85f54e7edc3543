"""Reference solutions of delay equations in 80-bit arithmetic, by a method that shares nothing with kernels.

Collocation at Chebyshev points: on a mesh that divides every delay the delayed states at a cell's points are
the states at the same points of an earlier cell. Each cell is solved by Picard's iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import mpmath
import numpy as np

from chaosdata.equations.system import System

_POINTS = 21


@cache
def _integration() -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev points on [0, 1], and the matrix that integrates from 0 to each of them."""
    with mpmath.workdps(40):
        n = _POINTS
        x = [(1 - mpmath.cos(mpmath.pi * i / (n - 1))) / 2 for i in range(n)]
        powers = mpmath.matrix(n, n)
        integrals = mpmath.matrix(n, n)
        for i in range(n):
            for k in range(n):
                powers[i, k] = x[i] ** k
                integrals[i, k] = x[i] ** (k + 1) / (k + 1)
        matrix = integrals * powers**-1

        def extended(value: mpmath.mpf) -> np.longdouble:
            return np.longdouble(mpmath.nstr(value, 25))

        points = np.array([extended(value) for value in x])
        return points, np.array([[extended(matrix[i, j]) for j in range(n)] for i in range(n)])


def collocation(
    system: System, initial: np.ndarray, cells: int, divisions: int, history: Callable | None = None
) -> np.ndarray:
    """States (m, cells + 1, d) at the ends of cells, ``divisions`` of which make up the shortest delay."""
    points, matrix = _integration()
    h = np.longdouble(system.delays[0]) / divisions
    back = [round(float(delay / h)) for delay in system.delays]
    x = np.asarray(initial, np.longdouble)
    past: list[np.ndarray] = []  # (m, point, d), cells of the history first
    for k in range(-max(back), 0):
        if history is None:
            past.append(np.repeat(x[:, None], _POINTS, axis=1))
        else:
            past.append(np.array([history((k + p) * h) for p in points]).transpose(1, 0, 2))
    states = [x]
    for k in range(cells):
        delayed = np.stack([past[len(past) - b] for b in back], axis=2)
        time = (k + points) * h
        cell = np.repeat(states[-1][:, None], _POINTS, axis=1)
        for _ in range(80):
            slope = system.rhs(cell, time, delayed=delayed)
            new = states[-1][:, None] + h * np.einsum("ij,mjd->mid", matrix, slope)
            change, cell = np.abs(new - cell).max(), new
            if change < 1e-18 * np.abs(cell).max():
                break
        else:
            raise AssertionError("the cells are too long for Picard's iteration")
        past.append(cell)
        states.append(cell[:, -1])
    return np.stack(states, axis=1)

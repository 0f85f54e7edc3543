"""Reference solutions in 80-bit arithmetic, by a method and a code that share nothing with the kernels.

Gragg's modified midpoint rule with Bulirsch-Stoer extrapolation, on the declared right-hand side as it
stands. Reference: Hairer, Norsett, Wanner (1993). Solving Ordinary Differential Equations I, section II.9.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from chaosdata.equations.system import System

_DIVISIONS = tuple(2 * (j + 1) for j in range(9))  # substeps of each row of the extrapolation table: order 18
_SAFETY = np.longdouble(0.9)


def extended_solution(
    system: System, initial: np.ndarray, duration: float, tolerance: float = 1e-17
) -> np.ndarray:
    """States (m, d) in ``np.longdouble`` after ``duration``; all trajectories share the smallest step."""
    assert np.finfo(np.longdouble).nmant >= 63, "this platform has no 80-bit floating point"
    x = np.asarray(initial, np.longdouble)
    t, end = np.longdouble(0), np.longdouble(duration)
    h = np.longdouble(system.period) / 50
    while t < end:
        h = min(h, end - t)
        new, error = _step(system, x, t, h, tolerance)
        grow = _SAFETY * np.power(
            1 / max(error, np.longdouble(1e-12)), np.longdouble(1) / (2 * len(_DIVISIONS) - 1)
        )
        if error <= 1:
            x, t = new, t + h
        h = h * min(max(grow, np.longdouble(0.2)), np.longdouble(2))
    return x


def _step(
    system: System, x: np.ndarray, t: np.longdouble, h: np.longdouble, tolerance: float
) -> tuple[np.ndarray, np.longdouble]:
    """One extrapolated step, and its error in units of the tolerance."""
    slope = system.rhs(x, t)
    rows: list[np.ndarray] = []
    for j, n in enumerate(_DIVISIONS):
        row = [_midpoint(system, x, t, h, n, slope)]
        for k in range(1, j + 1):
            ratio = Fraction(n, _DIVISIONS[j - k]) ** 2 - 1
            row.append(
                row[k - 1]
                + (row[k - 1] - rows[j - 1][k - 1]) * ratio.denominator / np.longdouble(ratio.numerator)
            )
        rows = [*rows, row]
    scale = np.abs(x).max(axis=0) + np.abs(rows[-1][-1]).max(axis=0) + np.longdouble(1e-30)
    error = (np.abs(rows[-1][-1] - rows[-1][-2]) / scale).max() / np.longdouble(tolerance)
    return rows[-1][-1], error


def _midpoint(
    system: System, x: np.ndarray, t: np.longdouble, h: np.longdouble, n: int, slope: np.ndarray
) -> np.ndarray:
    """Gragg's rule with ``n`` substeps, on differences from x so that their rounding stays small."""
    s = h / n
    before, now = np.zeros_like(x), s * slope
    for i in range(1, n):
        before, now = now, before + 2 * s * system.rhs(x + now, t + i * s)
    return x + (before + now + s * system.rhs(x + now, t + h)) / 2

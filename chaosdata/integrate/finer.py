"""Solutions so much finer than another one that the difference is the other one's error.

Where no method is much more accurate, the mean of several runs with another order and other steps serves.
Their rounding errors are independent, so that the mean has smaller ones, and it stays a mean of errors for as
long as these are small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chaosdata.equations.graph import Graph
from chaosdata.integrate.double_double import pairs_solution
from chaosdata.integrate.flow import sampled
from chaosdata.kernels import double_double_taylor
from chaosdata.kernels.runge_kutta import runge_kutta_kernel
from chaosdata.kernels.series import WITHOUT_SERIES
from chaosdata.kernels.tableaux import TABLEAUX
from chaosdata.kernels.taylor import FULL_ACCURACY, flow_kernel
from chaosdata.types import FloatArray, Solution

_RUNS = 8
_MUCH_FINER = 2.0**10  # ratio of two tolerances whose solutions differ by the error of one
_EVEN_FINER = 2.0**-8  # steps so small that only rounding is left


def finer_than_double(graph: Graph, start: FloatArray, grid: FloatArray, tolerance: float) -> Solution:
    """For a solution in double with this tolerance, from the states (m, d) at ``grid[0]``.

    At full accuracy that is double-double; where the right-hand side has kinks or jumps, or no Taylor series,
    several runs.
    """
    full = tolerance <= FULL_ACCURACY * _MUCH_FINER
    without = any(operation.kind in WITHOUT_SERIES for operation in graph.operations)
    if full and graph.analytic and not without:
        return pairs_solution(graph, np.hstack([start, np.zeros_like(start)]), grid)
    goals = _goals(FULL_ACCURACY) if full else [FULL_ACCURACY]
    kernel = runge_kutta_kernel(graph, TABLEAUX["dop853"]) if without else flow_kernel(graph, goals[0])
    return _mean(sampled(kernel, start, grid, goal) for goal in goals)


def finer_than_pairs(graph: Graph, start: FloatArray, grid: FloatArray) -> Solution:
    """For a solution in double-double, from the states (m, 2 d), high parts first, at ``grid[0]``."""
    order = (
        double_double_taylor.ORDER + 4
    )  # with steps near those of the lower order: see the weight of PAIRS
    goals = _goals(double_double_taylor.FULL_ACCURACY * _EVEN_FINER)
    return _mean(pairs_solution(graph, start, grid, order, goal) for goal in goals)


def _goals(tolerance: float) -> list[float]:
    """Tolerances below another one, each with its own steps."""
    return [tolerance * _EVEN_FINER * 2.0 ** (-0.5 * k) for k in range(_RUNS)]


def _mean(runs: Iterator[Solution]) -> Solution:
    """The mean state, as a state and a low part; NaN where one run is."""
    first = next(runs)
    total = np.zeros_like(first.state)
    count = 1
    for other in runs:
        total += other.state - first.state
        if other.state_low is not None and first.state_low is not None:
            total += other.state_low - first.state_low
        count += 1
    low = total / count
    if first.state_low is not None:
        low += first.state_low
    return replace(first, state_low=low)

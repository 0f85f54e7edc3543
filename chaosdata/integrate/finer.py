"""Solutions so much finer than another one that the difference is the other one's error.

Where no method is much more accurate, the mean of several runs with other orders and steps serves. Their
rounding errors are independent for the most part, so that the mean has smaller ones, and it stays a mean of
errors for as long as these are small. A horizon found so is right to a fraction of a Lyapunov time for most
trajectories; a burst of growth that the error just reaches or misses can make it one or two.
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
from chaosdata.kernels.taylor import FULL_ACCURACY, Kernel, flow_kernel
from chaosdata.types import FloatArray, Solution

_MUCH_FINER = 2.0**10  # ratio of two tolerances whose solutions differ by the error of one

# The tolerances that fix the order and the steps of each run. Rounding errors of the coefficients, such as
# that of 1/3, are the same in all runs of one order; steps of other lengths let them count differently.
_RUNS_IN_DOUBLE = (
    *((1e-10, 2.0**-56), (1e-10, 2.0**-58), (1e-13, 2.0**-57), (1e-13, 2.0**-60)),
    *((2.0**-52, 2.0**-60), (2.0**-52, 2.0**-64), (2.0**-60, 2.0**-62), (2.0**-60, 2.0**-66)),
)
_ORDER_IN_PAIRS = double_double_taylor.ORDER + 4
_GOALS_IN_PAIRS = [double_double_taylor.FULL_ACCURACY * 2.0 ** (-16 - 0.5 * k) for k in range(8)]


def finer_than_double(graph: Graph, start: FloatArray, grid: FloatArray, tolerance: float) -> Solution:
    """For a solution in double with this tolerance, from the states (m, d) at ``grid[0]``.

    At full accuracy that is double-double; where the right-hand side has kinks or jumps, or no Taylor series,
    several runs.
    """
    if tolerance > FULL_ACCURACY * _MUCH_FINER:
        runs = [(FULL_ACCURACY, FULL_ACCURACY)]
    elif graph.analytic and not _without_series(graph):
        return pairs_solution(graph, np.hstack([start, np.zeros_like(start)]), grid)
    else:
        runs = list(_RUNS_IN_DOUBLE)
    return _mean(sampled(_kernel(graph, order), start, grid, goal) for order, goal in runs)


def finer_than_pairs(graph: Graph, start: FloatArray, grid: FloatArray) -> Solution:
    """For a solution in double-double, from the states (m, 2 d), high parts first, at ``grid[0]``."""
    return _mean(pairs_solution(graph, start, grid, _ORDER_IN_PAIRS, goal) for goal in _GOALS_IN_PAIRS)


def _kernel(graph: Graph, tolerance: float) -> Kernel:
    """The kernel whose order fits a tolerance; without Taylor series there is one order only."""
    if _without_series(graph):
        return runge_kutta_kernel(graph, TABLEAUX["dop853"])
    return flow_kernel(graph, tolerance)


def _without_series(graph: Graph) -> bool:
    return any(operation.kind in WITHOUT_SERIES for operation in graph.operations)


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

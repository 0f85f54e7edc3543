"""Trajectories of flows in double-double: about 32 digits."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike

from chaosdata.equations.graph import Graph
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate import driver
from chaosdata.integrate.flow import MAX_STEPS, checked_limit, states, times
from chaosdata.kernels.double_double_taylor import FULL_ACCURACY, ORDER, double_double_kernel
from chaosdata.kernels.series import WITHOUT_SERIES
from chaosdata.kernels.taylor import Kernel
from chaosdata.types import FloatArray, Solution


def integrate_double_double(
    system: System,
    initial: ArrayLike,
    time: ArrayLike,
    *,
    initial_low: ArrayLike | None = None,
    max_steps: int = MAX_STEPS,
) -> Solution:
    """Integrate trajectories of a flow to a relative error near 1e-31 a step.

    What is solved are the equations with the parameters of the system and the constants that follow from
    them as doubles: ``beta=8/3`` is the double nearest to 8/3. The initial states are the doubles given.

    Parameters
    ----------
    system : a flow whose right-hand side has no kinks or jumps.
    initial : (trajectory m, component d), states at ``time[0]``.
    time : (n,), strictly increasing, in the system's time unit.
    initial_low : (m, d), added to ``initial``: with ``state_low[:, -1]`` of another solution a trajectory
    goes on without loss.
    max_steps : a trajectory that needs more steps ends with ``Status.STEP_LIMIT``.

    Returns
    -------
    Solution : ``state`` is the solution rounded to double, ``state_low`` what the rounding left over.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value, or a right-hand side with kinks or jumps.
    """
    start = states(system, initial)
    low = np.zeros_like(start) if initial_low is None else states(system, initial_low)
    if low.shape != start.shape:
        raise ArgumentError(f"initial_low must have the shape of initial, {start.shape}, not {low.shape}.")
    graph = system.graph()
    without = any(operation.kind in WITHOUT_SERIES for operation in graph.operations)
    if without or not graph.analytic:
        raise ArgumentError(
            f"{system.name} has kinks, jumps, acos or atan2 in its right-hand side: double-double needs a "
            "Taylor series; use precision='double'."
        )
    from chaosdata.integrate.finer import finer_than_pairs

    pairs, grid = np.hstack(_normalised(start, low)), times(time)
    result = pairs_solution(graph, pairs, grid, max_steps=checked_limit(max_steps))
    return replace(result, finer=partial(finer_than_pairs, graph, pairs, grid))


def pairs_solution(
    graph: Graph,
    start: FloatArray,
    grid: FloatArray,
    order: int = ORDER,
    tolerance: float = FULL_ACCURACY,
    max_steps: int = MAX_STEPS,
) -> Solution:
    """The solution from the states (m, 2 d), high parts first, at ``grid[0]``."""
    d = graph.dimension
    both = np.empty((2, len(start), len(grid), d))
    stop = np.full(len(start), grid[-1])
    kernel = _kernel(graph, order)
    _, status, steps = driver.run(kernel, start, float(grid[0]), stop, grid, both, tolerance, max_steps)
    return Solution(both[0], grid, status, steps, state_low=both[1])


def _normalised(high: FloatArray, low: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same sums, the first part rounded to the nearest double."""
    total = high + low
    part = total - high
    return total, (high - (total - part)) + (low - part)


@lru_cache(maxsize=256)
def _kernel(graph: Graph, order: int) -> Kernel:
    return double_double_kernel(graph, order)

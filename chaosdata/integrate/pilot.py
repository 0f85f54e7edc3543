"""How a delay equation is integrated: the order of its series and the length of its cells, by a trial run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from chaosdata.equations.system import System
from chaosdata.equations.trace import history_graph
from chaosdata.errors import ArgumentError
from chaosdata.integrate import delay_driver
from chaosdata.integrate.history import declared_past
from chaosdata.integrate.mesh import REACH, Mesh, delay_mesh
from chaosdata.kernels.arrays import exp, log
from chaosdata.kernels.blocks import BLOCK
from chaosdata.kernels.delay import DelayKernel, best_lanes, delay_kernel
from chaosdata.kernels.taylor import order_for
from chaosdata.kernels.vector import LANES
from chaosdata.types import Status

_MARGIN = 0.9  # of the step that would do for the pilot, for what it does not meet
_DELAYS, _PERIODS, _CELLS = 20.0, 10.0, 30_000  # the pilot's length
_ROUNDS, _FAILURES = 16, 3
_SPREAD = 1e-2  # relative distance between the pilot's trajectories
_SMALLEST = 1e-30  # of an error: a system at rest has none


@dataclass(frozen=True)
class Method:
    """How a system is integrated at a tolerance: the order of its series, and the longest cells."""

    system: System
    delays: tuple[float, ...]
    order: int
    step: float

    def mesh(self, level: int = 0) -> Mesh:
        """The mesh with cells ``2**level`` times shorter."""
        return _mesh(self.delays, self.step / 2**level, self.order)

    def kernel(self, mesh: Mesh, trajectories: int = 1) -> DelayKernel:
        """The machine code for a mesh and a number of trajectories."""
        return _kernel(self.system, self.order, mesh.shifted, trajectories > LANES)


@lru_cache(maxsize=64)
def _mesh(delays: tuple[float, ...], step: float, order: int) -> Mesh:
    return delay_mesh(delays, step, order)


@lru_cache(maxsize=1024)
def _kernel(system: System, order: int, shifted: bool, many: bool) -> DelayKernel:
    graph = system.graph()
    lanes = best_lanes(graph, order, shifted=shifted) if many else LANES
    return delay_kernel(graph, order, shifted=shifted, lanes=lanes)


@lru_cache(maxsize=1024)
def delay_method(system: System, tolerance: float) -> Method:
    """Choose the order and the cells for a system: the longest that serve trajectories from its own history.

    The pilot's trajectories begin around the declared initial state and run onto the attractor; the cells
    are made shorter or longer until the largest of all last terms is what the tolerance allows. Where a cell
    is as long as the shortest delay, a lower order may serve. Where all trajectories fail the cells are
    short, and the trajectories of a call decide for themselves.

    Raises
    ------
    ArgumentError : the right-hand side or the declared history has kinks or jumps.
    """
    graph, past = system.graph(), history_graph(system)
    if not graph.analytic:
        raise ArgumentError(
            f"{system.name} has kinks or jumps (abs, sign, floor, minimum, maximum, where); a delay equation "
            "must be smooth here: write it with tanh or sqrt, or as a flow."
        )
    if past is not None and not past.analytic:
        raise ArgumentError(f"the history of {system.name} has kinks or jumps; it must be smooth.")
    delays, order = system.delays, order_for(tolerance)
    step, best, failures = min(delays[0], delays[-1] / 8), 0.0, 0
    for _ in range(_ROUNDS):
        mesh = delay_mesh(delays, step, order)
        largest = _largest_error(system, tolerance, order, mesh)
        if largest is None:
            failures += 1
            if failures > _FAILURES:
                break
            step *= 0.25
            continue
        longer = mesh.reach * min(max(float(exp(-log(largest) / order)), 0.25), 4.0) * 0.98
        longer = min(longer, REACH * delays[0])
        if largest <= 1.0:
            best = max(best, mesh.reach)
        if best and (longer <= best * 1.05 or delay_mesh(delays, longer, order).step == mesh.step):
            break
        step = longer
    if not best:
        return Method(system, delays, order, step)
    step = best
    while order > 2 * BLOCK and delay_mesh(delays, step, order).step == delays[0]:
        largest = _largest_error(system, tolerance, order - BLOCK, delay_mesh(delays, step, order - BLOCK))
        if largest is None or largest > 1.0:
            break
        order -= BLOCK
    return Method(system, delays, order, step)


def _largest_error(system: System, tolerance: float, order: int, mesh: Mesh) -> float | None:
    """The largest error of the pilot's trajectories, in units of what the tolerance and a margin allow.

    None if all of them fail.
    """
    default = np.array(system.initial)
    spread = _SPREAD * np.maximum(np.abs(default), 1e-2 * np.max(np.abs(default)))
    initial = default + spread * np.linspace(-1.0, 1.0, LANES)[:, None]
    duration = min(_DELAYS * system.delays[-1] + _PERIODS * system.period, _CELLS * mesh.step)
    status, _, worst = delay_driver.run(
        _kernel(system, order, mesh.shifted, False), mesh, initial,
        declared_past(system, mesh, order, initial), 0.0, np.full(LANES, duration), np.zeros(1),
        np.empty((LANES, 1, len(default))), tolerance, np.inf, 2 * _CELLS + mesh.first,
    )  # fmt: skip
    good = status == Status.OK
    if not good.any():
        return None
    margin = float(exp(order * log(_MARGIN)))
    return max(float(worst[good].max()) / margin, _SMALLEST)

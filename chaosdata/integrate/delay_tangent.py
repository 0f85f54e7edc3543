"""Growth of tangent vectors along trajectories of a delay equation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.delay import FINEST, LIMIT
from chaosdata.integrate.delay_driver import binomials, enter_cell, fill_history, split, word_table
from chaosdata.integrate.driver import aligned_work
from chaosdata.integrate.flow import MAX_STEPS, states
from chaosdata.integrate.history import Past, declared_past
from chaosdata.integrate.mesh import Mesh
from chaosdata.integrate.pilot import delay_method
from chaosdata.integrate.tangent import Growth
from chaosdata.integrate.threads import share_out
from chaosdata.kernels.arrays import cos_sin
from chaosdata.kernels.call import address, call_tangents
from chaosdata.kernels.delay import MISSED, Words
from chaosdata.kernels.delay_tangent import DelayTangentKernel, delay_tangent_kernel
from chaosdata.kernels.vector import LANES
from chaosdata.types import FloatArray, Status

_STEP_LIMIT = float(Status.STEP_LIMIT)
_TURN = 2  # delays between two orthonormalisations, in which the lengths part by a few powers of ten
_CELLS_PER_VECTOR = 4  # the k-th vector turns about k/2 times in a delay: its series must be good too


def delay_tangent_growth(
    system: System,
    initial: ArrayLike,
    until: ArrayLike,
    exponents: int,
    *,
    tolerance: float = 1e-8,
    max_steps: int = MAX_STEPS,
) -> Growth:
    """Integrate a delay equation with tangent functions, which start as cosines on the longest delay.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0, and before it where the system declares no
    history.
    until : (p,), increasing times; growth is recorded at the end of the nearest cell of the mesh. Besides,
    the vectors are re-orthonormalised once in two of the longest delays.
    exponents : number k of tangent functions.
    tolerance : local error of a cell, relative to each component's recent magnitude.
    max_steps : a trajectory that needs more cells ends with ``Status.STEP_LIMIT``.

    Returns
    -------
    Growth : log_length (m, p, k); the divergence, a sum over infinitely many directions, is NaN.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.
    """
    start = states(system, initial)
    stops = np.ascontiguousarray(until, dtype=float)
    if stops.ndim != 1 or len(stops) == 0 or stops[0] <= 0 or not np.all(np.diff(stops) > 0):
        raise ArgumentError("until must hold increasing, positive times.")
    if exponents < 1:
        raise ArgumentError(f"exponents must be at least 1, not {exponents!r}.")
    m = len(start)
    log_length = np.empty((m, len(stops), exponents))
    status = np.empty(m, np.int8)
    pending = np.arange(m)
    method = delay_method(system, tolerance)
    longest = method.delays[-1]
    first = 0
    while longest < method.mesh(first).step * _CELLS_PER_VECTOR * exponents / system.dimension:
        first += 1
    for level in range(first, first + FINEST + 1):
        mesh = method.mesh(level)
        kernel = _kernel(system, method.order, exponents, mesh.shifted)
        past = declared_past(system, mesh, method.order, start[pending])
        code, lengths = _growth(kernel, mesh, start[pending], past, stops, exponents, tolerance, max_steps)
        if level == first + FINEST:
            code = np.where(code >= MISSED, code - MISSED, code).astype(np.int8)
        status[pending], log_length[pending] = code, lengths
        pending = pending[code >= MISSED]
        if not pending.size:
            break
    log_length[status != Status.OK] = np.nan
    return Growth(log_length, np.full((m, len(stops)), np.nan), status)


@lru_cache(maxsize=256)
def _kernel(system: System, order: int, exponents: int, shifted: bool) -> DelayTangentKernel:
    return delay_tangent_kernel(system.graph(), order, exponents, shifted=shifted)


def _growth(
    kernel: DelayTangentKernel,
    mesh: Mesh,
    initial: FloatArray,
    past: Past,
    stops: FloatArray,
    exponents: int,
    tolerance: float,
    max_steps: int,
) -> tuple[NDArray[np.int8], FloatArray]:
    """Status (m,) and sums of logarithms (m, p, k) on one mesh."""
    m, d = initial.shape
    names = Words(len(kernel.delays), kernel.order)
    memory = kernel.memory
    table = np.array(
        [
            *(memory.state, memory.scale, memory.time, memory.time_low, memory.status),
            *(kernel.vectors, kernel.growth, kernel.order),
            *(names.step, names.target, names.sources, names.matrices, names.matrix),
        ]
    )  # fmt: skip
    status = np.empty(m, np.int8)
    log_length = np.empty((m, len(stops), exponents))
    cells = np.array([mesh.cells(stop) for stop in stops], dtype=np.int64)
    functions = _functions(mesh.history, exponents, d)

    def advance(first: int, last: int) -> None:
        words = word_table(kernel.delays, kernel.order, mesh, tolerance, LIMIT)
        ring = aligned_work(mesh.ring * d * (kernel.order + 1))
        words.view(np.int64)[names.vector] = ring.size
        _run(
            kernel.cell, kernel.orthonormalise, first, last, table, aligned_work(memory.slots), ring, words,
            words.view(np.int64), aligned_work(exponents * ring.size // LANES), mesh.begin, mesh.length,
            mesh.source, mesh.offset, mesh.back, mesh.tail_offset, mesh.first_time, split(mesh.step),
            mesh.ring, mesh.history, binomials(kernel.order), initial, past.series, past.base, functions,
            cells, _TURN * int(mesh.back[-1]), max_steps, status, log_length,
        )  # fmt: skip

    share_out(-(-m // LANES), advance)
    return status, log_length


@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    cell: Any, orthonormalise: Any, first: Any, last: Any, table: Any, work: Any, ring: Any, words: Any,
    word_integers: Any,
    tangents: Any, begin: Any, length: Any, source: Any, offset: Any, back: Any, tail_offset: Any,
    first_time: Any, step: Any, ring_cells: Any, history_cells: Any, binomial: Any, initial: Any,
    history: Any, base: Any, functions: Any, cells: Any, turn: Any, max_steps: Any, status: Any,
    log_length: Any,
) -> None:  # fmt: skip
    state, scale, at_time, at_low, at_status = table[0], table[1], table[2], table[3], table[4]
    vectors, growth, order = table[5], table[6], table[7]
    names = table[8:]
    m, d = initial.shape
    count = functions.shape[0]
    entry = d * (order + 1) * LANES
    for group in range(first, last):
        for i in range(work.size):
            work[i] = 0.0
        for i in range(tangents.size):
            tangents[i] = 0.0
        for lane in range(LANES):
            row = min(group * LANES + lane, m - 1)
            fill_history(ring, history, base, initial, row, lane, LANES, work, scale)
            for i in range(d):
                work[(state + i) * LANES + lane] = initial[row, i]
                for j in range(count):
                    for c in range(history_cells):
                        at = j * ring.size + c * entry + i * (order + 1) * LANES
                        tangents[at + lane] = functions[j, c, i]
                    work[(vectors + j * d + i) * LANES + lane] = functions[j, history_cells, i]
        k = 0
        alive = True
        for p in range(cells.size):
            while alive and k < cells[p]:
                if k >= max_steps:
                    for lane in range(LANES):
                        if work[at_status * LANES + lane] == 0.0:
                            work[at_status * LANES + lane] = _STEP_LIMIT
                    break
                now, low = enter_cell(
                    k, words, word_integers, names, begin, length, source, offset, back, tail_offset,
                    first_time, step, ring_cells, history_cells, entry, binomial,
                )  # fmt: skip
                for lane in range(LANES):
                    work[at_time * LANES + lane] = now
                    work[at_low * LANES + lane] = low
                going = call_tangents(cell, address(work), address(ring), address(words), address(tangents))
                alive = going != 0
                k += 1
                if k % turn == 0 or k == cells[p]:
                    call_tangents(
                        orthonormalise, address(work), address(ring), address(words), address(tangents)
                    )
            for lane in range(min(LANES, m - group * LANES)):
                for i in range(count):
                    log_length[group * LANES + lane, p, i] = work[(growth + i) * LANES + lane]
        for lane in range(min(LANES, m - group * LANES)):
            status[group * LANES + lane] = np.int8(work[at_status * LANES + lane])


def _functions(cells: int, count: int, dimension: int) -> FloatArray:
    """Independent functions on the history: (vector, cell or the present, component), a value a cell."""
    values = np.zeros((count, cells + 1, dimension))
    for j in range(count):
        # One cosine with j/d half-waves for one component, the next for the next.
        angle = np.pi * (j // dimension) * (np.arange(cells + 1) / cells)
        values[j, :, j % dimension] = cos_sin(angle)[0]
    return values

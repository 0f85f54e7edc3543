"""The loop over groups of lanes and cells of a delay equation. Compiled by numba, cached on disk.

All lanes of a group stand at the same cell, so delayed series are vectors like any other. A lane's samples
may begin later than its history ends, each lane's at its own time: that is how transients are left out.
"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from chaosdata.integrate.driver import aligned_work
from chaosdata.integrate.history import Past
from chaosdata.integrate.mesh import Mesh
from chaosdata.integrate.threads import share_out
from chaosdata.kernels.arrays import exp, log
from chaosdata.kernels.call import address, call_cell, call_dense
from chaosdata.kernels.delay import DelayKernel, Words
from chaosdata.kernels.dense import POINTS
from chaosdata.types import FloatArray, Status

_STEP_LIMIT = float(Status.STEP_LIMIT)
_DONE = -1.0  # status of a lane whose samples are all written
_FORGOTTEN = 0.5  # part of a magnitude that the longest delay leaves


def run(
    kernel: DelayKernel,
    mesh: Mesh,
    initial: FloatArray,
    past: Past,
    start: float,
    skip: FloatArray,
    time: FloatArray,
    out: FloatArray,
    goal: float,
    limit: float,
    max_steps: int,
) -> tuple[NDArray[np.int8], NDArray[np.int64], FloatArray]:
    """Integrate trajectories on one mesh.

    Parameters
    ----------
    initial : (trajectory m, component d), states where the history ends, at the time ``start``.
    past : the history on this mesh.
    skip : (m,), what is left out before the samples begin. time : (sample n,), increasing, from ``start``.
    out : (m, n, d), filled in; NaN from a failure on.
    limit : of the error, in units of what ``goal`` allows.

    Returns
    -------
    status (m,), with MISSED added where the series were not good enough; steps (m,); worst error (m,)
    """
    m = len(initial)
    memory = kernel.memory
    names = Words(len(kernel.delays), kernel.order)
    table = np.array(
        [
            *(memory.state, memory.scale, memory.time, memory.time_low, memory.next, memory.row),
            *(memory.status, kernel.worst, kernel.order),
            *(names.step, names.target, names.sources, names.matrices, names.matrix),
        ]
    )  # fmt: skip
    padded = np.append(time, np.full(POINTS, np.inf))
    status = np.empty(m, np.int8)
    steps = np.empty(m, np.int64)
    worst = np.empty(m)
    lanes = memory.lanes

    def advance(first: int, last: int) -> None:
        words = word_table(kernel.delays, kernel.order, mesh, goal, limit)
        work = aligned_work(memory.slots, lanes)
        ring = aligned_work(mesh.ring * initial.shape[1] * (kernel.order + 1), lanes)
        _run(
            kernel.cell, kernel.dense, lanes, first, last, table, work, work.view(np.int64), ring, words,
            words.view(np.int64), mesh.begin, mesh.length, mesh.source, mesh.offset, mesh.back,
            mesh.tail_offset, mesh.first_time, split(mesh.step), mesh.ring, mesh.history,
            binomials(kernel.order), initial, past.series, past.base, float(start), skip, padded, out,
            max_steps, status, steps, worst,
        )  # fmt: skip

    share_out(-(-m // lanes), advance)
    return status, steps, worst


def word_table(delays: tuple[float, ...], order: int, mesh: Mesh, goal: float, limit: float) -> FloatArray:
    """The words of a cell, with those that never change filled in."""
    names = Words(len(delays), order)
    words = np.zeros(names.size)
    power = 1.0
    for _ in range(order - 1):
        power *= mesh.reach
    # The term that the series leaves out, of order N + 1, is what must meet the goal.
    share = log(goal) / (order + 1)
    words[names.before_last] = power / exp(share * (order - 1))
    words[names.last] = power * mesh.reach / exp(share * order)
    words[names.forget] = 1.0 - _FORGOTTEN * min(mesh.step / delays[-1], 1.0)
    words[names.limit] = limit
    return words


def split(step: float) -> FloatArray:
    """Two parts of a number, whose products with a count of cells are exact."""
    high = np.float64(step) * 134217729.0
    high = high - (high - step)
    return np.array([high, step - high])


def binomials(order: int) -> FloatArray:
    """Binomial coefficients (n, k) up to the order."""
    return np.array([[float(comb(n, k)) for k in range(order + 1)] for n in range(order + 1)])


@njit(error_model="numpy", nogil=True, cache=True)
def two_sum(a: Any, b: Any) -> Any:
    """a + b and its rounding error."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@njit(error_model="numpy", nogil=True, cache=True)
def enter_cell(
    k: Any, words: Any, integers: Any, table: Any, begin: Any, length: Any, source: Any, offset: Any,
    back: Any, tail_offset: Any, first_time: Any, step: Any, ring: Any, history: Any, entry: Any,
    binomial: Any,
) -> Any:  # fmt: skip
    """Fill in the words of cell ``k``; its beginning, and the rounding error of that.

    table : the positions of step, target, sources and matrices, then the size of a matrix. entry : doubles of
    a ring entry.
    """
    at_step, at_target, at_sources, at_matrices, size = table[0], table[1], table[2], table[3], table[4]
    order = binomial.shape[0] - 1
    first = begin.size
    integers[at_target] = ((k + history) % ring) * entry
    if k < first:
        words[at_step] = length[k]
        time, low = begin[k], 0.0
    else:
        words[at_step] = step[0] + step[1]
        count = float(k - first)
        time, low = two_sum(count * step[0], count * step[1])
        time, rest = two_sum(first_time, time)
        low += rest
    for j in range(back.size):
        past = source[k, j] if k < first else k - back[j]
        integers[at_sources + j] = ((past + history) % ring) * entry
        if k <= first:  # from there on the distance is always the same
            distance = offset[k, j] if k < first else tail_offset[j]
            at = at_matrices + j * size
            for n in range(order):
                power = distance
                for i in range(n + 1, order + 1):
                    words[at] = binomial[i, n] * power
                    power *= distance
                    at += 1
    return time, low


@njit(error_model="numpy", nogil=True, cache=True)
def fill_history(
    ring: Any, history: Any, base: Any, initial: Any, row: Any, lane: Any, lanes: Any, work: Any, scale: Any
) -> None:
    """Put a trajectory's history in its lane, and the largest magnitudes in it."""
    cells, d, terms = history.shape[1], history.shape[2], history.shape[3]
    source = row if history.shape[0] > 1 else 0
    for i in range(d):
        largest = abs(initial[row, i])
        for c in range(cells):
            for k in range(terms):
                x = history[source, c, i, k]
                if k == 0:
                    x += base[row, i]
                    largest = max(largest, abs(x))
                ring[((c * d + i) * terms + k) * lanes + lane] = x
        work[(scale + i) * lanes + lane] = largest


@njit(error_model="numpy", nogil=True, cache=True)
def _run(
    cell: Any, dense: Any, lanes: Any, first: Any, last: Any, table: Any, work: Any, integers: Any,
    ring: Any, words: Any, word_integers: Any,
    begin: Any, length: Any, source: Any, offset: Any, back: Any, tail_offset: Any, first_time: Any,
    step: Any, ring_cells: Any, history_cells: Any, binomial: Any, initial: Any, history: Any, base: Any,
    start: Any, skip: Any, time: Any, out: Any, max_steps: Any, status: Any, steps: Any, worst: Any,
) -> None:  # fmt: skip
    state, scale, at_time, at_low, at_next = table[0], table[1], table[2], table[3], table[4]
    at_row, at_status, at_worst, order = table[5], table[6], table[7], table[8]
    names = table[9:]
    m, d = initial.shape
    n = out.shape[1]
    entry = d * (order + 1) * lanes
    for group in range(first, last):
        for i in range(work.size):
            work[i] = 0.0
        alive = False
        for lane in range(lanes):
            row = min(group * lanes + lane, m - 1)
            fill_history(ring, history, base, initial, row, lane, lanes, work, scale)
            steps[row] = 0
            integers[at_row * lanes + lane] = row * n * d
            for i in range(d):
                work[(state + i) * lanes + lane] = initial[row, i]
            if skip[row] == 0.0 and time[0] == start:
                integers[at_next * lanes + lane] = 1  # the first sample is the initial state itself
                for i in range(d):
                    out[row, 0, i] = initial[row, i]
            if integers[at_next * lanes + lane] < n:
                alive = True
            else:
                work[at_status * lanes + lane] = _DONE
        k = 0
        while alive:
            if k >= max_steps:
                for lane in range(lanes):
                    if work[at_status * lanes + lane] == 0.0:
                        work[at_status * lanes + lane] = _STEP_LIMIT
                break
            now, low = enter_cell(
                k, words, word_integers, names, begin, length, source, offset, back, tail_offset, first_time,
                step, ring_cells, history_cells, entry, binomial,
            )  # fmt: skip
            for lane in range(lanes):
                row = min(group * lanes + lane, m - 1)
                origin, origin_low = two_sum(start, -skip[row])
                moment, rest = two_sum(now, origin)
                work[at_time * lanes + lane] = moment
                work[at_low * lanes + lane] = rest + (low + origin_low)
            call_cell(cell, address(work), address(ring), address(words))
            call_dense(dense, address(work), address(out), address(time), n)
            k += 1
            alive = False
            for lane in range(lanes):
                if work[at_status * lanes + lane] == 0.0:
                    steps[min(group * lanes + lane, m - 1)] = k
                    if integers[at_next * lanes + lane] >= n:
                        work[at_status * lanes + lane] = _DONE
                    else:
                        alive = True
        for lane in range(min(lanes, m - group * lanes)):
            row = group * lanes + lane
            ended = work[at_status * lanes + lane]
            status[row] = 0 if ended == _DONE else np.int8(ended)
            worst[row] = work[at_worst * lanes + lane]
            if status[row] != 0:
                for j in range(integers[at_next * lanes + lane], n):
                    for i in range(d):
                        out[row, j, i] = np.nan

"""Kernels of flows with steps of a chosen size, to measure orders of convergence."""

from __future__ import annotations

import ctypes

import numpy as np

from chaosdata.integrate.driver import aligned_work
from chaosdata.kernels.dense import POINTS
from chaosdata.kernels.taylor import Kernel
from chaosdata.kernels.vector import LANES

ANYTHING_GOES = 300.0  # log2 of a tolerance that every step meets: each ends where the trajectory does


def fixed_steps(
    kernel: Kernel, initial: list[float], h: float, steps: int, inside: list[float]
) -> np.ndarray:
    """States (1 + parts, d): after ``steps`` steps of size h, and at parts ``inside`` of the last one."""
    memory, d = kernel.memory, len(initial)
    pointer, number = ctypes.c_void_p, ctypes.c_double
    step = ctypes.CFUNCTYPE(ctypes.c_int64, pointer, number)(kernel.step)
    dense = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, ctypes.c_int64)(kernel.dense)
    work = aligned_work(memory.slots)
    rows = work.reshape(-1, LANES)
    rows[memory.state : memory.state + d] = np.array(initial)[:, None]
    for n in range(1, steps + 1):
        rows[memory.stop] = n * h
        step(work.ctypes.data, ANYTHING_GOES)
        assert (rows[memory.status] == 0).all()
        assert (rows[memory.end] == n * h).all()
    times = np.array([*(h * (steps - 1 + part) for part in inside), *[np.inf] * POINTS])
    out = np.full((len(inside), d), np.nan)
    dense(work.ctypes.data, out.ctypes.data, times.ctypes.data, len(inside))
    return np.vstack([rows[memory.state : memory.state + d, 0], out])

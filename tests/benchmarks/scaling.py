"""How the work spreads over cores, and what a cold compile costs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable

import numpy as np

from chaosdata.integrate.flow import integrate
from chaosdata.integrate.threads import thread_limit
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from tests.benchmarks.clock import shortest
from tests.benchmarks.table import Row


def cores(trajectories: int, periods: int, seconds: float) -> list[Row]:
    """Lorenz trajectories at full accuracy on 1, 2, 4 ... threads."""
    lorenz = systems["Lorenz"]
    state, _ = attractor_states(lorenz, 2026, range(64), purpose="benchmark")
    initial = np.resize(state, (trajectories, lorenz.dimension))
    grid = np.arange(periods * 100 + 1) * (lorenz.period / 100)
    rows: list[Row] = []
    available = len(os.sched_getaffinity(0))
    for threads in sorted({1, *(2**k for k in range(1, available.bit_length())), available}):
        with thread_limit(threads):
            took = shortest(lambda: integrate(lorenz, initial, grid), seconds=seconds)
        row = {"threads": threads, "seconds": took, "speed-up": None}
        rows.append(row)
        row["speed-up"] = rows[0]["seconds"] / took
    return rows


_COMPILE = """
import sys, time
import chaosdata as cd
from chaosdata.integrate.tangent import tangent_growth
for name in sys.argv[1:]:
    system = cd.systems[name]
    cd.integrate(system, [system.initial], [0.0, 1e-3 * system.period])
    tangent_growth(system, [system.initial], [1e-3 * system.period])
print(time.process_time())
"""


def cold_compile(names: Iterable[str]) -> list[Row]:
    """CPU seconds of a new process that traces, compiles and runs every system once, with empty caches."""
    names = list(names)
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CHAOSDATA_CACHE": folder, "NUMBA_CACHE_DIR": folder}
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _COMPILE, *names],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        wall = time.perf_counter() - start
    return [{"systems": len(names), "CPU seconds": float(done.stdout), "seconds": wall}]

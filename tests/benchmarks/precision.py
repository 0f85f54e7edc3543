"""What double-double costs: beside our own double, and beside heyoka's 128-bit arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

import numpy as np

from chaosdata.equations.system import System
from chaosdata.integrate.flow import integrate
from tests.benchmarks.cases import SAMPLES_PER_PERIOD, Case
from tests.benchmarks.clock import one_core, shortest
from tests.benchmarks.table import Row

FEW_PERIODS = 2.0  # of heyoka, which takes tens of microseconds a sample


def against_quadruple(cases: Iterable[Case], peers: Mapping[str, ModuleType], seconds: float) -> list[Row]:
    """Nanoseconds a sample of all components."""
    rows = []
    for case in cases:
        with one_core():
            row: Row = {"system": case.name}
            row |= _cost(case.system, case.initial, case.time, seconds)
            if "heyoka" in peers:
                run = peers["heyoka"].quadruple(case, FEW_PERIODS)
                run()
                row["heyoka, 128 bits"] = (
                    shortest(run, seconds=seconds) / (FEW_PERIODS * SAMPLES_PER_PERIOD) * 1e9
                )
                row["ratio to it"] = row["heyoka, 128 bits"] / row["double-double"]
        rows.append(row)
    return rows


def against_double(flows: Iterable[System], seconds: float, worst: int = 12) -> list[Row]:
    """The same for the analytic flows of the collection, those with the largest ratio first."""
    rows: list[Row] = []
    for system in flows:
        if not system.graph().analytic or any(o.kind == "atan2" for o in system.graph().operations):
            continue
        time = np.arange(5 * SAMPLES_PER_PERIOD + 1) * (system.period / SAMPLES_PER_PERIOD)
        initial = np.array([system.initial] * 16)
        with one_core():
            rows.append({"system": system.name} | _cost(system, initial, time, seconds))
    return sorted(rows, key=lambda row: -row["ratio to double"])[:worst]


def _cost(system: System, initial: np.ndarray, time: np.ndarray, seconds: float) -> Row:
    samples = len(initial) * (len(time) - 1)
    double = shortest(lambda: integrate(system, initial, time), seconds=seconds) / samples * 1e9
    fine = shortest(lambda: integrate(system, initial, time, precision="double-double"), seconds=seconds)
    fine = fine / samples * 1e9
    return {"double": double, "double-double": fine, "ratio to double": fine / double}

"""Nanoseconds a sample of all components, at full accuracy and at an error of 1e-9, against the peers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

import numpy as np

from chaosdata.integrate.flow import final_state, integrate
from tests.benchmarks.cases import Case
from tests.benchmarks.clock import one_core, shortest
from tests.benchmarks.peers import Mode, Run
from tests.benchmarks.table import Row

FULL = 2.0**-52  # heyoka's own default
TARGET_ERROR = 1e-9
TOLERANCES = tuple(10.0**-k for k in range(7, 16))


def ours(case: Case, tolerance: float | None) -> Run:
    """Our trajectories of the case, on the calling thread alone."""
    return lambda: integrate(case.system, case.initial, case.time, tolerance).state


def full_accuracy(cases: Iterable[Case], peers: Mapping[str, ModuleType], seconds: float) -> list[Row]:
    """Output on the grid and stepping alone, against every mode of heyoka."""
    rows = []
    for case in cases:
        with one_core():
            run = ours(case, None)
            output = _nanoseconds(run, case, seconds)
            step = _nanoseconds(lambda c=case: final_state(c.system, c.initial, c.time[-1])[0], case, seconds)
        row: Row = {
            "system": case.name,
            "ours, ns a sample": output,
            "our error": case.error(run()),
            "ours, stepping": step,
        }
        if "heyoka" in peers:
            heyoka = peers["heyoka"]
            with one_core():
                for label, mode in heyoka.modes(case).items():
                    theirs = mode(FULL)
                    row[f"heyoka, {label}"] = _nanoseconds(theirs, case, seconds)
                row["heyoka's error"] = case.error(theirs())
                stepping = _nanoseconds(heyoka.stepping(case, FULL), case, seconds)
            best = min(value for key, value in row.items() if key.startswith("heyoka, "))
            row["heyoka, stepping"] = stepping
            row["ratio"] = best / output
            row["ratio, stepping"] = stepping / step
        rows.append(row)
    return rows


def at_equal_error(cases: Iterable[Case], peers: Mapping[str, ModuleType], seconds: float) -> list[Row]:
    """The loosest tolerance of each solver whose error at three Lyapunov times is at most 1e-9."""
    rows = []
    for case in cases:
        with one_core():
            fastest, error = _cheapest(lambda tolerance, c=case: ours(c, tolerance), case, seconds)
            rows.append(_row(case.name, "chaosdata", fastest, error, fastest))
            for peer in peers.values():
                for label, mode in peer.modes(case).items():
                    name = f"{peer.__name__.rpartition('with_')[2]} {label}"
                    took, error = _cheapest(mode, case, seconds)
                    rows.append(_row(case.name, name, took, error, fastest))
    return rows


def _row(system: str, solver: str, took: float, error: float | None, ours_took: float) -> Row:
    return {
        "system": system,
        "solver": solver,
        "ns a sample": took,
        "error": error,
        "ratio to ours": took / ours_took,
    }


def _cheapest(mode: Mode, case: Case, seconds: float) -> tuple[float, float | None]:
    """Nanoseconds a sample and the error, for the loosest tolerance that meets the target error."""
    for tolerance in TOLERANCES:
        run = mode(tolerance)
        state = run()
        if not np.array_equal(state[:, 0], case.initial[: len(state)]):
            return _nanoseconds(run, case, seconds), None  # a solver that brings its own initial state
        error = case.error(state)
        if error <= TARGET_ERROR:
            break
    return _nanoseconds(run, case, seconds), error


def _nanoseconds(run: Run, case: Case, seconds: float) -> float:
    trajectories = len(run())
    return shortest(run, seconds=seconds) / (case.samples / case.trajectories * trajectories) * 1e9

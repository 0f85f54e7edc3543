"""dysts as shipped: its own system, settings and grid."""

from __future__ import annotations

from collections.abc import Mapping

import dysts.flows
import numpy as np

from tests.benchmarks.cases import SAMPLES_PER_PERIOD, Case
from tests.benchmarks.peers import Mode, Run


def modes(case: Case) -> Mapping[str, Mode]:
    """Radau at 1e-12, which make_trajectory uses by default; the tolerance asked for is ignored."""
    if not hasattr(dysts.flows, case.name):
        return {}
    return {"as shipped": lambda _tolerance: _run(case)}


def _run(case: Case) -> Run:
    system = getattr(dysts.flows, case.name)()

    def run() -> np.ndarray:
        samples = case.periods * SAMPLES_PER_PERIOD
        return np.asarray(system.make_trajectory(samples, pts_per_period=SAMPLES_PER_PERIOD))[None]

    return run

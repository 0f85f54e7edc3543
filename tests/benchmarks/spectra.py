"""Full Lyapunov spectra: microseconds a period of one trajectory with all its tangent vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

from chaosdata.integrate.tangent import tangent_growth
from tests.benchmarks.cases import Case
from tests.benchmarks.clock import one_core, shortest
from tests.benchmarks.table import Row

TOLERANCE = 1e-8
EVERY = 0.1  # periods between heyoka's orthonormalisations; ours come after every step


def spectra(cases: Iterable[Case], peers: Mapping[str, ModuleType], seconds: float) -> list[Row]:
    """Ours against heyoka's variational equations in batches of 8 with NumPy's QR."""
    rows = []
    for case in cases:
        end = case.periods * case.period
        with one_core():

            def ours(c: Case = case, end: float = end) -> object:
                return tangent_growth(c.system, c.initial, [end], tolerance=TOLERANCE)

            ours()
            took = shortest(ours, seconds=seconds) / (case.trajectories * case.periods) * 1e6
            growth = tangent_growth(case.system, case.initial[:8], [end], tolerance=TOLERANCE).log_length
            row: Row = {"system": case.name, "ours, us a period": took}
            row["first exponent"] = float(growth[:, 0, 0].mean() / end)
            if "heyoka" in peers:
                run = peers["heyoka"].spectrum(case, TOLERANCE, case.periods, EVERY * case.period)
                theirs = run()
                row["heyoka, us a period"] = shortest(run, seconds=seconds) / (8 * case.periods) * 1e6
                row["its first exponent"] = float(theirs[:, 0].mean())
                row["ratio"] = row["heyoka, us a period"] / took
        rows.append(row)
    return rows

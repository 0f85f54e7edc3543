"""Verdicts of many systems at once, in the form of the collection's data file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaosdata.analysis.period import dominant_period
from chaosdata.analysis.verdict import Verdict, verdict
from chaosdata.errors import ArgumentError, IntegrationError
from chaosdata.types import Estimate

if TYPE_CHECKING:
    from chaosdata.equations.system import System

Progress = Callable[[int, int, str], None]

SETTINGS: Mapping[str, Any] = {"seed": 0, "tolerance": 1e-8}


@dataclass(frozen=True)
class Classified:
    """The verdict on a system, and its dominant period; None where nothing has a period."""

    verdict: Verdict
    period: Estimate | None


def classify(
    systems: Iterable[System], *, executor: Executor, progress: Progress | None = None
) -> Iterator[tuple[str, Classified]]:
    """The name of each system and what was measured, as they finish; each is one task of the executor."""
    from chaosdata.integrate.threads import single_threaded

    def one(system: System) -> Classified:
        with single_threaded():
            return Classified(verdict(system, **SETTINGS), measured_period(system))

    tasks = {executor.submit(one, system): system.name for system in systems}
    for done, task in enumerate(as_completed(tasks), start=1):
        yield tasks[task], task.result()
        if progress is not None:
            progress(done, len(tasks), tasks[task])


def measured_period(system: System) -> Estimate | None:
    """The dominant period, or None for a system that rests, escapes or depends on time explicitly."""
    if not system.autonomous:
        return None
    try:
        return dominant_period(system, SETTINGS["seed"])
    except IntegrationError:
        return None


def records(text: bytes) -> dict[str, Any]:
    """What a data file says of each system; nothing, if it is empty.

    Raises
    ------
    ArgumentError : the text is not that of a data file.
    """
    try:
        return dict(json.loads(text)["systems"]) if text else {}
    except (ValueError, KeyError, TypeError):
        raise ArgumentError(
            "the output file exists and is none that classify wrote: move it away or choose another."
        ) from None


def document(verdicts: Mapping[str, Classified], older: Mapping[str, Any] | None = None) -> str:
    """The verdicts as the JSON text of the data file, a line for each system.

    older : records of systems; those stay that the verdicts do not replace.
    """
    records = {**(older or {}), **{name: _record(found) for name, found in verdicts.items()}}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(records[name])}" for name in sorted(records))
    return f'{{\n "settings": {json.dumps(dict(SETTINGS))},\n "systems": {{\n{lines}\n }}\n}}\n'


def _record(classified: Classified) -> dict[str, Any]:
    found, period = classified.verdict, classified.period
    exponents = found.exponents
    return {
        "verdict": found.verdict,
        "exponents": [] if exponents is None else [_rounded(x) for x in exponents.value if math.isfinite(x)],
        "standard_errors": []
        if exponents is None
        else [_rounded(x, 2) for x in exponents.standard_error if math.isfinite(x)],
        "period": None if period is None else _rounded(float(period.value)),
        "period_standard_error": None if period is None else _rounded(float(period.standard_error), 2),
        "early_rate": _rounded(found.early_rate, 4),
        "divergence": _rounded(found.divergence),
        "periods": found.periods,
        "trajectories": found.trajectories,
        "chaotic": found.chaotic,
        "escaped": found.escaped,
    }


def _rounded(x: float, digits: int = 6) -> float | None:
    return float(f"{x:.{digits}g}") if math.isfinite(x) else None

"""What was measured of each system: its verdict and exponents, from the data file beside this module.

``chaosdata classify --output chaosdata/systems/verdicts.json`` writes the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FILE = "verdicts.json"


@dataclass(frozen=True)
class Measured:
    """The long-time dynamics of a system.

    verdict : such as "chaotic"; see :class:`chaosdata.analysis.verdict.Verdict` for the words and the method.
    exponents, standard_errors : (d,) Lyapunov exponents, in 1/time, descending; directions that
    a map folds away are left out.
    period, period_standard_error : dominant period, in the system's time unit (iterates, for a map).
    early_rate : largest growth rate before anything settles, in 1/time.
    divergence : mean divergence, in 1/time.
    periods : length of the run; iterates, for a map.
    trajectories, chaotic, escaped : how many were followed, were chaotic at the end, left for infinity.
    """

    verdict: str
    exponents: tuple[float, ...]
    standard_errors: tuple[float, ...]
    period: float | None
    period_standard_error: float | None
    early_rate: float | None
    divergence: float | None
    periods: float
    trajectories: int
    chaotic: int
    escaped: int


@cache
def _document() -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return content


@cache
def measured() -> Mapping[str, Measured]:
    """The measurements by name of the system; the settings are in :func:`settings`."""
    fields = _document()["systems"]
    return {
        name: Measured(
            **values
            | {"exponents": tuple(values["exponents"]), "standard_errors": tuple(values["standard_errors"])}
        )
        for name, values in fields.items()
    }


def settings() -> Mapping[str, Any]:
    """How the measurements were made: seed, trajectories, tolerance."""
    chosen: Mapping[str, Any] = _document()["settings"]
    return chosen

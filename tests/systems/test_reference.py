"""Each declared right-hand side against a second transcription of its published equations.

reference_rhs.json holds, for each flow, twenty states near the attractor and the derivatives there, evaluated
with sixty digits from equations that were typed independently of the declarations, at the parameters that the
best-known collection of flows publishes. Where a declaration corrects that collection, its variant
"published" must agree.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chaosdata.equations import System
from chaosdata.systems import systems

REFERENCE: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("reference_rhs.json").read_text())


def _as_published(name: str) -> System:
    entry = REFERENCE[name]
    system = systems[name].variants[entry["variant"]] if "variant" in entry else systems[name]
    size = len(entry["states"][0])
    if system.dimension != size:
        system = system.resized(size)
    return system.with_parameters(**entry["parameters"])


@pytest.mark.parametrize("name", REFERENCE)
def test_derivatives_are_those_of_the_published_equations(name: str) -> None:
    system, entry = _as_published(name), REFERENCE[name]
    states = np.array(entry["states"], np.longdouble)
    times = np.array(entry.get("times", 0.0))
    expected = np.array(entry["derivatives"])
    scale = np.max(np.abs(expected), axis=0)
    assert np.max(np.abs(system.rhs(states, times) - expected) / scale) < 1e-13


def test_every_correction_changes_the_equations() -> None:
    """A variant with equations of its own differs from the default at the same parameters."""
    corrected = 0
    for name, system in systems.items():
        published = system.variants.get("published")
        if system.kind == "flow" and published is not None and published.function is not system.function:
            states = np.array(REFERENCE[name]["states"])
            same = system.with_parameters(**REFERENCE[name]["parameters"])
            slopes = same.rhs(states)
            change = np.max(np.abs(slopes - _as_published(name).rhs(states)), axis=0)
            assert np.max(change / np.max(np.abs(slopes), axis=0)) > 1e-3
            corrected += 1
    assert corrected >= 6

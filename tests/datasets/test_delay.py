"""Delay equations from the declaration to the published version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import chaosdata as cd
from chaosdata.systems import systems
from tests.datasets.tiny import tiny
from tests.integrate.delay_systems import Blood
from tests.references import DELAY_SPECTRA


def test_a_dataset_of_a_delay_equation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(systems._systems, "Blood", Blood)
    names = ["period", "moments", "lyapunov_spectrum", "kaplan_yorke_dimension"]
    cd.build(tiny(systems=["Blood"], annotations=names), tmp_path)
    data = cd.open_dataset("tiny@1.0.0", system="Blood", split="train", root=tmp_path).load()
    fresh = cd.trajectories(Blood, count=6, periods=3, samples_per_period=20, seed=7)
    assert np.array_equal(data.state, fresh.state) and (data.status == 0).all()
    assert data.attrs["kind"] == "delay" and data.attrs["delays"] == "17.0"
    assert "method of steps" in data.attrs["source"]
    assert data.lyapunov_exponent.shape == (8,)
    error = float(data.lyapunov_exponent_standard_error[0])
    published = DELAY_SPECTRA[0]
    assert abs(float(data.lyapunov_exponent[0]) - published.exponent) < 3 * error + published.exponent_error
    assert abs(float(data.kaplan_yorke_dimension) - published.dimension) < 0.01
    assert abs(float(data.period) - 50.0) < 0.5
    assert len(cd.verify("tiny@1.0.0", tmp_path, replay=2).replayed) == 2

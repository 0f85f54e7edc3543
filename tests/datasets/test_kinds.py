"""Maps and stochastic systems from the declaration to the published version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import chaosdata as cd
from chaosdata.equations.system import System
from chaosdata.integrate.map import iterate
from chaosdata.integrate.stochastic import integrate_stochastic
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from tests.datasets.tiny import tiny
from tests.integrate.maps import HenonMap, RotationMap
from tests.integrate.noisy import NoisyLorenz


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[System]:
    """Systems of both kinds, as if the collection had them."""
    added = [HenonMap, NoisyLorenz]
    for system in added:
        monkeypatch.setitem(systems._systems, system.name, system)
    return added


def test_trajectories_of_a_map() -> None:
    data = cd.trajectories(HenonMap, count=5, periods=3, samples_per_period=20, seed=2)
    assert data.time.values.tolist() == list(range(60))
    assert data.time.attrs["long_name"] == "time, in iterates of the map"
    start, _ = attractor_states(HenonMap, 2, range(5))
    assert np.array_equal(data.state, iterate(HenonMap, start, np.arange(60)).state)
    assert data.attrs["kind"] == "map" and data.attrs["iterates"] == 60
    assert "samples_per_period" not in data.attrs and "iteration" in data.attrs["source"]
    some = cd.trajectories(HenonMap, count=2, periods=1, samples_per_period=10, seed=2)
    assert np.array_equal(some.state, data.state[:2, :10])


def test_an_angle_of_a_map() -> None:
    data = cd.trajectories(RotationMap, count=3, periods=10, samples_per_period=1)
    assert data.component.values.tolist() == ["cos(theta)", "sin(theta)"]
    turned = data.state.values[:, 5:]
    np.testing.assert_allclose(turned, data.state.values[:, :5], atol=1e-13)  # five fifths of a turn


def test_trajectories_of_a_stochastic_system() -> None:
    data = cd.trajectories(NoisyLorenz, count=5, periods=2, samples_per_period=50, seed=2)
    start, _ = attractor_states(NoisyLorenz, 2, range(5))
    time = np.arange(100) * (1.5 / 50)
    expected = integrate_stochastic(NoisyLorenz, start, time, 2, purpose="trajectory noise").state
    assert np.array_equal(data.state, expected)
    assert len(np.unique(data.state[:, -1, 0])) == 5
    assert data.attrs["step"] == 1.5 / 400 and "stochastic" in data.attrs["source"]
    assert data.attrs["equations"].startswith("dx = ")
    more = cd.trajectories(NoisyLorenz, count=7, periods=2, samples_per_period=50, seed=2)
    assert np.array_equal(more.state[:5], data.state)


def test_a_dataset_of_maps(registered: list[System], tmp_path: Path) -> None:
    names = ["period", "moments", "lyapunov_spectrum", "kaplan_yorke_dimension"]
    cd.build(tiny(systems=["HenonMap"], annotations=names, title="A map"), tmp_path)
    data = cd.open_dataset("tiny@1.0.0", system="HenonMap", split="train", root=tmp_path).load()
    fresh = cd.trajectories(HenonMap, count=6, periods=3, samples_per_period=20, seed=7)
    assert np.array_equal(data.state, fresh.state) and np.array_equal(data.time, fresh.time)
    assert data.attrs["kind"] == "map" and data.attrs["iterates"] == 60
    exponent = data.lyapunov_exponent
    assert exponent.attrs["long_name"] == "Lyapunov exponents, descending, per iterate"
    assert abs(float(exponent.sum()) - np.log(0.3)) < 1e-9
    assert abs(float(data.kaplan_yorke_dimension) - 1.258) < 0.003
    assert len(cd.verify("tiny@1.0.0", tmp_path, replay=2).replayed) == 2


def test_a_dataset_of_stochastic_systems(registered: list[System], tmp_path: Path) -> None:
    recipe = tiny(systems=["NoisyLorenz"], annotations=["period", "moments", "lyapunov_spectrum"])
    cd.build(recipe, tmp_path / "one")
    data = cd.open_dataset("tiny@1.0.0", system="NoisyLorenz", split="train", root=tmp_path / "one").load()
    fresh = cd.trajectories(NoisyLorenz, count=6, periods=3, samples_per_period=20, seed=7)
    assert np.array_equal(data.state, fresh.state)
    assert 0.6 < float(data.period) < 0.9  # a turn around one of the wings takes half of a declared period
    assert abs(float(data["mean"][2]) - 23.5) < 0.5
    assert 0.7 < float(data.lyapunov_exponent[0]) < 0.95

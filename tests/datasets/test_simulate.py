"""Trajectories: what is stored, what is returned in memory, and that both are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray

import chaosdata as cd
from chaosdata.datasets.attributes import lyapunov_time
from chaosdata.datasets.simulate import observe, simulate
from chaosdata.equations.declare import flow
from chaosdata.errors import ArgumentError
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from chaosdata.types import Estimate, Status
from tests.datasets.tiny import tiny


@flow(initial=(1e-9, 1.0), period=1e-3, reference="Riccati equation", tags=set())
def Bursting(x, y):  # type: ignore[no-untyped-def]
    """Escapes at a time that the initial state decides: within a transient, or after it."""
    return 8.2 * x + x * x, -y


@pytest.mark.parametrize("name", ["Lorenz", "Duffing", "Hopfield"])
def test_a_block_is_the_integration_of_its_initial_states(name: str) -> None:
    system = systems[name]
    time = np.arange(30) * 0.02
    block = simulate(system, 4, range(3), time)
    start, _ = attractor_states(system, 4, range(3))
    assert np.array_equal(block.state, observe(system, cd.integrate(system, start, time).state))
    assert np.array_equal(block.initial, block.state[:, 0])
    assert block.initial.shape == (3, len(system.observables))
    assert block.status.tolist() == [Status.OK] * 3
    later = simulate(system, 4, [2], time)
    assert later.state.tobytes() == block.state[2:].tobytes()


def test_an_angle_is_its_cosine_and_sine() -> None:
    system = systems["DoubleGyre"]
    state = np.array([[0.25, 0.5, 1.0], [0.1, 0.2, -40.0]])
    observed = observe(system, state)
    assert system.observables == ("x", "y", "cos(z)", "sin(z)")
    assert np.array_equal(observed[:, :2], state[:, :2])
    assert np.allclose(observed[:, 2], np.cos(state[:, 2]), rtol=1e-15)
    assert np.allclose(observed[:, 3], np.sin(state[:, 2]), rtol=1e-15)


def test_a_trajectory_that_fails_is_a_row_with_its_status() -> None:
    time = np.arange(200) * 0.01
    block = simulate(Bursting, 0, range(16), time)
    assert block.state.shape == (16, 200, 2)
    failed = block.status != Status.OK
    assert failed.any()
    assert np.isnan(block.state[failed, -1]).all()
    assert np.isfinite(block.state[~failed]).all()
    assert np.isfinite(block.parameter).all()
    for row in np.flatnonzero(failed):  # finite up to the failure, NaN from there on
        finite = np.isfinite(block.state[row]).all(axis=1)
        assert not np.any(np.diff(finite.astype(int)) > 0)


def test_trajectories_are_those_of_a_dataset(tmp_path: Path) -> None:
    recipe = tiny(systems=["Duffing", "Lorenz"], annotations=[], seed=11)
    cd.build(recipe, tmp_path)
    for name in ("Duffing", "Lorenz"):
        stored = cd.open_dataset("tiny@1.0.0", system=name, split="train", root=tmp_path).load()
        fresh = cd.trajectories(systems[name], count=6, periods=3, samples_per_period=20, seed=11)
        assert set(fresh.variables) == set(stored.variables)
        for variable in fresh.variables:
            assert fresh[variable].dims == stored[variable].dims
            kinds = {fresh[variable].dtype.kind, stored[variable].dtype.kind}
            assert len(kinds) == 1 or kinds == {"O", "T"}, variable  # two ways in which NumPy holds text
            assert fresh[variable].values.tolist() == stored[variable].values.tolist()
            assert fresh[variable].attrs == stored[variable].attrs, variable
        assert set(stored.attrs) - set(fresh.attrs) == {"id", "license"}
        assert {key for key in fresh.attrs if fresh.attrs[key] != stored.attrs[key]} == {"title"}


def test_trajectories_come_as_documented() -> None:
    data = cd.trajectories(systems["Lorenz"], count=4, periods=2, samples_per_period=50)
    assert isinstance(data, xarray.Dataset)
    assert data.state.dims == ("trajectory", "time", "component")
    assert data.state.shape == (4, 100, 3)
    assert data.component.values.tolist() == ["x", "y", "z"]
    assert data.parameter_name.values.tolist() == ["sigma", "rho", "beta"]
    assert data.time.values[:2].tolist() == [0.0, 1.5008 / 50]
    assert set(data.split.values) == {"train"}
    assert np.array_equal(data.initial, data.state[:, 0])
    assert data.attrs["equations"].splitlines()[0] == "dx/dt = sigma*(y - x)"
    assert data.attrs["period"] == 1.5008
    more = cd.trajectories(systems["Lorenz"], count=6, periods=2, samples_per_period=50)
    assert np.array_equal(more.state[:4], data.state)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "count is 0, expected a whole number of at least 1"),
        ({"count": 1.5}, "count is 1.5, expected a whole number"),
        ({"count": True}, "count is True, expected a whole number"),
        ({"seed": -1}, "seed is -1, expected a whole number of at least 0"),
        ({"periods": 0}, "samples_per_period x periods is 0 samples"),
        ({"samples_per_period": 0}, "samples_per_period is 0, expected"),
        ({"periods": 0.333}, "samples_per_period x periods is 33.3 samples"),
    ],
)
def test_impossible_trajectories_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        cd.trajectories(systems["Lorenz"], **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("largest", "error", "expected"),
    [
        (0.9, 0.01, 1 / 0.9),
        (0.9, 0.31, None),
        (-0.1, 0.001, None),
        (0.0, 0.0, None),
        (float("nan"), 1.0, None),
    ],
)
def test_the_lyapunov_time_is_told_only_where_it_is_known(
    largest: float, error: float, expected: float | None
) -> None:
    spectrum = Estimate(np.array([largest, -1.0]), np.array([error, 0.1]), "method", {})
    assert lyapunov_time(spectrum) == expected

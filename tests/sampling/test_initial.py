"""Initial states: on the attractor, reproducible, and independent of the company they are made in."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.equations.declare import flow
from chaosdata.errors import ArgumentError
from chaosdata.sampling.initial import (
    attractor_states,
    forcing_phases,
    start_states,
    wrap_angle,
)
from chaosdata.sampling.parameters import flat_parameters
from chaosdata.systems import systems
from chaosdata.types import Status


@flow(initial=(0.5, 1.0), period=1.0, reference="Riccati equation", tags=set())
def Escaping(x, y):  # type: ignore[no-untyped-def]
    """Grows without bound in a finite time."""
    return x * x, -y


@flow(initial=(1.0, 0.0), period=6.0, reference="pendulum", tags=set(), angles={"x"})
def Pendulum(x, y, *, k=1.5):  # type: ignore[no-untyped-def]
    """An angle that belongs to the state."""
    from chaosdata.equations.functions import sin

    return y, -k * sin(x)


@flow(initial=(1.0,), period=1.0, reference="explicit time", tags=set())
def Driven(t, x):  # type: ignore[no-untyped-def]
    """Time enters the equations."""
    return (t - x,)


# Sakarya escapes to infinity, Torus depends on the time.
@pytest.mark.parametrize("name", sorted(set(systems) - {"Sakarya", "Torus"}))
def test_states_are_reached_in_every_system(name: str) -> None:
    system = systems[name]
    state, status = attractor_states(system, 0, range(6))
    assert state.shape == (6, system.dimension)
    assert state.dtype == np.float64
    assert status.tolist() == [Status.OK] * 6
    assert np.isfinite(state).all()
    assert len(np.unique(state, axis=0)) == 6
    for column, component in enumerate(system.components):
        if turn := system.turn(component):
            assert ((state[:, column] >= -turn / 2) & (state[:, column] < turn / 2)).all()


def test_a_state_depends_on_its_index_alone() -> None:
    system = systems["Duffing"]
    together, _ = attractor_states(system, 3, range(11))
    for order in ([7], [10, 0, 3], [2, 2], range(4, 9)):
        apart, _ = attractor_states(system, 3, order)
        assert apart.tobytes() == together[list(order)].tobytes()


def test_seeds_purposes_and_parameters_give_other_states() -> None:
    system = systems["Lorenz"]
    first = attractor_states(system, 0, [0])[0]
    for other in (
        attractor_states(system, 1, [0]),
        attractor_states(system, 0, [1]),
        attractor_states(system, 0, [0], purpose="test"),
        attractor_states(system.with_parameters(rho=28.5), 0, [0]),
    ):
        assert not np.allclose(first, other[0])


def test_no_indices_give_no_states() -> None:
    state, status = attractor_states(systems["Lorenz"], 0, [])
    assert state.shape == (0, 3)
    assert status.shape == (0,)


def test_the_perturbation_is_as_small_as_documented() -> None:
    system = systems["DoubleGyre"]
    start, duration = start_states(system, 5, range(400), "train")
    assert forcing_phases(system) == [2]
    default = np.array(system.initial)
    scale = 1e-4 * np.maximum(np.abs(default), 1e-2 * np.abs(default).max())
    moved = np.abs(start - default)[:, :2]
    assert (moved <= scale[:2] * (1 + 1e-9)).all()
    assert (moved.max(axis=0) > 0.9 * scale[:2]).all()
    phase = start[:, 2]
    assert -np.pi <= phase.min() < -3
    assert 3 < phase.max() < np.pi
    periods = duration / system.period
    assert 100 <= periods.min() < 101
    assert 119 < periods.max() < 120


def test_a_pendulum_s_angle_is_no_phase() -> None:
    assert forcing_phases(Pendulum) == []
    start, _ = start_states(Pendulum, 0, range(50), "train")
    assert np.abs(start[:, 0] - 1.0).max() <= 1.0000001e-4


def test_a_transient_that_fails_is_a_row_of_nan_with_its_status() -> None:
    state, status = attractor_states(Escaping, 0, range(3))
    assert np.isnan(state).all()
    assert (status != Status.OK).all()


def test_explicit_time_is_refused_with_the_remedy() -> None:
    with pytest.raises(ArgumentError, match=r"Driven.*phase.*angle"):
        attractor_states(Driven, 0, [0])


def test_angles_are_wrapped_to_one_turn() -> None:
    turns = np.arange(-50, 50) * 2 * np.pi
    edges = np.concatenate([turns + shift for shift in (-np.pi, np.pi, 0.0, 1.0)])
    angle = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), [1e9, -1e9]])
    wrapped = wrap_angle(angle)
    assert ((wrapped >= -np.pi) & (wrapped < np.pi)).all()
    assert np.allclose(np.cos(wrapped), np.cos(angle), atol=1e-6)
    assert np.allclose(np.sin(wrapped), np.sin(angle), atol=1e-6)
    inside = np.linspace(-np.pi, 3.14, 1000)
    assert np.array_equal(wrap_angle(inside), inside)
    assert np.isnan(wrap_angle(np.array([np.nan]))).all()


def test_array_parameters_are_counted_from_one() -> None:
    assert flat_parameters(systems["Lorenz"]) == {"sigma": 10.0, "rho": 28.0, "beta": 8 / 3}
    hopfield = flat_parameters(systems["Hopfield"])
    assert all(isinstance(value, float) for value in hopfield.values())
    assert len(hopfield) > len(systems["Hopfield"].parameters)

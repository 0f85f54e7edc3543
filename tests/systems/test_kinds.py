"""What must hold for every map, delay equation and stochastic system of the collection."""

from __future__ import annotations

import pickle
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from chaosdata.analysis.lyapunov import lyapunov_spectrum
from chaosdata.equations import System
from chaosdata.integrate.delay import integrate_delay
from chaosdata.integrate.map import final_state, iterate
from chaosdata.integrate.stochastic import integrate_stochastic
from chaosdata.systems import systems
from chaosdata.types import Status
from tests.equations.test_graph import assert_well_formed
from tests.references import COLLECTED_MAPS, MapSpectrum
from tests.systems.literature_kinds import DELAYS, MAPS

ALL = {name: system for name, system in systems.items() if system.kind != "flow"}


def of_kind(kind: str) -> Any:
    chosen = {name: system for name, system in ALL.items() if system.kind == kind}
    return pytest.mark.parametrize("system", chosen.values(), ids=chosen)


@cache
def near_the_orbit(system: System, count: int = 20) -> Any:
    """States (count, d) of a map's orbit, each displaced a little, away from its corners and jumps."""
    random = np.random.default_rng(20)
    initial = np.array([system.initial])
    states = iterate(system, initial, 100 + np.arange(3 * count)).state[0]
    states = states[::3] * (1 - 1e-3 * random.uniform(0, 1, (count, system.dimension)))
    states.flags.writeable = False
    return states


def turned(system: System, difference: Any) -> Any:
    """A difference of states, that of angles modulo a turn."""
    for column, name in enumerate(system.components):
        if name in system.angles:
            difference[..., column] = (difference[..., column] + np.pi) % (2 * np.pi) - np.pi
    return difference


@pytest.mark.parametrize("name", MAPS)
def test_maps_equal_a_second_transcription(name: str) -> None:
    system = systems[name]
    parameters, equations = MAPS[name]
    states = near_the_orbit(system).astype(np.longdouble)
    names = dict(vars(np)) | {"pi": np.longdouble(np.pi)} | parameters
    names |= dict(zip(system.components, states.T, strict=True))
    expected = np.stack([eval(equation, {}, names) for equation in equations], axis=-1)
    difference = system.with_parameters(**parameters).rhs(states) - expected
    assert np.max(np.abs(turned(system, difference)) / np.max(np.abs(expected), axis=0)) < 1e-13


@of_kind("map")
def test_the_kernel_iterates_the_declared_map(system: System) -> None:
    assert_well_formed(system.graph())
    states = near_the_orbit(system)
    run = iterate(system, states, [0, 1])
    expected = system.rhs(states)
    scale = np.max(np.abs(system.jacobian(states)), axis=(1, 2)) * np.max(np.abs(states), axis=1) + 1
    assert np.max(np.abs(turned(system, run.state[:, 1] - expected)) / scale[:, None]) < 1e-13


@of_kind("map")
def test_the_jacobian_of_a_map_is_its_derivative(system: System) -> None:
    states = near_the_orbit(system)
    jacobian = system.jacobian(states)
    few = 0 if system.graph().analytic else 2
    for j in range(system.dimension):
        h = 1e-6 * np.max(np.abs(states[:, j])) * np.eye(system.dimension)[j]
        column = turned(system, system.rhs(states + h) - system.rhs(states - h)) / (2 * h[j])
        scale = np.max(np.abs(jacobian[:, :, j]), axis=0) + 1e-3
        wrong = np.max(np.abs(jacobian[:, :, j] - column) / scale, axis=1) > 1e-5
        assert np.count_nonzero(wrong) <= few


@of_kind("map")
def test_inverse_maps_lead_back(system: System) -> None:
    if system.inverse_function is None:
        assert "invertible" not in system.tags
        return
    states = near_the_orbit(system)
    back = turned(system, system.inverse(system.rhs(states)) - states)
    # Rounding grows by what the inverse stretches.
    grown = np.max(np.abs(np.linalg.inv(system.jacobian(states))), axis=(1, 2))[:, None]
    size = np.max(np.abs(system.rhs(states)))
    assert np.max(np.abs(back) / grown) < 1e-14 * max(size, 1.0)
    ahead = turned(system, system.rhs(system.inverse(states)) - states)
    assert np.max(np.abs(ahead)) < 1e-11 * max(np.max(np.abs(states)), 1.0)


@of_kind("map")
def test_maps_change_areas_as_their_tags_say(system: System) -> None:
    states = near_the_orbit(system)
    volume = np.abs(np.linalg.det(system.jacobian(states)))
    if "polar" in system.tags:  # areas are r dr dth
        volume *= system.rhs(states)[:, 0] / states[:, 0]
    if "conservative" in system.tags:
        assert np.max(np.abs(volume - 1)) < 1e-9
    else:
        assert "dissipative" in system.tags and np.ptp(volume) + abs(volume[0] - 1) > 1e-3


@pytest.mark.parametrize("name", ["BlinkingVortexMap", "BlinkingVortexMap.published"])
def test_the_stirred_point_moves_around_the_vortex(name: str) -> None:
    """Against the velocity of a vortex at b and its image behind the wall, integrated in the plane."""
    system = systems[name]
    a, b, gamma, duration = (system.parameters[key] for key in ("a", "b", "gamma", "duration"))

    def velocity(_: float, point: Any) -> Any:
        z = complex(*point)
        w = gamma / (2j * np.pi) * (1 / (z - b) - 1 / (z - a**2 / b))
        return w.real, -w.imag

    radius, angle = np.random.default_rng(8).uniform([[0.1], [-3.0]], [[0.95], [3.0]], (2, 12))
    states = np.stack([radius, angle], axis=-1)
    start = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    ends = [
        solve_ivp(velocity, (0, duration), point, method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]
        for point in start
    ]
    expected = np.array(ends) if name.endswith("published") else -np.array(ends)
    r, th = system.rhs(states).T
    np.testing.assert_allclose(np.stack([r * np.cos(th), r * np.sin(th)], axis=-1), expected, atol=1e-9)


@of_kind("map")
def test_a_million_iterates_stay_bounded(system: System) -> None:
    state, status = final_state(
        system, np.array([system.initial]), 1_000_000 if system.dimension < 8 else 10_000
    )
    assert status[0] == Status.OK and np.max(np.abs(state)) < 1e3


@pytest.mark.parametrize("published", COLLECTED_MAPS, ids=lambda s: s.system)
def test_exponents_of_maps_computed_elsewhere(published: MapSpectrum) -> None:
    system = systems[published.system].with_parameters(**published.parameters)
    spectrum = lyapunov_spectrum(system, periods=20_000)
    allowed = 3 * np.hypot(spectrum.standard_error, published.standard_error) + published.resolution
    assert (np.abs(spectrum.value - published.exponents) < allowed).all(), (spectrum.value, published)


@of_kind("delay")
def test_delay_equations_equal_a_second_transcription(system: System) -> None:
    equation, parameters, lag = DELAYS[system.name]
    random = np.random.default_rng(3)
    now, past = system.initial[0] + random.uniform(-1, 1, (2, 20, 1))
    published = system.variants.get("published", system)
    assert published.delays == (lag,)
    names = dict(vars(np)) | parameters | {"x": now, "past": past}
    expected = eval(equation, {}, names)
    error = np.abs(published.rhs(now, delayed=past) - expected)
    assert np.max(error) < 1e-13 * np.max(np.abs(expected))
    slope = published.jacobian(now, delayed=past)[:, 0]
    shifted = (published.rhs(now + 1e-5, delayed=past) - published.rhs(now - 1e-5, delayed=past)) / 2e-5
    np.testing.assert_allclose(slope, shifted, atol=1e-8 * np.max(np.abs(expected)))


@of_kind("delay")
def test_delay_equations_move_and_stay_bounded(system: System) -> None:
    run = integrate_delay(system, np.array([system.initial]), np.linspace(0, 20, 101) * system.period)
    assert run.status[0] == Status.OK and np.ptp(run.state[0, 50:]) > 0.1
    assert np.max(np.abs(run.state)) < 200


@of_kind("stochastic")
def test_stochastic_systems_move_and_stay_bounded(system: System) -> None:
    initial = np.array([system.initial, system.initial])
    run = integrate_stochastic(system, initial, np.linspace(0, 20, 101) * system.period, 1, [0, 1])
    assert (run.status == Status.OK).all()
    assert np.all(np.ptp(run.state, axis=1) > 0.1) and np.max(np.abs(run.state)) < 1e3
    assert np.max(np.abs(run.state[0, -1] - run.state[1, -1])) > 1e-3


@pytest.mark.parametrize("system", ALL.values(), ids=ALL)
def test_every_kind_pickles(system: System) -> None:
    assert pickle.loads(pickle.dumps(system)) == system
    for variant in system.variants.values():
        assert pickle.loads(pickle.dumps(variant)) == variant != system

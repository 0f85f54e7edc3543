"""What must hold for every system, checked for each the moment it is declared."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from chaosdata.equations import System
from chaosdata.equations.graph import evaluate
from chaosdata.systems import systems
from tests.equations.test_graph import assert_well_formed

every_system = pytest.mark.parametrize("system", systems.values(), ids=systems)


def near_the_attractor(system: System, count: int = 64) -> Any:
    """States of a short Runge-Kutta run from the initial state, each displaced a little."""
    random = np.random.default_rng(20)
    step = system.period / 4000
    x = np.array(system.initial)
    states = []
    for i in range(40 * count):
        k1 = system.rhs(x)
        k2 = system.rhs(x + step / 2 * k1)
        k3 = system.rhs(x + step / 2 * k2)
        x = x + step / 6 * (k1 + 2 * k2 + 2 * k3 + system.rhs(x + step * k3))
        if i % 40 == 0:
            states.append(x)
    states = np.array(states)
    return states * (1 + 1e-3 * random.uniform(-1, 1, states.shape))


@every_system
def test_the_graph_is_the_declared_function(system: System) -> None:
    states = near_the_attractor(system)
    graph = system.graph(divergence=True)
    assert_well_formed(graph)
    assert_well_formed(system.graph())
    computed = evaluate(graph, states)
    expected = np.concatenate([system.rhs(states), system.divergence(states)[:, None]], axis=1)
    scale = np.max(np.abs(system.jacobian(states)), axis=(1, 2)) * np.max(np.abs(states), axis=1) + 1e-3
    error = np.abs(computed - expected) / np.maximum(np.max(np.abs(expected), axis=0), scale[:, None])
    assert np.max(error) < 1e-13


@every_system
def test_the_jacobian_is_the_derivative(system: System) -> None:
    """By complex steps: (Im f(x + i h e) / h) is exact to rounding for an analytic f."""
    states = near_the_attractor(system)
    jacobian = system.jacobian(states)
    h = 1e-30
    for j in range(system.dimension):
        shifted = states.astype(complex)
        shifted[:, j] += 1j * h
        column = system.rhs(shifted).imag / h
        scale = np.max(np.abs(jacobian), axis=(0, 2)) + 1e-300
        assert np.max(np.abs(jacobian[:, :, j] - column) / scale) < 1e-12


@every_system
def test_the_divergence_is_the_trace(system: System) -> None:
    states = near_the_attractor(system)
    jacobian = system.jacobian(states)
    trace = np.trace(jacobian, axis1=-2, axis2=-1)
    scale = np.max(np.abs(np.diagonal(jacobian, axis1=-2, axis2=-1))) + 1.0
    np.testing.assert_allclose(system.divergence(states), trace, rtol=0, atol=1e-13 * scale)


@every_system
def test_a_conservative_flow_has_no_divergence_and_a_dissipative_one_contracts(system: System) -> None:
    mean = np.mean(system.divergence(near_the_attractor(system)))
    assert {"conservative", "dissipative"} & system.tags
    if "conservative" in system.tags:
        assert abs(mean) < 1e-12
    else:
        assert mean < 0


@every_system
def test_an_angle_may_turn_once(system: System) -> None:
    states = near_the_attractor(system, 8)
    for angle in system.angles:
        turned = states.copy()
        turned[:, system.components.index(angle)] += 2 * np.pi
        np.testing.assert_allclose(system.rhs(turned), system.rhs(states), rtol=1e-12, atol=1e-12)


@every_system
def test_the_run_from_the_initial_state_stays_bounded_and_moves(system: System) -> None:
    states = near_the_attractor(system)
    assert np.all(np.isfinite(states))
    assert np.max(np.abs(system.rhs(states[-1]))) > 0


@every_system
def test_pickles_are_equal(system: System) -> None:
    assert pickle.loads(pickle.dumps(system)) == system
    if system.parameters:
        name, value = next(iter(system.parameters.items()))
        if not isinstance(value, tuple):
            other = system.with_parameters(**{name: value + 1})
            assert pickle.loads(pickle.dumps(other)) == other != system


@every_system
def test_the_text_of_the_equations_is_the_function(system: System) -> None:
    """The printed equations, read by Python, give the right-hand side."""
    names: dict[str, Any] = {
        name: getattr(np, name) for name in ("sin", "cos", "exp", "log", "sqrt", "tanh", "pi")
    }
    for name, value in system.parameters.items():
        names |= {name + suffix: entry for suffix, entry in _entries(value)}
    states = near_the_attractor(system, 4)
    for state, slope in zip(states, system.rhs(states), strict=True):
        names |= dict(zip(system.components, state, strict=True))
        values = [eval(equation.split(" = ")[1], {}, names) for equation in system.equations()]
        np.testing.assert_allclose(values, slope, rtol=1e-13, atol=1e-13)


def _entries(value: Any) -> list[tuple[str, float]]:
    if not isinstance(value, tuple):
        return [("", value)]
    return [(f"_{i}{rest}", entry) for i, part in enumerate(value, 1) for rest, entry in _entries(part)]

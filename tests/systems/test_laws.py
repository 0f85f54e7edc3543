"""What must hold for every system, checked for each the moment it is declared."""

from __future__ import annotations

import pickle
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from chaosdata.equations import System, functions
from chaosdata.equations.graph import evaluate
from chaosdata.integrate.flow import integrate
from chaosdata.systems import systems
from tests.equations.test_graph import assert_well_formed

FLOWS = [
    flow
    for system in systems.values()
    if system.kind == "flow"
    for flow in (system, *system.variants.values())
]
every_system = pytest.mark.parametrize("system", systems.values(), ids=systems)
every_flow = pytest.mark.parametrize("system", FLOWS, ids=[flow.name for flow in FLOWS])


@cache
def near_the_attractor(system: System, count: int = 64) -> Any:
    """States (count, d) of a run over three periods from the initial state, each displaced a little."""
    random = np.random.default_rng(20)
    end = 3 * system.period
    initial = np.array(system.initial)
    with np.errstate(invalid="ignore"):  # a step that is tried and refused may leave the domain of a root
        run = solve_ivp(
            lambda t, x: system.rhs(x, t),
            (0.0, end),
            initial,
            method="DOP853",
            t_eval=np.linspace(0.0, end, count),
            rtol=1e-7,
            max_step=system.period / 20,
            atol=1e-9 * np.max(np.abs(initial)),
        )
    states = run.y.T * (1 + 1e-3 * random.uniform(-1, 1, (count, system.dimension)))
    states.flags.writeable = False
    return states


@every_flow
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


@every_flow
def test_the_jacobian_is_the_derivative(system: System) -> None:
    """By complex steps: (Im f(x + i h e) / h) is exact to rounding for an analytic f.

    Where there are kinks, by central differences at states that are no closer to one than the step.
    """
    states = near_the_attractor(system)
    jacobian = system.jacobian(states)
    analytic = system.graph().analytic
    size = np.max(np.abs(states), axis=0)
    for j in range(system.dimension):
        scale = np.max(np.abs(jacobian), axis=(0, 2)) + 1e-300
        if analytic:
            shifted = states.astype(complex)
            shifted[:, j] += 1j * 1e-30
            column, tolerance, few = system.rhs(shifted).imag / 1e-30, 1e-12, 0
        else:
            h = 1e-6 * size[j] * np.eye(system.dimension)[j]
            column, tolerance, few = (system.rhs(states + h) - system.rhs(states - h)) / (2 * h[j]), 1e-6, 2
        wrong = np.max(np.abs(jacobian[:, :, j] - column) / scale, axis=1) > tolerance
        assert np.count_nonzero(wrong) <= few


@every_flow
def test_the_divergence_is_the_trace(system: System) -> None:
    states = near_the_attractor(system)
    jacobian = system.jacobian(states)
    trace = np.trace(jacobian, axis1=-2, axis2=-1)
    scale = np.max(np.abs(np.diagonal(jacobian, axis1=-2, axis2=-1))) + 1.0
    np.testing.assert_allclose(system.divergence(states), trace, rtol=0, atol=1e-13 * scale)


@pytest.mark.parametrize(
    "system", [flow for flow in FLOWS if "hamiltonian" in flow.tags], ids=lambda s: s.name
)
def test_a_hamiltonian_flow_has_the_derivatives_of_one_function(system: System) -> None:
    """The Jacobian, its halves exchanged and one of them negated, is the symmetric matrix of H."""
    half = system.dimension // 2  # a last component of odd dimensions is the phase of a drive
    jacobian = system.jacobian(near_the_attractor(system))
    hessian = np.concatenate([-jacobian[:, half : 2 * half], jacobian[:, :half]], axis=1)[..., : 2 * half]
    asymmetry = np.max(np.abs(hessian - np.swapaxes(hessian, 1, 2))) / np.max(np.abs(hessian))
    if system.name == "DoublePendulum.published":
        assert asymmetry > 0.01  # which is what is wrong with it
    else:
        assert asymmetry < 1e-13


@pytest.mark.parametrize("system", [s for s in FLOWS if not s.origin.variant], ids=lambda s: s.name)
def test_volume_shrinks_unless_a_system_says_otherwise(system: System) -> None:
    states = near_the_attractor(system)
    kinds = {"conservative", "dissipative", "reversible"} & system.tags
    if "conservative" in kinds:
        size = np.max(np.abs(np.diagonal(system.jacobian(states), axis1=1, axis2=2)))
        assert np.max(np.abs(_divergence(system, states))) <= 1e-12 * size
    if "reversible" in kinds:
        # Some change of signs turns the flow into the same flow with time reversed.
        slopes = system.rhs(states)
        scale = np.max(np.abs(slopes), axis=0)
        mirrors = [np.array(signs) for signs in product((1, -1), repeat=system.dimension)]
        assert min(np.max(np.abs(system.rhs(m * states) + m * slopes) / scale) for m in mirrors) < 1e-12
    # Where the right-hand side jumps, volume shrinks at the jump, and the divergence does not see it.
    if kinds == {"dissipative"} and "sign" not in system.graph().counts:
        assert np.nanmean(_typical_divergence(system)) < 0
    if not kinds:
        divergence = _typical_divergence(system)
        assert abs(np.mean(divergence)) < 0.05 * np.mean(np.abs(divergence))


def _divergence(system: System, states: Any) -> Any:
    """Of the flow in the plane, where r and th are polar coordinates."""
    divergence = system.divergence(states)
    if "polar" in system.tags:
        radius = system.components.index("r")
        divergence = divergence + system.rhs(states)[:, radius] / states[:, radius]
    return divergence


def _typical_divergence(system: System) -> Any:
    """Along sixteen trajectories of forty periods, where it is not the same everywhere."""
    states = near_the_attractor(system)
    divergence = system.divergence(states)
    if np.ptp(divergence) == 0:
        return divergence
    start = states[::4] * (1 + 1e-6 * np.arange(16)[:, None])
    run = integrate(system, start, np.linspace(0.0, 40.0, 401) * system.period, tolerance=1e-8)
    return system.divergence(run.state)


@every_flow
def test_an_angle_or_a_clock_may_turn_once(system: System) -> None:
    states = near_the_attractor(system)
    for component in system.angles | set(system.clocks):
        turned = states.copy()
        turned[:, system.components.index(component)] += system.turn(component)
        scale = np.max(np.abs(system.jacobian(states)))
        np.testing.assert_allclose(system.rhs(turned), system.rhs(states), rtol=0, atol=1e-12 * (1 + scale))


@every_flow
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


@every_flow
def test_the_text_of_the_equations_is_the_function(system: System) -> None:
    """The printed equations, read by Python, give the right-hand side."""
    names: dict[str, Any] = {name: getattr(functions, name) for name in functions.__all__}
    for name, value in system.parameters.items():
        names |= {name + suffix: entry for suffix, entry in _entries(value)}
    states = near_the_attractor(system)[::16]
    for state, slope in zip(states, system.rhs(states), strict=True):
        names |= {"t": 0.0} | dict(zip(system.components, state, strict=True))
        values = [eval(equation.split(" = ")[1], {}, names) for equation in system.equations()]
        np.testing.assert_allclose(values, slope, rtol=1e-13, atol=1e-13)


def _entries(value: Any) -> list[tuple[str, float]]:
    if not isinstance(value, tuple):
        return [("", value)]
    return [(f"_{i}{rest}", entry) for i, part in enumerate(value, 1) for rest, entry in _entries(part)]

"""Right-hand sides made of smooth pieces: full accuracy across kinks and jumps, and their tangent vectors."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.equations.declare import flow
from chaosdata.equations.functions import abs, cos, exp, floor, heaviside, maximum, minimum, sign, sin, where
from chaosdata.equations.system import System
from chaosdata.integrate import driver
from chaosdata.integrate.flow import final_state, integrate
from chaosdata.integrate.tangent import tangent_growth
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.lower import lowered
from chaosdata.kernels.taylor import FULL_ACCURACY, Kernel, flow_kernel, flow_module
from chaosdata.systems import systems
from chaosdata.types import Status
from tests.integrate.pieces import extended_pieces
from tests.kernels.targets import runnable_cpus

_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."


@flow(initial=(0.5, 0.0), period=4.0, reference=_PAPER, tags={"test"})
def Bang(x, v):
    """A constant force towards the middle, as a relay gives it."""
    return v, -sign(x)


@flow(initial=(0.3, 0.0, 0.0, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def Ramp(x, staircase, hinge, valley):
    """Quadratures along x = t, each with a closed form."""
    return 1, floor(x), maximum(x, 0), minimum(x**2, 2 - x, 1)


@flow(initial=(0.7, 0.2, -0.3), period=2.3, reference=_PAPER, tags={"test"})
def DoubleScroll(x, y, z, *, alpha=15.6, beta=28.0, m0=-1.142857, m1=-0.71429):
    """Chua's circuit."""
    diode = m1 * x + (m0 - m1) * (abs(x + 1) - abs(x - 1)) / 2
    return alpha * (y - x - diode), x - y + z, -beta * y


@flow(initial=(-1.34, -0.21, 0.33), period=6.6, reference=_PAPER, tags={"test"})
def Relay(x, y, z, *, push=0.0):
    """A damping whose sign follows z, and with ``push`` a surface that z crosses at another speed."""
    return y, -x - y * sign(z), y**2 - exp(-(x**2)) + push * sign(z)


@flow(initial=(-0.66, -2.9), period=5.2, reference=_PAPER, tags={"test"})
def Trampoline(t, x, y, *, gamma=1.82, psi=0.3, w=1.21):
    """A ball on a soap film that pulls only from below and damps there."""
    return y, -1 - heaviside(-x) * (x + psi * y * abs(y)) + gamma * cos(w * t)


@flow(initial=(0.2, 0.1), period=2 * np.pi, reference=_PAPER, tags={"test"})
def TwoSprings(x, v, *, soft=1.0, stiff=4.0):
    """Half an oscillation on each of two springs."""
    return v, where(x > 0, -soft * x, -stiff * x)


@flow(initial=(0.25, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def Hidden(x, y):
    """x and 1 - x cross above the least operand."""
    return 1, minimum(x, 1 - x, -2)


@flow(initial=(0.0, 0.0, 0.0, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def Pulses(x, pulses, clipped, window):
    """Along x = t, which has steps of any size, functions that switch much faster."""
    return (
        1,
        where(sin(50 * x) > 0.99, 1, 0),
        minimum(0.5, 1 + sin(50 * x)),
        heaviside(1 / (1 + 1000 * (x - 1.1) ** 2) - 0.5),
    )


@flow(initial=(-0.5, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def Pole(x, y):
    """At x = 0 the operand that does not matter becomes the least, by a jump to minus infinity."""
    return 1, minimum(1, -1 / x)


_CHAOTIC = [DoubleScroll, Relay, Relay.variant("Pushed", push=0.05), Trampoline]
_PIECEWISE = [
    system
    for system in systems.values()
    if system.kind == "flow" and system.dimension <= 5 and not system.graph().analytic
]


def _states(system: System, count: int) -> np.ndarray:
    """States along one trajectory; times are whole periods, so that a driven system starts in phase."""
    time = np.arange(count + 3) * 3.7 * system.period if system.autonomous else np.zeros(1)
    solution = integrate(system, [system.initial], time)
    assert solution.status[0] == Status.OK
    if not system.autonomous:
        return np.array(system.initial) + 0.1 * np.arange(count)[:, None]
    return solution.state[0, 3:]


def test_a_jump_in_closed_form() -> None:
    time = np.linspace(0.0, 100.0, 5001)
    state = integrate(Bang, [[0.5, 0.0], [0.0, 1.0], [0.0, -1.0], [-0.5, 0.0]], time).state
    phase = np.mod(time + np.array([[1.0], [0.0], [2.0], [3.0]]), 4.0)
    exact = np.where(phase < 2, phase - phase**2 / 2, -(phase - 2) + (phase - 2) ** 2 / 2)
    np.testing.assert_allclose(state[:, :, 0], exact, atol=2e-14)


def test_every_kind_in_closed_form() -> None:
    end = 20.0
    start = np.array([[-3.0, 0, 0, 0], [0.0, 0, 0, 0], [0.3, 0, 0, 0]])
    state = integrate(Ramp, start, np.linspace(0.0, end, 301)).state[:, -1]

    def stairs(x: np.ndarray) -> np.ndarray:
        n = np.floor(x)
        return n * (n - 1) / 2 + n * (x - n)

    def lowest(x: np.ndarray) -> np.ndarray:
        return np.where(x < -1, x + 2 / 3, np.where(x < 1, x**3 / 3, 1 / 3 + (x - 1) * (3 - x) / 2))

    x = start[:, 0]
    np.testing.assert_allclose(state[:, 1], stairs(x + end) - stairs(x), atol=2e-13)
    np.testing.assert_allclose(
        state[:, 2], (x + end) ** 2 / 2 - np.maximum(x, 0) ** 2 / 2 * (x > 0), atol=2e-13
    )
    np.testing.assert_allclose(state[:, 3], lowest(x + end) - lowest(x), atol=2e-13)


def test_a_kink_in_closed_form() -> None:
    """The period is pi (1 + 1/2), and the amplitudes are as one to two."""
    time = np.linspace(0.0, 150 * np.pi, 301)
    state = integrate(TwoSprings, [[0.0, 1.0]], time).state[0]
    phase = np.mod(time, 1.5 * np.pi)
    exact = np.where(phase < np.pi, np.sin(phase), -0.5 * np.sin(2 * (phase - np.pi)))
    np.testing.assert_allclose(state[:, 0], exact, atol=3e-13)


@pytest.mark.parametrize("tolerance", [1e-6, None])
def test_switches_that_the_state_knows_nothing_of(tolerance: float | None) -> None:
    """Fifty periods of the sine."""
    end = 2 * np.pi
    solution = integrate(Pulses, [Pulses.initial], [0.0, end], tolerance, max_steps=3000)
    assert solution.status[0] == Status.OK
    pulses = np.pi - 2 * np.arcsin(0.99)
    clipped = np.pi - (np.sqrt(3) - np.pi / 3)
    exact = [end, pulses, clipped, 2 / np.sqrt(1000)]
    np.testing.assert_allclose(solution.state[0, 1], exact, atol=10 * (tolerance or 1e-13))


def test_a_pole_behind_a_switch_is_not_stepped_over() -> None:
    time = np.linspace(0.0, 1.0, 11)
    solution = integrate(Pole, [[-0.5, 0.0], [0.5, 0.0]], time, max_steps=300)
    assert solution.status.tolist() == [Status.STEP_UNDERFLOW, Status.OK]
    np.testing.assert_allclose(solution.state[0, :5, 1], time[:5], atol=1e-15)
    np.testing.assert_allclose(solution.state[1, :, 1], -np.log(1 + 2 * time), atol=1e-14)
    plankton = systems["MacArthur"]
    grid = np.linspace(0.0, plankton.period, 3)
    for factor in (-50, -5):  # nutrients that pass the poles of their saturation
        solution = integrate(plankton, [factor * np.array(plankton.initial)], grid, max_steps=300)
        assert solution.status[0] == Status.STEP_UNDERFLOW


@pytest.mark.parametrize("system", _CHAOTIC, ids=lambda system: system.name)
def test_full_accuracy_against_80_bits(system: System) -> None:
    end, crossings = 0.6 * system.period, 0
    for start in _states(system, 2):
        expected, crossed = extended_pieces(system, start, end)
        crossings += crossed
        state, status = final_state(system, [start], end)
        assert status[0] == Status.OK
        np.testing.assert_allclose(state[0], expected.astype(float), rtol=2e-13, atol=2e-13)
    assert crossings > 0


def test_a_start_on_the_surface_takes_the_side_that_it_enters() -> None:
    """At x = 0 the velocity decides; where the surface holds the whole orbit, sign is 0."""
    time = np.linspace(0.0, 0.5, 6)
    state = integrate(Bang, [[0.0, 1.0], [0.0, -1.0], [1e-18, -1.0], [0.0, 0.0]], time).state[:, :, 0]
    np.testing.assert_allclose(state[0], time - time**2 / 2, atol=1e-16)
    np.testing.assert_allclose(state[1:3], [-(time - time**2 / 2)] * 2, atol=1e-16)
    assert (state[3] == 0).all()


@pytest.mark.parametrize("system", [DoubleScroll, Relay, Trampoline, Pulses], ids=lambda system: system.name)
def test_bits_depend_on_nothing_else(system: System) -> None:
    start = _states(system, 11)
    time = np.arange(60) * (system.period / 12)
    graph = system.graph()
    ir, memory = flow_module(graph, FULL_ACCURACY)

    def run(kernel: Kernel, initial: np.ndarray) -> np.ndarray:
        out = np.empty((len(initial), len(time), system.dimension))
        stop = np.full(len(initial), time[-1])
        _, status, _ = driver.run(kernel, initial, 0.0, stop, time, out, FULL_ACCURACY, 10**6)
        assert (status == 0).all()
        return out

    here = run(flow_kernel(graph, FULL_ACCURACY), start)
    for some in (np.array([7, 2, 9]), np.arange(11)[::-1]):
        part = run(flow_kernel(graph, FULL_ACCURACY), np.ascontiguousarray(start[some]))
        assert part.tobytes() == here[some].tobytes()
    for cpu in runnable_cpus():
        functions = compiler.link(compiler.compile_object(ir, cpu), ("step", "dense"))
        there = run(Kernel(functions["step"], functions["dense"], memory), start)
        assert there.tobytes() == here.tobytes(), cpu


def test_nested_minima_are_one_operation() -> None:
    """A step need not end where two operands cross of which neither is the least."""
    graph = lowered(Ramp.graph())
    assert [len(o.operands) for o in graph.operations if o.kind == "minimum"] == [3]
    crossing = integrate(Hidden, [[0.25, 0.0]], [0.0, 0.5])
    assert crossing.steps[0] == 1 and crossing.state[0, -1, 1] == pytest.approx(-1.0, abs=1e-15)


def test_an_analytic_system_pays_nothing() -> None:
    graph = systems["Lorenz"].graph()
    assert graph.analytic and lowered(graph) is graph
    assert "first_root" not in flow_module(graph, FULL_ACCURACY)[0]


@pytest.mark.parametrize("system", [*_CHAOTIC, *_PIECEWISE], ids=lambda system: system.name)
def test_tangents_are_differences_of_trajectories(system: System) -> None:
    start = np.array(system.initial) if not system.autonomous else _states(system, 1)[0]
    end, d, step = 0.3 * system.period, system.dimension, 1e-6
    near = np.concatenate([start + step * np.eye(d), start - step * np.eye(d)])
    states, status = final_state(system, near, end)
    assert (status == 0).all()
    fundamental = (states[:d] - states[d:]).T / (2 * step)
    expected = np.log(np.abs(np.diag(np.linalg.qr(fundamental)[1])))
    found = tangent_growth(system, [start], [end])
    seen = expected > -12  # a smaller direction drowns in the rounding of the differences
    np.testing.assert_allclose(found.log_length[0, 0][seen], expected[seen], atol=1e-5)


@pytest.mark.parametrize("system", _CHAOTIC, ids=lambda system: system.name)
def test_volumes_jump_with_the_flow(system: System) -> None:
    start = _states(system, 3)
    growth = tangent_growth(system, start, np.array([1.0, 10.0]) * system.period, tolerance=1e-12)
    assert (growth.status == 0).all()
    np.testing.assert_allclose(growth.log_length.sum(axis=2), growth.divergence, rtol=1e-9, atol=1e-8)

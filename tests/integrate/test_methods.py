"""Every method on the classical test problems, on failures beside healthy lanes, and on jumps."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.equations.declare import flow
from chaosdata.equations.functions import atan2, sin, where
from chaosdata.errors import ArgumentError
from chaosdata.integrate.flow import final_state, integrate
from chaosdata.kernels.taylor import FULL_ACCURACY
from chaosdata.systems import systems
from chaosdata.types import Status
from tests.integrate.detest import END, PROBLEMS
from tests.integrate.extended import extended_solution
from tests.integrate.test_flow import Explosion, Growth, Logarithm

RUNGE_KUTTA = ("tsit5", "dop853")
METHODS = ("taylor", *RUNGE_KUTTA)
_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."


@pytest.mark.parametrize("name", PROBLEMS)
def test_errors_follow_the_tolerance(name: str) -> None:
    """The error at the end is that of the steps, as far as the problem carries it on."""
    system, grid = PROBLEMS[name], np.linspace(0, END, 21)
    expected = extended_solution(system, np.array([system.initial]), END)[0]
    scale = np.abs(integrate(system, [system.initial], grid).state[0]).max(axis=0)
    for method in METHODS:
        before = 0
        for tolerance in (1e-4, 1e-8, None) if method == "taylor" else (1e-4, 1e-6, 1e-8, 1e-10, 1e-12, None):
            solution = integrate(system, [system.initial], grid, tolerance, method)
            error = float((np.abs(solution.state[0, -1] - expected) / scale).max())
            assert error < 300 * (tolerance or FULL_ACCURACY), (method, tolerance, error)
            assert method == "taylor" or before < solution.steps[0]
            before = solution.steps[0]


@pytest.mark.parametrize("method", RUNGE_KUTTA)
@pytest.mark.parametrize("tolerance", [1e-4, 1e-9, None])
def test_samples_on_the_way_are_as_good_as_the_end(method: str, tolerance: float | None) -> None:
    """Dense output of a lower order than the method, of a step which that order does not choose."""
    system = PROBLEMS["D3"]
    grid = np.linspace(0, 6, 601)
    exact = integrate(system, [system.initial], grid).state
    rough = integrate(system, [system.initial], grid, tolerance, method).state
    assert np.abs(rough - exact).max() < max(2e3 * (tolerance or 0.0), 2e-11)


@pytest.mark.parametrize("method", RUNGE_KUTTA)
@pytest.mark.parametrize("name", ["Lorenz", "Thomas", "HyperRossler"])
def test_bits_do_not_depend_on_the_batch(name: str, method: str) -> None:
    system = systems[name]
    rng = np.random.default_rng(1)
    start, _ = final_state(
        system, np.array(system.initial) * (1 + 1e-3 * rng.random((21, system.dimension))), 5 * system.period
    )
    time = np.sort(rng.uniform(0, 6 * system.period, 148))
    whole = integrate(system, start, time, 1e-7, method)
    assert (whole.status == Status.OK).all()
    order = rng.permutation(len(start))[:13]
    part = integrate(system, start[order], time, 1e-7, method)
    assert part.state.tobytes() == whole.state[order].tobytes()
    assert part.steps.tolist() == whole.steps[order].tolist()
    one = integrate(system, start[20:], time, 1e-7, method)
    assert one.state[0].tobytes() == whole.state[20].tobytes()
    coarse = integrate(system, start, time[::7], 1e-7, method)
    assert coarse.state.tobytes() == np.ascontiguousarray(whole.state[:, ::7]).tobytes()


@pytest.mark.parametrize("method", RUNGE_KUTTA)
def test_trajectories_of_different_lengths_do_not_mix(method: str) -> None:
    system = systems["Lorenz"]
    durations = np.random.default_rng(4).uniform(0, 9, 40)
    durations[7] = 0.0
    start = [system.initial] * len(durations)
    together, status = final_state(system, start, durations, 1e-6, method)
    assert (status == Status.OK).all()
    order = np.argsort(durations)
    sorted_, _ = final_state(system, start, durations[order], 1e-6, method)
    assert sorted_.tobytes() == together[order].tobytes()


@pytest.mark.parametrize("method", RUNGE_KUTTA)
@pytest.mark.parametrize(
    ("system", "good", "start", "status"),
    [
        (Explosion, -1.0, 1.0, Status.STEP_UNDERFLOW),
        (Growth, -1e-300, 1.0, Status.OVERFLOW),
        (Logarithm, 2.5, -1.0, Status.NOT_FINITE),
        (Logarithm, 2.5, 1.0, Status.NOT_FINITE),
        (Logarithm, 2.5, 1.5, Status.STEP_UNDERFLOW),
    ],
)
def test_a_failure_leaves_its_neighbours_alone(system, good, start, status, method: str) -> None:
    time = np.linspace(0.0, 100.0, 401)
    alone = integrate(system, [[good]] * 3, time, None, method)
    mixed = integrate(system, [[good], [start], [good]], time, None, method)
    assert mixed.status.tolist() == [Status.OK, status, Status.OK]
    assert mixed.state[[0, 2]].tobytes() == alone.state[[0, 2]].tobytes()
    failed = np.isnan(mixed.state[1, :, 0])
    first = int(np.argmax(failed))
    assert first > 0 and failed[first:].all() and np.isfinite(mixed.state[1, :first]).all()


def test_a_terminal_surface_needs_the_series() -> None:
    system = systems["Lorenz"]
    with pytest.raises(ArgumentError, match="'tsit5' finds no terminal surface"):
        integrate(system, [system.initial], [0.0, 1.0], None, "tsit5", terminal=lambda x, y, z: x)


@pytest.mark.parametrize("method", RUNGE_KUTTA)
def test_step_limit(method: str) -> None:
    system = systems["Lorenz"]
    solution = integrate(system, [system.initial] * 2, np.linspace(0, 50, 11), 1e-8, method, max_steps=30)
    assert (solution.status == Status.STEP_LIMIT).all() and (solution.steps <= 30).all()
    assert np.isnan(solution.state[:, -1]).all() and np.isfinite(solution.state[:, 0]).all()


@flow(initial=(1.0, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def Bouncing(x, y):
    """A mass between two different springs: half periods of pi and pi/2."""
    return (y, where(x > 0, -x, -4 * x))


@flow(initial=(1.0,), period=1.0, reference=_PAPER, tags={"test"})
def Steps(t, x):
    """A slope that jumps when x passes 2."""
    return (where(x > 2, 0.25, 1.0) + 0 * t,)


@flow(initial=(0.5, 0.1), period=1.0, reference=_PAPER, tags={"test"})
def Angle(x, y):
    """A function without a Taylor recurrence: the angle grows at the rate 1 + sin(angle)/2 on a circle."""
    return (-y * (1 + atan2(y, x) / 8), x * (1 + atan2(y, x) / 8))


@flow(initial=(1.0, 0.0), period=2 * np.pi, reference=_PAPER, tags={"test"})
def Driven(t, x, v):
    """An oscillator that is pushed twice in its period."""
    return (v, sin(2 * t) - x)


@flow(initial=(1.0, 0.0, 0.0), period=2 * np.pi, reference=_PAPER, tags={"test"})
def Chain(t, x, y, z):
    """Sums of sums of a sine."""
    return (y, z, sin(t))


def _driven(start: float, time: np.ndarray) -> np.ndarray:
    """Driven's motion from rest at ``start``."""
    s = time - start
    return (np.sin(2 * start) * np.cos(s) + 2 * np.cos(2 * start) * np.sin(s) - np.sin(2 * time)) / 3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("tolerance", [1e-6, 1e-10, None])
@pytest.mark.parametrize("start", [0.0, np.pi, -100.0, 1e5])
def test_a_driven_start_at_the_origin(start: float, tolerance: float | None, method: str) -> None:
    """No component gives a scale there, and times far from zero are rounded."""
    time = start + np.linspace(0.0, 10.0, 11)
    rounding = 2.0**-52 * abs(start)
    solution = integrate(Driven, [[0.0, 0.0]] * 2, time, tolerance, method, max_steps=20_000)
    assert (solution.status == Status.OK).all()
    error = np.abs(solution.state[:, :, 0] - _driven(start, time)).max()
    assert error < 100 * ((tolerance or FULL_ACCURACY) + rounding)
    solution = integrate(Chain, [[0.0, 0.0, 0.0]], time, tolerance, method, max_steps=20_000)
    s = time - start
    exact = np.cos(time) - np.cos(start) + s * np.sin(start) + s * s / 2 * np.cos(start)
    assert solution.status[0] == Status.OK
    assert np.abs(solution.state[0, :, 0] - exact).max() < 1e3 * ((tolerance or FULL_ACCURACY) + rounding)


@pytest.mark.parametrize("method", RUNGE_KUTTA)
@pytest.mark.parametrize("size", [0.0, 1e-200, 1e-30])
def test_a_start_near_the_origin_at_any_time(size: float, method: str) -> None:
    system = systems["Rossler"]
    for tolerance in (1e-6, None):
        states = []
        for start in (0.0, 1e4):
            time = start + np.linspace(0.0, 3.0, 4)
            solution = integrate(system, [[size] * 3], time, tolerance, method, max_steps=30_000)
            assert solution.status[0] == Status.OK
            states.append(solution.state)
        np.testing.assert_allclose(*states, atol=1e3 * (tolerance or FULL_ACCURACY))


@pytest.mark.parametrize(("method", "steps"), [("tsit5", 6000), ("dop853", 400)])
def test_rounding_of_the_time_is_not_the_methods_error(method: str, steps: int) -> None:
    """Far from time zero it is larger than what full accuracy allows, whatever the step."""
    for start in (0.0, 1e3, 1e5):
        time = start + np.linspace(0.0, 10.0, 11)
        solution = integrate(Driven, [[1.0, 0.0]], time, None, method, max_steps=50_000)
        exact = _driven(start, time) + np.cos(time - start)
        assert solution.status[0] == Status.OK and solution.steps[0] < steps
        assert np.abs(solution.state[0, :, 0] - exact).max() < 1e-14 + 100 * 2.0**-52 * start


@pytest.mark.parametrize("method", RUNGE_KUTTA)
@pytest.mark.parametrize("tolerance", [1e-5, 1e-10, None])
def test_kinks_and_jumps_are_passed(method: str, tolerance: float | None) -> None:
    """The first turns back after pi + pi/2 in the same state; the second keeps a corner to the last bits."""
    goal = tolerance or FULL_ACCURACY
    final, status = final_state(Bouncing, [Bouncing.initial], 1.5 * np.pi * 4, tolerance, method)
    assert status[0] == Status.OK
    assert np.abs(final[0] - [1.0, 0.0]).max() < max(1e3 * goal, 1e-11)
    final, status = final_state(Steps, [Steps.initial], 3.0, tolerance, method)
    assert status[0] == Status.OK
    assert abs(final[0, 0] - 2.5) < max(100 * goal, 1e-13)


@pytest.mark.parametrize("method", [*RUNGE_KUTTA, "auto"])
def test_operations_without_a_taylor_series(method: str) -> None:
    start = np.array(Angle.initial)
    final, status = final_state(Angle, [start], 1.5, 1e-12, method)
    # The angle obeys a' = 1 + a/8.
    angle = (np.arctan2(start[1], start[0]) + 8) * np.exp(1.5 / 8) - 8
    expected = np.hypot(*start) * np.array([np.cos(angle), np.sin(angle)])
    assert status[0] == Status.OK
    np.testing.assert_allclose(final[0], expected, atol=1e-11)
    with pytest.raises(ArgumentError, match="Angle uses acos or atan2: choose 'dop853'"):
        final_state(Angle, [start], 1.5, 1e-12, "taylor")

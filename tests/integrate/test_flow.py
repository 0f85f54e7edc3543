"""Trajectories of flows: closed forms, failures that stay in their row, bits that depend on nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.equations.declare import flow
from chaosdata.equations.functions import atan, cos, cosh, exp, log, sin, sinh, sqrt, tan, tanh
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.flow import final_state, integrate
from chaosdata.systems import systems
from chaosdata.types import Status
from tests.references import LYAPUNOV_TIMES

_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."


@flow(initial=(1.0, 0.0), period=2 * np.pi, reference=_PAPER, tags={"test"})
def Oscillator(x, y):
    """A harmonic oscillator."""
    return (y, -x)


@flow(initial=(1.0,), period=1.0, reference=_PAPER, tags={"test"})
def Explosion(x):
    """Reaches infinity at time 1/x."""
    return (x**2,)


@flow(initial=(1.0,), period=1.0, reference=_PAPER, tags={"test"})
def Growth(x):
    """Grows without end."""
    return (5 * x,)


@flow(initial=(3.0,), period=1.0, reference=_PAPER, tags={"test"})
def Logarithm(x):
    """Has no right-hand side below one."""
    return (log(x - 1),)


@flow(initial=(1.0, 2.0, 1.0), period=1.0, reference=_PAPER, tags={"test"})
def EveryOperation(t, x, y, z):
    """All elementary operations at once, with time."""
    return (
        sin(t * y) + 0.1 * exp(-(x**2)),
        tanh(x * y) / (1 + z**2) - 0.3 * y,
        sqrt(1 + x**2) - log(2 + z**2) + (1 + y**2) ** 1.3 - z * cos(x) - z,
    )


@flow(initial=(0.4, -0.7, 0.9), period=1.0, reference=_PAPER, tags={"test"})
def OtherOperations(t, x, y, z):
    """The functions that few systems use."""
    return (
        tan(0.6 * sin(x + t)) - 0.5 * x,
        0.2 * sinh(x) - y * cosh(0.3 * y * z) + atan(z + 0.1 * t),
        atan(x * y) - tan(0.3 * cos(z)) - 0.4 * z,
    )


@flow(initial=(0.0, 1.0), period=1.0, reference=_PAPER, tags={"test"})
def Diode(x, y):
    """A current that is nothing at first and everything in the end."""
    return (1.0, 1e-9 * sinh(40 * x))


@flow(initial=(-0.43, 1.0), period=1.0, reference=_PAPER, tags={"test"})
def SmoothSwitch(x, y, *, sharpness=1e6):
    """A slope that turns from -pi/2 to pi/2 when x passes zero."""
    return (1.0, atan(sharpness * x))


def test_closed_form_over_many_periods() -> None:
    time = np.linspace(0.0, 2000.0, 4001)
    solution = integrate(Oscillator, [[1.0, 0.0], [0.0, 2.0]], time)
    assert (solution.status == Status.OK).all()
    np.testing.assert_allclose(solution.state[0, :, 0], np.cos(time), atol=2e-13)
    np.testing.assert_allclose(solution.state[1, :, 1], 2 * np.cos(time), atol=4e-13)


@pytest.mark.parametrize("system", [EveryOperation, OtherOperations], ids=str)
def test_every_operation_against_another_integrator(system: System) -> None:
    from scipy.integrate import solve_ivp

    end = 10.0
    expected = solve_ivp(
        lambda t, y: system.rhs(y, t),
        (0, end),
        system.initial,
        method="DOP853",
        rtol=1e-13,
        atol=1e-13,
    ).y[:, -1]
    solution = integrate(system, [system.initial], np.linspace(0, end, 1001))
    np.testing.assert_allclose(solution.state[0, -1], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
def test_a_term_that_is_nothing_at_first_is_not_stepped_over(tolerance: float) -> None:
    state = integrate(Diode, [Diode.initial], [0.0, 0.6], tolerance=tolerance).state[0, -1]
    exact = 1 + 1e-9 * (np.cosh(40 * 0.6) - 1) / 40
    assert abs(state[1] / exact - 1) < 30 * tolerance


@pytest.mark.parametrize("sharpness", [1e2, 1e4, 1e6, 1e9])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
def test_a_smooth_switch_is_not_stepped_over(tolerance: float, sharpness: float) -> None:
    system = SmoothSwitch.with_parameters(sharpness=sharpness)
    state = integrate(system, [system.initial], [0.0, 1.0], tolerance=tolerance).state[0, -1]

    def integral(x: float) -> float:
        return float(x * np.arctan(sharpness * x) - np.log1p((sharpness * x) ** 2) / (2 * sharpness))

    assert abs(state[1] - (1 + integral(0.57) - integral(-0.43))) < 30 * tolerance


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-9, 1e-12])
def test_error_follows_the_tolerance(tolerance: float) -> None:
    exact = integrate(systems["Lorenz"], [systems["Lorenz"].initial], [0.0, 2.0]).state
    rough = integrate(systems["Lorenz"], [systems["Lorenz"].initial], [0.0, 2.0], tolerance=tolerance).state
    error = np.abs(rough - exact).max() / 20
    assert 0 < error < 300 * tolerance  # e^(0.9*2) of growth, and some fifty steps


@pytest.mark.parametrize(
    ("system", "start", "status"),
    [
        (Explosion, 1.0, Status.STEP_UNDERFLOW),
        (Growth, 1.0, Status.OVERFLOW),
        (Logarithm, -1.0, Status.NOT_FINITE),
        (Logarithm, 1.0, Status.NOT_FINITE),
    ],
)
def test_a_failure_is_a_row_with_a_status(system: System, start: float, status: Status) -> None:
    time = np.linspace(0.0, 100.0, 401)
    good = {"Explosion": -1.0, "Growth": -1e-300, "Logarithm": 2.5}[system.name]
    alone = integrate(system, [[good]] * 3, time)
    mixed = integrate(system, [[good], [start], [good]], time)
    assert mixed.status.tolist() == [Status.OK, status, Status.OK]
    assert mixed.state[[0, 2]].tobytes() == alone.state[[0, 2]].tobytes()
    failed = np.isnan(mixed.state[1, :, 0])
    assert failed[-1] and mixed.state[1, 0, 0] == start
    first = int(np.argmax(failed))
    assert failed[first:].all() and np.isfinite(mixed.state[1, :first]).all()


def test_samples_before_a_singularity_are_right() -> None:
    time = np.linspace(0.0, 0.999, 100)
    solution = integrate(Explosion, [[1.0]], np.append(time, 1.5))
    np.testing.assert_allclose(solution.state[0, :-1, 0], 1 / (1 - time), rtol=1e-11)
    assert solution.status[0] == Status.STEP_UNDERFLOW and np.isnan(solution.state[0, -1, 0])


@pytest.mark.parametrize("start", [0.0, 5.0, -1e4])
def test_a_start_at_the_origin(start: float) -> None:
    """Nothing there tells how large the solution will be; the clock may be anywhere."""
    time = start + np.linspace(0.0, 3.0, 4)
    solution = integrate(systems["Rossler"], [[0.0, 0.0, 0.0]], time)
    expected = integrate(systems["Rossler"], [[0.0, 0.0, 1e-30]], time - start)
    assert solution.status[0] == Status.OK and solution.steps[0] < 60
    np.testing.assert_allclose(solution.state, expected.state, rtol=1e-10, atol=1e-15)


def test_step_limit() -> None:
    solution = integrate(systems["Lorenz"], [[1.0, 1.0, 20.0]] * 2, np.linspace(0, 50, 11), max_steps=20)
    assert (solution.status == Status.STEP_LIMIT).all() and (solution.steps == 20).all()
    assert np.isnan(solution.state[:, -1]).all() and np.isfinite(solution.state[:, 0]).all()


def _starts(system: System, count: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    default = np.array(system.initial)
    start, _ = final_state(
        system, default * (1 + 1e-3 * rng.random((count, len(default)))), 20 * system.period
    )
    return start


@pytest.mark.parametrize("name", [*sorted(LYAPUNOV_TIMES), "Chua", "MultiChua", "SprottMore", "Torus"])
def test_bits_do_not_depend_on_the_batch(name: str) -> None:
    system = systems[name]
    start = _starts(system, 21)  # two full groups of lanes and a tail
    time = np.arange(150) * (system.period / 20)
    whole = integrate(system, start, time)
    assert (whole.status == Status.OK).all()
    order = np.random.default_rng(2).permutation(len(start))[:13]
    part = integrate(system, start[order], time)
    assert part.state.tobytes() == whole.state[order].tobytes()
    assert part.steps.tolist() == whole.steps[order].tolist()
    one = integrate(system, start[20:], time)
    assert one.state[0].tobytes() == whole.state[20].tobytes()


@pytest.mark.parametrize("name", sorted(LYAPUNOV_TIMES))
def test_output_times_do_not_touch_the_trajectory(name: str) -> None:
    """A coarser grid takes every n-th sample of a finer one, and no output at all ends in the same state."""
    system = systems[name]
    start = _starts(system, 3)
    fine = np.arange(161) * (system.period / 40)
    whole = integrate(system, start, fine)
    coarse = integrate(system, start, fine[::8])
    assert coarse.state.tobytes() == np.ascontiguousarray(whole.state[:, ::8]).tobytes()
    last, status = final_state(system, start, np.full(3, fine[-1]))
    assert (status == Status.OK).all() and last.tobytes() == np.ascontiguousarray(
        whole.state[:, -1]
    ).tobytes()


def test_uneven_times_and_a_late_start() -> None:
    system = systems["Rossler"]
    time = np.sort(np.random.default_rng(3).uniform(5.0, 30.0, 50))
    late = integrate(system, [system.initial], time)
    early = integrate(system, [system.initial], time - time[0])
    assert late.state[0, 0].tolist() == list(system.initial)
    np.testing.assert_allclose(late.state, early.state, rtol=1e-9)
    assert integrate(system, [system.initial], [2.0]).state.tolist() == [[list(system.initial)]]


def test_each_trajectory_has_its_own_duration() -> None:
    system = systems["Lorenz"]
    durations = [0.0, 1.5, 7.25]
    together, _ = final_state(system, [system.initial] * 3, durations)
    for row, duration in zip(together, durations, strict=True):
        alone, _ = final_state(system, [system.initial], duration)
        assert alone[0].tobytes() == row.tobytes()


def test_no_trajectories_give_empty_arrays() -> None:
    solution = integrate(systems["Lorenz"], np.empty((0, 3)), [0.0, 1.0])
    assert solution.state.shape == (0, 2, 3) and solution.status.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 2.0]], [0.0, 1.0]), r"shape \(trajectories, 3\).*\(x, y, z\) of Lorenz"),
        (([1.0, 2.0, 3.0], [0.0, 1.0]), r"shape \(trajectories, 3\)"),
        (([[1.0, np.nan, 3.0]], [0.0, 1.0]), "row 0 that is not finite"),
        (([["a", "b", "c"]], [0.0, 1.0]), "initial must be an array of numbers"),
        (([[1.0, 2.0, 3.0]], [1.0, 0.0]), "strictly increasing"),
        (([[1.0, 2.0, 3.0]], [0.0, 0.0]), "strictly increasing"),
        (([[1.0, 2.0, 3.0]], []), "at least one value"),
        (([[1.0, 2.0, 3.0]], [0.0, np.inf]), "finite"),
        (([[1.0, 2.0, 3.0]], [0.0, 1.0], 0.5), "tolerance must be between"),
        (([[1.0, 2.0, 3.0]], [0.0, 1.0], -1e-9), "tolerance must be between"),
        (
            ([[1.0, 2.0, 3.0]], [0.0, 1.0], None, "euler"),
            "method must be one of 'auto', 'taylor', 'tsit5', 'dop853', not 'euler'",
        ),
    ],
)
def test_bad_arguments(arguments: tuple, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        integrate(systems["Lorenz"], *arguments)

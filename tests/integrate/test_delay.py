"""Delay equations against solutions in closed form and in 80-bit arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial

import mpmath
import numpy as np
import pytest

from chaosdata.equations import delay
from chaosdata.equations.functions import maximum
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate import delay_driver
from chaosdata.integrate.delay import final_state, integrate_delay
from chaosdata.integrate.history import declared_past
from chaosdata.integrate.mesh import delay_mesh
from chaosdata.integrate.pilot import delay_method
from chaosdata.kernels.delay import delay_kernel
from chaosdata.kernels.taylor import FULL_ACCURACY
from chaosdata.types import Status
from tests.integrate.collocation import collocation
from tests.integrate.delay_systems import (
    Blood,
    Direct,
    EveryOperation,
    Explosion,
    Feedback,
    Linear,
    Remembering,
    ThreeDelays,
)


def _polynomial(t: float) -> float:
    """The exact solution of x' = -x(t - 1), x = 1 before: sum_k (-1)^k (t - k + 1)^k / k!."""
    total, k = Fraction(1), 1
    while (u := Fraction(t) - (k - 1)) > 0:
        total += Fraction((-1) ** k, factorial(k)) * u**k
        k += 1
    return float(total)


def test_the_method_of_steps_gives_the_polynomials() -> None:
    time = np.linspace(0.0, 15.0, 331)
    solution = integrate_delay(Feedback, [[1.0], [-2.0]], time)
    exact = np.array([_polynomial(t) for t in time])
    np.testing.assert_allclose(solution.state[0, :, 0], exact, rtol=0, atol=4e-16)
    np.testing.assert_allclose(solution.state[1, :, 0], -2 * exact, rtol=0, atol=8e-16)
    assert solution.status.tolist() == [0, 0] and solution.state[:, 0, 0].tolist() == [1.0, -2.0]


def _root(coefficients: list[float], delays: list[float], guess: complex) -> mpmath.mpc:
    """A root of ``l = sum_j c_j exp(-l tau_j)``."""
    return mpmath.findroot(
        lambda root: (
            root - sum(c * mpmath.exp(-root * tau) for c, tau in zip(coefficients, delays, strict=True))
        ),
        mpmath.mpc(guess),
    )


def _exponential(root: mpmath.mpc) -> Callable[[float], list[float]]:
    return lambda t: [float(mpmath.re(mpmath.exp(root * mpmath.mpf(t))))]


EXPONENTIALS = {
    "one delay": (Feedback, [-1.0], [1.0], -0.3 + 1.3j),
    "a fast history": (Feedback, [-1.0], [1.0], -3.6 + 39j),
    "commensurate": (Linear, [0.1, -0.5, -0.4], [0.0, 1.0, 1.5], 0.1 + 1.0j),
    "nearly commensurate": (
        Linear.with_parameters(tau=0.1, sigma=0.3),
        [0.1, -0.5, -0.4],
        [0.0, 0.1, 0.3],
        -0.9 + 0j,
    ),
    "incommensurate": (
        Linear.with_parameters(sigma=2**0.5),
        [0.1, -0.5, -0.4],
        [0.0, 1.0, 2**0.5],
        0.1 + 1.0j,
    ),
    "far apart": (
        Linear.with_parameters(tau=0.1, sigma=np.pi),
        [0.1, -0.5, -0.4],
        [0.0, 0.1, np.pi],
        0.1 + 1.0j,
    ),
    "three": (
        ThreeDelays.with_parameters(sigma=np.e, rho=np.pi),
        [-0.3, -0.2, -0.3],
        [1.0, np.e, np.pi],
        0.1 + 0.8j,
    ),
}


@pytest.mark.parametrize("case", EXPONENTIALS)
def test_exponentials_of_the_characteristic_root(case: str) -> None:
    system, coefficients, delays, guess = EXPONENTIALS[case]
    with mpmath.workdps(30):
        root = _root(coefficients, delays, guess)
        exact = _exponential(root)
        time = np.linspace(0.0, 60.0, 241)
        solution = integrate_delay(system, [[1.0]], time, history=exact)
        expected = np.array([exact(t)[0] for t in time])
    # Errors grow like the slowest solution; relative to it they stay small.
    largest = np.maximum.accumulate(np.abs(expected)[::-1])[::-1]
    keep = largest > 1e-6
    error = np.abs(solution.state[0, :, 0] - expected) / np.maximum(largest, 1e-3)
    assert solution.status.tolist() == [0]
    assert error[keep].max() < 2e-12 if case == "a fast history" else error[keep].max() < 3e-14


def test_a_history_too_fast_for_the_mesh_gets_a_finer_one() -> None:
    with mpmath.workdps(30):
        fast = _exponential(_root([-1.0], [1.0], -3.6 + 39j))
    slow = integrate_delay(Feedback, [[1.0]], [0.0, 1.0])
    steps = integrate_delay(Feedback, [[1.0]], [0.0, 1.0], history=fast).steps
    assert steps[0] >= 4 * slow.steps[0]


def test_breaking_points_of_incommensurate_delays() -> None:
    """A constant history breaks the solution at every sum of delays; a third of the step must not matter."""
    system = Linear.with_parameters(sigma=2**0.5)
    time = np.linspace(0.0, 80.0, 161)
    whole = integrate_delay(system, [[1.0]], time).state[0]
    method = delay_method(system, FULL_ACCURACY)
    finer = delay_mesh(method.delays, method.step / 3, method.order)
    assert finer.shifted and method.mesh().shifted
    out = np.empty((1, len(time), 1))
    status, _, _ = delay_driver.run(
        method.kernel(finer), finer, np.ones((1, 1)),
        declared_past(system, finer, method.order, np.ones((1, 1))), 0.0, np.zeros(1), time, out,
        FULL_ACCURACY, 4.0, 10**6,
    )  # fmt: skip
    assert status.tolist() == [0]
    np.testing.assert_allclose(whole, out[0], rtol=0, atol=2e-14)


@pytest.mark.parametrize("order", [8, 12])
def test_order_of_convergence(order: int) -> None:
    time, errors = np.array([0.0, 60.0]), []
    exact = collocation(Blood, np.array([[0.9]]), cells=60 * 3, divisions=51)[0, -1, 0]
    for divisions in (8, 16):
        mesh = delay_mesh((17.0,), 17.0 / divisions, order)
        out = np.empty((1, 2, 1))
        delay_driver.run(
            delay_kernel(Blood.graph(), order, shifted=False), mesh, np.full((1, 1), 0.9),
            declared_past(Blood, mesh, order, np.full((1, 1), 0.9)), 0.0, np.zeros(1), time, out, 1e-3,
            np.inf, 10**6,
        )  # fmt: skip
        errors.append(abs(out[0, 1, 0] - float(exact)))
    assert order - 2 < np.log2(errors[0] / errors[1]) < order + 4


@pytest.mark.parametrize(
    ("system", "cells", "divisions"),
    [
        (Blood, 8 * 34, 34),
        (Blood.with_parameters(n=9.65), 4 * 34, 34),
        (EveryOperation, 20 * 8, 20),
        (Direct, 16 * 6, 16),
    ],
)
def test_against_80_bit_collocation(system: System, cells: int, divisions: int) -> None:
    initial = np.array(system.initial) * np.array([[1.0], [0.6], [1.3]])
    h = system.delays[0] / divisions
    exact = collocation(system, initial, cells, divisions)[:, ::4]
    time = np.arange(exact.shape[1]) * 4 * h
    for tolerance, allowed in ((None, 2e-14), (1e-9, 2e-8), (1e-6, 2e-5)):
        solution = integrate_delay(system, initial, time, tolerance)
        assert (solution.status == Status.OK).all()
        np.testing.assert_allclose(solution.state, exact.astype(float), rtol=0, atol=allowed)


def test_a_declared_history_is_the_past() -> None:
    """In the first delay x' = cos(3 (t - 1)) and y' = (2 - t) cos(3 (t - 1))."""
    time = np.linspace(0.0, 1.0, 21)
    w, u = 3.0, time - 1.0
    x = 1.0 + (np.sin(w * u) + np.sin(w)) / w
    y = 1.0 + ((1 - u) * np.sin(w * u) + 2 * np.sin(w)) / w - (np.cos(w * u) - np.cos(w)) / w**2
    for start in (0.0, 7.0):  # a history moves with the time at which it ends
        solution = integrate_delay(Remembering, [Remembering.initial], start + time)
        np.testing.assert_allclose(solution.state[0], np.stack([x, y], axis=1), rtol=0, atol=2e-15)
    given = integrate_delay(
        Remembering, [Remembering.initial], time, history=lambda t: [np.cos(3 * t), 1 - t]
    )
    late = np.linspace(0.0, 6.0, 25)
    np.testing.assert_allclose(given.state[0], np.stack([x, y], axis=1), rtol=0, atol=2e-15)
    np.testing.assert_allclose(
        integrate_delay(Remembering, [Remembering.initial], late).state,
        integrate_delay(
            Remembering, [Remembering.initial], late, history=lambda t: [np.cos(3 * t), 1 - t]
        ).state,
        rtol=1e-13,
    )


def test_each_trajectory_has_its_own_history_and_mesh() -> None:
    """One of them needs a finer mesh, and its bytes do not say who was with it."""

    def history(t: float) -> np.ndarray:
        return np.array([[np.cos(t)], [np.cos(40 * t)], [1.0 + t], [np.sin(t)]])

    initial, time = history(0.0), np.linspace(0.0, 5.0, 41)
    together = integrate_delay(Feedback, initial, time, history=history)
    for row in range(4):
        alone = integrate_delay(
            Feedback, initial[row : row + 1], time, history=lambda t, row=row: history(t)[row]
        )
        assert alone.state.tobytes() == together.state[row : row + 1].tobytes()
    assert together.steps[1] >= 2 * together.steps[0]
    first = time <= 1.0  # x = x(0) - the integral of the history from -1 to t - 1
    u = time[first] - 1.0
    expected = initial[:, 0] - np.stack(
        [
            np.sin(u) - np.sin(-1),
            (np.sin(40 * u) - np.sin(-40)) / 40,
            u + u**2 / 2 + 0.5,
            np.cos(-1) - np.cos(u),
        ],
        axis=1,
    )
    np.testing.assert_allclose(together.state[:, first, 0].T, expected, rtol=0, atol=1e-13)


def test_an_equation_that_depends_on_time_starts_anywhere() -> None:
    late = integrate_delay(EveryOperation, [[0.7, 0.4]], [3.0, 5.0])
    early = integrate_delay(EveryOperation, [[0.7, 0.4]], [0.0, 2.0])
    assert np.abs(late.state[0, -1] - early.state[0, -1]).max() > 1e-3
    turn = 2 * np.pi / 0.7
    again = integrate_delay(EveryOperation, [[0.7, 0.4]], [turn, turn + 2.0])
    np.testing.assert_allclose(again.state, early.state, rtol=0, atol=1e-14)


def test_samples_do_not_depend_on_each_other_or_on_the_batch() -> None:
    initial = np.linspace(0.3, 1.5, 19)[:, None]
    time = np.sort(np.random.default_rng(3).random(200)) * 300.0
    time[0] = 0.0
    whole = integrate_delay(Blood, initial, time)
    some = np.array([17, 2, 9, 18])
    part = integrate_delay(Blood, initial[some], time[::7])
    assert part.state.tobytes() == whole.state[some][:, ::7].tobytes()


def test_a_transient_is_left_out() -> None:
    initial = np.linspace(0.5, 1.2, 9)[:, None]
    skip = np.linspace(0.0, 40.0, 9)
    late = integrate_delay(Blood, initial, np.arange(50.0), transient=skip)
    for row in range(9):
        direct = integrate_delay(
            Blood, initial[row : row + 1], np.append(0.0, skip[row] + np.arange(1.0, 50.0))
        )
        np.testing.assert_allclose(late.state[row, 1:], direct.state[0, 1:], rtol=0, atol=1e-13)
    final, status = final_state(Blood, initial, skip)
    assert final.tobytes() == np.ascontiguousarray(late.state[:, 0]).tobytes()
    assert (status == Status.OK).all() and (final[0] == initial[0]).all()


def test_a_failed_trajectory_leaves_its_neighbours_alone() -> None:
    time = np.linspace(0.0, 5.0, 51)
    alone = integrate_delay(Explosion, [[0.5], [0.2]], time)
    mixed = integrate_delay(Explosion, [[0.5], [4.0], [0.2], [1e90]], time)
    assert mixed.status.tolist() == [0, Status.STEP_UNDERFLOW, 0, Status.NOT_FINITE]
    assert mixed.state[[0, 2]].tobytes() == alone.state.tobytes()
    ended = np.isnan(mixed.state[1, :, 0])
    assert ended[-1] and not ended[0] and (np.diff(ended.astype(int)) >= 0).all()


def test_growth_without_a_singularity_overflows() -> None:
    solution = integrate_delay(Feedback.with_parameters(a=5.0), [[1.0]], np.linspace(0.0, 1000.0, 11))
    assert solution.status.tolist() == [Status.OVERFLOW]
    assert np.isnan(solution.state[0, -1]).all() and np.isfinite(solution.state[0, 1]).all()


def test_step_limit() -> None:
    solution = integrate_delay(Blood, [[0.5]], [0.0, 1.0, 1000.0], max_steps=5)
    assert solution.status.tolist() == [Status.STEP_LIMIT] and solution.steps.tolist() == [5]
    assert np.isfinite(solution.state[0, 1]).all() and np.isnan(solution.state[0, 2]).all()


@delay(initial=(0.5,), period=4.0, reference="None (2026). Made for tests.")
def Kinked(t, x, *, tau=1.0):
    """A right-hand side with a kink."""
    return (-maximum(x(t - tau), 0.1),)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: integrate_delay(Kinked, [[0.5]], [0.0, 1.0]), "kinks or jumps"),
        (lambda: integrate_delay(Blood, [[0.5]], [0.0, 1.0], transient=-1.0), "transient must be"),
        (lambda: integrate_delay(EveryOperation, [[0.5, 0.5]], [0.0], transient=1.0), "depends on time"),
        (lambda: integrate_delay(Blood, [[0.5]], [0.0], history=lambda t: [1.0, 2.0]), "must return states"),
        (lambda: integrate_delay(Blood, [[0.5]], [0.0], history=lambda t: [abs(t + 5)]), "not smooth"),
        (lambda: integrate_delay(Blood, [[0.5]], [0.0], history=lambda t: [np.nan]), "not finite"),
        (lambda: integrate_delay(Blood, [[0.5]], [0.0], history=lambda t: "no"), "returns numbers"),
        (lambda: integrate_delay(Blood, [[0.5, 0.5]], [0.0]), "must have shape"),
        (lambda: integrate_delay(Blood, [[0.5]], [1.0, 0.0]), "strictly increasing"),
    ],
)
def test_wrong_arguments(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()

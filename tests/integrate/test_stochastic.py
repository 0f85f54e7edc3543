"""Stochastic trajectories: closed forms on the same Brownian path, orders, one path for every output grid."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.equations.declare import stochastic
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError, DeclarationError
from chaosdata.integrate.stochastic import final_state, integrate_stochastic
from chaosdata.types import FloatArray, Status
from tests.integrate.noisy import (
    DoubleWell,
    Explosive,
    Geometric,
    Modulated,
    ModulatedGrowth,
    NoisyLorenz,
    OrnsteinUhlenbeck,
    Rooted,
    Silent,
    SquareRoot,
    Wiener,
)

END = 2.0
STEPS = (0.2, 0.1, 0.05, 0.025)


def _path(system: System, step: float, parts: int, count: int) -> tuple[FloatArray, FloatArray]:
    """The Brownian path of a system's first component and its integral, on a mesh ``parts`` times as fine."""
    same_name = Wiener.variant(system.name)
    time = np.arange(round(END / step) * parts + 1) * (step / parts)
    state = integrate_stochastic(same_name, np.zeros((count, 2)), time, step=step).state
    return state[:, :, 0], state[:, :, 1]


def _errors(system: System, exact: object, count: int = 2000, parts: int = 16) -> FloatArray:
    """Root mean square errors at the end, for each step; ``exact(w, z, fine)`` on the same path."""
    errors = []
    for step in STEPS:
        w, z = _path(system, step, parts, count)
        start = np.tile(system.initial, (count, 1))
        x = integrate_stochastic(system, start, [0.0, END], step=step).state[:, -1, 0]
        errors.append(np.sqrt(np.mean((x - exact(w, z, step / parts)) ** 2)))  # type: ignore[operator]
    return np.array(errors)


def _order(errors: FloatArray) -> float:
    return float(np.polyfit(np.log(STEPS), np.log(errors), 1)[0])


def test_additive_noise_has_order_three_halves() -> None:
    """A nonlinear drift, so that the squares of the noise count; the reference is a much finer mesh."""

    def reference(w: FloatArray, z: FloatArray, h: float) -> FloatArray:
        # y = x - noise*w follows an ordinary equation; its path integrals enter with W and their mean c.
        noise, x = 0.8, np.ones(len(w))
        for j in range(w.shape[1] - 1):
            W, c = w[:, j + 1] - w[:, j], (z[:, j + 1] - z[:, j]) / h - w[:, j]
            f, slope, bend = x - x**3, 1 - 3 * x**2, -6 * x
            # Ito-Taylor scheme of order 1.5 (Kloeden, Platen 1992, 10.4.6)
            x = x + f * h + noise * W + slope * noise * c * h + (slope * f + 0.5 * noise**2 * bend) * h**2 / 2
        return x

    errors = _errors(DoubleWell, reference, count=500)
    assert 1.4 < _order(errors) < 2.6
    assert errors[-1] < 1.5e-3


def test_additive_noise_of_a_linear_equation() -> None:
    """x(T) = e^(-aT) x0 + s (W(T) - a int e^(-a(T-t)) W dt)."""
    a, s = 1.5, 0.7

    def exact(w: FloatArray, z: FloatArray, h: float) -> FloatArray:
        middle = (np.arange(w.shape[1] - 1) + 0.5) * h
        integral = (np.diff(z, axis=1) * np.exp(-a * (END - middle))).sum(axis=1)
        return np.exp(-a * END) + s * (w[:, -1] - a * integral)

    errors = _errors(OrnsteinUhlenbeck, exact)
    assert _order(errors) > 1.5 and errors[-1] < 5e-5


def test_diagonal_noise_has_order_three_halves() -> None:
    def exact(w: FloatArray, z: FloatArray, h: float) -> FloatArray:
        return np.exp((0.3 - 0.4**2 / 2) * END + 0.4 * w[:, -1])

    errors = _errors(Geometric, exact, parts=1)
    assert 1.35 < _order(errors) < 1.8 and errors[-1] < 1e-3


def test_noise_that_depends_on_time() -> None:
    """int cos(3t) dW = cos(3T) W(T) + 3 int sin(3t) W dt."""

    def exact(w: FloatArray, z: FloatArray, h: float) -> FloatArray:
        middle = (np.arange(w.shape[1] - 1) + 0.5) * h
        return np.cos(3 * END) * w[:, -1] + 3 * (np.diff(z, axis=1) * np.sin(3 * middle)).sum(axis=1)

    errors = _errors(Modulated, exact)
    assert _order(errors) > 1.5 and errors[-1] < 1e-3


def test_noise_that_depends_on_time_and_state() -> None:
    """dx = x cos(3t) dW: x(T) = exp(int cos(3t) dW - int cos(3t)^2 dt/2)."""

    def exact(w: FloatArray, z: FloatArray, h: float) -> FloatArray:
        middle = (np.arange(w.shape[1] - 1) + 0.5) * h
        integral = np.cos(3 * END) * w[:, -1] + 3 * (np.diff(z, axis=1) * np.sin(3 * middle)).sum(axis=1)
        return np.exp(integral - (END / 2 + np.sin(6 * END) / 12) / 2)

    errors = _errors(ModulatedGrowth, exact)
    assert 1.35 < _order(errors) < 2.2


def test_where_a_probe_leaves_the_domain_milsteins_term_stands_alone() -> None:
    """Feller's square-root process has the mean b and the variance b s^2/(2a); zero is near."""
    start = np.full((4000, 1), 0.1)
    solution = integrate_stochastic(SquareRoot, start, [0.0, 5.0], step=0.01)
    assert (solution.status == Status.OK).all()
    x = solution.state[:, 1, 0]
    variance = 0.1 * 0.4**2 / 2
    assert abs(x.mean() - 0.1) < 4 * np.sqrt(variance / 4000)
    assert abs(x.var() / variance - 1) < 0.2


def test_the_start_of_the_clock_counts() -> None:
    whole = integrate_stochastic(Silent, [[1.0, 0.0]], [0.0, 0.7, 1.9], step=0.01).state
    late = integrate_stochastic(Silent, whole[:, 1], [0.7, 1.9], step=0.01).state
    np.testing.assert_allclose(late[:, 1], whole[:, 2], rtol=1e-12)


def test_without_noise_the_order_is_four() -> None:
    """x'' + x = sin 2t from (1, 0): x = cos t + (2 sin t - sin 2t)/3."""
    exact = np.cos(END) + (2 * np.sin(END) - np.sin(2 * END)) / 3
    errors = [
        abs(integrate_stochastic(Silent, [[1.0, 0.0]], [0.0, END], step=step).state[0, -1, 0] - exact)
        for step in STEPS
    ]
    assert 3.8 < _order(np.array(errors)) < 4.3


def test_between_mesh_points_the_order_is_the_same() -> None:
    time = np.array([0.0, 0.37, 1.13, 1.9])
    errors = []
    for step in STEPS:
        start = np.ones((2000, 1))
        x = integrate_stochastic(Geometric, start, time, step=step).state[:, 1:, 0]
        w = integrate_stochastic(Wiener.variant("Geometric"), np.zeros((2000, 2)), time, step=step)
        exact = np.exp((0.3 - 0.4**2 / 2) * time[1:] + 0.4 * w.state[:, 1:, 0])
        errors.append(np.sqrt(np.mean((x - exact) ** 2)))
    assert 1.35 < _order(np.array(errors)) < 1.8


def test_the_path_is_brownian() -> None:
    """Covariances of w and of its integral z at times on the mesh, halfway, and at no dyadic fraction."""
    count, time = 8000, np.array([0.25, 0.3, 0.7, 1.0, 1.375, 2.0])
    state = integrate_stochastic(Wiener, np.zeros((count, 2)), np.append(0.0, time), step=1.0).state[:, 1:]
    s, t = np.meshgrid(time, time, indexing="ij")
    low, high = np.minimum(s, t), np.maximum(s, t)
    # covariances of w(s) with w(t), z(s) with z(t), and w(s) with z(t)
    exact = {
        (0, 0): low,
        (1, 1): low**2 * (3 * high - low) / 6,
        (0, 1): np.where(t <= s, t**2 / 2, s * t - s**2 / 2),
    }
    for (i, j), expected in exact.items():
        products = state[:, :, None, i] * state[:, None, :, j]
        error = products.std(axis=0) / np.sqrt(count)
        assert (np.abs(products.mean(axis=0) - expected) < 4.5 * error).all(), (i, j)


def test_the_path_is_as_rough_as_brownian_motion_at_every_scale() -> None:
    for gap in (2.0**-3, 2.0**-10, 2.0**-17):
        time = 0.31 + np.arange(3) * gap
        time = np.append(0.0, np.round(time * 2**24) / 2**24)
        w = integrate_stochastic(Wiener, np.zeros((4000, 2)), time, step=1.0).state[:, 1:, 0]
        steps = np.diff(w, axis=1) / np.sqrt(gap)
        assert abs(np.mean(steps**2) - 1) < 4 * np.sqrt(2 / steps.size)
        assert abs(np.mean(steps[:, 0] * steps[:, 1])) < 4 / np.sqrt(len(steps))


def test_the_stationary_variance() -> None:
    """Of x' = -a x + s noise it is s^2/(2a); correlations fall as e^(-a t)."""
    count, a, s = 4000, 1.5, 0.7
    x = integrate_stochastic(OrnsteinUhlenbeck, np.zeros((count, 1)), [0.0, 6.0, 6.5], step=0.02).state
    first, second = x[:, 1, 0], x[:, 2, 0]
    variance = s**2 / (2 * a)
    assert abs(np.mean(first**2) - variance) < 4 * variance * np.sqrt(2 / count)
    assert abs(np.mean(first)) < 4 * np.sqrt(variance / count)
    correlation = np.mean(first * second) / variance
    assert abs(correlation - np.exp(-a * 0.5)) < 4 / np.sqrt(count)


@pytest.mark.parametrize("system", [NoisyLorenz, Geometric, Modulated], ids=lambda s: s.name)
def test_other_output_times_do_not_change_a_bit(system: System) -> None:
    start = np.tile(system.initial, (9, 1))
    rng = np.random.default_rng(3)
    time = np.unique(np.concatenate([[0.0, 0.75, 1.5], rng.uniform(0, 3, 40), np.arange(1, 20) * 0.15]))
    whole = integrate_stochastic(system, start, time, step=0.01).state
    for chosen in (np.array([0, 5, 6, 30]), np.arange(0, len(time), 3), np.array([0, len(time) - 1])):
        some = integrate_stochastic(system, start, time[chosen], step=0.01).state
        assert some.tobytes() == whole[:, chosen].tobytes()
    ends = time[rng.integers(0, len(time), 9)]
    final, status = final_state(system, start, ends, step=0.01)
    assert final.tobytes() == whole[np.arange(9), np.searchsorted(time, ends)].tobytes()
    assert (status == Status.OK).all()


def test_a_trajectory_depends_on_its_index_and_seed_alone() -> None:
    start, time = np.tile(NoisyLorenz.initial, (19, 1)), np.linspace(0, 2, 41)
    whole = integrate_stochastic(NoisyLorenz, start, time, seed=4).state
    rows = [17, 2, 9, 18]
    part = integrate_stochastic(NoisyLorenz, start[rows], time, seed=4, indices=rows).state
    assert part.tobytes() == whole[rows].tobytes()
    for changes in ({"seed": 5}, {"seed": 4, "indices": range(100, 119)}, {"seed": 4, "purpose": "other"}):
        other = integrate_stochastic(NoisyLorenz, start, time, **changes).state  # type: ignore[arg-type]
        assert (other[:, -1] != whole[:, -1]).all()
    assert len(np.unique(whole[:, -1, 0])) == 19


def test_components_have_independent_noise() -> None:
    @stochastic(initial=(0.0, 0.0), period=1.0, reference="Anonymous (2000). Textbook. Journal 1, 1.")
    def Plane(x, y):
        """Two Brownian motions."""
        return (0.0, 0.0), (1.0, 1.0)

    x = integrate_stochastic(Plane, np.zeros((4000, 2)), [0.0, 1.0], step=0.5).state[:, 1]
    assert abs(np.corrcoef(x.T)[0, 1]) < 4 / np.sqrt(4000)


def test_failures_stay_in_their_row() -> None:
    start, time = np.array([[1.0], [-1.0], [30.0]]), np.arange(0, 3, 0.07)
    solution = integrate_stochastic(Explosive, start, time, step=0.01)
    assert solution.status.tolist() == [Status.OVERFLOW, Status.OK, Status.OVERFLOW]
    alone = integrate_stochastic(Explosive, start[1:2], time, indices=[1], step=0.01)
    assert alone.state[0].tobytes() == solution.state[1].tobytes()
    for row in (0, 2):
        finite = np.isfinite(solution.state[row, :, 0])
        assert finite[0] and not finite[-1] and (np.diff(finite.astype(int)) <= 0).all()
        assert solution.steps[row] < 300
    final, status = final_state(Explosive, start, 2.9, step=0.01)
    assert status.tolist() == solution.status.tolist() and np.isnan(final[[0, 2]]).all()
    rooted = integrate_stochastic(Rooted, [[1.0]], [0.0, 5.0], step=0.01)
    assert rooted.status.tolist() == [Status.NOT_FINITE] and np.isnan(rooted.state[0, 1, 0])


def test_a_default_step_is_part_of_the_period() -> None:
    start, time = [NoisyLorenz.initial], [0.0, 1.2]
    default = integrate_stochastic(NoisyLorenz, start, time)
    assert (
        default.state.tobytes()
        == integrate_stochastic(NoisyLorenz, start, time, step=1.5 / 400).state.tobytes()
    )
    assert default.steps.tolist() == [320]


def test_noise_of_another_shape_is_refused() -> None:
    with pytest.raises(DeclarationError, match="noise"):

        @stochastic(initial=(1.0, 1.0), period=1.0, reference="Anonymous (2000). Textbook. Journal 1, 1.")
        def Crossed(x, y):
            """The noise of x depends on y."""
            return (-x, -y), (y, 0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"step": 0.0}, "step must be a positive time"),
        ({"step": np.nan}, "step must be a positive time"),
        ({"indices": [1, 2]}, "2 numbers for 1"),
        ({"step": 1e-12}, "steps of 1e-12 are needed"),
    ],
)
def test_impossible_arguments(changes: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        integrate_stochastic(DoubleWell, [[1.0]], [0.0, 1.0], **changes)

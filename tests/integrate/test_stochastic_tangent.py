"""Tangent vectors under noise: finite differences on the same path, exponents in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.errors import ArgumentError
from chaosdata.integrate.stochastic import integrate_stochastic
from chaosdata.integrate.stochastic_tangent import stochastic_tangent_growth
from chaosdata.types import Status
from tests.integrate.noisy import (
    DoubleWell,
    Explosive,
    Geometric,
    NoisyLorenz,
    OrnsteinUhlenbeck,
    Silent,
    SquareRoot,
)


def test_growth_is_that_of_differences_on_the_same_path() -> None:
    start, end, small = np.array(NoisyLorenz.initial), 0.3, 1e-5
    shifts = np.concatenate([small * np.eye(3), -small * np.eye(3)])
    # Six trajectories of one index feel one noise.
    ends = integrate_stochastic(
        NoisyLorenz, start + shifts, [0.0, end], seed=3, indices=[7] * 6, step=0.005
    ).state[:, 1]
    matrix = ((ends[:3] - ends[3:]) / (2 * small)).T
    expected = np.log(np.abs(np.diag(np.linalg.qr(matrix)[1])))
    growth = stochastic_tangent_growth(NoisyLorenz, [start], [0.1, end], seed=3, indices=[7], step=0.005)
    np.testing.assert_allclose(growth.log_length[0, 1], expected, atol=1e-6)
    assert growth.divergence[0, 1] == pytest.approx(expected.sum(), abs=1e-6)


def test_the_tangent_of_a_linear_equation_is_its_solution() -> None:
    start, until = np.ones((11, 1)), np.array([0.5, 2.0])
    growth = stochastic_tangent_growth(Geometric, start, until, seed=1, step=0.05)
    state = integrate_stochastic(Geometric, start, np.append(0.0, until), seed=1, step=0.05).state
    np.testing.assert_allclose(growth.log_length[:, :, 0], np.log(state[:, 1:, 0]), atol=1e-13)
    decay = stochastic_tangent_growth(OrnsteinUhlenbeck, start, [100.0], step=0.01).log_length
    np.testing.assert_allclose(decay, -150.0, rtol=1e-8)


def test_where_a_probe_leaves_the_domain() -> None:
    start = np.full((64, 1), 0.1)
    growth = stochastic_tangent_growth(SquareRoot, start, [20.0], step=0.01)
    assert (growth.status == Status.OK).all() and np.isfinite(growth.log_length).all()


def test_without_noise() -> None:
    growth = stochastic_tangent_growth(Silent, [[1.0, 0.0]], [100.0])
    np.testing.assert_allclose(growth.log_length, 0.0, atol=1e-7)


def test_bits_do_not_depend_on_the_batch() -> None:
    start, until = np.tile(NoisyLorenz.initial, (19, 1)), [0.75, 3.0]
    whole = stochastic_tangent_growth(NoisyLorenz, start, until)
    some = [17, 2, 9, 18]
    part = stochastic_tangent_growth(NoisyLorenz, start[some], until, indices=some)
    assert part.log_length.tobytes() == whole.log_length[some].tobytes()
    assert len(np.unique(whole.log_length[:, 1, 0])) == 19


def test_a_failure_is_marked() -> None:
    growth = stochastic_tangent_growth(Explosive, [[1.0], [-1.0]], [3.0], step=0.01)
    assert growth.status.tolist() == [Status.OVERFLOW, Status.OK]
    assert np.isnan(growth.log_length[0]).all() and growth.log_length[1, 0, 0] < 0


@pytest.mark.parametrize("until", [[], [0.0, 1.0], [2.0, 1.0], [1.0, 1.0001]])
def test_times_must_be_apart(until: list[float]) -> None:
    with pytest.raises(ArgumentError):
        stochastic_tangent_growth(DoubleWell, [[1.0]], until, step=0.01)

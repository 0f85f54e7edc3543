"""Tangent functions of delay equations: exponents that are known, and bits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.delay import integrate_delay
from chaosdata.integrate.delay_tangent import delay_tangent_growth
from chaosdata.integrate.pilot import delay_method
from chaosdata.types import Status
from tests.integrate.delay_systems import Blood, Direct, EveryOperation, Explosion, Feedback, Linear
from tests.references import DELAY_SPECTRA, DelaySpectrum


def _rates(system, initial, from_, until, exponents, **settings) -> np.ndarray:
    growth = delay_tangent_growth(system, initial, [from_, until], exponents, **settings)
    assert (growth.status == Status.OK).all()
    return (growth.log_length[:, 1] - growth.log_length[:, 0]) / (until - from_)


def test_exponents_of_a_linear_equation_are_its_characteristic_roots() -> None:
    """The roots of l = -exp(-l) are W_k(-1), in conjugate pairs; vectors of a pair turn about each other."""
    roots = [float(mpmath.re(mpmath.lambertw(-1, k))) for k in range(6)]
    rates = _rates(Feedback, [[1.0]], 100.0, 400.0, 12)[0]
    np.testing.assert_allclose(rates.reshape(6, 2).mean(axis=1), roots, rtol=0, atol=1e-6)
    np.testing.assert_allclose(rates, np.repeat(roots, 2), rtol=0, atol=5e-3)


@pytest.mark.parametrize("sigma", [1.5, 2**0.5])
def test_several_delays(sigma: float) -> None:
    root = mpmath.findroot(
        lambda s: s - 0.1 + 0.5 * mpmath.exp(-s) + 0.4 * mpmath.exp(-s * sigma), mpmath.mpc(0.1, 1.0)
    )
    rates = _rates(Linear.with_parameters(sigma=sigma), [[1.0]], 100.0, 400.0, 4)[0]
    assert abs(rates[:2].mean() - float(root.real)) < 1e-6


@pytest.mark.parametrize(
    "system",
    [EveryOperation, Direct, Linear.with_parameters(sigma=2**0.5)],
    ids=["every operation", "direct", "shifted"],
)
def test_growth_is_that_of_neighbours(system: System) -> None:
    """The first tangent function begins as the difference of two nearby constant histories."""
    start = np.array([system.initial])
    shift = np.zeros(system.dimension)
    shift[0] = 1e-5
    level = 1 if system.name == "Linear" else 0  # its own cells are fewer than four in a delay
    mesh = delay_method(system, 1e-12).mesh(level)
    cells = mesh.first + 3 * mesh.ring
    ends = np.append(mesh.begin, mesh.first_time + np.arange(3 * mesh.ring + 1) * mesh.step)
    growth = delay_tangent_growth(system, start, [ends[cells]], 1, tolerance=1e-12)
    upper, lower = (integrate_delay(system, start + sign * shift, ends).state[0] for sign in (1.0, -1.0))
    difference = (upper - lower) / (2 * shift[0])
    # The inner product takes the present and the mean over the beginnings of the cells in the ring.
    square = (difference**2).sum(axis=1)
    length = np.sqrt(square[cells] + square[cells - mesh.ring : cells].mean())
    assert abs(np.exp(growth.log_length[0, 0, 0]) / length - 1) < 1e-7


@pytest.mark.parametrize("published", DELAY_SPECTRA, ids=lambda s: f"tau {s.parameters['tau']:g}")
def test_mackey_glass(published: DelaySpectrum) -> None:
    initial = 0.513 + 0.02 * np.arange(64)[:, None]
    rates = _rates(Blood.with_parameters(**published.parameters), initial, 5000.0, 25000.0, 5)
    mean, error = rates.mean(axis=0), rates.std(axis=0, ddof=1) / 8
    assert abs(mean[0] - published.exponent) < 3 * error[0] + published.exponent_error
    sums = np.cumsum(mean)
    k = int(np.count_nonzero(sums >= 0))
    scatter = rates[:, :k].sum(axis=1).std(ddof=1) / 8 / -mean[k]
    dimension = k + sums[k - 1] / -mean[k]
    assert abs(dimension - published.dimension) < 3 * scatter + published.dimension_error


def test_bits_do_not_depend_on_the_batch() -> None:
    initial = np.linspace(0.3, 1.5, 11)[:, None]
    whole = delay_tangent_growth(Blood, initial, [200.0, 400.0], 4)
    some = np.array([9, 2, 10])
    part = delay_tangent_growth(Blood, initial[some], [200.0, 400.0], 4)
    assert part.log_length.tobytes() == whole.log_length[some].tobytes()


def test_a_failed_trajectory_is_marked_and_leaves_its_neighbours_alone() -> None:
    alone = delay_tangent_growth(Explosion, [[0.5]], [2.0, 5.0], 2)
    mixed = delay_tangent_growth(Explosion, [[4.0], [0.5]], [2.0, 5.0], 2)
    assert mixed.status.tolist() == [Status.STEP_UNDERFLOW, 0]
    assert np.isnan(mixed.log_length[0]).all()
    assert mixed.log_length[1].tobytes() == alone.log_length[0].tobytes()


@pytest.mark.parametrize("until", [[], [0.0, 1.0], [2.0, 1.0], [[1.0]]])
def test_times_must_increase(until: list) -> None:
    with pytest.raises(ArgumentError, match="increasing, positive times"):
        delay_tangent_growth(Blood, [[0.5]], until, 2)


def test_there_is_at_least_one_exponent() -> None:
    with pytest.raises(ArgumentError, match="exponents must be at least 1"):
        delay_tangent_growth(Blood, [[0.5]], [10.0], 0)

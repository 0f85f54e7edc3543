"""Statistics of a delay equation: the state is a history, so its transients need care."""

from __future__ import annotations

import numpy as np
import pytest

import chaosdata as cd
from chaosdata.errors import ArgumentError
from chaosdata.integrate.delay import integrate_delay
from tests.integrate.delay_systems import Blood, Feedback
from tests.references import DELAY_SPECTRA


def test_spectrum_of_mackey_glass() -> None:
    published = DELAY_SPECTRA[0]
    spectrum = cd.lyapunov_spectrum(Blood, trajectories=32, periods=200, exponents=5)
    value, error = spectrum.value, spectrum.standard_error
    assert value.shape == (5,) and (np.diff(value) < 0).all()
    assert abs(value[0] - published.exponent) < 3 * error[0] + published.exponent_error
    assert abs(value[1]) < 3 * error[1] + 1e-5  # the direction of the flow
    dimension = cd.kaplan_yorke_dimension(spectrum)
    allowed = 3 * dimension.standard_error + published.dimension_error
    assert abs(dimension.value - published.dimension) < allowed
    assert "mean_divergence" not in spectrum.settings


def test_as_many_exponents_as_the_dimension_takes() -> None:
    """With feedback 20 times as strong as the decay, more than eight directions grow."""
    from tests.integrate.delay_systems import Interferometer

    spectrum = cd.lyapunov_spectrum(Interferometer, trajectories=8, periods=40, transient=20)
    assert len(spectrum.value) == 32 and spectrum.value.sum() < 0 < spectrum.value[:16].sum()
    assert abs(cd.kaplan_yorke_dimension(spectrum).value - 16.65) < 0.6


@pytest.mark.parametrize(("system", "exponents"), [(cd.systems["Lorenz"], 2), (Blood, 0)])
def test_a_number_of_exponents_is_for_delay_equations(system: cd.System, exponents: int) -> None:
    with pytest.raises(ArgumentError, match="exponents must be"):
        cd.lyapunov_spectrum(system, exponents=exponents)


def test_moments_and_period() -> None:
    mean = cd.moments(Blood, trajectories=16, periods=64)["mean"]
    solution = integrate_delay(Blood, [[0.6], [1.2]], np.append(0.0, 5000 + np.arange(60000.0)))
    expected = solution.state[:, 1:].mean()
    assert abs(mean.value[0] - expected) < 4 * mean.standard_error[0] + 1e-4
    period = cd.dominant_period(Blood, trajectories=16)
    assert abs(period.value - 50) < 1


def test_trajectories_begin_after_their_transients() -> None:
    many = cd.trajectories(Blood, count=11, periods=2)
    few = cd.trajectories(Blood, count=3, periods=2)
    assert many.state[:3].values.tobytes() == few.state.values.tobytes()
    assert (many.status == 0).all() and many.state.shape == (11, 200, 1)
    assert (many.initial.values == many.state[:, 0].values).all()
    assert np.unique(np.round(many.initial.values, 3)).size > 8  # they share neither phase nor place
    decayed = cd.trajectories(Feedback, count=2, periods=1)  # stable: nothing is left of the start
    assert abs(decayed.state.values).max() < 1e-20

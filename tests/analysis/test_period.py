"""The dominant period: exact where it is known, right where others measured it, honest about its error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chaosdata.analysis.period import dominant_period
from chaosdata.equations import flow
from chaosdata.equations.functions import cos
from chaosdata.errors import ArgumentError, ChaosdataError, IntegrationError
from chaosdata.systems import systems
from tests.references import LYAPUNOV_TIMES


@flow(initial=(1.5, 0.0), period=4.0, reference="Huygens (1673). Horologium Oscillatorium.")
def Spring(x, v, *, omega=1.7):
    """A mass on a spring, of period 2 pi/omega."""
    return v, -(omega * omega) * x


@flow(initial=(2.0, 0.0), period=6.0, reference="van der Pol (1926). Phil. Mag. 2, 978-992.")
def VanDerPol(x, v, *, mu=1.0):
    """Relaxation oscillations: a limit cycle of period 6.6632868593."""
    return v, mu * (1 - x * x) * v - x


@flow(initial=(0.3, 0.1), period=2.0, reference="First-order low pass.", angles={"phase"})
def Driven(x, phase, *, omega=2.5):
    """A damped variable that follows a forcing."""
    return cos(phase) - x, omega


@flow(initial=(0.5, -0.2), period=1.0, reference="Decay.")
def Resting(x, y):
    """Everything decays to a point."""
    return 1 - x, -y


@flow(initial=(0.5,), period=1.0, reference="Riccati.")
def Escaping(x):
    """Reaches infinity in a finite time."""
    return (1 + x * x,)


def error(estimate, exact: float) -> float:
    return abs(float(estimate.value) / exact - 1)


@pytest.mark.parametrize("factor", [0.02, 0.1, 0.37, 0.9, 1.0, 1.13, 3.0, 10.0])
def test_an_exact_period_from_a_declared_one_that_is_wrong(factor: float) -> None:
    exact = 2 * math.pi / 1.7
    estimate = dominant_period(Spring.variant("Misjudged", period=factor * exact))
    assert error(estimate, exact) < 2e-4
    assert abs(estimate.value - exact) <= 2 * estimate.standard_error
    assert estimate.standard_error < 1e-3 * exact


def test_a_limit_cycle() -> None:
    estimate = dominant_period(VanDerPol)
    assert error(estimate, 6.6632868593231301897) < 1e-4
    assert abs(estimate.value - 6.6632868593231301897) <= 2 * estimate.standard_error


def test_an_angle_counts_by_its_cosine_and_sine() -> None:
    assert error(dominant_period(Driven), 2 * math.pi / 2.5) < 1e-4


# From long integrations with another program, another integrator and another estimator of the spectrum.
MEASURED = {
    "Duffing": 2 * math.pi / 1.4,
    "Halvorsen": 1.4889,
    "Hopfield": 10.005,
    "Lorenz": 0.75631,
    "Rossler": 5.8628,
    "YuWang": 0.95578,
}


@pytest.mark.parametrize("name", MEASURED)
def test_periods_measured_by_others(name: str) -> None:
    estimate = dominant_period(systems[name])
    assert error(estimate, MEASURED[name]) < 0.02 + 3 * float(estimate.standard_error / estimate.value)


@pytest.mark.parametrize("name", LYAPUNOV_TIMES)
def test_the_declared_period_is_the_measured_one(name: str) -> None:
    estimate = dominant_period(systems[name])
    turns = 2 if name == "Lorenz" else 1  # its declared period is the tour around both lobes
    assert error(estimate, systems[name].period / turns) < 0.05 + 3 * float(
        estimate.standard_error / estimate.value
    )


@pytest.mark.parametrize("name", LYAPUNOV_TIMES)
def test_other_seeds_agree_within_their_errors(name: str) -> None:
    first, second = (dominant_period(systems[name], seed=seed) for seed in (0, 1))
    assert first.value.shape == first.standard_error.shape == ()
    assert 0 < first.standard_error < 0.5 * first.value
    apart = abs(float(first.value - second.value))
    assert apart < 5 * math.hypot(float(first.standard_error), float(second.standard_error))


def test_settings_say_what_was_done() -> None:
    estimate = dominant_period(systems["Rossler"], seed=3, trajectories=24)
    assert estimate.settings["seed"] == 3
    assert estimate.settings["trajectories"] == estimate.settings["trajectories_used"] == 24
    assert estimate.settings["record"] == pytest.approx(128 * systems["Rossler"].period)
    assert "Welch" in estimate.method
    assert float(dominant_period(systems["Rossler"], seed=4).value) != float(estimate.value)


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="at least 16"):
        dominant_period(Spring, trajectories=15)
    with pytest.raises(IntegrationError, match="Resting comes to rest"):
        dominant_period(Resting)
    with pytest.raises(ChaosdataError, match="Escaping"):
        dominant_period(Escaping)


def test_slow_switching_is_no_oscillation() -> None:
    """The power of Lorenz's x grows towards frequency zero, where the lobes are switched at random."""
    estimate = dominant_period(systems["Lorenz"])
    assert 0.7 < estimate.value < 0.8
    assert np.isfinite(estimate.standard_error)

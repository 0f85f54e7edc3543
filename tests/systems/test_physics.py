"""What physics says about single systems: integrals of motion, symmetries, stationary laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chaosdata.analysis.lyapunov import lyapunov_spectrum
from chaosdata.integrate.flow import integrate
from chaosdata.integrate.stochastic import integrate_stochastic
from chaosdata.systems import systems


def orbit(name: str, periods: float, samples: int = 401) -> Any:
    system = systems[name]
    run = integrate(system, [system.initial], np.linspace(0.0, periods * system.period, samples))
    assert run.status[0] == 0
    return run.state[0]


def test_the_jacobi_constant() -> None:
    mu = systems["RestrictedThreeBody"].parameters["mu"]
    x, y, u, v = orbit("RestrictedThreeBody", 20).T
    earth, moon = np.hypot(x + mu, y), np.hypot(x - 1 + mu, y)
    constant = x**2 + y**2 + 2 * (1 - mu) / earth + 2 * mu / moon - u**2 - v**2
    assert np.ptp(constant) < 1e-9
    # Between the values at two Lagrangian points: the gate to the Moon is open, the one to the outside shut.
    assert 3.1722 < constant[0] < 3.1884


def test_three_bodies_go_around_the_figure_eight() -> None:
    states = orbit("ThreeBodyFigureEight", 1, 4)
    np.testing.assert_allclose(states[3], states[0], atol=1e-6)
    # A third of a period later each body is where another one was.
    first, second = states[1].reshape(4, 2), states[0].reshape(4, 2)
    third = -second[0] - second[1]
    assert min(np.max(np.abs(first[0] - other)) for other in (second[1], third)) < 1e-6
    many = orbit("ThreeBodyFigureEight", 100)
    r = many[:, :4].reshape(-1, 2, 2)
    w = many[:, 4:].reshape(-1, 2, 2)
    r = np.concatenate([r, -r.sum(axis=1, keepdims=True)], axis=1)
    w = np.concatenate([w, -w.sum(axis=1, keepdims=True)], axis=1)
    potential = sum(1 / np.linalg.norm(r[:, i] - r[:, j], axis=-1) for i, j in ((0, 1), (0, 2), (1, 2)))
    energy = 0.5 * (w**2).sum(axis=(1, 2)) - potential
    spin = (r[..., 0] * w[..., 1] - r[..., 1] * w[..., 0]).sum(axis=1)
    assert np.ptp(energy) < 1e-11 and energy[0] == pytest.approx(-1.287, abs=1e-3)
    assert np.max(np.abs(spin)) < 1e-11


def test_the_energy_of_the_thermostats_is_kept() -> None:
    q, p, xi, eta = orbit("NoseHooverChain", 20, 20_001).T
    time = np.linspace(0.0, 20 * systems["NoseHooverChain"].period, 20_001)
    heat = np.concatenate([[0.0], np.cumsum((xi + eta)[1:] + (xi + eta)[:-1]) / 2 * np.diff(time)])
    total = (q**2 + p**2 + xi**2 + eta**2) / 2 + heat
    assert np.ptp(total) < 1e-4 < 1 < np.ptp(heat)


def test_fractions_of_a_city_stay_between_none_and_all() -> None:
    states = orbit("SEIR", 50)
    people = np.exp(states[:, :3])
    assert (people > 0).all() and (people.sum(axis=1) < 1).all()


def test_phases_keep_their_mean() -> None:
    states = orbit("KuramotoNetwork", 20)
    np.testing.assert_allclose(states.mean(axis=1), states[0].mean(), atol=1e-11)


def test_all_species_at_equilibrium_stay_there() -> None:
    system = systems["LotkaVolterraThree"]
    np.testing.assert_allclose(system.rhs([1.0, 1.0, 1.0]), 0.0, atol=1e-15)
    four = systems["LotkaVolterraFour"]
    rest = np.linalg.solve(np.array(four.parameters["a"]), np.ones(4))
    np.testing.assert_allclose(four.rhs(rest), 0.0, atol=1e-15)
    assert (rest > 0).all()


def test_fast_and_slow_weather_exchange_energy_without_loss() -> None:
    """Only damping and forcing change the energy: for others the two couplings and advections cancel."""
    system = systems["Lorenz96TwoScale"]
    x = np.random.default_rng(2).normal(size=(30, 40))
    gained = (x * system.rhs(x)).sum(axis=1)
    expected = (10 * x[:, :8] - x[:, :8] ** 2).sum(axis=1) - 10 * (x[:, 8:] ** 2).sum(axis=1)
    np.testing.assert_allclose(gained, expected, rtol=1e-12)


def test_the_double_well_fills_both_wells() -> None:
    """The stationary density is proportional to exp((x^2 - x^4/2)/sigma^2)."""
    system = systems["DoubleWell"]
    initial = np.ones((256, 1))
    states = integrate_stochastic(system, initial, np.linspace(0, 600, 7), 5, range(256)).state[:, 1:, 0]
    grid = np.linspace(-3, 3, 2001)
    weight = np.exp((grid**2 - grid**4 / 2) / system.parameters["sigma"] ** 2)
    for power in (2, 4):
        exact = (weight * grid**power).sum() / weight.sum()
        sample = states**power
        assert abs(sample.mean() - exact) < 4 * sample.std() / np.sqrt(sample.size)
    assert abs(states.mean()) < 4 * states.std() / np.sqrt(256)


PUBLISHED = {
    # Parameters as declared; exponent and the margin of the source's last digit.
    "LotkaVolterraFour": (0.0203, 0.0003),  # Vano et al. (2006)
    "KuznetsovOscillators": (0.6832 / 6, 0.0006),  # Kuznetsov (2005), 0.6832 a period of modulation
    "Towel": (0.431, 0.003),  # the documentation of ChaosTools.jl: 0.432, 0.372, -3.296
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_exponents(name: str) -> None:
    value, margin = PUBLISHED[name]
    spectrum = lyapunov_spectrum(systems[name])
    assert abs(spectrum.value[0] - value) < 3 * spectrum.standard_error[0] + margin


def test_before_the_blue_sky_a_cycle_gets_longer_and_not_larger() -> None:
    """Near its end the period grows like one over the root of the distance of the parameter."""
    periods, sizes = [], []
    for eps in (0.0345, 0.0350, 0.0354):
        system = systems["BlueSkyCatastrophe"].with_parameters(eps=eps)
        time = np.arange(0.0, 1000.0, 0.05)
        state = integrate(system, [system.initial], time, tolerance=1e-9).state[0, 6_000:]
        z = state[:, 2]
        up = np.flatnonzero((z[:-1] < 0.7) & (z[1:] >= 0.7))
        at = 0.05 * up + 0.05 * (0.7 - z[up]) / (z[up + 1] - z[up])
        periods.append(np.diff(at).mean())
        assert np.ptp(np.diff(at)) < 1e-2
        sizes.append(np.ptp(state[:, :2], axis=0))  # z has spikes between the samples
    np.testing.assert_allclose(sizes[2], sizes[0], rtol=0.02)
    assert periods[0] < periods[1] < periods[2]
    end = 0.03573  # where no cycle is left
    slope = np.diff(periods) / np.diff([(end - eps) ** -0.5 for eps in (0.0345, 0.0350, 0.0354)])
    np.testing.assert_allclose(slope[1], slope[0], rtol=0.03)

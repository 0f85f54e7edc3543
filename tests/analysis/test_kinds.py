"""Estimators on maps and stochastic systems: closed forms, published values, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chaosdata.analysis.kaplan_yorke import kaplan_yorke_dimension
from chaosdata.analysis.lyapunov import lyapunov_spectrum
from chaosdata.analysis.moments import moments
from chaosdata.analysis.period import dominant_period
from chaosdata.equations.system import System
from chaosdata.integrate.threads import thread_limit
from tests.integrate.maps import (
    CatMap,
    CoupledMaps,
    FoldMap,
    HenonMap,
    IkedaMap,
    LogisticMap,
    RotationMap,
    TentMap,
)
from tests.integrate.noisy import DoubleWell, Geometric, OrnsteinUhlenbeck
from tests.references import MAP_SPECTRA, MapSpectrum

ENTIRE = LogisticMap.with_parameters(r=4.0)


@pytest.mark.parametrize("published", MAP_SPECTRA, ids=lambda s: s.system)
def test_spectra_computed_elsewhere(published: MapSpectrum) -> None:
    system = {"Henon": HenonMap, "Ikeda": IkedaMap, "Logistic": LogisticMap, "Tent": TentMap}[
        published.system
    ]
    spectrum = lyapunov_spectrum(system.with_parameters(**published.parameters))
    allowed = 3 * np.hypot(spectrum.standard_error, published.standard_error) + published.resolution
    assert (np.abs(spectrum.value - published.exponents) < allowed).all(), (spectrum.value, published)


def test_closed_forms() -> None:
    full = lyapunov_spectrum(ENTIRE)
    assert abs(full.value[0] - math.log(2)) < 4 * full.standard_error[0] < 0.002
    tent = lyapunov_spectrum(TentMap)
    assert abs(tent.value[0] - math.log(1.9)) < 1e-12 and tent.standard_error[0] < 1e-12
    cat = lyapunov_spectrum(CatMap)
    golden = math.log((3 + math.sqrt(5)) / 2)
    np.testing.assert_allclose(cat.value, [golden, -golden], rtol=1e-11)
    assert kaplan_yorke_dimension(cat).value == pytest.approx(2.0, abs=1e-10)


def test_exponents_sum_to_the_mean_logarithm_of_the_volume() -> None:
    henon = lyapunov_spectrum(HenonMap)
    assert henon.value.sum() == pytest.approx(math.log(0.3), abs=1e-12)
    assert henon.settings["mean_divergence"] == pytest.approx(math.log(0.3), abs=1e-12)
    coupled = lyapunov_spectrum(CoupledMaps, periods=500)
    assert coupled.value.sum() == pytest.approx(coupled.settings["mean_divergence"], abs=1e-9)
    assert coupled.value.shape == (10,) and (np.diff(coupled.value) < 0).all()


def test_the_dimension_of_the_henon_attractor() -> None:
    dimension = kaplan_yorke_dimension(lyapunov_spectrum(HenonMap))
    first, second = next(s.exponents for s in MAP_SPECTRA if s.system == "Henon")
    assert abs(float(dimension.value) - (1 + first / -second)) < 4 * float(dimension.standard_error) < 0.002


def test_units_are_iterates() -> None:
    spectrum = lyapunov_spectrum(HenonMap, periods=301, transient=10.4)
    assert (spectrum.settings["iterates"], spectrum.settings["transient_iterates"]) == (300, 10)
    assert "periods" not in spectrum.settings and "tolerance" not in spectrum.settings


def test_a_direction_that_is_folded_away_has_no_error() -> None:
    spectrum = lyapunov_spectrum(FoldMap)
    assert spectrum.value[1] == -np.inf and np.isnan(spectrum.standard_error[1])
    reference = lyapunov_spectrum(LogisticMap)
    assert abs(spectrum.value[0] - reference.value[0]) < 4 * np.hypot(
        spectrum.standard_error[0], reference.standard_error[0]
    )
    dimension = kaplan_yorke_dimension(spectrum)
    assert (dimension.value, dimension.standard_error) == (1.0, 0.0)


def test_exponents_of_stochastic_systems() -> None:
    """a - b^2/2 of a geometric motion; in a double well the mean of 1 - 3 x^2 over its density."""
    geometric = lyapunov_spectrum(Geometric, periods=200, transient=5)
    assert abs(geometric.value[0] - (0.3 - 0.4**2 / 2)) < 4 * geometric.standard_error[0] < 0.02
    assert geometric.settings["step"] == 1 / 400 and "tolerance" not in geometric.settings
    x = np.linspace(-4, 4, 4001)
    density = np.exp(-2 * (x**4 / 4 - x**2 / 2) / 0.8**2)
    exact = ((1 - 3 * x**2) * density).sum() / density.sum()
    well = lyapunov_spectrum(DoubleWell, periods=200, transient=5)
    assert abs(well.value[0] - exact) < 4 * well.standard_error[0] < 0.1


@pytest.mark.parametrize("system", [HenonMap, DoubleWell], ids=lambda s: s.name)
def test_threads_leave_no_trace(system: System) -> None:
    results = []
    for threads in (1, 3):
        with thread_limit(threads):
            spectrum = lyapunov_spectrum(system, trajectories=40, periods=20, transient=5)
            results.append(
                (spectrum.value.tobytes(), moments(system, trajectories=40)["mean"].value.tobytes())
            )
    assert results[0] == results[1]


def test_periods_of_maps() -> None:
    assert float(dominant_period(RotationMap).value) == pytest.approx(5.0, rel=1e-4)
    slow = RotationMap.with_parameters(omega=0.01)
    assert float(dominant_period(slow).value) == pytest.approx(2 * math.pi / 0.01, rel=1e-3)
    alternating = dominant_period(LogisticMap.with_parameters(r=3.2))
    assert float(alternating.value) == pytest.approx(2.0, rel=1e-3)
    assert float(dominant_period(CatMap).value) >= 2.0  # white noise has no period; there is none below two


def test_moments_of_the_arcsine_law() -> None:
    """The logistic map at r = 4 has the density 1/(pi sqrt(x (1 - x)))."""
    estimates = moments(ENTIRE)
    exact = {"mean": 0.5, "standard_deviation": math.sqrt(1 / 8), "skewness": 0.0, "kurtosis": 1.5}
    for name, value in exact.items():
        assert abs(estimates[name].value[0] - value) < 4 * estimates[name].standard_error[0] < 0.02, name
    assert estimates["mean"].settings["iterates"] == 2048


def test_moments_of_a_stochastic_system() -> None:
    """A normal law of variance s^2/(2a)."""
    estimates = moments(OrnsteinUhlenbeck)
    exact = {"mean": 0.0, "standard_deviation": 0.7 / math.sqrt(3), "skewness": 0.0, "kurtosis": 3.0}
    for name, value in exact.items():
        assert abs(estimates[name].value[0] - value) < 4 * estimates[name].standard_error[0] < 0.2, name

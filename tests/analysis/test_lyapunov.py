"""Lyapunov spectra: published values, the sum rule, zero exponents, symmetry."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from chaosdata.analysis.kaplan_yorke import kaplan_yorke_dimension
from chaosdata.analysis.lyapunov import lyapunov_spectrum
from chaosdata.equations.declare import flow
from chaosdata.errors import ArgumentError, IntegrationError
from chaosdata.systems import systems
from chaosdata.types import Estimate
from tests.references import LYAPUNOV_TIMES, SPECTRA, Spectrum


@cache
def _spectrum(name: str) -> Estimate:
    return lyapunov_spectrum(systems[name])


@pytest.mark.parametrize("published", SPECTRA, ids=lambda s: f"{s.system}-{s.exponents[0]}")
def test_published_spectra(published: Spectrum) -> None:
    system = systems[published.system].with_parameters(**published.parameters)
    spectrum = lyapunov_spectrum(system, trajectories=256)  # half the usual error: a sharper test
    allowed = 3 * spectrum.standard_error + published.resolution
    assert (np.abs(spectrum.value - published.exponents) < allowed).all(), (spectrum.value, published)


@pytest.mark.parametrize("name", sorted(LYAPUNOV_TIMES))
def test_exponents_sum_to_the_mean_divergence(name: str) -> None:
    spectrum = _spectrum(name)
    divergence = spectrum.settings["mean_divergence"]
    scale = max(abs(divergence), abs(spectrum.value[0]))
    assert abs(spectrum.value.sum() - divergence) < 1e-6 * scale


@pytest.mark.parametrize("name", sorted(LYAPUNOV_TIMES))
def test_a_flow_has_a_zero_exponent(name: str) -> None:
    spectrum = _spectrum(name)
    assert (np.abs(spectrum.value) <= 3 * spectrum.standard_error).any()


@pytest.mark.parametrize("name", sorted(LYAPUNOV_TIMES))
def test_exponents_descend_and_carry_errors(name: str) -> None:
    spectrum = _spectrum(name)
    assert (np.diff(spectrum.value) <= 0).all()
    assert spectrum.value.shape == spectrum.standard_error.shape == (systems[name].dimension,)
    assert (spectrum.standard_error > 0).all()
    assert spectrum.value[0] > 3 * spectrum.standard_error[0]  # all of them are chaotic


def test_lorenz_is_precise_by_default() -> None:
    assert _spectrum("Lorenz").standard_error[0] < 0.002


def test_henon_heiles_pairs_its_exponents() -> None:
    spectrum = _spectrum("HenonHeiles")
    mismatch = np.abs(spectrum.value + spectrum.value[::-1])
    assert (mismatch < 0.1 * spectrum.standard_error).all()
    assert spectrum.value[0] > 10 * spectrum.standard_error[0]


@flow(initial=(1.0, 1.0), period=1.0, reference="Anonymous (2000). A linear flow.", tags={"test"})
def Saddle(x, y):
    """A linear flow whose exponents are its coefficients."""
    return (0.1 * x, -0.4 * y)


def test_exact_exponents_of_a_linear_flow() -> None:
    spectrum = lyapunov_spectrum(Saddle, periods=100.0, transient=10.0)
    np.testing.assert_allclose(spectrum.value, [0.1, -0.4], atol=1e-9)
    assert kaplan_yorke_dimension(spectrum).value == pytest.approx(1.25, abs=1e-8)


@flow(initial=(1.0,), period=1.0, reference="Anonymous (2000). An explosion.", tags={"test"})
def Explosion(x):
    """Escapes in finite time."""
    return (x**2,)


def test_a_system_that_escapes_has_no_spectrum() -> None:
    with pytest.raises(IntegrationError, match="Only 0 of 64 trajectories of Explosion"):
        lyapunov_spectrum(Explosion)


def test_the_result_depends_on_the_seed_alone() -> None:
    first, again = (lyapunov_spectrum(systems["SprottB"], seed=5, periods=50.0) for _ in range(2))
    other = lyapunov_spectrum(systems["SprottB"], seed=6, periods=50.0)
    assert first.value.tobytes() == again.value.tobytes() != other.value.tobytes()


@pytest.mark.parametrize("arguments", [{"trajectories": 4}, {"periods": 0.0}, {"transient": -1.0}])
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ArgumentError):
        lyapunov_spectrum(systems["Lorenz"], **arguments)


@pytest.mark.parametrize(
    ("exponents", "dimension"),
    [
        ((0.9, 0.0, -14.5), 2 + 0.9 / 14.5),
        ((-0.1, -0.2), 0.0),
        ((0.0, -1.0), 1.0),
        ((0.2, 0.0, 0.0, -0.2), 4.0),
        ((1.0, 0.5), 2.0),
    ],
)
def test_kaplan_yorke_dimension(exponents: tuple, dimension: float) -> None:
    estimate = Estimate(np.array(exponents), np.full(len(exponents), 1e-3), "by hand", {})
    assert kaplan_yorke_dimension(estimate).value == pytest.approx(dimension, abs=1e-12)


def test_error_of_the_kaplan_yorke_dimension_knows_the_sum_rule() -> None:
    """Where the divergence is constant, the errors of the first and the last exponent cancel in part."""
    spectrum = _spectrum("Lorenz")
    known = kaplan_yorke_dimension(spectrum)
    assert abs(known.value - 2.0622) < 3 * known.standard_error + 5e-5  # Sprott (2003), appendix A
    assert 0 < known.standard_error < 2 * spectrum.standard_error[0] / 14.57

"""Moments over the attractor: exact ones, exact relations between them, published ones."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from chaosdata.analysis import ensemble
from chaosdata.analysis.moments import moments
from chaosdata.analysis.period import dominant_period
from chaosdata.equations import flow
from chaosdata.equations.functions import cos
from chaosdata.errors import ArgumentError, ChaosdataError
from chaosdata.integrate.flow import integrate
from chaosdata.systems import systems
from chaosdata.types import Estimate
from tests.references import LYAPUNOV_TIMES

NAMES = ["mean", "standard_deviation", "skewness", "kurtosis"]


@flow(initial=(1.5, 0.0, 0.0), period=2 * math.pi / 1.7, reference="Huygens (1673). Horologium.")
def Spring(x, v, far, *, omega=1.7):
    """A mass on a spring, and something that follows it far from the origin."""
    return v, -(omega * omega) * x, 1e6 + x - far


@flow(initial=(0.3, 0.1), period=2 * math.pi / 2.5, reference="Low pass.", angles={"phase"})
def Driven(x, phase, *, omega=2.5):
    """A damped variable that follows a forcing."""
    return cos(phase) - x, omega


@flow(initial=(0.5, 1.0, 0.0), period=6.0, reference="Decay.")
def HalfResting(x, z, w):
    """One variable settles, two oscillate."""
    return 0.3 - x, w, -z


@flow(initial=(0.5,), period=1.0, reference="Riccati.")
def Escaping(x):
    """Reaches infinity in a finite time."""
    return (1 + x * x,)


def within(estimate: Estimate, index: int, exact: float, sigmas: float = 4.0) -> bool:
    return bool(abs(estimate.value[index] - exact) <= sigmas * estimate.standard_error[index])


def test_a_sine() -> None:
    found = moments(Spring, seed=1)
    assert list(found) == NAMES
    for index, centre, amplitude in ((0, 0.0, 1.5), (1, 0.0, 1.5 * 1.7), (2, 1e6, 1.5 / math.hypot(1, 1.7))):
        tolerance = 1e-3 * amplitude  # the start is perturbed by 1e-4
        assert abs(found["mean"].value[index] - centre) < tolerance
        assert abs(found["standard_deviation"].value[index] - amplitude / math.sqrt(2)) < tolerance
        assert abs(found["skewness"].value[index]) < 1e-3
        assert abs(found["kurtosis"].value[index] - 1.5) < 1e-3


def test_a_forced_variable_and_its_phase() -> None:
    found = moments(Driven)
    gain = 1 / math.sqrt(1 + 2.5**2)
    expected = {
        "mean": (0, 0, 0),
        "standard_deviation": (gain / math.sqrt(2), math.sqrt(0.5), math.sqrt(0.5)),
        "skewness": (0, 0, 0),
        "kurtosis": (1.5, 1.5, 1.5),
    }
    assert Driven.observables == ("x", "cos(phase)", "sin(phase)")
    for name, values in expected.items():
        np.testing.assert_allclose(found[name].value, values, atol=1e-9)
        assert found[name].standard_error.shape == (3,)


def test_lorenz_relations_and_published_mean() -> None:
    """d<z>/dt = 0 and d<x^2>/dt = 0 give <xy> = beta <z> = <x^2>; <z> is 23.55 in every long integration."""
    found = moments(systems["Lorenz"])
    mean, deviation = found["mean"], found["standard_deviation"]
    assert within(mean, 2, 23.5497)
    assert within(mean, 0, 0.0)
    assert within(mean, 1, 0.0)
    square = deviation.value[0] ** 2 + mean.value[0] ** 2
    error = math.hypot(2 * deviation.value[0] * deviation.standard_error[0], 8 / 3 * mean.standard_error[2])
    assert abs(square - 8 / 3 * mean.value[2]) < 3 * error + 0.01
    assert within(deviation, 2, 8.62, sigmas=6)
    # x -> -x, y -> -y is a symmetry
    assert within(found["skewness"], 0, 0.0)
    assert within(found["skewness"], 1, 0.0)


def test_rossler_relations() -> None:
    """The means of the first two equations vanish: <y> + <z> = 0, <x> + a <y> = 0."""
    found = moments(systems["Rossler"])["mean"]
    x, y, z = found.value
    a = systems["Rossler"].parameters["a"]
    assert abs(y + z) < 0.01
    assert abs(x + a * y) < 0.01


@pytest.mark.parametrize("name", LYAPUNOV_TIMES)
def test_other_seeds_agree_within_their_errors(name: str) -> None:
    first, second = (moments(systems[name], seed=seed) for seed in (0, 1))
    assert list(first) == NAMES
    for key in NAMES:
        a, b = first[key], second[key]
        assert a.value.shape == a.standard_error.shape == (len(systems[name].observables),)
        assert np.isfinite(a.value).all()
        assert (a.standard_error > 0).all()
        apart = np.abs(a.value - b.value) / np.hypot(a.standard_error, b.standard_error)
        assert apart.max() < 6, (key, apart)
    assert (
        first["kurtosis"].value >= 1 + first["skewness"].value ** 2 - 1e-9
    ).all()  # holds for any distribution


def test_blocks_make_no_difference() -> None:
    """A regular motion, summed in three blocks, against the same motion in one piece."""
    trajectories, periods = 16, 150
    found = moments(Spring, seed=5, trajectories=trajectories, periods=periods)
    initial = ensemble.starts(Spring, 5, trajectories, "moments")
    time = np.arange(16 * periods) * (Spring.period / 16)
    state = integrate(Spring, initial, time).state.reshape(-1, 3)
    deviation = state - state.mean(axis=0)
    np.testing.assert_allclose(found["mean"].value, state.mean(axis=0), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found["standard_deviation"].value, state.std(axis=0), rtol=1e-8)
    kurtosis = (deviation**4).mean(axis=0) / state.var(axis=0) ** 2
    np.testing.assert_allclose(found["kurtosis"].value, kurtosis, rtol=1e-7)


def test_an_observable_at_rest_has_no_shape() -> None:
    found = moments(HalfResting)
    assert found["mean"].value[0] == pytest.approx(0.3, abs=1e-14)
    assert found["standard_deviation"].value[0] < 1e-14
    for name in ("skewness", "kurtosis"):
        assert np.isnan(found[name].value[0])
        assert np.isnan(found[name].standard_error[0])
        assert np.isfinite(found[name].value[1:]).all()


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="at least 16"):
        moments(Spring, trajectories=3)
    with pytest.raises(ArgumentError, match="periods"):
        moments(Spring, periods=0)
    with pytest.raises(ChaosdataError, match="Escaping"):
        moments(Escaping)


def fingerprint(name: str) -> str:
    """Every bit of both estimators' results."""
    estimates = [dominant_period(systems[name]), *moments(systems[name]).values()]
    return b"".join(e.value.tobytes() + e.standard_error.tobytes() for e in estimates).hex()


BITS = ("Lorenz", "Duffing")


def test_threads_do_not_change_a_bit() -> None:
    alone = [fingerprint(name) for name in BITS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fingerprint, [*BITS, *BITS])) == [*alone, *alone]


def test_an_older_cpu_does_not_change_a_bit() -> None:
    """NumPy is told to use none of the instructions it chooses at run time."""
    from numpy._core._multiarray_umath import __cpu_dispatch__

    code = (
        "import sys; from tests.analysis.test_moments import BITS, fingerprint; "
        "sys.stdout.write(' '.join(map(fingerprint, BITS)))"
    )
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(__cpu_dispatch__)}
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == [fingerprint(name) for name in BITS]

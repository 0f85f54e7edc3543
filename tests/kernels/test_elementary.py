"""The elementary functions are right to their last bit or the one before, and have the same bits everywhere.

Worst errors at a million points a function (``python -m tests.kernels.ulps 1000000``), in last places:

    sin    0.7764 at 19019.98732299601
    cos    0.7735 at 25015.716902372125
    exp    0.8070 at -0.33502367017654544
    log    0.7973 at 0.6985349410199655
    tanh   0.7708 at 0.18031084939602238
    tan    0.8543 at 774698.6611726531
    sinh   0.8186 at -0.3567064656740555
    cosh   0.6139 at 224.25043323004263
    atan   0.5582 at -0.25348156257962695
    atan2  0.5734 at y, x = 1.6795997513672885e+24, 6.905901445838329e+24
    x**0.5    0.8340 at 3.358935045028271e-170
    x**1.5    0.8292 at 1.7218847298549956e+156
    x**-1.7   0.8400 at 1.8339392189094523
    x**2.9    0.8268 at 1.8346148435528065
    x**1/3    0.8274 at 3.9082837432174785e-76
    x**0.01   0.8125 at 1.7249572126281992e+257
    x**37.3   0.8324 at 842.5921736059388
    x**-250.5 0.8410 at 5.459554711904018
    x**3.0    0.8263 at 0.8941459765989663
    x**-2.0   0.8195 at 1243149.238870305
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from chaosdata.kernels import arrays, coefficients, elementary
from chaosdata.kernels.vector import Vector
from tests.kernels import minimax, ulps
from tests.kernels.targets import runnable_cpus

LIMIT = {"sin": 0.80, "cos": 0.80, "exp": 0.85, "log": 0.85, "tanh": 0.80}  # a power: 0.90
LIMIT |= {"tan": 0.90, "sinh": 0.85, "cosh": 0.70, "atan": 0.60, "atan2": 0.60}
inf, nan = math.inf, math.nan


def test_coefficients_are_those_of_their_derivation() -> None:
    assert Path(coefficients.__file__).read_text() == minimax.module_text()


@pytest.mark.parametrize("name", ulps.ACCURATE)
def test_error_is_below_one_unit(name: str) -> None:
    x = ulps.points(name, 4000)
    error = ulps.errors(name, x, ulps.function(name)(x))
    worst = int(np.argmax(error))
    assert error[worst] < LIMIT.get(name, 0.90), f"{error[worst]} ulp at {float(x[worst])!r}"


SPECIAL = {
    "sin": [
        (0.0, 0.0), (-0.0, -0.0), (5e-324, 5e-324), (-1e-310, -1e-310),
        (inf, nan), (-inf, nan), (2.0**50, nan),
    ],
    "cos": [
        (0.0, 1.0), (-0.0, 1.0), (5e-324, 1.0), (inf, nan),
        (-inf, nan), (-(2.0**50), nan), (1e300, nan),
    ],
    "exp": [
        (0.0, 1.0), (-0.0, 1.0), (inf, inf), (-inf, 0.0),
        (709.79, inf), (1e300, inf), (-746.0, 0.0), (-745.0, 5e-324),
    ],
    "log": [(1.0, 0.0), (0.0, -inf), (-0.0, -inf), (-5e-324, nan), (-inf, nan), (inf, inf)],
    "tanh": [
        (0.0, 0.0), (-0.0, -0.0), (inf, 1.0), (-inf, -1.0),
        (22.0, 1.0), (-1e300, -1.0), (5e-324, 5e-324),
    ],
    "tan": [
        (0.0, 0.0), (-0.0, -0.0), (5e-324, 5e-324), (-1e-310, -1e-310),
        (inf, nan), (-inf, nan), (2.0**50, nan),
    ],
    "sinh": [
        (0.0, 0.0), (-0.0, -0.0), (5e-324, 5e-324), (-1e-310, -1e-310), (inf, inf),
        (-inf, -inf), (710.4758600739440, inf), (-1e300, -inf),
    ],
    "cosh": [
        (0.0, 1.0), (-0.0, 1.0), (5e-324, 1.0), (inf, inf),
        (-inf, inf), (710.4758600739440, inf), (-1e300, inf),
    ],
    "atan": [
        (0.0, 0.0), (-0.0, -0.0), (5e-324, 5e-324), (-1e-310, -1e-310), (inf, math.pi / 2),
        (-inf, -math.pi / 2), (1.0, math.pi / 4), (1e300, math.pi / 2),
    ],
    "power 0.5": [
        (0.0, 0.0), (-0.0, 0.0), (1.0, 1.0), (-1.0, nan),
        (inf, inf), (-inf, inf), (4.0, 2.0), (2.0**-1074, 2.0**-537),
    ],
    "power -1.7": [
        (0.0, inf), (-0.0, inf), (1.0, 1.0), (-1.0, nan),
        (inf, 0.0), (-inf, 0.0), (1e-300, inf), (1e300, 0.0),
    ],
    "power -250.5": [(0.0, inf), (1.0, 1.0), (inf, 0.0), (1e-300, inf), (1e300, 0.0), (5e-324, inf)],
    "power 3.0": [
        (0.0, 0.0), (-0.0, -0.0), (-2.0, -8.0), (-inf, -inf),
        (inf, inf), (1e300, inf), (-1e300, -inf),
    ],
    "power -2.0": [(0.0, inf), (-0.0, inf), (-2.0, 0.25), (inf, 0.0), (-inf, 0.0)],
    "power 0.0": [(0.0, 1.0), (-3.0, 1.0), (inf, 1.0), (nan, 1.0)],
}  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(name: str) -> None:
    """NaN in gives NaN out, signs of zero included in what is compared."""
    cases = SPECIAL[name] if name == "power 0.0" else [*SPECIAL[name], (nan, nan)]
    x, expected = np.array(cases).T
    got = ulps.function(name)(x)
    assert_array_equal(got, expected)
    assert_array_equal(np.signbit(got)[expected == 0], np.signbit(expected)[expected == 0])


@pytest.mark.parametrize("exponent", [inf, -inf, nan])
def test_power_refuses_an_exponent_that_is_no_number(exponent: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        elementary.power(Vector(8), "%x", exponent)


def test_angles_of_points() -> None:
    y, x = ulps.pairs(2000)
    error = ulps.errors("atan2", y, ulps.function("atan2")(y, x), x)
    assert error.max() < LIMIT["atan2"]
    tiny = np.array([1e-300, 3e-310, 5e-324, -1e-320, 2e-308]), np.array([1e10, 2.0, 1.0, 1e-3, -5e-324])
    assert ulps.errors("atan2", tiny[0], ulps.function("atan2")(*tiny), tiny[1]).max() < 1


def test_angles_on_the_axes_and_at_the_ends_of_the_range() -> None:
    """Zeros with their signs, infinities and NaN as in C: the definition that ``math.atan2`` follows."""
    edges = [0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-310, 1.7e308, -1e308, inf, -inf, nan]
    y, x = np.array([(a, b) for a in edges for b in edges]).T
    expected = np.array([math.atan2(a, b) for a, b in zip(y, x, strict=True)])
    got = ulps.function("atan2")(y, x)
    assert_array_equal(got, expected)
    assert_array_equal(np.signbit(got)[expected == 0], np.signbit(expected)[expected == 0])


@pytest.mark.parametrize("lanes", [2, 4, 16])
def test_the_bits_of_angles_depend_on_nothing(lanes: int) -> None:
    y, x = ulps.pairs(500)
    expected = ulps.function("atan2")(y, x)
    assert_array_equal(ulps.function("atan2", lanes)(y, x), expected)
    for cpu in runnable_cpus():
        assert_array_equal(ulps.function("atan2", lanes, cpu)(y, x), expected)


def test_log2_estimate() -> None:
    estimate = ulps.function("log2_estimate")
    x = 10 ** np.random.default_rng(0).uniform(-307, 308, 20_000)
    assert np.abs(estimate(x) - np.log2(x)).max() < 0.0435
    assert_array_equal(estimate(-x), estimate(x))
    edge = estimate(np.array([0.0, 5e-324, 2.0**-1030, inf, -inf, nan]))
    assert np.isfinite(edge).all()
    assert (edge[:3] < -1021.9).all()
    assert (edge[3:] > 1023.9).all()


def test_exp2_estimate() -> None:
    estimate = ulps.function("exp2_estimate")
    x = np.random.default_rng(0).uniform(-1000, 1000, 20_000)
    assert np.abs(estimate(x) / np.exp2(x) - 1).max() < 1e-4
    edge = estimate(np.array([1e9, inf, -1e9, -inf, nan]))
    assert_array_equal(edge, estimate(np.array([1000.0, 1000.0, -1000.0, -1000.0, -1000.0])))
    assert np.isfinite(edge).all()
    assert (edge > 0).all()


@pytest.mark.parametrize("name", ulps.FUNCTIONS)
def test_bits_depend_neither_on_lanes_nor_on_neighbours(name: str) -> None:
    x = _anything(name)
    expected = _words(ulps.function(name)(x))
    for lanes in (2, 4, 16):
        assert_array_equal(_words(ulps.function(name, lanes)(x)), expected)
    order = np.random.default_rng(1).permutation(len(x))
    assert_array_equal(_words(ulps.function(name)(x[order])), expected[order])


@pytest.mark.parametrize("cpu", runnable_cpus())
def test_bits_do_not_depend_on_the_cpu(cpu: str) -> None:
    for name in ulps.FUNCTIONS:
        x = _anything(name)
        assert_array_equal(
            _words(ulps.function(name, 8, cpu)(x)), _words(ulps.function(name)(x)), err_msg=name
        )


def _anything(name: str) -> ulps.Array:
    """Arguments from the whole domain and outside it."""
    odd = [0.0, -0.0, inf, -inf, nan, 5e-324, -1e-310, 1e308, -1e308, 2.0**50, -745.2, 709.9, -0.5, -1.0, 1.0]
    return np.concatenate([ulps.points(name, 1000), odd])


def _words(x: ulps.Array) -> np.ndarray:
    """Bit patterns; every NaN counts as the same."""
    return np.where(np.isnan(x), nan, x).view(np.int64)


SHAPES = [(), (0,), (1,), (7,), (8,), (9,), (3, 5, 7), (4, 0, 2)]


@pytest.mark.parametrize("shape", SHAPES)
def test_arrays_have_the_bits_of_the_kernels(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(2).uniform(0.1, 30, shape)
    kernel = {name: ulps.function(name) for name in ("cos", "sin", "exp", "log")}
    results = dict(zip(("cos", "sin"), arrays.cos_sin(x), strict=True))
    results |= {"exp": arrays.exp(x), "log": arrays.log(x)}
    for name, result in results.items():
        assert result.shape == shape
        assert result.dtype == np.float64
        assert_array_equal(result.reshape(-1), kernel[name](x.reshape(-1)))


def test_arrays_take_any_layout_and_type() -> None:
    x = np.random.default_rng(3).uniform(0.1, 30, (6, 9))
    assert_array_equal(arrays.exp(x.T[::2]), arrays.exp(x).T[::2])
    assert_array_equal(arrays.log([1, 2, 3]), arrays.log(np.array([1.0, 2.0, 3.0])))
    assert_array_equal(arrays.exp(x.astype(">f8")), arrays.exp(x))
    single = x.astype(np.float32)
    assert_array_equal(arrays.cos_sin(single)[0], arrays.cos_sin(single.astype(np.float64))[0])
    before = x.copy()
    arrays.cos_sin(x)
    assert_array_equal(x, before)

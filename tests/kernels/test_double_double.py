"""Double-double functions: right to about 2^-103, and the same bits for any lanes and on every CPU."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from chaosdata.kernels.double_double import DoubleDouble, Pair
from chaosdata.kernels.vector import Vector
from tests.kernels import pairs
from tests.kernels.targets import runnable_cpus

RANGES = {
    "add": [(0, 1e3)], "mul": [(-1e3, 1e3)], "div": [(-1e3, 1e3)], "sqrt": [(0, 1e3)],
    "exp": [(-30, 30), (-600, 700)], "log": [(0.3, 3), (1e-5, 1e5)],
    "tanh": [(-0.01, 0.01), (-3, 3), (-50, 50)],
    "sinh": [(-1, 1), (-100, 700)], "cosh": [(-1, 1), (-100, 700)],
    "sin": [(-1, 1), (-1e4, 1e4), (-(2.0**40), 2.0**40)], "cos": [(-1, 1), (-1e4, 1e4)],
    "tan": [(-1, 1), (-1e4, 1e4)], "atan": [(-1e-3, 1e-3), (-1, 1), (-100, 100), (-1e9, 1e9)],
}  # fmt: skip
RANGES |= {name: [(0.1, 10), (1e-9, 1e9)] for name in pairs.FUNCTIONS if name.startswith("power")}
LIMIT = 1e-31  # of a power: that times |exponent*log x|, where it exceeds 1


def _points(low: float, high: float, count: int, seed: int = 0) -> tuple[pairs.Array, pairs.Array]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(low, high, count)
    return x, x * rng.uniform(-1, 1, count) * 2.0**-54


def _number(pair: tuple[pairs.Array, pairs.Array], i: int) -> mp.mpf:
    return mp.mpf(pair[0][i]) + mp.mpf(pair[1][i])


@pytest.mark.parametrize("name", pairs.FUNCTIONS)
def test_errors(name: str) -> None:
    function = pairs.function(name)
    with mp.workdps(pairs.DIGITS):
        for low, high in RANGES[name]:
            a, b = _points(low, high, 300), _points(low, high, 300, seed=1)
            result = function(a, b)
            limit = LIMIT
            if name.startswith("power"):
                limit *= max(1, abs(float(name.split()[1])) * max(abs(math.log(low)), math.log(high)))
            for i in range(300):
                expected = pairs.reference(name, _number(a, i), _number(b, i))
                error = abs(_number(result, i) / expected - 1)
                assert error < limit, f"{float(error)} at {a[0][i]!r} in ({low}, {high})"
            assert (np.abs(result[1]) <= np.spacing(np.abs(result[0])) / 2).all()  # the parts do not overlap


def test_an_angle_near_a_multiple_of_a_right_one() -> None:
    """What the subtraction cancels, the four parts of pi/2 have to spare."""
    x = np.array([math.pi / 2, math.pi, 355.0, 411557987.0, 14885392687.0])
    for name in ("sin", "cos", "tan"):
        result = pairs.function(name)((x, np.zeros(len(x))))
        with mp.workdps(pairs.DIGITS):
            for i in range(len(x)):
                expected = pairs.reference(name, mp.mpf(x[i]), mp.mpf(0))
                assert abs(_number(result, i) / expected - 1) < LIMIT


SPECIAL = {
    "sqrt": [(0.0, 0.0), (-1.0, math.nan)],
    "exp": [(0.0, 1.0), (1000.0, math.inf), (-1000.0, 0.0), (math.inf, math.inf), (-math.inf, 0.0)],
    "log": [(1.0, 0.0), (0.0, -math.inf), (-1.0, math.nan), (math.inf, math.inf)],
    "tanh": [(0.0, 0.0), (1e300, 1.0), (-math.inf, -1.0)],
    "sinh": [(0.0, 0.0)],
    "cosh": [(0.0, 1.0)],
    "sin": [(0.0, 0.0), (2.0**50, math.nan), (math.inf, math.nan)],
    "cos": [(0.0, 1.0), (2.0**50, math.nan)],
    "atan": [(0.0, 0.0), (math.inf, math.pi / 2), (-math.inf, -math.pi / 2)],
    "power 0.5": [(0.0, 0.0), (1.0, 1.0), (-1.0, math.nan), (math.inf, math.inf)],
    "power -1.7": [(0.0, math.inf), (1.0, 1.0), (math.inf, 0.0)],
    "power 3.0": [(-2.0, -8.0)],
    "power -2.0": [(-2.0, 0.25)],
}


@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(name: str) -> None:
    """NaN in gives NaN out; what is exact has no low part."""
    x, expected = np.array([*SPECIAL[name], (math.nan, math.nan)]).T
    high, low = pairs.function(name)((x, np.zeros(len(x))))
    np.testing.assert_array_equal(high, expected)
    exact = np.isin(expected, (0.0, 1.0, math.inf, -math.inf))
    assert not low[exact].any()


@pytest.mark.parametrize("name", pairs.FUNCTIONS)
def test_bits_depend_neither_on_lanes_nor_on_the_cpu(name: str) -> None:
    a, b = _points(*RANGES[name][-1], 96), _points(*RANGES[name][-1], 96, seed=1)
    expected = pairs.function(name)(a, b)
    others = [pairs.function(name, lanes) for lanes in (2, 4, 16)]
    others += [pairs.function(name, 8, cpu) for cpu in runnable_cpus()]
    for function in others:
        result = function(a, b)
        assert all(x.tobytes() == y.tobytes() for x, y in zip(result, expected, strict=True))


def test_a_pair_is_its_high_part_to_whoever_knows_no_pairs() -> None:
    pair = Pair("%a", "%b")
    assert pair == "%a" and pair.low == "%b"
    with pytest.raises(ValueError, match="single register"):
        DoubleDouble(Vector()).fma("%a", "%b", "%c", name="%d")

"""One name for floats, arrays of any float type, symbols, and expressions as they were written."""

from __future__ import annotations

import math
import operator
import subprocess
import sys
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from chaosdata.equations import functions
from chaosdata.equations.written import SUPPORTED, symbol, text
from chaosdata.errors import DeclarationError


def test_the_supported_functions_and_pi_are_all_there_is() -> None:
    assert set(functions.__all__) == {*SUPPORTED, "pi"}
    assert functions.pi == math.pi


# Each function at two points, from mpmath or by its definition.
VALUES: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    **{
        name: (((0.25,), (0.7,)), (getattr(mpmath, name)(0.25), getattr(mpmath, name)(0.7)))
        for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "sinh", "cosh", "atan", "acos")
    },
    "atan2": (((0.25, -0.7), (-0.5, -0.5)), (mpmath.atan2(0.25, -0.7), -0.75 * mpmath.pi)),
    "abs": (((-0.25,), (0.7,)), (0.25, 0.7)),
    "sign": (((-0.25,), (0.0,)), (-1, 0)),
    "floor": (((-0.25,), (3.0,)), (-1, 3)),
    "minimum": (((0.25, -0.5), (0.7, 0.9)), (-0.5, 0.7)),
    "maximum": (((0.25, -0.5), (0.7, 0.9)), (0.25, 0.9)),
    "heaviside": (((0.0,), (0.5,)), (0, 1)),
}


@pytest.mark.parametrize("name", VALUES)
def test_each_works_on_floats_arrays_and_symbols(name: str) -> None:
    function = getattr(functions, name)
    points, expected = VALUES[name]
    for point, value in zip(points, expected, strict=True):
        assert type(function(*point)) is float
        assert function(*point) == pytest.approx(float(value), rel=1e-15)
    for dtype, precision in ((np.float32, 1e-6), (np.float64, 1e-15), (np.longdouble, 1e-15)):
        values = function(*np.array(points, dtype).T)
        assert values.dtype == dtype
        np.testing.assert_allclose(values, np.array(expected, np.float64), rtol=precision)
    names = ("x", "y")[: len(points[0])]
    symbols = sp.symbols(names)
    expression = function(*symbols)
    for point, value in zip(points, expected, strict=True):
        computed = expression.subs(dict(zip(symbols, point, strict=True)))
        assert float(computed) == pytest.approx(float(value), rel=1e-15)
    assert text(function(*map(symbol, names))) == f"{name}({', '.join(names)})"


def test_every_function_has_its_values_here() -> None:
    assert {*VALUES, "where"} == set(SUPPORTED)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_where_takes_each_comparison_on_numbers_and_symbols(dtype: type) -> None:
    left, right = np.array([1, 2, 3], dtype), np.array([2, 2, 2], dtype)
    x, y = sp.symbols("x y")
    for compare, expected in (
        (operator.gt, [-2, -2, 3]),
        (operator.lt, [1, -2, -2]),
        (operator.ge, [-2, 2, 3]),
        (operator.le, [1, 2, -2]),
    ):
        values = functions.where(compare(left, right), left, -right)
        assert values.dtype == dtype and values.tolist() == expected
        assert [functions.where(compare(a, 2.0), a, -2.0) for a in (1.0, 2.0, 3.0)] == expected
        chosen = functions.where(compare(x, y), x, -y)
        assert [chosen.subs({x: a, y: 2}) for a in (1, 2, 3)] == expected
        assert functions.where(compare(sp.Integer(3), 2), x, y) == (x if compare(3, 2) else y)


def test_minimum_and_maximum_take_any_number_from_two() -> None:
    assert (functions.minimum(3, 1, 2), functions.maximum(1, 3.0, 2)) == (1.0, 3.0)
    assert functions.maximum(np.array([1.0, 5.0]), 2.0, 3.0).tolist() == [3.0, 5.0]
    x = sp.Symbol("x")
    assert functions.minimum(x, 2, 1).subs(x, 5) == 1
    with pytest.raises(DeclarationError, match=r"write maximum\(x, y\)"):
        functions.maximum(1.0)


def test_declaring_and_listing_systems_does_not_import_sympy() -> None:
    code = (
        "import sys; from chaosdata.systems import systems; systems['Lorenz'].equations(); "
        "systems['Thomas'].rhs([1, 2, 3]); sys.exit('sympy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_function_of_a_number_is_a_number() -> None:
    """A NumPy scalar would take over the products of a declaration."""
    assert type(functions.cos(1)) is float
    assert isinstance(functions.cos(np.float64(1)), np.float64)

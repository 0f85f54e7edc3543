"""One name for floats, arrays of any float type, symbols, and expressions as they were written."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

from chaosdata.equations import functions
from chaosdata.equations.written import SUPPORTED, symbol, text


def test_the_supported_functions_and_pi_are_all_there_is() -> None:
    assert set(functions.__all__) == {*SUPPORTED, "pi"}
    assert functions.pi == math.pi


@pytest.mark.parametrize("name", SUPPORTED)
def test_each_works_on_floats_arrays_and_symbols(name: str) -> None:
    function = getattr(functions, name)
    assert float(function(0.7)) == pytest.approx(getattr(math, name)(0.7), rel=1e-15)
    for dtype in (np.float32, np.float64, np.longdouble):
        values = function(np.array([0.25, 0.7], dtype))
        assert values.dtype == dtype
        assert np.array_equal(values, getattr(np, name)(np.array([0.25, 0.7], dtype)))
    assert function(sp.Symbol("x")) == getattr(sp, name)(sp.Symbol("x"))
    assert text(function(symbol("x"))) == f"{name}(x)"


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

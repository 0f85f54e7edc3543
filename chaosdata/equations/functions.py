"""The functions a declaration may use: one name that works on floats, arrays and symbols.

An array keeps its float type (``np.longdouble`` included), a SymPy expression gives a SymPy expression, and a
:class:`~chaosdata.equations.written.Written` expression one of its kind. Powers are written with ``**``; the
constant ``pi`` is a plain float.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from chaosdata.equations.written import Written

__all__ = ["cos", "exp", "log", "pi", "sin", "sqrt", "tanh"]

pi = math.pi


def sin(x: Any) -> Any:
    """Sine; the angle is in radians."""
    return _apply("sin", x)


def cos(x: Any) -> Any:
    """Cosine; the angle is in radians."""
    return _apply("cos", x)


def exp(x: Any) -> Any:
    """Exponential function."""
    return _apply("exp", x)


def log(x: Any) -> Any:
    """Natural logarithm."""
    return _apply("log", x)


def sqrt(x: Any) -> Any:
    """Square root."""
    return _apply("sqrt", x)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return _apply("tanh", x)


def _apply(name: str, x: Any) -> Any:
    if isinstance(x, Written):
        return x.apply(name)
    # A SymPy object exists only where SymPy is already imported, so nobody pays for an import here.
    sympy = sys.modules.get("sympy")
    if sympy is not None and isinstance(x, sympy.Basic):
        return getattr(sympy, name)(x)
    value = getattr(np, name)(x)
    # A NumPy scalar would take over the arithmetic of a declaration; cos(1)*x must stay its own.
    plain = isinstance(x, (int, float)) and not isinstance(x, np.generic)
    return float(value) if plain else value

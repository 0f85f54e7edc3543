"""The functions a declaration may use: one name that works on floats, arrays and symbols.

An array keeps its float type (``np.longdouble`` included), a SymPy expression gives a SymPy expression, and a
:class:`~chaosdata.equations.written.Written` expression one of its kind. Powers are written with ``**``; the
constant ``pi`` is a plain float; Python's ``abs`` works as :func:`abs` does. A choice is written with
:func:`where`, :func:`minimum` or :func:`maximum`, never with ``if``.
"""

from __future__ import annotations

import math
import sys
from functools import reduce
from typing import Any

import numpy as np

from chaosdata.equations.written import Comparison, Written, applied
from chaosdata.errors import DeclarationError

__all__ = [
    "abs",
    "acos",
    "atan",
    "atan2",
    "cos",
    "cosh",
    "exp",
    "floor",
    "heaviside",
    "log",
    "maximum",
    "minimum",
    "pi",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "where",
]

pi = math.pi


def sin(x: Any) -> Any:
    """Sine; the angle is in radians."""
    return _apply("sin", x)


def cos(x: Any) -> Any:
    """Cosine; the angle is in radians."""
    return _apply("cos", x)


def tan(x: Any) -> Any:
    """Tangent; the angle is in radians."""
    return _apply("tan", x)


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


def sinh(x: Any) -> Any:
    """Hyperbolic sine."""
    return _apply("sinh", x)


def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""
    return _apply("cosh", x)


def atan(x: Any) -> Any:
    """Inverse tangent, in radians, between -pi/2 and pi/2."""
    return _apply("atan", x)


def acos(x: Any) -> Any:
    """Inverse cosine, in radians, between 0 and pi."""
    return _apply("acos", x)


def atan2(y: Any, x: Any) -> Any:
    """Angle of the point (x, y), in radians, between -pi and pi."""
    return _apply("atan2", y, x)


def abs(x: Any) -> Any:
    """Absolute value; its derivative is :func:`sign`."""
    return _apply("abs", x)


def sign(x: Any) -> Any:
    """-1 below zero, 0 at zero, 1 above."""
    return _apply("sign", x)


def floor(x: Any) -> Any:
    """The largest integer that is not above ``x``; ``x - m*floor(x/m)`` is ``x`` modulo ``m``."""
    return _apply("floor", x)


def heaviside(x: Any) -> Any:
    """1 above zero, 0 elsewhere."""
    return _apply("heaviside", x)


def minimum(*values: Any) -> Any:
    """The smallest of two or more."""
    return _extremum("minimum", values)


def maximum(*values: Any) -> Any:
    """The largest of two or more."""
    return _extremum("maximum", values)


def where(condition: Any, a: Any, b: Any) -> Any:
    """``a`` where the condition holds, ``b`` elsewhere; the condition is one of ``> < >= <=``."""
    if isinstance(condition, Written):
        raise DeclarationError(f"where takes a comparison first, as in where(x > 0, a, b), not {condition!r}")
    if isinstance(condition, Comparison):
        return applied("where", condition, a, b)
    if isinstance(condition, bool | np.bool_):
        return a if condition else b
    if _symbolic(condition):
        from chaosdata.equations import symbolic

        return symbolic.where(condition, a, b)
    return np.where(condition, a, b)


def _extremum(name: str, values: tuple[Any, ...]) -> Any:
    if len(values) < 2:
        raise DeclarationError(f"{name} compares two values or more: write {name}(x, y)")
    if any(isinstance(value, Written | Comparison) for value in values):
        return applied(name, *values)
    return reduce(lambda first, second: _apply(name, first, second), values)


def _apply(name: str, *arguments: Any) -> Any:
    if any(isinstance(argument, Written | Comparison) for argument in arguments):
        return applied(name, *arguments)
    if any(_symbolic(argument) for argument in arguments):
        from chaosdata.equations import symbolic

        return symbolic.apply(name, *arguments)
    # np.heaviside takes the value at zero as its second argument.
    value = getattr(np, name)(*arguments, *((0.0,) if name == "heaviside" else ()))
    # A NumPy scalar would take over the arithmetic of a declaration; cos(1)*x must stay its own.
    plain = all(isinstance(a, (int, float)) and not isinstance(a, np.generic) for a in arguments)
    return float(value) if plain else value


def _symbolic(value: Any) -> bool:
    # A SymPy object exists only where SymPy is already imported, so nobody pays for an import here.
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, sympy.Basic)

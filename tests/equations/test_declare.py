"""A wrong declaration is refused where it stands, with a message that says what to write."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from chaosdata.equations import flow
from chaosdata.equations.functions import minimum, sin, sqrt, where
from chaosdata.errors import DeclarationError

PAPER = "Nobody (2000). On nothing. J. Null Results 1, 1-2."


def _decay(x, y, *, a=1.0):
    """Decay."""
    return -a * x, -y


def _body(result: Callable[..., Any]) -> Callable[..., Any]:
    def Toy(x, y, *, a=1.0, k=((1, 2), (3, 4))):
        """A toy."""
        return result(x, y, a, k)

    return Toy


BODIES: dict[str, tuple[Callable[..., Any], str]] = {
    "one derivative too few": (lambda x, y, a, k: (x,), "1 derivatives are returned for 2 components"),
    "one derivative too many": (lambda x, y, a, k: (x, y, x), "3 derivatives are returned for 2 components"),
    "no tuple": (lambda x, y, a, k: x, "return a tuple of 2 derivatives, not a Written"),
    "None": (lambda x, y, a, k: None, "return a tuple of 2 derivatives, not a NoneType"),
    "None inside": (lambda x, y, a, k: (x, None), "the derivative of y is a NoneType"),
    "truth value": (lambda x, y, a, k: (x, True), "the derivative of y is a bool"),
    "math": (
        lambda x, y, a, k: (math.sin(x), y),
        "minimum, maximum, where, heaviside of chaosdata.equations.functions, and ** for powers",
    ),
    "math of a parameter": (lambda x, y, a, k: (x, math.sqrt(a) * y), "math, int or float was called with a"),
    "float": (lambda x, y, a, k: (float(x), y), "math, int or float was called with x"),
    "numpy": (lambda x, y, a, k: (np.sin(x), y), "NumPy's or SciPy's sin was called with x; use sin, cos"),
    "numpy operand": (lambda x, y, a, k: (np.float64(2.0) * x, y), "NumPy's or SciPy's multiply"),
    "numpy array": (
        lambda x, y, a, k: tuple(np.array([x, y])),
        "put into a NumPy array; keep components in tuples",
    ),
    "sympy": (lambda x, y, a, k: (sp.sin(x), y), "a SymPy function was called with x"),
    "if": (lambda x, y, a, k: (x if x > 0 else -x, y), "the comparison x > 0 (if, min, max, and, or"),
    "chain": (lambda x, y, a, k: (where(0 < x < 1, x, y), y), "use where(x > 0, a, b), minimum or maximum"),
    "and": (lambda x, y, a, k: (where(x > 0 and y > 0, x, y), y), "the equations must be one formula"),
    "bitwise and": (lambda x, y, a, k: (where((x > 0) & (y > 0), x, y), y), "must be one formula"),
    "equality": (lambda x, y, a, k: (x if x == y else -x, y), "the truth value of x (if, ==, and, or)"),
    "max": (lambda x, y, a, k: (max(x, y), y), "the comparison y > x (if, min, max, and, or"),
    "if on a parameter": (lambda x, y, a, k: (x if a else -x, y), "the truth value of a (if, ==, and, or)"),
    "comparison as a factor": (lambda x, y, a, k: ((x > 0) * y, y), "write where(x > 0, 1, 0)"),
    "comparison as a term": (lambda x, y, a, k: (y - (x > 0), y), "x > 0 is used as a number"),
    "comparison inside": (lambda x, y, a, k: (sin(x > 0), y), "x > 0 is used as a number"),
    "comparison returned": (lambda x, y, a, k: (x > 0, y), "the derivative of x is a Comparison"),
    "where of a number": (lambda x, y, a, k: (where(x, y, a), y), "where takes a comparison first"),
    "where of a word": (lambda x, y, a, k: (where(x > 0, "y", a), y), "str appears in a formula"),
    "one minimum": (lambda x, y, a, k: (minimum(x), y), "minimum compares two values or more"),
    "modulo": (lambda x, y, a, k: (x % 2, y), "write x - m*floor(x/m) for x modulo m"),
    "floor division": (lambda x, y, a, k: (2 // x, y), "//, % or divmod was used with x"),
    "string": (lambda x, y, a, k: (x + "1", y), "str appears in a formula"),
    "whole array parameter": (lambda x, y, a, k: (x * k[0], y), "tuple appears in a formula"),
    "index of a number": (lambda x, y, a, k: (x * a[0], y), "a is one number: it cannot be indexed"),
    "unknown name": (lambda x, y, a, k: (x + undefined, y), "NameError: name 'undefined' is not defined"),  # noqa: F821
    "no velocity": (lambda x, y, a, k: (sqrt(x - 10), y), "dx/dt is not finite at the initial state"),
    "division by zero": (lambda x, y, a, k: (1 / (y - y), y), "dx/dt is not finite at the initial state"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_wrong_body_is_refused(case: str) -> None:
    body, message = BODIES[case]
    with pytest.raises(DeclarationError) as refused:
        flow(initial=(1.0, 2.0), period=1.0, reference=PAPER)(_body(body))
    assert str(refused.value).startswith("Toy: ")
    assert message in str(refused.value)


FACTS: dict[str, tuple[dict[str, Any], str]] = {
    "initial too short": ({"initial": (1.0,)}, "initial has 1 values for 2 components (x, y)"),
    "initial too long": ({"initial": (1.0, 2.0, 3.0)}, "initial has 3 values for 2 components"),
    "initial not finite": ({"initial": (1.0, math.nan)}, "the initial value of y must be finite"),
    "initial no number": ({"initial": (1.0, "b")}, "the initial value of y must be a number, not 'b'"),
    "period zero": ({"period": 0}, "period must be "),
    "period negative": ({"period": -1.0}, "period must be "),
    "period infinite": ({"period": math.inf}, "period must be "),
    "period no number": ({"period": "long"}, "period must be "),
    "no reference": ({"reference": " "}, 'write "Authors (year). Title. Journal volume, pages."'),
    "unknown angle": ({"angles": {"z"}}, "angle 'z' is not a component: they are x, y"),
    "no angle": ({"angles": {"x"}}, "x is not an angle: the equations change when it grows by 2 pi"),
    "tags a string": ({"tags": "mechanics"}, "write {'mechanics'}"),
    "angles a string": ({"angles": "x"}, "write {'x'}"),
}


@pytest.mark.parametrize("case", FACTS)
def test_a_wrong_fact_is_refused(case: str) -> None:
    facts, message = FACTS[case]
    with pytest.raises(DeclarationError) as refused:
        flow(**({"initial": (1.0, 2.0), "period": 1.0, "reference": PAPER} | facts))(_decay)
    assert str(refused.value).startswith("_decay: ")
    assert message in str(refused.value)


def _no_default(x, y, *, a):
    """Decay."""
    return -a * x, -y


def _positional_default(x, y, a=1.0):
    """Decay."""
    return -a * x, -y


def _star(x, *y):
    """Decay."""
    return -x, -y[0]


def _keywords(x, y, **a):
    """Decay."""
    return -x, -y


def _late_time(x, y, t):
    """Decay."""
    return -x, -y


def _nothing(*, a=1.0):
    """Decay."""
    return ()


def _infinite(x, y, *, a=math.inf):
    """Decay."""
    return -a * x, -y


def _word(x, y, *, a="fast"):
    """Decay."""
    return -x, -y


def _ragged(x, y, *, a=((1, 2), (3,))):
    """Decay."""
    return -x, -y


def _reserved(x, y, *, period=1.0):
    """Decay."""
    return -x, -y


def _silent(x, y):
    return -x, -y


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_no_default, "the parameter a has no default: write a=<its usual value>"),
        (_positional_default, "put parameters after a bare *"),
        (_star, "*y stands beside x: name each component, or take all as *y"),
        (_keywords, "**a hides what there is"),
        (_late_time, "the time t must be the first argument"),
        (_nothing, "there are no components"),
        (_infinite, "the parameter a must be finite"),
        (_word, "the parameter a must be a number, not 'fast'"),
        (_ragged, "rectangular nested tuple"),
        (_reserved, "the parameter name 'period' is reserved"),
        (_silent, "the docstring is missing"),
    ],
)
def test_a_wrong_signature_is_refused(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        flow(initial=(1.0, 2.0), period=1.0, reference=PAPER)(function)
    assert message in str(refused.value)


def test_facts_come_from_the_signature_and_the_docstring() -> None:
    @flow(initial=(1, 2), period=3, reference=PAPER, tags={"toy"}, angles=["phi"], notes="A note.")
    def Toy(t, x, phi, *, a=1, k=((0, 1), (2, 3))):
        """A toy.

        With a second sentence.
        """
        return a * x + t, k[1][0] + sin(phi)

    assert (Toy.name, Toy.kind, Toy.dimension, Toy.components) == ("Toy", "flow", 2, ("x", "phi"))
    assert dict(Toy.parameters) == {"a": 1.0, "k": ((0.0, 1.0), (2.0, 3.0))}
    assert (Toy.initial, Toy.period, Toy.reference, Toy.tags) == ((1.0, 2.0), 3.0, PAPER, {"toy"})
    assert Toy.description == "A toy.\n\nWith a second sentence."
    assert (Toy.notes, Toy.angles, Toy.autonomous) == ("A note.", {"phi"}, False)
    assert Toy.observables == ("x", "cos(phi)", "sin(phi)")
    assert Toy.equations() == ["dx/dt = a*x + t", "dphi/dt = k_2_1 + sin(phi)"]


def test_a_single_component_needs_a_tuple_too() -> None:
    @flow(initial=(0.5,), period=1.0, reference=PAPER)
    def Growth(x, *, r=1.0):
        """Logistic growth."""
        return (r * x * (1 - x),)

    assert Growth.rhs([[0.5], [2.0]]).tolist() == [[0.25], [-2.0]]

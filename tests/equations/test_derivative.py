"""The Jacobian by the chain rule: exact to rounding for every operation, in every type of number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chaosdata.equations import System, delay, flow
from chaosdata.equations.functions import (
    abs,
    acos,
    atan,
    atan2,
    cos,
    cosh,
    exp,
    log,
    maximum,
    minimum,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    where,
)


@flow(initial=(0.4, -0.7, 0.9), period=1.0, reference="Test.", tags={"test"})
def Functions(t, x, y, z):  # type: ignore[no-untyped-def]
    """All analytic operations, some inside others."""
    return (
        sin(t * y) + exp(-(x**2)) / (2 + cos(z)) + 3,
        tanh(x * y) * sqrt(1 + z**2) - log(2 + z**2) + (1 + y**2) ** 1.3 - 2 * y,
        tan(0.3 * sin(x + t)) - sinh(x) * cosh(y * z) + atan(z / (1 + x * x)),
    )


@delay(initial=(0.4, 0.9), period=1.0, reference="Test.", tags={"test"})
def Late(t, x, y, *, tau=1.0):  # type: ignore[no-untyped-def]
    """Past values beside present ones."""
    return sin(x * y(t - tau)) - x(t - tau), x * y + x(t - tau) ** 2


@flow(initial=(0.4, -0.7), period=1.0, reference="Test.", tags={"test"})
def Corners(x, y):  # type: ignore[no-untyped-def]
    """Operations with two sides, and an angle."""
    return minimum(x * y, 3 * x, 2.0) + abs(y), where(x > y, x * x, y) + maximum(x, 1 - y) + atan2(y, x)


def _steps(system: System, states: Any, **arguments: Any) -> Any:
    """Derivatives by complex steps in extended precision, too short for any error but rounding."""
    columns = []
    for e in np.eye(system.dimension):
        shifted = states.astype(np.clongdouble) + 1e-60j * e
        columns.append(system.rhs(shifted, **arguments).imag / np.longdouble(1e-60))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(np.float32, 3e-6), (np.float64, 4e-15), (np.longdouble, 2e-18), (np.complex128, 4e-15)],
)
def test_every_function(dtype: Any, tolerance: float) -> None:
    # Quarters are exact in every type, and so are the coefficients 0.3 and 1.3 that both sides read.
    states = np.random.default_rng(4).integers(-6, 7, (40, 3)) / np.longdouble(4)
    jacobian = Functions.jacobian(states.astype(dtype), 0.5)
    assert jacobian.dtype == dtype and jacobian.shape == (40, 3, 3)
    expected = _steps(Functions, states, t=0.5)
    scale = np.abs(expected).max(axis=2, keepdims=True) + 1
    assert (np.abs(jacobian - expected) / scale).max() < tolerance


def test_an_angle_of_complex_numbers() -> None:
    @flow(initial=(0.3,), period=1.0, reference="Test.", tags={"test"})
    def Turned(x):  # type: ignore[no-untyped-def]
        """An inverse function inside another function."""
        return (acos(x) ** 3,)

    x = np.array([[0.3 + 0.2j], [-0.6 - 0.1j]])
    expected = -3 * np.arccos(x[:, 0]) ** 2 / np.sqrt(1 - x[:, 0] ** 2)
    np.testing.assert_allclose(Turned.jacobian(x)[:, 0, 0], expected, rtol=1e-14)


def test_past_values_are_held() -> None:
    states, past = np.random.default_rng(5).uniform(-1, 1, (2, 30, 2))
    jacobian = Late.jacobian(states, delayed=past)
    np.testing.assert_allclose(jacobian, _steps(Late, states, delayed=past).astype(float), atol=1e-15)


def test_both_sides_of_corners() -> None:
    states = np.random.default_rng(6).uniform(-3, 3, (200, 2))
    h = 1e-6
    columns = [(Corners.rhs(states + h * e) - Corners.rhs(states - h * e)) / (2 * h) for e in np.eye(2)]
    wrong = np.abs(Corners.jacobian(states) - np.stack(columns, axis=-1)) > 1e-7
    assert wrong.any(axis=(1, 2)).sum() <= 1


def test_what_does_not_depend_on_a_component_is_zero_even_where_a_root_is_singular() -> None:
    @flow(initial=(0.0, 1.0), period=1.0, reference="Test.", tags={"test"})
    def Root(x, y):  # type: ignore[no-untyped-def]
        """A slope that is infinite at zero."""
        return sqrt(x), y

    with np.errstate(divide="ignore"):
        assert Root.jacobian([0.0, 1.0]).tolist() == [[np.inf, 0.0], [0.0, 1.0]]

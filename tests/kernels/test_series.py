"""Taylor coefficients and tangents of every elementary operation, against those of mpmath.

The flow is ``y' = 1, z' = f(y^2)``: the coefficients of z are those of f along a parabola, and its derivative
by y is a difference of f. Along a line, ``z' = f(y/4 + 3/5)``, the argument ends after order 1.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from chaosdata.equations.graph import Graph, Operand, Operation
from chaosdata.integrate.driver import aligned_work
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.tangent import tangent_kernel
from chaosdata.kernels.taylor import FULL_ACCURACY, flow_kernel, order_for
from chaosdata.kernels.vector import LANES, Vector

Y, SQUARE = Operand("state", 0), Operand("result", 0)
STATES = np.array([0.0, 0.1, -0.3, 0.7, 1.1, -1.6, 1.3, -0.9])
LINE = Operation("linear", (Y,), coefficients=(0.25,), constant=0.6)
HALF = Operation("linear", (SQUARE,), coefficients=(0.5,), constant=0.25)  # away from the zeros of a root


def _of_square(kind: str, operand: Operand = SQUARE, **fields: Any) -> tuple[Operation, ...]:
    return (Operation("square", (Y,)), Operation(kind, (operand,), **fields))


def _pair(first: str, second: str) -> tuple[Operation, ...]:
    return (
        Operation("square", (Y,)),
        Operation(first, (SQUARE,), partner=2),
        Operation(second, (SQUARE,), partner=1),
    )


def _of_half(kind: str, **fields: Any) -> tuple[Operation, ...]:
    return (Operation("square", (Y,)), HALF, Operation(kind, (Operand("result", 1),), **fields))


# The operations, the index of their result, and the function.
CASES: dict[str, tuple[tuple[Operation, ...], int, Callable[[Any], Any]]] = {
    "exp": (_of_square("exp"), 1, mp.exp),
    "tanh": (_of_square("tanh"), 1, mp.tanh),
    "tan": (_of_square("tan"), 1, mp.tan),
    "atan": (_of_square("atan"), 1, mp.atan),
    "sin": (_pair("sin", "cos"), 1, mp.sin),
    "cos": (_pair("sin", "cos"), 2, mp.cos),
    "sinh": (_pair("sinh", "cosh"), 1, mp.sinh),
    "cosh": (_pair("sinh", "cosh"), 2, mp.cosh),
    "log": (_of_half("log"), 2, lambda a: mp.log(a / 2 + mp.mpf(1) / 4)),
    "sqrt": (_of_half("sqrt"), 2, lambda a: mp.sqrt(a / 2 + mp.mpf(1) / 4)),
    "divide": (
        (Operation("square", (Y,)), HALF, Operation("divide", (SQUARE, Operand("result", 1)))),
        2,
        lambda a: a / (a / 2 + mp.mpf(1) / 4),
    ),
    "power": (_of_half("power", constant=1.7), 2, lambda a: mp.power(a / 2 + mp.mpf(1) / 4, mp.mpf(1.7))),
}


def _flow(name: str, *, line: bool = False) -> Graph:
    operations, result, _ = CASES[name]
    operations = (LINE, *operations[1:]) if line else operations
    return Graph(2, operations, (Operand("constant", value=1.0), Operand("result", result)))


def _step(address: int, work: np.ndarray, tolerance: float) -> None:
    call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_double)(address)
    call(work.ctypes.data, np.log2(tolerance))


@pytest.mark.parametrize("line", [False, True], ids=["parabola", "line"])
@pytest.mark.parametrize("name", CASES)
def test_coefficients_are_those_of_the_function(name: str, line: bool) -> None:
    graph, order = _flow(name, line=line), order_for(FULL_ACCURACY)
    kernel = flow_kernel(graph, FULL_ACCURACY)
    layout = Jet(Vector(), graph, order, Memory(2))
    work = aligned_work(kernel.memory.slots)
    rows = work.reshape(-1, LANES)
    rows[kernel.memory.state] = STATES
    rows[kernel.memory.stop] = 1.0
    _step(kernel.step, work, FULL_ACCURACY)
    mp.mp.dps = 40
    for lane, y in enumerate(STATES):
        exact = mp.taylor(lambda t, y=y: CASES[name][2](_argument(mp.mpf(y) + t, line)), 0, order - 1)
        expected = np.array([float(c / (k + 1)) for k, c in enumerate(exact)])
        got = rows[layout.slot["x", 1] + 1 : layout.slot["x", 1] + order + 1, lane]
        # An error is judged by the largest of the neighbouring orders: single ones may vanish.
        size = np.abs(np.pad(expected, 4))
        scale = np.max([size[k : k + order] for k in range(9)], axis=0)
        assert (np.abs(got - expected) <= 2e-14 * (1 + np.arange(order)) * scale).all(), y


def _argument(y: mp.mpf, line: bool) -> mp.mpf:
    return y / 4 + mp.mpf(0.6) if line else y**2


@pytest.mark.parametrize("line", [False, True], ids=["parabola", "line"])
@pytest.mark.parametrize("name", CASES)
def test_tangents_are_differences_of_the_function(name: str, line: bool) -> None:
    kernel = tangent_kernel(_flow(name, line=line), FULL_ACCURACY, 2)
    memory = kernel.memory
    work = aligned_work(memory.slots)
    rows = work.reshape(-1, LANES)
    rows[memory.state] = STATES
    rows[memory.state + 1] = 1.0  # at rest in the origin there is no scale
    rows[memory.stop] = 0.3
    rows[kernel.vectors] = rows[kernel.vectors + 3] = 1.0
    _step(kernel.step, work, FULL_ACCURACY)
    mp.mp.dps = 40
    for lane, y in enumerate(STATES):
        h, f = mp.mpf(rows[memory.end, lane]), CASES[name][2]
        assert h > 0.001
        slope = float(f(_argument(mp.mpf(y) + h, line)) - f(_argument(mp.mpf(y), line)))
        length = np.hypot(1.0, slope)
        got = rows[kernel.vectors : kernel.vectors + 4, lane]
        # The second vector is orthogonal to the first, and the flow keeps areas.
        np.testing.assert_allclose(got, np.array([1.0, slope, -slope, 1.0]) / length, rtol=0, atol=1e-14)
        growth = rows[kernel.growth : kernel.growth + 2, lane]
        np.testing.assert_allclose(growth, [np.log(length), -np.log(length)], rtol=1e-13, atol=1e-14)

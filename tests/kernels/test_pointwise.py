"""Graphs evaluated on lanes: the values of the declared functions, NaN and edges included."""

from __future__ import annotations

import ctypes
import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from chaosdata.equations.graph import Graph, Operand, Operation
from chaosdata.kernels.compile import load
from chaosdata.kernels.pointwise import evaluate
from chaosdata.kernels.vector import LANES, Vector, declarations
from chaosdata.systems import systems

inf, nan = math.inf, math.nan
X, Y = Operand("state", 0), Operand("state", 1)


def on_lanes(graph: Graph, states: np.ndarray, time: float = 0.0) -> np.ndarray:
    """The outputs (m, outputs) of a graph at states (m, d)."""
    v = Vector()
    inputs = [v.load(v.offset("%x", LANES * i)) for i in range(graph.dimension)]
    for i, value in enumerate(evaluate(v, graph, inputs, v.broadcast("%t"))):
        v.store(value, v.offset("%y", LANES * i))
    body = "\n".join(v.lines)
    ir = f"define void @f(ptr %x, ptr %y, double %t) {{\nentry:\n{body}\nret void\n}}\n{declarations(LANES)}"
    pointer = ctypes.c_void_p
    call = ctypes.CFUNCTYPE(None, pointer, pointer, ctypes.c_double)(load(ir, ["f"])["f"])
    out = np.empty((len(states), len(graph.outputs)))
    for first in range(0, len(states), LANES):
        rows = np.minimum(np.arange(first, first + LANES), len(states) - 1)
        x = _aligned(graph.dimension)
        x[:] = states[rows].T
        y = _aligned(len(graph.outputs))
        call(x.ctypes.data, y.ctypes.data, time)
        out[rows] = y.T
    return out


def _aligned(rows: int) -> np.ndarray:
    block = np.zeros((rows + 1) * LANES)
    shift = -(block.ctypes.data >> 3) & (LANES - 1)
    return block[shift : shift + rows * LANES].reshape(rows, LANES)


@pytest.mark.parametrize("name", [name for name, system in systems.items() if system.kind == "flow"])
def test_lanes_equal_the_declared_function(name: str) -> None:
    system = systems[name]
    spread = np.random.default_rng(3).uniform(0.95, 1.05, (9, system.dimension))
    states = np.array(system.initial) * spread
    expected = system.rhs(states.astype(np.longdouble), 0.7)
    got = on_lanes(system.graph(), states, 0.7)
    scale = np.abs(states).max() + np.abs(expected).max()
    assert (np.abs(got - expected) <= 2e-14 * scale).all()


EDGES = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, -0.5, 1e300, -1e300, inf, -inf, nan, 5e-324]
PIECEWISE = {
    "abs": (1, np.abs),
    "sign": (1, np.sign),
    "floor": (1, np.floor),
    "minimum": (2, np.minimum),
    "maximum": (2, np.maximum),
}


@pytest.mark.parametrize("kind", PIECEWISE)
def test_piecewise_operations_are_those_of_numpy(kind: str) -> None:
    arguments, function = PIECEWISE[kind]
    states = np.array([(x, y) for x in EDGES for y in EDGES])
    graph = Graph(2, (Operation(kind, (X, Y)[:arguments]),), (Operand("result", 0),))
    expected = function(*states.T[:arguments])
    assert_array_equal(on_lanes(graph, states)[:, 0], expected)


def test_functions_without_a_system_that_uses_them() -> None:
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, 20))
    operations = (
        Operation("sinh", (X,), partner=1),
        Operation("cosh", (X,), partner=0),
        Operation("tan", (X,)),
        Operation("atan", (Y,)),
        Operation("atan2", (Y, X)),
    )
    graph = Graph(2, operations, tuple(Operand("result", n) for n in range(5)))
    expected = np.stack([np.sinh(x), np.cosh(x), np.tan(x), np.arctan(y), np.arctan2(y, x)], 1)
    np.testing.assert_allclose(on_lanes(graph, np.stack([x, y], 1)), expected, rtol=4e-16)


def test_where_takes_constants() -> None:
    states = np.array([(x, y) for x in EDGES for y in EDGES])
    one = Operand("constant", value=1.0)
    operations = (Operation("where", (X, Y, one)), Operation("minimum", (X, Operand("constant", value=0.0))))
    graph = Graph(2, operations, (Operand("result", 0), Operand("result", 1)))
    x, y = states.T
    assert_array_equal(on_lanes(graph, states), np.stack([np.where(x > 0, y, 1.0), np.minimum(x, 0.0)], 1))


def test_an_unknown_operation_is_refused() -> None:
    graph = Graph(1, (Operation("gamma", (X,)),), (Operand("result", 0),))
    with pytest.raises(ValueError, match="'gamma'"):
        evaluate(Vector(), graph, ["%x"], "%t")

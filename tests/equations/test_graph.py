"""The graph computes what the expressions say, with few operations, in the promised form."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from chaosdata.equations import functions
from chaosdata.equations.graph import (
    PARTNERS,
    PIECEWISE,
    Graph,
    Operand,
    Operation,
    evaluate,
    expression_graph,
)
from chaosdata.errors import DeclarationError
from chaosdata.systems import systems
from tests.equations.declared import Driven, Kinks, Wheel

x, y, z, t = sp.symbols("x y z t")


def _graph(*expressions: Any) -> Graph:
    graph = expression_graph(expressions, (x, y, z), t)
    assert_well_formed(graph)
    return graph


def assert_well_formed(graph: Graph) -> None:
    """Every promise that kernels rely on."""
    assert len(set(graph.operations)) == len(graph.operations)
    arity = dict.fromkeys(("square", "sqrt", "power", "exp", "log", "tanh", "tan", "atan"), 1)
    arity |= dict.fromkeys(PARTNERS, 1) | {"multiply": 2, "divide": 2, "atan2": 2}
    arity |= {"abs": 1, "sign": 1, "floor": 1, "minimum": 2, "maximum": 2, "where": 3}
    constants = {("divide", 0), ("where", 1), ("where", 2)}
    constants |= {(kind, place) for kind in ("atan2", "minimum", "maximum") for place in (0, 1)}
    for i, operation in enumerate(graph.operations):
        kind, operands = operation.kind, operation.operands
        assert kind == "linear" or len(operands) == arity[kind]
        assert kind == "where" or any(operand.kind != "constant" for operand in operands)
        assert len(operation.coefficients) == (len(operands) if kind == "linear" else 0)
        assert all(np.isfinite(operation.coefficients)) and 0.0 not in operation.coefficients
        for place, operand in enumerate(operands):
            if operand.kind == "constant":
                assert (kind, place) in constants
            if operand.kind == "result":
                assert operand.index < i
        if kind == "linear":
            assert len(set(operands)) == len(operands)
            assert (operation.coefficients, operation.constant) != ((1.0,), 0.0)
        if kind == "power":
            assert operation.constant != int(operation.constant)
        if kind in PARTNERS:
            other = graph.operations[operation.partner]
            assert other.operands == operands and other.kind == PARTNERS[kind]
            assert (kind in ("sin", "sinh")) == (operation.partner > i)
            assert other.partner == i and abs(operation.partner - i) == 1
        else:
            assert operation.partner == -1


def _products(graph: Graph) -> int:
    return sum(graph.counts.get(kind, 0) for kind in ("multiply", "square", "divide"))


@pytest.mark.parametrize(
    ("expressions", "counts"),
    [
        ([x * (28 - z) - y], {"linear": 2, "multiply": 1}),
        ([x**3], {"square": 1, "multiply": 1}),
        ([x**4.0], {"square": 2}),
        ([x**7], {"square": 2, "multiply": 2}),
        ([x**2 * y**2], {"multiply": 1, "square": 1}),
        ([z**4 / (0.5 + z**4)], {"square": 2, "linear": 1, "divide": 1}),
        ([1 / x, y / x], {"divide": 1, "multiply": 1}),
        ([x**-2], {"square": 1, "divide": 1}),
        ([x * y, -3 * x * y, x * y + 1], {"multiply": 1, "linear": 2}),
        ([(x - y) * z, (y - x) * x, (2 * x - 2 * y) ** 2], {"linear": 3, "multiply": 2, "square": 1}),
        ([x * y * z, x * y * (z + 1)], {"multiply": 3, "linear": 1}),
        ([x * y + 3 * x * z - x], {"multiply": 1, "linear": 2}),
        ([x * y + x * z, x * y], {"multiply": 2, "linear": 1}),
        ([t * x**2 + x * (1 - 2 * t)], {"multiply": 2, "linear": 1}),
        ([2 * (x + 3 * (y - z)) - 1], {"linear": 1}),
        ([(x + y) / 2 + (x - y) / 2], {}),
        ([sp.sin(x)], {"sin": 1, "cos": 1}),
        ([sp.sin(x - y) + sp.cos(y - x)], {"linear": 2, "sin": 1, "cos": 1}),
        ([sp.sqrt(x), 1 / sp.sqrt(x)], {"sqrt": 1, "divide": 1}),
        ([x**1.5], {"power": 1}),
        ([x**y], {"log": 1, "multiply": 1, "exp": 1}),
        ([2**x], {"linear": 1, "exp": 1}),
        ([t * x], {"multiply": 1}),
        ([sp.tan(2 * x), sp.tan(2 * x) * y], {"linear": 1, "tan": 1, "multiply": 1}),
        ([sp.sinh(x) + sp.cosh(x), sp.cosh(x)], {"sinh": 1, "cosh": 1, "linear": 1}),
        ([sp.acos(x)], {"linear": 2, "multiply": 1, "sqrt": 1, "atan2": 1}),
        ([sp.atan(x) + sp.atan2(y, 2)], {"atan": 1, "atan2": 1, "linear": 1}),
        ([functions.abs(x + 1) - functions.abs(x + 1) * y], {"linear": 2, "abs": 1, "multiply": 1}),
        ([functions.minimum(x, y, 0), functions.minimum(x, y)], {"minimum": 2}),
        ([functions.where(x >= y, 1, 0), functions.heaviside(y - x)], {"linear": 1, "where": 2}),
        ([functions.where(x > 0, y, y), functions.maximum(x, x)], {}),
        ([functions.floor(2.5) + functions.sign(-x - 1 + x), functions.maximum(1, 2.5)], {}),
        ([x, t, 2.5, 0 * x], {}),
    ],
    ids=str,
)
def test_operation_counts(expressions: list[Any], counts: dict[str, int]) -> None:
    assert _graph(*expressions).counts == counts


def test_numbers_inside_piecewise_operations_are_folded() -> None:
    one = (x + 1) ** 2 - x * (x + 2)
    product = x * 0.0
    chosen = functions.where(product + 1 > 0, x, y), functions.minimum(2, 3.5) * functions.abs(-2)
    graph = _graph(*chosen, functions.floor(functions.sign(-0.5) * 1.5))
    assert graph.outputs == (
        Operand("state", 0),
        Operand("constant", value=4.0),
        Operand("constant", value=-2.0),
    )
    assert not graph.operations
    vanishing = x * (y + 1) - x * y - x
    for graph in (_graph(functions.sign(one)), _graph(functions.where(vanishing > -1, y, z))):
        values = evaluate(graph, np.array([[0.5, 0.25, 2.0]]))
        assert values.tolist() in ([[1.0]], [[0.25]])


@pytest.mark.parametrize("kind", PIECEWISE)
def test_a_graph_with_a_kink_is_not_analytic(kind: str) -> None:
    function = getattr(functions, kind)
    kinked = function(x > y, y, z) if kind == "where" else function(*(x, y)[: 1 + kind.endswith("imum")])
    assert not _graph(sp.sin(kinked)).analytic
    assert _graph(sp.sin(x) + sp.tan(y)).analytic


@pytest.mark.parametrize(
    ("name", "products"),
    [
        ("Lorenz", 2),
        ("Rossler", 1),
        ("Lorenz96", 40),
        ("HyperRossler", 1),
        ("Halvorsen", 3),
        ("Thomas", 0),
        ("DoubleGyre", 5),
    ],
)
def test_product_counts_of_systems(name: str, products: int) -> None:
    assert _products(systems[name].graph()) == products


def test_the_calcium_model_needs_five_powers_and_three_quotients() -> None:
    counts = systems["CaTwoPlus"].graph().counts
    assert (counts["square"], counts["divide"], counts["multiply"]) == (5, 3, 6)


def test_outputs_may_be_leaves() -> None:
    graph = _graph(x, t, sp.Float(2.5))
    assert graph.outputs == (Operand("state", 0), Operand("time"), Operand("constant", value=2.5))
    assert evaluate(graph, [[3.0, 0, 0]], 4.0).tolist() == [[3.0, 4.0, 2.5]]


def test_a_graph_by_hand_is_evaluated() -> None:
    state = Operand("state", 0)
    graph = Graph(
        1,
        (
            Operation("linear", (state,), coefficients=(2.0,), constant=1.0),
            Operation("divide", (Operand("constant", value=6.0), Operand("result", 0))),
            Operation("power", (Operand("result", 0),), constant=0.5),
        ),
        (Operand("result", 1), Operand("result", 2)),
    )
    assert evaluate(graph, np.array([[1.0], [4.0]])).tolist() == [[2.0, 3.0**0.5], [6 / 9, 3.0]]


@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
def test_systems_with_kinks_and_jumps(dtype: type) -> None:
    """The graph equals the declared function; the derivatives equal differences where nothing switches."""
    states = np.random.default_rng(5).uniform(-1.5, 1.5, (300, 3)).astype(dtype)
    graph = Kinks.graph(divergence=True)
    assert_well_formed(graph)
    assert not graph.analytic
    computed = evaluate(graph, states)
    assert computed.dtype == dtype
    np.testing.assert_allclose(computed[:, :3], Kinks.rhs(states), rtol=4e-15, atol=4e-15)
    np.testing.assert_allclose(computed[:, 3], Kinks.divergence(states), rtol=4e-15, atol=4e-15)
    step = 1e-6
    columns = [(Kinks.rhs(states + step * e) - Kinks.rhs(states - step * e)) / (2 * step) for e in np.eye(3)]
    differences, jacobian = np.stack(columns, axis=-1), Kinks.jacobian(states)
    smooth = np.all(np.abs(differences) < 1e3, axis=(1, 2))
    assert np.count_nonzero(smooth) > 290
    np.testing.assert_allclose(jacobian[smooth], differences[smooth], atol=1e-7)
    np.testing.assert_allclose(np.trace(jacobian, axis1=1, axis2=2), computed[:, 3], atol=1e-14)


@pytest.mark.parametrize("system", [Driven, Wheel], ids=repr)
def test_explicit_time_array_parameters_and_integer_valued_exponents(system: Any) -> None:
    states = np.abs(np.random.default_rng(3).random((20, system.dimension)))
    times = np.linspace(0, 5, 20)
    for divergence in (False, True):
        graph = system.graph(divergence=divergence)
        assert_well_formed(graph)
        expected = system.rhs(states, times)
        if divergence:
            expected = np.concatenate([expected, system.divergence(states, times)[:, None]], axis=1)
        np.testing.assert_allclose(evaluate(graph, states, times), expected, rtol=1e-14, atol=1e-14)
    assert "power" not in system.graph().counts and "sqrt" not in system.graph().counts


def test_the_graph_of_a_system_is_kept() -> None:
    lorenz = systems["Lorenz"]
    assert lorenz.graph() is lorenz.with_parameters(rho=28).graph()
    assert lorenz.graph().outputs == lorenz.graph(divergence=True).outputs[:3]


@pytest.mark.parametrize("expression", [sp.asinh(x), sp.Abs(x), sp.Symbol("w"), sp.zoo * x, sp.sqrt(-1) * x])
def test_what_has_no_operation_is_refused(expression: Any) -> None:
    with pytest.raises(
        DeclarationError, match=r"supported are \+ - \* / \*\* and sin, cos|not a finite real"
    ):
        _graph(expression)


def test_graphs_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import hashlib; from chaosdata.systems import systems; "
        "graphs = repr([system.graph(divergence=system.kind == 'flow') for system in systems.values()]); "
        "print(hashlib.sha256(graphs.encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "271828")
    }
    assert len(digests) == 1


NUMBERS = st.sampled_from([1.0, 2.0, 0.5, 3.0, 0.1, -1.0, -2.5])
UNARY = st.sampled_from(["neg", "sin", "cos", "exp", "tanh", "log", "sqrt", "inverse", "abs", "atan", "sinh"])


def _trees() -> st.SearchStrategy[Any]:
    leaves = st.sampled_from(["x", "y", "z", "t"]) | NUMBERS

    def grow(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return (
            st.tuples(st.sampled_from(["+", "-", "*", "minimum", "maximum"]), children, children)
            | st.tuples(UNARY, children)
            | st.tuples(st.just("power"), children, st.sampled_from([2.0, 3.0, 4.0, 1.7, -0.5]))
        )

    return st.recursive(leaves, grow, max_leaves=10)


def _build(tree: Any, names: dict[str, Any]) -> Any:
    """The tree on arrays or symbols; logarithms, roots and quotients get arguments of at least 1."""
    if not isinstance(tree, tuple):
        return names[tree] if isinstance(tree, str) else tree
    head, *parts = tree
    a = _build(parts[0], names)
    match head:
        case "+":
            return a + _build(parts[1], names)
        case "-":
            return a - _build(parts[1], names)
        case "*":
            return a * _build(parts[1], names)
        case "neg":
            return -a
        case "minimum" | "maximum":
            return getattr(functions, head)(a, _build(parts[1], names))
        case "exp" | "sinh":
            return getattr(functions, head)(functions.tanh(a))
        case "log" | "sqrt":
            return getattr(functions, head)(1 + a * a)
        case "inverse":
            return 1 / (1 + a * a)
        case "power":
            return (1 + functions.sin(a) ** 2) ** parts[1]
        case name:
            return getattr(functions, name)(a)


@settings(max_examples=150, deadline=None)
@given(st.lists(_trees(), min_size=1, max_size=3))
def test_graph_and_numpy_agree_on_random_expressions(trees: list[Any]) -> None:
    states = np.random.default_rng(1).uniform(-1.5, 1.5, (40, 3))
    time = 0.7
    # Long doubles, so that an ill-conditioned tree does not blame the graph.
    exact = states.astype(np.longdouble)
    names = {"x": exact[:, 0], "y": exact[:, 1], "z": exact[:, 2], "t": np.longdouble(time)}
    graph = _graph(*(_build(tree, {"x": x, "y": y, "z": z, "t": t}) for tree in trees))
    computed = evaluate(graph, exact, time)
    for i, tree in enumerate(trees):
        expected = np.broadcast_to(np.asarray(_build(tree, names), np.longdouble), (40,))
        magnitude = _magnitude(tree, names)
        assert np.all(np.abs(computed[:, i] - expected) <= 1e-13 * magnitude)


def _magnitude(tree: Any, names: dict[str, Any]) -> Any:
    """A bound on the terms that the tree adds up: cancellation is judged by what cancels."""
    if not isinstance(tree, tuple):
        return np.abs(np.asarray(_build(tree, names), np.longdouble)) + 1
    head, *parts = tree
    inner = _magnitude(parts[0], names)
    match head:
        case "+" | "-" | "minimum" | "maximum":
            return inner + _magnitude(parts[1], names)
        case "*":
            return inner * _magnitude(parts[1], names)
        case "power":
            return 16 * inner
        case "log" | "sqrt" | "inverse":
            return 1 + inner * inner
        case _:
            return 3 * inner

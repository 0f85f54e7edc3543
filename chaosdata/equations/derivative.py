"""The Jacobian and the divergence of a graph in NumPy, by the chain rule from operation to operation.

Symbolic derivatives of nested expressions grow without bound; this needs at most d numbers an operation.

Reference: Griewank, Walther (2008). Evaluating Derivatives, chapter 3 (forward mode). SIAM, Philadelphia.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaosdata.equations.graph import Graph, Operand, Operation, operand_values

Tangent = dict[int, Any]
"""Derivatives by the components on which a value depends; those by the others are zero and left out."""


def jacobian(
    graph: Graph, x: NDArray[Any], t: Any, past: NDArray[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    """Derivatives of the first d outputs by the state.

    x : (..., d), real or complex; t : scalar or (...); past : (..., number of ``graph.delayed``); shape : the
    axes (...) of all three together. Returns (..., d, d) of the state's type; the last axis is the component
    derived by. At a kink it is the derivative of one of the two sides.
    """
    matrix = np.zeros((*shape, graph.dimension, graph.dimension), x.dtype)
    for i, tangent in enumerate(_tangents(graph, x, t, past)):
        for j, derivative in tangent.items():
            matrix[..., i, j] = derivative
    return matrix


def divergence(
    graph: Graph, x: NDArray[Any], t: Any, past: NDArray[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    """The trace of :func:`jacobian`, (...)."""
    total = np.zeros(shape, x.dtype)
    for i, tangent in enumerate(_tangents(graph, x, t, past)):
        total += tangent.get(i, 0)
    return total


def _tangents(graph: Graph, x: Any, t: Any, past: Any) -> list[Tangent]:
    """Those of the first d outputs."""
    value = operand_values(graph, x, t, past)
    tangents: list[Tangent] = []

    def tangent(operand: Operand) -> Tangent:
        if operand.kind == "state":
            return {operand.index: x.dtype.type(1)}
        return tangents[operand.index] if operand.kind == "result" else {}

    for n, operation in enumerate(graph.operations):
        inner = [tangent(operand) for operand in operation.operands]
        if not any(inner):
            tangents.append({})
        elif operation.kind == "where":
            chosen = value(operation.operands[0]) > 0
            by = inner[1].keys() | inner[2].keys()
            tangents.append({j: np.where(chosen, inner[1].get(j, 0), inner[2].get(j, 0)) for j in by})
        else:
            partner = value(Operand("result", operation.partner)) if operation.partner >= 0 else None
            values = [value(operand) for operand in operation.operands]
            slopes = _slopes(operation, values, value(Operand("result", n)), partner)
            tangents.append(_combined(slopes, inner))
    return [tangent(operand) for operand in graph.outputs[: graph.dimension]]


def _combined(slopes: Sequence[Any], tangents: Sequence[Tangent]) -> Tangent:
    total: Tangent = {}
    for slope, tangent in zip(slopes, tangents, strict=True):
        for j, derivative in tangent.items():
            total[j] = total[j] + slope * derivative if j in total else slope * derivative
    return total


def _slopes(operation: Operation, values: Sequence[Any], result: Any, partner: Any) -> Sequence[Any]:
    """The derivatives of an operation by its operands."""
    a, b = values[0], values[-1]
    match operation.kind:
        case "linear":
            return operation.coefficients
        case "multiply":
            return b, a
        case "square":
            return (2 * a,)
        case "divide":
            return 1 / b, -result / b
        case "power":
            return (operation.constant * a ** (operation.constant - 1),)
        case "sqrt":
            return (0.5 / result,)
        case "exp":
            return (result,)
        case "log":
            return (1 / a,)
        case "tanh":
            return (1 - result * result,)
        case "tan":
            return (1 + result * result,)
        case "atan":
            return (1 / (1 + a * a),)
        case "sin" | "sinh" | "cosh":
            return (partner,)
        case "cos":
            return (-partner,)
        case "atan2":
            square = a * a + b * b
            return b / square, -a / square
        case "abs":
            return (np.sign(a),)
        case "minimum":
            return a <= b, a > b
        case "maximum":
            return a >= b, a < b
    return (0,) * len(values)  # sign and floor

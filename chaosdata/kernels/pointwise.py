"""The outputs of a graph at one point: every operation evaluated plainly, without derivatives.

What maps, Runge-Kutta methods and stochastic schemes are made of. A NaN that an operation reads is a NaN in
its result, except in the condition of ``where``, which then does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaosdata.equations.graph import Graph, Operand, Operation
from chaosdata.kernels import elementary
from chaosdata.kernels.vector import Value, Vector


def evaluate(
    v: Vector, graph: Graph, states: Sequence[Value], time: Value, delayed: Sequence[Value] = ()
) -> list[Value]:
    """The values of ``graph.outputs``.

    Parameters
    ----------
    states : one value for each component. time : read by graphs that depend on it.
    delayed : one value for each entry of ``graph.delayed``.

    Raises
    ------
    ValueError : the graph has an operation of an unknown kind.
    """
    results: list[Value] = []

    def value(operand: Operand) -> Value:
        match operand.kind:
            case "state":
                return states[operand.index]
            case "time":
                return time
            case "result":
                return results[operand.index]
            case "constant":
                return v.constant(operand.value)
        return delayed[operand.index]

    pending: Value = ""  # the second half of a pair such as sine and cosine
    for operation in graph.operations:
        values = [value(operand) for operand in operation.operands]
        if operation.kind in _PAIRS:
            first, pending = _PAIRS[operation.kind](v, values[0])
            results.append(first)
        elif operation.kind in _SECONDS:
            results.append(pending)
        else:
            results.append(_apply(v, operation, values))
    return [value(output) for output in graph.outputs]


_PAIRS = {"sin": elementary.sin_cos, "sinh": elementary.sinh_cosh}
_SECONDS = ("cos", "cosh")
_FUNCTIONS = {
    "exp": elementary.exp,
    "log": elementary.log,
    "tan": elementary.tan,
    "tanh": elementary.tanh,
    "atan": elementary.atan,
}


def _apply(v: Vector, operation: Operation, values: Sequence[Value]) -> Value:
    a, *others = values
    match operation.kind:
        case "linear":
            return linear(v, operation, values)
        case "multiply":
            return v.mul(a, others[0])
        case "square":
            return v.mul(a, a)
        case "divide":
            return v.div(a, others[0])
        case "sqrt":
            return v.sqrt(a)
        case "atan2":
            return elementary.atan2(v, a, others[0])
        case "power":
            return elementary.power(v, a, operation.constant)
        case "abs":
            return v.abs(a)
        case "floor":
            return v.floor(a)
        case "sign":
            return _sign(v, a)
        case "minimum":
            return _or_nan(v, v.minimum(a, others[0]), others[0])
        case "maximum":
            return _or_nan(v, v.maximum(a, others[0]), others[0])
        case "where":
            return v.select(v.compare("ogt", a, v.constant(0.0)), *others)
    if operation.kind not in _FUNCTIONS:
        raise ValueError(f"No lanes for the operation {operation.kind!r}.")
    return _FUNCTIONS[operation.kind](v, a)


def linear(v: Vector, operation: Operation, values: Sequence[Value]) -> Value:
    """``constant + coefficients[0]*values[0] + ...``: the terms without a factor first, as series do."""
    total = v.constant(operation.constant) if operation.constant else None
    terms = zip(operation.coefficients, values, strict=True)
    for c, x in sorted(terms, key=lambda term: abs(term[0]) != 1):
        if total is None:
            total = x if c == 1 else v.neg(x) if c == -1 else v.mul(v.constant(c), x)
        elif c == 1:
            total = v.add(total, x)
        else:
            total = v.sub(total, x) if c == -1 else v.fma(v.constant(c), x, total)
    return v.constant(operation.constant) if total is None else total


def _sign(v: Vector, a: Value) -> Value:
    zero = v.constant(0.0)
    below = v.select(v.compare("olt", a, zero), v.constant(-1.0), a)
    sign = v.select(v.compare("ogt", a, zero), v.constant(1.0), below)
    return v.select(v.compare("oeq", a, zero), zero, sign)  # -0 has no sign


def _or_nan(v: Vector, result: Value, b: Value) -> Value:
    """``result``, or NaN where ``b`` is; a NaN in the first operand stays by itself."""
    return v.select(v.compare("uno", b, b), b, result)

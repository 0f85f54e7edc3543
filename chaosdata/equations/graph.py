"""The graph of elementary operations: the only form of a system that kernels read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from chaosdata.equations.normal import NormalForm, Sum
    from chaosdata.equations.products import Monomial, Rule

PIECEWISE = ("abs", "sign", "floor", "minimum", "maximum", "where")
# The Taylor coefficients of each of the two need those of the other.
PARTNERS = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}


@dataclass(frozen=True)
class Operand:
    """What an operation reads.

    kind : ``"state"`` (component ``index``), ``"time"``, ``"result"`` (of operation ``index``),
    ``"constant"`` (the number ``value``) or ``"delayed"`` (entry ``index`` of the graph's ``delayed``).
    """

    kind: Literal["state", "time", "result", "constant", "delayed"]
    index: int = 0
    value: float = 0.0


@dataclass(frozen=True)
class Operation:
    """One elementary operation.

    ================= ========================================================================
    kind              result, for operands a, b, ...
    ================= ========================================================================
    linear            ``constant + coefficients[0]*a + coefficients[1]*b + ...``
    multiply          ``a*b``
    square            ``a*a``
    divide            ``a/b``; ``a`` may be a constant
    sqrt, power       square root of ``a``; ``a**constant`` for an exponent that is not an integer
    exp log tanh      of ``a``
    tan atan          of ``a``
    sin cos           of ``a``: always two operations in a row, ``partner`` is the index of the other
    sinh cosh         of ``a``: in the same way
    atan2             angle of the point (b, a); one of the two may be a constant
    abs sign floor    of ``a``
    minimum maximum   of ``a`` and ``b``; one of the two may be a constant
    where             ``b`` where ``a > 0``, ``c`` elsewhere; ``b`` and ``c`` may be constants
    ================= ========================================================================
    """

    kind: str
    operands: tuple[Operand, ...]
    coefficients: tuple[float, ...] = ()
    constant: float = 0.0
    partner: int = -1


class Delayed(NamedTuple):
    """The state component ``component``, ``delay`` time units ago."""

    component: int
    delay: float


@dataclass(frozen=True)
class Graph:
    """Operations in an order in which each reads only earlier results, and what they compute.

    ``outputs`` holds one operand for each component's derivative (or next value), then any extra quantity
    asked for; ``dimension`` is the number of components; ``delayed`` are the past values that operands of the
    kind ``"delayed"`` read, each once, by ascending delay. No operation appears twice.
    """

    dimension: int
    operations: tuple[Operation, ...]
    outputs: tuple[Operand, ...]
    delayed: tuple[Delayed, ...] = ()

    @property
    def analytic(self) -> bool:
        """Whether there is no operation with kinks or jumps."""
        return not any(operation.kind in PIECEWISE for operation in self.operations)

    @property
    def timed(self) -> bool:
        """Whether the time is read."""
        operands = [operand for operation in self.operations for operand in operation.operands]
        return any(operand.kind == "time" for operand in (*operands, *self.outputs))

    @property
    def counts(self) -> dict[str, int]:
        """How many operations there are of each kind."""
        kinds = [operation.kind for operation in self.operations]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def evaluate(
    graph: Graph, state: ArrayLike, t: ArrayLike = 0.0, delayed: ArrayLike | None = None
) -> NDArray[Any]:
    """The outputs in plain NumPy, operation by operation.

    state : (..., d); t : scalar or (...); delayed : (..., number of ``graph.delayed``), where there are any.
    Returns (..., outputs) of the state's float type.
    """
    x = np.asarray(state)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    past = np.zeros(0, x.dtype) if delayed is None else np.asarray(delayed, x.dtype)
    shape = np.broadcast_shapes(x.shape[:-1], np.shape(t), past.shape[:-1])
    value = operand_values(graph, x, t, past)
    outputs = np.empty((*shape, len(graph.outputs)), x.dtype)
    for i, operand in enumerate(graph.outputs):
        outputs[..., i] = value(operand)
    return outputs


def operand_values(graph: Graph, x: Any, t: Any, past: Any) -> Callable[[Operand], Any]:
    """Run all operations; the result gives the value of any operand.

    x : (..., d), real or complex; t : scalar or (...); past : (..., number of ``graph.delayed``).
    """
    results: list[Any] = []

    def value(operand: Operand) -> Any:
        if operand.kind == "state":
            return x[..., operand.index]
        if operand.kind == "time":
            return np.asarray(t, x.dtype)
        if operand.kind == "delayed":
            return past[..., operand.index]
        return results[operand.index] if operand.kind == "result" else x.dtype.type(operand.value)

    for operation in graph.operations:
        results.append(_apply(operation, [value(operand) for operand in operation.operands]))
    return value


def _apply(operation: Operation, values: Sequence[Any]) -> Any:
    match operation.kind:
        case "linear":
            return sum(
                (c * v for c, v in zip(operation.coefficients, values, strict=True)), operation.constant
            )
        case "multiply":
            return values[0] * values[1]
        case "square":
            return values[0] * values[0]
        case "divide":
            return values[0] / values[1]
        case "power":
            return values[0] ** operation.constant
        case "where":
            return np.where(values[0] > 0, values[1], values[2])
        case "atan2" if any(np.iscomplexobj(value) for value in values):  # NumPy has it for real numbers
            y, x = values
            return -1j * np.log((x + 1j * y) / np.sqrt(x * x + y * y))
        case function:
            return getattr(np, function)(*values)


def expression_graph(
    expressions: Sequence[Any],
    states: Sequence[Any],
    time: Any,
    delayed: Mapping[Any, Delayed] = MappingProxyType({}),
) -> Graph:
    """The graph of SymPy expressions in the symbols ``states`` and ``time``, and those of ``delayed``.

    Numbers must have been put in for all parameters. Products are arranged for the fewest operations and
    subexpressions shared, up to a factor; factors, signs and nested sums end in ``linear`` operations, which
    are nearly free. Raises DeclarationError for a function that has no operation.
    """
    from chaosdata.equations.normal import NormalForm
    from chaosdata.equations.products import cheapest

    operands = {symbol: Operand("state", i) for i, symbol in enumerate(states)} | {time: Operand("time")}
    operands |= {symbol: Operand("delayed", i) for i, symbol in enumerate(delayed)}
    form = NormalForm(operands)
    sums = [form.read(expression) for expression in expressions]
    form.factor_out(sums)
    builder = _Builder(form, cheapest(form.products(sums)))
    outputs = tuple(builder.sum(total) for total in sums)
    return Graph(len(states), tuple(builder.operations), outputs, tuple(delayed.values()))


class _Builder:
    """Appends operations for sums and products, each distinct one once."""

    def __init__(self, form: NormalForm, rules: Mapping[Monomial, Rule]) -> None:
        self.form = form
        self.rules = rules
        self.operations: list[Operation] = []
        self.known: dict[Any, Operand] = {}

    def append(self, kind: str, *operands: Operand, **fields: Any) -> Operand:
        operation = Operation(kind, operands, **fields)
        if operation not in self.known:
            self.known[operation] = Operand("result", len(self.operations))
            self.operations.append(operation)
        return self.known[operation]

    def sum(self, total: Sum) -> Operand:
        total = self.form.resolve(total)
        if not total.terms:
            return Operand("constant", value=total.constant)
        if total.constant == 0.0 and len(total.terms) == 1 and total.terms[0][1] == 1.0:
            return self.product(total.terms[0][0])
        operands = [self.product(monomial) for monomial, _ in total.terms]
        coefficients = tuple(coefficient for _, coefficient in total.terms)
        return self.append("linear", *operands, coefficients=coefficients, constant=total.constant)

    def product(self, monomial: Monomial) -> Operand:
        if not monomial:
            return Operand("constant", value=1.0)
        if len(monomial) == 1 and monomial[0][1] == 1:
            return self.atom(monomial[0][0])
        if monomial not in self.known:
            kind, *parts = self.rules[monomial]
            self.known[monomial] = self.append(kind, *(self.product(part) for part in parts))
        return self.known[monomial]

    def atom(self, index: int) -> Operand:
        atom = self.form.atoms[index]
        if atom.operand is not None:
            return atom.operand
        arguments = [self.sum(argument) for argument in atom.arguments]
        if atom.kind == "sum":
            return arguments[0]
        if atom.kind == "power":
            return self.append("power", *arguments, constant=atom.exponent)
        if atom.kind not in PARTNERS:
            return self.append(atom.kind, *arguments)
        first, second = sorted((atom.kind, PARTNERS[atom.kind]), key=list(PARTNERS).index)
        if (first, *arguments) not in self.known:
            n = len(self.operations)
            for kind, index, partner in ((first, n, n + 1), (second, n + 1, n)):
                self.known[kind, *arguments] = Operand("result", index)
                self.operations.append(Operation(kind, tuple(arguments), partner=partner))
        return self.known[atom.kind, *arguments]

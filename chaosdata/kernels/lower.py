"""Piecewise operations in the form that the Taylor kernels take: abs, sign, floor and where.

Each of them follows one smooth branch until its first operand, the switching function, reaches zero (for
floor: an integer). Minimum and maximum become a choice by the sign of a difference.
"""

from __future__ import annotations

from dataclasses import replace

from chaosdata.equations.graph import Graph, Operand, Operation

SWITCHING = ("abs", "sign", "floor", "where")


def lowered(graph: Graph) -> Graph:
    """The graph with differences and choices in the place of minima and maxima; an analytic one as it is."""
    if not any(operation.kind in ("minimum", "maximum") for operation in graph.operations):
        return graph
    operations: list[Operation] = []
    known: dict[Operation, Operand] = {}
    moved: list[Operand] = []

    def append(operation: Operation) -> Operand:
        if operation not in known or operation.partner >= 0:
            known[operation] = Operand("result", len(operations))
            operations.append(operation)
        return known[operation]

    def new(operand: Operand) -> Operand:
        return moved[operand.index] if operand.kind == "result" else operand

    for n, operation in enumerate(graph.operations):
        operands = tuple(new(operand) for operand in operation.operands)
        if operation.kind in ("minimum", "maximum"):
            a, b = operands
            difference = append(_difference(a, b))
            above, below = (b, a) if operation.kind == "minimum" else (a, b)
            moved.append(append(Operation("where", (difference, above, below))))
        else:
            partner = operation.partner - n + len(operations) if operation.partner >= 0 else -1
            moved.append(append(replace(operation, operands=operands, partner=partner)))
    return replace(graph, operations=tuple(operations), outputs=tuple(new(o) for o in graph.outputs))


def surface_of(graph: Graph, operand: Operand) -> tuple[Operand, float]:
    """The switching function that stands for an operand and all its multiples, and the sign between them."""
    if operand.kind != "result" or graph.operations[operand.index].kind != "linear":
        return operand, 1.0
    operation = graph.operations[operand.index]
    if len(operation.operands) == 1 and operation.constant == 0.0:
        inner, sign = surface_of(graph, operation.operands[0])
        return inner, sign if operation.coefficients[0] > 0 else -sign
    terms = dict(zip(operation.operands, operation.coefficients, strict=True))
    for n, other in enumerate(graph.operations[: operand.index]):
        if other.kind == "linear" and other.constant == -operation.constant:
            pairs = zip(other.operands, other.coefficients, strict=True)
            if {o: -c for o, c in pairs} == terms:
                return Operand("result", n), -1.0
    return operand, 1.0


def _difference(a: Operand, b: Operand) -> Operation:
    terms = [(c, o) for c, o in ((1.0, a), (-1.0, b)) if o.kind != "constant"]
    constant = sum(c * o.value for c, o in ((1.0, a), (-1.0, b)) if o.kind == "constant")
    return Operation("linear", tuple(o for _, o in terms), tuple(c for c, _ in terms), constant=constant)

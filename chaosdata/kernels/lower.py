"""Piecewise operations in the form that the Taylor kernels take, and the surfaces at which they switch."""

from __future__ import annotations

from dataclasses import replace

from chaosdata.equations.graph import PIECEWISE, Graph, Operand, Operation

SWITCHING = PIECEWISE
SIDES = ("abs", "sign", "floor", "where")
"""What follows one smooth branch until its first operand is zero (for floor: an integer)."""


def lowered(graph: Graph) -> Graph:
    """The graph with one operation for each nested minimum or maximum; as it is where none is nested."""
    absorbed = _absorbed(graph)
    if not absorbed:
        return graph
    operations: list[Operation] = []
    moved: dict[int, int] = {}

    def new(operand: Operand) -> Operand:
        return replace(operand, index=moved[operand.index]) if operand.kind == "result" else operand

    def leaves(n: int) -> list[Operand]:
        inner = graph.operations[n].operands
        return [leaf for o in inner for leaf in (leaves(o.index) if _is(o, absorbed) else [new(o)])]

    for n, operation in enumerate(graph.operations):
        if n in absorbed:
            continue
        moved[n] = len(operations)
        if operation.kind in ("minimum", "maximum"):
            operands = tuple(dict.fromkeys(leaves(n)))
        else:
            operands = tuple(new(o) for o in operation.operands)
        partner = operation.partner - n + len(operations) if operation.partner >= 0 else -1
        operations.append(replace(operation, operands=operands, partner=partner))
    return replace(graph, operations=tuple(operations), outputs=tuple(new(o) for o in graph.outputs))


def _absorbed(graph: Graph) -> set[int]:
    """The minima that only one other minimum reads, and so with maxima."""
    readers: dict[int, list[str]] = {}
    for operation in graph.operations:
        for o in operation.operands:
            if o.kind == "result":
                readers.setdefault(o.index, []).append(operation.kind)
    for o in graph.outputs:
        if o.kind == "result":
            readers.setdefault(o.index, []).append("output")
    kinds = {n: operation.kind for n, operation in enumerate(graph.operations)}
    return {n for n, kind in kinds.items() if kind in ("minimum", "maximum") and readers.get(n) == [kind]}


def _is(operand: Operand, among: set[int]) -> bool:
    return operand.kind == "result" and operand.index in among


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

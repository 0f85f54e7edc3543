"""Sliding along a surface where the right-hand side jumps and points to the surface from both sides.

Filippov's convention: the solution stays on the surface u = 0, and the jumping operation takes the value
between its two that keeps u constant. With s = -1 .. 1 between the sides and du/dt = p at s = 1, q at s = -1,
and a right-hand side linear in the jumping operation, that is

    s = (p + q) / (q - p).

:func:`with_sliding` appends two operands to each operation that can slide, sign or where: its value at s, and
s. The surface must be a sum of components, and the jump must enter the equations by sums and products.

Reference: Filippov (1988). Differential Equations with Discontinuous Righthand Sides. Kluwer, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chaosdata.equations.graph import Graph, Operand, Operation
from chaosdata.kernels.lower import surface_of

_JUMPS = ("sign", "where")
_ONE = Operand("constant", value=1.0)
_CANCELLED = 2.0**-48  # of its terms: a coefficient below that is rounding


def with_sliding(graph: Graph, dimension: int | None = None) -> Graph:
    """The graph with the values that operations take while they slide; as it is where none can.

    The state has ``dimension`` components; the outputs beyond them are quadratures and need not make sense.
    """
    jumps = [operation for operation in graph.operations if operation.kind in _JUMPS]
    copy = _Copy(graph, graph.dimension if dimension is None else dimension)
    for surface in dict.fromkeys(surface_of(graph, operation.operands[0])[0] for operation in jumps):
        if copy.can_slide(surface):
            copy.slide(surface)
    if not copy.slides:
        return graph
    outputs = tuple(copy.operand(output) for output in graph.outputs)
    return replace(graph, operations=tuple(copy.operations), outputs=outputs)


def sliding(operation: Operation) -> tuple[Operand, Operand] | None:
    """The value of an operation that slides, and the s it follows from; None if it cannot."""
    count = {"sign": 1, "where": 3}.get(operation.kind)
    if count is None or len(operation.operands) == count:
        return None
    return operation.operands[count], operation.operands[-1]


class _Copy:
    """Rebuilds a graph on demand; ``side`` in a key is the surface frozen there, and on which side."""

    def __init__(self, graph: Graph, dimension: int) -> None:
        self.graph = graph
        self._needed: set[int] = set()
        pending = list(graph.outputs[:dimension])
        while pending:
            operand = pending.pop()
            if operand.kind == "result" and operand.index not in self._needed:
                self._needed.add(operand.index)
                pending += graph.operations[operand.index].operands
        self.operations: list[Operation] = []
        self.slides: dict[Operand, Operand] = {}
        self._known: dict[Operation, Operand] = {}
        self._copied: dict[tuple[int, tuple[Operand, int] | None], Operand] = {}

    def can_slide(self, surface: Operand) -> bool:
        """Whether the surface is a sum of components, and what jumps there enters by sums and products."""
        operations = self.graph.operations
        if surface.kind == "result":
            operation = operations[surface.index]
            if operation.kind != "linear" or any(o.kind not in ("state", "time") for o in operation.operands):
                return False
        elif surface.kind != "state":
            return False
        jumping: set[int] = set()
        for n in sorted(self._needed):
            operation = operations[n]
            reads = [o.kind == "result" and o.index in jumping for o in operation.operands]
            if any(reads):
                product = operation.kind == "multiply" and sum(reads) == 1
                quotient = operation.kind == "divide" and not reads[1]
                if operation.kind != "linear" and not product and not quotient:
                    return False
                jumping.add(n)
            elif self._switches_at(operation, surface) and self._jumps(operation, surface):
                jumping.add(n)
        return bool(jumping)

    def _switches_at(self, operation: Operation, surface: Operand) -> bool:
        kinds = (*_JUMPS, "abs")
        return operation.kind in kinds and surface_of(self.graph, operation.operands[0])[0] == surface

    def _jumps(self, operation: Operation, surface: Operand) -> bool:
        """Whether it does: the two values of a where may differ by a multiple of the surface's function."""
        if operation.kind != "where":
            return operation.kind == "sign"
        above, below = (self.operand(o) for o in operation.operands[1:3])
        jump = self._terms([(1.0, above), (-1.0, below)])
        function = self._terms([(1.0, self.operand(surface))])
        if jump.keys() != function.keys():
            return True
        ratios = [jump[o] / function[o] for o in jump]
        return max(ratios) - min(ratios) > _CANCELLED * max(abs(r) for r in ratios)

    def slide(self, surface: Operand) -> None:
        """Append s for a surface, unless du/dt is the same on both sides."""
        above, below = (self._speed(surface, side) for side in (1, -1))
        total = self._sum([(1.0, above), (1.0, below)])
        difference = self._sum([(1.0, below), (-1.0, above)])
        if difference.kind == "constant":
            if difference.value == 0.0:
                return
            value = self._sum([(1.0 / difference.value, total)])
        elif total.kind == "constant" and total.value == 0.0:
            value = total
        else:
            value = self._append(Operation("divide", (total, difference)))
        if value.kind != "result":  # the kernel wants a sequence of its own
            terms = () if value.kind == "constant" else (value,)
            constant = value.value if value.kind == "constant" else 0.0
            value = self._append(Operation("linear", terms, (1.0,) * len(terms), constant=constant))
        self.slides[surface] = value

    def operand(self, operand: Operand, side: tuple[Operand, int] | None = None) -> Operand:
        """The operand in the new graph."""
        if operand.kind != "result":
            return operand
        key = operand.index, side
        if key not in self._copied:
            self._copied[key] = self._copy(operand.index, side)
        return self._copied[key]

    def _copy(self, n: int, side: tuple[Operand, int] | None) -> Operand:
        operation = self.graph.operations[n]
        if side is not None and self._switches_at(operation, side[0]):
            return self._frozen(operation, side)
        operands = tuple(self.operand(o, side) for o in operation.operands)
        if operation.partner >= 0:
            return self._pair(n, operands, side)
        if operation.kind == "linear":
            return self._linear(zip(operation.coefficients, operands, strict=True), operation.constant)
        if operation.kind == "multiply" and any(o.kind == "constant" for o in operands):
            factor, other = sorted(operands, key=lambda o: o.kind != "constant")
            return self._linear([(factor.value, other)], 0.0)
        if side is None and operation.kind in _JUMPS:
            surface, sign = surface_of(self.graph, operation.operands[0])
            if surface in self.slides and self._jumps(operation, surface):
                s = self.slides[surface]
                between = self._between(operands, self._linear([(sign, s)], 0.0))
                operands = (*operands, between, s)
        return self._append(replace(operation, operands=operands))

    def _between(self, operands: tuple[Operand, ...], s: Operand) -> Operand:
        """The value of an operation at s."""
        if len(operands) == 1:
            return s
        _, above, below = operands
        half = self._linear([(0.5, above), (-0.5, below)], 0.0)
        if half.kind == "constant":
            return self._linear([(0.5, above), (0.5, below), (half.value, s)], 0.0)
        product = self._append(Operation("multiply", (half, s)))
        return self._linear([(0.5, above), (0.5, below), (1.0, product)], 0.0)

    def _frozen(self, operation: Operation, at: tuple[Operand, int]) -> Operand:
        side = at[1] * surface_of(self.graph, operation.operands[0])[1]
        match operation.kind:
            case "abs":
                return self._linear([(side, self.operand(operation.operands[0]))], 0.0)
            case "where":
                return self.operand(operation.operands[1 if side > 0 else 2], at)
        return Operand("constant", value=side)

    def _pair(self, n: int, operands: tuple[Operand, ...], side: tuple[Operand, int] | None) -> Operand:
        """Both of two operations in a row, such as sine and cosine."""
        pair = sorted((n, self.graph.operations[n].partner))
        kinds = [self.graph.operations[m].kind for m in pair]
        if Operation(kinds[0], operands) not in self._known:
            first = len(self.operations)
            for i, kind in enumerate(kinds):
                self._known[Operation(kind, operands)] = Operand("result", first + i)
                self.operations.append(Operation(kind, operands, partner=first + 1 - i))
        for m, kind in zip(pair, kinds, strict=True):
            self._copied[m, side] = self._known[Operation(kind, operands)]
        return self._copied[n, side]

    def _speed(self, surface: Operand, side: int) -> Operand:
        """du/dt on one side."""
        if surface.kind == "state":
            return self.operand(self.graph.outputs[surface.index], (surface, side))
        operation = self.graph.operations[surface.index]
        terms, constant = [], 0.0
        for c, o in zip(operation.coefficients, operation.operands, strict=True):
            if o.kind == "time":
                constant += c
            else:
                terms.append((c, self.operand(self.graph.outputs[o.index], (surface, side))))
        return self._sum(terms, constant)

    def _sum(self, terms: Iterable[tuple[float, Operand]], constant: float = 0.0) -> Operand:
        """A sum of sums, written out: what cancels is gone."""
        kept = self._terms([*terms, (constant, _ONE)])
        return self._linear([(c, o) for o, c in kept.items() if o != _ONE], kept.get(_ONE, 0.0))

    def _terms(self, terms: Iterable[tuple[float, Operand]]) -> dict[Operand, float]:
        """The coefficients of what is not a sum itself, and of 1."""
        collected: dict[Operand, float] = {}
        sizes: dict[Operand, float] = {}
        pending = list(terms)
        while pending:
            c, operand = pending.pop(0)
            operation = self.operations[operand.index] if operand.kind == "result" else None
            if operation is not None and operation.kind == "linear":
                inner = zip(operation.coefficients, operation.operands, strict=True)
                pending += [(c * factor, o) for factor, o in inner]
                c, operand = c * operation.constant, _ONE
            elif operand.kind == "constant":
                c, operand = c * operand.value, _ONE
            collected[operand] = collected.get(operand, 0.0) + c
            sizes[operand] = max(sizes.get(operand, 0.0), abs(c))
        return {o: c for o, c in collected.items() if abs(c) > _CANCELLED * sizes[o]}

    def _linear(self, terms: Iterable[tuple[float, Operand]], constant: float) -> Operand:
        """A linear operation, or less where that is enough."""
        listed = list(terms)
        constant += sum(c * o.value for c, o in listed if o.kind == "constant")
        rest = [(c, o) for c, o in listed if o.kind != "constant" and c != 0.0]
        if not rest:
            return Operand("constant", value=constant)
        if constant == 0.0 and len(rest) == 1 and rest[0][0] == 1.0:
            return rest[0][1]
        operands, coefficients = tuple(o for _, o in rest), tuple(c for c, _ in rest)
        return self._append(Operation("linear", operands, coefficients, constant=constant))

    def _append(self, operation: Operation) -> Operand:
        if operation not in self._known:
            self._known[operation] = Operand("result", len(self.operations))
            self.operations.append(operation)
        return self._known[operation]

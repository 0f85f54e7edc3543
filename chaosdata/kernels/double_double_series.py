"""Taylor coefficients in double-double: the recurrences of the series on pairs, then on doubles.

A coefficient of order k enters the solution with the weight ``tolerance**(k/N)``, so only the lower orders,
up to PAIRS, are computed in double-double; double is enough for the others. Both are the recurrences of
:mod:`chaosdata.kernels.series`, once on pairs and once on doubles.
"""

from __future__ import annotations

from fractions import Fraction

from chaosdata.equations.graph import Graph
from chaosdata.kernels import double_double_elementary
from chaosdata.kernels.blocks import Index, Key
from chaosdata.kernels.double_double import DoubleDouble, Pair, parts
from chaosdata.kernels.double_double_sums import sum_functions
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Functions, Jet
from chaosdata.kernels.vector import Value, Vector, double_literal

PAIRS = 20
"""Orders in double-double: from here on ``tolerance**(k/N)`` is below a double's resolution."""


class PairJet(Jet):
    """The Taylor coefficients of the solution: pairs below order PAIRS, doubles from there on.

    The low part of a coefficient stands ``distance`` doubles after the high part.
    """

    functions: Functions = double_double_elementary

    def __init__(self, graph: Graph, order: int, memory: Memory) -> None:
        super().__init__(Vector(memory.lanes), graph, order, memory)
        self.distance = 0

    def lower_function(self) -> str:
        """``lower(work)``: the orders below PAIRS."""
        room = self.memory.slots + len(self.graph.operations)  # each operation may save a reciprocal
        self.distance = self.memory.lanes * room
        plain, self.v = self.v, DoubleDouble(Vector(self.v.lanes), self.distance)
        self._start_lower(self.v)
        body = "\n".join(self.v.lines)
        self.v = plain
        assert self.memory.slots <= room
        self.memory.slots = room
        sums = sum_functions(self.v.lanes, self.distance)
        return f"{sums}define internal void @lower(ptr %w) noinline {{\nentry:\n{body}\nret void\n}}\n"

    def _start_lower(self, w: DoubleDouble) -> None:
        memory, d = self.memory, self.dimension

        def pair(slot: int, low: int) -> Pair:
            return Pair(*(w.plain.load(w.offset("%w", w.lanes * part)) for part in (slot, low)))

        for i in range(d):
            self.put(("x", i), Index(0), pair(memory.state + i, memory.state + d + i))
        if ("t", 0) in self.slot:
            self.put(("t", 0), Index(0), pair(memory.time, memory.time_low))
            self.put(("t", 0), Index(1), w.constant(1.0))
        self.all_orders()

    def is_ahead(self, key: Key) -> bool:
        """The routines of pairs take finished orders only."""
        return not isinstance(self.v, DoubleDouble) and super().is_ahead(key)

    def emit(self) -> None:
        """All coefficients of the state."""
        self.v.line("call void @lower(ptr %w)")
        self.blocks(PAIRS, self.order)

    def blocks(self, first: int, stop: int) -> None:
        """The blocks of the function at hand."""
        super().blocks(first, PAIRS if isinstance(self.v, DoubleDouble) else stop)

    def put(self, key: Key, index: Index, value: Value, *, rate: Value | None = None) -> None:
        """Keep a coefficient, its parts made not to overlap."""
        if isinstance(self.v, DoubleDouble):
            value = self.v.normalised(value)
            rate = None if rate is None else self.v.normalised(rate)
        super().put(key, index, value, rate=rate)

    def finished_parts(self) -> None:
        """Of every convolution, the terms whose two indices are below ``k0``."""
        if not isinstance(self.v, DoubleDouble):
            super().finished_parts()
            return
        v = self.v.plain
        for key, product in self._long.items():
            a, b = v.at("%w", self.slot[product.a]), v.at("%wk", self.slot[product.b])
            routine = "@square_sums" if product.a == product.b else "@product_sums"
            sums = self._sum_pointer(key, 0)
            v.line(f"call void {routine}(ptr {a}, ptr {b}, ptr {sums}, i64 {self.k0})")

    def component(self, i: Value, h: Pair, v: Vector, base: Value) -> Pair:
        """Component ``i``, a register, of the solution after ``h``; coefficients count from ``base``."""
        lanes, w = self.memory.lanes, DoubleDouble(v, self.distance)
        first = v.emit(f"mul i64 {i}, {lanes * (self.order + 1)}")
        series = v.offset(v.offset(base, lanes * self.slot["x", 0]), first)
        terms: list[Value] = [w.load(v.offset(series, lanes * k), align=8) for k in range(PAIRS)]
        terms += [v.load(v.offset(series, lanes * k), align=8) for k in range(PAIRS, self.order + 1)]
        return w.horner(terms, h)

    def tables(self) -> str:
        """The module's constant tables."""
        size = self.order + 2
        reciprocals = [Fraction(0)] + [Fraction(1, k) for k in range(1, size)]
        low = ", ".join(f"double {double_literal(parts(x)[1])}" for x in reciprocals)
        return super().tables() + f"@reciprocals_low = internal constant [{size} x double] [{low}]\n"

    def reciprocal(self, index: Index) -> Value:
        """One over the order."""
        high = super().reciprocal(index)
        if not isinstance(self.v, DoubleDouble):
            return high
        low = parts(Fraction(1, max(index.number, 1)))[1]
        return Pair(high, self._table("@reciprocals_low", index, low))

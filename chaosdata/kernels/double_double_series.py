"""Taylor coefficients in double-double: the recurrences of the series on pairs, then on doubles.

A coefficient of order k enters the solution with the weight ``tolerance**(k/N)``, so only the lower orders,
up to PAIRS, are computed in double-double; double is enough for the others. Both are the recurrences of
:mod:`chaosdata.kernels.series`, once on pairs and once on doubles.
"""

from __future__ import annotations

from fractions import Fraction

from chaosdata.equations.graph import Graph
from chaosdata.kernels import double_double_elementary
from chaosdata.kernels.blocks import Index, Key, scaled
from chaosdata.kernels.convolution import first_terms, short_terms
from chaosdata.kernels.double_double import DoubleDouble, Pair, parts
from chaosdata.kernels.double_double_convolution import Remainders, sum_functions
from chaosdata.kernels.double_double_sums import total
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Functions, Jet
from chaosdata.kernels.vector import Value, Vector, double_literal

PAIRS = 20
"""Orders in double-double: from here on ``tolerance**(k/N)`` is below a double's resolution."""

MANY = 28
"""The number of products from which on what is left of an order is shared code, as what is finished is."""


class PairJet(Jet):
    """The Taylor coefficients of the solution: pairs below order PAIRS, doubles from there on.

    The low part of a coefficient stands ``distance`` doubles after the high part.
    """

    functions: Functions = double_double_elementary

    def __init__(self, graph: Graph, order: int, memory: Memory) -> None:
        super().__init__(Vector(memory.lanes), graph, order, memory)
        self.late = set()  # made of high parts alone they would be wrong
        self.distance = 0
        self._remainders: Remainders | None = None
        self.bounds = memory.reserve(2 * graph.dimension)  # of the polynomials, two a component

    def next_order(self, _index: Index) -> None:
        """Come to an order; its sums of pairs need the registers."""
        self.cut()

    def lower_function(self) -> str:
        """``lower(work)``: the orders below PAIRS."""
        room = self.memory.slots + len(self.graph.operations)  # each operation may save a reciprocal
        self.distance = self.memory.lanes * room
        plain, self.v = self.v, DoubleDouble(Vector(self.v.lanes), self.distance)
        if len(self._long) >= MANY:
            self._remainders = Remainders(self.v.lanes, self.distance)
        self._start_lower(self.v)
        body = "\n".join(self.v.lines)
        self.v = plain
        assert self.memory.slots <= room
        self.memory.slots = room
        sums = sum_functions(self.v.lanes, self.distance)
        if self._remainders is not None:
            sums += self._remainders.functions()
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
        """Keep a coefficient, its parts made not to overlap where products or functions read it."""
        read = index == Index(0) or key in self.slot or scaled(key) in self.slot
        if read and isinstance(self.v, DoubleDouble):
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

    def _convolution(self, key: Key, index: Index) -> Value | None:
        """The whole convolution at this order; None where it has no terms."""
        w = self.v
        if not isinstance(w, DoubleDouble):
            return super()._convolution(key, index)
        product, finished = self.products[key], None
        if not index.moving:
            terms = first_terms(product, index.number)
        elif key not in self._long:
            terms = short_terms(product, index, self.degree)
        else:
            terms = self._open_terms(product, index.number)
            finished = self._sum_pointer(key, index.number)
        terms = [t for t in terms if not (self._ended(product.a, t.a) or self._ended(product.b, t.b))]
        if finished is None and not terms:
            return None
        if self._remainders is not None and len(terms) > 1:
            a, b = (
                [w.at(self.base(part, moving=moving), self.slot[part]) for moving in (False, index.moving)]
                for part in (product.a, product.b)
            )
            return self._remainders.call(w, terms, a, b, finished)
        factors = []
        for term in terms:
            x, y = self.coefficient(product.a, term.a), self.coefficient(product.b, term.b)
            factors.append((w.add(x, x) if term.twice else x, y))
        return total(w, finished and w.load(finished), factors)

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

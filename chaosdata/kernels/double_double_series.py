"""Taylor coefficients in double-double: the recurrences of the series on pairs, then on doubles.

A coefficient of order k enters the solution with the weight ``tolerance**(k/N)``, so only the lower orders,
up to PAIRS, are computed in double-double; double is enough for the others. Both are the recurrences of
:mod:`chaosdata.kernels.series`, once on pairs and once on doubles.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from chaosdata.equations.graph import Graph
from chaosdata.kernels import double_double_elementary
from chaosdata.kernels.blocks import BLOCK, Index, Key
from chaosdata.kernels.double_double import DoubleDouble, Pair, parts
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Functions, Jet
from chaosdata.kernels.vector import LANES, Value, Vector, double_literal

PAIRS = 20
"""Orders in double-double: from here on ``tolerance**(k/N)`` is below a double's resolution."""


class PairJet(Jet):
    """The Taylor coefficients of the solution: pairs below order PAIRS, doubles from there on.

    The low part of a coefficient stands ``distance`` doubles after the high part.
    """

    functions: Functions = double_double_elementary
    symmetric = False  # pairs gain little

    def __init__(self, graph: Graph, order: int, memory: Memory) -> None:
        super().__init__(Vector(), graph, order, memory)
        self.distance = 0

    def lower_function(self) -> str:
        """``lower(work)``: the orders below PAIRS."""
        room = self.memory.slots + len(self.graph.operations)  # each operation may save a reciprocal
        self.distance = LANES * room
        plain, self.v = self.v, DoubleDouble(Vector(), self.distance)
        self._start_lower(self.v)
        body = "\n".join(self.v.lines)
        self.v = plain
        assert self.memory.slots <= room
        self.memory.slots = room
        return f"define internal void @lower(ptr noalias %w) noinline {{\nentry:\n{body}\nret void\n}}\n"

    def _start_lower(self, w: DoubleDouble) -> None:
        memory, d = self.memory, self.dimension

        def pair(slot: int, low: int) -> Pair:
            return Pair(*(w.plain.load(w.offset("%w", LANES * part)) for part in (slot, low)))

        for i in range(d):
            self.put(("x", i), Index(0), pair(memory.state + i, memory.state + d + i))
        if ("t", 0) in self.slot:
            self.put(("t", 0), Index(0), pair(memory.time, memory.time_low))
            self.put(("t", 0), Index(1), w.constant(1.0))
        self.all_orders()

    def emit(self) -> None:
        """All coefficients of the state."""
        self.v.line("call void @lower(ptr %w)")
        self.blocks(PAIRS, self.order)

    def blocks(self, first: int, stop: int) -> None:
        """The blocks of the function at hand."""
        super().blocks(first, PAIRS if isinstance(self.v, DoubleDouble) else stop)

    def put(self, key: Key, index: Index, value: Value) -> None:
        """Keep a coefficient, its parts made not to overlap."""
        if isinstance(self.v, DoubleDouble):
            value = self.v.normalised(value)
        super().put(key, index, value)

    def banded_sums(self, a: Key, b_slot: int, first: int, given: Sequence[Value]) -> list[Value]:
        """The same sums, of pairs."""
        if not isinstance(self.v, DoubleDouble):
            return super().banded_sums(a, b_slot, first, given)
        w, v, size = self.v, self.v.plain, BLOCK
        entry, loop, done = v.label("entry"), v.label("loop"), v.label("done")
        pairs = [x if isinstance(x, Pair) else Pair(x, v.constant(0.0)) for x in given]
        v.begin(entry)
        enough = v.emit(f"icmp ugt i64 {self.k0}, {first}")
        v.line(f"br i1 {enough}, label %{loop}, label %{done}")
        v.begin(loop, jump=False)
        now, following = f"%j_{loop}", f"%j_next_{loop}"
        v.phi("i64", [(str(first), entry), (following, loop)], now)
        position = len(v.lines)
        before = [Pair(f"%high{r}_{loop}", f"%low{r}_{loop}") for r in range(size)]
        sums = list(before)
        doubles = v.emit(f"mul i64 {now}, {LANES}")
        up = v.offset(self.base(a, moving=False), doubles)
        down = v.offset("%wk", v.emit(f"sub i64 0, {doubles}"))
        x = [w.load(v.offset(up, LANES * (self.slot[a] + i))) for i in range(size)]
        y = [w.load(v.offset(down, LANES * (b_slot + i))) for i in range(1 - size, size)]
        for i in range(size):
            for r in range(size):
                sums[r] = w.fma(x[i], y[r - i + size - 1], sums[r])
        # The sums' own nodes stand above the code that computes what comes back into them.
        v.lines[position:position] = [
            f"{name} = phi {v.type} [{value}, %{entry}], [{back}, %{loop}]"
            for node, first_sum, total in zip(before, pairs, sums, strict=True)
            for name, value, back in ((node, first_sum, total), (node.low, first_sum.low, total.low))
        ]
        v.line(f"{following} = add i64 {now}, {size}")
        more = v.emit(f"icmp ult i64 {following}, {self.k0}")
        v.line(f"br i1 {more}, label %{loop}, label %{done}")
        v.begin(done, jump=False)
        return [
            Pair(
                v.phi(v.type, [(first_sum, entry), (total, loop)]),
                v.phi(v.type, [(first_sum.low, entry), (total.low, loop)]),
            )
            for first_sum, total in zip(pairs, sums, strict=True)
        ]

    def at(self, i: int, h: Pair, v: Vector, base: Value) -> Pair:
        """Component ``i`` of the solution after ``h``: the polynomial with the coefficients at ``base``."""
        first = self.slot["x", i]
        w = DoubleDouble(v, self.distance)
        terms: list[Value] = [w.load(v.offset(base, LANES * (first + k)), align=8) for k in range(PAIRS)]
        terms += [v.load(v.offset(base, LANES * (first + k)), align=8) for k in range(PAIRS, self.order + 1)]
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

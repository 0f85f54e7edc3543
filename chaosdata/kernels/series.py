"""Taylor coefficients of the solution of a flow, by automatic differentiation.

The coefficients of every elementary operation of the right-hand side follow from those of its operands, by
the recurrence that the operation's differential equation gives.

Reference: Griewank, Walther (2008). Evaluating Derivatives, 2nd ed. SIAM, ch. 13.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels import elementary, finished
from chaosdata.kernels.blocks import BLOCK, Blocks, Index, Key, key_of, scaled
from chaosdata.kernels.convolution import (
    Product,
    Term,
    degrees,
    first_terms,
    newest,
    open_terms,
    products,
    short_terms,
    sums_ahead,
)
from chaosdata.kernels.lower import SWITCHING
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.squares import square_sums
from chaosdata.kernels.surfaces import Event
from chaosdata.kernels.switch import Switches, any_switch
from chaosdata.kernels.vector import Value, Vector, double_literal

_FEW = 2  # operands of a sum that is cheap to make twice

WITHOUT_SERIES = ("atan2",)
"""Operations of which no Taylor series is made."""


class Functions(Protocol):
    """Where the elementary functions of order 0 come from: a module."""

    def exp(self, v: Vector, x: Value) -> Value:
        """``e**x``."""

    def log(self, v: Vector, x: Value) -> Value:
        """Natural logarithm."""

    def tanh(self, v: Vector, x: Value) -> Value:
        """Hyperbolic tangent."""

    def power(self, v: Vector, x: Value, exponent: float) -> Value:
        """``x**exponent``."""

    def sin_cos(self, v: Vector, x: Value) -> tuple[Value, Value]:
        """Sine and cosine."""

    def sinh_cosh(self, v: Vector, x: Value) -> tuple[Value, Value]:
        """Hyperbolic sine and cosine."""

    def tan(self, v: Vector, x: Value) -> Value:
        """Tangent."""

    def atan(self, v: Vector, x: Value) -> Value:
        """Inverse tangent."""


class Jet(Blocks):
    """Emits the Taylor coefficients of the solution through the state in memory.

    whole : whether all coefficients of a product's factors are needed afterwards, not only the state's.
    """

    functions: Functions = elementary

    def __init__(
        self,
        v: Vector,
        graph: Graph,
        order: int,
        memory: Memory,
        event: Event | None = None,
        *,
        whole: bool = True,
    ) -> None:
        super().__init__(v, graph, order, graph.dimension)
        self.whole = whole
        self.memory = memory
        self.switches: Switches | None = None
        self.degree = degrees(graph)
        self.products = {product.out: product for product in products(graph)}
        for i in range(self.dimension):
            self.slot["x", i] = memory.reserve(order + 1)
        operands = {key for p in self.products.values() for key in (p.a, p.b)}
        if graph.timed:
            operands.add(("t", 0))
        if event is not None or any_switch(graph):
            self.switches = Switches(graph, order, memory, event)
            operands.update(self.switches.keys)
        for key in sorted(operands - {("x", i) for i in range(self.dimension)}):
            self.slot[key] = memory.reserve(order + 1)  # the state, and with it k*x_k, is one order ahead
        self.sums_ahead = sums_ahead(graph, self.slot)
        self._long = {key: p for key, p in self.products.items() if not {p.a, p.b} & self.degree.keys()}
        self._sums = {key: memory.reserve(BLOCK) for key in self._long}
        self.late = self._late_sums()
        self._partial: dict[
            tuple[Key, int], Value
        ] = {}  # partial sums in registers; the others are in memory
        self._scaled = {key for key in operands if key[0].startswith("k ")}
        self.routines: set[finished.Routine] = set()  # that the products share
        if len(self._long) >= finished.MANY:
            self.routines.update(map(self._routine, self._long.values()))
        self.inverse: dict[int, int] = {}  # slots of the reciprocals that recurrences divide by

    @property
    def can_slide(self) -> bool:
        """Whether there is a surface along which the solution may slide."""
        return self.switches is not None and any(s.slide is not None for s in self.switches.pieces)

    def _late_sums(self) -> set[int]:
        """The sums of the state that are written a block of orders at a time: :meth:`_write_late`."""
        if self.switches is not None:
            return set()
        factors = {key for p in self._long.values() for key in (p.a, p.b)}
        late = {n for n in self.sums_ahead if {("u", n), ("k u", n)} & factors}
        operands = {n: [key_of(o) for o in self.graph.operations[n].operands] for n in late}
        # In a loop over blocks a sequence that ends counts as ended, which order 1 is not yet.
        return {n for n in late if len(operands[n]) <= _FEW and self.degree.keys().isdisjoint(operands[n])}

    def is_ahead(self, key: Key) -> bool:
        """Whether order ``k0`` of a sequence is known when the block from ``k0`` on begins."""
        kind, n = key
        return kind.removeprefix("k ") in ("x", "t", "d") or (kind[-1] == "u" and n in self.sums_ahead)

    def _newest(self, product: Product) -> finished.Newest:
        return newest(product, self.is_ahead(product.a), self.is_ahead(product.b))

    def _routine(self, product: Product) -> finished.Routine:
        return finished.Routine("square" if product.square else "product", self._newest(product))

    # -- memory

    def base(self, key: Key, *, moving: bool) -> Value:
        """One work array holds all sequences."""
        return "%wk" if moving else "%w"

    def enter_block(self, doubles: Value) -> None:
        """Move ``%wk`` to the block."""
        self.v.line(f"%wk = getelementptr double, ptr %w, i64 {doubles}")

    def operand(self, operand: Operand, index: Index) -> Value | None:
        """The coefficient of an operand; constants belong to order 0."""
        if operand.kind == "constant":
            return self.v.constant(operand.value) if index == Index(0) else None
        key = key_of(operand)
        return None if self._ended(key, index) else self.coefficient(key, index)

    def _ended(self, key: Key, index: Index) -> bool:
        """Whether the sequence is zero from this order on: it is never written there."""
        return key in self.degree and (index.moving or index.number > self.degree[key])

    def put(self, key: Key, index: Index, value: Value, *, rate: Value | None = None) -> None:
        """Keep a coefficient, and ``k`` times it where a product asks for that."""
        if self._ended(key, index):
            return
        super().put(key, index, value)
        if scaled(key) in self._scaled:
            if index == Index(0):
                rate = self.v.constant(0.0)
            super().put(scaled(key), index, rate or self.v.mul(value, self.number(index)))

    def _sum_pointer(self, key: Key, r: int) -> Value:
        """Partial sums live for one block only."""
        return self.v.at("%w", self._sums[key] + r)

    def tables(self) -> str:
        """The module's constant tables, and the routines that products share."""
        size = self.order + 2
        text = ""
        for name, values in (
            ("orders", [float(k) for k in range(size)]),
            ("reciprocals", [0.0] + [1.0 / k for k in range(1, size)]),
        ):
            cells = ", ".join(f"double {double_literal(x)}" for x in values)
            text += f"@{name} = internal constant [{size} x double] [{cells}]\n"
        return text + finished.routines(self.routines, self.v.lanes, BLOCK)

    # -- the series

    def emit(self) -> None:
        """All coefficients of the state, orders 0 to N, from the state in memory and the time of the step."""
        v = self.v
        for i in range(self.dimension):
            self.put(("x", i), Index(0), v.load(v.at("%w", self.memory.state + i)))
        if ("t", 0) in self.slot:
            self.put(("t", 0), Index(0), v.load(v.at("%w", self.memory.time)))
            self.put(("t", 0), Index(1), v.constant(1.0))
        self.all_orders()

    def all_orders(self) -> None:
        """Every order of the series, from the coefficients of order 0."""
        super().all_orders()
        for n in sorted(self.late) if self.whole else ():
            for k in range(self.order + 1 - BLOCK, self.order + 1):
                self._put_sum(n, Index(k))

    def finished_parts(self) -> None:
        """Of every convolution, the terms whose two indices are finished."""
        v = self.v
        written: set[int] = set()
        for key, product in self._long.items():
            for kind, n in (product.a, product.b):
                if kind[-1] == "u":
                    self._write_late(n, written)
            a, b = self.slot[product.a], self.slot[product.b]
            routine = self._routine(product)
            if routine in self.routines:
                pair = finished.Pair(v.at("%w", a), v.at("%wk", b), BLOCK)
                finished.call(v, routine, [pair], self._sum_pointer(key, 0), self.k0)
                continue
            self.cut()
            if product.square:
                results = square_sums(v, self.k0, a, BLOCK, routine.newest.a)
            else:
                ends = v.at("%wk", a), v.at("%w", b)
                results = finished.product_sums(v, self.k0, a, b, BLOCK, routine.newest, *ends)
            self._partial[key, 0] = results[0]  # it is needed next
            for r, result in enumerate(results[1:], start=1):
                v.store(result, self._sum_pointer(key, r))

    def _write_late(self, n: int, written: set[int]) -> None:
        """Write the last block's orders of a late sum, and order ``k0``, made again from the state in memory.

        In between its stores find room among the multiply-adds; order by order they would not.
        """
        if n not in self.late or n in written:
            return
        written.add(n)
        operation = self.graph.operations[n]
        for operand in operation.operands:
            if operand.kind == "result":
                self._write_late(operand.index, written)
        for r in range(1 - BLOCK, 1):
            self._put_sum(n, Index(r, moving=True))

    def _put_sum(self, n: int, index: Index) -> None:
        value = self.linear(n, index, self.graph.operations[n].constant)
        self.put(("u", n), index, self.v.constant(0.0) if value is None else value)

    def _convolution(self, key: Key, index: Index) -> Value | None:
        """The whole convolution at this order; None where it has no terms."""
        product, r = self.products[key], index.number
        known: dict[tuple[Key, Index], Value] = {}
        if not index.moving:
            return self._with_terms(None, product, first_terms(product, r), known)
        if key not in self._long:
            return self._with_terms(None, product, short_terms(product, index, self.degree), known)
        terms = self._open_terms(product, r)
        if r == BLOCK - 1:
            terms = [term for term in terms if not self._is_known(product, term, r - 1)]
        total = self._partial_sum(key, r)
        if r == BLOCK - 2:
            early = [term for term in self._open_terms(product, r + 1) if self._is_known(product, term, r)]
            last = self._with_terms(self._partial_sum(key, r + 1), product, early, known)
            assert last is not None
            self._partial[key, r + 1] = last
        return self._with_terms(total, product, terms, known)

    def _partial_sum(self, key: Key, r: int) -> Value:
        return self._partial.pop((key, r), None) or self.v.load(self._sum_pointer(key, r))

    def _open_terms(self, product: Product, r: int) -> list[Term]:
        first = self._newest(product)
        return open_terms(product, r, first.a < BLOCK, first.b < BLOCK)

    def _is_known(self, product: Product, term: Term, r: int) -> bool:
        """Whether order ``k0 + r`` has the coefficients of a term at hand."""
        pairs = ((product.a, term.a), (product.b, term.b))
        return all(not i.moving or i.number < r or (i.number == r and self.is_ahead(key)) for key, i in pairs)

    def _with_terms(
        self,
        total: Value | None,
        product: Product,
        terms: Iterable[Term],
        known: dict[tuple[Key, Index], Value],
    ) -> Value | None:
        """The terms added to a sum; ``known`` holds, and gets, the registers of coefficients."""
        for term in terms:
            factors = (product.a, term.a), (product.b, term.b)
            if any(self._ended(*factor) for factor in factors):
                continue
            for factor in factors:
                if factor not in known:
                    known[factor] = self.coefficient(*factor)
            x, y = (known[factor] for factor in factors)
            if term.twice:
                x = self.v.add(x, x)
            total = self.v.mul(x, y) if total is None else self.v.fma(x, y, total)
        return total

    def operations(self, index: Index) -> None:
        """One order of every operation that is not ahead."""
        for n, operation in enumerate(self.graph.operations):
            if operation.kind in ("cos", "cosh") or n in self.sums_ahead:  # the cosine comes with its sine
                continue
            if operation.kind in ("sin", "sinh"):
                self._sine_and_cosine(n, index)
                continue
            if operation.kind == "linear":
                value = self.linear(n, index, operation.constant)
            elif operation.kind in SWITCHING:
                assert self.switches is not None
                value = self.switches.branch(self, n, index)
            else:
                value = self._operation(n, index)
            self.put(("u", n), index, self.v.constant(0.0) if value is None else value)

    def look_ahead(self, index: Index) -> None:
        """One order of the sums that are ahead."""
        for n in self.sums_ahead:
            self._put_sum(n, index)

    def writes(self, key: Key, index: Index) -> bool:
        """Whether a coefficient goes to memory as soon as it is known."""
        late = key[0][-1] == "u" and key[1] in self.late
        return not (late and index.moving and index.number > 0)

    def _sine_and_cosine(self, n: int, index: Index) -> None:
        """k s_k = sum_j j a_j c_(k-j), k c_k = -sum_j j a_j s_(k-j); the hyperbolic pair without the sign."""
        operation, v = self.graph.operations[n], self.v
        m, circular = operation.partner, operation.kind == "sin"
        if index == Index(0):
            argument = self.operand(operation.operands[0], index)
            assert argument is not None
            pair = self.functions.sin_cos if circular else self.functions.sinh_cosh
            sine, cosine = pair(v, argument)
        else:
            over_k = self.reciprocal(index)
            s, c = self._convolution(("p", n), index), self._convolution(("p", m), index)
            assert s is not None and c is not None
            sine, cosine = v.mul(s, over_k), v.mul(c, v.neg(over_k) if circular else over_k)
        self.put(("u", n), index, sine)
        self.put(("u", m), index, cosine)

    def _operation(self, n: int, index: Index) -> Value | None:
        """Order k of operation u = f(a, b), by the recurrence that its differential equation gives."""
        operation, v = self.graph.operations[n], self.v
        first = index == Index(0)
        a = self.operand(operation.operands[0], index)
        if operation.kind in ("multiply", "square"):
            return self._convolution(("p", n), index)
        if first:
            return self._start(n)
        total = self._convolution(("p", n), index)
        match operation.kind:
            case "divide" | "sqrt":  # b u = a, u^2 = a
                return v.mul(self._difference(a, total), self._saved(n))
            case "exp":  # u' = a' u
                assert total is not None
                return v.mul(total, self.reciprocal(index))
            case "log":  # a u' = a'
                rest = None if total is None else v.mul(total, self.reciprocal(index))
                return v.mul(self._difference(a, rest), self._saved(n))
            case "tan" | "tanh":  # u' = a' w, w = 1 + u^2 or 1 - u^2
                assert total is not None
                u = v.mul(total, self.reciprocal(index))
                self.put(("u", n), index, u)
                square = self._convolution(("q", n), index)
                assert square is not None
                self.put(("w", n), index, square if operation.kind == "tan" else v.neg(square))
                return u
            case "atan":  # w u' = a', w = 1 + a^2
                square = self._convolution(("q", n), index)
                self.put(("w", n), index, v.constant(0.0) if square is None else square)
                rest = None if total is None else v.mul(total, self.reciprocal(index))
                return v.mul(self._difference(a, rest), self._saved(n))
            case "power":  # a u' = p a' u
                assert total is not None
                numerator = v.mul(v.constant(operation.constant), total)
                other = self._convolution(("q", n), index)
                if other is not None:
                    numerator = v.sub(numerator, other)
                return v.mul(v.mul(numerator, self.reciprocal(index)), self._saved(n))
        raise ValueError(f"No Taylor recurrence for the operation {operation.kind!r}.")

    def _difference(self, a: Value | None, b: Value | None) -> Value:
        """``a - b``, where None is zero."""
        if b is None:
            return self.v.constant(0.0) if a is None else a
        return self.v.neg(b) if a is None else self.v.sub(a, b)

    def _start(self, n: int) -> Value:
        """Order 0 of an operation, and the reciprocal that its recurrence divides by."""
        operation, v = self.graph.operations[n], self.v
        one = v.constant(1.0)
        a = self.operand(operation.operands[0], Index(0))
        assert a is not None
        match operation.kind:
            case "divide":
                b = self.operand(operation.operands[1], Index(0))
                assert b is not None
                self._save(n, v.div(one, b))
                return v.div(a, b)
            case "sqrt":
                u = v.sqrt(a)
                self._save(n, v.div(v.constant(0.5), u))
                return u
            case "exp":
                return self.functions.exp(v, a)
            case "log":
                self._save(n, v.div(one, a))
                return self.functions.log(v, a)
            case "tan":
                u = self.functions.tan(v, a)
                self.put(("w", n), Index(0), v.fma(u, u, one))
                return u
            case "tanh":
                u = self.functions.tanh(v, a)
                self.put(("w", n), Index(0), v.fma(v.neg(u), u, one))
                return u
            case "atan":
                w = v.fma(a, a, one)
                self.put(("w", n), Index(0), w)
                self._save(n, v.div(one, w))
                return self.functions.atan(v, a)
            case "power":
                self._save(n, v.div(one, a))
                return self.functions.power(v, a, operation.constant)
        raise ValueError(f"No Taylor recurrence for the operation {operation.kind!r}.")

    def _save(self, n: int, value: Value) -> None:
        self.inverse[n] = self.memory.reserve(1)
        self.v.store(value, self.v.at("%w", self.inverse[n]))

    def _saved(self, n: int) -> Value:
        """The reciprocal that the recurrence of operation ``n`` multiplies by."""
        return self.v.load(self.v.at("%w", self.inverse[n]))

"""Taylor coefficients of the solution of a flow, by automatic differentiation.

The coefficients of every elementary operation of the right-hand side follow from those of its operands, by
the recurrence that the operation's differential equation gives.

Reference: Griewank, Walther (2008). Evaluating Derivatives, 2nd ed. SIAM, ch. 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels import elementary, finished
from chaosdata.kernels.blocks import BLOCK, Blocks, Index, Key, key_of, scaled
from chaosdata.kernels.lower import SWITCHING
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.squares import square_sums
from chaosdata.kernels.surfaces import Event
from chaosdata.kernels.switch import Switches, any_switch
from chaosdata.kernels.vector import Value, Vector, double_literal

WITHOUT_SERIES = ("atan2",)
"""Operations of which no Taylor series is made."""


@dataclass(frozen=True)
class Product:
    """The convolution ``sum_j a_j b_(k-j)``, without the terms in ``a_0`` or ``b_0`` where it says so."""

    out: Key
    a: Key
    b: Key
    skip_a0: bool = False
    skip_b0: bool = False


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
    """Emits the Taylor coefficients of the solution through the state in memory."""

    functions: Functions = elementary
    symmetric = True  # squares take half the multiplications of a product

    def __init__(
        self, v: Vector, graph: Graph, order: int, memory: Memory, event: Event | None = None
    ) -> None:
        super().__init__(v, graph, order, graph.dimension)
        self.memory = memory
        self.switches: Switches | None = None
        self.products: dict[Key, Product] = {}
        for n in range(len(graph.operations)):
            for product in self._products_of(n):
                self.products[product.out] = product
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
        self._sums = {key: memory.reserve(BLOCK) for key in self.products}
        self._scaled = {key for key in operands if key[0].startswith("k ")}
        self.routines: set[finished.Routine] = set()  # that the products share
        if len(self.products) >= finished.MANY:
            self.routines.update(map(self._routine, self.products.values()))
        self.inverse: dict[int, int] = {}  # slots of the reciprocals that recurrences divide by

    @property
    def can_slide(self) -> bool:
        """Whether there is a surface along which the solution may slide."""
        return self.switches is not None and any(s.slide is not None for s in self.switches.pieces)

    def _routine(self, product: Product) -> finished.Routine:
        return "square" if product.a == product.b and self.symmetric else "product"

    def _products_of(self, n: int) -> list[Product]:
        """The convolutions behind operation ``n``; see :meth:`_operation` for the recurrences."""
        operation = self.graph.operations[n]
        u, p, q = ("u", n), ("p", n), ("q", n)
        a = key_of(operation.operands[0])
        match operation.kind:
            case "multiply":
                return [Product(p, a, key_of(operation.operands[1]))]
            case "square":
                return [Product(p, a, a)]
            case "divide":
                return [Product(p, key_of(operation.operands[1]), u, skip_a0=True)]
            case "sqrt":
                return [Product(p, u, u, skip_a0=True, skip_b0=True)]
            case "exp":
                return [Product(p, scaled(a), u, skip_a0=True)]
            case "sin" | "cos" | "sinh" | "cosh":
                return [Product(p, scaled(a), ("u", operation.partner), skip_a0=True)]
            case "log":
                return [Product(p, scaled(u), a, skip_a0=True, skip_b0=True)]
            case "tan" | "tanh":
                return [Product(p, scaled(a), ("w", n), skip_a0=True), Product(q, u, u)]
            case "atan":
                return [Product(p, scaled(u), ("w", n), skip_a0=True, skip_b0=True), Product(q, a, a)]
            case "power":
                return [
                    Product(p, scaled(a), u, skip_a0=True),
                    Product(q, a, scaled(u), skip_a0=True, skip_b0=True),
                ]
        return []

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
        return self.coefficient(key_of(operand), index)

    def put(self, key: Key, index: Index, value: Value) -> None:
        """Keep a coefficient, and ``k`` times it where a product asks for that."""
        super().put(key, index, value)
        if scaled(key) in self._scaled:
            weighted = self.v.constant(0.0) if index == Index(0) else self.v.mul(value, self.number(index))
            super().put(scaled(key), index, weighted)

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
        if self.switches is not None:
            self.switches.complete(self)

    def finished_parts(self) -> None:
        """Of every convolution, the terms whose two indices are below ``k0``."""
        for key, product in self.products.items():
            a, b = self.slot[product.a], self.slot[product.b]
            routine = self._routine(product)
            if routine in self.routines:
                sums, first, moved = self._sum_pointer(key, 0), self.v.at("%w", a), self.v.at("%wk", b)
                finished.call(self.v, routine, first, moved, sums, self.k0)
                continue
            self.cut()
            if routine == "square":
                results = square_sums(self.v, self.k0, a, BLOCK)
            else:
                results = finished.product_sums(self.v, self.k0, a, b, BLOCK)
            for r, result in enumerate(results):
                self.v.store(result, self._sum_pointer(key, r))

    def _convolution(self, key: Key, index: Index) -> Value | None:
        """The whole convolution at this order; None where it has no terms."""
        product = self.products[key]
        pairs = (
            self._static_pairs(product, index.number)
            if not index.moving
            else self._open_pairs(product, index)
        )
        total = None
        if index.moving:
            total = self.v.load(self._sum_pointer(key, index.number))
        doubled: dict[Index, Value] = {}
        for i, j, twice in pairs:
            x = self.coefficient(product.a, i)
            if twice:
                x = doubled.setdefault(i, self.v.add(x, x)) if i not in doubled else doubled[i]
            y = self.coefficient(product.b, j)
            total = self.v.mul(x, y) if total is None else self.v.fma(x, y, total)
        return total

    def _static_pairs(self, product: Product, k: int) -> list[tuple[Index, Index, bool]]:
        """All pairs of indices of order k; a square takes each unordered pair once, twice its value."""
        pairs = []
        for j in range(k + 1):
            if (product.skip_a0 and j == 0) or (product.skip_b0 and j == k):
                continue
            if product.a != product.b:
                pairs.append((Index(j), Index(k - j), False))
            elif 2 * j <= k:
                pairs.append((Index(j), Index(k - j), 2 * j != k))
        return sorted(
            pairs, key=lambda pair: max(pair[0].number, pair[1].number)
        )  # the newest coefficient last

    def _open_pairs(self, product: Product, index: Index) -> list[tuple[Index, Index, bool]]:
        """The pairs that the finished part leaves: one index in the current block, the other below BLOCK."""
        pairs = []
        for m in range(index.number + 1):
            new, old = Index(m, moving=True), Index(index.number - m)
            skip_a0, skip_b0 = product.skip_a0 and old.number == 0, product.skip_b0 and old.number == 0
            if product.a == product.b:
                if not skip_a0:
                    pairs.append((old, new, True))
                continue
            if not skip_b0:
                pairs.append((new, old, False))
            if not skip_a0:
                pairs.append((old, new, False))
        return pairs

    def operations(self, index: Index) -> None:
        """One order of every operation."""
        if ("t", 0) in self.slot and not index.moving and index.number > 1:
            self.put(("t", 0), index, self.v.constant(0.0))
        for n, operation in enumerate(self.graph.operations):
            if operation.kind in ("cos", "cosh"):  # computed with its sine
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
            sine, cosine = v.mul(s, over_k), v.mul(c, over_k)
            cosine = v.neg(cosine) if circular else cosine
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
            case "divide":  # b u = a
                assert total is not None
                numerator = v.neg(total) if a is None else v.sub(a, total)
                return v.mul(numerator, self._saved(n))
            case "sqrt":  # u^2 = a
                assert a is not None
                numerator = a if total is None else v.sub(a, total)
                return v.mul(numerator, self._saved(n))
            case "exp":  # u' = a' u
                assert total is not None
                return v.mul(total, self.reciprocal(index))
            case "log":  # a u' = a'
                assert a is not None
                numerator = a if total is None else v.fma(v.neg(total), self.reciprocal(index), a)
                return v.mul(numerator, self._saved(n))
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
                assert a is not None and square is not None
                self.put(("w", n), index, square)
                numerator = a if total is None else v.fma(v.neg(total), self.reciprocal(index), a)
                return v.mul(numerator, self._saved(n))
            case "power":  # a u' = p a' u
                assert total is not None
                numerator = v.mul(v.constant(operation.constant), total)
                other = self._convolution(("q", n), index)
                if other is not None:
                    numerator = v.sub(numerator, other)
                return v.mul(v.mul(numerator, self.reciprocal(index)), self._saved(n))
        raise ValueError(f"No Taylor recurrence for the operation {operation.kind!r}.")

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

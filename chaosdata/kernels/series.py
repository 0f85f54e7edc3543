"""Taylor coefficients of the solution of a flow, by automatic differentiation.

The coefficients of every elementary operation of the right-hand side follow from those of its operands. A
product needs the convolution ``sum_j a_j b_(k-j)``; convolutions are the whole cost. Coefficients stay in
memory and are computed :data:`BLOCK` orders at a time: the part of a convolution that needs finished orders
only is a banded product, in which every coefficient that is loaded serves ``BLOCK`` multiply-adds
(:meth:`Jet._finished_part`), and only the few remaining terms are done order by order. One loop over blocks
of orders keeps the code small enough for the instruction cache.

Reference: Griewank, Walther (2008). Evaluating Derivatives, 2nd ed. SIAM, ch. 13 (the recurrences).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels import elementary
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.vector import LANES, Value, Vector, double_literal

BLOCK = 4
"""Orders computed together. Part of what fixes the bits."""

Key = tuple[str, int]
"""A sequence of Taylor coefficients: ("x", component), ("u", operation), ("t", 0), ("k x", i) for k*x_k."""


@dataclass(frozen=True)
class Index:
    """An order of the series: ``number`` itself, or ``k0 + number`` with ``k0`` the loop's current block."""

    number: int
    moving: bool = False

    def __add__(self, n: int) -> Index:
        return Index(self.number + n, self.moving)


@dataclass(frozen=True)
class Product:
    """The convolution ``sum_j a_j b_(k-j)``, without the terms in ``a_0`` or ``b_0`` where it says so."""

    out: Key
    a: Key
    b: Key
    skip_a0: bool = False
    skip_b0: bool = False


class Jet:
    """Emits the Taylor coefficients of the solution through the state in memory."""

    def __init__(self, v: Vector, graph: Graph, order: int, memory: Memory) -> None:
        if order % BLOCK:
            raise ValueError(f"The order must be a multiple of {BLOCK}, not {order}.")
        self.v, self.graph, self.order, self.memory = v, graph, order, memory
        self.dimension = graph.dimension
        self.slot: dict[Key, int] = {}
        self._length: dict[Key, int] = {}
        self._register: dict[tuple[Key, Index], Value] = {}
        self.products: dict[Key, Product] = {}
        for n in range(len(graph.operations)):
            for product in self._products_of(n):
                self.products[product.out] = product
        for i in range(self.dimension):
            self._allocate(("x", i), order + 1)
        operands = {key for p in self.products.values() for key in (p.a, p.b)}
        if any(o.kind == "time" for o in self._all_operands()):
            operands.add(("t", 0))
        for key in sorted(operands - {("x", i) for i in range(self.dimension)}):
            self._allocate(key, order + 1)  # the state, and with it k*x_k, is one order ahead
        for key in self.products:
            self._allocate(key, BLOCK)
        self._scaled = {key for key in operands if key[0].startswith("k ")}
        self.inverse: dict[int, int] = {}

    def _all_operands(self) -> Iterable[Operand]:
        for operation in self.graph.operations:
            yield from operation.operands
        yield from self.graph.outputs

    def _allocate(self, key: Key, length: int) -> None:
        self.slot[key] = self.memory.reserve(length)
        self._length[key] = length

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
            case "sin" | "cos":
                return [Product(p, scaled(a), ("u", operation.partner), skip_a0=True)]
            case "log":
                return [Product(p, scaled(u), a, skip_a0=True, skip_b0=True)]
            case "tanh":
                return [Product(p, scaled(a), ("w", n), skip_a0=True), Product(q, u, u)]
            case "power":
                return [
                    Product(p, scaled(a), u, skip_a0=True),
                    Product(q, a, scaled(u), skip_a0=True, skip_b0=True),
                ]
        return []

    # -- memory

    def pointer(self, key: Key, index: Index) -> Value:
        """Where a coefficient is kept."""
        if self._length[key] == BLOCK:  # partial sums live for one block only
            return self.v.offset("%w", LANES * (self.slot[key] + index.number % BLOCK))
        return self.v.offset("%wk" if index.moving else "%w", LANES * (self.slot[key] + index.number))

    def coefficient(self, key: Key, index: Index) -> Value:
        """A coefficient, from its register if this block of code computed it."""
        if (key, index) in self._register:
            return self._register[key, index]
        return self.v.load(self.pointer(key, index))

    def operand(self, operand: Operand, index: Index) -> Value | None:
        """The coefficient of an operand; None where it is zero."""
        if operand.kind == "constant":
            return self.v.constant(operand.value) if index == Index(0) else None
        return self.coefficient(key_of(operand), index)

    def _put(self, key: Key, index: Index, value: Value) -> None:
        self._register[key, index] = value
        if key in self.slot:
            self.v.store(value, self.pointer(key, index))
        if scaled(key) in self._scaled:
            weighted = self.v.constant(0.0) if index == Index(0) else self.v.mul(value, self._number(index))
            self._register[scaled(key), index] = weighted
            self.v.store(weighted, self.pointer(scaled(key), index))

    def _cut(self) -> None:
        self.v.cut()
        self._register = {}

    def _number(self, index: Index) -> Value:
        """The order itself."""
        return self._table("@orders", index, float(index.number))

    def _reciprocal(self, index: Index) -> Value:
        """One over the order."""
        return self._table("@reciprocals", index, 1.0 / max(index.number, 1))

    def _table(self, table: str, index: Index, value: float) -> Value:
        if not index.moving:
            return self.v.constant(value)
        row = self.v.emit(f"getelementptr double, ptr {table}, i64 %k0")
        return self.v.broadcast(self.v.load_scalar(self.v.offset(row, index.number)))

    def tables(self) -> str:
        """The module's constant tables."""
        size = self.order + 2
        text = ""
        for name, values in (
            ("orders", [float(k) for k in range(size)]),
            ("reciprocals", [0.0] + [1.0 / k for k in range(1, size)]),
        ):
            cells = ", ".join(f"double {double_literal(x)}" for x in values)
            text += f"@{name} = internal constant [{size} x double] [{cells}]\n"
        return text

    # -- the series

    def emit(self) -> None:
        """All coefficients of the state, orders 0 to N, from the state in memory and the time of the step."""
        v = self.v
        for i in range(self.dimension):
            self._put(("x", i), Index(0), v.load(v.offset("%w", LANES * (self.memory.state + i))))
        if ("t", 0) in self.slot:
            self._put(("t", 0), Index(0), v.load(v.offset("%w", LANES * self.memory.time)))
            self._put(("t", 0), Index(1), v.constant(1.0))
        for k in range(BLOCK):
            if k:
                self._cut()
            self._order(Index(k))
        v.begin("series")
        v.begin("blocks")
        v.phi("i64", [(str(BLOCK), "series"), ("%k0_next", "blocks_end")], "%k0")
        v.line(f"%k0_lanes = mul i64 %k0, {LANES}")
        v.line("%wk = getelementptr double, ptr %w, i64 %k0_lanes")
        for product in self.products.values():
            self._cut()
            self._finished_part(product)
        for r in range(BLOCK):
            self._cut()
            self._order(Index(r, moving=True))
        v.begin("blocks_end")
        v.line(f"%k0_next = add i64 %k0, {BLOCK}")
        v.line(f"%more_blocks = icmp ult i64 %k0_next, {self.order}")
        v.line("br i1 %more_blocks, label %blocks, label %series_end")
        v.begin("series_end", jump=False)
        self._register = {}

    def _finished_part(self, product: Product) -> None:
        """Partial sums of orders k0 .. k0+BLOCK-1 over the terms whose two indices are below k0."""
        a, b = self.slot[product.a], self.slot[product.b]
        v, size = self.v, BLOCK
        low = [v.load(v.offset("%w", LANES * (a + j))) for j in range(1, size)]
        high = [v.load(v.offset("%wk", LANES * (b + j))) for j in range(1 - size, 0)]
        total: list[Value] = [v.constant(0.0)] * size
        for j in range(1, size):
            for r in range(j):
                x, y = low[j - 1], high[r - j + size - 1]
                total[r] = v.mul(x, y) if j == r + 1 else v.fma(x, y, total[r])
        entry, loop, done = v.label("entry"), v.label("loop"), v.label("done")
        v.begin(entry)
        enough = v.emit(f"icmp ugt i64 %k0, {size}")
        v.line(f"br i1 {enough}, label %{loop}, label %{done}")
        v.begin(loop, jump=False)
        j_now, j_next = f"%j_{loop}", f"%jn_{loop}"
        v.phi("i64", [(str(size), entry), (j_next, loop)], j_now)
        sums = [v.phi(v.type, [(total[r], entry), (f"%s{r}_{loop}", loop)]) for r in range(size)]
        lanes = v.emit(f"mul i64 {j_now}, {LANES}")
        up = v.offset("%w", lanes)
        down = v.offset("%wk", v.emit(f"sub i64 0, {lanes}"))
        x_ = [v.load(v.offset(up, LANES * (a + i))) for i in range(size)]
        y_ = [v.load(v.offset(down, LANES * (b + i))) for i in range(1 - size, size)]
        for i in range(size):
            for r in range(size):
                name = f"%s{r}_{loop}" if i == size - 1 else None
                sums[r] = v.fma(x_[i], y_[r - i + size - 1], sums[r], name=name)
        v.line(f"{j_next} = add i64 {j_now}, {size}")
        more = v.emit(f"icmp ult i64 {j_next}, %k0")
        v.line(f"br i1 {more}, label %{loop}, label %{done}")
        v.begin(done, jump=False)
        results = [v.phi(v.type, [(total[r], entry), (sums[r], loop)]) for r in range(size)]
        for r, result in enumerate(results):
            v.store(result, self.pointer(product.out, Index(r, moving=True)))

    def _convolution(self, key: Key, index: Index) -> Value | None:
        """The whole convolution at this order; None where it has no terms."""
        product = self.products[key]
        pairs = (
            self._static_pairs(product, index.number)
            if not index.moving
            else self._open_pairs(product, index)
        )
        total = None
        if index.moving and index.number < BLOCK:
            total = self.v.load(self.pointer(key, index))
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

    def _order(self, index: Index) -> None:
        """One order of every operation, then the next order of the state: x_(k+1) = f_k/(k+1)."""
        if ("t", 0) in self.slot and not index.moving and index.number > 1:
            self._put(("t", 0), index, self.v.constant(0.0))
        for n, operation in enumerate(self.graph.operations):
            if operation.kind == "cos":  # computed with its sine
                continue
            if operation.kind == "sin":
                self._sine_and_cosine(n, index)
                continue
            value = self._linear(n, index) if operation.kind == "linear" else self._operation(n, index)
            self._put(("u", n), index, self.v.constant(0.0) if value is None else value)
        for i, output in enumerate(self.graph.outputs[: self.dimension]):
            value = self.operand(output, index)
            if value is None:
                value = self.v.constant(0.0)
            elif index.moving or index.number:
                value = self.v.mul(value, self._reciprocal(index + 1))
            self._put(("x", i), index + 1, value)

    def _linear(self, n: int, index: Index) -> Value | None:
        operation, v = self.graph.operations[n], self.v
        first = index == Index(0)
        total = v.constant(operation.constant) if first and operation.constant else None
        terms = sorted(
            zip(operation.coefficients, operation.operands, strict=True), key=lambda t: abs(t[0]) != 1
        )
        for c, operand in terms:
            x = self.operand(operand, index)
            if x is None:
                continue
            if total is None:
                total = x if c == 1 else v.neg(x) if c == -1 else v.mul(v.constant(c), x)
            elif c == 1:
                total = v.add(total, x)
            else:
                total = v.sub(total, x) if c == -1 else v.fma(v.constant(c), x, total)
        return total

    def _sine_and_cosine(self, n: int, index: Index) -> None:
        """k s_k = sum_j j a_j c_(k-j), k c_k = -sum_j j a_j s_(k-j)."""
        operation, v = self.graph.operations[n], self.v
        m = operation.partner
        if index == Index(0):
            argument = self.operand(operation.operands[0], index)
            assert argument is not None
            sine, cosine = elementary.sin_cos(v, argument)
        else:
            over_k = self._reciprocal(index)
            s, c = self._convolution(("p", n), index), self._convolution(("p", m), index)
            assert s is not None and c is not None
            sine, cosine = v.mul(s, over_k), v.neg(v.mul(c, over_k))
        self._put(("u", n), index, sine)
        self._put(("u", m), index, cosine)

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
                return v.mul(total, self._reciprocal(index))
            case "log":  # a u' = a'
                assert a is not None
                numerator = a if total is None else v.fma(v.neg(total), self._reciprocal(index), a)
                return v.mul(numerator, self._saved(n))
            case "tanh":  # u' = a' w, w = 1 - u^2
                assert total is not None
                u = v.mul(total, self._reciprocal(index))
                self._put(("u", n), index, u)
                square = self._convolution(("q", n), index)
                assert square is not None
                self._put(("w", n), index, v.neg(square))
                return u
            case "power":  # a u' = p a' u
                assert total is not None
                numerator = v.mul(v.constant(operation.constant), total)
                other = self._convolution(("q", n), index)
                if other is not None:
                    numerator = v.sub(numerator, other)
                return v.mul(v.mul(numerator, self._reciprocal(index)), self._saved(n))
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
                return elementary.exp(v, a)
            case "log":
                self._save(n, v.div(one, a))
                return elementary.log(v, a)
            case "tanh":
                u = elementary.tanh(v, a)
                self._put(("w", n), Index(0), v.fma(v.neg(u), u, one))
                return u
            case "power":
                self._save(n, v.div(one, a))
                return elementary.power(v, a, operation.constant)
        raise ValueError(f"No Taylor recurrence for the operation {operation.kind!r}.")

    def _save(self, n: int, value: Value) -> None:
        self.inverse[n] = self.memory.reserve(1)
        self.v.store(value, self.v.offset("%w", LANES * self.inverse[n]))

    def _saved(self, n: int) -> Value:
        """The reciprocal that the recurrence of operation ``n`` multiplies by."""
        return self.v.load(self.v.offset("%w", LANES * self.inverse[n]))


def key_of(operand: Operand) -> Key:
    """The sequence that an operand's coefficients form."""
    return {"state": "x", "result": "u", "time": "t", "constant": "c"}[operand.kind], operand.index


def scaled(key: Key) -> Key:
    """The sequence k*a_k."""
    return f"k {key[0]}", key[1]

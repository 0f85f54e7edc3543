"""Taylor coefficients of tangent vectors: the operations of a right-hand side, linearised.

Where ``u = f(a, b)`` is the operation, ``du`` is a sum of products of finished sequences, those of the state,
with tangent sequences, such as ``d(ab) = b da + a db`` or ``d(sin a) = cos a da``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from chaosdata.equations.graph import Operand
from chaosdata.kernels import finished
from chaosdata.kernels.blocks import BLOCK, Blocks, Index, Key, key_of
from chaosdata.kernels.convolution import sums_ahead
from chaosdata.kernels.lower import SWITCHING
from chaosdata.kernels.series import Jet
from chaosdata.kernels.vector import LANES, Value, Vector

_TOGETHER = 4
"""Sums of products computed in one loop: with BLOCK orders of each, half of the registers."""


class _Product(NamedTuple):
    """``sum_j s_(k-j) d_j`` with a finished sequence s and a tangent sequence d, perhaps without s_0."""

    finished: Key
    tangent: Key
    skip_s0: bool = False


@dataclass(frozen=True)
class _Sum:
    """A sum of products; ``out`` is the first of BLOCK slots for its finished part."""

    out: int
    products: tuple[_Product, ...]


class Linearised(Blocks):
    """Emits the Taylor coefficients of the tangent vectors along the step in memory."""

    def __init__(self, jet: Jet, dimension: int, vectors: int) -> None:
        super().__init__(Vector(), jet.graph, jet.order, dimension)
        self.jet, self.vectors = jet, vectors
        self._needed = self._operations_needed()
        # The series of all vectors stay until the size of the step is known.
        self._stride = dimension * (self.order + 1)
        first = jet.memory.reserve(dimension * self._stride)
        for i in range(dimension):
            self.slot["x", i] = first + i * (self.order + 1)
        self._sums: dict[int, list[_Sum]] = {}
        for n in self._needed:
            self._sums[n] = [_Sum(jet.memory.reserve(BLOCK), products) for products in self._sums_of(n)]
        self._all_sums = [total for sums in self._sums.values() for total in sums if total.products]
        for product in (product for total in self._all_sums for product in total.products):
            if product.tangent not in self.slot:
                self.slot[product.tangent] = jet.memory.reserve(self.order + 1)
        self._sums_ahead = [n for n in sums_ahead(self.graph, self.slot) if n in self._needed]
        self._few = len(self._all_sums) <= _TOGETHER
        if len(self._all_sums) >= finished.MANY_TANGENTS:
            jet.routines.update(map(self._routine, self._all_sums))
        self._finished: dict[tuple[Key, int], Value] = {}  # coefficients of the state in registers
        self._parts: dict[tuple[int, int], Value | None] = {}  # finished parts in registers

    def _operations_needed(self) -> list[int]:
        """The operations that the right-hand sides need, without those of the quadratures."""
        wanted: set[int] = set()
        pending = [o.index for o in self.graph.outputs[: self.dimension] if o.kind == "result"]
        while pending:
            n = pending.pop()
            if n in wanted:
                continue
            wanted.add(n)
            operation = self.graph.operations[n]
            pending += [o.index for o in operation.operands if o.kind == "result"]
        return sorted(wanted)

    def _sums_of(self, n: int) -> list[tuple[_Product, ...]]:
        """The sums of products behind operation ``n``; see :meth:`_operation` for what it makes of them."""
        operation = self.graph.operations[n]
        u, operands = ("u", n), [key_of(o) for o in operation.operands]
        a, b = operands[0], operands[-1]
        sums: list[list[_Product]] = []
        match operation.kind:
            case "multiply":
                sums = [[_Product(b, a), _Product(a, b)]]
            case "square":
                sums = [[_Product(a, a)]]
            case "divide":
                sums = [[_Product(b, u, True), _Product(u, b)]]
            case "sqrt":
                sums = [[_Product(u, u, True)]]
            case "exp":
                sums = [[_Product(u, a)]]
            case "sin" | "cos" | "sinh" | "cosh":
                sums = [[_Product(("u", operation.partner), a)]]
            case "tan" | "tanh":
                sums = [[_Product(("w", n), a)]]
            case "atan":
                sums = [[_Product(("w", n), u, True)]]
            case "log":
                sums = [[_Product(a, u, True)]]
            case "power":
                sums = [[_Product(u, a)], [_Product(a, u, True)]]
        # Time and constants have no tangent.
        return [tuple(product for product in row if product.tangent[0] in "xud") for row in sums]

    # -- memory

    def base(self, key: Key, *, moving: bool) -> Value:
        """Components have a series for each vector; those of operations are used again for the next one."""
        if key[0] == "x":
            return "%xk" if moving else "%x"
        return "%wk" if moving else "%w"

    def enter_block(self, doubles: Value) -> None:
        """Move ``%wk`` and ``%xk`` to the block."""
        self.v.line(f"%wk = getelementptr double, ptr %w, i64 {doubles}")
        self.v.line(f"%xk = getelementptr double, ptr %x, i64 {doubles}")

    def operand(self, operand: Operand, index: Index) -> Value | None:
        """The tangent of an operand; constants and time have none."""
        if operand.kind in ("constant", "time"):
            return None
        return self.coefficient(key_of(operand), index)

    def finished_parts(self) -> None:
        """Of every product, the terms whose tangent coefficient is finished."""
        v = self.v
        self._parts = {}
        if len(self._all_sums) >= finished.MANY_TANGENTS:
            for total in self._all_sums:
                finished.call(v, self._routine(total), self._pairs(total, {}), v.at("%w", total.out), self.k0)
            return
        for first in range(0, len(self._all_sums), _TOGETHER):
            self.cut()
            several = self._all_sums[first : first + _TOGETHER]
            pointers: dict[tuple[Key, bool], Value] = {}
            pairs = [self._pairs(total, pointers) for total in several]
            sums = finished.tangent_sums(v, self.k0, pairs, BLOCK)
            for total, parts in zip(several, sums, strict=True):
                for r, part in enumerate(parts):
                    if self._few:
                        self._parts[total.out, r] = part
                    else:
                        v.store(part, v.at("%w", total.out + r))

    def _pairs(self, total: _Sum, pointers: dict[tuple[Key, bool], Value]) -> list[finished.Pair]:
        """Where the sequences stand; ``pointers`` collects one for each."""
        for product in total.products:
            if (product.tangent, False) not in pointers:
                pointers[product.tangent, False] = self.pointer(product.tangent, Index(0))
            if (product.finished, True) not in pointers:
                pointers[product.finished, True] = self.v.at("%wk", self.jet.slot[product.finished])
        return [
            finished.Pair(
                pointers[product.tangent, False], pointers[product.finished, True], self._newest(product)
            )
            for product in total.products
        ]

    def _newest(self, product: _Product) -> int:
        """The first order of a block to which order ``k0`` of the tangent counts as finished."""
        return 0 if self._is_ahead(product.tangent) else BLOCK

    def _is_ahead(self, key: Key) -> bool:
        """Whether order k of a sequence follows from the components of order k alone."""
        return key[0] == "x" or (key[0] == "u" and key[1] in self._sums_ahead)

    def _routine(self, total: _Sum) -> finished.Routine:
        newest = [self._newest(product) for product in total.products]
        if len(newest) == 1:
            return finished.Routine("tangent", finished.Newest(newest[0], 0))
        return finished.Routine("tangents", finished.Newest(newest[0], newest[1]))

    def coefficient(self, key: Key, index: Index) -> Value:
        """A coefficient, read once in a block of code: many operations take it."""
        value = super().coefficient(key, index)
        self._register[key, index] = value
        return value

    def next_order(self, index: Index) -> None:
        """Where products are few, registers hold all that a block of orders needs."""
        if not self._few:
            super().next_order(index)

    def cut(self) -> None:
        """Start a new block of code."""
        super().cut()
        self._finished = {}

    def _convolution(self, total: _Sum, index: Index) -> Value | None:
        """A sum of products at this order; the last but one of a block adds what it knows of the last one."""
        r, last = index.number, BLOCK - 1
        if not index.moving or not total.products:
            return self._with_terms(None, _terms(total, r), index)
        terms = self._open_terms(total, r)
        if r == last:
            terms = [term for term in terms if not self._is_early(term)]
        value = self._with_terms(self._part(total, r), terms, index)
        if r == last - 1:
            early = filter(self._is_early, self._open_terms(total, last))
            self._parts[total.out, last] = self._with_terms(self._part(total, last), early, index + 1)
        return value

    def _part(self, total: _Sum, r: int) -> Value:
        """The part of a sum that is known already."""
        return self._parts.get((total.out, r)) or self.v.load(self.v.at("%w", total.out + r))

    def _open_terms(self, total: _Sum, r: int) -> list[tuple[_Product, int]]:
        """What the finished part leaves to order r of a block."""
        return [(p, m) for p, m in _terms(total, r) if m or not self._is_ahead(p.tangent)]

    def _is_early(self, term: tuple[_Product, int]) -> bool:
        """Whether the last order but one of a block has the tangent coefficient of a term at hand."""
        product, m = term
        return m < BLOCK - 2 or (m == BLOCK - 2 and self._is_ahead(product.tangent))

    def _with_terms(
        self, value: Value | None, terms: Iterable[tuple[_Product, int]], index: Index
    ) -> Value | None:
        v = self.v
        for product, m in terms:
            s = self._finished_coefficient(product.finished, index.number - m)
            x = self.coefficient(product.tangent, Index(m, index.moving))
            value = v.mul(s, x) if value is None else v.fma(s, x, value)
        return value

    def _finished_coefficient(self, key: Key, k: int) -> Value:
        if (key, k) not in self._finished:
            self._finished[key, k] = self.v.load(self.v.at("%w", self.jet.slot[key] + k))
        return self._finished[key, k]

    def operations(self, index: Index) -> None:
        """One order of the tangent of every operation."""
        for n in self._needed:
            if n in self._sums_ahead:
                continue
            linear = self.graph.operations[n].kind == "linear"
            value = self.linear(n, index) if linear else self._operation(n, index)
            self.put(("u", n), index, self.v.constant(0.0) if value is None else value)

    def look_ahead(self, index: Index) -> None:
        """One order of the sums of components that products take."""
        for n in self._sums_ahead:
            value = self.linear(n, index)
            self.put(("u", n), index, self.v.constant(0.0) if value is None else value)

    def _operation(self, n: int, index: Index) -> Value | None:
        operation, v = self.graph.operations[n], self.v
        da = self.operand(operation.operands[0], index)
        total, *others = [self._convolution(total, index) for total in self._sums[n]] or [None]
        if operation.kind in SWITCHING:
            assert self.jet.switches is not None
            return self.jet.switches.branch(self, n, index, tangent=True)
        match operation.kind:
            case "multiply" | "sin" | "sinh" | "cosh" | "exp" | "tan" | "tanh":
                return total
            case "square":
                return None if total is None else v.add(total, total)
            case "cos":
                return None if total is None else v.neg(total)
            case "divide" | "log" | "atan":  # b du = da - u db, a du = da, (1 + a^2) du = da
                value = self._minus(da, total)
            case "sqrt":  # 2 u du = da
                value = self._minus(da, None if total is None else v.add(total, total))
            case "power":  # a du = p u da
                scaled = None if total is None else v.mul(v.constant(operation.constant), total)
                value = self._minus(scaled, others[0])
            case _:
                raise ValueError(f"No tangent of the operation {operation.kind!r}.")
        return None if value is None else v.mul(value, v.load(v.offset("%w", LANES * self.jet.inverse[n])))

    def _minus(self, a: Value | None, b: Value | None) -> Value | None:
        if b is None:
            return a
        return self.v.neg(b) if a is None else self.v.sub(a, b)


def _terms(total: _Sum, r: int) -> list[tuple[_Product, int]]:
    """The products of order r, and the order of the tangent in each."""
    return [(product, m) for product in total.products for m in range(r + (not product.skip_s0))]

"""Tangent dynamics on vectors of lanes: the variational equations by linearised Taylor series.

The step of the state leaves the coefficients of every operation in memory. Linearising an operation
``u = f(a, b)`` gives ``du`` as products of finished sequences with tangent sequences, such as
``d(ab) = b da + a db`` or ``d(sin a) = cos a da``: the symbolic Jacobian applied by the chain rule, without
its growth of expressions. One routine serves all tangent vectors in a loop, so neither code nor compile time
grows with their number.

The tangent vectors take part in the choice of the step, so that a strong contraction across a smooth
trajectory is resolved too. Where the right-hand side is smooth, a step reaches backwards as well as forwards
from the series (:mod:`~chaosdata.kernels.centre`): these are of the unit vectors, and the tangent vectors
follow from what the ends of the step know of the same solutions. Where it has pieces, the series are of the
tangent vectors themselves, from the start of a step. After every step the vectors are re-orthonormalised,
which sums the logarithms of their lengths (:mod:`~chaosdata.kernels.orthogonal`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels import finished
from chaosdata.kernels.blocks import BLOCK, Blocks, Index, Key, key_of
from chaosdata.kernels.centre import Centre
from chaosdata.kernels.compile import load
from chaosdata.kernels.lower import SWITCHING, lowered
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.orthogonal import function, orthonormalise_function
from chaosdata.kernels.saltation import saltate, surface_functions
from chaosdata.kernels.series import Jet
from chaosdata.kernels.slide import with_sliding
from chaosdata.kernels.step import step_function
from chaosdata.kernels.taylor import order_for
from chaosdata.kernels.transfer import Transfer
from chaosdata.kernels.vector import LANES, Value, Vector, declarations

_TOGETHER = 4
"""Sums of products computed in one loop: with BLOCK orders of each, half of the registers."""


@dataclass(frozen=True)
class TangentKernel:
    """Machine code for one graph and its tangent vectors.

    step(work, log2_tolerance) -> i64 : one step of every lane, of its state and its tangent vectors; bit l of
    the result is set while lane l goes on.
    vectors, growth : first slots of the tangent vectors (vector j, component i at ``j*dimension + i``) and of
    the sums of the logarithms of their lengths.
    """

    step: int
    memory: Memory
    vectors: int
    growth: int


def tangent_kernel(graph: Graph, tolerance: float, dimension: int) -> TangentKernel:
    """Compile the step of ``graph`` and the tangent dynamics of its first ``dimension`` states.

    ``graph.outputs`` may go on beyond them with quadratures, which follow the flow and on which nothing
    depends.
    """
    ir, kernel = tangent_module(graph, tolerance, dimension)
    return replace(kernel, step=load(ir, ("step",))["step"])


def tangent_module(graph: Graph, tolerance: float, dimension: int) -> tuple[str, TangentKernel]:
    """The IR of the kernel, and the kernel without its address."""
    graph = with_sliding(lowered(replace(graph, dimension=len(graph.outputs))), dimension)
    memory = Memory(graph.dimension)
    # One block above the trajectories' order: the orthonormalisation makes a step dear, whatever its order.
    jet = Jet(Vector(), graph, order_for(tolerance) + BLOCK, memory)
    centre = Centre.reserve(memory, graph.dimension) if jet.switches is None else None
    step = step_function(jet, memory, tangents=True, centre=centre)
    vectors, growth = memory.reserve(dimension * dimension), memory.reserve(dimension)
    linearised = Linearised(jet, dimension, vectors)
    ir = jet.tables() + step
    if centre is None:
        due = memory.step
        ir += linearised.series_function() + linearised.carry_function()
    else:
        transfer = Transfer.reserve(centre, memory, dimension, vectors)
        due = transfer.due
        ir += linearised.solutions_function() + linearised.transfer_function(transfer) + transfer.function()
    ir += orthonormalise_function(dimension, vectors, growth, due, can_vanish=jet.can_slide)
    ir += declarations(LANES)
    if jet.switches is not None:
        ir += jet.switches.functions(jet) + surface_functions(jet, dimension)
    return ir, TangentKernel(0, memory, vectors, growth)


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
                self.slot[product.tangent] = jet.memory.reserve(self.order)
        self._few = len(self._all_sums) <= _TOGETHER
        if len(self._all_sums) >= finished.MANY_TANGENTS:
            jet.routines.update(map(_routine, self._all_sums))
        self._finished: dict[tuple[Key, int], Value] = {}  # coefficients of the state in registers
        self._parts: dict[tuple[int, int], Value] = {}  # finished parts in registers

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

    # -- the series

    def series_function(self) -> str:
        """``tangent_series``: the coefficients of every vector, and the largest of the last two orders."""
        v, d = self.v, self.dimension
        self._reset_ratio()
        with v.loop("vectors", 0, d) as vector:
            self._enter_vector(v, vector)
            for i in range(d):
                self.put(("x", i), Index(0), v.load(v.offset("%vector", LANES * (self.vectors + i))))
            if self.jet.switches is not None:
                for i, x in enumerate(saltate(self, self.jet)):
                    v.store(x, v.offset("%vector", LANES * (self.vectors + i)))
                    self.put(("x", i), Index(0), x)
            self._orders()
        return function("tangent_series", v)

    def solutions_function(self) -> str:
        """``tangent_series``: the same of the unit vectors, each 1 in one component."""
        v, d = self.v, self.dimension
        self._reset_ratio()
        one, zero = v.constant(1.0), v.constant(0.0)
        with v.loop("vectors", 0, d) as vector:
            self._enter_vector(v, vector)
            for i in range(d):
                own = v.emit(f"icmp eq i64 {vector}, {i}")
                self.put(("x", i), Index(0), v.emit(f"select i1 {own}, {v.type} {one}, {v.type} {zero}"))
            self._orders()
        return function("tangent_series", v)

    def _reset_ratio(self) -> None:
        for k in (0, 1):
            self.v.store(self.v.constant(0.0), self._ratio(k))

    def _ratio(self, k: int) -> Value:
        return self.v.at("%w", self.jet.memory.tangent_ratio + k)

    def _orders(self) -> None:
        """All orders of a vector from order 0, and what they add to the largest of the last two."""
        v = self.v
        self.blocks(0, self.order)  # linear in every order: the first ones need no code of their own
        for k in (0, 1):  # the vectors are unit vectors: their terms are relative already
            largest = v.load(self._ratio(k))
            for i in range(self.dimension):
                largest = v.maximum(largest, v.abs(self.coefficient(("x", i), Index(self.order - k))))
            v.store(largest, self._ratio(k))

    def _enter_vector(self, v: Vector, vector: Value) -> None:
        """Point ``%vector`` at a tangent vector, and ``%x`` at its series."""
        vector_doubles = v.emit(f"mul i64 {vector}, {self.dimension * LANES}")
        v.line(f"%vector = getelementptr double, ptr %w, i64 {vector_doubles}")
        series_doubles = v.emit(f"mul i64 {vector}, {self._stride * LANES}")
        v.line(f"%x = getelementptr double, ptr %w, i64 {series_doubles}")

    def carry_function(self) -> str:
        """``carry_tangents``: evaluate the series at the end of the step, and orthonormalise."""
        v, d = Vector(), self.dimension
        h = v.load(v.offset("%w", LANES * self.jet.memory.step))
        h2 = v.mul(h, h)
        h4 = v.mul(h2, h2)
        with v.loop("vectors", 0, d) as vector:
            self._enter_vector(v, vector)
            for i in range(d):
                if i % 2 == 0 and i:
                    v.cut()
                slots = [self.slot["x", i] + k for k in range(self.order + 1)]
                series = [v.load(v.offset("%x", LANES * slot)) for slot in slots]
                v.store(v.taylor(series, h, h2, h4), v.offset("%vector", LANES * (self.vectors + i)))
        v.line("call void @orthonormalise(ptr %w)")
        return function("carry_tangents", v)

    def transfer_function(self, transfer: Transfer) -> str:
        """``carry_tangents``: evaluate the solutions at both ends of the step, and transfer the vectors."""
        v, d = Vector(), self.dimension
        back, h = (v.load(v.at("%w", slot)) for slot in (transfer.centre.back, self.jet.memory.step))
        powers = {}
        for slot, x in ((transfer.start, v.neg(back)), (transfer.end, h)):
            x2 = v.mul(x, x)
            powers[slot] = (x, x2, v.mul(x2, x2))
        with v.loop("vectors", 0, d) as vector:
            self._enter_vector(v, vector)
            for i in range(d):
                if i:
                    v.cut()
                series = [v.load(v.at("%x", self.slot["x", i] + k)) for k in range(self.order + 1)]
                for slot, (x, x2, x4) in powers.items():
                    v.store(v.taylor(series, x, x2, x4), v.at("%vector", slot + i))
        v.line("call void @transfer(ptr %w)")
        due = v.compare("ogt", v.load(v.at("%w", transfer.due)), v.constant(0.0))
        v.line(f"br i1 {v.any(due)}, label %due, label %done")
        v.begin("due", jump=False)
        v.line("call void @orthonormalise(ptr %w)")
        v.begin("done")
        return function("carry_tangents", v)

    def finished_parts(self) -> None:
        """Of every product, the terms whose tangent coefficient is finished."""
        v = self.v
        if len(self._all_sums) >= finished.MANY_TANGENTS:
            for total in self._all_sums:
                finished.call(v, _routine(total), self._pairs(total, {}), v.at("%w", total.out), self.k0)
            return
        self._parts = {}
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
            finished.Pair(pointers[product.tangent, False], pointers[product.finished, True])
            for product in total.products
        ]

    def coefficient(self, key: Key, index: Index) -> Value:
        """A coefficient, read once in a block of code: many operations take it."""
        value = super().coefficient(key, index)
        self._register[key, index] = value
        return value

    def next_order(self) -> None:
        """Where products are few, registers hold all that a block of orders needs."""
        if not self._few:
            self.cut()

    def cut(self) -> None:
        """Start a new block of code."""
        super().cut()
        self._finished = {}

    def _convolution(self, total: _Sum, index: Index) -> Value | None:
        v, r = self.v, index.number
        value = None
        if index.moving and total.products:
            value = self._parts[total.out, r] if self._few else v.load(v.at("%w", total.out + r))
        for product in total.products:
            for m in range(r + (not product.skip_s0)):
                s = self._finished_coefficient(product.finished, r - m)
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
            linear = self.graph.operations[n].kind == "linear"
            value = self.linear(n, index) if linear else self._operation(n, index)
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


def _routine(total: _Sum) -> finished.Routine:
    return finished.Routine("tangent" if len(total.products) == 1 else "tangents")

"""Tangent dynamics on vectors of lanes: the variational equations by linearised Taylor series.

The step of the state leaves the coefficients of every operation in memory. Linearising an operation
``u = f(a, b)`` gives ``du`` as products of finished sequences with tangent sequences, such as
``d(ab) = b da + a db`` or ``d(sin a) = cos a da``: the symbolic Jacobian applied by the chain rule, without
its growth of expressions. One routine serves all tangent vectors in a loop, so neither code nor compile time
grows with their number.

The tangent vectors take part in the choice of the step, so that a strong contraction across a smooth
trajectory is resolved too. After every step they are re-orthonormalised by the modified Gram-Schmidt process,
which sums the logarithms of their lengths.

Reference: Benettin, Galgani, Giorgilli, Strelcyn (1980). Lyapunov characteristic exponents for smooth
dynamical systems and for Hamiltonian systems; a method for computing all of them. Meccanica 15, 9-30.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels import elementary, finished
from chaosdata.kernels.blocks import BLOCK, Blocks, Index, Key, key_of
from chaosdata.kernels.compile import load
from chaosdata.kernels.lower import SWITCHING, lowered
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.saltation import VANISHED, saltate, surface_functions
from chaosdata.kernels.series import Jet
from chaosdata.kernels.slide import with_sliding
from chaosdata.kernels.step import step_function
from chaosdata.kernels.taylor import order_for
from chaosdata.kernels.vector import LANES, Value, Vector, declarations


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
    step = step_function(jet, memory, tangents=True)
    vectors, growth = memory.reserve(dimension * dimension), memory.reserve(dimension)
    linearised = Linearised(jet, dimension, vectors)
    ir = (
        jet.tables()
        + step
        + linearised.series_function()
        + linearised.carry_function()
        + _orthonormalise(dimension, vectors, growth, memory.step, can_vanish=jet.can_slide)
        + declarations(LANES)
    )
    if jet.switches is not None:
        ir += jet.switches.functions(jet) + surface_functions(jet, dimension)
    return ir, TangentKernel(0, memory, vectors, growth)


@dataclass(frozen=True)
class _Product:
    """``sum_j s_(k-j) d_j`` with a finished sequence s and a tangent sequence d."""

    out: int  # first of BLOCK slots for partial sums
    finished: Key
    tangent: Key
    skip_s0: bool


class Linearised(Blocks):
    """Emits the Taylor coefficients of the tangent vectors along the step in memory."""

    def __init__(self, jet: Jet, dimension: int, vectors: int) -> None:
        super().__init__(Vector(), jet.graph, jet.order, dimension)
        self.jet, self.vectors = jet, vectors
        self._needed = self._operations_needed()
        self.products: dict[int, list[_Product]] = {}
        # The series of all vectors stay until the size of the step is known.
        self._stride = dimension * (self.order + 1)
        first = jet.memory.reserve(dimension * self._stride)
        for i in range(dimension):
            self.slot["x", i] = first + i * (self.order + 1)
        for n in self._needed:
            self.products[n] = [
                _Product(jet.memory.reserve(BLOCK), s, d, skip) for s, d, skip in self._products_of(n)
            ]
            for product in self.products[n]:
                if product.tangent not in self.slot:
                    self.slot[product.tangent] = jet.memory.reserve(self.order)
        if sum(map(len, self.products.values())) >= finished.MANY:
            jet.routines.add(finished.TANGENT)

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

    def _products_of(self, n: int) -> list[tuple[Key, Key, bool]]:
        operation = self.graph.operations[n]
        u = ("u", n)
        a = key_of(operation.operands[0])
        pairs: list[tuple[Key, Key, bool]] = []
        match operation.kind:
            case "multiply":
                b = key_of(operation.operands[1])
                pairs = [(b, a, False), (a, b, False)]
            case "square":
                pairs = [(a, a, False)]
            case "divide":
                b = key_of(operation.operands[1])
                pairs = [(b, u, True), (u, b, False)]
            case "sqrt":
                pairs = [(u, u, True)]
            case "exp":
                pairs = [(u, a, False)]
            case "sin" | "cos" | "sinh" | "cosh":
                pairs = [(("u", operation.partner), a, False)]
            case "tan" | "tanh":
                pairs = [(("w", n), a, False)]
            case "atan":
                pairs = [(("w", n), u, True)]
            case "log":
                pairs = [(a, u, True)]
            case "power":
                pairs = [(u, a, False), (a, u, True)]
        return [pair for pair in pairs if pair[1][0] in "xud"]  # time and constants have no tangent

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
        v, d, memory = self.v, self.dimension, self.jet.memory
        for k in (0, 1):
            v.store(v.constant(0.0), v.offset("%w", LANES * (memory.tangent_ratio + k)))
        with v.loop("vectors", 0, d) as vector:
            self._enter_vector(v, vector)
            for i in range(d):
                self.put(("x", i), Index(0), v.load(v.offset("%vector", LANES * (self.vectors + i))))
            if self.jet.switches is not None:
                for i, x in enumerate(saltate(self, self.jet)):
                    v.store(x, v.offset("%vector", LANES * (self.vectors + i)))
                    self.put(("x", i), Index(0), x)
            self.blocks(0, self.order)  # linear in every order: the first ones need no code of their own
            for k in (0, 1):  # the vectors are unit vectors: their terms are relative already
                pointer = v.offset("%w", LANES * (memory.tangent_ratio + k))
                largest = v.load(pointer)
                for i in range(d):
                    largest = v.maximum(largest, v.abs(self.coefficient(("x", i), Index(self.order - k))))
                v.store(largest, pointer)
        body = "\n".join(v.lines)
        return f"define void @tangent_series(ptr noalias %w) noinline {{\nentry:\n{body}\nret void\n}}\n"

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
        body = "\n".join(v.lines)
        return f"define void @carry_tangents(ptr noalias %w) noinline {{\nentry:\n{body}\nret void\n}}\n"

    def finished_parts(self) -> None:
        """Of every product, the terms whose tangent coefficient is finished."""
        for n in self._needed:
            for product in self.products[n]:
                base, a = self.base(product.tangent, moving=False), self.slot[product.tangent]
                b = self.jet.slot[product.finished]
                sums = self.v.at("%w", product.out)
                if finished.TANGENT in self.jet.routines:
                    first, moved = self.v.at(base, a), self.v.at("%wk", b)
                    finished.call(self.v, finished.TANGENT, first, moved, sums, self.k0)
                    continue
                self.cut()
                for r, result in enumerate(finished.tangent_sums(self.v, self.k0, base, a, b, BLOCK)):
                    self.v.store(result, self.v.at(sums, r))

    def _convolution(self, product: _Product, index: Index) -> Value | None:
        v, r = self.v, index.number
        total = v.load(v.offset("%w", LANES * (product.out + r))) if index.moving else None
        for m in range(r + 1):
            if product.skip_s0 and m == r:
                continue
            s = v.load(v.offset("%w", LANES * (self.jet.slot[product.finished] + r - m)))
            x = self.coefficient(product.tangent, Index(m, index.moving))
            total = v.mul(s, x) if total is None else v.fma(s, x, total)
        return total

    def operations(self, index: Index) -> None:
        """One order of the tangent of every operation."""
        for n in self._needed:
            linear = self.graph.operations[n].kind == "linear"
            value = self.linear(n, index) if linear else self._operation(n, index)
            self.put(("u", n), index, self.v.constant(0.0) if value is None else value)

    def _operation(self, n: int, index: Index) -> Value | None:
        operation, v = self.graph.operations[n], self.v
        da = self.operand(operation.operands[0], index)
        parts = {p: self._convolution(p, index) for p in self.products[n]}
        plain = next((value for p, value in parts.items() if not p.skip_s0), None)
        open_ = next((value for p, value in parts.items() if p.skip_s0), None)
        if operation.kind in SWITCHING:
            assert self.jet.switches is not None
            return self.jet.switches.branch(self, n, index, tangent=True)
        match operation.kind:
            case "multiply":
                both = [value for value in parts.values() if value is not None]
                return v.add(both[0], both[1]) if len(both) == 2 else both[0] if both else None
            case "square":
                return None if plain is None else v.add(plain, plain)
            case "cos":
                return None if plain is None else v.neg(plain)
            case "sin" | "sinh" | "cosh" | "exp" | "tan" | "tanh":
                return plain
            case "divide":  # b du = da - u db
                total = self._minus(self._minus(da, plain), open_)
            case "log" | "atan":  # a du = da, (1 + a^2) du = da
                total = self._minus(da, open_)
            case "sqrt":  # 2 u du = da
                total = self._minus(da, None if open_ is None else v.add(open_, open_))
            case "power":  # a du = p u da
                scaled = None if plain is None else v.mul(v.constant(operation.constant), plain)
                total = self._minus(scaled, open_)
            case _:
                raise ValueError(f"No tangent of the operation {operation.kind!r}.")
        return None if total is None else v.mul(total, v.load(v.offset("%w", LANES * self.jet.inverse[n])))

    def _minus(self, a: Value | None, b: Value | None) -> Value | None:
        if b is None:
            return a
        return self.v.neg(b) if a is None else self.v.sub(a, b)


def _orthonormalise(d: int, vectors: int, growth: int, step: int, *, can_vanish: bool) -> str:
    """``orthonormalise``: modified Gram-Schmidt in the lanes that took a step.

    Where a lane waits for its neighbours nothing changes, so its bits do not depend on theirs.
    """
    v = Vector()
    flag = v.compare("ogt", v.load(v.offset("%w", LANES * step)), v.constant(0.0))
    with v.loop("vectors", 0, d) as j:
        _orthonormalise_one(v, d, j, LANES * vectors, LANES * growth, flag, can_vanish)
    body = "\n".join(v.lines)
    return f"define void @orthonormalise(ptr noalias %w) noinline {{\nentry:\n{body}\nret void\n}}\n"


def _orthonormalise_one(
    v: Vector, d: int, j: Value, slot: int, growth: int, flag: Value, can_vanish: bool
) -> None:
    """Take from vector j its components along the earlier ones, and scale it to length 1.

    Where a flow folds a direction away, of whose vector only rounding is left, it becomes zero for good.
    """
    j_doubles = v.emit(f"mul i64 {j}, {d * LANES}")
    v.line(f"%vector = getelementptr double, ptr %w, i64 {j_doubles}")
    j_lanes = v.emit(f"mul i64 {j}, {LANES}")
    v.line(f"%sum = getelementptr double, ptr %w, i64 {j_lanes}")
    given = [v.load(v.offset("%vector", slot + LANES * i)) for i in range(d)]
    v.begin("ready")
    v.line(f"%first = icmp eq i64 {j}, 0")
    v.line("br i1 %first, label %reduced, label %reduce")
    v.begin("reduce", jump=False)
    v.phi("i64", [("0", "ready"), ("%k_next", "reduce")], "%k")
    x = [v.phi(v.type, [(given[i], "ready"), (f"%x{i}", "reduce")]) for i in range(d)]
    v.line(f"%k_lanes = mul i64 %k, {d * LANES}")
    v.line("%earlier = getelementptr double, ptr %w, i64 %k_lanes")
    q = [v.load(v.offset("%earlier", slot + LANES * i)) for i in range(d)]
    dot = v.mul(q[0], x[0])
    for i in range(1, d):
        dot = v.fma(q[i], x[i], dot)
    minus = v.neg(dot)
    for i in range(d):
        v.fma(minus, q[i], x[i], name=f"%x{i}")
    v.line("%k_next = add i64 %k, 1")
    v.line(f"%more = icmp ult i64 %k_next, {j}")
    v.line("br i1 %more, label %reduce, label %reduced")
    v.begin("reduced", jump=False)
    x = [v.phi(v.type, [(given[i], "ready"), (f"%x{i}", "reduce")]) for i in range(d)]
    square = v.mul(x[0], x[0])
    for i in range(1, d):
        square = v.fma(x[i], x[i], square)
    length = v.sqrt(square)
    inverse = v.div(v.constant(1.0), length)
    if can_vanish:
        zero = v.constant(0.0)
        gone = v.compare("olt", length, v.constant(VANISHED))
        length, inverse = v.select(gone, zero, length), v.select(gone, zero, inverse)
    for i in range(d):
        v.store(v.select(flag, v.mul(x[i], inverse), given[i]), v.offset("%vector", slot + LANES * i))
    total = v.offset("%sum", growth)
    old = v.load(total)
    v.store(v.select(flag, v.add(old, elementary.log(v, length)), old), total)

"""Tangent dynamics of delay equations on vectors of lanes.

A tangent vector is a function on the longest delay: its present value, and its past as series in a ring of
its own. It obeys the equation linearised along the trajectory, which is a delay equation on the same mesh, so
each cell of each vector follows from the cells before it as those of the state do.

The vectors are kept apart by the modified Gram-Schmidt process in the space of such functions, with the inner
product ``u(t) v(t)`` plus the mean of ``u v`` over the beginnings of the cells in the ring. Exponents do not
depend on the inner product.

Reference: Farmer (1982). Chaotic attractors of an infinite-dimensional dynamical system. Physica D 4,
366-393.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaosdata.equations.graph import Graph
from chaosdata.kernels import elementary
from chaosdata.kernels.blocks import Index, Key
from chaosdata.kernels.compile import load
from chaosdata.kernels.delay import DelayJet, cell_function, matrix_pointer, move_function, past_pointer
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.tangent import Linearised
from chaosdata.kernels.vector import LANES, Value, Vector, declarations


@dataclass(frozen=True)
class DelayTangentKernel:
    """Machine code for one graph and its tangent vectors.

    cell(work, ring, words, tangents) -> i64 : one cell of every lane, state and tangent vectors; bit l is set
    where lane l met the tolerance.
    orthonormalise(work, ring, words, tangents) : Gram-Schmidt.
    vectors, growth : first slots of the present values (vector j, component i at ``j*dimension + i``) and of
    the sums of the logarithms of lengths.
    """

    cell: int
    orthonormalise: int
    memory: Memory
    order: int
    delays: tuple[float, ...]
    worst: int
    vectors: int
    growth: int


def delay_tangent_kernel(graph: Graph, order: int, count: int, *, shifted: bool) -> DelayTangentKernel:
    """Compile (or fetch from the cache) the kernel of a delay equation with ``count`` tangent vectors."""
    ir, kernel = delay_tangent_module(graph, order, count, shifted=shifted)
    functions = load(ir, ("cell", "orthonormalise"))
    return replace(kernel, cell=functions["cell"], orthonormalise=functions["orthonormalise"])


def delay_tangent_module(
    graph: Graph, order: int, count: int, *, shifted: bool
) -> tuple[str, DelayTangentKernel]:
    """The IR of the kernel, and the kernel without its addresses."""
    memory = Memory(graph.dimension)
    jet = DelayJet(Vector(), graph, order, memory, shifted=shifted)
    cell = cell_function(jet, tangents=True)
    vectors, growth = memory.reserve(count * graph.dimension), memory.reserve(count)
    linearised = LinearisedPast(jet, vectors)
    ir = cell + linearised.carry_vectors(count) + move_function(jet) + jet.tables()
    ir += _orthonormalise(jet, vectors, growth, count) + declarations(LANES)
    return ir, DelayTangentKernel(0, 0, memory, order, jet.delays, jet.worst, vectors, growth)


class LinearisedPast(Linearised):
    """Emits the Taylor coefficients of a tangent vector on the cell of the state that is in memory."""

    def __init__(self, jet: DelayJet, vectors: int) -> None:
        self.past = jet
        super().__init__(jet, jet.dimension, vectors)
        for i in range(self.dimension):
            self.slot["x", i] = i * (self.order + 1)  # in the vector's ring
        for key in jet.delayed_keys():
            if jet.shifted:
                self.slot[key] = jet.memory.reserve(self.order + 1)
            else:
                self.slot[key] = 0  # where the past left it

    def base(self, key: Key, *, moving: bool) -> Value:
        """Series of components go to the ring; those of the past may stay there."""
        if key[0] == "d" and not self.past.shifted:
            return f"%past_k{key[1]}" if moving else f"%past{key[1]}"
        return super().base(key, moving=moving)

    def enter_block(self, doubles: Value) -> None:
        """Move the base pointers to the block."""
        super().enter_block(doubles)
        if not self.past.shifted:
            for _, j in self.past.delayed_keys():
                self.v.line(f"%past_k{j} = getelementptr double, ptr %past{j}, i64 {doubles}")

    def carry_vectors(self, count: int) -> str:
        """``carry_tangents``: a cell of every vector, into its ring, and its new present value."""
        v, d, words = self.v, self.dimension, self.past.words
        stride = v.emit(f"load i64, ptr {v.offset('%words', words.vector)}, align 8")
        entry = v.emit(f"load i64, ptr {v.offset('%words', words.target)}, align 8")
        with v.loop("vectors", 0, count) as vector:
            own = v.emit(f"mul i64 {vector}, {d * LANES}")
            v.line(f"%vector = getelementptr double, ptr %w, i64 {own}")
            ring = v.offset("%tangents", v.emit(f"mul i64 {vector}, {stride}"))
            v.line(f"%x = getelementptr double, ptr {ring}, i64 {entry}")
            for key in self.past.delayed_keys():
                source = past_pointer(v, self.past, ring, key[1])
                if self.past.shifted:
                    target = v.offset("%w", LANES * self.slot[key])
                    matrix = matrix_pointer(v, self.past, self.graph.delayed[key[1]].delay)
                    v.line(f"call void @move(ptr {target}, ptr {source}, ptr {matrix})")
                else:
                    v.line(f"%past{key[1]} = getelementptr double, ptr {source}, i64 0")
            for i in range(d):
                self.put(("x", i), Index(0), v.load(v.offset("%vector", LANES * (self.vectors + i))))
            self.all_orders()
            h = v.broadcast(v.load_scalar(v.offset("%words", words.step)))
            h2 = v.mul(h, h)
            for i in range(d):
                series = [self.coefficient(("x", i), Index(k)) for k in range(self.order + 1)]
                v.store(v.polynomial(series, h, h2), v.offset("%vector", LANES * (self.vectors + i)))
        body = "\n".join(v.lines)
        arguments = "ptr noalias %w, ptr noalias %tangents, ptr noalias %words"
        return (
            f"define internal void @carry_tangents({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"
        )


def _orthonormalise(jet: DelayJet, vectors: int, growth: int, count: int) -> str:
    """``orthonormalise(work, ring, words, tangents)``: modified Gram-Schmidt over values and rings."""
    v, d = Vector(), jet.dimension
    stride = v.emit(f"load i64, ptr {v.offset('%words', jet.words.vector)}, align 8")
    entries = v.emit(f"udiv i64 {stride}, {LANES * d * (jet.order + 1)}")
    weight = v.div(v.constant(1.0), v.broadcast(v.emit(f"uitofp i64 {entries} to double")))

    def vector(index: Value) -> str:
        """The pointers to a vector's present value and ring."""
        own = v.emit(f"mul i64 {index}, {d * LANES}")
        present = v.offset(v.offset("%w", LANES * vectors), own)
        return f"ptr {present}, ptr {v.offset('%tangents', v.emit(f'mul i64 {index}, {stride}'))}"

    def product(a: str, b: str) -> Value:
        return v.emit(f"call {v.type} @inner({a}, {b}, {v.type} {weight}, i64 {entries})")

    with v.loop("vectors", 0, count) as j:
        this = vector(j)
        some, none = v.label("some"), v.label("none")
        first = v.emit(f"icmp eq i64 {j}, 0")
        v.line(f"br i1 {first}, label %{none}, label %{some}")
        v.begin(some, jump=False)
        with v.loop("earlier", 0, j) as i:
            other = vector(i)
            minus = v.neg(product(other, this))
            v.line(f"call void @add_multiple({this}, {other}, {v.type} {minus}, i64 {entries})")
        v.begin(none)
        length = v.sqrt(product(this, this))
        inverse = v.div(v.constant(1.0), length)
        v.line(f"call void @scale({this}, {v.type} {inverse}, i64 {entries})")
        total = v.offset(v.offset("%w", LANES * growth), v.emit(f"mul i64 {j}, {LANES}"))
        v.store(v.add(v.load(total), elementary.log(v, length)), total)
    body = "\n".join(v.lines)
    arguments = "ptr noalias %w, ptr noalias %ring, ptr noalias %words, ptr noalias %tangents"
    main = f"define i64 @orthonormalise({arguments}) {{\nentry:\n{body}\nret i64 0\n}}\n"
    return main + _inner(d, jet.order) + _add_multiple(d, jet.order) + _scale(d, jet.order)


def _inner(d: int, order: int) -> str:
    """``inner(a, ring of a, b, ring of b, weight, entries)``: the inner product of two vectors."""
    v = Vector()
    total = "%total"
    v.begin("ready")
    v.begin("loop")
    v.phi("i64", [("0", "ready"), ("%following", "loop")], "%at")
    v.phi(v.type, [(v.constant(0.0), "ready"), (total, "loop")], "%before")
    v.line(f"%doubles = mul i64 %at, {LANES * d * (order + 1)}")
    a, b = v.offset("%aring", "%doubles"), v.offset("%bring", "%doubles")
    value = "%before"
    for i in range(d):
        x, y = (v.load(v.offset(p, LANES * (order + 1) * i)) for p in (a, b))
        value = v.fma(x, y, value, name=total if i == d - 1 else None)
    v.line("%following = add i64 %at, 1")
    v.line("%more = icmp ult i64 %following, %entries")
    v.line("br i1 %more, label %loop, label %end")
    v.begin("end", jump=False)
    result = v.mul(total, "%weight")
    for i in range(d):
        result = v.fma(v.load(v.offset("%a", LANES * i)), v.load(v.offset("%b", LANES * i)), result)
    v.line(f"ret {v.type} {result}")
    body = "\n".join(v.lines)
    arguments = f"ptr %a, ptr %aring, ptr %b, ptr %bring, {v.type} %weight, i64 %entries"
    return f"define internal {v.type} @inner({arguments}) noinline {{\nentry:\n{body}\n}}\n"


def _add_multiple(d: int, order: int) -> str:
    """``add_multiple(a, ring of a, b, ring of b, factor, entries)``: a vector plus a multiple of another."""
    v = Vector()
    for a, b, values, count in (("%a", "%b", d, 1), ("%aring", "%bring", d * (order + 1), "%entries")):
        with v.loop("entries", 0, count) as entry:
            doubles = v.emit(f"mul i64 {entry}, {LANES * values}")
            x, y = v.offset(a, doubles), v.offset(b, doubles)
            for i in range(values):
                target = v.offset(x, LANES * i)
                v.store(v.fma("%factor", v.load(v.offset(y, LANES * i)), v.load(target)), target)
    body = "\n".join(v.lines)
    arguments = f"ptr noalias %a, ptr noalias %aring, ptr %b, ptr %bring, {v.type} %factor, i64 %entries"
    return f"define internal void @add_multiple({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"


def _scale(d: int, order: int) -> str:
    """``scale(a, ring of a, factor, entries)``: a vector times a number."""
    v = Vector()
    for a, values, count in (("%a", d, 1), ("%aring", d * (order + 1), "%entries")):
        with v.loop("entries", 0, count) as entry:
            x = v.offset(a, v.emit(f"mul i64 {entry}, {LANES * values}"))
            for i in range(values):
                target = v.offset(x, LANES * i)
                v.store(v.mul("%factor", v.load(target)), target)
    body = "\n".join(v.lines)
    arguments = f"ptr %a, ptr %aring, {v.type} %factor, i64 %entries"
    return f"define internal void @scale({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"

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
from chaosdata.kernels.blocks import Index, Key
from chaosdata.kernels.compile import load
from chaosdata.kernels.delay import DelayJet, cell_function, matrix_pointer, move_function, past_pointer
from chaosdata.kernels.function_space import FunctionSpace
from chaosdata.kernels.linearised import Linearised
from chaosdata.kernels.memory import Memory
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
    space = FunctionSpace.reserve(count, graph.dimension, order, memory)
    linearised = LinearisedPast(jet, space.vectors)
    ir = cell + linearised.carry_vectors(count) + move_function(jet) + jet.tables()
    ir += space.functions(jet.words.vector) + declarations(LANES)
    return ir, DelayTangentKernel(0, 0, memory, order, jet.delays, jet.worst, space.vectors, space.growth)


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
            self.look_ahead(Index(0))
            self.blocks(0, self.order)
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

"""Tangent dynamics on vectors of lanes: the variational equations by linearised Taylor series.

The step of the state leaves the coefficients of every operation in memory, from which follow those of the
linearised operations (:mod:`~chaosdata.kernels.linearised`): the symbolic Jacobian applied by the chain rule,
without its growth of expressions. One routine serves all tangent vectors in a loop, so neither code nor
compile time grows with their number.

The tangent vectors take part in the choice of the step, so that a strong contraction across a smooth
trajectory is resolved too. Where the right-hand side is smooth, a step reaches backwards as well as forwards
from the series (:mod:`~chaosdata.kernels.centre`): these are of the unit vectors, and the tangent vectors
follow from what the ends of the step know of these solutions (:mod:`~chaosdata.kernels.transfer`). Where it
has pieces, the series are of the tangent vectors themselves, from the start of a step. After every step
the vectors are re-orthonormalised, which sums the logarithms of their lengths
(:mod:`~chaosdata.kernels.orthogonal`): several steps of a shear would leave them too nearly parallel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaosdata.equations.graph import Graph
from chaosdata.kernels.blocks import BLOCK, Index
from chaosdata.kernels.centre import Centre
from chaosdata.kernels.compile import load
from chaosdata.kernels.linearised import Linearised
from chaosdata.kernels.lower import lowered
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.orthogonal import function, orthonormalise_function
from chaosdata.kernels.saltation import saltate, surface_functions
from chaosdata.kernels.series import Jet
from chaosdata.kernels.slide import with_sliding
from chaosdata.kernels.step import step_function
from chaosdata.kernels.taylor import order_for
from chaosdata.kernels.transfer import Transfer
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
    # One block above the trajectories' order: what a step costs at any order is more. As measured in 3 to 10
    # dimensions, one block less or more costs 5 percent on the mean, between -9 and 27.
    jet = Jet(Vector(), graph, order_for(tolerance) + BLOCK, memory)
    centre = Centre.reserve(memory, graph.dimension) if jet.switches is None else None
    step = step_function(jet, memory, tangents=True, centre=centre)
    vectors, growth = memory.reserve(dimension * dimension), memory.reserve(dimension)
    tangents = Tangents(jet, dimension, vectors)
    ir = jet.tables() + step
    if centre is None:
        ir += tangents.series_function() + tangents.carry_function()
    else:
        transfer = Transfer.reserve(centre, memory, dimension, vectors)
        ir += tangents.solutions_function() + tangents.transfer_function(transfer) + transfer.function()
    ir += orthonormalise_function(dimension, vectors, growth, memory.step, can_vanish=jet.can_slide)
    ir += declarations(LANES)
    if jet.switches is not None:
        ir += jet.switches.functions(jet) + surface_functions(jet, dimension)
    return ir, TangentKernel(0, memory, vectors, growth)


class Tangents(Linearised):
    """Emits the functions that take all tangent vectors along a step of the state."""

    def series_function(self) -> str:
        """``tangent_series``: the coefficients of every vector, and the largest of the last two orders."""
        v, d = self.v, self.dimension
        self._reset_ratio()
        with v.loop("vectors", 0, d) as vector:
            self._enter_vector(v, vector)
            for i in range(d):
                self.put(("x", i), Index(0), v.load(v.offset("%vector", LANES * (self.vectors + i))))
            self.look_ahead(Index(0))
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
        self.look_ahead(Index(0))
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
        v.line("call void @orthonormalise(ptr %w)")
        return function("carry_tangents", v)

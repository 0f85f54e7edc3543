"""Tangent dynamics of maps on vectors of lanes; a step of a stochastic system is a map with noise.

An iterate leaves the partial derivatives of every operation in memory, and the chain rule carries vectors
through the same graph: the Jacobian applied without being written down, whose expressions would grow. One
routine serves all vectors in a loop, so neither code nor compile time grows with their number. It takes the
tangent vectors, which the modified Gram-Schmidt process re-orthonormalises after every iterate, and the unit
vectors, whose images are the Jacobian: its volume ``|det J|`` does not know the tangent vectors' past.

Where a function has a kink or a jump its derivative is that of one side: the kink is met with probability
zero, and jumps stretch nothing.

Reference: Benettin, Galgani, Giorgilli, Strelcyn (1980). Lyapunov characteristic exponents for smooth
dynamical systems and for Hamiltonian systems; a method for computing all of them. Meccanica 15, 9-30.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels import elementary
from chaosdata.kernels.brownian import Brownian
from chaosdata.kernels.compile import load
from chaosdata.kernels.map import OVERFLOW
from chaosdata.kernels.pointwise import evaluate
from chaosdata.kernels.vector import LANES, Value, Vector, declarations
from chaosdata.types import Status

_PARALLEL = 2.0**-48
"""What is left of a vector beside the earlier ones, relative to its length, when it is rounding only."""


@dataclass(frozen=True)
class MapTangentKernel:
    """Machine code for one map and its tangent vectors.

    iterate(work, count) -> i64 : ``count`` iterates of every lane; bit l is set while lane l is well.
    Slots of the work array, each a vector of LANES doubles:
    state, count (iterates done), status;
    vectors : the d tangent vectors (vector j, component i at ``j*d + i``), then the d unit vectors;
    growth : for each of both, the sum of the logarithms of their orthogonalised lengths;
    noise : that of a stochastic system, with no components for a map.
    """

    iterate: int
    state: int
    count: int
    status: int
    vectors: int
    growth: int
    noise: Brownian
    slots: int


def map_tangent_kernel(graph: Graph, components: tuple[int, ...] | None = None) -> MapTangentKernel:
    """Compile (or fetch from the cache) the kernel of a map, whose outputs are the next state.

    components : those that have noise, if the map is a step of a stochastic system; None for other maps.
    """
    ir, kernel = map_tangent_module(graph, components)
    return replace(kernel, iterate=load(ir, ("iterate",))["iterate"])


def map_tangent_module(
    graph: Graph, components: tuple[int, ...] | None = None
) -> tuple[str, MapTangentKernel]:
    """The IR of the kernel, and the kernel without its address."""
    d = graph.dimension
    vectors = d + 2
    images = vectors + 2 * d * d
    growth = images + 2 * d * d
    noise = Brownian(components or (), growth + 2 * d)
    derivatives = _Derivatives(graph, noise, stochastic=components is not None)
    point = _point_function(derivatives, d)
    tangents = _tangents_function(graph, derivatives, vectors, images)
    kernel = MapTangentKernel(0, 0, d, d + 1, vectors, growth, noise, derivatives.slots)
    text = (
        noise.function()
        + point
        + tangents
        + _orthonormalise_function(d)
        + _iterate_function(kernel, d, images)
    )
    return text + declarations(LANES), kernel


Factor = float | int | None  # a number, the slot of one, or nothing: no derivative


class _Derivatives:
    """The partial derivative of every operation by each of its operands: a number, or a slot of memory."""

    def __init__(self, graph: Graph, noise: Brownian, *, stochastic: bool) -> None:
        self.graph, self.noise, self.stochastic = graph, noise, stochastic
        self.slots = noise.end
        self.factors: list[tuple[float | int, ...]] = []
        self.needed = _needed(graph)

    def emit(self, v: Vector, states: Sequence[Value], count: Value) -> list[Value]:
        """Evaluate the graph, store the derivatives, and return the outputs."""
        h = v.load(v.offset("%w", LANES * self.noise.step))
        time = v.mul(count, h) if self.stochastic else count
        inputs = [*self.noise.inputs(v), h] if self.stochastic else []
        operations = self.graph.operations
        whole = replace(
            self.graph,
            outputs=(*self.graph.outputs, *(Operand("result", n) for n in range(len(operations)))),
        )
        values = evaluate(v, whole, states, time, inputs)
        outputs, results = values[: len(self.graph.outputs)], values[len(self.graph.outputs) :]

        def value(operand: Operand) -> Value:
            match operand.kind:
                case "state":
                    return states[operand.index]
                case "time":
                    return time
                case "result":
                    return results[operand.index]
                case "delayed":
                    return inputs[operand.index]
            return v.constant(operand.value)

        for n, operation in enumerate(operations):
            if n not in self.needed:
                self.factors.append(())
                continue
            arguments = [value(operand) for operand in operation.operands]
            partner = results[operation.partner]
            partials = _partials(v, operation.kind, arguments, results[n], partner, operation.constant)
            if operation.kind == "linear":
                partials = list(operation.coefficients)
            self.factors.append(tuple(self._keep(v, partial) for partial in partials))
        return outputs

    def _keep(self, v: Vector, partial: Value | float) -> float | int:
        if isinstance(partial, float):
            return partial
        v.store(partial, v.offset("%w", LANES * self.slots))
        self.slots += 1
        return self.slots - 1

    def apply(self, v: Vector, n: int, tangents: Sequence[Value | None]) -> Value | None:
        """The tangent of operation ``n``; None where it is zero."""
        if self.graph.operations[n].kind == "where":
            # Chosen, not weighted by 0 and 1: the other branch may have no derivative there.
            condition = v.load(v.offset("%w", LANES * int(self.factors[n][0])))
            branches = [v.constant(0.0) if x is None else x for x in tangents[1:]]
            return v.select(v.compare("ogt", condition, v.constant(0.0)), *branches)
        total: Value | None = None
        for factor, x in zip(self.factors[n], tangents, strict=True):
            if x is None or (isinstance(factor, float) and factor == 0.0):
                continue
            if isinstance(factor, float) and abs(factor) == 1.0:
                term = x if factor > 0 else v.neg(x)
                total = term if total is None else v.add(total, term)
                continue
            c = v.constant(factor) if isinstance(factor, float) else v.load(v.offset("%w", LANES * factor))
            total = v.mul(c, x) if total is None else v.fma(c, x, total)
        return total


def _partials(
    v: Vector, kind: str, values: Sequence[Value], u: Value, partner: Value, exponent: float
) -> list[Value | float]:
    """The derivatives of ``u = kind(a, b, ...)`` by its operands."""
    one, zero = v.constant(1.0), v.constant(0.0)
    a = values[0]
    match kind:
        case "multiply":
            return [values[1], a]
        case "square":
            return [v.add(a, a)]
        case "divide":
            inverse = v.div(one, values[1])
            return [inverse, v.neg(v.mul(u, inverse))]
        case "sqrt":
            return [v.div(v.constant(0.5), u)]
        case "power":
            return [v.mul(v.constant(exponent), elementary.power(v, a, exponent - 1.0))]
        case "exp":
            return [u]
        case "log":
            return [v.div(one, a)]
        case "tanh":
            return [v.fma(v.neg(u), u, one)]
        case "tan":
            return [v.fma(u, u, one)]
        case "atan":
            return [v.div(one, v.fma(a, a, one))]
        case "sin" | "sinh" | "cosh":
            return [partner]
        case "cos":
            return [v.neg(partner)]
        case "atan2":
            b = values[1]
            square = v.fma(a, a, v.mul(b, b))
            return [v.div(b, square), v.neg(v.div(a, square))]
        case "abs":
            return [v.select(v.compare("olt", a, zero), v.constant(-1.0), one)]
        case "sign" | "floor":
            return [0.0]
        case "minimum" | "maximum":
            first = v.compare("ole" if kind == "minimum" else "oge", a, values[1])
            return [v.select(first, one, zero), v.select(first, zero, one)]
        case "where":
            return [a]  # the condition itself
        case "linear":
            return []
    raise ValueError(f"No derivative of the operation {kind!r}.")


def _needed(graph: Graph) -> set[int]:
    """The operations that the next state needs."""
    wanted: set[int] = set()
    pending = [o.index for o in graph.outputs[: graph.dimension] if o.kind == "result"]
    while pending:
        n = pending.pop()
        if n not in wanted:
            wanted.add(n)
            pending += [o.index for o in graph.operations[n].operands if o.kind == "result"]
    return wanted


def _point_function(derivatives: _Derivatives, d: int) -> str:
    """``point``: the next state, the derivatives on the way to it, and the guards."""
    v = Vector()

    def at(slot: int) -> Value:
        return v.offset("%w", LANES * slot)

    count = v.load(at(d))
    new = derivatives.emit(v, [v.load(at(i)) for i in range(d)], count)[:d]
    bounded = number = v.compare("oeq", count, count)
    for i, x in enumerate(new):
        v.store(x, at(i))
        bounded = v.both(bounded, v.compare("ole", v.abs(x), v.constant(OVERFLOW)))
        number = v.both(number, v.compare("ord", x, x))
    why = v.select(number, v.constant(float(Status.OVERFLOW)), v.constant(float(Status.NOT_FINITE)))
    why = v.select(bounded, v.constant(0.0), why)
    status = v.load(at(d + 1))
    v.store(v.select(v.compare("oeq", status, v.constant(0.0)), why, status), at(d + 1))
    v.store(v.add(count, v.constant(1.0)), at(d))
    body = "\n".join(v.lines)
    return f"define void @point(ptr noalias %w) noinline {{\nentry:\n{body}\nret void\n}}\n"


def _tangents_function(graph: Graph, derivatives: _Derivatives, vectors: int, images: int) -> str:
    """``tangents``: the images of all vectors under the Jacobian."""
    v, d = Vector(), graph.dimension
    with v.loop("vectors", 0, 2 * d) as vector:
        v.line(f"%shift = mul i64 {vector}, {d * LANES}")
        v.line("%vector = getelementptr double, ptr %w, i64 %shift")
        states: list[Value] = [v.load(v.offset("%vector", LANES * (vectors + i))) for i in range(d)]
        results: list[Value | None] = []

        def tangent(operand: Operand) -> Value | None:
            if operand.kind == "state":
                return states[operand.index]
            return results[operand.index] if operand.kind == "result" else None

        for n, operation in enumerate(graph.operations):
            if n not in derivatives.needed:
                results.append(None)
                continue
            results.append(derivatives.apply(v, n, [tangent(operand) for operand in operation.operands]))
        for i, output in enumerate(graph.outputs[:d]):
            image = tangent(output)
            v.store(v.constant(0.0) if image is None else image, v.offset("%vector", LANES * (images + i)))
    body = "\n".join(v.lines)
    return f"define void @tangents(ptr noalias %w) noinline {{\nentry:\n{body}\nret void\n}}\n"


def _iterate_function(kernel: MapTangentKernel, d: int, images: int) -> str:
    """``iterate``: the state, its tangent vectors and its volumes."""
    v = Vector()

    def at(slot: int) -> Value:
        return v.offset("%w", LANES * slot)

    begun = v.emit(f"fptosi double {v.load_scalar(at(kernel.count))} to i64")
    count = v.emit("fptosi double %count to i64")
    from_, to, growth = at(images), at(kernel.vectors), at(kernel.growth)
    jacobian, volume = at(images + d * d), at(kernel.growth + d)
    v.begin("first")
    v.begin("iterates")
    v.phi("i64", [("0", "first"), ("%k_next", "iterates")], "%k")
    kernel.noise.draw(v, v.emit(f"add i64 {begun}, %k"), "0")
    v.line("call void @point(ptr %w)")
    v.line("call void @tangents(ptr %w)")
    v.line(f"call void @orthonormalise(ptr {from_}, ptr {to}, ptr {growth})")
    v.line(f"call void @orthonormalise(ptr {jacobian}, ptr {jacobian}, ptr {volume})")
    v.line("%k_next = add i64 %k, 1")
    v.line(f"%more = icmp slt i64 %k_next, {count}")
    v.line("br i1 %more, label %iterates, label %end")
    v.begin("end", jump=False)
    well = v.mask_bits(v.compare("oeq", v.load(at(kernel.status)), v.constant(0.0)))
    v.line(f"ret i64 {well}")
    body = "\n".join(v.lines)
    return f"define i64 @iterate(ptr noalias %w, double %count) {{\nentry:\n{body}\n}}\n"


def _orthonormalise_function(d: int) -> str:
    """``orthonormalise(from, to, growth)``: modified Gram-Schmidt of d vectors.

    A vector that is a combination of the earlier ones but for rounding becomes zero, of length zero, whose
    logarithm is -inf: there the map folds space onto fewer dimensions.
    """
    v = Vector()
    with v.loop("vectors", 0, d) as j:
        v.line(f"%shift = mul i64 {j}, {d * LANES}")
        source, target = v.offset("%from", "%shift"), v.offset("%to", "%shift")
        given = [v.load(v.offset(source, LANES * i)) for i in range(d)]
        v.begin("ready")
        v.line(f"%first = icmp eq i64 {j}, 0")
        v.line("br i1 %first, label %reduced, label %reduce")
        v.begin("reduce", jump=False)
        v.phi("i64", [("0", "ready"), ("%k_next", "reduce")], "%k")
        x = [v.phi(v.type, [(given[i], "ready"), (f"%x{i}", "reduce")]) for i in range(d)]
        v.line(f"%k_shift = mul i64 %k, {d * LANES}")
        earlier = v.offset("%to", "%k_shift")
        q = [v.load(v.offset(earlier, LANES * i)) for i in range(d)]
        minus = v.neg(_dot(v, q, x))
        for i in range(d):
            v.fma(minus, q[i], x[i], name=f"%x{i}")
        v.line("%k_next = add i64 %k, 1")
        v.line(f"%more = icmp ult i64 %k_next, {j}")
        v.line("br i1 %more, label %reduce, label %reduced")
        v.begin("reduced", jump=False)
        x = [v.phi(v.type, [(given[i], "ready"), (f"%x{i}", "reduce")]) for i in range(d)]
        square, whole = _dot(v, x, x), _dot(v, given, given)
        nothing = v.compare("ole", square, v.mul(whole, v.constant(_PARALLEL * _PARALLEL)))
        length = v.select(nothing, v.constant(0.0), v.sqrt(square))
        inverse = v.select(nothing, v.constant(0.0), v.div(v.constant(1.0), length))
        for i in range(d):
            v.store(v.mul(x[i], inverse), v.offset(target, LANES * i))
        total = v.offset("%growth", v.emit(f"mul i64 {j}, {LANES}"))
        v.store(v.add(v.load(total), elementary.log(v, length)), total)
    body = "\n".join(v.lines)
    arguments = "ptr %from, ptr %to, ptr noalias %growth"
    return f"define void @orthonormalise({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"


def _dot(v: Vector, a: Sequence[Value], b: Sequence[Value]) -> Value:
    total = v.mul(a[0], b[0])
    for x, y in zip(a[1:], b[1:], strict=True):
        total = v.fma(x, y, total)
    return total

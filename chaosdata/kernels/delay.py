"""Taylor's method for delay equations: the method of steps on series.

The mesh is common to all trajectories. On a cell of the mesh the delayed state ``x(t - tau)`` is a solution
already known: its Taylor coefficients are those of an earlier cell, which a ring buffer keeps, moved to the
point ``t - tau`` where no cell begins there. The recurrences of the flow then give the next cell's
coefficients: the delay costs no accuracy and next to no time.

Reference: Bellen, Zennaro (2003). Numerical Methods for Delay Differential Equations. Oxford (method of
steps); Hairer, Norsett, Wanner (1993). Solving Ordinary Differential Equations I, section II.17.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaosdata.equations.graph import Graph
from chaosdata.kernels.blocks import Index, Key, key_of, scaled
from chaosdata.kernels.compile import has_wide_registers, load
from chaosdata.kernels.dense import dense_function
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.vector import LANES, Value, Vector, declarations
from chaosdata.types import Status

MISSED = 64
"""Added to the status of a lane whose series does not meet the tolerance on this mesh."""

_OVERFLOW = 1e150
_CACHE = 2**16  # bytes of work up to which twice the lanes were faster


@dataclass(frozen=True)
class Words:
    """What a kernel is told about a cell: 8-byte words, doubles up to ``target``, then integers.

    Integers are distances in the ring, in doubles. Behind them stands, for each delay, the upper triangle of
    the matrix that moves a series to another point.
    """

    delays: int
    order: int
    step = 0  # length of the cell
    last = 1  # how far its series must be good, to the power of the order, over the size allowed to the term
    before_last = 2  # the same for the term before
    forget = 3  # what a cell leaves of the memory of a component's magnitude
    limit = 4  # of the error, in units of what the tolerance allows
    target = 5  # where the cell's series goes
    vector = 6  # from one tangent vector's ring to the next one's
    sources = 7  # where each delay's series begins

    @property
    def matrices(self) -> int:
        """The first word of the matrices."""
        return self.sources + self.delays

    @property
    def matrix(self) -> int:
        """Words of one matrix."""
        return self.order * (self.order + 1) // 2

    @property
    def size(self) -> int:
        """Number of words."""
        return self.matrices + self.delays * self.matrix


class DelayJet(Jet):
    """Emits the Taylor coefficients of a cell: a flow's, with series that the past gives."""

    def __init__(self, v: Vector, graph: Graph, order: int, memory: Memory, *, shifted: bool) -> None:
        super().__init__(v, graph, order, memory)
        self.shifted = shifted
        self.delays = tuple(sorted({past.delay for past in graph.delayed}))
        self.words = Words(len(self.delays), order)
        for key in self.delayed_keys():
            if key not in self.slot:
                self.slot[key] = memory.reserve(order + 1)
        self.worst = memory.reserve(1)

    def delayed_keys(self) -> list[Key]:
        """The sequences that come from the past."""
        return [("d", j) for j in range(len(self.graph.delayed))]

    def load_past(self, v: Vector) -> None:
        """Put the series of the delayed states in their slots; k times them where a product asks for that."""
        for key, past in zip(self.delayed_keys(), self.graph.delayed, strict=True):
            source = past_pointer(v, self, "%ring", key[1])
            target = v.at("%w", self.slot[key])
            if self.shifted:
                v.line(
                    f"call void @move(ptr {target}, ptr {source}, ptr {matrix_pointer(v, self, past.delay)})"
                )
            else:
                for k in range(self.order):
                    v.store(v.load(v.at(source, k)), v.at(target, k))
            v.cut()
            if scaled(key) in self._scaled:
                for k in range(self.order):
                    x = v.load(v.at(target, k))
                    v.store(v.mul(x, v.constant(float(k))), self.pointer(scaled(key), Index(k)))
                v.cut()


@dataclass(frozen=True)
class DelayKernel:
    """Machine code for one graph.

    cell(work, ring, words) -> i64 : one cell of every lane; bit l is set where lane l met the tolerance.
    dense(work, out, time, samples) : write the samples that the cell covers.
    order : of the series; a ring entry holds ``dimension*(order + 1)`` vectors, component by component.
    delays : ascending. worst : slot of the largest error so far, in units of what the tolerance allows.
    """

    cell: int
    dense: int
    memory: Memory
    order: int
    delays: tuple[float, ...]
    worst: int


def delay_kernel(graph: Graph, order: int, *, shifted: bool, lanes: int = LANES) -> DelayKernel:
    """Compile (or fetch from the cache) the kernel of a delay equation.

    shifted : whether delays are not whole numbers of cells, so that series must be moved.
    lanes : decides the speed and never the bits.
    """
    ir, memory, jet = delay_module(graph, order, shifted=shifted, lanes=lanes)
    functions = load(ir, ("cell", "dense"))
    return DelayKernel(functions["cell"], functions["dense"], memory, order, jet.delays, jet.worst)


def best_lanes(graph: Graph, order: int, *, shifted: bool) -> int:
    """The lanes that serve many trajectories best: twice LANES where registers are wide and work is small."""
    _, memory, _ = delay_module(graph, order, shifted=shifted, lanes=2 * LANES)
    small = 8 * memory.lanes * memory.slots <= _CACHE
    return 2 * LANES if small and has_wide_registers() else LANES


def delay_module(
    graph: Graph, order: int, *, shifted: bool, lanes: int = LANES
) -> tuple[str, Memory, DelayJet]:
    """The IR of a delay equation's kernel, the work array that it expects, and what emitted it."""
    memory = Memory(graph.dimension, lanes)
    jet = DelayJet(Vector(lanes), graph, order, memory, shifted=shifted)
    ir = cell_function(jet) + dense_function(jet, memory) + move_function(jet) + jet.tables()
    return ir + declarations(4, LANES, lanes), memory, jet


def past_pointer(v: Vector, jet: DelayJet, ring: Value, j: int) -> Value:
    """Where the series behind delayed state ``j`` begins in a ring."""
    past = jet.graph.delayed[j]
    word = v.offset("%words", jet.words.sources + jet.delays.index(past.delay))
    entry = v.offset(ring, v.emit(f"load i64, ptr {word}, align 8"))
    return v.at(entry, (jet.order + 1) * past.component)


def matrix_pointer(v: Vector, jet: DelayJet, delay: float) -> Value:
    """The matrix that moves the series behind a delay."""
    return v.offset("%words", jet.words.matrices + jet.words.matrix * jet.delays.index(delay))


def move_function(jet: DelayJet) -> str:
    """``move(target, source, matrix)``: a series of orders 0 to N about another point, orders 0 to N-1."""
    if not jet.shifted:
        return ""
    v = Vector(jet.v.lanes)
    word = 0
    for k in range(jet.order):
        v.cut()
        total = v.load(v.at("%source", k))
        for j in range(k + 1, jet.order + 1):
            factor = v.broadcast(v.load_scalar(v.offset("%matrix", word)))
            total = v.fma(factor, v.load(v.at("%source", j)), total)
            word += 1
        v.store(total, v.at("%target", k))
    body = "\n".join(v.lines)
    arguments = "ptr noalias %target, ptr noalias %source, ptr noalias %matrix"
    return f"define internal void @move({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"


def cell_function(jet: DelayJet, *, tangents: bool = False) -> str:
    """``cell(work, ring, words) -> i64``: series, error, new state, and guards.

    With ``tangents`` it takes the ring of the tangent vectors too, and carries them along.
    """
    v, memory, words = jet.v, jet.memory, jet.words

    def at(slot: int) -> Value:
        return v.at("%w", slot)

    def word(index: int) -> Value:
        return v.broadcast(v.load_scalar(v.offset("%words", index)))

    jet.load_past(v)
    jet.emit()
    h = word(words.step)
    h2 = v.mul(h, h)
    d, order = jet.dimension, jet.order
    entry = v.emit(f"load i64, ptr {v.offset('%words', words.target)}, align 8")
    target = v.offset("%ring", entry)
    running = v.compare("oeq", v.load(at(memory.status)), v.constant(float(Status.OK)))
    sizes = []
    finite = v.compare("oeq", h, h)
    for i in range(d):
        v.cut()
        series = [jet.coefficient(("x", i), Index(k)) for k in range(order + 1)]
        for k, x in enumerate(series):
            v.store(x, v.at(target, (order + 1) * i + k))
        end = v.polynomial(series, h, h2)
        old = v.load(at(memory.state + i))
        finite = v.both(finite, v.compare("oeq", v.sub(end, end), v.constant(0.0)))
        sizes.append(v.maximum(v.abs(end), v.abs(old)))
        v.store(v.select(running, end, old), at(memory.state + i))
    largest = sizes[0]
    for size in sizes[1:]:
        largest = v.maximum(largest, size)
    floor = v.fma(largest, v.constant(2.0**-100), v.constant(1e-280))
    errors = _overrun(v, jet, h)
    for i, size in enumerate(sizes):
        scale = v.maximum(v.maximum(size, v.mul(v.load(at(memory.scale + i)), word(words.forget))), floor)
        v.store(scale, at(memory.scale + i))
        inverse = v.div(v.constant(1.0), scale)
        for k, reach in ((order - 1, words.before_last), (order, words.last)):
            term = v.mul(v.abs(jet.coefficient(("x", i), Index(k))), word(reach))
            errors.append(v.mul(term, inverse))
    exact = v.compare("oeq", h, h)
    worst = v.load(at(jet.worst))
    for error in errors:
        exact = v.both(exact, v.compare("olt", error, word(words.limit)))
        worst = v.maximum(worst, error)
    v.store(v.select(running, worst, v.load(at(jet.worst))), at(jet.worst))

    # On a finer mesh a series that missed may be exact: what is said of it now is its status if it is not.
    huge = v.compare("ogt", largest, v.constant(_OVERFLOW))
    status = v.select(exact, v.constant(float(Status.OK)), v.constant(float(Status.STEP_UNDERFLOW)))
    status = v.select(huge, v.constant(float(Status.OVERFLOW)), status)
    status = v.select(finite, status, v.constant(float(Status.NOT_FINITE)))
    status = v.select(exact, status, v.add(status, v.constant(float(MISSED))))
    status = v.select(running, status, v.load(at(memory.status)))
    v.store(status, at(memory.status))
    good = v.both(running, v.compare("oeq", status, v.constant(float(Status.OK))))
    # A lane that stopped covers no more samples.
    v.store(v.select(good, h, v.constant(float("-inf"))), at(memory.step))
    going = v.mask_bits(good)
    if tangents:
        v.line("call void @carry_tangents(ptr %w, ptr %tangents, ptr %words)")
    v.line(f"ret i64 {going}")
    body = "\n".join(v.lines)
    arguments = "ptr noalias %w, ptr noalias %ring, ptr noalias %words"
    arguments += ", ptr noalias %tangents" if tangents else ""
    return f"define i64 @cell({arguments}) {{\nentry:\n{body}\n}}\n"


def _overrun(v: Vector, jet: DelayJet, h: Value) -> list[Value]:
    """Errors that say how far the arguments of exp, sinh and tanh move in the cell.

    A saturated tanh has no coefficients, and a small exponential may show too late in the last ones: see
    :mod:`chaosdata.kernels.step`. An argument may move by a third of the order; the excess is raised to the
    power of the order, as the error of a series grows.
    """
    arguments = {
        scaled(key_of(operation.operands[0]))
        for operation in jet.graph.operations
        if operation.kind in ("exp", "tanh", "sinh")  # cosh comes with sinh
    }
    excess = []
    for k, power in ((1, h), (2, v.mul(h, h))):
        factor = v.mul(power, v.constant(3.0 / (k * jet.order)))
        excess += [v.mul(v.abs(jet.coefficient(key, Index(k))), factor) for key in sorted(arguments)]
    errors = []
    for ratio in excess:
        square = v.mul(ratio, ratio)
        fourth = v.mul(square, square)
        error = fourth
        for _ in range(jet.order // 4 - 1):
            error = v.mul(error, fourth)
        errors.append(error)
    return errors

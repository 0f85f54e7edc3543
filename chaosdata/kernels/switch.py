"""Right-hand sides made of smooth pieces: which piece holds, and where a step must end.

Along a step every lane follows the branch that holds at its start, so that the solution has a Taylor series.
The step ends at the first root of a switching function, where the branch beyond it is taken. The side that a
lane is on stays in the work array: a point on a surface, known only to rounding, has a definite side.

An event is a surface that no operation depends on.

Reference: Hairer, Norsett, Wanner (1993). Solving Ordinary Differential Equations I, section II.6 (switching
functions).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels.blocks import Blocks, Index, Key, key_of
from chaosdata.kernels.lower import SWITCHING
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.roots import root_function
from chaosdata.kernels.vector import LANES, Value, Vector
from chaosdata.types import Status

if TYPE_CHECKING:
    from chaosdata.kernels.series import Jet

Kind = Literal["side", "floor", "event"]
_ON_THE_SURFACE = 2.0**-46  # of what the switching function moves in a step: there its derivatives decide
_SHORT = 2.0**-10  # of the step: several switches in a row within so little are chatter


@dataclass(frozen=True)
class Event:
    """A surface to find: the zeros of ``graph.outputs[output]``.

    direction : +1 counts crossings to positive values, -1 to negative ones, 0 both. terminal : the first one
    that counts ends the trajectory.
    """

    output: int
    direction: int = 0
    terminal: bool = False


@dataclass(frozen=True)
class Surface:
    """A switching function, its sequence, and its slots in the work array.

    kept : the side, +1 or -1, from one step to the next; 0 is not decided yet. For a floor 1 once decided.
    used : the side that this step's series follow; for a floor the integer.
    level : the integer kept for a floor.
    root : where the lane meets the surface in this step; for a floor also ``root + 1``, from below.
    rate, left : the switching function's derivative just before a switch, and 1 in the lanes that switched.
    """

    kind: Kind
    key: Key
    kept: int
    used: int
    level: int
    root: int
    rate: int
    left: int


class Crossing(NamedTuple):
    """A step that ends at a surface: its size, and the lanes that chatter there or hit the event."""

    step: Value
    chatter: Value
    hit: Value


class Switches:
    """The surfaces of one graph, and the code that follows them."""

    def __init__(self, graph: Graph, order: int, memory: Memory, event: Event | None = None) -> None:
        self.order, self.dimension, self.event = order, graph.dimension, event
        found: dict[tuple[Kind, Key], None] = {}
        for operation in graph.operations:
            if operation.kind in SWITCHING:
                found["floor" if operation.kind == "floor" else "side", _key(operation.operands[0])] = None
        if event is not None:
            found["event", _key(graph.outputs[event.output])] = None
        self.surfaces = {
            (kind, key): Surface(kind, key, *(memory.reserve(1 + (n == 3)) for n in range(6)))
            for kind, key in found
        }
        self.hit = memory.reserve(1)
        self._chatter = memory.reserve(1)
        memory.speed = memory.reserve(graph.dimension)
        self._chosen: set[tuple[Kind, Key]] = set()

    @property
    def keys(self) -> list[Key]:
        """The sequences that must stand in memory."""
        return [surface.key for surface in self.surfaces.values()]

    @property
    def pieces(self) -> list[Surface]:
        """The surfaces at which the right-hand side switches."""
        return [surface for surface in self.surfaces.values() if surface.kind != "event"]

    # -- branches

    def branch(self, series: Blocks, n: int, index: Index, *, tangent: bool = False) -> Value | None:
        """One order of the piecewise operation ``n``, on the branch that holds in this step."""
        operation, v = series.graph.operations[n], series.v
        kind: Kind = "floor" if operation.kind == "floor" else "side"
        surface = self.surfaces[kind, _key(operation.operands[0])]
        a = series.operand(operation.operands[0], index)
        if index == Index(0) and not tangent and (kind, surface.key) not in self._chosen:
            self._chosen.add((kind, surface.key))
            assert a is not None
            self._choose(v, surface, a)
        used = v.load(_at(v, surface.used))
        match operation.kind:
            case "abs":
                return None if a is None else v.mul(used, a)
            case "where":
                above, below = (series.operand(o, index) for o in operation.operands[1:])
                if above is None and below is None:
                    return None
                zero = v.constant(0.0)
                positive = v.compare("ogt", used, zero)
                return v.select(positive, above or zero, below or zero)
        return used if index == Index(0) and not tangent else None

    def _choose(self, v: Vector, surface: Surface, a: Value) -> None:
        """The side of a lane: the one kept, or that of the value where none is."""
        undecided = v.compare("oeq", v.load(_at(v, surface.kept)), v.constant(0.0))
        if surface.kind == "floor":
            used = v.select(undecided, v.floor(a), v.load(_at(v, surface.level)))
        else:
            used = v.select(undecided, _sign(v, a), v.load(_at(v, surface.kept)))
        v.store(used, _at(v, surface.used))

    def complete(self, jet: Jet) -> None:
        """The last order of switching functions that are sums of components, which the series leave out."""
        for surface in self.surfaces.values():
            kind, n = surface.key
            if kind != "u" or jet.graph.operations[n].kind != "linear":
                continue
            if all(o.kind in ("state", "time") for o in jet.graph.operations[n].operands):
                value = jet.linear(n, Index(self.order))
                assert value is not None
                jet.put(surface.key, Index(self.order), value)

    # -- the end of the step

    def shorten(self, jet: Jet, h: Value, running: Value, *, tangents: bool) -> Crossing:
        """End the step at the first surface in it, and cross that."""
        v, whole = jet.v, h
        h = self._decided(v, h, running)
        live = v.both(running, v.compare("ogt", h, v.constant(0.0)))
        reach = v.select(live, h, v.constant(-1.0))
        first = v.constant(math.inf)
        for surface in self.surfaces.values():
            for number, (side, value) in enumerate(self._sides(jet, surface)):
                root = self._root(v, jet.pointer(surface.key, Index(0)), side, value, reach)
                v.store(root, _at(v, surface.root + number))
                first = v.minimum(first, v.abs(root))
        cut = v.both(live, v.compare("ole", first, h))
        h = v.select(cut, first, h)
        switched = hit = "zeroinitializer"
        for surface in self.surfaces.values():
            crossed = self._cross(v, surface, cut, first, running)
            if surface.kind == "event":
                hit = crossed
            else:
                switched = v.either(switched, crossed)
        if tangents:
            self._call_where(v, switched, "leave_surface", h)
        short = v.both(switched, v.compare("olt", h, v.mul(whole, v.constant(_SHORT))))
        count = v.add(v.load(_at(v, self._chatter)), v.constant(1.0))
        count = v.select(short, count, v.constant(0.0))
        v.store(count, _at(v, self._chatter))
        limit = 2.0 * len(self.surfaces) + 2.0
        return Crossing(h, v.compare("ogt", count, v.constant(limit)), hit)

    def meet(self, v: Vector, hit: Value, good: Value, onward: Value, status: int) -> Value:
        """Note the lanes that met the event, and end them there if it is terminal; who goes on."""
        if self.event is None:
            return onward
        hit = v.both(hit, good)
        v.store(v.select(hit, v.constant(1.0), v.constant(0.0)), _at(v, self.hit))
        if not self.event.terminal:
            return onward
        old = v.load(_at(v, status))
        v.store(v.select(hit, v.constant(float(Status.EVENT)), old), _at(v, status))
        return v.both(onward, v.neither(hit, hit))

    def _decided(self, v: Vector, h: Value, running: Value) -> Value:
        """Decide sides that are still open; 0 for lanes whose series followed the wrong one."""
        open_ = "zeroinitializer"
        for surface in self.surfaces.values():
            if surface.kind != "floor":
                kept = v.load(_at(v, surface.kept))
                open_ = v.either(open_, v.compare("oeq", kept, v.constant(0.0)))
        open_ = v.both(open_, running)
        before, decide, after = v.label("before"), v.label("decide"), v.label("decided")
        v.begin(before)
        v.line(f"br i1 {v.any(open_)}, label %{decide}, label %{after}")
        v.begin(decide, jump=False)
        new = v.emit(f"call {v.type} @decide(ptr %w, {v.type} {h})")
        v.begin(after)
        return v.phi(v.type, [(h, before), (new, decide)])

    def _sides(self, jet: Jet, surface: Surface) -> Iterable[tuple[Value, Value]]:
        """Side and value of what must stay positive."""
        v = jet.v
        a = v.load(jet.pointer(surface.key, Index(0)))
        if surface.kind == "floor":
            level = v.load(_at(v, surface.used))
            yield v.constant(1.0), v.sub(a, level)
            yield v.constant(-1.0), v.sub(v.add(level, v.constant(1.0)), a)
        else:
            side = v.load(_at(v, surface.kept))
            yield side, v.mul(side, a)

    def _root(self, v: Vector, series: Value, side: Value, value: Value, reach: Value) -> Value:
        t = v.type
        return v.emit(f"call {t} @first_root(ptr {series}, {t} {side}, {t} {value}, {t} {reach})")

    def _cross(self, v: Vector, surface: Surface, cut: Value, first: Value, running: Value) -> Value:
        """Move the lanes that meet the surface to its other side; the mask of those that count."""
        crossed = v.both(cut, v.compare("oeq", v.load(_at(v, surface.root)), first))
        if surface.kind == "floor":
            above = v.both(cut, v.compare("oeq", v.load(_at(v, surface.root + 1)), first))
            level = v.load(_at(v, surface.used))
            one = v.constant(1.0)
            moved = v.select(above, v.add(level, one), v.select(crossed, v.sub(level, one), level))
            v.store(moved, _at(v, surface.level))
            v.store(v.select(running, one, v.load(_at(v, surface.kept))), _at(v, surface.kept))
            crossed = v.either(crossed, above)
        else:
            side = v.load(_at(v, surface.kept))
            v.store(v.select(crossed, v.neg(side), side), _at(v, surface.kept))
            if surface.kind == "event":
                assert self.event is not None
                if self.event.direction:
                    wanted = v.constant(-float(self.event.direction))
                    return v.both(crossed, v.compare("oeq", side, wanted))
                return crossed
        v.store(v.select(crossed, v.constant(1.0), v.constant(0.0)), _at(v, surface.left))
        return crossed

    def enter(self, v: Vector) -> None:
        """Let the volumes of the lanes that switched follow."""
        switched = "zeroinitializer"
        for surface in self.pieces:
            left = v.load(_at(v, surface.left))
            switched = v.either(switched, v.compare("oeq", left, v.constant(1.0)))
        self._call_where(v, switched, "enter_surface")

    def _call_where(self, v: Vector, mask: Value, function: str, *arguments: Value) -> None:
        call, after = v.label("call"), v.label("after")
        v.line(f"br i1 {v.any(mask)}, label %{call}, label %{after}")
        v.begin(call, jump=False)
        rest = "".join(f", {v.type} {argument}" for argument in arguments)
        v.line(f"call void @{function}(ptr %w{rest})")
        v.begin(after)

    # -- functions of the module

    def functions(self, jet: Jet) -> str:
        """The functions that :meth:`shorten` calls."""
        return root_function(self.order) + self._decide_function(jet)

    def _decide_function(self, jet: Jet) -> str:
        """``decide(work, h) -> h``: the side of lanes that start, by the value or else by its derivatives.

        A lane whose series took another branch gets a step of size 0: the next one has the right series.
        """
        v = Vector()
        again = "zeroinitializer"
        for surface in self.surfaces.values():
            if surface.kind == "floor":
                continue
            a = [v.load(v.offset("%w", LANES * (jet.slot[surface.key] + k))) for k in range(self.order + 1)]
            moved = v.mul(v.horner([v.abs(x) for x in a[1:]], "%h"), "%h")
            near = v.compare("ole", v.abs(a[0]), v.mul(moved, v.constant(_ON_THE_SURFACE)))
            leading = v.constant(0.0)
            for x in reversed(a[1:]):
                leading = v.select(v.compare("une", x, v.constant(0.0)), x, leading)
            side = _sign(v, v.select(near, leading, a[0]))
            kept = v.load(_at(v, surface.kept))
            undecided = v.compare("oeq", kept, v.constant(0.0))
            v.store(v.select(undecided, side, kept), _at(v, surface.kept))
            if surface.kind == "side":
                wrong = v.compare("une", side, v.load(_at(v, surface.used)))
                again = v.either(again, v.both(undecided, wrong))
            v.cut()
        h = v.select(again, v.constant(0.0), "%h")
        body = "\n".join(v.lines)
        return (
            f"define internal {v.type} @decide(ptr noalias %w, {v.type} %h) noinline {{\n"
            f"entry:\n{body}\nret {v.type} {h}\n}}\n"
        )


def _at(v: Vector, slot: int) -> Value:
    return v.offset("%w", LANES * slot)


def _key(operand: Operand) -> Key:
    if operand.kind == "constant":
        raise ValueError("A switching function is constant: nothing switches there.")
    return key_of(operand)


def _sign(v: Vector, a: Value) -> Value:
    zero = v.constant(0.0)
    below = v.select(v.compare("olt", a, zero), v.constant(-1.0), zero)
    return v.select(v.compare("ogt", a, zero), v.constant(1.0), below)


def any_switch(graph: Graph) -> bool:
    """Whether the right-hand side is made of pieces."""
    return any(operation.kind in SWITCHING for operation in graph.operations)

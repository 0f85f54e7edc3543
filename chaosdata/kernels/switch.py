"""Right-hand sides made of smooth pieces: which piece holds, and where a step must end.

Along a step every lane follows the branch that holds at its start, so that the solution has a Taylor series.
The step ends at the first root of a switching function, where the branch beyond it is taken; it is never
longer than the series of switching functions are good, whatever the state's allow. The side that a
lane is on stays in the work array: a point on a surface, known only to rounding, has a definite side.

An event is a surface that no operation depends on.

Reference: Hairer, Norsett, Wanner (1993). Solving Ordinary Differential Equations I, section II.6 (switching
functions).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from chaosdata.equations.graph import Graph, Operand, Operation
from chaosdata.kernels.blocks import Blocks, Index, Key, key_of
from chaosdata.kernels.choice import choices, gap_function
from chaosdata.kernels.lower import SIDES, SWITCHING, surface_of
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.roots import Met, Search, root_function
from chaosdata.kernels.slide import sliding
from chaosdata.kernels.surfaces import Event, Kind, Surface
from chaosdata.kernels.vector import LANES, Value, Vector
from chaosdata.types import Status

if TYPE_CHECKING:
    from chaosdata.kernels.series import Jet

_ON_THE_SURFACE = 2.0**-46  # of what the switching function moves in a step: there its derivatives decide
_SLIDING = 2.0
_FORGET = 0.5  # how fast the recent magnitude of a switching function is forgotten, each step
_SHORT = 2.0**-10  # of the step: several switches in a row within so little are chatter


class Crossing(NamedTuple):
    """A step that ends at a surface: its size, and the lanes that chatter there or hit the event."""

    step: Value
    chatter: Value
    hit: Value


class Switches:
    """The surfaces of one graph, and the code that follows them."""

    def __init__(self, graph: Graph, order: int, memory: Memory, event: Event | None = None) -> None:
        self.order, self.event = order, event
        found: dict[tuple[Kind, Key], None] = {}
        between: dict[tuple[Kind, Key], Key] = {}
        for operation in graph.operations:
            if operation.kind in SIDES:
                kind, key, _ = _surface(graph, operation)
                found[kind, key] = None
                between_sides = sliding(operation)
                if between_sides is not None:
                    between[kind, key] = key_of(between_sides[1])
        if event is not None:
            found["event", _key(graph.outputs[event.output])] = None
        self.surfaces = {
            (kind, key): Surface(
                kind,
                key,
                between.get((kind, key)),
                kept=memory.reserve(1),
                used=memory.reserve(1),
                level=memory.reserve(1),
                root=memory.reserve(3),
                rate=memory.reserve(1),
                left=memory.reserve(1),
                released=memory.reserve(1),
            )
            for kind, key in found
        }
        self.choices = choices(graph.operations, order, memory)
        operands = (key_of(o) for c in self.choices.values() for o in c.operation.operands)
        keys = {key for _, key in found} | {key for key in operands if key[0] == "u"}
        self._scale = {key: memory.reserve(1) for key in sorted(keys) if not _is_linear(graph, key)}
        self.hit = memory.reserve(1)
        self._chatter = memory.reserve(1)
        memory.speed = memory.reserve(graph.dimension)
        self._chosen: set[tuple[Kind, Key]] = set()

    @property
    def keys(self) -> list[Key]:
        """The sequences that must stand in memory."""
        surfaces = self.surfaces.values()
        slides = [surface.slide for surface in surfaces if surface.slide is not None]
        chosen = [key for choice in self.choices.values() for key in choice.keys]
        return [*(surface.key for surface in surfaces), *slides, *chosen]

    @property
    def pieces(self) -> list[Surface]:
        """The surfaces at which the right-hand side switches."""
        return [surface for surface in self.surfaces.values() if surface.kind != "event"]

    # -- branches

    def branch(self, series: Blocks, n: int, index: Index, *, tangent: bool = False) -> Value | None:
        """One order of the piecewise operation ``n``, on the branch that holds in this step."""
        if n in self.choices:
            return self.choices[n].branch(series, index, tangent=tangent)
        operation, v = series.graph.operations[n], series.v
        kind, key, sign = _surface(series.graph, operation)
        surface = self.surfaces[kind, key]
        a = series.operand(operation.operands[0], index)
        if index == Index(0) and not tangent and (kind, key) not in self._chosen:
            self._chosen.add((kind, key))
            assert a is not None
            self._choose(v, surface, a if sign > 0 else v.neg(a))
        used = v.load(_at(v, surface.used))
        slides = v.compare("oeq", used, v.constant(_SLIDING)) if surface.slide is not None else ""
        if sign < 0:
            used = v.neg(used)
        match operation.kind:
            case "abs":
                return None if a is None else v.mul(used, a)
            case "where":
                value = self._choice(series, operation, used, index)
            case _:
                value = used if index == Index(0) and not tangent else None
        between = sliding(operation)
        if between is None and (surface.slide is None or value is None or operation.kind != "sign"):
            return value
        other = series.operand(between[0], index) if between is not None else None
        if value is None and other is None:
            return None
        zero = v.constant(0.0)
        return v.select(slides, other or zero, value or zero)

    def _choice(self, series: Blocks, operation: Operation, used: Value, index: Index) -> Value | None:
        above, below = (series.operand(o, index) for o in operation.operands[1:3])
        if above is None and below is None:
            return None
        v, zero = series.v, series.v.constant(0.0)
        return v.select(v.compare("ogt", used, zero), above or zero, below or zero)

    def _choose(self, v: Vector, surface: Surface, a: Value) -> None:
        """The side of a lane: the one kept, or that of the value where none is."""
        undecided = v.compare("oeq", v.load(_at(v, surface.kept)), v.constant(0.0))
        if surface.kind == "floor":
            used = v.select(undecided, v.floor(a), v.load(_at(v, surface.level)))
        else:
            used = v.select(undecided, _sign(v, a), v.load(_at(v, surface.kept)))
        v.store(used, _at(v, surface.used))

    # -- the size of the step

    def enlarge(self, jet: Jet, ratio: dict[int, Value], running: Value) -> None:
        """Make ``ratio``, the largest terms of a series by their order, those of switching functions too.

        Each is in units of the recent magnitude of what it belongs to. Where the series of a switching
        function is no good, its roots are not where they seem; sums of components are as good as those.
        """
        v = jet.v
        for key, slot in self._scale.items():
            old = v.load(_at(v, slot))
            size = v.abs(jet.coefficient(key, Index(0)))
            scale = v.maximum(size, v.mul(old, v.constant(_FORGET)))
            v.store(v.select(running, scale, old), _at(v, slot))
            inverse = v.div(v.constant(1.0), scale)
            for k in (self.order - 2, self.order - 1):  # operations lack the last order
                term = v.mul(v.abs(jet.coefficient(key, Index(k))), inverse)
                finite = v.compare("olt", term, v.constant(math.inf))
                largest = ratio.get(k, v.constant(0.0))
                ratio[k] = v.select(finite, v.maximum(largest, term), largest)

    # -- the end of the step

    def shorten(self, jet: Jet, h: Value, running: Value, *, tangents: bool) -> Crossing:
        """End the step at the first surface in it, and cross that."""
        v, whole = jet.v, h
        h = self._decided(v, h, running)
        live = v.both(running, v.compare("ogt", h, v.constant(0.0)))
        reach = v.select(live, h, v.constant(-1.0))
        first = v.constant(math.inf)
        searches = [(surface.root, self._searches(jet, surface, reach)) for surface in self.surfaces.values()]
        searches += [(choice.root, choice.searches(jet, reach)) for choice in self.choices.values()]
        for slot, several in searches:
            for number, search in enumerate(several):
                root = search.root(v)
                v.store(root, _at(v, slot + number))
                first = v.minimum(first, v.abs(root))
        cut = v.both(live, v.compare("ole", first, h))
        h = v.select(cut, first, h)
        in_place = v.compare("olt", h, v.mul(whole, v.constant(_SHORT)))
        met = Met(cut, first, in_place, running)
        switched = hit = "zeroinitializer"
        for surface in self.surfaces.values():
            crossed = self._cross(jet, surface, met)
            if surface.kind == "event":
                hit = crossed
            else:
                switched = v.either(switched, crossed)
        if tangents and self.pieces:
            self._call_where(v, switched, "leave_surface", h)
        for choice in self.choices.values():
            switched = v.either(switched, choice.cross(v, met))
        short = v.both(switched, in_place)
        count = v.add(v.load(_at(v, self._chatter)), v.constant(1.0))
        count = v.select(short, count, v.constant(0.0))
        v.store(count, _at(v, self._chatter))
        ways = len(self.surfaces) + sum(len(choice.operation.operands) for choice in self.choices.values())
        limit = 2.0 * ways + 2.0
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

    def _searches(self, jet: Jet, surface: Surface, reach: Value) -> Iterable[Search]:
        """What must stay positive in this step."""
        v = jet.v
        one, minus, none = v.constant(1.0), v.constant(-1.0), v.constant(0.0)
        series = jet.pointer(surface.key, Index(0))
        a = v.load(series)
        if surface.kind == "floor":
            level = v.load(_at(v, surface.used))
            yield Search(series, one, v.sub(a, level), none, reach)
            yield Search(series, minus, v.sub(v.add(level, one), a), none, reach)
            return
        side = v.load(_at(v, surface.kept))
        if surface.slide is None:
            yield Search(series, side, v.mul(side, a), none, reach)
            return
        sliding = v.compare("oeq", side, v.constant(_SLIDING))
        # A lane that has ceased to slide leaves the surface in its tangent: its first order is rounding.
        slope = v.mul(side, v.load(jet.pointer(surface.key, Index(1))))
        released = v.compare("oeq", v.load(_at(v, surface.released)), one)
        lift = v.select(released, v.maximum(v.neg(slope), none), none)
        yield Search(series, side, v.mul(side, a), lift, v.select(sliding, minus, reach))
        between = jet.pointer(surface.slide, Index(0))
        s = v.load(between)
        reach = v.select(sliding, reach, minus)
        yield Search(between, minus, v.sub(one, s), none, reach)
        yield Search(between, one, v.add(one, s), none, reach)

    def _cross(self, jet: Jet, surface: Surface, met: Met) -> Value:
        """Move the lanes that meet the surface to its other side; the mask of those that count."""
        v = jet.v
        crossed = met.at(v, surface.root)
        old = v.load(_at(v, surface.kept))
        if surface.kind == "floor":
            above = met.at(v, surface.root + 1)
            level, one = v.load(_at(v, surface.used)), v.constant(1.0)
            moved = v.select(above, v.add(level, one), v.select(crossed, v.sub(level, one), level))
            v.store(moved, _at(v, surface.level))
            kept = v.select(met.running, one, old)
            crossed = v.either(crossed, above)
        else:
            kept = v.select(crossed, v.neg(old), old)
        if surface.slide is not None:
            kept = self._slide(jet, surface, met, crossed, kept)
        v.store(kept, _at(v, surface.kept))
        if surface.kind == "event":
            assert self.event is not None
            if self.event.direction:
                wanted = v.constant(-float(self.event.direction))
                crossed = v.both(crossed, v.compare("oeq", old, wanted))
            return crossed
        v.store(v.select(crossed, v.constant(1.0), v.constant(0.0)), _at(v, surface.left))
        return crossed

    def _slide(self, jet: Jet, surface: Surface, met: Met, crossed: Value, kept: Value) -> Value:
        """The side, where a lane begins or ceases to slide.

        It begins where the lane came to the surface in the step before and is sent back to it at once.
        """
        v, one = jet.v, jet.v.constant(1.0)
        came = v.compare("oeq", v.load(_at(v, surface.left)), one)
        slope = v.mul(v.load(_at(v, surface.kept)), v.load(jet.pointer(surface.key, Index(1))))
        back = v.both(v.both(crossed, met.in_place), v.compare("ole", slope, v.constant(0.0)))
        kept = v.select(v.both(came, back), v.constant(_SLIDING), kept)
        up, down = met.at(v, surface.root + 1), met.at(v, surface.root + 2)
        kept = v.select(down, v.constant(-1.0), v.select(up, one, kept))
        v.store(v.select(v.either(up, down), one, v.constant(0.0)), _at(v, surface.released))
        return kept

    def enter(self, v: Vector) -> None:
        """Let the volumes of the lanes that switched follow."""
        if not self.pieces:
            return
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
        gap = gap_function(self.order) if self.choices else ""
        return root_function(self.order) + self._decide_function(jet) + gap

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


def _surface(graph: Graph, operation: Operation) -> tuple[Kind, Key, float]:
    """The surface at which an operation switches, and whether on the same or the other side of it."""
    if operation.kind == "floor":
        return "floor", _key(operation.operands[0]), 1.0
    operand, sign = surface_of(graph, operation.operands[0])
    return "side", _key(operand), sign


def _key(operand: Operand) -> Key:
    if operand.kind == "constant":
        raise ValueError("A switching function is constant: nothing switches there.")
    return key_of(operand)


def _sign(v: Vector, a: Value) -> Value:
    zero = v.constant(0.0)
    below = v.select(v.compare("olt", a, zero), v.constant(-1.0), zero)
    return v.select(v.compare("ogt", a, zero), v.constant(1.0), below)


def _is_linear(graph: Graph, key: Key) -> bool:
    """Whether a sequence is a sum of components and the time."""
    if key[0] != "u":
        return True
    operation = graph.operations[key[1]]
    return operation.kind == "linear" and all(o.kind in ("state", "time") for o in operation.operands)


def any_switch(graph: Graph) -> bool:
    """Whether the right-hand side is made of pieces."""
    return any(operation.kind in SWITCHING for operation in graph.operations)

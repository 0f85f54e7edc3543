"""Brownian paths on vectors of lanes, fixed by a key and a step alone.

Over step k of length h a component's path has the increment W and the mean ``c = int W dt / h``, which are
normal variables: both come from one block of a counter-based generator, at the counter (k, 0, component)
under the lane's key. Inside a step the path is refined by halves: given W and c of an interval, those of its
two halves are normal variables again, drawn at the counter (k, node, component), where nodes 1; 2, 3; 4, ...
are the intervals of a binary tree. So the path at a dyadic fraction of a step is the same whether or not
anything else is asked for.

Reference: Levy (1948). Processus stochastiques et mouvement brownien. Gauthier-Villars (refinement by halves,
here of the path together with its integral).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaosdata.kernels.random import normal_pair
from chaosdata.kernels.vector import LANES, Value, Vector

DEPTH = 24
"""Halvings of a step: the path is resolved to ``h / 2**DEPTH``."""


@dataclass(frozen=True)
class Brownian:
    """The noise of some components: where it stands in the work array, and the function that draws it.

    components : those that have noise. first : slots of the work array from here on are the noise's:
    ``step``, the length of a step; ``key``, two words of 32 bits as 64-bit integers; ``values``, W and c of
    each component in turn.
    """

    components: tuple[int, ...]
    first: int

    @property
    def step(self) -> int:
        """The slot of the step's length, the same in all lanes."""
        return self.first

    @property
    def key(self) -> int:
        """The first of the two slots of the lanes' keys."""
        return self.first + 1

    @property
    def end(self) -> int:
        """The slot after the last."""
        return self.first + 3 + 2 * len(self.components)

    def inputs(self, v: Vector) -> list[Value]:
        """W and c of each component in turn."""
        first = self.first + 3
        return [v.load(v.offset("%w", LANES * (first + n))) for n in range(2 * len(self.components))]

    def draw(self, v: Vector, step: Value, fraction: Value) -> None:
        """Call ``noise``; nothing where no component has any."""
        if self.components:
            v.line(f"call void @noise(ptr %w, i64 {step}, i64 {fraction})")

    def length(self, v: Vector) -> Value:
        """The length of the part ``%fraction`` of a step, in parts of ``2**-DEPTH``; 0 means all of it."""
        h = v.load(v.offset("%w", LANES * self.step))
        part = v.broadcast(v.emit("sitofp i64 %fraction to double"))
        part = v.mul(h, v.mul(part, v.constant(2.0**-DEPTH)))
        whole = v.emit("icmp eq i64 %fraction, 0")
        return v.emit(f"select i1 {whole}, {v.type} {h}, {v.type} {part}")

    def function(self) -> str:
        """``noise(work, step, fraction)``: W and c of every component over the part of the step."""
        if not self.components:
            return ""
        v = Vector()
        with v.loop("components", 0, len(self.components)) as n:
            cell = v.emit(f"getelementptr i64, ptr @components, i64 {n}")
            component = _integers(v, v.emit(f"load i64, ptr {cell}, align 8"))
            W, c = self._path(v, component)
            target = v.offset("%w", v.emit(f"mul i64 {n}, {2 * LANES}"))
            v.store(W, v.offset(target, LANES * (self.first + 3)))
            v.store(c, v.offset(target, LANES * (self.first + 4)))
        cells = ", ".join(f"i64 {i}" for i in self.components)
        table = f"@components = internal constant [{len(self.components)} x i64] [{cells}]\n"
        body = "\n".join(v.lines)
        header = "define void @noise(ptr noalias %w, i64 %step, i64 %fraction) noinline"
        return f"{table}{header} {{\nentry:\n{body}\nret void\n}}\n"

    def _path(self, v: Vector, component: Value) -> tuple[Value, Value]:
        """W and c of one component."""
        pointers = [v.offset("%w", LANES * (self.key + k)) for k in (0, 1)]
        key = [v.emit(f"load {v.integer}, ptr {p}, align {8 * LANES}") for p in pointers]
        low, high = _integers(v, "%step"), _integers(v, v.emit("lshr i64 %step, 32"))

        def draw(node: Value) -> tuple[Value, Value]:
            return normal_pair(v, (low, high, node, component), key)

        h, length = v.load(v.offset("%w", LANES * self.step)), self.length(v)
        root = v.sqrt(h)
        first, second = draw(v.integers(0))
        W = v.mul(root, first)
        area = v.mul(v.mul(root, v.constant(math.sqrt(1 / 12))), second)  # c - W/2, independent of W
        mean = v.fma(v.constant(0.5), W, area)
        v.begin("start")
        whole = v.emit("icmp eq i64 %fraction, 0")
        v.line(f"br i1 {whole}, label %ready, label %halve")
        _halve(v, (W, area, h), draw)
        v.begin("part", jump=False)
        part_mean = v.div("%integral_next", length)
        v.begin("ready")
        return (
            v.phi(v.type, [(W, "start"), ("%before_next", "part")]),
            v.phi(v.type, [(mean, "start"), (part_mean, "part")]),
        )


def _halve(v: Vector, interval: Sequence[Value], draw: Callable[[Value], tuple[Value, Value]]) -> None:
    """Descend the tree to the end of the part: the path ``before`` it, and its ``integral``."""
    half, zero = v.constant(0.5), v.constant(0.0)
    W, area, h = interval
    v.begin("halve", jump=False)
    v.phi("i64", [("%fraction", "start"), ("%rest_next", "halve")], "%rest")
    v.phi("i64", [("1", "start"), ("%node_next", "halve")], "%node")
    a, b, size, before, integral = (
        v.phi(v.type, [(x, "start"), (f"%{name}_next", "halve")])
        for x, name in ((W, "a"), (area, "b"), (h, "size"), (zero, "before"), (zero, "integral"))
    )
    first, second = draw(_integers(v, "%node"))
    root = v.sqrt(size)
    # The left half's increment has the mean a/2 + 3b/2 and the variance size/16; then the areas of the halves
    # have a given sum, and a difference of the variance size/12.
    left = v.fma(v.constant(1.5), b, v.mul(half, a))
    left = v.fma(v.mul(root, v.constant(0.25)), first, left)
    total = v.sub(v.fma(v.constant(2.0), b, v.mul(half, a)), left)
    difference = v.mul(v.mul(root, v.constant(math.sqrt(1 / 12))), second)
    left_area, right_area = v.mul(half, v.add(total, difference)), v.mul(half, v.sub(total, difference))
    half_size = v.mul(half, size)
    passed = v.fma(half_size, v.add(before, v.fma(half, left, left_area)), integral)
    # The highest bit of the rest says which half the end of the part lies in.
    right = v.emit(f"icmp uge i64 %rest, {1 << (DEPTH - 1)}")
    for name, taken, stayed in (
        ("a", v.sub(a, left), left),
        ("b", right_area, left_area),
        ("before", v.add(before, left), before),
        ("integral", passed, integral),
        ("size", half_size, half_size),
    ):
        v.line(f"%{name}_next = select i1 {right}, {v.type} {taken}, {v.type} {stayed}")
    bit = v.emit(f"zext i1 {right} to i64")
    v.line(f"%node_next = add i64 {v.emit('shl i64 %node, 1')}, {bit}")
    v.line(f"%rest_next = and i64 {v.emit('shl i64 %rest, 1')}, {(1 << DEPTH) - 1}")
    done = v.emit("icmp eq i64 %rest_next, 0")
    v.line(f"br i1 {done}, label %part, label %halve")


def _integers(v: Vector, scalar: Value) -> Value:
    """The 64-bit integer ``scalar`` in every lane."""
    first = v.emit(f"insertelement {v.integer} poison, i64 {scalar}, i32 0")
    zeros = f"<{v.lanes} x i32> zeroinitializer"
    return v.emit(f"shufflevector {v.integer} {first}, {v.integer} poison, {zeros}")

"""Minima and maxima along a step: one of several sequences holds until another one meets it.

However many operands there are, only the one that holds matters: a step ends where another crosses that one,
not where two others cross.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaosdata.equations.graph import Operation
from chaosdata.kernels.blocks import Blocks, Index, Key, key_of
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.roots import Met, Search
from chaosdata.kernels.vector import LANES, Value, Vector

if TYPE_CHECKING:
    from chaosdata.kernels.series import Jet


@dataclass(frozen=True)
class Choice:
    """The operation ``number``, a minimum or maximum, and its slots in the work array.

    kept : which operand holds, counted from 1, from one step to the next; 0 is not decided yet.
    used : the one that this step's series follow.
    root : one slot for each operand, where it meets the one that holds.
    gap : scratch for the difference of two sequences. nothing : a sequence of zeros.
    """

    operation: Operation
    number: int
    kept: int
    used: int
    root: int
    gap: int
    nothing: int

    @property
    def keys(self) -> list[Key]:
        """The sequences that must stand in memory."""
        operands = (key_of(o) for o in self.operation.operands if o.kind != "constant")
        return [("u", self.number), *operands]

    def branch(self, series: Blocks, index: Index, *, tangent: bool) -> Value | None:
        """One order of the operand that holds."""
        v, zero = series.v, series.v.constant(0.0)
        values = [series.operand(o, index) for o in self.operation.operands]
        if index == Index(0) and not tangent:
            self._choose(v, [value or zero for value in values])
        if all(value is None for value in values):
            return None
        used = v.load(_at(v, self.used))
        result = values[0] or zero
        for i, value in enumerate(values[1:], start=2):
            result = v.select(v.compare("oeq", used, v.constant(float(i))), value or zero, result)
        return result

    def _choose(self, v: Vector, values: list[Value]) -> None:
        """The operand kept, or the one with the least or largest value where none is."""
        best, holds = values[0], v.constant(1.0)
        for i, value in enumerate(values[1:], start=2):
            better = v.compare("olt" if self.operation.kind == "minimum" else "ogt", value, best)
            best = v.select(better, value, best)
            holds = v.select(better, v.constant(float(i)), holds)
        kept = v.load(_at(v, self.kept))
        undecided = v.compare("oeq", kept, v.constant(0.0))
        v.store(v.select(undecided, holds, kept), _at(v, self.used))

    def searches(self, jet: Jet, reach: Value) -> Iterable[Search]:
        """The gaps between the other operands and the one that holds."""
        v, t = jet.v, jet.v.type
        sign = v.constant(1.0 if self.operation.kind == "minimum" else -1.0)
        used = v.load(_at(v, self.used))
        held = jet.pointer(("u", self.number), Index(0))
        gap = _at(v, self.gap)
        for i, operand in enumerate(self.operation.operands, start=1):
            if operand.kind == "constant":
                series, value = _at(v, self.nothing), v.constant(operand.value)
            else:
                series = jet.pointer(key_of(operand), Index(0))
                value = v.load(series)
            v.line(f"call void @gap(ptr {series}, ptr {held}, ptr {gap}, {t} {sign})")
            value = v.mul(sign, v.sub(value, v.load(held)))
            mine = v.compare("oeq", used, v.constant(float(i)))
            none = v.constant(0.0)
            yield Search(gap, v.constant(1.0), value, none, v.select(mine, v.constant(-1.0), reach))

    def cross(self, v: Vector, met: Met) -> Value:
        """Let the operand hold that met the one before; the lanes where that happened."""
        kept = v.select(met.running, v.load(_at(v, self.used)), v.load(_at(v, self.kept)))
        crossed = "zeroinitializer"
        for i in range(len(self.operation.operands)):
            here = met.at(v, self.root + i)
            kept = v.select(here, v.constant(float(i + 1)), kept)
            crossed = v.either(crossed, here)
        v.store(kept, _at(v, self.kept))
        return crossed


def choices(operations: Iterable[Operation], order: int, memory: Memory) -> dict[int, Choice]:
    """The minima and maxima among operations, by their numbers."""
    found = [(n, o) for n, o in enumerate(operations) if o.kind in ("minimum", "maximum")]
    if not found:
        return {}
    gap, nothing = memory.reserve(order + 1), memory.reserve(order + 1)
    return {
        n: Choice(o, n, memory.reserve(1), memory.reserve(1), memory.reserve(len(o.operands)), gap, nothing)
        for n, o in found
    }


def gap_function(order: int) -> str:
    """``gap(a, b, out, sign)``: the sequence sign*(a - b), but for its last order, which operations lack."""
    v = Vector()
    with v.loop("orders", 0, order) as k:
        doubles = v.emit(f"mul i64 {k}, {LANES}")
        a, b = (v.load(v.offset(pointer, doubles)) for pointer in ("%a", "%b"))
        v.store(v.mul("%sign", v.sub(a, b)), v.offset("%out", doubles))
    body = "\n".join(v.lines)
    arguments = f"ptr %a, ptr %b, ptr noalias %out, {v.type} %sign"
    return f"define internal void @gap({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"


def _at(v: Vector, slot: int) -> Value:
    return v.offset("%w", LANES * slot)

"""Dense output in double-double: the samples that a step covers, each right before it is rounded.

The time since the step's start is a pair, for the difference of two doubles need not be a double.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaosdata.kernels.dense import POINTS, across, ahead, write_lanes
from chaosdata.kernels.double_double import DoubleDouble, Pair
from chaosdata.kernels.double_double_polynomials import Polynomials, powers
from chaosdata.kernels.double_double_series import PairJet
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.vector import Value, Vector


def dense_function(jet: PairJet, memory: Memory) -> str:
    """``dense(work, out, time, samples)``: write every sample in the steps just taken, lane by lane.

    The low parts of a sample stand as far after the high parts as the work array says. ``time`` ends with
    POINTS infinite values, which no step covers.
    """
    v, d = Vector(POINTS), jet.dimension
    w = DoubleDouble(v)
    unused = memory.reserve(1 + d // memory.lanes)
    v.line(f"%unused = getelementptr double, ptr %w, i64 {memory.lanes * unused}")
    distance = v.emit(f"load i64, ptr {v.offset('%w', memory.lanes * memory.low)}, align 8")

    def since(times: Value, start: Value, low: Value) -> Pair:
        return w.normalised(w.sub(times, Pair(start, low)))

    def write_components(s: Value, series: Polynomials, high: Sequence[Value], low: Sequence[Value]) -> None:
        assert isinstance(s, Pair)
        time_powers = powers(w, s)
        with v.loop("components", 0, d) as i:
            value = series.component(i, time_powers)
            write_lanes(v, value, high, i)
            write_lanes(v, value.low, low, i)

    def run(s: Value, target: Value) -> None:
        high = [v.offset(target, d * point) for point in range(POINTS)]
        low = [v.offset(place, distance) for place in high]
        write_components(s, Polynomials(w, jet, "%lane", broadcast=True), high, low)

    def one_each(s: Value, due: Sequence[Value], high: Sequence[Value]) -> None:
        low = [
            v.emit(f"select i1 {wanted}, ptr {v.offset(target, distance)}, ptr %unused")
            for wanted, target in zip(due, high, strict=True)
        ]
        write_components(s, Polynomials(w, jet, "%group"), high, low)

    ahead(v, memory, d, POINTS, since, run)
    across(v, memory, d, since, one_each)
    body = "\n".join(v.lines)
    arguments = "ptr noalias %w, ptr noalias %out, ptr noalias %time, i64 %samples"
    return f"define void @dense({arguments}) {{\nentry:\n{body}\nret void\n}}\n"

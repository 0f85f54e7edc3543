"""One step of Taylor's method in double-double: its size, the new state and time, and the guards.

The size of a step is a double, chosen as in :mod:`chaosdata.kernels.step`; only the last one, which ends at
the stop, has a low part. The clock is a pair.
"""

from __future__ import annotations

from chaosdata.kernels.double_double import DoubleDouble, Pair
from chaosdata.kernels.double_double_polynomials import Polynomials, powers
from chaosdata.kernels.double_double_series import PairJet
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.step import OVERFLOW, RESOLUTION, moved, step_size
from chaosdata.kernels.vector import Value
from chaosdata.types import Status


def step_function(jet: PairJet, memory: Memory) -> str:
    """``step(work, log2_tolerance) -> i64``: one step of every lane; bit l is set while lane l goes on."""
    v, d = jet.v, jet.dimension
    w = DoubleDouble(v)

    def at(slot: int) -> Value:
        return v.at("%w", slot)

    v.store(v.load(at(memory.end)), at(memory.time))
    v.store(v.load(at(memory.end_low)), at(memory.time_low))
    jet.emit()
    stop, time = v.load(at(memory.stop)), Pair(v.load(at(memory.time)), v.load(at(memory.time_low)))
    remaining = w.normalised(w.sub(stop, time))
    running = v.compare("oeq", v.load(at(memory.status)), v.constant(float(Status.OK)))
    running = v.both(running, v.compare("ogt", remaining, v.constant(0.0)))
    size = step_size(v, jet, memory, running, False)
    small = v.compare("ole", size, v.mul(v.constant(RESOLUTION), v.abs(time)))
    small = v.both(small, moved(v, jet))
    last = v.compare("uge", size, remaining)
    h = w.select(last, remaining, size)

    reached = memory.reserve(2 * d)
    polynomials, time_powers = Polynomials(w, jet, "%w"), powers(w, h)
    with v.loop("components", 0, d) as i:
        polynomials.bound(i, time_powers)
        x = polynomials.component(i, time_powers)
        place = v.offset(at(reached), v.emit(f"mul i64 {i}, {v.lanes}"))
        v.store(x, place)
        v.store(x.low, v.at(place, d))
    largest = v.constant(0.0)
    finite = v.compare("oeq", h, h)
    for j in range(d):
        high = v.load(at(reached + j))
        finite = v.both(finite, v.compare("oeq", v.sub(high, high), v.constant(0.0)))
        largest = v.maximum(largest, v.abs(high))
        for new, old in ((reached + j, memory.state + j), (reached + d + j, memory.state + d + j)):
            v.store(v.select(running, v.load(at(new)), v.load(at(old))), at(old))

    status = v.constant(float(Status.OK))
    status = v.select(small, v.constant(float(Status.STEP_UNDERFLOW)), status)
    huge = v.compare("ogt", largest, v.constant(OVERFLOW))
    status = v.select(huge, v.constant(float(Status.OVERFLOW)), status)
    status = v.select(finite, status, v.constant(float(Status.NOT_FINITE)))
    status = v.select(running, status, v.load(at(memory.status)))
    v.store(status, at(memory.status))
    good = v.both(running, v.compare("oeq", status, v.constant(float(Status.OK))))

    end = w.normalised(w.add(time, size))
    end = w.select(last, stop, end)
    end = w.select(good, end, time)
    v.store(v.select(good, h, v.constant(0.0)), at(memory.step))
    v.store(end, at(memory.end))
    v.store(end.low, at(memory.end_low))
    count = v.load(at(memory.steps))
    v.store(v.select(good, v.add(count, v.constant(1.0)), count), at(memory.steps))
    going = v.mask_bits(v.both(good, v.compare("olt", size, remaining)))
    v.line(f"ret i64 {going}")
    body = "\n".join(v.lines)
    return f"define i64 @step(ptr noalias %w, double %log2_tolerance) {{\nentry:\n{body}\n}}\n"

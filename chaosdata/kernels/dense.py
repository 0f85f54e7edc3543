"""Dense output: the samples that a step covers, from its Taylor polynomial.

Where a lane has several samples ahead they are evaluated together, coefficients broadcast, and stored as one
run of memory; what is left goes a sample of each lane at a time. Both evaluate the same polynomial in the
same order, so the path taken leaves no trace in the bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from chaosdata.kernels.memory import Memory
from chaosdata.kernels.vector import Value, Vector

POINTS = 4
"""Samples of one lane evaluated together."""

UNROLLED = 8
"""Components up to which each has its own code."""


class Series(Protocol):
    """Where the polynomials stand that are evaluated: a jet, or what a Runge-Kutta method makes."""

    @property
    def dimension(self) -> int:
        """Number of components."""

    @property
    def order(self) -> int:
        """Degree of the polynomials."""

    @property
    def slot(self) -> Mapping[tuple[str, int], int]:
        """First slot of the coefficients of component i, under ("x", i)."""

    @property
    def degree(self) -> Mapping[tuple[str, int], int]:
        """The degree of a component's polynomial where it is less than the order."""


def slots(series: Series, i: int) -> range:
    """Where the coefficients of component i stand, without those that are always zero."""
    first = series.slot["x", i]
    return range(first, first + series.degree.get(("x", i), series.order) + 1)


def dense_function(jet: Series, memory: Memory, name: str = "dense") -> str:
    """``dense(work, out, time, samples)``: write every sample in the steps just taken, lane by lane.

    ``time`` ends with POINTS infinite values, which no step covers.
    """
    v = Vector(memory.lanes)
    unused = memory.reserve(1 + jet.dimension // memory.lanes)
    v.line(f"%unused = getelementptr double, ptr %w, i64 {memory.lanes * unused}")
    _ahead(v.view(POINTS), jet, memory)
    _across(v.view(4 if jet.dimension <= 4 else 8), jet, memory)
    body = "\n".join(v.lines)
    arguments = "ptr noalias %w, ptr noalias %out, ptr noalias %time, i64 %samples"
    return f"define void @{name}({arguments}) {{\nentry:\n{body}\nret void\n}}\n"


def _ahead(v: Vector, jet: Series, memory: Memory) -> None:
    """Lane after lane, POINTS samples at a time."""
    d = jet.dimension

    def write(s: Value, target: Value) -> None:
        s2 = v.mul(s, s)
        s4 = v.mul(s2, s2)
        lane = v.reread("%lane")
        values = []
        for i in range(d):
            places = [v.offset(lane, memory.lanes * slot) for slot in slots(jet, i)]
            series = [v.broadcast(v.load_scalar(place)) for place in places]
            values.append(v.taylor(series, s, s2, s4))
        for j in range(d):  # what lies beyond the samples due is written again when its time comes
            v.store(_interleaved(v, values, POINTS * j), v.offset(target, POINTS * j), align=8)

    ahead(v, memory, d, _enough(d), partial(_since, v), write)


def ahead(
    v: Vector,
    memory: Memory,
    d: int,
    least: int,
    since: Callable[[Value, Value, Value], Value],
    write: Callable[[Value, Value], None],
) -> None:
    """Loop over lanes, and over the next POINTS samples of each as long as ``least`` of them are due.

    since : makes of the samples' times and of the two parts of the step's start the times between them.
    write : writes the POINTS samples at these times to memory.
    """

    def scalar(slot: int) -> Value:
        return v.load_scalar(v.offset("%lane", memory.lanes * slot))

    v.line(f"%last_run = sub i64 %samples, {POINTS}")
    v.begin("ahead")
    v.begin("lanes")
    v.phi("i64", [("0", "ahead"), ("%l_next", "lane_end")], "%l")
    v.phi("i1", [("false", "ahead"), ("%left_next", "lane_end")], "%left")
    v.line("%lane = getelementptr double, ptr %w, i64 %l")
    row = v.emit(f"load i64, ptr {v.offset('%lane', memory.lanes * memory.row)}, align 8")
    out = v.offset("%out", row)
    start, low, h = (v.broadcast(scalar(slot)) for slot in (memory.time, memory.time_low, memory.step))
    next_slot = v.offset("%lane", memory.lanes * memory.next)
    first = v.emit(f"load i64, ptr {next_slot}, align 8")
    v.begin("lane_ready")
    v.begin("look")
    v.phi("i64", [(first, "lane_ready"), ("%g_next", "run_end")], "%g")
    s = since(v.load(v.offset("%time", "%g"), align=8), start, low)
    due = v.mask_bits(v.compare("ole", s, h))
    count = v.emit(f"call i64 @llvm.ctpop.i64(i64 {due})")
    some = v.emit(f"icmp ne i64 {count}, 0")
    enough = v.emit(f"icmp uge i64 {count}, {least}")
    room = v.emit("icmp sle i64 %g, %last_run")
    go = v.emit(f"and i1 {enough}, {room}")
    v.line(f"br i1 {go}, label %run, label %lane_end")
    v.begin("run", jump=False)
    write(s, v.offset(out, v.emit(f"mul i64 %g, {d}")))
    v.begin("run_end")
    v.line(f"%g_next = add i64 %g, {count}")
    # Only where it changed: the load of all lanes' indices below would wait for a store of one of them.
    v.line(f"store i64 %g_next, ptr {next_slot}, align 8")
    full = v.emit(f"icmp eq i64 {count}, {POINTS}")
    v.line(f"br i1 {full}, label %look, label %lane_end")
    v.begin("lane_end", jump=False)
    v.phi("i1", [(some, "look"), ("false", "run_end")], "%left_here")
    v.line("%left_next = or i1 %left, %left_here")
    v.line("%l_next = add i64 %l, 1")
    v.line(f"%more_lanes = icmp ult i64 %l_next, {memory.lanes}")
    v.line("br i1 %more_lanes, label %lanes, label %lanes_done")
    v.begin("lanes_done", jump=False)
    v.line("br i1 %left_next, label %across, label %finish")


def _enough(dimension: int) -> int:
    """Samples of a lane that are worth evaluating together: with fewer, one of each lane is faster."""
    return 2 if dimension <= 4 else 3 if dimension <= UNROLLED else POINTS


def _interleaved(v: Vector, values: list[Value], first: int) -> Value:
    """Elements ``first ...`` of the samples in memory order: all components of a point, then the next."""
    d = len(values)
    wanted = [divmod(first + j, d) for j in range(v.lanes)]  # (point, component)
    result: Value | None = None
    for i in sorted({component for _, component in wanted}):
        if result is None:
            picks = [point if component == i else j for j, (point, component) in enumerate(wanted)]
            result = v.shuffle(values[i], values[i], picks)
        else:
            picks = [v.lanes + point if component == i else j for j, (point, component) in enumerate(wanted)]
            result = v.shuffle(result, values[i], picks)
    assert result is not None
    return result


def _across(v: Vector, jet: Series, memory: Memory) -> None:
    """The next sample of every lane together, until no lane has one; ``v.lanes`` lanes at a time."""
    d = jet.dimension

    def write(s: Value, _due: Sequence[Value], targets: Sequence[Value]) -> None:
        s2 = v.mul(s, s)
        s4 = v.mul(s2, s2)
        group = v.reread("%group")

        def component(i: int | Value, base: Value, places: range) -> None:
            terms = [v.load(v.offset(base, memory.lanes * slot), align=8) for slot in places]
            write_lanes(v, v.taylor(terms, s, s2, s4), targets, i)

        if d <= UNROLLED:
            for i in range(d):
                component(i, group, slots(jet, i))
        else:
            place, stride = jet.slot["x", 0], jet.order + 1
            with v.loop("components", 0, d) as index:
                base = v.offset(group, v.emit(f"mul i64 {index}, {memory.lanes * stride}"))
                component(index, base, range(place, place + stride))

    across(v, memory, d, partial(_since, v), write)


def _since(v: Vector, times: Value, start: Value, low: Value) -> Value:
    return v.sub(v.sub(times, start), low)


def across(
    v: Vector,
    memory: Memory,
    d: int,
    since: Callable[[Value, Value, Value], Value],
    write: Callable[[Value, Sequence[Value], Sequence[Value]], None],
) -> None:
    """Loop over groups of ``v.lanes`` lanes, after :func:`ahead`, and over their samples, one of each lane.

    since : makes of a sample's time and of the two parts of the step's start the time between them.
    write : writes the samples at these times to their targets, of which those not due are ``%unused``.
    """
    v.begin("across", jump=False)
    v.begin("groups")
    v.phi("i64", [("0", "across"), ("%p_next", "group_end")], "%p")
    v.line("%group = getelementptr double, ptr %w, i64 %p")

    def at(slot: int) -> Value:
        return v.offset("%group", memory.lanes * slot)

    start, low, h = (v.load(at(slot), align=8) for slot in (memory.time, memory.time_low, memory.step))
    row = v.emit(f"load {v.integer}, ptr {at(memory.row)}, align 8")
    first = v.emit(f"load {v.integer}, ptr {at(memory.next)}, align 8")
    v.begin("group_ready")
    v.begin("pending")
    v.phi(v.integer, [(first, "group_ready"), ("%q_next", "sampled")], "%q")
    times = v.constant(0.0)
    for lane in range(v.lanes):
        x = v.load_scalar(v.offset("%time", v.extract_integer("%q", lane)))
        times = v.emit(f"insertelement {v.type} {times}, double {x}, i32 {lane}")
    s = since(times, start, low)
    due = v.compare("ole", s, h)
    v.line(f"br i1 {v.any(due)}, label %sample, label %group_end")
    v.begin("sample", jump=False)
    position = v.integer_op("add", row, v.integer_op("mul", "%q", v.integers(d)))
    lanes_due, targets = [], []
    for lane in range(v.lanes):  # a lane without a sample due writes where nobody looks
        lanes_due.append(v.emit(f"extractelement {v.mask} {due}, i32 {lane}"))
        target = v.offset("%out", v.extract_integer(position, lane))
        targets.append(v.emit(f"select i1 {lanes_due[-1]}, ptr {target}, ptr %unused"))
    write(s, lanes_due, targets)
    v.begin("sampled")
    advanced = v.integer_op("add", "%q", v.integers(1))
    v.line(f"%q_next = select {v.mask} {due}, {v.integer} {advanced}, {v.integer} %q")
    v.line("br label %pending")
    v.begin("group_end", jump=False)
    v.line(f"store {v.integer} %q, ptr {at(memory.next)}, align 8")
    v.line(f"%p_next = add i64 %p, {v.lanes}")
    v.line(f"%more_groups = icmp ult i64 %p_next, {memory.lanes}")
    v.line("br i1 %more_groups, label %groups, label %finish")
    v.begin("finish", jump=False)


def write_lanes(v: Vector, value: Value, targets: Sequence[Value], i: int | Value) -> None:
    """Write component ``i`` of a sample of each lane."""
    for lane, target in enumerate(targets):
        v.line(f"store double {v.extract(value, lane)}, ptr {v.offset(target, i)}, align 8")

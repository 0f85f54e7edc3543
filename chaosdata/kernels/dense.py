"""Dense output: the samples that a step covers, from its Taylor polynomial."""

from __future__ import annotations

from chaosdata.kernels.memory import Memory
from chaosdata.kernels.series import Jet
from chaosdata.kernels.vector import LANES, Value, Vector


def dense_function(jet: Jet, memory: Memory) -> str:
    """``dense``: evaluate the step's polynomial at every sample time it covers.

    Where a lane has eight samples ahead they are evaluated together, coefficients broadcast; what is left, a
    sample of each lane at a time. Both use the same polynomial, so the path taken leaves no trace in the
    bits.
    """
    v = Vector()
    unused = memory.reserve(1 + jet.dimension // LANES)
    v.line(f"%unused = getelementptr double, ptr %w, i64 {LANES * unused}")
    _dense_ahead(v.view(8), jet, memory)
    _dense_across(v.view(4 if jet.dimension <= 4 else LANES), jet, memory)
    body = "\n".join(v.lines)
    arguments = "ptr noalias %w, ptr noalias %out, ptr noalias %time, i64 %samples"
    return f"define void @dense({arguments}) {{\nentry:\n{body}\nret void\n}}\n"


def _dense_ahead(v: Vector, jet: Jet, memory: Memory) -> None:
    """Lane after lane, eight samples at a time."""
    points = v.lanes

    def scalar(slot: int) -> Value:
        return v.load_scalar(v.offset("%lane", LANES * slot))

    v.line(f"%some = icmp uge i64 %samples, {points}")
    v.line("br i1 %some, label %ahead, label %across")
    v.begin("ahead", jump=False)
    v.line(f"%last_start = sub i64 %samples, {points}")
    v.begin("lanes")
    v.phi("i64", [("0", "ahead"), ("%l_next", "lane_end")], "%l")
    v.line("%lane = getelementptr double, ptr %w, i64 %l")
    row = v.emit(f"load i64, ptr {v.offset('%lane', LANES * memory.row)}, align 8")
    out = v.offset("%out", row)
    time, low, h = scalar(memory.time), scalar(memory.time_low), scalar(memory.step)
    next_slot = v.offset("%lane", LANES * memory.next)
    first = v.emit(f"load i64, ptr {next_slot}, align 8")
    time_v, low_v = v.broadcast(time), v.broadcast(low)
    v.begin("lane_ready")
    v.begin("test")
    v.phi("i64", [(first, "lane_ready"), ("%g_next", "eight")], "%g")
    v.line("%fits = icmp sle i64 %g, %last_start")
    v.line("br i1 %fits, label %look, label %lane_end")
    v.begin("look", jump=False)
    ahead = v.offset("%time", "%g")
    last = v.load_scalar(v.offset(ahead, points - 1))
    s_last = v.emit(f"fsub double {last}, {time}")
    s_last = v.emit(f"fsub double {s_last}, {low}")
    v.line(f"%covered = fcmp ole double {s_last}, {h}")
    v.line("br i1 %covered, label %eight, label %lane_end")
    v.begin("eight", jump=False)
    s = v.sub(v.sub(v.load(ahead, align=8), time_v), low_v)
    s2 = v.mul(s, s)
    target = v.offset(out, v.emit(f"mul i64 %g, {jet.dimension}"))
    for i in range(jet.dimension):
        slot = jet.slot["x", i]
        value = v.polynomial([v.broadcast(scalar(slot + k)) for k in range(jet.order + 1)], s, s2)
        for j in range(points):
            v.line(
                f"store double {v.extract(value, j)}, ptr {v.offset(target, j * jet.dimension + i)}, align 8"
            )
    v.line(f"%g_next = add i64 %g, {points}")
    v.line("br label %test")
    v.begin("lane_end", jump=False)
    v.line(f"store i64 %g, ptr {next_slot}, align 8")
    v.line("%l_next = add i64 %l, 1")
    v.line(f"%more_lanes = icmp ult i64 %l_next, {LANES}")
    v.line("br i1 %more_lanes, label %lanes, label %across")


def _dense_across(v: Vector, jet: Jet, memory: Memory) -> None:
    """The next sample of every lane together, until no lane has one; ``v.lanes`` lanes at a time."""
    width = v.lanes
    v.begin("across", jump=False)
    v.begin("groups")
    v.phi("i64", [("0", "across"), ("%p_next", "group_end")], "%p")
    v.line("%group = getelementptr double, ptr %w, i64 %p")

    def at(slot: int) -> Value:
        return v.offset("%group", LANES * slot)

    time, low = v.load(at(memory.time), align=8), v.load(at(memory.time_low), align=8)
    h = v.load(at(memory.step), align=8)
    row = v.emit(f"load {v.integer}, ptr {at(memory.row)}, align 8")
    first = v.emit(f"load {v.integer}, ptr {at(memory.next)}, align 8")
    zero = f"<{width} x i32> zeroinitializer"
    seed = v.emit(f"insertelement {v.integer} poison, i64 %samples, i32 0")
    samples = v.emit(f"shufflevector {v.integer} {seed}, {v.integer} poison, {zero}")
    top = v.integer_op("sub", samples, v.integers(1))
    v.begin("group_ready")
    v.begin("pending")
    v.phi(v.integer, [(first, "group_ready"), ("%q_next", "sample")], "%q")
    more = v.integer_compare("slt", "%q", samples)
    index = v.emit(f"select {v.mask} {more}, {v.integer} %q, {v.integer} {top}")
    t = v.constant(0.0)
    for lane in range(width):
        i = v.emit(f"extractelement {v.integer} {index}, i32 {lane}")
        x = v.load_scalar(v.offset("%time", i))
        t = v.emit(f"insertelement {v.type} {t}, double {x}, i32 {lane}")
    s = v.sub(v.sub(t, time), low)
    due = v.both(more, v.compare("ole", s, h))
    v.line(f"br i1 {v.any(due)}, label %sample, label %group_end")
    v.begin("sample", jump=False)
    s2 = v.mul(s, s)
    start = v.integer_op("add", row, v.integer_op("mul", index, v.integers(jet.dimension)))
    targets = []
    for lane in range(width):  # a lane without a sample due writes where nobody looks
        offset = v.emit(f"extractelement {v.integer} {start}, i32 {lane}")
        wanted = v.emit(f"extractelement {v.mask} {due}, i32 {lane}")
        real = v.offset("%out", offset)
        targets.append(v.emit(f"select i1 {wanted}, ptr {real}, ptr %unused"))
    for i in range(jet.dimension):
        slot = jet.slot["x", i]
        value = v.polynomial([v.load(at(slot + k), align=8) for k in range(jet.order + 1)], s, s2)
        for lane in range(width):
            v.line(f"store double {v.extract(value, lane)}, ptr {v.offset(targets[lane], i)}, align 8")
    advanced = v.integer_op("add", "%q", v.integers(1))
    v.line(f"%q_next = select {v.mask} {due}, {v.integer} {advanced}, {v.integer} %q")
    v.line("br label %pending")
    v.begin("group_end", jump=False)
    v.line(f"store {v.integer} %q, ptr {at(memory.next)}, align 8")
    v.line(f"%p_next = add i64 %p, {width}")
    v.line(f"%more_groups = icmp ult i64 %p_next, {LANES}")
    v.line("br i1 %more_groups, label %groups, label %finish")
    v.begin("finish", jump=False)

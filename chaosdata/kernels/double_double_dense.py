"""Dense output in double-double: the samples that a step covers, each right before it is rounded.

The time since the step's start is a pair, for the difference of two doubles need not be a double.
"""

from __future__ import annotations

from chaosdata.kernels.double_double import DoubleDouble, Pair
from chaosdata.kernels.double_double_series import PairJet
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.vector import Value, Vector

_TOGETHER = 4  # lanes whose next samples are evaluated at once: few wait for the one with most samples


def dense_function(jet: PairJet, memory: Memory) -> str:
    """``dense(work, out, time, samples)``: write every sample in the steps just taken, lane by lane.

    A sample is its ``d`` high parts, then its ``d`` low parts. ``time`` ends with an infinite value, which no
    step covers.
    """
    v, d = Vector(_TOGETHER), jet.dimension
    w = DoubleDouble(v)
    unused = memory.reserve(1 + 2 * d // memory.lanes)
    v.line(f"%unused = getelementptr double, ptr %w, i64 {memory.lanes * unused}")
    v.begin("start")
    v.begin("groups")
    v.phi("i64", [("0", "start"), ("%p_next", "group_end")], "%p")
    v.line("%group = getelementptr double, ptr %w, i64 %p")

    def at(slot: int) -> Value:
        return v.offset("%group", memory.lanes * slot)

    start, low, h = (v.load(at(slot), align=8) for slot in (memory.time, memory.time_low, memory.step))
    row = v.emit(f"load {v.integer}, ptr {at(memory.row)}, align 8")
    first = v.emit(f"load {v.integer}, ptr {at(memory.next)}, align 8")
    v.begin("group_ready")
    v.begin("pending")
    v.phi(v.integer, [(first, "group_ready"), ("%q_next", "written")], "%q")
    times = v.constant(0.0)
    for lane in range(v.lanes):
        x = v.load_scalar(v.offset("%time", v.extract_integer("%q", lane)))
        times = v.emit(f"insertelement {v.type} {times}, double {x}, i32 {lane}")
    s = w.normalised(w.sub(times, Pair(start, low)))
    due = v.compare("ole", s, h)
    v.line(f"br i1 {v.any(due)}, label %sample, label %group_end")
    v.begin("sample", jump=False)
    position = v.integer_op("add", row, v.integer_op("mul", "%q", v.integers(2 * d)))
    targets = []
    for lane in range(v.lanes):  # a lane without a sample due writes where nobody looks
        wanted = v.emit(f"extractelement {v.mask} {due}, i32 {lane}")
        target = v.offset("%out", v.extract_integer(position, lane))
        targets.append(v.emit(f"select i1 {wanted}, ptr {target}, ptr %unused"))
    with v.loop("components", 0, d) as i:
        value = jet.component(i, s, v, "%group")
        low_place = v.emit(f"add i64 {i}, {d}")
        for place, part in ((i, value), (low_place, value.low)):
            for lane in range(v.lanes):
                v.line(f"store double {v.extract(part, lane)}, ptr {v.offset(targets[lane], place)}, align 8")
    v.begin("written")
    advanced = v.integer_op("add", "%q", v.integers(1))
    v.line(f"%q_next = select {v.mask} {due}, {v.integer} {advanced}, {v.integer} %q")
    v.line("br label %pending")
    v.begin("group_end", jump=False)
    v.line(f"store {v.integer} %q, ptr {at(memory.next)}, align 8")
    v.line(f"%p_next = add i64 %p, {v.lanes}")
    v.line(f"%more_groups = icmp ult i64 %p_next, {memory.lanes}")
    v.line("br i1 %more_groups, label %groups, label %finish")
    v.begin("finish", jump=False)
    body = "\n".join(v.lines)
    arguments = "ptr noalias %w, ptr noalias %out, ptr noalias %time, i64 %samples"
    return f"define void @dense({arguments}) {{\nentry:\n{body}\nret void\n}}\n"

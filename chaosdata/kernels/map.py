"""Maps on vectors of lanes: many iterates a call, the state in registers all the while."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaosdata.equations.graph import Graph
from chaosdata.kernels.compile import load
from chaosdata.kernels.pointwise import evaluate
from chaosdata.kernels.vector import LANES, Value, Vector, declarations
from chaosdata.types import Status

OVERFLOW = 1e150
"""The size of a component beyond which a trajectory counts as escaped."""


@dataclass(frozen=True)
class MapKernel:
    """Machine code for one map.

    iterate(work, out, gaps, samples) : ``gaps[j]`` iterates (at least one), then sample j, for j from 1 on.
    Slots of the work array, each a vector of LANES doubles: ``state``, then
    count : iterates done, the same in all lanes; where a lane failed, how many it did.
    status : zero, or why the lane failed. row : where its output begins, an i64 in doubles.
    """

    iterate: int
    state: int
    count: int
    status: int
    row: int
    slots: int


def map_kernel(graph: Graph) -> MapKernel:
    """Compile (or fetch from the cache) the kernel of a map, whose outputs are the next state."""
    ir, kernel = map_module(graph)
    return replace(kernel, iterate=load(ir, ("iterate",))["iterate"])


def map_module(graph: Graph) -> tuple[str, MapKernel]:
    """The IR of the kernel, and the kernel without its address."""
    d = graph.dimension
    kernel = MapKernel(0, state=0, count=d, status=d + 1, row=d + 2, slots=d + 3)
    v = Vector()

    def at(slot: int) -> Value:
        return v.offset("%w", LANES * slot)

    start = [v.load(at(kernel.state + i)) for i in range(d)]
    started = v.emit(f"fptosi double {v.load_scalar(at(kernel.count))} to i64")
    healthy = v.compare("oeq", v.load(at(kernel.status)), v.constant(0.0))
    alive = v.mask_bits(healthy)
    rows = v.emit(f"load {v.integer}, ptr {at(kernel.row)}, align {8 * LANES}")
    outputs = [v.offset("%out", v.extract_integer(rows, lane)) for lane in range(LANES)]
    v.begin("first")

    v.begin("spans")
    v.phi("i64", [("1", "first"), ("%j_next", "sample")], "%j")
    v.phi("i64", [(alive, "first"), ("%alive_on", "sample")], "%alive_j")
    v.phi("i64", [(started, "first"), ("%count_on", "sample")], "%count_j")
    before = [v.phi(v.type, [(start[i], "first"), (f"%x{i}", "sample")]) for i in range(d)]
    gap = v.emit(f"fptosi double {v.load_scalar(v.offset('%gaps', '%j'))} to i64")
    stop = v.emit(f"add i64 %count_j, {gap}")

    v.begin("iterates")
    v.phi("i64", [("%alive_j", "spans"), ("%alive_on", "on")], "%alive")
    v.phi("i64", [("%count_j", "spans"), ("%count_on", "on")], "%count")
    x = [v.phi(v.type, [(before[i], "spans"), (f"%x{i}", "on")]) for i in range(d)]
    time = v.broadcast(v.emit("sitofp i64 %count to double"))
    new = evaluate(v, graph, x, time)[:d]
    bounded = _all(v, [v.compare("ole", v.abs(value), v.constant(OVERFLOW)) for value in new])
    bits = v.mask_bits(bounded)
    v.line(f"%left = and i64 %alive, {bits}")
    v.line("%all_well = icmp eq i64 %left, %alive")
    v.line("br i1 %all_well, label %on, label %failed")

    v.begin("failed", jump=False)
    lost = v.emit("xor i64 %alive, %left")
    mask = v.emit(f"bitcast i{LANES} {v.emit(f'trunc i64 {lost} to i{LANES}')} to {v.mask}")
    number = _all(v, [v.compare("ord", value, value) for value in new])
    escaped, undefined = (v.constant(float(s)) for s in (Status.OVERFLOW, Status.NOT_FINITE))
    why = v.select(number, escaped, undefined)
    v.store(v.select(mask, why, v.load(at(kernel.status))), at(kernel.status))
    v.store(v.select(mask, time, v.load(at(kernel.count))), at(kernel.count))
    nobody = v.emit("icmp eq i64 %left, 0")
    v.line(f"br i1 {nobody}, label %end, label %on")

    v.begin("on", jump=False)
    v.phi("i64", [("%alive", "iterates"), ("%left", "failed")], "%alive_on")
    for i in range(d):
        v.line(f"%x{i} = bitcast {v.type} {new[i]} to {v.type}")
    v.line("%count_on = add i64 %count, 1")
    more = v.emit(f"icmp slt i64 %count_on, {stop}")
    v.line(f"br i1 {more}, label %iterates, label %sample")

    v.begin("sample", jump=False)
    position = v.emit(f"mul i64 %j, {d}")
    for lane in range(LANES):
        target = v.offset(outputs[lane], position)
        for i in range(d):
            v.line(f"store double {v.extract(f'%x{i}', lane)}, ptr {v.offset(target, i)}, align 8")
    v.line("%j_next = add i64 %j, 1")
    unfinished = v.emit("icmp slt i64 %j_next, %samples")
    v.line(f"br i1 {unfinished}, label %spans, label %finish")

    v.begin("finish", jump=False)
    done = v.broadcast(v.emit("sitofp i64 %count_on to double"))
    healthy = v.compare("oeq", v.load(at(kernel.status)), v.constant(0.0))
    v.store(v.select(healthy, done, v.load(at(kernel.count))), at(kernel.count))
    v.begin("end")
    body = "\n".join(v.lines)
    arguments = "ptr noalias %w, ptr noalias %out, ptr noalias %gaps, i64 %samples"
    text = f"define void @iterate({arguments}) {{\nentry:\n{body}\nret void\n}}\n"
    return text + declarations(LANES), kernel


def _all(v: Vector, masks: list[Value]) -> Value:
    result = masks[0]
    for mask in masks[1:]:
        result = v.both(result, mask)
    return result

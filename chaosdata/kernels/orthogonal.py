"""The modified Gram-Schmidt process on tangent vectors.

Reference: Benettin, Galgani, Giorgilli, Strelcyn (1980). Lyapunov characteristic exponents for smooth
dynamical systems and for Hamiltonian systems; a method for computing all of them. Meccanica 15, 9-30.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaosdata.kernels import elementary
from chaosdata.kernels.saltation import VANISHED
from chaosdata.kernels.vector import LANES, Value, Vector


def orthonormalise_function(d: int, vectors: int, growth: int, step: int, *, can_vanish: bool) -> str:
    """``orthonormalise(work)``: in the lanes that took a step; lengths go to the sums of their logarithms.

    Where a lane waits for its neighbours nothing changes, so its bits do not depend on theirs. Where a flow
    folds a direction away, of whose vector only rounding is left, it becomes zero for good.
    """
    v = Vector()
    flag = v.compare("ogt", v.load(v.at("%w", step)), v.constant(0.0))
    with v.loop("vectors", 0, d) as j:
        own = row(v, j, d)
        given = load_row(v, own, vectors, d)
        x = reduced(v, d, j, {vectors: given})[vectors]
        length = v.sqrt(dot(v, x, x))
        inverse = v.div(v.constant(1.0), length)
        if can_vanish:
            zero = v.constant(0.0)
            gone = v.compare("olt", length, v.constant(VANISHED))
            length, inverse = v.select(gone, zero, length), v.select(gone, zero, inverse)
        for i in range(d):
            v.store(v.select(flag, v.mul(x[i], inverse), given[i]), v.at(own, vectors + i))
        total = v.at(row(v, j, 1), growth)
        old = v.load(total)
        v.store(v.select(flag, v.add(old, elementary.log(v, length)), old), total)
    return function("orthonormalise", v)


def reduced(
    v: Vector, d: int, j: Value, rows: dict[int, list[Value]], weight: int | None = None
) -> dict[int, list[Value]]:
    """Vector j of the first set less its parts along the earlier ones; other sets by the same combinations.

    ``rows`` holds the vector j of each set by the set's slot. At ``weight`` stand one over the squares of the
    earlier vectors, which have length 1 where it is None.
    """

    def subtract(k: Value, x: list[Value]) -> list[Value]:
        earlier = row(v, k, d)
        q = [y for slot in rows for y in load_row(v, earlier, slot, d)]
        along = dot(v, q[:d], x[:d])
        if weight is not None:
            along = v.mul(along, v.load(v.at(row(v, k, 1), weight)))
        minus = v.neg(along)
        return [v.fma(minus, y, old) for y, old in zip(q, x, strict=True)]

    left = v.fold(0, j, 1, [x for row in rows.values() for x in row], subtract)
    return {slot: left[n * d : (n + 1) * d] for n, slot in enumerate(rows)}


def row(v: Vector, j: Value, length: int) -> Value:
    """``%w`` moved by ``j`` rows of some slots."""
    return v.offset("%w", v.emit(f"mul i64 {j}, {length * LANES}"))


def load_row(v: Vector, pointer: Value, slot: int, count: int) -> list[Value]:
    """A run of slots, counted from ``pointer``."""
    return [v.load(v.at(pointer, slot + i)) for i in range(count)]


def dot(v: Vector, a: Sequence[Value], b: Sequence[Value]) -> Value:
    """The inner product, by several chains of additions: whoever takes it waits for the longest."""
    chains = max(1, min(4, len(a) // 2))
    totals = []
    for n in range(chains):
        total = v.mul(a[n], b[n])
        for x, y in zip(a[n + chains :: chains], b[n + chains :: chains], strict=True):
            total = v.fma(x, y, total)
        totals.append(total)
    total = totals[0]
    for other in totals[1:]:
        total = v.add(total, other)
    return total


def function(name: str, v: Vector) -> str:
    """``name(work)`` with the instructions of ``v``."""
    body = "\n".join(v.lines)
    return f"define internal void @{name}(ptr noalias %w) noinline {{\nentry:\n{body}\nret void\n}}\n"

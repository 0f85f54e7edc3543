"""Convolutions of pairs: the part that needs finished orders only, as two routines that all products share.

Each term takes a dozen instructions, so that code written out for every product would not fit the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chaosdata.kernels.blocks import BLOCK
from chaosdata.kernels.double_double import DoubleDouble, Pair
from chaosdata.kernels.vector import Value, Vector

_ARGUMENTS = "ptr %a, ptr %b, ptr noalias %sums, i64 %k0"


def sum_functions(lanes: int, distance: int) -> str:
    """``product_sums(a, b, sums, k0)`` and ``square_sums(a, b, sums, k0)``, b being a.

    They write ``sum_j a_j b_(k0+r-j)`` over indices ``1 <= j, k0+r-j < k0``, r = 0 .. BLOCK-1, to ``sums``:
    ``a`` points to order 0 of its sequence, ``b`` to order k0 of the other.
    """
    text = ""
    for name, emit in (("product_sums", _product), ("square_sums", _square)):
        w = DoubleDouble(Vector(lanes), distance)
        emit(w)
        body = "\n".join(w.lines)
        text += f"define internal void @{name}({_ARGUMENTS}) noinline {{\nentry:\n{body}\nret void\n}}\n"
    return text


def _product(w: DoubleDouble) -> None:
    sums = _corner(w)

    def four(j: Value, sums: list[Pair]) -> list[Pair]:
        return _band(w, j, BLOCK, sums)

    _store(w, _while_below(w, BLOCK, "%k0", BLOCK, sums, four))


def _square(w: DoubleDouble) -> None:
    """Each unordered pair once and the sum doubled, then the square in the middle."""
    sums = _corner(w)
    v = w.plain
    few, many = v.label("few"), v.label("many")
    first = v.emit(f"icmp eq i64 %k0, {BLOCK}")
    v.line(f"br i1 {first}, label %{few}, label %{many}")
    v.begin(few, jump=False)  # in the first block the corner is all, each pair taken twice
    _store(w, sums)
    v.line("ret void")
    v.begin(many, jump=False)
    half = v.emit("lshr i64 %k0, 1")

    def two(j: Value, sums: list[Pair]) -> list[Pair]:
        return _band(w, j, 2, sums)

    sums = _while_below(w, BLOCK, half, 2, sums, two)
    centre = v.offset("%a", v.emit(f"mul i64 {half}, {w.lanes}"))
    near = [w.load(w.at(centre, i)) for i in range(BLOCK)]
    for r in range(BLOCK):
        for i in range((r + 1) // 2):
            sums[r] = w.fma(near[i], near[r - i], sums[r])
        sums[r] = w.add(sums[r], sums[r])
        if r % 2 == 0:
            sums[r] = w.fma(near[r // 2], near[r // 2], sums[r])
    _store(w, sums)


def _corner(w: DoubleDouble) -> list[Pair]:
    """The terms with j below BLOCK."""
    low = [w.load(w.at("%a", j)) for j in range(1, BLOCK)]
    high = [w.load(w.at("%b", j)) for j in range(1 - BLOCK, 0)]
    sums = [Pair(w.constant(0.0), w.constant(0.0))] * BLOCK
    for j in range(1, BLOCK):
        for r in range(j):
            x, y = low[j - 1], high[r - j + BLOCK - 1]
            sums[r] = w.mul(x, y) if j == r + 1 else w.fma(x, y, sums[r])
    return sums


def _band(w: DoubleDouble, j: Value, count: int, sums: Iterable[Pair]) -> list[Pair]:
    """The terms of ``count`` indices from j on added to the sums."""
    v, total = w.plain, list(sums)
    doubles = v.emit(f"mul i64 {j}, {w.lanes}")
    up, down = v.offset("%a", doubles), v.offset("%b", v.emit(f"sub i64 0, {doubles}"))
    x = [w.load(w.at(up, i)) for i in range(count)]
    y = {i: w.load(w.at(down, i)) for i in range(1 - count, BLOCK)}
    for i in range(count):
        for r in range(BLOCK):
            total[r] = w.fma(x[i], y[r - i], total[r])
    return total


def _while_below(
    w: DoubleDouble,
    first: int,
    stop: Value,
    step: int,
    given: list[Pair],
    body: Callable[[Value, list[Pair]], list[Pair]],
) -> list[Pair]:
    """Pairs carried through ``for j in range(first, stop, step)``, which may be empty."""
    v = w.plain
    before, loop, done = v.label("before"), v.label("loop"), v.label("done")
    v.begin(before)
    some = v.emit(f"icmp ugt i64 {stop}, {first}")
    v.line(f"br i1 {some}, label %{loop}, label %{done}")
    v.begin(loop, jump=False)
    now, following = f"%j_{loop}", f"%j_next_{loop}"
    v.phi("i64", [(str(first), before), (following, loop)], now)
    top = len(v.lines)
    carried = [Pair(f"%high{i}_{loop}", f"%low{i}_{loop}") for i in range(len(given))]
    results = body(now, carried)
    v.lines[top:top] = [  # known only now, what comes back into the nodes at the top of the loop
        f"{node} = phi {v.type} [{start}, %{before}], [{back}, %{loop}]"
        for pair, start_pair, result in zip(carried, given, results, strict=True)
        for node, start, back in ((pair, start_pair, result), (pair.low, start_pair.low, result.low))
    ]
    v.line(f"{following} = add i64 {now}, {step}")
    v.line(f"br i1 {v.emit(f'icmp ult i64 {following}, {stop}')}, label %{loop}, label %{done}")
    v.begin(done, jump=False)
    return [
        Pair(
            v.phi(v.type, [(start, before), (result, loop)]),
            v.phi(v.type, [(start.low, before), (result.low, loop)]),
        )
        for start, result in zip(given, results, strict=True)
    ]


def _store(w: DoubleDouble, sums: list[Pair]) -> None:
    for r, total in enumerate(sums):
        w.store(total, w.at("%sums", r))

"""The finished part of a convolution: of a block of orders, the terms whose two indices are below ``k0``.

Where a graph has many products their sums are routines that all of them call: the copies would not fit into
the instruction cache, and take most of the time that it takes to compile the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from chaosdata.kernels.squares import square_sums
from chaosdata.kernels.vector import Value, Vector

MANY = 16
"""The number of products from which on they share routines: copies save 1 to 4 percent of the time."""

MANY_TANGENTS = 8
"""The same for tangent vectors, which have more products."""


class Newest(NamedTuple):
    """The first order of the block to which order ``k0`` of each factor contributes; BLOCK if none."""

    a: int
    b: int


class Pair(NamedTuple):
    """Pointers to two sequences, to order 0 of ``a`` and order ``k0`` of ``b``.

    newest : the first order of the block to which order ``k0`` of a contributes; BLOCK if none.
    """

    a: Value
    b: Value
    newest: int


class Routine(NamedTuple):
    """What a shared routine computes: for tangents, the sum of one product or of two.

    newest : of both factors, for tangents of the tangent factor of each product.
    """

    kind: Literal["product", "square", "tangent", "tangents"]
    newest: Newest = Newest(0, 0)

    @property
    def name(self) -> str:
        """The name of its function."""
        return f"@{self.kind}_{self.newest.a}_{self.newest.b}"


def product_sums(
    v: Vector, k0: Value, a: int, b: int, block: int, newest: Newest, newest_a: Value, first_b: Value
) -> list[Value]:
    """``sum_j a_j b_(k0+r-j)`` over indices ``1 <= j, k0+r-j < k0``, for r = 0 .. block-1.

    To the orders that ``newest`` tells come the terms with ``b_k0`` and with ``a_k0``. The sequences stand
    at the slots ``a`` and ``b`` of ``%w``; ``%wk`` is ``%w`` moved by ``k0`` orders. ``newest_a`` and
    ``first_b`` point to order k0 of a and order 0 of b.
    """
    # The first orders of a may lie in the band's corner: they are peeled off the loop.
    low = [v.load(v.at("%w", a + j)) for j in range(1, block)]
    high = [v.load(v.at("%wk", b + j)) for j in range(1 - block, 0)]
    total: list[Value] = [v.constant(0.0)] * block
    for j in range(1, block):
        for r in range(j):
            x, y = low[j - 1], high[r - j + block - 1]
            total[r] = v.mul(x, y) if j == r + 1 else v.fma(x, y, total[r])
    pair = Pair(v.at("%w", a), v.at("%wk", b), block)
    (sums,) = banded_sums(v, k0, [[pair]], block, [total])
    # Last what has only just been computed: the rest need not wait for it.
    for first, latest, others in (
        (newest.b, v.at("%wk", b), v.at("%w", a)),
        (newest.a, newest_a, first_b),
    ):
        x = v.load(latest)
        for r in range(first, block):
            sums[r] = v.fma(v.load(v.at(others, r)), x, sums[r])
    return sums


def banded_sums(
    v: Vector, k0: Value, sums: Sequence[Sequence[Pair]], first: int, given: Sequence[Sequence[Value]]
) -> list[list[Value]]:
    """``given[r] + sum_j a_j b_(k0+r-j)`` over ``first <= j < k0`` and pairs, r below the length of a block.

    One loop serves several such sums, and reads what they have in common once.
    """
    size = len(given[0])
    pairs = [pair for row in sums for pair in row]

    def band(j: Value, flat: list[Value]) -> list[Value]:
        doubles = v.emit(f"mul i64 {j}, {v.lanes}")
        back = v.emit(f"sub i64 0, {doubles}")
        up = {a: v.offset(a, doubles) for a in dict.fromkeys(pair.a for pair in pairs)}
        down = {b: v.offset(b, back) for b in dict.fromkeys(pair.b for pair in pairs)}
        x = {a: [v.load(v.at(pointer, i)) for i in range(size)] for a, pointer in up.items()}
        y = {b: [v.load(v.at(pointer, i)) for i in range(1 - size, size)] for b, pointer in down.items()}
        totals = _rows(flat, size)
        for row, total in zip(sums, totals, strict=True):
            for pair in row:
                for i in range(size):
                    for r in range(size):
                        total[r] = v.fma(x[pair.a][i], y[pair.b][r - i + size - 1], total[r])
        return [total for row in totals for total in row]

    return _rows(v.fold(first, k0, size, [total for row in given for total in row], band), size)


def _rows(flat: Sequence[Value], size: int) -> list[list[Value]]:
    return [list(flat[n : n + size]) for n in range(0, len(flat), size)]


def tangent_sums(v: Vector, k0: Value, sums: Sequence[Sequence[Pair]], block: int) -> list[list[Value]]:
    """``sum_j a_j b_(k0+r-j)`` over ``0 <= j < k0`` and the pairs of each sum, r = 0 .. block-1.

    Last come the terms with ``a_k0``, in the orders that each pair tells.
    """
    totals = banded_sums(v, k0, sums, 0, [[v.constant(0.0)] * block] * len(sums))
    doubles = v.emit(f"mul i64 {k0}, {v.lanes}")
    back = v.emit(f"sub i64 0, {doubles}")
    for total, pairs in zip(totals, sums, strict=True):
        for pair in pairs:
            if pair.newest == block:
                continue
            latest, first = v.load(v.offset(pair.a, doubles)), v.offset(pair.b, back)
            for r in range(pair.newest, block):
                total[r] = v.fma(v.load(v.at(first, r)), latest, total[r])
    return totals


def call(v: Vector, routine: Routine, pairs: Sequence[Pair], sums: Value, k0: Value) -> None:
    """Write the sums of the products of pairs to ``sums``."""
    pointers = ", ".join(f"ptr {pair.a}, ptr {pair.b}" for pair in pairs)
    v.line(f"call void {routine.name}({pointers}, ptr {sums}, i64 {k0})")


def routines(wanted: Iterable[Routine], lanes: int, block: int) -> str:
    """The functions that :func:`call` calls."""
    text = ""
    for routine in sorted(wanted):
        v = Vector(lanes)
        for r, total in enumerate(_sums(v, routine, block)):
            v.store(total, v.at("%sums", r))
        body = "\n".join(v.lines)
        pointers = "ptr %w, ptr %wk" + (", ptr %c, ptr %d" if routine.kind == "tangents" else "")
        arguments = f"{pointers}, ptr noalias %sums, i64 %k0"
        text += (
            f"define internal void {routine.name}({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"
        )
    return text


def _sums(v: Vector, routine: Routine, block: int) -> list[Value]:
    match routine.kind:
        case "tangent":
            return tangent_sums(v, "%k0", [[Pair("%w", "%wk", routine.newest.a)]], block)[0]
        case "tangents":
            pairs = [Pair("%w", "%wk", routine.newest.a), Pair("%c", "%d", routine.newest.b)]
            return tangent_sums(v, "%k0", [pairs], block)[0]
        case "square":
            return square_sums(v, "%k0", 0, block, routine.newest.a)
        case "product":
            doubles = v.emit(f"mul i64 %k0, {v.lanes}")
            newest_a = v.offset("%w", doubles)
            first_b = v.offset("%wk", v.emit(f"sub i64 0, {doubles}"))
            return product_sums(v, "%k0", 0, 0, block, routine.newest, newest_a, first_b)

"""The finished part of a convolution: of a block of orders, the terms whose two indices are below ``k0``.

Where a graph has many products their sums are routines that all of them call: the copies would not fit into
the instruction cache, and take most of the time that it takes to compile the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from chaosdata.kernels.squares import square_sums
from chaosdata.kernels.vector import Value, Vector

MANY = 8
"""The number of products from which on they share routines; a call takes about 1 percent of the time."""


class Newest(NamedTuple):
    """The first order of the block to which order ``k0`` of each factor contributes; BLOCK if none."""

    a: int
    b: int


class Routine(NamedTuple):
    """What a shared routine computes."""

    kind: Literal["product", "square", "tangent"]
    newest: Newest = Newest(0, 0)

    @property
    def name(self) -> str:
        """The name of its function."""
        return f"@{self.kind}_{self.newest.a}_{self.newest.b}"


TANGENT = Routine("tangent")


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
    sums = banded_sums(v, k0, "%w", a, b, block, total)
    # Last what has only just been computed: the rest need not wait for it.
    for first, latest, others in (
        (newest.b, v.at("%wk", b), v.at("%w", a)),
        (newest.a, newest_a, first_b),
    ):
        x = v.load(latest)
        for r in range(first, block):
            sums[r] = v.fma(v.load(v.at(others, r)), x, sums[r])
    return sums


def tangent_sums(v: Vector, k0: Value, base: Value, a: int, b: int, block: int) -> list[Value]:
    """``sum_j a_j b_(k0+r-j)`` over ``0 <= j < k0``, r = 0 .. block-1, of a sequence ``a`` of ``base``."""
    return banded_sums(v, k0, base, a, b, 0, [v.constant(0.0)] * block)


def banded_sums(
    v: Vector, k0: Value, base: Value, a: int, b: int, first: int, given: Sequence[Value]
) -> list[Value]:
    """``given[r] + sum_j a_j b_(k0+r-j)`` over ``first <= j < k0``, for each r below the length of a block.

    ``a`` is a slot counted from ``base``, ``b`` one of the work array.
    """
    size = len(given)
    entry, loop, done = v.label("entry"), v.label("loop"), v.label("done")
    v.begin(entry)
    enough = v.emit(f"icmp ugt i64 {k0}, {first}")
    v.line(f"br i1 {enough}, label %{loop}, label %{done}")
    v.begin(loop, jump=False)
    now, following = f"%j_{loop}", f"%j_next_{loop}"
    v.phi("i64", [(str(first), entry), (following, loop)], now)
    sums = [v.phi(v.type, [(given[r], entry), (f"%s{r}_{loop}", loop)]) for r in range(size)]
    doubles = v.emit(f"mul i64 {now}, {v.lanes}")
    up = v.offset(base, doubles)
    down = v.offset("%wk", v.emit(f"sub i64 0, {doubles}"))
    x = [v.load(v.at(up, a + i)) for i in range(size)]
    y = [v.load(v.at(down, b + i)) for i in range(1 - size, size)]
    for i in range(size):
        for r in range(size):
            name = f"%s{r}_{loop}" if i == size - 1 else None
            sums[r] = v.fma(x[i], y[r - i + size - 1], sums[r], name=name)
    v.line(f"{following} = add i64 {now}, {size}")
    more = v.emit(f"icmp ult i64 {following}, {k0}")
    v.line(f"br i1 {more}, label %{loop}, label %{done}")
    v.begin(done, jump=False)
    return [v.phi(v.type, [(given[r], entry), (sums[r], loop)]) for r in range(size)]


def call(v: Vector, routine: Routine, a: Value, b: Value, sums: Value, k0: Value) -> None:
    """Write the sums of the sequences at ``a`` and, moved by ``k0`` orders, at ``b`` to ``sums``."""
    v.line(f"call void {routine.name}(ptr {a}, ptr {b}, ptr {sums}, i64 {k0})")


def routines(wanted: Iterable[Routine], lanes: int, block: int) -> str:
    """The functions that :func:`call` calls."""
    text = ""
    for routine in sorted(wanted):
        v = Vector(lanes)
        for r, total in enumerate(_sums(v, routine, block)):
            v.store(total, v.at("%sums", r))
        body = "\n".join(v.lines)
        arguments = "ptr %w, ptr %wk, ptr noalias %sums, i64 %k0"
        text += (
            f"define internal void {routine.name}({arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"
        )
    return text


def _sums(v: Vector, routine: Routine, block: int) -> list[Value]:
    match routine.kind:
        case "tangent":
            return tangent_sums(v, "%k0", "%w", 0, 0, block)
        case "square":
            return square_sums(v, "%k0", 0, block, routine.newest.a)
        case "product":
            doubles = v.emit(f"mul i64 %k0, {v.lanes}")
            newest_a = v.offset("%w", doubles)
            first_b = v.offset("%wk", v.emit(f"sub i64 0, {doubles}"))
            return product_sums(v, "%k0", 0, 0, block, routine.newest, newest_a, first_b)

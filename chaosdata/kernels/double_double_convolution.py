"""Convolutions of pairs, as routines that all products share: written out for each they would fill the cache.

What the part with finished orders leaves of an order is such a routine only where there are many products:
the code of few fits, and has the newest coefficients in registers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeVar

from chaosdata.kernels.blocks import BLOCK, Index
from chaosdata.kernels.convolution import Term
from chaosdata.kernels.double_double import DoubleDouble, Pair
from chaosdata.kernels.double_double_sums import Magnitude, Sum, total
from chaosdata.kernels.vector import Value, Vector

_ARGUMENTS = "ptr %a, ptr %b, ptr noalias %sums, i64 %k0"


class _Accumulator(Protocol):
    """What collects products in registers, and can be carried through a loop."""

    @property
    def registers(self) -> list[Value]:
        """What it has collected."""

    def carried(self, registers: Sequence[Value]) -> Self:
        """The same in other registers."""

    def add_product(self, a: Value, b: Value) -> None:
        """Add ``a*b``."""


_A = TypeVar("_A", bound=_Accumulator)


class Remainders:
    """Routines for what the finished part leaves of an order, by the terms that this is."""

    def __init__(self, lanes: int, distance: int) -> None:
        self.lanes, self.distance = lanes, distance
        self._names: dict[tuple[bool, tuple[Term, ...]], str] = {}

    def call(
        self,
        w: DoubleDouble,
        terms: Sequence[Term],
        a: Sequence[Value],
        b: Sequence[Value],
        sum_: Value | None,
    ) -> Pair:
        """The sum of the terms, added to the pair at ``sum_``.

        a, b : pointers to order 0 of a sequence, and to its order k0.
        """
        name = self._names.setdefault((sum_ is not None, tuple(terms)), f"@terms{len(self._names)}")
        both = f"{{ {w.type}, {w.type} }}"
        pointers = ", ".join(f"ptr {pointer}" for pointer in (*a, *b, sum_ or "null"))
        pair = w.emit(f"call {both} {name}({pointers})")
        return Pair(*(w.emit(f"extractvalue {both} {pair}, {part}") for part in (0, 1)))

    def functions(self) -> str:
        """The routines that were called."""
        text = ""
        for (finished, terms), name in self._names.items():
            w = DoubleDouble(Vector(self.lanes), self.distance)

            def load(sequence: str, i: Index, w: DoubleDouble = w) -> Pair:
                return w.load(w.at(f"%{sequence}k" if i.moving else f"%{sequence}", i.number))

            factors = []
            for term in terms:
                x = load("a", term.a)
                factors.append((w.add(x, x) if term.twice else x, load("b", term.b)))
            result = total(w, w.load("%sum") if finished else None, factors)
            both = f"{{ {w.type}, {w.type} }}"
            pair = w.emit(f"insertvalue {both} poison, {w.type} {result}, 0")
            pair = w.emit(f"insertvalue {both} {pair}, {w.type} {result.low}, 1")
            body = "\n".join(w.lines)
            arguments = "ptr %a, ptr %ak, ptr %b, ptr %bk, ptr %sum"
            text += f"define internal {both} {name}({arguments}) noinline {{\n"
            text += f"entry:\n{body}\nret {both} {pair}\n}}\n"
        return text


def sum_functions(lanes: int, distance: int) -> str:
    """``product_sums(a, b, sums, k0)`` and ``square_sums(a, b, sums, k0)``, b being a.

    They write ``sum_j a_j b_(k0+r-j)`` over indices ``1 <= j, k0+r-j < k0``, r = 0 .. BLOCK-1, to ``sums``:
    ``a`` points to order 0 of its sequence, ``b`` to order k0 of the other.
    """
    text = ""
    for name in ("product_sums", "square_sums"):
        w = DoubleDouble(Vector(lanes), distance)
        v = w.plain
        if name == "square_sums":
            _leave_first_block(v)
        collect = _products if name == "product_sums" else _squares
        bounds = collect(v, [Magnitude(v) for _ in range(BLOCK)])
        for r, result in enumerate(collect(w, [Sum(w, bound.total) for bound in bounds])):
            w.store(result.result(), w.at("%sums", r))
        body = "\n".join(v.lines)
        text += f"define internal void @{name}({_ARGUMENTS}) noinline {{\nentry:\n{body}\nret void\n}}\n"
    return text


def _products(v: Vector, sums: Sequence[_A]) -> Sequence[_A]:
    low = [v.load(v.at("%a", j)) for j in range(1, BLOCK)]
    _add_corner(v, low, sums)
    return _while_below(v, "%k0", BLOCK, sums, lambda j, sums: _add_band(v, j, _loaded(v, j, BLOCK), sums))


def _leave_first_block(v: Vector) -> None:
    """There the corner is all, with each pair in both orders."""
    few, many = v.label("few"), v.label("many")
    v.line(f"br i1 {v.emit(f'icmp eq i64 %k0, {BLOCK}')}, label %{few}, label %{many}")
    v.begin(few, jump=False)
    v.line("call void @product_sums(ptr %a, ptr %b, ptr %sums, i64 %k0)")
    v.line("ret void")
    v.begin(many, jump=False)


def _squares(v: Vector, sums: Sequence[_A]) -> Sequence[_A]:
    """Each unordered pair once, one of the two doubled, and the squares in the middle."""

    def doubled(values: Sequence[Value]) -> list[Value]:
        return [v.add(x, x) for x in values]

    _add_corner(v, doubled([v.load(v.at("%a", j)) for j in range(1, BLOCK)]), sums)
    half = v.emit("lshr i64 %k0, 1")
    sums = _while_below(v, half, 2, sums, lambda j, sums: _add_band(v, j, doubled(_loaded(v, j, 2)), sums))
    near = _loaded(v, half, BLOCK)
    twice = doubled(near[: BLOCK // 2])
    for r in range(BLOCK):
        for i in range((r + 1) // 2):
            sums[r].add_product(twice[i], near[r - i])
        if r % 2 == 0:
            sums[r].add_product(near[r // 2], near[r // 2])
    return sums


def _loaded(v: Vector, j: Value, count: int) -> list[Value]:
    """The coefficients of ``a`` from order j on."""
    up = v.offset("%a", v.emit(f"mul i64 {j}, {v.lanes}"))
    return [v.load(v.at(up, i)) for i in range(count)]


def _add_corner(v: Vector, x: Sequence[Value], sums: Sequence[_A]) -> None:
    """Add the terms with j below BLOCK; ``x`` are the coefficients from order 1 on."""
    high = [v.load(v.at("%b", j)) for j in range(1 - BLOCK, 0)]
    for j in range(1, BLOCK):
        for r in range(j):
            sums[r].add_product(x[j - 1], high[r - j + BLOCK - 1])


def _add_band(v: Vector, j: Value, x: Sequence[Value], sums: Sequence[_A]) -> None:
    """Add the terms from index j on, as many as there are coefficients ``x``."""
    down = v.offset("%b", v.emit(f"mul i64 {j}, {-v.lanes}"))
    y = {i: v.load(v.at(down, i)) for i in range(1 - len(x), BLOCK)}
    for i in range(len(x)):
        for r in range(BLOCK):
            sums[r].add_product(x[i], y[r - i])


def _while_below(
    v: Vector, stop: Value, step: int, given: Sequence[_A], body: Callable[[Value, list[_A]], None]
) -> list[_A]:
    """What ``body`` collects in ``for j in range(BLOCK, stop, step)``, which may be empty."""

    def turn(j: Value, registers: list[Value]) -> list[Value]:
        sums = _carried(given, registers)
        body(j, sums)
        return [x for a in sums for x in a.registers]

    return _carried(given, v.fold(BLOCK, stop, step, [x for a in given for x in a.registers], turn))


def _carried(given: Sequence[_A], registers: Sequence[Value]) -> list[_A]:
    """The sums with other registers."""
    rest = iter(registers)
    return [a.carried([next(rest) for _ in a.registers]) for a in given]

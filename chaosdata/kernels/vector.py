"""Vectors of double lanes in LLVM's textual IR.

A :class:`Vector` emits the instructions of one function. Values are the names of SSA registers. Every
floating-point operation is written out and a fused multiply-add stands only where :meth:`Vector.fma` is
called, without fast-math flags, so that the bits of a result depend neither on the CPU nor on the number of
lanes nor on a lane's neighbours.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

Value = str

_SIGN = -(2**63)  # the highest bit

LANES = 8
"""Trajectories that one kernel call advances together."""

FloatPredicate = Literal["oeq", "ogt", "oge", "olt", "ole", "one", "ord", "uno", "ueq", "uge", "une"]
IntegerPredicate = Literal["eq", "ne", "ugt", "uge", "ult", "ule", "sgt", "sge", "slt", "sle"]
IntegerOperation = Literal["add", "sub", "mul", "and", "or", "xor", "shl", "lshr", "ashr"]


def double_literal(x: float) -> str:
    """The exact IR spelling of a double."""
    (bits,) = struct.unpack("<Q", struct.pack("<d", x))
    return f"0x{bits:016X}"


class Vector:
    """Emits instructions on vectors of ``lanes`` doubles.

    Views of other widths on the same function share its instructions: see :meth:`view`.
    """

    def __init__(self, lanes: int = LANES, *, parent: Vector | None = None) -> None:
        self.lanes = lanes
        self.lines: list[str] = parent.lines if parent else []
        self._root: Vector = parent._root if parent else self
        self._count = 0
        self.type = f"<{lanes} x double>"
        self.integer = f"<{lanes} x i64>"
        self.mask = f"<{lanes} x i1>"

    def view(self, lanes: int) -> Vector:
        """The same function, seen with another number of lanes."""
        return Vector(lanes, parent=self)

    # -- instructions and blocks

    def emit(self, instruction: str) -> Value:
        """Append an instruction; the register that holds its result."""
        self._root._count += 1
        name = f"%v{self._root._count}"
        self.lines.append(f"{name} = {instruction}")
        return name

    def line(self, text: str) -> None:
        """Append an instruction without a result, or a label."""
        self.lines.append(text)

    def label(self, stem: str) -> str:
        """A block name not used before."""
        self._root._count += 1
        return f"{stem}{self._root._count}"

    def begin(self, label: str, *, jump: bool = True) -> None:
        """Start the block ``label``, falling through into it when ``jump``."""
        if jump:
            self.line(f"br label %{label}")
        self.line(f"{label}:")

    def cut(self) -> None:
        """Start a new block: bounds the scope of LLVM's instruction scheduler, and so register pressure."""
        self.begin(self.label("block"))

    @contextmanager
    def loop(self, stem: str, first: int, stop: int | Value, step: int = 1) -> Iterator[Value]:
        """A loop over ``first, first + step, ...`` below ``stop``, at least once; yields its counter."""
        before, body, end, after = (
            self.label(f"{stem}_{part}_") for part in ("before", "body", "end", "after")
        )
        counter, following = f"%{body}_at", f"%{body}_next"
        self.begin(before)
        self.begin(body)
        self.phi("i64", [(str(first), before), (following, end)], counter)
        yield counter
        self.begin(end)
        self.line(f"{following} = add i64 {counter}, {step}")
        more = self.emit(f"icmp ult i64 {following}, {stop}")
        self.line(f"br i1 {more}, label %{body}, label %{after}")
        self.begin(after, jump=False)

    def fold(
        self,
        first: int,
        stop: Value,
        step: int,
        given: Sequence[Value],
        body: Callable[[Value, list[Value]], Sequence[Value]],
    ) -> list[Value]:
        """Vectors that ``body(counter, vectors)`` renews for ``first, first + step, ...`` below ``stop``.

        There may be none. The body must not begin a block of its own.
        """
        before, loop, after = self.label("before"), self.label("fold"), self.label("after")
        counter, following = f"%{loop}_at", f"%{loop}_next"
        self.begin(before)
        some = self.emit(f"icmp ugt i64 {stop}, {first}")
        self.line(f"br i1 {some}, label %{loop}, label %{after}")
        self.begin(loop, jump=False)
        self.phi("i64", [(str(first), before), (following, loop)], counter)
        top = len(self.lines)
        nodes = [f"%{loop}_{i}" for i in range(len(given))]
        renewed = body(counter, list(nodes))
        ways = [[(x, before), (y, loop)] for x, y in zip(given, renewed, strict=True)]
        self.lines[top:top] = [  # known only now, what comes back to the top of the loop
            f"{node} = phi {self.type} [{x}, %{before}], [{y}, %{loop}]"
            for node, ((x, _), (y, _)) in zip(nodes, ways, strict=True)
        ]
        self.line(f"{following} = add i64 {counter}, {step}")
        more = self.emit(f"icmp ult i64 {following}, {stop}")
        self.line(f"br i1 {more}, label %{loop}, label %{after}")
        self.begin(after, jump=False)
        return [self.phi(self.type, way) for way in ways]

    def phi(self, type_: str, incoming: Iterable[tuple[Value, str]], name: str | None = None) -> Value:
        """A phi node over (value, block) pairs."""
        text = f"phi {type_} " + ", ".join(f"[{value}, %{block}]" for value, block in incoming)
        if name is None:
            return self.emit(text)
        self.line(f"{name} = {text}")
        return name

    # -- constants and memory

    def constant(self, x: float) -> Value:
        """The constant ``x`` in every lane."""
        return "<" + ", ".join([f"double {double_literal(x)}"] * self.lanes) + ">"

    def integers(self, x: int) -> Value:
        """The 64-bit integer ``x`` in every lane."""
        return "<" + ", ".join([f"i64 {x}"] * self.lanes) + ">"

    def broadcast(self, scalar: Value) -> Value:
        """The double register ``scalar`` in every lane."""
        first = self.emit(f"insertelement {self.type} poison, double {scalar}, i32 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self.emit(f"shufflevector {self.type} {first}, {self.type} poison, {zeros}")

    def extract(self, vector: Value, lane: int) -> Value:
        """The double in one lane."""
        return self.emit(f"extractelement {self.type} {vector}, i32 {lane}")

    def offset(self, pointer: Value, doubles: int | Value) -> Value:
        """``pointer`` moved by a number of doubles."""
        return self.emit(f"getelementptr double, ptr {pointer}, i64 {doubles}")

    def at(self, pointer: Value, slot: int) -> Value:
        """``pointer`` moved by a number of vectors."""
        return self.offset(pointer, self.lanes * slot)

    def load(self, pointer: Value, *, align: int | None = None) -> Value:
        """The vector at ``pointer``."""
        return self.emit(f"load {self.type}, ptr {pointer}, align {align or 8 * self.lanes}")

    def store(self, value: Value, pointer: Value, *, align: int | None = None) -> None:
        """Write a vector to ``pointer``."""
        self.line(f"store {self.type} {value}, ptr {pointer}, align {align or 8 * self.lanes}")

    def shuffle(self, a: Value, b: Value, picks: Sequence[int]) -> Value:
        """Lane j takes lane ``picks[j]`` of ``a`` and ``b`` side by side."""
        order = ", ".join(f"i32 {pick}" for pick in picks)
        return self.emit(f"shufflevector {self.type} {a}, {self.type} {b}, <{len(picks)} x i32> <{order}>")

    def reread(self, pointer: Value) -> Value:
        """The same pointer, read anew: keeps LLVM from hoisting loads into registers that would spill."""
        return self.emit(f'call ptr asm sideeffect "", "=r,0"(ptr {pointer})')

    def load_scalar(self, pointer: Value) -> Value:
        """The double at ``pointer``."""
        return self.emit(f"load double, ptr {pointer}, align 8")

    # -- arithmetic

    def _binary(self, operation: str, a: Value, b: Value) -> Value:
        return self.emit(f"{operation} {self.type} {a}, {b}")

    def mul(self, a: Value, b: Value) -> Value:
        """``a*b``."""
        return self._binary("fmul", a, b)

    def add(self, a: Value, b: Value) -> Value:
        """``a + b``."""
        return self._binary("fadd", a, b)

    def sub(self, a: Value, b: Value) -> Value:
        """``a - b``."""
        return self._binary("fsub", a, b)

    def div(self, a: Value, b: Value) -> Value:
        """``a/b``."""
        return self._binary("fdiv", a, b)

    def neg(self, a: Value) -> Value:
        """``-a``."""
        return self.emit(f"fneg {self.type} {a}")

    def fma(self, a: Value, b: Value, c: Value, *, name: str | None = None) -> Value:
        """``a*b + c`` with one rounding; ``name`` is the register, where a phi node above refers to it."""
        t = self.type
        text = f"call {t} @llvm.fma.v{self.lanes}f64({t} {a}, {t} {b}, {t} {c})"
        if name is None:
            return self.emit(text)
        self.line(f"{name} = {text}")
        return name

    def _unary(self, intrinsic: str, a: Value) -> Value:
        return self.emit(f"call {self.type} @llvm.{intrinsic}.v{self.lanes}f64({self.type} {a})")

    def abs(self, a: Value) -> Value:
        """``|a|``."""
        return self._unary("fabs", a)

    def sqrt(self, a: Value) -> Value:
        """The square root, correctly rounded."""
        return self._unary("sqrt", a)

    def floor(self, a: Value) -> Value:
        """The largest integer not above ``a``."""
        return self._unary("floor", a)

    # -- comparison and choice

    def compare(self, predicate: FloatPredicate, a: Value, b: Value) -> Value:
        """The mask of lanes where the predicate holds."""
        return self.emit(f"fcmp {predicate} {self.type} {a}, {b}")

    def select(self, mask: Value, a: Value, b: Value) -> Value:
        """``a`` where the mask is set, ``b`` elsewhere."""
        return self.emit(f"select {self.mask} {mask}, {self.type} {a}, {self.type} {b}")

    def both(self, a: Value, b: Value) -> Value:
        """The intersection of two masks."""
        return self.emit(f"and {self.mask} {a}, {b}")

    def maximum(self, a: Value, b: Value) -> Value:
        """The larger; a NaN in ``a`` stays, a NaN in ``b`` is dropped."""
        return self.select(self.compare("olt", a, b), b, a)

    def minimum(self, a: Value, b: Value) -> Value:
        """The smaller; a NaN in ``a`` stays, a NaN in ``b`` is dropped."""
        return self.select(self.compare("ogt", a, b), b, a)

    def either(self, a: Value, b: Value) -> Value:
        """The union of two masks."""
        return self.emit(f"or {self.mask} {a}, {b}")

    def neither(self, a: Value, b: Value) -> Value:
        """The lanes outside both masks."""
        ones = "<" + ", ".join(["i1 true"] * self.lanes) + ">"
        return self.emit(f"xor {self.mask} {self.either(a, b)}, {ones}")

    def mask_bits(self, mask: Value) -> Value:
        """The mask as one i64, lane 0 lowest."""
        bits = self.emit(f"bitcast {self.mask} {mask} to i{self.lanes}")
        return self.emit(f"zext i{self.lanes} {bits} to i64")

    def any(self, mask: Value) -> Value:
        """One i1: whether some lane of the mask is set."""
        return self.emit(f"icmp ne i64 {self.mask_bits(mask)}, 0")

    # -- bits

    def bits(self, a: Value) -> Value:
        """The lanes' bit patterns as 64-bit integers."""
        return self.emit(f"bitcast {self.type} {a} to {self.integer}")

    def from_bits(self, a: Value) -> Value:
        """Doubles from their bit patterns."""
        return self.emit(f"bitcast {self.integer} {a} to {self.type}")

    def integer_op(self, operation: IntegerOperation, a: Value, b: Value) -> Value:
        """An operation on 64-bit integers."""
        return self.emit(f"{operation} {self.integer} {a}, {b}")

    def integer_compare(self, predicate: IntegerPredicate, a: Value, b: Value) -> Value:
        """The mask of lanes where the predicate holds."""
        return self.emit(f"icmp {predicate} {self.integer} {a}, {b}")

    def to_float(self, a: Value) -> Value:
        """Signed 64-bit integers to doubles."""
        return self.emit(f"sitofp {self.integer} {a} to {self.type}")

    def extract_integer(self, vector: Value, lane: int) -> Value:
        """The 64-bit integer in one lane."""
        return self.emit(f"extractelement {self.integer} {vector}, i32 {lane}")

    def with_sign(self, a: Value, b: Value) -> Value:
        """``a``, which must not be negative, with the sign of ``b``."""
        sign = self.integer_op("and", self.bits(b), self.integers(_SIGN))
        return self.from_bits(self.integer_op("or", self.bits(a), sign))

    # -- compensated sums

    def two_sum(self, a: Value, b: Value) -> tuple[Value, Value]:
        """``a + b`` and its rounding error."""
        s = self.add(a, b)
        t = self.sub(s, a)
        return s, self.add(self.sub(a, self.sub(s, t)), self.sub(b, t))

    def fast_two_sum(self, a: Value, b: Value) -> tuple[Value, Value]:
        """``a + b`` and its rounding error, for ``|a| >= |b|`` or ``a`` zero."""
        s = self.add(a, b)
        return s, self.add(self.sub(a, s), b)

    # -- polynomials

    def horner(self, coefficients: Sequence[Value], x: Value) -> Value:
        """The polynomial with ``coefficients`` (lowest first) by Horner's rule."""
        result = coefficients[-1]
        for c in reversed(coefficients[:-1]):
            result = self.fma(result, x, c)
        return result

    def polynomial(self, coefficients: Sequence[Value], x: Value, x2: Value) -> Value:
        """The same, even and odd powers apart: half the latency. ``x2`` is ``x*x``."""
        if len(coefficients) <= 3:
            return self.horner(coefficients, x)
        return self.fma(x, self.horner(coefficients[1::2], x2), self.horner(coefficients[0::2], x2))

    def taylor(self, coefficients: Sequence[Value], x: Value, x2: Value, x4: Value) -> Value:
        """The same for a Taylor polynomial: four chains of powers, and the first coefficient added last.

        The terms beyond it are small, so the sum is rounded once. ``x2`` and ``x4`` are powers of ``x``.
        """
        first, *rest = coefficients
        if len(rest) < 8:
            return self.fma(x, self.polynomial(rest, x, x2), first)
        part = [self.horner(rest[r::4], x4) for r in range(4)]
        low, high = self.fma(x2, part[2], part[0]), self.fma(x2, part[3], part[1])
        return self.fma(x, self.fma(x, high, low), first)


def declarations(*widths: int) -> str:
    """Declarations of the intrinsics that :class:`Vector` calls, for vectors of these widths."""
    text = []
    for lanes in sorted(set(widths)):
        t = f"<{lanes} x double>"
        for name, arguments in (("fma", 3), ("fabs", 1), ("floor", 1), ("sqrt", 1)):
            text.append(f"declare {t} @llvm.{name}.v{lanes}f64({', '.join([t] * arguments)})")
    text.append("declare i64 @llvm.ctpop.i64(i64)")
    return "\n".join(text) + "\n"

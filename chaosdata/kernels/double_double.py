"""Double-double arithmetic on vectors of lanes: numbers as unevaluated sums of two doubles, 106 bits in all.

:class:`DoubleDouble` has the interface of :class:`~chaosdata.kernels.vector.Vector`, so that code written for
vectors of doubles, such as the recurrences of a Taylor series, computes in double-double when it is handed
one. A :class:`Pair` is the register of its high part: whoever knows nothing of pairs reads the number rounded
to double.

References: Dekker (1971). A floating-point technique for extending the available precision. Numerische
Mathematik 18, 224-242. Joldes, Muller, Popescu (2017). Tight and rigorous error bounds for basic building
blocks of double-word arithmetic. ACM Transactions on Mathematical Software 44, 15res.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from chaosdata.kernels.vector import Value, Vector

BITS = 106
"""Of a pair whose parts do not overlap."""


class Pair(Value):
    """The register of a pair's high part; ``low`` is the register of the rest."""

    low: Value

    def __new__(cls, high: Value, low: Value) -> Pair:
        """The pair ``high + low``; sums may leave its parts overlapping by a few bits."""
        pair = super().__new__(cls, high)
        pair.low = low
        return pair


def low_part(a: Value) -> Value | None:
    """The low part of a pair; None for a plain double."""
    return a.low if isinstance(a, Pair) else None


def parts(x: Fraction) -> tuple[float, float]:
    """The two doubles nearest to a number."""
    high = float(x)
    return high, float(x - Fraction(high))


class DoubleDouble(Vector):
    """Emits double-double operations on the function of ``plain``, whose values count as exact doubles.

    distance : in memory, how many doubles after its high part the low part of a pair stands.
    """

    def __init__(self, plain: Vector, distance: int = 0) -> None:
        super().__init__(plain.lanes, parent=plain)
        self.plain, self.distance = plain, distance

    # -- constants and memory

    def number(self, x: Fraction) -> Pair:
        """A constant that is no double."""
        high, low = parts(x)
        return Pair(self.constant(high), self.constant(low))

    def load(self, pointer: Value, *, align: int | None = None) -> Pair:
        """The pair at ``pointer``."""
        low = self.offset(pointer, self.distance)
        return Pair(self.plain.load(pointer, align=align), self.plain.load(low, align=align))

    def store(self, value: Value, pointer: Value, *, align: int | None = None) -> None:
        """Write both parts."""
        self.plain.store(value, pointer, align=align)
        low = low_part(value) or self.constant(0.0)
        self.plain.store(low, self.offset(pointer, self.distance), align=align)

    # -- arithmetic

    def normalised(self, a: Value) -> Pair:
        """The same number, its low part at most half an ulp of the high part."""
        low = low_part(a)
        return Pair(a, self.constant(0.0)) if low is None else Pair(*self.plain.fast_two_sum(a, low))

    def add(self, a: Value, b: Value) -> Pair:
        """``a + b``; the error is small beside the larger operand."""
        v = self.plain
        low = [part for part in (low_part(a), low_part(b)) if part is not None]
        if a is b:
            return Pair(v.add(a, a), v.add(low[0], low[0]) if low else v.constant(0.0))
        total = Pair(*v.two_sum(a, b))
        if low:
            rest = v.add(low[0], low[1]) if len(low) == 2 else low[0]
            return Pair(total, v.add(total.low, rest))
        return total

    def sub(self, a: Value, b: Value) -> Pair:
        """``a - b``."""
        return self.add(a, self.neg(b))

    def neg(self, a: Value) -> Value:
        """``-a``."""
        low = low_part(a)
        minus = self.plain.neg(a)
        return minus if low is None else Pair(minus, self.plain.neg(low))

    def mul(self, a: Value, b: Value) -> Pair:
        """``a*b``, without the product of the low parts."""
        v = self.plain
        product = v.mul(a, b)
        rest = v.fma(a, b, v.neg(product))
        if (low := low_part(b)) is not None:
            rest = v.fma(a, low, rest)
        if (low := low_part(a)) is not None:
            rest = v.fma(low, b, rest)
        return Pair(product, rest)

    def fma(self, a: Value, b: Value, c: Value, *, name: str | None = None) -> Pair:
        """``a*b + c``; it has no ``name``, being two registers."""
        if name is not None:
            raise ValueError("a pair has no single register to name")
        return self.add(self.mul(a, b), c)

    def div(self, a: Value, b: Value) -> Pair:
        """``a/b``: the quotient of the high parts and one correction."""
        v = self.plain
        quotient = v.div(a, b)
        minus = v.neg(quotient)
        rest = v.fma(minus, b, a)
        if (low := low_part(b)) is not None:
            rest = v.fma(minus, low, rest)
        if (low := low_part(a)) is not None:
            rest = v.add(rest, low)
        return self.normalised(Pair(quotient, v.div(rest, b)))

    def sqrt(self, a: Value) -> Pair:
        """The square root: that of the high part and one correction; exact at zero."""
        v = self.plain
        root = v.sqrt(a)
        rest = v.fma(v.neg(root), root, a)
        if (low := low_part(a)) is not None:
            rest = v.add(rest, low)
        zero = v.constant(0.0)
        correction = v.div(rest, v.add(root, root))
        correction = v.select(v.compare("oeq", root, zero), zero, correction)
        return self.normalised(Pair(root, correction))

    def scaled(self, a: Pair, power_of_two: Value) -> Pair:
        """``a`` times a plain power of two, exactly."""
        return Pair(self.plain.mul(a, power_of_two), self.plain.mul(a.low, power_of_two))

    def select(self, mask: Value, a: Value, b: Value) -> Pair:
        """``a`` where the mask is set, ``b`` elsewhere."""
        v, zero = self.plain, self.constant(0.0)
        low = v.select(mask, low_part(a) or zero, low_part(b) or zero)
        return Pair(v.select(mask, a, b), low)

    def horner(self, coefficients: Sequence[Value], x: Value) -> Pair:
        """The polynomial with ``coefficients`` (lowest first); the pairs among them must come first.

        From the first plain coefficient on the sum is formed in double: to be given where the powers of ``x``
        are so small that this costs nothing.
        """
        pairs = sum(isinstance(c, Pair) for c in coefficients)
        if pairs == len(coefficients):
            total, rest = coefficients[-1], coefficients[:-1]
        else:
            total, rest = self.plain.horner(coefficients[pairs:], x), coefficients[:pairs]
        for c in reversed(rest):
            total = self.fma(total, x, c)
        return self.normalised(total)

"""Sums of products of pairs: six instructions a term where additions of pairs would take twelve."""

from __future__ import annotations

from collections.abc import Sequence

from chaosdata.kernels.double_double import DoubleDouble, Pair, low_part
from chaosdata.kernels.vector import Value, Vector

_BIAS = 2.0 + 2.0**-20  # times the bound, which is rounded itself


class Magnitude:
    """A sum of magnitudes in double: the bound that a :class:`Sum` asks for."""

    def __init__(self, v: Vector, total: Value | None = None) -> None:
        self.v, self.total = v, total or v.constant(0.0)

    @property
    def registers(self) -> list[Value]:
        """The sum."""
        return [self.total]

    def carried(self, registers: Sequence[Value]) -> Magnitude:
        """The same in another register."""
        return Magnitude(self.v, registers[0])

    def add_product(self, a: Value, b: Value) -> None:
        """Add ``|a*b|``."""
        self.total = self.v.fma(self.v.abs(a), self.v.abs(b), self.total)


class Sum:
    """A sum of pairs and their products, right to about 2^-104 of ``bound``, the sum of all magnitudes.

    It starts with twice that bound and so stays above every term: the difference of two partial sums is exact
    then, and what an addition lost is one multiply-add away (Dekker's fast two-sum).
    """

    def __init__(self, w: DoubleDouble, bound: Value) -> None:
        self.w, v = w, w.plain
        self.bias = v.mul(v.constant(_BIAS), bound)
        zero = v.constant(0.0)
        self.high, self.lost, self.left, self.right = self.bias, zero, zero, zero

    @property
    def registers(self) -> list[Value]:
        """The biased sum of the high parts; what it lost; the products with low parts."""
        return [self.high, self.lost, self.left, self.right]

    def carried(self, registers: Sequence[Value]) -> Sum:
        """The same sum in other registers."""
        other = Sum.__new__(Sum)
        other.w, other.bias = self.w, self.bias
        other.high, other.lost, other.left, other.right = registers
        return other

    def add(self, a: Value) -> None:
        """Add a number, which counts in the bound."""
        v = self.w.plain
        high = v.add(self.high, a)
        self.lost = v.add(self.lost, v.sub(a, v.sub(high, self.high)))
        self.high = high
        if (low := low_part(a)) is not None:
            self.left = v.add(self.left, low)

    def add_product(self, a: Value, b: Value) -> None:
        """Add ``a*b``, without the product of the low parts."""
        v = self.w.plain
        high = v.fma(a, b, self.high)
        self.lost = v.add(self.lost, v.fma(a, b, v.sub(self.high, high)))
        self.high = high
        if (low := low_part(b)) is not None:
            self.left = v.fma(a, low, self.left)
        if (low := low_part(a)) is not None:
            self.right = v.fma(low, b, self.right)

    def add_small(self, a: Value, b: Value) -> None:
        """Add the product of two doubles, right to 2^-53 of itself."""
        self.lost = self.w.plain.fma(a, b, self.lost)

    def result(self) -> Pair:
        """The sum; its parts may overlap."""
        v = self.w.plain
        return Pair(v.sub(self.high, self.bias), v.add(self.lost, v.add(self.left, self.right)))


def total(w: DoubleDouble, first: Value | None, factors: Sequence[tuple[Value, Value]]) -> Pair:
    """The sum of products, added to ``first``."""
    if first is None and len(factors) == 1:
        return w.mul(*factors[0])
    bound = Magnitude(w.plain, first and w.plain.abs(first))
    for x, y in factors:
        bound.add_product(x, y)
    result = Sum(w, bound.total)
    if first is not None:
        result.add(first)
    for x, y in factors:
        result.add_product(x, y)
    return result.result()

"""The functions with kinks and jumps as SymPy expressions that stay what they are.

SymPy's own ``Abs``, ``Max`` and ``Piecewise`` rewrite themselves and each other, and differentiate to forms
in real and imaginary parts. These keep their arguments, fold numbers, and differentiate branch by branch: at
a kink the derivative is that of one of its sides, and a jump does not show in it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from chaosdata.errors import DeclarationError


class Piecewise(sp.Expr):  # type: ignore[misc]
    """A function that is smooth between its kinks and jumps; ``operation`` is its kind in the graph."""

    operation: str

    def __new__(cls, *arguments: Any) -> Any:
        """The expression, or what it is already known to be."""
        known = tuple(sp.sympify(argument) for argument in arguments)
        folded = cls.folded(*known)
        return sp.Expr.__new__(cls, *known) if folded is None else folded

    @classmethod
    def folded(cls, *arguments: Any) -> Any:
        """A simpler expression of the same value, or None where there is none, as here."""
        return None


class Absolute(Piecewise):
    """Absolute value."""

    operation = "abs"

    @classmethod
    def folded(cls, a: Any) -> Any:
        """The absolute value of a number."""
        return sp.Abs(a) if a.is_number else None

    def _eval_derivative(self, symbol: Any) -> Any:
        return Sign(self.args[0]) * self.args[0].diff(symbol)


class Sign(Piecewise):
    """-1, 0 or 1."""

    operation = "sign"

    @classmethod
    def folded(cls, a: Any) -> Any:
        """The sign of a number."""
        return sp.sign(a) if a.is_number else None

    def _eval_derivative(self, _: Any) -> Any:
        return sp.S.Zero


class Floor(Piecewise):
    """The largest integer that is not above the argument."""

    operation = "floor"

    @classmethod
    def folded(cls, a: Any) -> Any:
        """The floor of a number."""
        return sp.floor(a) if a.is_number else None

    def _eval_derivative(self, _: Any) -> Any:
        return sp.S.Zero


class Minimum(Piecewise):
    """The smaller of two."""

    operation = "minimum"

    @classmethod
    def folded(cls, a: Any, b: Any) -> Any:
        """The smaller of two numbers."""
        if a == b:
            return a
        return sp.Min(a, b) if a.is_number and b.is_number else None

    def _eval_derivative(self, symbol: Any) -> Any:
        a, b = self.args
        return Where(b - a, a.diff(symbol), b.diff(symbol))


class Maximum(Piecewise):
    """The larger of two."""

    operation = "maximum"

    @classmethod
    def folded(cls, a: Any, b: Any) -> Any:
        """The larger of two numbers."""
        if a == b:
            return a
        return sp.Max(a, b) if a.is_number and b.is_number else None

    def _eval_derivative(self, symbol: Any) -> Any:
        a, b = self.args
        return Where(a - b, a.diff(symbol), b.diff(symbol))


class Where(Piecewise):
    """Its second argument where the first is positive, its third elsewhere."""

    operation = "where"

    @classmethod
    def folded(cls, c: Any, a: Any, b: Any) -> Any:
        """The branch that is known to be taken."""
        if a == b:
            return a
        if c.is_number:
            return a if c > 0 else b
        return None

    def _eval_derivative(self, symbol: Any) -> Any:
        c, a, b = self.args
        return Where(c, a.diff(symbol), b.diff(symbol))


_FUNCTIONS = {kind.operation: kind for kind in (Absolute, Sign, Floor, Minimum, Maximum)}


def apply(name: str, *arguments: Any) -> Any:
    """A function of :mod:`chaosdata.equations.functions` on SymPy expressions."""
    if name == "heaviside":
        return Where(*arguments, 1, 0)
    return (_FUNCTIONS.get(name) or getattr(sp, name))(*arguments)


def where(condition: Any, a: Any, b: Any) -> Any:
    """``a`` where the comparison ``condition`` holds, ``b`` elsewhere."""
    if condition in (sp.true, sp.false):
        return a if condition else b
    if not isinstance(condition, sp.StrictGreaterThan | sp.StrictLessThan | sp.GreaterThan | sp.LessThan):
        raise DeclarationError(f"where takes a comparison first, as in where(x > 0, a, b), not {condition}")
    # `left >= right` fails exactly where `right > left` holds.
    if isinstance(condition, sp.StrictGreaterThan | sp.StrictLessThan):
        return Where(condition.gts - condition.lts, a, b)
    return Where(condition.lts - condition.gts, b, a)

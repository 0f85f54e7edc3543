"""SymPy expressions in a normal form: sums of products of atoms, with numbers for all coefficients.

An atom is a component, the time, a function of a sum, or a sum that stands as a factor (kept as it was
written, not multiplied out). Equal atoms, and sums that differ by a factor only, are one atom, to be computed
once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from chaosdata.equations.graph import Operand
from chaosdata.equations.products import ONE, Monomial, Plan, monomial, times
from chaosdata.equations.symbolic import Piecewise
from chaosdata.equations.written import SMOOTH, SUPPORTED
from chaosdata.errors import DeclarationError


@dataclass(frozen=True)
class Sum:
    """``constant`` + the sum of coefficient * product over ``terms``, which are sorted and without zeros."""

    constant: float
    terms: tuple[tuple[Monomial, float], ...] = ()

    def scaled(self, factor: float) -> Sum:
        """The sum times a number."""
        return _sum(self.constant * factor, ((m, c * factor) for m, c in self.terms))


@dataclass(frozen=True)
class Atom:
    """A component or the time (``operand``), a ``"sum"``, or the function ``kind`` of ``arguments``."""

    kind: str
    operand: Operand | None = None
    arguments: tuple[Sum, ...] = ()
    exponent: float = 0.0


class NormalForm:
    """Reads expressions.

    ``atoms[i]`` is the atom that the number ``i`` stands for in a product; ``rewritten`` holds sums that are
    cheaper in another form.
    """

    def __init__(self, operands: Mapping[Any, Operand]) -> None:
        self.atoms: list[Atom] = []
        self.rewritten: dict[Sum, Sum] = {}
        self._numbers: dict[Atom, int] = {}
        self._factors: dict[Any, tuple[int, float]] = {}
        self._known = {
            symbol: self._atom(operand.kind, operand=operand) for symbol, operand in operands.items()
        }

    def read(self, expression: Any) -> Sum:
        """The normal form of a SymPy expression (or a number)."""
        expression = sp.sympify(expression)
        if expression not in self._known:
            self._known[expression] = self._read(expression)
        return self._known[expression]

    def products(self, sums: Iterable[Sum]) -> list[Monomial]:
        """Every product that the sums need, directly or inside their atoms; each once."""
        return list(dict.fromkeys(product for total in self._reachable(sums) for product, _ in total.terms))

    def resolve(self, total: Sum) -> Sum:
        """The form in which a sum is to be computed."""
        return self.rewritten.get(total, total)

    def factor_out(self, sums: Sequence[Sum]) -> None:
        """Put common factors outside parentheses, x*y + x*z -> x*(y + z), while that saves operations."""
        cost = Plan(self.products(sums)).cost
        pending = self._factorings(sums)
        while pending:
            total, factored = pending.pop(0)
            self.rewritten[total] = factored
            other = Plan(self.products(sums)).cost
            if other < cost:
                cost, pending = other, self._factorings(sums)
            else:
                del self.rewritten[total]

    def _factorings(self, sums: Iterable[Sum]) -> list[tuple[Sum, Sum]]:
        """Pairs of a sum and an equal one in which an atom stands outside parentheses."""
        found = []
        for total in self._reachable(sums):
            holders: dict[int, list[tuple[Monomial, float]]] = {}
            for product, coefficient in total.terms:
                for atom, exponent in product:
                    if exponent > 0 and sum(abs(e) for _, e in product) > 1:
                        holders.setdefault(atom, []).append((product, coefficient))
            for atom, terms in sorted(holders.items()):
                # A sum that turns out to be a number is left alone: what reads it needs a result.
                if len(terms) > 1 and (factored := self._factored(total, atom, terms)).terms:
                    found.append((total, factored))
        return found

    def _factored(self, total: Sum, atom: int, terms: list[tuple[Monomial, float]]) -> Sum:
        inner: list[Sum] = []
        for product, coefficient in terms:
            rest = times(product, ((atom, -1),))
            whole = len(rest) == 1 and rest[0][1] == 1 and self.atoms[rest[0][0]].kind == "sum"
            inner.append(self.atoms[rest[0][0]].arguments[0] if whole else Sum(0.0, ((rest, 1.0),)))
            inner[-1] = inner[-1].scaled(coefficient)
        outside = Sum(0.0, ((((atom, 1),), 1.0),))
        others = Sum(total.constant, tuple(term for term in total.terms if term not in terms))
        return _total((others, self._multiply((outside, _total(inner)))))

    def _reachable(self, sums: Iterable[Sum]) -> list[Sum]:
        """The sums, in the form in which they are computed, and those inside their atoms; each once."""
        visited: dict[Sum, None] = {}
        pending = [self.resolve(total) for total in sums]
        while pending:
            total = pending.pop()
            if total not in visited:
                visited[total] = None
                atoms = [self.atoms[index] for product, _ in total.terms for index, _ in product]
                pending += [self.resolve(argument) for atom in atoms for argument in atom.arguments]
        return list(visited)

    def _read(self, expression: Any) -> Sum:
        if expression.is_number:
            return Sum(_number(expression))
        if expression.is_Add:
            return _total(self.read(term) for term in expression.args)
        if expression.is_Mul:
            return self._multiply(self.read(factor) for factor in expression.args)
        if expression.is_Pow:
            return self._power(*expression.args)
        if isinstance(expression, Piecewise):
            return self._piecewise(expression.operation, *(self.read(part) for part in expression.args))
        name = type(expression).__name__
        if name not in SMOOTH:
            what = f"the symbol {expression}" if expression.is_Symbol else f"{name}(...)"
            raise DeclarationError(
                f"{what} cannot be compiled; supported are + - * / ** and {', '.join(SUPPORTED)}"
            )
        if name == "acos":
            # (1 - a)(1 + a) keeps its digits near the ends of the interval, where 1 - a**2 loses them.
            a = expression.args[0]
            return self._atom("atan2", self.read(sp.sqrt((1 - a) * (1 + a))), self.read(a))
        return self._atom(name, *(self.read(argument) for argument in expression.args))

    def _piecewise(self, kind: str, *arguments: Sum) -> Sum:
        """The function, or what is left of it once sums have turned out to be numbers or equal."""
        branches = arguments[1:] if kind == "where" else arguments
        if len(branches) == 2 and branches[0] == branches[1]:
            return branches[0]
        if kind == "where" and not arguments[0].terms:
            return branches[0] if arguments[0].constant > 0 else branches[1]
        if kind != "where" and not any(argument.terms for argument in arguments):
            return Sum(float(getattr(np, kind)(*(argument.constant for argument in arguments))))
        return self._atom(kind, *arguments)

    def _power(self, base: Any, exponent: Any) -> Sum:
        if not exponent.is_number:
            logarithm = self._log(base)
            return self._atom("exp", self._multiply((self.read(exponent), logarithm)))
        value = _number(exponent)
        inner = self.read(base)
        if value == int(value):
            n = int(value)
            product, factor = self._factor(inner)
            return _sum(0.0, [(monomial({atom: e * n for atom, e in product}), _integer_power(factor, n))])
        if abs(value) == 0.5:
            return self._atom("sqrt", inner, power=1 if value > 0 else -1)
        return self._atom("power", inner, exponent=value)

    def _log(self, base: Any) -> Sum:
        return Sum(_number(sp.log(base))) if base.is_number else self._atom("log", self.read(base))

    def _multiply(self, factors: Iterable[Sum]) -> Sum:
        coefficient, product = 1.0, ONE
        sums = []
        for total in factors:
            if total.terms:
                sums.append(total)
            else:
                coefficient *= total.constant
        if len(sums) == 1:
            return sums[0].scaled(coefficient)
        for total in sums:
            part, factor = self._factor(total)
            coefficient *= factor
            product = times(product, part)
        return _sum(0.0, [(product, coefficient)])

    def _factor(self, total: Sum) -> tuple[Monomial, float]:
        """The sum as a product of atoms times a number."""
        if total.constant == 0.0 and len(total.terms) == 1:
            return total.terms[0]
        lead = total.terms[0][1]
        shape = (total.constant / lead, tuple((product, c / lead) for product, c in total.terms))
        if shape not in self._factors:
            self._factors[shape] = self._index(Atom("sum", arguments=(total,))), lead
        index, stored = self._factors[shape]
        return ((index, 1),), lead / stored

    def _atom(self, kind: str, *arguments: Sum, power: int = 1, **fields: Any) -> Sum:
        return Sum(0.0, ((((self._index(Atom(kind, arguments=arguments, **fields)), power),), 1.0),))

    def _index(self, atom: Atom) -> int:
        if atom not in self._numbers:
            self._numbers[atom] = len(self.atoms)
            self.atoms.append(atom)
        return self._numbers[atom]


def _sum(constant: float, terms: Iterable[tuple[Monomial, float]]) -> Sum:
    """A Sum with like terms collected."""
    collected: dict[Monomial, float] = {}
    for product, coefficient in terms:
        if product == ONE:
            constant += coefficient
        else:
            collected[product] = collected.get(product, 0.0) + coefficient
    return Sum(constant, tuple(sorted((m, c) for m, c in collected.items() if c != 0.0)))


def _total(sums: Iterable[Sum]) -> Sum:
    listed = list(sums)
    constant = math.fsum(total.constant for total in listed)
    return _sum(constant, (term for total in listed for term in total.terms))


def _number(expression: Any) -> float:
    """A number as a float: by SymPy's own arithmetic, whose bits are the same on every processor."""
    value = sp.N(expression, 17)
    if not (value.is_real and value.is_finite and math.isfinite(float(value))):
        raise DeclarationError(f"{expression} is not a finite real number")
    return float(value)


def _integer_power(base: float, n: int) -> float:
    """By multiplication: the C library's pow may differ in the last bit from one processor to the next."""
    power = 1.0
    for _ in range(abs(n)):
        power *= base
    return power if n >= 0 else 1.0 / power

"""Which terms of a convolution are due when: products of Taylor series, a block of orders at a time.

When a block begins, every sequence is finished below its first order ``k0``. Those that need no product of
the same order, such as the state and its sums, are *ahead*: order ``k0`` of them is finished too, as are the
later ones when their turn comes. What pairs finished coefficients is left to one banded product
(:mod:`~chaosdata.kernels.finished`), what remains is taken order by order. The last order but one of a block
also takes terms of the last one, whose coefficients it has at hand.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chaosdata.equations.graph import Graph, Operand, Operation
from chaosdata.kernels.blocks import BLOCK, Index, Key, key_of, scaled
from chaosdata.kernels.finished import Newest


@dataclass(frozen=True)
class Product:
    """The convolution ``sum_j a_j b_(k-j)``, without the terms in ``a_0`` or ``b_0`` where it says so."""

    out: Key
    a: Key
    b: Key
    skip_a0: bool = False
    skip_b0: bool = False

    @property
    def square(self) -> bool:
        """Whether each unordered pair is taken once, twice its value."""
        return self.a == self.b


class Term(NamedTuple):
    """One term of a convolution."""

    a: Index
    b: Index
    twice: bool = False


def products(graph: Graph) -> Iterator[Product]:
    """The convolutions behind the operations; :class:`~chaosdata.kernels.series.Jet` has the recurrences."""
    for n, operation in enumerate(graph.operations):
        yield from _products_of(n, operation)


def _products_of(n: int, operation: Operation) -> list[Product]:
    u, p, q = ("u", n), ("p", n), ("q", n)
    a = key_of(operation.operands[0])
    match operation.kind:
        case "multiply":
            return [Product(p, a, key_of(operation.operands[1]))]
        case "square":
            return [Product(p, a, a)]
        case "divide":
            return [Product(p, key_of(operation.operands[1]), u, skip_a0=True)]
        case "sqrt":
            return [Product(p, u, u, skip_a0=True, skip_b0=True)]
        case "exp":
            return [Product(p, scaled(a), u, skip_a0=True)]
        case "sin" | "cos" | "sinh" | "cosh":
            return [Product(p, scaled(a), ("u", operation.partner), skip_a0=True)]
        case "log":
            return [Product(p, scaled(u), a, skip_a0=True, skip_b0=True)]
        case "tan" | "tanh":
            return [Product(p, scaled(a), ("w", n), skip_a0=True), Product(q, u, u)]
        case "atan":
            return [Product(p, scaled(u), ("w", n), skip_a0=True, skip_b0=True), Product(q, a, a)]
        case "power":
            return [
                Product(p, scaled(a), u, skip_a0=True),
                Product(q, a, scaled(u), skip_a0=True, skip_b0=True),
            ]
    return []


def degrees(graph: Graph) -> dict[Key, int]:
    """The sequences that end after order 1: time, components of constant speed, and sums of them."""
    found: dict[Key, int] = {("t", 0): 1}
    for i, output in enumerate(graph.outputs[: graph.dimension]):
        if output.kind == "constant":
            found["x", i] = 1
    for n, operation in enumerate(graph.operations):
        known = [o.kind == "constant" or key_of(o) in found for o in operation.operands]
        if operation.kind == "linear" and all(known):
            found["u", n] = 1
    return found | {(f"k {kind}", i): degree for (kind, i), degree in found.items()}


def sums_ahead(graph: Graph, kept: Container[Key]) -> list[int]:
    """Of the sequences kept in memory, the linear operations on states, time and each other."""
    found: list[int] = []

    def ahead(o: Operand) -> bool:
        return o.kind in ("state", "time", "constant") or (o.kind == "result" and o.index in found)

    for n, operation in enumerate(graph.operations):
        if operation.kind == "linear" and ("u", n) in kept and all(map(ahead, operation.operands)):
            found.append(n)
    return found


def first_terms(product: Product, k: int) -> list[Term]:
    """All terms of an order below BLOCK, those with the newest coefficients last."""
    terms = []
    for j in range(k + 1):
        if (product.skip_a0 and j == 0) or (product.skip_b0 and j == k):
            continue
        if not product.square:
            terms.append(Term(Index(j), Index(k - j)))
        elif 2 * j <= k:
            terms.append(Term(Index(j), Index(k - j), 2 * j != k))
    return sorted(terms, key=lambda term: max(term.a.number, term.b.number))


def short_terms(product: Product, index: Index, degree: Mapping[Key, int]) -> list[Term]:
    """The terms of a product with a factor that ends early, at an order of a later block."""
    terms = []
    if product.a in degree:
        first = 1 if product.skip_a0 else 0
        terms = [Term(Index(j), index + -j) for j in range(first, degree[product.a] + 1)]
    elif product.b in degree:
        first = 1 if product.skip_b0 else 0
        terms = [Term(index + -j, Index(j)) for j in range(first, degree[product.b] + 1)]
    return terms[::-1]


def open_terms(product: Product, r: int, a_ahead: bool, b_ahead: bool) -> list[Term]:
    """The terms of order ``k0 + r`` that the finished part leaves, those with the newest coefficients last.

    One index is in the block, the other below BLOCK.
    """
    terms = []
    for m in range(r + 1):
        new, old = Index(m, moving=True), Index(r - m)
        if not (a_ahead and m == 0) and not (product.skip_b0 and old.number == 0):
            terms.append(Term(new, old, product.square))
        if not product.square and not (b_ahead and m == 0) and not (product.skip_a0 and old.number == 0):
            terms.append(Term(old, new))
    return terms


def newest(product: Product, a_ahead: bool, b_ahead: bool) -> Newest:
    """Where order ``k0`` of each factor counts: not against order 0 of the other if that is left out."""
    a = int(product.skip_b0) if a_ahead else BLOCK
    b = int(product.skip_a0) if b_ahead else BLOCK
    return Newest(a, b)

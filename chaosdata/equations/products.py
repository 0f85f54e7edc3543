"""The fewest operations for a set of products.

A product is a monomial: sorted pairs (atom, exponent) with integer exponents, negative ones below the
fraction line. Products that are needed anyway are free parts of the others, and a common part of two products
becomes a product of its own where that saves work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations

Monomial = tuple[tuple[int, int], ...]
Rule = tuple[str, *tuple[Monomial, ...]]
"""The kind of the last operation and the products that it reads."""

ONE: Monomial = ()

# One operation is one convolution in a Taylor kernel. Within equal counts a square is the cheapest (its sum
# is symmetric) and a quotient the dearest (it waits for its own lower coefficients).
_COST = {"square": 96, "multiply": 100, "divide": 104}


def monomial(exponents: Mapping[int, int]) -> Monomial:
    """A product from its exponents."""
    return tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent))


def times(left: Monomial, right: Monomial) -> Monomial:
    """The product of two products."""
    exponents = dict(left)
    for atom, exponent in right:
        exponents[atom] = exponents.get(atom, 0) + exponent
    return monomial(exponents)


def cheapest(products: Iterable[Monomial]) -> dict[Monomial, Rule]:
    """How to compute each of the products, and the products on the way to them."""
    plan = Plan(products)
    while True:
        shared = sorted({_common(a, b) for a, b in combinations(plan.targets, 2)} - set(plan.targets))
        plans = [Plan((*plan.targets, part)) for part in shared if not _trivial(part)]
        best = min(plans, key=lambda candidate: candidate.cost, default=plan)
        if best.cost >= plan.cost:
            return plan.rules
        plan = best


class Plan:
    """The cheapest rules if each of the targets is computed once and may be used by all others.

    ``cost`` is that of all operations, ``rules`` says how to compute each target and what it is made of.
    """

    def __init__(self, products: Iterable[Monomial]) -> None:
        self.targets = tuple(dict.fromkeys(product for product in products if not _trivial(product)))
        self._free = frozenset(self.targets)
        self._led: dict[tuple[int, bool], list[int]] = {}  # places of the targets that begin alike
        for place, target in enumerate(self.targets):
            self._led.setdefault(_lead(target), []).append(place)
        self._best = lru_cache(maxsize=None)(self._search)
        self.cost = sum(self._best(target)[0] for target in self.targets)

    @property
    def rules(self) -> dict[Monomial, Rule]:
        """The last operation of each product."""
        rules: dict[Monomial, Rule] = {}
        pending = list(self.targets)
        while pending:
            product = pending.pop()
            if product not in rules and not _trivial(product):
                rules[product] = self._best(product)[1]
                pending += rules[product][1:]
        return rules

    def _search(self, product: Monomial) -> tuple[int, Rule]:
        best: tuple[int, Rule] | None = None
        for kind, *parts in self._rules(product):
            cost = _COST[kind] + sum(self._part(part) for part in parts)
            if best is None or cost < best[0]:
                best = cost, (kind, *parts)
        assert best is not None, "every product that is not an atom has a rule"
        return best

    def _part(self, part: Monomial) -> int:
        return 0 if _trivial(part) or part in self._free else self._best(part)[0]

    def _rules(self, product: Monomial) -> Iterable[Rule]:
        if all(exponent % 2 == 0 for _, exponent in product):
            yield "square", tuple((atom, exponent // 2) for atom, exponent in product)
        above = tuple((atom, exponent) for atom, exponent in product if exponent > 0)
        below = tuple((atom, -exponent) for atom, exponent in product if exponent < 0)
        if below:
            yield "divide", above, below
        parts = [((atom, 1),) for atom, _ in above] if len(above) <= 8 else [((above[-1][0], 1),)]
        exponents = dict(product)
        begun = (self._led.get((atom, exponent > 0), ()) for atom, exponent in product)
        targets = [self.targets[place] for place in sorted(place for places in begun for place in places)]
        for part in (*targets, *parts):
            if part != product and _divides(part, exponents):
                rest = times(product, tuple((atom, -exponent) for atom, exponent in part))
                if all(exponent < 0 for _, exponent in rest):
                    yield "divide", part, tuple((atom, -exponent) for atom, exponent in rest)
                else:
                    yield "multiply", part, rest


def _trivial(product: Monomial) -> bool:
    """Whether there is nothing to compute: 1 or one atom."""
    return not product or (len(product) == 1 and product[0][1] == 1)


def _common(a: Monomial, b: Monomial) -> Monomial:
    """The largest product that divides both, sign of the exponents respected."""
    other = dict(b)
    common = {}
    for atom, exponent in a:
        partner = other.get(atom, 0)
        if exponent * partner > 0:
            common[atom] = min(exponent, partner, key=abs)
    return monomial(common)


def _lead(product: Monomial) -> tuple[int, bool]:
    """The first atom, and whether it stands above the fraction line."""
    atom, exponent = product[0]
    return atom, exponent > 0


def _divides(part: Monomial, exponents: Mapping[int, int]) -> bool:
    """Whether a product has all factors of ``part``, on the same side of the fraction line."""
    for atom, exponent in part:
        whole = exponents.get(atom, 0)
        if not (0 < exponent <= whole or whole <= exponent < 0):
            return False
    return True

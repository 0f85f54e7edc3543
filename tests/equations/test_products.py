"""Products are planned with the fewest operations, and every rule multiplies out to its product."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaosdata.equations.products import Monomial, cheapest, monomial, times


def _inverse(product: Monomial) -> Monomial:
    return tuple((atom, -exponent) for atom, exponent in product)


@pytest.mark.parametrize(
    ("products", "operations"),
    [
        ([{0: 2}], 1),
        ([{0: 3}], 2),
        ([{0: 8}], 3),
        ([{0: 2}, {0: 3}, {0: 4}], 3),
        ([{0: 1, 1: 1, 2: 1}, {0: 1, 1: 1, 3: 1}], 3),
        ([{0: 2, 1: 2, 2: 4}], 4),
        ([{0: 1, 1: -1}, {0: 1, 1: -1, 2: 1}], 2),
        ([{0: 1, 1: -1, 2: 1, 3: -1}], 3),
        ([{0: -3}], 3),
        ([dict.fromkeys(range(12), 1)], 11),
    ],
)
def test_known_counts(products: list[dict[int, int]], operations: int) -> None:
    assert len(cheapest([monomial(product) for product in products])) == operations


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 4), st.integers(-3, 4).filter(bool), min_size=1, max_size=4).map(
            monomial
        ),
        max_size=4,
    )
)
def test_every_rule_gives_its_product_from_simpler_ones(products: list[Monomial]) -> None:
    rules = cheapest(products)
    for product, (kind, *parts) in rules.items():
        match kind:
            case "square":
                assert times(parts[0], parts[0]) == product
            case "multiply":
                assert times(parts[0], parts[1]) == product
            case _:
                assert times(parts[0], _inverse(parts[1])) == product
        for part in parts:
            assert part in rules or part == () or (len(part) == 1 and part[0][1] == 1)
    for product in products:
        assert product in rules or product == () or (len(product) == 1 and product[0][1] == 1)

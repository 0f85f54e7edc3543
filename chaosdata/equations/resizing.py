"""Another size of a system that is declared with ``*x``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from chaosdata.errors import ArgumentError, DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.system import System

# The fractional parts of multiples of the golden ratio never repeat and lie evenly.
_GOLDEN = 0.6180339887498949


def numbered(family: str, n: int) -> tuple[str, ...]:
    """The names of n components: x1, x2, ..."""
    return tuple(f"{family}{i}" for i in range(1, n + 1))


def resized(system: System, n: int) -> System:
    """The system with n components; ArgumentError where that is impossible."""
    from chaosdata.equations.checks import check

    if not system.family:
        raise ArgumentError(
            f"{system.name} has {system.dimension} components, named one by one: only a system declared with "
            "*x has other sizes"
        )
    if n < 1:
        raise ArgumentError(f"{system.name}: the number of components must be positive, not {n}")
    if n == system.dimension:
        return system
    scale = max(abs(value) for value in system.initial) or 1.0
    initial = tuple(
        system.initial[i % system.dimension] + 1e-3 * scale * ((i + 1) * _GOLDEN % 1.0 - 0.5)
        for i in range(n)
    )
    names = numbered(system.family, n)
    angles = frozenset(names) if system.angles == set(system.components) else system.angles & set(names)
    other = dataclasses.replace(system, components=names, initial=initial, angles=angles)
    try:
        check(other)
    except DeclarationError as error:
        raise ArgumentError(f"{system.name} with {n} components: {error}") from None
    return other

"""Parameter values of a trajectory: those of the declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaosdata.equations.system import System
from chaosdata.equations.values import Value


def flat_parameters(system: System) -> dict[str, float]:
    """Every parameter as one number: an entry of an array ``k`` is ``k_1_2``, counted from 1 as in papers."""
    return {
        flat: number for name, value in system.parameters.items() for flat, number in _entries(name, value)
    }


def _entries(name: str, value: Value) -> Iterator[tuple[str, float]]:
    if isinstance(value, tuple):
        for index, entry in enumerate(value, start=1):
            yield from _entries(f"{name}_{index}", entry)
    else:
        yield name, float(value)

"""Numbers of a declaration, checked: parameter values, initial states, periods."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chaosdata.errors import DeclarationError

Value = float | tuple["Value", ...]


def checked_value(value: Any) -> Value:
    """A parameter as a float or a nested tuple of floats; DeclarationError if it is anything else."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        entries = tuple(checked_value(entry) for entry in value)
        if not entries or len({shape(entry) for entry in entries}) != 1:
            raise DeclarationError("must be a number or a rectangular nested tuple of numbers")
        return entries
    return _number(value)


def checked_initial(initial: Iterable[float], components: tuple[str, ...]) -> tuple[float, ...]:
    """The initial state as floats, one for each component."""
    values = tuple(initial)
    if len(values) != len(components):
        raise DeclarationError(
            f"initial has {len(values)} values for {len(components)} components ({', '.join(components)})"
        )
    checked: list[float] = []
    for component, value in zip(components, values, strict=True):
        try:
            checked.append(_number(value))
        except DeclarationError as error:
            raise DeclarationError(f"the initial value of {component} {error}") from None
    return tuple(checked)


def checked_period(period: float) -> float:
    """The period as a positive float."""
    try:
        value = _number(period)
    except DeclarationError as error:
        raise DeclarationError(f"period {error}") from None
    if value <= 0:
        raise DeclarationError(f"period must be positive, in the system's time unit, not {value}")
    return value


def shape(value: Value) -> tuple[int, ...]:
    """The shape of a nested tuple; () for a number."""
    return (len(value), *shape(value[0])) if isinstance(value, tuple) else ()


def _number(value: Any) -> float:
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise DeclarationError(f"must be a number, not {value!r}")
    number = float(value)
    if not math.isfinite(number):
        raise DeclarationError(f"must be finite, not {number}")
    return number

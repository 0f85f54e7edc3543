"""A system as SymPy expressions: the declared function run once on symbols, and what is derived from them.

Parameters enter as numbers, so that zeros vanish and integer-valued exponents are integers. SymPy's numbers
have the 53 bits of a double and round correctly, which makes constants such as ``K**4`` the same on every
processor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from chaosdata.equations.graph import Graph, flow_graph
from chaosdata.errors import DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.system import System, Value


@lru_cache(maxsize=256)
def expressions(system: System) -> tuple[tuple[Any, ...], tuple[Any, ...], Any]:
    """The right-hand sides, the symbols of the components, and the symbol of the time."""
    states = tuple(sp.Symbol(component) for component in system.components)
    time = sp.Symbol("t")
    parameters = {name: _number(value) for name, value in system.parameters.items()}
    return tuple(sp.sympify(value) for value in system.call(states, time, parameters)), states, time


@lru_cache(maxsize=256)
def system_graph(system: System, divergence: bool = False) -> Graph:
    """The graph of the right-hand sides, with the divergence as one more output if asked for."""
    outputs, states, time = expressions(system)
    if divergence:
        outputs = (*outputs, _divergence(outputs, states))
    try:
        return flow_graph(outputs, states, time)
    except DeclarationError as error:
        raise DeclarationError(f"{system.name}: {error}") from None


@lru_cache(maxsize=256)
def jacobian_function(system: System) -> Callable[..., Any]:
    """A NumPy function (t, *components) -> the d*d derivatives, row by row; a constant one is a number."""
    outputs, states, time = expressions(system)
    return _compiled((time, *states), [sp.diff(output, state) for output in outputs for state in states])


@lru_cache(maxsize=256)
def divergence_function(system: System) -> Callable[..., Any]:
    """A NumPy function (t, *components) -> the divergence."""
    outputs, states, time = expressions(system)
    return _compiled((time, *states), _divergence(outputs, states))


def _divergence(outputs: tuple[Any, ...], states: tuple[Any, ...]) -> Any:
    return sp.Add(*(sp.diff(output, state) for output, state in zip(outputs, states, strict=True)))


def _compiled(arguments: tuple[Any, ...], result: Any) -> Callable[..., Any]:
    function: Callable[..., Any] = sp.lambdify(arguments, result, modules="numpy", cse=True)
    return function


def _number(value: Value) -> Any:
    if isinstance(value, tuple):
        return tuple(_number(entry) for entry in value)
    return sp.Integer(int(value)) if value == int(value) else sp.Float(value)

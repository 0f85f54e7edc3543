"""A surface in the space of states, written like a declaration: where ``f(components) = 0``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chaosdata.equations.graph import Graph, expression_graph
from chaosdata.errors import ArgumentError, DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.system import System

SurfaceFunction = Callable[..., Any]
"""A function of the components, or of ``t`` and the components, as ``lambda x, y, z: z - 27``."""


@lru_cache(maxsize=64)
def surface_graph(system: System, surface: SurfaceFunction) -> Graph:
    """The graph of a flow's right-hand sides, with the surface's function as one more output.

    Raises
    ------
    ArgumentError : the system is not a flow, or the function takes other arguments, cannot be compiled or is
    constant.
    """
    import sympy as sp

    if system.kind != "flow":
        raise ArgumentError(f"{system.name} is a {system.kind} system: only flows cross surfaces.")
    from chaosdata.equations.trace import expressions

    outputs, states, time = expressions(system)
    arguments = (time, *states) if _timed(system, surface) else states
    try:
        value = sp.sympify(surface(*arguments))
    except Exception as error:
        raise ArgumentError(f"The surface fails on symbols: {type(error).__name__}: {error}") from error
    if not isinstance(value, sp.Expr):
        raise ArgumentError(
            f"The surface must be a formula that is zero on it, such as z - 27, not {value!r}."
        )
    if not value.free_symbols:
        raise ArgumentError(f"The surface is the constant {value}: it must depend on the state or on t.")
    try:
        return expression_graph((*outputs, value), states, time)
    except DeclarationError as error:
        raise ArgumentError(f"The surface for {system.name}: {error}") from None


def _timed(system: System, surface: SurfaceFunction) -> bool:
    """Whether the function takes the time before the components."""
    parameters = list(inspect.signature(surface).parameters.values())
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return bool(parameters[0].name == "t" and parameters[0].kind is not inspect.Parameter.VAR_POSITIONAL)
    timed = bool(parameters) and parameters[0].name == "t"
    if len(parameters) != system.dimension + timed:
        names = ", ".join(system.components)
        raise ArgumentError(
            f"The surface takes {len(parameters)} arguments; for {system.name} write lambda {names}: ... "
            f"or lambda t, {names}: ..."
        )
    return timed

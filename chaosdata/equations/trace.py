"""A system as SymPy expressions: the declared function run once on symbols, and what is derived from them.

Parameters enter as numbers, so that zeros vanish and integer-valued exponents are integers. SymPy's numbers
have the 53 bits of a double and round correctly, which makes constants such as ``K**4`` the same on every
processor.
"""

from __future__ import annotations

from functools import lru_cache
from inspect import signature
from typing import TYPE_CHECKING, Any

import sympy as sp

from chaosdata.equations.graph import Delayed, Graph, expression_graph
from chaosdata.errors import ArgumentError, DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.system import System
    from chaosdata.equations.values import Value


@lru_cache(maxsize=256)
def expressions(system: System) -> tuple[tuple[Any, ...], tuple[Any, ...], Any]:
    """The right-hand sides, the symbols of the components, and the symbol of the time."""
    states, time, parameters = _symbols(system)
    if system.kind == "delay":
        outputs = system.recording.on(states, time, parameters, lambda i, lag: _past(system, i, lag))
    else:
        outputs = system.call(states, time, parameters)
        outputs = outputs[0] if system.kind == "stochastic" else outputs
    return tuple(sp.sympify(value) for value in outputs), states, time


def past_states(system: System) -> list[tuple[int, float]]:
    """The delayed states that a system's equations read: component and delay, in the order of the delays."""
    if system.kind != "delay":
        return []
    return sorted(set(system.recording.lags.values()), key=lambda lagged: (lagged[1], lagged[0]))


@lru_cache(maxsize=256)
def system_graph(system: System, divergence: bool = False) -> Graph:
    """The graph of right-hand sides and noise terms, with the divergence as one more output if asked for."""
    outputs, states, time = expressions(system)
    divergences = (_divergence(system),) if divergence else ()
    delayed = {_past(system, i, lag): Delayed(i, lag) for i, lag in past_states(system)}
    try:
        return expression_graph((*outputs, *_noise(system), *divergences), states, time, delayed)
    except DeclarationError as error:
        raise DeclarationError(f"{system.name}: {error}") from None


@lru_cache(maxsize=256)
def history_graph(system: System) -> Graph | None:
    """The graph of a declared history, a function of the time alone; None where there is none."""
    if system.history_function is None:
        return None
    _, time, parameters = _symbols(system)
    wanted = {
        name: parameters[name] for name in signature(system.history_function).parameters if name in parameters
    }
    values = system.history_function(time, **wanted)
    try:
        return expression_graph([sp.sympify(value) for value in values], (), time)
    except DeclarationError as error:
        raise DeclarationError(f"{system.name}: {error}") from None


def _divergence(system: System) -> Any:
    if system.kind == "map":
        raise ArgumentError(f"{system.name} is a map: only what moves in time has a divergence")
    outputs, states, _ = expressions(system)
    return sp.Add(*(sp.diff(output, state) for output, state in zip(outputs, states, strict=True)))


def _noise(system: System) -> tuple[Any, ...]:
    """The amplitudes g of a stochastic system, then the g_i dg_i/dx_i of Milstein's method."""
    if system.kind != "stochastic":
        return ()
    states, time, parameters = _symbols(system)
    amplitudes = [sp.sympify(value) for value in system.call(states, time, parameters)[1]]
    corrections = [g * sp.diff(g, state) for g, state in zip(amplitudes, states, strict=True)]
    return (*amplitudes, *corrections)


def _symbols(system: System) -> tuple[tuple[Any, ...], Any, dict[str, Any]]:
    parameters = {name: _number(value) for name, value in system.parameters.items()}
    return tuple(sp.Symbol(component) for component in system.components), sp.Symbol("t"), parameters


def _past(system: System, index: int, delay: float) -> Any:
    # Not an identifier, so no component or parameter can have this name.
    return sp.Symbol(f"{system.components[index]}(t - {delay!r})")


def _number(value: Value) -> Any:
    if isinstance(value, tuple):
        return tuple(_number(entry) for entry in value)
    return sp.Integer(int(value)) if value == int(value) else sp.Float(value)

"""The checks that refuse a wrong declaration at once: on symbols, then on numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from chaosdata.equations.recording import nodes
from chaosdata.equations.written import Written
from chaosdata.errors import DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.system import System

_WHAT = {"flow": "derivative", "map": "next value", "delay": "derivative", "stochastic": "drift"}


def check(system: System) -> None:
    """Run the functions on symbols and on numbers; DeclarationError names what is wrong."""
    _on_symbols(system)
    with np.errstate(all="ignore"):
        _on_numbers(system)


def _on_symbols(system: System) -> None:
    """Finds branches, foreign functions and wrong counts without SymPy."""
    try:
        returned = system.call(*system.symbols())
    except DeclarationError:
        raise
    except Exception as error:
        raise DeclarationError(f"the function fails on symbols: {type(error).__name__}: {error}") from error
    what = _WHAT[system.kind]
    if system.kind == "stochastic":
        if not (isinstance(returned, tuple | list) and len(returned) == 2):
            raise DeclarationError("return two tuples, the drifts and the noise amplitudes")
        returned, diffusion = returned
        _count(system, diffusion, "noise amplitude")
        _diagonal(system, diffusion)
    _count(system, returned, what)
    if system.kind == "delay" and not system.delays:
        raise DeclarationError("there is no delayed state x(t - tau): declare a flow instead")


def _count(system: System, returned: Any, what: str) -> None:
    if not isinstance(returned, tuple | list):
        raise DeclarationError(
            f"return a tuple of {system.dimension} {what}s, not a {type(returned).__name__}"
        )
    if len(returned) != system.dimension:
        raise DeclarationError(
            f"{len(returned)} {what}s are returned for {system.dimension} components "
            f"({', '.join(system.components)}): return one for each"
        )
    for component, value in zip(system.components, returned, strict=True):
        if isinstance(value, bool) or not isinstance(value, Written | int | float):
            raise DeclarationError(
                f"the {what} of {component} is a {type(value).__name__}: return a formula or a number"
            )


def _diagonal(system: System, diffusion: Any) -> None:
    """The methods that integrate it need noise in which each component's depends on that component alone."""
    for component, amplitude in zip(system.components, diffusion, strict=True):
        others = set(system.components) - {component}
        for node in nodes([amplitude]):
            if node.head == "symbol" and node.arguments[0] in others:
                raise DeclarationError(
                    f"the noise amplitude of {component} depends on {node!r}: it may depend on {component} "
                    "and the time only (diagonal noise)"
                )


def _on_numbers(system: System) -> None:
    initial = np.array(system.initial)
    value = _rhs(system, initial)
    _finite(system, value, {"map": "{}'"}.get(system.kind, "d{}/dt") + " is not finite at the initial state")
    if system.kind == "stochastic":
        _finite(
            system, system.diffusion(initial), "the noise amplitude of {} is not finite at the initial state"
        )
    if system.kind == "delay":
        _past(system)
    for component in sorted(system.angles | set(system.clocks)):
        turned = initial.copy()
        turned[system.components.index(component)] += system.turn(component)
        if not _same(system, _rhs(system, turned), value):
            clock = system.clocks.get(component)
            raise DeclarationError(
                f"{component} is not {'a clock' if clock else 'an angle'}: the equations change when it "
                f"grows by {clock or '2 pi'}; let it enter through sin and cos, or leave it out of "
                f"{'clocks' if clock else 'angles'}"
            )
    if system.inverse_function is not None:
        back = system.inverse(value)
        if not _same(system, back, initial, 1e-6):
            raise DeclarationError(
                f"inverse does not undo the map: one step on and back leads to {back.tolist()}"
            )


def _rhs(system: System, state: Any) -> Any:
    if system.kind != "delay":
        return system.rhs(state)
    return system.rhs(state, delayed=np.tile(system.initial, (len(system.delays), 1)))


def _past(system: System) -> None:
    try:
        past = system.history(0.0)
    except (TypeError, ValueError) as error:
        raise DeclarationError(f"history fails: {error}") from error
    if past.shape != (system.dimension,):
        raise DeclarationError(
            f"history returns {past.size} values for {system.dimension} components: return one for each"
        )
    _finite(system, past, "the history of {} is not finite at time 0")


def _finite(system: System, values: Any, message: str) -> None:
    for component, value in zip(system.components, values, strict=True):
        if not np.isfinite(value):
            raise DeclarationError(f"{message.format(component)}: choose another one")


def _same(system: System, a: Any, b: Any, tolerance: float = 1e-9) -> bool:
    """Whether two values agree; the angles of a map may differ by whole turns."""
    difference = a - b
    if system.kind == "map":
        for angle in system.angles:
            i = system.components.index(angle)
            difference[i] -= 2 * math.pi * np.round(difference[i] / (2 * math.pi))
    return bool(np.all(np.abs(difference) <= tolerance * (np.abs(b) + np.max(np.abs(b)))))

"""The decorator that makes a system of a function, and the checks that refuse a wrong declaration at once."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any

import numpy as np

from chaosdata.equations.system import System, Value, checked_initial, checked_period, checked_value
from chaosdata.equations.written import Written
from chaosdata.errors import DeclarationError

# Keywords of System.variant: a parameter of that name could not be changed there.
_RESERVED = frozenset({"t", "pi", "initial", "period", "notes"})


def flow(
    *,
    initial: Iterable[float],
    period: float,
    reference: str,
    tags: Iterable[str] = (),
    angles: Iterable[str] = (),
    notes: str = "",
) -> Callable[[Callable[..., Any]], System]:
    """Declare an ordinary differential equation dx/dt = f(x, t).

    The decorated function takes the components as positional arguments (before them ``t``, if the time
    enters) and the parameters as keyword-only arguments with defaults (numbers, or nested tuples of numbers),
    and returns one derivative for each component. Its docstring is the description. It may use
    ``+ - * / **`` and :mod:`chaosdata.equations.functions`.

    Parameters
    ----------
    initial : (d,) a state on the attractor, or in the chaotic sea.
    period : dominant period, in the system's time unit.
    reference : "Authors (year). Title. Journal volume, pages."
    tags : words to select systems by.
    angles : components that count modulo 2 pi.
    notes : what a user must know: where values differ from the reference and why.

    Raises
    ------
    DeclarationError : at once, if the function or one of the facts is wrong.

    Examples
    --------
    >>> from chaosdata.equations import flow
    >>> @flow(initial=(0.1, 0.0), period=6.28, reference="Huygens (1673). Horologium Oscillatorium.")
    ... def Spring(x, v, *, k=1.0):
    ...     '''A mass on a spring.'''
    ...     return v, -k * x
    >>> Spring.equations()
    ['dx/dt = v', 'dv/dt = -k*x']
    """

    def declare(function: Callable[..., Any]) -> System:
        try:
            return _system(
                function,
                tuple(initial),
                period,
                reference,
                _words("tags", tags),
                _words("angles", angles),
                notes,
            )
        except DeclarationError as error:
            raise DeclarationError(f"{function.__name__}: {error}") from error.__cause__

    return declare


def _system(
    function: Callable[..., Any],
    initial: tuple[float, ...],
    period: float,
    reference: str,
    tags: frozenset[str],
    angles: frozenset[str],
    notes: str,
) -> System:
    components, parameters, autonomous = _signature(function)
    description = inspect.cleandoc(function.__doc__ or "")
    if not description:
        raise DeclarationError("the docstring is missing: say in a sentence what the system models")
    if not reference.strip():
        raise DeclarationError('reference is empty: write "Authors (year). Title. Journal volume, pages."')
    unknown = sorted(angles - set(components))
    if unknown:
        raise DeclarationError(f"angle {unknown[0]!r} is not a component: they are {', '.join(components)}")
    system = System(
        name=function.__name__,
        kind="flow",
        components=components,
        parameters=MappingProxyType(parameters),
        initial=checked_initial(initial, components),
        period=checked_period(period),
        reference=reference,
        description=description,
        notes=inspect.cleandoc(notes),
        tags=tags,
        angles=angles,
        autonomous=autonomous,
        function=function,
    )
    _probe(system)
    _evaluate(system)
    return system


def _words(what: str, words: Iterable[str]) -> frozenset[str]:
    if isinstance(words, str):
        raise DeclarationError(f"{what} must be a set of words, not one string: write {{{words!r}}}")
    return frozenset(words)


def _signature(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Value], bool]:
    components: list[str] = []
    parameters: dict[str, Value] = {}
    for name, argument in inspect.signature(function).parameters.items():
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
            raise DeclarationError(f"*{name} hides what there is: name each component and each parameter")
        if argument.kind is argument.KEYWORD_ONLY:
            if name in _RESERVED:
                raise DeclarationError(f"the parameter name {name!r} is reserved: choose another")
            if argument.default is argument.empty:
                raise DeclarationError(f"the parameter {name} has no default: write {name}=<its usual value>")
            try:
                parameters[name] = checked_value(argument.default)
            except DeclarationError as error:
                raise DeclarationError(f"the parameter {name} {error}") from None
        elif argument.default is not argument.empty:
            raise DeclarationError(
                f"{name} has a default: put parameters after a bare *, as in (x, *, {name}=...)"
            )
        else:
            components.append(name)
    autonomous = components[:1] != ["t"]
    if not autonomous:
        del components[0]
    for name in components:
        if name in _RESERVED:
            where = "the time t must be the first argument" if name == "t" else "choose another name"
            raise DeclarationError(f"the component name {name!r} is reserved: {where}")
    if not components:
        raise DeclarationError("there are no components: write them as positional arguments")
    return tuple(components), parameters, autonomous


def _probe(system: System) -> None:
    """Run the function once on symbols: finds branches, foreign functions and wrong counts without SymPy."""
    try:
        returned = system.call(*system.symbols())
    except DeclarationError:
        raise
    except Exception as error:
        raise DeclarationError(f"the function fails on symbols: {type(error).__name__}: {error}") from error
    if not isinstance(returned, tuple | list):
        raise DeclarationError(
            f"return a tuple of {system.dimension} derivatives, not a {type(returned).__name__}"
        )
    if len(returned) != system.dimension:
        raise DeclarationError(
            f"{len(returned)} derivatives are returned for {system.dimension} components "
            f"({', '.join(system.components)}): return one for each"
        )
    for component, value in zip(system.components, returned, strict=True):
        if isinstance(value, bool) or not isinstance(value, Written | int | float):
            raise DeclarationError(
                f"the derivative of {component} is a {type(value).__name__}: return a formula or a number"
            )


def _evaluate(system: System) -> None:
    """Run the function once on numbers: the initial state must have a velocity, and angles must be angles."""
    initial = np.array(system.initial)
    with np.errstate(all="ignore"):
        velocity = system.rhs(initial)
        if not np.all(np.isfinite(velocity)):
            component = system.components[int(np.argmin(np.isfinite(velocity)))]
            raise DeclarationError(f"d{component}/dt is not finite at the initial state: choose another one")
        for angle in sorted(system.angles):
            turned = initial.copy()
            turned[system.components.index(angle)] += 2 * math.pi
            if not np.allclose(system.rhs(turned), velocity, rtol=1e-9, atol=1e-9 * np.max(np.abs(velocity))):
                raise DeclarationError(
                    f"{angle} is not an angle: the equations change when it grows by 2 pi; "
                    "let it enter through sin and cos, or leave it out of angles"
                )

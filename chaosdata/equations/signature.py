"""What the signature of a declared function says: components, parameters, time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from chaosdata.equations.values import Value, checked_value
from chaosdata.errors import DeclarationError

# The time and the constant, the keywords of System.variant, and the keys of a declared variant: a parameter
# of such a name could not be changed there.
_RESERVED = frozenset({"t", "pi", "initial", "period", "notes", "equations", "inverse", "history"})


class Signature(NamedTuple):
    """``components`` is empty and ``family`` the name for a function that takes ``*x``."""

    components: tuple[str, ...]
    family: str
    parameters: dict[str, Value]
    takes_time: bool


def read_signature(function: Callable[..., Any]) -> Signature:
    """The signature of a declared function; DeclarationError if it is not one of a system."""
    components: list[str] = []
    parameters: dict[str, Value] = {}
    family = ""
    for name, argument in inspect.signature(function).parameters.items():
        if argument.kind is argument.VAR_POSITIONAL:
            family = name
        elif argument.kind is argument.VAR_KEYWORD:
            raise DeclarationError(f"**{name} hides what there is: name each parameter")
        elif argument.kind is argument.KEYWORD_ONLY:
            parameters[name] = _parameter(name, argument)
        elif argument.default is not argument.empty:
            raise DeclarationError(
                f"{name} has a default: put parameters after a bare *, as in (x, *, {name}=...)"
            )
        else:
            components.append(name)
    takes_time = components[:1] == ["t"]
    if takes_time:
        del components[0]
    if family and components:
        raise DeclarationError(
            f"*{family} stands beside {', '.join(components)}: name each component, or take all as *{family}"
        )
    for name in (*components, family):
        if name in _RESERVED:
            advice = "the time t must be the first argument" if name == "t" else "choose another name"
            raise DeclarationError(f"the component name {name!r} is reserved: {advice}")
    if not (components or family):
        raise DeclarationError("there are no components: write them as positional arguments")
    return Signature(tuple(components), family, parameters, takes_time)


def match_signature(what: str, function: Callable[..., Any], signature: Signature) -> None:
    """Refuse a function beside the equations unless it takes the same state, and only their parameters."""
    own: list[str] = []
    for name, argument in inspect.signature(function).parameters.items():
        if argument.kind is not argument.KEYWORD_ONLY:
            own.append(f"*{name}" if argument.kind is argument.VAR_POSITIONAL else name)
        elif name not in signature.parameters:
            raise DeclarationError(f"{what} has the parameter {name}, which the equations have not")
        elif argument.default not in (argument.empty, signature.parameters[name]):
            raise DeclarationError(f"{what} gives {name} another default: leave it out, as in (x, *, {name})")
    state = (f"*{signature.family}",) if signature.family else signature.components
    expected = [*(("t",) if signature.takes_time else ()), *state]
    if own != expected:
        raise DeclarationError(f"{what} takes ({', '.join(own)}): it must take ({', '.join(expected)})")


def _parameter(name: str, argument: inspect.Parameter) -> Value:
    if name in _RESERVED:
        raise DeclarationError(f"the parameter name {name!r} is reserved: choose another")
    if argument.default is argument.empty:
        raise DeclarationError(f"the parameter {name} has no default: write {name}=<its usual value>")
    try:
        return checked_value(argument.default)
    except DeclarationError as error:
        raise DeclarationError(f"the parameter {name} {error}") from None

"""How a system reaches another process.

The declared function is hidden behind the System that replaced it, so it cannot be pickled by reference. The
System can: it is found again by name, and what differs from its declaration is sent.
"""

from __future__ import annotations

import dataclasses
import importlib
import pickle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from chaosdata.equations.system import System

# These belong to the declaration and never change.
_DECLARED = {"origin", "function", "inverse_function", "history_function", "variants"}


class Origin(NamedTuple):
    """Where a system is declared: the module, the name in it, and the declared variant or nothing."""

    module: str
    qualname: str
    variant: str = ""


def reduced(system: System) -> tuple[Any, ...]:
    """What ``__reduce__`` returns. Raises PicklingError for a system that cannot be found by its name."""
    try:
        declared = _find(system.origin)
    except (ImportError, AttributeError) as error:
        raise pickle.PicklingError(
            f"{system.name} cannot be sent to another process: {system.origin.module} has no "
            f"{system.origin.qualname}; declare it at the top level of a module"
        ) from error
    changes = {
        field.name: dict(value) if field.name == "parameters" else value
        for field in dataclasses.fields(system)
        if field.name not in _DECLARED
        and (value := getattr(system, field.name)) != getattr(declared, field.name)
    }
    return _restore, (*system.origin, changes)


def _find(origin: Origin) -> System:
    from chaosdata.equations.system import System

    found: Any = importlib.import_module(origin.module)
    for part in origin.qualname.split("."):
        found = getattr(found, part)
    if not isinstance(found, System) or (origin.variant and origin.variant not in found.variants):
        raise AttributeError(f"{origin.module}.{origin.qualname} is not the System it was")
    return found.variants[origin.variant] if origin.variant else found


def _restore(module: str, qualname: str, variant: str, changes: dict[str, Any]) -> System:
    if "parameters" in changes:
        changes = changes | {"parameters": MappingProxyType(changes["parameters"])}
    return dataclasses.replace(_find(Origin(module, qualname, variant)), **changes)

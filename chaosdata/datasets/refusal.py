"""One line for a recipe that is refused: the key's path, what was found, what is expected.

What is expected is the field's own description, so a key is described in one place.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chaosdata.datasets.selection import closest

_OWN_WORDS = {
    "not_available",
    "repeated",
    "samples",
    "empty",
    "keepbits",
    "unknown_system",
    "unknown_tag",
}


def refusal(model: type[BaseModel], error: ValidationError, prefix: str = "") -> str:
    """The most telling problem of ``error`` in one line."""
    details = error.errors(include_url=False)
    # A mistyped key is also reported as a missing one; the typing mistake is what the user can see.
    first = min(details, key=_telling)
    path = ".".join(part for part in (prefix, *map(str, first["loc"])) if part)
    return f"{path}: {_reason(model, first)}" if path else _reason(model, first)


def _telling(detail: ErrorDetails) -> int:
    order = {"not_available": 0, "extra_forbidden": 1}
    return order.get(detail["type"], 2)


def _reason(model: type[BaseModel], detail: ErrorDetails) -> str:
    kind, location = detail["type"], detail["loc"]
    if kind in _OWN_WORDS:
        return detail["msg"]
    if kind == "extra_forbidden":
        return _unknown_key(model, location)
    expected = _expected(model, location)
    if kind == "missing":
        return f"missing, expected {expected}"
    return f"found {_shown(detail['input'])}, expected {expected}"


def _unknown_key(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    owner = _owner(model, location[:-1])
    known = list(owner.model_fields)
    near = closest(str(location[-1]), known)
    hint = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(known)}"
    return f"unknown key; {hint}"


def _owner(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model at a path; an index or an unknown key ends the walk."""
    for part in location:
        field = model.model_fields.get(str(part))
        annotation = field.annotation if field else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        model = annotation
    return model


def _expected(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    names = [part for part in location if isinstance(part, str)]
    if not names:
        return "a mapping"
    field = _owner(model, tuple(names[:-1])).model_fields.get(names[-1])
    return (field.description if field else None) or "another value"


def _shown(value: Any) -> str:
    """A value as the recipe writes it, cut to a readable length."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."

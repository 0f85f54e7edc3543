"""Which systems a recipe means: a list of names, or a filter over the registry."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def closest(word: str, known: Iterable[str]) -> list[str]:
    """Up to three known words that look like ``word``, the best first; case is ignored."""
    lower = {name.lower(): name for name in known}
    return [lower[match] for match in get_close_matches(word.lower(), list(lower), n=3, cutoff=0.6)]


class SystemFilter(BaseModel):
    """Systems of one kind that carry every one of the tags, without those excluded."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    kind: Literal["flow", "map", "delay", "stochastic"] = Field(
        default="flow", description="flow, map, delay or stochastic"
    )
    tags: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="a list of tags"
    )
    exclude: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="a list of system names"
    )

    @model_validator(mode="after")
    def _known(self) -> SystemFilter:
        from chaosdata.systems import systems

        known = sorted({tag for system in systems.values() for tag in system.tags})
        for tag in self.tags:
            if tag not in known:
                raise PydanticCustomError(
                    "unknown_tag",
                    "no system has the tag {tag}; the tags are {known}",
                    {"tag": repr(tag), "known": ", ".join(known)},
                )
        check_names(self.exclude, chosen=False)
        if not self.resolve():
            raise PydanticCustomError("empty", "the filter selects no system; loosen kind, tags or exclude")
        return self

    def resolve(self) -> tuple[str, ...]:
        """The names selected, in the registry's order, without systems that depend on time explicitly."""
        from chaosdata.systems import systems

        return tuple(
            name
            for name, system in systems.items()
            if system.tags.issuperset(self.tags)
            and name not in self.exclude
            and system.kind == self.kind
            and system.autonomous
        )


def check_names(names: tuple[str, ...], chosen: bool = True) -> None:
    """Refuse names that the registry does not have or, if they are chosen, that cannot be simulated."""
    from chaosdata.systems import systems

    if not names and chosen:
        raise PydanticCustomError("empty", "the list is empty, expected at least one system")
    for name in names:
        if name not in systems:
            near = closest(name, systems)
            hint = f"did you mean {' or '.join(near)}?" if near else "'chaosdata systems' lists them"
            raise PydanticCustomError(
                "unknown_system", "{name} is not a system; {hint}", {"name": repr(name), "hint": hint}
            )
        if chosen and not systems[name].autonomous:
            raise PydanticCustomError(
                "not_available",
                "{name} depends on time explicitly, so that its trajectories cannot begin anywhere on an "
                "attractor; leave it out",
                {"name": name},
            )

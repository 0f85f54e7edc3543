"""A recipe: everything that decides a dataset's bytes, in one small file.

The canonical form writes out every default and resolves the selection of systems to names; its sha256 is the
digest that the catalog records. Reading a recipe imports no compiler and no storage library.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chaosdata.datasets import document
from chaosdata.datasets.refusal import refusal
from chaosdata.datasets.selection import SystemFilter, check_names
from chaosdata.errors import RecipeError

Split = Literal["train", "validation", "test"]
Annotation = Literal["period", "moments", "lyapunov_spectrum", "kaplan_yorke_dimension"]

SPLITS: tuple[Split, ...] = get_args(Split)
ANNOTATIONS: tuple[Annotation, ...] = get_args(Annotation)

_MAXIMUM_COUNT = 10_000_000  # coordinates are written whole: a few bytes a trajectory
_MAXIMUM_SAMPLES = 10_000_000  # one trajectory must fit in memory several times over
_MANTISSA_BITS = {"float64": 52, "float32": 23}


def _refuse_unavailable(*choices: str) -> BeforeValidator:
    """Words of the recipe format that this version cannot honour are named as such, not called unknown."""

    def check(value: Any) -> Any:
        if value in choices:
            raise PydanticCustomError(
                "not_available", "{value} is not available; write default", {"value": value}
            )
        return value

    return BeforeValidator(check)


def _refuse_noise(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        raise PydanticCustomError(
            "not_available", "noise of {value} is not available; write 0.0", {"value": value}
        )
    return value


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise PydanticCustomError("repeated", "{name} is listed twice; keep one", {"name": name})
    return names


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Grid(_Part):
    """The time grid of every trajectory, in units of its system's dominant period."""

    samples_per_period: int = Field(
        ge=1, le=_MAXIMUM_SAMPLES, description="a whole number of samples, at least 1"
    )
    periods: float = Field(gt=0, le=_MAXIMUM_SAMPLES, description="a positive number of periods")

    @property
    def samples(self) -> int:
        """Samples of one trajectory."""
        return round(self.samples_per_period * self.periods)

    @model_validator(mode="after")
    def _whole(self) -> Grid:
        product = self.samples_per_period * self.periods
        if product != round(product) or not 1 <= product <= _MAXIMUM_SAMPLES:
            raise PydanticCustomError(
                "samples",
                "samples_per_period x periods is {product} samples, expected a whole number up to {maximum}",
                {"product": f"{product:.12g}", "maximum": _MAXIMUM_SAMPLES},
            )
        return self


class Trajectories(_Part):
    """How many trajectories of each system each split holds."""

    train: int = Field(ge=0, le=_MAXIMUM_COUNT, description="a whole number of trajectories, 0 or more")
    validation: int = Field(
        default=0, ge=0, le=_MAXIMUM_COUNT, description="a whole number of trajectories, 0 or more"
    )
    test: int = Field(
        default=0, ge=0, le=_MAXIMUM_COUNT, description="a whole number of trajectories, 0 or more"
    )

    @model_validator(mode="after")
    def _some(self) -> Trajectories:
        if self.train + self.validation + self.test == 0:
            raise PydanticCustomError("empty", "every split is empty, expected at least one trajectory")
        return self


class Initial(_Part):
    """Where trajectories start: on the attractor, after a transient that is discarded."""

    method: Literal["attractor"] = Field(default="attractor", description="attractor")


class Parameters(_Part):
    """Parameter values: those of the system's declaration."""

    method: Annotated[Literal["default"], _refuse_unavailable("gaussian")] = Field(
        default="default", description="default"
    )


class Noise(_Part):
    """Noise in units of each component's standard deviation."""

    process: Annotated[float, BeforeValidator(_refuse_noise)] = Field(
        default=0.0, ge=0, le=0, description="0.0"
    )
    observation: Annotated[float, BeforeValidator(_refuse_noise)] = Field(
        default=0.0, ge=0, le=0, description="0.0"
    )


class Recipe(_Part):
    """A validated recipe; :func:`load_recipe` makes one, and resolves a filter of systems to names."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)] = Field(
        description="a short name of lower-case letters, digits and single hyphens"
    )
    version: Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){2}$")] = Field(
        description="three numbers, MAJOR.MINOR.PATCH, such as 1.0.0"
    )
    title: Annotated[
        str, StringConstraints(pattern=r"^[^\s\p{Cc}]([^\p{Cc}\p{Zl}\p{Zp}]*[^\s\p{Cc}])?$", max_length=200)
    ] = Field(description="one line of text of at most 200 characters")
    license: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]*$", max_length=64)] = (
        Field(description="an SPDX identifier such as CC-BY-4.0")
    )
    systems: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Field(
        description="a list of system names or a filter {kind, tags, exclude}"
    )
    grid: Grid = Field(description="a mapping {samples_per_period, periods}")
    trajectories: Trajectories = Field(description="a mapping {train, validation, test}")
    initial: Initial = Field(default=Initial(), description="a mapping {method: attractor}")
    parameters: Parameters = Field(default=Parameters(), description="a mapping {method: default}")
    noise: Noise = Field(default=Noise(), description="a mapping {process: 0.0, observation: 0.0}")
    dtype: Literal["float64", "float32"] = Field(default="float64", description="float64 or float32")
    keepbits: int | None = Field(
        default=None,
        ge=1,
        le=52,
        description="null or the number of mantissa bits to keep (1 to 52; 1 to 23 in float32)",
    )
    annotations: Annotated[tuple[Annotation, ...], BeforeValidator(_as_tuple)] = Field(
        default=ANNOTATIONS, description=f"a list with some of {', '.join(ANNOTATIONS)}"
    )
    seed: int = Field(default=0, ge=0, lt=2**63, description="a whole number, 0 or more")

    @field_validator("systems")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        check_names(_unique(names))
        return names

    @field_validator("annotations")
    @classmethod
    def _ordered(cls, names: tuple[Annotation, ...]) -> tuple[Annotation, ...]:
        _unique(names)
        return tuple(name for name in ANNOTATIONS if name in names)  # their order changes no byte of the data

    @model_validator(mode="after")
    def _mantissa(self) -> Recipe:
        if self.keepbits is not None and self.keepbits > _MANTISSA_BITS[self.dtype]:
            raise PydanticCustomError(
                "keepbits",
                "keepbits is {keepbits}, but {dtype} has {bits} mantissa bits",
                {"keepbits": self.keepbits, "dtype": self.dtype, "bits": _MANTISSA_BITS[self.dtype]},
            )
        return self

    @property
    def id(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    @property
    def samples(self) -> int:
        """Samples of one trajectory."""
        return self.grid.samples

    @property
    def counts(self) -> dict[Split, int]:
        """Trajectories of each system in each split, in the order in which they are stored."""
        return {split: getattr(self.trajectories, split) for split in SPLITS}

    @cached_property
    def canonical(self) -> str:
        """The recipe as YAML with every default written out; loading it gives an equal recipe."""
        content = self.model_dump(mode="json")
        periods = self.grid.periods
        content["grid"]["periods"] = (
            int(periods) if periods.is_integer() else periods
        )  # 12 and 12.0 are one recipe
        content["noise"] = {"process": 0.0, "observation": 0.0}  # also for a recipe that says -0.0
        return document.write(content)

    @cached_property
    def digest(self) -> str:
        """sha256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def load_recipe(source: str | os.PathLike[str] | Mapping[str, Any] | Recipe) -> Recipe:
    """Read and validate a recipe before any work is done.

    Parameters
    ----------
    source : path of a YAML file, the mapping that such a file holds, or a Recipe (returned as it is).

    Raises
    ------
    RecipeError : one line with the file, the key's path, what was found and what is expected.
    """
    if isinstance(source, Recipe):
        return source
    if isinstance(source, Mapping):
        return _validate(dict(source), "recipe")
    if not isinstance(source, str | os.PathLike):
        raise RecipeError(f"recipe: found a {type(source).__name__}, expected a path, a mapping or a Recipe")
    return _validate(document.read(source), os.fspath(source))


def parse_recipe(text: str, name: str = "recipe") -> Recipe:
    """The recipe in a YAML text; ``name`` stands before each message."""
    return _validate(document.parse(text, name), name)


def _validate(content: dict[str, Any], name: str) -> Recipe:
    selection = content.get("systems")
    try:
        if isinstance(selection, Mapping):
            content = content | {"systems": SystemFilter.model_validate(dict(selection)).resolve()}
    except ValidationError as error:
        raise RecipeError(f"{name}: {refusal(SystemFilter, error, prefix='systems')}") from None
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise RecipeError(f"{name}: {refusal(Recipe, error)}") from None

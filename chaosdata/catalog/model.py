"""What a catalog says of each published version."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    model_validator,
)

from chaosdata.catalog.names import unknown
from chaosdata.errors import UnknownNameError

Sha256 = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Semver = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Line = Annotated[
    str, StringConstraints(pattern=r"^[^\s\p{Cc}]([^\p{Cc}\p{Zl}\p{Zp}]*[^\s\p{Cc}])?$", max_length=200)
]
GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=200)]


class Strict(BaseModel):
    """No unknown key, no silent conversion, no change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Size(Strict):
    """How much a version holds.

    systems : groups.
    trajectories : of all systems.
    samples : states, one a trajectory and time, of all systems.
    bytes, files : of everything that the manifest lists.
    """

    systems: PositiveInt
    trajectories: PositiveInt
    samples: PositiveInt
    bytes: NonNegativeInt
    files: PositiveInt


class CatalogEntry(Strict):
    """One published version.

    name, version : which; together they are never used again for other bytes.
    title, license : for people; the license as an SPDX identifier.
    manifest : sha256 of manifest.json, which holds the hash of every file.
    recipe : sha256 of recipe.yaml.
    generator : the program and release that made it.
    systems : its groups.
    size : see :class:`Size`.
    status : ``deprecated`` and ``yanked`` versions open only when their number is given.
    """

    name: Name
    version: Semver
    title: Line
    license: Line
    manifest: Sha256
    recipe: Sha256
    generator: Line
    size: Size
    status: Literal["active", "deprecated", "yanked"] = "active"
    systems: tuple[GroupName, ...] = Field(min_length=1)

    @property
    def spec(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    @property
    def path(self) -> str:
        """The version's directory, relative to the root."""
        return f"{self.name}/{self.version}"

    @property
    def key(self) -> tuple[str, tuple[int, ...]]:
        """What catalogs are sorted by."""
        return self.name, tuple(int(part) for part in self.version.split("."))


class Catalog(Strict):
    """Every published version of a root, sorted by name and version."""

    schema_: Literal["chaosdata-catalog/1"] = Field(default="chaosdata-catalog/1", alias="schema")
    title: Line = "chaosdata"
    datasets: tuple[CatalogEntry, ...] = ()

    @model_validator(mode="after")
    def _no_version_twice(self) -> Self:
        seen: set[str] = set()
        for entry in self.datasets:
            if entry.spec in seen:
                raise ValueError(f"{entry.spec} appears twice")
            seen.add(entry.spec)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The datasets, sorted."""
        return tuple(sorted({entry.name for entry in self.datasets}))

    def versions(self, name: str) -> tuple[CatalogEntry, ...]:
        """Every version of a dataset, oldest first.

        Raises
        ------
        UnknownNameError
            There is no such dataset; the message lists those there are.
        """
        found = sorted((entry for entry in self.datasets if entry.name == name), key=lambda entry: entry.key)
        if not found:
            raise unknown("dataset", name, self.names, where="the catalog")
        return tuple(found)

    def latest(self, name: str) -> CatalogEntry:
        """The highest active version of a dataset.

        Raises
        ------
        UnknownNameError
            There is no such dataset, or none of its versions is active.
        """
        versions = self.versions(name)
        active = [entry for entry in versions if entry.status == "active"]
        if not active:
            listed = ", ".join(f"{entry.version} ({entry.status})" for entry in versions)
            raise UnknownNameError(
                f"{name} has no active version; name a version to open it all the same: {listed}."
            )
        return active[-1]

    def __getitem__(self, spec: str) -> CatalogEntry:
        """The version that ``name`` (the latest active one) or ``name@version`` stands for.

        Raises
        ------
        UnknownNameError
            There is no such dataset or version; the message lists those there are.
        """
        name, version = parse_spec(spec)
        if version is None:
            return self.latest(name)
        versions = {entry.version: entry for entry in self.versions(name)}
        if version not in versions:
            raise unknown("version", version, versions, where=name)
        return versions[version]

    def listing(self, entry: CatalogEntry) -> Catalog:
        """A catalog that also has this entry, in place of one with the same name and version."""
        others = (other for other in self.datasets if other.spec != entry.spec)
        datasets = tuple(sorted((*others, entry), key=lambda item: item.key))
        return self.model_copy(update={"datasets": datasets})


def parse_spec(spec: str) -> tuple[str, str | None]:
    """``"name@1.0.0"`` to its name and version; the version is None when only the name is given."""
    name, at, version = spec.partition("@")
    return name, version if at else None

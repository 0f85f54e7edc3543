"""What a recipe asks for, cut into tasks that any worker can do, again if need be.

A task is small, picklable and complete in itself; tasks are made lazily, so that a plan of a million shards
costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from chaosdata.datasets.attributes import group_attributes
from chaosdata.datasets.recipe import SPLITS, Annotation, Recipe
from chaosdata.sampling.grid import time_step
from chaosdata.sampling.parameters import flat_parameters
from chaosdata.store.schema import GroupSpec

Family = Literal["period", "moments", "lyapunov"]

# Annotations that come from one computation are one task.
FAMILIES: dict[Family, tuple[Annotation, ...]] = {
    "period": ("period",),
    "moments": ("moments",),
    "lyapunov": ("lyapunov_spectrum", "kaplan_yorke_dimension"),
}


@dataclass(frozen=True)
class ShardTask:
    """Simulate one shard: a block of trajectories of one system, within one split.

    root : where the dataset is published, as the workers see it.
    index : the shard's index in its group.
    """

    root: str
    recipe: Recipe
    system: str
    index: int

    @property
    def key(self) -> str:
        """Unique within a build."""
        return f"{self.system}/{self.index:05d}"

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.system}: shard {self.index}"


@dataclass(frozen=True)
class AnnotationTask:
    """Measure one family of annotations of one system.

    root : where the dataset is published, as the workers see it.
    """

    root: str
    recipe: Recipe
    system: str
    family: Family

    @property
    def key(self) -> str:
        """Unique within a build."""
        return f"{self.system}/{self.family}"

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.system}: {self.family}"


Task = ShardTask | AnnotationTask


@dataclass(frozen=True)
class Plan:
    """The tasks of a recipe, in an order that any executor may change."""

    recipe: Recipe

    @property
    def systems(self) -> tuple[str, ...]:
        """Names, in the recipe's order."""
        return self.recipe.systems

    @property
    def families(self) -> tuple[Family, ...]:
        """The annotation families that the recipe asks for."""
        return tuple(
            family
            for family, names in FAMILIES.items()
            if any(name in self.recipe.annotations for name in names)
        )

    @property
    def total(self) -> int:
        """Number of tasks."""
        return sum(group_spec(self.recipe, name).shards + len(self.families) for name in self.systems)

    def tasks(self, root: str | Path, system: str | None = None) -> Iterator[Task]:
        """The tasks, lazily; those of one system if it is named."""
        directory = str(root)
        for name in self.systems if system is None else (system,):
            for index in range(group_spec(self.recipe, name).shards):
                yield ShardTask(directory, self.recipe, name, index)
            for family in self.families:
                yield AnnotationTask(directory, self.recipe, name, family)


def plan(recipe: Recipe) -> Plan:
    """The plan of a recipe."""
    return Plan(recipe)


@lru_cache(maxsize=1024)
def group_spec(recipe: Recipe, name: str) -> GroupSpec:
    """The stored form of one system: a function of the recipe and the system's declaration."""
    from chaosdata.systems import systems

    system = systems[name]
    return GroupSpec(
        name=name,
        components=system.observables,
        parameters=tuple(flat_parameters(system)),
        counts={split: recipe.counts[split] for split in SPLITS},
        samples=recipe.samples,
        time_step=time_step(system, recipe.grid.samples_per_period),
        dtype=recipe.dtype,
        keepbits=recipe.keepbits,
        attributes=group_attributes(system, recipe),
    )

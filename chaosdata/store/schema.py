"""What one group of the store holds: the facts from which every array, chunk and attribute follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np

from chaosdata.errors import ArgumentError
from chaosdata.store.layout import CHUNK_BYTES, SHARD_BYTES, Layout, layout
from chaosdata.types import FloatArray

Attribute = str | int | float | Sequence[str] | Sequence[int] | Sequence[float]

CONVENTIONS = "CF-1.11, ACDD-1.3"
MANTISSA_BITS = {"float64": 52, "float32": 23}

# The arrays that simulation fills, one block a shard; everything else is written with the template or as
# annotation.
PER_TRAJECTORY = ("state", "initial", "parameter", "status")
REQUIRED = (*PER_TRAJECTORY, "trajectory", "time", "component", "split")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class GroupSpec:
    """The group of one system. Picklable, comparable, and exact through JSON.

    name : the system's name, which is the group's name.
    components : stored observables; the axis ``component`` of ``state`` and of ``initial``.
    parameters : flattened parameter names, such as ``rho`` or ``k_1_2``; may be empty.
    counts : trajectories of each split, in storage order.
    samples : length of the time axis.
    time_step : distance of two samples in the system's unit of time; ``time[i] = i * time_step``.
    dtype : ``float64`` or ``float32``, of ``state`` only; ``initial`` and ``parameter`` are always float64.
    keepbits : bits of the mantissa of ``state`` that are kept, rounded half to even; None keeps all.
    attributes : attributes of the group that are known before simulation. Text, numbers, or lists of one of
        them: what netCDF can hold too.
    chunk_bytes, shard_bytes : sizes that the layout aims at.

    Raises
    ------
    ArgumentError
        A field that no group can have; the message names it.
    """

    name: str
    components: tuple[str, ...]
    parameters: tuple[str, ...]
    counts: Mapping[str, int]
    samples: int
    time_step: float
    dtype: str = "float64"
    keepbits: int | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    chunk_bytes: int = CHUNK_BYTES
    shard_bytes: int = SHARD_BYTES

    def __post_init__(self) -> None:
        """Copy what could be changed from outside, and refuse what cannot be stored."""
        object.__setattr__(self, "components", tuple(self.components))
        object.__setattr__(self, "parameters", tuple(self.parameters))
        object.__setattr__(self, "counts", dict(self.counts))
        object.__setattr__(self, "attributes", checked_attributes(self.attributes, where=self.name))
        if not _NAME.fullmatch(self.name):
            raise ArgumentError(f"{self.name!r} cannot name a group: use letters, digits, '_', '-' and '.'.")
        if self.dtype not in MANTISSA_BITS:
            raise ArgumentError(f"{self.name}: dtype is float64 or float32, not {self.dtype!r}.")
        if self.keepbits is not None and not 1 <= self.keepbits <= MANTISSA_BITS[self.dtype]:
            raise ArgumentError(
                f"{self.name}: keepbits lies between 1 and {MANTISSA_BITS[self.dtype]} for {self.dtype}, "
                f"got {self.keepbits}."
            )
        for axis, names in (("component", self.components), ("parameter", self.parameters)):
            if len(set(names)) < len(names):
                raise ArgumentError(f"{self.name}: a {axis} appears twice in {list(names)}.")
        if not (np.isfinite(self.time_step) and self.time_step > 0):
            raise ArgumentError(f"{self.name}: time_step is a positive number, got {self.time_step}.")
        _ = self.layout  # refuses impossible sizes here rather than in a worker

    @property
    def layout(self) -> Layout:
        """Chunk and shard sizes, which follow from the other fields."""
        return layout(
            self.counts,
            self.samples,
            len(self.components),
            np.dtype(self.dtype).itemsize,
            chunk_bytes=self.chunk_bytes,
            shard_bytes=self.shard_bytes,
        )

    @property
    def trajectories(self) -> int:
        """Number of trajectories of all splits."""
        return sum(self.counts.values())

    @property
    def shard_trajectories(self) -> int:
        """Trajectories in one shard; the last shard may hold fewer."""
        return self.layout.shard_trajectories

    @property
    def shards(self) -> int:
        """Number of shards."""
        return -(-self.trajectories // self.shard_trajectories)

    @property
    def time(self) -> FloatArray:
        """(samples,), in the system's unit of time."""
        return np.arange(self.samples) * np.float64(self.time_step)

    @property
    def splits(self) -> dict[str, range]:
        """The trajectories of each split."""
        ends = list(accumulate(self.counts.values()))
        return {
            name: range(end - count, end)
            for (name, count), end in zip(self.counts.items(), ends, strict=True)
        }

    def bounds(self, index: int) -> tuple[int, int]:
        """First trajectory of a shard, and one past its last."""
        if not 0 <= index < self.shards:
            raise ArgumentError(f"{self.name} has shards 0 to {self.shards - 1}; there is no shard {index}.")
        start = index * self.shard_trajectories
        return start, min(start + self.shard_trajectories, self.trajectories)

    def split_of(self, index: int) -> str:
        """The one split in which a shard lies."""
        start, _ = self.bounds(index)
        return next(name for name, members in self.splits.items() if start in members)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the order of splits is kept as a list of pairs."""
        return {**asdict(self), "counts": [list(pair) for pair in self.counts.items()]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> GroupSpec:
        """The inverse of :meth:`to_json`."""
        return cls(**{**values, "counts": dict(values["counts"])})


def checked_attributes(attributes: Mapping[str, Attribute], *, where: str) -> dict[str, Attribute]:
    """A copy in plain Python values.

    Raises
    ------
    ArgumentError
        A value that Zarr or netCDF attributes cannot hold; the message names the attribute.
    """
    return {name: _plain(value, f"{where}: attribute {name!r}") for name, value in attributes.items()}


def _plain(value: object, where: str) -> Attribute:
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, float) and not np.isfinite(value):
            raise ArgumentError(f"{where} is {value}, and attributes hold finite numbers only: leave it out.")
        return value
    if isinstance(value, list | tuple) and not any(isinstance(item, list | tuple) for item in value):
        items: list[Any] = [_plain(item, where) for item in value]
        if all(isinstance(item, str) for item in items) or not any(isinstance(item, str) for item in items):
            return items
    raise ArgumentError(
        f"{where} is {value!r}; an attribute is text, a number, or a list of one of them. "
        f"Store anything else as JSON text."
    )

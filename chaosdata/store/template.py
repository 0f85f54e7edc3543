"""The template: a group's metadata and coordinates, written once before any worker starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chaosdata.store.arrays import METADATA, TEXT, Array, ArrayPlan, encode, metadata_json
from chaosdata.store.files import PathLike, storage_errors, write_atomic
from chaosdata.store.schema import CONVENTIONS, Attribute, GroupSpec, checked_attributes
from chaosdata.types import Status


def create_root(store_path: PathLike, attributes: Mapping[str, Attribute]) -> None:
    """Write the root group of a store; idempotent.

    Raises
    ------
    ArgumentError
        An attribute that Zarr or netCDF cannot hold.
    StorageError
        The file cannot be written.
    """
    write_group_metadata(store_path, checked_attributes(attributes, where="root"))


def create_group(store_path: PathLike, spec: GroupSpec) -> None:
    """Write the metadata and coordinates of one group; idempotent, always the same bytes, never a shard.

    Raises
    ------
    StorageError
        A file cannot be written.
    """
    group = Path(store_path) / spec.name
    write_group_metadata(group, spec.attributes)
    for plan, values in template_arrays(spec):
        write_array(group, plan, values)


def template_arrays(spec: GroupSpec) -> list[tuple[ArrayPlan, Array | None]]:
    """Every array of the template; those that shards fill come without values."""
    axes: list[tuple[ArrayPlan, Array | None]] = [
        (
            ArrayPlan(
                "time",
                ("time",),
                (spec.samples,),
                "float64",
                {"long_name": _time_name(spec), "units": "1", "axis": "T"},
            ),
            spec.time,
        ),
        _text("component", "component", spec.components, "observable"),
        _text("parameter_name", "parameter", spec.parameters, "name of the parameter"),
        (
            ArrayPlan(
                "trajectory",
                ("trajectory",),
                (spec.trajectories,),
                "int64",
                {"long_name": "number of the trajectory"},
            ),
            np.arange(spec.trajectories, dtype=np.int64),
        ),
        _text(
            "split",
            "trajectory",
            tuple(name for name, members in spec.splits.items() for _ in members),
            "split to which the trajectory belongs",
        ),
    ]
    return [*axes, *((plan, None) for plan in shard_arrays(spec).values())]


def _time_name(spec: GroupSpec) -> str:
    is_map = spec.attributes.get("kind") == "map"
    return "time, in iterates of the map" if is_map else "time, in the system's own unit"


def shard_arrays(spec: GroupSpec) -> dict[str, ArrayPlan]:
    """The arrays that :func:`~chaosdata.store.shards.write_shard` fills, a block for each shard."""
    sizes, rows = spec.layout, spec.shard_trajectories
    components, parameters = len(spec.components), len(spec.parameters)
    state_attributes: dict[str, Attribute] = {"long_name": "state", "units": "1", "coordinates": "split"}
    if spec.keepbits is not None:
        state_attributes["keepbits"] = spec.keepbits
    plans = (
        ArrayPlan(
            "state",
            ("trajectory", "time", "component"),
            (spec.trajectories, spec.samples, components),
            spec.dtype,
            state_attributes,
            sizes.shard,
            sizes.chunk,
        ),
        ArrayPlan(
            "initial",
            ("trajectory", "component"),
            (spec.trajectories, components),
            "float64",
            {"long_name": "state at the first time, in full precision", "units": "1", "coordinates": "split"},
            (rows, components),
        ),
        ArrayPlan(
            "parameter",
            ("trajectory", "parameter"),
            (spec.trajectories, parameters),
            "float64",
            {"long_name": "parameters of the equations", "units": "1", "coordinates": "split parameter_name"},
            (rows, parameters),
        ),
        ArrayPlan(
            "status",
            ("trajectory",),
            (spec.trajectories,),
            "int8",
            {
                "long_name": "how the integration of the trajectory ended",
                "flag_values": [int(status) for status in Status],
                "flag_meanings": " ".join(status.name.lower() for status in Status),
                "coordinates": "split",
            },
            (rows,),
        ),
    )
    return {plan.name: plan for plan in plans}


def write_array(group: Path, plan: ArrayPlan, values: Array | None) -> tuple[str, ...]:
    """Write an array's metadata, and its values where given; returns the files, relative to the group."""
    files = encode(plan, values)
    for key, data in files.items():
        write_if_changed(group / plan.name / key, data)
    return tuple(f"{plan.name}/{key}" for key in sorted(files))


def write_group_metadata(group: PathLike, attributes: Mapping[str, Any]) -> None:
    """Write a group's ``zarr.json``, without consolidated metadata, which is added last."""
    content = {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {"Conventions": CONVENTIONS, **attributes},
    }
    write_if_changed(Path(group) / METADATA, metadata_json(content))


def write_if_changed(path: Path, data: bytes) -> None:
    """Write a file atomically unless it holds these bytes already."""
    with storage_errors("read", path):
        if path.is_file() and path.read_bytes() == data:
            return
    write_atomic(path, data, durable=False)


def _text(name: str, dim: str, values: tuple[str, ...], long_name: str) -> tuple[ArrayPlan, Array]:
    array = np.array(values, dtype=object)
    return ArrayPlan(name, (dim,), (len(values),), TEXT, {"long_name": long_name}), array

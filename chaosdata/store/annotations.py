"""Annotations: measured numbers beside their standard errors; then the consolidated metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chaosdata.errors import ArgumentError
from chaosdata.store.arrays import METADATA, TEXT, ArrayPlan, metadata_json
from chaosdata.store.files import PathLike, storage_errors
from chaosdata.store.schema import REQUIRED, Attribute, checked_attributes
from chaosdata.store.template import write_array, write_group_metadata, write_if_changed
from chaosdata.types import Estimate, FloatArray

STANDARD_ERROR = "_standard_error"
_SPECIAL = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


@dataclass(frozen=True, eq=False)
class AnnotationRecord:
    """One annotation of a system.

    name : the variable's name; its standard error is stored as ``<name>_standard_error``.
    dims : the names of its axes, () for a scalar.
    value, standard_error : arrays of one shape.
    long_name, units : attributes; "1" is the unit of a plain number.
    method : the estimator, in a sentence.
    settings : everything that fixes the result, as plain JSON values; stored as JSON text, since attributes
        cannot nest.
    """

    name: str
    dims: tuple[str, ...]
    value: FloatArray
    standard_error: FloatArray
    long_name: str
    units: str
    method: str
    settings: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit."""
        object.__setattr__(self, "dims", tuple(self.dims))
        object.__setattr__(self, "value", np.array(self.value, dtype=np.float64))
        object.__setattr__(self, "standard_error", np.array(self.standard_error, dtype=np.float64))
        if self.value.shape != self.standard_error.shape or self.value.ndim != len(self.dims):
            raise ArgumentError(
                f"Annotation {self.name}: value has shape {self.value.shape}, standard_error "
                f"{self.standard_error.shape}, dims {self.dims}; they must agree."
            )

    @classmethod
    def from_estimate(
        cls, name: str, estimate: Estimate, *, dims: tuple[str, ...], long_name: str, units: str = "1"
    ) -> AnnotationRecord:
        """The record of an :class:`chaosdata.types.Estimate`."""
        return cls(
            name,
            dims,
            estimate.value,
            estimate.standard_error,
            long_name,
            units,
            estimate.method,
            estimate.settings,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, exact for every double."""
        return {
            "name": self.name,
            "dims": list(self.dims),
            "value": _to_plain(self.value.tolist()),
            "standard_error": _to_plain(self.standard_error.tolist()),
            "long_name": self.long_name,
            "units": self.units,
            "method": self.method,
            "settings": dict(self.settings),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> AnnotationRecord:
        """The inverse of :meth:`to_json`."""
        exact = {key: np.array(_from_plain(values[key]), dtype=float) for key in ("value", "standard_error")}
        return cls(**{**values, **exact, "dims": tuple(values["dims"])})


def write_annotations(
    store_path: PathLike,
    group: str,
    records: Iterable[AnnotationRecord],
    attributes: Mapping[str, Attribute] | None = None,
    coordinates: Mapping[str, Sequence[int] | Sequence[str]] | None = None,
) -> tuple[str, ...]:
    """Add annotations to a group whose template exists; idempotent, one writer a group.

    Parameters
    ----------
    store_path, group : the store and the system.
    records : the annotations.
    attributes : attributes of the group that are known only now, merged into those of the template.
    coordinates : values along new axes, such as ``{"exponent": (1, 2, 3)}``.

    Returns
    -------
    tuple of str
        The files of the new arrays, relative to the store.

    Raises
    ------
    ArgumentError
        A name is taken, or an axis has two lengths.
    StorageError
        A file cannot be read or written.
    """
    folder = Path(store_path) / group
    metadata = _read_metadata(folder)
    sizes = _axes(folder)
    written: list[str] = []
    for name, values in (coordinates or {}).items():
        _claim(sizes, group, name, (name,), (len(values),))
        text = any(isinstance(value, str) for value in values)
        plan = ArrayPlan(name, (name,), (len(values),), TEXT if text else "int64", {"long_name": name})
        written += write_array(folder, plan, np.array(values, dtype=object if text else np.int64))
    for record in records:
        _claim(sizes, group, record.name, record.dims, record.value.shape)
        for plan, numbers in _arrays(record):
            written += write_array(folder, plan, numbers)
    merged = {
        **metadata["attributes"],
        **checked_attributes(attributes or {}, where=group),
    }
    write_group_metadata(folder, merged)
    return tuple(f"{group}/{path}" for path in written)


def consolidate(store_path: PathLike) -> None:
    """Copy the metadata of every array into its group's, then that of every group into the root's.

    Called last, when all arrays are there. The bytes depend on the arrays alone. One group then opens with
    one small read, and a store opens over plain HTTP, where nothing can be listed.

    Raises
    ------
    StorageError
        A file cannot be read or written.
    """
    store = Path(store_path)
    everything: dict[str, Any] = {}
    with storage_errors("read", store):
        groups = sorted(path.parent for path in store.glob(f"*/{METADATA}"))
    for folder in groups:
        group = _read_metadata(folder)
        with storage_errors("read", folder):
            arrays = {path.parent.name: path.parent for path in folder.glob(f"*/{METADATA}")}
        members = {name: _read_metadata(path) for name, path in arrays.items()}
        write_if_changed(folder / METADATA, metadata_json({**group, **_consolidated(members)}))
        everything[folder.name] = {**group, **_consolidated({})}
        everything |= {f"{folder.name}/{name}": metadata for name, metadata in members.items()}
    root = _read_metadata(store)
    write_if_changed(store / METADATA, metadata_json({**root, **_consolidated(everything)}))


def _consolidated(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {"consolidated_metadata": {"kind": "inline", "must_understand": False, "metadata": metadata}}


def _read_metadata(folder: Path) -> dict[str, Any]:
    path = folder / METADATA
    with storage_errors("read", path):
        content: dict[str, Any] = json.loads(path.read_bytes())
    content.pop("consolidated_metadata", None)
    return content


def _axes(folder: Path) -> dict[str, int]:
    """Length of each axis of the template."""
    sizes: dict[str, int] = {}
    for name in REQUIRED:
        metadata = _read_metadata(folder / name)
        sizes |= dict(zip(metadata["dimension_names"], metadata["shape"], strict=True))
    return sizes


def _claim(
    sizes: dict[str, int], group: str, name: str, dims: tuple[str, ...], shape: tuple[int, ...]
) -> None:
    """Record the lengths of an array's axes; refuse a taken name and a second length."""
    if name in {*REQUIRED, "parameter_name"}:
        raise ArgumentError(
            f"{group}: {name!r} is an array of the template; give the annotation another name."
        )
    for dim, size in zip(dims, shape, strict=True):
        if sizes.setdefault(dim, size) != size:
            raise ArgumentError(
                f"{group}: {name} has {size} entries along {dim!r}, where the group has {sizes[dim]}."
            )


def _arrays(record: AnnotationRecord) -> list[tuple[ArrayPlan, FloatArray]]:
    settings = json.dumps(record.settings, sort_keys=True, ensure_ascii=False, allow_nan=False)
    attributes = {"units": record.units, "method": record.method, "settings": settings}
    error = record.name + STANDARD_ERROR
    shape = record.value.shape
    described = {**attributes, "long_name": record.long_name, "ancillary_variables": error}
    uncertain = {**attributes, "long_name": f"standard error of {record.long_name}"}
    return [
        (ArrayPlan(record.name, record.dims, shape, "float64", described), record.value),
        (ArrayPlan(error, record.dims, shape, "float64", uncertain), record.standard_error),
    ]


def _to_plain(value: Any) -> Any:
    """Nested lists of floats, with the three that JSON lacks as text."""
    if isinstance(value, list):
        return [_to_plain(item) for item in value]
    if np.isnan(value):
        return "NaN"
    return value if np.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def _from_plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_plain(item) for item in value]
    return _SPECIAL[value] if isinstance(value, str) else value

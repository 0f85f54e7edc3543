"""Small stores and versions, filled with values that follow from the group and the shard."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from chaosdata.store.annotations import AnnotationRecord, consolidate, write_annotations
from chaosdata.store.files import list_files
from chaosdata.store.manifest import Manifest, build_manifest
from chaosdata.store.receipts import Receipt
from chaosdata.store.schema import GroupSpec
from chaosdata.store.shards import write_shard
from chaosdata.store.template import create_group, create_root

COUNTS = {"train": 12, "validation": 4, "test": 7}


def make_spec(name: str = "Lorenz", **changes: Any) -> GroupSpec:
    """Six shards of at most four trajectories, the last with three; chunks of two trajectories."""
    values: dict[str, Any] = {
        "name": name,
        "components": ("x", "y", "cos(z)"),
        "parameters": () if name == "SprottB" else ("sigma", "rho"),
        "counts": COUNTS,
        "samples": 50,
        "time_step": 0.015,
        "attributes": {"equations": "dx/dt = y", "reference": "Somebody (1963).", "period": 1.5},
        "chunk_bytes": 2 * 50 * 3 * 8,
        "shard_bytes": 4 * 50 * 3 * 8,
    }
    return GroupSpec(**(values | changes))


def make_arrays(spec: GroupSpec, index: int) -> dict[str, np.ndarray]:
    """The arrays of one shard; a function of the group's name and the trajectory alone."""
    start, stop = spec.bounds(index)
    states, initials, parameters = [], [], []
    for trajectory in range(start, stop):
        generator = np.random.Generator(np.random.Philox(key=[len(spec.name), trajectory]))
        states.append(generator.random((spec.samples, len(spec.components))) * 20 - 10)
        initials.append(states[-1][0])
        parameters.append(generator.random(len(spec.parameters)))
    state = np.array(states)
    status = np.zeros(stop - start, dtype=np.int8)
    if index == 1:  # one trajectory ends early, and one whole chunk is missing
        state[0, 20:] = np.nan
        state[2:] = np.nan
        status[0], status[2:] = 1, 2
    return {
        "state": state,
        "initial": np.array(initials),
        "parameter": np.array(parameters),
        "status": status,
    }


def fill(store: Path, spec: GroupSpec, indices: Iterable[int] | None = None) -> list[Receipt]:
    """Write shards in the order given."""
    chosen = range(spec.shards) if indices is None else indices
    return [write_shard(store, spec, index, **make_arrays(spec, index)) for index in chosen]


def records() -> list[AnnotationRecord]:
    """A spectrum, a scalar, and a moment of each component."""
    return [
        AnnotationRecord(
            "lyapunov_exponent",
            ("exponent",),
            np.array([0.9057, 0.0, -14.572]),
            np.array([0.0016, 1e-6, 0.0016]),
            "Lyapunov exponents",
            "1",
            "tangent vectors",
            {"order": 8, "tolerance": 1e-6},
        ),
        AnnotationRecord(
            "period", (), np.array(0.75), np.array(0.01), "dominant period", "1", "spectrum", {}
        ),
        AnnotationRecord(
            "mean",
            ("component",),
            np.array([0.1, np.nan, 3.0]),
            np.array([0.1, np.inf, 0.1]),
            "mean",
            "1",
            "m",
            {},
        ),
    ]


def make_store(store: Path, specs: Iterable[GroupSpec]) -> list[Receipt]:
    """A whole store, consolidated."""
    receipts: list[Receipt] = []
    create_root(store, {"title": "An example"})
    for spec in specs:
        create_group(store, spec)
        receipts += fill(store, spec)
        write_annotations(store, spec.name, records(), {"lyapunov_time": 1.1}, {"exponent": (1, 2, 3)})
    consolidate(store)
    return receipts


def make_version(
    directory: Path, *, name: str = "example", version: str = "1.0.0", systems: Iterable[str] = ("Lorenz",)
) -> Manifest:
    """A version directory with everything that a build leaves there."""
    shutil.rmtree(directory, ignore_errors=True)
    receipts = make_store(directory / "data.zarr", [make_spec(system) for system in systems])
    (directory / "recipe.yaml").write_text(f"name: {name}\nversion: {version}\n")
    (directory / "README.md").write_text("# An example\n")
    (directory / "croissant.json").write_text("{}\n")
    return build_manifest(directory, name=name, version=version, receipts=receipts)


def contents(directory: Path) -> dict[str, bytes]:
    """Every file below a directory."""
    return {path: (directory / path).read_bytes() for path in list_files(directory)}


def flip(path: Path, position: int = 100) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)

"""The manifest: every file's size and hash, and a digest of each array's values.

It is a function of the version's content: no clock, no machine, no release of a library.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaosdata.errors import IntegrityError, StorageError
from chaosdata.store.arrays import METADATA, combined_digest, value_digest
from chaosdata.store.files import (
    PathLike,
    canonical_json,
    hash_bytes,
    hash_file,
    list_files,
    remove_parts,
    storage_errors,
    write_atomic,
)
from chaosdata.store.receipts import FileRecord, Receipt, file_record
from chaosdata.store.schema import PER_TRAJECTORY

MANIFEST = "manifest.json"
STORE = "data.zarr"
PARTS_OF_A_VERSION = (STORE, "recipe.yaml", "README.md", "croissant.json")
_SCHEMA = "chaosdata-manifest/1"


@dataclass(frozen=True)
class Manifest:
    """What a version consists of.

    name, version : of the dataset.
    files : every file but the manifest itself, by path relative to the version's directory.
    values : digest of each array's values, by path relative to the store: sha256 over the digests of its
        blocks, one a line, in order. A block is one shard's trajectories of ``state``, ``initial``,
        ``parameter`` and ``status``, and the whole of any other array. It does not depend on chunks or
        compressor, so a rebuild under another compressor can still be proven equal.
    shards : the digests of those blocks, for each system a tuple over shards, keyed as in ``values``.
    """

    name: str
    version: str
    files: Mapping[str, FileRecord]
    values: Mapping[str, str]
    shards: Mapping[str, tuple[Mapping[str, str], ...]]

    @property
    def systems(self) -> tuple[str, ...]:
        """The groups, sorted."""
        return tuple(sorted(self.shards))

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(record.size for record in self.files.values())

    def to_json(self) -> dict[str, Any]:
        """The content of manifest.json."""
        return {
            "schema": _SCHEMA,
            "name": self.name,
            "version": self.version,
            "files": {path: {"size": f.size, "sha256": f.sha256} for path, f in self.files.items()},
            "values": dict(self.values),
            "shards": {system: [dict(shard) for shard in shards] for system, shards in self.shards.items()},
        }


@dataclass(frozen=True)
class Problem:
    """One file that is not what the manifest says: its path in the version's directory, and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def build_manifest(
    version_dir: PathLike, *, name: str, version: str, receipts: Iterable[Receipt]
) -> Manifest:
    """Hash every file afresh, compare with the receipts of the shards, and write ``manifest.json``.

    Called under the lock of the build, when ``data.zarr`` is consolidated and ``recipe.yaml``, ``README.md``
    and ``croissant.json`` are written. Partial files of killed writers are removed.

    Raises
    ------
    IntegrityError
        A file is not what its receipt says, or belongs to no receipt; the message names it.
    StorageError
        A part of the version or a shard is missing, or the disk refuses.
    """
    directory = Path(version_dir)
    for part in PARTS_OF_A_VERSION:
        if not (directory / part).exists():
            raise StorageError(f"{directory / part} is missing: a version is not complete without it.")
    remove_parts(directory)
    with storage_errors("remove", directory / MANIFEST):
        (directory / MANIFEST).unlink(missing_ok=True)
    files = {path: file_record(directory, path) for path in list_files(directory)}
    shards = _compare(directory, files, receipts)
    values = {path: combined_digest(blocks) for path, blocks in _blocks(directory / STORE, shards)}
    manifest = Manifest(name, version, files, values, shards)
    write_atomic(directory / MANIFEST, canonical_json(manifest.to_json()))
    return manifest


def read_manifest(path: PathLike) -> Manifest:
    """The manifest in a file.

    Raises
    ------
    StorageError
        It cannot be read.
    IntegrityError
        It is not a manifest.
    """
    with storage_errors("read", path):
        data = Path(path).read_bytes()
    return parse_manifest(data, where=str(path))


def parse_manifest(data: bytes, *, where: str) -> Manifest:
    """The manifest in some bytes; ``where`` they came from is for the message."""
    try:
        raw = json.loads(data)
        if raw["schema"] != _SCHEMA:
            raise ValueError(f"its schema is {raw['schema']!r}, and this release reads {_SCHEMA!r}")
        files = {path: FileRecord(path, f["size"], f["sha256"]) for path, f in raw["files"].items()}
        shards = {system: tuple(blocks) for system, blocks in raw["shards"].items()}
        return Manifest(raw["name"], raw["version"], files, raw["values"], shards)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{where} is not a manifest ({error}): fetch or build the version again."
        ) from error


def verify_files(
    version_dir: PathLike, manifest: Manifest | None = None, *, sha256: str | None = None, under: str = ""
) -> list[Problem]:
    """Every file that is missing, too many, of another size or of another hash; empty when all is well.

    Parameters
    ----------
    version_dir : the directory of the version.
    manifest : what it must hold; read from ``manifest.json`` by default.
    sha256 : what ``manifest.json`` itself must hash to, with or without the prefix ``sha256:``. If it does
        not, that is the only problem returned, since nothing in it can be trusted.
    under : look only at paths that begin with this, such as ``data.zarr/Lorenz/``.

    Raises
    ------
    StorageError
        The directory cannot be read.
    """
    directory = Path(version_dir)
    if not directory.is_dir():
        raise StorageError(f"{directory} is not there: check the root, or download the version.")
    if sha256 is not None:
        with storage_errors("read", directory / MANIFEST):
            found = hash_bytes((directory / MANIFEST).read_bytes())
        if found != sha256.removeprefix("sha256:"):
            return [Problem(MANIFEST, "not the manifest that the catalog names")]
    manifest = manifest or read_manifest(directory / MANIFEST)
    with storage_errors("list", directory):
        present = {path for path in list_files(directory) if path.startswith(under)} - {MANIFEST}
    expected = {path for path in manifest.files if path.startswith(under)}
    problems = [Problem(path, "not in the manifest") for path in present - expected]
    problems += [Problem(path, "missing") for path in expected - present]
    for path in sorted(expected & present):
        reason = _difference(directory / path, manifest.files[path])
        if reason:
            problems.append(Problem(path, reason))
    return sorted(problems, key=lambda problem: problem.path)


def _difference(path: Path, record: FileRecord) -> str:
    with storage_errors("read", path):
        size = path.stat().st_size
        if size != record.size:
            return f"{size} bytes instead of {record.size}"
        return "" if hash_file(path) == record.sha256 else "its bytes have changed (sha256 differs)"


def _compare(
    directory: Path, files: Mapping[str, FileRecord], receipts: Iterable[Receipt]
) -> dict[str, tuple[Mapping[str, str], ...]]:
    """The value digests of every shard, after a check of its files."""
    known: set[str] = set()
    digests: dict[str, dict[int, Mapping[str, str]]] = {}
    for receipt in receipts:
        system, _, index = receipt.task.rpartition("/")
        digests.setdefault(system, {})[int(index)] = receipt.values
        for record in receipt.files:
            path = f"{STORE}/{record.path}"
            found = files.get(path)
            if found is None or (found.size, found.sha256) != (record.size, record.sha256):
                state = "is missing" if found is None else "has changed since it was written"
                raise IntegrityError(f"{directory / path} {state}: build again, and its shard is made again.")
            known.add(path)
    chunks = tuple(f"/{array}/c/" for array in PER_TRAJECTORY)
    for path in files:
        if path not in known and any(chunk in path for chunk in chunks):
            raise IntegrityError(f"{directory / path} belongs to no receipt: remove it, and build again.")
    shards: dict[str, tuple[Mapping[str, str], ...]] = {}
    for path in files:
        if path.endswith(f"/state/{METADATA}"):
            system = path.split("/")[1]
            shape, chunk = _grid(directory / path)
            found_shards = digests.pop(system, {})
            missing = sorted(set(range(-(-shape[0] // chunk[0]))) ^ found_shards.keys())
            if missing:
                raise StorageError(
                    f"Shard {missing[0]} of {system} has no receipt, or is no shard of it: build again."
                )
            shards[system] = tuple(found_shards[index] for index in sorted(found_shards))
    if digests:
        raise StorageError(f"There are receipts of {sorted(digests)[0]}, which has no group: build again.")
    return shards


def _grid(path: Path) -> tuple[list[int], list[int]]:
    with storage_errors("read", path):
        metadata = json.loads(path.read_bytes())
    return metadata["shape"], metadata["chunk_grid"]["configuration"]["chunk_shape"]


def _blocks(
    store: Path, shards: Mapping[str, tuple[Mapping[str, str], ...]]
) -> Iterator[tuple[str, list[str]]]:
    """The digests of the blocks of every array."""
    import numpy as np
    import zarr

    for system, blocks in shards.items():
        with storage_errors("read", store / system):
            names = sorted(path.parent.name for path in (store / system).glob(f"*/{METADATA}"))
            for name in names:
                path = f"{system}/{name}"
                if name in PER_TRAJECTORY:
                    yield path, [block[path] for block in blocks]
                else:
                    values = np.asarray(zarr.open_array(store / path, mode="r")[...])
                    yield path, [value_digest(values)]

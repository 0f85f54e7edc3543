"""Publishing: a finished version moves into place by one rename, and the catalog names it by another.

A crash between the two leaves a complete version that the catalog does not list yet. A note beside the
staging directory holds its entry, and whoever next looks at the root lists it.
"""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path

from pydantic import ValidationError

from chaosdata.catalog.file import CATALOG, load_catalog, save_catalog
from chaosdata.catalog.model import Catalog, CatalogEntry, Size
from chaosdata.errors import CatalogError, IntegrityError, StorageError
from chaosdata.store.arrays import METADATA
from chaosdata.store.files import (
    WORK,
    PathLike,
    canonical_json,
    hash_file,
    lock,
    remove_tree,
    staging,
    storage_errors,
    sync,
    sync_tree,
    write_atomic,
)
from chaosdata.store.manifest import MANIFEST, STORE, read_manifest

RECIPE = "recipe.yaml"
_NOTE = ".entry.json"


def describe(
    version_dir: PathLike, *, name: str, version: str, title: str, license: str, generator: str
) -> CatalogEntry:
    """The catalog entry of a version whose manifest is written.

    Raises
    ------
    StorageError
        A file cannot be read.
    IntegrityError
        The manifest is of another version.
    """
    directory = Path(version_dir)
    manifest = read_manifest(directory / MANIFEST)
    if (manifest.name, manifest.version) != (name, version):
        raise IntegrityError(
            f"{directory / MANIFEST} is of {manifest.name}@{manifest.version}, not of {name}@{version}: "
            f"build again."
        )
    with storage_errors("read", directory):
        shapes = [
            json.loads((directory / STORE / system / "state" / METADATA).read_bytes())["shape"]
            for system in manifest.systems
        ]
        return CatalogEntry(
            name=name,
            version=version,
            title=title,
            license=license,
            manifest=f"sha256:{hash_file(directory / MANIFEST)}",
            recipe=f"sha256:{hash_file(directory / RECIPE)}",
            generator=generator,
            size=Size(
                systems=len(shapes),
                trajectories=sum(shape[0] for shape in shapes),
                samples=sum(shape[0] * shape[1] for shape in shapes),
                bytes=manifest.bytes,
                files=len(manifest.files),
            ),
            systems=manifest.systems,
        )


def publish(staged_tree: PathLike, root: PathLike, entry: CatalogEntry) -> CatalogEntry:
    """Publish a finished version; safe to be killed and run again at any instant.

    Parameters
    ----------
    staged_tree : the version directory to be, on the file system of the root; it is moved, not copied.
    root : the directory that holds, or will hold, catalog.yaml.
    entry : see :func:`describe`.

    Returns
    -------
    CatalogEntry
        The entry that the catalog now has. When an identical version is there already, it is that version's,
        and the staged tree is dropped.

    Raises
    ------
    CatalogError
        The version exists with other bytes, or the catalog is malformed.
    StorageError
        The root cannot be written.
    """
    tree, base = Path(staged_tree), Path(root)
    final, work = base / entry.path, staging(base, entry.name, entry.version).directory
    with storage_errors("read", tree / MANIFEST):
        if f"sha256:{hash_file(tree / MANIFEST)}" != entry.manifest:
            raise CatalogError(f"{tree / MANIFEST} is not the manifest that {entry.spec} names: build again.")
    sync_tree(tree)
    with _catalog_lock(base):
        catalog = _repaired(base)
        existing = _manifest_on_disk(base, entry)
        listed = next((other for other in catalog.datasets if other.spec == entry.spec), None)
        for known in (existing, listed.manifest if listed else None):
            if known not in (None, entry.manifest):
                raise CatalogError(
                    f"{entry.spec} is published in {base} with other bytes ({known}, not {entry.manifest}), "
                    f"and a version is never rewritten: raise the version in the recipe."
                )
        if existing is None:
            write_atomic(_note(base, entry), canonical_json(entry.model_dump(mode="json")))
            with storage_errors("publish", final):
                final.parent.mkdir(parents=True, exist_ok=True)
                os.rename(tree, final)
                for changed in (final.parent, base, tree.parent):
                    sync(changed)
        else:
            remove_tree(tree)
        if listed is None:
            save_catalog(base / CATALOG, catalog.listing(entry))
        remove_tree(work)
        with storage_errors("remove", _note(base, entry)):
            _note(base, entry).unlink(missing_ok=True)
    return listed or entry


def published(root: PathLike, name: str, version: str) -> CatalogEntry | None:
    """The entry of a version that is there and listed, or None, once interrupted publications are finished.

    Raises
    ------
    CatalogError
        The catalog is malformed.
    IntegrityError
        The version's manifest is not the one that the catalog names.
    StorageError
        The root cannot be read.
    """
    repair(root)
    base = Path(root)
    catalog = load_catalog(base / CATALOG)
    entry = next((e for e in catalog.datasets if (e.name, e.version) == (name, version)), None)
    found = _manifest_on_disk(base, entry) if entry else None
    if entry is None or found is None:
        return None
    if found != entry.manifest:
        raise IntegrityError(
            f"{base / entry.path / MANIFEST} is not the manifest that the catalog names: "
            f"fetch the version again, or move its directory away and build it again."
        )
    return entry


def repair(root: PathLike) -> tuple[CatalogEntry, ...]:
    """List versions whose publication died between the rename and the catalog; returns those that it listed.

    Raises
    ------
    CatalogError
        The catalog is malformed.
    StorageError
        The root cannot be written.
    """
    base = Path(root)
    if not _notes(base):
        return ()
    with _catalog_lock(base):
        before = load_catalog(base / CATALOG)
        after = _repaired(base)
    return tuple(entry for entry in after.datasets if entry not in before.datasets)


def _repaired(base: Path) -> Catalog:
    """The catalog with every version in place that a note speaks of. The caller holds the lock."""
    catalog = load_catalog(base / CATALOG)
    for folder in (base, base / WORK):  # partial catalogs and notes of publications that were killed
        with storage_errors("clean", folder):
            for partial in folder.glob(".*.part"):
                partial.unlink(missing_ok=True)
    for path in _notes(base):
        entry = _read_note(path)
        if entry is None or _manifest_on_disk(base, entry) != entry.manifest:
            continue  # it died before the rename: its build goes on from its receipts
        if all(other.spec != entry.spec for other in catalog.datasets):
            catalog = catalog.listing(entry)
            save_catalog(base / CATALOG, catalog)
        remove_tree(staging(base, entry.name, entry.version).directory)
        with storage_errors("remove", path):
            path.unlink(missing_ok=True)
    return catalog


def _catalog_lock(base: Path) -> AbstractContextManager[None]:
    return lock(base / WORK / "catalog.lock")


def _note(base: Path, entry: CatalogEntry) -> Path:
    return base / WORK / f"{entry.name}-{entry.version}{_NOTE}"


def _notes(base: Path) -> list[Path]:
    return sorted((base / WORK).glob(f"*{_NOTE}"))


def _read_note(path: Path) -> CatalogEntry | None:
    with storage_errors("read", path):
        try:
            return CatalogEntry.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None


def _manifest_on_disk(base: Path, entry: CatalogEntry) -> str | None:
    """The hash of the manifest of a version that is in place."""
    directory = base / entry.path
    with storage_errors("read", directory):
        try:
            return f"sha256:{hash_file(directory / MANIFEST)}"
        except FileNotFoundError:
            if directory.is_dir() and any(directory.iterdir()):
                raise StorageError(
                    f"{directory} is in the way: it holds files but no {MANIFEST}. "
                    f"Move it away, then run this again."
                ) from None
            return None

"""A root with published versions."""

from __future__ import annotations

from pathlib import Path

from chaosdata.catalog.card import write_card
from chaosdata.catalog.model import CatalogEntry
from chaosdata.catalog.publish import describe, publish
from chaosdata.store.files import lock, staging
from chaosdata.store.manifest import build_manifest
from tests.store.examples import make_spec, make_store

SYSTEMS = ("Lorenz", "SprottB")
TITLE = "Two flows"
LICENSE = "CC-BY-4.0"
GENERATOR = "chaosdata 0.0.0"


def stage(
    root: Path,
    name: str = "example",
    version: str = "1.0.0",
    systems: tuple[str, ...] = SYSTEMS,
    note: str = "",
) -> CatalogEntry:
    """A complete staged version, and the entry it will have; ``note`` makes other bytes."""
    place = staging(root, name, version)
    receipts = make_store(place.store, [make_spec(system) for system in systems])
    (place.tree / "recipe.yaml").write_text(f"name: {name}\nversion: {version}\nnote: {note!r}\n")
    write_card(place.tree, name=name, version=version, title=TITLE, license=LICENSE)
    build_manifest(place.tree, name=name, version=version, receipts=receipts)
    place.receipts.mkdir(exist_ok=True)
    (place.receipts / "one.json").write_text("{}")
    return describe(place.tree, name=name, version=version, title=TITLE, license=LICENSE, generator=GENERATOR)


def publish_staged(root: Path, entry: CatalogEntry) -> CatalogEntry:
    """Publish it as a build does, under the lock of the version."""
    place = staging(root, entry.name, entry.version)
    with lock(place.lock_path):
        return publish(place.tree, root, entry)


def make_root(root: Path, *versions: tuple[str, str, tuple[str, ...]]) -> list[CatalogEntry]:
    """Publish (name, version, systems) one after another."""
    return [publish_staged(root, stage(root, *version)) for version in versions]

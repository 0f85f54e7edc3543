"""Prove a published version: its bytes, and on request that they can be made again.

Trust runs from the catalog to the manifest's hash to the hash of each file; a replay goes one step further
and simulates shards afresh, which also proves that this machine and this release give the published numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chaosdata.datasets.plan import group_spec
from chaosdata.datasets.recipe import Recipe, parse_recipe
from chaosdata.datasets.simulate import simulate_block
from chaosdata.errors import ArgumentError, CatalogError, IntegrityError

if TYPE_CHECKING:
    from chaosdata.catalog.model import CatalogEntry
    from chaosdata.store.manifest import Manifest


@dataclass(frozen=True)
class Report:
    """What was proven.

    files, bytes : how many files and bytes were hashed.
    replayed : the shards that were simulated again, ``"Lorenz: shard 0"``.
    manifest : sha256 of the manifest, as the catalog names it.
    """

    name: str
    version: str
    files: int
    bytes: int
    replayed: tuple[str, ...]
    manifest: str


def verify(
    spec: str,
    root: str | os.PathLike[str],
    replay: int = 0,
    progress: Callable[[int, int, str], None] | None = None,
) -> Report:
    """Hash every file of a published version against its manifest, and the manifest against the catalog.

    Parameters
    ----------
    spec : ``"name@version"``, or ``"name"`` for its latest version.
    root : the directory that holds catalog.yaml.
    replay : how many shards to simulate again, spread over the systems; always the same ones.
    progress : called with (shards replayed, shards to replay, the last one).

    Raises
    ------
    IntegrityError : names the first file, or shard, that is not what was published.
    UnknownNameError, CatalogError : the catalog does not have the version, or cannot be read.
    """
    from chaosdata.store.manifest import MANIFEST, read_manifest, verify_files

    if replay < 0:
        raise ArgumentError(f"replay is {replay}, expected a number of shards, 0 or more")
    entry = _entry(spec, root)
    directory = Path(root) / entry.path
    if not (directory / MANIFEST).is_file():
        raise IntegrityError(f"{directory / MANIFEST}: missing")
    problems = verify_files(directory, sha256=entry.manifest.removeprefix("sha256:"))
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise IntegrityError(f"{directory / problems[0].path}: {problems[0].reason}{more}")
    manifest = read_manifest(directory / MANIFEST)
    replayed = _replay(entry, directory, manifest, replay, progress) if replay else ()
    sizes = [record.size for record in manifest.files.values()]
    return Report(entry.name, entry.version, len(sizes), sum(sizes), replayed, entry.manifest)


def _entry(spec: str, root: str | os.PathLike[str]) -> CatalogEntry:
    from chaosdata.catalog.load import open_catalog

    if "://" in os.fspath(root):
        raise ArgumentError(f"{os.fspath(root)}: verification reads local files; download the version first")
    return open_catalog(root)[spec]


def _replay(
    entry: CatalogEntry,
    directory: Path,
    manifest: Manifest,
    count: int,
    progress: Callable[[int, int, str], None] | None,
) -> tuple[str, ...]:
    from chaosdata.store.shards import value_digests

    path = directory / "recipe.yaml"
    recipe = parse_recipe(path.read_text(encoding="utf-8"), str(path))
    if entry.recipe != f"sha256:{recipe.digest}":
        raise CatalogError(
            f"{path}: not the recipe that the catalog names; it was written by another release"
        )
    chosen = choose_shards(recipe, count)
    labels: list[str] = []
    for name, index in chosen:
        block = simulate_block(recipe, name, index)
        spec = group_spec(recipe, name)
        found = value_digests(spec, block.state, block.initial, block.parameter, block.status)
        published = manifest.shards[name][index]
        differing = sorted(key for key, digest in found.items() if published.get(key) != digest)
        if differing:
            raise IntegrityError(
                f"{directory / 'data.zarr' / name}: shard {index} was simulated again and gave other values "
                f"of {', '.join(differing)}; the files are as published, this release or machine differs"
            )
        labels.append(f"{name}: shard {index}")
        if progress is not None:
            progress(len(labels), len(chosen), labels[-1])
    return tuple(labels)


def choose_shards(recipe: Recipe, count: int) -> list[tuple[str, int]]:
    """``count`` shards as (system, index), spread over the systems and over each one's shards; all of them if
    fewer.

    One shard of each of evenly spaced systems comes before a second one of any.
    """
    shards = {name: group_spec(recipe, name).shards for name in recipe.systems}
    count = min(count, sum(shards.values()))
    quota = dict.fromkeys(shards, 0)
    while count:
        open_names = [name for name in shards if quota[name] < shards[name]]
        take = min(count, len(open_names))
        for place in range(take):
            quota[open_names[place * len(open_names) // take]] += 1
        count -= take
    return [(name, rank * shards[name] // quota[name]) for name in shards for rank in range(quota[name])]

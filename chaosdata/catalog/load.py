"""Opening what is published: the catalog, one system of a version, or all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chaosdata.catalog.file import CATALOG, parse_catalog
from chaosdata.catalog.model import Catalog, CatalogEntry
from chaosdata.catalog.names import unknown
from chaosdata.catalog.root import Root, root_at
from chaosdata.errors import ArgumentError, CatalogError, IntegrityError
from chaosdata.store.files import PathLike, hash_bytes
from chaosdata.store.manifest import MANIFEST, STORE, Manifest, parse_manifest

if TYPE_CHECKING:
    import xarray

    from chaosdata.catalog.reader import Chunks


def open_catalog(root: PathLike, *, storage_options: Mapping[str, Any] | None = None) -> Catalog:
    """The catalog of a root.

    Parameters
    ----------
    root : directory, ``http(s)://`` or ``s3://`` URL that holds ``catalog.yaml``.
    storage_options : what fsspec is given for a URL, such as ``{"anon": True}`` for a public bucket.

    Returns
    -------
    Catalog
        ``catalog["name"]`` and ``catalog["name@1.0.0"]`` are its entries, ``catalog.names`` its datasets.

    Raises
    ------
    CatalogError
        There is no catalog, or it is malformed.
    StorageError
        The root cannot be read.

    >>> import chaosdata as cd
    >>> cd.open_catalog("datasets").names  # doctest: +SKIP
    ('quickstart',)
    """
    return _catalog(root_at(root, storage_options))


def open_dataset(
    spec: str,
    system: str | None = None,
    split: str | None = None,
    *,
    root: PathLike,
    verify: bool = False,
    chunks: Chunks = None,
    storage_options: Mapping[str, Any] | None = None,
) -> xarray.Dataset:
    """One system of a published version, lazily: values are read when they are used.

    Parameters
    ----------
    spec : ``"name@1.0.0"``, or ``"name"`` for the latest active version.
    system : may be left out where there is only one.
    split : ``"train"``, ``"validation"``, ``"test"``; None for all trajectories.
    root, storage_options : see :func:`open_catalog`.
    verify : first read and hash every file of the system, against the manifest that the catalog names.
    chunks : None indexes lazily; ``{}`` or sizes make dask arrays, as in :func:`xarray.open_dataset`.

    Returns
    -------
    xarray.Dataset
        ``state`` (trajectory, time, component) and everything else of the group; ``time`` in the system's own
        unit.

    Raises
    ------
    UnknownNameError
        There is no such dataset, version, system or split; the message lists those there are.
    IntegrityError
        A file is not the one that was published; the message names it.
    CatalogError, StorageError
        See :func:`open_catalog`.

    >>> import chaosdata as cd
    >>> cd.open_dataset("quickstart", "Lorenz", "train", root="datasets").state  # doctest: +SKIP
    """
    place = root_at(root, storage_options)
    entry = _catalog(place)[spec]
    group = _system(entry, system)
    if verify:
        _verify(place, entry, f"{STORE}/{group}/")

    from chaosdata.catalog.reader import open_group, published_store

    dataset = open_group(published_store(place, f"{entry.path}/{STORE}/{group}"), chunks)
    return dataset if split is None else _select(dataset, split, f"{entry.spec} {group}")


def open_datatree(
    spec: str,
    *,
    root: PathLike,
    verify: bool = False,
    chunks: Chunks = None,
    storage_options: Mapping[str, Any] | None = None,
) -> xarray.DataTree:
    """Every system of a published version, lazily, as one child each.

    Parameters and errors as :func:`open_dataset`; ``verify`` hashes every file of the store.

    >>> import chaosdata as cd
    >>> cd.open_datatree("quickstart", root="datasets")["Lorenz/state"]  # doctest: +SKIP
    """
    place = root_at(root, storage_options)
    entry = _catalog(place)[spec]
    if verify:
        _verify(place, entry, f"{STORE}/")

    from chaosdata.catalog.reader import open_tree, published_store

    return open_tree(published_store(place, f"{entry.path}/{STORE}"), entry.systems, chunks)


def open_manifest(root: Root, entry: CatalogEntry) -> Manifest:
    """The manifest of a version, once it is proven to be the one that the catalog names.

    Raises
    ------
    IntegrityError
        It is missing or another one.
    """
    path = f"{entry.path}/{MANIFEST}"
    data = root.read(path)
    if data is None:
        raise IntegrityError(f"{root.join(path)} is missing: download or build {entry.spec} again.")
    if f"sha256:{hash_bytes(data)}" != entry.manifest:
        raise IntegrityError(
            f"{root.join(path)} is not the manifest that the catalog names: "
            f"download or build {entry.spec} again."
        )
    return parse_manifest(data, where=root.join(path))


def _catalog(root: Root) -> Catalog:
    data = root.read(CATALOG)
    if data is None:
        raise CatalogError(
            f"There is no {root.join(CATALOG)}: name the directory or URL in which a catalog was published."
        )
    return parse_catalog(data, where=root.join(CATALOG))


def _system(entry: CatalogEntry, system: str | None) -> str:
    if system is None:
        if len(entry.systems) == 1:
            return entry.systems[0]
        names = ", ".join(entry.systems)
        raise ArgumentError(f"{entry.spec} has {len(entry.systems)} systems; name one of them: {names}.")
    if system not in entry.systems:
        raise unknown("system", system, entry.systems, where=entry.spec)
    return system


def _select(dataset: xarray.Dataset, split: str, where: str) -> xarray.Dataset:
    """The trajectories of a split, which are contiguous."""
    labels = [str(label) for label in dataset["split"].values]
    if split not in labels:
        raise unknown("split", split, dict.fromkeys(labels), where=where)
    start = labels.index(split)
    return dataset.isel(trajectory=slice(start, start + labels.count(split)))


def _verify(root: Root, entry: CatalogEntry, under: str) -> None:
    """Hash every file of the manifest below a path."""
    for path, record in open_manifest(root, entry).files.items():
        if path.startswith(under) or path == f"{STORE}/zarr.json":
            found = root.record(f"{entry.path}/{path}")
            if found is None or (found.size, found.sha256) != (record.size, record.sha256):
                state = (
                    "is missing" if found is None else "is not the file that was published (sha256 differs)"
                )
                raise IntegrityError(
                    f"{root.join(f'{entry.path}/{path}')} {state}: download or build it again."
                )

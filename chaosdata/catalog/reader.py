"""Reading a published store through Zarr and xarray: lazily, and never a NaN where a file is missing."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import xarray
from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.errors import BaseZarrError
from zarr.storage import FsspecStore, LocalStore, WrapperStore

from chaosdata.catalog.root import Root, reading
from chaosdata.errors import IntegrityError, StorageError
from chaosdata.store.schema import REQUIRED

Chunks = int | dict[Any, Any] | str | None


class PublishedStore(WrapperStore[Store]):
    """A store in which every chunk exists.

    Zarr takes a missing chunk for one that was never written and returns NaN. Here all are written, so a
    missing one was lost, or was left out of a partial download.
    """

    location: str

    def __init__(self, store: Store, location: str = "") -> None:
        super().__init__(store)
        self.location = location

    def _with_store(self, store: Store) -> PublishedStore:
        return type(self)(store, self.location)

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """The bytes under a key; a missing chunk is an error."""
        with reading(f"{self.location}/{key}"):
            value = await self._store.get(key, prototype, byte_range)
        return self._present(key, value)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """As :meth:`get`, for several keys."""
        wanted = list(key_ranges)
        with reading(self.location):
            values = await self._store.get_partial_values(prototype, wanted)
        return [self._present(key, value) for (key, _), value in zip(wanted, values, strict=True)]

    def _present(self, key: str, value: Buffer | None) -> Buffer | None:
        if value is None and "c" in key.split("/")[2:]:  # group/array/c/0/0: a chunk
            raise StorageError(
                f"{self.location}/{key} is missing: it was lost, or not downloaded. Download that part, "
                f"or open a split that is there."
            )
        return value


def published_store(root: Root, path: str) -> PublishedStore:
    """The Zarr store at a path below the root, read-only."""
    location = root.join(path)
    if not root.remote:
        return PublishedStore(LocalStore(location, read_only=True), location)
    root.filesystem()  # says which package is missing
    with reading(location):
        store = FsspecStore.from_url(location, storage_options=dict(root.options), read_only=True)
    return PublishedStore(store, location)


def open_group(store: PublishedStore, group: str, chunks: Chunks) -> xarray.Dataset:
    """One group, lazily.

    Raises
    ------
    IntegrityError
        The group is not there or not whole. An unconsolidated store would open empty over plain HTTP.
    StorageError
        It cannot be read.
    """
    try:
        dataset = xarray.open_dataset(
            _any(store), engine="zarr", group=group, consolidated=True, chunks=chunks
        )
    except (BaseZarrError, FileNotFoundError, ValueError, KeyError) as error:
        raise _not_whole(store, group, str(error)) from error
    _check_whole(store, group, dataset.variables)
    return dataset


def open_tree(store: PublishedStore, groups: Iterable[str], chunks: Chunks) -> xarray.DataTree:
    """Every group, lazily; errors as :func:`open_group`."""
    try:
        tree = xarray.open_datatree(_any(store), engine="zarr", consolidated=True, chunks=chunks)
    except (BaseZarrError, FileNotFoundError, ValueError, KeyError) as error:
        raise _not_whole(store, "", str(error)) from error
    for group in groups:
        if group not in tree.children:
            raise _not_whole(store, group, "the root does not list it")
        _check_whole(store, group, tree.children[group].variables)
    return tree


def _any(store: PublishedStore) -> Any:
    """xarray takes a Zarr store, but its annotations do not say so."""
    return store


def _check_whole(store: PublishedStore, group: str, variables: Container[Any]) -> None:
    """Refuse a group without the variables that every published group has."""
    for name in REQUIRED:
        if name not in variables:
            raise _not_whole(store, group, f"it has no variable {name!r}")


def _not_whole(store: PublishedStore, group: str, reason: str) -> IntegrityError:
    place = "/".join(part for part in (store.location, group) if part)
    return IntegrityError(
        f"{place} is not a whole published group ({reason.splitlines()[0] if reason else 'unreadable'}): "
        f"download it, or ask for it to be published, again."
    )

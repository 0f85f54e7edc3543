"""Reading a published store through Zarr and xarray: lazily, and never a NaN where a file is missing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import xarray
from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.errors import BaseZarrError
from zarr.storage import FsspecStore, LocalStore, WrapperStore

from chaosdata.catalog.root import Root, reading
from chaosdata.errors import IntegrityError, StorageError
from chaosdata.store.arrays import METADATA
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
        if value is None and not _is_metadata(key):
            raise StorageError(
                f"{self.location}/{key} is missing: it was lost, or not downloaded. Download that part, "
                f"or open a split that is there."
            )
        return value


def _is_metadata(key: str) -> bool:
    """Whether a key may be missing: Zarr also asks for files of format 2, whose names begin with a dot."""
    name = key.rpartition("/")[2]
    return name == METADATA or name.startswith(".")


def published_store(root: Root, path: str) -> PublishedStore:
    """The Zarr store at a path below the root, read-only."""
    location = root.join(path)
    if not root.remote:
        return PublishedStore(LocalStore(location, read_only=True), location)
    root.filesystem()  # says which package is missing
    with reading(location):
        store = FsspecStore.from_url(location, storage_options=dict(root.options), read_only=True)
    return PublishedStore(store, location)


def open_group(store: PublishedStore, chunks: Chunks) -> xarray.Dataset:
    """One group, lazily, from a store that begins at the group.

    In a store that begins above it, xarray would read the metadata of every system to open one.

    Raises
    ------
    IntegrityError
        The group is not there or not whole. An unconsolidated store would open empty over plain HTTP.
    StorageError
        It cannot be read.
    """
    with _only_whole(store.location):
        dataset = xarray.open_dataset(_any(store), engine="zarr", consolidated=True, chunks=chunks)
    _check_variables(store.location, dataset.variables)
    return dataset


def open_tree(store: PublishedStore, groups: Iterable[str], chunks: Chunks) -> xarray.DataTree:
    """Every group, lazily; errors as :func:`open_group`."""
    with _only_whole(store.location):
        tree = xarray.open_datatree(_any(store), engine="zarr", consolidated=True, chunks=chunks)
    for group in groups:
        location = f"{store.location}/{group}"
        _check_variables(location, tree.children[group].variables if group in tree.children else ())
    return tree


def _any(store: PublishedStore) -> Any:
    """xarray takes a Zarr store, but its annotations do not say so."""
    return store


@contextmanager
def _only_whole(location: str) -> Iterator[None]:
    try:
        yield
    except (BaseZarrError, FileNotFoundError, ValueError, KeyError) as error:
        raise _not_whole(location, str(error).splitlines()[0] if str(error) else "unreadable") from error


def _check_variables(location: str, variables: Container[Any]) -> None:
    """Refuse a group without the variables that every published group has."""
    for name in REQUIRED:
        if name not in variables:
            raise _not_whole(location, f"it has no variable {name!r}")


def _not_whole(location: str, reason: str) -> IntegrityError:
    return IntegrityError(
        f"{location} is not a whole published group ({reason}): download or publish it again."
    )

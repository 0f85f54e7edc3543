"""One planned Zarr v3 array to bytes, in memory, so that each file can be hashed and written atomically.

The same values give the same bytes in any thread, process, order and release of Zarr that we accept. What
that takes: Blosc on one thread (several finish their blocks in random order), the type size and byte order
said explicitly, empty chunks written like any other, and JSON in a form of our own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaosdata.errors import StorageError
from chaosdata.store.schema import Attribute

Array = NDArray[Any]

METADATA = "zarr.json"
TEXT = "string"
_FILL: dict[str, Any] = {"float64": np.nan, "float32": np.nan, "int64": 0, "int8": -1, TEXT: ""}


@dataclass(frozen=True)
class ArrayPlan:
    """Everything but the values of one array.

    name : its name in the group.
    dims : the names of its axes.
    shape : their lengths.
    dtype : float64, float32, int64, int8 or string.
    attributes : of the array.
    chunk : shape of the blocks that one task writes; None for a single block.
    inner : shape of the chunks inside each block, which makes the block a shard.
    """

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    chunk: tuple[int, ...] | None = None
    inner: tuple[int, ...] | None = None

    @property
    def block(self) -> tuple[int, ...]:
        """Shape of one file's values; at least 1 along an empty axis, as Zarr demands."""
        return tuple(max(1, length) for length in self.chunk or self.shape)

    def keys(self, start: int = 0, stop: int | None = None) -> set[str]:
        """The files that hold entries ``start`` to ``stop`` of the first axis, relative to the array."""
        stops = (stop, *self.shape[1:]) if stop is not None else self.shape
        starts = (start, *(0 for _ in self.shape[1:]))
        ranges = [
            range(low // size, -(-high // size))
            for low, high, size in zip(starts, stops, self.block, strict=False)
        ]
        if 0 in self.shape:
            return set()
        return {"/".join(("c", *map(str, index))) for index in product(*ranges)}


def encode(plan: ArrayPlan, values: Array | None = None, start: int = 0) -> dict[str, bytes]:
    """The files of an array, relative to it: its metadata, and the chunks of the values that are given.

    Parameters
    ----------
    plan : the array.
    values : a block that begins at entry ``start`` of the first axis, or None for the metadata alone.

    Raises
    ------
    StorageError
        The installed Zarr or Blosc would not give reproducible bytes.
    """
    import zarr
    from numcodecs import blosc  # type: ignore[import-untyped, unused-ignore]
    from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, VLenUTF8Codec
    from zarr.storage import MemoryStore

    if blosc.use_threads is not False:
        raise StorageError(
            "numcodecs.blosc.use_threads must be False, or compressed bytes change from run to run: "
            "something in this process has set it; remove that."
        )
    text = plan.dtype == TEXT
    size = 1 if text else np.dtype(plan.dtype).itemsize
    contents: dict[str, Any] = {}
    array = zarr.create_array(
        store=MemoryStore(store_dict=contents),
        shape=plan.shape,
        chunks=plan.inner or plan.block,
        shards=plan.block if plan.inner else None,
        dtype=plan.dtype,
        fill_value=_FILL[plan.dtype],
        filters=(),
        serializer=VLenUTF8Codec() if text else BytesCodec(endian="little" if size > 1 else None),
        compressors=(
            BloscCodec(typesize=size, cname="lz4", clevel=1, shuffle="shuffle", blocksize=0),
            Crc32cCodec(),  # lz4 alone reads a flipped byte without an error
        ),
        dimension_names=plan.dims,
        attributes=dict(plan.attributes),
        zarr_format=3,
        # Here and not in zarr.config, which would have to be set in every worker and could be changed by
        # others.
        config={"write_empty_chunks": True},
    )
    expected: set[str] = set()
    if values is not None and values.size:
        if plan.shape:
            array[start : start + len(values)] = values
            expected = plan.keys(start, start + len(values))
        else:
            array[...] = values
            expected = {"c"}
    files: dict[str, bytes] = {key: buffer.to_bytes() for key, buffer in contents.items()}
    files[METADATA] = metadata_json(json.loads(files[METADATA]))
    if files.keys() - {METADATA} != expected:
        raise StorageError(
            f"Zarr {zarr.__version__} wrote {sorted(files)} of {plan.name}, not {sorted(expected)}: "
            f"install a release of zarr that chaosdata names in its requirements."
        )
    return files


def metadata_json(value: Mapping[str, Any]) -> bytes:
    """The one text of a ``zarr.json``: whatever order or indentation Zarr prefers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def value_digest(values: Array) -> str:
    """sha256 of one block of values, in hexadecimal.

    Over a line ``dtype shape``, then the values: little endian in C order; text as JSON. It does not depend
    on chunks or compressor.
    """
    if values.dtype.kind in "OTU":
        header = TEXT
        body: memoryview | bytes = json.dumps(
            [str(item) for item in values.ravel()], ensure_ascii=False
        ).encode()
    else:
        header = values.dtype.name
        body = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).reshape(-1).view(np.uint8).data
    digest = hashlib.sha256(f"{header} {list(values.shape)}\n".encode())
    digest.update(body)
    return digest.hexdigest()


def combined_digest(blocks: Iterator[str] | list[str]) -> str:
    """The digest of a whole array: sha256 of its blocks' digests along the first axis, one a line."""
    return hashlib.sha256("".join(f"{block}\n" for block in blocks).encode()).hexdigest()

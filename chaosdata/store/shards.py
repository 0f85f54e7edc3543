"""Shards: the trajectories that one task writes, alone, in whole files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.errors import ArgumentError, IntegrityError, StorageError
from chaosdata.store.arrays import METADATA, Array, encode, value_digest
from chaosdata.store.files import PathLike, hash_bytes, storage_errors, write_atomic
from chaosdata.store.receipts import FileRecord, Receipt
from chaosdata.store.schema import MANTISSA_BITS, GroupSpec
from chaosdata.store.template import shard_arrays
from chaosdata.types import FloatArray


@dataclass(frozen=True)
class ShardArrays:
    """The stored values of one shard of ``k`` trajectories.

    state : (trajectory k, time, component), in the stored dtype.
    initial : (trajectory k, component).
    parameter : (trajectory k, parameter).
    status : (trajectory k,) of :class:`chaosdata.types.Status` values.
    """

    state: NDArray[np.floating]
    initial: FloatArray
    parameter: FloatArray
    status: NDArray[np.int8]


def write_shard(
    store_path: PathLike,
    spec: GroupSpec,
    index: int,
    state: ArrayLike,
    initial: ArrayLike,
    parameter: ArrayLike,
    status: ArrayLike,
) -> Receipt:
    """Write shard ``index`` of a group, whole; safe to retry, even while a first writer is still alive.

    Parameters
    ----------
    store_path : the store, whose template exists.
    spec : the group.
    index : which shard; its ``k`` trajectories are ``spec.bounds(index)``.
    state : (trajectory k, time, component), float64; converted to the stored dtype and rounded to
        ``keepbits`` here.
    initial : (trajectory k, component).
    parameter : (trajectory k, parameter).
    status : (trajectory k,).

    Returns
    -------
    Receipt
        Of the files, relative to the store, with a digest of each array's values.

    Raises
    ------
    ArgumentError
        An array has another shape.
    StorageError
        A file cannot be written, or the store was made for another group specification.
    """
    start, stop = spec.bounds(index)
    blocks = stored_values(spec, state, initial, parameter, status, trajectories=stop - start)
    store = Path(store_path)
    records = []
    for name, plan in shard_arrays(spec).items():
        files = encode(plan, blocks[name], start)
        _check_template(store / spec.name / name / METADATA, files.pop(METADATA))
        for key, data in sorted(files.items()):
            path = f"{spec.name}/{name}/{key}"
            write_atomic(store / path, data, durable=False)
            records.append(FileRecord(path, len(data), hash_bytes(data)))
    return Receipt(f"{spec.name}/{index:05d}", tuple(records), _digests(spec, blocks))


def value_digests(
    spec: GroupSpec,
    state: ArrayLike,
    initial: ArrayLike,
    parameter: ArrayLike,
    status: ArrayLike,
) -> dict[str, str]:
    """The digests that a receipt would hold for these arrays, to compare a replay with what is stored."""
    return _digests(spec, stored_values(spec, state, initial, parameter, status))


def stored_values(
    spec: GroupSpec,
    state: ArrayLike,
    initial: ArrayLike,
    parameter: ArrayLike,
    status: ArrayLike,
    *,
    trajectories: int | None = None,
) -> dict[str, Array]:
    """The values as they are stored: the dtype of the group, rounded, and one NaN only.

    A finite number beyond the range of float32 becomes infinite, as IEEE 754 rounds it; the status of such a
    trajectory says that it escapes.

    Raises
    ------
    ArgumentError
        The arrays are not those of ``trajectories`` (by default: as many as ``state`` has) trajectories of
        this group.
    """
    with np.errstate(over="ignore"):
        states = np.array(state, dtype=np.float64).astype(spec.dtype, copy=False)
    blocks: dict[str, Array] = {
        "state": states,
        "initial": np.array(initial, dtype=np.float64),
        "parameter": np.array(parameter, dtype=np.float64),
        "status": np.array(status, dtype=np.int8),
    }
    count = len(np.atleast_1d(states)) if trajectories is None else trajectories
    for name, plan in shard_arrays(spec).items():
        shape = (count, *plan.shape[1:])
        if blocks[name].shape != shape:
            raise ArgumentError(f"{spec.name}: {name} has shape {blocks[name].shape}; expected {shape}.")
    for name in ("state", "initial", "parameter"):  # the sign and payload of a NaN depend on how it arose
        missing = np.isnan(blocks[name])
        if missing.any():
            blocks[name][missing] = np.nan
    if spec.keepbits is not None:
        blocks["state"] = round_mantissa(states, spec.keepbits)
    return blocks


def round_mantissa(values: Array, keepbits: int) -> Array:
    """Keep that many bits of the mantissa, rounding half to even, so that the others compress away.

    NaN and infinities stay as they are. Reference: Kloewer et al. (2021), Nat. Comput. Sci. 1, 713-724.
    """
    drop = MANTISSA_BITS[values.dtype.name] - keepbits
    if drop == 0:
        return values
    unsigned = np.dtype(f"u{values.dtype.itemsize}").type
    bits = values.view(unsigned)
    below_half = unsigned((1 << (drop - 1)) - 1)
    lowest_kept = (bits >> unsigned(drop)) & unsigned(1)
    rounded = (bits + below_half + lowest_kept) & ~unsigned((1 << drop) - 1)
    result: Array = np.where(np.isfinite(values), rounded, bits).view(values.dtype)
    return result


def read_shard(store_path: PathLike, spec: GroupSpec, index: int) -> ShardArrays:
    """The stored values of one shard.

    Raises
    ------
    StorageError
        A file is missing or cannot be read.
    IntegrityError
        A file's checksum does not match its bytes.
    """
    import zarr

    start, stop = spec.bounds(index)
    blocks: dict[str, Array] = {}
    for name, plan in shard_arrays(spec).items():
        folder = Path(store_path) / spec.name / name
        for key in (METADATA, *sorted(plan.keys(start, stop))):
            if not (folder / key).is_file():  # Zarr would read NaN
                raise StorageError(
                    f"{folder / key} is missing: build the dataset again, or download it again."
                )
        with storage_errors("read", folder):
            try:
                blocks[name] = np.asarray(zarr.open_array(folder, mode="r")[start:stop])
            except (ValueError, RuntimeError) as error:
                raise IntegrityError(
                    f"{folder} holds damaged bytes in shard {index} ({error}): "
                    f"remove its files, then build or download again."
                ) from error
    return ShardArrays(**blocks)


def _digests(spec: GroupSpec, blocks: Mapping[str, Array]) -> dict[str, str]:
    return {f"{spec.name}/{name}": value_digest(values) for name, values in blocks.items()}


def _check_template(path: Path, expected: bytes) -> None:
    with storage_errors("read", path):
        found = path.read_bytes()
    if found != expected:
        raise StorageError(
            f"{path} was written for another group specification or another release of zarr: "
            f"remove the unfinished build that it belongs to, and build again."
        )

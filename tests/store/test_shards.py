"""Shards: what is written is read back; the bytes depend on the values alone; damage is seen."""

import hashlib
import multiprocessing
import struct
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from numcodecs import BitRound, blosc

from chaosdata.errors import ArgumentError, IntegrityError, StorageError
from chaosdata.store.shards import read_shard, round_mantissa, value_digests, write_shard
from chaosdata.store.template import create_group
from tests.store.examples import contents, fill, flip, make_arrays, make_spec

SPEC = make_spec()
LAST_CHUNKS = {"state": "c/5/0/0", "initial": "c/5/0", "parameter": "c/5/0", "status": "c/5"}


def write_one(store, index):
    return write_shard(store, make_spec(), index, **make_arrays(make_spec(), index))


@pytest.mark.parametrize("name", ["Lorenz", "SprottB"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_written_is_read_back(tmp_path, name, dtype):
    spec = make_spec(name, dtype=dtype)
    create_group(tmp_path, spec)
    fill(tmp_path, spec)
    for index in range(spec.shards):
        found, expected = asdict(read_shard(tmp_path, spec, index)), make_arrays(spec, index)
        expected["state"] = expected["state"].astype(dtype)
        for key, values in expected.items():
            assert found[key].dtype == values.dtype
            assert np.array_equal(found[key], values, equal_nan=values.dtype.kind == "f")
    whole = zarr.open_array(tmp_path / name / "state", mode="r")[...]
    assert np.array_equal(
        whole,
        np.concatenate([make_arrays(spec, i)["state"].astype(dtype) for i in range(spec.shards)]),
        equal_nan=True,
    )


def test_one_task_owns_each_file(tmp_path):
    create_group(tmp_path, SPEC)
    template = set(contents(tmp_path))
    receipts = fill(tmp_path, SPEC)
    owned = [record.path for receipt in receipts for record in receipt.files]
    assert len(owned) == len(set(owned)) == 4 * SPEC.shards
    assert set(contents(tmp_path)) == template | set(owned)
    assert {record.path for record in receipts[5].files} == {
        f"Lorenz/{k}/{v}" for k, v in LAST_CHUNKS.items()
    }


def test_a_receipt_holds_size_and_hash_of_the_files(tmp_path):
    create_group(tmp_path, SPEC)
    receipt = write_one(tmp_path, 2)
    assert receipt.task == "Lorenz/00002"
    for record in receipt.files:
        data = (tmp_path / record.path).read_bytes()
        assert (record.size, record.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("workers", ["reversed", "threads", "processes"])
def test_bytes_are_the_same_for_any_order_threads_and_processes(tmp_path, workers):
    for folder in ("a", "b"):
        create_group(tmp_path / folder, SPEC)
    expected = fill(tmp_path / "a", SPEC)
    indices = range(SPEC.shards)
    if workers == "reversed":
        found = fill(tmp_path / "b", SPEC, reversed(indices))[::-1]
    elif workers == "threads":
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(write_one, [tmp_path / "b"] * SPEC.shards, indices))
    else:
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
            found = list(processes.map(write_one, [tmp_path / "b"] * SPEC.shards, indices))
    assert found == expected
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_writing_again_while_others_write_the_same_shard_changes_nothing(tmp_path):
    create_group(tmp_path, SPEC)
    fill(tmp_path, SPEC)
    before = contents(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write_one, [tmp_path] * 16, [0, 1] * 8))
    assert contents(tmp_path) == before


def test_the_format_is_what_it_was(tmp_path):
    """A rebuild by anyone gives the published hashes only while these stay."""
    create_group(tmp_path, SPEC)
    files = {record.path: record.sha256[:12] for record in write_one(tmp_path, 0).files}
    assert files == {
        "Lorenz/initial/c/0/0": "a4eec5069ab8",
        "Lorenz/parameter/c/0/0": "691e8d90966a",
        "Lorenz/state/c/0/0/0": "5e55c8071676",
        "Lorenz/status/c/0": "340bc414379b",
    }


def test_a_chunk_of_nan_alone_is_written_like_any_other(tmp_path):
    """Zarr leaves such chunks out by default, and the bytes then depend on a setting of the worker."""
    create_group(tmp_path, SPEC)
    with zarr.config.set({"array.write_empty_chunks": False}):
        write_one(tmp_path, 1)
    arrays = make_arrays(SPEC, 1)
    assert np.isnan(arrays["state"][2:]).all()
    data = (tmp_path / "Lorenz/state/c/1/0/0").read_bytes()
    index = struct.unpack("<4Q", data[-36:-4])  # two chunks of (offset, length), then the index's checksum
    assert all(number < 2**64 - 1 for number in index)


def test_threads_inside_blosc_are_refused(tmp_path, monkeypatch):
    create_group(tmp_path, SPEC)
    for setting in (True, None):
        monkeypatch.setattr(blosc, "use_threads", setting)
        with pytest.raises(StorageError, match="use_threads must be False"):
            write_one(tmp_path, 0)


@pytest.mark.parametrize("array", ["state", "initial", "parameter", "status"])
def test_a_flipped_bit_is_an_error_on_reading(tmp_path, array):
    create_group(tmp_path, SPEC)
    fill(tmp_path, SPEC)
    path = tmp_path / "Lorenz" / array / LAST_CHUNKS[array]
    flip(path, position=path.stat().st_size // 3)
    with pytest.raises(IntegrityError, match=rf"Lorenz/{array} holds damaged bytes in shard 5"):
        read_shard(tmp_path, SPEC, 5)
    with pytest.raises((ValueError, RuntimeError)):
        zarr.open_array(tmp_path / "Lorenz" / array, mode="r")[...]


def test_a_missing_file_is_an_error_on_reading_and_not_nan(tmp_path):
    create_group(tmp_path, SPEC)
    fill(tmp_path, SPEC, [0, 1])
    with pytest.raises(StorageError, match=r"state/c/2/0/0 is missing"):
        read_shard(tmp_path, SPEC, 2)


def test_arrays_of_another_shape_are_refused(tmp_path):
    create_group(tmp_path, SPEC)
    arrays = make_arrays(SPEC, 0)
    with pytest.raises(ArgumentError, match=r"state has shape \(4, 49, 3\); expected \(4, 50, 3\)"):
        write_shard(tmp_path, SPEC, 0, **(arrays | {"state": arrays["state"][:, :-1]}))
    with pytest.raises(ArgumentError, match="status has shape"):
        write_shard(tmp_path, SPEC, 0, **(arrays | {"status": arrays["status"][:-1]}))
    with pytest.raises(ArgumentError, match="state has shape"):
        write_shard(tmp_path, SPEC, 5, **arrays)  # the last shard has fewer trajectories


def test_a_store_made_for_another_group_is_refused(tmp_path):
    create_group(tmp_path, make_spec(samples=60))
    with pytest.raises(StorageError, match="another group specification"):
        write_one(tmp_path, 0)
    with pytest.raises(StorageError, match="it does not exist"):
        write_one(tmp_path / "nowhere", 0)


def test_the_digest_of_values_forgets_how_a_nan_arose():
    arrays = make_arrays(SPEC, 1)
    other = arrays | {"state": np.where(np.isnan(arrays["state"]), -np.float64(np.nan), arrays["state"])}
    assert value_digests(SPEC, **arrays) == value_digests(SPEC, **other)


def test_the_digest_of_values_sees_the_last_bit_of_each_array():
    arrays = make_arrays(SPEC, 0)
    expected = value_digests(SPEC, **arrays)
    for name, values in arrays.items():
        changed = values.copy()
        flat = changed.reshape(-1)
        flat[-1] = flat[-1] + 1 if name == "status" else np.nextafter(flat[-1], np.inf)
        found = value_digests(SPEC, **(arrays | {name: changed}))
        assert {key for key in found if found[key] != expected[key]} == {f"Lorenz/{name}"}


def test_the_digest_is_that_of_the_receipt_and_of_what_is_stored(tmp_path):
    for dtype, keepbits in (("float64", None), ("float32", None), ("float64", 12)):
        spec = make_spec(dtype=dtype, keepbits=keepbits)
        store = tmp_path / f"{dtype}{keepbits}"
        create_group(store, spec)
        (receipt,) = fill(store, spec, [0])
        assert value_digests(spec, **make_arrays(spec, 0)) == receipt.values
        assert value_digests(spec, **asdict(read_shard(store, spec, 0))) == receipt.values


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=20),
    st.integers(1, 22),
    st.sampled_from(["float32", "float64"]),
)
def test_rounding_keeps_the_bits_asked_for(values, keepbits, dtype):
    array = np.array(values, dtype=dtype)
    rounded = round_mantissa(array, keepbits)
    assert rounded.dtype == array.dtype
    finite = np.isfinite(array)
    assert np.array_equal(rounded[~finite], array[~finite], equal_nan=True)
    codec = BitRound(keepbits=keepbits)
    reference = codec.decode(codec.encode(array.copy())).view(dtype)
    assert rounded[finite].tobytes() == reference[finite].tobytes()
    assert np.array_equal(round_mantissa(rounded, keepbits), rounded, equal_nan=True)


def test_rounding_half_goes_to_even():
    one, two = 1 + 2.0**-3, 1 + 3 * 2.0**-3
    assert round_mantissa(np.array([one, two]), 2).tolist() == [1.0, 1.5]


def test_rounded_states_take_less_room(tmp_path):
    sizes = []
    for keepbits in (None, 10):
        spec = make_spec(keepbits=keepbits)
        store = tmp_path / str(keepbits)
        create_group(store, spec)
        (receipt,) = fill(store, spec, [0])
        sizes += [record.size for record in receipt.files if "/state/" in record.path]
        initial = read_shard(store, spec, 0).initial
        assert np.array_equal(initial, make_arrays(spec, 0)["initial"])  # never rounded
    assert sizes[1] < 0.6 * sizes[0]
    assert zarr.open_array(tmp_path / "10" / "Lorenz" / "state", mode="r").attrs["keepbits"] == 10


def test_beyond_single_precision_a_state_is_infinite(tmp_path):
    spec = make_spec(dtype="float32")
    create_group(tmp_path, spec)
    arrays = make_arrays(spec, 0)
    arrays["state"][0, 3] = 1e60
    write_shard(tmp_path, spec, 0, **arrays)
    assert np.isposinf(read_shard(tmp_path, spec, 0).state[0, 3]).all()


def test_long_trajectories_are_cut_in_time_and_read_back(tmp_path):
    spec = make_spec(samples=1000, chunk_bytes=4800, shard_bytes=9600)
    assert spec.layout.chunk == (1, 200, 3)
    assert spec.layout.shard == (1, 400, 3)
    create_group(tmp_path, spec)
    receipts = fill(tmp_path, spec, range(4))
    assert [r.path for r in receipts[1].files if "state" in r.path] == [
        f"Lorenz/state/c/1/{piece}/0" for piece in range(3)
    ]
    for index in range(4):
        state = read_shard(tmp_path, spec, index).state
        assert np.array_equal(state, make_arrays(spec, index)["state"], equal_nan=True)

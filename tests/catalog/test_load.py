"""Opening from disk and over HTTP: lazily, whole or not at all, and never a NaN that was not stored."""

import json
import pickle
import socket
import subprocess
import sys

import numpy as np
import pytest

from chaosdata.catalog.load import open_catalog, open_dataset, open_datatree
from chaosdata.errors import (
    ArgumentError,
    CatalogError,
    ChaosdataError,
    IntegrityError,
    StorageError,
    UnknownNameError,
)
from tests.catalog.servers import http_server
from tests.store.examples import flip, make_arrays, make_spec

STATE = "example/1.10.0/data.zarr/Lorenz/state"


@pytest.fixture(params=["directory", "http"])
def place(request, root):
    """The root as a directory, then the same directory over HTTP."""
    if request.param == "directory":
        yield root
    else:
        with http_server(root) as (url, _):
            yield url


def stored_states() -> np.ndarray:
    spec = make_spec()
    return np.concatenate([make_arrays(spec, index)["state"] for index in range(spec.shards)])


def test_a_dataset_is_what_was_stored(place):
    dataset = open_dataset("example", "Lorenz", root=place)
    assert np.array_equal(dataset["state"].values, stored_states(), equal_nan=True)
    assert dataset["parameter_name"].values.tolist() == ["sigma", "rho"]
    assert dataset["lyapunov_exponent"].values[0] == 0.9057
    assert dataset.attrs["Conventions"] == "CF-1.11, ACDD-1.3"


@pytest.mark.parametrize(
    ("split", "start", "stop"), [("train", 0, 12), ("validation", 12, 16), ("test", 16, 23)]
)
def test_a_split_is_its_contiguous_trajectories(place, split, start, stop):
    dataset = open_dataset("example@1.0.0", "Lorenz", split, root=place)
    assert dataset["trajectory"].values.tolist() == list(range(start, stop))
    assert set(dataset["split"].values.tolist()) == {split}
    assert np.array_equal(dataset["state"].values, stored_states()[start:stop], equal_nan=True)


def test_opening_reads_no_states_and_one_trajectory_reads_one_chunk(served):
    url, reads = served
    dataset = open_dataset("example", "Lorenz", "train", root=url)
    assert not [path for path, _ in reads if "/state/c/" in str(path)]
    dataset["state"].isel(trajectory=9).load()
    states = [(path, size) for path, size in reads if "/state/c/" in str(path)]
    assert {path.parts[-3] for path, _ in states} == {"2"}
    shard = states[0][0].stat().st_size
    assert sum(size for _, size in states) < 0.75 * shard


def test_a_group_without_parameters_opens(place):
    dataset = open_dataset("example", "SprottB", "train", root=place)
    assert dataset["parameter"].load().shape == (12, 0)


def test_every_system_opens_as_a_tree(place):
    tree = open_datatree("example", root=place, verify=True)
    assert set(tree.children) == {"Lorenz", "SprottB"}
    assert np.array_equal(tree["Lorenz/state"].values, stored_states(), equal_nan=True)


def test_a_dataset_can_be_sent_to_another_process(place):
    dataset = pickle.loads(pickle.dumps(open_dataset("example", "Lorenz", "test", root=place)))
    assert np.array_equal(dataset["state"].values, stored_states()[16:], equal_nan=True)


def test_chunks_make_dask_arrays(root):
    dataset = open_dataset("example", "Lorenz", root=root, chunks={})
    assert dataset["state"].chunks is not None
    assert np.array_equal(dataset["state"].values, stored_states(), equal_nan=True)
    assert open_dataset("example", "Lorenz", root=root)["state"].chunks is None


def test_the_latest_version_is_the_highest_active_number(place):
    catalog = open_catalog(place)
    assert catalog.names == ("example", "single")
    assert catalog["example"].version == "1.10.0"
    assert catalog["example@1.0.0"].version == "1.0.0"


def test_the_only_system_need_not_be_named(place):
    assert open_dataset("single", root=place)["state"].shape == (23, 50, 3)
    with pytest.raises(ArgumentError, match=r"has 2 systems; name one of them: Lorenz, SprottB\."):
        open_dataset("example", root=place)


@pytest.mark.parametrize(
    ("spec", "system", "split", "message"),
    [
        ("exampel", "Lorenz", None, r"no dataset 'exampel' in the catalog\. Did you mean 'example'\?"),
        ("example@2.0.0", "Lorenz", None, r"no version '2\.0\.0' in example.*Available: 1\.0\.0, 1\.10\.0"),
        ("example", "lorenz", None, r"no system 'lorenz' in example@1\.10\.0\. Did you mean 'Lorenz'\?"),
        ("example", "Quartz", None, r"Available: Lorenz, SprottB"),
        ("example", "Lorenz", "valid", r"no split 'valid' in .*Did you mean 'validation'\?"),
    ],
)
def test_unknown_names_are_refused_with_what_there_is(root, spec, system, split, message):
    with pytest.raises(UnknownNameError, match=message):
        open_dataset(spec, system, split, root=root)


def test_no_catalog_is_an_error_that_names_the_place(tmp_path):
    with pytest.raises(CatalogError, match=r"no .*catalog\.yaml"):
        open_catalog(tmp_path)
    with pytest.raises(StorageError, match="is not a directory"):
        open_catalog(tmp_path / "nowhere")
    with http_server(tmp_path) as (url, _), pytest.raises(CatalogError, match=url):
        open_catalog(url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(StorageError, match=r"Cannot read http.*Connect call failed"):
        open_catalog(f"http://127.0.0.1:{port}/data")
    with pytest.raises(ArgumentError, match="http://, https:// or s3://"):
        open_catalog("ftp://somewhere")
    with pytest.raises(ArgumentError, match="leave them out"):
        open_catalog(tmp_path, storage_options={"anon": True})


def test_a_missing_shard_is_an_error_and_never_nan(root, place):
    (root / STATE / "c/3/0/0").unlink()
    assert open_dataset("example", "Lorenz", "train", root=place)["state"].load().shape[0] == 12
    dataset = open_dataset("example", "Lorenz", "validation", root=place)
    with pytest.raises(StorageError, match=r"Lorenz/state/c/3/0/0 is missing"):
        dataset["state"].load()


def test_a_flipped_bit_is_an_error_on_reading_and_verification_names_the_file(root, place):
    flip(root / STATE / "c/0/0/0", position=1000)
    dataset = open_dataset("example", "Lorenz", "train", root=place)
    with pytest.raises((ValueError, RuntimeError)):
        dataset["state"].load()
    with pytest.raises(
        IntegrityError, match=r"example/1\.10\.0/data\.zarr/Lorenz/state/c/0/0/0 is not the file"
    ):
        open_dataset("example", "Lorenz", root=place, verify=True)
    with pytest.raises(IntegrityError, match="state/c/0/0/0"):
        open_datatree("example", root=place, verify=True)
    assert open_dataset("example", "SprottB", root=place, verify=True)["state"].shape == (23, 50, 3)
    assert open_dataset("example@1.0.0", "Lorenz", root=place, verify=True)["state"].shape == (23, 50, 3)


def test_verification_names_a_missing_file_and_a_changed_manifest(root, place):
    (root / STATE / "c/4/0/0").unlink()
    with pytest.raises(IntegrityError, match=r"state/c/4/0/0 is missing"):
        open_dataset("example", "Lorenz", root=place, verify=True)
    flip(root / "example/1.10.0/manifest.json")
    with pytest.raises(IntegrityError, match=r"manifest\.json is not the manifest that the catalog names"):
        open_dataset("example", "Lorenz", root=place, verify=True)
    (root / "example/1.10.0/manifest.json").unlink()
    with pytest.raises(IntegrityError, match=r"manifest\.json is missing"):
        open_dataset("example", "Lorenz", root=place, verify=True)


def test_a_store_that_is_not_consolidated_does_not_open_empty(root, place):
    for path in ("zarr.json", "Lorenz/zarr.json"):
        metadata = root / "example/1.10.0/data.zarr" / path
        content = json.loads(metadata.read_bytes())
        del content["consolidated_metadata"]
        metadata.write_text(json.dumps(content))
    with pytest.raises(IntegrityError, match="Lorenz is not a whole published group"):
        open_dataset("example", "Lorenz", root=place)
    with pytest.raises(IntegrityError, match="is not a whole published group"):
        open_datatree("example", root=place)


def test_a_group_without_its_variables_is_refused(root, place):
    metadata = root / "example/1.10.0/data.zarr/Lorenz/zarr.json"
    content = json.loads(metadata.read_bytes())
    del content["consolidated_metadata"]["metadata"]["state"]
    metadata.write_text(json.dumps(content))
    with pytest.raises(IntegrityError, match="it has no variable 'state'"):
        open_dataset("example", "Lorenz", root=place)
    metadata.unlink()
    with pytest.raises(IntegrityError, match="Lorenz is not a whole published group"):
        open_dataset("example", "Lorenz", root=place)


def test_every_failure_is_one_line(root):
    failures = [
        lambda: open_dataset("example", root=root),
        lambda: open_dataset("none", "Lorenz", root=root),
        lambda: open_catalog(root / "nowhere"),
    ]
    for failure in failures:
        with pytest.raises(ChaosdataError) as caught:
            failure()
        assert "\n" not in str(caught.value)


ENGINE = {
    "numba",
    "llvmlite",
    "sympy",
    "scipy",
    "chaosdata.equations",
    "chaosdata.kernels",
    "chaosdata.systems",
}
HEAVY = ENGINE | {"xarray", "zarr", "dask", "fsspec"}


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import chaosdata.catalog, chaosdata.store", HEAVY | {"pydantic"}),
        ("from chaosdata.catalog.load import open_catalog; open_catalog(ROOT)", HEAVY),
        # xarray itself imports dask and parts of scipy where they are installed.
        (
            "from chaosdata.catalog.load import open_dataset; open_dataset('single', root=ROOT).load()",
            ENGINE - {"scipy"},
        ),
    ],
)
def test_reading_loads_no_more_than_it_needs(root, code, absent):
    program = f"import sys; ROOT = {str(root)!r}; {code}; sys.stdout.write(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert absent & set(loaded) == set()

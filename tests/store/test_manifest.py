"""The manifest names every byte, and verification names every byte that changed."""

import json
import shutil

import numpy as np
import pytest
import zarr

from chaosdata.errors import IntegrityError, StorageError
from chaosdata.store.arrays import combined_digest, value_digest
from chaosdata.store.files import hash_file
from chaosdata.store.manifest import build_manifest, read_manifest, verify_files
from tests.store.examples import contents, fill, flip, make_spec, make_store, make_version


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    directory = tmp_path_factory.mktemp("original") / "1.0.0"
    make_version(directory, systems=("Lorenz", "SprottB"))
    return directory


@pytest.fixture
def version(original, tmp_path):
    return shutil.copytree(original, tmp_path / "1.0.0")


def test_every_file_is_listed_and_well(version):
    manifest = read_manifest(version / "manifest.json")
    assert set(manifest.files) == set(contents(version)) - {"manifest.json"}
    assert manifest.systems == ("Lorenz", "SprottB")
    assert manifest.bytes == sum(
        len(data) for path, data in contents(version).items() if "manifest" not in path
    )
    assert verify_files(version) == []
    assert verify_files(version, sha256=f"sha256:{hash_file(version / 'manifest.json')}") == []


def test_made_again_elsewhere_the_manifest_is_the_same(version, tmp_path):
    make_version(tmp_path / "again", systems=("SprottB", "Lorenz"))
    assert (tmp_path / "again" / "manifest.json").read_bytes() == (version / "manifest.json").read_bytes()


def test_one_changed_bit_of_any_file_is_found(version):
    for path, data in contents(version).items():
        if path == "manifest.json":
            continue
        flip(version / path, position=len(data) // 2)
        assert [problem.path for problem in verify_files(version)] == [path]
        (version / path).write_bytes(data)
    assert verify_files(version) == []


def test_missing_extra_and_truncated_files_are_named(version):
    (version / "data.zarr/Lorenz/state/c/0/0/0").unlink()
    (version / "data.zarr/Lorenz/notes.txt").write_text("")
    status = version / "data.zarr/Lorenz/status/c/1"
    status.write_bytes(status.read_bytes()[:-1])
    problems = verify_files(version)
    assert [str(problem).split(":")[0] for problem in problems] == [
        "data.zarr/Lorenz/notes.txt",
        "data.zarr/Lorenz/state/c/0/0/0",
        "data.zarr/Lorenz/status/c/1",
    ]
    assert [problem.reason.split()[0] for problem in problems][:2] == ["not", "missing"]
    assert "bytes instead of" in problems[2].reason
    assert verify_files(version, under="data.zarr/SprottB/") == []
    assert len(verify_files(version, under="data.zarr/Lorenz/")) == 3


def test_another_manifest_is_refused_whatever_it_says(version):
    expected = hash_file(version / "manifest.json")
    raw = json.loads((version / "manifest.json").read_bytes())
    flip(version / "README.md", position=3)
    raw["files"]["README.md"]["sha256"] = hash_file(version / "README.md")
    (version / "manifest.json").write_text(json.dumps(raw))
    assert verify_files(version) == []
    problems = verify_files(version, sha256=expected)
    assert [problem.path for problem in problems] == ["manifest.json"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"schema": "other/1"}', '{"schema": "chaosdata-manifest/1"}']
)
def test_what_is_not_a_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(IntegrityError, match="is not a manifest"):
        read_manifest(tmp_path / "manifest.json")


def test_a_missing_directory_or_manifest_is_an_error(tmp_path):
    with pytest.raises(StorageError, match="is not there"):
        verify_files(tmp_path / "nowhere")
    with pytest.raises(StorageError, match=r"manifest\.json: it does not exist"):
        verify_files(tmp_path)


def test_value_digests_follow_their_definition(version):
    manifest = read_manifest(version / "manifest.json")
    spec, store = make_spec(), version / "data.zarr"
    state = zarr.open_array(store / "Lorenz/state", mode="r")
    blocks = [value_digest(np.asarray(state[slice(*spec.bounds(i))])) for i in range(spec.shards)]
    assert manifest.values["Lorenz/state"] == combined_digest(blocks)
    assert [shard["Lorenz/state"] for shard in manifest.shards["Lorenz"]] == blocks
    time = np.asarray(zarr.open_array(store / "Lorenz/time", mode="r")[...])
    assert manifest.values["Lorenz/time"] == combined_digest([value_digest(time)])
    arrays = {path.removeprefix("data.zarr/").removesuffix("/zarr.json") for path in manifest.files}
    assert set(manifest.values) == {path for path in arrays if path.count("/") == 1}


def test_value_digests_do_not_depend_on_chunks_or_compressor(tmp_path, version):
    values = np.random.default_rng(0).random((10, 7))
    plain = zarr.create_array(tmp_path / "z", data=values, chunks=(3, 2), compressors=None)
    assert value_digest(np.asarray(plain[...])) == value_digest(np.asfortranarray(values))
    assert value_digest(values) != value_digest(values.astype("f4"))
    assert value_digest(values) != value_digest(values.reshape(7, 10))


def test_a_shard_that_changed_after_its_receipt_is_refused(tmp_path):
    version = tmp_path / "v"
    make_version(version)
    receipts = fill(version / "data.zarr", make_spec())
    flip(version / "data.zarr/Lorenz/state/c/3/0/0")
    with pytest.raises(IntegrityError, match="state/c/3/0/0 has changed"):
        build_manifest(version, name="example", version="1.0.0", receipts=receipts)
    (version / "data.zarr/Lorenz/state/c/3/0/0").unlink()
    with pytest.raises(IntegrityError, match="state/c/3/0/0 is missing"):
        build_manifest(version, name="example", version="1.0.0", receipts=receipts)


def test_a_version_without_a_shard_a_receipt_or_a_part_is_refused(tmp_path):
    version = tmp_path / "v"
    make_version(version)
    receipts = fill(version / "data.zarr", make_spec())
    with pytest.raises(IntegrityError, match="belongs to no receipt"):
        build_manifest(version, name="example", version="1.0.0", receipts=receipts[:-1])
    for record in receipts[-1].files:
        (version / "data.zarr" / record.path).unlink()
    with pytest.raises(StorageError, match="Shard 5 of Lorenz"):
        build_manifest(version, name="example", version="1.0.0", receipts=receipts[:-1])
    (version / "croissant.json").unlink()
    with pytest.raises(StorageError, match="croissant"):
        build_manifest(version, name="example", version="1.0.0", receipts=receipts)


def test_receipts_of_a_group_that_is_not_there_are_refused(tmp_path):
    version = tmp_path / "v"
    make_version(version, systems=("Lorenz",))
    receipts = make_store(tmp_path / "other.zarr", [make_spec("SprottB")])
    with pytest.raises(IntegrityError, match="SprottB"):
        build_manifest(version, name="example", version="1.0.0", receipts=receipts)


def test_partial_files_of_killed_writers_do_not_get_in(tmp_path):
    version = tmp_path / "v"
    manifest = make_version(version)
    receipts = fill(version / "data.zarr", make_spec())
    part = version / "data.zarr/Lorenz/state/c/0/0/.0.00ff.part"
    part.write_bytes(b"half")
    again = build_manifest(version, name="example", version="1.0.0", receipts=receipts)
    assert again == manifest
    assert not part.exists()

"""The template: the same bytes whenever and in whatever order it is made, and readable as CF data."""

import warnings

import numpy as np
import pytest
import xarray
import zarr

from chaosdata.errors import ArgumentError
from chaosdata.store.template import create_group, create_root
from chaosdata.types import Status
from tests.store.examples import contents, fill, make_spec, make_store


def test_made_twice_or_in_another_order_the_bytes_are_the_same(tmp_path):
    specs = [make_spec("Lorenz"), make_spec("Rossler", samples=70), make_spec("SprottB")]
    for store, order in ((tmp_path / "a", specs), (tmp_path / "b", specs[::-1])):
        create_root(store, {"title": "An example", "id": "a"})
        for spec in order:
            create_group(store, spec)
    first = contents(tmp_path / "a")
    assert first == contents(tmp_path / "b")
    create_root(tmp_path / "a", {"id": "a", "title": "An example"})
    create_group(tmp_path / "a", specs[0])
    assert first == contents(tmp_path / "a")


def test_whole_stores_are_the_same_in_any_order_of_groups_and_shards(tmp_path):
    specs = [make_spec("Lorenz"), make_spec("SprottB")]
    make_store(tmp_path / "a", specs)
    make_store(tmp_path / "b", specs[::-1])
    fill(tmp_path / "b", specs[0], reversed(range(specs[0].shards)))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_bytes_do_not_depend_on_the_configuration_of_zarr(tmp_path):
    make_store(tmp_path / "a", [make_spec()])
    settings = {
        "json_indent": 7,
        "array.order": "F",
        "array.write_empty_chunks": False,
        "async.concurrency": 1,
        "threading.max_workers": 1,
    }
    with zarr.config.set(settings):
        make_store(tmp_path / "b", [make_spec()])
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_making_the_template_again_keeps_the_shards(tmp_path):
    spec = make_spec()
    create_group(tmp_path, spec)
    fill(tmp_path, spec)
    before = contents(tmp_path)
    create_group(tmp_path, spec)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["Lorenz", "SprottB"])
def test_xarray_opens_a_group_without_warnings(tmp_path, name):
    spec = make_spec(name)
    make_store(tmp_path, [spec])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = xarray.open_dataset(tmp_path, engine="zarr", group=name, consolidated=True, chunks=None)
        dataset.load()
    assert dataset["state"].dims == ("trajectory", "time", "component")
    assert dataset["initial"].dims == ("trajectory", "component")
    assert dataset["parameter"].dims == ("trajectory", "parameter")
    assert dataset["parameter"].shape == (23, len(spec.parameters))
    assert dataset["parameter_name"].values.tolist() == list(spec.parameters)
    assert dataset["status"].dims == ("trajectory",)
    assert {"time", "component", "trajectory", "split"} <= set(dataset.coords)
    assert dataset["state"].dtype == np.float64
    assert dataset["status"].dtype == np.int8
    assert np.array_equal(dataset["time"].values, spec.time)
    assert dataset["component"].values.tolist() == ["x", "y", "cos(z)"]
    assert dataset["split"].values.tolist() == ["train"] * 12 + ["validation"] * 4 + ["test"] * 7
    assert dataset.attrs["Conventions"] == "CF-1.11, ACDD-1.3"
    assert dataset.attrs["period"] == 1.5
    assert "units" in dataset["time"].attrs
    assert all("long_name" in variable.attrs for variable in dataset.variables.values())
    assert dataset.sel(component="y")["state"].shape == (23, 50)


def test_status_says_what_its_values_mean(tmp_path):
    make_store(tmp_path, [make_spec()])
    status = xarray.open_dataset(tmp_path, engine="zarr", group="Lorenz", chunks=None)["status"]
    assert status.attrs["flag_values"] == [int(member) for member in Status]
    assert len(status.attrs["flag_meanings"].split()) == len(Status)


def test_arrays_are_little_endian_checked_and_compressed_by_lz4(tmp_path):
    create_group(tmp_path, make_spec())
    state = zarr.open_array(tmp_path / "Lorenz" / "state", mode="r")
    assert state.shards == (4, 50, 3)
    assert state.chunks == (2, 50, 3)
    codecs = state.metadata.to_dict()["codecs"][0]["configuration"]["codecs"]
    assert [codec["name"] for codec in codecs] == ["bytes", "blosc", "crc32c"]
    assert codecs[0]["configuration"] == {"endian": "little"}
    assert codecs[1]["configuration"]["cname"] == "lz4"
    assert codecs[1]["configuration"]["typesize"] == 8


def test_an_attribute_that_cannot_be_stored_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="'date'"):
        create_root(tmp_path, {"date": None})  # type: ignore[dict-item]

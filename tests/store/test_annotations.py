"""Annotations stand beside their standard errors; consolidated metadata says what is there."""

import json
import warnings

import numpy as np
import pytest
import xarray
import zarr

from chaosdata.errors import ArgumentError, StorageError
from chaosdata.store.annotations import AnnotationRecord, consolidate, write_annotations
from chaosdata.store.template import create_group, create_root
from chaosdata.types import Estimate
from tests.store.examples import contents, make_spec, make_store, records

COORDINATES = {"exponent": (1, 2, 3)}


def record(**changes):
    values = {
        "name": "kaplan_yorke_dimension",
        "dims": (),
        "value": np.array(2.06),
        "standard_error": np.array(0.001),
        "long_name": "Kaplan-Yorke dimension",
        "units": "1",
        "method": "from the spectrum",
        "settings": {"order": 8},
    }
    return AnnotationRecord(**(values | changes))


@pytest.fixture
def store(tmp_path):
    create_root(tmp_path, {"title": "An example"})
    create_group(tmp_path, make_spec())
    return tmp_path


def test_each_number_has_its_error_method_and_settings(store):
    write_annotations(store, "Lorenz", records(), {"lyapunov_time": 1.1}, COORDINATES)
    consolidate(store)
    dataset = xarray.open_dataset(store, engine="zarr", group="Lorenz", consolidated=True, chunks=None)
    for expected in records():
        found, error = dataset[expected.name], dataset[f"{expected.name}_standard_error"]
        assert found.dims == error.dims == expected.dims
        assert np.array_equal(found.values, expected.value, equal_nan=True)
        assert np.array_equal(error.values, expected.standard_error, equal_nan=True)
        for attributes in (found.attrs, error.attrs):
            assert json.loads(attributes["settings"]) == expected.settings
            assert attributes["method"] == expected.method
            assert attributes["units"] == expected.units
        assert found.attrs["long_name"] == expected.long_name
        assert error.attrs["long_name"] == f"standard error of {expected.long_name}"
    assert dataset["exponent"].values.tolist() == [1, 2, 3]
    assert dataset.attrs["lyapunov_time"] == 1.1
    assert dataset.attrs["period"] == 1.5


def test_written_twice_the_bytes_are_the_same(store):
    for _ in range(2):
        files = write_annotations(store, "Lorenz", records(), {"lyapunov_time": 1.1}, COORDINATES)
        consolidate(store)
        first = contents(store)
    write_annotations(store, "Lorenz", reversed(records()), {"lyapunov_time": 1.1}, COORDINATES)
    consolidate(store)
    assert contents(store) == first
    assert set(files) <= set(first)


def test_a_template_made_again_after_an_interruption_ends_in_the_same_bytes(store):
    make_store(store, [make_spec()])
    first = contents(store)
    make_store(store, [make_spec()])
    assert contents(store) == first


@pytest.mark.parametrize("value", [0.1, -1e-320, 1e308, np.nan, np.inf, -np.inf, 2 / 3])
def test_a_record_survives_json_exactly(value):
    original = record(
        value=np.array([value, 1.0]), standard_error=np.array([0.0, value]), dims=("component",)
    )
    text = json.dumps(original.to_json(), allow_nan=False)
    again = AnnotationRecord.from_json(json.loads(text))
    assert again.value.tobytes() == original.value.tobytes()
    assert again.standard_error.tobytes() == original.standard_error.tobytes()
    assert again.to_json() == original.to_json()
    scalar = AnnotationRecord.from_json(record(value=np.array(value)).to_json())
    assert scalar.value.shape == ()


def test_a_record_is_made_from_an_estimate():
    estimate = Estimate(np.array([1.0, 0.0]), np.array([0.1, 0.1]), "a method", {"a": 1})
    made = AnnotationRecord.from_estimate("lyapunov_exponent", estimate, dims=("exponent",), long_name="L")
    assert (made.method, made.units, made.settings) == ("a method", "1", {"a": 1})


def test_shapes_that_disagree_are_refused(store):
    with pytest.raises(ArgumentError, match="must agree"):
        record(dims=("component",))
    with pytest.raises(ArgumentError, match="must agree"):
        record(value=np.zeros(3), dims=("component",))
    with pytest.raises(ArgumentError, match="2 entries along 'component', where the group has 3"):
        write_annotations(
            store, "Lorenz", [record(value=np.zeros(2), standard_error=np.zeros(2), dims=("component",))]
        )


def test_a_taken_name_is_refused(store):
    with pytest.raises(ArgumentError, match="'state' is an array of the template"):
        write_annotations(store, "Lorenz", [record(name="state")])
    with pytest.raises(StorageError, match="does not exist"):
        write_annotations(store, "Rossler", [record()])


def test_consolidated_metadata_is_what_zarr_would_make(tmp_path):
    make_store(tmp_path / "a", [make_spec("Lorenz"), make_spec("SprottB")])
    for path in ("", "Lorenz", "SprottB"):
        ours = zarr.open_consolidated(tmp_path / "a", path=path or None)
        members = dict(ours.members(max_depth=None))
        plain = zarr.open_group(tmp_path / "a", path=path or None, mode="r", use_consolidated=False)
        assert members.keys() == dict(plain.members(max_depth=None)).keys()
        for name, member in plain.members(max_depth=None):
            if isinstance(member, zarr.Array):
                assert members[name].metadata.to_dict() == member.metadata.to_dict()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = xarray.open_datatree(tmp_path / "a", engine="zarr", consolidated=True, chunks=None)
    assert set(tree.children) == {"Lorenz", "SprottB"}
    assert tree.attrs["title"] == "An example"


def test_consolidating_again_changes_nothing(tmp_path):
    make_store(tmp_path, [make_spec()])
    first = contents(tmp_path)
    consolidate(tmp_path)
    assert contents(tmp_path) == first

"""What a group may be, and what follows from it."""

import pickle

import numpy as np
import pytest

from chaosdata.errors import ArgumentError
from chaosdata.store.schema import GroupSpec
from tests.store.examples import make_spec


def test_a_spec_survives_json_and_pickle():
    spec = make_spec(keepbits=20)
    assert GroupSpec.from_json(spec.to_json()) == spec
    assert list(GroupSpec.from_json(spec.to_json()).counts) == ["train", "validation", "test"]
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_time_is_the_exact_product():
    spec = make_spec(samples=1000, time_step=0.1)
    assert spec.time[0] == 0
    assert all(spec.time[i] == i * 0.1 for i in range(1000))


def test_a_later_change_of_the_arguments_does_not_matter():
    counts = {"train": 4}
    spec = make_spec(counts=counts)
    counts["test"] = 1
    assert spec.trajectories == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a/b"}, "cannot name a group"),
        ({"name": "../up"}, "cannot name a group"),
        ({"dtype": "float16"}, "float64 or float32"),
        ({"keepbits": 0}, "between 1 and 52"),
        ({"dtype": "float32", "keepbits": 24}, "between 1 and 23"),
        ({"components": ("x", "x")}, "component appears twice"),
        ({"parameters": ("a", "a")}, "parameter appears twice"),
        ({"time_step": 0.0}, "positive"),
        ({"time_step": float("nan")}, "positive"),
        ({"counts": {}}, "at least one trajectory"),
        ({"samples": 0}, "at least one trajectory"),
        ({"attributes": {"period": None}}, "'period'"),
        ({"attributes": {"nested": {"a": 1}}}, "JSON text"),
        ({"attributes": {"flag": True}}, "'flag'"),
        ({"attributes": {"mixed": ["a", 1]}}, "'mixed'"),
        ({"attributes": {"period": float("inf")}}, "finite"),
    ],
)
def test_what_no_group_can_be_is_refused(changes, message):
    with pytest.raises(ArgumentError, match=message):
        make_spec(**changes)


def test_numpy_values_become_plain_attributes():
    spec = make_spec(attributes={"period": np.float64(1.5), "n": np.int64(3), "list": np.array([1.0, 2.0])})
    assert spec.attributes == {"period": 1.5, "n": 3, "list": [1.0, 2.0]}
    assert all(type(value) in (float, int, list) for value in spec.attributes.values())


def test_there_is_no_shard_beyond_the_last():
    with pytest.raises(ArgumentError, match="shards 0 to 5"):
        make_spec().bounds(6)

"""Splits begin on shard boundaries; chunks tile shards; sizes are bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaosdata.errors import ArgumentError
from chaosdata.store.layout import CHUNK_BYTES, SHARD_BYTES, layout, shard_trajectories
from chaosdata.store.schema import GroupSpec

COUNTS = st.lists(st.integers(0, 5000), min_size=1, max_size=4).filter(any)
SAMPLES = st.integers(1, 200_000)
COMPONENTS = st.integers(1, 40)
ITEMSIZE = st.sampled_from([4, 8])


def named(counts: list[int]) -> dict[str, int]:
    return {f"split{number}": count for number, count in enumerate(counts)}


@given(COUNTS, SAMPLES, COMPONENTS, ITEMSIZE)
def test_splits_begin_on_shard_boundaries(counts, samples, components, itemsize):
    size = shard_trajectories(named(counts), samples, components, itemsize)
    end = 0
    for count in counts:
        assert end % size == 0 or end == sum(counts)
        end += count


@given(COUNTS, SAMPLES, COMPONENTS, ITEMSIZE)
def test_chunks_tile_shards_and_sizes_are_bounded(counts, samples, components, itemsize):
    found = layout(named(counts), samples, components, itemsize)
    assert found.shard[0] == found.shard_trajectories
    assert found.chunk[2] == found.shard[2] == components
    assert all(whole % part == 0 for whole, part in zip(found.shard, found.chunk, strict=True))
    sample = components * itemsize
    row = samples * sample
    chunk = found.chunk[0] * found.chunk[1] * sample
    shard = found.shard[0] * found.shard[1] * sample
    # A shard is larger than aimed at only by padding of one chunk's worth in time.
    assert shard <= SHARD_BYTES + CHUNK_BYTES
    if row > CHUNK_BYTES:
        assert found.chunk[0] == 1
        assert chunk <= CHUNK_BYTES + sample
    else:
        # A prime number of trajectories has no divisor near the aim; no other size is nearer to it.
        assert found.chunk[1] == samples
        assert chunk <= SHARD_BYTES
    assert found.shard[1] < samples + found.chunk[1]


@given(st.integers(1, 100_000), st.integers(1, 5000))
def test_one_split_needs_no_common_divisor(count, samples):
    found = layout({"train": count}, samples, 3, 8)
    row = samples * 24
    assert found.chunk[0] * row <= 2 * CHUNK_BYTES
    assert found.chunk[0] * row >= min(count * row, CHUNK_BYTES) / 2


@given(COUNTS, st.integers(1, 300), st.integers(1, 5))
def test_every_trajectory_lies_in_one_shard_of_its_split(counts, samples, components):
    names = tuple(f"x{number}" for number in range(components))
    spec = GroupSpec("S", names, (), named(counts), samples, 0.1, chunk_bytes=4096, shard_bytes=16 * 4096)
    splits = spec.splits
    assert sum(map(len, splits.values())) == spec.trajectories
    end = 0
    for index in range(min(spec.shards, 50)):
        start, stop = spec.bounds(index)
        assert start == end < stop
        members = splits[spec.split_of(index)]
        assert start in members
        assert stop - 1 in members
        end = stop
    if spec.shards <= 50:
        assert end == spec.trajectories


def test_measured_sizes():
    """The two shapes of which the throughput was measured."""
    short = layout({"train": 4096}, 1200, 3, 8)
    assert (short.chunk, short.shard) == ((18, 1200, 3), (1152, 1200, 3))
    long = layout({"train": 64}, 100_000, 3, 8)
    assert long.chunk[0] == 1
    assert 20_000 <= long.chunk[1] <= 22_000
    assert long.shard_trajectories == 13


def test_a_trajectory_larger_than_a_shard_is_cut_in_time():
    found = layout({"train": 2}, 5_000_000, 3, 8)
    assert found.shard_trajectories == 1
    assert found.shard[1] * 24 <= SHARD_BYTES


@pytest.mark.parametrize("counts", [{}, {"train": 0}, {"train": 5, "test": -1}])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ArgumentError, match="at least one trajectory"):
        layout(counts, 10, 3, 8)

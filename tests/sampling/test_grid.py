"""The time grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaosdata.errors import ArgumentError
from chaosdata.sampling.grid import time_grid


@given(st.floats(1e-3, 1e3), st.integers(1, 200), st.integers(1, 20))
def test_every_time_is_a_multiple_of_one_step(period: float, samples_per_period: int, periods: int) -> None:
    time = time_grid(period, samples_per_period, periods)
    step = period / samples_per_period
    assert time.shape == (samples_per_period * periods,)
    assert time[0] == 0.0
    assert time.tolist() == [index * step for index in range(len(time))]


def test_a_fraction_of_a_period_is_allowed() -> None:
    assert len(time_grid(1.5, 100, 2.5)) == 250


@pytest.mark.parametrize(
    ("samples_per_period", "periods"),
    [(0, 12), (-1, 12), (100, 0), (100, -1), (3, 0.5), (2.5, 2), (100, float("nan"))],
)
def test_an_impossible_grid_is_refused(samples_per_period: int, periods: float) -> None:
    with pytest.raises(ArgumentError, match="expected a whole number of at least 1"):
        time_grid(1.0, samples_per_period, periods)


def test_the_step_is_divided_once() -> None:
    assert np.array_equal(time_grid(0.1, 3, 1), np.array([0.0, 0.1 / 3, 2 * (0.1 / 3)]))

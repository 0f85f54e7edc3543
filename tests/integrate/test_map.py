"""Orbits of maps: the declared function iterated, failures that stay in their row, lasting bits."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.map import final_state, iterate
from chaosdata.types import Status
from tests.integrate.maps import ALL, CountingMap, CubicMap, HenonMap, LogisticMap, ShrinkingMap


def _starts(system: System, count: int) -> np.ndarray:
    initial = np.array(system.initial)
    return initial + 0.02 * np.random.default_rng(5).random((count, len(initial)))


@pytest.mark.parametrize("name", ALL)
def test_orbits_are_the_function_iterated(name: str) -> None:
    system = ALL[name]
    start = _starts(system, 5)
    solution = iterate(system, start, np.arange(12))
    x = start.astype(np.longdouble)
    for k in range(12):
        # One rounding error an iterate, which grows by less than a factor of 7.
        np.testing.assert_allclose(solution.state[:, k], x.astype(float), rtol=0, atol=1e-14 * 7.0**k)
        x = system.rhs(x)
    assert (solution.status == Status.OK).all()
    assert (solution.steps == 11).all()


@pytest.mark.parametrize("name", ALL)
def test_one_iterate_is_exact_to_rounding(name: str) -> None:
    system = ALL[name]
    x = iterate(system, _starts(system, 16), [0, 30]).state[:, 1]
    expected = system.rhs(x.astype(np.longdouble)).astype(float)
    np.testing.assert_allclose(iterate(system, x, [7, 8]).state[:, 1], expected, rtol=0, atol=2e-15)


def test_states_at_exactly_the_iterates_asked_for() -> None:
    start = _starts(HenonMap, 11)
    every = iterate(HenonMap, start, np.arange(200.0))
    some = [0, 1, 2, 17, 64, 199]
    assert iterate(HenonMap, start, some).state.tobytes() == every.state[:, some].tobytes()
    late = iterate(HenonMap, every.state[:, 17], [17, 64, 199])
    assert late.state.tobytes() == every.state[:, some[3:]].tobytes()
    assert late.steps.tolist() == [182] * 11
    alone = iterate(HenonMap, start, [5])
    assert alone.state[:, 0].tobytes() == start.tobytes() and (alone.steps == 0).all()


def test_the_time_is_the_number_of_the_iterate() -> None:
    time = np.arange(100)
    sums = time * (time - 1) / 2
    assert iterate(CountingMap, [[0.0]], time).state[0, :, 0].tolist() == sums.tolist()
    late = iterate(CountingMap, [[sums[10]]], time[10:]).state[0, :, 0]
    assert late.tolist() == sums[10:].tolist()


@pytest.mark.parametrize("name", ALL)
def test_bits_do_not_depend_on_the_batch(name: str) -> None:
    system = ALL[name]
    start, time = _starts(system, 19), np.arange(0, 300, 3)
    whole = iterate(system, start, time)
    for rows in ([17, 2, 9, 18], [4], list(range(18, -1, -1))):
        assert iterate(system, start[rows], time).state.tobytes() == whole.state[rows].tobytes()


def test_an_escape_leaves_its_neighbours_alone() -> None:
    start = [[0.5], [1.5], [-0.3], [1e40], [0.7]]
    solution = iterate(CubicMap, start, np.arange(0, 60, 2))
    ok, escaped = Status.OK, Status.OVERFLOW
    assert solution.status.tolist() == [ok, escaped, ok, escaped, ok]
    assert solution.steps[3] == 1  # 1e40, 1e120, and no further
    assert np.isnan(solution.state[3, 1:]).all() and solution.state[3, 0, 0] == 1e40
    last = solution.steps[1] // 2
    assert np.isfinite(solution.state[1, : last + 1]).all() and np.isnan(solution.state[1, last + 1 :]).all()
    for row in (0, 2, 4):
        alone = iterate(CubicMap, start[row : row + 1], np.arange(0, 60, 2))
        assert alone.state[0].tobytes() == solution.state[row].tobytes()


def test_a_value_outside_the_domain() -> None:
    solution = iterate(ShrinkingMap, [[3.0], [100.0]], np.arange(30))
    assert (solution.status == Status.NOT_FINITE).all()
    for row in (0, 1):
        last = int(solution.steps[row])
        assert solution.state[row, last, 0] < 0  # its logarithm does not exist
        assert np.isnan(solution.state[row, last + 1 :]).all()


def test_final_states() -> None:
    start = _starts(LogisticMap, 21)
    duration = np.array([0, 3, 50, 3, 7, 1, 49, 50, 0, 0, 0, 12, 13, 14, 15, 16, 2, 2, 2, 30, 31])
    every = iterate(LogisticMap, start, np.arange(51)).state
    state, status = final_state(LogisticMap, start, duration)
    assert state.tobytes() == every[np.arange(21), duration].tobytes()
    assert (status == Status.OK).all()
    state, _ = final_state(LogisticMap, start, 50)
    assert state.tobytes() == every[:, 50].tobytes()


def test_only_what_fails_before_its_end_has_failed() -> None:
    state, status = final_state(CubicMap, [[1e40], [1e40], [0.5]], [1, 2, 40])
    assert status.tolist() == [Status.OK, Status.OVERFLOW, Status.OK]
    assert state[0, 0] == 1e120 and np.isnan(state[1, 0])


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ([], "at least one value"),
        ([[1, 2]], "at least one value"),
        ([0, 0.5], "0.5 is not a whole number"),
        ([0, 2, 1], "strictly increasing"),
        ([-1, 2], "not negative"),
        ([0, np.inf], "not a whole number"),
        ("now", "array of numbers"),
    ],
)
def test_times_are_whole_numbers(time: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        iterate(HenonMap, [[0.0, 0.0]], time)  # type: ignore[arg-type]


@pytest.mark.parametrize("duration", [-1, 0.5, np.nan, [1.0, 2.5]])
def test_durations_are_whole_numbers(duration: object) -> None:
    with pytest.raises(ArgumentError, match="whole number of iterates"):
        final_state(HenonMap, [[0.0, 0.0], [0.1, 0.1]], duration)  # type: ignore[arg-type]


def test_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"\(trajectories, 2\)"):
        iterate(HenonMap, [[1.0]], [0, 1])

"""Tangent vectors of maps against products of symbolic Jacobians, and exponents in closed form."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.map import iterate
from chaosdata.integrate.map_tangent import map_tangent_growth
from chaosdata.types import Status
from tests.integrate.maps import (
    ALL,
    CatMap,
    CoupledMaps,
    CubicMap,
    FoldMap,
    HenonMap,
    LogisticMap,
    ShrinkingMap,
    SplitMap,
    TentMap,
)

REGULAR = [name for name in ALL if name != "FoldMap"]


def _starts(system: System, count: int) -> np.ndarray:
    initial = np.array(system.initial)
    start = initial + 0.02 * np.random.default_rng(6).random((count, len(initial)))
    return iterate(system, start, [0, 50]).state[:, 1]


@pytest.mark.parametrize("name", REGULAR)
def test_growth_is_that_of_the_jacobians(name: str) -> None:
    system = ALL[name]
    start, time = _starts(system, 3), np.arange(8)
    growth = map_tangent_growth(system, start, [3, 8])
    orbit = iterate(system, start, time).state
    jacobians = system.jacobian(orbit)
    for row in range(3):
        product = mp.eye(system.dimension)  # never re-orthonormalised: it needs more digits
        with mp.workdps(60):
            for p, (first, last) in enumerate(((0, 3), (3, 8))):
                for k in range(first, last):
                    product = mp.matrix(jacobians[row, k].tolist()) * product
                _, R = mp.qr(product)
                expected = [float(mp.log(abs(R[i, i]))) for i in range(system.dimension)]
                np.testing.assert_allclose(growth.log_length[row, p], expected, atol=1e-9)


@pytest.mark.parametrize("name", REGULAR)
def test_the_volume_is_that_of_the_jacobians(name: str) -> None:
    system = ALL[name]
    start = _starts(system, 9)
    growth = map_tangent_growth(system, start, [40, 200])
    orbit = iterate(system, start, np.arange(200)).state
    logs = np.log(np.abs(np.linalg.det(system.jacobian(orbit))))
    np.testing.assert_allclose(growth.divergence[:, 0], logs[:, :40].sum(axis=1), atol=1e-8)
    np.testing.assert_allclose(growth.divergence[:, 1], logs.sum(axis=1), atol=1e-8)
    np.testing.assert_allclose(growth.log_length.sum(axis=2), growth.divergence, rtol=1e-9, atol=1e-8)


def test_closed_forms() -> None:
    tent = map_tangent_growth(TentMap, _starts(TentMap, 8), [10, 1000]).log_length
    np.testing.assert_allclose(tent[:, :, 0], [[10 * np.log(1.9), 1000 * np.log(1.9)]] * 8, rtol=1e-13)
    cat = map_tangent_growth(CatMap, _starts(CatMap, 8), [100, 1100]).log_length
    golden = np.log((3 + np.sqrt(5)) / 2)
    np.testing.assert_allclose((cat[:, 1] - cat[:, 0]) / 1000, [[golden, -golden]] * 8, rtol=1e-13)
    henon = map_tangent_growth(HenonMap, _starts(HenonMap, 8), [1000])
    np.testing.assert_allclose(henon.divergence, 1000 * np.log(0.3), rtol=1e-13)
    np.testing.assert_allclose(henon.log_length.sum(axis=2), 1000 * np.log(0.3), rtol=1e-12)


def test_a_direction_that_is_folded_away() -> None:
    growth = map_tangent_growth(FoldMap, _starts(FoldMap, 3), [1, 500])
    line = map_tangent_growth(LogisticMap, _starts(FoldMap, 3)[:, :1], [1, 500])
    assert np.isneginf(growth.log_length[:, :, 1]).all() and np.isneginf(growth.divergence).all()
    assert (growth.status == Status.OK).all()
    # Along the curve distances grow as along its first coordinate, but for its slope at the two ends.
    np.testing.assert_allclose(growth.log_length[:, 1, 0], line.log_length[:, 1, 0], atol=5.0)


def test_the_branch_that_is_not_taken_may_be_undefined() -> None:
    orbit = iterate(SplitMap, [[0.3]], np.arange(200)).state[0, :, 0]
    assert orbit.min() < 0.25 and orbit.max() > 0.84  # neither branch exists on both sides
    high, low = orbit[orbit > 0.5], orbit[orbit <= 0.5]
    slopes = np.concatenate(
        [
            0.4 - 2 / np.sqrt(2 * high - 0.5),
            np.sqrt((1 - 1.2 * low) / low) - 1.2 * np.sqrt(low / (1 - 1.2 * low)),
        ]
    )
    growth = map_tangent_growth(SplitMap, [[0.3]], [200])
    assert growth.log_length[0, 0, 0] == pytest.approx(np.log(np.abs(slopes)).sum(), abs=1e-9)


def test_a_critical_point() -> None:
    growth = map_tangent_growth(LogisticMap, [[0.5], [0.3]], [5])
    assert np.isneginf(growth.log_length[0, 0, 0]) and np.isfinite(growth.log_length[1, 0, 0])


@pytest.mark.parametrize("name", ["HenonMap", "EveryMapOperation", "CoupledMaps"])
def test_bits_do_not_depend_on_the_batch(name: str) -> None:
    system = ALL[name]
    start = _starts(system, 19)
    whole = map_tangent_growth(system, start, [10, 60])
    some = [17, 2, 9, 18]
    part = map_tangent_growth(system, start[some], [10, 60])
    assert part.log_length.tobytes() == whole.log_length[some].tobytes()
    assert part.divergence.tobytes() == whole.divergence[some].tobytes()


def test_a_failed_trajectory_is_marked_and_leaves_its_neighbours_alone() -> None:
    mixed = map_tangent_growth(CubicMap, [[0.5], [2.0], [0.3]], [5, 50])
    assert mixed.status.tolist() == [Status.OK, Status.OVERFLOW, Status.OK]
    assert np.isnan(mixed.log_length[1]).all() and np.isnan(mixed.divergence[1]).all()
    alone = map_tangent_growth(CubicMap, [[0.3]], [5, 50])
    assert alone.log_length[0].tobytes() == mixed.log_length[2].tobytes()
    assert map_tangent_growth(ShrinkingMap, [[3.0]], [50]).status.tolist() == [Status.NOT_FINITE]


@pytest.mark.parametrize("until", [[], [0, 10], [5, 2], [[1]], [0.5]])
def test_times_must_be_increasing_whole_numbers(until: list) -> None:
    with pytest.raises(ArgumentError):
        map_tangent_growth(HenonMap, [[0.1, 0.1]], until)


def test_code_does_not_grow_with_the_number_of_vectors() -> None:
    from chaosdata.kernels.map_tangent import map_tangent_module

    sizes = [len(map_tangent_module(CoupledMaps.resized(d).graph())[0]) for d in (5, 10, 20)]
    growth = np.diff(sizes)
    assert growth[1] < 2.2 * growth[0]  # linear: there are d*d tangent components

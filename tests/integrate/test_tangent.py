"""Tangent vectors against the variational equations with the Jacobian in NumPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from chaosdata import flow
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate import tangent
from chaosdata.integrate.tangent import tangent_growth
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.tangent import tangent_module
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from tests.benchmarks.cases import ForcedPendulum
from tests.integrate.test_flow import EveryOperation, Explosion, Oscillator, OtherOperations
from tests.integrate.test_sliding import Belt
from tests.kernels.targets import runnable_cpus
from tests.references import LYAPUNOV_TIMES


def _expected(system: System, start: np.ndarray, end: float) -> np.ndarray:
    """Logarithms of |diagonal of R| from one QR factorisation of the fundamental matrix."""
    d = system.dimension

    def slope(t: float, y: np.ndarray) -> np.ndarray:
        state, vectors = y[:d], y[d:].reshape(d, d)
        return np.concatenate([system.rhs(state, t), (system.jacobian(state, t) @ vectors).ravel()])

    y = np.concatenate([start, np.eye(d).ravel()])
    solution = solve_ivp(slope, (0, end), y, method="DOP853", rtol=1e-12, atol=1e-13)
    return np.log(np.abs(np.diag(np.linalg.qr(solution.y[d:, -1].reshape(d, d))[1])))


@pytest.mark.parametrize("name", sorted(LYAPUNOV_TIMES))
def test_growth_is_that_of_the_variational_equations(name: str) -> None:
    system = systems[name]
    initial, _ = attractor_states(system, 3, range(2), purpose="tangent")
    # Short enough that the reference, which never re-orthonormalises, keeps its smallest direction.
    rate = np.abs(system.divergence(initial)).max() + np.abs(system.jacobian(initial)).max()
    end = min(0.4 * system.period, 12.0 / rate)
    growth = tangent_growth(system, initial, [end], tolerance=1e-12)
    for start, lengths in zip(initial, growth.log_length[:, 0], strict=True):
        np.testing.assert_allclose(lengths, _expected(system, start, end), atol=3e-8)


@pytest.mark.parametrize("system", [EveryOperation, OtherOperations], ids=str)
def test_every_operation(system: System) -> None:
    start = np.array(system.initial)
    growth = tangent_growth(system, [start], [2.0], tolerance=1e-12)
    np.testing.assert_allclose(growth.log_length[0, 0], _expected(system, start, 2.0), atol=1e-8)


# Those of more than twelve components take seconds to compile; one of them stands here with ten.
FLOWS = [s for s in systems.values() if s.kind == "flow" and s.autonomous and s.dimension <= 12]


@pytest.mark.parametrize("system", [*FLOWS, systems["Lorenz96"].resized(10)], ids=lambda s: s.name)
def test_lengths_add_up_to_the_divergence(system: System) -> None:
    initial, status = attractor_states(system, 4, range(9), purpose="tangent")
    growth = tangent_growth(system, initial[status == 0], np.array([5.0, 20.0]) * system.period)
    good = growth.status == 0
    assert good.any()
    lengths, divergence = growth.log_length[good], growth.divergence[good]
    allowed = 3e-6 + 1e-7 * np.abs(lengths).sum(axis=2)
    assert (np.abs(lengths.sum(axis=2) - divergence) < allowed).all()


# The first two shear tangent vectors strongly within a few steps.
@pytest.mark.parametrize("name", ["SprottJerk", "LotkaVolterraFour", "Lorenz", "HenonHeiles"])
def test_little_is_lost_to_rounding(name: str) -> None:
    system = systems[name]
    initial, _ = attractor_states(system, 4, range(9), purpose="tangent")
    growth = tangent_growth(system, initial, np.array([2.0, 10.0]) * system.period, tolerance=1e-14)
    np.testing.assert_allclose(growth.log_length.sum(axis=2), growth.divergence, rtol=0, atol=2e-11)


# Of CaTwoPlus many steps return to their start: what comes after a spike is seen too late.
@pytest.mark.parametrize("name", ["Lorenz", "Duffing", "Hopfield", "CaTwoPlus"])
def test_bits_do_not_depend_on_the_batch(name: str) -> None:
    system = systems[name]
    initial, _ = attractor_states(system, 5, range(19), purpose="tangent")
    until = np.array([3.0, 10.0]) * system.period
    whole = tangent_growth(system, initial, until)
    some = np.array([17, 2, 9, 18])
    part = tangent_growth(system, initial[some], until)
    assert part.log_length.tobytes() == whole.log_length[some].tobytes()
    assert part.divergence.tobytes() == whole.divergence[some].tobytes()


@pytest.mark.parametrize("name", ["Lorenz", "CaTwoPlus", "HenonHeiles"])
def test_growth_does_not_depend_on_when_it_is_recorded(name: str) -> None:
    system = systems[name]
    initial, _ = attractor_states(system, 6, range(9), purpose="tangent")
    marks = np.array([0.001, 0.7, 0.70001, 1.1, 2.0]) * system.period
    often = tangent_growth(system, initial, marks, tolerance=1e-12)
    once = tangent_growth(system, initial, marks[-1:], tolerance=1e-12)
    np.testing.assert_allclose(often.log_length[:, -1], once.log_length[:, 0], rtol=0, atol=3e-9)
    np.testing.assert_allclose(often.divergence[:, -1], once.divergence[:, 0], rtol=0, atol=3e-9)


@flow(initial=(1.0, 0.0, 0.0), period=1.0, reference="Made up.", tags={"test"})
def Contraction(x, y, z):
    """A linear flow with the eigenvalues 0.3, -1 and -200."""
    return (0.3 * x + y, -y + z, -200.0 * z)


def test_a_strong_contraction_keeps_its_exponent() -> None:
    start = [[1.0, 0.5, 2.0], [1.0, 0.0, 0.0]]
    growth = tangent_growth(Contraction, start, [0.01, 1.0, 30.0])
    rates = growth.log_length / np.array([0.01, 1.0, 30.0])[:, None]
    np.testing.assert_allclose(rates, np.broadcast_to([0.3, -1.0, -200.0], rates.shape), rtol=3e-7)


@pytest.mark.parametrize("name", ["Lorenz", "CaTwoPlus", "ForcedPendulum", "Belt"])
def test_bits_are_those_of_every_cpu(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    system = {"Belt": Belt, "ForcedPendulum": ForcedPendulum}.get(name) or systems[name]
    start = np.array(system.initial) * (1 + 0.01 * np.random.default_rng(3).random((11, system.dimension)))
    until = np.array([0.4, 3.0]) * system.period

    def growth() -> bytes:
        found = tangent_growth(system, start, until)
        assert not np.isnan(found.divergence).any()
        return found.log_length.tobytes() + found.divergence.tobytes()

    here = growth()
    for cpu in runnable_cpus():
        ir, kernel = tangent_module(system.graph(divergence=True), 1e-8, system.dimension)
        address = compiler.link(compiler.compile_object(ir, cpu), ("step",))["step"]
        compiled = replace(kernel, step=address)
        monkeypatch.setattr(tangent, "_kernel", lambda *_, compiled=compiled: compiled)
        assert growth() == here, cpu


def test_a_rotation_stretches_nothing() -> None:
    growth = tangent_growth(Oscillator, [[1.0, 0.0]], [1000.0])
    np.testing.assert_allclose(growth.log_length, 0.0, atol=1e-6)


def test_a_failed_trajectory_is_marked_and_leaves_its_neighbours_alone() -> None:
    alone = tangent_growth(Explosion, [[-1.0]], [1.0, 5.0])
    mixed = tangent_growth(Explosion, [[1.0], [-1.0]], [1.0, 5.0])
    assert mixed.status.tolist()[1] == 0 and mixed.status[0] != 0
    assert np.isnan(mixed.log_length[0]).all() and np.isnan(mixed.divergence[0]).all()
    assert mixed.log_length[1].tobytes() == alone.log_length[0].tobytes()


@pytest.mark.parametrize("until", [[], [0.0, 1.0], [2.0, 1.0], [[1.0]]])
def test_times_must_increase(until: list) -> None:
    with pytest.raises(ArgumentError, match="increasing, positive times"):
        tangent_growth(Oscillator, [[1.0, 0.0]], until)

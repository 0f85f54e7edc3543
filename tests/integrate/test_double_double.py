"""Double-double trajectories against 48 digits, and the horizons that follow from them."""

from __future__ import annotations

import pickle
from fractions import Fraction

import numpy as np
import pytest

from chaosdata.equations.declare import flow
from chaosdata.equations.functions import (
    abs,
    atan,
    atan2,
    cos,
    cosh,
    exp,
    log,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    where,
)
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate import driver
from chaosdata.integrate.double_double import integrate_double_double
from chaosdata.integrate.flow import integrate
from chaosdata.kernels import compile as compiler
from chaosdata.kernels import double_double_series
from chaosdata.kernels.double_double_taylor import FULL_ACCURACY, double_double_module
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.taylor import Kernel
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from chaosdata.types import Solution, Status
from tests.integrate.precise import Reference
from tests.integrate.test_flow import Explosion
from tests.kernels.targets import runnable_cpus
from tests.references import LYAPUNOV_TIMES

_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."


@flow(initial=(0.6, 0.7, 0.4), period=1.0, reference=_PAPER, tags={"test"})
def Everything(t, x, y, z):
    """Every operation that has a Taylor recurrence, with time, and a third, which no double is."""
    return (
        sin(t * y) + 0.1 * exp(-(x**2)) - 0.3 * tan(0.5 * z),
        tanh(x * y) / (1 + z**2) - y / 3 + 0.2 * sinh(x) - 0.1 * cosh(y),
        sqrt(1 + x**2) - log(2 + z**2) + (1 + y**2) ** 1.3 - z * cos(x) - z + atan(x - 2 * y),
    )


@flow(initial=(0.1, 0.2), period=1.0, reference=_PAPER, tags={"test"})
def Kinked(x, y):
    """Not analytic."""
    return (y, -abs(x))


@flow(initial=(0.1, 0.2), period=1.0, reference=_PAPER, tags={"test"})
def Turned(x, y):
    """Has no Taylor series here."""
    return (y, -x - 0.1 * atan2(y, 2 + x))


@flow(initial=(1.0, 1.0, 20.0), period=1.5, reference=_PAPER, tags={"test"})
def Pieces(x, y, z, *, sigma=10.0, rho=28.0, beta=8 / 3):
    """The Lorenz equations on their attractor, others far away."""
    return (sigma * (y - x), x * (rho - z) - y, x * y - beta * z + where(x + 1000 > 0, 0.0, 1.0))


@flow(initial=(0.0, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def Pulled(x, y):
    """An oscillator that is let go away from its equilibrium."""
    return (y, 1 - x)


def _states(system: System, count: int) -> np.ndarray:
    initial, status = attractor_states(system, 11, range(count), purpose="double-double")
    assert not status.any()
    return initial


def _errors(solution: Solution, exact: np.ndarray) -> np.ndarray:
    """Of the first samples of the first trajectory, relative to its largest state."""
    assert solution.state_low is not None
    high, low = solution.state[0, : len(exact)], solution.state_low[0, : len(exact)]
    numbers = zip(high.flat, low.flat, exact.flat, strict=True)
    errors = [float(Fraction(a) + Fraction(b) - value) for a, b, value in numbers]
    return np.abs(np.reshape(errors, exact.shape)).max(axis=1) / np.abs(high).max()


@pytest.mark.parametrize(
    ("system", "duration", "limit"),
    [(Everything, 1.5, 1e-29), (systems["Thomas"], 3.0, 1e-28), (systems["CaTwoPlus"], 0.5, 1e-29)],
    ids=lambda value: getattr(value, "name", None),
)
def test_every_sample_is_right_to_thirty_digits(system: System, duration: float, limit: float) -> None:
    time = np.linspace(0.3, 0.3 + duration, 37)  # differences of these are no doubles
    solution = integrate_double_double(system, [system.initial], time)
    assert solution.status[0] == Status.OK
    exact = Reference(system.graph()).solve(system.initial, time)
    assert _errors(solution, exact).max() < limit


def test_lorenz_is_true_for_sixty_lyapunov_times_and_the_horizons_are_the_real_ones() -> None:
    """Where double-double itself is certified a burst of growth may cost one or two Lyapunov times."""
    system, lyapunov_time = systems["Lorenz"], LYAPUNOV_TIMES["Lorenz"]
    initial = _states(system, 3)
    time = np.arange(0.0, 70.0 * lyapunov_time, 0.02)
    exact = [Reference(system.graph(), 128).solve(state, time) for state in initial]
    rounded = np.array(exact, dtype=float)
    spread = rounded.std(axis=1, keepdims=True)
    for options, worst in (({}, 1), ({"tolerance": 1e-8}, 1), ({"precision": "double-double"}, 110)):
        solution = integrate(system, initial, time, **options)
        off = (np.abs(solution.state - rounded) / spread).max(axis=2)
        for fraction in (1e-3, 1e-6):
            assert (off > fraction).any(axis=1).all()
            true = np.argmax(off > fraction, axis=1) - 1
            difference = np.abs(np.searchsorted(time, solution.horizon(fraction)) - true)
            assert np.median(difference) <= 5 and difference.max() <= worst  # in samples, 55 a Lyapunov time
        assert (solution.horizon(1e-3) == solution.accuracy_horizon).all()
        assert (solution.horizon(1e-3) > solution.horizon(1e-6)).all()
    assert np.median(solution.accuracy_horizon) > 60 * lyapunov_time
    errors = _errors(solution, exact[0][:200])
    assert errors.max() < 1e-29  # over four time units


@pytest.mark.parametrize("name", ["Lorenz", "Hopfield", "HyperRossler", "DoubleGyre"])
def test_agrees_with_double_as_long_as_that_is_right(name: str) -> None:
    system = systems[name]
    initial, time = _states(system, 3), np.arange(100) * (system.period / 50)
    fine, coarse = integrate_double_double(system, initial, time), integrate(system, initial, time)
    size = fine.state.std(axis=(0, 1))
    assert (np.abs(fine.state - coarse.state) / size)[:, :50].max() < 1e-11
    assert fine.state[:, 0].tobytes() == initial.tobytes()
    assert fine.state_low is not None and np.abs(fine.state_low).max() > 0
    assert (np.abs(fine.state_low) <= np.spacing(np.abs(fine.state)) / 2).all()


@pytest.mark.parametrize("name", ["Lorenz", "HyperRossler", "Hopfield"])
def test_bits_depend_on_nothing_else(name: str) -> None:
    """Neither on the batch nor on its order nor on the output times."""
    system = systems[name]
    start, time = _states(system, 11), np.arange(41) * (system.period / 20)
    whole = integrate_double_double(system, start, time)
    order = np.random.default_rng(2).permutation(11)[:6]
    part = integrate_double_double(system, start[order], time)
    coarse = integrate_double_double(system, start, time[::8])
    for field in ("state", "state_low"):
        expected = getattr(whole, field)
        assert getattr(part, field).tobytes() == expected[order].tobytes()
        assert getattr(coarse, field).tobytes() == np.ascontiguousarray(expected[:, ::8]).tobytes()
    assert part.steps.tolist() == whole.steps[order].tolist()


@pytest.mark.parametrize("name", ["Lorenz", "Thomas"])
def test_bits_are_those_of_every_cpu(name: str) -> None:
    ir, memory = double_double_module(systems[name].graph())
    here = _trajectories(systems[name], compiler.compile_object(ir), memory)
    for cpu in runnable_cpus():
        assert _trajectories(systems[name], compiler.compile_object(ir, cpu), memory) == here, cpu


@pytest.mark.parametrize("name", ["Lorenz", "CaTwoPlus"])
def test_bits_do_not_depend_on_how_much_code_is_shared(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ir, memory = double_double_module(systems[name].graph())
    monkeypatch.setattr(double_double_series, "MANY", 1)
    shared, _ = double_double_module(systems[name].graph())
    assert "@terms0" in shared and "@terms0" not in ir
    expected = _trajectories(systems[name], compiler.compile_object(ir), memory)
    for cpu in (None, *runnable_cpus()):
        assert _trajectories(systems[name], compiler.compile_object(shared, cpu), memory) == expected, cpu


def _trajectories(system: System, code: bytes, memory: Memory) -> bytes:
    """What a kernel makes of three starts."""
    start = np.repeat([system.initial], 3, axis=0) * (1 + 1e-3 * np.arange(3)[:, None])
    pairs, time = np.hstack([start, 0 * start]), np.arange(30) * (system.period / 25)
    functions = compiler.link(code, ("step", "dense"))
    kernel = Kernel(functions["step"], functions["dense"], memory)
    out = np.empty((2, 3, 30, system.dimension))
    stop = np.full(3, time[-1])
    final, status, _ = driver.run(kernel, pairs, 0.0, stop, time, out, FULL_ACCURACY, 10**6)
    assert not status.any()
    return out.tobytes() + final.tobytes()


def test_a_trajectory_goes_on_without_loss() -> None:
    system = systems["Rossler"]
    time = np.linspace(0.0, 20.0, 21)
    whole = integrate_double_double(system, [system.initial], time)
    first = integrate_double_double(system, [system.initial], time[:11])
    assert first.state_low is not None and whole.state_low is not None
    second = integrate_double_double(
        system, first.state[:, -1], time[10:], initial_low=first.state_low[:, -1]
    )
    assert second.state_low is not None
    difference = (second.state - whole.state[:, 10:]) + (second.state_low - whole.state_low[:, 10:])
    assert np.abs(difference).max() < 1e-28
    assert second.state[:, 0].tobytes() == first.state[:, -1].tobytes()


@pytest.mark.parametrize("start", [0.0, 3.0, 2.0**30])
def test_a_start_at_the_origin_has_no_scale(start: float) -> None:
    """There the first step may be tiny beside the time."""
    elapsed = np.arange(9) / 4
    solution = integrate_double_double(Pulled, [Pulled.initial], start + elapsed)
    assert solution.status[0] == Status.OK
    np.testing.assert_allclose(solution.state[0, :, 0], 2 * np.sin(elapsed / 2) ** 2, rtol=1e-14, atol=1e-30)


def test_a_failure_is_a_row_with_a_status() -> None:
    time = np.append(np.linspace(0.0, 0.99, 12), 1.5)
    solution = integrate_double_double(Explosion, [[-1.0], [1.0]], time)
    assert solution.status[0] == Status.OK != solution.status[1]
    np.testing.assert_allclose(solution.state[1, :-1, 0], 1 / (1 - time[:-1]), rtol=1e-15)
    assert np.isnan(solution.state[1, -1, 0])
    assert solution.accuracy_horizon.tolist() == [1.5, time[-2]]


def test_the_horizon_is_on_the_grid_and_travels_with_the_solution() -> None:
    system = systems["Lorenz"]
    initial = _states(system, 2)
    solution = integrate(system, initial, [5.0, 5.5, 6.0])
    assert solution.accuracy_horizon.tolist() == [6.0, 6.0]
    assert solution.horizon(1e-300).tolist() == [5.0, 5.0]
    copy = pickle.loads(pickle.dumps(integrate(system, initial, [5.0, 5.5, 60.0])))
    assert copy.accuracy_horizon.tolist() == [5.5, 5.5]
    assert integrate(system, np.empty((0, 3)), [0.0, 1.0]).accuracy_horizon.shape == (0,)


def test_the_horizon_of_a_flow_with_pieces_is_the_real_one() -> None:
    """Lorenz with a jump that it never meets, against Lorenz in double-double."""
    initial = _states(systems["Lorenz"], 48)
    time = np.arange(0.0, 36 * LYAPUNOV_TIMES["Lorenz"], 0.02)
    solution = integrate(Pieces, initial, time)
    exact = integrate(systems["Lorenz"], initial, time, precision="double-double").state
    for fraction in (1e-3, 1e-6):
        off = np.abs(solution.state - exact) / exact.std(axis=1, keepdims=True) > fraction
        true = time[off.any(axis=2).argmax(axis=1) - 1]
        difference = np.abs(solution.horizon(fraction) - true) / LYAPUNOV_TIMES["Lorenz"]
        assert np.median(difference) < 0.3 and np.quantile(difference, 0.9) < 3


@pytest.mark.parametrize("system", [Kinked, Turned], ids=lambda s: s.name)
def test_the_horizon_without_double_double(system: System) -> None:
    """Solutions in double that round differently part from each other as from the truth."""
    solution = integrate(system, [[0.1, 0.2]], np.linspace(0.0, 2.0, 21))
    assert 0 < solution.deviation.max() < 1e-12
    assert solution.accuracy_horizon.tolist() == [2.0]
    rough = integrate(system, [[0.1, 0.2]], np.linspace(0.0, 2.0, 21), tolerance=1e-3, method="tsit5")
    assert 1e-7 < rough.deviation.max() < 1e-1


def test_what_has_no_horizon_says_so() -> None:
    bare = Solution(np.zeros((1, 1, 1)), np.zeros(1), np.zeros(1, np.int8), np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="cannot be compared"):
        _ = bare.accuracy_horizon
    with pytest.raises(ValueError, match="fraction must be positive"):
        bare.horizon(0.0)


@pytest.mark.parametrize(
    ("system", "options", "message"),
    [
        (Kinked, {"precision": "double-double"}, "Kinked has kinks"),
        (systems["Lorenz"], {"precision": "quadruple"}, "precision must be"),
        (systems["Lorenz"], {"precision": "double-double", "tolerance": 1e-9}, "leave tolerance, method"),
    ],
)
def test_bad_arguments(system: System, options: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        integrate(system, [system.initial], [0.0, 1.0], **options)


def test_low_parts_must_fit() -> None:
    with pytest.raises(ArgumentError, match="initial_low must have the shape"):
        integrate_double_double(
            systems["Lorenz"], [[1.0, 2.0, 3.0]], [0.0, 1.0], initial_low=np.zeros((2, 3))
        )

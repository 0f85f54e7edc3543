"""Crossings of surfaces: closed forms, an independent search, and bits that depend on nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import chaosdata as cd
from chaosdata.equations.declare import flow
from chaosdata.equations.functions import cos, sin
from chaosdata.errors import ArgumentError
from chaosdata.integrate.surface import Surface, event_kernel
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.surfaces import Event
from chaosdata.kernels.taylor import FULL_ACCURACY, Kernel, flow_module
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from chaosdata.types import Status
from tests.integrate.extended import extended_solution
from tests.integrate.test_flow import Explosion, Oscillator
from tests.kernels.targets import runnable_cpus

_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."
_LORENZ = systems["Lorenz"]


def _plane(x, y, z):
    return z - 27


@flow(initial=(0.0,), period=1.0, reference=_PAPER, tags={"test"})
def Line(x):
    """The time itself."""
    return (1,)


@flow(initial=(0.5, 0.0), period=2 * np.pi, reference=_PAPER, tags={"test"})
def Swing(theta, omega):
    """A mathematical pendulum."""
    return omega, -sin(theta)


@flow(initial=(0.0, 0.1, 0.35, 0.0), period=2 * np.pi, reference=_PAPER, tags={"test"})
def Galaxy(x, y, u, w):
    """Henon and Heiles (1964)."""
    return u, w, -x - 2 * x * y, -y - x**2 + y**2


def test_crossings_of_an_oscillator() -> None:
    found = cd.poincare_section(Oscillator, [[1.0, 0.0], [0.0, 2.0]], lambda x, y: x, crossings=200)
    assert (found.status == Status.OK).all() and (found.count == 200).all()
    np.testing.assert_allclose(found.time[0], 1.5 * np.pi + 2 * np.pi * np.arange(200), rtol=0, atol=4e-13)
    # The second one starts on the surface, on its way up: that is no crossing.
    np.testing.assert_allclose(found.time[1], 2 * np.pi * np.arange(1, 201), rtol=0, atol=4e-13)
    assert np.abs(found.state[:, :, 0]).max() < 1e-15 * 2


@pytest.mark.parametrize("amplitude", [0.1, 1.5, 2.8])
def test_period_of_a_pendulum(amplitude: float) -> None:
    """T = 2 pi / agm(1, cos(a/2)), from the turning points, which begin with one at t = 0."""
    from mpmath import agm, mp, mpf

    with mp.workdps(30):
        period = float(2 * mp.pi / agm(1, mp.cos(mpf(amplitude) / 2)))
    found = cd.poincare_section(Swing, [[amplitude, 0.0]], lambda a, b: b, crossings=6, direction=-1)
    np.testing.assert_allclose(found.time[0], period * np.arange(1, 7), rtol=5e-14)
    np.testing.assert_allclose(found.state[0, :, 0], amplitude, rtol=1e-14)


def test_the_surface_may_move() -> None:
    """cos t = t/10 seen as a surface that moves with the time."""
    found = cd.poincare_section(
        Oscillator, [[1.0, 0.0]], lambda t, x, y: x - t / 10, crossings=3, direction=0
    )
    np.testing.assert_allclose(np.cos(found.time[0]), found.time[0] / 10, atol=2e-15)
    assert (np.diff(found.time[0]) > 0).all() and found.time[0, 0] == pytest.approx(1.4275517787645942)


def test_directions_are_those_asked_for() -> None:
    initial, _ = attractor_states(_LORENZ, 3, range(5), purpose="events")
    both, up, down = (
        cd.poincare_section(_LORENZ, initial, _plane, crossings=24, direction=d) for d in (0, 1, -1)
    )
    for row in range(len(initial)):
        rising = _LORENZ.rhs(both.state[row])[:, 2] > 0
        n = min(rising.sum(), (~rising).sum())
        # The end of a step at every crossing, counted or not, makes the three runs the same to the bit.
        assert both.time[row][rising][:n].tobytes() == up.time[row, :n].tobytes()
        assert both.time[row][~rising][:n].tobytes() == down.time[row, :n].tobytes()


def test_lorenz_section_against_dense_sampling() -> None:
    """Every crossing that fine samples show, at the time that 80-bit arithmetic gives, and no other."""
    initial, _ = attractor_states(_LORENZ, 4, range(3), purpose="events")
    end = 3.0
    found = cd.poincare_section(_LORENZ, initial, _plane, crossings=40, direction=0, max_time=end)
    assert np.abs(np.nan_to_num(found.state[..., 2] - 27, nan=0.0)).max() < 2e-13
    time = np.linspace(0.0, end, 30001)
    z = cd.integrate(_LORENZ, initial, time).state[:, :, 2] - 27
    for row in range(3):
        changes = np.flatnonzero(z[row, :-1] * z[row, 1:] < 0)
        assert found.count[row] == len(changes)
        t = found.time[row, : len(changes)]
        assert ((time[changes] <= t) & (t <= time[changes + 1])).all()
        for k in (0, len(changes) // 2):
            exact = extended_solution(_LORENZ, initial[row : row + 1], float(t[k]))[0]
            slope = _LORENZ.rhs(exact)[2]
            assert abs(float((exact[2] - 27) / slope)) < 1e-13
            np.testing.assert_allclose(found.state[row, k], exact.astype(float), atol=4e-12)


def test_henon_heiles_section_keeps_the_energy() -> None:
    found = cd.poincare_section(Galaxy, [[0.0, 0.1, 0.35, 0.0]], lambda x, y, u, w: x, crossings=300)
    x, y, u, w = np.moveaxis(found.state[0], -1, 0)
    energy = (u**2 + w**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3
    assert np.abs(energy - energy[0]).max() < 2e-14 and np.abs(x).max() < 1e-15 and (u > 0).all()


@pytest.mark.parametrize("depth", [1e-3, 1e-7, 1e-10])
def test_two_close_crossings(depth: float) -> None:
    """Just below its maximum an oscillator crosses up and down within 2 sqrt(2 depth)."""
    found = cd.poincare_section(
        Oscillator, [[0.0, 1.0]], lambda x, y: x - (1 - depth), crossings=4, direction=0, max_time=10.0
    )
    angle = np.arccos(1 - depth)
    expected = np.pi / 2 + np.array([-angle, angle, 2 * np.pi - angle, 2 * np.pi + angle])
    np.testing.assert_allclose(found.time[0], expected, atol=2e-15 / angle)


def test_a_surface_that_is_rougher_than_the_motion() -> None:
    """The state is a straight line, which a step of any length follows."""
    start = [[0.0]]
    found = cd.poincare_section(Line, start, lambda x: sin(50 * x) - 0.5, crossings=20, direction=0)
    exact = np.pi / 300 * np.sort([1 + 12 * np.arange(10), 5 + 12 * np.arange(10)], axis=None)
    np.testing.assert_allclose(found.time[0], exact, atol=2e-15)
    found = cd.poincare_section(Line, start, lambda x: 1 / (1 + (x - 3) ** 2 * 1e4) - 0.5, crossings=1)
    assert found.time[0, 0] == pytest.approx(2.99, abs=1e-14)


def test_a_surface_beyond_reach() -> None:
    found = cd.poincare_section(Oscillator, [[0.0, 1.0]], lambda x, y: x - 1.000001, crossings=2, periods=50)
    assert found.count.tolist() == [0] and found.status.tolist() == [Status.OK]
    assert np.isnan(found.time).all() and np.isnan(found.state).all()


def test_a_failure_keeps_what_was_found() -> None:
    found = cd.poincare_section(Explosion, [[0.5], [-1.0]], lambda x: x - 2, crossings=2, max_time=5.0)
    np.testing.assert_allclose(found.time[0], [1.5, np.nan])
    assert found.count.tolist() == [1, 0]
    assert found.status[0] == Status.STEP_UNDERFLOW and found.status[1] == Status.OK


def test_bits_do_not_depend_on_the_batch() -> None:
    initial, _ = attractor_states(_LORENZ, 5, range(19), purpose="events")
    whole = cd.poincare_section(_LORENZ, initial, _plane, crossings=9)
    for some in (np.array([17, 2, 9, 18]), np.arange(19)[::-1]):
        part = cd.poincare_section(_LORENZ, initial[some], _plane, crossings=9)
        assert part.time.tobytes() == whole.time[some].tobytes()
        assert part.state.tobytes() == whole.state[some].tobytes()


def test_bits_are_those_of_every_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    initial, _ = attractor_states(_LORENZ, 6, range(9), purpose="events")
    here = cd.poincare_section(_LORENZ, initial, _plane, crossings=9)
    from chaosdata.equations.surface import surface_graph
    from chaosdata.integrate import events

    ir, memory = flow_module(surface_graph(_LORENZ, _plane), FULL_ACCURACY, Event(3, 1))
    for cpu in runnable_cpus():
        functions = compiler.link(compiler.compile_object(ir, cpu), ("step", "dense"))
        kernel = Kernel(functions["step"], functions["dense"], memory)
        monkeypatch.setattr(events, "event_kernel", lambda *_, kernel=kernel, **__: kernel)
        there = cd.poincare_section(_LORENZ, initial, _plane, crossings=9)
        assert there.time.tobytes() == here.time.tobytes(), cpu
        assert there.state.tobytes() == here.state.tobytes(), cpu


def test_a_terminal_event_ends_a_trajectory() -> None:
    time = np.linspace(0.0, 10.0, 101)
    plain = cd.integrate(Oscillator, [[1.0, 0.0], [0.1, 0.0]], time)
    ended = cd.integrate(
        Oscillator, [[1.0, 0.0], [0.1, 0.0]], time, terminal=Surface(lambda x, y: x + 0.5, direction=-1)
    )
    assert ended.status.tolist() == [Status.EVENT, Status.OK]
    crossing = 2 * np.pi / 3
    np.testing.assert_allclose(ended.end_time, [crossing, 10.0], rtol=1e-15)
    np.testing.assert_allclose(ended.end_state[0], [-0.5, -np.sin(crossing)], rtol=1e-15)
    before = time <= crossing
    assert ended.state[0, before].tobytes() == plain.state[0, before].tobytes()
    assert np.isnan(ended.state[0, ~before]).all()
    assert ended.state[1].tobytes() == plain.state[1].tobytes()


def test_without_an_event_the_end_is_the_last_sample() -> None:
    solution = cd.integrate(Explosion, [[-1.0], [1.0]], [0.0, 1.0, 3.0])
    assert solution.end_time[0] == 3.0 and solution.end_state[0, 0] == solution.state[0, -1, 0]
    assert np.isnan(solution.end_time[1]) and np.isnan(solution.end_state[1, 0])


@pytest.mark.parametrize(
    ("surface", "message"),
    [
        (lambda x, y: x, "write lambda x, y, z"),
        (lambda x, y, z: 3.0, "constant 3"),
        (lambda x, y, z: z > 27, "z - 27"),
        (lambda x, y, z: np.hypot(x, y), "fails on symbols"),
        (27.0, "must be a function of x, y, z"),
    ],
)
def test_a_surface_that_is_none(surface: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        cd.poincare_section(_LORENZ, [_LORENZ.initial], surface, crossings=1)


@pytest.mark.parametrize(
    "arguments",
    [
        {"crossings": 0},
        {"direction": 2},
        {"max_time": -1.0},
        {"periods": np.inf},
        {"periods": 1, "max_time": 1},
    ],
)
def test_arguments_are_checked(arguments: dict) -> None:
    with pytest.raises(ArgumentError):
        cd.poincare_section(_LORENZ, [_LORENZ.initial], _plane, **({"crossings": 1} | arguments))


def test_kernels_are_shared() -> None:
    first = event_kernel(_LORENZ, Surface(_plane, 1), FULL_ACCURACY, terminal=False)
    assert event_kernel(_LORENZ, Surface(_plane, 1), FULL_ACCURACY, terminal=False) is first


def test_functions_of_a_declaration_may_be_used() -> None:
    found = cd.poincare_section(Swing, [[2.0, 0.0]], lambda a, b: cos(a) - 0.5, crossings=4, direction=0)
    np.testing.assert_allclose(np.abs(found.state[0, :, 0]), np.pi / 3, rtol=1e-14)

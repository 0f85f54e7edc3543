"""Sliding along surfaces to which the right-hand side points from both sides, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.equations.declare import flow
from chaosdata.equations.functions import abs, cos, heaviside, sign, sin, where
from chaosdata.equations.system import System
from chaosdata.integrate.flow import integrate
from chaosdata.integrate.tangent import tangent_growth
from chaosdata.kernels.lower import lowered
from chaosdata.kernels.slide import with_sliding
from chaosdata.types import Status
from tests.integrate.test_pieces import Bang, DoubleScroll, Relay, Trampoline

_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."


@flow(initial=(0.5, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def Valve(x, y):
    """Slides on x = 0 while \\|y\\| < 2."""
    return -sign(x) + y / 2, 1


@flow(initial=(0.5, 0.0), period=1.0, reference=_PAPER, tags={"test"})
def TwoValves(x, y):
    """The same jump written from both sides, and with factors that move."""
    return heaviside(-x) * (1 + y) - where(x > 0, 1 + y, 0) + y / 2, 1


@flow(initial=(0.5, 0.0), period=2 * np.pi, reference=_PAPER, tags={"test"})
def Brick(t, x, v, *, drive=2.0, friction=1.0):
    """A brick on a shaken table."""
    return v, drive * sin(t) - friction * sign(v)


@flow(initial=(0.5, 0.3, 0.0), period=2 * np.pi, reference=_PAPER, tags={"test"})
def Belt(x, v, phase, *, belt=0.4, friction=0.6):
    """A driven spring on a running belt: sticks to it, slips back."""
    return v, -x + 0.2 * cos(phase) - friction * sign(v - belt) / (1 + abs(v - belt)), 1


@flow(initial=(0.5, 0.2), period=1.0, reference=_PAPER, tags={"test"})
def Curved(x, y):
    """A jump at a circle that is not a sum of components: nothing slides there."""
    return -x * sign(x**2 + y**2 - 1), -y * sign(x**2 + y**2 - 1)


def test_entry_and_release_in_closed_form() -> None:
    time = np.linspace(0.0, 8.0, 801)
    state = integrate(Valve, [[0.5, 0.0], [-0.5, 0.0], [0.0, 0.0]], time).state[:, :, 0]
    fall = 0.5 - time + time**2 / 4  # until it meets the surface at 2 - sqrt(2)
    before = time < 2 - np.sqrt(2)
    np.testing.assert_allclose(state[0, before], fall[before], atol=1e-15)
    held = (time > 2 - np.sqrt(2)) & (time < 2)
    assert np.abs(state[:, held]).max() < 1e-15
    beyond = time > 2
    np.testing.assert_allclose(state[:, beyond], [(time[beyond] - 2) ** 2 / 4] * 3, atol=1e-14)


def test_a_jump_in_several_terms_is_one_surface() -> None:
    """Released where y/2 = 1 + y never holds for y > 0: the orbit stays."""
    state = integrate(TwoValves, [[0.5, 0.0], [-0.5, 0.0]], np.linspace(0.0, 20.0, 101)).state
    assert np.abs(state[:, 10:, 0]).max() < 1e-14


def test_dry_friction_in_closed_form() -> None:
    """At rest until the drive exceeds the friction, then v = 2 (cos t0 - cos t) - (t - t0)."""
    time = np.linspace(0.0, 3.5, 351)
    solution = integrate(Brick, [[0.3, 0.0]], time)
    start = np.arcsin(0.5)
    exact = np.where(time < start, 0.0, 2 * (np.cos(start) - np.cos(time)) - (time - start))
    assert solution.status[0] == Status.OK
    np.testing.assert_allclose(solution.state[0, :, 1], exact, atol=2e-15)
    rest = integrate(Brick.with_parameters(drive=0.9), [[0.3, 1.0]], np.linspace(0.0, 50.0, 51))
    assert np.abs(rest.state[0, 10:, 1]).max() < 1e-13 and np.ptp(rest.state[0, 10:, 0]) < 1e-12


def test_stick_and_slip() -> None:
    """While it sticks its velocity is the belt's, and it lets go when the force reaches the friction."""
    time = np.linspace(0.0, 300.0, 30001)
    solution = integrate(Belt, [Belt.initial], time)
    x, v, phase = np.moveaxis(solution.state[0], -1, 0)
    assert solution.status[0] == Status.OK and solution.steps[0] < 3000
    sticks = np.abs(v - 0.4) < 1e-13
    assert 0.1 < sticks.mean() < 0.9
    force = np.abs(-x + 0.2 * np.cos(phase))
    assert force[sticks].max() <= 0.6 + 1e-12
    last = np.flatnonzero(sticks[:-1] & ~sticks[1:])
    assert len(last) > 10 and (force[last] > 0.6 - 0.01).all()


@pytest.mark.parametrize("system", [Bang, DoubleScroll, Relay, Trampoline, Curved], ids=lambda s: s.name)
def test_what_cannot_slide_is_left_alone(system: System) -> None:
    graph = lowered(system.graph())
    assert with_sliding(graph) is graph


def test_no_solution_beyond_is_said() -> None:
    solution = integrate(Curved, [[0.5, 0.0], [3.0, 0.0]], np.linspace(0.0, 10.0, 11))
    assert solution.status.tolist() == [Status.CHATTER] * 2
    assert "from both sides" in Status.CHATTER.message
    assert np.isfinite(solution.state[:, 0]).all() and np.isnan(solution.state[:, -1]).all()


def test_bits_do_not_depend_on_the_batch() -> None:
    start = np.array(Belt.initial) + np.linspace(-0.4, 0.3, 13)[:, None]
    time = np.linspace(0.0, 40.0, 200)
    whole = integrate(Belt, start, time).state
    some = np.array([11, 3, 7, 0])
    assert integrate(Belt, start[some], time).state.tobytes() == whole[some].tobytes()


def test_sliding_folds_a_direction_away() -> None:
    """On the surface x = 0 of the valve distances in y stay, distances in x are gone."""
    until = np.array([0.5, 1.5, 4.0])
    growth = tangent_growth(Valve, [[0.5, 0.0], [0.01, -1.0]], until, tolerance=1e-12)
    assert (growth.status == Status.OK).all()
    np.testing.assert_allclose(growth.log_length[0, 0], 0.0, atol=1e-12)  # before it meets the surface
    # Beyond, x depends on y only, and x = (y - 2)^2/4 once it is released.
    beyond = np.sort(growth.log_length[:, 1:], axis=2)
    assert np.isneginf(beyond[:, :, 0]).all() and np.isneginf(growth.divergence[:, 1:]).all()
    np.testing.assert_allclose(beyond[0, :, 1], [0.0, np.log(2) / 2], atol=1e-10)


def test_the_exponents_of_stick_and_slip() -> None:
    """One of three directions is the phase, one is folded away at each stick, and the largest is a rate."""
    growth = tangent_growth(Belt, [Belt.initial], [200.0, 400.0], tolerance=1e-10)
    lengths = np.sort(growth.log_length[0, 1])[::-1] / 400
    assert growth.status[0] == Status.OK
    assert abs(lengths[0]) < 0.05 and abs(lengths[1]) < 0.5 and np.isneginf(lengths[2])
    # The leading vector, against two neighbours.
    step = 1e-7
    near = np.array(Belt.initial) + step * np.array([[1.0, 0, 0], [-1.0, 0, 0]])
    solution = integrate(Belt, near, [0.0, 40.0]).state[:, -1]
    grown = np.log(np.linalg.norm(solution[0] - solution[1]) / (2 * step))
    first = tangent_growth(Belt, [Belt.initial], [40.0], tolerance=1e-12).log_length[0, 0, 0]
    assert first == pytest.approx(grown, abs=1e-4)

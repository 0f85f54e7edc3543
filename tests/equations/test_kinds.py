"""Maps, delay equations and stochastic equations: numbers, text, graph and refusals of each kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chaosdata.equations import System, delay, flow, map_, stochastic
from chaosdata.equations.functions import sin
from chaosdata.equations.graph import Delayed, evaluate
from chaosdata.errors import ArgumentError, DeclarationError
from tests.equations.declared import PAPER, Echoes, Feedback, Fold, Kicked, Noisy, Ring
from tests.equations.test_graph import assert_well_formed

RANDOM = np.random.default_rng(11)


def _differences(function: Callable[[Any], Any], states: Any, step: float = 1e-6) -> Any:
    """The matrix of central differences by the components."""
    unit = np.eye(states.shape[-1]) * step
    return np.stack([(function(states + e) - function(states - e)) / (2 * step) for e in unit], axis=-1)


def test_a_map_gives_the_next_state_and_the_one_before() -> None:
    assert (Fold.kind, Fold.period, Fold.delays, Fold.autonomous) == ("map", 1.0, (), True)
    assert Fold.equations() == ["x' = 1 - a*x**2 + y", "y' = b*x"]
    assert Fold.equations(latex=True) == ["x' = 1 - a x^{2} + y", "y' = b x"]
    assert Fold.rhs([2.0, 1.0]).tolist() == [1 - 1.4 * 4 + 1, 0.6]
    states = RANDOM.uniform(-1, 1, (4, 5, 2))
    np.testing.assert_allclose(Fold.inverse(Fold.rhs(states)), states, atol=1e-14)
    np.testing.assert_allclose(evaluate(Fold.graph(), states), Fold.rhs(states), rtol=1e-14, atol=1e-15)
    other = Fold.with_parameters(b=-0.7, a=0.9)
    np.testing.assert_allclose(other.inverse(other.rhs(states)), states, atol=1e-14)
    np.testing.assert_allclose(Fold.jacobian(states), _differences(Fold.rhs, states), atol=1e-8)


def test_a_map_may_depend_on_the_time_and_on_an_angle() -> None:
    assert Kicked.equations()[1] == "p' = p + k*(1 + t/10)*sin(theta)"
    times = np.arange(3.0)
    states = RANDOM.uniform(-3, 3, (3, 2))
    expected = states[:, 1] + 0.9 * (1 + times / 10) * np.sin(states[:, 0])
    np.testing.assert_allclose(Kicked.rhs(states, times)[:, 1], expected, rtol=1e-15)
    np.testing.assert_allclose(evaluate(Kicked.graph(), states, times)[:, 1], expected, rtol=1e-14)
    assert not Kicked.autonomous


@pytest.mark.parametrize("method", [lambda s: s.divergence([0.1, 0.2]), lambda s: s.graph(divergence=True)])
def test_a_map_has_no_divergence(method: Callable[[System], Any]) -> None:
    with pytest.raises(ArgumentError, match="Fold is a map: only what moves in time has a divergence"):
        method(Fold)


def test_a_delay_equation_by_hand() -> None:
    assert (Feedback.kind, Feedback.delays, Feedback.autonomous) == ("delay", (17.0,), True)
    assert Feedback.equations() == ["dx/dt = beta*x(t - tau)/(1 + x(t - tau)**n) - gamma*x"]
    start = r"\frac{dx}{dt} = \frac{\beta x\left(t - \tau\right)}{1 + x\left(t - \tau\right)^{n}}"
    assert Feedback.equations(latex=True) == [start + r" - \gamma x"]
    x, late = RANDOM.uniform(0, 2, (2, 6, 1))
    expected = 0.2 * late / (1 + late**10) - 0.1 * x
    np.testing.assert_allclose(Feedback.rhs(x, delayed=late), expected, rtol=1e-14)
    assert np.array_equal(Feedback.rhs(x, delayed=late[:, None, :]), Feedback.rhs(x, delayed=late))
    assert np.all(Feedback.jacobian(x, delayed=late) == -0.1)
    assert np.all(Feedback.divergence(x, delayed=late) == -0.1)
    assert Feedback.history(-3.0).tolist() == [0.9] and Feedback.history(np.zeros((2, 3))).shape == (2, 3, 1)
    assert Feedback.with_parameters(tau=3).delays == (3.0,)
    assert Feedback.graph().delayed == (Delayed(0, 17.0),)


def test_several_delays_components_a_force_and_a_history() -> None:
    assert (Echoes.delays, Echoes.autonomous) == ((1.0, 2.5, 3.5), False)
    assert Echoes.equations()[1] == (
        "dphi/dt = a*sin(phi(t - tau_2) - phi) - x(t - tau_1 - tau_2)*x(t - tau_1) + 1"
    )
    states, past = RANDOM.uniform(-1, 1, (7, 2)), RANDOM.uniform(-1, 1, (7, 3, 2))
    times = np.linspace(0, 2, 7)
    x, phi = states.T
    choice = np.where(x > 0.5, np.sin(phi), x)
    expected = np.stack(
        [
            past[:, 0, 0] * choice + np.cos(times),
            0.2 * np.sin(past[:, 1, 1] - phi) - past[:, 2, 0] * past[:, 0, 0] + 1,
        ],
        axis=-1,
    )
    computed = Echoes.rhs(states, times, past)
    np.testing.assert_allclose(computed, expected, rtol=1e-14, atol=1e-15)
    slopes = _differences(lambda s: Echoes.rhs(s, times, past), states)
    np.testing.assert_allclose(Echoes.jacobian(states, times, past), slopes, atol=1e-8)
    traces = np.trace(slopes, axis1=-2, axis2=-1)
    np.testing.assert_allclose(Echoes.divergence(states, times, past), traces, atol=1e-8)
    graph = Echoes.graph()
    assert_well_formed(graph)
    assert graph.delayed == (Delayed(0, 1.0), Delayed(1, 2.5), Delayed(0, 3.5))
    lagged = np.stack([past[:, 0, 0], past[:, 1, 1], past[:, 2, 0]], axis=-1)
    np.testing.assert_allclose(evaluate(graph, states, times, lagged), expected, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(Echoes.history([0.0, -0.5]), [[0.2, 1.0], [-0.3, math.cos(0.5)]], rtol=1e-15)
    assert Echoes.rhs(states[0], 0.0, past[0]).shape == (2,)
    assert Echoes.rhs(states, 0.0, past[0]).shape == (7, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_delayed_states_keep_the_float_type(dtype: type) -> None:
    state, past = np.ones(2, dtype), np.ones((3, 2), dtype)
    assert Echoes.rhs(state, delayed=past).dtype == dtype
    assert Echoes.jacobian(state, delayed=past).dtype == dtype


def test_wrong_delayed_states_are_refused() -> None:
    with pytest.raises(ArgumentError, match="Feedback needs delayed=, its states at the delays 17 before t"):
        Feedback.rhs([1.0])
    with pytest.raises(ArgumentError, match=r"delayed must have shape \(\.\.\., 1, 1\) or \(\.\.\., 1\)"):
        Feedback.rhs([1.0], delayed=[1.0, 2.0])
    with pytest.raises(ArgumentError, match=r"Echoes has 3 delays \(1, 2.5, 3.5\) and 2 components"):
        Echoes.jacobian([1.0, 1.0], delayed=[1.0, 2.0])
    with pytest.raises(ArgumentError, match="do not fit a state of shape"):
        Echoes.rhs(np.ones((4, 2)), delayed=np.ones((3, 3, 2)))
    with pytest.raises(ArgumentError, match="Ring has no delays: leave out delayed="):
        Ring.rhs(Ring.initial, delayed=Ring.initial)
    with pytest.raises(ArgumentError, match=r"delay of x\(t - tau\) must be positive and finite, not 0.0"):
        Feedback.with_parameters(tau=0.0)
    with pytest.raises(ArgumentError, match=r"must be positive and finite, not -1\.0"):
        Feedback.variant("Back", tau=-1.0)


def test_a_stochastic_equation() -> None:
    assert Noisy.kind == "stochastic"
    assert Noisy.equations() == [
        "dx = (x - x**3 + y)*dt + s*dW_x",
        "dy = (cos(t) - y)*dt + s*sin(y)*t*dW_y",
        "dz = -z*dt",
    ]
    assert Noisy.equations(latex=True)[0] == r"dx = \left(x - x^{3} + y\right) dt + s dW_{x}"
    states, times = RANDOM.uniform(-1, 1, (5, 3)), np.linspace(0, 2, 5)
    x, y, z = states.T
    drift = np.stack([x - x**3 + y, np.cos(times) - y, -z], axis=-1)
    noise = np.stack([np.full(5, 0.5), 0.5 * np.sin(y) * times, np.zeros(5)], axis=-1)
    milstein = np.stack([np.zeros(5), 0.25 * np.sin(y) * np.cos(y) * times**2, np.zeros(5)], axis=-1)
    np.testing.assert_allclose(Noisy.rhs(states, times), drift, rtol=1e-14)
    np.testing.assert_allclose(Noisy.diffusion(states, times), noise, rtol=1e-14)
    slopes = _differences(lambda s: Noisy.rhs(s, times), states)
    np.testing.assert_allclose(Noisy.jacobian(states, times), slopes, atol=1e-8)
    graph = Noisy.graph()
    assert_well_formed(graph)
    everything = np.concatenate([drift, noise, milstein], axis=-1)
    np.testing.assert_allclose(evaluate(graph, states, times), everything, rtol=1e-14, atol=1e-16)
    last = evaluate(Noisy.graph(divergence=True), states, times)[:, -1]
    np.testing.assert_allclose(last, Noisy.divergence(states, times), rtol=1e-14)


def test_terms_of_zero_and_factors_of_one_are_not_printed() -> None:
    @stochastic(initial=(0.0, 0.0, 0.0), period=1.0, reference=PAPER)
    def Walk(x, y, z):
        """Walks."""
        return (0, 1, 0.0), (1, 0, 0)

    assert Walk.equations() == ["dx = dW_x", "dy = dt", "dz = 0"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Fold.diffusion([0.1, 0.2]),
            "Fold is a map system: only a stochastic system has a diffusion",
        ),
        (lambda: Ring.history(0.0), "Ring is a flow system: only a delay system has a history"),
        (lambda: Kicked.inverse([0.1, 0.2]), r"Kicked declares no inverse; a map does with @map_\(inverse="),
    ],
)
def test_what_another_kind_has_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()


def _map(**facts: Any) -> Callable[[Callable[..., Any]], System]:
    return map_(**({"initial": (0.1, 0.3), "reference": PAPER} | facts))


def _delay(**facts: Any) -> Callable[[Callable[..., Any]], System]:
    return delay(**({"initial": (0.1, 0.3), "period": 1.0, "reference": PAPER} | facts))


def _stochastic(**facts: Any) -> Callable[[Callable[..., Any]], System]:
    return stochastic(**({"initial": (0.1, 0.3), "period": 1.0, "reference": PAPER} | facts))


def _delayed(result: Callable[..., Any]) -> Callable[..., Any]:
    def Late(t, x, y, *, a=1.0, tau=2.0):
        """Late."""
        return result(t, x, y, a, tau), -y

    return Late


def _noise(result: Callable[..., Any]) -> Callable[..., Any]:
    def Noise(x, y, *, s=1.0):
        """Noise."""
        return result(x, y, s)

    return Noise


def _baker(x, y, *, a=2.0, b=0.5):
    """A stretch and a squeeze."""
    return a * x, b * y


def _late_without_time(x, y, *, tau=1.0):
    """Late."""
    return -x, -y


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "inverse without a component": (
        lambda: _map(inverse=lambda x, *, a: x / a)(_baker),
        "inverse takes (x): it must take (x, y)",
    ),
    "inverse in another order": (
        lambda: _map(inverse=lambda y, x: (x, y))(_baker),
        "inverse takes (y, x): it must take (x, y)",
    ),
    "inverse with an unknown parameter": (
        lambda: _map(inverse=lambda x, y, *, c: (x / c, y))(_baker),
        "inverse has the parameter c, which the equations have not",
    ),
    "inverse with another default": (
        lambda: _map(inverse=lambda x, y, *, a=3.0, b: (x / a, y / b))(_baker),
        "inverse gives a another default: leave it out",
    ),
    "wrong inverse": (
        lambda: _map(inverse=lambda x, y, *, a: (x / a, y))(_baker),
        "inverse does not undo the map: one step on and back leads to [0.1, 0.15]",
    ),
    "map at a pole": (
        lambda: _map(initial=(0.0, 1.0))(_noise(lambda x, y, s: (1 / x, y))),
        "x' is not finite at the initial state",
    ),
    "map with one value": (
        lambda: _map()(_noise(lambda x, y, s: (x,))),
        "1 next values are returned for 2 components",
    ),
    "map with a period of zero": (lambda: _map(period=0.0)(_baker), "period must be positive"),
    "no angle of a map": (lambda: _map(angles={"y"})(_baker), "y is not an angle"),
    "delay of the state": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(t - y))),
        "the delay of x(t - y) depends on the state or the time: it must be constant",
    ),
    "delay of a delayed state": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(t - y(t - tau)))),
        "depends on the state or the time",
    ),
    "delay of the time": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(t - tau * t))),
        "depends on the state or the time",
    ),
    "half the time": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(0.5 * t))),
        "write a delayed state as x(t - tau), with t itself first",
    ),
    "only the delay": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(tau))),
        "write a delayed state as x(t - tau), with t itself first",
    ),
    "a number": (lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(2.0))), "x(...) needs one time"),
    "zero delay": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(t - 0))),
        "the delay of x(t - 0) must be positive and finite, not 0.0",
    ),
    "the present": (lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(t))), "must be positive"),
    "the future": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x(t + tau))),
        "the delay of x(t + tau) must be positive and finite, not -2.0",
    ),
    "a delayed parameter": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: a(t - tau))),
        "a is called: only a component of a @delay system may be",
    ),
    "no delayed state": (
        lambda: _delay()(_delayed(lambda t, x, y, a, tau: x)),
        "there is no delayed state x(t - tau): declare a flow instead",
    ),
    "no time": (lambda: _delay()(_late_without_time), "t must be the first argument"),
    "a delayed state of a flow": (
        lambda: flow(initial=(0.1, 0.3), period=1.0, reference=PAPER)(
            _delayed(lambda t, x, y, a, tau: x(t - tau))
        ),
        "x is called: only a component of a @delay system may be",
    ),
    "history of the state": (
        lambda: _delay(history=lambda x, y: (x, y))(_delayed(lambda t, x, y, a, tau: x(t - tau))),
        "history takes (x, y): it must take (t)",
    ),
    "history too short": (
        lambda: _delay(history=lambda t: (t,))(_delayed(lambda t, x, y, a, tau: x(t - tau))),
        "history returns 1 values for 2 components",
    ),
    "history not finite": (
        lambda: _delay(history=lambda t: (1 / t, 0))(_delayed(lambda t, x, y, a, tau: x(t - tau))),
        "the history of x is not finite at time 0",
    ),
    "drift only": (
        lambda: _stochastic()(_noise(lambda x, y, s: (x, y, s))),
        "return two tuples, the drifts and the noise amplitudes",
    ),
    "one amplitude": (
        lambda: _stochastic()(_noise(lambda x, y, s: ((x, y), (s,)))),
        "1 noise amplitudes are returned for 2 components",
    ),
    "amplitude that is no tuple": (
        lambda: _stochastic()(_noise(lambda x, y, s: ((x, y), s))),
        "return a tuple of 2 noise amplitudes, not a Written",
    ),
    "three drifts": (
        lambda: _stochastic()(_noise(lambda x, y, s: ((x, y, x), (s, s)))),
        "3 drifts are returned for 2 components",
    ),
    "noise that is not diagonal": (
        lambda: _stochastic()(_noise(lambda x, y, s: ((x, y), (s * sin(y), s)))),
        "the noise amplitude of x depends on y: it may depend on x and the time only",
    ),
    "noise without limit": (
        lambda: _stochastic(initial=(0.0, 1.0))(_noise(lambda x, y, s: ((x, y), (s / x, s)))),
        "the noise amplitude of x is not finite at the initial state",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_declaration_is_refused(case: str) -> None:
    declare, message = REFUSED[case]
    with pytest.raises(DeclarationError) as refused:
        declare()
    assert message in str(refused.value)

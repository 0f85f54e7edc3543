"""Components that count modulo a parameter: checked, observed as a phase, wrapped by their own turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chaosdata.analysis.ensemble import observe
from chaosdata.equations import flow
from chaosdata.equations.functions import pi, sin
from chaosdata.errors import DeclarationError
from chaosdata.sampling.initial import attractor_states, forcing_phases

FACTS: dict[str, Any] = {"initial": (0.5, 0.2), "period": 3.0, "reference": "Anonymous (2000). A clock."}


@flow(**FACTS, clocks={"s": "tau"})
def Driven(x, s, *, tau=3.0):
    """Decay under a periodic drive."""
    return -x + sin(2 * pi * s / tau), 1


def test_a_clock_is_observed_by_its_phase() -> None:
    assert Driven.observables == ("x", "cos(2*pi*s/tau)", "sin(2*pi*s/tau)")
    assert Driven.turn("s") == 3.0 and Driven.turn("x") == 0.0
    seen = observe(Driven.with_parameters(tau=4.0), np.array([[0.5, 1.0]]))
    np.testing.assert_allclose(seen, [[0.5, 0.0, 1.0]], atol=1e-15)


def test_a_clock_starts_anywhere_and_is_wrapped_by_its_own_turn() -> None:
    assert forcing_phases(Driven) == [1]
    state, status = attractor_states(Driven, 0, range(64))
    assert (status == 0).all()
    clock = state[:, 1]
    assert clock.min() >= -1.5 and clock.max() < 1.5 and clock.std() > 0.5


@pytest.mark.parametrize(
    ("clocks", "message"),
    [
        ({"q": "tau"}, "clock 'q' must be a component"),
        ({"s": "q"}, "counts modulo 'q', which is no number"),
        ({"x": "tau"}, "x is not a clock: the equations change when it grows by tau"),
    ],
)
def test_a_wrong_clock_is_refused(clocks: dict[str, str], message: str) -> None:
    function: Callable[..., Any] = Driven.function
    with pytest.raises(DeclarationError, match=message):
        flow(**FACTS, clocks=clocks)(function)

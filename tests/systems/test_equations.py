"""Each declared right-hand side equals the equations of the literature, typed a second time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chaosdata.integrate.flow import integrate
from chaosdata.systems import systems
from tests.systems.literature import EQUATIONS
from tests.systems.test_laws import near_the_attractor

FUNCTIONS = {name: getattr(np, name) for name in ("sin", "cos", "exp", "tanh", "pi")}


@pytest.mark.parametrize("name", EQUATIONS)
def test_the_declared_equations_are_those_of_the_literature(name: str) -> None:
    system = systems[name]
    state, equations = EQUATIONS[name]
    assert system.components == tuple(state.split())
    states = near_the_attractor(system)
    values = FUNCTIONS | dict(zip(system.components, np.moveaxis(states, -1, 0), strict=True))
    expected = np.stack([np.broadcast_to(eval(e, {}, values), len(states)) for e in equations], axis=-1)
    scale = np.max(np.abs(expected), axis=0)
    assert np.max(np.abs(system.rhs(states) - expected) / scale) < 1e-12


def test_the_double_pendulum_keeps_its_energy_and_the_published_one_does_not() -> None:
    def energy(state: Any) -> Any:
        th1, th2, p1, p2 = np.moveaxis(state, -1, 0)  # unit masses and rods
        kinetic = (p1**2 + 2 * p2**2 - 2 * p1 * p2 * np.cos(th1 - th2)) / (1 + np.sin(th1 - th2) ** 2) / 2
        return kinetic - 9.81 * (2 * np.cos(th1) + np.cos(th2))

    system, time = systems["DoublePendulum"], np.linspace(0.0, 40.0, 81)
    kept = energy(integrate(system, [system.initial], time).state[0])
    assert kept[0] == pytest.approx(-6.44, abs=0.01)
    assert np.ptp(kept) < 1e-11
    published = system.variants["published"]
    assert np.ptp(energy(integrate(published, [published.initial], time).state[0])) > 1


def test_the_sign_in_burke_and_shaw_shows_in_the_divergence() -> None:
    system = systems["BurkeShaw"]
    assert system.divergence(system.initial) == -11
    assert system.variants["published"].divergence(system.initial) == -9


def test_the_initial_state_of_henon_heiles_has_energy_one_eighth() -> None:
    x, y, px, py = systems["HenonHeiles"].initial
    energy = (px**2 + py**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3
    assert energy == pytest.approx(1 / 8, abs=2e-6)

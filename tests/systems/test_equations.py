"""Each declared right-hand side equals the equations of the literature, typed a second time."""

from __future__ import annotations

import numpy as np
import pytest

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


def test_the_initial_state_of_henon_heiles_has_energy_one_eighth() -> None:
    x, y, px, py = systems["HenonHeiles"].initial
    energy = (px**2 + py**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3
    assert energy == pytest.approx(1 / 8, abs=2e-6)

"""Full accuracy means full accuracy: against 80-bit arithmetic by another method."""

from __future__ import annotations

import numpy as np
import pytest

from chaosdata.integrate.flow import integrate
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from tests.integrate.extended import extended_solution
from tests.references import LYAPUNOV_TIMES


@pytest.mark.parametrize("name", sorted(LYAPUNOV_TIMES))
def test_three_lyapunov_times(name: str) -> None:
    """Median over 64 initial states on the attractor, in units of each component's spread: below 1e-12."""
    system = systems[name]
    initial, status = attractor_states(system, 7, range(64), purpose="accuracy")
    assert (status == 0).all()
    end = 3 * LYAPUNOV_TIMES[name]
    expected = extended_solution(system, initial, end)
    state = integrate(system, initial, [0.0, end]).state[:, -1]
    worst = (np.abs(state - expected) / initial.std(axis=0)).max(axis=1).astype(float)
    assert np.median(worst) < 1e-12

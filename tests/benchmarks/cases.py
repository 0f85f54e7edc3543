"""What is measured: systems, grids and initial states, the same for every contender."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chaosdata import flow
from chaosdata.equations.functions import cos, sin
from chaosdata.equations.system import System
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from tests.integrate.extended import extended_solution

SAMPLES_PER_PERIOD = 100


@flow(
    initial=(0.3, 0.1, 0.0),
    period=6.283185307179586,
    reference="Baker, Gollub (1990). Chaotic Dynamics: An Introduction. Cambridge University Press.",
    tags={"mechanics", "driven", "dissipative"},
    angles={"phase"},
)
def ForcedPendulum(theta, omega, phase, *, damping=0.5, force=1.15):
    """A damped pendulum with a periodic torque."""
    return (
        omega,
        force * cos(phase) - damping * omega - sin(theta),
        1.0,
    )


@dataclass(frozen=True)
class Case:
    """A system on a grid.

    period : of the grid, which has SAMPLES_PER_PERIOD samples in it. horizon : where errors are measured,
    about three Lyapunov times.
    """

    name: str
    system: System
    period: float
    horizon: float
    trajectories: int = 64
    periods: int = 20

    @property
    def time(self) -> np.ndarray:
        """(n,) output times."""
        return np.arange(self.periods * SAMPLES_PER_PERIOD + 1) * (self.period / SAMPLES_PER_PERIOD)

    @property
    def samples(self) -> int:
        """Samples of all components that one run makes."""
        return self.trajectories * self.periods * SAMPLES_PER_PERIOD

    @cached_property
    def initial(self) -> np.ndarray:
        """(m, d) states on the attractor."""
        state, status = attractor_states(self.system, 2026, range(self.trajectories), purpose="benchmark")
        assert not status.any()
        return state

    @cached_property
    def check(self) -> int:
        """The sample at which errors are measured."""
        return min(round(self.horizon / self.period * SAMPLES_PER_PERIOD), self.periods * SAMPLES_PER_PERIOD)

    @cached_property
    def expected(self) -> np.ndarray:
        """(m, d) states at that sample, in 80-bit arithmetic."""
        return extended_solution(self.system, self.initial, float(self.time[self.check]))

    def error(self, state: np.ndarray) -> float:
        """Median over trajectories of the largest error of a component, in units of its spread."""
        difference = np.abs(state[:, self.check] - self.expected[: len(state)]) / self.initial.std(axis=0)
        return float(np.median(difference.max(axis=1)))


def cases(**sizes: Any) -> list[Case]:
    """The seven systems of the tables; ``sizes`` override the number of trajectories and periods."""
    lorenz96 = systems["Lorenz96"]
    if lorenz96.dimension != 10:
        lorenz96 = lorenz96.resized(10)
    thomas = systems["Thomas"].variant(
        "ThomasClassic", a=0.208186, b=1.0, initial=(0.1, 0.2, 0.5), period=20.0
    )
    table = (
        ("Lorenz", systems["Lorenz"], 1.5008, 3.3),
        ("Rossler", systems["Rossler"], 5.9086, 42.0),
        ("HyperRossler", systems["HyperRossler"], 1.1157, 20.0),
        ("CaTwoPlus", systems["CaTwoPlus"], 1.343, 5.2),
        ("Lorenz96 (10-D)", lorenz96, 2.0, 2.5),
        ("Thomas", thomas, 20.0, 75.0),
        ("Forced pendulum", ForcedPendulum, ForcedPendulum.period, 25.0),
    )
    return [Case(*row, **sizes) for row in table]

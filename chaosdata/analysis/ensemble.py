"""What statistics are taken over: independent trajectories on the attractor, and their observables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chaosdata.errors import ArgumentError, IntegrationError
from chaosdata.types import FloatArray, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System

FEWEST = 16  # trajectories below which a standard error means little


def starts(system: System, seed: int, trajectories: int, purpose: str) -> FloatArray:
    """States on the attractor from which independent trajectories begin.

    Parameters
    ----------
    seed, trajectories, purpose : trajectories 0, 1, ... of this seed and purpose.

    Returns
    -------
    (m, d) states; trajectories whose transient failed are left out.

    Raises
    ------
    ArgumentError : fewer than 16 trajectories.
    IntegrationError : fewer than half of the transients reach their end.
    """
    from chaosdata.sampling.initial import attractor_states

    if trajectories < FEWEST:
        raise ArgumentError(f"trajectories must be at least {FEWEST}, not {trajectories!r}.")
    state, status = attractor_states(system, seed, range(trajectories), purpose=purpose)
    require_half(system, status, trajectories)
    return np.ascontiguousarray(state[status == Status.OK])


def require_half(system: System, status: Sequence[int] | NDArray[np.int8], wanted: int) -> None:
    """Raise IntegrationError, with a reason, unless half of the trajectories wanted are OK."""
    bad = [Status(int(value)) for value in status if value != Status.OK]
    good = len(status) - len(bad)
    if 2 * good < wanted:
        reason = f" {bad[0].message}" if bad else ""
        raise IntegrationError(
            f"Only {good} of {wanted} trajectories of {system.name} reach their end; "
            f"its statistics need at least half of them.{reason}"
        )


def observe(system: System, state: FloatArray) -> FloatArray:
    """The observables of states: each angle and clock as its cosine and sine, in its place.

    state : (..., d). Returns (..., number of ``system.observables``).
    """
    from chaosdata.kernels.arrays import cos_sin

    if not (system.angles or system.clocks):
        return state
    columns: list[FloatArray] = []
    for index, component in enumerate(system.components):
        column = state[..., index]
        if component in system.clocks:
            column = column * (2.0 * np.pi / system.turn(component))
        columns += cos_sin(column) if system.turn(component) else (column,)
    return np.stack(columns, axis=-1)

"""The time grid, in units of a system's dominant period; a map is sampled at every iterate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaosdata.errors import ArgumentError
from chaosdata.types import FloatArray

if TYPE_CHECKING:
    from chaosdata.equations.system import System


def time_step(system: System, samples_per_period: int) -> float:
    """The distance of two samples, in the system's time unit; for a map it is always one iterate."""
    return 1.0 if system.kind == "map" else float(system.period) / samples_per_period


def system_grid(system: System, samples_per_period: int, periods: float) -> FloatArray:
    """The times of a trajectory: :func:`time_grid`, or as many iterates of a map as that has samples."""
    time = time_grid(system.period, samples_per_period, periods)
    return np.arange(len(time), dtype=np.float64) if system.kind == "map" else time


def time_grid(period: float, samples_per_period: int, periods: float) -> FloatArray:
    """``time[i] = i * (period / samples_per_period)`` for ``periods * samples_per_period`` samples, from 0.

    Parameters
    ----------
    period : dominant period, in the system's time unit.
    samples_per_period : samples in one period, at least 1.
    periods : length of the grid in periods; with ``samples_per_period`` it must give a whole number of
        samples.

    Returns
    -------
    (n,) times, in the system's time unit.

    Raises
    ------
    ArgumentError : the grid has no sample or a fraction of one.

    >>> time_grid(1.5, 2, 2).tolist()
    [0.0, 0.75, 1.5, 2.25]
    """
    samples = samples_per_period * periods
    if not float(samples_per_period).is_integer() or samples_per_period < 1:
        raise ArgumentError(
            f"samples_per_period is {samples_per_period}, expected a whole number of at least 1"
        )
    if not samples >= 1 or not float(samples).is_integer():
        raise ArgumentError(
            f"samples_per_period x periods is {samples:.12g} samples, expected a whole number of at least 1"
        )
    # Multiplying once keeps the grid free of accumulated rounding and makes each time a function of its index
    # alone.
    time: FloatArray = np.arange(round(samples), dtype=np.float64) * (period / samples_per_period)
    return time

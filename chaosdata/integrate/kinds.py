"""Full-accuracy trajectories of a system of any kind, for whoever does not care which kind it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.types import FloatArray, Solution

if TYPE_CHECKING:
    from chaosdata.equations.system import System

Indices = Sequence[int] | NDArray[np.int64]


def sampled(
    system: System, initial: ArrayLike, time: ArrayLike, *, seed: int, indices: Indices, purpose: str
) -> Solution:
    """Trajectories at the times asked for.

    Parameters
    ----------
    initial : (trajectory m, component d), states at ``time[0]``, and before it for a delay equation.
    time : (n,), whole numbers for a map.
    seed, indices, purpose : what the noise of a stochastic system depends on, besides its name; another
    purpose gets independent noise.
    """
    if system.kind == "map":
        from chaosdata.integrate.map import iterate

        return iterate(system, initial, time)
    if system.kind == "stochastic":
        from chaosdata.integrate.stochastic import integrate_stochastic

        return integrate_stochastic(system, initial, time, seed, indices, purpose=purpose)
    if system.kind == "delay":
        from chaosdata.integrate.delay import integrate_delay

        return integrate_delay(system, initial, time)
    from chaosdata.integrate.flow import integrate

    return integrate(system, initial, time)


def advanced(
    system: System, initial: ArrayLike, duration: ArrayLike, *, seed: int, indices: Indices, purpose: str
) -> tuple[FloatArray, NDArray[np.int8]]:
    """States after durations, (m,) or a scalar, and the status of each; the rest as in :func:`sampled`."""
    if system.kind == "map":
        from chaosdata.integrate import map as maps

        return maps.final_state(system, initial, duration)
    if system.kind == "stochastic":
        from chaosdata.integrate import stochastic

        return stochastic.final_state(system, initial, duration, seed, indices, purpose=purpose)
    if system.kind == "delay":
        from chaosdata.integrate import delay

        return delay.final_state(system, initial, duration)
    from chaosdata.integrate.flow import final_state

    return final_state(system, initial, duration)

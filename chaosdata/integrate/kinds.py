"""Full-accuracy trajectories of a system of any kind, for whoever does not care which kind it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.types import FloatArray, Solution

if TYPE_CHECKING:
    from chaosdata.equations.system import System
    from chaosdata.integrate.tangent import Growth

_EXPONENTS, _MOST_EXPONENTS = 8, 64  # of a delay equation, where nobody says how many
_TRIED = 8  # trajectories on which their number is decided

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


def growth(
    system: System,
    initial: ArrayLike,
    until: ArrayLike,
    *,
    tolerance: float,
    exponents: int | None = None,
) -> Growth:
    """Growth of the tangent vectors along trajectories, up to each of the times ``until``.

    tolerance : local error of a step, relative to each component's recent magnitude; a map has none.
    exponents : tangent functions of a delay equation; None means 8, or as many as it takes for their rates,
    measured on a tenth of the last stretch, to have a negative sum.
    """
    if system.kind == "delay":
        from chaosdata.integrate.delay_tangent import delay_tangent_growth

        marks, start = np.asarray(until, np.float64), np.asarray(initial, np.float64)
        count = exponents or _EXPONENTS
        trial = marks[0] + np.array([0.0, (marks[-1] - marks[0]) / 10])
        while exponents is None and count < _MOST_EXPONENTS:
            lengths = delay_tangent_growth(
                system, start[:_TRIED], trial, count, tolerance=tolerance
            ).log_length
            if not np.nansum(lengths[:, 1] - lengths[:, 0]) >= 0:
                break
            count *= 2
        return delay_tangent_growth(system, start, marks, count, tolerance=tolerance)
    if system.kind == "map":
        from chaosdata.integrate.map_tangent import map_tangent_growth

        return map_tangent_growth(system, initial, until)
    from chaosdata.integrate.tangent import tangent_growth

    return tangent_growth(system, initial, until, tolerance=tolerance)

"""One door to every kind of system: the integrator that its kind needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from chaosdata.integrate.tangent import Growth
from chaosdata.integrate.tangent import tangent_growth as flow_tangent_growth

if TYPE_CHECKING:
    from chaosdata.equations.system import System


def tangent_growth(
    system: System, initial: ArrayLike, until: ArrayLike, *, tolerance: float = 1e-8
) -> Growth:
    """Growth of all tangent vectors along trajectories of a system of any kind that has them.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0. until : (p,), increasing, positive times.
    tolerance : local error of a step; a map has none.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.
    """
    if system.kind == "map":
        from chaosdata.integrate.map_tangent import map_tangent_growth

        return map_tangent_growth(system, initial, until)
    return flow_tangent_growth(system, initial, until, tolerance=tolerance)

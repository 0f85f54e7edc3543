"""Growth of tangent vectors along trajectories of a stochastic system."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.integrate.flow import states, times
from chaosdata.integrate.map_tangent import grow
from chaosdata.integrate.stochastic import Indices, mesh_step, noise_keys
from chaosdata.integrate.tangent import Growth
from chaosdata.kernels.map_tangent import MapTangentKernel, map_tangent_kernel
from chaosdata.kernels.scheme import noisy_components, step_graph


def stochastic_tangent_growth(
    system: System,
    initial: ArrayLike,
    until: ArrayLike,
    seed: int = 0,
    indices: Indices | None = None,
    step: float | None = None,
    *,
    purpose: str = "noise",
) -> Growth:
    """Carry all tangent vectors, which start as the unit vectors, along trajectories under given noise.

    They separate trajectories that start apart and feel the same noise. Every step of the scheme is
    differentiated as it stands, and the vectors are re-orthonormalised after it.

    Parameters
    ----------
    initial : (trajectory m, component d), states at time 0.
    until : (p,), increasing, positive times at which growth is recorded: at the nearest points of the mesh.
    seed, indices, step, purpose : as in :func:`~chaosdata.integrate.stochastic.integrate_stochastic`.

    Returns
    -------
    Growth : ``divergence`` is the sum of ``log |det|`` of the steps, which the logarithms of the lengths add
    up to.

    Raises
    ------
    ArgumentError : an argument of the wrong shape or value.

    Reference: Arnold (1998). Random Dynamical Systems. Springer, ch. 3 and 4 (exponents under given noise).
    """
    start = states(system, initial)
    h = mesh_step(system, step)
    stops = np.rint(times(until) / h)
    if stops[0] <= 0 or not np.all(np.diff(stops) > 0):
        raise ArgumentError("until must hold increasing, positive times, at least a step apart.")
    return grow(_kernel(system), start, stops, noise_keys(system, seed, indices, len(start), purpose), h)


@lru_cache(maxsize=1024)
def _kernel(system: System) -> MapTangentKernel:
    graph = system.graph()
    return map_tangent_kernel(step_graph(graph), noisy_components(graph))

"""Initial states on the attractor: a perturbed default state, integrated until it forgot where it began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.errors import ArgumentError
from chaosdata.sampling.seeds import trajectory_generator
from chaosdata.types import FloatArray, Solution, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System

PERTURBATION = 1e-4  # relative; small enough to stay in the basin of the declared initial state
TRANSIENT_PERIODS = 100.0  # a perturbation of 1e-4 fills the attractor after about ten Lyapunov times
SPREAD_PERIODS = 20.0  # a further random duration, so that trajectories do not share a phase
TRANSIENT_ITERATES = 1000.0  # of a map, which may well grow by less than 10 % an iterate
SPREAD_ITERATES = 200.0


def attractor_states(
    system: System, seed: int, indices: Sequence[int] | NDArray[np.int64], *, purpose: str = "trajectory"
) -> tuple[FloatArray, NDArray[np.int8]]:
    """States on the attractor of ``system``, one for each index.

    Each component of the declared initial state is moved by a uniform random amount within 1e-4 of its own
    size (or of a hundredth of the largest component, where that is more); forcing phases, whose rate is a
    constant, start anywhere in ``[-pi, pi)``. Then a transient of 100 periods, and a random one of up to 20
    more (1000 and up to 200 iterates of a map), is integrated and discarded. A state depends on the seed, the
    system (its name and parameters), its index and the purpose, and on nothing else.

    A delay equation goes on from a history, which a state is not. Its states are where its transients begin;
    :func:`sampled_on_attractor` integrates and discards the transients.

    Parameters
    ----------
    system : of any kind.
    seed : the recipe's seed.
    indices : (m,) trajectory indices within the purpose.
    purpose : what the states are for; another purpose, say an annotation, gets independent states.

    Returns
    -------
    state : (trajectory m, component d), angles wrapped to ``[-pi, pi)`` and clocks to half a turn
    either way; NaN where the transient failed.
    status : (m,) of :class:`~chaosdata.types.Status` values.

    Raises
    ------
    ArgumentError : the equations depend on time explicitly.
    """
    from chaosdata.integrate.kinds import advanced

    if not system.autonomous:
        # A trajectory begins at time 0. Transients from there on end in other phases of the forcing; those
        # that end there would begin all trajectories in one phase, on a section of the attractor.
        raise ArgumentError(
            f"{system.name} depends on time explicitly; declare the forcing's phase as a component "
            "(dz/dt = omega, angles={'z'}), so that it is part of the state"
        )
    start, duration = start_states(system, seed, indices, purpose)
    if system.kind == "delay":
        return start, np.zeros(len(start), dtype=np.int8)
    state, status = advanced(
        system, start, duration, seed=seed, indices=indices, purpose=f"{purpose} transient"
    )
    state = np.where((status == Status.OK)[:, None], state, np.nan)
    for column, component in enumerate(system.components):
        if turn := system.turn(component):
            state[:, column] = wrap_angle(state[:, column], turn)
    return state, np.asarray(status, dtype=np.int8)


def sampled_on_attractor(
    system: System,
    initial: FloatArray,
    time: ArrayLike,
    *,
    seed: int,
    indices: Sequence[int] | NDArray[np.int64],
    purpose: str,
) -> Solution:
    """Trajectories of a system of any kind from :func:`attractor_states`.

    Parameters
    ----------
    initial : (trajectory m, component d), states at ``time[0]``; of a delay equation, the states where the
    transients begin, and the samples begin when those are over.
    time : (n,), whole numbers for a map.
    seed, indices, purpose : what the noise of a stochastic system, or the length of the transient of a delay
    equation, depends on, besides the name; another purpose gets independent ones.
    """
    from chaosdata.integrate.kinds import sampled

    if system.kind != "delay":
        return sampled(system, initial, time, seed=seed, indices=indices, purpose=purpose)
    from chaosdata.integrate.delay import integrate_delay

    draws = [trajectory_generator(seed, system.name, int(index), purpose).random() for index in indices]
    duration = float(system.period) * (TRANSIENT_PERIODS + SPREAD_PERIODS * np.array(draws))
    return integrate_delay(system, initial, time, transient=duration)


def start_states(
    system: System, seed: int, indices: Sequence[int] | NDArray[np.int64], purpose: str
) -> tuple[FloatArray, FloatArray]:
    """Where the transients begin and how long each lasts.

    Returns
    -------
    state : (trajectory m, component d).
    duration : (m,), in the system's time unit.
    """
    default = np.asarray(system.initial, dtype=np.float64)
    scale = PERTURBATION * np.maximum(np.abs(default), 1e-2 * np.max(np.abs(default)))
    phases = forcing_phases(system)
    # A fixed number of draws in a fixed order: one for the duration, one a component.
    draws = np.array(
        [
            trajectory_generator(seed, system.name, int(index), purpose).random(1 + default.size)
            for index in indices
        ]
    ).reshape(-1, 1 + default.size)
    uniform = 2.0 * draws - 1.0
    state = default + scale * uniform[:, 1:]
    half_turns = np.array([system.turn(system.components[index]) / 2 for index in phases])
    state[:, phases] = half_turns * uniform[:, 1:][:, phases]
    duration: FloatArray = float(system.period) * (TRANSIENT_PERIODS + SPREAD_PERIODS * draws[:, 0])
    if system.kind == "map":
        duration = np.floor(TRANSIENT_ITERATES + SPREAD_ITERATES * draws[:, 0])
    return state, duration


def forcing_phases(system: System) -> list[int]:
    """Indices of the angles and clocks of constant rate: the phases of periodically forced systems.

    Only these may start anywhere; another angle, say a pendulum's, belongs to the state and has a basin.
    """
    if system.kind == "map":
        return []
    outputs = system.graph().outputs
    return [
        index
        for index, component in enumerate(system.components)
        if system.turn(component) and outputs[index].kind == "constant"
    ]


def wrap_angle(angle: FloatArray, turn: float = 2.0 * np.pi) -> FloatArray:
    """The angle modulo one turn, in ``[-turn/2, turn/2)``; NaN stays NaN. Exact arithmetic only: no libm."""
    half = turn / 2
    wrapped = angle - turn * np.floor((angle + half) / turn)
    # Rounding can leave the result one unit outside; a fixed number of exact repairs brings it back.
    wrapped = np.where(wrapped >= half, wrapped - turn, wrapped)
    result: FloatArray = np.where(wrapped < -half, -half, wrapped)
    return result

"""Trajectories from a system, a seed and indices; the one place where a dataset's states come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chaosdata.analysis.ensemble import observe
from chaosdata.datasets.plan import group_spec
from chaosdata.datasets.recipe import Recipe
from chaosdata.sampling.initial import attractor_states, sampled_on_attractor
from chaosdata.sampling.parameters import flat_parameters
from chaosdata.types import FloatArray, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System
    from chaosdata.store.receipts import Receipt

_NOISE = "trajectory noise"


@dataclass(frozen=True)
class Block:
    """Trajectories as they are stored.

    state : (trajectory, time, component) observables; NaN from the failure of a trajectory on.
    initial : (trajectory, component) the same observables at time 0.
    parameter : (trajectory, parameter).
    status : (trajectory,) of Status values.
    """

    state: FloatArray
    initial: FloatArray
    parameter: FloatArray
    status: NDArray[np.int8]


def simulate(system: System, seed: int, indices: Sequence[int], time: FloatArray) -> Block:
    """Trajectories on the attractor of ``system``.

    A trajectory is a function of the system, the seed and its index; a trajectory that fails is a row with
    its status and NaN, never left out.

    Parameters
    ----------
    indices : (m,) values of the coordinate ``trajectory``.
    time : (n,), from 0, in the system's time unit.
    """
    start, status = attractor_states(system, seed, indices)
    state = np.full((len(start), len(time), system.dimension), np.nan)
    alive = np.flatnonzero(status == Status.OK)
    if alive.size == len(start) and alive.size:
        solution = sampled_on_attractor(system, start, time, seed=seed, indices=indices, purpose=_NOISE)
        state, status = solution.state, solution.status
    elif alive.size:  # rare: a transient failed
        chosen = np.asarray(indices, np.int64)[alive]
        solution = sampled_on_attractor(system, start[alive], time, seed=seed, indices=chosen, purpose=_NOISE)
        state[alive], status[alive] = solution.state, solution.status
    if system.kind == "delay":
        start = state[:, 0]  # the transient is over only now
    parameter = np.tile(np.array(list(flat_parameters(system).values())), (len(start), 1))
    return Block(observe(system, state), observe(system, start), parameter, np.asarray(status, dtype=np.int8))


def simulate_block(recipe: Recipe, name: str, index: int) -> Block:
    """The trajectories of one shard, in memory."""
    from chaosdata.systems import systems

    spec = group_spec(recipe, name)
    return simulate(systems[name], recipe.seed, range(*spec.bounds(index)), spec.time)


def simulate_shard(store: str | Path, recipe: Recipe, name: str, index: int) -> tuple[Receipt, int]:
    """Simulate one shard and write it into the staged store; safe to repeat.

    Returns
    -------
    receipt : of the files written; the caller puts it down once they are there.
    failed : number of trajectories whose status is not OK.
    """
    from chaosdata.store.shards import write_shard

    block = simulate_block(recipe, name, index)
    spec = group_spec(recipe, name)
    receipt = write_shard(store, spec, index, block.state, block.initial, block.parameter, block.status)
    return receipt, int(np.count_nonzero(block.status != Status.OK))

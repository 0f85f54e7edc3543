"""Trajectories in memory, in the form in which datasets store them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chaosdata.datasets.attributes import sampling_attributes, system_attributes
from chaosdata.errors import ArgumentError
from chaosdata.sampling.grid import system_grid, time_step
from chaosdata.sampling.parameters import flat_parameters

if TYPE_CHECKING:
    import xarray

    from chaosdata.equations.system import System
    from chaosdata.store.schema import Attribute


def trajectories(
    system: System, count: int = 16, periods: float = 12, samples_per_period: int = 100, seed: int = 0
) -> xarray.Dataset:
    """Trajectories on the attractor of a system, without a file.

    They are the first of a dataset with the same seed and grid, and come with the same variables, coordinates
    and attributes.

    Parameters
    ----------
    system : of any kind.
    count : number of trajectories.
    periods : length, in dominant periods of the system.
    samples_per_period : samples in one period; ``periods * samples_per_period`` samples in all. A map gives
        as many samples, one an iterate.
    seed : chooses the initial states, and the noise of a stochastic system; a trajectory depends on the seed
        and its index, not on ``count``.

    Returns
    -------
    xarray.Dataset : ``state (trajectory, time, component)``, ``initial (trajectory, component)``,
    ``parameter (trajectory, parameter)``, ``status (trajectory)``. Angles are stored as their cosine and
    sine. A trajectory that fails is NaN from there on, and its status says why.

    Raises
    ------
    ArgumentError : a count, grid or seed that cannot be.

    >>> import chaosdata as cd
    >>> lorenz = cd.trajectories(cd.systems["Lorenz"], count=4, periods=2)
    >>> lorenz.state.dims, lorenz.state.shape
    (('trajectory', 'time', 'component'), (4, 200, 3))
    """
    import xarray

    from chaosdata.datasets.simulate import simulate
    from chaosdata.store.schema import CONVENTIONS, GroupSpec
    from chaosdata.store.shards import stored_values
    from chaosdata.store.template import template_arrays

    for name, value, least in (("count", count, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or int(value) != value or value < least:
            raise ArgumentError(f"{name} is {value!r}, expected a whole number of at least {least}")
    time = system_grid(system, samples_per_period, periods)
    spec = GroupSpec(
        name=system.name,
        components=system.observables,
        parameters=tuple(flat_parameters(system)),
        counts={"train": int(count)},
        samples=len(time),
        time_step=time_step(system, samples_per_period),
        attributes=system_attributes(system)
        | sampling_attributes(system, int(seed), samples_per_period, periods),
    )
    block = simulate(system, int(seed), range(int(count)), time)
    values = stored_values(spec, block.state, block.initial, block.parameter, block.status)
    variables = {
        plan.name: (plan.dims, values[plan.name] if fixed is None else fixed, _decoded(plan.attributes))
        for plan, fixed in template_arrays(spec)
    }
    coordinates = ["time", "component", "trajectory", "split", "parameter_name"]
    return xarray.Dataset(
        {name: variable for name, variable in variables.items() if name not in coordinates},
        coords={name: variables[name] for name in coordinates},
        attrs={"Conventions": CONVENTIONS, **spec.attributes},
    )


def _decoded(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Attributes as a reader sees them: xarray turns the CF attribute ``coordinates`` into coordinates."""
    return {name: value for name, value in attributes.items() if name != "coordinates"}

"""The first four moments of a flow's observables over its attractor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaosdata.analysis.ensemble import observe, require_half, starts
from chaosdata.errors import ArgumentError
from chaosdata.sampling.grid import time_step
from chaosdata.types import Estimate, FloatArray, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System

_BLOCK = 1024  # samples of each trajectory in memory at a time
_SAMPLES_PER_PERIOD = 16
_REST = 1e-26  # a variance below this part of the squared mean is rounding


def moments(
    system: System, seed: int = 0, *, trajectories: int = 64, periods: int = 128
) -> dict[str, Estimate]:
    """Mean, standard deviation, skewness and kurtosis of every observable over the attractor.

    With m the mean and s the standard deviation, skewness is ``<(x - m)^3>/s^3`` and kurtosis
    ``<(x - m)^4>/s^4``: 3 for a normal distribution, not the excess. An observable at rest has neither: NaN.

    Parameters
    ----------
    seed : chooses the initial states; the result depends on nothing else.
    trajectories : independent trajectories, at least 16.
    periods : length of each, in declared periods, 16 samples a period; of a map, as many iterates.

    Returns
    -------
    Estimates by name (``mean``, ``standard_deviation``, ``skewness``, ``kurtosis``), each with one value for
    each of ``system.observables``. Standard errors are a jackknife over trajectories.

    Raises
    ------
    ArgumentError : fewer than 16 trajectories or less than one period.
    IntegrationError : most trajectories fail.

    Reference: Efron, Stein (1981). The jackknife estimate of variance. Annals of Statistics 9, 586-596.

    Example
    -------
    >>> import chaosdata as cd
    >>> z = cd.moments(cd.systems["Lorenz"])["mean"].value[2]
    >>> bool(abs(z - 23.55) < 0.05)
    True
    """
    if periods < 1:
        raise ArgumentError(f"periods must be at least 1, not {periods!r}.")
    initial = starts(system, seed, trajectories, "moments")
    interval = time_step(system, _SAMPLES_PER_PERIOD)
    sums, origin, samples = _power_sums(system, seed, initial, periods * _SAMPLES_PER_PERIOD, interval)
    count = len(sums)
    total = sums.sum(axis=0)
    least = _REST * origin * origin
    value = _statistics(total / (count * samples), least)
    without = _statistics((total - sums) / ((count - 1) * samples), least)
    scatter = without - without.mean(axis=0)
    variance = (count - 1) / count * (scatter * scatter).sum(axis=0)
    # A mean is not known better than the numbers it is taken of.
    size = np.abs(value[0] + origin) + value[1]
    resolution = 2.0**-52 * np.stack([size, size, np.ones_like(size), np.ones_like(size)])
    error = np.sqrt(variance + resolution * resolution)
    value[0] += origin
    settings = {
        "trajectories": trajectories,
        "trajectories_used": count,
        **(
            {"iterates": samples}
            if system.kind == "map"
            else {"periods": periods, "samples_per_period": _SAMPLES_PER_PERIOD}
        ),
        "seed": seed,
    }
    names = ("mean", "standard_deviation", "skewness", "kurtosis")
    return {
        name: Estimate(
            value=value[k],
            standard_error=np.where(np.isnan(value[k]), np.nan, error[k]),
            method="average over time and trajectories, jackknife over trajectories (Efron, Stein 1981)",
            settings=settings,
        )
        for k, name in enumerate(names)
    }


def _power_sums(
    system: System, seed: int, initial: FloatArray, samples: int, interval: float
) -> tuple[FloatArray, FloatArray, int]:
    """Sums of the first four powers of ``x - origin`` along trajectories: (trajectory, power, observable)."""
    from chaosdata.sampling.initial import sampled_on_attractor

    wanted = len(initial)
    observables = len(system.observables)
    sums = np.zeros((wanted, 4, observables))
    origin = np.zeros(observables)
    alive = np.arange(wanted)
    state, done = initial, 0
    # A delay equation cannot go on from a state.
    block = samples if system.kind == "delay" else _BLOCK
    status = np.zeros(wanted, dtype=np.int8)
    while done < samples:
        # One more sample than is counted: the next block begins there.
        count = min(block, samples - done)
        time = np.arange(done, done + count + 1) * interval
        # Each block has a mesh, and so a noise, of its own.
        solution = sampled_on_attractor(
            system, state, time, seed=seed, indices=alive, purpose=f"moments noise {done}"
        )
        status[alive] = solution.status
        good = solution.status == Status.OK
        alive = alive[good]
        require_half(system, status, wanted)
        state = np.ascontiguousarray(solution.state[good, -1])
        seen = observe(system, solution.state[good, :-1])
        if done == 0:
            origin = seen.mean(axis=(0, 1))  # powers of deviations, so that a large mean costs no digits
        deviation = seen - origin
        power = deviation
        for k in range(4):
            sums[alive, k] += power.sum(axis=1)
            power = power * deviation
        done += count
    return sums[alive], origin, samples


def _statistics(raw: FloatArray, least: FloatArray) -> FloatArray:
    """Raw moments (..., 4, observable) to mean, standard deviation, skewness and kurtosis."""
    m1, m2, m3, m4 = (raw[..., k, :] for k in range(4))
    square = m1 * m1
    variance = np.maximum(m2 - square, 0.0)
    third = m3 - 3.0 * m1 * m2 + 2.0 * m1 * square
    fourth = m4 - 4.0 * m1 * m3 + 6.0 * square * m2 - 3.0 * square * square
    deviation = np.sqrt(variance)
    moving = variance > least
    divisor = np.where(moving, variance, np.nan)
    return np.stack([m1, deviation, third / (divisor * deviation), fourth / (divisor * divisor)], axis=-2)

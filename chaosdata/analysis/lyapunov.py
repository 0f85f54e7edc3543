"""The full Lyapunov spectrum of a flow, with standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaosdata.errors import ArgumentError, IntegrationError
from chaosdata.types import Estimate, FloatArray, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System

_FEWEST = 8  # trajectories below which a standard error means nothing


def lyapunov_spectrum(
    system: System,
    seed: int = 0,
    *,
    trajectories: int = 64,
    periods: float = 1000.0,
    transient: float = 100.0,
    tolerance: float = 1e-8,
) -> Estimate:
    """All Lyapunov exponents, from tangent vectors carried along independent trajectories on the attractor.

    The variational equations are integrated together with the state and re-orthonormalised at every step; an
    exponent is the mean growth rate of one orthogonal direction, after a transient in which the vectors
    align. The standard error is the scatter of the independent trajectories; where the second half of the
    trajectories differs from the whole by more than scatter explains, as in directions that grow like a power
    of time, that drift is added to it. The exponents add up to the mean divergence of the flow along the same
    trajectories, which is integrated beside them and reported in the settings.

    Parameters
    ----------
    seed : chooses the initial states; the result depends on nothing else.
    trajectories : independent trajectories, at least 8.
    periods, transient : length of each trajectory and of the alignment before it, in periods of the system.
    tolerance : local error of a step, relative to each component's recent magnitude.

    Returns
    -------
    Estimate : value and standard_error (d,), in 1/time, sorted descending, with their covariance (d, d).
    Trajectories that fail are left out and counted in the settings.

    Raises
    ------
    ArgumentError : fewer than 8 trajectories, or a length that is not positive.
    IntegrationError : fewer than 8 trajectories reach their end.

    Reference: Benettin, Galgani, Giorgilli, Strelcyn (1980). Meccanica 15, 9-30.

    Example
    -------
    >>> import chaosdata as cd
    >>> spectrum = cd.lyapunov_spectrum(cd.systems["Lorenz"])
    >>> bool(abs(spectrum.value[0] - 0.9056) < 0.01)
    True
    """
    from chaosdata.integrate.tangent import tangent_growth
    from chaosdata.sampling.initial import attractor_states

    if trajectories < _FEWEST:
        raise ArgumentError(f"trajectories must be at least {_FEWEST}, not {trajectories!r}.")
    if not (periods > 0 and transient > 0):
        raise ArgumentError("periods and transient must be positive.")
    initial, status = attractor_states(system, seed, range(trajectories), purpose="lyapunov")
    initial = initial[status == Status.OK]
    aligned, duration = transient * system.period, periods * system.period
    growth = tangent_growth(
        system,
        initial,
        [aligned, aligned + duration / 2, aligned + duration],
        tolerance=tolerance,
    )
    good = growth.status == Status.OK
    if np.count_nonzero(good) < _FEWEST:
        raise IntegrationError(
            f"Only {np.count_nonzero(good)} of {trajectories} trajectories of {system.name} reach their end; "
            f"Lyapunov exponents need at least {_FEWEST}."
        )
    lengths = growth.log_length[good]
    rates = (lengths[:, 2] - lengths[:, 0]) / duration
    late_rates = (lengths[:, 2] - lengths[:, 1]) / (duration / 2)
    divergence = (growth.divergence[good, 2] - growth.divergence[good, 0]) / duration
    value = rates.mean(axis=0)
    order = np.argsort(-value, kind="stable")
    covariance = _covariance_of_mean(rates[:, order])
    # No mean is known better than the integration: a rate that is exactly constant still has its rounding.
    resolution = 2.0**-52 * np.abs(value).max()
    bias = _remaining_bias(late_rates - rates)[order]
    variance = covariance.diagonal() + bias * bias + resolution * resolution
    return Estimate(
        value=value[order],
        standard_error=np.sqrt(variance),
        method="growth of tangent vectors along independent trajectories, variational equations by Taylor "
        "series, re-orthonormalised at every step (Benettin et al. 1980)",
        settings={
            "trajectories": trajectories,
            "trajectories_used": len(rates),
            "periods": periods,
            "transient_periods": transient,
            "tolerance": tolerance,
            "seed": seed,
            "mean_divergence": float(divergence.mean()),
        },
        covariance=covariance,
    )


def _remaining_bias(differences: FloatArray) -> FloatArray:
    """What (n, d) paired differences between the second half and the whole leave to be explained, (d,).

    A length that grows like a power of time gives a rate that falls like log(T)/T: its bias is about twice
    the difference. As much of the difference as one standard error is left to chance.
    """
    mean = differences.mean(axis=0)
    error = differences.std(axis=0, ddof=1) / np.sqrt(len(differences))
    bias: FloatArray = 2 * np.maximum(np.abs(mean) - error, 0.0)
    return bias


def _covariance_of_mean(samples: FloatArray) -> FloatArray:
    """Covariance (d, d) of the mean of (n, d) independent samples; no BLAS: its bits depend on the CPU."""
    deviation = samples - samples.mean(axis=0)
    n = len(samples)
    products = deviation[:, :, None] * deviation[:, None, :]
    covariance: FloatArray = products.sum(axis=0) / (n * (n - 1))
    return covariance

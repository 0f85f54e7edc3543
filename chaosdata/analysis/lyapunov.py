"""The Lyapunov spectrum of a flow, a map or a delay equation, with standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chaosdata.errors import ArgumentError, IntegrationError
from chaosdata.types import Estimate, FloatArray, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System

_FEWEST = 8  # trajectories below which a standard error means nothing
_METHODS = {
    "flow": "variational equations by Taylor series, re-orthonormalised at every step (Benettin et al. 1980)",
    "map": "Jacobians by the chain rule, re-orthonormalised at every step (Benettin et al. 1980)",
    "stochastic": "derivatives of the steps by the chain rule under the same noise, re-orthonormalised at "
    "every step (Benettin et al. 1980)",
    "delay": "linearised method of steps by Taylor series, re-orthonormalised every two delays (Farmer 1982)",
}


def lyapunov_spectrum(
    system: System,
    seed: int = 0,
    *,
    trajectories: int = 64,
    periods: float | None = None,
    transient: float | None = None,
    tolerance: float = 1e-8,
    exponents: int | None = None,
) -> Estimate:
    """All Lyapunov exponents, from tangent vectors carried along independent trajectories on the attractor.

    The variational equations are integrated together with the state, or the Jacobians of a map applied, and
    the vectors re-orthonormalised at every step; an exponent is the mean growth rate of one orthogonal
    direction, after a transient in which the vectors align. The standard error is the scatter of the
    independent trajectories; where the second half of the trajectories differs from the whole by more than
    scatter explains, as in directions that grow like a power of time, that drift is added to it. The
    exponents add up to the mean divergence of the flow, or the mean ``log |det J|`` of the map, along the
    same trajectories, which is computed beside them and reported in the settings. Where a map folds space
    onto fewer dimensions, the exponents of the lost ones are -inf and have no error: NaN.

    A delay equation has infinitely many exponents, of which the largest are measured. Its tangent vectors are
    functions on the longest delay, re-orthonormalised in the space of such functions every two delays. The
    exponents of a stochastic system are those of trajectories that feel the same noise.

    Parameters
    ----------
    seed : chooses the initial states; the result depends on nothing else.
    trajectories : independent trajectories, at least 8.
    periods, transient : length of each trajectory and of the alignment before it, in periods of the system;
    None means 1000 and 100, for a delay or a stochastic equation 400 and 100, for a map 20000 and 1000
    iterates.
    tolerance : local error of a step, relative to each component's recent magnitude; a map has none, and a
    stochastic system a fixed step.
    exponents : how many, for a delay equation only; None means 8, or twice, four or eight times as many where
    it takes more for their sum to be negative, which the Kaplan-Yorke dimension needs.

    Returns
    -------
    Estimate : value and standard_error (d,), or (exponents,) for a delay equation, in 1/time (for a map, per
    iterate), sorted descending, with their covariance. Trajectories that fail are left out and counted in the
    settings.

    Raises
    ------
    ArgumentError : fewer than 8 trajectories, a length that is not positive, or a number of exponents for
    another system than a delay equation.
    IntegrationError : fewer than 8 trajectories reach their end.

    Reference: Benettin, Galgani, Giorgilli, Strelcyn (1980). Meccanica 15, 9-30; for delay equations Farmer
    (1982). Physica D 4, 366-393.

    Example
    -------
    >>> import chaosdata as cd
    >>> spectrum = cd.lyapunov_spectrum(cd.systems["Lorenz"])
    >>> bool(abs(spectrum.value[0] - 0.9056) < 0.01)
    True
    """
    from chaosdata.integrate.kinds import growth
    from chaosdata.integrate.stochastic import default_step
    from chaosdata.integrate.stochastic_tangent import stochastic_tangent_growth
    from chaosdata.sampling.initial import TRANSIENT_PERIODS, attractor_states

    if trajectories < _FEWEST:
        raise ArgumentError(f"trajectories must be at least {_FEWEST}, not {trajectories!r}.")
    usual = {"map": (20000.0, 1000.0), "delay": (400.0, 100.0), "stochastic": (400.0, 100.0)}.get(
        system.kind, (1000.0, 100.0)
    )
    periods = usual[0] if periods is None else periods
    transient = usual[1] if transient is None else transient
    if not (periods > 0 and transient > 0):
        raise ArgumentError("periods and transient must be positive.")
    initial, status = attractor_states(system, seed, range(trajectories), purpose="lyapunov")
    indices = np.flatnonzero(status == Status.OK)
    initial = initial[indices]
    if exponents is not None and (system.kind != "delay" or exponents < 1):
        raise ArgumentError(
            f"exponents must be None or, for a delay equation, at least 1, not {exponents!r}."
        )
    aligned, duration = transient * system.period, periods * system.period
    half = duration / 2
    if system.kind == "map":
        aligned, half = float(max(1, round(transient))), float(max(1, round(periods / 2)))
        duration = 2 * half
    if system.kind == "delay":
        aligned += TRANSIENT_PERIODS * system.period  # its states are not on the attractor yet
    until = [aligned, aligned + half, aligned + duration]
    if system.kind == "stochastic":
        tangents = stochastic_tangent_growth(system, initial, until, seed, indices, purpose="lyapunov noise")
    else:
        tangents = growth(system, initial, until, tolerance=tolerance, exponents=exponents)
    good = tangents.status == Status.OK
    if np.count_nonzero(good) < _FEWEST:
        raise IntegrationError(
            f"Only {np.count_nonzero(good)} of {trajectories} trajectories of {system.name} reach their end; "
            f"Lyapunov exponents need at least {_FEWEST}."
        )
    lengths = tangents.log_length[good]
    lost = np.isneginf(lengths[:, 2]).any(axis=0)  # directions that a map folds away
    lengths = np.where(lost, 0.0, lengths)
    rates = (lengths[:, 2] - lengths[:, 0]) / duration
    late_rates = (lengths[:, 2] - lengths[:, 1]) / half
    value = np.where(lost, -np.inf, rates.mean(axis=0))
    order = np.argsort(-value, kind="stable")
    covariance = _covariance_of_mean(rates[:, order])
    covariance[lost[order]] = covariance[:, lost[order]] = np.nan
    # No mean is known better than the integration: a rate that is exactly constant still has its rounding.
    resolution = 2.0**-52 * np.abs(value[~lost]).max(initial=0.0)
    bias = _remaining_bias(late_rates - rates)[order]
    variance = covariance.diagonal() + bias * bias + resolution * resolution
    settings: dict[str, Any] = {"trajectories": trajectories, "trajectories_used": len(rates)}
    if system.kind == "map":
        settings |= {"iterates": int(duration), "transient_iterates": int(aligned), "seed": seed}
    else:
        settings |= {"periods": periods, "transient_periods": transient}
        settings |= (
            {"step": default_step(system)} if system.kind == "stochastic" else {"tolerance": tolerance}
        )
        settings |= {"seed": seed}
    if system.kind != "delay" and not lost.any():
        divergence = (tangents.divergence[good, 2] - tangents.divergence[good, 0]) / duration
        settings["mean_divergence"] = float(divergence.mean())
    return Estimate(
        value=value[order],
        standard_error=np.sqrt(variance),
        method=f"growth of tangent vectors along independent trajectories, {_METHODS[system.kind]}",
        settings=settings,
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

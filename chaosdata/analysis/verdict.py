"""What a system does in the long run: a verdict from its tangent dynamics, with the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from chaosdata.errors import ArgumentError
from chaosdata.types import Estimate, FloatArray, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System

Kind = Literal[
    "chaotic",
    "hyperchaotic",
    "conservative chaotic",
    "transient",
    "quasiperiodic",
    "periodic",
    "fixed point",
]

KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]

_GROWN = 12.0
"""ln of the growth in the last half of the run above which a direction counts as unstable: e^12. Regular
motion stretches like a power of time, so a doubling of the time adds ln 2, or 2 or 3 times that."""

_CONSERVATIVE = 1.0
"""ln of the change of volumes in the last half of the run below which they are conserved on average."""

_STRETCHED = 6.0
"""ln of the growth between 100 and 600 periods that regular motion does not reach: six times the time adds
ln 6, or 2 or 3 times that."""

_PERIODS = 10_000.0
_ITERATES = 1_000_000.0  # an orbit of a map costs a hundredth of a period of a flow
_LEADING = 8  # tangent functions of a delay equation
_EARLY = (100.0, 600.0)  # periods between which the early rate is measured


@dataclass(frozen=True)
class Verdict:
    """The long-time dynamics of a system from its declared initial state.

    verdict : in a word or two; "transient" where most trajectories that were chaotic have settled or escaped.
    exponents : Lyapunov exponents over the last half of the run, of the trajectories of the majority.
    early_rate : mean largest rate between 100 and 600 periods, before anything settles; NaN if all escaped.
    divergence : mean divergence over the last half, in 1/time.
    trajectories, chaotic, escaped : how many were followed, were chaotic at the end, left for infinity.
    periods : length of the run.
    """

    verdict: Kind
    exponents: Estimate | None
    early_rate: float
    divergence: float
    trajectories: int
    chaotic: int
    escaped: int
    periods: float


def verdict(
    system: System,
    seed: int = 0,
    *,
    trajectories: int | None = None,
    periods: float | None = None,
    tolerance: float = 1e-8,
) -> Verdict:
    """Classify a system by the growth of tangent vectors over a long run from its declared initial state.

    A direction is unstable if its length grew by more than e^12 in the last half of the run, and neutral if
    it neither grew nor shrank by that. A trajectory is chaotic if it has an unstable direction. Of what is
    not chaotic, a flow with one neutral direction is periodic, with more it is quasiperiodic, with none it
    rests; a map with none is periodic, else quasiperiodic.

    Parameters
    ----------
    seed : perturbs the initial states, by 1e-4; the result depends on nothing else.
    trajectories : how many are followed, at least 8; None means 16, or 8 for eight components or more.
    periods : length of the run; None means 10,000, or 1,000,000 iterates of a map.
    tolerance : local error of a step, relative to each component's recent magnitude.

    Of a delay equation the eight leading exponents are measured.

    Raises
    ------
    ArgumentError : fewer than 8 trajectories, or a run of less than 1,200 periods.
    """
    from chaosdata.integrate.kinds import growth
    from chaosdata.sampling.initial import start_states

    if trajectories is None:
        trajectories = 16 if system.dimension < 8 else 8
    if trajectories < 8:
        raise ArgumentError(f"trajectories must be at least 8, not {trajectories!r}.")
    if periods is None:
        periods = _ITERATES if system.kind == "map" else _PERIODS
    if periods < 2 * _EARLY[1]:
        raise ArgumentError(f"periods must be at least {2 * _EARLY[1]:g}, not {periods!r}.")
    initial, _ = start_states(system, seed, range(trajectories), "verdict")
    marks = np.array([*_EARLY, periods / 2, periods]) * system.period
    late = growth(system, initial, marks, tolerance=tolerance, exponents=_LEADING)
    alive = late.status == Status.OK
    early = (
        late if alive.all() else growth(system, initial, marks[:2], tolerance=tolerance, exponents=_LEADING)
    )
    stretched = _difference(early.log_length[:, 0], early.log_length[:, 1]).max(axis=1)  # (m,)
    grown = _difference(late.log_length[alive, 2], late.log_length[alive, 3])  # (n, d)
    half = marks[3] - marks[2]
    unstable = np.count_nonzero(grown > _GROWN, axis=1)
    neutral = np.count_nonzero(np.abs(grown) <= _GROWN, axis=1)
    chaotic = unstable > 0
    settled = np.count_nonzero(~chaotic) + np.count_nonzero(~alive)
    whole = np.isfinite(stretched)
    stretch = float(stretched[whole].mean()) if whole.any() else float("nan")
    divergence = _difference(late.divergence[alive, 2], late.divergence[alive, 3]) / half
    # Where a map shears without measure, one determinant of a million may round to zero.
    divergence = divergence[np.isfinite(divergence)]
    mean_divergence = float(divergence.mean()) if len(divergence) else float("nan")

    word: Kind
    if np.count_nonzero(chaotic) > settled:
        majority = chaotic
        if abs(mean_divergence) * half < _CONSERVATIVE:
            word = "conservative chaotic"
        else:
            word = "hyperchaotic" if np.median(unstable[chaotic]) >= 2 else "chaotic"
    else:
        majority = ~chaotic
        least = int(np.median(neutral[majority])) - (system.kind != "map") if majority.any() else 0
        word = "fixed point" if least < 0 else "quasiperiodic" if least > 0 else "periodic"
        if stretch > _STRETCHED or not alive.any():
            word = "transient"
    return Verdict(
        verdict=word,
        exponents=_exponents(grown[majority] / half, periods) if np.count_nonzero(majority) > 1 else None,
        early_rate=stretch / (marks[1] - marks[0]),
        divergence=mean_divergence,
        trajectories=trajectories,
        chaotic=int(np.count_nonzero(chaotic)),
        escaped=int(np.count_nonzero(~alive)),
        periods=periods,
    )


def _difference(before: FloatArray, after: FloatArray) -> FloatArray:
    """``after - before`` of logarithms of lengths; what a map has folded away stays at minus infinity."""
    gone = np.isneginf(after)
    difference: FloatArray = np.where(gone, -np.inf, after - np.where(gone, 0.0, before))
    return difference


def _exponents(rates: FloatArray, periods: float) -> Estimate:
    """Mean and standard error of (n, d) rates, descending; minus infinity where half of them are."""
    finite = np.isfinite(rates)
    count = finite.sum(axis=0)
    kept = 2 * count > len(rates)
    count = np.maximum(count, 2)
    mean = np.where(kept, np.where(finite, rates, 0.0).sum(axis=0) / count, -np.inf)
    order = np.argsort(-mean, kind="stable")
    squares = np.where(finite & kept, rates - np.where(kept, mean, 0.0), 0.0) ** 2
    error = np.where(kept, np.sqrt(squares.sum(axis=0) / (count - 1) / count), np.inf)
    return Estimate(
        value=mean[order],
        standard_error=error[order],
        method="growth of tangent vectors over the last half of the run, mean over trajectories",
        settings={"trajectories_used": len(rates), "periods": periods},
    )

"""The dominant period of a system, from the power spectrum of its observables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chaosdata.analysis.ensemble import FEWEST, observe, require_half, starts
from chaosdata.errors import IntegrationError
from chaosdata.sampling.grid import time_step
from chaosdata.types import Estimate, FloatArray, Status

if TYPE_CHECKING:
    from chaosdata.equations.system import System

_GROUPS = FEWEST  # of trajectories, for the jackknife
_BATCH = 16  # trajectories in memory at a time
_SAMPLES, _MOST_SAMPLES = 4096, 32768  # of a record
_PERIODS = 128  # in a record: its resolution is then about 1 % of the frequency
_SAMPLES_PER_PERIOD = 32
_LOWEST = 4  # cycles in a record: below, the window mixes the spectrum with the mean
_LEAST = 1e-6  # of the strongest power: what is below may be rounding
_VALLEY = 0.5  # a peak stands out if the spectrum falls to this part of it on both sides
_REST = 1e-24  # a variance below this part of the squared size, then or at the start, is rounding or decay
_RECORDS = 4  # tried, until one suits the period found in it
_INTERPOLATION = 2e-3  # bins: the largest error of the interpolation for a pure line
_SMOOTHING = (
    1,
    6,
    15,
    20,
    15,
    6,
    1,
)  # binomial weights of neighbouring bins; they keep a line's peak in its place


def dominant_period(system: System, seed: int = 0, *, trajectories: int = 64) -> Estimate:
    """The period of the strongest oscillation on the attractor.

    The periodograms of all observables, each scaled to unit variance, are added and averaged over independent
    trajectories under a cos^4 window. The dominant frequency is that of the highest peak that stands out: the
    spectrum falls to half of it on both sides before it rises higher. Slow switching, whose power only grows
    towards frequency zero, is therefore not taken for an oscillation. Where no peak stands out, it is the
    frequency of the most power per octave. Records are made longer, or sampled more finely, until they suit
    the period found; a map is sampled at every iterate, and its shortest period is two iterates.

    Parameters
    ----------
    seed : chooses the initial states; the result depends on nothing else.
    trajectories : independent trajectories, at least 16, of 128 periods; fewer where records must be longer.

    Returns
    -------
    Estimate : a scalar, in the system's time unit; standard error: jackknife over 16 groups of trajectories.

    Raises
    ------
    ArgumentError : fewer than 16 trajectories.
    IntegrationError : most trajectories fail, or the system comes to rest.

    Reference: Welch (1967). The use of fast Fourier transform for the estimation of power spectra. IEEE
    Transactions on Audio and Electroacoustics 15, 70-73.

    Example
    -------
    >>> import chaosdata as cd
    >>> period = cd.dominant_period(cd.systems["Rossler"])
    >>> bool(abs(period.value - 5.86) < 0.05)
    True
    """
    initial = starts(system, seed, trajectories, "period")
    discrete = system.kind == "map"
    record = _Record(_SAMPLES, time_step(system, _SAMPLES_PER_PERIOD), discrete)
    for attempt in range(_RECORDS):
        count = max(FEWEST, trajectories * _SAMPLES // record.samples)
        power, used = _power(system, seed, initial[:count], record)
        total = power.sum(axis=0)
        position = _peak(total, discrete)
        better = record.suited_to(position)
        if better == record or attempt == _RECORDS - 1:
            break
        record = better
    period = record.period(position)
    without = np.array([record.period(_peak(total - group, discrete)) for group in power])
    scatter = without - without.mean()
    variance = (_GROUPS - 1) / _GROUPS * (scatter * scatter).sum()
    resolution = _INTERPOLATION * period / position
    return Estimate(
        value=np.array(period),
        standard_error=np.sqrt(variance + resolution * resolution),
        method="highest peak of the averaged periodogram of all observables (Welch 1967), parabola through "
        "its upper half, jackknife over trajectories",
        settings={
            "trajectories": count,
            "trajectories_used": used,
            "record": record.samples * record.interval,
            "samples": record.samples,
            "groups": _GROUPS,
            "seed": seed,
        },
    )


@dataclass(frozen=True)
class _Record:
    """How a trajectory is sampled: number of samples, and the time between two."""

    samples: int
    interval: float
    discrete: bool = False

    def period(self, position: float) -> float:
        """The period that belongs to a position in the spectrum, in bins."""
        return self.samples * self.interval / position

    def suited_to(self, position: float) -> _Record:
        """This record, if it resolves a peak at ``position`` (in bins); otherwise a better one."""
        period = self.period(position)
        if period < 8 * self.interval and not self.discrete:
            return _Record(_SAMPLES, period / _SAMPLES_PER_PERIOD)
        if position < 0.7 * _PERIODS:
            samples = _SAMPLES
            while samples < _MOST_SAMPLES and samples * self.interval < _PERIODS * period:
                samples *= 2
            interval = self.interval if self.discrete else max(self.interval, _PERIODS * period / samples)
            return _Record(samples, interval, self.discrete)
        return self


def _power(system: System, seed: int, initial: FloatArray, record: _Record) -> tuple[FloatArray, int]:
    """Periodograms summed over standardised observables: (group, frequency), and the trajectories in them."""
    from chaosdata.sampling.initial import sampled_on_attractor

    time = np.arange(record.samples) * record.interval
    window = _window(record.samples)
    observables = len(system.observables)
    power = np.zeros((_GROUPS, observables, record.samples // 2 + 1))
    variance = np.zeros(observables)
    start = observe(system, np.array(system.initial))
    square = len(initial) * start * start
    status: list[int] = []
    for first in range(0, len(initial), _BATCH):
        batch = initial[first : first + _BATCH]
        indices = range(first, first + len(batch))
        solution = sampled_on_attractor(
            system, batch, time, seed=seed, indices=indices, purpose="period noise"
        )
        status += solution.status.tolist()
        good = solution.status == Status.OK
        groups = (first + np.flatnonzero(good)) % _GROUPS
        seen = observe(system, solution.state[good])
        for j in range(observables):
            series = np.ascontiguousarray(seen[..., j])
            square[j] += (series * series).mean(axis=1).sum()
            series = series - series.mean(axis=1)[:, None]
            variance[j] += (series * series).mean(axis=1).sum()
            transform = np.fft.rfft(series * window, axis=1)
            real, imaginary = transform.real, transform.imag
            for group, row in zip(groups, real * real + imaginary * imaginary, strict=True):
                power[group, j] += row
    require_half(system, status, len(initial))
    moving = variance > _REST * square
    if not moving.any():
        raise IntegrationError(f"{system.name} comes to rest: nothing on its attractor has a period.")
    weighted: FloatArray = (power[:, moving] / variance[moving][:, None]).sum(axis=1)
    return weighted, status.count(Status.OK)


def _window(samples: int) -> FloatArray:
    """cos^4, periodic: its sidelobes fall fast, and its peak is nearly a Gaussian's."""
    from chaosdata.kernels.arrays import cos_sin

    cosine, _ = cos_sin(np.arange(samples) * (2.0 * np.pi / samples))
    hann = 0.5 - 0.5 * cosine
    return hann * hann


def _peak(power: FloatArray, discrete: bool = False) -> float:
    """The position of the dominant peak, in bins; a map's spectrum goes on beyond its end as a mirror."""
    bins = len(power)
    if discrete:
        power = np.concatenate([power, power[-2:_LOWEST:-1]])
    reach = len(_SMOOTHING) // 2
    span = len(power) - 2 * reach
    smooth = np.zeros_like(power)
    for shift, weight in enumerate(_SMOOTHING):
        smooth[reach : reach + span] += weight * power[shift : shift + span]
    inner = smooth[_LOWEST : reach + span]
    highest = np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:])) + 1
    highest = highest[inner[highest] > _LEAST * power[1:].max()]
    for candidate in highest[np.argsort(-inner[highest], kind="stable")]:
        if _stands_out(inner, int(candidate)):
            break
    else:
        octaves = inner * np.arange(_LOWEST, _LOWEST + len(inner))
        candidate = 1 + int(np.argmax(octaves[1 : min(len(inner) - 1, bins - _LOWEST)]))
    position = _LOWEST + _vertex(inner, int(candidate))
    return min(position, 2 * (bins - 1) - position) if discrete else position


def _vertex(power: FloatArray, peak: int) -> float:
    """The vertex of the parabola fitted to the logarithm of the upper half of a peak.

    For a line that is three or four bins, and nearly exact under this window; for a broad peak it averages
    the noise that chooses the highest bin.
    """
    from chaosdata.kernels.arrays import log

    low = np.flatnonzero(power[:peak] <= _VALLEY * power[peak])
    high = np.flatnonzero(power[peak + 1 :] <= _VALLEY * power[peak])
    first = min(int(low[-1]) + 1 if low.size else 0, peak - 1)
    last = max(peak + int(high[0]) if high.size else len(power) - 1, peak + 1)
    u = np.arange(first, last + 1) - 0.5 * (first + last)
    y = log(power[first : last + 1])
    square = u * u
    square -= square.mean()  # 1, u and this are orthogonal on the symmetric grid
    slope = (u * y).sum() / (u * u).sum()
    bend = (square * y).sum() / (square * square).sum()
    if not bend < 0.0:
        return float(peak)
    centre = 0.5 * (first + last) - 0.5 * slope / bend
    return float(min(max(centre, first), last))


def _stands_out(power: FloatArray, peak: int) -> bool:
    """Whether the spectrum falls far enough on both sides of a peak before it rises above it."""
    height = power[peak]
    left, right = power[:peak], power[peak + 1 :]
    higher_left, higher_right = np.flatnonzero(left > height), np.flatnonzero(right > height)
    if higher_left.size:
        left = left[higher_left[-1] :]
    if higher_right.size:
        right = right[: higher_right[0]]
    return bool(left.min() <= _VALLEY * height and right.min() <= _VALLEY * height)

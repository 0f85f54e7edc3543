"""Small frozen values that the layers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Status(IntEnum):
    """How the integration of one trajectory ended."""

    OK = 0
    OVERFLOW = 1
    NOT_FINITE = 2
    STEP_UNDERFLOW = 3
    STEP_LIMIT = 4
    CHATTER = 5
    EVENT = 6

    @property
    def message(self) -> str:
        """What happened, in a sentence for the user."""
        return _MESSAGES[self]


_MESSAGES = {
    Status.OK: "The trajectory reached the end of its time grid.",
    Status.OVERFLOW: "The state grew beyond 1e150: the trajectory escapes to infinity.",
    Status.NOT_FINITE: "The right-hand side is not a finite number there (for instance 1/0 or log of -1).",
    Status.STEP_UNDERFLOW: "The step fell below the resolution of time: the solution is singular there.",
    Status.STEP_LIMIT: "The trajectory needed more steps than max_steps allows.",
    Status.CHATTER: "The right-hand side jumps at a surface and pushes to it from both sides; sliding along "
    "it is followed only where the surface is a sum of components and the jump enters by sums and products.",
    Status.EVENT: "The trajectory ended at the terminal event.",
}


@dataclass(frozen=True)
class Solution:
    """States of ``m`` trajectories at ``n`` times, and how far in time they can be trusted.

    state : (trajectory m, time n, component d); rows after a failure or a terminal event are NaN.
    time : (n,), in the system's time unit.
    status : (m,) of :class:`Status` values.
    steps : (m,), accepted solver steps.
    end_time : (m,), when each trajectory ended: ``time[-1]``, or the time of its terminal event; NaN after a
    failure. end_state : (m, d), the state there.
    state_low : (m, n, d), what rounding ``state`` to double left over, in a solution in double-double.
    finer : computes the same trajectories with much smaller errors, where the integrator knows how.
    """

    state: FloatArray
    time: FloatArray
    status: NDArray[np.int8]
    steps: NDArray[np.int64]
    end_time: FloatArray = field(default_factory=lambda: np.empty(0))
    end_state: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    state_low: FloatArray | None = None
    finer: Callable[[], Solution] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Where nothing can end a trajectory early, its end is its last sample.
        if len(self.end_time) != len(self.status):
            ended = self.status == Status.OK
            object.__setattr__(self, "end_time", np.where(ended, self.time[-1], np.nan))
            object.__setattr__(self, "end_state", self.state[:, -1])

    @cached_property
    def deviation(self) -> FloatArray:
        """(m, n): how far each state is from the true solution, in units of the attractor's size.

        The distance from a finer solution, which is computed now: for each component in units of its standard
        deviation along that trajectory, and the largest of them. NaN from a failure on.

        Raises
        ------
        ValueError : the solution was not made by an integrator that can make a finer one.
        """
        if self.finer is None:
            raise ValueError(
                "This solution cannot be compared with a finer one: integrate() makes those of flows so that "
                "they can."
            )
        exact = self.finer()
        difference = self.state - exact.state
        if exact.state_low is not None:
            difference -= exact.state_low
        if self.state_low is not None:
            difference += self.state_low
        difference = np.abs(difference)
        known = np.isfinite(exact.state)
        count = np.maximum(known.sum(axis=1, keepdims=True), 1)
        mean = np.where(known, exact.state, 0.0).sum(axis=1, keepdims=True) / count
        spread = np.sqrt((np.where(known, exact.state - mean, 0.0) ** 2).sum(axis=1, keepdims=True) / count)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(difference == 0.0, 0.0, difference / spread)
        largest: FloatArray = relative.max(axis=2, initial=0.0)
        return largest

    @property
    def accuracy_horizon(self) -> FloatArray:
        """(m,): the time up to which each trajectory is true to a thousandth of the attractor's size."""
        return self.horizon()

    def horizon(self, fraction: float = 1e-3) -> FloatArray:
        """(m,): the time of the last sample before a trajectory first deviates by more than ``fraction``.

        It lies on the time grid: ``time[-1]`` means that the whole trajectory is true, and ``time[0]`` that
        no sample but the initial state is. :attr:`deviation` says what is measured; that is done once.
        """
        if not fraction > 0:
            raise ValueError(f"fraction must be positive, not {fraction!r}.")
        true = self.deviation <= fraction
        samples = np.where(true.all(axis=1), true.shape[1], true.argmin(axis=1))
        last: FloatArray = self.time[np.maximum(samples - 1, 0)]
        return last


@dataclass(frozen=True)
class Estimate:
    """A measured number, or vector of numbers, that never goes without its error bar.

    value, standard_error : arrays of one shape, () for a scalar.
    method : the estimator, in a sentence.
    settings : everything that fixes the result, as plain JSON values.
    covariance : (d, d) of the errors of a vector of d values, where the estimator knows it.
    """

    value: FloatArray
    standard_error: FloatArray
    method: str
    settings: Mapping[str, Any]
    covariance: FloatArray | None = None

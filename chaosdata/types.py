"""Small frozen values that the layers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
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
    Status.CHATTER: "The right-hand side jumps at a surface and pushes to it from both sides: there is no "
    "classical solution beyond.",
    Status.EVENT: "The trajectory ended at the terminal event.",
}


@dataclass(frozen=True)
class Solution:
    """States of ``m`` trajectories at ``n`` times.

    state : (trajectory m, time n, component d); rows after a failure or a terminal event are NaN.
    time : (n,), in the system's time unit.
    status : (m,) of :class:`Status` values.
    steps : (m,), accepted solver steps.
    end_time : (m,), when each trajectory ended: ``time[-1]``, or the time of its terminal event; NaN after a
    failure. end_state : (m, d), the state there.
    """

    state: FloatArray
    time: FloatArray
    status: NDArray[np.int8]
    steps: NDArray[np.int64]
    end_time: FloatArray = field(default_factory=lambda: np.empty(0))
    end_state: FloatArray = field(default_factory=lambda: np.empty((0, 0)))

    def __post_init__(self) -> None:
        # Where nothing can end a trajectory early, its end is its last sample.
        if len(self.end_time) != len(self.status):
            ended = self.status == Status.OK
            object.__setattr__(self, "end_time", np.where(ended, self.time[-1], np.nan))
            object.__setattr__(self, "end_state", self.state[:, -1])


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

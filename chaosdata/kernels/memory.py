"""The work array that kernels and driver share."""

from __future__ import annotations

from chaosdata.kernels.vector import LANES


class Memory:
    """The work array of one group of ``lanes`` lanes: slots of one vector each, addressed by name."""

    def __init__(self, dimension: int, lanes: int = LANES) -> None:
        self.lanes = lanes
        self.state = 0  # state at the end of the step
        self.scale = dimension  # recent magnitude of each component
        self.time = 2 * dimension  # start of the step, and its rounding error
        self.time_low = self.time + 1
        self.step = self.time + 2  # size of the step
        self.end = self.time + 3  # end of the step, and its rounding error
        self.end_low = self.time + 4
        self.stop = self.time + 5  # where the trajectory ends
        self.next = self.time + 6  # index of the next sample to write
        self.row = self.time + 7  # where the lane's output begins, an i64 in doubles
        self.status = self.time + 8
        self.steps = self.time + 9
        self.tangent_ratio = self.time + 10  # largest |v_k| of the tangent vectors, k = N and N - 1
        self.hit = -1  # where a lane met the event in this step, in kernels that look for one
        self.speed = -1  # derivative of the state just before a switch, where the right-hand side has pieces
        self.low = self.time + 12  # how many doubles after its high part the low part of a sample stands, i64
        self.slots = self.time + 13

    def reserve(self, slots: int) -> int:
        """The first of a run of new slots."""
        first = self.slots
        self.slots += slots
        return first

"""The mesh of a delay equation: cells common to all trajectories, and where each finds its past.

A solution is not smooth where its history meets the equation, nor a delay later, nor a sum of delays later,
though smoother each time. Inside a cell it must be smooth, so these breaking points are ends of cells, until
the jump lies in a derivative beyond the order of the series.

Where one step divides all delays the mesh is uniform and a delayed cell is a cell. Otherwise the mesh is
uniform from the last breaking point on, and the series of the cell that begins nearest to ``t - tau`` is
moved there; it is then used up to one and a half steps from where it was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, comb, lcm

import numpy as np
from numpy.typing import NDArray

from chaosdata.types import FloatArray

REACH = 1.5
"""Cells that a moved series serves."""

_SAME = 2.0**-46  # relative distance below which two times are one
_LARGEST_DENOMINATOR = 64  # of the ratio of two delays that count as commensurate
_MOST_BREAKS = 20_000


@dataclass(frozen=True)
class Mesh:
    """Cells ``-history, ..., -1, 0, 1, ...``; cell 0 begins where the history ends, at time 0.

    step : length of the cells from ``first`` on, the first of which begins at ``first_time``.
    reach : how far from its beginning a series is used.
    history, history_length : number of equal cells before time 0, and the longest delay, which they make up.
    begin, length : of the cells 0 to first - 1.
    source, offset : (first, delays), the cell whose series serves a delay, and how far behind its beginning.
    back, tail_offset : (delays,), the same from cell ``first`` on; the source is so many cells back.
    ring : cells that must be kept.
    """

    step: float
    reach: float
    history: int
    history_length: float
    begin: FloatArray
    length: FloatArray
    source: NDArray[np.int64]
    offset: FloatArray
    first_time: float
    back: NDArray[np.int64]
    tail_offset: FloatArray
    ring: int

    @property
    def first(self) -> int:
        """The first cell of the uniform part."""
        return len(self.begin)

    @property
    def shifted(self) -> bool:
        """Whether series must be moved."""
        return self.reach > self.step

    def cells(self, time: float) -> int:
        """Number of cells, at least one, that end nearest to ``time``."""
        if time <= self.first_time and self.first:
            return max(int(np.searchsorted(self.begin + 0.5 * self.length, time)), 1)
        return max(self.first + round((time - self.first_time) / self.step), 1)


def delay_mesh(delays: Sequence[float], step: float, order: int) -> Mesh:
    """The mesh for ascending ``delays`` with cells of at most ``step`` and series of ``order``."""
    common = _common_divisor(delays)
    if common is not None:
        divisions = ceil(common / step * (1 - _SAME))
        if common / divisions * REACH * REACH > min(step, delays[0]):
            return _uniform(delays, common / divisions)
    return _general(delays, delays[0] / ceil(delays[0] / (step / REACH) * (1 - _SAME)), order)


def _common_divisor(delays: Sequence[float]) -> float | None:
    """The largest number of which all delays are multiples, if there is one that is not tiny."""
    ratios = [Fraction(delay / delays[0]).limit_denominator(_LARGEST_DENOMINATOR) for delay in delays]
    for delay, ratio in zip(delays, ratios, strict=True):
        if abs(float(ratio) * delays[0] - delay) > 2.0**-51 * delay:
            return None
    return delays[0] / lcm(*(ratio.denominator for ratio in ratios))


def _uniform(delays: Sequence[float], step: float) -> Mesh:
    back = np.array([round(delay / step) for delay in delays], dtype=np.int64)
    nothing = np.empty(0)
    return Mesh(
        step=step,
        reach=step,
        history=int(back[-1]),
        history_length=delays[-1],
        begin=nothing,
        length=nothing,
        source=np.empty((0, len(delays)), dtype=np.int64),
        offset=np.empty((0, len(delays))),
        first_time=0.0,
        back=back,
        tail_offset=np.zeros(len(delays)),
        ring=int(back[-1]) + 1,
    )


def _general(delays: Sequence[float], step: float, order: int) -> Mesh:
    breaks, sharp = _breaking_points(delays, order)
    # Sources of the uniform part must be uniform too.
    uniform = ceil((delays[-1] + 2 * step) / step)
    history = ceil(delays[-1] / step * (1 - _SAME))
    first_time = breaks[-1]
    begin: list[float] = []
    is_break: list[bool] = []
    for (left, right), mark in zip(pairwise(breaks), sharp, strict=False):
        parts = max(1, ceil((right - left) / step * (1 - _SAME)))
        begin += [left + (right - left) * i / parts for i in range(parts)]
        is_break += [mark and i == 0 for i in range(parts)]
    begin += [first_time + i * step for i in range(uniform)]
    is_break += [False] * uniform
    first_time += uniform * step
    ends = [*begin[1:], first_time]
    source = np.empty((len(begin), len(delays)), dtype=np.int64)
    offset = np.empty((len(begin), len(delays)))
    times = np.array([*begin, first_time])
    for k, time in enumerate(begin):
        for j, delay in enumerate(delays):
            source[k, j], offset[k, j] = _past(time, delay, k, times, is_break, delays[-1] / history)
    back, tail_offset = zip(*(_tail(delay, step) for delay in delays), strict=True)
    cells = np.arange(len(begin))[:, None]
    return Mesh(
        step=step,
        reach=REACH * step,
        history=history,
        history_length=delays[-1],
        begin=times[:-1],
        length=np.array([end - start for start, end in zip(begin, ends, strict=True)]),
        source=source,
        offset=offset,
        first_time=first_time,
        back=np.array(back, dtype=np.int64),
        tail_offset=np.array(tail_offset),
        ring=max(int((cells - source).max()), *back, history) + 1,
    )


def _breaking_points(delays: Sequence[float], order: int) -> tuple[list[float], list[bool]]:
    """0 and the sums of up to ``order`` delays, ascending, each once; and which are sums of fewer."""
    level = order
    while level > 1 and comb(level + len(delays), level) > _MOST_BREAKS:
        level -= 1
    inner: set[float] = set()
    newest = {0.0}
    for _ in range(level):
        inner |= newest
        newest = {point + delay for point in newest for delay in delays} - inner
    points, sharp = [0.0], [True]
    for point in sorted(inner | newest):
        if point > points[-1] * (1 + _SAME):
            points.append(point)
            sharp.append(point in inner)
        else:
            sharp[-1] |= point in inner
    return points, sharp


def _past(
    now: float, delay: float, cell: int, begin: FloatArray, is_break: Sequence[bool], history_step: float
) -> tuple[int, float]:
    """The cell whose series serves from ``now - delay`` on, and the distance from its beginning."""
    time, rounding = now - delay, _SAME * max(now, delay)
    if time < -rounding:
        source = int(np.floor((time + rounding) / history_step))
        offset = time - source * history_step
        if offset > 0.5 * history_step and source < -1:
            source, offset = source + 1, offset - history_step
    else:
        source = int(np.searchsorted(begin, time + rounding, side="right")) - 1
        offset = time - float(begin[source])
        length = float(begin[source + 1]) - float(begin[source])
        if offset > 0.5 * length and source + 1 < cell and not is_break[source + 1]:
            source += 1
            offset = time - float(begin[source])
    return source, 0.0 if abs(offset) <= rounding else offset


def _tail(delay: float, step: float) -> tuple[int, float]:
    """In the uniform part: how many cells back a delay's source is, and the distance from its beginning."""
    back = ceil(delay / step * (1 - _SAME))
    offset = back * step - delay
    if offset > 0.5 * step and back > 1:
        back, offset = back - 1, offset - step
    return back, 0.0 if abs(offset) <= _SAME * delay else offset

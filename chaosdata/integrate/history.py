"""The history of a delay equation as the Taylor series of its cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from chaosdata.equations.system import System
from chaosdata.equations.trace import history_graph
from chaosdata.errors import ArgumentError
from chaosdata.integrate.mesh import Mesh
from chaosdata.kernels.arrays import cos_sin
from chaosdata.kernels.time_series import time_series
from chaosdata.types import FloatArray

History = Callable[[float], ArrayLike]

_DEGREES = (16, 32, 64, 128, 256, 512)
_CONVERGED = 2.0**-46  # of the largest coefficient: below is the noise of the samples
_NOISE = 2.0**-52


@dataclass(frozen=True)
class Past:
    """What trajectories begin with on a mesh.

    series : (1 or trajectory m, cell, component d, order + 1), Taylor coefficients at the beginning of each
    cell of the history. base : (m, d), what is added to the history: a constant for each trajectory.
    """

    series: FloatArray
    base: FloatArray


def declared_past(system: System, mesh: Mesh, order: int, initial: FloatArray) -> Past:
    """The system's declared history for all trajectories, or the constant ``initial`` (m, d)."""
    graph = history_graph(system)
    if graph is None:
        return Past(np.zeros((1, mesh.history, system.dimension, order + 1)), initial)
    span = mesh.history_length
    begin = -span * (np.arange(mesh.history, 0.0, -1.0) / mesh.history)
    return Past(time_series(graph, begin, order)[None], np.zeros_like(initial))


def function_series(coefficients: FloatArray, mesh: Mesh, order: int) -> FloatArray:
    """Taylor coefficients of a Chebyshev series at the beginning of every cell of the history.

    coefficients : (row, component, degree + 1), from :func:`chebyshev`.
    Returns (row, cell, component, order + 1).
    """
    rows, d, terms = coefficients.shape
    position = 1.0 - 2.0 * (np.arange(mesh.history, 0.0, -1.0) / mesh.history)
    shape = (rows, mesh.history, d, order + 1)
    # Clenshaw's recurrence on truncated power series in the distance from the cell's beginning.
    position = position[:, None, None]
    slope = 2.0 / mesh.history_length
    later, latest = np.zeros(shape), np.zeros(shape)
    for j in range(terms - 1, -1, -1):
        factor = 2.0 if j else 1.0
        new = factor * position * latest - later
        new[..., 1:] += factor * slope * latest[..., :-1]
        new[..., 0] += coefficients[:, None, :, j]
        later, latest = latest, new
    return latest


def chebyshev(history: History, start: float, span: float, rows: int, dimension: int) -> FloatArray:
    """The history as a Chebyshev series on [start - span, start]: (row, component, degree + 1).

    history : time -> states (rows, dimension), or (dimension,) for all rows alike.

    Raises
    ------
    ArgumentError : the history has another shape, is not finite, or is not smooth enough for a series of
    degree 512.
    """
    result: FloatArray = np.zeros((0, dimension, 1))
    done = np.zeros(0, dtype=bool)
    for degree in _DEGREES:
        angle = np.pi * (np.arange(degree) + 0.5) / degree
        nodes, _ = cos_sin(angle)
        values = np.array([_states(history, start + 0.5 * span * (x - 1.0), rows, dimension) for x in nodes])
        cosine, _ = cos_sin(angle[:, None] * np.arange(degree))
        coefficients = np.zeros((*values.shape[1:], degree))
        for i in range(degree):  # not np.sum, whose order depends on the shape
            coefficients += values[i, ..., None] * cosine[i]
        coefficients *= 2.0 / degree
        coefficients[..., 0] *= 0.5
        size = np.abs(coefficients).max(axis=1)
        largest = size.max(axis=1)
        good = size[:, -degree // 8 :].max(axis=1) <= _CONVERGED * largest
        # Each row by itself, so that its bytes do not depend on the others.
        if not done.size:
            done = np.zeros(len(good), dtype=bool)
            result = np.zeros((len(good), dimension, 1))
        new = good & ~done
        kept = size > _NOISE * largest[:, None]
        terms = degree - np.argmax(kept[:, ::-1], axis=1)
        result = np.concatenate([result, np.zeros((*result.shape[:2], degree - result.shape[2]))], axis=2)
        for row in np.flatnonzero(new):
            result[row, :, : terms[row]] = coefficients[row, :, : terms[row]]
        done |= new
        if done.all():
            return result
    raise ArgumentError(
        "history is not smooth enough on the longest delay: it must be an analytic function of time."
    )


def _states(history: History, time: float, rows: int, dimension: int) -> FloatArray:
    try:
        values = np.asarray(history(float(time)), dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError("history must be a function of one time that returns numbers.") from None
    if values.shape not in ((dimension,), (rows, dimension)):
        raise ArgumentError(
            f"history must return states of shape ({rows}, {dimension}) or ({dimension},), not "
            f"{values.shape}."
        )
    if not np.isfinite(values).all():
        raise ArgumentError(f"history is not finite at time {float(time):.6g}.")
    return values.reshape(-1, dimension)

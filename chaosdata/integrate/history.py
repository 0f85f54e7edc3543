"""The history of a delay equation as the Taylor series of its cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from chaosdata.errors import ArgumentError
from chaosdata.integrate.mesh import Mesh
from chaosdata.kernels.arrays import cos_sin
from chaosdata.types import FloatArray

History = Callable[[float], ArrayLike]

_DEGREES = (16, 32, 64, 128, 256, 512)
_CONVERGED = 2.0**-46  # of the largest coefficient: below is the noise of the samples
_NOISE = 2.0**-52


def constant_series(mesh: Mesh, order: int, dimension: int) -> FloatArray:
    """The series of a history of zeros: (1, cell, component, order + 1)."""
    return np.zeros((1, mesh.history, dimension, order + 1))


def function_series(coefficients: FloatArray, mesh: Mesh, order: int, span: float) -> FloatArray:
    """Taylor coefficients of a Chebyshev series at the beginning of every cell of the history.

    coefficients : (row, component, degree + 1), from :func:`chebyshev`, on the interval [-span, 0].
    Returns (row, cell, component, order + 1).
    """
    rows, d, terms = coefficients.shape
    position = 1.0 - 2.0 * (np.arange(mesh.history, 0.0, -1.0) / mesh.history)
    shape = (rows, mesh.history, d, order + 1)
    # Clenshaw's recurrence on truncated power series in the distance from the cell's beginning.
    position = position[:, None, None]
    slope = 2.0 / span
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
    for degree in _DEGREES:
        angle = np.pi * (np.arange(degree) + 0.5) / degree
        nodes, _ = cos_sin(angle)
        values = np.array([_states(history, start + 0.5 * span * (x - 1.0), rows, dimension) for x in nodes])
        coefficients = np.empty((*values.shape[1:], degree))
        for j in range(degree):
            cosine, _ = cos_sin(j * angle)
            coefficients[..., j] = (values * cosine[:, None, None]).sum(axis=0) * (2.0 / degree)
        coefficients[..., 0] *= 0.5
        size = np.abs(coefficients).max(axis=(0, 1))
        if size[-degree // 8 :].max() <= _CONVERGED * size.max():
            used = np.flatnonzero(size > _NOISE * size.max())
            return coefficients[..., : int(used[-1]) + 1 if used.size else 1]
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

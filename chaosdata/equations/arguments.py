"""The arrays that a system's functions take, checked and broadcast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.errors import ArgumentError

if TYPE_CHECKING:
    from chaosdata.equations.system import System


def state_and_time(
    system: System, state: ArrayLike, t: ArrayLike
) -> tuple[NDArray[Any], Any, tuple[int, ...]]:
    """The state as an array, the time, and the shape of the axes before the components."""
    x = np.asarray(state)
    if x.dtype.kind in "iu":
        x = x.astype(np.float64)
    if x.dtype.kind not in "fc":
        raise ArgumentError(f"{system.name}: the state must be numbers, not an array of {x.dtype}")
    if x.ndim == 0 or x.shape[-1] != system.dimension:
        raise ArgumentError(
            f"{system.name} has {system.dimension} components ({', '.join(system.components)}): "
            f"the state must have shape (..., {system.dimension}), not {x.shape}"
        )
    try:
        lead = np.broadcast_shapes(x.shape[:-1], np.shape(t))
    except ValueError:
        raise ArgumentError(
            f"{system.name}: the time of shape {np.shape(t)} does not fit a state of shape {x.shape}"
        ) from None
    return x, t if np.ndim(t) == 0 else np.asarray(t), lead


def delayed_array(
    system: System, delayed: ArrayLike | None, state: NDArray[Any], lead: tuple[int, ...]
) -> tuple[NDArray[Any], tuple[int, ...]]:
    """The delayed states as an array (..., k, d), and the shape of the axes before the components.

    For a system without delays both are as they were: there is nothing to give.
    """
    if system.kind != "delay":
        if delayed is not None:
            raise ArgumentError(f"{system.name} has no delays: leave out delayed=")
        return state, lead
    d, k = system.dimension, len(system.delays)
    lags = ", ".join(f"{delay:g}" for delay in system.delays)
    if delayed is None:
        raise ArgumentError(f"{system.name} needs delayed=, its states at the delays {lags} before t")
    past = np.asarray(delayed, state.dtype)
    if k == 1 and not (past.ndim == state.ndim + 1 and past.shape[-2:] == (1, d)):
        past = past[..., None, :] if past.ndim else past
    if past.shape[-2:] != (k, d):
        raise ArgumentError(
            f"{system.name} has {k} delays ({lags}) and {d} components: delayed must have shape "
            f"(..., {k}, {d}){f' or (..., {d})' if k == 1 else ''}, not {np.shape(delayed)}"
        )
    try:
        return past, np.broadcast_shapes(lead, past.shape[:-2])
    except ValueError:
        raise ArgumentError(
            f"{system.name}: the delayed states of shape {np.shape(delayed)} do not fit a state of shape "
            f"{state.shape}"
        ) from None

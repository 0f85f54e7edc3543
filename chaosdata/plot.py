"""Phase portraits: what an attractor looks like."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chaosdata.errors import ArgumentError, StorageError
from chaosdata.integrate.flow import require_success
from chaosdata.integrate.kinds import advanced, sampled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from chaosdata.equations.system import System
    from chaosdata.types import FloatArray

BACKGROUND = "#0b0d12"
INK = "#d9dce3"
COLOURS = "magma"
DARKEST = 0.3  # of the colour map: below it lines sink into the background
TRANSIENT = 30  # periods
_FEW = 36  # portraits on a sheet; more are drawn smaller, so that the sheet stays a picture of a page
SAMPLES = 400  # a period: lines look smooth at print size
ITERATES = 500  # of a map for each period asked for: its points must fill the picture one by one


def portrait(system: System, axes: Axes, *, periods: int = 60) -> None:
    """Draw one trajectory on the attractor, projected to the plane and coloured by speed.

    A map is drawn as points. One component is drawn against its own past: the state before for a map, a
    quarter of a period ago otherwise. Three components or more are seen from the direction that spreads the
    trajectory most (its first two principal components); two are drawn as they are. An angle is wrapped to
    [-pi, pi), or left out where two other components remain.

    Parameters
    ----------
    axes : a matplotlib Axes; its frame and ticks are hidden.
    periods : length of the trajectory, in periods of the system; of a map, 500 iterates for each.

    Raises
    ------
    IntegrationError : the trajectory does not reach its end.
    """
    points = _projection(system, _states(system, periods))
    step = np.diff(points, axis=0)
    if system.kind == "map":
        colour = _by_rank(np.linalg.norm(step, axis=1))
        x, y = points[1:].T
        axes.scatter(x, y, c=colour, cmap=COLOURS, vmin=0, vmax=1, s=0.3, linewidths=0, rasterized=True)
    else:
        _draw_lines(axes, points, step)
    axes.set(xlim=(-0.53, 0.53), ylim=(-0.53, 0.53), aspect="equal")
    axes.set_title(system.name, color=INK, fontsize=10, pad=4)
    axes.set_axis_off()


def _draw_lines(axes: Axes, points: FloatArray, step: FloatArray) -> None:
    from matplotlib.collections import LineCollection

    joined = np.abs(step).max(axis=1) < 0.5  # an angle that wraps is not a line across the picture
    segments = np.stack([points[:-1], points[1:]], axis=1)[joined]
    speed = np.linalg.norm(step, axis=1)[joined]
    colour = _by_rank(speed)
    lines = LineCollection(segments, array=colour, cmap=COLOURS, linewidths=0.4, alpha=0.7, capstyle="round")
    lines.set_clim(0.0, 1.0)
    lines.set_rasterized(True)  # tens of thousands of segments would make a vector file unusable
    axes.add_collection(lines)


def _by_rank(speed: FloatArray) -> FloatArray:
    """Colours by rank: a few fast bursts would otherwise leave all the rest in one colour."""
    colour: FloatArray = DARKEST + (1 - DARKEST) * np.argsort(np.argsort(speed)) / len(speed)
    return colour


def gallery(systems: Sequence[System], *, columns: int | None = None) -> Figure:
    """Draw the portraits of several systems on one sheet.

    Parameters
    ----------
    systems : drawn in this order, row by row.
    columns : portraits in a row; by default the sheet is about square.

    Raises
    ------
    ArgumentError : there is no system to draw, or matplotlib is not installed.
    """
    if not systems:
        raise ArgumentError("there is no system to draw; name at least one")
    columns = columns or math.ceil(math.sqrt(len(systems)))
    rows = math.ceil(len(systems) / columns)
    figure = _figure(2.3 * columns, 2.45 * rows)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, system in zip(grid.flat, systems, strict=False):
        portrait(system, axes)
    for axes in grid.flat[len(systems) :]:
        axes.set_axis_off()
    return figure


def save_gallery(
    systems: Sequence[System], path: str | os.PathLike[str], *, columns: int | None = None
) -> None:
    """Write the sheet of :func:`gallery` to a PNG, PDF or SVG file.

    Raises
    ------
    ArgumentError : as :func:`gallery`, or a file type that matplotlib does not write.
    StorageError : the file cannot be written.
    """
    _save(gallery(systems, columns=columns), path, dpi=110 if len(systems) <= _FEW else 45)


def save_portrait(system: System, path: str | os.PathLike[str]) -> None:
    """Write the portrait of one system to a PNG, PDF or SVG file; raises as :func:`save_gallery`."""
    figure = _figure(6, 6.3)
    portrait(system, figure.subplots(), periods=120)
    _save(figure, path, dpi=150)


def _save(figure: Figure, path: str | os.PathLike[str], dpi: int) -> None:
    try:
        if Path(path).suffix.lower() == ".png":
            _save_png(figure, Path(path), dpi)
        else:
            figure.savefig(path, dpi=dpi)
    except ValueError as error:
        raise ArgumentError(f"{os.fspath(path)}: {error}") from None
    except OSError as error:
        raise StorageError(f"{os.fspath(path)} cannot be written: {error.strerror or error}") from None


def _save_png(figure: Figure, path: Path, dpi: int) -> None:
    """A palette of 128 colours shows no difference here, and takes a quarter of the bytes."""
    from PIL import Image

    pixels = BytesIO()
    figure.savefig(pixels, dpi=dpi, format="png")
    picture = Image.open(pixels).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def _figure(width: float, height: float) -> Figure:
    """A dark sheet, in inches; not made by pyplot: no window, no global state, no display needed."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError:
        raise ArgumentError("plots need matplotlib; install it with: pip install 'chaosdata[plot]'") from None
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)  # inches
    return Figure(figsize=(width, height), facecolor=BACKGROUND, layout=layout)


def _states(system: System, periods: int) -> FloatArray:
    """(time, component) of one trajectory, its transient left behind."""
    transient = TRANSIENT * system.period
    settings: dict[str, Any] = {"seed": 0, "indices": [0]}
    if system.kind == "map":
        transient, time = float(ITERATES), np.arange(periods * ITERATES + 1.0)
    else:
        time = np.arange(periods * SAMPLES + 1) * (system.period / SAMPLES)
    if system.kind == "delay":
        # Its state is a function of the past: the transient must be part of the same trajectory.
        time = np.append(0.0, transient + time)
        solution = sampled(system, [system.initial], time, purpose="portrait", **settings)
        require_success(system, solution.status, "the portrait")
        past: FloatArray = solution.state[0, 1:]
        return past
    start, status = advanced(system, [system.initial], transient, purpose="portrait transient", **settings)
    require_success(system, status, "the portrait")
    # The clock goes on where the transient ended, so that forcing keeps its phase.
    solution = sampled(system, start, transient + time, purpose="portrait", **settings)
    require_success(system, solution.status, "the portrait")
    state: FloatArray = solution.state[0]
    return state


def _projection(system: System, state: FloatArray) -> FloatArray:
    """(time, 2) from (time, component), each axis in units of its own spread."""
    turn = np.array([system.turn(component) for component in system.components])
    angle = turn > 0
    state = np.where(angle, (state + turn / 2) % np.where(angle, turn, 1.0) - turn / 2, state)
    if np.count_nonzero(~angle) >= 2:  # the phase of a forcing adds nothing to see
        state = state[:, ~angle]
    if state.shape[1] == 1:
        lag = 1 if system.kind == "map" else SAMPLES // 4
        state = np.concatenate([state[:-lag], state[lag:]], axis=1)
    if state.shape[1] > 2:
        centred = (state - state.mean(axis=0)) / _not_zero(state.std(axis=0))
        _, axes = np.linalg.eigh(centred.T @ centred)
        axes = axes[:, :-3:-1]  # the two directions of the largest spread
        if abs(axes[-1, 0]) > abs(axes[-1, 1]):
            axes = axes[:, ::-1]  # the last component upwards, as papers draw it
        # The sign of a principal component is arbitrary: the first one's largest loading points to the right.
        axes = axes * np.where([axes[np.argmax(abs(axes[:, 0])), 0] < 0, axes[-1, 1] < 0], -1.0, 1.0)
        state = centred @ axes
    middle = (state.max(axis=0) + state.min(axis=0)) / 2
    points: FloatArray = (state - middle) / _not_zero(np.ptp(state, axis=0))
    return points


def _not_zero(spread: FloatArray) -> FloatArray:
    """Something at rest is drawn as a point."""
    return np.where(spread > 0, spread, 1.0)

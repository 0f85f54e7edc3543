"""Surfaces in the space of states that end a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chaosdata.kernels.blocks import Key

Kind = Literal["side", "floor", "event"]


@dataclass(frozen=True)
class Event:
    """A surface to find: the zeros of ``graph.outputs[output]``.

    direction : +1 counts crossings to positive values, -1 to negative ones, 0 both. terminal : the first one
    that counts ends the trajectory.
    """

    output: int
    direction: int = 0
    terminal: bool = False


@dataclass(frozen=True)
class Surface:
    """A switching function, its sequence, and its slots in the work array.

    slide : the sequence of the value between the sides, where lanes may slide along the surface.
    kept : the side, +1 or -1, from one step to the next; 0 is not decided yet, 2 is sliding. For a floor 1
    once decided.
    used : the side that this step's series follow; for a floor the integer.
    level : the integer kept for a floor.
    root : where the lane meets the surface in this step; in two more slots where it meets a floor's next
    integer, and where it leaves a surface along which it slides, to the side +1 and to -1.
    rate, left : the switching function's derivative just before a switch, and 1 in the lanes that switched.
    released : 1 in the lanes that ceased to slide.
    """

    kind: Kind
    key: Key
    slide: Key | None
    kept: int
    used: int
    level: int
    root: int
    rate: int
    left: int
    released: int

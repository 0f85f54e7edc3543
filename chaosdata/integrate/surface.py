"""Surfaces that end a step, and the kernels that look for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from chaosdata.equations.surface import SurfaceFunction, surface_graph
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError
from chaosdata.kernels.surfaces import Event
from chaosdata.kernels.taylor import Kernel, flow_kernel

Direction = Literal[-1, 0, 1]


@dataclass(frozen=True)
class Surface:
    """A surface and the direction in which crossings count.

    function : of the components, or of ``t`` and the components; zero on the surface. Written with ``+ - * /
    **`` and :mod:`chaosdata.equations.functions`, like a declaration: ``lambda x, y, z: z - 27``.
    direction : +1 where the function grows through zero, -1 where it falls, 0 both.
    """

    function: SurfaceFunction
    direction: Direction = 0


@lru_cache(maxsize=64)
def event_kernel(
    system: System, surface: Surface | SurfaceFunction, tolerance: float, *, terminal: bool
) -> Kernel:
    """The kernel of a flow that looks for a surface; a bare function counts in both directions."""
    if not isinstance(surface, Surface):
        surface = Surface(surface)
    if surface.direction not in (-1, 0, 1):
        raise ArgumentError(f"direction must be +1, -1 or 0, not {surface.direction!r}.")
    if not callable(surface.function):
        raise ArgumentError(
            f"The surface must be a function of {', '.join(system.components)}, not {surface.function!r}."
        )
    graph = surface_graph(system, surface.function)
    return flow_kernel(graph, tolerance, Event(graph.dimension, surface.direction, terminal))

"""The classical test problems for initial values, all on 0 <= t <= 20; those of dimension 30 and 51 left out.

Reference: Hull, Enright, Fellen, Sedgwick (1972). Comparing numerical methods for ordinary differential
equations. SIAM J. Numer. Anal. 9, 603-637.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chaosdata.equations.declare import flow
from chaosdata.equations.functions import cos, sin, sqrt
from chaosdata.equations.system import System

END = 20.0


def _problem(initial: Sequence[float]) -> Callable[[Callable[..., Any]], System]:
    return flow(
        initial=tuple(initial), period=END, reference="Hull et al. (1972). SIAM 9, 603.", tags={"test"}
    )


@_problem([1.0])
def A1(y):
    """Decay."""
    return (-y,)


@_problem([1.0])
def A2(y):
    """A special Riccati equation."""
    return (-(y**3) / 2,)


@_problem([1.0])
def A3(t, y):
    """An oscillating growth rate."""
    return (y * cos(t),)


@_problem([1.0])
def A4(y):
    """Logistic growth."""
    return (y / 4 * (1 - y / 20),)


@_problem([4.0])
def A5(t, y):
    """A spiral curve."""
    return ((y - t) / (y + t),)


@_problem([1.0, 3.0])
def B1(x, y):
    """Two competing populations."""
    return (2 * (x - x * y), -(y - x * y))


@_problem([2.0, 0.0, 1.0])
def B2(x, y, z):
    """A linear reaction."""
    return (-x + y, x - 2 * y + z, y - z)


@_problem([1.0, 0.0, 0.0])
def B3(x, y, z):
    """A nonlinear reaction."""
    return (-x, x - y**2, y**2)


@_problem([3.0, 0.0, 0.0])
def B4(x, y, z):
    """The integral surface of a torus."""
    r = sqrt(x**2 + y**2)
    return (-y - x * z / r, x - y * z / r, x / r)


@_problem([0.0, 1.0, 1.0])
def B5(x, y, z):
    """A rigid body without forces."""
    return (y * z, -x * z, -0.51 * x * y)


_FIRST = [1.0] + [0.0] * 9


@_problem(_FIRST)
def C1(*y):
    """A radioactive chain."""
    return (-y[0], *(y[i - 1] - y[i] for i in range(1, 9)), y[8])


@_problem(_FIRST)
def C2(*y):
    """A radioactive chain with growing rates."""
    return (-y[0], *(i * y[i - 1] - (i + 1) * y[i] for i in range(1, 9)), 9 * y[8])


@_problem(_FIRST)
def C3(*y):
    """Diffusion between ten cells."""
    padded = (0, *y, 0)
    return tuple(padded[i] - 2 * padded[i + 1] + padded[i + 2] for i in range(10))


def _orbit(number: int) -> System:
    e = (2 * number - 1) / 10

    def orbit(x, y, u, v):
        """A planet."""
        cube = (x**2 + y**2) ** 1.5
        return (u, v, -x / cube, -y / cube)

    orbit.__name__ = f"D{number}"
    return _problem([1 - e, 0.0, 0.0, ((1 + e) / (1 - e)) ** 0.5])(orbit)


@_problem([0.6713967071418030, 0.09540051444747446])
def E1(t, x, y):
    """Bessel's equation of order 1/2, moved by 1."""
    return (y, -(y / (t + 1) + (1 - 0.25 / (t + 1) ** 2) * x))


@_problem([2.0, 0.0])
def E2(x, y):
    """Van der Pol's oscillator."""
    return (y, (1 - x**2) * y - x)


@_problem([0.0, 0.0])
def E3(t, x, y):
    """A forced soft spring."""
    return (y, x**3 / 6 - x + 2 * sin(2.78535 * t))


@_problem([30.0, 0.0])
def E4(x, y):
    """A fall with resistance."""
    return (y, 0.032 - 0.4 * y**2)


@_problem([0.0, 0.0])
def E5(t, x, y):
    """A pursuit."""
    return (y, sqrt(1 + y**2) / (25 - t))


PROBLEMS = {
    system.name: system
    for system in (
        *(A1, A2, A3, A4, A5, B1, B2, B3, B4, B5, C1, C2, C3),
        *map(_orbit, range(1, 6)),
        *(E1, E2, E3, E4, E5),
    )
}

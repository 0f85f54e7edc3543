"""Delay equations whose solutions are known, or that use what the collection does not."""

from __future__ import annotations

from chaosdata.equations import delay
from chaosdata.equations.functions import atan, cos, exp, log, sin, sinh, sqrt, tan, tanh

REFERENCE = "None (2026). Made for tests."


@delay(initial=(1.0,), period=4.0, reference=REFERENCE)
def Feedback(t, x, *, a=-1.0, tau=1.0):
    """The simplest delay equation: its solutions are polynomials, a piece for each delay."""
    return (a * x(t - tau),)


@delay(initial=(1.0,), period=4.0, reference=REFERENCE)
def Linear(t, x, *, a=0.1, b=-0.5, c=-0.4, tau=1.0, sigma=1.5):
    """Two delays and the present state."""
    return (a * x + b * x(t - tau) + c * x(t - sigma),)


@delay(initial=(1.0,), period=4.0, reference=REFERENCE)
def ThreeDelays(t, x, *, tau=1.0, sigma=1.25, rho=2.5):
    """Three delays that may have no common divisor."""
    return (-0.3 * x(t - tau) - 0.2 * x(t - sigma) - 0.3 * x(t - rho),)


def _turning(t, *, omega=3.0):
    return (cos(omega * t), 1.0 - t)


@delay(initial=(1.0, 1.0), period=4.0, reference=REFERENCE, history=_turning)
def Remembering(t, x, y, *, omega=3.0, tau=1.0):
    """Begins with a history of its own: the past enters as a known forcing in the first delay."""
    return x(t - tau), y(t - tau) * x(t - tau)


@delay(initial=(0.9,), period=50.0, reference="Mackey, Glass (1977). Science 197, 287-289.")
def Blood(t, x, *, beta=0.2, gamma=0.1, n=10.0, tau=17.0):
    """Mackey and Glass's model of the density of blood cells."""
    return (beta * x(t - tau) / (1 + x(t - tau) ** n) - gamma * x,)


@delay(initial=(0.7, 0.4), period=6.0, reference=REFERENCE)
def EveryOperation(t, x, y, *, tau=1.0, sigma=1.5):
    """Elementary functions of present and of delayed states, and the time."""
    past, older = x(t - tau), y(t - sigma)
    return (
        y * cos(0.7 * t) + sin(2 * past) - 0.3 * exp(-older * past) / (2 + past**2) - x,
        tanh(3 * x(t - sigma)) - y * sqrt(1 + older**2) + log(2 + past**2) + (1 + x * x) ** 0.3,
    )


@delay(initial=(0.6, 0.8), period=6.0, reference=REFERENCE)
def Direct(t, x, y, *, tau=1.0):
    """Elementary functions that read a delayed state itself."""
    u, v = x(t - tau), y(t - tau)
    return (
        sin(u) * cos(v) + 0.1 * exp(v) + sqrt(v) - x + 0.2 * sinh(u) - 0.3 * u * y,
        tanh(u) + 0.2 * log(v) + v**0.7 - y + 0.1 * tan(0.5 * u) + atan(v) / (1 + u * u),
    )


@delay(initial=(0.5,), period=4.0, reference=REFERENCE)
def Explosion(t, x, *, tau=1.0):
    """Escapes to infinity in a finite time where it begins above 1."""
    return (x * x - x(t - tau),)


@delay(initial=(0.5,), period=3.0, reference="Ikeda, Matsumoto (1987). Physica D 29, 223-235.")
def Interferometer(t, x, *, mu=20.0, tau=2.0):
    """Light in a ring whose phase is fed back: high-dimensional chaos."""
    return (-mu * sin(x(t - tau)) - x,)

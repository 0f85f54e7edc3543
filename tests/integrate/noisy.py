"""Stochastic systems for tests: closed forms, chaos, failures."""

from __future__ import annotations

from chaosdata.equations.declare import stochastic
from chaosdata.equations.functions import cos, sin, sqrt

_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."


@stochastic(initial=(0.0, 0.0), period=1.0, reference=_PAPER)
def Wiener(w, z):
    """Brownian motion and its integral."""
    return (0.0, w), (1.0, 0.0)


@stochastic(initial=(1.0,), period=1.0, reference=_PAPER)
def OrnsteinUhlenbeck(x, *, rate=1.5, noise=0.7):
    """A damped particle."""
    return (-rate * x,), (noise,)


@stochastic(initial=(1.0,), period=1.0, reference=_PAPER)
def Geometric(x, *, drift=0.3, noise=0.4):
    """Geometric Brownian motion."""
    return (drift * x,), (noise * x,)


@stochastic(initial=(1.0,), period=1.0, reference=_PAPER)
def DoubleWell(x, *, noise=0.8):
    """Hops between two wells."""
    return (x - x**3,), (noise,)


@stochastic(initial=(0.0,), period=1.0, reference=_PAPER)
def Modulated(t, x):
    """Noise of a given course in time."""
    return (0.0 * x,), (cos(3 * t),)


@stochastic(initial=(1.0,), period=1.0, reference=_PAPER)
def ModulatedGrowth(t, x):
    """Noise in proportion, of a given course in time."""
    return (0.0 * x,), (x * cos(3 * t),)


@stochastic(initial=(0.1,), period=1.0, reference=_PAPER)
def SquareRoot(x, *, noise=0.4):
    """Feller's process, whose noise vanishes at zero."""
    return (0.1 - x,), (noise * sqrt(x),)


@stochastic(initial=(-9.0, -15.0, 20.0), period=1.5, reference=_PAPER)
def NoisyLorenz(x, y, z, *, noise=1.0, relative=0.05):
    """The Lorenz flow with additive noise in x and noise in proportion in z."""
    return (10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z), (noise, 0.0, relative * z)


@stochastic(initial=(1.0, 0.0), period=6.28, reference=_PAPER)
def Silent(t, x, y):
    """No noise at all, with time."""
    return (y, sin(2 * t) - x), (0.0, 0.0)


@stochastic(initial=(1.0,), period=1.0, reference=_PAPER)
def Explosive(x):
    """Reaches infinity in a time of about 1/x."""
    return (x**2,), (0.1,)


@stochastic(initial=(1.0,), period=1.0, reference=_PAPER)
def Rooted(x):
    """Loses its right-hand side below zero."""
    return (-1.0 - 0.1 * sqrt(x),), (0.1,)

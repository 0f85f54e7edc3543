"""Maps for tests: closed forms, every operation, many dimensions, failures."""

from __future__ import annotations

from chaosdata.equations.declare import map_
from chaosdata.equations.functions import (
    abs,
    acos,
    atan,
    atan2,
    cos,
    cosh,
    exp,
    floor,
    log,
    maximum,
    minimum,
    pi,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    where,
)

_PAPER = "Anonymous (2000). Textbook examples. Journal 1, 1-2."


@map_(initial=(0.51,), reference=_PAPER)
def TentMap(x, *, mu=0.95):
    """Stretches by 2 mu at every iterate."""
    return (mu * (1 - 2 * abs(x - 0.5)),)


@map_(initial=(0.51,), reference=_PAPER)
def LogisticMap(x, *, r=3.9):
    """The exponent is log(2) at r = 4."""
    return (r * x * (1 - x),)


@map_(initial=(0.1, 0.3), reference=_PAPER)
def CatMap(x, y):
    """A linear automorphism of the torus."""
    return x + y - floor(x + y), x + 2 * y - floor(x + 2 * y)


@map_(initial=(0.1, 0.1), reference=_PAPER)
def HenonMap(x, y, *, a=1.4, b=0.3):
    """Contracts areas by b."""
    return 1 - a * x**2 + y, b * x


@map_(initial=(0.9, 0.55), reference=_PAPER)
def IkedaMap(x, y, *, u=0.9):
    """Light in a ring cavity."""
    angle = 0.4 - 6 / (1 + x**2 + y**2)
    return 1 + u * (x * cos(angle) - y * sin(angle)), u * (x * sin(angle) + y * cos(angle))


@map_(initial=(0.2, 0.3), reference=_PAPER)
def FoldMap(x, y, *, a=3.9):
    """Maps the plane onto a curve."""
    return a * x * (1 - x), 2 * x * (1 - x)


@map_(initial=(0.0,), period=5.0, reference=_PAPER, angles={"theta"})
def RotationMap(theta, *, omega=2 * pi / 5):
    """A rotation by a fifth of a turn."""
    return (theta + omega,)


@map_(initial=(0.0,), reference=_PAPER)
def CountingMap(t, x):
    """Adds up the iterates."""
    return (x + t,)


@map_(initial=(0.5,), reference=_PAPER)
def CubicMap(x):
    """Escapes from where |x| > sqrt(2)."""
    return (x**3 - x,)


@map_(initial=(3.0,), reference=_PAPER)
def ShrinkingMap(x):
    """Leaves the domain of the logarithm after some iterates."""
    return (log(x) + 0.1,)


@map_(initial=(0.4, -0.3, 0.7), reference=_PAPER)
def EveryMapOperation(x, y, z):
    """All operations at once, bounded."""
    return (
        0.5 * sin(3 * x) * cos(y) + 0.2 * tanh(z) + 0.1 * tan(0.5 * z) + 0.05 * abs(y),
        0.4 * exp(-(x**2)) - 0.3 * log(2 + z**2) + 0.1 * sinh(y) - 0.1 * cosh(x) + 0.2 * minimum(x, z)
        + 0.1 * sqrt(1 + z**2) * maximum(y, 0.1),
        0.3 * atan(5 * x) + 0.2 * acos(0.9 * sin(y)) + 0.1 * atan2(1 + x**2, z) - 0.3 * floor(2 * z)
        + 0.1 * sign(x) + where(y > x, 0.3 * y * z, 0.2 / (1 + x**2)) - 0.1 * (1 + y**2) ** 1.3,
    )  # fmt: skip


@map_(initial=tuple(0.1 + 0.03 * i for i in range(10)), reference=_PAPER)
def CoupledMaps(*x, r=3.9, coupling=0.1):
    """Logistic maps on a ring."""
    n = len(x)
    f = [r * u * (1 - u) for u in x]
    return tuple((1 - coupling) * f[i] + 0.5 * coupling * (f[i - 1] + f[(i + 1) % n]) for i in range(n))


@map_(initial=(0.3,), reference=_PAPER)
def SplitMap(x):
    """Its branches exist on one side each."""
    return (where(x > 0.5, 2 - 2 * sqrt(2 * x - 0.5) + 0.4 * x, 2 * sqrt(x) * sqrt(1 - 1.2 * x)),)


ALL = {
    system.name: system
    for system in (
        TentMap, LogisticMap, CatMap, HenonMap, IkedaMap, FoldMap, EveryMapOperation, CoupledMaps
    )
}  # fmt: skip

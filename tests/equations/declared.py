"""Declarations for the tests of this folder; at the top of a module, so that they can be pickled."""

from chaosdata.equations import flow
from chaosdata.equations.functions import (
    abs,
    acos,
    atan,
    atan2,
    cos,
    cosh,
    floor,
    heaviside,
    log,
    maximum,
    minimum,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    where,
)

PAPER = "Nobody (2000). On nothing. J. Null Results 1, 1-2."


@flow(initial=(0.5, 0.0), period=1.0, reference=PAPER)
def Driven(t, x, v, *, k=1.5, f=0.3):
    """A spring that is pulled."""
    return v, -k * x + f * cos(t) + t / 7


@flow(
    initial=(0.5, 0.2, 0.0), period=1.0, reference=PAPER, tags={"toy"}, angles={"theta"}, notes="Only a test."
)
def Wheel(x, theta, v, *, m=((1, 2.5), (0, -1)), e=2):
    """Every kind of thing in one system."""
    return (
        m[0][0] * x**e + m[0][1] * sin(theta) + m[1][0] * sqrt(x),
        v,
        m[1][1] * v + cos(theta) * log(1 + x**2),
    )


WheelSlow = Wheel.variant("WheelSlow", initial=(0.1, 0.0, 0.0), period=3.0, notes="Slower.", e=3)


@flow(initial=(0.3, 0.4, 0.5), period=1.0, reference=PAPER)
def Kinks(x, y, z, *, a=1.5, b=0.7):
    """Every function with a kink or a jump, and every one that is rare."""
    h = b * x + (abs(x + 1) - abs(x - 1)) / 2
    return (
        a * (y - h) + where(x >= y, sin(x), y**2) * z,
        minimum(x, y, 0.1) + maximum(x, z) * tan(x / 3) + floor(3 * y) * x,
        sign(z) * y + heaviside(x - z) * z + sinh(x) * cosh(z) + atan(z) + atan2(x, z) + acos(z / 5),
    )

"""Declarations for the tests of this folder; at the top of a module, so that they can be pickled."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, log, sin, sqrt

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

"""Tracers and modes of moving fluids."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, pi, sin


@flow(
    initial=(1.0, 0.1, 0.0),
    period=10.0,
    reference="Shadden, Lekien, Marsden (2005). Definition and properties of Lagrangian coherent structures "
    "from finite-time Lyapunov exponents in two-dimensional aperiodic flows. Physica D 212, 271-304.",
    tags={"fluids", "driven", "conservative"},
    angles={"z"},
    notes="The period is that of the drive, 2*pi/omega; mixing between the gyres is much slower. Phase space "
    "is mixed: the initial state lies in the chaotic sea, and there are regular islands in it.",
)
def DoubleGyre(x, y, z, *, alpha=0.1, eps=0.1, omega=0.62832):
    """A tracer particle in two counter-rotating gyres whose separating line swings to and fro.

    The common example of chaotic advection and of Lagrangian coherent structures.
    """
    a = eps * sin(z)
    b = 1 - 2 * eps * sin(z)
    f = a * x**2 + b * x
    return (
        -alpha * pi * sin(pi * f) * cos(pi * y),
        alpha * pi * cos(pi * f) * sin(pi * y) * (2 * a * x + b),
        omega,
    )

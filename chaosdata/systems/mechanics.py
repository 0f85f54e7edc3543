"""Masses, springs and stars."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos


@flow(
    initial=(0.0, -0.25, 0.42081, 0.0),
    period=6.37,
    reference="Henon, Heiles (1964). The applicability of the third integral of motion: some numerical "
    "experiments. Astron. J. 69, 73-79.",
    tags={"mechanics", "astronomy", "conservative", "hamiltonian"},
    notes="Phase space is mixed. The initial state has energy 1/8 and lies in the chaotic sea; many other "
    "states of the same energy move on regular tori.",
)
def HenonHeiles(x, y, px, py, *, lam=1.0):
    """A star in the plane potential of a galaxy, or two springs coupled by cubic terms.

    Showed that a simple conservative system can be orderly at low energy and chaotic at higher energy.
    """
    return (
        px,
        py,
        -x - 2 * lam * x * y,
        -y - lam * (x**2 - y**2),
    )


@flow(
    initial=(-1.1635382, -0.5092374, 0.0),
    period=4.48799,
    reference="Duffing (1918). Erzwungene Schwingungen bei veranderlicher Eigenfrequenz und ihre technische "
    "Bedeutung. Vieweg, Braunschweig.",
    tags={"mechanics", "driven", "dissipative"},
    angles={"z"},
    notes="z is the phase of the drive.",
)
def Duffing(x, y, z, *, alpha=1.0, beta=-1.0, delta=0.1, gamma=0.35, omega=1.4):
    """A damped beam between two magnets, shaken periodically.

    The textbook oscillator with two wells: it hops between them in an unpredictable order.
    """
    return (
        y,
        gamma * cos(z) - delta * y - beta * x - alpha * x**3,
        omega,
    )

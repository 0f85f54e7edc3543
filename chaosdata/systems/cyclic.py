"""Flows that are unchanged when their three variables are exchanged in a circle."""

from chaosdata.equations import flow
from chaosdata.equations.functions import sin


@flow(
    initial=(2.199442, 2.3634225, 3.220197),
    period=10.6,
    reference="Thomas (1999). Deterministic chaos seen in terms of feedback circuits: analysis, synthesis, "
    "labyrinth chaos. Int. J. Bifurcation Chaos 9, 1889-1905.",
    tags={"cyclic", "dissipative"},
    notes="The period is the peak of the power spectrum, which is broad; some collections give 4.97.",
)
def Thomas(x, y, z, *, a=1.85, b=10.0):
    """Three quantities that decay and activate each other in a ring through a sine.

    Built to show which feedback loops chaos needs; with weak damping orbits wander through a lattice.
    """
    return (
        b * sin(y) - a * x,
        b * sin(z) - a * y,
        b * sin(x) - a * z,
    )


@flow(
    initial=(-8.6807408, -2.4741399, 0.070775762),
    period=1.4889,
    reference="Sprott (2010). Elegant Chaos: Algebraically Simple Chaotic Flows. World Scientific.",
    tags={"cyclic", "dissipative"},
    notes="a = 1.4 is common in collections; the book also uses 1.27, where the largest exponent is greater.",
)
def Halvorsen(x, y, z, *, a=1.4, b=4.0):
    """A quadratic flow with the same equation for each of its variables in turn.

    Its three-armed attractor is a favourite example of chaos with a rotational symmetry.
    """
    return (
        -a * x - b * (y + z) - y**2,
        -a * y - b * (z + x) - z**2,
        -a * z - b * (x + y) - x**2,
    )


@flow(
    initial=(-4.9599545, 1.0302034, -4.6883893),
    period=6.2,
    reference="Thomas (1999). Deterministic chaos seen in terms of feedback circuits: analysis, synthesis, "
    "labyrinth chaos. Int. J. Bifurcation Chaos 9, 1889-1905.",
    tags={"cyclic", "dissipative"},
    notes="The labyrinth proper is the limit a = 0, in which orbits wander without bound; for every a > 0 "
    "they stay bounded.",
)
def ThomasLabyrinth(x, y, z, *, a=0.5, b=10.0):
    """The Thomas system with weak damping: orbits wander through a large lattice of unstable points of rest.

    Close to the limit in which a deterministic walk diffuses like a random one.
    """
    return (
        b * sin(y) - a * x,
        b * sin(z) - a * y,
        b * sin(x) - a * z,
    )

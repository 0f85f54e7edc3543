"""Chaos from one equation of third order: the rate of change of acceleration, or jerk."""

from chaosdata.equations import flow


@flow(
    initial=(-2.7515698, 0.19079818, 3.4703629),
    period=2.672,
    reference="Arneodo, Coullet, Tresser (1980). Occurrence of strange attractors in three-dimensional "
    "Volterra equations. Phys. Lett. A 79, 259-263.",
    tags={"jerk", "dissipative"},
    notes="b = 3.5 is also used, with a slightly greater exponent. There are two attractors, each the "
    "mirror image of the other.",
)
def Arneodo(x, y, z, *, a=-5.5, b=4.5, c=1.0, d=-1.0):
    """A jerk equation with a cubic force, the normal form of three instabilities that set in together.

    Its attractor is born from an orbit that leaves a point of rest and spirals back to it.
    """
    return (
        y,
        z,
        -a * x - b * y - c * z + d * x**3,
    )


@flow(
    initial=(0.34539837958549907, 0.4284701181998099, 0.086983698175975),
    period=6.01,
    reference="Arneodo, Coullet, Tresser (1980). Occurrence of strange attractors in three-dimensional "
    "Volterra equations. Phys. Lett. A 79, 259-263.",
    tags={"jerk", "dissipative"},
    notes="Chaos is stronger for some hundred periods before an orbit settles on the attractor, and some "
    "initial states run away to infinity.",
)
def Coullet(x, y, z, *, a=-0.8, b=1.1, c=0.45, d=-1.0):
    """The cubic jerk equation of Arneodo, Coullet and Tresser with weaker forces.

    A short journey in its parameters leads through period doubling to a screw of many turns.
    """
    return (
        y,
        z,
        -a * x - b * y - c * z + d * x**3,
    )


@flow(
    initial=(-0.053772565, -0.26162564, 0.33501557),
    period=6.001,
    reference="Genesio, Tesi (1992). Harmonic balance methods for the analysis of chaotic dynamics in "
    "nonlinear systems. Automatica 28, 531-548.",
    tags={"jerk", "dissipative"},
)
def GenesioTesi(x, y, z, *, a=0.44, b=1.1, c=1.0):
    """A feedback loop of third order with one quadratic term.

    Engineers used it to foretell chaos from the interplay of a cycle and a point of rest.
    """
    return (
        y,
        z,
        -c * x - b * y - a * z + x**2,
    )


@flow(
    initial=(-0.54106056, 0.59383201, 0.45127217),
    period=12.04,
    reference="Sprott (1997). Simplest dissipative chaotic flow. Phys. Lett. A 228, 271-274.",
    tags={"jerk", "sprott", "dissipative"},
)
def SprottJerk(x, y, z, *, mu=2.017):
    """Three linear terms and one square in a single jerk equation.

    No dissipative flow with a quadratic term can be chaotic with fewer; its basin is small.
    """
    return (
        y,
        z,
        -mu * z + y**2 - x,
    )

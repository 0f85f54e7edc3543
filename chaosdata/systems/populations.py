"""Species that compete and diseases that spread."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, exp, pi


@flow(
    initial=(0.6, 0.7, 0.4),
    period=19.7,
    reference="Arneodo, Coullet, Tresser (1980). Occurrence of strange attractors in three-dimensional "
    "Volterra equations. Phys. Lett. A 79, 259-263.",
    tags={"ecology", "dissipative"},
)
def LotkaVolterraThree(x, y, z, *, a=((0.5, 0.5, 0.1), (-0.5, -0.1, 0.1), (1.5, 0.1, 0.1))):
    """Three species with Volterra's interactions, in units of their common equilibrium.

    Few species need to be added to Volterra's two before chaos becomes possible: one.
    """
    species = (x, y, z)
    return tuple(species[i] * sum(a[i][j] * (1 - species[j]) for j in range(3)) for i in range(3))


@flow(
    initial=(0.3013, 0.4586, 0.1307, 0.3557),
    period=36.6,
    reference="Vano, Wildenberg, Anderson, Noel, Sprott (2006). Chaos in low-dimensional Lotka-Volterra "
    "models of competition. Nonlinearity 19, 2391-2404.",
    tags={"ecology", "dissipative"},
)
def LotkaVolterraFour(
    x1,
    x2,
    x3,
    x4,
    *,
    r=(1.0, 0.72, 1.53, 1.27),
    a=(
        (1.0, 1.09, 1.52, 0.0),
        (0.0, 1.0, 0.44, 1.36),
        (2.33, 0.0, 1.0, 0.47),
        (1.21, 0.51, 0.35, 1.0),
    ),
):
    """Four species that do nothing but compete.

    The smallest number at which pure competition can be chaotic.
    """
    x = (x1, x2, x3, x4)
    return tuple(r[i] * x[i] * (1 - sum(a[i][j] * x[j] for j in range(4))) for i in range(4))


@flow(
    initial=(-2.76, -7.94, -8.97, 0.0),
    period=1.0,
    reference="Olsen, Schaffer (1990). Chaos versus noisy periodicity: alternative hypotheses for childhood "
    "epidemics. Science 249, 499-504.",
    tags={"epidemiology", "driven", "dissipative"},
    angles={"phase"},
    notes="s, e and i are the natural logarithms of the fractions: infections fall below one in a million "
    "between epidemics. Time is in years.",
)
def SEIR(s, e, i, phase, *, m=0.02, a=35.84, g=100.0, b0=1800.0, b1=0.28):
    """Measles in a city: who may catch it (s), carries it (e) and spreads it (i), through the school year.

    The seasons turn the two-yearly rhythm of epidemics into chaos.
    """
    contact = b0 * (1 + b1 * cos(phase))
    return (
        m * (exp(-s) - 1) - contact * exp(i),
        contact * exp(s + i - e) - (m + a),
        a * exp(e - i) - (m + g),
        2 * pi,
    )

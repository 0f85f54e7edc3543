"""Populations that eat, compete and evolve, and diseases that spread in them."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, exp, minimum, pi, sin


@flow(
    initial=(4.031713, 5.1113788, 0.016508812),
    period=6.626,
    reference="Blasius, Huppert, Stone (1999). Complex dynamics and phase synchronization in spatially "
    "extended ecological systems. Nature 399, 354-359.",
    tags={"ecology", "dissipative"},
)
def Blasius(x, y, z, *, a=1.0, alpha1=0.2, alpha2=1.0, b=1.0, c=10.0, k1=0.05, k2=0.0, zs=0.006):
    """Vegetation, herbivores and predators whose cycles keep their beat while their peaks vary at random.

    Explains why lynx populations far apart rise and fall together although no two peaks are alike.
    """
    return (
        a * x - alpha1 * x * y / (1 + k1 * x),
        -b * y + alpha1 * x * y / (1 + k1 * x) - alpha2 * y * z / (1 + k2 * y),
        -c * (z - zs) + alpha2 * y * z / (1 + k2 * y),
    )


@flow(
    initial=(0.10946017, 0.46664421, 0.66580212),
    period=525.0,
    reference="Gilpin, Feldman (2017). A phase transition induces chaos in a predator-prey ecosystem with a "
    "dynamic fitness landscape. PLoS Comput. Biol. 13, e1005644.",
    tags={"ecology", "dissipative"},
    notes="With delta = 1 the terms with delta - 1, delta**2 - 1 and delta**4 - 1 vanish. They are kept, "
    "because whether another delta was meant is not known.",
)
def CoevolvingPredatorPrey(
    x,
    y,
    alpha,
    *,
    a1=2.5,
    a2=0.05,
    a3=0.4,
    b1=6.0,
    b2=1.333,
    d1=0.16,
    d2=0.004,
    delta=1.0,
    k1=6.0,
    k2=9.0,
    k4=9.0,
    vv=0.33333,
):
    """Prey (x), predators (y), and a trait of the prey (alpha) that climbs a landscape shaped by both.

    Evolution fast enough to meet ecology makes the two chaotic together.
    """
    growth = a1 * alpha * (1 - k1 * x * alpha * (delta - 1)) / (1 + b1 * alpha)
    death = d1 * (1 - k2 * alpha**2 * (delta**2 - 1) + k4 * alpha**4 * (delta**4 - 1))
    gain = d1 * (2 * k2 * alpha * delta**2 - 4 * k4 * alpha**3 * delta**4)
    return (
        x * (growth - a3 * y / (1 + b2 * x) - death),
        y * (a2 * x / (1 + b2 * x) - d2),
        vv * (gain - a1 * k1 * x * alpha * delta / (1 + b1 * alpha)),
    )


@flow(
    initial=(0.73207001, 0.17549271, 9.9014657),
    period=131.2,
    reference="Hastings, Powell (1991). Chaos in a three-species food chain. Ecology 72, 896-903.",
    tags={"ecology", "dissipative"},
)
def HastingsPowell(x, y, z, *, a1=5.0, a2=0.1, b1=3.0, b2=2.0, d1=0.4, d2=0.01):
    """A food chain of three species whose appetites saturate.

    Its attractor, a teacup with a handle, made chaos a serious possibility in natural food webs.
    """
    return (
        x * (1 - x) - a1 * x * y / (1 + b1 * x),
        a1 * x * y / (1 + b1 * x) - a2 * y * z / (1 + b2 * y) - d1 * y,
        a2 * y * z / (1 + b2 * y) - d2 * z,
    )


@flow(
    initial=(0.051730215, 0.87071642, 0.015926427),
    period=49.7,
    reference="Itik, Banks (2010). Chaos in a three-dimensional cancer model. Int. J. Bifurcation Chaos 20, "
    "71-79.",
    tags={"ecology", "medicine", "dissipative"},
)
def ItikBanksTumor(x, y, z, *, a12=1.0, a13=2.5, a21=1.5, a31=0.2, d3=0.5, k3=1.0, r2=0.6, r3=4.5):
    """Tumour cells (x) that compete with healthy host cells (y) and are hunted by the immune system (z).

    A food chain inside the body, in which the size of a tumour becomes unpredictable.
    """
    return (
        x * (1 - x) - a12 * x * y - a13 * x * z,
        r2 * y * (1 - y) - a21 * x * y,
        r3 * x * z / (x + k3) - a31 * x * z - d3 * z,
    )


@flow(
    initial=(
        9.4323333,
        18.838654,
        34.37572,
        15.08545,
        42.228427,
        0.17030505,
        0.10144427,
        0.3148045,
        0.21253581,
        0.22598604,
    ),
    period=52.3,
    reference="Huisman, Weissing (1999). Biodiversity of plankton by species oscillations and chaos. Nature "
    "402, 407-410.",
    tags={"ecology", "dissipative"},
    notes="Growth follows the scarcest resource: where another one becomes the scarcest the right-hand side "
    "has a kink. The form of the model goes back to MacArthur (1969).",
)
def MacArthur(
    N1,
    N2,
    N3,
    N4,
    N5,
    R1,
    R2,
    R3,
    R4,
    R5,
    *,
    c=(
        (0.04, 0.04, 0.07, 0.04, 0.04),
        (0.08, 0.08, 0.08, 0.10, 0.08),
        (0.10, 0.10, 0.10, 0.10, 0.14),
        (0.05, 0.03, 0.03, 0.03, 0.03),
        (0.07, 0.09, 0.07, 0.07, 0.07),
    ),
    d=0.25,
    k=(
        (0.39, 0.34, 0.30, 0.24, 0.23),
        (0.22, 0.39, 0.34, 0.30, 0.27),
        (0.27, 0.22, 0.39, 0.34, 0.30),
        (0.30, 0.24, 0.22, 0.39, 0.34),
        (0.34, 0.30, 0.22, 0.20, 0.39),
    ),
    m=0.25,
    r=1.0,
    s=(6.0, 10.0, 14.0, 4.0, 9.0),
):
    """Five species of plankton (N) that compete for five nutrients (R), each limited by the scarcest.

    An answer to the paradox of the plankton: chaos lets more species live than there are resources.
    """
    N = (N1, N2, N3, N4, N5)
    R = (R1, R2, R3, R4, R5)
    five = range(5)
    mu = [r * minimum(*(R[j] / (k[j][i] + R[j]) for j in five)) for i in five]
    return (
        *(N[i] * (mu[i] - m) for i in five),
        *(d * (s[j] - R[j]) - sum(c[j][i] * mu[i] * N[i] for i in five) for j in five),
    )


@flow(
    initial=(231.92548, 89.511944, 56.753804),
    period=0.9587,
    reference="Upadhyay, Bairagi, Kundu, Chattopadhyay (2007). Chaos in eco-epidemiological problem of the "
    "Salton Sea and its possible control. Appl. Math. Comput.",
    tags={"ecology", "epidemiology", "dissipative"},
)
def SaltonSea(x, y, z, *, a=15.0, d=8.3, k=400.0, lam=0.06, m=15.5, mu=3.4, r=22.0, th=10.0):
    """Healthy fish (x), infected fish (y), and the pelicans (z) that catch the infected ones.

    An epidemic and a food chain in one: the disease feeds the predator that contains it.
    """
    return (
        r * x * (1 - (x + y) / k) - lam * x * y,
        lam * x * y - m * y * z / (y + a) - mu * y,
        th * y * z / (y + a) - d * z,
    )


@flow(
    initial=(0.018027788, 0.013649976, 0.0),
    period=1.0,
    reference="Turchin, Hanski (1997). An empirically based model for latitudinal gradient in vole "
    "population dynamics. Am. Nat. 149, 842-874.",
    tags={"ecology", "driven", "dissipative"},
    angles={"z"},
    notes="z is the phase of the seasons; a year is 1/lamb.",
)
def TurchinHanski(n, p, z, *, a=8.0, d=0.04, e=0.5, g=0.1, h=0.8, lamb=1.0, r=8.12, s=1.25):
    """Voles (n) and the weasels (p) that live on them, through the seasons (z) of the far north.

    Reproduces the change from steady to violently cycling populations with latitude.
    """
    season = 1 - e * sin(z)
    return (
        r * season * n - r * n**2 - g * n**2 / (n**2 + h**2) - a * n * p / (n + d),
        s * season * p - s * p**2 / n,
        2 * pi * lamb,
    )


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

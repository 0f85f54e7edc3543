"""Maps of the plane that contract areas: the classics among strange attractors."""

from chaosdata.equations import map_
from chaosdata.equations.functions import abs, cos, exp, floor, pi, sin


@map_(
    initial=(1.21674097, 0.03536533),
    reference="Henon (1976). A two-dimensional mapping with a strange attractor. Commun. Math. Phys. 50, "
    "69-77.",
    tags={"map", "invertible", "dissipative"},
    inverse=lambda x, y, *, a, b: (y / b, x - 1 + a * (y / b) ** 2),
)
def Henon(x, y, *, a=1.4, b=0.3):
    """A stretch, a fold and a contraction by b: what a section through the Lorenz flow does, boiled down.

    The first strange attractor in which the layers within layers could be seen.
    """
    return 1 - a * x**2 + y, b * x


@map_(
    initial=(0.1, 0.1),
    reference="Lozi (1978). Un attracteur etrange du type attracteur de Henon. J. Phys. Colloq. 39, C5-9.",
    tags={"map", "invertible", "piecewise", "dissipative"},
    inverse=lambda x, y, *, a, b: (y / b, x - 1 + a * abs(y / b)),
)
def Lozi(x, y, *, a=1.7, b=0.5):
    """Henon's map with an absolute value in place of the square.

    Straight pieces throughout, for which the strange attractor was proved to exist.
    """
    return 1 - a * abs(x) + y, b * x


@map_(
    initial=(0.51, 0.1),
    reference="Holmes (1979). A nonlinear oscillator with a strange attractor. Philos. Trans. R. Soc. A 292, "
    "419-448.",
    tags={"map", "invertible", "mechanics", "dissipative"},
    inverse=lambda x, y, *, a, b: ((a * x - x**3 - y) / b, x),
)
def DuffingMap(x, y, *, a=2.75, b=0.2):
    """A cubic map that folds the plane as a periodic push folds the orbits of a buckled beam.

    A sketch of the Poincare section of Duffing's oscillator, not a section computed from it.
    """
    return y, -b * x + a * y - y**3


@map_(
    initial=(0.2, 0.2),
    reference="Kaplan, Yorke (1979). Chaotic behavior of multidimensional difference equations. Lect. Notes "
    "Math. 730, 204-227. Springer, Berlin.",
    tags={"map", "piecewise", "dissipative"},
    notes="The paper doubles x modulo 1. In binary arithmetic that shifts out a digit each time, and every "
    "computed orbit ends at 0 after 53 iterates; the modulus 0.99999995 prevents it and changes nothing "
    "else. The exponents are ln(2) and ln(alpha), and the dimension 1 - ln(2)/ln(alpha).",
)
def KaplanYorke(x, y, *, alpha=0.2):
    """A doubling of x and, driven by it, a contraction of y.

    The example on which the formula for the dimension from the exponents was first tried.
    """
    modulus = 0.99999995
    return 2 * x - modulus * floor(2 * x / modulus), alpha * y + cos(4 * pi * x)


def _ikeda_inverse(x, y, *, u):
    x, y = (x - 1) / u, y / u
    # The turn keeps the intensity, so its angle is known from the turned field.
    angle = 0.4 - 6 / (1 + x**2 + y**2)
    return x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)


@map_(
    initial=(0.9, 0.55524451),
    reference="Hammel, Jones, Moloney (1985). Global dynamical behavior of the optical field in a ring "
    "cavity. J. Opt. Soc. Am. B 2, 552-564.",
    tags={"map", "invertible", "optics", "dissipative"},
    inverse=_ikeda_inverse,
)
def Ikeda(x, y, *, u=0.9):
    """Light in a ring cavity, turned in each round trip by a phase that depends on its intensity.

    (x, y) is the complex field; areas shrink by u**2 at every round.
    """
    angle = 0.4 - 6 / (1 + x**2 + y**2)
    return 1 + u * (x * cos(angle) - y * sin(angle)), u * (x * sin(angle) + y * cos(angle))


@map_(
    initial=(0.13738266, -0.0308518),
    reference="Nusse, Yorke (1994). Dynamics: Numerical Explorations. Springer, New York.",
    tags={"map", "dissipative"},
)
def Tinkerbell(x, y, *, a=0.9, b=-0.6013, c=2.0, d=0.5):
    """The square of a complex number and a linear term that mixes its parts.

    A strange attractor whose path across the plane recalls the fairy's flight over the castle.
    """
    return x**2 - y**2 + a * x + b * y, 2 * x * y + c * x + d * y


@map_(
    initial=(0.0, 0.1),
    reference="Maynard Smith (1968). Mathematical Ideas in Biology. Cambridge University Press.",
    tags={"map", "ecology", "dissipative"},
)
def MaynardSmith(x, y, *, a=0.87, b=0.75):
    """A population counted in two successive generations (x, then y), limited by the older one.

    The late brake makes it oscillate, and a little more growth makes it chaotic.
    """
    return y, a * y + b - x**2


def _zaslavskii_inverse(x, y, *, eps, nu, r):
    kicked = exp(r) * y
    turned = x - nu * (1 + (1 - exp(-r)) / r * kicked)
    before = turned - floor(turned)
    return before, kicked - eps * cos(2 * pi * before)


@map_(
    initial=(0.51, 0.1),
    reference="Zaslavskii (1978). The simplest case of a strange attractor. Phys. Lett. A 69, 145-147.",
    tags={"map", "invertible", "circle", "dissipative"},
    inverse=_zaslavskii_inverse,
    notes="x counts turns, modulo 1. The sum of the exponents is -r. Parameters of Russell, Hanson, Ott "
    "(1980), Phys. Rev. Lett. 45, 1175-1178. Those that galleries publish give a periodic orbit: the "
    "variant.",
    variants={
        "published": {"eps": 5.0, "nu": 0.2, "r": 2.0, "notes": "As published in galleries: periodic."}
    },
)
def Zaslavskii(x, y, *, eps=0.3, nu=400 / 3, r=3.0):
    """A rotator on a limit cycle that is kicked once in a period and relaxes in between.

    y is the distance from the cycle; where it relaxes slowly, the kicks fold the cycle into chaos.
    """
    mu = (1 - exp(-r)) / r
    kicked = y + eps * cos(2 * pi * x)
    turned = x + nu * (1 + mu * kicked)
    return turned - floor(turned), exp(-r) * kicked


@map_(
    initial=(0.1, 0.0),
    reference="Arrowsmith, Cartwright, Lansbury, Place (1993). The Bogdanov map: bifurcations, mode locking, "
    "and chaos in a dissipative system. Int. J. Bifurcation Chaos 3, 803-842.",
    tags={"map", "invertible", "bifurcations", "dissipative"},
    inverse=lambda x, y, *, eps, k, mu: (
        x - y,
        (y - k * (x - y) * (x - y - 1)) / (1 + eps + mu * (x - y)),
    ),
    notes="Parameters chosen for chaos. Published values of eps = mu = 0 make the map preserve areas, and "
    "the published start lies on an invariant circle: the variant.",
    variants={
        "published": {
            "eps": 0.0,
            "k": 1.2,
            "mu": 0.0,
            "initial": (0.51, 0.2),
            "notes": "As published in collections: quasiperiodic on an invariant circle.",
        }
    },
)
def Bogdanov(x, y, *, eps=0.13, k=1.86, mu=-0.87):
    """What an Euler step makes of the vector field that unfolds a double zero eigenvalue.

    An invariant circle is born, locks, wrinkles, and breaks into chaos.
    """
    kicked = (1 + eps) * y + k * x * (x - 1) + mu * x * y
    return x + kicked, kicked


@map_(
    initial=(0.5, 0.5),
    reference="Zeraoulia, Sprott (2011). On the dynamics of a new simple 2-D rational discrete mapping. Int. "
    "J. Bifurcation Chaos 21, 155-160.",
    tags={"map", "dissipative"},
    notes="The collection that lists it has no code for it and the parameters of another map. These "
    "parameters were chosen for chaos.",
)
def ZeraouliaSprott(x, y, *, a=4.0, b=0.8):
    """A rational map with no more than one nonlinear term, and that bounded.

    Passes to chaos through a torus that breaks up.
    """
    return -a * x / (1 + y**2), x + b * y


@map_(
    initial=(0.085, -0.121, 0.075),
    reference="Rossler (1979). An equation for hyperchaos. Phys. Lett. A 71, 155-157.",
    tags={"map", "dissipative"},
)
def Towel(x, y, z):
    """A map that folds space in two directions at once, like a towel.

    The first hyperchaotic map: two positive exponents in three dimensions.
    """
    return (
        3.8 * x * (1 - x) - 0.05 * (y + 0.35) * (1 - 2 * z),
        0.1 * ((y + 0.35) * (1 - 2 * z) - 1) * (1 - 1.9 * x),
        3.78 * z * (1 - z) + 0.2 * y,
    )


@map_(
    initial=(-0.5, -2.9),
    reference="Rulkov (2001). Regularization of synchronized chaotic bursts. Phys. Rev. Lett. 86, 183-186.",
    tags={"map", "neuroscience", "dissipative"},
)
def Rulkov(x, y, *, alpha=4.3, beta=0.001, sigma=0.001):
    """A neuron as a map: a fast voltage (x) and a slow variable (y) that starts and ends its bursts.

    Costs two additions and a division, and spikes and bursts irregularly as cells do.
    """
    return alpha / (1 + x**2) + y, y - sigma * x - beta


@map_(
    initial=(
        0.61,
        0.13,
        -0.42,
        0.35,
        0.77,
        -0.28,
        0.05,
        -0.66,
        0.49,
        0.21,
        -0.11,
        0.83,
        -0.57,
        0.3,
        0.69,
        -0.9,
    ),
    reference="Kaneko (1984). Period-doubling of kink-antikink patterns, quasiperiodicity in "
    "antiferro-like structures and spatial intermittency in coupled logistic lattice. Prog. Theor. Phys. 72, "
    "480-486.",
    tags={"map", "spatiotemporal", "dissipative"},
    notes="Sixteen sites; resized(n) has n. a and eps were chosen by us within the model's usual range.",
)
def CoupledLogisticLattice(*x, a=1.9, eps=0.05):
    """Logistic maps on a ring, each mixed with its two neighbours at every step.

    The standard model of chaos in space and time; its exponents and its dimension grow with the size.
    """
    n = len(x)
    f = [1 - a * u**2 for u in x]
    return tuple((1 - eps) * f[i] + eps / 2 * (f[i - 1] + f[(i + 1) % n]) for i in range(n))

"""Relatives of the Lorenz system."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cosh, exp


@flow(
    initial=(3.2689697, 5.2990458, 19.435349),
    period=0.58689,
    reference="Chen, Ueta (1999). Yet another chaotic attractor. Int. J. Bifurcation Chaos 9, 1465-1466.",
    tags={"lorenz-like", "dissipative"},
)
def Chen(x, y, z, *, a=35.0, b=3.0, c=28.0):
    """What feedback control makes of the Lorenz system when it is meant to keep it chaotic.

    Has the same terms as the Lorenz system, yet an attractor of another shape.
    """
    return (
        a * (y - x),
        (c - a) * x - x * z + c * y,
        x * y - b * z,
    )


@flow(
    initial=(0.016838697, 0.03489384, 0.35346848),
    period=9.27,
    reference="Shimizu, Morioka (1980). On the bifurcation of a symmetric limit cycle to an asymmetric one "
    "in a simple model. Phys. Lett. A 76, 201-204.",
    tags={"lorenz-like", "dissipative"},
)
def ShimizuMorioka(x, y, z, *, a=0.85, b=0.5):
    """A simpler stand-in for the Lorenz system at high Rayleigh number.

    Shares its symmetry and its two lobes with one product and one square.
    """
    return (
        y,
        x - a * y - x * z,
        -b * z + x**2,
    )


@flow(
    initial=(-0.21422356, -0.17935495, 14.105516),
    period=0.941,
    reference="Yu, Wang (2012). A novel three dimension autonomous chaotic system with a quadratic "
    "exponential nonlinear term. Eng. Technol. Appl. Sci. Res. 2, 209-215.",
    tags={"lorenz-like", "dissipative"},
)
def YuWang(x, y, z, *, a=10.0, b=40.0, c=2.0, d=2.5):
    """A Lorenz-like flow in which an exponential takes the place of a product.

    Its abrupt excursions make it a hard case for fixed steps and for forecasting.
    """
    return (
        a * (y - x),
        b * x - c * x * z,
        exp(x * y) - d * z,
    )


@flow(
    initial=(0.12581483, 1.2467348, 18.358568),
    period=1.159,
    reference="Yu, Wang (2012). A novel three dimension autonomous chaotic system with a quadratic "
    "exponential nonlinear term. Eng. Technol. Appl. Sci. Res. 2, 209-215.",
    tags={"lorenz-like", "dissipative"},
)
def YuWang2(x, y, z, *, a=10.0, b=30.0, c=2.0, d=2.5):
    """The sister of YuWang, with a hyperbolic cosine in place of the exponential.

    Symmetric where the other is not, and as abrupt.
    """
    return (
        a * (y - x),
        b * x - c * x * z,
        cosh(x * y) - d * z,
    )


def _published_burke_shaw(x, y, z, *, e=13.0, n=10.0):
    """The flow of Burke and Shaw as some collections have it, with +y in the second equation."""
    return (
        -n * (x + y),
        y - n * x * z,
        n * x * y + e,
    )


@flow(
    initial=(-0.79153188, 0.65244479, 0.22517831),
    period=1.1,
    reference="Shaw (1981). Strange attractors, chaotic behavior, and information flow. Z. Naturforsch. A "
    "36, 80-112.",
    tags={"lorenz-like", "dissipative"},
    notes="The second equation has -y, as in the paper, and the divergence is -(n + 1). Some collections "
    "have +y: see the variant published. e = 13 is the paper's; 4.272 is also used, with weaker chaos.",
    variants={
        "published": {
            "equations": _published_burke_shaw,
            "initial": (-0.79153188, 0.65244479, 0.22517831),
            "period": 1.06,
            "notes": "As published in collections, with +y in the second equation: the divergence is 1 - n.",
        }
    },
)
def BurkeShaw(x, y, z, *, e=13.0, n=10.0):
    """Two products that turn the lobes of the Lorenz system around each other.

    Found by Burke and Shaw; its template has four branches where Lorenz's has two.
    """
    return (
        -n * (x + y),
        -y - n * x * z,
        n * x * y + e,
    )


@flow(
    initial=(-13.284881, -12.444334, 34.188198),
    period=0.9618,
    reference="Sprott, Xiong (2015). Classifying and quantifying basins of attraction. Chaos 25, 083101.",
    tags={"lorenz-like", "dissipative"},
    notes="beta is 8/3 instead of the rounded 2.667.",
)
def LorenzBounded(x, y, z, *, beta=8 / 3, r=64.0, rho=28.0, sigma=10.0):
    """The Lorenz system slowed down towards a sphere that no orbit can cross.

    Every state in the sphere is in the basin, and no integration of it can escape.
    """
    q = 1 - (x**2 + y**2 + z**2) / r**2
    return (
        q * sigma * (y - x),
        q * (x * (rho - z) - y),
        q * (x * y - beta * z),
    )


@flow(
    initial=(7.0921483, 10.117408, 25.708428, 2.1689893, 0.96121877, 0.89550187),
    period=0.6581,
    reference="Lorenz (1963). Deterministic nonperiodic flow. J. Atmos. Sci. 20, 130-141.",
    tags={"lorenz-like", "coupled", "dissipative"},
    notes="The reference is that of the single system; the coupling has none. beta is 8/3 instead of the "
    "rounded 2.667. rho does not enter: rho1 and rho2 belong to the two systems.",
)
def LorenzCoupled(
    x1, y1, z1, x2, y2, z2, *, beta=8 / 3, eps=2.85, rho=28.0, rho1=35.0, rho2=1.15, sigma=10.0
):
    """A chaotic Lorenz system that drives a second one, which alone would come to rest.

    An example of generalised synchronisation: the driven system follows in its own way.
    """
    return (
        sigma * (y1 - x1),
        x1 * (rho1 - z1) - y1,
        x1 * y1 - beta * z1,
        sigma * (y2 - x2) + eps * (x1 - x2),
        x2 * (rho2 - z2) - y2,
        x2 * y2 - beta * z2,
    )


@flow(
    initial=(10.956479, 9.8813092, 22.676714),
    period=1.98,
    reference="Lu, Chen (2002). A new chaotic attractor coined. Int. J. Bifurcation Chaos 12, 659-661.",
    tags={"lorenz-like", "dissipative"},
    notes="c = 20, the value most used for the Lu system. Some collections have 18, where chaos is much "
    "weaker: see the variant published.",
    variants={
        "published": {
            "c": 18.0,
            "initial": (10.956479, 9.8813092, 22.676714),
            "period": 2.34,
            "notes": "As published in collections, with c = 18: chaos is much weaker.",
        }
    },
)
def LuChen(x, y, z, *, a=36.0, b=3.0, c=20.0):
    """The missing link between the Lorenz and the Chen system.

    One parameter takes its attractor from the shape of the one to that of the other.
    """
    return (
        a * (y - x),
        c * y - x * z,
        x * y - b * z,
    )


def _published_qi_chen(x, y, z, *, a=38.0, b=2.666, c=80.0):
    """The flow of Qi and Chen as some collections have it, with +y in the second equation."""
    return (
        a * (y - x) + y * z,
        c * x + y - x * z,
        x * y - b * z,
    )


@flow(
    initial=(17.420882, 5.5459627, 78.89139),
    period=0.654,
    reference="Qi, Chen, Du, Chen, Yuan (2005). Analysis of a new chaotic system. Physica A 352, 295-308.",
    tags={"lorenz-like", "dissipative"},
    notes="Equations and parameters of the paper of 2005. Some collections have +y in the second equation "
    "and a = 38: see the variant published.",
    variants={
        "published": {
            "equations": _published_qi_chen,
            "a": 38.0,
            "b": 2.666,
            "initial": (17.420882, 5.5459627, 78.89139),
            "period": 0.503,
            "notes": "As published in collections, with +y in the second equation and a = 38.",
        }
    },
)
def QiChen(x, y, z, *, a=35.0, b=8 / 3, c=80.0):
    """The Lorenz system with a product in each of its equations.

    Much more strongly chaotic than the original, in wide ranges of its parameters.
    """
    return (
        a * (y - x) + y * z,
        c * x - y - x * z,
        x * y - b * z,
    )


@flow(
    initial=(-3.03805747, -1.98052429, 14.65665869),
    period=1.017,
    reference="Zhou, Xu, Lu, Pan (2008). On dynamics analysis of a new chaotic attractor. Phys. Lett. A "
    "372, 5773-5777.",
    tags={"lorenz-like", "dissipative"},
    notes="Chaos is a transient at these parameters: orbits settle, most of them within some hundred "
    "periods, on one of two points of rest. c is -8/3 instead of the rounded -2.6667. A special case of "
    "DequanLi.",
)
def PanXuZhou(x, y, z, *, a=10.0, c=-8 / 3, d=0.0, eps=0.0, f=0.0, k=16.0):
    """The Lorenz system without the damping of its second equation.

    Looks like a strange attractor for a while, and is none: a lesson in long runs.
    """
    return (
        a * (y - x) + d * x * z,
        k * x + f * y - x * z,
        c * z + x * y - eps * x**2,
    )

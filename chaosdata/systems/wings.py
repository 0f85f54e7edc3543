"""Attractors with several scrolls or wings, made of few products."""

from chaosdata.equations import flow


@flow(
    initial=(1.0284085, -3.5348655, -0.72081646),
    period=3.89,
    reference="Dadras, Momeni (2009). A novel three-dimensional autonomous chaotic system generating two, "
    "three and four-scroll attractors. Phys. Lett. A 373, 3637-3642.",
    tags={"wings", "dissipative"},
)
def Dadras(x, y, z, *, c=2.0, e=9.0, o=2.7, p=3.0, r=1.7):
    """Three products and five linear terms, with two, three or four scrolls as one parameter varies.

    Shows that the number of scrolls is no property of the form of the equations.
    """
    return (
        y - p * x + o * y * z,
        r * y - x * z + z,
        c * x * y - e * z,
    )


@flow(
    initial=(-10.75281, -24.16092, 70.10325),
    period=1.666,
    reference="Li (2008). A three-scroll chaotic attractor. Phys. Lett. A 372, 387-393.",
    tags={"wings", "dissipative"},
    notes="Chaos is a transient at these parameters: nearly all orbits end on a limit cycle, and only a few "
    "are still chaotic after hundreds of time units. c is 11/6, as in the paper.",
)
def DequanLi(x, y, z, *, a=40.0, c=11 / 6, d=0.16, eps=0.65, f=20.0, k=55.0):
    """A quadratic flow that sweeps through three scrolls around its unstable points of rest.

    Contains simpler systems as special cases.
    """
    return (
        a * (y - x) + d * x * z,
        k * x + f * y - x * z,
        c * z + x * y - eps * x**2,
    )


@flow(
    initial=(-0.5460732, 3.993063e-06, 5.437605e-05),
    period=35.94,
    reference="Liu, Chen (2004). Can a three-dimensional smooth autonomous quadratic chaotic system "
    "generate a single four-scroll attractor? Int. J. Bifurcation Chaos 14, 1395-1403.",
    tags={"wings", "dissipative"},
    notes="Chaos is a long transient: orbits end on a limit cycle. Sakarya has the same form.",
)
def LiuChen(x, y, z, *, a=0.4, b=12.0, c=-5.0, h=0.0, p=0.0, q=-1.0, r=1.0, s=1.0):
    """One product in each equation, and orbits that visit four scrolls in turn.

    The scrolls turned out to be two attractors, joined only by long transients.
    """
    return (
        a * x + h * y + s * y * z,
        -b * y - p * x + q * x * z,
        c * z - r * x * y,
    )


@flow(
    initial=(-5.5177615, 2.4990595, 10.461798),
    period=0.9265,
    reference="Lu, Chen, Cheng (2004). A new chaotic system and beyond: the generalized Lorenz-like system. "
    "Int. J. Bifurcation Chaos 14, 1507-1537.",
    tags={"wings", "dissipative"},
)
def LuChenCheng(x, y, z, *, a=-10.0, b=-4.0, c=18.1):
    """One product in each equation and a constant drive.

    Has two strange attractors at once, or one with two wings, depending on the drive.
    """
    return (
        -a * b * x / (a + b) - y * z + c,
        a * y + x * z,
        b * z + x * y,
    )


@flow(
    initial=(-0.01753351, 1.182873, -0.5632628),
    period=3.035,
    reference="Pehlivan, Wei (2012). Analysis, nonlinear control, and chaos generator circuit of another "
    "strange chaotic system. Turk. J. Electr. Eng. Comput. Sci. 20, 1229-1239.",
    tags={"wings", "dissipative"},
)
def PehlivanWei(x, y, z):
    """Eight terms without a parameter, four of them products or squares.

    Unchanged by a half turn around the z axis, and easily built as a circuit.
    """
    return (
        y - y * z,
        y + y * z - 2 * x,
        2 - x * y - y**2,
    )


@flow(
    initial=(0.2562042648386667, 0.1956116640569919, 7.259823760387948, 1.3162558970131963),
    period=0.974,
    reference="Qi, Du, Chen, Chen, Yuan (2005). On a four-dimensional chaotic system. Chaos Solitons "
    "Fractals 23, 1671-1682.",
    tags={"wings", "dissipative"},
    notes="Collections cite a paper of 2008 on a hyperchaotic system, which is HyperQi.",
)
def Qi(x, y, z, w, *, a=45.0, b=10.0, c=1.0, d=10.0):
    """Four variables, each driven by the product of the three others.

    Symmetric under many changes of sign, with several attractors that merge as a parameter varies.
    """
    return (
        a * (y - x) + y * z * w,
        b * (x + y) - x * z * w,
        -c * z + x * y * w,
        -d * w + x * y * z,
    )


@flow(
    initial=(-2.8976045, 3.8877978, 3.07465),
    period=5.286,
    reference="Li, Pehlivan, Sprott, Akgul (2015). A novel four-wing strange attractor born in bistability. "
    "IEICE Electron. Express 12, 20141116.",
    tags={"wings", "dissipative"},
    notes="What looks like an attractor is a long transient: sooner or later, after tens to thousands of "
    "periods, every orbit escapes to infinity.",
)
def Sakarya(x, y, z, *, a=-1.0, b=1.0, c=1.0, h=1.0, p=1.0, q=0.4, r=0.3, s=1.0):
    """Two mirror-image attractors that merge into one with four wings.

    Chaotic for thousands of turns and unbounded in the end, which short runs do not show.
    """
    return (
        a * x + h * y + s * y * z,
        -b * y - p * x + q * x * z,
        c * z - r * x * y,
    )


@flow(
    initial=(1.2969944, 1.12138, 50.028988),
    period=2.518,
    reference="Pan, Zhou, Li (2013). Synchronization of Three-Scroll Unified Chaotic System (TSUCS) and its "
    "hyper-chaotic system using active pinning control. Nonlinear Dyn.",
    tags={"wings", "dissipative"},
    notes="Quasiperiodic at these parameters, not chaotic, from every one of many initial states. c is 5/6 "
    "instead of the rounded 0.833. The form is that of DequanLi.",
)
def Tsucs2(x, y, z, *, a=40.0, c=5 / 6, d=0.5, eps=0.65, f=20.0, k=0.0):
    """A member of the three-scroll unified family, which leads from the Lorenz to the Chen system and beyond.

    At these parameters its orbits wind around a torus.
    """
    return (
        a * (y - x) + d * x * z,
        k * x + f * y - x * z,
        c * z + x * y - eps * x**2,
    )


@flow(
    initial=(-0.54770787, 0.73876479, -0.0049284531),
    period=15.5,
    reference="Wang, Sun, van Wyk, Qi, van Wyk (2009). A 3-D four-wing attractor and its analysis. Braz. J. "
    "Phys. 39, 547-553.",
    tags={"wings", "dissipative"},
)
def WangSun(x, y, z, *, a=0.2, b=-0.01, d=-0.4, e=-1.0, f=-1.0, q=1.0):
    """Three products and four linear terms whose attractor is one piece with four wings.

    A small symmetry-breaking term decides how the wings are visited; changes between them are rare.
    """
    return (
        a * x + q * y * z,
        b * x + d * y - x * z,
        e * z + f * x * y,
    )


@flow(
    initial=(-0.60390203, 0.012111953, 0.00083277923),
    period=0.254,
    reference="Zhou, Chen (2004). A simple smooth chaotic system with a 3-layer attractor. Int. J. "
    "Bifurcation Chaos 14, 1795-1799.",
    tags={"wings", "dissipative"},
)
def ZhouChen(x, y, z, *, a=2.97, b=0.15, c=-3.0, d=1.0, e=-8.78):
    """Four products whose attractor is stacked in three layers.

    Found by a search for chaos from polynomial systems without the symmetry of the Lorenz system.
    """
    return (
        a * x + b * y + y * z,
        c * y - x * z + d * y * z,
        e * z - x * y,
    )

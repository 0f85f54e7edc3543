"""Chemical reactions, and flows abstracted from them."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, sqrt


@flow(
    initial=(6.5134412, 0.4772013, 0.34164294),
    period=5.9086,
    reference="Rossler (1976). An equation for continuous chaos. Phys. Lett. A 57, 397-398.",
    tags={"chemistry", "dissipative"},
)
def Rossler(x, y, z, *, a=0.2, b=0.2, c=5.7):
    """A spiral that is lifted out of its plane and folded back, with one product of variables in all.

    The simplest picture of stretching and folding, and a phase-coherent counterpart to the Lorenz system.
    """
    return (
        -y - z,
        x + a * y,
        b + z * (x - c),
    )


@flow(
    initial=(-93.667697, 15.5078, 0.032086964, 43.792796),
    period=6.80,
    reference="Rossler (1979). An equation for hyperchaos. Phys. Lett. A 71, 155-157.",
    tags={"chemistry", "dissipative", "hyperchaotic"},
    notes="The period is that of the spiral; some collections give 1.12.",
)
def HyperRossler(x, y, z, w, *, a=0.25, b=3.0, c=0.5, d=0.05):
    """The Rossler system with a fourth variable that grows slowly between the folds.

    The first flow in which two directions of instability were found at once.
    """
    return (
        -y - z,
        x + a * y + w,
        b + x * z,
        -c * z + d * w,
    )


@flow(
    initial=(0.023491701, 0.61703254, 0.84669066),
    period=0.01698,
    reference="Gyorgyi, Field (1992). A three-variable model of deterministic chaos in the "
    "Belousov-Zhabotinsky reaction. Nature 355, 808-810.",
    tags={"chemistry", "dissipative"},
    notes="Concentrations are in the paper's scaled units, the time in units of t0 seconds. Some "
    "collections guard the square root by max(x, 0); concentrations are positive, so that the guard never "
    "acts and is left out.",
)
def BelousovZhabotinsky(
    x,
    z,
    v,
    *,
    c1=-8.03474,
    c10=0.0223915,
    c11=7.53559e-5,
    c12=8.07384e-6,
    c13=-0.000499825,
    c2=0.05408,
    c3=-0.0115886,
    c4=832.587,
    c5=-0.029155,
    c6=0.00321617,
    c7=-0.01352,
    c8=-0.0831709,
    c9=-0.0199985,
    ci=0.000833,
    kf=0.00035,
    t0=2308.62,
    y0=7.72571e-6,
    yb1=6.92813e-7,
    yb2=2.00869,
    yb3=0.01352,
    z0=8.33e-6,
):
    """Bromous acid (x), oxidised cerium (z) and bromomalonic acid (v) in a stirred and fed reactor.

    Settled that the irregular colour changes of the best-known oscillating reaction are chaos, not noise.
    """
    bromide = yb1 * z * v / (y0 * (yb2 * x + yb3 + kf))
    oxidation = (ci - z0 * z) * sqrt(x)
    return (
        t0 * (c1 * x * bromide + c2 * bromide + c3 * x**2 + c4 * oxidation + c5 * x * z - kf * x),
        t0 * (c6 * oxidation / z0 + c7 * x * z + c8 * z * v + c9 * z - kf * z),
        t0 * (c10 * x * bromide + c11 * bromide + c12 * x**2 + c13 * z * v - kf * v),
    )


@flow(
    initial=(0.40635464, 1.8192295, 0.0),
    period=7.757,
    reference="Prigogine (1980). From Being to Becoming: Time and Complexity in the Physical Sciences. W. "
    "H. Freeman, San Francisco.",
    tags={"chemistry", "driven", "dissipative"},
    angles={"z"},
    notes="z is the phase of the drive.",
)
def ForcedBrusselator(x, y, z, *, a=0.4, b=1.2, f=0.05, w=0.81):
    """The simplest autocatalytic reaction that oscillates, fed in a rhythm of its own.

    An early example of chaos from the rivalry of two rhythms.
    """
    return (
        a + x**2 * y - (b + 1) * x + f * cos(z),
        b * x - x**2 * y,
        w,
    )


@flow(
    initial=(0.51415056, 0.99842882, 1.00617771),
    period=0.7591,
    reference="Petrov, Scott, Showalter (1992). Mixed-mode oscillations in chemical systems. J. Chem. Phys. "
    "97, 6191-6198.",
    tags={"chemistry", "dissipative"},
)
def IsothermalChemical(alpha, beta, gamma, *, delta=1.0, kappa=2.5, mu=0.29786, sigma=0.013):
    """Precursor, catalyst and product of an autocatalysis that the product feeds back on.

    Large and small oscillations alternate in patterns that become chaotic between the regular ones.
    """
    return (
        mu * (kappa + gamma) - alpha * beta**2 - alpha,
        (alpha * beta**2 + alpha - beta) / sigma,
        (beta - gamma) / delta,
    )


@flow(
    initial=(-1.160501, 5.8636902, -1.2031947),
    period=74.24,
    reference="Strizhak, Kawczynski (1995). Complex transient oscillations in the Belousov-Zhabotinskii "
    "reaction in a batch reactor. J. Phys. Chem. 99, 10830.",
    tags={"chemistry", "dissipative"},
    notes="Periodic at these parameters, with bursts of several oscillations a cycle: every one of many "
    "initial states settles on the same limit cycle.",
)
def KawczynskiStrizhak(x, y, z, *, beta=-0.4, gamma=0.49, kappa=0.2, mu=2.1):
    """A fast cubic switch with two slow recoveries, a sketch of the Belousov-Zhabotinsky reaction's bursts.

    Made to show how complex oscillations come and go as a closed reactor runs down.
    """
    return (
        gamma * (y - x**3 + 3 * mu * x),
        beta - 2 * mu * x - y - z,
        kappa * (x - z),
    )

"""Stars, planets' cores, plasmas and light."""

from chaosdata.equations import flow
from chaosdata.equations.functions import sqrt, tanh


@flow(
    initial=(-3.4733266, 19.666962, -3.8262485),
    period=1.19,
    reference="Moore, Spiegel (1966). A thermally excited non-linear oscillator. Astrophys. J. 143, 871-887.",
    tags={"astronomy", "dissipative"},
)
def MooreSpiegel(x, y, z, *, a=10.0, b=4.0, eps=9.0):
    """The height of a parcel of gas in a star that heats it below and cools it above.

    Proposed for the irregular variation of stars, before chaos had its name.
    """
    return (
        y,
        a * z,
        -z + eps * y - y * x**2 - b * x,
    )


@flow(
    initial=(-1.8207276, 0.83440917, 0.2078248),
    period=2.438,
    reference="Rabinovich, Fabrikant (1979). Stochastic self-modulation of waves in nonequilibrium media. "
    "Sov. Phys. JETP 50, 311-317.",
    tags={"plasma", "dissipative"},
    notes="The variant weak_growth is the other regime that is well known, near g = 0.1, where attractors "
    "coexist. At a = 0.14 and g = 0.1, where most pictures are drawn, chaos is a transient.",
    variants={
        "weak_growth": {
            "a": 0.98,
            "g": 0.1,
            "initial": (0.62763, -2.2825, 0.93693),
            "period": 13.36,
            "notes": "Parameters in the range that Danca and Chen (2004), Int. J. Bifurcation Chaos 14, "
            "3409-3447, studied.",
        }
    },
)
def RabinovichFabrikant(x, y, z, *, a=1.1, g=0.87):
    """Waves in a plasma that modulate themselves, after a great simplification.

    Its cubic terms make many attractors, some of them hard to find, and tax integrators.
    """
    return (
        y * (z - 1 + x**2) + g * x,
        x * (3 * z + 1 - x**2) + g * y,
        -2 * z * (a + x * y),
    )


@flow(
    initial=(-0.7791562791136255, -0.6302244598741468, 2.671200187214492),
    period=5.122,
    reference="Rikitake (1958). Oscillations of a system of disk dynamos. Math. Proc. Camb. Philos. Soc. "
    "54, 89-105.",
    tags={"geophysics", "dissipative"},
)
def RikitakeDynamo(x, y, z, *, a=1.0, mu=1.0):
    """Two disk dynamos that feed each other's coils, a cartoon of the Earth's core.

    The currents reverse at irregular times, as the magnetic poles have done.
    """
    return (
        -mu * x + y * z,
        -mu * y + (z - a) * x,
        1 - x * y,
    )


def _published_windmi(i, v, p, *, a1=0.247, b1=10.8, b2=0.0752, b3=1.06, d1=2200.0, vsw=5.0):
    """The magnetotail as some collections have it: half the pressure where its square root belongs."""
    return (
        a1 * (vsw - v),
        b1 * i - b2 * p / 2 - b3 * v,
        vsw**2 - p ** (5 / 4) * sqrt(vsw) * (1 + tanh(d1 * (i - 1))) / 2,
    )


@flow(
    initial=(0.998063, 4.003259, 7533.988),
    period=3.922,
    reference="Horton, Weigel, Sprott (2001). Chaos and the limits of predictability for the "
    "solar-wind-driven magnetosphere-ionosphere system. Phys. Plasmas 8, 2946-2952.",
    tags={"plasma", "geophysics", "driven", "dissipative"},
    notes="vsw = 4, in the chaotic window; at vsw = 5, the value of collections, the equations of the paper "
    "are periodic. Collections have b2*p/2 in place of b2*sqrt(p), where 5 is chaotic: see the variant "
    "published.",
    variants={
        "published": {
            "equations": _published_windmi,
            "vsw": 5.0,
            "initial": (0.93337506, 6.2678923, 41.969547),
            "period": 4.686,
            "notes": "As published in collections, with b2*p/2 in place of b2*sqrt(p).",
        }
    },
)
def WindmiReduced(i, v, p, *, a1=0.247, b1=10.8, b2=0.0752, b3=1.06, d1=2200.0, vsw=4.0):
    """Current (i), voltage (v) and pressure (p) of the Earth's magnetic tail, blown by the solar wind.

    Pressure is released when the current passes a threshold: a substorm, predictable for a few hours only.
    """
    return (
        a1 * (vsw - v),
        b1 * i - b2 * sqrt(p) - b3 * v,
        vsw**2 - p ** (5 / 4) * sqrt(vsw) * (1 + tanh(d1 * (i - 1))) / 2,
    )


@flow(
    initial=(-2.5408014, -1.9405706, -2.9680975),
    period=1.175,
    reference="Abooee, Yaghini-Bonabi, Jahed-Motlagh (2013). Analysis and circuitry realization of a novel "
    "three-dimensional chaotic system. Commun. Nonlinear Sci. Numer. Simul. 18, 1235-1245.",
    tags={"optics", "dissipative"},
)
def Laser(x, y, z, *, a=10.0, b=1.0, c=5.0, d=-1.0, h=-5.0, k=-6.0):
    """A Lorenz-like flow with cubic products, known in collections as a model of a laser.

    Built as an electronic circuit to show that its attractor is no artefact of computation.
    """
    return (
        a * (y - x) + b * y * z**2,
        c * x + d * x * z**2,
        h * z + k * x**2,
    )

"""Driven and coupled oscillators in the settings in which their chaos was found."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, pi, sin


@flow(
    initial=(2.5, 0.0, 0.0),
    period=2 * pi,
    reference="Ueda (1979). Randomly transitional phenomena in the system governed by Duffing's equation. J. "
    "Stat. Phys. 20, 181-196.",
    tags={"electronics", "mechanics", "driven", "dissipative"},
    angles={"z"},
    notes="Duffing's equation without a linear force. The variant broken_egg has the parameters of the "
    "attractor that Ueda drew in 1961.",
    variants={"broken_egg": {"k": 0.1, "b": 12.0, "notes": "The parameters of the broken-egg attractor."}},
)
def Ueda(x, y, z, *, k=0.05, b=7.5):
    """A coil whose iron saturates, driven by an alternating voltage.

    On an analogue computer it drew the first strange attractor that anybody looked at as such.
    """
    return y, -k * y - x**3 + b * cos(z), 1.0


@flow(
    initial=(1.0, 0.0, 0.0),
    period=2.548,
    reference="Parlitz, Lauterborn (1987). Period-doubling cascades and devil's staircases of the driven van "
    "der Pol oscillator. Phys. Rev. A 36, 1428-1434.",
    tags={"electronics", "driven", "dissipative"},
    angles={"z"},
)
def DrivenVanDerPol(x, y, z, *, d=5.0, a=5.0, omega=2.466):
    """The relaxation oscillator under a drive as strong as itself.

    Between the steps on which it locks to the drive lie cascades of doublings and chaos.
    """
    return y, d * (1 - x**2) * y - x + a * cos(z), omega


@flow(
    initial=(0.1, 0.2, 0.1, 0.1, 0.0),
    period=6.0,
    reference="Kuznetsov (2005). Example of a physical system with a hyperbolic attractor of the "
    "Smale-Williams type. Phys. Rev. Lett. 95, 144101.",
    tags={"hyperbolic", "driven", "dissipative"},
    angles={"phase"},
    notes="phase is that of the slow modulation, one of whose periods takes `cycles` fast ones. The largest "
    "exponent is close to ln(2) a period of the modulation.",
)
def KuznetsovOscillators(x, u, y, v, phase, *, amplitude=5.0, eps=0.5, omega=2 * pi, cycles=6):
    """Two oscillators that come alive in turn; each hands its phase, doubled, to the other.

    A section through its attractor is the solenoid of Smale and Williams: chaos without fragile windows.
    """
    gain = amplitude * cos(phase)
    return (
        u,
        (gain - x**2) * u - omega**2 * x + eps * y * cos(cycles * phase),
        v,
        (-gain - y**2) * v - 4 * omega**2 * y + eps * x**2,
        omega / cycles,
    )


@flow(
    initial=(0.0, 0.9, 0.3, 0.2),
    period=6.38,
    reference="Martyna, Klein, Tuckerman (1992). Nose-Hoover chains: the canonical ensemble via continuous "
    "dynamics. J. Chem. Phys. 97, 2635-2643.",
    tags={"thermostat", "reversible"},
    notes="Its divergence, -(xi + eta), averages to zero: it keeps a weighted volume, that of the canonical "
    "ensemble, and has no attractor.",
)
def NoseHooverChain(q, p, xi, eta, *, q1=1.0, q2=1.0, temperature=1.0):
    """A harmonic oscillator, a thermostat that heats or brakes it, and a thermostat of the thermostat.

    With one thermostat only, most orbits lie on tori; the second one makes the motion chaotic.
    """
    return (
        p,
        -q - xi * p,
        (p**2 - temperature) / q1 - eta * xi,
        (q1 * xi**2 - temperature) / q2,
    )


@flow(
    initial=(0.1, 0.0, 0.1),
    period=11.68,
    reference="Muthuswamy, Chua (2010). Simplest chaotic circuit. Int. J. Bifurcation Chaos 20, 1567-1580.",
    tags={"electronics", "memristor", "dissipative"},
)
def Memristor(x, y, z, *, alpha=0.6, beta=1.5, c=1.0, l=3.0):
    """A capacitor, a coil and a memristor in series: voltage, current, and the memristor's memory.

    No chaotic circuit can have fewer parts.
    """
    return (
        y / c,
        -(x + beta * (z**2 - 1) * y) / l,
        -y - alpha * z + y * z,
    )


@flow(
    initial=(0.3, 1.2, 2.9, 4.1, 5.6, 0.8, 1.7, 3.3, 4.9, 6.1),
    period=8.66,
    reference="Popovych, Maistrenko, Tass (2005). Phase chaos in coupled oscillators. Phys. Rev. E 71, "
    "065201.",
    tags={"networks", "synchronization", "dissipative"},
    angles={"theta"},
    notes="The coupling k was chosen by us within the model's usual range, below synchronization.",
)
def KuramotoNetwork(*theta, k=1.1):
    """Phase oscillators of evenly spaced frequencies between -1 and 1, each coupled to all the others.

    Below the coupling at which they synchronise, four or more of them are chaotic.
    """
    n = len(theta)
    return tuple(
        -1 + (2 * i + 1) / n + k / n * sum(sin(theta[j] - theta[i]) for j in range(n) if j != i)
        for i in range(n)
    )

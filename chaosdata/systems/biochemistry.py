"""Oscillations inside living cells."""

from typing import Any

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, pi


def _calcium_fluxes(
    z: Any,
    y: Any,
    a: Any,
    Vm2: Any,
    Vm3: Any,
    Vm5: Any,
    K2: Any,
    K5: Any,
    Ka: Any,
    Kd: Any,
    Ky: Any,
    Kz: Any,
    m: Any,
    n: Any,
    p: Any,
) -> Any:
    """What is pumped into the stores, what they release, and how fast the messenger decays."""
    return (
        Vm2 * z**2 / (K2**2 + z**2),
        Vm3 * z**m / (Kz**m + z**m) * y**2 / (Ky**2 + y**2) * a**4 / (Ka**4 + a**4),
        Vm5 * a**p / (K5**p + a**p) * z**n / (Kd**n + z**n),
    )


@flow(
    initial=(0.26162904, 1.0055612, 0.14407867),
    period=1.343,
    reference="Houart, Dupont, Goldbeter (1999). Bursting, chaos and birhythmicity originating from "
    "self-modulation of the inositol 1,4,5-trisphosphate signal in a model for intracellular Ca2+ "
    "oscillations. Bull. Math. Biol. 61, 507-530.",
    tags={"biochemistry", "dissipative"},
)
def CaTwoPlus(
    z,
    y,
    a,
    *,
    V0=2.0,
    V1=2.0,
    Vm2=6.0,
    Vm3=30.0,
    V4=3.0,
    Vm5=50.0,
    K2=0.1,
    K5=0.3194,
    Ka=0.1,
    Kd=1.0,
    Ky=0.3,
    Kz=0.6,
    beta=0.65,
    eps=13.0,
    k=10.0,
    kf=1.0,
    m=2,
    n=4,
    p=1,
):
    """Calcium in the cytosol (z) and the stores (y) of a cell, and the messenger (a) that opens the stores.

    Shows how bursts and irregular signals arise when calcium speeds up the decay of its own messenger.
    """
    pump, release, decay = _calcium_fluxes(z, y, a, Vm2, Vm3, Vm5, K2, K5, Ka, Kd, Ky, Kz, m, n, p)
    return (
        V0 + V1 * beta - pump + release + kf * y - k * z,
        pump - release - kf * y,
        beta * V4 - decay - eps * a,
    )


@flow(
    initial=(0.26321067, 0.87886607, 0.3148781),
    period=0.6645,
    reference="Houart, Dupont, Goldbeter (1999). Bursting, chaos and birhythmicity originating from "
    "self-modulation of the inositol 1,4,5-trisphosphate signal in a model for intracellular Ca2+ "
    "oscillations. Bull. Math. Biol. 61, 507-530.",
    tags={"biochemistry", "dissipative"},
    notes="Quasiperiodic at these parameters, as the paper means it to be.",
)
def CaTwoPlusQuasiperiodic(
    z,
    y,
    a,
    *,
    V0=2.0,
    V1=2.0,
    Vm2=6.0,
    Vm3=20.0,
    V4=5.0,
    Vm5=30.0,
    K2=0.1,
    K5=0.3,
    Ka=0.2,
    Kd=0.5,
    Ky=0.2,
    Kz=0.5,
    beta=0.51,
    eps=0.1,
    k=10.0,
    kf=1.0,
    m=2,
    n=4,
    p=2,
):
    """The calcium model of CaTwoPlus where the messenger decays slowly: two rhythms that never lock.

    A torus in a model of a living cell, beside the chaos of other parameters.
    """
    pump, release, decay = _calcium_fluxes(z, y, a, Vm2, Vm3, Vm5, K2, K5, Ka, Kd, Ky, Kz, m, n, p)
    return (
        V0 + V1 * beta - pump + release + kf * y - k * z,
        pump - release - kf * y,
        beta * V4 - decay - eps * a,
    )


@flow(
    initial=(0.71565329, 0.9489355, 0.98910371, 0.72138631, 0.94987035, 0.98912572),
    period=187.0,
    reference="Romond, Rustici, Gonze, Goldbeter (1999). Alternating oscillations and chaos in a model of "
    "two coupled biochemical oscillators driving successive phases of the cell cycle. Ann. N. Y. Acad. Sci. "
    "879, 180-193.",
    tags={"biochemistry", "dissipative"},
)
def CellCycle(
    c1,
    m1,
    x1,
    c2,
    m2,
    x2,
    *,
    K=0.01,
    Kc=0.5,
    Kd1=0.02,
    Kim=0.65,
    V2=0.15,
    V4=0.05,
    Vm1=0.3,
    Vm3=0.1,
    kd1=0.001,
    vd=0.025,
    vi=0.05,
):
    """Two enzyme cascades that drive cell division and DNA replication, each holding the other back.

    Cyclin (c), kinase (m) and protease (x) of the two alternate, or are chaotic where both are strong.
    """
    return (
        vi * Kim / (Kim + m2) - vd * x1 * c1 / (Kd1 + c1) - kd1 * c1,
        Vm1 * c1 / (Kc + c1) * (1 - m1) / (K + 1 - m1) - V2 * m1 / (K + m1),
        Vm3 * m1 * (1 - x1) / (K + 1 - x1) - V4 * x1 / (K + x1),
        vi * Kim / (Kim + m1) - vd * x2 * c2 / (Kd1 + c2) - kd1 * c2,
        Vm1 * c2 / (Kc + c2) * (1 - m2) / (K + 1 - m2) - V2 * m2 / (K + m2),
        Vm3 * m2 * (1 - x2) / (K + 1 - x2) - V4 * x2 / (K + x2),
    )


@flow(
    initial=(1.5401187, 5.3707921, 41.054266, 11.619073, 0.0),
    period=27.86,
    reference="Gonze, Leloup, Goldbeter (2000). Theoretical models for circadian rhythms in Neurospora and "
    "Drosophila. C. R. Acad. Sci. III 323, 57-67.",
    tags={"biochemistry", "driven", "dissipative"},
    angles={"th"},
    notes="th is the phase of the day. Quasiperiodic at these parameters: the clock runs with 27.9 hours "
    "and is not entrained. The parentheses of the light's term look displaced: vmin + (vmax - vmin)*(1 + "
    "cos(th))/2 would be natural, and makes the clock periodic. They are kept, because the paper could not "
    "be checked.",
)
def CircadianRhythm(
    m,
    fc,
    fs,
    fn,
    th,
    *,
    Ki=1.0,
    k=0.5,
    k1=0.3,
    k2=0.15,
    kd=1.4,
    kdn=0.4,
    km=0.4,
    ks=1.0,
    n=4,
    ps=24.0,
    vc=2.5,
    vd=6.0,
    vdn=1.5,
    vm=0.7,
    vmax=4.7,
    vmin=1.0,
):
    """Messenger RNA (m) and forms of the FRQ protein in a mould whose clock feels the light of the day (th).

    A clock that light can entrain, run through several days, or confuse.
    """
    vs = vc * ((1 + cos(th)) / 2 + vmin) * (vmax - vmin)
    return (
        vs * Ki**n / (Ki**n + fn**n) - vm * m / (km + m),
        ks * m - k1 * fc + k2 * fn - k * fc,
        k * fc - vd * fs / (kd + fs),
        k1 * fc - k2 * fn - vdn * fn / (kdn + fn),
        2 * pi / ps,
    )


@flow(
    initial=(29.453349, 130.193501, 0.184070877),
    period=50.68,
    reference="Decroly, Goldbeter (1982). Birhythmicity, chaos, and other patterns of temporal "
    "self-organization in a multiply regulated biochemical system. Proc. Natl. Acad. Sci. USA 79, 6917-6921.",
    tags={"biochemistry", "dissipative"},
)
def GlycolyticOscillation(
    a, b, c, *, d=0.0, k=4.422, l1=5e8, l2=100.0, nu=1.0, q1=50.0, q2=0.02, s1=22.2222, s2=22.2222
):
    """A substrate (a) that two enzymes in series turn over, each speeded up by its own product (b, c).

    The smallest chain of reactions of its kind with two coexisting rhythms, bursts and chaos.
    """
    phi = a * (1 + a) * (1 + b) ** 2 / (l1 + (1 + a) ** 2 * (1 + b) ** 2)
    eta = b * (1 + d * b) * (1 + c) ** 2 / (l2 + (1 + d * b) ** 2 * (1 + c) ** 2)
    return (
        nu - s1 * phi,
        q1 * s1 * phi - s2 * eta,
        q2 * s2 * eta - k * c,
    )

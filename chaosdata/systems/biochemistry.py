"""Oscillations inside living cells."""

from chaosdata.equations import flow


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
    V2 = Vm2 * z**2 / (K2**2 + z**2)
    V3 = Vm3 * z**m / (Kz**m + z**m) * y**2 / (Ky**2 + y**2) * a**4 / (Ka**4 + a**4)
    V5 = Vm5 * a**p / (K5**p + a**p) * z**n / (Kd**n + z**n)
    return (
        V0 + V1 * beta - V2 + V3 + kf * y - k * z,
        V2 - V3 - kf * y,
        beta * V4 - V5 - eps * a,
    )

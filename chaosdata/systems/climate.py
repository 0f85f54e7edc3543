"""Weather and climate in a few variables."""

from chaosdata.equations import flow


@flow(
    initial=(-9.79, -15.04, 20.53),
    period=1.5008,
    reference="Lorenz (1963). Deterministic nonperiodic flow. J. Atmos. Sci. 20, 130-141.",
    tags={"climate", "dissipative"},
    notes="beta is 8/3, as in the paper; collections that round it to 2.667 have slightly other orbits. The "
    "period is that of a tour around both lobes; z alone oscillates about twice as fast.",
)
def Lorenz(x, y, z, *, sigma=10.0, rho=28.0, beta=8 / 3):
    """Three-mode truncation of thermal convection between plates.

    The best-known strange attractor, and the standard test of anything that claims to handle chaos.
    """
    return (
        sigma * (y - x),
        x * (rho - z) - y,
        x * y - beta * z,
    )


@flow(
    initial=(-0.693, 0.954, 6.297, 7.308, -2.503, 3.206, 5.651, 6.043, 2.071, -2.675),
    period=1.61,
    reference="Lorenz (1996). Predictability: a problem partly solved. Seminar on Predictability, "
    "Vol. 1. ECMWF, Reading.",
    tags={"climate", "dissipative", "spatiotemporal"},
    notes="Ten sites and f = 8, the classical forcing; some collections publish four sites and f = 20. "
    "The period is the peak of the power spectrum, which is broad.",
)
def Lorenz96(x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, *, f=8.0):
    """Some atmospheric quantity at ten sites along a circle of latitude, advected, damped and driven.

    The usual proving ground for data assimilation and for studies of predictability.
    """
    return (
        (x2 - x9) * x10 - x1 + f,
        (x3 - x10) * x1 - x2 + f,
        (x4 - x1) * x2 - x3 + f,
        (x5 - x2) * x3 - x4 + f,
        (x6 - x3) * x4 - x5 + f,
        (x7 - x4) * x5 - x6 + f,
        (x8 - x5) * x6 - x7 + f,
        (x9 - x6) * x7 - x8 + f,
        (x10 - x7) * x8 - x9 + f,
        (x1 - x8) * x9 - x10 + f,
    )

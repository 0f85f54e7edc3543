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


# fmt: off
_FORTY_SITES = (
    0.127, 7.793, 5.809, -1.806, -1.085, -1.384, -0.732, 7.827, -2.148, -4.537, -0.351, 4.944, 6.925,
    0.693, -4.915, 0.072, -1.785, 10.125, 0.651, -1.139, -1.007, -1.181, 0.934, 9.064, 3.619, -0.027,
    1.766, -0.328, 2.818, 7.124, 1.63, -2.368, 2.24, 1.647, 5.584, 9.136, 1.689, 4.131, 0.489, -4.549,
)
# fmt: on


@flow(
    initial=_FORTY_SITES,
    period=1.65,
    reference="Lorenz (1996). Predictability: a problem partly solved. Seminar on Predictability, Vol. 1. "
    "ECMWF, Reading.",
    tags={"climate", "dissipative", "spatiotemporal"},
    notes="Forty sites and f = 8, the classical setting; resized(n) has n sites. Some collections publish "
    "four sites and f = 20. The period is the peak of the power spectrum, which is broad, with a shoulder at "
    "1.46.",
)
def Lorenz96(*x, f=8.0):
    """Some atmospheric quantity at sites along a circle of latitude, advected, damped and driven.

    The usual proving ground for data assimilation and for studies of predictability.
    """
    n = len(x)
    return tuple((x[(i + 1) % n] - x[i - 2]) * x[i - 1] - x[i] + f for i in range(n))


@flow(
    initial=(1.926479236120359, -0.13402110197257552, -1.72146730664761),
    period=6.14,
    reference="Lorenz (1984). Irregularity: a fundamental property of the atmosphere. Tellus A 36, 98-110.",
    tags={"climate", "dissipative"},
)
def Lorenz84(x, y, z, *, a=1.32, b=7.91, f=4.83, g=4.194):
    """The westerly wind (x) and the two phases of the waves (y, z) that it feeds and that slow it down.

    The smallest model of the general circulation; it wanders irregularly even under constant forcing.
    """
    return (
        -(y**2) - z**2 - a * x + a * f,
        x * y - b * x * z - y + g,
        b * x * y + x * z - z,
    )


@flow(
    initial=(1.3664423, 0.9309146, 0.64283417),
    period=1.437,
    reference="Lorenz (1984). Irregularity: a fundamental property of the atmosphere. Tellus A 36, 98-110.",
    tags={"climate", "dissipative"},
    notes="The equations of Lorenz84 at other parameters, known under this name since galleries cite "
    "Hadley's essay of 1735 on the trade winds, which has no equations.",
)
def Hadley(x, y, z, *, a=0.2, b=4.0, f=9.0, g=1.0):
    """Lorenz's model of the general circulation under strong contrast between equator and pole.

    The wind that drives the waves is strong here, and the waves never settle.
    """
    return (
        -(y**2) - z**2 - a * x + a * f,
        x * y - b * x * z - y + g,
        b * x * y + x * z - z,
    )


@flow(
    initial=(0.02654419, 0.20580773, 0.4375812),
    period=90.11,
    reference="Tuwankotta (2006). Chaos in a coupled oscillators system with widely spaced frequencies and "
    "energy-preserving non-linearity. Int. J. Non-Linear Mech. 41, 180-191.",
    tags={"climate", "dissipative"},
)
def AtmosphericRegime(x, y, z, *, alpha=-2.0, beta=-5.0, mu1=0.05, mu2=-0.01, omega=3.0, sigma=1.1):
    """A slow mode of the atmosphere (x) and a fast wave (y, z) that exchange energy without loss.

    Long quiet spells and sudden bursts resemble the regimes of ultra-low-frequency weather.
    """
    return (
        mu1 * x + sigma * x * y,
        mu2 * y + omega * z + alpha * y * z + beta * z**2 - sigma * x**2,
        mu2 * z - omega * y - alpha * y**2 - beta * y * z,
    )


@flow(
    initial=(4.2334386, 9.08970605, 21.86662535, -1.40806952),
    period=1.778,
    reference="Stenflo (1996). Generalized Lorenz equations for acoustic-gravity waves in the atmosphere. "
    "Phys. Scr. 53, 83-84.",
    tags={"climate", "lorenz-like", "dissipative"},
)
def LorenzStenflo(x, y, z, w, *, a=2.0, b=0.7, c=26.0, d=1.5):
    """Acoustic-gravity waves in a rotating atmosphere: the Lorenz system and one equation for the rotation.

    Reduces to the Lorenz system where the planet does not turn.
    """
    return (
        a * (y - x) + d * w,
        c * x - x * z - y,
        x * y - b * z,
        -x - a * w,
    )


@flow(
    initial=(-6.99286331, 0.02325428, -0.16581776),
    period=1.189,
    reference="Vallis (1988). Conceptual models of El Nino and the Southern Oscillation. J. Geophys. Res. "
    "93, 13979-13991.",
    tags={"climate", "dissipative"},
    notes="The period is that of a turn around one lobe; the way around both takes about twice as long.",
)
def VallisElNino(x, y, z, *, b=102.0, c=3.0, p=0.0):
    """A current (x) across the Pacific, and the difference (y) and mean (z) of the temperatures at its ends.

    A cartoon of El Nino, whose irregular return needs no outside cause.
    """
    return (
        b * y - c * (x + p),
        x * z - y,
        1 - z - x * y,
    )

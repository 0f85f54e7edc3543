"""Cycles of money."""

from chaosdata.equations import flow


@flow(
    initial=(0.38673159, 3.0544196, -0.0067836194),
    period=12.66,
    reference="Bouali (1999). Feedback loop in extended Van der Pol's equation applied to an economic model "
    "of cycles. Int. J. Bifurcation Chaos 9, 745-756.",
    tags={"economics", "dissipative"},
)
def Bouali(x, y, z, *, a=1.0, b=-0.3, bb=1.0, c=0.05, g=1.0, m=1.0, y0=4.0):
    """An oscillator with predator-prey terms that a third variable feeds back on, read as a business cycle.

    The feedback of foreign money turns regular cycles of an economy into irregular ones.
    """
    return (
        a * x * (y0 - y) - b * z,
        -g * y * (1 - x**2),
        -1.5 * m * x + m * bb * x * z - c * z,
    )


@flow(
    initial=(-0.79392257, 1.3617589, -0.030578888),
    period=123.0,
    reference="Bouali (1999). Feedback loop in extended Van der Pol's equation applied to an economic model "
    "of cycles. Int. J. Bifurcation Chaos 9, 745-756.",
    tags={"economics"},
    notes="With bb = c = 0 the feedback is linear, dz/dt = 0.004 x, and nothing damps it: volume is "
    "preserved on average, the chaos is weak, and its strength depends on the initial state. Galleries also "
    "use 0.001 x.",
)
def Bouali2(x, y, z, *, a=3.0, b=2.2, bb=0.0, c=0.0, g=1.0, m=-0.0026667, y0=1.0):
    """Bouali's cycle with a slow linear feedback: bursts of growth around a slow drift.

    Has two very different time scales, and a mixture of regular and chaotic orbits.
    """
    return (
        a * x * (y0 - y) - b * z,
        -g * y * (1 - x**2),
        -1.5 * m * x + m * bb * x * z - c * z,
    )


@flow(
    initial=(-0.51664739, -3.9568707, 0.0012893581),
    period=9.234,
    reference="Cai, Huang (2007). A new finance chaotic attractor. Int. J. Nonlinear Sci. 3, 213-220.",
    tags={"economics", "dissipative"},
)
def Finance(x, y, z, *, a=0.001, b=0.2, c=1.1):
    """Interest rate (x), demand for investment (y) and a price index (z) that act on each other.

    A favourite example of how a market's own feedback can make it unpredictable.
    """
    return (
        (1 / b - a) * x + z + x * y,
        -b * y - x**2,
        -x - c * z,
    )

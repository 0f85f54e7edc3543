"""Electronic circuits."""

from typing import Any

from chaosdata.equations import flow
from chaosdata.equations.functions import abs, exp, heaviside, minimum, pi, sin, tanh


@flow(
    initial=(-1.300882, 0.065382947, 0.91801911),
    period=9.65,
    reference="Sprott (2011). A new chaotic jerk circuit. IEEE Trans. Circuits Syst. II 58, 240-243.",
    tags={"electronics", "dissipative"},
    notes="Some collections give twice this period.",
)
def JerkCircuit(x, y, z, *, eps=1e-9, y0=0.026):
    """A chain of integrators closed by one diode, written as a third-order equation for a voltage.

    One of the simplest circuits to build that is chaotic; eps and y0 belong to the diode.
    """
    return (
        y,
        z,
        -z - x - eps * (exp(y / y0) - 1),
    )


@flow(
    initial=(3.6225814, 3.3226339, 1.9973142),
    period=6.978,
    reference="Anishchenko, Astakhov, Neiman, Vadivasova, Schimansky-Geier (2007). Nonlinear Dynamics of "
    "Chaotic and Stochastic Systems. Springer, Berlin.",
    tags={"electronics", "dissipative"},
    notes="The square is switched off for x < 0, so that the second derivative of the right-hand side jumps.",
)
def AnishchenkoAstakhov(x, y, z, *, eta=0.5, mu=1.2):
    """A radio-frequency generator whose gain is lowered by a rectified and smoothed copy of its own signal.

    Goes from a pure tone to chaos through period doubling, in theory and on the bench.
    """
    return (
        mu * x + y - x * z,
        -x,
        -eta * z + eta * heaviside(x) * x**2,
    )


def _clipped(x: Any) -> Any:
    """The linear amplifier that saturates at -1 and 1."""
    return (abs(x + 1) - abs(x - 1)) / 2


@flow(
    initial=(-0.26574016, -0.36754928, -0.073094132),
    period=19.28,
    reference="Arena, Caponetto, Fortuna, Porto (1998). Bifurcation and chaos in noninteger order cellular "
    "neural networks. Int. J. Bifurcation Chaos 8, 1527-1539.",
    tags={"electronics", "dissipative"},
)
def CellularNeuralNetwork(x, y, z, *, a=4.4, b=3.21, c=1.1, d=1.24):
    """Three cells of an analogue circuit, coupled through amplifiers that saturate.

    The smallest array of its kind that is chaotic, built from parts that are linear piece by piece.
    """
    X, Y, Z = _clipped(x), _clipped(y), _clipped(z)
    return (
        -x + d * X - b * Y - b * Z,
        -y - b * X + c * Y - a * Z,
        -z - b * X + a * Y + Z,
    )


@flow(
    initial=(1.1262351, -0.11386474, -0.78324421),
    period=1.48,
    reference="Matsumoto, Chua, Komuro (1985). The double scroll. IEEE Trans. Circuits Syst. 32, 797-818.",
    tags={"electronics", "dissipative"},
    notes="m0 and m1 are -8/7 and -5/7, in full precision.",
)
def Chua(x, y, z, *, alpha=15.6, beta=28.0, m0=-8 / 7, m1=-5 / 7):
    """Two capacitors, a coil and one resistor whose characteristic has three straight pieces.

    The first circuit that was proved, and easily shown on an oscilloscope, to be chaotic.
    """
    h = m1 * x + (m0 - m1) * _clipped(x)
    return (
        alpha * (y - x - h),
        x - y + z,
        -beta * y,
    )


@flow(
    initial=(-21.160123, 1.0322356, 27.405269),
    period=2.286,
    reference="Yalcin, Suykens, Vandewalle (2005). Cellular Neural Networks, Multi-Scroll Chaos and "
    "Synchronization. World Scientific, Singapore.",
    tags={"electronics", "dissipative"},
    notes="The first entry of c does not enter: the breakpoints are the others. Slopes are sevenths, in "
    "full precision.",
)
def MultiChua(
    x,
    y,
    z,
    *,
    a=9.0,
    b=14.286,
    c=(0.0, 1.0, 2.15, 3.6, 8.2, 13.0),
    m=(-1 / 7, 2 / 7, -4 / 7, 2 / 7, -4 / 7, 2 / 7),
):
    """Chua's circuit with more breakpoints, and a scroll for each piece that they add.

    Shows how the number of lobes of an attractor can be set at will.
    """
    steps = sum((m[i] - m[i + 1]) * (abs(x + c[i + 1]) - abs(x - c[i + 1])) / 2 for i in range(5))
    return (
        a * (y - m[5] * x - steps),
        x - y + z,
        -b * y,
    )


@flow(
    initial=(8.9389043, 0.64637337, 8.7869304),
    period=4.31,
    reference="Kennedy (1994). Chaos in the Colpitts oscillator. IEEE Trans. Circuits Syst. I 41, 771-774.",
    tags={"electronics", "dissipative"},
)
def Colpitts(x, y, z, *, a=30.0, b=0.8, c=20.0, d=0.08, e=10.0):
    """A classical one-transistor oscillator, driven so hard that its transistor switches on and off.

    Chaos in a circuit that engineers had used for decades as a source of clean tones.
    """
    return (
        y + a * minimum(z - e + 1, 0),
        c - x - b * y - z,
        y - d * z,
    )


@flow(
    initial=(-1.520504, 0.19640249, 0.0),
    period=10.0,
    reference="van der Pol (1920). A theory of the amplitude of free and forced triode vibrations. Radio "
    "Review 1, 701-710.",
    tags={"electronics", "driven", "dissipative"},
    angles={"z"},
    notes="z is the phase of the drive. The frequency is 2*pi/10. Some collections round it to 0.63, and "
    "the chaos is gone, which is as weak as its window is narrow: see the variant published.",
    variants={
        "published": {
            "w": 0.63,
            "initial": (-1.520504, 0.19640249, 0.0),
            "period": 9.973,
            "notes": "As published in collections, with the frequency rounded to 0.63: periodic.",
        }
    },
)
def ForcedVanDerPol(x, y, z, *, a=1.2, mu=8.53, w=2 * pi / 10):
    """A valve oscillator that relaxes in jumps, and a weak periodic voltage that tries to lock it.

    In its hum van der Pol heard, in 1927, one of the first signs of chaos.
    """
    return (
        y,
        mu * (1 - x**2) * y - x + a * sin(z),
        w,
    )


@flow(
    initial=(0.63878078, 1.0901873, 2.4479814),
    period=27.6,
    reference="San-Um, Srisuchinwong (2012). Highly complex chaotic system with piecewise linear "
    "nonlinearity and compound structures. J. Comput. 7, 1041-1047.",
    tags={"electronics", "dissipative"},
)
def SanUmSrisuchinwong(x, y, z, *, a=2.0):
    """A sigmoid, a product and a rectifier in a loop, easily built from operational amplifiers.

    Two scrolls, each of which contains smaller ones.
    """
    return (
        y - x,
        -z * tanh(x),
        -a + x * y + abs(y),
    )

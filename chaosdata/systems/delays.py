"""Equations with a memory: the rate of change depends on the state some time ago."""

from chaosdata.equations import delay
from chaosdata.equations.functions import sin, tanh

_TEXTBOOK = "One of the delays at which the dimension of the attractor was first measured (Farmer 1982)."


@delay(
    initial=(0.83347846,),
    period=50.0,
    reference="Mackey, Glass (1977). Oscillation and chaos in physiological control systems. Science 197, "
    "287-289.",
    tags={"delay", "medicine", "dissipative"},
    notes="tau = 17, the usual test of forecasters. Chaos begins at about 16.8: tau = 16, which some "
    "collections publish, is periodic. Longer delays give attractors of higher dimension.",
    variants={
        "published": {
            "tau": 16.0,
            "period": 47.9,
            "notes": "The delay that some collections publish: periodic.",
        },
        "tau23": {"tau": 23.0, "period": 69.2, "notes": _TEXTBOOK},
        "tau30": {"tau": 30.0, "period": 94.5, "notes": _TEXTBOOK},
    },
)
def MackeyGlass(t, x, *, beta=0.2, gamma=0.1, n=10.0, tau=17.0):
    """The density of blood cells, which die at a steady rate and are replaced tau days after the order.

    A body that reacts too late oscillates, and then irregularly: a dynamical disease.
    """
    return (beta * x(t - tau) / (1 + x(t - tau) ** n) - gamma * x,)


@delay(
    initial=(0.024144317,),
    period=3.5,
    reference="Ikeda, Matsumoto (1987). High-dimensional chaotic behavior in systems with time-delayed "
    "feedback. Physica D 29, 223-235.",
    tags={"delay", "optics", "dissipative"},
    notes="The spectrum is broad, and no period stands out; the declared one serves as a unit of time.",
)
def IkedaDelay(t, x, *, c=1.0, mu=-20.0, tau=2.0, x0=0.0):
    """The phase of light in a ring resonator, fed back after one round trip.

    High-dimensional chaos: the number of unstable directions grows with the feedback.
    """
    return (mu * sin(x(t - tau) - x0) - c * x,)


@delay(
    initial=(9.30770542,),
    period=20.45,
    reference="Sprott (2007). A simple chaotic delay differential equation. Phys. Lett. A 366, 397-402.",
    tags={"delay", "simple"},
)
def SprottDelay(t, x, *, c=0.0, mu=1.0, tau=5.1, x0=0.0):
    """Nothing but the sine of a late self: the simplest chaotic delay equation known.

    The state is an angle that wanders without bound, a deterministic random walk.
    """
    return (mu * sin(x(t - tau) - x0) - c * x,)


@delay(
    initial=(0.24640194,),
    period=3.87,
    reference="Voss (2002). Real-time anticipation of chaotic states of an electronic circuit. Int. J. "
    "Bifurcation Chaos 12, 1619-1625.",
    tags={"delay", "electronics", "dissipative"},
)
def VossDelay(t, x, *, alpha=3.24, tau=13.28):
    """The voltage of a circuit with a cubic feedback that is long compared with its own time.

    Built to show that a copy of a chaotic circuit can run ahead of the original.
    """
    past = x(t - tau)
    return (-alpha * x - 10.44 * past**3 - 13.95 * past**2 - 3.63 * past + 0.85,)


@delay(
    initial=(-0.70009241,),
    period=153.6,
    reference="Driver (1977). Ordinary and Delay Differential Equations. Springer, New York.",
    tags={"delay"},
    notes="The citation is that of collections; the equation belongs to a family of multi-scroll delay "
    "oscillators.",
)
def ScrollDelay(t, x, *, alpha=0.2, beta=0.2, tau=10.0):
    """A late restoring force and a late push that saturates.

    Orbits scroll around one of two points of rest and jump to the other at irregular times.
    """
    return (-alpha * x(t - tau) + beta * tanh(10 * x(t - tau)),)


@delay(
    initial=(-0.37155972,),
    period=48.3,
    reference="Tamasevicius, Mykolaitis, Bumeliene (2006). Delayed feedback chaotic oscillator with improved "
    "spectral characteristics. Electron. Lett. 42.",
    tags={"delay", "electronics"},
    notes="The circuit of the paper has a nonlinearity in straight pieces; this is the smooth cubic form "
    "that collections publish.",
)
def PiecewiseCircuit(t, x, *, alpha=1.0, beta=1.0, c=2.24, tau=4.9):
    """A delay line, an integrator and a nonlinear amplifier in a ring.

    Two scrolls whose spectrum is flat enough for communication.
    """
    past = x(t - tau)
    return (-alpha * past + beta * (3 * past / c - (past / c) ** 3),)

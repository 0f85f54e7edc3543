"""Sprott's cases: the algebraically simplest flows that are chaotic."""

from chaosdata.equations import flow
from chaosdata.equations.functions import exp, sign

_SIMPLE = "Sprott (1994). Some simple chaotic flows. Phys. Rev. E 50, R647-R650."


@flow(
    initial=(0.0, 5.0, 0.0),
    period=8.36,
    reference=_SIMPLE,
    tags={"sprott", "reversible"},
    notes="Phase space is mixed: the initial state is the paper's, in the chaotic sea. Divergence is not "
    "zero, but averages to zero along every bounded orbit.",
    variants={
        "published": {
            "initial": (1.54131864, 1.43079727, -1.52555412),
            "period": 6.229,
            "notes": "From the initial state that collections publish, the orbit stays on an invariant "
            "torus.",
        }
    },
)
def SprottA(x, y, z):
    """The one conservative case of Sprott's search: an oscillator whose friction is driven by its own energy.

    The Nose-Hoover oscillator at unit temperature: tori and a thin chaotic sea fill its phase space.
    """
    return (
        y,
        -x + y * z,
        1 - y**2,
    )


@flow(
    initial=(1.6878282, 1.4848132, -0.53706628),
    period=10.8,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottB(x, y, z):
    """Five terms, two of them products, and no parameter: case B of a computer search for simple chaos.

    Has the two lobes and the symmetry of the Lorenz system at half its length.
    """
    return (
        y * z,
        x - y,
        1 - x * y,
    )


@flow(
    initial=(-0.47199823, -0.27198066, 1.9418244),
    period=5.12,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottC(x, y, z):
    """Case C, which differs from case B by one square in place of a product.

    Shares the two lobes and the symmetry of the Lorenz system, with five terms.
    """
    return (
        y * z,
        x - y,
        1 - x**2,
    )


@flow(
    initial=(-1.3396906, -0.21238338, 0.32982163),
    period=4.861,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottD(x, y, z):
    """Case D: a plain rotation that is fed back through a product and a square.

    One of the few simple chaotic flows whose contraction depends on the state.
    """
    return (
        -y,
        x + z,
        x * z + 3 * y**2,
    )


@flow(
    initial=(0.6173759, 0.66599285, -1.6575023),
    period=19.1,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottE(x, y, z):
    """Case E, five terms with a product and a square.

    Slight changes of it have a stable point of rest beside the strange attractor, which made it known.
    """
    return (
        y * z,
        x**2 - y,
        1 - 4 * x,
    )


@flow(
    initial=(-0.98941275, -1.4191706, 0.85797204),
    period=21.8,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottF(x, y, z, *, a=0.5):
    """Case F, six terms of which one is a square.

    A folded band like Rossler's; equivalent to case H by a change of variables.
    """
    return (
        y + z,
        -x + a * y,
        x**2 - z,
    )


@flow(
    initial=(-0.77182478, -0.74756595, 1.3073285),
    period=5.819,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottG(x, y, z, *, a=0.4):
    """Case G, six terms of which one is a product.

    A single folded band, and an example of chaos with one unstable spiral.
    """
    return (
        a * x + z,
        x * z - y,
        -x + y,
    )


@flow(
    initial=(-1.360042, 0.62585352, -1.2788196),
    period=21.4,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottH(x, y, z, *, a=0.5):
    """Case H, six terms of which one is a square.

    The same dynamics as case F in other variables, a check that a method does not depend on them.
    """
    return (
        -y + z**2,
        x + a * y,
        x - z,
    )


@flow(
    initial=(-0.060099389, -0.49558355, 0.023159035),
    period=10.86,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottI(x, y, z, *, a=0.2):
    """Case I, six terms of which one is a square, and the weakest chaos of the list.

    Its small exponent makes it a test of estimators.
    """
    return (
        -a * y,
        x + z,
        x + y**2 - z,
    )


@flow(
    initial=(4.4786928, 2.2977432, 6.5847115),
    period=4.839,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottJ(x, y, z):
    """Case J, six terms of which one is a square.

    A band that is stretched and folded once a turn, equivalent to a simple jerk equation.
    """
    return (
        2 * z,
        -2 * y + z,
        -x + y + y**2,
    )


@flow(
    initial=(-1.3165015, -1.5429951, 0.664053),
    period=7.08,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottK(x, y, z, *, a=0.3):
    """Case K, six terms of which one is a product.

    Its contraction depends on the state, so that the sum of its exponents must be measured.
    """
    return (
        x * y - z,
        x - y,
        x + a * z,
    )


@flow(
    initial=(4.3611557, 13.705573, -2.6835659),
    period=6.783,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottL(x, y, z, *, a=0.9, b=3.9):
    """Case L, six terms of which one is a square.

    Can be written as one equation of third order, like several of its neighbours in the list.
    """
    return (
        y + b * z,
        a * x**2 - y,
        1 - x,
    )


@flow(
    initial=(1.6024402, -1.5983203, -2.6236374),
    period=10.77,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottM(x, y, z, *, a=1.7):
    """Case M, six terms of which one is a square.

    Two turns of its band differ so much that its period is that of both together.
    """
    return (
        -z,
        -(x**2) - y,
        a + a * x + y,
    )


@flow(
    initial=(-8.3258705, 7.3033716, 3.2798909),
    period=4.838,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottN(x, y, z):
    """Case N, six terms of which one is a square.

    A rescaled relative of case J with the same exponents.
    """
    return (
        -2 * y,
        x + z**2,
        1 + y - 2 * z,
    )


@flow(
    initial=(0.20549455, 0.022792985, 0.93636949),
    period=4.89,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottO(x, y, z, *, a=2.7):
    """Case O, six terms of which one is a product.

    Weakly contracting, so that its attractor is thicker than that of most of the cases.
    """
    return (
        y,
        x - z,
        x + x * z + a * y,
    )


@flow(
    initial=(0.83420675, 0.14915817, 0.44028635),
    period=5.12,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottP(x, y, z, *, a=2.7):
    """Case P, six terms of which one is a square.

    Its contraction depends on the state, and its attractor is among the thickest of the list.
    """
    return (
        a * y + z,
        -x + y**2,
        x + y,
    )


@flow(
    initial=(2.978102, -0.065260683, -2.8031286),
    period=3.7,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottQ(x, y, z, *, a=3.1, b=0.5):
    """Case Q, six terms of which one is a square.

    A single band with two parameters, close in shape to Rossler's.
    """
    return (
        -z,
        x - y,
        a * x + y**2 + b * z,
    )


@flow(
    initial=(-1.6914909, -1.9783678, 1.9807775),
    period=7.003,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottR(x, y, z, *, a=0.9, b=0.4):
    """Case R, six terms: constants drive it and one product folds it.

    It has a single point of rest, and equals a jerk equation after a change of variables.
    """
    return (
        a - y,
        b + z,
        x * y - z,
    )


@flow(
    initial=(0.12635702, 0.12260693, 1.2215429),
    period=3.263,
    reference=_SIMPLE,
    tags={"sprott", "dissipative"},
)
def SprottS(x, y, z):
    """Case S, six terms of which one is a square.

    The last and one of the most chaotic of the list, in units of its own period.
    """
    return (
        -x - 4 * y,
        x + z**2,
        1 + x,
    )


@flow(
    initial=(0.6883476, -0.18017646, 0.58539724),
    period=32.0,
    reference="Sprott (2014). A dynamical system with a strange attractor and invariant tori. Phys. Lett. A "
    "378, 1361-1363.",
    tags={"sprott", "reversible", "dissipative"},
    notes="Other initial states, near the tori, move quasiperiodically for ever.",
)
def SprottTorus(x, y, z):
    """A reversible quadratic flow in which a strange attractor lives beside nested invariant tori.

    Behaves as a conservative or as a dissipative system, depending on where it starts.
    """
    return (
        y + 2 * x * y + x * z,
        1 - 2 * x**2 + y * z,
        x - x**2 - y**2,
    )


@flow(
    initial=(-1.3396906, -0.21238338, 0.32982163),
    period=6.8,
    reference="Sprott (2020). Do we need more chaos examples? Chaos Theory Appl. 2, 49-51.",
    tags={"sprott", "reversible", "dissipative"},
    notes="sign(z) jumps: orbits cross the plane z = 0 with a kink, and tangent vectors are turned there.",
)
def SprottMore(x, y, z):
    """An oscillator whose friction is switched between positive and negative by a slow variable.

    Its dissipation nearly averages out, so that its attractor has a dimension close to three.
    """
    return (
        y,
        -x - y * sign(z),
        y**2 - exp(-(x**2)),
    )

"""Flows that stand for what happens near a bifurcation."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, sin


@flow(
    initial=(-0.78450179, -0.62887672, -0.17620268),
    period=1.795,
    reference="Langford (1984). Numerical studies of torus bifurcations. Numerical Methods for Bifurcation "
    "Problems, Birkhauser, Basel, 285-295.",
    tags={"bifurcations", "dissipative"},
    notes="Named after Aizawa and Uezu (1982), Prog. Theor. Phys. 67, 982-985.",
)
def Aizawa(x, y, z, *, a=0.95, b=0.7, c=0.6, d=3.5, e=0.25, f=0.1):
    """A sphere pierced by a tube: orbits climb the axis and fall down the outside.

    Near the interaction of a Hopf and a saddle-node bifurcation a torus breaks up into chaos.
    """
    return (
        (z - b) * x - d * y,
        d * x + (z - b) * y,
        c + a * z - z**3 / 3 - (x**2 + y**2) * (1 + e * z) + f * z * x**3,
    )


@flow(
    initial=(-0.55582369, 0.05181624, 0.37766104),
    period=0.3132,
    reference="Guckenheimer, Holmes (1983). Nonlinear Oscillations, Dynamical Systems, and Bifurcations of "
    "Vector Fields. Springer, New York.",
    tags={"bifurcations", "dissipative"},
)
def GuckenheimerHolmes(x, y, z, *, a=0.4, b=20.25, c=3.0, d=1.6, e=1.7, f=0.44):
    """A fast rotation whose amplitude and drift act on each other.

    Unfolds a point of rest that loses its stability in two ways at once, with the chaos that this brings.
    """
    return (
        a * x - b * y + c * z * x + d * z * (x**2 + y**2),
        a * y + b * x + c * z * y,
        e - z**2 - f * (x**2 + y**2) - a * z**3,
    )


@flow(
    initial=(1.5, 0.0, 0.0),
    period=6.2832,
    reference="Strogatz (1994). Nonlinear Dynamics and Chaos. Addison-Wesley, Reading.",
    tags={"bifurcations", "driven", "conservative"},
    notes="The velocity is an explicit function of time, in which the state does not enter: all orbits are "
    "copies of one closed or quasiperiodic winding, shifted in space. The initial state lies on the torus "
    "at t = 0.",
    variants={
        "published": {
            "initial": (-13.72884, 1.9094726, 0.72831447),
            "notes": "The initial state that collections publish lies off the torus.",
        }
    },
)
def Torus(t, x, y, z, *, a=0.5, n=15.3, r=1.0):
    """A winding around a torus of radii r and a: n turns the short way for each turn the long way.

    The plainest quasiperiodic motion, a control case for estimators of chaos and of dimension.
    """
    return (
        -a * n * sin(n * t) * cos(t) - (r + a * cos(n * t)) * sin(t),
        -a * n * sin(n * t) * sin(t) + (r + a * cos(n * t)) * cos(t),
        a * n * cos(n * t),
    )


@flow(
    initial=(0.19493821, -0.08921444, 0.0959999),
    period=2.6,
    reference="Gavrilov, Shilnikov (2000). Example of a blue sky catastrophe. Amer. Math. Soc. Transl. 200, "
    "99-105.",
    tags={"bifurcation", "dissipative"},
    notes="The usual example, found in Kuznetsov's Elements of Applied Bifurcation Theory (2004) too. We "
    "measured at mu = 0.456 that the cycle takes 57.8 time units at eps = 0.03, 130.0 at 0.035 and 545.6 at "
    "0.0357, like the inverse root of 0.03573 - eps. Most of the time it goes around where a small cycle is "
    "about to appear, once in 2.6 (the declared period); at 0.03575 there is no long cycle any more.",
)
def BlueSkyCatastrophe(x, y, z, *, mu=0.456, b=10.0, eps=0.0357):
    """A cycle whose length and period, but not its size, grow without bound as a parameter nears a value.

    The last way to be found in which a cycle of a generic flow with one parameter can disappear.
    """
    ring = z**2 + y**2 + 2 * y
    return (
        x * (2 + mu - b * (x**2 + y**2)) + ring,
        -(z**3) - (y + 1) * ring - 4 * x + mu * y,
        (y + 1) * z**2 + x**2 - eps,
    )

"""Masses, springs and stars."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, sign, sin, sqrt


@flow(
    initial=(0.0, -0.25, 0.42081, 0.0),
    period=6.37,
    reference="Henon, Heiles (1964). The applicability of the third integral of motion: some numerical "
    "experiments. Astron. J. 69, 73-79.",
    tags={"mechanics", "astronomy", "conservative", "hamiltonian"},
    notes="Phase space is mixed. The initial state has energy 1/8 and lies in the chaotic sea; many other "
    "states of the same energy move on regular tori.",
    variants={
        "published": {
            "initial": (-0.29707259, -0.0031367513, 0.42548865, 0.071905482),
            "period": 6.378,
            "notes": "From the initial state that collections publish (energy 0.1370), the orbit stays on a "
            "torus.",
        }
    },
)
def HenonHeiles(x, y, px, py, *, lam=1.0):
    """A star in the plane potential of a galaxy, or two springs coupled by cubic terms.

    Showed that a simple conservative system can be orderly at low energy and chaotic at higher energy.
    """
    return (
        px,
        py,
        -x - 2 * lam * x * y,
        -y - lam * (x**2 - y**2),
    )


@flow(
    initial=(-1.1635382, -0.5092374, 0.0),
    period=4.48799,
    reference="Duffing (1918). Erzwungene Schwingungen bei veranderlicher Eigenfrequenz und ihre technische "
    "Bedeutung. Vieweg, Braunschweig.",
    tags={"mechanics", "driven", "dissipative"},
    angles={"z"},
    notes="z is the phase of the drive.",
)
def Duffing(x, y, z, *, alpha=1.0, beta=-1.0, delta=0.1, gamma=0.35, omega=1.4):
    """A damped beam between two magnets, shaken periodically.

    The textbook oscillator with two wells: it hops between them in an unpredictable order.
    """
    return (
        y,
        gamma * cos(z) - delta * y - beta * x - alpha * x**3,
        omega,
    )


@flow(
    initial=(0.1, 0.09, 0.0, 0.0, 0.1),
    period=220.9,
    reference="Froeschle, Guzzo, Lega (2000). Graphical evolution of the Arnold web: from order to chaos. "
    "Science 289, 2108-2110.",
    tags={"mechanics", "driven", "conservative", "hamiltonian"},
    angles={"x1", "x2", "z"},
    notes="z is the phase of the drive. Phase space is mixed: which orbits are chaotic depends on the "
    "actions.",
)
def ArnoldWeb(p1, p2, x1, x2, z, *, mu=0.01, w=1.0):
    """Two rotators and a clock, weakly coupled: nearly regular but for a fine web of resonances.

    Along the web orbits drift chaotically, and very slowly, through all of phase space.
    """
    q = 4 + cos(z) + cos(x1) + cos(x2)
    return (
        -mu * sin(x1) / q**2,
        -mu * sin(x2) / q**2,
        p1,
        p2,
        w,
    )


@flow(
    initial=(18.33547, 20.92045, 15.32663),
    period=1.113,
    reference="Chen, Lee (2004). Anti-control of chaos in rigid body motion. Chaos Solitons Fractals 21, "
    "957-965.",
    tags={"mechanics", "dissipative"},
    notes="c = -3.8, as in the paper. Galleries and collections have -0.38: see the variant published.",
    variants={
        "published": {
            "c": -0.38,
            "initial": (0.17177112, 0.10360479, 6.2553878),
            "period": 4.144,
            "notes": "As published in collections, with c = -0.38: weaker chaos in an attractor of another "
            "shape.",
        }
    },
)
def ChenLee(x, y, z, *, a=5.0, b=-10.0, c=-3.8):
    """The three angular velocities of a tumbling body that a linear feedback keeps in chaos.

    Euler's equations of a top, made chaotic on purpose.
    """
    return (
        a * x - y * z,
        b * y + x * z,
        c * z + x * y / 3,
    )


def _published_double_pendulum(th1, th2, p1, p2, *, g=9.81, l1=1.0, l2=1.0, m1=1.0, m2=1.0):
    """The double pendulum as some collections have it: h2 lacks a factor 2, and energy is not kept."""
    turn = th1 - th2
    inertia = l1 * l2 * (m1 + m2 * sin(turn) ** 2)
    speed2 = ((m1 + m2) * l1 * p2 - m2 * l2 * p1 * cos(turn)) / (m2 * l2 * inertia)
    h1 = p1 * p2 * sin(turn) / inertia
    h2 = m2 * l2 * p1**2 / (2 * l1 * inertia**2) + m2 * l1 * l2 * p2 * speed2 / (2 * inertia)
    return (
        (l2 * p1 - l1 * p2 * cos(turn)) / (l1 * inertia),
        speed2,
        -(m1 + m2) * g * l1 * sin(th1) - h1 + h2 * sin(2 * turn),
        -m2 * g * l2 * sin(th2) + h1 - h2 * sin(2 * turn),
    )


@flow(
    initial=(-0.35224, -2.65937, -1.2249799, 2.535486),
    period=2.908,
    reference="Shinbrot, Grebogi, Wisdom, Yorke (1992). Chaos in a double pendulum. Am. J. Phys. 60, "
    "491-499.",
    tags={"mechanics", "conservative", "hamiltonian"},
    angles={"th1", "th2"},
    notes="Gravity is 9.81, the rods and the masses are 1. Phase space is mixed: the initial state, of "
    "energy -6.44, lies in the chaotic sea. Some collections lack a factor 2 in the equations of the "
    "momenta: see the variant published.",
    variants={
        "published": {
            "equations": _published_double_pendulum,
            "period": 1.953,
            "notes": "As published in collections: the mixed term of h2 lacks a factor 2, so that energy is "
            "not kept. Chaos lasts some hundred periods and ends on a limit cycle.",
        }
    },
)
def DoublePendulum(th1, th2, p1, p2, *, g=9.81, l1=1.0, l2=1.0, m1=1.0, m2=1.0):
    """Two point masses on two rods, hinged one below the other, without friction.

    The demonstration of chaos that fits on a table; th are the angles from below, p their momenta.
    """
    turn = th1 - th2
    inertia = l1 * l2 * (m1 + m2 * sin(turn) ** 2)
    h1 = p1 * p2 * sin(turn) / inertia
    h2 = (m2 * (l2 * p1) ** 2 + (m1 + m2) * (l1 * p2) ** 2 - 2 * m2 * l1 * l2 * p1 * p2 * cos(turn)) / (
        2 * inertia**2
    )
    return (
        (l2 * p1 - l1 * p2 * cos(turn)) / (l1 * inertia),
        ((m1 + m2) * l1 * p2 - m2 * l2 * p1 * cos(turn)) / (m2 * l2 * inertia),
        -(m1 + m2) * g * l1 * sin(th1) - h1 + h2 * sin(2 * turn),
        -m2 * g * l2 * sin(th2) + h1 - h2 * sin(2 * turn),
    )


@flow(
    initial=(0.29430753, 0.10649486, 0.29081125),
    period=4.841,
    reference="Leipnik, Newton (1981). Double strange attractors in rigid body motion with linear feedback "
    "control. Phys. Lett. A 86, 63-67.",
    tags={"mechanics", "dissipative"},
    notes="There are two attractors, each with its own basin. Collections spell the first author's name "
    "Liepnik, whence the system's name.",
)
def NewtonLiepnik(x, y, z, *, a=0.4, b=0.175):
    """A rigid body turning under a linear feedback: the equations of Euler with two attractors at once.

    An early example of two strange attractors side by side.
    """
    return (
        -a * x + y + 10 * y * z,
        -x - 0.4 * y + 5 * x * z,
        b * z - 5 * x * y,
    )


@flow(
    initial=(0.0, 5.0, 0.0),
    period=7.5,
    reference="Hoover (1985). Canonical dynamics: equilibrium phase-space distributions. Phys. Rev. A 31, "
    "1695-1697.",
    tags={"mechanics", "reversible"},
    notes="Phase space is mixed: the initial state lies in the chaotic sea, and there are nested tori in "
    "it. Divergence is not zero, but averages to zero along every bounded orbit.",
)
def NoseHoover(x, y, z, *, a=1.5):
    """A harmonic oscillator in a heat bath that a friction (z) stands for, which may be negative.

    The simplest deterministic thermostat, and a warning: one oscillator does not visit all its states.
    """
    return (
        y,
        -x + y * z,
        a - y**2,
    )


@flow(
    initial=(-0.85591178, 1.48078342, -0.85075322, 1.63576085),
    period=8.303,
    reference="Baran, Raduta (1998). Classical and quantal chaos described by a fourth order quadrupole "
    "boson Hamiltonian. Int. J. Mod. Phys. E 7, 527-551.",
    tags={"mechanics", "nuclear", "conservative", "hamiltonian"},
    notes="Phase space is mixed: the initial state lies in the chaotic sea.",
)
def NuclearQuadrupole(q1, q2, p1, p2, *, a=1.0, b=0.55, d=0.4):
    """The shape of an atomic nucleus that vibrates as a drop, with a threefold symmetry.

    Its quantum spectrum can be compared with classical chaos.
    """
    return (
        a * p1,
        a * p2,
        -a * q1 + 3 * b * (q1**2 - q2**2) / sqrt(2) - d * q1 * (q1**2 + q2**2),
        -a * q2 - 3 * sqrt(2) * b * q1 * q2 - d * q2 * (q1**2 + q2**2),
    )


def _published_stick_slip(
    x, v, th, *, a=1.0, alpha=0.3, b=1.0, beta=0.3, eps=0.05, gamma=1.0, t0=0.3, vs=0.4, w=2.0
):
    """The oscillator as some collections have it: one term of the friction takes the speed over ground."""
    friction = t0 * sign(v - vs) - alpha * v + beta * (v - vs) ** 3
    return (
        v,
        eps * (gamma * cos(th) - friction) + a * x - b * x**3,
        w,
    )


@flow(
    initial=(0.85539847, -0.39125834, 0.0),
    period=3.142,
    reference="Awrejcewicz, Holicke (1999). Melnikov's method and stick-slip chaotic oscillations in very "
    "weakly forced mechanical systems. Int. J. Bifurcation Chaos 9, 505-518.",
    tags={"mechanics", "driven", "dissipative"},
    angles={"th"},
    notes="Friction depends on the speed of slipping, v - vs, in all its terms. Some collections take v in "
    "one of them: see the variant published. At these parameters orbits settle on cycles; with gamma = 2 "
    "and w = 1 they are chaotic. Friction jumps at v = vs, where orbits may stick for a while.",
    variants={
        "published": {
            "equations": _published_stick_slip,
            "notes": "As published in collections: the linear term of the friction takes v in place of v - "
            "vs. Periodic.",
        }
    },
)
def StickSlipOscillator(
    x, v, th, *, a=1.0, alpha=0.3, b=1.0, beta=0.3, eps=0.05, gamma=1.0, t0=0.3, vs=0.4, w=2.0
):
    """A mass on a spring with two wells that lies on a moving belt, sticks to it and slips.

    Dry friction, weak as it is here, is enough to make a driven oscillator squeak irregularly.
    """
    slip = v - vs
    friction = t0 * sign(slip) - alpha * slip + beta * slip**3
    return (
        v,
        eps * (gamma * cos(th) - friction) + a * x - b * x**3,
        w,
    )


@flow(
    initial=(0.113296, 1.5707963267948966, 0.10992, 0.17747),
    period=1.301,
    reference="Tufillaro, Abbott, Griffiths (1984). Swinging Atwood's machine. Am. J. Phys. 52, 895-903.",
    tags={"mechanics", "conservative", "hamiltonian"},
    angles={"th"},
    notes="Gravity is 9.82. Phase space is mixed. The radius falls to a millionth and less where the "
    "angular momentum is near zero, so that time scales differ by orders of magnitude: at loose tolerances "
    "such an encounter may throw an orbit out.",
)
def SwingingAtwood(r, th, pr, pth, *, m1=1.0, m2=4.5):
    """Two weights on one string over two pulleys; the lighter one is free to swing.

    A laboratory machine that becomes chaotic, and at some ratios of the masses integrable.
    """
    gravity = 9.82
    return (
        pr / (m1 + m2),
        pth / (m1 * r**2),
        pth**2 / (m1 * r**3) - m2 * gravity + m1 * gravity * cos(th),
        -m1 * gravity * r * sin(th),
    )

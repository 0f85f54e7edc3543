"""Tracers and modes of moving fluids."""

from typing import Any

from chaosdata.equations import flow
from chaosdata.equations.functions import abs, cos, cosh, heaviside, pi, sin, sinh, tanh


@flow(
    initial=(1.0, 0.1, 0.0),
    period=10.0,
    reference="Shadden, Lekien, Marsden (2005). Definition and properties of Lagrangian coherent structures "
    "from finite-time Lyapunov exponents in two-dimensional aperiodic flows. Physica D 212, 271-304.",
    tags={"fluids", "driven", "conservative"},
    angles={"z"},
    notes="The period is that of the drive, 2*pi/omega; mixing between the gyres is much slower. Phase "
    "space is mixed: the initial state lies in the chaotic sea, and there are regular islands in it.",
)
def DoubleGyre(x, y, z, *, alpha=0.1, eps=0.1, omega=0.62832):
    """A tracer particle in two counter-rotating gyres whose separating line swings to and fro.

    The common example of chaotic advection and of Lagrangian coherent structures.
    """
    a = eps * sin(z)
    b = 1 - 2 * eps * sin(z)
    f = a * x**2 + b * x
    return (
        -alpha * pi * sin(pi * f) * cos(pi * y),
        alpha * pi * cos(pi * f) * sin(pi * y) * (2 * a * x + b),
        omega,
    )


@flow(
    initial=(-2.88, -3.51, -0.21),
    period=6.78,
    reference="Dombre, Frisch, Greene, Henon, Mehr, Soward (1986). Chaotic streamlines in the ABC flows. J. "
    "Fluid Mech. 167, 353-391.",
    tags={"fluids", "conservative"},
    angles={"x", "y", "z"},
    notes="Introduced by Arnold in 1965. a and b are the square roots of 3 and 2, in full precision. Phase "
    "space is mixed: the initial state lies in the chaotic sea between the vortex tubes.",
)
def ArnoldBeltramiChildress(x, y, z, *, a=3**0.5, b=2**0.5, c=1.0):
    """A tracer in a steady, periodic flow whose vorticity is parallel to its velocity.

    An exact solution of Euler's equations in which streamlines are chaotic; it also makes dynamos.
    """
    return (
        a * sin(z) + c * cos(y),
        b * sin(x) + a * cos(z),
        c * sin(y) + b * cos(x),
    )


def _published_bickley_jet(
    y,
    x,
    z,
    *,
    ell=1.77,
    eps=(0.0075, 0.15, 0.3),
    k=(0.313922, 0.627845, 0.941767),
    omega=1.0,
    sigma=(9.05854e-6, 1.28453e-5, 2.88863e-5),
    u=6.266e-5,
):
    """The jet as some collections have it: it blows westward, against the waves."""
    wave = [k[i] * (x - sigma[i] * z) for i in range(3)]
    profile = u / cosh(y / ell) ** 2
    return (
        ell * profile * sum(eps[i] * k[i] * sin(wave[i]) for i in range(3)),
        -profile * (1 + 2 * tanh(y / ell) * sum(eps[i] * cos(wave[i]) for i in range(3))),
        omega,
    )


@flow(
    initial=(0.5, 0.3, 0.0),
    period=3.8e5,
    reference="Hadjighasem, Karrasch, Teramoto, Haller (2016). Spectral-clustering approach to Lagrangian "
    "vortex detection. Phys. Rev. E 93, 063107.",
    tags={"fluids", "driven", "conservative"},
    notes="Lengths are in thousands of kilometres and times in seconds. z is the time and x the way around "
    "the globe: both grow without bound, and the waves' speeds have no common period. The jet and the waves "
    "run eastward, so that each wave has critical layers where fluid mixes; the initial state lies in one. "
    "Some collections reverse the velocity, and the chaos is gone: see the variant published.",
    variants={
        "published": {
            "equations": _published_bickley_jet,
            "initial": (-0.4, 0.3, 0.0),
            "period": 87500.0,
            "notes": "As published in collections, with the opposite velocity: no wave moves with the jet "
            "anywhere, and all orbits are regular.",
        }
    },
)
def BickleyJet(
    y,
    x,
    z,
    *,
    ell=1.77,
    eps=(0.0075, 0.15, 0.3),
    k=(0.313922, 0.627845, 0.941767),
    omega=1.0,
    sigma=(9.05854e-6, 1.28453e-5, 2.88863e-5),
    u=6.266e-5,
):
    """A tracer in an eastward jet that three waves of different speeds make meander.

    A model of the polar vortex and a benchmark of methods that find transport barriers.
    """
    wave = [k[i] * (x - sigma[i] * z) for i in range(3)]
    profile = u / cosh(y / ell) ** 2
    return (
        -ell * profile * sum(eps[i] * k[i] * sin(wave[i]) for i in range(3)),
        profile * (1 + 2 * tanh(y / ell) * sum(eps[i] * cos(wave[i]) for i in range(3))),
        omega,
    )


def _blink(s: Any, tau: Any) -> Any:
    """Which half of a protocol of period tau the time s is in: 1 in the first, 0 in the second."""
    return (1 + tanh(20 * tau * sin(2 * pi * s / tau))) / 2


def _stirred(r: Any, th: Any, a: Any, b: Any, bc: Any) -> Any:
    """Velocity (radial, tangential) around a stirrer at distance b from the centre of a cylinder of radius a.

    bc = 1 for a rotlet in a viscous fluid, which sticks to the wall; bc = 0 for a vortex in an ideal one.
    """
    distance = b**2 + r**2 - 2 * b * r * cos(th)
    image = a**2 + b**2 * r**2 / a**2 - 2 * b * r * cos(th)
    wall = bc * (1 - r**2 / a**2) * (a**2 - b**2 * r**2 / a**2) / image**2
    radial = b * sin(th) * (1 / distance - 1 / image - wall)
    tangential = (
        (wall + 1 / image) * (b**2 * r / a**2 - b * cos(th))
        + bc * r * (a**2 + b**2 - 2 * b**2 * r**2 / a**2) / (a**2 * image)
        - (r - b * cos(th)) / distance
    )
    return radial, tangential


def _blinking(r: Any, th: Any, s: Any, a: Any, b: Any, bc: Any, sigma: Any, tau: Any) -> Any:
    """Two stirrers at b and -b that turn one after the other."""
    w = _blink(s, tau)
    (u1, v1), (u2, v2) = _stirred(r, th, a, b, bc), _stirred(r, th, a, -b, bc)
    return (
        sigma * (w * u1 + (1 - w) * u2),
        sigma * (w * v1 + (1 - w) * v2) / r,
        1,
    )


@flow(
    initial=(0.1, 3.0, 0.0),
    period=3.0,
    reference="Meleshko, Aref (1996). A blinking rotlet model for chaotic advection. Phys. Fluids 8, "
    "3215-3217.",
    tags={"fluids", "driven", "conservative", "polar"},
    clocks={"s": "tau"},
    angles={"th"},
    notes="s is the time within the protocol, which is smoothed over a few thousandths of it by a steep "
    "tanh. Phase space is mixed: the initial state lies in the chaotic sea.",
)
def BlinkingRotlet(r, th, s, *, a=1.0, b=0.5298833894399929, bc=1.0, sigma=-1.0, tau=3.0):
    """A tracer in syrup that two rods in a cylinder stir by turns; r and th are polar coordinates.

    Slow flow without inertia, and still good mixing, because the stirring changes place.
    """
    return _blinking(r, th, s, a, b, bc, sigma, tau)


@flow(
    initial=(0.1, 3.0, 0.0),
    period=3.0,
    reference="Aref (1984). Stirring by chaotic advection. J. Fluid Mech. 143, 1-21.",
    tags={"fluids", "driven", "conservative", "polar"},
    clocks={"s": "tau"},
    angles={"th"},
    notes="s is the time within the protocol, which is smoothed over a few thousandths of it by a steep "
    "tanh. Phase space is mixed: the initial state lies in the chaotic sea.",
)
def BlinkingVortex(r, th, s, *, a=1.0, b=0.5, bc=0.0, sigma=-1.0, tau=3.0):
    """A tracer around two vortices in a cylinder that are switched on by turns, in polar coordinates.

    The example with which the idea of chaotic advection began.
    """
    return _blinking(r, th, s, a, b, bc, sigma, tau)


@flow(
    initial=(-0.65820064, -2.8807787, 0.1),
    period=5.193,
    reference="Gilet, Bush (2009). The fluid trampoline: droplets bouncing on a soap film. J. Fluid Mech. "
    "625, 167-203.",
    tags={"fluids", "driven", "dissipative"},
    angles={"th"},
    notes="th is the phase of the shaking. Several motions coexist: chaos lasts for hundreds of periods "
    "from most initial states, and ends on a periodic bounce. The film pushes only where x < 0, so that the "
    "right-hand side jumps a little at x = 0.",
)
def FluidTrampoline(x, y, th, *, gamma=1.82, psi=0.01019, w=1.21):
    """The height and speed of a droplet that bounces on a soap film shaken up and down.

    A ball on a trampoline with a fluid's damping, seen to bounce chaotically in the laboratory.
    """
    return (
        y,
        -1 - heaviside(-x) * (x + psi * y * abs(y)) + gamma * cos(th),
        w,
    )


@flow(
    initial=(0.1, 0.1, 0.1),
    period=3.0,
    reference="Blake (1971). Self propulsion due to oscillations on the surface of a cylinder at low "
    "Reynolds number. Bull. Aust. Math. Soc. 5, 255-264.",
    tags={"fluids", "driven", "conservative", "polar"},
    clocks={"s": "tau"},
    angles={"th"},
    notes="s is the time within the protocol, which is smoothed by a steep tanh. Phase space is mixed: the "
    "initial state lies in the chaotic sea.",
)
def InteriorSquirmer(r, th, s, *, a=(0.5,) * 5, g=(0.5,) * 5, tau=3.0):
    """A tracer inside a circular cell whose wall pulls the fluid along, by turns in two patterns.

    Asks how well a swimming cell stirs what is inside it; r and th are polar coordinates.
    """
    w = _blink(s, tau)
    modes = range(1, 6)
    return (
        sum(
            n * r ** (n - 1) * (r**2 - 1) * ((1 - w) * g[n - 1] * cos(n * th) + w * a[n - 1] * sin(n * th))
            for n in modes
        ),
        sum(
            (2 * r**n + n * r ** (n - 2) * (r**2 - 1))
            * (w * a[n - 1] * cos(n * th) - (1 - w) * g[n - 1] * sin(n * th))
            for n in modes
        ),
        1,
    )


def _cavity_mode(x: Any, y: Any, a: Any, b: Any, k: Any) -> Any:
    """Velocity of the k-th mode of a viscous fluid in a box of width a and half-height b with moving lids."""
    K = k * pi / a
    scale = 2 / (2 * k * pi * b + a * sinh(2 * K * b))
    return (
        scale
        * sin(K * x)
        * (
            cosh(K * b) * (k * pi * y * cosh(K * y) + a * sinh(K * y))
            - k * pi * b * sinh(K * b) * sinh(K * y)
        ),
        scale * k * pi * cos(K * x) * (b * sinh(K * b) * cosh(K * y) - y * cosh(K * b) * sinh(K * y)),
    )


@flow(
    initial=(3.96679, 0.18426, 0.0),
    period=1.1,
    reference="Grover, Ross, Stremler, Kumar (2012). Topological chaos, braiding and bifurcation of "
    "almost-cyclic sets. Chaos 22, 043135.",
    tags={"fluids", "driven", "conservative"},
    clocks={"s": "tau"},
    notes="s is the time within the protocol, which is smoothed by a steep tanh. Phase space is mixed: the "
    "initial state lies in the chaotic sea.",
)
def LidDrivenCavityFlow(x, y, s, *, a=6.0, b=1.0, tau=1.1, u1=9.92786, u2=8.34932):
    """A tracer in a box of viscous fluid whose lids are drawn to and fro.

    Regions that nearly return braid around each other, and the braid alone forces the rest to mix.
    """
    (x1, y1), (x2, y2) = _cavity_mode(x, y, a, b, 1), _cavity_mode(x, y, a, b, 2)
    side = 2 * _blink(s, tau) - 1
    return (
        side * u1 * x1 + u2 * x2,
        side * u1 * y1 + u2 * y2,
        1,
    )


@flow(
    initial=(3.14159265, 1.04719755, 0.4),
    period=12.82,
    reference="Solomon, Gollub (1988). Chaotic particle transport in time-dependent Rayleigh-Benard "
    "convection. Phys. Rev. A 38, 6280-6286.",
    tags={"fluids", "driven", "conservative"},
    angles={"x", "z"},
    notes="z is the phase of the swinging. x counts modulo one pair of rolls, 2*pi/k. Phase space is mixed: "
    "the initial state lies in the chaotic sea, and there are regular islands in it.",
)
def OscillatingFlow(x, y, z, *, b=0.48, k=1.0, omega=0.49, u=0.72):
    """A tracer in a row of convection rolls that swing from side to side.

    Particles that would circle for ever in one roll travel through all of them.
    """
    return (
        u * cos(k * y) * sin(k * (x + b * sin(z))),
        -u * sin(k * y) * cos(k * (x + b * sin(z))),
        omega,
    )


@flow(
    initial=(-15.660582, -13.32018, 26.879362),
    period=0.3856,
    reference="Lu, Chen (2002). A new chaotic attractor coined. Int. J. Bifurcation Chaos 12, 659-661.",
    tags={"fluids", "lorenz-like", "dissipative"},
    notes="The equations are those of the Lu system (LuChen) at other parameters, without the term -y of a "
    "model of convection. Collections that use this name cite a paper on a coupled map lattice.",
)
def RayleighBenard(x, y, z, *, a=30.0, b=5.0, r=18.0):
    """A Lorenz-like flow that collections know as a model of thermal convection.

    Kept under that name so that published results can be joined to it.
    """
    return (
        a * (y - x),
        r * y - x * z,
        x * y - b * z,
    )


@flow(
    initial=(1.9257158, 3.1923835, 5.7829655),
    period=3.465,
    reference="Rucklidge (1992). Chaos in models of double convection. J. Fluid Mech. 237, 209-229.",
    tags={"fluids", "dissipative"},
)
def Rucklidge(x, y, z, *, a=2.0, b=6.7):
    """Convection in which a second influence, a magnetic field or salt, works against the heat.

    A limit of the full equations of convection in which chaos is no artefact of the truncation.
    """
    return (
        -a * x + b * y - y * z,
        x,
        -z + y**2,
    )

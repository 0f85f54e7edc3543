"""Declarations for the tests of this folder; at the top of a module, so that they can be pickled."""

from chaosdata.equations import delay, flow, map_, stochastic
from chaosdata.equations.functions import (
    abs,
    acos,
    atan,
    atan2,
    cos,
    cosh,
    floor,
    heaviside,
    log,
    maximum,
    minimum,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    where,
)

PAPER = "Nobody (2000). On nothing. J. Null Results 1, 1-2."


@flow(initial=(0.5, 0.0), period=1.0, reference=PAPER)
def Driven(t, x, v, *, k=1.5, f=0.3):
    """A spring that is pulled."""
    return v, -k * x + f * cos(t) + t / 7


@flow(
    initial=(0.5, 0.2, 0.0), period=1.0, reference=PAPER, tags={"toy"}, angles={"theta"}, notes="Only a test."
)
def Wheel(x, theta, v, *, m=((1, 2.5), (0, -1)), e=2):
    """Every kind of thing in one system."""
    return (
        m[0][0] * x**e + m[0][1] * sin(theta) + m[1][0] * sqrt(x),
        v,
        m[1][1] * v + cos(theta) * log(1 + x**2),
    )


WheelSlow = Wheel.variant("WheelSlow", initial=(0.1, 0.0, 0.0), period=3.0, notes="Slower.", e=3)


@flow(initial=(0.3, 0.4, 0.5), period=1.0, reference=PAPER)
def Kinks(x, y, z, *, a=1.5, b=0.7):
    """Every function with a kink or a jump, and every one that is rare."""
    h = b * x + (abs(x + 1) - abs(x - 1)) / 2
    return (
        a * (y - h) + where(x >= y, sin(x), y**2) * z,
        minimum(x, y, 0.1) + maximum(x, z) * tan(x / 3) + floor(3 * y) * x,
        sign(z) * y + heaviside(x - z) * z + sinh(x) * cosh(z) + atan(z) + atan2(x, z) + acos(z / 5),
    )


@map_(
    initial=(0.1, 0.3),
    reference=PAPER,
    inverse=lambda x, y, *, a, b: (y / b, x - 1 + a * (y / b) ** 2),
    variants={
        "published": {"a": 1.2, "initial": (0.2, 0.1), "notes": "Another fold."},
        "linear": {
            "equations": lambda x, y, *, b=0.5: (y, b * x),
            "b": 0.25,
            "inverse": lambda x, y, *, b: (y / b, x),
            "period": 2.0,
        },
    },
)
def Fold(x, y, *, a=1.4, b=0.3):
    """A fold and a contraction."""
    return 1 - a * x**2 + y, b * x


@map_(initial=(0.5, 1.0), reference=PAPER, angles={"theta"})
def Kicked(t, theta, p, *, k=0.9):
    """A rotor that is kicked harder every time."""
    kicked = p + k * (1 + t / 10) * sin(theta)
    return theta + kicked, kicked


@delay(initial=(0.9,), period=50.0, reference=PAPER, variants={"slow": {"tau": 30.0}})
def Feedback(t, x, *, beta=0.2, gamma=0.1, n=10, tau=17.0):
    """Production that is regulated late."""
    late = x(t - tau)
    return (beta * late / (1 + late**n) - gamma * x,)


@delay(
    initial=(0.9, 0.3),
    period=5.0,
    reference=PAPER,
    angles={"phi"},
    history=lambda t, *, a: (a + t, cos(t)),
)
def Echoes(t, x, phi, *, a=0.2, tau=(1, 2.5)):
    """Two components, three delays, and a force."""
    near = x(t - tau[0])
    return (
        near * where(x > 0.5, sin(phi), x) + cos(t),
        a * sin(phi(t - tau[1]) - phi) - x(t - tau[0] - tau[1]) * near + 1,
    )


@stochastic(initial=(1.0, 0.5, 2.0), period=1.0, reference=PAPER, variants={"quiet": {"s": 0.1}})
def Noisy(t, x, y, z, *, s=0.5):
    """Additive, multiplicative and no noise."""
    return (x - x**3 + y, cos(t) - y, -z), (s, s * sin(y) * t, 0)


@flow(initial=[1.0] * 5 + [1.01], period=1.0, reference=PAPER, variants={"weak": {"f": 4.0}})
def Ring(*x, f=8.0):
    """Sites on a ring."""
    n = len(x)
    return tuple((x[(i + 1) % n] - x[i - 2]) * x[i - 1] - x[i] + f for i in range(n))


@flow(initial=(0.1, 0.2, 0.5), period=1.0, reference=PAPER, angles={"theta"})
def Phases(t, *theta, k=1.0, omega=0.7):
    """Coupled rotors, the first one driven."""
    field = sum(sin(other) for other in theta) / len(theta)
    return tuple(omega * (i + 1) + k * field * cos(theta[i]) + cos(t) for i in range(len(theta)))

"""Maps that preserve areas: kicked rotators, billiards of the mind, stirred fluids."""

from typing import Any

from chaosdata.equations import map_
from chaosdata.equations.functions import abs, atan2, cos, floor, pi, sign, sin, sqrt


def _turned(angle: Any) -> Any:
    """The angle in [0, 2 pi)."""
    return angle - 2 * pi * floor(angle / (2 * pi))


@map_(
    initial=(0.1, 0.1),
    reference="Chirikov (1979). A universal instability of many-dimensional oscillator systems. Phys. Rep. "
    "52, 263-379.",
    tags={"map", "invertible", "hamiltonian", "conservative"},
    angles={"p", "x"},
    inverse=lambda p, x, *, k: (_turned(p - k * sin(x - p)), _turned(x - p)),
    notes="On the torus: momentum and angle modulo 2 pi. With k = 6 nearly all of it is one chaotic sea, "
    "whose exponent is close to ln(k/2). The variant published has the critical k, at which the last "
    "invariant circle breaks: thin chaos among islands.",
    variants={"published": {"k": 0.971635, "notes": "k as published in collections: the critical value."}},
)
def Chirikov(p, x, *, k=6.0):
    """The standard map: a rotator that is kicked periodically, with a strength that depends on its angle.

    The microscope of Hamiltonian chaos; every kicked system looks like it near a resonance.
    """
    kicked = p + k * sin(x)
    return _turned(kicked), _turned(x + kicked)


@map_(
    initial=(0.1, 0.3),
    reference="Arnold, Avez (1968). Ergodic Problems of Classical Mechanics. Benjamin, New York.",
    tags={"map", "invertible", "piecewise", "conservative"},
    inverse=lambda x, y: (2 * x - y - floor(2 * x - y), y - x - floor(y - x)),
    notes="The exponents are plus and minus ln((3 + sqrt(5))/2).",
)
def ArnoldCat(x, y):
    """A shear of the unit square in both directions, cut and put together again.

    The simplest hyperbolic system; after a few steps nothing is left of the cat drawn on the square.
    """
    return x + y - floor(x + y), x + 2 * y - floor(x + 2 * y)


@map_(
    initial=(0.04995935, 0.363224),
    reference="Hopf (1937). Ergodentheorie. Springer, Berlin.",
    tags={"map", "invertible", "piecewise", "conservative"},
    inverse=lambda x, y, *, a: ((x + floor(2 * y)) / (2 - 1e-10), (2 * y - floor(2 * y)) / a),
    notes="The stretch is 2 - 1e-10: in binary arithmetic a stretch of 2 would shift the digits out, and "
    "every computed orbit would end at 0 after 53 iterates. So it preserves areas to one part in 10**10 "
    "only.",
)
def Baker(x, y, *, a=1.0):
    """A piece of dough stretched to twice its length, cut, and stacked.

    Mixes perfectly, and every point can be followed by its binary digits.
    """
    stretch = 2 - 1e-10
    whole = floor(stretch * x)
    return stretch * x - whole, (a * y + whole) / 2


@map_(
    initial=(-0.1, 0.0),
    reference="Devaney (1984). A piecewise linear model for the zones of instability of an area-preserving "
    "map. Physica D 10, 387-393.",
    tags={"map", "invertible", "piecewise", "conservative"},
    inverse=lambda x, y: (y, 1 - x + abs(y)),
    notes="Starts in the chaotic zone; collections publish a start in a periodic island, which is the "
    "variant.",
    variants={
        "published": {
            "initial": (0.51, 0.1),
            "notes": "A start in the hexagon, where all orbits are periodic.",
        }
    },
)
def Gingerbreadman(x, y):
    """Straight pieces only, and yet hexagonal islands in a chaotic figure of a man of gingerbread.

    A model of the zones of instability around an elliptic point in which everything can be computed by hand.
    """
    return 1 - y + abs(x), x


def _gumowski_mira_inverse(x, y, *, a, b):
    before = a * x + 2 * (1 - a) * x**2 / (1 + x**2) - y
    return before, (x - a * before - 2 * (1 - a) * before**2 / (1 + before**2)) / b


@map_(
    initial=(3.0, 0.0),
    reference="Gumowski, Mira (1980). Recurrences and Discrete Dynamic Systems. Lect. Notes Math. 809. "
    "Springer, Berlin.",
    tags={"map", "invertible", "accelerators", "conservative"},
    inverse=_gumowski_mira_inverse,
    notes="With b = 1 areas are preserved, as in the paper's figures. Published values of b = -0.2 and a = "
    "-1.1 contract everything to a point: the variant.",
    variants={
        "published": {
            "a": -1.1,
            "b": -0.2,
            "initial": (0.1, 0.1),
            "notes": "Parameters as published in collections: orbits end at a point of rest.",
        }
    },
)
def GumowskiMira(x, y, *, a=-0.3, b=1.0):
    """Particles in a storage ring, seen once in each turn.

    Devised at CERN to learn when a beam is lost; known for patterns like feathers and shells.
    """
    following = b * y + a * x + 2 * (1 - a) * x**2 / (1 + x**2)
    return following, a * following + 2 * (1 - a) * following**2 / (1 + following**2) - x


@map_(
    initial=(0.1, 0.1),
    reference="Dewdney (1986). Computer recreations: wallpaper for the mind. Sci. Am. 255(3), 14-23.",
    tags={"map", "invertible", "piecewise", "pictures", "conservative"},
    inverse=lambda x, y, *, a, b, c: (
        a - 1 - y,
        x + 1 + sqrt(abs(b * (a - 1 - y) - 1 - c)) * sign(a - 2 - y),
    ),
    notes="Orbits spread slowly over the plane: a few hundred units in a million iterates. The exponent "
    "falls as they spread.",
)
def Hopalong(x, y, *, a=3.1, b=2.5, c=4.2):
    """Barry Martin's map, which hops from place to place and draws wallpaper.

    Areas are preserved although a square root and a jump sit in it.
    """
    return y - 1 - sqrt(abs(b * x - 1 - c)) * sign(x - 1), a - x - 1


_KEPLER_STEPS = 4


def _stirred(r: Any, th: Any, b: Any, a: Any, gamma: Any, duration: Any) -> tuple[Any, Any]:
    """A point after ``duration`` of one vortex at distance b from the centre of a wall of radius a.

    The point runs around a circle on which its distances to the vortex and to the vortex's image keep their
    ratio. Its angle there obeys Kepler's equation.
    """
    x, y = r * cos(th), r * sin(th)
    image = a**2 / b
    ratio = ((x - b) ** 2 + y**2) / ((x - image) ** 2 + y**2)
    centre = (b - ratio * image) / (1 - ratio)
    radius = sqrt(ratio) * abs(image - b) / (1 - ratio)
    eccentricity = 2 * sqrt(ratio) / (1 + ratio)
    cycle = (2 * pi * radius) ** 2 / gamma * (1 + ratio) / (1 - ratio)
    angle = atan2(y, x - centre)
    mean = angle - eccentricity * sin(angle) + 2 * pi * duration / cycle
    angle = mean + eccentricity * sin(mean)
    for _ in range(_KEPLER_STEPS):
        sine, cosine = sin(angle), cos(angle)
        angle = (mean + eccentricity * (sine - angle * cosine)) / (1 - eccentricity * cosine)
    return centre + radius * cos(angle), radius * sin(angle)


def _one_vortex(r: Any, th: Any, *, a: Any = 1.0, b: Any = 0.5, gamma: Any = 1.0, duration: Any = 1.5) -> Any:
    """One vortex that never blinks, as collections have it."""
    x, y = _stirred(r, th, b, a, gamma, duration)
    return sqrt(x**2 + y**2), atan2(y, x)


@map_(
    initial=(0.17, 0.33),
    reference="Aref (1984). Stirring by chaotic advection. J. Fluid Mech. 143, 1-21.",
    tags={"map", "fluids", "polar", "conservative"},
    angles={"th"},
    notes="An iterate is one vortex for a time `duration` (which others call t), then half a turn of the "
    "frame, so that the vortex that acts is always at (b, 0). Two iterates are one cycle of both. Areas r dr "
    "dth are preserved. The usual code forgets to blink; it is the variant published, which is regular.",
    variants={
        "published": {
            "equations": _one_vortex,
            "notes": "One vortex only, as published in collections: all orbits go around on circles.",
        }
    },
)
def BlinkingVortexMap(r, th, *, a=1.0, b=0.5, gamma=1.0, duration=1.5):
    """A fluid in a round tank (polar coordinates) stirred in turn by two vortices at opposite places.

    Aref's example of chaotic advection: a simple flow that changes in time mixes like a turbulent one.
    """
    x, y = _stirred(r, th, b, a, gamma, duration)
    return sqrt(x**2 + y**2), atan2(-y, -x)

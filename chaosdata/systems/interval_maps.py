"""Maps of an interval or a circle: one number from one step to the next."""

from chaosdata.equations import map_
from chaosdata.equations.functions import abs, acos, cos, exp, floor, pi, sin


@map_(
    initial=(0.51,),
    reference="May (1976). Simple mathematical models with very complicated dynamics. Nature 261, 459-467.",
    tags={"map", "ecology", "dissipative"},
)
def Logistic(x, *, r=3.9):
    """A population that grows by r where it is small and starves itself where it is large.

    One multiplication and one subtraction suffice for period doubling, windows and chaos.
    """
    return (r * x * (1 - x),)


@map_(
    initial=(0.51,),
    reference="Adler, Rivlin (1964). Ergodic and mixing properties of Chebyshev polynomials. Proc. Am. Math. "
    "Soc. 15, 794-796.",
    tags={"map", "dissipative"},
    notes="For a whole number a it is the Chebyshev polynomial of that degree, with the exponent ln(a).",
)
def Chebyshev(x, *, a=6.0):
    """An angle multiplied by a, seen through its cosine.

    Chaos with an invariant density and an exponent in closed form.
    """
    return (cos(a * acos(x)),)


@map_(
    initial=(0.51,),
    reference="Ricker (1954). Stock and recruitment. J. Fish. Res. Board Can. 11, 559-623.",
    tags={"map", "ecology", "dissipative"},
)
def Ricker(x, *, a=3.3):
    """Fish whose young are eaten by their own crowd, so that recruitment falls exponentially.

    The fishery's counterpart of the logistic map; no population, however large, dies out at once.
    """
    return (x * exp(a - x),)


@map_(
    initial=(0.51,),
    reference="Collet, Eckmann (1980). Iterated Maps on the Interval as Dynamical Systems. Birkhauser, "
    "Boston.",
    tags={"map", "piecewise", "dissipative"},
    notes="With mu = 1 each iterate would shift one binary digit out of the state, and a computed orbit "
    "would end at 0 after 53 of them; mu = 0.95 has no such accident.",
)
def Tent(x, *, mu=0.95):
    """Stretches the interval by 2*mu and folds it in the middle.

    The slope is the same everywhere, so the exponent is exactly ln(2*mu).
    """
    return (mu * (1 - 2 * abs(x - 0.5)),)


@map_(
    initial=(0.5,),
    reference="Hilborn (1994). Chaos and Nonlinear Dynamics: An Introduction for Scientists and Engineers. "
    "Oxford University Press, New York.",
    tags={"map", "dissipative"},
)
def Gauss(x, *, a=4.9, b=-0.5):
    """A bell curve, shifted down by b: the mouse map.

    Period doublings that begin, reverse and end again as one parameter moves.
    """
    return (exp(-a * x**2) + b,)


@map_(
    initial=(0.1,),
    reference="Arnold (1965). Small denominators. I. Mappings of the circumference onto itself. Am. Math. "
    "Soc. Transl. 46, 213-284.",
    tags={"map", "circle", "dissipative"},
    notes="theta counts whole turns and is taken modulo 1, as on the circle. Collections let it grow, with "
    "the same motion.",
)
def Circle(theta, *, omega=0.333, k=5.7):
    """A rotation by omega with a kick that depends on the angle.

    Locks to rational rotations in Arnold's tongues; a kick this strong folds the circle and gives chaos.
    """
    turned = theta + omega + k / (2 * pi) * sin(2 * pi * theta)
    return (turned - floor(turned),)

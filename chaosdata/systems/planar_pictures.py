"""Maps of the plane that were found for the pictures they draw."""

from chaosdata.equations import map_
from chaosdata.equations.functions import cos, sin

_GALLERY = "Known from galleries of computer graphics, without a paper of its own."


@map_(
    initial=(-0.97631884, -1.2040783),
    reference="Pickover (1990). Computers, Pattern, Chaos and Beauty. St. Martin's Press, New York.",
    tags={"map", "pictures", "dissipative"},
)
def Pickover(x, y, *, a=-1.4, b=1.6, c=1.0, d=0.7):
    """Sines and cosines of the two coordinates, crossed: the Clifford attractors.

    Four numbers choose the picture, and most choices are chaotic.
    """
    return sin(a * y) + c * cos(a * x), sin(b * x) + d * cos(b * y)


@map_(
    initial=(1.78166133, -1.15791549),
    reference="Dewdney (1987). Computer recreations: probing the strange attractions of chaos. Sci. Am. "
    "257(1), 108-111.",
    tags={"map", "pictures", "dissipative"},
)
def DeJong(x, y, *, a=1.641, b=1.902, c=0.316, d=1.525):
    """Peter de Jong's map: a sine of one coordinate less a cosine of the other.

    It never leaves a square of side four, whatever the parameters.
    """
    return sin(a * y) - cos(b * x), sin(c * x) - cos(d * y)


@map_(
    initial=(0.5, 0.5),
    reference="Pickover (1990). Computers, Pattern, Chaos and Beauty. St. Martin's Press, New York.",
    tags={"map", "pictures", "dissipative"},
    notes=f"{_GALLERY} It is attributed to J. Svensson; the family is Pickover's.",
)
def Svensson(x, y, *, a=1.5, b=-1.8, c=1.6, d=0.9):
    """A relative of the maps of Pickover and de Jong with the sine and the cosine exchanged.

    Nearly area preserving on the average: its second exponent is close to zero.
    """
    return d * sin(a * x) - sin(b * y), c * cos(a * x) + cos(b * y)


@map_(
    initial=(0.5, 0.5),
    reference="Emrich, Bourke (2006). Bedhead attractor. Paul Bourke: fractals, chaos, self-similarity.",
    tags={"map", "pictures", "dissipative"},
    notes=_GALLERY,
)
def Bedhead(x, y, *, a=-0.67, b=0.83):
    """A sine of the product of the coordinates, which tangles what the linear terms carry.

    Strands that look like hair in the morning.
    """
    return y * sin(x * y / b) + cos(a * x - y), x + sin(y) / b

"""Relatives of the Lorenz system."""

from chaosdata.equations import flow
from chaosdata.equations.functions import exp


@flow(
    initial=(3.2689697, 5.2990458, 19.435349),
    period=0.58689,
    reference="Chen, Ueta (1999). Yet another chaotic attractor. Int. J. Bifurcation Chaos 9, 1465-1466.",
    tags={"lorenz-like", "dissipative"},
)
def Chen(x, y, z, *, a=35.0, b=3.0, c=28.0):
    """What feedback control makes of the Lorenz system when it is meant to keep it chaotic.

    Has the same terms as the Lorenz system, yet an attractor of another shape.
    """
    return (
        a * (y - x),
        (c - a) * x - x * z + c * y,
        x * y - b * z,
    )


@flow(
    initial=(0.016838697, 0.03489384, 0.35346848),
    period=9.27,
    reference="Shimizu, Morioka (1980). On the bifurcation of a symmetric limit cycle to an asymmetric one "
    "in a simple model. Phys. Lett. A 76, 201-204.",
    tags={"lorenz-like", "dissipative"},
)
def ShimizuMorioka(x, y, z, *, a=0.85, b=0.5):
    """A simpler stand-in for the Lorenz system at high Rayleigh number.

    Shares its symmetry and its two lobes with one product and one square.
    """
    return (
        y,
        x - a * y - x * z,
        -b * z + x**2,
    )


@flow(
    initial=(-0.21422356, -0.17935495, 14.105516),
    period=0.941,
    reference="Yu, Wang (2012). A novel three dimension autonomous chaotic system with a quadratic "
    "exponential nonlinear term. Eng. Technol. Appl. Sci. Res. 2, 209-215.",
    tags={"lorenz-like", "dissipative"},
)
def YuWang(x, y, z, *, a=10.0, b=40.0, c=2.0, d=2.5):
    """A Lorenz-like flow in which an exponential takes the place of a product.

    Its abrupt excursions make it a hard case for fixed steps and for forecasting.
    """
    return (
        a * (y - x),
        b * x - c * x * z,
        exp(x * y) - d * z,
    )

"""Sprott's cases: the algebraically simplest quadratic flows that are chaotic."""

from chaosdata.equations import flow


@flow(
    initial=(1.6878282, 1.4848132, -0.53706628),
    period=10.8,
    reference="Sprott (1994). Some simple chaotic flows. Phys. Rev. E 50, R647-R650.",
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

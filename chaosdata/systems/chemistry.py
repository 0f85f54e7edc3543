"""Chaos abstracted from chemical kinetics."""

from chaosdata.equations import flow


@flow(
    initial=(6.5134412, 0.4772013, 0.34164294),
    period=5.9086,
    reference="Rossler (1976). An equation for continuous chaos. Phys. Lett. A 57, 397-398.",
    tags={"chemistry", "dissipative"},
)
def Rossler(x, y, z, *, a=0.2, b=0.2, c=5.7):
    """A spiral that is lifted out of its plane and folded back, with one product of variables in all.

    The simplest picture of stretching and folding, and a phase-coherent counterpart to the Lorenz system.
    """
    return (
        -y - z,
        x + a * y,
        b + z * (x - c),
    )


@flow(
    initial=(-93.667697, 15.5078, 0.032086964, 43.792796),
    period=6.80,
    reference="Rossler (1979). An equation for hyperchaos. Phys. Lett. A 71, 155-157.",
    tags={"chemistry", "dissipative", "hyperchaotic"},
    notes="The period is that of the spiral; some collections give 1.12.",
)
def HyperRossler(x, y, z, w, *, a=0.25, b=3.0, c=0.5, d=0.05):
    """The Rossler system with a fourth variable that grows slowly between the folds.

    The first flow in which two directions of instability were found at once.
    """
    return (
        -y - z,
        x + a * y + w,
        b + x * z,
        -c * z + d * w,
    )

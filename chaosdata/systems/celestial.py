"""Bodies under their own gravity."""

from typing import Any

from chaosdata.equations import flow


def _pull(x: Any, y: Any) -> Any:
    """The acceleration by a unit mass at the origin."""
    cube = (x**2 + y**2) ** 1.5
    return -x / cube, -y / cube


@flow(
    initial=(
        0.97000436,
        -0.24308753,
        -0.97000436,
        0.24308753,
        0.466203685,
        0.43236573,
        0.466203685,
        0.43236573,
    ),
    period=6.32591398,
    reference="Chenciner, Montgomery (2000). A remarkable periodic solution of the three-body problem in the "
    "case of equal masses. Ann. Math. 152, 881-901.",
    tags={"celestial", "conservative"},
    notes="The third body is where the centre of mass is at rest in the origin: at -(x1 + x2), -(y1 + y2). "
    "The orbit is stable: what starts near it stays near it, quasiperiodic.",
)
def ThreeBodyFigureEight(x1, y1, x2, y2, u1, v1, u2, v2):
    """Three equal masses that chase each other around a figure of eight in the plane.

    A periodic solution of the three-body problem that nobody had foreseen, found by a computer first.
    """
    x3, y3 = -x1 - x2, -y1 - y2
    ax12, ay12 = _pull(x1 - x2, y1 - y2)
    ax13, ay13 = _pull(x1 - x3, y1 - y3)
    ax23, ay23 = _pull(x2 - x3, y2 - y3)
    return u1, v1, u2, v2, ax12 + ax13, ay12 + ay13, ax23 - ax12, ay23 - ay12


@flow(
    initial=(0.8369, 0.0, 0.05, -0.08),
    period=6.37,
    reference="Szebehely (1967). Theory of Orbits: The Restricted Problem of Three Bodies. Academic Press, "
    "New York.",
    tags={"celestial", "conservative"},
)
def RestrictedThreeBody(x, y, u, v, *, mu=0.0121505856):
    """A body too light to matter, in the frame that turns with two heavy ones on circles.

    The heavy bodies are the Earth, of mass 1 - mu, at (-mu, 0), and the Moon, of mass mu, at (1 - mu, 0).
    """
    ax, ay = _pull(x + mu, y)
    bx, by = _pull(x - 1 + mu, y)
    return (
        u,
        v,
        2 * v + x + (1 - mu) * ax + mu * bx,
        -2 * u + y + (1 - mu) * ay + mu * by,
    )

"""Electronic circuits."""

from chaosdata.equations import flow
from chaosdata.equations.functions import exp


@flow(
    initial=(-1.300882, 0.065382947, 0.91801911),
    period=9.65,
    reference="Sprott (2011). A new chaotic jerk circuit. IEEE Trans. Circuits Syst. II 58, 240-243.",
    tags={"electronics", "dissipative"},
    notes="Some collections give twice this period.",
)
def JerkCircuit(x, y, z, *, eps=1e-9, y0=0.026):
    """A chain of integrators closed by one diode, written as a third-order equation for a voltage.

    One of the simplest circuits to build that is chaotic; eps and y0 belong to the diode.
    """
    return (
        y,
        z,
        -z - x - eps * (exp(y / y0) - 1),
    )

"""Nerve cells driven by a current that alternates."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, exp


@flow(
    initial=(-0.5, 0.2, 0.0),
    period=6.2832,
    reference="Rajasekar, Lakshmanan (1988). Period-doubling bifurcations, chaos, phase-locking and devil's "
    "staircase in a Bonhoeffer-van der Pol oscillator. Physica D 32, 146-152.",
    tags={"neuroscience", "driven", "dissipative"},
    angles={"z"},
)
def DrivenFitzHughNagumo(v, w, z, *, a=0.7, b=0.8, c=0.1, amplitude=0.74, omega=1.0):
    """A nerve cell at rest, its voltage (v) and recovery (w), that an alternating current drives to fire.

    Now it fires once in a period of the current, now it does not, and no pattern repeats.
    """
    return v - v**3 / 3 - w + amplitude * cos(z), c * (v + a - b * w), omega


@flow(
    initial=(-60.0, 0.1, 0.4, 0.4, 0.0),
    period=7.757,
    reference="Aihara, Matsumoto, Ikegaya (1984). Periodic and non-periodic responses of a periodically "
    "forced Hodgkin-Huxley oscillator. J. Theor. Biol. 109, 249-269.",
    tags={"neuroscience", "driven", "dissipative"},
    angles={"z"},
)
def DrivenHodgkinHuxley(v, m, h, n, z, *, current=0.0, amplitude=5.0, omega=0.81):
    """The membrane of the squid's giant axon: voltage in mV and three gates, under an alternating current.

    The equations that explained the nerve impulse; time is in ms, the current in uA/cm**2.
    """
    dm, dn = v + 40, v + 55
    alpha_m = 0.1 * dm / (1 - exp(-dm / 10))
    beta_m = 4 * exp(-(v + 65) / 18)
    alpha_h = 0.07 * exp(-(v + 65) / 20)
    beta_h = 1 / (1 + exp(-(v + 35) / 10))
    alpha_n = 0.01 * dn / (1 - exp(-dn / 10))
    beta_n = 0.125 * exp(-(v + 65) / 80)
    return (
        current + amplitude * cos(z) - 120 * m**3 * h * (v - 50) - 36 * n**4 * (v + 77) - 0.3 * (v + 54.4),
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
        omega,
    )

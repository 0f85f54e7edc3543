"""Neurons and their networks."""

from chaosdata.equations import flow
from chaosdata.equations.functions import cos, exp, sin, tanh


@flow(
    initial=(-0.67127393, -0.2420173, -0.055676628, 0.34697948, 0.45273118, 0.78389688),
    period=9.91,
    reference="Lewis, Glass (1992). Nonlinear dynamics and symbolic dynamics of neural networks. Neural "
    "Comput. 4, 621-642.",
    tags={"neuroscience", "dissipative"},
)
def Hopfield(
    x1,
    x2,
    x3,
    x4,
    x5,
    x6,
    *,
    k=(
        (0, -1, 0, 0, -1, -1),
        (0, 0, 0, -1, -1, -1),
        (-1, -1, 0, 0, -1, 0),
        (-1, -1, -1, 0, 0, 0),
        (-1, -1, 0, -1, 0, 0),
        (0, -1, -1, -1, 0, 0),
    ),
    tau=2.5,
    beta=0.5,
    eps=10.0,
):
    """Six leaky neurons, each inhibited by some of the others through a steep sigmoid.

    A small continuous Hopfield network, also read as a network of genes that switch each other off.
    """
    x = (x1, x2, x3, x4, x5, x6)
    input = [sum(k_ij * x_j for k_ij, x_j in zip(row, x, strict=True)) for row in k]
    return tuple(-x[i] / tau - beta + (1 + tanh(eps * input[i])) / 2 for i in range(6))


@flow(
    initial=(1.5014532, 2.3742845, 0.65819415),
    period=33.47,
    reference="Beer (1995). On the dynamics of small continuous-time recurrent neural networks. Adapt. "
    "Behav. 3, 469-509.",
    tags={"neuroscience", "dissipative"},
)
def BeerRNN(
    x1,
    x2,
    x3,
    *,
    tau=(1.0, 2.5, 1.0),
    theta=(-4.108, -2.787, -1.114),
    w=((5.422, -0.018, 2.75), (-0.24, 4.59, 1.21), (0.535, -2.25, 3.885)),
):
    """Three leaky neurons, each of which excites itself and reaches the others through a sigmoid.

    A chaotic member of a family of networks that is used to evolve the brains of simple robots.
    """
    x = (x1, x2, x3)
    rate = [1 / (1 + exp(-x[j] - theta[j])) for j in range(3)]
    return tuple((-x[i] + sum(w[i][j] * rate[j] for j in range(3))) / tau[i] for i in range(3))


@flow(
    initial=(-44.577800, 0.13121644, 0.46585335),
    period=1.083,
    reference="Chay (1985). Chaos in a three-variable model of an excitable cell. Physica D 16, 233-242.",
    tags={"neuroscience", "dissipative"},
    notes="vm and vn, the voltages by which the rates of opening are shifted, are already contained in the "
    "other constants of the rates and do not enter.",
)
def ExcitableCell(
    v,
    n,
    c,
    *,
    aho=2.5,
    ahr=0.05,
    ahs=0.07,
    ams=0.1,
    amvb=25.0,
    amvo=2.5,
    ans=0.01,
    anvb=20.0,
    anvo=2.0,
    ar=0.1,
    bho=2.0,
    bhr=0.1,
    bmo=25 / 9,
    bmr=1 / 18,
    bms=4.0,
    bno=0.375,
    bnr=0.0125,
    bns=0.125,
    gi=1800.0,
    gkc=11.0,
    gkv=1700.0,
    gl=7.0,
    kc=3.3 / 18,
    rho=0.27,
    tscl=230.0,
    vc=100.0,
    vi=100.0,
    vk=-75.0,
    vl=-40.0,
    vm=-50.0,
    vn=-30.0,
):
    """Voltage (v), potassium gates (n) and calcium (c) of a cell that fires in bursts.

    Hodgkin and Huxley's ideas reduced to three variables; spikes become chaotic between two kinds of bursts.
    """
    alpha_m = ams * (amvb + v) / (1 - exp(-ar * v - amvo))
    beta_m = bms * exp(-bmr * v - bmo)
    alpha_h = ahs * exp(-ahr * v - aho)
    beta_h = 1 / (1 + exp(-bhr * v - bho))
    alpha_n = ans * (anvb + v) / (1 - exp(-ar * v - anvo))
    beta_n = bns * exp(-bnr * v - bno)
    opened = (alpha_m / (alpha_m + beta_m)) ** 3 * alpha_h / (alpha_h + beta_h)
    return (
        gi * opened * (vi - v) + (gkv * n**4 + gkc * c / (1 + c)) * (vk - v) + gl * (vl - v),
        tscl * (alpha_n * (1 - n) - beta_n * n),
        rho * (opened * (vc - v) - kc * c),
    )


@flow(
    initial=(-1.2155252, -0.046470891, 0.0),
    period=143.9,
    reference="FitzHugh (1961). Impulses and physiological states in theoretical models of nerve membrane. "
    "Biophys. J. 1, 445-466.",
    tags={"neuroscience", "driven", "dissipative"},
    angles={"z"},
    notes="z is the phase of the drive. Periodic at these parameters, those of collections: orbits approach "
    "the cycle very slowly, in thousands of time units.",
)
def ForcedFitzHughNagumo(
    v, w, z, *, a=0.7, b=0.8, curr=0.965, f=0.4008225, gamma=0.08, omega=0.043650793650793655
):
    """A nerve cell's voltage (v) and recovery (w) under a constant and an alternating current.

    The standard cartoon of excitability, here paced slowly from outside.
    """
    return (
        v - v**3 / 3 - w + curr + f * sin(z),
        gamma * (v + a - b * w),
        omega,
    )


@flow(
    initial=(0.031111835, -0.021557059, 0.041475046),
    period=8.6,
    reference="Marhl, Perc (2006). Determining the flexibility of regular and chaotic attractors. Chaos "
    "Solitons Fractals 28, 822-833.",
    tags={"neuroscience", "dissipative"},
    notes="A form of the model of Hindmarsh and Rose (1984). The term -x of the first equation is not "
    "divided by tx; dividing it leaves only a point of rest.",
)
def HindmarshRose(x, y, z, *, a=0.49, b=1.0, c=0.0322, d=1.0, s=1.0, tx=0.03, tz=0.8):
    """A membrane's potential (x) with a fast (y) and a slower (z) recovery.

    Bursts of spikes whose number varies without end, in three polynomial equations.
    """
    return (
        -x + (y - a * x**3 + b * x**2 + z) / tx,
        -a * x**3 - (d - b) * x**2 + z,
        (c - s * x - z) / tz,
    )


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
    notes="Amplitude and frequency of the current were chosen by us within the model's usual range.",
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

"""Published values, with their sources. One table: tests compare with it and nothing else repeats it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spectrum:
    """A published Lyapunov spectrum, in 1/time.

    resolution : half of the last digit that the source gives, or its own scatter where that is larger.
    """

    system: str
    parameters: dict[str, float]
    exponents: tuple[float, ...]
    resolution: float
    source: str


# Left out: Wolf et al. (1985) for Lorenz at (16, 45.92, 4), whose exponents miss their exact sum -21 by 0.04.
# Rossler, SprottB and Halvorsen are quoted from memory of their sources: confirm them there before citing.
SPECTRA = (
    Spectrum(
        "Lorenz",
        {"sigma": 10.0, "rho": 28.0, "beta": 8 / 3},
        (0.906, 0.0, -14.572),
        0.0005,
        "Sprott (1997, rev. 2005). Lyapunov exponent and dimension of the Lorenz attractor.",
    ),
    Spectrum(
        "Rossler",
        {"a": 0.2, "b": 0.2, "c": 5.7},
        (0.0714, 0.0, -5.3943),
        0.00005,
        "Sprott (2003). Chaos and Time-Series Analysis. Oxford University Press, appendix A.",
    ),
    Spectrum(
        "Chen",
        {"a": 35.0, "b": 3.0, "c": 28.0},
        (2.0232, -0.0005, -12.0227),
        0.0012,  # the table's exponent of the Henon map, a much easier one, is that far from its value
        "Nakamura (2022). Nonlinear systems and Lyapunov spectrum (table of spectra).",
    ),
    Spectrum(
        "SprottB",
        {},
        (0.210, 0.0, -1.210),
        0.0005,
        "Sprott (1994). Some simple chaotic flows. Physical Review E 50, R647-R650, table I.",
    ),
    Spectrum(
        "Halvorsen",
        {"a": 1.27, "b": 4.0},
        (0.7899, 0.0, -4.5999),
        0.0005,
        "Sprott (2003). Chaos and Time-Series Analysis. Oxford University Press, appendix A.",
    ),
)


@dataclass(frozen=True)
class MapSpectrum:
    """Lyapunov exponents of a map, per iterate, with the standard errors of their source.

    resolution : half of the last digit given.
    """

    system: str
    parameters: dict[str, float]
    exponents: tuple[float, ...]
    standard_error: tuple[float, ...]
    resolution: float
    source: str


_ITERATION = (
    "Iteration of 4,000,000 steps with QR factorisation of analytic Jacobians, a code of its own (2026)."
)
MAP_SPECTRA = (
    MapSpectrum("Logistic", {"r": 3.9}, (0.496424,), (0.00021,), 5e-7, _ITERATION),
    MapSpectrum("Tent", {"mu": 0.95}, (0.641854,), (0.0,), 5e-7, _ITERATION),
    MapSpectrum("Henon", {"a": 1.4, "b": 0.3}, (0.419261, -1.62323), (0.00017, 0.00017), 5e-6, _ITERATION),
    MapSpectrum("Ikeda", {"u": 0.9}, (0.507482, -0.718203), (0.00026, 0.00026), 5e-7, _ITERATION),
)

COLLECTED_MAPS = (
    MapSpectrum("Ricker", {"a": 3.3}, (0.416085,), (0.00025,), 5e-7, _ITERATION),
    MapSpectrum("Gauss", {"a": 4.9, "b": -0.5}, (0.175977,), (9.1e-5,), 5e-7, _ITERATION),
    MapSpectrum("Circle", {"omega": 0.333, "k": 5.7}, (1.08444,), (0.00031,), 5e-6, _ITERATION),
    MapSpectrum("DeJong", {}, (0.282602, -0.574595), (0.00021, 0.00044), 5e-7, _ITERATION),
    MapSpectrum("Svensson", {}, (0.580624, -0.00321324), (0.00024, 0.00048), 5e-7, _ITERATION),
    MapSpectrum("Bedhead", {}, (0.473789, -0.372003), (0.00022, 0.00033), 5e-7, _ITERATION),
    MapSpectrum("Tinkerbell", {}, (0.199745, -0.499796), (0.00011, 0.00038), 5e-7, _ITERATION),
    MapSpectrum("Pickover", {}, (0.291559, -0.127597), (0.00018, 0.00025), 5e-7, _ITERATION),
    MapSpectrum("MaynardSmith", {}, (0.13049, -0.114389), (0.00013, 0.00044), 5e-6, _ITERATION),
    MapSpectrum("DuffingMap", {}, (0.476767, -2.08621), (0.00021, 0.00021), 5e-6, _ITERATION),
    # In closed form:
    MapSpectrum("Chebyshev", {"a": 6.0}, (1.791759,), (0.0,), 2e-5, "ln(6)."),
    MapSpectrum("KaplanYorke", {"alpha": 0.2}, (0.693147, -1.609438), (0.0, 0.0), 1e-5, "ln(2), ln(1/5)."),
    MapSpectrum("Baker", {"a": 1.0}, (0.693147, -0.693147), (0.0, 0.0), 1e-6, "ln(2), -ln(2)."),
    MapSpectrum("ArnoldCat", {}, (0.962424, -0.962424), (0.0, 0.0), 1e-6, "ln((3 + sqrt(5))/2)."),
)
"""Maps of the collection that :data:`MAP_SPECTRA` does not have."""


@dataclass(frozen=True)
class DelaySpectrum:
    """The largest Lyapunov exponent of a delay equation, in 1/time, and its Kaplan-Yorke dimension.

    exponent_error, dimension_error : half of the last digit given, the scatter of the source where it is
    larger, or half of the distance between two sources.
    """

    system: str
    parameters: dict[str, float]
    exponent: float
    exponent_error: float
    dimension: float
    dimension_error: float
    source: str


_FARMER = (
    "Farmer (1982). Chaotic attractors of an infinite-dimensional dynamical system. Physica D 4, 366-393"
)
_RUNGE_KUTTA = "a Runge-Kutta code of its own (2026)"

# Farmer is quoted from memory: confirm there before citing.
DELAY_SPECTRA = (
    DelaySpectrum("MackeyGlass", {"tau": 17.0}, 0.00509, 8e-5, 2.132, 0.005, f"{_RUNGE_KUTTA}."),
    DelaySpectrum(
        "MackeyGlass",
        {"tau": 23.0},
        0.00945,
        0.00015,
        2.775,
        0.015,
        f"Between {_FARMER}: 0.0096 and 2.76, and {_RUNGE_KUTTA}: 0.0093 and 2.79.",
    ),
    DelaySpectrum("MackeyGlass", {"tau": 30.0}, 0.0071, 0.00005, 3.58, 0.005, f"{_FARMER}."),
)

LYAPUNOV_TIMES = {
    "CaTwoPlus": 2.67,
    "Chen": 0.494,
    "DoubleGyre": 13.7,
    "Duffing": 7.75,
    "Halvorsen": 1.47,
    "HenonHeiles": 21.7,
    "Hopfield": 13.7,
    "HyperRossler": 8.93,
    "JerkCircuit": 13.6,
    "Lorenz": 1.10,
    "Lorenz84": 2.32,
    "Rossler": 14.0,
    "ShimizuMorioka": 28.2,
    "SprottB": 4.76,
    "Thomas": 2.03,
    "YuWang": 0.704,
}
"""1/lambda_1 to three digits, our own: the time in which an error grows e-fold, in the system's time unit."""

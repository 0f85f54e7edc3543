"""The derivation of ``chaosdata/kernels/coefficients.py``: ``python tests/kernels/minimax.py`` writes it.

Each polynomial is the minimax one for its weight (Remez exchange, 50 digits). Its coefficients are rounded to
doubles one by one, leading first, and the others are fitted again after each: rounding costs almost nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import mpmath as mp

Function = Callable[[mp.mpf], mp.mpf]
DIGITS = 50


def polynomial(coefficients: Sequence[mp.mpf], x: mp.mpf) -> mp.mpf:
    return mp.polyval(coefficients[::-1], x)


def remez(
    f: Function, weight: Function, terms: int, low: mp.mpf, high: mp.mpf, fixed: Sequence[mp.mpf]
) -> list[mp.mpf]:
    """The coefficients that minimise ``max |p - f| weight`` on ``[low, high]``, the first ones fixed."""
    given, free = len(fixed), terms - len(fixed)
    nodes = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / free) for i in range(free + 1)]
    coefficients = list(fixed)
    for _ in range(12):
        matrix, right = mp.matrix(free + 1, free + 1), mp.matrix(free + 1, 1)
        for i, x in enumerate(nodes):
            for j in range(free):
                matrix[i, j] = x ** (given + j)
            matrix[i, free] = (-1) ** i / weight(x)
            right[i] = f(x) - sum(fixed[j] * x**j for j in range(given))
        solution = mp.lu_solve(matrix, right)
        coefficients = list(fixed) + [solution[j] for j in range(free)]

        points = 24 * (free + 1)
        grid = [low + (high - low) * (1 - mp.cos(mp.pi * i / points)) / 2 for i in range(points + 1)]
        error = [(polynomial(coefficients, x) - f(x)) * weight(x) for x in grid]
        extrema: list[int] = []
        for i, e in enumerate(error):
            if extrema and (e > 0) == (error[extrema[-1]] > 0):
                if abs(e) > abs(error[extrema[-1]]):
                    extrema[-1] = i
            else:
                extrema.append(i)
        while len(extrema) > free + 1:
            extrema.pop(0 if abs(error[extrema[0]]) < abs(error[extrema[-1]]) else -1)
        if len(extrema) < free + 1:
            break
        nodes = [grid[i] for i in extrema]
        if max(abs(error[i]) for i in extrema) < mp.mpf("1.02") * min(abs(error[i]) for i in extrema):
            break
    return coefficients


def fit(
    f: Function, weight: Function, terms: int, low: mp.mpf, high: mp.mpf, *, refit: bool = True
) -> tuple[tuple[float, ...], float]:
    """Double coefficients, lowest first, and the worst weighted error.

    ``refit=False`` rounds all at once: with 0 inside the interval the powers left after fixing one are no
    Haar system.
    """
    fixed: list[mp.mpf] = []
    coefficients: list[mp.mpf] = []
    for j in range(terms):
        if j == 0 or (j < terms - 1 and refit):
            coefficients = remez(f, weight, terms, low, high, fixed)
        fixed.append(mp.mpf(float(coefficients[j])))
    grid = [low + (high - low) * i / 400 for i in range(1, 400)]
    worst = max(abs((polynomial(fixed, x) - f(x)) * weight(x)) for x in grid)
    return tuple(float(c) for c in fixed), float(worst)


def parts(value: mp.mpf, count: int) -> tuple[float, ...]:
    """``value`` as a sum of ``count`` doubles, each the rounding of what is left."""
    head = float(value)
    return (head,) if count == 1 else (head, *parts(value - mp.mpf(head), count - 1))


def _logarithm(z: mp.mpf) -> mp.mpf:
    """L of log((1+s)/(1-s)) = 2s + s z L(z), z = s^2."""
    s = mp.sqrt(z)
    return (mp.atanh(s) * 2 / s - 2) / z


def derive() -> dict[str, tuple[str, tuple[float, ...] | float]]:
    """Every constant of coefficients.py: name -> (comment, value)."""
    mp.mp.dps = DIGITS
    out: dict[str, tuple[str, tuple[float, ...] | float]] = {}

    def add(name: str, comment: str, fitted: tuple[tuple[float, ...], float]) -> None:
        out[name] = (f"{comment}; error 2^{float(mp.log(fitted[1], 2)):.1f}", fitted[0])

    tiny = mp.mpf("1e-12")
    quarter = (mp.pi / 4 * mp.mpf("1.0001")) ** 2
    root = mp.sqrt
    add(
        "SIN",
        "sin r = r + r z S(z), z = r^2 <= (pi/4)^2, relative to r",
        fit(lambda z: (mp.sin(root(z)) / root(z) - 1) / z, lambda z: z, 6, tiny, quarter),
    )
    add(
        "COS",
        "cos r = 1 - z/2 + z^2 C(z), absolute",
        fit(lambda z: (mp.cos(root(z)) - 1 + z / 2) / z**2, lambda z: z * z, 6, tiny, quarter),
    )
    half_ln2 = mp.log(2) / 2 * mp.mpf("1.0001")
    add(
        "EXP",
        "e^r = 1 + r + r^2 E(r), |r| <= ln(2)/2, relative to r so that it serves e^r - 1 too",
        fit(
            lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > tiny else mp.mpf(1) / 2 + r / 6,
            lambda r: half_ln2,
            11,
            -half_ln2,
            half_ln2,
            refit=False,
        ),
    )
    s0 = ((root(2) - 1) / (root(2) + 1) * mp.mpf("1.001")) ** 2
    add(
        "LOG",
        "log m = 2s + s z L(z), s = (m-1)/(m+1), z = s^2, m in [sqrt(1/2), sqrt(2)], relative to s",
        fit(_logarithm, lambda z: z, 7, tiny, s0),
    )
    add(
        "LOG_LONG",
        "log m = 2s + s z (2/3 + z M(z)), relative to s: for the logarithm in two doubles",
        fit(lambda z: (_logarithm(z) - mp.mpf(2) / 3) / z, lambda z: z * z, 9, tiny, s0),
    )
    sixteenth = mp.mpf("0.25001") ** 2
    add(
        "ATAN",
        "atan t = t + t z A(z), z = t^2 <= 1/16, relative to t",
        fit(lambda z: (mp.atan(root(z)) / root(z) - 1) / z, lambda z: z, 9, tiny, sixteenth),
    )
    one = mp.mpf(1)
    add(
        "EXP2_ESTIMATE",
        "2^r on [-1/2, 1/2], relative",
        fit(lambda r: mp.power(2, r), lambda r: mp.power(2, -r), 4, -one / 2, one / 2, refit=False),
    )
    ln2 = mp.log(2)
    ln2_short = mp.floor(ln2 * mp.mpf(2) ** 40) / mp.mpf(2) ** 40
    out["HALF_PI"] = ("pi/2 as a sum of four doubles", parts(mp.pi / 2, 4))
    out["LN2"] = ("ln 2 as a sum of three doubles", parts(ln2, 3))
    out["LN2_SHORT"] = (
        "ln 2, the first part of 40 bits: its product with any exponent is exact",
        (float(ln2_short), *parts(ln2 - ln2_short, 1)),
    )
    out["TWO_THIRDS"] = ("2/3 as a sum of two doubles", parts(mp.mpf(2) / 3, 2))
    out["ATAN_HALF"] = ("atan(1/2) as a sum of two doubles", parts(mp.atan(mp.mpf(1) / 2), 2))
    out["TWO_OVER_PI"] = ("", float(2 / mp.pi))
    out["LOG2_E"] = ("1/ln 2", float(1 / ln2))
    return out


def module_text() -> str:
    """The text of coefficients.py."""
    lines = [
        '"""Constants of the elementary functions. Written by ``tests/kernels/minimax.py``: do not edit."""'
    ]
    for name, (comment, value) in derive().items():
        lines += ["", f"# {comment}"] if comment else [""]
        if isinstance(value, tuple) and len(value) > 3:
            lines += [f"{name} = (", *[f"    {c!r}," for c in value], ")"]
        else:
            lines.append(f"{name} = {value!r}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "chaosdata" / "kernels" / "coefficients.py"
    target.write_text(module_text())
    sys.stdout.write(f"wrote {target}\n")

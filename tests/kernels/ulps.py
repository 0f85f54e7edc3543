"""Errors of the elementary functions in units in the last place, against mpmath.

``python -m tests.kernels.ulps 1000000`` surveys each function at a million points and prints the worst.
"""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Callable

import llvmlite.binding as llvm
import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from chaosdata.kernels import compile, elementary
from chaosdata.kernels.vector import Value, Vector, declarations

Array = NDArray[np.float64]
EXPONENTS = (0.5, 1.5, -1.7, 2.9, 1 / 3, 0.01, 37.3, -250.5)

FUNCTIONS: dict[str, Callable[[Vector, Value], Value]] = {
    "sin": lambda v, x: elementary.sin_cos(v, x)[0],
    "cos": lambda v, x: elementary.sin_cos(v, x)[1],
    "exp": elementary.exp,
    "log": elementary.log,
    "tanh": elementary.tanh,
    "tan": elementary.tan,
    "sinh": lambda v, x: elementary.sinh_cosh(v, x)[0],
    "cosh": lambda v, x: elementary.sinh_cosh(v, x)[1],
    "atan": elementary.atan,
    "log2_estimate": elementary.log2_estimate,
    "exp2_estimate": elementary.exp2_estimate,
}
for _p in (*EXPONENTS, 3.0, -2.0, 0.0):
    FUNCTIONS[f"power {_p!r}"] = lambda v, x, p=_p: elementary.power(v, x, p)  # type: ignore[misc]
PAIRS: dict[str, Callable[[Vector, Value, Value], Value]] = {"atan2": elementary.atan2}
ACCURATE = [name for name in FUNCTIONS if "estimate" not in name and name != "power 0.0"]

_engines: list[object] = []


def module(name: str, lanes: int) -> str:
    """IR of ``f(x, z, y, count)``: ``y = f(x)`` or ``f(x, z)``; ``count`` is a multiple of the lanes."""
    v = Vector(lanes)
    x = v.load("%p", align=8)
    result = PAIRS[name](v, x, v.load("%r", align=8)) if name in PAIRS else FUNCTIONS[name](v, x)
    v.store(result, "%q", align=8)
    body = "\n".join(v.lines)
    return f"""define void @f(ptr noalias %x, ptr noalias %z, ptr noalias %y, i64 %count) {{
entry:
br label %loop
loop:
%i = phi i64 [0, %entry], [%next, %loop]
%p = getelementptr double, ptr %x, i64 %i
%q = getelementptr double, ptr %y, i64 %i
%r = getelementptr double, ptr %z, i64 %i
{body}
%next = add i64 %i, {lanes}
%more = icmp slt i64 %next, %count
br i1 %more, label %loop, label %end
end:
ret void
}}
{declarations(lanes)}"""


def function(name: str, lanes: int = 8, cpu: str | None = None) -> Callable[..., Array]:
    """The function as machine code: for this machine, or for a CPU that it can stand in for."""
    ir = module(name, lanes)
    if cpu is None:
        address = compile.load(ir, ["f"])["f"]
    else:
        code = compile.compile_object(ir, cpu)
        target = llvm.Target.from_default_triple().create_target_machine(jit=True)
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        _engines.append(engine)
        address = engine.get_function_address("f")
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64)(address)

    def evaluate(x: Array, z: Array | None = None) -> Array:
        padded = np.ones((2, (len(x) // lanes + 1) * lanes))
        padded[0, : len(x)] = x
        padded[1, : len(x)] = x if z is None else z
        y = np.empty(padded.shape[1])
        call(padded[0].ctypes.data, padded[1].ctypes.data, y.ctypes.data, len(y))
        return y[: len(x)]

    return evaluate


def exact(name: str) -> Callable[..., mp.mpf]:
    """The function of mpmath."""
    if name.startswith("power"):
        exponent = mp.mpf(float(name.split()[1]))
        return lambda x: mp.power(x, exponent)
    chosen: Callable[..., mp.mpf] = getattr(mp, name)
    return chosen


def errors(name: str, x: Array, y: Array, z: Array | None = None) -> Array:
    """``|y - f(x)|``, or ``|y - f(x, z)|``, in units in the last place; the exact result may be infinite."""
    mp.mp.prec = 140
    f = exact(name)
    huge = mp.mpf(sys.float_info.max) * (1 + mp.mpf(2) ** -54)
    out = np.empty(len(x))
    arguments = zip(x.tolist(), strict=True) if z is None else zip(x.tolist(), z.tolist(), strict=True)
    for i, (argument, value) in enumerate(zip(arguments, y.tolist(), strict=True)):
        true = f(*(mp.mpf(a) for a in argument))
        if abs(true) >= huge:
            out[i] = 0.0 if value == math.copysign(math.inf, true) else math.inf
        elif not math.isfinite(value):
            out[i] = math.inf
        else:
            unit = math.ulp(min(abs(float(true)), sys.float_info.max))
            out[i] = abs(float((mp.mpf(value) - true) / unit))
    return out


def closest_to_quarters() -> Array:
    """In each binade the doubles closest to a multiple of pi/2: convergents of 2^e / (pi/2).

    Reference: Kahan (1983). Minimizing q*m - n.
    """
    mp.mp.prec = 300
    found = []
    for e in range(-52, -7):
        ratio, (n0, m0, n1, m1) = mp.mpf(2) ** e * 2 / mp.pi, (0, 1, 1, 0)
        while True:
            whole = int(mp.floor(ratio))
            n0, m0, n1, m1 = n1, m1, whole * n1 + n0, whole * m1 + m0
            if m1 >= 2**53:
                break
            ratio = 1 / (ratio - whole)
        found.append(math.ldexp(m0, e))
    return np.array(found)


def points(name: str, count: int, seed: int = 1) -> Array:
    """Random arguments over the whole domain, and those known to be hard: near the zeros, ends and breaks."""
    mp.mp.prec = 140
    random = np.random.default_rng(seed)
    sign = random.choice([-1.0, 1.0], count)
    few = max(count // 50, 100)
    if name in ("sin", "cos", "tan"):
        multiples = np.concatenate([np.arange(1, few), random.integers(1, 2**44, few)])
        near = np.array([float(int(k) * mp.pi / 2) for k in multiples])  # where nearly all digits cancel
        breaks = np.array([float((2 * int(k) + 1) * mp.pi / 4) for k in multiples[:few]])
        parts = [
            random.uniform(-10, 10, count),
            random.uniform(-1e6, 1e6, count),
            sign * 10 ** random.uniform(-12, 13.4, count),
            *(step for p in (near, breaks) for step in (p, -p, np.nextafter(p, 0), np.nextafter(p, 1e300))),
            closest_to_quarters(),
            np.array([5e-324, 1e-310]),
        ]
        parts = [p[np.abs(p) < 2.0**45] for p in parts]
    elif name == "exp":
        halves = math.log(2) * (np.arange(-1070, 1020) + 0.5)
        parts = [
            random.uniform(-1, 1, count),
            random.uniform(-746, 710, count),
            sign * 10 ** random.uniform(-18, 0, count),
            halves,
            np.nextafter(halves, 1e9),
            math.log(2) * np.arange(-1074, 1024),
            np.array([709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, -708.4]),
        ]
    elif name == "tanh":
        parts = [
            random.uniform(-1, 1, count),
            random.uniform(-23, 23, count),
            sign * 10 ** random.uniform(-300, 0, count),
            math.log(2) / 2 * (np.arange(-64, 64) + 0.5),
            np.array([19.0615474653984, 19.06154746539849, 22.0, 5e-324, 1e-310]),
        ]
    elif name in ("sinh", "cosh"):
        halves = math.log(2) * (np.arange(-1025, 1025) + 0.5)
        parts = [
            random.uniform(-1, 1, count),
            random.uniform(-40, 40, count),
            random.uniform(-710.47, 710.47, count),
            sign * 10 ** random.uniform(-300, 0, count),
            halves,
            np.nextafter(halves, 1e9),
            np.array([710.4758600739439, 710.475860073944, -710.4758600739439, 709.9, 5e-324, 1e-310]),
        ]
    elif name == "atan":
        breaks = np.array([0.25, 0.75, 1.0, 4 / 3, 4.0])
        parts = [
            random.uniform(-2, 2, count),
            sign * 10 ** random.uniform(-320, 308, count),
            sign * 10 ** random.uniform(-9, 17, count),
            breaks,
            (breaks[:, None] * (1 + 2.0 ** np.arange(-52, 0))).ravel(),
            (breaks[:, None] * (1 - 2.0 ** np.arange(-53, 0))).ravel(),
            np.array([5e-324, 1e-310, 2.0**200, 2.0**201, 1.7976931348623157e308]),
        ]
    else:
        # For a power, the arguments whose results fill the range of doubles.
        exponent = abs(float(name.split()[1])) if name.startswith("power") else 0.0
        decades = 307.0 / max(exponent, 1.0)
        roots = 2.0 ** np.arange(-1000, 1000) * math.sqrt(2)
        near_one = 1 + sign * 10 ** random.uniform(-16, -0.5, count)
        parts = [
            random.uniform(0.5, 2, count),
            10 ** random.uniform(-decades, decades, count),
            near_one,
            roots,
            np.nextafter(roots, 0),
            np.nextafter(2.0 ** np.arange(-1000, 1000), 0),
            np.array([5e-324, 1e-320, 2.2250738585072014e-308, 1.7976931348623157e308]),
        ]
    drawn = np.concatenate([p if len(p) < count else p[: count // 3 + 1] for p in parts])
    return np.asarray(drawn, dtype=np.float64)


def pairs(count: int, seed: int = 1) -> tuple[Array, Array]:
    """Points (y, x) of the plane: all directions, the borders of the octants, far apart exponents."""
    random = np.random.default_rng(seed)
    radius = 10 ** random.uniform(-307, 307, count)
    angle = random.uniform(-np.pi, np.pi, count)
    size = 10 ** random.uniform(-20, 20, (2, count))
    near = np.repeat(random.uniform(1, 2, count // 8)[None], 2, 0)
    slope = random.choice([0.25, 0.75, 1.0, 4 / 3, 4.0], count // 8)
    near[0] *= slope * (1 + random.choice([-1, 1], count // 8) * 2.0 ** random.integers(-53, -2, count // 8))
    parts = [radius * np.array([np.sin(angle), np.cos(angle)]), size, near]
    y, x = np.concatenate(parts, axis=1) * random.choice([-1.0, 1.0], (2, 2 * count + count // 8))
    return y, x


def survey(count: int) -> None:
    """Print the worst error of each function."""
    for name in ACCURATE:
        x = points(name, count)
        y = function(name)(x)
        error = errors(name, x, y)
        worst = int(np.argmax(error))
        sys.stdout.write(f"{name:12} {len(x)} points, worst {error[worst]:.4f} ulp at {float(x[worst])!r}\n")
        sys.stdout.flush()
    (a, b), name = pairs(count), "atan2"
    error = errors(name, a, function(name)(a, b), b)
    worst = int(np.argmax(error))
    sys.stdout.write(
        f"{name:12} {len(a)} points, worst {error[worst]:.4f} ulp at {a[worst]!r}, {b[worst]!r}\n"
    )


if __name__ == "__main__":
    survey(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)

"""Double-double functions as machine code over arrays, and their errors against mpmath."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from chaosdata.kernels import compile
from chaosdata.kernels import double_double_elementary as elementary
from chaosdata.kernels.double_double import DoubleDouble, Pair, low_part
from chaosdata.kernels.vector import Value, Vector, declarations

Array = NDArray[np.float64]
Arguments = Sequence[Value]

DIGITS = 60
EXPONENTS = (0.5, 1.5, -1.7, 1 / 3, 3.0, -2.0)
FUNCTIONS: dict[str, Callable[[DoubleDouble, Arguments], Value]] = {
    "add": lambda w, x: w.normalised(w.add(*x)),
    "mul": lambda w, x: w.normalised(w.mul(*x)),
    "div": lambda w, x: w.div(*x),
    "sqrt": lambda w, x: w.sqrt(x[0]),
    "exp": lambda w, x: elementary.exp(w, x[0]),
    "log": lambda w, x: elementary.log(w, x[0]),
    "tanh": lambda w, x: elementary.tanh(w, x[0]),
    "sinh": lambda w, x: elementary.sinh_cosh(w, x[0])[0],
    "cosh": lambda w, x: elementary.sinh_cosh(w, x[0])[1],
    "sin": lambda w, x: elementary.sin_cos(w, x[0])[0],
    "cos": lambda w, x: elementary.sin_cos(w, x[0])[1],
    "tan": lambda w, x: elementary.tan(w, x[0]),
    "atan": lambda w, x: elementary.atan(w, x[0]),
}
for _p in EXPONENTS:
    FUNCTIONS[f"power {_p!r}"] = lambda w, x, p=_p: elementary.power(w, x[0], p)  # type: ignore[misc]


def reference(name: str, x: mp.mpf, y: mp.mpf) -> mp.mpf:
    """The same function in mpmath."""
    if name.startswith("power"):
        return mp.power(x, mp.mpf(float(name.split()[1])))
    simple = {"add": lambda: x + y, "mul": lambda: x * y, "div": lambda: x / y}
    return simple[name]() if name in simple else getattr(mp, name)(x)


def module(name: str, lanes: int) -> str:
    """IR of ``f(data, count)``: rows of a high, a low, b high, b low, result high, result low."""
    v = Vector(lanes)
    w = DoubleDouble(v)

    def at(row: int) -> Value:
        moved = v.emit(f"mul i64 %count, {row}")
        return v.offset("%data", v.emit(f"add i64 %i, {moved}"))

    a, b = (Pair(v.load(at(2 * k), align=8), v.load(at(2 * k + 1), align=8)) for k in range(2))
    result = FUNCTIONS[name](w, (a, b))
    v.store(result, at(4), align=8)
    v.store(low_part(result) or v.constant(0.0), at(5), align=8)
    body = "\n".join(v.lines)
    return f"""define void @f(ptr %data, i64 %count) {{
entry:
br label %loop
loop:
%i = phi i64 [0, %entry], [%next, %loop]
{body}
%next = add i64 %i, {lanes}
%more = icmp slt i64 %next, %count
br i1 %more, label %loop, label %end
end:
ret void
}}
{declarations(lanes)}"""


def function(name: str, lanes: int = 8, cpu: str | None = None) -> Callable[..., tuple[Array, Array]]:
    """``f(a, b=1) -> (high, low)`` of arrays of pairs (high, low), for this machine's CPU or a named one."""
    ir = module(name, lanes)
    if cpu is None:
        address = compile.load(ir, ["f"])["f"]
    else:
        address = compile.link(compile.compile_object(ir, cpu), ["f"])["f"]
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(address)

    def evaluate(a: tuple[Array, Array], b: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
        count = len(a[0])
        data = np.ones((6, count + -count % lanes))
        for row, values in enumerate((*a, *(b or ()))):
            data[row, :count] = values
        call(data.ctypes.data, data.shape[1])
        return data[4, :count].copy(), data[5, :count].copy()

    return evaluate

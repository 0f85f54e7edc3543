"""Elementary functions of whole arrays with the same bits on every CPU.

NumPy chooses its own ``cos``, ``exp`` and ``log`` by the CPU it finds, and their last bits differ. Whatever
enters a dataset calls these instead: :mod:`chaosdata.kernels.elementary` in a loop over an array.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from chaosdata.kernels import elementary
from chaosdata.kernels.compile import load
from chaosdata.kernels.vector import LANES, Value, Vector, declarations
from chaosdata.types import FloatArray

_FUNCTIONS: dict[str, Callable[[Vector, Value], tuple[Value, ...]]] = {
    "cos_sin": lambda v, x: elementary.sin_cos(v, x)[::-1],
    "exp": lambda v, x: (elementary.exp(v, x),),
    "log": lambda v, x: (elementary.log(v, x),),
}


def cos_sin(array: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine of angles in radians.

    Parameters
    ----------
    array : any shape, taken as float64.

    Returns
    -------
    Two float64 arrays of the same shape, to 1 ulp; NaN from ``|x| = 2**50`` on, where a double has no angle.

    Example
    -------
    >>> cosine, sine = cos_sin([0.0, 1.0])
    """
    cosine, sine = _apply("cos_sin", array, 2)
    return cosine, sine


def exp(array: ArrayLike) -> FloatArray:
    """``e**x``, any shape, to 1 ulp."""
    return _apply("exp", array, 1)[0]


def log(array: ArrayLike) -> FloatArray:
    """Natural logarithm, any shape, to 1 ulp; -inf at zero, NaN below, without a warning."""
    return _apply("log", array, 1)[0]


def _apply(name: str, array: ArrayLike, results: int) -> list[FloatArray]:
    function = _kernels()[name]
    x = np.asarray(array, dtype=np.float64)
    flat = np.ascontiguousarray(x).reshape(-1)
    outputs = [np.empty(flat.size) for _ in range(results)]
    whole = flat.size - flat.size % LANES
    if whole:
        function(whole, flat.ctypes.data, *[y.ctypes.data for y in outputs])
    if whole < flat.size:
        tail = np.zeros(LANES)
        tail[: flat.size - whole] = flat[whole:]
        tails = [np.empty(LANES) for _ in range(results)]
        function(LANES, tail.ctypes.data, *[y.ctypes.data for y in tails])
        for y, part in zip(outputs, tails, strict=True):
            y[whole:] = part[: flat.size - whole]
    return [y.reshape(x.shape) for y in outputs]


@cache
def _kernels() -> dict[str, Callable[..., None]]:
    """The compiled loops: ``name(count, input, output, ...)``, count a multiple of the lanes."""
    text = "\n".join(_loop(name) for name in _FUNCTIONS) + declarations(LANES)
    addresses = load(text, list(_FUNCTIONS))
    pointers = {"cos_sin": 3, "exp": 2, "log": 2}
    return {
        name: ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * pointers[name])(address)
        for name, address in addresses.items()
    }


def _loop(name: str) -> str:
    """The IR of one function over a contiguous array."""
    v = Vector(LANES)
    v.begin("entry", jump=False)
    v.begin("loop")
    index = v.phi("i64", [("0", "entry"), ("%next", "loop")])
    results = _FUNCTIONS[name](v, v.load(v.offset("%x", index), align=8))
    for k, result in enumerate(results):
        v.store(result, v.offset(f"%y{k}", index), align=8)
    v.line(f"%next = add i64 {index}, {LANES}")
    v.line("%more = icmp slt i64 %next, %count")
    v.line("br i1 %more, label %loop, label %end")
    v.begin("end", jump=False)
    v.line("ret void")
    arguments = ", ".join(f"ptr noalias %y{k}" for k in range(len(results)))
    body = "\n".join(v.lines)
    return f"define void @{name}(i64 %count, ptr noalias %x, {arguments}) {{\n{body}\n}}\n"

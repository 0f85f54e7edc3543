"""First roots of polynomials, against constructed roots and NumPy's."""

from __future__ import annotations

import ctypes
import math

import numpy as np
import pytest

from chaosdata.kernels import compile as compiler
from chaosdata.kernels.roots import root_function
from chaosdata.kernels.vector import LANES, declarations
from tests.kernels.targets import runnable_cpus

ORDER = 20


def _module() -> str:
    t = f"<{LANES} x double>"
    return (
        root_function(ORDER)
        + "define void @solve(ptr %series, ptr %side, ptr %value, ptr %h, ptr %out) {\nentry:\n"
        + "".join(f"%{n}v = load {t}, ptr %{n}, align 8\n" for n in ("side", "value", "h"))
        + f"%r = call {t} @first_root(ptr %series, {t} %sidev, {t} %valuev, {t} zeroinitializer, {t} %hv)\n"
        + f"store {t} %r, ptr %out, align 8\nret void\n}}\n"
        + declarations(LANES)
    )


_IR = _module()


def _solve(series: np.ndarray, h: float, address: int | None = None) -> np.ndarray:
    """series (count, order+1) -> (count,)."""
    address = compiler.load(_IR, ("solve",))["solve"] if address is None else address
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)(address)
    out = np.empty(len(series))
    for i in range(0, len(series), LANES):
        rows = np.resize(series[i : i + LANES], (LANES, series.shape[1]))
        buffer = np.zeros((ORDER + 1) * LANES + 8)
        shift = -(buffer.ctypes.data >> 3) & 7
        block = buffer[shift : shift + (ORDER + 1) * LANES].reshape(ORDER + 1, LANES)
        block[: series.shape[1]] = rows.T
        side = np.where(rows[:, 0] < 0, -1.0, 1.0)
        value, limit, result = side * rows[:, 0], np.full(LANES, h), np.empty(LANES)
        call(*(a.ctypes.data for a in (block, side, value, limit, result)))
        out[i : i + LANES] = result[: len(out[i : i + LANES])]
    return out


def _with_roots(roots: list[complex], scale: float = 1.0) -> np.ndarray:
    return scale * np.poly(roots).real[::-1]


@pytest.mark.parametrize("root", [1e-9, 0.3, 0.999999])
def test_a_simple_root_to_the_last_bits(root: float) -> None:
    found = _solve(np.array([_with_roots([root, 1.7, -0.4, 2 + 1j, 2 - 1j])]), 1.0)
    np.testing.assert_allclose(found, root, rtol=1e-14)


def test_no_root() -> None:
    series = np.array([_with_roots([1.5, -0.2, 0.5 + 0.01j, 0.5 - 0.01j]), [0.0] * 5, [1.0, 0, 0, 0, 0]])
    assert (_solve(series, 1.0) == math.inf).all()


@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-6])
def test_two_close_roots_are_not_jumped_over(gap: float) -> None:
    series = _with_roots([0.5, 0.5 + gap, -1.0, 3.0])
    np.testing.assert_allclose(_solve(np.array([series, -series]), 1.0), 0.5, atol=4e-16 / gap)


def test_a_start_on_the_surface() -> None:
    """Leaving it is no root, coming back is; entering the other side is a root at once."""
    leaving, entering, touching = [0.0, 1.0, -2.0], [0.0, -1.0, 2.0], [0.0, 0.0, 1.0]
    noisy = [1e-18, -1.0, 0.0]
    found = _solve(np.array([leaving, entering, touching, noisy]), 1.0)
    np.testing.assert_allclose(found, [0.5, 0.0, math.inf, 0.0], atol=1e-15)


def test_random_polynomials_like_taylor_series() -> None:
    random = np.random.default_rng(5)
    series = random.normal(size=(2000, ORDER + 1)) * np.exp(-1.5 * np.arange(ORDER + 1))
    found = _solve(series, 1.0)
    for row, root in zip(series, found, strict=True):
        exact = np.roots(row[::-1])
        real = np.sort(exact.real[(np.abs(exact.imag) < 1e-12) & (exact.real > 0) & (exact.real <= 1)])
        if len(real):
            slope = abs(np.polyval(np.polyder(row[::-1]), real[0]))
            assert abs(root - real[0]) < 1e-14 * np.abs(row).sum() / slope
        else:
            assert root == math.inf


def test_bits_are_those_of_every_cpu_and_lane() -> None:
    random = np.random.default_rng(6)
    series = random.normal(size=(67, ORDER + 1)) * np.exp(-1.0 * np.arange(ORDER + 1))
    here = _solve(series, 1.0)
    order = random.permutation(67)
    assert _solve(series[order], 1.0).tobytes() == here[order].tobytes()
    for cpu in runnable_cpus():
        address = compiler.link(compiler.compile_object(_IR, cpu), ("solve",))["solve"]
        assert _solve(series, 1.0, address).tobytes() == here.tobytes(), cpu

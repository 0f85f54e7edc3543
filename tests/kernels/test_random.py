"""Random numbers in lanes: the published numbers of the generator, and the distribution of the normals."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from chaosdata.kernels import compile as compiler
from chaosdata.kernels.random import normal_pair, philox
from chaosdata.kernels.vector import Vector, declarations
from tests.kernels.targets import runnable_cpus

# Known answers of Philox4x32-10, from the Random123 library (Salmon et al. 2011): counter, key, result.
KNOWN = (
    ((0x00000000,) * 4, (0x00000000,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)


def _module(what: str, lanes: int) -> str:
    """IR of ``f(input, output, count)``: six words in, four words or two doubles out, each a row."""
    v = Vector(lanes)

    def words(k: int) -> str:
        pointer = v.emit(f"getelementptr i64, ptr %in, i64 {v.emit(f'mul i64 %count, {k}')}")
        pointer = v.emit(f"getelementptr i64, ptr {pointer}, i64 %i")
        return v.emit(f"load {v.integer}, ptr {pointer}, align 8")

    counter, key = [words(k) for k in range(4)], [words(k) for k in (4, 5)]
    results = philox(v, counter, key) if what == "philox" else normal_pair(v, counter, key)
    for k, result in enumerate(results):
        pointer = v.offset("%out", v.emit(f"mul i64 %count, {k}"))
        pointer = v.offset(pointer, "%i")
        v.store(result if what != "philox" else v.from_bits(result), pointer, align=8)
    body = "\n".join(v.lines)
    return f"""define void @f(ptr noalias %in, ptr noalias %out, i64 %count) {{
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


def _run(what: str, words: NDArray[np.int64], lanes: int = 8, cpu: str | None = None) -> NDArray[np.int64]:
    """(6, count) words to (4 or 2, count) bit patterns; count a multiple of the lanes."""
    ir = _module(what, lanes)
    address = compiler.link(compiler.compile_object(ir, cpu), ["f"])["f"]
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(address)
    words = np.ascontiguousarray(words)
    out = np.empty((4 if what == "philox" else 2, words.shape[1]), np.int64)
    call(words.ctypes.data, out.ctypes.data, words.shape[1])
    return out


def _counters(count: int) -> NDArray[np.int64]:
    words = np.zeros((6, count), np.int64)
    words[0] = np.arange(count)
    words[4], words[5] = 0xDEADBEEF, 2026
    return words


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_known_answers(counter: tuple, key: tuple, result: tuple) -> None:
    words = np.tile(np.array([*counter, *key], dtype=np.int64)[:, None], 8)
    np.testing.assert_array_equal(_run("philox", words), np.tile(np.array(result)[:, None], 8))


def test_lanes_have_their_own_counters_and_keys() -> None:
    words = np.random.default_rng(0).integers(0, 2**32, (6, 64))
    whole = _run("philox", words)
    for i in range(64):
        alone = _run("philox", np.tile(words[:, [i]], 8)) if i % 13 == 0 else None
        if alone is not None:
            np.testing.assert_array_equal(alone[:, 0], whole[:, i])
    np.testing.assert_array_equal(_run("philox", words, lanes=4), whole)
    np.testing.assert_array_equal(_run("philox", words + (7 << 32)), whole)  # higher bits do not count


def test_normal_numbers() -> None:
    count = 1 << 18
    pair = _run("normal", _counters(count)).view(np.float64)
    for z in pair:
        assert stats.kstest(z, "norm").pvalue > 1e-3
        for power, exact in ((1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)):
            sample = z**power
            assert abs(sample.mean() - exact) < 4 * sample.std() / np.sqrt(count)
    for a, b in ((pair[0], pair[1]), (pair[0][1:], pair[0][:-1]), (pair[0] ** 2, pair[1] ** 2)):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(count)


def test_normal_numbers_are_the_formula() -> None:
    words = _counters(512)
    bits = _run("philox", words).astype(object)
    u = [(2 * ((high << 32 | low) >> 12) + 1) / 2**53 for high, low in zip(bits[0], bits[1], strict=True)]
    w = [(2 * ((high << 32 | low) >> 12) + 1) / 2**53 for high, low in zip(bits[2], bits[3], strict=True)]
    radius = np.sqrt(-2 * np.log(np.array(u, float)))
    angle = 2 * np.pi * np.array(w, float)
    expected = np.array([radius * np.cos(angle), radius * np.sin(angle)])
    np.testing.assert_allclose(_run("normal", words).view(np.float64), expected, rtol=0, atol=4e-15)


def test_bits_are_those_of_every_cpu_and_width() -> None:
    words = _counters(4096)
    here = _run("normal", words)
    for cpu in runnable_cpus():
        np.testing.assert_array_equal(_run("normal", words, cpu=cpu), here)
    np.testing.assert_array_equal(_run("normal", words, lanes=4), here)

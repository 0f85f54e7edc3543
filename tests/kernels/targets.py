"""The CPUs whose object files this machine can run."""

from __future__ import annotations

import llvmlite.binding as llvm

_AVX2, _AVX512 = ("avx2", "fma", "bmi2"), ("avx512f", "avx512dq", "avx512vl", "avx512bw", "avx512cd")
_NEEDED = {"haswell": _AVX2, "znver3": _AVX2, "skylake-avx512": _AVX512, "znver4": (*_AVX512, "avx512vbmi2")}


def runnable_cpus() -> list[str]:
    """At least haswell: whoever lacks AVX2 and FMA cannot run any kernel as it is meant."""
    features = llvm.get_host_cpu_features()
    found = [cpu for cpu, needed in _NEEDED.items() if all(features.get(feature) for feature in needed)]
    assert "haswell" in found, "the kernels need a CPU with AVX2 and FMA"
    return found

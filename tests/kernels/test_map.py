"""Kernels of maps: the same bits from the code of every CPU."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chaosdata.integrate import map as maps
from chaosdata.integrate import map_tangent
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.map import map_module
from chaosdata.kernels.map_tangent import map_tangent_module
from tests.integrate.maps import ALL
from tests.kernels.targets import runnable_cpus


@pytest.mark.parametrize("name", ALL)
def test_bits_are_those_of_every_cpu(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    system = ALL[name]
    start = np.array(system.initial) + 0.02 * np.random.default_rng(7).random((11, system.dimension))

    def orbits() -> tuple[bytes, bytes]:
        growth = map_tangent.map_tangent_growth(system, start, [20, 70])
        orbit = maps.iterate(system, start, np.arange(0, 120, 2)).state
        assert not np.isnan(orbit).any()
        return orbit.tobytes(), growth.log_length.tobytes() + growth.divergence.tobytes()

    here = orbits()
    for cpu in runnable_cpus():
        for module, make in ((maps, map_module), (map_tangent, map_tangent_module)):
            ir, kernel = make(system.graph())
            address = compiler.link(compiler.compile_object(ir, cpu), ("iterate",))["iterate"]
            compiled = replace(kernel, iterate=address)
            monkeypatch.setattr(module, "_kernel", lambda _, compiled=compiled: compiled)
        assert orbits() == here, cpu

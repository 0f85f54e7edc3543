"""Kernels of stochastic systems: the same bits from the code of every CPU."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chaosdata.equations.system import System
from chaosdata.integrate import stochastic, stochastic_tangent
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.map_tangent import map_tangent_module
from chaosdata.kernels.scheme import noisy_components, step_graph
from chaosdata.kernels.stochastic import stochastic_module
from tests.integrate.noisy import Geometric, Modulated, NoisyLorenz
from tests.kernels.targets import runnable_cpus


@pytest.mark.parametrize("system", [Geometric, Modulated, NoisyLorenz], ids=lambda s: s.name)
def test_bits_are_those_of_every_cpu(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    start, time = np.tile(system.initial, (11, 1)), np.arange(40) * 0.0371

    def trajectories() -> bytes:
        solution = stochastic.integrate_stochastic(system, start, time, step=0.01)
        assert (solution.status == 0).all()
        growth = stochastic_tangent.stochastic_tangent_growth(system, start, [0.2, 0.9], step=0.01)
        return solution.state.tobytes() + growth.log_length.tobytes() + growth.divergence.tobytes()

    here = trajectories()
    for cpu in runnable_cpus():
        ir, kernel = stochastic_module(system.graph())
        functions = compiler.link(compiler.compile_object(ir, cpu), ("advance", "sample"))
        compiled = replace(kernel, advance=functions["advance"], sample=functions["sample"])
        monkeypatch.setattr(stochastic, "_kernel", lambda _, compiled=compiled: compiled)
        graph = system.graph()
        ir, tangent = map_tangent_module(step_graph(graph), noisy_components(graph))
        address = compiler.link(compiler.compile_object(ir, cpu), ("iterate",))["iterate"]
        tangent = replace(tangent, iterate=address)
        monkeypatch.setattr(stochastic_tangent, "_kernel", lambda _, tangent=tangent: tangent)
        assert trajectories() == here, cpu

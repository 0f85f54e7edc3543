"""Kernels of delay equations: the same bits from the code of every CPU and for any number of lanes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chaosdata.equations.system import System
from chaosdata.integrate import delay_driver, delay_tangent
from chaosdata.integrate.history import declared_past
from chaosdata.integrate.pilot import delay_method
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.delay import DelayKernel, delay_kernel, delay_module
from chaosdata.kernels.delay_tangent import delay_tangent_kernel, delay_tangent_module
from tests.integrate.delay_systems import Blood, Linear
from tests.kernels.targets import runnable_cpus

SYSTEMS = [Blood, Linear.with_parameters(sigma=2**0.5)]


@pytest.mark.parametrize("system", SYSTEMS, ids=["uniform", "shifted"])
def test_bits_are_those_of_every_cpu(system: System) -> None:
    method = delay_method(system, 1e-12)
    mesh = method.mesh()
    initial = np.array(system.initial) * np.linspace(0.5, 1.5, 11)[:, None]

    def trajectories(kernel: DelayKernel) -> bytes:
        time = np.linspace(0.0, 30.0, 100)
        out = np.empty((11, 100, system.dimension))
        status, _, _ = delay_driver.run(
            kernel, mesh, initial, declared_past(system, mesh, method.order, initial), 0.0,
            np.zeros(11), time, out, 1e-12, 4.0, 10**5,
        )  # fmt: skip
        assert (status == 0).all()
        return out.tobytes()

    kernel = delay_kernel(system.graph(), method.order, shifted=mesh.shifted)
    here = trajectories(kernel)
    wide = delay_kernel(system.graph(), method.order, shifted=mesh.shifted, lanes=16)
    assert trajectories(wide) == here
    ir, _, _ = delay_module(system.graph(), method.order, shifted=mesh.shifted)
    for cpu in runnable_cpus():
        functions = compiler.link(compiler.compile_object(ir, cpu), ("cell", "dense"))
        assert trajectories(replace(kernel, cell=functions["cell"], dense=functions["dense"])) == here, cpu


@pytest.mark.parametrize("system", SYSTEMS, ids=["uniform", "shifted"])
def test_tangent_bits_are_those_of_every_cpu(system: System) -> None:
    method = delay_method(system, 1e-8)
    mesh = method.mesh(1)
    initial = np.array(system.initial) * np.linspace(0.8, 1.2, 9)[:, None]
    kernel = delay_tangent_kernel(system.graph(), method.order, 3, shifted=mesh.shifted)
    ir, _ = delay_tangent_module(system.graph(), method.order, 3, shifted=mesh.shifted)
    stops = np.array([10.0, 20.0])
    past = declared_past(system, mesh, method.order, initial)
    status, here = delay_tangent._growth(kernel, mesh, initial, past, stops, 3, 1e-8, 10**5)
    assert (status == 0).all()
    for cpu in runnable_cpus():
        functions = compiler.link(compiler.compile_object(ir, cpu), ("cell", "orthonormalise"))
        other = replace(kernel, **functions)
        _, there = delay_tangent._growth(other, mesh, initial, past, stops, 3, 1e-8, 10**5)
        assert there.tobytes() == here.tobytes(), cpu

"""Kernels of flows: the same bits from the code of every CPU, from the cache, and in every lane."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chaosdata.integrate import driver
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.blocks import BLOCK
from chaosdata.kernels.compile import has_wide_registers
from chaosdata.kernels.taylor import (
    FULL_ACCURACY,
    Kernel,
    best_lanes,
    flow_kernel,
    flow_module,
    order_for,
)
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems
from tests.kernels.targets import runnable_cpus


def _trajectories(kernel: Kernel, name: str) -> bytes:
    system = systems[name]
    if system.autonomous:
        initial, _ = attractor_states(system, 1, range(11), purpose="kernel")
    else:
        initial = np.tile(system.initial, (11, 1))
    time = np.arange(120) * (system.period / 25)
    out = np.empty((len(initial), len(time), system.dimension))
    stop = np.full(len(initial), time[-1])
    final, status, steps = driver.run(kernel, initial, 0.0, stop, time, out, FULL_ACCURACY, 10**6)
    assert (status == 0).all()
    return out.tobytes() + final.tobytes() + steps.tobytes()


# The CPU that differs most has every flow, the others have a few with all operations between them.
CPUS = runnable_cpus()
# Those of more than twelve components repeat the operations of the smaller ones.
FLOWS = [name for name, system in systems.items() if system.kind == "flow" and system.dimension <= 12]
MOST = [(name, "haswell") for name in FLOWS]
OTHERS = [
    (name, cpu) for cpu in CPUS[1:] for name in ("Lorenz", "CaTwoPlus", "Hopfield", "JerkCircuit", "Thomas")
]


@pytest.mark.parametrize(("name", "cpu"), MOST + OTHERS)
def test_bits_are_those_of_every_cpu(name: str, cpu: str) -> None:
    ir, memory = flow_module(systems[name].graph(), FULL_ACCURACY)
    here = _trajectories(flow_kernel(systems[name].graph(), FULL_ACCURACY), name)
    functions = compiler.link(compiler.compile_object(ir, cpu), ("step", "dense"))
    assert _trajectories(Kernel(functions["step"], functions["dense"], memory), name) == here


@pytest.mark.parametrize("name", ["Lorenz", "JerkCircuit", "Thomas"])
def test_bits_do_not_depend_on_the_number_of_lanes(name: str) -> None:
    graph = systems[name].graph()
    expected = _trajectories(flow_kernel(graph, FULL_ACCURACY), name)
    for lanes in (4, 16):
        assert _trajectories(flow_kernel(graph, FULL_ACCURACY, lanes=lanes), name) == expected


def test_small_systems_take_more_lanes() -> None:
    wide = has_wide_registers()
    lanes = {name: best_lanes(systems[name].graph(), FULL_ACCURACY) for name in ("Lorenz", "Hopfield")}
    assert lanes == {"Lorenz": 16 if wide else 8, "Hopfield": 8}


def test_a_kernel_from_the_cache_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = systems["Rossler"].graph()
    expected = _trajectories(flow_kernel(graph, FULL_ACCURACY), "Rossler")
    monkeypatch.setenv("CHAOSDATA_CACHE", str(tmp_path))
    monkeypatch.setattr(compiler, "_loaded", {})
    cold = _trajectories(flow_kernel(graph, FULL_ACCURACY), "Rossler")
    assert len(compiler.cache_contents()) == 1
    monkeypatch.setattr(compiler, "_loaded", {})
    monkeypatch.setattr(compiler, "compile_object", None)  # the second time nothing is compiled
    warm = _trajectories(flow_kernel(graph, FULL_ACCURACY), "Rossler")
    assert cold == warm == expected


def test_the_order_follows_from_the_tolerance() -> None:
    assert [order_for(t) for t in (1e-4, 1e-6, 1e-8, 1e-10, FULL_ACCURACY)] == [8, 12, 12, 16, 20]
    assert all(order_for(10.0**-k) % BLOCK == 0 for k in range(2, 17))


def test_an_unknown_operation_is_refused() -> None:
    graph = systems["Thomas"].graph()
    strange = replace(graph.operations[0], kind="gamma")
    with pytest.raises(ValueError, match="'gamma'"):
        flow_module(replace(graph, operations=(strange, *graph.operations[1:])), FULL_ACCURACY)

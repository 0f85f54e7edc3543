"""The solvers that we are measured against: one a file, each with the same two functions.

``modes(case)`` lists a solver's ways of working on a case; each is called with a tolerance and returns a
function that integrates every trajectory of the case on its grid: (m, n, d).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp

from chaosdata.equations.system import System
from chaosdata.equations.trace import expressions

Run = Callable[[], np.ndarray]
Mode = Callable[[float], Run]

NAMES = ("heyoka", "numbalsoda", "diffrax", "scipy", "dysts")


def installed() -> Mapping[str, ModuleType]:
    """The adapters of the peers that are installed here."""
    return {name: import_module(f"tests.benchmarks.peers.with_{name}") for name in NAMES if find_spec(name)}


def lambdified(system: System, modules: str) -> Callable[..., Any]:
    """f(t, x1, ..., xd) -> d numbers, for solvers that call back into a Python function."""
    outputs, states, time = expressions(system)
    return sp.lambdify([time, *states], outputs, modules=modules, cse=True)

"""Reproducible, annotated trajectories of chaotic dynamical systems, and the datasets made of them.

Every public name is loaded on first use: who only opens data loads no compiler, and the command line starts
at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaosdata.analysis.kaplan_yorke import kaplan_yorke_dimension
    from chaosdata.analysis.lyapunov import lyapunov_spectrum
    from chaosdata.analysis.moments import moments
    from chaosdata.analysis.period import dominant_period
    from chaosdata.catalog.load import open_catalog, open_dataset, open_datatree
    from chaosdata.datasets.build import build
    from chaosdata.datasets.recipe import Recipe, load_recipe
    from chaosdata.datasets.trajectories import trajectories
    from chaosdata.datasets.verify import verify
    from chaosdata.equations.declare import delay, flow, map_, stochastic
    from chaosdata.equations.system import System
    from chaosdata.errors import ChaosdataError
    from chaosdata.integrate.events import Section, poincare_section
    from chaosdata.integrate.solve import integrate
    from chaosdata.integrate.surface import Surface
    from chaosdata.systems import systems
    from chaosdata.types import Estimate, Solution, Status

__version__ = "0.1.0"

__all__ = [
    "ChaosdataError",
    "Estimate",
    "Recipe",
    "Section",
    "Solution",
    "Status",
    "Surface",
    "System",
    "__version__",
    "build",
    "delay",
    "dominant_period",
    "flow",
    "integrate",
    "kaplan_yorke_dimension",
    "load_recipe",
    "lyapunov_spectrum",
    "map_",
    "moments",
    "open_catalog",
    "open_dataset",
    "open_datatree",
    "poincare_section",
    "stochastic",
    "systems",
    "trajectories",
    "verify",
]

_HOME = {
    "ChaosdataError": "chaosdata.errors",
    "Estimate": "chaosdata.types",
    "Recipe": "chaosdata.datasets.recipe",
    "Section": "chaosdata.integrate.events",
    "Solution": "chaosdata.types",
    "Status": "chaosdata.types",
    "Surface": "chaosdata.integrate.surface",
    "System": "chaosdata.equations.system",
    "build": "chaosdata.datasets.build",
    "delay": "chaosdata.equations.declare",
    "dominant_period": "chaosdata.analysis.period",
    "flow": "chaosdata.equations.declare",
    "integrate": "chaosdata.integrate.solve",
    "kaplan_yorke_dimension": "chaosdata.analysis.kaplan_yorke",
    "load_recipe": "chaosdata.datasets.recipe",
    "lyapunov_spectrum": "chaosdata.analysis.lyapunov",
    "map_": "chaosdata.equations.declare",
    "moments": "chaosdata.analysis.moments",
    "open_catalog": "chaosdata.catalog.load",
    "open_dataset": "chaosdata.catalog.load",
    "open_datatree": "chaosdata.catalog.load",
    "poincare_section": "chaosdata.integrate.events",
    "stochastic": "chaosdata.equations.declare",
    "systems": "chaosdata.systems",
    "trajectories": "chaosdata.datasets.trajectories",
    "verify": "chaosdata.datasets.verify",
}


class _Package(ModuleType):
    """Keeps `integrate` (a function) and `systems` (a mapping) what they are.

    Both are also subpackages, and Python binds a subpackage to its parent when it is first imported, whenever
    that happens. Such a binding is dropped here; `from chaosdata.integrate.flow import ...` does not need it.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

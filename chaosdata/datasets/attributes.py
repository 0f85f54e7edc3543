"""Attributes of a stored group: what the system is and where it comes from, in the words of ACDD-1.3.

Nothing here may depend on the clock, the host or the version of a library: attributes are hashed with the
data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaosdata.datasets.recipe import Recipe
from chaosdata.types import Estimate

if TYPE_CHECKING:
    from chaosdata.equations.system import System

Attributes = dict[str, str | int | float | list[str] | list[float]]


def system_attributes(system: System) -> Attributes:
    """Facts of the declaration."""
    attributes: Attributes = {
        "title": f"Trajectories of {system.name}",
        "summary": system.description,
        "references": system.reference,
        "keywords": ", ".join(["chaos", "dynamical system", system.kind, *sorted(system.tags)]),
        "system": system.name,
        "kind": system.kind,
        "description": system.description,
        "equations": "\n".join(system.equations()),
        "latex": "\n".join(system.equations(latex=True)),
        "reference": system.reference,
        "period": float(system.period),
        "state_components": ", ".join(system.components),
        "tags": ", ".join(sorted(system.tags)),
    }
    if system.notes:
        attributes["comment"] = system.notes
    return attributes


def sampling_attributes(system: System, seed: int, samples_per_period: int, periods: float) -> Attributes:
    """How the trajectories were drawn."""
    if system.kind == "map":
        return {
            "source": "chaosdata: iteration of the map in double precision",
            "seed": seed,
            "iterates": round(samples_per_period * periods),
        }
    attributes: Attributes = {
        "source": "chaosdata: Taylor integration of the equations in full double precision",
        "seed": seed,
        "samples_per_period": samples_per_period,
        "periods": float(periods),
    }
    if system.kind == "stochastic":
        from chaosdata.integrate.stochastic import default_step

        attributes["source"] = "chaosdata: stochastic Runge-Kutta integration with a fixed step"
        attributes["step"] = default_step(system)
    if system.kind == "delay":
        attributes["source"] = (
            "chaosdata: Taylor integration by the method of steps in full double precision, "
            "from a constant history or the declared one, after a transient"
        )
        attributes["delays"] = ", ".join(repr(delay) for delay in system.delays)
    return attributes


def group_attributes(system: System, recipe: Recipe) -> Attributes:
    """Everything about a group that is known before its simulation."""
    return {
        **system_attributes(system),
        "title": f"{recipe.title}: {system.name}",
        "id": f"{recipe.id}/{system.name}",
        "license": recipe.license,
        **sampling_attributes(system, recipe.seed, recipe.grid.samples_per_period, recipe.grid.periods),
    }


def root_attributes(recipe: Recipe) -> Attributes:
    """Attributes of the whole store."""
    from chaosdata.systems import systems as registry

    kinds = {registry[name].kind for name in recipe.systems}
    kind = kinds.pop() if len(kinds) == 1 else ""
    noun = kind if kind in ("flow", "map") else f"{kind} system".strip()
    count = len(recipe.systems)
    systems = f"one chaotic {noun}" if count == 1 else f"{count} chaotic {noun}s"
    return {
        "title": recipe.title,
        "summary": f"Trajectories of {systems}, with measured annotations.",
        "id": recipe.id,
        "license": recipe.license,
        "keywords": "chaos, dynamical systems, time series",
        "systems": ", ".join(recipe.systems),
        "recipe_digest": f"sha256:{recipe.digest}",
    }


def lyapunov_time(spectrum: Estimate) -> float | None:
    """The inverse of the largest exponent, where that is positive by more than three standard errors."""
    largest, error = float(spectrum.value[0]), float(spectrum.standard_error[0])
    return 1.0 / largest if largest > 3.0 * error and largest > 0.0 else None

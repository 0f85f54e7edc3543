"""The printed equations of each kind of system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaosdata.equations.written import Written, latex, latex_name, text

if TYPE_CHECKING:
    from chaosdata.equations.system import System


def printed(system: System, in_latex: bool) -> list[str]:
    """One equation a component, as it was written."""
    render, name = (latex, latex_name) if in_latex else (text, str)
    sides = system.written()
    if system.kind == "stochastic":
        sides = tuple(map(_increment, system.components, sides, system.written_diffusion()))
    left = {
        "map": "{}'",
        "stochastic": "d{}",
        "flow": "\\frac{{d{}}}{{dt}}" if in_latex else "d{}/dt",
        "delay": "\\frac{{d{}}}{{dt}}" if in_latex else "d{}/dt",
    }[system.kind]
    return [
        f"{left.format(name(component))} = {render(side)}"
        for component, side in zip(system.components, sides, strict=True)
    ]


def _increment(component: str, drift: Any, diffusion: Any) -> Any:
    """``drift*dt + diffusion*dW``, without a term that is zero or a factor that is one."""
    terms = []
    for factor, name in ((drift, "t"), (diffusion, f"W_{component}")):
        differential = Written("differential", name)
        if isinstance(factor, Written) or factor not in (0, 1):
            terms.append(Written("*", factor, differential))
        elif factor == 1:
            terms.append(differential)
    return Written("+", *terms) if len(terms) == 2 else terms[0] if terms else 0

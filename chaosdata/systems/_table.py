"""The collection as Markdown tables: what README.md and docs/systems.md show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from chaosdata.systems._measured import Measured

if TYPE_CHECKING:
    from chaosdata.equations import System

_KINDS = ("flow", "map", "delay", "stochastic")


def table(systems: Iterable[System], known: Mapping[str, Measured]) -> str:
    """One row a system: kind, dimension, verdict, exponents with standard errors, and what it is."""
    rows = [
        "| system | kind | dimension | verdict | largest exponents | what it is |",
        "| --- | --- | ---: | --- | --- | --- |",
    ]
    for system in systems:
        found = known.get(system.name)
        sentence = " ".join(system.description.split()).split(". ")[0].rstrip(".") + "."
        word = found.verdict if found else ""
        cells = (system.name, system.kind, system.dimension, word, _exponents(found), sentence)
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows) + "\n"


def summary(systems: Iterable[System], known: Mapping[str, Measured]) -> str:
    """One row a verdict: how many systems of each kind have it."""
    counts: dict[str, dict[str, int]] = {}
    for system in systems:
        word = known[system.name].verdict if system.name in known else "driven by noise"
        row = counts.setdefault(word, dict.fromkeys(_KINDS, 0))
        row[system.kind] += 1
    rows = ["| verdict | " + " | ".join(_KINDS) + " |", "| --- |" + " ---: |" * len(_KINDS)]
    for word, row in sorted(counts.items(), key=lambda item: -sum(item[1].values())):
        rows.append(f"| {word} | " + " | ".join(str(row[kind] or "") for kind in _KINDS) + " |")
    return "\n".join(rows) + "\n"


def _exponents(found: Measured | None) -> str:
    """Those that are positive, and one more."""
    if found is None:
        return ""
    shown = []
    for value, error in zip(found.exponents, found.standard_errors, strict=False):
        shown.append(f"{value:.4g} ± {error:.1g}")
        if value <= 2 * error or len(shown) == 3:
            break
    return ", ".join(shown)

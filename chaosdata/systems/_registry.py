"""Finds the declared systems of all chapters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from chaosdata.equations import System
from chaosdata.errors import DeclarationError, UnknownNameError


class Registry(Mapping[str, System]):
    """Read-only; iterates in alphabetical order of the names.

    ``registry["MackeyGlass.published"]`` is a declared variant; iteration and length leave variants out.
    """

    def __init__(self, systems: Mapping[str, System]) -> None:
        self._systems = dict(sorted(systems.items()))

    def __getitem__(self, name: str) -> System:
        """The system or variant of that name; UnknownNameError, with the nearest names, if there is none."""
        base, dot, variant = str(name).partition(".")
        try:
            system = self._systems[base]
            return system.variants[variant] if dot else system
        except KeyError:
            if dot and base in self._systems:
                known = self._systems[base].variants
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise UnknownNameError(f"{base} has no variant {variant!r}; {has}") from None
            near = get_close_matches(str(name), self._systems, n=3, cutoff=0.5)
            hint = (
                f"did you mean {' or '.join(near)}?" if near else f"`chaosdata systems` lists all {len(self)}"
            )
            raise UnknownNameError(f"there is no system {name!r}; {hint}") from None

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        base, dot, variant = name.partition(".")
        return base in self._systems and (not dot or variant in self._systems[base].variants)

    def __iter__(self) -> Iterator[str]:
        return iter(self._systems)

    def __len__(self) -> int:
        return len(self._systems)

    def __repr__(self) -> str:
        return f"<{len(self)} systems: {', '.join(self)}>"


def collect(package: str, path: Iterable[str]) -> Registry:
    """Import every chapter of the package and register what it declares."""
    names = sorted(module.name for module in iter_modules(path) if not module.name.startswith("_"))
    return register(import_module(f"{package}.{name}") for name in names)


def register(chapters: Iterable[ModuleType]) -> Registry:
    """The systems among the chapters' globals; DeclarationError for a misnamed one or a name used twice."""
    found: dict[str, System] = {}
    homes: dict[str, str] = {}
    for chapter in chapters:
        for name, system in vars(chapter).items():
            if not isinstance(system, System):
                continue
            if system.name != name:
                raise DeclarationError(f"{chapter.__name__}.{name} is named {system.name}: let the two agree")
            if name in found:
                raise DeclarationError(
                    f"{name} is declared in {homes[name]} and {chapter.__name__}: rename one"
                )
            found[name], homes[name] = system, chapter.__name__
    return Registry(found)

"""Imports point down only, and heavy or optional packages are loaded where they may be and nowhere else."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each layer may import besides itself, types and errors. Arrows are transitive.
ARROWS: dict[str, set[str]] = {
    "equations": set(),
    "systems": {"equations"},
    "kernels": {"equations"},
    "integrate": {"kernels"},
    "sampling": {"integrate"},
    "analysis": {"integrate", "sampling"},
    "discover": {"analysis", "sampling", "systems"},
    "store": set(),
    "catalog": {"store"},
    "datasets": {"discover", "analysis", "sampling", "systems", "catalog"},
    "forecasting": {"datasets", "catalog"},
    "plot": {"integrate", "catalog"},
    "cli": {"datasets", "forecasting", "plot", "catalog", "analysis", "systems"},
    "__main__": {"cli"},
    "pipelines": {"datasets"},
}
SHARED = {"types", "errors"}

# Which layers may import a third-party package at all.
HOMES: dict[str, set[str]] = {
    "sympy": {"equations"},
    "llvmlite": {"kernels"},
    "numba": {"kernels", "integrate", "analysis"},
    "zarr": {"store", "catalog"},
    "numcodecs": {"store", "catalog"},
    "xarray": {"store", "catalog", "datasets", "forecasting", "plot", "cli", "pipelines"},
    "dask": {"pipelines", "datasets", "catalog"},
    "distributed": {"pipelines", "datasets"},
    "prefect": {"pipelines"},
    "sqlalchemy": {"pipelines"},
    "fastapi": {"pipelines"},
    "uvicorn": {"pipelines"},
    "typer": {"cli", "pipelines"},
    "rich": {"cli", "pipelines"},
    "matplotlib": {"plot"},
    "PIL": {"plot"},
}
EXTRAS = {"matplotlib", "PIL", "torch", "pyarrow", "h5py", "s3fs", "obstore"}
PACKAGE_OF = {"pyyaml": "yaml", "pillow": "PIL"}


@dataclass(frozen=True)
class Import:
    """One name that a module imports; `local` where it stands inside a function or under TYPE_CHECKING."""

    source: str
    line: int
    module: str
    local: bool
    typing: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.module}"


def imports() -> list[Import]:
    """Every import of every module of the two packages."""
    paths = [
        path for package in ("chaosdata", "pipelines") for path in sorted((ROOT / package).rglob("*.py"))
    ]
    return [found for path in paths for found in _imports_of(path)]


def _imports_of(path: Path) -> Iterator[Import]:
    source = path.relative_to(ROOT).as_posix()

    def walk(node: ast.AST, local: bool, typing: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(source, node.lineno, alias.name, local, typing)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}:{node.lineno}: relative import; write the whole name"
            module = str(node.module)
            # `from chaosdata import store` names a layer too.
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "chaosdata" else [module]
            for name in names:
                yield Import(source, node.lineno, name, local, typing)
        for child in ast.iter_child_nodes(node):
            guarded = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from walk(child, local or inside, typing or guarded)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), False, False)


def layer_of_source(source: str) -> str:
    package, *rest = Path(source).with_suffix("").parts
    return package if package == "pipelines" else rest[0]


def below(layer: str) -> set[str]:
    reached: set[str] = set()
    waiting = [layer]
    while waiting:
        for lower in ARROWS[waiting.pop()] - reached:
            reached.add(lower)
            waiting.append(lower)
    return reached | SHARED


IMPORTS = imports()


def test_arrows_have_no_cycle() -> None:
    for layer in ARROWS:
        assert layer not in below(layer)


def test_every_module_belongs_to_a_layer() -> None:
    layers = {layer_of_source(found.source) for found in IMPORTS}
    assert layers <= {*ARROWS, *SHARED, "__init__"}


def test_imports_point_down() -> None:
    wrong = []
    for found in IMPORTS:
        package, _, rest = found.module.partition(".")
        layer = layer_of_source(found.source)
        if package not in ("chaosdata", "pipelines") or layer == "__init__":
            continue
        target = "pipelines" if package == "pipelines" else rest.partition(".")[0]
        allowed = {layer, "__version__"} | (set() if layer in SHARED else below(layer))
        if layer == "pipelines":
            allowed.add("")  # they stand outside, and may use the public API
        if target not in allowed:
            wrong.append(f"{found}, which is not below {layer}")
    assert not wrong, "\n".join(wrong)


def test_data_layers_never_reach_the_engine() -> None:
    engine = {"equations", "kernels", "integrate", "systems", "sampling", "analysis", "discover"}
    assert not (below("catalog") | below("store")) & engine


def test_third_party_packages_stay_at_home() -> None:
    wrong = []
    for found in IMPORTS:
        homes = HOMES.get(found.module.partition(".")[0])
        if homes is not None and layer_of_source(found.source) not in homes:
            wrong.append(f"{found}; only {', '.join(sorted(homes))} may")
    assert not wrong, "\n".join(wrong)


def test_extras_are_imported_where_they_are_used() -> None:
    wrong = [
        f"{found}; import it inside the function that needs it"
        for found in IMPORTS
        if found.module.partition(".")[0] in EXTRAS and not (found.local or found.typing)
    ]
    assert not wrong, "\n".join(wrong)


def test_dask_is_optional_outside_pipelines() -> None:
    wrong = [
        f"{found}; dask comes with the pipelines extra: import it inside the function that needs it"
        for found in IMPORTS
        if found.module.partition(".")[0] in ("dask", "distributed")
        and layer_of_source(found.source) != "pipelines"
        and not (found.local or found.typing)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", ["chaosdata", "pipelines"])
def test_what_is_imported_is_declared(package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["plot"], *extras["export"], *extras["s3"]]
    if package == "pipelines":
        wanted += extras["pipelines"]
    declared = {re.split(r"[\[<>=~ ]", line, maxsplit=1)[0] for line in wanted}
    # dask.array serves a reader who asks for it, and pydantic_core is a part of pydantic.
    modules = {PACKAGE_OF.get(name, name) for name in declared} | {"pydantic_core", "dask", "distributed"}
    missing = sorted(
        str(found)
        for found in IMPORTS
        if found.source.startswith(package)
        and (top := found.module.partition(".")[0]) not in sys.stdlib_module_names
        and top not in {"chaosdata", "pipelines", *modules}
    )
    assert not missing, "\n".join(missing)

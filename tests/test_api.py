"""The public names: all there, loaded only when they are used, and never replaced by a subpackage."""

from __future__ import annotations

import ast
import json
import pickle
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import chaosdata as cd

HEAVY = (
    "dask",
    "distributed",
    "llvmlite",
    "matplotlib",
    "numba",
    "prefect",
    "scipy",
    "sympy",
    "xarray",
    "zarr",
)


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_by(code: str) -> set[str]:
    report = "import json, sys; print(json.dumps([name for name in sys.modules if '.' not in name]))"
    return set(json.loads(run(f"{code}\n{report}").splitlines()[-1]))


@pytest.mark.parametrize("name", cd.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(cd, name) is not None
    assert name in dir(cd)


def test_names_come_from_where_type_checkers_find_them() -> None:
    tree = ast.parse(Path(str(cd.__file__)).read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == cd._HOME
    assert sorted(cd.__all__) == sorted({*typed, "__version__"})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="lorenz"):
        cd.lorenz  # noqa: B018


def test_version_is_the_installed_one() -> None:
    assert version("chaosdata") == cd.__version__


def test_import_loads_nothing_heavy() -> None:
    assert not loaded_by("import chaosdata") & {*HEAVY, "numpy", "pydantic", "typer", "rich"}


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['chaosdata', *{arguments!r}]\n"
        "from chaosdata.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert not loaded_by(code) & {*HEAVY, "numpy"}


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("from chaosdata.systems import systems; systems['Lorenz'].rhs([1.0, 2.0, 3.0])", set(HEAVY)),
        ("import chaosdata; chaosdata.load_recipe; chaosdata.Recipe", set(HEAVY)),
        (
            "import chaosdata; chaosdata.open_dataset",
            {"llvmlite", "numba", "sympy", "prefect", "distributed"},
        ),
    ],
)
def test_each_use_loads_only_what_it_needs(code: str, absent: set[str]) -> None:
    assert not loaded_by(code) & absent


ORDERS = [
    "import chaosdata.integrate.flow, chaosdata.systems.climate\nimport chaosdata as cd",
    "import chaosdata as cd\nimport chaosdata.systems.climate, chaosdata.integrate.flow",
    "import chaosdata as cd\ncd.integrate, cd.systems\nfrom chaosdata.integrate import flow, tangent",
    "from chaosdata.systems import systems\nimport chaosdata.integrate.flow\nimport chaosdata as cd",
    "from chaosdata import integrate, systems\nimport chaosdata.systems.climate\nimport chaosdata as cd",
    "import importlib\nimportlib.import_module('chaosdata.systems')\nimport chaosdata as cd",
    "import chaosdata as cd\nimport chaosdata.integrate.tangent\ncd.lyapunov_spectrum\ncd.dominant_period",
]


@pytest.mark.parametrize("order", ORDERS)
def test_subpackages_never_replace_public_names(order: str) -> None:
    check = (
        "import collections.abc\n"
        "assert callable(cd.integrate)\n"
        "assert isinstance(cd.systems, collections.abc.Mapping) and 'Lorenz' in cd.systems\n"
        "from chaosdata.integrate.solve import integrate\n"
        "from chaosdata.integrate import solve\n"
        "from chaosdata.systems import systems\n"
        "from chaosdata.systems.climate import Lorenz\n"
        "assert cd.integrate is integrate is solve.integrate\n"
        "assert cd.systems is systems and cd.systems['Lorenz'] is Lorenz\n"
        "print('right')"
    )
    assert run(f"{order}\n{check}") == "right"


def test_public_names_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(cd.integrate)) is cd.integrate
    assert pickle.loads(pickle.dumps(cd.systems["Lorenz"])) == cd.systems["Lorenz"]


def test_type_checkers_see_the_public_names(tmp_path: Path) -> None:
    program = tmp_path / "reader.py"
    program.write_text(
        "import chaosdata.integrate.flow\n"
        "import chaosdata as cd\n"
        "from chaosdata.systems import systems\n"
        "solution: cd.Solution = cd.integrate(cd.systems['Lorenz'], [[1.0, 1.0, 20.0]], [0.0, 1.0])\n"
        "system: cd.System = systems['Lorenz']\n"
        "wrong: int = cd.systems['Lorenz'].name\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line.split("reader.py")[1] for line in done.stdout.splitlines()]
    assert len(errors) == 1, done.stdout
    assert errors[0].startswith(":6: error: Incompatible types in assignment")

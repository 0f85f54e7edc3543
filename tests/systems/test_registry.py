"""The registry finds every declaration, once, under its own name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from chaosdata.equations import System
from chaosdata.errors import DeclarationError, UnknownNameError
from chaosdata.systems import systems
from chaosdata.systems._registry import collect, register

SIXTEEN = (
    "CaTwoPlus Chen DoubleGyre Duffing Halvorsen HenonHeiles Hopfield HyperRossler JerkCircuit Lorenz "
    "Lorenz84 Rossler ShimizuMorioka SprottB Thomas YuWang"
)


def _chapter(name: str, **declared: System) -> ModuleType:
    chapter = ModuleType(name)
    vars(chapter).update(declared)
    return chapter


def test_the_sixteen_flows_in_alphabetical_order() -> None:
    names = list(systems)
    assert names == sorted(names)
    assert set(SIXTEEN.split()) <= set(names)
    assert len(systems) == len(names)
    assert {system.dimension for system in systems.values()} >= {3, 4, 6, 10, 40}


def test_the_registry_is_read_only_and_helpful() -> None:
    with pytest.raises(TypeError):
        systems["Mine"] = systems["Lorenz"]  # type: ignore[index]
    with pytest.raises(UnknownNameError, match=r"there is no system 'lorens'; did you mean Lorenz"):
        systems["lorens"]
    with pytest.raises(UnknownNameError, match=r"there is no system 'qqq'; `chaosdata systems` lists all 1"):
        systems["qqq"]
    assert systems.get("Lorens") is None
    assert "Lorenz" in systems and "Lorens" not in systems and 3 not in systems


@pytest.mark.parametrize("system", systems.values(), ids=systems)
def test_the_facts_are_complete(system: System) -> None:
    assert systems[system.name] is system
    assert system.description.endswith(".") and system.tags
    authors, rest = system.reference.split(" (", 1)
    assert authors and rest[:4].isdigit() and rest[4:7] == "). " and rest.endswith(".")
    assert len(system.equations()) == len(system.equations(latex=True)) == system.dimension
    assert (
        len(set(system.observables))
        == len(system.observables)
        == (system.dimension + len(system.angles) + len(system.clocks))
    )


def test_a_name_used_twice_is_refused() -> None:
    lorenz = systems["Lorenz"]
    with pytest.raises(DeclarationError, match="Lorenz is declared in one and two: rename one"):
        register([_chapter("one", Lorenz=lorenz), _chapter("two", Lorenz=lorenz)])


def test_a_name_that_differs_from_the_object_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"one\.Weather is named Lorenz"):
        register([_chapter("one", Weather=systems["Lorenz"])])
    twin = systems["Lorenz"].variant("LorenzTwin")
    assert list(register([_chapter("one", LorenzTwin=twin, Lorenz=systems["Lorenz"])])) == [
        "Lorenz",
        "LorenzTwin",
    ]


def test_a_new_chapter_is_found_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "almanac"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "_private.py").write_text("raise RuntimeError('not a chapter')")
    (package / "springs.py").write_text(
        "from chaosdata.equations import flow\n"
        "@flow(initial=(1.0, 0.0), period=6.3, reference='Hooke (1678). De potentia restitutiva.')\n"
        "def Spring(x, v, *, k=1.0):\n"
        "    'A spring.'\n"
        "    return v, -k * x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = collect("almanac", [str(package)])
    assert list(found) == ["Spring"] and found["Spring"].dimension == 2


def test_the_registry_loads_neither_sympy_nor_a_compiler() -> None:
    code = (
        "import sys, chaosdata.systems; "
        "sys.exit(bool({'sympy', 'numba', 'llvmlite', 'scipy', 'xarray', 'zarr'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_variants_are_found_by_their_names() -> None:
    mackey_glass = systems["MackeyGlass"]
    assert systems["MackeyGlass.tau30"] is mackey_glass.variants["tau30"]
    assert systems["MackeyGlass.tau30"].delays == (30.0,)
    assert "MackeyGlass.tau30" in systems and "MackeyGlass.tau31" not in systems
    assert "MackeyGlass.tau30" not in list(systems) and len(systems) == len(list(systems))
    with pytest.raises(
        UnknownNameError, match=r"MackeyGlass has no variant 'tau31'; it has published, tau23"
    ):
        systems["MackeyGlass.tau31"]
    with pytest.raises(UnknownNameError, match="Logistic has no variant 'published'; it has none"):
        systems["Logistic.published"]
    with pytest.raises(UnknownNameError, match=r"no system 'Nobody\.published'"):
        systems["Nobody.published"]

"""The cache of object files may be lost, torn, shared or forbidden: results stay, and nothing crashes."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaosdata.kernels import compile

IR = "define double @twice(double %x) {\n%y = fadd double %x, %x\nret double %y\n}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a process that has loaded nothing yet."""
    monkeypatch.setenv("CHAOSDATA_CACHE", str(tmp_path))
    monkeypatch.setattr(compile, "_loaded", {})
    return compile.cache_directory()


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a new process would begin."""
    monkeypatch.setattr(compile, "_loaded", {})


def twice() -> float:
    address = compile.load(IR, ["twice"])["twice"]
    result: float = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)(21.0)
    return result


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules that were compiled and not fetched."""
    seen: list[str] = []
    original = compile.compile_object

    def counted(ir: str, cpu: str | None = None, features: str = "") -> bytes:
        seen.append(ir)
        return original(ir, cpu, features)

    monkeypatch.setattr(compile, "compile_object", counted)
    return seen


def test_compiles_once(folder: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[str]) -> None:
    assert twice() == twice() == 42.0
    forget(monkeypatch)
    assert twice() == 42.0
    assert len(compilations) == 1
    assert list(compile.cache_contents()) == [compile.object_name(IR)]
    assert [path.name for path in folder.iterdir()] == [compile.object_name(IR)]


@pytest.mark.parametrize("damage", ["empty", "short", "torn", "flipped"])
def test_a_damaged_file_is_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[str], damage: str
) -> None:
    twice()
    path = folder / compile.object_name(IR)
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    path.write_bytes({"empty": b"", "short": whole[:20], "torn": whole[:middle], "flipped": flipped}[damage])
    forget(monkeypatch)
    assert twice() == 42.0
    assert len(compilations) == 2
    assert path.read_bytes() == whole


def test_a_cache_that_is_not_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not writable in a way that stops even the superuser."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAOSDATA_CACHE", str(tmp_path / "file"))
    forget(monkeypatch)
    assert twice() == 42.0
    assert compile.cache_contents() == {}
    assert compile.clear_cache() == 0


def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half-way leaves no file behind."""

    def fail(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert twice() == 42.0
    assert list(folder.iterdir()) == []


def test_clear(folder: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[str]) -> None:
    twice()
    (folder / "notes.txt").write_text("not ours")
    assert compile.clear_cache() == 1
    assert compile.cache_contents() == {}
    assert (folder / "notes.txt").exists()
    assert twice() == 42.0  # code that is loaded stays usable
    forget(monkeypatch)
    assert twice() == 42.0
    assert len(compilations) == 2


def test_an_empty_setting_means_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOSDATA_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert compile.cache_directory() == tmp_path / "chaosdata" / "kernels"


SCRIPT = """
import sys
from chaosdata.kernels import arrays
sys.stdin.readline()
sys.stdout.write(arrays.exp([1.0, 2.0, 3.0]).tobytes().hex())
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    environment = os.environ | {"CHAOSDATA_CACHE": str(tmp_path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:  # both are past their imports when the line arrives
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert results[0] == results[1] != ""
    files = list((tmp_path / "kernels").iterdir())
    assert len(files) == 1
    assert files[0].suffix == ".o"

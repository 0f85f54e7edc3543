"""From IR text to the addresses of machine code, with a cache of object files on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

# 512-bit registers where the CPU has them: LLVM's own preference for 256 bits halves the throughput of
# 8-lane kernels.
_FEATURES = "-prefer-256-bit"
# Kernels come as vector code in SSA form. LLVM's passes over it (instruction_combine, new_gvn and the like)
# would add half of the time again, for code of the same size and speed: none runs.
_EFFORT = 1  # of code generation, 0 to 3: 3 takes a third longer, again for the same speed
_SUFFIX = ".o"
_lock = threading.Lock()  # LLVM compilation is not thread-safe
_loaded: dict[str, Mapping[str, int]] = {}
_engines: list[Any] = []  # compiled code lives as long as the process


def cache_directory() -> Path:
    """Where compiled kernels are kept: ``$CHAOSDATA_CACHE``, or ``chaosdata`` in the user's cache folder."""
    if chosen := os.environ.get("CHAOSDATA_CACHE"):
        return Path(chosen) / "kernels"
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "chaosdata" / "kernels"


def cache_contents() -> dict[str, int]:
    """Name and size in bytes of each cached object file."""
    folder = cache_directory()
    files = sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []
    return {file.name: file.stat().st_size for file in files}


def clear_cache() -> int:
    """Remove the cached object files; the number removed."""
    names = list(cache_contents())
    for name in names:
        (cache_directory() / name).unlink(missing_ok=True)
    return len(names)


def load(ir: str, functions: Sequence[str]) -> Mapping[str, int]:
    """Compile a module of IR text, or fetch its object file from the cache.

    Parameters
    ----------
    ir : the module; the same text always gives code that computes the same bits.
    functions : names of the functions wanted.

    Returns
    -------
    Mapping from each name to its address. The code stays loaded for the life of the process.
    """
    name = object_name(ir)
    with _lock:
        if name not in _loaded:
            code = _read(cache_directory() / name)
            if code is None:
                code = compile_object(ir)
                _write(cache_directory() / name, code)
            _loaded[name] = link(code, functions)
        return _loaded[name]


def object_name(ir: str) -> str:
    """The cache's file name: a digest of everything that decides the machine code."""
    cpu, features = _host()
    words = (ir, llvmlite.__version__, llvm.get_default_triple(), cpu, features, str(_EFFORT))
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:40] + _SUFFIX


def compile_object(ir: str, cpu: str | None = None, features: str = "") -> bytes:
    """The object file of a module, for this machine's CPU or a named one."""
    if cpu is None:
        cpu, features = _host()
    machine = _machine(cpu, features)
    module = llvm.parse_assembly(ir)
    module.verify()
    return bytes(machine.emit_object(module))


@cache
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


@cache
def _host() -> tuple[str, str]:
    _initialise()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def has_wide_registers() -> bool:
    """Whether this CPU has 32 registers of 512 bits."""
    return "+avx512f" in _host()[1].split(",")


def _machine(cpu: str, features: str) -> Any:
    _initialise()
    features = ",".join(part for part in (features, _FEATURES) if part)
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=cpu, features=features, opt=_EFFORT, jit=True)


def link(code: bytes, functions: Sequence[str]) -> Mapping[str, int]:
    """Load an object file; the addresses of its functions."""
    machine = _machine(*_host())
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return {name: engine.get_function_address(name) for name in functions}


def _read(path: Path) -> bytes | None:
    """A cached object file, if it is whole: its first 32 bytes are the sha256 of the rest."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data[32:] if hashlib.sha256(data[32:]).digest() == data[:32] else None


def _write(path: Path, code: bytes) -> None:
    """Best effort: a cache that cannot be written costs time, never a result."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(hashlib.sha256(code).digest() + code)
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()

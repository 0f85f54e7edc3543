"""A recipe small enough to build many times in a test, and what a version on disk looks like as a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SYSTEMS = ["Lorenz", "Rossler"]


def tiny(**changes: Any) -> dict[str, Any]:
    """Two systems, three splits, eight shards of three trajectories, and the annotations asked for."""
    recipe: dict[str, Any] = {
        "name": "tiny",
        "version": "1.0.0",
        "title": "A few trajectories",
        "license": "CC-BY-4.0",
        "systems": SYSTEMS,
        "grid": {"samples_per_period": 20, "periods": 3},
        "trajectories": {"train": 6, "validation": 3, "test": 3},
        "annotations": [],
        "seed": 7,
    }
    return recipe | changes


def contents(directory: Path) -> dict[str, bytes]:
    """Every file under a directory with its bytes."""
    return {
        str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()
    }


def leftovers(root: Path) -> list[str]:
    """What a finished build must not leave: staged files, partial files. Locks may stay."""
    work = (
        [p for p in (root / ".work").rglob("*") if p.suffix != ".lock"] if (root / ".work").exists() else []
    )
    partial = [p for p in root.rglob("*") if "part" in p.name]
    return [str(p.relative_to(root)) for p in (*work, *partial)]

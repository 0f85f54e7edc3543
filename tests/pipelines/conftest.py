"""A cache of our own, and one dataset built without pipelines, which every other way must reproduce."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaosdata.datasets.build import build
from tests.datasets.tiny import tiny

SYSTEMS = ["Chen", "Halvorsen", "Lorenz", "Rossler", "ShimizuMorioka", "SprottB"]


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache directory for this session: template database and kernels."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAOSDATA_CACHE", str(folder))
        patch.delenv("PREFECT_API_URL", raising=False)
        yield folder


@pytest.fixture(scope="session")
def content() -> dict[str, Any]:
    """What the recipe says: 24 shards and 12 annotations."""
    return tiny(systems=SYSTEMS, annotations=["period", "moments"])


@pytest.fixture(scope="session")
def recipe(content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipe as a file."""
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture(scope="session")
def manifest(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The manifest's hash when the library builds the recipe, one task after the other."""
    return build(recipe, tmp_path_factory.mktemp("reference")).manifest

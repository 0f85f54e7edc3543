"""The official catalog: it opens, and its recipes give the very bytes that it names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import intake
import pytest

import chaosdata as cd
from chaosdata.datasets.recipe import load_recipe

TOP = Path(__file__).parent.parent
RECIPES = sorted((TOP / "pipelines" / "recipes").glob("*.yaml"))


def test_every_recipe_is_listed() -> None:
    catalog = cd.open_catalog(TOP)
    for path in RECIPES:
        recipe = load_recipe(path)
        assert catalog[recipe.id].recipe == f"sha256:{recipe.digest}"


def test_it_opens_in_intake() -> None:
    catalog = intake.open_catalog(str(TOP / "catalog.yaml"))
    assert {load_recipe(path).name for path in RECIPES} <= set(catalog.aliases)


@pytest.mark.slow
@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_rebuild_gives_the_manifest_of_the_catalog(path: Path, tmp_path: Path) -> None:
    recipe = load_recipe(path)
    with ThreadPoolExecutor(2) as executor:
        entry = cd.build(recipe, tmp_path, executor)
    listed = cd.open_catalog(TOP)[recipe.id]
    assert entry.manifest == listed.manifest, (
        "the bytes of an official dataset changed: raise its version, or undo what changed them"
    )
    assert entry == listed
    report = cd.verify(recipe.id, tmp_path, replay=3)
    assert len(report.replayed) == 3

"""Verification: every file is proven, and any shard can be made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import chaosdata as cd
from chaosdata.catalog.card import write_card
from chaosdata.catalog.publish import describe, publish
from chaosdata.datasets.plan import group_spec
from chaosdata.datasets.recipe import load_recipe
from chaosdata.datasets.simulate import simulate_block
from chaosdata.datasets.verify import choose_shards, verify
from chaosdata.errors import ArgumentError, CatalogError, IntegrityError, UnknownNameError
from chaosdata.store.annotations import consolidate
from chaosdata.store.manifest import build_manifest
from chaosdata.store.shards import write_shard
from chaosdata.store.template import create_group, create_root
from tests.datasets.tiny import contents, tiny


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    cd.build(tiny(), root)
    cd.build(tiny(version="1.1.0", seed=8), root)
    return root


@pytest.fixture
def root(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "root"))


def test_a_whole_version_is_proven(published: Path) -> None:
    report = verify("tiny@1.0.0", published)
    files = [p for p in (published / "tiny/1.0.0").rglob("*") if p.is_file() and p.name != "manifest.json"]
    assert (report.name, report.version) == ("tiny", "1.0.0")
    assert report.files == len(files)
    assert report.bytes == sum(p.stat().st_size for p in files)
    assert report.replayed == ()
    assert verify("tiny", published).version == "1.1.0"


def test_a_replay_makes_the_same_values(published: Path) -> None:
    said: list[tuple[int, int, str]] = []
    report = verify("tiny@1.0.0", published, replay=3, progress=lambda *call: said.append(call))
    assert len(report.replayed) == 3
    assert {label.split(":")[0] for label in report.replayed} == {"Lorenz", "Rossler"}
    assert [(done, total) for done, total, _ in said] == [(1, 3), (2, 3), (3, 3)]
    assert len(verify("tiny@1.0.0", published, replay=100).replayed) == 8


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rounded_values_are_replayed_too(tmp_path: Path, dtype: str) -> None:
    cd.build(tiny(dtype=dtype, keepbits=12), tmp_path)
    assert len(verify("tiny", tmp_path, replay=8).replayed) == 8


def test_every_file_is_guarded(root: Path) -> None:
    version = root / "tiny/1.0.0"
    for name, data in contents(version).items():
        if not data:
            continue
        path = version / name
        for wrong in (data[:-1] + bytes([data[-1] ^ 1]), data + b"\n", data[: len(data) // 2], None):
            path.unlink() if wrong is None else path.write_bytes(wrong)
            with pytest.raises(IntegrityError) as error:
                verify("tiny@1.0.0", root)
            assert name in str(error.value)
            assert "\n" not in str(error.value)
        path.write_bytes(data)
    (version / "data.zarr" / "stray").write_text("not of the version")
    with pytest.raises(IntegrityError, match="stray"):
        verify("tiny@1.0.0", root)
    assert verify("tiny@1.1.0", root).version == "1.1.0"


def test_values_that_the_recipe_does_not_give_are_found_by_a_replay(tmp_path: Path) -> None:
    # A forger with the library at hand: every hash is consistent, one number is moved by one bit.
    recipe = load_recipe(tiny())
    tree = tmp_path / ".work" / "tiny-1.0.0" / "tree"
    create_root(tree / "data.zarr", {"title": "forged"})
    receipts = []
    for name in recipe.systems:
        spec = group_spec(recipe, name)
        create_group(tree / "data.zarr", spec)
        for index in range(spec.shards):
            block = simulate_block(recipe, name, index)
            if (name, index) == ("Rossler", 2):
                block.state[1, 30, 2] *= 1 + 2.0**-52
            arrays = (block.state, block.initial, block.parameter, block.status)
            receipts.append(write_shard(tree / "data.zarr", spec, index, *arrays))
    consolidate(tree / "data.zarr")
    (tree / "recipe.yaml").write_text(recipe.canonical)
    facts = {"name": recipe.name, "version": recipe.version}
    write_card(tree, **facts, title=recipe.title, license=recipe.license)
    build_manifest(tree, **facts, receipts=receipts)
    publish(
        tree, tmp_path, describe(tree, **facts, title=recipe.title, license=recipe.license, generator="x")
    )
    assert verify("tiny", tmp_path).files > 0
    with pytest.raises(IntegrityError, match=r"Rossler: shard 2 .* other values of Rossler/state"):
        verify("tiny", tmp_path, replay=8)


def test_what_is_not_there_is_named(published: Path, tmp_path: Path) -> None:
    for spec in ("tinny", "tiny@2.0.0"):
        with pytest.raises(UnknownNameError, match="tiny"):
            verify(spec, published)
    with pytest.raises(CatalogError, match=r"catalog\.yaml"):
        verify("tiny", tmp_path)
    with pytest.raises(ArgumentError, match="download the version first"):
        verify("tiny", "https://example.org/data")
    with pytest.raises(ArgumentError, match="replay is -1"):
        verify("tiny", published, replay=-1)


def test_the_same_shards_are_chosen_every_time() -> None:
    recipe = load_recipe(tiny())
    assert choose_shards(recipe, 2) == [("Lorenz", 0), ("Rossler", 0)]
    assert choose_shards(recipe, 4) == [("Lorenz", 0), ("Lorenz", 2), ("Rossler", 0), ("Rossler", 2)]

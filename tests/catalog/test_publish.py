"""A version appears whole, once, and never changes, whenever its publisher is killed."""

import json
import shutil
import signal
import subprocess
import sys

import pytest
import yaml

from chaosdata.catalog.load import open_catalog, open_dataset
from chaosdata.catalog.publish import describe, publish, published, repair
from chaosdata.errors import CatalogError, IntegrityError, StorageError, UnknownNameError
from chaosdata.store.files import hash_file, staging
from chaosdata.store.manifest import verify_files
from tests.catalog.examples import GENERATOR, LICENSE, TITLE, make_root, publish_staged, stage
from tests.store.examples import contents, flip

ONE = ("Lorenz",)

# Publishes, and kills itself just before or just after the given one of all changes to the file system.
DYING = """
import os, shutil, signal, sys
from pathlib import Path
from chaosdata.catalog.model import CatalogEntry
from chaosdata.catalog.publish import publish
root, entry, moment, when = sys.argv[1:]
count = 0
def deadly(real):
    def call(*arguments, **options):
        global count
        count += 1
        mine = count == int(moment)
        if mine and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **options)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call
os.rename, os.replace, os.unlink, os.rmdir = map(deadly, (os.rename, os.replace, os.unlink, os.rmdir))
entry = CatalogEntry.model_validate_json(entry)
publish(Path(root, ".work", f"{entry.name}-{entry.version}", "tree"), root, entry)
"""


def published_part(root):
    return {path: data for path, data in contents(root).items() if not path.startswith(".work/")}


def left_over(root):
    return {path for path in contents(root) if path.startswith(".work/") and not path.endswith(".lock")}


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """A root with one staged version, and its entry."""
    root = tmp_path_factory.mktemp("staged")
    return root, stage(root, systems=ONE)


@pytest.fixture(scope="module")
def calm(staged, tmp_path_factory):
    """What an undisturbed publication leaves."""
    root = tmp_path_factory.mktemp("calm")
    shutil.copytree(staged[0], root, dirs_exist_ok=True)
    publish_staged(root, staged[1])
    assert left_over(root) == set()
    return published_part(root)


def test_a_version_is_published_whole_and_listed(staged, tmp_path):
    root = shutil.copytree(staged[0], tmp_path / "root")
    entry = publish_staged(root, staged[1])
    assert open_catalog(root)["example"] == entry
    assert entry.manifest == f"sha256:{hash_file(root / entry.path / 'manifest.json')}"
    assert entry.recipe == f"sha256:{hash_file(root / entry.path / 'recipe.yaml')}"
    assert verify_files(root / entry.path, sha256=entry.manifest) == []
    files = {path: data for path, data in contents(root / entry.path).items() if path != "manifest.json"}
    assert entry.size.model_dump() == {
        "systems": 1,
        "trajectories": 23,
        "samples": 23 * 50,
        "bytes": sum(map(len, files.values())),
        "files": len(files),
    }
    assert not (root / ".work" / "example-1.0.0").exists()
    assert published(root, "example", "1.0.0") == entry
    assert published(root, "example", "2.0.0") is None
    assert published(root, "other", "1.0.0") is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_publication_is_finished_by_the_next_and_ends_in_the_same_bytes(
    staged, calm, tmp_path, when
):
    moment, finished, unlisted = 1, False, 0
    while not finished:
        root = shutil.copytree(staged[0], tmp_path / f"{moment}")
        command = [sys.executable, "-c", DYING, str(root), staged[1].model_dump_json(), str(moment), when]
        code = subprocess.run(command, check=False).returncode
        assert code in (0, -signal.SIGKILL)
        finished = code == 0

        # What a reader sees is nothing, or everything.
        final = root / "example" / "1.0.0"
        assert not final.exists() or verify_files(final, sha256=staged[1].manifest) == []
        if (root / "catalog.yaml").exists():
            assert verify_files(root / open_catalog(root)["example"].path, sha256=staged[1].manifest) == []
        elif final.exists():
            unlisted += 1

        # The next build finds it published, or publishes it.
        if published(root, "example", "1.0.0") is None:
            publish_staged(root, staged[1])
        assert published_part(root) == calm
        assert left_over(root) == set()
        moment += 1
    assert moment > 5
    assert unlisted > 0


def test_a_publication_that_died_is_finished_by_the_build_of_another(staged, tmp_path):
    root = shutil.copytree(staged[0], tmp_path / "root")
    command = [sys.executable, "-c", DYING, str(root), staged[1].model_dump_json(), "2", "after"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert (root / "example/1.0.0/manifest.json").exists()
    assert not (root / "catalog.yaml").exists()
    make_root(root, ("another", "1.0.0", ONE))
    assert open_catalog(root).names == ("another", "example")
    assert left_over(root) == set()
    assert repair(root) == ()


def test_an_identical_version_is_returned_and_the_staged_one_dropped(root):
    before = published_part(root)
    entry = open_catalog(root)["example@1.0.0"]
    again = stage(root)
    newer = again.model_copy(update={"generator": "chaosdata 9.9.9"})
    assert publish_staged(root, newer) == entry
    assert published_part(root) == before
    assert left_over(root) == set()


def test_a_version_is_never_rewritten(root):
    before = published_part(root)
    with pytest.raises(
        CatalogError, match=r"example@1\.0\.0 is published .*never rewritten: raise the version"
    ):
        publish_staged(root, stage(root, note="other bytes"))
    assert published_part(root) == before


def test_a_listed_version_whose_files_are_gone_comes_back_only_with_the_same_bytes(root):
    before = published_part(root)
    shutil.rmtree(root / "example" / "1.0.0")
    assert published(root, "example", "1.0.0") is None
    with pytest.raises(CatalogError, match="never rewritten"):
        publish_staged(root, stage(root, note="other bytes"))
    shutil.rmtree(root / ".work")
    publish_staged(root, stage(root))
    assert published_part(root) == before


def test_a_version_that_was_put_there_by_hand_is_listed_when_it_is_built(root, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(root / "example" / "1.0.0", other / "example" / "1.0.0")
    entry = publish_staged(other, stage(other))
    assert open_catalog(other)["example"] == entry


def test_a_directory_in_the_way_is_not_touched(tmp_path):
    entry = stage(tmp_path, systems=ONE)
    (tmp_path / "example" / "1.0.0").mkdir(parents=True)
    (tmp_path / "example" / "1.0.0" / "mine.txt").write_text("mine")
    with pytest.raises(StorageError, match=r"example/1\.0\.0 is in the way"):
        publish_staged(tmp_path, entry)
    assert (tmp_path / "example" / "1.0.0" / "mine.txt").read_text() == "mine"


def test_a_malformed_catalog_stops_a_publication_before_anything_moves(tmp_path):
    entry = stage(tmp_path, systems=ONE)
    (tmp_path / "catalog.yaml").write_text("datasets: 3\n")
    with pytest.raises(CatalogError, match=r"catalog\.yaml: datasets"):
        publish_staged(tmp_path, entry)
    assert not (tmp_path / "example").exists()


def test_a_damaged_version_is_not_taken_for_published(root):
    flip(root / "example/1.0.0/manifest.json")
    with pytest.raises(IntegrityError, match="is not the manifest that the catalog names"):
        published(root, "example", "1.0.0")


def test_an_entry_that_does_not_fit_is_refused(tmp_path):
    entry = stage(tmp_path, systems=ONE)
    other = entry.model_copy(update={"manifest": f"sha256:{'0' * 64}"})
    with pytest.raises(CatalogError, match="is not the manifest"):
        publish_staged(tmp_path, other)
    tree = staging(tmp_path, "example", "1.0.0").tree
    with pytest.raises(IntegrityError, match=r"of example@1\.0\.0, not of example@2\.0\.0"):
        describe(tree, name="example", version="2.0.0", title=TITLE, license=LICENSE, generator=GENERATOR)


def test_nothing_is_published_from_nowhere(tmp_path):
    entry = stage(tmp_path, systems=ONE)
    with pytest.raises(StorageError, match="does not exist"):
        publish(tmp_path / "nowhere", tmp_path, entry)


def test_entries_depend_on_the_bytes_alone(tmp_path):
    make_root(
        tmp_path / "a", ("b", "1.0.0", ONE), ("a", "1.0.0", ONE), ("a", "1.10.0", ONE), ("a", "1.9.0", ONE)
    )
    make_root(
        tmp_path / "b", ("a", "1.9.0", ONE), ("a", "1.10.0", ONE), ("a", "1.0.0", ONE), ("b", "1.0.0", ONE)
    )
    assert published_part(tmp_path / "a") == published_part(tmp_path / "b")


def test_a_yanked_version_opens_only_by_its_number(root):
    raw = yaml.safe_load((root / "catalog.yaml").read_text())
    next(e for e in raw["datasets"] if e["version"] == "1.10.0")["status"] = "yanked"
    next(e for e in raw["datasets"] if e["name"] == "single")["status"] = "deprecated"
    (root / "catalog.yaml").write_text(yaml.safe_dump(raw))
    catalog = open_catalog(root)
    assert catalog["example"].version == "1.0.0"
    assert open_dataset("example@1.10.0", "Lorenz", root=root)["state"].shape == (23, 50, 3)
    with pytest.raises(UnknownNameError, match=r"no active version.*1\.0\.0 \(deprecated\)"):
        open_dataset("single", root=root)
    make_root(root, ("more", "1.0.0", ONE))
    assert open_catalog(root)["example@1.10.0"].status == "yanked"
    assert json.loads(open_catalog(root)["more"].model_dump_json())["status"] == "active"

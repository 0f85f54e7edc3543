"""Builds: the same bytes whoever makes them, one builder at a time, and nothing half-made in the open."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from chaosdata.catalog.model import CatalogEntry
from chaosdata.datasets.build import Build, build, run_task
from chaosdata.datasets.plan import ShardTask
from chaosdata.errors import CatalogError, ChaosdataError, RecipeError, StorageError
from tests.datasets.tiny import contents, leftovers, tiny

VERSION = "tiny/1.0.0"


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[CatalogEntry, dict[str, bytes]]:
    """An undisturbed build, one task after the other: what every other build must equal."""
    root = tmp_path_factory.mktemp("calm")
    entry = build(tiny(annotations=["moments"]), root)
    assert leftovers(root) == []
    return entry, contents(root)


def recipe() -> dict[str, object]:
    return tiny(annotations=["moments"])


def processes(count: int) -> Executor:
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


@pytest.mark.parametrize(
    "executor",
    [
        lambda: ThreadPoolExecutor(1),
        lambda: ThreadPoolExecutor(3),
        lambda: processes(1),
        lambda: processes(2),
    ],
    ids=["1 thread", "3 threads", "1 process", "2 processes"],
)
def test_workers_do_not_change_a_byte(
    calm: tuple[CatalogEntry, dict[str, bytes]], tmp_path: Path, executor: Callable[[], Executor]
) -> None:
    calls: list[tuple[int, int, str]] = []
    with executor() as workers:
        entry = build(recipe(), tmp_path, workers, lambda *call: calls.append(call))
    assert entry == calm[0]
    assert contents(tmp_path) == calm[1]
    assert leftovers(tmp_path) == []
    assert [(done, total) for done, total, _ in calls] == [(n, 10) for n in range(1, 11)]


@pytest.mark.parametrize("seed", range(3))
def test_order_and_repetition_do_not_change_a_byte(
    calm: tuple[CatalogEntry, dict[str, bytes]], tmp_path: Path, seed: int
) -> None:
    with Build(recipe(), tmp_path) as job:
        tasks = [*job.pending(), *job.pending()]
        random.Random(seed).shuffle(tasks)
        for task in tasks:
            run_task(task)
        assert list(job.pending()) == []
        assert job.finish() == calm[0]
    assert contents(tmp_path) == calm[1]


def test_a_version_that_is_there_is_returned_untouched(tmp_path: Path) -> None:
    first = build(tiny(), tmp_path)
    times = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    calls: list[object] = []
    assert build(tiny(), tmp_path, progress=lambda *call: calls.append(call)) == first
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()} == times
    assert calls == []
    with Build(tiny(), tmp_path) as job:
        assert list(job.pending()) == []
        assert job.finish() == first


def test_another_recipe_must_raise_the_version(tmp_path: Path) -> None:
    build(tiny(), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(CatalogError, match=r"another recipe.*raise the version"):
        build(tiny(seed=8), tmp_path)
    assert contents(tmp_path) == before
    build(tiny(seed=8, version="1.1.0"), tmp_path)
    assert contents(tmp_path / VERSION) == {
        k.removeprefix(VERSION + "/"): v for k, v in before.items() if k.startswith(VERSION)
    }


def test_a_version_that_no_catalog_lists_is_not_overwritten(tmp_path: Path) -> None:
    entry = build(tiny(), tmp_path)
    before = contents(tmp_path)
    (tmp_path / "catalog.yaml").unlink()
    with pytest.raises(CatalogError, match="raise the version"):
        build(tiny(seed=8), tmp_path)
    assert build(tiny(), tmp_path) == entry  # makes it again, finds it the same, and lists it
    assert contents(tmp_path) == before


def test_one_builder_at_a_time(tmp_path: Path) -> None:
    with Build(tiny(), tmp_path) as job:
        for task in job.pending():
            with pytest.raises(
                StorageError, match=r"tiny-1\.0\.0\.lock is locked: another build of tiny@1\.0\.0"
            ) as error:
                build(tiny(), tmp_path)
            assert "\n" not in str(error.value)
            run_task(task)
        other = build(tiny(name="other"), tmp_path)  # another version is nobody's business
        assert job.finish().spec == "tiny@1.0.0"
    assert other.spec == "other@1.0.0"
    assert build(tiny(), tmp_path).spec == "tiny@1.0.0"


def test_what_is_staged_for_another_recipe_is_not_mixed_in(
    calm: tuple[CatalogEntry, dict[str, bytes]], tmp_path: Path
) -> None:
    with Build(recipe() | {"seed": 99}, tmp_path) as job:
        for task in job.pending():
            run_task(task)
    assert build(recipe(), tmp_path) == calm[0]
    assert contents(tmp_path) == calm[1]


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "a flipped bit": _flip,
    "a truncated file": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a longer file": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "an empty file": lambda path: path.write_bytes(b""),
    "no file": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("where", ["tree/data.zarr/Lorenz/state/c", "receipts/Rossler", "annotations/Lorenz"])
def test_a_damaged_file_is_made_again(
    calm: tuple[CatalogEntry, dict[str, bytes]], tmp_path: Path, damage: Callable[[Path], None], where: str
) -> None:
    with Build(recipe(), tmp_path) as job:
        for task in job.pending():
            run_task(task)
    staged = tmp_path / ".work" / "tiny-1.0.0"
    damage(min(p for p in (staged / where).rglob("*") if p.is_file()))
    done: list[str] = []
    with Build(recipe(), tmp_path) as job:
        again = list(job.pending(found=lambda task: done.append(task.key)))
        assert (len(again), len(done)) == (1, 9)
        run_task(again[0])
        assert job.finish() == calm[0]
    assert contents(tmp_path) == calm[1]


def test_a_build_cannot_be_finished_before_its_tasks(tmp_path: Path) -> None:
    with Build(recipe(), tmp_path) as job:
        tasks = list(job.pending())
        for left_out in (tasks[0], tasks[-1]):
            for task in tasks:
                if task is not left_out:
                    run_task(task)
            with pytest.raises(StorageError, match=f"{left_out.label} is not done"):
                job.finish()
            shutil.rmtree(tmp_path / ".work" / "tiny-1.0.0" / "receipts")
    assert not (tmp_path / VERSION).exists()


def test_a_shard_damaged_after_its_receipt_is_never_published(
    calm: tuple[CatalogEntry, dict[str, bytes]], tmp_path: Path
) -> None:
    with Build(recipe(), tmp_path) as job:
        for task in job.pending():
            run_task(task)
        state = tmp_path / ".work/tiny-1.0.0/tree/data.zarr/Lorenz/state/c"
        _flip(min(p for p in state.rglob("*") if p.is_file()))
        with pytest.raises(ChaosdataError, match="Lorenz/state"):
            job.finish()
    assert not (tmp_path / VERSION).exists()
    assert build(recipe(), tmp_path) == calm[0]
    assert contents(tmp_path) == calm[1]


def test_a_wrong_recipe_leaves_no_trace(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with pytest.raises(RecipeError):
        build(tiny(systems=["Lorentz"]), root)
    with pytest.raises(RecipeError):
        build(tmp_path / "none.yaml", root)
    assert not root.exists()


@pytest.mark.parametrize("root", ["file", "file/below", "s3://bucket/data"])
def test_a_root_that_cannot_be_one_is_refused_in_one_line(tmp_path: Path, root: str) -> None:
    (tmp_path / "file").write_text("not a directory")
    place = root if "://" in root else str(tmp_path / root)
    with pytest.raises(StorageError) as error:
        build(tiny(), place)
    assert place.split("/below")[0] in str(error.value)
    assert "\n" not in str(error.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


SCRIPT = """
import json, os, resource, signal, sys
recipe, root, limit, user = json.loads(sys.argv[1])
from chaosdata.datasets.build import build
from chaosdata.errors import StorageError
import chaosdata.catalog.publish, chaosdata.catalog.card
import chaosdata.datasets.simulate, chaosdata.integrate.flow
from chaosdata.datasets.plan import group_spec
from chaosdata.datasets.recipe import load_recipe
group_spec(load_recipe(recipe), "Lorenz")  # whoever we become may not be allowed to import any more
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if user:
    os.setuid(user)
try:
    build(recipe, root)
except StorageError as error:
    sys.exit("refused: " + str(error))
print("built")
"""


def run(recipe: object, root: Path, limit: int = 0, user: int = 0, prefix: tuple[str, ...] = ()) -> str:
    """What a build in another process says: it may be denied space or rights."""
    command = [*prefix, sys.executable, "-c", SCRIPT, json.dumps([recipe, str(root), limit, user])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    said = (done.stdout + done.stderr).strip()
    assert "Traceback" not in said, said
    return said


def test_a_root_without_write_permission_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "closed"
    root.mkdir(mode=0o555)
    nobody = 65534 if os.getuid() == 0 else 0  # root may write anywhere, so it becomes somebody else
    for directory in (tmp_path, *tmp_path.parents):
        if nobody and directory.owner() == "root" and str(directory).startswith("/tmp/"):
            directory.chmod(directory.stat().st_mode | 0o055)
    said = run(tiny(), root, user=nobody)
    assert said.startswith(f"refused: Cannot lock {root}")
    assert "ermission" in said
    assert "\n" not in said
    assert list(root.iterdir()) == []


def test_a_full_disk_keeps_what_is_staged_and_publishes_nothing(tmp_path: Path) -> None:
    large = tiny(grid={"samples_per_period": 100, "periods": 20}, trajectories={"train": 40, "test": 1})
    calm, root = tmp_path / "calm", tmp_path / "full"
    build(large, calm)
    # A file may not grow beyond 256 KiB: the small test shards fit, the training shards (about 2 MB) do not.
    said = run(large, root, limit=256 << 10)
    assert said.startswith("refused: ")
    assert "\n" not in said
    assert not (root / VERSION).exists()
    assert not (root / "catalog.yaml").exists()
    build(large, root)
    assert contents(root) == contents(calm)
    assert leftovers(root) == []


def test_no_space_left_on_the_device(tmp_path: Path) -> None:
    large = tiny(grid={"samples_per_period": 100, "periods": 20}, trajectories={"train": 40, "test": 1})
    inside = 'mount -t tmpfs -o size=3m tmpfs "$1" && shift && "$@"; code=$?; exit $code'
    prefix = ("unshare", "--map-root-user", "--mount", "sh", "-c", inside, "sh", str(tmp_path))
    probe = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"no private mount here ({probe.stderr.strip()}); the file-size limit above stands in")
    said = run(large, tmp_path / "full", prefix=prefix)
    assert said.startswith("refused: ")
    assert "disk or quota is full" in said
    assert "\n" not in said


@pytest.mark.slow
def test_peak_memory_does_not_grow_with_the_dataset(tmp_path: Path) -> None:
    code = (
        "import json, resource, sys; from chaosdata.datasets.build import build;"
        "build(*json.loads(sys.argv[1])); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)"
    )
    peaks = []
    for count in (100, 1000):
        # 480 kB a trajectory: 2 and 15 shards of 32 MB, 48 and 480 MB on disk.
        large = tiny(
            systems=["Lorenz"],
            grid={"samples_per_period": 100, "periods": 200},
            trajectories={"train": count},
        )
        arguments = json.dumps([large, str(tmp_path / str(count))])
        done = subprocess.run(
            [sys.executable, "-c", code, arguments], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
        shutil.rmtree(tmp_path / str(count))
    assert peaks[1] - peaks[0] < 48, peaks  # MB


def test_a_task_that_fails_ends_the_build_with_its_own_message(tmp_path: Path) -> None:
    with Build(tiny(), tmp_path) as job:
        task = next(job.pending())
        assert isinstance(task, ShardTask)
        staged = tmp_path / ".work" / "tiny-1.0.0" / "tree"
        shutil.rmtree(staged)
        staged.write_text("in the way")
        with ThreadPoolExecutor(2) as workers, pytest.raises(StorageError) as error:
            workers.submit(run_task, task).result()
        assert "\n" not in str(error.value)

"""Builds that are killed: whole or absent at every instant, and the same bytes in the end."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from chaosdata.datasets.build import Build, build, run_task
from chaosdata.errors import ChaosdataError, StorageError
from tests.datasets.tiny import contents, leftovers, tiny

VERSION = "tiny/1.0.0"
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.slow
def test_death_before_every_rename_and_removal(tmp_path: Path) -> None:
    recipe = tiny(systems=["Lorenz"], trajectories={"train": 2, "test": 1}, annotations=["moments"])
    done = subprocess.run(
        [sys.executable, "-m", "tests.datasets.crash", json.dumps(recipe), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    # Template, shards, receipts, annotations, metadata, manifest, the version, the catalog.
    assert int(done.stdout) > 30


BUILDER = """
import json, sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from chaosdata.datasets.build import build

if __name__ == "__main__":
    recipe, root, kind = json.loads(sys.argv[1])
    threads = lambda: ThreadPoolExecutor(2)
    processes = lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    with {"threads": threads, "processes": processes}[kind]() as workers:
        build(recipe, root, workers, lambda done, total, label: print(done, flush=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_random_kills(tmp_path: Path, kind: str) -> None:
    recipe = tiny(annotations=["moments", "lyapunov_spectrum"])
    build(recipe, tmp_path / "calm")
    script = tmp_path / "builder.py"  # a file: spawned workers import the main module again
    script.write_text(BUILDER)
    root = tmp_path / "storm"
    command = [sys.executable, str(script), json.dumps([recipe, str(root), kind])]
    chance = random.Random(2026)
    groups: list[int] = []
    seen = 0
    try:
        for _ in range(6):
            with subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=REPOSITORY,
                start_new_session=True,
            ) as builder:
                groups.append(builder.pid)
                assert builder.stdout is not None
                # Some deaths before the first task is done, most between tasks, some at the end.
                for _ in range(chance.randrange(12)):
                    seen += bool(builder.stdout.readline())
                time.sleep(chance.uniform(0.0, 0.1))
                builder.kill()  # alone: its workers go on with what they hold, beside the next build
                assert builder.wait() in (0, -signal.SIGKILL)
            if (root / VERSION).exists():
                assert contents(root / VERSION) == contents(tmp_path / "calm" / VERSION)
            if (root / "catalog.yaml").exists():
                assert (root / VERSION).exists()
        assert seen > 3  # the kills did not all come before the work
        last = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
        assert last.returncode == 0, last.stderr
        assert contents(root / VERSION) == contents(tmp_path / "calm" / VERSION)
        assert (root / "catalog.yaml").read_bytes() == (tmp_path / "calm" / "catalog.yaml").read_bytes()
        assert leftovers(root) == []
    finally:
        for group in groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue


def test_a_worker_that_dies_ends_the_build_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as workers:

        def kill_one(done: int, total: int, label: str) -> None:
            if done == 2:
                os.kill(min(workers._processes), signal.SIGKILL)

        with pytest.raises(ChaosdataError, match=r"a worker process died.*build again to go on"):
            build(tiny(systems=["Lorenz", "Rossler", "Chen", "Thomas"]), tmp_path, workers, kill_one)
    assert not (tmp_path / VERSION).exists()
    build(tiny(systems=["Lorenz", "Rossler", "Chen", "Thomas"]), tmp_path)
    build(tiny(systems=["Lorenz", "Rossler", "Chen", "Thomas"]), tmp_path / "calm")
    assert contents(tmp_path / VERSION) == contents(tmp_path / "calm" / VERSION)


def test_a_task_that_comes_too_late_writes_nothing(tmp_path: Path) -> None:
    with Build(tiny(), tmp_path) as job:
        late = next(job.pending())
    build(tiny(), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(StorageError, match="too late"):
        run_task(late)
    assert contents(tmp_path) == before
    with Build(tiny(version="2.0.0", seed=1), tmp_path) as job:
        stale = next(job.pending())
    with Build(tiny(version="2.0.0", seed=2), tmp_path) as job, pytest.raises(StorageError, match="too late"):
        run_task(stale)


def test_finishing_waits_for_a_task_that_still_writes(tmp_path: Path) -> None:
    from chaosdata.datasets.marker import writing
    from chaosdata.store.files import staging

    with Build(tiny(), tmp_path) as job, ThreadPoolExecutor(1) as other:
        for task in job.pending():
            run_task(task)
        with writing(staging(tmp_path, "tiny", "1.0.0"), job.recipe):
            finishing = other.submit(job.finish)
            time.sleep(0.3)
            assert not finishing.done()
        assert finishing.result(timeout=60).spec == "tiny@1.0.0"

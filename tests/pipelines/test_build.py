"""The build command: the library's bytes, a few lines, and no process left behind."""

from __future__ import annotations

import hashlib
import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from distributed import LocalCluster

from pipelines.build import main
from pipelines.server import prefect_server
from tests.pipelines.commands import build

PROGRESS = [
    "tiny@1.0.0: 6 systems, 36 tasks",
    *(f"simulate {done}/24" for done in (6, 12, 18, 24)),
    *(f"annotate {done}/12" for done in (3, 6, 9, 12)),
]


def hash_of(root: Path) -> str:
    return "sha256:" + hashlib.sha256((root / "tiny/1.0.0/manifest.json").read_bytes()).hexdigest()


def test_the_bytes_of_the_library_and_no_noise(recipe: Path, manifest: str, tmp_path: Path) -> None:
    command = build(recipe, tmp_path)
    status, output, errors = command.wait()
    assert (status, errors) == (0, PROGRESS)
    first, second, third = output
    assert first.startswith("published tiny@1.0.0: 6 systems, 72 trajectories, ")
    assert second == f"{tmp_path}/tiny/1.0.0  manifest {manifest}"
    assert third == f'chaosdata.open_dataset("tiny@1.0.0", system="Chen", root="{tmp_path}")'
    assert hash_of(tmp_path) == manifest
    assert command.all_gone()

    status, again, errors = build(recipe, tmp_path).wait()
    assert (status, errors) == (0, [])
    assert again == [first.replace("published", "already published, nothing to do:"), second, third]


def test_a_standing_server_and_a_running_scheduler(recipe: Path, manifest: str, tmp_path: Path) -> None:
    with (
        prefect_server() as server,
        LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0") as cluster,
    ):
        server.wait()
        address = cluster.scheduler_address
        status, _, errors = build(recipe, tmp_path, "--scheduler", address, PREFECT_API_URL=server.url).wait()
        assert (status, errors) == (0, PROGRESS)
        (run,) = ask(server.url, "flow_runs/filter")
        tasks = ask(server.url, "task_runs/filter")
    assert hash_of(tmp_path) == manifest
    assert (run["name"], run["state"]["type"]) == ("tiny@1.0.0", "COMPLETED")
    assert run["parameters"] == {
        "recipe": str(recipe), "root": str(tmp_path), "scheduler": address,
        "workers": None, "worker_kind": "threads",
    }  # fmt: skip
    states = {task["name"].rsplit("-", 1)[0]: task["state"]["type"] for task in tasks}
    assert states == dict.fromkeys(("plan", "simulate", "annotate", "publish"), "COMPLETED")


def test_a_killed_worker_is_replaced(recipe: Path, manifest: str, tmp_path: Path) -> None:
    command = build(recipe, tmp_path, "--workers", "2", "--worker-kind", "processes")
    command.until("simulate 6/24")
    command.workers()[0].kill()
    status, _, errors = command.wait()
    assert (status, errors) == (0, PROGRESS)
    assert hash_of(tmp_path) == manifest
    assert command.all_gone()


def test_a_killed_build_leaves_no_process_and_goes_on(recipe: Path, manifest: str, tmp_path: Path) -> None:
    command = build(recipe, tmp_path)
    command.until("simulate 12/24")
    command.process.kill()
    assert command.wait()[0] == -signal.SIGKILL
    assert command.all_gone()
    assert not (tmp_path / "catalog.yaml").exists()

    status, _, errors = build(recipe, tmp_path).wait()
    assert status == 0
    assert errors[0].startswith("tiny@1.0.0: 6 systems, 36 tasks, ")
    assert errors[0].endswith(" of them done before")
    assert hash_of(tmp_path) == manifest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_build_says_goodbye(recipe: Path, tmp_path: Path, number: signal.Signals) -> None:
    command = build(recipe, tmp_path)
    command.until("simulate 6/24")
    if number is signal.SIGINT:
        command.signal(number)  # a terminal tells every process of the foreground
    else:
        command.process.send_signal(number)
    status, output, errors = command.wait()
    assert (status, output) == (128 + number, [])
    assert errors[-1] == "stopped; what is done is kept: run the same command to go on"
    assert set(errors[:-1]) <= set(PROGRESS)
    assert command.all_gone()


def test_a_bad_recipe_is_refused_before_anything_starts(content: dict[str, Any], tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(yaml.safe_dump(content | {"seed": "lucky"}))
    cache = tmp_path / "cache"
    status, output, errors = build(bad, tmp_path / "root", CHAOSDATA_CACHE=str(cache)).wait()
    assert (status, output) == (1, [])
    (line,) = errors
    assert line.startswith("error: ")
    assert "seed" in line
    assert not (cache / "prefect").exists()
    assert not (tmp_path / "root").exists()


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["recipe.yaml"],
        ["recipe.yaml", "--root", "r", "--workers", "0"],
        ["recipe.yaml", "--root", "r", "--worker-kind", "fibres"],
        ["recipe.yaml", "--root", "r", "--scheduler", "tcp://h:1", "--workers", "2"],
    ],
)
def test_wrong_usage(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(options)
    assert caught.value.code == 2
    assert "usage: python -m pipelines.build" in capsys.readouterr().err


def ask(url: str, what: str) -> Any:
    request = urllib.request.Request(
        f"{url}/{what}", data=b"{}", headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())

"""Tasks over real worker processes: an outcome for each, whatever happens to the others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client
from rich.console import Console

from pipelines import flow
from pipelines.cluster import ClusterOptions, WorkerKind, connect
from pipelines.errors import PipelineError
from pipelines.fan import PATIENCE, fan
from pipelines.report import Report
from tests.pipelines.jobs import Job, attempts, run


@pytest.fixture(scope="module", params=["threads", "processes"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    kind: WorkerKind = request.param
    with connect(ClusterOptions(workers=2, worker_kind=kind), tmp_path_factory.mktemp("root")) as client:
        yield client


def test_every_task_once(client: Client, tmp_path: Path) -> None:
    jobs = [Job(number, tmp_path) for number in range(50)]
    outcomes = list(fan(client, run, jobs, stage="simulate", window=8))
    assert sorted(outcome.result.number for outcome in outcomes if outcome.result) == list(range(50))
    assert [attempts(job) for job in jobs] == [1] * 50


def test_no_tasks(client: Client) -> None:
    assert list(fan(client, run, [], stage="simulate")) == []


def test_the_window_is_never_exceeded(client: Client, tmp_path: Path) -> None:
    sent = 0

    def jobs() -> Iterator[Job]:
        nonlocal sent
        for number in range(40):
            sent += 1
            yield Job(number, tmp_path)

    for done, _ in enumerate(fan(client, run, jobs(), stage="simulate", window=8)):
        assert sent <= done + 2 * 8  # a batch of outcomes is refilled before its first is seen


def test_what_may_pass_is_tried_again(client: Client, tmp_path: Path) -> None:
    moods: dict[int, Any] = {3: "refused", 11: "broken", 15: "shaky"}
    jobs = [Job(number, tmp_path, moods.get(number, "fine")) for number in range(30)]
    outcomes = list(fan(client, run, jobs, stage="simulate"))
    assert {outcome.task.number: outcome.failure for outcome in outcomes if outcome.failure} == {
        3: "job 3 cannot be done",
        11: "ZeroDivisionError: no good",
    }
    assert len(outcomes) == 30
    assert [attempts(jobs[number]) for number in (2, 3, 11, 15)] == [1, 1, 3, 2]


def test_only_the_task_that_kills_its_worker_has_failed(client: Client, tmp_path: Path) -> None:
    moods: dict[int, Any] = {7: "deadly", 19: "deadly once"}
    jobs = [Job(number, tmp_path, moods.get(number, "fine")) for number in range(30)]
    outcomes = list(fan(client, run, jobs, stage="simulate"))
    assert sorted(outcome.task.number for outcome in outcomes) == list(range(30))
    (failed,) = (outcome for outcome in outcomes if outcome.failure)
    assert (failed.task.label, failed.failure) == (
        "job 7",
        "killed its worker process each time (out of memory?)",
    )


def test_hopeless_work_is_given_up(client: Client, tmp_path: Path) -> None:
    jobs = (Job(number, tmp_path, "refused") for number in range(10_000))
    outcomes = list(fan(client, run, jobs, stage="simulate", window=4))
    assert PATIENCE <= len(outcomes) <= PATIENCE + 8


def test_a_stage_with_failures_says_what_and_how_to_go_on(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    screen = io.StringIO()
    opened: Any = flow.Workshop(build=None, client=client, report=Report(Console(file=screen), told.append))  # type: ignore[arg-type]
    monkeypatch.setattr(flow, "run_task", run)
    token = flow._current.set(opened)
    jobs: list[Any] = [Job(number, tmp_path, "refused" if number == 2 else "fine") for number in range(4)]
    try:
        with pytest.raises(PipelineError) as caught:
            flow._run("simulate", jobs)
        assert flow._run("annotate", jobs[:2]) == 1
    finally:
        flow._current.reset(token)
    assert (
        str(caught.value)
        == "job 2: job 2 cannot be done; what is done is kept: run the same command to go on"
    )
    assert "failed: job 2: job 2 cannot be done" in told
    assert told[-1] == "1 trajectories ended early; their rows end in NaN, and `status` says why"
    assert screen.getvalue().splitlines() == told

"""The Prefect flow that builds and publishes one version of a dataset.

Four Prefect tasks, one a stage; shards and annotations are Dask futures inside them. What is done is decided
by the receipts of :mod:`chaosdata.datasets.build`, so a flow that was killed is simply run again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from distributed import Client
from prefect import flow, task
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger
from prefect.utilities.annotations import quote
from rich.console import Console

from chaosdata.catalog.model import CatalogEntry
from chaosdata.datasets.build import Build, run_task
from chaosdata.datasets.plan import ShardTask, Task
from chaosdata.store.files import WORK
from pipelines.cluster import ClusterOptions, WorkerKind, connect
from pipelines.errors import PipelineError
from pipelines.fan import fan
from pipelines.report import Report


@dataclass(frozen=True)
class Workshop:
    """What a build works with: the version in the making, the cluster, and the way to tell how it goes."""

    build: Build
    client: Client
    report: Report


_current: ContextVar[Workshop] = ContextVar("workshop")


@contextlib.contextmanager
def workshop(build: Build, options: ClusterOptions) -> Iterator[Workshop]:
    """Open the cluster for a build; a flow that runs inside works there.

    Raises
    ------
    PipelineError : the cluster cannot be used.
    """
    with connect(options, build.root / WORK) as client:
        token = _current.set(Workshop(build, client, Report(Console(stderr=True), _log)))
        try:
            yield _current.get()
        finally:
            _current.reset(token)


@flow(name="build")
def build_dataset(
    recipe: str,
    root: str,
    scheduler: str | None = None,
    workers: int | None = None,
    worker_kind: WorkerKind = "threads",
) -> CatalogEntry:
    """Build and publish the version that a recipe describes, or go on with a build that was interrupted.

    Parameters
    ----------
    recipe : path of the recipe.
    root : the directory that holds, or will hold, catalog.yaml; every worker must see it.
    scheduler : address of a running Dask scheduler; None starts a cluster on this machine.
    workers : threads or processes of the local cluster; None is one for each core.
    worker_kind : whether the local workers share a process.

    Raises
    ------
    ChaosdataError : a line that says what to do.
    """
    if (opened := _current.get(None)) is not None:
        return _make(opened)
    with Build(recipe, root) as build:
        if build.published is not None:
            return build.published
        with workshop(build, ClusterOptions(scheduler, workers, worker_kind)) as opened:
            return _make(opened)


def _make(opened: Workshop) -> CatalogEntry:
    shards, annotations = plan()
    opened.report.line(_opening(opened.build, len(shards) + len(annotations)))
    if shards:
        simulate(quote(shards))
    if annotations:
        annotate(quote(annotations))
    return publish()


@task(name="plan")
def plan() -> tuple[list[Task], list[Task]]:
    """The shards and the annotations that are still to do."""
    shards: list[Task] = []
    annotations: list[Task] = []
    for each in _current.get().build.pending():
        (shards if isinstance(each, ShardTask) else annotations).append(each)
    return shards, annotations


@task(name="simulate")
def simulate(tasks: Sequence[Task]) -> int:
    """Make the shards; the number of trajectories that ended early."""
    return _run("simulate", tasks)


@task(name="annotate")
def annotate(tasks: Sequence[Task]) -> int:
    """Measure the annotations."""
    return _run("annotate", tasks)


@task(name="publish")
def publish() -> CatalogEntry:
    """Write the manifest, prove every file, and list the version in the catalog."""
    return _current.get().build.finish()


def _run(stage: str, tasks: Sequence[Task]) -> int:
    opened = _current.get()
    failures: list[str] = []
    ended_early = 0
    with opened.report.stage(stage, len(tasks)) as advance:
        for outcome in fan(opened.client, run_task, tasks, stage=stage):
            if outcome.result is None:
                failures.append(f"{outcome.task.label}: {outcome.failure}")
                opened.report.line(f"failed: {failures[-1]}")
            else:
                ended_early += outcome.result.failed
                advance()
    if failures:
        others = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise PipelineError(
            f"{failures[0].rstrip('.')}{others}; what is done is kept: run the same command to go on"
        )
    if ended_early:
        opened.report.line(
            f"{ended_early} trajectories ended early; their rows end in NaN, and `status` says why"
        )
    return ended_early


def _opening(build: Build, pending: int) -> str:
    done = build.total - pending
    before = f", {done} of them done before" if done else ""
    return f"{build.recipe.id}: {len(build.plan.systems)} systems, {build.total} tasks{before}"


def _log(text: str) -> None:
    """A line into the log of the Prefect run, if there is one."""
    with contextlib.suppress(MissingContextError):
        get_run_logger().info(text)

"""Many small tasks over a Dask cluster: a bounded window, retries, and an outcome for each in any event.

A Prefect task costs 4 to 300 ms and a Dask future 2 to 3, so shards are futures. A hundred thousand futures
at once would take half a gigabyte, and sending them one by one four times as long as in batches: a window of
a few hundred is refilled with a batch whenever a quarter of it is done.
"""

from __future__ import annotations

import queue
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from chaosdata.errors import ChaosdataError, StorageError
from pipelines.errors import PipelineError

if TYPE_CHECKING:
    from distributed import Client, Future

WINDOW = 256
RETRIES = 2  # of a task that failed for a reason that may pass: the disk, the network, memory
PATIENCE = 10  # failures after which nothing new is sent: what stops ten tasks stops them all
LONELY = 60.0  # seconds without a single worker after which we no longer wait for one

_GONE = "the Dask scheduler went away; what is done is kept: run the same command to go on"
_POLL = 5.0  # seconds between looks at a cluster from which nothing comes


class Work(Protocol):
    """A task as a worker receives it: picklable, safe to repeat, alone or beside itself."""

    @property
    def key(self) -> str:
        """Unique within a build."""

    @property
    def label(self) -> str:
        """For people."""


T = TypeVar("T", bound=Work)
R = TypeVar("R")


@dataclass(frozen=True)
class Outcome(Generic[T, R]):
    """How a task ended: with a result, or with the reason, in a line, why it has none.

    killed : the worker process died of it, or beside it.
    """

    task: T
    result: R | None = None
    failure: str | None = None
    killed: bool = False


def fan(
    client: Client,
    run: Callable[[T], R],
    tasks: Iterable[T],
    *,
    stage: str,
    window: int = WINDOW,
    retries: int = RETRIES,
) -> Iterator[Outcome[T, R]]:
    """Run every task on the cluster and yield the outcomes as they come.

    A failure does not stop the others, unless there are ``PATIENCE`` of them. When a worker process dies,
    Dask blames every task that it held; so those that are blamed too often run once more at the end, one at a
    time, and only one that kills its worker then too has failed.

    Parameters
    ----------
    run : a function that workers can import, safe to repeat.
    tasks : consumed lazily, at most ``window`` ahead.
    stage : names the tasks on Dask's dashboard.

    Raises
    ------
    PipelineError : the cluster is gone.
    """
    failures = 0

    def patiently(some: Iterable[T]) -> Iterator[T]:
        for task in some:
            if failures >= PATIENCE:
                return
            yield task

    suspects: list[T] = []
    for outcome in _Window(client, run, stage, window, retries).outcomes(patiently(tasks)):
        if outcome.killed:
            suspects.append(outcome.task)
            continue
        failures += outcome.failure is not None
        yield outcome
    for outcome in _Window(client, run, stage, 1, retries).outcomes(patiently(suspects)):
        failures += outcome.failure is not None
        yield outcome


class _Window(Generic[T, R]):
    """The futures in flight, at most ``size`` of them."""

    def __init__(self, client: Client, run: Callable[[T], R], stage: str, size: int, retries: int) -> None:
        self._client = client
        self._attempt = partial(_attempt, run)
        self._prefix = f"{stage}-{secrets.token_hex(4)}"  # builds side by side on one cluster do not collide
        self._size = size
        self._retries = retries
        self._batches = 0
        self._flying: dict[str, tuple[T, Future]] = {}
        self._landed: queue.SimpleQueue[Future] = queue.SimpleQueue()

    def outcomes(self, tasks: Iterator[T]) -> Iterator[Outcome[T, R]]:
        try:
            self._send(islice(tasks, self._size))
            while self._flying:
                outcomes = self._settle(self._wait())
                free = self._size - len(self._flying)
                if free >= max(1, self._size // 4) or not self._flying:
                    self._send(islice(tasks, free))
                yield from outcomes
        except (OSError, CancelledError) as error:  # of the connection; those of tasks are outcomes
            raise PipelineError(_GONE) from error

    def _send(self, tasks: Iterable[T]) -> None:
        batch = list(tasks)
        if not batch:
            return
        self._batches += 1
        keys = [f"{self._prefix}-{task.key}-{self._batches}" for task in batch]
        futures = self._client.map(self._attempt, batch, key=keys, pure=False, retries=self._retries)
        for task, future in zip(batch, futures, strict=True):
            self._flying[future.key] = (task, future)
            future.add_done_callback(self._landed.put)

    def _wait(self) -> list[Future]:
        """Futures that have ended: at least one, and all that wait in the queue."""
        alone_since: float | None = None
        while True:
            try:
                ended = [self._landed.get(timeout=_POLL)]
                break
            except queue.Empty:
                alone_since = self._company(alone_since)
        while not self._landed.empty():
            ended.append(self._landed.get())
        return ended

    def _company(self, alone_since: float | None) -> float | None:
        """None while there is a worker, else since when there is none."""
        now = time.monotonic()
        if self._client.scheduler_info(n_workers=1)["workers"]:
            return None
        if alone_since is not None and now - alone_since > LONELY:
            raise PipelineError(
                f"the Dask cluster has had no worker for {LONELY:.0f} s; "
                "what is done is kept: start some and run the same command to go on"
            )
        return now if alone_since is None else alone_since

    def _settle(self, futures: Sequence[Future]) -> list[Outcome[T, R]]:
        results = dict(self._client.gather(list(futures), errors="skip"))
        outcomes: list[Outcome[T, R]] = []
        lost: list[T] = []
        for future in futures:
            task, _ = self._flying.pop(future.key)
            if task.key in results:
                result = results[task.key]
                refused = isinstance(result, ChaosdataError)
                outcomes.append(Outcome(task, failure=one_line(result)) if refused else Outcome(task, result))
            elif future.status == "error":
                outcomes.append(_failed(task, future.exception()))
            elif self._client.status == "running":
                lost.append(task)  # it was done, and its worker died before it could tell us
            else:
                raise PipelineError(_GONE)
        self._send(lost)
        return outcomes


def _attempt(run: Callable[[T], R], task: T) -> tuple[str, R | ChaosdataError]:
    """Runs on a worker. What is raised from here is tried again; what is returned is final."""
    try:
        return task.key, run(task)
    except StorageError:
        raise  # a disk or a network may have a bad moment
    except ChaosdataError as error:
        return task.key, error  # the same task would fail in the same way


def _failed(task: T, error: BaseException) -> Outcome[T, R]:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return Outcome(task, failure="killed its worker process each time (out of memory?)", killed=True)
    return Outcome(task, failure=one_line(error))


def one_line(error: BaseException) -> str:
    """The message of an error, in a line; of one that is not ours also its type."""
    text = " ".join(str(error).split())
    if isinstance(error, ChaosdataError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

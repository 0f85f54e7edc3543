"""Run many tasks on an executor, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from itertools import islice
from typing import TypeVar

from chaosdata.errors import ChaosdataError

Item = TypeVar("Item")
Result = TypeVar("Result")

WINDOW = 64  # tasks handed over at a time: more than a machine has cores, and little to hold in memory


def run_window(
    function: Callable[[Item], Result], items: Iterable[Item], executor: Executor | None, window: int = WINDOW
) -> Iterator[Result]:
    """Results of ``function`` over ``items``, in the order in which they are ready.

    ``items`` is consumed lazily, never more than ``window`` ahead. The first failure ends the run: what was
    handed over and not begun is cancelled, what runs is waited for, so that nothing writes after the caller
    has given up.

    Raises
    ------
    ChaosdataError : a worker process died; otherwise what ``function`` raised.
    """
    if executor is None:
        yield from map(function, items)
        return
    waiting: set[Future[Result]] = set()
    remaining = iter(items)
    try:
        while True:
            for item in islice(remaining, window - len(waiting)):
                waiting.add(executor.submit(function, item))
            if not waiting:
                return
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ready:
                yield future.result()
    except BrokenExecutor:
        raise ChaosdataError(
            "a worker process died (killed, or out of memory); what is done is kept: build again to go on"
        ) from None
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)

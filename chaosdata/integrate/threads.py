"""The threads that loops over groups of lanes share out among them.

A group's results depend on nothing outside it, so the number of threads leaves no trace in them. The default
is one thread for each core that this process may use; ``$CHAOSDATA_THREADS`` sets another number. Whoever
already runs one task a core says so with :func:`single_threaded`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import pairwise

from chaosdata.errors import ArgumentError

_RUNS = 4  # runs of groups for each thread: one that is held up leaves its share to the others
_limit: ContextVar[int | None] = ContextVar("thread_limit", default=None)


@contextmanager
def thread_limit(threads: int) -> Iterator[None]:
    """Use at most this many threads for what this thread calls."""
    if threads < 1:
        raise ArgumentError(f"threads must be at least 1, not {threads!r}.")
    token = _limit.set(threads)
    try:
        yield
    finally:
        _limit.reset(token)


def single_threaded() -> AbstractContextManager[None]:
    """Use this thread alone, for work that is one of many tasks."""
    return thread_limit(1)


def thread_count() -> int:
    """The number of threads in use here."""
    if (limit := _limit.get()) is not None:
        return limit
    if chosen := os.environ.get("CHAOSDATA_THREADS"):
        if not chosen.isdecimal() or int(chosen) < 1:
            raise ArgumentError(f"CHAOSDATA_THREADS must be a number of threads, not {chosen!r}.")
        return int(chosen)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_out(groups: int, work: Callable[[int, int], None]) -> None:
    """Call ``work(first, stop)``, which must release the interpreter's lock, for runs of groups.

    Together the runs cover ``0 .. groups-1``. This thread works too. After an error no run begins.
    """
    threads = min(thread_count(), groups)
    if threads <= 1:
        work(0, groups)
        return
    runs = min(_RUNS * threads, groups)
    bounds = [groups * k // runs for k in range(runs + 1)]
    left = iter(list(pairwise(bounds)))  # of a list: threads may ask it for its next element at any time

    def take() -> None:
        try:
            for first, stop in left:
                work(first, stop)
        finally:
            deque(left, maxlen=0)

    helpers = [_pool(threads - 1).submit(take) for _ in range(threads - 1)]
    try:
        take()
    finally:
        started = [helper for helper in helpers if not helper.cancel()]
        wait(started)
    for helper in started:
        helper.result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads that wait for the next call: to start them anew takes longer than many a call's work."""
    return ThreadPoolExecutor(threads, "chaosdata")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a child process has none of them

"""Timing on one core: the shortest of many runs, since a shared machine only ever adds time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def one_core() -> Iterator[None]:
    """Pin the process to one of its cores."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def shortest(run: Callable[[], Any], *, seconds: float, least: int = 2) -> float:
    """Seconds of the fastest run among at least ``least`` and about ``seconds`` worth of them."""
    best, spent, count = float("inf"), 0.0, 0
    while count < least or spent < seconds:
        start = time.perf_counter()
        run()
        took = time.perf_counter() - start
        best, spent, count = min(best, took), spent + took, count + 1
    return best

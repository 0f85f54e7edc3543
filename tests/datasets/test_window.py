"""Tasks on an executor: a bounded number at a time, and nothing left running after a failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chaosdata.datasets.window import run_window


def test_items_are_taken_lazily_and_results_are_complete() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(500):
            taken.append(item)
            yield item

    with ThreadPoolExecutor(4) as workers:
        finished = set()
        for result in run_window(lambda item: item * item, items(), workers, window=8):
            finished.add(result)
            assert len(taken) - len(finished) <= 8 + 8  # handed over, and ready but not yet looked at
    assert finished == {item * item for item in range(500)}


def test_without_an_executor_the_order_is_that_of_the_items() -> None:
    assert list(run_window(str, iter(range(5)), None)) == ["0", "1", "2", "3", "4"]
    assert list(run_window(str, [], None)) == []


def test_a_failure_is_raised_once_nothing_runs_any_more() -> None:
    running, started = threading.Semaphore(0), []

    def work(item: int) -> int:
        started.append(item)
        if item == 3:
            raise ValueError("the third")
        time.sleep(0.02)
        running.release()
        return item

    with ThreadPoolExecutor(2) as workers:
        with pytest.raises(ValueError, match="the third"):
            list(run_window(work, range(1000), workers, window=16))
        before = len(started)
        time.sleep(0.1)
        assert len(started) == before < 32

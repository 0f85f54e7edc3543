"""Threads share out the work and leave no trace in the results."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from chaosdata.errors import ArgumentError
from chaosdata.integrate.flow import integrate
from chaosdata.integrate.tangent import tangent_growth
from chaosdata.integrate.threads import share_out, single_threaded, thread_count, thread_limit
from chaosdata.sampling.initial import attractor_states
from chaosdata.systems import systems


def _trajectories() -> bytes:
    system = systems["Lorenz"]
    initial, _ = attractor_states(system, 3, range(75), purpose="threads")
    solution = integrate(system, initial, np.linspace(0.0, 4.0, 60))
    return solution.state.tobytes() + solution.steps.tobytes()


def _growth() -> bytes:
    system = systems["Lorenz"]
    initial, _ = attractor_states(system, 3, range(75), purpose="threads")
    growth = tangent_growth(system, initial, [1.0, 2.0])
    return growth.log_length.tobytes() + growth.divergence.tobytes() + growth.status.tobytes()


@pytest.mark.parametrize("work", [_trajectories, _growth])
def test_the_same_bytes_for_any_number_of_threads(work: Callable[[], bytes]) -> None:
    with single_threaded():
        expected = work()
    for threads in (2, 3, 64):
        with thread_limit(threads):
            assert work() == expected


@pytest.mark.parametrize("groups", [0, 1, 2, 7, 100])
@pytest.mark.parametrize("threads", [1, 3, 8])
def test_every_group_is_done_once(groups: int, threads: int) -> None:
    runs: list[tuple[int, int]] = []
    with thread_limit(threads):
        share_out(groups, lambda first, stop: runs.append((first, stop)))
    assert [k for first, stop in sorted(runs) for k in range(first, stop)] == list(range(groups))


@pytest.mark.parametrize("failing", [0, 1])
def test_an_exception_arrives_and_no_run_begins_after_it(failing: int) -> None:
    """Of the thread that calls as of another one: both are in a run when one of them fails."""
    both = threading.Barrier(2, timeout=10)
    runs: list[int] = []

    def fail(first: int, stop: int) -> None:
        runs.append(first)
        here = threading.current_thread() is not threading.main_thread()
        both.wait()
        if here == failing:
            raise ZeroDivisionError
        time.sleep(0.2)

    with thread_limit(2), pytest.raises(ZeroDivisionError):
        share_out(100, fail)
    assert len(runs) == 2


def test_work_may_share_out_its_own() -> None:
    runs: list[int] = []
    with thread_limit(3):
        share_out(9, lambda first, stop: share_out(stop - first, lambda a, b: runs.append(b - a)))
    assert sum(runs) == 9


@pytest.mark.filterwarnings("ignore:This process")  # later Pythons warn of a fork beside threads
def test_a_forked_process_has_threads_of_its_own() -> None:
    with thread_limit(2):
        _two_at_once()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _two_at_once()
                status = 0
            finally:
                os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def _two_at_once() -> None:
    """Two runs, each of which waits for the other one."""
    both = threading.Barrier(2, timeout=10)

    def meet(first: int, stop: int) -> None:
        both.wait()

    share_out(2, meet)


def test_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOSDATA_THREADS", "3")
    assert thread_count() == 3
    with thread_limit(5):
        assert thread_count() == 5
        with single_threaded():
            assert thread_count() == 1
        assert thread_count() == 5
    monkeypatch.setenv("CHAOSDATA_THREADS", "")
    assert thread_count() >= 1
    for wrong in ("0", "many", "-1"):
        monkeypatch.setenv("CHAOSDATA_THREADS", wrong)
        with pytest.raises(ArgumentError, match="CHAOSDATA_THREADS"):
            thread_count()
    with pytest.raises(ArgumentError, match="at least 1"), thread_limit(0):
        pass


def test_a_limit_holds_for_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that limits itself leaves its neighbours alone."""
    monkeypatch.setenv("CHAOSDATA_THREADS", "4")
    seen: list[int] = []
    with single_threaded():
        other = threading.Thread(target=lambda: seen.append(thread_count()))
        other.start()
        other.join()
    assert seen == [4]

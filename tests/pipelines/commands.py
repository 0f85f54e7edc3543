"""Run the build command as a user does, and find every process that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds, for what must happen some time on any machine

_MARK = "CHAOSDATA_TEST_FAMILY"


class Command:
    """A Python process in a session of its own; its descendants are known by an environment variable."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._mark = uuid.uuid4().hex
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=REPOSITORY,
            env=inherited | environment | {_MARK: self._mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.errors: list[str] = []

    def until(self, text: str) -> None:
        """Read the error stream up to a line with this text."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors.append(line.rstrip("\n"))
            if text in line:
                return
        raise AssertionError(f"{text!r} never came; status {self.process.wait()}, errors {self.errors}")

    def signal(self, number: signal.Signals) -> None:
        """As a terminal does: to every process of the session's foreground."""
        os.killpg(self.process.pid, number)

    def wait(self) -> tuple[int, list[str], list[str]]:
        """Exit status, lines of output, lines of the error stream."""
        output, errors = self.process.communicate()
        self.errors += errors.splitlines()
        return self.process.returncode, output.splitlines(), self.errors

    def family(self) -> list[psutil.Process]:
        """Every living process that this one has started, and itself."""
        return [
            process for process in psutil.process_iter() if _environment(process).get(_MARK) == self._mark
        ]

    def workers(self) -> list[psutil.Process]:
        """Processes of the local Dask cluster."""
        return [p for p in self.family() if any("spawn_main" in word for word in p.cmdline())]

    def all_gone(self) -> bool:
        """Whether, before long, no process of the family is left."""
        return eventually(lambda: not self.family())


def build(recipe: Path, root: Path, *options: str, **environment: str) -> Command:
    """The build command."""
    return Command("-m", "pipelines.build", str(recipe), "--root", str(root), *options, **environment)


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait for a condition, within reason."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return {}
        return dict(process.environ())
    except (psutil.Error, OSError):
        return {}

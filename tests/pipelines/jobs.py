"""Small tasks that workers import: some fail, and some take their worker with them."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chaosdata.errors import IntegrationError

Mood = Literal["fine", "refused", "broken", "deadly", "deadly once", "shaky"]


@dataclass(frozen=True)
class Job:
    """One task; ``place`` is where it leaves a mark each time it runs."""

    number: int
    place: Path
    mood: Mood = "fine"

    @property
    def key(self) -> str:
        return f"job/{self.number:05d}"

    @property
    def label(self) -> str:
        return f"job {self.number}"


@dataclass(frozen=True)
class Done:
    number: int
    failed: int = 0


def run(job: Job) -> Done:
    """Do what the job's mood says."""
    runs = attempts(job)
    with open(job.place / str(job.number), "a") as marks:
        marks.write("x")
    match job.mood:
        case "refused":
            raise IntegrationError(f"job {job.number} cannot be\ndone")
        case "broken":
            raise ZeroDivisionError("no good")
        case "shaky" if runs == 0:
            raise OSError("a bad moment")
        case "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        case "deadly once" if runs == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return Done(job.number, failed=job.number % 2)


def attempts(job: Job) -> int:
    """How often the job has run."""
    mark = job.place / str(job.number)
    return len(mark.read_text()) if mark.exists() else 0

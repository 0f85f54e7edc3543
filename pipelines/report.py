"""What a person sees of a build: a bar at a terminal, a few plain lines in a log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

Line = Callable[[str], None]
Advance = Callable[[], None]

QUIET = 60.0  # seconds after which a line is due, though little has happened
SHARE = 0.25  # of a stage after which a line is due, however soon


class Report:
    """Progress of the stages of a build.

    console : where a person looks; a bar if it is a terminal.
    log : gets plain lines in either case: the log of the Prefect run.
    """

    def __init__(self, console: Console, log: Line) -> None:
        self._console = console
        self._log = log

    def line(self, text: str) -> None:
        """One line for the person and for the log."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._log(text)

    @contextlib.contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """A stage of ``total`` tasks; call what it yields once for each that is done."""
        if not self._console.is_terminal:
            yield _lines(name, total, self.line)
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        log = _lines(name, total, self._log)
        columns = (
            TextColumn("{task.description:<9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            bar = progress.add_task(name, total=total)

            def advance() -> None:
                progress.advance(bar)
                log()

            yield advance


def _lines(name: str, total: int, line: Line) -> Advance:
    """Count tasks; say so at each quarter of the stage, and at least now and then."""
    done = said = 0
    last = time.monotonic()

    def advance() -> None:
        nonlocal done, said, last
        done += 1
        now = time.monotonic()
        if done == total or done - said >= SHARE * total or now - last > QUIET:
            line(f"{name} {done}/{total}")
            said, last = done, now

    return advance

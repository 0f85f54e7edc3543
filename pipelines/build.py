"""``python -m pipelines.build RECIPE --root ROOT``: the Prefect flow on a Dask cluster, as one command."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, get_args

from chaosdata.errors import ChaosdataError
from pipelines.cluster import ClusterOptions, WorkerKind
from pipelines.errors import PipelineError

if TYPE_CHECKING:
    from chaosdata.catalog.model import CatalogEntry


class Stopped(KeyboardInterrupt):
    """Ctrl-C, or the signal that asks a process to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 published, 1 an error that the user can mend, 2 wrong usage, 128 + n on signal n."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.scheduler is not None and (options.workers, options.worker_kind) != (None, None):
        parser.error("--workers and --worker-kind are for a cluster of this machine, not for --scheduler")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    logging.raiseExceptions = False  # a log line that a server cannot take is not news for the terminal
    try:
        entry, news = _build(
            options.recipe,
            options.root,
            ClusterOptions(options.scheduler, options.workers, options.worker_kind or "threads"),
        )
    except ChaosdataError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except Stopped as stopped:
        sys.stderr.write("stopped; what is done is kept: run the same command to go on\n")
        return 128 + stopped.number
    sys.stdout.write(_summary(entry, options.root, news))
    return 0


def _build(recipe_path: str, root: str, cluster: ClusterOptions) -> tuple[CatalogEntry, bool]:
    """The published version, and whether it is new."""
    from chaosdata.datasets.recipe import load_recipe

    recipe = load_recipe(recipe_path)  # a bad one is refused before anything starts
    from pipelines.server import prefect_server

    with prefect_server() as server:
        # The server takes seconds to start: everything that does not need it happens meanwhile.
        from chaosdata.datasets.build import Build

        with Build(recipe, root) as build:
            if build.published is not None:
                return build.published, False
            import httpx
            from prefect.exceptions import PrefectException

            from pipelines.flow import build_dataset, workshop

            with workshop(build, cluster):
                server.wait()
                run = build_dataset.with_options(flow_run_name=recipe.id)
                try:
                    return run(recipe_path, str(build.root), *vars(cluster).values()), True
                except (httpx.HTTPError, PrefectException, RuntimeError) as error:
                    if isinstance(error, RuntimeError) and server.alive():
                        raise
                    where = f"its log is {server.log}" if server.log else f"it is {server.url}"
                    raise PipelineError(
                        f"the Prefect server failed ({type(error).__name__}), {where}; "
                        "what is done is kept: run the same command to go on"
                    ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipelines.build",
        description="Build and publish the dataset that a recipe describes, with Prefect and Dask. "
        "An interrupted build goes on where it was. Set PREFECT_API_URL to use a standing Prefect server.",
    )
    parser.add_argument("recipe", metavar="RECIPE", help="path of the recipe")
    parser.add_argument("--root", required=True, help="the directory that holds, or will hold, catalog.yaml")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="use a running Dask scheduler")
    parser.add_argument("--workers", type=_positive, metavar="N", help="workers on this machine; one a core")
    parser.add_argument(
        "--worker-kind",
        choices=get_args(WorkerKind),
        help="threads of one process, which share compiled kernels (the default), or processes",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def _summary(entry: CatalogEntry, root: str, news: bool) -> str:
    size = entry.size
    done = "published" if news else "already published, nothing to do:"
    place = Path(root)
    return (
        f"{done} {entry.spec}: {size.systems} systems, {size.trajectories:,} trajectories, "
        f"{size.bytes / 1e6:,.1f} MB\n"
        f"{place / entry.path}  manifest {entry.manifest}\n"
        f'chaosdata.open_dataset("{entry.spec}", system="{entry.systems[0]}", root="{place}")\n'
    )


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Say goodbye once; whoever asks again means now. The server and the workers notice by themselves."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda again, frame: os._exit(128 + again))
    raise Stopped(number)


if __name__ == "__main__":
    sys.exit(main())

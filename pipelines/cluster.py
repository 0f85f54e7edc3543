"""Where tasks run: a Dask cluster of this machine, started here, or a running one given by its address.

The local cluster is by default one worker process with a thread a core: the kernels release the GIL, so the
threads share one copy of the compiled code, and the process still keeps a crash away from the build itself.
``processes`` gives each worker a process of its own, for work that holds the GIL.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chaosdata.errors import StorageError
from pipelines.environment import environment
from pipelines.errors import PipelineError

if TYPE_CHECKING:
    from distributed import Client

# Read when distributed is first imported, here and in the workers. The build itself reports what fails.
os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "critical")

WorkerKind = Literal["threads", "processes"]

CONNECT_LIMIT = 5.0  # seconds that a running scheduler may take to answer
WORKER_LIMIT = 10.0  # seconds to wait for the first worker of a running scheduler
DEATHS = 1  # times a task of the local cluster may lose its worker and be tried again

# A worker that is killed leaves a semaphore behind. Python's resource tracker, a process of its own, removes
# it at the end, and says so on the terminal unless it is started like this.
_TIDY = {"PYTHONWARNINGS": "ignore:resource_tracker:UserWarning"}

# Packages that decide bytes.
_PACKAGES = ("llvmlite", "numba", "numpy", "numcodecs", "zarr")


@dataclass(frozen=True)
class ClusterOptions:
    """Which cluster to use.

    scheduler : address of a running one; None starts one on this machine.
    workers : threads or processes of the local one; None is one for each core that this process may use.
    worker_kind : whether the local workers share a process.
    """

    scheduler: str | None = None
    workers: int | None = None
    worker_kind: WorkerKind = "threads"


@contextlib.contextmanager
def connect(options: ClusterOptions, root: Path) -> Iterator[Client]:
    """A client of the cluster that ``options`` names; its workers are known to do what this process would.

    Parameters
    ----------
    root : an existing directory that every worker must be able to write to.

    Raises
    ------
    PipelineError : a running cluster cannot be reached, or has no workers, or has some with other versions
        or do not see the root.
    """
    hush()
    address = options.scheduler
    with _local_client(options) if address is None else _remote_client(address, root) as client:
        yield client


def hush() -> None:
    """Keep Dask's log off the terminal, also where the environment cannot name the logger."""
    import distributed  # noqa: F401  (its import sets the levels)

    for name in ("distributed.client", "distributed.gc"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def cores() -> int:
    """Cores that this process may use: what affinity and the container's quota leave."""
    from dask.system import CPU_COUNT

    return int(CPU_COUNT)


@contextlib.contextmanager
def _local_client(options: ClusterOptions) -> Iterator[Client]:
    import dask
    from distributed import Client, LocalCluster

    workers = options.workers or cores()
    shared = options.worker_kind == "threads"
    # Results are receipts of a few hundred bytes: nothing to spill, and a pause would only stop the build.
    with dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}), environment(_TIDY):
        cluster = LocalCluster(
            n_workers=1 if shared else workers,
            threads_per_worker=workers if shared else 1,
            processes=True,
            memory_limit=None,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            preload=["pipelines.worker"],
        )
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


@contextlib.contextmanager
def _remote_client(address: str, root: Path) -> Iterator[Client]:
    from distributed import Client

    if not asyncio.run(_is_scheduler(address)):  # a Client that cannot connect takes 10 s more to give up
        raise PipelineError(
            f"no Dask scheduler answers at {address}: start one with `dask scheduler`, "
            "or leave --scheduler out to use this machine"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that differ: those that matter are checked below
        client = Client(address, set_as_default=False)
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_LIMIT)
        except TimeoutError as error:
            raise PipelineError(
                f"the Dask scheduler at {address} has no workers: start some with `dask worker {address}`"
            ) from error
        _check_workers(client, root)
        yield client


async def _is_scheduler(address: str) -> bool:
    """Whether a Dask scheduler answers at an address."""
    from distributed import Security
    from distributed.core import connect as open_comm

    async def identity() -> object:
        comm = await open_comm(address, timeout=CONNECT_LIMIT, **Security().get_connection_args("client"))
        try:
            await comm.write({"op": "identity", "reply": True})
            return await comm.read()
        finally:
            comm.abort()

    try:
        answer = await asyncio.wait_for(identity(), CONNECT_LIMIT)
    except (OSError, ValueError, TypeError, RuntimeError, MemoryError):
        return False  # nobody is there, the address makes no sense, or what answers is no Dask server
    return isinstance(answer, dict) and answer.get("type") == "Scheduler"


@dataclass(frozen=True)
class Workplace:
    """What one worker has and sees."""

    versions: Mapping[str, str]
    mark: str | None
    refusal: str | None


def inspect_workplace(root: str, mark: str) -> Workplace:
    """Runs on a worker: its versions, the mark as it reads it, and why it cannot write beside it, if so."""
    seen: str | None = None
    refusal: str | None = None
    try:
        seen = (Path(root) / mark).read_text()
        trial = Path(root) / f"{mark}-{secrets.token_hex(4)}"
        trial.touch()
        trial.unlink()
    except OSError as error:
        refusal = error.strerror or type(error).__name__
    return Workplace(versions=_versions(), mark=seen, refusal=refusal)


def _check_workers(client: Client, root: Path) -> None:
    from chaosdata import __version__

    mark, token = f".visible-{secrets.token_hex(8)}", secrets.token_hex(16)
    try:
        (root / mark).write_text(token)
    except OSError as error:
        raise StorageError(f"cannot write to {root}: {error.strerror}") from error
    try:
        found = client.run(inspect_workplace, str(root), mark, on_error="return")
    finally:
        (root / mark).unlink(missing_ok=True)
    here = _versions()
    for address, workplace in sorted(found.items()):
        if isinstance(workplace, BaseException):
            raise PipelineError(
                f"the Dask worker {address} cannot run this build ({workplace}): "
                f"install chaosdata {__version__} there, with the extra `pipelines`"
            )
        for name, ours in here.items():
            if (theirs := workplace.versions[name]) != ours:
                raise PipelineError(
                    f"the Dask worker {address} has {name} {theirs}, this build has {ours}: "
                    "install the same there"
                )
        if workplace.mark != token:
            raise PipelineError(
                f"the Dask worker {address} does not see {root}: use a root on storage that all workers share"
            )
        if workplace.refusal is not None:
            raise PipelineError(f"the Dask worker {address} cannot write to {root}: {workplace.refusal}")


def _versions() -> dict[str, str]:
    """Everything whose difference could show in a dataset's bytes; of chaosdata also the source itself."""
    from chaosdata import __version__

    packages = {package: _version(package) for package in _PACKAGES}
    return {"chaosdata": f"{__version__} (source {_source_digest()})"} | packages


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _source_digest() -> str:
    """Digest of the source of chaosdata: two checkouts may bear one version and not be the same."""
    import chaosdata

    folder = Path(chaosdata.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]

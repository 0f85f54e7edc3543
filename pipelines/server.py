"""A private, quiet Prefect server that lives exactly as long as this process.

    with prefect_server() as server:        # returns at once
        import prefect                      # overlaps with the server's own start
        server.wait()
        some_flow()

If ``PREFECT_API_URL`` is set, that standing server is used and nothing is started.

The socket is bound here and inherited by the child, so that the URL is known at once and builds side by
side never collide. Prefect's migrations of an empty database take seconds: the first start keeps a migrated,
empty database in the cache, and later ones begin with a copy of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import select
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from pipelines.environment import environment
from pipelines.errors import PipelineError

START_LIMIT = (
    300.0  # seconds; a start takes 5 to 12, and a hundred on a machine that is busy with something else
)
ANSWER_LIMIT = 5.0  # seconds that a standing server may take to answer
KEEP_HOME = 86_400.0  # seconds that the home, with the log, of a server that failed or was killed is kept

_CLIENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",  # of events that a server which died cannot take
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}
_SERVER = {
    "PREFECT__SERVER_EPHEMERAL": "1",  # only the services that a run of its own needs
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    # The database waits for the disk of a slow machine rather than answering 503.
    "PREFECT_SERVER_DATABASE_TIMEOUT": "120",
    "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "120",
}
_LOCAL = "127.0.0.1"


class Server(Protocol):
    """A Prefect server: ``url`` of its API, and ``log``, its log file if it is ours."""

    url: str
    log: Path | None

    def wait(self) -> None:
        """Return when the server answers. Raises PipelineError if it does not."""

    def alive(self) -> bool:
        """Whether it still answers."""


@contextlib.contextmanager
def prefect_server() -> Iterator[Server]:
    """The server that flows of this process report to: a standing one, or a private one started here.

    Returns before the server answers; call ``wait()`` before the first flow.

    Raises
    ------
    PipelineError : from ``wait()``, if the server does not start or the standing one does not answer.
    """
    if url := os.environ.get("PREFECT_API_URL"):
        with environment(_missing(_CLIENT)):
            yield StandingServer(url)
            _drain()
        return
    with EmbeddedServer() as server:
        yield server


class StandingServer:
    """A server that somebody else runs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.log: Path | None = None

    def wait(self) -> None:
        """Check that something answers at the URL: whatever it says, even that we may not ask."""
        try:
            urllib.request.urlopen(f"{self.url.rstrip('/')}/health", timeout=ANSWER_LIMIT).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        except (OSError, ValueError) as error:
            raise PipelineError(
                f"no Prefect server answers at PREFECT_API_URL={self.url} ({_reason(error)}): "
                "start it, or unset PREFECT_API_URL to use an embedded one"
            ) from error

    def alive(self) -> bool:
        """Whether it still answers."""
        try:
            self.wait()
        except PipelineError:
            return False
        return True


class EmbeddedServer(contextlib.AbstractContextManager["EmbeddedServer"]):
    """A child process with a home, a database and a log of its own."""

    def __init__(self) -> None:
        self._folder = _folder()
        self._template = self._folder / f"template-{version('prefect')}.db"
        self._cleanup = contextlib.ExitStack()
        self._healthy = True
        try:
            self.home = self._cleanup.enter_context(_private_home(self._folder))
            self.log: Path | None = self.home / "server.log"
            self._migrated = _copy_database(self._template, self.home / "prefect.db")
            listener = self._cleanup.enter_context(socket.create_server((_LOCAL, 0)))
            self.url = f"http://{_LOCAL}:{listener.getsockname()[1]}/api"
            self._cleanup.enter_context(environment(self._client_variables(), drop=_PROFILE))
            self._child = self._start(listener)
            listener.close()
        except BaseException:
            self._cleanup.close()
            raise

    def wait(self) -> None:
        """Return when the server answers."""
        import prefect.context

        prefect.context.refresh_global_settings_context()  # for a process that had imported Prefect before
        assert self._child.stdout is not None
        readable, _, _ = select.select([self._child.stdout], [], [], START_LIMIT)
        if not readable or self._child.stdout.readline() != b"ready\n":
            self._healthy = False
            if self._migrated:
                self._template.unlink(missing_ok=True)  # in case the template is to blame
            raise PipelineError(f"the embedded Prefect server did not start: its log is {self.log}")
        if not self._migrated:
            _keep_template(self.home / "prefect.db", self._template)

    def alive(self) -> bool:
        """Whether the child lives."""
        return self._child.poll() is None

    def __exit__(self, *exception: object) -> None:
        if self.alive():
            _drain()
        else:
            self._healthy = False  # it died by itself: its log is worth keeping
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()
        if self._healthy:
            shutil.rmtree(self.home, ignore_errors=True)
        self._cleanup.close()

    def _client_variables(self) -> dict[str, str]:
        """Settings of this process and of its children, for as long as the server lives.

        A child that does not answer is gone: Prefect's five retries would take minutes to see it.
        """
        unproxied = ",".join(part for part in (os.environ.get("NO_PROXY"), _LOCAL) if part)
        own = {"PREFECT_API_URL": self.url, "PREFECT_HOME": str(self.home), "PREFECT_CLIENT_MAX_RETRIES": "2"}
        return _missing(_CLIENT) | own | {"NO_PROXY": unproxied, "no_proxy": unproxied}

    def _start(self, listener: socket.socket) -> subprocess.Popen[bytes]:
        """Start the child; a setting of the user's own server (its database, say) never reaches it."""
        variables = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
        variables |= _CLIENT | _SERVER
        variables |= {
            "PREFECT_API_URL": self.url,
            "PREFECT_HOME": str(self.home),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{self.home}/prefect.db",
            "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": str(not self._migrated).lower(),
        }
        script = Path(__file__).with_name("server_child.py")
        with open(self.home / "server.log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", str(script), str(listener.fileno())],
                cwd=self.home,  # Prefect reads .env, prefect.toml and pyproject.toml where it stands
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=[listener.fileno()],
                start_new_session=True,  # Ctrl-C is for us; the server leaves when we have said goodbye
            )


_PROFILE = ("PREFECT_PROFILE", "PREFECT_PROFILES_PATH")  # name a profile that the private home does not have


def _folder() -> Path:
    """Where templates and private homes are; a temporary folder if the cache cannot be written."""
    from chaosdata.kernels.compile import cache_directory

    folder = cache_directory().parent / "prefect"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    except OSError:
        pass
    shared = Path(tempfile.gettempdir()) / f"chaosdata-prefect-{os.getuid()}"
    shared.mkdir(mode=0o700, exist_ok=True)
    return shared


@contextlib.contextmanager
def _private_home(folder: Path) -> Iterator[Path]:
    """A new folder, locked while we live: so a later build tells a home in use from one left behind."""
    with contextlib.ExitStack() as stack:
        with _locked(folder / "lock"):
            _sweep(folder)
            home = Path(tempfile.mkdtemp(prefix="home-", dir=folder))
            stack.enter_context(_locked(home / "lock"))
        yield home


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a file's lock; with ``wait=False`` say whether it was free."""
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def _sweep(folder: Path) -> None:
    """Remove homes that a killed or failed build left behind a day ago or more."""
    for home in folder.glob("home-*"):
        with contextlib.suppress(OSError):
            if time.time() - home.stat().st_mtime < KEEP_HOME:
                continue
            with _locked(home / "lock", wait=False) as free:
                if free:
                    shutil.rmtree(home, ignore_errors=True)


def _copy_database(source: Path, target: Path) -> bool:
    """Copy a database as SQLite sees it; False, and no target, if there is none or it is damaged."""
    if not source.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(source)) as database:
            (verdict,) = database.execute("PRAGMA quick_check").fetchone()
            database.execute("SELECT version_num FROM alembic_version").fetchone()
            if verdict != "ok":
                return False
            with contextlib.closing(sqlite3.connect(target)) as copy:
                database.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, and no others beside it
    except sqlite3.Error:
        target.unlink(missing_ok=True)
        return False
    return True


def _keep_template(database: Path, template: Path) -> None:
    """Keep a migrated, still empty database for later starts; the last of several concurrent builds wins."""
    part = template.with_name(f".{template.name}.{os.getpid()}")
    try:
        if _copy_database(database, part):
            os.replace(part, template)
    except OSError:  # a full cache costs the next build four seconds, nothing more
        part.unlink(missing_ok=True)


def _missing(settings: dict[str, str]) -> dict[str, str]:
    """Those settings that the user has not chosen."""
    return {key: value for key, value in settings.items() if key not in os.environ}


def _drain() -> None:
    """Send queued events and log lines while the server can still take them."""
    if "prefect.main" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    logging.getLogger("prefect.EventsWorker").setLevel(
        "ERROR"
    )  # "Still processing items: 271 items remaining"
    for send in (lambda: APILogWorker.instance().drain(), EventsWorker.drain_all):
        with contextlib.suppress(RuntimeError):
            send()


def _reason(error: BaseException) -> str:
    """The innermost cause in a few words."""
    cause = getattr(error, "reason", error)
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__

"""The embedded Prefect server: quiet, private, and gone when its parent is."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from pipelines import server
from pipelines.errors import PipelineError
from pipelines.server import EmbeddedServer, prefect_server
from tests.pipelines.commands import Command

START = """
import os, sys, time
from pipelines.server import prefect_server
with prefect_server() as server:
    server.wait()
    sys.stderr.write("ready\\n")
    time.sleep(float(sys.argv[1]))
"""


def test_two_first_starts_at_once(tmp_path: Path) -> None:
    commands = [Command("-c", START, "0", CHAOSDATA_CACHE=str(tmp_path)) for _ in range(2)]
    assert [command.wait() for command in commands] == [(0, [], ["ready"])] * 2
    left = sorted(path.name for path in (tmp_path / "prefect").iterdir())
    assert left[0] == "lock"
    assert left[1].startswith("template-") and left[1].endswith(".db")
    assert len(left) == 2
    assert all(command.all_gone() for command in commands)


def test_it_serves_until_the_context_ends() -> None:
    with prefect_server() as running:
        assert isinstance(running, EmbeddedServer)
        running.wait()
        assert os.environ["PREFECT_API_URL"] == running.url
        with urllib.request.urlopen(f"{running.url}/health") as answer:
            assert answer.status == 200
        home = running.home
        assert (home / "prefect.db").exists()
    assert not home.exists()
    assert "PREFECT_API_URL" not in os.environ
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{running.url}/health")


def test_it_dies_with_its_parent() -> None:
    command = Command("-c", START, "600")
    command.until("ready")
    assert len(command.family()) == 2
    command.process.kill()
    assert command.wait()[0] == -signal.SIGKILL
    assert command.all_gone()


def test_a_failed_start_names_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server._SERVER, "PREFECT_SERVER_DATABASE_TIMEOUT", "not a number")
    with prefect_server() as running, pytest.raises(PipelineError, match="did not start") as caught:
        running.wait()
    assert str(running.log) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert running.log is not None
    assert "not a number" in running.log.read_text()


def test_a_server_that_died_keeps_its_log() -> None:
    with EmbeddedServer() as running:
        running._child.kill()
        running._child.wait()
    assert running.log is not None
    assert running.log.exists()


def test_no_standing_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with (
        prefect_server() as standing,
        pytest.raises(PipelineError, match="no Prefect server answers at PREFECT_API_URL="),
    ):
        standing.wait()


@pytest.mark.parametrize("damage", [b"", b"this is not a database" * 1000])
def test_a_damaged_template_is_not_used(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "template.db").write_bytes(damage)
    assert not server._copy_database(tmp_path / "template.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_old_homes_are_swept_unless_in_use(tmp_path: Path) -> None:
    for name in ("home-old", "home-busy", "home-young"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lock").touch()
    long_ago = time.time() - 2 * server.KEEP_HOME
    for name in ("home-old", "home-busy"):
        os.utime(tmp_path / name, (long_ago, long_ago))
    with server._locked(tmp_path / "home-busy" / "lock"):
        server._sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home-busy", "home-young"]

"""Running clusters: refused with one line when they cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import LocalCluster

from pipelines import cluster
from pipelines.cluster import ClusterOptions, connect
from pipelines.errors import PipelineError


@contextmanager
def running(preload: str, tmp_path: Path, workers: int = 1) -> Iterator[ClusterOptions]:
    """A cluster of one process whose worker first runs some code."""
    script = tmp_path / "preload.py"
    script.write_text(preload)
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
        preload=[str(script)],
    ) as local:  # fmt: skip
        yield ClusterOptions(scheduler=local.scheduler_address)


def refusal(options: ClusterOptions, root: Path) -> str:
    with pytest.raises(PipelineError) as caught, connect(options, root):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "foo://bar:1", ""])
def test_no_scheduler(address: str, tmp_path: Path) -> None:
    assert f"no Dask scheduler answers at {address}:" in refusal(ClusterOptions(address), tmp_path)


def test_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "WORKER_LIMIT", 0.1)
    with running("", tmp_path, workers=0) as options:
        assert "has no workers" in refusal(options, tmp_path)


def test_another_version(tmp_path: Path) -> None:
    with running("import chaosdata; chaosdata.__version__ = '0.0.1'", tmp_path) as options:
        message = refusal(options, tmp_path)
    assert "has chaosdata 0.0.1 (source " in message
    assert "install the same there" in message


def test_no_chaosdata(tmp_path: Path) -> None:
    with running("import sys; sys.modules['pipelines'] = None", tmp_path) as options:
        message = refusal(options, tmp_path)
    assert "cannot run this build" in message
    assert "install chaosdata" in message


# Dask runs a preload twice.
ELSEWHERE = """
import pipelines.cluster as cluster

cluster.real = getattr(cluster, "real", cluster.inspect_workplace)
cluster.inspect_workplace = lambda root, mark: cluster.real("/elsewhere", mark)
"""


def test_another_root(tmp_path: Path) -> None:
    with running(ELSEWHERE, tmp_path) as options:
        assert f"does not see {tmp_path}" in refusal(options, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["preload.py"]


def test_a_cluster_that_fits(tmp_path: Path) -> None:
    with running("", tmp_path) as options, connect(options, tmp_path) as client:
        assert client.submit(sum, [1, 2]).result() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["preload.py"]

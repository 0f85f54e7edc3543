"""A published root that tests only read, and copies of it that they may change."""

import shutil

import pytest

from tests.catalog.examples import SYSTEMS, make_root
from tests.catalog.servers import http_server


@pytest.fixture(scope="session")
def published_root(tmp_path_factory):
    root = tmp_path_factory.mktemp("published")
    make_root(
        root, ("example", "1.0.0", SYSTEMS), ("example", "1.10.0", SYSTEMS), ("single", "1.0.0", ("Lorenz",))
    )
    return root


@pytest.fixture
def root(published_root, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(published_root, tmp_path / "root")


@pytest.fixture
def served(root):
    """The same copy over HTTP: (url, what was served)."""
    with http_server(root) as server:
        yield server

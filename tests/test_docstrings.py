"""The examples in docstrings run, and print what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import chaosdata as cd

MODULES = sorted(
    module.name for module in walk_packages(cd.__path__, "chaosdata.") if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(import_module(name), raise_on_error=False).failed == 0


def test_the_public_functions_have_examples() -> None:
    finder = doctest.DocTestFinder()
    for name in ("flow", "integrate", "lyapunov_spectrum", "trajectories"):
        assert any(test.examples for test in finder.find(getattr(cd, name), name)), name

"""Adding a system touches one file: with a new chapter it is listed, integrated, annotated and verified."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import chaosdata

CHAPTER = '''"""A chapter that a user adds."""

from chaosdata.equations import flow


@flow(
    initial=(0.02, 0.0, 0.0),
    period=6.1,
    reference="Sprott (1997). Simplest dissipative chaotic flow. Phys. Lett. A 228, 271-274.",
    tags={"dissipative", "mine"},
)
def SimplestJerk(x, v, a, *, damping=2.017):
    """The algebraically simplest dissipative chaotic flow."""
    return (v, a, -damping * a + v**2 - x)
'''

RECIPE = """
name: mine
version: 1.0.0
title: One new system
license: CC0-1.0
systems: {kind: flow, tags: [mine]}
grid: {samples_per_period: 20, periods: 4}
trajectories: {train: 8}
annotations: [period, moments, lyapunov_spectrum, kaplan_yorke_dimension]
seed: 1
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one more file."""
    folder = tmp_path_factory.mktemp("project")
    package = Path(str(chaosdata.__file__)).parent
    shutil.copytree(package, folder / "chaosdata", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "chaosdata" / "systems" / "mine.py").write_text(CHAPTER)
    (folder / "recipe.yaml").write_text(RECIPE)
    return folder


def run(project: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    environment = os.environ | {"PYTHONPATH": str(project)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_listed_and_shown(project: Path) -> None:
    listed = json.loads(run(project, "-m", "chaosdata", "systems", "--tag", "mine", "--json"))
    assert [system["name"] for system in listed] == ["SimplestJerk"]
    assert "da/dt = -damping*a + v**2 - x" in run(project, "-m", "chaosdata", "show", "SimplestJerk")


def test_it_is_integrated_annotated_and_verified(project: Path) -> None:
    run(project, "-m", "chaosdata", "build", "recipe.yaml", "--root", "data")
    verified = run(project, "-m", "chaosdata", "verify", "mine@1.0.0", "--root", "data", "--replay", "1")
    assert "1 shard made again with the same values" in verified
    stored = run(
        project,
        "-c",
        "import json, chaosdata as cd\n"
        "data = cd.open_dataset('mine@1.0.0', system='SimplestJerk', root='data')\n"
        "exponent = data.lyapunov_exponent, data.lyapunov_exponent_standard_error\n"
        "print(json.dumps([data.state.shape, data.status.values.tolist(),\n"
        "    [float(x[0]) for x in exponent], sorted(data.data_vars)]))",
    )
    shape, status, (exponent, error), variables = json.loads(stored)
    assert (shape, status) == ([8, 80, 3], [0] * 8)
    assert abs(exponent - 0.0551) < 3 * error + 0.0005  # the paper's value
    assert {"period", "mean", "kaplan_yorke_dimension"} <= set(variables)


def test_its_dynamics_is_classified(project: Path) -> None:
    assert "chaotic" in run(project, "-m", "chaosdata", "classify", "SimplestJerk")

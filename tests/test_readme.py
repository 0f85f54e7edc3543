"""The README: its Python runs, its files exist, its commands are real."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import chaosdata as cd
from chaosdata.cli import app

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Every `chaosdata ...` command of the README, in words."""
    text = "\n".join(blocks("sh")) + "\n" + "\n".join(re.findall(r"`(chaosdata [^`\n]+)`", TEXT))
    lines = (part for line in text.splitlines() for part in line.partition("#")[0].split("&&"))
    words = (shlex.split(line) for line in lines)
    return [line[1:] for line in words if line and Path(line[0]).name == "chaosdata"]


@pytest.mark.parametrize("name", ["main job", "tests"])
def test_marked_commands_are_single_lines(name: str) -> None:
    mark = f"<!-- command: {name} -->"
    found = re.findall(rf"^{mark}\n```sh\n(.*)\n```$", TEXT, re.MULTILINE)
    assert len(found) == TEXT.count(mark) == 1


def test_python_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = cd.load_recipe(ROOT / "pipelines/recipes/quickstart.yaml").model_dump(mode="json")
    few = {"systems": ["Lorenz"], "trajectories": {"train": 2, "validation": 1, "test": 1}}
    cd.build(recipe | few, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {"__name__": "readme"}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), scope)
    assert scope["window"].shape == (100, 3)
    assert abs(scope["spectrum"].value[0] - 0.9056) < 3 * scope["spectrum"].standard_error[0] + 1e-4
    np.testing.assert_allclose(cd.lyapunov_spectrum(scope["Jerk"]).value, [0.055, 0, -2.072], atol=1e-3)


def test_links_point_to_files() -> None:
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", TEXT) if "://" not in target]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_commands_take_these_arguments(words: list[str]) -> None:
    if "NAME" in words or "RECIPE" in words:
        words = [{"NAME": "Lorenz", "RECIPE": "recipe.yaml"}.get(word, word) for word in words]
    # --help at the end: the command and its options are parsed, and nothing is done.
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output


def test_picture_shows_the_whole_collection_and_is_small() -> None:
    assert (ROOT / "docs/gallery.png").stat().st_size < 1_000_000
    assert "Every system of the collection" in TEXT

"""Phase portraits: something is drawn, it is named, and failures are clear."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import chaosdata as cd
from chaosdata import plot
from chaosdata.equations.system import System
from chaosdata.errors import ArgumentError, IntegrationError, StorageError
from tests.integrate.maps import HenonMap, LogisticMap
from tests.integrate.noisy import DoubleWell, NoisyLorenz


def pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def ink(picture: NDArray[np.uint8]) -> float:
    """The share of pixels that are not background."""
    background = [int(plot.BACKGROUND[i : i + 2], 16) for i in (1, 3, 5)]
    return float((np.abs(picture.astype(int) - background).max(axis=2) > 30).mean())


# A flow of three components, a driven one with an angle, and one of more than three.
@pytest.mark.parametrize("name", ["Lorenz", "Duffing", "HyperRossler"])
def test_portrait_fills_the_sheet(name: str, tmp_path: Path) -> None:
    plot.save_portrait(cd.systems[name], tmp_path / "portrait.png")
    picture = pixels(tmp_path / "portrait.png")
    assert 0.05 < ink(picture) < 0.8
    drawn = np.abs(picture.astype(int) - picture[0, 0]).max(axis=2) > 30
    for axis, length in ((0, picture.shape[1]), (1, picture.shape[0])):
        where = np.flatnonzero(drawn.any(axis=axis))
        assert np.ptp(where) > 0.85 * length


@pytest.mark.parametrize("system", [HenonMap, LogisticMap, NoisyLorenz, DoubleWell], ids=lambda s: s.name)
def test_maps_are_points_and_one_component_is_drawn_against_its_past(system: System, tmp_path: Path) -> None:
    plot.save_portrait(system, tmp_path / "portrait.png")
    assert 0.005 < ink(pixels(tmp_path / "portrait.png")) < 0.8


def test_a_fixed_point_is_a_point() -> None:
    axes = plot.gallery([LogisticMap.with_parameters(r=2.0)]).axes[0]
    assert np.abs(axes.collections[0].get_offsets()).max() < 1e-9


def test_gallery_names_every_system() -> None:
    chosen = [cd.systems[name] for name in ("Lorenz", "Rossler", "Thomas")]
    figure = plot.gallery(chosen, columns=2)
    assert [axes.get_title() for axes in figure.axes] == ["Lorenz", "Rossler", "Thomas", ""]
    assert [len(axes.collections) for axes in figure.axes] == [1, 1, 1, 0]


def test_picture_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        plot.save_gallery([cd.systems["Lorenz"]], tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_vector_files(tmp_path: Path) -> None:
    plot.save_gallery([cd.systems["Lorenz"]], tmp_path / "sheet.svg")
    assert "<svg" in (tmp_path / "sheet.svg").read_text(encoding="utf-8")


def test_nothing_to_draw() -> None:
    with pytest.raises(ArgumentError, match="no system to draw"):
        plot.gallery([])


def test_unknown_file_type(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"sheet\.xyz"):
        plot.save_gallery([cd.systems["Lorenz"]], tmp_path / "sheet.xyz")


def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        plot.save_gallery([cd.systems["Lorenz"]], tmp_path / "nowhere" / "sheet.png")


def test_trajectory_that_escapes(tmp_path: Path) -> None:
    escaping = dataclasses.replace(cd.systems["Rossler"], initial=(1e6, 1e6, 1e6))
    with pytest.raises(IntegrationError, match="Rossler"):
        plot.save_portrait(escaping, tmp_path / "portrait.png")


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ArgumentError, match="pip install"):
        plot.gallery([cd.systems["Lorenz"]])

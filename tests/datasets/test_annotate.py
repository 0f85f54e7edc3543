"""Annotations in a published version: the very estimates, with their errors, methods and settings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import chaosdata as cd
from chaosdata.analysis.moments import moments
from chaosdata.datasets.annotate import annotate_system, read_annotations
from chaosdata.datasets.plan import FAMILIES, plan
from chaosdata.datasets.recipe import ANNOTATIONS, load_recipe
from chaosdata.systems import systems
from chaosdata.types import Estimate
from tests.datasets.tiny import tiny

NAMES = ["Duffing", "Lorenz"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("annotated")
    cd.build(tiny(systems=NAMES, annotations=list(ANNOTATIONS)), root)
    return root


def expected(name: str) -> dict[str, Estimate]:
    spectrum = cd.lyapunov_spectrum(systems[name], seed=7)
    return {
        "period": cd.dominant_period(systems[name], seed=7),
        **moments(systems[name], seed=7),
        "lyapunov_exponent": spectrum,
        "kaplan_yorke_dimension": cd.kaplan_yorke_dimension(spectrum),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_group_holds_every_estimate_bit_by_bit(root: Path, name: str) -> None:
    data = cd.open_dataset("tiny", system=name, root=root).load()
    estimates = expected(name)
    assert set(estimates) == {
        "period",
        "mean",
        "standard_deviation",
        "skewness",
        "kurtosis",
        "lyapunov_exponent",
        "kaplan_yorke_dimension",
    }
    for variable, estimate in estimates.items():
        stored, error = data[variable], data[f"{variable}_standard_error"]
        assert stored.values.tobytes() == estimate.value.tobytes(), variable
        assert error.values.tobytes() == estimate.standard_error.tobytes(), variable
        assert stored.attrs["method"] == estimate.method
        assert json.loads(stored.attrs["settings"]) == dict(estimate.settings)
        assert stored.attrs["long_name"]
        assert stored.attrs["units"]
    assert data["mean"].dims == ("component",)
    assert data.lyapunov_exponent.dims == ("exponent",)
    assert data.exponent.values.tolist() == [1, 2, 3]
    assert data.period.dims == data.kaplan_yorke_dimension.dims == ()


def test_the_lyapunov_time_stands_beside_the_period(root: Path) -> None:
    data = cd.open_dataset("tiny", system="Lorenz", root=root)
    assert data.attrs["lyapunov_time"] == 1 / float(data.lyapunov_exponent[0])
    assert data.attrs["lyapunov_time"] == pytest.approx(1 / 0.9056, rel=0.02)
    assert data.attrs["period"] == systems["Lorenz"].period


def test_a_group_says_what_it_is(root: Path) -> None:
    attributes = cd.open_dataset("tiny", system="Duffing", root=root).attrs
    system = systems["Duffing"]
    assert attributes["Conventions"] == "CF-1.11, ACDD-1.3"
    assert attributes["title"] == "A few trajectories: Duffing"
    assert attributes["id"] == "tiny@1.0.0/Duffing"
    assert attributes["license"] == "CC-BY-4.0"
    assert attributes["equations"].splitlines() == system.equations()
    assert attributes["latex"].splitlines() == system.equations(latex=True)
    assert attributes["reference"] == attributes["references"] == system.reference
    assert attributes["description"] == attributes["summary"] == system.description
    assert attributes["kind"] == "flow"
    assert attributes["tags"].split(", ") == sorted(system.tags)


def test_an_estimate_survives_its_file_exactly(tmp_path: Path) -> None:
    recipe = load_recipe(tiny(annotations=list(ANNOTATIONS)))
    for family in FAMILIES:
        annotate_system(tmp_path, recipe, "Lorenz", family)
    records, attributes = read_annotations(tmp_path, "Lorenz", plan(recipe).families)
    for record in records:
        estimate = expected("Lorenz")[record.name]
        assert record.value.tobytes() == np.asarray(estimate.value).tobytes()
        assert record.standard_error.tobytes() == np.asarray(estimate.standard_error).tobytes()
    assert set(attributes) == {"lyapunov_time"}


def test_only_what_was_asked_for_is_stored(tmp_path: Path) -> None:
    cd.build(tiny(systems=["Lorenz"], annotations=["kaplan_yorke_dimension"]), tmp_path)
    data = cd.open_dataset("tiny", system="Lorenz", root=tmp_path)
    assert "kaplan_yorke_dimension" in data
    assert not {"lyapunov_exponent", "period", "mean", "exponent"} & set(data.variables)
    assert "lyapunov_time" not in data.attrs

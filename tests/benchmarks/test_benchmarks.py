"""Every benchmark runs once, at a tiny size, so that none rots. No time is looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chaosdata.systems import systems
from tests.benchmarks import delays, effort, floor, maps, peers, precision, scaling, spectra, trajectories
from tests.benchmarks.__main__ import PARTS
from tests.benchmarks.cases import Case, cases
from tests.benchmarks.table import markdown

QUICK = 0.0  # seconds: the least number of runs


@pytest.fixture(scope="module")
def lorenz() -> Case:
    return next(case for case in cases(trajectories=8, periods=3) if case.name == "Lorenz")


def test_output_is_right_at_full_accuracy(lorenz: Case) -> None:
    (row,) = trajectories.full_accuracy([lorenz], peers.installed(), QUICK)
    assert row["our error"] < 1e-11
    assert row["ours, ns a sample"] > row["ours, stepping"] > 0


def test_the_cheapest_run_meets_the_error(lorenz: Case) -> None:
    rows = trajectories.at_equal_error([lorenz], {}, QUICK)
    assert [row["solver"] for row in rows] == ["chaosdata"]
    assert rows[0]["error"] <= trajectories.TARGET_ERROR


def test_nothing_is_faster_than_the_floor(lorenz: Case) -> None:
    (row,) = floor.fractions([lorenz], QUICK)
    # Two products of 210 terms, three factors of linear terms in 20 orders, 57 quotients, 60 for the state.
    assert row["multiply-adds a step"] == 2 * 210 + 3 * 20 + 57 + 60
    assert 0 < row["of the peak, stepping"] < 1 and 0 < row["of the peak, with output"] < 1


def test_spectra(lorenz: Case) -> None:
    (row,) = spectra.spectra([lorenz], {}, QUICK)
    assert 0.3 < row["first exponent"] < 2.0


def test_double_double_costs_more(lorenz: Case) -> None:
    (row,) = precision.against_quadruple([lorenz], peers.installed(), QUICK)
    (again,) = precision.against_double([lorenz.system], QUICK)
    assert row["ratio to double"] > 1 and again["ratio to double"] > 1


def test_delay_equations_meet_the_error() -> None:
    rows = delays.mackey_glass(4, QUICK)
    assert rows[0]["error"] <= delays.TARGET_ERROR


def test_maps_and_noise() -> None:
    rows = maps.orbits(40, QUICK)
    assert len(rows) == 6 and all(row["ns"] > 0 for row in rows)


def test_no_step_is_bound_by_stability_alone() -> None:
    (row,) = effort.stiffness([systems["Lorenz"]], QUICK)
    assert 0 < row["fastest decay in a mean step"] < 8.8


def test_energy_drifts_by_rounding_alone() -> None:
    assert all(row["energy drift"] < 1e-13 for row in effort.energy_drift(100))


def test_threads_and_compile_time() -> None:
    assert scaling.cores(16, 1, QUICK)[0]["speed-up"] == 1
    (row,) = scaling.cold_compile(["Lorenz"])
    assert row["systems"] == 1


def test_the_command(tmp_path: Path) -> None:
    output = tmp_path / "table.md"
    command = [sys.executable, "-m", "tests.benchmarks", "spectra", "--system", "Rossler", "--seconds", "0"]
    done = subprocess.run([*command, "--output", output], capture_output=True, text=True, check=True)
    assert done.stdout == output.read_text()
    assert "| Rossler |" in done.stdout
    wrong = subprocess.run([*command[:3], "nothing"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert all(part in wrong.stderr for part in PARTS)


def test_a_table_has_a_line_for_each_row() -> None:
    text = markdown("Title", [{"a": 1.23456, "b": None}, {"a": 1234567.0, "b": "x"}])
    assert text.splitlines()[2:] == ["| a | b |", "| --- | --- |", "| 1.23 |  |", "| 1,234,567 | x |"]

"""Verdicts of systems whose long-time dynamics is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chaosdata.analysis.classify import Classified, document, measured_period, records
from chaosdata.analysis.verdict import KINDS, _exponents, verdict
from chaosdata.equations.declare import flow
from chaosdata.equations.functions import cos, sin
from chaosdata.errors import ArgumentError
from chaosdata.systems import measured, systems

SHORT = {"trajectories": 8, "periods": 2000.0}


@flow(
    initial=(1.0, 0.0, 1.0, 0.0),
    period=6.28,
    reference="Huygens (1673). Horologium Oscillatorium.",
    tags={"test"},
)
def TwoSprings(x, v, y, w, *, k=2.0):
    """Two oscillators whose frequencies have no common measure."""
    return v, -x, w, -k * y


@flow(initial=(1.0,), period=1.0, reference="Anonymous (2000). An explosion.", tags={"test"})
def Explosion(x):
    """Escapes in finite time."""
    return (x**2,)


@flow(initial=(0.1, 0.0, 0.0), period=6.28, reference="Anonymous (2000). A driven spring.", tags={"test"})
def Driven(x, v, phase, *, omega=1.0):
    """A damped spring that follows its drive."""
    return v, -x - v + cos(phase) + 0.1 * sin(phase), omega


CASES = [
    (systems["Rossler"], "chaotic"),
    (systems["Rossler"].with_parameters(c=4.0), "periodic"),
    (systems["HyperRossler"], "hyperchaotic"),
    (systems["HenonHeiles"], "conservative chaotic"),
    (systems["Lorenz"].with_parameters(rho=10.0), "fixed point"),
    (systems["Lorenz"].with_parameters(rho=160.0), "periodic"),
    (systems["Lorenz"].with_parameters(rho=23.0), "transient"),
    (TwoSprings, "quasiperiodic"),
    (Driven, "periodic"),
    (Explosion, "transient"),
]


@pytest.mark.parametrize(("system", "expected"), CASES, ids=[f"{s.name}-{word}" for s, word in CASES])
def test_known_dynamics(system, expected) -> None:
    found = verdict(system, **SHORT)
    assert found.verdict == expected, found


def test_a_verdict_shows_its_numbers() -> None:
    found = verdict(systems["Rossler"], **SHORT)
    assert (found.trajectories, found.chaotic, found.escaped) == (8, 8, 0)
    assert found.exponents is not None
    assert abs(found.exponents.value[0] - 0.0714) < 4 * found.exponents.standard_error[0]
    assert abs(found.exponents.value.sum() - found.divergence) < 1e-5
    escaped = verdict(Explosion, **SHORT)
    assert (escaped.escaped, escaped.exponents) == (8, None)


@pytest.mark.parametrize("arguments", [{"trajectories": 4}, {"periods": 100.0}])
def test_bad_arguments(arguments) -> None:
    with pytest.raises(ArgumentError):
        verdict(systems["Rossler"], **arguments)


def test_the_data_file_covers_the_collection() -> None:
    known = measured()
    assert set(known) == {name for name, system in systems.items() if system.kind != "stochastic"}
    assert {found.verdict for found in known.values()} <= set(KINDS)


@pytest.mark.parametrize("name", ["Rossler", "HyperRossler"])
def test_the_data_file_agrees_with_a_shorter_run(name: str) -> None:
    stored, found = measured()[name], verdict(systems[name], **SHORT)
    assert stored.verdict == found.verdict
    assert found.exponents is not None
    error = (found.exponents.standard_error**2 + [e**2 for e in stored.standard_errors]) ** 0.5
    assert (abs(found.exponents.value - stored.exponents) < 4 * error + 1e-3).all()


def test_the_document_is_json_with_a_line_for_each_system() -> None:
    def one(name: str, seed: int = 0) -> Classified:
        return Classified(verdict(systems[name], seed, **SHORT), None)

    text = document({name: one(name) for name in ("Rossler", "SprottB")})
    assert list(json.loads(text)["systems"]) == ["Rossler", "SprottB"]
    assert sum(line.startswith("  ") for line in text.splitlines()) == 2
    old = records(text.encode())
    new = records(document({"SprottB": one("SprottB", seed=1)}, old).encode())
    assert old["Rossler"] == new["Rossler"] and old["SprottB"] != new["SprottB"]
    assert document({}, old) == text
    assert records(b"") == {}


@pytest.mark.parametrize("text", [b"\n", b"\xff", b"[]", b"{}", b'{"systems": 3}'])
def test_another_file_is_no_document(text: bytes) -> None:
    with pytest.raises(ArgumentError, match="is none that classify wrote"):
        records(text)


def test_periods() -> None:
    period = measured_period(systems["Rossler"])
    assert period is not None and abs(period.value - 5.86) < 0.02
    assert measured_period(systems["Lorenz"].with_parameters(rho=10.0)) is None  # it comes to rest
    assert measured_period(systems["Torus"]) is None  # explicit in time


def test_a_volume_that_rounds_to_zero_in_one_trajectory_does_not_count() -> None:
    rates = np.array([[0.5, -0.5], [0.6, -np.inf], [0.4, -0.4], [0.5, -0.6]])
    found = _exponents(rates, 1000.0)
    np.testing.assert_allclose(found.value, [0.5, -0.5])
    np.testing.assert_allclose(found.standard_error, [(0.02 / 3) ** 0.5 / 2, 0.1 / 3**0.5])
    rates[2:, 1] = -np.inf
    assert _exponents(rates, 1000.0).value.tolist() == [0.5, -np.inf]

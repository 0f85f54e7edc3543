"""Declared variants, and systems of any size."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chaosdata.equations import System, flow
from chaosdata.equations.functions import sin
from chaosdata.errors import ArgumentError, DeclarationError
from tests.equations.declared import (
    PAPER,
    Echoes,
    Feedback,
    Fold,
    Kicked,
    Noisy,
    Phases,
    Ring,
)


def test_a_variant_with_other_parameters() -> None:
    published = Fold.variant("published")
    assert list(Fold.variants) == ["published", "linear"] and Fold.variants["published"] is published
    assert (published.name, published.notes, published.initial) == (
        "Fold.published",
        "Another fold.",
        (0.2, 0.1),
    )
    assert dict(published.parameters) == {"a": 1.2, "b": 0.3}
    assert (published.description, published.reference, published.kind) == (Fold.description, PAPER, "map")
    assert published.rhs([2.0, 1.0])[0] == 1 - 1.2 * 4 + 1
    assert published != Fold.variant("Fold.published", a=1.2, initial=(0.2, 0.1))
    assert not published.variants
    with pytest.raises(TypeError):
        Fold.variants["mine"] = Fold  # type: ignore[index]


def test_a_variant_with_other_equations_has_its_own_parameters_and_inverse() -> None:
    linear = Fold.variant("linear")
    assert (dict(linear.parameters), linear.period, linear.initial) == ({"b": 0.25}, 2.0, Fold.initial)
    assert linear.equations() == ["x' = y", "y' = b*x"]
    assert linear.rhs([2.0, 1.0]).tolist() == [1.0, 0.5]
    assert linear.inverse([1.0, 0.5]).tolist() == [2.0, 1.0]
    assert linear.graph() != Fold.graph()


def test_a_variant_is_checked_at_its_own_parameters_and_initial_state() -> None:
    def Rational(x, *, a=1.0):
        """A pole that the variant moves away from its start."""
        return (1 / (x - a),)

    facts: dict[str, Any] = {"initial": (2.0,), "period": 1.0, "reference": PAPER}
    system = flow(**facts, variants={"moved": {"a": 3.0, "initial": (1.0,)}})(Rational)
    assert system.variant("moved").rhs([1.0]).tolist() == [-0.5]
    with pytest.raises(DeclarationError, match=r"Rational\.back: dx/dt is not finite at the initial state"):
        flow(**facts, variants={"back": {"initial": (1.0,)}})(Rational)


def test_a_new_name_still_gives_a_new_system() -> None:
    mine = Fold.variant("Mine", a=1.1)
    assert (mine.name, mine.parameters["a"]) == ("Mine", 1.1)
    with pytest.raises(ArgumentError, match="Fold declares the variant 'linear': take another name"):
        Fold.variant("linear", b=0.5)


def _decay(x, y, *, a=1.0):
    """Decay."""
    return -a * x, -y


def _growth(x, y, *, a=1.0, c=2.0):
    """Growth."""
    return a * x, c * y


VARIANTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown parameter": ({"c": 1.0}, "_decay.odd: _decay.odd has no parameter 'c'; it has a"),
    "parameter of the equations it replaces": (
        {"equations": lambda x, y: (-x, -y), "a": 2.0},
        "has no parameter 'a'; it has none",
    ),
    "wrong shape": ({"a": (1.0, 2.0)}, "parameter a has shape (), not (2,)"),
    "initial too short": ({"initial": (1.0,)}, "initial has 1 values for 2 components"),
    "period": ({"period": -1.0}, "period must be positive"),
    "other components": (
        {"equations": lambda x, z: (x, z)},
        "its equations take (x, z): they must take the components of _decay, x, y",
    ),
    "fewer components": ({"equations": lambda x: (x,)}, "initial has 2 values for 1 components"),
    "wrong equations": ({"equations": lambda x, y: (x,)}, "1 derivatives are returned for 2 components"),
    "inverse of a flow": ({"inverse": _growth}, "has no parameter 'inverse'"),
    "pole": ({"equations": lambda x, y, *, a=1.0: (x / a, y), "a": 0.0}, "dx/dt is not finite"),
}


@pytest.mark.parametrize("case", VARIANTS)
def test_a_wrong_variant_is_refused(case: str) -> None:
    changes, message = VARIANTS[case]
    with pytest.raises(DeclarationError) as refused:
        flow(initial=(1.0, 2.0), period=1.0, reference=PAPER, variants={"odd": changes})(_decay)
    assert str(refused.value).startswith("_decay.odd: ")
    assert message in str(refused.value)


def test_a_function_of_star_has_as_many_components_as_its_initial_state() -> None:
    assert Ring.components == ("x1", "x2", "x3", "x4", "x5", "x6")
    assert Ring.equations()[0] == "dx1/dt = (x2 - x5)*x6 - x1 + f"
    x = np.arange(1.0, 7.0)
    expected = (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + 8
    assert np.array_equal(Ring.rhs(x), expected)
    assert Phases.components == ("theta1", "theta2", "theta3") and Phases.angles == set(Phases.components)
    assert not Phases.autonomous and Phases.resized(5).angles == set(Phases.resized(5).components)


@pytest.mark.parametrize("n", [4, 9, 40])
def test_another_size(n: int) -> None:
    other = Ring.resized(n)
    assert (other.name, other.dimension, other.period) == ("Ring", n, Ring.period)
    assert other.components[-1] == f"x{n}" and len(other.initial) == n
    assert len(set(other.initial)) == n, "a symmetric state would stay symmetric"
    tiled = np.resize(Ring.initial, n)
    assert 0 < np.max(np.abs(np.array(other.initial) - tiled)) <= 0.0006 * np.max(np.abs(tiled))
    x = np.arange(1.0, n + 1)
    assert np.array_equal(other.rhs(x), (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + 8)
    assert other.graph().dimension == n and other.jacobian(x).shape == (n, n)
    assert other != Ring and other == Ring.resized(n) and Ring.resized(6) is Ring
    assert other.with_parameters(f=9.0).dimension == n


def test_a_size_that_cannot_be_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Fold has 2 components, named one by one"):
        Fold.resized(3)
    with pytest.raises(ArgumentError, match="Ring: the number of components must be positive, not 0"):
        Ring.resized(0)

    @flow(initial=(1.0, 2.0), period=1.0, reference=PAPER)
    def Pair(*x, k=(1.0, 2.0)):
        """A coupling for each of two."""
        return tuple(k[i] * sin(x[i]) for i in range(len(x)))

    with pytest.raises(
        ArgumentError, match="Pair with 3 components: the function fails on symbols: IndexError"
    ):
        Pair.resized(3)
    with pytest.raises(DeclarationError, match=r"initial is empty: it says how many components \*x has"):
        flow(initial=(), period=1.0, reference=PAPER)(Pair.function)


SYSTEMS = [
    Fold,
    Fold.variant("published"),
    Fold.variant("linear").with_parameters(b=0.75),
    Kicked,
    Feedback,
    Feedback.variant("slow"),
    Echoes.with_parameters(tau=(1.0, 4.0)),
    Noisy,
    Noisy.variant("quiet"),
    Ring,
    Ring.resized(8).with_parameters(f=9.0),
    Ring.variant("weak"),
    Phases.resized(2),
]


def _first(system: System) -> Any:
    past = {"delayed": np.tile(system.initial, (len(system.delays), 1))} if system.delays else {}
    return system.rhs(system.initial, 0.5, **past)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_every_kind_is_pickled_and_copied(system: System) -> None:
    system.graph()
    for other in (pickle.loads(pickle.dumps(system)), copy.deepcopy(system), copy.copy(system)):
        assert other == system and hash(other) == hash(system)
        for field in dataclasses.fields(system):
            assert getattr(other, field.name) == getattr(system, field.name)
        assert np.array_equal(_first(other), _first(system))


def test_every_kind_reaches_another_process() -> None:
    code = (
        "import pickle, sys; systems = pickle.load(sys.stdin.buffer); "
        "print([(s.name, s.dimension, s.delays, len(s.graph().outputs)) for s in systems])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(SYSTEMS),
        capture_output=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=True,
    )
    expected = [(s.name, s.dimension, s.delays, len(s.graph().outputs)) for s in SYSTEMS]
    assert done.stdout.decode().strip() == repr(expected)


def test_a_name_that_is_declared_again_is_another_system() -> None:
    def declare(body: Callable[..., Any]) -> System:
        def Toy(x, *, a=1.0):
            """A toy."""
            return (body(x, a),)

        return flow(initial=(1.0,), period=1.0, reference=PAPER)(Toy)

    first, second = declare(lambda x, a: a * x), declare(lambda x, a: -a * x)
    assert first != second
    assert first.jacobian([1.0]).item() == 1.0 and second.jacobian([1.0]).item() == -1.0

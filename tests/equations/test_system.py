"""A System as users hold it: numbers of any shape and float type, new parameters, other processes."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chaosdata.equations import System, flow
from chaosdata.errors import ArgumentError, DeclarationError
from chaosdata.systems import systems
from tests.equations.declared import PAPER, Driven, Wheel, WheelSlow

Lorenz = systems["Lorenz"]


def test_the_equations_of_lorenz_as_in_the_paper() -> None:
    assert Lorenz.equations() == [
        "dx/dt = sigma*(y - x)",
        "dy/dt = x*(rho - z) - y",
        "dz/dt = x*y - beta*z",
    ]
    assert Lorenz.equations(latex=True) == [
        r"\frac{dx}{dt} = \sigma \left(y - x\right)",
        r"\frac{dy}{dt} = x \left(\rho - z\right) - y",
        r"\frac{dz}{dt} = x y - \beta z",
    ]


def test_the_right_hand_side_takes_lists_integers_and_any_leading_shape() -> None:
    assert Lorenz.rhs([1, 2, 3]).tolist() == [10.0, 23.0, 2 - 8 / 3 * 3]
    states = np.linspace(-5, 5, 2 * 4 * 3).reshape(2, 4, 3)
    assert Lorenz.rhs(states).shape == (2, 4, 3)
    assert np.array_equal(Lorenz.rhs(states)[1, 2], Lorenz.rhs(states[1, 2]))
    assert Lorenz.jacobian(states).shape == (2, 4, 3, 3)
    assert np.array_equal(Lorenz.jacobian(states)[1, 2], Lorenz.jacobian(states[1, 2]))
    assert np.array_equal(Lorenz.divergence(states), np.full((2, 4), Lorenz.divergence([0, 0, 0])))
    assert Lorenz.rhs(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_float_type_of_the_state_is_kept(dtype: type) -> None:
    for system in (Lorenz, Driven, Wheel, systems["CaTwoPlus"]):
        state = np.array(system.initial, dtype) + dtype(0.1)
        for states in (state, np.stack([state, state])):
            assert system.rhs(states, 0.5).dtype == dtype
            assert system.jacobian(states, 0.5).dtype == dtype
            assert system.divergence(states, 0.5).dtype == dtype


def test_long_double_is_computed_in_long_double() -> None:
    state = np.array(systems["Thomas"].initial, np.longdouble)
    difference = systems["Thomas"].rhs(state) - systems["Thomas"].rhs(state.astype(np.float64))
    assert 0 < np.max(np.abs(difference)) < 1e-13


def test_the_time_broadcasts_against_the_states() -> None:
    times = np.linspace(0, 3, 5)
    slopes = Driven.rhs(Driven.initial, times)
    assert slopes.shape == (5, 2)
    assert np.array_equal(slopes[3], Driven.rhs(Driven.initial, times[3]))
    assert Driven.jacobian(Driven.initial, times).shape == (5, 2, 2)
    assert Driven.divergence(Driven.initial, times).shape == (5,)
    assert Driven.equations()[1] == "dv/dt = -k*x + f*cos(t) + t/7"
    assert not Driven.autonomous and Lorenz.autonomous


@pytest.mark.parametrize("method", ["rhs", "jacobian", "divergence"])
def test_a_state_of_the_wrong_shape_is_refused(method: str) -> None:
    for state in (1.0, [1.0, 2.0], np.zeros((3, 4)), np.zeros((2, 0))):
        with pytest.raises(
            ArgumentError, match=r"Lorenz has 3 components \(x, y, z\): .* shape \(\.\.\., 3\)"
        ):
            getattr(Lorenz, method)(state)
    with pytest.raises(ArgumentError, match="does not fit"):
        getattr(Driven, method)(np.zeros((4, 2)), np.zeros(3))
    with pytest.raises(ArgumentError, match="must be numbers"):
        getattr(Lorenz, method)(["a", "b", "c"])


def test_other_parameters_give_another_system() -> None:
    other = Lorenz.with_parameters(rho=35)
    assert (other.name, other.parameters["rho"], Lorenz.parameters["rho"]) == ("Lorenz", 35.0, 28.0)
    assert other != Lorenz and other.with_parameters(rho=28) == Lorenz
    assert hash(other.with_parameters(rho=28.0)) == hash(Lorenz)
    assert other.rhs([1, 2, 3])[1] == 30.0
    assert other.graph() != Lorenz.graph()
    assert Lorenz.with_parameters(sigma=np.float64(10)) == Lorenz
    assert Wheel.with_parameters(m=np.array([[1, 2.5], [0, -1]])) == Wheel
    assert Wheel.with_parameters(m=[[2, 2], [2, 2]]).parameters["m"] == ((2.0, 2.0), (2.0, 2.0))


def test_wrong_parameters_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"Lorenz has no parameter 'roh'; it has sigma, rho, beta"):
        Lorenz.with_parameters(roh=35.0)
    with pytest.raises(ArgumentError, match=r"SprottB has no parameter 'a'; it has none"):
        systems["SprottB"].with_parameters(a=1.0)
    with pytest.raises(ArgumentError, match=r"Lorenz: parameter rho has shape \(\), not \(2,\)"):
        Lorenz.with_parameters(rho=(1.0, 2.0))
    with pytest.raises(ArgumentError, match=r"Wheel: parameter m has shape \(2, 2\), not \(\)"):
        Wheel.with_parameters(m=1.0)
    with pytest.raises(ArgumentError, match="parameter rho must be finite"):
        Lorenz.with_parameters(rho=float("nan"))
    with pytest.raises(ArgumentError, match="parameter rho must be a number"):
        Lorenz.with_parameters(rho="28")
    with pytest.raises(ArgumentError, match="Lorenz: period must be positive"):
        Lorenz.variant("LorenzSlow", period=-1.0)
    with pytest.raises(ArgumentError, match="Lorenz: initial has 2 values for 3 components"):
        Lorenz.variant("LorenzFlat", initial=(1.0, 2.0))


def test_parameters_cannot_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        Lorenz.parameters["rho"] = 35.0  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Lorenz.period = 2.0  # type: ignore[misc]


def test_a_variant_has_its_own_name_and_facts() -> None:
    assert (WheelSlow.name, WheelSlow.period, WheelSlow.notes) == ("WheelSlow", 3.0, "Slower.")
    assert (WheelSlow.initial, WheelSlow.parameters["e"]) == ((0.1, 0.0, 0.0), 3.0)
    assert WheelSlow != Wheel and WheelSlow.tags == Wheel.tags
    assert Lorenz.variant("LorenzTwin") != Lorenz


@pytest.mark.parametrize(
    "system",
    [Lorenz, Lorenz.with_parameters(rho=35.0), systems["Hopfield"], Driven, Wheel, WheelSlow],
    ids=repr,
)
def test_copies_and_pickles_are_equal(system: System) -> None:
    system.graph(), system.jacobian(system.initial)
    for other in (pickle.loads(pickle.dumps(system)), copy.deepcopy(system), copy.copy(system)):
        assert other == system and hash(other) == hash(system)
        for field in dataclasses.fields(system):
            assert getattr(other, field.name) == getattr(system, field.name)
        assert np.array_equal(other.rhs(system.initial), system.rhs(system.initial))


def test_a_pickle_is_read_by_another_process() -> None:
    payload = pickle.dumps((Lorenz.with_parameters(rho=30.0), WheelSlow))
    code = (
        "import pickle, sys; lorenz, wheel = pickle.load(sys.stdin.buffer); "
        "print(lorenz.rhs([1, 2, 3])[1], wheel.name, wheel.parameters['e'], wheel.graph().dimension)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], input=payload, capture_output=True, cwd=root, check=True
    )
    assert done.stdout.decode().split() == ["25.0", "WheelSlow", "3.0", "3"]


def test_a_system_of_the_main_script_reaches_spawned_processes(tmp_path: Path) -> None:
    script = tmp_path / "study.py"
    script.write_text(
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from multiprocessing import get_context\n"
        "from chaosdata.equations import flow\n"
        "@flow(initial=(1.0,), period=1.0, reference='Nobody (2000). Nothing. J. Null 1, 1.')\n"
        "def Growth(x, *, r=1.0):\n"
        "    'Growth.'\n"
        "    return (r * x,)\n"
        "def slope(system):\n"
        "    return float(system.rhs([2.0])[0])\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as pool:\n"
        "        print(pool.submit(slope, Growth.with_parameters(r=3.0)).result())\n"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        check=True,
    )
    assert done.stdout.strip() == "6.0"


def test_a_system_inside_a_function_says_why_it_cannot_be_pickled() -> None:
    @flow(initial=(1.0,), period=1.0, reference=PAPER)
    def Hidden(x):
        """Decay."""
        return (-x,)

    with pytest.raises(pickle.PicklingError, match="declare it at the top level of a module"):
        pickle.dumps(Hidden)
    assert Hidden.graph().dimension == 1


def test_what_only_a_graph_refuses_names_the_system() -> None:
    @flow(initial=(1.0, 0.0), period=1.0, reference=PAPER)
    def Root(x, y, *, a=1.0):
        """A root of a parameter that may turn negative."""
        return a**0.5 * x, y

    assert Root.graph().dimension == 2
    with pytest.raises(DeclarationError, match=r"Root: .* is not a finite real number"):
        Root.with_parameters(a=-1.0).graph()

"""The public door leads every kind of system to its integrator, and refuses what that does not know."""

from __future__ import annotations

import numpy as np
import pytest

import chaosdata as cd
from chaosdata.errors import ArgumentError
from chaosdata.integrate import flow, map, stochastic
from chaosdata.integrate.delay import integrate_delay

REFERENCE = "Anonymous (2000). A test."


@cd.map_(initial=(0.3,), reference=REFERENCE, tags={"test"})
def Parabola(x, *, r=3.9):
    """A map."""
    return (r * x * (1 - x),)


@cd.delay(initial=(1.0,), period=4.0, reference=REFERENCE, tags={"test"})
def Late(t, x, *, tau=1.0):
    """A delay equation."""
    return (-x(t - tau),)


@cd.stochastic(initial=(1.0,), period=1.0, reference=REFERENCE, tags={"test"})
def Noisy(x, *, g=0.1):
    """A stochastic equation."""
    return (-x,), (g,)


def test_each_kind_reaches_its_integrator() -> None:
    grid = np.arange(4.0)
    lorenz = cd.systems["Lorenz"]
    pairs = [
        (cd.integrate(lorenz, [lorenz.initial], grid), flow.integrate(lorenz, [lorenz.initial], grid)),
        (cd.integrate(Parabola, [[0.2]], grid), map.iterate(Parabola, [[0.2]], grid)),
        (cd.integrate(Late, [[1.0]], grid), integrate_delay(Late, [[1.0]], grid)),
        (
            cd.integrate(Noisy, [[1.0]], grid, seed=3, step=0.125),
            stochastic.integrate_stochastic(Noisy, [[1.0]], grid, 3, step=0.125),
        ),
    ]
    for public, own in pairs:
        assert public.state.tobytes() == own.state.tobytes()
        assert public.status.tolist() == [0]
    assert pairs[2][0].state[0, 1, 0] == pytest.approx(0.0, abs=1e-15)  # x = 1 - t on the first delay


def test_options_reach_the_integrator() -> None:
    lorenz = cd.systems["Lorenz"]
    fine = cd.integrate(lorenz, [lorenz.initial], [0.0, 1.0], precision="double-double")
    assert fine.state_low is not None
    loose = cd.integrate(lorenz, [lorenz.initial], [0.0, 1.0], 1e-4, "tsit5", max_steps=1)
    assert loose.status[0] == cd.Status.STEP_LIMIT
    ended = cd.integrate(lorenz, [lorenz.initial], [0.0, 9.0], terminal=lambda x, y, z: z - 27)
    assert ended.status[0] == cd.Status.EVENT
    ramp = cd.integrate(Late, [[0.0]], [0.0, 1.0], history=lambda t: (t,))
    assert ramp.state[0, 1, 0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("system", "options", "message"),
    [
        (
            Parabola,
            {"tolerance": 1e-6},
            "tolerance is an option of flow and delay systems; Parabola is a map",
        ),
        (cd.systems["Lorenz"], {"history": lambda t: (t,)}, "history is an option of delay systems"),
        (cd.systems["Lorenz"], {"seed": 1}, "seed is an option of stochastic systems"),
        (Late, {"terminal": lambda t, x: x}, "terminal is an option of flow systems"),
        (Noisy, {"method": "tsit5"}, "method is an option of flow systems; Noisy is a stochastic"),
    ],
)
def test_an_option_of_another_kind_is_refused(system, options, message) -> None:
    with pytest.raises(ArgumentError, match=message):
        cd.integrate(system, [system.initial], [0.0, 1.0], **options)


@pytest.mark.parametrize("system", [Parabola, Late, Noisy], ids=lambda s: s.kind)
def test_the_integrator_of_flows_takes_flows_only(system) -> None:
    with pytest.raises(ArgumentError, match=f"{system.name} is a {system.kind} system"):
        flow.integrate(system, [system.initial], [0.0, 1.0])
    with pytest.raises(ArgumentError, match=f"{system.name} is a {system.kind} system"):
        flow.final_state(system, [system.initial], 1.0)

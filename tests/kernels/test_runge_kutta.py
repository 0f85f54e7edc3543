"""Orders of convergence by steps of fixed size, tableaux by their conditions, bits on every CPU."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from chaosdata.equations.declare import flow
from chaosdata.equations.functions import abs as size_of
from chaosdata.equations.functions import cos, floor, where
from chaosdata.integrate import driver
from chaosdata.kernels import compile as compiler
from chaosdata.kernels.runge_kutta import runge_kutta_kernel, runge_kutta_module
from chaosdata.kernels.tableaux import TABLEAUX
from chaosdata.kernels.taylor import Kernel, flow_kernel, order_for
from tests.integrate.detest import PROBLEMS
from tests.kernels.fixed import fixed_steps
from tests.kernels.targets import runnable_cpus


@flow(initial=(1.0, 1.0), period=1.0, reference="Anonymous (2000). Textbook 1, 1.", tags={"test"})
def ClosedForm(t, x, y):
    """x = exp(sin t), y = x/sqrt(1 + t)."""
    return (x * cos(t), y * cos(t) - y**3 / (2 * x**2))


def _exact(t: float) -> np.ndarray:
    return np.exp(np.sin(t)) / np.array([1.0, np.sqrt(1 + t)])


@pytest.mark.parametrize("name", TABLEAUX)
def test_tableaux_meet_the_conditions_of_their_order(name: str) -> None:
    """Row sums, quadrature conditions, a continuous extension that ends in the new state."""
    tableau = TABLEAUX[name]
    nodes = np.array(tableau.nodes)
    for row, node in zip(tableau.weights, nodes[1:], strict=True):
        assert abs(sum(row) - node) < 2e-14
    weights = np.zeros(len(nodes))
    weights[: tableau.stages - 1] = tableau.weights[tableau.stages - 2]
    for k in range(tableau.order):
        assert abs(weights @ nodes**k - 1 / (k + 1)) < 1e-15
    dense = np.array(tableau.dense)
    np.testing.assert_allclose(dense.sum(axis=0), weights, atol=1e-13)
    for theta in (0.1, 0.5, 0.9):
        powers = theta ** np.arange(1, len(dense) + 1)
        for k in range(len(dense)):
            assert abs(powers @ dense @ nodes**k - theta ** (k + 1) / (k + 1)) < 1e-14
    for row in tableau.error:
        assert abs(sum(row)) < 1e-15


def _slope(errors: list[float], sizes: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])


# Name, kernel, order of the method and of its dense output, and numbers of steps at which neither the
# highest terms nor rounding blur the order.
METHODS: list[tuple[str, Callable[[], Kernel], int, int, list[int]]] = [
    ("tsit5", lambda: runge_kutta_kernel(ClosedForm.graph(), TABLEAUX["tsit5"]), 5, 4, [64, 90, 128]),
    ("dop853", lambda: runge_kutta_kernel(ClosedForm.graph(), TABLEAUX["dop853"]), 8, 7, [18, 25, 36]),
    ("taylor 8", lambda: flow_kernel(ClosedForm.graph(), 1e-5), 8, 8, [22, 32, 45]),
    ("taylor 12", lambda: flow_kernel(ClosedForm.graph(), 1e-8), 12, 12, [16, 20, 24]),
]


def test_orders_of_the_taylor_kernels() -> None:
    assert [order_for(1e-5), order_for(1e-8)] == [8, 12]


@pytest.mark.parametrize(("name", "kernel", "order", "dense", "counts"), METHODS, ids=[m[0] for m in METHODS])
def test_order_of_convergence(
    name: str, kernel: Callable[[], Kernel], order: int, dense: int, counts: list[int]
) -> None:
    end, made = 4.0, kernel()
    errors = [
        float(np.abs(fixed_steps(made, [1.0, 1.0], end / n, n, [])[0] - _exact(end)).max()) for n in counts
    ]
    assert abs(_slope(errors, [end / n for n in counts]) / order - 1) < 0.06, (name, errors)


@pytest.mark.parametrize(("name", "kernel", "order", "dense", "counts"), METHODS, ids=[m[0] for m in METHODS])
def test_order_of_dense_output(
    name: str, kernel: Callable[[], Kernel], order: int, dense: int, counts: list[int]
) -> None:
    """The local error of one step's polynomial is one order higher; it counts from the exact state."""
    made, inside = kernel(), [0.2, 0.4, 0.6, 0.8]
    sizes = [4 / n * (2 if dense > 4 else 1) for n in counts]
    errors = []
    for h in sizes:
        states = fixed_steps(made, [1.0, 1.0], h, 1, inside)[1:]
        errors.append(
            float(max(np.abs(x - _exact(h * part)).max() for x, part in zip(states, inside, strict=True)))
        )
    assert abs(_slope(errors, sizes) / (dense + 1) - 1) < 0.06, (name, errors)


@flow(initial=(1.0, 0.3, 0.2), period=5.0, reference="Anonymous (2000). Textbook 1, 1.", tags={"test"})
def Pieces(t, x, y, z):
    """All kinds of pieces, and a forcing."""
    return (y, where(x > 0, -x, -2 * x) - 0.1 * y + 0.3 * cos(t), 0.2 * floor(2 * x) - size_of(z))


@pytest.mark.parametrize("method", TABLEAUX)
@pytest.mark.parametrize("system", [PROBLEMS["D3"], PROBLEMS["E3"], PROBLEMS["C3"], Pieces], ids=str)
def test_bits_are_those_of_every_cpu(system, method: str) -> None:
    initial = np.array(system.initial) + np.random.default_rng(0).uniform(0, 0.1, (11, system.dimension))
    time = np.linspace(0.0, 6.0, 50)

    def trajectories(kernel: Kernel) -> bytes:
        out = np.empty((len(initial), len(time), system.dimension))
        final, status, steps = driver.run(
            kernel, initial, 0.0, np.full(len(initial), time[-1]), time, out, 1e-8, 10**5
        )
        assert (status == 0).all()
        return out.tobytes() + final.tobytes() + steps.tobytes()

    graph, tableau = system.graph(), TABLEAUX[method]
    ir, memory = runge_kutta_module(graph, tableau)
    here = trajectories(runge_kutta_kernel(graph, tableau))
    for cpu in runnable_cpus():
        functions = compiler.link(compiler.compile_object(ir, cpu), ("step", "dense"))
        assert trajectories(Kernel(functions["step"], functions["dense"], memory)) == here, cpu

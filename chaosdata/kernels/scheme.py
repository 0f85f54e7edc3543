"""One step of a stochastic differential equation, as a graph of operations like any other.

The equation is ``dx_i = f_i(x, t) dt + g_i(x_i, t) dW_i`` in the sense of Ito. With W the increment of a
component's Brownian motion over a step h and ``c = int W dt / h`` the mean of its path, the drift is that of
the classical Runge-Kutta method at stages moved by the noise:

    k1 = f(x),  k2 = f(x + h/2 k1 + g 3/2 c),  k3 = f(x + h/2 k2 + g (3/2 c - W/2)),  k4 = f(x + h k3 + g W)
    x + h/6 (k1 + 2 k2 + 2 k3 + k4) + g W

The weighted stages have the mean ``g c`` of the path, exactly, and the mean of its square, ``g^2 h/2``, in
expectation, which are the conditions of strong order 1.5 for additive noise; without noise the order is 4.
A coefficient that depends on time takes its value at the time of each stage, and ``int g dW`` is that of its
linear interpolation. Where the coefficient depends on its own component, Milstein's term
``g g' (W^2 - h)/2`` makes the strong order 1.

References: Kloeden, Platen (1992). Numerical Solution of Stochastic Differential Equations. Springer, ch. 10
(order conditions, Milstein's term). Rossler (2010). Runge-Kutta methods for the strong approximation of
solutions of stochastic differential equations. SIAM J. Numer. Anal. 48, 922-952 (stages moved by the noise).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chaosdata.equations.graph import Graph, Operand, Operation

_ZERO = Operand("constant", value=0.0)


def noisy_components(graph: Graph) -> tuple[int, ...]:
    """The components whose coefficient g_i is not zero everywhere.

    graph : its outputs are d drifts, d coefficients g_i and d products g_i dg_i/dx_i.
    """
    d = graph.dimension
    return tuple(i for i in range(d) if graph.outputs[d + i] != _ZERO)


def step_graph(graph: Graph) -> Graph:
    """The graph of the state after a step, from the state and the time before it.

    Its inputs, operands of the kind "delayed", are W and c of each noisy component in turn, then h.
    """
    return _Step(graph).graph()


class _Step:
    def __init__(self, given: Graph) -> None:
        self.given = given
        self.operations: list[Operation] = []
        self.noisy = noisy_components(given)
        self.h = Operand("delayed", 2 * len(self.noisy))

    def graph(self) -> Graph:
        d, h = self.given.dimension, self.h
        x = [Operand("state", i) for i in range(d)]
        times = [
            Operand("time"),
            *[self.sum([(1.0, Operand("time")), (part, h)]) for part in (0.5, 0.5, 1.0)],
        ]
        path = {
            i: (Operand("delayed", 2 * n), Operand("delayed", 2 * n + 1)) for n, i in enumerate(self.noisy)
        }
        additive = all(term == _ZERO for term in self.given.outputs[2 * d :])
        steady = all(g.kind == "constant" for g in self.given.outputs[d : 2 * d])
        stages = [self.evaluated(x, times[0])]
        begin = end = stages[0][d : 2 * d]
        moves = (((0.0, 1.5), 0.5), ((-0.5, 1.5), 0.5), ((1.0, 0.0), 1.0))  # of W and c, and of h
        for (on_W, on_c), part in moves:
            if additive and not steady:  # it depends on time alone, at no matter which state
                end = self.evaluated(x, times[len(stages)])[d : 2 * d]
            length = self.sum([(part, h)])
            point = []
            for i in range(d):
                terms = [(1.0, x[i]), (1.0, self.product(length, stages[-1][i]))]
                if i in path:
                    W, c = path[i]
                    terms.append((1.0, self.product(end[i], self.sum([(on_W, W), (on_c, c)]))))
                point.append(self.sum(terms))
            stages.append(self.evaluated(point, times[len(stages)]))
        sixth = self.sum([(1 / 6, h)])
        outputs = []
        for i in range(d):
            slope = self.sum(zip((1.0, 2.0, 2.0, 1.0), (stage[i] for stage in stages), strict=True))
            terms = [(1.0, x[i]), (1.0, self.product(sixth, slope))]
            if i in path:
                W, c = path[i]
                terms.append((1.0, self.product(end[i], W)))
                if begin[i] != end[i]:
                    terms.append((1.0, self.product(self.sum([(1.0, begin[i]), (-1.0, end[i])]), c)))
                excess = self.sum([(1.0, self.append("square", W)), (-1.0, h)])
                terms.append((0.5, self.product(stages[0][2 * d + i], excess)))
            outputs.append(self.sum(terms))
        return replace(self.given, operations=tuple(self.operations), outputs=tuple(outputs))

    def append(
        self, kind: str, *operands: Operand, coefficients: tuple[float, ...] = (), constant: float = 0.0
    ) -> Operand:
        operation = Operation(kind, operands, coefficients, constant)
        if operation not in self.operations:
            self.operations.append(operation)
        return Operand("result", self.operations.index(operation))

    def sum(self, terms: Iterable[tuple[float, Operand]]) -> Operand:
        """``c1*a + c2*b + ...``; numbers are added up here."""
        constant = 0.0
        kept: list[tuple[float, Operand]] = []
        for factor, operand in terms:
            if operand.kind == "constant":
                constant += factor * operand.value
            elif factor != 0.0:
                kept.append((factor, operand))
        if not kept:
            return Operand("constant", value=constant)
        if len(kept) == 1 and kept[0][0] == 1.0 and constant == 0.0:
            return kept[0][1]
        factors, operands = zip(*kept, strict=True)
        return self.append("linear", *operands, coefficients=factors, constant=constant)

    def product(self, a: Operand, b: Operand) -> Operand:
        for number, other in ((a, b), (b, a)):
            if number.kind == "constant":
                return self.sum([(number.value, other)])
        return self.append("multiply", a, b)

    def evaluated(self, states: Sequence[Operand], time: Operand) -> list[Operand]:
        """The outputs of the given graph, its operations appended to these."""
        place: list[Operand] = []

        def moved(operand: Operand) -> Operand:
            if operand.kind == "state":
                return states[operand.index]
            if operand.kind == "time":
                return time
            return place[operand.index] if operand.kind == "result" else operand

        for operation in self.given.operations:
            operands = tuple(moved(operand) for operand in operation.operands)
            if operation.kind == "linear":
                constant = Operand("constant", value=operation.constant)
                terms = zip(operation.coefficients, operands, strict=True)
                place.append(self.sum([*terms, (1.0, constant)]))
                continue
            first = len(self.operations)
            shift = operation.partner - len(place) if operation.partner >= 0 else 0
            partner = first + shift if shift else -1
            self.operations.append(replace(operation, operands=operands, partner=partner))
            place.append(Operand("result", first))
        return [moved(output) for output in self.given.outputs]

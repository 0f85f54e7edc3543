"""One step of a stochastic differential equation, as a graph of operations like any other.

The equation is ``dx_i = f_i(x, t) dt + g_i(x_i, t) dW_i`` in the sense of Ito. With W the increment of a
component's Brownian motion over a step h and ``c = int W dt / h`` the mean of its path, the drift is that of
the classical Runge-Kutta method at stages moved by the noise:

    k1 = f(x),  k2 = f(x + h/2 k1 + g 3/2 c),  k3 = f(x + h/2 k2 + g (3/2 c - W/2)),  k4 = f(x + h k3 + g W)
    x + h/6 (k1 + 2 k2 + 2 k3 + k4) + g W

The weighted stages have the mean ``g c`` of the path, exactly, and the mean of its square, ``g^2 h/2``, in
expectation, which are the conditions of strong order 1.5 for a constant coefficient g; without noise the
order is 4. A coefficient that varies adds the rest of the Ito-Taylor expansion of that order, in which
``m = g dg/dx`` is known and the other derivatives are differences of the values g0 at ``x + h k1`` and g+ and
g- at ``x + h k1 +- 2 g sqrt(h)``, all a step later:

    m (W^2 - h)/2 + (3/4 g0 + (g+ + g-)/8 - g) (W - c) + (m+ - m-)/(24 sqrt(h)) (W^3 - 3 h W)

The first of these terms is Milstein's. Where g is not defined at the outer points, near the end of a square
root's domain, it stands alone: the others could lead out of the domain. The step is then of order 1.

References: Kloeden, Platen (1992). Numerical Solution of Stochastic Differential Equations. Springer, ch. 10
(the Ito-Taylor expansion, Milstein's term). Rossler (2010). Runge-Kutta methods for the strong approximation
of solutions of stochastic differential equations. SIAM J. Numer. Anal. 48, 922-952 (stages moved by noise).
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
        now = Operand("time")
        middle, later = self.sum([(1.0, now), (0.5, h)]), self.sum([(1.0, now), (1.0, h)])
        path = {
            i: (Operand("delayed", 2 * n), Operand("delayed", 2 * n + 1)) for n, i in enumerate(self.noisy)
        }
        stages = [self.evaluated(x, now)]
        g, m = stages[0][d : 2 * d], stages[0][2 * d :]
        moves = ((0.5, middle, 0.0, 1.5), (0.5, middle, -0.5, 1.5), (1.0, later, 1.0, 0.0))
        for part, time, on_W, on_c in moves:
            length = self.sum([(part, h)])
            point = []
            for i in range(d):
                terms = [(1.0, x[i]), (1.0, self.product(length, stages[-1][i]))]
                if i in path:
                    W, c = path[i]
                    terms.append((1.0, self.product(g[i], self.sum([(on_W, W), (on_c, c)]))))
                point.append(self.sum(terms))
            stages.append(self.evaluated(point, time))
        sixth = self.sum([(1 / 6, h)])
        near, above, below = self.probes(x, stages[0], later)
        outputs = []
        for i in range(d):
            slope = self.sum(zip((1.0, 2.0, 2.0, 1.0), (stage[i] for stage in stages), strict=True))
            terms = [(1.0, x[i]), (1.0, self.product(sixth, slope))]
            if i in path:
                W, c = path[i]
                excess = self.sum([(1.0, self.append("square", W)), (-1.0, h)])
                outer = ((1 / 8, above[d + i]), (1 / 8, below[d + i]))
                bend = self.sum([(3 / 4, near[d + i]), *outer, (-1.0, g[i])])
                change = self.sum([(1 / 24, above[2 * d + i]), (-1 / 24, below[2 * d + i])])
                terms.append((1.0, self.product(g[i], W)))
                terms.append((0.5, self.product(m[i], excess)))
                terms.append((1.0, self.correction(bend, change, W, c)))
            outputs.append(self.sum(terms))
        return replace(self.given, operations=tuple(self.operations), outputs=tuple(outputs))

    def probes(
        self, x: Sequence[Operand], start: Sequence[Operand], later: Operand
    ) -> list[Sequence[Operand]]:
        """The outputs at ``x + h k1`` and ``x + h k1 +- 2 g sqrt(h)``; not new where every g is a number."""
        d = len(x)
        if all(g.kind == "constant" for g in start[d : 2 * d]):
            return [start] * 3
        root = self.append("sqrt", self.h)
        points: list[list[Operand]] = [[], [], []]
        for i in range(d):
            drift, noise = self.product(self.h, start[i]), self.product(root, start[d + i])
            for point, distance in zip(points, (0.0, 2.0, -2.0), strict=True):
                point.append(self.sum([(1.0, x[i]), (1.0, drift), (distance, noise)]))
        return [self.evaluated(point, later) for point in points]

    def correction(self, bend: Operand, change: Operand, W: Operand, c: Operand) -> Operand:
        """``bend (W - c) + change/sqrt(h) (W^3 - 3 h W)``, or 0 where that is not a number."""
        terms = [(1.0, self.product(bend, self.sum([(1.0, W), (-1.0, c)])))]
        if change.kind != "constant":
            slope = self.append("divide", change, self.append("sqrt", self.h))
            cube = self.product(W, self.sum([(1.0, self.append("square", W)), (-3.0, self.h)]))
            terms.append((1.0, self.product(slope, cube)))
        total = self.sum(terms)
        if total.kind == "constant":
            return total
        positive = self.sum([(1.0, self.append("square", total)), (1.0, Operand("constant", value=1.0))])
        return self.append("where", positive, total, _ZERO)  # a condition that is NaN does not hold

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

"""Reference solutions to any number of digits: the equations of a graph, its doubles taken as exact.

Taylor series in fixed-point arithmetic on Python's integers, which is several times faster than mpmath; that
gives the elementary functions of order 0. The recurrences are the textbook's: Knuth (1998). The Art of
Computer Programming 2, section 4.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul

import mpmath as mp
import numpy as np

from chaosdata.equations.graph import Graph, Operand, Operation

Series = list[int]


class Reference:
    """Solves ``graph`` with an error near ``2**-bits`` a step, for components and time scales near 1."""

    def __init__(self, graph: Graph, bits: int = 160) -> None:
        self.graph, self.bits, self.one = graph, bits, 1 << bits
        self.order = bits // 3

    def solve(self, initial: Sequence[float], times: Sequence[float]) -> np.ndarray:
        """The states (time, component), as fractions, at increasing times from ``times[0]`` on."""
        x, t, end = [self.fixed(v) for v in initial], self.fixed(times[0]), self.fixed(times[-1])
        results: list[list[Fraction]] = []
        while True:
            series = self.expand(x, t)
            h = self.step(series)
            while len(results) < len(times) and self.fixed(times[len(results)]) <= t + h:
                s = self.fixed(times[len(results)]) - t
                results.append([Fraction(self.sum(c, s), self.one) for c in series])
            if t + h > end:
                return np.array(results)
            x, t = [self.sum(c, h) for c in series], t + h

    def fixed(self, x: float | Fraction) -> int:
        return int(Fraction(x) * self.one)

    def dot(self, a: Series, b: Series) -> int:
        return sum(map(mul, a, b)) >> self.bits

    def sum(self, series: Series, s: int) -> int:
        total = 0
        for c in reversed(series):
            total = c + (total * s >> self.bits)
        return total

    def step(self, series: list[Series]) -> int:
        """An eighth of the radius of convergence, whose 53rd power is below 2^-159."""
        radius = min(
            (max(abs(x[0]) for x in series) / max(1, *(abs(x[k]) for x in series))) ** (1 / k)
            for k in (self.order - 1, self.order)
        )
        return self.fixed(radius / 8)

    def expand(self, state: Series, t: int) -> list[Series]:
        x = [[value] for value in state]
        u: list[Series] = [[] for _ in self.graph.operations]
        clock = [t, self.one] + [0] * self.order

        def series(operand: Operand, k: int) -> Series:
            match operand.kind:
                case "state":
                    return x[operand.index]
                case "time":
                    return clock[: k + 1]
                case "result":
                    return u[operand.index]
            return [self.fixed(operand.value)] + [0] * k

        for k in range(self.order):
            for n, operation in enumerate(self.graph.operations):
                operands = [series(operand, k) for operand in operation.operands]
                if k:
                    u[n].append(self.coefficient(operation, operands, u, n, k))
                else:
                    u[n].append(self.start(operation, operands))
            for i, output in enumerate(self.graph.outputs[: self.graph.dimension]):
                x[i].append(series(output, k)[k] // (k + 1))
        return x

    def start(self, operation: Operation, a: list[Series]) -> int:
        """Order 0 of an operation."""
        if operation.kind == "linear":
            return self.fixed(operation.constant) + self.linear(operation, a, 0)
        if operation.kind in ("multiply", "square"):
            return self.dot(a[0], a[-1])
        if operation.kind == "divide":
            return self.quotient(a[0][0], a[1][0])
        with mp.workprec(self.bits + 40):
            value = mp.mpf(a[0][0]) / self.one
            if operation.kind == "power":
                return int(mp.power(value, operation.constant) * self.one)
            return int(getattr(mp, operation.kind)(value) * self.one)

    def linear(self, operation: Operation, a: list[Series], k: int) -> int:
        terms = zip(operation.coefficients, a, strict=True)
        return self.dot([self.fixed(c) for c in operation.coefficients], [x[k] for _, x in terms])

    def quotient(self, a: int, b: int) -> int:
        return (a << self.bits) // b

    def coefficient(self, operation: Operation, a: list[Series], every: list[Series], n: int, k: int) -> int:
        """Order k of an operation, the orders below it known."""
        u, b, kind = every[n], a[0], operation.kind
        if kind == "linear":
            return self.linear(operation, a, k)
        if kind in ("multiply", "square"):
            return self.dot(b[: k + 1], a[-1][k::-1])
        if kind == "divide":
            return self.quotient(b[k] - self.dot(a[1][1 : k + 1], u[k - 1 :: -1]), a[1][0])
        if kind == "sqrt":
            return self.quotient(b[k] - self.dot(u[1:k], u[k - 1 : 0 : -1]), 2 * u[0])
        slope = [j * b[j] for j in range(1, k + 1)]
        own = self.dot([j * u[j] for j in range(1, k)], b[k - 1 : 0 : -1])
        if kind == "log":
            return self.quotient(slope[-1] - own, k * b[0])
        if kind == "power":
            product = self.fixed(operation.constant) * self.dot(slope, u[k - 1 :: -1]) >> self.bits
            return self.quotient(product - own, k * b[0])
        return self.dot(slope, self.derivative(operation, a, every, u, k)[k - 1 :: -1]) // k

    def derivative(
        self, operation: Operation, a: list[Series], every: list[Series], u: Series, k: int
    ) -> Series:
        """The orders below k of du/da, of functions where the orders below k of u suffice."""
        partner = every[operation.partner]
        match operation.kind:
            case "exp":
                return u[:k]
            case "sin" | "sinh" | "cosh":
                return partner[:k]
            case "cos":
                return [-c for c in partner[:k]]
            case "tan" | "tanh":
                sign = 1 if operation.kind == "tan" else -1
                square = [sign * self.dot(u[: j + 1], u[j::-1]) for j in range(k)]
                return [self.one + square[0], *square[1:]]
            case "atan":
                below = [self.dot(a[0][: j + 1], a[0][j::-1]) for j in range(k)]
                below[0] += self.one
                inverse = [self.quotient(self.one, below[0])]
                for j in range(1, k):
                    inverse.append(self.quotient(-self.dot(below[1 : j + 1], inverse[::-1]), below[0]))
                return inverse
        raise ValueError(operation.kind)

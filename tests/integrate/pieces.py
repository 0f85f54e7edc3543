"""Reference solutions in 80-bit arithmetic of right-hand sides made of smooth pieces.

Every piecewise operation of the graph is frozen on one side, the frozen equations are integrated as smooth
ones, and a step in which a switching function changes its sign is taken anew, so that it ends where the
function is zero. Steps are so short that nothing crosses twice.
"""

from __future__ import annotations

import numpy as np

from chaosdata.equations.graph import PIECEWISE, Graph, Operand
from chaosdata.equations.system import System
from tests.integrate.extended import _step

_TOLERANCE = 1e-17


class Frozen:
    """A graph whose piecewise operations stay on the side where they are."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sides: dict[int, float] = {}

    def results(self, x: np.ndarray, t: np.longdouble) -> list[np.ndarray]:
        """The result of every operation at states (m, d)."""
        results: list[np.ndarray] = []

        def value(operand: Operand) -> np.ndarray:
            match operand.kind:
                case "state":
                    return x[:, operand.index]
                case "time":
                    return np.full(len(x), t)
                case "result":
                    return results[operand.index]
            return np.full(len(x), np.longdouble(operand.value))

        self.switching = {}
        for n, operation in enumerate(self.graph.operations):
            values = [value(operand) for operand in operation.operands]
            if operation.kind in PIECEWISE:
                two = operation.kind in ("minimum", "maximum")
                self.switching[n] = values[0] - values[1] if two else values[0]
                if n not in self.sides:
                    first = self.switching[n][0]
                    self.sides[n] = float(np.floor(first)) if operation.kind == "floor" else np.sign(first)
            results.append(self._apply(n, values))
        self.value = value
        return results

    def rhs(self, x: np.ndarray, t: np.longdouble) -> np.ndarray:
        """The frozen right-hand side (m, d)."""
        results = self.results(x, t)
        del results
        return np.stack([self.value(o) for o in self.graph.outputs[: self.graph.dimension]], axis=1)

    def depths(self, x: np.ndarray, t: np.longdouble) -> dict[int, np.longdouble]:
        """How far beyond its surface every operation is; negative on the side where it is frozen."""
        self.results(x, t)
        found = {}
        for n, value in self.switching.items():
            level = self.sides[n]
            if self.graph.operations[n].kind == "floor":
                found[n] = max(level - value[0], value[0] - level - 1)
            else:
                found[n] = -level * value[0]
        return found

    def cross(self, n: int) -> None:
        """Freeze an operation on the other side."""
        if self.graph.operations[n].kind == "floor":
            self.sides[n] += 1.0 if self.switching[n][0] - self.sides[n] > 0.5 else -1.0
        else:
            self.sides[n] = -self.sides[n]

    def _apply(self, n: int, values: list[np.ndarray]) -> np.ndarray:
        operation, side = self.graph.operations[n], self.sides.get(n, 0.0)
        match operation.kind:
            case "linear":
                total = np.full_like(values[0], np.longdouble(operation.constant))
                for c, x in zip(operation.coefficients, values, strict=True):
                    total = total + np.longdouble(c) * x
                return total
            case "multiply":
                return values[0] * values[1]
            case "square":
                return values[0] * values[0]
            case "divide":
                return values[0] / values[1]
            case "power":
                return values[0] ** np.longdouble(operation.constant)
            case "abs":
                return side * values[0]
            case "sign" | "floor":
                return np.full_like(values[0], side)
            case "minimum":
                return values[1] if side > 0 else values[0]
            case "maximum":
                return values[0] if side > 0 else values[1]
            case "where":
                return values[1] if side > 0 else values[2]
            case function:
                return getattr(np, function)(values[0])


def extended_pieces(system: System, start: np.ndarray, duration: float) -> tuple[np.ndarray, int]:
    """The state (d,) after ``duration``, and the number of surfaces crossed on the way."""
    frozen = Frozen(system.graph())
    x, t, end = np.asarray(start, np.longdouble)[None], np.longdouble(0), np.longdouble(duration)
    longest = h = np.longdouble(system.period) / 60
    crossings = 0
    depths = frozen.depths(x, t)
    while t < end:
        h = min(h, end - t, longest)
        new, error = _step(frozen, x, t, h, _TOLERANCE)
        if error > 1:
            h = h / 2
            continue
        later = frozen.depths(new, t + h)
        through = [n for n in later if depths[n] < 0 < later[n]]
        if through:
            roots = {n: _root(frozen, x, t, h, n, depths[n], later[n]) for n in through}
            h = min(roots.values())
            new = _step(frozen, x, t, h, _TOLERANCE)[0]
            frozen.depths(new, t + h)
            for n, root in roots.items():
                if root <= h * (1 + np.longdouble(1e-12)):
                    frozen.cross(n)
                    crossings += 1
            later = frozen.depths(new, t + h)
            for n, root in roots.items():  # on the surface: on the side just taken
                if root <= h * (1 + np.longdouble(1e-12)):
                    later[n] = -np.longdouble(1e-300)
        x, t, depths = new, t + h, later
        grow = (1 / max(error, np.longdouble(1e-12))) ** (np.longdouble(1) / 17)
        h = max(h * min(max(grow, np.longdouble(0.5)), np.longdouble(2)), longest / 1000)
    return x[0], crossings


def _root(
    frozen: Frozen,
    x: np.ndarray,
    t: np.longdouble,
    h: np.longdouble,
    n: int,
    before: np.longdouble,
    after: np.longdouble,
) -> np.longdouble:
    """The step that ends on the surface of operation ``n``, by the Illinois variant of regula falsi."""
    low, high, f_low, f_high = np.longdouble(0), h, before, after
    for _ in range(60):
        middle = high - f_high * (high - low) / (f_high - f_low)
        if not low < middle < high:
            break
        value = frozen.depths(_step(frozen, x, t, middle, _TOLERANCE)[0], t + middle)[n]
        if value > 0:
            high, f_high, f_low = middle, value, f_low / 2
        else:
            low, f_low, f_high = middle, value, f_high / 2
        if high - low < np.longdouble(1e-18) * h or value == 0:
            break
    return high if abs(f_high) < abs(f_low) else low

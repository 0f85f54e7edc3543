"""Reference solutions in 80-bit arithmetic of right-hand sides made of smooth pieces.

Every piecewise operation of the graph is frozen on one side, the frozen equations are integrated as smooth
ones, and a step in which a switching function changes its sign is taken anew, so that it ends where the
function is zero. Steps are so short that nothing crosses twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaosdata.equations.graph import PIECEWISE, Graph, Operand
from chaosdata.equations.system import System
from tests.integrate.extended import _step

_TOLERANCE = 1e-16


class Frozen:
    """A graph whose piecewise operations stay on the side where they are."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sides: dict[int, Any] = {}
        constants: list[np.longdouble] = []

        def number(x: float) -> str:
            constants.append(np.longdouble(x))
            return f"c[{len(constants) - 1}]"

        def name(operand: Operand) -> str:
            if operand.kind == "constant":
                return number(operand.value)
            return {"state": f"x[{operand.index}]", "time": "t", "result": f"u{operand.index}"}[operand.kind]

        lines = []
        for n, operation in enumerate(graph.operations):
            names = [name(operand) for operand in operation.operands]
            if operation.kind in PIECEWISE:
                two = operation.kind in ("minimum", "maximum")
                lines.append(f"g[{n}] = {names[0]} - {names[1]}" if two else f"g[{n}] = {names[0]}")
                lines.append(
                    f"if {n} not in s: s[{n}] = np.{'floor' if operation.kind == 'floor' else 'sign'}(g[{n}])"
                )
            lines.append(f"u{n} = {self._text(n, names, number)}")
        outputs = ", ".join(name(o) for o in graph.outputs[: graph.dimension])
        body = "\n    ".join([*lines, f"return ({outputs},)"])
        scope: dict[str, Any] = {"np": np, "c": constants}
        exec(f"def evaluate(x, t, s, g):\n    {body}\n", scope)
        self._evaluate = scope["evaluate"]
        self.switching: dict[int, Any] = {}

    def rhs(self, x: np.ndarray, t: np.longdouble) -> np.ndarray:
        """The frozen right-hand side (1, d)."""
        return np.array([self._evaluate(tuple(x[0]), t, self.sides, self.switching)], np.longdouble)

    def depths(self, x: np.ndarray, t: np.longdouble) -> dict[int, np.longdouble]:
        """How far beyond its surface every operation is; negative on the side where it is frozen."""
        self.rhs(x, t)
        found = {}
        for n, value in self.switching.items():
            level = self.sides[n]
            if self.graph.operations[n].kind == "floor":
                found[n] = max(level - value, value - level - 1)
            else:
                found[n] = -level * value
        return found

    def cross(self, n: int) -> None:
        """Freeze an operation on the other side."""
        if self.graph.operations[n].kind == "floor":
            self.sides[n] += 1 if self.switching[n] - self.sides[n] > 0.5 else -1
        else:
            self.sides[n] = -self.sides[n]

    def _text(self, n: int, names: list[str], number: Callable[[float], str]) -> str:
        operation, side = self.graph.operations[n], f"s[{n}]"
        match operation.kind:
            case "linear":
                terms = [f"{number(c)}*{x}" for c, x in zip(operation.coefficients, names, strict=True)]
                return " + ".join([number(operation.constant), *terms])
            case "multiply":
                return f"{names[0]}*{names[1]}"
            case "square":
                return f"{names[0]}*{names[0]}"
            case "divide":
                return f"{names[0]}/{names[1]}"
            case "power":
                return f"{names[0]}**{number(operation.constant)}"
            case "abs":
                return f"{side}*{names[0]}"
            case "sign" | "floor":
                return side
            case "minimum" | "maximum":
                above, below = names[::-1] if operation.kind == "minimum" else names
                return f"{above} if {side} > 0 else {below}"
            case "where":
                return f"{names[1]} if {side} > 0 else {names[2]}"
            case function:
                return f"np.{function}({names[0]})"


def extended_pieces(system: System, start: np.ndarray, duration: float) -> tuple[np.ndarray, int]:
    """The state (d,) after ``duration``, and the number of surfaces crossed on the way."""
    frozen = Frozen(system.graph())
    x, t, end = np.asarray(start, np.longdouble)[None], np.longdouble(0), np.longdouble(duration)
    longest = h = np.longdouble(system.period) / 30
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
